/**
 * The host endpoint: the node itself as something that policies govern, where the host firewall is on
 * (cilium pkg/endpoint, InitWithNodeLabels; pkg/policy/repository.go, computePolicyEnforcementAndRules).
 */
import {labelFilter} from '../cluster/identity.js';
import type {CiliumConfig, ClusterNode, ContainerPort} from '../cluster/model.js';
import {reservedIdentities} from './identity.js';
import {type IdentityLabels, parseIdentityLabels} from './policy/select.js';

/** What policies govern: a pod, or a node's host endpoint, whose labels are the node's own. */
export interface Governed {
  readonly identity: number;
  readonly ports: readonly ContainerPort[];
  /** Host endpoints. */
  readonly host?: IdentityLabels;
}

/** `enable-host-firewall`: without it policies with a node selector have no effect. */
export function hasHostFirewall({raw}: Pick<CiliumConfig, 'raw'>): boolean {
  return raw['enable-host-firewall'] === 'true';
}

/** `reserved:host` and the labels of the node that count, sorted: `kubernetes.io/hostname` and its like do not. */
export function hostEndpointLabels({labels}: Pick<ClusterNode, 'labels'>, {raw}: Pick<CiliumConfig, 'raw'>): string[] {
  const keep = labelFilter(raw.labels) ?? (() => true);
  const own = Object.entries(labels).flatMap(([key, value]) =>
    keep(key) ? [value === '' ? `k8s:${key}` : `k8s:${key}=${value}`] : [],
  );
  return [...own, 'reserved:host'].sort();
}

export function hostEndpoint(node: ClusterNode, config: CiliumConfig): Governed {
  const host = parseIdentityLabels(hostEndpointLabels(node, config));
  return {identity: reservedIdentities.host, ports: [], host};
}
