/**
 * One cluster under every way to carry packets between nodes and to translate services, measured in runs: bytes that frames gain,
 * what of a full frame is payload, and the work that a connection's first packet makes at the client's node.
 */
import type {Cluster, Pod, Service, TrafficSpec} from '../../cluster/model.js';
import {createControl} from '../../control/control.js';
import type {NodeState} from '../../control/model.js';
import type {Observer} from '../../datapath/model.js';
import {simulate} from '../../datapath/run/simulate.js';
import {addToIp, isIp4, type Prefix, prefixSize} from '../../wire/addr.js';

export const encapsulations = ['native', 'geneve', 'vxlan'] as const;
export const translations = ['ebpf', 'iptables', 'nftables', 'ipvs'] as const;
export type Encapsulation = (typeof encapsulations)[number];
export type Translation = (typeof translations)[number];

export interface CarryResult {
  readonly encapsulation: Encapsulation;
  readonly translation: Translation;
  /** Bytes of the frame between nodes beyond those of the pod's. */
  readonly overhead: number;
  readonly goodput: readonly Goodput[];
}

export interface Goodput {
  readonly mtu: number;
  /** UDP payload of the largest datagram that leaves in one frame. */
  readonly payload: number;
  /** Frame between nodes, without preamble, check sequence and gap. */
  readonly frame: number;
  /** Share of the line that is payload: 24 bytes of each frame are not in it. */
  readonly share: number;
}

export interface ServiceResult {
  readonly services: number;
  readonly translation: Translation;
  /** Rules installed on the client's node. */
  readonly rules: number;
  /** Entries of maps, sets and tables beside them. */
  readonly entries: number;
  /** Rules that a connection's first packet is held against, over `sampled` services. */
  readonly traversed: Spread;
  /** Look-ups in maps and tables that it makes for the service. */
  readonly lookups: Spread;
  readonly sampled: number;
}

export interface Spread {
  readonly best: number;
  readonly median: number;
  readonly worst: number;
}

/** Preamble and start delimiter, frame check sequence, least gap: IEEE 802.3 §4.4.2. */
const LINE_BYTES = 8 + 4 + 12;
const UDP_IP4 = 28;
const UDP_IP6 = 48;
const SERVICE_PORT = 80;

/** The cluster, carrying packets and translating services another way. */
export function variant(cluster: Cluster, encapsulation: Encapsulation, translation: Translation): Cluster {
  const {cilium, kubeProxy, underlay} = cluster;
  const native = encapsulation === 'native';
  return {
    ...cluster,
    cilium: {
      ...cilium,
      routingMode: native ? 'native' : 'tunnel',
      tunnelProtocol: native ? cilium.tunnelProtocol : encapsulation,
      tunnelPort: encapsulation === 'vxlan' ? 8472 : 6081,
      tunnelOverhead: native ? 0 : cilium.underlayFamily === 6 ? 70 : 50,
      fixedVni: undefined,
      deviceMtu: 0,
      kubeProxyReplacement: translation === 'ebpf',
      socketLb: 'off',
      enablePolicy: 'never',
    },
    kubeProxy: {...kubeProxy, mode: translation === 'ebpf' ? 'iptables' : translation},
    underlay: {...underlay, routesPodCidrs: native || underlay.routesPodCidrs},
  };
}

/** Cilium translates what pods send to a ClusterIP even beside kube-proxy, which therefore has nodes for itself here. */
function alone(cluster: Cluster, translation: Translation): Cluster {
  return translation === 'ebpf' ? cluster : {...cluster, dataplane: 'kube-proxy'};
}

/** Two pods with networks of their own on different nodes; undefined where there are none. */
export function pairOfPods(cluster: Cluster): {readonly from: Pod; readonly to: Pod} | undefined {
  const own = cluster.pods.filter(({hostNetwork, ips, node}) => !hostNetwork && ips.length > 0 && node !== undefined);
  const [from] = own;
  const to = from && own.find(({node}) => node !== from.node);
  return to && {from, to};
}

