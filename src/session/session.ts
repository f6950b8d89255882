/**
 * One look at one cluster: definition loaded, viewpoint chosen, per-node state built when asked for, traffic run once.
 * Every view of a command reads the same session, so no two can disagree.
 */
import {setImmediate} from 'node:timers/promises';
import type {Loaded, LoadInput} from '../cluster/load.js';
import type {Cluster, ClusterNode, Pod, TrafficSpec} from '../cluster/model.js';
import type {Stage} from '../cluster/timeline.js';
import {type ControlPlane, createControl} from '../control/control.js';
import type {Netns, NodeState} from '../control/model.js';
import type {DeviceCounters, Observer} from '../datapath/model.js';
import type {RunResult} from '../datapath/run/simulate.js';
import {problemText, UserError} from '../term/error.js';
import type {Io} from '../term/io.js';
import {nearest} from '../term/nearest.js';
import {sanitizeBlock} from '../term/sanitize.js';
import {type Host, hostOf} from './live/host.js';
import type {Simulation} from './live/simulation.js';
import {type SessionOptions, takeSessionOptions} from './options.js';
import {startProgress} from './progress.js';

export interface Session {
  readonly cluster: Cluster;
  /** Of the start, with what follows. */
  readonly control: TimedControl;
  /** Viewpoint: --node, else the node of --pod, else the first. */
  readonly node: ClusterNode;
  /** --pod. */
  readonly pod: Pod | undefined;
  /** --traffic, else the definition's. */
  readonly traffic: readonly TrafficSpec[];
  /** After the last event. */
  state(node?: string): NodeState;
  /** Namespace of the viewpoint: the pod's, or the node's own (also for a pod with hostNetwork). */
  netns(): Netns;
  /**
   * Runs the traffic. Without observers the result is kept and given again; with observers it is a run of its own, identical
   * to the kept one as long as `extra` is empty.
   */
  run(options?: RunOptions): Promise<RunResult>;
  /** A line of traffic as the user would type it, resolved against the cluster. */
  parseTraffic(text: string): Promise<TrafficSpec>;
  /** Counters of a device of the viewpoint's namespace after the kept run. */
  counters(device: string): Promise<DeviceCounters>;
  /** The simulation that goes on while commands come and go; undefined: this command has a run of its own. */
  readonly simulation?: Simulation;
}

/** Arrivals and timers between two looks at the outside world: some 50 ms. */
const SLICE = 100_000;

export interface RunOptions {
  readonly observers?: readonly Observer[];
  /** Traffic of the command itself (a ping), after the rest. */
  readonly extra?: readonly TrafficSpec[];
  /** Only `extra`, nothing of `traffic`. */
  readonly alone?: boolean;
}

/** Takes our options off `argv`, loads what they name. `argv` of the result is the tool's own. */
export async function openSession(argv: readonly string[], io: Io): Promise<{session: Session; argv: string[]}> {
  const {options, rest} = takeSessionOptions(argv);
  return {session: await createSession(options, io), argv: rest};
}

export async function createSession(options: SessionOptions, io: Io): Promise<Session> {
  const host = hostOf(io);
  if (host) return joinSession(host, options, io);
  const open = lent.get(io);
  if (open && definitionKey(open.options) === definitionKey(options))
    return sessionOn(open.session.cluster, open.session.control, options, io);
  const cluster = await openCluster(options, io);
  return sessionOn(cluster, await timeline(cluster, options, io), options, io);
}

/** Sessions by the streams of commands that are started with them. */
const lent = new WeakMap<Io, {readonly session: Session; readonly options: SessionOptions}>();

/** A command with these streams, asked for the same definition, need not read it again. */
export function lendSession(io: Io, session: Session, options: SessionOptions): void {
  lent.set(io, {session, options});
}

function definitionKey({cluster, set, traffic, event = [], seed, nodes}: SessionOptions): string {
  return JSON.stringify([cluster, set, traffic, event, seed, nodes]);
}

