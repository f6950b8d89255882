/**
 * Services → frontends, backends and their ids, in the order and with the flags of Cilium's agent
 * (pkg/loadbalancer/reflectors/conversions.go, writer/writer.go, reconciler/bpf_reconciler.go, 1.20).
 */

import {parseSelector, selects} from '../cluster/label-selector.js';
import type {CiliumConfig, Cluster, ClusterNode, Pod, Service, ServiceBackend, ServicePort} from '../cluster/model.js';
import {formatIp, type Ip, isIp4, isLoopback} from '../wire/addr.js';
import {withRedirects} from './local-redirect.js';
import {maglevSeeds, maglevTable} from './maglev.js';
import {type Backend, type Frontend, type ServiceMaps, serviceFlags} from './model.js';
import {protocolNumber} from './protocols.js';
import {type FrontendSpec, selectBackends} from './select-backends.js';
import {newServiceIds, type ServiceIds} from './service-ids.js';
import {createServiceMaps, isSurrogate, rehomed} from './service-maps.js';

const ANY4 = 0;
const ANY6 = '\0\0\0\0\0\0\0\0';

/** Numbers behind maps made here, for the state that follows. */
const memories = new WeakMap<ServiceMaps, () => ServiceIds>();

/** `previous`: the maps that these replace; what stays keeps its number. */
export function nodeServices(
  cluster: Cluster,
  node: ClusterNode,
  localPods: readonly Pod[],
  previous?: ServiceMaps,
): ServiceMaps {
  if (cluster.dataplane !== 'cilium') return createServiceMaps([], new Map());
  const key = previous ? undefined : commonKey(cluster, node, localPods);
  if (key === undefined) return buildServices(cluster, node, localPods, previous);
  let common = commonMaps.get(cluster);
  if (!common) commonMaps.set(cluster, (common = new Map()));
  const known = common.get(key);
  if (!known) {
    const maps = buildServices(cluster, node, localPods, undefined);
    const addresses = nodePortAddresses(node);
    common.set(key, {maps, addresses, ported: maps.frontends.some(({ip}) => addresses.includes(ip))});
    return maps;
  }
  if (!known.ported) return known.maps;
  const maps = rehomed(known.maps, known.addresses, nodePortAddresses(node));
  memories.set(maps, () => memories.get(buildServices(cluster, node, localPods, undefined))!());
  return maps;
}

/** Maps that many nodes have in common but for the addresses of node ports, which are those of the node they were made for. */
interface CommonMaps {
  readonly maps: ServiceMaps;
  readonly addresses: readonly Ip[];
  /** Node ports are among them. */
  readonly ported: boolean;
}

/** By `commonKey`. */
const commonMaps = new WeakMap<Cluster, Map<string, CommonMaps>>();

interface NodeFacts {
  /** Something looks at the node in a way that no key tells. */
  readonly bound: boolean;
  /** Services that choose who knows them. */
  readonly selective: readonly Service[];
  /** Nodes with backends of services that keep to the node. */
  readonly local: ReadonlySet<string>;
}

const nodeFacts = new WeakMap<Cluster, NodeFacts>();

function factsOf(cluster: Cluster): NodeFacts {
  const {services, nodes, cilium: config} = cluster;
  const nodeIps = new Set(nodes.flatMap(({ips}) => ips));
  const local = services.filter(
    ({externalTrafficPolicy, internalTrafficPolicy}) =>
      externalTrafficPolicy === 'Local' || internalTrafficPolicy === 'Local',
  );
  return {
    bound:
      config.raw['enable-service-topology'] === 'true' ||
      (cluster.redirectPolicies?.length ?? 0) > 0 ||
      services.some(({clusterIps, externalIps, loadBalancerIps}) =>
        [...clusterIps, ...externalIps, ...loadBalancerIps].some((ip) => nodeIps.has(ip)),
      ),
    selective: services.filter(({annotations}) => Object.keys(annotations).some((name) => nodeAnnotations.has(name))),
    local: new Set(local.flatMap(({backends}) => backends.flatMap(({nodeName}) => nodeName ?? []))),
  };
}

