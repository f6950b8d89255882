/** Network service header, RFC 8300 (print-nsh.c): base(4) service path(3) index(1), then metadata. */
import type {Dissector} from './dissector.js';
import {ether} from './ether.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';
import {hex2, type Names} from './names.js';

const WORD = 4;

const metadataTypes: Names = {0: 'reserved', 1: '1', 2: '2', 15: 'experimental'};
const nextProtocols: Names = {
  1: 'IPv4',
  2: 'IPv6',
  3: 'Ethernet',
  4: 'NSH',
  5: 'MPLS',
  254: 'Experiment 1',
  255: 'Experiment 2',
};

export function nsh(d: Dissector, o: number, length: number): void {
  d.protocol = 'nsh';
  if (length < 2 * WORD) {
    d.s(` (packet length ${length} < 8)`);
    return d.invalid();
  }
  const base = d.u32(o);
  const words = (base >>> 16) & 0x3f;
  const metadata = (base >>> 8) & 15;
  const next = base & 0xff;
  d.s('NSH, ');
  if (d.v > 1) d.s(`ver ${base >>> 30}, `);
  if (base >>> 30 !== 0) return;
  d.s(`flags [${(base & 0x20000000) !== 0 ? 'O' : 'none'}], `);
  if (d.v > 2) {
    d.s(`TTL ${(base >>> 22) & 0x3f}, length ${words}, `);
    d.s(`md type ${metadataTypes[metadata] ?? `unknown (${hex2(metadata)})`}, `);
  }
  if (d.v > 1) d.s(`next-protocol ${nextProtocols[next] ?? `unknown (${hex2(next)})`}, `);
  if (length < words * WORD) {
    d.s(` (too many headers for packet length ${length})`);
    return d.invalid();
  }
  const path = d.u24(o + 4);
  d.s('service-path-id 0x');
  d.hex(path, 6);
  d.s(', ');
  const index = d.u8(o + 7);
  d.s(`service-index 0x${index.toString(16)}`);
  if (words < 2) {
    d.s(' (less than two headers)');
    return d.invalid();
  }
  const shown = d.v > 2 && (metadata === 1 || metadata === 2);
  if (shown && !(metadata === 1 ? fixedContext(d, o + 8, words) : variableContext(d, o + 8, words))) return d.invalid();
  if (!shown) d.need(o + 8, (words - 2) * WORD);
  d.s(d.v > 0 ? '\n    ' : ': ');
  const at = o + words * WORD;
  const left = length - words * WORD;
  if (next === 1) ip(d, at, left);
  else if (next === 2) ip6(d, at, left);
  else if (next === 3) ether(d, at, left, d.left(at));
  else d.s('ERROR: unknown-next-protocol');
}

function fixedContext(d: Dissector, o: number, words: number): boolean {
  if (words !== 6) {
    d.s(' (invalid length for the MD type)');
    return false;
  }
  for (let n = 0; n < 4; n++) {
    const value = d.u32(o + WORD * n);
    d.s(`\n        Context[0${n}]: 0x`);
    d.hex(value, 8);
  }
  return true;
}

function variableContext(d: Dissector, start: number, words: number): boolean {
  let o = start;
  for (let n = 0; n < words - 2; ) {
    const length = d.u8(o + 3) & 0x7f;
    const padded = (length + 3) & ~3;
    d.s(`\n        TLV Class ${d.u16(o)}, Type ${d.u8(o + 2)}, Len ${length}`);
    o += WORD;
    n += 1 + padded / WORD;
    if (words - 2 < n) {
      d.s(' (length too big)');
      return false;
    }
    if (length === 0) continue;
    d.s('\n            Value: ');
    for (let i = 0; i < length; i++) {
      const byte = d.u8(o + i);
      d.s(i === 0 ? '0x' : ':');
      d.hex(byte, 2);
    }
    d.need(o + length, padded - length);
    o += padded;
  }
  return true;
}
