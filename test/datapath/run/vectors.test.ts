import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import type {KernelVectorFile, Topology} from '../../vectors/format.js';
import {replayKernelFile} from '../../vectors/kernel.js';

const folder = '../shared/cases/bpf-vectors';
const load = <T>(name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
const name = 'e2e-real-kernel-vxlan.json';

const replay = (change: (file: KernelVectorFile) => KernelVectorFile = (file) => file) =>
  replayKernelFile(change(load<KernelVectorFile>(name)), load<Topology>('topology.json'), name);

describe.skipIf(!existsSync(folder))('frames of a real kernel (skipped where ../shared/cases is not there)', () => {
  it('leave and are told about as measured, all of them', () => {
    const results = replay();
    const misses = results.filter((r) => r.differences.length > 0);
    expect(misses.map((r) => `${r.vector.id}: ${JSON.stringify(r.differences[0])}`)).toEqual([]);
    expect(results.length).toBe(36);
  });

  it('differ where one byte or one event does', () => {
    const results = replay((file) => ({
      ...file,
      vectors: file.vectors.map((vector) =>
        vector.id === 'E2'
          ? {...vector, captured: vector.captured.map(({at, hex}) => ({at, hex: hex.replace(/..$/, '01')}))}
          : vector.id === 'E1l'
            ? {...vector, events: vector.events.slice(0, -1)}
            : vector,
      ),
    }));
    const misses = results.filter((r) => r.differences.length > 0);
    expect(misses.map((r) => [r.vector.id, r.differences.map((d) => d.field)])).toEqual([
      ['E1l', ['events']],
      ['E2', ['captured']],
    ]);
  });
});
