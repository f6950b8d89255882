/**
 * ICMPv6. RFC 4443 §2.1; neighbor discovery: RFC 4861 §4; MLD: RFC 3810 §5.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |     Code      |          Checksum             |
 *   +---------------+---------------+-------------------------------+
 *   |  rest: id, sequence | MTU | R S O flags (NA) | hop limit, flags, lifetime (RA)
 *   +---------------------------------------------------------------+
 *   |  NS, NA: Target Address (16 bytes); RA: Reachable Time, Retrans Timer; errors: the packet that caused it
 *   +---------------------------------------------------------------+
 *   |  NS, NA, RS, RA: options: Type, Length (8-byte units), …
 *
 * The checksum covers the IPv6 pseudo header: `fillL4Checksum` of the packet, or `fillIcmpv6Checksum`.
 */
import {type Ip6, type Mac, type Prefix, readIp6, readMac, writeIp, writeMac} from './addr.js';
import {type Check, get16, get32, need, set16, set32} from './bytes.js';
import {checksum, pseudoSum6} from './checksum.js';

export const ICMPV6_HEADER = 8;
/** Type, code and checksum. */
const ICMPV6_MIN = 4;

export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_PACKET_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const ICMPV6_MLD_QUERY = 130;
export const ICMPV6_MLD_REPORT = 131;
export const ICMPV6_MLD_DONE = 132;
export const ICMPV6_ROUTER_SOLICITATION = 133;
export const ICMPV6_ROUTER_ADVERTISEMENT = 134;
export const ICMPV6_NEIGHBOR_SOLICITATION = 135;
export const ICMPV6_NEIGHBOR_ADVERTISEMENT = 136;
export const ICMPV6_REDIRECT = 137;
export const ICMPV6_MLD2_REPORT = 143;

/** Codes of `ICMPV6_UNREACHABLE`, RFC 4443 §3.1. */
export const ICMPV6_NO_ROUTE = 0;
export const ICMPV6_ADMIN_PROHIBITED = 1;
export const ICMPV6_BEYOND_SCOPE = 2;
export const ICMPV6_ADDRESS_UNREACHABLE = 3;
export const ICMPV6_PORT_UNREACHABLE = 4;
export const ICMPV6_POLICY_FAILED = 5;
export const ICMPV6_REJECT_ROUTE = 6;

/** Flags of a neighbor advertisement, in the first byte of the rest of header, RFC 4861 §4.4. */
export const NA_ROUTER = 0x80;
export const NA_SOLICITED = 0x40;
export const NA_OVERRIDE = 0x20;

export interface Icmpv6Fields {
  readonly type: number;
  readonly code?: number;
  /** The four bytes behind the checksum: (id << 16 | sequence), MTU, flags, … */
  readonly rest?: number;
}

/** RFC 4861 §4.6; others, and known ones of another length, are kept as bytes. */
export type NdOption =
  | {readonly kind: 'source-mac'; readonly mac: Mac}
  | {readonly kind: 'target-mac'; readonly mac: Mac}
  | {
      readonly kind: 'prefix';
      readonly prefix: Prefix;
      readonly onLink: boolean;
      readonly autonomous: boolean;
      /** Seconds; 0xffffffff = infinity. */
      readonly validLifetime: number;
      readonly preferredLifetime: number;
    }
  | {readonly kind: 'mtu'; readonly mtu: number}
  /** `data` without type and length. */
  | {readonly kind: 'other'; readonly type: number; readonly data: Uint8Array};

export interface RouterAdvertisement {
  readonly hopLimit: number;
  /** M 0x80, O 0x40, preference 0x18. */
  readonly flags: number;
  /** Seconds. */
  readonly lifetime: number;
  /** ms. */
  readonly reachableTime: number;
  /** ms. */
  readonly retransTimer: number;
}

/** Type. */
export function icmpv6Type(b: Uint8Array, o: number): number {
  return b[o]!;
}

/** Code. */
export function icmpv6Code(b: Uint8Array, o: number): number {
  return b[o + 1]!;
}

