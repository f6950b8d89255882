/**
 * Values in ASN.1's basic encoding (X.690) as SNMP uses them (print-snmp.c `asn1_parse`, `asn1_print`): tag, length, contents.
 *
 *   tag     class (2 bits) | constructed | number (5 bits; 31 = in the octets behind)
 *   length  0 … 127, or 128 + how many octets behind have it
 */
import type {Dissector} from './dissector.js';
import {type NamedObject, namedObjects} from './snmp-names.js';

/** How contents are understood; `any`: not at all. */
export type Kind =
  | 'string'
  | 'integer'
  | 'object'
  | 'null'
  | 'octets'
  | 'address'
  | 'unsigned'
  | 'unsigned64'
  | 'exception'
  | 'sequence'
  | 'pdu'
  | 'any';

export interface Value {
  readonly kind: Kind;
  /** Its number in its class. */
  readonly id: number;
  /** Contents: `[at, at + length)`. */
  readonly at: number;
  readonly length: number;
  readonly number: number | bigint;
}

const words = (text: string): readonly string[] => text.split(' ');
const universal = words(
  'U-0 Boolean Integer Bitstring String Null ObjID ObjectDes U-8 U-9 U-10 U-11 U-12 U-13 U-14 U-15 Sequence Set',
);
const application = words('IpAddress Counter Gauge TimeTicks Opaque C-5 Counter64');
export const pduNames = words('GetRequest GetNextRequest GetResponse SetRequest Trap GetBulk Inform V2Trap Report');
const exceptions = words('noSuchObject noSuchInstance endOfMibView');
/** Names of values by class; the classes' own names all print as `x`. */
const classes = [universal, application, pduNames, ['P-0']] as const;

const UNIVERSAL = 0;
const APPLICATION = 1;
const CONTEXT = 2;
const EXTENDED = 31;
const OID_MUX = 40;

/** Prefixes of object identifiers as encoded, what they are abbreviated to without -n, and where they are. */
const abbreviations: readonly {readonly prefix: string; readonly octets: readonly number[]}[] = [
  {prefix: '', octets: [0x2b, 6, 1, 2, 1]},
  {prefix: 'E:', octets: [0x2b, 6, 1, 4, 1]},
  {prefix: 'X:', octets: [0x2b, 6, 1, 3]},
  {prefix: 'S:', octets: [0x2b, 6, 1, 6, 3]},
];

/** Values that lie behind each other in `left` bytes. */
export class Values {
  /** Bytes of the last value, header and all. */
  size = 0;

  constructor(
    private readonly d: Dissector,
    public at: number,
    public left: number,
  ) {}

  /** The values inside of a constructed one, or in an octet string. */
  static inside(d: Dissector, {at, length}: Value): Values {
    return new Values(d, at, length);
  }

  /** The next value, which must be of that kind: otherwise `[complaint]` and what it is, undefined. Moves behind it. */
  next(kind: Kind, complaint: string): Value | undefined {
    const value = this.parse();
    if (value === undefined) return undefined;
    if (value.kind !== kind) {
      this.d.s(`[${complaint}]`);
      printValue(this.d, value);
      return undefined;
    }
    this.skip();
    return value;
  }

  /** Moves behind the value that `parse` gave. */
  skip(): void {
    this.at += this.size;
    this.left -= this.size;
  }

  /** The next value, without moving; undefined, with a complaint printed, where there is none. */
  parse(): Value | undefined {
    const {d} = this;
    let o = this.at;
    let {left} = this;
    const fail = (text: string): undefined => {
      d.s(`[${text}]`);
      return undefined;
    };
    if (left < 1) return fail('nothing to parse');
    const tag = d.u8(o++);
    left--;
    let id = tag & 31;
    if (id === EXTENDED) {
      for (id = 0; (d.u8(o) & 0x80) !== 0; left--) {
        if (left < 1) return fail('Xtagfield?');
        id = ((id << 7) | (d.u8(o++) & 0x7f)) & 0xff;
      }
      if (left < 1) return fail('Xtagfield?');
      id = ((id << 7) | d.u8(o++)) & 0xff;
      left--;
    }
    if (left < 1) return fail('no asnlen');
    let length = d.u8(o++);
    left--;
    if ((length & 0x80) !== 0) {
      const octets = length & 0x7f;
      length = 0;
      if (left < octets) return fail(`asnlen? ${left}<${octets}`);
      if (!d.has(o, octets)) return cut(d);
      for (let i = 0; i < octets; i++) length = ((length << 8) | d.u8(o++)) >>> 0;
      left -= octets;
    }
    if (left < length) return fail(`len${left}<asnlen${length}`);
    const constructed = (tag & 0x20) !== 0;
    const names = classes[(tag >> 6) as 0 | 1 | 2 | 3];
    const name = names[id];
    if (name === undefined) return fail(`id?${constructed ? 'C' : 'P'}/x/${id}`);
    if (!d.has(o, length)) return cut(d);
    this.size = o - this.at + length;
    if (constructed) return {kind: constructedKind(d, tag >> 6, id, name), id, at: o, length, number: 0};
    return primitive(d, tag >> 6, id, name, o, length);
  }
}

function cut(d: Dissector): undefined {
  d.trunc();
  return undefined;
}

