/**
 * Source NAT of the node, bpf/lib/nat.h: which packets are masqueraded, port allocation, and the two entries of a mapping.
 *
 *   OUT  daddr:dport saddr:sport of the packet  → the new source
 *   IN   the reply's destination and source     → the old source
 */
import {hasEgressIp} from '../../control/egress.js';
import {type Ip, prefixContains} from '../../wire/addr.js';
import {get16} from '../../wire/bytes.js';
import {drop} from '../drop.js';
import {ctFlags, type NatEntry} from '../model.js';
import {createEntry, ctStatus, ctTypes, extractPorts, isReply, lookupTuple} from './conntrack.js';
import {gatewayEntry} from './egress-gateway.js';
import {emitEvent} from './events.js';
import {loadPorts} from './fragments.js';
import {DESTINATION_PORT, proto, rewriteAddress, rewritePort, SOURCE_PORT} from './frame.js';
import {rewriteForwardError, rewriteReverseError} from './nat-icmp.js';
import {copyTuple, type HookRun, isRemoteNode, newTuple, swapAddresses, swapPorts, type Tuple} from './run.js';

/** "Leave the packet alone": a code like a drop reason that no program reports. */
export const NAT_NOT_NEEDED = -drop.natNotNeeded;

const COLLISION_RETRIES = 32;
/** Offset of the echo identifier in ICMP and ICMPv6. */
const ECHO_ID = 4;
const MAX_UNREACHABLE4 = 15;
const MAX_UNREACHABLE6 = 6;

const icmp4 = {echoReply: 0, unreachable: 3, redirect: 5, echo: 8, timeExceeded: 11} as const;
const icmp6 = {
  unreachable: 1,
  tooBig: 2,
  timeExceeded: 3,
  echo: 128,
  echoReply: 129,
  solicitation: 135,
  advertisement: 136,
  redirect: 137,
} as const;

export interface SnatTarget {
  ip: Ip;
  min: number;
  max: number;
  /** The sender is a pod of this node: any of its ports is translated. */
  fromLocal: boolean;
  /** The host's own connection: a conntrack entry keeps its port from being given away. */
  needsCt: boolean;
  /** By an egress gateway: any port is translated. */
  gateway: boolean;
}

export function newTarget(run: HookRun, ip: Ip): SnatTarget {
  const [min, max] = run.program.natPorts;
  return {ip, min, max, fromLocal: false, needsCt: false, gateway: false};
}

/** NAT key of the packet without ports. */
export function natTuple(run: HookRun, flags: number, t: Tuple): Tuple {
  t.daddr = run.frame.destination;
  t.saddr = run.frame.source;
  t.dport = 0;
  t.sport = 0;
  t.protocol = run.frame.protocol;
  t.flags = flags;
  return t;
}

/** Whether the packet leaves with the node's address; 0 with `target` filled in, NAT_NOT_NEEDED, or minus a drop reason. */
export function needsMasquerade(run: HookRun, t: Tuple, target: SnatTarget): number {
  const {program} = run;
  const {lookups} = run.node;
  const v4 = run.frame.family === 4;
  const own = v4 ? program.masqueradeIp4 : program.masqueradeIp6;
  if (own === undefined) return NAT_NOT_NEEDED;
  target.ip = own;
  if (t.saddr === own) {
    target.needsCt = true;
    return 0;
  }
  const local = lookups.address(t.saddr).endpoint;
  if (local) {
    target.fromLocal = true;
    const ret = extractPorts(run, t);
    if (ret < 0 && ret !== -drop.ctUnknownProto) return ret;
    if (ret === 0 && isReply(run, t)) return NAT_NOT_NEEDED;
    t.dport = 0;
    t.sport = 0;
  }
  const gateway = gatewayEntry(run, t.saddr, t.daddr);
  if (gateway) {
    if (!hasEgressIp(gateway)) return -drop.noEgressIp;
    target.ip = gateway.egressIp;
    target.gateway = true;
    target.needsCt = !local;
    return 0;
  }
  const exclusion = v4 ? program.exclusion4 : program.exclusion6;
  if (exclusion && prefixContains(exclusion, t.daddr)) return NAT_NOT_NEEDED;
  if (local?.isHost) return NAT_NOT_NEEDED;
  if (program.ipMasqAgent.some((prefix) => prefixContains(prefix, t.daddr))) return NAT_NOT_NEEDED;
  const remote = lookups.address(t.daddr).info;
  if (remote && isRemoteNode(remote.identity)) {
    if (program.remoteNodeMasquerade) return 0;
    if (!program.tunnel || remote.skipTunnel) return NAT_NOT_NEEDED;
  }
  return local ? 0 : NAT_NOT_NEEDED;
}

