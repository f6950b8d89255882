/** Which definition: what was asked for, else the environment, else a file here or above, else the demo. */
import {existsSync, readdirSync, realpathSync, type Stats, statSync} from 'node:fs';
import {dirname, join, relative, resolve as resolvePath} from 'node:path';
import type {Problems} from './problems.js';

export interface DiscoverInput {
  readonly paths: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface Discovered {
  readonly how: 'given' | 'environment' | 'found' | 'demo';
  readonly paths: readonly string[];
}

export const DEFAULT_FILE = 'wirelay.yaml';
export const STDIN = '-';
/** Asks for the embedded demo by name, where nothing here is called so. */
const DEMO = 'demo';

export function discover({paths, env, cwd}: DiscoverInput): Discovered {
  const isDemo = (list: readonly string[]) =>
    list.length === 1 && list[0] === DEMO && !existsSync(resolvePath(cwd, DEMO));
  if (paths.length > 0) return {how: isDemo(paths) ? 'demo' : 'given', paths};
  const fromEnvironment = env.WIRELAY_CLUSTER ? [env.WIRELAY_CLUSTER] : [];
  if (fromEnvironment.length > 0)
    return {how: isDemo(fromEnvironment) ? 'demo' : 'environment', paths: fromEnvironment};
  for (let folder = resolvePath(cwd); ; folder = dirname(folder)) {
    const file = join(folder, DEFAULT_FILE);
    if (existsSync(file)) return {how: 'found', paths: [relative(cwd, file)]};
    if (dirname(folder) === folder) return {how: 'demo', paths: []};
  }
}

export interface InputFile {
  /** As the user wrote it, or below the folder they named: for messages. */
  readonly name: string;
  /** Absolute; undefined for stdin. */
  readonly path: string | undefined;
  /** Named by the user, not met in a folder: must be a definition. */
  readonly named: boolean;
  /** The path the user named. */
  readonly root: string;
}

/** What a folder has besides files to read: left aside, with the reason. */
export type LeftAside = (name: string, reason: string) => void;

/** Files behind the paths, folders walked in name order. What is missing is a problem. */
export function listFiles(
  paths: readonly string[],
  cwd: string,
  problems: Problems,
  leftAside: LeftAside = () => {},
): InputFile[] {
  const files: InputFile[] = [];
  for (const path of paths) {
    if (path === '') {
      problems.add('the path of a definition is empty', undefined, 'is a variable unset? this folder is .');
      continue;
    }
    if (path === STDIN) {
      files.push({name: '<stdin>', path: undefined, named: true, root: path});
      continue;
    }
    const full = resolvePath(cwd, path);
    const stat = statOf(full);
    if (!stat)
      problems.add(
        `${path}: no such file or folder`,
        undefined,
        'a definition is a file, a folder, an archive, or - for stdin',
      );
    else if (!stat.isDirectory()) files.push({name: path, path: full, named: true, root: path});
    else {
      const before = files.length;
      const wrong = problems.found.length;
      walk({folder: full, shown: path, root: path, seen: new Set(), leftAside, problems}, files);
      if (files.length === before && problems.found.length === wrong)
        problems.add(`${path}: no .yaml, .yml or .json file and no archive in this folder or below`);
    }
  }
  return files;
}

/** Undefined where there is nothing: no entry, a link that leads nowhere or to itself. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Files and folders that tools keep for themselves. */
export function isHidden(name: string): boolean {
  return (name.startsWith('.') && name !== '.' && name !== '..') || name === 'node_modules';
}

interface Walk {
  readonly folder: string;
  readonly shown: string;
  readonly root: string;
  /** Real paths of the folders that were walked: each is once, however it is linked. */
  readonly seen: Set<string>;
  readonly leftAside: LeftAside;
  readonly problems: Problems;
}

function walk(at: Walk, files: InputFile[]): void {
  const {folder, shown, root, seen, leftAside, problems} = at;
  const real = realpathSync(folder);
  if (seen.has(real)) return;
  seen.add(real);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    problems.add(`cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'}`, {file: shown});
    return;
  }
  for (const name of names.sort()) {
    if (isHidden(name)) continue;
    const path = join(folder, name);
    const stat = statOf(path);
    const reason = whyLeftAside(stat?.isDirectory() ? `${name}/` : name);
    if (reason !== undefined) leftAside(join(shown, name), reason);
    else if (stat?.isDirectory()) walk({...at, folder: path, shown: join(shown, name)}, files);
    else if (stat?.isFile() && isDefinitionName(name)) files.push({name: join(shown, name), path, named: false, root});
  }
}

const definitionName = /\.(ya?ml|json)(\.gz)?$|\.(tar|tgz|tar\.gz|zip)$/i;

/** Whether a file met in a folder or archive may be part of a definition, by its name. */
export function isDefinitionName(name: string): boolean {
  return definitionName.test(name);
}

/** What a file of a dump is, by its path, where it describes no cluster (cilium-cli sysdump/constants.go, 1.20). */
const others: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)(cilium|hubble)-bugtool-[^/]+\//, 'output of cilium-bugtool'],
  [/(^|\/)hubble-(flows|observe)-[^/]*$/, 'recorded flows'],
  [/(^|\/)logs-[^/]*$|\.log$|(^|\/)logs\.txt$/, 'logs'],
  [/(^|\/)cilium-helm-(values|metadata)-[^/]*$/, 'values of a Helm release'],
  [/(^|\/)__MACOSX\//, 'metadata of macOS'],
];

/** Why a file met in a folder or archive is left aside; undefined = it is not. */
export function whyLeftAside(name: string): string | undefined {
  return others.find(([pattern]) => pattern.test(name))?.[1];
}
