/** DHCP options behind BOOTP's magic cookie, RFC 2132 (print-bootp.c `rfc1048_print`). */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import type {Names} from './names.js';

/**
 * How the data of an option is printed: `a` text, `b` bytes with dots, `B` booleans, `i` addresses, `l` words, `L` signed words,
 * `p` pairs of addresses, `s` half-words, `$` by code of its own, `?` by the length.
 */
type Kind = 'a' | 'b' | 'B' | 'i' | 'l' | 'L' | 'p' | 's' | '$' | '?';

const named: Readonly<Record<Exclude<Kind, '?'>, string>> = {
  i:
    '1 Subnet-Mask, 3 Default-Gateway, 4 Time-Server, 5 IEN-Name-Server, 6 Domain-Name-Server, 7 LOG, 8 CS, 9 LPR-Server, 10 IM, ' +
    '11 RL, 16 SS, 28 BR, 32 RSA, 41 YS, 42 NTP, 44 Netbios-Name-Server, 45 WDD, 48 XFS, 49 XDM, 50 Requested-IP, 54 Server-ID, ' +
    '65 N+S, 68 MH, 69 SMTP, 70 POP3, 71 NNTP, 72 WWW, 73 FG, 74 IRC, 75 STS, 76 STDA, 92 Associated-IP, 112 NI, 118 SUBNET, ' +
    '150 TFTP-Server-Address',
  l: '24 MTU-Timeout, 35 AT, 38 KI, 51 Lease-Time, 58 RN, 59 RB',
  L: '2 Time-Zone, 91 Last-Transaction-Time',
  a:
    '12 Hostname, 14 DP, 15 Domain-Name, 17 RP, 18 EP, 40 YD, 47 Netbios-Scope, 56 MSG, 60 Vendor-Class, 66 TFTP, 67 BF, ' +
    '80 SLP-NA, 88 TZSTR, 95 LDAP, 98 UAP, 100 POSIX-TZ, 101 TZ-Name, 113 NITAG, 114 URL, 161 MUD-URL',
  s: '13 BS, 22 RSZ, 25 MTU-Table, 26 MTU, 57 MSZ, 64 N+D, 93 ARCH, 117 NSSEARCH',
  B: '19 IPF, 20 SRT, 27 LSN, 29 MD, 30 MS, 31 Router-Discovery, 34 UT, 36 IE, 39 KG, 116 NOAUTO',
  p: '21 PF, 33 Static-Route',
  b:
    '0 PAD, 255 END, 23 TTL, 37 TT, 43 Vendor-Option, 53 DHCP-Message, 55 Parameter-Request, 78 SLP-DA, 79 SLP-SCOPE, 83 ARMT, ' +
    '89 FQDNS, 90 AUTH, 94 NDI, 97 GUID',
  $:
    '46 Netbios-Node, 52 OO, 61 Client-ID, 77 User-Class, 81 FQDN, 82 Agent-Information, 121 Classless-Static-Route, ' +
    '249 Classless-Static-Route-Microsoft',
};

const optionNames: string[] = new Array(256).fill('Unknown');
const kinds: Kind[] = new Array(256).fill('?');
for (const [kind, list] of Object.entries(named)) {
  for (const entry of list.split(', ')) {
    const [number = '', name = ''] = entry.split(' ');
    optionNames[Number(number)] = name;
    kinds[Number(number)] = kind as Kind;
  }
}

const messageTypes: Names = {
  1: 'Discover',
  2: 'Offer',
  3: 'Request',
  4: 'Decline',
  5: 'ACK',
  6: 'NACK',
  7: 'Release',
  8: 'Inform',
  10: 'LeaseQuery',
  11: 'LeaseUnassigned',
  12: 'LeaseUnknown',
  13: 'LeaseActive',
};
const netbiosNodes: Names = {1: 'b-node', 2: 'p-node', 4: 'm-node', 8: 'h-node'};
const overloads: Names = {1: 'file', 2: 'sname', 3: 'file+sname'};
const hardwareTypes: Names = {
  1: 'ether',
  6: 'ieee802',
  7: 'arcnet',
  15: 'frelay',
  23: 'strip',
  24: 'ieee1394',
};
const agentOptions: Names = {1: 'Circuit-ID', 2: 'Remote-ID', 6: 'Subscriber-ID'};