/** Translates the source of the packet with the key `t` (addresses set). 0, NAT_NOT_NEEDED, or minus a drop reason. */
export function snat(run: HookRun, t: Tuple, target: SnatTarget): number {
  const {frame, program} = run;
  if (t.protocol === proto.tcp || t.protocol === proto.udp || (t.protocol === proto.sctp && program.sctp)) {
    if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) return -drop.fragNosupport;
    const ret = loadPorts(run, t);
    if (ret < 0) return ret;
    swapPorts(t);
    if (!target.fromLocal && !target.gateway && t.sport < program.natPorts[0]) return NAT_NOT_NEEDED;
    return snatByMapping(run, t, target, SOURCE_PORT);
  }
  if (t.protocol !== (frame.family === 4 ? proto.icmp : proto.icmp6)) return NAT_NOT_NEEDED;
  if (frame.family === 4 && !program.masquerade4) return NAT_NOT_NEEDED;
  if (frame.fragment || frame.l4 + 8 > run.skb.end) return -drop.invalid;
  return frame.family === 4 ? snatIcmp4(run, t, target) : snatIcmp6(run, t, target);
}

function snatEcho(run: HookRun, t: Tuple, target: SnatTarget): number {
  t.dport = 0;
  t.sport = get16(run.skb.buf, run.frame.l4 + ECHO_ID);
  target.min = 0;
  target.max = 0xffff;
  return snatByMapping(run, t, target, ECHO_ID);
}

function snatIcmp4(run: HookRun, t: Tuple, target: SnatTarget): number {
  const {buf} = run.skb;
  const type = buf[run.frame.l4]!;
  const code = buf[run.frame.l4 + 1]!;
  if (type === icmp4.echo) return snatEcho(run, t, target);
  if (type === icmp4.echoReply || type === icmp4.redirect) return NAT_NOT_NEEDED;
  if (type === icmp4.unreachable || type === icmp4.timeExceeded) {
    if (code > (type === icmp4.unreachable ? MAX_UNREACHABLE4 : 1)) return -drop.unknownIcmp4Code;
    return rewriteForwardError(run);
  }
  return -drop.natUnsuppProto;
}

function snatIcmp6(run: HookRun, t: Tuple, target: SnatTarget): number {
  const {buf} = run.skb;
  const type = buf[run.frame.l4]!;
  const code = buf[run.frame.l4 + 1]!;
  switch (type) {
    case icmp6.echo:
      return snatEcho(run, t, target);
    case icmp6.echoReply:
    case icmp6.redirect:
    case icmp6.solicitation:
    case icmp6.advertisement:
      return NAT_NOT_NEEDED;
    case icmp6.unreachable:
      return code > MAX_UNREACHABLE6 ? -drop.unknownIcmp6Code : rewriteForwardError(run);
    case icmp6.tooBig:
      return rewriteForwardError(run);
    case icmp6.timeExceeded:
      return code > 1 ? -drop.unknownIcmp6Code : rewriteForwardError(run);
  }
  return -drop.natUnsuppProto;
}

/** Finds or makes the mapping of `t` (ports in packet order) and rewrites the source and the port at `portOffset`. */
export function snatByMapping(run: HookRun, t: Tuple, target: SnatTarget, portOffset: number): number {
  const entry = mappingOf(run, t, target);
  if (typeof entry === 'number') return entry;
  const ret = rewriteEnd(run, 'source', entry.toIp, t.sport, entry.toPort, portOffset);
  t.saddr = entry.toIp;
  t.sport = entry.toPort;
  return ret;
}

/** Address and port of one end of the packet. 0, or minus a drop reason. */
export function rewriteEnd(
  run: HookRun,
  which: 'source' | 'destination',
  ip: Ip,
  oldPort: number,
  port: number,
  portOffset: number,
): number {
  const {skb, frame} = run;
  const from = which === 'source' ? frame.source : frame.destination;
  if (from === ip && oldPort === port) return 0;
  if (run.node.emit) {
    const change = which === 'source' ? 'snat' : 'reverse';
    emitEvent(run, {kind: 'nat', change, from: {ip: from, port: oldPort}, to: {ip, port}});
  }
  const l4 = frame.hasL4 ? frame.l4 : -1;
  const ret = rewriteAddress(skb.buf, skb.end, frame.l3, l4, frame.protocol, which, from, ip);
  if (which === 'source') frame.source = ip;
  else frame.destination = ip;
  if (ret < 0 || l4 < 0 || oldPort === port) return ret;
  if (frame.protocol === proto.sctp) return -drop.csumL4;
  return rewritePort(skb.buf, skb.end, l4, frame.protocol, portOffset, oldPort, port);
}

function mappingOf(run: HookRun, t: Tuple, target: SnatTarget): NatEntry | number {
  const {nat} = run.node;
  const entry = nat.find(t.daddr, t.saddr, t.dport, t.sport, t.protocol, t.flags);
  if (target.needsCt) {
    const ret = trackHost(run, t);
    if (ret < 0) return ret;
  }
  if (!entry) return newMapping(run, t, target);
  const back = reverseOf(t, entry.toIp, entry.toPort);
  const known = nat.find(back.daddr, back.saddr, back.dport, back.sport, back.protocol, back.flags);
  if (entry.toIp === target.ip && entry.needsCt === target.needsCt) {
    if (!known) nat.insert(newEntry(run, back, t.saddr, t.sport, target.needsCt));
    return entry;
  }
  nat.remove(entry);
  if (known) nat.remove(known);
  return newMapping(run, t, target);
}

