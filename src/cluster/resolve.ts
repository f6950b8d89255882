/** Spec → Cluster: everything that the input leaves open is filled in here, always the same way. */
import {
  addToIp,
  formatIp,
  formatPrefix,
  type Ip,
  isIp4,
  maskIp,
  parseIp,
  prefixContains,
  prefixesOverlap,
} from '../wire/addr.js';
import {type Ranges, resolveRanges, resolveUnderlay} from './cidrs.js';
import {listOf, rawSettings, resolveCilium} from './cilium-config.js';
import {readEvents} from './events.js';
import {createIdentityAllocator, labelFilter} from './identity.js';
import {noteInferred} from './inferred.js';
import {type AddressBook, familyOf, usableRange} from './ipam.js';
import type {CiliumConfig, Cluster, ClusterNode, Labels, Namespace, Pod, Service} from './model.js';
import {allocateAgentIps, listNodes, type NodeContext, resolveNodes} from './nodes.js';
import {expandReplicas, type PodContext, placePods, resolvePods} from './pods.js';
import {cidrIdentities, createPodCidrLabels} from './policy/cidr-identities.js';
import {type Policy, policyTitle} from './policy/model.js';
import {cidrMatchModes, nodeIdentities} from './policy/node-identities.js';
import {createProblems, type Problems} from './problems.js';
import {resolveServices} from './services.js';
import type {ClusterSpec, Definition, PodSpec, ServiceSpec} from './spec.js';
import {readTraffic} from './traffic.js';

export interface ResolveOptions {
  /** Wins over the definition's. */
  readonly seed?: number;
  /** SOURCE_DATE_EPOCH, seconds; wins over the definition's. */
  readonly epoch?: number;
}

/** 2026-01-01T00:00:00Z: virtual time 0 where nobody says otherwise. */
const DEFAULT_EPOCH = 1_767_225_600;

