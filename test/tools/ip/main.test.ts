import {describe, expect, it} from 'vitest';
import {createControl} from '../../../src/control/control.js';
import type {Device, Netns} from '../../../src/control/model.js';
import {runIp} from '../../../src/tools/ip/main.js';
import {formatCount} from '../../../src/tools/ip/stats.js';
import {cluster} from '../../control/cluster.js';

const plain = {color: false, darkBackground: false};
const counters = {rxBytes: 1_234_567, rxPackets: 12, rxDropped: 3, txBytes: 99, txPackets: 1, txDropped: 0};

async function ip(line: string, netns = createControl(cluster()).state('node1').host, terminal = plain) {
  const state = createControl(cluster()).state('node1');
  const view = {
    netns,
    named: (name: string) => state.pods.find(({lxc}) => lxc.peer?.netns === name),
    counters: async () => counters,
  };
  return runIp(
    line.split(' ').filter((word) => word !== ''),
    view,
    terminal,
  );
}

function tunnelOnly(tunnel: Partial<NonNullable<Device['tunnel']>>): Netns {
  const {host} = createControl(cluster()).state('node1');
  const [device] = host.devices.filter(({kind}) => kind === 'geneve');
  return {...host, devices: [{...device!, tunnel: {...device!.tunnel!, ...tunnel}}]};
}
const detailsOf = async (netns: Netns) => (await ip('-d link', netns)).stdout.split('\n')[2];

/** No kernel here has the geneve driver: these lines are those of captures of real devices. */
describe('geneve', () => {
  const tail = 'addrgenmode eui64 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 65536';

  it('external, as Open vSwitch and Cilium make it', async () => {
    const {stdout} = await ip('-d link show genev_sys_6081');
    expect(stdout).toContain('promiscuity 0  allmulti 0 minmtu 68 maxmtu 65465 \n');
    expect(stdout).toContain(`\n    geneve external id 0 ttl auto dstport 6081 udp6zerocsumrx ${tail} tso_max_segs`);
    expect(stdout).toMatch(/\n {4}altname genev_sys_6081\n$/);
  });

  it('point to point', async () => {
    const netns = tunnelOnly({external: false, vni: 1, remote: 0x0a000006});
    expect((await ip('-d link', netns)).stdout).toContain('minmtu 68 maxmtu 65485 \n');
    expect(await detailsOf(netns)).toContain(
      `    geneve id 1 remote 10.0.0.6 ttl auto dstport 6081 noudpcsum udp6zerocsumrx ${tail}`,
    );
  });

  it('over IPv6, with a TTL', async () => {
    const netns = tunnelOnly({external: false, vni: 5, remote: '\ufd00\0\0\0\0\0\0\x06', ttl: 64});
    expect(await detailsOf(netns)).toContain(
      '    geneve id 5 remote fd00::6 ttl 64 dstport 6081 noudp6zerocsumtx noudp6zerocsumrx ',
    );
  });

  it('in JSON', async () => {
    const [link] = JSON.parse((await ip('-d -j link show cilium_geneve')).stdout);
    expect(link.linkinfo).toEqual({
      info_kind: 'geneve',
      info_data: {external: true, id: 0, ttl: 0, df: 'unset', port: 6081, udp_zero_csum6_rx: true},
    });
    expect(link.altnames).toEqual(['genev_sys_6081']);
  });
});

describe('ip', () => {
  it('refuses to change anything', async () => {
    const refusals = [
      'link set eth0 down',
      'l a x type veth',
      'addr add 10.0.0.1/8 dev eth0',
      'a f eth0',
      'route del default',
      'r flush cache',
      'neigh flush dev eth0',
      'rule add table 5',
      'netns list',
      'tunnel',
      'monitor',
      '-b file',
    ];
    for (const line of refusals) {
      const {stdout, stderr, exitCode} = await ip(line);
      expect([line, exitCode, stdout]).toEqual([line, 2, '']);
      expect(stderr).toMatch(/^wirelay: ip .*: not simulated, nothing was changed\n$/);
    }
  });

  it('shows its usage where the real one does', async () => {
    for (const line of ['', '-d', 'help', 'link help', 'addr show help', 'route get help', '-h', '-f help link']) {
      const {stderr, exitCode} = await ip(line);
      expect([line, exitCode, stderr.startsWith('Usage: ip ')]).toEqual([line, 255, true]);
    }
  });

  it('looks into a named namespace', async () => {
    const [first] = createControl(cluster()).state('node1').pods;
    const name = first!.lxc.peer!.netns!;
    expect(name).toMatch(/^cni-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((await ip(`-n ${name} -br addr show eth0`)).stdout).toContain('10.32.1.10/32');
    expect(await ip('-n nope link')).toMatchObject({
      exitCode: 255,
      stderr: 'Cannot open network namespace "nope": No such file or directory\n',
    });
  });

  it('colours when asked, for the background there is', async () => {
    const line = (flag: string, terminal: typeof plain) =>
      ip(`${flag} -br link show lo`, undefined, terminal).then(({stdout}) => stdout);
    const dark = {color: true, darkBackground: true};
    expect(await line('-c=auto', plain)).not.toContain('\u001b');
    expect(await line('-c=auto', dark)).toContain('\u001b[1;36mlo               \u001b[0m');
    expect(await line('-c=never', dark)).not.toContain('\u001b');
    expect(await line('-j -c', dark)).not.toContain('\u001b');
  });

  it('lets no control character of a name through', async () => {
    const {host} = createControl(cluster()).state('node1');
    const devices = [{...host.devices[1]!, name: 'eth\u001b[2J0'}];
    for (const flags of ['', '-br', '-o', '-j']) {
      const {stdout} = await ip(`${flags} link`, {...host, devices});
      expect(stdout).not.toContain('\u001b');
      expect(stdout).toContain('\\x1b[2J0');
    }
  });

  it('scales counts as print_num does', () => {
    const scale = (count: number, iec = false) => formatCount(count, {human: true, iec});
    expect([999, 1000, 3236, 12_345, 123_456, 1_234_567, 98_765_432_100].map((n) => scale(n))).toEqual([
      '999',
      '1.00k',
      '3.24k',
      '12.3k',
      '123k',
      '1.23M',
      '98.8G',
    ]);
    expect(scale(3236, true)).toBe('3.16ki');
    expect(formatCount(3236, {human: false, iec: true})).toBe('3236');
  });
});
