/** Options of DHCPv6 (print-dhcp6.c): type(2) length(2) value, as ` (name value)`; ` ?)` for a wrong length. */
import type {Dissector} from './dissector.js';
import {fqdn} from './domain-name.js';
import {ip6Text, paddedText, padHex} from './fields.js';
import type {Names} from './names.js';

const HEADER = 4;
const RENEW = 5;
const INFORMATION_REQUEST = 11;
/** Bytes of an identifier that are shown. */
const SHOWN = 10;

const optionNames: Names = {
  1: 'client-ID',
  2: 'server-ID',
  3: 'IA_NA',
  4: 'IA_TA',
  5: 'IA_ADDR',
  6: 'option-request',
  7: 'preference',
  8: 'elapsed-time',
  9: 'relay-message',
  11: 'authentication',
  12: 'server-unicast',
  13: 'status-code',
  14: 'rapid-commit',
  15: 'user-class',
  16: 'vendor-class',
  17: 'vendor-specific-info',
  18: 'interface-ID',
  19: 'reconfigure-message',
  20: 'reconfigure-accept',
  21: 'SIP-servers-domain',
  22: 'SIP-servers-address',
  23: 'DNS-server',
  24: 'DNS-search-list',
  25: 'IA_PD',
  26: 'IA_PD-prefix',
  27: 'NIS-server',
  28: 'NIS+-server',
  29: 'NIS-domain-name',
  30: 'NIS+-domain-name',
  31: 'SNTP-servers',
  32: 'lifetime',
  33: 'BCMCS-domain-name',
  34: 'BCMCS-server',
  36: 'Geoconf-Civic',
  37: 'Remote-ID',
  38: 'Subscriber-ID',
  39: 'Client-FQDN',
  40: 'PANA-agent',
  41: 'POSIX-timezone',
  42: 'POSIX-tz-database',
  43: 'Echo-request-option',
  44: 'Lease-query',
  45: 'LQ-client-data',
  46: 'Clt-time',
  47: 'LQ-relay-data',
  48: 'LQ-client-link',
  56: 'NTP-server',
  64: 'AFTR-Name',
  112: 'MUD-URL',
};
const statuses =
  'Success UnspecFail NoAddrsAvail NoBinding NotOnLink UseMulticast NoPrefixAvail UnknownQueryType MalformedQuery NotConfigured NotAllowed'.split(
    ' ',
  );

type MessagePrinter = (d: Dissector, o: number, length: number) => void;
/** Prints a value; false when a name or suboption in it is cut. `nested` prints the options inside it. */
type ValuePrinter = (
  d: Dissector,
  o: number,
  n: number,
  nested: (o: number, end: number) => void,
  message: MessagePrinter,
) => unknown;
interface Value {
  readonly min?: number;
  readonly max?: number;
  /** The length must be a multiple of this. */
  readonly unit?: number;
  readonly print: ValuePrinter;
}

const addresses: Value = {
  unit: 16,
  print: (d, o, n) => {
    for (let i = 0; i < n; i += 16) d.s(` ${ip6Text(d, o + i)}`);
  },
};
const optionList: Value = {
  unit: 2,
  print: (d, o, n) => {
    for (let i = 0; i < n; i += 2) d.s(` ${nameOf(d.u16(o + i))}`);
  },
};
const word: Value = {min: 4, max: 4, print: (d, o) => d.s(` ${d.u32(o)}`)};
const identifier: Value = {
  print: (d, o, n) => {
    d.c(0x20);
    shown(d, o, n);
  },
};
const text: Value = {
  min: 5,
  print: (d, o, n) => {
    d.c(0x20);
    paddedText(d, o, n);
  },
};
const unique: Value = {min: 2, print: uniqueIdentifier};
const domains: Value = {
  print: (d, o, n) => {
    for (let at = o; at < o + n; ) {
      d.c(0x20);
      at = fqdn(d, at, o + n);
      if (at < 0) return false;
    }
    return true;
  },
};
const association: Value = {
  min: 12,
  print: (d, o, n, nested) => {
    d.s(` IAID:${d.u32(o)} T1:${d.u32(o + 4)} T2:${d.u32(o + 8)}`);
    nested(o + 12, o + n);
  },
};

