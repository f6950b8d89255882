/** A small cluster by hand: the addresses of the demo, without the loader. */
import type {CiliumConfig, Cluster, ClusterNode, Pod, Service, ServiceBackend} from '../../src/cluster/model.js';
import {type Ip, parseIp, parseMac, parsePrefix} from '../../src/wire/addr.js';

export const ip = (text: string): Ip => parseIp(text)!;
export const cidr = (text: string) => parsePrefix(text)!;

export function node(n: number, fields: Partial<ClusterNode> = {}): ClusterNode {
  return {
    name: `node${n}`,
    labels: {},
    annotations: {},
    ips: [ip(`10.0.0.${n + 4}`)],
    externalIps: [],
    subnets: [cidr('10.0.0.0/16')],
    podCidrs: [cidr(`10.32.${n}.0/24`)],
    routerIps: [ip(`10.32.${n}.1`)],
    healthIps: [ip(`10.32.${n}.2`)],
    mac: parseMac(`02:00:00:00:00:0${n + 4}`)!,
    mtu: 1500,
    apiserver: n === 1,
    ready: true,
    cpus: 2,
    info: {osImage: '', kernelVersion: '', containerRuntime: '', kubeletVersion: ''},
    ...fields,
  };
}

export function pod(name: string, onNode: string, address: string, identity: number, fields: Partial<Pod> = {}): Pod {
  const last = Number(address.split('.').at(-1));
  return {
    name,
    namespace: 'default',
    labels: {},
    annotations: {},
    node: onNode,
    ips: [ip(address)],
    hostNetwork: false,
    ports: [],
    phase: 'Running',
    ready: true,
    serviceAccount: 'default',
    identity,
    endpointId: 100 + last,
    mac: 0x0aaa_0000_0000 + last,
    hostMac: 0x0ebb_0000_0000 + last,
    device: `lxc${last.toString(16).padStart(12, '0')}`,
    containers: [],
    ...fields,
  };
}

export function backend(address: string, port: number, fields: Partial<ServiceBackend> = {}): ServiceBackend {
  return {ip: ip(address), port, protocol: 'TCP', portName: '', state: 'active', ...fields};
}

export function service(name: string, clusterIp: string, fields: Partial<Service> = {}): Service {
  return {
    name,
    namespace: 'default',
    labels: {},
    annotations: {},
    type: 'ClusterIP',
    clusterIps: [ip(clusterIp)],
    externalIps: [],
    loadBalancerIps: [],
    ports: [{port: 80, protocol: 'TCP', targetPort: 8080}],
    sessionAffinity: undefined,
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sourceRanges: [],
    publishNotReady: false,
    backends: [],
    ...fields,
  };
}

const cilium: CiliumConfig = {
  version: '1.20.2',
  commit: 'e0dc92bd',
  clusterName: 'default',
  clusterId: 0,
  routingMode: 'tunnel',
  tunnelProtocol: 'geneve',
  tunnelPort: 6081,
  tunnelSourcePorts: [0, 0],
  underlayFamily: 4,
  deviceMtu: 0,
  fixedVni: undefined,
  enableIpv4: true,
  enableIpv6: false,
  kubeProxyReplacement: true,
  socketLb: 'off',
  lbAlgorithm: 'random',
  maglevTableSize: 16381,
  maglevHashSeed: 'JLfvgnHc2kaSUFaI',
  lbMode: 'snat',
  dsrDispatch: 'opt',
  lbExternalClusterIp: false,
  noBackendResponse: 'reject',
  sourceIpVerification: true,
  nodePortRange: [30000, 32767],
  masquerade4: true,
  masquerade6: false,
  bpfMasquerade: true,
  ipMasqAgent: undefined,
  nativeRoutingCidr4: undefined,
  nativeRoutingCidr6: undefined,
  hostLegacyRouting: false,
  autoDirectNodeRoutes: false,
  endpointRoutes: false,
  localNodeRoute: true,
  endpointHealthChecking: true,
  ipam: 'cluster-pool',
  tunnelOverhead: 50,
  enablePolicy: 'default',
  hubble: true,
  envoy: 'external',
  tcx: true,
  raw: {},
};

export function cluster(fields: Partial<Cluster> = {}, config: Partial<CiliumConfig> = {}): Cluster {
  const backends = [backend('10.32.3.30', 8080, {nodeName: 'node3'}), backend('10.32.2.20', 8080, {nodeName: 'node2'})];
  return {
    name: 'demo',
    source: 'test',
    kubernetes: {version: '1.35.1', platform: 'linux/amd64'},
    epoch: 0,
    seed: 1,
    podCidrs: [cidr('10.32.0.0/13')],
    serviceCidrs: [cidr('10.96.0.0/12')],
    dataplane: 'cilium',
    cilium: {...cilium, ...config},
    kubeProxy: {mode: 'iptables', scheduler: 'rr'},
    underlay: {
      vnets: [cidr('10.0.0.0/16')],
      subnets: [],
      gateways: [{ip: ip('10.0.0.1'), mac: 0x0200000000fe}],
      mtu: 1500,
      routesPodCidrs: false,
      nsg: [],
      routes: [],
      peered: [],
    },
    nodes: [node(1), node(2), node(3)],
    namespaces: [],
    pods: [
      pod('pod-a', 'node1', '10.32.1.10', 20001),
      pod('pod-a2', 'node1', '10.32.1.11', 20003),
      pod('pod-b', 'node2', '10.32.2.20', 20002),
      pod('pod-c', 'node3', '10.32.3.30', 20002),
      pod('agent', 'node1', '10.0.0.5', 1, {hostNetwork: true, endpointId: 0}),
      pod('waiting', 'node1', '10.32.1.99', 20001, {node: undefined, ips: []}),
    ],
    services: [
      service('kubernetes', '10.96.0.1', {
        ports: [{port: 443, protocol: 'TCP', targetPort: 6443, name: 'https'}],
        backends: [backend('10.32.1.5', 6443, {portName: 'https'})],
      }),
      service('my-svc', '10.96.10.50', {backends}),
    ],
    identities: [],
    traffic: [],
    notes: [],
    ...fields,
  };
}
