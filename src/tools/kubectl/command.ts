/** What a kubectl command works with. */
import type {Session} from '../../session/session.js';
import type {Io} from '../../term/io.js';
import type {Flags} from '../common/cobra-argv.js';

export interface Invocation {
  readonly session: Session;
  readonly flags: Flags;
  /** Flags as they came. */
  readonly given: readonly (readonly [name: string, value: string])[];
  readonly args: readonly string[];
  /** How many of `args` stand before `--`. */
  readonly dash: number | undefined;
  /** -n, else `default`. */
  readonly namespace: string;
  readonly io: Io;
}

/** Its exit code. */
export type Command = (invocation: Invocation) => Promise<number>;
