/** Local redirect policies, from their objects to the frontends of a node. */
import {describe, expect, it} from 'vitest';
import {readLocalRedirect} from '../../src/cluster/gateway-policies.js';
import type {LocalRedirectPolicy} from '../../src/cluster/model.js';
import {createProblems} from '../../src/cluster/problems.js';
import {createControl} from '../../src/control/control.js';
import {serviceFlags} from '../../src/control/model.js';
import {formatIp, formatIpPort} from '../../src/wire/addr.js';
import {backend, cluster, pod, service} from './cluster.js';

const dns = service('kube-dns', '10.96.0.10', {
  ports: [
    {name: 'dns', port: 53, protocol: 'UDP', targetPort: 53},
    {name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53},
    {name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153},
  ],
  backends: [
    backend('10.32.3.3', 53, {portName: 'dns', protocol: 'UDP'}),
    backend('10.32.3.3', 53, {portName: 'dns-tcp'}),
    backend('10.32.3.3', 9153, {portName: 'metrics'}),
  ],
});
const cache = pod('cache', 'node1', '10.32.1.50', 5000, {labels: {app: 'cache'}});
const selector = [{key: 'app', operator: 'In' as const, values: ['cache']}];
const policy: LocalRedirectPolicy = {
  name: 'cache',
  namespace: 'default',
  frontend: {kind: 'service', service: 'kube-dns', ports: []},
  pods: selector,
  to: [
    {name: 'DNS', port: 1053, protocol: 'UDP'},
    {name: 'dns-tcp', port: 1053, protocol: 'TCP'},
  ],
};

function frontends(fields: Partial<LocalRedirectPolicy>, on = 'node1', pods = [cache], enabled = true) {
  const raw: Record<string, string> = enabled ? {'enable-local-redirect-policy': 'true'} : {};
  const parts = {...cluster({services: [dns], pods}, {raw}), redirectPolicies: [{...policy, ...fields}]};
  return createControl(parts)
    .state(on)
    .services.frontends.filter(({id}) => id !== 0)
    .map(
      (f) =>
        `${f.type} ${formatIpPort(f.ip, f.port)}/${f.protocol} ${f.backends.map((b) => formatIpPort(b.ip, b.port))}`,
    );
}
const plain = [
  'ClusterIP 10.96.0.10:53/17 10.32.3.3:53',
  'ClusterIP 10.96.0.10:53/6 10.32.3.3:53',
  'ClusterIP 10.96.0.10:9153/6 10.32.3.3:9153',
];

describe('a policy for a service', () => {
  it('sends its ports to pods of the node, by the names of the ports', () => {
    expect(frontends({})).toEqual([
      'LocalRedirect 10.96.0.10:53/17 10.32.1.50:1053',
      'LocalRedirect 10.96.0.10:53/6 10.32.1.50:1053',
      plain[2],
    ]);
  });

  it('changes nothing on a node without such a pod, with one that is not ready, or where it is not enabled', () => {
    expect(frontends({}, 'node2')).toEqual(plain);
    expect(frontends({}, 'node1', [{...cache, ready: false}])).toEqual(plain);
    expect(frontends({}, 'node1', [{...cache, namespace: 'other'}])).toEqual(plain);
    expect(frontends({}, 'node1', [cache], false)).toEqual(plain);
    expect(frontends({frontend: {kind: 'service', service: 'other', ports: []}})).toEqual(plain);
  });

  it('may leave what its own pods send alone', () => {
    const host = pod('host-cache', 'node1', '10.0.0.5', 5000, {labels: {app: 'cache'}, hostNetwork: true});
    const skipped = (skipFromBackend: boolean) => {
      const parts = {
        ...cluster({services: [dns], pods: [cache, host]}, {raw: {'enable-local-redirect-policy': 'true'}}),
        redirectPolicies: [{...policy, skipFromBackend}],
      };
      const {frontends} = createControl(parts).state('node1').services;
      return frontends.filter(({id}) => id !== 0).map((f) => f.skippedFor?.map(formatIp));
    };
    expect(skipped(true)).toEqual([['10.32.1.50'], ['10.32.1.50'], undefined]);
    expect(skipped(false)).toEqual([undefined, undefined, undefined]);
  });

  it('may name some of its ports', () => {
    const ports = [{port: 53, protocol: 'TCP' as const}];
    expect(
      frontends({frontend: {kind: 'service', service: 'kube-dns', ports}}).map((text) => text.split(' ')[0]),
    ).toEqual(['ClusterIP', 'LocalRedirect', 'ClusterIP']);
  });
});

it('a policy for an address makes a frontend of its own', () => {
  const ip = 0xa9fe_a9fe;
  const list = frontends({
    frontend: {kind: 'address', ip, ports: [{port: 80, protocol: 'TCP'}]},
    to: [{port: 8181, protocol: 'TCP'}],
  });
  expect(list.at(-1)).toBe('LocalRedirect 169.254.169.254:80/6 10.32.1.50:8181');
  const raw = {'enable-local-redirect-policy': 'true'};
  const parts = {...cluster({services: [dns], pods: [cache]}, {raw}), redirectPolicies: [policy]};
  const found = createControl(parts).state('node1').services.lookup(dns.clusterIps[0]!, 53, 6, 'external')!;
  expect((found.flags | (found.flags2 << 8)) & (serviceFlags.localRedirect | serviceFlags.routable)).toBe(
    serviceFlags.localRedirect | serviceFlags.routable,
  );
});

describe('objects', () => {
  const where = {file: 'x.yaml'};
  const read = (spec: object) => {
    const problems = createProblems();
    return {policy: readLocalRedirect({metadata: {name: 'p'}, spec}, where, problems), notes: problems.notes.length};
  };
  const redirectBackend = {localEndpointSelector: {matchLabels: {app: 'x'}}, toPorts: [{port: '53', protocol: 'udp'}]};

  it('are read; what cannot be redirected is told and left out', () => {
    const address = read({
      redirectFrontend: {addressMatcher: {ip: '169.254.20.10', toPorts: [{port: '53', protocol: 'UDP'}]}},
      redirectBackend,
    });
    expect(address.policy).toMatchObject({
      namespace: 'default',
      to: [{port: 53, protocol: 'UDP'}],
      frontend: {kind: 'address'},
    });
    for (const spec of [
      {},
      {redirectFrontend: {serviceMatcher: {}}, redirectBackend},
      {redirectFrontend: {addressMatcher: {ip: 'nonsense'}}, redirectBackend},
      {redirectFrontend: {serviceMatcher: {serviceName: 's'}}, redirectBackend: {toPorts: [{port: '99999'}]}},
    ])
      expect(read(spec)).toEqual({policy: undefined, notes: 1});
  });
});
