/** Files that events name: policies to be applied. */
import {dirname, resolve} from 'node:path';
import {UserError} from '../term/error.js';
import {type LoadInput, loadCluster} from './load.js';
import type {ClusterEvent} from './model.js';

/** A name in a definition is relative to the definition's file, one on the command line to the working directory. */
export async function readEventFiles(
  events: readonly ClusterEvent[],
  {cwd, env, readStdin}: Pick<LoadInput, 'cwd' | 'env' | 'readStdin'>,
): Promise<ClusterEvent[]> {
  return Promise.all(
    events.map(async (event) => {
      const {change, where, text} = event;
      if (change.kind !== 'apply') return event;
      const path = where && where.file !== '-' ? resolve(cwd, dirname(where.file), change.file) : change.file;
      const {policies = []} = await loadCluster({paths: [path], sets: [], env, cwd, readStdin});
      if (policies.length === 0)
        throw new UserError({
          message: `event ${JSON.stringify(text)}: no network policy in ${change.file}`,
          ...(where ? {where} : {}),
        });
      return {...event, change: {...change, policies}};
    }),
  );
}
