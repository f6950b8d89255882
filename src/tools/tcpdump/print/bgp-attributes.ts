/** Path attributes of BGP, RFC 4271 §5 and later (print-bgp.c). */
import {
  attributeNames,
  communityNames,
  encapsulations,
  layer2Encapsulations,
  ospfRoutes,
  segmentBrackets,
  subsequentFamilies,
  tunnels,
} from './bgp-names.js';
import {asText, hasPathIds, nextHops, route, routeKind} from './bgp-routes.js';
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, padHex} from './fields.js';
import {addressFamilies, bitNames, hex2, hex4, type Names} from './names.js';
import {bandwidth} from './ospf-te.js';

const MAX_NESTING = 10;
const origins = ['IGP', 'EGP', 'Incomplete'] as const;
const communities: Names = {
  4294967041: ' NO_EXPORT',
  4294967042: ' NO_ADVERTISE',
  4294967043: ' NO_EXPORT_SUBCONFED',
};
const communityFlags = [
  [0x8000, 'vendor-specific'],
  [0x4000, 'non-transitive'],
] as const;

/** `whole`: its bytes are dumped at -vv; `shown`: they are not; `cut`: the message ends here. */
type Outcome = 'whole' | 'shown' | 'cut';
type ValuePrinter = (d: Dissector, o: number, n: number, depth: number) => Outcome;

/** `invalid len` unless the length is right. */
function sized(isRight: (n: number) => boolean, print: (d: Dissector, o: number, n: number) => void): ValuePrinter {
  return (d, o, n) => {
    if (isRight(n)) print(d, o, n);
    else d.s('invalid len');
    return 'whole';
  };
}
const exactly = (size: number, print: (d: Dissector, o: number) => void) => sized((n) => n === size, print);
const address = exactly(4, (d, o) => d.s(ip4Text(d, o)));
const metric = exactly(4, (d, o) => d.n(d.u32(o)));

const values: Readonly<Record<number, ValuePrinter>> = {
  1: exactly(1, (d, o) => d.s(origins[d.u8(o)] ?? 'Unknown Origin Typecode')),
  2: (d, o, n) => path(d, o, n, false),
  3: address,
  4: metric,
  5: metric,
  6: exactly(0, () => {}),
  7: aggregator,
  8: communityList,
  9: address,
  10: clusterList,
  14: reach,
  15: unreach,
  16: extendedCommunities,
  17: (d, o, n) => path(d, o, n, true),
  18: exactly(8, (d, o) => d.s(` AS #${asText(d, d.u32(o))}, origin ${ip4Text(d, o + 4)}`)),
  22: multicastTunnel,
  26: accumulatedMetric,
  32: largeCommunities,
  128: attributeSet,
};

/** False when the message ends here. */
function attributeValue(d: Dissector, type: number, o: number, n: number, depth: number): boolean {
  const print = values[type];
  if (print === undefined) {
    if (!d.has(o, n)) return false;
    d.s(`\n\t    no Attribute ${type} decoder`);
    if (d.v <= 1) unknownData(d, '\n\t    ', o, n);
  }
  const outcome = print?.(d, o, n, depth) ?? 'whole';
  if (outcome === 'cut') return false;
  if (outcome === 'whole' && d.v > 1 && n > 0) {
    if (!d.has(o, n)) return false;
    unknownData(d, '\n\t    ', o, n);
  }
  return true;
}

/**
 * flags(1) type(1) length(1 or 2) value, as those of an update, or of a set inside one at `depth` above 0. Returns how many
 * bytes were left when one did not fit, 0 when all did, -1 when the message ends here.
 */
