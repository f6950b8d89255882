/** Payloads of IKE version 2, RFC 7296 (print-isakmp.c). */
import type {Dissector} from './dissector.js';
import {
  keyGroups,
  nameOrNumber,
  notifications2,
  payloads,
  protocols,
  transforms2,
  transformTypes2,
} from './isakmp-names.js';
import {
  attributeList,
  type Context,
  cut,
  GENERIC,
  open,
  type PayloadPrinter,
  raw,
  STOP,
  someData,
} from './isakmp-payload.js';

const PROPOSAL = 2;
const TRANSFORM = 3;
const NOTIFY = 11;
const COOKIE = 16390;
const identityNames: Readonly<Record<number, string>> = {
  1: 'ipv4',
  2: 'fqdn',
  3: 'rfc822',
  5: 'ipv6',
  9: 'dn',
  10: 'gn',
  11: 'keyid',
};
const methods = ['invalid', 'rsasig', 'shared-secret', 'dsssig'];

export const payloads2: Readonly<Record<number, PayloadPrinter>> = {
  33: association,
  34: keyExchange,
  35: identity,
  36: identity,
  37: opaque,
  38: opaque,
  39: authentication,
  40: nonce,
  41: notification,
  42: opaque,
  43: vendor,
  44: opaque,
  45: opaque,
  46: encrypted,
  47: opaque,
  48: opaque,
};

/** `sa:`, or `sa[C]:` for a critical payload. */
function begin(d: Dissector, name: string, o: number): void {
  d.s(`${name}${(d.u8(o + 1) & 0x80) !== 0 ? '[C]' : ''}:`);
}

/** Bytes of the body at -vvv, where it is longer than `least`. */
function body(d: Dissector, o: number, n: number, least: number): boolean {
  if (d.v <= 2 || n <= least) return true;
  d.c(0x20);
  return raw(d, o + GENERIC, n - GENERIC);
}

function opaque(d: Dissector, o: number, n: number, _context: Context, kind: number): number {
  if (!d.has(o, GENERIC)) return cut(d, kind);
  begin(d, nameOrNumber(payloads, kind), o);
  d.s(` len=${n - GENERIC}`);
  return body(d, o, n, GENERIC) ? o + n : cut(d, kind);
}

/** Without keys what is inside stays hidden, and nothing follows it. */
function encrypted(d: Dissector, o: number, n: number, _context: Context, kind: number): number {
  if (!d.has(o, GENERIC)) return cut(d, kind);
  begin(d, nameOrNumber(payloads, kind), o);
  d.s(` len=${n - GENERIC}`);
  if (!body(d, o, n, 2 * GENERIC) || !d.has(o + GENERIC, n - GENERIC)) return cut(d, kind);
  return STOP;
}

/** Payloads of one kind, one behind the other in `[start, start + length)`: each is `expected` or only named. */
function nested(
  d: Dissector,
  start: number,
  length: number,
  depth: number,
  expected: number,
  owner: number,
  print: (o: number, n: number, number: number) => number,
): number {
  let o = start;
  let left = length;
  let kind = expected;
  for (let number = 1; kind !== 0; number++) {
    if (left < GENERIC) return overrun(d, o, left, owner);
    if (!d.has(o, GENERIC)) return cut(d, owner);
    const n = d.u16(o + 2);
    if (n <= GENERIC) return cut(d, owner);
    if (left < n) return overrun(d, o, left, owner);
    if (!d.has(o, n)) return cut(d, owner);
    open(d, depth + 1);
    const at = o;
    if (kind === expected) {
      o = print(at, n, number);
      if (o === STOP) return STOP;
    } else {
      d.s(nameOrNumber(payloads, kind));
      o = at + n;
    }
    d.c(0x29);
    left -= n;
    kind = d.u8(at);
  }
  return o;
}

function overrun(d: Dissector, o: number, left: number, kind: number): number {
  cut(d, kind);
  return o + left;
}

function association(d: Dissector, o: number, _n: number, context: Context, kind: number): number {
  if (!d.has(o, GENERIC)) return cut(d, kind);
  begin(d, 'sa', o);
  const length = d.u16(o + 2) - GENERIC;
  d.s(` len=${length}`);
  const inner = {...context, depth: context.depth + 1};
  return nested(d, o + GENERIC, length, context.depth, PROPOSAL, kind, (at, n) => proposal(d, at, n, inner));
}

/** number(1) protocol(1) SPI length(1) transforms(1) SPI, transforms. */
function proposal(d: Dissector, o: number, n: number, context: Context): number {
  if (!d.has(o, 8)) return cut(d, PROPOSAL);
  begin(d, 'p', o);
  d.s(` #${d.u8(o + 4)} protoid=${nameOrNumber(protocols, d.u8(o + 5))} transform=${d.u8(o + 7)} len=${n}`);
  const spi = d.u8(o + 6);
  // Tcpdump takes 4 of the 8 bytes of header off the length.
  let length = n - GENERIC;
  if (spi > 0) {
    if (length < spi) return overrun(d, o + 8, length, PROPOSAL);
    d.s(' spi=');
    if (!raw(d, o + 8, spi)) return cut(d, PROPOSAL);
    length -= spi;
  }
  return nested(d, o + 8 + spi, length, context.depth, TRANSFORM, PROPOSAL, (at, size, number) =>
    transform(d, at, size, number, context),
  );
}

