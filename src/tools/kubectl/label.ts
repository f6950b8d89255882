/** `kubectl label` and `kubectl annotate`. */
import type {Definition} from '../../cluster/spec.js';
import {UserError} from '../../term/error.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {find, readAsked} from './asked.js';
import type {Command} from './command.js';
import {dryRunOf, tell} from './dry-run.js';
import {KubectlError} from './error.js';
import {type KubeObject, stringsAt} from './json.js';
import {change, objectKey, withManifest} from './mutate.js';

type Field = 'labels' | 'annotations';
type Values = Readonly<Record<string, string>>;

interface Change {
  readonly added: ReadonlyMap<string, string>;
  readonly removed: readonly string[];
}

/** `a=b`, `a-`. */
const isChange = (word: string) =>
  (word.includes('=') && !word.startsWith('=')) || /^[^/]+-$|^[^=]+\/[^=]+-$/.test(word);

function changeOf(words: readonly string[]): Change {
  const pairs = words.filter((word) => word.includes('='));
  return {
    added: new Map(
      pairs.map((word): [string, string] => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    ),
    removed: words.filter((word) => !word.includes('=')).map((word) => word.slice(0, -1)),
  };
}

function commandOf(field: Field, word: 'label' | 'annotation'): Command {
  return async (invocation) => {
    const {session, args, flags, io} = invocation;
    const first = args.findIndex((text, i) => i > 0 && isChange(text));
    const words = first < 0 ? args : args.slice(0, first);
    const {added, removed} = changeOf(first < 0 ? [] : args.slice(first));
    if (words.length === 0)
      throw new KubectlError(
        'error: one or more resources must be specified as <resource> <name> or <resource>/<name>',
      );
    if (added.size + removed.length === 0 && flags.get('list') !== 'true')
      throw new KubectlError(`error: at least one ${word} update is required`);
    const both = removed.find((key) => added.has(key));
    if (both !== undefined)
      throw new KubectlError(
        `error: can not both modify and remove ${word === 'label' ? 'a label' : 'an annotation'} in the same command`,
      );
    const asked = readAsked(words);
    if (asked.some(({names}) => names.length === 0) && flags.get('all') !== 'true' && !flags.has('selector'))
      throw new KubectlError('error: resource(s) were provided, but no name was specified');
    const errors: KubectlError[] = [];
    for (const one of asked) {
      for (const object of find(invocation, one, (error) => errors.push(error)).objects) {
        const before = stringsAt(object, 'metadata', field);
        if (flags.get('list') === 'true') {
          for (const [key, value] of Object.entries(before).sort()) io.stdout.write(`${key}=${sanitizeBlock(value)}\n`);
          continue;
        }
        const clash = [...added].find(([key, value]) => before[key] !== undefined && before[key] !== value);
        if (clash && flags.get('overwrite') !== 'true') {
          errors.push(
            new KubectlError(
              field === 'labels'
                ? `'${clash[0]}' already has a value (${before[clash[0]]}), and --overwrite is false`
                : `--overwrite is false but found the following declared annotation(s): '${clash[0]}' already has a value (${before[clash[0]]})`,
            ),
          );
          continue;
        }
        const dry = dryRunOf(flags);
        for (const key of removed)
          if (before[key] === undefined && dry !== 'client')
            io.stdout.write(`${word} ${JSON.stringify(key)} not found.\n`);
        const after = Object.fromEntries(
          [...Object.entries(before), ...added].filter(([key]) => !removed.includes(key)),
        );
        const same = JSON.stringify(Object.entries(before).sort()) === JSON.stringify(Object.entries(after).sort());
        if (!same && dry === 'none') change(session, (definition) => withValues(definition, object, field, after));
        const verb = field === 'annotations' ? 'annotated' : verbOf(same, added.size > 0, dry);
        tell(invocation, {...object, metadata: {...object.metadata, [field]: after}}, verb);
      }
    }
    io.stdout.flush();
    // one by itself is an error, several are a list of them
    for (const {message} of errors)
      io.stderr.write(
        `${errors.length === 1 && !message.startsWith('Error') ? 'error: ' : ''}${sanitizeBlock(message)}\n`,
      );
    return errors.length > 0 ? 1 : 0;
  };
}

/** kubectl compares with the server's answer, which a dry run of the client's does not have. */
function verbOf(same: boolean, adds: boolean, dry: string): string {
  if (same) return dry === 'client' ? 'labeled' : 'not labeled';
  return adds ? 'labeled' : 'unlabeled';
}

export const label = commandOf('labels', 'label');
export const annotate = commandOf('annotations', 'annotation');

/** The definition with other labels of one object; of a pod they are another identity. */
function withValues(definition: Definition, object: KubeObject, field: Field, values: Values): Definition {
  const key = objectKey(object);
  const {name} = object.metadata;
  const is = (spec: {readonly name: string; readonly namespace?: string}) =>
    `${spec.namespace ?? 'default'}/${spec.name}` === key;
  switch (object.kind) {
    case 'Pod':
      return {
        ...definition,
        pods: definition.pods.map((pod) => {
          if (!is(pod)) return pod;
          const {identity, ...rest} = pod;
          return {...rest, ...(field === 'labels' || identity === undefined ? {} : {identity}), [field]: values};
        }),
      };
    case 'Service':
      return {
        ...definition,
        services: definition.services.map((item) => (is(item) ? {...item, [field]: values} : item)),
      };
    case 'Node':
      return {
        ...definition,
        nodes: definition.nodes.map((item) => (item.name === name ? {...item, [field]: values} : item)),
      };
    case 'Namespace': {
      if (field === 'annotations') break;
      // pods of a namespace have its labels in their identities
      const pods = definition.pods.map((pod) => {
        if ((pod.namespace ?? 'default') !== name) return pod;
        const {identity: _, ...rest} = pod;
        return rest;
      });
      const namespaces = definition.namespaces.map((item) => (item.name === name ? {...item, labels: values} : item));
      return {...definition, pods, namespaces};
    }
    case 'Endpoints':
    case 'EndpointSlice':
    case 'CiliumNode':
    case 'CiliumEndpoint':
    case 'CiliumIdentity':
      throw new UserError({message: `${object.kind} objects follow from others: their ${field} are not changed`});
  }
  const {status: _, ...rest} = object;
  return withManifest(definition, {...rest, metadata: {...object.metadata, [field]: values}});
}