const values: Readonly<Record<number, Value>> = {
  1: unique,
  2: unique,
  3: association,
  4: {
    min: 4,
    print: (d, o, n, nested) => {
      d.s(` IAID:${d.u32(o)}`);
      nested(o + 4, o + n);
    },
  },
  5: {
    min: 24,
    print: (d, o, n, nested) => {
      d.s(` ${ip6Text(d, o)} pltime:${d.u32(o + 16)} vltime:${d.u32(o + 20)}`);
      nested(o + 24, o + n);
    },
  },
  6: optionList,
  7: {min: 1, max: 1, print: (d, o) => d.s(` ${d.u8(o)}`)},
  8: {min: 2, max: 2, print: (d, o) => d.s(` ${d.u16(o)}`)},
  9: {print: relayed},
  11: {min: 11, print: authentication},
  13: {
    min: 2,
    print: (d, o) => {
      const code = d.u16(o);
      d.s(` ${code > 255 ? 'INVALID code' : (statuses[code] ?? `code${code}`)}`);
    },
  },
  18: identifier,
  19: {
    min: 1,
    max: 1,
    print: (d, o) => {
      const type = d.u8(o);
      d.s(` for ${type === RENEW ? 'renew' : type === INFORMATION_REQUEST ? 'inf-req' : `???(${padHex(type, 2)})`}`);
    },
  },
  21: domains,
  22: addresses,
  23: addresses,
  24: domains,
  25: association,
  26: {
    min: 25,
    print: (d, o, n, nested) => {
      d.s(` ${ip6Text(d, o + 9)}/${d.u8(o + 8)} pltime:${d.u32(o)} vltime:${d.u32(o + 4)}`);
      nested(o + 25, o + n);
    },
  },
  27: addresses,
  28: addresses,
  31: addresses,
  32: word,
  34: addresses,
  37: {
    min: 4,
    print: (d, o, n) => {
      d.s(` ${d.u32(o)} `);
      shown(d, o + 4, n - 4);
    },
  },
  38: identifier,
  40: addresses,
  41: text,
  42: text,
  43: optionList,
  44: {
    min: 17,
    print: (d, o, n, nested) => {
      const type = d.u8(o);
      d.s(type === 1 ? ' by-address' : type === 2 ? ' by-clientID' : ` type_${type}`);
      d.s(` ${ip6Text(d, o + 1)}`);
      nested(o + 17, o + n);
    },
  },
  45: {print: (_d, o, n, nested) => nested(o, o + n)},
  46: word,
  47: {
    min: 16,
    print: (d, o, n) => {
      d.s(` ${ip6Text(d, o)} `);
      shown(d, o + 16, n - 16);
    },
  },
  48: addresses,
  56: {min: 4, print: timeServers},
  64: {min: 3, print: tunnelName},
  112: text,
};

function nameOf(type: number): string {
  return optionNames[type] ?? `opt_${type}`;
}

/** Options of `[start, end)`; a cut list is marked and ends there. `message` prints a relayed message. */
export function dhcp6Options(d: Dissector, start: number, end: number, message: MessagePrinter): void {
  const nested = (o: number, to: number) => dhcp6Options(d, o, to, message);
  for (let o = start; o < end; ) {
    if (end < o + HEADER || !d.has(o, HEADER)) return d.trunc();
    const size = d.u16(o + 2);
    if (end < o + HEADER + size) return d.trunc();
    const type = d.u16(o);
    d.s(` (${nameOf(type)}`);
    const at = o + HEADER;
    if (!d.has(at, size)) return d.trunc();
    const value = values[type];
    if (value !== undefined) {
      const {min = 0, max = 0xffff, unit = 1} = value;
      if (size < min || size > max || size % unit !== 0) d.s(' ?');
      else if (value.print(d, at, size, nested, message) === false) return d.trunc();
    }
    d.c(0x29);
    o = at + size;
  }
}

