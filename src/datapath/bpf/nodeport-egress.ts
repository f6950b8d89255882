/**
 * What leaves the node by a network or the overlay device, bpf/lib/nodeport_egress.h: replies of local service backends get
 * the service address back, the rest is masqueraded where it must be.
 */
import type {Ip} from '../../wire/addr.js';
import {drop} from '../drop.js';
import {type CtEntry, ctFlags} from '../model.js';
import {ctStatus, ctTypes, findEntry, lookupTuple} from './conntrack.js';
import {dropPacket, dropSites, REASON_UNKNOWN, trace} from './events.js';
import {parseFrame} from './frame.js';
import {fibLookup} from './l3.js';
import {extractServiceTuple, isServiceProtocol, reverseTranslate} from './lb.js';
import {NAT_NOT_NEEDED, natTuple, needsMasquerade, newTarget, snat} from './nat.js';
import {
  cb,
  clearCtState,
  FINAL_OK,
  finish,
  type HookRun,
  isDualStack,
  isFinal,
  magic,
  markMagic,
  setSnatDone,
  type Tuple,
} from './run.js';

/** `family` 0: neither IPv4 nor IPv6. 0, minus a drop reason, or the end. */
export function natForward(run: HookRun, label: number, family: 4 | 6 | 0): number {
  const {skb} = run;
  // Behind a tail call, which reports by itself.
  const dual = isDualStack(run) || (run.program.hostFirewall && run.kind === 'host');
  if (dual) {
    skb.cb[cb.natFlags] = 0;
    skb.cb[cb.address] = 0;
    skb.cb[cb.sourceLabel] = family === 0 ? label : 0;
  }
  if (family === 0) return 0;
  const parsed = parseFrame(run.frame, skb, family);
  run.reason = REASON_UNKNOWN;
  run.reasonMonitor = dual;
  const ret = parsed < 0 ? parsed : forward(run, label);
  if (!dual || isFinal(ret)) return ret;
  if (ret < 0) return dropPacket(run, dropSites.natForward, -ret, label);
  traceEgress(run, label, undefined);
  return FINAL_OK;
}

function interfaceIfindex(run: HookRun): number {
  return run.kind === 'overlay' ? run.program.tunnelIfindex : run.skb.ifindex;
}

function traceEgress(run: HookRun, label: number, original: Ip | undefined): void {
  const point = run.kind === 'overlay' ? 'to-overlay' : 'to-network';
  trace(run, point, label, 0, 0, interfaceIfindex(run), run.reason, run.reasonMonitor, original);
}

function forward(run: HookRun, label: number): number {
  const {program} = run;
  let translated = false;
  const t = run.serviceTuple;
  let ret = extractServiceTuple(run, t);
  if (ret === 0) {
    ret = reverseReply(run, t);
    if (ret < 0 || isFinal(ret)) return ret;
    translated = ret === TRANSLATED;
  } else if (ret !== -drop.unsuppServiceProto && ret !== -drop.unknownL4) return ret;
  const masquerade = run.frame.family === 4 ? program.masquerade4 : program.masquerade6;
  if (!translated && (program.dsr !== 'always' || masquerade)) return snatForward(run, label);
  if (translated && run.kind === 'host') setSnatDone(run);
  return 0;
}

const TRANSLATED = 1;

/** The service address of a reply of a local backend: TRANSLATED, 0, minus a drop reason, or the end. */
function reverseReply(run: HookRun, t: Tuple): number {
  const entry = findEntry(run, t, ctFlags.OUT);
  const to = entry && serviceAddress(run, entry, t);
  if (!to) return 0;
  if (run.kind === 'host') {
    const ret = fibLookup(run, to.ip, t.daddr);
    if (ret < 0) return ret;
    // By the route of the service address it may belong out of another device.
    if ('ifindex' in run.action && run.action.ifindex !== interfaceIfindex(run)) return finish(ret);
  }
  const state = clearCtState(run.created);
  const types = ctTypes.nodePort | ctTypes.dsr;
  if (lookupTuple(run, t, 'ingress', 'reverse', types, state) !== ctStatus.reply) return 0;
  run.reason = ctStatus.reply;
  run.reasonMonitor = run.monitor;
  const ret = reverseTranslate(run, t, 0, to.ip, to.port, false);
  return ret < 0 ? ret : TRANSLATED;
}

function serviceAddress(run: HookRun, entry: CtEntry, t: Tuple): {ip: Ip; port: number} | undefined {
  if (entry.nodePort) return entry.revNat ? run.node.state.services.reverseNat.get(entry.revNat) : undefined;
  if (run.program.dsr === 'off' || !entry.dsrInternal) return undefined;
  if (entry.natPort && entry.natAddr !== undefined) return {ip: entry.natAddr, port: entry.natPort};
  const nat = run.node.nat.find(t.daddr, t.saddr, t.sport, t.dport, t.protocol, ctFlags.OUT);
  return nat && {ip: nat.toIp, port: nat.toPort};
}

/** Masquerading. Ends the program. */
function snatForward(run: HookRun, label: number): number {
  run.skb.cb[cb.address] = 0;
  run.skb.cb[cb.sourceLabel] = 0;
  run.reason = REASON_UNKNOWN;
  run.reasonMonitor = false;
  const {program, frame} = run;
  const masquerade = run.kind === 'host' && (frame.family === 4 ? program.masquerade4 : program.masquerade6);
  const own = isServiceProtocol(run, frame.protocol) && ownsSource(run);
  let ret = NAT_NOT_NEEDED;
  let original: Ip | undefined;
  if (own || masquerade) {
    const t = natTuple(run, ctFlags.OUT, run.tuple);
    const target = newTarget(run, frame.source);
    target.needsCt = own;
    ret = own ? 0 : needsMasquerade(run, t, target);
    if (ret === 0) {
      original = t.saddr;
      ret = snat(run, t, target);
      if (ret === 0 && run.kind === 'host') setSnatDone(run);
    }
  }
  if (ret < 0 && ret !== NAT_NOT_NEEDED) return dropPacket(run, dropSites.snatForward, -ret, label);
  traceEgress(run, label, original);
  return FINAL_OK;
}

/** A connection of the host itself, whose ports must not be given to masqueraded ones. */
function ownsSource(run: HookRun): boolean {
  const {program, frame, node} = run;
  if (run.kind === 'overlay') {
    return program.tunnel && frame.source === (frame.family === 4 ? program.routerIp4 : program.routerIp6);
  }
  return markMagic(run.skb.mark) === magic.host || node.lookups.address(frame.source).endpoint?.isHost === true;
}
