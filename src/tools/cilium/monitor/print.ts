/** Notifications as `cilium-dbg monitor` prints them (cilium pkg/monitor datapath_trace.go, datapath_drop.go, datapath_policy.go). */
import {reservedIdentities} from '../../../control/identity.js';
import {dropText} from '../../../datapath/describe.js';
import type {DropEvent, PolicyVerdictEvent, TraceEvent} from '../../../datapath/model.js';
import {goJsonCompact} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {formatIp} from '../../../wire/addr.js';
import {type Dissected, dissect, flowHash} from '../../common/dissect.js';
import {hexDump, layerLines} from './layers.js';
import {connectionSummary} from './summary.js';

export type MonitorEvent = TraceEvent | DropEvent | PolicyVerdictEvent;

export interface PrintOptions {
  readonly verbosity: 'info' | 'verbose' | 'json';
  readonly hex: boolean;
  /** Reserved identities as numbers too. */
  readonly numeric: boolean;
  /** Name of a device of this node. */
  link(ifindex: number): string;
}

/** Bytes of a packet in a notification, and of one on the tunnel (bpf/lib/trace.h). */
const SNAPLEN = 128;
const OVERLAY_SNAPLEN = 192;
const VXLAN = 4;
const GENEVE = 8;
const SEPARATOR = '-'.repeat(78);
/** All events come from one processor: a run has no others. */
const CPU = 'CPU 00:';

const identityNames = new Map<number, string>([
  [reservedIdentities.unknown, 'unknown'],
  [reservedIdentities.host, 'host'],
  [reservedIdentities.world, 'world'],
  [reservedIdentities.unmanaged, 'unmanaged'],
  [reservedIdentities.health, 'health'],
  [reservedIdentities.init, 'init'],
  [reservedIdentities.remoteNode, 'remote-node'],
  [reservedIdentities.kubeApiserver, 'kube-apiserver'],
  [reservedIdentities.ingress, 'ingress'],
  [reservedIdentities.worldIpv4, 'world-ipv4'],
  [reservedIdentities.worldIpv6, 'world-ipv6'],
]);

/** pkg/policy/api: what an entry matched by. */
const matchNames = ['none', 'L3-Only', 'L3-L4', 'L4-Only', 'all', 'L3-Proto', 'Proto-Only'];

export function printEvent(event: MonitorEvent, options: PrintOptions): string {
  const kind = tunnelOf(event);
  const captured = event.frame.subarray(0, kind ? OVERLAY_SNAPLEN : SNAPLEN);
  const packet = dissect(captured, kind !== undefined);
  const connection = connectionSummary(packet, kind);
  // verdicts have one form only
  if (event.kind === 'policy-verdict') return `${verdictText(event, packet, connection, options)}\n`;
  switch (options.verbosity) {
    case 'json':
      return `${goJsonCompact(eventJson(event, packet, options))}\n`;
    case 'info':
      return `${infoText(event, packet, connection, options)}\n`;
    case 'verbose':
      return `${SEPARATOR}\n${verboseText(event, captured, packet, options)}\n${contents(captured, packet, options)}`;
  }
}

function tunnelOf(event: MonitorEvent): 'vxlan' | 'geneve' | undefined {
  if (event.kind !== 'trace') return undefined;
  return event.flags & VXLAN ? 'vxlan' : event.flags & GENEVE ? 'geneve' : undefined;
}

function identities({sourceIdentity: from, destinationIdentity: to}: TraceEvent | DropEvent, numeric: boolean): string {
  const text = (id: number) => (numeric ? String(id) : (identityNames.get(id) ?? String(id)));
  return `, identity ${text(from)}->${text(to)}`;
}

/** Go's %#x. */
function hash(packet: Dissected | undefined): string {
  return `0x${flowHash(packet).toString(16)}`;
}

export function traceSummary({point, endpoint, destinationEndpoint}: TraceEvent): string {
  const [way, , ...rest] = point.split(/(-)/);
  const what = rest.join('');
  const arrow = way === 'to' ? '->' : '<-';
  if (what === 'endpoint') return `${arrow} endpoint ${way === 'to' ? destinationEndpoint : endpoint}`;
  if (point === 'to-proxy') return `-> proxy${destinationEndpoint ? ` port ${destinationEndpoint}` : ''}`;
  return point === 'to-host' ? '-> host from' : `${arrow} ${what}`;
}

/** `Policy denied`, `reason, N` with an extended error, `N, N` for a reason without text (DropReasonExt). */
export function dropReasonText(reason: number, extError: number): string {
  const text = dropText(reason);
  if (text === String(reason)) return `${reason}, ${extError}`;
  return extError === 0 ? text : `${text}, ${extError}`;
}

function originalIp({originalIp: ip, flags}: TraceEvent): string {
  return ip === undefined ? (flags & 1 ? '::' : '0.0.0.0') : formatIp(ip);
}

