/**
 * Namespaces of a node: which routes, rules and neighbours each mode of operation has.
 *
 *   tunnel              pod CIDR of every node via cilium_host, remote ones with the route MTU
 *   native, direct      pod CIDR of every node on the same subnet via that node
 *   native, routed      nothing: the default gateway knows the pod CIDRs
 *   endpoint routes     one host route per local pod instead of the local CIDR route
 *   no Cilium           one host route per local pod, remote CIDRs via their node unless the network routes them
 */
import type {CiliumConfig, Cluster, ClusterNode, Pod} from '../cluster/model.js';
import {type Ip, type Ip4, type Ip6, isIp4, type Prefix, parseIp6, prefixContains} from '../wire/addr.js';
import {baseDevices, deviceMtu, type EndpointVeth, healthDevice, loopback, podVeth} from './devices.js';
import {createLpm, type Lpm} from './lpm.js';
import type {Device, Neighbour, Netns, PodNetns, Route, Rule} from './model.js';
import {routeTablesOf} from './route.js';
import {addressRoutes, routeTables, sortRoutes, unicast} from './routes.js';

/** Next hop of pods where no Cilium gives them a router address: the host answers for it. */
const PROXY_GATEWAY4: Ip4 = 0xa9fe0101;
const PROXY_GATEWAY6: Ip6 = parseIp6('fe80::1')!;
/** Mark and table by which packets return from the L7 proxy (cilium pkg/datapath/linux/linux_defaults). */
const PROXY = {mark: 0x200, mask: 0xf00, table: 2004, priority: 9} as const;
const LOCAL_RULE_PRIORITY = 100;

/** Devices, endpoint by endpoint, as the kernel numbers them. */
export interface NodeDevices {
  readonly base: readonly Device[];
  readonly health: Device | undefined;
  /** Pods with a namespace of their own, in definition order. */
  readonly pods: readonly {readonly pod: Pod; readonly veth: EndpointVeth}[];
}

/** `served`: addresses of kube-ipvs0, where kube-proxy runs in IPVS mode. */
export function nodeDevices(
  cluster: Cluster,
  node: ClusterNode,
  pods: readonly Pod[],
  healthEndpointId: number | undefined,
  served: readonly Ip[],
): NodeDevices {
  const base = baseDevices(cluster, node, served);
  let next = base.at(-1)!.ifindex + 1;
  const take = () => (next += 2) - 2;
  const health =
    healthEndpointId === undefined ? undefined : healthDevice(cluster.cilium, node, take(), healthEndpointId);
  const firstId = health ? 1 : 0;
  return {
    base,
    health,
    pods: pods.map((pod, i) => ({pod, veth: podVeth(cluster.cilium, node, pod, take(), firstId + i)})),
  };
}

export function hostNetns(cluster: Cluster, node: ClusterNode, {base, health, pods}: NodeDevices): Netns {
  const devices = [...base, ...(health ? [health] : []), ...pods.map(({veth}) => veth.lxc)];
  /** Without those to other nodes, of which there may be thousands. */
  const near = [
    ...devices.flatMap((device) => addressRoutes(device, cluster.cilium.enableIpv6)),
    ...uplinkRoutes(cluster, node),
    ...(cluster.dataplane === 'cilium' ? ciliumRoutes(cluster, node) : []),
    ...endpointRoutes(cluster, node, pods, health),
  ];
  const toPeer = peerRoutes(cluster, node);
  let tables: ReturnType<typeof routeTablesOf> | undefined;
  let routes: readonly Route[] | undefined;
  let neighbours: readonly Neighbour[] | undefined;
  return {
    devices,
    rules: hostRules(cluster),
    learnt: true,
    longest(table, ip) {
      tables ??= routeTablesOf(near);
      const found = tables.get(table)?.lookup(ip);
      if (table !== routeTables.main) return found;
      const far = longestToPeer(cluster, node, toPeer, ip);
      if (!found || !far) return found ?? far;
      const [a, b] = [lengthOf(found), lengthOf(far)];
      return a === b ? [...found, ...far] : a > b ? found : far;
    },
    // One entry for each other node, so only where somebody asks.
    get routes() {
      routes ??= sortRoutes([
        ...near,
        ...cluster.nodes.flatMap((peer) => (peer === node ? [] : peer.podCidrs.flatMap((cidr) => toPeer(peer, cidr)))),
      ]);
      return routes;
    },
    get neighbours() {
      neighbours ??= hostNeighbours(cluster, node, pods);
      return neighbours;
    },
  };
}

