/**
 * All state of a run, in one object.
 *
 *   Run ─┬─ SimNode ─┬─ host Ns ── Dev: lo, eth0, cilium_host, cilium_net, tunnel, lxc…
 *        │           ├─ pod Ns ─── Dev: lo, eth0
 *        │           └─ NodeRuntime: conntrack, NAT … (what the programs change)
 *        ├─ external Ns (one per address outside) ── Dev: uplink
 *        ├─ Underlay: switch, gateway
 *        └─ Agenda: what is due when
 */

import type {Cluster, ClusterNode, Pod} from '../../cluster/model.js';
import type {Netns, NodeState, TunnelDevice} from '../../control/model.js';
import type {Ip, Mac} from '../../wire/addr.js';
import type {
  AppEvent,
  CapturePoint,
  DatapathEvent,
  DeviceCounters,
  HookName,
  KernelEvent,
  NodeRuntime,
  Observer,
} from '../model.js';
import type {Step} from '../step-model.js';
import type {AddressSet} from './address-set.js';
import type {ConnectionTable} from './connection-table.js';
import type {Collector} from './gc.js';
import type {Netfilter} from './netfilter.js';
import type {PingSocket} from './ping.js';
import type {RawTcpSocket} from './probe.js';
import type {Agenda, Due} from './queue.js';
import type {Random} from './random.js';
import type {SctpAssociation} from './sctp-state.js';
import type {Security} from './security.js';
import type {SimSkb, SkbPool} from './skb.js';
import type {TcpConnection} from './tcp-state.js';
import type {Traffic} from './traffic.js';
import type {UdpSocket} from './udp.js';
import type {Directory} from './world.js';

/** Fixed latencies, ns, in the order of the agenda's lanes. */
export const latencies = [
  /** Crossing a veth pair: a softirq on the same CPU. */
  10_000,
  /** Over the loopback device. */
  5_000,
  /** eth0 to eth0 of another node. */
  250_000,
  /** Node to a host outside: the underlay and 4 ms beyond the gateway. */
  4_250_000,
  /** A server process waking up and answering. */
  30_000,
] as const;

/** Lanes by name. */
export const lane = {veth: 0, loopback: 1, underlay: 2, internet: 3, application: 4} as const;

/** Where the run gets its nodes from: `createControl(cluster)`. */
export interface ControlSource {
  readonly cluster: Cluster;
  state(node: string): NodeState;
  /** What follows, in order of time. */
  readonly later?: readonly ControlStage[];
}

/** The control plane from a moment on. */
export interface ControlStage {
  /** ns of virtual time. */
  readonly at: number;
  readonly text: string;
  readonly control: ControlSource;
}

export interface Run {
  /** Of the start: capture points are numbered by it. */
  readonly base: ControlSource;
  /** Of now. */
  control: ControlSource;
  cluster: Cluster;
  readonly agenda: Agenda<SimSkb>;
  readonly random: Random;
  readonly seed: number;
  readonly pool: SkbPool;
  readonly underlay: Underlay;
  /** In cluster order; undefined while nothing has concerned a node. `nodeAt` builds. */
  readonly nodes: (SimNode | undefined)[];
  directory: Directory;
  /** Lines of traffic, by index. */
  readonly traffic: Traffic[];
  /** Frames may get lost on the wire: a lossy link, a node without power. */
  impaired: boolean;
  /** When the first of the nodes' agents collects what has expired, ns. */
  nextCollection: number;
  /** Namespaces built so far by the addresses that are theirs alone; `namespaceOf` builds. */
  readonly namespaces: Map<Ip, Ns>;
  /** ns since the start. */
  now: number;
  /** Time of the last frame or application event. */
  lastActivity: number;
  /** Number of the packet sent last. */
  packets: number;
  /** Cookie of the socket opened last. */
  sockets: number;
  /** Undefined when nobody listens. */
  emit: ((event: DatapathEvent) => void) | undefined;
  app: ((event: AppEvent) => void) | undefined;
  readonly step: ((step: Step) => void) | undefined;
}

export interface SimNode {
  readonly run: Run;
  readonly name: string;
  readonly index: number;
  spec: ClusterNode;
  state: NodeState;
  readonly runtime: NodeRuntime;
  readonly collector: Collector;
  readonly host: Ns;
  pods: readonly Ns[];
  /** Host devices by ifindex. */
  devices: readonly (Dev | undefined)[];
  readonly eth0: Dev;
  readonly tunnel: Dev | undefined;
  readonly tunnelModel: (TunnelDevice & {readonly protocol: 'vxlan' | 'geneve'}) | undefined;
  /** UDP port of the tunnel device, 0 without one. */
  readonly tunnelPort: number;
  /** Outer headers towards other nodes, by remote address. */
  readonly tunnelPaths: Map<Ip, TunnelPath>;
}

