/** The walk of packets through kube-proxy's chains: choice of endpoints, counters, verdicts, hops. */
import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../../src/cluster/model.js';
import {parseTraffic} from '../../../src/cluster/traffic.js';
import {createControl} from '../../../src/control/control.js';
import type {TableName} from '../../../src/control/kube-proxy/model.js';
import type {KernelEvent, Observer} from '../../../src/datapath/model.js';
import {RecentLists} from '../../../src/datapath/run/netfilter-walk.js';
import {simulate} from '../../../src/datapath/run/simulate.js';
import {deepDive, everyKind, plainCluster, rulesetOf} from '../../tools/iptables/clusters.js';
import {type Lab, runLab} from './lab.js';
import {walker} from './walker.js';

function many(count: number): Cluster {
  const endpoints = Array.from({length: count}, (_, i) => `10.32.2.${i + 10}:8080`);
  return plainCluster([{name: 'many', clusterIP: '10.96.10.50', ports: ['80:8080'], endpoints}]);
}

describe('choice of the endpoint', () => {
  it.each([2, 3, 7, 10])('%i endpoints: uniform within 3σ over 100,000 connections', (count) => {
    const {to} = walker(rulesetOf(many(count)), 7);
    const seen = new Map<string, number>();
    const n = 100_000;
    for (let i = 0; i < n; i++) {
      const where = to('10.32.1.10', '10.96.10.50', 80);
      seen.set(where, (seen.get(where) ?? 0) + 1);
    }
    expect(seen.size).toBe(count);
    const sigma = Math.sqrt(n * (1 / count) * (1 - 1 / count));
    for (const [where, times] of seen) expect(Math.abs(times - n / count), where).toBeLessThan(3 * sigma);
  });

  it('affinity keeps a client at its endpoint until the time is over', () => {
    const walking = walker(rulesetOf(everyKind));
    const ask = (client: string) => walking.to(client, '10.96.10.60', 80);
    const clients = Array.from({length: 20}, (_, i) => `10.32.1.${i + 10}`);
    const first = clients.map(ask);
    expect(new Set(first).size).toBe(2);
    walking.node.time = 599;
    expect(clients.map(ask)).toEqual(first);
    walking.node.time = 599 + 601;
    expect(clients.map(ask)).not.toEqual(first);
  });

  it('a list of xt_recent forgets the client seen longest ago', () => {
    const lists = new RecentLists();
    for (let i = 0; i < 100; i++) lists.set('l', i, 0);
    lists.set('l', 0, 1);
    lists.set('l', 1000, 1);
    expect([0, 1, 2, 1000].map((ip) => lists.check('l', ip, 0))).toEqual([true, false, true, true]);
  });
});

describe('verdicts and marks', () => {
  const walking = walker(rulesetOf(everyKind));
  const backend = /^DNAT 10\.32\.(2\.20|3\.30):8080$/;
  const marked = () => walking.packet.mark === 0x4000;

  it.each([
    ['a pod to a ClusterIP', '10.32.1.10', '10.96.10.50', 80, backend, false],
    ['from outside to a ClusterIP', '192.0.2.1', '10.96.10.50', 80, backend, true],
    ['to a node port', '192.0.2.1', '10.0.0.5', 30080, backend, true],
    ['to a node port on another host', '192.0.2.1', '10.0.0.6', 30080, /^accept$/, false],
    ['to another port of the ClusterIP', '10.32.1.10', '10.96.10.50', 81, /^accept$/, false],
    ['to an external IP', '192.0.2.1', '203.0.113.10', 80, backend, true],
    ['an allowed client to the load balancer', '203.0.113.200', '203.0.113.20', 80, backend, true],
    ['another client to the load balancer', '203.0.113.5', '203.0.113.20', 80, /^accept$/, false],
    ['a node port with Local policy, no endpoint here', '192.0.2.1', '10.0.0.5', 30082, /^accept$/, false],
    ['a pod to that node port', '10.32.1.10', '10.0.0.5', 30082, backend, false],
    ['the node to that node port', '10.0.0.5', '10.0.0.5', 30082, backend, true],
  ])('%s', (_title, from, to, port, want, mark) => {
    expect(walking.to(from, to, port)).toMatch(want);
    expect(marked()).toBe(mark);
  });

  it('an endpoint that reaches itself is masqueraded', () => {
    const alone = walker(rulesetOf(many(1)));
    expect(alone.to('10.32.2.10', '10.96.10.50', 80)).toBe('DNAT 10.32.2.10:8080');
    expect(alone.packet.mark).toBe(0x4000);
  });

  it.each([
    ['no endpoints', 'FORWARD', '10.96.10.70', 80, 'reject'],
    ['no endpoints, node port', 'INPUT', '10.0.0.5', 31000, 'reject'],
    ['no endpoints, external IP', 'FORWARD', '203.0.113.70', 80, 'reject'],
    ['no local endpoints', 'INPUT', '10.0.0.5', 30082, 'drop'],
    ['no local endpoints, load balancer', 'FORWARD', '203.0.113.30', 80, 'drop'],
    ['internal policy Local', 'FORWARD', '10.96.10.90', 80, 'drop'],
    ['outside the source ranges', 'FORWARD', '203.0.113.20', 80, 'drop'],
    ['health check', 'INPUT', '10.0.0.5', 30999, 'accept'],
    ['a service with endpoints', 'FORWARD', '10.96.10.50', 80, 'accept'],
  ])('table filter: %s', (_title, chain, to, port, want) =>
    expect(walking.to('192.0.2.1', to, port, 'filter', chain)).toBe(want),
  );
});

