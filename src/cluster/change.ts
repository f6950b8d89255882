/** One change of a cluster: what Kubernetes and the network make of it. */
import {formatIp, formatPrefix, type Ip, isIp4} from '../wire/addr.js';
import {indexPods, selectedBackends} from './backends.js';
import {hash53, hex12, macOf} from './hash.js';
import {type AddressBook, createPool, familyOf} from './ipam.js';
import type {Cluster, ClusterChange, ClusterNode, NsgRule, Pod, Service, ServiceBackend} from './model.js';
import {cidrIdentities} from './policy/cidr-identities.js';
import {policyTitle} from './policy/model.js';

/** What follows from a change by itself, later. */
export type Consequence =
  | {readonly kind: 'gone'; readonly pod: string}
  | {readonly kind: 'silent'; readonly node: string};

export interface Changed {
  readonly cluster: Cluster;
  readonly text: string;
  readonly later?: readonly {readonly after: number; readonly change: ClusterChange | Consequence}[];
}

/** Ends the plan: the change cannot happen. */
export type Fail = (message: string, names?: readonly string[], wrong?: string) => never;

/** node-monitor-grace-period of the controller manager since Kubernetes 1.32. */
const NODE_GRACE = 50e9;

/** Undefined where nothing is left to change. */
export function applyChange(cluster: Cluster, change: ClusterChange | Consequence, fail: Fail): Changed | undefined {
  switch (change.kind) {
    case 'restart':
    case 'move':
      return recreate(cluster, change, fail);
    case 'ready':
      return readiness(cluster, change, fail);
    case 'delete':
      return remove(cluster, [podOf(cluster, change.pod, fail)], change.grace, undefined);
    case 'gone':
      return vanish(cluster, change.pod);
    case 'scale':
      return scale(cluster, change, fail);
    case 'power':
      return power(cluster, change, fail);
    case 'silent':
      return silence(cluster, change.node);
    case 'apply':
    case 'remove':
      return policy(cluster, change, fail);
    case 'nsg':
      return {
        cluster: withRule(cluster, change.rule),
        text: `security rule ${change.rule.name}: ${ruleText(change.rule)}`,
      };
    case 'loss':
      return loss(cluster, change, fail);
    case 'mtu':
      return mtu(cluster, change, fail);
  }
}

type Of<K> = Extract<ClusterChange, {kind: K}>;

const keyOf = (pod: Pod) => `${pod.namespace}/${pod.name}`;

function podOf(cluster: Cluster, name: string, fail: Fail): Pod {
  const found = cluster.pods.filter((pod) => keyOf(pod) === name || (!name.includes('/') && pod.name === name));
  const pod = found.find(({namespace}) => namespace === 'default') ?? found[0];
  if (found.length > 1 && pod?.namespace !== 'default')
    fail(`pod ${name} is in ${found.length} namespaces: write ${found.map(keyOf).join(' or ')}`);
  if (!pod)
    fail(
      `no pod ${name} at that time`,
      cluster.pods.flatMap((p) => [p.name, keyOf(p)]),
      name,
    );
  return pod;
}

function nodeOf(cluster: Cluster, name: string, fail: Fail): ClusterNode {
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (!node)
    fail(
      `no node ${name}`,
      cluster.nodes.map((n) => n.name),
      name,
    );
  return node;
}

function recreate(cluster: Cluster, change: Of<'restart'> | Of<'move'>, fail: Fail): Changed {
  const pod = podOf(cluster, change.pod, fail);
  if (pod.hostNetwork || pod.node === undefined) fail(`pod ${keyOf(pod)} has no address of its own`);
  const node = nodeOf(cluster, change.kind === 'move' ? change.node : pod.node!, fail);
  if (change.ip !== undefined) {
    const owner = cluster.pods.find((other) => other !== pod && other.ips.includes(change.ip!));
    if (owner) fail(`address ${formatIp(change.ip)} is taken by pod ${keyOf(owner)}`);
  }
  const fresh = sandbox(cluster, pod, node, change.ip, change.after === 0, fail);
  const where = change.kind === 'move' ? ` on ${node.name}` : '';
  const text = `pod ${keyOf(pod)} is made anew${where}: ${addresses(pod)} becomes ${addresses(fresh)}`;
  const later =
    change.after === 0 ? [] : [{after: change.after, change: {kind: 'ready', pod: keyOf(pod), ready: true} as const}];
  return {cluster: replacePods(cluster, new Map([[pod, fresh]])), text, later};
}

