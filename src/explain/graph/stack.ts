/** What carries a request, layer upon layer, with this cluster's own addresses. */
import type {ControlPlane} from '../../control/control.js';
import {formatIp, formatIpPort, formatPrefix} from '../../wire/addr.js';
import {type Band, count, type Graph} from './model.js';
import type {Scope} from './scope.js';
import {topologyGraph} from './topology.js';

export function stackGraph(control: ControlPlane, scope: Scope): Graph {
  const {cluster} = control;
  const {pods, services, nodes, podAt} = scope;
  const {dataplane, kubeProxy, podCidrs, serviceCidrs, underlay, cilium} = cluster;
  const service =
    services.find(({clusterIps, backends}) => clusterIps.length > 0 && backends.length > 1) ?? services[0];
  const pod = pods.find((one) => !one.hostNetwork && one.ips.length > 0);
  const [carried] = topologyGraph(control, scope, 'node', {boxes: 0, groups: 0})
    .bands.filter(({id}) => id === 'carried')
    .flatMap(({groups}) => groups.flatMap(({boxes}) => boxes));
  const example = service?.backends[0];
  const target = example && podAt.get(example.ip);
  const translator =
    dataplane === 'cilium' && cilium.kubeProxyReplacement ? 'eBPF maps' : `kube-proxy (${kubeProxy.mode})`;
  const layer = (id: string, title: string, lines: readonly string[], below?: string): Band => ({
    id,
    title,
    ...(below === undefined ? {} : {below}),
    groups: [
      {
        id: '',
        title: undefined,
        boxes: [{id: `layer_${id}`, kind: 'layer', title: lines[0] ?? 'none', lines: lines.slice(1)}],
      },
    ],
  });
  const bands = [
    layer(
      'application',
      'Application',
      [count(pods.length, 'pod'), ...(pod ? [`for one ${pod.namespace}/${pod.name} ${formatIp(pod.ips[0]!)}`] : [])],
      'connects to a name, an address of a service',
    ),
    layer(
      'service',
      'Service layer: virtual addresses',
      [
        `${count(services.length, 'service')} in ${serviceCidrs.map(formatPrefix).join(', ')}`,
        ...(service?.clusterIps[0] !== undefined && service.ports[0]
          ? [
              `${service.name} ${formatIpPort(service.clusterIps[0], service.ports[0].port)}${example ? ` → ${formatIpPort(example.ip, example.port)}${target ? ` (${target.name})` : ''}` : ''}`,
            ]
          : []),
        `translated by ${translator}`,
      ],
      'the backend’s address',
    ),
    layer(
      'overlay',
      'Overlay: the pods’ network',
      [`pods ${podCidrs.map(formatPrefix).join(', ')}`, ...(carried ? [carried.title, ...carried.lines] : [])],
      'between nodes',
    ),
    layer('underlay', 'Underlay: the nodes’ network', [
      `VNet ${underlay.vnets.map(formatPrefix).join(', ')}`,
      `${count(nodes.length, 'node')} ${nodes
        .slice(0, 3)
        .map(({ips}) => formatIp(ips[0]!))
        .join(', ')}${nodes.length > 3 ? ', …' : ''}`,
      `MTU ${underlay.mtu}`,
      `${count(underlay.nsg?.length ?? 0, 'security rule')}, ${count(underlay.routes?.length ?? 0, 'route')}`,
    ]),
  ];
  const edges = bands.slice(1).map(({id}, i) => {
    const [from, to] = [`layer_${bands[i]!.id}`, `layer_${id}`];
    return {id: `step___${from}___${to}`, kind: 'step' as const, from, to, label: ''};
  });
  return {
    title: `${cluster.name}: layers`,
    description: `What carries a request in cluster ${cluster.name}: application, services, overlay, underlay.`,
    bands,
    edges,
    notes: scope.whole ? [] : ['only a part of the cluster'],
  };
}
