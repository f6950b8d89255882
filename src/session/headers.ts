/** Headers as tables: one row per field in the order of the wire. */
import {formatIp, formatIp4, formatIp6, formatMac, readIp4, readIp6, readMac} from '../wire/addr.js';
import {get16, get32, toHex} from '../wire/bytes.js';
import {decodeDsrOption, GENEVE_HEADER, GENEVE_OPTION_HEADER, geneveOptions} from '../wire/geneve.js';
import {type AssignedNumber, etherTypes, ipProtocols, tcpPorts, udpPorts} from '../wire/iana.js';
import {icmpCode, icmpHasId, icmpIsError, icmpType} from '../wire/icmp.js';
import {icmpv6FixedLength, icmpv6IsError, icmpv6Type} from '../wire/icmpv6.js';
import {IPV4_HEADER} from '../wire/ipv4.js';
import {IPV6_HEADER, ipv6NextHeader} from '../wire/ipv6.js';
import {TCP_HEADER} from '../wire/tcp.js';
import type {LayerName} from './layers.js';

export interface FieldRow {
  readonly name: string;
  readonly bits: number;
  readonly meaning: string;
  /** Value as text, from the field's number (up to 32 bits) or its bytes at `at`. Without it: the number. */
  readonly show?: (b: Uint8Array, at: number, value: number) => string;
  /** Where it is written, if not where the header is. */
  readonly source?: string;
}

interface Header {
  /** Document and section of the header. */
  readonly source: string;
  rows(b: Uint8Array, o: number, end: number): readonly FieldRow[];
}

type Show = NonNullable<FieldRow['show']>;

const row = (name: string, bits: number, meaning: string, show?: Show, source?: string): FieldRow => ({
  name,
  bits,
  meaning,
  ...(show ? {show} : {}),
  ...(source ? {source} : {}),
});

const mac: Show = (b, at) => formatMac(readMac(b, at));
const ip4: Show = (b, at) => formatIp4(readIp4(b, at));
const ip6: Show = (b, at) => formatIp6(readIp6(b, at));
const hex =
  (digits: number): Show =>
  (_b, _at, value) =>
    hexText(value, digits);

