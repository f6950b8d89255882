/** Addressing: overlaps, what ranges hold, duplicates. */
import {
  formatIp,
  formatPrefix,
  isIp4,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../wire/addr.js';
import {type Found, type Rule, remarked, type Subject} from './model.js';
import {overlaps, statedNodeIps, statedNodePrefixes, statedRanges} from './ranges.js';

const kubernetes =
  'kubernetes.io/docs/concepts/cluster-administration/networking: pods, services and nodes have ranges that do not overlap';
const azureOverlay =
  'learn.microsoft.com/azure/aks/concepts-network-azure-cni-overlay: pod and service ranges overlap neither each other nor the VNet nor networks it is connected to';

/** Pods whose addresses are those of the VNet, on purpose. */
const vnetIpam: ReadonlySet<string> = new Set(['eni', 'azure', 'alibabacloud', 'crd', 'delegated-plugin']);

const prefixOf = (text: string): Prefix => networkOf(parsePrefix(text) ?? {ip: 0, length: 0});
/** Ranges that no host can be given (RFC 6890), with what they are for. */
const unusable: readonly (readonly [Prefix, string])[] = (
  [
    ['0.0.0.0/8', 'this network'],
    ['127.0.0.0/8', 'loopback'],
    ['169.254.0.0/16', 'link-local'],
    ['224.0.0.0/4', 'multicast'],
    ['240.0.0.0/4', 'reserved'],
    ['::/8', 'unspecified, loopback and mapped addresses'],
    ['fe80::/10', 'link-local'],
    ['ff00::/8', 'multicast'],
  ] as const
).map(([text, what]) => [prefixOf(text), what]);
/** Not routed in the internet: RFC 1918, RFC 6598, RFC 2544, RFC 5737, RFC 4193, RFC 3849. */
const notPublic = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '198.18.0.0/15',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  'fc00::/7',
  '2001:db8::/32',
].map(prefixOf);

function covers(outer: Prefix, inner: Prefix): boolean {
  return prefixesOverlap(outer, inner) && outer.length <= inner.length;
}

/** Share of a pod CIDR that nodes have taken from which on it is told. */
const NEARLY_FULL = 0.9;

function* nearlyFull({definition, cluster}: Subject): Iterable<Found> {
  for (const {prefix, title, where} of statedRanges(definition).pods) {
    const taken = cluster.nodes.flatMap(({podCidrs}) => podCidrs).filter((own) => prefixesOverlap(own, prefix));
    const [first] = taken;
    if (!first || first.length < prefix.length) continue;
    const holds = 2 ** Math.min(first.length - prefix.length, 30);
    if (taken.length < holds * NEARLY_FULL || holds === 1) continue;
    const room = `${title} holds ${holds} nodes with a /${first.length} each`;
    yield {message: `${room}: ${taken.length} are taken`, where};
  }
}

function* nodesInRanges({definition, cluster}: Subject): Iterable<Found> {
  const {pods, services} = statedRanges(definition);
  const own = statedNodePrefixes(definition).map((prefix) => ({title: `pod CIDR ${formatPrefix(prefix)}`, prefix}));
  const ranges = [...(vnetIpam.has(cluster.cilium.ipam) ? [] : [...pods, ...own]), ...services];
  for (const {node, ip, where} of statedNodeIps(definition)) {
    const range = ranges.find(({prefix}) => isIp4(prefix.ip) === isIp4(ip) && prefixContains(prefix, ip));
    if (range) yield {message: `node ${node}: ${formatIp(ip)} lies in the ${range.title}`, where};
  }
}

function* crowdedSubnets({definition, cluster}: Subject): Iterable<Found> {
  for (const {title, prefix, where} of statedRanges(definition).subnets) {
    if (!isIp4(prefix.ip)) continue;
    const nodes = cluster.nodes.filter(({ips}) => ips.some((ip) => isIp4(ip) && prefixContains(prefix, ip)));
    const usable = Math.max(2 ** (32 - prefix.length) - KEPT_BY_AZURE, 0);
    if (nodes.length > usable)
      yield {
        message: `${title} has ${usable} addresses to give (Azure keeps ${KEPT_BY_AZURE}), ${nodes.length} nodes are in it`,
        where,
      };
  }
}