export function resolve(definition: Definition, options: ResolveOptions = {}): Cluster {
  const problems = createProblems(definition.notes);
  const {spec} = definition;
  const profile = spec.profile ?? inferProfile(definition, problems);
  const raw = rawSettings(definition, profile, problems);
  const ranges = resolveRanges(definition, raw, problems);
  const {families} = ranges;
  const nodeSpecs = listNodes(definition, problems);
  const statedNodeIps = nodeSpecs.flatMap((node) =>
    [...listOf(node.ip), ...listOf(node.ips)].flatMap((text) => parseIp(text) ?? []),
  );
  const underlay = resolveUnderlay(definition, profile, families, statedNodeIps, problems);
  for (const vnet of underlay.vnets)
    for (const services of ranges.serviceCidrs)
      if (prefixesOverlap(vnet, services))
        problems.note(
          'warning',
          `node network ${formatPrefix(vnet)} and service CIDR ${formatPrefix(services)} overlap`,
          definition.locate(['spec', 'underlay']),
        );
  const underlay4 = underlay.vnets.some((vnet) => isIp4(vnet.ip));
  const cilium = resolveCilium(
    raw,
    {spec, profile, families, podCidrs: ranges.podCidrs, underlay4},
    definition,
    problems,
  );
  const kubernetesVersion =
    spec.kubernetesVersion ?? nodeSpecs.find((node) => node.kubeletVersion)?.kubeletVersion ?? 'v1.35.1';
  const book: AddressBook = new Map();
  const nodeContext: NodeContext = {
    definition,
    families,
    podCidrs: ranges.podCidrs,
    underlay,
    cilium,
    kubernetesVersion,
    book,
    problems,
  };
  let nodes = resolveNodes(nodeSpecs, nodeContext);
  problems.throwIfAny();

  const services = withKubernetes(definition.services, ranges, nodes, definition, problems);
  const pods = [...expandReplicas(definition.pods)];
  if (definition.own && spec.dns !== false) addDns(services, pods, ranges);
  const namespaces = resolveNamespaces(definition, [...pods, ...services]);
  const keepLabel = labelFilter(raw.get('labels'));
  if (!keepLabel) problems.add('labels: expected regular expressions', definition.locate(['spec', 'cilium', 'labels']));
  const identities = createIdentityAllocator(cilium.clusterId);
  for (const identity of definition.identities) {
    const other = identities.state(identity.id, identity.labels);
    if (other && other.join() !== identity.labels.join())
      problems.add(`identity ${identity.id} is given two label sets`, identity.where);
  }
  const podContext: PodContext = {
    families,
    nodes,
    namespaces: new Map(namespaces.map((namespace) => [namespace.name, namespace])),
    book,
    problems,
    clusterName: cilium.clusterName,
    identities,
    keepLabel: keepLabel ?? (() => true),
    addressLabels: cidrMatchModes(cilium).includes('pods') ? createPodCidrLabels(definition.policies ?? []) : () => [],
    taints: new Map(nodeSpecs.flatMap(({name, taints}) => (taints ? [[name, taints]] : []))),
    checkCidr: ['cluster-pool', 'kubernetes'].includes(cilium.ipam),
  };
  const localRouter = ['local-router-ipv4', 'local-router-ipv6'].flatMap((key) => parseIp(raw.get(key) ?? '') ?? []);
  const placed = placePods(pods, podContext);
  nodes = allocateAgentIps(nodes, nodeContext, localRouter);
  const resolvedPods = resolvePods(placed, {...podContext, nodes});
  const resolvedServices = resolveServices(services, {
    families,
    serviceCidrs: ranges.serviceCidrs,
    serviceCidrsStated: ranges.serviceCidrsStated,
    nodePortRange: cilium.nodePortRange,
    nodes,
    pods: resolvedPods,
    endpoints: definition.endpoints,
    book: new Map(),
    problems,
  });
  nodes = markApiservers(nodes, resolvedServices);
  problems.throwIfAny();

  const names = readNames(spec.names ?? {});
  const idle = idlePods(definition.templates ?? [], resolvedPods, {...podContext, nodes});
  const tellApart = nodeIdentities(nodes, cilium);
  const cluster: Cluster = {
    name: definition.name,
    source: definition.source,
    kubernetes: {version: kubernetesVersion, platform: spec.platform ?? 'linux/amd64'},
    epoch: options.epoch ?? epochOf(definition, problems),
    seed: options.seed ?? spec.seed ?? 1,
    podCidrs: ranges.podCidrs,
    serviceCidrs: ranges.serviceCidrs,
    dataplane: profile === 'kube-proxy' ? 'kube-proxy' : 'cilium',
    cilium,
    kubeProxy: {mode: spec.kubeProxy?.mode ?? 'iptables', scheduler: spec.kubeProxy?.scheduler ?? 'rr'},
    ...(spec.tunnelDevice
      ? {tunnelDevice: {name: spec.tunnelDevice.name ?? 'genev_sys_6081', ttl: spec.tunnelDevice.ttl ?? 'auto'}}
      : {}),
    underlay,
    nodes,
    namespaces,
    pods: resolvedPods,
    ...(idle.length > 0 ? {idle} : {}),
    services: resolvedServices,
    identities: [
      ...identities.list(),
      ...cidrIdentities({
        policies: definition.policies ?? [],
        services: resolvedServices,
        names,
        dualStack: families.length === 2,
      }),
      ...(tellApart?.identities ?? []),
    ],
    ...(tellApart ? {nodeIdentities: tellApart.byAddress} : {}),
    ...(names.length > 0 ? {names} : {}),
    ...(definition.policies ? {policies: definition.policies} : {}),
    ...(definition.ingresses ? {ingresses: definition.ingresses} : {}),
    ...(definition.egressPolicies?.length ? {egressPolicies: definition.egressPolicies} : {}),
    ...(definition.redirectPolicies?.length ? {redirectPolicies: definition.redirectPolicies} : {}),
    traffic: [],
    expect: (spec.expect ?? []).map((item, i) => ({
      spec: item,
      place: (path, part) => definition.locate(['spec', 'expect', i, ...path], part),
    })),
    notes: problems.notes,
    ...(definition.summary ? {input: definition.summary} : {}),
    ...(definition.manifests ? {manifests: definition.manifests} : {}),
  };
  noteInferred(definition, nodeSpecs, cluster, problems);
  noteUnenforced(definition.policies ?? [], profile, problems);
  noteUnmapped(cluster, problems);
  noteEgressFamilies(cluster, problems);
  if (profile !== 'kube-proxy') noteNodePolicies(definition.policies ?? [], cilium, problems);
  const events = readEvents(spec.events ?? [], (i) => definition.locate(['spec', 'events', i]), problems);
  const traffic = readTraffic(spec.traffic ?? [], cluster, (i) => definition.locate(['spec', 'traffic', i]), problems);
  problems.throwIfAny();
  return {...cluster, traffic, ...(events.length > 0 ? {events} : {})};
}

/** Packets are treated as the dataplane treats them: what it does not know is told. */
function noteUnenforced(policies: readonly Policy[], profile: string, problems: Problems): void {
  const idle = policies.filter(({tier}) => profile === 'kube-proxy' || tier !== 'network');
  const [first] = idle;
  if (!first) return;
  const others = idle.length > 1 ? ` and ${idle.length - 1} more` : '';
  const who = profile === 'kube-proxy' ? 'kube-proxy enforces no policy' : 'Cilium does not enforce this kind';
  problems.note('warning', `${policyTitle(first)}${others}: ${who}, so packets pass as without it`, first.where);
}

