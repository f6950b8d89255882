/** `kubectl set image` (cmd/set/set_image.go, 1.32): a template with other images, and the pods it makes. */
import {withManifests} from './apply.js';
import {find, REQUIRED, readAsked} from './asked.js';
import type {Command} from './command.js';
import {dryRunOf, tell} from './dry-run.js';
import {KubectlError} from './error.js';
import {ownManifests} from './files.js';
import {isRecord, type Json, type JsonObject, type KubeObject, listAt, plain, recordAt, textAt} from './json.js';
import {isWorkloadKind} from './kinds/workloads.js';
import {change} from './mutate.js';
import {pluralName} from './resources.js';

export const setImage: Command = async (invocation) => {
  const {args, flags, session, namespace} = invocation;
  const isImage = (word: string) => word.includes('=');
  const images = new Map(
    args.filter(isImage).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  const words = args.filter((word) => !isImage(word));
  if (words.length === 0) throw new KubectlError(REQUIRED);
  if (images.size === 0) throw new KubectlError('error: at least one image update is required');
  for (const one of readAsked(words)) {
    const all = flags.get('all') === 'true' || flags.has('selector');
    if (one.names.length === 0 && !all)
      throw new KubectlError('error: resource(s) were provided, but no name was specified');
    const {objects} = find(invocation, one, (error) => {
      throw error;
    });
    for (const object of objects) {
      if (!isWorkloadKind(object.kind) && object.kind !== 'Pod')
        throw new KubectlError(
          `error: ${pluralName(one.resource)}/${object.metadata.name} the object is not a pod or does not have a pod template: *v1.${object.kind}`,
        );
      const after = withImages(plain(object) as KubeObject, images);
      if (!after) continue;
      if (dryRunOf(flags) === 'none') {
        const {status: _, ...stated} = after;
        const manifests = await ownManifests([stated as KubeObject], namespace, session.cluster);
        change(session, (definition) => withManifests(definition, manifests, invocation));
      }
      tell(invocation, after, 'image updated');
    }
  }
  return 0;
};

/** Undefined: all of them are what they are to be. Throws for a container that is not there. */
function withImages(object: KubeObject, images: ReadonlyMap<string, string>): KubeObject | undefined {
  const path =
    object.kind === 'Pod'
      ? ['spec']
      : object.kind === 'CronJob'
        ? ['spec', 'jobTemplate', 'spec', 'template', 'spec']
        : ['spec', 'template', 'spec'];
  const spec = recordAt(object, ...path);
  const names = ['initContainers', 'containers'].flatMap((key) =>
    listAt(spec, key).map((item) => textAt(item, 'name')),
  );
  for (const name of images.keys())
    if (name !== '*' && !names.includes(name))
      throw new KubectlError(`error: unable to find container named ${JSON.stringify(name)}`);
  let changed = false;
  const updated = (key: string): JsonObject => {
    const items = listAt(spec, key);
    if (items.length === 0) return {};
    const list = items.map((item): Json => {
      const image = images.get(textAt(item, 'name')) ?? images.get('*');
      if (image === undefined || image === textAt(item, 'image') || !isRecord(item)) return item;
      changed = true;
      return {...item, image};
    });
    return {[key]: list};
  };
  const fresh = {...spec, ...updated('initContainers'), ...updated('containers')};
  return changed ? (placed(object, path, fresh) as KubeObject) : undefined;
}

/** The object with another value at a path. */
function placed(object: JsonObject, [key = '', ...rest]: readonly string[], value: JsonObject): JsonObject {
  return {...object, [key]: rest.length === 0 ? value : placed(recordAt(object, key), rest, value)};
}
