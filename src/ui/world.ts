/** What a session is, as far as the screen shows it: the tree of the cluster, its capture points and its encapsulation. */
import type {Cluster, Pod, Service} from '../cluster/model.js';
import type {CapturePoint} from '../datapath/model.js';
import type {TunnelPorts} from '../session/layers.js';
import type {SessionOptions} from '../session/options.js';
import type {Session} from '../session/session.js';
import {sanitize} from '../term/sanitize.js';
import {formatIp} from '../wire/addr.js';

/** Pairs of nodes that are listed one by one: ten nodes. */
const MAX_TUNNELS = 45;

export const modes = ['geneve', 'vxlan', 'native'] as const;
export type Mode = (typeof modes)[number];

/** A row of the tree. All texts are safe to print. */
export type TreeItem =
  | {readonly kind: 'heading'; readonly label: string; readonly detail: string}
  | {
      readonly kind: 'node';
      readonly label: string;
      readonly detail: string;
      readonly node: string;
      /** Without power, after the last event. */
      readonly down: boolean;
    }
  /** What two nodes say to each other through the tunnel. */
  | {readonly kind: 'tunnel'; readonly label: string; readonly detail: string; readonly filter: string}
  | {
      readonly kind: 'pod';
      readonly label: string;
      readonly detail: string;
      /** `ns/name`. */
      readonly pod: string;
      readonly node: string;
      /** Host side device. */
      readonly device: string;
    }
  | {readonly kind: 'service'; readonly label: string; readonly detail: string; readonly ips: readonly string[]};

export interface World {
  readonly options: SessionOptions;
  readonly name: string;
  readonly source: string;
  readonly tree: readonly TreeItem[];
  /** Short name: `node1:eth0`, `node1:pod-a:eth0`, `node1:lxc(pod-a)` for the host side of a pod. Safe to print. */
  label(point: CapturePoint): string;
  /** A network card, where packets are as the underlay sees them. */
  physical(point: CapturePoint): boolean;
  readonly mode: Mode;
  /** Cilium carries the packets: the encapsulation can be changed. */
  readonly overlay: boolean;
  /** `Geneve, UDP 6081`. */
  readonly encapsulation: string;
  readonly tunnelDevice: string | undefined;
  /** Bytes that fit a packet of a pod, undefined without pods. */
  readonly podMtu: number | undefined;
  readonly ports: TunnelPorts;
  /** The underlay routes pod addresses by itself. */
  readonly underlayRoutesPods: boolean;
  readonly autoDirectNodeRoutes: boolean;
}

export function describeWorld(session: Session, options: SessionOptions): World {
  const {cluster} = session;
  const {cilium} = cluster;
  const overlay = cluster.dataplane === 'cilium';
  const mode = !overlay || cilium.routingMode === 'native' ? 'native' : cilium.tunnelProtocol;
  const names = {geneve: 'Geneve', vxlan: 'VXLAN'};
  return {
    options,
    name: sanitize(cluster.name),
    source: sanitize(cluster.source),
    tree: treeOf(lastCluster(session), mode === 'native' ? undefined : cilium.tunnelPort),
    label: pointLabels(cluster),
    physical: (point) => point.pod === undefined && deviceOf(session, point)?.kind === 'physical',
    mode,
    overlay,
    encapsulation: mode === 'native' ? 'none, routed' : `${names[mode]}, UDP ${cilium.tunnelPort}`,
    tunnelDevice: session.state().host.devices.find((device) => device.tunnel)?.name,
    podMtu: podMtu(session),
    ports: {
      geneve: mode === 'geneve' ? cilium.tunnelPort : 6081,
      vxlan: mode === 'vxlan' ? cilium.tunnelPort : 8472,
    },
    underlayRoutesPods: cluster.underlay.routesPodCidrs,
    autoDirectNodeRoutes: cilium.autoDirectNodeRoutes,
  };
}

