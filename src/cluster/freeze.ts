/**
 * A running cluster as a definition that states everything it has, so that a change to it leaves the rest as it is: addresses,
 * nodes, identities and endpoint ids stay, and what is new is completed like any definition.
 */
import {formatIp, formatIpPort, formatMac, formatPrefix, type Ip} from '../wire/addr.js';
import type {Cluster, ClusterNode, Pod, Service} from './model.js';
import {type Definition, keyOf, type NodeSpec, type PodSpec, type ServiceSpec} from './spec.js';

/** `definition` is what `cluster` was made of. */
export function freeze(definition: Definition, cluster: Cluster): Definition {
  const stated = new Map(definition.services.map((spec) => [keyOf(spec), spec]));
  const selected = new Set(cluster.services.filter((service) => service.selector).map(keyOf));
  const specs = new Map(definition.nodes.map((spec) => [spec.name, spec]));
  const routers = cluster.nodes.flatMap((node) => node.routerIps);
  // an option gives them, where all nodes have the same
  const shared = new Set(routers.filter((ip, i) => routers.indexOf(ip) !== i));
  return {
    ...definition,
    // traffic and expectations were those of the start
    spec: {...definition.spec, nodes: [], traffic: [], expect: []},
    nodes: cluster.nodes.map((node) => nodeSpec(node, specs.get(node.name), shared)),
    namespaces: cluster.namespaces.map(({name, labels}) => ({name, labels})),
    pods: cluster.pods.map(podSpec),
    services: cluster.services.map((service) => serviceSpec(service, stated.get(keyOf(service)))),
    // those of services with a selector follow the pods from now on
    endpoints: definition.endpoints.filter(({namespace, service}) => !selected.has(`${namespace}/${service}`)),
    notes: [],
  };
}

function nodeSpec(node: ClusterNode, spec: NodeSpec | undefined, shared: ReadonlySet<Ip>): NodeSpec {
  const {ip: _ip, podCIDR: _podCidr, ...rest} = spec ?? {name: node.name};
  return {
    ...rest,
    ips: node.ips.map(formatIp),
    podCIDRs: node.podCidrs.map(({ip, length}) => formatPrefix({ip, length})),
    routerIP: node.routerIps.filter((ip) => !shared.has(ip)).map(formatIp),
    healthIP: node.healthIps.map(formatIp),
    mac: formatMac(node.mac),
    labels: node.labels,
    annotations: node.annotations,
  };
}

function podSpec(pod: Pod): PodSpec {
  const {ports, createdAt, where, node, owner, controller, terminating, ips, hostNetwork, ...rest} = pod;
  const {name, namespace, labels, annotations, phase, ready, serviceAccount, containers} = rest;
  return {
    ...{name, namespace, labels, annotations, phase, ready, serviceAccount, containers, hostNetwork, ports},
    ...(hostNetwork ? {} : {ips: ips.map(formatIp), identity: pod.identity, endpointId: pod.endpointId}),
    ...(hostNetwork ? {} : {mac: formatMac(pod.mac)}),
    ...(node === undefined ? {} : {node}),
    ...(owner ? {owner} : {}),
    ...(controller ? {controller} : {}),
    ...(terminating ? {terminating} : {}),
    ...(createdAt === undefined ? {} : {createdAt: new Date(createdAt).toISOString()}),
    ...(where ? {where} : {}),
  };
}

function serviceSpec(service: Service, spec: ServiceSpec | undefined): ServiceSpec {
  const {clusterIP: _, ...rest} = spec ?? {name: service.name};
  const {namespace, labels, annotations, type, clusterIps, selector, backends} = service;
  const headless = clusterIps.length === 0 && type !== 'ExternalName';
  return {
    ...rest,
    ...{namespace, labels, annotations, type},
    ...(headless ? {clusterIP: 'None'} : {clusterIPs: clusterIps.map(formatIp)}),
    ...(selector ? {selector} : {}),
    ...(spec || selector || backends.length === 0
      ? {}
      : {endpoints: backends.map(({ip, port}) => formatIpPort(ip, port))}),
    ports: service.ports.map((port) => ({...port})),
  };
}
