/**
 * Service load balancing per packet, bpf/lib/lb.h: lookup of the frontend, choice of a backend (connection, affinity,
 * random or Maglev), translation of the destination and, for replies, of the source.
 */
import {lbHash} from '../../control/hash.js';
import {type Backend, type Frontend, serviceFlags} from '../../control/model.js';
import {type Ip, isIp4, prefixContains} from '../../wire/addr.js';
import {drop} from '../drop.js';
import {createEntry, ctStatus, ctTypes, findEntry, lookupTuple, packetTuple} from './conntrack.js';
import {emitEvent} from './events.js';
import {loadPorts} from './fragments.js';
import {DESTINATION_PORT, proto, rewriteAddress, rewritePort, SOURCE_PORT} from './frame.js';
import {type CtState, clearCtState, type HookRun, identity, isRemoteNode, type Tuple} from './run.js';

/** Master slot: the source range check is inverted (shares its bit with a quarantined backend slot). */
const SOURCE_RANGE_DENY = serviceFlags.quarantined;

export function flagsOf(svc: Frontend): number {
  return svc.flags | (svc.flags2 << 8);
}

export function hasFlag(svc: Frontend, flag: number): boolean {
  return (flagsOf(svc) & flag) !== 0;
}

/** The entry that stands for all ports of a VIP. */
export function isWildcard(svc: Frontend): boolean {
  return svc.port === 0 && svc.protocol === 0;
}

/** Whether services exist for the protocol. */
export function isServiceProtocol(run: HookRun, protocol: number): boolean {
  return protocol === proto.tcp || protocol === proto.udp || (protocol === proto.sctp && run.program.sctp);
}

/** Key of a service lookup into `t`: as a reply's key, so daddr:sport is the VIP. 0, or minus a drop reason. */
export function extractServiceTuple(run: HookRun, t: Tuple): number {
  packetTuple(run.frame, t);
  t.flags = 0;
  if (isServiceProtocol(run, t.protocol)) return loadPorts(run, t);
  const icmp = run.frame.family === 4 ? proto.icmp : proto.icmp6;
  return t.protocol === icmp ? -drop.unsuppServiceProto : -drop.unknownL4;
}

/** `eastWest`: from a pod; others also find the wildcard entry of the VIP, and never the internal scope. */
export function lookupService(
  run: HookRun,
  ip: Ip,
  port: number,
  protocol: number,
  eastWest: boolean,
): Frontend | undefined {
  const {state, lookups} = run.node;
  if (!lookups.address(ip).isService) return undefined;
  const {services} = state;
  const svc = services.lookup(ip, port, protocol, 'external');
  if (!svc) return eastWest ? undefined : services.lookup(ip, 0, 0, 'external');
  if (!eastWest || !hasFlag(svc, serviceFlags.twoScopes)) return svc;
  return services.lookup(ip, port, protocol, 'internal');
}

/** NodePort or HostPort of any node's address, which the agent keeps under the unspecified address. */
export function lookupSurrogate(run: HookRun, ip: Ip, port: number, protocol: number): Frontend | undefined {
  const {lookups, program} = run.node;
  const label = lookups.address(ip).info?.identity;
  if (label === undefined) return undefined;
  const [min, max] = program.nodePortRange;
  const nodePort = port >= min && port <= max;
  if (label !== identity.host && !(nodePort && isRemoteNode(label))) return undefined;
  const svc = lookupService(run, isIp4(ip) ? 0 : UNSPECIFIED6, port, protocol, true);
  return svc && hasFlag(svc, nodePort ? serviceFlags.nodePort : serviceFlags.hostPort) ? svc : undefined;
}

const UNSPECIFIED6 = '\0\0\0\0\0\0\0\0';

export function sourceRangeAllows(svc: Frontend, ip: Ip): boolean {
  if (!hasFlag(svc, serviceFlags.sourceRange)) return true;
  const inside = svc.sourceRanges.some((prefix) => prefixContains(prefix, ip));
  return inside !== hasFlag(svc, SOURCE_RANGE_DENY);
}

