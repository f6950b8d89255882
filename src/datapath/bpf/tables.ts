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
import type {ConntrackTable, CtEntry, CtTuple, NatEntry, NatTable} from '../model.js';

const FIRST_CAPACITY = 1024;
const REMOVED = -1;
/** Words of a slot, as a shift. */
const SLOT = 3;
const PLACE = 4;

interface Table<E extends {readonly tuple: CtTuple}> {
  find(daddr: Ip, saddr: Ip, dport: number, sport: number, protocol: number, flags: number): E | undefined;
  insert(entry: E): void;
  remove(entry: E): void;
  clear(): void;
  readonly size: number;
  entries(): Iterable<E>;
}

export function createConntrack(): ConntrackTable {
  return createTable<CtEntry>();
}

export function createNat(): NatTable {
  return createTable<NatEntry>();
}

function key6(daddr: Ip, saddr: Ip, dport: number, sport: number, protocol: number, flags: number): string {
  return `${daddr}${saddr}${String.fromCharCode(dport, sport, (protocol << 8) | flags)}`;
}

function createTable<E extends {readonly tuple: CtTuple}>(): Table<E> {
  let capacity = FIRST_CAPACITY;
  let slots = new Int32Array(capacity << SLOT);
  let taken = 0;
  let order: (E | undefined)[] = [];
  let size = 0;
  const v6 = new Map<string, number>();

  /** First word of the key's slot, or of the free slot where its probe sequence ends. */
  function probe(daddr: number, saddr: number, ports: number, kind: number): number {
    let hash = Math.imul(daddr, 0x9e3779b1) ^ Math.imul(saddr, 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ Math.imul(ports ^ (kind << 7), 0xc2b2ae3d);
    hash ^= hash >>> 15;
    const mask = (capacity - 1) << SLOT;
    for (let w = (hash << SLOT) & mask; ; w = (w + (1 << SLOT)) & mask) {
      if (slots[w] === daddr && slots[w + 2] === ports && slots[w + 1] === saddr && slots[w + 3] === kind) return w;
      if (slots[w + PLACE] === 0) return w;
    }
  }

  function find4(daddr: number, saddr: number, ports: number, kind: number): E | undefined {
    const place = slots[probe(daddr | 0, saddr | 0, ports, kind) + PLACE]!;
    return place > 0 ? order[place - 1] : undefined;
  }

  /** Puts order[index] into the slots; the key must not be there, or be there as removed. */
  function putSlot(tuple: CtTuple, index: number): void {
    const daddr = (tuple.daddr as number) | 0;
    const saddr = (tuple.saddr as number) | 0;
    const ports = (tuple.dport << 16) | tuple.sport;
    const kind = (tuple.protocol << 8) | tuple.flags;
    const w = probe(daddr, saddr, ports, kind);
    if (slots[w + PLACE] === 0) taken++;
    slots[w] = daddr;
    slots[w + 1] = saddr;
    slots[w + 2] = ports;
    slots[w + 3] = kind;
    slots[w + PLACE] = index + 1;
  }

  /** Drops removed keys and holes, and doubles the slots while more than a quarter would be in use. */
  function rebuild(): void {
    order = order.filter((entry) => entry !== undefined);
    while (order.length * 4 > capacity) capacity *= 2;
    slots = new Int32Array(capacity << SLOT);
    taken = 0;
    v6.clear();
    order.forEach((entry, index) => {
      const {daddr, saddr, dport, sport, protocol, flags} = entry!.tuple;
      if (isIp4(daddr)) putSlot(entry!.tuple, index);
      else v6.set(key6(daddr, saddr, dport, sport, protocol, flags), index);
    });
  }

  /** Index in `order`, or -1. */
  function indexOf({daddr, saddr, dport, sport, protocol, flags}: CtTuple): number {
    if (!isIp4(daddr)) return v6.get(key6(daddr, saddr, dport, sport, protocol, flags)) ?? -1;
    const w = probe(daddr | 0, (saddr as number) | 0, (dport << 16) | sport, (protocol << 8) | flags);
    return Math.max(slots[w + PLACE]!, 0) - 1;
  }

  return {
    find(daddr, saddr, dport, sport, protocol, flags) {
      if (isIp4(daddr)) return find4(daddr, saddr as number, (dport << 16) | sport, (protocol << 8) | flags);
      const index = v6.get(key6(daddr, saddr, dport, sport, protocol, flags));
      return index === undefined ? undefined : order[index];
    },
    insert(entry) {
      const index = indexOf(entry.tuple);
      if (index >= 0) {
        order[index] = entry;
        return;
      }
      if (taken * 2 >= capacity || order.length > 2 * size + FIRST_CAPACITY) rebuild();
      order.push(entry);
      size++;
      const {daddr, saddr, dport, sport, protocol, flags} = entry.tuple;
      if (isIp4(daddr)) putSlot(entry.tuple, order.length - 1);
      else v6.set(key6(daddr, saddr, dport, sport, protocol, flags), order.length - 1);
    },
    remove(entry) {
      const index = indexOf(entry.tuple);
      if (index < 0) return;
      const {daddr, saddr, dport, sport, protocol, flags} = entry.tuple;
      if (isIp4(daddr)) {
        const w = probe(daddr | 0, (saddr as number) | 0, (dport << 16) | sport, (protocol << 8) | flags);
        slots[w + PLACE] = REMOVED;
      } else v6.delete(key6(daddr, saddr, dport, sport, protocol, flags));
      order[index] = undefined;
      size--;
    },
    clear() {
      order = [];
      size = 0;
      rebuild();
    },
    get size() {
      return size;
    },
    *entries() {
      for (const entry of order) if (entry) yield entry;
    },
  };
}
