/**
 * Records of `hubble observe -o jsonpb` (cilium api/v1/flow/flow.proto as protojson), one JSON object a line: a GetFlowsResponse
 * `{"flow": {…}}`, or the flow itself as `-o json` of older versions wrote it.
 */
import type {SourcePosition} from '../../term/error.js';
import {type Ip, parseIp} from '../../wire/addr.js';

export interface FlowEnd {
  readonly ip: Ip;
  readonly namespace: string;
  readonly pod: string;
  /** As identities have them: `k8s:app=web`, `reserved:world`. */
  readonly labels: readonly string[];
  readonly workloads: readonly {readonly kind: string; readonly name: string}[];
}

export interface FlowRecord {
  readonly where: SourcePosition;
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp';
  /** Of the destination; undefined for ICMP. */
  readonly port: number | undefined;
  /** arrived: at the other end; passed: at some point on the way. */
  readonly outcome: 'arrived' | 'passed' | 'denied' | 'other';
  /** Node that saw it. */
  readonly node: string;
}

/** What one line is: a flow to judge, something else that is well-formed, or nonsense. */
export type FlowLine =
  | {readonly kind: 'flow'; readonly record: FlowRecord}
  | {readonly kind: 'skipped'; readonly why: string}
  | {readonly kind: 'bad'; readonly message: string; readonly where: SourcePosition};

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function readFlowLine(line: string, file: string, number: number): FlowLine {
  const where = {file, line: number};
  const bad = (message: string): FlowLine => ({kind: 'bad', message, where});
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return bad('no JSON: expected one record of `hubble observe -o jsonpb` in each line');
  }
  if (!isJson(value)) return bad('no JSON object');
  if (isJson(value.lost_events)) return {kind: 'skipped', why: 'lost events'};
  if (isJson(value.node_status)) return {kind: 'skipped', why: 'node status'};
  const flow = isJson(value.flow) ? value.flow : value;
  if (flow.l4 === undefined && flow.IP === undefined)
    return 'source' in flow || 'verdict' in flow || 'Type' in flow
      ? {kind: 'skipped', why: 'no IP packet'}
      : bad('no flow: neither `flow` nor `IP` is there');
  return readFlow(flow, textOf(flow.node_name) || textOf(value.node_name), where);
}

function readFlow(flow: Json, node: string, where: SourcePosition): FlowLine {
  const skipped = (why: string): FlowLine => ({kind: 'skipped', why});
  const bad = (message: string): FlowLine => ({kind: 'bad', message, where});
  const addresses = isJson(flow.IP) ? flow.IP : {};
  const [source, destination] = [addresses.source, addresses.destination].map((ip) => parseIp(textOf(ip)));
  if (source === undefined || destination === undefined) return bad('IP.source and IP.destination: expected addresses');
  if (isReply(flow)) return skipped('reply, which no policy is asked for');
  const transport = readTransport(isJson(flow.l4) ? flow.l4 : {});
  if (typeof transport === 'string') return transport === '' ? skipped('no port') : bad(transport);
  if (transport.reply) return skipped('reply, which no policy is asked for');
  const outcome = outcomeOf(flow);
  // where conntrack was not asked, either end may have begun
  const told = typeof flow.is_reply === 'boolean' || outcome === 'denied' || transport.opens;
  if (!told) return skipped('packet of a direction that is not known');
  return {
    kind: 'flow',
    record: {
      where,
      from: readEnd(flow.source, source),
      to: readEnd(flow.destination, destination),
      protocol: transport.protocol,
      port: transport.port,
      outcome,
      node: node.slice(node.lastIndexOf('/') + 1),
    },
  };
}

/** `is_reply` is a BoolValue: missing is unknown. Older records have `reply` or the L7 type. */
function isReply(flow: Json): boolean {
  if (flow.is_reply === true || flow.reply === true) return true;
  return isJson(flow.l7) && flow.l7.type === 'RESPONSE';
}

interface Transport {
  readonly protocol: FlowRecord['protocol'];
  readonly port: number | undefined;
  /** Says itself that it is an answer, or the first of a connection. */
  readonly reply: boolean;
  readonly opens: boolean;
}

/** Text: what is wrong; empty: a protocol that policies have no word for. */
function readTransport(l4: Json): Transport | string {
  for (const protocol of ['TCP', 'UDP', 'SCTP'] as const) {
    const header = l4[protocol];
    if (!isJson(header)) continue;
    const port = header.destination_port;
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535)
      return `l4.${protocol}.destination_port: expected a port`;
    const flags = isJson(header.flags) ? header.flags : {};
    return {
      protocol: protocol.toLowerCase() as FlowRecord['protocol'],
      port,
      reply: flags.SYN === true && flags.ACK === true,
      opens: flags.SYN === true && flags.ACK !== true,
    };
  }
  for (const [name, request] of [
    ['ICMPv4', 8],
    ['ICMPv6', 128],
  ] as const) {
    const header = l4[name];
    if (!isJson(header)) continue;
    // protojson leaves zeros out: type 0 is an echo reply
    const type = header.type ?? 0;
    return {protocol: 'icmp', port: undefined, reply: type !== request, opens: type === request};
  }
  return '';
}

function readEnd(value: unknown, ip: Ip): FlowEnd {
  const end = isJson(value) ? value : {};
  const list = (items: unknown): readonly unknown[] => (Array.isArray(items) ? items : []);
  return {
    ip,
    namespace: textOf(end.namespace),
    pod: textOf(end.pod_name),
    labels: list(end.labels).filter((label) => typeof label === 'string'),
    workloads: list(end.workloads).flatMap((item) =>
      isJson(item) ? [{kind: textOf(item.kind), name: textOf(item.name)}] : [],
    ),
  };
}

const policyDrops = new Set(['POLICY_DENIED', 'POLICY_DENY']);
const policyCodes = new Set([133, 181]);

/** A proxy is asked after policy. */
const ends = new Set(['TO_ENDPOINT', 'TO_PROXY']);

/** Drops for other reasons say nothing of policy. */
function outcomeOf(flow: Json): FlowRecord['outcome'] {
  switch (flow.verdict) {
    case 'REDIRECTED':
      return 'arrived';
    case 'FORWARDED':
    case 'TRACED':
    case 'TRANSLATED':
      return ends.has(textOf(flow.trace_observation_point)) || isJson(flow.l7) ? 'arrived' : 'passed';
    case 'AUDIT':
      // it went on, but would not have
      return 'denied';
    case 'DROPPED': {
      const named = policyDrops.has(textOf(flow.drop_reason_desc));
      return named || policyCodes.has(Number(flow.drop_reason ?? 0)) ? 'denied' : 'other';
    }
    default:
      return 'other';
  }
}
