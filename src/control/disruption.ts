/**
 * Which slots of a Maglev table change their backend when one leaves: those that it had, which must, and some of others', which
 * is what the algorithm keeps small (Maglev, NSDI '16, §5.3 “Resilience to Backend Changes”).
 */
import {maglevSeeds, maglevTable} from './maglev.js';
import type {Backend} from './model.js';

export interface Disruption {
  readonly leaves: Backend;
  /** Of the table's size. */
  readonly slots: number;
  /** Slots that it had. */
  readonly own: number;
  /** Slots of backends that stay, and have another one now. */
  readonly moved: number;
}

/** For each of the backends in turn; the seed is `bpf-lb-maglev-hash-seed`. Undefined for a seed that is none. */
export function maglevDisruption(backends: readonly Backend[], size: number, seed: string): Disruption[] | undefined {
  const seeds = maglevSeeds(seed);
  if (!seeds) return undefined;
  if (backends.length === 0) return [];
  const before = maglevTable(backends, size, seeds.murmur);
  return backends.map((leaves) => {
    const left = backends.filter((backend) => backend !== leaves);
    const after = left.length > 0 ? maglevTable(left, size, seeds.murmur) : undefined;
    let own = 0;
    let moved = 0;
    for (let slot = 0; slot < before.length; slot++) {
      if (before[slot] === leaves.id) own++;
      else if (after && before[slot] !== after[slot]) moved++;
    }
    return {leaves, slots: before.length, own, moved};
  });
}
