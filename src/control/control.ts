/** Cluster → state of each node, built when first asked for. */
import type {Cluster, ClusterNode, Pod} from '../cluster/model.js';
import type {Ip} from '../wire/addr.js';
import {healthMacs, runsIpvs} from './devices.js';
import {nodeEgress} from './egress.js';
import {reservedIdentities} from './identity.js';
import {nodeIpcache} from './ipcache.js';
import {createKubeProxyRules, type KubeProxyState} from './kube-proxy/rules.js';
import type {EgressMap, EndpointInfo, Ipcache, NodeState, PolicyMap, ServiceMaps} from './model.js';
import {hostNetns, type NodeDevices, nodeDevices, podNetns} from './netns.js';
import {nodePolicies} from './policy/node-policies.js';
import {nodeServices} from './services.js';
import {stableEndpointId} from './stable.js';

export interface ControlPlane {
  readonly cluster: Cluster;
  /** Throws for a name that is no node of the cluster. */
  state(nodeName: string): NodeState;
  /** Of all nodes, in cluster order. */
  states(): readonly NodeState[];
}

/** `previous`: the control plane of the cluster before a change, whose agents go on. */
export function createControl(cluster: Cluster, previous?: ControlPlane): ControlPlane {
  const pods = podsByNode(cluster);
  const states = new Map<string, NodeState>();
  const rulesOf = createKubeProxyRules(cluster);

  function state(nodeName: string): NodeState {
    const known = states.get(nodeName);
    if (known) return known;
    const node = cluster.nodes.find((candidate) => candidate.name === nodeName);
    if (!node) throw new Error(`no node ${nodeName}`);
    const before = () => (previous?.cluster.nodes.some(({name}) => name === nodeName) ? previous : undefined);
    const built = buildState(cluster, node, pods, rulesOf, () => before()?.state(nodeName).services);
    states.set(nodeName, built);
    return built;
  }

  return {cluster, state, states: () => cluster.nodes.map((node) => state(node.name))};
}

/** Pods that run on a node, by its name, in definition order. */
function podsByNode(cluster: Cluster): ReadonlyMap<string, readonly Pod[]> {
  const pods = new Map<string, Pod[]>();
  for (const pod of cluster.pods) {
    if (pod.node === undefined || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    const list = pods.get(pod.node);
    if (list) list.push(pod);
    else pods.set(pod.node, [pod]);
  }
  return pods;
}

/** Big maps are built when first read: `ip link` needs no ipcache of 20,000 pods. */
function buildState(
  cluster: Cluster,
  node: ClusterNode,
  podsOfNode: ReadonlyMap<string, readonly Pod[]>,
  rulesOf: (node: ClusterNode) => KubeProxyState,
  before: () => ServiceMaps | undefined,
): NodeState {
  const localPods = podsOfNode.get(node.name) ?? [];
  const own = localPods.filter((pod) => !pod.hostNetwork && pod.ips.length > 0);
  const taken = new Set(own.map((pod) => pod.endpointId));
  const hostEndpointId = stableEndpointId(`${node.name} host`, taken);
  taken.add(hostEndpointId);
  const hasHealth = cluster.dataplane === 'cilium' && node.healthIps.length > 0;
  const healthEndpointId = hasHealth ? stableEndpointId(`${node.name} health`, taken) : undefined;

  let kept: KubeProxyState | undefined;
  const kubeProxy = () => {
    kept ??= rulesOf(node);
    return kept;
  };
  const served = runsIpvs(cluster) ? kubeProxy().ipvs.flatMap(({addresses}) => addresses) : [];
  const devices = nodeDevices(cluster, node, own, healthEndpointId, served);
  const endpoints = nodeEndpoints(node, devices, healthEndpointId);
  const endpointsById = new Map<number, EndpointInfo>();
  for (const endpoint of endpoints.values())
    if (!endpoint.isHost && !endpointsById.has(endpoint.endpointId)) endpointsById.set(endpoint.endpointId, endpoint);

  const host = hostNetns(cluster, node, devices);
  let ipcache: Ipcache | undefined;
  let egress: EgressMap | undefined;
  let services: ServiceMaps | undefined;
  let policies: ReadonlyMap<number, PolicyMap> | undefined;
  return {
    cluster,
    node,
    config: cluster.cilium,
    host,
    pods: devices.pods.map(({pod, veth}) => podNetns(cluster, node, pod, veth)),
    endpoints,
    endpointsById,
    get ipcache() {
      ipcache ??= nodeIpcache(cluster, node, podsOfNode);
      return ipcache;
    },
    get services() {
      services ??= nodeServices(cluster, node, localPods, before());
      return services;
    },
    get egress() {
      egress ??= nodeEgress(cluster, node, host.devices);
      return egress;
    },
    get rulesets() {
      return kubeProxy().rulesets;
    },
    get nftables() {
      return kubeProxy().nftables;
    },
    get ipvs() {
      return kubeProxy().ipvs;
    },
    get policies() {
      policies ??= nodePolicies(cluster, {node, endpoints: endpointsById, hostEndpointId});
      return policies;
    },
    hostEndpointId,
  };
}

/** cilium_lxc: the host's own addresses, the health endpoint, pods. */
function nodeEndpoints(
  node: ClusterNode,
  {health, pods}: NodeDevices,
  healthEndpointId: number | undefined,
): ReadonlyMap<Ip, EndpointInfo> {
  const endpoints = new Map<Ip, EndpointInfo>();
  const host = {ifindex: 0, endpointId: 0, isHost: true, mac: 0, nodeMac: 0, identity: reservedIdentities.host};
  for (const ip of [...node.ips, ...node.routerIps]) endpoints.set(ip, {...host, ip});
  if (health && healthEndpointId !== undefined) {
    const {inside, host: nodeMac} = healthMacs(node);
    const {ifindex} = health;
    const identity = reservedIdentities.health;
    for (const ip of node.healthIps)
      endpoints.set(ip, {ip, ifindex, endpointId: healthEndpointId, isHost: false, mac: inside, nodeMac, identity});
  }
  for (const {pod, veth} of pods)
    for (const ip of pod.ips)
      endpoints.set(ip, {
        ip,
        ifindex: veth.lxc.ifindex,
        endpointId: pod.endpointId,
        isHost: false,
        mac: pod.mac,
        nodeMac: pod.hostMac,
        identity: pod.identity,
        pod,
      });
  return endpoints;
}
