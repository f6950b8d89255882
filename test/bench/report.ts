/** A report of a cluster of middle size, as `kubectl get -o json` gives it: a whole process, cold, and the page's size. */
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Timed, timeCommands} from './ratio.js';
import {kubernetesList} from './scale.js';

export const REPORTED = {nodes: 100, pods: 2000, services: 200};

export function benchReport(runs: number): {readonly timed: Timed[]; readonly bytes: number} {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const dump = join(folder, 'dump.json');
    const page = join(folder, 'report.html');
    writeFileSync(dump, JSON.stringify(kubernetesList(REPORTED), null, 2));
    const traffic = 'ns-0/pod-0 -> ns-5/pod-5:8080/http';
    const report = ['bin/run.js', 'report', '--cluster', dump, '-o', page, '--traffic', traffic];
    const timed = timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['report', [process.execPath, ...report]],
      ],
      runs,
    );
    return {timed, bytes: statSync(page).size};
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
