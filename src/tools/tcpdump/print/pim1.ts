/** PIM version 1, inside IGMP, and Cisco's Auto-RP (print-pim.c). */
import type {Dissector} from './dissector.js';
import {duration} from './duration.js';
import {ip4Text} from './fields.js';
import {hex2} from './names.js';

const types = [
  'Query',
  'Register',
  'Register-Stop',
  'Join/Prune',
  'RP-reachable',
  'Assert',
  'Graft',
  'Graft-ACK',
] as const;
const modes = ['Dense-mode', 'Sparse-mode', 'Sparse-Dense-mode'] as const;
const ALL_ONES = 0xffffffff;

export function pim1(d: Dissector, o: number, length: number): void {
  d.protocol = 'pimv1';
  const type = d.u8(o + 1);
  d.s(` ${types[type] ?? `[type ${type}]`}`);
  if (!body(d, type, o, length)) return d.trunc();
  const version = d.u8(o + 4) >> 4;
  if (version !== 1) d.s(` [v${version}]`);
}

/** `/mask`, nothing for a whole address. */
function mask(d: Dissector, o: number): void {
  if (d.u32(o) !== ALL_ONES) d.s(`/${ip4Text(d, o)}`);
}

function body(d: Dissector, type: number, o: number, length: number): boolean {
  switch (type) {
    case 0:
      if (d.has(o + 8, 1)) {
        const mode = d.u8(o + 8) >> 4;
        d.s(` ${modes[mode] ?? `mode-${mode}`}`);
      }
      if (d.v > 0) {
        d.s(' (Hold-time ');
        d.s(`${duration(d.u16(o + 10))})`);
      }
      return true;
    case 1:
      if (!d.has(o + 8, 20)) return false;
      d.s(` for ${ip4Text(d, o + 20)} > ${ip4Text(d, o + 24)}`);
      return true;
    case 2:
      d.s(` for ${ip4Text(d, o + 8)} > ${ip4Text(d, o + 12)}`);
      return true;
    case 4:
      if (d.v === 0) return true;
      d.s(` group ${ip4Text(d, o + 8)}`);
      mask(d, o + 12);
      d.s(` RP ${ip4Text(d, o + 16)} hold `);
      d.s(duration(d.u16(o + 22)));
      return true;
    case 5: {
      d.s(` for ${ip4Text(d, o + 16)} > ${ip4Text(d, o + 8)}`);
      mask(d, o + 12);
      const tree = (d.u8(o + 20) & 0x80) !== 0 ? 'RP-tree' : 'SPT';
      d.s(` ${tree} pref ${d.u32(o + 20) & 0x7fffffff} metric ${d.u32(o + 24)}`);
      return true;
    }
    case 3:
    case 6:
    case 7:
      if (d.v === 0) return true;
      if (length < 8) return false;
      if (!joinPrune(d, o + 8, length - 8)) d.trunc();
      return true;
    default:
      return true;
  }
}

/** False when it is too short. */
function joinPrune(d: Dissector, o: number, length: number): boolean {
  if (d.has(o, 30) && d.u8(o + 11) === 1 && d.u16(o + 20) + d.u16(o + 22) === 1) {
    single(d, o);
    return true;
  }
  if (length < 4) return false;
  if (d.v > 1) d.c(0x0a);
  d.s(` Upstream Nbr: ${ip4Text(d, o)}`);
  if (length < 8) return false;
  if (d.v > 1) d.c(0x0a);
  d.s(' Hold time: ');
  d.s(duration(d.u16(o + 6)));
  if (d.v < 2) return true;
  return length >= 12 && groups(d, o + 12, length - 12, d.u8(o + 11));
}

/** One join or prune of one group, in short. */
function single(d: Dissector, o: number): void {
  d.s(` RPF ${ip4Text(d, o)} `);
  const hold = d.u16(o + 6);
  if (hold !== 180) d.s(`Hold ${duration(hold)}`);
  const flags = d.u8(o + 25);
  d.s(`${d.u16(o + 20) !== 0 ? 'Join' : 'Prune'} (${ip4Text(d, o + 26)}/${flags & 0x3f}, ${ip4Text(d, o + 12)}`);
  mask(d, o + 16);
  d.s(`) ${(d.u8(o + 24) & 1) !== 0 ? 'Sparse' : 'Dense'}${(flags & 0x80) !== 0 ? ' WC' : ''} `);
  d.s((flags & 0x40) !== 0 ? 'RP' : 'SPT');
}

function groups(d: Dissector, start: number, length: number, count: number): boolean {
  let o = start;
  let left = length;
  for (let i = 0; i < count; i++) {
    if (left < 4) return false;
    d.s(`\n\tGroup: ${ip4Text(d, o)}`);
    if (left < 8) return false;
    mask(d, o + 4);
    if (left < 12) return false;
    const joined = d.u16(o + 8);
    const pruned = d.u16(o + 10);
    d.s(` joined: ${joined} pruned: ${pruned}`);
    o += 12;
    left -= 12;
    for (let k = 0; k < joined + pruned; k++) {
      if (left < 6) return false;
      const flags = d.u8(o + 1);
      const kind = `${(d.u8(o) & 1) !== 0 ? 'Sparse ' : 'Dense '}${(flags & 0x80) !== 0 ? 'WC ' : ''}`;
      const address = `${ip4Text(d, o + 2)}/${flags & 0x3f}`;
      d.s(`\n\t${k < joined ? 'Join ' : 'Prune'} ${kind}${(flags & 0x40) !== 0 ? 'RP ' : 'SPT '}${address}`);
      o += 6;
      left -= 6;
    }
  }
  return true;
}

export function autoRp(d: Dissector, o: number, length: number): void {
  d.protocol = 'cisco_autorp';
  if (length < 8) return d.trunc();
  d.s(' auto-rp ');
  const type = d.u8(o);
  d.s(type === 0x11 ? 'candidate-advert' : type === 0x12 ? 'mapping' : `type-${hex2(type)}`);
  const count = d.u8(o + 1);
  d.s(' Hold ');
  const hold = d.u16(o + 2);
  d.s(hold === 0 ? 'FOREVER' : duration(hold));
  if (!points(d, o + 8, length - 8, count)) d.trunc();
}

/** Rendezvous points: address(4) version(1) count(1), groups of flags(1) prefix length(1) address(4). */
function points(d: Dissector, start: number, length: number, count: number): boolean {
  let o = start;
  let left = length;
  for (let i = 0; i < count; i++) {
    if (left < 4) return false;
    d.s(` RP ${ip4Text(d, o)}`);
    if (left < 5) return false;
    const versions = d.u8(o + 4);
    d.s(` PIMv${['?', '1', '2', '1+2'][versions & 3]}`);
    if ((versions & 0xfc) !== 0) d.s(` [rsvd=${hex2(versions & 0xfc)}]`);
    if (left < 6) return false;
    const entries = d.u8(o + 5);
    o += 6;
    left -= 6;
    for (let k = 0; k < entries; k++) {
      if (left < 6) return false;
      const flags = d.u8(o);
      d.s(`${k === 0 ? ' ' : ','}${(flags & 1) !== 0 ? '!' : ''}${ip4Text(d, o + 2)}/${d.u8(o + 1)}`);
      if ((flags & 2) !== 0) d.s(' bidir');
      if ((flags & 0xfc) !== 0) d.s(`[rsvd=${hex2(flags & 0xfc)}]`);
      o += 6;
      left -= 6;
    }
  }
  return true;
}
