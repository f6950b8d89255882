/**
 * The resolved cluster: what the input said, with everything it left open filled in. Immutable; built once by
 * `loadCluster` (`src/cluster/load.ts`), read by all floors above.
 *
 *   files ──parse──▶ Spec (positions kept) ──resolve──▶ Cluster ──control──▶ NodeState per node ──datapath──▶ Run
 */
import type {SourcePosition} from '../term/error.js';
import type {Ip, Mac, Prefix} from '../wire/addr.js';
import type {Expectation} from './expect.js';
import type {IngressEntry, LabelSelector, Policy} from './policy/model.js';

export type Labels = Readonly<Record<string, string>>;

export interface Cluster {
  /** `metadata.name` of the Cluster document; cluster-name of Cilium is `cilium.clusterName`. */
  readonly name: string;
  /** What the definition was read from: `demo` (embedded) or the paths given. */
  readonly source: string;
  readonly kubernetes: {readonly version: string; readonly platform: string};
  /** Virtual time 0, seconds since 1970 (SOURCE_DATE_EPOCH wins over the definition). */
  readonly epoch: number;
  readonly seed: number;
  readonly podCidrs: readonly Prefix[];
  readonly serviceCidrs: readonly Prefix[];
  /** Who translates services and enforces policy on the nodes. */
  readonly dataplane: 'cilium' | 'kube-proxy';
  readonly cilium: CiliumConfig;
  readonly kubeProxy: {
    readonly mode: 'iptables' | 'ipvs' | 'nftables';
    /** IPVS. */
    readonly scheduler: 'rr' | 'wrr' | 'lc' | 'wlc' | 'sh';
  };
  /** Name and TTL of a point-to-point tunnel device (with `cilium.fixedVni`), instead of Cilium's external one. */
  readonly tunnelDevice?: {readonly name: string; readonly ttl: number | 'auto' | 'inherit'};
  readonly underlay: Underlay;
  /** In definition order; ids of nodes are 1-based positions. */
  readonly nodes: readonly ClusterNode[];
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  /** A pod of each workload that has none, as it would be: no node, no address, no identity. For questions of policy. */
  readonly idle?: readonly Pod[];
  readonly services: readonly Service[];
  /** All identities in use, reserved ones included, ascending by id. */
  readonly identities: readonly Identity[];
  /** Addresses of nodes → identity that other nodes know them by, where policies tell nodes apart. */
  readonly nodeIdentities?: ReadonlyMap<Ip, number>;
  /** What the DNS outside of the cluster says: names in small letters, without the root's dot. */
  readonly names?: readonly {readonly name: string; readonly ips: readonly Ip[]}[];
  /** Network policies of all kinds, in definition order. */
  readonly policies?: readonly Policy[];
  /** Services that Ingress and Route objects publish. */
  readonly ingresses?: readonly IngressEntry[];
  readonly egressPolicies?: readonly EgressGatewayPolicy[];
  readonly redirectPolicies?: readonly LocalRedirectPolicy[];
  readonly traffic: readonly TrafficSpec[];
  /** What must come of which traffic, as the definition says it: checked for shape only. */
  readonly expect?: readonly Expectation[];
  /** What happens to the cluster while traffic runs, as the definition says it. */
  readonly events?: readonly ClusterEvent[];
  /** Documents this version reads but does not act on, and what it skipped, for `inspect`. */
  readonly notes: readonly LoadNote[];
  /** What was read; undefined for the embedded demo. */
  readonly input?: InputSummary;
  /** Kubernetes objects as the input has them, by `manifestKey`; undefined: nobody asked for them. */
  readonly manifests?: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** Which objects were in which file, whether they are read or not. */
export interface InputSummary {
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    /** Kind → how many. */
    readonly objects: Readonly<Record<string, number>>;
  }[];
}

export interface LoadNote {
  readonly level: 'inferred' | 'skipped' | 'warning';
  readonly message: string;
  readonly where?: SourcePosition;
}

