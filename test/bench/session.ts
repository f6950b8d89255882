/** A command inside a session, against starting node; times itself from within `wirelay run`. */
import {execFileSync} from 'node:child_process';
import {basename} from 'node:path';
import {ratioTable, type Timed, timeCommands} from './ratio.js';

export function benchSession(runs: number): Timed[] {
  const words = ['bin/run.js', 'run', '--cluster', 'demo', '--pod', 'pod-a', '--', process.execPath];
  const inside = ['scripts/run-ts.mjs', 'test/bench/session.ts', '--inside', String(runs)];
  const {WIRELAY_SESSION: _, ...env} = process.env;
  return JSON.parse(execFileSync(process.execPath, [...words, ...inside], {env, encoding: 'utf8'})) as Timed[];
}

function timeInside(runs: number): Timed[] {
  return timeCommands(
    [
      ["node -e ''", [process.execPath, '-e', '']],
      ['ip -br link', ['ip', '-br', 'link']],
      ['ss -tln', ['ss', '-tln']],
      ['kubectl get pods', ['kubectl', 'get', 'pods']],
      ['cilium bpf ct list global', ['cilium', 'bpf', 'ct', 'list', 'global']],
    ],
    runs,
  );
}

if (/^session\./.test(basename(process.argv[1] ?? ''))) {
  const [flag, runs] = process.argv.slice(2);
  if (flag === '--inside') process.stdout.write(JSON.stringify(timeInside(Number(runs))));
  else process.stdout.write(ratioTable(benchSession(15)));
}
