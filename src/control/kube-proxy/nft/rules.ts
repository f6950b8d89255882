/**
 * The table that kube-proxy in nftables mode keeps on a node (Kubernetes 1.33, pkg/proxy/nftables/proxier.go: setupNFTables), after
 * its first full sync. Services come in definition order, where the real one walks a Go map.
 */
import type {Cluster, ClusterNode} from '../../../cluster/model.js';
import {type Ip, isIp4} from '../../../wire/addr.js';
import {MASQUERADE_MARK} from '../service.js';
import {buildNftTable, type NftBuilder} from './builder.js';
import type {NftBase, NftTable} from './model.js';
import {addNftPort} from './service.js';

/** nftablesBaseChains: filters see destinations as they were before DNAT, but for the last. */
const bases: readonly (readonly [name: string, base: NftBase])[] = [
  ['filter-prerouting', {type: 'filter', hook: 'prerouting', priority: -110}],
  ['filter-input', {type: 'filter', hook: 'input', priority: -110}],
  ['filter-forward', {type: 'filter', hook: 'forward', priority: -110}],
  ['filter-output', {type: 'filter', hook: 'output', priority: -110}],
  ['filter-output-post-dnat', {type: 'filter', hook: 'output', priority: -90}],
  ['nat-prerouting', {type: 'nat', hook: 'prerouting', priority: -100}],
  ['nat-output', {type: 'nat', hook: 'output', priority: -100}],
  ['nat-postrouting', {type: 'nat', hook: 'postrouting', priority: 100}],
];

/** nftablesJumpChains. */
const jumps: readonly (readonly [to: string, from: string, fresh: boolean])[] = [
  ['nodeport-endpoints-check', 'filter-input', true],
  ['service-endpoints-check', 'filter-input', true],
  ['service-endpoints-check', 'filter-forward', true],
  ['service-endpoints-check', 'filter-output', true],
  ['firewall-check', 'filter-prerouting', true],
  ['firewall-check', 'filter-output', true],
  ['services', 'nat-output', false],
  ['services', 'nat-prerouting', false],
  ['masquerading', 'nat-postrouting', false],
  ['cluster-ips-check', 'filter-forward', true],
  ['cluster-ips-check', 'filter-output-post-dnat', true],
];

/** A table for each family that pods have. */
export function nftTables(cluster: Cluster, node: ClusterNode): readonly NftTable[] {
  const families = ([4, 6] as const).filter((family) => cluster.podCidrs.some(({ip}) => isIp4(ip) === (family === 4)));
  return families.map((family, i) => build(cluster, node, family, i + 1));
}

function build(cluster: Cluster, node: ClusterNode, family: 4 | 6, handle: number): NftTable {
  const ofFamily = ({ip}: {readonly ip: Ip}) => isIp4(ip) === (family === 4);
  // Base chains are added and deleted once before anything else, so that old ones with other priorities go away.
  const table = buildNftTable(family, handle, bases.length);
  const nodeIp = node.ips.find((ip) => ofFamily({ip}));
  addFixed(table);
  addSets(table, cluster, ofFamily);
  if (nodeIp !== undefined) table.element('nodeport-ips', {ip: nodeIp});
  const clusterCidr = cluster.podCidrs.find(ofFamily);
  const context = {family, node, nodeIp, clusterCidr, table};
  for (const service of cluster.services) for (const port of service.ports) addNftPort(context, service, port);
  return table.finish();
}

function addFixed(table: NftBuilder): void {
  for (const [name, base] of bases) table.chain(name, {base});
  for (const [to, from, fresh] of jumps) {
    table.chain(to);
    table.rule(from, [...(fresh ? [{kind: 'ct-new'} as const] : []), {kind: 'jump', chain: to}]);
  }
  table.chain('mark-for-masquerade');
  const mark = MASQUERADE_MARK;
  table.rule('mark-for-masquerade', [{kind: 'mark', operator: '|', mark}]);
  table.rule('masquerading', [{kind: 'unmarked', mark}, {kind: 'return'}]);
  table.rule('masquerading', [{kind: 'mark', operator: '^', mark}]);
  table.rule('masquerading', [{kind: 'masquerade'}]);
}

function addSets(table: NftBuilder, cluster: Cluster, ofFamily: (prefix: {readonly ip: Ip}) => boolean): void {
  const set = (name: string, comment: string) => table.set(name, {key: 'address', verdicts: false, comment});
  const map = (name: string, key: 'service' | 'port', comment: string) =>
    table.set(name, {key, verdicts: true, comment});
  set('cluster-ips', 'Active ClusterIPs');
  table.rule(
    'cluster-ips-check',
    [{kind: 'in-set', side: 'daddr', set: 'cluster-ips'}, {kind: 'reject'}],
    'Reject traffic to invalid ports of ClusterIPs',
  );
  const prefixes = cluster.serviceCidrs.filter(ofFamily);
  if (prefixes.length > 0)
    table.rule(
      'cluster-ips-check',
      [{kind: 'address', side: 'daddr', not: false, prefixes}, {kind: 'drop'}],
      'Drop traffic to unallocated ClusterIPs',
    );
  set('nodeport-ips', 'IPs that accept NodePort traffic');
  map('no-endpoint-services', 'service', 'vmap to drop or reject packets to services with no endpoints');
  map('no-endpoint-nodeports', 'port', 'vmap to drop or reject packets to service nodeports with no endpoints');
  table.chain('reject-chain', {comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports'});
  table.rule('reject-chain', [{kind: 'reject'}]);
  const toNodePort = {kind: 'in-set', side: 'daddr', set: 'nodeport-ips'} as const;
  table.rule('service-endpoints-check', [{kind: 'vmap', key: 'service', map: 'no-endpoint-services'}]);
  table.rule('nodeport-endpoints-check', [toNodePort, {kind: 'vmap', key: 'port', map: 'no-endpoint-nodeports'}]);
  map('firewall-ips', 'service', 'destinations that are subject to LoadBalancerSourceRanges');
  table.rule('firewall-check', [{kind: 'vmap', key: 'service', map: 'firewall-ips'}]);
  map('service-ips', 'service', 'ClusterIP, ExternalIP and LoadBalancer IP traffic');
  map('service-nodeports', 'port', 'NodePort traffic');
  table.rule('services', [{kind: 'vmap', key: 'service', map: 'service-ips'}]);
  table.rule('services', [toNodePort, {kind: 'vmap', key: 'port', map: 'service-nodeports'}]);
}
