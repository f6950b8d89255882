/** Expected texts from the format strings (cilium-dbg/cmd) and genuine outputs; trailing blanks included. */
import {describe, expect, it} from 'vitest';
import type {Backend, Frontend} from '../../../src/control/model.js';
import {readWriteText} from '../../../src/tools/cilium/config.js';
import {serviceTable} from '../../../src/tools/cilium/list/service.js';
import {parseIp} from '../../../src/wire/addr.js';
import {cilium, demoCluster, runView} from './lab.js';

const backend = (ip: string, port: number, protocol: number, state: Backend['state'] = 'active'): Backend => ({
  id: 1,
  ip: parseIp(ip)!,
  port,
  protocol,
  state,
});
const frontend = (id: number, ip: string, port: number, fields: Partial<Frontend> = {}): Frontend => ({
  id,
  ip: parseIp(ip)!,
  port,
  protocol: 6,
  scope: 'external',
  type: 'ClusterIP',
  flags: 0,
  flags2: 0,
  algorithm: 0,
  affinityTimeout: 0,
  backends: [],
  count: 0,
  sourceRanges: [],
  maglev: undefined,
  ...fields,
});

describe('service list', () => {
  it('text', () =>
    expect(
      serviceTable([
        frontend(1, '10.96.0.1', 443, {backends: [backend('172.18.0.2', 6443, 6)]}),
        frontend(2, '10.96.0.10', 53, {
          protocol: 17,
          backends: [backend('10.244.1.12', 53, 17), backend('10.244.2.7', 53, 17)],
        }),
        frontend(3, '10.96.50.104', 80),
        frontend(4, '0.0.0.0', 30781, {type: 'NodePort', backends: [backend('10.244.1.1', 80, 6)]}),
        frontend(5, '0.0.0.0', 30781, {
          type: 'NodePort',
          scope: 'internal',
          backends: [backend('10.244.1.1', 80, 6, 'terminating')],
        }),
      ]),
    ).toBe(
      `
ID···Frontend··············Service·Type···Backend································
1····10.96.0.1:443/TCP·····ClusterIP······1·=>·172.18.0.2:6443/TCP·(active)······
2····10.96.0.10:53/UDP·····ClusterIP······1·=>·10.244.1.12:53/UDP·(active)·······
··········································2·=>·10.244.2.7:53/UDP·(active)········
3····10.96.50.104:80/TCP···ClusterIP·············································
4····0.0.0.0:30781/TCP·····NodePort·······1·=>·10.244.1.1:80/TCP·(active)········
5····0.0.0.0:30781/TCP/i···NodePort·······1·=>·10.244.1.1:80/TCP·(terminating)···
`
        .slice(1)
        .replaceAll('·', ' '),
    ));

  it('brackets IPv6', () =>
    expect(serviceTable([frontend(1, 'fd00::a', 80, {backends: [backend('fd00::b', 8080, 6)]})])).toContain(
      '[fd00::a]:80/TCP   ClusterIP      1 => [fd00::b]:8080/TCP (active)',
    ));

  it('-o json', async () => {
    const list = JSON.parse((await cilium('service', 'list', '-o', 'json')).stdout);
    expect(list[1].spec).toEqual({
      'backend-addresses': [
        expect.objectContaining({ip: '10.32.2.20', port: 8080, preferred: true, protocol: 'TCP', state: 'active'}),
        expect.objectContaining({ip: '10.32.3.30'}),
      ],
      flags: {
        extTrafficPolicy: 'Cluster',
        intTrafficPolicy: 'Cluster',
        name: 'my-svc',
        namespace: 'default',
        trafficPolicy: 'Cluster',
        type: 'ClusterIP',
      },
      'frontend-address': {ip: '10.96.10.50', port: 80, protocol: 'TCP', scope: 'external'},
      id: 2,
    });
    expect(list[1].status.realized).toEqual(list[1].spec);
  });

  it('--clustermesh-affinity: without a mesh every backend is preferred', async () =>
    expect((await cilium('service', 'list', '--clustermesh-affinity')).stdout).toContain('(active) (preferred)'));

  it('jsonpath over the list', async () =>
    expect(
      (await cilium('service', 'list', '-o', 'jsonpath={[?(@.spec.id==2)].spec.frontend-address.ip}')).stdout,
    ).toBe('10.96.10.50\n'));
});

