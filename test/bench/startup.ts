/** `npm run bench:startup`: what starting wirelay costs against starting node. */
import {basename} from 'node:path';
import {ratioTable, type Timed, timeCommands} from './ratio.js';

export function benchStartup(runs: number): Timed[] {
  const wirelay = (...words: string[]) => [process.execPath, 'bin/run.js', ...words, '--cluster', 'demo'];
  return timeCommands(
    [
      ["node -e ''", [process.execPath, '-e', '']],
      ['wirelay --version', [process.execPath, 'bin/run.js', '--version']],
      ['TAB: a command', [process.execPath, 'bin/run.js', '__complete', 'bash', '--', 'tr']],
      ['TAB: a pod', [process.execPath, 'bin/run.js', '__complete', 'bash', '--', 'trace', '--cluster', 'demo', '']],
      ['wirelay status', wirelay('status')],
      ['wirelay service list', wirelay('service', 'list')],
      ['wirelay ip -d link', wirelay('ip', '-d', 'link')],
      ['wirelay tcpdump, a ping', wirelay('tcpdump', '-nn', '-i', 'eth0', '--traffic', 'pod-a -> pod-b/icmp')],
    ],
    runs,
  );
}

if (/^startup\./.test(basename(process.argv[1] ?? ''))) process.stdout.write(ratioTable(benchStartup(15)));
