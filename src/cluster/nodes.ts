/** Nodes: which, with what addresses and pod CIDRs. */

import type {SourcePosition} from '../term/error.js';
import {
  castOf,
  formatIp,
  formatPrefix,
  type Ip,
  isIp4,
  isLoopback,
  networkOf,
  type Prefix,
  parseIp,
  parseMac,
  parsePrefix,
} from '../wire/addr.js';
import {type Family, readIps} from './cidrs.js';
import {listOf} from './cilium-config.js';
import {macOf} from './hash.js';
import {
  type AddressBook,
  containing,
  createPool,
  createPrefixPool,
  describeFull,
  familyOf,
  findOverlaps,
  type PrefixPool,
} from './ipam.js';
import type {CiliumConfig, ClusterNode, Labels, Underlay} from './model.js';
import type {Problems} from './problems.js';
import {labelsForSelectors} from './schedule.js';
import type {Definition, NodeSpec, PodSpec} from './spec.js';

/** Azure keeps the first addresses of a subnet for itself; nodes begin here (deep-dive: 10.0.0.5). */
const FIRST_NODE_OFFSET = 5;
export const DEFAULT_NODES = 3;

/** The nodes the input speaks of: listed, counted, implied by pods of a dump, else three. */
export function listNodes(definition: Definition, problems: Problems): readonly NodeSpec[] {
  const own = definition.spec.nodes;
  if (typeof own === 'number') {
    const counted = countNodes(own, definition.nodes);
    return [...definition.nodes, ...labelled(counted, definition, problems)];
  }
  if (definition.nodes.length > 0) return definition.nodes;
  const implied = impliedNodes(definition.pods);
  if (implied.length > 0) {
    problems.note('inferred', `${implied.length} nodes, from the pods that run on them`);
    return implied;
  }
  problems.note('inferred', `no nodes given: ${DEFAULT_NODES} are assumed`);
  return labelled(countNodes(DEFAULT_NODES, []), definition, problems);
}

/** Nodes that pods say they run on. */
export function impliedNodes(pods: readonly PodSpec[]): NodeSpec[] {
  const implied = new Map<string, NodeSpec>();
  for (const {node, daemon, hostIPs} of pods)
    if (node !== undefined && !daemon && !implied.has(node))
      implied.set(node, {name: node, ...(hostIPs?.length ? {ips: hostIPs} : {})});
  return [...implied.values()];
}

/** Nodes of a number; those that nobody described get the labels that pods look for. */
function labelled(nodes: readonly NodeSpec[], {pods}: Definition, problems: Problems): NodeSpec[] {
  const {labels, asked} = labelsForSelectors(
    pods.filter((pod) => pod.node === undefined || pod.daemon),
    nodes.map((node) => node.name),
    standardLabels,
  );
  for (const [name, pod] of asked) {
    const list = Object.entries(labels.get(name) ?? {}).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
    problems.note('inferred', `node ${name} has the labels ${list.join(', ')}: pods ask for them`, pod.where);
  }
  return nodes.map((node) => (labels.has(node.name) ? {...node, labels: labels.get(node.name)!} : node));
}

/** What a kubelet says of its node. */
function standardLabels(name: string): Labels {
  return {'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64'};
}

export function countNodes(count: number, taken: readonly NodeSpec[]): NodeSpec[] {
  const names = new Set(taken.map((node) => node.name));
  const nodes: NodeSpec[] = [];
  for (let i = 1; nodes.length < count; i++) if (!names.has(`node${i}`)) nodes.push({name: `node${i}`});
  return nodes;
}

export interface NodeContext {
  readonly definition: Definition;
  readonly families: readonly Family[];
  readonly podCidrs: readonly Prefix[];
  readonly underlay: Underlay;
  readonly cilium: CiliumConfig;
  readonly kubernetesVersion: string;
  readonly book: AddressBook;
  readonly problems: Problems;
}

interface Draft {
  readonly spec: NodeSpec;
  readonly ips: Ip[];
  readonly podCidrs: Prefix[];
}

export function resolveNodes(specs: readonly NodeSpec[], context: NodeContext): ClusterNode[] {
  const {problems, book} = context;
  const names = new Map<string, NodeSpec>();
  for (const spec of specs) {
    if (names.has(spec.name)) problems.add(`node ${spec.name} is defined twice`, spec.where);
    names.set(spec.name, spec);
  }
  for (const {ip} of context.underlay.gateways) book.set(ip, 'the gateway');
  const drafts = specs.map((spec) => draftNode(spec, context));
  allocateNodeIps(drafts, context);
  allocatePodCidrs(drafts, context);
  checkPodCidrs(drafts, context);
  for (const {spec} of drafts) reserveStated(spec, context);
  return drafts.map((draft) => finishNode(draft, context));
}

