/** Loads definitions in tests: texts become files of a folder of their own. */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterAll} from 'vitest';
import {type LoadInput, loadCluster} from '../../src/cluster/load.js';
import type {Cluster} from '../../src/cluster/model.js';
import {problemText, UserError} from '../../src/term/error.js';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, {recursive: true, force: true});
});

/** A new folder with these files, by relative path. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), {recursive: true});
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export function load(paths: readonly string[], options: Partial<LoadInput> = {}): Promise<Cluster> {
  return loadCluster({
    paths,
    sets: [],
    env: {},
    cwd: process.cwd(),
    readStdin: () => new Uint8Array(),
    ...options,
  });
}

/** Loads one text, as the file cluster.yaml. */
export function loadText(text: string, options: Partial<LoadInput> = {}): Promise<Cluster> {
  return load(['cluster.yaml'], {cwd: folderWith({'cluster.yaml': text}), ...options});
}

/** A document of ours with this `spec`, as JSON. */
export function loadSpec(spec: object, options: Partial<LoadInput> = {}): Promise<Cluster> {
  return loadText(JSON.stringify({apiVersion: 'wirelay.dev/v1alpha1', kind: 'Cluster', spec}), options);
}

/** What the user reads when this goes wrong; fails where it does not. */
export async function errorText(loading: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof loading === 'function' ? loading() : loading);
  } catch (error) {
    if (error instanceof UserError) return error.problems.map(problemText).join('\n');
    throw error;
  }
  throw new Error('no error');
}
