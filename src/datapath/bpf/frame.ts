/**
 * The packet as the programs see it: one parse of its IP header into a reused record, and rewrites in place that keep
 * checksums right by difference (RFC 1624), so that a wrong checksum stays wrong as it does in the kernel.
 */
import {type Ip, isIp4, readIp4, readIp6, writeIp} from '../../wire/addr.js';
import {get16, get32, set16} from '../../wire/bytes.js';
import {updateChecksum, updateChecksum32} from '../../wire/checksum.js';
import {drop} from '../drop.js';
import type {Skb} from '../model.js';

export const ETH_HEADER = 14;
export const etherType = {ip4: 0x0800, arp: 0x0806, ip6: 0x86dd} as const;
export const proto = {icmp: 1, ipip: 4, tcp: 6, udp: 17, icmp6: 58, sctp: 132} as const;
/** Offsets of the ports in TCP, UDP and SCTP headers. */
export const SOURCE_PORT = 0;
export const DESTINATION_PORT = 2;

/** IPv6 extension headers that are walked over (RFC 8200 §4), and the end of a chain without upper layer. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const NO_NEXT_HEADER = 59;
const DESTINATION_OPTIONS = 60;
const MAX_EXTENSION_HEADERS = 4;

export interface Frame {
  family: 4 | 6;
  /** Offsets in the buffer. */
  l3: number;
  l4: number;
  /** Upper layer, behind extension headers. */
  protocol: number;
  source: Ip;
  destination: Ip;
  fragment: boolean;
  /** false in later fragments. */
  hasL4: boolean;
  fragmentId: number;
}

export function newFrame(): Frame {
  return {
    family: 4,
    l3: 0,
    l4: 0,
    protocol: 0,
    source: 0,
    destination: 0,
    fragment: false,
    hasL4: true,
    fragmentId: 0,
  };
}

/** Parses the IP header of `skb`; 0, or minus a drop reason. */
export function parseFrame(f: Frame, skb: Skb, family: 4 | 6): number {
  f.family = family;
  f.l3 = skb.start + ETH_HEADER;
  return family === 4 ? parse4(f, skb.buf, f.l3, skb.end) : parse6(f, skb.buf, f.l3, skb.end);
}

/** IPv4 header at `o`, RFC 791 §3.1. The header length is trusted, as upstream does. */
function parse4(f: Frame, b: Uint8Array, o: number, end: number): number {
  if (end - o < 20) return -drop.invalid;
  const offset = get16(b, o + 6);
  f.l4 = o + (b[o]! & 15) * 4;
  f.protocol = b[o + 9]!;
  f.source = readIp4(b, o + 12);
  f.destination = readIp4(b, o + 16);
  f.fragment = (offset & 0x3fff) !== 0;
  f.hasL4 = (offset & 0x1fff) === 0;
  f.fragmentId = get16(b, o + 4);
  return 0;
}

function parse6(f: Frame, b: Uint8Array, o: number, end: number): number {
  if (end - o < 40) return -drop.invalid;
  f.source = readIp6(b, o + 8);
  f.destination = readIp6(b, o + 24);
  f.fragment = false;
  f.hasL4 = true;
  f.fragmentId = 0;
  return walkExtensionHeaders(f, b, o, end);
}

/** Sets protocol, l4 and the fragment fields from the header chain behind the IPv6 header at `o`. */
export function walkExtensionHeaders(f: Frame, b: Uint8Array, o: number, end: number): number {
  let next = b[o + 6]!;
  let at = o + 40;
  for (let i = 0; i < MAX_EXTENSION_HEADERS; i++) {
    if (next === NO_NEXT_HEADER) return -drop.invalidExthdr;
    const units = next === FRAGMENT ? 0 : extensionUnits(next);
    if (units < 0) {
      f.protocol = next;
      f.l4 = at;
      return 0;
    }
    if (end - at < (next === FRAGMENT ? 8 : 2)) return -drop.invalid;
    let length = 8;
    if (next === FRAGMENT) {
      const offset = get16(b, at + 2);
      f.fragment = (offset & 0xfff9) !== 0;
      f.hasL4 = (offset & 0xfff8) === 0;
      f.fragmentId = get32(b, at + 4);
    } else length = next === AUTHENTICATION ? (b[at + 1]! + 2) * 4 : (b[at + 1]! + 1) * 8;
    next = b[at]!;
    at += length;
  }
  return -drop.invalidExthdr;
}

