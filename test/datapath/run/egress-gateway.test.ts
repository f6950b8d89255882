/** Egress gateway: which way packets take, with which address, and back. */
import {describe, expect, it} from 'vitest';
import {definitionOf} from '../../../src/cluster/demo.js';
import type {EgressGateway, EgressGatewayPolicy} from '../../../src/cluster/model.js';
import {resolve} from '../../../src/cluster/resolve.js';
import type {ClusterSpec} from '../../../src/cluster/spec.js';
import {createControl} from '../../../src/control/control.js';
import {formatIp, formatPrefix, parseIp, parsePrefix} from '../../../src/wire/addr.js';
import {get16} from '../../../src/wire/bytes.js';
import {ipv4Destination, ipv4Source} from '../../../src/wire/ipv4.js';
import {ipv6Destination, ipv6Source} from '../../../src/wire/ipv6.js';
import {dualStack, runLab} from './lab.js';

const everywhere = [{key: 'egress', operator: 'In' as const, values: ['yes']}];

function cluster(gateways: EgressGateway[], cilium: ClusterSpec['cilium'] = {}) {
  const spec: ClusterSpec = {
    nodes: [{name: 'node1'}, {name: 'node2', labels: {egress: 'yes'}}],
    pods: [
      {name: 'client', node: 'node1', labels: {app: 'client'}},
      {name: 'near', node: 'node2', labels: {app: 'client'}},
      {name: 'other', node: 'node1'},
      {name: 'server', node: 'node2', ports: [80]},
    ],
    cilium: {
      'tunnel-protocol': 'geneve',
      'kube-proxy-replacement': true,
      'enable-bpf-masquerade': true,
      'enable-egress-gateway': true,
      ...cilium,
    },
  };
  const policy: EgressGatewayPolicy = {
    name: 'out',
    selectors: [{pods: [{key: 'app', operator: 'In', values: ['client']}], namespaces: [], nodes: []}],
    destinations: [parsePrefix('0.0.0.0/0')!],
    excluded: [parsePrefix('203.0.113.0/24')!],
    gateways,
  };
  return resolve({...definitionOf('egress', 'egress', spec), egressPolicies: [policy]});
}

function sources(lab: ReturnType<typeof runLab>, node: string, to: string): string[] {
  const frames = lab.at(`${node} eth0 out`).filter((b) => get16(b, 12) === 0x0800);
  return frames.filter((b) => ipv4Destination(b, 14) === parseIp(to)).map((b) => formatIp(ipv4Source(b, 14)));
}

const drops = (lab: ReturnType<typeof runLab>) => lab.events.flatMap((e) => (e.kind === 'drop' ? [e.reason] : []));

describe.each([
  ['tunnel', {}],
  ['native', {'routing-mode': 'native', 'auto-direct-node-routes': true}],
] as const)('in %s mode', (_name, cilium) => {
  it('a pod asks the world with the address of the gateway', () => {
    const lab = runLab(cluster([{nodes: everywhere}], cilium), [
      'client -> 198.51.100.7:443/http',
      'client -> 198.51.100.7/icmp',
    ]);
    const gateway = formatIp(lab.cluster.nodes[1]!.ips[0]!);
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1, 1]);
    expect(sources(lab, 'node1', '198.51.100.7')).toEqual([]);
    expect(new Set(sources(lab, 'node2', '198.51.100.7'))).toEqual(new Set([gateway]));
    expect([...lab.result.runtime('node2').nat.entries()].every((e) => e.needsCt)).toBe(true);
    expect([...lab.result.runtime('node1').nat.entries()]).toEqual([]);
  });

  it('a pod of the gateway itself, others, excluded destinations and the cluster are not redirected', () => {
    const lines = [
      'near -> 198.51.100.7/icmp',
      'other -> 198.51.100.8/icmp',
      'client -> 203.0.113.9/icmp',
      'client -> server:80/http',
    ];
    const lab = runLab(cluster([{nodes: everywhere}], cilium), lines);
    const [one, two] = lab.cluster.nodes.map((node) => formatIp(node.ips[0]!));
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1, 1, 1, 1]);
    expect(sources(lab, 'node2', '198.51.100.7')).toEqual([two]);
    expect(sources(lab, 'node1', '198.51.100.8')).toEqual([one]);
    expect(sources(lab, 'node1', '203.0.113.9')).toEqual([one]);
  });
});

