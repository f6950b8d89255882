/** IGMP: RFC 1112, 2236, 3376, multicast traceroute (print-igmp.c). */

import type {Dissector} from './dissector.js';
import {duration} from './duration.js';
import {dvmrp} from './dvmrp.js';
import type {Names} from './names.js';
import {pim1} from './pim1.js';

const recordTypes: Names = {1: 'is_in', 2: 'is_ex', 3: 'to_in', 4: 'to_ex', 5: 'allow', 6: 'block'};

export function igmp(d: Dissector, o: number, length: number): void {
  d.protocol = 'igmp';
  if (d.q > 0) return d.s('igmp');
  message(d, o, length, d.u8(o));
  if (d.v > 0 && length >= 4 && d.has(o, length) && d.sum(o, length) !== 0) {
    d.s(' bad igmp cksum ');
    d.x(d.u16(o + 2));
    d.c(0x21);
  }
}

function message(d: Dissector, o: number, length: number, type: number): void {
  switch (type) {
    case 0x11:
      d.s('igmp query');
      return length >= 12 ? query3(d, o, length) : query(d, o, length);
    case 0x12:
      group(d, 'igmp v1 report ', o + 4);
      if (length !== 8) d.s(` [len ${length}]`);
      return;
    case 0x16:
      return group(d, 'igmp v2 report ', o + 4);
    case 0x17:
      return group(d, 'igmp leave ', o + 4);
    case 0x22:
      d.s('igmp v3 report');
      return report3(d, o, length);
    case 0x13:
      d.s('igmp dvmrp');
      if (length < 8) d.s(` [len ${length}]`);
      else dvmrp(d, o, length);
      return;
    case 0x14:
      d.s('igmp pimv1');
      return pim1(d, o, length);
    case 0x1e:
      return traceroute(d, 'mresp', o, length);
    case 0x1f:
      return traceroute(d, 'mtrace', o, length);
    default:
      d.s(`igmp-${type}`);
  }
}

function group(d: Dissector, before: string, o: number): void {
  d.need(o, 4);
  d.s(before);
  d.ip4(o);
}

function query(d: Dissector, o: number, length: number): void {
  const delay = d.u8(o + 1);
  d.s(delay !== 0 ? ' v2' : ' v1');
  if (delay !== 0 && delay !== 100) d.s(` [max resp time ${delay}]`);
  if (d.u32(o + 4) !== 0) {
    group(d, ' [gaddr ', o + 4);
    d.c(0x5d);
  }
  if (length !== 8) d.s(` [len ${length}]`);
}

/** Response time in tenths of a second, floating from 128 on (RFC 3376 §4.1.1). */
function query3(d: Dissector, o: number, length: number): void {
  d.s(' v3');
  if ((length & 3) !== 0) return d.s(` [invalid len ${length}]`);
  const code = d.u8(o + 1);
  const time = code < 128 ? code : ((code & 15) | 16) << (((code & 0x70) >> 4) + 3);
  if (code !== 100) {
    d.s(` [max resp time ${time < 600 ? `${(time * 0.1).toFixed(1)}s` : duration(Math.floor(time / 10))}]`);
  }
  if (d.u32(o + 4) === 0) return;
  group(d, ' [gaddr ', o + 4);
  const sources = d.u16(o + 10);
  if (sources > 0) {
    if (length < 12 + 4 * sources) d.s(' [invalid number of sources]');
    else if (d.v > 1) sourceList(d, o + 12, sources);
    else d.s(`, ${sources} source(s)`);
  }
  d.c(0x5d);
}

function sourceList(d: Dissector, o: number, count: number): void {
  d.s(' {');
  for (let i = 0; i < count; i++) group(d, ' ', o + 4 * i);
  d.s(' }');
}

function report3(d: Dissector, o: number, length: number): void {
  if (length < 16 || (length & 3) !== 0) return d.s(` [invalid len ${length}]`);
  const groups = d.u16(o + 6);
  d.s(`, ${groups} group record(s)`);
  if (d.v === 0) return;
  let at = 8;
  for (let i = 0; i < groups; i++) {
    if (length < at + 8) return d.s(' [invalid number of groups]');
    group(d, ' [gaddr ', o + at + 4);
    const type = d.u8(o + at);
    d.s(` ${recordTypes[type] ?? ` [v3-report-#${type}]`}`);
    const sources = d.u16(o + at + 2);
    if (length < at + 8 + 4 * sources) return d.s(` [invalid number of sources ${sources}]`);
    if (d.v === 1) d.s(`, ${sources} source(s)`);
    else sourceList(d, o + at + 8, sources);
    at += 8 + 4 * sources;
    d.c(0x5d);
  }
}

/** source(4) destination(4) reply address(4) ttl(1) query id(3), behind 8 bytes of header. */
function traceroute(d: Dissector, name: string, o: number, length: number): void {
  if (length < 24) return d.s(` [invalid len ${length}]`);
  d.need(o + 8, 12);
  d.s(`${name} ${d.u24(o + 21)}: `);
  d.ip4(o + 8);
  d.s(' to ');
  d.ip4(o + 12);
  d.s(' reply-to ');
  d.ip4(o + 16);
  if (d.u8(o + 16) >> 4 === 14) d.s(` with-ttl ${d.u8(o + 20)}`);
}
