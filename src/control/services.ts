/**
 * Services → frontends, backends and their ids, in the order and with the flags of Cilium's agent
 * (pkg/loadbalancer/reflectors/conversions.go, writer/writer.go, reconciler/bpf_reconciler.go, 1.20).
 */

import {parseSelector, selects} from '../cluster/label-selector.js';
import type {CiliumConfig, Cluster, ClusterNode, Pod, Service, ServiceBackend} from '../cluster/model.js';
import {formatIp, type Ip, isIp4} from '../wire/addr.js';
import {hasWildcard, toFrontend, wildcardOf} from './frontend.js';
import {hostPortFrontends, serviceFrontends} from './frontend-specs.js';
import {withRedirects} from './local-redirect.js';
import type {Backend, Frontend, ServiceMaps} from './model.js';
import {protocolNumber} from './protocols.js';
import {type FrontendSpec, selectBackends} from './select-backends.js';
import {newServiceIds, type ServiceIds} from './service-ids.js';
import {createServiceMaps, isSurrogate, rehomed} from './service-maps.js';

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