/**
 * Nodes with the same key have the same maps but for their own addresses: those without host ports and without backends of services
 * that keep to their node. Undefined: the maps are the node's own.
 */
function commonKey(cluster: Cluster, node: ClusterNode, localPods: readonly Pod[]): string | undefined {
  let facts = nodeFacts.get(cluster);
  if (!facts) nodeFacts.set(cluster, (facts = factsOf(cluster)));
  const {bound, local, selective} = facts;
  if (bound || local.has(node.name)) return undefined;
  if (localPods.some(({ports}) => ports.some(({hostPort}) => hostPort !== undefined))) return undefined;
  const families = nodePortAddresses(node).map((ip) => (isIp4(ip) ? 4 : 6));
  return `${families.join()} ${selective.map((service) => (isExposed(service, node) ? 1 : 0)).join('')}`;
}

const nodeAnnotations: ReadonlySet<string> = new Set(['service.cilium.io/node-selector', 'service.cilium.io/node']);

function buildServices(
  cluster: Cluster,
  node: ClusterNode,
  localPods: readonly Pod[],
  previous: ServiceMaps | undefined,
): ServiceMaps {
  const {cilium: config} = cluster;
  const stated = [
    ...cluster.services.flatMap((service) => (isExposed(service, node) ? serviceFrontends(service, config) : [])),
    ...localPods.flatMap((pod) => hostPortFrontends(pod, config)),
  ];
  const specs = withRedirects(stated, cluster, localPods);
  const ids = (previous && memories.get(previous)?.()) ?? newServiceIds();
  const builder = createBuilder(cluster, node, ids);
  for (const spec of specs) {
    if (!isCandidate(spec, config)) continue;
    builder.add(spec);
    if (spec.type !== 'NodePort' && !(spec.type === 'HostPort' && isSurrogate(spec.ip))) continue;
    for (const ip of spec.loopback ? [] : nodePortAddresses(node))
      if (isIp4(ip) === isIp4(spec.ip)) builder.add({...spec, ip});
  }
  const {maps, used} = builder.finish();
  memories.set(maps, () => ({
    frontends: ids.frontends.retain(used.frontends),
    backends: ids.backends.retain(used.backends),
  }));
  return maps;
}

/** `service.cilium.io/node-selector`, else `service.cilium.io/node`: the nodes that know the service (CheckServiceNodeExposure). */
function isExposed({annotations}: Service, node: ClusterNode): boolean {
  const selector = annotations['service.cilium.io/node-selector'];
  if (selector !== undefined) {
    const requirements = selector.trim() === '' ? [] : parseSelector(selector);
    // The agent ignores what it can't read.
    return !requirements || selects(requirements, nodeLabels(node));
  }
  const value = annotations['service.cilium.io/node'];
  return value === undefined || node.labels['service.cilium.io/node'] === value;
}

