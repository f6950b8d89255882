/** Services, and what stands behind them. */
import {familyOf} from '../../cluster/ipam.js';
import type {Pod, Service, ServicePort} from '../../cluster/model.js';
import {labelOf} from '../../cluster/policy/match-labels.js';
import {isOwnPlace, placeWithin} from '../../cluster/source.js';
import type {SourcePosition} from '../../term/error.js';
import {formatIpPort, parseIp} from '../../wire/addr.js';
import {type Found, type Rule, remarked, type Subject} from './model.js';

const services = 'kubernetes.io/docs/concepts/services-networking/service';

const titleOf = ({namespace, name}: Pick<Service, 'namespace' | 'name'>) => `service ${namespace}/${name}`;

/** A field of a Service object, or of the short form. */
function fieldOf({where}: Service, ...steps: (string | number)[]): SourcePosition | undefined {
  return where && placeWithin(where, isOwnPlace(where) ? steps : ['spec', ...steps], 'key');
}

/** Pods that a selector means, ready or not, scaled to zero or not. */
export function selectedPods(
  {selector, namespace}: Pick<Service, 'selector' | 'namespace'>,
  index: PodIndex,
): readonly Pod[] {
  const wanted = Object.entries(selector ?? {});
  if (wanted.length === 0) return [];
  const lists = wanted.map(([key, value]) => index.get(slotOf(namespace, key, value)) ?? []);
  const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best));
  return shortest.filter(({labels}) => wanted.every(([key, value]) => labelOf(labels, key) === value));
}

type PodIndex = ReadonlyMap<string, readonly Pod[]>;

function slotOf(namespace: string, key: string, value: string): string {
  return `${namespace}\n${key}\n${value}`;
}

const indexes = new WeakMap<readonly Pod[], PodIndex>();

function podIndex(pods: readonly Pod[]): PodIndex {
  let index = indexes.get(pods);
  if (index) return index;
  const made = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    for (const [key, value] of Object.entries(pod.labels)) {
      const slot = slotOf(pod.namespace, key, value);
      const list = made.get(slot);
      if (list) list.push(pod);
      else made.set(slot, [pod]);
    }
  }
  indexes.set(pods, (index = made));
  return index;
}

/** Services that the input has, each with the pods its selector means. */
function* selecting({
  cluster,
  definition,
  pods,
}: Subject): Iterable<{readonly service: Service; readonly selected: readonly Pod[]}> {
  const index = podIndex(pods);
  const stated = new Set(definition.services.map(({namespace = 'default', name}) => `${namespace}/${name}`));
  for (const service of cluster.services) {
    const {type, selector, namespace, name} = service;
    if (type !== 'ExternalName' && selector && stated.has(`${namespace}/${name}`))
      yield {service, selected: selectedPods(service, index)};
  }
}

const asText = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** Each hint is a look at all pods. */
const MOST_HINTS = 20;

function* selectsNothing(subject: Subject): Iterable<Found> {
  if (subject.pods.length === 0) return;
  let told = 0;
  const namespaces = new Set(subject.pods.map(({namespace}) => namespace));
  const endpoints = new Set(subject.definition.endpoints.map(({namespace, service}) => `${namespace}/${service}`));
  for (const {service, selected} of selecting(subject)) {
    if (selected.length > 0 || service.backends.length > 0 || endpoints.has(`${service.namespace}/${service.name}`))
      continue;
    const near = told++ < MOST_HINTS ? nearestPods(service, subject.pods) : '';
    const labels = asText(service.selector ?? {});
    // its pods may be elsewhere, where nothing of the namespace is here
    const apart = near === '' && !namespaces.has(service.namespace);
    yield {
      ...(apart ? {severity: 'info'} : {}),
      message: `${titleOf(service)}: no pod of namespace ${service.namespace} has ${labels}${near}`,
      where: fieldOf(service, 'selector'),
    };
  }
}

