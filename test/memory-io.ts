import type {Io, ToolMain} from '../src/term/io.js';
import {MemoryOutput} from '../src/term/output.js';
import {runToCode} from '../src/term/process-io.js';

/** An `Io` that keeps what is written. */
export function memoryIo(
  overrides: Partial<Io> = {},
): Io & {readonly stdout: MemoryOutput; readonly stderr: MemoryOutput} {
  const [stdout, stderr] = [new MemoryOutput(), new MemoryOutput()];
  return {
    env: {},
    cwd: '/nonexistent',
    color: false,
    readStdin: () => new Uint8Array(),
    onInterrupt: () => () => {},
    ...overrides,
    stdout,
    stderr,
  };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a tool in this process on the embedded demo, or what `--cluster` names. */
export async function runMain(main: ToolMain, argv: readonly string[], overrides: Partial<Io> = {}): Promise<Ran> {
  const io = memoryIo(overrides);
  const code = await runToCode(main, argv, io);
  return {code, stdout: io.stdout.text, stderr: io.stderr.text};
}
