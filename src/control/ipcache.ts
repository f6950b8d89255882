/**
 * cilium_ipcache_v2: address or prefix → identity and tunnel endpoint, as a node's agent fills it.
 *
 *   own node's addresses        host                          no tunnel endpoint, <none>
 *   other nodes' addresses      remote-node, kube-apiserver   no tunnel endpoint
 *   other nodes' cilium_host    remote-node, kube-apiserver   their node, in tunnel mode
 *   local pods                  their identity                none
 *   remote pods, health         their identity                their node, in tunnel mode
 *   remote pod CIDRs            world                         their node, in tunnel mode (since 1.18)
 *   prefixes of policies        their local CIDR identity     none, or that of the pod CIDR they are
 *   0.0.0.0/0, ::/0             world                         none
 */
import type {CiliumConfig, Cluster, ClusterNode, Pod} from '../cluster/model.js';
import {comparePrefix, type Ip, ipBits, isIp4, maskIp, type Prefix} from '../wire/addr.js';
import {reservedIdentities} from './identity.js';
import {createLpm} from './lpm.js';
import type {Ipcache, IpcacheEntry} from './model.js';
import {cidrIdentitiesOf} from './policy/identity-peers.js';
import {hasTunnelDevice} from './tunnel.js';

export function createIpcache(entries: readonly IpcacheEntry[]): Ipcache {
  const lpm = createLpm<IpcacheEntry>();
  for (const entry of entries) lpm.insert(entry.prefix, entry);
  let sorted: readonly IpcacheEntry[] | undefined;
  return {
    lookup: lpm.lookup,
    get entries() {
      sorted ??= [...entries].sort((a, b) => comparePrefix(a.prefix, b.prefix));
      return sorted;
    },
  };
}

/** What the world is called for a family: 2, or 9 and 10 where both families are enabled. */
function worldIdentity(config: CiliumConfig, family: 4 | 6): number {
  if (!config.enableIpv4 || !config.enableIpv6) return reservedIdentities.world;
  return family === 4 ? reservedIdentities.worldIpv4 : reservedIdentities.worldIpv6;
}

/** Identity of a node as the other nodes see it. */
function remoteNodeIdentity(node: ClusterNode): number {
  return node.apiserver ? reservedIdentities.kubeApiserver : reservedIdentities.remoteNode;
}

/** The address that tunnels to this node end at: IPv4 where it has one (underlay-protocol: auto). */
export function tunnelAddress(node: ClusterNode): Ip {
  return node.ips.find(isIp4) ?? node.ips[0]!;
}

function enabled(config: CiliumConfig, ip: Ip): boolean {
  return isIp4(ip) ? config.enableIpv4 : config.enableIpv6;
}

export function nodeIpcache(
  cluster: Cluster,
  node: ClusterNode,
  podsOfNode: ReadonlyMap<string, readonly Pod[]>,
): Ipcache {
  const {cilium: config} = cluster;
  const entries = new Map<Ip, IpcacheEntry>();
  const prefixes: IpcacheEntry[] = [];
  const tunnelled = config.routingMode === 'tunnel';
  const encapsulates = hasTunnelDevice(config);

  const entry = (prefix: Prefix, identity: number, tunnelTo?: ClusterNode): IpcacheEntry => ({
    prefix,
    identity,
    tunnelEndpoint: tunnelTo && encapsulates ? tunnelAddress(tunnelTo) : 0,
    hasTunnel: tunnelTo !== undefined && encapsulates,
    skipTunnel: false,
    encryptKey: 0,
  });
  const addIp = (ip: Ip, identity: number, tunnelTo?: ClusterNode) => {
    if (enabled(config, ip)) entries.set(ip, entry({ip, length: ipBits(ip)}, identity, tunnelTo));
  };
  const addPrefix = (prefix: Prefix, identity: number, tunnelTo?: ClusterNode) => {
    if (!enabled(config, prefix.ip)) return;
    prefixes.push(entry({ip: maskIp(prefix.ip, prefix.length), length: prefix.length}, identity, tunnelTo));
  };

  addPrefix({ip: 0, length: 0}, worldIdentity(config, 4));
  addPrefix({ip: '\0\0\0\0\0\0\0\0', length: 0}, worldIdentity(config, 6));
  for (const peer of cluster.nodes) {
    const local = peer === node;
    const nodeIdentity = local ? reservedIdentities.host : remoteNodeIdentity(peer);
    const tunnelTo = local ? undefined : peer;
    for (const ip of [...peer.ips, ...peer.externalIps]) addIp(ip, nodeIdentity);
    // Nodes that share one router address (delegated IPAM: 169.254.23.0) each mean their own by it.
    for (const ip of peer.routerIps) if (local || !node.routerIps.includes(ip)) addIp(ip, nodeIdentity, tunnelTo);
    for (const ip of peer.healthIps) addIp(ip, reservedIdentities.health, tunnelTo);
    if (!local && tunnelled)
      for (const cidr of peer.podCidrs) addPrefix(cidr, worldIdentity(config, isIp4(cidr.ip) ? 4 : 6), peer);
    for (const pod of podsOfNode.get(peer.name) ?? []) {
      if (pod.hostNetwork) continue;
      for (const ip of pod.ips) addIp(ip, pod.identity, tunnelTo);
    }
  }
  for (const {id, prefix} of cidrIdentitiesOf(cluster)) {
    // what is an endpoint's or a node's stays theirs
    if (prefix.length === ipBits(prefix.ip)) {
      if (!entries.has(prefix.ip)) addIp(prefix.ip, id);
      continue;
    }
    const at = prefixes.findIndex((known) => comparePrefix(known.prefix, prefix) === 0);
    if (at < 0) addPrefix(prefix, id);
    else prefixes[at] = {...prefixes[at]!, identity: id};
  }
  return createIpcache([...prefixes, ...entries.values()]);
}
