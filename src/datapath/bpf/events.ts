/**
 * Notifications of the programs (bpf/lib/trace.h, drop.h, policy_log.h) and the kernel helpers they call. Nothing is built
 * while nobody listens.
 */

import type {Ip} from '../../wire/addr.js';
import {get16} from '../../wire/bytes.js';
import type {DatapathEvent, HelperEvent, TracePoint} from '../model.js';
import {traceReasons} from '../model.js';
import {etherType, proto} from './frame.js';
import {endpointLabel, FINAL_DROP, frameType, type HookRun, magic, markMagic} from './run.js';

/** Trace reasons by number: 0 … 3 are the results of a conntrack lookup. */
export const REASON_UNKNOWN = 5;

const CLASS_IPV6 = 1;
const CLASS_VXLAN = 4;
const CLASS_GENEVE = 8;

/** Endpoint id in the header of a notification: the endpoint's, the host's, or none on the overlay device. */
export function ownEndpoint(run: HookRun): number {
  if (run.kind === 'lxc') return run.endpoint?.endpointId ?? 0;
  return run.kind === 'host' ? run.program.hostEndpointId : 0;
}

function frameBytes(run: HookRun): Uint8Array {
  return run.skb.buf.subarray(run.skb.start, run.skb.end);
}

/** `monitor`: the connection changed or its report interval is over; others are left out by aggregation. */
export function trace(
  run: HookRun,
  point: TracePoint,
  source: number,
  destination: number,
  destinationEndpoint: number,
  ifindex: number,
  reason: number,
  monitor: boolean,
  originalIp?: Ip,
): void {
  const {emit} = run.node;
  if (!emit || aggregated(run.program.monitorAggregation, point, monitor)) return;
  emit({
    kind: 'trace',
    time: run.node.time,
    node: run.node.state.node.name,
    packet: run.skb.packet,
    hook: run.hook,
    point,
    reason: traceReasons[reason]!,
    sourceIdentity: source,
    destinationIdentity: destination,
    endpoint: ownEndpoint(run),
    destinationEndpoint,
    ifindex,
    originalIp,
    flags: classify(run, point),
    length: run.skb.end - run.skb.start,
    frame: frameBytes(run),
  });
}

function aggregated(level: number, point: TracePoint, monitor: boolean): boolean {
  return (level >= 1 && point.startsWith('from-')) || (level >= 3 && !monitor);
}

/** Whether the frame is IPv6, and whether bpf_host sees that it is a packet of the tunnel. */
function classify(run: HookRun, point: TracePoint): number {
  const {program, skb} = run;
  const type = frameType(skb);
  let flags = type === etherType.ip6 ? CLASS_IPV6 : 0;
  if (run.kind !== 'host' || !program.encap) return flags;
  const tunnelled =
    point === 'to-network'
      ? markMagic(skb.mark) === magic.overlay
      : point === 'from-network' && isTunnelPacket(run, type);
  if (tunnelled) flags |= program.tunnelProtocol === 'vxlan' ? CLASS_VXLAN : CLASS_GENEVE;
  return flags;
}

function isTunnelPacket(run: HookRun, type: number): boolean {
  const {buf, start, end} = run.skb;
  const l3 = start + 14;
  const v4 = type === etherType.ip4 && run.program.ipv4;
  if (!v4 && !(type === etherType.ip6 && run.program.ipv6)) return false;
  const l4 = v4 ? l3 + (buf[l3]! & 15) * 4 : l3 + 40;
  if (l4 + 4 > end || buf[v4 ? l3 + 9 : l3 + 6] !== proto.udp) return false;
  return get16(buf, l4 + 2) === run.program.tunnelPort;
}

export function policyVerdict(
  run: HookRun,
  direction: 'ingress' | 'egress',
  verdict: number,
  match: number,
  remoteIdentity: number,
  port: number,
  protocol: number,
  audited: boolean,
): void {
  run.node.emit?.({
    kind: 'policy-verdict',
    time: run.node.time,
    node: run.node.state.node.name,
    packet: run.skb.packet,
    hook: run.hook,
    direction,
    verdict,
    match,
    remoteIdentity,
    endpoint: ownEndpoint(run),
    port,
    protocol,
    family: run.frame.family,
    audited,
    length: run.skb.end - run.skb.start,
    frame: frameBytes(run),
  });
}

export function helper(run: HookRun, name: HelperEvent['helper'], values: HelperEvent['values']): void {
  run.node.emit?.({
    kind: 'helper',
    time: run.node.time,
    node: run.node.state.node.name,
    packet: run.skb.packet,
    hook: run.hook,
    helper: name,
    values,
  });
}

