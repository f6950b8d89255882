/** What single fields of Cilium's policies and of the admin tiers mean. */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../src/cluster/model.js';
import {matchesName} from '../../src/cluster/policy/fqdn.js';
import {parseTraffic} from '../../src/cluster/traffic.js';
import {createControl} from '../../src/control/control.js';
import {formatPorts} from '../../src/control/policy/ports.js';
import {ciliumMatrix} from '../../src/explain/matrix/cilium.js';
import {kubernetesMatrix} from '../../src/explain/matrix/matrix.js';
import {whyText} from '../../src/explain/why/print.js';
import {type Semantics, why} from '../../src/explain/why/why.js';
import {UserError} from '../../src/term/error.js';
import {errorText, loadText} from '../cluster/load-input.js';

const spec = (extra: object = {}) =>
  JSON.stringify({
    apiVersion: 'wirelay.dev/v1alpha1',
    kind: 'Cluster',
    spec: {
      nodes: 2,
      dns: false,
      pods: ['web', 'api', 'db'].map((name) => ({
        name,
        labels: {app: name, ...(name === 'db' ? {} : {tier: 'front'})},
        ports: [80],
      })),
      services: [{name: 'api-svc', selector: {app: 'api'}, labels: {kind: 'inner'}, ports: [80]}],
      names: {'api.example.com': '203.0.113.9', 'example.com': '203.0.113.10'},
      ...extra,
    },
  });
const cnp = (body: object, kind = 'CiliumNetworkPolicy') =>
  JSON.stringify({
    kind,
    metadata: {name: 'p', ...(kind === 'CiliumNetworkPolicy' ? {namespace: 'default'} : {})},
    spec: body,
  });
const web = {endpointSelector: {matchLabels: {app: 'web'}}};

/** What `line` may, and the text of the answer. */
function ask(cluster: Cluster, from: string, to: string, semantics: Semantics = 'cilium') {
  const {from: source, to: target, protocol, port} = parseTraffic(`${from} -> ${to}`, cluster);
  const answers = why(createControl(cluster), {from: source, to: target, protocol, port}, semantics);
  return {allowed: answers.map(({allowed}) => formatPorts(allowed)), text: whyText(answers, semantics)};
}

const load = (...documents: string[]) => loadText(documents.join('\n---\n'));
const open = ['TCP 80'];
const shut = ['No Connections'];

