/**
 * Frames from layers, outermost first, built from the inside out:
 *
 *   frame(ethernet({…}), ipv4({…}), udp({…}), geneve({vni: 7}), ethernet({…}), ipv4({…}), icmp({type: 8}), 'hello')
 *
 * Types, protocols, tunnel ports, lengths and checksums that a layer leaves out are filled from what it carries; what
 * it states is kept, right or wrong.
 */
import type {Ip4, Ip6, Mac} from './addr.js';
import {type ArpFields, encodeArp} from './arp.js';
import {type DnsMessage, encodeDns} from './dns.js';
import {encodeEthernet} from './ethernet.js';
import {encodeGeneve, GENEVE_TEB} from './geneve.js';
import {etherTypes, ipProtocols, udpPorts} from './iana.js';
import {encodeIcmp, ICMP_HEADER, type IcmpFields} from './icmp.js';
import {encodeIcmpv6, type Icmpv6Fields} from './icmpv6.js';
import {encodeIpv4, type Ipv4Fields} from './ipv4.js';
import {encodeIpv6, encodeIpv6Fragment, encodeIpv6Options, type Ipv6Fields, type Ipv6Option} from './ipv6.js';
import {fillL4Checksum} from './l4.js';
import {encodeTcp, type TcpFields} from './tcp.js';
import {encodeUdp, UDP_HEADER} from './udp.js';
import {encodeVlan} from './vlan.js';
import {encodeVxlan, type VxlanFields} from './vxlan.js';

/** Bytes so far, and how an outer layer names them. */
interface Built {
  readonly bytes: Uint8Array;
  readonly etherType?: number;
  readonly ipProtocol?: number;
  /** Destination port of a tunnel. */
  readonly tunnelPort?: number;
  /** The transport checksum was given: IP leaves it alone. */
  readonly fixedChecksum?: boolean;
}

/** Puts its header in front of what it carries. */
export type FrameLayer = (inner: Built) => Built;

/** The frame (or packet, where the first layer is IP). Bytes and text may stand for any layer, mostly the last. */
export function frame(...layers: readonly (FrameLayer | Uint8Array | string)[]): Uint8Array {
  let built: Built = {bytes: new Uint8Array(0)};
  for (const layer of layers.toReversed()) {
    if (typeof layer === 'function') built = layer(built);
    else built = {bytes: join(typeof layer === 'string' ? new TextEncoder().encode(layer) : layer, built.bytes)};
  }
  return built.bytes;
}

export function ethernet(fields: {destination: Mac; source: Mac; type?: number}): FrameLayer {
  return ({bytes, etherType}) => {
    const type = fields.type ?? etherType ?? bytes.length;
    return {bytes: join(encodeEthernet({...fields, type}), bytes), etherType: GENEVE_TEB};
  };
}

/** A tag behind `ethernet` or another tag; `type` is its own EtherType, 0x8100 unless given. */
export function vlan(fields: {id: number; priority?: number; dei?: boolean; type?: number}): FrameLayer {
  return ({bytes, etherType}) => ({
    bytes: join(encodeVlan({...fields, innerType: etherType ?? bytes.length}), bytes),
    etherType: fields.type ?? etherTypes.vlan.number,
  });
}

export function arp(fields: ArpFields): FrameLayer {
  return ({bytes}) => ({bytes: join(encodeArp(fields), bytes), etherType: etherTypes.arp.number});
}

export function ipv4(
  fields: Partial<Omit<Ipv4Fields, 'source' | 'destination'>> & {source: Ip4; destination: Ip4},
): FrameLayer {
  return (inner) => {
    const header = 20 + (((fields.options?.length ?? 0) + 3) & ~3);
    const totalLength = fields.totalLength ?? header + inner.bytes.length;
    const protocol = fields.protocol ?? inner.ipProtocol ?? 255;
    const bytes = join(encodeIpv4({...fields, totalLength, protocol}), inner.bytes);
    if (!inner.fixedChecksum) fillL4Checksum(bytes, 0, bytes.length);
    return {bytes, etherType: etherTypes.ipv4.number, ipProtocol: ipProtocols.ipip.number};
  };
}

