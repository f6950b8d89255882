/**
 * IPv4. RFC 791 §3.1; TOS as DSCP and ECN: RFC 2474, RFC 3168.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+-------+---------------+-------------------------------+
 *   |Version|  IHL  |Type of Service|          Total Length         |
 *   +-------+-------+---------------+-----+-------------------------+
 *   |         Identification        |Flags|      Fragment Offset    |
 *   +---------------+---------------+-----+-------------------------+
 *   |  Time to Live |    Protocol   |         Header Checksum       |
 *   +---------------+---------------+-------------------------------+
 *   |                       Source Address                          |
 *   +---------------------------------------------------------------+
 *   |                    Destination Address                        |
 *   +---------------------------------------------------------------+
 *   |                    Options                    |    Padding    |
 *   +-----------------------------------------------+---------------+
 */
import {formatIp4, type Ip4, readIp4} from './addr.js';
import {type Check, get16, get32, need, set16, set32} from './bytes.js';
import {checksum, updateChecksum, updateChecksum32} from './checksum.js';

/** Without options. */
export const IPV4_HEADER = 20;
export const IPV4_MAX_HEADER = 60;
/** Bits of `Ipv4Fields.flags`: the three-bit flags field. */
export const IPV4_MORE_FRAGMENTS = 1;
export const IPV4_DONT_FRAGMENT = 2;

export interface Ipv4Fields {
  readonly tos?: number;
  /** Header and payload, in bytes. */
  readonly totalLength: number;
  readonly id?: number;
  /** Three-bit field: `IPV4_DONT_FRAGMENT`, `IPV4_MORE_FRAGMENTS`. */
  readonly flags?: number;
  /** In bytes, a multiple of 8. */
  readonly fragmentOffset?: number;
  /** Default 64. */
  readonly ttl?: number;
  readonly protocol: number;
  readonly source: Ip4;
  readonly destination: Ip4;
  /** Encoded options, at most 40 bytes; padded to a multiple of 4 with end-of-list. */
  readonly options?: Uint8Array;
}

export interface Ipv4Option {
  /** The whole type byte: copied flag, class, number. */
  readonly type: number;
  /** What follows type and length; empty for the one-byte options. */
  readonly data: Uint8Array;
}

/** Version: 4, or 6 where the packet is IPv6. */
export function ipVersion(b: Uint8Array, o: number): number {
  return b[o]! >>> 4;
}

/** IHL in bytes: 20 … 60 in a valid header. */
export function ipv4HeaderLength(b: Uint8Array, o: number): number {
  return (b[o]! & 0x0f) * 4;
}

/** Type of Service: DSCP and ECN. */
export function ipv4Tos(b: Uint8Array, o: number): number {
  return b[o + 1]!;
}

