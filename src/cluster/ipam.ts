/**
 * Address management: pools of single addresses (pods of a node, ClusterIPs) and of prefixes (a /24 a node out of the pod
 * CIDR). What the input states is taken first, the rest is the lowest free one, so that a definition reads predictably.
 */
import {
  addToIp,
  formatPrefix,
  type Ip,
  isIp4,
  maskIp,
  type Prefix,
  prefixContains,
  prefixesOverlap,
  prefixSize,
} from '../wire/addr.js';

/** Addresses in use in the whole cluster, each with who has it (`pod default/a`, `node node1`). */
export type AddressBook = Map<Ip, string>;

export interface AddressPool {
  readonly prefix: Prefix;
  /** Addresses that can be handed out: all but network and broadcast (IPv4), all but the subnet router's (IPv6). */
  readonly capacity: number;
  /** The lowest free address, now `owner`'s; undefined when there is none left. */
  allocate(owner: string): Ip | undefined;
}

/** First and last usable offset in a prefix; /31, /32, /127 and /128 have no addresses of their own to spare. */
export function usableRange(prefix: Prefix): {readonly first: number; readonly last: number} {
  const size = Math.min(prefixSize(prefix), 2 ** 48);
  if (size <= 2) return {first: 0, last: size - 1};
  return {first: 1, last: isIp4(prefix.ip) ? size - 2 : size - 1};
}

/** `from`: offset to begin at; the offsets below it serve when the rest is gone (as kube-apiserver's static band). */
export function createPool(prefix: Prefix, book: AddressBook, from = 0): AddressPool {
  const base = maskIp(prefix.ip, prefix.length);
  const {first, last} = usableRange(prefix);
  const start = from > last ? first : Math.max(first, from);
  const bands: [number, number][] = [
    [start, last],
    [first, start - 1],
  ];
  let band = 0;
  let next = start;
  return {
    prefix,
    capacity: last - first + 1,
    allocate(owner) {
      for (; band < bands.length; next = bands[++band]?.[0] ?? 0) {
        for (const end = bands[band]![1]; next <= end; next++) {
          const ip = addToIp(base, next);
          if (book.has(ip)) continue;
          book.set(ip, owner);
          next++;
          return ip;
        }
      }
      return undefined;
    },
  };
}

/** Child number `index` of length `length` inside `parent`. */
export function childPrefix(parent: Prefix, length: number, index: number): Prefix {
  const base = maskIp(parent.ip, parent.length);
  if (isIp4(base)) return {ip: base + index * 2 ** (32 - length), length};
  const groups = Array.from({length: 8}, (_, i) => base.charCodeAt(i));
  const group = Math.max(0, Math.ceil(length / 16) - 1);
  let carry = index * 2 ** (16 * (group + 1) - length);
  for (let i = group; i >= 0 && carry > 0; i--) {
    const sum = groups[i]! + carry;
    groups[i] = sum % 65536;
    carry = Math.floor(sum / 65536);
  }
  return {ip: String.fromCharCode(...groups), length};
}

export interface PrefixPool {
  readonly parent: Prefix;
  /** How many children of this length the parent holds. */
  readonly capacity: number;
  allocate(): Prefix | undefined;
}

/** Children of `parent`, lowest free first; `taken` are prefixes that somebody stated. */
export function createPrefixPool(parent: Prefix, length: number, taken: readonly Prefix[]): PrefixPool {
  const capacity = length < parent.length ? 0 : Math.min(2 ** (length - parent.length), 2 ** 31);
  const exact = new Set(taken.filter((p) => p.length === length).map((p) => maskIp(p.ip, length)));
  const odd = taken.filter((p) => p.length !== length);
  let next = 0;
  return {
    parent,
    capacity,
    allocate() {
      for (; next < capacity; next++) {
        const child = childPrefix(parent, length, next);
        if (exact.has(child.ip) || odd.some((p) => prefixesOverlap(p, child))) continue;
        next++;
        return child;
      }
      return undefined;
    },
  };
}

/** Pairs of prefixes that overlap: neighbours in address order, so n log n. */
export function findOverlaps<T extends {readonly prefix: Prefix}>(items: readonly T[]): [T, T][] {
  const sorted = [...items].sort((a, b) => compareStart(a.prefix, b.prefix));
  const pairs: [T, T][] = [];
  let widest: T | undefined;
  for (const item of sorted) {
    if (widest && prefixesOverlap(widest.prefix, item.prefix)) pairs.push([widest, item]);
    else widest = item;
  }
  return pairs;
}

function compareStart(a: Prefix, b: Prefix): number {
  if (isIp4(a.ip) !== isIp4(b.ip)) return isIp4(a.ip) ? -1 : 1;
  const [x, y] = [maskIp(a.ip, a.length), maskIp(b.ip, b.length)];
  return x < y ? -1 : x > y ? 1 : a.length - b.length;
}

/** The longest prefix that holds all these addresses, but no longer than `longest`. */
export function coveringPrefix(ips: readonly Ip[], longest: number): Prefix {
  let length = longest;
  while (length > 0 && ips.some((ip) => maskIp(ip, length) !== maskIp(ips[0]!, length))) length--;
  return {ip: maskIp(ips[0]!, length), length};
}

/** The prefix of `list` that holds `ip`, most specific first. */
export function containing(list: readonly Prefix[], ip: Ip): Prefix | undefined {
  let best: Prefix | undefined;
  for (const prefix of list) if (prefixContains(prefix, ip) && (!best || prefix.length > best.length)) best = prefix;
  return best;
}

/** `10.32.0.0/13 (2048 of 2048 /24 taken)`: how full a parent is. */
export function describeFull(pool: PrefixPool, length: number): string {
  return `${formatPrefix(pool.parent)} holds ${pool.capacity} prefixes of /${length}, all taken`;
}

export function familyOf(ip: Ip): 4 | 6 {
  return isIp4(ip) ? 4 : 6;
}
