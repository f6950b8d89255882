import {describe, expect, it} from 'vitest';
import type {CiliumConfig, Cluster} from '../../src/cluster/model.js';
import {createControl} from '../../src/control/control.js';
import type {Netns, Route} from '../../src/control/model.js';
import {lookupRoute, neighbourOf} from '../../src/control/route.js';
import {formatIp, formatPrefix} from '../../src/wire/addr.js';
import {cidr, cluster, ip, node, pod, service} from './cluster.js';

const state = (config: Partial<CiliumConfig> = {}, fields: Partial<Cluster> = {}) =>
  createControl(cluster(fields, config)).state('node1');
const text = (route: Route) =>
  [
    route.type === 'unicast' ? '' : route.type,
    route.to ? formatPrefix(route.to) : 'default',
    route.via === undefined ? '' : `via ${formatIp(route.via)}`,
    route.dev ?? '',
    route.mtu === undefined ? '' : `mtu ${route.mtu}`,
  ]
    .filter((word) => word !== '')
    .join(' ');
const main4 = (netns: Netns) => netns.routes.filter((route) => route.family === 4 && route.table === 254).map(text);
const go = (netns: Netns, to: string, flow = {}) => {
  const found = lookupRoute(netns, ip(to), flow);
  return (
    found && [found.type, found.dev, found.via === undefined ? '-' : formatIp(found.via), found.mtu ?? '-'].join(' ')
  );
};
const native = {routingMode: 'native', tunnelOverhead: 0} as const;

describe('devices', () => {
  it('have the numbers a kernel would give them', () => {
    const {host, pods} = state();
    expect(host.devices.map(({ifindex, name}) => `${ifindex} ${name}`)).toEqual([
      '1 lo',
      '2 eth0',
      '3 cilium_net',
      '4 cilium_host',
      '5 cilium_geneve',
      '7 lxc_health',
      '9 lxc00000000000a',
      '11 lxc00000000000b',
    ]);
    expect(pods.map(({eth0, lxc}) => [eth0.ifindex, eth0.peer?.ifindex, lxc.peer?.ifindex])).toEqual([
      [8, 9, 8],
      [10, 11, 10],
    ]);
    expect(host.devices[4]!.altnames).toEqual(['genev_sys_6081']);
    expect(state(native).host.devices.map(({name}) => name)).not.toContain('cilium_geneve');
  });

  it('a fixed VNI makes the tunnel point to point', () => {
    const [tunnel] = state({fixedVni: 1}).host.devices.filter(({kind}) => kind === 'geneve');
    expect(tunnel!.tunnel).toMatchObject({external: false, vni: 1, remote: ip('10.0.0.6')});
  });

  it('MACs that the input leaves open are local unicast, and the same on every run', () => {
    const macs = state().host.devices.map(({mac}) => mac);
    expect(state().host.devices.map(({mac}) => mac)).toEqual(macs);
    for (const mac of macs.slice(2, 6)) expect(Math.floor(mac / 2 ** 40) & 3).toBe(2);
    expect(new Set(macs).size).toBe(macs.length);
  });

  it('without Cilium there are none of its own', () => {
    const {host} = state({}, {dataplane: 'kube-proxy'});
    expect(host.devices.map(({name}) => name)).toEqual(['lo', 'eth0', 'lxc00000000000a', 'lxc00000000000b']);
    expect(host.rules.map(({priority}) => priority)).toEqual([0, 32766, 32767, 0, 32766]);
  });
});

