/** What Cilium's agents wrote down about nodes and pods, put over what Kubernetes knows of them. */
import type {Gathered} from './kubernetes.js';
import type {K8sCiliumNode} from './kubernetes-shapes.js';
import type {Definition, NodeSpec} from './spec.js';

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
  const endpoints = new Map(
    out.ciliumEndpoints.map((object) => [`${object.metadata.namespace ?? 'default'}/${object.metadata.name}`, object]),
  );
  const pods =
    endpoints.size === 0
      ? out.pods
      : out.pods.map((pod) => {
          const status = endpoints.get(`${pod.namespace}/${pod.name}`)?.status;
          if (!status || pod.hostNetwork) return pod;
          const ips = (status.networking?.addressing ?? []).flatMap(({ipv4, ipv6}) =>
            [ipv4, ipv6].filter((ip) => typeof ip === 'string' && ip !== ''),
          );
          return {
            ...pod,
            ...(status.identity?.id ? {identity: status.identity.id} : {}),
            ...(status.id ? {endpointId: status.id} : {}),
            ...(pod.ips === undefined && ips.length > 0 ? {ips: ips as string[]} : {}),
          };
        });
  return {nodes, pods};
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
