import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {CiliumConfig, Cluster} from '../../../src/cluster/model.js';
import {createControl} from '../../../src/control/control.js';
import type {Device, Netns} from '../../../src/control/model.js';
import {runIp} from '../../../src/tools/ip/main.js';
import type {IpView} from '../../../src/tools/ip/view.js';
import {cidr, cluster, ip, node, pod} from '../../control/cluster.js';
import {describeWith} from '../../oracle.js';
import {buildLab, type Lab} from './lab.js';

/** The state of node1 with what a namespace can't have made possible: eth0 is a veth whose peer is elsewhere. */
function hostOf(fields: Partial<Cluster>, config: Partial<CiliumConfig>): Netns {
  const {host} = createControl(cluster(fields, {tunnelProtocol: 'vxlan', tunnelPort: 8472, ...config})).state('node1');
  const devices = host.devices.map(
    (device): Device =>
      device.kind === 'physical'
        ? {...device, kind: 'veth', qdisc: 'noqueue', peer: {ifindex: 2, name: '', netnsId: 0}}
        : device.peer?.netnsId === undefined
          ? device
          : {...device, peer: {...device.peer, netnsId: device.peer.netnsId + 1}},
  );
  return {...host, devices};
}

const nodes = [1, 2, 3].map((n) =>
  node(n, {
    ips: [ip(`10.0.0.${n + 4}`), ip(`fd00:a::${n + 4}`)],
    subnets: [cidr('10.0.0.0/16'), cidr('fd00:a::/64')],
    podCidrs: [cidr(`10.32.${n}.0/24`), cidr(`fd00:32:${n}::/64`)],
    routerIps: [ip(`10.32.${n}.1`), ip(`fd00:32:${n}::1`)],
    healthIps: [ip(`10.32.${n}.2`)],
  }),
);
const pods = [
  pod('pod-a', 'node1', '10.32.1.10', 20001, {ips: [ip('10.32.1.10'), ip('fd00:32:1::a')]}),
  pod('pod-a2', 'node1', '10.32.1.11', 20003),
];
const gateways = [
  {ip: ip('10.0.0.1'), mac: 0x0200000000fe},
  {ip: ip('fd00:a::1'), mac: 0x0200000000fe},
];
const underlay = {...cluster().underlay, gateways};

const cases: readonly (readonly [string, () => Netns])[] = [
  ['tunnel', () => hostOf({}, {})],
  ['dual stack', () => hostOf({nodes, pods, underlay}, {enableIpv6: true, tunnelOverhead: 50})],
];

const flagSets = [
  '',
  '-d',
  '-o',
  '-br',
  '-j',
  '-j -p',
  '-d -o',
  '-d -j',
  '-d -j -p',
  '-4',
  '-6',
  '-N',
  '-d -N',
  '-br -j',
  '-c',
  '-4 -d',
  '-6 -o',
  '-o -j',
];
const listings = [
  'link',
  'link show up',
  'link show eth0',
  'link show dev cilium_vxlan',
  'link show type veth',
  'link show type foo',
  'link show type veth_slave',
  'link show group default',
  'link show group 5',
  'link show group default dev eth0',
  'addr',
  'a s eth0',
  'addr show scope link',
  'addr show scope global up',
  'addr show to 10.32.0.0/13',
  'addr show label cilium*',
  'addr show permanent',
  'addr show dynamic',
  'addr show primary type vxlan',
  'route',
  'r s table local',
  'route show table all',
  'route show table 2004',
  'route show proto kernel',
  'route show scope link',
  'route show dev cilium_host',
  'route show via 10.0.0.1',
  'route show src 10.32.1.1',
  'route show default',
  'route show root 10.32.0.0/13',
  'route show match 10.32.2.20',
  'route show 10.32.2.0/24',
  'route show 10.32.2.20',
  'route show type local table all',
  'route show metric 100',
  'route show cache',
  'rule',
  'ru s table main',
  'rule show fwmark 0x200',
  'rule show priority 100',
];

describeWith(['ip', 'netns'], 'ip 6.1.0 in a namespace', () => {
  describe.each(cases)('%s', (_, build) => {
    let lab: Lab;
    let view: IpView;
    beforeAll(() => {
      const netns = build();
      lab = buildLab(netns);
      view = {netns, named: () => undefined, counters: async () => zero};
    }, 30_000);
    afterAll(() => lab?.remove());

    it.each(listings)('%s', async (listing) => {
      for (const flags of flagSets) {
        const argv = [...flags.split(' '), ...listing.split(' ')].filter((word) => word !== '');
        const ours = await runIp(argv, view, {color: false, darkBackground: false});
        const theirs = lab.ip(argv);
        expect({argv: argv.join(' '), ...pick(ours)}).toEqual({argv: argv.join(' '), ...theirs});
      }
    });
  });
});

const zero = {rxBytes: 0, rxPackets: 0, rxDropped: 0, txBytes: 0, txPackets: 0, txDropped: 0};
const pick = ({stdout, stderr, exitCode}: {stdout: string; stderr: string; exitCode: number}) => ({
  stdout,
  stderr,
  exitCode,
});
