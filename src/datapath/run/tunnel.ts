/**
 * Tunnel devices: the kernel's VXLAN and Geneve drivers in collect-metadata mode. A point-to-point device (fixed VNI) stands for
 * one per peer: frames go to the node that the programs name, with the device's VNI.
 *
 *   Ethernet | IPv4: TTL 64, DF clear, own id | UDP: port per flow, checksum as the key says | VXLAN, Geneve: VNI | inner frame
 *
 * The header is made once per remote; per packet only lengths, id, TOS, source port and VNI change.
 * Measured on Linux 6.18 (vxlan): drivers/net/vxlan, net/ipv4/ip_tunnel_core.c `iptunnel_xmit`.
 */
import {formatIp, type Ip, isIp4} from '../../wire/addr.js';
import {copyBytes, get16, set16, set24, set32} from '../../wire/bytes.js';
import {finishSum, sumWords} from '../../wire/checksum.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {
  checkGeneve,
  GENEVE_FLAG_CRITICAL,
  GENEVE_HEADER,
  GENEVE_TEB,
  geneveHeaderLength,
  geneveProtocol,
  geneveVni,
} from '../../wire/geneve.js';
import {IPV4_HEADER, ipv4Source, ipv4Tos, ipv4Ttl, writeIpv4} from '../../wire/ipv4.js';
import {IPV6_HEADER, ipv6HopLimit, ipv6Source, ipv6TrafficClass, writeIpv6} from '../../wire/ipv6.js';
import {fillL4Checksum, PROTO_UDP} from '../../wire/l4.js';
import {UDP_HEADER, writeUdp} from '../../wire/udp.js';
import {checkVxlan, VXLAN_FLAG_VNI, VXLAN_HEADER, vxlanFlags, vxlanVni} from '../../wire/vxlan.js';
import {discard, receive} from './device.js';
import {tunnelSourcePort} from './flow.js';
import {ipOutput} from './ip-output.js';
import {routeTo} from './route.js';
import {type SimSkb, scrub} from './skb.js';
import {type Dev, kernelEvent, nextIdentification, type SimNode, type TunnelPath} from './state.js';

const ECN_MASK = 3;
const ECN_CE = 3;
const ECN_ECT0 = 2;
const TUNNEL_TTL = 64;
/** BPF_F_ZERO_CSUM_TX: what the programs ask for over IPv4. */
const ZERO_CHECKSUM_TX = 2;
/** reserved:world */
const WORLD = 2;

/** Puts the outer headers in front of a frame and sends it. Takes the skb. */
export function encapsulate(dev: Dev, skb: SimSkb): void {
  const node = dev.ns.node!;
  const model = node.tunnelModel!;
  const key = skb.tunnel;
  const remote = key?.remote ?? model.remote;
  if (remote === undefined) {
    dev.counters.txDropped++;
    return void discard(dev, skb, 'no tunnel information');
  }
  const path = node.tunnelPaths.get(remote) ?? addPath(node, remote);
  if (!path) return void discard(dev, skb, `no route to ${formatIp(remote)}`);
  const vni = model.external ? key!.vni : model.vni;
  if (node.run.emit)
    kernelEvent(
      dev.ns,
      skb.packet,
      'encapsulate',
      `${dev.name}: VNI ${vni}, ${formatIp(path.dst.source)} to ${formatIp(remote)}`,
    );
  const port = tunnelSourcePort(skb.buf, skb.start, model.protocol, model.sourcePorts);
  const ecn = innerEcn(skb);
  prependTunnelHeader(skb, vni, model.protocol);
  if (isIp4(remote)) prepend4(node, path, skb, port, ecn);
  else prepend6(path, skb, port, ecn);
  if (key && (key.flags & ZERO_CHECKSUM_TX) === 0) fillL4Checksum(skb.buf, skb.start, skb.end);
  skb.start -= ETH_HEADER;
  ipOutput(node.host, skb, path.dst);
}

/** INET_ECN_encapsulate with TOS 0: the inner congestion bits go outside, a mark CE becomes ECT(0); DSCP is not copied. */
function innerEcn(skb: SimSkb): number {
  const {buf, start} = skb;
  const type = get16(buf, start + 12);
  const ip = start + ETH_HEADER;
  const tos = type === 0x0800 ? ipv4Tos(buf, ip) : type === 0x86dd ? ipv6TrafficClass(buf, ip) : 0;
  return (tos & ECN_MASK) === ECN_CE ? ECN_ECT0 : tos & ECN_MASK;
}

function prependTunnelHeader(skb: SimSkb, vni: number, protocol: 'vxlan' | 'geneve'): void {
  const {buf, tunnelOption} = skb;
  const options = protocol === 'geneve' ? (tunnelOption?.length ?? 0) : 0;
  const o = skb.start - GENEVE_HEADER - options;
  skb.start = o;
  if (protocol === 'vxlan') {
    set32(buf, o, VXLAN_FLAG_VNI * 2 ** 24);
    set32(buf, o + 4, vni * 256);
    return;
  }
  buf[o] = options >> 2;
  buf[o + 1] = options > 0 && hasCritical(tunnelOption!) ? GENEVE_FLAG_CRITICAL : 0;
  set16(buf, o + 2, GENEVE_TEB);
  set24(buf, o + 4, vni);
  buf[o + 7] = 0;
  if (options > 0) buf.set(tunnelOption!, o + GENEVE_HEADER);
}

