/**
 * Checksums of the layer above IP: TCP (RFC 9293 §3.1), UDP (RFC 768), ICMP (RFC 792), ICMPv6 (RFC 4443 §2.3), and SCTP's
 * CRC32c (RFC 9260 §6.8).
 */
import {get16, set16} from './bytes.js';
import {checksum, pseudoSum4, pseudoSum6} from './checksum.js';
import {checkIpv4, ipVersion, ipv4HeaderLength, ipv4IsFragment, ipv4Protocol, ipv4TotalLength} from './ipv4.js';
import {IPV6_HEADER, ipv6PayloadLength, ipv6Upper} from './ipv6.js';
import {fillSctpChecksum, verifySctpChecksum} from './sctp.js';

export const PROTO_ICMP = 1;
export const PROTO_TCP = 6;
export const PROTO_UDP = 17;
export const PROTO_ICMPV6 = 58;
export const PROTO_SCTP = 132;

/** Offset of the checksum field in the header of `protocol`, -1 for a protocol without one that is known here. */
export function l4ChecksumOffset(protocol: number): number {
  switch (protocol) {
    case PROTO_TCP:
      return 16;
    case PROTO_UDP:
      return 6;
    case PROTO_ICMP:
    case PROTO_ICMPV6:
      return 2;
    case PROTO_SCTP:
      return 8;
    default:
      return -1;
  }
}

/**
 * Computes and stores the checksum of the TCP, UDP, SCTP, ICMP or ICMPv6 segment in the IP packet at `ip`, whose bytes end
 * at `end` or at the length that the IP header states. Leaves fragments, other protocols and cut packets as they are.
 * A UDP checksum that comes out as 0 is stored as 0xffff.
 */
export function fillL4Checksum(b: Uint8Array, ip: number, end: number): void {
  const segment = locate(b, ip, end);
  if (!segment) return;
  if (segment.protocol === PROTO_SCTP) return void fillSctpChecksum(b, segment.at, segment.end);
  const field = segment.at + l4ChecksumOffset(segment.protocol);
  set16(b, field, 0);
  const value = sumSegment(b, ip, segment);
  set16(b, field, value === 0 && segment.protocol === PROTO_UDP ? 0xffff : value);
}

/**
 * Is the checksum right? undefined where that can't be said: a fragment, another protocol, a cut packet, or UDP
 * without a checksum.
 */
export function verifyL4Checksum(b: Uint8Array, ip: number, end: number): boolean | undefined {
  const segment = locate(b, ip, end);
  if (!segment) return undefined;
  if (segment.protocol === PROTO_UDP && get16(b, segment.at + 6) === 0) return undefined;
  if (segment.protocol === PROTO_SCTP) return verifySctpChecksum(b, segment.at, segment.end);
  return sumSegment(b, ip, segment) === 0;
}

interface Segment {
  readonly protocol: number;
  readonly at: number;
  readonly end: number;
}

function sumSegment(b: Uint8Array, ip: number, {protocol, at, end}: Segment): number {
  const length = end - at;
  if (protocol === PROTO_ICMP) return checksum(b, at, end);
  return checksum(
    b,
    at,
    end,
    ipVersion(b, ip) === 6 ? pseudoSum6(b, ip, protocol, length) : pseudoSum4(b, ip, protocol, length),
  );
}

/** The whole segment; undefined where it is not all there, not checksummed, or a fragment. */
function locate(b: Uint8Array, ip: number, limit: number): Segment | undefined {
  const stop = Math.min(limit, b.length);
  const six = stop > ip && ipVersion(b, ip) === 6;
  const segment = six ? locate6(b, ip, stop) : locate4(b, ip, stop);
  if (!segment || segment.end > stop) return undefined;
  const field = l4ChecksumOffset(segment.protocol);
  return field >= 0 && segment.end >= segment.at + field + (segment.protocol === PROTO_SCTP ? 4 : 2)
    ? segment
    : undefined;
}

function locate4(b: Uint8Array, ip: number, stop: number): Segment | undefined {
  if (!checkIpv4(b, ip, stop).ok || ipv4IsFragment(b, ip)) return undefined;
  const protocol = ipv4Protocol(b, ip);
  if (protocol === PROTO_ICMPV6) return undefined;
  return {protocol, at: ip + ipv4HeaderLength(b, ip), end: ip + ipv4TotalLength(b, ip)};
}

function locate6(b: Uint8Array, ip: number, stop: number): Segment | undefined {
  const upper = ipv6Upper(b, ip, stop);
  if (!upper.ok || upper.protocol === PROTO_ICMP) return undefined;
  if (upper.fragment && (upper.fragment.offset > 0 || upper.fragment.more)) return undefined;
  return {protocol: upper.protocol, at: upper.offset, end: ip + IPV6_HEADER + ipv6PayloadLength(b, ip)};
}
