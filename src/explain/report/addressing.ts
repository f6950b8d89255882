/** Ranges of the cluster, who has which part of them, and how full they are. */
import type {Cluster} from '../../cluster/model.js';
import {
  formatIp,
  formatPrefix,
  type Ip,
  isIp4,
  networkOf,
  type Prefix,
  prefixContains,
  prefixSize,
} from '../../wire/addr.js';
import {bar, note, type Section, scrolling, table, text} from './html.js';

/** Rows; a table of thousands is read by nobody. */
const SHOWN = 250;

export function addressingSection(cluster: Cluster): Section {
  const {nodes, services, underlay} = cluster;
  const podIps = cluster.pods.filter(({hostNetwork}) => !hostNetwork).flatMap(({ips}) => ips);
  const own = nodes.flatMap(({routerIps, healthIps}) => [...routerIps, ...healthIps]);
  const nodeIps = nodes.flatMap(({ips}) => ips);
  const serviceIps = services.flatMap(({clusterIps}) => clusterIps);
  const ranges = [
    ...underlay.vnets.map((prefix) => rangeRow('VNet', prefix, nodeIps, 'nodes')),
    ...underlay.subnets.map(({name, prefix}) => rangeRow(`subnet ${name}`, prefix, nodeIps, 'nodes')),
    ...cluster.podCidrs.map((prefix) => rangeRow('pods', prefix, [...podIps, ...own], 'pods and routers')),
    ...cluster.serviceCidrs.map((prefix) => rangeRow('services', prefix, serviceIps, 'services')),
    ...(underlay.peered ?? []).flatMap(({name, prefixes}) =>
      prefixes.map((prefix) => [text(`peered ${name}`), code(formatPrefix(prefix)), count(prefixSize(prefix)), '', '']),
    ),
  ];
  const columns = [
    {title: 'range'},
    {title: 'prefix'},
    ...[
      {title: 'addresses', number: true},
      {title: 'in use', number: true},
    ],
    {title: 'share'},
  ];
  const body = [
    table('Ranges of the cluster', columns, ranges),
    ...cluster.podCidrs.filter(({ip}) => isIp4(ip)).map((prefix) => strip(cluster, prefix)),
    nodeTable(cluster),
  ];
  return {id: 'addressing', title: 'Addressing', body: body.join('\n')};
}

function rangeRow(name: string, prefix: Prefix, ips: readonly Ip[], whose: string): string[] {
  const used = ips.filter((ip) => isIp4(ip) === isIp4(prefix.ip) && prefixContains(prefix, ip)).length;
  const size = prefixSize(prefix);
  return [
    text(name),
    code(formatPrefix(networkOf(prefix))),
    count(size),
    `${count(used)} <small>${text(whose)}</small>`,
    bar(used / size),
  ];
}

function code(words: string): string {
  return `<code>${text(words)}</code>`;
}

function count(n: number): string {
  return n < 1e9 ? n.toLocaleString('en') : `2<sup>${Math.round(Math.log2(n))}</sup>`;
}

interface Block {
  readonly node: string;
  readonly prefix: Prefix;
  readonly used: number;
}

function blocksOf({nodes, pods}: Cluster): Block[] {
  const ips = new Map<string, Ip[]>(nodes.map(({name, routerIps, healthIps}) => [name, [...routerIps, ...healthIps]]));
  for (const pod of pods) if (pod.node !== undefined && !pod.hostNetwork) ips.get(pod.node)?.push(...pod.ips);
  return nodes.flatMap(({name, podCidrs}) =>
    podCidrs.map((prefix) => ({
      node: name,
      prefix,
      used: (ips.get(name) ?? []).filter((ip) => isIp4(ip) === isIp4(prefix.ip) && prefixContains(prefix, ip)).length,
    })),
  );
}

/** Where the nodes' blocks lie in the range of pods. */
function strip(cluster: Cluster, range: Prefix): string {
  const size = prefixSize(range);
  const start = Number(networkOf(range).ip);
  const blocks = blocksOf(cluster).filter(({prefix}) => isIp4(prefix.ip) && prefixContains(range, prefix.ip));
  if (blocks.length === 0 || prefixSize(range) < 2) return '';
  const shapes = blocks.map(({node, prefix, used}) => {
    const x = ((Number(networkOf(prefix).ip) - start) / size) * 1000;
    const width = Math.max(2, (prefixSize(prefix) / size) * 1000);
    return `<rect class="used" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="24"><title>${text(`${node}: ${formatPrefix(prefix)}, ${used} in use`)}</title></rect>`;
  });
  const taken = blocks.reduce((sum, {prefix}) => sum + prefixSize(prefix), 0);
  const label = `Blocks of nodes in ${formatPrefix(range)}: ${blocks.length} blocks, ${((taken / size) * 100).toFixed(1)} % of the range`;
  return `<figure><svg class="strip" viewBox="0 0 1000 24" preserveAspectRatio="none" role="img" aria-label="${text(label)}"><rect class="all" width="1000" height="24"/>${shapes.join('')}</svg><figcaption>${text(label)}</figcaption></figure>`;
}

function nodeTable(cluster: Cluster): string {
  const addresses = new Map(cluster.nodes.map(({name, ips}) => [name, ips.map(formatIp).join(' ')]));
  const blocks = blocksOf(cluster);
  if (blocks.length === 0) return scrolling('Nodes', '<p>Nodes have no blocks of pod addresses.</p>');
  const rows = blocks
    .slice(0, SHOWN)
    .map(({node, prefix, used}) => [
      text(node),
      code(addresses.get(node) ?? ''),
      code(formatPrefix(prefix)),
      count(prefixSize(prefix)),
      count(used),
      bar(used / prefixSize(prefix)),
    ]);
  const columns = [
    {title: 'node'},
    {title: 'address'},
    {title: 'pod CIDR'},
    {title: 'addresses', number: true},
    {title: 'in use', number: true},
    {title: 'share'},
  ];
  const more = blocks.length > SHOWN ? note(`… and ${blocks.length - SHOWN} more blocks`) : '';
  return table('Pod addresses of each node', columns, rows) + more;
}
