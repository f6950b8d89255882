/** Cisco Discovery Protocol (print-cdp.c): version, time to live, checksum, fields of type(2) length(2) value. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {characters, fixed, ip4Text, ip6Text, padHex} from './fields.js';
import {bitNames} from './names.js';

const HEADER = 4;
const DEVICE_ID = 1;
const IPV4_NLPID = 0xcc;
/** 802.2 SNAP header of IPv6, as addresses name their protocol. */
const IPV6 = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0x86, 0xdd] as const;

type ValuePrinter = (d: Dissector, o: number, length: number) => void;
interface Field {
  readonly name: string;
  readonly print?: ValuePrinter;
  /** Lengths outside are malformed. */
  readonly min?: number;
  readonly max?: number;
}

const capabilities = [
  [0x01, 'Router'],
  [0x02, 'Transparent Bridge'],
  [0x04, 'Source Route Bridge'],
  [0x08, 'L2 Switch'],
  [0x10, 'L3 capable'],
  [0x20, 'IGMP snooping'],
  [0x40, 'L1 capable'],
] as const;

const octet: ValuePrinter = (d, o) => d.s(`0x${padHex(d.u8(o), 2)}`);

/** Types that are not assigned have no name, and nothing of them is printed. */
const UNASSIGNED: Field = {name: 'unknown field type'};
const fields: readonly Field[] = [
  UNASSIGNED,
  {name: 'Device-ID', print: quoted},
  {name: 'Address', print: addresses},
  {name: 'Port-ID', print: quoted},
  {name: 'Capability', print: capability, min: 4, max: 4},
  {name: 'Version String', print: version},
  {name: 'Platform', print: quoted},
  {name: 'Prefixes', print: prefixes},
  {name: 'Protocol-Hello option'},
  {name: 'VTP Management Domain', print: quoted},
  {name: 'Native VLAN ID', print: (d, o) => d.n(d.u16(o)), min: 2, max: 2},
  {name: 'Duplex', print: (d, o) => d.s(d.u8(o) !== 0 ? 'full' : 'half'), min: 1, max: 1},
  UNASSIGNED,
  UNASSIGNED,
  {name: 'ATA-186 VoIP VLAN assignment', print: voice, min: 3, max: 3},
  {name: 'ATA-186 VoIP VLAN request', print: voice, min: 2, max: 3},
  {name: 'power consumption', print: power, min: 1, max: 3},
  {name: 'MTU', print: (d, o) => d.s(`${d.u32(o)} bytes`), min: 4, max: 4},
  {name: 'AVVID trust bitmap', print: octet, min: 1, max: 1},
  {name: 'AVVID untrusted ports CoS', print: octet, min: 1, max: 1},
  {name: 'System Name', print: quoted},
  {name: 'System Object ID (not decoded)'},
  {name: 'Management Addresses', print: addresses, min: 4},
  {name: 'Physical Location', print: location, min: 1},
];

export function cdp(d: Dissector, start: number, wireLength: number): void {
  d.protocol = 'cdp';
  if (wireLength < HEADER) {
    d.s(` (packet length ${wireLength} < ${HEADER})`);
    return bad(d, start, wireLength);
  }
  d.s(`CDPv${d.u8(start)}, ttl: ${d.u8(start + 1)}s`);
  const checksum = d.u16(start + 2);
  if (d.v > 0) d.s(`, checksum: 0x${padHex(checksum, 4)} (unverified), length ${wireLength}`);
  let o = start + HEADER;
  let left = wireLength - HEADER;
  while (left > 0) {
    const used = field(d, o, left);
    if (used === 0) return bad(d, o, left);
    o += used;
    left -= used;
  }
  if (d.v < 1) d.s(`, length ${wireLength}`);
}

function bad(d: Dissector, o: number, left: number): void {
  d.invalid();
  d.need(o, left);
}

/** Returns its length, 0 when that is wrong. */
function field(d: Dissector, o: number, left: number): number {
  if (left < HEADER) {
    d.s(` (remaining packet length ${left} < ${HEADER})`);
    return 0;
  }
  const type = d.u16(o);
  const size = d.u16(o + 2);
  const known = fields[type];
  const {name} = known ?? UNASSIGNED;
  if (size < HEADER) {
    if (d.v > 0)
      d.s(`\n\t${name} (0x${padHex(type, 2)}), TLV length: ${size} byte${size === 1 ? '' : 's'} (too short)`);
    else d.s(`, ${name} TLV length ${size} too short`);
    return 0;
  }
  if (size > left) {
    d.s(` (TLV length ${size} > ${left})`);
    return 0;
  }
  const n = size - HEADER;
  if (d.v > 0) d.s(`\n\t${name} (0x${padHex(type, 2)}), value length: ${n} byte${n === 1 ? '' : 's'}: `);
  else if (type === DEVICE_ID) d.s(', Device-ID ');
  value(d, o + HEADER, n, type, known);
  return size;
}

