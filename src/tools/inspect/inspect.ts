/** `wirelay inspect`: what was read, what was filled in, what was skipped and why. */
import Table from 'cli-table3';
import type {Cluster, LoadNote} from '../../cluster/model.js';
import {type Palette, palette} from '../../term/palette.js';
import {sanitize} from '../../term/sanitize.js';
import {formatIp, formatPrefix} from '../../wire/addr.js';

export const INSPECT_SCHEMA_VERSION = 1;

/** The cluster in a few tables, for people. */
export function inspectText(cluster: Cluster, options: {readonly color: boolean}): string {
  const colors = palette(options.color);
  const parts = [
    facts(cluster, colors),
    read(cluster),
    nodes(cluster),
    services(cluster),
    notes(cluster.notes, colors),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function table(head: readonly string[]): Table.Table {
  return new Table({head: [...head], style: {head: [], border: [], compact: true}});
}

function facts(cluster: Cluster, colors: Palette): string {
  const {cilium} = cluster;
  const dataplane =
    cluster.dataplane === 'cilium' ? `Cilium ${cilium.version}` : `kube-proxy (${cluster.kubeProxy.mode})`;
  const routing = cilium.routingMode === 'tunnel' ? `${cilium.tunnelProtocol} on UDP ${cilium.tunnelPort}` : 'native';
  const rows = [
    ['cluster', `${cluster.name}, read from ${cluster.source}`],
    ['kubernetes', cluster.kubernetes.version],
    ['dataplane', dataplane],
    ['routing', `${routing}, MTU ${cluster.underlay.mtu}`],
    ['pods', `${cluster.podCidrs.map(formatPrefix).join(', ')}: ${cluster.pods.length} in use`],
    ['services', `${cluster.serviceCidrs.map(formatPrefix).join(', ')}: ${cluster.services.length} in use`],
    ['identities', String(cluster.identities.length)],
    ['traffic', `${cluster.traffic.length} lines`],
  ];
  return rows.map(([name, text]) => `${colors.title(name!.padEnd(11))} ${sanitize(text!)}`).join('\n');
}

/** Which objects were in which file; of several files also all together. */
function read({input}: Cluster): string {
  if (!input || input.files.length === 0) return '';
  const out = table(['file', 'bytes', 'objects']);
  for (const {name, bytes, objects} of input.files.slice(0, SHOWN))
    out.push([sanitize(name), String(bytes), kinds(objects)]);
  const text = more(out.toString(), input.files.length, 'files');
  return input.files.length === 1
    ? text
    : `${text}\nall files: ${kinds(totals(input.files.map(({objects}) => objects)))}`;
}

function totals(files: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all = new Map<string, number>();
  for (const objects of files)
    for (const [kind, count] of Object.entries(objects)) all.set(kind, (all.get(kind) ?? 0) + count);
  return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `3 Deployment, 1 Service`. */
function kinds(objects: Readonly<Record<string, number>>): string {
  return Object.entries(objects)
    .map(([kind, count]) => `${count} ${sanitize(kind)}`)
    .join(', ');
}

function nodes(cluster: Cluster): string {
  const perNode = new Map<string, number>();
  for (const pod of cluster.pods) if (pod.node) perNode.set(pod.node, (perNode.get(pod.node) ?? 0) + 1);
  const out = table(['node', 'addresses', 'pod CIDR', 'pods', 'MTU']);
  for (const node of cluster.nodes.slice(0, SHOWN)) {
    const cells = [node.name, node.ips.map(formatIp).join(' '), node.podCidrs.map(formatPrefix).join(' ')];
    out.push([...cells.map(sanitize), String(perNode.get(node.name) ?? 0), String(node.mtu)]);
  }
  return more(out.toString(), cluster.nodes.length, 'nodes');
}

function services(cluster: Cluster): string {
  const out = table(['service', 'type', 'address', 'ports', 'backends']);
  for (const service of cluster.services.slice(0, SHOWN)) {
    const ports = service.ports.map((port) => `${port.port}/${port.protocol}`).join(' ');
    const addresses = service.clusterIps.map(formatIp).join(' ') || (service.externalName ?? 'None');
    const name = `${service.namespace}/${service.name}`;
    out.push([name, service.type, addresses, ports, String(service.backends.length)].map(sanitize));
  }
  return more(out.toString(), cluster.services.length, 'services');
}

/** Rows of a table; the rest is counted. */
const SHOWN = 20;

function more(text: string, total: number, what: string): string {
  return total > SHOWN ? `${text}\n… and ${total - SHOWN} more ${what}` : text;
}

function notes(list: readonly LoadNote[], colors: Palette): string {
  const paint = {inferred: colors.faint, skipped: colors.faint, warning: colors.warn};
  return list.map((note) => `${paint[note.level](note.level)}: ${sanitize(place(note) + note.message)}`).join('\n');
}

function place({where}: LoadNote): string {
  return where ? `${[where.file, where.line, where.column].filter((part) => part !== undefined).join(':')}: ` : '';
}

/** The same for programs. */
export function inspectJson(cluster: Cluster): object {
  return {
    schemaVersion: INSPECT_SCHEMA_VERSION,
    name: cluster.name,
    source: cluster.source,
    kubernetes: cluster.kubernetes,
    dataplane: cluster.dataplane,
    podCIDRs: cluster.podCidrs.map(formatPrefix),
    serviceCIDRs: cluster.serviceCidrs.map(formatPrefix),
    nodes: cluster.nodes.map((node) => ({
      name: node.name,
      addresses: node.ips.map(formatIp),
      podCIDRs: node.podCidrs.map(formatPrefix),
      mtu: node.mtu,
    })),
    pods: cluster.pods.map((pod) => ({
      namespace: pod.namespace,
      name: pod.name,
      node: pod.node ?? null,
      addresses: pod.ips.map(formatIp),
      identity: pod.identity,
    })),
    services: cluster.services.map((service) => ({
      namespace: service.namespace,
      name: service.name,
      type: service.type,
      addresses: service.clusterIps.map(formatIp),
      ports: service.ports,
      backends: service.backends.length,
    })),
    input: {
      files: cluster.input?.files ?? [],
      objects: totals((cluster.input?.files ?? []).map(({objects}) => objects)),
    },
    notes: cluster.notes,
  };
}
