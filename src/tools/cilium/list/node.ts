/** `node list`: all nodes of the cluster as this node's agent knows them (cilium-dbg/cmd/node_list.go). */
import type {Cluster, ClusterNode} from '../../../cluster/model.js';
import {compareBytes, type GoRecord, omitEmpty} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {formatIp, formatPrefix, type Ip, isIp4, type Prefix} from '../../../wire/addr.js';
import {hasOutput, printOutput, type ViewContext} from '../output.js';

export async function nodeList(context: ViewContext): Promise<number> {
  const {cluster, node} = context.session;
  if (hasOutput(context))
    return printOutput(
      context,
      cluster.nodes.map((other) => nodeModel(cluster, other, node)),
    );
  context.io.stdout.write(nodeTable(cluster, node));
  return 0;
}

/** `CLUSTER/NODE`; the cluster's name is left out where it is the default one (Node.Fullname). */
export function nodeFullName({cilium}: Cluster, {name}: ClusterNode): string {
  return cilium.clusterName === 'default' ? name : `${cilium.clusterName}/${name}`;
}

function sourceOf(node: ClusterNode, local: ClusterNode): string {
  return node === local ? 'local' : 'custom-resource';
}

function ipText(ips: readonly Ip[], family: 4 | 6): string {
  const ip = ips.find((candidate) => isIp4(candidate) === (family === 4));
  return ip === undefined ? '' : formatIp(ip);
}

function rangeText(prefixes: readonly Prefix[], family: 4 | 6): string {
  const prefix = prefixes.find(({ip}) => isIp4(ip) === (family === 4));
  return prefix === undefined ? '' : formatPrefix(prefix);
}

export function nodeTable(cluster: Cluster, local: ClusterNode): string {
  const rows = cluster.nodes.map((node) => {
    const {ips, podCidrs} = node;
    const cells = [
      sanitize(nodeFullName(cluster, node)),
      ...([4, 6] as const).flatMap((family) => [ipText(ips, family), rangeText(podCidrs, family)]),
      sourceOf(node, local),
    ];
    return `${cells.join('\t')}\n`;
  });
  const header = 'Name\tIPv4 Address\tEndpoint CIDR\tIPv6 Address\tEndpoint CIDR\tSource\n';
  return tabwriter(header + rows.sort(compareBytes).join(''), {minWidth: 0, padding: 3});
}

export function nodeModel(cluster: Cluster, node: ClusterNode, local: ClusterNode): GoRecord {
  const {cilium} = cluster;
  const address = (ips: readonly Ip[], prefixes: readonly Prefix[]): GoRecord => {
    const element = (family: 4 | 6, enabled: boolean): GoRecord => ({
      'address-type': omitEmpty(''),
      'alloc-range': omitEmpty(rangeText(prefixes, family)),
      enabled: omitEmpty(enabled),
      ip: omitEmpty(ipText(ips, family)),
    });
    return {ipv4: element(4, cilium.enableIpv4), ipv6: element(6, cilium.enableIpv6)};
  };
  const others = [
    ...node.ips.filter((ip) => ip !== node.ips.find((first) => isIp4(first) === isIp4(ip))),
    ...node.externalIps,
    ...node.routerIps,
  ];
  return {
    'health-endpoint-address': omitEmpty(node.healthIps.length === 0 ? null : address(node.healthIps, [])),
    'ingress-address': omitEmpty(null),
    name: nodeFullName(cluster, node),
    'primary-address': address(node.ips, node.podCidrs),
    'secondary-addresses': others.map((ip) => ({
      'address-type': omitEmpty(''),
      'alloc-range': omitEmpty(''),
      enabled: omitEmpty(false),
      ip: formatIp(ip),
    })),
    source: sourceOf(node, local),
  };
}
