/**
 * Connection tracking, bpf/lib/conntrack.h: lookup in both directions, creation with the entry for ICMP errors about the
 * connection, lifetimes and flags. Keys hold the addresses reversed and the ports not: daddr is who sent the first packet.
 */

import {isIp4} from '../../wire/addr.js';
import {get16} from '../../wire/bytes.js';
import {drop} from '../drop.js';
import {type ConntrackEvent, type CtEntry, type CtTuple, ctFlags} from '../model.js';
import {emitEvent} from './events.js';
import {loadPorts} from './fragments.js';
import {type Frame, proto} from './frame.js';
import {type CtState, copyTuple, type HookRun, swapAddresses, swapPorts, type Tuple} from './run.js';

/** Results of a lookup; also the trace reasons of these numbers. */
export const ctStatus = {new: 0, established: 1, reply: 2, related: 3} as const;
const STATUS_NAMES = ['new', 'established', 'reply', 'related'] as const;

/** Direction of a lookup: which side's flags it updates. */
export type CtDirection = 'egress' | 'ingress' | 'service';
/** Of which direction entries are looked for: `both` tries the reverse first. */
type CtScope = 'forward' | 'reverse' | 'both';

/** Restricts a lookup to entries of a kind. */
export const ctTypes = {any: 0, nodePort: 1, dsr: 2, service: 4} as const;

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

const ICMP4_ECHO_REPLY = 0;
const ICMP4_UNREACHABLE = 3;
const ICMP4_ECHO = 8;
const ICMP4_TIME_EXCEEDED = 11;
const ICMP4_PARAMETER_PROBLEM = 12;
const ICMP6_PARAMETER_PROBLEM = 4;
const ICMP6_ECHO = 128;
const ICMP6_ECHO_REPLY = 129;

/** Flags of the key that a lookup starts with. */
function startFlags(direction: CtDirection, scope: CtScope): number {
  if (direction === 'service') return ctFlags.SERVICE;
  const forward = scope === 'forward';
  return (direction === 'egress') === forward ? ctFlags.OUT : ctFlags.IN;
}

/** Addresses and protocol of the packet into `t`, in the order of a reply's key. */
export function packetTuple(f: Frame, t: Tuple): Tuple {
  t.daddr = f.destination;
  t.saddr = f.source;
  t.protocol = f.protocol;
  return t;
}

/**
 * Completes `t` with ports, or the echo identifier of ICMP; ICMP errors set the RELATED flag. 0, or minus a drop reason.
 */
export function extractPorts(run: HookRun, t: Tuple): number {
  switch (t.protocol) {
    case proto.tcp:
    case proto.udp:
      return loadPorts(run, t);
    case proto.sctp:
      if (run.program.sctp) return loadPorts(run, t);
      break;
    case proto.icmp:
    case proto.icmp6:
      if ((t.protocol === proto.icmp) === (run.frame.family === 4)) return extractEcho(run, t);
      break;
  }
  t.sport = 0;
  t.dport = 0;
  return run.program.extendedProtocols ? 0 : -drop.ctUnknownProto;
}

function extractEcho(run: HookRun, t: Tuple): number {
  const f = run.frame;
  const {buf, end} = run.skb;
  if (f.fragment) return -drop.invalid;
  if (f.l4 + 2 > end) return -drop.ctInvalidHdr;
  const type = buf[f.l4]!;
  const v4 = f.family === 4;
  const request = type === (v4 ? ICMP4_ECHO : ICMP6_ECHO);
  const reply = type === (v4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY);
  if ((request || reply) && f.l4 + 6 > end) return -drop.ctInvalidHdr;
  const id = request || reply ? get16(buf, f.l4 + 4) : 0;
  t.sport = reply ? id : 0;
  t.dport = request ? id : 0;
  const error = v4
    ? type === ICMP4_UNREACHABLE || type === ICMP4_TIME_EXCEEDED || type === ICMP4_PARAMETER_PROBLEM
    : type >= 1 && type <= ICMP6_PARAMETER_PROBLEM;
  if (error) t.flags |= ctFlags.RELATED;
  return 0;
}

/** Packet → status: the lookup of the endpoint programs. Fills `run.tuple`, `run.found`, `run.monitor`. */
export function lookupPacket(run: HookRun, direction: 'egress' | 'ingress', scope: CtScope): number {
  const t = packetTuple(run.frame, run.tuple);
  t.flags = startFlags(direction, scope);
  const ret = extractPorts(run, t);
  if (ret < 0) return ret;
  if (scope === 'forward') {
    swapAddresses(t);
    swapPorts(t);
  }
  return lookup(run, t, direction, scope, ctTypes.any, run.found);
}

/** Lookup by a tuple that has its ports already. Fills `state` and `run.monitor`; reverses `t` where the scope goes on forward. */
export function lookupTuple(
  run: HookRun,
  t: Tuple,
  direction: CtDirection,
  scope: CtScope,
  types: number,
  state: CtState | undefined,
): number {
  t.flags = startFlags(direction, scope);
  return lookup(run, t, direction, scope, types, state);
}

