/** A big definition, cold: whole processes that load it and answer, against `node -e ''` in the same run. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {stringify} from 'yaml';
import {type Timed, timeCommands} from './ratio.js';
import {kubernetesList} from './scale.js';

export const BIG = {nodes: 1000, pods: 20_000, services: 2000};

export function benchDefinition(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const json = join(folder, 'dump.json');
    const yaml = join(folder, 'dump.yaml');
    const list = kubernetesList(BIG);
    writeFileSync(json, JSON.stringify(list, null, 2));
    writeFileSync(yaml, stringify(list, {aliasDuplicateObjects: false}));
    const wirelay = (...words: string[]) => [process.execPath, 'bin/run.js', ...words];
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['service list, 1,000 nodes (JSON)', wirelay('service', 'list', '--cluster', json)],
        ['ip route, 1,000 nodes (JSON)', wirelay('ip', 'route', '--cluster', json)],
        ['service list, 1,000 nodes (YAML)', wirelay('service', 'list', '--cluster', yaml)],
      ],
      runs,
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