/** With no backend and no reply to it: only the Local traffic policies drop. 0, or minus a drop reason. */
export function withoutBackends(svc: Frontend): number {
  const external = hasFlag(svc, serviceFlags.externalIps | serviceFlags.loadBalancer | serviceFlags.nodePort);
  const local = hasFlag(svc, external ? serviceFlags.extLocal : serviceFlags.intLocal);
  return local ? -drop.noService : 0;
}

function algorithmOf(run: HookRun, svc: Frontend): 'random' | 'maglev' {
  if (run.program.algorithmByService && svc.algorithm !== 0) return svc.algorithm === 2 ? 'maglev' : 'random';
  // Pods have no Maglev tables for ClusterIPs, so their program always draws at random.
  return run.kind === 'lxc' ? 'random' : run.program.defaultAlgorithm;
}

/** Id of a backend, 0 = none. */
function selectBackend(run: HookRun, t: Tuple, svc: Frontend): number {
  if (algorithmOf(run, svc) === 'random') {
    run.cause = svc.count === 1 ? 'only' : 'random';
    return svc.backends[run.node.random() % svc.count]?.id ?? 0;
  }
  run.cause = 'maglev';
  const table = svc.maglev?.();
  if (!table) return 0;
  const clientPort = hasFlag(svc, serviceFlags.affinity) ? 0 : t.dport;
  const seed = isIp4(t.saddr) ? run.program.hashSeed4 : run.program.hashSeed6;
  return table[lbHash(t.saddr, t.sport, clientPort, t.protocol, seed) % table.length]!;
}

function affinityKey(svc: Frontend, client: Ip): string {
  return `${svc.id}|${client}`;
}

/** cilium_lb_affinity_match: only backends that take connections are in it. */
export function hasAffine(svc: Frontend, backend: number): boolean {
  return svc.backends.some((b) => b.id === backend && b.state === 'active');
}

/** The backend that this client used last, if the timeout has not passed and it is still one of the service's. */
function affineBackend(run: HookRun, svc: Frontend, client: Ip): number {
  const key = affinityKey(svc, client);
  const seen = run.node.affinity.get(key);
  if (!seen) return 0;
  const now = run.node.now();
  if (seen.lastUsed + svc.affinityTimeout <= now || !hasAffine(svc, seen.backend)) {
    run.node.affinity.delete(key);
    return 0;
  }
  seen.lastUsed = now;
  return seen.backend;
}

/**
 * Backend for the packet with the service key `t` (lb4_local): into `run.backend`, with the connection's state in
 * `run.service`. 0, or minus a drop reason.
 */
export function chooseBackend(run: HookRun, t: Tuple, svc: Frontend): number {
  const state = clearCtState(run.service);
  const {backends} = run.node.state.services;
  state.revNat = svc.id;
  const status = lookupTuple(run, t, 'service', 'reverse', ctTypes.service, state);
  if (status < 0) return status;
  const affine = hasFlag(svc, serviceFlags.affinity);
  let backend: Backend | undefined;
  if (status === ctStatus.new) {
    if (svc.count === 0) return -drop.noService;
    backend = affine ? backends.get(affineBackend(run, svc, t.saddr)) : undefined;
    run.cause = 'affinity';
    if (!backend) {
      backend = backends.get(selectBackend(run, t, svc));
      if (!backend) return -drop.noService;
      state.newBackend = true;
    }
    state.backendId = backend.id;
    createEntry(run, t, 'service', state, false);
  } else {
    backend = backends.get(state.backendId);
    run.cause = 'conntrack';
    if (!backend || (backend.state !== 'active' && state.syn)) {
      if (svc.count === 0) return -drop.noService;
      backend = backends.get(selectBackend(run, t, svc));
      if (!backend) return -drop.noService;
      replaceBackend(run, t, svc, backend, state);
    }
  }
  if (affine) run.node.affinity.set(affinityKey(svc, t.saddr), {backend: backend.id, lastUsed: run.node.now()});
  run.backend = backend;
  return 0;
}

