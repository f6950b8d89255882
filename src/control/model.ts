/**
 * What one node's agent and kernel hold: the state that `ip`, `cilium` and the datapath read.
 * Built by `nodeState(cluster, node)` from the immutable cluster; never changed by a packet (what packets change — conntrack,
 * NAT, affinity, counters — lives in the run).
 *
 *   pod netns                     host netns                                    underlay
 *   eth0 ─veth─ lxc1234…  [from-container]                                  ┌── gateway / SDN
 *                         cilium_host ─veth─ cilium_net                     │
 *                         cilium_geneve | cilium_vxlan ──encap──▶ eth0 ─────┴── other nodes' eth0
 */
import type {CiliumConfig, Cluster, ClusterNode, Pod, Service} from '../cluster/model.js';
import type {Ip, Mac, Prefix} from '../wire/addr.js';
import type {IpvsState} from './kube-proxy/ipvs/model.js';
import type {Ruleset} from './kube-proxy/model.js';
import type {NftTable} from './kube-proxy/nft/model.js';

export interface NodeState {
  readonly cluster: Cluster;
  readonly node: ClusterNode;
  readonly config: CiliumConfig;
  readonly host: Netns;
  /** One per pod on this node that has its own network namespace, in endpoint order. */
  readonly pods: readonly PodNetns[];
  /** cilium_lxc: local addresses, pods and the host's own. */
  readonly endpoints: ReadonlyMap<Ip, EndpointInfo>;
  readonly endpointsById: ReadonlyMap<number, EndpointInfo>;
  readonly ipcache: Ipcache;
  readonly services: ServiceMaps;
  /** Packets that leave through another node (egress gateway). */
  readonly egress?: EgressMap;
  /** By endpoint id. */
  readonly policies: ReadonlyMap<number, PolicyMap>;
  /** Id of the endpoint that stands for the host itself (`reserved:host`), which has no cilium_lxc entry. */
  readonly hostEndpointId?: number;
  /** Rules of kube-proxy in iptables mode, a set for each family; none where something else translates services. */
  readonly rulesets?: readonly Ruleset[];
  /** The same in nftables mode. */
  readonly nftables?: readonly NftTable[];
  /** In IPVS mode, beside `rulesets`. */
  readonly ipvs?: readonly IpvsState[];
}

/** A network namespace: devices in ifindex order, routes and rules in print order. */
export interface Netns {
  readonly devices: readonly Device[];
  readonly routes: readonly Route[];
  /** Those of `routes` for the longest prefix of a table that has an address, without making the list. Missing: search the list. */
  readonly longest?: ((table: number, ip: Ip) => readonly Route[] | undefined) | undefined;
  readonly rules: readonly Rule[];
  readonly neighbours: readonly Neighbour[];
  /** None of `neighbours` is permanent: a kernel that starts finds them out by asking. */
  readonly learnt?: boolean;
}

export interface PodNetns extends Netns {
  readonly pod: Pod;
  /** Host side device of its veth. */
  readonly lxc: Device;
  readonly eth0: Device;
}

type DeviceKind = 'loopback' | 'physical' | 'veth' | 'vxlan' | 'geneve' | 'dummy';

export interface Device {
  readonly ifindex: number;
  readonly name: string;
  readonly kind: DeviceKind;
  readonly mac: Mac;
  /** Bytes. */
  readonly mtu: number;
  readonly up: boolean;
  readonly noarp: boolean;
  readonly addresses: readonly DeviceAddress[];
  /**
   * veth: the other end. In another namespace if either of the last two is there: its name (`cni-…`), where it has one, and
   * the number by which this namespace knows it.
   */
  readonly peer?: {readonly ifindex: number; readonly name: string; readonly netns?: string; readonly netnsId?: number};
  /** vxlan, geneve. */
  readonly tunnel?: TunnelDevice;
  readonly altnames: readonly string[];
  readonly numTxQueues: number;
  readonly numRxQueues: number;
  readonly qdisc: 'noop' | 'noqueue' | 'mq' | 'fq_codel';
  /** veth peers of pods: which endpoint. */
  readonly endpointId?: number;
}

export interface TunnelDevice {
  /** collect-metadata device (Cilium's). */
  readonly external: boolean;
  readonly vni: number;
  readonly remote?: Ip;
  readonly local?: Ip;
  readonly port: number;
  /** 0 = auto / inherit as the device prints. */
  readonly ttl: number | 'auto' | 'inherit';
  readonly learning: boolean;
  readonly sourcePorts?: readonly [number, number];
  /** vxlan: multicast group instead of `remote`, and the device below. */
  readonly group?: Ip;
  readonly link?: string;
}

export interface DeviceAddress {
  readonly prefix: Prefix;
  readonly scope: 'global' | 'link' | 'host';
  readonly broadcast?: Ip;
}

export interface Route {
  /** undefined = default. */
  readonly to: Prefix | undefined;
  readonly family: 4 | 6;
  readonly type: 'unicast' | 'local' | 'broadcast' | 'multicast' | 'unreachable' | 'blackhole' | 'anycast';
  readonly via?: Ip;
  readonly dev?: string;
  readonly protocol: 'kernel' | 'boot' | 'static' | 'dhcp' | 'ra';
  readonly scope: 'global' | 'link' | 'host';
  readonly source?: Ip;
  readonly metric?: number;
  readonly mtu?: number;
  /** 254 main, 255 local, … */
  readonly table: number;
}

export interface Rule {
  readonly priority: number;
  readonly family: 4 | 6;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly fwmark?: number;
  readonly fwmask?: number;
  readonly table: number;
}

export interface Neighbour {
  readonly ip: Ip;
  readonly dev: string;
  readonly mac: Mac;
  readonly state: 'PERMANENT' | 'REACHABLE' | 'STALE' | 'NOARP';
}

