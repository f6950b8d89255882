/**
 * A program of its own, built as one file: `tcpdump` on capture files. What it can't do it leaves, untouched, to the whole
 * program (`src/cli.ts`), of which it has its own copy of the parts it needs.
 */
import {runTool} from '../term/process-io.js';
import {runFiles} from '../tools/tcpdump/files.js';

/** True where the words were tcpdump's business with files, and it is done. */
export async function main(argv: readonly string[]): Promise<boolean> {
  let done = true;
  await runTool(async (words, io) => {
    const status = await runFiles(words, io);
    done = status !== undefined;
    return status ?? 0;
  }, argv);
  return done;
}