function infoText(
  event: TraceEvent | DropEvent,
  packet: Dissected | undefined,
  connection: string,
  {numeric, link}: PrintOptions,
): string {
  const ids = identities(event, numeric);
  if (event.kind === 'trace')
    return `${traceSummary(event)} flow ${hash(packet)} ${ids} state ${event.reason} ifindex ${sanitize(link(event.ifindex))} orig-ip ${originalIp(event)}: ${connection}`;
  const {reason, extError, destinationEndpoint, ifindex, at} = event;
  return `xx drop (${dropReasonText(reason, extError)}) flow ${hash(packet)} to endpoint ${destinationEndpoint}, ifindex ${ifindex}, file ${at?.file ?? 'unknown(0)'}:${at?.line ?? 0}, ${ids}: ${connection}`;
}

function verdictText(
  event: PolicyVerdictEvent,
  packet: Dissected | undefined,
  connection: string,
  {numeric}: PrintOptions,
): string {
  const {verdict, audited, endpoint, remoteIdentity, protocol, direction, match} = event;
  const action = audited ? 'audit' : verdict < 0 ? 'deny' : verdict > 0 ? 'redirect' : 'allow';
  const remote = numeric ? String(remoteIdentity) : (identityNames.get(remoteIdentity) ?? String(remoteIdentity));
  return `Policy verdict log: flow ${hash(packet)} local EP ID ${endpoint}, remote ID ${remote}, proto ${protocol}, ${direction}, action ${action}, auth: disabled, match ${matchNames[match] ?? 'unknown'}, ${connection}`;
}

function verboseText(
  event: TraceEvent | DropEvent,
  captured: Uint8Array,
  packet: Dissected | undefined,
  {numeric, link}: PrintOptions,
): string {
  const {endpoint, length, sourceIdentity, destinationIdentity, destinationEndpoint} = event;
  const start = `${CPU} MARK ${hash(packet)} FROM ${endpoint}`;
  const known = sourceIdentity !== 0 || destinationIdentity !== 0;
  const ids = known ? identities(event, numeric) : '';
  if (event.kind === 'drop') {
    const to = destinationEndpoint ? `, to endpoint ${destinationEndpoint}` : '';
    return `${start} DROP: ${length} bytes, reason ${dropReasonText(event.reason, event.extError)}${ids}${to}`;
  }
  const device = event.ifindex === 0 ? '' : `, interface ${sanitize(link(event.ifindex))}`;
  const target = event.point === 'to-proxy' ? 'proxy-port' : 'endpoint';
  const to = destinationEndpoint ? `, to ${target} ${destinationEndpoint}` : '';
  return `${start} ${event.point}: ${length} bytes (${captured.length} captured), state ${event.reason}${device}${known ? `, ${ids}` : ''}, orig-ip ${originalIp(event)}${to}`;
}

function contents(captured: Uint8Array, packet: Dissected | undefined, {hex}: PrintOptions): string {
  if (hex) return hexDump(captured);
  return packet
    ? layerLines(packet)
        .map(({text}) => `${text}\n`)
        .join('')
    : '';
}

/** Number of a source file (pkg/monitor/api/files.go). */
const fileNumbers: Readonly<Record<string, number>> = {
  'bpf_host.c': 1,
  'bpf_lxc.c': 2,
  'bpf_overlay.c': 3,
  'bpf_xdp.c': 4,
  'icmp6.h': 103,
  'nodeport.h': 104,
  'lb.h': 105,
  'nodeport_egress.h': 113,
};

function eventJson(event: TraceEvent | DropEvent, packet: Dissected | undefined, {link}: PrintOptions) {
  const common = {
    source: event.endpoint,
    bytes: event.length,
    srcLabel: event.sourceIdentity,
    dstLabel: event.destinationIdentity,
    dstID: event.destinationEndpoint,
  };
  const summary = packet ? {summary: summaryJson(packet)} : {};
  if (event.kind === 'trace')
    return {
      cpu: CPU,
      type: 'trace',
      mark: hash(packet),
      ifindex: link(event.ifindex),
      state: event.reason,
      observationPoint: event.point,
      traceSummary: traceSummary(event),
      ...common,
      IpTraceID: 0,
      ...summary,
    };
  return {
    cpu: CPU,
    type: 'drop',
    mark: hash(packet),
    reason: dropReasonText(event.reason, event.extError),
    ...common,
    Line: event.at?.line ?? 0,
    File: fileNumbers[event.at?.file ?? ''] ?? 0,
    ExtError: event.extError,
    Ifindex: event.ifindex,
    ...summary,
  };
}

function summaryJson(packet: Dissected) {
  const {ip, transport} = packet.outer ?? packet;
  const [ethernet, ...rest] = layerLines(packet);
  const macs = /SrcMAC=(\S+) DstMAC=(\S+)/.exec(ethernet?.text ?? '');
  return {
    ...Object.fromEntries([...(ethernet ? [ethernet] : []), ...rest].map(({key, text}) => [key, text])),
    ...(macs ? {l2: {src: macs[1]!, dst: macs[2]!}} : {}),
    ...(ip ? {l3: {src: formatIp(ip.source), dst: formatIp(ip.destination)}} : {}),
    ...(transport && 'source' in transport
      ? {l4: {src: String(transport.source), dst: String(transport.destination)}}
      : {}),
  };
}
