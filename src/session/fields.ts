/** The fields of a header by the names their RFCs give them, each with the bytes it lies in. */
import {formatIp4, formatIp6, formatMac} from '../wire/addr.js';
import {arpOperation, arpSenderIp, arpSenderMac, arpTargetIp, arpTargetMac} from '../wire/arp.js';
import {get16, toHex} from '../wire/bytes.js';
import {dnsCount, dnsFlags, dnsId} from '../wire/dns.js';
import {ethDestination, ethSource, ethType} from '../wire/ethernet.js';
import {
  decodeDsrOption,
  GENEVE_FLAG_CRITICAL,
  GENEVE_FLAG_OAM,
  GENEVE_HEADER,
  GENEVE_OPTION_HEADER,
  geneveFlags,
  geneveOptions,
  geneveOptionsLength,
  geneveProtocol,
  geneveVersion,
  geneveVni,
} from '../wire/geneve.js';
import {type AssignedNumber, etherTypes, ipProtocols, tcpPorts, udpPorts} from '../wire/iana.js';
import {icmpChecksum, icmpCode, icmpHasId, icmpId, icmpMtu, icmpSequence, icmpType} from '../wire/icmp.js';
import {icmpv6Checksum, icmpv6Code, icmpv6Type} from '../wire/icmpv6.js';
import {
  ipv4Checksum,
  ipv4Destination,
  ipv4Flags,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Id,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
  ipv4TotalLength,
  ipv4Ttl,
} from '../wire/ipv4.js';
import {
  ipv6Destination,
  ipv6FlowLabel,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6Source,
  ipv6TrafficClass,
} from '../wire/ipv6.js';
import {
  TCP_ACK,
  TCP_FIN,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  TCP_URG,
  tcpAcknowledgment,
  tcpChecksum,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
  tcpWindow,
} from '../wire/tcp.js';
import {udpChecksum, udpDestinationPort, udpLength, udpSourcePort} from '../wire/udp.js';
import {vlanDei, vlanId, vlanInnerType, vlanPriority} from '../wire/vlan.js';
import {vxlanFlags, vxlanVni} from '../wire/vxlan.js';
import type {LayerName} from './layers.js';

export interface Field {
  readonly name: string;
  readonly value: string;
  /** Bytes of the frame that hold it, `[at, end)`; neighbours may share one. */
  readonly at: number;
  readonly end: number;
}

/** Name, offset in the header, bytes, value. */
type Row = readonly [name: string, offset: number, bytes: number, value: string | number];
type Reader = (b: Uint8Array, o: number, end: number) => readonly Row[];

/** Fields of the header at `[at, end)`, which has passed its codec's check. */
export function fieldsOf(name: LayerName, b: Uint8Array, at: number, end: number): Field[] {
  const rows = readers[name]?.(b, at, end) ?? [];
  return rows.map(([field, offset, bytes, value]) => ({
    name: field,
    value: String(value),
    at: at + offset,
    end: Math.min(at + offset + bytes, end),
  }));
}

