import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {stringify} from 'yaml';
import type {Cluster} from '../../src/cluster/model.js';
import {formatIp, formatPrefix} from '../../src/wire/addr.js';
import {tgz, zip} from './archive/pack.js';
import {folderWith, load} from './load-input.js';

const ts = '20260102-030405';
const top = `cilium-sysdump-${ts}`;
const list = (kind: string, items: object[], apiVersion = 'v1') =>
  stringify({apiVersion, items, kind, metadata: {resourceVersion: '1'}});
const labels = (id: number) => ({
  'k8s:app': `app-${id}`,
  'k8s:io.cilium.k8s.policy.cluster': 'prod',
  'k8s:io.cilium.k8s.policy.serviceaccount': 'web',
  'k8s:io.kubernetes.pod.namespace': 'shop',
});

/** A sysdump as cilium-cli 1.20 writes it: lists of client-go have no kind in their items, those of CRDs do. */
function sysdump(change: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const files: Record<string, string | undefined> = {
    [`k8s-nodes-${ts}.yaml`]: list('NodeList', [
      {
        metadata: {name: 'n1', uid: '1'},
        spec: {podCIDR: '10.9.9.0/24'},
        status: {addresses: [{type: 'InternalIP', address: '172.18.0.2'}], nodeInfo: {kubeletVersion: 'v1.33.1'}},
      },
      {metadata: {name: 'n2', uid: '2'}, status: {addresses: [{type: 'InternalIP', address: '172.18.0.3'}]}},
    ]),
    [`k8s-pods-${ts}.yaml`]: list('PodList', [
      {
        metadata: {
          name: 'web-1',
          namespace: 'shop',
          uid: '3',
          labels: {app: 'app-1'},
          ownerReferences: [{kind: 'DaemonSet', name: 'web', controller: true}],
        },
        spec: {nodeName: 'n1', serviceAccountName: 'web'},
        status: {phase: 'Running', podIP: '10.0.1.7'},
      },
      {
        metadata: {name: 'web-2', namespace: 'shop', uid: '4', labels: {app: 'app-2'}},
        spec: {nodeName: 'n2', serviceAccountName: 'web'},
        status: {phase: 'Running', podIP: '10.0.2.8'},
      },
      {
        metadata: {name: 'cilium-x', namespace: 'kube-system', uid: '5', labels: {'k8s-app': 'cilium'}},
        spec: {
          nodeName: 'n1',
          hostNetwork: true,
          containers: [{name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.17.3@sha256:0123456789'}],
        },
        status: {phase: 'Running', podIP: '172.18.0.2'},
      },
    ]),
    [`k8s-services-${ts}.yaml`]: list('ServiceList', [
      {
        metadata: {name: 'web', namespace: 'shop'},
        spec: {clusterIP: '10.96.3.4', selector: {app: 'app-1'}, ports: [{port: 80, targetPort: 8080}]},
      },
    ]),
    [`k8s-endpointslices-${ts}.yaml`]: list(
      'EndpointSliceList',
      [
        {
          metadata: {name: 'web-abc', namespace: 'shop', labels: {'kubernetes.io/service-name': 'web'}},
          addressType: 'IPv4',
          ports: [{name: '', port: 8080, protocol: 'TCP'}],
          endpoints: [{addresses: ['10.0.2.8'], conditions: {ready: true}}],
        },
      ],
      'discovery.k8s.io/v1',
    ),
    [`k8s-namespaces-${ts}.yaml`]: list('NamespaceList', [{metadata: {name: 'shop', labels: {team: 'x'}}}]),
    [`k8s-events-${ts}.yaml`]: list('EventList', [{metadata: {name: 'e'}}]),
    [`ciliumnodes-${ts}.yaml`]: list(
      'CiliumNodeList',
      [
        {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumNode',
          metadata: {name: 'n1'},
          spec: {
            addresses: [
              {type: 'InternalIP', ip: '172.18.0.2'},
              {type: 'CiliumInternalIP', ip: '10.0.1.99'},
            ],
            ipam: {podCIDRs: ['10.0.1.0/24']},
            health: {ipv4: '10.0.1.100'},
          },
        },
        {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumNode',
          metadata: {name: 'n2'},
          spec: {addresses: [{type: 'InternalIP', ip: '172.18.0.3'}], ipam: {podCIDRs: ['10.0.2.0/24']}},
        },
      ],
      'cilium.io/v2',
    ),
    [`ciliumendpoints-${ts}.yaml`]: list(
      'CiliumEndpointList',
      [
        {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumEndpoint',
          metadata: {name: 'web-1', namespace: 'shop', ownerReferences: [{kind: 'DaemonSet', name: 'web'}]},
          status: {
            id: 777,
            identity: {id: 50001, labels: Object.entries(labels(1)).map((pair) => pair.join('='))},
            networking: {addressing: [{ipv4: '10.0.1.7'}], node: '172.18.0.2'},
          },
        },
      ],
      'cilium.io/v2',
    ),
    [`ciliumendpointslices-${ts}.yaml`]: list(
      'CiliumEndpointSliceList',
      [
        {
          apiVersion: 'cilium.io/v2alpha1',
          kind: 'CiliumEndpointSlice',
          metadata: {name: 'ces-1'},
          namespace: 'shop',
          endpoints: [{name: 'web-2', id: 50002, networking: {addressing: [{ipv4: '10.0.2.8'}], node: '172.18.0.3'}}],
        },
      ],
      'cilium.io/v2alpha1',
    ),
    [`ciliumidentities-${ts}.yaml`]: list(
      'CiliumIdentityList',
      [1, 2].map((n) => ({
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumIdentity',
        metadata: {name: `5000${n}`},
        'security-labels': labels(n),
      })),
      'cilium.io/v2',
    ),
    [`cilium-configmap-${ts}.yaml`]: stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'cilium-config', namespace: 'kube-system'},
      data: {'cluster-name': 'prod', 'tunnel-protocol': 'geneve', 'routing-mode': 'tunnel'},
    }),
    [`cilium-daemonset-${ts}.yaml`]: stringify({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: {name: 'other', namespace: 'kube-system', uid: '9'},
      spec: {template: {}},
    }),
    [`cilium-helm-values-${ts}.yaml`]: 'a: {{ not yaml',
    [`hubble-flows-cilium-x-${ts}.json`]: '{"flow": {}}\n{"flow": {}}\n',
    [`logs-cilium-x-cilium-agent-${ts}.log`]: 'level=info',
    [`cilium-bugtool-cilium-x-${ts}/cmd/cilium-dbg-status--o-json.json`]: '{"broken',
    ...change,
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, text]) => (text === undefined ? [] : [[`${top}/${name}`, text]])),
  );
}

