/** Link state advertisements of OSPF 2, RFC 2328, 5250 (print-ospf.c): header(20) body. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, padHex} from './fields.js';
import {bitNames, type Names} from './names.js';
import {graceAdvertisement, trafficEngineering} from './ospf-te.js';

export const LSA_HEADER = 20;
const FIRST_OPAQUE = 9;
const LAST_OPAQUE = 11;

export const ospfOptions = [
  [0x01, 'MultiTopology'],
  [0x02, 'External'],
  [0x04, 'Multicast'],
  [0x08, 'NSSA'],
  [0x10, 'LLS'],
  [0x20, 'Demand Circuit'],
  [0x40, 'Opaque'],
  [0x80, 'Up/Down'],
] as const;
const types: Names = {
  1: 'Router',
  2: 'Network',
  3: 'Summary',
  4: 'ASBR Summary',
  5: 'External',
  6: 'Multicast Group',
  7: 'NSSA',
  9: 'Link Local Opaque',
  10: 'Area Local Opaque',
  11: 'Domain Wide Opaque',
};
const opaqueTypes: Names = {1: 'Traffic Engineering', 3: 'Graceful restart', 4: 'Router Information'};
const routerFlags = [
  [0x01, 'ABR'],
  [0x02, 'ASBR'],
  [0x04, 'Virtual'],
  [0x08, 'Wildcard'],
  [0x10, 'Nt'],
  [0x80, 'Host'],
] as const;
const topologies = ['default', 'multicast', 'management'] as const;
const capabilities = [
  [1, 'Reserved'],
  [2, 'Reserved'],
  [4, 'Reserved'],
  [8, 'Reserved'],
  [16, 'graceful restart capable'],
  [32, 'graceful restart helper'],
  [64, 'Stub router support'],
  [128, 'Traffic engineering'],
  [256, 'p2p over LAN'],
  [512, 'path computation server'],
] as const;

/** `Router LSA (1), LSA-ID: 10.0.0.1`, or of an opaque one type and number; `separators` of the two forms. */
export function lsaName(d: Dissector, type: number, id: number, before: string, colon: string): string {
  const name = `${before}${types[type] ?? 'unknown'} LSA (${type})`;
  if (type < FIRST_OPAQUE || type > LAST_OPAQUE) return `${name}, LSA-ID: ${ip4Text(d, id)}`;
  const opaque = d.u8(id);
  return `${name}, Opaque-Type${colon} ${opaqueTypes[opaque] ?? 'unknown'} LSA (${opaque}), Opaque-ID${colon} ${d.u24(id + 1)}`;
}

/** Prints a header: the length it states, -1 when that is too small. */
export function lsaHeader(d: Dissector, o: number): number {
  const length = d.u16(o + 18);
  if (length < LSA_HEADER) {
    d.s(`\n\t    Bogus length ${length} < header (${LSA_HEADER})`);
    return -1;
  }
  const seq = padHex(d.u32(o + 12), 8);
  d.s(`\n\t  Advertising Router ${ip4Text(d, o + 8)}, seq 0x${seq}, age ${d.u16(o)}s, length ${length - LSA_HEADER}`);
  d.s(lsaName(d, d.u8(o + 3), o + 4, '\n\t    ', ''));
  d.s(`\n\t    Options: [${bitNames(ospfOptions, d.u8(o + 2), ', ', 'none')}]`);
  return length;
}

/** Prints an advertisement: the offset behind it, -1 when it is cut. */
export function lsa(d: Dissector, o: number): number {
  const length = lsaHeader(d, o);
  if (length < 0) return -1;
  const end = o + length;
  const at = o + LSA_HEADER;
  const outcome = body(d, d.u8(o + 3), at, end, d.u8(o + 4));
  if (outcome === 'cut') return -1;
  if (outcome === 'whole' && d.v > 1) unknownData(d, '\n\t    ', at, length - LSA_HEADER);
  return end;
}

/** `ended`: something wrong has been printed; the bytes are not dumped then. */
type Outcome = 'whole' | 'ended' | 'cut';

function body(d: Dissector, type: number, o: number, end: number, opaque: number): Outcome {
  switch (type) {
    case 1:
      return router(d, o);
    case 2:
      d.s(`\n\t    Mask ${ip4Text(d, o)}\n\t    Connected Routers:`);
      for (let at = o + 4; at < end; at += 4) d.s(`\n\t      ${ip4Text(d, at)}`);
      return 'whole';
    case 3:
    case 4:
      return summary(d, type, o, end);
    case 5:
    case 7:
      return external(d, o, end);
    case 6:
      return multicast(d, o, end);
    case 9:
    case 10:
    case 11: {
      const length = end - o;
      if (opaque === 1) return trafficEngineering(d, o, length) ? 'whole' : 'ended';
      if (opaque === 3) return graceAdvertisement(d, o, length) ? 'whole' : 'ended';
      if (opaque === 4) return routerInformation(d, o, length);
      if (d.v <= 1) unknownData(d, '\n\t    ', o, length);
      return 'whole';
    }
    default:
      return 'whole';
  }
}