/** A critical option (RFC 8926 §3.5.1) sets the C bit of the base header (geneve_build_header). */
function hasCritical(options: Uint8Array): boolean {
  for (let at = 0; at + 4 <= options.length; at += 4 + (options[at + 3]! & 31) * 4)
    if (options[at + 2]! & 0x80) return true;
  return false;
}

function prepend4(node: SimNode, path: TunnelPath, skb: SimSkb, port: number, ecn: number): void {
  const {buf} = skb;
  const udp = skb.start - UDP_HEADER;
  const ip = udp - IPV4_HEADER;
  copyBytes(buf, ip, path.header);
  const length = skb.end - ip;
  const id = nextIdentification(node.host);
  buf[ip + 1] = ecn;
  set16(buf, ip + 2, length);
  set16(buf, ip + 4, id);
  set16(buf, ip + 10, finishSum(path.sum + ecn + length + id));
  set16(buf, udp, port);
  set16(buf, udp + 4, length - IPV4_HEADER);
  skb.start = ip;
}

function prepend6(path: TunnelPath, skb: SimSkb, port: number, ecn: number): void {
  const {buf} = skb;
  const udp = skb.start - UDP_HEADER;
  const ip = udp - IPV6_HEADER;
  copyBytes(buf, ip, path.header);
  const length = skb.end - udp;
  buf[ip + 1] = (buf[ip + 1]! & 0x0f) | (ecn << 4);
  set16(buf, ip + 4, length);
  set16(buf, udp, port);
  set16(buf, udp + 4, length);
  skb.start = ip;
}

function addPath(node: SimNode, remote: Ip): TunnelPath | undefined {
  const dst = routeTo(node.host, remote);
  if (!dst || dst.local) return undefined;
  const four = isIp4(remote);
  const size = four ? IPV4_HEADER : IPV6_HEADER;
  const header = new Uint8Array(size + UDP_HEADER);
  if (four)
    writeIpv4(header, 0, {
      totalLength: 0,
      ttl: TUNNEL_TTL,
      protocol: PROTO_UDP,
      source: dst.source as number,
      destination: remote,
    });
  else
    writeIpv6(header, 0, {
      payloadLength: 0,
      nextHeader: PROTO_UDP,
      hopLimit: TUNNEL_TTL,
      source: dst.source as string,
      destination: remote,
    });
  writeUdp(header, size, {sourcePort: 0, destinationPort: node.tunnelPort, length: 0});
  if (four) set16(header, 10, 0);
  const path: TunnelPath = {dst, header, sum: sumWords(header, 0, size)};
  node.tunnelPaths.set(remote, path);
  return path;
}

/** A datagram for the tunnel port: the inner frame arrives at the tunnel device. `ip`, `udp`: offsets. Takes the skb. */
export function decapsulate(node: SimNode, dev: Dev, skb: SimSkb, ip: number, udp: number): void {
  const {buf, end} = skb;
  const model = node.tunnelModel!;
  const o = udp + UDP_HEADER;
  const geneve = model.protocol === 'geneve';
  const header = geneve ? checkGeneve(buf, o, end) : checkVxlan(buf, o, end);
  if (!header.ok) return void discard(dev, skb, `truncated ${header.layer} header`);
  if (geneve ? geneveProtocol(buf, o) !== GENEVE_TEB : (vxlanFlags(buf, o) & VXLAN_FLAG_VNI) === 0)
    return void discard(dev, skb, `not an Ethernet frame in ${model.protocol}`);
  const length = geneve ? geneveHeaderLength(buf, o) : VXLAN_HEADER;
  if (end - o - length < ETH_HEADER) return void discard(dev, skb, 'truncated inner Ethernet header');
  const vni = geneve ? geneveVni(buf, o) : vxlanVni(buf, o);
  if (!model.external && vni !== model.vni) return void discard(dev, skb, `no device for VNI ${vni}`);
  const four = buf[ip]! >>> 4 === 4;
  const tos = four ? ipv4Tos(buf, ip) : ipv6TrafficClass(buf, ip);
  scrub(skb);
  const received = skb.spare;
  received.vni = model.external ? vni : senderIdentity(node, skb.buf, o + length);
  received.remote = four ? ipv4Source(buf, ip) : ipv6Source(buf, ip);
  received.ttl = four ? ipv4Ttl(buf, ip) : ipv6HopLimit(buf, ip);
  received.tos = tos;
  received.flags = 0;
  skb.tunnel = received;
  if (geneve && length > GENEVE_HEADER) skb.tunnelOption = buf.slice(o + GENEVE_HEADER, o + length);
  skb.start = o + length;
  if (node.run.emit)
    kernelEvent(dev.ns, skb.packet, 'decapsulate', `${dev.name}: VNI ${vni} from ${formatIp(received.remote)}`);
  receive(dev, skb);
}

/** A fixed VNI says nothing about the sender: the identity is that of its address. */
function senderIdentity(node: SimNode, b: Uint8Array, o: number): number {
  const type = get16(b, o + 12);
  const ip = o + ETH_HEADER;
  const source = type === 0x0800 ? ipv4Source(b, ip) : type === 0x86dd ? ipv6Source(b, ip) : undefined;
  return (source === undefined ? undefined : node.state.ipcache.lookup(source)?.identity) ?? WORLD;
}
