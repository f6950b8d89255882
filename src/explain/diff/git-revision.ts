/** Definitions out of a git revision: `HEAD~1`, `main:deploy/`. Objects are read, nothing is checked out, no hook runs. */
import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {UserError} from '../../term/error.js';

/** All files of one revision together. */
const MOST_BYTES = 512 * 1024 * 1024;

export interface RevisionFolder {
  /** Folder that `name` is in. */
  readonly cwd: string;
  /** The revision as the user wrote it, as far as a file may be called so: what messages name files by. */
  readonly name: string;
  /** Takes the folder away. */
  remove(): void;
}

/** undefined: no such revision, or no repository here. */
export function openRevision(revision: string, cwd: string): RevisionFolder | undefined {
  const spec = revision.includes(':') ? revision.replace(/\/+$/, '') : `${revision}:`;
  const id = git(cwd, ['rev-parse', '--verify', '--quiet', '--end-of-options', spec])?.toString().trim();
  if (!id) return undefined;
  const isFile = git(cwd, ['cat-file', '-t', id])?.toString().trim() === 'blob';
  const files = isFile ? [{path: spec.slice(spec.lastIndexOf('/') + 1).replace(/^.*:/, ''), id}] : listTree(cwd, id);
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-'));
  const remove = () => rmSync(folder, {recursive: true, force: true});
  const name = revision
    .replace(/[^\w.~^@:/-]/g, '_')
    .replace(/(^|\/)\.{1,2}(?=\/|$)/g, '$1_')
    .replace(/^\/+|\/+$/g, '');
  try {
    let bytes = 0;
    for (const {path, id: blob} of files) {
      const content = git(cwd, ['cat-file', 'blob', blob]);
      if (!content) throw new UserError({message: `${revision}: git cannot read ${path}`});
      bytes += content.length;
      if (bytes > MOST_BYTES) throw new UserError({message: `${revision}: more than ${MOST_BYTES / 1024 / 1024} MB`});
      const target = join(folder, name, path);
      mkdirSync(dirname(target), {recursive: true});
      writeFileSync(target, content);
    }
  } catch (error) {
    remove();
    throw error;
  }
  if (files.length === 0) {
    remove();
    throw new UserError({message: `${revision}: no .yaml, .yml or .json file in this revision`});
  }
  return {cwd: folder, name, remove};
}

/** Regular files that can be definitions; a path of a tree has neither `..` nor a leading slash, or it is left out. */
function listTree(cwd: string, tree: string): {readonly path: string; readonly id: string}[] {
  const text = git(cwd, ['ls-tree', '-r', '-z', '--full-tree', tree])?.toString() ?? '';
  return text.split('\0').flatMap((line) => {
    const match = /^100\d{3} blob ([0-9a-f]+)\t([\s\S]+)$/.exec(line);
    if (!match) return [];
    const [, id, path] = match as unknown as [string, string, string];
    const wanted = /\.(ya?ml|json)$/i.test(path) && !path.split('/').some((part) => part === '..' || part === '');
    return wanted ? [{path, id}] : [];
  });
}

function git(cwd: string, args: readonly string[]): Buffer | undefined {
  const {status, stdout, error} = spawnSync('git', args, {
    cwd,
    maxBuffer: MOST_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return error || status !== 0 ? undefined : stdout;
}
