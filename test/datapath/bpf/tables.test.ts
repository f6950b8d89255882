import {describe, expect, it} from 'vitest';
import {createConntrack, createNat} from '../../../src/datapath/bpf/tables.js';
import type {CtEntry, NatEntry} from '../../../src/datapath/model.js';
import {type Ip, parseIp} from '../../../src/wire/addr.js';

const base = {protocol: 6, flags: 0};
const SERVER = 0x0a000001;

function ctEntry(saddr: Ip, sport: number, daddr: Ip = SERVER): CtEntry {
  return {tuple: {...base, daddr, saddr, dport: 80, sport}, lifetime: sport} as CtEntry;
}

describe('conntrack table', () => {
  it('finds entries by the whole key and lists them in the order they came', () => {
    const table = createConntrack({tcp: 1e6, any: 1e6});
    for (let i = 0; i < 5000; i++) table.insert(ctEntry(0x0a000100 + (i % 7), i));
    expect(table.find(0x0a000001, 0x0a000103, 80, 3, 6, 0)?.lifetime).toBe(3);
    expect(table.find(0x0a000001, 0x0a000103, 80, 4, 6, 0)).toBeUndefined();
    expect(table.find(0x0a000001, 0x0a000103, 80, 3, 17, 0)).toBeUndefined();
    expect(table.find(0x0a000001, 0x0a000103, 80, 3, 6, 1)).toBeUndefined();
    expect([...table.entries()].map(({tuple}) => tuple.sport)).toEqual([...Array(5000).keys()]);
  });

  it('forgets removed entries and keeps the others through many removals', () => {
    const table = createConntrack({tcp: 1e6, any: 1e6});
    for (let i = 0; i < 3000; i++) table.insert(ctEntry(0x0a000100, i));
    for (const entry of [...table.entries()]) if (entry.tuple.sport % 3 !== 0) table.remove(entry);
    for (let i = 3000; i < 4000; i++) table.insert(ctEntry(0x0a000100, i));
    for (let i = 0; i < 4000; i++) {
      const kept = i >= 3000 || i % 3 === 0;
      expect(table.find(0x0a000001, 0x0a000100, 80, i, 6, 0)?.lifetime).toBe(kept ? i : undefined);
    }
    expect([...table.entries()]).toHaveLength(2000);
  });

  it('holds IPv6 beside IPv4', () => {
    const table = createConntrack({tcp: 1e6, any: 1e6});
    const ip = parseIp('fd00::1')!;
    table.insert(ctEntry(ip, 7, ip));
    table.insert(ctEntry(0x0a000100, 7));
    expect(table.find(ip, ip, 80, 7, 6, 0)?.lifetime).toBe(7);
    expect([...table.entries()]).toHaveLength(2);
  });
});

describe('map limits', () => {
  it('the oldest of a map goes for a new one; TCP, the rest, and the families each have their own', () => {
    const table = createConntrack({tcp: 100, any: 10});
    for (let i = 0; i < 2000; i++) table.insert(ctEntry(0x0a000100, i));
    const six = parseIp('fd00::1')!;
    for (let i = 0; i < 150; i++) table.insert(ctEntry(six, i, six));
    for (let i = 0; i < 30; i++)
      table.insert({...ctEntry(0x0a000100, i), tuple: {...ctEntry(0x0a000100, i).tuple, protocol: 17}});
    const of = (v4: boolean, protocol: number) =>
      [...table.entries()].filter(({tuple}) => (typeof tuple.daddr === 'number') === v4 && tuple.protocol === protocol);
    expect([of(true, 6).length, of(false, 6).length, of(true, 17).length]).toEqual([100, 100, 10]);
    expect(of(true, 6).map(({tuple}) => tuple.sport)).toEqual([...Array(100).keys()].map((i) => 1900 + i));
    expect(table.find(0x0a000001, 0x0a000100, 80, 1899, 6, 0)).toBeUndefined();
    expect(table.size).toBe(210);
    table.insert(ctEntry(0x0a000100, 1950));
    expect(table.size).toBe(210);
  });
});

describe('NAT table', () => {
  it('keeps the directions of a mapping apart', () => {
    const table = createNat(1e6);
    const tuple = {...base, daddr: 1, saddr: 2, dport: 3, sport: 4};
    const entry = {tuple, toIp: 9, toPort: 10} as NatEntry;
    table.insert(entry);
    expect(table.find(1, 2, 3, 4, 6, 0)?.toPort).toBe(10);
    expect(table.find(1, 2, 3, 4, 6, 1)).toBeUndefined();
    table.remove(entry);
    expect(table.find(1, 2, 3, 4, 6, 0)).toBeUndefined();
  });
});
