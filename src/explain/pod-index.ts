/** Pods with addresses of their own by address, of a cluster that is asked more than once. */
import type {Cluster, Pod} from '../cluster/model.js';
import type {Ip} from '../wire/addr.js';

const known = new WeakMap<Cluster, ReadonlyMap<Ip, Pod>>();

export function podAt(cluster: Cluster, ip: Ip): Pod | undefined {
  let pods = known.get(cluster);
  if (!pods) {
    pods = new Map(
      cluster.pods
        .filter(({hostNetwork, phase}) => !hostNetwork && phase !== 'Succeeded' && phase !== 'Failed')
        .flatMap((pod) => pod.ips.map((own) => [own, pod] as const)),
    );
    known.set(cluster, pods);
  }
  return pods.get(ip);
}
