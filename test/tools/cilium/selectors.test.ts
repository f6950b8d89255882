/** `policy selectors` and `endpoint get`: keys as pkg/policy/api writes them, users counted by hand. */
import {describe, expect, it} from 'vitest';
import {ciliumMain} from '../../../src/tools/cilium/main.js';
import {folderWith} from '../../cluster/load-input.js';
import {runMain as runTool} from '../../memory-io.js';

const cluster = (policies: readonly object[], cilium: object = {}) => {
  const own = {
    apiVersion: 'wirelay.dev/v1alpha1',
    kind: 'Cluster',
    spec: {
      nodes: 2,
      dns: false,
      pods: [
        {name: 'web', node: 'node1', labels: {app: 'web'}},
        {name: 'web2', node: 'node1', labels: {app: 'web'}},
        {name: 'db', node: 'node2', labels: {app: 'db'}},
      ],
      cilium,
    },
  };
  const folder = folderWith({'cluster.yaml': [own, ...policies].map((one) => JSON.stringify(one)).join('\n---\n')});
  return `${folder}/cluster.yaml`;
};
const cnp = (name: string, spec: object) => ({
  kind: 'CiliumNetworkPolicy',
  metadata: {name, namespace: 'default'},
  spec,
});

const runMain = (argv: readonly string[]) => runTool(ciliumMain, argv);

interface Selector {
  readonly selector: string;
  readonly users: number;
  readonly identities: readonly number[];
}

async function selectors(file: string, node: string): Promise<Selector[]> {
  const {stdout} = await runMain(['policy', 'selectors', '-o', 'json', '--node', node, '--cluster', file]);
  return JSON.parse(stdout) as Selector[];
}

const key = (labels: string, expressions = '') =>
  `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`;

describe('policy selectors', () => {
  const file = cluster([
    cnp('rule', {
      endpointSelector: {matchLabels: {app: 'web'}},
      ingress: [
        {
          fromEndpoints: [
            {matchLabels: {app: 'db'}},
            {matchExpressions: [{key: 'app', operator: 'In', values: ['a', 'b']}]},
          ],
          toPorts: [{ports: [{port: '80', protocol: 'TCP'}, {port: '53'}]}],
        },
      ],
      egress: [{toCIDRSet: [{cidr: '10.0.0.0/8', except: ['10.96.0.0/12']}]}, {toFQDNs: [{matchPattern: '*.a.b'}]}],
    }),
  ]);

  it('has those of policies that select an endpoint of the node', async () => {
    const found = await selectors(file, 'node1');
    const inNamespace = 'k8s:io.cilium.k8s.policy.cluster: default,k8s:io.kubernetes.pod.namespace: default,';
    expect(found.map(({selector, users}) => [selector, users])).toEqual([
      [key(`any:app: db,${inNamespace}`), 4],
      [key(inNamespace, 'LabelSelectorRequirement{Key:any:app,Operator:In,Values:[a b],},'), 4],
      [key('reserved:host: ,'), 1],
      ['MatchName: , MatchPattern: *.a.b', 1],
      ['cidr:10.0.0.0/8-[10.96.0.0/12]', 1],
    ]);
    expect(found[0]!.identities).toHaveLength(1);
    expect(found[1]!.identities).toEqual([]);
    expect(found[4]!.identities.every((id) => id >>> 24 === 1)).toBe(true);
    expect(await selectors(file, 'node2')).toEqual([]);
  });

  it('prints names, or labels', async () => {
    const args = ['policy', 'selectors', '--node', 'node1', '--cluster', file];
    const {stdout} = await runMain(args);
    expect(stdout).toMatch(/^SELECTOR +LABELS +USERS +IDENTITIES\n/);
    expect(stdout).toMatch(/^cidr:10\.0\.0\.0\/8-\[10\.96\.0\.0\/12\] +default\/rule +1 +\d+ +$/m);
    const verbose = await runMain([...args, '-v']);
    expect(verbose.stdout).toContain(
      '[k8s:io.cilium.k8s.policy.derived-from=CiliumNetworkPolicy k8s:io.cilium.k8s.policy.name=rule',
    );
  });

  it('says what is not there', async () => {
    const {code, stderr} = await runMain(['policy', 'get', '--cluster', file]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('cilium-dbg policy get is not supported here')]);
  });
});

describe('endpoint get', () => {
  const file = cluster([], {'enable-host-firewall': true});
  const get = (...args: string[]) => runMain(['endpoint', 'get', ...args, '--node', 'node1', '--cluster', file]);

  it('is what endpoint list says of one', async () => {
    const all = await runMain(['endpoint', 'list', '-o', 'json', '--node', 'node1', '--cluster', file]);
    const endpoints = JSON.parse(all.stdout) as {id: number; status: {identity: {labels: string[]}}}[];
    for (const one of endpoints) {
      const {stdout, code} = await get(String(one.id));
      expect([code, JSON.parse(stdout)]).toEqual([0, [one]]);
    }
    const web = JSON.parse((await get('pod-name:default:web')).stdout) as typeof endpoints;
    expect(web[0]!.status.identity.labels).toContain('k8s:app=web');
    expect((JSON.parse((await get('-l', 'app=web')).stdout) as unknown[]).length).toBe(2);
    expect((await get('-l', 'reserved:host', '-o', 'jsonpath={[0].status.identity.id}')).stdout).toBe('1\n');
  });

  it('says what is wrong', async () => {
    for (const [args, text] of [
      [['1'], 'Error: Cannot get endpoint 1: [GET /endpoint/{id}][404] getEndpointIdNotFound\n\n'],
      [[], 'Error: Missing endpoint id argument\n'],
      [['foo:1'], 'Error: Cannot parse endpoint id "foo:1": unknown endpoint ID prefix "foo"\n'],
      [
        ['-l', 'app=no'],
        'Error: Cannot get endpoints for given list of labels [app=no]: [GET /endpoint][404] getEndpointNotFound\n\n',
      ],
      [['-l', 'a', '1'], 'Error: Cannot provide both endpoint ID and labels arguments concurrently\n'],
    ] as const) {
      const {code, stderr, stdout} = await get(...args);
      expect([code, stdout, stderr]).toEqual([1, '', text]);
    }
  });
});
