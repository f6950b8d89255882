/**
 * IPv6 and its extension headers. RFC 8200 §3, §4; Authentication Header: RFC 4302 §2.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+---------------+---------------------------------------+
 *   |Version| Traffic Class |           Flow Label                  |
 *   +-------+---------------+-------+---------------+---------------+
 *   |         Payload Length        |  Next Header  |   Hop Limit   |
 *   +-------------------------------+---------------+---------------+
 *   |                    Source Address (16 bytes)                  |
 *   |                 Destination Address (16 bytes)                |
 *   +---------------------------------------------------------------+
 *
 *   hop-by-hop (0), destination options (60), routing (43):
 *   +---------------+---------------+-------------------------------+
 *   |  Next Header  | Hdr Ext Len   |  … (Hdr Ext Len + 1) · 8 bytes in all
 *
 *   fragment (44):
 *   +---------------+---------------+-------------------------+---+-+
 *   |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
 *   +---------------+---------------+-------------------------+---+-+
 *   |                         Identification                        |
 *   +---------------------------------------------------------------+
 */
import {formatIp6, type Ip6, readIp6, writeIp} from './addr.js';
import {type Check, get16, get32, need, set16, set32, type Truncated} from './bytes.js';

export const IPV6_HEADER = 40;
export const IPV6_FRAGMENT_HEADER = 8;
/** RFC 8200 §5: every link carries packets of this size. */
export const IPV6_MIN_MTU = 1280;

export const IP6_HOP_BY_HOP = 0;
export const IP6_ROUTING = 43;
export const IP6_FRAGMENT = 44;
export const IP6_ESP = 50;
export const IP6_AUTHENTICATION = 51;
export const IP6_NO_NEXT = 59;
export const IP6_DESTINATION_OPTIONS = 60;

export interface Ipv6Fields {
  readonly trafficClass?: number;
  /** 20 bits. */
  readonly flowLabel?: number;
  /** Everything behind the 40 bytes. */
  readonly payloadLength: number;
  readonly nextHeader: number;
  /** Default 64. */
  readonly hopLimit?: number;
  readonly source: Ip6;
  readonly destination: Ip6;
}

/** A TLV of a hop-by-hop or destination options header. */
export interface Ipv6Option {
  readonly type: number;
  readonly data: Uint8Array;
}

export interface Ipv6Upper {
  readonly ok: true;
  /** First next-header value that is no walkable extension header (ESP and "no next header" included). */
  readonly protocol: number;
  /** Where that header starts; in a later fragment, where the fragment's data start. */
  readonly offset: number;
  /** Present when a fragment header was passed; `offset` in bytes. */
  readonly fragment?: {readonly offset: number; readonly more: boolean; readonly id: number};
}

/** Traffic Class. */
export function ipv6TrafficClass(b: Uint8Array, o: number): number {
  return ((b[o]! & 0x0f) << 4) | (b[o + 1]! >>> 4);
}

/** Flow Label, 20 bits. */
export function ipv6FlowLabel(b: Uint8Array, o: number): number {
  return get32(b, o) & 0xfffff;
}

/** Payload Length: extension headers and payload in bytes. */
export function ipv6PayloadLength(b: Uint8Array, o: number): number {
  return get16(b, o + 4);
}

/** Next Header. */
export function ipv6NextHeader(b: Uint8Array, o: number): number {
  return b[o + 6]!;
}

/** Hop Limit. */
export function ipv6HopLimit(b: Uint8Array, o: number): number {
  return b[o + 7]!;
}

/** Source Address. */
export function ipv6Source(b: Uint8Array, o: number): Ip6 {
  return readIp6(b, o + 8);
}

/** Destination Address. */
export function ipv6Destination(b: Uint8Array, o: number): Ip6 {
  return readIp6(b, o + 24);
}

export function checkIpv6(b: Uint8Array, o: number, end: number): Check {
  return need('ip6', o, Math.min(end, b.length), IPV6_HEADER);
}

/** Walks the extension headers of the packet at `o`, RFC 8200 §4.1. */
export function ipv6Upper(b: Uint8Array, o: number, end: number): Ipv6Upper | Truncated {
  const stop = Math.min(end, b.length);
  const fixed = checkIpv6(b, o, stop);
  if (!fixed.ok) return fixed;
  let protocol = ipv6NextHeader(b, o);
  let at = o + IPV6_HEADER;
  let fragment: Ipv6Upper['fragment'];
  while (isExtension(protocol) && (fragment === undefined || fragment.offset === 0)) {
    const head = need(extensionNames[protocol]!, at, stop, 8);
    if (!head.ok) return head;
    if (protocol === IP6_FRAGMENT)
      fragment = {offset: get16(b, at + 2) & 0xfff8, more: (b[at + 3]! & 1) !== 0, id: get32(b, at + 4)};
    const length = extensionLength(protocol, b[at + 1]!);
    const whole = need(extensionNames[protocol]!, at, stop, length);
    if (!whole.ok) return whole;
    protocol = b[at]!;
    at += length;
  }
  return fragment ? {ok: true, protocol, offset: at, fragment} : {ok: true, protocol, offset: at};
}

