/**
 * Socket load balancing, bpf_sock.c: connect(), sendmsg(), recvmsg() and getpeername() of processes under the node's cgroup.
 * The service address is translated before a packet exists, so no packet ever carries it.
 */
import {type Backend, type Frontend, serviceFlags} from '../../control/model.js';
import {type Ip, isIp4} from '../../wire/addr.js';
import type {NodeRuntime, TranslateEvent} from '../model.js';
import {proto} from './frame.js';
import {hasAffine, hasFlag} from './lb.js';
import {identity, isRemoteNode} from './run.js';

/** The socket that a call is about. */
export interface SocketCaller {
  /** Stable for the network namespace; 0 = the host's. */
  readonly netns: number;
  /** Stable for the socket: picks the backend of UDP services. */
  readonly cookie: number;
  /** Of the pod; empty: of the host. */
  readonly ips: readonly Ip[];
  /** Number of the packet that the call leads to, for events. */
  readonly packet: number;
}

interface Address {
  readonly ip: Ip;
  readonly port: number;
}

export type ConnectResult =
  | {readonly kind: 'unchanged'}
  | ({readonly kind: 'translated'} & Address)
  /** The service has no backend. */
  | {readonly kind: 'error'; readonly errno: 'EHOSTUNREACH'};

const UNCHANGED: ConnectResult = {kind: 'unchanged'};
const UNREACHABLE: ConnectResult = {kind: 'error', errno: 'EHOSTUNREACH'};
const UNSPECIFIED6 = '\0\0\0\0\0\0\0\0';
const LOOPBACK6 = '\0\0\0\0\0\0\0\x01';

/** cilium_lb4/6_reverse_sk by node: socket and backend → service address. */
const reverseMaps = new WeakMap<NodeRuntime, Map<string, Address & {readonly revNat: number}>>();

function reverseMap(node: NodeRuntime): Map<string, Address & {readonly revNat: number}> {
  let map = reverseMaps.get(node);
  if (!map) reverseMaps.set(node, (map = new Map()));
  return map;
}

function reverseKey(caller: SocketCaller, {ip, port}: Address): string {
  return `${caller.cookie}|${port}|${ip}`;
}

/** connect() or sendmsg() to `to`. */
export function connectService(node: NodeRuntime, caller: SocketCaller, to: Address, protocol: number): ConnectResult {
  if (!isCovered(node, caller) || (protocol !== proto.tcp && protocol !== proto.udp)) return UNCHANGED;
  const svc = lookup(node, caller, to, protocol);
  if (!svc) return UNCHANGED;
  if (svc.count === 0) return UNREACHABLE;
  if (staysExternal(node, svc, to.ip)) return UNCHANGED;
  if (svc.skippedFor?.some((ip) => caller.ips.includes(ip))) return UNCHANGED;
  const {backend, cause} = choose(node, svc, caller, protocol);
  if (!backend) return UNREACHABLE;
  const {ip, port} = backend;
  reverseMap(node).set(reverseKey(caller, backend), {...to, revNat: svc.id});
  tell(node, caller, {direction: 'forward', frontend: svc.id, backend: backend.id, from: to, to: {ip, port}, cause});
  return {kind: 'translated', ip, port};
}

/** What recvmsg() or getpeername() shows for the peer `from`. */
export function peerAddress(node: NodeRuntime, caller: SocketCaller, from: Address, protocol: number): Address {
  if (!isCovered(node, caller)) return from;
  const key = reverseKey(caller, from);
  const known = reverseMap(node).get(key);
  if (!known) return from;
  const svc = lookup(node, caller, known, protocol);
  if (!svc || svc.id !== known.revNat || svc.count === 0) {
    reverseMap(node).delete(key);
    return from;
  }
  const to = {ip: known.ip, port: known.port};
  tell(node, caller, {direction: 'reverse', frontend: svc.id, backend: 0, from, to, cause: 'socket'});
  return to;
}