/** Default routes of eth0, as DHCP and the router advertisement of a cloud subnet set them. */
function uplinkRoutes({underlay}: Cluster, node: ClusterNode): Route[] {
  return underlay.gateways.flatMap(({ip}) => {
    const source = node.ips.find((own) => isIp4(own) === isIp4(ip));
    if (source === undefined) return [];
    const all: Prefix = {ip: isIp4(ip) ? 0 : '\0\0\0\0\0\0\0\0', length: 0};
    const fields = {via: ip, dev: 'eth0', metric: 100} as const;
    return isIp4(ip)
      ? [unicast(all, {...fields, protocol: 'dhcp', source})]
      : [unicast(all, {...fields, protocol: 'ra'})];
  });
}

/** Route MTU: device MTU less the tunnel's overhead (cilium pkg/mtu). */
function routeMtu(config: CiliumConfig, node: ClusterNode): number {
  return deviceMtu(config, node) - config.tunnelOverhead;
}

function ciliumRoutes(cluster: Cluster, node: ClusterNode): Route[] {
  const {cilium: config} = cluster;
  const routes: Route[] = [];
  const kernel = {protocol: 'kernel'} as const;
  const routerOf = (ip: Ip) => node.routerIps.find((router) => isIp4(router) === isIp4(ip));
  for (const router of node.routerIps)
    if (isIp4(router)) routes.push(unicast(router, {...kernel, dev: 'cilium_host', scope: 'link'}));
  if (config.localNodeRoute)
    for (const cidr of node.podCidrs) routes.push(...viaHost(cidr, routerOf(cidr.ip), undefined));
  const all4 = {ip: 0, length: 0};
  const all6 = {ip: '\0\0\0\0\0\0\0\0', length: 0};
  const toProxy = {...kernel, type: 'local', dev: 'lo', table: PROXY.table} as const;
  if (config.enableIpv4) routes.push(unicast(all4, {...toProxy, scope: 'host'}));
  if (config.enableIpv6) routes.push(unicast(all6, {...toProxy, scope: 'global'}));
  return routes;
}

/** An IPv6 kernel takes no gateway that is an address of its own (cilium pkg/datapath/linux/node.go). */
function viaHost(cidr: Prefix, router: Ip | undefined, mtu: number | undefined): Route[] {
  if (router === undefined) return [];
  const gateway = isIp4(router) ? {via: router} : {};
  const fields = {...gateway, dev: 'cilium_host', protocol: 'kernel', source: router} as const;
  return [unicast(cidr, mtu === undefined ? fields : {...fields, mtu})];
}

/** Through the node that owns the CIDR, where it is on this node's subnet. */
function viaNode(node: ClusterNode, peer: ClusterNode, cidr: Prefix, protocol: Route['protocol']): Route[] {
  const gateway = peer.ips.find((ip) => isIp4(ip) === isIp4(cidr.ip));
  if (gateway === undefined || !onLink(node, gateway)) return [];
  return [unicast(cidr, {via: gateway, dev: 'eth0', protocol})];
}

function onLink(node: ClusterNode, ip: Ip): boolean {
  return node.subnets.some((subnet) => prefixContains(subnet, ip));
}

/** Routes of this node to a pod CIDR of another. */
type PeerRoutes = (peer: ClusterNode, cidr: Prefix) => Route[];

function peerRoutes(cluster: Cluster, node: ClusterNode): PeerRoutes {
  const {cilium: config, underlay} = cluster;
  if (cluster.dataplane !== 'cilium')
    return (peer, cidr) => (underlay.routesPodCidrs ? [] : viaNode(node, peer, cidr, 'static'));
  const routerOf = (ip: Ip) => node.routerIps.find((router) => isIp4(router) === isIp4(ip));
  if (config.routingMode === 'tunnel') return (_peer, cidr) => viaHost(cidr, routerOf(cidr.ip), routeMtu(config, node));
  return (peer, cidr) => (config.autoDirectNodeRoutes ? viaNode(node, peer, cidr, 'kernel') : []);
}

interface CidrOwner {
  readonly prefix: Prefix;
  readonly nodes: ClusterNode[];
}

/** Pod CIDRs of a cluster and whose they are. */
const cidrOwners = new WeakMap<Cluster, Lpm<CidrOwner>>();

function ownersOf(cluster: Cluster): Lpm<CidrOwner> {
  let owners = cidrOwners.get(cluster);
  if (owners) return owners;
  cidrOwners.set(cluster, (owners = createLpm<CidrOwner>()));
  for (const node of cluster.nodes)
    for (const prefix of node.podCidrs) {
      const same = owners.get(prefix);
      if (same) same.nodes.push(node);
      else owners.insert(prefix, {prefix, nodes: [node]});
    }
  return owners;
}