export interface ClusterNode {
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** InternalIP per family, IPv4 first; at least one. */
  readonly ips: readonly Ip[];
  readonly externalIps: readonly Ip[];
  /** Prefix length of the node's subnet per entry of `ips` (for the address on eth0). */
  readonly subnets: readonly Prefix[];
  /** One per enabled family, e.g. 10.32.1.0/24. */
  readonly podCidrs: readonly Prefix[];
  /** CiliumInternalIP (router, cilium_host) per family. */
  readonly routerIps: readonly Ip[];
  /** Address of the health endpoint per family; empty when endpoint health checking is off. */
  readonly healthIps: readonly Ip[];
  /** MAC of eth0. */
  readonly mac: Mac;
  /** MTU of eth0, bytes. */
  readonly mtu: number;
  /** Runs the kube-apiserver: its identity elsewhere is 7, not 6. */
  readonly apiserver: boolean;
  readonly ready: boolean;
  /** Without power: no process of it runs, no frame gets in or out. */
  readonly down?: boolean;
  readonly cpus: number;
  readonly info: {
    readonly osImage: string;
    readonly kernelVersion: string;
    readonly containerRuntime: string;
    readonly kubeletVersion: string;
  };
  readonly where?: SourcePosition;
}

export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
}

export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: L4Name;
  readonly hostPort?: number;
  /** The only address of the node at which `hostPort` answers. */
  readonly hostIp?: Ip;
}

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Name of the node it runs on; undefined = Pending. */
  readonly node: string | undefined;
  /** One per enabled family (IPv4 first); the node's own with hostNetwork; empty = not yet allocated. */
  readonly ips: readonly Ip[];
  readonly hostNetwork: boolean;
  readonly ports: readonly ContainerPort[];
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly ready: boolean;
  readonly serviceAccount: string;
  /** Security identity of its labels. */
  readonly identity: number;
  /** Cilium endpoint id on its node (agent local, 1 … 65535); 0 with hostNetwork. */
  readonly endpointId: number;
  /** MAC of the pod's eth0 and of the host side lxc device. */
  readonly mac: Mac;
  readonly hostMac: Mac;
  /** Host side device, `lxc` + 12 hex digits. */
  readonly device: string;
  /** e.g. {kind: 'Deployment', name: 'web'}; undefined for a bare pod. */
  readonly owner?: {readonly kind: string; readonly name: string};
  /** The owner reference marked as controller, as the input has it (a ReplicaSet, not its Deployment); kind '' = not said. */
  readonly controller?: {readonly kind: string; readonly name: string};
  readonly containers: readonly {readonly name: string; readonly image: string}[];
  /** Being deleted: it still serves what is open, and takes nothing new. */
  readonly terminating?: boolean;
  /** ms since 1970, undefined when the input doesn't say. */
  readonly createdAt?: number;
  readonly where?: SourcePosition;
}

export type L4Name = 'TCP' | 'UDP' | 'SCTP';
export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
export type BackendState = 'active' | 'terminating' | 'terminating-not-serving' | 'quarantined' | 'maintenance';

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: L4Name;
  readonly targetPort: number | string;
  readonly nodePort?: number;
}

export interface ServiceBackend {
  readonly ip: Ip;
  readonly port: number;
  readonly protocol: L4Name;
  /** Name of the service port it belongs to ('' for the only, unnamed one). */
  readonly portName: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly state: BackendState;
  readonly weight?: number;
  /** Topology hints: the zones that should use it. */
  readonly forZones?: readonly string[];
}

export type TrafficDistribution = 'PreferClose' | 'PreferSameZone' | 'PreferSameNode';

export interface Service {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly type: ServiceType;
  /** Empty for headless and ExternalName. */
  readonly clusterIps: readonly Ip[];
  readonly externalIps: readonly Ip[];
  readonly loadBalancerIps: readonly Ip[];
  readonly ports: readonly ServicePort[];
  readonly selector?: Labels;
  readonly externalName?: string;
  readonly sessionAffinity: {readonly clientIpTimeout: number} | undefined;
  readonly internalTrafficPolicy: 'Cluster' | 'Local';
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  readonly healthCheckNodePort?: number;
  readonly sourceRanges: readonly Prefix[];
  readonly publishNotReady: boolean;
  readonly loadBalancerClass?: string;
  /** Which endpoints to prefer, where they have hints or a place of their own. */
  readonly trafficDistribution?: TrafficDistribution;
  /** From EndpointSlices/Endpoints if the input has them for this service, else from the selector. */
  readonly backends: readonly ServiceBackend[];
  readonly where?: SourcePosition;
}

export interface Identity {
  readonly id: number;
  /** As Cilium prints them, sorted: `k8s:app=web`, `reserved:host`, `cidr:1.1.1.1/32`. */
  readonly labels: readonly string[];
}

