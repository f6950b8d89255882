import {describe, expect, it} from 'vitest';
import type {CiliumConfig, ClusterNode, Pod, Service, ServiceBackend} from '../../src/cluster/model.js';
import {createControl} from '../../src/control/control.js';
import {type Frontend, serviceFlags} from '../../src/control/model.js';
import {slotsOf} from '../../src/control/service-maps.js';
import {formatIpPort} from '../../src/wire/addr.js';
import {backend, cidr, cluster, ip, node, pod, service} from './cluster.js';

interface Case {
  readonly services: Service[];
  readonly config?: Partial<CiliumConfig>;
  readonly on?: string;
  readonly nodes?: ClusterNode[];
  readonly pods?: Pod[];
}

function frontends({services, config = {}, on = 'node1', nodes, pods}: Case): readonly Frontend[] {
  const parts = {services, ...(nodes ? {nodes} : {}), ...(pods ? {pods} : {})};
  return createControl(cluster(parts, config))
    .state(on)
    .services.frontends.filter((f) => f.id !== 0);
}
const names = (list: readonly Frontend[]) => list.map((f) => `${f.type} ${formatIpPort(f.ip, f.port)}`);
const hosts = (f: Frontend | undefined) => f?.backends.map((b) => formatIpPort(b.ip, b.port));
const has = (f: Frontend | undefined, bit: number) => (((f?.flags ?? 0) | ((f?.flags2 ?? 0) << 8)) & bit) !== 0;
const zoned = (n: number, zone: string) =>
  node(n, {labels: {'topology.kubernetes.io/zone': zone, 'node.pool': `p${n}`}});
const nodes = [zoned(1, 'east'), zoned(2, 'west'), zoned(3, 'north')];

describe('topology', () => {
  const hinted = (last: number, on: string, zone: string, forZones: string[]): ServiceBackend =>
    backend(`10.32.9.${last}`, 80, {nodeName: on, zone, forZones});
  const backends = [hinted(1, 'node1', 'east', ['east', 'south']), hinted(2, 'node2', 'west', ['west'])];
  const on = {raw: {'enable-service-topology': 'true'}};
  const pick = (fields: Partial<Service>, at = 'node1', config: Partial<CiliumConfig> = on) =>
    hosts(frontends({services: [service('a', '10.96.1.1', {backends, ...fields})], config, on: at, nodes})[0]);
  const all = ['10.32.9.1:80', '10.32.9.2:80'];
  const annotated = (value: string) => ({annotations: {'service.kubernetes.io/topology-mode': value}});

  it('zone hints count with the option and where the service asks', () => {
    expect(pick({trafficDistribution: 'PreferSameZone'})).toEqual(['10.32.9.1:80']);
    expect(pick({trafficDistribution: 'PreferClose'}, 'node2')).toEqual(['10.32.9.2:80']);
    expect(pick(annotated('auto'))).toEqual(['10.32.9.1:80']);
    expect(pick(annotated('Disabled'))).toEqual(all);
    expect(pick({})).toEqual(all);
    expect(pick({trafficDistribution: 'PreferSameZone'}, 'node1', {})).toEqual(all);
  });

  it('falls back to all where no hint names the zone, or one backend has none', () => {
    expect(pick({trafficDistribution: 'PreferSameZone'}, 'node3')).toEqual(all);
    const bare = backend('10.32.9.3', 80, {nodeName: 'node3', zone: 'north'});
    expect(pick({trafficDistribution: 'PreferSameZone', backends: [...backends, bare]})).toHaveLength(3);
  });

  it("PreferSameNode takes the node's own where it has any; iTP Local leaves no preference", () => {
    expect(pick({trafficDistribution: 'PreferSameNode'}, 'node2')).toEqual(['10.32.9.2:80']);
    expect(pick({trafficDistribution: 'PreferSameNode'}, 'node3')).toEqual(all);
    expect(pick({trafficDistribution: 'PreferSameNode', internalTrafficPolicy: 'Local'}, 'node3')).toEqual([]);
  });
});