/** Claims `ip` for `owner`; a second claim is a problem, and one of an address that no host has. */
export function claim(book: AddressBook, ip: Ip, owner: string, problems: Problems, where?: SourcePosition): void {
  const cast = isLoopback(ip) ? 'loopback' : castOf(ip);
  if (cast !== 'unicast') {
    problems.add(`${owner}: ${formatIp(ip)} is ${cast === 'unspecified' ? 'the' : 'a'} ${cast} address`, where);
    return;
  }
  const other = book.get(ip);
  if (other !== undefined && other !== owner)
    problems.add(
      `${owner}: address ${formatIp(ip)} is taken by ${other}`,
      where,
      'leave the address out to get a free one',
    );
  else book.set(ip, owner);
}

function draftNode(spec: NodeSpec, {book, problems, underlay}: NodeContext): Draft {
  const stated = readIps([...listOf(spec.ip), ...listOf(spec.ips)], `node ${spec.name}`, spec.where, problems);
  const ips = [...stated.filter(isIp4).slice(0, 1), ...stated.filter((ip) => !isIp4(ip)).slice(0, 1)];
  for (const ip of ips) {
    claim(book, ip, `node ${spec.name}`, problems, spec.where);
    if (
      !containing(
        underlay.subnets.map((subnet) => subnet.prefix),
        ip,
      )
    )
      problems.note('warning', `node ${spec.name}: address ${formatIp(ip)} is in none of the node subnets`, spec.where);
  }
  const podCidrs = [...listOf(spec.podCIDR), ...listOf(spec.podCIDRs)].flatMap((text) => {
    const prefix = text.includes('/') ? parsePrefix(text) : undefined;
    if (!prefix)
      problems.add(
        `node ${spec.name}: expected a pod CIDR such as 10.32.1.0/24, got ${JSON.stringify(text)}`,
        spec.where,
      );
    return prefix ? [networkOf(prefix)] : [];
  });
  return {spec, ips, podCidrs};
}

function allocateNodeIps(drafts: readonly Draft[], {underlay, families, book, problems}: NodeContext): void {
  for (const family of [4, 6] as const) {
    const subnets = underlay.subnets.filter(({prefix}) => familyOf(prefix.ip) === family);
    if (subnets.length === 0) continue;
    const pools = subnets.map(({prefix}) => createPool(prefix, book, FIRST_NODE_OFFSET));
    for (const {spec, ips} of drafts) {
      const wanted = families.includes(family) && !(spec.observed && ips.length > 0);
      if (!wanted || ips.some((ip) => familyOf(ip) === family)) continue;
      const ip = pools.map((pool) => pool.allocate(`node ${spec.name}`)).find((got) => got !== undefined);
      if (ip === undefined)
        problems.add(
          `node ${spec.name}: no free address in ${subnets.map(({prefix}) => formatPrefix(prefix)).join(', ')}`,
          spec.where,
          'give the underlay a larger subnet',
        );
      else if (family === 4) ips.unshift(ip);
      else ips.push(ip);
    }
  }
}

/** Length of the prefix a node gets: /24, and /64 or, where the pod CIDR is as small as Cilium's default, /120. */
function nodeMaskSize(parent: Prefix, {definition: {spec}}: NodeContext): number {
  if (isIp4(parent.ip)) return spec.nodeCIDRMaskSize ?? Math.max(24, parent.length);
  return spec.nodeCIDRMaskSizeIPv6 ?? (parent.length <= 64 ? 64 : Math.max(120, parent.length));
}

function allocatePodCidrs(drafts: readonly Draft[], context: NodeContext): void {
  const {families, podCidrs, problems} = context;
  const taken = drafts.flatMap((draft) => draft.podCidrs);
  for (const family of families) {
    const parents = podCidrs.filter((prefix) => familyOf(prefix.ip) === family);
    let pools: {pool: PrefixPool; length: number}[] | undefined;
    for (const {spec, podCidrs: own} of drafts) {
      if (own.some((prefix) => familyOf(prefix.ip) === family)) continue;
      pools ??= parents.map((parent) => {
        const length = nodeMaskSize(parent, context);
        return {length, pool: createPrefixPool(parent, length, taken)};
      });
      let got: Prefix | undefined;
      for (const {pool} of pools) got ??= pool.allocate();
      if (got === undefined) {
        problems.add(
          `node ${spec.name}: no pod CIDR left: ${pools.map(({pool, length}) => describeFull(pool, length)).join('; ')}`,
          spec.where ?? context.definition.locate(['spec', 'nodes']),
          `use a larger pod CIDR or a smaller prefix per node (${family === 4 ? 'nodeCIDRMaskSize' : 'nodeCIDRMaskSizeIPv6'})`,
        );
        return;
      }
      if (family === 4) own.unshift(got);
      else own.push(got);
    }
  }
}

