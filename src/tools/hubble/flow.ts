/** Notifications of a run → Hubble's flows (cilium pkg/hubble/parser/threefour/parser.go). */

import {hash53} from '../../cluster/hash.js';
import type {Cluster, Pod, Service} from '../../cluster/model.js';
import type {ControlPlane} from '../../control/control.js';
import {reservedIdentities} from '../../control/identity.js';
import {
  type DatapathEvent,
  type DropEvent,
  type PolicyVerdictEvent,
  type TraceEvent,
  tracePoints,
} from '../../datapath/model.js';
import {formatIp, formatMac, type Ip} from '../../wire/addr.js';
import {ethDestination, ethSource} from '../../wire/ethernet.js';
import {type Dissected, dissect, icmpText, type Transport} from '../common/dissect.js';
import {dropReasonNames, type Flow, type FlowEndpoint, messageTypes} from './model.js';

type FlowEvent = TraceEvent | DropEvent | PolicyVerdictEvent;

const SNAPLEN = 192;
/** Classifier flags of a tunnel packet. */
const TUNNELLED = 12;

export function isFlowEvent(event: DatapathEvent): event is FlowEvent {
  return event.kind === 'trace' || event.kind === 'drop' || event.kind === 'policy-verdict';
}

export interface FlowMaker {
  /** undefined: no flow is made of it. */
  make(event: FlowEvent): Flow | undefined;
}

export function createFlowMaker(control: ControlPlane): FlowMaker {
  const {cluster} = control;
  const labels = new Map(cluster.identities.map(({id, labels: own}) => [id, own]));
  const pods = new Map(cluster.pods.flatMap((pod) => (pod.hostNetwork ? [] : pod.ips.map((ip) => [ip, pod] as const))));
  const services = servicesByIp(cluster);
  let count = 0;

  function endpoint(ip: Ip, event: FlowEvent, stated: number): FlowEndpoint {
    const pod = pods.get(ip);
    const identity = stated || identityOf(ip, event.node);
    const own = labels.get(identity) ?? [];
    // only the endpoints of its own node have an id to the agent
    const id = pod?.node === event.node ? pod.endpointId : 0;
    return {
      ...(id ? {ID: id} : {}),
      ...(identity ? {identity} : {}),
      ...(pod ? {cluster_name: cluster.cilium.clusterName, namespace: pod.namespace} : {}),
      ...(own.length > 0 ? {labels: own} : {}),
      ...(pod ? {pod_name: pod.name} : {}),
      ...(pod?.owner ? {workloads: [{name: pod.owner.name, kind: pod.owner.kind}]} : {}),
    };
  }

  function identityOf(ip: Ip, node: string): number {
    return control.state(node).ipcache.lookup(ip)?.identity ?? reservedIdentities.world;
  }

  return {
    make(event) {
      const tunnelled = event.kind === 'trace' && (event.flags & TUNNELLED) !== 0;
      const packet = dissect(event.frame.subarray(0, SNAPLEN), tunnelled);
      if (!packet) return undefined;
      const {ip, transport, bytes, eth} = packet;
      const [source, destination] = identitiesOf(event);
      const ends = ip && {
        source: endpoint(ip.source, event, source),
        destination: endpoint(ip.destination, event, destination),
      };
      const direction = directionOf(event, ip && pods.get(ip.source));
      const reply = isReply(event);
      const [from, to] = ip ? [services.get(ip.source), services.get(ip.destination)] : [];
      return {
        time: timeText(cluster.epoch, event.time),
        uuid: uuid(`${event.node} ${event.packet} ${count++}`),
        verdict: verdictOf(event),
        ...(event.kind === 'drop' ? {drop_reason: event.reason} : {}),
        ethernet: {source: formatMac(ethSource(bytes, eth)), destination: formatMac(ethDestination(bytes, eth))},
        ...(ip
          ? {IP: {source: formatIp(ip.source), destination: formatIp(ip.destination), ipVersion: `IPv${ip.family}`}}
          : {}),
        ...(transport ? {l4: layer4(transport)} : {}),
        ...ends,
        Type: 'L3_L4',
        node_name: nodeName(cluster, event.node),
        event_type: eventType(event),
        ...(from ? {source_service: {name: from.name, namespace: from.namespace}} : {}),
        ...(to ? {destination_service: {name: to.name, namespace: to.namespace}} : {}),
        ...(direction ? {traffic_direction: direction} : {}),
        ...(event.kind === 'policy-verdict' && event.match ? {policy_match_type: event.match} : {}),
        ...(event.kind === 'trace'
          ? {trace_observation_point: enumName(event.point), trace_reason: traceReason(event)}
          : {}),
        ...(event.kind === 'drop' ? {drop_reason_desc: dropReasonNames[event.reason] ?? 'DROP_REASON_UNKNOWN'} : {}),
        ...(reply === undefined ? {} : {is_reply: reply}),
        ...(event.kind === 'trace' && event.ifindex ? {interface: interfaceOf(control, event)} : {}),
        ...(event.kind === 'policy-verdict' ? policiesOf(control, event) : {}),
        Summary: summary(packet),
      };
    },
  };
}

