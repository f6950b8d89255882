/**
 * A frame layer by layer: what each header says, and which bytes say it. Ends where bytes run out or no codec knows on.
 *
 *   Ethernet [0,14) · IPv4 [14,34) · UDP [34,42) · Geneve [42,50) · Ethernet [50,64) · IPv4 [64,84) · ICMP [84,92) · Payload
 */
import {sanitize} from '../term/sanitize.js';
import {formatIp4, formatIp6} from '../wire/addr.js';
import {ARP_LENGTH, arpIsEthernetIp4, checkArp, describeArp} from '../wire/arp.js';
import {type Check, type Truncated, toHex} from '../wire/bytes.js';
import {checkDns, describeDns} from '../wire/dns.js';
import {checkEthernet, describeEthernet, ETH_HEADER, ETH_MAX_LENGTH, ethType} from '../wire/ethernet.js';
import {checkGeneve, describeGeneve, GENEVE_TEB, geneveHeaderLength, geneveProtocol} from '../wire/geneve.js';
import {etherTypes, ipProtocols, udpPorts} from '../wire/iana.js';
import {checkIcmp, describeIcmp, ICMP_HEADER, icmpIsError, icmpType} from '../wire/icmp.js';
import {checkIcmpv6, describeIcmpv6, icmpv6FixedLength, icmpv6IsError, icmpv6Type} from '../wire/icmpv6.js';
import {
  checkIpv4,
  describeIpv4,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
} from '../wire/ipv4.js';
import {
  checkIpv6,
  describeIpv6,
  IPV6_HEADER,
  ipv6Destination,
  ipv6PayloadLength,
  ipv6Source,
  ipv6Upper,
} from '../wire/ipv6.js';
import {checkTcp, describeTcp, tcpHeaderLength} from '../wire/tcp.js';
import {checkUdp, describeUdp, UDP_HEADER, udpDestinationPort, udpSourcePort} from '../wire/udp.js';
import {checkVlan, describeVlan, VLAN_TAG, vlanInnerType} from '../wire/vlan.js';
import {checkVxlan, describeVxlan, VXLAN_HEADER} from '../wire/vxlan.js';
import {type Field, fieldsOf} from './fields.js';

export type LayerName =
  | 'Ethernet'
  | 'VLAN'
  | 'ARP'
  | 'IPv4'
  | 'IPv6'
  | 'ICMP'
  | 'ICMPv6'
  | 'TCP'
  | 'UDP'
  | 'Geneve'
  | 'VXLAN'
  | 'DNS'
  | 'HTTP'
  | 'Payload';

export interface Layer {
  readonly name: LayerName;
  /** One line, safe to print. */
  readonly text: string;
  /** Bytes of the header in the frame, `[at, end)`. */
  readonly at: number;
  readonly end: number;
  readonly fields: readonly Field[];
  /** The header is not all there. */
  readonly truncated: boolean;
}

/** UDP destination ports beyond the assigned ones that carry a tunnel. */
export interface TunnelPorts {
  readonly geneve: number;
  readonly vxlan: number;
}

interface Decoder {
  readonly bytes: Uint8Array;
  readonly ports: TunnelPorts;
  readonly layers: Layer[];
}

export function decodeLayers(bytes: Uint8Array, ports: TunnelPorts): Layer[] {
  const decoder: Decoder = {bytes, ports, layers: []};
  ethernet(decoder, 0, bytes.length);
  return decoder.layers;
}

interface Codec {
  check(b: Uint8Array, o: number, end: number): Check;
  /** Bytes of the header; asked only where `check` is content. */
  length(b: Uint8Array, o: number, end: number): number;
  describe(b: Uint8Array, o: number, end: number): string;
}

