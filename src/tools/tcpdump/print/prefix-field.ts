/** Address prefixes as BGP and LDP write them: length in bits(1), as many bytes as it needs (`decode_prefix4`, `decode_prefix6`). */
import type {Dissector} from './dissector.js';

/** `10.0.0.0/8` and the bytes it took. */
export interface PrefixField {
  readonly text: string;
  readonly used: number;
}

/** `illegal` for a length beyond the address, `cut` when `n` bytes do not hold it. `size` is the address's, 4 or 16. */
export function prefixField(d: Dissector, o: number, n: number, size: 4 | 16): PrefixField | 'illegal' | 'cut' {
  if (n < 1) return 'cut';
  const bits = d.u8(o);
  if (bits > size * 8) return 'illegal';
  const bytes = (bits + 7) >> 3;
  if (n - 1 < bytes) return 'cut';
  return {text: prefixText(d, o + 1, bits, size), used: 1 + bytes};
}

/** The prefix of `bits` bits at `o`, bits behind them cleared. */
export function prefixText(d: Dissector, o: number, bits: number, size: 4 | 16): string {
  const bytes = (bits + 7) >> 3;
  d.need(o, bytes);
  const address = new Uint8Array(size);
  address.set(d.b.subarray(o, o + bytes));
  const last = address[bytes - 1];
  if (last !== undefined && bits % 8 !== 0) address[bytes - 1] = last & (0xff00 >> (bits % 8));
  const mark = d.mark();
  if (size === 16) d.ip6From(address, 0);
  else d.s(address.join('.'));
  return `${d.take(mark)}/${bits}`;
}
