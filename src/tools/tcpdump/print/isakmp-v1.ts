/** Payloads of IKE version 1, RFC 2408, RFC 2407 (print-isakmp.c). */
import type {Dissector} from './dissector.js';
import {characters, ip4Text, ip6Text} from './fields.js';
import {
  certificates,
  identities1,
  nameOrNumber,
  notifyErrors,
  notifyStatuses,
  oakleyAttributes,
  payloads,
  protocols,
  transforms1,
} from './isakmp-names.js';
import {
  attribute,
  attributeList,
  type Context,
  chain,
  cut,
  GENERIC,
  type PayloadPrinter,
  raw,
  STOP,
  someData,
} from './isakmp-payload.js';
import {protocolKeyword} from './names.js';

const PROPOSAL = 2;
const TRANSFORM = 3;
const IPSEC = 1;
const RESPONDER_LIFETIME = 24576;
const REPLAY_STATUS = 24577;

export const payloads1: Readonly<Record<number, PayloadPrinter>> = {
  1: association,
  [PROPOSAL]: proposal,
  [TRANSFORM]: transform,
  4: (d, o, n, _context, kind) => opaque(d, o, n, kind, ' key'),
  5: identity,
  6: certificate,
  7: certificate,
  8: (d, o, n, _context, kind) => opaque(d, o, n, kind, ''),
  9: (d, o, n, _context, kind) => opaque(d, o, n, kind, ''),
  10: nonce,
  11: notification,
  12: deletion,
  13: (d, o, n, _context, kind) => opaque(d, o, n, kind, ''),
};

/** `sa:`; false when the fixed part is not captured. */
function begin(d: Dissector, kind: number, o: number, size: number): boolean {
  d.s(`${nameOrNumber(payloads, kind)}:`);
  return d.has(o, size);
}

/** Bytes of the body at -vvv. */
function body(d: Dissector, o: number, n: number): boolean {
  if (d.v <= 2 || n <= GENERIC) return true;
  d.c(0x20);
  return raw(d, o + GENERIC, n - GENERIC);
}

function opaque(d: Dissector, o: number, n: number, kind: number, before: string): number {
  if (!begin(d, kind, o, GENERIC)) return cut(d, kind);
  d.s(`${before} len=${n - GENERIC}`);
  return body(d, o, n) ? o + n : cut(d, kind);
}

function association(d: Dissector, o: number, _n: number, context: Context, kind: number): number {
  if (!begin(d, kind, o, 12)) return cut(d, kind);
  const domain = d.u32(o + 4);
  const situation = d.u32(o + 8);
  if (domain !== IPSEC) {
    d.s(` doi=${domain} situation=${situation}`);
    return o + 12;
  }
  const parts = ['identity', 'secrecy', 'integrity'].filter((_, i) => (situation & (1 << i)) !== 0);
  d.s(` doi=ipsec situation=${parts.join('+')}`);
  let at = o + 12;
  if (situation !== 1) {
    d.s(` ident=${domain}`);
    at += 4;
  }
  return d.has(at, GENERIC) ? chain(d, PROPOSAL, at, context, payloads1) : cut(d, kind);
}

/** number(1) protocol(1) SPI length(1) transforms(1) SPI, transforms. */
function proposal(d: Dissector, o: number, _n: number, context: Context, kind: number): number {
  if (!begin(d, kind, o, 8)) return cut(d, kind);
  const protocol = d.u8(o + 5);
  const spi = d.u8(o + 6);
  d.s(` #${d.u8(o + 4)} protoid=${nameOrNumber(protocols, protocol)} transform=${d.u8(o + 7)}`);
  if (spi > 0) {
    d.s(' spi=');
    if (!raw(d, o + 8, spi)) return cut(d, kind);
  }
  const at = o + 8 + spi;
  return d.has(at, GENERIC) ? chain(d, TRANSFORM, at, {...context, protocol}, payloads1) : cut(d, kind);
}

function transform(d: Dissector, o: number, n: number, {end, protocol}: Context, kind: number): number {
  if (!begin(d, kind, o, 8)) return cut(d, kind);
  const known = transforms1[protocol];
  const id = d.u8(o + 5);
  d.s(` #${d.u8(o + 4)} id=${known === undefined ? id : nameOrNumber(known.names, id)} `);
  const next = attributeList(d, o + 8, o + n, end, known?.attributes);
  if (next === STOP) return cut(d, kind);
  if (end < o + n) d.s('...');
  return next;
}

function certificate(d: Dissector, o: number, n: number, _context: Context, kind: number): number {
  if (!begin(d, kind, o, 6)) return cut(d, kind);
  d.s(` len=${n - GENERIC} type=${nameOrNumber(certificates, d.u8(o + 4))}`);
  return body(d, o, n) ? o + n : cut(d, kind);
}

function nonce(d: Dissector, o: number, n: number, {end}: Context, kind: number): number {
  if (!begin(d, kind, o, GENERIC)) return cut(d, kind);
  d.s(` n len=${n - GENERIC}`);
  if (d.v === 2) {
    d.c(0x20);
    return someData(d, o + GENERIC, end) ? o + n : cut(d, kind);
  }
  return body(d, o, n) ? o + n : cut(d, kind);
}

