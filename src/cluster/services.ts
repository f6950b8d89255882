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
import {groupEndpoints, indexPods, selectedBackends, statedBackends} from './backends.js';
import {type Family, readIps} from './cidrs.js';
import {listOf} from './cilium-config.js';
import {type AddressBook, createPool, familyOf} from './ipam.js';
import type {ClusterNode, L4Name, Pod, Service, ServicePort} from './model.js';
import {claim} from './nodes.js';
import type {Problems} from './problems.js';
import {type EndpointsSpec, keyOf, type ServicePortSpec, type ServiceSpec} from './spec.js';

/** What the API server takes for `trafficDistribution`. */
const trafficDistributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'] as const;

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
    const distribution = trafficDistributions.find((name) => name === spec.trafficDistribution);
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
      ...(spec.loadBalancerClass ? {loadBalancerClass: spec.loadBalancerClass} : {}),
      ...(distribution ? {trafficDistribution: distribution} : {}),
      backends:
        type === 'ExternalName'
          ? []
          : (statedBackends(spec, ports, slices.get(key), zones, problems) ??
            selectedBackends(spec, ports, podIndex, families, zones)),
      ...(spec.where ? {where: spec.where} : {}),
    };
  });
}

/** `80`, `"80:8080"`, `"80:8080/UDP"` (named as kubectl create service names them), or the long form. */
function readPorts(spec: ServiceSpec, problems: Problems): ServicePort[] {
  const read = (spec.ports ?? []).flatMap((port) => readPort(port, spec, problems) ?? []);
  const ports = read.length > 1 ? withNames(read) : read;
  if (ports !== read && read.some((port) => port.name === undefined))
    problems.note(
      'warning',
      `service ${keyOf(spec)}: an API server refuses several ports without a name for each: they get some here`,
      spec.where,
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

/** Names as `kubectl create service` makes them. */
function withNames(ports: readonly ServicePort[]): ServicePort[] {
  return ports.map((port) => ({...port, name: port.name ?? `${port.port}-${port.targetPort}`}));
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
    if (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === false) return [...ports];
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
