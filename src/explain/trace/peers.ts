/** Ends of a trace: as `--traffic` names them, and workloads, of which one pod stands for all. */
import type {Cluster, Peer, Pod, TrafficSpec} from '../../cluster/model.js';
import {parseTraffic} from '../../cluster/traffic.js';
import {UserError} from '../../term/error.js';
import {podAt} from '../pod-index.js';

export interface Question {
  readonly spec: TrafficSpec;
  /** What was chosen for the asker. */
  readonly notes: readonly string[];
}

const kinds: Readonly<Record<string, string>> = {
  deploy: 'Deployment',
  deployment: 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  ds: 'DaemonSet',
  daemonset: 'DaemonSet',
  rs: 'ReplicaSet',
  replicaset: 'ReplicaSet',
  job: 'Job',
  cronjob: 'CronJob',
};

/** `FROM`, `TO[:PORT][/PROTO]`. Throws a UserError for what names nothing, or nothing that a trace could follow. */
export function readQuestion(from: string, to: string, cluster: Cluster): Question {
  const {spec, notes} = readFlow(from, to, cluster);
  return {spec: {...spec, count: 1}, notes};
}

/** The same, and behind `to` options of a line of traffic: how often, how large. */
export function readFlow(from: string, to: string, cluster: Cluster): Question {
  const notes: string[] = [];
  const note = (name: string, pod: Pod) => {
    notes.push(`${name} stands for its pod ${pod.namespace}/${pod.name} on ${pod.node}`);
    return `pod/${pod.namespace}/${pod.name}`;
  };
  const stated = (text: string) => {
    const {head, tail} = splitTarget(text);
    const found = workloadPod(head, cluster, true);
    return found ? `${note(head, found)}${tail}` : text;
  };
  const ask = (a: string, b: string) => {
    const spec = parseTraffic(`${a} -> ${b}`, cluster);
    return {...spec, from: ownerOf(spec.from, cluster)};
  };
  const [a, b] = [stated(from), stated(to)];
  try {
    return {spec: traceable(ask(a, b), notes), notes};
  } catch (error) {
    // A bare name that is nothing else may be a workload's.
    const bare = (text: string) => {
      const {head, tail} = splitTarget(text);
      const pod = isKnown(head, cluster) ? undefined : workloadPod(head, cluster, false);
      return pod ? `${note(head, pod)}${tail}` : text;
    };
    const [c, d] = [bare(a), bare(b)];
    if (!(error instanceof UserError) || (c === a && d === b)) throw error;
    return {spec: traceable(ask(c, d), notes), notes};
  }
}

function splitTarget(text: string): {head: string; tail: string} {
  const match = /^(.*?)((?::[^/:\s]*)?(?:\/(?:icmp|udp|tcp|sctp|http|dns))?(?:\s.*)?)$/i.exec(text)!;
  return {head: match[1]!, tail: match[2]!};
}

function isKnown(name: string, {pods, services, nodes}: Cluster): boolean {
  const own = (item: {readonly name: string; readonly namespace: string}) =>
    item.name === name || `${item.namespace}/${item.name}` === name;
  return pods.some(own) || services.some(own) || nodes.some((node) => node.name === name);
}

/** The first running pod of `deploy/web`, `sts/db/main`; bare: of any workload called so. */
function workloadPod(text: string, {pods}: Cluster, prefixed: boolean): Pod | undefined {
  const slash = text.indexOf('/');
  const kind = prefixed && slash > 0 ? kinds[text.slice(0, slash).toLowerCase()] : undefined;
  if (prefixed && kind === undefined) return undefined;
  const rest = prefixed ? text.slice(slash + 1) : text;
  const [namespace, name] = rest.includes('/')
    ? [rest.slice(0, rest.indexOf('/')), rest.slice(rest.indexOf('/') + 1)]
    : [undefined, rest];
  const own = pods.filter(
    (pod) =>
      (namespace === undefined || pod.namespace === namespace) &&
      [pod.owner, pod.controller].some((by) => by?.name === name && (kind === undefined || by.kind === kind)),
  );
  const running = own.filter((pod) => pod.node !== undefined && pod.phase === 'Running' && pod.ips.length > 0);
  const found = running.find((pod) => pod.namespace === 'default') ?? running[0];
  if (prefixed && !found)
    throw new UserError({
      message: own.length === 0 ? `no pod belongs to ${text}` : `no pod of ${text} runs`,
      hint: 'name a pod, node/NAME, a service or an address',
    });
  return found;
}

/** An address of the cluster sends from where it is. */
function ownerOf(peer: Peer, cluster: Cluster): Peer {
  if (peer.kind !== 'ip') return peer;
  const pod = podAt(cluster, peer.ip);
  if (pod?.node !== undefined) return {kind: 'pod', pod};
  const node = cluster.nodes.find(({ips}) => ips.includes(peer.ip));
  return node ? {kind: 'node', node} : peer;
}

/** A name of the cluster's DNS is taken for the service it names, so that the packet traced is not the query. */
function traceable(spec: TrafficSpec, notes: string[]): TrafficSpec {
  const {to, protocol} = spec;
  if (protocol === 'dns') return spec;
  if (to.kind === 'name')
    throw new UserError({
      message: `${to.name}: a name outside of the cluster has no address here`,
      hint: 'give its address',
    });
  if (to.kind !== 'service' || to.dnsName === undefined) return spec;
  notes.push(`${to.dnsName} resolves to service ${to.service.namespace}/${to.service.name}; the query is not traced`);
  return {...spec, to: {kind: 'service', service: to.service}};
}
