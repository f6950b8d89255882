/**
 * What the input says, before anything is filled in. `ClusterSpec` is the `spec` of our own document as written (checked
 * against `schema.ts`); Kubernetes objects are brought into the same short forms by `kubernetes.ts`, so that `resolve.ts`
 * sees one kind of input.
 */
import type {SourcePosition} from '../term/error.js';
import type {ExpectSpec} from './expect.js';
import type {EgressGatewayPolicy, InputSummary, LoadNote, LocalRedirectPolicy} from './model.js';
import type {IngressEntry, LabelSelector, Policy} from './policy/model.js';

export type StringMap = Readonly<Record<string, string>>;
/** One or several, `a` or `[a, b]` or `"a,b"`. */
export type OneOrMore = string | readonly string[];

export const profiles = ['cilium', 'kube-proxy', 'aks-overlay'] as const;
export type Profile = (typeof profiles)[number];

export interface ClusterSpec {
  readonly profile?: Profile;
  readonly kubernetesVersion?: string;
  readonly platform?: string;
  readonly ciliumVersion?: string;
  readonly ciliumCommit?: string;
  /** Seconds since 1970, or an RFC 3339 date. */
  readonly epoch?: number | string;
  readonly seed?: number;
  readonly podCIDR?: OneOrMore;
  readonly podCIDRs?: OneOrMore;
  readonly serviceCIDR?: OneOrMore;
  readonly serviceCIDRs?: OneOrMore;
  readonly nodeCIDRMaskSize?: number;
  readonly nodeCIDRMaskSizeIPv6?: number;
  readonly fixedVni?: number;
  readonly tunnelDevice?: TunnelDeviceSpec;
  readonly dns?: boolean;
  /** Name → addresses with commas. */
  readonly names?: Readonly<Record<string, string>>;
  readonly cilium?: Readonly<Record<string, string | number | boolean>>;
  readonly ipMasqAgent?: {
    readonly nonMasqueradeCIDRs?: OneOrMore;
    readonly masqLinkLocal?: boolean;
    readonly masqLinkLocalIPv6?: boolean;
  };
  readonly kubeProxy?: {
    readonly mode?: 'iptables' | 'ipvs' | 'nftables';
    readonly scheduler?: 'rr' | 'wrr' | 'lc' | 'wlc' | 'sh';
  };
  readonly underlay?: UnderlaySpec;
  readonly nodes?: number | readonly NodeSpec[];
  readonly namespaces?: readonly (string | NamespaceSpec)[];
  readonly pods?: readonly PodSpec[];
  readonly services?: readonly ServiceSpec[];
  readonly traffic?: readonly string[];
  readonly events?: readonly string[];
  readonly expect?: readonly ExpectSpec[];
}

export interface TunnelDeviceSpec {
  readonly name?: string;
  readonly ttl?: number | 'auto' | 'inherit';
}

export interface UnderlaySpec {
  readonly vnet?: OneOrMore;
  readonly vnets?: OneOrMore;
  readonly subnets?: readonly (string | {readonly name?: string; readonly prefix: string})[];
  readonly gateway?: OneOrMore;
  readonly gatewayMac?: string;
  readonly mtu?: number;
  readonly routesPodCIDRs?: boolean;
  readonly nsg?: readonly NsgRuleSpec[];
  readonly routes?: readonly {readonly prefix: string; readonly nextHop: string}[];
  readonly peered?: readonly {readonly name: string; readonly prefixes: OneOrMore}[];
}

export interface NsgRuleSpec {
  readonly name?: string;
  readonly priority: number;
  readonly direction: 'Inbound' | 'Outbound';
  readonly access: 'Allow' | 'Deny';
  readonly protocol?: 'Tcp' | 'Udp' | 'Icmp' | '*';
  readonly source?: OneOrMore;
  readonly destination?: OneOrMore;
  /** `443`, `30000-32767`, several, `*`. */
  readonly port?: number | OneOrMore;
}