/** Where the same labels are in another namespace, or all but one are here. */
function nearestPods({selector = {}, namespace}: Service, pods: readonly Pod[]): string {
  const wanted = Object.entries(selector);
  const fits = (pod: Pod) => wanted.filter(([key, value]) => labelOf(pod.labels, key) === value).length;
  const elsewhere = pods.find((pod) => pod.namespace !== namespace && fits(pod) === wanted.length);
  if (elsewhere) return `; pod ${elsewhere.namespace}/${elsewhere.name} has, in another namespace`;
  const almost =
    wanted.length > 1 && pods.find((pod) => pod.namespace === namespace && fits(pod) === wanted.length - 1);
  if (!almost) return '';
  const [key, value] = wanted.find(([name, text]) => labelOf(almost.labels, name) !== text) ?? ['', ''];
  const own = labelOf(almost.labels, key);
  return `; pod ${almost.name} has all but ${key}=${value}${own === undefined ? '' : ` (${key}=${own})`}`;
}

function declares(pod: Pod, {targetPort, protocol}: ServicePort): boolean {
  return pod.ports.some(
    (own) =>
      own.protocol === protocol && (typeof targetPort === 'number' ? own.port === targetPort : own.name === targetPort),
  );
}

function* ports(subject: Subject, kind: 'string' | 'number'): Iterable<Found> {
  for (const {service, selected} of selecting(subject)) {
    if (selected.length === 0) continue;
    for (const [i, port] of service.ports.entries()) {
      if (typeof port.targetPort !== kind || selected.some((pod) => declares(pod, port))) continue;
      if (kind === 'number' && selected.some(({ports: own, hostNetwork}) => own.length === 0 || hostNetwork)) continue;
      const [first] = selected;
      const known = [
        ...new Set((first?.ports ?? []).map((own) => `${own.name ? `${own.name}:` : ''}${own.port}/${own.protocol}`)),
      ];
      const what =
        kind === 'string'
          ? `no port named ${port.targetPort} (${port.protocol})`
          : `no port ${port.targetPort}/${port.protocol}`;
      yield {
        message: `${titleOf(service)}: its pods declare ${what}; ${first?.name} has ${known.join(', ') || 'no ports'}`,
        where: fieldOf(service, 'ports', i, 'targetPort'),
      };
    }
  }
}

function* localWithoutBackends({cluster, definition}: Subject): Iterable<Found> {
  const known = definition.nodes.length > 0 || definition.spec.nodes !== undefined;
  const nodes = cluster.nodes.filter(({ready}) => ready);
  for (const service of cluster.services) {
    const {type, externalTrafficPolicy, internalTrafficPolicy, backends} = service;
    const active = backends.filter(({state}) => state === 'active');
    if (active.length === 0) continue;
    const hosts = new Set(active.flatMap(({nodeName}) => nodeName ?? []));
    const without = nodes.filter(({name}) => !hosts.has(name));
    if (hosts.size === 0) {
      const outside = (type !== 'ClusterIP' && externalTrafficPolicy === 'Local') || internalTrafficPolicy === 'Local';
      if (outside && service.selector === undefined)
        yield {
          severity: 'error',
          message: `${titleOf(service)}: a traffic policy is Local, and its endpoints name no node: no node uses them`,
          where: fieldOf(
            service,
            externalTrafficPolicy === 'Local' ? 'externalTrafficPolicy' : 'internalTrafficPolicy',
          ),
        };
      continue;
    }
    const some = `${without.length} of ${nodes.length} nodes have no endpoint of it (${without
      .slice(0, 3)
      .map(({name}) => name)
      .join(', ')}${without.length > 3 ? ', …' : ''})`;
    if (!known) continue;
    if (without.length > 0 && type === 'NodePort' && externalTrafficPolicy === 'Local')
      yield {
        message: `${titleOf(service)}: externalTrafficPolicy Local drops what comes to other nodes: ${some}`,
        where: fieldOf(service, 'externalTrafficPolicy'),
      };
    if (
      without.length > 0 &&
      internalTrafficPolicy === 'Local' &&
      busy(
        cluster.pods,
        without.map(({name}) => name),
      )
    )
      yield {
        message: `${titleOf(service)}: internalTrafficPolicy Local drops what pods of other nodes send: ${some}`,
        where: fieldOf(service, 'internalTrafficPolicy'),
      };
  }
}

