/** Manifests that -f names, as the definition's own reader takes them. */
import {listFiles} from '../../cluster/discover.js';
import {createGathered, type Gathered, gather} from '../../cluster/kubernetes.js';
import {policiesOf, workloadPods} from '../../cluster/load.js';
import type {Cluster} from '../../cluster/model.js';
import type {Policy} from '../../cluster/policy/model.js';
import {createProblems, type Problems} from '../../cluster/problems.js';
import {readObjects} from '../../cluster/read-objects.js';
import type {Manifest, NamespaceSpec, PodSpec, ServiceSpec} from '../../cluster/spec.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {KubectlError} from './error.js';
import type {KubeObject} from './json.js';
import {findResource} from './resources.js';

/** What manifests ask for; `workloads` with the pods that their controllers make of them. */
export interface Manifests {
  /** As they stand, with their namespaces, in the order met. */
  readonly objects: readonly KubeObject[];
  readonly namespaces: readonly NamespaceSpec[];
  readonly services: readonly ServiceSpec[];
  readonly pods: readonly PodSpec[];
  readonly workloads: readonly {readonly kind: string; readonly namespace: string; readonly name: string}[];
  readonly workloadPods: readonly PodSpec[];
  readonly policies: readonly Policy[];
  /** Kinds of other API groups, `Widget (example.com)`, and how many objects of each there were. */
  readonly unknown: readonly {readonly kind: string; readonly count: number}[];
}

/** `namespace` is that of objects which name none. */
export async function readManifests(
  paths: readonly string[],
  namespace: string,
  cluster: Cluster,
  io: Io,
): Promise<Manifests> {
  const problems = createProblems();
  const input = paths.includes('-') ? await allInput(io) : new Uint8Array(0);
  const files = listFiles(paths, io.cwd, problems, () => {});
  for (const {message} of problems.found) throw new KubectlError(`error: ${message}`);
  const {gathered, own} = await readObjects(files, () => input, problems, [], true);
  if (own) throw new UserError({message: 'kubectl takes Kubernetes objects, not a definition', where: own.locate([])});
  return manifestsOf(gathered, problems, namespace, cluster);
}

/** As `readManifests`, of objects that a command has made. */
export async function ownManifests(
  objects: readonly KubeObject[],
  namespace: string,
  cluster: Cluster,
): Promise<Manifests> {
  const problems = createProblems();
  const out = createGathered(true);
  const file = 'kubectl';
  for (const value of objects)
    gather(value, {file, value, locate: () => ({file})}, [], {out, problems, tally: () => {}});
  return manifestsOf(out, problems, namespace, cluster);
}

async function manifestsOf(
  gathered: Gathered,
  problems: Problems,
  namespace: string,
  cluster: Cluster,
): Promise<Manifests> {
  problems.throwIfAny();
  const placed = <T extends {readonly namespace?: string}>(
    list: readonly T[],
    stated: ReadonlySet<string>,
    kind: string,
  ) => list.map((item) => (stated.has(`${kind} ${(item as {name?: string}).name}`) ? item : {...item, namespace}));
  const stated = new Set<string>();
  const objects = [...(gathered.manifests?.values() ?? [])].map((manifest): KubeObject => {
    const object = manifest as unknown as KubeObject;
    const {kind, metadata} = object;
    if (!(findResource(kind)?.namespaced ?? true)) return object;
    if (typeof metadata.namespace === 'string') {
      stated.add(`${kind} ${metadata.name}`);
      return object;
    }
    return {...object, metadata: {...metadata, namespace}};
  });
  for (const {object} of gathered.workloads) {
    const meta = object.metadata as {namespace?: string};
    meta.namespace ??= namespace;
  }
  const made = await workloadPods(
    gathered,
    [],
    cluster.nodes.map(({name}) => ({name})),
    {},
    problems,
  );
  const {policies = []} = await policiesOf(
    {...gathered, policies: gathered.policies.map((item) => ({...item, value: inNamespace(item.value, namespace)}))},
    problems,
  );
  problems.throwIfAny();
  return {
    objects,
    namespaces: gathered.namespaces,
    services: placed(gathered.services, stated, 'Service'),
    pods: placed(gathered.pods, stated, 'Pod'),
    workloads: gathered.workloads.map(({object: {kind, metadata}}) => ({
      kind,
      namespace: metadata.namespace ?? namespace,
      name: metadata.name ?? '',
    })),
    workloadPods: made,
    policies,
    unknown: [...gathered.skipped]
      .filter(([kind]) => !objects.some((object) => object.kind === kind))
      .map(([kind, {count}]) => ({kind, count})),
  };
}

function inNamespace(value: Manifest, namespace: string): Manifest {
  const object = value as unknown as KubeObject;
  if (typeof object.metadata.namespace === 'string' || !(findResource(object.kind)?.namespaced ?? true)) return value;
  return {...object, metadata: {...object.metadata, namespace}};
}

async function allInput(io: Io): Promise<Uint8Array> {
  if (!io.readInput) return io.readStdin();
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = await io.readInput();
    if (part === undefined) return Buffer.concat(parts);
    parts.push(part);
  }
}
