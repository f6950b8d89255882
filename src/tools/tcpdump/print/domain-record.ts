/** DNS resource records and EDNS options (print-domain.c `ns_rprint`). Offsets; -1 when the record is cut or bad. */

import type {Dissector} from './dissector.js';
import {fqdn, skipName} from './domain-name.js';
import {algorithmNames, className, ednsNames, typeName} from './domain-types.js';
import {duration} from './duration.js';

const OPT = 41;

/** Prints the record at `start` of the message at `message`; its owner's name only at -v. Returns the offset behind it. */
export function record(d: Dissector, start: number, message: number, multicast: boolean): number {
  let o = start;
  if (d.v > 0) {
    d.c(0x20);
    o = fqdn(d, o, message);
    if (o < 0) return -1;
  } else o = skipName(d, o);
  if (o < 0 || !d.has(o, 10)) return d.end;
  const type = d.u16(o);
  const stated = d.u16(o + 2);
  const cls = multicast ? stated & 0x7fff : stated;
  if (cls !== 1 && type !== OPT) d.s(` ${className(cls)}`);
  if (multicast && (stated & 0x8000) !== 0) d.s(' (Cache flush)');
  if (type !== OPT && d.v > 2) {
    d.s(' [');
    d.s(duration(d.u32(o + 4)));
    d.c(0x5d);
  }
  const optFlags = d.u16(o + 6);
  const length = d.u16(o + 8);
  const at = o + 10;
  const after = at + length;
  d.c(0x20);
  d.s(typeName(type));
  if (after > d.end) return -1;
  return data(d, type, at, length, message, cls, optFlags) ? after : -1;
}

/** False when the data is cut or bad. */
function data(
  d: Dissector,
  type: number,
  o: number,
  length: number,
  message: number,
  cls: number,
  optFlags: number,
): boolean {
  switch (type) {
    case 1:
      if (!d.has(o, 4)) return false;
      d.c(0x20);
      d.quad(d.b[o]!, d.b[o + 1]!, d.b[o + 2]!, d.b[o + 3]!);
      return true;
    case 28:
      if (!d.has(o, 16)) return false;
      d.c(0x20);
      d.groups(d.b, o);
      return true;
    case 2:
    case 5:
    case 12:
    case 39:
      d.c(0x20);
      return fqdn(d, o, message) >= 0;
    case 6:
      return d.v === 0 || startOfAuthority(d, o, message);
    case 15:
      d.c(0x20);
      if (!d.has(o, 2) || fqdn(d, o + 2, message) < 0) return false;
      d.s(` ${d.u16(o)}`);
      return true;
    case 16:
      return strings(d, o, o + length);
    case 33:
      d.c(0x20);
      if (!d.has(o, 6) || fqdn(d, o + 6, message) < 0) return false;
      d.s(`:${d.u16(o + 4)} ${d.u16(o)} ${d.u16(o + 2)}`);
      return true;
    case 38:
      return a6(d, o, message);
    case OPT:
      d.s(` UDPsize=${cls}`);
      if ((optFlags & 0x8000) !== 0) d.s(' DO');
      return extensions(d, o, o + length);
    case 104:
      return d.has(o, length) && d.text(o, length);
    case 250:
      return d.v === 0 || transactionSignature(d, o, message);
    case 256:
      return uri(d, o, length);
    default:
      return true;
  }
}

function startOfAuthority(d: Dissector, start: number, message: number): boolean {
  let o = start;
  for (let i = 0; i < 2; i++) {
    d.c(0x20);
    o = fqdn(d, o, message);
    if (o < 0) return false;
  }
  if (!d.has(o, 20)) return false;
  for (let i = 0; i < 20; i += 4) d.s(` ${d.u32(o + i)}`);
  return true;
}

/** Counted strings in quotes. */
function strings(d: Dissector, start: number, after: number): boolean {
  let o = start;
  while (o < after) {
    d.s(' "');
    if (!d.has(o, 1)) return false;
    const n = d.u8(o);
    if (!d.text(o + 1, n)) return false;
    o += 1 + n;
    d.c(0x22);
  }
  return true;
}

