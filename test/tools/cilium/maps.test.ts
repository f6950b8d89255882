/** Lines of map dumps: genuine ones where a comment says so, else from the format strings. */
import {describe, expect, it} from 'vitest';
import {serviceFlags} from '../../../src/control/model.js';
import type {CtEntry, NatEntry} from '../../../src/datapath/model.js';
import {flagText} from '../../../src/tools/cilium/bpf/lb.js';
import {createCounter} from '../../../src/tools/cilium/bpf/metrics.js';
import {ctLine, natLine} from '../../../src/tools/cilium/bpf/tracking.js';
import {parseIp} from '../../../src/wire/addr.js';
import {cilium, demoCluster, runView} from './lab.js';

const ip = (text: string) => parseIp(text)!;

const entry: CtEntry = {
  tuple: {daddr: ip('10.244.1.5'), saddr: ip('10.244.2.7'), dport: 40000, sport: 80, protocol: 6, flags: 0},
  lifetime: 1060,
  packets: 0,
  bytes: 0,
  rxClosing: false,
  txClosing: false,
  lbLoopback: false,
  seenNonSyn: true,
  nodePort: false,
  proxyRedirect: false,
  dsrInternal: false,
  fromL7lb: false,
  fromTunnel: false,
  revNat: 3,
  txFlagsSeen: 0x02,
  rxFlagsSeen: 0x12,
  lastTxReport: 1000,
  lastRxReport: 999,
  sourceIdentity: 1234,
  backendId: 0,
  natAddr: undefined,
  natPort: 0,
};

describe('bpf ct list', () => {
  const tail =
    'Packets=0 Bytes=0 RxFlagsSeen=0x12 LastRxReport=999 TxFlagsSeen=0x02 LastTxReport=1000 ' +
    'Flags=0x0010 [ SeenNonSyn ] RevNAT=3 SourceSecurityID=1234 BackendID=0 NatPort=0 \n';

  it('addresses are stored for the way back', () =>
    expect(ctLine(entry)).toBe(`TCP OUT 10.244.1.5:80 -> 10.244.2.7:40000 expires=1060 ${tail}`));

  it('IN, related, SVC', () => {
    const {tuple} = entry;
    expect(ctLine({...entry, tuple: {...tuple, flags: 1}})).toContain('TCP IN 10.244.1.5:80 -> 10.244.2.7:40000 ');
    expect(ctLine({...entry, tuple: {...tuple, flags: 2, protocol: 1}})).toMatch(/^ICMP OUT .* related expires=/);
    expect(ctLine({...entry, tuple: {...tuple, flags: 4}})).toContain('TCP SVC 10.244.2.7:40000 -> 10.244.1.5:80 ');
  });

  it('-d adds what is left', () =>
    expect(ctLine(entry, 1010)).toContain('expires=1060 (remaining: 50 sec(s)) Packets=0 '));

  it('IPv6 has no brackets', () =>
    expect(ctLine({...entry, tuple: {...entry.tuple, daddr: ip('fd00::1'), saddr: ip('fd00::2')}})).toContain(
      'TCP OUT fd00::1:80 -> fd00::2:40000 ',
    ));

  it('names the flags in order of their bits', () =>
    expect(ctLine({...entry, rxClosing: true, txClosing: true, nodePort: true, fromTunnel: true})).toContain(
      'Flags=0x0433 [ RxClosing TxClosing SeenNonSyn NodePort FromTunnel ] ',
    ));

  it('of a run: service, translated flow and related entry; a blank line behind each map', async () => {
    const {stdout} = await cilium('bpf', 'ct', 'list', 'global', '--traffic', 'pod-a -> my-svc:80/http');
    const [tcp, any] = stdout.split('\n\n');
    expect(tcp!.split('\n')).toHaveLength(2);
    expect(tcp).toMatch(
      /^TCP SVC 10\.32\.1\.10:(\d+) -> 10\.96\.10\.50:80 [^\n]*\nTCP OUT 10\.32\.1\.10:\1 -> 10\.32\.[23]\.[23]0:8080 /,
    );
    expect(any).toMatch(/^ICMP OUT 10\.32\.1\.10:0 -> 10\.32\.[23]\.[23]0:0 related /);
    expect(stdout.endsWith(' \n\n')).toBe(true);
  });

  it('-o json has the map’s own bytes', async () => {
    const argv = ['bpf', 'ct', 'list', '-o', 'json', '--traffic', 'pod-a -> my-svc:80/tcp'];
    const [first] = JSON.parse((await cilium(...argv)).stdout);
    expect(first.Key).toMatchObject({DestAddr: [10, 96, 10, 50], SourceAddr: [10, 32, 1, 10], NextHeader: 6, Flags: 4});
    expect(Object.keys(first.Value)).toEqual([
      'Union0',
      'Packets',
      'Bytes',
      'Lifetime',
      'Flags',
      'RevNAT',
      'NatPort',
      'TxFlagsSeen',
      'RxFlagsSeen',
      'SourceSecurityID',
      'LastTxReport',
      'LastRxReport',
    ]);
  });

  it('arguments', async () => {
    expect((await cilium('bpf', 'ct', 'list', 'local')).stderr).toBe('Invalid argument: unknown type local');
    expect((await cilium('bpf', 'ct', 'list', 'cluster')).stderr).toBe('Invalid argument: missing clusterID');
  });
});

