import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {CiliumConfig, Cluster} from '../../../src/cluster/model.js';
import {createControl} from '../../../src/control/control.js';
import {loopback} from '../../../src/control/devices.js';
import type {Device, Netns} from '../../../src/control/model.js';
import {addressRoutes, sortRoutes, unicast} from '../../../src/control/routes.js';
import type {DeviceCounters} from '../../../src/datapath/model.js';
import {runIp} from '../../../src/tools/ip/main.js';
import type {IpView} from '../../../src/tools/ip/view.js';
import {addToIp, formatIp} from '../../../src/wire/addr.js';
import {cidr, cluster, ip, node, pod} from '../../control/cluster.js';
import {describeWith} from '../../oracle.js';
import {buildLab, type Lab, type Outcome} from './lab.js';

/** The state of node1 with what a namespace can't have made possible: eth0 is a veth whose peer is elsewhere. */
function hostOf(fields: Partial<Cluster>, config: Partial<CiliumConfig>): Netns {
  const {host} = createControl(cluster(fields, {tunnelProtocol: 'vxlan', tunnelPort: 8472, ...config})).state('node1');
  const devices = host.devices.map(
    (device): Device =>
      device.kind === 'physical'
        ? {...device, kind: 'veth', qdisc: 'noqueue', peer: {ifindex: 2, name: '', netnsId: 0}}
        : device.peer?.netnsId === undefined
          ? device
          : // Names of namespaces are the machine's: two runs at a time need two.
            {
              ...device,
              peer: {...device.peer, netnsId: device.peer.netnsId + 1, netns: `${device.peer.netns}-${process.pid}`},
            },
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
  ['inside a pod', podOf],
  ['odd devices', oddDevices],
  ['dual stack', () => hostOf({nodes, pods, underlay}, {enableIpv6: true, tunnelOverhead: 50})],
];

const veth = (ifindex: number, name: string, fields: Partial<Device>): Device => ({
  ifindex,
  name,
  kind: 'veth',
  mac: 0x020000000100 + ifindex,
  mtu: 1500,
  up: true,
  noarp: false,
  addresses: [],
  altnames: [],
  numTxQueues: 1,
  numRxQueues: 1,
  qdisc: 'noqueue',
  ...fields,
});

/** Devices that no node of ours has: halves that are down, tunnels of every make. */
function oddDevices(): Netns {
  const tunnel = {external: false, vni: 7, port: 4789, ttl: 'auto', learning: true} as const;
  const vxlan = (ifindex: number, fields: Partial<Device['tunnel']>, more: Partial<Device> = {}): Device => ({
    ...veth(ifindex, `vx${ifindex}`, {kind: 'vxlan', qdisc: 'noop', up: false, ...more}),
    tunnel: {...tunnel, vni: ifindex, ...fields},
  });
  const global = (text: string) => ({prefix: cidr(text), scope: 'global'}) as const;
  const devices = [
    loopback(),
    veth(2, 'left', {peer: {ifindex: 3, name: 'right'}, up: false, qdisc: 'noop', altnames: ['west', 'enp0s9']}),
    veth(3, 'right', {peer: {ifindex: 2, name: 'left'}, addresses: [global('10.1.0.1/24'), global('10.1.1.1/32')]}),
    veth(4, 'far', {peer: {ifindex: 9, name: '', netnsId: 0}, up: false, qdisc: 'noop', mtu: 9000}),
    vxlan(5, {remote: ip('10.1.0.2'), local: ip('10.1.0.1'), ttl: 64, link: 'right'}, {mtu: 1450}),
    vxlan(6, {group: ip('239.1.1.1'), link: 'right', learning: false}, {mtu: 1400}),
    vxlan(7, {remote: ip('fd00::2'), local: ip('fd00::1')}, {mtu: 1500, altnames: ['overlay']}),
    veth(8, 'cilium_geneve_x', {
      kind: 'vxlan',
      qdisc: 'noop',
      up: false,
      tunnel: {...tunnel, external: true, vni: 0, learning: false, port: 8472},
    }),
  ];
  return {
    devices,
    routes: sortRoutes([
      ...devices.filter(({up}) => up).flatMap((device) => addressRoutes(device, false)),
      unicast(cidr('10.98.0.0/16'), {type: 'unreachable', metric: 50, scope: 'global'}),
      unicast(cidr('10.99.0.0/16'), {type: 'blackhole', scope: 'global', protocol: 'static'}),
      unicast(cidr('10.99.0.0/24'), {dev: 'right', table: 77, source: ip('10.1.0.1'), mtu: 1300}),
      unicast(cidr('10.97.0.0/16'), {via: ip('10.1.0.9'), dev: 'right', metric: 5}),
      unicast(cidr('10.97.0.0/16'), {via: ip('10.1.0.8'), dev: 'right', metric: 3, protocol: 'static'}),
    ]),
    rules: [
      {priority: 0, family: 4, table: 255},
      {
        priority: 50,
        family: 4,
        table: 77,
        from: cidr('10.1.0.0/24'),
        to: cidr('10.99.0.0/16'),
        fwmark: 0,
        fwmask: 0xff,
      },
      {priority: 60, family: 4, table: 77, from: cidr('10.1.1.1/32'), fwmark: 7},
      {priority: 32766, family: 4, table: 254},
      {priority: 32767, family: 4, table: 253},
      {priority: 0, family: 6, table: 255},
      {priority: 32766, family: 6, table: 254},
    ],
    neighbours: [{ip: ip('10.1.0.9'), dev: 'right', mac: 0x020000000009, state: 'PERMANENT'}],
  };
}

function podOf(): Netns {
  const [first] = createControl(cluster({nodes, pods, underlay}, {enableIpv6: true})).state('node1').pods;
  return {...first!};
}

const flagSets = [
  '',
  '-d',
  '-j',
  '-4',
  '-6',
  '-o',
  '-d -j -p',
  '-br',
  '-j -p',
  '-d -o',
  '-d -j',
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
  'link show dev west',
  'link show overlay',
  'link show master right',
  'addr show dev enp0s9',
  'route show table 77',
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
  '10.98.1.1',
  '10.99.1.1',
  '10.97.5.5',
  '10.99.0.5 from 10.1.0.1',
  '10.99.0.5 from 10.1.1.1 mark 7',
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
  describe.each(cases)('%s', (title, build) => {
    const few = title !== 'tunnel' && title !== 'odd devices';
    let lab: Lab;
    let view: IpView;
    let counters = new Map<string, DeviceCounters>();
    beforeAll(() => {
      const netns = build();
      lab = buildLab(netns);
      view = {netns, named: () => undefined, counters: async (name) => counters.get(name)!};
    }, 30_000);
    afterAll(() => lab?.remove());

    async function same(lines: readonly string[], normal: (text: string) => string = (text) => text) {
      await compare(lines, lab.ip(lines.map(split)), normal);
    }

    async function compare(lines: readonly string[], theirs: readonly Outcome[], normal: (text: string) => string) {
      for (const [i, line] of lines.entries()) {
        const ours = await runIp(split(line), view, {color: false, darkBackground: false});
        const side = ({stdout, stderr, exitCode}: Outcome) => ({stdout: normal(stdout), stderr, exitCode});
        expect({line, ...side(ours)}).toEqual({line, ...side(theirs[i]!)});
      }
    }

    it.each(listings)('%s', async (listing) => {
      await same((few ? flagSets.slice(0, 7) : flagSets).map((flags) => `${flags} ${listing}`));
    });

    it.each(gets)('route get %s', async (get) => {
      await same(
        (few ? ['', '-d', '-j'] : ['', '-d', '-j', '-j -p', '-o', '-N', '-d -j', '-c']).map(
          (flags) => `${flags} route get ${get}`,
        ),
      );
    });

    it('counters', async () => {
      const objects = ['link', 'addr', '-4 addr', 'link show up', 'addr show label *'];
      const sets = ['-s', '-s -s', '-s -j', '-s -s -j -p', '-s -h', '-s -h -iec', '-s -o', '-s -br', '-s -d'];
      for (const flags of sets) {
        const lines = objects.map((object) => `${flags} ${object}`);
        // A router solicitation in between changes them: until nothing has moved from first to last.
        let [first, ...rest] = lab.ip([facts, ...lines.map(split), facts]);
        for (; first!.stdout !== rest.at(-1)!.stdout; [first, ...rest] = lab.ip([facts, ...lines.map(split), facts]));
        counters = readCounters(first!.stdout);
        await compare(lines, rest, (text) => text.replace(carrierChanges, 'N'));
      }
    });

    // The kernel's own lookup is the judge of ours: addresses in and around everything the tables name.
    it('route get, anywhere', async () => {
      const near = view.netns.routes.flatMap(({to}) => (to ? [to.ip, addToIp(to.ip, 1), addToIp(to.ip, 77)] : []));
      const unlike = [...new Set(near.map(formatIp))].filter((text) => !/^(ff|fe80|::$|0\.0\.0\.0)/.test(text));
      await same(unlike.map((text) => `route get ${text}`));
    });

    // The kernel lists its neighbour hash table, in an order drawn at boot.
    const sorted = (text: string) => text.split('\n').sort().join('\n');
    it.each(neighbours)('neigh %s', async (words) => {
      await same(
        ['', '-4', '-6', '-br', '-N', '-c'].map((flags) => `${flags} neigh ${words}`),
        sorted,
      );
    });

    it.each(title === 'tunnel' ? mistakes : [])('error: %s', async (words) => {
      await same([words, `-j ${words}`]);
    });
  });
});

/** How often a link came and went depends on the order in which the lab was set up. */
const carrierChanges = /(?<=transns\n(?:\s+\d+){4}\s+|"carrier_changes": ?)\d+/g;

const split = (line: string) => line.split(' ').filter((word) => word !== '');
const facts = ['-j', '-s', 'link'];

function readCounters(json: string): Map<string, DeviceCounters> {
  const links: {ifname: string; stats64: {rx: Record<string, number>; tx: Record<string, number>}}[] = JSON.parse(json);
  return new Map(
    links.map(({ifname, stats64: {rx, tx}}) => [
      ifname,
      {
        rxBytes: rx.bytes!,
        rxPackets: rx.packets!,
        rxDropped: rx.dropped!,
        txBytes: tx.bytes!,
        txPackets: tx.packets!,
        txDropped: tx.dropped!,
      },
    ]),
  );
}
