/** Workloads → the pods their controllers would make, for definitions that have no pods of their own. */
import type {SourcePosition} from '../term/error.js';
import {hash53} from './hash.js';
import {podTemplate} from './kubernetes-pods.js';
import type {K8sWorkload, Meta} from './kubernetes-shapes.js';
import type {Problems} from './problems.js';
import type {PodSpec} from './spec.js';

const kinds = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

export function isWorkload(kind: string): boolean {
  return kinds.some((name) => name === kind);
}

/** Letters of generated names: no vowels, nothing that looks like another (k8s.io/apimachinery/pkg/util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export function suffix(text: string, length: number): string {
  let bits = hash53(text);
  let out = '';
  for (let i = 0; i < length; i++) {
    out += ALPHABET[bits % ALPHABET.length];
    bits = Math.floor(bits / ALPHABET.length);
  }
  return out;
}

/** A workload as it stands in the input. */
export interface PlacedWorkload {
  readonly object: K8sWorkload;
  readonly where: SourcePosition;
}

/** More pods than any cluster has: a slip, or an attempt to use up the memory. */
const MAX_PODS = 500_000;

/**
 * Pods of the workloads that have none in the input. What a dump lists is all there is: pods that it has are not made again,
 * under whatever owner, and a live workload without pods among those of others has none.
 */
export function expandWorkloads(
  all: readonly PlacedWorkload[],
  pods: readonly PodSpec[],
  nodes: readonly string[],
  problems: Problems,
): PodSpec[] {
  // of workloads that come twice the later counts
  const byKey = new Map(all.map((item) => [keyOf(item.object.kind, item.object.metadata), item]));
  const owned = ownersOf(pods, byKey);
  const dumped = pods.some((pod) => pod.live);
  const out: PodSpec[] = [];
  let [idle, total] = [0, 0];
  for (const [key, {object, where}] of byKey) {
    const {metadata} = object;
    if (owned.has(key) || hasOwner(object, byKey)) continue;
    if (dumped && metadata.uid !== undefined) {
      idle++;
      continue;
    }
    total += sizeOf(object, nodes);
    if (total > MAX_PODS) {
      problems.add(`${key}: with its pods there are more than ${MAX_PODS.toLocaleString('en')}`, where);
      break;
    }
    out.push(...expandWorkload(object, where, nodes));
  }
  if (idle > 0)
    problems.note(
      'inferred',
      `${idle} workload${idle === 1 ? ' has' : 's have'} no pods: the dump lists none of theirs`,
    );
  if (out.length > 0)
    problems.note('inferred', `${out.length} pods of ${workloadsOf(out)}, as their controllers make them`);
  return out;
}

/** One pod of each workload that makes its own, as it would be: for those that have none for now, scaled to zero or suspended. */
export function workloadTemplates(all: readonly PlacedWorkload[], pods: readonly PodSpec[]): PodSpec[] {
  const byKey = new Map(all.map((item) => [keyOf(item.object.kind, item.object.metadata), item]));
  const owned = ownersOf(pods, byKey);
  return [...byKey].flatMap(([key, {object, where}]) => {
    if (owned.has(key) || hasOwner(object, byKey)) return [];
    const active = {replicas: 1, parallelism: 1, completions: 1, suspend: false};
    const {jobTemplate} = object.spec ?? {};
    const job = jobTemplate && {jobTemplate: {...jobTemplate, spec: {...jobTemplate.spec, ...active}}};
    const [pod] = expandWorkload({...object, spec: {...object.spec, ...active, ...job}}, where, ['']);
    if (!pod) return [];
    const {node: _, daemon: __, ...template} = pod;
    return [template];
  });
}

function workloadsOf(pods: readonly PodSpec[]): string {
  const count = new Set(pods.map(({owner, namespace}) => `${owner?.kind} ${namespace}/${owner?.name}`)).size;
  return `${count} workload${count === 1 ? '' : 's'}`;
}

function keyOf(kind: string, {namespace, name}: Meta): string {
  return `${kind} ${namespace ?? 'default'}/${name}`;
}

