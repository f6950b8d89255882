/**
 * What AKS refuses or does not support. Errors where the definition is AKS without doubt, warnings where it speaks of a VNet; silent
 * elsewhere. Figures as of azure-aks-docs fb060abe (2026-08-21).
 */
import {
  formatIp,
  formatPrefix,
  isIp4,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixSize,
} from '../../wire/addr.js';
import type {Found, Rule, Severity, Subject} from './model.js';
import {statedNodePrefixes, statedRanges} from './ranges.js';

const overlay = 'learn.microsoft.com/azure/aks/concepts-network-azure-cni-overlay (2026-07-31)';

const NODES = 5000;
const PODS_PER_NODE = 250;
const PODS = 200_000;
const NODE_PREFIX = 24;
/** The shortest service CIDR is one bit longer than this. */
const SERVICE_PREFIX = 12;

const v4 = (text: string): Prefix => parsePrefix(text) ?? {ip: 0, length: 0};
const reserved = ['169.254.0.0/16', '172.30.0.0/16', '172.31.0.0/16', '192.0.2.0/24'].map(v4);
const defaultServices = v4('10.0.0.0/16');

/** Rows of AKS are asked there only, and weigh less where it may be something else. */
function onAks(row: Omit<Rule, 'check'>, check: Rule['check']): Rule {
  return {
    ...row,
    *check(subject) {
      if (subject.platform === 'other') return;
      const most: Severity = subject.platform === 'aks' ? 'error' : 'warning';
      for (const found of check(subject)) {
        const severity = found.severity ?? row.severity;
        yield {...found, severity: severity === 'error' ? most : severity};
      }
    },
  };
}

const count = (n: number) => n.toLocaleString('en');

/** What an IPv4 pod CIDR promises, and what comes of it. */
function* capacity({definition, cluster}: Subject): Iterable<Found> {
  for (const {prefix, title, where} of statedRanges(definition).pods) {
    if (!isIp4(prefix.ip) || prefix.length > NODE_PREFIX) continue;
    const nodes = 2 ** (NODE_PREFIX - prefix.length);
    const {length} = cluster.nodes;
    const blocks = `${title} holds ${count(nodes)} nodes, a /${NODE_PREFIX} each`;
    if (length > nodes) yield {message: `${blocks}: there are ${count(length)}`, where};
    const pods = Math.min(nodes, NODES) * PODS_PER_NODE;
    if (pods > PODS)
      yield {
        severity: 'info',
        message: `${blocks}: of its ${count(prefixSize(prefix))} addresses ${count(pods)} can be pods (${PODS_PER_NODE} a node), and ${count(PODS)} are supported in a cluster`,
        where,
      };
  }
}

function* podsPerNode({cluster}: Subject): Iterable<Found> {
  const counts = new Map<string, number>();
  for (const {node, phase} of cluster.pods)
    if (node !== undefined && phase !== 'Succeeded' && phase !== 'Failed')
      counts.set(node, (counts.get(node) ?? 0) + 1);
  for (const {name, where} of cluster.nodes) {
    const pods = counts.get(name) ?? 0;
    if (pods > PODS_PER_NODE)
      yield {message: `node ${name} has ${count(pods)} pods, more than ${PODS_PER_NODE}`, where};
  }
}

function* apiserverInside({cluster, definition}: Subject): Iterable<Found> {
  const stated = definition.services.some(
    ({name, namespace = 'default'}) => name === 'kubernetes' && namespace === 'default',
  );
  if (!stated) return;
  const service = cluster.services.find(({name, namespace}) => name === 'kubernetes' && namespace === 'default');
  const inside = service?.backends.find(({ip}) =>
    cluster.podCidrs.some((range) => isIp4(range.ip) === isIp4(ip) && prefixContains(range, ip)),
  );
  if (inside)
    yield {
      message: `service default/kubernetes leads to ${formatIp(inside.ip)}, a pod: on AKS the API server is outside of the cluster`,
      where: service?.where,
    };
}

