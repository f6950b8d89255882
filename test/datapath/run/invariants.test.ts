/** What must hold of every frame of every run. */
import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../../src/cluster/model.js';
import {get16, toHex} from '../../../src/wire/bytes.js';
import {checksum} from '../../../src/wire/checksum.js';
import {GENEVE_TEB, geneveHeaderLength, geneveProtocol} from '../../../src/wire/geneve.js';
import {
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4TotalLength,
} from '../../../src/wire/ipv4.js';
import {IPV6_HEADER, ipv6PayloadLength, ipv6Upper} from '../../../src/wire/ipv6.js';
import {verifyL4Checksum} from '../../../src/wire/l4.js';
import {demo, dualStack, type Lab, pair, runLab} from './lab.js';

const clusters: readonly (readonly [string, () => Cluster, readonly string[]])[] = [
  ['geneve', () => pair(), []],
  ['vxlan', () => pair({cilium: {'tunnel-protocol': 'vxlan'}}), []],
  [
    'native',
    () => pair({podCIDR: '10.244.0.0/16', cilium: {'routing-mode': 'native', 'auto-direct-node-routes': true}}),
    [],
  ],
  ['legacy routing', () => pair({cilium: {'enable-host-legacy-routing': true}}), []],
  ['endpoint routes', () => pair({cilium: {'enable-endpoint-routes': true, 'enable-host-legacy-routing': true}}), []],
  ['socket LB', () => pair({cilium: {'bpf-lb-sock': true}}), ['node/node1 -> s:80/http']],
  ['kube-proxy', () => pair({profile: 'kube-proxy', cilium: {}}), ['node/node1 -> s:80/http']],
  [
    'Cilium beside kube-proxy',
    () => pair({cilium: {'kube-proxy-replacement': false, 'enable-bpf-masquerade': false}}),
    [],
  ],
  ['fixed VNI', () => pair({fixedVni: 1}), []],
  ['XDP', () => pair({cilium: {'bpf-lb-acceleration': 'native'}}), []],
  ['aks-overlay', () => pair({profile: 'aks-overlay', cilium: {}}), []],
  ['IPv6 alone, over IPv6', () => pair({podCIDR: 'fd00:32::/48', serviceCIDR: 'fd00:96::/112'}), []],
  [
    'IPv6 alone, VXLAN',
    () => pair({podCIDR: 'fd00:32::/48', serviceCIDR: 'fd00:96::/112', cilium: {'tunnel-protocol': 'vxlan'}}),
    [],
  ],
  [
    'dual stack',
    () => pair(dualStack),
    [
      'a -> [fd00:32:0:1::3]/icmp x2',
      'a -> [fd00:32:0:1::3]:8080/http',
      'a -> [fd00:32:0:1::3]:8080/udp size=3000',
      'a -> [fd00:32:0:1::3]:99/udp',
      'a -> [2001:db8::7]:443/tcp',
    ],
  ],
];

/** One of everything; all of it gets an answer. */
const mixed = [
  'a -> b/icmp x2',
  'a -> b:8080/udp size=3000 x2',
  'a -> b:8080/tcp size=20000',
  'a -> s:80/http x3 every=0s',
  'a -> s.default.svc.cluster.local:80/http',
  'a -> s/dns',
  'a -> 198.51.100.7:443/tcp',
  'a -> node/node2/icmp',
  'a -> node/node1:22/tcp',
  '203.0.113.9 -> node/node1:30080/http',
  'node/node1 -> b/icmp',
  'node/node1 -> node/node2:22/tcp',
];

/** The same without IPv4. */
const traffic6 = [
  'a -> b/icmp x2',
  'a -> b:8080/udp size=3000 x2',
  'a -> b:8080/tcp size=20000 x3',
  'a -> s:80/http x3 every=0s',
  'a -> s.default.svc.cluster.local:80/http',
  'a -> s/dns',
  'a -> [2001:db8::7]:443/tcp',
  'a -> node/node2/icmp',
  '[2001:db8::9] -> node/node1:30080/http',
  'node/node1 -> b/icmp',
];