/** cilium-config, typed; the keys are the ConfigMap's (`reference: Cilium 1.20 cilium-config`). */
export interface CiliumConfig {
  /** e.g. 1.20.2 and the short commit that `cilium status` prints after it. */
  readonly version: string;
  readonly commit: string;
  readonly clusterName: string;
  readonly clusterId: number;
  readonly routingMode: 'tunnel' | 'native';
  readonly tunnelProtocol: 'geneve' | 'vxlan';
  /** UDP destination port; 8472 / 6081 unless set. */
  readonly tunnelPort: number;
  /** UDP source ports of the tunnel, first and last; 0, 0: the driver's own range. */
  readonly tunnelSourcePorts: readonly [number, number];
  /** MTU of the devices that the agent makes (tunnel, cilium_host, veth pairs), bytes: its option mtu; 0: that of the node's eth0. */
  readonly deviceMtu: number;
  /** Family of the addresses that tunnels run between (underlay-protocol). */
  readonly underlayFamily: 4 | 6;
  /** A VNI used for all tunnel packets instead of the source identity (deep-dive literal mode). */
  readonly fixedVni: number | undefined;
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly kubeProxyReplacement: boolean;
  /** Socket LB: bpf-lb-sock, and bpf-lb-sock-hostns-only (pods then are translated per packet). */
  readonly socketLb: 'full' | 'hostns-only' | 'off';
  readonly lbAlgorithm: 'random' | 'maglev';
  readonly maglevTableSize: number;
  /** base64 of 12 bytes. */
  readonly maglevHashSeed: string;
  readonly lbMode: 'snat' | 'dsr' | 'hybrid';
  readonly dsrDispatch: 'opt' | 'ipip' | 'geneve';
  readonly lbExternalClusterIp: boolean;
  readonly noBackendResponse: 'reject' | 'drop';
  readonly sourceIpVerification: boolean;
  readonly nodePortRange: readonly [number, number];
  readonly masquerade4: boolean;
  readonly masquerade6: boolean;
  readonly bpfMasquerade: boolean;
  /** nonMasqueradeCIDRs when enable-ip-masq-agent. */
  readonly ipMasqAgent: readonly Prefix[] | undefined;
  readonly nativeRoutingCidr4: Prefix | undefined;
  readonly nativeRoutingCidr6: Prefix | undefined;
  readonly hostLegacyRouting: boolean;
  readonly autoDirectNodeRoutes: boolean;
  readonly endpointRoutes: boolean;
  readonly localNodeRoute: boolean;
  readonly endpointHealthChecking: boolean;
  readonly ipam: string;
  /** Route MTU = MTU of the agent's devices − this: 0, 50 (tunnel over IPv4), 70 (over IPv6). */
  readonly tunnelOverhead: number;
  readonly enablePolicy: 'default' | 'always' | 'never';
  readonly hubble: boolean;
  readonly envoy: 'external' | 'embedded' | 'off';
  readonly tcx: boolean;
  /** Every key as given, sorted, for `cilium-dbg config` and the ConfigMap view. */
  readonly raw: Labels;
}

export interface Underlay {
  /** e.g. 10.0.0.0/16; all nodes' subnets lie in one of them. */
  readonly vnets: readonly Prefix[];
  readonly subnets: readonly {readonly name: string; readonly prefix: Prefix}[];
  /** Next hop for what is not on link, per family, and its MAC. */
  readonly gateways: readonly {readonly ip: Ip; readonly mac: Mac}[];
  /** Path MTU between nodes, bytes. */
  readonly mtu: number;
  /** Routes pod CIDRs natively (an SDN that knows them, as in Azure CNI Overlay). */
  readonly routesPodCidrs: boolean;
  /** Security rules of the node subnet, ascending by priority. */
  readonly nsg?: readonly NsgRule[];
  /** User-defined routes of the node subnet. */
  readonly routes?: readonly {readonly prefix: Prefix; readonly nextHop: Ip}[];
  /** Percent of frames that get lost, at the device of a node, or of any node. */
  readonly loss?: readonly {readonly node: string | undefined; readonly percent: number}[];
  /** Networks reachable without translation: peered VNets, on-premises. */
  readonly peered?: readonly {readonly name: string; readonly prefixes: readonly Prefix[]}[];
}

/** A network security group rule; an empty list or undefined port means any. */
export interface NsgRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: 'Inbound' | 'Outbound';
  readonly access: 'Allow' | 'Deny';
  readonly protocol: 'Tcp' | 'Udp' | 'Icmp' | '*';
  readonly source: readonly Prefix[];
  readonly destination: readonly Prefix[];
  readonly ports: readonly (readonly [number, number])[];
  readonly where?: SourcePosition;
}

