/** The applications of a run: who sends what to whom, and what came of it. */
import type {Peer, Pod, TrafficSpec} from '../../cluster/model.js';
import {UserError} from '../../term/error.js';
import {type Ip, isIp4} from '../../wire/addr.js';
import type {AppEvent} from '../model.js';
import type {Ns, Run} from './state.js';
import {namespaceOf, nodeNamed} from './world.js';

/** Round trips, ns; enough for `min/avg/max/mdev`. */
export interface RttSummary {
  count: number;
  min: number;
  max: number;
  sum: number;
  squares: number;
}

/** What came of one line of traffic. */
export interface TrafficOutcome {
  readonly spec: TrafficSpec;
  /** Address and port that the application spoke to (before any translation); undefined until a name is resolved. */
  target: {readonly ip: Ip; readonly port: number} | undefined;
  /** Messages, requests, connection attempts. */
  sent: number;
  /** Answers. */
  replies: number;
  /** TCP connections that were opened. */
  established: number;
  refused: number;
  unreachable: number;
  timeouts: number;
  readonly rtt: RttSummary;
  /** Texts of what went wrong, the first few. */
  readonly errors: string[];
}

/** One line of traffic in a run. */
export interface Traffic {
  readonly index: number;
  /** Where it comes from; another one when its pod has been made anew. */
  ns: Ns;
  readonly outcome: TrafficOutcome;
  /** Its application has been interrupted: it sends no more. */
  stopped: boolean;
}

const KEPT_ERRORS = 16;

export function newTraffic(run: Run, index: number, spec: TrafficSpec): Traffic {
  const rtt = {count: 0, min: Number.POSITIVE_INFINITY, max: 0, sum: 0, squares: 0};
  const counts = {sent: 0, replies: 0, established: 0, refused: 0, unreachable: 0, timeouts: 0};
  const outcome = {spec, target: undefined, ...counts, rtt, errors: []};
  return {index, ns: sourceNs(run, spec), outcome, stopped: false};
}

/** Counts an event and tells the observers. */
export function report(traffic: Traffic, event: Omit<AppEvent, 'time' | 'traffic'>): void {
  const {outcome, ns} = traffic;
  const {run} = ns;
  if (ns.gone) return;
  run.lastActivity = run.now;
  switch (event.kind) {
    case 'sent':
      outcome.sent++;
      break;
    case 'reply':
      outcome.replies++;
      break;
    case 'connected':
      outcome.established++;
      break;
    case 'refused':
      outcome.refused++;
      break;
    case 'unreachable':
      outcome.unreachable++;
      break;
    case 'timeout':
      outcome.timeouts++;
  }
  if (event.rtt !== undefined && event.kind === 'reply') addRtt(outcome.rtt, event.rtt);
  if (failures.has(event.kind) && outcome.errors.length < KEPT_ERRORS) outcome.errors.push(event.text ?? event.kind);
  run.app?.({...event, time: run.now, traffic: traffic.index});
}

const failures: ReadonlySet<AppEvent['kind']> = new Set(['timeout', 'refused', 'unreachable', 'error']);

/** As `report` for a reply, without an event object where nobody listens: millions of them in bulk runs. */
export function countReply(traffic: Traffic, sequence: number, from: Ip, bytes: number, rtt: number | undefined): void {
  const {run} = traffic.ns;
  traffic.outcome.replies++;
  run.lastActivity = run.now;
  if (rtt !== undefined) addRtt(traffic.outcome.rtt, rtt);
  run.app?.({
    kind: 'reply',
    time: run.now,
    traffic: traffic.index,
    sequence,
    from,
    bytes,
    ...(rtt === undefined ? {} : {rtt}),
  });
}

function addRtt(rtt: RttSummary, ns: number): void {
  rtt.count++;
  rtt.min = Math.min(rtt.min, ns);
  rtt.max = Math.max(rtt.max, ns);
  rtt.sum += ns;
  rtt.squares += ns * ns;
}

function sourceNs(run: Run, {from, text, where}: TrafficSpec): Ns {
  const fail = (message: string, hint?: string) =>
    new UserError({message: `traffic \`${text}\`: ${message}`, ...(where ? {where} : {}), ...(hint ? {hint} : {})});
  switch (from.kind) {
    case 'node':
      return nodeNamed(run, from.node.name)!.host;
    case 'ip':
      return namespaceOf(run, from.ip);
    case 'pod': {
      const ns = podNs(run, from.pod);
      if (!ns)
        throw fail(`pod ${from.pod.namespace}/${from.pod.name} has no network: it runs on no node, or has no address`);
      return ns;
    }
    default:
      throw fail('a service or a name sends nothing', 'FROM is a pod, node/NAME or an address');
  }
}

/** The namespace that the pod of this name has now. */
export function podNs(run: Run, pod: Pod): Ns | undefined {
  const now = currentPod(run, pod);
  const node = nodeNamed(run, now?.node);
  return pod.hostNetwork ? node?.host : node?.pods.find((ns) => ns.pod === now);
}

function currentPod(run: Run, pod: Pod): Pod | undefined {
  if (run.control === run.base) return pod;
  return run.cluster.pods.find(({name, namespace}) => name === pod.name && namespace === pod.namespace);
}

/** The addresses that the application would try, those that the source has no address for left out. */
export function addressesOf(run: Run, ns: Ns, to: Peer): readonly Ip[] {
  return candidates(run, to).filter((ip) => [...ns.addresses].some((own) => isIp4(own) === isIp4(ip)));
}

function candidates(run: Run, to: Peer): readonly Ip[] {
  switch (to.kind) {
    case 'pod':
      return currentPod(run, to.pod)?.ips ?? to.pod.ips;
    case 'node':
      return to.node.ips;
    case 'ip':
      return [to.ip];
    case 'service': {
      const {name, namespace} = to.service;
      const now = run.cluster.services.find((s) => s.name === name && s.namespace === namespace);
      const service = now ?? to.service;
      if (service.clusterIps.length > 0) return service.clusterIps;
      return [...new Set(service.backends.filter((b) => b.state === 'active').map((b) => b.ip))];
    }
    case 'name':
      return run.cluster.services.flatMap((s) => (s.name === to.name ? s.clusterIps : []));
  }
}
