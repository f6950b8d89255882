import {describe, expect, it} from 'vitest';
import type {CiliumConfig, Pod, Service} from '../../src/cluster/model.js';
import {createControl} from '../../src/control/control.js';
import {type Frontend, serviceFlags} from '../../src/control/model.js';
import {protocolName} from '../../src/control/protocols.js';
import {slotsOf} from '../../src/control/service-maps.js';
import {formatIpPort} from '../../src/wire/addr.js';
import {backend, cidr, cluster, ip, node, pod, service} from './cluster.js';

function maps(services: Service[], config: Partial<CiliumConfig> = {}, onNode = 'node1', pods?: Pod[]) {
  return createControl(cluster(pods ? {services, pods} : {services}, config)).state(onNode).services;
}
const line = (f: Frontend) =>
  `${f.id} ${formatIpPort(f.ip, f.port)}/${protocolName(f.protocol)}${f.scope === 'internal' ? '/i' : ''} ${f.type}` +
  ` [${f.backends.map((b) => b.id)}] ${f.count} 0x${f.flags.toString(16)} 0x${f.flags2.toString(16)}`;
const three = [
  backend('10.32.2.20', 8080, {nodeName: 'node2'}),
  backend('10.32.1.10', 8080, {nodeName: 'node1'}),
  backend('10.32.3.30', 8080, {nodeName: 'node3'}),
];
const flag16 = (f: Frontend) => f.flags | (f.flags2 << 8);

