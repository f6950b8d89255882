/** `kubectl delete`. */
import type {Definition} from '../../cluster/spec.js';
import type {Command, Invocation} from './command.js';
import {KubectlError, notFound} from './error.js';
import {readManifests} from './files.js';
import {kindName, plural, readResources, select} from './get.js';
import {change, deletePods, membersOf, without} from './mutate.js';

const REQUIRED = `error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

export const remove: Command = async (invocation) => {
  const {session, args, flags, namespace, io} = invocation;
  if (flags.has('filename')) return removeFiles(invocation);
  const workload = workloadOf(args, namespace, invocation);
  if (workload) return removeWorkload(invocation, workload);
  let missing = false;
  for (const {resource, names} of readResources(args, REQUIRED)) {
    if (names.length === 0 && flags.get('all') !== 'true' && !flags.has('selector'))
      throw new KubectlError('error: resource(s) were provided, but no name was specified');
    const items = select(invocation, resource, names, (name) => {
      if (flags.get('ignore-not-found') === 'true') return;
      missing = true;
      io.stderr.write(`${notFound(plural(resource), name).message}\n`);
    });
    if (items.length === 0) continue;
    const keys = new Set(items.map((item) => `${item.namespace ?? 'default'}/${item.name}`));
    change(session, (definition) => withoutItems(definition, resource.name, keys));
    for (const {name} of items) io.stdout.write(`${kindName(resource)} ${JSON.stringify(name)} deleted\n`);
  }
  return missing ? 1 : 0;
};

function withoutItems(definition: Definition, resource: string, keys: ReadonlySet<string>): Definition {
  switch (resource) {
    case 'pods':
      return {...definition, pods: deletePods(definition.pods, keys)};
    case 'services':
      return {...definition, services: without(definition.services, keys)};
    default:
      throw new KubectlError(`Error from server (MethodNotAllowed): ${resource} are not deleted here`);
  }
}

interface Workload {
  readonly kind: string;
  readonly word: string;
  readonly names: readonly string[];
}

const workloads: readonly (readonly [kind: string, ...words: string[]])[] = [
  ['Deployment', 'deployment.apps', 'deploy', 'deployment', 'deployments'],
  ['StatefulSet', 'statefulset.apps', 'sts', 'statefulset', 'statefulsets'],
  ['DaemonSet', 'daemonset.apps', 'ds', 'daemonset', 'daemonsets'],
  ['ReplicaSet', 'replicaset.apps', 'rs', 'replicaset', 'replicasets'],
];

/** Objects that are known by their pods alone. */
export function workloadOf(args: readonly string[], namespace: string, {session}: Invocation): Workload | undefined {
  const [first = '', ...rest] = args;
  const [kindWord = '', name] = first.split('/');
  const row = workloads.find(([, ...words]) => words.includes(kindWord));
  if (!row) return undefined;
  const [kind, word = ''] = row;
  const names = name === undefined ? rest : [name, ...rest.map((more) => more.replace(/^.*\//, ''))];
  for (const wanted of names)
    if (membersOf(session.cluster, namespace, kind, wanted).length === 0)
      throw notFound(word.replace('.', 's.'), wanted);
  return {kind, word, names};
}

function removeWorkload({session, namespace, io}: Invocation, {kind, word, names}: Workload): number {
  if (names.length === 0) throw new KubectlError('error: resource(s) were provided, but no name was specified');
  for (const name of names) {
    const keys = new Set(
      membersOf(session.cluster, namespace, kind, name).map((pod) => `${pod.namespace}/${pod.name}`),
    );
    change(session, (definition) => ({...definition, pods: without(definition.pods, keys)}));
    io.stdout.write(`${word} ${JSON.stringify(name)} deleted\n`);
  }
  return 0;
}

async function removeFiles({session, flags, namespace, io}: Invocation): Promise<number> {
  const files = await readManifests((flags.get('filename') ?? '').split(','), namespace, session.cluster, io);
  const {cluster} = session;
  const key = ({namespace: ns = 'default', name}: {readonly namespace?: string | undefined; readonly name: string}) =>
    `${ns}/${name}`;
  const services = new Set(files.services.map(key));
  const own = files.workloads.flatMap((w) => membersOf(cluster, w.namespace, w.kind, w.name));
  const pods = new Set([...files.pods, ...own].map(key));
  const policies = new Set(files.policies.map((policy) => `${policy.kind} ${key(policy)}`));
  change(session, (definition) => ({
    ...definition,
    services: without(definition.services, services),
    pods: without(definition.pods, pods),
    ...(definition.policies
      ? {policies: definition.policies.filter((policy) => !policies.has(`${policy.kind} ${key(policy)}`))}
      : {}),
  }));
  const say = (kind: string, name: string) => io.stdout.write(`${kind} ${JSON.stringify(name)} deleted\n`);
  for (const {name} of files.services) say('service', name);
  for (const {name} of files.pods) say('pod', name);
  for (const {kind, name} of files.workloads) say(workloads.find(([k]) => k === kind)?.[1] ?? kind.toLowerCase(), name);
  for (const {kind, name} of files.policies)
    say(
      kind.startsWith('Cilium') ? `${kind.toLowerCase()}.cilium.io` : `${kind.toLowerCase()}.networking.k8s.io`,
      name,
    );
  return 0;
}