/** Whether `next` is an extension header with a length field (0) or the upper layer (-1). */
function extensionUnits(next: number): number {
  return next === HOP_BY_HOP || next === ROUTING || next === AUTHENTICATION || next === DESTINATION_OPTIONS ? 0 : -1;
}

/** Offset of the checksum in the transport header; 0 where it does not cover the addresses. */
function checksumOffset(protocol: number): number {
  if (protocol === proto.tcp) return 16;
  if (protocol === proto.udp) return 6;
  return protocol === proto.icmp6 ? 2 : 0;
}

/** Replaces one 16-bit word in the checksum at `at`. A UDP checksum of 0 means none and stays (RFC 768). */
function replaceWord(b: Uint8Array, at: number, udp: boolean, from: number, to: number): void {
  const field = get16(b, at);
  if (udp && field === 0) return;
  const next = updateChecksum(field, from, to);
  set16(b, at, udp && next === 0 ? 0xffff : next);
}

function replaceAddress(b: Uint8Array, at: number, udp: boolean, from: Ip, to: Ip): void {
  let field = get16(b, at);
  if (udp && field === 0) return;
  if (isIp4(from)) field = updateChecksum32(field, from, to as number);
  else for (let i = 0; i < 8; i++) field = updateChecksum(field, from.charCodeAt(i), (to as string).charCodeAt(i));
  set16(b, at, udp && field === 0 ? 0xffff : field);
}

/**
 * Writes `to` over the source or destination address of the IP header at `l3`; `l4` < 0: there is no transport header.
 * 0, or minus csumL4 where the checksum lies behind `end`.
 */
export function rewriteAddress(
  b: Uint8Array,
  end: number,
  l3: number,
  l4: number,
  protocol: number,
  which: 'source' | 'destination',
  from: Ip,
  to: Ip,
): number {
  const v4 = isIp4(from);
  writeIp(b, l3 + (v4 ? (which === 'source' ? 12 : 16) : which === 'source' ? 8 : 24), to);
  if (v4) set16(b, l3 + 10, updateChecksum32(get16(b, l3 + 10), from, to as number));
  const at = checksumOffset(protocol);
  if (l4 < 0 || at === 0) return 0;
  if (l4 + at + 2 > end) return -drop.csumL4;
  replaceAddress(b, l4 + at, protocol === proto.udp, from, to);
  return 0;
}

/** Writes a port (or an ICMP echo identifier at offset 4) of the transport header at `l4`. */
export function rewritePort(
  b: Uint8Array,
  end: number,
  l4: number,
  protocol: number,
  offset: number,
  from: number,
  to: number,
): number {
  set16(b, l4 + offset, to);
  const at = l4 + (protocol === proto.icmp ? 2 : checksumOffset(protocol));
  if (at + 2 > end) return -drop.csumL4;
  replaceWord(b, at, protocol === proto.udp, from, to);
  return 0;
}

/** TTL or hop limit minus one; false when that would be 0. */
export function decrementTtl(b: Uint8Array, l3: number, family: 4 | 6): boolean {
  const at = family === 4 ? l3 + 8 : l3 + 7;
  const ttl = b[at]!;
  if (ttl <= 1) return false;
  b[at] = ttl - 1;
  if (family === 4) set16(b, l3 + 10, updateChecksum(get16(b, l3 + 10), ttl << 8, (ttl - 1) << 8));
  return true;
}

/** Moves the start of the frame `bytes` forward (more headroom used) and keeps what is behind it; grows the buffer if need be. */
export function pushHead(skb: Skb, bytes: number): void {
  if (skb.start >= bytes) {
    skb.start -= bytes;
    return;
  }
  const grown = new Uint8Array(skb.buf.length + bytes + HEADROOM);
  const shift = bytes + HEADROOM;
  grown.set(skb.buf.subarray(skb.start, skb.end), skb.start + shift);
  skb.buf = grown;
  skb.end += shift;
  skb.start += shift - bytes;
}

/** Sets the frame's length: cuts, or appends zero bytes. */
export function setLength(skb: Skb, length: number): void {
  const end = skb.start + length;
  if (end > skb.buf.length) {
    const grown = new Uint8Array(end + HEADROOM);
    grown.set(skb.buf.subarray(0, skb.end));
    skb.buf = grown;
  } else if (end > skb.end) skb.buf.fill(0, skb.end, end);
  skb.end = end;
}

const HEADROOM = 64;
