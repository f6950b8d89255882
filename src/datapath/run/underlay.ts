/**
 * The network between the nodes and to the world.
 *
 *   eth0 of node1 ──┐                       ┌── other subnets' nodes, pod CIDRs where the SDN routes them
 *   eth0 of node2 ──┤ switch ──── gateway ──┤
 *   eth0 of node3 ──┘                       └── world: every other address is a host that answers
 *
 * Between nodes of one subnet a frame goes by MAC. What is sent to the gateway is routed by address; it drops what it has no route
 * to, pod and service addresses above all. The path carries packets of `underlay.mtu` bytes: a router on it fragments longer
 * ones, or answers those with DF set. Hosts outside are nine hops away; the gateway itself counts as none, as in Azure.
 */
import type {Cluster, ClusterNode} from '../../cluster/model.js';
import {type Ip, isIp4, prefixContains, readMac} from '../../wire/addr.js';
import {ARP_REPLY, ARP_REQUEST, arpOperation, arpSenderIp, arpSenderMac, arpTargetIp} from '../../wire/arp.js';
import {get16} from '../../wire/bytes.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {fragmentIpv4} from '../../wire/fragment.js';
import {ICMP_FRAGMENTATION_NEEDED, ICMP_UNREACHABLE} from '../../wire/icmp.js';
import {ICMPV6_NEIGHBOR_SOLICITATION, ICMPV6_PACKET_TOO_BIG, ndTarget} from '../../wire/icmpv6.js';
import {ipv4DontFragment, ipv4Ttl, setIpv4Ttl} from '../../wire/ipv4.js';
import {IPV6_HEADER, ipv6HopLimit, ipv6Source, setIpv6HopLimit} from '../../wire/ipv6.js';
import {PROTO_ICMPV6} from '../../wire/l4.js';
import type {SecurityDecision} from '../step-model.js';
import {externalNs} from './build.js';
import {discard, etherType, later, setMacs} from './device.js';
import {frameHash} from './flow.js';
import {errorReceiver, makeError} from './icmp.js';
import {packetDestination} from './ip-output.js';
import {advertise, writeArpFrame} from './neighbour.js';
import {denialText} from './security.js';
import {type SimSkb, scrub} from './skb.js';
import {type Dev, lane, type Run, type SimNode} from './state.js';
import {nodeAt, nodeNamed, watchesUplink} from './world.js';

const ETHER_ARP = 0x0806;
/** Routers between the gateway and any host outside: a ping's answer arrives with TTL 55. */
const WORLD_HOPS = 9;
/** ICMPv6 types of neighbour discovery (RFC 4861 §4). */
const ND_FIRST = 133;
const ND_LAST = 137;

/** A frame leaves a node's eth0. Takes the skb. */
export function wireTransmit(dev: Dev, skb: SimSkb): void {
  const {run} = dev.ns;
  scrub(skb);
  if (run.impaired && isLost(dev, dev, skb)) return;
  if ((skb.buf[skb.start]! & 1) === 1) return void flood(dev, skb);
  const {mtu} = run.cluster.underlay;
  const node = nodeByMac(dev, skb);
  if (!node && !isGateway(run, skb)) return void discard(dev, skb, 'no such MAC on the segment');
  if (etherType(skb) !== ETHER_ARP && skb.end - skb.start - ETH_HEADER > mtu) return void tooLong(dev, skb, mtu);
  if (!node) routeByGateway(dev, skb);
  else if (crosses(run, dev, node, skb, 'switch') && !(run.impaired && isLost(dev, node.eth0, skb)))
    later(node.eth0, skb, lane.underlay);
}

/**
 * What the network itself says to a frame between two nodes, or a node and the world (undefined): the security group's rules at
 * the sender's card, then at the receiver's. False: it has taken the skb.
 */
