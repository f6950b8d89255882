/** `kubectl label`. */
import type {Definition} from '../../cluster/spec.js';
import type {Command} from './command.js';
import {KubectlError, notFound} from './error.js';
import {kindName, plural, readResources, select} from './get.js';
import {change} from './mutate.js';

type Labels = Readonly<Record<string, string>>;

export const label: Command = async (invocation) => {
  const {session, args, flags, io} = invocation;
  const isChange = (word: string) =>
    (word.includes('=') && !word.startsWith('=')) || /^[^/]+-$|^[^=]+\/[^=]+-$/.test(word);
  const first = args.findIndex((word, i) => i > 0 && isChange(word));
  const words = first < 0 ? args : args.slice(0, first);
  const changes = first < 0 ? [] : args.slice(first);
  if (words.length === 0)
    throw new KubectlError('error: one or more resources must be specified as <resource> <name> or <resource>/<name>');
  if (changes.length === 0) throw new KubectlError('error: at least one label update is required');
  const added = new Map(
    changes
      .filter((word) => word.includes('='))
      .map((word): [string, string] => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  const removed = changes.filter((word) => !word.includes('=')).map((word) => word.slice(0, -1));
  let missing = false;
  for (const {resource, names} of readResources(words, '')) {
    const items = select(invocation, resource, names, (name) => {
      missing = true;
      io.stderr.write(`${notFound(plural(resource), name).message}\n`);
    });
    for (const item of items) {
      const title = `${kindName(resource)}/${item.name}`;
      const clash = [...added].find(([key, value]) => item.labels[key] !== undefined && item.labels[key] !== value);
      if (clash && flags.get('overwrite') !== 'true')
        throw new KubectlError(
          `error: '${clash[0]}' already has a value (${item.labels[clash[0]]}), and --overwrite is false`,
        );
      for (const key of removed)
        if (item.labels[key] === undefined) io.stdout.write(`label ${JSON.stringify(key)} not found.\n`);
      const labels = Object.fromEntries(
        [...Object.entries(item.labels), ...added].filter(([key]) => !removed.includes(key)),
      );
      const before = JSON.stringify(Object.entries(item.labels).sort());
      const isSame = before === JSON.stringify(Object.entries(labels).sort());
      if (!isSame) change(session, (definition) => relabel(definition, resource.name, item, labels));
      io.stdout.write(`${title} ${isSame ? 'not labeled' : added.size > 0 ? 'labeled' : 'unlabeled'}\n`);
    }
  }
  return missing ? 1 : 0;
};

function relabel(
  definition: Definition,
  resource: string,
  {name, namespace}: {readonly name: string; readonly namespace?: string | undefined},
  labels: Labels,
): Definition {
  const is = (spec: {readonly name: string; readonly namespace?: string}) =>
    spec.name === name && (spec.namespace ?? 'default') === (namespace ?? 'default');
  switch (resource) {
    case 'pods':
      // other labels, another identity
      return {
        ...definition,
        pods: definition.pods.map((pod) => {
          if (!is(pod)) return pod;
          const {identity: _, ...rest} = pod;
          return {...rest, labels};
        }),
      };
    case 'services':
      return {
        ...definition,
        services: definition.services.map((service) => (is(service) ? {...service, labels} : service)),
      };
    default:
      return {...definition, nodes: definition.nodes.map((node) => (node.name === name ? {...node, labels} : node))};
  }
}
