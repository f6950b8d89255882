/** `kubectl apply -f`, and `create -f`. */
import type {Definition, PodSpec} from '../../cluster/spec.js';
import {keyOf} from '../../cluster/spec.js';
import type {Command, Invocation} from './command.js';
import {KubectlError} from './error.js';
import {type Manifests, readManifests} from './files.js';
import {another, change, membersOf, put, without} from './mutate.js';

export const apply: Command = (invocation) => {
  if (!invocation.flags.has('filename')) throw new KubectlError('error: must specify one of -f and -k');
  return applyFiles(invocation, 'apply');
};

/** Does it and tells of each object what became of it. */
export async function applyFiles(invocation: Invocation, verb: 'apply' | 'create'): Promise<number> {
  const {session, flags, namespace, io} = invocation;
  const manifests = await readManifests((flags.get('filename') ?? '').split(','), namespace, session.cluster, io);
  const told = [...objectsOf(manifests, session.cluster)];
  if (told.length === 0) throw new KubectlError(`error: no objects passed to ${verb}`);
  if (verb === 'create') {
    const there = told.find(({exists}) => exists);
    if (there)
      throw new KubectlError(
        `Error from server (AlreadyExists): error when creating ${JSON.stringify(flags.get('filename'))}: ${there.resource} ${JSON.stringify(there.name)} already exists`,
      );
  }
  const dry = (flags.get('dry-run') ?? 'none') !== 'none';
  if (!dry) change(session, (definition) => withManifests(definition, manifests, invocation));
  for (const {kind, name, exists} of told)
    io.stdout.write(
      `${kind}/${name} ${exists ? 'configured' : 'created'}${dry ? ` (${flags.get('dry-run') === 'client' ? '' : 'server '}dry run)` : ''}\n`,
    );
  return 0;
}

const groups: Readonly<Record<string, string>> = {
  Deployment: 'apps',
  ReplicaSet: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  Job: 'batch',
  CronJob: 'batch',
  NetworkPolicy: 'networking.k8s.io',
  CiliumNetworkPolicy: 'cilium.io',
  CiliumClusterwideNetworkPolicy: 'cilium.io',
  ClusterNetworkPolicy: 'policy.networking.k8s.io',
};

interface Told {
  /** `deployment.apps`, as results name it. */
  readonly kind: string;
  /** `deployments.apps`, as errors name it. */
  readonly resource: string;
  readonly name: string;
  readonly exists: boolean;
}

function* objectsOf(manifests: Manifests, cluster: Invocation['session']['cluster']): Generator<Told> {
  const told = (kind: string, name: string, exists: boolean): Told => {
    const lower = kind.toLowerCase();
    const group = groups[kind] === undefined ? '' : `.${groups[kind]}`;
    const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
    return {kind: `${lower}${group}`, resource: `${plural}${group}`, name, exists};
  };
  const has = (
    list: readonly {readonly namespace?: string | undefined; readonly name: string}[],
    item: {readonly namespace?: string | undefined; readonly name: string},
  ) =>
    list.some((other) => other.name === item.name && (other.namespace ?? 'default') === (item.namespace ?? 'default'));
  for (const {name} of manifests.namespaces)
    yield told(
      'Namespace',
      name,
      cluster.namespaces.some((n) => n.name === name),
    );
  for (const item of manifests.services) yield told('Service', item.name, has(cluster.services, item));
  for (const item of manifests.pods) yield told('Pod', item.name, has(cluster.pods, item));
  for (const {kind, namespace, name} of manifests.workloads)
    yield told(kind, name, membersOf(cluster, namespace, kind, name).length > 0);
  for (const item of manifests.policies) yield told(item.kind, item.name, has(cluster.policies ?? [], item));
}

function withManifests(definition: Definition, manifests: Manifests, {session}: Invocation): Definition {
  let {services, namespaces, pods, policies = []} = definition;
  for (const namespace of manifests.namespaces) namespaces = put(namespaces, namespace);
  for (const service of manifests.services) {
    // what the server has given a service stays its own
    const before = services.find((other) => keyOf(other) === keyOf(service));
    services = put(services, {
      ...(before?.clusterIPs && service.clusterIP === undefined && service.clusterIPs === undefined
        ? {clusterIPs: before.clusterIPs}
        : {}),
      ...service,
    });
  }
  for (const pod of manifests.pods) {
    const before = pods.find((other) => keyOf(other) === keyOf(pod));
    pods = put(pods, before ? {...before, labels: pod.labels ?? {}, annotations: pod.annotations ?? {}} : running(pod));
  }
  for (const {kind, namespace, name} of manifests.workloads) {
    const own = manifests.workloadPods.filter(
      ({owner, namespace: ns = 'default'}) => owner?.kind === kind && owner.name === name && ns === namespace,
    );
    pods = rollOut(pods, membersOf(session.cluster, namespace, kind, name).map(keyOf), own);
  }
  for (const policy of manifests.policies)
    policies = [
      ...policies.filter(
        (p) => !(p.kind === policy.kind && p.name === policy.name && p.namespace === policy.namespace),
      ),
      policy,
    ];
  return {...definition, services, namespaces, pods, ...(policies.length > 0 ? {policies} : {})};
}

function running(pod: PodSpec): PodSpec {
  return {...pod, phase: 'Running', ready: pod.ready ?? true};
}

/** Pods whose template is as it was stay; the others are replaced; as many as are asked for. */
function rollOut(pods: readonly PodSpec[], members: readonly string[], wanted: readonly PodSpec[]): PodSpec[] {
  const [template] = wanted;
  const keys = new Set(members);
  if (!template) return without(pods, keys);
  const same = pods.filter((pod) => keys.has(keyOf(pod)) && isLike(pod, template));
  const kept = new Set(same.slice(0, wanted.length).map(keyOf));
  const left = pods.filter((pod) => !keys.has(keyOf(pod)) || kept.has(keyOf(pod)));
  const taken = new Set(pods.map(keyOf));
  for (let n = kept.size; n < wanted.length; n++) {
    const spec = wanted[n] ?? template;
    const fresh = taken.has(keyOf(spec)) ? another(spec, taken) : running(spec);
    taken.add(keyOf(fresh));
    left.push(fresh);
  }
  return left;
}

function isLike(a: PodSpec, b: PodSpec): boolean {
  const labels = (spec: PodSpec) => JSON.stringify(Object.entries(spec.labels ?? {}).sort());
  const images = (spec: PodSpec) => JSON.stringify((spec.containers ?? []).map(({name, image = ''}) => [name, image]));
  return labels(a) === labels(b) && images(a) === images(b);
}
