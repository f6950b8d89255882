/** RADIUS, RFC 2865, RFC 2866, RFC 5176 (print-radius.c). Attributes are printed from -v on. */
import type {Dissector} from './dissector.js';
import {hexAsciiDump, unknownData} from './dump.js';
import {eap} from './eap.js';
import {characters, ip4Text, ip6Text, padHex} from './fields.js';
import {bitNames, hex2, type Names} from './names.js';
import {timestamp} from './ntp.js';
import {type AttributeKind, attributes, errorCauses, vendors} from './radius-attributes.js';

const HEADER = 20;
const commands: Names = {
  1: 'Access-Request',
  2: 'Access-Accept',
  3: 'Access-Reject',
  4: 'Accounting-Request',
  5: 'Accounting-Response',
  11: 'Access-Challenge',
  12: 'Status-Server',
  13: 'Status-Client',
  40: 'Disconnect-Request',
  41: 'Disconnect-ACK',
  42: 'Disconnect-NAK',
  43: 'CoA-Request',
  44: 'CoA-ACK',
  45: 'CoA-NAK',
  255: 'Reserved',
};
/** Strings behind a tag octet, if that is below 0x20. */
const taggedStrings: ReadonlySet<number> = new Set([66, 67, 81, 82, 90, 91]);
const TUNNEL_PASSWORD = 69;
const EGRESS_VLAN_NAME = 58;
const EAP_MESSAGE = 79;
const EGRESS_VLAN_ID = 56;
const TUNNEL_PREFERENCE = 83;
const durations: ReadonlySet<number> = new Set([27, 28, 41, 46, 85]);
const operators: Names = {48: 'TADIG', 49: 'REALM', 50: 'E212', 51: 'ICC'};
/** Bit numbers. */
const features = [
  [0, 'MIP6_INTEGRATED'],
  [1, 'LOCAL_HOME_AGENT_ASSIGNMENT'],
  [40, 'PMIP6_SUPPORTED'],
  [41, 'IP4_HOA_SUPPORTED'],
  [42, 'LOCAL_MAG_ROUTING_SUPPORTED'],
  [43, 'ASSIGN_LOCAL_IP'],
  [44, 'MIP4_SUPPORTED'],
  [45, 'OPTIMIZED_IDLE_MODE_MOBILITY'],
  [46, 'GTPv2_SUPPORTED'],
  [47, 'IP4_TRANSPORT_SUPPORTED'],
  [48, 'IP4_HOA_ONLY_SUPPORTED'],
  [49, 'INTER_MAG_ROUTING_SUPPORTED'],
] as const;
const policyFlags: readonly (readonly [number, string])[] = [
  ...Array.from({length: 15}, (_, i) => [1 << i, `MBZ-${15 - i}`] as const),
  [0x8000, 'Retransmission Allowed'],
];

export function radius(d: Dissector, o: number, length: number): void {
  d.protocol = 'radius';
  if (!d.has(o, HEADER)) return d.trunc();
  const stated = d.u16(o + 2);
  if (stated < HEADER) return d.trunc();
  const size = Math.min(stated, length);
  const code = d.u8(o);
  const name = `${commands[code] ?? 'Unknown Command'} (${code}), id: ${hex2(d.u8(o + 1))}`;
  if (d.v === 0) return d.s(`RADIUS, ${name} length: ${size}`);
  d.s(`RADIUS, length: ${size}\n\t${name}, Authenticator: `);
  d.bytes(o + 4, 16);
  if (size > HEADER) list(d, o + HEADER, size - HEADER);
}

/** type(1) length(1) value. */
function list(d: Dissector, start: number, length: number): void {
  let o = start;
  for (let left = length; left > 0; ) {
    if (left < 2 || !d.has(o, 2)) return d.trunc();
    const type = d.u8(o);
    const size = d.u8(o + 1);
    const attribute = attributes[type - 1];
    d.s(`\n\t  ${attribute?.name ?? 'Unknown'} Attribute (${type}), length: ${size}`);
    if (size < 2) return d.s(' (bogus, must be >= 2)');
    if (size > left) return d.s(' (bogus, goes past end of packet)');
    d.s(', Value: ');
    if (size > 2 && attribute?.kind !== undefined) printers[attribute.kind](d, o + 2, size - 2, type);
    if (d.v > 1) unknownData(d, '\n\t    ', o + 2, size - 2);
    o += size;
    left -= size;
  }
}

type ValuePrinter = (d: Dissector, o: number, n: number, type: number) => void;

/** A value that must be `size` bytes. */
function exactly(size: number, print: ValuePrinter): ValuePrinter {
  return (d, o, n, type) => {
    if (n === size) print(d, o, n, type);
    else d.s(`ERROR: length ${n} != ${size}`);
  };
}

