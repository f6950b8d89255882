/**
 * Lines of `events:` and of `--event`: `at=TIME VERB …`. One row per verb says its words, and reads them.
 *
 *   at=2s restart pod-b          at=5s down node2          at=1s nsg deny inbound protocol=Udp port=6081
 */
import {type SourcePosition, UserError} from '../term/error.js';
import {nearest} from '../term/nearest.js';
import {type Ip, type Prefix, parseIp, parsePrefix} from '../wire/addr.js';
import {parseDuration} from './duration.js';
import type {ClusterChange, ClusterEvent, NsgRule} from './model.js';
import {createProblems, type Problems} from './problems.js';

/** Thrown inside this file only; becomes a problem at the line's place. */
class EventError extends Error {
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** Words behind the verb: plain ones in order, and `key=value`. */
interface Words {
  readonly plain: readonly string[];
  /** The value of a key, which is then known to the verb. */
  take(key: string): string | undefined;
}

interface Verb {
  readonly usage: string;
  readonly about: string;
  /** Number of plain words: least and most. */
  readonly words: readonly [number, number];
  read(words: Words): ClusterChange;
}

const SECOND = 1e9;
/** terminationGracePeriodSeconds of a pod that says nothing. */
const GRACE = 30 * SECOND;

/** In the order of the documentation. */
export const eventVerbs: Readonly<Record<string, Verb>> = {
  restart: {
    usage: 'restart POD [ip=ADDRESS] [after=0s]',
    about: 'the pod comes back in a new sandbox, with a new address; ready after a time',
    words: [1, 1],
    read: ({plain: [pod], take}) => ({
      kind: 'restart',
      pod: pod!,
      ip: address(take('ip')),
      after: time(take, 'after', 0),
    }),
  },
  move: {
    usage: 'move POD NODE [ip=ADDRESS] [after=0s]',
    about: 'the pod is made anew on another node',
    words: [2, 2],
    read: ({plain: [pod, node], take}) => ({
      kind: 'move',
      pod: pod!,
      node: node!,
      ip: address(take('ip')),
      after: time(take, 'after', 0),
    }),
  },
  unready: {
    usage: 'unready POD',
    about: 'its readiness probe fails; the pod itself goes on',
    words: [1, 1],
    read: ({plain: [pod]}) => ({kind: 'ready', pod: pod!, ready: false}),
  },
  ready: {
    usage: 'ready POD',
    about: 'its readiness probe succeeds again',
    words: [1, 1],
    read: ({plain: [pod]}) => ({kind: 'ready', pod: pod!, ready: true}),
  },
  delete: {
    usage: 'delete POD [grace=30s]',
    about: 'terminating, and gone when the grace period ends',
    words: [1, 1],
    read: ({plain: [pod], take}) => ({kind: 'delete', pod: pod!, grace: time(take, 'grace', GRACE)}),
  },
  scale: {
    usage: 'scale NAME REPLICAS [grace=30s]',
    about: 'a workload gets more pods, or its last ones are deleted',
    words: [2, 2],
    read: ({plain: [owner, replicas], take}) => ({
      kind: 'scale',
      owner: owner!,
      replicas: whole('replicas', replicas!, 0, 10_000),
      grace: time(take, 'grace', GRACE),
    }),
  },
  down: {
    usage: 'down NODE',
    about: 'the node loses power; the control plane notices after 50 s',
    words: [1, 1],
    read: ({plain: [node]}) => ({kind: 'power', node: node!, on: false}),
  },
  up: {
    usage: 'up NODE',
    about: 'the node has booted: empty maps, pods in new sandboxes',
    words: [1, 1],
    read: ({plain: [node]}) => ({kind: 'power', node: node!, on: true}),
  },
  apply: {
    usage: 'apply FILE',
    about: 'network policies of a file are applied',
    words: [1, 1],
    read: ({plain: [file]}) => ({kind: 'apply', file: file!, policies: []}),
  },
  remove: {
    usage: 'remove [NS/]POLICY',
    about: 'a network policy is deleted',
    words: [1, 1],
    read: ({plain: [policy]}) => ({kind: 'remove', policy: policy!}),
  },
  nsg: {
    usage:
      'nsg allow|deny inbound|outbound [priority=100] [from=PREFIX] [to=PREFIX] [protocol=Tcp|Udp|Icmp] [port=N[-M]]',
    about: 'a rule appears in the network security group',
    words: [2, 2],
    read: readNsg,
  },
  loss: {
    usage: 'loss PERCENT [NODE]',
    about: 'frames get lost between nodes, or at one of them; 0 ends it',
    words: [1, 2],
    read: ({plain: [percent, node]}) => ({kind: 'loss', percent: percentage(percent!), node}),
  },
  mtu: {
    usage: 'mtu BYTES [NODE]',
    about: 'the path between nodes carries less, or the eth0 of one does',
    words: [1, 2],
    read: ({plain: [mtu, node]}) => ({kind: 'mtu', mtu: whole('mtu', mtu!, 576, 65535), node}),
  },
};

/** One line; throws a UserError. */
export function parseEvent(text: string): ClusterEvent {
  const problems = createProblems();
  const [event] = readEvents([text], () => undefined, problems);
  problems.throwIfAny();
  if (!event) throw new UserError('event: nothing read');
  return event;
}

/** The lines of a definition; every bad one is a problem. */
export function readEvents(
  lines: readonly string[],
  locate: (index: number) => SourcePosition | undefined,
  problems: Problems,
): ClusterEvent[] {
  return lines.flatMap((line, i) => {
    const where = locate(i);
    try {
      return [{...readLine(line.trim()), ...(where ? {where} : {})}];
    } catch (error) {
      if (!(error instanceof EventError)) throw error;
      problems.add(`event ${JSON.stringify(line)}: ${error.message}`, where, error.hint);
      return [];
    }
  });
}

function readLine(text: string): ClusterEvent {
  const [first = '', name, ...rest] = text.split(/\s+/);
  const at = first.startsWith('at=') ? parseDuration(first.slice(3)) : undefined;
  if (at === undefined)
    throw new EventError('expected at=TIME first', "write it as one quoted word: 'at=2s restart pod-b'");
  const names = Object.keys(eventVerbs);
  if (name === undefined) throw new EventError('no verb behind the time', `verbs are ${names.join(', ')}`);
  const verb = Object.hasOwn(eventVerbs, name) ? eventVerbs[name] : undefined;
  if (!verb)
    throw new EventError(
      `unknown verb ${JSON.stringify(name)}`,
      nearest(name, names) ?? `verbs are ${names.join(', ')}`,
    );
  const words = wordsOf(rest, verb);
  const change = verb.read(words);
  words.finish();
  return {text, at, change};
}

function wordsOf(rest: readonly string[], verb: Verb): Words & {finish(): void} {
  const usage = `usage: at=TIME ${verb.usage}`;
  const plain = rest.filter((word) => !word.includes('='));
  const pairs = new Map<string, string>();
  for (const word of rest.filter((w) => w.includes('='))) {
    const [key = '', value = ''] = [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)];
    if (pairs.has(key)) throw new EventError(`${key} is given twice`, usage);
    pairs.set(key, value);
  }
  const [least, most] = verb.words;
  if (plain.length < least) throw new EventError('a word is missing', usage);
  if (plain.length > most) throw new EventError(`unexpected ${JSON.stringify(plain[most])}`, usage);
  return {
    plain,
    take(key) {
      const value = pairs.get(key);
      pairs.delete(key);
      return value;
    },
    finish() {
      const [left] = pairs.keys();
      if (left !== undefined) throw new EventError(`unexpected ${left}=`, usage);
    },
  };
}

