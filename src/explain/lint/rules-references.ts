/** Names that lead to nothing, and ports of nodes that two pods want. */
import type {ContainerPort, Pod} from '../../cluster/model.js';
import {matchesLabels} from '../../cluster/policy/match-labels.js';
import {formatIp, isIp4, parseIp, prefixContains} from '../../wire/addr.js';
import {type Found, type Rule, remarked, type Subject} from './model.js';

function serviceNames({cluster}: Subject): ReadonlySet<string> {
  return new Set(cluster.services.map(({namespace, name}) => `${namespace}/${name}`));
}

function* endpointsOfNothing(subject: Subject): Iterable<Found> {
  const {endpoints, services} = subject.definition;
  if (services.length === 0) return;
  const names = serviceNames(subject);
  const told = new Set<string>();
  for (const {kind, service, namespace, where} of endpoints) {
    const key = `${namespace}/${service}`;
    if (service === '' || names.has(key) || told.has(key)) continue;
    told.add(key);
    yield {message: `${kind} of service ${key}: there is no such service`, where};
  }
}

/** Addresses of the pod CIDR that no pod of a dump has. */
function* endpointsWithoutPods({definition, cluster}: Subject): Iterable<Found> {
  const observed = definition.pods.some((pod) => pod.observed === true && pod.live === true);
  if (!observed) return;
  const ips = new Set([...cluster.pods.flatMap((pod) => pod.ips), ...cluster.nodes.flatMap((node) => node.ips)]);
  const told = new Set<string>();
  for (const {service, namespace, endpoints, where} of definition.endpoints)
    for (const text of endpoints.flatMap(({addresses}) => addresses)) {
      const ip = parseIp(text);
      if (ip === undefined || ips.has(ip) || told.has(`${namespace}/${service} ${text}`)) continue;
      if (!cluster.podCidrs.some((range) => isIp4(range.ip) === isIp4(ip) && prefixContains(range, ip))) continue;
      told.add(`${namespace}/${service} ${text}`);
      yield {message: `endpoint ${formatIp(ip)} of service ${namespace}/${service}: no pod has this address`, where};
    }
}

function* ingresses(subject: Subject): Iterable<Found> {
  const {cluster, definition} = subject;
  if (definition.services.length === 0) return;
  const byKey = new Map(cluster.services.map((service) => [`${service.namespace}/${service.name}`, service]));
  for (const {namespace, service: name, port, where} of cluster.ingresses ?? []) {
    const service = byKey.get(`${namespace}/${name}`);
    if (!service) yield {message: `there is no service ${namespace}/${name}`, where};
    else if (
      port !== undefined &&
      service.type !== 'ExternalName' &&
      !service.ports.some(
        (own) => own.port === port || own.name === port || own.targetPort === port || `${own.port}` === port,
      )
    )
      yield {
        message: `service ${namespace}/${name} has no port ${port}: ${service.ports.map((own) => own.name ?? own.port).join(', ') || 'none'}`,
        where,
      };
  }
}

function* gateways({cluster, pods}: Subject): Iterable<Found> {
  const labels = new Map(cluster.namespaces.map((namespace) => [namespace.name, namespace.labels]));
  for (const {name, gateways: own, selectors, where} of cluster.egressPolicies ?? []) {
    for (const {nodes} of own)
      if (!cluster.nodes.some((node) => matchesLabels(nodes, node.labels)))
        yield {message: `CiliumEgressGatewayPolicy ${name}: no node is a gateway of it`, where};
    const meant = selectors.some((selector) =>
      pods.some(
        (pod) =>
          matchesLabels(selector.pods, pod.labels) &&
          matchesLabels(selector.namespaces, labels.get(pod.namespace) ?? {}),
      ),
    );
    if (pods.length > 0 && !meant) yield {message: `CiliumEgressGatewayPolicy ${name} selects no pod`, where};
  }
  for (const {name, namespace, frontend, pods: selector, where} of cluster.redirectPolicies ?? []) {
    const title = `CiliumLocalRedirectPolicy ${namespace}/${name}`;
    if (
      frontend.kind === 'service' &&
      !cluster.services.some((service) => service.name === frontend.service && service.namespace === namespace)
    )
      yield {message: `${title}: there is no service ${namespace}/${frontend.service}`, where};
    if (pods.length > 0 && !pods.some((pod) => pod.namespace === namespace && matchesLabels(selector, pod.labels)))
      yield {message: `${title} redirects to no pod`, where};
  }
}

interface Claim {
  readonly pod: Pod;
  readonly address: ContainerPort['hostIp'];
}