function lookup(
  run: HookRun,
  t: Tuple,
  direction: CtDirection,
  scope: CtScope,
  types: number,
  state: CtState | undefined,
): number {
  let flags = -1;
  if (t.protocol === proto.tcp) {
    flags = 0;
    const f = run.frame;
    if (f.hasL4) {
      if (f.l4 + 14 > run.skb.end) return -drop.ctInvalidHdr;
      flags = run.skb.buf[f.l4 + 13]!;
      if (state && direction === 'service' && flags & SYN) state.syn = true;
    }
  }
  if (scope !== 'forward') {
    if (lookupOne(run, t, flags, direction, types, state) !== ctStatus.new) {
      return t.flags & ctFlags.RELATED ? ctStatus.related : ctStatus.reply;
    }
    if (scope === 'reverse') return ctStatus.new;
    swapAddresses(t);
    swapPorts(t);
    t.flags ^= ctFlags.IN;
  }
  return lookupOne(run, t, flags, direction, types, state);
}

/** One key. `flags` is -1 for other protocols than TCP. */
function lookupOne(
  run: HookRun,
  t: CtTuple,
  flags: number,
  direction: CtDirection,
  types: number,
  state: CtState | undefined,
): number {
  run.monitor = true;
  const entry = run.node.ct.find(t.daddr, t.saddr, t.dport, t.sport, t.protocol, t.flags);
  if (!entry || !matchesTypes(run, entry, types, state)) return ctStatus.new;
  const {lifetimes} = run.program;
  const now = run.node.now();
  const syn = flags > 0 && (flags & SYN) !== 0;
  if (direction === 'service' && syn && (entry.rxClosing || entry.txClosing)) {
    if (entry.lastTxReport + lifetimes.serviceCloseGrace <= now) return ctStatus.new;
  }
  if (!(entry.rxClosing && entry.txClosing)) run.monitor = touch(run, entry, flags, direction, now);
  if (run.program.accounting) {
    entry.packets++;
    entry.bytes += run.skb.end - run.skb.start;
  }
  if (flags > 0 && flags & (RST | FIN)) close(run, entry, flags, direction, now);
  else if (flags > 0 && (flags & (SYN | ACK)) === SYN && (entry.rxClosing || entry.txClosing)) {
    reopen(run, entry, flags, direction, now);
    return ctStatus.new;
  }
  if (state) fillState(state, entry, direction);
  const name = STATUS_NAMES[ctStatus.established];
  if (run.node.emit) emitCt(run, 'update', name, t.flags);
  return ctStatus.established;
}

function matchesTypes(run: HookRun, entry: CtEntry, types: number, state: CtState | undefined): boolean {
  if (types === ctTypes.any) return true;
  if (types & ctTypes.service && entry.revNat === state?.revNat) return true;
  if (!run.program.nodePort) return false;
  if (types & ctTypes.nodePort && entry.nodePort && entry.revNat) {
    if (!state?.revNat || entry.revNat === state.revNat) return true;
  }
  return (types & ctTypes.dsr) !== 0 && run.program.dsr !== 'off' && entry.dsrInternal;
}

/** Renews the lifetime; true when the connection shows something new or a report is due. */
function touch(run: HookRun, entry: CtEntry, flags: number, direction: CtDirection, now: number): boolean {
  const {lifetimes} = run.program;
  const service = direction === 'service';
  let lifetime = service ? lifetimes.serviceAny : lifetimes.any;
  if (flags >= 0) {
    if ((flags & SYN) === 0) entry.seenNonSyn = true;
    lifetime = entry.seenNonSyn ? (service ? lifetimes.serviceTcp : lifetimes.tcp) : lifetimes.syn;
  }
  return renew(run, entry, lifetime, flags, direction, now);
}

function renew(
  run: HookRun,
  entry: CtEntry,
  lifetime: number,
  flags: number,
  direction: CtDirection,
  now: number,
): boolean {
  entry.lifetime = now + lifetime;
  const receive = direction === 'ingress';
  const before = receive ? entry.rxFlagsSeen : entry.txFlagsSeen;
  const after = flags > 0 ? before | flags : before;
  const last = receive ? entry.lastRxReport : entry.lastTxReport;
  if (last + run.program.lifetimes.report >= now && before === after) return false;
  if (receive) {
    entry.rxFlagsSeen = after;
    entry.lastRxReport = now;
  } else {
    entry.txFlagsSeen = after;
    entry.lastTxReport = now;
  }
  return true;
}

/**
 * FIN closes the sender's side, RST both; a service entry closes at once. Upstream means to spare connections whose SYNs
 * both were seen, but compares one byte of flags with a mask of 32 bits in network order, which never matches
 * (ct_entry_seen_both_syns, measured).
 */
