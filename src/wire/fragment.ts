/**
 * Fragmentation and reassembly of whole packets. IPv4: RFC 791 §3.2, options as Linux net/ipv4/ip_options.c
 * `ip_options_fragment` leaves them (not-copied options become NOP, the header keeps its length). IPv6: RFC 8200 §4.5.
 */
import {get16, set16} from './bytes.js';
import {checksum} from './checksum.js';
import {IPV4_HEADER, ipv4FragmentOffset, ipv4HeaderLength, ipv4Id, ipv4MoreFragments, ipv4TotalLength} from './ipv4.js';
import {
  encodeIpv6Fragment,
  IP6_DESTINATION_OPTIONS,
  IP6_FRAGMENT,
  IP6_HOP_BY_HOP,
  IP6_ROUTING,
  IPV6_FRAGMENT_HEADER,
  IPV6_HEADER,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6Upper,
} from './ipv6.js';

/**
 * The packet (from its IPv4 header) in pieces of at most `mtu` bytes; itself, uncopied, where it fits. DF is the
 * caller's decision. A fragment may be fragmented again. Throws where not even 8 bytes of payload fit.
 */
export function fragmentIpv4(packet: Uint8Array, mtu: number): Uint8Array[] {
  const total = ipv4TotalLength(packet, 0);
  if (total <= mtu) return [packet];
  const header = ipv4HeaderLength(packet, 0);
  const step = (mtu - header) & ~7;
  if (step < 8) throw new RangeError(`mtu ${mtu} is too small to fragment`);
  const base = ipv4FragmentOffset(packet, 0);
  const last = ipv4MoreFragments(packet, 0);
  const reserved = get16(packet, 6) & 0xc000;
  const out: Uint8Array[] = [];
  for (let at = header; at < total; at += step) {
    const size = Math.min(step, total - at);
    const piece = new Uint8Array(header + size);
    piece.set(packet.subarray(0, header));
    piece.set(packet.subarray(at, at + size), header);
    if (base + at > header) blankOptions(piece, header);
    const more = at + size < total || last;
    set16(piece, 2, piece.length);
    set16(piece, 6, reserved | (more ? 0x2000 : 0) | ((base + at - header) >>> 3));
    set16(piece, 10, 0);
    set16(piece, 10, checksum(piece, 0, header));
    out.push(piece);
  }
  return out;
}

/** Options without the copied flag (0x80) become NOP. */
function blankOptions(b: Uint8Array, header: number): void {
  let at = IPV4_HEADER;
  while (at < header && b[at] !== 0) {
    const length = b[at] === 1 ? 1 : at + 1 < header ? b[at + 1]! : 0;
    if (length === 0 || (b[at] !== 1 && length < 2) || at + length > header) return;
    if ((b[at]! & 0x80) === 0) b.fill(1, at, at + length);
    at += length;
  }
}

/**
 * The packet whose fragments these are, in any order; undefined while one is missing. The header is the first
 * fragment's. Fragments must belong together (same addresses, protocol and id).
 */
export function reassembleIpv4(fragments: readonly Uint8Array[]): Uint8Array | undefined {
  const pieces = fragments.map((b) => ({
    at: ipv4FragmentOffset(b, 0),
    more: ipv4MoreFragments(b, 0),
    bytes: b.subarray(ipv4HeaderLength(b, 0), ipv4TotalLength(b, 0)),
  }));
  const first = fragments.find((b) => ipv4FragmentOffset(b, 0) === 0);
  const payload = joinPieces(pieces);
  if (!first || !payload || fragments.some((b) => ipv4Id(b, 0) !== ipv4Id(first, 0))) return undefined;
  const header = ipv4HeaderLength(first, 0);
  const out = new Uint8Array(header + payload.length);
  out.set(first.subarray(0, header));
  out.set(payload, header);
  set16(out, 2, out.length);
  set16(out, 6, get16(out, 6) & 0xc000);
  set16(out, 10, 0);
  set16(out, 10, checksum(out, 0, header));
  return out;
}

interface Piece {
  readonly at: number;
  readonly more: boolean;
  readonly bytes: Uint8Array;
}

/** Contiguous from 0 to the piece without `more`; undefined with a hole. Overlaps: the earlier offset wins. */
function joinPieces(pieces: readonly Piece[]): Uint8Array | undefined {
  const last = pieces.find((piece) => !piece.more);
  if (!last) return undefined;
  const out = new Uint8Array(last.at + last.bytes.length);
  let filled = 0;
  for (const piece of [...pieces].sort((a, b) => a.at - b.at)) {
    if (piece.at > filled) return undefined;
    const end = Math.min(piece.at + piece.bytes.length, out.length);
    if (end <= filled) continue;
    out.set(piece.bytes.subarray(filled - piece.at, end - piece.at), filled);
    filled = end;
  }
  return filled === out.length ? out : undefined;
}

