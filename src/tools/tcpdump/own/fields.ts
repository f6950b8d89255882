/** The decoded fields of each header, as `--json` has them. Names are those of `src/wire`; numbers stay numbers. */

import {greKey, type Layer, type LayerName} from '../../../session/walk.js';
import {formatIp, formatIp4, formatMac} from '../../../wire/addr.js';
import {
  arpHardware,
  arpIsEthernetIp4,
  arpOperation,
  arpProtocol,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
} from '../../../wire/arp.js';
import {get16, get32, toHex} from '../../../wire/bytes.js';
import {ethDestination, ethSource, ethType} from '../../../wire/ethernet.js';
import {
  geneveFlags,
  geneveOptions,
  geneveOptionsLength,
  geneveProtocol,
  geneveVersion,
  geneveVni,
} from '../../../wire/geneve.js';
import {icmpChecksum, icmpCode, icmpHasId, icmpId, icmpSequence, icmpType} from '../../../wire/icmp.js';
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
} from '../../../wire/ipv4.js';
import {
  ipv6Destination,
  ipv6FlowLabel,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6Source,
  ipv6TrafficClass,
  ipv6Upper,
} from '../../../wire/ipv6.js';
import {SCTP_HEADER, sctpChunkNames, sctpDestinationPort, sctpSourcePort, sctpTag} from '../../../wire/sctp.js';
import {
  type TcpOption,
  tcpAcknowledgment,
  tcpChecksum,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpOptions,
  tcpSequence,
  tcpSourcePort,
  tcpUrgent,
  tcpWindow,
} from '../../../wire/tcp.js';
import {udpChecksum, udpDestinationPort, udpLength, udpSourcePort} from '../../../wire/udp.js';
import {vlanDei, vlanId, vlanInnerType, vlanPriority} from '../../../wire/vlan.js';
import {vxlanFlags, vxlanVni} from '../../../wire/vxlan.js';
import {dnsFields} from './dns-fields.js';

export type Fields = {readonly [field: string]: unknown};
type Reader = (b: Uint8Array, layer: Layer) => Fields;

/** Of a header that is all there. */
export function fieldsOf(b: Uint8Array, layer: Layer): Fields {
  return readers[layer.name](b, layer);
}

const hex4 = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;

