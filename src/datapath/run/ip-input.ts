/**
 * The way in: what the stack does with a frame that tc ingress let through.
 *
 *   ARP → neighbour table · IP → netfilter PREROUTING → local? reassembly → transport : forward
 */
import {type Ip, isIp4} from '../../wire/addr.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {reassembleIpv4, reassembleIpv6} from '../../wire/fragment.js';
import {ICMP_PORT_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, ICMP_UNREACHABLE} from '../../wire/icmp.js';
import {ICMPV6_PARAMETER_PROBLEM, ICMPV6_PORT_UNREACHABLE, ICMPV6_UNREACHABLE} from '../../wire/icmpv6.js';
import {
  checkIpv4,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Id,
  ipv4IsFragment,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
} from '../../wire/ipv4.js';
import {checkIpv6, IPV6_HEADER, ipv6Destination, ipv6PayloadLength, ipv6Source, ipv6Upper} from '../../wire/ipv6.js';
import {PROTO_ICMP, PROTO_ICMPV6, PROTO_SCTP, PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';
import {checkUdp, udpDestinationPort, udpLength} from '../../wire/udp.js';
import {discard, etherType, isForDevice} from './device.js';
import {icmpError, icmpReceive, icmpv6Receive} from './icmp.js';
import {ipForward} from './ip-output.js';
import {arpReceive} from './neighbour.js';
import {sctpReceive} from './sctp.js';
import {serveUdp} from './servers.js';
import type {SimSkb} from './skb.js';
import {type Dev, kernelEvent, type Ns, type Reassembly} from './state.js';
import {tcpReceive} from './tcp.js';
import {decapsulate} from './tunnel.js';

const ETHER_IPV4 = 0x0800;
const ETHER_IPV6 = 0x86dd;
const ETHER_ARP = 0x0806;
/** net.ipv4.ipfrag_time; IPv6 waits 60 s, which makes no difference in a run without loss between fragments. */
const REASSEMBLY_TIME = 30e9;

/** A frame behind tc ingress. Takes the skb. */
export function ipReceive(dev: Dev, skb: SimSkb): void {
  // Tunnel devices carry the inner frame's addresses, which are whatever the sender's programs left.
  if (dev.link !== 'tunnel' && !isForDevice(dev, skb)) return void discard(dev, skb, 'is for another host');
  const type = etherType(skb);
  const ip = skb.start + ETH_HEADER;
  if (type === ETHER_IPV4) {
    if (!checkIpv4(skb.buf, ip, skb.end).ok) return void discard(dev, skb, 'truncated IPv4 header');
    skb.end = Math.min(skb.end, ip + ipv4TotalLength(skb.buf, ip));
  } else if (type === ETHER_IPV6) {
    if (!checkIpv6(skb.buf, ip, skb.end).ok) return void discard(dev, skb, 'truncated IPv6 header');
    skb.end = Math.min(skb.end, ip + IPV6_HEADER + ipv6PayloadLength(skb.buf, ip));
  } else if (type === ETHER_ARP) return void arpReceive(dev, skb);
  else {
    dev.counters.rxDropped++;
    return void discard(dev, skb, `unknown ethertype 0x${type.toString(16).padStart(4, '0')}`);
  }
  const {ns} = dev;
  if (ns.netfilter && !ns.netfilter.prerouting(dev, skb)) return;
  const to = type === ETHER_IPV4 ? ipv4Destination(skb.buf, ip) : ipv6Destination(skb.buf, ip);
  if (ns.addresses.has(to) || isGroup(to) || dev.link === 'loopback') deliver(dev, skb, ip);
  else if (ns.forwarding) ipForward(dev, skb);
  else discard(dev, skb, 'is for another address');
}

function isGroup(ip: Ip): boolean {
  return isIp4(ip) ? ip === 0xffff_ffff || ip >>> 28 === 14 : ip.charCodeAt(0) >>> 8 === 0xff;
}

function deliver(dev: Dev, skb: SimSkb, ip: number): void {
  const {buf, end} = skb;
  if (buf[ip]! >>> 4 === 4) {
    if (ipv4IsFragment(buf, ip)) return void collect(dev, skb, ip);
    return void toTransport(dev, skb, ip, ipv4Protocol(buf, ip), ip + ipv4HeaderLength(buf, ip));
  }
  const upper = ipv6Upper(buf, ip, end);
  if (!upper.ok) return void discard(dev, skb, `truncated ${upper.layer} header`);
  if (upper.fragment) return void collect(dev, skb, ip);
  toTransport(dev, skb, ip, upper.protocol, upper.offset);
}

function toTransport(dev: Dev, skb: SimSkb, ip: number, protocol: number, o: number): void {
  const {ns} = dev;
  if (protocol === PROTO_UDP) return void udpReceive(dev, skb, ip, o);
  if (ns.run.step !== undefined) tellDelivery(dev, skb);
  if (protocol === PROTO_TCP) return void tcpReceive(dev, skb, ip, o);
  if (protocol === PROTO_SCTP) return void sctpReceive(dev, skb, ip, o);
  const four = skb.buf[ip]! >>> 4 === 4;
  if (protocol === PROTO_ICMP && four) return void icmpReceive(dev, skb, ip, o);
  if (protocol === PROTO_ICMPV6 && !four) return void icmpv6Receive(dev, skb, ip, o);
  icmpError(
    ns,
    skb,
    four ? {type: ICMP_UNREACHABLE, code: ICMP_PROTOCOL_UNREACHABLE} : {type: ICMPV6_PARAMETER_PROBLEM, code: 1},
  );
  discard(dev, skb, `nobody takes protocol ${protocol}`);
}

function tellDelivery({ns, name: device}: Dev, {packet}: SimSkb): void {
  const {step, now: time} = ns.run;
  step?.({kind: 'deliver', time, node: ns.node?.name ?? '', packet, namespace: ns.name, device});
}

function udpReceive(dev: Dev, skb: SimSkb, ip: number, o: number): void {
  const {ns} = dev;
  const {buf} = skb;
  if (!checkUdp(buf, o, skb.end).ok || o + udpLength(buf, o) > skb.end)
    return void discard(dev, skb, 'truncated UDP header');
  const port = udpDestinationPort(buf, o);
  const {node} = ns;
  if (ns.kind === 'host' && node!.tunnel && port === node!.tunnelPort)
    return void decapsulate(node!, node!.tunnel, skb, ip, o);
  if (ns.run.step !== undefined) tellDelivery(dev, skb);
  const socket = ns.udp.get(port);
  if (socket) return void socket.receive(skb, ip, o);
  if (serveUdp(ns, skb, ip, o)) return;
  icmpError(
    ns,
    skb,
    buf[ip]! >>> 4 === 4
      ? {type: ICMP_UNREACHABLE, code: ICMP_PORT_UNREACHABLE}
      : {type: ICMPV6_UNREACHABLE, code: ICMPV6_PORT_UNREACHABLE},
  );
  discard(dev, skb, `nobody listens on UDP port ${port}`);
}

/** Keeps a fragment until its datagram is whole. Takes the skb. */
function collect(dev: Dev, skb: SimSkb, ip: number): void {
  const {ns} = dev;
  const {run} = ns;
  const packet = skb.buf.slice(ip, skb.end);
  const four = packet[0]! >>> 4 === 4;
  const key = four ? key4(packet) : key6(packet);
  const known = ns.reassembly.get(key);
  const entry = known && known.expires >= run.now ? known : startReassembly(ns, key);
  entry.parts.push(packet);
  account(entry, packet, four);
  run.pool.release(skb);
  if (entry.total < 0 || entry.bytes < entry.total) return;
  const whole = four ? reassembleIpv4(entry.parts) : reassembleIpv6(entry.parts);
  if (!whole) return;
  ns.reassembly.delete(key);
  const out = run.pool.take(ETH_HEADER + whole.length, skb.packet);
  out.buf.set(skb.buf.subarray(skb.start, ip), out.start);
  out.buf.set(whole, out.start + ETH_HEADER);
  out.end = out.start + ETH_HEADER + whole.length;
  if (run.emit) kernelEvent(ns, out.packet, 'fragment', `${ns.name} has all ${entry.parts.length} fragments`);
  deliver(dev, out, out.start + ETH_HEADER);
}

function startReassembly(ns: Ns, key: string): Reassembly {
  const {now} = ns.run;
  for (const [old, {expires}] of ns.reassembly) {
    if (expires >= now) break;
    ns.reassembly.delete(old);
  }
  const entry: Reassembly = {parts: [], bytes: 0, total: -1, expires: now + REASSEMBLY_TIME};
  ns.reassembly.set(key, entry);
  return entry;
}

function account(entry: Reassembly, packet: Uint8Array, four: boolean): void {
  const upper = four ? undefined : ipv6Upper(packet, 0, packet.length);
  const fragment = upper?.ok ? upper.fragment : undefined;
  const offset = four ? ipv4FragmentOffset(packet, 0) : (fragment?.offset ?? 0);
  const head = four ? ipv4HeaderLength(packet, 0) : upper?.ok ? fragmentStart(packet) : 0;
  const length = packet.length - head;
  entry.bytes += length;
  if (four ? !ipv4MoreFragments(packet, 0) : !fragment?.more) entry.total = offset + length;
}

/** Our own fragments have the fragment header right behind the IPv6 header. */
function fragmentStart(packet: Uint8Array): number {
  return packet[6] === 44 ? IPV6_HEADER + 8 : packet.length;
}

function key4(b: Uint8Array): string {
  return `${ipv4Source(b, 0)} ${ipv4Destination(b, 0)} ${ipv4Id(b, 0)} ${ipv4Protocol(b, 0)}`;
}

function key6(b: Uint8Array): string {
  const upper = ipv6Upper(b, 0, b.length);
  return `${ipv6Source(b, 0)} ${ipv6Destination(b, 0)} ${upper.ok ? upper.fragment?.id : ''}`;
}
