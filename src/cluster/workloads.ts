/** Workloads → the pods their controllers would make, for definitions that have no pods of their own. */
import type {SourcePosition} from '../term/error.js';
import {hash53} from './hash.js';
import {podTemplate} from './kubernetes.js';
import type {K8sWorkload} from './kubernetes-shapes.js';
import type {PodSpec} from './spec.js';

const kinds = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

export function isWorkload(kind: string): boolean {
  return kinds.some((name) => name === kind);
}

/** Letters of generated names: no vowels, nothing that looks like another (k8s.io/apimachinery/pkg/util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function suffix(text: string, length: number): string {
  let bits = hash53(text);
  let out = '';
  for (let i = 0; i < length; i++) {
    out += ALPHABET[bits % ALPHABET.length];
    bits = Math.floor(bits / ALPHABET.length);
  }
  return out;
}

/** Pods of one workload; of a CronJob those of one run. `nodes` are the names of those a DaemonSet puts a pod on. */
export function expandWorkload(workload: K8sWorkload, where: SourcePosition, nodes: readonly string[]): PodSpec[] {
  const {kind, metadata} = workload;
  const spec = workload.spec?.jobTemplate?.spec ?? workload.spec;
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
      return count(spec?.replicas ?? 1, (i) => `${name}-${i}`).map((pod, i) => ({
        ...pod,
        labels: {...labels, 'statefulset.kubernetes.io/pod-name': pod.name, 'apps.kubernetes.io/pod-index': String(i)},
      }));
    case 'DaemonSet':
      return nodes.map((node) => one(`${name}-${suffix(`${key} ${node}`, 5)}`, {node}));
    case 'Deployment':
      return count(spec?.replicas ?? 1, (i) => `${name}-${hash}-${suffix(`${key} ${i}`, 5)}`);
    case 'Job':
    case 'CronJob':
      return count(
        Math.min(spec?.parallelism ?? 1, spec?.completions ?? Number.MAX_SAFE_INTEGER),
        (i) => `${name}-${suffix(`${key} ${i}`, 5)}`,
      ).map((pod) =>
        // jobs of a CronJob have the time of their run in their names
        kind === 'CronJob'
          ? pod
          : {...pod, labels: {...labels, 'batch.kubernetes.io/job-name': name, 'job-name': name}},
      );
    default:
      return count(spec?.replicas ?? 1, (i) => `${name}-${suffix(`${key} ${i}`, 5)}`);
  }
}
