/** Files → Kubernetes objects and our own document, with a record of what was in which file. */
import {dirname, join} from 'node:path';
import {UserError} from '../term/error.js';
import {createBudget} from './archive/limits.js';
import type {InputFile} from './discover.js';
import {type Foreign, foreignDocument, foreignFile, foreignText, isKustomization, patch, patchesOf} from './foreign.js';
import {createGathered, type Gathered, gather} from './kubernetes.js';
import type {InputSummary} from './model.js';
import {createProblems, type Problems} from './problems.js';
import {type InputText, readTexts} from './read-input.js';
import {isObject} from './shape.js';
import {readDocuments, type SourceDocument} from './source.js';

export interface ReadObjects {
  readonly gathered: Gathered;
  readonly own: SourceDocument | undefined;
  readonly summary: InputSummary;
}

interface Reader {
  readonly out: Gathered;
  readonly problems: Problems;
  own: SourceDocument | undefined;
  readonly files: {name: string; bytes: number; readonly objects: Record<string, number>}[];
  /** What is left aside → how many files, and the first of them. */
  readonly aside: Map<string, {count: number; readonly first: string; readonly hint?: string}>;
  /** Files that a kustomization lays over others. */
  readonly patches: Set<string>;
}

/** Reads all of them; what is wrong with one is a problem and does not keep the others from being read. */
export async function readObjects(
  files: readonly InputFile[],
  readStdin: () => Uint8Array,
  problems: Problems,
  leftAside: readonly (readonly [name: string, reason: string])[],
  keep = false,
): Promise<ReadObjects> {
  const reader: Reader = {
    out: createGathered(keep),
    problems,
    own: undefined,
    files: [],
    aside: new Map(),
    patches: new Set(),
  };
  for (const [name, reason] of leftAside) putAside(reader, name, {what: reason});
  const context = {
    readStdin,
    budget: createBudget(),
    leftAside: (name: string, reason: string) => putAside(reader, name, {what: reason}),
  };
  // kustomizations first: they say which files are patches
  const order = [
    ...files.filter(({name}) => isKustomization(name)),
    ...files.filter(({name}) => !isKustomization(name)),
  ];
  const filled = new Map<string, boolean>();
  for (const file of order) {
    const before = reader.files.length;
    try {
      for await (const text of readTexts(file, context)) await readText(text, reader);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      for (const {message, where, hint} of error.problems) problems.add(message, where, hint);
    }
    const any = reader.files.slice(before).some(({objects}) => Object.keys(objects).length > 0);
    filled.set(file.root, (filled.get(file.root) ?? false) || any);
  }
  if (problems.found.length === 0) checkFilled(filled, reader);
  noteAside(reader);
  const summary = reader.files.filter(({objects}) => Object.keys(objects).length > 0);
  return {gathered: reader.out, own: reader.own, summary: {files: summary}};
}

function putAside({aside}: Reader, first: string, {what, hint}: Foreign): void {
  const seen = aside.get(what);
  if (seen) seen.count++;
  else aside.set(what, {count: 1, first, ...(hint === undefined ? {} : {hint})});
}

function noteAside({aside, problems}: Reader): void {
  for (const [what, {count, first, hint}] of aside) {
    const files = count === 1 ? what : `${what} (${count} files, this is the first)`;
    problems.note('skipped', hint === undefined ? files : `${files}; ${hint}`, {file: first});
  }
}

/** A folder or an archive with nothing to read is a mistake, not an empty cluster. */
function checkFilled(filled: ReadonlyMap<string, boolean>, {aside, problems}: Reader): void {
  for (const [root, any] of filled) {
    if (any) continue;
    const [what, first] = [...aside].find(([, {hint}]) => hint !== undefined) ?? [];
    const file = root === '-' ? '<stdin>' : root;
    problems.add(
      what === undefined ? 'no Kubernetes object here' : `no Kubernetes object here; ${first?.first} is ${what}`,
      {file},
      first?.hint,
    );
  }
}

async function readText(text: InputText, reader: Reader): Promise<void> {
  const {name, bytes, named} = text;
  const {problems, files, patches} = reader;
  const file = {name, bytes: bytes.length, objects: Object.create(null) as Record<string, number>};
  files.push(file);
  const foreign = !named && patches.has(name) ? patch : foreignFile(name);
  if (foreign) return tellForeign(foreign, text, reader);
  const marked = bytes.length <= TEMPLATE_LIMIT ? foreignText(bytes) : undefined;
  if (marked && (await isBroken(text))) return tellForeign(marked, text, reader);
  let [documents, strange] = [0, 0];
  const before = problems.found.length;
  for await (const document of readDocuments(name, bytes, problems)) {
    if (problems.full) break;
    documents++;
    if (!readDocument(document, text, file.objects, reader)) strange++;
  }
  if (strange > 0)
    problems.note(
      'skipped',
      strange === 1 ? 'no Kubernetes object' : `${strange} documents are no Kubernetes objects`,
      {file: name},
    );
  if (documents === 0 && named && problems.found.length === before)
    problems.add('no document in this file', {file: name});
}

