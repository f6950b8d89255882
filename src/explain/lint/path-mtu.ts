/**
 * What large packets of a pod meet on their way to a pod of another node: two pods send to each other in runs of their own, without
 * policies and security rules, and the first size that does not arrive whole is looked for.
 *
 *   device MTU − encapsulation − encryption = MTU that the pod is told      ≤ ?      what the path carries
 */
import type {Cluster, ClusterNode, Pod, Service, TrafficSpec} from '../../cluster/model.js';
import {createControl} from '../../control/control.js';
import {deviceMtu} from '../../control/devices.js';
import {createRun} from '../../datapath/run/simulate.js';
import {addToIp, type Ip, isIp4, maskIp, parseIp, prefixSize} from '../../wire/addr.js';
import {get16} from '../../wire/bytes.js';
import {ETH_HEADER} from '../../wire/ethernet.js';

/** Bytes that Cilium keeps free, and that a packet really takes over IPv4 and IPv6 (pkg/mtu/mtu.go). */
interface Encryption {
  readonly name: string;
  readonly kept: number;
  readonly taken: Readonly<Record<4 | 6, number>>;
}

/** IP, UDP, header 16, tag 16; kept are 40 for the IP header, and since 1.20 15 for padding. */
const wireguard = (padding: number): Encryption => ({
  name: 'WireGuard',
  kept: 80 + padding,
  taken: {4: 60 + padding, 6: 80 + padding},
});
const ipsec: Encryption = {name: 'IPsec', kept: 77, taken: {4: 77, 6: 77}};

export interface Budget {
  readonly from: ClusterNode;
  readonly to: ClusterNode;
  /** `NIC 1500 − geneve 50`. */
  readonly sum: string;
  /** MTU that pods are told. */
  readonly pod: number;
  /** MTU that Cilium starts from: that of the device, or the option mtu. */
  readonly base: number;
  /** What the path carries, the smallest of it. */
  readonly path: number;
}

export interface Trouble {
  readonly budget: Budget;
  /** ICMP payload, bytes, of the first packet that does not arrive whole. */
  readonly payload: number;
  /** The whole IP packet. */
  readonly length: number;
  /** What becomes of it. */
  readonly fate: 'fragments' | 'refused' | 'lost';
}

function encryptionOf({cilium}: Cluster): Encryption | undefined {
  const {raw, version} = cilium;
  const [major = 1, minor = 0] = version.split('.').map(Number);
  if (raw['enable-wireguard'] === 'true') return wireguard(major > 1 || minor >= 20 ? 15 : 0);
  return raw['enable-ipsec'] === 'true' ? ipsec : undefined;
}

/** Nodes of each MTU, one after the other: what holds for two holds for all others like them. */
export function budgets(cluster: Cluster): Budget[] {
  const byMtu = new Map<number, ClusterNode[]>();
  for (const node of cluster.nodes) byMtu.set(node.mtu, [...(byMtu.get(node.mtu) ?? []), node].slice(0, 2));
  const samples = [...byMtu.values()].flatMap((nodes) => (byMtu.size === 1 ? nodes : nodes.slice(0, 1)));
  const {cilium, dataplane, underlay} = cluster;
  const encryption = dataplane === 'cilium' ? encryptionOf(cluster) : undefined;
  const overhead = dataplane === 'cilium' ? cilium.tunnelOverhead : 0;
  return samples.flatMap((from) =>
    samples.flatMap((to): Budget[] => {
      if (from === to) return [];
      const base = dataplane === 'cilium' ? deviceMtu(cilium, from) : from.mtu;
      const pod = base - overhead - (encryption?.kept ?? 0);
      const parts = [
        base === from.mtu ? `NIC ${base}` : `option mtu ${base}`,
        ...(overhead > 0 ? [`${cilium.tunnelProtocol} ${overhead}`] : []),
        ...(encryption ? [`${encryption.name} ${encryption.kept}`] : []),
      ];
      return [{from, to, base, pod, sum: parts.join(' − '), path: Math.min(underlay.mtu, from.mtu, to.mtu)}];
    }),
  );
}

