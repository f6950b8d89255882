/**
 * Which node a pod without one goes to: what kube-scheduler's filters would allow (NodeAffinity, TaintToleration, NodePorts,
 * InterPodAffinity, PodTopologySpread), and of those the one that spreads best. Scores are a rule of thumb: a scheduler's
 * own depend on requests and on time.
 */
import type {ClusterNode, Labels} from './model.js';
import {holds, labelOf, matchesLabels} from './policy/match-labels.js';
import type {NodeTerm, PodSpec, PodTerm, SpreadConstraint, Taint, Toleration} from './spec.js';

export interface Scheduler {
  /** Undefined where no node fits. */
  pick(spec: PodSpec): ClusterNode | undefined;
  /** A pod that has its node already. */
  place(spec: PodSpec, node: ClusterNode): void;
}

/** Pods that match a selector, per topology domain; kept up to date as pods are placed. */
interface Counter {
  readonly term: {readonly key: string; readonly matches: (labels: Labels) => boolean};
  readonly perDomain: Map<string, number>;
}

const HOSTNAME = 'kubernetes.io/hostname';

/** What a node itself must be like: also decides where a DaemonSet has pods. */
export function fitsNode(spec: PodSpec, node: ClusterNode, taints: readonly Taint[] | undefined): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) if (node.labels[key] !== value) return false;
  const terms = spec.scheduling?.nodeAffinity;
  if (terms && !terms.some((term) => allHold(term, node))) return false;
  return (taints ?? []).every(
    (taint) =>
      taint.effect === 'PreferNoSchedule' || spec.scheduling?.tolerations?.some((one) => tolerates(one, taint)),
  );
}

function allHold(term: NodeTerm, node: ClusterNode): boolean {
  return term.every(({key, operator, values, field}) => {
    const value = field ? (key === 'metadata.name' ? node.name : undefined) : labelOf(node.labels, key);
    if (operator === 'Gt') return value !== undefined && Number(value) > Number(values[0]);
    if (operator === 'Lt') return value !== undefined && Number(value) < Number(values[0]);
    return holds({operator, values}, value);
  });
}

function tolerates({key, operator, value, effect}: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || (value ?? '') === (taint.value ?? ''));
}

export function createScheduler(
  nodes: readonly ClusterNode[],
  taintsOf: ReadonlyMap<string, readonly Taint[]>,
): Scheduler {
  const ready = nodes.filter((node) => node.ready);
  const tainted = ready.some((node) => taintsOf.has(node.name));
  const load = new Map(nodes.map((node) => [node, 0]));
  const hostPorts = new Map<ClusterNode, Set<string>>();
  /** Namespace → pods placed, and what counts them. */
  const placed = new Map<string, {readonly labels: Labels; readonly node: ClusterNode}[]>();
  const counters = new Map<string, Map<string, Counter>>();
  // the lowest level that some node has, and where to look for it next: filling level by level keeps this linear
  let level = 0;
  let at = 0;

  const namespaceOf = (spec: PodSpec) => spec.namespace ?? 'default';

  function counterFor(namespace: string, term: SpreadConstraint | PodTerm): Counter {
    let own = counters.get(namespace);
    if (!own) counters.set(namespace, (own = new Map()));
    const id = `${term.topologyKey}\n${JSON.stringify(term.selector ?? null)}`;
    let counter = own.get(id);
    if (!counter) {
      const matches = (labels: Labels) => term.selector !== undefined && matchesLabels(term.selector, labels);
      counter = {term: {key: term.topologyKey, matches}, perDomain: new Map()};
      own.set(id, counter);
      for (const pod of placed.get(namespace) ?? []) count(counter, pod.labels, pod.node);
    }
    return counter;
  }

  function count({term, perDomain}: Counter, labels: Labels, node: ClusterNode): void {
    const domain = node.labels[term.key];
    if (domain !== undefined && term.matches(labels)) perDomain.set(domain, (perDomain.get(domain) ?? 0) + 1);
  }

  function place(spec: PodSpec, node: ClusterNode): void {
    load.set(node, (load.get(node) ?? 0) + 1);
    const namespace = namespaceOf(spec);
    const labels = spec.labels ?? {};
    const list = placed.get(namespace);
    if (list) list.push({labels, node});
    else placed.set(namespace, [{labels, node}]);
    for (const counter of counters.get(namespace)?.values() ?? []) count(counter, labels, node);
    const ports = hostPortsOf(spec);
    if (ports.length === 0) return;
    const taken = hostPorts.get(node) ?? new Set();
    hostPorts.set(node, taken);
    for (const port of ports) taken.add(port);
  }

  /** Other pods on it, and around it, allow it. */
  function allows(spec: PodSpec, node: ClusterNode, ports: readonly string[]): boolean {
    const taken = hostPorts.get(node);
    if (taken && ports.some((port) => taken.has(port))) return false;
    const {affinity = [], antiAffinity = [], spread = []} = spec.scheduling ?? {};
    const here = (term: PodTerm) => {
      const domain = node.labels[term.topologyKey];
      return domain === undefined
        ? undefined
        : spaces(term, spec).reduce(
            (sum, namespace) => sum + (counterFor(namespace, term).perDomain.get(domain) ?? 0),
            0,
          );
    };
    if (antiAffinity.some((term) => term.required && (here(term) ?? 0) > 0)) return false;
    for (const term of affinity) {
      if (!term.required || (here(term) ?? 0) > 0) continue;
      // the first of a group that wants to be together goes anywhere
      const alone = spaces(term, spec).every((namespace) => counterFor(namespace, term).perDomain.size === 0);
      const self = term.selector !== undefined && matchesLabels(term.selector, spec.labels ?? {});
      if (here(term) === undefined || !alone || !self) return false;
    }
    return spread.every((constraint) => {
      if (!constraint.required) return true;
      const domain = node.labels[constraint.topologyKey];
      if (domain === undefined) return false;
      return skew(spec, constraint, domain) <= constraint.maxSkew;
    });
  }

  /** Pods of the domain, with this one, less those of the emptiest domain there is. */
  function skew(spec: PodSpec, constraint: SpreadConstraint, domain: string): number {
    const {perDomain} = counterFor(namespaceOf(spec), constraint);
    let least = Number.POSITIVE_INFINITY;
    for (const name of domainsOf(constraint.topologyKey)) least = Math.min(least, perDomain.get(name) ?? 0);
    return (perDomain.get(domain) ?? 0) + 1 - least;
  }

  const domains = new Map<string, Set<string>>();
  function domainsOf(key: string): Set<string> {
    let own = domains.get(key);
    if (!own) domains.set(key, (own = new Set(ready.flatMap((node) => node.labels[key] ?? []))));
    return own;
  }

  /** Lower is better: wishes first, then the number of pods. */
  function cost(spec: PodSpec, node: ClusterNode): number {
    const {affinity = [], antiAffinity = [], spread = []} = spec.scheduling ?? {};
    let wish = 0;
    for (const constraint of spread) {
      const domain = node.labels[constraint.topologyKey];
      wish += domain === undefined ? 1000 : skew(spec, constraint, domain);
    }
    for (const [terms, sign] of [
      [antiAffinity, 1],
      [affinity, -1],
    ] as const)
      for (const term of terms) {
        if (term.required) continue;
        const domain = node.labels[term.topologyKey] ?? '';
        for (const namespace of spaces(term, spec))
          wish += sign * (counterFor(namespace, term).perDomain.get(domain) ?? 0);
      }
    return wish * 1_000_000 + load.get(node)!;
  }

  function spaces(term: PodTerm, spec: PodSpec): readonly string[] {
    return term.namespaces?.length ? term.namespaces : [namespaceOf(spec)];
  }

  function pick(spec: PodSpec): ClusterNode | undefined {
    const ports = hostPortsOf(spec);
    const plain =
      !tainted && !spec.scheduling && ports.length === 0 && Object.keys(spec.nodeSelector ?? {}).length === 0;
    let node: ClusterNode | undefined;
    if (plain) node = emptiest();
    else {
      let best = Number.POSITIVE_INFINITY;
      for (const candidate of ready) {
        if (!fitsNode(spec, candidate, taintsOf.get(candidate.name)) || !allows(spec, candidate, ports)) continue;
        const own = cost(spec, candidate);
        if (own < best) [best, node] = [own, candidate];
      }
    }
    if (node) place(spec, node);
    return node;
  }

  /** The ready node with the fewest pods, the first of equals: three pods on three nodes spread. */
  function emptiest(): ClusterNode | undefined {
    if (ready.length === 0) return undefined;
    for (;;) {
      for (; at < ready.length; at++) if (load.get(ready[at]!)! <= level) return ready[at++]!;
      at = 0;
      level++;
    }
  }

  return {pick, place};
}

