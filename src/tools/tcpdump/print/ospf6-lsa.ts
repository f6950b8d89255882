/** Link state advertisements of OSPF 3, RFC 5340 §A.4 (print-ospf6.c): header(20) body. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, ip6Text, padHex} from './fields.js';
import {bitNames, hex2} from './names.js';
import {graceAdvertisement, trafficEngineering} from './ospf-te.js';

export const LSA6_HEADER = 20;
const AREA = 0x2000;
const DOMAIN = 0x4000;

export const ospf6Options = [
  [0x01, 'V6'],
  [0x02, 'External'],
  [0x04, 'Deprecated'],
  [0x08, 'NSSA'],
  [0x10, 'Router'],
  [0x20, 'Demand Circuit'],
  [0x100, 'AFs Support'],
  [0x200, 'LLS'],
  [0x400, 'Authentication Trailer'],
] as const;
const types = [
  'Unknown',
  'Router',
  'Network',
  'Inter-Area Prefix',
  'Inter-Area Router',
  'External',
  'Deprecated',
  'NSSA',
  'Link',
  'Intra-Area Prefix',
  'Intra-Area TE',
  'Grace',
  'Router Information',
  'Inter-AS-TE',
  'Layer 1 VPN',
] as const;
const scopes = ['Link Local', 'Area Local', 'Domain Wide', 'Unknown'] as const;
const routerFlags = [
  [0x01, 'ABR'],
  [0x02, 'External'],
  [0x04, 'Virtual-Link Endpoint'],
  [0x08, 'Deprecated'],
  [0x10, 'NSSA Translator'],
] as const;
const FORWARDING = 0x02000000;
const TAG = 0x01000000;
const externalFlags = [
  [0x80000000 | 0, 'External Type 2'],
  [FORWARDING, 'Forwarding'],
  [TAG, 'Tag'],
] as const;
const prefixFlags = [
  [0x01, 'No Unicast'],
  [0x02, 'Local address'],
  [0x04, 'Deprecated'],
  [0x08, 'Propagate'],
  [0x10, 'Down'],
  [0x20, 'N-bit'],
] as const;

export function lsa6Type(d: Dissector, type: number, id: number): void {
  const number = type & 0x1fff;
  d.s(`\n\t    ${types[number] ?? 'Unknown'} LSA (${number}), ${scopes[(type >> 13) & 3]!} Scope`);
  d.s(`${(type & 0x8000) !== 0 ? ', transitive' : ''}, LSA-ID ${ip4Text(d, id)}`);
}

/** False when it does not fit in front of `end`. */
export function lsa6Header(d: Dissector, o: number, end: number): boolean {
  if (o + LSA6_HEADER > end) return false;
  d.need(o, LSA6_HEADER);
  // A length below the header's is an unsigned 64-bit number.
  const length = BigInt.asUintN(64, BigInt(d.u16(o + 18) - LSA6_HEADER));
  d.s(`\n\t  Advertising Router ${ip4Text(d, o + 8)}, seq 0x${padHex(d.u32(o + 12), 8)}, `);
  d.s(`age ${d.u16(o)}s, length ${length}`);
  lsa6Type(d, d.u16(o + 2), o + 4);
  return true;
}

/** False when it is cut or a length in it is wrong. */
export function lsa6(d: Dissector, o: number, end: number): boolean {
  if (!lsa6Header(d, o, end)) return false;
  const length = d.u16(o + 18);
  if (length < LSA6_HEADER || o + length > end) return false;
  const at = o + LSA6_HEADER;
  const left = length - LSA6_HEADER;
  switch (d.u16(o + 2)) {
    case AREA | 1:
      return router(d, at, left);
    case AREA | 2:
      return network(d, at, left);
    case AREA | 3:
      if (left < 4) return false;
      d.s(`, metric ${d.u32(at) & 0xffffff}`);
      return prefixes(d, at + 4, left - 4, undefined);
    case DOMAIN | 5:
      return external(d, at, left);
    case 8:
      return link(d, at, left);
    case AREA | 9:
      return intraArea(d, at, left);
    case 10:
      return trafficEngineering(d, at, left);
    case 11:
      return graceAdvertisement(d, at, left);
    default:
      unknownData(d, '\n\t      ', at, left);
      return true;
  }
}

function options(d: Dissector, o: number): void {
  d.s(`\n\t      Options [${bitNames(ospf6Options, d.u32(o), ', ', 'none')}]`);
}

