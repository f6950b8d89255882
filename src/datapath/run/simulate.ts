/** A run from its traffic to its end, or in steps. */
import type {TrafficSpec} from '../../cluster/model.js';
import type {CapturePoint, DeviceCounters, NodeRuntime, Observer} from '../model.js';
import type {IpvsStats, RuleCounters, SetElements} from '../rule-model.js';
import {start} from './applications.js';
import {capturePoints} from './build.js';
import {collectAll} from './gc.js';
import {Counting} from './netfilter-walk.js';
import {Agenda, Timer} from './queue.js';
import {Random} from './random.js';
import {createSecurity} from './security.js';
import {type SimSkb, SkbPool} from './skb.js';
import {enterStage} from './stage.js';
import {type ControlSource, latencies, nextPacket, type Run, type SimNode} from './state.js';
import {newTraffic, type TrafficOutcome} from './traffic.js';
import {createDirectory, nodeNamed} from './world.js';

export {capturePoints} from './build.js';
export type {TrafficOutcome} from './traffic.js';

export interface RunOptions {
  readonly control: ControlSource;
  readonly traffic: readonly TrafficSpec[];
  readonly seed: number;
  readonly observers: readonly Observer[];
  readonly limits?: RunLimits;
}

/** When to stop although something is still due. */
export interface RunLimits {
  /** Virtual time, ns. */
  readonly until?: number;
  /** Arrivals of frames and timers. */
  readonly events?: number;
}

export interface RunResult {
  /** Those of all nodes, as `capturePoints` lists them; the list is made when read. */
  readonly points: readonly CapturePoint[];
  runtime(node: string): NodeRuntime;
  /** `pod` is `ns/name`; undefined = the node's own namespace. Zeros for a device that doesn't exist. */
  counters(node: string, pod: string | undefined, device: string): DeviceCounters;
  /** Netfilter rules of a node; zeros where nothing came by. */
  ruleCounters(node: string): RuleCounters;
  /** What packets have put into sets of a node's nftables. */
  setElements(node: string): SetElements;
  /** IPVS of a node; undefined where kube-proxy runs in another mode. */
  ipvs(node: string): IpvsStats | undefined;
  /** Time of the last frame or application event, ns. */
  readonly endTime: number;
  /** Frames and timers processed. */
  readonly events: number;
  /** Per line of traffic, in the order given. */
  readonly apps: readonly TrafficOutcome[];
}

/** A run that goes on when told to. */
export interface LiveRun {
  readonly run: Run;
  /** Adds a line of traffic; it starts at its `at`, or now where that has passed. Returns its index. */
  inject(spec: TrafficSpec): number;
  /** A line of traffic sends no more. */
  stop(index: number): void;
  /** The cluster is another from now on. Its nodes are those of the start. */
  change(control: ControlSource, text: string): void;
  /** A frame arrives now at a device of a node's own namespace, as if its other end had sent it. False: no such device. */
  injectFrame(node: string, device: string, frame: Uint8Array): boolean;
  /** Goes on to this virtual time (ns; default: until nothing is due). Returns the number of events. */
  advance(until?: number, events?: number): number;
  result(): RunResult;
}

/** Runs all traffic to the end. Same options, same frames. */
export function simulate(options: RunOptions): RunResult {
  const live = createRun(options);
  live.advance(options.limits?.until, options.limits?.events);
  return live.result();
}