/** A value that must be captured whole, and is at least `size` bytes. */
function atLeast(size: number, print: ValuePrinter): ValuePrinter {
  return (d, o, n, type) => {
    if (!d.has(o, n)) d.trunc();
    else if (n < size) d.s(`ERROR: length ${n} < ${size}`);
    else print(d, o, n, type);
  };
}

const printers: Readonly<Record<Exclude<AttributeKind, undefined>, ValuePrinter>> = {
  string: text,
  number: exactly(4, number),
  vendor,
  address: exactly(4, address),
  address6: exactly(16, (d, o) => d.ip6(o)),
  prefix6,
  homePrefix,
  operator: atLeast(2, operator),
  place: atLeast(21, place),
  placeData: atLeast(3, (d, o, n) => {
    d.s(`index ${d.u16(o)}, location`);
    hexAsciiDump(d, '\n\t    ', o + 2, n - 2);
  }),
  policy: atLeast(10, policy),
  time: exactly(4, time),
  features: exactly(8, (d, o) => {
    d.c(0x5b);
    const bits = d.u64(o);
    d.s(`${features.flatMap(([bit, name]) => ((bits >> BigInt(bit)) & 1n ? [name] : [])).join(', ')}]`);
  }),
  password: exactly(16, (d, o) => {
    d.s('User_challenge (');
    upperHex(d, o, 8);
    d.s(') User_resp(');
    upperHex(d, o + 8, 8);
    d.c(0x29);
  }),
  arapFeatures: exactly(14, arapFeatures),
  challenge: (d, o, n) => {
    if (n < 8) d.s(`ERROR: length ${n} != 8`);
    else upperHex(d, o, 8);
  },
  cause: (d, o, n) => {
    if (n !== 4) return d.s(`Error: length ${n} != 4`);
    const cause = d.u32(o);
    d.s(`Error cause ${cause}: ${errorCauses[cause] ?? `Error-Cause ${cause} not known`}`);
  },
};

function upperHex(d: Dissector, o: number, n: number): void {
  for (let i = 0; i < n; i++) d.s(padHex(d.u8(o + i), 2).toUpperCase());
}

/** Printable characters; dots for others. */
function plain(d: Dissector, o: number): void {
  const c = d.u8(o);
  d.c(c >= 0x20 && c < 0x7f ? c : 0x2e);
}

function tag(d: Dissector, value: number): void {
  d.s(value === 0 ? 'Tag[Unused] ' : `Tag[${value}] `);
}

function vlanTag(d: Dissector, value: number): void {
  d.s(`${value === 0x31 ? 'Tagged' : value === 0x32 ? 'Untagged' : 'Unknown tag'} (${hex2(value)}) `);
}

function text(d: Dissector, o: number, n: number, type: number): void {
  if (!d.has(o, n)) return d.trunc();
  let skip = 0;
  const first = d.u8(o);
  if (type === TUNNEL_PASSWORD) {
    if (n < 3) return d.trunc();
    tag(d, first > 0x1f ? 0 : first);
    d.s(`Salt ${d.u16(o + 1)} `);
    skip = 3;
  } else if (taggedStrings.has(type)) {
    if (first <= 0x1f) {
      tag(d, first);
      skip = 1;
    }
  } else if (type === EGRESS_VLAN_NAME) {
    vlanTag(d, first);
    skip = 1;
  } else if (type === EAP_MESSAGE) return eap(d, o, n);
  for (let i = skip; i < n && d.u8(o + i) !== 0; i++) plain(d, o + i);
}

function vendor(d: Dissector, o: number, n: number): void {
  if (n < 4) return d.trunc();
  const number = d.u32(o);
  d.s(`Vendor: ${vendors[number] ?? 'Unknown'} (${number})`);
  let at = o + 4;
  for (let left = n - 4; left >= 2; ) {
    const type = d.u8(at);
    const size = d.u8(at + 1);
    if (size < 2 || size > left) {
      d.s(`\n\t    Vendor Attribute: ${type}, Length: ${size} `);
      return d.s(size < 2 ? '(bogus, must be >= 2)' : '(bogus, goes past end of vendor-specific attribute)');
    }
    if (!d.has(at + 2, size - 2)) return d.trunc();
    d.s(`\n\t    Vendor Attribute: ${type}, Length: ${size - 2}, Value: `);
    for (let i = 2; i < size; i++) plain(d, at + i);
    at += size;
    left -= size;
  }
}

const two = (value: number): string => String(value).padStart(2, '0');

