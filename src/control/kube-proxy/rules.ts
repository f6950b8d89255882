/**
 * The rules that kube-proxy in iptables mode, the kubelet and the CNI plugin portmap keep on a node. Services come in definition order, where the real
 * kube-proxy walks a Go map and every full sync has an order of its own.
 */
import type {Cluster, ClusterNode, Pod} from '../../cluster/model.js';
import {isIp4, parsePrefix} from '../../wire/addr.js';
import {heedsTopology, portBackends} from './endpoints.js';
import type {IpvsState} from './ipvs/model.js';
import {type IpvsFamily, ipvsFamilies} from './ipvs/state.js';
import type {Match, Rule, Ruleset} from './model.js';
import type {NftTable} from './nft/model.js';
import {nftTables} from './nft/rules.js';
import {addHostPorts, podsWithHostPorts} from './portmap.js';
import {address, buildTable, comment, jump, states, type TableBuilder} from './rule.js';
import {addServicePort, MASQUERADE_MARK} from './service.js';

/** largeClusterEndpointsThreshold. */
const LARGE = 1000;

type Builders = Readonly<Record<'mangle' | 'filter' | 'nat', TableBuilder>>;

/** What kube-proxy keeps on a node, in the words of its mode; a set for each family, IPv4 first. */
export interface KubeProxyState {
  readonly rulesets: readonly Ruleset[];
  readonly nftables: readonly NftTable[];
  readonly ipvs: readonly IpvsState[];
}

const NOTHING: KubeProxyState = {rulesets: [], nftables: [], ipvs: []};

/** Nodes whose rules are the same share them: in the other modes none do, their sets know the node's address. */
export function createKubeProxyRules(cluster: Cluster): (node: ClusterNode) => KubeProxyState {
  const {mode} = cluster.kubeProxy;
  const plain = cluster.dataplane !== 'cilium' || !cluster.cilium.kubeProxyReplacement;
  if (!plain) return () => NOTHING;
  if (mode === 'nftables') return (node) => ({...NOTHING, nftables: nftTables(cluster, node)});
  // With Cilium, hostPorts are Cilium's business, or nobody's.
  const hostPods = cluster.dataplane === 'cilium' ? undefined : podsWithHostPorts(cluster.pods);
  const mapped = ({name}: ClusterNode) => hostPods?.get(name) ?? [];
  if (mode === 'ipvs') return (node) => ipvsState(ipvsFamilies(cluster, node, mapped(node)));
  const families = ([4, 6] as const).filter((family) => cluster.podCidrs.some(({ip}) => isIp4(ip) === (family === 4)));
  let shared: KubeProxyState | undefined;
  const own = cluster.services.some(
    (s) =>
      heedsTopology(s) ||
      s.internalTrafficPolicy === 'Local' ||
      s.externalTrafficPolicy === 'Local' ||
      s.sourceRanges.length > 0,
  );
  const make = (node: ClusterNode) => ({
    ...NOTHING,
    rulesets: families.map((family) => build(cluster, node, family, mapped(node))),
  });
  return (node) => {
    if (own || mapped(node).length > 0) return make(node);
    shared ??= make(node);
    return shared;
  };
}

function ipvsState(families: readonly IpvsFamily[]): KubeProxyState {
  return {...NOTHING, rulesets: families.map(({ruleset}) => ruleset), ipvs: families.map(({state}) => state)};
}

function build(cluster: Cluster, node: ClusterNode, family: 4 | 6, hostPods: readonly Pod[]): Ruleset {
  const tables: Builders = {mangle: buildTable('mangle'), filter: buildTable('filter'), nat: buildTable('nat')};
  const {filter, nat} = tables;
  addFixed(tables, family);
  const ofFamily = ({ip}: {readonly ip: string | number}) => isIp4(ip) === (family === 4);
  const ports = cluster.services.flatMap((service) => service.ports.map((port) => ({service, port})));
  const endpoints = ports.reduce((sum, {service, port}) => sum + portBackends(service, port, family).length, 0);
  const context = {
    family,
    node,
    nodeIp: node.ips.find((ip) => ofFamily({ip})),
    clusterCidr: cluster.podCidrs.find(ofFamily),
    large: endpoints > LARGE,
    nat,
    filter,
  };
  for (const {service, port} of ports) addServicePort(context, service, port);
  addLast(tables, family);
  addHostPorts(nat, node, hostPods, family);
  return {family, tables: [tables.mangle.finish(), filter.finish(), nat.finish()]};
}

