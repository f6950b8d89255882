/**
 * Big-endian access to bytes. The ground floor: every codec reads and writes through these or through plain indexing.
 * None of them checks bounds: a codec checks a header once (`check…`), then reads.
 */

/** 16-bit big-endian word at `o`. */
export function get16(b: Uint8Array, o: number): number {
  return (b[o]! << 8) | b[o + 1]!;
}

/** 24-bit big-endian word at `o` (VNI, 802.2 OUI). */
export function get24(b: Uint8Array, o: number): number {
  return (b[o]! << 16) | (b[o + 1]! << 8) | b[o + 2]!;
}

/** 32-bit big-endian word at `o`, unsigned. */
export function get32(b: Uint8Array, o: number): number {
  return ((b[o]! << 24) | (b[o + 1]! << 16) | (b[o + 2]! << 8) | b[o + 3]!) >>> 0;
}

/** 48-bit big-endian number at `o` (a MAC address). */
export function get48(b: Uint8Array, o: number): number {
  return get16(b, o) * 0x1_0000_0000 + get32(b, o + 2);
}

export function set16(b: Uint8Array, o: number, v: number): void {
  b[o] = v >>> 8;
  b[o + 1] = v;
}

export function set24(b: Uint8Array, o: number, v: number): void {
  b[o] = v >>> 16;
  b[o + 1] = v >>> 8;
  b[o + 2] = v;
}

export function set32(b: Uint8Array, o: number, v: number): void {
  b[o] = v >>> 24;
  b[o + 1] = v >>> 16;
  b[o + 2] = v >>> 8;
  b[o + 3] = v;
}

export function set48(b: Uint8Array, o: number, v: number): void {
  set16(b, o, (v / 0x1_0000_0000) | 0);
  set32(b, o + 2, v | 0);
}

/** Taken off the prototype once: looked up on each buffer they cost more than a small copy does. */
const {set, subarray} = Uint8Array.prototype;

/** `from[start, end)` to `to[at …)`. */
export function copyBytes(to: Uint8Array, at: number, from: Uint8Array, start = 0, end = from.length): void {
  set.call(to, start === 0 && end === from.length ? from : subarray.call(from, start, end), at);
}

/** `0aff` → bytes; blanks are ignored. Throws on anything but hex pairs: for tests and fixed tables. */
export function fromHex(hex: string): Uint8Array {
  const digits = hex.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new Error(`not hex: ${hex.slice(0, 40)}`);
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** Lower-case hex of `b[o, end)`, no separators. */
export function toHex(b: Uint8Array, o = 0, end = b.length): string {
  let s = '';
  for (let i = o; i < end; i++) s += (b[i]! < 16 ? '0' : '') + b[i]!.toString(16);
  return s;
}

/**
 * A parse that could not go on: which layer, how many bytes it needed from `at`, how many were there.
 * Truncation is data: parsers return this, printers render it (`[|geneve]`), nobody throws.
 */
export interface Truncated {
  readonly ok: false;
  readonly layer: string;
  readonly need: number;
  readonly have: number;
  readonly at: number;
}

/** Result of a codec's one bounds check. */
export type Check = {readonly ok: true} | Truncated;

const OK: Check = {ok: true};

/** The bounds check behind each codec's `check…`: are `need` bytes of `layer` visible in `[at, end)`? */
export function need(layer: string, at: number, end: number, bytes: number): Check {
  return end - at >= bytes ? OK : {ok: false, layer, need: bytes, have: Math.max(0, end - at), at};
}
