/** Which endpoints a service port uses on a node (pkg/proxy/topology.go CategorizeEndpoints). */
import type {ClusterNode, Service, ServiceBackend, ServicePort} from '../../cluster/model.js';
import {formatIpPort, isIp4} from '../../wire/addr.js';

/** A backend, its `IP:port`, and its chain's name. */
export interface Endpoint {
  readonly backend: ServiceBackend;
  readonly text: string;
  readonly chain: string;
}

export interface Endpoints {
  /** Under the Cluster policy, in the order of their texts. */
  readonly cluster: readonly Endpoint[];
  /** Under the Local policy. */
  readonly local: readonly Endpoint[];
  /** All that have a chain. */
  readonly reachable: readonly Endpoint[];
  /** There is one in the cluster, here or elsewhere. */
  readonly any: boolean;
}

export function isExternal(service: Service, port: ServicePort): boolean {
  return port.nodePort !== undefined || service.loadBalancerIps.length > 0 || service.externalIps.length > 0;
}

/** Everything known of a service port in a family, whatever its state. */
export function portBackends(service: Service, port: ServicePort, family: 4 | 6): readonly ServiceBackend[] {
  return service.backends.filter(
    (b) => isIp4(b.ip) === (family === 4) && b.protocol === port.protocol && b.portName === (port.name ?? ''),
  );
}

/** Endpoints that are ready; where there are none, those that still serve while they terminate. */
function usable(among: readonly Endpoint[]): readonly Endpoint[] {
  const ready = among.filter(({backend}) => backend.state === 'active');
  return ready.length > 0 ? ready : among.filter(({backend}) => backend.state === 'terminating');
}

const ZONE = 'topology.kubernetes.io/zone';

/** Where the service says it, and every ready endpoint has a hint: those for this node, else for its zone, if there are any. */
function near(
  service: Service,
  among: readonly Endpoint[],
  {name, labels}: Pick<ClusterNode, 'name' | 'labels'>,
): readonly Endpoint[] {
  if (!heedsTopology(service) || among.some(({backend}) => backend.state !== 'active')) return among;
  const zone = labels[ZONE];
  if (service.trafficDistribution === 'PreferSameNode' && among.every(({backend}) => backend.nodeName !== undefined)) {
    const own = among.filter(({backend}) => backend.nodeName === name);
    if (own.length > 0) return own;
  }
  const hints = among.map(({backend}) => zonesOf(service, backend));
  if (zone === undefined || hints.some((zones) => zones.length === 0)) return among;
  const own = among.filter((_, i) => hints[i]?.includes(zone));
  return own.length > 0 ? own : among;
}

/** Hints of its EndpointSlice; the controller that writes them names each endpoint's own zone where traffic shall stay close. */
function zonesOf({trafficDistribution}: Service, {forZones, zone}: ServiceBackend): readonly string[] {
  if (forZones) return forZones;
  return trafficDistribution && zone !== undefined ? [zone] : [];
}

/** Some node of the cluster may have other endpoints than the next, for where they are. */
export function heedsTopology({trafficDistribution, backends}: Service): boolean {
  return trafficDistribution !== undefined || backends.some(({forZones}) => forZones !== undefined);
}

export function categorize(
  service: Service,
  port: ServicePort,
  family: 4 | 6,
  node: Pick<ClusterNode, 'name' | 'labels'>,
  chainOf: (text: string) => string,
): Endpoints {
  const external = isExternal(service, port);
  const intLocal = service.internalTrafficPolicy === 'Local';
  const usesCluster = !intLocal || external;
  const usesLocal = intLocal || (service.externalTrafficPolicy === 'Local' && external);
  const all = portBackends(service, port, family)
    .map((backend): Endpoint => {
      const text = formatIpPort(backend.ip, backend.port);
      return {backend, text, chain: chainOf(text)};
    })
    .sort((a, b) => (a.text < b.text ? -1 : 1));
  const anywhere = usable(all);
  const cluster = usesCluster ? near(service, anywhere, node) : [];
  const local = usesLocal ? usable(all.filter(({backend}) => backend.nodeName === node.name)) : [];
  const extra = local.some((endpoint) => !cluster.includes(endpoint));
  const reachable = extra ? all.filter((e) => cluster.includes(e) || local.includes(e)) : cluster;
  return {cluster, local, reachable, any: anywhere.length > 0};
}