function close(run: HookRun, entry: CtEntry, flags: number, direction: CtDirection, now: number): void {
  if (direction === 'service' || flags & RST) {
    entry.rxClosing = true;
    entry.txClosing = true;
  } else if (direction === 'ingress') entry.rxClosing = true;
  else entry.txClosing = true;
  run.monitor = true;
  if (entry.rxClosing && entry.txClosing) renew(run, entry, run.program.lifetimes.close, flags, direction, now);
}

/** A SYN on a connection that is closing starts a new one in the same entry. */
function reopen(run: HookRun, entry: CtEntry, flags: number, direction: CtDirection, now: number): void {
  entry.rxClosing = false;
  entry.txClosing = false;
  entry.rxFlagsSeen = 0;
  entry.txFlagsSeen = 0;
  entry.seenNonSyn = false;
  run.monitor = touch(run, entry, flags, direction, now);
}

function fillState(state: CtState, entry: CtEntry, direction: CtDirection): void {
  state.revNat = entry.revNat;
  if (direction === 'service') {
    state.backendId = entry.backendId;
    return;
  }
  state.loopback = entry.lbLoopback;
  state.nodePort = entry.nodePort;
  state.dsrInternal = entry.dsrInternal;
  state.proxyRedirect = entry.proxyRedirect;
  state.fromL7lb = entry.fromL7lb;
  state.fromTunnel = entry.fromTunnel;
  state.natAddr = entry.natAddr;
  state.natPort = entry.natPort;
}

/** Stores a connection; `related`: also the entry that lets ICMP errors about it through. */
export function createEntry(
  run: HookRun,
  t: CtTuple,
  direction: CtDirection,
  state: CtState | undefined,
  related: boolean,
): void {
  const {ct} = run.node;
  const entry = newEntry(run, copyTuple({...t}, t), direction, state);
  if (related) {
    const icmp = isIp4(t.daddr) ? proto.icmp : proto.icmp6;
    const flags = t.flags | ctFlags.RELATED;
    ct.insert({...entry, tuple: {daddr: t.daddr, saddr: t.saddr, dport: 0, sport: 0, protocol: icmp, flags}});
  }
  if (run.program.accounting) {
    entry.packets = 1;
    entry.bytes = run.skb.end - run.skb.start;
  }
  ct.insert(entry);
  if (run.node.emit) emitCt(run, 'create', 'new', t.flags);
}

function newEntry(run: HookRun, tuple: CtTuple, direction: CtDirection, state: CtState | undefined): CtEntry {
  const tcp = tuple.protocol === proto.tcp;
  const endpoint = direction !== 'service';
  const entry: CtEntry = {
    tuple,
    lifetime: 0,
    packets: 0,
    bytes: 0,
    rxClosing: false,
    txClosing: false,
    lbLoopback: endpoint && (state?.loopback ?? false),
    seenNonSyn: false,
    nodePort: endpoint && (state?.nodePort ?? false),
    proxyRedirect: endpoint && (state?.proxyRedirect ?? false),
    dsrInternal: endpoint && (state?.dsrInternal ?? false),
    fromL7lb: endpoint && (state?.fromL7lb ?? false),
    fromTunnel: endpoint && (state?.fromTunnel ?? false),
    revNat: state?.revNat ?? 0,
    txFlagsSeen: 0,
    rxFlagsSeen: 0,
    lastTxReport: 0,
    lastRxReport: 0,
    sourceIdentity: state?.sourceIdentity ?? 0,
    backendId: endpoint ? 0 : (state?.backendId ?? 0),
    natAddr: endpoint ? state?.natAddr : undefined,
    natPort: endpoint ? (state?.natPort ?? 0) : 0,
  };
  touch(run, entry, tcp ? SYN : -1, direction, run.node.now());
  return entry;
}

function emitCt(run: HookRun, change: ConntrackEvent['change'], status: ConntrackEvent['status'], flags: number): void {
  const scope = flags & ctFlags.SERVICE ? 'SVC' : flags & ctFlags.IN ? 'IN' : 'OUT';
  emitEvent(run, {kind: 'ct', change, status, scope});
}

/** The entry with the key `t` and these flags. */
export function findEntry(run: HookRun, t: CtTuple, flags: number): CtEntry | undefined {
  return run.node.ct.find(t.daddr, t.saddr, t.dport, t.sport, t.protocol, flags);
}

/** Whether the packet answers a connection of the other side: an IN entry under the reversed key. */
export function isReply(run: HookRun, t: CtTuple): boolean {
  return findEntry(run, t, ctFlags.IN) !== undefined;
}

export function isTcpSyn(run: HookRun): boolean {
  const f = run.frame;
  return f.hasL4 && f.l4 + 14 <= run.skb.end && (run.skb.buf[f.l4 + 13]! & (SYN | ACK)) === SYN;
}
