/** Pictures of a big cluster: whole processes, cold, next to reading the same input. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Timed, timeCommands} from './ratio.js';
import {kubernetesList} from './scale.js';

export const DRAWN = {nodes: 1000, pods: 20_000, services: 1000} as const;

export function benchGraph(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const dump = join(folder, 'dump.json');
    writeFileSync(dump, JSON.stringify(kubernetesList(DRAWN)));
    const wirelay = (...words: string[]) => [process.execPath, 'bin/run.js', ...words, '--cluster', dump];
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['inspect (reading it)', wirelay('inspect')],
        ['graph', wirelay('graph')],
        ['graph -o svg', wirelay('graph', '-o', 'svg')],
        ['graph -o svg --all', wirelay('graph', '-o', 'svg', '--all')],
        ['graph -o dot --all', wirelay('graph', '-o', 'dot', '--all')],
      ],
      runs,
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
