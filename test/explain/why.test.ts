import {describe, expect, it} from 'vitest';
import {runWhy, type WhyRequest} from '../../src/explain/why/main.js';
import {createSession} from '../../src/session/session.js';
import type {ToolMain} from '../../src/term/io.js';
import {folderWith} from '../cluster/load-input.js';
import {runMain} from '../memory-io.js';

const cluster = `apiVersion: wirelay.dev/v1alpha1
kind: Cluster
spec:
  nodes: 2
  pods:
    - {name: web, node: node1, labels: {app: web}, ports: [80]}
    - {name: api, node: node2, labels: {app: api}, ports: ["http:8080"]}
    - {name: db, node: node1, labels: {app: db}, ports: [5432]}
  services:
    - {name: front, selector: {app: api}, ports: [{port: 80, targetPort: 8080}]}
`;
const api = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: default}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: db}}
    - from:
        - podSelector: {matchLabels: {app: web}}
      ports:
        - port: http
  egress:
    - to:
        - podSelector: {matchLabels: {app: db}}
`;
const db = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: db, namespace: default}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingressDeny:
    - fromEndpoints: [{matchLabels: {app: web}}]
      toPorts: [{ports: [{port: "5432", protocol: TCP}]}]
  ingress:
    - fromEntities: [cluster]
`;

function ask(from: string, to: string, files: Record<string, string> = {}, request: Partial<WhyRequest> = {}) {
  const cwd = folderWith({'wirelay.yaml': cluster, 'api.yaml': api, 'db.yaml': db, ...files});
  const main: ToolMain = async (_argv, io) => {
    const session = await createSession(
      {
        cluster: ['wirelay.yaml', 'api.yaml', 'db.yaml'],
        set: [],
        traffic: [],
        node: undefined,
        pod: undefined,
        seed: undefined,
      },
      io,
    );
    return runWhy(session, {from, to, semantics: undefined, with: [], output: 'text', ...request}, io);
  };
  return runMain(main, [], {cwd});
}

describe('why', () => {
  it('names every rule in order, and the one that allows', async () => {
    const {code, stdout} = await ask('web', 'api:8080');
    expect(stdout).toBe(
      [
        'default/web -> default/api TCP 8080',
        'DIRECTION   POLICY                      RULE         EFFECT            WHERE',
        'egress      -                           -            allows the rest   no policy selects default/web',
        'ingress     NetworkPolicy default/api   ingress[0]   other peer        api.yaml:8:7',
        'ingress     NetworkPolicy default/api   ingress[1]   allows            api.yaml:10:7',
        'ingress     NetworkPolicy default/api   (default)    nothing left      api.yaml:1:1',
        'ALLOWED by NetworkPolicy default/api ingress[1] at api.yaml:10:7',
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
  });

  it('asks a pod of two families once', async () => {
    const families =
      "  podCIDR: 10.32.0.0/16,fd00:32::/48\n  serviceCIDR: 10.96.0.0/16,fd00:96::/112\n  cilium: {enable-ipv6: 'true'}\n  pods:";
    const dual = cluster
      .replace('  pods:', families)
      .replace('{port: 80,', '{port: 80, name: http,')
      .replace('front,', 'front, ipFamilyPolicy: PreferDualStack,');
    const {stdout} = await ask('web', 'front:80', {'wirelay.yaml': dual});
    expect(stdout.match(/^default\/web -> default\/api TCP 8080$/gm)).toHaveLength(1);
  });

  it('goes through a service to its backends', async () => {
    const {code, stdout} = await ask('db', 'front:80');
    expect(stdout).toContain('default/db -> default/api TCP 8080\n');
    expect(stdout).toContain('ALLOWED by NetworkPolicy default/api ingress[0] at api.yaml:8:7');
    expect(code).toBe(0);
  });

  it.each([
    ['web', 'api:9090', '(133 Policy denied) by NetworkPolicy default/api (default) at api.yaml:1:1'],
    [
      'web',
      'db:5432',
      '(181 Policy denied by denylist) by CiliumNetworkPolicy default/db ingressDeny[0] at db.yaml:7:7',
    ],
    ['203.0.113.9', 'db:1', '(133 Policy denied) by CiliumNetworkPolicy default/db (default) at db.yaml:1:1'],
    ['api', '8.8.8.8:53/udp', '(133 Policy denied) by NetworkPolicy default/api (default) at api.yaml:1:1'],
  ])('%s to %s is denied', async (from, to, text) => {
    const {code, stdout} = await ask(from, to);
    expect(stdout.split('\n').at(-2)).toBe(`DENIED ${text}`);
    expect(code).toBe(1);
  });

  it('without the named rule the answer is another', async () => {
    const without = (text: string, from: string, to: string) =>
      text.slice(0, text.indexOf(from)) + text.slice(text.indexOf(to));
    const open = await ask('web', 'db:5432', {'db.yaml': without(db, '  ingressDeny', '  ingress:')});
    expect(open.code).toBe(0);
    const shut = await ask('web', 'api:8080', {'api.yaml': api.replace('app: web', 'app: other')});
    expect(shut.code).toBe(1);
  });

  it('splits an open question', async () => {
    const {stdout} = await ask('web', 'db');
    expect(stdout).toContain('denies TCP 5432 ');
    expect(stdout).toContain('ALLOWED SCTP 1-65535,TCP 1-5431,5433-65535,UDP 1-65535 by');
  });

  it('compares with other policies', async () => {
    const more = api.replace('name: api', 'name: more').replace('port: http', 'port: 9090');
    const {code, stdout} = await ask('web', 'api:9090', {'more.yaml': more}, {with: ['more.yaml']});
    expect(stdout).toContain('ALLOWED by NetworkPolicy default/more ingress[1] at more.yaml:10:7');
    expect(stdout).toContain('The answers differ.');
    expect(code).toBe(3);
    const same = await ask('web', 'api:8080', {'more.yaml': more}, {with: ['more.yaml']});
    expect(same.code).toBe(0);
  });

  it('says in k8s semantics what it leaves out, and what these cannot answer', async () => {
    const {code, stdout} = await ask('web', 'db:5432', {}, {semantics: 'k8s'});
    expect(code).toBe(0);
    expect(stdout).toContain('not asked: 1 CiliumNetworkPolicy, which k8s semantics do not know\n');
    expect((await ask('web', 'db/icmp', {}, {semantics: 'k8s'})).code).toBe(2);
    expect((await ask('node1', 'db:1', {}, {semantics: 'k8s'})).code).toBe(2);
  });

  it.each([
    ['[{}]', 1],
    ['[]', 1],
    ['[{fromEndpoints: []}]', 1],
    ['[{fromEndpoints: [{}]}]', 0],
    ['[{toPorts: [{ports: [{port: "5432", protocol: TCP}]}]}]', 0],
  ])('Cilium reads ingress: %s', async (ingress, code) => {
    const text = `${db.slice(0, db.indexOf('  ingressDeny'))}  ingress: ${ingress}\n`;
    expect((await ask('web', 'db:5432', {'db.yaml': text})).code).toBe(code);
  });

  it('gives no answer where a rule is not evaluated', async () => {
    const names = db.replace('fromEntities: [cluster]', 'fromGroups: [{aws: {}}]');
    const {code, stderr} = await ask('web', 'db:1', {'db.yaml': names});
    expect(code).toBe(2);
    expect(stderr).toContain(
      'db.yaml:10:19: CiliumNetworkPolicy default/db: ingress[0].fromGroups is not evaluated, so there',
    );
  });
});
