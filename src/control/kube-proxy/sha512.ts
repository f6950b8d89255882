/** SHA-512 (FIPS 180-4) of short texts: what CNI plugins name their chains by. */

const WORD = (1n << 64n) - 1n;
const BLOCK = 128;
/** Fractional parts of the cube roots of the first 80 primes (§4.2.3), of the square roots of the first 8 (§5.3.5). */
const primes = firstPrimes(80);
const K = primes.map((p) => root(p << 192n, 3n) & WORD);
const H0 = primes.slice(0, 8).map((p) => root(p << 128n, 2n) & WORD);

function firstPrimes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) if (found.every((p) => n % p !== 0n)) found.push(n);
  return found;
}

/** Rounded down, by Newton's method from above. */
function root(x: bigint, degree: bigint): bigint {
  let guess = 1n << 80n;
  for (;;) {
    const next = ((degree - 1n) * guess + x / guess ** (degree - 1n)) / degree;
    if (next >= guess) return guess;
    guess = next;
  }
}

const ror = (x: bigint, n: bigint) => ((x >> n) | (x << (64n - n))) & WORD;

/** The digest of a text's UTF-8 bytes, in hexadecimal. */
export function sha512(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 17) / BLOCK) * BLOCK);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  let state: readonly bigint[] = H0;
  for (let o = 0; o < padded.length; o += BLOCK) state = compress(state, view, o);
  return state.map((word) => word.toString(16).padStart(16, '0')).join('');
}

/** §6.4.2. */
function compress(before: readonly bigint[], view: DataView, o: number): bigint[] {
  const w: bigint[] = [];
  let [a, b, c, d, e, f, g, h] = before as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  for (const [i, k] of K.entries()) {
    const word = i < 16 ? view.getBigUint64(o + 8 * i) : scheduled(w, i);
    w.push(word);
    const t1 = h + (ror(e, 14n) ^ ror(e, 18n) ^ ror(e, 41n)) + ((e & f) ^ (~e & g)) + k + word;
    const t2 = (ror(a, 28n) ^ ror(a, 34n) ^ ror(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(t1 + t2) & WORD, a, b, c, (d + t1) & WORD, e, f, g];
  }
  const after = [a, b, c, d, e, f, g, h];
  return before.map((word, i) => (word + (after[i] ?? 0n)) & WORD);
}

function scheduled(w: readonly bigint[], i: number): bigint {
  const at = (back: number) => w[i - back] ?? 0n;
  const s0 = ror(at(15), 1n) ^ ror(at(15), 8n) ^ (at(15) >> 7n);
  const s1 = ror(at(2), 19n) ^ ror(at(2), 61n) ^ (at(2) >> 6n);
  return (at(16) + s0 + at(7) + s1) & WORD;
}
