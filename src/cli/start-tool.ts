/** Starts a look-alike in this process, with the streams it is given. */
import type {Io} from '../term/io.js';
import {runToCode} from '../term/process-io.js';
import {tools} from './tools.js';

/** Its exit code; undefined: there is no tool of that name. */
export function startTool(name: string, argv: readonly string[], io: Io): Promise<number> | undefined {
  const row = Object.hasOwn(tools, name) ? tools[name] : undefined;
  return row?.load().then((main) => runToCode(main, [...row.before, ...argv], io));
}