function address(text: string | undefined): Ip | undefined {
  if (text === undefined) return undefined;
  const ip = parseIp(text);
  if (ip === undefined) throw new EventError(`ip: expected an address, got ${JSON.stringify(text)}`);
  return ip;
}

function time(take: Words['take'], key: string, fallback: number): number {
  const text = take(key);
  if (text === undefined) return fallback;
  const ns = parseDuration(text);
  if (ns === undefined)
    throw new EventError(`${key}: expected a time such as 1s or 100ms, got ${JSON.stringify(text)}`);
  return ns;
}

function whole(name: string, text: string, min: number, max: number): number {
  const n = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (n >= min && n <= max) return n;
  throw new EventError(`${name}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`);
}

function percentage(text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(text);
  if (match && Number(match[1]) <= 100) return Number(match[1]);
  throw new EventError(`expected a percentage such as 5%, got ${JSON.stringify(text)}`);
}

function readNsg({plain: [access = '', direction = ''], take}: Words): ClusterChange {
  const one = <T extends string>(name: string, text: string, allowed: readonly T[]): T => {
    const found = allowed.find((item) => item.toLowerCase() === text.toLowerCase());
    if (found === undefined)
      throw new EventError(`${name}: expected ${allowed.join(' or ')}, got ${JSON.stringify(text)}`);
    return found;
  };
  const prefixes = (key: string): Prefix[] => {
    const text = take(key) ?? '*';
    return text === '*' ? [] : text.split(',').map((part) => prefixOf(key, part));
  };
  const priority = whole('priority', take('priority') ?? '100', 1, 65535);
  const rule: NsgRule = {
    name: take('name') ?? `event-${priority}`,
    priority,
    access: one('access', access, ['Allow', 'Deny']),
    direction: one('direction', direction, ['Inbound', 'Outbound']),
    protocol: one('protocol', take('protocol') ?? '*', ['Tcp', 'Udp', 'Icmp', '*']),
    source: prefixes('from'),
    destination: prefixes('to'),
    ports: (take('port') ?? '*').split(',').flatMap(portRange),
  };
  return {kind: 'nsg', rule};
}

function prefixOf(key: string, text: string): Prefix {
  const prefix = parsePrefix(text);
  if (!prefix) throw new EventError(`${key}: expected a prefix or an address, got ${JSON.stringify(text)}`);
  return prefix;
}

function portRange(text: string): (readonly [number, number])[] {
  if (text === '*') return [];
  const [low = '', high = low] = text.split('-');
  const range = [whole('port', low, 0, 65535), whole('port', high, 0, 65535)] as const;
  if (range[0] > range[1]) throw new EventError(`port: ${text} is empty`);
  return [range];
}