const PAD = 0;
const END = 255;

/** Everything from the magic cookie at `start` on. */
export function dhcpOptions(d: Dissector, start: number): void {
  d.s('\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x');
  d.hex(d.u32(start), 8);
  let o = start + 4;
  while (d.has(o, 1)) {
    const tag = d.u8(o++);
    if (tag === PAD && d.v < 3) continue;
    if (tag === END && d.v < 3) return;
    const length = tag === PAD || tag === END ? 0 : d.u8(o++);
    d.s(`\n\t    ${optionNames[tag]!} (${tag}), length ${length}${length > 0 ? ': ' : ''}`);
    if (tag === PAD) {
      const first = o;
      while (d.has(o, 1) && d.u8(o) === PAD) o++;
      if (o > first) d.s(`, occurs ${o - first + 1}`);
    }
    if (!d.has(o, length)) return d.trunc();
    const used = optionData(d, tag, o, length);
    if (used < length) d.s(`\n\t  trailing data length ${length - used}`);
    o += length;
  }
}

/** Prints the `n` bytes of data, all captured; how many of them it took. */
function optionData(d: Dissector, tag: number, o: number, n: number): number {
  if (tag === 53 && n === 1) {
    const type = d.u8(o);
    d.s(messageTypes[type] ?? `Unknown (${type})`);
    return n;
  }
  if (tag === 55) return parameterRequest(d, o, n);
  const kind = kinds[tag]!;
  switch (kind === '?' ? (n % 2 === 1 ? 'b' : n % 4 === 2 ? 's' : 'l') : kind) {
    case 'a':
      quoted(d, o, n);
      return n;
    case 'i':
      return list(d, o, n, 4, ',', (at) => d.ip4(at));
    case 'l':
      return list(d, o, n, 4, ',', (at) => d.n(d.u32(at)));
    case 'L':
      return list(d, o, n, 4, ',', (at) => d.s(String(d.u32(at) | 0)));
    case 's':
      return list(d, o, n, 2, ',', (at) => d.n(d.u16(at)));
    case 'B':
      return list(d, o, n, 1, ',', (at) => d.s(['N', 'Y'][d.u8(at)] ?? `${d.u8(at)}?`));
    case 'p':
      return list(d, o, n, 8, ',', (at) => {
        d.c(0x28);
        d.ip4(at);
        d.c(0x3a);
        d.ip4(at + 4);
        d.c(0x29);
      });
    case '$':
      return special(d, tag, o, n);
    default:
      return list(d, o, n, 1, '.', (at) => d.n(d.u8(at)));
  }
}

/** As many whole items as there are. */
function list(d: Dissector, o: number, n: number, size: number, separator: string, item: (at: number) => void): number {
  let used = 0;
  for (; used + size <= n; used += size) {
    if (used > 0) d.s(separator);
    item(o + used);
  }
  return used;
}

function quoted(d: Dissector, o: number, n: number): void {
  d.c(0x22);
  d.text(o, n);
  d.c(0x22);
}

function parameterRequest(d: Dissector, o: number, n: number): number {
  for (let i = 0; i < n; i++) {
    const tag = d.u8(o + i);
    d.s(i % 4 === 0 ? '\n\t      ' : ', ');
    d.s(`${optionNames[tag]!} (${tag})`);
  }
  return n;
}

function special(d: Dissector, tag: number, o: number, n: number): number {
  switch (tag) {
    case 46:
      return enumerated(d, netbiosNodes, o, n);
    case 52:
      return enumerated(d, overloads, o, n);
    case 61:
      return clientId(d, o, n);
    case 77:
      return userClass(d, o, n);
    case 81:
      return clientName(d, o, n);
    case 82:
      return agentInformation(d, o, n);
    default:
      return classlessRoutes(d, o, n);
  }
}