describe('what is missing', () => {
  it('without a gateway node packets are dropped: 194', () => {
    expect(
      new Set(
        drops(
          runLab(cluster([{nodes: [{key: 'x', operator: 'Exists', values: []}]}]), ['client -> 198.51.100.7/icmp']),
        ),
      ),
    ).toEqual(new Set([194]));
  });

  it('without the egress address on it: 204', () => {
    const lab = runLab(cluster([{nodes: everywhere, egressIp: parseIp('10.0.0.200')!}]), [
      'client -> 198.51.100.7/icmp',
    ]);
    expect(new Set(drops(lab))).toEqual(new Set([204]));
    expect(lab.events.filter((e) => e.kind === 'drop').every((e) => e.node === 'node2')).toBe(true);
  });

  it('nothing happens where the agent is not asked to', () => {
    const lab = runLab(cluster([{nodes: everywhere}], {'enable-egress-gateway': false}), [
      'client -> 198.51.100.7/icmp',
    ]);
    expect(sources(lab, 'node1', '198.51.100.7')).toHaveLength(1);
  });
});

it('every node has the entries; only the gateway knows the address', () => {
  const control = createControl(cluster([{nodes: everywhere}, {nodes: everywhere, device: 'eth9'}]));
  const rows = (node: string) =>
    control
      .state(node)
      .egress!.entries.map((e) => `${formatPrefix(e.destination)} ${formatIp(e.egressIp)} ${formatIp(e.gatewayIp)}`);
  expect(rows('node1')).toHaveLength(4);
  expect(rows('node1').every((row) => row.split(' ')[1] === '0.0.0.0')).toBe(true);
  expect(rows('node1').filter((row) => row.endsWith(' 0.0.0.1'))).toHaveLength(2);
});