describe('services', () => {
  it('numbers the demo as the agent would', () => {
    const {frontends, backends, reverseNat, lookup} = createControl(cluster()).state('node1').services;
    expect(frontends.map(line)).toEqual([
      '1 10.96.0.1:443/TCP ClusterIP [1] 1 0x0 0x0',
      '2 10.96.10.50:80/TCP ClusterIP [2,3] 2 0x0 0x0',
      '0 10.96.0.1:0/ANY ClusterIP [] 0 0x0 0x0',
      '0 10.96.10.50:0/ANY ClusterIP [] 0 0x0 0x0',
    ]);
    expect([...backends.values()].map((b) => `${b.id} ${formatIpPort(b.ip, b.port)}`)).toEqual([
      '1 10.32.1.5:6443',
      '2 10.32.2.20:8080',
      '3 10.32.3.30:8080',
    ]);
    expect([...reverseNat]).toEqual([
      [1, {ip: ip('10.96.0.1'), port: 443}],
      [2, {ip: ip('10.96.10.50'), port: 80}],
    ]);
    expect(lookup(ip('10.96.10.50'), 80, 6, 'external')?.id).toBe(2);
    expect(lookup(ip('10.96.10.50'), 80, 17, 'external')).toBeUndefined();
    expect(lookup(ip('10.96.10.50'), 80, 6, 'internal')).toBeUndefined();
    expect(lookup(ip('10.96.10.50'), 81, 6, 'external')).toBeUndefined();
    expect(lookup(ip('10.96.10.50'), 0, 0, 'external')?.id).toBe(0);
  });

  it('wildcard entries are new in 1.19 and need LB IPAM', () => {
    const count = (config: Partial<CiliumConfig>) =>
      maps([service('a', '10.96.1.1')], config).frontends.filter((f) => f.id === 0).length;
    expect(count({})).toBe(1);
    expect(count({version: '1.18.9'})).toBe(0);
    expect(count({raw: {'default-lb-service-ipam': 'none'}})).toBe(0);
  });

  it('node port: surrogate, then each node address, flags as measured', () => {
    const web = service('web', '10.96.1.1', {
      type: 'NodePort',
      ports: [{port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30080}],
      backends: three,
    });
    expect(maps([web], {version: '1.18.0'}, 'node2').frontends.map(line)).toEqual([
      '1 10.96.1.1:80/TCP ClusterIP [1,2,3] 3 0x0 0x0',
      '2 0.0.0.0:30080/TCP NodePort [1,2,3] 3 0x2 0x0',
      '3 10.0.0.6:30080/TCP NodePort [1,2,3] 3 0x42 0x0',
    ]);
    expect(maps([web], {kubeProxyReplacement: false}).frontends.map((f) => f.type)).toEqual(['ClusterIP', 'ClusterIP']);
  });

  it('different traffic policies make two scopes', () => {
    const web = service('web', '10.96.1.1', {
      type: 'LoadBalancer',
      loadBalancerIps: [ip('203.0.113.1')],
      externalIps: [ip('198.51.100.1')],
      externalTrafficPolicy: 'Local',
      ports: [{port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30080}],
      backends: three,
      sourceRanges: [cidr('192.0.2.0/24'), cidr('2001:db8::/32')],
    });
    const {frontends, lookup} = maps([web], {version: '1.18.0'});
    expect(frontends.map(line)).toEqual([
      '1 10.96.1.1:80/TCP ClusterIP [1,2,3] 3 0x4 0x0',
      '2 0.0.0.0:30080/TCP NodePort [1] 1 0x6 0x20',
      '3 10.0.0.5:30080/TCP NodePort [1] 1 0x46 0x20',
      '4 0.0.0.0:30080/TCP/i NodePort [1,2,3] 3 0x6 0x20',
      '5 10.0.0.5:30080/TCP/i NodePort [1,2,3] 3 0x46 0x20',
      '6 203.0.113.1:80/TCP LoadBalancer [1] 1 0xe4 0x20',
      '7 203.0.113.1:80/TCP/i LoadBalancer [1,2,3] 3 0xe4 0x20',
      '8 198.51.100.1:80/TCP ExternalIPs [1] 1 0xc5 0x20',
    ]);
    expect(lookup(ip('203.0.113.1'), 80, 6, 'internal')?.id).toBe(7);
    expect(frontends[5]!.sourceRanges).toEqual([cidr('192.0.2.0/24')]);
    expect(flag16(frontends[5]!) & serviceFlags.twoScopes).toBe(serviceFlags.twoScopes);
  });

  it('internal traffic policy Local: only this node’s backends, none elsewhere', () => {
    const local = service('l', '10.96.1.1', {internalTrafficPolicy: 'Local', backends: three.slice(0, 2)});
    expect(maps([local], {}, 'node2').frontends[0]!.backends.map((b) => b.nodeName)).toEqual(['node2']);
    expect(maps([local], {}, 'node3').frontends[0]!.count).toBe(0);
    expect(flag16(maps([local]).frontends[0]!)).toBe(serviceFlags.intLocal);
  });

  it('ports choose backends by name, protocol and family', () => {
    const dns = service('dns', '10.96.0.10', {
      clusterIps: [ip('fd00:96::a'), ip('10.96.0.10')],
      ports: [
        {name: 'dns', port: 53, protocol: 'UDP', targetPort: 53},
        {name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53},
        {name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153},
      ],
      backends: [
        backend('10.32.1.3', 53, {protocol: 'UDP', portName: 'dns'}),
        backend('10.32.1.3', 53, {portName: 'dns-tcp'}),
        backend('10.32.1.3', 9153, {portName: 'metrics'}),
        backend('fd00:32:1::3', 53, {protocol: 'UDP', portName: 'dns'}),
      ],
    });
    expect(maps([dns], {enableIpv6: true, version: '1.18.0'}).frontends.map(line)).toEqual([
      '1 10.96.0.10:53/UDP ClusterIP [1] 1 0x0 0x0',
      '2 10.96.0.10:53/TCP ClusterIP [2] 1 0x0 0x0',
      '3 10.96.0.10:9153/TCP ClusterIP [3] 1 0x0 0x0',
      '4 [fd00:96::a]:53/UDP ClusterIP [4] 1 0x0 0x0',
      '5 [fd00:96::a]:53/TCP ClusterIP [] 0 0x0 0x0',
      '6 [fd00:96::a]:9153/TCP ClusterIP [] 0 0x0 0x0',
    ]);
    expect(maps([dns]).frontends.filter((f) => f.id > 0)).toHaveLength(3);
  });

  it('orders slots by state, and drains only when nothing is active', () => {
    const states = (list: Service['backends']) => {
      const [frontend] = maps([service('s', '10.96.1.1', {backends: list})]).frontends;
      return {slots: slotsOf(frontend!).map((b) => formatIpPort(b.ip, b.port)), count: frontend!.count};
    };
    const draining = [
      backend('10.32.1.4', 80, {state: 'maintenance'}),
      backend('10.32.1.3', 80, {state: 'quarantined'}),
      backend('10.32.1.2', 80, {state: 'terminating'}),
      backend('10.32.1.1', 80, {state: 'terminating-not-serving'}),
    ];
    expect(states([...draining, backend('10.32.1.9', 80), backend('10.32.1.8', 80)])).toEqual({
      slots: ['10.32.1.8:80', '10.32.1.9:80', '10.32.1.2:80', '10.32.1.1:80', '10.32.1.3:80'],
      count: 2,
    });
    expect(states(draining)).toEqual({slots: ['10.32.1.2:80', '10.32.1.1:80', '10.32.1.3:80'], count: 1});
  });

  it('gives one backend one id, whatever the service', () => {
    const {backends, frontends} = maps([
      service('a', '10.96.1.1', {backends: three}),
      service('b', '10.96.1.2', {backends: three.slice(1)}),
    ]);
    expect(backends.size).toBe(3);
    expect(frontends[1]!.backends.map((b) => b.id)).toEqual([1, 3]);
  });

  it('the first service keeps an address that two claim', () => {
    const {frontends} = maps([service('a', '10.96.1.1'), service('b', '10.96.1.1')]);
    expect(frontends.filter((f) => f.id > 0).map((f) => f.service?.name)).toEqual(['a']);
  });

  it('builds Maglev only for what is reachable from outside, or asks for it', () => {
    const web = service('web', '10.96.1.1', {
      type: 'NodePort',
      ports: [{port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30080}],
      backends: three,
    });
    const built = (config: Partial<CiliumConfig>, s = web) =>
      maps([s], {maglevTableSize: 251, ...config})
        .frontends.filter((f) => f.id > 0)
        .map((f) => f.maglev?.()?.length ?? 0);
    expect(built({})).toEqual([0, 0, 0]);
    expect(built({lbAlgorithm: 'maglev'})).toEqual([0, 0, 251]);
    expect(built({lbAlgorithm: 'maglev', lbExternalClusterIp: true})).toEqual([251, 0, 251]);
    const asked = {...web, annotations: {'service.cilium.io/lb-algorithm': 'maglev'}};
    expect(built({}, asked)).toEqual([0, 0, 0]);
    expect(built({raw: {'bpf-lb-algorithm-annotation': 'true'}}, asked)).toEqual([251, 0, 251]);
    const random = {...web, annotations: {'service.cilium.io/lb-algorithm': 'random'}};
    expect(built({lbAlgorithm: 'maglev', raw: {'bpf-lb-algorithm-annotation': 'true'}}, random)).toEqual([0, 0, 0]);
  });

  it('sets the flags of affinity, DSR and external ClusterIP', () => {
    const sticky = service('s', '10.96.1.1', {sessionAffinity: {clientIpTimeout: 10800}});
    const [plain] = maps([sticky]).frontends;
    expect([flag16(plain!), plain!.affinityTimeout]).toEqual([serviceFlags.affinity, 10800]);
    const [dsr] = maps([sticky], {lbMode: 'hybrid', lbExternalClusterIp: true}).frontends;
    expect(flag16(dsr!)).toBe(serviceFlags.affinity | serviceFlags.routable | serviceFlags.dsr);
  });

  it('a hostPort is a service of its pod alone, on its node', () => {
    const pods = [
      pod('web', 'node1', '10.32.1.10', 20001, {ports: [{port: 8080, protocol: 'TCP', hostPort: 80}]}),
      pod('web', 'node2', '10.32.2.10', 20001, {ports: [{port: 8080, protocol: 'TCP', hostPort: 80}]}),
    ];
    expect(maps([], {}, 'node1', pods).frontends.map(line)).toEqual([
      '1 0.0.0.0:80/TCP HostPort [1] 1 0x8 0x0',
      '2 10.0.0.5:80/TCP HostPort [1] 1 0x48 0x0',
    ]);
    expect(maps([], {}, 'node3', pods).frontends).toEqual([]);
  });

  it('IPv6 node ports have their own surrogate', () => {
    const web = service('web', '10.96.1.1', {
      type: 'NodePort',
      clusterIps: [ip('10.96.1.1'), ip('fd00:96::1')],
      ports: [{port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30080}],
    });
    const nodes = [node(1, {ips: [ip('10.0.0.5'), ip('fd00:a::5')]})];
    const {frontends} = createControl(cluster({services: [web], nodes, pods: []}, {enableIpv6: true})).state(
      'node1',
    ).services;
    expect(frontends.filter((f) => f.type === 'NodePort').map((f) => formatIpPort(f.ip, f.port))).toEqual([
      '0.0.0.0:30080',
      '10.0.0.5:30080',
      '[::]:30080',
      '[fd00:a::5]:30080',
    ]);
  });

  it('kube-proxy leaves the maps empty', () => {
    expect(createControl(cluster({dataplane: 'kube-proxy'})).state('node1').services.frontends).toEqual([]);
  });
});
