/** Words that name objects: `pods`, `pods a b`, `pods,svc`, `pod/a svc/b`, `all`. */
import {parseSelector, type Requirement, selects} from '../../cluster/label-selector.js';
import type {Invocation} from './command.js';
import {KubectlError, notFound} from './error.js';
import {at, type KubeObject} from './json.js';
import type {Resource} from './kinds/kind.js';
import {findResource, pluralName, resources} from './resources.js';
import {type Entry, viewOf} from './view.js';

/** What one word or pair of words asks for; no names: all. */
export interface Asked {
  readonly resource: Resource;
  readonly names: readonly string[];
}

/** What builders of k8s.io/cli-runtime say where no resource is named. */
export const REQUIRED = `error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

const MIXED =
  "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

export function readAsked(args: readonly string[], required = REQUIRED): Asked[] {
  const [first, ...names] = args;
  if (first === undefined) throw new KubectlError(required);
  if (!args.some((word) => word.includes('/'))) return kindsOf(first).map((resource) => ({resource, names}));
  return args.map((word) => {
    const [kind = '', name, ...more] = word.split('/');
    if (name === undefined) throw new KubectlError(MIXED);
    if (more.length > 0)
      throw new KubectlError('error: arguments in resource/name form may not have more than one slash');
    if (kind === '' || name === '')
      throw new KubectlError(`error: arguments in resource/name form must have a single resource and name`);
    return {resource: knownResource(kind), names: [name]};
  });
}

function kindsOf(words: string): Resource[] {
  return words
    .split(',')
    .flatMap((word) => (word === 'all' ? resources.filter(({inAll}) => inAll) : [knownResource(word)]));
}

export function knownResource(word: string): Resource {
  const resource = findResource(word);
  if (!resource) throw new KubectlError(`error: the server doesn't have a resource type ${JSON.stringify(word)}`);
  return resource;
}

/** Order of etcd's keys: by UTF-8 bytes; ASCII in names. */
function inOrder(entries: readonly Entry[]): Entry[] {
  return entries
    .map((entry): [string, Entry] => [
      entry.namespace === undefined ? entry.name : `${entry.namespace}/${entry.name}`,
      entry,
    ])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, entry]) => entry);
}

export interface Found {
  readonly resource: Resource;
  /** Asked for by name. */
  readonly named: boolean;
  readonly objects: readonly KubeObject[];
}

/** Those of the namespace, or of all with -A, that -l and --field-selector select. `missing` is told of names that are not there. */
export function find(invocation: Invocation, {resource, names}: Asked, missing: (error: KubectlError) => void): Found {
  const {session, flags, namespace} = invocation;
  const view = viewOf(session);
  const everywhere = !resource.namespaced || flags.get('all-namespaces') === 'true';
  const entries = resource.list(view, everywhere ? undefined : namespace);
  if (names.length > 0) {
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    const objects = names.flatMap((name) => {
      const entry = byName.get(name);
      if (!entry) missing(notFound(pluralName(resource), name));
      return entry ? [entry.object()] : [];
    });
    return {resource, named: true, objects};
  }
  const chosen = withLabels(inOrder(entries), selectorOf(flags.get('selector'), resource));
  const fields = fieldSelectorOf(flags.get('field-selector'), resource);
  const objects = chosen.map((entry) => entry.object());
  return {
    resource,
    named: false,
    objects: fields.length === 0 ? objects : objects.filter((object) => fields.every((field) => holds(object, field))),
  };
}

function withLabels(entries: readonly Entry[], selector: readonly Requirement[]): readonly Entry[] {
  if (selector.length === 0) return entries;
  return entries.filter(({labels}) =>
    selects(
      selector,
      Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`),
    ),
  );
}

export function selectorOf(text: string | undefined, resource?: Resource): readonly Requirement[] {
  if (text === undefined || text === '') return [];
  const selector = parseSelector(text);
  if (!selector)
    throw badSelector(resource, text, '', `unable to parse requirement: ${JSON.stringify(text)} is no label selector`);
  return selector;
}

/** What an API server says of selectors that it does not take. */
function badSelector(resource: Resource | undefined, label: string, field: string, why: string): KubectlError {
  const {apiVersion, name} = resource ?? {apiVersion: 'v1', name: ''};
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return new KubectlError(
    `Error from server (BadRequest): Unable to find ${JSON.stringify(`${group}/${version}, Resource=${name}`)} that match label selector ${JSON.stringify(label)}, field selector ${JSON.stringify(field)}: ${why}`,
  );
}

interface FieldRequirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** Fields that an API server selects by, beside metadata.name and metadata.namespace (pkg/registry strategies). */
const selectable: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  services: ['spec.clusterIP', 'spec.type'],
  replicasets: ['status.replicas'],
  jobs: ['status.successful'],
};

function fieldSelectorOf(text: string | undefined, resource: Resource): FieldRequirement[] {
  if (text === undefined || text === '') return [];
  return text.split(',').flatMap((part) => {
    if (part === '') return [];
    const [, field = '', operator = '', value = ''] = /^([^!=]*)(!=|==|=)([\s\S]*)$/.exec(part) ?? [];
    if (operator === '')
      throw new KubectlError(
        `error: invalid selector: ${JSON.stringify(text)}; can't understand ${JSON.stringify(part)}`,
      );
    const metadata = field === 'metadata.name' || (field === 'metadata.namespace' && resource.namespaced);
    if (!metadata && !selectable[resource.name]?.includes(field))
      throw badSelector(resource, '', text, `field label not supported: ${field}`);
    return [{field, equal: operator !== '!=', value}];
  });
}

function holds(object: KubeObject, {field, equal, value}: FieldRequirement): boolean {
  const found = at(object, ...field.split('.'));
  const text =
    found === undefined || found === null
      ? field === 'spec.hostNetwork' || field === 'spec.unschedulable'
        ? 'false'
        : ''
      : String(found);
  return (text === value) === equal;
}

/** Whether all of them were asked for by name, and how many. */
export function isSingle(asked: readonly Asked[]): boolean {
  return asked.length === 1 && asked[0]?.names.length === 1;
}
