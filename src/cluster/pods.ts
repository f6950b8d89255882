/** Pods: where they run, with what addresses, devices, endpoint ids and identities. */
import {nearest} from '../term/nearest.js';
import {formatPrefix, type Ip, isIp4, parseIp, parseMac, prefixContains} from '../wire/addr.js';
import type {Family} from './cidrs.js';
import {listOf} from './cilium-config.js';
import {hash53, hex12, macOf} from './hash.js';
import {HOST_IDENTITY, type IdentityAllocator, identityLabels} from './identity.js';
import {type AddressBook, type AddressPool, createPool, familyOf} from './ipam.js';
import type {ClusterNode, ContainerPort, L4Name, Namespace, Pod} from './model.js';
import {claim} from './nodes.js';
import type {Problems} from './problems.js';
import {createScheduler, fitsNode, type Scheduler} from './schedule.js';
import type {PodPortSpec, PodSpec, Taint} from './spec.js';

export interface PodContext {
  readonly families: readonly Family[];
  readonly nodes: readonly ClusterNode[];
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly book: AddressBook;
  readonly problems: Problems;
  readonly clusterName: string;
  readonly identities: IdentityAllocator;
  readonly keepLabel: (key: string) => boolean;
  /** Labels that a pod's addresses add; none where policies don't tell pods apart by address. */
  readonly addressLabels: (ips: readonly Ip[]) => readonly string[];
  /** Stated pod addresses outside their node's pod CIDR are worth a warning. */
  readonly checkCidr: boolean;
  /** Node name → its taints. */
  readonly taints: ReadonlyMap<string, readonly Taint[]>;
}

/** A pod whose place is known and whose stated addresses are claimed. */
export interface PlacedPod {
  readonly spec: PodSpec;
  readonly namespace: string;
  readonly key: string;
  readonly node: ClusterNode | undefined;
  readonly phase: Pod['phase'];
  readonly stated: readonly Ip[];
}

/** `replicas: 3` → name-1, name-2, name-3. */
export function expandReplicas(specs: readonly PodSpec[]): PodSpec[] {
  return specs.flatMap((spec) => {
    if (spec.replicas === undefined) return [spec];
    const {replicas, ...rest} = spec;
    return Array.from({length: replicas}, (_, i) => ({...rest, name: `${spec.name}-${i + 1}`}));
  });
}

export function placePods(all: readonly PodSpec[], context: PodContext): PlacedPod[] {
  const {problems, nodes, book} = context;
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const specs = all.filter(({daemon, ...spec}) => {
    const node = daemon && byName.get(spec.node ?? '');
    return !node || fitsNode(spec, node, context.taints.get(node.name));
  });
  const scheduler = createScheduler(nodes, context.taints);
  for (const spec of specs) {
    const known = spec.node === undefined ? undefined : byName.get(spec.node);
    if (known && spec.phase !== 'Succeeded' && spec.phase !== 'Failed') scheduler.place(spec, known);
  }
  const seen = new Set<string>();
  const outside: string[] = [];
  const placed = specs.map((spec) => {
    const namespace = spec.namespace ?? 'default';
    const key = `${namespace}/${spec.name}`;
    if (seen.has(key)) problems.add(`pod ${key} is defined twice`, spec.where);
    seen.add(key);
    const stated = readStatedIps(spec, key, problems);
    const finished = spec.phase === 'Succeeded' || spec.phase === 'Failed';
    const node = placeOf(spec, key, stated, byName, scheduler, context);
    const live = !spec.hostNetwork && !finished;
    if (live) for (const ip of stated) claim(book, ip, `pod ${key}`, problems, spec.where);
    if (live && node && context.checkCidr && isOutside(stated, node)) outside.push(key);
    const phase = spec.phase ?? (node ? 'Running' : 'Pending');
    return {spec, namespace, key, node, phase, stated};
  });
  const waiting = placed.filter(({node, spec}) => !node && spec.node === undefined && spec.phase === undefined);
  if (waiting.length > 0)
    problems.note(
      'warning',
      `${waiting.length === 1 ? `pod ${waiting[0]!.key} waits` : `${waiting.length} pods wait, ${waiting[0]!.key} the first,`} for a node: none fits its selectors, affinity, tolerations and ports`,
      waiting[0]!.spec.where,
    );
  if (outside.length > 0) {
    const first = placed.find((pod) => pod.key === outside[0])!;
    const who =
      outside.length === 1
        ? `pod ${outside[0]} has its address`
        : `${outside.length} pods, ${outside[0]} the first, have addresses`;
    problems.note('warning', `${who} outside of the pod CIDR of its node`, first.spec.where);
  }
  return placed;
}

function readStatedIps(spec: PodSpec, key: string, problems: Problems): Ip[] {
  const texts = [...listOf(spec.ip), ...listOf(spec.ips)];
  if (texts.length === 0) return [];
  const ips = texts.flatMap((text) => {
    const ip = parseIp(text);
    if (ip === undefined) problems.add(`pod ${key}: expected an IP address, got ${JSON.stringify(text)}`, spec.where);
    return ip === undefined ? [] : [ip];
  });
  const unique = [...new Set(ips)];
  return [...unique.filter(isIp4), ...unique.filter((ip) => !isIp4(ip))];
}