/**
 * The packet (from its IPv6 header) in pieces of at most `mtu` bytes, each with a fragment header of identification
 * `id`; itself, uncopied, where it fits. Throws where not even 8 bytes of payload fit.
 */
export function fragmentIpv6(packet: Uint8Array, mtu: number, id: number): Uint8Array[] {
  const total = IPV6_HEADER + ipv6PayloadLength(packet, 0);
  if (total <= mtu) return [packet];
  const {at: head, nextHeader, pointer} = unfragmentablePart(packet);
  const step = (mtu - head - IPV6_FRAGMENT_HEADER) & ~7;
  if (step < 8) throw new RangeError(`mtu ${mtu} is too small to fragment`);
  const out: Uint8Array[] = [];
  for (let at = head; at < total; at += step) {
    const size = Math.min(step, total - at);
    const piece = new Uint8Array(head + IPV6_FRAGMENT_HEADER + size);
    piece.set(packet.subarray(0, head));
    piece[pointer] = IP6_FRAGMENT;
    piece.set(encodeIpv6Fragment(nextHeader, {offset: at - head, more: at + size < total, id}), head);
    piece.set(packet.subarray(at, at + size), head + IPV6_FRAGMENT_HEADER);
    set16(piece, 4, piece.length - IPV6_HEADER);
    out.push(piece);
  }
  return out;
}

/**
 * RFC 8200 §4.5: the IPv6 header and what nodes on the way process: hop-by-hop options, and destination options
 * only in front of a routing header. `pointer` is the offset of the last next-header byte in it.
 */
function unfragmentablePart(b: Uint8Array): {at: number; nextHeader: number; pointer: number} {
  let part = {at: IPV6_HEADER, nextHeader: ipv6NextHeader(b, 0), pointer: 6};
  let walked = part;
  while (
    walked.nextHeader === IP6_HOP_BY_HOP ||
    walked.nextHeader === IP6_DESTINATION_OPTIONS ||
    walked.nextHeader === IP6_ROUTING
  ) {
    const {at, nextHeader} = walked;
    if (at + 8 > b.length) break;
    walked = {at: at + (b[at + 1]! + 1) * 8, nextHeader: b[at]!, pointer: at};
    if (nextHeader !== IP6_DESTINATION_OPTIONS) part = walked;
  }
  return part;
}

/** As `reassembleIpv4`; the fragment header goes, the first fragment's headers in front of it stay. */
export function reassembleIpv6(fragments: readonly Uint8Array[]): Uint8Array | undefined {
  const pieces: Piece[] = [];
  let head: {bytes: Uint8Array; nextHeader: number} | undefined;
  for (const b of fragments) {
    const found = fragmentHeader(b);
    if (!found) return undefined;
    pieces.push(found.piece);
    if (found.piece.at === 0) head = {bytes: b.subarray(0, found.at), nextHeader: b[found.at]!};
  }
  const payload = joinPieces(pieces);
  if (!head || !payload) return undefined;
  const out = new Uint8Array(head.bytes.length + payload.length);
  out.set(head.bytes);
  out.set(payload, head.bytes.length);
  set16(out, 4, out.length - IPV6_HEADER);
  out[lastNextHeader(out, head.bytes.length)] = head.nextHeader;
  return out;
}

/** Where the fragment header of `b` is, and what it carries. */
function fragmentHeader(b: Uint8Array): {at: number; piece: Piece} | undefined {
  const end = Math.min(b.length, IPV6_HEADER + ipv6PayloadLength(b, 0));
  const upper = ipv6Upper(b, 0, end);
  if (!upper.ok || !upper.fragment) return undefined;
  let at = IPV6_HEADER;
  for (let next = ipv6NextHeader(b, 0); next !== IP6_FRAGMENT; ) {
    next = b[at]!;
    at += (b[at + 1]! + 1) * 8;
  }
  const {offset, more} = upper.fragment;
  return {at, piece: {at: offset, more, bytes: b.subarray(at + IPV6_FRAGMENT_HEADER, end)}};
}

/** Offset of the next-header byte that points at `end`. */
function lastNextHeader(b: Uint8Array, end: number): number {
  let pointer = 6;
  for (let at = IPV6_HEADER; at < end; at += (b[at + 1]! + 1) * 8) pointer = at;
  return pointer;
}