describe('routes', () => {
  const uplink = ['default via 10.0.0.1 eth0', '10.0.0.0/16 eth0'];

  it('tunnel', () => {
    expect(main4(state().host)).toEqual([
      ...uplink,
      '10.32.1.0/24 via 10.32.1.1 cilium_host',
      '10.32.1.1/32 cilium_host',
      '10.32.2.0/24 via 10.32.1.1 cilium_host mtu 1450',
      '10.32.3.0/24 via 10.32.1.1 cilium_host mtu 1450',
    ]);
  });

  it('native: the gateway knows, or each node is told', () => {
    const local = ['10.32.1.0/24 via 10.32.1.1 cilium_host', '10.32.1.1/32 cilium_host'];
    expect(main4(state(native).host)).toEqual([...uplink, ...local]);
    expect(main4(state({...native, autoDirectNodeRoutes: true}).host)).toEqual([
      ...uplink,
      ...local,
      '10.32.2.0/24 via 10.0.0.6 eth0',
      '10.32.3.0/24 via 10.0.0.7 eth0',
    ]);
  });

  it('native, direct: not to a node on another subnet', () => {
    const nodes = [node(1), node(2), node(3, {ips: [ip('10.9.0.7')], subnets: [cidr('10.9.0.0/16')]})];
    const {host} = state({...native, autoDirectNodeRoutes: true}, {nodes});
    expect(main4(host)).not.toContain('10.32.3.0/24 via 10.9.0.7 eth0');
    expect(main4(host)).toContain('10.32.2.0/24 via 10.0.0.6 eth0');
  });

  it('endpoint routes: one per pod, as in Azure', () => {
    const nodes = [1, 2, 3].map((n) => node(n, {routerIps: [ip('169.254.23.0')], healthIps: []}));
    const {host, pods} = state({...native, endpointRoutes: true, localNodeRoute: false}, {nodes});
    expect(main4(host)).toEqual([
      ...uplink,
      '10.32.1.10/32 lxc00000000000a',
      '10.32.1.11/32 lxc00000000000b',
      '169.254.23.0/32 cilium_host',
    ]);
    expect(main4(pods[0]!)).toEqual(['default via 169.254.23.0 eth0 mtu 1500', '169.254.23.0/32 eth0']);
    expect(neighbourOf(host, ip('10.32.1.10'), 'lxc00000000000a')?.mac).toBe(pods[0]!.eth0.mac);
  });

  it('without Cilium: host routes, and nodes as gateways unless the network routes pods', () => {
    const {host, pods} = state({}, {dataplane: 'kube-proxy'});
    expect(main4(host)).toEqual([
      ...uplink,
      '10.32.1.10/32 lxc00000000000a',
      '10.32.1.11/32 lxc00000000000b',
      '10.32.2.0/24 via 10.0.0.6 eth0',
      '10.32.3.0/24 via 10.0.0.7 eth0',
    ]);
    expect(main4(pods[0]!)).toEqual(['default via 169.254.1.1 eth0', '169.254.1.1/32 eth0']);
    expect(neighbourOf(pods[0]!, ip('169.254.1.1'), 'eth0')?.mac).toBe(pods[0]!.lxc.mac);
    const routed = {...cluster().underlay, routesPodCidrs: true};
    expect(main4(state({}, {dataplane: 'kube-proxy', underlay: routed}).host)).toHaveLength(4);
  });
});

