/** `kubectl patch`: strategic, merge (RFC 7396) and json (RFC 6902). */
import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {createProblems} from '../../cluster/problems.js';
import {readDocuments} from '../../cluster/source.js';
import {UserError} from '../../term/error.js';
import {withManifests} from './apply.js';
import {find, readAsked} from './asked.js';
import type {Command, Invocation} from './command.js';
import {dryRunOf, tell} from './dry-run.js';
import {KubectlError} from './error.js';
import {ownManifests} from './files.js';
import {isRecord, type Json, type JsonObject, type KubeObject, plain, textAt} from './json.js';
import {isWorkloadKind} from './kinds/workloads.js';
import {change} from './mutate.js';

const patchable = [
  'Pod',
  'Service',
  'ConfigMap',
  'Ingress',
  'NetworkPolicy',
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
];

export const patch: Command = async (invocation) => {
  const {args, flags, session, namespace} = invocation;
  const value = await readPatch(invocation);
  const type = flags.get('type') ?? 'strategic';
  if (!['strategic', 'merge', 'json'].includes(type))
    throw new KubectlError(`error: --type must be one of [json merge strategic], not ${JSON.stringify(type)}`);
  for (const one of readAsked(args)) {
    const {kind} = one.resource;
    if (one.names.length === 0) throw new KubectlError('error: resource(s) were provided, but no name was specified');
    if (!patchable.includes(kind) && !isWorkloadKind(kind))
      throw new UserError({message: `kubectl patch ${one.resource.singular} is not supported`});
    const {objects} = find(invocation, one, (error) => {
      throw error;
    });
    for (const object of objects) {
      const before = plain(object) as KubeObject;
      const after = patched(before, value, type) as KubeObject;
      const same = JSON.stringify(plain(after)) === JSON.stringify(before);
      if (after.kind !== before.kind || after.metadata?.name !== before.metadata.name)
        throw new KubectlError(
          `The ${kind} ${JSON.stringify(before.metadata.name)} is invalid: metadata.name: Invalid value: ${JSON.stringify(textAt(after, 'metadata', 'name'))}: field is immutable`,
        );
      if (!same && dryRunOf(flags) === 'none') {
        const {status: _, ...stated} = after;
        const manifests = await ownManifests([stated as KubeObject], namespace, session.cluster);
        change(session, (definition) => withManifests(definition, manifests, invocation));
      }
      // kubectl does not tell of a dry run of the client's here
      tell(
        invocation,
        after,
        same ? 'patched (no change)' : 'patched',
        dryRunOf(flags) === 'server' ? 'server' : 'none',
      );
    }
  }
  return 0;
};

/** JSON or YAML, of -p or of a file. */
async function readPatch({flags, io}: Invocation): Promise<Json> {
  const [text, file] = [flags.get('patch'), flags.get('patch-file')];
  if (text === undefined && file === undefined)
    throw new KubectlError('error: must specify --patch or --patch-file containing the contents of the patch');
  if (text !== undefined && file !== undefined)
    throw new KubectlError('error: cannot specify --patch and --patch-file together');
  const bytes = text === undefined ? readFileSync(resolve(io.cwd, file ?? '')) : new TextEncoder().encode(text);
  const problems = createProblems();
  for await (const {value} of readDocuments(file ?? '--patch', bytes, problems)) {
    if (problems.found[0]) break;
    return value as Json;
  }
  throw new KubectlError(
    `error: unable to parse ${JSON.stringify(text ?? file)}: ${problems.found[0]?.message ?? 'nothing there'}`,
  );
}

function patched(object: JsonObject, value: Json, type: string): Json {
  if (type === 'json') return operations(object, value);
  if (!isRecord(value)) throw new KubectlError('error: unable to parse the patch: expected an object');
  return mergedWith(object, value, type === 'strategic');
}

/** Lists that strategic patches lay over each other, and by which key of their items (patchMergeKey of k8s.io/api). */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  ports: ['containerPort', 'port'],
};