function busy(pods: readonly Pod[], nodes: readonly string[]): boolean {
  const names = new Set(nodes);
  return pods.some(({node}) => node !== undefined && names.has(node));
}

/** Where a name of another service leads, followed until it comes round. */
function* nameLoops({cluster}: Subject): Iterable<Found> {
  const byKey = new Map(cluster.services.map((service) => [`${service.namespace}/${service.name}`, service]));
  const next = (service: Service) => {
    const match = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?\.?$/i.exec(service.externalName ?? '');
    return match ? byKey.get(`${match[2]?.toLowerCase()}/${match[1]?.toLowerCase()}`) : undefined;
  };
  for (const service of cluster.services) {
    if (service.type !== 'ExternalName') continue;
    const {externalName = ''} = service;
    if (parseIp(externalName) !== undefined)
      yield {
        severity: 'warning',
        message: `${titleOf(service)}: externalName ${externalName} is an address: the DNS takes it for a name`,
        where: fieldOf(service, 'externalName'),
      };
    const path = [service];
    for (let at = next(service); at && path.length <= byKey.size; at = next(at)) {
      if (at === service) {
        yield {
          message: `${titleOf(service)}: externalName comes back to itself (${[...path, service].map(titleOf).join(' -> ')})`,
          where: fieldOf(service, 'externalName'),
        };
        break;
      }
      if (path.includes(at)) break;
      path.push(at);
    }
  }
}

function* families({cluster, definition}: Subject): Iterable<Found> {
  const {enableIpv4, enableIpv6} = cluster.cilium;
  const both = enableIpv4 && enableIpv6;
  for (const spec of definition.services)
    if (spec.ipFamilyPolicy === 'RequireDualStack' && !both)
      yield {
        message: `service ${spec.namespace ?? 'default'}/${spec.name} requires two families, the cluster has one`,
        where: spec.where,
      };
  for (const service of cluster.services)
    for (const ip of service.clusterIps) {
      const own = service.backends.filter(({state}) => state === 'active');
      const version = familyOf(ip);
      if (own.length > 0 && !own.some((backend) => familyOf(backend.ip) === version))
        yield {
          message: `${titleOf(service)} has an IPv${version} address and no endpoint of IPv${version}`,
          where: service.where,
        };
    }
}

/** Several ports of a K8s object without a name each; SRV records of a headless one need them. */
function* unnamed({definition}: Subject): Iterable<Found> {
  for (const {where, namespace = 'default', name, ports: own = [], clusterIP, clusterIPs} of definition.services) {
    if (!where || isOwnPlace(where)) continue;
    const without = own.findIndex((port) => typeof port === 'object' && !port.name);
    if (without < 0) continue;
    const headless = clusterIP === 'None' || clusterIPs?.includes('None') === true;
    const place = placeWithin(where, ['spec', 'ports', without]);
    if (own.length > 1)
      yield {message: `service ${namespace}/${name}: ${own.length} ports, and not each has a name`, where: place};
    else if (headless)
      yield {
        severity: 'info',
        message: `service ${namespace}/${name} is headless and its port has no name: there is no SRV record of it`,
        where: place,
      };
  }
}

/** An address from outside and a port lead to one service; load balancers give several services one address with different ports. */
function* sharedFrontends({cluster}: Subject): Iterable<Found> {
  const taken = new Map<string, Service>();
  for (const service of cluster.services)
    for (const ip of new Set([...service.externalIps, ...service.loadBalancerIps]))
      for (const {port, protocol} of service.ports) {
        const slot = `${formatIpPort(ip, port)}/${protocol}`;
        const other = taken.get(slot);
        if (other && other !== service)
          yield {message: `${titleOf(service)}: ${slot} is that of ${titleOf(other)} too`, where: service.where};
        taken.set(slot, service);
      }
}

