/** The cluster as an API server would hold it: what kinds list their objects from. */
import type {Cluster, ClusterNode, Pod} from '../../cluster/model.js';
import {manifestKey} from '../../cluster/spec.js';
import type {Session} from '../../session/session.js';
import {type JsonObject, type KubeObject, textAt} from './json.js';

export interface View {
  readonly cluster: Cluster;
  /** Virtual now, ms since 1970: not before anything of the input was made. */
  readonly now: number;
  /** An object of the input, as it stands. */
  manifest(kind: string, namespace: string | undefined, name: string): JsonObject | undefined;
  /** All of a kind. */
  manifests(kind: string): readonly JsonObject[];
  /** Pods by the workload that they belong to: `Deployment default/web`. */
  readonly byOwner: ReadonlyMap<string, readonly Pod[]>;
  node(name: string | undefined): ClusterNode | undefined;
  /** RFC 3339, of ms since 1970; undefined: since the cluster was there. */
  time(created?: number): string;
}

const views = new WeakMap<Cluster, Map<number, View>>();

/** One view per cluster and second. */
export function viewOf({cluster: start, simulation}: Session): View {
  // a command may have changed it since its own start
  const cluster = simulation?.cluster ?? start;
  const elapsed = Math.floor((simulation?.run.now ?? 0) / 1e9) * 1000;
  const known = views.get(cluster) ?? new Map<number, View>();
  const view = known.get(elapsed) ?? createView(cluster, elapsed);
  views.set(cluster, known.set(elapsed, view));
  return view;
}

function createView(cluster: Cluster, elapsed: number): View {
  const {pods, manifests = new Map<string, JsonObject>()} = cluster;
  let byOwner: Map<string, Pod[]> | undefined;
  let byKind: Map<string, JsonObject[]> | undefined;
  let byName: Map<string, ClusterNode> | undefined;
  const start = cluster.epoch * 1000;
  return {
    cluster,
    now: Math.max(start + elapsed, latestOf(cluster)),
    manifest: (kind, namespace, name) => manifests.get(manifestKey({kind, namespace, name})) as JsonObject | undefined,
    manifests(kind) {
      byKind ??= kindsOf(manifests.values() as Iterable<JsonObject>);
      return byKind.get(kind) ?? [];
    },
    get byOwner() {
      byOwner ??= ownersOf(pods);
      return byOwner;
    },
    node(name = '') {
      byName ??= new Map(cluster.nodes.map((node) => [node.name, node]));
      return byName.get(name);
    },
    time: (created = start) => formatTime(created),
  };
}

/** Whole seconds, as metav1.Time has them. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function latestOf({pods, manifests}: Cluster): number {
  let latest = 0;
  for (const {createdAt = 0} of pods) latest = Math.max(latest, createdAt);
  for (const object of manifests?.values() ?? []) {
    const time = Date.parse(textAt(object as JsonObject, 'metadata', 'creationTimestamp'));
    if (time > latest) latest = time;
  }
  return latest;
}

function kindsOf(manifests: Iterable<JsonObject>): Map<string, JsonObject[]> {
  const out = new Map<string, JsonObject[]>();
  for (const object of manifests) {
    const kind = textAt(object, 'kind');
    const own = out.get(kind);
    if (own) own.push(object);
    else out.set(kind, [object]);
  }
  return out;
}

function ownersOf(pods: readonly Pod[]): Map<string, Pod[]> {
  const out = new Map<string, Pod[]>();
  const add = (kind: string, name: string, pod: Pod) => {
    const key = ownerKey(kind, pod.namespace, name);
    const own = out.get(key);
    if (own) own.push(pod);
    else out.set(key, [pod]);
  };
  for (const pod of pods) {
    const {owner} = pod;
    if (!owner) continue;
    add(owner.kind, owner.name, pod);
    const above = replicaSetOf(pod);
    if (above !== undefined) add('ReplicaSet', above, pod);
  }
  return out;
}

export function ownerKey(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

/** Name of the ReplicaSet between a Deployment and its pod. */
export function replicaSetOf({owner, controller, labels}: Pod): string | undefined {
  if (owner?.kind !== 'Deployment') return undefined;
  if (controller?.kind === 'ReplicaSet') return controller.name;
  const hash = labels['pod-template-hash'];
  return hash === undefined ? undefined : `${owner.name}-${hash}`;
}

/** What a row of the table of kinds lists: named at once, built when it is looked at. */
export interface Entry {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly object: () => KubeObject;
}
