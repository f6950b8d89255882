/** What the value of a frontend in the service map says: flags, algorithm, Maglev table (cilium pkg/loadbalancer, 1.20). */
import type {CiliumConfig, Service} from '../cluster/model.js';
import {isIp4} from '../wire/addr.js';
import {maglevSeeds, maglevTable} from './maglev.js';
import {type Backend, type Frontend, serviceFlags} from './model.js';
import type {FrontendSpec} from './select-backends.js';
import {isSurrogate} from './service-maps.js';

export function toFrontend(
  id: number,
  spec: FrontendSpec,
  backends: readonly Backend[],
  config: CiliumConfig,
): Frontend {
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
export function hasWildcard({type, scope, service}: FrontendSpec, config: CiliumConfig): boolean {
  const [major = 0, minor = 0] = config.version.split('.').map(Number);
  const owned = service.loadBalancerClass
    ? ['io.cilium/bgp-control-plane', 'io.cilium/l2-announcer'].includes(service.loadBalancerClass)
    : (config.raw['default-lb-service-ipam'] ?? 'lbipam') === 'lbipam';
  const candidate = (type === 'ClusterIP' || type === 'LoadBalancer') && scope === 'external';
  const wanted = config.raw['bpf-lb-enable-wildcard-entries'] !== 'false';
  return candidate && owned && wanted && (major > 1 || minor >= 19);
}

export function wildcardOf({ip, type}: Pick<Frontend, 'ip' | 'type'>): Frontend {
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
