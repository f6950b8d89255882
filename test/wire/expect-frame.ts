/**
 * Assertions on a frame, layer by layer, each one behind the last:
 *
 *   expectFrame(bytes).ethernet().ipv4({ttl: 63}).udp({dstPort: 6081}).geneve({vni: 7}).inner().ipv4().icmp({type: 8})
 *
 * A layer must be whole, must be announced by the one before it, and must have the values given; checksums of IPv4
 * headers and, where there is one, of the layer above are checked always.
 */
import {expect} from 'vitest';
import {
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  type Check,
  checkArp,
  checkEthernet,
  checkGeneve,
  checkIcmp,
  checkIcmpv6,
  checkIpv4,
  checksum,
  checkTcp,
  checkUdp,
  checkVlan,
  checkVxlan,
  ETH_HEADER,
  ethDestination,
  etherTypes,
  ethSource,
  ethType,
  formatIp,
  formatMac,
  geneveFlags,
  geneveHeaderLength,
  geneveOptionsLength,
  geneveProtocol,
  geneveVersion,
  geneveVni,
  IPV6_HEADER,
  icmpCode,
  icmpId,
  icmpMtu,
  icmpSequence,
  icmpType,
  icmpv6Code,
  icmpv6Mtu,
  icmpv6Type,
  ipProtocols,
  ipv4Destination,
  ipv4DontFragment,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Id,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
  ipv4TotalLength,
  ipv4Ttl,
  ipv6Destination,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6Source,
  ipv6TrafficClass,
  ipv6Upper,
  tcpAcknowledgment,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
  tcpWindow,
  UDP_HEADER,
  udpChecksum,
  udpDestinationPort,
  udpLength,
  udpSourcePort,
  VLAN_TAG,
  VXLAN_HEADER,
  verifyL4Checksum,
  vlanId,
  vlanInnerType,
  vlanPriority,
  vxlanFlags,
  vxlanVni,
} from '../../src/wire/index.js';

type Wanted<T> = Partial<T>;

export interface EthernetView {
  src: string;
  dst: string;
  type: number;
}
export interface Ipv4View {
  src: string;
  dst: string;
  ttl: number;
  tos: number;
  id: number;
  df: boolean;
  mf: boolean;
  offset: number;
  length: number;
  protocol: number;
}
export interface Ipv6View {
  src: string;
  dst: string;
  hopLimit: number;
  trafficClass: number;
  payloadLength: number;
  next: number;
}

export function expectFrame(bytes: Uint8Array, start = 0, end = bytes.length): FrameExpectation {
  return new FrameExpectation(bytes, start, end);
}

export class FrameExpectation {
  /** What the last layer announced; undefined = not known (start, payload of UDP). */
  private announced: {etherType: number} | {protocol: number} | undefined;

  constructor(
    private readonly b: Uint8Array,
    private at: number,
    private end: number,
  ) {}

  ethernet(want: Wanted<EthernetView> = {}): this {
    const {b, at} = this;
    this.whole(checkEthernet(b, at, this.end));
    const type = ethType(b, at);
    this.same('ethernet', {src: formatMac(ethSource(b, at)), dst: formatMac(ethDestination(b, at)), type}, want);
    return this.advance(ETH_HEADER, {etherType: type});
  }

  vlan(want: Wanted<{id: number; priority: number}> = {}): this {
    const {b, at} = this;
    this.whole(checkVlan(b, at, this.end));
    this.same('vlan', {id: vlanId(b, at), priority: vlanPriority(b, at)}, want);
    return this.advance(VLAN_TAG, {etherType: vlanInnerType(b, at)});
  }

  arp(
    want: Wanted<{operation: number; senderMac: string; senderIp: string; targetMac: string; targetIp: string}> = {},
  ): this {
    const {b, at} = this;
    this.is('etherType', etherTypes.arp.number);
    this.whole(checkArp(b, at, this.end));
    const got = {
      operation: arpOperation(b, at),
      senderMac: formatMac(arpSenderMac(b, at)),
      senderIp: formatIp(arpSenderIp(b, at)),
      targetMac: formatMac(arpTargetMac(b, at)),
      targetIp: formatIp(arpTargetIp(b, at)),
    };
    this.same('arp', got, want);
    return this.advance(28, undefined);
  }

  ipv4(want: Wanted<Ipv4View> = {}): this {
    const {b, at} = this;
    this.is('etherType', etherTypes.ipv4.number);
    this.whole(checkIpv4(b, at, this.end));
    const header = ipv4HeaderLength(b, at);
    expect(checksum(b, at, at + header), 'ipv4 header checksum').toBe(0);
    expect(at + ipv4TotalLength(b, at), 'ipv4 total length').toBeLessThanOrEqual(this.end);
    expect(verifyL4Checksum(b, at, this.end), 'checksum above ipv4').not.toBe(false);
    const got: Ipv4View = {
      src: formatIp(ipv4Source(b, at)),
      dst: formatIp(ipv4Destination(b, at)),
      ttl: ipv4Ttl(b, at),
      tos: ipv4Tos(b, at),
      id: ipv4Id(b, at),
      df: ipv4DontFragment(b, at),
      mf: ipv4MoreFragments(b, at),
      offset: ipv4FragmentOffset(b, at),
      length: ipv4TotalLength(b, at),
      protocol: ipv4Protocol(b, at),
    };
    this.same('ipv4', got, want);
    this.end = at + got.length;
    return this.advance(header, {protocol: got.protocol});
  }