const members = (files: Record<string, string>) => Object.entries(files).map(([name, body]) => ({name, body}));
const plain = (cluster: Cluster) =>
  JSON.parse(
    JSON.stringify(cluster, (key, value) => (['where', 'source', 'input', 'notes'].includes(key) ? undefined : value)),
  );

describe('a sysdump', () => {
  it('is taken at its word: identities, endpoints, nodes, config', async () => {
    const cwd = folderWith(sysdump());
    const cluster = await load([top], {cwd});
    expect(
      cluster.pods.map((p) => [p.name, p.node, p.ips.map(formatIp), p.identity, p.identity > 1 && p.endpointId]),
    ).toEqual([
      ['web-1', 'n1', ['10.0.1.7'], 50001, 777],
      ['web-2', 'n2', ['10.0.2.8'], 50002, expect.any(Number)],
      ['cilium-x', 'n1', ['172.18.0.2'], 1, false],
    ]);
    expect(cluster.nodes.map((n) => [n.podCidrs.map(formatPrefix), n.routerIps.map(formatIp)])).toEqual([
      [['10.0.1.0/24'], ['10.0.1.99']],
      [['10.0.2.0/24'], expect.any(Array)],
    ]);
    expect(cluster.cilium).toMatchObject({clusterName: 'prod', tunnelProtocol: 'geneve', version: '1.17.3'});
    expect(cluster.services.find((s) => s.name === 'web')?.backends.map((b) => formatIp(b.ip))).toEqual(['10.0.2.8']);
    expect(cluster.identities.find(({id}) => id === 50002)?.labels).toContain('k8s:app=app-2');
    const skipped = cluster.notes.filter((note) => note.level === 'skipped').map((note) => note.message);
    expect(skipped).toEqual(
      expect.arrayContaining([
        'output of cilium-bugtool',
        'recorded flows',
        'logs',
        'values of a Helm release',
        '1 Event object not read',
      ]),
    );
  });

  it('is the same as a zip and as a tar.gz', async () => {
    const files = sysdump();
    const cwd = folderWith(files);
    writeFileSync(join(cwd, 'dump.zip'), zip(members(files)));
    writeFileSync(join(cwd, 'dump.tgz'), tgz(members(files)));
    const folder = plain(await load([top], {cwd}));
    expect(plain(await load(['dump.zip'], {cwd})).pods).toEqual(expect.arrayContaining(folder.pods));
    expect(plain(await load(['dump.tgz'], {cwd})).identities).toEqual(folder.identities);
  });

  it('without kinds in its lists is told by the names of its files', async () => {
    const files = Object.fromEntries(
      Object.entries(sysdump()).map(([name, text]) => [name, text.replace(/^kind: \w+List\n/m, '')]),
    );
    const cluster = await load([top], {cwd: folderWith(files)});
    expect(cluster.pods.map((p) => p.identity)).toEqual([50001, 50002, 1]);
  });

  it('without pods has those that its endpoints speak of', async () => {
    const cluster = await load([top], {cwd: folderWith(sysdump({[`k8s-pods-${ts}.yaml`]: undefined}))});
    expect(
      cluster.pods.map((p) => [p.namespace, p.name, p.node, p.labels, p.serviceAccount, p.identity, p.owner?.name]),
    ).toEqual([
      ['shop', 'web-1', 'n1', {app: 'app-1'}, 'web', 50001, 'web'],
      ['shop', 'web-2', 'n2', {app: 'app-2'}, 'web', 50002, undefined],
    ]);
  });
});

