/** Names of a cluster's addresses, for a capture's name resolution block. */
import type {Cluster} from '../cluster/model.js';
import type {Ip} from '../wire/addr.js';

export interface NamedAddress {
  readonly ip: Ip;
  readonly names: readonly string[];
}

/** Nodes, their router addresses, pods as `pod.namespace`, services by their DNS name. */
export function clusterNames(cluster: Cluster): NamedAddress[] {
  const names = new Map<Ip, string[]>();
  const add = (ip: Ip, name: string) => {
    const list = names.get(ip);
    if (list) list.push(name);
    else names.set(ip, [name]);
  };
  for (const node of cluster.nodes) {
    for (const ip of node.ips) add(ip, node.name);
    for (const ip of node.routerIps) add(ip, `cilium-host.${node.name}`);
  }
  for (const pod of cluster.pods)
    if (!pod.hostNetwork) for (const ip of pod.ips) add(ip, `${pod.name}.${pod.namespace}`);
  for (const service of cluster.services)
    for (const ip of [...service.clusterIps, ...service.externalIps, ...service.loadBalancerIps])
      add(ip, `${service.name}.${service.namespace}.svc.cluster.local`);
  return [...names].map(([ip, list]) => ({ip, names: list}));
}
