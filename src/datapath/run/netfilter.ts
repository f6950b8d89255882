/**
 * Netfilter of a node's stack: connection tracking, the chains of kube-proxy's rules (`netfilter-rules.ts`), DNAT of services,
 * masquerading. Hooks return false when they have taken the packet.
 *
 *   PREROUTING   known connection: as before · new: service → backend; then INPUT or FORWARD     POSTROUTING   masquerade, once per connection
 *   OUTPUT       the same for what the node itself sends
 *
 * INPUT and FORWARD are decided about as soon as PREROUTING is through, by the same routing decision that the stack takes next.
 * Replies get both ends back at once in PREROUTING or OUTPUT; the kernel changes the source a hook later, which no tap shows.
 * Fragments behind the first are passed as they are: nobody defragments here.
 */
import {type Ip, isIp4, prefixContains} from '../../wire/addr.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {ipv4DontFragment, ipv4Ttl} from '../../wire/ipv4.js';
import {ipv6HopLimit} from '../../wire/ipv6.js';
import type {IpvsStats, RuleCounters, SetElements} from '../rule-model.js';
import {hasAgentRules, packetDestination} from './ip-output.js';
import {createIpvsHooks} from './ipvs-rules.js';
import {createRuleHooks, newRuleMemory, type RuleHooks, type RuleMemory} from './netfilter-rules.js';
import type {WalkPacket} from './netfilter-walk.js';
import {type Connection, createNfConntrack, type NfConntrack, reversed, translateError} from './nf-conntrack.js';
import {track} from './nf-state.js';
import {type PacketTuple, readTuple, rewrite} from './nf-tuple.js';
import {createNftHooks} from './nft-rules.js';
import {routeTo, sourceAddress} from './route.js';
import type {SimSkb} from './skb.js';
import type {Dev, SimNode} from './state.js';

export interface Netfilter {
  prerouting(dev: Dev, skb: SimSkb): boolean;
  output(skb: SimSkb): boolean;
  postrouting(dev: Dev, skb: SimSkb): boolean;
  readonly connections: NfConntrack;
  readonly memory: RuleMemory;
  /** Undefined without rules. */
  readonly counters: RuleCounters | undefined;
  /** What packets have put into sets of nftables. */
  readonly elements: SetElements | undefined;
  readonly ipvs: IpvsStats | undefined;
}

/** Ports that masquerading draws from where it does not keep the port (nf_nat_core). */
const RANDOM_PORTS = [1024, 65535] as const;

interface Tables {
  readonly node: SimNode;
  readonly connections: NfConntrack;
  /** kube-proxy's. */
  readonly rules: RuleHooks | undefined;
  /** Pods' addresses are hidden from the world outside. */
  readonly masquerades: boolean;
}

/** `before`: what tracked connections until the rules changed. Undefined where the programs do all of it: kube-proxy replacement with BPF masquerading, or none at all. */
export function createNetfilter(node: SimNode, before?: Netfilter): Netfilter | undefined {
  const {cluster} = node.run;
  const {cilium} = cluster;
  const plain = cluster.dataplane !== 'cilium';
  const services = plain || !cilium.kubeProxyReplacement;
  const hides = hasAgentRules(cluster) && !cilium.bpfMasquerade && (cilium.masquerade4 || cilium.masquerade6);
  const masquerades = plain || hides;
  if (!services && !masquerades) return undefined;
  const connections = before?.connections ?? createNfConntrack();
  const memory = before?.memory ?? newRuleMemory(node);
  const rules = createIpvsHooks(node, memory) ?? createRuleHooks(node, memory) ?? createNftHooks(node, memory);
  const tables: Tables = {node, connections, rules, masquerades};
  return {
    connections,
    memory,
    counters: rules?.counters,
    elements: rules?.elements,
    ipvs: rules?.ipvs,
    prerouting: (dev, skb) => enter(tables, dev, skb),
    output: (skb) => enter(tables, undefined, skb),
    postrouting: (dev, skb) => {
      leave(tables, dev, skb);
      return true;
    },
  };
}