/** Anything else, with the common fields filled in. Build `event` only when `run.node.emit` is set. */
export function emitEvent(run: HookRun, event: EventBody): void {
  run.node.emit?.({
    time: run.node.time,
    node: run.node.state.node.name,
    packet: run.skb.packet,
    hook: run.hook,
    ...event,
  } as DatapathEvent);
}

type WithoutBase<E> = E extends DatapathEvent ? Omit<E, 'time' | 'node' | 'packet' | 'hook'> : never;
type EventBody = WithoutBase<Extract<DatapathEvent, {kind: 'ct' | 'nat' | 'translate'}>>;

/** Source files by the number that notifications carry (bpf/lib/source_info.h). */
const FILES = {
  1: 'bpf_host.c',
  2: 'bpf_lxc.c',
  3: 'bpf_overlay.c',
  4: 'bpf_xdp.c',
  103: 'icmp6.h',
  104: 'nodeport.h',
  105: 'lb.h',
  113: 'nodeport_egress.h',
} as const;
type FileId = keyof typeof FILES;

/** A place that reports drops: file, and the line for IPv4 and IPv6 (1.21-dev). */
export interface DropSite {
  readonly file: FileId;
  readonly line4: number;
  readonly line6: number;
}

function site(file: FileId, line4: number, line6 = line4): DropSite {
  return {file, line4, line6};
}

export const dropSites = {
  ctLookup: site(2, 502),
  lxcEgress: site(2, 1663, 1070),
  lxcStart: site(2, 1732, 1127),
  lxcEntry: site(2, 1841),
  lxcIngressPolicy: site(2, 2410, 2077),
  lxcToEndpoint: site(2, 2477, 2145),
  toContainer: site(2, 2706),
  policyDenied: site(2, 2729, 2765),
  overlayTail: site(3, 418, 177),
  overlayEntry: site(3, 596),
  toOverlay: site(3, 664),
  hostTail: site(1, 995, 510),
  hostEntry: site(1, 1293),
  toNetdev: site(1, 1657),
  toHost: site(1, 1909),
  fromNetdev: site(1, 1376),
  fromHost: site(1, 1407),
  hostFromNetdev: site(1, 954, 469),
  hostFromHost: site(1, 936, 451),
  toHostPolicy: site(1, 1706, 1678),
  hostPolicy: site(1, 2032),
  timeExceeded: site(103, 323),
  neighbourSolicitation: site(103, 407),
  xdp: site(4, 155, 231),
  noService: site(105, 2399, 2438),
  dsr: site(104, 2148, 781),
  dsrTooBig: site(104, 2095, 702),
  revNat: site(104, 2462, 1121),
  natIngress: site(104, 2552, 1216),
  natEgress: site(104, 2698, 1370),
  snatForward: site(113, 460, 143),
  natForward: site(113, 605, 280),
} as const satisfies Record<string, DropSite>;

/** TC_ACT_SHOT, XDP_DROP. */
const EXIT_DROP = 2;
const XDP_DROP = 1;

/** send_drop_notify: leaves the facts in skb->cb, tells, and ends the program. */
export function dropPacket(
  run: HookRun,
  at: DropSite,
  reason: number,
  source: number,
  destination = 0,
  destinationEndpoint = 0,
): number {
  const {skb, node} = run;
  const line = run.frame.family === 6 ? at.line6 : at.line4;
  const {cb} = skb;
  cb[0] = source;
  cb[1] = destination;
  cb[2] = reason | ((run.extError & 0xff) << 8);
  cb[3] = destinationEndpoint;
  cb[4] = (run.kind === 'xdp' ? XDP_DROP : EXIT_DROP) | (at.file << 8) | (line << 16);
  run.action = {kind: 'drop', reason};
  node.emit?.({
    kind: 'drop',
    time: node.time,
    node: node.state.node.name,
    packet: skb.packet,
    hook: run.hook,
    reason,
    extError: run.extError,
    sourceIdentity: source,
    destinationIdentity: destination,
    endpoint: ownEndpoint(run),
    destinationEndpoint,
    ifindex: skb.ifindex,
    length: skb.end - skb.start,
    frame: frameBytes(run),
    at: {file: FILES[at.file], line},
  });
  return FINAL_DROP;
}

/** dropPacket with the running endpoint as the target, as the ingress policy program reports. */
export function dropToEndpoint(run: HookRun, at: DropSite, reason: number, source: number): number {
  return dropPacket(run, at, reason, source, endpointLabel(run), run.endpoint?.endpointId ?? 0);
}
