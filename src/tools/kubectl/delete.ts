/** `kubectl delete`. */
import {type Definition, keyOf} from '../../cluster/spec.js';
import {UserError} from '../../term/error.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {type Found, find, readAsked} from './asked.js';
import type {Command, Invocation} from './command.js';
import {dryRunOf} from './dry-run.js';
import {KubectlError} from './error.js';
import {readManifests} from './files.js';
import type {KubeObject} from './json.js';
import type {Resource} from './kinds/kind.js';
import {isWorkloadKind} from './kinds/workloads.js';
import {change, deletePods, objectKey, without, withoutManifests} from './mutate.js';
import {findResource, kindName} from './resources.js';
import {ownerKey, type View, viewOf} from './view.js';

export const remove: Command = async (invocation) => {
  const {args, flags, namespace, session, io} = invocation;
  const dry = dryRunOf(flags);
  const errors: KubectlError[] = [];
  const missing = (error: KubectlError) => {
    if (flags.get('ignore-not-found') !== 'true') errors.push(error);
  };
  const asked = flags.has('filename')
    ? await askedOfFiles(invocation)
    : readAsked(args).map((one) => ({...one, namespace}));
  const all = flags.get('all') === 'true' || flags.has('selector') || flags.has('field-selector');
  if (flags.has('all') && flags.has('selector'))
    throw new KubectlError("error: setting 'all' parameter but found a non empty selector.");
  if (asked.some(({names}) => names.length === 0) && !all)
    throw new KubectlError('error: resource(s) were provided, but no name was specified');
  // all are looked up before the first is gone: what goes with it is deleted all the same
  const found = asked.map((one) => find({...invocation, namespace: one.namespace}, one, missing));
  for (const one of found) {
    if (one.objects.length === 0) continue;
    if (dry === 'none') change(session, (definition) => withoutObjects(definition, one, viewOf(session)));
    for (const object of one.objects) io.stdout.write(deletedLine(one.resource, object, invocation, dry));
  }
  const any = found.some((one) => one.objects.length > 0);
  if (!any && errors.length === 0 && all) io.stdout.write('No resources found\n');
  io.stdout.flush();
  for (const {message} of errors) io.stderr.write(`${sanitizeBlock(message)}\n`);
  return errors.length > 0 ? 1 : 0;
};

function deletedLine(resource: Resource, {metadata}: KubeObject, {flags}: Invocation, dry: string): string {
  const title = kindName(resource);
  if (flags.get('output') === 'name') return `${title}/${metadata.name}\n`;
  const how = flags.get('force') === 'true' ? 'force deleted' : 'deleted';
  return `${title} ${JSON.stringify(metadata.name)} ${how}${dry === 'client' ? ' (dry run)' : dry === 'server' ? ' (server dry run)' : ''}\n`;
}

async function askedOfFiles({flags, namespace, session, io}: Invocation) {
  const {objects} = await readManifests((flags.get('filename') ?? '').split(','), namespace, session.cluster, io);
  return objects.map((object) => {
    const resource = findResource(object.kind);
    if (!resource) throw new KubectlError(`error: resource mapping not found for kind ${JSON.stringify(object.kind)}`);
    return {
      resource,
      names: [object.metadata.name],
      namespace: typeof object.metadata.namespace === 'string' ? object.metadata.namespace : namespace,
    };
  });
}

/** The definition without them, and without what hangs on them. */
function withoutObjects(before: Definition, {resource, objects}: Found, view: View): Definition {
  const keys = new Set(objects.map(objectKey));
  const names = new Set(objects.map(({metadata}) => metadata.name));
  const definition = withoutManifests(before, resource.kind, objects);
  const {policies = []} = definition;
  switch (resource.kind) {
    case 'Pod':
      return {...definition, pods: deletePods(definition.pods, keys)};
    case 'Service':
      return {...definition, services: without(definition.services, keys)};
    case 'Namespace': {
      const stays = ({namespace = 'default'}: {readonly namespace?: string | undefined}) => !names.has(namespace);
      const manifests = [...(definition.manifests ?? [])].filter(
        ([key]) => ![...names].some((name) => key.split(' ')[1]?.startsWith(`${name}/`)),
      );
      return {
        ...definition,
        manifests: new Map(manifests),
        namespaces: definition.namespaces.filter(({name}) => !names.has(name)),
        pods: definition.pods.filter(stays),
        services: definition.services.filter(stays),
        policies: policies.filter((policy) => policy.namespace === undefined || stays(policy)),
      };
    }
    case 'ReplicaSet': {
      const gone = podsOf(objects, 'ReplicaSet', view);
      return {...definition, pods: deletePods(definition.pods, gone)};
    }
    case 'NetworkPolicy':
    case 'CiliumNetworkPolicy':
    case 'CiliumClusterwideNetworkPolicy':
      return {
        ...definition,
        policies: policies.filter(
          ({kind, name, namespace}) =>
            kind !== resource.kind || !keys.has(keyOf({name, ...(namespace === undefined ? {} : {namespace})})),
        ),
      };
    case 'ConfigMap':
    case 'Ingress':
      return definition;
    default:
      if (isWorkloadKind(resource.kind))
        return {...definition, pods: without(definition.pods, podsOf(objects, resource.kind, view))};
      throw new UserError({
        message: `${resource.name} follow from other objects, or from the start of the session: they are not deleted`,
      });
  }
}

function podsOf(objects: readonly KubeObject[], kind: string, view: View): Set<string> {
  return new Set(
    objects.flatMap((object) => {
      const [namespace = '', name = ''] = objectKey(object).split('/');
      return (view.byOwner.get(ownerKey(kind, namespace, name)) ?? []).map(keyOf);
    }),
  );
}
