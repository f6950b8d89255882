/**
 * A frame layer by layer: what each header says, and which bytes say it. Ends where bytes run out or no codec knows on.
 *
 *   Ethernet [0,14) · IPv4 [14,34) · UDP [34,42) · Geneve [42,50) · Ethernet [50,64) · IPv4 [64,84) · ICMP [84,92) · Payload
 *
 * Where the headers are is the walk's affair (walk.ts); here they are described.
 */
import type {Cluster} from '../cluster/model.js';
import {sanitize} from '../term/sanitize.js';
import {formatIp4, formatIp6} from '../wire/addr.js';
import {ARP_LENGTH, arpIsEthernetIp4, describeArp} from '../wire/arp.js';
import {get16, toHex} from '../wire/bytes.js';
import {describeDns} from '../wire/dns.js';
import {describeEthernet, ETH_HEADER} from '../wire/ethernet.js';
import {describeGeneve, geneveHeaderLength} from '../wire/geneve.js';
import {udpPorts} from '../wire/iana.js';
import {describeIcmp, ICMP_HEADER, icmpIsError, icmpType} from '../wire/icmp.js';
import {describeIcmpv6, icmpv6FixedLength, icmpv6IsError, icmpv6Type} from '../wire/icmpv6.js';
import {describeIpv4, ipv4Destination, ipv4HeaderLength, ipv4Source} from '../wire/ipv4.js';
import {describeIpv6, IPV6_HEADER, ipv6Destination, ipv6Source, ipv6Upper} from '../wire/ipv6.js';
import {describeSctp, SCTP_HEADER} from '../wire/sctp.js';
import {describeTcp, tcpHeaderLength} from '../wire/tcp.js';
import {describeUdp, UDP_HEADER} from '../wire/udp.js';
import {describeVlan, VLAN_TAG} from '../wire/vlan.js';
import {describeVxlan, VXLAN_HEADER} from '../wire/vxlan.js';
import {type Field, fieldsOf} from './fields.js';
import {EN10MB, RAW, type Layer as Step, tunnelPorts, type LayerName as WalkName, walk} from './walk.js';

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

/** What the cluster's nodes listen on; the assigned ports for the protocol it does not use. */
export function clusterTunnelPorts({cilium: {tunnelProtocol, tunnelPort}}: Cluster): TunnelPorts {
  return {
    geneve: tunnelProtocol === 'geneve' ? tunnelPort : udpPorts.geneve.number,
    vxlan: tunnelProtocol === 'vxlan' ? tunnelPort : udpPorts.vxlanLinux.number,
  };
}

interface Codec {
  readonly name: string;
  /** Bytes of a header that is all there. */
  length(b: Uint8Array, o: number, end: number): number;
  describe(b: Uint8Array, o: number, end: number): string;
}

const GRE_HEADER = 4;

const codecs = {
  ether: {name: 'Ethernet', length: () => ETH_HEADER, describe: describeEthernet},
  vlan: {name: 'VLAN', length: () => VLAN_TAG, describe: describeVlan},
  sll: {name: 'SLL', length: () => 16, describe: (b, o) => `sll type ${get16(b, o)}`},
  sll2: {name: 'SLL2', length: () => 20, describe: (b, o) => `sll2 ifindex ${get16(b, o + 6)}`},
  null: {name: 'Null', length: () => 4, describe: () => 'null'},
  arp: {name: 'ARP', length: () => ARP_LENGTH, describe: describeArp},
  ip: {name: 'IPv4', length: ipv4HeaderLength, describe: describeIpv4},
  ip6: {name: 'IPv6', length: ipv6HeadersLength, describe: describeIpv6},
  icmp: {name: 'ICMP', length: () => ICMP_HEADER, describe: describeIcmp},
  icmp6: {name: 'ICMPv6', length: (b, o) => icmpv6FixedLength(icmpv6Type(b, o)), describe: describeIcmpv6},
  tcp: {name: 'TCP', length: tcpHeaderLength, describe: describeTcp},
  sctp: {name: 'SCTP', length: () => SCTP_HEADER, describe: describeSctp},
  udp: {name: 'UDP', length: () => UDP_HEADER, describe: describeUdp},
  geneve: {name: 'Geneve', length: geneveHeaderLength, describe: describeGeneve},
  vxlan: {name: 'VXLAN', length: () => VXLAN_HEADER, describe: describeVxlan},
  'vxlan-gpe': {name: 'VXLAN-GPE', length: () => VXLAN_HEADER, describe: describeVxlan},
  gre: {name: 'GRE', length: greLength, describe: (b, o) => `gre protocol 0x${get16(b, o + 2).toString(16)}`},
  dns: {name: 'DNS', length: (_b, o, end) => end - o, describe: describeDns},
} as const satisfies Record<Exclude<WalkName, 'payload'>, Codec>;