describe('IPv6', () => {
  const WORLD = '2001:db8:7::9';

  function dual(gateways: EgressGateway[], cilium: ClusterSpec['cilium'] = {}, destinations = ['::/0', '0.0.0.0/0']) {
    const spec: ClusterSpec = {
      ...dualStack,
      underlay: {vnet: ['10.0.0.0/16', 'fd00:10::/64']},
      nodes: [{name: 'node1'}, {name: 'node2', labels: {egress: 'yes'}}],
      pods: [
        {name: 'client', node: 'node1', labels: {app: 'client'}},
        {name: 'near', node: 'node2', labels: {app: 'client'}},
        {name: 'other', node: 'node1'},
      ],
      cilium: {
        'tunnel-protocol': 'geneve',
        'enable-ipv6': true,
        'kube-proxy-replacement': true,
        'enable-bpf-masquerade': true,
        'enable-egress-gateway': true,
        ...cilium,
      },
    };
    const policy: EgressGatewayPolicy = {
      name: 'out',
      selectors: [{pods: [{key: 'app', operator: 'In', values: ['client']}], namespaces: [], nodes: []}],
      destinations: destinations.map((text) => parsePrefix(text)!),
      excluded: [parsePrefix('2001:db8:bad::/48')!],
      gateways,
    };
    return resolve({...definitionOf('egress', 'egress', spec), egressPolicies: [policy]});
  }

  /** Sources of plain IPv6 packets to an address on a node's wire. */
  function plain(lab: ReturnType<typeof runLab>, node: string, to: string): Set<string> {
    const frames = lab.at(`${node} eth0 out`).filter((b) => get16(b, 12) === 0x86dd);
    return new Set(
      frames.filter((b) => ipv6Destination(b, 14) === parseIp(to)).map((b) => formatIp(ipv6Source(b, 14))),
    );
  }

  const address6 = (lab: ReturnType<typeof runLab>, node: number) => formatIp(lab.cluster.nodes[node]!.ips[1]!);

  it.each([
    ['tunnel', {}],
    ['native', {'routing-mode': 'native', 'auto-direct-node-routes': true}],
  ] as const)('in %s mode packets go out by the gateway, and replies come back through the tunnel', (_mode, cilium) => {
    const lab = runLab(dual([{nodes: everywhere}], cilium), [
      `client -> [${WORLD}]:443/http`,
      `client -> [${WORLD}]/icmp`,
      `client -> [${WORLD}]:53/udp`,
      `client -> 198.51.100.7:443/http`,
    ]);
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1, 1, 1, 1]);
    expect(drops(lab)).toEqual([]);
    expect(plain(lab, 'node1', WORLD)).toEqual(new Set());
    expect(plain(lab, 'node2', WORLD)).toEqual(new Set([address6(lab, 1)]));
    const tunnelled = (place: string) => lab.at(place).filter((b) => get16(b, 12) === 0x0800 && b[23] === 17).length;
    expect(tunnelled('node1 eth0 out')).toBeGreaterThan(3);
    expect(tunnelled('node1 eth0 in')).toBeGreaterThan(3);
    expect([...lab.result.runtime('node2').nat.entries()].every((e) => e.needsCt)).toBe(true);
  });

  it('not redirected: pods of the gateway, other pods, excluded destinations', () => {
    const lines = [`near -> [${WORLD}]/icmp`, 'other -> [2001:db8:7::a]/icmp', 'client -> [2001:db8:bad::1]/icmp'];
    const lab = runLab(dual([{nodes: everywhere}]), lines);
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1, 1, 1]);
    expect(plain(lab, 'node2', WORLD)).toEqual(new Set([address6(lab, 1)]));
    expect(plain(lab, 'node1', '2001:db8:7::a')).toEqual(new Set([address6(lab, 0)]));
    expect(plain(lab, 'node1', '2001:db8:bad::1')).toEqual(new Set([address6(lab, 0)]));
  });

  it('without a gateway 194; an egress address of the other family alone leaves 204', () => {
    const missing = runLab(dual([{nodes: [{key: 'x', operator: 'Exists', values: []}]}]), [
      `client -> [${WORLD}]/icmp`,
    ]);
    expect(new Set(drops(missing))).toEqual(new Set([194]));
    const own = dual([{nodes: everywhere}]).nodes[1]!.ips[0]!;
    const lab = runLab(dual([{nodes: everywhere, egressIp: own}]), [
      `client -> [${WORLD}]/icmp`,
      'client -> 198.51.100.7/icmp',
    ]);
    expect(new Set(drops(lab))).toEqual(new Set([204]));
    expect(lab.result.apps.map((app) => app.replies)).toEqual([0, 1]);
  });

  it('destinations of a family that pods lack are told', () => {
    const notes = (destinations: string[], podCIDR: string[]) => {
      const definition = definitionOf('egress', 'egress', {
        ...dualStack,
        podCIDR,
        serviceCIDR: podCIDR.map((cidr) => cidr.replace('32', '96')),
      });
      const policy = {
        name: 'out',
        selectors: [],
        destinations: destinations.map((text) => parsePrefix(text)!),
        excluded: [],
        gateways: [],
      };
      return resolve({...definition, egressPolicies: [policy]})
        .notes.filter(({message}) => message.includes('out: '))
        .map(({message}) => message);
    };
    expect(notes(['0.0.0.0/0', '2001:db8::/32'], ['10.32.0.0/16'])).toEqual([
      'CiliumEgressGatewayPolicy out: 2001:db8::/32 has no effect: pods have no IPv6 address',
    ]);
    expect(notes(['0.0.0.0/0', '2001:db8::/32'], ['10.32.0.0/16', 'fd00:32::/48'])).toEqual([]);
  });

  it('entries keep to one family each, IPv4 first', () => {
    const {entries} = createControl(dual([{nodes: everywhere}])).state('node2').egress!;
    const rows = entries.map((e) => `${formatPrefix(e.destination)} ${formatIp(e.egressIp)} ${formatIp(e.gatewayIp)}`);
    const [four, six] = dual([]).nodes[1]!.ips.map(formatIp);
    expect(rows.slice(0, 2)).toEqual([`0.0.0.0/0 ${four} ${four}`, `0.0.0.0/0 ${four} ${four}`]);
    expect(new Set(rows.slice(2))).toEqual(new Set([`::/0 ${six} ${four}`, `2001:db8:bad::/48 ${six} 0.0.0.1`]));
  });
});
