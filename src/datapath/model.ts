/**
 * The datapath's own state and its one stream of observations.
 *
 *   hooks (bpf/)   pure functions over (Skb, NodeRuntime): what Cilium's programs do to a packet and to the maps
 *   run (run/)     the kernel around them: devices, taps, routing, tunnels, stacks, applications, the virtual clock
 *
 * Both emit to an `Observer`. Captures, monitor, trace, explanations and counters all read that stream; none computes its own truth.
 */
import type {NodeState} from '../control/model.js';
import type {Ip, Mac} from '../wire/addr.js';
import type {Lookups} from './bpf/lookups.js';
import type {ProgramConfig} from './bpf/program.js';
import type {RuleHop} from './rule-model.js';
import type {SecurityDecision, Step} from './step-model.js';

/** A packet inside a node. Bytes live at `[start, end)` of a buffer with headroom, so that encapsulation prepends. */
export interface Skb {
  buf: Uint8Array;
  /** Offset of the Ethernet header. */
  start: number;
  end: number;
  /** skb->mark: identity << 16 | magic, see `marks`. */
  mark: number;
  /** skb->cb[0..4], as the programs leave them. */
  cb: [number, number, number, number, number];
  /** skb->tc_index: bits that programs leave for the next program of the same packet. Missing: 0. */
  tcIndex?: number;
  /** PACKET_HOST by a program's word (bpf_skb_change_type): the stack takes it whatever MAC it has. */
  toHost?: boolean;
  /** Device the program runs on. */
  ifindex: number;
  /** Device it was received on (skb_iif), as `from-…` traces show it; 0 or missing: made on this node. */
  ingressIfindex?: number;
  /** Tunnel metadata: on receive what the tunnel device decapsulated, on transmit what set_tunnel_key asked for. */
  tunnel: TunnelKey | undefined;
  tunnelOption: Uint8Array | undefined;
  /** Number of this packet in the run: one per packet sent by an application or stack, kept across nodes and rewrites. */
  packet: number;
}

export interface TunnelKey {
  vni: number;
  /** Transmit: where to; receive: where from. */
  remote: Ip;
  ttl: number;
  tos: number;
  /** BPF_F_ZERO_CSUM_TX and friends. */
  flags: number;
}

/** What a tc program returned. */
export type HookAction =
  | {readonly kind: 'ok'}
  | {readonly kind: 'drop'; readonly reason: number}
  /** bpf_redirect: to the egress path of a device, or with `ingress` to its receive path. */
  | {readonly kind: 'redirect'; readonly ifindex: number; readonly ingress: boolean}
  /** bpf_redirect_peer: straight into the namespace of the device's peer. */
  | {readonly kind: 'redirect-peer'; readonly ifindex: number}
  /** bpf_redirect_neigh: out of a device, the kernel fills in the neighbour of `nexthop`. */
  | {readonly kind: 'redirect-neigh'; readonly ifindex: number; readonly nexthop: Ip};

/** Names of Cilium's entry programs (bpf_lxc.c, bpf_overlay.c, bpf_host.c). */
export type HookName =
  | 'cil_from_container'
  | 'cil_to_container'
  | 'cil_from_overlay'
  | 'cil_to_overlay'
  | 'cil_from_netdev'
  | 'cil_to_netdev'
  | 'cil_from_host'
  | 'cil_to_host'
  | 'cil_xdp_entry';

/** Trace observation points, index = number on the wire (pkg/monitor/api). */
export const tracePoints = [
  'to-endpoint',
  'to-proxy',
  'to-host',
  'to-stack',
  'to-overlay',
  'from-endpoint',
  'from-proxy',
  'from-host',
  'from-stack',
  'from-overlay',
  'from-network',
  'to-network',
  'from-crypto',
  'to-crypto',
] as const;
export type TracePoint = (typeof tracePoints)[number];

/** Trace reasons, index = number. */
export const traceReasons = [
  'new',
  'established',
  'reply',
  'related',
  'reserved',
  'unknown',
  'srv6-encap',
  'srv6-decap',
] as const;
export type TraceReason = (typeof traceReasons)[number];

/** ns since the start of the run; `epoch` of the cluster is added by whoever prints. A double is exact to 104 days. */
export type VirtualTime = number;

export type DatapathEvent =
  | TraceEvent
  | DropEvent
  | PolicyVerdictEvent
  | HelperEvent
  | TranslateEvent
  | ConntrackEvent
  | NatEvent
  | KernelEvent
  | ControlEvent;

interface EventBase {
  readonly time: VirtualTime;
  readonly node: string;
  readonly packet: number;
  /** Program or kernel stage that says so. */
  readonly hook: HookName | 'socket-lb' | 'kernel' | 'control';
}

