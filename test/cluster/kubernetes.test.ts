import {existsSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {formatIp, formatPrefix} from '../../src/wire/addr.js';
import {errorText, folderWith, load, loadSpec, loadText} from './load-input.js';

const dump = `
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata:
    name: kind-control-plane
    labels: {node-role.kubernetes.io/control-plane: ""}
  spec: {podCIDR: 10.244.0.0/24, podCIDRs: [10.244.0.0/24]}
  status:
    addresses: [{type: InternalIP, address: 172.18.0.2}, {type: Hostname, address: kind-control-plane}]
    conditions: [{type: Ready, status: "True"}]
    nodeInfo: {kubeletVersion: v1.34.0, osImage: Debian GNU/Linux 12, kernelVersion: 6.8.0, containerRuntimeVersion: containerd://2.1.1}
- apiVersion: v1
  kind: Node
  metadata: {name: kind-worker}
  spec: {podCIDR: 10.244.1.0/24, unschedulable: true}
  status: {addresses: [{type: InternalIP, address: 172.18.0.3}]}
- apiVersion: v1
  kind: Pod
  metadata:
    name: web-7d4b9c-abcde
    namespace: shop
    labels: {app: web, pod-template-hash: 7d4b9c}
    creationTimestamp: "2026-01-02T03:04:05Z"
    ownerReferences: [{kind: ReplicaSet, name: web-7d4b9c}]
  spec:
    nodeName: kind-worker
    serviceAccountName: web
    containers: [{name: c, image: nginx, ports: [{name: http, containerPort: 8080}]}]
  status: {phase: Running, podIP: 10.244.1.7, podIPs: [{ip: 10.244.1.7}], conditions: [{type: Ready, status: "True"}]}
- apiVersion: v1
  kind: Pod
  metadata: {name: web-old, namespace: shop, labels: {app: web}, deletionTimestamp: "2026-01-02T03:04:05Z"}
  spec: {nodeName: kind-worker, containers: [{name: c, ports: [{name: http, containerPort: 9090}]}]}
  status: {phase: Running, podIP: 10.244.1.8, conditions: [{type: Ready, status: "False"}]}
- apiVersion: v1
  kind: Pod
  metadata: {name: done, namespace: shop, labels: {app: web}}
  spec: {nodeName: kind-worker}
  status: {phase: Succeeded, podIP: 10.244.1.7}
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop}
  spec:
    clusterIP: 10.96.12.34
    selector: {app: web}
    ports: [{port: 80, targetPort: http}]
- apiVersion: v1
  kind: Service
  metadata: {name: ext, namespace: shop}
  spec: {clusterIP: None, ports: [{name: a, port: 1}, {name: b, port: 2, protocol: UDP}]}
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata: {name: ext-1, namespace: shop, labels: {kubernetes.io/service-name: ext}}
  addressType: IPv4
  ports: [{name: a, port: 11, protocol: TCP}, {name: b, port: 12, protocol: UDP}]
  endpoints:
  - {addresses: [192.0.2.1], conditions: {ready: true}, nodeName: kind-worker, zone: z1}
  - {addresses: [192.0.2.2], conditions: {ready: false, serving: true, terminating: true}}
  - {addresses: [192.0.2.3], conditions: {ready: false}}
  - {addresses: [192.0.2.4]}
- apiVersion: v1
  kind: Endpoints
  metadata: {name: ext, namespace: shop}
  subsets: [{addresses: [{ip: 198.51.100.1}], ports: [{name: a, port: 1}]}]
- apiVersion: v1
  kind: Endpoints
  metadata: {name: kubernetes, namespace: default}
  subsets: [{addresses: [{ip: 172.18.0.2}], ports: [{name: https, port: 6443}]}]
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 3}}
- {apiVersion: v1, kind: Secret, metadata: {name: s}}
- {apiVersion: v1, kind: Secret, metadata: {name: t}}
`;

describe('a dump', () => {
  it('is kept as it is', async () => {
    const cluster = await loadText(dump);
    expect(cluster.nodes.map((node) => [node.name, node.ips.map(formatIp), node.podCidrs.map(formatPrefix)])).toEqual([
      ['kind-control-plane', ['172.18.0.2'], ['10.244.0.0/24']],
      ['kind-worker', ['172.18.0.3'], ['10.244.1.0/24']],
    ]);
    expect(cluster.kubernetes.version).toBe('v1.34.0');
    expect(cluster.nodes.map((node) => [node.apiserver, node.ready])).toEqual([
      [true, true],
      [false, false],
    ]);
    const [web, old, done] = cluster.pods;
    expect(web).toMatchObject({
      namespace: 'shop',
      node: 'kind-worker',
      ips: [0x0af40107],
      serviceAccount: 'web',
      owner: {kind: 'Deployment', name: 'web'},
      createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      ports: [{name: 'http', port: 8080, protocol: 'TCP'}],
    });
    expect(old).toMatchObject({ready: false, terminating: true});
    expect(done).toMatchObject({phase: 'Succeeded', endpointId: 0});
    expect(cluster.pods).toHaveLength(3);
    const backends = Object.fromEntries(
      cluster.services.map((s) => [
        s.name,
        s.backends.map((b) => `${b.portName}|${formatIp(b.ip)}:${b.port}/${b.protocol} ${b.state}`),
      ]),
    );
    expect(backends).toEqual({
      kubernetes: ['https|172.18.0.2:6443/TCP active'],
      web: ['|10.244.1.7:8080/TCP active', '|10.244.1.8:9090/TCP terminating-not-serving'],
      ext: [
        'a|192.0.2.1:11/TCP active',
        'a|192.0.2.2:11/TCP terminating',
        'a|192.0.2.3:11/TCP maintenance',
        'a|192.0.2.4:11/TCP active',
        'b|192.0.2.1:12/UDP active',
        'b|192.0.2.2:12/UDP terminating',
        'b|192.0.2.3:12/UDP maintenance',
        'b|192.0.2.4:12/UDP active',
      ],
    });
    expect(cluster.services[2]!.clusterIps).toEqual([]);
    expect(cluster.notes.filter((note) => note.level === 'skipped').map((note) => note.message)).toEqual([
      '2 Secret objects not read',
    ]);
    expect(cluster.pods[0]!.where).toEqual({file: 'cluster.yaml', line: 20, column: 3});
  });

  it('of pods that wait for their sandbox gives them nothing', async () => {
    const pod = (name: string, spec: object, status: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {name},
      spec,
      status,
    });
    const items = [
      pod('waits', {}, {phase: 'Pending'}),
      pod('starts', {nodeName: 'n1'}, {phase: 'Pending', hostIP: '10.0.0.9'}),
      pod('has-ip', {nodeName: 'n1'}, {phase: 'Pending', podIP: '10.244.0.9'}),
      pod('manifest', {nodeName: 'n1'}, {}),
    ];
    const {pods} = await loadText(JSON.stringify({kind: 'List', apiVersion: 'v1', items}));
    expect(pods.map((p) => [p.name, p.node, p.phase, p.ips.map(formatIp), p.endpointId > 0, p.ready])).toEqual([
      ['waits', undefined, 'Pending', [], false, false],
      ['starts', 'n1', 'Pending', [], false, false],
      ['has-ip', 'n1', 'Pending', ['10.244.0.9'], true, false],
      ['manifest', 'n1', 'Running', ['10.244.0.3'], true, true],
    ]);
  });

  it('reads the same as JSON, with places', async () => {
    const {parse} = await import('yaml');
    const text = JSON.stringify(parse(dump), null, 2);
    const cwd = folderWith({'dump.json': text, 'dump.yaml': dump});
    const plain = (cluster: object) =>
      JSON.parse(
        JSON.stringify(cluster, (key, value) => (['where', 'source', 'input'].includes(key) ? undefined : value)),
      );
    const json = await load(['dump.json'], {cwd});
    expect(plain(json)).toEqual(plain(await load(['dump.yaml'], {cwd})));
    const {line, column} = json.pods[1]!.where!;
    const lines = text.split('\n');
    expect(lines[line! - 1]!.slice(column! - 1)).toBe('{');
    expect(lines.slice(line!).join('\n')).toMatch(
      /^\s*"apiVersion": "v1",\s*"kind": "Pod",\s*"metadata": {\s*"name": "web-old"/,
    );
  });

  it('of typed lists needs no kind in its items', async () => {
    const cluster = await loadText(
      '{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b","namespace":"x"}}]}',
    );
    expect(cluster.pods.map((pod) => `${pod.namespace}/${pod.name}`)).toEqual(['default/a', 'x/b']);
    expect(cluster.namespaces.map((namespace) => namespace.name)).toEqual(['default', 'x']);
  });

  it('takes Cilium settings from cilium-config, kubeadm ranges, ip-masq-agent', async () => {
    const text = `
{apiVersion: v1, kind: ConfigMap, metadata: {name: cilium-config, namespace: kube-system}, data: {
  tunnel: geneve, kube-proxy-replacement: strict, enable-ip-masq-agent: "true", cluster-name: prod, what-ever: "1"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kubeadm-config, namespace: kube-system}
data:
  ClusterConfiguration: |
    networking:
      podSubnet: 10.50.0.0/16
      serviceSubnet: 10.60.0.0/16
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ip-masq-agent}
data:
  config: |
    nonMasqueradeCIDRs: [10.0.0.0/8]
    masqLinkLocal: true
`;
    const cluster = await loadText(text);
    expect(cluster.cilium).toMatchObject({tunnelProtocol: 'geneve', kubeProxyReplacement: true, clusterName: 'prod'});
    // masqLinkLocal speaks of IPv4 only
    expect(cluster.cilium.ipMasqAgent!.map(formatPrefix)).toEqual(['10.0.0.0/8', 'fe80::/10']);
    // the agent's own defaults, not the profile's
    expect(cluster.cilium).toMatchObject({
      bpfMasquerade: false,
      hostLegacyRouting: true,
      hubble: false,
      socketLb: 'full',
    });
    expect([...cluster.podCidrs, ...cluster.serviceCidrs].map(formatPrefix)).toEqual(['10.50.0.0/16', '10.60.0.0/16']);
    expect(cluster.notes.filter((note) => note.level === 'warning').map((note) => note.message)).toEqual([
      expect.stringContaining('cilium-config: tunnel is a key of an older Cilium'),
      'cilium-config: kube-proxy-replacement: strict is read as true',
      'cilium option what-ever is not known here and has no effect',
    ]);
    expect(cluster.cilium.raw['what-ever']).toBe('1');
  });

  it('without Cilium is a kube-proxy cluster', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {name: 'p', namespace: 'kube-system', labels: {'k8s-app': 'kube-proxy'}},
    };
    expect((await loadText(JSON.stringify(pod))).dataplane).toBe('kube-proxy');
  });

  it('expands workloads whose pods it does not have', async () => {
    const template = '{metadata: {labels: {app: x}}, spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}}';
    const cluster = await loadText(
      ['Deployment', 'StatefulSet', 'DaemonSet', 'Job']
        .map(
          (kind) =>
            `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: ${kind.toLowerCase()}}, spec: {replicas: 2, template: ${template}}}\n`,
        )
        .join('---\n'),
    );
    const names = (kind: string) => cluster.pods.filter((pod) => pod.owner!.kind === kind).map((pod) => pod.name);
    expect(names('Deployment')).toEqual(
      [0, 1].map(() => expect.stringMatching(/^deployment-[a-z0-9]{10}-[a-z0-9]{5}$/)),
    );
    expect(names('StatefulSet')).toEqual(['statefulset-0', 'statefulset-1']);
    expect(names('DaemonSet')).toHaveLength(3);
    expect(names('Job')).toHaveLength(1);
    expect(new Set(cluster.pods.map((pod) => pod.name)).size).toBe(8);
  });

  it('lets the later of two equal objects count', async () => {
    const pod = (app: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: ${app}}}\n`;
    const cluster = await loadText(`${pod('one')}---\n${pod('two')}`);
    expect(cluster.pods.map((p) => p.labels.app)).toEqual(['two']);
    expect(cluster.notes.filter((note) => note.level === 'warning')).toMatchObject([
      {message: 'pod default/p is defined twice: this one counts', where: {file: 'cluster.yaml', line: 5}},
    ]);
  });

  it('of broken objects tells each with its place', async () => {
    const text =
      'kind: Service\nmetadata:\n  name: a\nspec:\n  ports:\n  - port: "80"\n---\nkind: Pod\nspec: {}\n---\n- 1\n';
    expect(await errorText(loadText(text))).toBe(
      'cluster.yaml:6:11: Service a: spec.ports[0].port: expected a whole number from 1 to 65535, got "80"\n' +
        '  hint: leave the quotes out\n' +
        'cluster.yaml:8:1: Pod: field "metadata.name" is missing\n' +
        'cluster.yaml:11:1: expected an object with a kind, got a list',
    );
  });

  it.skipIf(!existsSync('../shared/cases/manifests'))(
    'of published applications loads (needs ../shared/cases)',
    async () => {
      const shop = await load(['../shared/cases/manifests/GoogleCloudPlatform+microservices-demo']);
      expect(shop.pods).toHaveLength(12);
      expect(shop.services.find((service) => service.name === 'frontend')!.backends).toHaveLength(1);
      const folder = '../shared/cases/manifests/azure-cilium';
      const aks = await load([
        `${folder}/cilium-config-v1.17-ebpf-overlay.yaml`,
        `${folder}/ip-masq-agent-config.yaml`,
      ]);
      expect(aks.cilium).toMatchObject({socketLb: 'hostns-only', ipam: 'delegated-plugin', hostLegacyRouting: false});
      expect(aks.cilium.ipMasqAgent!.map(formatPrefix)).toEqual(['192.168.0.0/16', 'fe80::/10']);
      expect(aks.notes.filter((note) => note.level === 'warning')).toEqual([]);
    },
  );
});

describe('services', () => {
  it('of two families have backends of both; named target ports are each pod’s own', async () => {
    const cluster = await loadSpec({
      dns: false,
      podCIDR: ['10.244.0.0/16', 'fd00:10:244::/56'],
      nodes: 1,
      pods: [
        {name: 'a', labels: {app: 'x'}, ports: ['http:8080']},
        {name: 'b', labels: {app: 'x'}, ports: ['http:9090']},
        {name: 'c', labels: {app: 'x'}},
        {name: 'd', labels: {app: 'x'}, ports: ['http:1'], ready: false},
      ],
      services: [
        {
          name: 'two',
          ipFamilyPolicy: 'RequireDualStack',
          selector: {app: 'x'},
          ports: [{port: 80, targetPort: 'http'}],
        },
        {
          name: 'six',
          ipFamilies: ['IPv6'],
          selector: {app: 'x'},
          ports: [{port: 80, targetPort: 'http'}],
          publishNotReadyAddresses: true,
        },
      ],
    });
    const [, two, six] = cluster.services;
    expect(two!.clusterIps.map(formatIp)).toEqual(['10.96.1.1', 'fd00:10:96::101']);
    expect(two!.backends.filter((b) => b.state === 'active').map((b) => `${formatIp(b.ip)}|${b.port}`)).toEqual([
      '10.244.0.3|8080',
      'fd00:10:244::3|8080',
      '10.244.0.4|9090',
      'fd00:10:244::4|9090',
    ]);
    expect(six!.backends.map((b) => b.port)).toEqual([8080, 9090, 1]);
  });
});

describe('cilium options', () => {
  it('that the agent refuses are refused in its words', async () => {
    const dsr = (cilium: object) => errorText(loadSpec({cilium: {'bpf-lb-mode': 'dsr', ...cilium}}));
    expect(await dsr({})).toContain('Node Port "dsr" mode cannot be used with vxlan tunneling.');
    expect(await dsr({'tunnel-protocol': 'geneve'})).toContain(
      'Tunnel routing with Node Port "dsr" mode requires geneve dispatch.',
    );
    expect(await dsr({'routing-mode': 'native', 'bpf-lb-dsr-dispatch': 'geneve'})).toContain(
      'Node Port "dsr" mode with "geneve" dispatch requires geneve tunnel protocol.',
    );
    const fine = await loadSpec({
      cilium: {'bpf-lb-mode': 'dsr', 'tunnel-protocol': 'geneve', 'bpf-lb-dsr-dispatch': 'geneve'},
    });
    expect(fine.cilium).toMatchObject({lbMode: 'dsr', dsrDispatch: 'geneve'});
  });

  it('of an IPv6 underlay cost 70 bytes', async () => {
    const only6 = await loadSpec({podCIDR: 'fd00:10:244::/56', nodes: 1});
    expect(only6.cilium).toMatchObject({enableIpv4: false, enableIpv6: true, tunnelOverhead: 70});
    expect(only6.nodes[0]!.ips.map(formatIp)).toEqual(['fd00:10::5']);
  });

  it('that nobody knows are kept, with a hint', async () => {
    const cluster = await loadSpec({cilium: {'enable-ipv4-masquerde': true}});
    expect(cluster.cilium.raw['enable-ipv4-masquerde']).toBe('true');
    expect(cluster.notes.find((note) => note.level === 'warning')!.message).toBe(
      'cilium option enable-ipv4-masquerde is not known here and has no effect; did you mean enable-ipv4-masquerade?',
    );
  });
});