describe('bpf nat list', () => {
  const nat: NatEntry = {
    tuple: {saddr: ip('172.18.0.3'), sport: 34178, daddr: ip('54.234.221.194'), dport: 443, protocol: 6, flags: 0},
    toIp: ip('172.18.0.3'),
    toPort: 34178,
    created: 592,
    needsCt: true,
  };

  it('prints both directions as the real one does', () => {
    // genuine lines
    expect(natLine(nat, 1000)).toBe(
      'TCP OUT 172.18.0.3:34178 -> 54.234.221.194:443 XLATE_SRC 172.18.0.3:34178 Created=408sec ago NeedsCT=1\n',
    );
    const {saddr, sport, daddr, dport} = nat.tuple;
    const reverse = {...nat.tuple, saddr: daddr, sport: dport, daddr: saddr, dport: sport, flags: 1};
    expect(natLine({...nat, tuple: reverse}, 1000)).toBe(
      'TCP IN 54.234.221.194:443 -> 172.18.0.3:34178 XLATE_DST 172.18.0.3:34178 Created=408sec ago NeedsCT=1\n',
    );
  });

  it('of a run that leaves the cluster', async () => {
    const {stdout} = await cilium('bpf', 'nat', 'list', '--traffic', 'pod-a -> 198.51.100.7:80/tcp');
    expect(stdout).toMatch(
      /TCP OUT 10\.32\.1\.10:\d+ -> 198\.51\.100\.7:80 XLATE_SRC 10\.0\.0\.5:\d+ Created=0sec ago NeedsCT=0\n/,
    );
    expect(stdout.endsWith('\n\n')).toBe(true);
  });
});

describe('bpf lb list', () => {
  it('flag words in the order of ServiceFlags.String', () => {
    const bits = (...names: (keyof typeof serviceFlags)[]) => {
      const all = names.reduce((sum, name) => sum | serviceFlags[name], 0);
      return {flags: all & 0xff, flags2: all >>> 8};
    };
    expect(flagText({type: 'ClusterIP', ...bits()})).toBe('ClusterIP, non-routable');
    expect(flagText({type: 'NodePort', ...bits('nodePort', 'routable', 'extLocal', 'twoScopes')})).toBe(
      'NodePort, Local, two-scopes',
    );
    expect(flagText({type: 'LoadBalancer', ...bits('routable', 'affinity', 'sourceRange', 'quarantined', 'dsr')})).toBe(
      'LoadBalancer, sessionAffinity, check source-range, deny, dsr',
    );
    expect(flagText({type: 'HostPort', ...bits('hostPort', 'routable', 'loopback', 'intLocal')})).toBe(
      'HostPort, InternalLocal, loopback',
    );
  });

  it('slots, and the wildcard entry of each address', async () => {
    const {stdout} = await cilium('bpf', 'lb', 'list');
    expect(stdout).toMatch(/^SERVICE ADDRESS {11}BACKEND ADDRESS \(REVNAT_ID\) \(SLOT\)\n/);
    expect(stdout).toContain('10.96.10.50:80/TCP (0)    0.0.0.0:0 (2) (0) [ClusterIP, non-routable]    \n');
    expect(stdout).toContain('10.96.10.50:80/TCP (1)    10.32.2.20:8080/TCP (2) (1)                    \n');
    expect(stdout).toContain('10.96.10.50:0/ANY (0)     0.0.0.0:0 (0) (0) [ClusterIP, non-routable]    \n');
  });

  it('--frontends --backends --revnat', async () => {
    expect((await cilium('bpf', 'lb', 'list', '--frontends')).stdout).toContain(
      '10.96.10.50:80/TCP (0)    0 2[0] (2) [0x0 0x0]   \n',
    );
    expect((await cilium('bpf', 'lb', 'list', '--backends')).stdout).toContain('\n1    TCP://10.32.1.5    \n');
    expect((await cilium('bpf', 'lb', 'list', '--revnat')).stdout).toContain('\n2    10.96.10.50:80    \n');
    expect((await cilium('bpf', 'lb', 'list', '--source-ranges')).stdout).toBe('SOURCE RANGE (REVNAT_ID)   \n');
  });

  it('-o json: an object with its keys in byte order', async () => {
    const {stdout} = await cilium('bpf', 'lb', 'list', '--revnat', '-o', 'json');
    expect(stdout.startsWith('{\n  "1": [\n    "10.96.0.1:443"\n  ],\n')).toBe(true);
  });
});