describe('Cilium semantics', () => {
  it('toFQDNs: the addresses of names that match, and nothing else', async () => {
    const cluster = await load(spec(), cnp({...web, egress: [{toFQDNs: [{matchPattern: '*.example.com'}]}]}));
    const answer = ask(cluster, 'web', 'api.example.com:80/tcp');
    expect(answer.allowed).toEqual(open);
    expect(answer.text).toContain('assumed: toFQDNs: names have the addresses of spec.names');
    expect(ask(cluster, 'web', '203.0.113.9:80/tcp').allowed).toEqual(open);
    expect(ask(cluster, 'web', 'example.com:80/tcp').allowed).toEqual(shut);
    expect(ask(cluster, 'web', 'api:80/tcp').allowed).toEqual(shut);
    expect(await errorText(() => ask(cluster, 'web', 'nowhere.example.org:80/tcp'))).toContain('spec.names');
    const rows = ciliumMatrix(cluster).connections.filter(
      ({from, to}) => from.includes('web') && to.includes('External'),
    );
    expect(rows.map(({to}) => to)).toEqual(['203.0.113.9-203.0.113.9[External]']);
  });

  it('patterns of names', () => {
    for (const [pattern, name, fits] of [
      ['*', 'a.b.c', true],
      ['*.b.c', 'a.b.c', true],
      ['*.b.c', 'b.c', false],
      ['*.b.c', 'x.a.b.c', false],
      ['**.b.c', 'x.a.b.c', true],
      ['**.b.c', 'b.c', false],
      ['a*.b.c', 'abc.b.c', true],
      ['a.b', 'axb', false],
      ['sub*.b.c', 'a.b.c', false],
      ['a*b*c.d', 'axxbbyc.d', true],
      ['a*b*c.d', 'axxbbyd.d', false],
      [`${'*a'.repeat(40)}.d`, `${'a'.repeat(60)}b.d`, false],
    ] as const)
      expect(matchesName(pattern, name), `${pattern} ${name}`).toBe(fits);
  });

  it('toServices: pods behind a selector, by name and by label', async () => {
    for (const service of [
      {k8sService: {serviceName: 'api-svc', namespace: 'default'}},
      {k8sService: {serviceName: 'api-svc'}},
      {k8sServiceSelector: {selector: {matchLabels: {kind: 'inner'}}, namespace: 'default'}},
    ]) {
      const cluster = await load(spec(), cnp({...web, egress: [{toServices: [service]}]}));
      expect(ask(cluster, 'web', 'api:80/tcp').allowed).toEqual(open);
      expect(ask(cluster, 'web', 'db:80/tcp').allowed).toEqual(shut);
    }
  });

  it('toServices: addresses behind a service without a selector', async () => {
    const service = JSON.stringify({kind: 'Service', metadata: {name: 'outside'}, spec: {ports: [{port: 80}]}});
    const slice = JSON.stringify({
      kind: 'Endpoints',
      metadata: {name: 'outside'},
      subsets: [{addresses: [{ip: '198.51.100.7'}], ports: [{port: 80}]}],
    });
    const policy = cnp({...web, egress: [{toServices: [{k8sService: {serviceName: 'outside'}}]}]});
    const cluster = await load(spec(), service, slice, policy);
    expect(ask(cluster, 'web', '198.51.100.7:80/tcp').allowed).toEqual(open);
    expect(ask(cluster, 'web', '198.51.100.8:80/tcp').allowed).toEqual(shut);
  });

  it('fromRequires narrows the endpoint peers of every rule, of other policies too', async () => {
    const db = {endpointSelector: {matchLabels: {app: 'db'}}};
    const rule = {...db, ingress: [{fromEndpoints: [{}]}, {fromEntities: ['host']}]};
    const needs = JSON.stringify({
      kind: 'CiliumNetworkPolicy',
      metadata: {name: 'q', namespace: 'default'},
      spec: {...db, ingress: [{fromRequires: [{matchLabels: {app: 'web'}}]}]},
    });
    const [without, both] = [await load(spec(), cnp(rule)), await load(spec(), cnp(rule), needs)];
    expect(ask(without, 'api', 'db:80/tcp').allowed).toEqual(open);
    expect(ask(both, 'api', 'db:80/tcp').allowed).toEqual(shut);
    expect(ask(both, 'web', 'db:80/tcp').allowed).toEqual(open);
    expect(ask(await load(spec(), needs), 'web', 'db:80/tcp').allowed).toEqual(shut);
  });

  it('CIDR groups, by name and by label; one that is not there is told', async () => {
    const group = JSON.stringify({
      kind: 'CiliumCIDRGroup',
      metadata: {name: 'office', labels: {site: 'x'}},
      spec: {externalCIDRs: ['203.0.113.0/24', '198.51.100.1/32']},
    });
    for (const set of [{cidrGroupRef: 'office'}, {cidrGroupSelector: {matchLabels: {site: 'x'}}}]) {
      const cluster = await load(
        spec(),
        group,
        cnp({...web, egress: [{toCIDRSet: [{...set, except: ['203.0.113.9/32']}]}]}),
      );
      expect(ask(cluster, 'web', '203.0.113.8:80/tcp').allowed).toEqual(open);
      expect(ask(cluster, 'web', '203.0.113.9:80/tcp').allowed).toEqual(shut);
    }
    const lost = await load(spec(), cnp({...web, egress: [{toCIDRSet: [{cidrGroupRef: 'nobody'}]}]}));
    expect(lost.notes.map(({message}) => message)).toContain('no CiliumCIDRGroup nobody: it means no address');
    expect(ask(lost, 'web', '203.0.113.8:80/tcp').allowed).toEqual(shut);
  });

  it('says what a rule leaves to proxies and to authentication', async () => {
    const ports = [{port: '80', protocol: 'TCP'}];
    for (const [rule, text] of [
      [{toPorts: [{ports, rules: {http: [{method: 'GET'}]}}]}, 'L7 (HTTP): allowed at L4'],
      [{toPorts: [{ports, rules: {kafka: [{topic: 'x'}]}}]}, 'L7 (Kafka)'],
      [{toPorts: [{ports, rules: {l7proto: 'cassandra', l7: [{}]}}]}, 'L7 (cassandra)'],
      [{toPorts: [{ports, serverNames: ['a.b']}]}, 'L7 (TLS server name)'],
      [{toEndpoints: [{}], authentication: {mode: 'required'}}, 'authentication required: taken as done'],
    ] as const) {
      const cluster = await load(spec(), cnp({...web, egress: [rule]}));
      const {allowed, text: said} = ask(cluster, 'web', 'api:80/tcp');
      expect(allowed).toEqual(open);
      expect(said).toContain(`assumed: ${text}`);
      expect(said).toContain('(assumed)');
    }
  });

  it('refuses what it could only guess, names fields that nobody reads', async () => {
    const groups = await load(spec(), cnp({...web, egress: [{toGroups: [{aws: {}}]}]}));
    expect(await errorText(() => ask(groups, 'web', 'api:80/tcp'))).toContain('egress[0].toGroups is not evaluated');
    const failing = await load(
      spec(),
      cnp({...web, egress: [{toEndpoints: [{}], authentication: {mode: 'test-always-fail'}}]}),
    );
    expect(() => ask(failing, 'web', 'api:80/tcp')).toThrow(UserError);
    const odd = await load(spec(), cnp({...web, egress: [{toEndpoints: [{}], auth: {type: 'null'}}]}));
    expect(odd.notes.map(({message}) => message)).toContain(
      'CiliumNetworkPolicy: no field auth is known here: not read',
    );
  });

  it('prefixes mean pods where policy-cidr-match-mode says so', async () => {
    const pods = ['10.244.0.10', '10.244.0.20', '10.244.1.20'].map((ip, i) => ({
      name: `p${i}`,
      node: ip.startsWith('10.244.0') ? 'node1' : 'node2',
      ip,
      labels: {app: i === 0 ? 'web' : 'api'},
    }));
    const cluster = (peer: object, mode = 'pods') =>
      load(
        spec({nodes: 2, podCIDR: '10.244.0.0/16', pods, services: [], cilium: {'policy-cidr-match-mode': mode}}),
        cnp({...web, egress: [{toCIDRSet: [peer]}]}),
      );
    const reached = async (peer: object, mode?: string) => {
      const found = await cluster(peer, mode);
      return ['p1', 'p2', '10.244.9.9'].map((to) => ask(found, 'p0', `${to}:80/tcp`).allowed[0] === 'TCP 80');
    };
    expect(await reached({cidr: '10.0.0.0/8'})).toEqual([true, true, true]);
    expect(await reached({cidr: '10.0.0.0/8'}, '')).toEqual([false, false, true]);
    expect(await reached({cidr: '10.244.0.0/24'})).toEqual([true, false, false]);
    expect(await reached({cidr: '10.0.0.0/8', except: ['10.244.1.0/24']})).toEqual([true, false, true]);
    expect(await reached({cidr: '0.0.0.0/0'})).toEqual([true, true, true]);
    // pods of one set of labels are two identities, each with the longest prefix that it is in
    const {identities} = await cluster({cidr: '10.0.0.0/8', except: ['10.244.1.0/24']});
    const added = identities
      .filter(({labels}) => labels.includes('k8s:app=api'))
      .flatMap(({labels}) => labels.filter((own) => own.startsWith('cidr:')));
    expect(added.sort()).toEqual(['cidr:10.0.0.0/8', 'cidr:10.244.1.0/24']);
  });

  it('prefixes mean nodes where policy-cidr-match-mode says so, and 0.0.0.0/0 never does', async () => {
    const cluster = (cidr: string, mode: string) =>
      load(
        spec({nodes: 3, cilium: {'policy-cidr-match-mode': mode}}),
        cnp({...web, egress: [{toCIDRSet: [{cidr, except: ['10.0.0.7/32'].filter(() => cidr !== '0.0.0.0/0')}]}]}),
      );
    const answers = async (cidr: string, mode: string) => {
      const found = await cluster(cidr, mode);
      return ['node1', 'node2', 'node3', 'api'].map((to) => ask(found, 'web', `${to}:80/tcp`).allowed[0] === 'TCP 80');
    };
    expect(await answers('10.0.0.0/8', 'nodes')).toEqual([true, true, false, false]);
    expect(await answers('10.0.0.0/8', '')).toEqual([false, false, false, false]);
    expect(await answers('0.0.0.0/0', 'nodes')).toEqual([false, false, false, false]);
    // each address of a node by itself
    const narrow = await cluster('10.0.0.6/32', 'nodes');
    expect(ask(narrow, 'web', '10.0.0.6:80/tcp').allowed).toEqual(open);
    expect(ask(narrow, 'web', '10.244.1.1:80/tcp').allowed).toEqual(shut);
  });

  it('toNodes: other nodes by their labels; without the option agents refuse the policy', async () => {
    const nodes = ['a', 'b', 'c'].map((name) => ({name, labels: {role: name === 'b' ? 'core' : 'edge'}}));
    const policy = cnp({...web, egress: [{toNodes: [{matchLabels: {role: 'edge'}}]}]});
    const pods = [{name: 'web', node: 'a', labels: {app: 'web'}}];
    const on = await load(spec({nodes, pods, cilium: {'enable-node-selector-labels': true}}), policy);
    expect(['a', 'b', 'c'].map((to) => ask(on, 'web', `${to}:80/tcp`).allowed)).toEqual([shut, shut, open]);
    expect(
      on.identities.filter(({id}) => id >>> 24 === 2).map(({labels}) => labels.includes('node:role=core')),
    ).toEqual([false, true, false]);
    // labels that only nodes have mean no endpoint of a cluster-wide policy
    const wide = cnp(
      {...web, egress: [{toEndpoints: [{matchLabels: {role: 'edge'}}]}]},
      'CiliumClusterwideNetworkPolicy',
    );
    const clusterWide = await load(spec({nodes, pods, cilium: {'enable-node-selector-labels': true}}), wide);
    expect(ask(clusterWide, 'web', 'c:80/tcp').allowed).toEqual(shut);
    const off = await load(spec({nodes, pods}), policy);
    expect(ask(off, 'web', 'b:80/tcp').allowed).toEqual(open);
    expect(off.notes.some(({message}) => message.includes('refuse it while enable-node-selector-labels is off'))).toBe(
      true,
    );
  });

  it('kube-apiserver is the node itself where the API server runs', async () => {
    const nodes = [{name: 'a', apiserver: true}, {name: 'b'}];
    const pods = ['a', 'b'].map((node) => ({name: `on-${node}`, node, labels: {app: 'web'}}));
    const cluster = await load(spec({nodes, pods}), cnp({...web, egress: [{toEntities: ['kube-apiserver']}]}));
    expect(ask(cluster, 'on-a', 'a:80/tcp').allowed).toEqual(open);
    expect(ask(cluster, 'on-b', 'a:80/tcp').allowed).toEqual(open);
    expect(ask(cluster, 'on-a', 'b:80/tcp').allowed).toEqual(shut);
    expect(ask(cluster, 'on-b', 'b:80/tcp').allowed).toEqual(shut);
  });

  it('host policies: of no effect without the host firewall', async () => {
    const host = cnp({nodeSelector: {}, ingress: [{fromEntities: ['cluster']}]}, 'CiliumClusterwideNetworkPolicy');
    const off = await load(spec(), host);
    expect(off.notes.some(({message}) => message.includes('of no effect while enable-host-firewall is off'))).toBe(
      true,
    );
    expect(ask(off, 'web', 'node1:80/tcp').allowed).toEqual(open);
    const on = await load(spec({cilium: {'enable-host-firewall': true}}), host);
    expect(on.notes.some(({message}) => message.includes('host policy'))).toBe(false);
    expect(ask(on, 'web', 'node1:80/tcp').text).toContain('ALLOWED by CiliumClusterwideNetworkPolicy p ingress[0]');
    expect(ask(on, '198.51.100.1', 'node1:80/tcp').allowed).toEqual(shut);
    const titles = ciliumMatrix(on).connections.map(({from, to}) => `${from} ${to}`);
    expect(titles).toContain('default/web[Pod] node1[Node]');
    expect(titles.filter((title) => title.endsWith('[External] node1[Node]'))).toEqual([]);
  });

  it('host policies select nodes by the labels that identities have', async () => {
    const nodes = [{name: 'n', labels: {role: 'edge', 'kubernetes.io/hostname': 'n'}}];
    const cluster = (matchLabels: object) =>
      load(
        spec({nodes, cilium: {'enable-host-firewall': true}}),
        cnp({nodeSelector: {matchLabels}, ingress: [{}]}, 'CiliumClusterwideNetworkPolicy'),
      );
    expect(ask(await cluster({role: 'edge'}), 'web', 'n:80/tcp').allowed).toEqual(shut);
    expect(ask(await cluster({'k8s:role': 'edge'}), 'web', 'n:80/tcp').allowed).toEqual(shut);
    expect(ask(await cluster({'kubernetes.io/hostname': 'n'}), 'web', 'n:80/tcp').allowed).toEqual(open);
    expect(ask(await cluster({'reserved:host': ''}), 'web', 'n:80/tcp').allowed).toEqual(shut);
  });

  it('host policies that shut the tunnel shut what it carries', async () => {
    const only = (port: string) =>
      load(
        spec({
          pods: [1, 2].map((n) => ({name: `p${n}`, node: `node${n}`, labels: {app: 'x'}})),
          cilium: {'enable-host-firewall': true, 'tunnel-protocol': 'vxlan'},
        }),
        cnp(
          {nodeSelector: {}, ingress: [{toPorts: [{ports: [{port, protocol: 'UDP'}]}]}]},
          'CiliumClusterwideNetworkPolicy',
        ),
      );
    expect(ask(await only('8472'), 'p1', 'p2:80/tcp').allowed).toEqual(open);
    const answer = ask(await only('6081'), 'p1', 'p2:80/tcp');
    expect(answer.allowed).toEqual(shut);
    expect(answer.text).toMatch(/^ingress, vxlan of node node2 .* denies /m);
  });
});