describe.each(clusters)('%s', (name, cluster, more) => {
  const lab = runLab(cluster(), [...(name.startsWith('IPv6') ? traffic6 : mixed), ...more]);

  it('answers everything', () => {
    const unanswered = lab.result.apps.filter((app) =>
      app.spec.text.includes(':99') ? app.refused === 0 : app.replies !== app.spec.count,
    );
    expect(unanswered.map((app) => `${app.spec.text}: ${app.errors.join()}`)).toEqual([]);
  });

  it('has correct lengths and checksums in every frame, inner ones too', () => {
    expect(lab.frames.length).toBeGreaterThan(300);
    for (const frame of lab.frames)
      check(frame.bytes, 0, frame.bytes.length, `${frame.at} #${frame.packet} ${toHex(frame.bytes)}`);
  });

  it('keeps frames and events in time order', () => {
    for (const list of [lab.frames, lab.events, lab.apps])
      for (let i = 1; i < list.length; i++) expect(list[i]!.time).toBeGreaterThanOrEqual(list[i - 1]!.time);
  });

  it('counts what the taps see', () => {
    for (const point of lab.result.points) {
      const place = `${point.pod ?? point.node} ${point.device}`;
      const counters = lab.result.counters(point.node, point.pod, point.device);
      expect(counters.rxPackets, place).toBe(lab.at(`${place} in`).length);
      if (point.device !== 'lo') expect(counters.txPackets, place).toBe(lab.at(`${place} out`).length);
    }
  });
});

function check(b: Uint8Array, start: number, end: number, text: string): void {
  const ip = start + 14;
  const type = get16(b, start + 12);
  if (type === 0x0806) return void expect(end - ip, text).toBe(28);
  if (type === 0x86dd) {
    expect(end - ip, text).toBe(IPV6_HEADER + ipv6PayloadLength(b, ip));
    const upper = ipv6Upper(b, ip, end);
    expect(upper.ok, text).toBe(true);
    if (upper.ok && !upper.fragment) expect(verifyL4Checksum(b, ip, end), text).not.toBe(false);
    return;
  }
  expect(type, text).toBe(0x0800);
  expect(end - ip, text).toBe(ipv4TotalLength(b, ip));
  expect(checksum(b, ip, ip + ipv4HeaderLength(b, ip)), text).toBe(0);
  if (ipv4FragmentOffset(b, ip) > 0 || ipv4MoreFragments(b, ip)) return;
  expect(verifyL4Checksum(b, ip, end), text).not.toBe(false);
  const udp = ip + ipv4HeaderLength(b, ip);
  const port = ipv4Protocol(b, ip) === 17 ? get16(b, udp + 2) : 0;
  if (port === 6081) {
    expect(geneveProtocol(b, udp + 8), text).toBe(GENEVE_TEB);
    check(b, udp + 8 + geneveHeaderLength(b, udp + 8), end, text);
  } else if (port === 8472) check(b, udp + 16, end, text);
}

function bytesOf(lab: Lab): string[] {
  return lab.frames.map((f) => `${f.time} ${f.at} ${toHex(f.bytes)}`);
}

describe('determinism', () => {
  const lines = [
    'pod-a -> pod-b/icmp x3',
    'pod-a -> my-svc:80/http x5',
    'pod-a -> my-svc.default.svc.cluster.local:80/http at=2s',
  ];

  it('same seed, same bytes', () => {
    expect(bytesOf(runLab(demo(), lines, 7))).toEqual(bytesOf(runLab(demo(), lines, 7)));
  });

  it('another seed, other ports and backends', () => {
    expect(bytesOf(runLab(demo(), lines, 7))).not.toEqual(bytesOf(runLab(demo(), lines, 8)));
  });
});
