/** Who talks to whom in a matrix: workloads, ranges of external addresses, ingress controllers. */
import type {Cluster, Labels, Pod} from '../cluster/model.js';
import type {Policy} from '../cluster/policy/model.js';
import type {ExternalParty, PodParty} from '../control/policy/kubernetes.js';
import {formatIp4, type Ip4, isIp4, maskIp, type Prefix, prefixSize} from '../wire/addr.js';

/** Pods of one workload that no policy can tell apart. */
export interface Workload extends PodParty {
  /** `ns/name[Deployment]`; several have the same where pods of one owner differ. */
  readonly title: string;
  readonly pods: readonly Pod[];
}

export interface ExternalRange extends ExternalParty {
  /** `10.0.0.0-10.255.255.255[External]`. */
  readonly title: string;
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

/** The owner as the input has it; `[Pod]` for a pod of nobody. */
function titleOf({namespace, name, owner, controller}: Pod): string {
  const by = controller ?? owner;
  return `${namespace}/${by?.name ?? name}[${by?.kind || 'Pod'}]`;
}

/** In definition order. Pods that have ended take no part. */
export function listWorkloads({pods, namespaces, policies = []}: Cluster): Workload[] {
  const ignored = ignoredLabels(policies);
  const namespaceLabels = new Map(namespaces.map(({name, labels}) => [name, labels]));
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
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

export function podParty({namespace, labels, ports}: Pod, namespaceLabels: ReadonlyMap<string, Labels>): PodParty {
  return {kind: 'pod', namespace, labels, namespaceLabels: namespaceLabels.get(namespace) ?? {}, ports};
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

/**
 * IPv4 in ranges that every rule of this direction treats as one. A block and its exceptions are one set: borders inside of it
 * are none.
 */
export function externalRanges(policies: readonly Policy[], direction: 'ingress' | 'egress'): ExternalRange[] {
  const starts = new Set<number>([0]);
  for (const policy of policies)
    for (const {peers} of policy[direction].rules)
      for (const peer of peers ?? []) {
        if (peer.kind !== 'cidr' || !isIp4(peer.prefix.ip)) continue;
        for (const [from, to] of without(rangeOf(peer.prefix), peer.except.filter(({ip}) => isIp4(ip)).map(rangeOf))) {
          starts.add(from);
          if (to < 0xffff_ffff) starts.add(to + 1);
        }
      }
  const sorted = [...starts].sort((a, b) => a - b);
  return sorted.map((from, i) => ({
    kind: 'external',
    ip: from as Ip4,
    title: `${formatIp4(from)}-${formatIp4((sorted[i + 1] ?? 0x1_0000_0000) - 1)}[External]`,
  }));
}

type Range = readonly [number, number];

function rangeOf(prefix: Prefix): Range {
  const from = maskIp(prefix.ip, prefix.length) as number;
  return [from, from + prefixSize(prefix) - 1];
}

/** What is left of a range; neighbouring holes are one. */
function without([from, to]: Range, holes: readonly Range[]): Range[] {
  const out: Range[] = [];
  let start = from;
  for (const [low, high] of [...holes].sort((a, b) => a[0] - b[0])) {
    if (high < start || low > to) continue;
    if (low > start) out.push([start, low - 1]);
    start = Math.max(start, high + 1);
  }
  if (start <= to) out.push([start, to]);
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
};