/** hostPorts that lead nowhere: portmap writes iptables rules, which are not modelled beside nftables; Cilium needs to replace kube-proxy. */
function noteUnmapped({dataplane, cilium, kubeProxy, pods}: Cluster, problems: Problems): void {
  const plain = dataplane === 'kube-proxy';
  if (plain ? kubeProxy.mode !== 'nftables' : cilium.kubeProxyReplacement) return;
  const mapped = pods.filter((pod) => !pod.hostNetwork && pod.ports.some(({hostPort}) => hostPort !== undefined));
  const [first] = mapped;
  if (!first) return;
  const others = mapped.length > 1 ? ` and ${mapped.length - 1} more` : '';
  const why = plain
    ? 'the rules of the CNI plugin portmap are not simulated beside kube-proxy in nftables mode'
    : 'Cilium serves none without kube-proxy replacement';
  problems.note(
    'warning',
    `pod ${first.namespace}/${first.name}${others}: hostPort leads nowhere: ${why}`,
    first.where,
  );
}

/** Destinations of egress gateways that no pod has an address for. */
function noteEgressFamilies({egressPolicies = [], podCidrs}: Cluster, problems: Problems): void {
  for (const {name, destinations, where} of egressPolicies) {
    const odd = destinations.find((prefix) => podCidrs.every(({ip}) => isIp4(ip) !== isIp4(prefix.ip)));
    if (!odd) continue;
    const family = isIp4(odd.ip) ? 4 : 6;
    const text = `${formatPrefix(odd)} has no effect: pods have no IPv${family} address`;
    problems.note('warning', `CiliumEgressGatewayPolicy ${name}: ${text}`, where);
  }
}

/** Without the host firewall nodes have no policy; peers by nodes' labels need an option too. */
function noteNodePolicies(policies: readonly Policy[], {raw}: CiliumConfig, problems: Problems): void {
  for (const policy of policies) {
    if (policy.needs && raw[policy.needs] !== 'true')
      problems.note('warning', `${policyTitle(policy)}: agents refuse it while ${policy.needs} is off`, policy.where);
    if (policy.nodeSelector && raw['enable-host-firewall'] !== 'true')
      problems.note(
        'warning',
        `${policyTitle(policy)}: a host policy, of no effect while enable-host-firewall is off`,
        policy.where,
      );
  }
}

/** Workloads without pods: nothing of theirs is allocated. */
function idlePods(templates: readonly PodSpec[], pods: readonly Pod[], context: PodContext): Pod[] {
  const keyOf = ({namespace = 'default', owner}: Pick<PodSpec, 'namespace' | 'owner'>) =>
    `${owner?.kind} ${namespace}/${owner?.name}`;
  const busy = new Set(pods.map(keyOf));
  const placed = templates
    .filter((spec) => !busy.has(keyOf(spec)))
    .map((spec) => ({
      spec,
      namespace: spec.namespace ?? 'default',
      key: `${spec.namespace ?? 'default'}/${spec.name}`,
      node: undefined,
      phase: 'Pending' as const,
      stated: [],
    }));
  const identities = createIdentityAllocator(0);
  return resolvePods(placed, {...context, identities}).map((pod) => ({...pod, identity: 0}));
}

/** In small letters, without the root's dot; checked by the schema. */
function readNames(names: NonNullable<ClusterSpec['names']>): NonNullable<Cluster['names']> {
  return Object.entries(names).map(([name, ips]) => ({
    name: name.toLowerCase().replace(/\.$/, ''),
    ips: ips.split(',').map((ip) => parseIp(ip.trim())!),
  }));
}

/** A dump with kube-proxy's pods and none of Cilium's is of a cluster without Cilium. */
function inferProfile({own, ciliumConfig, pods}: Definition, problems: Problems): 'cilium' | 'kube-proxy' {
  const runs = (name: string) =>
    pods.some((pod) => pod.namespace === 'kube-system' && pod.labels?.['k8s-app'] === name);
  if (own || ciliumConfig || !runs('kube-proxy') || runs('cilium')) return 'cilium';
  problems.note('inferred', 'profile kube-proxy: the cluster runs kube-proxy and no Cilium');
  return 'kube-proxy';
}

function epochOf(definition: Definition, problems: Problems): number {
  const {epoch} = definition.spec;
  if (epoch === undefined) return DEFAULT_EPOCH;
  const seconds = typeof epoch === 'number' ? epoch : Date.parse(epoch) / 1000;
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  problems.add(
    `spec.epoch: expected seconds since 1970 or a date such as 2026-01-01T00:00:00Z, got ${JSON.stringify(epoch)}`,
    definition.locate(['spec', 'epoch']),
  );
  return DEFAULT_EPOCH;
}

