/** RIPng, RFC 2080 (print-ripng.c): command(1) version(1) zero(2), entries of address(16) tag(2) prefix(1) metric(1). */
import type {Dissector} from './dissector.js';
import {allZero, ip6Text} from './fields.js';

const HEADER = 4;
const ENTRY = 20;
const INFINITY = 16;

export function ripng(d: Dissector, o: number, length: number): void {
  d.protocol = 'ripng';
  const version = d.u8(o + 1);
  if (version !== 1) {
    d.s(` [vers ${version}]`);
    return d.invalid();
  }
  const command = d.u8(o);
  if (command !== 1 && command !== 2) {
    d.s(` ripng-${command} ?? ${length}`);
    return d.invalid();
  }
  if (length < HEADER) return d.invalid();
  const left = length - HEADER;
  const count = Math.floor(left / ENTRY);
  const first = o + HEADER;
  if (command === 1 && count === 1 && d.u8(first + 19) === INFINITY && allZero(d, first, 16))
    return d.s(' ripng-req dump');
  d.s(` ripng-${command === 1 ? 'req' : 'resp'} ${count}${count * ENTRY === left ? '' : `[${length}]`}:`);
  for (let i = 0; i < count; i++) {
    d.c(d.v > 1 ? 0x0a : 0x20);
    if (d.v > 1) d.c(0x09);
    entry(d, first + i * ENTRY, command === 2);
  }
  if (count * ENTRY !== left) d.invalid();
}

function entry(d: Dissector, o: number, withMetric: boolean): void {
  d.s(`${ip6Text(d, o)}/${d.u8(o + 18)}`);
  const tag = d.u16(o + 16);
  if (tag !== 0) d.s(` [${tag}]`);
  const metric = d.u8(o + 19);
  if (metric !== 0 && withMetric) d.s(` (${metric})`);
}