const KEPT_BY_AZURE = 5;

export const cidrRules: readonly Rule[] = [
  {
    id: 'WL-CIDR-001',
    severity: 'error',
    title: 'pod CIDR and service CIDR overlap',
    why: 'An address would be that of a pod and of a service: packets to one go to the other.',
    fix: 'Give services a range of their own.',
    source: kubernetes,
    *check({definition}) {
      const {pods, services} = statedRanges(definition);
      yield* overlaps(services, pods, 'an address may be that of a pod and of a service');
    },
  },
  {
    id: 'WL-CIDR-002',
    severity: 'error',
    title: 'pod CIDR overlaps the network of the nodes',
    why: 'Packets to a machine of the network are taken for packets to a pod, and the other way round.',
    fix: 'Take a pod CIDR outside of the VNet and its subnets.',
    source: azureOverlay,
    *check({definition, cluster}) {
      const {pods, vnets, subnets} = statedRanges(definition);
      if (vnetIpam.has(cluster.cilium.ipam) && definition.spec.profile !== 'aks-overlay') return;
      yield* overlaps(pods, vnets.length > 0 ? vnets : subnets, 'machines there cannot be told from pods');
    },
  },
  {
    id: 'WL-CIDR-003',
    severity: 'error',
    title: 'service CIDR overlaps the network of the nodes',
    why: 'Where an address is a service, the machine of the network that has it cannot be reached.',
    fix: 'Take a service CIDR outside of the VNet and its subnets.',
    source: azureOverlay,
    *check({definition}) {
      const {services, vnets, subnets} = statedRanges(definition);
      yield* overlaps(services, vnets.length > 0 ? vnets : subnets, 'machines there cannot be reached');
    },
  },
  {
    id: 'WL-CIDR-004',
    severity: 'error',
    title: 'a connected network overlaps a range of the cluster',
    why: 'Hosts of the peered or on-premises network with such addresses cannot be reached from the cluster, nor it from them.',
    fix: 'Change the range of the cluster: that of the other network is seldom yours.',
    source: azureOverlay,
    *check({definition}) {
      const {pods, services, vnets, peered} = statedRanges(definition);
      yield* overlaps(peered, [...pods, ...services, ...vnets], 'its hosts cannot be reached from here');
    },
  },
  {
    id: 'WL-CIDR-005',
    severity: 'error',
    title: 'two subnets overlap',
    why: 'An address has to be in one subnet.',
    fix: 'Divide the VNet into ranges that do not overlap.',
    source:
      'learn.microsoft.com/azure/virtual-network/virtual-network-manage-subnet: the range of a subnet is unique within the VNet',
    *check({definition}) {
      const {subnets, vnets, peered} = statedRanges(definition);
      for (const list of [subnets, vnets, peered])
        for (const [i, range] of list.entries())
          yield* overlaps([range], list.slice(0, i), 'an address is in one of them only');
    },
  },
  {
    id: 'WL-CIDR-006',
    severity: 'error',
    title: "a node's address lies in the pod or service CIDR",
    why: 'Packets to the node are taken for packets to a pod or a service.',
    fix: 'Move the pod or service CIDR away from the addresses of nodes.',
    source: kubernetes,
    check: nodesInRanges,
  },
  {
    id: 'WL-CIDR-007',
    severity: 'error',
    title: 'a range has no address left',
    why: 'Each node takes a prefix of the pod CIDR and an address of its subnet: without one it has no pods, or does not start.',
    fix: 'Take a larger range, or a smaller prefix per node.',
    source: 'pkg/ipam of Cilium and nodeipam of Kubernetes: a pool of prefixes, one per node',
    check: remarked(/no pod CIDR left/, /no free address/, /no free ClusterIP/, /no free node port/),
  },
  {
    id: 'WL-CIDR-008',
    severity: 'warning',
    title: 'the pod CIDR is nearly full',
    why: 'The next nodes get no prefix. A pod CIDR can seldom be changed later.',
    fix: 'Plan a larger pod CIDR, or a smaller prefix per node (nodeCIDRMaskSize).',
    source: 'arithmetic: 2^(prefix per node − pod CIDR) nodes; a /13 with a /24 each holds 2,048',
    check: nearlyFull,
  },
  {
    id: 'WL-CIDR-009',
    severity: 'error',
    title: 'a range is of no use for hosts',
    why: 'Kernels treat these addresses in ways of their own, or drop them.',
    fix: 'Take a private range (RFC 1918, RFC 6598, RFC 4193).',
    source: 'RFC 6890 §2.2',
    *check({definition}) {
      const {pods, services, vnets} = statedRanges(definition);
      for (const {title, prefix, where} of [...pods, ...services, ...vnets]) {
        const found = unusable.find(([range]) => prefixesOverlap(range, prefix));
        if (found) yield {message: `${title} overlaps ${formatPrefix(found[0])} (${found[1]})`, where};
      }
    },
  },
  {
    id: 'WL-CIDR-010',
    severity: 'warning',
    title: 'a range of the cluster hides hosts of the internet',
    why: 'Public addresses belong to somebody: from within the cluster those hosts cannot be reached.',
    fix: 'Take a private range (RFC 1918, RFC 6598, RFC 4193), unless the addresses are yours.',
    source: 'RFC 1918 §3, RFC 6598 §7, RFC 4193 §3',
    *check({definition}) {
      const {pods, services} = statedRanges(definition);
      for (const {title, prefix, where} of [...pods, ...services]) {
        if (
          notPublic.some((range) => covers(range, prefix)) ||
          unusable.some(([range]) => prefixesOverlap(range, prefix))
        )
          continue;
        yield {message: `${title} is a public range`, where};
      }
    },
  },
  {
    id: 'WL-CIDR-011',
    severity: 'error',
    title: 'more nodes than their subnet has addresses',
    why: 'Azure keeps the first four addresses and the last one of each subnet.',
    fix: 'Give the nodes a larger subnet.',
    source:
      'learn.microsoft.com/azure/virtual-network/virtual-networks-faq: Azure reserves the first four and the last address of a subnet, 5 in all',
    check: crowdedSubnets,
  },
  {
    id: 'WL-CIDR-012',
    severity: 'error',
    title: 'pod prefixes of nodes overlap',
    why: 'Two nodes would be told to have the same pods.',
    fix: 'Give each node a prefix of its own.',
    source:
      'kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1: podCIDR is the range that pods of the node have',
    check: remarked(/pod CIDR .* overlaps .* of node /),
  },
  {
    id: 'WL-CIDR-013',
    severity: 'warning',
    title: 'an address outside of its range',
    why: 'Masquerading, policies and routes go by the ranges: what lies outside is treated as a stranger.',
    fix: 'Correct the range or the address.',
    source: 'docs.cilium.io/en/stable/network/concepts/masquerading: ranges decide what is masqueraded',
    check(subject) {
      const known = statedNodePrefixes(subject.definition).length > 0;
      const patterns = [/is outside of the cluster's/, /is in none of the node subnets/];
      return remarked(...patterns, ...(known ? [/outside of the pod CIDR of its node/] : []))(subject);
    },
  },
  {
    id: 'WL-IP-001',
    severity: 'error',
    title: 'an address is given twice',
    why: 'Packets go to one of the two, at times to the other.',
    fix: 'Leave the address out to get a free one, or correct it.',
    source: 'RFC 5227 §1: two hosts with one address harm each other',
    check: remarked(/address .* is taken by /),
  },
];
