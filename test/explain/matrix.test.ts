import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {parseTraffic} from '../../src/cluster/traffic.js';
import {createControl} from '../../src/control/control.js';
import {formatPorts} from '../../src/control/policy/ports.js';
import {ciliumMatrix} from '../../src/explain/matrix/cilium.js';
import {runMatrix} from '../../src/explain/matrix/main.js';
import {kubernetesMatrix} from '../../src/explain/matrix/matrix.js';
import {matrixFormats, printMatrix} from '../../src/explain/matrix/print.js';
import {listWorkloads} from '../../src/explain/parties.js';
import {why} from '../../src/explain/why/why.js';
import {errorText, loadText} from '../cluster/load-input.js';
import {memoryIo} from '../memory-io.js';
import {ciliumPolicies, clusterWith} from './random-policies.js';

const shop = `kind: Deployment
metadata: {name: web}
spec: {replicas: 2, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}}
---
kind: CronJob
metadata: {name: tick}
spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c}]}}}}}
---
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: c}]}
---
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
kind: Ingress
metadata: {name: web}
spec: {rules: [{http: {paths: [{backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}]
---
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 1, endPort: 9, protocol: UDP}]}]
`;

const connections = [
  '0.0.0.0-255.255.255.255[External] => default/db[Pod] : All Connections',
  '0.0.0.0-255.255.255.255[External] => default/tick[CronJob] : All Connections',
  'default/db[Pod] => 10.0.0.0-10.0.255.255[External] : UDP 1-9',
  'default/db[Pod] => 10.2.0.0-10.255.255.255[External] : UDP 1-9',
  'default/tick[CronJob] => 10.0.0.0-10.0.255.255[External] : UDP 1-9',
  'default/tick[CronJob] => 10.2.0.0-10.255.255.255[External] : UDP 1-9',
  'default/web[Deployment] => 0.0.0.0-9.255.255.255[External] : All Connections',
  'default/web[Deployment] => 10.0.0.0-10.0.255.255[External] : All Connections',
  'default/web[Deployment] => 10.1.0.0-10.1.255.255[External] : All Connections',
  'default/web[Deployment] => 10.2.0.0-10.255.255.255[External] : All Connections',
  'default/web[Deployment] => 11.0.0.0-255.255.255.255[External] : All Connections',
  'default/web[Deployment] => default/db[Pod] : All Connections',
  'default/web[Deployment] => default/tick[CronJob] : All Connections',
  '{ingress-controller} => default/web[Deployment] : TCP 8080',
];

