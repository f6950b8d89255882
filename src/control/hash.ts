/**
 * The hashes that pick a backend: Linux jhash (lookup3, include/linux/jhash.h) and MurmurHash3 x64 128.
 * The LB hash reads addresses and ports as the BPF programs do, as little-endian loads of network-order bytes
 * (cilium bpf/lib/hash.h); it leaves the destination address out.
 */
import {type Ip, type Ip4, type Ip6, isIp4} from '../wire/addr.js';

const JHASH_INITVAL = 0xdeadbeef;

/** The three words of a jhash in work. One cell, reused: no hash calls another while it runs. */
let a = 0;
let b = 0;
let c = 0;

function rol(x: number, n: number): number {
  return (x << n) | (x >>> (32 - n));
}

function mix(): void {
  a = ((a - c) ^ rol(c, 4)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rol(a, 6)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rol(b, 8)) | 0;
  b = (b + a) | 0;
  a = ((a - c) ^ rol(c, 16)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rol(a, 19)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rol(b, 4)) | 0;
  b = (b + a) | 0;
}

function final(): number {
  c = ((c ^ b) - rol(b, 14)) | 0;
  a = ((a ^ c) - rol(c, 11)) | 0;
  b = ((b ^ a) - rol(a, 25)) | 0;
  c = ((c ^ b) - rol(b, 16)) | 0;
  a = ((a ^ c) - rol(c, 4)) | 0;
  b = ((b ^ a) - rol(a, 14)) | 0;
  c = ((c ^ b) - rol(b, 24)) | 0;
  return c >>> 0;
}

function jhashWords(x: number, y: number, z: number, initval: number): number {
  a = (x + initval) | 0;
  b = (y + initval) | 0;
  c = (z + initval) | 0;
  return final();
}

export function jhash3words(x: number, y: number, z: number, initval: number): number {
  return jhashWords(x, y, z, initval + JHASH_INITVAL + 12);
}

export function jhash2words(x: number, y: number, initval: number): number {
  return jhashWords(x, y, 0, initval + JHASH_INITVAL + 8);
}

export function jhash1word(x: number, initval: number): number {
  return jhashWords(x, 0, 0, initval + JHASH_INITVAL + 4);
}

function swap16(v: number): number {
  return ((v & 0xff) << 8) | (v >>> 8);
}

function swap32(v: number): number {
  return ((v & 0xff) << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);
}

/** Client address and port → service port. `sport` is 0 with session affinity. */
export function lbHash4(saddr: Ip4, dport: number, sport: number, protocol: number, seed: number): number {
  return jhash3words(swap32(saddr), (swap16(dport) << 16) | swap16(sport), protocol, seed);
}

export function lbHash6(saddr: Ip6, dport: number, sport: number, protocol: number, seed: number): number {
  a = word6(saddr, 0);
  b = word6(saddr, 1);
  c = word6(saddr, 2);
  mix();
  a = (a + word6(saddr, 3)) | 0;
  b = (b + ((swap16(dport) << 16) | swap16(sport))) | 0;
  c = (c + protocol) | 0;
  mix();
  a = (a + seed) | 0;
  return final();
}

/** `lbHash4` or `lbHash6`, by the family of the client. */
export function lbHash(saddr: Ip, dport: number, sport: number, protocol: number, seed: number): number {
  return isIp4(saddr) ? lbHash4(saddr, dport, sport, protocol, seed) : lbHash6(saddr, dport, sport, protocol, seed);
}

/** Word `n` (0 … 3) of the address as a little-endian load. */
function word6(ip: Ip6, n: number): number {
  return swap16(ip.charCodeAt(2 * n)) | (swap16(ip.charCodeAt(2 * n + 1)) << 16);
}

const MASK = 0xffff_ffff_ffff_ffffn;
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

function rol64(x: bigint, n: bigint): bigint {
  return ((x << n) | (x >> (64n - n))) & MASK;
}

function fmix64(k: bigint): bigint {
  let x = k ^ (k >> 33n);
  x = (x * 0xff51afd7ed558ccdn) & MASK;
  x ^= x >> 33n;
  x = (x * 0xc4ceb9fe1a85ec53n) & MASK;
  return x ^ (x >> 33n);
}

function load64(bytes: Uint8Array, o: number, end: number): bigint {
  let v = 0n;
  for (let i = Math.min(end, o + 8) - 1; i >= o; i--) v = (v << 8n) | BigInt(bytes[i]!);
  return v;
}

/** MurmurHash3 x64 128 (Appleby), the 32-bit seed in both lanes: [h1, h2]. */
export function murmur3x64128(bytes: Uint8Array, seed: number): [bigint, bigint] {
  let h1 = BigInt(seed);
  let h2 = h1;
  const blocks = bytes.length & ~15;
  for (let o = 0; o < blocks; o += 16) {
    h1 ^= (rol64((load64(bytes, o, blocks) * C1) & MASK, 31n) * C2) & MASK;
    h1 = ((rol64(h1, 27n) + h2) * 5n + 0x52dce729n) & MASK;
    h2 ^= (rol64((load64(bytes, o + 8, blocks) * C2) & MASK, 33n) * C1) & MASK;
    h2 = ((rol64(h2, 31n) + h1) * 5n + 0x38495ab5n) & MASK;
  }
  h2 ^= (rol64((load64(bytes, blocks + 8, bytes.length) * C2) & MASK, 33n) * C1) & MASK;
  h1 ^= (rol64((load64(bytes, blocks, bytes.length) * C1) & MASK, 31n) * C2) & MASK;
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  h1 = fmix64(h1);
  h2 = fmix64(h2);
  h1 = (h1 + h2) & MASK;
  return [h1, (h2 + h1) & MASK];
}
