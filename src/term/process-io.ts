/** The real process as an `Io`, and the one way a command ends: errors printed here, streams flushed, exit code set. */
import {read} from 'node:fs';
import {isatty} from 'node:tty';
import {problemText, UserError} from './error.js';
import {currentFolder} from './folder.js';
import type {Io, ToolMain} from './io.js';
import {FdOutput} from './output.js';
import {readToEnd} from './read-to-end.js';
import {sanitizeBlock} from './sanitize.js';

/** Colour on stdout: `--color` (always|never) is the caller's; then NO_COLOR, FORCE_COLOR (no-color.org), then the terminal. */
export function wantsColor(env: Io['env'], isTty: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTty && env.TERM !== 'dumb';
}

export function processIo(): Io {
  const columns = process.stdout.isTTY ? process.stdout.columns || 80 : 80;
  const stdout = new FdOutput(1, {
    isTty: Boolean(process.stdout.isTTY),
    columns,
    lineBuffered: Boolean(process.stdout.isTTY),
  });
  const stderr = new FdOutput(2, {isTty: Boolean(process.stderr.isTTY), columns, lineBuffered: true});
  return {
    stdout,
    stderr,
    env: process.env,
    cwd: currentFolder(),
    color: wantsColor(process.env, stdout.isTty),
    readStdin: () => readToEnd(0, '<stdin>'),
    onInterrupt(handler, signals = ['SIGINT']) {
      for (const signal of signals) process.on(signal, handler);
      return () => {
        for (const signal of signals) process.off(signal, handler);
      };
    },
    stdin: {isTty: isatty(0)},
    readInput,
  };
}

/** Runs a tool to its end and sets `process.exitCode`. */
export async function runTool(main: ToolMain, argv: readonly string[], io: Io = processIo()): Promise<void> {
  process.exitCode = await runToCode(main, argv, io);
}

export async function runToCode(main: ToolMain, argv: readonly string[], io: Io): Promise<number> {
  try {
    return await runFlushed(main, argv, io);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    for (const problem of error.problems) io.stderr.write(`wirelay: ${sanitizeBlock(problemText(problem))}\n`);
    return error.exitCode;
  } finally {
    io.stderr.flush();
  }
}

/** What it wrote goes out however it ends, before its error is told. */
async function runFlushed(main: ToolMain, argv: readonly string[], io: Io): Promise<number> {
  try {
    return await main(argv, io);
  } finally {
    io.stdout.flush();
  }
}

const CHUNK = 64 * 1024;

/** One read, which leaves the rest to whoever reads next. */
function readInput(): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(CHUNK);
  return new Promise((resolve) => {
    const attempt = () =>
      read(0, buffer, 0, CHUNK, null, (error, length) => {
        if (error?.code === 'EAGAIN') setTimeout(attempt, 10);
        else resolve(error || length === 0 ? undefined : buffer.subarray(0, length));
      });
    attempt();
  });
}
