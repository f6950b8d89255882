/** `npm run bench:startup`: what starting wirelay costs against starting node. */
import {ratioTable, timeCommands} from './ratio.js';

const node = process.execPath;
const commands: [string, string[]][] = [
  ["node -e ''", [node, '-e', '']],
  ['wirelay --version', [node, 'bin/run.js', '--version']],
  ['wirelay status', [node, 'bin/run.js', 'status']],
  ['wirelay service list', [node, 'bin/run.js', 'service', 'list']],
  ['wirelay ip -d link', [node, 'bin/run.js', 'ip', '-d', 'link']],
];
process.stdout.write(ratioTable(timeCommands(commands, Number(process.argv[2] ?? 15))));