/** RFC 2874 §3.1: prefix length, address suffix, name of the prefix. */
function a6(d: Dissector, o: number, message: number): boolean {
  if (!d.has(o, 1)) return false;
  const bits = d.u8(o);
  const skipped = bits >> 3;
  if (bits > 128) {
    d.s(` ${bits}(bad plen)`);
    return true;
  }
  if (bits < 128) {
    d.need(o + 1, 16 - skipped);
    const address = new Uint8Array(16);
    address.set(d.b.subarray(o + 1, o + 17 - skipped), skipped);
    d.s(` ${bits} `);
    d.groups(address, 0);
  }
  if (bits === 0) return true;
  d.c(0x20);
  return fqdn(d, o + 17 - skipped, message) >= 0;
}

/** RFC 7553: priority, weight, target. A length below 4 makes the target's an unsigned giant. */
function uri(d: Dissector, o: number, length: number): boolean {
  if (!d.has(o, length)) return false;
  d.need(o, 4);
  d.s(` ${d.u16(o)} ${d.u16(o + 2)} `);
  return d.text(o + 4, length < 4 ? Number.MAX_SAFE_INTEGER - o : length - 4);
}

/** RFC 8945 §4.2; only numbers, never the MAC. */
function transactionSignature(d: Dissector, start: number, message: number): boolean {
  d.c(0x20);
  let o = fqdn(d, start, message);
  if (o < 0) return false;
  o += 6;
  for (const name of ['fudge', 'maclen', 'origid', 'error', 'otherlen'] as const) {
    if (!d.has(o, 2)) return false;
    const value = d.u16(o);
    d.s(` ${name}=${value}`);
    o += 2 + (name === 'maclen' ? value : 0);
  }
  return true;
}

/** EDNS options, RFC 6891 §6.1.2, in brackets. */
function extensions(d: Dissector, start: number, after: number): boolean {
  if (start >= after) return true;
  let o = start;
  d.s(' [');
  while (o < after) {
    o = extension(d, o);
    if (o < 0) return false;
    if (o < after) d.c(0x2c);
  }
  d.c(0x5d);
  return true;
}

function extension(d: Dissector, o: number): number {
  if (!d.has(o, 2)) return -1;
  const code = d.u16(o);
  d.s(ednsNames[code] ?? `Opt${code}`);
  if (!d.has(o + 2, 2)) return -1;
  const n = d.u16(o + 2);
  const at = o + 4;
  if (!d.has(at, n)) return -1;
  if (n > 0) {
    d.c(0x20);
    extensionData(d, code, at, n);
  }
  return at + n;
}

function extensionData(d: Dissector, code: number, o: number, n: number): void {
  switch (code) {
    case 8:
      return clientSubnet(d, o, n);
    case 10:
      if (n < 8 || (n > 8 && n < 16) || n > 40) return d.invalid();
      d.bytes(o, 8);
      if (n > 8) {
        d.c(0x20);
        d.bytes(o + 8, n - 8);
      }
      return;
    case 11:
      return n === 2 ? d.s(`${(d.u16(o) / 10).toFixed(1)} sec`) : d.invalid();
    case 9:
      return n === 4 ? d.s(`${d.u32(o)} sec`) : d.invalid();
    case 12:
      return d.s(`(${n})`);
    case 14:
      if (n % 2 !== 0) return d.invalid();
      for (let i = 0; i < n; i += 2) d.s(`${i > 0 ? ' ' : ''}${d.u16(o + i)}`);
      return;
    case 5:
    case 6:
    case 7:
      for (let i = 0; i < n; i++) {
        const algorithm = d.u8(o + i);
        d.s(`${i > 0 ? ' ' : ''}${algorithmNames[code]![algorithm] ?? `Alg_${algorithm}`}`);
      }
      return;
    case 13:
      fqdn(d, o, o + n);
      return;
    default:
      d.bytes(o, n);
  }
}

/** RFC 7871 §6. */
function clientSubnet(d: Dissector, o: number, n: number): void {
  if (n < 4) return d.invalid();
  const family = d.u16(o);
  const source = d.u8(o + 2);
  const scope = d.u8(o + 3);
  const bits = family === 1 ? 32 : family === 2 ? 128 : 0;
  const held = n - 4;
  if (bits === 0 || held > bits / 8 || source > bits || scope > bits || (source + 7) >> 3 !== held) return d.invalid();
  const address = new Uint8Array(16);
  address.set(d.b.subarray(o + 4, o + 4 + held));
  if (family === 1) d.quad(address[0]!, address[1]!, address[2]!, address[3]!);
  else d.groups(address, 0);
  d.s(`/${source}/${scope}`);
}
