/** Fields of an expectation that a trace answers. */
import {type Encapsulation, type ExpectedVerdict, type ExpectSpec, expectedVerdicts} from '../../cluster/expect.js';
import type {Cluster} from '../../cluster/model.js';
import {dropReasons} from '../../datapath/drop.js';
import {clusterTunnelPorts} from '../../session/layers.js';
import {formatIp, formatIpPort, type Ip, parseIp} from '../../wire/addr.js';
import {carriage} from '../trace/frame.js';
import type {Decider, Hop, Trace, Verdict} from '../trace/model.js';
import {deciderText, hopPlace, verdictText} from '../trace/text.js';
import {type Finding, listOf} from './model.js';

type Outcome = Omit<Finding, 'path'>;
type Fields = Required<ExpectSpec>;
type FieldCheck<K extends keyof ExpectSpec> = (expected: Fields[K], trace: Trace, cluster: Cluster) => Outcome;

/** Everything in `spec` that the trace decides. */
export function checkTrace(spec: ExpectSpec, trace: Trace, cluster: Cluster): Finding[] {
  return (Object.keys(checks) as (keyof typeof checks)[]).flatMap((field) => {
    const outcome = checkField(field, spec, trace, cluster);
    return outcome ? [{path: [field], ...outcome}] : [];
  });
}

function checkField<K extends keyof typeof checks>(
  field: K,
  spec: ExpectSpec,
  trace: Trace,
  cluster: Cluster,
): Outcome | undefined {
  const expected = spec[field];
  const check = checks[field] as FieldCheck<K>;
  return expected === undefined ? undefined : check(expected as Fields[K], trace, cluster);
}

const checks = {
  verdict: (expected, trace) => ({
    ok: (expectedVerdicts[expected] as readonly Verdict[]).includes(trace.verdict),
    expected,
    got: verdictText(trace),
    fix: verdictWord(expected, trace.verdict),
  }),
  by: checkBy,
  reason: checkReason,
  at(expected, trace) {
    const hop = endOf(trace);
    const words = expected.split(/[\s,:]+/).filter((word) => word !== '');
    const known = hop && [hop.node || 'world', hop.pod, hop.pod?.split('/')[1], hop.device, hop.hook];
    const ok = known !== undefined && words.every((word) => known.includes(word));
    return {
      ok,
      expected,
      got: hop ? hopPlace(hop) : 'nothing was sent',
      fix: hop && (hop.pod ?? (hop.node || 'world')),
    };
  },
  dnat: checkDnat,
  source: checkSource,
  encapsulation(expected, trace, cluster) {
    const found = tunnelOf(trace, cluster);
    if (!found) return {ok: false, expected, got: 'nothing was sent'};
    return {ok: found.kind === expected, expected, got: found.kind, fix: found.kind};
  },
  vni(expected, trace, cluster) {
    const vni = tunnelOf(trace, cluster)?.vni;
    return {
      ok: vni === expected,
      expected: String(expected),
      got: vni === undefined ? 'no tunnel' : String(vni),
      fix: vni,
    };
  },
  ttl(expected, trace) {
    const ttl = arrivedPacket(trace)?.ttl;
    return {ok: ttl === expected, expected: String(expected), got: ttl === undefined ? NOTHING : String(ttl), fix: ttl};
  },
} satisfies {readonly [K in keyof ExpectSpec]?: FieldCheck<K>};

const NOTHING = 'nothing arrived';

const broad: Readonly<Partial<Record<Verdict, ExpectedVerdict>>> = {
  answered: 'allow',
  delivered: 'allow',
  denied: 'deny',
  dropped: 'drop',
  unanswered: 'drop',
};

/** As exact as the word that stood there. */
function verdictWord(expected: ExpectedVerdict, verdict: Verdict): ExpectedVerdict {
  const word = broad[verdict];
  if (word === undefined || (expectedVerdicts[expected].length === 1 && expected !== 'deny')) return verdict;
  if (expected === 'reachable' || expected === 'unreachable') return word === 'allow' ? 'reachable' : 'unreachable';
  return word;
}

/** Where it came to an end: the hop that lost it, or where it arrived. */
function endOf({hops, cause}: Trace): Hop | undefined {
  const at = cause?.hop;
  return at === undefined ? hops.findLast(({leg}) => leg === 'request') : hops[at];
}

/** The request behind all translations, where it was delivered. */
export function arrivedPacket({hops, packets}: Trace): Trace['packets']['arrived'] {
  return hops.some(({leg, end}) => leg === 'request' && end === 'delivered') ? packets.arrived : undefined;
}

function checkBy(expected: string, trace: Trace): Outcome {
  const denied = trace.verdict === 'denied';
  const deciders = trace.policy.filter(({allowed}) => allowed !== denied);
  const security = trace.hops.flatMap(({decisions}) =>
    decisions.flatMap(({rule}) => (rule && (rule.access === 'Deny') === denied ? [rule.rule] : [])),
  );
  const ok = security.includes(expected) || deciders.some((one) => namesOf(one).includes(expected));
  const told = [...deciders.map(deciderText), ...security.map((rule) => `security rule ${rule}`)];
  const first = denied && security.length > 0 ? security[0] : deciders.find(({policy}) => policy !== undefined)?.policy;
  return {ok, expected, got: told.length > 0 ? told.join('; ') : 'no policy', fix: first};
}