/** The first size that does not arrive whole, of those the sender is allowed; undefined: all do. */
export function firstTrouble(cluster: Cluster, budget: Budget): Trouble | undefined {
  const header = headerOf(budget);
  if (header === undefined || budget.pod <= header) return undefined;
  const network = between(cluster, budget);
  return search(budget, budget.pod, header, (payload) => send(network, pingSpec(network, payload)));
}

/**
 * The same of requests that come from outside to a node port and are answered by a pod of the other node, of those that pods announce
 * to take.
 */
export function firstForwardedTrouble(cluster: Cluster, budget: Budget): Trouble | undefined {
  const header = headerOf(budget);
  if (header === undefined || budget.pod <= header) return undefined;
  const network = between(cluster, budget);
  const most = cluster.cilium.routingMode === 'tunnel' ? budget.pod : Math.min(budget.base, budget.path);
  return search(budget, most, header, (payload) => send(network, requestSpec(network, payload)));
}

/** Bisects payloads, from an empty one to that of an IP packet of `most` bytes. */
function search(
  budget: Budget,
  most: number,
  header: number,
  fateOf: (payload: number) => 'whole' | Trouble['fate'],
): Trouble | undefined {
  let [good, bad] = [0, most - header];
  let fate = fateOf(bad);
  if (fate === 'whole') return undefined;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const found = fateOf(middle);
    if (found === 'whole') good = middle;
    else [bad, fate] = [middle, found];
  }
  return {budget, payload: bad, length: bad + header, fate};
}

/** IP header and ICMP or UDP header of a packet between the two; undefined where pods have no family in common. */
function headerOf({from, to}: Budget): number | undefined {
  const [a, b] = [from.podCidrs[0], to.podCidrs[0]];
  if (!a || !b || isIp4(a.ip) !== isIp4(b.ip)) return undefined;
  return isIp4(a.ip) ? 28 : 48;
}

interface TestNetwork {
  readonly cluster: Cluster;
  readonly control: ReturnType<typeof createControl>;
  readonly pods: readonly [Pod, Pod];
}

/** The two nodes with a pod each, and nothing that would keep a packet back for other reasons than its size. */
function between(cluster: Cluster, {from, to, base, path}: Budget): TestNetwork {
  const encryption = cluster.dataplane === 'cilium' ? encryptionOf(cluster) : undefined;
  const taken = encryption ? encryption.taken[isIp4(from.ips[0] ?? 0) ? 4 : 6] : 0;
  // an option larger than the card has is what devices are taken for
  const mtu = Math.max(from.mtu, base);
  const nodes = [from, to].map((node) => ({...node, mtu}));
  const pods = [testPod(from, 1), testPod(to, 2)] as const;
  const {nsg: _nsg, loss: _loss, ...underlay} = cluster.underlay;
  const {policies: _policies, egressPolicies: _egress, redirectPolicies: _redirects, idle: _idle, ...rest} = cluster;
  const {cilium} = cluster;
  const alone: Cluster = {
    ...rest,
    nodes,
    pods,
    services: [nodePort(pods[1], cluster)],
    traffic: [],
    identities: [
      ...cluster.identities.filter(({id}) => id < FIRST_IDENTITY),
      ...pods.map(({identity, name}) => ({
        id: identity,
        labels: [`k8s:name=${name}`, 'k8s:io.kubernetes.pod.namespace=default'],
      })),
    ],
    cilium: {
      ...cilium,
      enablePolicy: 'never',
      deviceMtu: base,
      tunnelOverhead: cilium.tunnelOverhead + (encryption?.kept ?? 0),
    },
    underlay: {...underlay, mtu: path - taken},
  };
  return {cluster: alone, control: createControl(alone), pods};
}

const FIRST_IDENTITY = 256;

function testPod(node: ClusterNode, index: number): Pod {
  const taken = new Set<Ip>([...node.routerIps, ...node.healthIps]);
  const ips = node.podCidrs.flatMap((prefix) => {
    const base = maskIp(prefix.ip, prefix.length);
    const most = Math.min(prefixSize(prefix) - 2, 250);
    for (let at = most; at > 0; at--) {
      const ip = addToIp(base, at);
      if (!taken.has(ip)) return [ip];
    }
    return [];
  });
  return {
    name: `large-${index}`,
    namespace: 'default',
    labels: {name: `large-${index}`},
    annotations: {},
    node: node.name,
    ips,
    hostNetwork: false,
    ports: [],
    phase: 'Running',
    ready: true,
    serviceAccount: 'default',
    identity: FIRST_IDENTITY + index,
    endpointId: 100 + index,
    mac: 0x0200_0000_0000 + index,
    hostMac: 0x0200_0000_0100 + index,
    device: `lxc${String(index).repeat(12)}`,
    containers: [],
  };
}