/** The session of a command inside a live one: its cluster, its run as it is now. */
async function joinSession({simulation, viewpoint: own}: Host, options: SessionOptions, io: Io): Promise<Session> {
  const {cluster: paths, set, traffic, seed, nodes} = options;
  const named = [
    paths.length > 0 && '--cluster',
    set.length > 0 && '--set',
    seed !== undefined && '--seed',
    nodes !== undefined && '--nodes',
  ];
  const refused = named.find((name) => name !== false);
  if (refused)
    throw new UserError({
      message: `${refused} is the session's, not a command's`,
      hint: 'give it to `wirelay run` or `wirelay shell`',
    });
  if (options.event?.length)
    throw new UserError({
      message: '--event is not for commands of a session',
      hint: 'give it to `wirelay run` or `wirelay shell`',
    });
  if (traffic.length > 0)
    throw new UserError({
      message: '--traffic is not for commands of a session',
      hint: 'ping, curl and nc make traffic here',
    });
  const stated = options.node !== undefined || options.pod !== undefined ? options : {...options, ...own};
  const session = await sessionOn(simulation.cluster, simulation.control, stated, io);
  return {
    ...session,
    simulation,
    state: (name = session.node.name) => simulation.run.control.state(name),
    run: (asked = {}) =>
      asked.observers?.length || asked.extra?.length || asked.alone
        ? session.run(asked)
        : Promise.resolve(simulation.result()),
    counters: async (device) => countersAt(session, simulation.result(), device),
  };
}

function countersAt({node, pod}: Session, result: RunResult, device: string): DeviceCounters {
  const namespace = pod && !pod.hostNetwork ? `${pod.namespace}/${pod.name}` : undefined;
  return result.counters(node.name, namespace, device);
}

async function sessionOn(cluster: Cluster, control: TimedControl, options: SessionOptions, io: Io): Promise<Session> {
  const traffic = options.traffic.length > 0 ? await parseAll(options.traffic, cluster) : cluster.traffic;
  const {node, pod} = viewpoint(cluster, options);
  const last = control.later?.at(-1)?.control ?? control;
  let kept: Promise<RunResult> | undefined;

  /** In slices, so that Ctrl-C is heard between them. */
  async function simulate(specs: readonly TrafficSpec[], observers: readonly Observer[]): Promise<RunResult> {
    const [{createRun}, {widenInlining}] = await Promise.all([
      import('../datapath/run/simulate.js'),
      import('./inlining.js'),
    ]);
    widenInlining();
    const live = createRun({control, traffic: specs, seed: cluster.seed, observers});
    const progress = startProgress(io.stderr);
    try {
      while (live.advance(undefined, SLICE) === SLICE) {
        progress.tell(() => `${(live.run.now / 1e9).toFixed(3)} s simulated, ${live.run.packets} packets`);
        await setImmediate();
      }
      return live.result();
    } finally {
      progress.end();
    }
  }

  const session: Session = {
    cluster,
    control,
    node,
    pod,
    traffic,
    state: (name = node.name) => last.state(name),
    netns() {
      const state = control.state(node.name);
      if (!pod || pod.hostNetwork) return state.host;
      return state.pods.find((ns) => ns.pod === pod)!;
    },
    run({observers = [], extra = [], alone = false} = {}) {
      const specs = alone ? extra : [...traffic, ...extra];
      if (observers.length > 0 || extra.length > 0 || alone) return simulate(specs, observers);
      kept ??= simulate(specs, []);
      return kept;
    },
    parseTraffic: async (text) => (await parseAll([text], cluster))[0]!,
    counters: async (device) => countersAt(session, await session.run(), device),
  };
  return session;
}

/** The control planes of a session, one behind the other. */
export type TimedControl = ControlPlane & {
  readonly later?: readonly PlannedStage[];
};

/** What a planned event makes of the cluster, if nothing else changes it before. */
export interface PlannedStage extends Pick<Stage, 'at' | 'text' | 'change'> {
  readonly control: ControlPlane;
}

/** Of --event, else of the definition. */
async function timeline(cluster: Cluster, {event: texts = []}: SessionOptions, io: Io): Promise<TimedControl> {
  const control = createControl(cluster);
  if (texts.length === 0 && !cluster.events?.length) return control;
  const [{parseEvent}, {readEventFiles}, {planStages}] = await Promise.all([
    import('../cluster/events.js'),
    import('../cluster/event-files.js'),
    import('../cluster/timeline.js'),
  ]);
  const events = texts.length > 0 ? texts.map(parseEvent) : (cluster.events ?? []);
  let before = control;
  const later = planStages(cluster, await readEventFiles(events, io)).map((stage) => {
    before = createControl(stage.cluster, before);
    return {at: stage.at, text: stage.text, change: stage.change, control: before};
  });
  return {...control, later};
}

