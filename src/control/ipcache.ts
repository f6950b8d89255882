/**
 * cilium_ipcache_v2: address or prefix → identity and tunnel endpoint, as a node's agent fills it.
 *
 *   own node's addresses        host                          no tunnel endpoint, <none>
 *   other nodes' addresses      remote-node, kube-apiserver   no tunnel endpoint; their node with the host firewall, in tunnel mode
 *   other nodes' cilium_host    remote-node, kube-apiserver   their node, in tunnel mode
 *   local pods                  their identity                none
 *   remote pods, health         their identity                their node, in tunnel mode
 *   remote pod CIDRs            world                         their node, in tunnel mode (since 1.18)
 *   prefixes of policies        their local CIDR identity     none, or that of the pod CIDR they are
 *   0.0.0.0/0, ::/0             world                         none
 */
import type {CiliumConfig, Cluster, ClusterNode, Pod} from '../cluster/model.js';
import {comparePrefix, type Ip, ipBits, isIp4, maskIp, type Prefix} from '../wire/addr.js';
import {hasHostFirewall} from './host-endpoint.js';
import {reservedIdentities} from './identity.js';
import {createLpm, type Lpm} from './lpm.js';
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

/** The address that tunnels to this node end at: its first one of the underlay's family. */
export function tunnelAddress(node: ClusterNode, {underlayFamily}: CiliumConfig): Ip {
  return node.ips.find((ip) => isIp4(ip) === (underlayFamily === 4)) ?? node.ips[0]!;
}

function enabled(config: CiliumConfig, ip: Ip): boolean {
  return isIp4(ip) ? config.enableIpv4 : config.enableIpv6;
}

/** What all agents have of the cluster, as one that runs on none of its nodes would see it. */
interface Shared {
  /** Whole addresses and prefixes. */
  readonly lpm: Lpm<IpcacheEntry>;
  readonly entries: readonly IpcacheEntry[];
  /** Identities that policies have for prefixes shorter than an address. */
  readonly cidrs: readonly {readonly id: number; readonly prefix: Prefix}[];
}

const known = new WeakMap<Cluster, Shared>();

/** The shared entries, but for what is this node's own: a cluster's worth of them would be too many for each of its nodes. */
export function nodeIpcache(
  cluster: Cluster,
  node: ClusterNode,
  podsOfNode: ReadonlyMap<string, readonly Pod[]>,
): Ipcache {
  let shared = known.get(cluster);
  if (!shared) known.set(cluster, (shared = sharedEntries(cluster, podsOfNode)));
  const {lpm, entries, cidrs} = shared;
  const own = new Map<Ip, IpcacheEntry>();
  for (const entry of nodeEntries(cluster, node, podsOfNode.get(node.name) ?? [], true))
    own.set(entry.prefix.ip, entry);
  const hidden = tunnelled(cluster.cilium) ? node.podCidrs.map(network) : [];
  const hides = (prefix: Prefix) => hidden.some((cidr) => samePrefix(cidr, prefix));
  // A policy's identity for the node's own pod CIDR is an entry like that for any other prefix.
  const named = hidden.flatMap((cidr) => {
    const id = cidrs.find(({prefix}) => samePrefix(network(prefix), cidr))?.id;
    return id === undefined || !enabled(cluster.cilium, cidr.ip)
      ? []
      : [makeEntry(cluster.cilium, cidr, id, undefined)];
  });
  let sorted: readonly IpcacheEntry[] | undefined;
  return {
    lookup(ip) {
      const mine = own.get(ip);
      if (mine) return mine;
      const found = lpm.lookup(ip);
      if (!found || hidden.length === 0 || !hides(found.prefix)) return found;
      return named.find(({prefix}) => samePrefix(prefix, found.prefix)) ?? lpm.lookupShorter(ip, found.prefix.length);
    },
    get entries() {
      sorted ??= [
        ...entries.filter(({prefix}) => !(prefix.length === ipBits(prefix.ip) && own.has(prefix.ip)) && !hides(prefix)),
        ...own.values(),
        ...named,
      ].sort((a, b) => comparePrefix(a.prefix, b.prefix));
      return sorted;
    },
  };
}

