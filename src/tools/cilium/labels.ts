/** Labels of identities as the agent's API gives them. */
import type {Cluster} from '../../cluster/model.js';

/** Sorted; the number itself (as Go's NumericIdentity prints it) where nobody has allocated it. */
export function identityLabels(cluster: Cluster, id: number): readonly string[] {
  if (id === 0) return ['reserved:unknown'];
  return cluster.identities.find((identity) => identity.id === id)?.labels ?? [];
}