function crosses(run: Run, dev: Dev, to: SimNode | undefined, skb: SimSkb, via: 'switch' | 'gateway'): boolean {
  const {security} = run.underlay;
  if ((security === undefined && run.step === undefined) || !isRoutable(skb)) return true;
  const from = dev.ns.node;
  const rules: SecurityDecision[] = [];
  const ask = (node: SimNode | undefined, direction: SecurityDecision['direction']) => {
    const decision = node && security?.decide(node.name, direction, skb);
    if (decision) rules.push(decision);
    return decision?.access === 'Deny' ? decision : undefined;
  };
  const denied = ask(from, 'Outbound') ?? ask(to, 'Inbound');
  const {packet} = skb;
  tellCrossing(dev, to, skb, via, rules);
  if (!denied) return true;
  run.emit?.({
    kind: 'kernel',
    hook: 'kernel',
    time: run.now,
    node: denied.node,
    packet,
    action: 'discard',
    text: denialText(denied, skb),
    security: denied,
  });
  run.pool.release(skb);
  return false;
}

function tellCrossing(
  dev: Dev,
  node: SimNode | undefined,
  skb: SimSkb,
  via: 'switch' | 'gateway',
  rules: readonly SecurityDecision[] = [],
): void {
  const {run, node: sender} = dev.ns;
  if (run.step === undefined) return;
  const [from, to] = [sender?.name ?? '', node?.name ?? ''];
  const frame = skb.buf.subarray(skb.start, skb.end);
  run.step({kind: 'underlay', time: run.now, packet: skb.packet, from, to, via, rules, frame});
}

/** IP, but for neighbour discovery, which no rule is asked about. */
function isRoutable(skb: SimSkb): boolean {
  const {buf, start} = skb;
  const o = start + ETH_HEADER;
  if (etherType(skb) === ETHER_ARP) return false;
  const type = buf[o]! >>> 4 === 6 && buf[o + 6] === PROTO_ICMPV6 ? buf[o + IPV6_HEADER]! : 0;
  return type < ND_FIRST || type > ND_LAST;
}

/** A node without power, or a lossy link, takes the frame. `end`: the device at whose end of the wire it happens. */
function isLost(dev: Dev, end: Dev, skb: SimSkb): boolean {
  const {run} = dev.ns;
  const {node} = end.ns;
  if (node?.spec.down) {
    discard(dev, skb, `${node.name} has no power`);
    return true;
  }
  for (const rule of run.cluster.underlay.loss ?? []) {
    const here = rule.node === undefined ? dev === end : rule.node === node?.name;
    if (!here || run.random.below(100_000) >= rule.percent * 1000) continue;
    discard(dev, skb, `lost on the wire (${rule.percent}%)`);
    return true;
  }
  return false;
}

/** The switch's table, behind a memory of the device's last address: most frames go where the one before went. */
function nodeByMac(dev: Dev, skb: SimSkb): SimNode | undefined {
  const {lastHop} = dev;
  const {buf, start} = skb;
  const high = (buf[start]! << 24) | (buf[start + 1]! << 16) | get16(buf, start + 2);
  const low = get16(buf, start + 4);
  if (high !== lastHop.macHigh || low !== lastHop.macLow) {
    const {run} = dev.ns;
    const index = run.directory.byMac.get(readMac(buf, start));
    lastHop.macHigh = high;
    lastHop.macLow = low;
    lastHop.node = index === undefined ? undefined : nodeAt(run, index);
  }
  return lastHop.node;
}

function isGateway(run: Run, skb: SimSkb): boolean {
  const mac = readMac(skb.buf, skb.start);
  return run.underlay.gateways.some((gateway) => gateway.mac === mac);
}

/** Routers on a path with a smaller MTU: fragments, or an error to the sender where DF forbids them. */
function tooLong(dev: Dev, skb: SimSkb, mtu: number): void {
  const {run} = dev.ns;
  const ip = skb.start + ETH_HEADER;
  const four = skb.buf[ip]! >>> 4 === 4;
  if (four && !ipv4DontFragment(skb.buf, ip)) {
    for (const piece of fragmentIpv4(skb.buf.subarray(ip, skb.end), mtu)) {
      const part = run.pool.take(ETH_HEADER + piece.length, skb.packet);
      part.buf.set(skb.buf.subarray(skb.start, ip), part.start);
      part.buf.set(piece, part.start + ETH_HEADER);
      part.end = part.start + ETH_HEADER + piece.length;
      wireTransmit(dev, part);
    }
    return void run.pool.release(skb);
  }
  const gateway = run.underlay.gateways.find((g) => isIp4(g.ip) === four);
  const to = errorReceiver(skb);
  if (gateway && to !== undefined) {
    const error = four
      ? {type: ICMP_UNREACHABLE, code: ICMP_FRAGMENTATION_NEEDED, mtu}
      : {type: ICMPV6_PACKET_TOO_BIG, code: 0, mtu};
    const answer = makeError(run, skb, error, gateway.ip, to, run.random.below(0xffff) + 1);
    setMacs(answer, dev.mac, gateway.mac);
    later(dev, answer, lane.underlay);
  }
  discard(dev, skb, `exceeds the path MTU of the underlay, ${mtu}`);
}

