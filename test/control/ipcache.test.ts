import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {createControl} from '../../src/control/control.js';
import {createLpm} from '../../src/control/lpm.js';
import type {IpcacheEntry} from '../../src/control/model.js';
import {formatIp, formatPrefix, type Ip, type Prefix, parseIp, prefixContains} from '../../src/wire/addr.js';
import {cidr, cluster, ip, node} from './cluster.js';

/** Addresses close together, so that prefixes nest. */
const ip4 = fc.tuple(fc.constantFrom(0, 10, 255), fc.nat(3), fc.nat(255)).map(([a, b, c]) => a * 2 ** 24 + b * 256 + c);
const ip6 = fc
  .tuple(fc.nat(2), fc.nat(3), fc.nat(0xffff))
  .map(([a, b, c]) => parseIp(`fd00:${a.toString(16)}:${b.toString(16)}::${c.toString(16)}`)!);
const prefix = fc.oneof(
  fc.record({ip: ip4 as fc.Arbitrary<Ip>, length: fc.nat(32)}),
  fc.record({ip: ip6 as fc.Arbitrary<Ip>, length: fc.nat(128)}),
);

function scan(entries: readonly Prefix[], address: Ip): number | undefined {
  let best: number | undefined;
  for (const entry of entries)
    if (prefixContains(entry, address) && (best === undefined || entry.length > best)) best = entry.length;
  return best;
}

describe('lpm', () => {
  it('agrees with a linear scan', () => {
    fc.assert(
      fc.property(
        fc.array(prefix, {maxLength: 30}),
        fc.array(fc.oneof(ip4, ip6), {maxLength: 20}),
        (entries, asked) => {
          const lpm = createLpm<number>();
          for (const entry of entries) lpm.insert(entry, entry.length);
          for (const address of [...asked, ...entries.map((entry) => entry.ip)])
            expect(lpm.lookup(address)).toBe(scan(entries, address));
        },
      ),
      {numRuns: 300},
    );
  });

  it('an entry replaces the one of the same prefix', () => {
    const lpm = createLpm<string>();
    lpm.insert(cidr('10.0.0.1/24'), 'a');
    lpm.insert(cidr('10.0.0.9/24'), 'b');
    expect(lpm.lookup(ip('10.0.0.200'))).toBe('b');
    expect(lpm.get(cidr('10.0.0.0/24'))).toBe('b');
    expect(lpm.get(cidr('10.0.0.0/25'))).toBeUndefined();
    expect(() => lpm.insert({ip: ip('10.0.0.0'), length: 33}, 'c')).toThrow();
  });
});

const line = (entry: IpcacheEntry) =>
  `${formatPrefix(entry.prefix)} ${entry.identity} ${entry.hasTunnel ? formatIp(entry.tunnelEndpoint) : '-'}`;

describe('ipcache', () => {
  it('tunnel mode', () => {
    const {ipcache} = createControl(cluster()).state('node2');
    expect(ipcache.entries.map(line)).toEqual([
      '0.0.0.0/0 2 -',
      '10.0.0.5/32 7 -',
      '10.0.0.6/32 1 -',
      '10.0.0.7/32 6 -',
      '10.32.1.0/24 2 10.0.0.5',
      '10.32.1.1/32 7 10.0.0.5',
      '10.32.1.2/32 4 10.0.0.5',
      '10.32.1.10/32 20001 10.0.0.5',
      '10.32.1.11/32 20003 10.0.0.5',
      '10.32.2.1/32 1 -',
      '10.32.2.2/32 4 -',
      '10.32.2.20/32 20002 -',
      '10.32.3.0/24 2 10.0.0.7',
      '10.32.3.1/32 6 10.0.0.7',
      '10.32.3.2/32 4 10.0.0.7',
      '10.32.3.30/32 20002 10.0.0.7',
    ]);
    expect(ipcache.lookup(ip('10.32.3.99'))?.tunnelEndpoint).toBe(ip('10.0.0.7'));
    expect(ipcache.lookup(ip('8.8.8.8'))?.identity).toBe(2);
    expect(ipcache.lookup(ip('fd00::1'))).toBeUndefined();
  });

  it('native mode has no tunnel endpoints and no pod CIDRs', () => {
    const {ipcache} = createControl(cluster({}, {routingMode: 'native', tunnelOverhead: 0})).state('node1');
    expect(ipcache.entries.some((entry) => entry.hasTunnel || entry.tunnelEndpoint !== 0)).toBe(false);
    expect(ipcache.lookup(ip('10.32.2.99'))?.prefix.length).toBe(0);
    expect(ipcache.lookup(ip('10.32.2.20'))?.identity).toBe(20002);
  });

  it('dual stack: the world has one identity per family', () => {
    const nodes = [1, 2].map((n) =>
      node(n, {
        ips: [ip(`10.0.0.${n + 4}`), ip(`fd00:a::${n + 4}`)],
        subnets: [cidr('10.0.0.0/16'), cidr('fd00:a::/64')],
        podCidrs: [cidr(`10.32.${n}.0/24`), cidr(`fd00:32:${n}::/64`)],
        routerIps: [ip(`10.32.${n}.1`), ip(`fd00:32:${n}::1`)],
        healthIps: [],
      }),
    );
    const {ipcache} = createControl(cluster({nodes, pods: []}, {enableIpv6: true})).state('node1');
    expect(ipcache.entries.map(line)).toEqual([
      '0.0.0.0/0 9 -',
      '10.0.0.5/32 1 -',
      '10.0.0.6/32 6 -',
      '10.32.1.1/32 1 -',
      '10.32.2.0/24 9 10.0.0.6',
      '10.32.2.1/32 6 10.0.0.6',
      '::/0 10 -',
      'fd00:a::5/128 1 -',
      'fd00:a::6/128 6 -',
      'fd00:32:1::1/128 1 -',
      'fd00:32:2::/64 10 10.0.0.6',
      'fd00:32:2::1/128 6 10.0.0.6',
    ]);
  });

  it('a router address that all nodes share is each one’s own', () => {
    const nodes = [1, 2].map((n) => node(n, {routerIps: [ip('169.254.23.0')], healthIps: []}));
    const {ipcache} = createControl(cluster({nodes}, {routingMode: 'native'})).state('node2');
    expect(ipcache.lookup(ip('169.254.23.0'))?.identity).toBe(1);
  });
});
