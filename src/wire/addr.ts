/**
 * Addresses and prefixes.
 *
 *   IPv4   a number, 0 … 2^32-1                      10.0.0.5  = 0x0a000005
 *   IPv6   a string of 8 UTF-16 units, one a group   fd00::1   = '\ufd00\0\0\0\0\0\0\x01'
 *   MAC    a number, 0 … 2^48-1
 *
 * Both IP forms are primitive values: they key a Map, compare with `===`, and order with `<` within a family.
 * Text forms: RFC 1123 §2.1 dotted quads without leading zeros, RFC 4291 §2.2 in, RFC 5952 §4 out.
 */
import {get16, get32, get48, set16, set32, set48} from './bytes.js';

export type Ip4 = number;
export type Ip6 = string;
export type Ip = Ip4 | Ip6;
export type Mac = number;

/** An address and a prefix length, 0 … 32 or 128. Host bits may be set (`10.0.0.5/16`); `networkOf` clears them. */
export interface Prefix {
  readonly ip: Ip;
  readonly length: number;
}

export const MAC_BROADCAST: Mac = 0xffff_ffff_ffff;

export function isIp4(ip: Ip): ip is Ip4 {
  return typeof ip === 'number';
}

/** Width of an address of this family in bits: 32 or 128. */
export function ipBits(ip: Ip): 32 | 128 {
  return isIp4(ip) ? 32 : 128;
}

export function readIp4(b: Uint8Array, o: number): Ip4 {
  return get32(b, o);
}

export function readIp6(b: Uint8Array, o: number): Ip6 {
  return String.fromCharCode(
    get16(b, o),
    get16(b, o + 2),
    get16(b, o + 4),
    get16(b, o + 6),
    get16(b, o + 8),
    get16(b, o + 10),
    get16(b, o + 12),
    get16(b, o + 14),
  );
}

/** Writes 4 or 16 bytes at `o`, in network order. */
export function writeIp(b: Uint8Array, o: number, ip: Ip): void {
  if (isIp4(ip)) set32(b, o, ip);
  else for (let i = 0; i < 8; i++) set16(b, o + 2 * i, ip.charCodeAt(i));
}

export function readMac(b: Uint8Array, o: number): Mac {
  return get48(b, o);
}

export function writeMac(b: Uint8Array, o: number, mac: Mac): void {
  set48(b, o, mac);
}

export function formatMac(mac: Mac): string {
  const hex = mac.toString(16).padStart(12, '0');
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10)}`;
}

export function parseMac(text: string): Mac | undefined {
  return /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text) ? Number.parseInt(text.replaceAll(':', ''), 16) : undefined;
}

export function parseIp4(text: string): Ip4 | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let ip = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    ip = ip * 256 + Number(part);
  }
  return ip;
}

export function parseIp6(text: string): Ip6 | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return String.fromCharCode(...head, ...new Array<number>(missing).fill(0), ...tail);
}

/** One side of `::`. Only the last group of the address may be a dotted quad. */
function parseGroups(text: string, mayEndInQuad: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (mayEndInQuad && i === parts.length - 1 && part.includes('.')) {
      const quad = parseIp4(part);
      if (quad === undefined) return undefined;
      groups.push(quad >>> 16, quad & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

export function parseIp(text: string): Ip | undefined {
  return text.includes(':') ? parseIp6(text) : parseIp4(text);
}

export function formatIp4(ip: Ip4): string {
  return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
export function formatIp6(ip: Ip6): string {
  if (ip.startsWith('\0\0\0\0\0\uffff')) return `::ffff:${formatIp4(ip.charCodeAt(6) * 65536 + ip.charCodeAt(7))}`;
  let [bestAt, bestLength] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && ip.charCodeAt(i + n) === 0) n++;
    if (n > bestLength) [bestAt, bestLength] = [i, n];
    if (n > 0) i += n - 1;
  }
  const hex = (from: number, to: number) =>
    Array.from({length: to - from}, (_, i) => ip.charCodeAt(from + i).toString(16)).join(':');
  return bestAt < 0 ? hex(0, 8) : `${hex(0, bestAt)}::${hex(bestAt + bestLength, 8)}`;
}

export function formatIp(ip: Ip): string {
  return isIp4(ip) ? formatIp4(ip) : formatIp6(ip);
}

/** `10.0.0.5:80`, `[fd00::1]:80`. */
export function formatIpPort(ip: Ip, port: number): string {
  return isIp4(ip) ? `${formatIp4(ip)}:${port}` : `[${formatIp6(ip)}]:${port}`;
}

/** `A/len`; a bare address is a host prefix. Host bits are kept. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === undefined) return undefined;
  if (slash < 0) return {ip, length: ipBits(ip)};
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > ipBits(ip)) return undefined;
  return {ip, length: Number(digits)};
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatIp(prefix.ip)}/${prefix.length}`;
}