export function createRun({control, traffic, seed, observers}: RunOptions): LiveRun {
  const run = newRun(control, seed, observers);
  const outcomes: TrafficOutcome[] = [];
  let total = 0;
  const live: LiveRun = {
    run,
    inject(spec) {
      const entry = newTraffic(run, outcomes.length, spec);
      outcomes.push(entry.outcome);
      run.traffic.push(entry);
      run.agenda.push(Math.max(run.now, spec.at), new Timer(() => start(entry)), undefined);
      return entry.index;
    },
    stop(index) {
      const line = run.traffic[index];
      if (line) line.stopped = true;
    },
    change: (changed, text) => enterStage(run, {at: run.now, text, control: changed}),
    injectFrame(node, device, frame) {
      const dev = nodeNamed(run, node)?.host.devices.find((d) => d.name === device);
      if (!dev) return false;
      const skb = run.pool.take(frame.length, nextPacket(run));
      skb.buf.set(frame, skb.start);
      skb.end = skb.start + frame.length;
      run.agenda.push(run.now, dev.arrival, skb);
      return true;
    },
    advance(until = Number.POSITIVE_INFINITY, events = Number.POSITIVE_INFINITY) {
      const done = process(run, until, events);
      total += done;
      return done;
    },
    result: () => ({
      get points() {
        return capturePoints(control);
      },
      runtime: (node) => nodeNamed(run, node)!.runtime,
      counters: (node, pod, device) => ({...countersOf(run, node, pod, device)}),
      ruleCounters: (node) => nodeNamed(run, node)?.host.netfilter?.counters ?? new Counting(),
      setElements: (node) => nodeNamed(run, node)?.host.netfilter?.elements ?? (() => []),
      ipvs: (node) => nodeNamed(run, node)?.host.netfilter?.ipvs,
      endTime: run.lastActivity,
      events: total,
      apps: outcomes,
    }),
  };
  // Before the traffic, so that of things at one time the change comes first.
  for (const stage of control.later ?? [])
    run.agenda.push(stage.at, new Timer(() => enterStage(run, stage)), undefined);
  for (const spec of traffic) live.inject(spec);
  return live;
}

function process(run: Run, until: number, events: number): number {
  const {agenda} = run;
  let done = 0;
  while (done < events && agenda.take(until)) {
    run.now = agenda.time;
    if (run.now >= run.nextCollection) collectAll(run);
    const {frame} = agenda;
    if (frame) run.lastActivity = run.now;
    agenda.target!.run(frame);
    done++;
  }
  if (until !== Number.POSITIVE_INFINITY && done < events) run.now = Math.max(run.now, until);
  return done;
}

function countersOf(run: Run, node: string, pod: string | undefined, device: string): DeviceCounters {
  const index = run.directory.byName.get(node);
  const owner = index === undefined ? undefined : run.nodes[index];
  const ns = pod === undefined ? owner?.host : owner?.pods.find((p) => p.name === pod);
  const dev = ns?.devices.find((d) => d.name === device);
  return dev?.counters ?? {rxBytes: 0, rxPackets: 0, rxDropped: 0, txBytes: 0, txPackets: 0, txDropped: 0};
}

/** Bytes behind the headroom of a pooled buffer, beyond the largest MTU: Ethernet, VLAN, and what a program may add. */
const SPARE_ROOM = 128;

function newRun(control: ControlSource, seed: number, observers: readonly Observer[]): Run {
  const {cluster} = control;
  const events = observers.filter((o): o is Observer & Required<Pick<Observer, 'event'>> => o.event !== undefined);
  const apps = observers.filter((o): o is Observer & Required<Pick<Observer, 'app'>> => o.app !== undefined);
  const steps = observers.filter((o): o is Observer & Required<Pick<Observer, 'step'>> => o.step !== undefined);
  const clusters = [cluster, ...(control.later ?? []).map((stage) => stage.control.cluster)];
  const largest = clusters.reduce(
    (most, {nodes, cilium}) => Math.max(most, ...nodes.map((node) => node.mtu), cilium.deviceMtu),
    1500,
  );
  return {
    base: control,
    control,
    cluster,
    agenda: new Agenda<SimSkb>(latencies),
    random: new Random(seed),
    seed,
    pool: new SkbPool(largest + SPARE_ROOM),
    underlay: {
      gateways: cluster.underlay.gateways,
      security: createSecurity(cluster, clusters.some(({underlay}) => underlay.nsg?.length) ? new Set() : undefined),
    },
    nodes: new Array<SimNode | undefined>(cluster.nodes.length).fill(undefined),
    directory: createDirectory(control, observers),
    traffic: [],
    impaired: (cluster.underlay.loss?.length ?? 0) > 0 || cluster.nodes.some((node) => node.down),
    nextCollection: 0,
    namespaces: new Map(),
    now: 0,
    lastActivity: 0,
    packets: 0,
    sockets: 0,
    emit: fanOut(events.map((o) => o.event.bind(o))),
    app: fanOut(apps.map((o) => o.app.bind(o))),
    step: fanOut(steps.map((o) => o.step.bind(o))),
  };
}

/** One listener out of many; undefined out of none. */
function fanOut<T>(listeners: readonly ((event: T) => void)[]): ((event: T) => void) | undefined {
  if (listeners.length <= 1) return listeners[0];
  return (event) => {
    for (const listener of listeners) listener(event);
  };
}