/** A network namespace with its stack. */
export interface Ns {
  readonly run: Run;
  readonly kind: 'host' | 'pod' | 'external';
  /** Undefined for hosts outside. */
  readonly node: SimNode | undefined;
  pod: Pod | undefined;
  /** For messages: `node1`, `default/pod-a`, `203.0.113.9`. */
  readonly name: string;
  /** Undefined for hosts outside, which route everything to their uplink. */
  netns: Netns | undefined;
  /** Its processes are dead: nothing it had prepared is sent any more. */
  gone: boolean;
  readonly devices: Dev[];
  readonly addresses: AddressSet;
  /** Routing decisions taken, by destination. */
  readonly routes: Map<Ip, Dst>;
  readonly forwarding: boolean;
  netfilter: Netfilter | undefined;
  readonly udp: Map<number, UdpSocket>;
  readonly tcp: ConnectionTable<TcpConnection>;
  readonly sctp: ConnectionTable<SctpAssociation>;
  readonly pings: Map<number, PingSocket>;
  /** By local port; the stack itself has no socket there. */
  readonly rawTcp: Map<number, RawTcpSocket>;
  readonly reassembly: Map<string, Reassembly>;
  /** Tokens of the ICMP error limiter by destination (inet_peer_xrlim_allow). */
  readonly icmpTokens: Map<Ip, {tokens: number; last: number}>;
  /** Sends a complete IP packet that a process of this namespace has prepared. */
  readonly outbox: Due<SimSkb>;
  /** Where its processes listen, found when first asked. */
  openPorts: ReadonlySet<number> | 'all' | undefined;
  /** Next ephemeral port, IP identification, fragment identification. */
  nextPort: number;
  nextId: number;
}

/** One device in a namespace. */
export interface Dev {
  readonly ns: Ns;
  readonly name: string;
  ifindex: number;
  mtu: number;
  readonly mac: Mac;
  /** The MAC in 16-bit words: small integers compare without boxing. */
  readonly macHigh: number;
  readonly macMiddle: number;
  readonly macLow: number;
  readonly link: 'veth' | 'wire' | 'tunnel' | 'loopback' | 'uplink';
  readonly noarp: boolean;
  readonly addresses: readonly Ip[];
  /** Undefined for uplinks. */
  readonly point: CapturePoint | undefined;
  readonly counters: DeviceCounters;
  /** Observers of this capture point. */
  readonly taps: readonly Required<Pick<Observer, 'frame'>>[];
  readonly neighbours: Map<Ip, Neighbour>;
  /** cil_xdp_entry runs before anything else (bpf-lb-acceleration). */
  xdp: boolean;
  /** tc programs. */
  ingress: HookName | undefined;
  egress: HookName | undefined;
  /** veth: the other end. */
  peer: Dev | undefined;
  /** wire: the MAC that the last frame was for, in two words, and the node that has it. */
  readonly lastHop: {macHigh: number; macLow: number; node: SimNode | undefined};
  /** A frame arrives. */
  readonly arrival: Due<SimSkb>;
}

/** Entry of a neighbour table; `mac` is valid when `resolved`. */
export interface Neighbour {
  readonly ip: Ip;
  readonly dev: Dev;
  mac: Mac;
  resolved: boolean;
  /** Requests sent without an answer. */
  probes: number;
  /** The answer to a request is overdue. */
  readonly overdue: Due<SimSkb>;
  /** Frames that wait for the answer. */
  readonly waiting: SimSkb[];
}

/** A routing decision. */
export interface Dst {
  readonly dev: Dev;
  /** The destination itself when on link. */
  readonly nexthop: Ip;
  /** Preferred source address. */
  readonly source: Ip;
  /** The destination is this namespace itself. */
  readonly local: boolean;
  /** Route MTU; lowered by ICMP until `mtuExpires`. */
  mtu: number;
  readonly routeMtu: number;
  mtuExpires: number;
  /** Set on first use. */
  neighbour: Neighbour | undefined;
}

/** Outer header template of a tunnel to one remote, and where it leaves. */
export interface TunnelPath {
  readonly dst: Dst;
  /** Outer IP + UDP; Ethernet is the neighbour's. */
  readonly header: Uint8Array;
  /** Sum of the constant words of the outer IPv4 header. */
  readonly sum: number;
}

/** Fragments of one datagram, whole packets in order of arrival. */
export interface Reassembly {
  readonly parts: Uint8Array[];
  /** Payload bytes there, and of the whole datagram once the last fragment came. */
  bytes: number;
  total: number;
  /** Virtual time. */
  readonly expires: number;
}

/** What is between the nodes: one switch with a router on it, as an SDN presents itself. */
export interface Underlay {
  readonly gateways: readonly {readonly ip: Ip; readonly mac: Mac}[];
  /** Undefined: no security group. */
  readonly security: Security | undefined;
}

/** Tells of what the kernel did. Callers test `run.emit` first where making the text costs something. */
export function kernelEvent(ns: Ns, packet: number, action: KernelEvent['action'], text: string): void {
  ns.run.emit?.({kind: 'kernel', hook: 'kernel', time: ns.run.now, node: ns.node?.name ?? '', packet, action, text});
}

/** Number of a new packet. */
export function nextPacket(run: Run): number {
  return ++run.packets;
}

/** Next IP identification of a namespace: never 0, so that it differs from `none chosen`. */
export function nextIdentification(ns: Ns): number {
  ns.nextId = (ns.nextId % 0xffff) + 1;
  return ns.nextId;
}