function constructedKind(d: Dissector, cls: number, id: number, name: string): Kind {
  if (cls === CONTEXT) return 'pdu';
  if (cls === UNIVERSAL && id === 16) return 'sequence';
  d.s(`C/${cls === UNIVERSAL ? 'U' : 'x'}/${name}`);
  return 'octets';
}

/** A value that is not made of values; undefined for an integer without contents. */
function primitive(d: Dissector, cls: number, id: number, name: string, at: number, length: number): Value | undefined {
  const value = (kind: Kind, number: number | bigint = 0): Value => ({kind, id, at, length, number});
  if (cls === UNIVERSAL) {
    if (id === 4) return value('string');
    if (id === 6) return value('object');
    if (id === 5) return value('null');
    if (id === 2) {
      if (length > 0) return value('integer', signed(d, at, length));
      d.s('[asnlen=0]');
      return undefined;
    }
    d.s(`[P/U/${name}]`);
  } else if (cls === APPLICATION) {
    if (id === 0) return value('address');
    if (id <= 3) return value('unsigned', unsigned(d, at, length) & 0xffff_ffffn);
    if (id === 6) return value('unsigned64', unsigned(d, at, length));
    d.s(`[P/A/${name}]`);
  } else if (cls === CONTEXT) return value(id < exceptions.length ? 'exception' : 'any');
  else d.s(`[P/x/${name}]`);
  return value('octets');
}

/** Of longer ones the last 32 bits. */
function signed(d: Dissector, at: number, length: number): number {
  let number = d.u8(at) >= 0x80 ? -1 : 0;
  for (let i = 0; i < length; i++) number = (number << 8) | d.u8(at + i);
  return number;
}

/** Of longer ones the last 64 bits. */
function unsigned(d: Dissector, at: number, length: number): bigint {
  let number = 0n;
  for (let i = Math.max(0, length - 8); i < length; i++) number = (number << 8n) | BigInt(d.u8(at + i));
  return number;
}

/** `_0a_ff` */
export function printOctets(d: Dissector, {at, length}: Value): void {
  for (let i = 0; i < length; i++) {
    d.c(0x5f);
    d.hex(d.u8(at + i), 2);
  }
}

/** A text in quotes, or, where it has other characters, in hex. */
export function printString(d: Dissector, {at, length}: Value): void {
  let printable = true;
  for (let i = 0; i < length && printable; i++) printable = d.u8(at + i) >= 0x20 && d.u8(at + i) < 0x7f;
  if (printable) {
    d.c(0x22);
    d.text(at, length);
    d.c(0x22);
    return;
  }
  for (let i = 0; i < length; i++) {
    if (i > 0) d.c(0x5f);
    d.hex(d.u8(at + i), 2);
  }
}

export function printValue(d: Dissector, value: Value): void {
  switch (value.kind) {
    case 'octets':
      return printOctets(d, value);
    case 'null':
      return;
    case 'object':
      return printObject(d, value);
    case 'integer':
    case 'unsigned':
    case 'unsigned64':
      return d.s(String(value.number));
    case 'string':
      return printString(d, value);
    case 'sequence':
      return d.s(`Seq(${value.length})`);
    case 'address':
      if (value.length !== 4) d.s('[inetaddr len!=4]');
      return d.s(Array.from({length: value.length}, (_, i) => d.u8(value.at + i)).join('.'));
    case 'exception':
      return d.s(`[${exceptions[value.id]}]`);
    case 'pdu':
      return d.s(`${pduNames[value.id]}(${value.length})`);
    case 'any':
      return d.s('[BE_ANY!?]');
  }
}

/** An object identifier, by names as far as there are any; its numbers are 7 bits an octet, the first has the first two. */
function printObject(d: Dissector, {at, length}: Value): void {
  let o = at;
  let level: ReadonlyMap<number, NamedObject> | undefined;
  let dot = '.';
  let first = true;
  const abbreviation = d.numeric || length <= 2 ? undefined : abbreviationOf(d, at, length);
  if (abbreviation !== undefined) {
    d.s(abbreviation.prefix);
    o += abbreviation.octets.length;
    level = levelOf(abbreviation.octets);
    first = false;
    dot = '';
  }
  const part = (number: number) => {
    const named = level?.get(number);
    d.s(`${dot}${named?.name ?? number >>> 0}`);
    level = named?.below;
    dot = '.';
  };
  let number = 0;
  for (; o < at + length; o++) {
    const octet = d.u8(o);
    number = ((number << 7) + (octet & 0x7f)) | 0;
    if (octet >= 0x80) continue;
    if (first) {
      if (!d.numeric) level = namedObjects();
      first = false;
      const top = Math.min(2, Math.trunc(number / OID_MUX));
      part(top);
      number = (number - top * OID_MUX) | 0;
    }
    part(number);
    number = 0;
  }
}

function abbreviationOf(d: Dissector, at: number, length: number) {
  return abbreviations.find(
    ({octets}) =>
      length >= octets.length && d.has(at, octets.length) && octets.every((octet, i) => d.u8(at + i) === octet),
  );
}

/** What is below an object identifier of single octets. */
function levelOf(octets: readonly number[]): ReadonlyMap<number, NamedObject> | undefined {
  let level: ReadonlyMap<number, NamedObject> | undefined = namedObjects();
  for (const number of [1, 3, ...octets.slice(1)]) level = level?.get(number)?.below;
  return level;
}
