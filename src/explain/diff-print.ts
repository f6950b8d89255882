/** A difference as text: np-guard's `diff` formats, JSON, SARIF 2.1.0, and annotations of GitHub's workflow commands. */
import {byProtocol, formatPorts, type PortSet, subtract} from '../control/policy/ports.js';
import type {SourcePosition} from '../term/error.js';
import {sanitize} from '../term/sanitize.js';
import type {ClusterDiff, Difference, WorkloadChange} from './diff.js';
import type {Semantics} from './why.js';

export const diffFormats = ['text', 'json', 'md', 'csv', 'sarif', 'github'] as const;
export type DiffFormat = (typeof diffFormats)[number];

/** What the two sides are called. */
export interface DiffNames {
  readonly before: string;
  readonly after: string;
  readonly semantics: Semantics;
}

/** Nothing where nothing differs, in formats for people. */
export function printDiff(diff: ClusterDiff, format: DiffFormat, names: DiffNames): string {
  switch (format) {
    case 'text':
      return text(diff);
    case 'md':
      return md(diff);
    case 'csv':
      return csv(diff);
    case 'json':
      return `${JSON.stringify(json(diff, names), null, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(sarif(diff), null, 2)}\n`;
    case 'github':
      return findings(diff)
        .map(({level, title, message, where}) => annotation(level, title, message, where))
        .join('');
  }
}

export function isSame({differences, appeared, disappeared}: ClusterDiff): boolean {
  return differences.length + appeared.length + disappeared.length === 0;
}

/** The columns of np-guard's `diff`: type, source, destination, ref1, ref2, workloads-diff-info. */
function columns({kind, from, to, before, after, onlyIn}: Difference): readonly string[] {
  const info = onlyIn.length === 0 ? '' : `workload ${onlyIn.join(' and ')} ${kind}`;
  return [kind, from, to, formatPorts(before), formatPorts(after), info].map(sanitize);
}

/** Workloads that no line of the rest names. */
function silent({differences, appeared, disappeared}: ClusterDiff): [WorkloadChange, 'added' | 'removed'][] {
  const named = new Set(differences.flatMap(({onlyIn}) => onlyIn));
  const list = (changes: readonly WorkloadChange[], word: 'added' | 'removed') =>
    changes.filter(({title}) => !named.has(title)).map((change): [WorkloadChange, typeof word] => [change, word]);
  return [...list(appeared, 'added'), ...list(disappeared, 'removed')];
}

function text(diff: ClusterDiff): string {
  const lines = diff.differences.map((difference) => {
    const [type, source, destination, before, after, info] = columns(difference);
    const more = info === '' ? '' : `, workloads-diff-info: ${info}`;
    return `diff-type: ${type}, source: ${source}, destination: ${destination}, ref1: ${before}, ref2: ${after}${more}\n`;
  });
  const workloads = silent(diff).map(([{title}, word]) => `workload ${sanitize(title)} ${word}, without connections\n`);
  return lines.length + workloads.length === 0 ? '' : ['Connectivity diff:\n', ...lines, ...workloads].join('');
}

const header = ['diff-type', 'source', 'destination', 'ref1', 'ref2', 'workloads-diff-info'];

/** Every row of a table, workloads without connections too. */
function rows(diff: ClusterDiff): (readonly string[])[] {
  const workloads = silent(diff).map(([{title}, word]) => [
    word,
    '',
    '',
    '',
    '',
    `workload ${sanitize(title)} ${word}`,
  ]);
  return [...diff.differences.map(columns), ...workloads];
}

function md(diff: ClusterDiff): string {
  if (isSame(diff)) return '';
  const rule = header.map((name) => '-'.repeat(name.length + 2));
  const cells = rows(diff).map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return [`| ${header.join(' | ')} |`, `|${rule.join('|')}|`, ...cells, ''].join('\n');
}

function csv(diff: ClusterDiff): string {
  if (isSame(diff)) return '';
  const field = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return [header, ...rows(diff)].map((row) => `${row.map(field).join(',')}\n`).join('');
}