const addresses = (pod: Pod) => pod.ips.map(formatIp).join(', ') || 'no address';

/** The pod in a new network namespace: new addresses, endpoint, device. */
function sandbox(
  cluster: Cluster,
  pod: Pod,
  node: ClusterNode,
  stated: Ip | undefined,
  ready: boolean,
  fail: Fail,
  name = pod.name,
): Pod {
  const book = bookOf(cluster);
  const families = pod.ips.length > 0 ? [...new Set(pod.ips.map(familyOf))] : node.podCidrs.map(({ip}) => familyOf(ip));
  const ips = families.map((family): Ip => {
    if (stated !== undefined && familyOf(stated) === family) return stated;
    const prefix = node.podCidrs.find(({ip}) => familyOf(ip) === family);
    const ip = prefix && createPool(prefix, book).allocate(`pod ${name}`);
    if (ip === undefined)
      fail(`no free IPv${family} address for pod ${name} on node ${node.name}: give one, ip=ADDRESS`);
    return ip;
  });
  const key = `${pod.namespace}/${name} ${ips.map(formatIp).join(' ')}`;
  const taken = new Set(cluster.pods.flatMap((other) => (other.node === node.name ? [other.endpointId] : [])));
  let endpointId = (hash53(`endpoint ${key}`) % 4095) + 1;
  while (taken.has(endpointId)) endpointId = (endpointId % 4095) + 1;
  const {terminating: _, ...rest} = pod;
  return {
    ...rest,
    name,
    node: node.name,
    ips,
    phase: 'Running',
    ready,
    endpointId,
    mac: macOf(`pod ${key} eth0`),
    hostMac: macOf(`pod ${key} lxc`),
    device: `lxc${hex12(`pod ${key}`)}`,
  };
}

/** Every address that is somebody's. */
function bookOf(cluster: Cluster): AddressBook {
  const book: AddressBook = new Map();
  for (const pod of cluster.pods) for (const ip of pod.ips) book.set(ip, keyOf(pod));
  for (const node of cluster.nodes)
    for (const ip of [...node.ips, ...node.routerIps, ...node.healthIps]) book.set(ip, node.name);
  return book;
}

function readiness(cluster: Cluster, change: Of<'ready'>, fail: Fail): Changed {
  const pod = podOf(cluster, change.pod, fail);
  const text = `pod ${keyOf(pod)} is ${change.ready ? 'ready' : 'not ready: services send it nothing new'}`;
  return {cluster: replacePods(cluster, new Map([[pod, {...pod, ready: change.ready}]])), text};
}

function remove(cluster: Cluster, pods: readonly Pod[], grace: number, why: string | undefined): Changed {
  const names = pods.map(keyOf).join(', ');
  if (grace === 0) {
    const gone = new Map<Pod, Pod | undefined>(pods.map((pod) => [pod, undefined]));
    return {cluster: replacePods(cluster, gone), text: `${why ?? ''}pod ${names} is gone`};
  }
  const leaving = new Map(pods.map((pod) => [pod, {...pod, terminating: true}]));
  return {
    cluster: replacePods(cluster, leaving),
    text: `${why ?? ''}pod ${names} is terminating`,
    later: pods.map((pod) => ({after: grace, change: {kind: 'gone', pod: keyOf(pod)}})),
  };
}

/** Unless it has been made anew meanwhile. */
function vanish(cluster: Cluster, key: string): Changed | undefined {
  const pod = cluster.pods.find((candidate) => keyOf(candidate) === key && candidate.terminating);
  return pod && {cluster: replacePods(cluster, new Map([[pod, undefined]])), text: `pod ${key} is gone`};
}