/** A cilium_lxc value. */
export interface EndpointInfo {
  readonly ip: Ip;
  /** 0 for the host's own addresses. */
  readonly ifindex: number;
  readonly endpointId: number;
  readonly isHost: boolean;
  /** Pod side MAC, host side MAC; 0 for the host. */
  readonly mac: Mac;
  readonly nodeMac: Mac;
  readonly identity: number;
  readonly pod?: Pod;
}

/** A cilium_ipcache_v2 value. */
export interface IpcacheEntry {
  readonly prefix: Prefix;
  readonly identity: number;
  /** Node to tunnel to; 0 = none. */
  readonly tunnelEndpoint: Ip;
  readonly hasTunnel: boolean;
  readonly skipTunnel: boolean;
  readonly encryptKey: number;
}

export interface Ipcache {
  /** Longest prefix match. */
  lookup(ip: Ip): IpcacheEntry | undefined;
  /** All entries, in a stable order (family, address, length). */
  readonly entries: readonly IpcacheEntry[];
}

/** Bits of a service map value (pkg/loadbalancer, `reference: bpf lb flags`). */
export const serviceFlags = {
  externalIps: 1,
  nodePort: 2,
  extLocal: 4,
  hostPort: 8,
  affinity: 16,
  loadBalancer: 32,
  routable: 64,
  sourceRange: 128,
  localRedirect: 256,
  nat46x64: 512,
  l7lb: 1024,
  loopback: 2048,
  intLocal: 4096,
  twoScopes: 8192,
  quarantined: 16384,
  dsr: 32768,
} as const;

/** A frontend: the master entry (slot 0) of cilium_lb4_services_v2 and its slots. */
export interface Frontend {
  /** Service id = reverse NAT id = `ID` of `cilium service list`. */
  readonly id: number;
  readonly ip: Ip;
  /** 0 with proto 0: the wildcard entry of a VIP. */
  readonly port: number;
  /** IP protocol number. */
  readonly protocol: number;
  readonly scope: 'external' | 'internal';
  readonly type: 'ClusterIP' | 'NodePort' | 'ExternalIPs' | 'LoadBalancer' | 'HostPort' | 'LocalRedirect';
  readonly flags: number;
  readonly flags2: number;
  /** 0 = node default, 1 random, 2 maglev. */
  readonly algorithm: 0 | 1 | 2;
  /** Seconds; 0 = no affinity. */
  readonly affinityTimeout: number;
  /** Slot n is backends[n-1]; the first `count` are eligible, the rest quarantined. */
  readonly backends: readonly Backend[];
  readonly count: number;
  readonly sourceRanges: readonly Prefix[];
  /** Maglev lookup table of backend ids, built on first use; undefined where Cilium builds none. */
  readonly maglev: (() => Uint32Array | undefined) | undefined;
  readonly service?: Service;
  readonly portName?: string;
  /** Addresses of pods whose packets to it are left alone: cilium_skip_lb4/6, by address in place of the namespace's cookie. */
  readonly skippedFor?: readonly Ip[];
}

export interface Backend {
  readonly id: number;
  readonly ip: Ip;
  readonly port: number;
  readonly protocol: number;
  readonly state: 'active' | 'terminating' | 'terminating-not-serving' | 'quarantined' | 'maintenance';
  readonly nodeName?: string;
  readonly zone?: string;
  readonly weight?: number;
}

export interface ServiceMaps {
  /** O(1). `protocol` is the IP protocol number; no fallback to wildcard entries. */
  lookup(ip: Ip, port: number, protocol: number, scope: 'external' | 'internal'): Frontend | undefined;
  readonly frontends: readonly Frontend[];
  readonly backends: ReadonlyMap<number, Backend>;
  /** cilium_lb4_reverse_nat: id → VIP. */
  readonly reverseNat: ReadonlyMap<number, {readonly ip: Ip; readonly port: number}>;
}

/** A value of cilium_egress_gw_policy_v4 or _v6 under its key; source, destination and egress address are of one family. */
export interface EgressEntry {
  readonly source: Ip;
  readonly destination: Prefix;
  /** Source address that the packets get; unspecified where this is not the gateway, or it has none. */
  readonly egressIp: Ip;
  /** The node they are sent to; 0 = none is there, 1 = the destination is left out. */
  readonly gatewayIp: Ip;
  /** Device that they leave by; 0 = the route says. */
  readonly ifindex: number;
}

export interface EgressMap {
  readonly entries: readonly EgressEntry[];
  /** Longest prefix match of the destination. */
  lookup(source: Ip, destination: Ip): EgressEntry | undefined;
}

export interface PolicyEntry {
  readonly direction: 'ingress' | 'egress';
  /** 0 = any. */
  readonly identity: number;
  /** 0 = any. */
  readonly protocol: number;
  /** 0 with portBits 0 = any; else the first `portBits` bits of `port` must match. */
  readonly port: number;
  readonly portBits: number;
  readonly deny: boolean;
  readonly proxyPort: number;
  /** Higher wins (bpf/lib/policy.h): 0xffffff01 allow, 0xffffffff deny at the default priority. */
  readonly precedence: number;
  /** Rule it came from, for explanations. */
  readonly origin?: string;
}

export interface PolicyVerdict {
  readonly entry: PolicyEntry | undefined;
  /** policy-verdict match type: 0 none, 1 L3, 2 L3/L4, 3 L4, 4 all, 5 L3/proto, 6 proto. */
  readonly match: number;
}

export interface PolicyMap {
  readonly entries: readonly PolicyEntry[];
  lookup(direction: 'ingress' | 'egress', identity: number, protocol: number, port: number): PolicyVerdict;
}
