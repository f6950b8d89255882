/**
 * The outside world of a command, as one parameter: tests pass their own.
 * Text and bytes go through `Output` (`src/term/output.ts`), never through console or process.stdout directly.
 */

export interface Output {
  /** Buffered. Text from files must have gone through `sanitize` first. */
  write(text: string): void;
  writeBytes(bytes: Uint8Array): void;
  /** Everything written so far is with the operating system. After EPIPE it does nothing. */
  flush(): void;
  /** The reader has gone (EPIPE): stop producing. */
  readonly closed: boolean;
  readonly isTty: boolean;
  /** Columns of the terminal; 80 where it isn't one. */
  readonly columns: number;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether to colour stdout: terminal, NO_COLOR, FORCE_COLOR, --color decided once. */
  readonly color: boolean;
  /** Reads all of stdin (for `-f -`). */
  readStdin(): Uint8Array;
  /** Called on SIGINT while a command runs; returns the way to stop listening. */
  onInterrupt(handler: () => void): () => void;
}

/** Every tool's entry: its own argument vector in, exit code out. */
export type ToolMain = (argv: readonly string[], io: Io) => Promise<number>;
