/** Routes of BGP by address family, RFC 4760, 8277, 4364, 7911 (print-bgp.c). */
import type {Dissector} from './dissector.js';
import {ip4Text, ip6Text} from './fields.js';
import {prefixField, prefixText} from './prefix-field.js';

const IP4 = 1;
const IP6 = 2;
const NSAP = 3;
const VPLS = 25;
const L2VPN = 196;
const DISTINGUISHER = 8;

/** What a family's routes are: `other` have a printer in tcpdump and none here. */
type RouteKind = 'prefix' | 'labelled' | 'vpn' | 'other' | undefined;

/** undefined for families that tcpdump does not know either. */
export function routeKind(family: number, subsequent: number): RouteKind {
  const unicast = subsequent >= 1 && subsequent <= 3;
  const vpn = subsequent >= 128 && subsequent <= 130;
  if (family === IP4 || family === IP6) {
    if (unicast) return 'prefix';
    if (subsequent === 4) return 'labelled';
    if (vpn) return 'vpn';
    return family === IP4 && (subsequent === 5 || subsequent === 66 || subsequent === 132) ? 'other' : undefined;
  }
  if (family === NSAP) return unicast || vpn ? 'other' : undefined;
  return (family === L2VPN && vpn) || (family === VPLS && subsequent === 65) ? 'other' : undefined;
}

/** An AS number; with -b in two halves when it is longer than 16 bits. */
export function asText(d: Dissector, as: number): string {
  return d.options.asDot && as > 0xffff ? `${as >>> 16}.${as & 0xffff}` : String(as);
}

/** Do the routes look as if each had a path identifier in front? */
export function hasPathIds(d: Dissector, o: number, length: number, maxBits: number): boolean {
  if (length < 5) return false;
  let at = 0;
  while (at < length) {
    at += 4;
    if (!d.has(o + at, 1)) break;
    const bits = d.u8(o + at);
    if (bits > maxBits) return false;
    at += 1 + ((bits + 7) >> 3);
  }
  if (at > length) return false;
  at = 0;
  while (at < length) {
    if (!d.has(o + at, 1)) break;
    const bits = d.u8(o + at);
    if (bits < 1 || bits > maxBits) return true;
    at += 1 + ((bits + 7) >> 3);
  }
  return at > length;
}

/** Route distinguisher, RFC 4364 §4.2. */
function distinguisher(d: Dissector, o: number): string {
  const octets = (from: number) => [0, 1, 2, 3].map((i) => d.u8(o + from + i)).join('.');
  switch (d.u16(o)) {
    case 0:
      return `${d.u16(o + 2)}:${d.u32(o + 4)} (= ${octets(4)})`;
    case 1:
      return `${octets(2)}:${d.u16(o + 6)}`;
    case 2:
      return `${asText(d, d.u32(o + 2))}:${d.u16(o + 6)} (${octets(2)}:${d.u16(o + 6)})`;
    default:
      return 'unknown RD format';
  }
}

/** Next hops in `[start, start + length)`; false for a family without a printer here. */
export function nextHops(d: Dissector, family: number, subsequent: number, start: number, length: number): boolean {
  const kind = routeKind(family, subsequent);
  if (family === NSAP) return false;
  const size = family === IP6 ? 16 : 4;
  const skip = kind === 'vpn' ? DISTINGUISHER : 0;
  for (let i = 0; i < length; i += size + skip) {
    if (i > 0) d.s(', ');
    if (length - i < size + skip) {
      d.s('invalid len');
      return true;
    }
    const at = start + i;
    const before = skip > 0 ? `RD: ${distinguisher(d, at)}, ` : '';
    d.s(before + (size === 4 ? ip4Text : ip6Text)(d, at + skip));
  }
  return true;
}

/** Prints a route: its length; -1 ends the list, -2 the message. `n` is what a prefix is measured against. */
export function route(
  d: Dissector,
  family: number,
  subsequent: number,
  o: number,
  n: number,
  pathIds: boolean,
): number {
  const size = family === IP6 ? 16 : 4;
  const kind = routeKind(family, subsequent);
  if (kind === 'prefix') return plain(d, o, n, size, pathIds);
  if (kind === 'labelled') return labelled(d, o, n, size);
  return kind === 'vpn' ? vpn(d, o, size) : -1;
}

function plain(d: Dissector, o: number, n: number, size: 4 | 16, pathIds: boolean): number {
  const id = pathIds ? d.u32(o) : 0;
  const found = prefixField(d, pathIds ? o + 4 : o, n, size);
  if (found === 'cut') return -2;
  d.s(found === 'illegal' ? '\n\t    (illegal prefix length)' : `\n\t      ${found.text}`);
  const used = found === 'illegal' ? -1 : found.used;
  if (!pathIds) return used;
  d.s(`   Path Id: ${id}`);
  return used + 4;
}

function labelText(d: Dissector, o: number): string {
  return `label:${d.u24(o) >> 4} ${(d.u8(o + 2) & 1) === 0 ? '(BOGUS: Bottom of Stack NOT set!)' : '(bottom)'}`;
}

function labelled(d: Dissector, o: number, n: number, size: 4 | 16): number {
  if (!d.has(o, 4)) return -2;
  if (n < 4) return -1;
  const bits = d.u8(o) - 24;
  if (bits < 0 || bits > size * 8) {
    d.s('\n\t    (illegal prefix length)');
    return -1;
  }
  const bytes = (bits + 7) >> 3;
  if (size === 4 && n - 4 < bytes) return -1;
  d.s(`\n\t      ${prefixText(d, o + 4, bits, size)}, ${labelText(d, o + 1)}`);
  return 4 + bytes;
}

function vpn(d: Dissector, o: number, size: 4 | 16): number {
  const bits = d.u8(o) - 24 - 64;
  if (bits < 0 || bits > size * 8) {
    d.s('\n\t    (illegal prefix length)');
    return -1;
  }
  const prefix = prefixText(d, o + 12, bits, size);
  d.s(`\n\t      RD: ${distinguisher(d, o + 4)}, ${prefix}, ${labelText(d, o + 1)}`);
  return 12 + ((bits + 7) >> 3);
}
