/** cil_from_container: what a pod sends, at the host side of its veth (bpf_lxc.c). */
import type {IpcacheEntry} from '../../control/model.js';
import {isIp4} from '../../wire/addr.js';
import {drop} from '../drop.js';
import {ctFlags} from '../model.js';
import {createEntry, ctStatus, findEntry, lookupPacket} from './conntrack.js';
import {deliver, origins, redirectToProxy} from './delivery.js';
import {encapsulate} from './encap.js';
import {dropPacket, dropSites, REASON_UNKNOWN, trace} from './events.js';
import {ETH_HEADER, etherType, parseFrame, proto} from './frame.js';
import {podToHost} from './host-firewall.js';
import {replyDenied, replyNoService} from './icmp-reply.js';
import {actionIfindex, direction, fibForward} from './l3.js';
import {
  chooseBackend,
  extractServiceTuple,
  isServiceProtocol,
  lookupService,
  lookupSurrogate,
  translateDestination,
  withoutBackends,
} from './lb.js';
import {answerArp, answerSolicitation, ND_ADVERTISEMENT, ND_SOLICITATION} from './neighbour.js';
import {reverseNodePort} from './nodeport.js';
import {checkPolicy} from './policy.js';
import {redirect} from './redirect.js';
import {
  clearCtState,
  clearMeta,
  copyTuple,
  endpointLabel,
  FINAL_OK,
  FINAL_REDIRECT,
  frameType,
  type HookRun,
  identity,
  isFinal,
  isRemoteNode,
  magic,
  setMark,
  swapAddresses,
  swapPorts,
  worldIdentity,
} from './run.js';

/** Result of bpf_fib_lookup: this host does not forward, so the stack shall decide. */
const FIB_NOT_FORWARDED = 4;
/** Ethertypes below are lengths (IEEE 802.3). */
const MIN_ETHERTYPE = 0x600;

export function fromContainer(run: HookRun): number {
  const {skb, program} = run;
  clearMeta(skb);
  const label = endpointLabel(run);
  trace(run, 'from-endpoint', label, 0, 0, 0, REASON_UNKNOWN, true);
  const type = frameType(skb);
  if (type < MIN_ETHERTYPE) return dropPacket(run, dropSites.lxcEntry, drop.unsupportedL2, label);
  if (type === etherType.arp && program.ipv4) return fromArp(run, label);
  const family = type === etherType.ip4 && program.ipv4 ? 4 : type === etherType.ip6 && program.ipv6 ? 6 : 0;
  if (family === 0) return dropPacket(run, dropSites.lxcEntry, drop.unknownL3, label);
  if (skb.end - skb.start < ETH_HEADER + (family === 4 ? 20 : 40)) {
    return dropPacket(run, dropSites.lxcEntry, drop.invalid, label);
  }
  const ret = translated(run, parseFrame(run.frame, skb, family));
  if (isFinal(ret)) return ret;
  return ret < 0 ? dropPacket(run, dropSites.lxcStart, -ret, label) : fromTranslated(run);
}

function fromArp(run: HookRun, label: number): number {
  const {skb, program, endpoint} = run;
  if (skb.end - skb.start < ETH_HEADER + 28) return dropPacket(run, dropSites.lxcEntry, drop.invalid, label);
  if (!program.arpResponder) return FINAL_OK;
  return answerArp(run, endpoint && isIp4(endpoint.ip) ? endpoint.ip : undefined);
}

/** Checks of the packet and, per packet, the service translation. 0, minus a drop reason, or the end. */
function translated(run: HookRun, parsed: number): number {
  const {frame, program} = run;
  clearCtState(run.created);
  run.natAddr = undefined;
  run.natPort = 0;
  // A bad extension header chain is reported by whoever needs the upper layer; the fixed header is read already.
  if (parsed < 0 && parsed !== -drop.invalidExthdr) return parsed;
  if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) return -drop.fragNosupport;
  if (frame.family === 6 && run.skb.buf[frame.l3 + 6] === proto.icmp6) {
    const type = run.skb.buf[frame.l3 + 40];
    if (type === ND_SOLICITATION) return answerSolicitation(run, direction.egress);
    if (type === ND_ADVERTISEMENT) return FINAL_OK;
  }
  if (program.sourceIpVerification && !isOwnAddress(run)) return -drop.invalidSip;
  if (parsed < 0) return program.perPacketLb ? parsed : dropLookup(run, parsed);
  return program.perPacketLb ? translateService(run) : 0;
}

function isOwnAddress(run: HookRun): boolean {
  const owner = run.node.lookups.address(run.frame.source).endpoint;
  return owner !== undefined && owner.endpointId === run.endpoint?.endpointId;
}

function translateService(run: HookRun): number {
  const t = run.serviceTuple;
  const ret = extractServiceTuple(run, t);
  if (ret === -drop.unsuppServiceProto || ret === -drop.unknownL4) return 0;
  if (ret < 0) return ret;
  const {program} = run;
  let svc = lookupService(run, t.daddr, t.sport, t.protocol, program.nodePort);
  if (!svc && program.nodePort) {
    svc = lookupSurrogate(run, t.daddr, t.sport, t.protocol);
    if (svc && hasEgressEntry(run)) svc = undefined;
    if (svc) {
      run.natAddr = t.daddr;
      run.natPort = t.sport;
    }
  }
  if (!svc) return 0;
  const chosen = chooseBackend(run, t, svc);
  if (chosen === -drop.noService) {
    if (!program.noBackendRoutable) return withoutBackends(svc) || FINAL_OK;
    return program.rejectNoBackend ? replyNoService(run) : chosen;
  }
  if (chosen < 0) return chosen;
  const loopback = t.saddr === run.backend!.ip;
  if (loopback && svc.skippedFor?.includes(t.saddr)) return 0;
  run.created.revNat = run.service.revNat;
  run.created.loopback = loopback;
  return translateDestination(run, svc, t, loopback);
}