/** PREROUTING and what follows, or OUTPUT where there is no `dev`. */
function enter(tables: Tables, dev: Dev | undefined, skb: SimSkb): boolean {
  const {connections, rules} = tables;
  const ip = skb.start + ETH_HEADER;
  const tuple = readTuple(skb.buf, ip, skb.end);
  if (!tuple) return true;
  const hook = dev ? 'PREROUTING' : 'OUTPUT';
  const looped = dev?.link === 'loopback';
  const known = connections.find(tuple);
  if (known?.reply && !looped) known.connection.replied = true;
  let connection = known?.connection;
  const packet =
    rules && walkPacket(tuple, skb, stateOf(tables, tuple, known, dev === undefined || looped), connection);
  if (packet) rules.count('mangle', hook, packet);
  if (packet && rules.early && !looped && !rules.early(hook, packet, skb)) return false;
  if (tuple.related) translateError(connections, skb.buf, ip, skb.end, tuple.related);
  else if (known?.reply) restore(skb, ip, known.connection);
  else if (connection?.backend) rewrite(skb.buf, ip, skb.end, 'destination', connection.backend);
  else if (!connection && !looped) {
    connection = begin(tables, tuple, skb, packet, hook);
  }
  if (connection && !tuple.related && !looped)
    track(
      connection.life,
      {...tuple, reply: known?.reply === true, replied: connection.replied},
      skb,
      tables.node.run.now,
    );
  if (!packet || !rules) return true;
  if (connection?.backend && !tuple.related) rules.seen?.(connection, known?.reply === true, skb);
  const fresh = !tuple.related && !known && !looped;
  const next = dev ? destinationHook(dev, skb) : 'OUTPUT';
  if (!next) return true;
  const translated = readTuple(skb.buf, ip, skb.end) ?? tuple;
  const passing: WalkPacket = {...walkPacket(translated, skb, packet.state, connection), mark: skb.mark};
  if (next !== hook) rules.count('mangle', next, passing);
  if (!rules.filter(next, passing, skb)) {
    if (fresh && connection) connections.forget(connection);
    return false;
  }
  if (next === 'INPUT' && fresh) rules.count('nat', 'INPUT', passing);
  return true;
}

/** A connection's first packet: to the endpoint that the rules choose. */
function begin(
  {node, connections, rules}: Tables,
  tuple: PacketTuple,
  skb: SimSkb,
  packet: WalkPacket | undefined,
  hook: 'PREROUTING' | 'OUTPUT',
): Connection {
  const ip = skb.start + ETH_HEADER;
  const backend = rules && packet ? rules.translate(hook, packet, skb) : undefined;
  if (backend) rewrite(skb.buf, ip, skb.end, 'destination', backend);
  return connections.create(tuple, backend, node.run.now);
}

function walkPacket(
  tuple: PacketTuple,
  skb: SimSkb,
  state: WalkPacket['state'],
  connection: Connection | undefined,
): WalkPacket {
  const {source, sourcePort, destination, destinationPort, protocol} = tuple;
  const length = skb.end - skb.start - ETH_HEADER;
  const dnat = connection?.backend !== undefined;
  return {source, sourcePort, destination, destinationPort, protocol, state, dnat, length, mark: skb.mark};
}

/** ctstate. What the node itself has just sent was tracked on its way out. */
function stateOf(
  {connections}: Tables,
  tuple: PacketTuple,
  known: {readonly connection: Connection; readonly reply: boolean} | undefined,
  own: boolean,
): WalkPacket['state'] {
  if (tuple.related) return own || connections.find(reversed(tuple.related)) ? 'RELATED' : 'INVALID';
  return known?.connection.replied ? 'ESTABLISHED' : 'NEW';
}