/** ARP requests and neighbour solicitations: the gateway answers for itself, nodes see those that someone captures or that ask for them. */
function flood(dev: Dev, skb: SimSkb): void {
  const {run, node} = dev.ns;
  const asked = askedFor(skb);
  const {nodes} = run.cluster;
  const owner = asked === undefined ? undefined : run.directory.byIp.get(asked);
  for (let i = 0; i < nodes.length; i++) {
    const spec = nodes[i]!;
    if (asked !== undefined && i !== owner && !watchesUplink(run, i)) continue;
    if (spec === node!.spec || spec.down || !sharesSubnet(spec, node!.spec)) continue;
    later(nodeAt(run, i).eth0, run.pool.copy(skb), lane.underlay);
  }
  const gateway = run.underlay.gateways.find((g) => g.ip === asked);
  if (!gateway) return void run.pool.release(skb);
  const {buf, start} = skb;
  const o = start + ETH_HEADER;
  if (isIp4(gateway.ip)) {
    const [mac, ip] = [arpSenderMac(buf, o), arpSenderIp(buf, o)];
    writeArpFrame(skb, mac, gateway.mac, ARP_REPLY, gateway.ip, mac, ip);
  } else advertise(skb, gateway.mac, readMac(buf, start + 6), gateway.ip, ipv6Source(buf, o));
  later(dev, skb, lane.underlay);
}

function askedFor(skb: SimSkb): Ip | undefined {
  const o = skb.start + ETH_HEADER;
  if (etherType(skb) === ETHER_ARP)
    return arpOperation(skb.buf, o) === ARP_REQUEST ? arpTargetIp(skb.buf, o) : undefined;
  const solicits = skb.buf[o + 6] === PROTO_ICMPV6 && skb.buf[o + IPV6_HEADER] === ICMPV6_NEIGHBOR_SOLICITATION;
  return solicits ? ndTarget(skb.buf, o + IPV6_HEADER) : undefined;
}

function sharesSubnet(a: ClusterNode, b: ClusterNode): boolean {
  return a.ips.some((ip) => b.subnets.some((subnet) => prefixContains(subnet, ip)));
}

/** The gateway has got a packet from a node. Takes the skb. */
function routeByGateway(dev: Dev, skb: SimSkb): void {
  const {run} = dev.ns;
  if (etherType(skb) === ETHER_ARP) return void run.pool.release(skb);
  const to = packetDestination(skb);
  const node = nodeBehind(run, to, skb);
  if (node) return void deliverToNode(dev, node, to, skb, lane.underlay);
  const why = unroutable(run, to);
  if (why) return void discard(dev, skb, `the gateway drops it: ${why}`);
  if (!crosses(run, dev, undefined, skb, 'gateway')) return;
  if (!spendHops(skb)) return void discard(dev, skb, 'time to live exceeded in the world');
  later(externalNs(run, to).devices[0]!, skb, lane.internet);
}

/** A packet of a host outside. Takes the skb. */
export function uplinkTransmit(dev: Dev, skb: SimSkb): void {
  const {run} = dev.ns;
  scrub(skb);
  const to = packetDestination(skb);
  const node = nodeBehind(run, to, skb);
  if (!spendHops(skb)) return void discard(dev, skb, 'time to live exceeded in the world');
  if (node) return void deliverToNode(dev, node, to, skb, lane.internet);
  const why = unroutable(run, to);
  tellCrossing(dev, undefined, skb, 'gateway');
  if (why) return void discard(dev, skb, `the gateway drops it: ${why}`);
  later(externalNs(run, to).devices[0]!, skb, lane.internet);
}

