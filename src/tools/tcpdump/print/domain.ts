/** DNS and mDNS messages, RFC 1035, RFC 6762 (print-domain.c). */
import {get16} from '../../../wire/bytes.js';
import type {Dissector} from './dissector.js';
import {fqdn, skipName} from './domain-name.js';
import {record} from './domain-record.js';
import {className, typeName} from './domain-types.js';

const HEADER = 12;
const OPT = 41;
const INVERSE_QUERY = 1;

const operations = [
  '',
  ' inv_q',
  ' stat',
  ' op3',
  ' notify',
  ' update',
  ' op6',
  ' op7',
  ' op8',
  ' updateA',
  ' updateD',
  ' updateDA',
  ' updateM',
  ' updateMA',
  ' zoneInit',
  ' zoneRef',
] as const;

/** Two of them lack the blank: tcpdump's own. */
const responses = [
  '',
  ' FormErr',
  ' ServFail',
  ' NXDomain',
  ' NotImp',
  ' Refused',
  ' YXDomain',
  ' YXRRSet',
  ' NXRRSet',
  ' NotAuth',
  ' NotZone',
  ' Resp11',
  ' Resp12',
  ' Resp13',
  ' Resp14',
  ' NoChange',
  ' BadVers',
  'Resp17',
  ' Resp18',
  ' Resp19',
  ' Resp20',
  'Resp21',
  ' Resp22',
  ' BadCookie',
] as const;

/** A message of `length` bytes; over TCP with its two-byte length in front. */
export function domain(d: Dissector, start: number, size: number, overTcp: boolean, multicast: boolean): void {
  d.protocol = 'domain';
  let o = start;
  let length = size;
  if (overTcp) {
    if (length < 2) {
      d.s(` [DNS over TCP: length ${length} < 2]`);
      return d.invalid();
    }
    length -= 2;
    const prefix = d.u16(o);
    if (prefix !== length) {
      d.s(` [prefix length(${prefix}) != length(${length})]`);
      return d.invalid();
    }
    o += 2;
    d.c(0x20);
  }
  if (length < HEADER) {
    d.s(`domain [length ${length} < ${HEADER}]`);
    return d.invalid();
  }
  if (!d.has(o, HEADER)) return d.trunc();
  const flags = get16(d.b, o + 2);
  const code = responseCode(d, o, flags);
  const complete = (flags & 0x8000) !== 0 ? response(d, o, flags, code, multicast) : query(d, o, flags, multicast);
  if (!complete) return d.trunc();
  d.s(' (');
  d.n(length);
  d.c(0x29);
}

/** Response code with the upper bits that an OPT record carries, if it can be reached (RFC 6891 §6.1.3). */
function responseCode(d: Dissector, o: number, flags: number): number {
  const low = flags & 15;
  let at = o + HEADER;
  for (let i = get16(d.b, o + 4); i > 0; i--) {
    at = skipName(d, at);
    if (at < 0) return low;
    at += 4;
    if (at >= d.end) return low;
  }
  for (let i = get16(d.b, o + 6) + get16(d.b, o + 8); i > 0; i--) {
    at = skipName(d, at);
    if (at < 0) return low;
    at += 8;
    if (at + 2 > d.end) return low;
    at += 2 + get16(d.b, at);
    if (at >= d.end) return low;
  }
  for (let i = get16(d.b, o + 10); i > 0; i--) {
    at = skipName(d, at);
    if (at < 0 || at + 2 > d.end) return low;
    const type = get16(d.b, at);
    at += 4;
    if (at + 1 > d.end) return low;
    if (type === OPT) return low | (d.b[at]! << 4);
    at += 4;
    if (at + 2 > d.end) return low;
    at += 2 + get16(d.b, at);
    if (at >= d.end) return low;
  }
  return low;
}