function scale(cluster: Cluster, {owner, replicas, grace}: Of<'scale'>, fail: Fail): Changed {
  const [namespace, name] = owner.includes('/') ? (owner.split('/') as [string, string]) : [undefined, owner];
  const numbered = (pod: Pod) => pod.name.startsWith(`${name}-`) && /^\d+$/.test(pod.name.slice(name.length + 1));
  const members = cluster.pods.filter(
    (pod) =>
      !pod.terminating &&
      (namespace === undefined || pod.namespace === namespace) &&
      (pod.owner ? pod.owner.name === name : numbered(pod)),
  );
  const [template] = members;
  if (!template) fail(`no pods of a workload ${owner}`, workloads(cluster), owner);
  const text = `workload ${name} is scaled from ${members.length} to ${replicas}: `;
  if (replicas < members.length) return remove(cluster, members.slice(replicas), grace, text);
  let grown = cluster;
  const made: string[] = [];
  for (let n = 1; made.length < replicas - members.length; n++) {
    const fresh = `${name}-${n}`;
    if (cluster.pods.some((pod) => pod.namespace === template.namespace && pod.name === fresh)) continue;
    const pod = sandbox(grown, template, emptiest(grown), undefined, true, fail, fresh);
    made.push(keyOf(pod));
    grown = replacePods(grown, new Map(), [pod]);
  }
  return {cluster: grown, text: text + (made.length === 0 ? 'nothing to do' : `pod ${made.join(', ')} is new`)};
}

function workloads(cluster: Cluster): string[] {
  return cluster.pods.map((pod) => pod.owner?.name ?? pod.name.replace(/-\d+$/, ''));
}

/** Where the scheduler would put a pod that asks for nothing. */
function emptiest({nodes, pods}: Cluster): ClusterNode {
  const load = (node: ClusterNode) => pods.filter((pod) => pod.node === node.name).length;
  const able = nodes.filter((node) => node.ready && !node.down);
  return (able.length > 0 ? able : nodes).reduce((best, node) => (load(node) < load(best) ? node : best));
}

function power(cluster: Cluster, {node: name, on}: Of<'power'>, fail: Fail): Changed | undefined {
  const node = nodeOf(cluster, name, fail);
  if ((node.down ?? false) !== on) return undefined;
  const {down: _, ...rest} = node;
  const after = {
    ...cluster,
    nodes: cluster.nodes.map((n) => (n === node ? {...rest, ready: on, ...(on ? {} : {down: true})} : n)),
  };
  if (!on) {
    // Until the control plane notices, everybody believes the node ready.
    const believed = {...after, nodes: after.nodes.map((n) => (n.name === name ? {...n, ready: node.ready} : n))};
    const later = [{after: NODE_GRACE, change: {kind: 'silent', node: name} as const}];
    return {cluster: believed, text: `node ${name} is down`, later};
  }
  let booted: Cluster = after;
  for (const pod of cluster.pods) {
    if (pod.node !== name) continue;
    const fresh = pod.hostNetwork ? {...pod, ready: true} : sandbox(booted, pod, rest, undefined, true, fail);
    booted = replacePods(booted, new Map([[pod, fresh]]));
  }
  return {cluster: booted, text: `node ${name} is up again`};
}

function silence(cluster: Cluster, name: string): Changed | undefined {
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (!node?.down) return undefined;
  const own = cluster.pods.filter((pod) => pod.node === name && pod.ready);
  const nodes = cluster.nodes.map((n) => (n === node ? {...n, ready: false} : n));
  const after = replacePods({...cluster, nodes}, new Map(own.map((pod) => [pod, {...pod, ready: false}])));
  return {cluster: after, text: `node ${name} is NotReady: its ${own.length} pods leave the services`};
}

function policy(cluster: Cluster, change: Of<'apply'> | Of<'remove'>, fail: Fail): Changed {
  const before = cluster.policies ?? [];
  if (change.kind === 'remove') {
    const left = before.filter(
      ({name, namespace}) => change.policy !== name && change.policy !== `${namespace}/${name}`,
    );
    if (left.length === before.length)
      fail(
        `no policy ${change.policy}`,
        before.map(({name}) => name),
        change.policy,
      );
    return {cluster: {...cluster, policies: left}, text: `policy ${change.policy} is deleted`};
  }
  const title = (p: (typeof before)[number]) => policyTitle(p);
  const fresh = new Set(change.policies.map(title));
  const policies = [...before.filter((p) => !fresh.has(title(p))), ...change.policies];
  const known = new Set(cluster.identities.map(({labels}) => labels.join()));
  const local = cluster.identities.flatMap(({id}) => (id >>> 24 === 1 ? [id] : []));
  const last = Math.max(...local, 0x0100_0000);
  const {services, names = []} = cluster;
  const dualStack = cluster.cilium.enableIpv4 && cluster.cilium.enableIpv6;
  const added = cidrIdentities({policies, services, names, dualStack})
    .filter(({labels}) => !known.has(labels.join()))
    .map((identity, i) => ({...identity, id: last + 1 + i}));
  const text = `${[...fresh].join(', ')} ${fresh.size === 1 ? 'is' : 'are'} applied`;
  return {cluster: {...cluster, policies, identities: [...cluster.identities, ...added]}, text};
}