const readers: Partial<Record<LayerName, Reader>> = {
  Ethernet: (b, o) => [
    ['destination', 0, 6, formatMac(ethDestination(b, o))],
    ['source', 6, 6, formatMac(ethSource(b, o))],
    ['ethertype', 12, 2, named(ethType(b, o), etherTypes, 4)],
  ],
  VLAN: (b, o) => [
    ['priority', 0, 1, vlanPriority(b, o)],
    ['DEI', 0, 1, vlanDei(b, o)],
    ['VLAN id', 0, 2, vlanId(b, o)],
    ['ethertype', 2, 2, named(vlanInnerType(b, o), etherTypes, 4)],
  ],
  ARP: (b, o) => [
    ['operation', 6, 2, `${arpOperation(b, o)}${['', ' request', ' reply'][arpOperation(b, o)] ?? ''}`],
    ['sender MAC', 8, 6, formatMac(arpSenderMac(b, o))],
    ['sender IP', 14, 4, formatIp4(arpSenderIp(b, o))],
    ['target MAC', 18, 6, formatMac(arpTargetMac(b, o))],
    ['target IP', 24, 4, formatIp4(arpTargetIp(b, o))],
  ],
  IPv4: (b, o) => [
    ['header length', 0, 1, `${ipv4HeaderLength(b, o)} bytes`],
    ['TOS', 1, 1, hex(ipv4Tos(b, o), 2)],
    ['total length', 2, 2, ipv4TotalLength(b, o)],
    ['identification', 4, 2, ipv4Id(b, o)],
    [
      'flags',
      6,
      1,
      bits(ipv4Flags(b, o), [
        [4, 'reserved'],
        [2, 'DF'],
        [1, 'MF'],
      ]),
    ],
    ['fragment offset', 6, 2, ipv4FragmentOffset(b, o)],
    ['TTL', 8, 1, ipv4Ttl(b, o)],
    ['protocol', 9, 1, named(ipv4Protocol(b, o), ipProtocols)],
    ['checksum', 10, 2, hex(ipv4Checksum(b, o), 4)],
    ['source', 12, 4, formatIp4(ipv4Source(b, o))],
    ['destination', 16, 4, formatIp4(ipv4Destination(b, o))],
  ],
  IPv6: (b, o) => [
    ['traffic class', 0, 2, hex(ipv6TrafficClass(b, o), 2)],
    ['flow label', 1, 3, hex(ipv6FlowLabel(b, o), 5)],
    ['payload length', 4, 2, ipv6PayloadLength(b, o)],
    ['next header', 6, 1, named(ipv6NextHeader(b, o), ipProtocols)],
    ['hop limit', 7, 1, ipv6HopLimit(b, o)],
    ['source', 8, 16, formatIp6(ipv6Source(b, o))],
    ['destination', 24, 16, formatIp6(ipv6Destination(b, o))],
  ],
  ICMP: (b, o) => {
    const type = icmpType(b, o);
    const head: Row[] = [
      ['type', 0, 1, type],
      ['code', 1, 1, icmpCode(b, o)],
      ['checksum', 2, 2, hex(icmpChecksum(b, o), 4)],
    ];
    if (icmpHasId(type)) head.push(['identifier', 4, 2, icmpId(b, o)], ['sequence', 6, 2, icmpSequence(b, o)]);
    if (type === 3 && icmpCode(b, o) === 4) head.push(['next-hop MTU', 6, 2, icmpMtu(b, o)]);
    return head;
  },
  ICMPv6: (b, o) => [
    ['type', 0, 1, icmpv6Type(b, o)],
    ['code', 1, 1, icmpv6Code(b, o)],
    ['checksum', 2, 2, hex(icmpv6Checksum(b, o), 4)],
  ],
  TCP: (b, o) => [
    ['source port', 0, 2, named(tcpSourcePort(b, o), tcpPorts)],
    ['destination port', 2, 2, named(tcpDestinationPort(b, o), tcpPorts)],
    ['sequence', 4, 4, tcpSequence(b, o)],
    ['acknowledgment', 8, 4, tcpAcknowledgment(b, o)],
    ['header length', 12, 1, `${tcpHeaderLength(b, o)} bytes`],
    ['flags', 12, 2, bits(tcpFlags(b, o), tcpFlagNames)],
    ['window', 14, 2, tcpWindow(b, o)],
    ['checksum', 16, 2, hex(tcpChecksum(b, o), 4)],
  ],
  UDP: (b, o) => [
    ['source port', 0, 2, named(udpSourcePort(b, o), udpPorts)],
    ['destination port', 2, 2, named(udpDestinationPort(b, o), udpPorts)],
    ['length', 4, 2, udpLength(b, o)],
    ['checksum', 6, 2, get16(b, o + 6) === 0 ? 'none' : hex(udpChecksum(b, o), 4)],
  ],
  Geneve: (b, o) => [
    ['version', 0, 1, geneveVersion(b, o)],
    ['options length', 0, 1, `${geneveOptionsLength(b, o)} bytes`],
    [
      'flags',
      1,
      1,
      bits(geneveFlags(b, o), [
        [GENEVE_FLAG_OAM, 'OAM'],
        [GENEVE_FLAG_CRITICAL, 'critical'],
      ]),
    ],
    ['protocol', 2, 2, named(geneveProtocol(b, o), etherTypes, 4)],
    ['VNI', 4, 3, geneveVni(b, o)],
    ...optionRows(b, o),
  ],
  VXLAN: (b, o) => [
    ['flags', 0, 1, hex(vxlanFlags(b, o), 2)],
    ['VNI', 4, 3, vxlanVni(b, o)],
  ],
  DNS: (b, o) => [
    ['id', 0, 2, dnsId(b, o)],
    ['flags', 2, 2, hex(dnsFlags(b, o), 4)],
    ['questions', 4, 2, dnsCount(b, o, 0)],
    ['answers', 6, 2, dnsCount(b, o, 1)],
  ],
};

const tcpFlagNames = [
  [TCP_SYN, 'SYN'],
  [TCP_FIN, 'FIN'],
  [TCP_RST, 'RST'],
  [TCP_PSH, 'PSH'],
  [TCP_ACK, 'ACK'],
  [TCP_URG, 'URG'],
] as const;

function optionRows(b: Uint8Array, o: number): Row[] {
  const rows: Row[] = [];
  let at = GENEVE_HEADER;
  for (const option of geneveOptions(b, o)) {
    const bytes = GENEVE_OPTION_HEADER + option.data.length;
    const dsr = decodeDsrOption(option);
    const value = dsr
      ? `DSR frontend ${typeof dsr.ip === 'number' ? formatIp4(dsr.ip) : formatIp6(dsr.ip)} port ${dsr.port}`
      : `class ${hex(option.class, 4)} type ${hex(option.type, 2)} ${toHex(option.data)}`;
    rows.push(['option', at, bytes, value]);
    at += bytes;
  }
  return rows;
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** `6 TCP`; with `digits` `0x0800 IPv4`. */
function named(value: number, table: Readonly<Record<string, AssignedNumber>>, digits?: number): string {
  const name = Object.values(table).find((row) => row.number === value)?.name;
  const number = digits === undefined ? String(value) : hex(value, digits);
  return name === undefined ? number : `${number} ${name}`;
}

function bits(value: number, names: readonly (readonly [bit: number, name: string])[]): string {
  return (
    names
      .filter(([bit]) => (value & bit) !== 0)
      .map(([, name]) => name)
      .join(' ') || 'none'
  );
}
