/**
 * The way out of a stack.
 *
 *   ipOutput:   netfilter OUTPUT → ipFinish          packets of this namespace
 *   ipForward:  TTL, MTU → ipFinish                  packets of others
 *   ipFinish:   netfilter POSTROUTING → fragments → neighbour → device
 */
import type {Cluster} from '../../cluster/model.js';
import type {Ip} from '../../wire/addr.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {fragmentIpv4, fragmentIpv6} from '../../wire/fragment.js';
import {
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_NET_UNREACHABLE,
  ICMP_TIME_EXCEEDED,
  ICMP_TTL_EXCEEDED,
  ICMP_UNREACHABLE,
} from '../../wire/icmp.js';
import {ICMPV6_NO_ROUTE, ICMPV6_PACKET_TOO_BIG, ICMPV6_TIME_EXCEEDED, ICMPV6_UNREACHABLE} from '../../wire/icmpv6.js';
import {ipv4Destination, ipv4DontFragment, ipv4Ttl, setIpv4Ttl} from '../../wire/ipv4.js';
import {ipv6Destination, ipv6HopLimit, setIpv6HopLimit} from '../../wire/ipv6.js';
import {discard, setEtherType} from './device.js';
import {icmpError} from './icmp.js';
import {neighbourOf, neighbourTransmit} from './neighbour.js';
import {routeTo} from './route.js';
import type {SimSkb} from './skb.js';
import {type Dev, type Dst, kernelEvent, type Ns} from './state.js';

/** skb->mark of what the host itself sends: the agent's rule "cilium: host->any mark as from host". */
const HOST_MARK = 0x0c00;
const MARK_MAGIC = 0x0f00;

/** Destination of the IP packet behind the Ethernet header's place. */
export function packetDestination(skb: SimSkb): Ip {
  const ip = skb.start + ETH_HEADER;
  return skb.buf[ip]! >>> 4 === 4 ? ipv4Destination(skb.buf, ip) : ipv6Destination(skb.buf, ip);
}

/** Sends a packet of this namespace; the 14 bytes in front of it are room for Ethernet. Takes the skb. */
export function ipOutput(ns: Ns, skb: SimSkb, dst: Dst): void {
  if (ns.gone) return void ns.run.pool.release(skb);
  if (ns.kind !== 'host') return void ipFinish(ns, skb, dst);
  if ((skb.mark & MARK_MAGIC) === 0 && hasAgentRules(ns.run.cluster)) skb.mark |= HOST_MARK;
  if (!ns.netfilter) return void ipFinish(ns, skb, dst);
  if (!ns.netfilter.output(skb)) return;
  const rerouted = routeTo(ns, packetDestination(skb));
  if (rerouted) ipFinish(ns, skb, rerouted);
  else discard(dst.dev, skb, 'no route after translation');
}

/** Does the agent keep netfilter rules of its own: that mark, and masquerading without BPF? */
export function hasAgentRules({dataplane, cilium}: Cluster): boolean {
  return dataplane === 'cilium' && cilium.raw['install-iptables-rules'] !== 'false';
}

/** Sends a packet that a process has prepared, once its time has come. */
export function sendPrepared(ns: Ns, skb: SimSkb): void {
  const dst = routeTo(ns, packetDestination(skb));
  if (dst) ipOutput(ns, skb, dst);
  else ns.run.pool.release(skb);
}

/** Sends on what is not for this host. Takes the skb. */
export function ipForward(dev: Dev, skb: SimSkb): void {
  const {ns} = dev;
  const {buf} = skb;
  const ip = skb.start + ETH_HEADER;
  const four = buf[ip]! >>> 4 === 4;
  const dst = routeTo(ns, packetDestination(skb));
  if (!dst) {
    icmpError(
      ns,
      skb,
      four ? {type: ICMP_UNREACHABLE, code: ICMP_NET_UNREACHABLE} : {type: ICMPV6_UNREACHABLE, code: ICMPV6_NO_ROUTE},
    );
    return void discard(dev, skb, 'network unreachable');
  }
  const ttl = four ? ipv4Ttl(buf, ip) : ipv6HopLimit(buf, ip);
  if (ttl <= 1) {
    icmpError(ns, skb, {type: four ? ICMP_TIME_EXCEEDED : ICMPV6_TIME_EXCEEDED, code: ICMP_TTL_EXCEEDED});
    return void discard(dev, skb, 'time to live exceeded');
  }
  if (skb.end - ip > dst.routeMtu && (!four || ipv4DontFragment(buf, ip))) {
    icmpError(
      ns,
      skb,
      four
        ? {type: ICMP_UNREACHABLE, code: ICMP_FRAGMENTATION_NEEDED, mtu: dst.routeMtu}
        : {type: ICMPV6_PACKET_TOO_BIG, code: 0, mtu: dst.routeMtu},
    );
    return void discard(dev, skb, `needs fragmentation, MTU ${dst.routeMtu}`);
  }
  if (four) setIpv4Ttl(buf, ip, ttl - 1);
  else setIpv6HopLimit(buf, ip, ttl - 1);
  if (ns.run.emit) kernelEvent(ns, skb.packet, 'forward', `${ns.name} forwards from ${dev.name} to ${dst.dev.name}`);
  ipFinish(ns, skb, dst);
}

/** Behind routing. Takes the skb. */
export function ipFinish(ns: Ns, skb: SimSkb, dst: Dst): void {
  if (ns.netfilter && !ns.netfilter.postrouting(dst.dev, skb)) return;
  const four = skb.buf[skb.start + ETH_HEADER]! >>> 4 === 4;
  setEtherType(skb, four ? 0x0800 : 0x86dd);
  const neighbour = dst.neighbour ?? (dst.neighbour = neighbourOf(dst.dev, dst.nexthop));
  if (skb.end - skb.start - ETH_HEADER <= dst.mtu) return void neighbourTransmit(dst.dev, neighbour, skb);
  const ip = skb.start + ETH_HEADER;
  if (four && ipv4DontFragment(skb.buf, ip)) {
    icmpError(ns, skb, {type: ICMP_UNREACHABLE, code: ICMP_FRAGMENTATION_NEEDED, mtu: dst.mtu});
    return void discard(dst.dev, skb, `message too long, MTU ${dst.mtu}`);
  }
  const packet = skb.buf.subarray(ip, skb.end);
  const pieces = four ? fragmentIpv4(packet, dst.mtu) : fragmentIpv6(packet, dst.mtu, ns.run.random.next());
  if (ns.run.emit)
    kernelEvent(ns, skb.packet, 'fragment', `${ns.name} makes ${pieces.length} fragments for MTU ${dst.mtu}`);
  for (const piece of pieces) {
    const part = ns.run.pool.take(ETH_HEADER + piece.length, skb.packet);
    part.mark = skb.mark;
    part.buf.set(piece, part.start + ETH_HEADER);
    part.end = part.start + ETH_HEADER + piece.length;
    setEtherType(part, four ? 0x0800 : 0x86dd);
    neighbourTransmit(dst.dev, neighbour, part);
  }
  ns.run.pool.release(skb);
}
