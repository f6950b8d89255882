/**
 * Headers as RFCs draw them: rows of 32 bits, cut into the cells that the fields make of them.
 *
 *   field 48 bits, field 48 bits, field 16 bits   →   row 0: [A 0–31]
 *                                                     row 1: [A 0–15][B 16–31]
 *                                                     row 2: [B 0–31]
 *                                                     row 3: [C 0–15]
 */
import type {Field} from '../../session/fields.js';
import type {Layer} from '../../session/layers.js';

export const ROW_BITS = 32;
/** Fields beyond five rows are drawn in two: payload, DNS records, long options. */
const LONG_FIELD = 5 * ROW_BITS;
const LONG_FIELD_DRAWN = 2 * ROW_BITS;

/** Part of a field in one row, bits `[from, to)` of 32. */
export interface Cell {
  readonly field: Field;
  readonly from: number;
  readonly to: number;
  /** The part that bears the field's text: the first of the widest. */
  readonly labelled: boolean;
  /** The field goes on in the next row. */
  readonly continues: boolean;
}

export interface GridRow {
  readonly cells: readonly Cell[];
  /** Bytes of the frame, `[at, end)`; fewer than four where the header ends; more where a field is drawn shorter than it is. */
  readonly at: number;
  readonly end: number;
}

/** Payload and headers that are cut short have no fields: one that stands for all of their bytes. */
export function drawnFields(layer: Layer): readonly Field[] {
  if (layer.fields.length > 0 || layer.end === layer.at) return layer.fields;
  const {at, end, text, truncated} = layer;
  const bits = (end - at) * 8;
  const [name, value] = truncated ? ['cut short', text.replace(/^cut short: /, '')] : ['data', text];
  return [{name, value, at, end, bit: 0, bits, meaning: '', source: ''}];
}

export function gridOf(layer: Layer): GridRow[] {
  const rows: {cells: Cell[]; at: number; end: number}[] = [];
  let bit = 0;
  for (const field of drawnFields(layer)) {
    const stop = bit + (field.bits > LONG_FIELD ? LONG_FIELD_DRAWN : field.bits);
    const parts = cutAtRows(bit, stop);
    const widest = Math.max(...parts.map(({from, to}) => to - from));
    const labelled = parts.findIndex(({from, to}) => to - from === widest);
    for (const [i, {row, from, to}] of parts.entries()) {
      const continues = i < parts.length - 1;
      const at = field.at + (((field.bit & 7) + row * ROW_BITS + from - bit) >> 3);
      const end = continues ? at + ((to - from) >> 3) : field.end;
      const known = (rows[row] ??= {cells: [], at, end});
      known.end = end;
      known.cells.push({field, from, to, labelled: i === labelled, continues});
    }
    bit = stop;
  }
  return rows;
}

/** Bits `[bit, stop)` of a header, row by row. */
function cutAtRows(bit: number, stop: number): {row: number; from: number; to: number}[] {
  const parts: {row: number; from: number; to: number}[] = [];
  for (let at = bit; at < stop; ) {
    const row = Math.floor(at / ROW_BITS);
    const to = Math.min(stop, (row + 1) * ROW_BITS);
    parts.push({row, from: at - row * ROW_BITS, to: to - row * ROW_BITS});
    at = to;
  }
  return parts;
}

/** Names that fit where a field has few bits, longest first. */
const shorter: Readonly<Record<string, readonly string[]>> = {
  version: ['ver', 'v'],
  'header length': ['IHL'],
  'options length': ['opt len'],
  'data offset': ['offset'],
  control: ['O'],
  critical: ['C'],
  'fragment offset': ['offset'],
  priority: ['PCP'],
  reserved: ['rsv', '0'],
  more: ['M'],
  'routing type': ['type'],
  'segments left': ['left'],
  'traffic class': ['class'],
  'hardware length': ['HLEN'],
  'protocol length': ['PLEN'],
  'window scale': ['wscale'],
  'SACK permitted': ['SACK ok'],
};

/** Name and value in `width` columns each, on one line where both fit. */
export function cellText(
  {name, value}: Field,
  width: number,
): readonly [line: string] | readonly [name: string, value: string] {
  const both = value === '' ? name : `${name} ${value}`;
  if (both.length <= width) return [both];
  const shortName = [name, ...(shorter[name] ?? [])].find((text) => text.length <= width) ?? name.slice(0, width);
  const shortValue = [value, value.replace(/ bytes$/, ''), value.split(' ')[0]!].find((text) => text.length <= width);
  return [shortName, shortValue ?? cut(value, width)];
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : width > 3 ? `${text.slice(0, width - 1)}…` : text.slice(0, width);
}
