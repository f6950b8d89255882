/**
 * The cluster in four bands: services (addresses nobody has), the overlay of pods, how it is carried, the underlay of nodes.
 */
import type {Cluster, ClusterNode, Pod, Service} from '../../cluster/model.js';
import type {ControlPlane} from '../../control/control.js';
import {hasTunnelDevice} from '../../control/tunnel.js';
import {formatIp, formatIpPort, formatPrefix, type Prefix, prefixContains, prefixSize} from '../../wire/addr.js';
import {
  type Band,
  type Box,
  collapse,
  count,
  createIds,
  type Edge,
  type Graph,
  type Limits,
  mergeEdges,
} from './model.js';
import type {Scope} from './scope.js';

export type GroupBy = 'node' | 'namespace';

/** Port lists of a service box. */
const PORTS = 4;

export function topologyGraph(control: ControlPlane, scope: Scope, groupBy: GroupBy, limits: Limits): Graph {
  const {cluster} = control;
  const ids = createIds();
  const services = serviceBand(cluster, scope, limits, ids);
  const pods = podBand(cluster, scope, groupBy, limits, ids);
  const nodes = nodeBand(cluster, scope, limits, ids);
  const {band: carrier, tunnel} = carrierBand(control, scope, ids);
  const {podAt} = scope;
  const edges: Omit<Edge, 'id'>[] = [];
  const outside = new Set<string>();
  for (const service of scope.services)
    for (const {ip, port} of service.backends) {
      const pod = podAt.get(ip);
      const [from, to] = [services.boxOf.get(service), pod && pods.boxOf.get(pod)];
      if (from !== undefined && to !== undefined) edges.push({kind: 'backend', from, to, label: `:${port}`});
      else outside.add(formatIpPort(ip, port));
    }
  const byNode = groupBy === 'node' && pods.level === 'items';
  for (const pod of scope.pods) {
    const from = byNode ? ids('pods', pod.node ?? '') : pods.boxOf.get(pod);
    const to = nodes.boxOf.get(pod.node);
    if (from !== undefined && to !== undefined && !pod.hostNetwork) edges.push({kind: 'runs', from, to, label: ''});
  }
  if (tunnel)
    for (const node of scope.nodes) {
      const to = nodes.boxOf.get(node.name);
      if (to !== undefined)
        edges.push({kind: 'tunnel', from: tunnel, to, label: nodes.level === 'items' ? formatIp(node.ips[0]!) : ''});
    }
  const notes = [
    ...[
      {level: services.level, what: count(scope.services.length, 'service')},
      {level: pods.level, what: count(pods.boxOf.size, 'pod')},
      {level: nodes.level, what: count(scope.nodes.length, 'node')},
    ].flatMap(({level, what}) => (level === 'items' ? [] : [`${what} summed up; --all draws each`])),
    ...(outside.size > 0 ? [`${count(outside.size, 'backend')} not shown: not a pod of this picture`] : []),
    ...(scope.whole ? [] : ['only a part of the cluster']),
  ];
  const what = `${count(scope.nodes.length, 'node')}, ${count(scope.pods.length, 'pod')}, ${count(scope.services.length, 'service')}`;
  return {
    title: `${cluster.name}: overlay over underlay`,
    description: `Services, pods, tunnels and nodes of cluster ${cluster.name}: ${what}.`,
    bands: [services.band, pods.band, carrier, nodes.band].filter(({groups}) => groups.length > 0),
    edges: mergeEdges(edges),
    notes,
  };
}

type Ids = ReturnType<typeof createIds>;

function prefixes(list: readonly Prefix[]): string {
  return list.map(formatPrefix).join(', ');
}

function serviceBand({serviceCidrs, dataplane, kubeProxy}: Cluster, {services}: Scope, limits: Limits, ids: Ids) {
  const collapsed = collapse({
    items: services.map((service) => ({key: service, box: () => serviceBox(service, ids), group: service.namespace})),
    limits,
    group: (name) => ({id: ids('services', name), title: `namespace ${name}`}),
    sum: (items, group) => ({
      id: group === undefined ? ids('allservices') : ids('servicesof', group),
      kind: 'service',
      title: count(items.length, 'service'),
      lines: group === undefined ? [] : [`namespace ${group}`],
    }),
  });
  const by = dataplane === 'cilium' ? 'eBPF' : `kube-proxy, ${kubeProxy.mode}`;
  const band: Band = {
    id: 'services',
    title: `Services: virtual addresses ${prefixes(serviceCidrs)}`,
    groups: collapsed.groups,
    below: `translated by ${by}`,
  };
  return {...collapsed, band};
}

