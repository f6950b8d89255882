/**
 * Entry of the program. A look-alike's command line is its own grammar, so it starts without oclif, whose loading costs more than
 * most answers; everything else (help, version, our own commands, unknown words) is oclif's.
 */
import {tools} from './cli/tools.js';

export async function main(bin: string, argv: readonly string[]): Promise<void> {
  const [first = '', ...rest] = argv;
  const row = Object.hasOwn(tools, first) && !rest.includes('--help') ? tools[first] : undefined;
  if (row) {
    const [toolMain, {runTool}] = await Promise.all([row.load(), import('./term/process-io.js')]);
    await runTool(toolMain, [...row.before, ...rest]);
    return;
  }
  const {runOclif} = await import('./cli/oclif.js');
  await runOclif(bin, first === 'help' ? [...rest, '--help'] : argv);
}
