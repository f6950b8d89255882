/** Reserved identities (cilium pkg/identity/numericidentity.go, bpf/lib/identity.h). */
export const reservedIdentities = {
  unknown: 0,
  host: 1,
  world: 2,
  unmanaged: 3,
  health: 4,
  init: 5,
  remoteNode: 6,
  kubeApiserver: 7,
  ingress: 8,
  worldIpv4: 9,
  worldIpv6: 10,
  /** Policy map aggregates: never on a packet. */
  cluster: 11,
  clusterMesh: 12,
} as const;

/** Below this, an identity is reserved, well-known or the user's own and belongs to no aggregate unless listed. */
const FIRST_AGGREGATED = 100;

/** The identity that stands for a group of them in a policy map; 0 where there is none (aggregateFor, Cilium 1.20). */
export function aggregateIdentity(identity: number, clusterId: number): number {
  const r = reservedIdentities;
  switch (identity) {
    case r.remoteNode:
    case r.kubeApiserver:
      return r.remoteNode;
    case r.world:
    case r.worldIpv4:
    case r.worldIpv6:
      return r.world;
    case r.cluster:
    case r.clusterMesh:
      return identity;
  }
  if (identity < FIRST_AGGREGATED) return r.unknown;
  const scope = identity >>> 24;
  if (scope === 1) return r.world;
  if (scope === 2) return r.remoteNode;
  return (identity >>> 16) % 256 === clusterId ? r.cluster : r.clusterMesh;
}