/** Left aside, unless it was asked for by name. */
function tellForeign(foreign: Foreign, {name, named}: Pick<InputText, 'name' | 'named'>, reader: Reader): void {
  if (named) reader.problems.add(`this is ${foreign.what}`, {file: name}, foreign.hint);
  else putAside(reader, name, foreign);
}

/** Larger texts were written by programs. */
const TEMPLATE_LIMIT = 1_000_000;

/** Whether reading the text by itself goes wrong. */
async function isBroken({name, bytes, named}: InputText): Promise<boolean> {
  const trial: Reader = {
    out: createGathered(),
    problems: createProblems(),
    own: undefined,
    files: [],
    aside: new Map(),
    patches: new Set(),
  };
  for await (const document of readDocuments(name, bytes, trial.problems))
    readDocument(document, {name, named}, {}, trial);
  return trial.problems.found.length > 0;
}

/** False where the document is no object and nobody asked for it by name. */
function readDocument(
  document: SourceDocument,
  {name, named}: Pick<InputText, 'name' | 'named'>,
  objects: Record<string, number>,
  reader: Reader,
): boolean {
  const {problems, own} = reader;
  const {value, item} = document;
  const foreign = foreignDocument(name, value);
  if (foreign) {
    for (const path of patchesOf(value)) reader.patches.add(join(dirname(name), path));
    tellForeign(foreign, {name, named}, reader);
    return true;
  }
  if (!item && isObject(value) && isCase(value)) {
    objects.Case = (objects.Case ?? 0) + 1;
    return true;
  }
  if (!item && isObject(value) && isOwn(value)) {
    objects.Cluster = (objects.Cluster ?? 0) + 1;
    if (own)
      problems.add(
        `a second kind: Cluster; the first is at ${own.locate([]).file}:${own.locate([]).line ?? 1}`,
        document.locate([]),
        'a definition has one',
      );
    else reader.own = document;
    return true;
  }
  const listKind = item?.kind ?? kindOfFile(name);
  if (!named && !(isObject(value) && (typeof value.kind === 'string' || listKind !== undefined))) return false;
  const tally = (kind: string) => (objects[kind] = (objects[kind] ?? 0) + 1);
  gather(value, document, item?.path ?? [], {out: reader.out, problems, tally}, listKind);
  return true;
}

/** A test case, which is no part of the definition that stands beside it. */
export function isCase({apiVersion, kind}: Readonly<Record<string, unknown>>): boolean {
  return (
    kind === 'Case' &&
    (apiVersion === undefined || (typeof apiVersion === 'string' && apiVersion.startsWith('wirelay.dev/')))
  );
}

/** Ours by its group, or by its kind where somebody has forgotten the group. */
function isOwn(value: Readonly<Record<string, unknown>>): boolean {
  const api = typeof value.apiVersion === 'string' ? value.apiVersion : '';
  return api.startsWith('wirelay.dev/') || (value.kind === 'Cluster' && (api === '' || !api.includes('/')));
}

/** Lists of a sysdump, whose kind some versions leave out (cilium-cli sysdump/constants.go, 1.20). */
const sysdumpFiles: readonly (readonly [RegExp, string])[] = [
  [/^k8s-nodes-/, 'Node'],
  [/^k8s-pods-/, 'Pod'],
  [/^k8s-services-/, 'Service'],
  [/^k8s-endpoints-/, 'Endpoints'],
  [/^k8s-endpointslices-/, 'EndpointSlice'],
  [/^k8s-namespaces-/, 'Namespace'],
  [/^k8s-networkpolicies-/, 'NetworkPolicy'],
  [/^ciliumnodes-/, 'CiliumNode'],
  [/^ciliumendpoints-/, 'CiliumEndpoint'],
  [/^ciliumendpointslices-/, 'CiliumEndpointSlice'],
  [/^ciliumidentities-/, 'CiliumIdentity'],
  [/^ciliumnetworkpolicies-/, 'CiliumNetworkPolicy'],
  [/^ciliumclusterwidenetworkpolicies-/, 'CiliumClusterwideNetworkPolicy'],
  [/^ciliumegressgatewaypolicies-/, 'CiliumEgressGatewayPolicy'],
  [/^ciliumlocalredirectpolicies-/, 'CiliumLocalRedirectPolicy'],
  [/^cilium-configmap-/, 'ConfigMap'],
];

function kindOfFile(name: string): string | undefined {
  const base = name.split(/[/!]/).at(-1)!;
  return sysdumpFiles.find(([pattern]) => pattern.test(base))?.[1];
}