const codecs = {
  Ethernet: {check: checkEthernet, length: () => ETH_HEADER, describe: describeEthernet},
  VLAN: {check: checkVlan, length: () => VLAN_TAG, describe: describeVlan},
  ARP: {check: checkArp, length: () => ARP_LENGTH, describe: describeArp},
  IPv4: {check: checkIpv4, length: ipv4HeaderLength, describe: describeIpv4},
  IPv6: {check: checkIpv6, length: ipv6HeadersLength, describe: describeIpv6},
  ICMP: {check: checkIcmp, length: () => ICMP_HEADER, describe: describeIcmp},
  ICMPv6: {
    check: checkIcmpv6,
    length: (b, o) => icmpv6FixedLength(icmpv6Type(b, o)),
    describe: describeIcmpv6,
  },
  TCP: {check: checkTcp, length: tcpHeaderLength, describe: describeTcp},
  UDP: {check: checkUdp, length: () => UDP_HEADER, describe: describeUdp},
  Geneve: {check: checkGeneve, length: geneveHeaderLength, describe: describeGeneve},
  VXLAN: {check: checkVxlan, length: () => VXLAN_HEADER, describe: describeVxlan},
  DNS: {check: checkDns, length: (_b, o, end) => end - o, describe: describeDns},
} as const satisfies Partial<Record<LayerName, Codec>>;

/** Fixed header and extension headers. */
function ipv6HeadersLength(b: Uint8Array, o: number, end: number): number {
  const rest = ipv6Upper(b, o, end);
  return rest.ok ? rest.offset - o : IPV6_HEADER;
}

/** Adds a layer; false where its header is cut short. */
function add(d: Decoder, name: keyof typeof codecs, at: number, end: number): boolean {
  const {bytes: b} = d;
  const codec: Codec = codecs[name];
  const check = codec.check(b, at, end);
  if (!check.ok) {
    d.layers.push(cut(name, check, b.length));
    return false;
  }
  const stop = Math.min(at + codec.length(b, at, end), end);
  const text = sanitize(codec.describe(b, at, end));
  d.layers.push({name, text, at, end: stop, fields: fieldsOf(name, b, at, stop), truncated: false});
  return true;
}

function cut(name: LayerName, {need, have, at}: Truncated, end: number): Layer {
  const text = `cut short: ${need} bytes needed, ${have} there`;
  return {name, text, at: Math.min(at, end), end: Math.min(at + have, end), fields: [], truncated: true};
}

function payload(d: Decoder, at: number, end: number): void {
  if (at >= end) return;
  const b = d.bytes;
  const line = firstLine(b, at, end);
  const http = /^(?:[A-Z]{3,8} \S+ HTTP\/1\.[01]|HTTP\/1\.[01] \d{3})/.test(line);
  const text = http ? line : `${end - at} bytes${line ? `: ${line}` : `: ${toHex(b, at, Math.min(end, at + 16))}`}`;
  d.layers.push({name: http ? 'HTTP' : 'Payload', text: sanitize(text), at, end, fields: [], truncated: false});
}

/** The first line where it is printable ASCII. */
function firstLine(b: Uint8Array, at: number, end: number): string {
  let text = '';
  for (let i = at; i < Math.min(end, at + 120); i++) {
    const code = b[i]!;
    if (code === 13 || code === 10) break;
    if (code < 0x20 || code > 0x7e) return '';
    text += String.fromCharCode(code);
  }
  return text;
}

function ethernet(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (!add(d, 'Ethernet', o, end)) return;
  const type = ethType(b, o);
  if (type > ETH_MAX_LENGTH) byEtherType(d, type, o + ETH_HEADER, end);
  else payload(d, o + ETH_HEADER, end);
}

const vlanTypes: ReadonlySet<number> = new Set([
  etherTypes.vlan.number,
  etherTypes.qinq.number,
  etherTypes.qinq9100.number,
  etherTypes.qinq9200.number,
]);

function byEtherType(d: Decoder, type: number, o: number, end: number): void {
  if (vlanTypes.has(type)) vlan(d, o, end);
  else if (type === etherTypes.ipv4.number) ipv4(d, o, end);
  else if (type === etherTypes.ipv6.number) ipv6(d, o, end);
  else if (type === GENEVE_TEB) ethernet(d, o, end);
  else if (type === etherTypes.arp.number) arp(d, o, end);
  else payload(d, o, end);
}

