/** cil_from_netdev, cil_to_netdev, cil_from_host and cil_to_host: network devices and cilium_host (bpf_host.c). */
import {writeMac} from '../../wire/addr.js';
import {drop} from '../drop.js';
import type {TracePoint} from '../model.js';
import {deliver, origins} from './delivery.js';
import {requestToGateway} from './egress-gateway.js';
import {encapsulate} from './encap.js';
import {dropPacket, dropSites, REASON_UNKNOWN, trace} from './events.js';
import {ETH_HEADER, etherType, parseFrame, proto} from './frame.js';
import {direction} from './l3.js';
import {answerSolicitation, ND_SOLICITATION} from './neighbour.js';
import {nodePort} from './nodeport.js';
import {natForward} from './nodeport-egress.js';
import {changeType} from './redirect.js';
import {
  cb,
  clearMeta,
  FINAL_OK,
  FINAL_REDIRECT,
  frameType,
  type HookRun,
  identity,
  isFinal,
  isFromProxy,
  isReserved,
  isWorld,
  magic,
  markIdentity,
  markMagic,
  tcIndex,
} from './run.js';

const MIN_ETHERTYPE = 0x600;
/** An identity of this scope stands for an address outside. */
const CIDR_SCOPE = 1;

function familyOf(run: HookRun, type: number): 4 | 6 | 0 {
  if (type === etherType.ip4 && run.program.ipv4) return 4;
  return type === etherType.ip6 && run.program.ipv6 ? 6 : 0;
}

export function fromNetdev(run: HookRun): number {
  clearMeta(run.skb);
  if (frameType(run.skb) < MIN_ETHERTYPE) {
    trace(run, 'to-stack', identity.unknown, 0, 0, 0, REASON_UNKNOWN, false);
    return FINAL_OK;
  }
  return receive(run, identity.unknown, false, 'from-network');
}

export function fromHost(run: HookRun): number {
  const {skb} = run;
  clearMeta(skb);
  if (frameType(skb) < MIN_ETHERTYPE) {
    trace(run, 'to-stack', identity.host, 0, 0, 0, REASON_UNKNOWN, false);
    return FINAL_OK;
  }
  const kind = markMagic(skb.mark);
  const proxied = kind === magic.proxyIngress || kind === magic.proxyEgress;
  return receive(run, inheritIdentity(run), true, proxied ? 'from-proxy' : 'from-host');
}

/** The identity that the stack left in the mark; the mark is used up. */
export function inheritIdentity(run: HookRun): number {
  const {skb, program} = run;
  const kind = markMagic(skb.mark);
  const marked = kind === magic.proxyIngress || kind === magic.proxyEgress || kind === magic.identity;
  const family = frameType(skb) === etherType.ip6 ? 6 : frameType(skb) === etherType.ip4 ? 4 : 0;
  const world = family === 0 ? identity.world : family === 4 ? program.worldIdentity4 : program.worldIdentity6;
  const label = marked ? markIdentity(skb.mark) : kind === magic.host ? identity.host : world;
  if (kind === magic.proxyIngress) skb.tcIndex = (skb.tcIndex ?? 0) | tcIndex.fromIngressProxy;
  else if (kind === magic.proxyEgress) skb.tcIndex = (skb.tcIndex ?? 0) | tcIndex.fromEgressProxy;
  skb.mark = 0;
  return label;
}

/** do_netdev: for what comes from the network, and what the host sends to its pods. */
function receive(run: HookRun, marked: number, host: boolean, point: TracePoint): number {
  const {skb} = run;
  const type = frameType(skb);
  const family = familyOf(run, type);
  const need = type === etherType.arp ? 28 : family === 6 ? 40 : family === 4 ? 20 : 0;
  if (skb.end - skb.start < ETH_HEADER + need) return dropPacket(run, dropSites.hostEntry, drop.invalid, marked);
  if (family === 0) {
    trace(run, point, marked, 0, 0, skb.ingressIfindex ?? 0, REASON_UNKNOWN, true);
    return FINAL_OK;
  }
  const parsed = parseFrame(run.frame, skb, family);
  const label = resolveSource(run, marked);
  trace(run, point, label, 0, 0, skb.ingressIfindex ?? 0, REASON_UNKNOWN, true);
  let ret = parsed < 0 ? parsed : handle(run, label, host);
  if (isFinal(ret)) return ret;
  if (ret === -drop.fragNotFound && isOutside(run, label)) ret = -drop.fragNotFoundWorld;
  return ret < 0 ? dropPacket(run, dropSites.hostTail, -ret, label) : FINAL_OK;
}