function servicesByIp({services}: Cluster): ReadonlyMap<Ip, Service> {
  return new Map(
    services.flatMap((service) =>
      [...service.clusterIps, ...service.externalIps, ...service.loadBalancerIps].map((ip) => [ip, service] as const),
    ),
  );
}

/** Source and destination as the notification says them; 0 = it does not. */
function identitiesOf(event: FlowEvent): readonly [number, number] {
  if (event.kind !== 'policy-verdict') return [event.sourceIdentity, event.destinationIdentity];
  return event.direction === 'ingress' ? [event.remoteIdentity, 0] : [0, event.remoteIdentity];
}

function verdictOf(event: FlowEvent): string {
  if (event.kind === 'trace') return 'FORWARDED';
  if (event.kind === 'drop') return 'DROPPED';
  if (event.audited) return 'AUDIT';
  return event.verdict < 0 ? 'DROPPED' : event.verdict > 0 ? 'REDIRECTED' : 'FORWARDED';
}

/** Known where conntrack was asked, and for connections that policy lets begin. */
function isReply(event: FlowEvent): boolean | undefined {
  if (event.kind === 'trace') {
    if (event.reason === 'unknown' || event.reason.startsWith('srv6')) return undefined;
    return event.reason === 'reply';
  }
  return event.kind === 'policy-verdict' && event.verdict >= 0 ? false : undefined;
}

/** As the endpoint sees it that the notification is of. */
function directionOf(event: FlowEvent, source: Pod | undefined): 'INGRESS' | 'EGRESS' | undefined {
  if (event.kind === 'policy-verdict') return event.direction === 'ingress' ? 'INGRESS' : 'EGRESS';
  if (event.endpoint === 0) return undefined;
  const isSource = source?.node === event.node && source.endpointId === event.endpoint;
  if (event.kind === 'drop') return isSource ? 'EGRESS' : 'INGRESS';
  if (event.reason === 'unknown') return undefined;
  return isSource !== (event.reason === 'reply') ? 'EGRESS' : 'INGRESS';
}

function eventType(event: FlowEvent) {
  if (event.kind === 'trace') {
    const sub = tracePoints.indexOf(event.point);
    return {type: messageTypes.trace, ...(sub ? {sub_type: sub} : {})};
  }
  if (event.kind === 'drop') return {type: messageTypes.drop, sub_type: event.reason};
  return {type: messageTypes.policyVerdict};
}

const enumName = (name: string) => name.replaceAll('-', '_').toUpperCase();

function traceReason({reason}: TraceEvent): string {
  return reason === 'unknown' ? 'TRACE_REASON_UNKNOWN' : enumName(reason);
}

