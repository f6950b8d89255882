/** What set analysis says and what happens to packets: the two know nothing of each other. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Cluster, L4Name} from '../../src/cluster/model.js';
import {parseTraffic} from '../../src/cluster/traffic.js';
import {createControl} from '../../src/control/control.js';
import {createKubernetesPolicies, type Party} from '../../src/control/policy/kubernetes.js';
import {intersect, portRange} from '../../src/control/policy/ports.js';
import {simulate} from '../../src/datapath/run/simulate.js';
import {listWorkloads} from '../../src/explain/parties.js';
import {isDenied, why} from '../../src/explain/why/why.js';
import {parseIp} from '../../src/wire/addr.js';
import {ciliumPolicies, clusterWith, networkPolicies} from './random-policies.js';

interface Probe {
  readonly line: string;
  readonly from: Party;
  readonly to: Party;
  readonly protocol: L4Name;
  readonly port: number;
}

const outside = ['203.0.113.9', '203.0.113.200', '203.0.7.7', '198.51.100.1'];

function probes(cluster: Cluster): Probe[] {
  const pods = listWorkloads(cluster);
  const name = ({namespace, pods: [pod]}: (typeof pods)[number]) => `${namespace}/${pod!.name}`;
  const inside = pods.flatMap((from) =>
    pods.flatMap((to) =>
      from === to
        ? []
        : (
            [
              ['TCP', to.namespace === 'one' ? 8080 : 8081],
              ['TCP', 8079],
              ['UDP', 9000],
            ] as const
          ).map(([protocol, port]) => ({
            line: `${name(from)} -> ${name(to)}:${port}/${protocol.toLowerCase()}`,
            from,
            to,
            protocol,
            port,
          })),
    ),
  );
  const out = pods.flatMap((from) =>
    outside.map((ip) => ({
      line: `${name(from)} -> ${ip}:8080/tcp`,
      from,
      to: {kind: 'external' as const, ip: parseIp(ip)!},
      protocol: 'TCP' as const,
      port: 8080,
    })),
  );
  return [...inside, ...out];
}

/** Whether anything came back: an answer, a connection, or the word that nobody listens there. */
function passed(cluster: Cluster, list: readonly Pick<Probe, 'line'>[]): boolean[] {
  const traffic = list.map(({line}) => parseTraffic(line, cluster));
  const {apps} = simulate({control: createControl(cluster), traffic, seed: 1, observers: []});
  return apps.map((app) => app.replies + app.established + app.refused + app.unreachable > 0);
}

describe('set analysis and packets', () => {
  it('agree on random network policies', {timeout: 120_000}, () => {
    let [open, shut] = [0, 0];
    fc.assert(
      fc.property(networkPolicies, (policies) => {
        const cluster = clusterWith(policies);
        const rules = createKubernetesPolicies(cluster.policies ?? []);
        const list = probes(cluster);
        const expected = list.map(
          ({from, to, protocol, port}) =>
            intersect(rules.allowed(from, to), portRange(protocol, port, port)).length > 0,
        );
        const actual = passed(cluster, list);
        expect(list.filter((_, i) => actual[i]).map(({line}) => line)).toEqual(
          list.filter((_, i) => expected[i]).map(({line}) => line),
        );
        for (const one of expected) one ? open++ : shut++;
      }),
      {numRuns: 40, seed: 4},
    );
    // both happen often enough to mean something
    expect(Math.min(open, shut)).toBeGreaterThan(500);
  });

  it('agree on random Cilium policies, ping included', {timeout: 120_000}, () => {
    let [open, shut] = [0, 0];
    fc.assert(
      fc.property(ciliumPolicies, (policies) => {
        const cluster = clusterWith(policies);
        const control = createControl(cluster);
        const lines = [
          ...probes(cluster).map(({line}) => line),
          ...listWorkloads(cluster).flatMap(({pods: [pod]}) => [
            `${pod!.namespace}/${pod!.name} -> one/a/icmp`,
            `${pod!.namespace}/${pod!.name} -> 203.0.113.200/icmp`,
            `node1 -> ${pod!.namespace}/${pod!.name}:9000/udp`,
          ]),
        ].filter((line) => !line.startsWith('one/a -> one/a'));
        const expected = lines.map((line) => {
          const {from, to, protocol, port} = parseTraffic(line, cluster);
          return !why(control, {from, to, protocol, port}, 'cilium').some(isDenied);
        });
        const actual = passed(
          cluster,
          lines.map((line) => ({line})),
        );
        expect(lines.filter((_, i) => actual[i])).toEqual(lines.filter((_, i) => expected[i]));
        for (const one of expected) one ? open++ : shut++;
      }),
      {numRuns: 40, seed: 11},
    );
    expect(Math.min(open, shut)).toBeGreaterThan(500);
  });
});