/** Up to ten bytes, and dots. */
function shown(d: Dissector, o: number, n: number): void {
  d.bytes(o, Math.min(n, SHOWN));
  d.s('...');
}

/** One parenthesis less is closed than opened, as tcpdump does. */
function relayed(d: Dissector, o: number, n: number, _nested: unknown, message: MessagePrinter): void {
  const {end} = d;
  d.s(' (');
  d.end = Math.min(o + n, end);
  message(d, o, n);
  d.end = end;
}

/** DUID, RFC 8415 §11. */
function uniqueIdentifier(d: Dissector, o: number, n: number): void {
  const type = d.u16(o);
  if (type < 1 || type > 3) return d.s(` type ${type}`);
  if (n < [8, 10, 4][type - 1]!) return d.s(' ?');
  if (type === 1) d.s(` hwaddr/time type ${d.u16(o + 2)} time ${d.u32(o + 4)} `);
  else d.s(type === 2 ? ' vid ' : ` hwaddr type ${d.u16(o + 2)} `);
  if (type === 2) d.bytes(o + 2, 8);
  else d.bytes(o + (type === 1 ? 8 : 4), n - (type === 1 ? 8 : 4));
}

function authentication(d: Dissector, o: number, n: number): void {
  const protocol = d.u8(o);
  const algorithm = d.u8(o + 1);
  const replay = d.u8(o + 2);
  d.s(` proto: ${protocol === 2 ? 'delayed' : protocol === 3 ? 'reconfigure' : protocol}`);
  d.s(`, alg: ${algorithm === 1 ? 'HMAC-MD5' : algorithm}, RDM: ${replay === 0 ? 'mono' : replay}, RD:`);
  for (let i = 0; i < 4; i++) d.s(` ${padHex(d.u16(o + 3 + 2 * i), 4)}`);
  const left = n - 11;
  const at = o + 11;
  if (protocol === 2) {
    if (left === 0) return;
    if (left < 20) return d.s(' ??');
    if (left > 20) d.s(', realm: ');
    d.bytes(at, left - 20);
    d.s(`, key ID: ${padHex(d.u32(at + left - 20), 8)}, HMAC-MD5:`);
    words(d, at + left - 16);
  } else if (protocol === 3 && left === 17) {
    const kind = d.u8(at);
    d.s(`${kind === 1 ? ' reconfig-key' : kind === 2 ? ' type: HMAC-MD5' : ' type: ??'} value:`);
    words(d, at + 1);
  } else d.s(' ??');
}

function words(d: Dissector, o: number): void {
  for (let i = 0; i < 4; i++) d.s(` ${padHex(d.u32(o + 4 * i), 8)}`);
}

/** RFC 5908. False when a suboption leaves the option, or a name in it is bad. */
function timeServers(d: Dissector, o: number, n: number): boolean {
  for (let at = o; at < o + n - 4; ) {
    const type = d.u16(at);
    const size = d.u16(at + 2);
    at += 4;
    if (at + size > o + n) return false;
    d.s(` subopt:${type}`);
    if (type === 3) {
      d.c(0x20);
      if (fqdn(d, at, at + size) < 0) return false;
    } else d.s((type === 1 || type === 2) && size === 16 ? ` ${ip6Text(d, at)}` : ' ?');
    at += size;
  }
  return true;
}

/** RFC 6334: labels, without compression. */
function tunnelName(d: Dissector, start: number, n: number): void {
  let o = start;
  let left = n;
  d.c(0x20);
  while (left > 0) {
    const size = d.u8(o);
    if (size === 0) return;
    o++;
    if (size >= left - 1) return d.s(' ?');
    paddedText(d, o, size);
    o += size;
    left -= size + 1;
    if (d.u8(o) !== 0) d.c(0x2e);
  }
}
