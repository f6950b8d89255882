import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import {UserError} from '../../src/term/error.js';
import {load} from './load-input.js';

/** Every path of a value, the value's own included. */
function paths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => paths(item, [...path, key]))];
}

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  if (path.length === 0) return by;
  const copy = structuredClone(value);
  let at = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as typeof at;
  at[path.at(-1)!] = by;
  return copy;
}

const manifest = {
  kind: 'List',
  items: [
    {
      kind: 'Node',
      metadata: {name: 'n', labels: {a: 'b'}},
      spec: {podCIDRs: ['10.1.0.0/24']},
      status: {
        addresses: [{type: 'InternalIP', address: '10.0.0.4'}],
        capacity: {cpu: '4'},
        conditions: [{type: 'Ready', status: 'True'}],
        nodeInfo: {kubeletVersion: 'v1'},
      },
    },
    {
      kind: 'Pod',
      metadata: {name: 'p', labels: {app: 'x'}, ownerReferences: [{kind: 'Job', name: 'j'}]},
      spec: {nodeName: 'n', containers: [{name: 'c', ports: [{containerPort: 80}]}]},
      status: {phase: 'Running', podIPs: [{ip: '10.1.0.9'}], conditions: [{type: 'Ready', status: 'True'}]},
    },
    {
      kind: 'Service',
      metadata: {name: 's'},
      spec: {clusterIPs: ['10.96.0.9'], selector: {app: 'x'}, ports: [{port: 80, targetPort: 'web'}]},
      status: {loadBalancer: {ingress: [{ip: '1.2.3.4'}]}},
    },
    {
      kind: 'EndpointSlice',
      metadata: {name: 'e', labels: {'kubernetes.io/service-name': 's'}},
      ports: [{name: '', port: 80}],
      endpoints: [{addresses: ['10.1.0.9'], conditions: {ready: true}}],
    },
    {kind: 'Endpoints', metadata: {name: 's'}, subsets: [{addresses: [{ip: '10.1.0.9'}], ports: [{port: 80}]}]},
    {
      kind: 'ConfigMap',
      metadata: {name: 'cilium-config'},
      data: {'tunnel-protocol': 'geneve', labels: 'k8s:!x', 'node-port-range': '30000,30100'},
    },
    {
      kind: 'CiliumNode',
      metadata: {name: 'n'},
      spec: {
        addresses: [{type: 'CiliumInternalIP', ip: '10.1.0.7'}],
        ipam: {podCIDRs: ['10.1.0.0/24']},
        health: {ipv4: '10.1.0.8'},
      },
    },
    {
      kind: 'CiliumEndpoint',
      metadata: {name: 'p'},
      status: {id: 3, identity: {id: 400}, networking: {addressing: [{ipv4: '10.1.0.9'}]}},
    },
    {kind: 'CiliumIdentity', metadata: {name: '400'}, 'security-labels': {'k8s:app': 'x'}},
    {
      kind: 'Deployment',
      metadata: {name: 'd'},
      spec: {replicas: 2, template: {metadata: {labels: {app: 'd'}}, spec: {containers: [{name: 'c'}]}}},
    },
  ],
};

const junk = fc.oneof(
  fc.constantFrom(
    null,
    '',
    0,
    -1,
    1e12,
    1.5,
    true,
    [],
    {},
    [null],
    {a: null},
    {toString: '', valueOf: ''},
    [{toString: ''}],
    '10.0.0.1',
    '::1',
    '10.0.0.0/8',
    'fd00::/64',
    '0.0.0.0/0',
    'None',
    'x y',
    '*',
  ),
  fc.jsonValue({maxDepth: 2}),
);

/** Whatever stands at two places of a good definition: a cluster or a UserError, never another exception. */
function holds(original: unknown): Promise<void> {
  const all = paths(original);
  return fc.assert(
    fc.asyncProperty(fc.nat(all.length - 1), junk, fc.nat(all.length - 1), junk, async (first, a, second, b) => {
      let text = JSON.stringify(replaced(original, all[first]!, a));
      try {
        text = JSON.stringify(replaced(JSON.parse(text), all[second]!, b));
      } catch {
        // the second place is gone with the first
      }
      const readStdin = () => new TextEncoder().encode(text);
      try {
        await load(['-'], {readStdin});
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`${text}: ${error}`, {cause: error});
      }
    }),
    {numRuns: 600},
  );
}

describe('a definition with anything anywhere', () => {
  it('of objects that are no text', async () => {
    const read = (document: object) =>
      load(['-'], {readStdin: () => new TextEncoder().encode(JSON.stringify(document))});
    const option = {kind: 'Cluster', spec: {cilium: {'routing-mode': {toString: ''}}}};
    await expect(read(option)).rejects.toThrow(UserError);
    await read({kind: 'Case', apiVersion: {toString: ''}});
  });
  it('of ours', () => holds(parse(readFileSync('fixtures/demo.yaml', 'utf8'))), 60_000);
  it('of two families', () => holds(parse(readFileSync('fixtures/dual-stack.yaml', 'utf8'))), 60_000);
  it('on AKS', () => holds(parse(readFileSync('fixtures/aks-overlay.yaml', 'utf8'))), 60_000);
  it('of Kubernetes objects', () => holds(manifest), 60_000);
});