/** Workloads that have pods in the input, and those that these belong to: a ReplicaSet and its Deployment. */
function ownersOf(pods: readonly PodSpec[], byKey: ReadonlyMap<string, PlacedWorkload>): Set<string> {
  const owned = new Set<string>();
  const climb = (key: string) => {
    if (owned.has(key)) return;
    owned.add(key);
    const own = byKey.get(key)?.object.metadata;
    for (const {kind, name} of own?.ownerReferences ?? []) if (kind && name) climb(keyOf(kind, {...own, name}));
  };
  for (const {owner, controller, namespace} of pods)
    for (const above of [owner, controller])
      if (above) climb(keyOf(above.kind, {...(namespace === undefined ? {} : {namespace}), name: above.name}));
  return owned;
}

/** Another workload of the input makes its pods. */
function hasOwner({metadata}: K8sWorkload, byKey: ReadonlyMap<string, PlacedWorkload>): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({kind, name}) => kind !== undefined && name !== undefined && byKey.has(keyOf(kind, {...metadata, name})),
  );
}

function sizeOf(workload: K8sWorkload, nodes: readonly string[]): number {
  const spec = workload.spec?.jobTemplate?.spec ?? workload.spec;
  if (workload.kind === 'DaemonSet') return nodes.length;
  return workload.kind.endsWith('Job') ? jobPods(spec) : (spec?.replicas ?? 1);
}

/** Of one run; a suspended one has none. */
function jobPods(spec: K8sWorkload['spec']): number {
  return Math.min(spec?.parallelism ?? 1, spec?.completions ?? Number.MAX_SAFE_INTEGER);
}

/** Pods of one workload; of a CronJob those of one run. `nodes` are the names of those a DaemonSet puts a pod on. */
function expandWorkload(workload: K8sWorkload, where: SourcePosition, nodes: readonly string[]): PodSpec[] {
  const {kind, metadata} = workload;
  const spec = workload.spec?.jobTemplate?.spec ?? workload.spec;
  if (workload.spec?.suspend || spec?.suspend) return [];
  const name = metadata.name!;
  const namespace = metadata.namespace ?? 'default';
  const key = `${kind} ${namespace}/${name}`;
  const hash = suffix(key, 10);
  const labels = {
    ...spec?.template?.metadata?.labels,
    ...(kind === 'Deployment' ? {'pod-template-hash': hash} : {}),
  };
  const base = {
    ...podTemplate(spec?.template?.spec),
    namespace,
    where,
    annotations: spec?.template?.metadata?.annotations ?? {},
    owner: {kind, name},
  };
  const one = (podName: string, extra: Partial<PodSpec> = {}): PodSpec => ({...base, name: podName, labels, ...extra});
  const count = (n: number, nameOf: (i: number) => string) => Array.from({length: n}, (_, i) => one(nameOf(i)));
  switch (kind) {
    case 'StatefulSet':
      return count(spec?.replicas ?? 1, (i) => `${name}-${(spec?.ordinals?.start ?? 0) + i}`).map((pod) => ({
        ...pod,
        labels: {
          ...labels,
          'statefulset.kubernetes.io/pod-name': pod.name,
          'apps.kubernetes.io/pod-index': pod.name.slice(name.length + 1),
        },
      }));
    case 'DaemonSet':
      return nodes.map((node) => one(`${name}-${suffix(`${key} ${node}`, 5)}`, {node, daemon: true}));
    case 'Deployment':
      return count(spec?.replicas ?? 1, (i) => `${name}-${hash}-${suffix(`${key} ${i}`, 5)}`);
    case 'Job':
    case 'CronJob':
      return count(jobPods(spec), (i) => `${name}-${suffix(`${key} ${i}`, 5)}`).map((pod) =>
        // jobs of a CronJob have the time of their run in their names
        kind === 'CronJob'
          ? pod
          : {...pod, labels: {...labels, 'batch.kubernetes.io/job-name': name, 'job-name': name}},
      );
    default:
      return count(spec?.replicas ?? 1, (i) => `${name}-${suffix(`${key} ${i}`, 5)}`);
  }
}
