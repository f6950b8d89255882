/** A difference as text: np-guard's `diff` formats, JSON, SARIF 2.1.0, and annotations of GitHub's workflow commands. */
import {byProtocol, formatPorts, type PortSet, subtract} from '../../control/policy/ports.js';
import type {SourcePosition} from '../../term/error.js';
import {sanitize} from '../../term/sanitize.js';
import type {Finding} from '../reports/finding.js';
import {githubText} from '../reports/github.js';
import {sarifText} from '../reports/sarif.js';
import type {Semantics} from '../why/why.js';
import type {ClusterDiff, Difference, WorkloadChange} from './diff.js';

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
      return sarifText(findings(diff), rules);
    case 'github':
      return githubText(findings(diff));
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

/** What opens is for somebody to look at; what closes may break an application: something gained is more dangerous than something lost. */
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

const rules = [
  {id: 'connection-added', text: 'A connection that policy denied, or that had no ends, is possible.'},
  {id: 'connection-removed', text: 'A connection that was possible is not any more.'},
  {id: 'connection-changed', text: 'A connection is possible on other ports than before.'},
  {id: 'workload-added', text: 'A workload is new.'},
  {id: 'workload-removed', text: 'A workload is gone.'},
] as const;
