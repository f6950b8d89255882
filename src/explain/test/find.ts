/** Paths → suites: definitions that say what is expected of them, and cases that name theirs. */
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {dirname, isAbsolute, join, resolve as resolvePath} from 'node:path';
import {isHidden} from '../../cluster/discover.js';
import type {CaseSpec} from '../../cluster/expect.js';
import {createProblems} from '../../cluster/problems.js';
import {isCase} from '../../cluster/read-objects.js';
import {testCaseShape} from '../../cluster/schema.js';
import {check, isObject} from '../../cluster/shape.js';
import {placeOf, readDocuments, type SourceDocument} from '../../cluster/source.js';
import type {SessionOptions} from '../../session/options.js';
import {UserError} from '../../term/error.js';
import {listOf, type Suite} from './model.js';

export interface FindRequest {
  readonly paths: readonly string[];
  /** --cluster: for cases that name none. */
  readonly cluster: readonly string[];
  readonly set: readonly string[];
  readonly seed: number | undefined;
}

export interface World {
  readonly cwd: string;
  readStdin(): Uint8Array;
}

/** Suites of all paths, in order of their names. Throws a UserError where a path has none. */
export async function findSuites(request: FindRequest, world: World): Promise<Suite[]> {
  const {paths, cluster} = request;
  if (paths.length === 0 && cluster.length > 0)
    return [ownSuite(cluster.join(', '), undefined, baseOptions(request, cluster))];
  const suites: Suite[] = [];
  for (const path of paths.length === 0 ? ['.'] : paths) {
    const before = suites.length;
    for (const file of filesOf(path, world.cwd)) suites.push(...(await readSuites(file, request, world)));
    if (suites.length === before)
      throw new UserError({
        message: `${path}: no expectation here`,
        hint: 'a case is a definition with spec.expect, or a document of kind: Case (wirelay schema case)',
      });
  }
  return suites;
}

function baseOptions({set, seed}: FindRequest, cluster: readonly string[]): SessionOptions {
  return {cluster, set, traffic: [], node: undefined, pod: undefined, seed};
}

/** A definition as a suite of its own. */
function ownSuite(file: string, path: string | undefined, options: SessionOptions): Suite {
  return {title: file, file, path, options, expect: undefined, place: () => undefined, problems: []};
}

function filesOf(path: string, cwd: string): string[] {
  if (path === '-') return [path];
  const full = resolvePath(cwd, path);
  if (!existsSync(full))
    throw new UserError({message: `${path}: no such file or folder`, hint: 'wirelay test FILE|DIR…'});
  return statSync(full).isDirectory() ? walk(full, path) : [path];
}

function walk(folder: string, shown: string): string[] {
  const entries = readdirSync(folder, {withFileTypes: true}).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    if (isHidden(entry.name)) return [];
    const name = shown === '.' ? entry.name : join(shown, entry.name);
    if (entry.isDirectory()) return walk(join(folder, entry.name), name);
    return entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name) && mayExpect(join(folder, entry.name)) ? [name] : [];
  });
}

/** Larger files are dumps. */
const LARGEST = 4_000_000;

/** Of a file met in a folder: whether it is worth reading. */
function mayExpect(path: string): boolean {
  if (statSync(path).size > LARGEST) return false;
  const text = readFileSync(path, 'utf8');
  return /\bexpect["']?\s*:/.test(text) && /\bkind["']?\s*:\s*["']?(?:Case|Cluster)\b/.test(text);
}

async function readSuites(file: string, request: FindRequest, world: World): Promise<Suite[]> {
  const path = file === '-' ? undefined : resolvePath(world.cwd, file);
  const bytes = path === undefined ? world.readStdin() : readFileSync(path);
  const problems = createProblems();
  const shown = file === '-' ? '<stdin>' : file;
  const cases: SourceDocument[] = [];
  let others = 0;
  let expects = false;
  for await (const document of readDocuments(shown, bytes, problems)) {
    const {value, item} = document;
    if (!item && isObject(value) && isCase(value)) cases.push(document);
    else others++;
    expects ||= isObject(value) && value.kind === 'Cluster' && isObject(value.spec) && value.spec.expect !== undefined;
  }
  const here = {shown, path, beside: others > 0 ? file : undefined};
  const found = cases.map((document) => caseSuite(document, cases.length > 1, here, request));
  if (expects || problems.found.length > 0)
    found.unshift({...ownSuite(shown, path, baseOptions(request, [file])), problems: problems.found});
  return found;
}

interface CaseFile {
  readonly shown: string;
  readonly path: string | undefined;
  /** The file as a definition, where it has other documents. */
  readonly beside: string | undefined;
}

function caseSuite(
  document: SourceDocument,
  several: boolean,
  {shown, path, beside}: CaseFile,
  request: FindRequest,
): Suite {
  const problems = createProblems();
  check(document.value, testCaseShape, [], (at, part, message, hint) =>
    problems.add(message, document.locate(at, part), hint),
  );
  const base = {file: shown, path, place: (at: readonly (string | number)[]) => placeOf(document, ['spec', ...at])};
  const options = baseOptions(request, request.cluster);
  if (problems.found.length > 0) return {...base, title: shown, options, expect: [], problems: problems.found};
  const {metadata, spec} = document.value as {metadata?: {name?: string} | null; spec: CaseSpec};
  const {cluster, set, seed, traffic, events, expect} = spec;
  const named = listOf(cluster ?? undefined).map((one) => relativeTo(shown, one));
  const paths = named.length > 0 ? named : beside !== undefined ? [beside] : request.cluster;
  if (paths.length === 0)
    problems.add(
      'the case names no cluster',
      document.locate(['spec']),
      'add cluster: PATH, or the definition as another document of this file, or give --cluster',
    );
  if (expect.length === 0) problems.add('no assertion: expect is empty', document.locate(['spec', 'expect']));
  const name = metadata?.name;
  const start = document.locate([]);
  return {
    ...base,
    title: name !== undefined ? `${shown} ${name}` : several ? `${shown}:${start.line ?? 1}` : shown,
    options: {
      ...options,
      cluster: paths,
      set: [...(set ?? []), ...request.set],
      traffic: traffic ?? [],
      event: events ?? [],
      seed: request.seed ?? seed ?? undefined,
    },
    expect: expect.map((one, i) => ({
      spec: withoutNulls(one),
      place: (at, part) => document.locate(['spec', 'expect', i, ...at], part),
    })),
    problems: problems.found,
  };
}

/** `field:` with nothing behind it is a field that is not there. */
function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null)) as T;
}

function relativeTo(file: string, path: string): string {
  if (path === '-' || path === 'demo' || isAbsolute(path) || file === '<stdin>') return path;
  return join(dirname(file), path);
}
