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
  aggregateWorld: 13,
  aggregateRemoteNode: 14,
} as const;

/** Below this, identities stand for themselves. */
const FIRST_AGGREGATED = 100;

/** The identity that stands for a group of them in a policy map; 0 where there is none (cilium bpf/lib/identity.h, aggregate_for_identity). */
export function aggregateIdentity(identity: number, clusterId: number): number {
  const r = reservedIdentities;
  if (identity >= r.cluster && identity <= r.aggregateRemoteNode) return identity;
  if (identity < FIRST_AGGREGATED) return r.unknown;
  const scope = identity >>> 24;
  if (scope === 1) return r.aggregateWorld;
  if (scope === 2) return r.aggregateRemoteNode;
  return (identity >>> 16) % 256 === clusterId ? r.cluster : r.clusterMesh;
}
