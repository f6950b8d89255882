/**
 * Longest prefix match over addresses of both families: one hash table per prefix length in use, asked longest first.
 * A cluster has a handful of lengths (/32, /24, /0), so a lookup is a handful of probes, whatever the number of entries.
 */
import {type Ip, ipBits, isIp4, maskIp, type Prefix} from '../wire/addr.js';

interface Level<T> {
  readonly length: number;
  /** IPv4: the netmask as int32. */
  readonly mask: number;
  readonly entries: Map<Ip, T>;
}

export interface Lpm<T> {
  /** Replaces an entry of the same prefix; host bits are ignored. */
  insert(prefix: Prefix, value: T): void;
  lookup(ip: Ip): T | undefined;
  /** Among prefixes shorter than `length`. */
  lookupShorter(ip: Ip, length: number): T | undefined;
  /** The entry of exactly this prefix. */
  get(prefix: Prefix): T | undefined;
}

export function createLpm<T>(): Lpm<T> {
  /** Each in descending order of length. */
  const levels4: Level<T>[] = [];
  const levels6: Level<T>[] = [];

  function levelOf(levels: Level<T>[], length: number): Level<T> {
    let at = 0;
    while (at < levels.length && levels[at]!.length > length) at++;
    if (levels[at]?.length !== length)
      levels.splice(at, 0, {length, mask: length === 0 ? 0 : -1 << (32 - length), entries: new Map()});
    return levels[at]!;
  }

  return {
    insert({ip, length}, value) {
      if (length < 0 || length > ipBits(ip)) throw new Error(`prefix length ${length}`);
      levelOf(isIp4(ip) ? levels4 : levels6, length).entries.set(maskIp(ip, length), value);
    },
    lookup(ip) {
      if (isIp4(ip)) {
        for (const level of levels4) {
          const found = level.entries.get((ip & level.mask) >>> 0);
          if (found !== undefined) return found;
        }
        return undefined;
      }
      for (const level of levels6) {
        const found = level.entries.get(level.length === 128 ? ip : maskIp(ip, level.length));
        if (found !== undefined) return found;
      }
      return undefined;
    },
    lookupShorter(ip, length) {
      for (const level of isIp4(ip) ? levels4 : levels6) {
        const found = level.length < length ? level.entries.get(maskIp(ip, level.length)) : undefined;
        if (found !== undefined) return found;
      }
      return undefined;
    },
    get({ip, length}) {
      const level = (isIp4(ip) ? levels4 : levels6).find((candidate) => candidate.length === length);
      return level?.entries.get(maskIp(ip, length));
    },
  };
}
