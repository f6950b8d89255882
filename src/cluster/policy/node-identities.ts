/**
 * Nodes that policies tell apart (cilium pkg/node/manager, nodeIdentityLabels): by their addresses with `policy-cidr-match-mode:
 * nodes`, by their labels with `enable-node-selector-labels`. Agents then have identities of scope 0x02 for the addresses of
 * other nodes, and more labels on `reserved:host` for their own.
 */
import {type Ip, ipBits, isIp4} from '../../wire/addr.js';
import {labelFilter} from '../identity.js';
import type {CiliumConfig, ClusterNode, Identity} from '../model.js';
import {cidrLabel} from './cidr-identities.js';

/** Scope 0x02, numbered from 1. Each agent draws its own numbers; here they are the same everywhere. */
const FIRST = 0x0200_0001;
const CLUSTER_LABEL = 'k8s:io.cilium.k8s.policy.cluster';

/** Words of `policy-cidr-match-mode`. */
export function cidrMatchModes({raw}: Pick<CiliumConfig, 'raw'>): string[] {
  return (raw['policy-cidr-match-mode'] ?? '').split(/[\s,]+/).filter(Boolean);
}

export function hasNodeLabels({raw}: Pick<CiliumConfig, 'raw'>): boolean {
  return raw['enable-node-selector-labels'] === 'true';
}

export function nodeAddresses({ips, externalIps, routerIps}: ClusterNode): Ip[] {
  return [...ips, ...externalIps, ...routerIps];
}

/** Labels of `reserved:host` as the agent of this node has them, sorted. */
export function hostIdentityLabels(node: ClusterNode, config: CiliumConfig): string[] {
  const own = cidrMatchModes(config).includes('nodes') ? nodeAddresses(node).map(addressLabel) : [];
  return [...new Set(['reserved:host', ...apiserver(node), ...own, ...nodeLabels(node, config)])].sort();
}

export interface NodeIdentities {
  readonly identities: readonly Identity[];
  /** As other nodes know them. */
  readonly byAddress: ReadonlyMap<Ip, number>;
}

/** Undefined where nodes are `reserved:remote-node` and no more. */
export function nodeIdentities(nodes: readonly ClusterNode[], config: CiliumConfig): NodeIdentities | undefined {
  const cidrs = cidrMatchModes(config).includes('nodes');
  if (!cidrs && !hasNodeLabels(config)) return undefined;
  const identities = new Map<string, Identity>();
  const byAddress = new Map<Ip, number>();
  for (const node of nodes) {
    const common = ['reserved:remote-node', ...apiserver(node), ...nodeLabels(node, config)];
    for (const ip of nodeAddresses(node)) {
      if (!(isIp4(ip) ? config.enableIpv4 : config.enableIpv6)) continue;
      const labels = [...common, ...(cidrs ? [addressLabel(ip)] : [])].sort();
      const key = labels.join();
      let identity = identities.get(key);
      if (!identity) identities.set(key, (identity = {id: FIRST + identities.size, labels}));
      byAddress.set(ip, identity.id);
    }
  }
  return {identities: [...identities.values()], byAddress};
}

function apiserver(node: ClusterNode): string[] {
  return node.apiserver ? ['reserved:kube-apiserver'] : [];
}

function addressLabel(ip: Ip): string {
  return cidrLabel({ip, length: ipBits(ip)});
}

function nodeLabels({labels}: ClusterNode, config: CiliumConfig): string[] {
  if (!hasNodeLabels(config)) return [];
  const keep = labelFilter(config.raw['node-labels'], 'node') ?? (() => true);
  const own = Object.entries(labels).flatMap(([key, value]) =>
    keep(key) ? [value === '' ? `node:${key}` : `node:${key}=${value}`] : [],
  );
  return [...own, `${CLUSTER_LABEL}=${config.clusterName}`];
}
