/**
 * Delivery to an endpoint of this node: one hop, its MACs, and its ingress policy program (bpf/lib/local_delivery.h,
 * ipv4_policy and ipv6_policy of bpf_lxc.c).
 */
import type {EndpointInfo} from '../../control/model.js';
import {ctFlags} from '../model.js';
import {createEntry, ctStatus, findEntry, lookupPacket} from './conntrack.js';
import {type DropSite, dropSites, dropToEndpoint, trace} from './events.js';
import {direction, hopTo} from './l3.js';
import {reverseTranslate} from './lb.js';
import {checkPolicy, swap16} from './policy.js';
import {changeType, redirect, redirectPeer} from './redirect.js';
import {
  cb,
  clearCtState,
  endpointLabel,
  FINAL_OK,
  finish,
  type HookRun,
  isFinal,
  isFromProxy,
  magic,
  setMark,
  tcIndex,
} from './run.js';

/** Bits of the delivery flags in skb->cb. */
const DELIVER_REDIRECT = 1;
const DELIVER_FROM_HOST = 2;
const DELIVER_FROM_TUNNEL = 4;
const DELIVER_TO_PEER = 8;
const DELIVER_FROM_INGRESS_PROXY = 16;
const DELIVER_FROM_EGRESS_PROXY = 32;

/** Where a delivered packet came from. */
export interface Origin {
  /** Direction in metrics of the program that delivers. */
  readonly metric: number;
  readonly fromHost: boolean;
  readonly fromTunnel: boolean;
}

export const origins = {
  pod: {metric: direction.egress, fromHost: false, fromTunnel: false},
  overlay: {metric: direction.ingress, fromHost: false, fromTunnel: true},
  network: {metric: direction.ingress, fromHost: false, fromTunnel: false},
  host: {metric: direction.ingress, fromHost: true, fromTunnel: false},
} as const satisfies Record<string, Origin>;

/** Delivers to `endpoint` what the identity `label` sent. Drops of the policy are reported; others are returned. */
export function deliver(run: HookRun, endpoint: EndpointInfo, label: number, origin: Origin): number {
  const ret = hopTo(run, endpoint.nodeMac, endpoint.mac, origin.metric);
  if (ret !== 0) return ret;
  const {program, skb} = run;
  const {fromHost, fromTunnel} = origin;
  const toPeer = program.hostRouting && !fromHost;
  const ingressProxy = isFromProxy(run, tcIndex.fromIngressProxy);
  const egressProxy = isFromProxy(run, tcIndex.fromEgressProxy);
  if (program.endpointRoutes && !toPeer) {
    const proxied = egressProxy ? magic.proxyEgress : magic.proxyIngress;
    setMark(run, label, fromHost && (ingressProxy || egressProxy) ? proxied : magic.identity);
    if (!program.nodePort && fromTunnel) {
      changeType(run);
      return FINAL_OK;
    }
    return finish(redirectToEndpoint(run, endpoint.ifindex, false, fromTunnel));
  }
  skb.cb[cb.deliveryFlags] =
    DELIVER_REDIRECT |
    (toPeer ? DELIVER_TO_PEER : 0) |
    (fromHost ? DELIVER_FROM_HOST : 0) |
    (fromTunnel ? DELIVER_FROM_TUNNEL : 0) |
    (ingressProxy ? DELIVER_FROM_INGRESS_PROXY : 0) |
    (egressProxy ? DELIVER_FROM_EGRESS_PROXY : 0);
  skb.cb[cb.cluster] = 0;
  return policyProgram(run, endpoint, label, toPeer, fromTunnel);
}

function redirectToEndpoint(run: HookRun, ifindex: number, toPeer: boolean, fromTunnel: boolean): number {
  if (!toPeer) return redirect(run, ifindex);
  if (fromTunnel) changeType(run);
  return redirectPeer(run, ifindex);
}

/** The tail call into the target's own program. */
function policyProgram(
  run: HookRun,
  endpoint: EndpointInfo,
  label: number,
  toPeer: boolean,
  fromTunnel: boolean,
): number {
  run.kind = 'lxc';
  run.endpoint = endpoint;
  run.skb.cb[cb.sourceLabel] = label;
  const status = lookupIngress(run, label);
  if (isFinal(status)) return status;
  run.skb.cb[cb.sourceLabel] = 0;
  const ret = admit(run, label, status, fromTunnel, dropSites.lxcIngressPolicy);
  if (isFinal(ret)) return ret;
  const {program} = run;
  if (program.endpointRoutes && !program.nodePort && fromTunnel) {
    changeType(run);
    return FINAL_OK;
  }
  return finish(redirectToEndpoint(run, endpoint.ifindex, toPeer, fromTunnel));
}

/** Conntrack status of a packet that comes in to the running endpoint, or the end of a drop. */
export function lookupIngress(run: HookRun, label: number): number {
  clearCtState(run.found);
  const status = lookupPacket(run, 'ingress', 'both');
  return status < 0 ? dropToEndpoint(run, dropSites.ctLookup, -status, label) : status;
}

/** Ingress policy, conntrack entry and reverse translation for the running endpoint. 0, or the end. */
export function admit(run: HookRun, label: number, status: number, fromTunnel: boolean, at: DropSite): number {
  const {found, frame} = run;
  const originalSource = frame.source;
  const created = clearCtState(run.created);
  run.proxyPort = 0;
  // To the proxy that opened the connection.
  let toProxy = false;
  let ret = 0;
  if (status === ctStatus.reply || status === ctStatus.related) {
    const skips = isFromProxy(run, tcIndex.fromEgressProxy);
    if (found.fromL7lb || (found.proxyRedirect && !skips)) toProxy = true;
    else if (found.revNat || found.natPort) {
      ret = reverseTranslate(run, run.tuple, found.revNat, found.natAddr, found.natPort, found.loopback);
    }
  } else if (isFromProxy(run, tcIndex.fromIngressProxy)) {
    // The proxy has checked the policy already.
  } else if (isHairpin(run, status)) created.loopback = status === ctStatus.new;
  else {
    ret = checkPolicy(run, 'ingress', label, status);
    toProxy = ret === 0 && run.proxyPort > 0;
  }
  if (ret < 0) return dropToEndpoint(run, at, -ret, label);
  if (status === ctStatus.new) {
    created.sourceIdentity = label;
    created.fromTunnel = fromTunnel;
    created.proxyRedirect = run.proxyPort > 0;
    createEntry(run, run.tuple, 'ingress', created, true);
  }
  const target = run.endpoint!;
  const point = toProxy ? 'to-proxy' : 'to-endpoint';
  const targetId = toProxy ? run.proxyPort : target.endpointId;
  trace(run, point, label, endpointLabel(run), targetId, target.ifindex, status, run.monitor, originalSource);
  return toProxy ? redirectToProxy(run, run.proxyPort) : 0;
}

/** The pod talks to itself through a service: no policy. */
function isHairpin(run: HookRun, status: number): boolean {
  if (!run.program.perPacketLb) return false;
  if (run.found.loopback) return true;
  const loopback = run.frame.family === 4 ? run.program.loopback4 : run.program.loopback6;
  if (status !== ctStatus.new || run.frame.source !== loopback) return false;
  return findEntry(run, run.tuple, ctFlags.OUT)?.lbLoopback === true;
}

/** The stack hands the packet to the proxy by the mark: magic and the port in network byte order. */
export function redirectToProxy(run: HookRun, port: number): number {
  const mark = ((swap16(port) << 16) | magic.toProxy) >>> 0;
  run.skb.mark = mark;
  run.skb.cb[cb.sourceLabel] = mark;
  return FINAL_OK;
}