describe('endpoint list', () => {
  it('two lines of header, labels one a line, by id', async () => {
    const lines = (await cilium('endpoint', 'list')).stdout.split('\n');
    expect(lines[0]).toMatch(
      /^ENDPOINT {3}POLICY \(ingress\) {3}POLICY \(egress\) {3}IDENTITY {3}LABELS \(source:key\[=value\]\) +IPv6 {3}IPv4 {9}STATUS {3}$/,
    );
    expect(lines[1]!.trimEnd()).toBe('           ENFORCEMENT        ENFORCEMENT');
    // the second line has no cell under STATUS
    expect(lines[1]!.length).toBe(lines[0]!.length - 'STATUS   '.length);
    expect(lines.find((line) => line.startsWith('765'))).toMatch(
      /^765 {8}Disabled {11}Disabled {10}4 {10}reserved:health +10\.32\.1\.2 {4}ready {3}$/,
    );
    const ids = lines.slice(2).flatMap((line) => (/^\d+/.test(line) ? [Number.parseInt(line, 10)] : []));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });

  it('--no-headers', async () => expect((await cilium('endpoint', 'list', '--no-headers')).stdout).toMatch(/^\d+ /));

  it('policy enforcement follows the policy map', async () => {
    const cluster = demoCluster();
    const {stdout} = await runView(
      {...cluster, cilium: {...cluster.cilium, enablePolicy: 'always'}},
      'endpoint',
      'list',
    );
    expect(stdout).toMatch(/\n765 {8}Enabled {12}Enabled/);
  });

  it('-o json has what scripts ask for', async () => {
    const list = JSON.parse((await cilium('endpoint', 'list', '-o', 'json')).stdout);
    const pod = list.find((e: {status: {'external-identifiers': {'pod-name'?: string}}}) =>
      e.status['external-identifiers']['pod-name']?.endsWith('/pod-a'),
    );
    expect(pod.status.networking.addressing).toEqual([{ipv4: '10.32.1.10'}]);
    expect(pod.status.identity.labels).toContain('k8s:app=client');
    expect(pod.status.state).toBe('ready');
    expect(pod.status.policy.realized['policy-enabled']).toBe('none');
  });
});

describe('identity, node, ip', () => {
  it('identity list', async () => {
    const {stdout} = await cilium('identity', 'list');
    expect(stdout).toMatch(/^ID {6}LABELS\n1 {7}reserved:host\n2 {7}reserved:world\n/);
    expect(stdout).toContain(
      '7       reserved:kube-apiserver\n        reserved:remote-node\n8       reserved:ingress\n',
    );
  });

  it('identity list --endpoints', async () => {
    const lines = (await cilium('identity', 'list', '--endpoints')).stdout.split('\n');
    expect(lines[0]).toMatch(/^ID {6}LABELS +REFCOUNT$/);
    expect(lines[1]).toMatch(/^1 {7}reserved:host +1 {4}$/);
  });

  it('identity list LABELS, identity get', async () => {
    expect((await cilium('identity', 'list', 'reserved:health')).stdout).toBe('ID   LABELS\n4    reserved:health\n');
    expect((await cilium('identity', 'get', '2')).stdout).toBe('ID   LABELS\n2    reserved:world\n');
    expect((await cilium('identity', 'get', '9999')).code).toBe(1);
    expect((await cilium('identity', 'list', 'k8s:no=such')).code).toBe(1);
  });

  it('node list', async () => {
    expect((await cilium('node', 'list')).stdout).toBe(
      `Name    IPv4 Address   Endpoint CIDR   IPv6 Address   Endpoint CIDR   Source
node1   10.0.0.5       10.32.1.0/24                                   local
node2   10.0.0.6       10.32.2.0/24                                   custom-resource
node3   10.0.0.7       10.32.3.0/24                                   custom-resource
`,
    );
    const cluster = demoCluster();
    const named = await runView({...cluster, cilium: {...cluster.cilium, clusterName: 'east'}}, 'node', 'list');
    expect(named.stdout).toContain('\neast/node1   10.0.0.5');
    expect(JSON.parse((await cilium('node', 'list', '-o', 'json')).stdout)[0]).toEqual({
      'health-endpoint-address': {ipv4: {enabled: true, ip: '10.32.1.2'}, ipv6: {}},
      name: 'node1',
      'primary-address': {ipv4: {'alloc-range': '10.32.1.0/24', enabled: true, ip: '10.0.0.5'}, ipv6: {}},
      'secondary-addresses': [{ip: '10.32.1.1'}],
      source: 'local',
    });
  });

  it('ip list: wide prefixes first, labels one a line', async () => {
    const lines = (await cilium('ip', 'list')).stdout.split('\n');
    expect(lines[1]).toMatch(/^0\.0\.0\.0\/0 {7}reserved:world +$/);
    expect(lines[2]).toMatch(/^10\.32\.2\.0\/24/);
    const at = lines.findIndex((line) => line.startsWith('10.32.1.10/32'));
    expect(lines[at]).toMatch(/k8s:app=client +local$/);
    expect(lines[at + 1]).toMatch(/^ {16}k8s:io\.cilium/);
    expect((await cilium('ip', 'list', '-nv')).stdout).toMatch(
      /\n10\.32\.2\.20\/32 {3}\d+ +custom-resource {3}10\.0\.0\.6 {3}0\n/,
    );
    expect(JSON.parse((await cilium('ip', 'list', '-o', 'json')).stdout)[0]).toEqual({cidr: '0.0.0.0/0', identity: 2});
  });

  it('config', async () => {
    const {cilium: config} = demoCluster();
    expect(readWriteText(config)).toMatch(/^##### Read-write configurations #####\nDebug {29}: Disabled\n/);
    const {stdout} = await cilium('config', '-a');
    expect(stdout).toContain('#### Read-only configurations ####\n');
    expect(stdout).toContain('tunnel-protocol                   : geneve\n');
    expect(stdout).toContain('PolicyEnforcement                 : default\n');
    expect((await cilium('config', 'Debug=enable')).code).toBe(2);
  });
});