export const serviceRules: readonly Rule[] = [
  {
    id: 'WL-SVC-001',
    severity: 'warning',
    title: 'a service selects no pod',
    why: 'It has no endpoints: connections are refused or dropped.',
    fix: "Make the selector that of the pods' labels, in the same namespace.",
    source: `${services}: the selector determines the set of pods, within the namespace`,
    check: selectsNothing,
  },
  {
    id: 'WL-SVC-002',
    severity: 'error',
    title: 'a named targetPort that no pod has',
    why: 'The name is looked up in the container ports of each pod: a pod without it is no endpoint for this port.',
    fix: 'Use the name, and the protocol, of a container port, or a number.',
    source: `${services}#field-spec-ports: names of container ports can be referenced as targetPort`,
    check: (subject) => ports(subject, 'string'),
  },
  {
    id: 'WL-SVC-003',
    severity: 'warning',
    title: 'a targetPort that no pod declares',
    why: 'Container ports are for information, but here the pods declare others: connections are most likely refused.',
    fix: 'Correct targetPort, or declare the port.',
    source: `${services}: targetPort is the port of the pods; without it it is that of the service`,
    check: (subject) => ports(subject, 'number'),
  },
  {
    id: 'WL-SVC-004',
    severity: 'error',
    title: 'a node port is given twice',
    why: 'A port of the nodes leads to one service.',
    fix: 'Leave nodePort out to get a free one.',
    source: `${services}#type-nodeport: you have to take care of collisions yourself`,
    check: remarked(/node port .* is taken by /),
  },
  {
    id: 'WL-SVC-005',
    severity: 'error',
    title: 'a node port or ClusterIP outside of its range',
    why: 'The API server refuses the service.',
    fix: 'Leave it out, or take one of the range.',
    source: `${services}#type-nodeport and #choosing-your-own-ip-address: it has to be within the configured range`,
    check: remarked(/node port .* is not in the range/, /ClusterIP .* is not in the service CIDR/),
  },
  {
    id: 'WL-SVC-006',
    severity: 'warning',
    title: 'a Local traffic policy with nodes that have no endpoint',
    why: 'With Local a node uses its own endpoints only, and drops what it has none for. Load balancers leave such nodes out by their health check; clients of a node port do not know of it.',
    fix: 'Say Cluster, or run a pod on each node (DaemonSet).',
    source:
      'kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies: without local endpoints traffic is dropped',
    check: localWithoutBackends,
  },
  {
    id: 'WL-SVC-007',
    severity: 'error',
    title: 'a port of a service without a name',
    why: 'Several ports need a name each, or the API server refuses them; the DNS has SRV records for named ports only.',
    fix: 'Name the ports.',
    source: `${services}#multi-port-services: all ports have to be named; dns-pod-service: SRV records are for named ports`,
    check: unnamed,
  },
  {
    id: 'WL-SVC-008',
    severity: 'error',
    title: 'an ExternalName that leads nowhere',
    why: 'The DNS answers with a chain of names that has no end, or that no server knows.',
    fix: 'Name a host outside; for an address use a service without selector and an EndpointSlice.',
    source: `${services}#externalname: addresses are taken for names of digits, which the DNS does not resolve; RFC 1034 §3.6.2`,
    check: nameLoops,
  },
  {
    id: 'WL-SVC-009',
    severity: 'error',
    title: 'a service without its address family',
    why: 'An address of a family that no endpoint has answers to nobody.',
    fix: 'Take families that the cluster and the pods have: ipFamilyPolicy PreferDualStack does.',
    source:
      'kubernetes.io/docs/concepts/services-networking/dual-stack: RequireDualStack fails where there is one family',
    *check(subject) {
      yield* families(subject);
      yield* remarked(/the cluster has no IPv[46] service CIDR/)(subject);
    },
  },
  {
    id: 'WL-SVC-010',
    severity: 'error',
    title: 'two services have one external address and port',
    why: 'Packets from outside go to one of the two; which one is not defined.',
    fix: 'Give one of them another address or port.',
    source: `${services}#external-ips: the addresses are not managed by Kubernetes, and are the responsibility of the administrator`,
    check: sharedFrontends,
  },
];