describe('a run', () => {
  const hopsOf = (lab: Lab) =>
    lab.events.filter((e): e is KernelEvent & Required<Pick<KernelEvent, 'hops'>> => e.kind === 'kernel' && !!e.hops);
  it('lists the hops of a new connection once, and none of the ones behind it', () => {
    const lab = runLab(deepDive, ['pod-a -> my-svc:80/tcp']);
    const [first, ...others] = hopsOf(lab).filter((e) => e.node === 'node1');
    expect(first!.hops.map(({table, chain, target}) => [table, chain, target])).toEqual([
      ['nat', 'PREROUTING', 'KUBE-SERVICES'],
      ['nat', 'KUBE-SERVICES', 'KUBE-SVC-47A34DUXEKI5C4R3'],
      ['nat', 'KUBE-SVC-47A34DUXEKI5C4R3', expect.stringMatching(/^KUBE-SEP-(KSMYW6IOB6IQWRDP|Y7FBZNLZPF4LDBHX)$/)],
      ['nat', expect.stringMatching(/^KUBE-SEP-/), 'DNAT'],
    ]);
    expect(first!.text).toMatch(/^node1: nat PREROUTING 1 → KUBE-SERVICES 1 → .*: DNAT to 10\.32\.\d\.\d0:8080$/);
    expect(others).toEqual([]);
  });

  it('counts the first packet in nat and all of them in filter', () => {
    const control = createControl(deepDive);
    const traffic = [parseTraffic('pod-a -> my-svc:80/http', deepDive)];
    let packets = 0;
    const frame: Observer['frame'] = (point, _time, direction, bytes, start) => {
      const out =
        direction === 'out' && (point.pod === 'default/pod-a' || (!point.pod && /^lxc|^veth/.test(point.device)));
      if (out && point.node === 'node1' && bytes[start + 12] === 8 && bytes[start + 13] === 0) packets++;
    };
    const result = simulate({control, traffic, seed: 1, observers: [{frame}]});
    const rules = (name: TableName, chain: string) =>
      control
        .state('node1')
        .rulesets![0]!.tables.find((t) => t.name === name)!
        .chains.get(chain)!;
    const counters = result.ruleCounters('node1');
    expect(counters.rule(rules('nat', 'KUBE-SERVICES').rules[0]!)).toEqual({packets: 1, bytes: 60});
    expect(packets).toBeGreaterThan(5);
    expect(counters.rule(rules('filter', 'FORWARD').rules[1]!).packets).toBe(packets);
    expect(counters.policy(rules('mangle', 'PREROUTING')).packets).toBe(packets);
    const [invalid, mark, established] = rules('filter', 'KUBE-FORWARD').rules.map(
      (rule) => counters.rule(rule).packets,
    );
    expect([invalid, mark, established]).toEqual([0, 0, packets - 1]);
  });

  it('from outside: masqueraded by the rules, with the mark taken off again', () => {
    const lab = runLab(everyKind, ['203.0.113.9 -> node/node1:30080/tcp']);
    const texts = hopsOf(lab)
      .filter((e) => e.node === 'node1')
      .map((e) => e.text);
    expect(texts[0]).toContain('KUBE-MARK-MASQ 1');
    expect(texts[1]).toBe('node1: nat POSTROUTING 1 → KUBE-POSTROUTING 2 → KUBE-POSTROUTING 3: MASQUERADE');
    expect(lab.result.apps[0]).toMatchObject({replies: 1});
  });

  it('refused and dropped', () => {
    const lab = runLab(everyKind, ['pod-a -> empty:80/tcp', 'pod-a -> inside:80/tcp at=5s']);
    expect(lab.result.apps[0]).toMatchObject({refused: 1});
    expect(lab.result.apps[1]).toMatchObject({refused: 0, replies: 0, timeouts: 1});
    const ends = hopsOf(lab)
      .filter((e) => e.action === 'discard')
      .map((e) => e.text.replace(/.*: /, ''));
    expect(new Set(ends)).toEqual(new Set(['REJECT', 'DROP']));
  });

  it('same seed, same endpoints', () => {
    const once = () => hopsOf(runLab(deepDive, ['pod-a -> my-svc:80/http x8 every=100ms'], 3)).map((e) => e.text);
    expect(once()).toEqual(once());
  });
});
