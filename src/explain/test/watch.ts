/** `--watch`: looks at files again and again; what the notices of file systems leave out (networks, containers) is seen too. */
import {readdirSync, statSync} from 'node:fs';
import {join, resolve as resolvePath} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {isHidden} from '../../cluster/discover.js';
import type {Io} from '../../term/io.js';
import type {Suite} from './model.js';

const PERIOD = 300;

/** Calls `again` whenever a file below the paths has changed, until Ctrl-C. */
export async function watch(paths: () => readonly string[], again: () => Promise<void>, io: Io): Promise<void> {
  const stop = new AbortController();
  const unlisten = io.onInterrupt(() => stop.abort(), ['SIGINT', 'SIGTERM']);
  try {
    let before = signature(paths());
    while (!stop.signal.aborted && !io.stdout.closed) {
      await setTimeout(PERIOD, undefined, {signal: stop.signal}).catch(() => {});
      const now = signature(paths());
      if (stop.signal.aborted || now === before) continue;
      await again();
      before = signature(paths());
    }
  } finally {
    unlisten();
  }
}

/** Everything that a run of these suites reads. */
export function watched(asked: readonly string[], suites: readonly Suite[], cwd: string): string[] {
  const clusters = suites.flatMap(({options}) => options.cluster).filter((path) => path !== '-' && path !== 'demo');
  return [...new Set([...asked, ...clusters].map((path) => resolvePath(cwd, path)))];
}

/** Names, sizes and times of files. */
function signature(paths: readonly string[]): string {
  const found: string[] = [];
  const look = (path: string) => {
    try {
      const stat = statSync(path);
      if (!stat.isDirectory()) found.push(`${path} ${stat.size} ${stat.mtimeMs}`);
      else for (const name of readdirSync(path)) if (!isHidden(name)) look(join(path, name));
    } catch {
      // gone meanwhile: that is a change too
    }
  };
  for (const path of paths) look(path);
  return found.join('\n');
}