function hexText(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** `6 TCP`; with `digits` `0x0800 IPv4`. */
const named =
  (table: Readonly<Record<string, AssignedNumber>>, digits?: number): Show =>
  (_b, _at, value) => {
    const name = Object.values(table).find(({number}) => number === value)?.name;
    const number = digits === undefined ? String(value) : hexText(value, digits);
    return name === undefined ? number : `${number} ${name}`;
  };

/** Names of the set bits, most significant last in the list; `none`. */
const flags =
  (names: readonly (readonly [bit: number, name: string])[]): Show =>
  (_b, _at, value) =>
    names
      .filter(([bit]) => (value & bit) !== 0)
      .map(([, name]) => name)
      .join(' ') || 'none';

const words =
  (unit: number): Show =>
  (_b, _at, value) =>
    `${value * unit} bytes`;

const etherType = (meaning: string) => row('ethertype', 16, meaning, named(etherTypes, 4));
const checksum = (meaning: string) => row('checksum', 16, meaning, hex(4));
/** Bytes of options and the like as one field. */
const bytes = (name: string, length: number, meaning: string, source?: string) =>
  row(name, length * 8, meaning, (b, at) => shorten(toHex(b, at, at + length)), source);

function shorten(text: string): string {
  return text.length > 48 ? `${text.slice(0, 46)}…` : text;
}

const udpChecksum: Show = (_b, _at, value) => (value === 0 ? 'none' : hexText(value, 4));

export const headers: Partial<Record<LayerName, Header>> = {
  Ethernet: {
    source: 'IEEE 802.3 §3.2',
    rows: () => [
      row('destination', 48, 'Who takes the frame from the link', mac),
      row('source', 48, 'Who put it on the link', mac),
      etherType('What the frame carries; 1500 and below is a length'),
    ],
  },
  VLAN: {
    source: 'IEEE 802.1Q §9.6',
    rows: () => [
      row('priority', 3, 'Class of service, 0 to 7'),
      row('DEI', 1, 'May be dropped first under congestion'),
      row('VLAN id', 12, 'Which virtual LAN; 0 none, 4095 reserved'),
      etherType('What the tag was put in front of'),
    ],
  },
  SLL: {
    source: 'LINKTYPE_LINUX_SLL',
    rows: () => [
      row('packet type', 16, '0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us'),
      row('ARPHRD type', 16, 'Kind of the device'),
      row('address length', 16, 'Bytes used of the address'),
      bytes('address', 8, 'Link-layer address of the sender'),
      etherType('What the frame carries'),
    ],
  },
  SLL2: {
    source: 'LINKTYPE_LINUX_SLL2',
    rows: () => [
      etherType('What the frame carries'),
      row('reserved', 16, 'Zero'),
      row('interface', 32, 'Index of the device it was seen on'),
      row('ARPHRD type', 16, 'Kind of the device'),
      row('packet type', 8, '0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us'),
      row('address length', 8, 'Bytes used of the address'),
      bytes('address', 8, 'Link-layer address of the sender'),
    ],
  },
  Null: {source: 'LINKTYPE_NULL', rows: () => [row('family', 32, 'Address family of the capturing host', hex(8))]},
  ARP: {
    source: 'RFC 826',
    rows: () => [
      row('hardware type', 16, 'Kind of link; 1 is Ethernet'),
      row('protocol type', 16, 'Kind of address asked for', named(etherTypes, 4)),
      row('hardware length', 8, 'Bytes of a link address'),
      row('protocol length', 8, 'Bytes of a protocol address'),
      row(
        'operation',
        16,
        '1 asks who has an address, 2 answers',
        (_b, _at, v) => [`${v}`, '1 request', '2 reply'][v] ?? `${v}`,
      ),
      row('sender MAC', 48, 'Link address of who sends this', mac),
      row('sender IP', 32, 'Address of who sends this', ip4),
      row('target MAC', 48, 'What is asked for: zero in a request', mac),
      row('target IP', 32, 'Whose link address is asked for', ip4),
    ],
  },
  IPv4: {
    source: 'RFC 791 §3.1',
    rows: (b, o, end) => [
      row('version', 4, 'Version of IP: 4'),
      row('header length', 4, 'In words of 4 bytes, options included', words(4)),
      row('DSCP', 6, 'How routers shall treat it; tunnels need not copy it', undefined, 'RFC 2474 §3'),
      row('ECN', 2, 'Congestion: 0 not capable, 1 and 2 capable, 3 experienced', undefined, 'RFC 3168 §5'),
      row('total length', 16, 'Header and payload, without Ethernet'),
      row('identification', 16, 'Which packet a fragment is of'),
      row(
        'flags',
        3,
        'DF forbids fragments, MF announces more',
        flags([
          [4, 'reserved'],
          [2, 'DF'],
          [1, 'MF'],
        ]),
      ),
      row('fragment offset', 13, 'Place of a fragment, in units of 8 bytes', (_b, _at, v) => String(v * 8)),
      row('TTL', 8, 'Hops it may still take; each router takes one off'),
      row('protocol', 8, 'What it carries', named(ipProtocols)),
      checksum('Of this header alone'),
      row('source', 32, 'Who sent it, or who it was translated to', ip4),
      row('destination', 32, 'Who it is for', ip4),
      ...rest(b, o + IPV4_HEADER, end, ipOptions),
    ],
  },
  IPv6: {
    source: 'RFC 8200 §3',
    rows: (b, o, end) => [
      row('version', 4, 'Version of IP: 6'),
      row('traffic class', 8, 'DSCP and ECN', hex(2), 'RFC 8200 §7'),
      row('flow label', 20, 'Same for all packets of a flow, for load sharing', hex(5), 'RFC 6437 §2'),
      row('payload length', 16, 'All behind this header, extension headers included'),
      row('next header', 8, 'What follows: an extension header or the payload', named(ipProtocols)),
      row('hop limit', 8, 'Hops it may still take'),
      row('source', 128, 'Who sent it', ip6),
      row('destination', 128, 'Who it is for', ip6),
      ...extensionHeaders(b, o, end),
    ],
  },
  ICMP: {
    source: 'RFC 792',
    rows: (b, o) => {
      const type = icmpType(b, o);
      const head = [
        row('type', 8, 'What is said: 0 echo reply, 3 unreachable, 8 echo request, 11 time exceeded'),
        row('code', 8, 'Its detail'),
        checksum('Of the message'),
      ];
      if (icmpHasId(type)) return [...head, ...echoRows];
      if (type === 3 && icmpCode(b, o) === 4)
        return [
          ...head,
          row('unused', 16, 'Zero'),
          row('next-hop MTU', 16, 'What would have fitted', undefined, 'RFC 1191 §4'),
        ];
      return [...head, row('rest', 32, icmpIsError(type) ? 'Unused, or a pointer' : 'Depends on the type', hex(8))];
    },
  },
  ICMPv6: {
    source: 'RFC 4443 §2.1',
    rows: (b, o, end) => {
      const type = icmpv6Type(b, o);
      const head = [
        row('type', 8, 'What is said: 1 unreachable, 2 too big, 3 time exceeded, 128 echo, 135 who has, 136 I have'),
        row('code', 8, 'Its detail'),
        checksum('Of the message and the addresses of the IPv6 header'),
      ];
      if (type === 128 || type === 129) return [...head, ...echoRows];
      if (type === 2) return [...head, row('MTU', 32, 'What would have fitted', undefined, 'RFC 4443 §3.2')];
      if (icmpv6IsError(type)) return [...head, row('unused', 32, 'Zero, or a pointer', hex(8))];
      if (type !== 135 && type !== 136)
        return [...head, ...rest(b, o + 4, Math.min(end, o + icmpv6FixedLength(type)), body)];
      const target = type === 135 ? 'Whose link address is asked for' : 'Whose link address this is';
      return [
        ...head,
        row('flags', 32, 'R from a router, S an answer, O overrides what is known', hex(8), 'RFC 4861 §4.4'),
        row('target', 128, target, ip6, 'RFC 4861 §4.3'),
      ];
    },
  },
  TCP: {
    source: 'RFC 9293 §3.1',
    rows: (b, o, end) => [
      row('source port', 16, 'Port of the sender', named(tcpPorts)),
      row('destination port', 16, 'Port of the receiver: the service’s, before translation', named(tcpPorts)),
      row('sequence', 32, 'Number of the first byte of data; with SYN the first of all'),
      row('acknowledgment', 32, 'Next byte expected from the other side'),
      row('data offset', 4, 'In words of 4 bytes, options included', words(4)),
      row('reserved', 3, 'Zero'),
      row(
        'flags',
        9,
        'SYN opens, FIN closes, RST aborts, ACK acknowledges, PSH hands on now',
        flags([
          [2, 'SYN'],
          [1, 'FIN'],
          [4, 'RST'],
          [8, 'PSH'],
          [16, 'ACK'],
          [32, 'URG'],
          [64, 'ECE'],
          [128, 'CWR'],
          [256, 'AE'],
        ]),
      ),
      row('window', 16, 'Bytes that the sender would take, before scaling'),
      checksum('Of header, data and the addresses of the IP header'),
      row('urgent pointer', 16, 'Where urgent data ends, if URG is set'),
      ...tcpOptionRows(b, o + TCP_HEADER, end),
    ],
  },
  SCTP: {
    source: 'RFC 9260 §3.1',
    rows: () => [
      row('source port', 16, 'Port of the sender'),
      row('destination port', 16, 'Port of the receiver'),
      row(
        'verification tag',
        32,
        'Which association this is for: the number that the receiver chose; 0 with INIT',
        hex(8),
      ),
      row('checksum', 32, 'CRC32c of header and chunks, without addresses', hex(8)),
    ],
  },
  UDP: {
    source: 'RFC 768',
    rows: (b, o) => [
      row(
        'source port',
        16,
        isTunnel(get16(b, o + 2)) ? 'A hash of the inner flow, for load sharing' : 'Port of the sender',
        named(udpPorts),
      ),
      row('destination port', 16, 'Port of the receiver', named(udpPorts)),
      row('length', 16, 'Header and payload'),
      row(
        'checksum',
        16,
        'Of header, payload and the addresses of the IP header; 0 is none, usual in tunnels over IPv4',
        udpChecksum,
      ),
    ],
  },
  Geneve: {
    source: 'RFC 8926 §3.4',
    rows: (b, o, end) => [
      row('version', 2, '0'),
      row('options length', 6, 'In words of 4 bytes', words(4)),
      row('control', 1, 'O: for the tunnel’s endpoint itself, carries no packet'),
      row('critical', 1, 'C: has options that must be understood'),
      row('reserved', 6, 'Zero'),
      row('protocol', 16, 'What it carries: an Ethernet frame', named(etherTypes, 4)),
      row('VNI', 24, 'Virtual network; with Cilium the security identity of the sender'),
      row('reserved', 8, 'Zero'),
      ...geneveOptionRows(b, o, end),
    ],
  },
  VXLAN: {
    source: 'RFC 7348 §5',
    rows: () => [
      row('flags', 8, 'I (0x08): the VNI is valid', hex(2)),
      row('reserved', 24, 'Zero; a group policy id where G is set', hex(6)),
      row('VNI', 24, 'Virtual network; with Cilium the security identity of the sender'),
      row('reserved', 8, 'Zero'),
    ],
  },
  'VXLAN-GPE': {
    source: 'draft-ietf-nvo3-vxlan-gpe-13 §3.1',
    rows: () => [
      row('flags', 8, 'I: the VNI is valid; P: the next protocol is', hex(2)),
      row('reserved', 16, 'Zero', hex(4)),
      row('next protocol', 8, '1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH'),
      row('VNI', 24, 'Virtual network'),
      row('reserved', 8, 'Zero'),
    ],
  },
  GRE: {
    source: 'RFC 2784 §2.1',
    rows: (b, o, end) => [
      row('flags', 4, 'C, K, S: checksum, key, sequence number are there', flags(greFlags), 'RFC 2890 §2'),
      row('reserved', 9, 'Zero'),
      row('version', 3, '0'),
      row('protocol', 16, 'What it carries', named(etherTypes, 4)),
      ...greOptions(b, o, end),
    ],
  },
  DNS: {
    source: 'RFC 1035 §4.1.1',
    rows: (b, o, end) => [
      row('id', 16, 'Which question an answer is for'),
      row('flags', 16, 'Answer or question, opcode, recursion, result code', hex(4)),
      row('questions', 16, 'How many'),
      row('answers', 16, 'How many'),
      row('authority', 16, 'How many'),
      row('additional', 16, 'How many'),
      ...rest(b, o + 12, end, (length) => bytes('records', length, 'Questions and records', 'RFC 1035 §4.1.2')),
    ],
  },
};

const echoRows = [row('identifier', 16, 'Which ping'), row('sequence', 16, 'Which of its requests')];
const ipOptions = (length: number) =>
  bytes('options', length, 'Record route, timestamps and the like; most routers drop them');
const body = (length: number) => bytes('body', length, 'Depends on the type');

function isTunnel(port: number): boolean {
  return port === udpPorts.geneve.number || port === udpPorts.vxlan.number || port === udpPorts.vxlanLinux.number;
}

/** What is left of the header from `at` on, as one row. */
function rest(_b: Uint8Array, at: number, end: number, make: (length: number) => FieldRow): FieldRow[] {
  return at < end ? [make(end - at)] : [];
}

const greFlags = [
  [8, 'C'],
  [2, 'K'],
  [1, 'S'],
] as const;

/** RFC 2890 §2: four bytes for each flag, in this order. */
function greOptions(b: Uint8Array, o: number, end: number): FieldRow[] {
  const has = (flag: number) => (b[o]! & (flag << 4)) !== 0;
  const rows = [
    ...(has(8) ? [checksum('Of GRE and what it carries'), row('reserved', 16, 'Zero')] : []),
    ...(has(2) ? [row('key', 32, 'Which flow or customer', undefined, 'RFC 2890 §2.1')] : []),
    ...(has(1) ? [row('sequence', 32, 'Which packet of the key', undefined, 'RFC 2890 §2.2')] : []),
  ];
  return o + 4 + (rows.reduce((sum, {bits}) => sum + bits, 0) >> 3) <= end ? rows : [];
}

/** RFC 8200 §4: each tells the type of the next and its own length. */
function extensionHeaders(b: Uint8Array, o: number, end: number): FieldRow[] {
  const rows: FieldRow[] = [];
  let next = ipv6NextHeader(b, o);
  for (let at = o + IPV6_HEADER; at + 8 <= end; ) {
    const length = Math.min(next === 44 ? 8 : next === 51 ? (b[at + 1]! + 2) * 4 : (b[at + 1]! + 1) * 8, end - at);
    rows.push(...extensionRows(next, length));
    next = b[at]!;
    at += length;
  }
  return rows;
}

/** Fields of one extension header, `length` bytes long. */
function extensionRows(type: number, length: number): FieldRow[] {
  const name = Object.values(ipProtocols).find(({number}) => number === type)?.name ?? String(type);
  const next = (source: string) =>
    row(`${name.replace('IPv6-', '')} next`, 8, 'What follows this extension header', named(ipProtocols), source);
  if (type === 44)
    return [
      next('RFC 8200 §4.5'),
      row('reserved', 8, 'Zero'),
      row('fragment offset', 13, 'Place of this fragment', words(8), 'RFC 8200 §4.5'),
      row('reserved', 2, 'Zero'),
      row('more', 1, 'M: fragments follow', undefined, 'RFC 8200 §4.5'),
      row('identification', 32, 'Which packet it is a fragment of', hex(8), 'RFC 8200 §4.5'),
    ];
  const source = extensionSources[type] ?? 'RFC 8200 §4';
  const unit = type === 51 ? 'In words of 4 bytes, two less' : 'In words of 8 bytes, the first not counted';
  const head = [next(source), row('length', 8, unit, undefined, source)];
  if (type === 43)
    return [
      ...head,
      row('routing type', 8, 'Kind of routing header', undefined, source),
      row('segments left', 8, 'Nodes still to be visited', undefined, source),
      bytes('segments', length - 4, 'Depends on the routing type', source),
    ];
  return [...head, bytes('options', length - 2, 'Each with type, length and value', source)];
}

/** Hop-by-hop, routing and destination options; authentication. */
const extensionSources: Readonly<Record<number, string>> = {
  0: 'RFC 8200 §4.3',
  43: 'RFC 8200 §4.4',
  51: 'RFC 4302 §2',
  60: 'RFC 8200 §4.6',
};

/** Kinds of TCP options (IANA tcp-parameters) with the value in words. */
const tcpOptionKinds: Readonly<Record<number, readonly [name: string, meaning: string, source: string, show?: Show]>> =
  {
    2: [
      'MSS',
      'Longest segment the sender takes: the MTU less 40 bytes',
      'RFC 9293 §3.7.1',
      (b, at) => String(get16(b, at + 2)),
    ],
    3: ['window scale', 'The window is shifted left by this', 'RFC 7323 §2', (b, at) => String(b[at + 2])],
    4: ['SACK permitted', 'The sender understands selective acknowledgment', 'RFC 2018 §2', () => 'yes'],
    5: ['SACK', 'What arrived out of order', 'RFC 2018 §3'],
    8: [
      'timestamps',
      'Of the sender, and the last of the other side',
      'RFC 7323 §3',
      (b, at) => `${get32(b, at + 2)} ecr ${get32(b, at + 6)}`,
    ],
  };
const tcpOptionLengths: Readonly<Record<number, number>> = {2: 4, 3: 3, 4: 2, 8: 10};

function tcpOptionRows(b: Uint8Array, from: number, end: number): FieldRow[] {
  const rows: FieldRow[] = [];
  for (let at = from; at < end; ) {
    const kind = b[at]!;
    if (kind === 0) {
      rows.push(bytes('end of options', end - at, 'Padding', 'RFC 9293 §3.2'));
      break;
    }
    if (kind === 1) {
      rows.push(row('NOP', 8, 'Aligns the next option', () => '', 'RFC 9293 §3.2'));
      at++;
      continue;
    }
    const length = at + 1 < end ? b[at + 1]! : 0;
    if (length < 2 || at + length > end || (tcpOptionLengths[kind] ?? length) !== length) {
      rows.push(bytes('malformed options', end - at, 'Not as any option is', 'RFC 9293 §3.2'));
      break;
    }
    const [name, meaning, source, show] = tcpOptionKinds[kind] ?? [
      `option ${kind}`,
      'Not known here',
      'IANA tcp-parameters',
    ];
    rows.push(show ? row(name, length * 8, meaning, show, source) : bytes(name, length, meaning, source));
    at += length;
  }
  return rows;
}

function geneveOptionRows(b: Uint8Array, o: number, end: number): FieldRow[] {
  const rows: FieldRow[] = [];
  let at = o + GENEVE_HEADER;
  for (const option of geneveOptions(b, o)) {
    const length = GENEVE_OPTION_HEADER + option.data.length;
    const dsr = decodeDsrOption(option);
    const value = dsr
      ? `DSR frontend ${formatIp(dsr.ip)} port ${dsr.port}`
      : `class ${hexText(option.class, 4)} type ${hexText(option.type, 2)} ${shorten(toHex(option.data))}`;
    const meaning = dsr ? 'Cilium: the service that the answer must come from' : 'Of whoever has the class';
    rows.push(row('option', length * 8, meaning, () => value, 'RFC 8926 §3.5'));
    at += length;
  }
  return at < end ? [...rows, bytes('malformed options', end - at, 'Not as any option is', 'RFC 8926 §3.5')] : rows;
}
