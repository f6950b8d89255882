/** A matrix as text: np-guard's `list` formats, and a table. */
import {byProtocol, formatPorts, type PortSet} from '../../control/policy/ports.js';
import {sanitize} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import type {Connection} from './matrix.js';

export const matrixFormats = ['table', 'connlist', 'json', 'csv', 'md', 'dot'] as const;
export type MatrixFormat = (typeof matrixFormats)[number];

/** Connections in one piece of text: a matrix of 1,000 workloads has a million of them. */
const PIECE = 10_000;

export function printMatrix(connections: readonly Connection[], format: MatrixFormat): string {
  return [...matrixPieces(connections, format)].join('');
}

/** The text in pieces, for matrices that are too big for one. */
export function* matrixPieces(connections: readonly Connection[], format: MatrixFormat): Generator<string> {
  switch (format) {
    case 'connlist':
      return yield* pieces(connections, ([from, to, ports]) => `${from} => ${to} : ${ports}\n`);
    case 'csv':
      yield 'src,dst,conn\n';
      return yield* pieces(connections, (row) => `${row.map(csvField).join(',')}\n`);
    case 'md':
      yield '| src | dst | conn |\n|-----|-----|------|\n';
      return yield* pieces(connections, (row) => `| ${row.join(' | ')} |\n`);
    case 'json':
      return yield* json(connections);
    case 'table':
      return yield tabwriter(
        ['SOURCE\tDESTINATION\tCONNECTIONS', ...connections.map((one) => cells(one).join('\t')), ''].join('\n'),
        {minWidth: 0, padding: 3},
      );
    case 'dot':
      return yield dot(connections.map(cells));
  }
}

type Cells = readonly [from: string, to: string, ports: string];

function cells({from, to, ports}: Connection): Cells {
  return [sanitize(from), sanitize(to), formatPorts(ports)];
}

function* pieces(connections: readonly Connection[], line: (row: Cells) => string): Generator<string> {
  for (let at = 0; at < connections.length; at += PIECE) {
    let text = '';
    for (const connection of connections.slice(at, at + PIECE)) text += line(cells(connection));
    yield text;
  }
}

/** As JSON.stringify would indent the whole; what is said of a set of ports is written once. */
function* json(connections: readonly Connection[]): Generator<string> {
  const known = new Map<PortSet, string>();
  const portsOf = (ports: PortSet): string => {
    let text = known.get(ports);
    if (text === undefined) {
      const [, ...lines] = JSON.stringify(portsRecord(ports), null, 2).split('\n');
      known.set(ports, (text = lines.map((line) => `\n    ${line}`).join('')));
    }
    return text;
  };
  yield '{\n  "schemaVersion": 1,\n  "connections": [';
  for (let at = 0; at < connections.length; at += PIECE) {
    let text = '';
    for (const [i, {from, to, ports}] of connections.slice(at, at + PIECE).entries())
      text += `${at + i === 0 ? '' : ','}\n    {\n      "src": ${JSON.stringify(from)},\n      "dst": ${JSON.stringify(to)},${portsOf(ports)}`;
    yield text;
  }
  yield connections.length === 0 ? ']\n}\n' : '\n  ]\n}\n';
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function dot(rows: readonly (readonly [string, string, string])[]): string {
  const names = [...new Set(rows.flatMap((row) => row.slice(0, 2)))].sort();
  return [
    'digraph {',
    ...names.map((name) => `\t${JSON.stringify(name)}`),
    ...rows.map(
      ([from, to, ports]) => `\t${JSON.stringify(from)} -> ${JSON.stringify(to)} [label=${JSON.stringify(ports)}]`,
    ),
    '}',
    '',
  ].join('\n');
}

function portsRecord(ports: PortSet) {
  return {
    conn: formatPorts(ports),
    ports: Object.fromEntries(byProtocol(ports).map(({protocol, ranges}) => [protocol, ranges])),
  };
}