export interface TraceEvent extends EventBase {
  readonly kind: 'trace';
  readonly point: TracePoint;
  readonly reason: TraceReason;
  readonly sourceIdentity: number;
  readonly destinationIdentity: number;
  /** Endpoint id the program belongs to (source in the notification header), 0 where none. */
  readonly endpoint: number;
  readonly destinationEndpoint: number;
  readonly ifindex: number;
  readonly originalIp: Ip | undefined;
  /** Classifier: 1 IPv6, 4 a VXLAN packet, 8 a Geneve packet (bpf/lib/classifiers.h). */
  readonly flags: number;
  readonly length: number;
  /** The frame as it was; a view that is only valid during the call. */
  readonly frame: Uint8Array;
}

export interface DropEvent extends EventBase {
  readonly kind: 'drop';
  /** Key of `dropReasons`, e.g. 133. */
  readonly reason: number;
  readonly extError: number;
  readonly sourceIdentity: number;
  readonly destinationIdentity: number;
  readonly endpoint: number;
  readonly destinationEndpoint: number;
  readonly ifindex: number;
  readonly length: number;
  readonly frame: Uint8Array;
  /** Upstream source file and line that reports it, as `cilium monitor` prints them (1.21-dev). */
  readonly at?: {readonly file: string; readonly line: number};
}

export interface PolicyVerdictEvent extends EventBase {
  readonly kind: 'policy-verdict';
  readonly direction: 'ingress' | 'egress';
  /** 0 allow, negative: drop reason, positive: proxy port. */
  readonly verdict: number;
  readonly match: number;
  readonly remoteIdentity: number;
  readonly endpoint: number;
  readonly port: number;
  readonly protocol: number;
  readonly family: 4 | 6;
  readonly audited: boolean;
  readonly length: number;
  readonly frame: Uint8Array;
}

/** A kernel helper called by a program, as the vectors record them. */
export interface HelperEvent extends EventBase {
  readonly kind: 'helper';
  readonly helper:
    | 'set_tunnel_key'
    | 'set_tunnel_opt'
    | 'redirect'
    | 'redirect_peer'
    | 'redirect_neigh'
    | 'fib_lookup'
    | 'skb_change_type';
  readonly values: Readonly<Record<string, number | string | undefined>>;
}

/** A service address became a backend address, or back. */
export interface TranslateEvent extends EventBase {
  readonly kind: 'translate';
  readonly direction: 'forward' | 'reverse';
  readonly frontend: number;
  readonly backend: number;
  readonly from: {readonly ip: Ip; readonly port: number};
  readonly to: {readonly ip: Ip; readonly port: number};
  /** Why this backend: 'random', 'maglev', 'affinity', 'conntrack', 'only'. */
  readonly cause: string;
}

export interface ConntrackEvent extends EventBase {
  readonly kind: 'ct';
  readonly change: 'create' | 'update' | 'delete';
  readonly status: 'new' | 'established' | 'reply' | 'related';
  readonly scope: 'OUT' | 'IN' | 'SVC';
}

export interface NatEvent extends EventBase {
  readonly kind: 'nat';
  readonly change: 'snat' | 'reverse';
  readonly from: {readonly ip: Ip; readonly port: number};
  readonly to: {readonly ip: Ip; readonly port: number};
}

/** What the kernel around the programs did: route, encapsulate, fragment, deliver, discard, answer with ICMP. */
export interface KernelEvent extends EventBase {
  readonly kind: 'kernel';
  readonly action:
    | 'route'
    | 'encapsulate'
    | 'decapsulate'
    | 'fragment'
    | 'deliver'
    | 'discard'
    | 'icmp'
    | 'arp'
    | 'forward';
  readonly text: string;
  /** Netfilter rules that the packet matched, in order. */
  readonly hops?: readonly RuleHop[];
  /** The security rule that took it. */
  readonly security?: SecurityDecision;
}

/** The cluster changes: no packet's doing, and of no node in particular. */
export interface ControlEvent extends EventBase {
  readonly kind: 'control';
  readonly text: string;
}

/** A place where frames can be captured: a device in a namespace. */
export interface CapturePoint {
  /** Dense, from 0, in `Run.points` order. */
  readonly index: number;
  readonly node: string;
  /** `ns/name` of the pod whose namespace it is in; undefined = host. */
  readonly pod: string | undefined;
  readonly device: string;
  readonly ifindex: number;
}

/**
 * Reader of the stream. Frames and events come in time order. `bytes[start, end)` is only valid during the call:
 * copy what you keep. A missing method means no interest, and costs nothing.
 */
