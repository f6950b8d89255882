/** What a replay found, as a table or JSON. */
import type {SourcePosition} from '../../term/error.js';
import {sanitize} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import type {Replay, ReplayedFlow} from './replay.js';

/** Lines that nobody could judge, and lines that were left out. */
export interface ReplayCounts {
  readonly skipped: ReadonlyMap<string, number>;
  readonly bad: number;
}

const words: Readonly<Record<ReplayedFlow['change'], string>> = {
  breaks: 'BREAKS',
  opens: 'OPENS',
  same: 'same',
};

/** Connections that change, then what is to say of the others; all of them with `all`. */
export function replayText({flows, unjudged}: Replay, {skipped, bad}: ReplayCounts, all: boolean): string {
  const shown = all ? flows : flows.filter(({change}) => change !== 'same');
  const rows = shown.map((flow) =>
    [
      words[flow.change],
      flow.from,
      flow.to,
      flow.port,
      String(flow.records),
      flow.rule ? flow.rule.title : `no policy: ${flow.verdict}`,
      flow.rule ? place(flow.rule.where) : '-',
      place(flow.where),
    ].map(sanitize),
  );
  const table =
    rows.length === 0
      ? ''
      : tabwriter(
          [['CHANGE', 'SOURCE', 'DESTINATION', 'PORT', 'RECORDS', 'RULE', 'WHERE', 'FIRST SEEN'], ...rows]
            .map((row) => `${row.join('\t')}\n`)
            .join(''),
          {minWidth: 0, padding: 3},
        );
  const odd = flows.filter(({explained}) => !explained);
  const lines = [
    summary(flows),
    ...(odd.length > 0
      ? [
          `${odd.length} of them went otherwise than the policies of the cluster say, which may have changed since: first ${sanitize(place(odd[0]!.where))}`,
        ]
      : []),
    ...unjudged.map(
      ({reason, records, where}) =>
        `not judged: ${records} records, first ${sanitize(place(where))}: ${sanitize(reason)}`,
    ),
    ...[...skipped].map(([why, count]) => `left out: ${count} records: ${why}`),
    ...(bad > 0 ? [`left out: ${bad} lines that are no records`] : []),
  ];
  return `${table}${lines.join('\n')}\n`;
}

function summary(flows: readonly ReplayedFlow[]): string {
  const count = (change: ReplayedFlow['change']) => flows.filter((flow) => flow.change === change).length;
  return `${flows.length} connections: ${count('breaks')} would break, ${count('opens')} would newly pass, ${count('same')} stay as they are`;
}

function place({file, line, column}: SourcePosition): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

export function replayJson({flows, unjudged}: Replay, {skipped, bad}: ReplayCounts): object {
  const plain = ({file, line, column}: SourcePosition) => ({file, line, column});
  return {
    schemaVersion: 1,
    connections: flows.map(({from, to, port, records, where, seen, verdict, change, explained, rule}) => ({
      change,
      src: from,
      dst: to,
      port,
      records,
      seen,
      verdict,
      explainedBefore: explained,
      ...(rule ? {rule: {title: rule.title, where: plain(rule.where)}} : {}),
      firstSeen: plain(where),
    })),
    notJudged: unjudged.map(({reason, records, where}) => ({reason, records, firstSeen: plain(where)})),
    leftOut: {...Object.fromEntries(skipped), ...(bad > 0 ? {'no records': bad} : {})},
  };
}
