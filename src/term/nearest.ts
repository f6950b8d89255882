/** “did you mean”: the closest of the known words, for hints. */

/** Edit distance (Levenshtein) of two short words; any number above `limit` where it is more than that. */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({length: b.length + 1}, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/** The known word within a third of its length of `word`, or undefined. */
export function closest(word: string, known: readonly string[]): string | undefined {
  let [best, bestDistance]: [string | undefined, number] = [undefined, Infinity];
  for (const candidate of known) {
    const limit = Math.max(1, Math.floor(candidate.length / 3));
    const d = distance(word.toLowerCase(), candidate.toLowerCase(), limit);
    if (d <= limit && d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

/** A hint: `did you mean X?`, or the known words when there are few of them. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const best = closest(word, known);
  if (best) return `did you mean ${best}?`;
  const unique = [...new Set(known)];
  return unique.length > 0 && unique.length <= 12 ? `known: ${unique.join(', ')}` : undefined;
}