export async function openCluster(options: SessionOptions, io: Io): Promise<Cluster> {
  const input = await findInput(options, io);
  const {loadCluster} = await import('../cluster/load.js');
  const cluster = await loadCluster(input);
  warn(cluster, io);
  return cluster;
}

/** A session with the definition that its cluster was made of, for what goes on to change it. */
export async function openDefinition(options: SessionOptions, io: Io): Promise<{loaded: Loaded; session: Session}> {
  const [{loadDefinition}, {resolve}] = await Promise.all([
    import('../cluster/load.js'),
    import('../cluster/resolve.js'),
  ]);
  const loaded = await loadDefinition(await findInput({...options, keep: true}, io));
  const cluster = resolve(loaded.definition, loaded.options);
  warn(cluster, io);
  return {loaded, session: await sessionOn(cluster, await timeline(cluster, options, io), options, io)};
}

/** Where the definition is to be read from; says so where it is the demo for want of another. */
export async function findInput(options: SessionOptions, io: Io): Promise<LoadInput> {
  const {discover} = await import('../cluster/discover.js');
  const found = discover({paths: options.cluster, env: io.env, cwd: io.cwd});
  if (found.how === 'demo' && found.paths.length === 0)
    io.stderr.write('wirelay: no cluster given: this is the embedded demo (--cluster PATH, or a wirelay.yaml)\n');
  return {
    paths: found.paths,
    sets: options.set,
    seed: options.seed,
    nodes: options.nodes,
    env: io.env,
    cwd: io.cwd,
    keep: options.keep ?? false,
    readStdin: io.readStdin,
  };
}

function warn(cluster: Cluster, io: Io): void {
  for (const {level, message, where} of cluster.notes) {
    if (level !== 'warning') continue;
    const text = problemText({message, ...(where ? {where} : {})});
    io.stderr.write(`wirelay: warning: ${sanitizeBlock(text)}\n`);
  }
}

async function parseAll(texts: readonly string[], cluster: Cluster): Promise<TrafficSpec[]> {
  if (texts.length === 0) return [];
  const {parseTraffic} = await import('../cluster/traffic.js');
  return texts.map((text) => parseTraffic(text, cluster));
}

function viewpoint(cluster: Cluster, options: SessionOptions): {node: ClusterNode; pod: Pod | undefined} {
  const pod = options.pod === undefined ? undefined : findPod(cluster, options.pod);
  const name = options.node ?? pod?.node;
  const node = name === undefined ? cluster.nodes[0] : cluster.nodes.find((n) => n.name === name);
  if (!node) {
    const names = cluster.nodes.map((n) => n.name);
    throw new UserError({message: `no node ${name} in cluster ${cluster.name}`, hint: nearest(name ?? '', names)});
  }
  if (pod && pod.node !== node.name) {
    throw new UserError(
      pod.node === undefined
        ? {message: `pod ${pod.namespace}/${pod.name} runs on no node yet (${pod.phase})`}
        : {
            message: `pod ${pod.namespace}/${pod.name} runs on ${pod.node}, not on ${node.name}`,
            hint: 'leave --node out',
          },
    );
  }
  if (pod && !pod.hostNetwork && (pod.ips.length === 0 || pod.phase === 'Succeeded' || pod.phase === 'Failed'))
    throw new UserError({message: `pod ${pod.namespace}/${pod.name} has no network: it is ${pod.phase}`});
  return {node, pod};
}

function findPod(cluster: Cluster, text: string): Pod {
  const slash = text.indexOf('/');
  const [namespace, name] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
  const found = cluster.pods.filter(
    (pod) => pod.name === name && (namespace === undefined || pod.namespace === namespace),
  );
  const preferred = found.length > 1 ? found.find((pod) => pod.namespace === 'default') : found[0];
  if (preferred) return preferred;
  if (found.length > 1) {
    const names = found.map((pod) => `${pod.namespace}/${pod.name}`);
    throw new UserError({message: `pod ${text} is ambiguous`, hint: `one of ${names.join(', ')}`});
  }
  const names = cluster.pods.map((pod) => (namespace === undefined ? pod.name : `${pod.namespace}/${pod.name}`));
  throw new UserError({message: `no pod ${text} in cluster ${cluster.name}`, hint: nearest(text, names)});
}
