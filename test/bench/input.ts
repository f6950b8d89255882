/** Real clusters in: dumps of any size and form, cold, by whole processes that load them and say what they read. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {stringify} from 'yaml';
import {policyList} from './policy.js';
import {type Timed, timeCommands} from './ratio.js';
import {kubernetesList} from './scale.js';

export const HUGE = {nodes: 5000, pods: 100_000, services: 10_000};

export function benchInput(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const written = (name: string, bytes: string | Uint8Array) => {
      writeFileSync(join(folder, name), bytes);
      return [process.execPath, 'bin/run.js', 'inspect', '-f', join(folder, name)];
    };
    const huge = kubernetesList(HUGE);
    const json = JSON.stringify(huge, null, 2);
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['100,000 pods (JSON)', written('huge.json', json)],
        ['100,000 pods (JSON, gzip)', written('huge.json.gz', gzipSync(json))],
        [
          '100,000 pods (YAML)',
          written('huge.yaml', stringify(huge, {indentSeq: false, aliasDuplicateObjects: false})),
        ],
        ['10,000 pods, 2,000 policies (JSON)', written('policies.json', JSON.stringify(policyList(false), null, 2))],
      ],
      runs,
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
