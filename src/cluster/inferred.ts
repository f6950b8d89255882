/** What a resolved cluster has beyond its input, counted for `inspect`. */
import {listOf} from './cilium-config.js';
import {reservedIdentityTable} from './identity.js';
import type {ClusterNode, Pod, Service} from './model.js';
import type {Problems} from './problems.js';
import {type Definition, keyOf, type NodeSpec} from './spec.js';

interface Resolved {
  readonly nodes: readonly ClusterNode[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
}

export function noteInferred(
  definition: Definition,
  nodeSpecs: readonly NodeSpec[],
  {nodes, pods, services}: Resolved,
  problems: Problems,
): void {
  const statedNodes = new Set(nodeSpecs.filter(hasAddress).map(({name}) => name));
  const addressed = new Set(definition.pods.filter(hasAddress).map(keyOf));
  const placed = new Set(definition.pods.filter(({node}) => node !== undefined).map(keyOf));
  const given = new Set(
    definition.services.filter((spec) => listOf(spec.clusterIP).length + listOf(spec.clusterIPs).length > 0).map(keyOf),
  );
  const counts = [
    [nodes.filter(({name}) => !statedNodes.has(name)).length, 'node'],
    [pods.filter((pod) => pod.ips.length > 0 && !pod.hostNetwork && !addressed.has(keyOf(pod))).length, 'pod'],
    [services.filter((service) => service.clusterIps.length > 0 && !given.has(keyOf(service))).length, 'service'],
  ] as const;
  const allocated = counts.flatMap(([count, what]) => (count === 0 ? [] : [counted(count, what)]));
  if (allocated.length > 0) problems.note('inferred', `addresses of ${joined(allocated)}`);
  const scheduled = pods.filter((pod) => pod.node !== undefined && !placed.has(keyOf(pod))).length;
  if (scheduled > 0) problems.note('inferred', `scheduling of ${counted(scheduled, 'pod')}`);
  const known = new Set([
    ...reservedIdentityTable.map(({id}) => id),
    ...definition.identities.map(({id}) => id),
    ...definition.pods.flatMap(({identity}) => identity ?? []),
  ]);
  const drawn = new Set(pods.map((pod) => pod.identity).filter((id) => id > 0 && !known.has(id))).size;
  if (drawn > 0)
    problems.note('inferred', `${drawn} security ${drawn === 1 ? 'identity' : 'identities'}, from the labels of pods`);
}

function hasAddress({ip, ips}: Pick<NodeSpec, 'ip' | 'ips'>): boolean {
  return listOf(ip).length + listOf(ips).length > 0;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function joined(list: readonly string[]): string {
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
}