/** Without -v the bytes of all fields but the name are dumped. */
function value(d: Dissector, o: number, n: number, type: number, known: Field | undefined): void {
  const malformed = known !== undefined && (n < (known.min ?? 0) || n > (known.max ?? 0xffff));
  if (malformed) d.s(' (malformed TLV)');
  else if (known !== undefined && (d.v > 0 || type === DEVICE_ID)) {
    if (known.print !== undefined) known.print(d, o, n);
    else d.need(o, n);
    return;
  }
  d.need(o, n);
  unknownData(d, '\n\t  ', o, n);
}

function quoted(d: Dissector, o: number, n: number): void {
  d.c(0x27);
  characters(d, o, n);
  d.c(0x27);
}

function capability(d: Dissector, o: number): void {
  const bits = d.u32(o);
  d.s(`(0x${padHex(bits, 8)}): ${bitNames(capabilities, bits, ', ', 'none')}`);
}

function version(d: Dissector, o: number, n: number): void {
  d.s('\n\t  ');
  for (let i = 0; i < n; i++) {
    const c = d.u8(o + i);
    if (c === 0x0a) d.s('\n\t  ');
    else d.safe(c);
  }
}

function voice(d: Dissector, o: number, n: number): void {
  if (n === 2) d.s(`unknown 0x${padHex(d.u16(o), 4)}`);
  else d.s(`app ${d.u8(o)}, vlan ${d.u16(o + 1)}`);
}

function power(d: Dissector, o: number, n: number): void {
  const milliwatts = n === 1 ? d.u8(o) : n === 2 ? d.u16(o) : d.u24(o);
  d.s(`${fixed(milliwatts / 1000, 2)}W`);
}

function location(d: Dissector, o: number, n: number): void {
  octet(d, o, n);
  if (n === 1) return;
  d.c(0x2f);
  characters(d, o + 1, n - 1);
}

function prefixes(d: Dissector, o: number, n: number): void {
  if (n % 5 !== 0) {
    d.s(` [length ${n} is not a multiple of 5]`);
    return d.need(o, n);
  }
  d.s(` IPv4 Prefixes (${n / 5}):`);
  for (let i = 0; i < n; i += 5) {
    d.need(o + i, 5);
    d.s(` ${[0, 1, 2, 3].map((k) => d.u8(o + i + k)).join('.')}/${d.u8(o + i + 4)}`);
  }
}

/** Where a list of addresses is, and how many bytes it has left. */
interface Cursor {
  o: number;
  left: number;
}

/** count(4), then of each: protocol type(1) and length(1), protocol, address length(2), address. */
function addresses(d: Dissector, o: number, n: number): void {
  if (n < 4) {
    d.s(' (not enough space for num)');
    return d.need(o, n);
  }
  const cursor = {o: o + 4, left: n - 4};
  for (let number = d.u32(o); number > 0; number--) {
    const fault = address(d, cursor, number);
    if (fault !== '') {
      d.s(` (not enough space for ${fault})`);
      return d.need(cursor.o, cursor.left);
    }
    if (number > 1) d.c(0x20);
  }
  if (cursor.left > 0) d.s(` (${cursor.left} bytes of stray data)`);
}

/** Returns what there is no space for. */
function address(d: Dissector, cursor: Cursor, number: number): string {
  if (cursor.left < 2) return 'PT+PL';
  const type = d.u8(cursor.o);
  const size = d.u8(cursor.o + 1);
  move(cursor, 2);
  if (cursor.left < size + 2) return 'P+AL';
  const at = cursor.o;
  const length = d.u16(at + size);
  const is4 = type === 1 && size === 1 && d.u8(at) === IPV4_NLPID && length === 4;
  const is6 = type === 2 && size === 8 && IPV6.every((byte, i) => d.b[at + i] === byte) && length === 16;
  if (!is4 && !is6) {
    d.s(`pt=0x${padHex(type, 2)}, pl=${size}, pb=`);
    spacedBytes(d, at, size);
    d.s(`, al=${length}, a=`);
  }
  move(cursor, size + 2);
  if (cursor.left < length) return 'A';
  if (is4) d.s(`IPv4 (${number}) ${ip4Text(d, cursor.o)}`);
  else if (is6) d.s(`IPv6 (${number}) ${ip6Text(d, cursor.o)}`);
  else spacedBytes(d, cursor.o, length);
  move(cursor, length);
  return '';
}

function move(cursor: Cursor, n: number): void {
  cursor.o += n;
  cursor.left -= n;
}

function spacedBytes(d: Dissector, o: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const byte = d.u8(o + i);
    d.c(0x20);
    d.hex(byte, 2);
  }
}
