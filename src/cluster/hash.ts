/** Values that a real cluster draws at random, here drawn from a name: the same definition gives the same cluster everywhere. */
import type {Mac} from '../wire/addr.js';

/** 53 well-mixed bits of a text: two 32-bit lanes, multiplied, crossed and folded. */
export function hash53(text: string): number {
  let a = 0x9e3779b1;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    b = Math.imul(b ^ unit, 0x1b873593);
    a ^= b >>> 15;
  }
  a = Math.imul(a ^ (a >>> 16), 0x7feb352d);
  b = Math.imul(b ^ (b >>> 15), 0x846ca68b);
  a ^= Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b ^= Math.imul(a ^ (a >>> 16), 0x27d4eb2f);
  return (b & 0x1f_ffff) * 2 ** 32 + (a >>> 0);
}

/** 48 bits of a text. */
export function hash48(text: string): number {
  return hash53(text) % 2 ** 48;
}

/** A locally administered unicast address (IEEE 802 §8.2). */
export function macOf(text: string): Mac {
  const bits = hash48(text);
  const top = Math.floor(bits / 2 ** 40);
  return bits - top * 2 ** 40 + ((top & 0xfe) | 2) * 2 ** 40;
}

/** 12 hex digits, as in `lxc1a2b3c4d5e6f`. */
export function hex12(text: string): string {
  return hash48(text).toString(16).padStart(12, '0');
}
