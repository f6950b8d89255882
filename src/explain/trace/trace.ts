/** One question → a run of its own → a trace. */
import type {Cluster, Peer, TrafficSpec} from '../../cluster/model.js';
import {type ControlPlane, createControl} from '../../control/control.js';
import type {Netns} from '../../control/model.js';
import {lookupRoute} from '../../control/route.js';
import {dropReasons} from '../../datapath/drop.js';
import type {AppEvent} from '../../datapath/model.js';
import {createRun, type RunResult} from '../../datapath/run/simulate.js';
import {clusterTunnelPorts, type TunnelPorts} from '../../session/layers.js';
import type {SourcePosition} from '../../term/error.js';
import {formatIp, formatPrefix, type Ip} from '../../wire/addr.js';
import {clientLine} from './client.js';
import {confirmations} from './confirm.js';
import {innermost, type Packet} from './frame.js';
import type {Cause, Decider, Hop, Lookup, Trace, Verdict} from './model.js';
import type {Question} from './peers.js';
import {createPolicyReader, type PolicyReading, type Target} from './policy.js';
import {createRecorder, type Recorder, type Source} from './record.js';

/** Arrivals and timers between two looks at what the recorder has. */
const SLICE = 32;
/** Virtual time for which an ICMP error may still come once the request is lost, ns. */
const PATIENCE = 2e9;

export interface Tracer {
  ask(question: Question): Trace;
  /** Of the question asked last, for a capture file. */
  readonly result: RunResult | undefined;
}

/** Questions after which the state of nodes is let go: a cluster may have thousands, each with tables of its own. */
const KEPT_FOR = 256;

/**
 * `permitAll`: policies only tell what they would deny. One tracer answers many questions. `plane`: the cluster's, where others use it
 * too and keep what it has built.
 */
export function createTracer(cluster: Cluster, permitAll: boolean, plane?: ControlPlane): Tracer {
  const traced = permitAll ? audited(cluster) : cluster;
  const ports = clusterTunnelPorts(cluster);
  const fresh = () => {
    const control = plane ?? createControl(traced);
    return {control, readPolicy: createPolicyReader(control)};
  };
  let desk = fresh();
  let asked = 0;
  let result: RunResult | undefined;
  return {
    ask(question) {
      if (asked++ % KEPT_FOR === KEPT_FOR - 1) desk = fresh();
      const {control, readPolicy} = desk;
      const nameOf = (node: string, ifindex: number) => deviceName(control, node, ifindex);
      const recorder = createRecorder(sourceOf(question.spec), ports, nameOf);
      const errors: AppEvent[] = [];
      result = follow(control, question.spec, recorder, errors);
      return assemble(control, question, recorder, errors, result, permitAll, ports, readPolicy);
    },
    get result() {
      return result;
    },
  };
}

function audited(cluster: Cluster): Cluster {
  const {cilium} = cluster;
  return {...cluster, cilium: {...cilium, raw: {...cilium.raw, 'policy-audit-mode': 'true'}}};
}

function deviceName(plane: ControlPlane, node: string, ifindex: number): string {
  return plane.state(node).host.devices.find((device) => device.ifindex === ifindex)?.name ?? `ifindex ${ifindex}`;
}

function sourceOf({from}: TrafficSpec): Source {
  if (from.kind === 'pod') {
    const name = `${from.pod.namespace}/${from.pod.name}`;
    return {node: from.pod.node ?? '', pod: from.pod.hostNetwork ? undefined : name, name};
  }
  if (from.kind === 'node') return {node: from.node.name, pod: undefined, name: from.node.name};
  return {node: '', pod: undefined, name: peerTitle(from)};
}

/** Runs until the reply has come or been lost, or nothing more can come. */
function follow(control: ControlPlane, spec: TrafficSpec, recorder: Recorder, errors: AppEvent[]): RunResult {
  const {observer} = recorder;
  const live = createRun({
    control,
    traffic: [spec],
    seed: control.cluster.seed,
    observers: [{...observer, app: (event) => errors.push(event)}],
  });
  let until = Number.POSITIVE_INFINITY;
  while (live.advance(until, SLICE) === SLICE) {
    if (recorder.finished) break;
    if (recorder.requestEnded && until === Number.POSITIVE_INFINITY) until = live.run.now + PATIENCE;
  }
  return live.result();
}

