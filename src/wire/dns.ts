/**
 * DNS messages. RFC 1035 §4.1; AAAA: RFC 3596; SRV: RFC 2782; OPT: RFC 6891 §6.1.
 *
 *    0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
 *   +-----------------------------------------------+
 *   |                      ID                       |
 *   |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
 *   |          QDCOUNT      ·      ANCOUNT          |
 *   |          NSCOUNT      ·      ARCOUNT          |
 *   +-----------------------------------------------+
 *   question: QNAME QTYPE QCLASS
 *   record:   NAME TYPE CLASS TTL(32) RDLENGTH RDATA
 *
 * Names are text with a dot behind each label (`pod-a.default.`, the root is `.`); dots, backslashes and unprintable
 * bytes inside a label are escaped as in RFC 1035 §5.1. Over TCP each message has a 16-bit length in front (§4.2.2),
 * which is not part of it.
 */
import {type Ip4, type Ip6, readIp4, readIp6} from './addr.js';
import {type Check, get16, get32, need, type Truncated} from './bytes.js';
import {encodeRecordData, NameWriter} from './dns-encode.js';
import {readDnsName} from './dns-name.js';

export const DNS_HEADER = 12;
export const DNS_RESPONSE = 0x8000;
export const DNS_AUTHORITATIVE = 0x0400;
export const DNS_TRUNCATED = 0x0200;
export const DNS_RECURSION_DESIRED = 0x0100;
export const DNS_RECURSION_AVAILABLE = 0x0080;

export const DNS_CLASS_IN = 1;

export const dnsRcodes = {noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5} as const;

export const dnsTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
} as const;

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export type DnsData =
  | {readonly kind: 'A'; readonly ip: Ip4}
  | {readonly kind: 'AAAA'; readonly ip: Ip6}
  | {readonly kind: 'NS' | 'CNAME' | 'PTR'; readonly name: string}
  | {readonly kind: 'TXT'; readonly strings: readonly Uint8Array[]}
  | {
      readonly kind: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly name: string;
    }
  | {
      readonly kind: 'SOA';
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      readonly minimum: number;
    }
  /** The UDP payload size is the record's class; extended RCODE, version and DO are in its TTL. */
  | {readonly kind: 'OPT'; readonly options: readonly {readonly code: number; readonly data: Uint8Array}[]}
  /** Any other type, and a known one whose RDATA doesn't fit it. `type` is then the record's. */
  | {readonly kind: 'other'; readonly type: number; readonly bytes: Uint8Array};

export interface DnsRecord {
  readonly name: string;
  readonly class: number;
  readonly ttl: number;
  readonly data: DnsData;
}