interface Placed {
  /** From a Kubernetes object of a dump: the addresses it lists are all it has. */
  readonly observed?: boolean;
  /** Where the object stands; set by the loader, never by the user. */
  readonly where?: SourcePosition;
}

export interface NodeSpec extends Placed {
  readonly name: string;
  readonly ip?: OneOrMore;
  readonly ips?: OneOrMore;
  readonly externalIP?: OneOrMore;
  readonly podCIDR?: OneOrMore;
  readonly podCIDRs?: OneOrMore;
  readonly routerIP?: OneOrMore;
  readonly healthIP?: OneOrMore;
  readonly mac?: string;
  readonly mtu?: number;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly apiserver?: boolean;
  readonly ready?: boolean;
  readonly cpus?: number;
  readonly osImage?: string;
  readonly kernelVersion?: string;
  readonly containerRuntime?: string;
  readonly kubeletVersion?: string;
  readonly taints?: readonly Taint[];
}

export interface NamespaceSpec {
  readonly name: string;
  readonly labels?: StringMap;
}

export type PodPortSpec = number | string | PodPortObject;

export interface PodPortObject {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly hostPort?: number;
  readonly hostIP?: string;
}

export interface PodSpec extends Placed {
  readonly name: string;
  readonly namespace?: string;
  /** Expands to name-1 … name-N. */
  readonly replicas?: number;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly node?: string;
  readonly nodeSelector?: StringMap;
  readonly ip?: OneOrMore;
  readonly ips?: OneOrMore;
  readonly hostNetwork?: boolean;
  readonly ports?: readonly PodPortSpec[];
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly ready?: boolean;
  readonly terminating?: boolean;
  readonly serviceAccount?: string;
  readonly identity?: number;
  readonly endpointId?: number;
  readonly mac?: string;
  readonly image?: string;
  readonly containers?: readonly {readonly name: string; readonly image?: string}[];
  readonly owner?: {readonly kind: string; readonly name: string};
  /** The owner reference marked as controller, as it stands: a ReplicaSet, not its Deployment. */
  readonly controller?: {readonly kind: string; readonly name: string};
  readonly createdAt?: string;
  readonly scheduling?: PodScheduling;
  /** Options of a server of the control plane, as its command line has them. */
  readonly flags?: readonly string[];
  /** A running cluster wrote it down, not a person. */
  readonly live?: true;
  /** Of a DaemonSet: there is one for each node, and those of nodes that do not fit are left out. */
  readonly daemon?: true;
  /** Address of its node, where a dump says so. */
  readonly hostIPs?: readonly string[];
}

/** What a pod template says of nodes and of other pods, beside its nodeSelector (core/v1 Affinity and around it). */
export interface PodScheduling {
  /** Terms one of which must hold. */
  readonly nodeAffinity?: readonly NodeTerm[];
  readonly tolerations?: readonly Toleration[];
  readonly spread?: readonly SpreadConstraint[];
  readonly affinity?: readonly PodTerm[];
  readonly antiAffinity?: readonly PodTerm[];
}

/** All must hold; `field` = a field of the node (metadata.name), not a label. */
export type NodeTerm = readonly {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
  readonly field: boolean;
}[];

export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: string;
}

export interface Taint {
  readonly key?: string;
  readonly value?: string;
  readonly effect?: string;
}

interface TopologyTerm {
  readonly topologyKey: string;
  /** Absent = matches nothing. */
  readonly selector: LabelSelector | undefined;
  /** A wish otherwise. */
  readonly required: boolean;
}

export interface SpreadConstraint extends TopologyTerm {
  readonly maxSkew: number;
}

export interface PodTerm extends TopologyTerm {
  /** Empty = the pod's own. */
  readonly namespaces: readonly string[];
}

export type ServicePortSpec = number | string | ServicePortObject;