/** type(1) reserved(1) id(2) attributes. */
function transform(d: Dissector, o: number, n: number, number: number, {end}: Context): number {
  if (!d.has(o, 8)) return cut(d, TRANSFORM);
  begin(d, 't', o);
  const type = d.u8(o + 4);
  const id = d.u16(o + 6);
  const known = transforms2[type];
  d.s(` #${number} type=${nameOrNumber(transformTypes2, type)} `);
  d.s(`id=${known === undefined ? id : nameOrNumber(known.names, id)} `);
  const next = attributeList(d, o + 8, o + n, end, known?.attributes);
  if (next === STOP) return cut(d, TRANSFORM);
  if (end < o + n) d.s('...');
  return next;
}

function keyExchange(d: Dissector, o: number, n: number, _context: Context, kind: number): number {
  if (!d.has(o, 8)) return cut(d, kind);
  begin(d, nameOrNumber(payloads, kind), o);
  if (n < 8) d.s(` len=${n} < 8`);
  else {
    d.s(` len=${n - 8} group=${nameOrNumber(keyGroups, d.u16(o + 4))}`);
    if (d.v > 2 && n > 8) {
      d.c(0x20);
      if (!raw(d, o + 8, n - 8)) return cut(d, kind);
    }
  }
  return o + n;
}

function identity(d: Dissector, o: number, n: number, _context: Context, kind: number): number {
  if (!d.has(o, 8)) return cut(d, kind);
  begin(d, nameOrNumber(payloads, kind), o);
  d.s(` len=${n - GENERIC}`);
  if (!body(d, o, n, GENERIC)) return cut(d, kind);
  const type = d.u8(o + 4);
  const name = identityNames[type];
  if (name === undefined) return o + n;
  d.s(` ${name}:`);
  if (type === 2 || type === 3) {
    if (!d.has(o + 8, n - 8)) return cut(d, kind);
    printable(d, o + 8, n - 8);
  } else if (!raw(d, o + 8, n - 8)) return cut(d, kind);
  return o + n;
}

function printable(d: Dissector, o: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const c = d.u8(o + i);
    d.c(c >= 0x20 && c < 0x7f ? c : 0x2e);
  }
}

function authentication(d: Dissector, o: number, n: number, {end}: Context, kind: number): number {
  if (!d.has(o, 8)) return cut(d, kind);
  begin(d, nameOrNumber(payloads, kind), o);
  d.s(` len=${n - GENERIC} method=${nameOrNumber(methods, d.u8(o + 4))}`);
  if (d.v > 1) {
    d.s(' authdata=(');
    if (!raw(d, o + 8, n - 8)) return cut(d, kind);
    d.s(') ');
  } else if (!someData(d, o + 8, end)) return cut(d, kind);
  return o + n;
}

function nonce(d: Dissector, o: number, n: number, {end}: Context, kind: number): number {
  if (!d.has(o, GENERIC)) return cut(d, kind);
  begin(d, 'nonce', o);
  d.s(` len=${n - GENERIC}`);
  if (d.v > 1) {
    d.s(' nonce=(');
    if (!raw(d, o + GENERIC, n - GENERIC)) return cut(d, kind);
    d.s(') ');
  } else if (!someData(d, o + GENERIC, end)) return cut(d, kind);
  return o + n;
}

function notificationName(type: number): string {
  const kind = type < 8192 ? 'error' : type < 16384 ? 'private-error' : type < 40960 ? 'status' : 'private-status';
  return notifications2[type]?.[0] ?? kind;
}

/** protocol(1) SPI length(1) type(2) SPI, data. */
function notification(d: Dissector, o: number, n: number, {end}: Context): number {
  if (!d.has(o, 8)) return cut(d, NOTIFY);
  begin(d, 'n', o);
  const type = d.u16(o + 6);
  const spi = d.u8(o + 5);
  d.s(` prot_id=${nameOrNumber(protocols, d.u8(o + 4))} type=${type}(${notificationName(type)})`);
  if (spi > 0 && (notifications2[type]?.[1] ?? true)) {
    d.s(' spi=');
    if (!raw(d, o + 8, spi)) return cut(d, NOTIFY);
  }
  const at = o + 8 + spi;
  if (at >= end) return o + n;
  if (d.v > 3 || (type === COOKIE && end - at < 30)) {
    d.s(' data=(');
    d.bytes(at, end - at);
    d.c(0x29);
  } else if (type === COOKIE && !someData(d, at, end)) return cut(d, NOTIFY);
  return o + n;
}

function vendor(d: Dissector, o: number, n: number, _context: Context, kind: number): number {
  if (!d.has(o, GENERIC)) return cut(d, kind);
  begin(d, nameOrNumber(payloads, kind), o);
  d.s(` len=${n - GENERIC} vid=`);
  if (!d.has(o + GENERIC, n - GENERIC)) return cut(d, kind);
  printable(d, o + GENERIC, n - GENERIC);
  return body(d, o, n, 2 * GENERIC) ? o + n : cut(d, kind);
}