describe('the control plane of a dump', () => {
  const server = (name: string, ...flags: string[]) => ({
    kind: 'Pod',
    metadata: {name, namespace: 'kube-system', uid: name},
    spec: {nodeName: 'n1', hostNetwork: true, containers: [{name, command: [name, ...flags]}]},
    status: {phase: 'Running', podIP: '172.18.0.2'},
  });
  const service = (name: string, clusterIP: string) => ({
    kind: 'Service',
    metadata: {name},
    spec: {clusterIP, clusterIPs: [clusterIP], ports: [{port: 80}]},
  });
  const dump = (...items: object[]) => ({
    readStdin: () =>
      new TextEncoder().encode(
        JSON.stringify({
          kind: 'List',
          items: [
            server('kube-apiserver', '--service-cluster-ip-range=10.111.0.0/16'),
            server('kube-controller-manager', '--cluster-cidr=10.55.0.0/16'),
            ...items,
          ],
        }),
      ),
  });

  it('says what the ranges are', async () => {
    const cluster = await load(['-'], dump(service('a', '10.111.3.4')));
    expect([cluster.podCidrs, cluster.serviceCidrs].flat().map(formatPrefix)).toEqual([
      '10.55.0.0/16',
      '10.111.0.0/16',
    ]);
  });

  it('is not believed where services show that there is more', async () => {
    const cluster = await load(['-'], dump(service('a', '10.222.3.4')));
    expect(cluster.serviceCidrs.map(formatPrefix)).toEqual(['10.222.0.0/16']);
  });
});
