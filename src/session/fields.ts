/**
 * The fields of a header by the names their RFCs give them: where each lies, to the bit, what it says here, what it is for.
 * A header is one row of `headers`; what is behind the fixed part (options, extension headers) is walked.
 */
import {get16, get32, toHex} from '../wire/bytes.js';
import {type FieldRow, headers} from './headers.js';
import type {LayerName} from './layers.js';

export interface Field {
  readonly name: string;
  readonly value: string;
  /** Bytes of the frame that hold it, `[at, end)`; neighbours may share one. */
  readonly at: number;
  readonly end: number;
  /** Place in the header, in bits. */
  readonly bit: number;
  readonly bits: number;
  /** What it is for, in one line, and where that is written. */
  readonly meaning: string;
  readonly source: string;
}

/** Fields of the header at `[at, end)`, which has passed its codec's check; they cover it without a gap. */
export function fieldsOf(name: LayerName, b: Uint8Array, at: number, end: number): Field[] {
  const header = headers[name];
  if (!header) return [];
  const rows = header.rows(b, at, end);
  const fields: Field[] = [];
  let bit = 0;
  for (const row of rows) {
    const field = toField(row, bit, header.source, b, at);
    bit += field.bits;
    fields.push(field);
  }
  return fields;
}

/** A MAC address (48 bits) and longer are read by their own `show`. */
function toField(row: FieldRow, bit: number, source: string, b: Uint8Array, o: number): Field {
  const {name, bits, show, meaning} = row;
  const at = o + (bit >> 3);
  const value = show ? show(b, at, bits <= 32 ? bitsAt(b, o, bit, bits) : 0) : plain(b, o, bit, bits);
  return {name, value, at, end: o + ((bit + bits + 7) >> 3), bit, bits, meaning, source: row.source ?? source};
}

function plain(b: Uint8Array, o: number, bit: number, bits: number): string {
  return bits <= 32 ? String(bitsAt(b, o, bit, bits)) : toHex(b, o + (bit >> 3), o + ((bit + bits) >> 3));
}

/** Up to 32 bits from bit `bit` of the header at `o`, network order. */
function bitsAt(b: Uint8Array, o: number, bit: number, bits: number): number {
  if (bits === 32 && (bit & 7) === 0) return get32(b, o + (bit >> 3));
  if (bits === 16 && (bit & 7) === 0) return get16(b, o + (bit >> 3));
  let value = 0;
  for (let i = bit; i < bit + bits; i++) value = value * 2 + ((b[o + (i >> 3)]! >> (7 - (i & 7))) & 1);
  return value;
}
