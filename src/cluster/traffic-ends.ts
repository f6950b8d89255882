/** The ends of a line of traffic: names of pods, nodes and services, DNS names, addresses. */
import {nearest} from '../term/nearest.js';
import {castOf, formatIp, type Ip, parseIp} from '../wire/addr.js';
import type {Cluster, ClusterNode, Peer, Pod, Service} from './model.js';

/** What is wrong with a line; becomes a problem at its place. */
export class TrafficError extends Error {
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** What can be named, by bare name and by `ns/name`. Built once per cluster. */
export interface Names {
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  readonly services: ReadonlyMap<string, readonly Service[]>;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
}

const cache = new WeakMap<Cluster['pods'], Names>();

export function namesOf(cluster: Cluster): Names {
  let names = cache.get(cluster.pods);
  if (!names) {
    names = {
      pods: byName(cluster.pods),
      services: byName(cluster.services),
      nodes: new Map(cluster.nodes.map((node) => [node.name, node])),
    };
    cache.set(cluster.pods, names);
  }
  return names;
}

function byName<T extends {readonly name: string; readonly namespace: string}>(items: readonly T[]): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const item of items)
    for (const key of [item.name, `${item.namespace}/${item.name}`]) {
      const list = map.get(key);
      if (list) list.push(item);
      else map.set(key, [item]);
    }
  return map;
}

/** A bare name means the one in `default`, else the only one. */
function lookUp<T extends {readonly name: string; readonly namespace: string}>(
  kind: string,
  name: string,
  map: ReadonlyMap<string, readonly T[]>,
): T | undefined {
  const list = map.get(name);
  if (!list || list.length === 1) return list?.[0];
  const own = list.find((item) => item.namespace === 'default');
  if (own) return own;
  throw new TrafficError(
    `${kind} ${name} is in ${list.length} namespaces`,
    `write ${list
      .slice(0, 3)
      .map((item) => `${item.namespace}/${item.name}`)
      .join(' or ')}`,
  );
}

/** One host: nothing here sends to groups, and programs mean their own host by 0.0.0.0. */
function hostPeer(ip: Ip): Peer {
  const cast = castOf(ip);
  if (cast === 'unicast') return {kind: 'ip', ip};
  throw new TrafficError(
    `${formatIp(ip)} is ${cast === 'unspecified' ? 'the unspecified' : `a ${cast}`} address`,
    'packets go from one host to one other',
  );
}

export function sourcePeer(text: string, names: Names): Peer {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const ip = parseIp(bare);
  if (ip !== undefined) return hostPeer(ip);
  const [kind, name] = splitKind(text);
  if (kind === 'svc') throw new TrafficError(`a service sends nothing: ${text}`, 'name one of its pods as the source');
  const found = candidates(kind, name, names, false);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) throw ambiguous(name, found);
  if (lookUpQuiet(name, names.services))
    throw new TrafficError(`a service sends nothing: ${text}`, 'name one of its pods as the source');
  throw unknown('source', name, [...names.pods.keys(), ...nodeNames(names)], text);
}

export function targetPeer(host: string, protocol: string | undefined, names: Names): Peer {
  const ip = parseIp(host);
  if (ip !== undefined) return hostPeer(ip);
  const [kind, name] = splitKind(host);
  const found = candidates(kind, name, names, true);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) throw ambiguous(name, found);
  const dns = kind === undefined ? dnsService(name, names) : undefined;
  if (dns) return {kind: 'service', service: dns, dnsName: name.replace(/\.$/, '')};
  const dotted = /^(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+\.?$/i.test(
    name,
  );
  const inCluster = /\.svc(\.cluster\.local)?\.?$/.test(name);
  if (kind === undefined && dotted && !/^[\d.]+$/.test(name) && (protocol === 'dns' || !inCluster))
    return {kind: 'name', name: name.replace(/\.$/, '')};
  if (kind === undefined && /^[\d.]+$/.test(name)) throw new TrafficError(`${name} is no IPv4 address`);
  throw unknown('destination', name, [...names.pods.keys(), ...names.services.keys(), ...nodeNames(names)], host);
}

type KindName = 'pod' | 'node' | 'svc';

/** `pod/x`, `po/x`, `node/x`, `svc/x`, `service/x`: kind and the rest. */
function splitKind(text: string): [KindName | undefined, string] {
  const match = /^(pods?|po|nodes?|no|svc|services?)\/(.+)$/.exec(text);
  if (!match) return [undefined, text];
  const kind = match[1]!.startsWith('p') ? 'pod' : match[1]!.startsWith('n') ? 'node' : 'svc';
  return [kind, match[2]!];
}

/** Everything of that name; a namespace called like a kind (`node/x`) is found by its full name too. */
function candidates(kind: KindName | undefined, name: string, names: Names, withServices: boolean): Peer[] {
  const found: Peer[] = [];
  const pod = kind === undefined || kind === 'pod' ? lookUp('pod', name, names.pods) : undefined;
  const service =
    withServices && (kind === undefined || kind === 'svc') ? lookUp('service', name, names.services) : undefined;
  const node = kind === undefined || kind === 'node' ? names.nodes.get(name) : undefined;
  if (pod) found.push({kind: 'pod', pod});
  if (service) found.push({kind: 'service', service});
  if (node) found.push({kind: 'node', node});
  return found;
}

function ambiguous(name: string, found: readonly Peer[]): TrafficError {
  const forms = found.map((peer) =>
    peer.kind === 'pod'
      ? `pod/${peer.pod.namespace}/${peer.pod.name}`
      : peer.kind === 'service'
        ? `svc/${peer.service.namespace}/${peer.service.name}`
        : `node/${name}`,
  );
  return new TrafficError(`${name} names more than one thing`, `write ${forms.join(' or ')}`);
}

function lookUpQuiet<T>(name: string, map: ReadonlyMap<string, readonly T[]>): boolean {
  return map.has(name.replace(/^(svc|services?)\//, ''));
}

function nodeNames(names: Names): string[] {
  return [...names.nodes.keys()].flatMap((name) => [name, `node/${name}`]);
}

function unknown(role: string, name: string, known: readonly string[], text: string): TrafficError {
  const hint = nearest(text, known) ?? nearest(name, known);
  return new TrafficError(
    `unknown ${role} ${JSON.stringify(name)}`,
    hint ?? 'ends are [ns/]pod, node/NAME, [ns/]service, a service DNS name or an IP address',
  );
}

/** `my-svc.ns`, `my-svc.ns.svc`, `my-svc.ns.svc.cluster.local`, each with or without the final dot. */
function dnsService(name: string, names: Names): Service | undefined {
  const match = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)?\.?$/.exec(name);
  return match ? names.services.get(`${match[2]}/${match[1]}`)?.[0] : undefined;
}