export interface Observer {
  /** Asked once per capture point when a run starts: whether `frame` wants to see it. Missing: all of them. */
  wants?(point: CapturePoint): boolean;
  /** Whether it would look at a frame there now, for nodes not built yet; where that changes in the course of a run. Missing: as `wants`. */
  watches?(point: CapturePoint): boolean;
  frame?(
    point: CapturePoint,
    time: VirtualTime,
    direction: 'in' | 'out',
    bytes: Uint8Array,
    start: number,
    end: number,
    packet: number,
  ): void;
  event?(event: DatapathEvent): void;
  /** What applications saw: a ping reply, an HTTP response, a connect error. */
  app?(event: AppEvent): void;
  /** Steps inside a node: programs as they start and end, what they look up, what the underlay and the stack do. */
  step?(step: Step): void;
  /** false: broadcasts are of interest only where they concern the node. Nodes that nothing else concerns then stay unbuilt. */
  readonly broadcasts?: boolean;
}

export interface AppEvent {
  readonly time: VirtualTime;
  /** Index into the run's traffic list. */
  readonly traffic: number;
  readonly kind:
    | 'sent'
    | 'received'
    | 'reply'
    | 'connected'
    | 'closed'
    | 'timeout'
    | 'refused'
    | 'unreachable'
    | 'error';
  readonly sequence: number;
  readonly from: Ip;
  readonly ttl?: number;
  readonly bytes?: number;
  /** ns between request and reply. */
  readonly rtt?: number;
  readonly text?: string;
  /** ICMP error that ended it: type, code, reporter. */
  readonly icmp?: {readonly type: number; readonly code: number; readonly from: Ip; readonly mtu?: number};
}

/** What a hook may touch: the node's maps, fixed and changing, clock and randomness. */
export interface NodeRuntime {
  readonly state: NodeState;
  /** How the agent has compiled the programs for this node. */
  readonly program: ProgramConfig;
  /** The maps of `state`, with a memory for what packets ask most. */
  readonly lookups: Lookups;
  readonly ct: ConntrackTable;
  readonly nat: NatTable;
  readonly affinity: Map<string, {backend: number; lastUsed: number}>;
  /** IPv4/IPv6 fragment tracking: datagram key → the ports of its first fragment. */
  readonly fragments: Map<string, {sourcePort: number; destinationPort: number}>;
  /** cilium_nodeport_neigh4/6: MAC that a NodePort client's packets came from. */
  readonly nodePortNeighbours: Map<Ip, Mac>;
  /** Seconds on the clock that conntrack lifetimes use (vectors: starts at 1000). */
  now(): number;
  /** bpf_get_prandom_u32. */
  random(): number;
  /** bpf_fib_lookup: where a packet to `destination` would leave, with MACs. */
  fib(source: Ip, destination: Ip): FibResult;
  emit: ((event: DatapathEvent) => void) | undefined;
  /** Virtual time of the packet being processed, for events. */
  time: VirtualTime;
}

export type FibResult =
  | {
      readonly ok: true;
      readonly ifindex: number;
      readonly nexthop: Ip;
      readonly sourceMac: number;
      readonly destinationMac: number;
    }
  | {readonly ok: false; readonly code: number};

/** Flags of a conntrack tuple. */
export const ctFlags = {OUT: 0, IN: 1, RELATED: 2, SERVICE: 4} as const;

/** As stored: addresses reversed relative to the packet for OUT/IN, ports not (bpf/lib/conntrack.h). */
export interface CtTuple {
  readonly daddr: Ip;
  readonly saddr: Ip;
  readonly dport: number;
  readonly sport: number;
  readonly protocol: number;
  readonly flags: number;
}

export interface CtEntry {
  readonly tuple: CtTuple;
  /** Absolute, seconds. */
  lifetime: number;
  packets: number;
  bytes: number;
  rxClosing: boolean;
  txClosing: boolean;
  lbLoopback: boolean;
  seenNonSyn: boolean;
  nodePort: boolean;
  proxyRedirect: boolean;
  dsrInternal: boolean;
  fromL7lb: boolean;
  fromTunnel: boolean;
  revNat: number;
  txFlagsSeen: number;
  rxFlagsSeen: number;
  lastTxReport: number;
  lastRxReport: number;
  sourceIdentity: number;
  /** SERVICE entries. */
  backendId: number;
  natAddr: Ip | undefined;
  natPort: number;
}

/** What packets write: a map of Cilium's by tuple. */
export interface TupleTable<E> {
  /** No allocation on the v4 path. */
  find(daddr: Ip, saddr: Ip, dport: number, sport: number, protocol: number, flags: number): E | undefined;
  insert(entry: E): void;
  remove(entry: E): void;
  clear(): void;
  readonly size: number;
  /** In insertion order. */
  entries(): Iterable<E>;
}

export type ConntrackTable = TupleTable<CtEntry>;
export type NatTable = TupleTable<NatEntry>;

export interface NatEntry {
  readonly tuple: CtTuple;
  toIp: Ip;
  toPort: number;
  created: number;
  needsCt: boolean;
}

/** Per device counters, as `ip -s link` prints them. */
export interface DeviceCounters {
  rxBytes: number;
  rxPackets: number;
  rxDropped: number;
  txBytes: number;
  txPackets: number;
  txDropped: number;
}