function checkPodCidrs(drafts: readonly Draft[], {podCidrs, problems, book}: NodeContext): void {
  const items = drafts.flatMap(({spec, podCidrs: own}) => own.map((prefix) => ({spec, prefix})));
  for (const [a, b] of findOverlaps(items))
    problems.add(
      `node ${b.spec.name}: pod CIDR ${formatPrefix(b.prefix)} overlaps ${formatPrefix(a.prefix)} of node ${a.spec.name}`,
      b.spec.where,
    );
  for (const {spec, prefix} of items)
    if (!podCidrs.some((parent) => parent.length <= prefix.length && containing([parent], prefix.ip)))
      problems.note(
        'warning',
        `node ${spec.name}: pod CIDR ${formatPrefix(prefix)} is outside of the cluster's (${podCidrs.map(formatPrefix).join(', ')})`,
        spec.where,
      );
  for (const [ip, owner] of book) {
    const inside = podCidrs.find((parent) => containing([parent], ip));
    if (inside && owner.startsWith('node '))
      problems.note('warning', `${owner}: address ${formatIp(ip)} lies in the pod CIDR ${formatPrefix(inside)}`);
  }
}

/** Router and health addresses that the input states, before anything is allocated. */
function reserveStated(spec: NodeSpec, {book, problems}: NodeContext): void {
  for (const [value, what] of [
    [spec.routerIP, 'router'],
    [spec.healthIP, 'health'],
  ] as const)
    for (const ip of readIps(value, `node ${spec.name}`, spec.where, problems))
      claim(book, ip, `${what} of node ${spec.name}`, problems, spec.where);
}

function finishNode({spec, ips, podCidrs}: Draft, context: NodeContext): ClusterNode {
  const {underlay, problems, kubernetesVersion} = context;
  const mac = spec.mac === undefined ? macOf(`node ${spec.name}`) : parseMac(spec.mac);
  if (mac === undefined)
    problems.add(`node ${spec.name}: expected a MAC address, got ${JSON.stringify(spec.mac)}`, spec.where);
  const prefixes = [...underlay.subnets.map((subnet) => subnet.prefix), ...underlay.vnets];
  return {
    name: spec.name,
    labels: {...standardLabels(spec.name), ...spec.labels},
    annotations: spec.annotations ?? {},
    ips,
    externalIps: readIps(spec.externalIP, `node ${spec.name}`, spec.where, problems),
    subnets: ips.map((ip) => containing(prefixes, ip) ?? {ip, length: isIp4(ip) ? 24 : 64}).map(networkOf),
    podCidrs,
    routerIps: listOf(spec.routerIP).flatMap((text) => parseIp(text) ?? []),
    healthIps: listOf(spec.healthIP).flatMap((text) => parseIp(text) ?? []),
    mac: mac ?? 0,
    mtu: spec.mtu ?? underlay.mtu,
    apiserver: spec.apiserver ?? false,
    ready: spec.ready ?? true,
    cpus: spec.cpus ?? 4,
    info: {
      osImage: spec.osImage ?? 'Ubuntu 24.04.3 LTS',
      kernelVersion: spec.kernelVersion ?? '6.8.0-85-generic',
      containerRuntime: spec.containerRuntime ?? 'containerd://2.1.4',
      kubeletVersion: spec.kubeletVersion ?? kubernetesVersion,
    },
    ...(spec.where ? {where: spec.where} : {}),
  };
}

/** Router and health addresses of the agents, after all stated pod addresses are known. */
export function allocateAgentIps(
  nodes: readonly ClusterNode[],
  context: NodeContext,
  local: readonly Ip[],
): ClusterNode[] {
  const {cilium, book, families, problems} = context;
  return nodes.map((node) => {
    const pick = (what: string, stated: readonly Ip[], shared: readonly Ip[]): Ip[] =>
      families.flatMap((family) => {
        const known = [...stated, ...shared].find((ip) => familyOf(ip) === family);
        if (known !== undefined) return [known];
        const prefix = node.podCidrs.find(({ip}) => familyOf(ip) === family);
        const ip = prefix && createPool(prefix, book).allocate(`${what} of node ${node.name}`);
        if (prefix && ip === undefined)
          problems.add(`node ${node.name}: no free address for the ${what} in ${formatPrefix(prefix)}`, node.where);
        return ip === undefined ? [] : [ip];
      });
    const routerIps = pick('router', node.routerIps, local);
    const healthIps = cilium.endpointHealthChecking ? pick('health', node.healthIps, []) : [];
    return {...node, routerIps, healthIps};
  });
}