/** The host's own connection gets, or keeps, an egress entry. */
function trackHost(run: HookRun, t: Tuple): number {
  const own = copyTuple(run.otherTuple, t);
  swapAddresses(own);
  const status = lookupTuple(run, own, 'egress', 'forward', ctTypes.any, undefined);
  if (status < 0) return status;
  run.reason = status;
  run.reasonMonitor = run.monitor;
  if (status === ctStatus.new) createEntry(run, own, 'egress', undefined, false);
  return 0;
}

function reverseOf(t: Tuple, ip: Ip, port: number): Tuple {
  const {protocol} = t;
  return {daddr: ip, saddr: t.daddr, dport: port, sport: t.dport, protocol, flags: ctFlags.IN};
}

function newEntry(run: HookRun, tuple: Tuple, toIp: Ip, toPort: number, needsCt: boolean): NatEntry {
  return {tuple, toIp, toPort, created: run.node.now(), needsCt};
}

/** Scales a 16-bit value into the range. */
function clampPort(target: SnatTarget, value: number): number {
  return target.min + Math.floor(((target.max - target.min + 1) * (value & 0xffff)) / 0x10000);
}

/**
 * Keeps the source port where it is in the range and free; else draws one, and after a collision goes on with the scaled
 * successor of the last.
 */
function newMapping(run: HookRun, t: Tuple, target: SnatTarget): NatEntry | number {
  const {nat, random} = run.node;
  const inRange = t.sport >= target.min && t.sport <= target.max;
  const back = reverseOf(t, target.ip, inRange ? t.sport : clampPort(target, random()));
  for (let tries = 0; tries < COLLISION_RETRIES; tries++) {
    if (!nat.find(back.daddr, back.saddr, back.dport, back.sport, back.protocol, back.flags)) {
      nat.insert(newEntry(run, back, t.saddr, t.sport, target.needsCt));
      const entry = newEntry(run, copyTuple(newTuple(), t), target.ip, back.dport, target.needsCt);
      nat.insert(entry);
      return entry;
    }
    back.dport = clampPort(target, tries > 0 ? back.dport + 1 : random());
  }
  return -drop.natNoMapping;
}

/** Translates the destination of a reply back. 0, NAT_NOT_NEEDED, or minus a drop reason. */
export function reverseSnat(run: HookRun): number {
  const {frame, program} = run;
  const t = natTuple(run, ctFlags.IN, run.otherTuple);
  if (t.protocol === proto.tcp || t.protocol === proto.udp || (t.protocol === proto.sctp && program.sctp)) {
    const ret = loadPorts(run, t);
    if (ret < 0) return ret;
    swapPorts(t);
    const [min, max] = program.natPorts;
    if (t.dport < min || t.dport > max) return NAT_NOT_NEEDED;
    return reverseByMapping(run, t, DESTINATION_PORT);
  }
  const v4 = frame.family === 4;
  if (t.protocol !== (v4 ? proto.icmp : proto.icmp6) || (v4 && !program.masquerade4)) return NAT_NOT_NEEDED;
  if (frame.fragment || frame.l4 + 8 > run.skb.end) return -drop.invalid;
  const type = run.skb.buf[frame.l4]!;
  const code = run.skb.buf[frame.l4 + 1]!;
  if (type === (v4 ? icmp4.echoReply : icmp6.echoReply)) {
    t.dport = get16(run.skb.buf, frame.l4 + ECHO_ID);
    return reverseByMapping(run, t, ECHO_ID);
  }
  const error = v4
    ? (type === icmp4.unreachable && code <= MAX_UNREACHABLE4) || (type === icmp4.timeExceeded && code <= 1)
    : type === icmp6.tooBig;
  return error ? rewriteReverseError(run) : NAT_NOT_NEEDED;
}

function reverseByMapping(run: HookRun, t: Tuple, portOffset: number): number {
  const {nat} = run.node;
  const entry = nat.find(t.daddr, t.saddr, t.dport, t.sport, t.protocol, t.flags);
  if (!entry) return -drop.natNoMapping;
  const {daddr, dport} = t;
  const forward = {...t, daddr: t.saddr, saddr: entry.toIp, dport: t.sport, sport: entry.toPort, flags: ctFlags.OUT};
  if (!nat.find(forward.daddr, forward.saddr, forward.dport, forward.sport, forward.protocol, forward.flags)) {
    nat.insert(newEntry(run, forward, daddr, dport, entry.needsCt));
  }
  if (entry.needsCt) {
    const own = copyTuple(newTuple(), t);
    own.daddr = entry.toIp;
    own.dport = entry.toPort;
    swapPorts(own);
    const status = lookupTuple(run, own, 'ingress', 'reverse', ctTypes.any, undefined);
    if (status < 0) return status;
    run.reason = status;
    run.reasonMonitor = run.monitor;
  }
  return rewriteEnd(run, 'destination', entry.toIp, dport, entry.toPort, portOffset);
}
