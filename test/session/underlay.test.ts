import {describe, expect, it} from 'vitest';
import {createControl} from '../../src/control/control.js';
import {runIp} from '../../src/tools/ip/main.js';
import {tcpdumpMain} from '../../src/tools/tcpdump/main.js';
import {errorText, folderWith, loadSpec} from '../cluster/load-input.js';
import {runMain} from '../memory-io.js';

const dual = (cilium: object) => ({
  podCIDR: ['10.32.0.0/13', 'fd00:32::/48'],
  serviceCIDR: ['10.96.0.0/12', 'fd00:96::/112'],
  underlay: {vnet: ['10.9.0.0/16', 'fd00:9::/64']},
  cilium: {'routing-mode': 'tunnel', ...cilium},
  nodes: 2,
  pods: [
    {name: 'a', node: 'node1'},
    {name: 'b', node: 'node2'},
  ],
});

async function tunnelPackets(cilium: object, count: number): Promise<string[]> {
  const definition = JSON.stringify({apiVersion: 'wirelay.dev/v1alpha1', kind: 'Cluster', spec: dual(cilium)});
  const cwd = folderWith({'wirelay.yaml': definition});
  const flows = Array.from({length: count}, (_, n) => ['--traffic', `a -> b:${9000 + n}/udp`]).flat();
  const {stdout} = await runMain(tcpdumpMain, ['-i', 'eth0', '-nt', '-Q', 'out', 'udp', ...flows], {cwd});
  return stdout.split('\n').filter((line) => /^IP6? \S+ > \S+\.(6081|8472): /.test(line));
}

describe('underlay-protocol', () => {
  it.each([
    ['auto', /^IP 10\.9\./],
    ['ipv4', /^IP 10\.9\./],
    ['ipv6', /^IP6 fd00:9::\S+ > fd00:9::/],
  ])('%s decides the family of the outer header', async (family, outer) => {
    const packets = await tunnelPackets({'tunnel-protocol': 'geneve', 'underlay-protocol': family}, 3);
    expect(packets.length).toBeGreaterThan(2);
    for (const packet of packets) expect(packet).toMatch(outer);
  });

  it('must be a family that the agents have on', async () => {
    expect(await errorText(loadSpec({nodes: 2, cilium: {'underlay-protocol': 'ipv6'}}))).toContain(
      'underlay protocol set to IPv6, but IPv6 is disabled',
    );
  });

  it('must be IPv4 for egress gateways', async () => {
    const cilium = {
      'underlay-protocol': 'ipv6',
      'enable-egress-gateway': true,
      'enable-bpf-masquerade': true,
      'kube-proxy-replacement': true,
    };
    expect(await errorText(loadSpec(dual(cilium)))).toContain('egress gateway requires an IPv4 underlay');
  });
});

describe('tunnel-source-port-range', () => {
  const ports = async (cilium: object) =>
    (await tunnelPackets(cilium, 40)).map((line) => Number(/\.(\d+) >/.exec(line)?.[1]));

  it.each(['vxlan', 'geneve'])('is what the ports of %s come from', async (protocol) => {
    const seen = await ports({'tunnel-protocol': protocol, 'tunnel-source-port-range': '40000-40100'});
    expect(new Set(seen).size).toBeGreaterThan(10);
    for (const port of seen) expect(port >= 40000 && port <= 40100).toBe(true);
  });

  it('is the range of local ports where it holds one port, as the kernel has it', async () => {
    const seen = await ports({'tunnel-protocol': 'geneve', 'tunnel-source-port-range': '500-500'});
    for (const port of seen) expect(port >= 32768 && port <= 60999).toBe(true);
  });

  it('shows in ip -d link', async () => {
    const cluster = await loadSpec(dual({'tunnel-protocol': 'vxlan', 'tunnel-source-port-range': '7-9'}));
    const netns = createControl(cluster).state('node1').host;
    const view = {netns, named: () => undefined, counters: () => Promise.reject(new Error('not asked for'))};
    const {stdout} = await runIp(['-d', 'link', 'show', 'cilium_vxlan'], view, {color: false, darkBackground: false});
    expect(stdout).toContain('srcport 7 9 ');
  });

  it.each(['9-7', '1-65536', '5'])('cannot be %s', async (range) => {
    expect(await errorText(loadSpec({cilium: {'tunnel-source-port-range': range}}))).toContain('expected a port range');
  });
});

describe('mtu', () => {
  const devices = async (cilium: object) => {
    const {host, pods} = createControl(await loadSpec(dual(cilium))).state('node1');
    const mtus = Object.fromEntries(host.devices.map(({name, mtu}) => [name.replace(/^lxc\w{6,}/, 'lxc'), mtu]));
    return {...mtus, pod: pods[0]!.eth0.mtu, routes: host.routes};
  };

  it("is that of the agent's devices, less the tunnel's headers that of routes; eth0 keeps its own", async () => {
    const {routes, ...mtus} = await devices({mtu: 1390});
    expect(mtus).toMatchObject({eth0: 1500, cilium_host: 1390, cilium_vxlan: 1390, lxc: 1390, pod: 1390});
    expect(routes.find(({mtu}) => mtu !== undefined)?.mtu).toBe(1340);
  });

  it('decides the segments that pods announce', async () => {
    const definition = JSON.stringify({apiVersion: 'wirelay.dev/v1alpha1', kind: 'Cluster', spec: dual({mtu: 1390})});
    const cwd = folderWith({'wirelay.yaml': definition});
    const words = ['-i', 'eth0', '-nv', '--pod', 'a', 'tcp', '--traffic', 'a -> b:9000/tcp'];
    const {stdout} = await runMain(tcpdumpMain, words, {cwd});
    expect(stdout).toContain('mss 1300');
  });

  it.each([1200, 70_000])('cannot be %i', async (mtu) => {
    expect(await errorText(loadSpec(dual({mtu})))).toContain(
      'mtu: expected 0 (that of the node), or from 1330 to 65535',
    );
  });
});

describe('options that packets do not meet', () => {
  it.each([
    ['enable-wireguard', 'true', true],
    ['enable-wireguard', 'false', false],
    ['enable-ipsec', true, true],
  ])('%s: %s is said: %s', async (key, value, said) => {
    const {notes} = await loadSpec(dual({[key]: value}));
    const text = `cilium option ${key} is not simulated: packets go as if it were off`;
    expect(notes.some((note) => note.message === text)).toBe(said);
  });
});
