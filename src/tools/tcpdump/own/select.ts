/** --identity, --from-pod, --to-pod, --service: tests on the innermost packet's addresses, by the cluster. */
import type {Cluster, Pod} from '../../../cluster/model.js';
import {reservedIdentities} from '../../../control/identity.js';
import {UserError} from '../../../term/error.js';
import type {Ip} from '../../../wire/addr.js';
import {createDirectory, type Directory, type End} from './directory.js';
import {type Flow, NO_PORT} from './flow.js';
import {findNamed, identityNumber, selectIdentities} from './lookup.js';
import type {OwnOptions} from './options.js';

/** A cluster, as one looks at packets through it. */
export interface ClusterView {
  readonly cluster: Cluster;
  readonly directory: Directory;
  /** The VNI of a tunnel is the sender's security identity, as Cilium has it, not a network's number. */
  readonly vniIsIdentity: boolean;
}

export function clusterView(cluster: Cluster): ClusterView {
  const vniIsIdentity = cluster.dataplane === 'cilium' && cluster.cilium.fixedVni === undefined;
  return {cluster, directory: createDirectory(cluster), vniIsIdentity};
}

/** What the tests see of a packet. `quoted`: the flow of the packet in an ICMP error. */
export interface Conversation {
  readonly flow: Flow | undefined;
  readonly vni: number | undefined;
  readonly quoted: () => Flow | undefined;
}

export type Test = (packet: Conversation) => boolean;

/** Does an option need to know the cluster? Its name, for the error. */
export function clusterOption(own: OwnOptions): string | undefined {
  if (own.annotate) return '--annotate';
  if (own.fromPod.length > 0) return '--from-pod';
  if (own.toPod.length > 0) return '--to-pod';
  if (own.service.length > 0) return '--service';
  return own.identity.some((text) => identityNumber(text) === undefined) ? '--identity' : undefined;
}

/** One test per option that was given. All names are looked up now. */
export function clusterTests(own: OwnOptions, view: ClusterView | undefined): Test[] {
  const tests: Test[] = [];
  if (own.identity.length > 0) tests.push(identityTest(own.identity, view));
  if (view === undefined) return tests;
  const {pods, services} = view.cluster;
  if (own.fromPod.length > 0) {
    const ips = podIps('--from-pod', own.fromPod, pods);
    tests.push(({flow}) => flow !== undefined && ips.has(flow.source));
  }
  if (own.toPod.length > 0) {
    const ips = podIps('--to-pod', own.toPod, pods);
    tests.push(({flow}) => flow !== undefined && ips.has(flow.destination));
  }
  if (own.service.length > 0) {
    const wanted = new Set(own.service.map((text) => findNamed('--service', 'service', text, services)));
    const isOf = (flow: Flow | undefined) =>
      flow !== undefined &&
      [...servicesOf(view, flow, 'source'), ...servicesOf(view, flow, 'destination')].some((s) => wanted.has(s));
    tests.push(({flow, quoted}) => isOf(flow) || isOf(quoted()));
  }
  return tests;
}

function podIps(option: string, texts: readonly string[], pods: readonly Pod[]): ReadonlySet<Ip> {
  const found = texts.map((text) => findNamed(option, 'pod', text, pods));
  const without = found.find((pod) => pod.ips.length === 0);
  if (without !== undefined)
    throw new UserError({message: `${option} ${without.namespace}/${without.name}: this pod has no address yet`});
  return new Set(found.flatMap((pod) => pod.ips));
}

/** Frontends and backends at one side of a flow. */
export function servicesOf({directory}: ClusterView, flow: Flow, side: 'source' | 'destination') {
  const hasPorts = flow.protocol === 6 || flow.protocol === 17 || flow.protocol === 132;
  const port = side === 'source' ? flow.sourcePort : flow.destinationPort;
  return directory.services(flow[side], hasPorts ? port : NO_PORT, flow.protocol);
}

/** Numbers work without a cluster, by the VNI alone. */
function identityTest(texts: readonly string[], view: ClusterView | undefined): Test {
  const wanted = new Set<number>();
  for (const text of texts) {
    const id = identityNumber(text);
    if (id !== undefined) wanted.add(id);
    else if (view !== undefined) for (const one of selectIdentities(text, view.cluster)) wanted.add(one);
  }
  const isAt = (end: End) =>
    (end.identity !== undefined && wanted.has(end.identity)) ||
    // A node's own agent calls it host; all others call it remote-node.
    ((end.kind === 'node' || end.kind === 'router') && wanted.has(reservedIdentities.host));
  return ({flow, vni}) => {
    const told = view === undefined || view.vniIsIdentity ? vni : undefined;
    if (told !== undefined && wanted.has(told)) return true;
    if (view === undefined || flow === undefined) return false;
    const {directory} = view;
    return (told === undefined && isAt(directory.end(flow.source))) || isAt(directory.end(flow.destination));
  };
}