function deliverToNode(dev: Dev, node: SimNode, to: Ip, skb: SimSkb, after: number): void {
  const {run} = dev.ns;
  if (!crosses(run, dev, node, skb, 'gateway')) return;
  const four = isIp4(to);
  const gateway = run.underlay.gateways.find((g) => isIp4(g.ip) === four) ?? run.underlay.gateways[0]!;
  if (run.impaired && isLost(node.eth0, node.eth0, skb)) return;
  setMacs(skb, node.eth0.mac, gateway.mac);
  later(node.eth0, skb, after);
}

/** The node that takes packets to `ip`: its own address, a pod of it where the SDN knows pods, a load balancer's choice. */
function nodeBehind(run: Run, ip: Ip, skb: SimSkb): SimNode | undefined {
  const own = run.directory.byIp.get(ip);
  if (own !== undefined) return nodeAt(run, own);
  const {cluster} = run;
  if (cluster.underlay.routesPodCidrs) {
    const owner = cluster.nodes.findIndex((node) => node.podCidrs.some((cidr) => prefixContains(cidr, ip)));
    const pod = owner < 0 ? cluster.pods.find((p) => !p.hostNetwork && p.ips.includes(ip)) : undefined;
    const node = owner >= 0 ? nodeAt(run, owner) : nodeNamed(run, pod?.node);
    if (node) return node;
  }
  const hop = routedTo(cluster, ip);
  const next = hop === undefined ? undefined : run.directory.byIp.get(hop);
  if (next !== undefined) return nodeAt(run, next);
  const service = cluster.services.find((s) => s.loadBalancerIps.includes(ip) || s.externalIps.includes(ip));
  if (!service) return undefined;
  const ready = service.backends.filter((b) => b.state === 'active');
  const local = new Set(service.externalTrafficPolicy === 'Local' ? ready.map((b) => b.nodeName) : []);
  const able = cluster.nodes.filter((n) => n.ready && (local.size === 0 || local.has(n.name)));
  return nodeNamed(run, able[frameHash(skb.buf, skb.start) % Math.max(1, able.length)]?.name);
}

/** Next hop of the most specific user-defined route. */
function routedTo({underlay: {routes = []}}: Cluster, ip: Ip): Ip | undefined {
  const fits = routes.filter(({prefix}) => isIp4(prefix.ip) === isIp4(ip) && prefixContains(prefix, ip));
  return fits.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.nextHop;
}

function unroutable(run: Run, ip: Ip): string | undefined {
  const {cluster} = run;
  const within = (prefixes: readonly {readonly ip: Ip; readonly length: number}[]) =>
    prefixes.some((p) => prefixContains(p, ip));
  if (within(cluster.podCidrs)) return 'no route to pod addresses';
  if (within(cluster.serviceCidrs)) return 'no route to service addresses';
  if (within(cluster.underlay.vnets)) return 'no such host in the virtual network';
  const first = isIp4(ip) ? ip >>> 24 : ip.charCodeAt(0) >>> 8;
  if (isIp4(ip) ? ip >>> 16 === 0xa9fe || first === 127 || first >= 224 || first === 0 : first >= 0xfe)
    return 'not a routable address';
  return undefined;
}

/** Takes the hops of the way through the world off the TTL; false when it does not last. */
function spendHops(skb: SimSkb): boolean {
  const ip = skb.start + ETH_HEADER;
  if (skb.buf[ip]! >>> 4 === 4) {
    const ttl = ipv4Ttl(skb.buf, ip);
    if (ttl <= WORLD_HOPS) return false;
    setIpv4Ttl(skb.buf, ip, ttl - WORLD_HOPS);
    return true;
  }
  const limit = ipv6HopLimit(skb.buf, ip);
  if (limit <= WORLD_HOPS) return false;
  setIpv6HopLimit(skb.buf, ip, limit - WORLD_HOPS);
  return true;
}