function assemble(
  control: ControlPlane,
  {spec, notes}: Question,
  recorder: Recorder,
  apps: readonly AppEvent[],
  result: RunResult,
  permitAll: boolean,
  ports: TunnelPorts,
  readPolicy: (spec: TrafficSpec, target: Target | undefined) => PolicyReading,
): Trace {
  const {cluster} = control;
  const hops = recorder.hops().map((hop) => withRoutes(control, hop, result));
  const packets = packetsOf(recorder, ports);
  const {sent, arrived} = packets;
  const target = arrived && {ip: arrived.destination, port: arrived.destinationPort};
  const {deciders, doubts} = readPolicy(spec, target);
  const outcome = verdictOf(hops, apps, deciders, packets);
  return {
    spec,
    from: peerTitle(spec.from),
    to: peerTitle(spec.to),
    hops,
    ...outcome,
    permitted: permitAll && hops.some(({decisions}) => decisions.some(({audited: told}) => told)),
    packets: {sent, arrived},
    policy: deciders,
    client:
      sent && arrived && hops.some(({leg, end}) => leg === 'request' && end === 'delivered')
        ? clientLine(hops, sent, arrived, cluster)
        : undefined,
    assumptions: [...notes, ...doubts, ...assumptions(cluster, spec, hops)],
    confirm: confirmations(control, spec, hops, target, ports),
  };
}

/** The request as it left and as it was last seen, and the reply as it left. */
interface Packets {
  readonly sent: Packet | undefined;
  readonly arrived: Packet | undefined;
  readonly reply: Packet | undefined;
}

function packetsOf(recorder: Recorder, ports: TunnelPorts): Packets {
  const [request, reply] = [recorder.ends('request'), recorder.ends('reply')];
  return {
    sent: request && innermost(request.first, ports),
    arrived: request && innermost(request.last, ports),
    reply: reply && innermost(reply.first, ports),
  };
}

export function peerTitle(peer: Peer): string {
  switch (peer.kind) {
    case 'pod':
      return `${peer.pod.namespace}/${peer.pod.name}`;
    case 'node':
      return `node/${peer.node.name}`;
    case 'service':
      return `service ${peer.service.namespace}/${peer.service.name}`;
    case 'ip':
      return formatIp(peer.ip);
    case 'name':
      return peer.name;
  }
}

/** What the kernel's tables say where a stack sends, and where a tunnel device does. */
function withRoutes(control: ControlPlane, hop: Hop, result: RunResult): Hop {
  if (hop.place === 'stack' && hop.node !== '') {
    const ip = result.apps[0]?.target?.ip;
    const state = control.state(hop.node);
    const netns =
      hop.pod === undefined ? state.host : state.pods.find(({pod}) => `${pod.namespace}/${pod.name}` === hop.pod);
    const route = ip === undefined || !netns ? undefined : routeLookup(netns, ip);
    return route ? {...hop, lookups: [...hop.lookups, route]} : hop;
  }
  const remote = hop.decisions.find(({remote: to}) => to !== undefined)?.remote;
  const route = remote === undefined ? undefined : routeLookup(control.state(hop.node).host, remote);
  return route ? {...hop, lookups: [...hop.lookups, route]} : hop;
}

function routeLookup(netns: Netns, ip: Ip): Lookup | undefined {
  const found = lookupRoute(netns, ip);
  const key = formatIp(ip);
  if (!found) return {map: 'route', key, value: undefined};
  const {route, dev, mtu} = found;
  const words = [
    route.to && route.to.length > 0 ? formatPrefix(route.to) : 'default',
    ...(route.via === undefined ? [] : [`via ${formatIp(route.via)}`]),
    ...(dev === undefined ? [] : [`dev ${dev}`]),
    ...(mtu === undefined ? [] : [`mtu ${mtu}`]),
  ];
  return {map: 'route', key, value: words.join(' ')};
}

interface Outcome {
  readonly verdict: Verdict;
  readonly cause: Cause | undefined;
}

function verdictOf(
  hops: readonly Hop[],
  apps: readonly AppEvent[],
  deciders: readonly Decider[],
  packets: Packets,
): Outcome {
  const request = hops.filter(({leg}) => leg === 'request');
  const reply = hops.filter(({leg}) => leg === 'reply');
  const last = request.at(-1);
  if (last?.end !== 'delivered') return lost(hops, last, apps, deciders);
  const refusal = refusalOf(packets);
  if (refusal !== undefined) return {verdict: 'refused', cause: {text: refusal, hop: hops.indexOf(last)}};
  const back = reply.at(-1);
  if (!back) return {verdict: 'delivered', cause: undefined};
  if (back.end !== 'dropped') return {verdict: 'answered', cause: undefined};
  return {...lost(hops, back, apps, deciders), verdict: 'unanswered'};
}