export function carry(
  cluster: Cluster,
  encapsulation: Encapsulation,
  translation: Translation,
  mtus: readonly number[],
): CarryResult | undefined {
  const made = variant(cluster, encapsulation, translation);
  const probe = 64;
  const small = sendOne(made, probe);
  if (!small) return undefined;
  const overhead = small.between - small.inside;
  const goodput = mtus.map((mtu): Goodput | undefined => {
    const wide = {...made, nodes: made.nodes.map((node) => ({...node, mtu})), underlay: {...made.underlay, mtu}};
    const payload = mtu - overhead - (small.six ? UDP_IP6 : UDP_IP4);
    const sent = sendOne(wide, payload);
    return sent && {mtu, payload, frame: sent.between, share: payload / (sent.between + LINE_BYTES)};
  });
  if (goodput.includes(undefined)) return undefined;
  return {encapsulation, translation, overhead, goodput: goodput.filter((g) => g !== undefined)};
}

interface Sent {
  /** Lengths of one packet's frame at the pod and between the nodes. */
  readonly inside: number;
  readonly between: number;
  readonly six: boolean;
}

/** One datagram from pod to pod; undefined where it did not cross in exactly one frame. */
function sendOne(cluster: Cluster, size: number): Sent | undefined {
  const pair = pairOfPods(cluster);
  if (!pair) return undefined;
  const {from, to} = pair;
  const six = to.ips[0] !== undefined && !isIp4(to.ips[0]);
  const whole = 14 + (six ? UDP_IP6 : UDP_IP4) + size;
  let asked: number | undefined;
  const between = new Map<number, number[]>();
  const observer: Observer = {
    broadcasts: false,
    wants: ({node, device}) => node === from.node && device === 'eth0',
    frame(point, _time, direction, _bytes, start, end, packet) {
      if (direction !== 'out') return;
      const length = end - start;
      if (point.pod === undefined) between.set(packet, [...(between.get(packet) ?? []), length]);
      else if (point.pod === `${from.namespace}/${from.name}` && length === whole) asked ??= packet;
    },
  };
  const control = createControl(cluster);
  const spec = datagram({kind: 'pod', pod: from}, {kind: 'pod', pod: to}, 9, 0, size);
  simulate({control, traffic: [spec], seed: cluster.seed, observers: [observer]});
  const lengths = asked === undefined ? [] : (between.get(asked) ?? []);
  const [length] = lengths;
  return length === undefined || lengths.length > 1 ? undefined : {inside: whole, between: length, six};
}

function datagram(
  from: TrafficSpec['from'],
  to: TrafficSpec['to'],
  port: number,
  at: number,
  size: number,
): TrafficSpec {
  return {text: '', from, to, protocol: 'udp', port, count: 1, size, at, every: 0};
}

/** Services one to `count`, all with `endpoints` endpoints among the cluster's pods, in place of the cluster's own. */
export function withServices(cluster: Cluster, count: number, endpoints: number): Cluster {
  const pods = cluster.pods.filter(({hostNetwork, ips}) => !hostNetwork && ips.length > 0);
  const range = serviceRange(cluster);
  if (!range || pods.length === 0) return {...cluster, services: []};
  const backends = Array.from({length: endpoints}, (_, i) => {
    const pod = pods[i % pods.length];
    const ip = pod?.ips.find((one) => isIp4(one) === isIp4(range.ip)) ?? 0;
    const port = 8080 + Math.floor(i / pods.length);
    return {
      ip,
      port,
      protocol: 'UDP',
      portName: '',
      state: 'active',
      ...(pod?.node ? {nodeName: pod.node} : {}),
    } as const;
  });
  const services = Array.from(
    {length: count},
    (_, i): Service => ({
      name: `service-${i + 1}`,
      namespace: 'compare',
      labels: {},
      annotations: {},
      type: 'ClusterIP',
      clusterIps: [addToIp(range.ip, i + 1)],
      externalIps: [],
      loadBalancerIps: [],
      ports: [{port: SERVICE_PORT, protocol: 'UDP', targetPort: 8080}],
      sessionAffinity: undefined,
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
      sourceRanges: [],
      publishNotReady: false,
      backends,
    }),
  );
  return {...cluster, services};
}