/** Checksum. */
export function icmpv6Checksum(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** The four bytes behind the checksum. */
export function icmpv6Rest(b: Uint8Array, o: number): number {
  return get32(b, o + 4);
}

/** Identifier of an echo. */
export function icmpv6Id(b: Uint8Array, o: number): number {
  return get16(b, o + 4);
}

/** Sequence Number of an echo. */
export function icmpv6Sequence(b: Uint8Array, o: number): number {
  return get16(b, o + 6);
}

/** MTU of "packet too big". */
export function icmpv6Mtu(b: Uint8Array, o: number): number {
  return get32(b, o + 4);
}

/** Target Address of NS, NA and redirect. */
export function ndTarget(b: Uint8Array, o: number): Ip6 {
  return readIp6(b, o + 8);
}

/** R, S and O of an NA, the others 0. */
export function ndFlags(b: Uint8Array, o: number): number {
  return b[o + 4]! & (NA_ROUTER | NA_SOLICITED | NA_OVERRIDE);
}

/** Fixed fields of an RA, RFC 4861 §4.2. */
export function routerAdvertisement(b: Uint8Array, o: number): RouterAdvertisement {
  return {
    hopLimit: b[o + 4]!,
    flags: b[o + 5]!,
    lifetime: get16(b, o + 6),
    reachableTime: get32(b, o + 8),
    retransTimer: get32(b, o + 12),
  };
}

/** Error messages (types below 128) quote the packet that caused them from `o + ICMPV6_HEADER` on. */
export function icmpv6IsError(type: number): boolean {
  return type < 128;
}

/** Bytes in front of the options of an ND message; the fixed part of any other. */
export function icmpv6FixedLength(type: number): number {
  switch (type) {
    case ICMPV6_NEIGHBOR_SOLICITATION:
    case ICMPV6_NEIGHBOR_ADVERTISEMENT:
      return 24;
    case ICMPV6_ROUTER_ADVERTISEMENT:
      return 16;
    case ICMPV6_REDIRECT:
      return 40;
    default:
      return type <= ICMPV6_ECHO_REPLY || type === ICMPV6_ROUTER_SOLICITATION ? ICMPV6_HEADER : ICMPV6_MIN;
  }
}

/** Type, code, checksum and the fixed fields of the type. */
export function checkIcmpv6(b: Uint8Array, o: number, end: number): Check {
  const stop = Math.min(end, b.length);
  const head = need('icmp6', o, stop, ICMPV6_MIN);
  return head.ok ? need('icmp6', o, stop, icmpv6FixedLength(icmpv6Type(b, o))) : head;
}

/**
 * The options of the NS, NA, RS, RA or redirect at `o` that ends at `end`; stops at one that has length 0 or runs past
 * the end.
 */
export function* ndOptions(b: Uint8Array, o: number, end: number): Generator<NdOption> {
  const stop = Math.min(end, b.length);
  let at = o + icmpv6FixedLength(icmpv6Type(b, o));
  while (at + 2 <= stop) {
    const next = at + b[at + 1]! * 8;
    if (next === at || next > stop) return;
    yield readNdOption(b, at, next);
    at = next;
  }
}

function readNdOption(b: Uint8Array, at: number, end: number): NdOption {
  const type = b[at]!;
  const length = end - at;
  if (type === 1 && length === 8) return {kind: 'source-mac', mac: readMac(b, at + 2)};
  if (type === 2 && length === 8) return {kind: 'target-mac', mac: readMac(b, at + 2)};
  if (type === 5 && length === 8) return {kind: 'mtu', mtu: get32(b, at + 4)};
  if (type !== 3 || length !== 32) return {kind: 'other', type, data: b.subarray(at + 2, end)};
  return {
    kind: 'prefix',
    prefix: {ip: readIp6(b, at + 16), length: b[at + 2]!},
    onLink: (b[at + 3]! & 0x80) !== 0,
    autonomous: (b[at + 3]! & 0x40) !== 0,
    validLifetime: get32(b, at + 4),
    preferredLifetime: get32(b, at + 8),
  };
}

/** Writes the header at `o` with checksum 0; returns its length. */
export function writeIcmpv6(b: Uint8Array, o: number, fields: Icmpv6Fields): number {
  b[o] = fields.type;
  b[o + 1] = fields.code ?? 0;
  set16(b, o + 2, 0);
  set32(b, o + 4, fields.rest ?? 0);
  return ICMPV6_HEADER;
}

/** Writes an echo header at `o` with checksum 0; `type` is `ICMPV6_ECHO_REQUEST` or `ICMPV6_ECHO_REPLY`. */
export function writeIcmpv6Echo(b: Uint8Array, o: number, type: number, id: number, sequence: number): number {
  return writeIcmpv6(b, o, {type, rest: ((id << 16) | sequence) >>> 0});
}

/** Stores the checksum of the message `b[o, end)` carried by the IPv6 packet at `ip`. */
export function fillIcmpv6Checksum(b: Uint8Array, ip: number, o: number, end: number): void {
  set16(b, o + 2, 0);
  set16(b, o + 2, checksum(b, o, end, pseudoSum6(b, ip, 58, end - o)));
}

/** Message with checksum 0; in an error, `payload` is the quoted packet from its IPv6 header. */
export function encodeIcmpv6(fields: Icmpv6Fields, payload: Uint8Array): Uint8Array {
  const b = new Uint8Array(ICMPV6_HEADER + payload.length);
  writeIcmpv6(b, 0, fields);
  b.set(payload, ICMPV6_HEADER);
  return b;
}

/** Neighbor solicitation, checksum 0, RFC 4861 §4.3. */
export function encodeNeighborSolicitation(target: Ip6, options: readonly NdOption[] = []): Uint8Array {
  return encodeNeighbor(ICMPV6_NEIGHBOR_SOLICITATION, 0, target, options);
}

/** Neighbor advertisement, checksum 0, RFC 4861 §4.4; `flags` of `NA_…`. */
export function encodeNeighborAdvertisement(target: Ip6, flags: number, options: readonly NdOption[] = []): Uint8Array {
  return encodeNeighbor(ICMPV6_NEIGHBOR_ADVERTISEMENT, flags, target, options);
}

function encodeNeighbor(type: number, flags: number, target: Ip6, options: readonly NdOption[]): Uint8Array {
  const address = new Uint8Array(16);
  writeIp(address, 0, target);
  return encodeIcmpv6({type, rest: (flags << 24) >>> 0}, concat([address, encodeNdOptions(options)]));
}

/** Router solicitation, checksum 0, RFC 4861 §4.1. */
export function encodeRouterSolicitation(options: readonly NdOption[] = []): Uint8Array {
  return encodeIcmpv6({type: ICMPV6_ROUTER_SOLICITATION}, encodeNdOptions(options));
}

/** Router advertisement, checksum 0, RFC 4861 §4.2. */
export function encodeRouterAdvertisement(fields: RouterAdvertisement, options: readonly NdOption[] = []): Uint8Array {
  const timers = new Uint8Array(8);
  set32(timers, 0, fields.reachableTime);
  set32(timers, 4, fields.retransTimer);
  const rest = ((fields.hopLimit << 24) | (fields.flags << 16) | fields.lifetime) >>> 0;
  return encodeIcmpv6({type: ICMPV6_ROUTER_ADVERTISEMENT, rest}, concat([timers, encodeNdOptions(options)]));
}

export function encodeNdOptions(options: readonly NdOption[]): Uint8Array {
  return concat(options.map(encodeNdOption));
}

function encodeNdOption(option: NdOption): Uint8Array {
  const size = option.kind === 'prefix' ? 32 : option.kind === 'other' ? (option.data.length + 9) & ~7 : 8;
  const b = new Uint8Array(size);
  b[1] = size / 8;
  switch (option.kind) {
    case 'source-mac':
    case 'target-mac':
      b[0] = option.kind === 'source-mac' ? 1 : 2;
      writeMac(b, 2, option.mac);
      break;
    case 'mtu':
      b[0] = 5;
      set32(b, 4, option.mtu);
      break;
    case 'prefix':
      b[0] = 3;
      b[2] = option.prefix.length;
      b[3] = (option.onLink ? 0x80 : 0) | (option.autonomous ? 0x40 : 0);
      set32(b, 4, option.validLifetime);
      set32(b, 8, option.preferredLifetime);
      writeIp(b, 16, option.prefix.ip);
      break;
    case 'other':
      b[0] = option.type;
      b.set(option.data, 2);
  }
  return b;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** ff02::1:ffXX:XXXX, RFC 4291 §2.7.1. */
export function solicitedNodeMulticast(ip: Ip6): Ip6 {
  return `\uff02\0\0\0\0\u0001${String.fromCharCode(0xff00 | (ip.charCodeAt(6) & 0xff))}${ip[7]!}`;
}

/** 33:33 and the last four bytes, RFC 2464 §7. */
export function multicastMac6(ip: Ip6): Mac {
  return 0x3333_0000_0000 + ip.charCodeAt(6) * 0x1_0000 + ip.charCodeAt(7);
}

/** `icmp6 type 128 code 0 id 7 seq 1`. Needs `checkIcmpv6`. */
export function describeIcmpv6(b: Uint8Array, o: number): string {
  const type = icmpv6Type(b, o);
  const echo = type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY;
  return `icmp6 type ${type} code ${icmpv6Code(b, o)}${echo ? ` id ${icmpv6Id(b, o)} seq ${icmpv6Sequence(b, o)}` : ''}`;
}
