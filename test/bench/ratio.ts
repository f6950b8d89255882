/** Whole-process timing side by side: the runs of all commands interleave, so that a machine's mood hits them alike. */
import {spawnSync} from 'node:child_process';
import {performance} from 'node:perf_hooks';

export interface Timed {
  readonly name: string;
  /** Median wall time, ms. */
  readonly median: number;
  readonly min: number;
}

export function timeCommands(
  commands: readonly (readonly [name: string, argv: readonly string[]])[],
  runs: number,
  /** 1: the answer is no (denied), which is an answer. */
  answers: readonly number[] = [0],
): Timed[] {
  const times = new Map<string, number[]>(commands.map(([name]) => [name, []]));
  for (let run = -1; run < runs; run++)
    for (const [name, [file, ...args]] of commands) {
      const start = performance.now();
      const result = spawnSync(file!, args, {stdio: ['ignore', 'ignore', 'pipe']});
      if (!answers.includes(result.status ?? -1)) throw new Error(`${name}: exit ${result.status}: ${result.stderr}`);
      if (run >= 0) times.get(name)!.push(performance.now() - start);
    }
  return [...times].map(([name, list]) => {
    const sorted = list.sort((a, b) => a - b);
    return {name, median: sorted[Math.floor(sorted.length / 2)]!, min: sorted[0]!};
  });
}

/** One row per command: median, minimum, and the ratio to the first. */
export function ratioTable(timed: readonly Timed[]): string {
  const base = timed[0]!;
  const rows = timed.map(
    (t) =>
      `${t.name.padEnd(44)} ${t.median.toFixed(0).padStart(6)} ms ${(t.median / base.median).toFixed(2).padStart(7)} ×`,
  );
  return `${rows.join('\n')}\n`;
}
