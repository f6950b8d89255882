/**
 * Network policies of all kinds in one form: a subject (whom it governs), and per direction rules with an action. Read by
 * `read.ts` (Kubernetes) and `cilium.ts` (Cilium) from objects that `shapes.ts` has checked.
 */
import type {SourcePosition} from '../../term/error.js';
import type {Prefix} from '../../wire/addr.js';
import type {L4Name} from '../model.js';

/** One condition on a label. A key of a Cilium selector may have a source (`k8s`, `reserved`); undefined = any. */
export interface LabelRequirement {
  readonly source?: string;
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/** All must hold; an empty one selects everything. */
export type LabelSelector = readonly LabelRequirement[];

export type PolicyPeer =
  /** Pods by their labels, in one namespace by name or in those with these labels. */
  | {readonly kind: 'pods'; readonly namespaces: string | LabelSelector; readonly pods: LabelSelector}
  /** `inside`: every address counts, that of pods too; otherwise those outside of the cluster. */
  | {readonly kind: 'cidr'; readonly prefix: Prefix; readonly except: readonly Prefix[]; readonly inside?: true}
  /** Cilium: whatever has these identity labels. */
  | {readonly kind: 'identity'; readonly labels: LabelSelector}
  /** Cilium: `world`, `cluster`, `host`, … */
  | {readonly kind: 'entity'; readonly entity: string}
  /** Cilium: what the services of this name or with these labels lead to; namespace undefined = any. */
  | {
      readonly kind: 'service';
      readonly namespace: string | undefined;
      readonly name: string | undefined;
      readonly labels: LabelSelector;
    }
  /** Cilium: addresses that the DNS has given for names of this pattern (`matchName`, `matchPattern`). */
  | {readonly kind: 'fqdn'; readonly pattern: string};

/** ANY = TCP, UDP and SCTP. No port and no name = all ports; for ICMP `port` is the type. */
export interface PolicyPort {
  readonly protocol: L4Name | 'ANY' | 'ICMP' | 'ICMPv6';
  readonly port?: number;
  readonly endPort?: number;
  readonly name?: string;
}

export type PolicyAction = 'allow' | 'deny' | 'pass';

export interface PolicyRule {
  readonly action: PolicyAction;
  /** undefined = anyone; empty = nobody. */
  readonly peers: readonly PolicyPeer[] | undefined;
  /** undefined = everything; empty = nothing. */
  readonly ports: readonly PolicyPort[] | undefined;
  /** `ingress[0]`, and the rule's own name where it has one. */
  readonly label: string;
  /** What has to be believed for the rule to mean what it is taken to: a proxy lets pass, a handshake succeeds. */
  readonly assumes: readonly string[];
  readonly where: SourcePosition;
}

export interface PolicySide {
  /** Selected pods get nothing that no rule allows. */
  readonly defaultDeny: boolean;
  readonly rules: readonly PolicyRule[];
}

export type PolicyKind =
  | 'NetworkPolicy'
  | 'AdminNetworkPolicy'
  | 'BaselineAdminNetworkPolicy'
  | 'ClusterNetworkPolicy'
  | 'CiliumNetworkPolicy'
  | 'CiliumClusterwideNetworkPolicy';

export interface Policy {
  readonly kind: PolicyKind;
  readonly name: string;
  /** undefined = of the whole cluster. */
  readonly namespace: string | undefined;
  readonly tier: 'admin' | 'network' | 'baseline';
  /** admin: 0 … 1000, the lowest is asked first. */
  readonly priority: number;
  readonly subject: PolicyPeer;
  /** Cilium: a host policy, for the nodes with these labels; its subject is nobody. */
  readonly nodeSelector?: LabelSelector;
  /** Cilium: what every endpoint peer of all policies of the same subject must have besides (`fromRequires`). */
  readonly requires?: {readonly ingress: LabelSelector; readonly egress: LabelSelector};
  readonly ingress: PolicySide;
  readonly egress: PolicySide;
  /** Cilium: the option without which agents refuse the policy as a whole. */
  readonly needs?: 'enable-node-selector-labels';
  /** Parts that nothing here evaluates, each with its place: no exact answer where the policy governs a pod. */
  readonly unsupported: readonly {readonly what: string; readonly where: SourcePosition}[];
  readonly where: SourcePosition;
}

/** An Ingress or Route, as far as it says which ports of which services take traffic from outside. */
export interface IngressEntry {
  readonly namespace: string;
  readonly service: string;
  /** Number or name of the service port, or (Route) its target port; undefined = all ports. */
  readonly port: number | string | undefined;
  readonly where: SourcePosition;
}

/** `NetworkPolicy ns/name`. */
export function policyTitle({kind, namespace, name}: Pick<Policy, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