export function attributes(d: Dissector, start: number, length: number, depth: number): number {
  const [indent, short] =
    depth === 0 ? ['\n\t  ', '\n\t  [path attrs too short]'] : ['\n\t      ', ' [path attr too short]'];
  let o = start;
  for (let left = length; left > 0; ) {
    if (!d.has(o, 2)) return -1;
    const flags = left < 2 ? 0 : d.u8(o);
    const wide = (flags & 0x10) !== 0 ? 2 : 1;
    if (left >= 2 && !d.has(o + 2, wide)) return -1;
    if (left < 2 + wide) {
      d.s(short);
      return left < 2 ? left : left - 2;
    }
    const type = d.u8(o + 1);
    const size = wide === 2 ? d.u16(o + 2) : d.u8(o + 2);
    o += 2 + wide;
    left -= 2 + wide;
    d.s(`${indent}${attributeNames[type] ?? 'Unknown Attribute'} (${type}), length: ${size}`);
    if (flags !== 0) d.s(`, Flags [${flagLetters(flags)}]${depth === 0 ? ': ' : ''}`);
    if (depth > 0) d.s(': ');
    if (left < size) {
      d.s(depth === 0 ? ' [path attrs too short]' : ' [path attr too short]');
      return left;
    }
    if (depth > MAX_NESTING) d.s('(too many nested levels, not recursing)');
    else if (!attributeValue(d, type, o, size, depth)) return -1;
    o += size;
    left -= size;
  }
  return 0;
}

function flagLetters(flags: number): string {
  const letters = ['O', 'T', 'P', 'E'].filter((_, i) => (flags & (0x80 >> i)) !== 0).join('');
  return `${letters}${(flags & 15) !== 0 ? `+${(flags & 15).toString(16)}` : ''}`;
}

/** Segments of type(1) count(1) AS numbers, whose size is told by what fits. */
function path(d: Dissector, o: number, n: number, wide: boolean): Outcome {
  if (n % 2 !== 0 || n === 0) {
    d.s(n === 0 ? 'empty' : 'invalid len');
    return 'whole';
  }
  const size = wide || !isNarrow(d, o, n) ? 4 : 2;
  for (let at = o; at < o + n; ) {
    const [open, close] = segmentBrackets[d.u8(at)] ?? ['?', '?'];
    d.s(open);
    const count = d.u8(at + 1);
    for (let i = 0; i < count; i++) {
      const as = at + 2 + i * size;
      if (!d.has(as, size)) return 'cut';
      d.s(`${asText(d, size === 2 ? d.u16(as) : d.u32(as))} `);
    }
    d.s(close);
    at += 2 + count * size;
  }
  return 'whole';
}

function isNarrow(d: Dissector, o: number, n: number): boolean {
  let at = o;
  while (at < o + n) {
    const type = d.u8(at);
    if (type < 1 || type > 4) return false;
    at += 2 + d.u8(at + 1) * 2;
  }
  return at === o + n;
}

function aggregator(d: Dissector, o: number, n: number): Outcome {
  if (n !== 6 && n !== 8) d.s('invalid len');
  else if (!d.has(o, n)) return 'cut';
  else d.s(` AS #${asText(d, n === 6 ? d.u16(o) : d.u32(o))}, origin ${ip4Text(d, o + n - 4)}`);
  return 'whole';
}

function communityList(d: Dissector, o: number, n: number): Outcome {
  if (n % 4 !== 0) d.s('invalid len');
  for (let i = 0; n % 4 === 0 && i < n; i += 4) {
    if (!d.has(o + i, 4)) return 'cut';
    const value = d.u32(o + i);
    d.s(communities[value] ?? `${value >>> 16}:${value & 0xffff}${n - i > 4 ? ', ' : ''}`);
  }
  return 'whole';
}

function clusterList(d: Dissector, o: number, n: number): Outcome {
  if (n % 4 !== 0) d.s('invalid len');
  else for (let i = 0; i < n; i += 4) d.s(`${ip4Text(d, o + i)}${n - i > 4 ? ', ' : ''}`);
  return 'whole';
}

/** `AFI: IPv4 (1), SAFI: Unicast (1)`; `unknown` for families tcpdump does not know. */
function families(d: Dissector, o: number, n: number): Outcome | 'unknown' {
  const family = d.u16(o);
  const subsequent = d.u8(o + 2);
  d.s(
    `\n\t    AFI: ${addressFamilies[family] ?? 'Unknown AFI'} (${family}), ${subsequent > 128 ? 'vendor specific ' : ''}`,
  );
  d.s(`SAFI: ${subsequentFamilies[subsequent] ?? 'Unknown SAFI'} (${subsequent})`);
  if (routeKind(family, subsequent) !== undefined) return 'whole';
  if (!d.has(o, n)) return 'cut';
  d.s(`\n\t    no AFI ${family} / SAFI ${subsequent} decoder`);
  if (d.v <= 1) unknownData(d, '\n\t    ', o, n);
  return 'unknown';
}

