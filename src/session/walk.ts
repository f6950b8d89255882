/**
 * A frame's headers from the outside in, through every tunnel: what filters on the innermost packet, annotations and JSON read.
 * Unlike the printers it never stops at a port that only this cluster uses for its overlay.
 *
 *   ether · ip · udp · geneve │ ether · ip · tcp · payload
 *                             └ innermost
 */
import {checkArp} from '../wire/arp.js';
import {get16, get32, need, type Truncated} from '../wire/bytes.js';
import {DNS_HEADER} from '../wire/dns.js';
import {checkEthernet, ETH_HEADER, ethType} from '../wire/ethernet.js';
import {checkGeneve, geneveHeaderLength, geneveProtocol, geneveVersion} from '../wire/geneve.js';
import {etherTypes, ipProtocols, udpPorts} from '../wire/iana.js';
import {checkIcmp} from '../wire/icmp.js';
import {checkIcmpv6} from '../wire/icmpv6.js';
import {
  checkIpv4,
  ipVersion,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4TotalLength,
} from '../wire/ipv4.js';
import {checkIpv6, IPV6_HEADER, ipv6PayloadLength, ipv6Upper} from '../wire/ipv6.js';
import {checkSctp, SCTP_HEADER} from '../wire/sctp.js';
import {checkTcp, tcpHeaderLength} from '../wire/tcp.js';
import {checkUdp, UDP_HEADER, udpDestinationPort, udpLength, udpSourcePort} from '../wire/udp.js';
import {checkVlan, VLAN_TAG, vlanInnerType} from '../wire/vlan.js';
import {checkVxlan, VXLAN_FLAG_VNI, VXLAN_HEADER, vxlanFlags} from '../wire/vxlan.js';

export type LayerName =
  | 'ether'
  | 'vlan'
  | 'sll'
  | 'sll2'
  | 'null'
  | 'arp'
  | 'ip'
  | 'ip6'
  | 'udp'
  | 'tcp'
  | 'sctp'
  | 'icmp'
  | 'icmp6'
  | 'geneve'
  | 'vxlan'
  | 'vxlan-gpe'
  | 'gre'
  | 'dns'
  | 'payload';

export interface Layer {
  readonly name: LayerName;
  /** Offset of its header. */
  readonly at: number;
  /** Where the captured bytes of it and of what it carries end. */
  readonly end: number;
  /** Where they would end in a frame captured whole. */
  readonly limit: number;
  /** Its header is not all there. */
  readonly cut?: Truncated;
}

export interface Stack {
  /** Outermost first. */
  readonly layers: readonly Layer[];
  /** Index of the innermost packet's first layer; 0 where there is no tunnel. */
  readonly innermost: number;
  /** Link type of the innermost packet: the capture's, Ethernet, or raw IP. */
  readonly linkType: number;
}

/** UDP destination ports of tunnels. */
export interface TunnelPorts {
  readonly vxlan: ReadonlySet<number>;
  readonly geneve: ReadonlySet<number>;
}

export const EN10MB = 1;
export const RAW = 101;
const GPE_PORT = 4790;
const SLL = 16;
const SLL2 = 20;
const GRE_HEADER = 4;
/** Packets inside packets, by an attacker's hand, are followed this far. */
const MAX_LAYERS = 64;

/** `extra`: ports on top of the well-known ones. */
export function tunnelPorts(extra: {vxlan?: Iterable<number>; geneve?: Iterable<number>} = {}): TunnelPorts {
  const vxlan = new Set<number>([udpPorts.vxlan.number, udpPorts.vxlanLinux.number, ...(extra.vxlan ?? [])]);
  const geneve = new Set<number>([udpPorts.geneve.number, ...(extra.geneve ?? [])]);
  for (const port of extra.vxlan ?? []) geneve.delete(port);
  for (const port of extra.geneve ?? []) vxlan.delete(port);
  return {vxlan, geneve};
}

/** Headers of the frame captured in `b[start, end)`, which was `wireLength` bytes long. */
export function walk(
  linkType: number,
  b: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  ports: TunnelPorts,
): Stack {
  const walker = new Walker(b, end, start + Math.max(wireLength, end - start), linkType, ports);
  walker.link(linkType, start);
  return walker;
}

class Walker implements Stack {
  readonly layers: Layer[] = [];
  innermost = 0;

