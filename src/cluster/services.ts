/** Services: ClusterIPs, node ports, and the backends behind them. */
import {
  formatIp,
  formatPrefix,
  type Ip,
  isIp4,
  type Prefix,
  parseIp,
  parsePrefix,
  prefixContains,
} from '../wire/addr.js';
import {type Family, readIps} from './cidrs.js';
import {listOf} from './cilium-config.js';
import {type AddressBook, createPool, familyOf} from './ipam.js';
import type {BackendState, ClusterNode, L4Name, Pod, Service, ServiceBackend, ServicePort} from './model.js';
import {claim} from './nodes.js';
import type {Problems} from './problems.js';
import type {EndpointsSpec, ServicePortSpec, ServiceSpec} from './spec.js';

export interface ServiceContext {
  readonly families: readonly Family[];
  readonly serviceCidrs: readonly Prefix[];
  readonly serviceCidrsStated: boolean;
  readonly nodePortRange: readonly [number, number];
  readonly nodes: readonly ClusterNode[];
  readonly pods: readonly Pod[];
  readonly endpoints: readonly EndpointsSpec[];
  readonly book: AddressBook;
  readonly problems: Problems;
}

export function resolveServices(specs: readonly ServiceSpec[], context: ServiceContext): Service[] {
  const {problems, endpoints} = context;
  const stated = specs.map((spec) => statedClusterIps(spec, context));
  const allocate = createClusterIpAllocator(context);
  const nodePorts = createNodePorts(specs, context);
  const slices = groupEndpoints(endpoints);
  const podIndex = indexPods(context.pods);
  const zones = new Map(context.nodes.map((node) => [node.name, node.labels['topology.kubernetes.io/zone']]));
  const seen = new Set<string>();
  return specs.map((spec, i) => {
    const key = keyOf(spec);
    if (seen.has(key)) problems.add(`service ${key} is defined twice`, spec.where);
    seen.add(key);
    const type = spec.type ?? 'ClusterIP';
    const ports = nodePorts(spec, readPorts(spec, problems));
    const clusterIps = stated[i] ?? allocate(spec);
    const local = (spec.externalTrafficPolicy ?? 'Cluster') === 'Local';
    const healthPort = spec.healthCheckNodePort ?? (type === 'LoadBalancer' && local ? nodePorts.health() : undefined);
    const families = new Set(clusterIps.length > 0 ? clusterIps.map(familyOf) : context.families);
    return {
      name: spec.name,
      namespace: spec.namespace ?? 'default',
      labels: spec.labels ?? {},
      annotations: spec.annotations ?? {},
      type,
      clusterIps,
      externalIps: readIps(spec.externalIPs, `service ${key}`, spec.where, problems),
      loadBalancerIps: readIps(spec.loadBalancerIP, `service ${key}`, spec.where, problems),
      ports,
      ...(spec.selector ? {selector: spec.selector} : {}),
      ...(spec.externalName === undefined ? {} : {externalName: spec.externalName}),
      sessionAffinity:
        spec.sessionAffinity === 'ClientIP' ? {clientIpTimeout: spec.sessionAffinityTimeout ?? 10800} : undefined,
      internalTrafficPolicy: spec.internalTrafficPolicy ?? 'Cluster',
      externalTrafficPolicy: spec.externalTrafficPolicy ?? 'Cluster',
      ...(healthPort === undefined ? {} : {healthCheckNodePort: healthPort}),
      sourceRanges: listOf(spec.loadBalancerSourceRanges).flatMap((text) => {
        const prefix = parsePrefix(text);
        if (!prefix)
          problems.add(`service ${key}: expected a prefix such as 10.0.0.0/8, got ${JSON.stringify(text)}`, spec.where);
        return prefix ?? [];
      }),
      publishNotReady: spec.publishNotReadyAddresses ?? false,
      backends:
        type === 'ExternalName'
          ? []
          : (statedBackends(spec, ports, slices.get(key), context) ?? selected(spec, ports, podIndex, families, zones)),
      ...(spec.where ? {where: spec.where} : {}),
    };
  });
}

function keyOf(spec: {readonly namespace?: string; readonly name: string}): string {
  return `${spec.namespace ?? 'default'}/${spec.name}`;
}

/** `80`, `"80:8080"`, `"80:8080/UDP"` (named as kubectl create service names them), or the long form. */
function readPorts(spec: ServiceSpec, problems: Problems): ServicePort[] {
  const ports = (spec.ports ?? []).flatMap((port) => readPort(port, spec, problems) ?? []);
  if (ports.length > 1 && ports.some((port) => port.name === undefined))
    problems.add(
      `service ${keyOf(spec)}: a service with several ports needs a name for each of them`,
      spec.where,
      'add name: to every port',
    );
  const names = new Set<string>();
  for (const {name} of ports) {
    if (name !== undefined && names.has(name))
      problems.add(`service ${keyOf(spec)}: two ports are named ${name}`, spec.where);
    if (name !== undefined) names.add(name);
  }
  if (ports.length === 0 && spec.type !== 'ExternalName' && spec.clusterIP !== 'None')
    problems.add(`service ${keyOf(spec)} has no ports`, spec.where, 'add ports:, e.g. ports: ["80:8080"]');
  return ports;
}

