/** Labels of identities as the agent's API gives them. */
import type {Cluster, Identity} from '../../cluster/model.js';
import {hostIdentityLabels, nodeAddresses} from '../../cluster/policy/node-identities.js';
import {reservedIdentities} from '../../control/identity.js';
import type {NodeState} from '../../control/model.js';

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

/** As the agent of this node has them: its own addresses are `reserved:host`, those of others may have identities of their own. */
export function agentIdentities({cluster, node}: NodeState): Identity[] {
  const {identities, nodeIdentities: others = new Map()} = cluster;
  const own = new Set(nodeAddresses(node));
  const foreign = new Set([...others].flatMap(([ip, id]) => (own.has(ip) ? [] : [id])));
  const isNode = new Set(others.values());
  return identities.flatMap((identity) => {
    if (identity.id === reservedIdentities.host)
      return [{...identity, labels: hostIdentityLabels(node, cluster.cilium)}];
    return isNode.has(identity.id) && !foreign.has(identity.id) ? [] : [identity];
  });
}