function topology(number: number): string {
  return `${topologies[number] ?? 'Unknown'} (${number})`;
}

/** flags(1) zero(1) count(2), links of id(4) data(4) type(1) metrics(1) metric(2), metrics of type(1) zero(1) metric(2). */
function router(d: Dissector, o: number): Outcome {
  d.s(`\n\t    Router LSA Options: [${bitNames(routerFlags, d.u8(o), ', ', 'none')}]`);
  const count = d.u16(o + 2);
  let at = o + 4;
  if (!d.has(at, 12)) return 'cut';
  for (let i = 0; i < count; i++) {
    if (!d.has(at, 12)) return 'cut';
    const type = d.u8(at + 8);
    const [id, link] = [ip4Text(d, at), ip4Text(d, at + 4)];
    if (type === 4) d.s(`\n\t      Virtual Link: Neighbor Router-ID: ${id}, Interface Address: ${link}`);
    else if (type === 1) d.s(`\n\t      Neighbor Router-ID: ${id}, Interface Address: ${link}`);
    else if (type === 2) d.s(`\n\t      Neighbor Network-ID: ${id}, Interface Address: ${link}`);
    else if (type === 3) d.s(`\n\t      Stub Network: ${id}, Mask: ${link}`);
    else {
      d.s(`\n\t      Unknown Router Link Type (${type})`);
      return 'ended';
    }
    const metrics = d.u8(at + 9) + 1;
    for (let k = 0; k < metrics; k++) {
      const number = k === 0 ? 0 : d.u8(at + 8 + 4 * k);
      d.s(`\n\t\ttopology ${topology(number)}, metric ${d.u16(at + 10 + 4 * k)}`);
    }
    at += 8 + 4 * metrics;
  }
  return 'whole';
}

function summary(d: Dissector, type: number, o: number, end: number): Outcome {
  if (type === 3) {
    if (!d.has(o, 4)) return 'cut';
    d.s(`\n\t    Mask ${ip4Text(d, o)}`);
  }
  if (!d.has(o + 4, 4)) return 'cut';
  for (let at = o + 4; at < end; at += 4) {
    const metric = d.u32(at);
    d.s(`\n\t\ttopology ${topology((metric >>> 24) & 0x7f)} metric ${metric & 0xffffff}`);
  }
  return 'whole';
}

function external(d: Dissector, o: number, end: number): Outcome {
  if (!d.has(o, 4)) return 'cut';
  d.s(`\n\t    Mask ${ip4Text(d, o)}`);
  if (!d.has(o + 4, 4)) return 'cut';
  for (let at = o + 4; at < end; at += 12) {
    const metric = d.u32(at);
    d.s(`\n\t\ttopology ${topology((metric >>> 24) & 0x7f)}, type ${metric >>> 31 === 1 ? 2 : 1}, metric`);
    d.s((metric & 0xffffff) === 0xffffff ? ' infinite' : ` ${metric & 0xffffff}`);
    if (d.u32(at + 4) !== 0) d.s(`, forward ${ip4Text(d, at + 4)}`);
    if (d.u32(at + 8) !== 0) d.s(`, tag ${ip4Text(d, at + 8)}`);
  }
  return 'whole';
}

function multicast(d: Dissector, o: number, end: number): Outcome {
  for (let at = o; at < end; at += 8) {
    const vertex = d.u32(at);
    if (vertex === 1) d.s(`\n\t    Router Router-ID ${ip4Text(d, at + 4)}`);
    else if (vertex === 2) d.s(`\n\t    Network Designated Router ${ip4Text(d, at + 4)}`);
    else d.s(`\n\t    unknown VertexType (${vertex})`);
  }
  return 'whole';
}

function routerInformation(d: Dissector, start: number, length: number): Outcome {
  let o = start;
  for (let left = length; left !== 0; ) {
    if (!d.has(o, 4)) return 'cut';
    if (left < 4) {
      d.s(`\n\t    Remaining LS length ${left} < 4`);
      return 'ended';
    }
    const type = d.u16(o);
    const size = d.u16(o + 2);
    o += 4;
    left -= 4;
    d.s(`\n\t    ${type === 1 ? 'Router Capabilities' : 'unknown'} TLV (${type}), length: ${size}, value: `);
    if (size > left) {
      d.s(`\n\t    Bogus length ${size} > remaining LS length ${left}`);
      return 'ended';
    }
    if (!d.has(o, size)) return 'cut';
    if (type === 1) {
      if (size !== 4) {
        d.s(`\n\t    Bogus length ${size} != 4`);
        return 'ended';
      }
      d.s(`Capabilities: ${bitNames(capabilities, d.u32(o), ', ', 'Unknown')}`);
    } else if (d.v <= 1) unknownData(d, '\n\t      ', o, size);
    o += size;
    left -= size;
  }
  return 'whole';
}
