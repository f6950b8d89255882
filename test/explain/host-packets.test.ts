/** Host policies: what set analysis says of connections of nodes, and what happens to packets. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../src/cluster/model.js';
import type {ClusterSpec} from '../../src/cluster/spec.js';
import {parseTraffic} from '../../src/cluster/traffic.js';
import {createControl} from '../../src/control/control.js';
import {simulate} from '../../src/datapath/run/simulate.js';
import {isDenied, why} from '../../src/explain/why/why.js';
import {formatIp, isIp4} from '../../src/wire/addr.js';
import {ciliumPolicies, clusterWith, hostPolicies, labSpec, nodePeers} from './random-policies.js';

/** Two nodes that policies tell apart, the second with the API server. */
function labWith(cilium: Readonly<Record<string, boolean | string>>): ClusterSpec {
  return {
    ...labSpec,
    nodes: [
      {name: 'node1', labels: {role: 'edge', 'kubernetes.io/hostname': 'node1'}},
      {name: 'node2', labels: {role: 'core'}, apiserver: true},
    ],
    cilium: {...labSpec.cilium, 'enable-host-firewall': true, ...cilium},
  };
}

const modes = fc.constantFrom<Readonly<Record<string, boolean | string>>>(
  {'tunnel-protocol': 'vxlan'},
  {'tunnel-protocol': 'geneve', 'enable-endpoint-routes': true},
  {'tunnel-protocol': 'vxlan', 'enable-host-legacy-routing': true},
  {'routing-mode': 'native', 'auto-direct-node-routes': true},
  {'tunnel-protocol': 'vxlan', 'policy-cidr-match-mode': 'nodes', 'enable-node-selector-labels': true},
  {'routing-mode': 'native', 'auto-direct-node-routes': true, 'policy-cidr-match-mode': 'nodes'},
  {'tunnel-protocol': 'vxlan', 'policy-cidr-match-mode': 'nodes,pods'},
  {'tunnel-protocol': 'geneve', 'enable-ipv6': true, 'enable-bpf-masquerade': true},
  {'kube-proxy-replacement': false, 'enable-bpf-masquerade': false},
);

const ends = ['one/a', 'one/b', 'two/a', 'node1', 'node2', '203.0.113.9', '198.51.100.1'];
const ports = ['22/tcp', '8080/tcp', '9000/udp', 'icmp'];

/** All pairs that have a route: none leads from outside to a pod. With IPv6, nodes by those addresses besides. */
function linesOf({nodes, cilium}: Cluster): string[] {
  const sixes = cilium.enableIpv6 ? nodes.map(({ips}) => `[${formatIp(ips.find((ip) => !isIp4(ip))!)}]`) : [];
  const more = sixes.flatMap((to) =>
    ['one/a', 'two/a', 'node1', 'node2'].flatMap((from) => [`${from} -> ${to}:22/tcp`, `${from} -> ${to}:9000/udp`]),
  );
  return [...lines, ...more];
}

const lines = ends.flatMap((from) =>
  ends
    .filter((to) => to !== from && (!/^\d/.test(from) || to.startsWith('node')))
    .flatMap((to) => ports.map((port) => (port === 'icmp' ? `${from} -> ${to}/icmp` : `${from} -> ${to}:${port}`))),
);

/** Whether anything came back. */
function passed(cluster: Cluster, own: readonly string[]): boolean[] {
  const traffic = own.map((line) => parseTraffic(line, cluster));
  const {apps} = simulate({control: createControl(cluster), traffic, seed: 1, observers: []});
  return apps.map((app) => app.replies + app.established + app.refused + app.unreachable > 0);
}

describe('host policies', () => {
  it('set analysis and packets agree', {timeout: 180_000}, () => {
    let [open, shut] = [0, 0];
    fc.assert(
      fc.property(hostPolicies, ciliumPolicies, nodePeers, modes, (hosts, pods, peers, mode) => {
        const cluster = clusterWith([...hosts, ...pods.slice(0, 1), ...peers], labWith(mode));
        const control = createControl(cluster);
        const own = linesOf(cluster);
        const expected = own.map((line) => {
          const {from, to, protocol, port} = parseTraffic(line, cluster);
          return !why(control, {from, to, protocol, port}, 'cilium').some(isDenied);
        });
        const actual = passed(cluster, own);
        expect(own.filter((_, i) => actual[i])).toEqual(own.filter((_, i) => expected[i]));
        for (const one of expected) one ? open++ : shut++;
      }),
      {numRuns: 40, seed: 7},
    );
    expect(Math.min(open, shut)).toBeGreaterThan(500);
  });
});