/** Layer names of `Truncated`, as tcpdump 4.99.3 names them (print-ip6opts.c, print-rt6.c, print-frag6.c, print-ah.c). */
const extensionNames: Readonly<Record<number, string>> = {
  [IP6_HOP_BY_HOP]: 'hbhopt',
  [IP6_ROUTING]: 'rt6',
  [IP6_FRAGMENT]: 'frag6',
  [IP6_AUTHENTICATION]: 'ah',
  [IP6_DESTINATION_OPTIONS]: 'dstopt',
};

function isExtension(protocol: number): boolean {
  return extensionNames[protocol] !== undefined;
}

/** Length in bytes of an extension header whose second byte is `field`. AH counts 4-byte words less 2, RFC 4302 §2.2. */
function extensionLength(protocol: number, field: number): number {
  if (protocol === IP6_FRAGMENT) return IPV6_FRAGMENT_HEADER;
  return protocol === IP6_AUTHENTICATION ? (field + 2) * 4 : (field + 1) * 8;
}

/** The TLVs of the hop-by-hop or destination options header at `o` (RFC 8200 §4.2), padding left out. */
export function* ipv6Options(b: Uint8Array, o: number): Generator<Ipv6Option> {
  const stop = o + extensionLength(IP6_HOP_BY_HOP, b[o + 1]!);
  let at = o + 2;
  while (at < stop) {
    const type = b[at]!;
    const next = type === 0 ? at + 1 : at + 2 + (at + 1 < stop ? b[at + 1]! : stop);
    if (next > stop) return;
    if (type > 1) yield {type, data: b.subarray(at + 2, next)};
    at = next;
  }
}

/** Writes the 40 bytes at `o`; returns 40. */
export function writeIpv6(b: Uint8Array, o: number, fields: Ipv6Fields): number {
  set32(b, o, (6 << 28) | ((fields.trafficClass ?? 0) << 20) | ((fields.flowLabel ?? 0) & 0xfffff));
  set16(b, o + 4, fields.payloadLength);
  b[o + 6] = fields.nextHeader;
  b[o + 7] = fields.hopLimit ?? 64;
  writeIp(b, o + 8, fields.source);
  writeIp(b, o + 24, fields.destination);
  return IPV6_HEADER;
}

export function encodeIpv6(fields: Ipv6Fields): Uint8Array {
  const b = new Uint8Array(IPV6_HEADER);
  writeIpv6(b, 0, fields);
  return b;
}

/** Hop-by-hop or destination options header, padded with Pad1 or PadN to 8 bytes (RFC 8200 §4.2). */
export function encodeIpv6Options(nextHeader: number, options: readonly Ipv6Option[]): Uint8Array {
  const used = options.reduce((sum, {data}) => sum + 2 + data.length, 2);
  const b = new Uint8Array((used + 7) & ~7);
  b[0] = nextHeader;
  b[1] = b.length / 8 - 1;
  let at = 2;
  for (const {type, data} of options) {
    b[at] = type;
    b[at + 1] = data.length;
    b.set(data, at + 2);
    at += 2 + data.length;
  }
  if (b.length - at >= 2) {
    b[at] = 1;
    b[at + 1] = b.length - at - 2;
  }
  return b;
}

export function encodeIpv6Fragment(
  nextHeader: number,
  fragment: {readonly offset: number; readonly more: boolean; readonly id: number},
): Uint8Array {
  const b = new Uint8Array(IPV6_FRAGMENT_HEADER);
  b[0] = nextHeader;
  set16(b, 2, (fragment.offset & 0xfff8) | (fragment.more ? 1 : 0));
  set32(b, 4, fragment.id);
  return b;
}

/**
 * Routing header, RFC 8200 §4.4: `body` is what follows Segments Left (4 reserved bytes and the addresses in types
 * 0, 2 and 4) and is padded with zeros to 8 bytes.
 */
export function encodeIpv6Routing(
  nextHeader: number,
  type: number,
  segmentsLeft: number,
  body: Uint8Array,
): Uint8Array {
  const b = new Uint8Array((4 + body.length + 7) & ~7);
  b[0] = nextHeader;
  b[1] = b.length / 8 - 1;
  b[2] = type;
  b[3] = segmentsLeft;
  b.set(body, 4);
  return b;
}

export function setIpv6Source(b: Uint8Array, o: number, ip: Ip6): void {
  writeIp(b, o + 8, ip);
}

export function setIpv6Destination(b: Uint8Array, o: number, ip: Ip6): void {
  writeIp(b, o + 24, ip);
}

export function setIpv6HopLimit(b: Uint8Array, o: number, hopLimit: number): void {
  b[o + 7] = hopLimit;
}

/** `fd00::1 > fd00::2 next 17 hlim 64 payload 44`. */
export function describeIpv6(b: Uint8Array, o: number): string {
  const ends = `${formatIp6(ipv6Source(b, o))} > ${formatIp6(ipv6Destination(b, o))}`;
  return `${ends} next ${ipv6NextHeader(b, o)} hlim ${ipv6HopLimit(b, o)} payload ${ipv6PayloadLength(b, o)}`;
}
