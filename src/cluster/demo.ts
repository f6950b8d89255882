/**
 * The embedded demo cluster: `fixtures/demo.yaml` as a value, so that the default needs no YAML parser (a test holds the two
 * together). Addresses are those of docs/deep-dive.md.
 */
import type {Cluster} from './model.js';
import {type ResolveOptions, resolve} from './resolve.js';
import type {ClusterSpec, Definition} from './spec.js';

const dnsPorts = [
  {name: 'dns', port: 53, protocol: 'UDP'},
  {name: 'dns-tcp', port: 53, protocol: 'TCP'},
  {name: 'metrics', port: 9153, protocol: 'TCP'},
] as const;

export const DEMO_NAME = 'demo';

export const demoSpec: ClusterSpec = {
  kubernetesVersion: 'v1.35.1',
  ciliumVersion: '1.20.2',
  ciliumCommit: 'e0dc92bd',
  podCIDR: '10.32.0.0/13',
  serviceCIDR: '10.96.0.0/12',
  underlay: {vnet: '10.0.0.0/16', mtu: 1500},
  cilium: {
    'routing-mode': 'tunnel',
    'tunnel-protocol': 'geneve',
    'kube-proxy-replacement': true,
    'bpf-lb-sock': false,
    'enable-bpf-masquerade': true,
    'enable-hubble': true,
  },
  nodes: [
    {name: 'node1', ip: '10.0.0.5', podCIDR: '10.32.1.0/24'},
    {name: 'node2', ip: '10.0.0.6', podCIDR: '10.32.2.0/24'},
    {name: 'node3', ip: '10.0.0.7', podCIDR: '10.32.3.0/24'},
  ],
  pods: [
    {name: 'pod-a', node: 'node1', ip: '10.32.1.10', labels: {app: 'client'}},
    {name: 'pod-b', node: 'node2', ip: '10.32.2.20', labels: {app: 'my-svc'}, ports: [8080]},
    {name: 'pod-c', node: 'node3', ip: '10.32.3.30', labels: {app: 'my-svc'}, ports: [8080]},
    {
      name: 'kube-apiserver',
      namespace: 'kube-system',
      node: 'node1',
      ip: '10.32.1.5',
      labels: {component: 'kube-apiserver', tier: 'control-plane'},
      ports: [6443],
    },
    {
      name: 'coredns-1',
      namespace: 'kube-system',
      node: 'node2',
      labels: {'k8s-app': 'kube-dns'},
      serviceAccount: 'coredns',
      ports: dnsPorts,
    },
    {
      name: 'coredns-2',
      namespace: 'kube-system',
      node: 'node3',
      labels: {'k8s-app': 'kube-dns'},
      serviceAccount: 'coredns',
      ports: dnsPorts,
    },
  ],
  services: [
    {
      name: 'kubernetes',
      labels: {component: 'apiserver', provider: 'kubernetes'},
      clusterIP: '10.96.0.1',
      ports: [{name: 'https', port: 443, targetPort: 6443}],
      endpoints: ['10.32.1.5:6443'],
    },
    {
      name: 'my-svc',
      labels: {app: 'my-svc'},
      clusterIP: '10.96.10.50',
      selector: {app: 'my-svc'},
      ports: ['80:8080'],
    },
    {
      name: 'kube-dns',
      namespace: 'kube-system',
      labels: {'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS'},
      clusterIP: '10.96.0.10',
      selector: {'k8s-app': 'kube-dns'},
      ports: [
        {name: 'dns', port: 53, protocol: 'UDP', targetPort: 53},
        {name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53},
        {name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153},
      ],
    },
  ],
  traffic: ['pod-a -> pod-b/icmp x2', 'pod-a -> my-svc:80/http x3 at=2s'],
};

/** A definition that consists of one document of ours. */
export function definitionOf(name: string, source: string, spec: ClusterSpec): Definition {
  return {
    name,
    source,
    spec,
    own: true,
    locate: () => undefined,
    nodes: Array.isArray(spec.nodes) ? spec.nodes : [],
    namespaces: [],
    pods: spec.pods ?? [],
    services: spec.services ?? [],
    endpoints: [],
    identities: [],
    ciliumConfig: undefined,
    notes: [],
  };
}

export function demoCluster(options: ResolveOptions = {}): Cluster {
  return resolve(definitionOf(DEMO_NAME, 'demo', demoSpec), options);
}
