/** What a command line may hold, as completion sees it. */

/** Names that only the cluster, or the machine's file system, knows. */
export type Source =
  | 'pod'
  | 'node'
  | 'service'
  | 'namespace'
  | 'interface'
  | 'identity'
  /** FROM of `trace`: pods, `node/NAME`. */
  | 'sender'
  /** TO of `trace`: pods, `SERVICE:PORT`, `node/NAME`. */
  | 'receiver'
  /** An address of a pod or service. */
  | 'host'
  /** A name that the cluster's DNS answers. */
  | 'domain'
  /** Names of the kind of object in the argument before, of the namespace in `-n`: kubectl's. */
  | 'object'
  | 'file';

/** One way to go on with the line. */
export interface Candidate {
  readonly word: string;
  readonly text?: string;
  /** Not this word but what the file system has. */
  readonly isFile?: boolean;
}

/** What may stand in one place; undefined where anything may, so that there is nothing to offer. */
export type Values = Source | readonly (string | Candidate)[];

export interface OptionRow {
  /** With their dashes: `-o`, `--output`. */
  readonly names: readonly string[];
  /** Whether a value follows, in the next word or behind `=` or the letter. */
  readonly takesValue: boolean;
  readonly values?: Values | undefined;
  readonly text?: string;
}

export interface Grammar {
  readonly options: readonly OptionRow[];
  readonly commands?: readonly CommandRow[];
  /** What stands in the places behind, in order; the last one goes on for all that follow where `repeats`. */
  readonly args?: readonly (Values | undefined)[];
  readonly repeats?: boolean;
  /** Words anywhere among the arguments, each with what may follow it: `dev NAME`. */
  readonly keywords?: Readonly<Record<string, Values | undefined>>;
  /** Behind `--` a command line begins: `run -- tcpdump …`. */
  readonly command?: () => Promise<Grammar>;
}

export interface CommandRow {
  readonly name: string;
  /** Understood, not offered. */
  readonly aliases?: readonly string[];
  readonly text?: string;
  readonly load: () => Promise<Grammar>;
}