/** A reserved identity says little: the ipcache knows the address better. The host stays what the mark says. */
function resolveSource(run: HookRun, label: number): number {
  if (!isReserved(run, label)) return label;
  const known = run.node.lookups.address(run.frame.source).info?.identity;
  return known === undefined || known === identity.host ? label : known;
}

function isOutside(run: HookRun, label: number): boolean {
  return isWorld(run, label, 4) || isWorld(run, label, 6) || label >>> 24 === CIDR_SCOPE;
}

/** 0 = to the stack; minus a drop reason; or the end. */
function handle(run: HookRun, label: number, host: boolean): number {
  const {frame, program} = run;
  if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) return -drop.fragNosupport;
  if (!host) {
    const solicitation = frame.protocol === proto.icmp6 && run.skb.buf[frame.l4] === ND_SOLICITATION;
    if (frame.family === 6 && solicitation) return answerSolicitation(run, direction.ingress);
    if (program.nodePort) {
      const ret = nodePort(run, label);
      if (ret !== 0) return ret;
    }
    if (!program.hostRouting) return 0;
  }
  const {endpoint} = run.node.lookups.address(frame.destination);
  if (endpoint) {
    if (endpoint.isHost) return toStack(run, host);
    return deliver(run, endpoint, label, host ? origins.host : origins.network);
  }
  return host ? sendAway(run, label) : 0;
}

/** What stays in the stack gets the MAC of cilium_net, or it would be taken for another host's. */
function toStack(run: HookRun, host: boolean): number {
  if (host) writeMac(run.skb.buf, run.skb.start, run.program.netMac);
  return 0;
}

/** From the host to pods of other nodes. */
function sendAway(run: HookRun, label: number): number {
  const {frame, program} = run;
  const {info} = run.node.lookups.address(frame.destination);
  if (program.tunnel && info?.hasTunnel && !info.skipTunnel) {
    encapsulate(run, info, label, info.identity, REASON_UNKNOWN, true);
    return FINAL_REDIRECT;
  }
  if (isFromProxy(run, tcIndex.fromIngressProxy | tcIndex.fromEgressProxy)) {
    // The stack routes it, and must not take it for the proxy again.
    run.skb.mark = magic.skipTproxy;
    return 0;
  }
  if (!info || isWorld(run, info.identity, frame.family)) return -drop.unroutable;
  return toStack(run, true);
}

export function toNetdev(run: HookRun): number {
  const {skb, program} = run;
  clearMeta(skb);
  const kind = markMagic(skb.mark);
  const own = kind === magic.host || (kind === magic.overlay && program.encap);
  const marked = kind === magic.proxyEgress || kind === magic.identity || kind === magic.egwDone;
  const label =
    own || kind === magic.overlay || kind === magic.encrypt
      ? identity.host
      : marked
        ? markIdentity(skb.mark)
        : identity.unknown;
  run.reason = REASON_UNKNOWN;
  run.reasonMonitor = false;
  if (kind !== magic.egwDone) {
    const ret = requestToGateway(run, label, familyOf(run, frameType(skb)));
    if (isFinal(ret)) return ret;
    if (ret < 0) return dropPacket(run, dropSites.toNetdev, -ret, label);
  }
  if (program.nodePort && kind !== magic.snatDone && !(kind === magic.overlay && program.encap)) {
    const ret = natForward(run, label, familyOf(run, frameType(skb)));
    if (isFinal(ret)) return ret;
    if (ret < 0) return dropPacket(run, dropSites.toNetdev, -ret, label);
  }
  trace(run, 'to-network', label, 0, 0, skb.ifindex, run.reason, run.reasonMonitor);
  return FINAL_OK;
}

export function toHost(run: HookRun): number {
  const {skb, program} = run;
  const kind = markMagic(skb.mark);
  const label = kind === magic.identity ? markIdentity(skb.mark) : identity.unknown;
  const word = kind === magic.toProxy ? skb.mark : skb.cb[cb.sourceLabel];
  if ((word & 0xffff) === magic.toProxy) {
    skb.cb[cb.sourceLabel] = 0;
    skb.mark = word;
    changeType(run);
    return FINAL_OK;
  }
  trace(run, 'to-stack', label, 0, 0, program.hostIfindex, REASON_UNKNOWN, false);
  return FINAL_OK;
}