function number(d: Dissector, o: number, _n: number, type: number): void {
  const values = attributes[type - 1]?.values;
  if (values !== undefined) {
    const tagged = type === 64 || type === 65;
    if (tagged) tag(d, d.u8(o));
    const value = tagged ? d.u24(o + 1) : d.u32(o);
    return d.s(values[value] ?? `#${value}`);
  }
  if (type === TUNNEL_PREFERENCE || type === EGRESS_VLAN_ID) {
    (type === TUNNEL_PREFERENCE ? tag : vlanTag)(d, d.u8(o));
    return d.n(d.u24(o + 1));
  }
  const value = d.u32(o);
  if (type === 23 && value === 0xfffffffe) d.s('NAS Select');
  else if (durations.has(type)) duration(d, value);
  else if (type === 37 && value === 0) d.s('Unnumbered');
  else if (type === 38 && value === 0) d.s('NAS assigned');
  else d.n(value);
}

function duration(d: Dissector, seconds: number): void {
  const minutes = Math.floor(seconds / 60);
  if (seconds < 60) d.s(`${two(seconds)} secs`);
  else if (seconds < 3600) d.s(`${two(minutes)}:${two(seconds % 60)} min`);
  else d.s(`${two(Math.floor(seconds / 3600))}:${two(minutes % 60)}:${two(seconds % 60)} hours`);
}

function address(d: Dissector, o: number, _n: number, type: number): void {
  const value = d.u32(o);
  if ((type === 8 || type === 14) && value >= 0xfffffffe) d.s(value === 0xffffffff ? 'User Selected' : 'NAS Select');
  else d.s(ip4Text(d, o));
}

/** reserved(1) prefix length(1) as much of the address as there is. */
function prefix6(d: Dissector, o: number, n: number): void {
  if (n < 2 || n > 18) return d.s(`ERROR: length ${n} not in range (2..18)`);
  if (!d.has(o, n)) return d.trunc();
  const bits = d.u8(o + 1);
  if (bits > 128) return d.s(`ERROR: netmask ${bits} not in range (0..128)`);
  const whole = new Uint8Array(16);
  whole.set(d.b.subarray(o + 2, o + n));
  d.ip6From(whole, 0);
  d.s(`/${bits}`);
  if (bits > 8 * (n - 2)) d.s(' (inconsistent prefix length)');
}

function homePrefix(d: Dissector, o: number, n: number): void {
  if (n !== 17) return d.s(`ERROR: length ${n} != 17`);
  if (!d.has(o, n)) return d.trunc();
  const bits = d.u8(o);
  if (bits > 128) d.s(`ERROR: netmask ${bits} not in range (0..128)`);
  else d.s(`${ip6Text(d, o + 1)}/${bits}`);
}

function operator(d: Dissector, o: number, n: number): void {
  const space = d.u8(o);
  d.s(`[${operators[space] ?? `unknown namespace ${space}`}] `);
  characters(d, o + 1, n - 1);
}

function place(d: Dissector, o: number, n: number): void {
  const code = d.u8(o + 2);
  const entity = d.u8(o + 3);
  d.s(`index ${d.u16(o)}, code ${['Civic', 'Geospatial'][code] ?? `Unknown (${code})`}, `);
  d.s(`entity ${['User', 'RADIUS'][entity] ?? `Unknown (${entity})`}, sighting time `);
  timestamp(d, o + 4);
  d.s(', time to live ');
  timestamp(d, o + 12);
  d.s(', method "');
  characters(d, o + 20, n - 20);
  d.c(0x22);
}

function policy(d: Dissector, o: number, n: number): void {
  d.s(`flags [${bitNames(policyFlags, d.u16(o), ', ', 'none')}], retention expires `);
  timestamp(d, o + 2);
  if (n === 10) return;
  d.s(', note well "');
  characters(d, o + 10, n - 10);
  d.c(0x22);
}

/** As ctime has it, in local time: `Tue Nov 14 22:13:20 2023`. */
function time(d: Dissector, o: number): void {
  const at = new Date(d.u32(o) * 1000);
  const [day, month] = [at.toDateString().slice(0, 3), at.toDateString().slice(4, 7)];
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  d.s(`${day} ${month} ${String(at.getDate()).padStart(2)} ${clock} ${at.getFullYear()}`);
}

function arapFeatures(d: Dissector, o: number): void {
  d.s(d.u8(o) !== 0 ? 'User can change password' : 'User cannot change password');
  d.s(`, Min password length: ${d.u8(o + 1)}`);
  for (const [i, name] of ['created at', 'expires in', 'Current Time'].entries()) {
    d.s(`, ${name}: `);
    upperHex(d, o + 2 + 4 * i, 4);
  }
}