export interface DnsMessage {
  readonly id: number;
  /** The whole second word: `DNS_RESPONSE | … | rcode`. */
  readonly flags: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** ID. */
export function dnsId(b: Uint8Array, o: number): number {
  return get16(b, o);
}

/** The second word: QR, Opcode, AA … RCODE. */
export function dnsFlags(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** Opcode, 0 = query. */
export function dnsOpcode(b: Uint8Array, o: number): number {
  return (b[o + 2]! >>> 3) & 0x0f;
}

/** RCODE. */
export function dnsRcode(b: Uint8Array, o: number): number {
  return b[o + 3]! & 0x0f;
}

/** QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT: section 0 … 3. */
export function dnsCount(b: Uint8Array, o: number, section: number): number {
  return get16(b, o + 4 + 2 * section);
}

export function checkDns(b: Uint8Array, o: number, end: number): Check {
  return need('domain', o, Math.min(end, b.length), DNS_HEADER);
}

/** Type number of a record. */
export function dnsRecordType(data: DnsData): number {
  return data.kind === 'other' ? data.type : dnsTypes[data.kind];
}

/**
 * The message in `b[o, end)`. Trailing bytes are ignored. A cut one yields the place of the cut and `partial`, what
 * came before it.
 */
export function decodeDns(
  b: Uint8Array,
  o: number,
  end: number,
): {readonly ok: true; readonly message: DnsMessage} | (Truncated & {readonly partial?: DnsMessage}) {
  const stop = Math.min(end, b.length);
  const head = checkDns(b, o, stop);
  if (!head.ok) return head;
  const questions: DnsQuestion[] = [];
  const sections: DnsRecord[][] = [[], [], []];
  const [answers, authorities, additionals] = sections as [DnsRecord[], DnsRecord[], DnsRecord[]];
  const message = {id: dnsId(b, o), flags: dnsFlags(b, o), questions, answers, authorities, additionals};
  let at = o + DNS_HEADER;
  for (let i = dnsCount(b, o, 0); i > 0; i--) {
    const read = readQuestion(b, o, at, stop);
    if (!read.ok) return {...read, partial: message};
    questions.push(read.value);
    at = read.next;
  }
  for (const [i, section] of sections.entries()) {
    for (let left = dnsCount(b, o, i + 1); left > 0; left--) {
      const read = readRecord(b, o, at, stop);
      if (!read.ok) return {...read, partial: message};
      section.push(read.value);
      at = read.next;
    }
  }
  return {ok: true, message};
}

type Read<T> = {readonly ok: true; readonly value: T; readonly next: number} | Truncated;

function readQuestion(b: Uint8Array, o: number, at: number, end: number): Read<DnsQuestion> {
  const name = readDnsName(b, o, at, end);
  if (!name.ok) return name;
  const rest = need('domain', name.next, end, 4);
  if (!rest.ok) return rest;
  const value = {name: name.name, type: get16(b, name.next), class: get16(b, name.next + 2)};
  return {ok: true, value, next: name.next + 4};
}

function readRecord(b: Uint8Array, o: number, at: number, end: number): Read<DnsRecord> {
  const name = readDnsName(b, o, at, end);
  if (!name.ok) return name;
  const fixed = need('domain', name.next, end, 10);
  if (!fixed.ok) return fixed;
  const start = name.next + 10;
  const size = get16(b, name.next + 8);
  const body = need('domain', start, end, size);
  if (!body.ok) return body;
  const type = get16(b, name.next);
  const data = readData(b, o, type, start, start + size) ?? {
    kind: 'other',
    type,
    bytes: b.subarray(start, start + size),
  };
  const value = {name: name.name, class: get16(b, name.next + 2), ttl: get32(b, name.next + 4), data};
  return {ok: true, value, next: start + size};
}

/** RDATA of a known type; undefined where it doesn't fill `[at, end)` exactly. */
function readData(b: Uint8Array, o: number, type: number, at: number, end: number): DnsData | undefined {
  switch (type) {
    case dnsTypes.A:
      return end - at === 4 ? {kind: 'A', ip: readIp4(b, at)} : undefined;
    case dnsTypes.AAAA:
      return end - at === 16 ? {kind: 'AAAA', ip: readIp6(b, at)} : undefined;
    case dnsTypes.NS:
    case dnsTypes.CNAME:
    case dnsTypes.PTR: {
      const read = readDnsName(b, o, at, end);
      if (!read.ok || read.next !== end) return undefined;
      return {kind: type === dnsTypes.NS ? 'NS' : type === dnsTypes.PTR ? 'PTR' : 'CNAME', name: read.name};
    }
    case dnsTypes.TXT:
      return readText(b, at, end);
    case dnsTypes.SRV: {
      const read = end - at > 6 ? readDnsName(b, o, at + 6, end) : undefined;
      if (!read?.ok || read.next !== end) return undefined;
      const [priority, weight, port] = [get16(b, at), get16(b, at + 2), get16(b, at + 4)];
      return {kind: 'SRV', priority, weight, port, name: read.name};
    }
    case dnsTypes.SOA:
      return readSoa(b, o, at, end);
    case dnsTypes.OPT:
      return readOpt(b, at, end);
    default:
      return undefined;
  }
}

function readText(b: Uint8Array, start: number, end: number): DnsData | undefined {
  const strings: Uint8Array[] = [];
  let at = start;
  while (at < end) {
    const next = at + 1 + b[at]!;
    if (next > end) return undefined;
    strings.push(b.subarray(at + 1, next));
    at = next;
  }
  return strings.length > 0 ? {kind: 'TXT', strings} : undefined;
}

function readSoa(b: Uint8Array, o: number, at: number, end: number): DnsData | undefined {
  const primary = readDnsName(b, o, at, end);
  const mailbox = primary.ok ? readDnsName(b, o, primary.next, end) : primary;
  if (!primary.ok || !mailbox.ok || end - mailbox.next !== 20) return undefined;
  const word = (i: number) => get32(b, mailbox.next + 4 * i);
  return {
    kind: 'SOA',
    primary: primary.name,
    mailbox: mailbox.name,
    serial: word(0),
    refresh: word(1),
    retry: word(2),
    expire: word(3),
    minimum: word(4),
  };
}

function readOpt(b: Uint8Array, start: number, end: number): DnsData | undefined {
  const options: {code: number; data: Uint8Array}[] = [];
  let at = start;
  while (at < end) {
    const next = at + 4 <= end ? at + 4 + get16(b, at + 2) : end + 1;
    if (next > end) return undefined;
    options.push({code: get16(b, at), data: b.subarray(at + 4, next)});
    at = next;
  }
  return {kind: 'OPT', options};
}

/** Names are compressed where RFC 1035 §4.1.4 and RFC 3597 §4 allow it: owners, NS, CNAME, PTR and SOA. */
export function encodeDns(message: DnsMessage): Uint8Array {
  const out = new NameWriter();
  const records = [message.answers, message.authorities, message.additionals];
  out.word(message.id);
  out.word(message.flags);
  out.word(message.questions.length);
  for (const section of records) out.word(section.length);
  for (const question of message.questions) {
    out.name(question.name);
    out.word(question.type);
    out.word(question.class);
  }
  for (const record of records.flat()) {
    out.name(record.name);
    out.word(dnsRecordType(record.data));
    out.word(record.class);
    out.long(record.ttl);
    const length = out.reserveWord();
    encodeRecordData(out, record.data);
    out.patchLength(length);
  }
  return out.bytes();
}

/** `dns query 7 A? my-svc.default.svc.cluster.local.`, `dns response 7 rcode 0, 1 answer(s)`. Needs `checkDns`. */
export function describeDns(b: Uint8Array, o: number, end: number): string {
  const id = dnsId(b, o);
  if ((dnsFlags(b, o) & DNS_RESPONSE) !== 0)
    return `dns response ${id} rcode ${dnsRcode(b, o)}, ${dnsCount(b, o, 1)} answer(s)`;
  const question = dnsCount(b, o, 0) > 0 ? readQuestion(b, o, o + DNS_HEADER, Math.min(end, b.length)) : undefined;
  return question?.ok ? `dns query ${id} ${typeName(question.value.type)}? ${question.value.name}` : `dns query ${id}`;
}

function typeName(type: number): string {
  return Object.entries(dnsTypes).find(([, number]) => number === type)?.[0] ?? `TYPE${type}`;
}
