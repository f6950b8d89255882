import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {childPrefix, createPool, createPrefixPool, findOverlaps, usableRange} from '../../src/cluster/ipam.js';
import {
  addToIp,
  formatIp,
  formatPrefix,
  type Ip,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from '../../src/wire/addr.js';
import {errorText, loadSpec} from './load-input.js';

const prefix = (text: string) => parsePrefix(text)!;
const prefix4 = (min: number, max: number): fc.Arbitrary<Prefix> =>
  fc.record({ip: fc.integer({min: 0, max: 2 ** 32 - 1}), length: fc.integer({min, max})});

describe('pools', () => {
  it('hand out every usable address once, lowest first, and never one that is taken', () => {
    fc.assert(
      fc.property(prefix4(22, 32), fc.array(fc.nat(1023)), fc.nat(300), (range, takenOffsets, from) => {
        const network = childPrefix(range, range.length, 0);
        const book = new Map<Ip, string>(takenOffsets.map((n) => [addToIp(network.ip, n), 'other']));
        const taken = [...book.keys()].filter((ip) => prefixContains(range, ip));
        const {first, last} = usableRange(range);
        const pool = createPool(range, book, from);
        const got: Ip[] = [];
        for (let ip = pool.allocate('x'); ip !== undefined; ip = pool.allocate('x')) got.push(ip);
        const usable = Array.from({length: last - first + 1}, (_, i) => addToIp(network.ip, first + i));
        expect(new Set(got).size).toBe(got.length);
        expect([...got].sort()).toEqual(usable.filter((ip) => !taken.includes(ip)).sort());
      }),
    );
  });

  it('leave out network and broadcast of IPv4, the subnet router of IPv6', () => {
    const range = (text: string) => usableRange(prefix(text));
    expect(range('10.0.0.0/30')).toEqual({first: 1, last: 2});
    expect(range('10.0.0.0/31')).toEqual({first: 0, last: 1});
    expect(range('10.0.0.0/32')).toEqual({first: 0, last: 0});
    expect(range('fd00::/126')).toEqual({first: 1, last: 3});
  });

  it('children of a prefix lie in it, side by side', () => {
    expect(formatPrefix(childPrefix(prefix('10.32.0.0/13'), 24, 2047))).toBe('10.39.255.0/24');
    expect(formatPrefix(childPrefix(prefix('fd00::/104'), 120, 65535))).toBe('fd00::ff:ff00/120');
    expect(formatPrefix(childPrefix(prefix('fd00:1::/48'), 64, 0x1234))).toBe('fd00:1:0:1234::/64');
    expect(formatPrefix(childPrefix(prefix('fd00::/32'), 60, 0x10001))).toBe('fd00:0:10:10::/60');
  });

  it('prefix pools skip what overlaps a stated one, whatever its length', () => {
    fc.assert(
      fc.property(fc.array(prefix4(20, 28), {maxLength: 6}), (stated) => {
        const parent = prefix('10.0.0.0/18');
        const taken = stated.map((p) =>
          childPrefix({ip: 0x0a000000 + ((p.ip as number) % 2 ** 14), length: p.length}, p.length, 0),
        );
        const pool = createPrefixPool(parent, 24, taken);
        const got: Prefix[] = [];
        for (let child = pool.allocate(); child; child = pool.allocate()) got.push(child);
        const all = Array.from({length: 64}, (_, i) => childPrefix(parent, 24, i));
        expect(got).toEqual(all.filter((child) => !taken.some((t) => prefixesOverlap(t, child))));
      }),
    );
  });

  it('overlaps are found exactly when there is one', () => {
    fc.assert(
      fc.property(fc.array(prefix4(4, 20), {maxLength: 8}), (list) => {
        const items = list.map((p) => ({prefix: p}));
        const any = list.some((a, i) => list.some((b, j) => i < j && prefixesOverlap(a, b)));
        expect(findOverlaps(items).length > 0).toBe(any);
        for (const [a, b] of findOverlaps(items)) expect(prefixesOverlap(a.prefix, b.prefix)).toBe(true);
      }),
    );
  });
});

describe('allocation in a cluster', () => {
  it('keeps what is stated, gives the rest distinct addresses inside their ranges, and does so every time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: 1, max: 5}),
        fc.array(fc.record({node: fc.option(fc.nat(4)), ip: fc.option(fc.integer({min: 1, max: 254}))}), {
          maxLength: 25,
        }),
        async (nodes, wishes) => {
          const used = new Set<string>();
          const pods = wishes.map(({node, ip}, i) => {
            const n = node === null ? undefined : node % nodes;
            const address = n === undefined || ip === null ? undefined : `10.8.${n}.${ip}`;
            const free = address !== undefined && !used.has(address);
            if (free) used.add(address);
            return {name: `p${i}`, ...(n === undefined ? {} : {node: `node${n + 1}`}), ...(free ? {ip: address} : {})};
          });
          const spec = {nodes, podCIDR: '10.8.0.0/16', pods};
          const cluster = await loadSpec(spec);
          const ips = [
            ...cluster.nodes.flatMap((node) => [...node.ips, ...node.routerIps, ...node.healthIps]),
            ...cluster.pods.flatMap((pod) => pod.ips),
            ...cluster.services.flatMap((service) => service.clusterIps),
          ];
          expect(new Set(ips).size).toBe(ips.length);
          for (const [i, pod] of pods.entries()) {
            const got = cluster.pods[i]!;
            if (pod.ip !== undefined) expect(got.ips.map(formatIp)).toEqual([pod.ip]);
            const node = cluster.nodes.find(({name}) => name === got.node)!;
            expect(prefixContains(node.podCidrs[0]!, got.ips[0]!)).toBe(true);
          }
          for (const node of cluster.nodes) {
            const ids = cluster.pods.filter((pod) => pod.node === node.name).map((pod) => pod.endpointId);
            expect(new Set(ids).size).toBe(ids.length);
          }
          const macs = cluster.pods.flatMap((pod) => [pod.mac, pod.hostMac]);
          expect(new Set(macs).size).toBe(macs.length);
          for (const mac of macs) expect(Math.floor(mac / 2 ** 40) & 3).toBe(2);
          expect(JSON.stringify((await loadSpec(spec)).pods)).toBe(JSON.stringify(cluster.pods));
        },
      ),
      {numRuns: 40},
    );
  });

  it('spreads pods, honours nodeSelector, leaves nodes that are not ready', async () => {
    const cluster = await loadSpec({
      dns: false,
      nodes: [{name: 'a'}, {name: 'b', labels: {disk: 'ssd'}}, {name: 'c', ready: false}],
      pods: [
        {name: 'x', replicas: 4},
        {name: 'y', nodeSelector: {disk: 'ssd'}},
        {name: 'z', nodeSelector: {disk: 'tape'}},
      ],
    });
    expect(cluster.pods.map((pod) => [pod.name, pod.node, pod.phase])).toEqual([
      ['x-1', 'a', 'Running'],
      ['x-2', 'b', 'Running'],
      ['x-3', 'a', 'Running'],
      ['x-4', 'b', 'Running'],
      ['y', 'b', 'Running'],
      ['z', undefined, 'Pending'],
    ]);
    expect(cluster.pods[5]).toMatchObject({ips: [], endpointId: 0, ready: false});
  });

  it('says what is exhausted', async () => {
    const full = {podCIDR: '10.0.1.0/29', nodeCIDRMaskSize: 29, nodes: 1, dns: false, pods: [{name: 'p', replicas: 5}]};
    expect(await errorText(loadSpec(full))).toContain(
      'pod default/p-5: no free address in 10.0.1.0/29 of node node1 (6 usable)',
    );
    expect(await errorText(loadSpec({underlay: {vnet: '10.0.0.0/29'}, nodes: 6}))).toContain(
      'node node6: no free address in 10.0.0.0/29',
    );
    const services = Array.from({length: 15}, (_, i) => ({name: `s${i}`, ports: [80]}));
    expect(await errorText(loadSpec({serviceCIDR: '10.96.0.0/28', services}))).toContain(
      'no free ClusterIP in 10.96.0.0/28',
    );
    const ports = Array.from({length: 3}, (_, i) => ({name: `s${i}`, type: 'NodePort', ports: [80]}));
    expect(await errorText(loadSpec({cilium: {'node-port-range': '30000,30001'}, services: ports}))).toContain(
      'service default/s2: no free node port in 30000-30001',
    );
  });

  it('tells overlapping ranges', async () => {
    const nodes = [
      {name: 'a', podCIDR: '10.244.0.0/23'},
      {name: 'b', podCIDR: '10.244.1.0/24'},
    ];
    expect(await errorText(loadSpec({nodes}))).toContain(
      'node b: pod CIDR 10.244.1.0/24 overlaps 10.244.0.0/23 of node a',
    );
    const warnings = (await loadSpec({podCIDR: '10.96.0.0/16', serviceCIDR: '10.96.0.0/12', nodes: 1})).notes;
    expect(warnings.filter((note) => note.level === 'warning').map((note) => note.message)).toEqual([
      'pod CIDR 10.96.0.0/16 and service CIDR 10.96.0.0/12 overlap',
    ]);
    const inside = await loadSpec({podCIDR: '10.0.0.0/16', nodes: 1});
    expect(inside.notes.find((note) => note.level === 'warning')!.message).toBe(
      'node node1: address 10.0.0.5 lies in the pod CIDR 10.0.0.0/16',
    );
  });

  it('allocates ClusterIPs and node ports above the band for stated ones', async () => {
    const services = [
      {name: 'a', ports: [80]},
      {
        name: 'b',
        type: 'NodePort',
        ports: [
          {name: 'x', port: 80, nodePort: 30086},
          {name: 'y', port: 81},
        ],
      },
      {name: 'h', clusterIP: 'None', ports: [80]},
      {name: 'l', type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [443]},
    ];
    const cluster = await loadSpec({dns: false, services});
    expect(cluster.services.map((s) => s.clusterIps.map(formatIp).join())).toEqual([
      '10.96.0.1',
      '10.96.1.1',
      '10.96.1.2',
      '',
      '10.96.1.3',
    ]);
    expect(cluster.services[2]!.ports.map((port) => port.nodePort)).toEqual([30086, 30087]);
    expect(cluster.services[4]).toMatchObject({ports: [{nodePort: 30088}], healthCheckNodePort: 30089});
  });
});

