/**
 * Traffic in one line:
 *
 *   FROM -> TO[:PORT][/PROTO] [xN] [size=B] [data=TEXT] [at=1s] [every=100ms]
 *
 *   ends    [ns/]pod · pod/[ns/]name · node/name · [ns/]service · svc/[ns/]name · name.ns.svc.cluster.local
 *           10.0.0.5 · fd00::5 · [fd00::5]:80 · example.com
 *   PORT    number, or a port's name
 *   PROTO   icmp udp tcp sctp http dns; without one: icmp where there is no port, tcp where there is
 *   `to` and `→` may stand for `->`
 */

import {type SourcePosition, UserError} from '../term/error.js';
import {nearest} from '../term/nearest.js';
import {parseIp} from '../wire/addr.js';
import {parseDuration} from './duration.js';
import type {Cluster, L4Name, Peer, TrafficSpec} from './model.js';
import {createProblems, type Problems} from './problems.js';
import {type Names, namesOf, sourcePeer, TrafficError, targetPeer} from './traffic-ends.js';

const protocols = ['icmp', 'udp', 'tcp', 'sctp', 'http', 'dns'] as const;
type Protocol = TrafficSpec['protocol'];

const SECOND = 1_000_000_000;
const MAX_COUNT = 100_000_000;
const MAX_SIZE = 65_507;
const GRAMMAR = "write it as one quoted word: 'pod-a -> my-svc:80/http x3'";

/** One line; throws a UserError. */
export function parseTraffic(text: string, cluster: Cluster, where?: SourcePosition): TrafficSpec {
  const problems = createProblems();
  const spec = tryParse(text, cluster, where, problems);
  problems.throwIfAny();
  if (!spec) throw new UserError('traffic: nothing read');
  return spec;
}

/** The lines of a definition; every bad one is a problem. */
export function readTraffic(
  lines: readonly string[],
  cluster: Cluster,
  locate: (index: number) => SourcePosition | undefined,
  problems: Problems,
): TrafficSpec[] {
  return lines.flatMap((line, i) => tryParse(line, cluster, locate(i), problems) ?? []);
}

function tryParse(
  text: string,
  cluster: Cluster,
  where: SourcePosition | undefined,
  problems: Problems,
): TrafficSpec | undefined {
  try {
    return {...parseLine(text.trim(), namesOf(cluster)), ...(where ? {where} : {})};
  } catch (error) {
    if (!(error instanceof TrafficError)) throw error;
    problems.add(`traffic ${JSON.stringify(text)}: ${error.message}`, where, error.hint);
    return undefined;
  }
}

function parseLine(text: string, names: Names): TrafficSpec {
  const arrow = /\s*(?:->|→)\s*|\s+to\s+/.exec(text);
  if (!arrow)
    throw new TrafficError(
      text === '' ? 'expected FROM -> TO' : 'no destination',
      `an unquoted -> is a redirection to the shell; ${GRAMMAR}`,
    );
  const fromText = text.slice(0, arrow.index).trim();
  const [toText, ...words] = splitWords(text.slice(arrow.index + arrow[0].length));
  if (fromText === '') throw new TrafficError('no source before the arrow', GRAMMAR);
  if (toText === undefined) throw new TrafficError('no destination after the arrow', GRAMMAR);
  if (/\s/.test(fromText))
    throw new TrafficError(
      `expected one source, got ${JSON.stringify(fromText)}`,
      'options stand behind the destination',
    );
  const from = sourcePeer(fromText, names);
  const target = splitTarget(toText);
  const to = targetPeer(target.host, target.protocol, names);
  const protocol = protocolOf(target);
  const port = portOf(target, protocol, to);
  const options = readOptions(words);
  if (options.keep && protocol !== 'tcp' && protocol !== 'sctp')
    throw new TrafficError(`keep is for tcp and sctp, not for ${protocol}`);
  return {text, from, to, protocol, ...(port === undefined ? {} : {port}), ...options};
}

