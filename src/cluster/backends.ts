/** What stands behind a service: endpoints that the input states, or pods by selector. */
import {parseIp} from '../wire/addr.js';
import {familyOf} from './ipam.js';
import type {BackendState, Pod, ServiceBackend, ServicePort} from './model.js';
import type {Problems} from './problems.js';
import {type EndpointsSpec, keyOf, type ServiceSpec} from './spec.js';

/** Node name → its zone. */
type ZoneOf = ReadonlyMap<string, string | undefined>;

export function groupEndpoints(endpoints: readonly EndpointsSpec[]): Map<string, EndpointsSpec[]> {
  const groups = new Map<string, EndpointsSpec[]>();
  for (const item of endpoints) {
    const key = `${item.namespace}/${item.service}`;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Backends from `endpoints:` of the short form, else from slices, else from Endpoints; undefined = use the selector. */
export function statedBackends(
  spec: ServiceSpec,
  ports: readonly ServicePort[],
  group: readonly EndpointsSpec[] | undefined,
  zones: ZoneOf,
  problems: Problems,
): ServiceBackend[] | undefined {
  if (spec.endpoints) return spec.endpoints.flatMap((text) => addressBackend(text, spec, ports, problems));
  if (!group) return undefined;
  const slices = group.filter((item) => item.kind === 'EndpointSlice');
  return unique(
    (slices.length > 0 ? slices : group).flatMap((slice) =>
      slice.ports.flatMap((port) =>
        slice.endpoints.flatMap((endpoint) => {
          const state = slice.weight === 0 ? 'maintenance' : endpointState(endpoint);
          const zone = endpoint.zone ?? (endpoint.nodeName === undefined ? undefined : zones.get(endpoint.nodeName));
          return endpoint.addresses.flatMap((text): ServiceBackend[] => {
            const ip = parseIp(text);
            if (ip === undefined) {
              problems.add(
                `endpoints of ${keyOf(spec)}: expected an IP address, got ${JSON.stringify(text)}`,
                slice.where,
              );
              return [];
            }
            return [
              {
                ip,
                port: port.port,
                protocol: port.protocol,
                portName: port.name,
                ...(endpoint.nodeName === undefined ? {} : {nodeName: endpoint.nodeName}),
                ...(zone === undefined ? {} : {zone}),
                ...(endpoint.forZones ? {forZones: endpoint.forZones} : {}),
                ...(slice.weight ? {weight: slice.weight} : {}),
                state,
              },
            ];
          });
        }),
      ),
    ),
  );
}

/** Slices may repeat an endpoint while it moves between them; it is one backend. */
function unique(backends: readonly ServiceBackend[]): ServiceBackend[] {
  const seen = new Map(
    backends.map((backend) => [`${backend.ip} ${backend.port} ${backend.protocol} ${backend.portName}`, backend]),
  );
  return [...seen.values()];
}

/**
 * What Cilium makes of an endpoint's conditions: ready counts above all; one that is not ready stays known, so that its open
 * connections go on (pkg/loadbalancer/reflectors/conversions.go convertEndpoints).
 */
export function endpointState(endpoint: {
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}): BackendState {
  if (endpoint.ready) return 'active';
  if (!endpoint.terminating) return 'maintenance';
  return endpoint.serving ? 'terminating' : 'terminating-not-serving';
}

/** `10.32.1.5:6443`, `[fd00::5]:6443`, or an address alone: one backend for each port, or for the port that has its number. */
function addressBackend(
  text: string,
  spec: ServiceSpec,
  ports: readonly ServicePort[],
  problems: Problems,
): ServiceBackend[] {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const ip = match ? parseIp(match[1] ?? match[2]!) : parseIp(text);
  if (ip === undefined || (match?.[3] !== undefined && (Number(match[3]) < 1 || Number(match[3]) > 65535))) {
    problems.add(
      `service ${keyOf(spec)}: expected an endpoint such as 10.0.0.5:8080, got ${JSON.stringify(text)}`,
      spec.where,
    );
    return [];
  }
  return ports.flatMap((port) => {
    const target = typeof port.targetPort === 'number' ? port.targetPort : port.port;
    const number = match?.[3] === undefined ? target : Number(match[3]);
    if (ports.length > 1 && match?.[3] !== undefined && number !== target) return [];
    return [{ip, port: number, protocol: port.protocol, portName: port.name ?? '', state: 'active' as const}];
  });
}

/** Pods by `namespace key=value`, so that a selector looks at few of them. */
type PodIndex = ReadonlyMap<string, readonly Pod[]>;

export function indexPods(pods: readonly Pod[]): PodIndex {
  const index = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (pod.phase !== 'Running' || pod.ips.length === 0) continue;
    for (const [key, value] of Object.entries(pod.labels)) {
      const slot = `${pod.namespace}\n${key}\n${value}`;
      const list = index.get(slot);
      if (list) list.push(pod);
      else index.set(slot, [pod]);
    }
  }
  return index;
}

/** Pods that match the selector, with the number their own container gives the target port. */
export function selectedBackends(
  spec: ServiceSpec,
  ports: readonly ServicePort[],
  index: PodIndex,
  families: ReadonlySet<number>,
  zones: ZoneOf,
): ServiceBackend[] {
  const wanted = Object.entries(spec.selector ?? {});
  if (wanted.length === 0) return [];
  const namespace = spec.namespace ?? 'default';
  const lists = wanted.map(([key, value]) => index.get(`${namespace}\n${key}\n${value}`) ?? []);
  const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best));
  const pods = shortest.filter((pod) => wanted.every(([key, value]) => pod.labels[key] === value));
  return ports.flatMap((port) =>
    pods.flatMap((pod) => {
      const number = targetPort(port, pod);
      if (number === undefined) return [];
      const zone = pod.node === undefined ? undefined : zones.get(pod.node);
      return pod.ips
        .filter((ip) => families.has(familyOf(ip)))
        .map((ip) => ({
          ip,
          port: number,
          protocol: port.protocol,
          portName: port.name ?? '',
          ...(pod.node === undefined ? {} : {nodeName: pod.node}),
          ...(zone === undefined ? {} : {zone}),
          state: podState(pod, spec.publishNotReadyAddresses ?? false),
        }));
    }),
  );
}

/** Conditions as the EndpointSlice controller sets them: ready and serving by readiness, ready only until deletion. */
function podState(pod: Pod, publishNotReady: boolean): BackendState {
  const terminating = pod.terminating ?? false;
  return endpointState({ready: publishNotReady || (pod.ready && !terminating), serving: pod.ready, terminating});
}

function targetPort(port: ServicePort, pod: Pod): number | undefined {
  if (typeof port.targetPort === 'number') return port.targetPort;
  return pod.ports.find((own) => own.name === port.targetPort && own.protocol === port.protocol)?.port;
}
