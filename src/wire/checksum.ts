/**
 * Internet checksum: RFC 1071 (full), RFC 1624 eqn. 3 (incremental). Sums are plain numbers, folded once:
 * exact below 2^37 additions.
 */
import {get16} from './bytes.js';

/** One's complement sum of the 16-bit words of `b[o, end)`, not folded, not inverted. An odd last byte is padded with 0. */
export function sumWords(b: Uint8Array, o: number, end: number, initial = 0): number {
  let sum = initial;
  let i = o;
  for (; i + 1 < end; i += 2) sum += (b[i]! << 8) | b[i + 1]!;
  if (i < end) sum += b[i]! << 8;
  return sum;
}

/** Folds a sum into 16 bits and inverts it: the value of a checksum field. */
export function finishSum(sum: number): number {
  let s = sum;
  while (s > 0xffff_ffff) s = (s % 0x10000) + Math.floor(s / 0x10000);
  s = (s & 0xffff) + (s >>> 16);
  s = (s & 0xffff) + (s >>> 16);
  return ~s & 0xffff;
}

/** RFC 1071 checksum of `b[o, end)`. Over data that contains its own correct checksum the result is 0. */
export function checksum(b: Uint8Array, o: number, end: number, initial = 0): number {
  return finishSum(sumWords(b, o, end, initial));
}

/** `checksum` over a view, 32 bits at a time: for who sums much of the same buffer. */
export function viewChecksum(view: DataView, o: number, end: number, initial = 0): number {
  let high = initial;
  let low = 0;
  let i = o;
  for (; i + 4 <= end; i += 4) {
    const word = view.getInt32(i);
    high += word >>> 16;
    low += word & 0xffff;
  }
  for (; i < end; i++) high += ((i - o) & 1) === 0 ? view.getUint8(i) << 8 : view.getUint8(i);
  return finishSum(high + low);
}

/** Sum of the IPv4 pseudo header (RFC 9293 §3.1, RFC 768); `ip` is the offset of the IPv4 header. */
export function pseudoSum4(b: Uint8Array, ip: number, protocol: number, length: number): number {
  return get16(b, ip + 12) + get16(b, ip + 14) + get16(b, ip + 16) + get16(b, ip + 18) + protocol + length;
}

/** Sum of the IPv6 pseudo header (RFC 8200 §8.1); `ip` is the offset of the IPv6 header. */
export function pseudoSum6(b: Uint8Array, ip: number, protocol: number, length: number): number {
  return sumWords(b, ip + 8, ip + 40) + protocol + (length & 0xffff) + (length >>> 16);
}

/** RFC 1624 eqn. 3: HC' = ~(~HC + ~m + m') for one 16-bit word that changes from `from` to `to`. */
export function updateChecksum(field: number, from: number, to: number): number {
  let s = (~field & 0xffff) + (~from & 0xffff) + to;
  s = (s & 0xffff) + (s >>> 16);
  s = (s & 0xffff) + (s >>> 16);
  return ~s & 0xffff;
}

/** RFC 1624 for a 32-bit word (an IPv4 address). */
export function updateChecksum32(field: number, from: number, to: number): number {
  return updateChecksum(updateChecksum(field, from >>> 16, to >>> 16), from & 0xffff, to & 0xffff);
}
