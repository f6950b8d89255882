/**
 * Headers as gopacket's LayerString prints them (gopacket 1.1 packet.go): one line each, `Name<tab>{Field=value …}`, byte slices
 * of more than four as their length.
 */
import {serviceName} from '../../../filter/services.js';
import {formatIp, formatMac} from '../../../wire/addr.js';
import {get16, get32} from '../../../wire/bytes.js';
import {ETH_HEADER, ethDestination, ethSource} from '../../../wire/ethernet.js';
import {icmpChecksum, icmpId, icmpSequence} from '../../../wire/icmp.js';
import {
  ipv4Checksum,
  ipv4DontFragment,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Id,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4Tos,
  ipv4TotalLength,
  ipv4Ttl,
} from '../../../wire/ipv4.js';
import {
  IPV6_HEADER,
  ipv6FlowLabel,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6TrafficClass,
} from '../../../wire/ipv6.js';
import {
  tcpAcknowledgment,
  tcpChecksum,
  tcpHeaderLength,
  tcpOptions,
  tcpSequence,
  tcpUrgent,
  tcpWindow,
} from '../../../wire/tcp.js';
import {udpChecksum, udpLength} from '../../../wire/udp.js';
import {type Dissected, icmpText, type Transport} from '../../common/dissect.js';
import {etherTypeName} from './summary.js';

export interface LayerLine {
  /** Key of the JSON summary. */
  readonly key: 'ethernet' | 'ipv4' | 'ipv6' | 'tcp' | 'udp' | 'sctp' | 'icmpv4' | 'icmpv6';
  readonly text: string;
}

type Fields = readonly (readonly [name: string, value: string | number | boolean])[];

/** Outermost first; of a tunnel packet the outer headers alone. */
export function layerLines(packet: Dissected): LayerLine[] {
  const {bytes, eth, etherType, ip, transport} = packet.outer ?? packet;
  const end = bytes.length;
  const out: LayerLine[] = [];
  const add = (key: LayerLine['key'], name: string, from: number, to: number, fields: Fields) => {
    const all: Fields = [['Contents', slice(to - from)], ['Payload', slice(Math.max(0, end - to))], ...fields];
    out.push({key, text: `${name}\t{${all.map(([field, value]) => `${field}=${value}`).join(' ')}}`});
  };
  add('ethernet', 'Ethernet', eth, eth + ETH_HEADER, [
    ['SrcMAC', formatMac(ethSource(bytes, eth))],
    ['DstMAC', formatMac(ethDestination(bytes, eth))],
    ['EthernetType', etherTypeName(etherType)],
    ['Length', 0],
  ]);
  if (ip?.family === 4) add('ipv4', 'IPv4', ip.at, ip.at + ipv4HeaderLength(bytes, ip.at), ip4Fields(bytes, ip.at, ip));
  if (ip?.family === 6) add('ipv6', 'IPv6', ip.at, ip.at + IPV6_HEADER, ip6Fields(bytes, ip.at, ip));
  if (transport) {
    const [key, name, length, fields] = transportHeader(bytes, transport);
    add(key, name, transport.at, transport.at + length, fields);
  }
  return out;
}

/** A byte slice: what it holds up to four bytes, else how many. */
function slice(length: number): string {
  return length > 4 ? `[..${length}..]` : '[]';
}

