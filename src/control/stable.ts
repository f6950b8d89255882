/** Values that a real node draws at random, here drawn from a name: the same definition gives the same node everywhere. */
import type {Mac} from '../wire/addr.js';
import {murmur3x64128} from './hash.js';

function hash128(name: string): [bigint, bigint] {
  return murmur3x64128(new TextEncoder().encode(name), 0);
}

/** Locally administered unicast address. */
export function stableMac(name: string): Mac {
  const value = Number(hash128(name)[0] & 0xffff_ffff_ffffn);
  const top = Math.floor(value / 2 ** 40);
  return value - top * 2 ** 40 + ((top & 0xfe) | 2) * 2 ** 40;
}

/** A version 4 UUID (RFC 9562 §5.4). */
export function stableUuid(name: string): string {
  const [h1, h2] = hash128(name);
  const hex = h1.toString(16).padStart(16, '0') + h2.toString(16).padStart(16, '0');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** An endpoint id that is not taken: 1 … 4095, as the agent draws them (pkg/endpointmanager/idallocator). */
export function stableEndpointId(name: string, taken: ReadonlySet<number>): number {
  let id = Number(hash128(name)[0] % 4095n) + 1;
  while (taken.has(id)) id = (id % 4095) + 1;
  return id;
}
