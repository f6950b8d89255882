/** Who talks to whom in the innermost packet, and the tunnel's VNI. */

import {type Layer, RAW, type Stack, type TunnelPorts, walk} from '../../../session/walk.js';
import type {Ip} from '../../../wire/addr.js';
import {arpIsEthernetIp4, arpSenderIp, arpTargetIp} from '../../../wire/arp.js';
import {get16} from '../../../wire/bytes.js';
import {geneveVni} from '../../../wire/geneve.js';
import {ICMP_HEADER, icmpHasId, icmpId, icmpIsError, icmpType} from '../../../wire/icmp.js';
import {ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST, icmpv6IsError} from '../../../wire/icmpv6.js';
import {IPV4_HEADER, ipv4Destination, ipv4FragmentOffset, ipv4Protocol, ipv4Source} from '../../../wire/ipv4.js';
import {IPV6_HEADER, ipv6Destination, ipv6NextHeader, ipv6Source, ipv6Upper} from '../../../wire/ipv6.js';
import {PROTO_ICMP, PROTO_ICMPV6} from '../../../wire/l4.js';
import {vxlanVni} from '../../../wire/vxlan.js';

/** Port of an end that has none, or whose port is cut off. */
export const NO_PORT = -1;
/** `protocol` of an ARP packet. */
export const NO_PROTOCOL = -1;

export interface Flow {
  readonly source: Ip;
  readonly destination: Ip;
  /** IP protocol number. */
  readonly protocol: number;
  /** TCP, UDP, SCTP port; the identifier of an ICMP echo on both sides. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Of the innermost packet; undefined where it has no addresses, or they are cut off. */
export function flowOf(b: Uint8Array, stack: Stack): Flow | undefined {
  const {layers, innermost} = stack;
  for (let i = layers.length - 1; i >= innermost; i--) {
    const layer = layers[i]!;
    if (layer.name === 'ip' || layer.name === 'ip6') return ipFlow(b, layer);
    if (layer.name === 'arp') return arpFlow(b, layer);
  }
  return undefined;
}

/** VNI of the innermost packet's own tunnel; undefined without one. */
export function vniOf(b: Uint8Array, {layers, innermost}: Stack): number | undefined {
  const layer = layers[innermost - 1];
  if (layer === undefined || layer.cut) return undefined;
  if (layer.name === 'geneve') return geneveVni(b, layer.at);
  return layer.name === 'vxlan' || layer.name === 'vxlan-gpe' ? vxlanVni(b, layer.at) : undefined;
}

/** The flow of the packet that an ICMP error quotes, from its sender's side; undefined for all else. */
export function quotedFlow(b: Uint8Array, stack: Stack, ports: TunnelPorts): Flow | undefined {
  const layer = stack.layers.at(-1)!;
  if (layer.cut || (layer.name !== 'icmp' && layer.name !== 'icmp6')) return undefined;
  const type = icmpType(b, layer.at);
  if (!(layer.name === 'icmp' ? icmpIsError(type) : icmpv6IsError(type))) return undefined;
  const at = layer.at + ICMP_HEADER;
  return flowOf(b, walk(RAW, b, at, Math.max(at, layer.end), layer.limit - at, ports));
}

function arpFlow(b: Uint8Array, {at, cut}: Layer): Flow | undefined {
  if (cut || !arpIsEthernetIp4(b, at)) return undefined;
  const ends = {source: arpSenderIp(b, at), destination: arpTargetIp(b, at)};
  return {...ends, protocol: NO_PROTOCOL, sourcePort: NO_PORT, destinationPort: NO_PORT};
}

/** Addresses count as soon as they are captured, whatever follows them. */
function ipFlow(b: Uint8Array, layer: Layer): Flow | undefined {
  const {at, end} = layer;
  if (layer.name === 'ip6') {
    if (end - at < IPV6_HEADER) return undefined;
    const upper = ipv6Upper(b, at, end);
    const ends = {source: ipv6Source(b, at), destination: ipv6Destination(b, at)};
    if (!upper.ok) return {...ends, protocol: ipv6NextHeader(b, at), sourcePort: NO_PORT, destinationPort: NO_PORT};
    const later = upper.fragment !== undefined && upper.fragment.offset > 0;
    return {...ends, ...portsAt(b, upper.protocol, later ? end : upper.offset, end)};
  }
  if (end - at < IPV4_HEADER) return undefined;
  const ends = {source: ipv4Source(b, at), destination: ipv4Destination(b, at)};
  const next = ipv4FragmentOffset(b, at) > 0 ? end : at + (b[at]! & 15) * 4;
  return {...ends, ...portsAt(b, ipv4Protocol(b, at), next, end)};
}

function portsAt(b: Uint8Array, protocol: number, at: number, end: number): Omit<Flow, 'source' | 'destination'> {
  const none = {protocol, sourcePort: NO_PORT, destinationPort: NO_PORT};
  if (protocol === PROTO_ICMP || protocol === PROTO_ICMPV6) {
    if (end - at < ICMP_HEADER || !isEcho(protocol, b[at]!)) return none;
    return {protocol, sourcePort: icmpId(b, at), destinationPort: icmpId(b, at)};
  }
  // TCP, UDP, SCTP.
  if ((protocol !== 6 && protocol !== 17 && protocol !== 132) || end - at < 4) return none;
  return {protocol, sourcePort: get16(b, at), destinationPort: get16(b, at + 2)};
}

function isEcho(protocol: number, type: number): boolean {
  return protocol === PROTO_ICMP ? icmpHasId(type) : type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY;
}