/** Where a packet behind PREROUTING goes; undefined where it will not come to a hook any more. */
function destinationHook(dev: Dev, skb: SimSkb): 'INPUT' | 'FORWARD' | undefined {
  const {ns} = dev;
  const to = packetDestination(skb);
  const group = isIp4(to) ? to >>> 28 === 14 || to === 0xffff_ffff : to.charCodeAt(0) >>> 8 === 0xff;
  if (ns.addresses.has(to) || group || dev.link === 'loopback') return 'INPUT';
  const dst = routeTo(ns, to);
  const ip = skb.start + ETH_HEADER;
  const four = isIp4(to);
  const ttl = four ? ipv4Ttl(skb.buf, ip) : ipv6HopLimit(skb.buf, ip);
  const tooBig = dst && skb.end - ip > dst.routeMtu && (!four || ipv4DontFragment(skb.buf, ip));
  return dst && ttl > 1 && !tooBig ? 'FORWARD' : undefined;
}

/** A reply: from the service's address again, to the client's. */
function restore(skb: SimSkb, ip: number, connection: Connection): void {
  const {original} = connection;
  if (connection.masked) rewrite(skb.buf, ip, skb.end, 'destination', {ip: original.source, port: original.sourcePort});
  if (connection.backend)
    rewrite(skb.buf, ip, skb.end, 'source', {ip: original.destination, port: original.destinationPort});
}

function leave(tables: Tables, dev: Dev, skb: SimSkb): void {
  const {node, connections, rules, masquerades} = tables;
  const ip = skb.start + ETH_HEADER;
  const tuple = readTuple(skb.buf, ip, skb.end);
  if (!tuple) return;
  const connection = tuple.related ? undefined : connections.outgoing(tuple);
  const packet = rules && walkPacket(tuple, skb, connection && !connection.replied ? 'NEW' : 'ESTABLISHED', connection);
  if (packet) rules.count('mangle', 'POSTROUTING', packet);
  if (!connection) return;
  if (!connection.decided) {
    connection.decided = true;
    const marked = rules && packet ? rules.masquerades(packet, skb) : undefined;
    const hidden = marked !== undefined || (masquerades && leavesCluster(node, dev, tuple));
    if (hidden) connections.mask(connection, mapping(node, connections, dev, marked === 'random', tuple));
  }
  if (connection.masked) rewrite(skb.buf, ip, skb.end, 'source', connection.masked);
}

/** Pods to anything but pods, and without Cilium also but the virtual network (ip-masq-agent's nonMasqueradeCIDRs). */
function leavesCluster(node: SimNode, dev: Dev, tuple: PacketTuple): boolean {
  const {cluster} = node.run;
  const {cilium} = cluster;
  const four = isIp4(tuple.source);
  if (dev.link !== 'wire' || node.host.addresses.has(tuple.source)) return false;
  const plain = cluster.dataplane !== 'cilium';
  if (!plain && !(four ? cilium.masquerade4 : cilium.masquerade6)) return false;
  const own = node.spec.podCidrs.some((cidr) => prefixContains(cidr, tuple.source));
  const native = four ? cilium.nativeRoutingCidr4 : cilium.nativeRoutingCidr6;
  const excluded = plain ? [...cluster.podCidrs, ...cluster.underlay.vnets] : native ? [native] : cluster.podCidrs;
  return own && !excluded.some((cidr) => prefixContains(cidr, tuple.destination));
}

/** The address of the outgoing device; kube-proxy asks for random ports (--random-fully), the others keep theirs where it is free. */
function mapping(
  node: SimNode,
  connections: NfConntrack,
  dev: Dev,
  random: boolean,
  tuple: PacketTuple,
): {readonly ip: Ip; readonly port: number} {
  const ip = sourceAddress(dev, tuple.destination);
  const [low, high] = RANDOM_PORTS;
  const free = (port: number) => !connections.taken({...tuple, source: ip, sourcePort: port});
  if (!random && free(tuple.sourcePort)) return {ip, port: tuple.sourcePort};
  for (;;) {
    const port = low + node.run.random.below(high - low + 1);
    if (free(port)) return {ip, port};
  }
}
