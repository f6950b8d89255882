/**
 * What large packets of a pod meet on their way to a pod of another node: two pods send to each other in runs of their own, without
 * policies and security rules, and the first size that does not arrive whole is looked for.
 *
 *   device MTU − encapsulation − encryption = MTU that the pod is told      ≤ ?      what the path carries
 */
import type {Cluster, ClusterNode, Pod, TrafficSpec} from '../../cluster/model.js';
import {createControl} from '../../control/control.js';
import {createRun} from '../../datapath/run/simulate.js';
import {addToIp, type Ip, isIp4, maskIp, prefixSize} from '../../wire/addr.js';
import {get16} from '../../wire/bytes.js';
import {ETH_HEADER} from '../../wire/ethernet.js';

/** Bytes that Cilium keeps free, and that the packet really takes (pkg/mtu/mtu.go; WireGuard: IP, UDP, header 16, tag 16). */
const encryptions = {
  wireguard: {name: 'WireGuard', kept: 80, taken: {4: 60, 6: 80}},
  ipsec: {name: 'IPsec', kept: 77, taken: {4: 77, 6: 77}},
} as const;

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

function encryptionOf({cilium}: Cluster) {
  if (cilium.raw['enable-wireguard'] === 'true') return encryptions.wireguard;
  return cilium.raw['enable-ipsec'] === 'true' ? encryptions.ipsec : undefined;
}

/** Nodes of each MTU, one after the other: what holds for two holds for all others like them. */
export function budgets(cluster: Cluster): Budget[] {
  const byMtu = new Map<number, ClusterNode[]>();
  for (const node of cluster.nodes) byMtu.set(node.mtu, [...(byMtu.get(node.mtu) ?? []), node].slice(0, 2));
  const samples = [...byMtu.values()].flatMap((nodes) => (byMtu.size === 1 ? nodes : nodes.slice(0, 1)));
  const {cilium, dataplane, underlay} = cluster;
  const option = Number(cilium.raw.mtu ?? 0);
  const encryption = dataplane === 'cilium' ? encryptionOf(cluster) : undefined;
  const overhead = dataplane === 'cilium' ? cilium.tunnelOverhead : 0;
  return samples.flatMap((from) =>
    samples.flatMap((to): Budget[] => {
      if (from === to) return [];
      const base = dataplane === 'cilium' && option > 0 ? option : from.mtu;
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
  const largest = budget.pod - header;
  const fateOf = (payload: number) => send(network, payload);
  let fate = fateOf(largest);
  if (fate === 'whole') return undefined;
  let [good, bad] = [0, largest];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const found = fateOf(middle);
    if (found === 'whole') good = middle;
    else [bad, fate] = [middle, found];
  }
  return {budget, payload: bad, length: bad + header, fate};
}

/** IP and ICMP header of a ping between the two; undefined where pods have no family in common. */
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
  const nodes = [from, to].map((node) => ({...node, mtu: base}));
  const pods = [testPod(from, 1), testPod(to, 2)] as const;
  const {nsg: _nsg, loss: _loss, ...underlay} = cluster.underlay;
  const {policies: _policies, egressPolicies: _egress, redirectPolicies: _redirects, idle: _idle, ...rest} = cluster;
  const {cilium} = cluster;
  const alone: Cluster = {
    ...rest,
    nodes,
    pods,
    services: [],
    traffic: [],
    identities: [
      ...cluster.identities.filter(({id}) => id < FIRST_IDENTITY),
      ...pods.map(({identity, name}) => ({
        id: identity,
        labels: [`k8s:name=${name}`, 'k8s:io.kubernetes.pod.namespace=default'],
      })),
    ],
    cilium: {...cilium, enablePolicy: 'never', tunnelOverhead: cilium.tunnelOverhead + (encryption?.kept ?? 0)},
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

/** One ping that may not be fragmented, as TCP sends its segments, and what becomes of it. */
function send({cluster, control, pods: [from, to]}: TestNetwork, size: number): 'whole' | Trouble['fate'] {
  const spec: TrafficSpec = {
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

/** More fragments, or an offset (RFC 791 §3.1). */
function isFragment(b: Uint8Array, ip: number): boolean {
  return b[ip]! >>> 4 === 4 && (get16(b, ip + 6) & 0x3fff) !== 0;
}