export type LayerName = (typeof codecs)[keyof typeof codecs]['name'] | 'HTTP' | 'Payload';

/** Fixed header and extension headers. */
function ipv6HeadersLength(b: Uint8Array, o: number, end: number): number {
  const rest = ipv6Upper(b, o, end);
  return rest.ok ? rest.offset - o : IPV6_HEADER;
}

/** RFC 2890 §2: a word each for checksum, key and sequence number. */
function greLength(b: Uint8Array, o: number): number {
  return GRE_HEADER + [0x80, 0x20, 0x10].reduce((sum, flag) => sum + ((b[o]! & flag) === 0 ? 0 : 4), 0);
}

export function decodeLayers(bytes: Uint8Array, ports: TunnelPorts, linkType = EN10MB): Layer[] {
  const layers: Layer[] = [];
  describeFrom(bytes, 0, bytes.length, ports, linkType, layers);
  return layers;
}

function describeFrom(
  b: Uint8Array,
  at: number,
  end: number,
  ports: TunnelPorts,
  linkType: number,
  layers: Layer[],
): void {
  const known = tunnelPorts({geneve: [ports.geneve], vxlan: [ports.vxlan]});
  for (const step of walk(linkType, b, at, end, end - at, known).layers) {
    if (step.name === 'payload' || (step.name === 'arp' && !step.cut && !arpIsEthernetIp4(b, step.at))) {
      if (step.at < step.end) layers.push(payload(b, step.at, step.end));
      continue;
    }
    const layer = headerLayer(b, step, codecs[step.name]);
    layers.push(layer);
    if (layer.truncated || (step.name !== 'icmp' && step.name !== 'icmp6')) continue;
    // An error quotes the packet that it is about.
    const error = step.name === 'icmp' ? icmpIsError(icmpType(b, step.at)) : icmpv6IsError(icmpv6Type(b, step.at));
    if (error && layer.end < step.end) describeFrom(b, layer.end, step.end, ports, RAW, layers);
    else if (layer.end < step.end) layers.push(payload(b, layer.end, step.end));
  }
}

function headerLayer(b: Uint8Array, {at, end, cut}: Step, {name, length, describe}: Codec & {name: LayerName}): Layer {
  if (cut) {
    const text = `cut short: ${cut.need} bytes needed, ${cut.have} there`;
    const from = Math.min(cut.at, end);
    return {name, text, at: from, end: Math.min(from + cut.have, end), fields: [], truncated: true};
  }
  const stop = Math.min(at + length(b, at, end), end);
  const text = sanitize(describe(b, at, end));
  return {name, text, at, end: stop, fields: fieldsOf(name, b, at, stop), truncated: false};
}

function payload(b: Uint8Array, at: number, end: number): Layer {
  const line = firstLine(b, at, end);
  const http = /^(?:[A-Z]{3,8} \S+ HTTP\/1\.[01]|HTTP\/1\.[01] \d{3})/.test(line);
  const dump = toHex(b, at, Math.min(end, at + 16)) + (end - at > 16 ? '…' : '');
  const text = http ? line : `${end - at} ${end - at === 1 ? 'byte' : 'bytes'}: ${line || dump}`;
  return {name: http ? 'HTTP' : 'Payload', text: sanitize(text), at, end, fields: [], truncated: false};
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

/** Source and destination of an IP layer as text, undefined for any other or a cut one. */
export function layerEnds(b: Uint8Array, layer: Layer): {from: string; to: string} | undefined {
  if (layer.truncated) return undefined;
  const {name, at} = layer;
  if (name === 'IPv4') return {from: formatIp4(ipv4Source(b, at)), to: formatIp4(ipv4Destination(b, at))};
  if (name === 'IPv6') return {from: formatIp6(ipv6Source(b, at)), to: formatIp6(ipv6Destination(b, at))};
  return undefined;
}
