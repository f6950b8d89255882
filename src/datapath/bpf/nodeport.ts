/**
 * NodePort, LoadBalancer and externalIPs at the network and overlay devices, bpf/lib/nodeport.h: translation to a local
 * backend, to a remote one with the node's address (SNAT) or with the client's (DSR), and the replies.
 */
import {type Frontend, type IpcacheEntry, serviceFlags} from '../../control/model.js';
import {drop} from '../drop.js';
import {ctFlags} from '../model.js';
import {createEntry, ctStatus, ctTypes, lookupTuple} from './conntrack.js';
import {dsrApplies, dsrArrival, sendDsr, usesDsr} from './dsr.js';
import {replyToPod} from './egress-gateway.js';
import {encapsulate} from './encap.js';
import {dropPacket, dropSites} from './events.js';
import {SOURCE_PORT} from './frame.js';
import {hostIngress} from './host-firewall.js';
import {replyNoService} from './icmp-reply.js';
import {direction, fibLookup, hop} from './l3.js';
import {
  chooseBackend,
  extractServiceTuple,
  hasFlag,
  isWildcard,
  lookupService,
  reverseTranslate,
  sourceRangeAllows,
  translateDestination,
  withoutBackends,
} from './lb.js';
import {newTarget, reverseSnat, snatByMapping} from './nat.js';
import {
  cb,
  clearCtState,
  FINAL_REDIRECT,
  finish,
  frameSource,
  type HookRun,
  identity,
  isFinal,
  setSnatDone,
  swapAddresses,
  swapPorts,
  type Tuple,
  tcIndex,
  worldIdentity,
} from './run.js';

/**
 * Runs the NodePort part for a packet of the identity `label`. 0: go on with (possibly translated) delivery here;
 * `run.fromDsr` when it is a DSR request; minus a drop reason; or the end.
 */
export function nodePort(run: HookRun, label: number): number {
  const t = run.serviceTuple;
  run.fromDsr = false;
  const ret = extractServiceTuple(run, t);
  if (ret === -drop.unknownL4) return 0;
  const tracked = ret !== -drop.unsuppServiceProto;
  if (tracked) {
    if (ret < 0) return ret;
    const svc = lookupService(run, t.daddr, t.sport, t.protocol, false);
    if (svc) return toService(run, t, svc);
    if (dsrApplies(run)) {
      const arrived = dsrArrival(run, t);
      if (arrived !== 0 || run.fromDsr) return arrived;
    }
  }
  const masquerade = run.frame.family === 4 ? run.program.masquerade4 : run.program.masquerade6;
  if (run.frame.family === 4 || masquerade || tracked) run.skb.cb[cb.sourceLabel] = label;
  return masquerade || tracked ? reply(run, label) : 0;
}

function toService(run: HookRun, t: Tuple, svc: Frontend): number {
  if (isWildcard(svc)) return -drop.noService;
  if (!sourceRangeAllows(svc, run.frame.source)) return -drop.notInSrcRange;
  if (!hasFlag(svc, serviceFlags.routable)) return -drop.isClusterIp;
  // Left to the tc programs.
  if (run.kind === 'xdp' && hasFlag(svc, serviceFlags.extLocal)) return 0;
  const {program, node} = run;
  const chosen = chooseBackend(run, t, svc);
  if (chosen === -drop.noService) {
    if (!program.noBackendRoutable) return withoutBackends(svc);
    return program.rejectNoBackend ? replyNoService(run) : chosen;
  }
  if (chosen < 0) return chosen;
  const vip = {ip: t.daddr, port: t.sport};
  const local = node.lookups.address(run.backend!.ip).endpoint !== undefined;
  if (!local && hasFlag(svc, serviceFlags.hostPort)) return -drop.invalid;
  const dsr = usesDsr(run, svc);
  if (local || !dsr || program.dsrDispatch !== 'ipip') {
    const ret = translateDestination(run, svc, t, false);
    if (ret < 0) return ret;
  }
  if (local || !dsr) {
    const ret = trackRequest(run, t);
    if (ret < 0 || local) return ret;
    node.nodePortNeighbours.set(run.frame.source, frameSource(run.skb));
  }
  if (dsr) return sendDsr(run, t, vip);
  if (run.frame.family === 4) run.skb.cb[cb.sourceLabel] = worldIdentity(run);
  run.skb.cb[cb.address] = 0;
  return toRemoteBackend(run);
}

