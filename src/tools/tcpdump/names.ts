/** Names for the numbers in packets, and numbers for the names in filters: from the loaded cluster and the services table. */
import type {Cluster} from '../../cluster/model.js';
import {serviceName} from '../../filter/services.js';
import {type Ip, parseIp4} from '../../wire/addr.js';
import type {NameSource} from './print/options.js';

const LOOPBACK = parseIp4('127.0.0.1');

/** Names of the cluster's addresses: nodes, pods (`name`, outside default `name.namespace`), services as CoreDNS answers. */
function clusterHosts(cluster: Cluster): Map<Ip, string> {
  const hosts = new Map<Ip, string>();
  const add = (ip: Ip, name: string) => {
    if (!hosts.has(ip)) hosts.set(ip, name);
  };
  for (const node of cluster.nodes) for (const ip of [...node.ips, ...node.externalIps]) add(ip, node.name);
  for (const pod of cluster.pods) {
    if (pod.hostNetwork) continue;
    for (const ip of pod.ips) add(ip, pod.namespace === 'default' ? pod.name : `${pod.name}.${pod.namespace}`);
  }
  for (const service of cluster.services) {
    const name = `${service.name}.${service.namespace}.svc.cluster.local`;
    for (const ip of [...service.clusterIps, ...service.externalIps, ...service.loadBalancerIps]) add(ip, name);
  }
  return hosts;
}

/** `device`: the name of an interface index at the viewpoint. */
export function nameSource(cluster: Cluster | undefined, device: (ifindex: number) => string | undefined): NameSource {
  let hosts: Map<Ip, string> | undefined;
  const all = () => {
    hosts ??= cluster === undefined ? new Map<Ip, string>() : clusterHosts(cluster);
    return hosts;
  };
  return {
    host: (ip) => all().get(ip) ?? (ip === LOOPBACK ? 'localhost' : undefined),
    port: (protocol, port) => serviceName(protocol, port),
    device,
  };
}

/** Addresses of a name in a filter: a node, a pod (`name`, `name.namespace`), a service (any part of its DNS name). */
export function addressesOf(cluster: Cluster, name: string): readonly Ip[] | undefined {
  const node = cluster.nodes.find((n) => n.name === name);
  if (node) return node.ips;
  const [first, second] = name.split('.');
  const pod = cluster.pods.find((p) => p.name === first && p.namespace === (second ?? 'default'));
  if (pod && pod.ips.length > 0 && name.split('.').length <= 2) return pod.ips;
  const service = cluster.services.find(
    (s) =>
      s.name === first &&
      `${s.name}.${s.namespace}.svc.cluster.local`.startsWith(name) &&
      s.namespace === (second ?? 'default'),
  );
  return service && service.clusterIps.length > 0 ? service.clusterIps : undefined;
}