function nodeLabels({labels}: ClusterNode): string[] {
  return Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`);
}

/** Without kube-proxy replacement the maps only hold what pods need on their own way out (isDatapathCandidate). */
function isCandidate(spec: FrontendSpec, config: CiliumConfig): boolean {
  if (!(isIp4(spec.ip) ? config.enableIpv4 : config.enableIpv6)) return false;
  if (config.kubeProxyReplacement) return true;
  if (spec.type === 'LoadBalancer') return config.routingMode === 'tunnel';
  return spec.type === 'ClusterIP' || spec.type === 'ExternalIPs' || spec.type === 'LocalRedirect';
}

/** Addresses that answer node ports: of the node's devices, one per family. */
function nodePortAddresses(node: ClusterNode): Ip[] {
  return [...new Set([node.ips.find(isIp4), node.ips.find((ip) => !isIp4(ip))])].filter((ip) => ip !== undefined);
}

/** Values of `service.cilium.io/type`; others are ignored. */
const exposures: readonly string[] = ['ClusterIP', 'NodePort', 'LoadBalancer'];

/** ClusterIPs, node ports, load balancer addresses, external addresses. */
function serviceFrontends(service: Service, config: CiliumConfig): FrontendSpec[] {
  const specs: FrontendSpec[] = [];
  if (Object.hasOwn(service.labels, 'service.kubernetes.io/headless')) return specs;
  const only = service.annotations['service.cilium.io/type'];
  const exposes = (type: string) => only === type || !exposures.includes(only ?? '');
  const add = (type: Frontend['type'], ip: Ip, port: ServicePort, number: number, scope: Frontend['scope']) =>
    specs.push({
      ip,
      port: number,
      protocol: protocolNumber(port.protocol),
      scope,
      type,
      service,
      portName: port.name ?? '',
    });
  const twoScopes = (service.externalTrafficPolicy === 'Local') !== (service.internalTrafficPolicy === 'Local');
  const scopes: readonly Frontend['scope'][] = twoScopes ? ['external', 'internal'] : ['external'];
  const byText = (a: Ip, b: Ip) => (formatIp(a) < formatIp(b) ? -1 : 1);

  if (exposes('ClusterIP'))
    for (const ip of [...service.clusterIps].sort(byText))
      for (const port of service.ports) add('ClusterIP', ip, port, port.port, 'external');
  const exposed = (service.type === 'NodePort' || service.type === 'LoadBalancer') && exposes('NodePort');
  if (exposed && config.kubeProxyReplacement)
    for (const scope of scopes)
      for (const family of service.clusterIps)
        for (const port of service.ports)
          if (port.nodePort) add('NodePort', isIp4(family) ? ANY4 : ANY6, port, port.nodePort, scope);
  if (service.type === 'LoadBalancer' && exposes('LoadBalancer'))
    for (const ip of service.loadBalancerIps)
      for (const scope of scopes) for (const port of service.ports) add('LoadBalancer', ip, port, port.port, scope);
  for (const ip of service.externalIps)
    for (const port of service.ports) add('ExternalIPs', ip, port, port.port, 'external');
  return specs;
}

/** A pod's hostPorts: one service each, with the pod as its only backend (reflectors/k8s.go). */
function hostPortFrontends(pod: Pod, config: CiliumConfig): FrontendSpec[] {
  if (pod.hostNetwork || pod.phase !== 'Running' || !config.kubeProxyReplacement) return [];
  return pod.ports.flatMap((port) => {
    const {hostPort, hostIp} = port;
    const [low, high] = config.nodePortRange;
    if (hostPort === undefined || (hostPort >= low && hostPort <= high)) return [];
    const service = hostPortService(pod, hostPort, port);
    const loopback = hostIp !== undefined && isLoopback(hostIp);
    return hostPortAddresses(pod, hostIp).map((ip) => ({
      ip,
      port: hostPort,
      protocol: protocolNumber(port.protocol),
      scope: 'external' as const,
      type: 'HostPort' as const,
      service,
      portName: '',
      loopback,
    }));
  });
}

/** Every address of the node, or the one that the pod names; a loopback address is kept as the unspecified one. */
function hostPortAddresses({ips}: Pod, hostIp: Ip | undefined): Ip[] {
  if (hostIp === undefined) return [...new Set(ips.map(anyOf))];
  // An unspecified hostIP exposes nothing, since the agent neither expands nor keeps it.
  if (isSurrogate(hostIp)) return [];
  return [isLoopback(hostIp) ? anyOf(hostIp) : hostIp];
}

function anyOf(ip: Ip): Ip {
  return isIp4(ip) ? ANY4 : ANY6;
}

function hostPortService(pod: Pod, hostPort: number, port: Pod['ports'][number]): Service {
  return {
    name: `${pod.name}:host-port:${hostPort}`,
    namespace: pod.namespace,
    labels: {},
    annotations: {},
    type: 'ClusterIP',
    clusterIps: [],
    externalIps: [],
    loadBalancerIps: [],
    ports: [{port: hostPort, protocol: port.protocol, targetPort: port.port}],
    sessionAffinity: undefined,
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sourceRanges: [],
    publishNotReady: false,
    backends: pod.ips.map((ip) => ({
      ip,
      port: port.port,
      protocol: port.protocol,
      portName: '',
      state: 'active' as const,
      ...(pod.node === undefined ? {} : {nodeName: pod.node}),
    })),
    ...(pod.where ? {where: pod.where} : {}),
  };
}

function createBuilder(cluster: Cluster, node: ClusterNode, ids: ServiceIds) {
  const {cilium: config} = cluster;
  const frontends: Frontend[] = [];
  const backends = new Map<number, Backend>();
  const usedBackends = new Set<string>();
  const topology = config.raw['enable-service-topology'] === 'true';
  const owned = new Set<string>();
  const wildcards = new Map<Ip, Frontend>();
  const nodeIps = new Set<Ip>(cluster.nodes.flatMap((other) => other.ips));

  function backendOf(from: ServiceBackend): Backend {
    const key = `${from.protocol} ${from.port} ${isIp4(from.ip) ? from.ip : formatIp(from.ip)}`;
    const id = ids.backends.acquire(key);
    usedBackends.add(key);
    const known = backends.get(id);
    if (known && known.state === from.state && known.weight === from.weight) return known;
    const backend: Backend = {
      id,
      ip: from.ip,
      port: from.port,
      protocol: protocolNumber(from.protocol),
      state: from.state,
      ...(from.nodeName === undefined ? {} : {nodeName: from.nodeName}),
      ...(from.zone === undefined ? {} : {zone: from.zone}),
      ...(from.weight === undefined ? {} : {weight: from.weight}),
    };
    if (!known) backends.set(id, backend);
    return backend;
  }

  return {
    /** The first service that claims an address keeps it (ErrFrontendConflict). */
    add(spec: FrontendSpec): void {
      const key = `${isIp4(spec.ip) ? spec.ip : formatIp(spec.ip)} ${spec.port} ${spec.protocol} ${spec.scope}`;
      if (owned.has(key)) return;
      owned.add(key);
      const chosen = selectBackends(spec, node, topology).map(backendOf);
      const frontend = toFrontend(ids.frontends.acquire(key), spec, chosen, config);
      frontends.push(frontend);
      if (hasWildcard(spec, config) && !nodeIps.has(spec.ip) && !wildcards.has(spec.ip))
        wildcards.set(spec.ip, wildcardOf({ip: spec.ip, type: spec.type}));
    },
    finish: () => ({
      maps: createServiceMaps([...frontends, ...wildcards.values()], backends),
      used: {frontends: owned, backends: usedBackends},
    }),
  };
}

function toFrontend(id: number, spec: FrontendSpec, backends: readonly Backend[], config: CiliumConfig): Frontend {
  const {service, portName, loopback: _, redirect, ...address} = spec;
  const active = backends.filter((backend) => backend.state === 'active').length;
  const count = active || backends.filter((backend) => backend.state === 'terminating').length;
  const type = redirect ? 'LocalRedirect' : spec.type;
  const flags = frontendFlags({...spec, type}, config);
  const algorithm = annotatedAlgorithm(service, config);
  return {
    ...address,
    type,
    id,
    flags: flags & 0xff,
    flags2: flags >>> 8,
    algorithm,
    affinityTimeout: service.sessionAffinity?.clientIpTimeout ?? 0,
    backends,
    count,
    sourceRanges: service.sourceRanges.filter((range) => isIp4(range.ip) === isIp4(spec.ip)),
    maglev: usesMaglev(spec, algorithm, config) ? lazyTable(backends.slice(0, count), config) : undefined,
    service,
    portName,
  };
}

/** NewSvcFlag of pkg/loadbalancer: 16 bits, the upper 8 are `flags2` of the map value. */
function frontendFlags({type, ip, protocol, service, loopback}: FrontendSpec, config: CiliumConfig): number {
  const f = serviceFlags;
  const extLocal = service.externalTrafficPolicy === 'Local';
  const intLocal = service.internalTrafficPolicy === 'Local';
  const routable = !isSurrogate(ip) && (type !== 'ClusterIP' || config.lbExternalClusterIp);
  const allTypes = config.raw['bpf-lb-source-range-all-types'] === 'true';
  const ranges = service.sourceRanges.length > 0 && (allTypes || type === 'LoadBalancer' || type === 'ExternalIPs');
  const deny = service.annotations['service.cilium.io/src-ranges-policy']?.toLowerCase() === 'deny';
  const delegates = service.annotations['service.cilium.io/proxy-delegation']?.toLowerCase() === 'delegate-if-local';
  return (
    typeFlags[type] |
    (extLocal ? f.extLocal : 0) |
    (intLocal ? f.intLocal : 0) |
    (extLocal !== intLocal && type !== 'ClusterIP' ? f.twoScopes : 0) |
    (service.sessionAffinity ? f.affinity : 0) |
    (routable ? f.routable : 0) |
    (ranges ? f.sourceRange : 0) |
    (ranges && deny ? f.quarantined : 0) |
    (loopback || delegates ? f.loopback : 0) |
    (forwardsByDsr(service, protocol, config) ? f.dsr : 0)
  );
}

/** `service.cilium.io/forwarding-mode`, where `bpf-lb-mode-annotation` is on; else the node's mode. */
function forwardsByDsr({annotations}: Service, protocol: number, config: CiliumConfig): boolean {
  const own = annotations['service.cilium.io/forwarding-mode']?.toLowerCase();
  if (config.raw['bpf-lb-mode-annotation'] === 'true' && (own === 'dsr' || own === 'snat')) return own === 'dsr';
  return config.lbMode === 'dsr' || (config.lbMode === 'hybrid' && protocol === 6);
}

const typeFlags = {
  ClusterIP: 0,
  NodePort: serviceFlags.nodePort,
  ExternalIPs: serviceFlags.externalIps,
  LoadBalancer: serviceFlags.loadBalancer,
  HostPort: serviceFlags.hostPort,
  LocalRedirect: serviceFlags.localRedirect,
} as const;

/** `service.cilium.io/lb-algorithm`, where `bpf-lb-algorithm-annotation` is on. */
function annotatedAlgorithm(service: Service, config: CiliumConfig): 0 | 1 | 2 {
  if (config.raw['bpf-lb-algorithm-annotation'] !== 'true') return 0;
  const value = service.annotations['service.cilium.io/lb-algorithm']?.toLowerCase();
  return value === 'random' ? 1 : value === 'maglev' ? 2 : 0;
}

/** Tables are only built for what is reachable from outside the node, unless the service asks (useMaglev). */
function usesMaglev(spec: FrontendSpec, algorithm: 0 | 1 | 2, config: CiliumConfig): boolean {
  if (isSurrogate(spec.ip)) return false;
  if (algorithm !== 0) return algorithm === 2;
  if (config.lbAlgorithm !== 'maglev') return false;
  return spec.type === 'ClusterIP' ? config.lbExternalClusterIp : spec.type !== 'LocalRedirect';
}

function lazyTable(eligible: readonly Backend[], config: CiliumConfig): () => Uint32Array | undefined {
  let table: Uint32Array | undefined;
  return () => {
    const seeds = maglevSeeds(config.maglevHashSeed);
    if (eligible.length === 0 || !seeds) return undefined;
    table ??= maglevTable(eligible, config.maglevTableSize, seeds.murmur);
    return table;
  };
}

/** Since 1.19, where LB IPAM owns the address: traffic to other ports of it is the service's too, and goes nowhere. */
function hasWildcard({type, scope, service}: FrontendSpec, config: CiliumConfig): boolean {
  const [major = 0, minor = 0] = config.version.split('.').map(Number);
  const owned = service.loadBalancerClass
    ? ['io.cilium/bgp-control-plane', 'io.cilium/l2-announcer'].includes(service.loadBalancerClass)
    : (config.raw['default-lb-service-ipam'] ?? 'lbipam') === 'lbipam';
  const candidate = (type === 'ClusterIP' || type === 'LoadBalancer') && scope === 'external';
  const wanted = config.raw['bpf-lb-enable-wildcard-entries'] !== 'false';
  return candidate && owned && wanted && (major > 1 || minor >= 19);
}

function wildcardOf({ip, type}: Pick<Frontend, 'ip' | 'type'>): Frontend {
  return {
    id: 0,
    ip,
    port: 0,
    protocol: 0,
    scope: 'external',
    type,
    flags: typeFlags[type] & 0xff,
    flags2: typeFlags[type] >>> 8,
    algorithm: 0,
    affinityTimeout: 0,
    backends: [],
    count: 0,
    sourceRanges: [],
    maglev: undefined,
  };
}
