/** `kubectl get`. */
import {parseSelector, selects} from '../../cluster/label-selector.js';
import {UserError} from '../../term/error.js';
import type {Command, Invocation} from './command.js';
import {KubectlError, notFound} from './error.js';
import {tableText} from './print.js';
import {findResource, type Item, type Resource, resources} from './resources.js';

/** What one word or pair of words asks for; no names: all. */
interface Asked {
  readonly resource: Resource;
  readonly names: readonly string[];
}

const REQUIRED = `You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
See 'kubectl get -h' for help and examples`;

export const get: Command = async (invocation) => {
  const {args, flags, io} = invocation;
  const format = flags.get('output') ?? '';
  if (!['', 'wide', 'name'].includes(format))
    throw new UserError({message: `kubectl get -o ${format} is not supported here`});
  const asked = readResources(args, REQUIRED);
  const several = asked.length > 1 || ((args[0] ?? '').includes('/') && asked.length > 1);
  let printed = 0;
  let missing = false;
  for (const {resource, names} of asked) {
    const items = select(invocation, resource, names, (name) => {
      missing = true;
      io.stdout.flush();
      io.stderr.write(`${notFound(plural(resource), name).message}\n`);
    });
    if (items.length === 0) continue;
    if (format === 'name') io.stdout.write(items.map((item) => `${kindName(resource)}/${item.name}\n`).join(''));
    else io.stdout.write((printed > 0 ? '\n' : '') + table(invocation, resource, items, several));
    printed++;
  }
  if (printed === 0 && !missing)
    io.stderr.write(
      nothing(
        invocation,
        asked.every(({resource}) => !resource.namespaced),
      ),
    );
  return missing ? 1 : 0;
};

/** `pods`, `deployments.apps`. */
export function plural({name, group}: Resource): string {
  return group === '' ? name : `${name}.${group}`;
}

/** `pod`, `deployment.apps`. */
export function kindName({singular, group}: Resource): string {
  return group === '' ? singular : `${singular}.${group}`;
}

/** `pods`, `pods a b`, `pods,svc`, `pod/a svc/b`. */
export function readResources(args: readonly string[], required: string): Asked[] {
  const [first, ...names] = args;
  if (first === undefined) throw new KubectlError(required);
  if (args.some((word) => word.includes('/')))
    return args.map((word) => {
      const [kind = '', name = '', more] = word.split('/');
      if (kind === '' || name === '' || more !== undefined)
        throw new KubectlError(
          "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        );
      return {resource: known(kind), names: [name]};
    });
  return first.split(',').flatMap((kind) =>
    (kind === 'all' ? resources.filter(({name}) => name !== 'nodes') : [known(kind)]).map((resource) => ({
      resource,
      names,
    })),
  );
}

function known(word: string): Resource {
  const resource = findResource(word);
  if (!resource) throw new KubectlError(`error: the server doesn't have a resource type ${JSON.stringify(word)}`);
  return resource;
}

/** Those of the namespace, or of all with -A, that -l selects; in the order of namespace and name, as the server lists them. */
export function select(
  {session, flags, namespace}: Invocation,
  resource: Resource,
  names: readonly string[],
  missing: (name: string) => void,
): Item[] {
  const everywhere = !resource.namespaced || flags.get('all-namespaces') === 'true';
  const text = flags.get('selector');
  const selector = text === undefined || text === '' ? [] : parseSelector(text);
  if (!selector) throw new KubectlError(`error: unable to parse requirement: ${JSON.stringify(text)}`);
  const order = (a: string | undefined, b: string | undefined) => ((a ?? '') < (b ?? '') ? -1 : a === b ? 0 : 1);
  const items = resource
    .list(session.cluster)
    .filter((item) => everywhere || item.namespace === namespace)
    .filter(({labels}) =>
      selects(
        selector,
        Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`),
      ),
    )
    .sort((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
  if (names.length === 0) return items;
  return names.flatMap((name) => {
    const found = items.filter((item) => item.name === name);
    if (found.length === 0) missing(name);
    return found;
  });
}

function table({session, flags}: Invocation, resource: Resource, items: readonly Item[], kinds: boolean): string {
  const {cluster, simulation} = session;
  const now = (cluster.epoch + (simulation?.run.now ?? 0) / 1e9) * 1000;
  return tableText(
    resource,
    items,
    {cluster, now},
    {
      wide: flags.get('output') === 'wide',
      headers: flags.get('no-headers') !== 'true',
      namespaces: flags.get('all-namespaces') === 'true',
      labels: flags.get('show-labels') === 'true',
      kinds,
    },
  );
}

function nothing({flags, namespace}: Invocation, clusterWide: boolean): string {
  return clusterWide || flags.get('all-namespaces') === 'true'
    ? 'No resources found\n'
    : `No resources found in ${namespace} namespace.\n`;
}