const protocolNames: Readonly<Record<number, string>> = {1: 'ICMPv4', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6', 132: 'SCTP'};

function ip4Fields(b: Uint8Array, o: number, ip: NonNullable<Dissected['ip']>): Fields {
  const flags = [...(ipv4DontFragment(b, o) ? ['DF'] : []), ...(ipv4MoreFragments(b, o) ? ['MF'] : [])];
  const length = ipv4HeaderLength(b, o);
  return [
    ['Version', 4],
    ['IHL', length / 4],
    ['TOS', ipv4Tos(b, o)],
    ['Length', ipv4TotalLength(b, o)],
    ['Id', ipv4Id(b, o)],
    ['Flags', flags.join('|')],
    ['FragOffset', ipv4FragmentOffset(b, o) / 8],
    ['TTL', ipv4Ttl(b, o)],
    ['Protocol', protocolNames[ipv4Protocol(b, o)] ?? `UnknownIPProtocol`],
    ['Checksum', ipv4Checksum(b, o)],
    ['SrcIP', formatIp(ip.source)],
    ['DstIP', formatIp(ip.destination)],
    ['Options', slice(length - 20)],
    ['Padding', '[]'],
  ];
}

function ip6Fields(b: Uint8Array, o: number, ip: NonNullable<Dissected['ip']>): Fields {
  return [
    ['Version', 6],
    ['TrafficClass', ipv6TrafficClass(b, o)],
    ['FlowLabel', ipv6FlowLabel(b, o)],
    ['Length', ipv6PayloadLength(b, o)],
    ['NextHeader', protocolNames[ipv6NextHeader(b, o)] ?? 'UnknownIPProtocol'],
    ['HopLimit', ipv6HopLimit(b, o)],
    ['SrcIP', formatIp(ip.source)],
    ['DstIP', formatIp(ip.destination)],
    ['HopByHop', 'nil'],
  ];
}

function port(transport: 'tcp' | 'udp', number: number): string {
  const name = serviceName(transport, number);
  return name === undefined ? String(number) : `${number}(${name})`;
}

const tcpFlagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'NS'];

type Header = readonly [key: LayerLine['key'], name: string, length: number, fields: Fields];

function transportHeader(b: Uint8Array, transport: Transport): Header {
  const {at} = transport;
  switch (transport.kind) {
    case 'tcp':
      return ['tcp', 'TCP', tcpHeaderLength(b, at), tcpFields(b, transport)];
    case 'udp': {
      const ports: Fields = [
        ['SrcPort', port('udp', transport.source)],
        ['DstPort', port('udp', transport.destination)],
      ];
      return ['udp', 'UDP', 8, [...ports, ['Length', udpLength(b, at)], ['Checksum', udpChecksum(b, at)]]];
    }
    case 'sctp': {
      const ports: Fields = [
        ['SrcPort', transport.source],
        ['DstPort', transport.destination],
      ];
      const checksum = b.length >= at + 12 ? get32(b, at + 8) : 0;
      return ['sctp', 'SCTP', 12, [...ports, ['VerificationTag', get32(b, at + 4)], ['Checksum', checksum]]];
    }
    case 'icmp4': {
      const echo: Fields = [
        ['Id', icmpId(b, at)],
        ['Seq', icmpSequence(b, at)],
      ];
      const head: Fields = [
        ['TypeCode', icmpText(transport)],
        ['Checksum', icmpChecksum(b, at)],
      ];
      return ['icmpv4', 'ICMPv4', 8, [...head, ...echo]];
    }
    case 'icmp6': {
      const checksum = get16(b, at + 2);
      return [
        'icmpv6',
        'ICMPv6',
        4,
        [
          ['TypeCode', icmpText(transport)],
          ['Checksum', checksum],
          ['TypeBytes', '[]'],
        ],
      ];
    }
  }
}

function tcpFields(b: Uint8Array, {at, source, destination, flags}: Transport & {kind: 'tcp'}): Fields {
  const length = tcpHeaderLength(b, at);
  const options = at + length <= b.length ? [...tcpOptions(b, at)].length : 0;
  return [
    ['SrcPort', port('tcp', source)],
    ['DstPort', port('tcp', destination)],
    ['Seq', tcpSequence(b, at)],
    ['Ack', tcpAcknowledgment(b, at)],
    ['DataOffset', length / 4],
    ...tcpFlagNames.map((name, bit) => [name, (flags & (1 << bit)) !== 0] as const),
    ['Window', tcpWindow(b, at)],
    ['Checksum', tcpChecksum(b, at)],
    ['Urgent', tcpUrgent(b, at)],
    ['Options', options === 0 ? '[]' : `[..${options}..]`],
    ['Padding', '[]'],
    ['Multipath', false],
  ];
}

/** encoding/hex.Dump: offset, sixteen bytes in two groups, the printable ones. */
export function hexDump(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const cells = Array.from({length: 16}, (_, i) => row[i]?.toString(16).padStart(2, '0') ?? '  ');
    const shown = row.map((byte) => (byte >= 32 && byte <= 126 ? String.fromCharCode(byte) : '.')).join('');
    text += `${at.toString(16).padStart(8, '0')}  ${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}  |${shown}|\n`;
  }
  return text;
}
