/** `kubectl apply`, `create -f` and `replace`: objects given to the server. */
import type {Cluster} from '../../cluster/model.js';
import type {Definition} from '../../cluster/spec.js';
import {keyOf, manifestKey} from '../../cluster/spec.js';
import {UserError} from '../../term/error.js';
import {sanitize} from '../../term/sanitize.js';
import type {Command, Invocation} from './command.js';
import {dryRunOf, tell} from './dry-run.js';
import {KubectlError} from './error.js';
import {type Manifests, ownManifests, readManifests} from './files.js';
import {isRecord, type Json, type KubeObject, plain} from './json.js';
import {groupOf} from './kinds/kind.js';
import {change, membersOf, put, withManifest} from './mutate.js';
import {findResource, pluralName} from './resources.js';
import {rollOut, rolloutOf, running} from './roll-out.js';
import {viewOf} from './view.js';

type Verb = 'apply' | 'create' | 'replace';

export const apply: Command = (invocation) => filesCommand(invocation, 'apply');
export const replace: Command = (invocation) => filesCommand(invocation, 'replace');

export async function filesCommand(invocation: Invocation, verb: Verb): Promise<number> {
  const {args, flags, session, namespace, io} = invocation;
  if (args.length > 0)
    throw new KubectlError(
      `error: Unexpected args: [${args.join(' ')}]\nSee 'kubectl ${verb} -h' for help and examples`,
    );
  if (!flags.has('filename')) throw new KubectlError('error: must specify one of -f and -k');
  const manifests = await readManifests((flags.get('filename') ?? '').split(','), namespace, session.cluster, io);
  for (const {kind, count} of manifests.unknown)
    io.stderr.write(
      `error: no matches for kind ${sanitize(kind)}: ${count} object${count === 1 ? '' : 's'} left out\n`,
    );
  const code = manifests.unknown.length > 0 ? 1 : 0;
  if (manifests.objects.length === 0) {
    if (code > 0) return code;
    throw new KubectlError(`error: no objects passed to ${verb}`);
  }
  for (const kind of new Set(manifests.objects.map((object) => object.kind)))
    if (!findResource(kind)) io.stderr.write(`wirelay: ${kind} objects are kept, but change nothing here\n`);
  return Math.max(code, await submit(invocation, manifests, verb));
}

/** An object that a command has made: created, or told of in a dry run. */
export async function createObject(invocation: Invocation, object: KubeObject, verb = 'created'): Promise<number> {
  const {session, flags, namespace} = invocation;
  const dry = dryRunOf(flags);
  if (dry === 'client') {
    tell(invocation, object, verb);
    return 0;
  }
  const placed = isNamespaced(object) ? {...object, metadata: {...object.metadata, namespace}} : object;
  const manifests = await ownManifests([placed], namespace, session.cluster);
  checkNamespaces(manifests, invocation, '');
  if (dry === 'none') change(session, (definition) => withManifests(definition, manifests, invocation));
  tell(invocation, dry === 'none' ? (currentOf(invocation, placed) ?? placed) : placed, verb);
  return 0;
}

function isNamespaced({kind}: KubeObject): boolean {
  return findResource(kind)?.namespaced ?? true;
}

/** As the server has it now. */
export function currentOf({session}: Invocation, {kind, metadata}: KubeObject): KubeObject | undefined {
  const resource = findResource(kind);
  const namespace = typeof metadata.namespace === 'string' ? metadata.namespace : undefined;
  const own = resource?.list(viewOf(session), resource.namespaced ? namespace : undefined) ?? [];
  return own.find(({name}) => name === metadata.name)?.object();
}

/** Does it and tells of each object what became of it. */
async function submit(invocation: Invocation, manifests: Manifests, verb: Verb): Promise<number> {
  const {session, flags} = invocation;
  const file = flags.get('filename') ?? '';
  const before = new Map(
    manifests.objects.map((object) => [
      object,
      currentOf(invocation, object) ??
        session.cluster.manifests?.get(manifestKey({...object.metadata, kind: object.kind})),
    ]),
  );
  checkNamespaces(manifests, invocation, ` error when creating ${JSON.stringify(file)}:`);
  for (const object of manifests.objects) {
    const exists = before.get(object) !== undefined;
    const words = `${resourceWords(object)} ${JSON.stringify(object.metadata.name)}`;
    if (verb === 'create' && exists)
      throw new KubectlError(
        `Error from server (AlreadyExists): error when creating ${JSON.stringify(file)}: ${words} already exists`,
      );
    if (verb === 'replace' && !exists)
      throw new KubectlError(
        `Error from server (NotFound): error when replacing ${JSON.stringify(file)}: ${words} not found`,
      );
    checkTaken(object, before.get(object), session.cluster);
  }
  const stated = session.cluster.manifests ?? new Map();
  if (dryRunOf(flags) === 'none') change(session, (definition) => withManifests(definition, manifests, invocation));
  for (const object of manifests.objects) {
    const old = stated?.get(manifestKey({...object.metadata, kind: object.kind}));
    const same =
      old !== undefined && said(old as unknown as KubeObject) === said(born(object, {manifests: stated}, ''));
    const exists = before.get(object) !== undefined;
    const result = verb === 'replace' ? 'replaced' : !exists ? 'created' : same ? 'unchanged' : 'configured';
    tell(invocation, dryRunOf(flags) === 'none' ? (currentOf(invocation, object) ?? object) : object, result);
  }
  return 0;
}

