/**
 * Errors a user can mend. Thrown anywhere above `wire`, printed in one place (`printError` in `src/term/report.ts`).
 * Exceptions of any other class are programmer errors.
 */

/** Where in the user's input: `file:line:column`, both from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One thing wrong with the input. */
export interface Problem {
  readonly message: string;
  readonly where?: SourcePosition;
  /** What to do about it, one sentence. */
  readonly hint?: string;
}

/** Exit codes of wirelay's own commands; a look-alike keeps its model's. */
export const exitCodes = {
  holds: 0,
  /** denied, dropped, assertion failed */
  fails: 1,
  /** bad usage, bad input, not supported */
  usage: 2,
  /** difference found */
  differs: 3,
} as const;

/** What the documentation says of them. */
export const exitCodeTexts: Readonly<Record<keyof typeof exitCodes, string>> = {
  holds: 'done; what was asked holds',
  fails: 'denied, dropped, an expectation or rule that fails, output that cannot be written',
  usage: 'wrong command line or input, or something that is not supported: the message says which, with file and line',
  differs: 'the two that were compared differ',
};

export class UserError extends Error {
  /** All problems found, at least one; the first is `message`. */
  readonly problems: readonly Problem[];
  readonly exitCode: number;

  constructor(problems: Problem | readonly Problem[] | string, exitCode: number = exitCodes.usage) {
    const list = typeof problems === 'string' ? [{message: problems}] : 'message' in problems ? [problems] : problems;
    super(list.map(problemText).join('\n'));
    this.name = 'UserError';
    this.problems = list;
    this.exitCode = exitCode;
  }
}

/** `file:line:column: message` and, on a second line, the hint. */
export function problemText(problem: Problem): string {
  const {where} = problem;
  const place = where ? `${[where.file, where.line, where.column].filter((x) => x !== undefined).join(':')}: ` : '';
  return `${place}${problem.message}${problem.hint ? `\n  hint: ${problem.hint}` : ''}`;
}