describe('service.cilium.io annotations', () => {
  const lb = (annotations: Record<string, string>, fields: Partial<Service> = {}) =>
    service('a', '10.96.1.1', {
      type: 'LoadBalancer',
      ports: [{port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30080}],
      loadBalancerIps: [ip('203.0.113.9')],
      backends: [backend('10.32.2.20', 8080, {nodeName: 'node2'})],
      annotations,
      ...fields,
    });

  it('type leaves one kind of frontend; an unknown value is ignored', () => {
    const of = (type: string) => names(frontends({services: [lb({'service.cilium.io/type': type})]}));
    expect(of('LoadBalancer')).toEqual(['LoadBalancer 203.0.113.9:80']);
    expect(of('ClusterIP')).toEqual(['ClusterIP 10.96.1.1:80']);
    expect(of('NodePort')).toEqual(['NodePort 0.0.0.0:30080', 'NodePort 10.0.0.5:30080']);
    expect(of('Everything')).toHaveLength(4);
  });

  it('node and node-selector choose the nodes that know the service', () => {
    const known = (annotations: Record<string, string>, on: string) =>
      frontends({services: [lb(annotations)], nodes, on}).length > 0;
    expect(known({'service.cilium.io/node-selector': 'node.pool in (p1, p3)'}, 'node1')).toBe(true);
    expect(known({'service.cilium.io/node-selector': 'node.pool in (p1, p3)'}, 'node2')).toBe(false);
    expect(known({'service.cilium.io/node-selector': '!node.pool', 'service.cilium.io/node': 'x'}, 'node2')).toBe(
      false,
    );
    expect(known({'service.cilium.io/node-selector': 'a in b ('}, 'node2')).toBe(true);
    expect(known({'service.cilium.io/node': 'edge'}, 'node2')).toBe(false);
    const edge = [node(1, {labels: {'service.cilium.io/node': 'edge'}})];
    expect(frontends({services: [lb({'service.cilium.io/node': 'edge'})], nodes: edge})).toHaveLength(4);
  });

  it('forwarding-mode overrides the mode of the node where the option is on', () => {
    const dsr = (value: string, raw: Record<string, string>) =>
      has(
        frontends({services: [lb({'service.cilium.io/forwarding-mode': value})], config: {raw}})[0],
        serviceFlags.dsr,
      );
    expect(dsr('DSR', {'bpf-lb-mode-annotation': 'true'})).toBe(true);
    expect(dsr('dsr', {})).toBe(false);
    expect(dsr('hybrid', {'bpf-lb-mode-annotation': 'true'})).toBe(false);
  });

  it('proxy-delegation and source ranges set their flags', () => {
    const ranges = {sourceRanges: [cidr('192.0.2.0/24')], externalIps: [ip('203.0.113.77')]};
    const list = frontends({services: [lb({'service.cilium.io/proxy-delegation': 'Delegate-If-Local'}, ranges)]});
    expect(list.every((f) => has(f, serviceFlags.loopback))).toBe(true);
    const checked = list.filter((f) => has(f, serviceFlags.sourceRange)).map((f) => f.type);
    expect(checked).toEqual(['LoadBalancer', 'ExternalIPs']);
  });

  it('a wildcard entry needs a load balancer class that Cilium provides', () => {
    const wild = (loadBalancerClass: string) =>
      createControl(cluster({services: [lb({}, {loadBalancerClass})]}))
        .state('node1')
        .services.frontends.filter((f) => f.id === 0).length;
    expect(wild('io.cilium/bgp-control-plane')).toBe(2);
    expect(wild('example.com/lb')).toBe(0);
  });

  it('the headless label leaves no frontend', () => {
    expect(frontends({services: [lb({}, {labels: {'service.kubernetes.io/headless': ''}})]})).toEqual([]);
  });
});

describe('backend states', () => {
  const states = (...list: ServiceBackend['state'][]) =>
    frontends({
      services: [
        service('a', '10.96.1.1', {backends: list.map((state, i) => backend(`10.32.2.${i + 1}`, 80, {state}))}),
      ],
    })[0]!;

  it('maintenance has no slot but stays known; terminating ones serve where nothing else does', () => {
    const mixed = states('maintenance', 'terminating', 'active', 'terminating-not-serving');
    expect(mixed.count).toBe(1);
    expect(slotsOf(mixed).map((b) => b.state)).toEqual(['active', 'terminating', 'terminating-not-serving']);
    expect(mixed.backends).toHaveLength(4);
    const leaving = states('terminating-not-serving', 'terminating');
    expect([leaving.count, leaving.backends[0]?.state]).toEqual([1, 'terminating']);
    expect(states('terminating-not-serving', 'maintenance').count).toBe(0);
  });
});

describe('host ports', () => {
  const list = (port: Pod['ports'][number]) =>
    frontends({services: [], pods: [pod('web', 'node1', '10.32.1.10', 4000, {ports: [port]})]});

  it('answer at every address of the node, at one, or at its loopback alone', () => {
    const port = {port: 80, protocol: 'TCP' as const, hostPort: 8080};
    expect(names(list(port))).toEqual(['HostPort 0.0.0.0:8080', 'HostPort 10.0.0.5:8080']);
    expect(names(list({...port, hostIp: ip('10.0.0.5')}))).toEqual(['HostPort 10.0.0.5:8080']);
    const own = list({...port, hostIp: ip('127.0.0.1')});
    expect(names(own)).toEqual(['HostPort 0.0.0.0:8080']);
    expect(has(own[0], serviceFlags.loopback)).toBe(true);
  });

  it('are ignored in the range of node ports', () => {
    expect(list({port: 80, protocol: 'TCP', hostPort: 30080})).toEqual([]);
  });
});

describe('numbers', () => {
  it('stay with what stays when the cluster changes; what is new gets the next ones', () => {
    const make = (last: number[]) =>
      cluster({services: [service('a', '10.96.1.1', {backends: last.map((n) => backend(`10.32.2.${n}`, 80))})]});
    const first = createControl(make([1, 2, 3]));
    first.state('node1').services;
    const second = createControl(make([2, 3, 4]), first);
    const ids = [...second.state('node1').services.backends.values()].map((b) => [formatIpPort(b.ip, b.port), b.id]);
    expect(ids).toEqual([
      ['10.32.2.2:80', 2],
      ['10.32.2.3:80', 3],
      ['10.32.2.4:80', 4],
    ]);
    const third = createControl(make([1, 2]), second);
    expect([...third.state('node1').services.backends.values()].map((b) => b.id)).toEqual([5, 2]);
  });
});
