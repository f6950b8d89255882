/** What Cilium's agents wrote down about nodes and pods, put over what Kubernetes knows of them. */

import {listOf} from './cilium-config.js';
import type {Gathered} from './kubernetes.js';
import type {K8sCiliumEndpoint, K8sCiliumNode, Meta} from './kubernetes-shapes.js';
import type {Definition, NodeSpec, PodSpec} from './spec.js';

/** CiliumNodes complete nodes, CiliumEndpoints complete pods: what an agent wrote down is a fact. */
export function mergeCilium(out: Gathered): Pick<Definition, 'nodes' | 'pods'> {
  const byName = new Map(out.ciliumNodes.map((item) => [item.object.metadata.name!, item]));
  const nodes = out.nodes.map((node) => {
    const own = byName.get(node.name);
    byName.delete(node.name);
    return own ? {...node, ...ciliumNodeSpec(own.object, node)} : node;
  });
  for (const {object, where} of byName.values())
    nodes.push({
      name: object.metadata.name!,
      observed: true,
      where,
      labels: object.metadata.labels ?? {},
      ...ciliumNodeSpec(object),
    });
  return {nodes, pods: mergeEndpoints(out, nodes)};
}

/** Identity, endpoint id and addresses as the agents know them; without pods in the input the endpoints are the pods. */
function mergeEndpoints({pods, ciliumEndpoints, identities}: Gathered, nodes: readonly NodeSpec[]): PodSpec[] {
  const endpoints = new Map(
    ciliumEndpoints.map((object) => [`${object.metadata.namespace ?? 'default'}/${object.metadata.name}`, object]),
  );
  const merged = pods.map((pod) => {
    const status = endpoints.get(`${pod.namespace}/${pod.name}`)?.status;
    if (!status || pod.hostNetwork) return pod;
    const ips = addressesOf(status);
    return {
      ...pod,
      ...(status.identity?.id ? {identity: status.identity.id} : {}),
      ...(status.id ? {endpointId: status.id} : {}),
      ...(pod.ips === undefined && ips.length > 0 ? {ips} : {}),
    };
  });
  if (pods.some((pod) => pod.live)) return merged;
  const nodeOf = new Map(nodes.flatMap((node) => listOf(node.ips).map((ip) => [ip, node.name])));
  const labelsOf = new Map(identities.map(({id, labels}) => [id, labels]));
  const known = new Set(pods.map((pod) => `${pod.namespace}/${pod.name}`));
  for (const [key, {metadata, status, where}] of endpoints) {
    if (known.has(key) || !status) continue;
    const ips = addressesOf(status);
    const id = status.identity?.id;
    const labels = status.identity?.labels ?? (id === undefined ? [] : (labelsOf.get(id) ?? []));
    const node = nodeOf.get(status.networking?.node ?? '');
    merged.push({
      name: metadata.name!,
      namespace: metadata.namespace ?? 'default',
      observed: true,
      live: true,
      where,
      phase: 'Running',
      ...podLabels(labels),
      ...(id ? {identity: id} : {}),
      ...(status.id ? {endpointId: status.id} : {}),
      ...(ips.length > 0 ? {ips} : {}),
      ...(node === undefined ? {} : {node}),
      ...controllerOf(metadata),
    });
  }
  return merged;
}

function addressesOf(status: NonNullable<K8sCiliumEndpoint['status']>): string[] {
  return (status.networking?.addressing ?? []).flatMap(({ipv4, ipv6}) =>
    [ipv4, ipv6].filter((ip): ip is string => typeof ip === 'string' && ip !== ''),
  );
}

/** The pod's own labels among those of its identity, and its service account. */
function podLabels(labels: readonly string[]): Pick<PodSpec, 'labels' | 'serviceAccount'> {
  const own: Record<string, string> = {};
  let serviceAccount: string | undefined;
  for (const label of labels) {
    const match = /^k8s:([^=]*)(?:=(.*))?$/s.exec(label);
    const [, key = '', value = ''] = match ?? [];
    if (key === 'io.cilium.k8s.policy.serviceaccount') serviceAccount = value;
    else if (key !== '' && !/^io\.(cilium\.k8s|kubernetes\.pod)\./.test(key)) own[key] = value;
  }
  return {labels: own, ...(serviceAccount === undefined ? {} : {serviceAccount})};
}

function controllerOf({ownerReferences}: Meta): Pick<PodSpec, 'owner'> {
  const owner = ownerReferences?.find(({kind}) => kind !== 'Pod');
  return owner?.kind && owner.name ? {owner: {kind: owner.kind, name: owner.name}} : {};
}

function ciliumNodeSpec({spec}: K8sCiliumNode, node?: NodeSpec): Partial<NodeSpec> {
  const addresses = (type: string) =>
    (spec?.addresses ?? []).flatMap((item) => (item.type === type && item.ip ? [item.ip] : []));
  const health = [spec?.health?.ipv4, spec?.health?.ipv6].filter(
    (ip) => typeof ip === 'string' && ip !== '',
  ) as string[];
  const podCidrs = spec?.ipam?.podCIDRs ?? [];
  const router = addresses('CiliumInternalIP');
  return {
    ...(node?.ips?.length ? {} : {ips: addresses('InternalIP')}),
    ...(podCidrs.length > 0 ? {podCIDRs: podCidrs} : {}),
    ...(router.length > 0 ? {routerIP: router} : {}),
    ...(health.length > 0 ? {healthIP: health} : {}),
  };
}