function deviceOf(session: Session, point: CapturePoint) {
  return session.state(point.node).host.devices.find((device) => device.ifindex === point.ifindex);
}

function podMtu(session: Session): number | undefined {
  const ns = session.state().pods[0];
  return ns && (ns.routes.find((route) => route.mtu !== undefined)?.mtu ?? ns.eth0.mtu);
}

/** With all events behind it. */
function lastCluster({control, cluster}: Session): Cluster {
  return control.later?.at(-1)?.control.cluster ?? cluster;
}

/** `tunnelPort`: undefined without an overlay. */
function treeOf(cluster: Cluster, tunnelPort: number | undefined): TreeItem[] {
  const byNode = new Map<string | undefined, Pod[]>();
  for (const pod of cluster.pods) {
    const list = byNode.get(pod.node);
    if (list) list.push(pod);
    else byNode.set(pod.node, [pod]);
  }
  const items: TreeItem[] = [];
  for (const node of cluster.nodes) {
    const down = node.down ?? false;
    const detail = `${down ? 'DOWN ' : ''}${node.ips.map(formatIp).join(' ')}`;
    items.push({kind: 'node', label: sanitize(node.name), detail, node: node.name, down});
    for (const pod of byNode.get(node.name) ?? []) items.push(podItem(pod, node.name));
  }
  const pending = byNode.get(undefined) ?? [];
  if (pending.length > 0) items.push({kind: 'heading', label: `${pending.length} pods on no node`, detail: ''});
  if (tunnelPort !== undefined) items.push(...tunnelItems(cluster.nodes, tunnelPort));
  if (cluster.services.length > 0) items.push({kind: 'heading', label: 'services', detail: ''});
  for (const service of cluster.services) items.push(serviceItem(service));
  return items;
}

/** Every pair of nodes; of many nodes only how many pairs there are. */
function tunnelItems(nodes: Cluster['nodes'], port: number): TreeItem[] {
  const pairs = (nodes.length * (nodes.length - 1)) / 2;
  if (pairs === 0) return [];
  const head: TreeItem = {
    kind: 'heading',
    label: 'tunnels',
    detail: `UDP ${port}${pairs > MAX_TUNNELS ? `, ${pairs} pairs` : ''}`,
  };
  if (pairs > MAX_TUNNELS) return [head];
  const items = nodes.flatMap((a, i) =>
    nodes.slice(i + 1).map((b): TreeItem => {
      const [from, to] = [a.ips[0]!, b.ips[0]!].map(formatIp);
      const filter = `udp port ${port} and host ${from} and host ${to}`;
      return {kind: 'tunnel', label: sanitize(`${a.name} - ${b.name}`), detail: '', filter};
    }),
  );
  return [head, ...items];
}

function podItem(pod: Pod, node: string): TreeItem {
  return {
    kind: 'pod',
    label: sanitize(pod.name),
    detail: pod.hostNetwork ? 'host network' : pod.ips.map(formatIp).join(' '),
    pod: `${pod.namespace}/${pod.name}`,
    node,
    device: pod.hostNetwork ? '' : pod.device,
  };
}

function serviceItem(service: Service): TreeItem {
  const ips = [...service.clusterIps, ...service.externalIps, ...service.loadBalancerIps].map(formatIp);
  const ports = service.ports.map((port) => port.port).join(',');
  const where = ips[0] === undefined ? service.type : ips[0];
  return {kind: 'service', label: sanitize(service.name), detail: ports ? `${where}:${ports}` : where, ips};
}

function pointLabels(cluster: Cluster): World['label'] {
  const owners = new Map(cluster.pods.map((pod) => [`${pod.node}:${pod.device}`, pod.name]));
  return ({node, pod, device}) => {
    if (pod !== undefined) return sanitize(`${node}:${pod.slice(pod.indexOf('/') + 1)}:${device}`);
    const owner = owners.get(`${node}:${device}`);
    return sanitize(owner === undefined ? `${node}:${device}` : `${node}:lxc(${owner})`);
  };
}
