/** Cisco Dynamic Trunking Protocol (print-dtp.c): version, fields of type(2) length(2) value. */
import type {Dissector} from './dissector.js';
import {macText, paddedText, padHex} from './fields.js';

const names = ['', 'Domain', 'Status', 'DTP type', 'Neighbor'] as const;

export function dtp(d: Dissector, start: number, wireLength: number): void {
  d.protocol = 'dtp';
  if (wireLength < 1) {
    d.s('[zero packet length]');
    return d.invalid();
  }
  d.s(`DTPv${d.u8(start)}, length ${wireLength}`);
  if (d.v === 0) return;
  let o = start + 1;
  for (let left = wireLength - 1; left > 0; ) {
    const used = field(d, o, left);
    if (used === 0) return;
    if (used < 0) {
      d.invalid();
      return d.need(o, left);
    }
    o += used;
    left -= used;
  }
}

/** Its length; 0 at the end of the list, -1 when it is wrong. */
function field(d: Dissector, o: number, left: number): number {
  if (left < 4) {
    d.s(`[${left} bytes remaining]`);
    return -1;
  }
  const type = d.u16(o);
  const size = d.u16(o + 2);
  if (type === 0) return 0;
  d.s(`\n\t${names[type] ?? 'Unknown'} (0x${padHex(type, 4)}) TLV, length ${size}`);
  if (size < 4 || size > left) {
    d.s(`[invalid TLV length ${size}]`);
    return -1;
  }
  if (type === 1) {
    d.s(', ');
    paddedText(d, o + 4, size - 4);
  } else if (type === 2 || type === 3) {
    if (size !== 5) return -1;
    d.s(`, 0x${d.u8(o + 4).toString(16)}`);
  } else if (type === 4) {
    if (size !== 10) return -1;
    d.s(`, ${macText(d, o + 4)}`);
  } else d.need(o, size);
  return size;
}
