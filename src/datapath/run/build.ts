/** Namespaces and devices of a run, from the state of its nodes; hosts outside when first addressed. */
import type {Cluster} from '../../cluster/model.js';
import type {Device, Netns, NodeState, PodNetns} from '../../control/model.js';
import {formatIp, type Ip} from '../../wire/addr.js';
import type {ProgramConfig} from '../bpf/program.js';
import {createRuntime} from '../bpf/runtime.js';
import type {CapturePoint, FibResult, HookName, Observer} from '../model.js';
import {AddressSet} from './address-set.js';
import {CLOCK_START} from './clock.js';
import {createConnectionTable} from './connection-table.js';
import {receive} from './device.js';
import {collectorOptions, newCollector} from './gc.js';
import {sendPrepared} from './ip-output.js';
import {addNeighbour} from './neighbour.js';
import {createNetfilter} from './netfilter.js';
import type {Due} from './queue.js';
import {hashText, mix32} from './random.js';
import {routeTo} from './route.js';
import type {SimSkb} from './skb.js';
import type {ControlSource, Dev, Ns, Run, SimNode} from './state.js';

/** BPF_FIB_LKUP_RET_UNREACHABLE, BPF_FIB_LKUP_RET_NOT_FWDED. */
const FIB_UNREACHABLE = 2;
const FIB_NOT_FORWARDED = 4;

type Tap = Required<Pick<Observer, 'frame'>>;
type PointOf = (pod: string | undefined, device: Device) => CapturePoint;

/** Every device of every node, node by node: the host's, then each pod's; behind them those that later events bring. */
export function capturePoints(control: ControlSource): CapturePoint[] {
  const points: CapturePoint[] = [];
  for (const node of control.cluster.nodes) points.push(...nodePoints(control.state(node.name), points.length));
  return [...points, ...laterPoints(control, points.length).values()];
}

/** By `pointKey`: devices of pods that are not there at the start. Numbers follow on `first`. */
export function laterPoints(control: ControlSource, first: number): Map<string, CapturePoint> {
  const found = new Map<string, CapturePoint>();
  if (!control.later?.length) return found;
  const seen = new Set<string>();
  let before = control;
  for (const stage of [{control}, ...control.later]) {
    for (const node of stage.control.cluster.nodes) {
      if (before !== stage.control && !podsChanged(before.cluster, stage.control.cluster, node.name)) continue;
      for (const point of nodePoints(stage.control.state(node.name), 0)) {
        const key = pointKey(point);
        if (!seen.has(key) && stage.control !== control) found.set(key, {...point, index: first + found.size});
        seen.add(key);
      }
    }
    before = stage.control;
  }
  return found;
}

function podsChanged(before: Cluster, after: Cluster, node: string): boolean {
  const own = ({pods}: Cluster) => pods.filter((pod) => pod.node === node);
  const [a, b] = [own(before), own(after)];
  return a.length !== b.length || a.some((pod, i) => pod !== b[i]);
}

function pointKey({node, pod, device}: Omit<CapturePoint, 'index'>): string {
  return `${node}|${pod ?? ''}|${device}`;
}

function nodePoints(state: NodeState, first: number): CapturePoint[] {
  const found: Omit<CapturePoint, 'index'>[] = [];
  const add = (netns: Netns, pod: string | undefined) => {
    for (const {name, ifindex} of netns.devices) found.push({node: state.node.name, pod, device: name, ifindex});
  };
  add(state.host, undefined);
  for (const netns of state.pods) add(netns, `${netns.pod.namespace}/${netns.pod.name}`);
  return found.map((point, i) => ({index: first + i, ...point}));
}

/** Observers that want the frames of a point. */
export function tapsOf(point: CapturePoint, observers: readonly Observer[]): readonly Tap[] {
  return observers.filter((o): o is Observer & Tap => o.frame !== undefined && (o.wants?.(point) ?? true));
}

/** `first`: number of the node's first capture point. */
export function buildNode(run: Run, index: number, first: number, observers: readonly Observer[]): SimNode {
  const spec = run.cluster.nodes[index]!;
  const state = run.control.state(spec.name);
  const pointOf = pointFinder(run, index, first);
  const tunnelDevice = state.host.devices.find((device) => device.tunnel !== undefined);
  const devices: (Dev | undefined)[] = [];
  const node: SimNode = {
    run,
    name: spec.name,
    index,
    spec,
    state,
    runtime: createRuntime(state, {
      now: () => CLOCK_START + Math.floor(run.now / 1e9),
      random: () => run.random.next(),
      fib: (_source, destination) => fibLookup(node, destination),
      ...(run.emit ? {emit: run.emit} : {}),
      ...(run.step ? {step: run.step} : {}),
      program: ownProgram(state),
    }),
    collector: newCollector(collectorOptions(run)),
    host: makeNs(run, 'host', spec.name, state.host),
    pods: [],
    devices,
    eth0: undefined as unknown as Dev,
    tunnel: undefined,
    tunnelModel: tunnelDevice?.tunnel && {
      ...tunnelDevice.tunnel,
      protocol: tunnelDevice.kind === 'vxlan' ? 'vxlan' : 'geneve',
    },
    tunnelPort: tunnelDevice?.tunnel?.port ?? 0,
    tunnelPaths: new Map(),
  };
  Object.assign(node.host, {node, netfilter: createNetfilter(node)});
  for (const device of state.host.devices) {
    const point = pointOf(undefined, device);
    devices[device.ifindex] = addDevice(node.host, device, point, tapsOf(point, observers), node);
  }
  const byName = (name: string) => node.host.devices.find((d) => d.name === name);
  Object.assign(node, {eth0: byName('eth0')!, tunnel: tunnelDevice && byName(tunnelDevice.name)});
  pair(byName('cilium_host'), byName('cilium_net'));
  Object.assign(node, {pods: state.pods.map((netns) => buildPod(node, netns, pointOf, observers))});
  if (node.eth0.xdp || !state.host.learnt) addListedNeighbours(node.host, state.host, node.eth0.xdp);
  addHealthEndpoint(node);
  return node;
}