function mergedWith(base: Json | undefined, over: JsonObject, strategic: boolean): JsonObject {
  const out: Record<string, Json | undefined> = isRecord(base) ? {...base} : {};
  for (const [key, value] of Object.entries(over)) {
    if (value === null || value === undefined) delete out[key];
    else if (isRecord(value)) out[key] = mergedWith(Object.hasOwn(out, key) ? out[key] : undefined, value, strategic);
    else if (strategic && Array.isArray(value) && listKeys[key])
      out[key] = mergedList(out[key], value as readonly Json[], listKeys[key] ?? []);
    else out[key] = value;
  }
  return out;
}

function mergedList(base: Json | undefined, over: readonly Json[], keys: readonly string[]): Json[] {
  const out = Array.isArray(base) ? [...(base as readonly Json[])] : [];
  for (const item of over) {
    const key = keys.find((name) => isRecord(item) && item[name] !== undefined);
    const at = key === undefined ? -1 : out.findIndex((other) => textAt(other, key) === textAt(item, key));
    if (at < 0) out.push(item);
    else if (isRecord(item)) out[at] = mergedWith(out[at], item, true);
  }
  return out;
}

/** RFC 6902. */
function operations(object: JsonObject, value: Json): Json {
  if (!Array.isArray(value)) throw new KubectlError('error: unable to parse the patch: expected a list of operations');
  let out: Json = structuredClone(object) as Json;
  for (const operation of value as readonly Json[]) {
    const path = pointer(textAt(operation, 'path'));
    const item = isRecord(operation) ? operation.value : undefined;
    switch (textAt(operation, 'op')) {
      case 'add':
        out = edit(out, path, (container, key) => insert(container, key, item ?? null));
        break;
      case 'replace':
        out = edit(out, path, (container, key) => put(container, key, item ?? null));
        break;
      case 'remove':
        out = edit(out, path, remove);
        break;
      case 'test':
        if (JSON.stringify(plain(follow(out, path) ?? null)) !== JSON.stringify(plain(item ?? null)))
          throw new KubectlError(
            `The request is invalid: the server rejected our request due to an error in our request`,
          );
        break;
      default:
        throw new UserError({
          message: `kubectl patch --type json: operation ${JSON.stringify(textAt(operation, 'op'))} is not supported`,
        });
    }
  }
  return out;
}

function pointer(text: string): string[] {
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function follow(value: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (here, key) =>
      Array.isArray(here) ? (here as readonly Json[])[Number(key)] : isRecord(here) ? here[key] : undefined,
    value,
  );
}

type Edit = (container: Json, key: string) => Json;

function edit(value: Json, [key, ...rest]: readonly string[], change: Edit): Json {
  if (key === undefined) throw rejected();
  if (rest.length === 0) return change(value, key);
  const inner = follow(value, [key]);
  if (inner === undefined) throw rejected();
  return put(value, key, edit(inner, rest, change));
}

const rejected = () =>
  new KubectlError('The request is invalid: the server rejected our request due to an error in our request');

function put(container: Json, key: string, value: Json): Json {
  if (follow(container, [key]) === undefined) throw rejected();
  if (Array.isArray(container))
    return (container as readonly Json[]).map((item, i) => (i === Number(key) ? value : item));
  return isRecord(container) ? {...container, [key]: value} : container;
}

function insert(container: Json, key: string, value: Json): Json {
  if (!Array.isArray(container)) return isRecord(container) ? {...container, [key]: value} : container;
  const list = [...(container as readonly Json[])];
  list.splice(key === '-' ? list.length : Number(key), 0, value);
  return list;
}

function remove(container: Json, key: string): Json {
  if (follow(container, [key]) === undefined) throw rejected();
  if (Array.isArray(container)) return (container as readonly Json[]).filter((_, i) => i !== Number(key));
  if (!isRecord(container)) return container;
  const {[key]: _, ...rest} = container;
  return rest;
}