/** The request, or the reply, went no further than `last`. */
function lost(
  hops: readonly Hop[],
  last: Hop | undefined,
  apps: readonly AppEvent[],
  deciders: readonly Decider[],
): Outcome {
  const problem = apps.find(
    ({kind}) => kind === 'unreachable' || kind === 'refused' || kind === 'error' || kind === 'timeout',
  );
  const decision = last?.decisions.findLast(({denies}) => denies);
  if (!last || !decision) {
    const text = problem?.text ?? 'no answer';
    return {
      verdict: 'dropped',
      cause: {text: last ? text : `${text}: no packet was sent`, ...(last ? {hop: hops.indexOf(last)} : {})},
    };
  }
  const {reason, rule, text} = decision;
  const hop = hops.indexOf(last);
  if (rule) return {verdict: 'denied', cause: {text, hop, ...(rule.where ? {where: rule.where} : {})}};
  if (reason === undefined) return {verdict: 'dropped', cause: {text, hop}};
  const row = Object.values(dropReasons).find(({code}) => code === reason);
  const told = row ? {reason: {code: reason, name: row.name, hint: row.hint}} : {};
  const policy = reason === POLICY || reason === POLICY_DENY;
  const where: SourcePosition | undefined = policy ? deciders.find(({allowed}) => !allowed)?.where : undefined;
  const words = `${row?.text || reason} (${reason})`;
  return {verdict: policy ? 'denied' : 'dropped', cause: {text: words, hop, ...told, ...(where ? {where} : {})}};
}

const POLICY = 133;
const POLICY_DENY = 181;

/** A reset, an ABORT, or an ICMP error of the one it was for. */
function refusalOf({arrived, reply}: Packets): string | undefined {
  if (!arrived || !reply) return undefined;
  if (reply.protocol === 'TCP' && reply.detail.includes('RST'))
    return `nothing listens on TCP port ${arrived.destinationPort}: reset`;
  if (reply.protocol === 'SCTP' && reply.detail === 'ABORT')
    return `nothing listens on SCTP port ${arrived.destinationPort}: ABORT`;
  const error = reply.protocol.startsWith('ICMP') && !isEchoReply(reply);
  return error
    ? `nothing listens on ${arrived.protocol} port ${arrived.destinationPort}: ${reply.protocol} ${reply.detail}`
    : undefined;
}

function isEchoReply({protocol, detail}: Packet): boolean {
  return detail.startsWith(protocol === 'ICMP' ? 'type 0 ' : 'type 129 ');
}

function assumptions(cluster: Cluster, spec: TrafficSpec, hops: readonly Hop[]): string[] {
  const out = ['a new connection: no node remembers an earlier one'];
  if (spec.protocol === 'tcp' || spec.protocol === 'http')
    out.push('of a TCP connection its first packet (SYN) is traced');
  if (spec.protocol === 'sctp') out.push('of an SCTP association its first packet (INIT) is traced');
  if (
    hops.some(({decisions}) =>
      decisions.some(({kind, text}) => kind === 'translate' && / \((random|maglev)\)$/.test(text)),
    )
  )
    out.push(`the backend was chosen by chance: --seed ${cluster.seed} chose this one`);
  if (hops.some(({place}) => place === 'underlay') && !cluster.underlay.nsg?.length)
    out.push('no security group (spec.underlay.nsg) is given: the virtual network lets everything pass');
  if (cluster.dataplane !== 'cilium' && cluster.policies?.length)
    out.push('kube-proxy enforces no policy, and no policy engine is simulated beside it: policies were not applied');
  if (spec.from.kind === 'ip' || spec.to.kind === 'ip') out.push('hosts outside answer on every port');
  const inferred = cluster.notes.filter(({level}) => level === 'inferred').length;
  if (inferred > 0)
    out.push(
      `${inferred} thing${inferred === 1 ? ' was' : 's were'} inferred when the input was read: wirelay inspect lists them`,
    );
  return out;
}
