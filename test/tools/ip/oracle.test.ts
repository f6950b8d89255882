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

const gets = [
  '10.32.2.20',
  '10.32.2.20 mark 0x200',
  '10.32.2.20 mark 5',
  '10.32.1.77',
  '10.32.1.1',
  '8.8.8.8',
  '10.0.0.6',
  '10.0.0.5',
  '127.0.0.1',
  '127.5.5.5',
  '10.0.255.255',
  '10.96.10.50',
  '10.96.10.50 mark 0x200',
  '8.8.8.8 from 10.0.0.5',
  '8.8.8.8 from 9.9.9.9',
  '8.8.8.8 oif eth0',
  '10.32.2.20 dev cilium_host',
  '8.8.8.8 uid 1000',
  '10.32.2.20 from 10.32.1.10 iif lxc00000000000a',
  '8.8.8.8 from 10.32.1.10 iif lxc00000000000a',
  'to 10.32.2.20',
  '10.32.2.20/24',
  '10.1',
  'default',
  '224.0.0.1',
  '239.1.2.3',
  '8.8.8.8 fibmatch',
  '10.0.0.5 from 10.32.1.10 iif lxc00000000000a',
  '10.32.1.11 from 10.32.1.10 iif lxc00000000000a',
  '10.0.0.5 dev eth0',
  '10.0.0.5 dev cilium_host',
  '9.9.9.9 dev cilium_host',
  '255.255.255.255',
  '::1',
  'fe80::1%eth0',
  'fd00:32:2::14',
  'fd00:32:2::14 mark 0x200',
  'fd00:a::5',
  'fd00:a::9',
  '2001:db8::1',
  'fd00:32:1::1',
];

const neighbours = [
  '',
  'show',
  'show dev eth0',
  'show dev lo',
  'show 10.0.0.6',
  'show to 10.0.0.0/24',
  'show nud reachable',
  'show nud permanent',
  'show nud all 10.0.0.7',
  'show proxy',
  'show nomaster',
  'get 10.0.0.6 dev eth0',
];

const mistakes = [
  'foo',
  'link foo',
  'addr foo',
  'route foo',
  'neigh foo',
  'rule foo',
  'link show dev',
  'link show type',
  'link show nope',
  'addr show dev nope',
  'link show eth0 cilium_host',
  'link show eth0 up eth0',
  'link show group foo',
  'link show master foo',
  'link show master eth0',
  'link show vrf eth0',
  'link show nomaster',
  'addr show scope foo',
  'addr show to foo',
  'addr show to 10.0.0.0/33',
  '-6 addr show to 10.0.0.0/8',
  'route show table foo',
  'route show table 77',
  '-6 route show table 77',
  'route show table 253',
  'route show dev nope',
  'route show proto foo',
  'route show scope foo',
  'route show type foo',
  'route show metric foo',
  'route show vrf foo',
  'route show mark foo',
  'route show foo',
  'route show via',
  'route get',
  'route get foo',
  'route get 1.2.3.4 dev nope',
  'route get 1.2.3.4 mark x',
  '-6 route get 10.0.0.1',
  '-4 route get ::1',
  '-0 route get ::1',
  'neigh show dev nope',
  'neigh show dev eth0 dev eth0',
  'neigh show nud foo',
  'neigh show foo',
  'neigh get 10.0.0.6',
  'neigh get 10.9.9.9 dev eth0',
  'neigh get 10.0.0.6 dev nope',
  'neigh get foo dev eth0',
  'rule show table foo',
  'rule show fwmark foo',
  'rule show priority foo',
  '-x link',
  '--nope link',
  '-f foo link',
  '-c=foo link',
  '-n nope link',
  '-V',
  '-f inet6 route',
  '-family inet rule',
  '-0 addr',
  '-h -s -iec rule',
  '--json --pretty rule',
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

    async function same(argv: string[], normal: (text: string) => string = (text) => text) {
      const ours = await runIp(argv, view, {color: false, darkBackground: false});
      const theirs = lab.ip(argv);
      const side = ({stdout, stderr, exitCode}: typeof theirs) => ({stdout: normal(stdout), stderr, exitCode});
      expect({argv: argv.join(' '), ...side(ours)}).toEqual({argv: argv.join(' '), ...side(theirs)});
    }

    it.each(listings)('%s', async (listing) => {
      for (const flags of flagSets) {
        const argv = [...flags.split(' '), ...listing.split(' ')].filter((word) => word !== '');
        await same(argv);
      }
    });

    it.each(gets)('route get %s', async (get) => {
      for (const flags of ['', '-d', '-j', '-j -p', '-o', '-N', '-d -j', '-c'])
        await same([...flags.split(' '), 'route', 'get', ...get.split(' ')].filter((word) => word !== ''));
    });

    // The kernel lists its neighbour hash table, in an order drawn at boot.
    const sorted = (text: string) => text.split('\n').sort().join('\n');
    it.each(neighbours)('neigh %s', async (words) => {
      for (const flags of ['', '-4', '-6', '-br', '-N', '-c'])
        await same(
          [...flags.split(' '), 'neigh', ...words.split(' ')].filter((word) => word !== ''),
          sorted,
        );
    });

    it.each(mistakes)('error: %s', async (words) => {
      for (const flags of [[], ['-j']]) await same([...flags, ...words.split(' ')]);
    });
  });
});

const zero = {rxBytes: 0, rxPackets: 0, rxDropped: 0, txBytes: 0, txPackets: 0, txDropped: 0};