function serviceBox(service: Service, ids: Ids): Box {
  const {name, namespace, type, clusterIps, externalName, ports, backends} = service;
  const [ip] = clusterIps;
  const shown = ports.slice(0, PORTS).map(({port, protocol, nodePort}) => {
    const at = ip === undefined ? `:${port}` : formatIpPort(ip, port);
    return `${at}/${protocol}${nodePort === undefined ? '' : ` node port ${nodePort}`}`;
  });
  return {
    id: ids('service', namespace, name),
    kind: 'service',
    title: name,
    lines: [
      type === 'ClusterIP' && ip === undefined ? 'headless' : type,
      ...(externalName === undefined ? [] : [externalName]),
      ...shown,
      ...(ports.length > PORTS ? [`and ${count(ports.length - PORTS, 'port')} more`] : []),
      ...(backends.length === 0 && externalName === undefined ? ['no backends'] : []),
    ],
  };
}

function podBand({podCidrs, dataplane}: Cluster, {pods, nodes}: Scope, groupBy: GroupBy, limits: Limits, ids: Ids) {
  const cidrs = new Map(nodes.map((node) => [node.name, prefixes(node.podCidrs)]));
  const own = pods.filter((pod) => !pod.hostNetwork);
  const order = new Map(nodes.map(({name}, i) => [name, i]));
  const rank = ({node}: Pod) => order.get(node ?? '') ?? order.size;
  const sorted = groupBy === 'node' ? [...own].sort((a, b) => rank(a) - rank(b)) : own;
  const groupName = (pod: Pod) => (groupBy === 'node' ? (pod.node ?? '') : pod.namespace);
  const groupTitle = (name: string) => {
    if (groupBy === 'namespace') return `namespace ${name}`;
    return name === '' ? 'on no node yet' : [name, cidrs.get(name) ?? ''].filter(Boolean).join(' ');
  };
  const collapsed = collapse({
    items: sorted.map((pod) => ({key: pod, box: () => podBox(pod, groupBy, dataplane, ids), group: groupName(pod)})),
    limits,
    group: (name) => ({id: ids('pods', name), title: groupTitle(name)}),
    sum: (items, group) => ({
      id: group === undefined ? ids('allpods') : ids('podsof', group),
      kind: 'pod',
      title: count(items.length, 'pod'),
      lines: [group === undefined ? perGroup(items, groupBy) : groupTitle(group)],
    }),
  });
  const size = podCidrs.reduce((sum, prefix) => sum + prefixSize(prefix), 0);
  const room = size > 0 && size <= 2 ** 32 ? `, room for ${size.toLocaleString('en')}` : '';
  const band: Band = {id: 'overlay', title: `Overlay: pods ${prefixes(podCidrs)}${room}`, groups: collapsed.groups};
  return {...collapsed, band};
}

function perGroup(items: readonly {readonly group: string}[], groupBy: GroupBy): string {
  const sizes = new Map<string, number>();
  for (const {group} of items) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const size of sizes.values()) [least, most] = [Math.min(least, size), Math.max(most, size)];
  const each = least === most ? `${most}` : `${least} to ${most}`;
  return `${count(sizes.size, groupBy)}, ${each} pods each`;
}

function podBox(pod: Pod, groupBy: GroupBy, dataplane: Cluster['dataplane'], ids: Ids): Box {
  const {name, namespace, ips, identity, phase, node} = pod;
  return {
    id: ids('pod', namespace, name),
    kind: 'pod',
    title: name,
    lines: [
      ...(ips.length > 0 ? ips.map(formatIp) : ['no address yet']),
      ...(groupBy === 'node' ? [`ns ${namespace}`] : [node === undefined ? 'on no node yet' : `on ${node}`]),
      ...(dataplane === 'cilium' ? [`identity ${identity}`] : []),
      ...(phase === 'Running' ? (pod.ready ? [] : ['not ready']) : [phase]),
    ],
  };
}