/** Total Length: header and payload in bytes. */
export function ipv4TotalLength(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** Identification. */
export function ipv4Id(b: Uint8Array, o: number): number {
  return get16(b, o + 4);
}

/** The three flag bits: reserved 4, DF 2, MF 1. */
export function ipv4Flags(b: Uint8Array, o: number): number {
  return b[o + 6]! >>> 5;
}

/** DF. */
export function ipv4DontFragment(b: Uint8Array, o: number): boolean {
  return (b[o + 6]! & 0x40) !== 0;
}

/** MF. */
export function ipv4MoreFragments(b: Uint8Array, o: number): boolean {
  return (b[o + 6]! & 0x20) !== 0;
}

/** Fragment Offset in bytes. */
export function ipv4FragmentOffset(b: Uint8Array, o: number): number {
  return (get16(b, o + 6) & 0x1fff) * 8;
}

/** Any fragment, first ones included. */
export function ipv4IsFragment(b: Uint8Array, o: number): boolean {
  return (get16(b, o + 6) & 0x3fff) !== 0;
}

/** Time to Live. */
export function ipv4Ttl(b: Uint8Array, o: number): number {
  return b[o + 8]!;
}

/** Protocol of the payload. */
export function ipv4Protocol(b: Uint8Array, o: number): number {
  return b[o + 9]!;
}

/** Header Checksum. */
export function ipv4Checksum(b: Uint8Array, o: number): number {
  return get16(b, o + 10);
}

/** Source Address. */
export function ipv4Source(b: Uint8Array, o: number): Ip4 {
  return readIp4(b, o + 12);
}

/** Destination Address. */
export function ipv4Destination(b: Uint8Array, o: number): Ip4 {
  return readIp4(b, o + 16);
}

/** The header with its options. An IHL below 5 is reported as a header that has fewer than the 20 bytes needed. */
export function checkIpv4(b: Uint8Array, o: number, end: number): Check {
  const stop = Math.min(end, b.length);
  const fixed = need('ip', o, stop, IPV4_HEADER);
  if (!fixed.ok) return fixed;
  const length = ipv4HeaderLength(b, o);
  if (length < IPV4_HEADER) return {ok: false, layer: 'ip', need: IPV4_HEADER, have: length, at: o};
  return need('ip', o, stop, length);
}

/** The options in order; ends at end-of-list or at the first malformed one. Needs `checkIpv4`. */
export function* ipv4Options(b: Uint8Array, o: number): Generator<Ipv4Option> {
  const stop = o + ipv4HeaderLength(b, o);
  let at = o + IPV4_HEADER;
  while (at < stop && b[at] !== 0) {
    const single = b[at] === 1;
    const length = single ? 1 : at + 1 < stop ? b[at + 1]! : 0;
    if (!single && (length < 2 || at + length > stop)) return;
    yield {type: b[at]!, data: b.subarray(at + (single ? 1 : 2), at + length)};
    at += length;
  }
}

/** Writes the header with its checksum at `o`; returns its length. */
export function writeIpv4(b: Uint8Array, o: number, fields: Ipv4Fields): number {
  const {options} = fields;
  const length = options === undefined ? IPV4_HEADER : IPV4_HEADER + ((options.length + 3) & ~3);
  if (length > IPV4_MAX_HEADER) throw new RangeError(`IPv4 header of ${length} bytes`);
  b[o] = 0x40 | (length >>> 2);
  b[o + 1] = fields.tos ?? 0;
  set16(b, o + 2, fields.totalLength);
  set16(b, o + 4, fields.id ?? 0);
  set16(b, o + 6, ((fields.flags ?? 0) << 13) | ((fields.fragmentOffset ?? 0) >>> 3));
  b[o + 8] = fields.ttl ?? 64;
  b[o + 9] = fields.protocol;
  set16(b, o + 10, 0);
  set32(b, o + 12, fields.source);
  set32(b, o + 16, fields.destination);
  if (options !== undefined) {
    b.fill(0, o + IPV4_HEADER, o + length);
    b.set(options, o + IPV4_HEADER);
  }
  set16(b, o + 10, checksum(b, o, o + length));
  return length;
}

export function encodeIpv4(fields: Ipv4Fields): Uint8Array {
  const b = new Uint8Array(IPV4_HEADER + (((fields.options?.length ?? 0) + 3) & ~3));
  writeIpv4(b, 0, fields);
  return b;
}

/** Changes the address and, by RFC 1624, the header checksum; the upper layer's is the caller's. */
export function setIpv4Source(b: Uint8Array, o: number, ip: Ip4): void {
  set16(b, o + 10, updateChecksum32(ipv4Checksum(b, o), get32(b, o + 12), ip));
  set32(b, o + 12, ip);
}

/** Changes the address and, by RFC 1624, the header checksum; the upper layer's is the caller's. */
export function setIpv4Destination(b: Uint8Array, o: number, ip: Ip4): void {
  set16(b, o + 10, updateChecksum32(ipv4Checksum(b, o), get32(b, o + 16), ip));
  set32(b, o + 16, ip);
}

/** Changes the TTL and, by RFC 1624, the header checksum. */
export function setIpv4Ttl(b: Uint8Array, o: number, ttl: number): void {
  const before = get16(b, o + 8);
  b[o + 8] = ttl;
  set16(b, o + 10, updateChecksum(ipv4Checksum(b, o), before, get16(b, o + 8)));
}

/** Changes the TOS byte and, by RFC 1624, the header checksum. */
export function setIpv4Tos(b: Uint8Array, o: number, tos: number): void {
  const before = get16(b, o);
  b[o + 1] = tos;
  set16(b, o + 10, updateChecksum(ipv4Checksum(b, o), before, get16(b, o)));
}

/** `10.0.0.5 > 10.0.0.6 proto 17 ttl 64 length 84`. */
export function describeIpv4(b: Uint8Array, o: number): string {
  const ends = `${formatIp4(ipv4Source(b, o))} > ${formatIp4(ipv4Destination(b, o))}`;
  return `${ends} proto ${ipv4Protocol(b, o)} ttl ${ipv4Ttl(b, o)} length ${ipv4TotalLength(b, o)}`;
}