function routes(d: Dissector, o: number, start: number, n: number): Outcome {
  const family = d.u16(o);
  const subsequent = d.u8(o + 2);
  const left = n - (start - o);
  const ids = hasPathIds(d, start, left, family === 2 ? 128 : 32);
  for (let at = start; at < o + n; ) {
    const used = route(d, family, subsequent, at, n, ids);
    if (used === -2) return 'cut';
    if (used < 0) break;
    at += used;
  }
  return 'whole';
}

/** family(2) subsequent(1) next hops' length(1) next hops, reserved(1), routes. */
function reach(d: Dissector, o: number, n: number): Outcome {
  if (!d.has(o, 3) || n < 3) return 'cut';
  const known = families(d, o, n);
  if (known !== 'whole') return known === 'unknown' ? 'whole' : known;
  if (!d.has(o + 3, 1) || n < 4) return 'cut';
  const hops = d.u8(o + 3);
  if (hops > 0) {
    if (n - 4 < hops) return 'cut';
    d.s('\n\t    nexthop: ');
    if (!nextHops(d, d.u16(o), d.u8(o + 2), o + 4, hops)) return 'whole';
  }
  d.s(`, nh-length: ${hops}`);
  if (n - 4 - hops < 1) return 'cut';
  let at = o + 4 + hops;
  let attachments = d.u8(at++);
  if (attachments === 0) d.s(', no SNPA');
  else d.s(`\n\t    ${attachments} SNPA`);
  for (; attachments > 0; attachments--) {
    if (at - o >= n) return 'cut';
    const size = d.u8(at++);
    d.s(`\n\t      ${size} bytes`);
    if (n - (at - o) < size || !d.has(at, size)) return 'cut';
    at += size;
  }
  return routes(d, o, at, n);
}

function unreach(d: Dissector, o: number, n: number): Outcome {
  if (!d.has(o, 3)) return 'cut';
  const known = families(d, o, n);
  if (known !== 'whole') return known === 'unknown' ? 'whole' : known;
  if (n === 3) d.s('\n\t      End-of-Rib Marker (empty NLRI)');
  return routes(d, o, o + 3, n);
}

function extendedCommunities(d: Dissector, o: number, n: number): Outcome {
  if (n % 8 !== 0) d.s('invalid len');
  for (let at = o; n % 8 === 0 && at < o + n; at += 8) {
    if (!d.has(at, 2)) return 'cut';
    const type = d.u16(at);
    d.s(`\n\t    ${communityNames[type] ?? 'unknown extd community typecode'} (${hex4(type)}), `);
    d.s(`Flags [${bitNames(communityFlags, type, ', ', 'none')}]`);
    if (!d.has(at, 8)) return 'cut';
    d.s(`: ${extendedCommunity(d, type, at)}`);
  }
  return 'whole';
}

function extendedCommunity(d: Dissector, type: number, o: number): string {
  switch (type) {
    case 0x0002:
    case 0x0003:
    case 0x000a:
      return `${d.u16(o + 2)}:${d.u32(o + 4)} (= ${ip4Text(d, o + 4)})`;
    case 0x0102:
    case 0x0103:
    case 0xf10a:
    case 0x010b:
      return `${ip4Text(d, o + 2)}:${d.u16(o + 6)}`;
    case 0x0202:
    case 0x0203:
      return `${asText(d, d.u32(o + 2))}:${d.u16(o + 6)}`;
    case 0x4004:
      return `bandwidth: ${bandwidth(d, o + 4)}`;
    case 0x0005:
    case 0x0105:
    case 0x0205:
    case 0x8005:
    case 0x0107:
    case 0x8001:
      return ip4Text(d, o + 2);
    case 0x0306:
    case 0x8000: {
      const kind = d.u8(o + 6);
      const external = `${(d.u8(o + 7) & 1) !== 0 ? 'E2' : ''}${kind === 5 || kind === 7 ? 'E1' : ''}`;
      const name = ospfRoutes[kind] ?? `unknown (${hex2(kind)})`;
      return `area:${ip4Text(d, o + 2)}, router-type:${name}, metric-type:${external}`;
    }
    case 0x800a:
      return `${layer2Encapsulations[d.u8(o + 2)] ?? 'unknown encaps'} Control Flags [${hex2(d.u8(o + 3))}]:MTU ${d.u16(o + 4)}`;
    case 0x0009:
      return `AS ${d.u16(o + 2)}`;
    case 0x030c:
      return `Tunnel type: ${encapsulations[d.u16(o + 6)] ?? 'unknown encaps'}`;
    default:
      return padHex(d.u16(o + 2), 4) + padHex(d.u32(o + 4), 8);
  }
}