/** First packets to `samples` of the services, first and last among them, spread evenly. */
export function measureServices(
  cluster: Cluster,
  translation: Translation,
  samples: number,
): ServiceResult | undefined {
  const made = alone(variant(cluster, 'native', translation), translation);
  const client = pairOfPods(cluster)?.from;
  if (!client?.node) return undefined;
  const control = createControl(made);
  const chosen = spread(made.services, samples);
  const work = chosen.map(() => ({rules: 0, lookups: 0}));
  const first = new Map<string, number>();
  let [packet, sample] = [-1, -1];
  const observer: Observer = {
    broadcasts: false,
    app(event) {
      if (event.kind === 'sent') sample = event.traffic;
    },
    step(step) {
      if (!('node' in step) || step.node !== client.node) return;
      if ('packet' in step) packet = step.packet;
      const mine = work[sample];
      if (!mine || (step.kind !== 'rules' && step.kind !== 'lookup')) return;
      const key = String(sample);
      if (!first.has(key)) first.set(key, packet);
      if (first.get(key) !== packet) return;
      if (step.kind === 'rules') {
        mine.rules += step.rules;
        mine.lookups += step.lookups;
      } else if (translation === 'ebpf' && step.map.startsWith('cilium_lb')) mine.lookups++;
    },
  };
  const traffic = chosen.map((service, i) =>
    datagram({kind: 'pod', pod: client}, {kind: 'service', service}, SERVICE_PORT, i * 1e9, 32),
  );
  simulate({control, traffic, seed: cluster.seed, observers: [observer]});
  return {
    services: made.services.length,
    translation,
    ...installed(control.state(client.node), translation),
    traversed: spreadOf(work.map(({rules}) => rules)),
    lookups: spreadOf(work.map(({lookups}) => lookups)),
    sampled: chosen.length,
  };
}

function spread<T>(all: readonly T[], samples: number): readonly T[] {
  if (all.length <= samples) return all;
  return Array.from({length: samples}, (_, i) => all[Math.round((i * (all.length - 1)) / (samples - 1))]).filter(
    (one) => one !== undefined,
  );
}

function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] ?? 0;
  return {best: at(0), median: at(Math.floor(sorted.length / 2)), worst: at(sorted.length - 1)};
}

function installed(state: NodeState, translation: Translation): {readonly rules: number; readonly entries: number} {
  if (translation === 'ebpf') {
    const {frontends, backends, reverseNat} = state.services;
    const slots = frontends.reduce((sum, {backends: own}) => sum + 1 + own.length, 0);
    return {rules: 0, entries: slots + backends.size + reverseNat.size};
  }
  const chains = [
    ...(state.rulesets ?? []).flatMap(({tables}) => tables.flatMap((table) => [...table.chains.values()])),
    ...(state.nftables ?? []).flatMap((table) => [...table.chains.values()]),
  ];
  const rules = chains.reduce((sum, chain) => sum + chain.rules.length, 0);
  const sets = [
    ...(state.nftables ?? []).flatMap((table) => [...table.sets.values()].map(({elements}) => elements.size)),
    ...(state.ipvs ?? []).flatMap(({sets: all}) => [...all.values()].map(({entries}) => entries.size)),
    ...(state.ipvs ?? []).flatMap(({servers}) => [...servers.values()].map(({reals}) => 1 + reals.length)),
  ];
  return {rules, entries: sets.reduce((sum, size) => sum + size, 0)};
}

/** How many services the range has addresses for. */
export function serviceCapacity(cluster: Cluster): number {
  const range = serviceRange(cluster);
  return range ? prefixSize(range) - 2 : 0;
}

function serviceRange({serviceCidrs}: Cluster): Prefix | undefined {
  return serviceCidrs.find(({ip}) => isIp4(ip)) ?? serviceCidrs[0];
}