export const aksRules: readonly Rule[] = [
  onAks(
    {
      id: 'WL-AKS-001',
      severity: 'error',
      title: 'AKS refuses this service CIDR',
      why: 'The service CIDR of an AKS cluster has to be smaller than /12.',
      fix: `Take a /13 or smaller, such as 10.96.0.0/16 (--service-cidr), with --dns-service-ip inside.`,
      source: `${overlay}: the service address space "must be smaller than /12"`,
    },
    function* ({definition}) {
      for (const {prefix, title, where} of statedRanges(definition).services)
        if (isIp4(prefix.ip) && prefix.length <= SERVICE_PREFIX)
          yield {message: `${title}: AKS takes /${SERVICE_PREFIX + 1} and smaller`, where};
    },
  ),
  onAks(
    {
      id: 'WL-AKS-002',
      severity: 'error',
      title: 'AKS reserves this range',
      why: 'AKS and Azure use these ranges themselves and refuse clusters that overlap them.',
      fix: 'Take a range that does not overlap 169.254.0.0/16, 172.30.0.0/16, 172.31.0.0/16 or 192.0.2.0/24.',
      source: `${overlay} and .../aks/configure-azure-cni: the four ranges may be used neither for pods nor for services nor for the VNet`,
    },
    function* ({definition}) {
      const {pods, services, vnets, subnets} = statedRanges(definition);
      for (const {title, prefix, where} of [...pods, ...services, ...vnets, ...subnets]) {
        const range = reserved.find((candidate) => prefixesOverlap(candidate, prefix));
        if (range) yield {message: `${title} overlaps ${formatPrefix(range)}, which is reserved`, where};
      }
    },
  ),
  onAks(
    {
      id: 'WL-AKS-003',
      severity: 'error',
      title: 'the pod CIDR gives less than it promises',
      why: 'Each node takes a /24 of the pod CIDR, of which 250 addresses can be pods; a cluster has at most 5,000 nodes and 200,000 pods.',
      fix: 'Count with nodes × 250 and the limits of a cluster, not with the addresses of the range; a pod CIDR can be extended later to a larger one around it.',
      source: `${overlay}: a /24 per node; learn.microsoft.com/azure/aks/quotas-skus-regions: nodes and pods of a cluster`,
    },
    capacity,
  ),
  onAks(
    {
      id: 'WL-AKS-004',
      severity: 'error',
      title: 'more pods on a node than AKS allows',
      why: 'The maximum of pods per node is 250; it is set when a node pool is made.',
      fix: 'Spread the pods over more nodes.',
      source: `${overlay}: at most 250 pods per node`,
    },
    podsPerNode,
  ),
  onAks(
    {
      id: 'WL-AKS-005',
      severity: 'error',
      title: 'more nodes or pods than an AKS cluster has',
      why: 'Up to 5,000 nodes and 200,000 pods are supported.',
      fix: 'Divide the workloads among several clusters.',
      source: 'learn.microsoft.com/azure/aks/quotas-skus-regions and best-practices-performance-scale-large',
    },
    function* ({cluster}) {
      const {nodes, pods} = cluster;
      if (nodes.length > NODES) yield {message: `${count(nodes.length)} nodes, more than ${count(NODES)}`};
      if (pods.length > PODS) yield {message: `${count(pods.length)} pods, more than ${count(PODS)}`};
    },
  ),
  onAks(
    {
      id: 'WL-AKS-006',
      severity: 'error',
      title: 'AKS gives each node a /24',
      why: 'The size of the pod prefix of a node is fixed with Azure CNI Overlay.',
      fix: 'Leave nodeCIDRMaskSize out, and give nodes prefixes of /24.',
      source: `${overlay}: the /24 of a node cannot be changed`,
    },
    function* ({definition}) {
      const {nodeCIDRMaskSize} = definition.spec;
      if (nodeCIDRMaskSize !== undefined && nodeCIDRMaskSize !== NODE_PREFIX)
        yield {
          message: `nodeCIDRMaskSize ${nodeCIDRMaskSize}: AKS gives a /${NODE_PREFIX}`,
          where: definition.locate(['spec', 'nodeCIDRMaskSize']),
        };
      const other = statedNodePrefixes(definition).find(({ip, length}) => isIp4(ip) && length !== NODE_PREFIX);
      if (other) yield {message: `a node has the pod CIDR ${formatPrefix(other)}: AKS gives a /${NODE_PREFIX}`};
    },
  ),
  onAks(
    {
      id: 'WL-AKS-007',
      severity: 'error',
      title: 'Azure CNI Overlay does not encapsulate',
      why: 'The Azure network routes pod addresses itself. There is no tunnel device, and no UDP 6081 or 8472 on the wire.',
      fix: "Leave routing-mode out of the profile aks-overlay; for Cilium's own tunnel take BYOCNI (profile cilium).",
      source: `${overlay}: traffic between pods "isn't encapsulated"`,
    },
    function* ({definition, cluster}) {
      if (definition.spec.profile === 'aks-overlay' && cluster.cilium.routingMode === 'tunnel')
        yield {
          message: `routing-mode: tunnel (${cluster.cilium.tunnelProtocol}) with profile aks-overlay`,
          where: definition.locate(['spec', 'cilium', 'routing-mode']),
        };
    },
  ),
  onAks(
    {
      id: 'WL-AKS-008',
      severity: 'info',
      title: 'the API server is no pod on AKS',
      why: 'The control plane is managed and outside of the pod network: policies for it name the entity kube-apiserver, not a pod.',
      fix: 'Let default/kubernetes lead to the address of the managed API server.',
      source:
        'learn.microsoft.com/azure/aks/core-aks-concepts: the control plane is a managed resource apart from the nodes',
    },
    apiserverInside,
  ),
  onAks(
    {
      id: 'WL-AKS-009',
      severity: 'warning',
      title: "AKS's default service CIDR lies in the VNet",
      why: 'Without --service-cidr AKS takes 10.0.0.0/16, which overlaps this VNet.',
      fix: 'State a serviceCIDR outside of the VNet.',
      source: `${overlay}: service addresses overlap no subnet of the cluster; the default of --service-cidr is 10.0.0.0/16`,
    },
    function* ({definition, platform}) {
      const {services, vnets} = statedRanges(definition);
      if (platform !== 'aks' || services.length > 0) return;
      const vnet = vnets.find(({prefix}) => prefixesOverlap(prefix, defaultServices));
      if (vnet)
        yield {
          message: `no serviceCIDR is stated, and ${vnet.title} overlaps the default 10.0.0.0/16`,
          where: vnet.where,
        };
    },
  ),
];