/** type(1) protocol(1) port(2) identity. */
function identity(d: Dissector, o: number, n: number, _context: Context, kind: number): number {
  if (!begin(d, kind, o, 8)) return cut(d, kind);
  const type = d.u8(o + 4);
  const protocol = d.u8(o + 5);
  const keyword = !d.numeric && protocol !== 0 ? protocolKeyword(protocol) : undefined;
  d.s(` idtype=${nameOrNumber(identities1, type)} protoid=${keyword ?? protocol} port=${d.u16(o + 6)}`);
  const size = n - 8;
  if (size <= 0) return o + n;
  const at = o + 8;
  if (!d.has(at, size)) return cut(d, kind);
  const print = identityPrinters[type];
  d.s(` len=${size}`);
  if (print !== undefined) print(d, at, size);
  else if (d.v > 2) {
    d.c(0x20);
    d.bytes(at, size);
  }
  return o + n;
}

function atLeast(least: number, print: (d: Dissector, o: number) => string) {
  return (d: Dissector, o: number, n: number): void => d.s(n < least ? ` [bad: < ${least}]` : ` ${print(d, o)}`);
}

function name(d: Dissector, o: number, n: number): void {
  d.c(0x20);
  characters(d, o, n);
}

const identityPrinters: Readonly<Record<number, (d: Dissector, o: number, n: number) => void>> = {
  1: atLeast(4, ip4Text),
  2: name,
  3: name,
  4: atLeast(8, (d, o) => `${ip4Text(d, o)}/${[4, 5, 6, 7].map((i) => d.u8(o + i)).join('.')}`),
  5: atLeast(16, ip6Text),
  6: atLeast(32, (d, o) => {
    const mask = Array.from({length: 16}, (_, i) =>
      d
        .u8(o + 16 + i)
        .toString(16)
        .padStart(2, '0'),
    );
    return `${ip6Text(d, o)}/0x${mask.join('')}`;
  }),
  7: atLeast(8, (d, o) => `${ip4Text(d, o)}-${ip4Text(d, o + 4)}`),
  8: atLeast(32, (d, o) => `${ip6Text(d, o)}-${ip6Text(d, o + 16)}`),
};

function notificationName(type: number, ipsec: boolean): string {
  if (type < 8192) return nameOrNumber(notifyErrors, type);
  if (type < 16384) return ipsec ? nameOrNumber(['RESERVED'], type - 8192) : `#${type}`;
  if (type < 24576) return nameOrNumber(['CONNECTED'], type - 16384);
  return ipsec && type < 32768 ? nameOrNumber(notifyStatuses, type - 24576) : `#${type}`;
}

/** domain(4) protocol(1) SPI length(1) type(2) SPI, data. */
function notification(d: Dissector, o: number, n: number, {end}: Context, kind: number): number {
  if (!begin(d, kind, o, 12)) return cut(d, kind);
  const domain = d.u32(o + 4);
  const protocol = d.u8(o + 8);
  const spi = d.u8(o + 9);
  const type = d.u16(o + 10);
  const ipsec = domain === IPSEC;
  d.s(ipsec ? ` doi=ipsec proto=${nameOrNumber(protocols, protocol)}` : ` doi=${domain} proto=${protocol}`);
  d.s(` type=${notificationName(type, ipsec)}`);
  if (spi > 0) {
    d.s(' spi=');
    if (!raw(d, o + 12, spi)) return cut(d, kind);
  }
  const at = o + 12 + spi;
  if (!ipsec) return at;
  if (at < end && !notificationData(d, type, at, o + n, end)) return cut(d, kind);
  return o + n;
}

/** False when it is cut. */
function notificationData(d: Dissector, type: number, start: number, after: number, end: number): boolean {
  if (type === RESPONDER_LIFETIME) {
    d.s(' attrs=(');
    let o = start;
    while (o !== STOP && o < end && o < after) o = attribute(d, o, after, oakleyAttributes);
    d.c(0x29);
    return o !== STOP;
  }
  if (type === REPLAY_STATUS) {
    d.s(' status=(');
    d.s(`replay detection ${d.u32(start) !== 0 ? 'en' : 'dis'}abled)`);
    return true;
  }
  if (d.v <= 3) return someData(d, start, end);
  d.s(' data=(');
  d.bytes(start, end - start);
  d.c(0x29);
  return true;
}

/** domain(4) protocol(1) SPI length(1) count(2) SPIs. */
function deletion(d: Dissector, o: number, _n: number, _context: Context, kind: number): number {
  if (!begin(d, kind, o, 12)) return cut(d, kind);
  const domain = d.u32(o + 4);
  const protocol = d.u8(o + 8);
  const size = d.u8(o + 9);
  const count = d.u16(o + 10);
  if (domain === IPSEC) d.s(` doi=ipsec proto=${nameOrNumber(protocols, protocol)}`);
  else d.s(` doi=${domain} proto=${protocol}`);
  d.s(` spilen=${size} nspi=${count} spi=`);
  for (let i = 0; i < count; i++) {
    if (i > 0) d.c(0x2c);
    if (!raw(d, o + 12 + i * size, size)) return cut(d, kind);
  }
  return o + 12 + count * size;
}
