/** GRE: RFC 2784, 2890, 1701 (version 0), RFC 2637 (version 1, PPTP) (print-gre.c). */
import type {Dissector} from './dissector.js';
import {ether} from './ether.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';
import {mpls} from './mpls.js';
import {bitNames, etherTypeNames, hex4} from './names.js';
import {ppp} from './ppp.js';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGEMENT = 0x0080;

const flagNames = [
  [CHECKSUM, 'checksum present'],
  [ROUTING, 'routing present'],
  [KEY, 'key present'],
  [SEQUENCE, 'sequence# present'],
  [0x0800, 'source routing present'],
  [ACKNOWLEDGEMENT, 'ack present'],
] as const;

export function gre(d: Dissector, o: number, length: number): void {
  d.protocol = 'gre';
  if (!d.has(o, 2) || length < 2) return d.trunc();
  const flags = d.u16(o);
  const version = flags & 7;
  d.s(`GREv${version}`);
  if (version > 1) return d.s(' ERROR: unknown-version');
  if (d.v > 0) d.s(`, Flags [${bitNames(flagNames, flags, ', ', 'none')}]`);
  if (!d.has(o + 2, 2) || length < 4) return d.trunc();
  if (version === 0) version0(d, o, length, flags);
  else version1(d, o, length, flags);
}

/** Is there a word of `n` bytes at `at`, both captured and inside the packet? */
function held(d: Dissector, o: number, length: number, at: number, n: number): boolean {
  return d.has(at, n) && at - o + n <= length;
}

function version0(d: Dissector, o: number, length: number, flags: number): void {
  const protocol = d.u16(o + 2);
  let at = o + 4;
  if ((flags & (CHECKSUM | ROUTING)) !== 0) {
    if (!held(d, o, length, at, 2)) return d.trunc();
    if (d.v > 0) d.s(`, sum 0x${d.u16(at).toString(16)}`);
    if (!held(d, o, length, at + 2, 2)) return d.trunc();
    d.s(`, off 0x${d.u16(at + 2).toString(16)}`);
    at += 4;
  }
  if ((flags & KEY) !== 0) {
    if (!held(d, o, length, at, 4)) return d.trunc();
    d.s(`, key=0x${d.u32(at).toString(16)}`);
    at += 4;
  }
  if ((flags & SEQUENCE) !== 0) {
    if (!held(d, o, length, at, 4)) return d.trunc();
    d.s(`, seq ${d.u32(at)}`);
    at += 4;
  }
  if ((flags & ROUTING) !== 0) {
    at = routes(d, o, length, at);
    if (at < 0) return d.trunc();
  }
  if (d.e) d.s(`, proto ${etherTypeNames[protocol] ?? 'unknown'} (${hex4(protocol)})`);
  d.s(`, length ${length}`);
  d.s(d.v > 0 ? '\n\t' : ': ');
  const left = length - (at - o);
  if (protocol === 0x0800) ip(d, at, left);
  else if (protocol === 0x86dd) ip6(d, at, left);
  else if (protocol === 0x8847) mpls(d, at, left);
  else if (protocol === 0x6558) ether(d, at, left, d.left(at));
  else d.s(`gre-proto-0x${protocol.toString(16)}`);
}

function version1(d: Dissector, o: number, length: number, flags: number): void {
  const protocol = d.u16(o + 2);
  let at = o + 4;
  for (const [flag, name] of [
    [KEY, 'call'],
    [SEQUENCE, 'seq'],
    [ACKNOWLEDGEMENT, 'ack'],
  ] as const) {
    if ((flags & flag) === 0) continue;
    if (!held(d, o, length, at, 4)) return d.trunc();
    d.s(`, ${name} ${flag === KEY ? d.u32(at) & 0xffff : d.u32(at)}`);
    at += 4;
  }
  if ((flags & SEQUENCE) === 0) d.s(', no-payload');
  if (d.e) d.s(`, proto ${etherTypeNames[protocol] ?? 'unknown'} (${hex4(protocol)})`);
  d.s(`, length ${length}`);
  if ((flags & SEQUENCE) === 0) return;
  d.s(d.v > 0 ? '\n\t' : ': ');
  if (protocol === 0x880b) ppp(d, at, length - (at - o));
  else d.s(`gre-proto-0x${protocol.toString(16)}`);
}

/** Source route entries, ended by one of family 0 and length 0: offset behind it, -1 when cut. */
function routes(d: Dissector, o: number, length: number, start: number): number {
  let at = start;
  for (;;) {
    if (!held(d, o, length, at, 4)) return -1;
    const family = d.u16(at);
    const offset = d.u8(at + 2);
    const n = d.u8(at + 3);
    at += 4;
    if (family === 0 && n === 0) return at;
    const left = length - (at - o);
    if (!route(d, family, offset, n, at, left) || left < n) return -1;
    at += n;
  }
}

function route(d: Dissector, family: number, offset: number, n: number, at: number, left: number): boolean {
  if (family !== 0x0800 && family !== 0xfffe) {
    d.s(`, (rtaf=0x${family.toString(16)})`);
    return true;
  }
  const unit = family === 0x0800 ? 4 : 2;
  d.s(unit === 4 ? ', (rtaf=ip' : ', (rtaf=asn');
  const whole = hops(d, unit, offset, n, at, left);
  d.c(0x29);
  return whole;
}

function hops(d: Dissector, unit: number, offset: number, n: number, at: number, left: number): boolean {
  if (offset % unit !== 0) d.s(`, badoffset=${offset}`);
  else if (n % unit !== 0) d.s(`, badlength=${n}`);
  else if (offset >= n) d.s(`, badoff/len=${offset}/${n}`);
  else {
    for (let i = 0; i < n; i += unit) {
      if (!d.has(at + i, unit) || left - i < unit) return false;
      d.s(i === offset ? ' *' : ' ');
      if (unit === 2) d.x(d.u16(at + i));
      else d.quad(d.b[at + i]!, d.b[at + i + 1]!, d.b[at + i + 2]!, d.b[at + i + 3]!);
    }
  }
  return true;
}