function json({differences, appeared, disappeared}: ClusterDiff, {before, after, semantics}: DiffNames) {
  const ports = (set: PortSet) =>
    Object.fromEntries(byProtocol(set).map(({protocol, ranges}) => [protocol, ranges.map(([a, b]) => [a, b])]));
  const workload = ({title, where}: WorkloadChange) => ({workload: title, ...(where ? {where: plain(where)} : {})});
  return {
    schemaVersion: 1,
    before,
    after,
    semantics,
    differences: differences.map((one) => ({
      type: one.kind,
      src: one.from,
      dst: one.to,
      before: formatPorts(one.before),
      after: formatPorts(one.after),
      gained: ports(subtract(one.after, one.before)),
      lost: ports(subtract(one.before, one.after)),
      workloads: one.onlyIn,
      ...(one.cause ? {cause: {rule: one.cause.rule, in: one.cause.side, where: plain(one.cause.where)}} : {}),
    })),
    workloads: {added: appeared.map(workload), removed: disappeared.map(workload)},
  };
}

function plain({file, line, column}: SourcePosition): SourcePosition {
  return {file, ...(line === undefined ? {} : {line}), ...(column === undefined ? {} : {column})};
}

interface Finding {
  readonly id: string;
  /** What opens is for somebody to look at; what closes may break an application. */
  readonly level: 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  readonly where: SourcePosition | undefined;
}

/** Something gained is more dangerous than something lost. */
function findings(diff: ClusterDiff): Finding[] {
  const connections = diff.differences.map((one): Finding => {
    const gained = subtract(one.after, one.before);
    const by = one.cause
      ? ` (${one.cause.side === 'before' ? 'was denied by' : gained.length > 0 ? 'allowed by' : 'denied by'} ${one.cause.rule})`
      : one.onlyIn.length > 0
        ? ` (workload ${one.onlyIn.join(' and ')} ${one.kind})`
        : '';
    return {
      id: `connection-${one.kind}`,
      level: gained.length > 0 ? 'warning' : 'notice',
      title: `connection ${one.kind}`,
      message: `${one.from} => ${one.to}: ${formatPorts(one.before)} before, ${formatPorts(one.after)} after${by}`,
      where: one.cause?.where,
    };
  });
  const workloads = silent(diff).map(
    ([{title, where}, word]): Finding => ({
      id: `workload-${word}`,
      level: 'notice',
      title: `workload ${word}`,
      message: `${title} ${word}, without connections`,
      where,
    }),
  );
  return [...connections, ...workloads];
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions: data and properties are escaped apart. */
function annotation(
  level: Finding['level'],
  title: string,
  message: string,
  where: SourcePosition | undefined,
): string {
  const data = (value: string) => value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (value: string) => data(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const place = where
    ? [`file=${property(where.file)}`, ...(where.line ? [`line=${where.line}`] : [])].concat(
        where.column ? [`col=${where.column}`] : [],
      )
    : [];
  return sanitizeLine(`::${level} ${[...place, `title=${property(title)}`].join(',')}::${data(message)}`);
}

function sanitizeLine(line: string): string {
  return `${sanitize(line)}\n`;
}

const rules = {
  'connection-added': 'A connection that policy denied, or that had no ends, is possible.',
  'connection-removed': 'A connection that was possible is not any more.',
  'connection-changed': 'A connection is possible on other ports than before.',
  'workload-added': 'A workload is new.',
  'workload-removed': 'A workload is gone.',
} as const;

function sarif(diff: ClusterDiff) {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'wirelay',
            rules: Object.entries(rules).map(([id, said]) => ({id, shortDescription: {text: said}})),
          },
        },
        results: findings(diff).map(({id, level, message, where}) => ({
          ruleId: id,
          level: level === 'notice' ? 'note' : level,
          message: {text: message},
          ...(where ? {locations: [{physicalLocation: location(where)}]} : {}),
        })),
      },
    ],
  };
}

/** A path is a relative URI reference: what may not stand in one is escaped. */
function location({file, line, column}: SourcePosition) {
  return {
    artifactLocation: {uri: file.split('/').map(encodeURIComponent).join('/')},
    ...(line ? {region: {startLine: line, ...(column ? {startColumn: column} : {})}} : {}),
  };
}