describe('lookupRoute', () => {
  const {host, pods} = state();

  it('follows rules, prefixes and metrics', () => {
    expect(go(host, '10.32.2.20')).toBe('unicast cilium_host - 1450');
    expect(go(host, '10.32.2.20', {mark: 0x200})).toBe('local lo - -');
    expect(go(host, '10.32.2.20', {mark: 0x1200})).toBe('local lo - -');
    expect(go(host, '10.32.2.20', {mark: 0x300})).toBe('unicast cilium_host - 1450');
    expect(go(host, '10.32.1.77')).toBe('unicast cilium_host - -');
    expect(go(host, '10.0.0.5')).toBe('local lo - -');
    expect(go(host, '10.0.0.9')).toBe('unicast eth0 - -');
    expect(go(host, '10.0.255.255')).toBe('broadcast eth0 - -');
    expect(go(host, '8.8.8.8')).toBe('unicast eth0 10.0.0.1 -');
    expect(go(pods[0]!, '8.8.8.8')).toBe('unicast eth0 10.32.1.1 1450');
    expect(go(pods[0]!, '10.32.1.1')).toBe('unicast eth0 - -');
    expect(go(host, '2001:db8::1')).toBeUndefined();
  });

  it('chooses the source the kernel would', () => {
    expect(lookupRoute(host, ip('10.32.2.20'))?.source).toBe(ip('10.32.1.1'));
    expect(lookupRoute(host, ip('8.8.8.8'))?.source).toBe(ip('10.0.0.5'));
    expect(lookupRoute(pods[0]!, ip('8.8.8.8'))?.source).toBe(ip('10.32.1.10'));
    expect(lookupRoute(host, ip('8.8.8.8'), {source: ip('10.32.1.1')})?.source).toBe(ip('10.32.1.1'));
  });

  it('knows next hops', () => {
    expect(neighbourOf(host, ip('10.0.0.6'), 'eth0')?.mac).toBe(0x02_00_00_00_00_06);
    expect(neighbourOf(host, ip('10.0.0.6'), 'lo')).toBeUndefined();
    expect(neighbourOf(pods[0]!, ip('10.32.1.1'), 'eth0')?.mac).toBe(pods[0]!.lxc.mac);
  });
});

describe('endpoints', () => {
  it('are the host’s own addresses, health and pods', () => {
    const {endpoints, endpointsById, hostEndpointId, policies} = state();
    expect([...endpoints.values()].map((e) => `${formatIp(e.ip)} ${e.ifindex} ${e.identity}`)).toEqual([
      '10.0.0.5 0 1',
      '10.32.1.1 0 1',
      '10.32.1.2 7 4',
      '10.32.1.10 9 20001',
      '10.32.1.11 11 20003',
    ]);
    expect(endpointsById.get(110)?.ip).toBe(ip('10.32.1.10'));
    expect(endpointsById.size).toBe(3);
    expect([...policies.keys()]).toEqual([...endpointsById.keys()]);
    expect(endpointsById.has(hostEndpointId!)).toBe(false);
  });
});

describe('createControl', () => {
  it('builds a node once, and throws for one that is not there', () => {
    const control = createControl(cluster());
    expect(control.state('node2')).toBe(control.state('node2'));
    expect(control.states().map(({node: {name}}) => name)).toEqual(['node1', 'node2', 'node3']);
    expect(() => control.state('node9')).toThrow('node9');
  });

  it('stays quick with 1,000 nodes, 20,000 pods, 2,000 services', () => {
    const address = (n: number) => `${(n >> 8) & 255}.${n & 255}`;
    const nodes = Array.from({length: 1000}, (_, n) =>
      node(1, {
        name: `n${n}`,
        ips: [ip(`10.0.${address(n + 10)}`)],
        podCidrs: [cidr(`11.${address(n)}.0/24`)],
        routerIps: [ip(`11.${address(n)}.1`)],
        healthIps: [ip(`11.${address(n)}.2`)],
      }),
    );
    const pods = Array.from({length: 20_000}, (_, n) =>
      pod(`p${n}`, `n${n % 1000}`, `11.${address(n % 1000)}.${10 + Math.floor(n / 1000)}`, 1000 + (n % 500)),
    );
    const services = Array.from({length: 2000}, (_, n) =>
      service(`s${n}`, `12.0.${address(n)}`, {
        backends: pods.slice(10 * n, 10 * n + 10).map((p) => ({
          ip: p.ips[0]!,
          port: 80,
          protocol: 'TCP' as const,
          portName: '',
          state: 'active' as const,
        })),
      }),
    );
    const control = createControl(cluster({nodes, pods, services}));
    const start = performance.now();
    const {ipcache, services: maps, host} = control.state('n500');
    expect(ipcache.lookup(ip(`11.${address(7)}.12`))?.identity).toBe(1000 + (2007 % 500));
    expect(maps.lookup(ip('12.0.7.207'), 80, 6, 'external')?.count).toBe(10);
    expect(host.routes.length).toBeGreaterThan(1000);
    // Well above what it takes, well below what would hurt.
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