/** default/kubernetes, which every API server makes, at the first address of the service range. */
function withKubernetes(
  given: readonly ServiceSpec[],
  {serviceCidrs, families}: Ranges,
  nodes: readonly ClusterNode[],
  definition: Definition,
  problems: Problems,
): ServiceSpec[] {
  const isKubernetes = (spec: {readonly name: string; readonly namespace?: string}) =>
    spec.name === 'kubernetes' && (spec.namespace ?? 'default') === 'default';
  const hosts = nodes.filter((node) => node.apiserver || isControlPlane(node));
  const family = families[0]!;
  const endpoints = (hosts.length > 0 ? hosts : nodes.slice(0, 1))
    .flatMap((node) => node.ips.filter((ip) => familyOf(ip) === family).slice(0, 1))
    .map((ip) => (isIp4(ip) ? `${formatIp(ip)}:6443` : `[${formatIp(ip)}]:6443`));
  const known = definition.endpoints.some((item) => item.namespace === 'default' && item.service === 'kubernetes');
  if (given.some(isKubernetes))
    return given.map((spec) =>
      isKubernetes(spec) && !known && !spec.endpoints && !spec.selector ? {...spec, endpoints} : spec,
    );
  problems.note('inferred', 'service default/kubernetes is added, as every API server has it');
  const cidr = serviceCidrs[0]!;
  return [
    {
      name: 'kubernetes',
      labels: {component: 'apiserver', provider: 'kubernetes'},
      clusterIP: formatIp(addToIp(maskIp(cidr.ip, cidr.length), usableRange(cidr).first)),
      ports: [{name: 'https', port: 443, targetPort: 6443}],
      ...(known ? {} : {endpoints}),
    },
    ...given,
  ];
}

function isControlPlane(node: ClusterNode): boolean {
  return 'node-role.kubernetes.io/control-plane' in node.labels || 'node-role.kubernetes.io/master' in node.labels;
}

/** A CoreDNS as kubeadm installs it, two pods behind the tenth service address. */
function addDns(services: ServiceSpec[], pods: PodSpec[], {serviceCidrs}: Ranges): void {
  if (services.some((spec) => spec.namespace === 'kube-system' && spec.name === 'kube-dns')) return;
  const cidr = serviceCidrs[0]!;
  const ip = addToIp(maskIp(cidr.ip, cidr.length), 10);
  if (!prefixContains(cidr, ip) || services.some((spec) => listOf(spec.clusterIP).includes(formatIp(ip)))) return;
  services.push(dnsService(formatIp(ip)));
  pods.push(...[1, 2].map((n) => dnsPod(`coredns-${n}`)));
}

export function dnsService(clusterIP: string): ServiceSpec {
  return {
    name: 'kube-dns',
    namespace: 'kube-system',
    labels: {'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS'},
    clusterIP,
    selector: {'k8s-app': 'kube-dns'},
    ports: [
      {name: 'dns', port: 53, protocol: 'UDP', targetPort: 53},
      {name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53},
      {name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153},
    ],
  };
}

export function dnsPod(name: string): PodSpec {
  return {
    name,
    namespace: 'kube-system',
    labels: {'k8s-app': 'kube-dns'},
    serviceAccount: 'coredns',
    image: 'registry.k8s.io/coredns/coredns:v1.13.1',
    ports: [
      {name: 'dns', port: 53, protocol: 'UDP'},
      {name: 'dns-tcp', port: 53, protocol: 'TCP'},
      {name: 'metrics', port: 9153, protocol: 'TCP'},
    ],
  };
}

/** Stated ones first, then the ones objects are in; each with the label the API server gives it. */
function resolveNamespaces(definition: Definition, objects: readonly {readonly namespace?: string}[]): Namespace[] {
  const labels = new Map<string, Labels>();
  const add = (name: string, own: Labels = {}) =>
    labels.set(name, {'kubernetes.io/metadata.name': name, ...labels.get(name), ...own});
  add('default');
  for (const item of definition.spec.namespaces ?? [])
    if (typeof item === 'string') add(item);
    else add(item.name, item.labels);
  for (const item of definition.namespaces) add(item.name, item.labels);
  for (const {namespace} of objects) if (namespace !== undefined && !labels.has(namespace)) add(namespace);
  return [...labels].map(([name, own]) => ({name, labels: own}));
}

/** A node that answers for default/kubernetes runs an API server. */
function markApiservers(nodes: readonly ClusterNode[], services: readonly Service[]): ClusterNode[] {
  const kubernetes = services.find((service) => service.name === 'kubernetes' && service.namespace === 'default');
  const ips = new Set<Ip>(kubernetes?.backends.map((backend) => backend.ip));
  return nodes.map((node) => ({...node, apiserver: node.apiserver || node.ips.some((ip) => ips.has(ip))}));
}