function readPort(port: ServicePortSpec, spec: ServiceSpec, problems: Problems): ServicePort | undefined {
  if (typeof port === 'object')
    return {
      ...(port.name ? {name: port.name} : {}),
      port: port.port,
      protocol: port.protocol ?? 'TCP',
      targetPort: port.targetPort || port.port,
      ...(port.nodePort ? {nodePort: port.nodePort} : {}),
    };
  const match = /^(\d{1,5})(?::(\d{1,5}|[a-z][a-z0-9-]*))?(?:\/(tcp|udp|sctp))?$/i.exec(String(port));
  const number = Number(match?.[1] ?? 0);
  if (!match || number < 1 || number > 65535) {
    problems.add(
      `service ${keyOf(spec)}: expected a port such as 80, "80:8080" or "53:53/UDP", got ${JSON.stringify(port)}`,
      spec.where,
    );
    return undefined;
  }
  const target = match[2];
  const protocol = (match[3]?.toUpperCase() ?? 'TCP') as L4Name;
  if (target === undefined) return {port: number, protocol, targetPort: number};
  return {
    name: `${number}-${target}`,
    port: number,
    protocol,
    targetPort: /^\d+$/.test(target) ? Number(target) : target,
  };
}

/** ClusterIPs the input states, claimed; undefined = to be allocated. */
function statedClusterIps(spec: ServiceSpec, context: ServiceContext): Ip[] | undefined {
  const {problems, book, serviceCidrs, serviceCidrsStated} = context;
  const texts = [...new Set([...listOf(spec.clusterIPs), ...listOf(spec.clusterIP)])];
  if (spec.type === 'ExternalName' || texts.includes('None')) return [];
  if (texts.length === 0) return undefined;
  const ips = texts.flatMap((text) => {
    const ip = parseIp(text);
    if (ip === undefined)
      problems.add(`service ${keyOf(spec)}: expected an IP address or None, got ${JSON.stringify(text)}`, spec.where);
    return ip === undefined ? [] : [ip];
  });
  for (const ip of ips) {
    claim(book, ip, `service ${keyOf(spec)}`, problems, spec.where);
    if (serviceCidrsStated && !serviceCidrs.some((prefix) => prefixContains(prefix, ip)))
      problems.add(
        `service ${keyOf(spec)}: ClusterIP ${formatIp(ip)} is not in the service CIDR ${serviceCidrs.map(formatPrefix).join(', ')}`,
        spec.where,
        'the API server refuses such a service',
      );
  }
  return ips;
}

/**
 * The lower band of the range is for stated addresses: min(max(16, size / 16), 256) of them; the allocator begins above
 * (k8s.io/kubernetes pkg/registry/core/service/ipallocator).
 */
function createClusterIpAllocator(context: ServiceContext): (spec: ServiceSpec) => Ip[] {
  const {serviceCidrs, families, book, problems} = context;
  const pools = serviceCidrs.map((prefix) => {
    const size = 2 ** Math.min(32, (isIp4(prefix.ip) ? 32 : 128) - prefix.length);
    const band = size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256);
    return createPool(prefix, book, band + 1);
  });
  return (spec) =>
    wantedFamilies(spec, families).flatMap((family) => {
      const own = pools.filter(({prefix}) => familyOf(prefix.ip) === family);
      let ip: Ip | undefined;
      for (const pool of own) ip ??= pool.allocate(`service ${keyOf(spec)}`);
      if (ip === undefined)
        problems.add(
          own.length === 0
            ? `service ${keyOf(spec)}: the cluster has no IPv${family} service CIDR`
            : `service ${keyOf(spec)}: no free ClusterIP in ${own.map(({prefix}) => formatPrefix(prefix)).join(', ')}`,
          spec.where,
          own.length === 0 ? undefined : 'use a larger service CIDR',
        );
      return ip === undefined ? [] : [ip];
    });
}

function wantedFamilies(spec: ServiceSpec, enabled: readonly Family[]): readonly Family[] {
  const asked = spec.ipFamilies?.map((name) => (name === 'IPv4' ? 4 : 6));
  const policy = spec.ipFamilyPolicy ?? (asked && asked.length > 1 ? 'RequireDualStack' : 'SingleStack');
  const order = asked?.length ? [...asked, ...enabled.filter((family) => !asked.includes(family))] : enabled;
  if (policy === 'RequireDualStack') return order.length > 1 ? order.slice(0, 2) : [4, 6];
  return order.slice(0, policy === 'PreferDualStack' ? 2 : 1);
}