/** `NetworkPolicy default/api`, `default/api`, `api`, each with the rule behind it or without. */
function namesOf({policy, rule}: Decider): string[] {
  if (policy === undefined) return [];
  const path = policy.slice(policy.indexOf(' ') + 1);
  const names = [policy, path, path.slice(path.indexOf('/') + 1)];
  return rule === undefined ? names : [...names, ...names.map((name) => `${name} ${rule}`)];
}

function checkReason(expected: string | number, {cause, verdict}: Trace): Outcome {
  const row = Object.values(dropReasons).find(({code}) => code === cause?.reason?.code);
  const text = cause?.text ?? '';
  if (!cause) return {ok: false, expected: String(expected), got: `${verdict}: no drop`};
  const got = row ? `${row.name} (${row.code}): ${row.text}` : text;
  const fix = typeof expected === 'number' ? row?.code : (row?.name ?? text);
  if (typeof expected === 'number') return {ok: row?.code === expected, expected: String(expected), got, fix};
  const wanted = expected.toLowerCase();
  const ok = row
    ? [row.name, row.name.replace(/^DROP_/, ''), row.text, String(row.code)].some(
        (name) => name.toLowerCase() === wanted,
      )
    : text.toLowerCase().includes(wanted);
  return {ok, expected, got, fix};
}

function checkDnat(value: string | readonly string[], trace: Trace, cluster: Cluster): Outcome {
  const {spec, packets} = trace;
  const {arrived} = packets;
  const expected = listOf(value).join(' or ');
  if (!arrived) return {ok: false, expected, got: 'nothing was sent'};
  const {destination, destinationPort} = arrived;
  const asked = addressesOf(spec.to);
  const same = asked.includes(destination) && (spec.port === undefined || destinationPort === spec.port);
  const shown = destinationPort > 0 ? formatIpPort(destination, destinationPort) : formatIp(destination);
  const got = same ? `none: sent to ${shown}` : shown;
  const ok = listOf(value).some((one) => {
    if (one === 'none') return same;
    const {ips, port} = target(one, cluster);
    return !same && ips.includes(destination) && (port === undefined || port === destinationPort);
  });
  return {ok, expected, got, fix: same ? 'none' : shown};
}

function addressesOf(peer: Trace['spec']['to']): readonly Ip[] {
  if (peer.kind === 'pod') return peer.pod.ips;
  if (peer.kind === 'node') return [...peer.node.ips, ...peer.node.externalIps];
  return peer.kind === 'ip' ? [peer.ip] : [];
}

function checkSource(value: string | readonly string[], trace: Trace, cluster: Cluster): Outcome {
  const expected = listOf(value).join(' or ');
  const arrived = arrivedPacket(trace);
  const sent = trace.packets.sent;
  if (!arrived || !sent) return {ok: false, expected, got: NOTHING};
  const ok = listOf(value).some((one) =>
    one === 'kept' ? sent.source === arrived.source : target(one, cluster).ips.includes(arrived.source),
  );
  const shown = formatIp(arrived.source);
  return {
    ok,
    expected,
    got: trace.client ?? shown,
    fix: expected === 'kept' || sent.source !== arrived.source ? shown : 'kept',
  };
}

export interface NamedTarget {
  /** Empty: it names nothing. */
  readonly ips: readonly Ip[];
  readonly port: number | undefined;
}

/** `10.32.2.20`, `10.32.2.20:8080`, `[fd00::1]:80`, `pod-b:8080`, `default/pod-b`, `node1`. */
export function target(text: string, {pods, nodes}: Cluster): NamedTarget {
  const whole = parseIp(text);
  if (whole !== undefined) return {ips: [whole], port: undefined};
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const name = match?.[1] ?? match?.[2] ?? text;
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  const ip = parseIp(name);
  if (ip !== undefined) return {ips: [ip], port};
  const bare = name.replace(/^(?:pods?|nodes?)\//, '');
  const own = pods.filter((pod) => pod.name === bare || `${pod.namespace}/${pod.name}` === bare);
  const pod = own.find(({namespace}) => namespace === 'default') ?? own[0];
  if (pod) return {ips: pod.ips, port};
  const node = nodes.find((one) => one.name === bare);
  return {ips: node ? [...node.ips, ...node.externalIps, ...node.routerIps] : [], port};
}

function tunnelOf({hops}: Trace, cluster: Cluster): {kind: Encapsulation; vni?: number} | undefined {
  const ports = clusterTunnelPorts(cluster);
  const frames = hops.flatMap(({leg, frame}) => (leg === 'request' && frame ? [frame] : []));
  if (frames.length === 0) return undefined;
  for (const frame of frames) {
    const found = carriage(frame, ports);
    if (found) return found;
  }
  return {kind: 'none'};
}