describe('matrix', () => {
  it('of plain manifests', async () => {
    const list = kubernetesMatrix(await loadText(shop));
    expect(printMatrix(list, 'connlist').trimEnd().split('\n')).toEqual(connections);
  });

  it('says which objects it does not look at, though they matter', async () => {
    const cluster = await loadText(
      `${shop}---\nkind: VirtualMachine\napiVersion: kubevirt.io/v1\nmetadata: {name: vm}\n---\nkind: UserDefinedNetwork\napiVersion: k8s.ovn.org/v1\nmetadata: {name: net}\n`,
    );
    const io = memoryIo();
    runMatrix(cluster, 'k8s', 'connlist', io);
    expect(io.stderr.text).toBe(
      'wirelay: warning: not looked at, though they decide who reaches whom: 1 VirtualMachine, 1 UserDefinedNetwork\n',
    );
    expect(io.stdout.text.trimEnd().split('\n')).toEqual(connections);
  });

  it('has workloads without pods: scaled to zero, suspended, ended', async () => {
    const job = '{template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c}]}}';
    const cluster = await loadText(`kind: Deployment
metadata: {name: web}
spec: {replicas: 0, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}}
---
kind: CronJob
metadata: {name: tick}
spec: {suspend: true, jobTemplate: {spec: ${job}}}}
---
kind: Job
metadata: {name: once}
spec: {suspend: true, template: {metadata: {labels: {app: once}}, spec: {containers: [{name: c}]}}}
---
kind: Pod
metadata: {name: done}
status: {phase: Succeeded}
---
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: http}]}]}
`);
    const lines = printMatrix(kubernetesMatrix(cluster), 'connlist').split('\n');
    expect(lines).toContain('default/tick[CronJob] => default/web[Deployment] : TCP 8080');
    expect(lines).toContain('default/once[Job] => default/done[Pod] : All Connections');
    expect(lines).toContain('default/done[Pod] => default/tick[CronJob] : All Connections');
    const {idle} = ciliumMatrix(cluster);
    expect(idle.map(({title}) => title)).toEqual([
      'default/web[Deployment]',
      'default/tick[CronJob]',
      'default/once[Job]',
    ]);
    expect(cluster.pods.map(({name}) => name)).toEqual(['done']);
  });

  it('has the same lines in every format', async () => {
    const list = kubernetesMatrix(await loadText(shop));
    for (const format of matrixFormats) {
      const text = printMatrix(list, format);
      for (const {from, to, ports} of list) {
        for (const end of [from, to]) expect(text).toContain(end);
        expect(text).toContain(formatPorts(ports));
      }
    }
    const {connections: rows} = JSON.parse(printMatrix(list, 'json'));
    expect(rows[2]).toEqual({
      src: 'default/db[Pod]',
      dst: '10.0.0.0-10.0.255.255[External]',
      conn: 'UDP 1-9',
      ports: {UDP: [[1, 9]]},
    });
  });

  it('refuses what it could only guess', async () => {
    const cilium = `${shop}---\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\nspec: {endpointSelector: {}, egress: [{toGroups: [{aws: {}}]}]}\n`;
    const cluster = await loadText(cilium);
    expect(await errorText(() => kubernetesMatrix(cluster))).toBe(
      "cluster.yaml:34:1: CiliumNetworkPolicy default/x: Kubernetes semantics do not know Cilium's policies\n  hint: --semantics cilium does",
    );
    expect(await errorText(() => ciliumMatrix(cluster))).toContain('egress[0].toGroups is not evaluated');
    const twice = ['default', 'other']
      .map((name) => `kind: BaselineAdminNetworkPolicy\nmetadata: {name: ${name}}\nspec: {subject: {namespaces: {}}}\n`)
      .join('---\n');
    expect(await errorText(loadText(twice))).toContain('has BaselineAdminNetworkPolicy default already');
  });

  it('under Cilium an egress port name means one number everywhere, under Kubernetes that of each pod', async () => {
    const manifests = `kind: Pod
metadata: {name: a, labels: {app: a}}
---
kind: Pod
metadata: {name: b}
spec: {containers: [{name: c, ports: [{name: web, containerPort: 81}]}]}
---
kind: Pod
metadata: {name: c}
---
kind: NetworkPolicy
metadata: {name: n}
spec: {podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: web}]}]}
`;
    const cluster = await loadText(manifests);
    const of = (list: ReturnType<typeof kubernetesMatrix>) =>
      list.filter(({from}) => from === 'default/a[Pod]').map(({to, ports}) => `${to} ${formatPorts(ports)}`);
    expect(of(kubernetesMatrix(cluster))).toEqual(['default/b[Pod] TCP 81']);
    expect(of(ciliumMatrix(cluster).connections)).toEqual(['default/b[Pod] TCP 81', 'default/c[Pod] TCP 81']);
  });

  it('under Cilium labels of single pods select nothing, under Kubernetes they do', async () => {
    const manifests = `kind: StatefulSet
metadata: {name: s}
spec: {replicas: 2, template: {metadata: {labels: {app: s}}, spec: {containers: [{name: c}]}}}
---
kind: Pod
metadata: {name: a}
---
kind: NetworkPolicy
metadata: {name: n}
spec: {podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: s-1}}, ingress: [{ports: [{port: 80}]}]}
---
kind: NetworkPolicy
metadata: {name: m}
spec: {podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: s-0}}, ingress: [{ports: [{port: 81}]}]}
`;
    const cluster = await loadText(manifests);
    const to = ({from, to: target, ports}: {from: string; to: string; ports: Parameters<typeof formatPorts>[0]}) =>
      from === 'default/a[Pod]' && target === 'default/s[StatefulSet]' ? [formatPorts(ports)] : [];
    expect(kubernetesMatrix(cluster).flatMap(to)).toEqual(['TCP 80-81']);
    expect(ciliumMatrix(cluster).connections.flatMap(to)).toEqual(['All Connections']);
  });

  it('under Cilium says what why says', () => {
    fc.assert(
      fc.property(ciliumPolicies, (policies) => {
        const cluster = clusterWith(policies);
        const control = createControl(cluster);
        const rows = new Map(ciliumMatrix(cluster).connections.map(({from, to, ports}) => [`${from} ${to}`, ports]));
        const pods = listWorkloads(cluster);
        for (const from of pods)
          for (const to of pods) {
            if (from === to) continue;
            const [one, other] = [from, to].map(({namespace, pods: [pod]}) => `${namespace}/${pod!.name}`);
            const ends = parseTraffic(`${one} -> ${other}`, cluster);
            const [answer] = why(control, {...ends, protocol: 'any', port: undefined}, 'cilium');
            expect(rows.get(`${from.title} ${to.title}`) ?? []).toEqual(answer!.allowed);
          }
      }),
      {numRuns: 50, seed: 3},
    );
  });
});
