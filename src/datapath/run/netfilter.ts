/**
 * Netfilter of a node's stack, as far as addresses change: connection tracking, DNAT of services (`kube-proxy.ts` decides),
 * masquerading. Hooks return false when they have taken the packet.
 *
 *   PREROUTING   known connection: as before · new: service → backend        POSTROUTING   masquerade, once per connection
 *   OUTPUT       the same for what the node itself sends
 *
 * Replies get both ends back at once in PREROUTING or OUTPUT; the kernel changes the source a hook later, which no tap shows.
 * Fragments behind the first are passed as they are: nobody defragments here.
 */
import {type Ip, isIp4, prefixContains} from '../../wire/addr.js';
import {ETH_HEADER} from '../../wire/ethernet.js';

import {icmpError} from './icmp.js';
import {createKubeProxy, type KubeProxy} from './kube-proxy.js';
import {type Connection, createNfConntrack, type NfConntrack, translateError} from './nf-conntrack.js';
import {type PacketTuple, readTuple, rewrite} from './nf-tuple.js';
import {sourceAddress} from './route.js';
import type {SimSkb} from './skb.js';
import {type Dev, kernelEvent, type SimNode} from './state.js';

export interface Netfilter {
  prerouting(dev: Dev, skb: SimSkb): boolean;
  output(skb: SimSkb): boolean;
  postrouting(dev: Dev, skb: SimSkb): boolean;
  readonly connections: NfConntrack;
}

/** Ports that masquerading draws from where it does not keep the port (nf_nat_core). */
const RANDOM_PORTS = [1024, 65535] as const;

/** Undefined where the programs do all of it: kube-proxy replacement with BPF masquerading, or none at all. */
export function createNetfilter(node: SimNode): Netfilter | undefined {
  const {cluster} = node.run;
  const {cilium} = cluster;
  const plain = cluster.dataplane !== 'cilium';
  const services = plain || !cilium.kubeProxyReplacement;
  const masquerades = plain || (!cilium.bpfMasquerade && (cilium.masquerade4 || cilium.masquerade6));
  if (!services && !masquerades) return undefined;
  const connections = createNfConntrack();
  const proxy = services ? createKubeProxy(node) : undefined;
  return {
    connections,
    prerouting: (_dev, skb) => translate(node, connections, proxy, skb, false),
    output: (skb) => translate(node, connections, proxy, skb, true),
    postrouting: (dev, skb) => {
      source(node, connections, dev, skb, masquerades);
      return true;
    },
  };
}

function translate(
  node: SimNode,
  connections: NfConntrack,
  proxy: KubeProxy | undefined,
  skb: SimSkb,
  local: boolean,
): boolean {
  const ip = skb.start + ETH_HEADER;
  const tuple = readTuple(skb.buf, ip, skb.end);
  if (!tuple) return true;
  if (tuple.related) {
    translateError(connections, skb.buf, ip, skb.end, tuple.related);
    return true;
  }
  const known = connections.find(tuple);
  if (known) {
    if (known.reply) restore(skb, ip, known.connection);
    else if (known.connection.backend) rewrite(skb.buf, ip, skb.end, 'destination', known.connection.backend);
    return true;
  }
  const chosen = proxy?.choose(tuple, local);
  if (chosen?.verdict === 'reject') {
    icmpError(node.host, skb, isIp4(tuple.source) ? {type: 3, code: 3} : {type: 1, code: 4});
    node.run.pool.release(skb);
    return false;
  }
  if (chosen?.verdict === 'drop') {
    if (node.run.emit)
      kernelEvent(node.host, skb.packet, 'discard', `${node.name}: the service has no local endpoints`);
    node.run.pool.release(skb);
    return false;
  }
  const connection = connections.create(tuple, chosen?.backend, chosen?.masquerade ?? false);
  if (connection.backend) {
    rewrite(skb.buf, ip, skb.end, 'destination', connection.backend);
    if (node.run.emit)
      kernelEvent(node.host, skb.packet, 'route', `${node.name}: kube-proxy sends it to ${chosen!.text}`);
  }
  return true;
}

/** A reply: from the service's address again, to the client's. */
function restore(skb: SimSkb, ip: number, connection: Connection): void {
  const {original} = connection;
  if (connection.masked) rewrite(skb.buf, ip, skb.end, 'destination', {ip: original.source, port: original.sourcePort});
  if (connection.backend)
    rewrite(skb.buf, ip, skb.end, 'source', {ip: original.destination, port: original.destinationPort});
}

function source(node: SimNode, connections: NfConntrack, dev: Dev, skb: SimSkb, masquerades: boolean): void {
  const ip = skb.start + ETH_HEADER;
  const tuple = readTuple(skb.buf, ip, skb.end);
  if (!tuple || tuple.related) return;
  const connection = connections.outgoing(tuple);
  if (!connection) return;
  if (!connection.decided) {
    connection.decided = true;
    const hidden = connection.masquerade || (masquerades && leavesCluster(node, dev, tuple));
    if (hidden) connections.mask(connection, mapping(node, connections, dev, connection, tuple));
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
  connection: Connection,
  tuple: PacketTuple,
): {readonly ip: Ip; readonly port: number} {
  const ip = sourceAddress(dev, tuple.destination);
  const [low, high] = RANDOM_PORTS;
  const free = (port: number) => !connections.taken({...tuple, source: ip, sourcePort: port});
  if (!connection.masquerade && free(tuple.sourcePort)) return {ip, port: tuple.sourcePort};
  for (;;) {
    const port = low + node.run.random.below(high - low + 1);
    if (free(port)) return {ip, port};
  }
}
