/** What lint looks at, what it finds, and a rule: one row of a table in `rules-….ts`. */
import type {Cluster, Pod} from '../../cluster/model.js';
import type {Definition} from '../../cluster/spec.js';
import type {SourcePosition} from '../../term/error.js';

/** Ascending. */
export const severities = ['info', 'warning', 'error'] as const;
export type Severity = (typeof severities)[number];

/** `aks`: AKS without doubt; `azure`: a definition that speaks of a VNet, and may be meant for AKS. */
export type Platform = 'aks' | 'azure' | 'other';

export interface Subject {
  readonly definition: Definition;
  readonly cluster: Cluster;
  readonly platform: Platform;
  /** What loading found wrong or strange, in its own words. */
  readonly remarks: readonly Found[];
  /** Pods of the input, and those its workloads have or would have; none that were added. */
  readonly pods: readonly Pod[];
}

/** A line of a file and what it becomes: other lines, or none. Undefined: it cannot be told apart there. */
export interface Edit {
  readonly where: SourcePosition;
  change(line: string): readonly string[] | undefined;
}

export interface Found {
  readonly message: string;
  readonly where?: SourcePosition | undefined;
  /** Instead of the rule's. */
  readonly severity?: Severity;
  readonly edit?: Edit;
  /** Other commands end with it: an error, whatever the rule says. */
  readonly fatal?: boolean;
}

export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong where it fires, in a few words. */
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  /** What it rests on: a document, a file of a source tree, and what that says. */
  readonly source: string;
  check(subject: Subject): Iterable<Found>;
}

export interface Finding extends Found {
  readonly rule: Rule;
  readonly severity: Severity;
}

/** The remarks of the loader that a rule stands for. */
export function remarked(...patterns: readonly RegExp[]): Rule['check'] {
  return ({remarks}) => remarks.filter(({message}) => patterns.some((pattern) => pattern.test(message)));
}

/** Somebody says that the cluster is Cilium's; of plain manifests that is an assumption. */
export function isStatedCilium({definition, cluster}: Subject): boolean {
  if (cluster.dataplane !== 'cilium') return false;
  const {own, ciliumConfig, policies = [], pods, nodes} = definition;
  return (
    own ||
    ciliumConfig !== undefined ||
    policies.some(({kind}) => kind.startsWith('Cilium')) ||
    pods.some(({labels}) => labels?.['k8s-app'] === 'cilium') ||
    nodes.some(({labels}) => labels?.['kubernetes.azure.com/ebpf-dataplane'] === 'cilium')
  );
}
