import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import type {Topology, VectorFile} from '../../vectors/format.js';
import {type HashFile, hashCases, type MaglevFile, maglevCases} from '../../vectors/formulas.js';
import {replayFile} from '../../vectors/replay.js';

const folder = '../shared/cases/bpf-vectors';
const load = <T>(name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;

describe.skipIf(!existsSync(folder))('measured vectors (skipped where ../shared/cases is not there)', () => {
  for (const name of [
    'node1-geneve-hostrouting1.json',
    'node2-geneve-hostrouting1.json',
    'dsr-geneve-tunnel-geneve.json',
  ]) {
    it(name, () => {
      const results = replayFile(load<VectorFile>(name), load<Topology>('topology.json'), name);
      const misses = results.filter((r) => r.skipped || r.differences.length > 0);
      expect(misses.map((r) => `${r.vector.id}: ${r.skipped ?? JSON.stringify(r.differences[0])}`)).toEqual([]);
      expect(results.length).toBeGreaterThan(5);
    });
  }

  it('hash.json', () => {
    for (const {name, expected, got} of hashCases(load<HashFile>('hash.json'))) expect(got, name).toBe(expected);
  });

  it('maglev.json', () => {
    for (const {name, expected, got} of maglevCases(load<MaglevFile>('maglev.json'))) expect(got, name).toBe(expected);
  });
});
