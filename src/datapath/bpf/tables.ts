/**
 * cilium_ct4/6_global, cilium_ct_any4/6_global and cilium_snat_v4/v6_external as tables of this process: one table holds
 * all protocols and both families, the key tells them apart. IPv4 keys are hashed as four words with open addressing, so
 * that a lookup allocates nothing; IPv6 keys are strings.
 *
 *   slots   of eight words: daddr │ saddr │ dport:16 sport:16 │ protocol:8 flags:8 │ place │ unused
 *           place: 0 free, -1 removed, n = order[n - 1]
 *   order   entries as inserted; holes where removed
 */
import {type Ip, isIp4} from '../../wire/addr.js';
import type {ConntrackTable, CtEntry, CtTuple, NatEntry, NatTable, TupleTable} from '../model.js';

const FIRST_CAPACITY = 1024;
const REMOVED = -1;
/** Words of a slot, as a shift. */
const SLOT = 3;
const PLACE = 4;

/** Entries that the maps hold: LRU maps, which let the oldest go for a new one. */
export interface ConntrackLimits {
  readonly tcp: number;
  readonly any: number;
}

export function createConntrack({tcp, any}: ConntrackLimits): ConntrackTable {
  return new Table<CtEntry>(tcp, any);
}

export function createNat(limit: number): NatTable {
  return new Table<NatEntry>(limit, undefined);
}

const TCP = 6;

function key6({daddr, saddr, dport, sport, protocol, flags}: CtTuple): string {
  return `${daddr}${saddr}${String.fromCharCode(dport, sport, (protocol << 8) | flags)}`;
}

/** A class, since an object literal with a getter has slow properties, and `find` is called eight times for a frame of a tunnel. */
class Table<E extends {readonly tuple: CtTuple}> implements TupleTable<E> {
  private capacity = FIRST_CAPACITY;
  private slots = new Int32Array(FIRST_CAPACITY << SLOT);
  private taken = 0;
  private order: (E | undefined)[] = [];
  private count = 0;
  private readonly v6 = new Map<string, number>();
  /** By map, see `mapOf`: entries, and where in `order` its first one may stand. */
  private readonly counts = [0, 0, 0, 0];
  private readonly cursors = [0, 0, 0, 0];

  /** Limits of a map: of TCP, and of the rest; without the second there is but one map for all. Each family has its own. */
  constructor(
    private readonly limit: number,
    private readonly limitOfRest: number | undefined,
  ) {}

  get size(): number {
    return this.count;
  }

  find(daddr: Ip, saddr: Ip, dport: number, sport: number, protocol: number, flags: number): E | undefined {
    if (isIp4(daddr)) {
      const w = this.probe(daddr | 0, (saddr as number) | 0, (dport << 16) | sport, (protocol << 8) | flags);
      const place = this.slots[w + PLACE]!;
      return place > 0 ? this.order[place - 1] : undefined;
    }
    const index = this.v6.get(key6({daddr, saddr, dport, sport, protocol, flags}));
    return index === undefined ? undefined : this.order[index];
  }

  insert(entry: E): void {
    const index = this.indexOf(entry.tuple);
    if (index >= 0) {
      this.order[index] = entry;
      return;
    }
    const map = this.mapOf(entry.tuple);
    if (this.counts[map]! >= (map < 2 ? this.limit : this.limitOfRest!)) this.evict(map);
    this.counts[map]!++;
    if (this.taken * 2 >= this.capacity || this.order.length > 2 * this.count + FIRST_CAPACITY) this.rebuild();
    this.order.push(entry);
    this.count++;
    this.put(entry.tuple, this.order.length - 1);
  }

  remove(entry: E): void {
    const index = this.indexOf(entry.tuple);
    if (index < 0) return;
    if (isIp4(entry.tuple.daddr)) this.slots[this.slotOf(entry.tuple) + PLACE] = REMOVED;
    else this.v6.delete(key6(entry.tuple));
    this.order[index] = undefined;
    this.counts[this.mapOf(entry.tuple)]!--;
    this.count--;
  }

  private mapOf({daddr, protocol}: CtTuple): number {
    const family = isIp4(daddr) ? 0 : 1;
    return this.limitOfRest === undefined || protocol === TCP ? family : 2 + family;
  }

  /** The first of a map in order of insertion. */
  private evict(map: number): void {
    for (let at = this.cursors[map]!; at < this.order.length; at++) {
      const entry = this.order[at];
      if (!entry || this.mapOf(entry.tuple) !== map) continue;
      this.cursors[map] = at + 1;
      this.remove(entry);
      return;
    }
  }

  clear(): void {
    this.order = [];
    this.counts.fill(0);
    this.count = 0;
    this.rebuild();
  }

  *entries(): Iterable<E> {
    for (const entry of this.order) if (entry) yield entry;
  }

  /** First word of the key's slot, or of the free slot where its probe sequence ends. */
  private probe(daddr: number, saddr: number, ports: number, kind: number): number {
    const {slots} = this;
    let hash = Math.imul(daddr, 0x9e3779b1) ^ Math.imul(saddr, 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ Math.imul(ports ^ (kind << 7), 0xc2b2ae3d);
    hash ^= hash >>> 15;
    const mask = (this.capacity - 1) << SLOT;
    for (let w = (hash << SLOT) & mask; ; w = (w + (1 << SLOT)) & mask) {
      if (slots[w] === daddr && slots[w + 2] === ports && slots[w + 1] === saddr && slots[w + 3] === kind) return w;
      if (slots[w + PLACE] === 0) return w;
    }
  }

  /** As `probe`, for an IPv4 key. */
  private slotOf({daddr, saddr, dport, sport, protocol, flags}: CtTuple): number {
    return this.probe((daddr as number) | 0, (saddr as number) | 0, (dport << 16) | sport, (protocol << 8) | flags);
  }

  /** Makes order[index] findable; the key must not be there, or be there as removed. */
  private put(tuple: CtTuple, index: number): void {
    if (!isIp4(tuple.daddr)) return void this.v6.set(key6(tuple), index);
    const {daddr, saddr, dport, sport, protocol, flags} = tuple;
    const w = this.slotOf(tuple);
    if (this.slots[w + PLACE] === 0) this.taken++;
    this.slots[w] = daddr | 0;
    this.slots[w + 1] = (saddr as number) | 0;
    this.slots[w + 2] = (dport << 16) | sport;
    this.slots[w + 3] = (protocol << 8) | flags;
    this.slots[w + PLACE] = index + 1;
  }

  /** Drops removed keys and holes, and doubles the slots while more than a quarter would be in use. */
  private rebuild(): void {
    this.cursors.fill(0);
    this.order = this.order.filter((entry) => entry !== undefined);
    while (this.order.length * 4 > this.capacity) this.capacity *= 2;
    this.slots = new Int32Array(this.capacity << SLOT);
    this.taken = 0;
    this.v6.clear();
    this.order.forEach((entry, index) => {
      this.put(entry!.tuple, index);
    });
  }

  /** Index in `order`, or -1. */
  private indexOf(tuple: CtTuple): number {
    if (!isIp4(tuple.daddr)) return this.v6.get(key6(tuple)) ?? -1;
    return Math.max(this.slots[this.slotOf(tuple) + PLACE]!, 0) - 1;
  }
}
