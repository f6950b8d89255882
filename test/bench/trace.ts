/** Traces in a dump of a big cluster: one packet from a cold start, and what each further one costs. Whole processes. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {HUGE} from './input.js';
import {type Timed, timeCommands} from './ratio.js';
import {kubernetesList} from './scale.js';

const MANY = 201;

/** Pods to pods and to services, from one end of the cluster to the other. */
function questions({pods, services}: typeof HUGE): string[] {
  return Array.from({length: MANY}, (_, i) => {
    const [from, to, service] = [(i * 7919) % pods, (i * 104_729 + 5) % pods, (i * 613) % services];
    const name = `ns-${from % 100}/pod-${from}`;
    return i % 2 === 0 ? `${name} ns-${to % 100}/pod-${to}:8080` : `${name} ns-${service % 100}/svc-${service}:80`;
  });
}

export function benchTrace(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const dump = join(folder, 'dump.json');
    const [one, many] = [join(folder, 'one.txt'), join(folder, 'many.txt')];
    writeFileSync(dump, JSON.stringify(kubernetesList(HUGE), null, 2));
    const lines = questions(HUGE);
    writeFileSync(one, `${lines[0]}\n`);
    writeFileSync(many, lines.join('\n'));
    const trace = (file: string) => [
      process.execPath,
      'bin/run.js',
      'trace',
      '--cluster',
      dump,
      '--each',
      file,
      '-o',
      'json',
    ];
    const timed = timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['trace, one packet', trace(one)],
        [`trace --each, ${MANY} packets`, trace(many)],
      ],
      runs,
    );
    const [, single, several] = timed as [Timed, Timed, Timed];
    const each = (a: number, b: number) => (a - b) / (MANY - 1);
    return [
      ...timed,
      {name: 'each further packet', median: each(several.median, single.median), min: each(several.min, single.min)},
    ];
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