function tunnelled({routingMode}: CiliumConfig): boolean {
  return routingMode === 'tunnel';
}

function network({ip, length}: Prefix): Prefix {
  return {ip: maskIp(ip, length), length};
}

function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && a.ip === b.ip;
}

function makeEntry(
  config: CiliumConfig,
  prefix: Prefix,
  identity: number,
  tunnelTo: ClusterNode | undefined,
): IpcacheEntry {
  const tunnel = tunnelTo !== undefined && hasTunnelDevice(config);
  return {
    prefix,
    identity,
    tunnelEndpoint: tunnel ? tunnelAddress(tunnelTo, config) : 0,
    hasTunnel: tunnel,
    skipTunnel: false,
    encryptKey: 0,
  };
}

/** Addresses of a node and its pods, as its own agent (`local`) or another has them. */
function nodeEntries(
  {cilium: config, nodeIdentities}: Cluster,
  node: ClusterNode,
  pods: readonly Pod[],
  local: boolean,
): IpcacheEntry[] {
  const identity = (ip: Ip) =>
    local ? reservedIdentities.host : (nodeIdentities?.get(ip) ?? remoteNodeIdentity(node));
  const tunnelTo = local ? undefined : node;
  const out: IpcacheEntry[] = [];
  const add = (ip: Ip, id: number, to?: ClusterNode) => {
    if (enabled(config, ip)) out.push(makeEntry(config, {ip, length: ipBits(ip)}, id, to));
  };
  // The tunnel keeps the sender's identity, which host policies ask for (pkg/node/manager, nodeAddressHasTunnelIP).
  const reached = hasHostFirewall(config) ? tunnelTo : undefined;
  for (const ip of [...node.ips, ...node.externalIps]) add(ip, identity(ip), reached);
  // Nodes that share one router address (delegated IPAM: 169.254.23.0) each mean their own by it.
  for (const ip of node.routerIps) add(ip, identity(ip), tunnelTo);
  for (const ip of node.healthIps) add(ip, reservedIdentities.health, tunnelTo);
  for (const pod of pods) if (!pod.hostNetwork) for (const ip of pod.ips) add(ip, pod.identity, tunnelTo);
  return out;
}

function sharedEntries(cluster: Cluster, podsOfNode: ReadonlyMap<string, readonly Pod[]>): Shared {
  const {cilium: config} = cluster;
  const addresses = new Map<Ip, IpcacheEntry>();
  const prefixes: IpcacheEntry[] = [];
  const addPrefix = (prefix: Prefix, identity: number, tunnelTo?: ClusterNode) => {
    if (enabled(config, prefix.ip)) prefixes.push(makeEntry(config, network(prefix), identity, tunnelTo));
  };
  addPrefix({ip: 0, length: 0}, worldIdentity(config, 4));
  addPrefix({ip: '\0\0\0\0\0\0\0\0', length: 0}, worldIdentity(config, 6));
  for (const node of cluster.nodes) {
    for (const entry of nodeEntries(cluster, node, podsOfNode.get(node.name) ?? [], false))
      addresses.set(entry.prefix.ip, entry);
    if (tunnelled(config))
      for (const cidr of node.podCidrs) addPrefix(cidr, worldIdentity(config, isIp4(cidr.ip) ? 4 : 6), node);
  }
  const cidrs = cidrIdentitiesOf(cluster);
  for (const {id, prefix} of cidrs) {
    // what is an endpoint's or a node's stays theirs
    if (prefix.length === ipBits(prefix.ip)) {
      if (!addresses.has(prefix.ip) && enabled(config, prefix.ip))
        addresses.set(prefix.ip, makeEntry(config, prefix, id, undefined));
      continue;
    }
    const at = prefixes.findIndex(({prefix: other}) => comparePrefix(other, prefix) === 0);
    if (at < 0) addPrefix(prefix, id);
    else prefixes[at] = {...prefixes[at]!, identity: id};
  }
  const entries = [...prefixes, ...addresses.values()];
  const lpm = createLpm<IpcacheEntry>();
  for (const entry of entries) lpm.insert(entry.prefix, entry);
  return {lpm, entries, cidrs};
}
