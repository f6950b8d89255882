/**
 * Security identities: which labels count, how Cilium prints them, which number a set of labels gets.
 * Numbers: cilium pkg/identity/numericidentity.go; the label filter: pkg/labelsfilter/filter.go.
 */
import {hash53} from './hash.js';
import type {Identity, Labels} from './model.js';

/** Reserved identities that every agent lists. 9 and 10 carry traffic on dual-stack clusters only. */
export const reservedIdentityTable: readonly Identity[] = [
  {id: 1, labels: ['reserved:host']},
  {id: 2, labels: ['reserved:world']},
  {id: 3, labels: ['reserved:unmanaged']},
  {id: 4, labels: ['reserved:health']},
  {id: 5, labels: ['reserved:init']},
  {id: 6, labels: ['reserved:remote-node']},
  {id: 7, labels: ['reserved:kube-apiserver', 'reserved:remote-node']},
  {id: 8, labels: ['reserved:ingress']},
  {id: 9, labels: ['reserved:world-ipv4']},
  {id: 10, labels: ['reserved:world-ipv6']},
];

export const HOST_IDENTITY = 1;

/** Cluster-allocated range at cluster-id 0 (pkg/identity/cache). */
export const identityRange = {min: 256, max: 65535} as const;

const NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
const NAMESPACE_META = 'io.cilium.k8s.namespace.labels.';
const CLUSTER_LABEL = 'io.cilium.k8s.policy.cluster';
const SERVICE_ACCOUNT_LABEL = 'io.cilium.k8s.policy.serviceaccount';

interface LabelRule {
  readonly ignore: boolean;
  readonly pattern: RegExp;
}

/** Expressions of the agent's default list, `!` = ignore. Each must match from the start of the key. */
const defaultRules = [
  String.raw`io\.kubernetes\.pod\.namespace`,
  String.raw`io\.cilium\.k8s\.namespace\.labels`,
  String.raw`app\.kubernetes\.io`,
  String.raw`io\.cilium\.k8s\.policy\.cluster`,
  String.raw`!io\.kubernetes`,
  String.raw`!kubernetes\.io`,
  String.raw`!statefulset\.kubernetes\.io/pod-name`,
  String.raw`!apps\.kubernetes\.io/pod-index`,
  String.raw`!batch\.kubernetes\.io/job-completion-index`,
  String.raw`!batch\.kubernetes\.io/controller-uid`,
  String.raw`!.*beta\.kubernetes\.io`,
  String.raw`!k8s\.io`,
  '!pod-template-generation',
  '!pod-template-hash',
  '!controller-revision-hash',
  '!annotation.*',
  '!controller-uid',
  '!etcd_node',
  String.raw`!topology\.kubernetes\.io`,
].map(parseRule);

function parseRule(text: string): LabelRule {
  const ignore = text.startsWith('!');
  return {ignore, pattern: new RegExp(ignore ? text.slice(1) : text)};
}

/**
 * The filter of the `labels` option: blank-separated expressions, `k8s:` in front allowed, added to the defaults. One that
 * includes turns the filter into a white list. Of nodes' labels (`node-labels`) there are no defaults. Undefined when an
 * expression is no regular expression.
 */
export function labelFilter(
  option: string | undefined,
  of: 'k8s' | 'node' = 'k8s',
): ((key: string) => boolean) | undefined {
  const extra: LabelRule[] = [];
  for (const word of (option ?? '').split(/\s+/).filter(Boolean)) {
    const colon = word.indexOf(':');
    const [source, text] = colon < 0 ? ['', word] : [word.slice(0, colon), word.slice(colon + 1)];
    if (source !== '' && source !== of) continue;
    try {
      extra.push(parseRule(text));
    } catch {
      return undefined;
    }
  }
  const rules = [...(of === 'k8s' ? defaultRules : []), ...extra];
  const whitelist = extra.some((rule) => !rule.ignore);
  const known = new Map<string, boolean>();
  return (key) => {
    let keep = known.get(key);
    if (keep === undefined) known.set(key, (keep = keepsLabel(key, rules, whitelist)));
    return keep;
  };
}

/** The longest including match must be longer than the shortest ignoring one (filterLabels). */
function keepsLabel(key: string, rules: readonly LabelRule[], whitelist: boolean): boolean {
  let [included, ignored] = [0, 0];
  for (const {ignore, pattern} of rules) {
    const match = pattern.exec(key);
    if (match?.index !== 0) continue;
    const length = match[0].length;
    if (!ignore) included = Math.max(included, length);
    else if (ignored === 0 || length < ignored) ignored = length;
  }
  return (!whitelist && ignored === 0) || included > ignored;
}

/** What an agent knows of a pod when it asks for an identity. */
export interface PodLabelSource {
  readonly labels: Labels;
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly serviceAccount: string;
  readonly clusterName: string;
}

/** `k8s:key=value`, sorted, filtered: the label set as `cilium identity list` prints it. */
export function identityLabels(pod: PodLabelSource, keep: (key: string) => boolean): string[] {
  const labels = new Map<string, string>(Object.entries(pod.labels));
  for (const [key, value] of Object.entries(pod.namespaceLabels)) labels.set(NAMESPACE_META + key, value);
  labels.set(CLUSTER_LABEL, pod.clusterName);
  labels.set(SERVICE_ACCOUNT_LABEL, pod.serviceAccount);
  labels.set(NAMESPACE_LABEL, pod.namespace);
  const out: string[] = [];
  for (const [key, value] of labels) if (keep(key)) out.push(value === '' ? `k8s:${key}` : `k8s:${key}=${value}`);
  return out.sort();
}

export interface IdentityAllocator {
  /** States that this label set has this number; returns the labels that already have it, if they are others. */
  state(id: number, labels: readonly string[]): readonly string[] | undefined;
  /** The number of this label set; undefined when the range is exhausted. */
  idOf(labels: readonly string[]): number | undefined;
  /** All, ascending, reserved ones included. */
  list(): Identity[];
}

/**
 * Numbers are drawn from the label set's hash, so that a set keeps its number whatever else is in the cluster. State what
 * the input says before asking for the rest.
 */
export function createIdentityAllocator(clusterId: number): IdentityAllocator {
  const high = clusterId * 65536;
  const byLabels = new Map<string, number>();
  const byId = new Map<number, readonly string[]>(reservedIdentityTable.map((row) => [row.id, row.labels]));
  const size = identityRange.max - identityRange.min + 1;
  const remember = (id: number, key: string, labels: readonly string[]) => {
    byLabels.set(key, id);
    byId.set(id, labels);
    return id;
  };
  return {
    state(id, labels) {
      const key = labels.join('\n');
      const other = byId.get(id);
      if (other && other.join('\n') !== key) return other;
      remember(id, key, labels);
      return undefined;
    },
    idOf(labels) {
      const key = labels.join('\n');
      const known = byLabels.get(key);
      if (known !== undefined) return known;
      const start = hash53(key) % size;
      for (let i = 0; i < size; i++) {
        const id = high + identityRange.min + ((start + i) % size);
        if (!byId.has(id)) return remember(id, key, labels);
      }
      return undefined;
    },
    list: () => [...byId].map(([id, labels]) => ({id, labels})).sort((a, b) => a.id - b.id),
  };
}
