/** What every mode of kube-proxy knows of a service port on a node before it makes rules of it. */
import type {ClusterNode, Service, ServicePort} from '../../cluster/model.js';
import {type Ip, isIp4, type Prefix} from '../../wire/addr.js';
import {categorize, type Endpoints} from './endpoints.js';
import type {Protocol} from './model.js';
import {servicePortName} from './names.js';

export interface PortFacts {
  readonly service: Service;
  readonly port: ServicePort;
  /** `namespace/name:port`. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly endpoints: Endpoints;
  readonly clusterIp: Ip;
  readonly externalIps: readonly Ip[];
  readonly loadBalancerIps: readonly Ip[];
  readonly ranges: readonly Prefix[];
  readonly intLocal: boolean;
  readonly extLocal: boolean;
  /** An endpoint takes packets to the cluster IP, or to an address from outside. */
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
}

/** Undefined without a cluster IP of the family. `chainOf`: name of an endpoint's chain, from the port's name, protocol, `IP:port`. */
export function portFacts(
  service: Service,
  port: ServicePort,
  family: 4 | 6,
  node: Pick<ClusterNode, 'name' | 'labels'>,
  chainOf: (name: string, protocol: Protocol, endpoint: string) => string,
): PortFacts | undefined {
  const ofFamily = (ip: Ip) => isIp4(ip) === (family === 4);
  const clusterIp = service.clusterIps.find(ofFamily);
  if (clusterIp === undefined) return undefined;
  const name = servicePortName(service.namespace, service.name, port.name);
  const protocol = port.protocol.toLowerCase() as Protocol;
  const endpoints = categorize(service, port, family, node, (text) => chainOf(name, protocol, text));
  const intLocal = service.internalTrafficPolicy === 'Local';
  const extLocal = service.externalTrafficPolicy === 'Local';
  return {
    service,
    port,
    name,
    protocol,
    endpoints,
    clusterIp,
    externalIps: service.externalIps.filter(ofFamily),
    loadBalancerIps: service.loadBalancerIps.filter(ofFamily),
    ranges: service.sourceRanges.filter(({ip}) => ofFamily(ip)),
    intLocal,
    extLocal,
    hasInternal: endpoints.any && (!intLocal || endpoints.local.length > 0),
    hasExternal: endpoints.any && (!extLocal || endpoints.local.length > 0),
  };
}
