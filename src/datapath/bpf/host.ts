/** cil_from_netdev, cil_to_netdev, cil_from_host and cil_to_host: network devices and cilium_host (bpf_host.c). */
import {writeMac} from '../../wire/addr.js';
import {drop} from '../drop.js';
import type {TracePoint} from '../model.js';
import {deliver, origins} from './delivery.js';
import {requestToGateway} from './egress-gateway.js';
import {encapsulate} from './encap.js';
import {type DropSite, dropPacket, dropSites, REASON_UNKNOWN, trace} from './events.js';
import {ETH_HEADER, etherType, parseFrame, proto} from './frame.js';
import {
  cachedSource,
  firewallFamily,
  firewallToNetdev,
  hostEgress,
  hostIngress,
  icmp6Action,
  isForHost,
  resolveSource,
  SKIP,
  sourceLabel,
} from './host-firewall.js';
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
    if (run.program.hostFirewall) return dropPacket(run, dropSites.fromNetdev, drop.unsupportedL2, identity.unknown);
    trace(run, 'to-stack', identity.unknown, 0, 0, 0, REASON_UNKNOWN, false);
    return FINAL_OK;
  }
  return receive(run, identity.unknown, false, 'from-network');
}

export function fromHost(run: HookRun): number {
  const {skb} = run;
  clearMeta(skb);
  if (frameType(skb) < MIN_ETHERTYPE) {
    if (run.program.hostFirewall) return dropPacket(run, dropSites.fromHost, drop.unsupportedL2, identity.host);
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
    const closed = run.program.hostFirewall && !(type === etherType.arp && run.program.ipv4);
    return closed ? dropPacket(run, dropSites.hostEntry, drop.unknownL3, marked) : FINAL_OK;
  }
  const parsed = parseFrame(run.frame, skb, family);
  const cached = cachedSource(run, marked);
  const label = resolveSource(marked, cached);
  trace(run, point, label, 0, 0, skb.ingressIfindex ?? 0, REASON_UNKNOWN, true);
  let at: DropSite = dropSites.hostTail;
  let ret = parsed < 0 ? parsed : handle(run, label, host);
  if (ret === 0 || ret === SKIP) {
    if (run.program.hostFirewall) at = host ? dropSites.hostFromHost : dropSites.hostFromNetdev;
    if (run.program.hostFirewall && ret !== SKIP) ret = host ? policyOut(run, label, cached) : policyIn(run, label);
    if (ret >= 0) ret = proceed(run, label, host);
  }
  if (isFinal(ret)) return ret;
  if (ret === -drop.fragNotFound && isOutside(run, label)) ret = -drop.fragNotFoundWorld;
  return ret < 0 ? dropPacket(run, at, -ret, label) : FINAL_OK;
}

function isOutside(run: HookRun, label: number): boolean {
  return isWorld(run, label, 4) || isWorld(run, label, 6) || label >>> 24 === CIDR_SCOPE;
}

/** Checks, and services where it comes from the network. 0; SKIP = policies of the host don't mind; minus a drop reason; or the end. */
function handle(run: HookRun, label: number, host: boolean): number {
  const {frame, program} = run;
  if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) return -drop.fragNosupport;
  if (!host) {
    const solicitation = frame.protocol === proto.icmp6 && run.skb.buf[frame.l4] === ND_SOLICITATION;
    if (frame.family === 6 && solicitation) return answerSolicitation(run, direction.ingress);
  }
  const icmp = program.hostFirewall ? icmp6Action(run) : 0;
  if (icmp < 0) return icmp;
  if (!host && program.nodePort) {
    const ret = nodePort(run, label);
    if (ret !== 0) return ret;
  }
  return icmp;
}

/** Policies for what the host sends to cilium_host. 0, or minus a drop reason. */
function policyOut(run: HookRun, label: number, cached: number): number {
  const fromProxy = isFromProxy(run, tcIndex.fromIngressProxy | tcIndex.fromEgressProxy);
  return hostEgress(run, label, cached, fromProxy);
}

/** Policies for what comes from the network; replies have met them before they were translated. 0, or minus a drop reason. */
function policyIn(run: HookRun, label: number): number {
  const {skb} = run;
  const flags = skb.tcIndex ?? 0;
  if ((flags & tcIndex.skipHostFirewall) === 0) return hostIngress(run, label);
  skb.tcIndex = flags & ~tcIndex.skipHostFirewall;
  return 0;
}

/** 0 = to the stack; minus a drop reason; or the end. */
function proceed(run: HookRun, label: number, host: boolean): number {
  const {frame, program} = run;
  if (!host && !program.hostRouting) return 0;
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
    return toStack(run, true);
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
  if (program.hostFirewall && kind !== magic.snatDone) {
    const ret = firewallToNetdev(run, label, kind === magic.proxyEgress);
    if (ret < 0) return dropPacket(run, dropSites.toNetdev, -ret, label);
  }
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
  run.reason = REASON_UNKNOWN;
  run.reasonMonitor = false;
  return program.hostFirewall ? admitToHost(run, label) : toHostStack(run, label);
}

function toHostStack(run: HookRun, label: number): number {
  trace(run, 'to-stack', label, 0, 0, run.program.hostIfindex, run.reason, run.reasonMonitor);
  return FINAL_OK;
}

function admitToHost(run: HookRun, label: number): number {
  const family = firewallFamily(run);
  if (family < 0) return dropPacket(run, dropSites.toHost, -family, label);
  if (family === 0) return toHostStack(run, label);
  const ret = hostIngress(run, label);
  const source = isForHost(run) ? sourceLabel(run, label) : label;
  if (ret < 0) return dropPacket(run, dropSites.toHostPolicy, -ret, source);
  return toHostStack(run, source);
}