/** Entry client → backend that marks the connection as one of a service from outside. */
function trackRequest(run: HookRun, t: Tuple): number {
  swapAddresses(t);
  swapPorts(t);
  const {revNat} = run.service;
  const state = clearCtState(run.created);
  state.revNat = revNat;
  const status = lookupTuple(run, t, 'egress', 'forward', ctTypes.nodePort, state);
  if (status !== ctStatus.new) return Math.min(status, 0);
  state.sourceIdentity = worldIdentity(run);
  state.nodePort = true;
  createEntry(run, t, 'egress', state, false);
  return 0;
}

/** SNAT mode: to the backend's node with this node's address as the source. Reports its own drops. */
function toRemoteBackend(run: HookRun): number {
  const ret = forwardRequest(run);
  return ret < 0 ? dropPacket(run, dropSites.natEgress, -ret, identity.unknown) : finish(ret);
}

function forwardRequest(run: HookRun): number {
  const {program, frame} = run;
  const v4 = frame.family === 4;
  const info = tunnelTo(run, frame.destination);
  const ip = info ? (v4 ? program.routerIp4 : program.routerIp6) : v4 ? program.directIp4 : program.directIp6;
  const t = run.serviceTuple;
  const ret = extractServiceTuple(run, t);
  if (ret < 0) return ret;
  swapPorts(t);
  t.flags = ctFlags.OUT;
  const hopped = hop(run, direction.egress);
  if (hopped !== 0) return hopped;
  if (ip === undefined) return -drop.natNoMapping;
  const translated = snatByMapping(run, t, newTarget(run, ip), SOURCE_PORT);
  if (translated < 0) return translated;
  setSnatDone(run);
  if (info) return encapsulate(run, info, worldIdentity(run), info.identity, ctStatus.new, true);
  return fibLookup(run, frame.source, frame.destination);
}

function tunnelTo(run: HookRun, ip: HookRun['frame']['destination']): IpcacheEntry | undefined {
  const info = run.program.tunnel ? run.node.lookups.address(ip).info : undefined;
  return info?.hasTunnel && !info.skipTunnel ? info : undefined;
}

/** A packet that is no request to a service: perhaps the reply to a masqueraded connection. */
function reply(run: HookRun, label: number): number {
  const ret = reverseReply(run, label);
  if (ret < 0) return dropPacket(run, dropSites.natIngress, -ret, label);
  if (ret === 0) run.skb.cb[cb.sourceLabel] = 0;
  return finish0(ret);
}

/** 0 stays: the packet goes on here. */
function finish0(code: number): number {
  return code === 0 ? 0 : finish(code);
}

function reverseReply(run: HookRun, label: number): number {
  const ret = reverseSnat(run);
  if (ret === -drop.natNotNeeded || ret === -drop.natNoMapping) return 0;
  if (ret < 0) return ret;
  setSnatDone(run);
  const {program, skb} = run;
  const serves = program.dsr !== 'always' || (program.egressGateway && run.kind !== 'overlay');
  if (program.hostFirewall && run.kind === 'host' && serves) {
    const checked = hostIngress(run, label);
    if (checked < 0) return checked;
    skb.tcIndex = (skb.tcIndex ?? 0) | tcIndex.skipHostFirewall;
  }
  const translated = program.dsr === 'always' ? 0 : reverseService(run);
  return translated === 0 ? replyToPod(run) : translated;
}

/** Backend → service address of a NodePort reply, and out to the client. 0 where it is none. */
function reverseService(run: HookRun): number {
  const t = run.serviceTuple;
  const extracted = extractServiceTuple(run, t);
  if (extracted === -drop.unsuppServiceProto || extracted === -drop.unknownL4) return 0;
  if (extracted < 0) return extracted;
  const state = clearCtState(run.created);
  const status = lookupTuple(run, t, 'ingress', 'reverse', ctTypes.nodePort, state);
  if (status !== ctStatus.reply) return Math.min(status, 0);
  const {frame} = run;
  const monitor = run.monitor;
  let ret = frame.family === 6 ? hop(run, direction.egress) : 0;
  if (ret === 0) ret = reverseTranslate(run, t, state.revNat, undefined, 0, false);
  if (ret !== 0) return ret;
  setSnatDone(run);
  const info = tunnelTo(run, frame.destination);
  if (frame.family === 4) ret = hop(run, direction.egress);
  if (ret !== 0) return ret;
  if (info) return encapsulate(run, info, identity.remoteNode, info.identity, ctStatus.reply, monitor);
  return fibLookup(run, frame.source, frame.destination);
}

/** A pod's reply that must be translated back at once. */
export function reverseNodePort(run: HookRun): number {
  const ret = reverseService(run);
  if (isFinal(ret)) return ret;
  if (ret > 0) return FINAL_REDIRECT;
  return dropPacket(run, dropSites.revNat, ret === 0 ? drop.natNoMapping : -ret, identity.unknown);
}