export function ipv6(
  fields: Partial<Omit<Ipv6Fields, 'source' | 'destination'>> & {source: Ip6; destination: Ip6},
): FrameLayer {
  return (inner) => {
    const payloadLength = fields.payloadLength ?? inner.bytes.length;
    const nextHeader = fields.nextHeader ?? inner.ipProtocol ?? ipProtocols.noNext.number;
    const bytes = join(encodeIpv6({...fields, payloadLength, nextHeader}), inner.bytes);
    if (!inner.fixedChecksum) fillL4Checksum(bytes, 0, bytes.length);
    return {bytes, etherType: etherTypes.ipv6.number, ipProtocol: ipProtocols.ipv6.number};
  };
}

/** Hop-by-hop options header behind `ipv6`. */
export function hopByHop(options: readonly Ipv6Option[]): FrameLayer {
  return extension(ipProtocols.hopopt.number, (next) => encodeIpv6Options(next, options));
}

/** Destination options header behind `ipv6`. */
export function destinationOptions(options: readonly Ipv6Option[]): FrameLayer {
  return extension(ipProtocols.destinationOptions.number, (next) => encodeIpv6Options(next, options));
}

/** Fragment header behind `ipv6`. */
export function fragment6(fields: {offset: number; more: boolean; id: number}): FrameLayer {
  return extension(ipProtocols.fragment.number, (next) => encodeIpv6Fragment(next, fields));
}

function extension(ipProtocol: number, encode: (next: number) => Uint8Array): FrameLayer {
  return (inner) => ({
    ...inner,
    bytes: join(encode(inner.ipProtocol ?? ipProtocols.noNext.number), inner.bytes),
    ipProtocol,
  });
}

/**
 * Around a tunnel layer the destination port defaults to the tunnel's and the checksum to 0, as the kernel sends both
 * over IPv4; otherwise the checksum is computed.
 */
export function udp(fields: {
  sourcePort: number;
  destinationPort?: number;
  length?: number;
  checksum?: number;
}): FrameLayer {
  return ({bytes, tunnelPort}) => {
    const length = fields.length ?? UDP_HEADER + bytes.length;
    const header = encodeUdp({...fields, destinationPort: fields.destinationPort ?? tunnelPort ?? 0, length});
    return {
      bytes: join(header, bytes),
      ipProtocol: ipProtocols.udp.number,
      fixedChecksum: fields.checksum !== undefined || tunnelPort !== undefined,
    };
  };
}

export function tcp(fields: Partial<TcpFields> & {sourcePort: number; destinationPort: number}): FrameLayer {
  return ({bytes}) => ({
    bytes: join(encodeTcp({sequence: 0, flags: 0, window: 64240, ...fields}), bytes),
    ipProtocol: ipProtocols.tcp.number,
    fixedChecksum: fields.checksum !== undefined,
  });
}

/** What follows is payload, or the quoted packet of an error. */
export function icmp(fields: IcmpFields): FrameLayer {
  return ({bytes}) => ({bytes: encodeIcmp(fields, bytes), ipProtocol: ipProtocols.icmp.number});
}

/** What follows is payload, or the quoted packet of an error. */
export function icmpv6(fields: Icmpv6Fields): FrameLayer {
  return ({bytes}) => icmpv6Message(encodeIcmpv6(fields, bytes))({bytes: new Uint8Array(0)});
}

/** A message of `encodeNeighborSolicitation` and its like. */
export function icmpv6Message(message: Uint8Array): FrameLayer {
  if (message.length < ICMP_HEADER) throw new RangeError(`ICMPv6 message of ${message.length} bytes`);
  return ({bytes}) => ({bytes: join(message, bytes), ipProtocol: ipProtocols.icmpv6.number});
}

export function dns(message: DnsMessage): FrameLayer {
  return ({bytes}) => ({bytes: join(encodeDns(message), bytes)});
}

export function vxlan(fields: VxlanFields): FrameLayer {
  return ({bytes}) => ({bytes: join(encodeVxlan(fields), bytes), tunnelPort: udpPorts.vxlan.number});
}

export function geneve(fields: {vni: number; flags?: number; protocol?: number; options?: Uint8Array}): FrameLayer {
  return ({bytes, etherType}) => ({
    bytes: join(encodeGeneve({...fields, protocol: fields.protocol ?? etherType ?? GENEVE_TEB}), bytes),
    tunnelPort: udpPorts.geneve.number,
  });
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const out = new Uint8Array(head.length + tail.length);
  out.set(head);
  out.set(tail, head.length);
  return out;
}