/** A pod on the node's network has its ports there (API default of hostPort). */
function hostPortsOf({ports = [], hostNetwork}: PodSpec): string[] {
  return ports.flatMap((port) => {
    if (typeof port !== 'object') return [];
    const number = port.hostPort ?? (hostNetwork ? port.port : undefined);
    return number === undefined ? [] : [`${number}/${port.protocol ?? 'TCP'}`];
  });
}

/**
 * Nodes that nobody described get the labels that pods ask for, or these pods would wait for ever: each set of labels one
 * node, in turn.
 */
export function labelsForSelectors(
  pods: readonly PodSpec[],
  names: readonly string[],
  known: (name: string) => Labels,
): {readonly labels: ReadonlyMap<string, Labels>; readonly asked: ReadonlyMap<string, PodSpec>} {
  const labels = new Map<string, Labels>();
  const asked = new Map<string, PodSpec>();
  const of = (name: string): Labels => ({...known(name), ...labels.get(name)});
  const seen = new Set<string>();
  let turn = 0;
  for (const pod of pods) {
    const wanted = wantedLabels(pod);
    const id = JSON.stringify(wanted);
    if (wanted.length === 0 || seen.has(id)) continue;
    seen.add(id);
    if (names.some((name) => wanted.every(([key, value]) => of(name)[key] === value))) continue;
    for (let tried = 0; tried < names.length; tried++, turn++) {
      const name = names[turn % names.length]!;
      const own = of(name);
      if (wanted.some(([key, value]) => own[key] !== undefined && own[key] !== value)) continue;
      labels.set(name, {...labels.get(name), ...Object.fromEntries(wanted)});
      asked.set(name, pod);
      turn++;
      break;
    }
  }
  return {labels, asked};
}

function wantedLabels({nodeSelector, scheduling}: PodSpec): [string, string][] {
  const first = scheduling?.nodeAffinity?.[0] ?? [];
  return [
    ...Object.entries(nodeSelector ?? {}),
    ...first.flatMap(({key, operator, values, field}): [string, string][] =>
      field || key === HOSTNAME
        ? []
        : operator === 'In'
          ? [[key, values[0] ?? '']]
          : operator === 'Exists'
            ? [[key, '']]
            : [],
    ),
  ];
}
