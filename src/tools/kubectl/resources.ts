/** The kinds that this API server has, one row each. */

import {ciliumKinds} from './kinds/cilium.js';
import {configMaps, namespaces, nodes, services} from './kinds/core.js';
import {groupOf, type Resource} from './kinds/kind.js';
import {endpointSlices, endpoints, ingresses, networkPolicies} from './kinds/network.js';
import {pods} from './kinds/pods.js';
import {workloads} from './kinds/workloads.js';

/** In the order in which `get all` lists those that it lists. */
export const resources: readonly Resource[] = [
  configMaps,
  endpoints,
  namespaces,
  nodes,
  pods,
  services,
  ...workloads,
  endpointSlices,
  ingresses,
  networkPolicies,
  ...ciliumKinds,
];

/** By plural, singular, kind, short name, or with its version and group; undefined: no such kind here. */
export function findResource(word: string): Resource | undefined {
  const name = word.toLowerCase();
  return resources.find((resource) => {
    const {name: plural, singular, short, apiVersion} = resource;
    const [version = ''] = apiVersion.split('/').reverse();
    const group = groupOf(resource);
    return (
      [plural, singular].some(
        (own) => own === name || `${own}.${group}` === name || `${own}.${version}.${group}` === name,
      ) || short.includes(name)
    );
  });
}

/** `pods`, `deployments.apps`: as errors name a kind. */
export function pluralName(resource: Resource): string {
  const group = groupOf(resource);
  return group === '' ? resource.name : `${resource.name}.${group}`;
}

/** `pod`, `deployment.apps`: as results name it. */
export function kindName(resource: Resource): string {
  const group = groupOf(resource);
  return group === '' ? resource.singular : `${resource.singular}.${group}`;
}
