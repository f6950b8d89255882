/** Which endpoints a service port uses on a node (pkg/proxy/topology.go CategorizeEndpoints). */
import type {Service, ServiceBackend, ServicePort} from '../../cluster/model.js';
import {formatIpPort, isIp4} from '../../wire/addr.js';

export interface Endpoints {
  /** Under the Cluster policy, by address text. */
  readonly cluster: readonly ServiceBackend[];
  /** Under the Local policy. */
  readonly local: readonly ServiceBackend[];
  /** All that have a chain. */
  readonly reachable: readonly ServiceBackend[];
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
function usable(among: readonly ServiceBackend[]): readonly ServiceBackend[] {
  const ready = among.filter((b) => b.state === 'active');
  return ready.length > 0 ? ready : among.filter((b) => b.state === 'terminating');
}

export function categorize(service: Service, port: ServicePort, family: 4 | 6, node: string): Endpoints {
  const external = isExternal(service, port);
  const intLocal = service.internalTrafficPolicy === 'Local';
  const usesCluster = !intLocal || external;
  const usesLocal = intLocal || (service.externalTrafficPolicy === 'Local' && external);
  const all = [...portBackends(service, port, family)].sort(byText);
  const anywhere = usable(all);
  const cluster = usesCluster ? anywhere : [];
  const local = usesLocal ? usable(all.filter((b) => b.nodeName === node)) : [];
  const reachable = local.some((b) => !cluster.includes(b))
    ? all.filter((b) => cluster.includes(b) || local.includes(b))
    : cluster;
  return {cluster, local, reachable, any: anywhere.length > 0};
}

/** The order of `IP:port` as text. */
function byText(a: ServiceBackend, b: ServiceBackend): number {
  const [x, y] = [formatIpPort(a.ip, a.port), formatIpPort(b.ip, b.port)];
  return x < y ? -1 : x > y ? 1 : 0;
}