/** Jumps from the built-in chains (iptablesJumpChains, each put in front of the ones before), and what is the same everywhere. */
function addFixed({mangle, filter, nat}: Builders, family: 4 | 6): void {
  for (const table of [mangle, filter, nat]) {
    table.chain('KUBE-KUBELET-CANARY');
    table.chain('KUBE-PROXY-CANARY');
  }
  for (const name of ['EXTERNAL-SERVICES', 'FORWARD', 'NODEPORTS', 'PROXY-FIREWALL', 'SERVICES'])
    filter.chain(`KUBE-${name}`);
  for (const name of ['KUBE-NODEPORTS', 'KUBE-SERVICES']) nat.chain(name);
  // Every rule is an object of its own: counters know them by identity.
  const to = (chain: string, text: string, ...before: Match[]): Rule => ({
    matches: [...before, comment(text)],
    target: jump(chain),
  });
  const martians = (): Rule[] => (family === 4 ? [{matches: [], target: jump('KUBE-FIREWALL')}] : []);
  const firewall = () => to('KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', states.new);
  const external = () => to('KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', states.new);
  const portals = () => to('KUBE-SERVICES', 'kubernetes service portals', states.new);
  const health = to('KUBE-NODEPORTS', 'kubernetes health check service ports');
  const forwarding = to('KUBE-FORWARD', 'kubernetes forwarding rules');
  filter.chain('INPUT').push(...martians(), firewall(), health, external());
  filter.chain('FORWARD').push(firewall(), forwarding, portals(), external());
  filter.chain('OUTPUT').push(...martians(), firewall(), portals());
  for (const hook of ['PREROUTING', 'OUTPUT']) nat.chain(hook).push(to('KUBE-SERVICES', 'kubernetes service portals'));
  nat.chain('POSTROUTING').push(to('KUBE-POSTROUTING', 'kubernetes postrouting rules'));
  addForwarding(filter, family);
  addMasquerading(nat);
}

function addForwarding(filter: TableBuilder, family: 4 | 6): void {
  const mark = {kind: 'mark', not: false, value: MASQUERADE_MARK, mask: MASQUERADE_MARK} as const;
  filter
    .chain('KUBE-FORWARD')
    .push(
      {matches: [states.invalid], target: {kind: 'DROP'}},
      {matches: [comment('kubernetes forwarding rules'), mark], target: {kind: 'ACCEPT'}},
      {matches: [comment('kubernetes forwarding conntrack rule'), states.established], target: {kind: 'ACCEPT'}},
    );
  if (family === 6) return;
  const loopback = parsePrefix('127.0.0.0/8')!;
  filter.chain('KUBE-FIREWALL').push({
    source: address(loopback, true)!,
    destination: address(loopback)!,
    matches: [comment('block incoming localnet connections'), states.unsolicited],
    target: {kind: 'DROP'},
  });
}

function addMasquerading(nat: TableBuilder): void {
  const value = MASQUERADE_MARK;
  nat.chain('KUBE-MARK-MASQ').push({matches: [], target: {kind: 'MARK', value, mask: value}});
  nat
    .chain('KUBE-POSTROUTING')
    .push(
      {matches: [{kind: 'mark', not: true, value, mask: value}], target: {kind: 'RETURN'}},
      {matches: [], target: {kind: 'MARK', value, mask: 0}},
      {matches: [comment('kubernetes service traffic requiring SNAT')], target: {kind: 'MASQUERADE'}},
    );
}

/** Node ports on every local address; IPv6 has none on ::1. */
function addLast({nat}: Builders, family: 4 | 6): void {
  const text = 'kubernetes service nodeports; NOTE: this must be the last rule in this chain';
  const loopback6 = address(parsePrefix('::1/128')!, true)!;
  nat.chain('KUBE-SERVICES').push({
    ...(family === 6 ? {destination: loopback6} : {}),
    matches: [comment(text), {kind: 'local', side: 'dst'}],
    target: jump('KUBE-NODEPORTS'),
  });
}
