/**
 * Which backends a frontend uses on a node (pkg/loadbalancer/writer/writer.go DefaultSelectBackends) and the order of their
 * slots (reconciler/bpf_reconciler.go sortedBackends), 1.20.
 */
import type {ClusterNode, Service, ServiceBackend} from '../cluster/model.js';
import {compareIp, type Ip, isIp4} from '../wire/addr.js';
import type {Frontend} from './model.js';
import {protocolNumber} from './protocols.js';

/** The part of a frontend that says which address means which port of which service. */
export interface FrontendSpec {
  readonly ip: Ip;
  readonly port: number;
  readonly protocol: number;
  readonly scope: Frontend['scope'];
  readonly type: Frontend['type'];
  readonly service: Service;
  readonly portName: string;
  /** HostPort of a loopback address: only the node itself may use it. */
  readonly loopback?: boolean;
  /** Pods that a local redirect policy puts in place of the service's backends. */
  readonly redirect?: readonly ServiceBackend[];
  readonly skippedFor?: Frontend['skippedFor'];
}

/** Slots sort by state first (bpf_reconciler.go sortedBackends). */
const stateOrder = {active: 0, terminating: 1, 'terminating-not-serving': 2, quarantined: 3, maintenance: 4} as const;

/** `topology`: enable-service-topology, which heeds hints and `trafficDistribution`. */
export function selectBackends(spec: FrontendSpec, node: ClusterNode, topology: boolean): ServiceBackend[] {
  const {service, redirect} = spec;
  if (redirect) return [...redirect].sort(bySlot);
  const fitting = service.backends.filter((backend) => fits(spec, backend));
  const chosen = topology
    ? (sameNode(spec, fitting, node) ?? sameZone(spec, heedPolicy(spec, fitting, node), node))
    : heedPolicy(spec, fitting, node);
  return chosen.sort(bySlot);
}

function bySlot(a: ServiceBackend, b: ServiceBackend): number {
  return stateOrder[a.state] - stateOrder[b.state] || compareIp(a.ip, b.ip) || a.port - b.port;
}

function fits({ip, protocol, portName}: FrontendSpec, backend: ServiceBackend): boolean {
  return (
    protocolNumber(backend.protocol) === protocol &&
    isIp4(backend.ip) === isIp4(ip) &&
    (portName === '' || backend.portName === '' || backend.portName === portName)
  );
}

/** A Local traffic policy leaves the node's own. */
function heedPolicy(spec: FrontendSpec, backends: ServiceBackend[], node: ClusterNode): ServiceBackend[] {
  if (!onlyLocal(spec)) return backends;
  return backends.filter(({nodeName}) => nodeName === undefined || nodeName === node.name);
}

function onlyLocal({type, scope, service}: FrontendSpec): boolean {
  if (type === 'HostPort' || type === 'LocalRedirect') return false;
  if (scope === 'internal' || type === 'ClusterIP') return service.internalTrafficPolicy === 'Local';
  return service.externalTrafficPolicy === 'Local';
}

/** PreferSameNode: the node's own, where it has any, whatever their state. */
function sameNode(
  {service}: FrontendSpec,
  backends: readonly ServiceBackend[],
  node: ClusterNode,
): ServiceBackend[] | undefined {
  if (preference(service) !== 'PreferSameNode') return undefined;
  const own = backends.filter(({nodeName}) => nodeName === node.name);
  return own.length > 0 ? own : undefined;
}

/** Those with a hint for the node's zone; all of them where one has no hint or no hint names the zone. */
function sameZone({service}: FrontendSpec, backends: ServiceBackend[], node: ClusterNode): ServiceBackend[] {
  const zone = node.labels['topology.kubernetes.io/zone'];
  const wanted = preference(service);
  if (!zone || (wanted !== 'PreferClose' && wanted !== 'PreferSameZone')) return backends;
  if (backends.some((backend) => backend.zone === undefined || !backend.forZones?.length)) return backends;
  const near = backends.filter((backend) => backend.forZones?.includes(zone));
  return near.length > 0 ? near : backends;
}

function preference({annotations, internalTrafficPolicy, trafficDistribution}: Service): string | undefined {
  if (internalTrafficPolicy === 'Local') return undefined;
  if (trafficDistribution) return trafficDistribution;
  const hints =
    annotations['service.kubernetes.io/topology-aware-hints'] ??
    annotations['service.kubernetes.io/topology-mode'] ??
    '';
  return ['', 'disabled', 'Disabled'].includes(hints) ? undefined : 'PreferSameZone';
}
