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
  /** Called on SIGINT, or on those of `signals`, while a command runs; returns the way to stop listening. */
  onInterrupt(handler: (signal: NodeJS.Signals) => void, signals?: readonly NodeJS.Signals[]): () => void;
  /** Missing: not known, as for streams in memory. */
  readonly stdin?: {readonly isTty: boolean};
  /** The next bytes of stdin as they come; undefined: its end. Missing where only `readStdin` reads. */
  readInput?(): Promise<Uint8Array | undefined>;
}

/** Every tool's entry: its own argument vector in, exit code out. */
export type ToolMain = (argv: readonly string[], io: Io) => Promise<number>;