function tooShort(d: Dissector, n: number, least: number): boolean {
  if (n < least) d.s(`[ERROR: length < ${least} bytes]`);
  return n < least;
}

function enumerated(d: Dissector, names: Names, o: number, n: number): number {
  if (tooShort(d, n, 1)) return n;
  const value = d.u8(o);
  d.s(names[value] ?? `#${value}`);
  return 1;
}

/** RFC 2132 §9.14: type 0 is text, others a hardware address. */
function clientId(d: Dissector, o: number, n: number): number {
  if (tooShort(d, n, 1)) return n;
  const type = d.u8(o);
  if (type === 0) quoted(d, o + 1, n - 1);
  else {
    d.s(`${hardwareTypes[type] ?? `hardware-type ${type},`} `);
    d.colons(o + 1, n - 1);
  }
  return n;
}

/** RFC 3004 */
function userClass(d: Dissector, o: number, n: number): number {
  if (tooShort(d, n, 2)) return n;
  let instance = 1;
  for (let i = 0; i < n; instance++) {
    const length = d.u8(o + i++);
    d.s(`\n\t      instance#${instance}: `);
    if (length === 0) {
      d.s('[ERROR: suboption length must be non-zero]');
      return n;
    }
    if (length > n - i) {
      d.s('[ERROR: invalid option]');
      return n;
    }
    quoted(d, o + i, length);
    d.s(`, length ${length}`);
    i += length;
  }
  return n;
}

/** RFC 4702 */
function clientName(d: Dissector, o: number, n: number): number {
  if (tooShort(d, n, 3)) return n;
  const flags = d.u8(o);
  if ((flags & 0xf0) !== 0) d.s(`[ERROR: MBZ nibble 0x${(flags >> 4).toString(16)} != 0] `);
  if ((flags & 15) !== 0) d.s(`[${[...'SOEN'].filter((_letter, bit) => (flags & (1 << bit)) !== 0).join('')}] `);
  if (d.u16(o + 1) !== 0) d.s(`${d.u8(o + 1)}/${d.u8(o + 2)} `);
  quoted(d, o + 3, n - 3);
  return n;
}

/** RFC 3046 */
function agentInformation(d: Dissector, o: number, n: number): number {
  let i = 0;
  while (n - i >= 2) {
    const type = d.u8(o + i);
    const length = d.u8(o + i + 1);
    i += 2;
    d.s(`\n\t      ${agentOptions[type] ?? 'Unknown'} SubOption ${type}, length ${length}: `);
    if (length > n - i) {
      d.s('length goes past end of option');
      return n;
    }
    if (agentOptions[type] === undefined) unknownData(d, '\n\t\t', o + i, length);
    else d.text(o + i, length);
    i += length;
  }
  return i;
}

/** RFC 3442: `(10.1.2.0/24:10.0.0.1)`, `(default:…)`. */
function classlessRoutes(d: Dissector, o: number, n: number): number {
  if (tooShort(d, n, 5)) return n;
  for (let i = 0; i < n; ) {
    if (i > 0) d.c(0x2c);
    const width = d.u8(o + i++);
    if (width > 32) {
      d.s(`[ERROR: Mask width (${width}) > 32]`);
      return n;
    }
    const octets = Math.ceil(width / 8);
    if (n - i < octets + 4) {
      d.s(`[ERROR: Remaining length (${n - i}) < ${octets + 4} bytes]`);
      return n;
    }
    d.c(0x28);
    if (width === 0) d.s('default');
    else d.s(`${[0, 1, 2, 3].map((k) => (k < octets ? d.u8(o + i + k) : 0)).join('.')}/${width}`);
    d.c(0x3a);
    d.ip4(o + i + octets);
    d.c(0x29);
    i += octets + 4;
  }
  return n;
}
