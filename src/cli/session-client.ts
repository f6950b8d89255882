/** Entry of the bundle that a session's launchers start: `client.cjs SOCKET TOOL ARGUMENTS…`. */
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {runClient} from '../session/live/client.js';

const [, own = '', socket = '', tool = '', ...argv] = process.argv;

interface Program {
  runLocally(tool: string, argv: readonly string[]): Promise<void>;
}

/** What concerns files only is done by the whole program, which lies beside the bundle, in this process. */
runClient(socket, tool, argv, () => {
  const program = pathToFileURL(join(dirname(own), 'src/cli.js')).href;
  void import(program).then(({runLocally}: Program) => runLocally(tool, argv));
});