const readers: Readonly<Record<LayerName, Reader>> = {
  ether: (b, {at}) => ({
    source: formatMac(ethSource(b, at)),
    destination: formatMac(ethDestination(b, at)),
    type: hex4(ethType(b, at)),
  }),
  vlan: (b, {at}) => ({
    id: vlanId(b, at),
    priority: vlanPriority(b, at),
    dei: vlanDei(b, at) === 1,
    type: hex4(vlanInnerType(b, at)),
  }),
  sll: (b, {at}) => ({packetType: get16(b, at), hardware: get16(b, at + 2), protocol: hex4(get16(b, at + 14))}),
  sll2: (b, {at}) => ({packetType: b[at + 10], ifindex: get32(b, at + 4), protocol: hex4(get16(b, at))}),
  null: (b, {at}) => ({family: toHex(b, at, at + 4)}),
  arp,
  ip: (b, {at}) => ({
    source: formatIp4(ipv4Source(b, at)),
    destination: formatIp4(ipv4Destination(b, at)),
    protocol: ipv4Protocol(b, at),
    ttl: ipv4Ttl(b, at),
    tos: ipv4Tos(b, at),
    id: ipv4Id(b, at),
    dontFragment: (ipv4Flags(b, at) & 2) !== 0,
    moreFragments: (ipv4Flags(b, at) & 1) !== 0,
    fragmentOffset: ipv4FragmentOffset(b, at),
    totalLength: ipv4TotalLength(b, at),
    headerLength: ipv4HeaderLength(b, at),
    checksum: hex4(ipv4Checksum(b, at)),
  }),
  ip6,
  udp: (b, {at}) => ({
    sourcePort: udpSourcePort(b, at),
    destinationPort: udpDestinationPort(b, at),
    length: udpLength(b, at),
    checksum: hex4(udpChecksum(b, at)),
  }),
  tcp: (b, layer) => ({
    sourcePort: tcpSourcePort(b, layer.at),
    destinationPort: tcpDestinationPort(b, layer.at),
    sequence: tcpSequence(b, layer.at),
    acknowledgment: tcpAcknowledgment(b, layer.at),
    flags: flagNames(tcpFlags(b, layer.at)),
    window: tcpWindow(b, layer.at),
    urgent: tcpUrgent(b, layer.at),
    headerLength: tcpHeaderLength(b, layer.at),
    checksum: hex4(tcpChecksum(b, layer.at)),
    options: [...tcpOptions(b, layer.at)].map(tcpOption),
  }),
  sctp: (b, {at, end}) => ({
    sourcePort: sctpSourcePort(b, at),
    destinationPort: sctpDestinationPort(b, at),
    tag: sctpTag(b, at),
    checksum: `0x${toHex(b, at + 8, at + SCTP_HEADER)}`,
    chunks: sctpChunkNames(b, at, end),
  }),
  icmp: (b, {at}) => icmp(b, at, icmpHasId(icmpType(b, at))),
  icmp6: (b, {at}) => icmp(b, at, icmpType(b, at) === 128 || icmpType(b, at) === 129),
  geneve: (b, {at}) => ({
    version: geneveVersion(b, at),
    vni: geneveVni(b, at),
    flags: geneveFlags(b, at),
    protocol: hex4(geneveProtocol(b, at)),
    optionsLength: geneveOptionsLength(b, at),
    options: [...geneveOptions(b, at)].map((option) => ({...option, data: toHex(option.data)})),
  }),
  vxlan: (b, {at}) => ({vni: vxlanVni(b, at), flags: vxlanFlags(b, at)}),
  'vxlan-gpe': (b, {at}) => ({vni: vxlanVni(b, at), flags: vxlanFlags(b, at), next: b[at + 3]}),
  gre: (b, layer) => ({
    flags: hex4(get16(b, layer.at)),
    protocol: hex4(get16(b, layer.at + 2)),
    key: greKey(b, layer),
  }),
  dns: (b, {at, end}) => dnsFields(b, at, end),
  payload: (b, {at, end, limit}) => ({length: limit - at, captured: Math.max(0, Math.min(end, b.length) - at)}),
};

function arp(b: Uint8Array, {at}: Layer): Fields {
  const head = {operation: arpOperation(b, at), hardware: arpHardware(b, at), protocol: hex4(arpProtocol(b, at))};
  if (!arpIsEthernetIp4(b, at)) return head;
  return {
    ...head,
    senderMac: formatMac(arpSenderMac(b, at)),
    senderIp: formatIp4(arpSenderIp(b, at)),
    targetMac: formatMac(arpTargetMac(b, at)),
    targetIp: formatIp4(arpTargetIp(b, at)),
  };
}

function ip6(b: Uint8Array, {at, end}: Layer): Fields {
  const upper = ipv6Upper(b, at, end);
  return {
    source: formatIp(ipv6Source(b, at)),
    destination: formatIp(ipv6Destination(b, at)),
    nextHeader: ipv6NextHeader(b, at),
    protocol: upper.ok ? upper.protocol : undefined,
    hopLimit: ipv6HopLimit(b, at),
    trafficClass: ipv6TrafficClass(b, at),
    flowLabel: ipv6FlowLabel(b, at),
    payloadLength: ipv6PayloadLength(b, at),
    fragment: upper.ok ? upper.fragment : undefined,
  };
}

function icmp(b: Uint8Array, at: number, echo: boolean): Fields {
  const head = {type: icmpType(b, at), code: icmpCode(b, at), checksum: hex4(icmpChecksum(b, at))};
  return echo ? {...head, id: icmpId(b, at), sequence: icmpSequence(b, at)} : head;
}

/** RFC 9293 §3.1, from the lowest bit; AE is RFC 9768's. */
function flagNames(flags: number): string[] {
  return ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'].filter((_, bit) => (flags & (1 << bit)) !== 0);
}

function tcpOption(option: TcpOption): Fields {
  return option.kind === 'other' ? {...option, data: toHex(option.data)} : option;
}
