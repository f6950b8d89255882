/** Unidirectional Link Detection, RFC 5171 (print-udld.c). */
import type {Dissector} from './dissector.js';
import {characters, paddedText, padHex} from './fields.js';
import {bitNames, hex2} from './names.js';

const HEADER = 4;
const codes = ['Reserved', 'Probe message', 'Echo message', 'Flush message'] as const;
const flagNames = [
  [0x01, 'RT'],
  [0x02, 'RSY'],
  [0x04, 'MBZ-2'],
  [0x08, 'MBZ-3'],
  [0x10, 'MBZ-4'],
  [0x20, 'MBZ-5'],
  [0x40, 'MBZ-6'],
  [0x80, 'MBZ-7'],
] as const;
const fieldNames = [
  'Unknown',
  'Device-ID TLV',
  'Port-ID TLV',
  'Echo TLV',
  'Message Interval TLV',
  'Timeout Interval TLV',
  'Device Name TLV',
  'Sequence Number TLV',
] as const;

export function udld(d: Dissector, start: number, length: number): void {
  d.protocol = 'udld';
  if (length < HEADER) {
    d.invalid();
    return d.need(start, length);
  }
  const code = d.u8(start) & 0x1f;
  const flags = d.u8(start + 1);
  d.s(`UDLDv${d.u8(start) >> 5}, Code ${codes[code] ?? 'Reserved'} (${code.toString(16)}), `);
  d.s(`Flags [${bitNames(flagNames, flags, ', ', 'none')}] (${hex2(flags)}), length ${length}`);
  if (d.v === 0) return d.need(start + 2, length - 2);
  d.s(`\n\tChecksum 0x${padHex(d.u16(start + 2), 4)} (unverified)`);
  let o = start + HEADER;
  for (let left = length - HEADER; left > 0; ) {
    const size = left < 4 ? 0 : field(d, o);
    if (size <= 4) return bad(d, left < 4 ? o : o + 4, left < 4 ? left : left - 4);
    o += 4;
    left -= 4;
    const n = size - 4;
    if (left < n || !value(d, d.u16(o - 4), o, n)) return bad(d, o, left);
    o += n;
    left -= n;
  }
}

function bad(d: Dissector, o: number, left: number): void {
  d.invalid();
  d.need(o, left);
}

/** Prints a field's head: its length. */
function field(d: Dissector, o: number): number {
  const type = d.u16(o);
  const size = d.u16(o + 2);
  d.s(`\n\t${fieldNames[type] ?? 'Unknown'} (0x${padHex(type, 4)}) TLV, length ${size}`);
  return size;
}

/** False when the length does not fit the type. */
function value(d: Dissector, type: number, o: number, n: number): boolean {
  if (type === 1 || type === 2 || type === 6) {
    d.s(', ');
    paddedText(d, o, n);
  } else if (type === 3) {
    d.s(', ');
    characters(d, o, n);
  } else if (type === 4 || type === 5) {
    if (n !== 1) return false;
    d.s(`, ${d.u8(o)}s`);
  } else if (type === 7) {
    if (n !== 4) return false;
    d.s(`, ${d.u32(o)}`);
  } else d.need(o, n);
  return true;
}
