/** Distance vector multicast routing, inside IGMP (print-dvmrp.c). */
import type {Dissector} from './dissector.js';
import {duration} from './duration.js';
import {ip4Text} from './fields.js';

const HEADER = 8;
const types = [
  '',
  'Probe',
  'Report',
  'Ask-neighbors(old)',
  'Neighbors(old)',
  'Ask-neighbors2',
  'Neighbors2',
  'Prune',
  'Graft',
  'Graft-ACK',
] as const;
const neighborFlags = [
  [0x01, '/tunnel'],
  [0x02, '/srcrt'],
  [0x40, '/querier'],
  [0x20, '/disabled'],
  [0x10, '/down'],
] as const;

export function dvmrp(d: Dissector, o: number, length: number): void {
  d.protocol = 'dvmrp';
  if (length < HEADER) {
    d.s(` [length ${length} < 8]`);
    return d.invalid();
  }
  const type = d.u8(o + 1);
  const at = o + HEADER;
  const left = length - HEADER;
  d.s(` ${types[type] || `[type ${type}]`}`);
  if (type === 1) {
    if (d.v > 0) probe(d, at, left);
  } else if (type === 2) {
    if (d.v > 1) report(d, at, left);
  } else if (type === 4) neighbors(d, at, left, false);
  else if (type === 6) {
    d.s(` (v ${d.u8(o + 7)}.${d.u8(o + 6)}):`);
    neighbors(d, at, left, true);
  } else if (type >= 7 && type <= 9) {
    d.s(` src ${ip4Text(d, at)} grp ${ip4Text(d, at + 4)}`);
    if (type !== 7) return;
    d.s(' timer ');
    d.s(duration(d.u32(at + 8)));
  }
}

function bad(d: Dissector, text: string): void {
  d.s(text);
  d.invalid();
}

function probe(d: Dissector, o: number, length: number): void {
  if (length < 4) return bad(d, ` [full length ${length} < 4]`);
  d.s(d.v > 1 ? '\n\t' : ' ');
  d.s(`genid ${d.u32(o)}`);
  if (d.v < 2) return;
  for (let i = 4; i < length; i += 4) {
    if (length - i < 4) return bad(d, `[remaining length ${length - i} < 4]`);
    d.s(`\n\tneighbor ${ip4Text(d, o + i)}`);
  }
}

/** Masks without their first octet, each with origins as long as the mask is; the last origin of a mask has a marked metric. */
function report(d: Dissector, start: number, length: number): void {
  let o = start;
  for (let left = length; left > 0; ) {
    if (left < 3) return bad(d, ` [length ${left} < 3]`);
    const mask = [d.u8(o), d.u8(o + 1), d.u8(o + 2)];
    const width = 1 + (mask.findLastIndex((octet) => octet !== 0) + 1);
    d.s(`\n\tMask 255.${mask.join('.')}`);
    o += 3;
    left -= 3;
    for (let last = false; !last; ) {
      if (left < width + 1) return bad(d, '\n\t  [Truncated Report]');
      const octets = [0, 1, 2, 3].map((i) => (i < width ? d.u8(o + i) : 0));
      const metric = d.u8(o + width);
      d.s(`\n\t  ${octets.join('.')} metric ${metric & 0x7f}`);
      last = (metric & 0x80) !== 0;
      o += width + 1;
      left -= width + 1;
    }
  }
}

/** address(4) metric(1) threshold(1), in the newer form flags(1), count(1), addresses of neighbours. */
function neighbors(d: Dissector, start: number, length: number, withFlags: boolean): void {
  const head = withFlags ? 8 : 7;
  let o = start;
  for (let left = length; left > 0; ) {
    if (left < head) return bad(d, ` [length ${left} < ${head}]`);
    const local = o;
    const measures = `${d.u8(o + 4)}/${d.u8(o + 5)}`;
    const flags = withFlags ? d.u8(o + 6) : 0;
    let count = d.u8(o + head - 1);
    o += head;
    left -= head;
    for (; count > 0 && !(withFlags && left === 0); count--) {
      if (left < 4) return bad(d, ` [length ${left} < 4]`);
      d.s(` [${ip4Text(d, local)} ->${withFlags ? ' ' : ''}`);
      const marks = neighborFlags.map(([bit, text]) => ((flags & bit) !== 0 ? text : '')).join('');
      d.s(withFlags ? `${ip4Text(d, o)} (${measures}${marks})]` : ` ${ip4Text(d, o)}, (${measures})]`);
      o += 4;
      left -= 4;
    }
    if (count !== 0) return bad(d, ' [invalid ncount]');
  }
}