/** Words at blanks; quotes keep blanks together. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let open = '';
  let started = false;
  for (const c of text) {
    if (open !== '') {
      if (c === open) open = '';
      else word += c;
    } else if (c === '"' || c === "'") {
      open = c;
      started = true;
    } else if (/\s/.test(c)) {
      if (started) words.push(word);
      word = '';
      started = false;
    } else {
      word += c;
      started = true;
    }
  }
  if (open !== '') throw new TrafficError(`a quote ${open} is not closed`);
  if (started) words.push(word);
  return words;
}

interface Target {
  readonly host: string;
  readonly port: string | undefined;
  readonly protocol: string | undefined;
}

/** `host[:port][/proto]`; a slash may also separate namespace and name. */
function splitTarget(text: string): Target {
  const bracket = /^\[([^\]]*)\](?::([^/]*))?(?:\/(.*))?$/.exec(text);
  if (bracket) return {host: bracket[1]!, port: bracket[2], protocol: bracket[3]};
  const slash = text.lastIndexOf('/');
  const tail = slash < 0 ? undefined : text.slice(slash + 1).toLowerCase();
  const head = slash < 0 ? text : text.slice(0, slash);
  const isProtocol =
    tail !== undefined &&
    (protocols.some((name) => name === tail) ||
      head.includes(':') ||
      (/^(node|pod|svc|service)\/.*\//.test(text) && parseKinds(head) > 1));
  const host = isProtocol ? head : text;
  const protocol = isProtocol ? tail : undefined;
  if (parseIp(host) !== undefined) return {host, port: undefined, protocol};
  const colon = host.lastIndexOf(':');
  if (colon < 0) return {host, port: undefined, protocol};
  return {host: host.slice(0, colon), port: host.slice(colon + 1), protocol};
}

/** How many names `pod/ns/name` has behind its kind. */
function parseKinds(text: string): number {
  return text.split('/').length - (text.startsWith('node/') ? 0 : 1);
}

function protocolOf({protocol, port}: Target): Protocol {
  if (protocol === undefined) return port === undefined ? 'icmp' : 'tcp';
  const known = protocols.find((name) => name === protocol);
  if (known === undefined)
    throw new TrafficError(
      `unknown protocol ${JSON.stringify(protocol)}, expected one of ${protocols.join(', ')}`,
      nearest(protocol, protocols),
    );
  if (known === 'icmp' && port !== undefined)
    throw new TrafficError('icmp has no ports', 'leave out the port, or say /tcp or /udp');
  return known;
}

const l4: Readonly<Record<Protocol, L4Name | undefined>> = {
  icmp: undefined,
  udp: 'UDP',
  dns: 'UDP',
  tcp: 'TCP',
  sctp: 'SCTP',
  http: 'TCP',
};
const wellKnown: Readonly<Record<Protocol, number | undefined>> = {
  icmp: undefined,
  udp: undefined,
  tcp: undefined,
  sctp: undefined,
  http: 80,
  dns: 53,
};

function portOf(target: Target, protocol: Protocol, to: Peer): number | undefined {
  if (protocol === 'icmp') return undefined;
  const named = to.kind === 'service' ? to.service.ports : to.kind === 'pod' ? to.pod.ports : [];
  const usable = named.filter((port) => port.protocol === l4[protocol]);
  if (target.port === undefined) {
    if (protocol === 'dns') return wellKnown.dns;
    if (usable.length === 1) return usable[0]!.port;
    const fallback = wellKnown[protocol];
    if (fallback !== undefined) return fallback;
    throw new TrafficError(`${protocol} needs a port`, `write ${target.host}:PORT/${protocol}`);
  }
  if (/^\d+$/.test(target.port)) {
    const port = Number(target.port);
    if (port < 1 || port > 65535) throw new TrafficError(`port ${target.port} is not in 1 … 65535`);
    return port;
  }
  const match = named.find((port) => port.name === target.port);
  if (match) return match.port;
  const known = named.flatMap((port) => port.name ?? []);
  throw new TrafficError(
    target.port === '' ? 'no port behind the colon' : `unknown port ${JSON.stringify(target.port)}`,
    nearest(target.port, known) ?? (known.length > 0 ? `ports: ${known.join(', ')}` : 'write the port as a number'),
  );
}

type Options = Pick<TrafficSpec, 'count' | 'size' | 'data' | 'at' | 'every' | 'keep'>;

function readOptions(words: readonly string[]): Options {
  let [count, at, every] = [1, 0, SECOND];
  let size: number | undefined;
  let data: string | undefined;
  const seen = new Set<string>();
  for (const word of words) {
    const times = /^[x×](\d+)$/.exec(word);
    const equals = word.indexOf('=');
    const key = times ? 'x' : equals < 0 ? word : word.slice(0, equals);
    const value = times ? times[1]! : word.slice(equals + 1);
    if (!optionNames.includes(key) || (equals < 0 && !times) !== (key === 'keep'))
      throw new TrafficError(
        `unexpected ${JSON.stringify(word)} behind the destination`,
        nearest(key, optionNames) ?? 'options are x3, size=1400, data=TEXT, at=1s, every=100ms, keep',
      );
    if (seen.has(key)) throw new TrafficError(`${key} is given twice`);
    seen.add(key);
    if (key === 'keep') continue;
    if (key === 'x') count = wholeNumber(word, value, 1, MAX_COUNT);
    else if (key === 'size') size = wholeNumber(word, value, 0, MAX_SIZE);
    else if (key === 'data') data = value;
    else if (key === 'at') at = duration(word, value);
    else every = duration(word, value);
  }
  return {
    count,
    ...(size === undefined ? {} : {size}),
    ...(data === undefined ? {} : {data}),
    at,
    every,
    ...(seen.has('keep') ? {keep: true} : {}),
  };
}

const optionNames = ['x', 'size', 'data', 'at', 'every', 'keep'];

function wholeNumber(word: string, text: string, min: number, max: number): number {
  const n = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (n >= min && n <= max) return n;
  throw new TrafficError(`${word}: expected a whole number from ${min} to ${max}`);
}

/** `1s`, `100ms`, `1.5s` → ns. */
function duration(word: string, text: string): number {
  const time = parseDuration(text);
  if (time !== undefined) return time;
  throw new TrafficError(`${word}: expected a time such as 1s, 100ms or 250us`, text === '0' ? 'write 0s' : undefined);
}
