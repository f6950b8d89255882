/** oclif's way in, apart from `src/cli.ts` so that look-alikes need not load it. */
import {handle, run} from '@oclif/core';
import {WriteError} from '../term/output.js';

/** As oclif's `execute`, without its flush of standard output at the end: that one ends in a stack trace on a full disk. */
export async function runOclif(bin: string, argv: readonly string[]): Promise<void> {
  // oclif's own listener throws
  process.stdout.removeAllListeners('error');
  process.stdout.on('error', outputFailed);
  try {
    await run([...argv], bin);
  } catch (error) {
    const {syscall} = error as NodeJS.ErrnoException;
    if (syscall === 'write') outputFailed(error as NodeJS.ErrnoException);
    else await handle(error as Error);
  }
}

/** oclif's own texts (help, version) go through the console, whose reader may also have left: that is no failure. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  const failure = new WriteError(error);
  process.stderr.write(`wirelay: ${failure.message}\n`);
  process.exitCode = failure.exitCode;
}
