/** Maglev: how even its tables are, and how little changes when a backend leaves (Maglev, NSDI '16, §3.4 and §5.3). */
import {describe, expect, it} from 'vitest';
import {maglevDisruption} from '../../src/control/disruption.js';
import {lbHash4} from '../../src/control/hash.js';
import {maglevSeeds, maglevTable} from '../../src/control/maglev.js';
import type {Backend} from '../../src/control/model.js';
import {Random} from '../../src/datapath/run/random.js';

const SEED = 'JLfvgnHc2kaSUFaI';
const backends = (count: number, weight?: number): Backend[] =>
  Array.from({length: count}, (_, i) => ({
    id: i + 1,
    ip: 0x0a20_0000 + 7 * i,
    port: 8080,
    protocol: 6,
    state: 'active',
    ...(weight === undefined ? {} : {weight}),
  }));

describe('disruption', () => {
  it.each([
    [3, 16381],
    [10, 16381],
    [50, 16381],
    [100, 16381],
    [10, 251],
    [100, 65521],
  ])('%i backends in %i slots: what the leaving one had goes to all, and of the others little moves', (count, size) => {
    const rows = maglevDisruption(backends(count), size, SEED)!;
    expect(rows).toHaveLength(count);
    expect(rows.reduce((sum, {own}) => sum + own, 0)).toBe(size);
    for (const {own, slots} of rows) {
      expect(slots).toBe(size);
      // Shares differ by one slot: backends take their turns.
      expect(Math.abs(own - size / count)).toBeLessThan(1);
    }
    // The paper's figure: with M of a hundred times N and more, some percent at most; a full rehash would move (N-1)/N.
    const worst = Math.max(...rows.map(({moved, slots}) => moved / slots));
    expect(worst).toBeLessThan(size / count >= 100 ? 0.06 : 0.2);
    expect(worst).toBeLessThan((0.5 * (count - 1)) / count);
  });

  it('the last backend leaves nothing; a seed that is none gives nothing', () => {
    expect(maglevDisruption(backends(1), 251, SEED)).toMatchObject([{own: 251, moved: 0}]);
    expect(maglevDisruption([], 251, SEED)).toEqual([]);
    expect(maglevDisruption(backends(2), 251, 'short')).toBeUndefined();
  });

  it('a backend that states no weight has that of 100', () => {
    const [first, ...rest] = backends(4);
    const stated = maglevTable([{...first!, weight: 100}, ...rest], 1021, maglevSeeds(SEED)!.murmur);
    expect(stated).toEqual(maglevTable(backends(4), 1021, maglevSeeds(SEED)!.murmur));
    const heavy = maglevTable([{...first!, weight: 300}, ...rest], 1021, maglevSeeds(SEED)!.murmur);
    const share = heavy.filter((id) => id === 1).length / 1021;
    expect(share).toBeGreaterThan(0.48);
    expect(share).toBeLessThan(0.52);
  });
});

/** Standard deviations between what was counted and an even share. */
function deviations(counts: readonly number[], draws: number): number {
  const share = 1 / counts.length;
  const sigma = Math.sqrt(draws * share * (1 - share));
  return Math.max(...counts.map((count) => Math.abs(count - draws * share) / sigma));
}

describe('the choice of 100,000 connections', () => {
  const DRAWS = 100_000;

  it.each([1, 2, 3, 4, 5])('at random, seed %i, is even within 3 sigma for most and 4 for all', (seed) => {
    const random = new Random(seed);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < DRAWS; i++) counts[random.next() % 10]!++;
    expect(deviations(counts, DRAWS)).toBeLessThan(3.5);
  });

  it('by Maglev, over clients and ports, is even within 3 sigma', () => {
    const seeds = maglevSeeds(SEED)!;
    const table = maglevTable(backends(8), 16381, seeds.murmur);
    const counts = new Array<number>(8).fill(0);
    for (let i = 0; i < DRAWS; i++) {
      const client = 0xc633_6400 + (i % 251);
      const port = 32768 + (Math.imul(i, 2654435761) >>> 18);
      counts[table[lbHash4(client, 80, port, 6, seeds.jhash4) % table.length]! - 1]!++;
    }
    expect(deviations(counts, DRAWS)).toBeLessThan(3.5);
  });
});