/** A point-to-point tunnel takes the place of the external one. */
export function ownProgram(state: NodeState): Partial<ProgramConfig> {
  const device = state.host.devices.find(({tunnel}) => tunnel !== undefined);
  return device?.tunnel?.external === false ? {tunnelIfindex: device.ifindex, tunnelMac: device.mac} : {};
}

/** Capture points of a node, as numbered at the start of the run or by what came later. */
export function pointFinder(run: Run, index: number, first: number): PointOf {
  const {name} = run.cluster.nodes[index]!;
  const own = nodePoints(run.base.state(name), first);
  const next = run.directory.firstPoint[index + 1] ?? first + own.length;
  if (next !== first + own.length) throw new Error(`${name}: capture points are numbered wrongly`);
  return (pod, device) => {
    const known = own.find((point) => point.pod === pod && point.device === device.name);
    return known ?? laterPoint(run, {node: name, pod, device: device.name, ifindex: device.ifindex});
  };
}

/** Of a device that an event brings, or a change that nobody has planned. */
function laterPoint(run: Run, point: Omit<CapturePoint, 'index'>): CapturePoint {
  const {later, points} = run.directory;
  const key = pointKey(point);
  const known = later.get(key) ?? {...point, index: points + later.size};
  later.set(key, known);
  return known;
}

/** The namespace behind lxc_health: it answers pings and connections to cilium-health; nobody can look into it. */
function addHealthEndpoint(node: SimNode): void {
  const {healthIps} = node.spec;
  const lxc = node.host.devices.find((d) => d.name === 'lxc_health');
  const endpoint = healthIps[0] === undefined ? undefined : node.state.endpoints.get(healthIps[0]);
  if (!lxc || !endpoint) return;
  const ns = makeNs(node.run, 'pod', `${node.name} health`, undefined);
  Object.assign(ns, {node});
  const {mtu} = lxc;
  const dev = makeDev(
    ns,
    {
      name: 'cilium',
      ifindex: lxc.ifindex - 1,
      mtu,
      mac: endpoint.mac,
      noarp: false,
      link: 'veth',
      addresses: healthIps,
    },
    undefined,
    [],
  );
  pair(lxc, dev);
  for (const ip of healthIps) node.run.namespaces.set(ip, ns);
}

export function buildPod(node: SimNode, netns: PodNetns, pointOf: PointOf, observers: readonly Observer[]): Ns {
  const name = `${netns.pod.namespace}/${netns.pod.name}`;
  const ns = makeNs(node.run, 'pod', name, netns);
  Object.assign(ns, {node, pod: netns.pod});
  for (const device of netns.devices) {
    const point = pointOf(name, device);
    addDevice(ns, device, point, tapsOf(point, observers), undefined);
  }
  pair(
    node.devices[netns.lxc.ifindex],
    ns.devices.find((d) => d.name === netns.eth0.name),
  );
  addListedNeighbours(ns, netns, false);
  return ns;
}

function pair(a: Dev | undefined, b: Dev | undefined): void {
  if (a) a.peer = b;
  if (b) b.peer = a;
}

/**
 * Only what is permanent: what the tables list as reachable is what the run's own requests will find out. For XDP, which can't
 * ask, the agent keeps the neighbours of its nodes resolved.
 */
function addListedNeighbours(ns: Ns, netns: Netns, kept: boolean): void {
  for (const {ip, dev, mac, state} of netns.neighbours) {
    const device = ns.devices.find((d) => d.name === dev);
    if (device && (kept || state === 'PERMANENT')) addNeighbour(device, ip, mac, true);
  }
}

function makeNs(run: Run, kind: Ns['kind'], name: string, netns: Netns | undefined): Ns {
  const seed = mix32(hashText(name), run.seed);
  const outbox = new Outbox();
  const ns: Ns = {
    run,
    kind,
    node: undefined,
    pod: undefined,
    name,
    netns,
    gone: false,
    devices: [],
    addresses: new AddressSet(),
    routes: new Map(),
    forwarding: kind === 'host',
    netfilter: undefined,
    udp: new Map(),
    tcp: createConnectionTable(),
    sctp: createConnectionTable(),
    pings: new Map(),
    rawTcp: new Map(),
    reassembly: new Map(),
    icmpTokens: new Map(),
    outbox,
    openPorts: undefined,
    nextPort: 32768 + 2 * (seed % 14000),
    nextId: mix32(seed, 1) & 0xffff,
  };
  outbox.ns = ns;
  return ns;
}

