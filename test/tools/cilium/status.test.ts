/** Expected texts: samples of real agents (v1.18.4, v1.20.1) and of the format strings, trailing blanks included. */
import {describe, expect, it} from 'vitest';
import type {AgentStatus} from '../../../src/tools/cilium/status/model.js';
import {humanAge, moduleTree} from '../../../src/tools/cilium/status/modules.js';
import {briefText, type StatusDetails, statusText} from '../../../src/tools/cilium/status/text.js';
import {cilium, demoCluster, runView} from './lab.js';

const short: StatusDetails = {
  addresses: false,
  controllers: false,
  nodes: false,
  health: false,
  verbose: false,
  minor: 20,
};

const sample: AgentStatus = {
  kvstore: {state: 'Disabled', msg: ''},
  kubernetes: {
    state: 'Ok',
    msg: '1.35 (v1.35.1) [linux/amd64]',
    apis: ['cilium/v2::CiliumNode', 'core/v1::Pods'],
  },
  kubeProxyReplacement: {
    mode: 'True',
    devices: [{name: 'eth0', ips: ['172.18.0.4', 'fe80::42:acff:fe12:4']}],
    directRoutingDevice: 'eth0',
    features: {socketLb: true, hostnsOnly: false, nodePort: undefined, annotations: []},
  },
  hostFirewall: 'Disabled',
  srv6: {enabled: false, encapMode: 'reduced'},
  cniChaining: 'none',
  cniFile: {
    state: 'Ok',
    msg: 'successfully wrote CNI configuration file to /host/etc/cni/net.d/05-cilium.conflist',
  },
  cilium: {state: 'Ok', msg: '1.20.0 (v1.20.0-450c5314)'},
  nodeMonitor: {cpus: 4, pages: 64, pageSize: 4096},
  healthDaemon: {state: 'Ok', msg: ''},
  ipam: {status: 'IPv4: 5/254 allocated from 10.244.1.0/24, ', allocations: [], ipv4: [], ipv6: undefined},
  bigTcp4: {enabled: false, max: 196_608},
  bigTcp6: {enabled: false, max: 196_608},
  bandwidthManager: {enabled: false, congestionControl: 'cubic'},
  routing: {network: 'Tunnel', host: 'BPF', tunnelProtocol: 'geneve'},
  attachMode: 'tcx',
  deviceMode: 'veth',
  configuredDeviceMode: 'veth',
  masquerading: {mode: 'BPF', ipMasqAgent: false, ipv4: true, ipv6: false, exclusion4: '10.244.1.0/24', exclusion6: ''},
  controllers: Array.from({length: 26}, (_, i) => ({name: `c${i}`, age: 0})),
  proxy: {ip: '10.244.1.48', envoy: 'external'},
  identityRange: {min: 256, max: 65535},
  hubble: {seen: 24_480, max: 4095, uptime: 3600e9, metrics: false},
  bpfMaps: {ratio: 0, maps: []},
  health: {
    timestamp: '2026-11-22T10:45:53Z',
    probeInterval: 96_566_274_746,
    nodes: ['a', 'b', 'c'].map((name) => ({
      name,
      local: name === 'a',
      reachable: true,
      hostIps: ['10.0.0.1'],
      endpointIps: ['10.0.0.2'],
    })),
  },
  modules: Array.from({length: 81}, (_, i) => ({path: ['agent', `m${i}`], level: 'OK' as const, message: '', age: 0})),
  now: 0n,
};

