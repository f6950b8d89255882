/** `diff A B`: two definitions, each a path or a git revision, compared under one of the two semantics. */
import {existsSync} from 'node:fs';
import {resolve} from 'node:path';
import type {LoadInput} from '../../cluster/load.js';
import type {Cluster} from '../../cluster/model.js';
import {exitCodes, problemText, UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {noteUnread} from '../matrix/main.js';
import type {Semantics} from '../why/why.js';
import {diffClusters} from './diff.js';
import {type DiffFormat, isSame, printDiff} from './print.js';

export interface DiffRequest {
  readonly before: string;
  readonly after: string;
  readonly set: readonly string[];
  readonly semantics: Semantics | undefined;
  readonly output: DiffFormat;
}

/** 0 the same, 3 they differ. */
export async function runDiff(request: DiffRequest, io: Io): Promise<number> {
  const before = await open(request.before, request.set, io);
  const after = await open(request.after, request.set, io);
  const semantics = request.semantics ?? semanticsOf(before, after);
  const diff = diffClusters(before, after, semantics);
  const names = {before: request.before, after: request.after, semantics};
  io.stdout.write(printDiff(diff, request.output, names));
  return isSame(diff) ? exitCodes.holds : exitCodes.differs;
}

/** Kubernetes', as of a matrix, unless there is a policy that only Cilium knows. */
function semanticsOf(...clusters: readonly Cluster[]): Semantics {
  return clusters.some(({policies}) => policies?.some(({kind}) => kind.startsWith('Cilium'))) ? 'cilium' : 'k8s';
}

async function open(name: string, set: readonly string[], io: Io): Promise<Cluster> {
  const {loadCluster} = await import('../../cluster/load.js');
  const load = async (place: Pick<LoadInput, 'paths' | 'cwd'>) => {
    const cluster = await loadCluster({...place, sets: set, env: io.env, readStdin: io.readStdin});
    for (const {level, message, where} of cluster.notes)
      if (level === 'warning')
        io.stderr.write(`wirelay: warning: ${sanitizeBlock(problemText({message, ...(where ? {where} : {})}))}\n`);
    noteUnread(cluster, io);
    return cluster;
  };
  if (name === '-' || name === 'demo' || existsSync(resolve(io.cwd, name))) return load({paths: [name], cwd: io.cwd});
  const {openRevision} = await import('./git-revision.js');
  const folder = openRevision(name, io.cwd);
  if (!folder)
    throw new UserError({
      message: `${name}: no such file or folder, and no git revision`,
      hint: 'a side is a file, a folder, - for stdin, or a revision such as HEAD~1 or main:deploy/',
    });
  try {
    return await load({paths: [folder.name], cwd: folder.cwd});
  } finally {
    folder.remove();
  }
}