  ipv6(want: Wanted<Ipv6View> = {}): this {
    const {b, at} = this;
    this.is('etherType', etherTypes.ipv6.number);
    const upper = ipv6Upper(b, at, this.end);
    if (!upper.ok) throw new Error(`[|${upper.layer}] at ${upper.at}`);
    const got: Ipv6View = {
      src: formatIp(ipv6Source(b, at)),
      dst: formatIp(ipv6Destination(b, at)),
      hopLimit: ipv6HopLimit(b, at),
      trafficClass: ipv6TrafficClass(b, at),
      payloadLength: ipv6PayloadLength(b, at),
      next: ipv6NextHeader(b, at),
    };
    expect(at + IPV6_HEADER + got.payloadLength, 'ipv6 payload length').toBeLessThanOrEqual(this.end);
    expect(verifyL4Checksum(b, at, this.end), 'checksum above ipv6').not.toBe(false);
    this.same('ipv6', got, want);
    this.end = at + IPV6_HEADER + got.payloadLength;
    return this.advance(upper.offset - at, {protocol: upper.protocol});
  }

  udp(want: Wanted<{srcPort: number; dstPort: number; length: number; checksum: number}> = {}): this {
    const {b, at} = this;
    this.is('protocol', ipProtocols.udp.number);
    this.whole(checkUdp(b, at, this.end));
    const got = {
      srcPort: udpSourcePort(b, at),
      dstPort: udpDestinationPort(b, at),
      length: udpLength(b, at),
      checksum: udpChecksum(b, at),
    };
    expect(got.length, 'udp length').toBe(this.end - at);
    this.same('udp', got, want);
    return this.advance(UDP_HEADER, undefined);
  }

  tcp(
    want: Wanted<{srcPort: number; dstPort: number; flags: number; seq: number; ack: number; window: number}> = {},
  ): this {
    const {b, at} = this;
    this.is('protocol', ipProtocols.tcp.number);
    this.whole(checkTcp(b, at, this.end));
    const got = {
      srcPort: tcpSourcePort(b, at),
      dstPort: tcpDestinationPort(b, at),
      flags: tcpFlags(b, at),
      seq: tcpSequence(b, at),
      ack: tcpAcknowledgment(b, at),
      window: tcpWindow(b, at),
    };
    this.same('tcp', got, want);
    return this.advance(tcpHeaderLength(b, at), undefined);
  }

  /** In an error, the quoted packet follows: go on with `.ipv4()`, where it is whole. */
  icmp(want: Wanted<{type: number; code: number; id: number; seq: number; mtu: number}> = {}): this {
    const {b, at} = this;
    this.is('protocol', ipProtocols.icmp.number);
    this.whole(checkIcmp(b, at, this.end));
    const got = {
      type: icmpType(b, at),
      code: icmpCode(b, at),
      id: icmpId(b, at),
      seq: icmpSequence(b, at),
      mtu: icmpMtu(b, at),
    };
    this.same('icmp', got, want);
    return this.advance(8, undefined);
  }

  icmpv6(want: Wanted<{type: number; code: number; mtu: number}> = {}): this {
    const {b, at} = this;
    this.is('protocol', ipProtocols.icmpv6.number);
    this.whole(checkIcmpv6(b, at, this.end));
    this.same('icmpv6', {type: icmpv6Type(b, at), code: icmpv6Code(b, at), mtu: icmpv6Mtu(b, at)}, want);
    return this.advance(8, undefined);
  }

  vxlan(want: Wanted<{vni: number; flags: number}> = {}): this {
    const {b, at} = this;
    this.whole(checkVxlan(b, at, this.end));
    this.same('vxlan', {vni: vxlanVni(b, at), flags: vxlanFlags(b, at)}, want);
    return this.advance(VXLAN_HEADER, {etherType: etherTypes.teb.number});
  }

  geneve(want: Wanted<{vni: number; flags: number; protocol: number; optionsLength: number}> = {}): this {
    const {b, at} = this;
    this.whole(checkGeneve(b, at, this.end));
    expect(geneveVersion(b, at), 'geneve version').toBe(0);
    const got = {
      vni: geneveVni(b, at),
      flags: geneveFlags(b, at),
      protocol: geneveProtocol(b, at),
      optionsLength: geneveOptionsLength(b, at),
    };
    this.same('geneve', got, want);
    return this.advance(geneveHeaderLength(b, at), {etherType: got.protocol});
  }

  /** The tunnel's payload, an Ethernet frame. */
  inner(want: Wanted<EthernetView> = {}): this {
    this.is('etherType', etherTypes.teb.number);
    return this.ethernet(want);
  }

  /** The rest, up to what the IP header says. */
  payload(want: Uint8Array | string): this {
    const rest = this.b.slice(this.at, this.end);
    if (typeof want === 'string') expect(new TextDecoder('latin1').decode(rest)).toBe(want);
    else expect(rest).toEqual(want);
    return this;
  }

  private is(key: 'etherType' | 'protocol', value: number): void {
    if (this.announced === undefined) return;
    expect(this.announced, `layer announced before offset ${this.at}`).toEqual({[key]: value});
  }

  private whole(check: Check): void {
    if (!check.ok) throw new Error(`[|${check.layer}] at ${check.at}: needs ${check.need}, has ${check.have}`);
  }

  private same<T extends object>(layer: string, got: T, want: Wanted<T>): void {
    const seen = Object.fromEntries(Object.keys(want).map((key) => [key, got[key as keyof T]]));
    expect(seen, layer).toEqual(want);
  }

  private advance(bytes: number, announced: FrameExpectation['announced']): this {
    this.at += bytes;
    this.announced = announced;
    return this;
  }
}