function withRule(cluster: Cluster, rule: NsgRule): Cluster {
  const nsg = [...(cluster.underlay.nsg ?? []).filter(({name}) => name !== rule.name), rule].sort(
    (a, b) => a.direction.localeCompare(b.direction) || a.priority - b.priority,
  );
  return {...cluster, underlay: {...cluster.underlay, nsg}};
}

function ruleText({access, direction, protocol, source, destination, ports, priority}: NsgRule): string {
  const list = (prefixes: NsgRule['source']) => prefixes.map(formatPrefix).join(',') || '*';
  const port = ports.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(',') || '*';
  return `${access} ${direction} ${protocol} ${list(source)} -> ${list(destination)} port ${port}, priority ${priority}`;
}

function loss(cluster: Cluster, {percent, node}: Of<'loss'>, fail: Fail): Changed {
  if (node !== undefined) nodeOf(cluster, node, fail);
  const others = (cluster.underlay.loss ?? []).filter((rule) => rule.node !== node);
  const rules = percent === 0 ? others : [...others, {node, percent}];
  const where = node === undefined ? 'between nodes' : `at ${node}`;
  return {
    cluster: {...cluster, underlay: {...cluster.underlay, loss: rules}},
    text: `${percent}% of frames get lost ${where}`,
  };
}

function mtu(cluster: Cluster, change: Of<'mtu'>, fail: Fail): Changed {
  if (change.node === undefined) {
    const text = `the path between nodes carries ${change.mtu} bytes`;
    return {cluster: {...cluster, underlay: {...cluster.underlay, mtu: change.mtu}}, text};
  }
  const node = nodeOf(cluster, change.node, fail);
  const nodes = cluster.nodes.map((n) => (n === node ? {...n, mtu: change.mtu} : n));
  return {cluster: {...cluster, nodes}, text: `eth0 of ${node.name} has MTU ${change.mtu}`};
}

/** Other pods in place of some, undefined for those that are gone; services follow. */
function replacePods(cluster: Cluster, swaps: ReadonlyMap<Pod, Pod | undefined>, added: readonly Pod[] = []): Cluster {
  const pods = [...cluster.pods.flatMap((pod) => (swaps.has(pod) ? (swaps.get(pod) ?? []) : [pod])), ...added];
  const touched = [...swaps.keys(), ...[...swaps.values()].filter((pod) => pod !== undefined), ...added];
  const zones = new Map(cluster.nodes.map((node) => [node.name, node.labels['topology.kubernetes.io/zone']]));
  let index: ReturnType<typeof indexPods> | undefined;
  const services = cluster.services.map((service): Service => {
    const {selector, name, namespace, clusterIps, ports, publishNotReady} = service;
    if (!selector) return followAddresses(service, swaps);
    if (!touched.some((pod) => pod.namespace === namespace && matches(selector, pod))) return service;
    index ??= indexPods(pods);
    const families = new Set(clusterIps.length > 0 ? clusterIps.map(familyOf) : [4, 6]);
    const spec = {name, namespace, selector, publishNotReadyAddresses: publishNotReady};
    return {...service, backends: selectedBackends(spec, ports, index, families, zones)};
  });
  return {...cluster, pods, services};
}

function matches(selector: Readonly<Record<string, string>>, {labels}: Pod): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** Endpoints written by hand go with their pods, as whoever wrote them would see to. */
function followAddresses(service: Service, swaps: ReadonlyMap<Pod, Pod | undefined>): Service {
  const move = (backend: ServiceBackend): ServiceBackend[] => {
    const found = [...swaps].find(([pod]) => pod.ips.includes(backend.ip));
    if (!found) return [backend];
    const ip = found[1]?.ips.find((candidate) => isIp4(candidate) === isIp4(backend.ip));
    if (ip === undefined || !found[1]) return [];
    const state = !found[1].ready ? 'maintenance' : found[1].terminating ? 'terminating' : 'active';
    return [{...backend, ip, state, ...(found[1].node === undefined ? {} : {nodeName: found[1].node})}];
  };
  const backends = service.backends.flatMap(move);
  const same = backends.length === service.backends.length && backends.every((b, i) => b === service.backends[i]);
  return same ? service : {...service, backends};
}
