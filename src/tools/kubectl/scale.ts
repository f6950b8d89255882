/** `kubectl scale`. */
import type {Pod} from '../../cluster/model.js';
import {keyOf, type PodSpec} from '../../cluster/spec.js';
import {type Asked, find, readAsked} from './asked.js';
import type {Command, Invocation} from './command.js';
import {dryRunOf, tell} from './dry-run.js';
import {KubectlError, notFound} from './error.js';
import {ownManifests} from './files.js';
import {type KubeObject, numberAt, recordAt} from './json.js';
import {derivedWorkload} from './kinds/workloads.js';
import {another, change, membersOf, withManifest, without} from './mutate.js';
import {pluralName} from './resources.js';
import {viewOf} from './view.js';

const scalable = ['Deployment', 'ReplicaSet', 'StatefulSet'];

export const scale: Command = async (invocation) => {
  const {session, args, flags, namespace} = invocation;
  const text = flags.get('replicas');
  if (text === undefined) throw new KubectlError('error: required flag(s) "replicas" not set');
  const replicas = Number(text);
  if (replicas < 0)
    throw new KubectlError(
      'error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0',
    );
  for (const one of readAsked(args)) {
    if (!scalable.includes(one.resource.kind))
      throw new KubectlError('Error from server (NotFound): the server could not find the requested resource');
    for (const object of workloads(invocation, {...one, verb: 'scale'})) {
      const members = membersOf(session.cluster, namespace, object.kind, object.metadata.name);
      const now = numberAt(object, 'spec', 'replicas');
      const expected = Number(flags.get('current-replicas') ?? -1);
      if (expected >= 0 && expected !== now && dryRunOf(flags) !== 'client')
        throw new KubectlError(`error: Expected replicas to be ${expected}, was ${now}`);
      const {status: _, ...stated} = object;
      const scaled: KubeObject = {...stated, spec: {...recordAt(object, 'spec'), replicas}};
      if (dryRunOf(flags) === 'none') await setPods(invocation, scaled, members, replicas);
      tell(invocation, scaled, 'scaled');
    }
  }
  return 0;
};

/** Those named, or all of the kind; also pods `NAME-1`, `NAME-2`… of a definition with replicas. */
function workloads(invocation: Invocation, asked: Asked & {readonly verb?: string}): readonly KubeObject[] {
  const {session, namespace} = invocation;
  const {resource, names} = asked;
  if (names.length === 0) return find(invocation, asked, () => {}).objects;
  return names.flatMap((name) => {
    const {objects} = find(invocation, {resource, names: [name]}, () => {});
    if (objects.length > 0) return objects;
    const members = membersOf(session.cluster, namespace, resource.kind, name);
    if (members.length === 0)
      throw asked.verb === 'scale'
        ? new KubectlError(
            `error: no objects passed to scale ${pluralName(resource)} ${JSON.stringify(name)} not found`,
          )
        : notFound(pluralName(resource), name);
    return [derivedWorkload(resource.kind, name, members, viewOf(session)) as KubeObject];
  });
}

/** The first of them go on; as many are made anew as are missing. */
async function setPods(
  {session, namespace}: Invocation,
  object: KubeObject,
  members: readonly Pod[],
  replicas: number,
): Promise<void> {
  const view = viewOf(session);
  const now = view.time(view.now);
  const made = members.length > 0 ? [] : (await ownManifests([object], namespace, session.cluster)).workloadPods;
  change(session, (definition) => {
    const gone = new Set(members.slice(replicas).map(keyOf));
    const pods = without(definition.pods, gone);
    const taken = new Set(pods.map(keyOf));
    const [first] = members;
    const template = first ? definition.pods.find((pod) => keyOf(pod) === keyOf(first)) : made[0];
    for (let n = members.length; template && n < replicas; n++) {
      const spec = made[n];
      const fresh: PodSpec =
        spec && !taken.has(keyOf(spec))
          ? {...spec, phase: 'Running', ready: true, createdAt: now}
          : {...another(template, taken), createdAt: now};
      taken.add(keyOf(fresh));
      pods.push(fresh);
    }
    const owned = members.length === 0 || members.some(({owner}) => owner !== undefined);
    return owned ? withManifest({...definition, pods}, object) : {...definition, pods};
  });
}

/** The workload of an argument, for commands that look at its pods. */
export function workloadNamed(
  invocation: Invocation,
  asked: Asked,
): {readonly object: KubeObject; readonly pods: readonly Pod[]} | undefined {
  const [name = ''] = asked.names;
  if (![...scalable, 'DaemonSet', 'Job'].includes(asked.resource.kind)) return undefined;
  const [object] = workloads(invocation, {...asked, names: [name]});
  if (!object) return undefined;
  return {object, pods: membersOf(invocation.session.cluster, invocation.namespace, asked.resource.kind, name)};
}
