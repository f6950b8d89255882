/** IKE, RFC 2408 and RFC 7296, and its encapsulation for NAT traversal, RFC 3948 (print-isakmp.c). */
import type {Dissector} from './dissector.js';
import {padHex} from './fields.js';
import {encapsulatingSecurity} from './ipsec.js';
import {exchanges, nameOrNumber, payloads} from './isakmp-names.js';
import {type Context, chain, type PayloadPrinter} from './isakmp-payload.js';
import {payloads1} from './isakmp-v1.js';
import {payloads2} from './isakmp-v2.js';

const HEADER = 28;
const ENCRYPTED = 1;
/** Conversations whose initiator is remembered. */
const MAX_INITIATORS = 20;

/** Either version's chains may carry the other's payloads; only the second's encrypted one is its own. */
const {46: encrypted, ...shared} = {...payloads1, ...payloads2};
const chains: Readonly<Record<1 | 2, Readonly<Record<number, PayloadPrinter>>>> = {
  1: shared,
  2: encrypted === undefined ? shared : {...shared, 46: encrypted},
};

/** Who began which conversation: by initiator cookie, addresses of the first message. Slots are used in turn. */
interface Initiators {
  readonly slots: {cookie: string; source: string; destination: string}[];
  next: number;
}
const initiatorsOf = new WeakMap<Dissector, Initiators>();

function hex(d: Dissector, o: number, n: number): string {
  let text = '';
  for (let i = 0; i < n; i++) text += padHex(d.u8(o + i), 2);
  return text;
}

export function isakmp(d: Dissector, o: number, length: number, _sport: number, _dport: number, ipAt: number): void {
  d.protocol = 'isakmp';
  if (!d.has(o, HEADER)) return d.trunc();
  d.s('isakmp');
  const version = d.u8(o + 17);
  const major = version >> 4;
  if (d.v > 0) d.s(` ${major}.${version & 15} msgid ${hex(d, o + 20, 4)}`);
  if (d.v > 1) d.s(` cookie ${hex(d, o, 8)}->${hex(d, o + 8, 8)}`);
  d.c(0x3a);
  if (major !== 1 && major !== 2) return;
  const first = d.u32(o + 20) === 0;
  if (major === 1) d.s(`${first ? ' phase 1' : ' phase 2/others'} ${side(d, o, ipAt)}`);
  else d.s(first ? ' parent_sa' : ' child_sa ');
  d.s(` ${nameOrNumber(exchanges, d.u8(o + 18))}`);
  const flags = d.u8(o + 19);
  if (flags !== 0) d.s(`[${flagLetters(flags, major)}]`);
  if (d.v === 0) return;
  d.c(0x3a);
  const next = d.u8(o + 16);
  const context: Context = {end: d.end, phase: first ? 1 : 2, protocol: 0, depth: 0};
  if ((flags & ENCRYPTED) !== 0) d.s(` [encrypted ${nameOrNumber(payloads, next)}]`);
  else chain(d, next, o + HEADER, context, chains[major]);
  const stated = d.u32(o + 24);
  if (stated !== length) d.s(` (len mismatch: isakmp ${stated}/ip ${length})`);
}

function flagLetters(flags: number, major: number): string {
  const letters =
    major === 1
      ? [flags & 1 ? 'E' : '', flags & 2 ? 'C' : '']
      : [flags & 8 ? 'I' : '', flags & 16 ? 'V' : '', flags & 32 ? 'R' : ''];
  return letters.join('');
}

/** `I` for the initiator's messages, `R` for the responder's, `?` where the beginning was not seen. */
function side(d: Dissector, o: number, ipAt: number): string {
  let known = initiatorsOf.get(d);
  if (known === undefined) {
    const empty = {cookie: '0'.repeat(16), source: '', destination: ''};
    known = {slots: Array.from({length: MAX_INITIATORS}, () => empty), next: 0};
    initiatorsOf.set(d, known);
  }
  const cookie = hex(d, o, 8);
  const six = d.u8(ipAt) >> 4 === 6;
  const size = six ? 16 : 4;
  const source = hex(d, ipAt + (six ? 8 : 12), size);
  const found = known.slots.find((slot) => slot.cookie === cookie);
  if (found !== undefined) return source === found.source ? 'I' : source === found.destination ? 'R' : '?';
  if (hex(d, o + 8, 8) !== '0'.repeat(16)) return '?';
  known.slots[known.next] = {cookie, source, destination: hex(d, ipAt + (six ? 24 : 16), size)};
  known.next = (known.next + 1) % MAX_INITIATORS;
  return 'I';
}

/** UDP port 4500: a keep-alive, IKE behind four zero bytes, or ESP. */
export function natTraversal(
  d: Dissector,
  o: number,
  length: number,
  sport: number,
  dport: number,
  ipAt: number,
): void {
  d.protocol = 'isakmp_rfc3948';
  if (length === 1 && d.u8(o) === 0xff) return d.s('isakmp-nat-keep-alive');
  if (length < 4) return d.trunc();
  if (d.u32(o) === 0) {
    d.s('NONESP-encap: ');
    isakmp(d, o + 4, length - 4, sport, dport, ipAt);
  } else {
    d.s('UDP-encap: ');
    encapsulatingSecurity(d, o, length);
  }
}