/** The connection's backend is gone: a new one takes over its entry. */
function replaceBackend(run: HookRun, t: Tuple, svc: Frontend, backend: Backend, state: CtState): void {
  state.newBackend = true;
  state.revNat = svc.id;
  const entry = findEntry(run, t, t.flags);
  if (!entry) return;
  entry.backendId = backend.id;
  entry.revNat = svc.id;
}

/** Destination → backend; `loopback`: the client is the backend itself, so its source becomes the loopback address. */
export function translateDestination(run: HookRun, svc: Frontend, t: Tuple, loopback: boolean): number {
  const {skb, frame} = run;
  const backend = run.backend!;
  const l4 = frame.hasL4 ? frame.l4 : -1;
  const oldPort = t.sport;
  let ret = rewriteAddress(
    skb.buf,
    skb.end,
    frame.l3,
    l4,
    frame.protocol,
    'destination',
    frame.destination,
    backend.ip,
  );
  if (ret < 0) return ret;
  if (loopback) {
    const source = frame.family === 4 ? run.program.loopback4 : run.program.loopback6;
    ret = rewriteAddress(skb.buf, skb.end, frame.l3, l4, frame.protocol, 'source', frame.source, source);
    frame.source = source;
  } else t.daddr = backend.ip;
  if (run.node.emit) emitForward(run, svc, backend, oldPort);
  frame.destination = backend.ip;
  if (backend.port !== 0) {
    t.sport = backend.port;
    if (l4 >= 0 && oldPort !== backend.port) {
      if (frame.protocol === proto.sctp) return -drop.csumL4;
      ret = rewritePort(skb.buf, skb.end, l4, frame.protocol, DESTINATION_PORT, oldPort, backend.port);
    }
  }
  return ret;
}

function emitForward(run: HookRun, svc: Frontend, backend: Backend, port: number): void {
  emitEvent(run, {
    kind: 'translate',
    direction: 'forward',
    frontend: svc.id,
    backend: backend.id,
    from: {ip: run.frame.destination, port},
    to: {ip: backend.ip, port: backend.port},
    cause: run.cause,
  });
}

/**
 * Source → service address: of `revNat`, or `natAddr:natPort` if set. `t` is the key of the reply (dport = its source port).
 * Unknown ids leave the packet as it is. 0, or minus a drop reason.
 */
export function reverseTranslate(
  run: HookRun,
  t: Tuple,
  revNat: number,
  natAddr: Ip | undefined,
  natPort: number,
  loopback: boolean,
): number {
  const known = run.node.state.services.reverseNat.get(revNat);
  const ip = natPort ? natAddr : known?.ip;
  const port = natPort || (known?.port ?? 0);
  if (ip === undefined) return 0;
  const {skb, frame} = run;
  const l4 = frame.hasL4 ? frame.l4 : -1;
  const from = frame.source;
  if (run.node.emit) {
    const event = {kind: 'translate', direction: 'reverse', frontend: revNat, backend: 0, cause: 'conntrack'} as const;
    emitEvent(run, {...event, from: {ip: from, port: t.dport}, to: {ip, port}});
  }
  let ret = 0;
  if (loopback) {
    ret = rewriteAddress(skb.buf, skb.end, frame.l3, l4, frame.protocol, 'destination', frame.destination, from);
    frame.destination = from;
  }
  if (ret === 0) ret = rewriteAddress(skb.buf, skb.end, frame.l3, l4, frame.protocol, 'source', from, ip);
  frame.source = ip;
  t.saddr = loopback ? from : ip;
  if (ret < 0 || l4 < 0 || port === 0) return ret;
  if (frame.protocol === proto.icmp || frame.protocol === proto.icmp6) return 0;
  if (!isServiceProtocol(run, frame.protocol)) return -drop.unknownL4;
  if (port === t.dport) return 0;
  if (frame.protocol === proto.sctp) return -drop.csumL4;
  return rewritePort(skb.buf, skb.end, l4, frame.protocol, SOURCE_PORT, t.dport, port);
}
