/** Labels of identities as the agent's API gives them. */
import type {Cluster} from '../../cluster/model.js';

const byCluster = new WeakMap<Cluster, ReadonlyMap<number, readonly string[]>>();

/** Sorted as the cluster has them; none for a number that nobody has allocated. */
export function identityLabels(cluster: Cluster, id: number): readonly string[] {
  if (id === 0) return ['reserved:unknown'];
  let labels = byCluster.get(cluster);
  if (!labels) {
    labels = new Map(cluster.identities.map((identity) => [identity.id, identity.labels]));
    byCluster.set(cluster, labels);
  }
  return labels.get(id) ?? [];
}
