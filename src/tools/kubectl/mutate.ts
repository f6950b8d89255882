/** Changes of the cluster, as the API server and the controllers behind it make them. */
import type {Cluster, Pod} from '../../cluster/model.js';
import {type Definition, keyOf, type Manifest, manifestKey, type PodSpec} from '../../cluster/spec.js';
import {suffix} from '../../cluster/workloads.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import {KubectlError} from './error.js';
import {at, type JsonObject, type KubeObject, textAt} from './json.js';

/** Makes the change; what the cluster would not take is an error of the server's. */
export function change({simulation}: Session, edit: (definition: Definition) => Definition): void {
  if (!simulation)
    throw new UserError({
      message: 'kubectl changes the cluster of a session only',
      hint: 'wirelay run -- COMMAND…, or wirelay shell',
    });
  try {
    simulation.change(edit);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new KubectlError(`Error from server (Invalid): ${error.problems.map(({message}) => message).join('; ')}`);
  }
}

/** The item in the place of the one of its name, or behind all others. */
export function put<T extends {readonly name: string; readonly namespace?: string}>(list: readonly T[], item: T): T[] {
  const at = list.findIndex((other) => keyOf(other) === keyOf(item));
  return at < 0 ? [...list, item] : list.map((other, i) => (i === at ? item : other));
}

export function without<T extends {readonly name: string; readonly namespace?: string}>(
  list: readonly T[],
  keys: ReadonlySet<string>,
): T[] {
  return list.filter((item) => !keys.has(keyOf(item)));
}

/** Pods of a workload: those it owns, or `NAME-1`, `NAME-2`… of a definition with replicas. */
export function membersOf(cluster: Cluster, namespace: string, kind: string, name: string): readonly Pod[] {
  return cluster.pods.filter((pod) => {
    if (pod.namespace !== namespace || pod.terminating) return false;
    if (pod.owner) return pod.owner.kind === kind && pod.owner.name === name;
    return kind === 'Deployment' && pod.name.startsWith(`${name}-`) && /^\d+$/.test(pod.name.slice(name.length + 1));
  });
}

/** A pod like this one in a sandbox of its own: everything that was given to it is left out. */
export function another(template: PodSpec, taken: ReadonlySet<string>): PodSpec {
  const {ip: _ip, ips: _ips, node: _node, identity: _identity, endpointId: _id, mac: _mac, ...rest} = template;
  const {owner, name} = rest;
  const bound = owner?.kind === 'DaemonSet' ? {node: template.node} : {};
  for (let n = 0; ; n++) {
    const fresh = nameLike(name, owner?.kind, n);
    if (!taken.has(keyOf({...rest, name: fresh})))
      return {
        ...rest,
        ...(bound.node === undefined ? {} : {node: bound.node}),
        name: fresh,
        phase: 'Running',
        ready: true,
      };
  }
}

function nameLike(name: string, kind: string | undefined, n: number): string {
  const stem = name.replace(/-[^-]*$/, '');
  return kind === undefined || kind === 'StatefulSet'
    ? `${stem}-${kind ? n : n + 1}`
    : `${stem}-${suffix(`${name} ${n}`, 5)}`;
}

/** The specs with those of `gone` taken away, and what their controllers make anew. */
export function deletePods(specs: readonly PodSpec[], gone: ReadonlySet<string>): PodSpec[] {
  const left = without(specs, gone);
  const taken = new Set(specs.map(keyOf));
  for (const spec of specs) {
    if (!gone.has(keyOf(spec)) || !spec.owner || spec.owner.kind === 'Job') continue;
    if (spec.owner.kind === 'StatefulSet') taken.delete(keyOf(spec));
    const fresh = another(spec, taken);
    taken.add(keyOf(fresh));
    left.push(fresh);
  }
  return left;
}

/** With the object in the place of the one of its kind and name. */
export function withManifest(definition: Definition, object: KubeObject | JsonObject): Definition {
  const manifests = new Map(definition.manifests);
  const kind = textAt(object, 'kind');
  manifests.set(
    manifestKey({kind, name: textAt(object, 'metadata', 'name'), namespace: at(object, 'metadata', 'namespace')}),
    object as Manifest,
  );
  return {...definition, manifests};
}

export function withoutManifests(definition: Definition, kind: string, objects: readonly KubeObject[]): Definition {
  const manifests = new Map(definition.manifests);
  for (const {metadata} of objects)
    manifests.delete(manifestKey({kind, name: metadata.name, namespace: metadata.namespace}));
  return {...definition, manifests};
}

/** `namespace/name`, as `keyOf` has it of specs. */
export function objectKey({metadata}: KubeObject): string {
  return `${typeof metadata.namespace === 'string' ? metadata.namespace : 'default'}/${metadata.name}`;
}