function vlan(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (add(d, 'VLAN', o, end)) byEtherType(d, vlanInnerType(b, o), o + VLAN_TAG, end);
}

function arp(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (checkArp(b, o, end).ok && !arpIsEthernetIp4(b, o)) payload(d, o, end);
  else add(d, 'ARP', o, end);
}

function ipv4(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (!add(d, 'IPv4', o, end)) return;
  const at = o + ipv4HeaderLength(b, o);
  const stop = Math.max(at, Math.min(end, o + ipv4TotalLength(b, o)));
  if (ipv4FragmentOffset(b, o) > 0) payload(d, at, stop);
  else upper(d, ipv4Protocol(b, o), at, stop);
}

function ipv6(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (!add(d, 'IPv6', o, end)) return;
  const rest = ipv6Upper(b, o, end);
  if (!rest.ok) return;
  const stop = Math.max(rest.offset, Math.min(end, o + IPV6_HEADER + ipv6PayloadLength(b, o)));
  if (rest.fragment && rest.fragment.offset > 0) payload(d, rest.offset, stop);
  else upper(d, rest.protocol, rest.offset, stop);
}

function upper(d: Decoder, protocol: number, o: number, end: number): void {
  if (protocol === ipProtocols.udp.number) udp(d, o, end);
  else if (protocol === ipProtocols.tcp.number) tcp(d, o, end);
  else if (protocol === ipProtocols.icmp.number) icmp(d, o, end);
  else if (protocol === ipProtocols.icmpv6.number) icmpv6(d, o, end);
  else if (protocol === ipProtocols.ipip.number) ipv4(d, o, end);
  else if (protocol === ipProtocols.ipv6.number) ipv6(d, o, end);
  else payload(d, o, end);
}

function udp(d: Decoder, o: number, end: number): void {
  const {bytes: b, ports} = d;
  if (!add(d, 'UDP', o, end)) return;
  const at = o + UDP_HEADER;
  const to = udpDestinationPort(b, o);
  if (to === udpPorts.geneve.number || to === ports.geneve) geneve(d, at, end);
  else if (to === udpPorts.vxlan.number || to === udpPorts.vxlanLinux.number || to === ports.vxlan) vxlan(d, at, end);
  else if (isDns(to) || isDns(udpSourcePort(b, o))) add(d, 'DNS', at, end);
  else payload(d, at, end);
}

function isDns(port: number): boolean {
  return port === udpPorts.dns.number || port === udpPorts.mdns.number;
}

function geneve(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (add(d, 'Geneve', o, end)) byEtherType(d, geneveProtocol(b, o), o + geneveHeaderLength(b, o), end);
}

function vxlan(d: Decoder, o: number, end: number): void {
  if (add(d, 'VXLAN', o, end)) ethernet(d, o + VXLAN_HEADER, end);
}

function tcp(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (add(d, 'TCP', o, end)) payload(d, o + tcpHeaderLength(b, o), end);
}

function icmp(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (!add(d, 'ICMP', o, end)) return;
  if (icmpIsError(icmpType(b, o))) ipv4(d, o + ICMP_HEADER, end);
  else payload(d, o + ICMP_HEADER, end);
}

function icmpv6(d: Decoder, o: number, end: number): void {
  const {bytes: b} = d;
  if (!add(d, 'ICMPv6', o, end)) return;
  const at = o + icmpv6FixedLength(icmpv6Type(b, o));
  if (icmpv6IsError(icmpv6Type(b, o))) ipv6(d, at, end);
  else payload(d, at, end);
}

/** Source and destination of an IP layer as text, undefined for any other or a cut one. */
export function layerEnds(b: Uint8Array, layer: Layer): {from: string; to: string} | undefined {
  if (layer.truncated) return undefined;
  const {name, at} = layer;
  if (name === 'IPv4') return {from: formatIp4(ipv4Source(b, at)), to: formatIp4(ipv4Destination(b, at))};
  if (name === 'IPv6') return {from: formatIp6(ipv6Source(b, at)), to: formatIp6(ipv6Destination(b, at))};
  return undefined;
}
