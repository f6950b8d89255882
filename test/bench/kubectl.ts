/** Objects of a big cluster listed by kubectl, cold, by whole processes. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {BIG} from './definition.js';
import {type Timed, timeCommands} from './ratio.js';
import {kubernetesList} from './scale.js';

export function benchKubectl(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const dump = join(folder, 'dump.json');
    writeFileSync(dump, JSON.stringify(kubernetesList(BIG)));
    const wirelay = (...words: string[]) => [process.execPath, 'bin/run.js', ...words, '--cluster', dump];
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['service list: loading, and little more', wirelay('service', 'list')],
        ['kubectl get pods -A', wirelay('kubectl', 'get', 'pods', '-A')],
        ['kubectl get pods -A -o yaml', wirelay('kubectl', 'get', 'pods', '-A', '-o', 'yaml')],
        ['kubectl get nodes', wirelay('kubectl', 'get', 'nodes')],
      ],
      runs,
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