/** The longest pod CIDR of another node that this one has a route to. */
function longestToPeer(cluster: Cluster, node: ClusterNode, toPeer: PeerRoutes, ip: Ip): Route[] | undefined {
  const owners = ownersOf(cluster);
  for (let found = owners.lookup(ip); found; found = owners.lookupShorter(ip, found.prefix.length)) {
    const {prefix, nodes} = found;
    const routes = nodes.flatMap((peer) => (peer === node ? [] : toPeer(peer, prefix)));
    if (routes.length > 0) return routes;
  }
  return undefined;
}

function lengthOf([route]: readonly Route[]): number {
  return route?.to?.length ?? 0;
}

function endpointRoutes(
  cluster: Cluster,
  node: ClusterNode,
  pods: NodeDevices['pods'],
  health: Device | undefined,
): Route[] {
  const cilium = cluster.dataplane === 'cilium';
  if (cilium && !cluster.cilium.endpointRoutes) return [];
  const protocol = cilium ? 'kernel' : 'static';
  const routes = pods.flatMap(({pod, veth}) =>
    pod.ips.map((ip) => unicast(ip, {dev: veth.lxc.name, protocol, scope: isIp4(ip) ? 'link' : 'global'})),
  );
  if (health)
    for (const ip of node.healthIps)
      routes.push(unicast(ip, {dev: health.name, protocol, scope: isIp4(ip) ? 'link' : 'global'}));
  return routes;
}

const standardRules: readonly Rule[] = [
  {priority: 0, family: 4, table: routeTables.local},
  {priority: 32766, family: 4, table: routeTables.main},
  {priority: 32767, family: 4, table: routeTables.default},
  {priority: 0, family: 6, table: routeTables.local},
  {priority: 32766, family: 6, table: routeTables.main},
];

/** Cilium moves the local table behind its own rule, for each family it runs. */
function hostRules(cluster: Cluster): Rule[] {
  if (cluster.dataplane !== 'cilium') return [...standardRules];
  const {enableIpv4, enableIpv6} = cluster.cilium;
  const rules = standardRules.map((rule) =>
    rule.priority === 0 && (rule.family === 4 ? enableIpv4 : enableIpv6)
      ? {...rule, priority: LOCAL_RULE_PRIORITY}
      : rule,
  );
  for (const family of [4, 6] as const)
    if (family === 4 ? enableIpv4 : enableIpv6)
      rules.push({priority: PROXY.priority, family, fwmark: PROXY.mark, fwmask: PROXY.mask, table: PROXY.table});
  return rules.sort((a, b) => a.family - b.family || a.priority - b.priority);
}

/** Gateways and the nodes on the same subnet; pods where the host itself routes to them. */
function hostNeighbours(cluster: Cluster, node: ClusterNode, pods: NodeDevices['pods']): Neighbour[] {
  const neighbours: Neighbour[] = cluster.underlay.gateways
    .filter(({ip}) => onLink(node, ip) || !isIp4(ip))
    .map(({ip, mac}) => ({ip, dev: 'eth0', mac, state: 'REACHABLE'}));
  for (const peer of cluster.nodes)
    if (peer !== node)
      for (const ip of peer.ips)
        if (onLink(node, ip)) neighbours.push({ip, dev: 'eth0', mac: peer.mac, state: 'REACHABLE'});
  if (cluster.dataplane === 'cilium' && !cluster.cilium.endpointRoutes) return neighbours;
  for (const {pod, veth} of pods)
    for (const ip of pod.ips) neighbours.push({ip, dev: veth.lxc.name, mac: pod.mac, state: 'REACHABLE'});
  return neighbours;
}

export function podNetns(cluster: Cluster, node: ClusterNode, pod: Pod, {lxc, eth0}: EndpointVeth): PodNetns {
  const {cilium: config} = cluster;
  const cilium = cluster.dataplane === 'cilium';
  const devices = [loopback(), eth0];
  const gateways = pod.ips.flatMap((ip) => {
    const router = cilium ? node.routerIps.find((own) => isIp4(own) === isIp4(ip)) : undefined;
    return router ?? (isIp4(ip) ? PROXY_GATEWAY4 : PROXY_GATEWAY6);
  });
  const mtu = cilium ? {mtu: routeMtu(config, node)} : {};
  const routes = gateways.flatMap((gateway) => [
    unicast({ip: isIp4(gateway) ? 0 : '\0\0\0\0\0\0\0\0', length: 0}, {via: gateway, dev: 'eth0', ...mtu}),
    ...(gateway === PROXY_GATEWAY6 ? [] : [unicast(gateway, {dev: 'eth0'})]),
  ]);
  const state = cilium ? 'REACHABLE' : 'PERMANENT';
  return {
    pod,
    lxc,
    eth0,
    devices,
    routes: sortRoutes([...devices.flatMap((device) => addressRoutes(device, false)), ...routes]),
    rules: [...standardRules],
    neighbours: gateways.map((ip) => ({ip, dev: 'eth0', mac: pod.hostMac, state})),
  };
}