/** Pods that are on a node by somebody's word, or are on every node: of others the scheduler keeps them apart. */
function* hostPorts({definition, cluster}: Subject): Iterable<Found> {
  const stated = new Set<string>(
    definition.pods.flatMap(({name, namespace = 'default', node, daemon}) =>
      node !== undefined || daemon ? [`${namespace}/${name}`] : [],
    ),
  );
  const taken = new Map<string, Claim[]>();
  const told = new Set<string>();
  for (const pod of cluster.pods) {
    if (pod.node === undefined || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    if (!stated.has(`${pod.namespace}/${pod.name}`)) continue;
    for (const {port, protocol, hostPort = pod.hostNetwork ? port : undefined, hostIp} of pod.ports) {
      if (hostPort === undefined) continue;
      const slot = `${pod.node} ${hostPort}/${protocol}`;
      const claims = taken.get(slot) ?? [];
      const other = claims.find(
        (claim) =>
          claim.pod !== pod && (claim.address === undefined || hostIp === undefined || claim.address === hostIp),
      );
      const pair = other && `${hostPort}/${protocol} ${ownerOf(other.pod)} ${ownerOf(pod)}`;
      if (other && pair !== undefined && !told.has(pair)) {
        told.add(pair);
        yield {
          message: `pods ${titleOf(other.pod)} and ${titleOf(pod)} both take port ${hostPort}/${protocol} of node ${pod.node}`,
          where: pod.where,
        };
      }
      taken.set(slot, [...claims, {pod, address: hostIp}]);
    }
  }
}

const titleOf = ({namespace, name}: Pod) => `${namespace}/${name}`;
const ownerOf = ({namespace, name, owner}: Pod) =>
  owner ? `${owner.kind} ${namespace}/${owner.name}` : `${namespace}/${name}`;

/** Rules of their own tell of these. */
const ofOldReleases =
  /^spec\.cilium\.(.*: no key of this Cilium version|kube-proxy-replacement: .* got "(strict|partial|probe|disabled)")/;

export const referenceRules: readonly Rule[] = [
  {
    id: 'WL-REF-001',
    severity: 'error',
    title: 'a pod is on a node that there is not',
    why: 'It runs nowhere.',
    fix: 'Correct the name, or define the node.',
    source:
      'kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename: if the node does not exist, the pod will not run',
    check: remarked(/is on node .*, which is not defined/),
  },
  {
    id: 'WL-REF-002',
    severity: 'warning',
    title: 'endpoints of a service that there is not',
    why: 'Nobody reads them.',
    fix: 'Correct the name or the label kubernetes.io/service-name, or remove them.',
    source:
      'kubernetes.io/docs/concepts/services-networking/endpoint-slices: the label kubernetes.io/service-name names the service',
    check: endpointsOfNothing,
  },
  {
    id: 'WL-REF-003',
    severity: 'warning',
    title: 'an endpoint that is no pod',
    why: 'The address is one of the pod CIDR, and none of the pods has it: connections to it time out.',
    fix: 'See why the endpoint is still there: a controller that is behind, or a list made by hand.',
    source: 'kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle: a new pod has a new address',
    check: endpointsWithoutPods,
  },
  {
    id: 'WL-REF-004',
    severity: 'warning',
    title: 'an Ingress or Route leads to no service',
    why: 'The controller answers with an error (503), or leaves the route out.',
    fix: 'Correct the name, namespace or port of the service.',
    source:
      'kubernetes.io/docs/concepts/services-networking/ingress: a backend is a combination of service and port names of the same namespace',
    check: ingresses,
  },
  {
    id: 'WL-REF-005',
    severity: 'warning',
    title: "a policy of Cilium's gateways or redirects without ends",
    why: 'Without a gateway node packets are dropped; without pods the policy does nothing.',
    fix: 'Correct the selectors.',
    source: 'docs.cilium.io/en/stable/network/egress-gateway and .../kubernetes/local-redirect-policy',
    check: gateways,
  },
  {
    id: 'WL-POD-001',
    severity: 'error',
    title: 'two pods of a node want one port of it',
    why: 'The second pod does not start, or its port leads to the other.',
    fix: 'Change hostPort, or keep the pods on different nodes.',
    source:
      'kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1: hostIP, hostPort and protocol have to be unique on a node',
    check: hostPorts,
  },
  {
    id: 'WL-DEF-001',
    severity: 'error',
    title: 'the definition contradicts itself',
    why: 'The cluster cannot be what it says.',
    fix: 'Do what the hint says.',
    source: "wirelay's loader: the same words as of every other command",
    check: ({remarks}) => remarks.filter(({fatal, message}) => fatal && !ofOldReleases.test(message)),
  },
];
