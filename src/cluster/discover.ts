/** Which definition: what was asked for, else the environment, else a file here or above, else the demo. */
import {existsSync, readdirSync, realpathSync, statSync} from 'node:fs';
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
}

/** Files behind the paths, folders walked in name order. What is missing is a problem. */
export function listFiles(paths: readonly string[], cwd: string, problems: Problems): InputFile[] {
  const files: InputFile[] = [];
  for (const path of paths) {
    if (path === STDIN) {
      files.push({name: '<stdin>', path: undefined, named: true});
      continue;
    }
    const full = resolvePath(cwd, path);
    const stat = statSync(full, {throwIfNoEntry: false});
    if (!stat)
      problems.add(`${path}: no such file or folder`, undefined, 'a definition is a file, a folder, or - for stdin');
    else if (!stat.isDirectory()) files.push({name: path, path: full, named: true});
    else {
      const before = files.length;
      walk(full, path, new Set(), files);
      if (files.length === before) problems.add(`${path}: no .yaml, .yml or .json file in this folder or below`);
    }
  }
  return files;
}

/** Folders once each, however they are linked; hidden ones and node_modules are not looked into. */
function walk(folder: string, shown: string, seen: Set<string>, files: InputFile[]): void {
  const real = realpathSync(folder);
  if (seen.has(real)) return;
  seen.add(real);
  for (const name of readdirSync(folder).sort()) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const path = join(folder, name);
    const stat = statSync(path, {throwIfNoEntry: false});
    if (stat?.isDirectory()) walk(path, join(shown, name), seen, files);
    else if (stat?.isFile() && /\.(ya?ml|json)$/i.test(name)) files.push({name: join(shown, name), path, named: false});
  }
}
