/** Who talks to whom in a matrix: workloads and ingress controllers; addresses outside are in `external-ranges.ts`. */
import type {Cluster, Labels, Pod} from '../cluster/model.js';
import type {Policy} from '../cluster/policy/model.js';
import type {PodParty} from '../control/policy/kubernetes.js';
import {isIp4} from '../wire/addr.js';

/** Pods of one workload that no policy can tell apart. */
export interface Workload extends PodParty {
  /** `ns/name[Deployment]`; several have the same where pods of one owner differ. */
  readonly title: string;
  readonly pods: readonly Pod[];
}

/** Labels that controllers give to single pods. */
const podLabels = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
]);

/** The owner as the input has it; `[Pod]` for a pod of nobody, and for a static one, which its node owns. */
function titleOf({namespace, name, owner, controller}: Pod): string {
  const by = controller ?? owner;
  if (!by || by.kind === 'Node') return `${namespace}/${name}[Pod]`;
  return `${namespace}/${by.name}[${by.kind || 'Pod'}]`;
}

/**
 * In definition order. What may be said of a workload does not depend on whether its pods run just now: ended ones count, and
 * those that it would have.
 */
export function listWorkloads({pods, idle = [], namespaces, policies = []}: Cluster): Workload[] {
  const ignored = ignoredLabels(policies);
  const namespaceLabels = new Map(namespaces.map(({name, labels}) => [name, labels]));
  const groups = new Map<string, Pod[]>();
  for (const pod of [...pods, ...idle]) {
    const key = JSON.stringify([
      titleOf(pod),
      Object.entries(pod.labels)
        .filter(([key]) => !ignored.has(key))
        .sort(),
      pod.ports,
    ]);
    const group = groups.get(key);
    if (group) group.push(pod);
    else groups.set(key, [pod]);
  }
  return [...groups.values()].map((members) => {
    const [pod] = members as [Pod];
    return {...podParty(pod, namespaceLabels), title: titleOf(pod), pods: members};
  });
}

/** A pod that has no address yet is taken for one of IPv4. */
export function podParty({namespace, labels, ports, ips}: Pod, namespaceLabels: ReadonlyMap<string, Labels>): PodParty {
  const families = ips.length > 0 ? ips.map((ip) => (isIp4(ip) ? 4 : 6)) : ([4] as const);
  return {kind: 'pod', namespace, labels, namespaceLabels: namespaceLabels.get(namespace) ?? {}, ports, families};
}

/** Those of `podLabels` that no policy asks for. */
function ignoredLabels(policies: readonly Policy[]): ReadonlySet<string> {
  const out = new Set(podLabels);
  for (const {subject, ingress, egress} of policies) {
    const rules = [...ingress.rules, ...egress.rules];
    for (const peer of [subject, ...rules.flatMap(({peers}) => peers ?? [])]) {
      if (peer.kind === 'pods') for (const {key} of peer.pods) out.delete(key);
      if (peer.kind === 'identity') for (const {key} of peer.labels) out.delete(key);
    }
  }
  return out;
}

/** An ingress controller: some pod of a namespace of its own, of which only the name is known. */
export const ingressController: PodParty & {readonly title: string} = {
  kind: 'pod',
  title: '{ingress-controller}',
  namespace: 'ingress-controller-ns',
  labels: {},
  namespaceLabels: {'kubernetes.io/metadata.name': 'ingress-controller-ns'},
  ports: [],
  families: [4],
};