/** The tunnel device is one per node and leads to all others: drawn as one thing that every node is joined to. */
function carrierBand(control: ControlPlane, {nodes}: Scope, ids: Ids): {band: Band; tunnel: string | undefined} {
  const {cluster} = control;
  const {cilium, underlay} = cluster;
  const id = ids('tunnels');
  const [first] = nodes;
  const device =
    first && hasTunnelDevice(cilium) ? control.state(first.name).host.devices.find((one) => one.tunnel) : undefined;
  const band = (below: string, box: Box): Band => ({
    id: 'carried',
    title: 'How pods reach other nodes',
    below,
    groups: [{id: '', title: undefined, boxes: [box]}],
  });
  if (!device?.tunnel) {
    const how = underlay.routesPodCidrs
      ? 'the underlay knows the way to pods'
      : 'nodes have routes to each other’s pods';
    const box: Box = {id, kind: 'tunnel', title: 'no encapsulation', lines: ['native routing', how]};
    return {band: band('plain packets with pod addresses', box), tunnel: undefined};
  }
  const {tunnel, name, kind} = device;
  const protocol = kind === 'vxlan' ? 'VXLAN' : 'Geneve';
  const vni =
    tunnel.external && cilium.fixedVni === undefined
      ? 'VNI = identity of the sender'
      : `VNI ${cilium.fixedVni ?? tunnel.vni}`;
  const pairs = (nodes.length * (nodes.length - 1)) / 2;
  const box: Box = {
    id,
    kind: 'tunnel',
    title: `${protocol} over UDP ${tunnel.port}`,
    lines: [
      `${name} on each node`,
      vni,
      `${count(pairs, 'pair')} of nodes`,
      `${cilium.tunnelOverhead} bytes of ${underlay.mtu} for headers`,
    ],
  };
  return {band: band(`encapsulation, ${protocol}`, box), tunnel: id};
}

function nodeBand(cluster: Cluster, {nodes, pods}: Scope, limits: Limits, ids: Ids) {
  const {underlay} = cluster;
  const hostPods = new Map<string, number>();
  for (const {hostNetwork, node} of pods) if (hostNetwork && node) hostPods.set(node, (hostPods.get(node) ?? 0) + 1);
  const subnets = underlay.subnets.map(({name, prefix}) => ({title: `${name} ${formatPrefix(prefix)}`, prefix}));
  const subnetOf = ({ips: [ip]}: ClusterNode) =>
    subnets.find(({prefix}) => ip !== undefined && prefixContains(prefix, ip))?.title ?? 'no subnet of the underlay';
  const nodeBox = ({name, ips, mtu, down, ready}: ClusterNode): Box => ({
    id: ids('node', name),
    kind: 'node',
    title: name,
    lines: [
      ...ips.map(formatIp),
      `eth0 MTU ${mtu}`,
      ...(hostPods.has(name) ? [`${count(hostPods.get(name)!, 'pod')} in its network`] : []),
      ...(down ? ['down'] : ready ? [] : ['not ready']),
    ],
  });
  const collapsed = collapse({
    items: nodes.map((node) => ({key: node.name, box: () => nodeBox(node), group: subnetOf(node)})),
    limits: {...limits, boxes: limits.boxes / 2},
    group: (name) => ({id: ids('subnet', name), title: `subnet ${name}`}),
    sum: (items, group) => ({
      id: group === undefined ? ids('allnodes') : ids('nodesof', group),
      kind: 'node',
      title: count(items.length, 'node'),
      lines: [
        ...(group === undefined ? [] : [`subnet ${group}`]),
        `${items[0]!.box().title} … ${items.at(-1)!.box().title}`,
      ],
    }),
  });
  const rules = underlay.nsg?.length ? `, ${count(underlay.nsg.length, 'security rule')}` : '';
  const band: Band = {
    id: 'underlay',
    title: `Underlay: VNet ${prefixes(underlay.vnets)}, MTU ${underlay.mtu}${rules}`,
    groups: collapsed.groups,
  };
  return {...collapsed, band};
}