describe('other maps', () => {
  it('ipcache', async () => {
    const {stdout} = await cilium('bpf', 'ipcache', 'list');
    expect(stdout).toContain(
      '10.32.2.0/24        identity=2 encryptkey=0 tunnelendpoint=10.0.0.6 flags=hastunnel       \n',
    );
    expect(stdout).toMatch(/\n10\.0\.0\.5\/32 {9}identity=1 encryptkey=0 tunnelendpoint=0\.0\.0\.0 flags=<none> +\n/);
  });

  it('endpoint', async () =>
    expect((await cilium('bpf', 'endpoint', 'list')).stdout).toMatch(
      /\n10\.32\.1\.10:0 {3}id=3286 {2}sec_id=\d{4,5} +flags=0x0000 ifindex=9 {3}mac=([0-9A-F]{2}:){5}[0-9A-F]{2} nodemac=\S+ parent_ifindex=0 {3}rt_info:0 {3}\n/,
    ));

  it('nodeid', async () =>
    expect((await cilium('bpf', 'nodeid', 'list')).stdout).toContain('0x1       10.0.0.6       0\n'));

  it('policy', async () => {
    expect((await cilium('bpf', 'policy', 'get', '3286', '-n')).stdout).toBe(
      `POLICY   DIRECTION   IDENTITY   PORT/PROTO   PROXY PORT   AUTH TYPE   BYTES   PACKETS   PREFIX   COOKIE
Allow    Ingress     0          ANY          NONE         disabled    -       -         0        0
Allow    Egress      0          ANY          NONE         disabled    1420    17        0        0
`,
    );
    expect((await cilium('bpf', 'policy', 'get', '3286')).stdout).toContain('Allow    Ingress     ANY  ');
    expect(await cilium('bpf', 'policy', 'get')).toMatchObject({
      code: 1,
      stderr: 'Error: Missing endpoint id argument\n',
    });
    expect((await cilium('bpf', 'policy', 'get', '9')).stderr).toContain('cilium_policy_v2_00009: no such file');
    expect((await cilium('bpf', 'policy', 'get', 'x')).code).toBe(1);
    expect((await cilium('bpf', 'policy', 'get', '--all')).stdout).toMatch(
      /^Endpoint ID: 690\nPath: .*_00690\n\nPOLICY/,
    );
  });

  it('maglev: one table per service that has one', async () => {
    const {cilium: config, ...rest} = demoCluster();
    const maglev = {...config, lbAlgorithm: 'maglev' as const, lbExternalClusterIp: true, maglevTableSize: 251};
    const {stdout} = await runView({...rest, cilium: maglev}, 'bpf', 'lb', 'maglev', 'list');
    const [, ids] = /\n\[2\]\/v4 {3}\[([\d ]+)\] {3}\n/.exec(stdout)!;
    expect(ids!.split(' ')).toHaveLength(251);
    expect((await cilium('bpf', 'lb', 'maglev', 'list')).stdout).toBe('SVC ID   LOOKUP TABLE\n');
  });

  it('metrics count trace and drop points of this node', async () => {
    const argv = ['bpf', 'metrics', 'list', '--traffic', 'pod-a -> pod-b/icmp x3'];
    const {stdout} = await cilium(...argv);
    expect(stdout).toMatch(/^REASON {6}DIRECTION {3}PACKETS {3}BYTES {3}LINE {3}FILE\n/);
    expect(stdout).toMatch(/\nSuccess {5}EGRESS {6}3 {9}294 {5}33 {5}encap\.h\n/);
    expect((await cilium(...argv, '--node', 'node3')).stderr).toBe('No entries found.\n');
    const counter = createCounter('n');
    const base = {
      time: 0,
      node: 'n',
      packet: 1,
      frame: new Uint8Array(),
      endpoint: 0,
      destinationEndpoint: 0,
      ifindex: 0,
    };
    const drop = {...base, kind: 'drop', extError: 0, sourceIdentity: 0, destinationIdentity: 0, length: 74} as const;
    counter.count({...drop, hook: 'cil_from_container', reason: 132, at: {file: 'bpf_lxc.c', line: 1841}});
    counter.count({...drop, hook: 'cil_from_container', reason: 133, at: {file: 'bpf_lxc.c', line: 2410}});
    counter.count({...drop, node: 'other', hook: 'cil_from_container', reason: 133});
    expect(counter.metrics()).toEqual([
      {reason: 'Invalid source ip', direction: 'EGRESS', packets: 1, bytes: 74, line: 1841, file: 'bpf_lxc.c'},
      {reason: 'Policy denied', direction: 'INGRESS', packets: 1, bytes: 74, line: 2410, file: 'bpf_lxc.c'},
    ]);
  });
});
