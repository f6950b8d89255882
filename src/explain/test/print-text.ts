/** Results for a reader: what failed, where it is said, what happened instead, and the trace of it. */

import {pathText} from '../../cluster/shape.js';
import {problemText} from '../../term/error.js';
import type {Palette} from '../../term/palette.js';
import {sanitize, sanitizeBlock} from '../../term/sanitize.js';
import type {Change, Trace} from '../trace/model.js';
import {deciderText, hopPlace, placeText, traceText, verdictText} from '../trace/text.js';
import {allResults, type Check, countsOf, failedChecks, type Report, type Result, type SuiteResult} from './model.js';

export function reportText(report: Report, colors: Palette, verbose: boolean): string {
  const suites = report.suites.flatMap((suite) => suiteLines(suite, colors, verbose));
  const lines = [...suites, ...summaryLines(report, colors)];
  return `${lines.filter((line, i) => line !== '' || lines[i - 1] !== '').join('\n')}\n`;
}

const marks = {passed: '✓', failed: '✗', broken: '!'} as const;

function suiteLines({suite, results}: SuiteResult, colors: Palette, verbose: boolean): string[] {
  const lines = [colors.title(sanitize(suite.title))];
  for (const result of results) {
    const paint = result.status === 'passed' ? colors.good : colors.bad;
    lines.push(`  ${paint(marks[result.status])} ${sanitize(result.name)}`);
    for (const line of detail(result)) lines.push(line === '' ? '' : `    ${line}`);
    if (result.trace && (verbose || result.status === 'failed')) {
      const trace = verbose ? traceText(result.trace, colors, false).trimEnd().split('\n') : briefTrace(result.trace);
      lines.push('', ...trace.map((line) => (line === '' ? '' : `      ${line}`)), '');
    }
  }
  return [...lines, ''];
}

/** The way of a packet, a line each hop where something was decided or changed; the full trace is asked for by --trace. */
export function briefTrace(trace: Trace): string[] {
  const {hops, policy, client} = trace;
  const way = hops.flatMap((hop, i) => {
    const said = [
      ...hop.decisions.filter(({kind}) => kind !== 'action' && kind !== 'trace').map(({text}) => text),
      ...hop.changes.filter(({field}) => !field.startsWith('Ethernet')).map(changeText),
    ];
    if (said.length === 0 && hop.place === 'device' && hop.end === undefined) return [];
    const title = `${hop.leg === 'reply' ? '←' : '→'} ${String(i + 1).padStart(2)} ${hopPlace(hop)}`;
    return [title, ...said.map((text) => `       ${text}`)];
  });
  const rest = [
    `verdict: ${verdictText(trace)}`,
    ...policy.map(deciderText),
    ...(client === undefined ? [] : [client]),
  ];
  return [...way, ...rest].map(sanitize);
}

function changeText({field, before, after}: Change): string {
  if (before === '') return `${field}: + ${after}`;
  return after === '' ? `${field}: − ${before}` : `${field}: ${before} → ${after}`;
}

/** What is wrong with a result, without its trace. */
export function detail(result: Result): string[] {
  const problems = result.problems.flatMap((problem) => sanitizeBlock(problemText(problem)).split('\n'));
  return [...problems, ...failedChecks(result).flatMap(checkLines)];
}

function checkLines({path, expected, got, where}: Check): string[] {
  return [
    `${where ? `${sanitize(placeText(where))}: ` : ''}${pathText(path)}`,
    ...value('expected', expected),
    ...value('got', got),
  ];
}

/** A text of several lines stands below its label. */
function value(label: string, text: string): string[] {
  const [first = '', ...rest] = sanitizeBlock(text).replace(/\n$/, '').split('\n');
  return [`  ${label.padEnd(9)}${first}`.trimEnd(), ...rest.map((line) => `    | ${line}`.trimEnd())];
}

/** Longer values are cut where a message is one line. */
const LONGEST = 200;

/** On one line, for formats whose messages are one. */
export function checkText({path, expected, got}: Check): string {
  const line = (text: string) => {
    const joined = text.trim().replace(/\s*\n\s*/g, ' / ');
    return joined.length > LONGEST ? `${joined.slice(0, LONGEST)}…` : joined;
  };
  return sanitize(`${pathText(path)}: expected ${line(expected)}, got ${line(got)}`);
}

export function summaryLines(report: Report, colors: Palette): string[] {
  const {passed, failed, broken} = countsOf(allResults(report));
  const words = [
    ...(passed > 0 ? [colors.good(`${passed} passed`)] : []),
    ...(failed > 0 ? [colors.bad(`${failed} failed`)] : []),
    ...(broken > 0 ? [colors.bad(`${broken} broken`)] : []),
    ...(report.left > 0 ? [`${report.left} not run`] : []),
  ];
  const files = new Set(report.suites.map(({suite}) => suite.file)).size;
  return [`${words.join(', ') || 'nothing run'} (${files} file${files === 1 ? '' : 's'})`];
}