export interface ServicePortObject {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

export interface ServiceSpec extends Placed {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly clusterIP?: OneOrMore;
  readonly clusterIPs?: OneOrMore;
  readonly ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[];
  readonly externalIPs?: OneOrMore;
  readonly loadBalancerIP?: OneOrMore;
  readonly loadBalancerSourceRanges?: OneOrMore;
  readonly ports?: readonly ServicePortSpec[];
  readonly selector?: StringMap;
  readonly externalName?: string;
  readonly sessionAffinity?: 'ClientIP' | 'None';
  readonly sessionAffinityTimeout?: number;
  readonly internalTrafficPolicy?: 'Cluster' | 'Local';
  readonly externalTrafficPolicy?: 'Cluster' | 'Local';
  readonly healthCheckNodePort?: number;
  readonly publishNotReadyAddresses?: boolean;
  readonly loadBalancerClass?: string;
  readonly allocateLoadBalancerNodePorts?: boolean;
  readonly trafficDistribution?: string;
  /** Backends as `ip:port`, instead of a selector. */
  readonly endpoints?: readonly string[];
}

/** Part of an EndpointSlice or Endpoints object. */
export interface EndpointsSpec extends Placed {
  readonly service: string;
  readonly namespace: string;
  /** Slices win over Endpoints, which the control plane only mirrors. */
  readonly kind: 'EndpointSlice' | 'Endpoints';
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  }[];
  readonly endpoints: readonly EndpointSpec[];
  /** `service.cilium.io/weight` of the slice: of each of its backends; 0 takes them out of service. */
  readonly weight?: number;
}

export interface EndpointSpec {
  readonly addresses: readonly string[];
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly nodeName?: string;
  readonly zone?: string;
  /** Topology hints: the zones that should use it. */
  readonly forZones?: readonly string[];
}

export interface IdentitySpec extends Placed {
  readonly id: number;
  /** Sorted, as Cilium prints them. */
  readonly labels: readonly string[];
}

/** Everything the input says: our document (or none), objects in order, what was skipped. */
export interface Definition {
  readonly name: string;
  readonly source: string;
  readonly spec: ClusterSpec;
  /** A `kind: Cluster` document was there. */
  readonly own: boolean;
  /** Position of a field of our document, for problems found while resolving. */
  readonly locate: (path: readonly (string | number)[], part?: 'key' | 'value') => SourcePosition | undefined;
  readonly nodes: readonly NodeSpec[];
  readonly namespaces: readonly NamespaceSpec[];
  readonly pods: readonly PodSpec[];
  /** A pod of each workload of the input, as it would be. */
  readonly templates?: readonly PodSpec[];
  readonly services: readonly ServiceSpec[];
  readonly endpoints: readonly EndpointsSpec[];
  readonly identities: readonly IdentitySpec[];
  readonly policies?: readonly Policy[];
  readonly ingresses?: readonly IngressEntry[];
  readonly egressPolicies?: readonly EgressGatewayPolicy[];
  readonly redirectPolicies?: readonly LocalRedirectPolicy[];
  /** Data of the `cilium-config` ConfigMap. */
  readonly ciliumConfig: {readonly data: StringMap; readonly where?: SourcePosition} | undefined;
  readonly notes: readonly LoadNote[];
  readonly summary?: InputSummary;
  /** Objects as they stand in the input, by `manifestKey`; only where they were asked for. */
  readonly manifests?: ReadonlyMap<string, Manifest>;
}

/** A Kubernetes object as JSON has it. */
export type Manifest = Readonly<Record<string, unknown>>;

/** `Kind namespace/name`; `default` also for what is in no namespace. */
export function manifestKey({
  kind,
  namespace,
  name,
}: {
  readonly kind: string;
  readonly namespace?: unknown;
  readonly name: string;
}): string {
  return `${kind} ${typeof namespace === 'string' && namespace !== '' ? namespace : 'default'}/${name}`;
}

/** `namespace/name`. */
export function keyOf(spec: {readonly namespace?: string; readonly name: string}): string {
  return `${spec.namespace ?? 'default'}/${spec.name}`;
}
