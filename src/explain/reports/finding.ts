/** What a check has to say about a place in a file, as the formats of CI take it. */
import type {SourcePosition} from '../../term/error.js';

export type Level = 'error' | 'warning' | 'notice';

export interface Finding {
  /** Stable id of the rule, one of those of the tool. */
  readonly id: string;
  readonly level: Level;
  /** A few words, for a headline. */
  readonly title: string;
  readonly message: string;
  /** undefined = of no place in particular. */
  readonly where: SourcePosition | undefined;
}

/** What a rule looks for; `help`: why, and what to do. */
export interface FindingRule {
  readonly id: string;
  readonly text: string;
  /** Weight of most of its findings. */
  readonly level?: Level;
  readonly help?: string;
  readonly helpUri?: string;
}