const fixedKind = 'a session keeps those of its definition';
const derivedKind = 'they follow from the pods, services and nodes';

/** Kinds that a running session does not take, with the reason. */
const refused: Readonly<Record<string, string>> = {
  Node: fixedKind,
  CiliumEgressGatewayPolicy: fixedKind,
  CiliumLocalRedirectPolicy: fixedKind,
  Endpoints: derivedKind,
  EndpointSlice: derivedKind,
  CiliumNode: derivedKind,
  CiliumEndpoint: derivedKind,
  CiliumEndpointSlice: derivedKind,
  CiliumIdentity: derivedKind,
};

/** An object of a refused kind may come again as it is: files of a whole cluster name their nodes too. */
function checkTaken(object: KubeObject, current: unknown, {manifests}: Cluster): void {
  const reason = Object.hasOwn(refused, object.kind) ? refused[object.kind] : undefined;
  if (reason === undefined) return;
  if (current !== undefined && said(born(object, {manifests}, '')) === said(current as KubeObject)) return;
  throw new UserError({
    message: `${object.kind} ${JSON.stringify(object.metadata.name)} is not ${current === undefined ? 'made' : 'changed'} in a session: ${reason}`,
    hint: 'put it into the files that the session is started with',
  });
}

/** All of it but its state, in one order. */
function said(object: KubeObject): string {
  const {status: _, ...rest} = withNamespace(object);
  return JSON.stringify(plain(rest));
}

function withNamespace(object: KubeObject): KubeObject {
  if (!isNamespaced(object) || typeof object.metadata.namespace === 'string') return object;
  return {...object, metadata: {...object.metadata, namespace: 'default'}};
}

/** `deployments.apps`, as errors name it. */
function resourceWords({kind, apiVersion}: KubeObject): string {
  const resource = findResource(kind);
  if (resource) return pluralName(resource);
  const group = groupOf({apiVersion});
  return `${kind.toLowerCase()}s${group === '' ? '' : `.${group}`}`;
}

function checkNamespaces({objects, namespaces}: Manifests, {session}: Invocation, where: string): void {
  const there = new Set([...session.cluster.namespaces, ...namespaces].map(({name}) => name));
  for (const object of objects) {
    const {namespace} = object.metadata;
    if (isNamespaced(object) && typeof namespace === 'string' && !there.has(namespace))
      throw new KubectlError(`Error from server (NotFound):${where} namespaces ${JSON.stringify(namespace)} not found`);
  }
}

export function withManifests(before: Definition, manifests: Manifests, invocation: Invocation): Definition {
  const {session} = invocation;
  const definition = manifests.objects.reduce<Definition>(
    (all, object) => withManifest(all, born(object, session.cluster, invocationTime(session))),
    before,
  );
  let {services, namespaces, pods, policies = []} = definition;
  const now = invocationTime(session);
  for (const namespace of manifests.namespaces) namespaces = put(namespaces, namespace);
  for (const service of manifests.services) {
    // what the server has given a service stays its own
    const old = services.find((other) => keyOf(other) === keyOf(service));
    services = put(services, {
      ...(old?.clusterIPs && service.clusterIP === undefined && service.clusterIPs === undefined
        ? {clusterIPs: old.clusterIPs}
        : {}),
      ...service,
    });
  }
  for (const pod of manifests.pods) {
    const old = pods.find((other) => keyOf(other) === keyOf(pod));
    pods = put(pods, old ? {...old, labels: pod.labels ?? {}, annotations: pod.annotations ?? {}} : running(pod, now));
  }
  for (const {kind, namespace, name} of manifests.workloads) {
    const own = manifests.workloadPods.filter(
      ({owner, namespace: ns = 'default'}) => owner?.kind === kind && owner.name === name && ns === namespace,
    );
    const object = manifests.objects.find(
      (other) => other.kind === kind && other.metadata.name === name && other.metadata.namespace === namespace,
    );
    const members = membersOf(session.cluster, namespace, kind, name).map(keyOf);
    if (object) pods = rollOut(pods, members, own, rolloutOf(invocation, object, now));
  }
  for (const policy of manifests.policies)
    policies = [
      ...policies.filter(
        (p) => !(p.kind === policy.kind && p.name === policy.name && p.namespace === policy.namespace),
      ),
      policy,
    ];
  return {...definition, services, namespaces, pods, ...(policies.length > 0 ? {policies} : {})};
}

function invocationTime(session: Invocation['session']): string {
  const view = viewOf(session);
  return view.time(view.now);
}

/** With the time of its making: now, or when the one before it was made. */
function born(object: KubeObject, {manifests}: Pick<Cluster, 'manifests'>, now: string): KubeObject {
  const {status: _, ...rest} = object;
  const old = manifests?.get(manifestKey({...object.metadata, kind: object.kind}));
  const metadata = isRecord(old?.metadata as Json | undefined)
    ? (old?.metadata as {creationTimestamp?: Json})
    : undefined;
  const {creationTimestamp, ...own} = object.metadata;
  const time = metadata ? metadata.creationTimestamp : (creationTimestamp ?? now);
  return {
    ...rest,
    metadata: {...own, ...(time === undefined || time === null ? {} : {creationTimestamp: time})},
  } as KubeObject;
}