/** One line of traffic: `FROM -> TO[:PORT][/PROTO] [xN] [size=B] [data=TEXT] [at=1s] [every=100ms] [keep]`. */
export interface TrafficSpec {
  readonly text: string;
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: 'icmp' | 'udp' | 'tcp' | 'sctp' | 'http' | 'dns';
  readonly port?: number;
  readonly count: number;
  /** Payload bytes of each message. */
  readonly size?: number;
  readonly data?: string;
  /** ns of virtual time after the start of the run. */
  readonly at: number;
  readonly every: number;
  /** tcp, sctp: all messages over one connection; a new one only when it has broken. */
  readonly keep?: boolean;
  /** icmp: TTL or hop limit of the requests; 64 unless set. */
  readonly ttl?: number;
  /** icmp over IPv4: DF set and oversize refused, DF clear, or (default) DF set where the packet fits the route MTU. */
  readonly fragmentation?: 'do' | 'dont' | 'want';
  /** icmp: TOS or traffic class of the requests; 0 unless set. */
  readonly tos?: number;
  /** icmp: identifier of the requests; drawn unless set. */
  readonly identifier?: number;
  /** icmp: bytes that the data repeats, instead of a count. */
  readonly pattern?: readonly number[];
  readonly where?: SourcePosition;
}

/** CiliumEgressGatewayPolicy. */
export interface EgressGatewayPolicy {
  readonly name: string;
  /** A pod is meant by any of them; each part left empty means all. */
  readonly selectors: readonly {
    readonly pods: LabelSelector;
    readonly namespaces: LabelSelector;
    readonly nodes: LabelSelector;
  }[];
  readonly destinations: readonly Prefix[];
  readonly excluded: readonly Prefix[];
  readonly gateways: readonly EgressGateway[];
  readonly where?: SourcePosition;
}

export interface EgressGateway {
  readonly nodes: LabelSelector;
  readonly device?: string;
  readonly egressIp?: Ip;
}

/** CiliumLocalRedirectPolicy: a frontend whose traffic goes to pods of the same node. */
export interface LocalRedirectPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly frontend:
    | {readonly kind: 'address'; readonly ip: Ip; readonly ports: readonly RedirectPort[]}
    /** Of the policy's namespace; no ports: all of them. */
    | {readonly kind: 'service'; readonly service: string; readonly ports: readonly RedirectPort[]};
  readonly pods: LabelSelector;
  readonly to: readonly RedirectPort[];
  /** `skipRedirectFromBackend`: what these pods send to the frontend goes to its own address. */
  readonly skipFromBackend?: boolean;
  readonly where?: SourcePosition;
}

export interface RedirectPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: L4Name;
}

/** Something that changes the cluster while traffic runs. */
export interface ClusterEvent {
  readonly text: string;
  /** ns of virtual time after the start of the run. */
  readonly at: number;
  readonly change: ClusterChange;
  readonly where?: SourcePosition;
}

/** Pods are named as `ns/name` or by bare name; times are ns. */
export type ClusterChange =
  /** The pod comes back in a new sandbox, with a new address unless one is given. */
  | {readonly kind: 'restart'; readonly pod: string; readonly ip: Ip | undefined; readonly after: number}
  | {
      readonly kind: 'move';
      readonly pod: string;
      readonly node: string;
      readonly ip: Ip | undefined;
      readonly after: number;
    }
  | {readonly kind: 'ready'; readonly pod: string; readonly ready: boolean}
  | {readonly kind: 'delete'; readonly pod: string; readonly grace: number}
  | {readonly kind: 'scale'; readonly owner: string; readonly replicas: number; readonly grace: number}
  | {readonly kind: 'power'; readonly node: string; readonly on: boolean}
  /** The control plane has noticed that a node is silent. */
  | {readonly kind: 'silent'; readonly node: string}
  /** `policies` are those of the file, once it is read. */
  | {readonly kind: 'apply'; readonly file: string; readonly policies: readonly Policy[]}
  | {readonly kind: 'remove'; readonly policy: string}
  | {readonly kind: 'nsg'; readonly rule: NsgRule}
  | {readonly kind: 'loss'; readonly percent: number; readonly node: string | undefined}
  | {readonly kind: 'mtu'; readonly mtu: number; readonly node: string | undefined};

/** An end of a flow as named by the user, resolved against the cluster. */
export type Peer =
  | {readonly kind: 'pod'; readonly pod: Pod}
  | {readonly kind: 'node'; readonly node: ClusterNode}
  | {readonly kind: 'service'; readonly service: Service; readonly dnsName?: string}
  | {readonly kind: 'ip'; readonly ip: Ip}
  | {readonly kind: 'name'; readonly name: string};
