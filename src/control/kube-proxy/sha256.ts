/** SHA-256 (FIPS 180-4) of short texts, and base32 (RFC 4648 §6): what kube-proxy names its chains by. */

const BLOCK = 64;
/** Fractional parts of the cube roots of the first 64 primes (§4.2.2), of the square roots of the first 8 (§5.3.3). */
const [K, H0] = constants();

function constants(): readonly [Int32Array, Int32Array] {
  const k = new Int32Array(64);
  const h = new Int32Array(8);
  let found = 0;
  for (let n = 2; found < 64; n++) {
    if (!isPrime(n)) continue;
    if (found < 8) h[found] = fraction(Math.sqrt(n));
    k[found++] = fraction(Math.cbrt(n));
  }
  return [k, h];
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}

function fraction(x: number): number {
  return ((x - Math.floor(x)) * 2 ** 32) | 0;
}

const words = new Int32Array(64);

const encoder = new TextEncoder();
/** Room for the padded message; grows with the longest text seen. */
let room = new Uint8Array(4 * BLOCK);
const state = new Int32Array(8);

/** The first 10 bytes of the digest of a text, as 16 letters of base32, behind a prefix. */
export function hashName(prefix: string, text: string): string {
  if (3 * text.length + 9 + BLOCK > room.length) room = new Uint8Array(6 * text.length + 2 * BLOCK);
  const {written} = encoder.encodeInto(text, room);
  return prefixed(prefix, digest(room, written), 16);
}

/** `padded`: the message, and room behind it (§5.1.1). */
function digest(padded: Uint8Array, length: number): Int32Array {
  const end = Math.ceil((length + 9) / BLOCK) * BLOCK;
  padded.fill(0, length, end);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(end - 4, length * 8);
  state.set(H0);
  for (let o = 0; o < end; o += BLOCK) compress(state, view, o);
  return state;
}

function ror(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}

/** §6.2.2. */
function compress(h: Int32Array, view: DataView, o: number): void {
  const w = words;
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(o + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = ror(x, 7) ^ ror(x, 18) ^ (x >>> 3);
    const s1 = ror(y, 17) ^ ror(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
  let a = h[0]!;
  let b = h[1]!;
  let c = h[2]!;
  let d = h[3]!;
  let e = h[4]!;
  let f = h[5]!;
  let g = h[6]!;
  let k = h[7]!;
  for (let i = 0; i < 64; i++) {
    const t1 = (k + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & f) ^ (~e & g)) + ((K[i]! + w[i]!) | 0)) | 0;
    const t2 = ((ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    k = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  h[0]! += a;
  h[1]! += b;
  h[2]! += c;
  h[3]! += d;
  h[4]! += e;
  h[5]! += f;
  h[6]! += g;
  h[7]! += k;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** One flat string: it will be hashed and sorted among many thousands. */
function prefixed(prefix: string, h: Int32Array, letters: number): string {
  const codes: number[] = [];
  for (let i = 0; i < prefix.length; i++) codes.push(prefix.charCodeAt(i));
  for (let i = 0; i < letters; i++) {
    const bit = 5 * i;
    const word = bit >>> 5;
    const shift = 27 - (bit & 31);
    const five = shift >= 0 ? h[word]! >>> shift : (h[word]! << -shift) | (h[word + 1]! >>> (32 + shift));
    codes.push(ALPHABET.charCodeAt(five & 31));
  }
  return String.fromCharCode.apply(null, codes);
}