function response(d: Dissector, o: number, flags: number, code: number, multicast: boolean): boolean {
  const {b} = d;
  const questions = get16(b, o + 4);
  const [answers, authority, additional] = [get16(b, o + 6), get16(b, o + 8), get16(b, o + 10)];
  d.n(get16(b, o));
  d.s(operations[(flags >> 11) & 15]!);
  d.s(responses[code] ?? ` Resp${code & 0xfff}`);
  if ((flags & 0x0400) !== 0) d.c(0x2a);
  if ((flags & 0x0080) === 0) d.c(0x2d);
  if ((flags & 0x0200) !== 0) d.c(0x7c);
  if ((flags & 0x0020) !== 0) d.c(0x24);
  if (questions !== 1) d.s(` [${questions}q]`);
  let at = o + HEADER;
  for (let i = 0; i < questions; i++) {
    if (i > 0) d.c(0x2c);
    if (d.v > 1) {
      d.s(' q:');
      at = question(d, at, o, multicast);
    } else {
      at = skipName(d, at);
      if (at >= 0) at += 4;
    }
    if (at < 0) return false;
  }
  d.c(0x20);
  d.n(answers);
  d.c(0x2f);
  d.n(authority);
  d.c(0x2f);
  d.n(additional);
  if (answers > 0) {
    at = section(d, at, o, answers, multicast);
    if (at < 0) return false;
  }
  return d.v <= 1 || furtherSections(d, at, o, authority, additional, multicast);
}

/** A section's records, joined by commas; -1 when not all of them are there. */
function section(d: Dissector, start: number, o: number, count: number, multicast: boolean): number {
  let at = record(d, start, o, multicast);
  let left = count - 1;
  while (at >= 0 && at < d.end && left > 0) {
    d.c(0x2c);
    at = record(d, at, o, multicast);
    left--;
  }
  return left > 0 ? -1 : at;
}

function furtherSections(
  d: Dissector,
  start: number,
  o: number,
  authority: number,
  additional: number,
  multicast: boolean,
): boolean {
  let at = start;
  for (const [name, count] of [
    [' ns:', authority],
    [' ar:', additional],
  ] as const) {
    if (count === 0) continue;
    if (at >= d.end) return false;
    d.s(name);
    at = section(d, at, o, count, multicast);
    if (at < 0) return false;
  }
  return true;
}

function query(d: Dissector, o: number, flags: number, multicast: boolean): boolean {
  const {b} = d;
  const questions = get16(b, o + 4);
  const [answers, authority, additional] = [get16(b, o + 6), get16(b, o + 8), get16(b, o + 10)];
  const operation = (flags >> 11) & 15;
  d.n(get16(b, o));
  d.s(operations[operation]!);
  if ((flags & 0x0100) !== 0) d.c(0x2b);
  if ((flags & 0x0010) !== 0) d.c(0x25);
  if ((flags & 0x06cf) !== 0) d.s(` [b2&3=0x${flags.toString(16)}]`);
  if (operation === INVERSE_QUERY) {
    if (questions !== 0) d.s(` [${questions}q]`);
    if (answers !== 1) d.s(` [${answers}a]`);
  } else {
    if (answers !== 0) d.s(` [${answers}a]`);
    if (questions !== 1) d.s(` [${questions}q]`);
  }
  if (authority !== 0) d.s(` [${authority}n]`);
  if (additional !== 0) d.s(` [${additional}au]`);
  let at = o + HEADER;
  for (let i = 0; i < questions; i++) {
    if (i > 0 && at >= d.end) return false;
    at = question(d, at, o, multicast);
    if (at < 0) return false;
  }
  if (d.v <= 1) return true;
  if (answers > 0) {
    at = section(d, at, o, answers, multicast);
    if (at < 0) return false;
  }
  return furtherSections(d, at, o, authority, additional, multicast);
}

/** ` A? name.`; classes other than IN by name; with mDNS whether the answer may be unicast. */
function question(d: Dissector, start: number, o: number, multicast: boolean): number {
  const at = skipName(d, start);
  if (at < 0 || !d.has(at, 4)) return -1;
  const cls = d.u16(at + 2);
  d.c(0x20);
  d.s(typeName(d.u16(at)));
  const plain = multicast ? cls & 0x7fff : cls;
  if (plain !== 1) d.s(` ${className(plain)}`);
  if (multicast) d.s((cls & 0x8000) !== 0 ? ' (QU)' : ' (QM)');
  d.s('? ');
  const after = fqdn(d, start, o);
  return after < 0 ? -1 : after + 4;
}
