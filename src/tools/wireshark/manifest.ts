/** Which files are ours, and as we left them: what `uninstall` may take away. */
import {createHash} from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {UserError} from '../../term/error.js';

export interface OwnFile {
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

interface Entry {
  readonly path: string;
  /** Of its content, in hex. */
  readonly sha256: string;
}

export interface Manifest {
  readonly version: 1;
  readonly files: readonly Entry[];
  /** Made for them, parents first. */
  readonly folders: readonly string[];
}

export const manifestPath = (config: string) => join(config, 'wirelay-files.json');

const nothing: Manifest = {version: 1, files: [], folders: []};

export function readManifest(config: string): Manifest {
  const path = manifestPath(config);
  if (!existsSync(path)) return nothing;
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isManifest(found)) return found;
  } catch {
    // told below
  }
  throw new UserError({
    message: `${path} is not a list of wirelay's files`,
    hint: 'it was changed; without it nothing can be told from what you wrote yourself',
  });
}

function isManifest(found: unknown): found is Manifest {
  if (typeof found !== 'object' || found === null) return false;
  const {version, files, folders} = found as Partial<Manifest>;
  const good = (entry: Partial<Entry>) => typeof entry?.path === 'string' && typeof entry.sha256 === 'string';
  const texts = Array.isArray(folders) && folders.every((one) => typeof one === 'string');
  return version === 1 && texts && Array.isArray(files) && files.every(good);
}

export type FileState = 'installed' | 'changed' | 'missing';

/** A link in the place of a file is a change as well. */
export function stateOf({path, sha256}: Entry): FileState {
  if (!lstatSync(path, {throwIfNoEntry: false})) return 'missing';
  return lstatSync(path).isFile() && hash(readFileSync(path)) === sha256 ? 'installed' : 'changed';
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Writes all or, where a file stands in the way that is not as we left it, nothing. Files of before that are no longer wanted go. */
export function writeFiles(config: string, files: readonly OwnFile[]): void {
  const before = readManifest(config);
  const known = new Map(before.files.map((entry) => [entry.path, entry]));
  const entries = files.map(({path, text}) => ({path, sha256: hash(text)}));
  const inTheWay = entries.filter((entry) => {
    const ours = known.get(entry.path);
    return stateOf(entry) === 'changed' && (!ours || stateOf(ours) === 'changed');
  });
  if (inTheWay.length > 0)
    throw new UserError(
      inTheWay.map(({path}) => ({
        message: `${path} is there already, and not as wirelay writes it: nothing was installed`,
        hint: 'move it away, and install again',
      })),
    );
  const written = new Set(entries.map(({path}) => path));
  const left = before.files.filter(({path}) => !written.has(path));
  for (const entry of left) if (stateOf(entry) === 'installed') rmSync(entry.path);
  const kept = left.filter((entry) => stateOf(entry) === 'changed');
  attempt(() => {
    const folders = [...before.folders, ...[config, ...files.map(({path}) => dirname(path))].flatMap(makeFolder)];
    const manifest: Manifest = {version: 1, files: [...entries, ...kept], folders: [...new Set(folders)]};
    replace(manifestPath(config), `${JSON.stringify(manifest, undefined, 2)}\n`, 0o644);
    for (const {path, text, executable} of files) replace(path, text, executable ? 0o755 : 0o644);
  });
}

function attempt(write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UserError({message: (error as Error).message});
  }
}

/** The folder and those above it that had to be made, parents first. */
function makeFolder(path: string): string[] {
  if (existsSync(path)) return [];
  const above = makeFolder(dirname(path));
  mkdirSync(path);
  return [...above, path];
}

/** Wireshark never sees half a file. */
function replace(path: string, text: string, mode: number): void {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, text, {mode, flag: 'wx'});
  renameSync(beside, path);
}

export interface Removed {
  readonly removed: readonly string[];
  /** Changed since: the user's now. */
  readonly kept: readonly string[];
}

/** Takes away what is as we left it, and folders made for it that are empty then. */
export function removeFiles(config: string): Removed {
  const {files, folders} = readManifest(config);
  const removed = files.filter((entry) => stateOf(entry) === 'installed').map(({path}) => path);
  const kept = files.filter((entry) => stateOf(entry) === 'changed').map(({path}) => path);
  attempt(() => {
    for (const path of removed) rmSync(path);
    rmSync(manifestPath(config), {force: true});
    for (const folder of folders.toReversed())
      if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  });
  return {removed, kept};
}