describe('status text', () => {
  it('is the real one, and one line more', () =>
    expect(statusText(sample, short)).toBe(`KVStore:                 Disabled   
Kubernetes:              Ok         1.35 (v1.35.1) [linux/amd64]
Kubernetes APIs:         ["cilium/v2::CiliumNode", "core/v1::Pods"]
KubeProxyReplacement:    True   [eth0   172.18.0.4 fe80::42:acff:fe12:4 (Direct Routing)]
Host firewall:           Disabled
SRv6:                    Disabled
CNI Chaining:            none
CNI Config file:         successfully wrote CNI configuration file to /host/etc/cni/net.d/05-cilium.conflist
Cilium:                  Ok   1.20.0 (v1.20.0-450c5314)
NodeMonitor:             Listening for events on 4 CPUs with 64x4096 of shared memory
Cilium health daemon:    Ok   
IPAM:                    IPv4: 5/254 allocated from 10.244.1.0/24, 
IPv4 BIG TCP:            Disabled
IPv6 BIG TCP:            Disabled
BandwidthManager:        Disabled
Routing:                 Network: Tunnel [geneve]   Host: BPF
Encapsulation:           Geneve
Attach Mode:             TCX
Device Mode:             veth
Masquerading:            BPF   [eth0]   10.244.1.0/24  [IPv4: Enabled, IPv6: Disabled]
Controller Status:       26/26 healthy
Proxy Status:            OK, ip 10.244.1.48, 0 redirects active on ports 10000-20000, Envoy: external
Global Identity Range:   min 256, max 65535
Hubble:                  Ok              Current/Max Flows: 4095/4095 (100.00%), Flows/s: 6.80   Metrics: Disabled
Encryption:              Disabled        
Cluster health:          3/3 reachable   (2026-11-22T10:45:53Z)   (Probe interval: 1m36.566274746s)
Name                     IP              Node                     Endpoints
Modules Health:          Stopped(0) Degraded(0) OK(81)

`));

  it('kube-proxy and iptables masquerading', () => {
    const text = statusText(
      {
        ...sample,
        kubeProxyReplacement: {...sample.kubeProxyReplacement, mode: 'False'},
        routing: {network: 'Tunnel', host: 'Legacy', tunnelProtocol: 'vxlan'},
        masquerading: {...sample.masquerading, mode: 'iptables'},
      },
      short,
    );
    for (const line of [
      'KubeProxyReplacement:    False   ',
      'Routing:                 Network: Tunnel [vxlan]   Host: Legacy',
      'Encapsulation:           VXLAN',
      'Masquerading:            IPTables [IPv4: Enabled, IPv6: Disabled]',
    ])
      expect(text.split('\n')).toContain(line);
  });

  it('native routing, bandwidth manager, no proxy', () => {
    const lines = statusText(
      {
        ...sample,
        bandwidthManager: {enabled: true, congestionControl: 'bbr'},
        routing: {network: 'Native', host: 'BPF', tunnelProtocol: 'geneve'},
        proxy: undefined,
        hubble: {seen: 2204, max: 4095, uptime: 324.117e9, metrics: true},
      },
      short,
    ).split('\n');
    for (const line of [
      'BandwidthManager:        EDT with BPF [BBR] [eth0]',
      'Routing:                 Network: Native   Host: BPF',
      'Encapsulation:           Disabled',
      'Proxy Status:            No managed proxy redirect',
      'Hubble:                  Ok              Current/Max Flows: 2204/4095 (53.82%), Flows/s: 6.80   Metrics: Ok',
    ])
      expect(lines).toContain(line);
  });

  it('devices: a blank more than addresses', () => {
    const devices = [1, 2, 3].map((n) => ({name: `eth${n}`, ips: Array.from({length: n}, (_, i) => `10.0.${n}.${i}`)}));
    const text = statusText({...sample, kubeProxyReplacement: {...sample.kubeProxyReplacement, devices}}, short);
    expect(text).toContain('[eth1  10.0.1.0, eth2   10.0.2.0 10.0.2.1, eth3    10.0.3.0 10.0.3.1 10.0.3.2]\n');
  });

  it('nodes out of reach are listed, ten of them', () => {
    const nodes = Array.from({length: 14}, (_, i) => ({
      name: `n${String(i).padStart(2, '0')}`,
      local: i === 0,
      reachable: i < 2,
      hostIps: ['10.0.0.1', 'fd00::1'],
      endpointIps: ['10.1.0.1'],
    }));
    const lines = statusText({...sample, health: {...sample.health!, nodes}}, short).split('\n');
    const at = lines.findIndex((line) => line.startsWith('Cluster health:'));
    expect(lines[at]).toContain('2/14 reachable');
    expect(lines.slice(at + 2, at + 4)).toEqual([
      '  n02                    10.0.0.1,fd00::1   0/2                      0/1',
      '  n03                    10.0.0.1,fd00::1   0/2                      0/1',
    ]);
    expect(lines[at + 12]).toBe('  ...');
  });

  it('up to 1.17: no probe interval, no header without rows, KVStore Ok', async () => {
    const {stdout} = await runView({...demoCluster(), cilium: {...demoCluster().cilium, version: '1.17.3'}}, 'status');
    expect(stdout).toContain('KVStore:                 Ok   Disabled\nKubernetes:              Ok   1.35');
    expect(stdout).toMatch(/Cluster health: {10}3\/3 reachable {3}\([^)]*\)\nModules Health:/);
  });

  it('--brief', () => {
    expect(briefText(sample)).toBe('OK\n');
    expect(briefText({...sample, kubernetes: {...sample.kubernetes, state: 'Failure', msg: 'refused'}})).toBe(
      'error in kubernetes: refused\n',
    );
  });
});

