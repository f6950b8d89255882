import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {createIdentityAllocator, identityLabels, labelFilter} from '../../src/cluster/identity.js';
import {errorText, loadSpec, loadText} from './load-input.js';

const pod = (labels: Record<string, string>) => ({
  labels,
  namespace: 'shop',
  namespaceLabels: {'kubernetes.io/metadata.name': 'shop', team: 'red'},
  serviceAccount: 'web',
  clusterName: 'default',
});

describe('labels', () => {
  it('are printed as Cilium prints them', () => {
    expect(identityLabels(pod({app: 'x', empty: ''}), labelFilter(undefined)!)).toEqual([
      'k8s:app=x',
      'k8s:empty',
      'k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=shop',
      'k8s:io.cilium.k8s.namespace.labels.team=red',
      'k8s:io.cilium.k8s.policy.cluster=default',
      'k8s:io.cilium.k8s.policy.serviceaccount=web',
      'k8s:io.kubernetes.pod.namespace=shop',
    ]);
  });

  it('of the default exclusions do not count', () => {
    const keep = labelFilter(undefined)!;
    const out = [
      'pod-template-hash',
      'controller-revision-hash',
      'pod-template-generation',
      'statefulset.kubernetes.io/pod-name',
    ];
    out.push(
      'apps.kubernetes.io/pod-index',
      'batch.kubernetes.io/job-completion-index',
      'batch.kubernetes.io/controller-uid',
    );
    out.push(
      'controller-uid',
      'etcd_node',
      'kubernetes.io/arch',
      'io.kubernetes.container.name',
      'k8s.io/x',
      'annotation.x',
    );
    out.push('topology.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone');
    for (const key of out) expect([key, keep(key)]).toEqual([key, false]);
    const kept = ['app', 'app.kubernetes.io/name', 'k8s-app', 'my.pod-template-hash'];
    kept.push('io.kubernetes.pod.namespace', 'batch.kubernetes.io/job-name');
    for (const key of kept) expect([key, keep(key)]).toEqual([key, true]);
  });

  it('follow the labels option', () => {
    const less = labelFilter('k8s:!job-id !build')!;
    expect(['job-id', 'build', 'app'].map(less)).toEqual([false, false, true]);
    const only = labelFilter('k8s:app io\\.kubernetes\\.pod\\.namespace')!;
    expect(['app', 'tier', 'io.kubernetes.pod.namespace', 'app.kubernetes.io/name'].map(only)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(labelFilter('(')).toBeUndefined();
  });
});

describe('numbers', () => {
  it('are one per label set, in the range, the same whatever else there is', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({minLength: 1}), {maxLength: 50}), fc.nat(255), (names, clusterId) => {
        const all = createIdentityAllocator(clusterId);
        const ids = names.map((name) => all.idOf([name])!);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) {
          expect(id >>> 16).toBe(clusterId);
          expect(id & 0xffff).toBeGreaterThanOrEqual(256);
        }
        expect(names.map((name) => all.idOf([name]))).toEqual(ids);
        const listed = all.list().map((identity) => identity.id);
        expect(listed).toEqual([...listed].sort((a, b) => a - b));
        expect(listed.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      }),
    );
  });

  it('run out at 65280', () => {
    const all = createIdentityAllocator(0);
    for (let i = 0; i < 65280; i++) expect(all.idOf([`l${i}`])).toBeDefined();
    expect(all.idOf(['one more'])).toBeUndefined();
    expect(all.idOf(['l5'])).toBeDefined();
  });

  it('that are stated are kept; pods of the same labels share them', async () => {
    const pods = [
      {name: 'b', labels: {app: 'x'}},
      {name: 'a', labels: {app: 'x', 'pod-template-hash': '1'}, identity: 20001},
      {name: 'h', hostNetwork: true},
    ];
    const cluster = await loadSpec({dns: false, pods});
    expect(cluster.pods.map((p) => p.identity)).toEqual([20001, 20001, 1]);
    const clash = [
      {name: 'a', identity: 300},
      {name: 'b', labels: {app: 'x'}, identity: 300},
    ];
    expect(await errorText(loadSpec({pods: clash}))).toContain('pod default/b: identity 300 belongs to other labels');
    expect(await errorText(loadSpec({pods: [{name: 'a', identity: 2}]}))).toContain('(reserved:world)');
  });

  it('of a dump are facts', async () => {
    const text = `
apiVersion: cilium.io/v2
kind: CiliumIdentity
metadata: {name: "4711"}
security-labels: {"k8s:app": x, "k8s:io.kubernetes.pod.namespace": default}
---
apiVersion: cilium.io/v2
kind: CiliumEndpoint
metadata: {name: a, namespace: default}
status: {id: 77, identity: {id: 4711}, networking: {addressing: [{ipv4: 10.244.1.9}], node: 10.0.0.5}}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: default, labels: {app: x}}
spec: {nodeName: n1}
status: {phase: Running, hostIP: 10.0.0.9}
`;
    const cluster = await loadText(text);
    expect(cluster.pods[0]).toMatchObject({identity: 4711, endpointId: 77, ips: [0x0af40109], node: 'n1'});
    expect(cluster.identities.find(({id}) => id === 4711)!.labels).toEqual([
      'k8s:app=x',
      'k8s:io.kubernetes.pod.namespace=default',
    ]);
    expect(cluster.nodes.map((node) => [node.name, node.ips])).toEqual([['n1', [0x0a000009]]]);
  });
});
