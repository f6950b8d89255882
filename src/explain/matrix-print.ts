/** A matrix as text: np-guard's `list` formats, and a table. */
import {byProtocol, formatPorts} from '../control/policy/ports.js';
import {sanitize} from '../term/sanitize.js';
import {tabwriter} from '../term/tabwriter.js';
import type {Connection} from './matrix.js';

export const matrixFormats = ['table', 'connlist', 'json', 'csv', 'md', 'dot'] as const;
export type MatrixFormat = (typeof matrixFormats)[number];

export function printMatrix(connections: readonly Connection[], format: MatrixFormat): string {
  const rows = connections.map(({from, to, ports}) => [sanitize(from), sanitize(to), formatPorts(ports)] as const);
  switch (format) {
    case 'connlist':
      return rows.map(([from, to, ports]) => `${from} => ${to} : ${ports}\n`).join('');
    case 'table':
      return tabwriter(['SOURCE\tDESTINATION\tCONNECTIONS', ...rows.map((row) => row.join('\t')), ''].join('\n'), {
        minWidth: 0,
        padding: 3,
      });
    case 'csv':
      return [['src', 'dst', 'conn'], ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');
    case 'md':
      return ['| src | dst | conn |', '|-----|-----|------|', ...rows.map((row) => `| ${row.join(' | ')} |`), ''].join(
        '\n',
      );
    case 'dot':
      return dot(rows);
    case 'json':
      return `${JSON.stringify({schemaVersion: 1, connections: connections.map(record)}, null, 2)}\n`;
  }
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

function record({from, to, ports}: Connection) {
  return {
    src: from,
    dst: to,
    conn: formatPorts(ports),
    ports: Object.fromEntries(byProtocol(ports).map(({protocol, ranges}) => [protocol, ranges])),
  };
}
