/**
 * The host firewall: policies of the node itself, for what its own addresses send and get (bpf/lib/host_firewall.h, v1.20).
 *
 *   from the network    cil_from_netdev, behind service translation      ingress
 *   from pods           cil_to_host on cilium_net                        ingress
 *   from the tunnel     cil_to_host on cilium_host                       ingress
 *   to the network      cil_to_netdev, packets of the tunnel too         egress
 *   to pods             cil_from_host                                    egress
 *
 * With endpoint routes pods' programs call `cil_host_policy` instead. Proxies are not modelled: what they would see passes.
 */
import {drop} from '../drop.js';
import {createEntry, ctStatus, lookupPacket} from './conntrack.js';
import {dropPacket, dropSites} from './events.js';
import {ETH_HEADER, etherType, parseFrame, proto} from './frame.js';
import {checkPolicy} from './policy.js';
import {changeType} from './redirect.js';
import {clearCtState, frameType, type HookRun, identity, isReserved, worldIdentity} from './run.js';

const MIN_ETHERTYPE = 0x600;

/** What the ipcache says of the source, where `marked` says little (resolve_srcid); 0 = not asked, or nothing. */
export function cachedSource(run: HookRun, marked: number): number {
  return isReserved(run, marked) ? (run.node.lookups.address(run.frame.source).info?.identity ?? 0) : 0;
}

/** The ipcache knows addresses better, but the host stays what the mark says. */
export function resolveSource(marked: number, cached: number): number {
  return cached === 0 || cached === identity.host ? marked : cached;
}

/**
 * Egress by the resolved and the cached identity of the source: policy for what the host sends, and a conntrack entry for what is translated to its address, so that answers to pods
 * pass. 0, or minus a drop reason; `run.reason` and `run.reasonMonitor` tell the connection's state.
 */
export function hostEgress(run: HookRun, label: number, cached: number, fromProxy: boolean): number {
  if (label !== identity.host && cached !== identity.host) return 0;
  const status = lookupConnection(run, 'egress');
  if (status < 0) return status;
  if (status === ctStatus.reply || status === ctStatus.related) return 0;
  const own = label === identity.host;
  if (own && !fromProxy) {
    const peer = run.node.lookups.address(run.frame.destination).info?.identity ?? identity.unknown;
    const verdict = checkPolicy(run, 'egress', peer, status);
    if (verdict !== 0) return verdict;
  }
  if (status === ctStatus.new) track(run, 'egress', own ? identity.host : identity.unknown);
  return 0;
}

/** Ingress: policy for packets to the host's addresses. 0, or minus a drop reason. */
export function hostIngress(run: HookRun, label: number): number {
  if (!isForHost(run)) return 0;
  const status = lookupConnection(run, 'ingress');
  if (status < 0) return status;
  const source = sourceLabel(run, label);
  let verdict = 0;
  if (status !== ctStatus.reply && status !== ctStatus.related) {
    verdict = checkPolicy(run, 'ingress', source, status);
    if (verdict === 0 && status === ctStatus.new) track(run, 'ingress', source);
  }
  // Redirected frames carry the MAC of another device.
  changeType(run);
  return verdict;
}

/** Only packets to the host's own addresses are judged. */
export function isForHost(run: HookRun): boolean {
  const target = run.node.lookups.address(run.frame.destination).info?.identity ?? worldIdentity(run);
  return target === identity.host;
}

/** Who sent it, as the ipcache knows the address. */
export function sourceLabel(run: HookRun, label: number): number {
  return run.node.lookups.address(run.frame.source).info?.identity ?? label;
}

function lookupConnection(run: HookRun, direction: 'egress' | 'ingress'): number {
  clearCtState(run.found);
  const status = lookupPacket(run, direction, 'both');
  if (status >= 0) {
    run.reason = status;
    run.reasonMonitor = run.monitor;
  }
  return status;
}

function track(run: HookRun, direction: 'egress' | 'ingress', source: number): void {
  const state = clearCtState(run.created);
  state.sourceIdentity = source;
  createEntry(run, run.tuple, direction, state, true);
}

/** Reads the packet for a hook that has not. Its family; 0 for ARP; minus a drop reason for what a firewall cannot judge. */
export function firewallFamily(run: HookRun): number {
  const {skb, program} = run;
  const type = frameType(skb);
  if (type < MIN_ETHERTYPE) return -drop.unsupportedL2;
  if (type === etherType.arp && program.ipv4) return 0;
  const family = type === etherType.ip4 && program.ipv4 ? 4 : type === etherType.ip6 && program.ipv6 ? 6 : 0;
  if (family === 0) return -drop.unknownL3;
  if (skb.end - skb.start < ETH_HEADER + (family === 4 ? 20 : 40)) return -drop.invalid;
  const parsed = parseFrame(run.frame, skb, family);
  return parsed < 0 ? parsed : family;
}

/** to-netdev: minds only whether the host sends, not which pod does (handle_to_netdev_ipv4). */
export function firewallToNetdev(run: HookRun, label: number, fromProxy: boolean): number {
  const family = firewallFamily(run);
  if (family <= 0) return family;
  const icmp = icmp6Action(run);
  if (icmp !== 0) return icmp === SKIP ? 0 : icmp;
  const marked = label === identity.host ? label : identity.unknown;
  const cached = cachedSource(run, marked);
  return hostEgress(run, resolveSource(marked, cached), cached, fromProxy);
}

/** ICMPv6 that passes whatever policies say. */
export const SKIP = 1;

/** First and last types, RFC 4890 as icmp6_host_handle has it: errors, multicast and neighbours, inverse, secure, routers. */
const passing = [
  [1, 4],
  [130, 136],
  [141, 143],
  [148, 149],
  [151, 153],
] as const;
const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;

/** Echoes are for policies (0), neighbour discovery and errors pass (SKIP), others are dropped: minus the reason. */
export function icmp6Action({frame, skb}: HookRun): number {
  if (frame.family !== 6 || frame.protocol !== proto.icmp6) return 0;
  if (frame.l4 >= skb.end) return -drop.invalid;
  const type = skb.buf[frame.l4]!;
  if (type === ECHO_REQUEST || type === ECHO_REPLY) return 0;
  return passing.some(([first, last]) => first <= type && type <= last) ? SKIP : -drop.forbiddenIcmp6;
}

/** cil_host_policy for a packet of a pod to its own node. 0, or the end of a drop. */
export function podToHost(run: HookRun, label: number): number {
  const {endpoint} = run;
  run.kind = 'host';
  run.endpoint = undefined;
  const ret = hostIngress(run, label);
  if (ret < 0) return dropPacket(run, dropSites.hostPolicy, -ret, sourceLabel(run, label));
  run.kind = 'lxc';
  run.endpoint = endpoint;
  return 0;
}

/** cil_host_policy for a packet of the node to a pod of its own. 0, or the end of a drop. */
export function hostToPod(run: HookRun): number {
  const {endpoint} = run;
  run.kind = 'host';
  run.endpoint = undefined;
  const ret = hostEgress(run, identity.host, identity.unknown, false);
  if (ret < 0) return dropPacket(run, dropSites.hostPolicy, -ret, identity.host);
  run.kind = 'lxc';
  run.endpoint = endpoint;
  return 0;
}