/** A port of all nodes that leads to this pod, wherever it is. */
function nodePort(pod: Pod, {serviceCidrs}: Cluster): Service {
  const [ip = 0] = pod.ips;
  const range = serviceCidrs.find((prefix) => isIp4(prefix.ip) === isIp4(ip));
  const port = {port: PORT, protocol: 'UDP', targetPort: PORT, nodePort: NODE_PORT} as const;
  return {
    name: 'large',
    namespace: 'default',
    labels: {},
    annotations: {},
    type: 'NodePort',
    clusterIps: range ? [addToIp(maskIp(range.ip, range.length), 9)] : [],
    externalIps: [],
    loadBalancerIps: [],
    ports: [port],
    sessionAffinity: undefined,
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sourceRanges: [],
    publishNotReady: false,
    backends: [
      {
        ip,
        port: PORT,
        protocol: 'UDP',
        portName: '',
        state: 'active',
        ...(pod.node === undefined ? {} : {nodeName: pod.node}),
      },
    ],
  };
}

const PORT = 9000;
const NODE_PORT = 31_900;
/** A host outside (RFC 5737, RFC 3849). */
const client = {4: parseIp('203.0.113.9') ?? 0, 6: parseIp('2001:db8:ffff::9') ?? 0} as const;

/** One ping that may not be fragmented, as TCP sends its segments. */
function pingSpec({pods: [from, to]}: TestNetwork, size: number): TrafficSpec {
  return {
    text: `${from.name} -> ${to.name}/icmp size=${size}`,
    from: {kind: 'pod', pod: from},
    to: {kind: 'pod', pod: to},
    protocol: 'icmp',
    count: 1,
    size,
    at: 0,
    every: 1e9,
    fragmentation: 'do',
  };
}

/** One datagram from outside to the node port of the node that does not have the pod. */
function requestSpec({cluster: {nodes}}: TestNetwork, size: number): TrafficSpec {
  const node = nodes[0] as ClusterNode;
  return {
    text: `outside -> ${node.name}:${NODE_PORT}/udp size=${size}`,
    from: {kind: 'ip', ip: client[isIp4(node.ips[0] ?? 0) ? 4 : 6]},
    to: {kind: 'node', node},
    protocol: 'udp',
    port: NODE_PORT,
    count: 1,
    size,
    at: 0,
    every: 1e9,
  };
}

/** What becomes of the packet. */
function send({cluster, control, pods: [, to]}: TestNetwork, spec: TrafficSpec): 'whole' | Trouble['fate'] {
  let pieces = false;
  let end: 'refused' | 'reply' | undefined;
  const live = createRun({
    control,
    traffic: [spec],
    seed: cluster.seed,
    observers: [
      {
        wants: ({node, pod, device}) => node === to.node && pod === undefined && device === 'eth0',
        frame: (_point, _time, direction, bytes, start) => {
          if (direction === 'in' && isFragment(bytes, start + ETH_HEADER)) pieces = true;
        },
        app: ({kind}) => {
          if (kind === 'reply') end = 'reply';
          else if (kind === 'error' || kind === 'unreachable') end = 'refused';
        },
      },
    ],
  });
  while (live.advance(undefined, 1000) === 1000);
  if (end === 'reply') return pieces ? 'fragments' : 'whole';
  return end ?? 'lost';
}

/** More fragments, or an offset (RFC 791 §3.1); a fragment header (RFC 8200 §4.5). */
function isFragment(b: Uint8Array, ip: number): boolean {
  return b[ip]! >>> 4 === 4 ? (get16(b, ip + 6) & 0x3fff) !== 0 : b[ip + 6] === FRAGMENT;
}

const FRAGMENT = 44;