  constructor(
    private readonly b: Uint8Array,
    private end: number,
    private limit: number,
    public linkType: number,
    private readonly ports: TunnelPorts,
  ) {}

  link(linkType: number, at: number): void {
    if (linkType === EN10MB) this.ethernet(at);
    else if (linkType === 113) this.header('sll', at, SLL, () => this.type(get16(this.b, at + 14), at + SLL));
    else if (linkType === 276) this.header('sll2', at, SLL2, () => this.type(get16(this.b, at), at + SLL2));
    else if (linkType === 0 || linkType === 108) this.header('null', at, 4, () => this.network(at + 4));
    else if (linkType === 12 || linkType === RAW || linkType === 228 || linkType === 229) this.network(at);
    else this.payload(at);
  }

  /** Adds a layer; true when its header is there and there may be more. */
  private add(name: LayerName, at: number, check: {readonly ok: boolean}): boolean {
    const {end, limit} = this;
    const layer = {name, at, end, limit};
    this.layers.push(check.ok ? layer : {...layer, cut: check as Truncated});
    return check.ok && this.layers.length < MAX_LAYERS;
  }

  private header(name: LayerName, at: number, length: number, next: () => void): void {
    if (this.add(name, at, need(name, at, this.end, length))) next();
  }

  private payload(at: number): void {
    if (at < this.limit) this.add('payload', at, {ok: true});
  }

  /** What was carried ends `length` bytes behind `at`: padding behind it is nobody's. */
  private narrow(at: number, length: number): void {
    this.limit = Math.min(this.limit, at + length);
    this.end = Math.min(this.end, this.limit);
  }

  private ethernet(at: number): void {
    if (this.add('ether', at, checkEthernet(this.b, at, this.end))) this.type(ethType(this.b, at), at + ETH_HEADER);
  }

  /** What an EtherType stands for, at `at`. */
  private type(type: number, at: number): void {
    switch (type) {
      case etherTypes.vlan.number:
      case etherTypes.qinq.number:
      case etherTypes.qinq9100.number:
      case etherTypes.qinq9200.number:
        if (this.add('vlan', at, checkVlan(this.b, at, this.end))) this.type(vlanInnerType(this.b, at), at + VLAN_TAG);
        return;
      case etherTypes.ipv4.number:
        return void this.ip(at);
      case etherTypes.ipv6.number:
        return void this.ip6(at);
      case etherTypes.arp.number:
        this.add('arp', at, checkArp(this.b, at, this.end));
        return;
      default:
        this.payload(at);
    }
  }

  /** An IP packet of either version. */
  private network(at: number): void {
    const version = at < this.end ? ipVersion(this.b, at) : 4;
    if (version === 4) this.ip(at);
    else if (version === 6) this.ip6(at);
    else this.payload(at);
  }

  private ip(at: number): void {
    const {b} = this;
    const there = this.end - at;
    // A total length of 0 is a segment that the sender's card was to cut up.
    if (there >= 4 && ipVersion(b, at) === 4 && ipv4TotalLength(b, at) > 0) this.narrow(at, ipv4TotalLength(b, at));
    if (!this.add('ip', at, checkIpv4(b, at, this.end))) return;
    const next = at + ipv4HeaderLength(b, at);
    if (ipv4FragmentOffset(b, at) > 0) this.payload(next);
    else this.transport(ipv4Protocol(b, at), next);
  }

  private ip6(at: number): void {
    const {b} = this;
    if (this.end - at >= 6 && ipv6PayloadLength(b, at) > 0) this.narrow(at, IPV6_HEADER + ipv6PayloadLength(b, at));
    const fixed = checkIpv6(b, at, this.end);
    if (!fixed.ok) return void this.add('ip6', at, fixed);
    const upper = ipv6Upper(b, at, this.end);
    if (!this.add('ip6', at, upper) || !upper.ok) return;
    if (upper.fragment !== undefined && upper.fragment.offset > 0) this.payload(upper.offset);
    else this.transport(upper.protocol, upper.offset);
  }

