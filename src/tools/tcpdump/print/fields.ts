/** Addresses and texts of fields, for lines that are made of several of them and printed only when all are there. */
import type {Dissector} from './dissector.js';

export function ip4Text(d: Dissector, o: number): string {
  const mark = d.mark();
  d.ip4(o);
  return d.take(mark);
}

export function ip6Text(d: Dissector, o: number): string {
  const mark = d.mark();
  d.ip6(o);
  return d.take(mark);
}

export function macText(d: Dissector, o: number): string {
  const mark = d.mark();
  d.mac(o);
  return d.take(mark);
}

/** A number in hex, padded to `digits`, without `0x`. */
export function padHex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** `n` characters, tested one by one (`nd_printn` without an end). */
export function characters(d: Dissector, o: number, n: number): void {
  for (let i = 0; i < n; i++) d.safe(d.u8(o + i));
}

/** Characters up to a zero byte, `n` at most (`nd_printjnp`). */
export function paddedText(d: Dissector, o: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const c = d.u8(o + i);
    if (c === 0) return;
    d.safe(c);
  }
}

/** Characters up to a zero byte: how many with it, 0 when there is none in `n` bytes or in the capture (`nd_printztn`). */
export function terminatedText(d: Dissector, o: number, n: number): number {
  for (let i = 0; i < n && o + i < d.end; i++) {
    const c = d.b[o + i]!;
    if (c === 0) return i + 1;
    d.safe(c);
  }
  return 0;
}

/** Length of a netmask's prefix, -1 when it is not one. */
export function maskLength(mask: number): number {
  const ones = Math.clz32(~mask);
  return ones === 32 || mask << ones === 0 ? ones : -1;
}

/** Are the bytes `[o, o + n)` all zero? Each is tested. */
export function allZero(d: Dissector, o: number, n: number): boolean {
  for (let i = 0; i < n; i++) if (d.u8(o + i) !== 0) return false;
  return true;
}

/** `%.<digits>f`: a tie goes to the even digit, where `toFixed` goes up. */
export function fixed(value: number, digits: number): string {
  const scaled = value * 10 ** digits;
  const below = Math.floor(scaled);
  const isTie = scaled - below === 0.5 && Number.isInteger(value * 2 ** 20);
  return isTie && below % 2 === 0 ? (below / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}
