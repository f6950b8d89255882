/** Definitions of any size, as `kubectl get … -o json` would give them: for benchmarks and for tests of limits. */

export interface Scale {
  readonly nodes: number;
  readonly pods: number;
  readonly services: number;
}

const octets = (base: number, i: number) =>
  `10.${base + Math.floor(i / 65536)}.${Math.floor(i / 256) % 256}.${i % 256}`;

/** A List of Nodes, Pods, Services and EndpointSlices; pods are spread over nodes and services evenly. */
export function kubernetesList({nodes, pods, services}: Scale): object {
  const nodeItems = Array.from({length: nodes}, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {name: `node-${i}`, labels: {'kubernetes.io/hostname': `node-${i}`}},
    spec: {podCIDR: `10.${64 + Math.floor(i / 256)}.${i % 256}.0/24`},
    status: {
      addresses: [{type: 'InternalIP', address: octets(0, i + 256)}],
      conditions: [{type: 'Ready', status: 'True'}],
    },
  }));
  const podIp = (i: number) => {
    const node = i % nodes;
    return `10.${64 + Math.floor(node / 256)}.${node % 256}.${10 + Math.floor(i / nodes)}`;
  };
  const podItems = Array.from({length: pods}, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${i}`,
      namespace: `ns-${i % 100}`,
      labels: {app: `app-${i % services}`, 'pod-template-hash': `${i % 7}abc`},
    },
    spec: {nodeName: `node-${i % nodes}`, containers: [{name: 'app', image: 'app:1', ports: [{containerPort: 8080}]}]},
    status: {
      phase: 'Running',
      podIP: podIp(i),
      podIPs: [{ip: podIp(i)}],
      conditions: [{type: 'Ready', status: 'True'}],
    },
  }));
  const serviceItems = Array.from({length: services}, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {name: `svc-${i}`, namespace: `ns-${i % 100}`},
    spec: {
      type: 'ClusterIP',
      clusterIP: `10.96.${Math.floor(i / 250) + 1}.${(i % 250) + 1}`,
      selector: {app: `app-${i}`},
      ports: [{name: 'http', port: 80, targetPort: 8080, protocol: 'TCP'}],
    },
  }));
  const slices = serviceItems.map((service, i) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `svc-${i}-abcde`,
      namespace: service.metadata.namespace,
      labels: {'kubernetes.io/service-name': service.metadata.name},
    },
    addressType: 'IPv4',
    ports: [{name: 'http', port: 8080, protocol: 'TCP'}],
    endpoints: Array.from({length: Math.floor(pods / services)}, (_, n) => {
      const pod = i + n * services;
      return {addresses: [podIp(pod)], conditions: {ready: true}, nodeName: `node-${pod % nodes}`};
    }),
  }));
  return {apiVersion: 'v1', kind: 'List', items: [...nodeItems, ...podItems, ...serviceItems, ...slices]};
}

/** A List of ClusterIP services without selector and their EndpointSlices; every endpoint has an address of its own. */
export function serviceList({services, endpoints}: {readonly services: number; readonly endpoints: number}): object {
  const items = Array.from({length: services}, (_, i) => {
    const [name, namespace] = [`svc-${i}`, `ns-${i % 100}`];
    const addresses = Array.from({length: endpoints}, (_, k) => octets(32, i * endpoints + k));
    return [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {name, namespace},
        spec: {
          clusterIP: octets(97, i + 1),
          ports: [{name: 'http', port: 80, targetPort: 8080, protocol: 'TCP'}],
        },
      },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {name: `${name}-abcde`, namespace, labels: {'kubernetes.io/service-name': name}},
        addressType: 'IPv4',
        ports: [{name: 'http', port: 8080, protocol: 'TCP'}],
        endpoints: addresses.map((address) => ({addresses: [address], conditions: {ready: true}})),
      },
    ];
  });
  return {apiVersion: 'v1', kind: 'List', items: items.flat()};
}
