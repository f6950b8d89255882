/**
 * Entry of the program. A look-alike's command line is its own grammar, so it starts without oclif, whose loading costs more than
 * most answers; everything else (help, version, our own commands, unknown words) is oclif's.
 */
import {tools} from './cli/tools.js';

/** Runs a look-alike in this process. */
export async function runLocally(tool: string, argv: readonly string[]): Promise<void> {
  const row = tools[tool];
  if (!row) return;
  const [toolMain, {runTool}] = await Promise.all([row.load(), import('./term/process-io.js')]);
  await runTool(toolMain, [...row.before, ...argv]);
}

/** Where a session is named, its server runs the look-alikes. */
export async function main(bin: string, argv: readonly string[]): Promise<void> {
  const [first = '', ...rest] = argv;
  if (Object.hasOwn(tools, first) && !rest.includes('--help')) {
    const socket = process.env.WIRELAY_SESSION;
    if (!socket) return runLocally(first, rest);
    const {runClient} = await import('./session/live/client.js');
    return runClient(socket, first, rest, () => void runLocally(first, rest));
  }
  if (first === '__complete') {
    const [{completeMain}, {runTool}] = await Promise.all([
      import('./cli/complete/main.js'),
      import('./term/process-io.js'),
    ]);
    return runTool(completeMain(new URL('.', bin)), rest);
  }
  // a terminal's width is asked for; elsewhere it is 80, or what this says, as for man(1)
  if (process.env.COLUMNS) process.env.OCLIF_COLUMNS ??= process.env.COLUMNS;
  const {runOclif} = await import('./cli/oclif.js');
  await runOclif(bin, first === 'help' ? [...rest, '--help'] : argv);
}