function interfaceOf(control: ControlPlane, {ifindex, node}: TraceEvent) {
  const name = control.state(node).host.devices.find((device) => device.ifindex === ifindex)?.name;
  return {index: ifindex, ...(name ? {name} : {})};
}

/** The policy behind the entry that matched, as the agent's rule origin names it. */
function policiesOf(control: ControlPlane, event: PolicyVerdictEvent) {
  const map = control.state(event.node).policies.get(event.endpoint);
  const {entry} = map?.lookup(event.direction, event.remoteIdentity, event.protocol, event.port) ?? {};
  const [, kind, namespace, name] = /^(\w+Policy) (?:([^/ ]+)\/)?([^/ ]+) /.exec(entry?.origin ?? '') ?? [];
  if (kind === undefined || name === undefined) return {};
  const field = `${event.direction}_${event.verdict < 0 ? 'denied' : 'allowed'}_by`;
  return {[field]: [{name, ...(namespace ? {namespace} : {}), kind}]};
}

const tcpFlagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'NS'];

function layer4(transport: Transport): NonNullable<Flow['l4']> {
  switch (transport.kind) {
    case 'tcp': {
      const {source, destination, flags} = transport;
      const set = tcpFlagNames.filter((_, bit) => (flags & (1 << bit)) !== 0).map((name) => [name, true] as const);
      return {
        TCP: {
          source_port: source,
          destination_port: destination,
          ...(set.length > 0 ? {flags: Object.fromEntries(set)} : {}),
        },
      };
    }
    case 'udp':
    case 'sctp':
      return {
        [transport.kind === 'udp' ? 'UDP' : 'SCTP']: {
          source_port: transport.source,
          destination_port: transport.destination,
        },
      };
    default: {
      const {type, code} = transport;
      return {
        [transport.kind === 'icmp4' ? 'ICMPv4' : 'ICMPv6']: {...(type ? {type} : {}), ...(code ? {code} : {})},
      };
    }
  }
}

/** Order of flags in a summary. */
const summaryFlags: readonly (readonly [bit: number, name: string])[] = [
  [1, 'SYN'],
  [4, 'ACK'],
  [2, 'RST'],
  [0, 'FIN'],
  [3, 'PSH'],
  [5, 'URG'],
  [6, 'ECE'],
  [7, 'CWR'],
  [8, 'NS'],
];

function summary({transport, ip, etherType}: Dissected): string {
  switch (transport?.kind) {
    case 'tcp': {
      const {flags} = transport;
      const names = summaryFlags.filter(([bit]) => (flags & (1 << bit)) !== 0).map(([, name]) => name);
      return `TCP Flags: ${names.join(', ')}`;
    }
    case 'udp':
      return 'UDP';
    case 'sctp':
      return 'SCTP';
    case 'icmp4':
      return `ICMPv4 ${icmpText(transport)}`;
    case 'icmp6':
      return `ICMPv6 ${icmpText(transport)}`;
    default:
      return ip ? `IPv${ip.family}` : etherType === 0x0806 ? 'ARP' : 'Ethernet';
  }
}

/** `cluster/node`; plain where the cluster has the default name. */
function nodeName({cilium}: Cluster, node: string): string {
  return cilium.clusterName === 'default' ? node : `${cilium.clusterName}/${node}`;
}

/** RFC 3339 with 0, 3, 6 or 9 digits behind the point, as protojson writes it. */
export function timeText(epoch: number, ns: number): string {
  const seconds = epoch + Math.floor(ns / 1e9);
  const rest = String(Math.floor(ns % 1e9)).padStart(9, '0');
  const digits = rest.replace(/(000)+$/, '');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${digits === '' ? '' : `.${digits}`}Z`;
}

/** Looks like a version 4 UUID; the same in each run. */
function uuid(text: string): string {
  const hex = [text, `${text}'`, `${text}"`]
    .map((part) => hash53(part).toString(16).padStart(14, '0').slice(-11))
    .join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
