/** hash.json and maglev.json: numbers and tables instead of packets. */
import {createHash} from 'node:crypto';
import {jhash1word, jhash2words, jhash3words, lbHash4, lbHash6} from '../../src/control/hash.js';
import {maglevPermutation, maglevSeeds, maglevTable} from '../../src/control/maglev.js';
import {parseIp} from '../../src/wire/addr.js';

/** One compared number or table. */
export interface FormulaCase {
  readonly name: string;
  readonly expected: string;
  readonly got: string;
}

interface HashTuple {
  saddr: string;
  daddr: string;
  sport: number;
  dport: number;
  nexthdr: number;
  seed: number;
  hash: number;
}

export interface HashFile {
  readonly v4: readonly HashTuple[];
  readonly v6: readonly HashTuple[];
  readonly jhash: readonly Readonly<Record<string, number>>[];
}

export function hashCases(file: HashFile): FormulaCase[] {
  const cases: FormulaCase[] = [];
  const add = (name: string, expected: number, got: number) =>
    cases.push({name, expected: String(expected), got: String(got)});
  for (const t of file.v4) {
    const got = lbHash4(parseIp(t.saddr) as number, t.dport, t.sport, t.nexthdr, t.seed);
    add(`v4 ${t.saddr}:${t.sport} ${t.dport}/${t.nexthdr}`, t.hash, got);
  }
  for (const t of file.v6) {
    const got = lbHash6(parseIp(t.saddr) as string, t.dport, t.sport, t.nexthdr, t.seed);
    add(`v6 [${t.saddr}]:${t.sport} ${t.dport}/${t.nexthdr}`, t.hash, got);
  }
  for (const j of file.jhash) {
    const {a, b, c, initval} = j as {a: number; b: number; c: number; initval: number};
    add(`jhash_3words ${a}`, j.jhash_3words!, jhash3words(a, b, c, initval));
    add(`jhash_2words ${a}`, j.jhash_2words!, jhash2words(a, b, initval));
    add(`jhash_1word ${a}`, j.jhash_1word!, jhash1word(a, initval));
  }
  return cases;
}

interface Family {
  readonly permutations: readonly {string: string; offset: number; skip: number}[];
  readonly backend_ids: Readonly<Record<string, string>>;
  readonly table_digits?: string;
  readonly table_digits_minus_10?: string;
  readonly table_sha256_of_digits?: string;
}

interface Selection {
  readonly src: string;
  readonly sport: number;
  readonly dport: number;
  readonly proto: number;
  readonly hash?: number;
  readonly slot?: number;
  readonly backend_id: number;
}

export interface MaglevFile {
  readonly hash_seed_base64: string;
  readonly table_size: number;
  readonly v4: Family;
  readonly v6: Family;
  readonly selections_v4: readonly Selection[];
  readonly selections_v6: readonly Selection[];
  readonly session_affinity: readonly {sport: number; backend_id: number; slot_with_sport_0: number}[];
}

export function maglevCases(file: MaglevFile): FormulaCase[] {
  const seeds = maglevSeeds(file.hash_seed_base64)!;
  const size = file.table_size;
  const cases: FormulaCase[] = [];
  const add = (name: string, expected: unknown, got: unknown) =>
    cases.push({name, expected: String(expected), got: String(got)});
  const tables: Record<'v4' | 'v6', Uint32Array> = {v4: new Uint32Array(), v6: new Uint32Array()};
  for (const family of ['v4', 'v6'] as const) {
    const f = file[family];
    for (const p of f.permutations) {
      const got = maglevPermutation(p.string, size, seeds.murmur);
      add(`permutation ${p.string}`, `${p.offset} ${p.skip}`, `${got.offset} ${got.skip}`);
    }
    const backends = Object.entries(f.backend_ids).map(([id, text]) => {
      const [, ip, port] = /^\[?(.*?)\]?:(\d+)$/.exec(text)!;
      return {id: Number(id), ip: parseIp(ip!)!, port: Number(port), protocol: 6};
    });
    tables[family] = maglevTable(backends, size, seeds.murmur);
    const digits = [...tables[family]].map((id) => (family === 'v6' ? id - 10 : id)).join('');
    add(`table ${family}`, f.table_digits ?? f.table_digits_minus_10, digits);
    if (f.table_sha256_of_digits) {
      add(`table ${family} sha256`, f.table_sha256_of_digits, createHash('sha256').update(digits).digest('hex'));
    }
  }
  for (const s of file.selections_v4) {
    const hash = lbHash4(parseIp(s.src) as number, s.dport, s.sport, s.proto, seeds.jhash4);
    if (s.hash !== undefined) add(`hash ${s.src}:${s.sport}`, s.hash, hash);
    if (s.slot !== undefined) add(`slot ${s.src}:${s.sport}`, s.slot, hash % size);
    add(`backend ${s.src}:${s.sport}`, s.backend_id, tables.v4[hash % size]);
  }
  for (const s of file.selections_v6) {
    const hash = lbHash6(parseIp(s.src) as string, s.dport, s.sport, s.proto, seeds.jhash6);
    add(`backend [${s.src}]:${s.sport}`, s.backend_id, tables.v6[hash % size]);
  }
  const client = file.selections_v4[0]!;
  for (const s of file.session_affinity) {
    const slot = lbHash4(parseIp(client.src) as number, client.dport, 0, client.proto, seeds.jhash4) % size;
    add(`affinity slot ${s.sport}`, s.slot_with_sport_0, slot);
    add(`affinity backend ${s.sport}`, s.backend_id, tables.v4[slot]);
  }
  return cases;
}