/** Whether the pod has this connection without translation. */
function hasEgressEntry(run: HookRun): boolean {
  const t = copyTuple(run.otherTuple, run.serviceTuple);
  swapAddresses(t);
  swapPorts(t);
  return findEntry(run, t, ctFlags.OUT) !== undefined;
}

function dropLookup(run: HookRun, ret: number): number {
  return dropPacket(run, dropSites.ctLookup, -ret, endpointLabel(run));
}

/** Conntrack, egress policy and forwarding. */
function fromTranslated(run: HookRun): number {
  const {created, found, frame} = run;
  const label = endpointLabel(run);
  clearCtState(found);
  const status = lookupPacket(run, 'egress', created.revNat !== 0 ? 'forward' : 'both');
  if (status < 0) return dropLookup(run, status);
  created.natAddr = run.natAddr;
  created.natPort = run.natPort;
  const {info} = run.node.lookups.address(frame.destination);
  const peer = info?.identity ?? worldIdentity(run);
  let ret = egressPolicy(run, status, peer);
  if (ret === 0) ret = trackEgress(run, status, peer);
  if (ret === 0) ret = forward(run, status, peer, info);
  return ret < 0 ? dropPacket(run, dropSites.lxcEgress, -ret, label, peer) : ret;
}

/** Replies are never checked. 0, minus a drop reason, or the end. */
function egressPolicy(run: HookRun, status: number, peer: number): number {
  run.proxyPort = 0;
  if (status === ctStatus.new || status === ctStatus.established) {
    if (run.created.loopback) return 0;
    const verdict = checkPolicy(run, 'egress', peer, status);
    const denied = verdict === -drop.policy || verdict === -drop.policyDeny;
    return denied && run.program.policyDenyResponse ? replyDenied(run, -verdict) : verdict;
  }
  if (!run.found.proxyRedirect) return 0;
  trace(run, 'to-proxy', endpointLabel(run), 0, 0, 0, status, run.monitor);
  return redirectToProxy(run, 0);
}

function trackEgress(run: HookRun, status: number, peer: number): number {
  const {created, found, tuple} = run;
  const label = endpointLabel(run);
  if (status === ctStatus.new || status === ctStatus.established) {
    created.proxyRedirect = run.proxyPort > 0;
    const changed = found.revNat !== created.revNat || found.proxyRedirect !== created.proxyRedirect;
    if (status === ctStatus.new || changed) {
      created.sourceIdentity = label;
      createEntry(run, tuple, 'egress', created, true);
      run.monitor = true;
    }
    return 0;
  }
  if (!run.program.nodePort || !found.nodePort || !isServiceProtocol(run, tuple.protocol)) return 0;
  trace(run, 'to-network', label, peer, 0, 0, status, run.monitor);
  return reverseNodePort(run);
}

/** Local endpoint, tunnel, network device or stack, in this order. */
function forward(run: HookRun, status: number, peer: number, info: IpcacheEntry | undefined): number {
  const {frame, found, program, created} = run;
  const label = endpointLabel(run);
  if (run.proxyPort > 0) {
    trace(run, 'to-proxy', label, 0, run.proxyPort, 0, status, run.monitor);
    return redirectToProxy(run, run.proxyPort);
  }
  const toOwnHost = program.hostFirewall && peer === identity.host;
  if (toOwnHost && program.endpointRoutes) return podToHost(run, label) || FINAL_OK;
  setMark(run, label, magic.identity);
  const hairpin = created.loopback || found.loopback;
  if (!program.endpointRoutes || hairpin || program.hostRouting) {
    const target = status === ctStatus.reply && hairpin ? frame.source : frame.destination;
    const {endpoint} = run.node.lookups.address(target);
    if (endpoint) {
      if (!endpoint.isHost) return deliver(run, endpoint, label, origins.pod);
      if (toOwnHost) return toHostDevice(run, label, status);
      if (program.hostRouting || !program.endpointRoutes) return toStack(run, label, peer, status);
    }
  }
  // kube-proxy has translated the request, and must see the answer.
  const answers = status === ctStatus.reply || status === ctStatus.related;
  if (program.hostFirewall && program.tunnel && !program.nodePort && answers && isRemoteNode(peer))
    return toStack(run, label, peer, status);
  if (program.tunnel && info?.hasTunnel && (found.fromTunnel || !info.skipTunnel)) {
    encapsulate(run, info, label, peer, status, run.monitor);
    return FINAL_REDIRECT;
  }
  if (program.hostRouting) {
    const ret = fibForward(run);
    if (isFinal(ret)) return ret;
    if (ret > 0) {
      trace(run, 'to-network', label, peer, 0, actionIfindex(run), status, run.monitor);
      return FINAL_REDIRECT;
    }
    if (ret !== -drop.noFib || run.extError !== FIB_NOT_FORWARDED) return ret;
  }
  return toStack(run, label, peer, status);
}

/** To the node's own policies, at cilium_net (lxc_redirect_to_host). */
function toHostDevice(run: HookRun, label: number, status: number): number {
  const {netIfindex} = run.program;
  trace(run, 'to-host', label, identity.host, 0, netIfindex, status, run.monitor);
  redirect(run, netIfindex, true);
  return FINAL_REDIRECT;
}

function toStack(run: HookRun, label: number, peer: number, status: number): number {
  trace(run, 'to-stack', label, peer, 0, 0, status, run.monitor);
  return FINAL_OK;
}
