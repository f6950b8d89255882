/** Policy maps of a node's endpoints, by endpoint id. */
import type {Cluster, Pod} from '../../cluster/model.js';
import type {EndpointInfo, PolicyMap} from '../model.js';
import {createPolicyMap, defaultPolicyEntries} from '../policy-map.js';
import {createPolicyCompiler, type PolicyCompiler} from './compile.js';

type NodePolicies = (endpoints: ReadonlyMap<number, EndpointInfo>) => ReadonlyMap<number, PolicyMap>;

/** A cluster's maps are computed once, whichever node asks first. */
const known = new WeakMap<Cluster, NodePolicies>();

export function nodePolicies(
  cluster: Cluster,
  endpoints: ReadonlyMap<number, EndpointInfo>,
): ReadonlyMap<number, PolicyMap> {
  let policies = known.get(cluster);
  if (!policies) known.set(cluster, (policies = createNodePolicies(cluster)));
  return policies(endpoints);
}

/** Pods of one identity and with the same ports share a map. */
function createNodePolicies(cluster: Cluster): NodePolicies {
  const {enablePolicy, clusterId} = cluster.cilium;
  const open = createPolicyMap(defaultPolicyEntries(enablePolicy), clusterId);
  if (!cluster.policies?.length) return (endpoints) => new Map([...endpoints.keys()].map((id) => [id, open]));
  const maps = new Map<string, PolicyMap>();
  let compiler: PolicyCompiler | undefined;

  function mapOf(pod: Pod): PolicyMap {
    const key = `${pod.identity} ${JSON.stringify(pod.ports)}`;
    let map = maps.get(key);
    if (!map) {
      compiler ??= createPolicyCompiler(cluster);
      maps.set(key, (map = createPolicyMap(compiler.entries(pod), clusterId)));
    }
    return map;
  }

  return (endpoints) => new Map([...endpoints].map(([id, {pod}]) => [id, pod ? mapOf(pod) : open]));
}