describe('ClusterNetworkPolicy', () => {
  const policy = (name: string, tier: string, priority: number, rules: readonly object[]) =>
    JSON.stringify({
      kind: 'ClusterNetworkPolicy',
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      metadata: {name},
      spec: {
        tier,
        priority,
        subject: {pods: {podSelector: {matchLabels: {app: 'db'}}, namespaceSelector: {}}},
        ingress: rules,
      },
    });
  const everyone = [{namespaces: {}}];
  const to = (cluster: Cluster) =>
    kubernetesMatrix(cluster)
      .filter(({from, to: target}) => from === 'default/web[Pod]' && target === 'default/db[Pod]')
      .map(({ports}) => formatPorts(ports));

  it('has tiers: admin by priority, NetworkPolicy, baseline by priority', async () => {
    const accept = {action: 'Accept', from: everyone, protocols: [{tcp: {destinationPort: {number: 80}}}]};
    const deny = {action: 'Deny', from: everyone};
    const pass = {
      action: 'Pass',
      from: everyone,
      protocols: [{udp: {destinationPort: {range: {start: 1, end: 9}}}}, {sctp: {}}],
    };
    expect(to(await load(spec(), policy('a', 'Admin', 2, [deny]), policy('b', 'Admin', 1, [accept])))).toEqual([
      'TCP 80',
    ]);
    expect(to(await load(spec(), policy('a', 'Admin', 1, [deny]), policy('b', 'Admin', 2, [accept])))).toEqual([]);
    expect(to(await load(spec(), policy('a', 'Admin', 1, [pass, deny])))).toEqual(['SCTP 1-65535,UDP 1-9']);
    expect(to(await load(spec(), policy('a', 'Baseline', 5, [accept]), policy('b', 'Baseline', 6, [deny])))).toEqual([
      'TCP 80',
    ]);
    expect(to(await load(spec(), policy('a', 'Baseline', 5, [pass]), policy('b', 'Baseline', 6, [deny])))).toEqual([
      'SCTP 1-65535,UDP 1-9',
    ]);
    const np = JSON.stringify({
      kind: 'NetworkPolicy',
      metadata: {name: 'n'},
      spec: {podSelector: {}, ingress: [{ports: [{port: 81}]}]},
    });
    expect(to(await load(spec(), np, policy('a', 'Baseline', 5, [accept])))).toEqual(['TCP 81']);
    expect(to(await load(spec(), np, policy('a', 'Admin', 5, [accept])))).toEqual(['TCP 80-81']);
  });

  it('networks of all addresses mean pods too, narrower ones only what is outside', async () => {
    const egress = (networks: readonly string[], kind = 'ClusterNetworkPolicy') =>
      JSON.stringify({
        kind,
        metadata: {name: 'n'},
        spec: {
          ...(kind === 'ClusterNetworkPolicy' ? {tier: 'Admin'} : {}),
          priority: 1,
          subject: {namespaces: {}},
          egress: [{action: 'Deny', to: [{networks}]}],
        },
      });
    expect(to(await load(spec(), egress(['0.0.0.0/0'])))).toEqual([]);
    expect(to(await load(spec(), egress(['0.0.0.0/0'], 'AdminNetworkPolicy')))).toEqual([]);
    expect(to(await load(spec(), egress(['::/0'])))).toEqual(['All Connections']);
    expect(to(await load(spec(), egress(['0.0.0.0/1', '128.0.0.0/1'])))).toEqual(['All Connections']);
  });

  it('two of one tier and priority are asked by name, with a warning', async () => {
    const accept = policy('b', 'Admin', 5, [{action: 'Accept', from: everyone}]);
    const deny = (name: string) => policy(name, 'Admin', 5, [{action: 'Deny', from: everyone}]);
    const first = await load(spec(), accept, deny('a'));
    expect(to(first)).toEqual([]);
    expect(to(await load(spec(), deny('c'), accept))).toEqual(['All Connections']);
    expect(first.notes.map(({message}) => message).join('\n')).toContain(
      'ClusterNetworkPolicy a: priority 5 is that of ClusterNetworkPolicy b too',
    );
    const baseline = policy('b', 'Baseline', 5, [{action: 'Deny', from: everyone}]);
    const {notes} = await load(spec(), deny('a'), baseline);
    expect(notes.filter(({message}) => message.includes('priority'))).toEqual([]);
  });
});

