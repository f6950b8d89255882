/** RPL control messages, RFC 6550 §6 (print-icmp6.c). */
import type {Dissector} from './dissector.js';
import {hexDump} from './dump.js';
import type {Names} from './names.js';

const ID = 16;

const modes = ['nonstoring', 'storing', 'nonstoring-multicast', 'storing-multicast'] as const;
const options: Names = {
  1: 'padN',
  2: 'metrics',
  3: 'routinginfo',
  4: 'config',
  5: 'rpltarget',
  6: 'transitinfo',
  8: 'destprefix',
  9: 'rpltargetdesc',
};

/** `o` is behind the four bytes of type, code and checksum; bit 7 of the code means a secured message. */
export function rpl(d: Dissector, code: number, o: number, length: number): void {
  if ((code & 0x80) !== 0) return d.s(', (SEC) [worktodo]');
  d.s(', (CLR)');
  switch (code) {
    case 0:
      return d.s('DODAG Information Solicitation');
    case 1:
      d.s('DODAG Information Object');
      if (d.v > 0) informationObject(d, o, length);
      return;
    case 2:
      d.s('Destination Advertisement Object');
      if (d.v > 0) advertisement(d, o, length);
      return;
    case 3:
      d.s('Destination Advertisement Object Ack');
      if (d.v > 0) acknowledgement(d, o, length);
      return;
    default:
      d.s(`RPL message, unknown code ${code}`);
  }
}

function informationObject(d: Dissector, o: number, length: number): void {
  if (length < 24) {
    d.s(` [length ${length >>> 0} < 24]`);
    return d.invalid();
  }
  d.need(o, 24);
  const bits = d.u8(o + 4);
  const mode = (bits >> 3) & 7;
  d.s(' [dagid:');
  d.ip6(o + 8);
  d.s(`,seq:${d.u8(o + 5)},instance:${d.u8(o)},rank:${d.u16(o + 2)},${(bits & 0x80) !== 0 ? 'grounded,' : ''}`);
  d.s(`mop:${modes[mode] ?? `mop${mode}`},prf:${bits & 7}]`);
  if (d.v > 1) suboptions(d, o + 24, length - 24);
}

/** Offset behind the id, which only messages with the D flag have; -1 when the message is too short for it. */
function afterId(o: number, length: number, present: boolean): number {
  if (!present) return o;
  return length < ID ? -1 : o + ID;
}

function advertisement(d: Dissector, o: number, length: number): void {
  if (!d.has(o, 20)) return d.trunc();
  if (length < 4) return d.s(' [|length too short]');
  const flags = d.u8(o + 1);
  const withId = (flags & 0x40) !== 0;
  const next = afterId(o + 4, length - 4, withId);
  if (next < 0) return d.s(' [|length too short]');
  id(d, o + 4, withId);
  d.s(`,seq:${d.u8(o + 3)},instance:${d.u8(o)}${(flags & 0x80) !== 0 ? ',acK' : ''}${withId ? ',Dagid' : ''},`);
  d.hex(flags, 2);
  d.c(0x5d);
  if (d.v > 1) suboptions(d, next, length - (next - o));
}

function acknowledgement(d: Dissector, o: number, length: number): void {
  if (!d.has(o, 4)) return d.trunc();
  if (length < 4) return d.s(' [|dao-length too short]');
  const withId = (d.u8(o + 1) & 0x80) !== 0;
  if (withId && !d.has(o + 4, ID)) return d.trunc();
  const next = afterId(o + 4, length - 4, withId);
  if (next < 0) return d.s(' [|dao-length too short]');
  id(d, o + 4, withId);
  d.s(`,seq:${d.u8(o + 2)},instance:${d.u8(o)},status:${d.u8(o + 3)}]`);
  if (d.v > 1) suboptions(d, next, length - (next - o));
}

function id(d: Dissector, o: number, present: boolean): void {
  d.s(' [dagid:');
  if (present) d.ip6(o);
  else d.s('<elided>');
}

function suboptions(d: Dissector, start: number, length: number): void {
  let o = start;
  let left = length;
  while (left !== 0) {
    const type = d.u8(o);
    let n = 1;
    if (type === 0) d.s(' opt:pad1');
    else {
      if (left < 2) return d.trunc();
      n = d.u8(o + 1) + 2;
      d.s(` opt:${options[type] ?? `subopt:${type}`} len:${n} `);
      if (!d.has(o, n) || left < n) return d.trunc();
      if (d.v > 2) hexDump(d, ' ', o + 2, n - 2);
    }
    o += n;
    left -= n;
  }
}