/** flags(1) options(3), links of type(1) zero(1) metric(2) interface(4) neighbour's interface(4) neighbour(4). */
function router(d: Dissector, o: number, length: number): boolean {
  if (length < 4) return false;
  options(d, o);
  d.s(`, RLA-Flags [${bitNames(routerFlags, d.u8(o), ', ', 'none')}]`);
  let at = o + 4;
  for (let left = length - 4; left !== 0; left -= 16) {
    if (left < 16 || !d.has(at, 16)) return false;
    const type = d.u8(at);
    if (type !== 1 && type !== 2 && type !== 4) {
      d.s(`\n\t      Unknown Router Links Type ${hex2(type)}`);
      return true;
    }
    d.s(
      `\n\t      ${type === 4 ? 'Virtual Link: ' : ''}Neighbor ${type === 2 ? 'Network' : 'Router'}-ID ${ip4Text(d, at + 12)}`,
    );
    d.s(`\n\t      Neighbor Interface-ID ${ip4Text(d, at + 8)}, Interface ${ip4Text(d, at + 4)}`);
    d.s(`, metric ${d.u16(at + 2)}`);
    at += 16;
  }
  return true;
}

function network(d: Dissector, o: number, length: number): boolean {
  if (length < 4) return false;
  options(d, o);
  d.s('\n\t      Connected Routers:');
  let at = o + 4;
  for (let left = length - 4; left !== 0; left -= 4) {
    if (left < 4) return false;
    d.s(`\n\t\t${ip4Text(d, at)}`);
    at += 4;
  }
  return true;
}

/** length in bits(1) options(1) metric(2) as many words as the prefix needs: its length, -1 when that is wrong. */
function prefix(d: Dissector, o: number, length: number): number {
  if (length < 4 || !d.has(o, 4)) return -1;
  const bits = d.u8(o);
  const bytes = Math.ceil(bits / 32) * 4;
  if (bytes > 16) {
    d.s(` bogus prefixlen /${bits}`);
    return -1;
  }
  if (length - 4 < bytes) return -1;
  d.need(o + 4, bytes);
  const address = new Uint8Array(16);
  address.set(d.b.subarray(o + 4, o + 4 + bytes));
  d.s('\n\t\t');
  d.ip6From(address, 0);
  d.s(`/${bits}`);
  const flags = d.u8(o + 1);
  if (flags !== 0) d.s(`, Options [${bitNames(prefixFlags, flags, ', ', 'none')}]`);
  d.s(`, metric ${d.u16(o + 2)}`);
  return 4 + bytes;
}

/** `count` prefixes; undefined = as many as there are. */
function prefixes(d: Dissector, start: number, length: number, count: number | undefined): boolean {
  let o = start;
  let left = length;
  for (let i = 0; count === undefined ? left !== 0 : i < count; i++) {
    const used = prefix(d, o, left);
    if (used < 0) return false;
    o += used;
    left -= used;
  }
  return true;
}

function external(d: Dissector, o: number, length: number): boolean {
  if (length < 4) return false;
  const flags = d.u32(o);
  d.s(`\n\t     Flags [${bitNames(externalFlags, flags | 0, ', ', 'none')}] metric ${flags & 0xffffff}`);
  const first = o + 4;
  const used = prefix(d, first, length - 4);
  if (used < 0) return false;
  let at = first + used;
  let left = length - 4 - used;
  if ((flags & FORWARDING) !== 0) {
    if (left < 16) return false;
    d.s(` forward ${ip6Text(d, at)}`);
    at += 16;
    left -= 16;
  }
  const words = [(flags & TAG) !== 0 ? ' tag ' : '', d.u8(first + 2) !== 0 ? ' RefLSID: ' : ''];
  for (const text of words) {
    if (text === '') continue;
    if (left < 4) return false;
    d.s(`${text}${ip4Text(d, at)}`);
    at += 4;
    left -= 4;
  }
  return true;
}

function link(d: Dissector, o: number, length: number): boolean {
  if (length < 4 || !d.has(o, 4)) return false;
  options(d, o);
  if (length < 24) return false;
  const count = d.u32(o + 20);
  d.s(`\n\t      Priority ${d.u8(o)}, Link-local address ${ip6Text(d, o + 4)}, Prefixes ${count}:`);
  return prefixes(d, o + 24, length - 24, count);
}

/** prefixes(2) type(2) id(4) router(4); tcpdump takes 6 of these 12 bytes off the length. */
function intraArea(d: Dissector, o: number, length: number): boolean {
  if (length < 4 || !d.has(o + 8, 4)) return false;
  lsa6Type(d, d.u16(o + 2), o + 4);
  if (length < 6) return false;
  const count = d.u16(o);
  d.s(`\n\t      Prefixes ${count}:`);
  return prefixes(d, o + 12, length - 6, count);
}