const folder = fileURLToPath(new URL('../../../shared/cases/cilium-policies', import.meta.url));
if (!existsSync(folder))
  describe.skip('policies of the documentation (the folder shared/cases/cilium-policies is missing)', () =>
    it.todo('cases'));
else
  describe('policies of the documentation', () => {
    const files = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.yaml'));

    it.each(files)('%s loads and is explained', async (name) => {
      const cluster = await load(spec(), readFileSync(join(folder, name), 'utf8'));
      expect(cluster.policies?.length).toBeGreaterThan(0);
      for (const policy of cluster.policies!) {
        // a pod that the policy selects, where labels can say so
        const labels =
          policy.subject.kind === 'identity'
            ? policy.subject.labels
            : policy.subject.kind === 'pods'
              ? policy.subject.pods
              : [];
        const own = Object.fromEntries(
          labels
            .filter(({operator, source}) => operator === 'In' && source !== 'reserved')
            .map(({key, values}) => [key, values[0]!]),
        );
        const namespace = own['io.kubernetes.pod.namespace'] ?? 'default';
        const pod = {
          name: 'subject',
          namespace,
          labels: Object.fromEntries(Object.entries(own).filter(([key]) => !key.startsWith('io.'))),
        };
        const around = await load(spec({pods: [pod, {name: 'other'}]}), readFileSync(join(folder, name), 'utf8'));
        for (const [from, to] of [
          [`${namespace}/subject`, 'default/other:80/tcp'],
          ['default/other', `${namespace}/subject:80/tcp`],
        ] as const)
          expect(ask(around, from, to).text).toMatch(/^(ALLOWED|DENIED)/m);
      }
    });
  });
