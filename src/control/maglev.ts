/**
 * Maglev consistent hashing as Cilium's agent builds it (pkg/maglev/maglev.go): every backend has a permutation of the M
 * slots made from its printed address; backends take their next free slot in turn, weighted ones more often.
 */
import {formatIpPort} from '../wire/addr.js';
import {murmur3x64128} from './hash.js';
import type {Backend} from './model.js';
import {protocolName} from './protocols.js';

/** `bpf-lb-maglev-hash-seed`: 12 bytes, three big-endian words. */
export interface MaglevSeeds {
  readonly murmur: number;
  /** Of the lookup hash: IPv4, IPv6. */
  readonly jhash4: number;
  readonly jhash6: number;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** 16 base64 characters → the seeds; undefined where the text is not that. */
export function maglevSeeds(base64: string): MaglevSeeds | undefined {
  if (!/^[A-Za-z0-9+/]{16}$/.test(base64)) return undefined;
  const bits = [...base64].map((digit) => BASE64.indexOf(digit).toString(2).padStart(6, '0')).join('');
  const word = (n: number) => Number.parseInt(bits.slice(32 * n, 32 * n + 32), 2);
  return {murmur: word(0), jhash4: word(1), jhash6: word(2)};
}

/** What is hashed, `[10.32.2.20:8080/TCP,State:active]`; only active backends enter a table. */
export function maglevName(backend: Pick<Backend, 'ip' | 'port' | 'protocol'>): string {
  return `[${formatIpPort(backend.ip, backend.port)}/${protocolName(backend.protocol)},State:active]`;
}

/** The permutation of a name: slot j is (offset + j·skip) mod M. */
export function maglevPermutation(name: string, tableSize: number, seed: number): {offset: number; skip: number} {
  const bytes = Uint8Array.from(name, (char) => char.charCodeAt(0));
  const [h1, h2] = murmur3x64128(bytes, seed);
  const m = BigInt(tableSize);
  return {offset: Number(h1 % m), skip: Number(h2 % (m - 1n)) + 1};
}

/** Weight of a backend that states none (pkg/loadbalancer DefaultBackendWeight). */
export const DEFAULT_WEIGHT = 100;

/** Slot → backend id. `tableSize` is prime and far above the number of backends (at least one). */
export function maglevTable(
  backends: readonly Pick<Backend, 'id' | 'ip' | 'port' | 'protocol' | 'weight'>[],
  tableSize: number,
  seed: number,
): Uint32Array {
  const members = backends
    .map((backend) => ({id: backend.id, weight: backend.weight ?? DEFAULT_WEIGHT, name: maglevName(backend)}))
    .sort((x, y) => (x.name < y.name ? -1 : x.name > y.name ? 1 : 0))
    .map((member) => ({...member, ...maglevPermutation(member.name, tableSize, seed)}));
  const count = members.length;
  const next = members.map((member) => member.offset);
  const weightSum = members.reduce((sum, member) => sum + member.weight, 0);
  const weighted = Math.floor(weightSum / count) > 1;
  const turn = members.map((member) => member.weight / count);

  const table = new Uint32Array(tableSize);
  const taken = new Uint8Array(tableSize);
  let i = 0;
  for (let n = 0; n < tableSize; n++) {
    i = n % count;
    if (weighted) {
      while ((n + 1) * members[i]!.weight < Math.trunc(turn[i]!)) i = (i + 1) % count;
      turn[i]! += weightSum;
    }
    const {skip, id} = members[i]!;
    let slot = next[i]!;
    while (taken[slot]) slot = slot + skip >= tableSize ? slot + skip - tableSize : slot + skip;
    taken[slot] = 1;
    table[slot] = id;
    next[i] = slot + skip >= tableSize ? slot + skip - tableSize : slot + skip;
  }
  return table;
}