describe('modules', () => {
  it('is the tree of the upstream test', () => {
    const module = (path: string[], level: 'OK' | 'Degraded', message: string) => ({path, level, message, age: 0});
    const tree = moduleTree([
      module(['agent', 'm1', 'foo'], 'OK', 'status nominal'),
      module(['agent', 'a', 'b', 'c', 'fred', '[reporter]'], 'OK', 'yo'),
      module(['agent', 'a', 'b', 'c', 'fred', 'blee'], 'Degraded', 'bozo'),
      module(['agent', 'a', 'b', 'c', 'dork'], 'Degraded', 'doh'),
    ]);
    expect(tree.replaceAll('(0s, x1)', '(n/a, x0)')).toBe(`  agent
  ├── a
  │   └── b
  │       └── c
  │           ├── dork                                            [DEGRADED] doh (n/a, x0)
  │           └── fred
  │               ├── [reporter]                                  [OK] yo (n/a, x0)
  │               └── blee                                        [DEGRADED] bozo (n/a, x0)
  └── m1
      └── foo                                                     [OK] status nominal (n/a, x0)
  
`);
  });

  it.each([
    [0, '0s'],
    [119e9, '119s'],
    [120e9, '2m'],
    [150e9, '2m30s'],
    [3723e9, '62m'],
    [4 * 3600e9, '4h'],
    [4.5 * 3600e9, '4h30m'],
    [30 * 3600e9, '30h'],
    [60 * 3600e9, '2d12h'],
  ])('%d ns is %s', (ns, text) => expect(humanAge(ns)).toBe(text));
});

describe('status of the demo', () => {
  it('carries the lines that the deep dive greps for', async () => {
    const {code, stdout} = await cilium('status');
    expect(code).toBe(0);
    expect(stdout).toContain(
      'Routing:                 Network: Tunnel [geneve]   Host: BPF\nEncapsulation:           Geneve\n',
    );
    expect(stdout).toContain('IPAM:                    IPv4: 4/254 allocated from 10.32.1.0/24, \n');
    expect(stdout.endsWith('OK(14)\n\n')).toBe(true);
  });

  it('counts the flows of --traffic only', async () => {
    const {stdout} = await cilium('status', '--traffic', 'pod-a -> pod-b/icmp x3');
    const [, flows] = /Current\/Max Flows: (\d+)\/4095/.exec(stdout)!;
    expect(Number(flows)).toBeGreaterThan(6);
  });

  it('--verbose adds details, addresses, controllers, probes', async () => {
    const {stdout} = await cilium('status', '--verbose');
    expect(stdout).toContain('Allocated addresses:\n  10.32.1.1 (router)\n  10.32.1.10 (default/pod-a)\n');
    expect(stdout).toContain('  Socket LB:            Enabled\n');
    expect(stdout).toContain('  - NodePort:       Enabled (Range: 30000-32767) \n');
    expect(stdout).toContain('  TCP connection tracking       524288\n');
    expect(stdout).toContain('  node2:\n    Host connectivity to 10.0.0.6:\n');
    expect(stdout).toContain('  └── datapath\n');
  });

  it('-o json has the shape of StatusResponse', async () => {
    const {stdout} = await cilium('status', '-o', 'json');
    expect(stdout.endsWith('}\n\n')).toBe(true);
    const status = JSON.parse(stdout);
    expect(Object.keys(status)).toEqual([
      'attach-mode',
      'auth-certificate-provider',
      'bandwidth-manager',
      'bpf-maps',
      'cilium',
      'clock-source',
      'cluster',
      'cni-chaining',
      'cni-file',
      'configured-datapath-mode',
      'controllers',
      'datapath-mode',
      'encryption',
      'host-firewall',
      'hubble',
      'hubble-metrics',
      'identity-range',
      'ipam',
      'ipv4-big-tcp',
      'ipv6-big-tcp',
      'kube-proxy-replacement',
      'kubernetes',
      'kvstore',
      'masquerading',
      'nodeMonitor',
      'proxy',
      'routing',
      'srv6',
    ]);
    expect(status.routing).toEqual({
      'inter-host-routing-mode': 'Tunnel',
      'intra-host-routing-mode': 'BPF',
      'tunnel-protocol': 'geneve',
    });
    expect(status['kube-proxy-replacement'].deviceList[0].ip.slice(0, 3)).toEqual(['', '', '10.0.0.5']);
    expect(status.masquerading['snat-exclusion-cidr-v4']).toBe('10.32.1.0/24');
    expect(status.ipam.ipv6).toBeNull();
  });

  it('-o jsonpath and -o yaml', async () => {
    expect((await cilium('status', '-o', 'jsonpath={.routing.tunnel-protocol}')).stdout).toBe('geneve\n');
    const {stdout} = await cilium('status', '-o', 'yaml');
    expect(stdout).toContain('\nclientid: 0\n');
    expect(stdout).toContain('\n    ipv6: []\n');
    expect(stdout.endsWith('\n\n')).toBe(true);
  });
});