  private transport(protocol: number, at: number): void {
    const {b, end} = this;
    switch (protocol) {
      case ipProtocols.udp.number:
        if (this.add('udp', at, checkUdp(b, at, end))) this.datagram(at);
        return;
      case ipProtocols.tcp.number:
        if (this.add('tcp', at, checkTcp(b, at, end))) this.payload(at + tcpHeaderLength(b, at));
        return;
      case ipProtocols.sctp.number:
        if (this.add('sctp', at, checkSctp(b, at, end))) this.payload(at + SCTP_HEADER);
        return;
      case ipProtocols.icmp.number:
        this.add('icmp', at, checkIcmp(b, at, end));
        return;
      case ipProtocols.icmpv6.number:
        this.add('icmp6', at, checkIcmpv6(b, at, end));
        return;
      case ipProtocols.ipip.number:
        this.enter(RAW);
        return void this.ip(at);
      case ipProtocols.ipv6.number:
        this.enter(RAW);
        return void this.ip6(at);
      case ipProtocols.gre.number:
        return void this.gre(at);
      default:
        this.payload(at);
    }
  }

  /** The next layer begins a packet of its own. */
  private enter(linkType: number): void {
    this.innermost = this.layers.length;
    this.linkType = linkType;
  }

  private datagram(at: number): void {
    const {b, ports} = this;
    const next = at + UDP_HEADER;
    const port = udpDestinationPort(b, at);
    if (udpLength(b, at) >= UDP_HEADER) this.narrow(at, udpLength(b, at));
    if (ports.geneve.has(port)) this.geneve(next);
    else if (ports.vxlan.has(port)) this.vxlan(next);
    else if (port === GPE_PORT) this.gpe(next);
    else if ((port === 53 || udpSourcePort(b, at) === 53) && next < this.limit)
      this.add('dns', next, need('domain', next, this.end, DNS_HEADER));
    else this.payload(next);
  }

  private geneve(at: number): void {
    const {b} = this;
    if (at < this.end && geneveVersion(b, at) !== 0) return void this.payload(at);
    if (!this.add('geneve', at, checkGeneve(b, at, this.end))) return;
    this.inside(geneveProtocol(b, at), at + geneveHeaderLength(b, at));
  }

  private vxlan(at: number): void {
    const {b} = this;
    if (at < this.end && (vxlanFlags(b, at) & VXLAN_FLAG_VNI) === 0) return void this.payload(at);
    if (!this.add('vxlan', at, checkVxlan(b, at, this.end))) return;
    this.inside(etherTypes.teb.number, at + VXLAN_HEADER);
  }

  /** Generic Protocol Extension for VXLAN, draft-ietf-nvo3-vxlan-gpe §3.1: Next Protocol is the fourth byte. */
  private gpe(at: number): void {
    if (!this.add('vxlan-gpe', at, checkVxlan(this.b, at, this.end))) return;
    const protocols = [0, etherTypes.ipv4.number, etherTypes.ipv6.number, etherTypes.teb.number];
    this.inside(protocols[this.b[at + 3]!] ?? 0, at + VXLAN_HEADER);
  }

  /** RFC 2784 §2, RFC 2890 §2: checksum, key and sequence number are there if their flags are. */
  private gre(at: number): void {
    const {b} = this;
    if (!this.add('gre', at, need('gre', at, this.end, GRE_HEADER))) return;
    const flags = get16(b, at);
    // Version 1 is PPTP's; bit 1 source routing, which RFC 2784 has taken out.
    if ((flags & 0x4007) !== 0) return void this.payload(at + GRE_HEADER);
    const optional = [0x8000, 0x2000, 0x1000].filter((flag) => (flags & flag) !== 0).length;
    this.inside(get16(b, at + 2), at + GRE_HEADER + 4 * optional);
  }

  /** The payload of a tunnel header, by its EtherType. One that is nobody's leaves the carrying packet the innermost. */
  private inside(protocol: number, at: number): void {
    if (protocol === etherTypes.teb.number) {
      this.enter(EN10MB);
      this.ethernet(at);
    } else if (protocol === etherTypes.ipv4.number || protocol === etherTypes.ipv6.number) {
      this.enter(RAW);
      this.type(protocol, at);
    } else this.payload(at);
  }
}

/** GRE key, RFC 2890 §2.1; undefined where there is none. Needs the header with its optional words. */
export function greKey(b: Uint8Array, {at, end}: Layer): number | undefined {
  const flags = get16(b, at);
  const o = at + GRE_HEADER + ((flags & 0x8000) !== 0 ? 4 : 0);
  return (flags & 0x2000) !== 0 && o + 4 <= end ? get32(b, o) : undefined;
}
