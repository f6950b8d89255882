import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {jhash1word, jhash2words, jhash3words, lbHash, murmur3x64128} from '../../src/control/hash.js';
import {maglevName, maglevPermutation, maglevSeeds, maglevTable} from '../../src/control/maglev.js';
import type {Backend} from '../../src/control/model.js';
import {parseIp} from '../../src/wire/addr.js';

const vectors = fileURLToPath(new URL('../../../shared/cases/bpf-vectors/', import.meta.url));
const describeVectors = existsSync(vectors)
  ? describe
  : (title: string, body: () => void) => describe.skip(`${title}: no vectors at ${vectors}`, body);
const read = (name: string) => JSON.parse(readFileSync(`${vectors}${name}.json`, 'utf8'));

const backend = (id: number, ip: string, port: number, weight?: number): Backend => ({
  id,
  ip: parseIp(ip)!,
  port,
  protocol: 6,
  state: 'active',
  ...(weight === undefined ? {} : {weight}),
});

describe('hash', () => {
  it('equals published values', () => {
    expect(jhash3words(0, 0, 0, 0)).toBe(459859287);
    expect(jhash3words(123, 234, 345, 456)).toBe(2698615579);
    const hello = new TextEncoder().encode('hello world');
    expect(murmur3x64128(hello, 1234)).toEqual([0x1629cce705a7069cn, 0x316c1fbd953aaecdn]);
  });

  it('murmur runs through blocks and tails of every length without repeating itself', () => {
    const bytes = Uint8Array.from({length: 48}, (_, i) => i);
    const seen = new Set(Array.from({length: 49}, (_, n) => murmur3x64128(bytes.subarray(0, n), 7).join()));
    expect(seen.size).toBe(49);
  });
});

describe('maglev', () => {
  it('takes the seeds from base64', () => {
    expect(maglevSeeds('JLfvgnHc2kaSUFaI')).toEqual({murmur: 0x24b7ef82, jhash4: 0x71dcda46, jhash6: 0x92505688});
    expect(maglevSeeds('JLfvgnHc2kaSUFa')).toBeUndefined();
    expect(maglevSeeds('JLfvgnHc2kaSUFa=')).toBeUndefined();
  });

  it('builds the weighted table of the upstream test', () => {
    const backends = [
      backend(0, '0.0.0.1', 1, 2),
      backend(1, '0.0.0.3', 3, 13),
      backend(2, '0.0.0.4', 4, 111),
      backend(3, '0.0.0.5', 5, 10),
    ];
    const table = [...maglevTable(backends, 251, 0x24b7ef82)];
    expect(table.slice(0, 13)).toEqual([2, 2, 2, 2, 2, 3, 2, 2, 2, 1, 2, 2, 0]);
    const slots = backends.map(({id}) => table.filter((x) => x === id).length);
    expect(slots.reduce((x, y) => x + y)).toBe(251);
    expect(slots[2]!).toBeGreaterThan(slots[1]! * 5);
  });

  it('does not depend on the order of backends, and gives each its share', () => {
    const backends = Array.from({length: 7}, (_, i) => backend(i + 1, `10.0.0.${i + 1}`, 80));
    const table = maglevTable(backends, 1021, 1);
    expect(maglevTable([...backends].reverse(), 1021, 1)).toEqual(table);
    for (const {id} of backends) {
      const share = table.filter((x) => x === id).length;
      expect(share).toBeGreaterThanOrEqual(Math.floor(1021 / 7));
      expect(share).toBeLessThanOrEqual(Math.ceil(1021 / 7));
    }
  });
});

describeVectors('measured hashes', () => {
  const {v4, v6, jhash} = read('hash');

  it('hash_from_tuple', () => {
    expect(v4.length + v6.length).toBeGreaterThan(90);
    for (const t of [...v4, ...v6])
      expect(lbHash(parseIp(t.saddr)!, t.dport, t.sport, t.nexthdr, t.seed), JSON.stringify(t)).toBe(t.hash);
  });

  it('jhash', () => {
    for (const t of jhash) {
      expect(jhash3words(t.a, t.b, t.c, t.initval)).toBe(t.jhash_3words);
      expect(jhash2words(t.a, t.b, t.initval)).toBe(t.jhash_2words);
      expect(jhash1word(t.a, t.initval)).toBe(t.jhash_1word);
    }
  });
});

describeVectors('measured maglev', () => {
  const file = read('maglev');
  const seeds = maglevSeeds(file.hash_seed_base64)!;
  const M = file.table_size;

  it.each(['v4', 'v6'] as const)('%s table and permutations', (family) => {
    const {backend_ids, permutations, ...rest} = file[family];
    const backends = Object.entries<string>(backend_ids).map(([id, text]) => {
      const colon = text.lastIndexOf(':');
      return backend(Number(id), text.slice(0, colon).replace(/[[\]]/g, ''), Number(text.slice(colon + 1)));
    });
    expect(backends.map(maglevName)).toEqual(permutations.map((p: {string: string}) => p.string));
    for (const p of permutations)
      expect(maglevPermutation(p.string, M, seeds.murmur)).toEqual({offset: p.offset, skip: p.skip});
    const digits = rest.table_digits ?? rest.table_digits_minus_10;
    const base = rest.table_digits ? 0 : 10;
    const table = maglevTable(backends, M, seeds.murmur);
    expect([...table].map((id) => id - base).join('')).toBe(digits);

    const seed = family === 'v4' ? seeds.jhash4 : seeds.jhash6;
    expect(seed).toBe(family === 'v4' ? file.seed_jhash0_ipv4 : file.seed_jhash1_ipv6);
    const selections = file[`selections_${family}`];
    for (const s of selections) {
      const hash = lbHash(parseIp(s.src)!, s.dport, s.sport, s.proto, seed);
      expect(table[hash % M], JSON.stringify(s)).toBe(s.backend_id);
      if (s.hash !== undefined) expect([hash, hash % M]).toEqual([s.hash, s.slot]);
    }
    expect(selections.length).toBeGreaterThanOrEqual(10);
  });
});
