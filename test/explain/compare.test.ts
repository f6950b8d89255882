/** `compare`: figures of runs, held against what they must add up to. */
import {describe, expect, it} from 'vitest';
import {definitionOf, demoCluster} from '../../src/cluster/demo.js';
import {resolve} from '../../src/cluster/resolve.js';
import type {ClusterSpec} from '../../src/cluster/spec.js';
import {
  carry,
  encapsulations,
  measureServices,
  pairOfPods,
  serviceCapacity,
  translations,
  withServices,
} from '../../src/explain/compare/compare.js';
import {runCompare} from '../../src/explain/compare/main.js';
import {comparisonSvg} from '../../src/explain/compare/svg.js';
import {memoryIo} from '../memory-io.js';

const demo = demoCluster();
const cluster = (changes: Partial<ClusterSpec>) => resolve(definitionOf('own', 'own', {nodes: 2, ...changes}));
const none = {cluster: [], set: [], traffic: [], node: undefined, pod: undefined, seed: undefined};
const few = {services: [5, 50], endpoints: 3, mtus: [1500], samples: 5} as const;

describe('between nodes', () => {
  it.each(encapsulations)('%s: the same bytes however services are translated', (encapsulation) => {
    const results = translations.map((translation) => carry(demo, encapsulation, translation, [1500, 9000]));
    const overhead = encapsulation === 'native' ? 0 : 14 + 20 + 8 + 8;
    for (const result of results) {
      expect(result?.overhead).toBe(overhead);
      expect(result?.goodput.map(({mtu, payload, frame}) => [mtu, payload, frame])).toEqual([
        [1500, 1500 - overhead - 28, 1514],
        [9000, 9000 - overhead - 28, 9014],
      ]);
    }
  });

  it('over IPv6 the outer header is 20 bytes longer', () => {
    const six = cluster({
      podCIDR: 'fd00:32::/48',
      serviceCIDR: 'fd00:96::/112',
      underlay: {vnet: 'fd00:10::/64'},
      pods: ['node1', 'node2'].map((node, i) => ({name: `pod-${i}`, node})),
    });
    for (const encapsulation of encapsulations)
      expect(carry(six, encapsulation, 'nftables', [1500])).toMatchObject({
        overhead: encapsulation === 'native' ? 0 : 70,
        goodput: [{frame: 1514, payload: encapsulation === 'native' ? 1452 : 1382}],
      });
    expect(measureServices(withServices(six, 20, 2), 'nftables', 20)?.traversed.best).toBe(15);
  });

  it('goodput is what of the line is payload: frames have 24 bytes beside their own', () => {
    const [share] = carry(demo, 'vxlan', 'ebpf', [1500])?.goodput ?? [];
    expect(share?.share).toBeCloseTo(1422 / (1514 + 24), 10);
  });
});

describe('services', () => {
  it.each([10, 40, 160])('%i of them: iptables’ rules passed grow by one a service, the others stay', (count) => {
    const measured = translations.map((translation) => measureServices(withServices(demo, count, 4), translation, 12));
    const [ebpf, iptables, nftables, ipvs] = measured;
    expect(ebpf).toMatchObject({rules: 0, traversed: {worst: 0}, lookups: {best: 1, worst: 1}});
    expect((iptables?.traversed.worst ?? 0) - (iptables?.traversed.best ?? 0)).toBeGreaterThanOrEqual(count - 5);
    expect((iptables?.traversed.worst ?? 0) - (iptables?.traversed.best ?? 0)).toBeLessThanOrEqual(count + 5);
    expect(nftables?.traversed.worst).toBeLessThan(25);
    expect(ipvs).toMatchObject({rules: 32, traversed: {best: 18, worst: 18}});
  });

  it('rules installed are 2 + 3 for each endpoint, and those that are always there', () => {
    const rules = (count: number, endpoints: number) =>
      measureServices(withServices(demo, count, endpoints), 'iptables', 2)?.rules ?? 0;
    expect(rules(30, 4) - rules(10, 4)).toBe(20 * (2 + 3 * 4));
    expect(rules(30, 1) - rules(10, 1)).toBe(20 * (2 + 3));
  });

  it('addresses are of the service range, as many as it has', () => {
    const small = cluster({serviceCIDR: '10.96.0.0/24'});
    expect(serviceCapacity(small)).toBe(254);
    const ips = withServices(small, 254, 1).services.map(({clusterIps}) => clusterIps[0]);
    expect([new Set(ips).size, ips[0], ips.at(-1)]).toEqual([254, 0x0a600001, 0x0a6000fe]);
  });

  it('a cluster of one node has no two pods to measure between', () => {
    expect(pairOfPods(cluster({nodes: 1}))).toBeUndefined();
  });
});

describe('compare', () => {
  it('a cluster of kube-proxy is measured as if it had Cilium', async () => {
    const io = memoryIo({cwd: process.cwd()});
    const options = {...none, cluster: ['fixtures/kube-proxy.yaml']};
    expect(await runCompare(options, {...few, output: 'json'}, io)).toBe(0);
    const {services, carried, published} = JSON.parse(io.stdout.text);
    expect([services.length, carried.length]).toEqual([2 * 4, 3 * 4]);
    for (const {source} of published) expect(source).not.toBe('');
  });

  it('says what does not fit', async () => {
    const io = memoryIo();
    const wanted = runCompare(none, {...few, services: [2_000_000], output: 'table'}, io);
    await expect(wanted).rejects.toThrow(
      '2000000 services do not fit into the service range, which has room for 1048574',
    );
  });

  it('draws every result inside the picture', () => {
    const spread = (n: number) => ({best: n, median: n, worst: n});
    const services = [1, 7, 30_000].flatMap((count) =>
      translations.map((translation, i) => ({
        services: count,
        translation,
        rules: 1,
        entries: 1,
        traversed: spread(count * i),
        lookups: spread(0),
        sampled: 1,
      })),
    );
    const svg = comparisonSvg({cluster: 'own', endpoints: 1, carried: [], services});
    const points = [...svg.matchAll(/<circle cx="([\d.-]+)" cy="([\d.-]+)"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    expect(points).toHaveLength(12);
    for (const [x = 0, y = 0] of points) expect([x >= 0 && x <= 760, y >= 0 && y <= 440]).toEqual([true, true]);
    expect(svg).not.toContain('NaN');
  });
});
