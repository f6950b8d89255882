/** First numbers of TCP conversations, beside a plain map of all that were ever seen. */
import {describe, expect, it} from 'vitest';
import {SequenceTable} from '../../../src/tools/tcpdump/print/sequences.js';

/** Conversations that are never forgotten before as many others were seen. */
const KEPT = 2 ** 18;

/** Looks up conversation `n`: addresses made of its bits, so that many differ in one word only. */
function lookUp(table: SequenceTable, words: 1 | 4, n: number): {readonly slot: number; readonly fresh: boolean} {
  const frame = new DataView(new ArrayBuffer(32 + 3));
  // Not at a multiple of four, as in frames
  frame.setInt32(3 + 4 * (words - 1), n & 0xfff);
  frame.setInt32(3 + 4 * words, (n >> 12) << 16);
  const slot = table.find(frame, 3, 3 + 4 * words, (n & 3) << 30);
  return {slot, fresh: table.isNew(slot)};
}

describe.each([1, 4] as const)('conversations of addresses of %i words', (words) => {
  it('are what a map says, in any order', () => {
    const table = new SequenceTable(words);
    const known = new Map<number, number>();
    const wrong: number[] = [];
    let state = 99;
    for (let i = 0; i < 200_000; i++) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      const n = (state >>> 8) % (i < 100_000 ? 70_000 : 500);
      const {slot, fresh} = lookUp(table, words, n);
      const expected = known.get(n);
      if (fresh) {
        known.set(n, i);
        table.set(slot, i, i + 1);
      }
      const first = known.get(n) ?? -1;
      const right = fresh === (expected === undefined) && table.sequence(slot) === first;
      if (!right || table.acknowledgement(slot) !== first + 1) wrong.push(i);
    }
    expect(wrong).toEqual([]);
  });

  it('are forgotten only after a generation of others', () => {
    const table = new SequenceTable(words);
    const see = (n: number) => {
      const {slot, fresh} = lookUp(table, words, n);
      if (fresh) table.set(slot, n, n + 1);
      return {fresh, sequence: table.sequence(slot), acknowledgement: table.acknowledgement(slot)};
    };
    for (let n = 0; n <= KEPT; n++) see(n);
    expect(table.generation).toBe(1);
    // Moves to the younger generation, and so outlives the older one.
    expect(see(7)).toEqual({fresh: false, sequence: 7, acknowledgement: 8});
    for (let n = KEPT + 1; n < 2 * KEPT; n++) see(n);
    expect(table.generation).toBe(2);
    expect(see(7)).toEqual({fresh: false, sequence: 7, acknowledgement: 8});
    expect(see(8).fresh).toBe(true);
  });
});

it('conversations that take turns are told from new ones, the one of zeros too', () => {
  const table = new SequenceTable(1);
  const seen: boolean[] = [];
  for (let i = 0; i < 9000; i++) {
    const {slot, fresh} = lookUp(table, 1, i % 3000);
    if (fresh) table.set(slot, i, 0);
    seen.push(fresh);
    if (table.sequence(slot) !== i % 3000) seen.push(true);
  }
  expect(seen).toHaveLength(9000);
  expect(seen.lastIndexOf(true)).toBe(2999);
});
