/** What a workload's controller does with its pods when the workload is given again, and `kubectl rollout restart`. */
import {keyOf, manifestKey, type PodSpec} from '../../cluster/spec.js';
import {suffix} from '../../cluster/workloads.js';
import {UserError} from '../../term/error.js';
import {currentOf, withManifests} from './apply.js';
import {find, readAsked} from './asked.js';
import type {Command, Invocation} from './command.js';
import {dryRunOf, tell} from './dry-run.js';
import {KubectlError} from './error.js';
import {ownManifests} from './files.js';
import {type Json, type JsonObject, type KubeObject, merged, plain, recordAt} from './json.js';
import {generated} from './kinds/workloads.js';
import {another, change, without} from './mutate.js';
import {kubeJson} from './output.js';
import {pluralName} from './resources.js';
import {viewOf} from './view.js';

export interface Rollout {
  readonly object: KubeObject;
  /** Undefined: what the template was is not known, pods are compared. */
  readonly changed: boolean | undefined;
  readonly now: string;
}

/** Is the template another than it was? `object`: the workload as it is given now. */
export function rolloutOf(invocation: Invocation, object: KubeObject, now: string): Rollout {
  const stated = invocation.session.cluster.manifests?.get(manifestKey({...object.metadata, kind: object.kind}));
  // kubectl patch gives back what get shows, with the server's defaults
  const known = [stated as JsonObject | undefined, currentOf(invocation, object)].filter((old) => old !== undefined);
  const changed = known.length === 0 ? undefined : known.every((old) => templateText(old) !== templateText(object));
  return {object, changed, now};
}

function templateText(object: JsonObject): string {
  return kubeJson(sorted(plain(recordAt(object, 'spec', 'template'))), '', '');
}

/** Keys in one order; without `creationTimestamp: null`, which clients write. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject).filter(([key, item]) => key !== 'creationTimestamp' || item);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item ?? null)]),
  );
}

/** Pods whose template is as it was stay; the others are replaced; as many as are asked for. */
export function rollOut(
  pods: readonly PodSpec[],
  members: readonly string[],
  wanted: readonly PodSpec[],
  rollout: Rollout,
): PodSpec[] {
  const {object, changed, now} = rollout;
  const [template] = wanted;
  const keys = new Set(members);
  if (!template) return without(pods, keys);
  const stays = (pod: PodSpec) => (changed === undefined ? isLike(pod, template) : !changed);
  const same = pods.filter((pod) => keys.has(keyOf(pod)) && stays(pod));
  const kept = new Set(same.slice(0, wanted.length).map(keyOf));
  const left = pods.filter((pod) => !keys.has(keyOf(pod)) || kept.has(keyOf(pod)));
  const hash = changed
    ? suffix(`${keyOf(template)} ${templateText(object)}`, 10)
    : same[0]?.labels?.['pod-template-hash'];
  // a pod of a StatefulSet comes back under its name
  const taken = new Set((object.kind === 'StatefulSet' ? left : pods).map(keyOf));
  for (let n = kept.size; n < wanted.length; n++) {
    const spec = ofReplicaSet(wanted[n] ?? template, object, hash);
    const fresh = running(taken.has(keyOf(spec)) ? another(spec, taken) : spec, now);
    taken.add(keyOf(fresh));
    left.push(fresh);
  }
  return left;
}

export function running(pod: PodSpec, now: string): PodSpec {
  return {createdAt: now, ...pod, phase: 'Running', ready: pod.ready ?? true};
}

/** A template has a ReplicaSet of its own, whose hash its pods carry; undefined: that of the first template. */
function ofReplicaSet(spec: PodSpec, {kind, metadata}: KubeObject, hash: string | undefined): PodSpec {
  if (kind !== 'Deployment' || hash === undefined) return spec;
  const name = `${metadata.name}-${hash}-${suffix(`${hash} ${spec.name}`, 5)}`;
  return {...spec, name, labels: {...spec.labels, 'pod-template-hash': hash}};
}

function isLike(a: PodSpec, b: PodSpec): boolean {
  const labels = (spec: PodSpec) =>
    JSON.stringify(
      Object.entries(spec.labels ?? {})
        .filter(([key]) => !generated.includes(key))
        .sort(),
    );
  const images = (spec: PodSpec) => JSON.stringify((spec.containers ?? []).map(({name, image = ''}) => [name, image]));
  return labels(a) === labels(b) && images(a) === images(b);
}

const restartable = ['Deployment', 'DaemonSet', 'StatefulSet'];

/** Sets the annotation that makes the template another one (polymorphichelpers/objectrestarter.go). */
export const rolloutRestart: Command = async (invocation) => {
  const {args, flags, session, namespace} = invocation;
  if (args.length === 0) throw new KubectlError('error: required resource not specified');
  const view = viewOf(session);
  const now = view.time(view.now);
  let found = false;
  for (const one of readAsked(args)) {
    const {objects} = find(invocation, one, (error) => {
      if (namespace === 'kube-system' && one.resource.kind === 'DaemonSet' && one.names.includes('cilium'))
        throw new UserError({
          message: 'agents of a session do not restart',
          hint: 'start the session with --set spec.cilium.KEY=VALUE',
        });
      throw error;
    });
    if (!restartable.includes(one.resource.kind)) {
      const [first] = objects;
      if (first)
        throw new KubectlError(
          `error: ${pluralName(one.resource)} ${JSON.stringify(first.metadata.name)} restarting is not supported`,
        );
    }
    for (const object of objects) {
      found = true;
      const annotations = {'kubectl.kubernetes.io/restartedAt': now};
      const {status: _, ...stated} = merged(plain(object) as KubeObject, {spec: {template: {metadata: {annotations}}}});
      const manifests = await ownManifests([stated as KubeObject], namespace, session.cluster);
      if (manifests.workloads.length === 0)
        throw new UserError({message: `${object.kind} ${JSON.stringify(object.metadata.name)} has no template here`});
      if (dryRunOf(flags) === 'none') change(session, (definition) => withManifests(definition, manifests, invocation));
      tell(invocation, object, 'restarted');
    }
  }
  if (!found) throw new KubectlError('error: no objects passed to restart');
  return 0;
};