/** The address with all bits after `length` cleared. */
export function maskIp(ip: Ip, length: number): Ip {
  if (isIp4(ip)) return length === 0 ? 0 : (ip & (-1 << (32 - length))) >>> 0;
  let out = '';
  for (let i = 0; i < 8; i++) {
    const bits = Math.min(16, Math.max(0, length - 16 * i));
    out += String.fromCharCode(ip.charCodeAt(i) & (0xffff << (16 - bits)) & 0xffff);
  }
  return out;
}

export function networkOf(prefix: Prefix): Prefix {
  return {ip: maskIp(prefix.ip, prefix.length), length: prefix.length};
}

export function prefixContains(prefix: Prefix, ip: Ip): boolean {
  return isIp4(prefix.ip) === isIp4(ip) && maskIp(ip, prefix.length) === maskIp(prefix.ip, prefix.length);
}

export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? prefixContains(a, b.ip) : prefixContains(b, a.ip);
}

/** Number of addresses in the prefix (inexact above 2^53). */
export function prefixSize(prefix: Prefix): number {
  return 2 ** (ipBits(prefix.ip) - prefix.length);
}

/** The address `n` (≥ 0, < 2^48) after this one; wraps at the end of the family's space. */
export function addToIp(ip: Ip, n: number): Ip {
  if (isIp4(ip)) return (ip + n) % 2 ** 32;
  const groups = Array.from({length: 8}, (_, i) => ip.charCodeAt(i));
  let carry = n;
  for (let i = 7; i >= 0 && carry > 0; i--) {
    const sum = groups[i]! + (carry % 65536);
    groups[i] = sum & 0xffff;
    carry = Math.floor(carry / 65536) + (sum >>> 16);
  }
  return String.fromCharCode(...groups);
}

/** Orders IPv4 before IPv6, then by value. */
export function compareIp(a: Ip, b: Ip): number {
  if (isIp4(a) !== isIp4(b)) return isIp4(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function comparePrefix(a: Prefix, b: Prefix): number {
  return compareIp(a.ip, b.ip) || a.length - b.length;
}

/** 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1. */
export function isLoopback(ip: Ip): boolean {
  return isIp4(ip) ? ip >>> 24 === 127 : ip === '\0\0\0\0\0\0\0\x01';
}

/** Whom an address means: one host, a group (RFC 1112; RFC 4291 §2.7), all on the link (RFC 919), or nobody yet (RFC 1122 §3.2.1.3). */
export function castOf(ip: Ip): 'unicast' | 'multicast' | 'broadcast' | 'unspecified' {
  if (!isIp4(ip)) return ip.charCodeAt(0) >= 0xff00 ? 'multicast' : /[^\0]/.test(ip) ? 'unicast' : 'unspecified';
  if (ip === 0) return 'unspecified';
  if (ip === 0xffffffff) return 'broadcast';
  return ip >>> 28 === 14 ? 'multicast' : 'unicast';
}
