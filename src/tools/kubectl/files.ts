/** Manifests that -f names, as the definition's own reader takes them. */
import {listFiles} from '../../cluster/discover.js';
import {policiesOf, workloadPods} from '../../cluster/load.js';
import type {Cluster} from '../../cluster/model.js';
import type {Policy} from '../../cluster/policy/model.js';
import {createProblems} from '../../cluster/problems.js';
import {readObjects} from '../../cluster/read-objects.js';
import type {NamespaceSpec, PodSpec, ServiceSpec} from '../../cluster/spec.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {KubectlError} from './error.js';

/** What manifests ask for; `workloads` with the pods that their controllers make of them. */
export interface Manifests {
  readonly namespaces: readonly NamespaceSpec[];
  readonly services: readonly ServiceSpec[];
  readonly pods: readonly PodSpec[];
  readonly workloads: readonly {readonly kind: string; readonly namespace: string; readonly name: string}[];
  readonly workloadPods: readonly PodSpec[];
  readonly policies: readonly Policy[];
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
  const {gathered, own} = await readObjects(files, () => input, problems, []);
  if (own) throw new UserError({message: 'kubectl takes Kubernetes objects, not a definition', where: own.locate([])});
  problems.throwIfAny();
  for (const [kind] of gathered.skipped)
    throw new KubectlError(
      `error: resource mapping not found for kind ${JSON.stringify(kind)}: wirelay does not read this kind`,
    );
  const placed = <T extends {readonly namespace?: string}>(list: readonly T[]) =>
    list.map((item) => (item.namespace === undefined ? {...item, namespace} : item));
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
  const {policies = []} = await policiesOf(gathered, problems);
  problems.throwIfAny();
  return {
    namespaces: gathered.namespaces,
    services: placed(gathered.services),
    pods: placed(gathered.pods),
    workloads: gathered.workloads.map(({object: {kind, metadata}}) => ({
      kind,
      namespace: metadata.namespace ?? namespace,
      name: metadata.name ?? '',
    })),
    workloadPods: made,
    policies,
  };
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