function isCovered(node: NodeRuntime, caller: SocketCaller): boolean {
  const {socketLb} = node.state.config;
  return socketLb === 'full' || (socketLb === 'hostns-only' && caller.netns === 0);
}

function tell(
  node: NodeRuntime,
  caller: SocketCaller,
  event: Omit<TranslateEvent, 'kind' | 'time' | 'node' | 'packet' | 'hook'>,
): void {
  const {emit, time, state} = node;
  emit?.({kind: 'translate', time, node: state.node.name, packet: caller.packet, hook: 'socket-lb', ...event});
}

/** Exact frontend, internal scope where there are two, or the one that stands for the nodes' addresses. */
function lookup(node: NodeRuntime, caller: SocketCaller, {ip, port}: Address, protocol: number): Frontend | undefined {
  return lookupScoped(node, ip, port, protocol) ?? lookupSurrogate(node, caller, ip, port, protocol);
}

function lookupScoped(node: NodeRuntime, ip: Ip, port: number, protocol: number): Frontend | undefined {
  const {services} = node.state;
  const svc = services.lookup(ip, port, protocol, 'external');
  return svc && hasFlag(svc, serviceFlags.twoScopes) ? services.lookup(ip, port, protocol, 'internal') : svc;
}

function isLoopback(ip: Ip): boolean {
  return isIp4(ip) ? ip >>> 24 === 127 : ip === LOOPBACK6;
}

function lookupSurrogate(
  node: NodeRuntime,
  caller: SocketCaller,
  ip: Ip,
  port: number,
  protocol: number,
): Frontend | undefined {
  const [min, max] = node.program.nodePortRange;
  const nodePort = port >= min && port <= max;
  if (caller.netns !== 0 || !isLoopback(ip)) {
    const label = node.state.ipcache.lookup(ip)?.identity;
    if (label === undefined) return undefined;
    if (label !== identity.host && !(nodePort && isRemoteNode(label))) return undefined;
  }
  const svc = lookupScoped(node, isIp4(ip) ? 0 : UNSPECIFIED6, port, protocol);
  if (!svc) return undefined;
  if (nodePort) return hasFlag(svc, serviceFlags.nodePort) ? svc : undefined;
  const own = !hasFlag(svc, serviceFlags.loopback) || isLoopback(ip);
  return hasFlag(svc, serviceFlags.hostPort) && own ? svc : undefined;
}

/** An external address or HostPort that is not this node's is left to whoever owns it. */
function staysExternal(node: NodeRuntime, svc: Frontend, ip: Ip): boolean {
  const external = hasFlag(svc, serviceFlags.externalIps);
  if (!external && !(hasFlag(svc, serviceFlags.hostPort) && !isLoopback(ip))) return false;
  return node.state.ipcache.lookup(ip)?.identity !== identity.host;
}

/** TCP draws at random, a UDP socket stays with one backend, and affinity is per namespace. */
function choose(
  node: NodeRuntime,
  svc: Frontend,
  caller: SocketCaller,
  protocol: number,
): {readonly backend: Backend | undefined; readonly cause: string} {
  const {backends} = node.state.services;
  const affine = hasFlag(svc, serviceFlags.affinity);
  const key = `${svc.id}|netns:${caller.netns}`;
  const now = node.now();
  const seen = affine ? node.affinity.get(key) : undefined;
  if (seen && seen.lastUsed + svc.affinityTimeout > now && hasAffine(svc, seen.backend)) {
    seen.lastUsed = now;
    return {backend: backends.get(seen.backend), cause: 'affinity'};
  }
  const draw = protocol === proto.tcp ? node.random() : caller.cookie;
  const slot = svc.backends[draw % svc.count];
  const backend = slot && backends.get(slot.id);
  if (affine && backend) node.affinity.set(key, {backend: backend.id, lastUsed: now});
  return {backend, cause: svc.count === 1 ? 'only' : 'random'};
}
