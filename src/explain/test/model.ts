/**
 * Tests: what is expected, and what came of it, as data. Reports (text, TAP, JUnit, JSON, SARIF, GitHub) read this and nothing else.
 *
 *   Report ── suites (a file, or a case of one) ── results (an expectation each) ── checks (a field of it each)
 */
import type {Expectation} from '../../cluster/expect.js';
import type {Path} from '../../cluster/shape.js';
import type {SessionOptions} from '../../session/options.js';
import type {Problem, SourcePosition} from '../../term/error.js';
import type {Trace} from '../trace/model.js';

/** What one definition and its traffic are expected to do. */
export interface Suite {
  /** As the user named the file, and the name of the case where it has one. */
  readonly title: string;
  readonly file: string;
  /** Absolute; undefined: not from a file that could be written to. */
  readonly path: string | undefined;
  /** How the session is opened: of commands too. */
  readonly options: SessionOptions;
  /** undefined = those of the definition itself. */
  readonly expect: readonly Expectation[] | undefined;
  /** Of lines of traffic and events that the case has in place of the definition's. */
  readonly place: (path: Path) => SourcePosition | undefined;
  /** Wrong with the case itself: it is not run. */
  readonly problems: readonly Problem[];
}

export type FixedValue = string | number | readonly string[];

/** One field held against what happened. */
export interface Check {
  /** Path in the expectation: `verdict`, `frames[0].count`. */
  readonly path: Path;
  readonly ok: boolean;
  readonly expected: string;
  readonly got: string;
  readonly where: SourcePosition | undefined;
  /** What would hold in its place; undefined: nothing that could be written there. */
  readonly fix: FixedValue | undefined;
}

export interface Result {
  readonly name: string;
  readonly where: SourcePosition | undefined;
  /** broken: the expectation makes no sense, or its definition cannot be read. */
  readonly status: 'passed' | 'failed' | 'broken';
  readonly checks: readonly Check[];
  readonly problems: readonly Problem[];
  /** Of the flow. */
  readonly trace: Trace | undefined;
  /** What it took, seconds of the clock on the wall. */
  readonly seconds: number;
}

export interface SuiteResult {
  readonly suite: Suite;
  readonly results: readonly Result[];
}

export interface Report {
  readonly suites: readonly SuiteResult[];
  /** Expectations that were left out after the first failure (--fail-fast). */
  readonly left: number;
}

export function failedChecks({checks}: Result): readonly Check[] {
  return checks.filter(({ok}) => !ok);
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly broken: number;
}

export function countsOf(results: readonly Result[]): Counts {
  const of = (status: Result['status']) => results.filter((one) => one.status === status).length;
  return {passed: of('passed'), failed: of('failed'), broken: of('broken')};
}

export function allResults({suites}: Report): readonly Result[] {
  return suites.flatMap(({results}) => results);
}

/** What a check found, before its place is known. */
export interface Finding {
  readonly path: Path;
  readonly ok: boolean;
  readonly expected: string;
  readonly got: string;
  readonly fix?: FixedValue | undefined;
}

export function listOf<T extends string | number>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [value];
}