describe('addresses that no host has', () => {
  it.each([
    [{nodes: [{name: 'a', ip: '255.255.255.255'}]}, 'node a: 255.255.255.255 is a broadcast address'],
    [{nodes: [{name: 'a', ip: '0.0.0.0'}]}, 'node a: 0.0.0.0 is the unspecified address'],
    [{nodes: 2, pods: [{name: 'p', ip: '224.0.0.9'}]}, 'pod default/p: 224.0.0.9 is a multicast address'],
    [{nodes: 2, pods: [{name: 'p', ip: '127.0.0.9'}]}, 'pod default/p: 127.0.0.9 is a loopback address'],
    [{services: [{name: 's', clusterIP: '239.0.0.1', ports: [80]}]}, 'service default/s: 239.0.0.1 is a multicast'],
    [{nodes: 2, pods: [{name: 'p', mac: 'ff:ff:ff:ff:ff:ff'}]}, 'expected a MAC address of one host'],
    [{nodes: [{name: 'a', mac: '01:00:5e:00:00:01'}]}, 'expected a MAC address of one host'],
    [{nodes: [{name: 'a', mac: '00:00:00:00:00:00'}]}, 'expected a MAC address of one host'],
  ])('%j', async (spec, message) => {
    expect(await errorText(loadSpec(spec))).toContain(message);
  });

  it('leaves their neighbours alone', async () => {
    const {pods} = await loadSpec({nodes: 2, pods: [{name: 'p', ip: '223.255.255.254', mac: 'fe:ff:ff:ff:ff:ff'}]});
    expect(pods.find(({name}) => name === 'p')?.mac).toBe(0xfeffffffffff);
  });
});
