/**
 * cilium_egress_gw_policy_v4 and _v6: which pods' packets to which destinations leave through which node (pkg/egressgateway, 1.20).
 * Gateways are named by their IPv4 addresses in both.
 * Every node has the entries of all pods; only the gateway itself knows the address that they are to have.
 */
import type {CiliumConfig, Cluster, ClusterNode, EgressGateway, EgressGatewayPolicy, Pod} from '../cluster/model.js';
import {matchesLabels} from '../cluster/policy/match-labels.js';
import {castOf, compareIp, formatIp, type Ip, isIp4, type Prefix, prefixContains} from '../wire/addr.js';
import {murmur3x64128} from './hash.js';
import type {Device, EgressEntry, EgressMap} from './model.js';

/** No gateway: 0.0.0.0. A destination that the policy leaves out: 0.0.0.1. */
export const egressValues = {noGateway: 0, excluded: 1} as const;

/** What a gateway without an address, or any other node, has for one: 0.0.0.0, ::. */
const noAddress: Readonly<Record<4 | 6, Ip>> = {4: 0, 6: '\0'.repeat(8)};

export function hasEgressIp({egressIp}: EgressEntry): boolean {
  return castOf(egressIp) !== 'unspecified';
}

const familyOf = (ip: Ip): 4 | 6 => (isIp4(ip) ? 4 : 6);

/** `enable-egress-gateway`, or its older name; needs BPF masquerading and kube-proxy replacement. */
export function hasEgressGateway({raw, bpfMasquerade, kubeProxyReplacement}: CiliumConfig): boolean {
  const wanted = raw['enable-egress-gateway'] ?? raw['enable-ipv4-egress-gateway'];
  return wanted === 'true' && bpfMasquerade && kubeProxyReplacement;
}

export function nodeEgress(cluster: Cluster, node: ClusterNode, devices: readonly Device[]): EgressMap {
  const bySource = new Map<Ip, EgressEntry[]>();
  const policies = hasEgressGateway(cluster.cilium) ? (cluster.egressPolicies ?? []) : [];
  for (const policy of policies) {
    const gateways = gatewaysOf(policy, cluster, node, devices);
    for (const pod of cluster.pods)
      if (isMeant(policy, cluster, pod)) for (const ip of pod.ips) addPod(bySource, policy, ip, chosen(gateways, pod));
  }
  const entries = [...bySource.values()].flat().sort((a, b) => familyOf(a.source) - familyOf(b.source));
  for (const list of bySource.values()) list.sort((a, b) => b.destination.length - a.destination.length);
  return {
    entries,
    lookup: (source, destination) => bySource.get(source)?.find((e) => prefixContains(e.destination, destination)),
  };
}

interface Gateway extends Pick<EgressEntry, 'gatewayIp' | 'ifindex'> {
  /** One for each family. */
  readonly egressIps: Readonly<Record<4 | 6, Ip>>;
}

function addPod(
  bySource: Map<Ip, EgressEntry[]>,
  {destinations, excluded}: EgressGatewayPolicy,
  source: Ip,
  {egressIps, gatewayIp: node, ifindex}: Gateway,
): void {
  const family = familyOf(source);
  const list = bySource.get(source) ?? [];
  bySource.set(source, list);
  const add = (prefix: Prefix, gatewayIp: Ip) => {
    if (familyOf(prefix.ip) !== family) return;
    // A later policy with the same key takes the place of the earlier.
    const at = list.findIndex(({destination: d}) => d.ip === prefix.ip && d.length === prefix.length);
    const entry = {source, destination: prefix, egressIp: egressIps[family], gatewayIp, ifindex};
    list.splice(at < 0 ? list.length : at, at < 0 ? 0 : 1, entry);
  };
  for (const prefix of destinations) add(prefix, node);
  for (const prefix of excluded) add(prefix, egressValues.excluded);
}

function isMeant({selectors}: EgressGatewayPolicy, {namespaces, nodes}: Cluster, pod: Pod): boolean {
  if (pod.hostNetwork || pod.node === undefined || pod.phase === 'Succeeded' || pod.phase === 'Failed') return false;
  const namespace = namespaces.find(({name}) => name === pod.namespace)?.labels ?? {};
  const node = nodes.find(({name}) => name === pod.node)?.labels ?? {};
  return selectors.some(
    (selector) =>
      matchesLabels(selector.pods, pod.labels) &&
      matchesLabels(selector.namespaces, namespace) &&
      matchesLabels(selector.nodes, node),
  );
}

/** By address; one for no gateway where no node is selected. */
function gatewaysOf(
  {gateways}: EgressGatewayPolicy,
  {nodes}: Cluster,
  node: ClusterNode,
  devices: readonly Device[],
): readonly Gateway[] {
  const sorted = [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = gateways.flatMap((gateway): Gateway[] => {
    const selected = sorted.find((candidate) => matchesLabels(gateway.nodes, candidate.labels));
    const gatewayIp = selected?.ips.find(isIp4);
    if (gatewayIp === undefined) return [];
    return [{gatewayIp, ...(selected === node ? ownAddress(gateway, devices) : elsewhere)}];
  });
  if (found.length === 0) return [{gatewayIp: egressValues.noGateway, ...elsewhere}];
  return found.sort((a, b) => compareIp(a.gatewayIp, b.gatewayIp));
}

const elsewhere = {egressIps: noAddress, ifindex: 0};

/** The address stated, where a device has it; else the first of each family of the device named, or of the one with the default route. */
function ownAddress({device: name, egressIp}: EgressGateway, devices: readonly Device[]): Omit<Gateway, 'gatewayIp'> {
  if (name === undefined && egressIp !== undefined) {
    const holds = devices.some(({addresses}) => addresses.some(({prefix}) => prefix.ip === egressIp));
    return {egressIps: holds ? {...noAddress, [familyOf(egressIp)]: egressIp} : noAddress, ifindex: 0};
  }
  const device = devices.find((d) => (name === undefined ? d.kind === 'physical' : d.name === name));
  const first = (family: 4 | 6) =>
    device?.addresses.find(({prefix: {ip}, scope}) => familyOf(ip) === family && scope !== 'link')?.prefix.ip ??
    noAddress[family];
  return {egressIps: {4: first(4), 6: first(6)}, ifindex: device?.ifindex ?? 0};
}

/** Several gateways share the pods of a policy; a pod keeps its own. Which one is as good as drawn: the agent hashes its UID. */
function chosen(gateways: readonly Gateway[], pod: Pod): Gateway {
  if (gateways.length === 1) return gateways[0]!;
  const text = `${pod.namespace}/${pod.name} ${pod.ips.map(formatIp).join(' ')}`;
  const [hash] = murmur3x64128(new TextEncoder().encode(text), 0);
  return gateways[Number(hash % BigInt(gateways.length))]!;
}