interface NodePorts {
  (spec: ServiceSpec, ports: readonly ServicePort[]): ServicePort[];
  /** One more port, for health checks. */
  health(): number | undefined;
}

/** Node ports: stated ones first; the dynamic band of the range begins above its first min(max(16, size / 32), 128). */
function createNodePorts(
  specs: readonly ServiceSpec[],
  {nodePortRange: [low, high], problems}: ServiceContext,
): NodePorts {
  const owners = new Map<string, string>();
  const used = new Set<number>();
  for (const spec of specs) {
    if (spec.healthCheckNodePort) used.add(spec.healthCheckNodePort);
    for (const port of spec.ports ?? []) {
      if (typeof port !== 'object' || !port.nodePort) continue;
      const slot = `${port.nodePort}/${port.protocol ?? 'TCP'}`;
      const other = owners.get(slot);
      if (other !== undefined)
        problems.add(`service ${keyOf(spec)}: node port ${slot} is taken by service ${other}`, spec.where);
      if (port.nodePort < low || port.nodePort > high)
        problems.add(
          `service ${keyOf(spec)}: node port ${port.nodePort} is not in the range ${low}-${high}`,
          spec.where,
          'the API server refuses such a service; node-port-range changes the range',
        );
      owners.set(slot, keyOf(spec));
      used.add(port.nodePort);
    }
  }
  const size = high - low + 1;
  let next = size < 16 ? low : low + Math.min(Math.max(16, Math.floor(size / 32)), 128);
  const take = (): number | undefined => {
    for (let tried = 0; tried < size; tried++, next = next >= high ? low : next + 1)
      if (!used.has(next)) {
        used.add(next);
        return next;
      }
    return undefined;
  };
  const assign = (spec: ServiceSpec, ports: readonly ServicePort[]): ServicePort[] => {
    if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return [...ports];
    return ports.map((port) => {
      if (port.nodePort !== undefined) return port;
      const nodePort = take();
      if (nodePort === undefined)
        problems.add(`service ${keyOf(spec)}: no free node port in ${low}-${high}`, spec.where);
      return nodePort === undefined ? port : {...port, nodePort};
    });
  };
  return Object.assign(assign, {health: take});
}

function groupEndpoints(endpoints: readonly EndpointsSpec[]): Map<string, EndpointsSpec[]> {
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
function statedBackends(
  spec: ServiceSpec,
  ports: readonly ServicePort[],
  group: readonly EndpointsSpec[] | undefined,
  {problems, nodes}: ServiceContext,
): ServiceBackend[] | undefined {
  if (spec.endpoints) return spec.endpoints.flatMap((text) => addressBackend(text, spec, ports, problems));
  if (!group) return undefined;
  const slices = group.filter((item) => item.kind === 'EndpointSlice');
  const zones = new Map(nodes.map((node) => [node.name, node.labels['topology.kubernetes.io/zone']]));
  return unique(
    (slices.length > 0 ? slices : group).flatMap((slice) =>
      slice.ports.flatMap((port) =>
        slice.endpoints.flatMap((endpoint) => {
          const state = endpointState(endpoint, spec.publishNotReadyAddresses ?? false);
          if (state === undefined) return [];
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

/** Ready → active; leaving but serving → terminating; not ready → no backend (cilium pkg/k8s/endpoints.go). */
function endpointState(
  endpoint: {readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean},
  publishNotReady: boolean,
): BackendState | undefined {
  if (endpoint.terminating) return endpoint.serving ? 'terminating' : undefined;
  return endpoint.ready || publishNotReady ? 'active' : undefined;
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

function indexPods(pods: readonly Pod[]): PodIndex {
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
function selected(
  spec: ServiceSpec,
  ports: readonly ServicePort[],
  index: PodIndex,
  families: ReadonlySet<number>,
  zones: ReadonlyMap<string, string | undefined>,
): ServiceBackend[] {
  const wanted = Object.entries(spec.selector ?? {});
  if (wanted.length === 0) return [];
  const namespace = spec.namespace ?? 'default';
  const lists = wanted.map(([key, value]) => index.get(`${namespace}\n${key}\n${value}`) ?? []);
  const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best));
  const pods = shortest.filter((pod) => wanted.every(([key, value]) => pod.labels[key] === value));
  return ports.flatMap((port) =>
    pods.flatMap((pod) => {
      const ready = pod.ready || (spec.publishNotReadyAddresses ?? false);
      if (!ready && !pod.terminating) return [];
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
          state: pod.terminating ? ('terminating' as const) : ('active' as const),
        }));
    }),
  );
}

function targetPort(port: ServicePort, pod: Pod): number | undefined {
  if (typeof port.targetPort === 'number') return port.targetPort;
  return pod.ports.find((own) => own.name === port.targetPort && own.protocol === port.protocol)?.port;
}
