/** OSPF version 3, RFC 5340, authentication RFC 7166 (print-ospf6.c). Lists are printed at -vv. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, padHex} from './fields.js';
import {bitNames, hex4} from './names.js';
import {ospfTypes} from './ospf.js';
import {LSA6_HEADER, lsa6, lsa6Header, lsa6Type, ospf6Options} from './ospf6-lsa.js';

const HEADER = 16;
const LINK_LOCAL = 0x200;
const TRAILER = 16;
const exchangeFlags = [
  [4, 'Init'],
  [2, 'More'],
  [1, 'Master'],
  [0x10, 'IPv6 MTU'],
] as const;

export function ospf6(d: Dissector, o: number, length: number): void {
  d.protocol = 'ospf3';
  const type = d.u8(o + 1);
  const name = ospfTypes[type] || `unknown packet type (${type})`;
  const version = d.u8(o);
  d.s(`OSPFv${version}, ${name}, length ${length}`);
  if (!ospfTypes[type] || d.v === 0) return;
  const stated = d.u16(o + 2);
  if (stated > length) return d.s(` [len ${stated}]`);
  d.s(`\n\tRouter-ID ${ip4Text(d, o + 4)}`);
  d.s(d.u32(o + 8) !== 0 ? `, Area ${ip4Text(d, o + 8)}` : ', Backbone Area');
  const instance = d.u8(o + 14);
  if (instance !== 0) d.s(`, Instance ${instance}`);
  if (version !== 3) return;
  const end = o + stated;
  if (!body(d, type, o + HEADER, end) || !trailers(d, type, o + HEADER, end, length - stated)) d.trunc();
}

function options(d: Dissector, o: number): void {
  d.s(`\n\tOptions [${bitNames(ospf6Options, d.u32(o), ', ', 'none')}]`);
}

/** False when it is cut. */
function body(d: Dissector, type: number, o: number, end: number): boolean {
  if (type === 1) {
    hello(d, o, end);
    return true;
  }
  if (type === 2) {
    options(d, o);
    d.s(`, DD Flags [${bitNames(exchangeFlags, d.u8(o + 7), ', ', 'none')}]`);
    d.s(`, MTU ${d.u16(o + 4)}, DD-Sequence 0x${padHex(d.u32(o + 8), 8)}`);
    return d.v <= 1 || headers(d, o + 12, end);
  }
  if (d.v <= 1) return true;
  if (type === 5) return headers(d, o, end);
  if (type === 3) {
    for (let at = o; at < end; at += 12) {
      if (!d.has(at, 12)) return false;
      d.s(`\n\t  Advertising Router ${ip4Text(d, at + 8)}`);
      lsa6Type(d, d.u16(at + 2), at + 4);
    }
    return true;
  }
  let at = o + 4;
  for (let left = d.u32(o); at < end && left !== 0; left--) {
    if (!lsa6(d, at, end)) return false;
    at += d.u16(at + 18);
  }
  return true;
}

function headers(d: Dissector, start: number, end: number): boolean {
  for (let o = start; o < end; o += LSA6_HEADER) if (!lsa6Header(d, o, end)) return false;
  return true;
}

function hello(d: Dissector, o: number, end: number): void {
  options(d, o + 4);
  const timers = `Hello Timer ${d.u16(o + 8)}s, Dead Timer ${d.u16(o + 10)}s`;
  d.s(`\n\t  ${timers}, Interface-ID ${ip4Text(d, o)}, Priority ${d.u8(o + 4)}`);
  if (d.u32(o + 12) !== 0) d.s(`\n\t  Designated Router ${ip4Text(d, o + 12)}`);
  if (d.u32(o + 16) !== 0) d.s(`, Backup Designated Router ${ip4Text(d, o + 16)}`);
  if (d.v <= 1) return;
  d.s('\n\t  Neighbor List:');
  for (let at = o + 20; at < end; at += 4) d.s(`\n\t    ${ip4Text(d, at)}`);
}

/** Link-local signalling and authentication behind the packet. */
function trailers(d: Dissector, type: number, o: number, start: number, length: number): boolean {
  const bits = type === 1 ? d.u32(o + 4) : type === 2 ? d.u32(o) : 0;
  let used = 0;
  if ((bits & LINK_LOCAL) !== 0 && length > 0) {
    if (length < 4) return false;
    d.s(`\n\tLLS Checksum ${hex4(d.u16(start))}`);
    used = d.u16(start + 2);
    d.s(`, Data Length ${used}`);
    if (used < 4 || used > length || !d.has(start + 4, used - 4)) return false;
  }
  return authentication(d, start + used, length - used);
}

function authentication(d: Dissector, o: number, length: number): boolean {
  if (length === 0) return true;
  if (length < TRAILER) return false;
  const type = d.u16(o);
  d.s(`\n\tAuthentication Type ${type === 1 ? 'HMAC' : `unknown (${hex4(type)})`}`);
  const size = d.u16(o + 2);
  d.s(`, Length ${size}`);
  if (size < TRAILER || size > length) return false;
  d.s(`, SAID ${d.u16(o + 6)}`);
  d.s(`, CSN 0x${padHex(d.u32(o + 8), 8)}`);
  d.s(`:${padHex(d.u32(o + 12), 8)}`);
  if (!d.has(o + TRAILER, size - TRAILER)) return false;
  if (d.v > 1) unknownData(d, '\n\tAuthentication Data ', o + TRAILER, size - TRAILER);
  return true;
}