function isOutside(ips: readonly Ip[], node: ClusterNode): boolean {
  return ips.some((ip) => {
    const own = node.podCidrs.filter((prefix) => familyOf(prefix.ip) === familyOf(ip));
    return own.length > 0 && !own.some((prefix) => prefixContains(prefix, ip));
  });
}

/** Stated node; else the node whose pod CIDR has the stated address; else the emptiest node that fits. */
function placeOf(
  spec: PodSpec,
  key: string,
  stated: readonly Ip[],
  byName: ReadonlyMap<string, ClusterNode>,
  scheduler: Scheduler,
  {nodes, problems}: PodContext,
): ClusterNode | undefined {
  if (spec.node !== undefined) {
    const node = byName.get(spec.node);
    if (!node)
      problems.add(
        `pod ${key} is on node ${spec.node}, which is not defined`,
        spec.where,
        nearest(spec.node, [...byName.keys()]),
      );
    return node;
  }
  if (spec.phase === 'Pending') return undefined;
  if (stated.length > 0 && !spec.hostNetwork) {
    const home = nodes.find((node) => node.podCidrs.some((prefix) => prefixContains(prefix, stated[0]!)));
    if (home) {
      scheduler.place(spec, home);
      return home;
    }
  }
  return scheduler.pick(spec);
}

/** Addresses and everything drawn from names. `placed` is in definition order. */
export function resolvePods(placed: readonly PlacedPod[], context: PodContext): Pod[] {
  const pools = new Map<string, AddressPool[]>();
  const poolsOf = (node: ClusterNode) => {
    let own = pools.get(node.name);
    if (!own) pools.set(node.name, (own = node.podCidrs.map((prefix) => createPool(prefix, context.book))));
    return own;
  };
  const endpointIds = statedEndpointIds(placed, context.problems);
  const identityOf = createIdentities(placed, context);
  return placed.map((pod) => {
    const {spec, namespace, key, node, phase} = pod;
    const running = phase !== 'Pending' || pod.stated.length > 0;
    const live = node !== undefined && phase !== 'Succeeded' && phase !== 'Failed' && running;
    const endpoint = live && !spec.hostNetwork;
    const ips = endpoint ? podIps(pod, node, poolsOf, context) : spec.hostNetwork && node ? node.ips : pod.stated;
    const ports = (spec.ports ?? []).map((port) => podPort(port, key, spec, context.problems));
    const mac = spec.mac === undefined ? macOf(`pod ${key} eth0`) : parseMac(spec.mac);
    if (mac === undefined)
      context.problems.add(`pod ${key}: expected a MAC address, got ${JSON.stringify(spec.mac)}`, spec.where);
    return {
      name: spec.name,
      namespace,
      labels: spec.labels ?? {},
      annotations: spec.annotations ?? {},
      node: node?.name,
      ips,
      hostNetwork: spec.hostNetwork ?? false,
      ports: ports.filter((port) => port !== undefined),
      phase,
      ready: spec.ready ?? (phase === 'Running' && !spec.terminating),
      serviceAccount: spec.serviceAccount ?? 'default',
      identity: spec.hostNetwork ? HOST_IDENTITY : identityOf(pod, ips),
      endpointId: endpoint ? endpointId(pod, node, endpointIds) : 0,
      mac: mac ?? 0,
      hostMac: macOf(`pod ${key} lxc`),
      device: `lxc${hex12(`pod ${key}`)}`,
      ...(spec.owner ? {owner: spec.owner} : {}),
      ...(spec.controller ? {controller: spec.controller} : {}),
      containers: containersOf(spec),
      ...(spec.terminating ? {terminating: true} : {}),
      ...(spec.createdAt === undefined ? {} : {createdAt: Date.parse(spec.createdAt)}),
      ...(spec.where ? {where: spec.where} : {}),
    };
  });
}

function containersOf(spec: PodSpec): Pod['containers'] {
  if (spec.containers) return spec.containers.map(({name, image}) => ({name, image: image ?? ''}));
  return [{name: spec.name, image: spec.image ?? 'registry.k8s.io/e2e-test-images/agnhost:2.53'}];
}

function podIps(
  pod: PlacedPod,
  node: ClusterNode,
  poolsOf: (node: ClusterNode) => readonly AddressPool[],
  {families, problems}: PodContext,
): Ip[] {
  if (pod.spec.observed && pod.stated.length > 0) return [...pod.stated];
  return families.flatMap((family) => {
    const stated = pod.stated.find((ip) => familyOf(ip) === family);
    if (stated !== undefined) return [stated];
    const pool = poolsOf(node).find(({prefix}) => familyOf(prefix.ip) === family);
    const ip = pool?.allocate(`pod ${pod.key}`);
    if (ip !== undefined) return [ip];
    problems.add(
      pool
        ? `pod ${pod.key}: no free address in ${formatPrefix(pool.prefix)} of node ${node.name} (${pool.capacity} usable)`
        : `pod ${pod.key}: node ${node.name} has no IPv${family} pod CIDR`,
      pod.spec.where,
      'run it on another node, or give the nodes larger pod CIDRs',
    );
    return [];
  });
}