/** RFC 6514 §5: flags(1) type(1) label(3) identifier. */
function multicastTunnel(d: Dissector, o: number, n: number): Outcome {
  if (!d.has(o, 5) || n < 5) return 'cut';
  const type = d.u8(o + 1);
  const flags = (d.u8(o) & 1) !== 0 ? 'Leaf Information required' : 'none';
  d.s(`\n\t    Tunnel-type ${tunnels[type] ?? 'Unknown'} (${type}), Flags [${flags}], MPLS Label ${d.u24(o + 2) >> 4}`);
  const at = o + 5;
  if (type === 6) d.s(`\n\t      Tunnel-Endpoint ${ip4Text(d, at)}`);
  else if (type >= 3 && type <= 5)
    d.s(`\n\t      ${type === 3 ? 'Root-Node' : 'Sender'} ${ip4Text(d, at)}, P-Group ${ip4Text(d, at + 4)}`);
  else if (type === 2 || type === 7) d.s(`\n\t      Root-Node ${ip4Text(d, at)}, LSP-ID 0x${padHex(d.u32(at + 4), 8)}`);
  else if (type === 1) d.s(`\n\t      Extended-Tunnel-ID ${ip4Text(d, at)}, P2MP-ID 0x${padHex(d.u32(at + 4), 8)}`);
  else if (d.v <= 1) unknownData(d, '\n\t      ', at, n - 5);
  return 'whole';
}

/** RFC 7311. */
function accumulatedMetric(d: Dissector, start: number, n: number): Outcome {
  let o = start;
  for (let left = n; left >= 3; ) {
    const type = d.u8(o);
    const length = d.u16(o + 1);
    o += 3;
    left -= 3;
    d.s(`\n\t    ${type === 1 ? 'AIGP' : 'Unknown'} TLV (${type}), length ${length}`);
    const size = length - 3;
    if (size < 0 || left < size) return 'cut';
    if (type === 1) {
      if (size < 8) return 'cut';
      d.s(`, metric ${d.u64(o)}`);
    } else if (d.v <= 1) unknownData(d, '\n\t      ', o, size);
    o += size;
    left -= size;
  }
  return 'whole';
}

function largeCommunities(d: Dissector, o: number, n: number): Outcome {
  if (n === 0 || n % 12 !== 0) {
    d.s('invalid len');
    return 'whole';
  }
  d.s('\n\t    ');
  for (let i = 0; i < n; i += 12)
    d.s(`${d.u32(o + i)}:${d.u32(o + i + 4)}:${d.u32(o + i + 8)}${n - i > 12 ? ', ' : ''}`);
  return 'shown';
}

/** RFC 6368: origin(4) attributes. */
function attributeSet(d: Dissector, o: number, n: number, depth: number): Outcome {
  if (!d.has(o, 4) || n < 4) return 'cut';
  d.s(`\n\t    Origin AS: ${asText(d, d.u32(o))}`);
  const left = attributes(d, o + 4, n - 4, depth + 1);
  if (left < 0) return 'cut';
  // What is dumped is as long as what was left, but begins where the set does.
  if (d.v > 1 && left > 0) unknownData(d, '\n\t    ', o, left);
  return 'shown';
}
