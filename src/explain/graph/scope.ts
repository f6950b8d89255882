/** Which part of a cluster a picture is of. */
import type {Cluster, ClusterNode, Pod, Service} from '../../cluster/model.js';
import {UserError} from '../../term/error.js';
import {nearest} from '../../term/nearest.js';
import type {Ip} from '../../wire/addr.js';

export interface ScopeRequest {
  readonly namespace: string | undefined;
  /** `[ns/]name`. */
  readonly service: string | undefined;
  readonly node: ClusterNode | undefined;
  readonly pod: Pod | undefined;
}

export interface Scope {
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly nodes: readonly ClusterNode[];
  /** Pods by address, of the whole cluster. */
  readonly podAt: ReadonlyMap<Ip, Pod>;
  /** Nothing was left out. */
  readonly whole: boolean;
}

/** Pods that all limits leave, the nodes they are on, and the services that are asked for or have one of them behind them. */
export function scopeOf(cluster: Cluster, {namespace, service, node, pod}: ScopeRequest): Scope {
  const podAt = new Map<Ip, Pod>();
  for (const one of cluster.pods) if (!one.hostNetwork) for (const ip of one.ips) podAt.set(ip, one);
  const whole = namespace === undefined && service === undefined && !node && !pod;
  const live = cluster.pods.filter(({phase}) => phase !== 'Succeeded' && phase !== 'Failed');
  if (whole) return {pods: live, services: cluster.services, nodes: cluster.nodes, podAt, whole};
  if (namespace !== undefined) mustExist(cluster, namespace);
  const asked = service === undefined ? undefined : findServices(cluster, service, namespace);
  const behind = asked && new Set(asked.flatMap(({backends}) => backends.flatMap(({ip}) => podAt.get(ip) ?? [])));
  const pods = live.filter(
    (one) =>
      (namespace === undefined || behind !== undefined || one.namespace === namespace) &&
      (!node || one.node === node.name) &&
      (!pod || one === pod) &&
      (!behind || behind.has(one)),
  );
  const kept = new Set(pods);
  const services =
    asked ??
    cluster.services.filter((one) =>
      node || pod ? one.backends.some(({ip}) => kept.has(podAt.get(ip)!)) : one.namespace === namespace,
    );
  const on = new Set(pods.map((one) => one.node));
  const nodes = cluster.nodes.filter((one) => on.has(one.name) || one === node);
  return {pods, services, nodes, podAt, whole};
}

function mustExist({namespaces, pods, services}: Cluster, name: string): void {
  const names = [...new Set([...namespaces, ...pods.map(spaceOf), ...services.map(spaceOf)].map((one) => one.name))];
  if (!names.includes(name)) throw new UserError({message: `no namespace ${name}`, hint: nearest(name, names)});
}

function spaceOf({namespace}: {readonly namespace: string}): {readonly name: string} {
  return {name: namespace};
}

function findServices({services}: Cluster, text: string, namespace: string | undefined): Service[] {
  const slash = text.indexOf('/');
  const [space, name] = slash < 0 ? [namespace, text] : [text.slice(0, slash), text.slice(slash + 1)];
  const found = services.filter((one) => one.name === name && (space === undefined || one.namespace === space));
  if (found.length > 0) return found;
  const names = services.map((one) => (slash < 0 ? one.name : `${one.namespace}/${one.name}`));
  throw new UserError({message: `no service ${text}`, hint: nearest(text, names)});
}