export function addDevice(
  ns: Ns,
  device: Device,
  point: CapturePoint,
  taps: readonly Tap[],
  node: SimNode | undefined,
): Dev {
  const link = (
    {loopback: 'loopback', physical: 'wire', veth: 'veth', vxlan: 'tunnel', geneve: 'tunnel', dummy: 'veth'} as const
  )[device.kind];
  const {name, ifindex, mtu, mac, noarp} = device;
  const addresses = device.addresses.map(({prefix}) => prefix.ip);
  const dev = makeDev(ns, {name, ifindex, mtu, mac, noarp, link, addresses}, point, taps);
  if (node && ns.run.cluster.dataplane === 'cilium') Object.assign(dev, programs(device, node));
  return dev;
}

/** A frame arrives at a device. */
class Arrival implements Due<SimSkb> {
  dev: Dev | undefined;

  run(skb: SimSkb): void {
    receive(this.dev!, skb);
  }
}

/** A process of a namespace sends what it has prepared. */
class Outbox implements Due<SimSkb> {
  ns: Ns | undefined;

  run(skb: SimSkb): void {
    sendPrepared(this.ns!, skb);
  }
}

function makeDev(
  ns: Ns,
  fields: Pick<Dev, 'name' | 'ifindex' | 'mtu' | 'mac' | 'noarp' | 'link' | 'addresses'>,
  point: CapturePoint | undefined,
  taps: readonly Tap[],
): Dev {
  const arrival = new Arrival();
  const dev: Dev = {
    ns,
    ...fields,
    macHigh: Math.floor(fields.mac / 2 ** 32),
    macMiddle: Math.floor(fields.mac / 2 ** 16) % 2 ** 16,
    macLow: fields.mac % 2 ** 16,
    point,
    counters: {rxBytes: 0, rxPackets: 0, rxDropped: 0, txBytes: 0, txPackets: 0, txDropped: 0},
    taps,
    neighbours: new Map(),
    xdp: false,
    ingress: undefined,
    egress: undefined,
    peer: undefined,
    lastHop: {macHigh: -1, macLow: -1, node: undefined},
    arrival,
  };
  arrival.dev = dev;
  ns.devices.push(dev);
  for (const ip of fields.addresses) ns.addresses.add(ip);
  return dev;
}

/** Which programs the agent attaches where (pkg/datapath/loader). */
function programs(device: Device, node: SimNode): {ingress?: HookName; egress?: HookName; xdp?: boolean} {
  if (device.endpointId !== undefined)
    return node.runtime.program.endpointRoutes
      ? {ingress: 'cil_from_container', egress: 'cil_to_container'}
      : {ingress: 'cil_from_container'};
  if (device.tunnel) return {ingress: 'cil_from_overlay', egress: 'cil_to_overlay'};
  if (device.kind === 'physical')
    return {ingress: 'cil_from_netdev', egress: 'cil_to_netdev', xdp: acceleration(node) !== 'disabled'};
  if (device.name === 'cilium_host') return {ingress: 'cil_to_host', egress: 'cil_from_host'};
  if (device.name === 'cilium_net') return {ingress: 'cil_to_host'};
  return {};
}

/** `bpf-lb-acceleration`, which needs kube-proxy replacement. */
function acceleration({state: {config}}: SimNode): string {
  return config.kubeProxyReplacement ? (config.raw['bpf-lb-acceleration'] ?? 'disabled') : 'disabled';
}

/** bpf_fib_lookup with BPF_FIB_LOOKUP_SKIP_NEIGH: the neighbour is the kernel's affair. */
function fibLookup(node: SimNode, destination: Ip): FibResult {
  const dst = routeTo(node.host, destination);
  if (!dst) return {ok: false, code: FIB_UNREACHABLE};
  if (dst.local) return {ok: false, code: FIB_NOT_FORWARDED};
  return {
    ok: true,
    ifindex: dst.dev.ifindex,
    nexthop: dst.nexthop,
    sourceMac: dst.dev.mac,
    destinationMac: dst.dev.neighbours.get(dst.nexthop)?.mac ?? 0,
  };
}

/** The host outside that has this address: one uplink, no capture point, every port open. */
export function externalNs(run: Run, ip: Ip): Ns {
  const known = run.namespaces.get(ip);
  if (known) return known;
  const ns = makeNs(run, 'external', formatIp(ip), undefined);
  const gateway = run.underlay.gateways[0]?.mac ?? 0;
  makeDev(
    ns,
    {name: 'uplink', ifindex: 1, mtu: 1500, mac: gateway, noarp: true, link: 'uplink', addresses: [ip]},
    undefined,
    [],
  );
  run.namespaces.set(ip, ns);
  return ns;
}