/** `8080`, `"8080/UDP"`, `"http:8080"`, or the long form. */
function podPort(port: PodPortSpec, key: string, spec: PodSpec, problems: Problems): ContainerPort | undefined {
  if (typeof port === 'object') {
    const {hostIP, ...rest} = port;
    const hostIp = hostIP ? parseIp(hostIP) : undefined;
    if (hostIP && hostIp === undefined)
      problems.add(`pod ${key}: expected an IP address as hostIP, got ${JSON.stringify(hostIP)}`, spec.where);
    return {...rest, protocol: port.protocol ?? 'TCP', ...(hostIp === undefined ? {} : {hostIp})};
  }
  const match = /^(?:([a-z0-9-]+):)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(String(port));
  const number = Number(match?.[2] ?? 0);
  if (!match || number < 1 || number > 65535) {
    problems.add(
      `pod ${key}: expected a port such as 8080, 53/UDP or http:8080, got ${JSON.stringify(port)}`,
      spec.where,
    );
    return undefined;
  }
  const protocol = (match[3]?.toUpperCase() ?? 'TCP') as L4Name;
  return {...(match[1] === undefined ? {} : {name: match[1]}), port: number, protocol};
}

/** Node name → endpoint ids in use on it. */
function statedEndpointIds(placed: readonly PlacedPod[], problems: Problems): Map<string, Set<number>> {
  const taken = new Map<string, Set<number>>();
  for (const {spec, key, node} of placed) {
    if (!node) continue;
    let ids = taken.get(node.name);
    if (!ids) taken.set(node.name, (ids = new Set()));
    if (spec.endpointId === undefined) continue;
    if (ids.has(spec.endpointId))
      problems.add(`pod ${key}: endpoint id ${spec.endpointId} is taken on node ${node.name}`, spec.where);
    ids.add(spec.endpointId);
  }
  return taken;
}

/** 1 … 4095, as the agent draws them (pkg/endpointmanager/idallocator); beyond that on a node that has more. */
function endpointId({spec, key}: PlacedPod, node: ClusterNode, taken: ReadonlyMap<string, Set<number>>): number {
  if (spec.endpointId !== undefined) return spec.endpointId;
  const ids = taken.get(node.name)!;
  const limit = ids.size < 4000 ? 4095 : 65535;
  let id = (hash53(`endpoint ${key}`) % limit) + 1;
  while (ids.has(id)) id = (id % limit) + 1;
  ids.add(id);
  return id;
}

/** Stated identities are known before the first one is drawn. */
function createIdentities(
  placed: readonly PlacedPod[],
  context: PodContext,
): (pod: PlacedPod, ips: readonly Ip[]) => number {
  const {identities, problems, namespaces} = context;
  const cache = new Map<string, readonly string[]>();
  const labelsOf = (pod: PlacedPod, ips: readonly Ip[]): readonly string[] => {
    const added = context.addressLabels(ips);
    return added.length === 0 ? ownLabels(pod) : [...ownLabels(pod), ...added].sort();
  };
  const ownLabels = ({spec, namespace}: PlacedPod): readonly string[] => {
    const serviceAccount = spec.serviceAccount ?? 'default';
    const key = `${namespace}\n${serviceAccount}\n${JSON.stringify(spec.labels ?? {})}`;
    let labels = cache.get(key);
    if (!labels) {
      labels = identityLabels(
        {
          labels: spec.labels ?? {},
          namespace,
          namespaceLabels: namespaces.get(namespace)?.labels ?? {},
          serviceAccount,
          clusterName: context.clusterName,
        },
        context.keepLabel,
      );
      cache.set(key, labels);
    }
    return labels;
  };
  for (const pod of placed) {
    const id = pod.spec.identity;
    if (id === undefined || pod.spec.hostNetwork) continue;
    // a dump's numbers are facts, even where it leaves out what they were made from
    const other = identities.state(id, labelsOf(pod, pod.stated));
    if (other && !pod.spec.observed)
      problems.add(
        `pod ${pod.key}: identity ${id} belongs to other labels (${other.join(', ')})`,
        pod.spec.where,
        'pods share an identity only if they share their labels',
      );
  }
  let exhausted = false;
  return (pod, ips) => {
    if (pod.spec.identity !== undefined) return pod.spec.identity;
    const id = identities.idOf(labelsOf(pod, ips));
    if (id === undefined && !exhausted) {
      exhausted = true;
      problems.add(
        `pod ${pod.key}: no security identity left (${65536 - 256} in a cluster)`,
        pod.spec.where,
        "leave labels that differ per pod out of identities with the option labels, e.g. 'k8s:!job-id'",
      );
    }
    return id ?? 0;
  };
}
