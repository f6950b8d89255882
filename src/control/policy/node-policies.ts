/** Policy maps of a node's endpoints, by endpoint id. */
import type {Cluster, ClusterNode, Pod} from '../../cluster/model.js';
import {hasHostFirewall, hostEndpoint} from '../host-endpoint.js';
import type {EndpointInfo, PolicyMap} from '../model.js';
import {createPolicyMap, defaultPolicyEntries} from '../policy-map.js';
import {createPolicyCompilers, type PolicyCompiler} from './compile.js';

/** What a node has endpoints for: those of pods and its health, and, by id, the one that stands for itself. */
export interface NodeEndpoints {
  readonly node: ClusterNode;
  readonly endpoints: ReadonlyMap<number, EndpointInfo>;
  readonly hostEndpointId: number;
}

type NodePolicies = (of: NodeEndpoints) => ReadonlyMap<number, PolicyMap>;

/** A cluster's maps are computed once, whichever node asks first. */
const known = new WeakMap<Cluster, NodePolicies>();

export function nodePolicies(cluster: Cluster, of: NodeEndpoints): ReadonlyMap<number, PolicyMap> {
  let policies = known.get(cluster);
  if (!policies) known.set(cluster, (policies = createNodePolicies(cluster)));
  return policies(of);
}

/** Pods of one identity and with the same ports share a map, where their nodes' agents compile alike. The host has one with the host firewall only. */
function createNodePolicies(cluster: Cluster): NodePolicies {
  const {enablePolicy, clusterId} = cluster.cilium;
  const open = createPolicyMap(defaultPolicyEntries(enablePolicy), clusterId);
  const firewall = hasHostFirewall(cluster.cilium);
  const maps = new Map<PolicyCompiler, Map<string, PolicyMap>>();
  const compilers = createPolicyCompilers(cluster);

  function mapOf(pod: Pod, node: ClusterNode): PolicyMap {
    if (!cluster.policies?.length) return open;
    const compiler = compilers(node);
    let known = maps.get(compiler);
    if (!known) maps.set(compiler, (known = new Map()));
    const key = `${pod.identity} ${JSON.stringify(pod.ports)}`;
    let map = known.get(key);
    if (!map) known.set(key, (map = createPolicyMap(compiler.entries(pod), clusterId)));
    return map;
  }

  return ({node, endpoints, hostEndpointId}) => {
    const found = new Map([...endpoints].map(([id, {pod}]) => [id, pod ? mapOf(pod, node) : open]));
    if (firewall) {
      const entries = compilers(node).entries(hostEndpoint(node, cluster.cilium));
      found.set(hostEndpointId, createPolicyMap(entries, clusterId));
    }
    return found;
  };
}
