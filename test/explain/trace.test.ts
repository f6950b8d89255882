/** `trace`: the way of one packet, held against the run, against `why`, and against what it says itself. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../src/cluster/model.js';
import type {ClusterSpec} from '../../src/cluster/spec.js';
import {parseTraffic} from '../../src/cluster/traffic.js';
import {createControl} from '../../src/control/control.js';
import {simulate} from '../../src/datapath/run/simulate.js';
import {runTrace, type TraceRequest} from '../../src/explain/trace/main.js';
import type {Trace} from '../../src/explain/trace/model.js';
import {readQuestion} from '../../src/explain/trace/peers.js';
import {createTracer} from '../../src/explain/trace/trace.js';
import {isDenied, why} from '../../src/explain/why/why.js';
import {decodeLayers} from '../../src/session/layers.js';
import {createSession} from '../../src/session/session.js';
import {formatIp} from '../../src/wire/addr.js';
import {dualStack, pair} from '../datapath/run/lab.js';
import {memoryIo} from '../memory-io.js';
import {ciliumPolicies, clusterWith} from './random-policies.js';
import {badSequenceLines} from './well-formed.js';

function ask(cluster: Cluster, from: string, to: string, permitAll = false): Trace {
  return createTracer(cluster, permitAll).ask(readQuestion(from, to, cluster));
}

const arrived = ({verdict}: Trace) => verdict === 'answered' || verdict === 'delivered' || verdict === 'refused';

const modes: readonly (readonly [string, Partial<ClusterSpec>])[] = [
  ['geneve', {}],
  ['vxlan', {cilium: {'tunnel-protocol': 'vxlan'}}],
  ['legacy routing', {cilium: {'enable-host-legacy-routing': true}}],
  ['native', {cilium: {'routing-mode': 'native', 'auto-direct-node-routes': true}}],
  ['socket LB', {cilium: {'bpf-lb-sock': true}}],
  ['no kube-proxy replacement', {cilium: {'kube-proxy-replacement': false}}],
  ['DSR', {cilium: {'bpf-lb-mode': 'dsr', 'bpf-lb-dsr-dispatch': 'geneve'}}],
  ['kube-proxy', {profile: 'kube-proxy', cilium: {}}],
  ['XDP', {cilium: {'bpf-lb-acceleration': 'native', 'routing-mode': 'native', 'auto-direct-node-routes': true}}],
  ['dual stack', dualStack],
];
const questions = [
  ['a', 'b:8080'],
  ['a', 'b'],
  ['a', 's:80'],
  ['a', 's:80/http'],
  ['a', 'b:9999/udp'],
  ['a', 'b:8080/udp'],
  ['a', 'node/node2'],
  ['node/node1', 'b:8080'],
  ['node/node1', 's:80'],
  ['203.0.113.9', 'node/node1:30080/tcp'],
  ['203.0.113.9', 'node/node2:30080/tcp'],
  ['a', '203.0.113.9:443'],
  ['a', 'node/node1:30080/tcp'],
] as const;

describe.each(modes)('in mode %s', (_name, spec) => {
  const cluster = pair({
    ...spec,
    cilium: spec.profile === 'kube-proxy' ? undefined : spec.cilium,
  } as Partial<ClusterSpec>);

  it.each(questions)('%s to %s ends as the run does', (from, to) => {
    const trace = ask(cluster, from, to);
    const traffic = [parseTraffic(`${from} -> ${to}`, cluster)];
    const [app] = simulate({control: createControl(cluster), traffic, seed: cluster.seed, observers: []}).apps;
    const {replies = 0, established = 0, refused = 0} = app ?? {};
    const expected = replies + established > 0 ? 'answered' : refused > 0 ? 'refused' : 'lost';
    const said = arrived(trace) ? trace.verdict : 'lost';
    expect([said, trace.cause?.text]).toEqual([expected, expected === 'answered' ? undefined : expect.any(String)]);
  });

  it.each(questions)('%s to %s: hops follow each other in time, and end where they end', (from, to) => {
    const {hops} = ask(cluster, from, to);
    for (const leg of ['request', 'reply'] as const) {
      const own = hops.filter((hop) => hop.leg === leg);
      for (const [i, hop] of own.entries()) {
        if (i > 0) expect(hop.time).toBeGreaterThanOrEqual(own[i - 1]!.time);
        // what is put on is taken off again, or the packet has not arrived
        if (i < own.length - 1) expect(hop.end).toBeUndefined();
      }
      const count = (field: string) => own.flatMap(({changes}) => changes).filter((one) => one.field === field).length;
      if (own.at(-1)?.end === 'delivered') expect(count('encapsulation')).toBe(count('decapsulation'));
    }
  });

  it.each(questions)('%s to %s: every change is one that the next frame shows', (from, to) => {
    const {hops} = ask(cluster, from, to);
    for (const [i, hop] of hops.entries()) {
      const next = hops.slice(i + 1).find(({frame, leg}) => frame && leg === hop.leg)?.frame;
      const target = hop.changes.find(({field}) => /^IPv[46] destination$/.test(field));
      if (!next || !target) continue;
      const seen = decodeLayers(next, {geneve: 6081, vxlan: 8472}).flatMap(({fields}) =>
        fields.map(({value}) => value),
      );
      expect(seen).toContain(target.after);
    }
  });
});

describe('policy', () => {
  const pods = ['one/a', 'one/b', 'two/a', 'two/c'];
  const targets = ['one/a:8080/tcp', 'two/c:8081/tcp', 'two/a:9000/udp', 'one/b/icmp', '203.0.113.200:8080/tcp'];
  const question = fc
    .tuple(fc.constantFrom(...pods, 'node/node1'), fc.constantFrom(...targets))
    .filter(([from, to]) => !to.startsWith(from) && !(from === 'node/node1' && to.startsWith('203')));

  it('a trace denies where why denies, at the same rule; without the policies it names the packet passes', {
    timeout: 120_000,
  }, () => {
    let denied = 0;
    fc.assert(
      fc.property(ciliumPolicies, question, (policies, [from, to]) => {
        let left: readonly object[] = policies;
        for (;;) {
          const cluster = clusterWith(left);
          const trace = ask(cluster, from, to);
          const {spec} = readQuestion(from, to, cluster);
          const answers = why(createControl(cluster), spec as never, 'cilium');
          expect(trace.verdict === 'denied').toBe(answers.some(isDenied));
          expect(arrived(trace)).toBe(!answers.some(isDenied));
          if (trace.verdict !== 'denied') return;
          denied++;
          const by = trace.policy.find(({allowed}) => !allowed);
          expect(trace.cause?.where).toEqual(by?.where);
          expect(by?.where?.file).toMatch(/^policy-\d+\.yaml$/);
          const before: number = left.length;
          left = left.filter((object) => !by!.policy!.endsWith(titleOf(object)));
          expect(left.length).toBe(before - 1);
        }
      }),
      {numRuns: 150, seed: 21},
    );
    expect(denied).toBeGreaterThan(60);
  });

  it('--permit-all goes on past a denial and says so', () => {
    const deny = {
      kind: 'CiliumNetworkPolicy',
      metadata: {name: 'shut', namespace: 'one'},
      spec: {endpointSelector: {}, ingress: [{}], egress: [{}], ingressDeny: [{fromEntities: ['all']}]},
    };
    const cluster = clusterWith([deny]);
    expect(ask(cluster, 'two/a', 'one/a:8080/tcp')).toMatchObject({
      verdict: 'denied',
      permitted: false,
      cause: {reason: {code: 181}},
    });
    const trace = ask(cluster, 'two/a', 'one/a:8080/tcp', true);
    expect(trace).toMatchObject({verdict: 'answered', permitted: true});
    expect(trace.policy).toMatchObject([
      {direction: 'egress', allowed: true},
      {direction: 'ingress', allowed: false, policy: 'CiliumNetworkPolicy one/shut'},
    ]);
  });

  it('shows the entry that was looked up, in the map of the endpoint', () => {
    const cluster = clusterWith([
      {
        kind: 'CiliumNetworkPolicy',
        metadata: {name: 'web', namespace: 'one'},
        spec: {
          endpointSelector: {matchLabels: {app: 'a'}},
          ingress: [{fromEntities: ['all'], toPorts: [{ports: [{port: '8080', protocol: 'TCP'}]}]}],
        },
      },
    ]);
    const {hops, verdict} = ask(cluster, 'two/a', 'one/a:8080/tcp');
    expect(verdict).toBe('answered');
    const pod = cluster.pods.find(({name, namespace}) => name === 'a' && namespace === 'one')!;
    const asked = hops.flatMap(({lookups}) => lookups).find(({key}) => key.startsWith('ingress'));
    expect(asked).toMatchObject({
      map: `cilium_policy_v2_${String(pod.endpointId).padStart(5, '0')}`,
      value: expect.stringMatching(/^Allow ingress identity .* 8080\/TCP$/),
      origin: expect.stringContaining('CiliumNetworkPolicy one/web'),
    });
  });
});

function titleOf(object: object): string {
  const {metadata} = object as {metadata: {name: string; namespace?: string}};
  return metadata.namespace === undefined ? ` ${metadata.name}` : ` ${metadata.namespace}/${metadata.name}`;
}

describe('what else decides', () => {
  it('a security rule, with its place', () => {
    const cluster = pair({
      underlay: {
        nsg: [{name: 'no-geneve', priority: 100, direction: 'Inbound', access: 'Deny', protocol: 'Udp', port: 6081}],
      },
    } as never);
    const trace = ask(cluster, 'a', 'b:8080');
    expect(trace).toMatchObject({verdict: 'denied', cause: {text: expect.stringContaining('no-geneve')}});
    expect(trace.hops.at(-1)).toMatchObject({place: 'underlay', end: 'dropped'});
    // what is sent again is no answer
    expect(new Set(trace.hops.map(({leg}) => leg))).toEqual(new Set(['request']));
  });

  it('an underlay too narrow for a packet that must not be cut', () => {
    const native = {'routing-mode': 'native', 'auto-direct-node-routes': true};
    const cluster = pair({
      underlay: {mtu: 1300},
      nodes: [
        {name: 'node1', mtu: 1500},
        {name: 'node2', mtu: 1500},
      ],
      cilium: native,
    } as never);
    const spec = {...parseTraffic('a -> b size=1400', cluster), fragmentation: 'do' as const};
    const trace = createTracer(cluster, false).ask({spec, notes: []});
    expect(trace).toMatchObject({verdict: 'dropped', cause: {text: expect.stringContaining('path MTU')}});
  });

  it('fragments are one hop each', () => {
    const cluster = pair({cilium: {'routing-mode': 'native', 'auto-direct-node-routes': true}});
    const trace = createTracer(cluster, false).ask({
      spec: parseTraffic('a -> b:8080/udp size=4000', cluster),
      notes: [],
    });
    expect(trace.verdict).toBe('answered');
    expect(Math.max(...trace.hops.map(({frames}) => frames))).toBe(3);
  });

  it.each([
    ['snat', '203.0.113.9', 'node/node1:30080/tcp', /^203\.0\.113\.9 lost: the server sees .* \(SNAT\)/],
    ['snat', '203.0.113.9', 'node/node2:30080/tcp', /^203\.0\.113\.9 kept: the backend is on the node/],
    ['dsr', '203.0.113.9', 'node/node1:30080/tcp', /^203\.0\.113\.9 kept: direct server return \(DSR\)/],
  ])('the client address with bpf-lb-mode %s from %s to %s', (mode, from, to, expected) => {
    const cluster = pair({cilium: {'bpf-lb-mode': mode, 'bpf-lb-dsr-dispatch': 'geneve'}});
    expect(ask(cluster, from, to).client).toMatch(expected);
  });

  it('names the chains of kube-proxy', () => {
    const trace = ask(pair({profile: 'kube-proxy', cilium: undefined} as never), 'a', 's:80');
    expect(trace.verdict).toBe('answered');
    expect(trace.hops.flatMap(({rules}) => rules).map(({chain}) => chain)).toEqual(
      expect.arrayContaining(['PREROUTING', 'KUBE-SERVICES']),
    );
  });
});

describe('questions', () => {
  const bare = pair();
  const owner = {kind: 'Deployment', name: 'web'};
  const cluster = {...bare, pods: bare.pods.map((pod) => (pod.name === 'b' ? {...pod, owner} : pod))};

  it('name workloads', () => {
    const {spec, notes} = readQuestion('a', 'deploy/web:8080/tcp', cluster);
    expect(spec).toMatchObject({to: {kind: 'pod'}, port: 8080, protocol: 'tcp'});
    expect(notes).toEqual([expect.stringMatching(/^deploy\/web stands for its pod default\/b on node2$/)]);
    expect(readQuestion('web', 'a', cluster).spec.from).toMatchObject({kind: 'pod'});
    expect(readQuestion(formatIp(bare.pods[0]!.ips[0]!), 'b', cluster).spec.from).toMatchObject({kind: 'pod'});
    expect(() => readQuestion('deploy/nope', 'a', cluster)).toThrow('no pod belongs to deploy/nope');
  });

  it.each([
    ['a', 'example.com:80'],
    ['s', 'a'],
    ['a', 'b:99999'],
    ['nope', 'a'],
    ['a', 'nope:80'],
  ])('%s to %s is no question', (from, to) => {
    expect(() => readQuestion(from, to, cluster)).toThrow();
  });
});

describe('output', () => {
  const base: TraceRequest = {
    from: 'pod-a',
    to: 'my-svc:80',
    each: undefined,
    output: 'text',
    packets: false,
    write: undefined,
    permitAll: false,
    color: false,
  };
  const options = {cluster: ['demo'], set: [], traffic: [], node: undefined, pod: undefined, seed: undefined};

  async function run(request: Partial<TraceRequest>, input = '') {
    const io = memoryIo({env: {WIRELAY_CLUSTER: 'demo'}, readStdin: () => new TextEncoder().encode(input)});
    const session = await createSession({...options, cluster: []}, io);
    const code = await runTrace(session, {...base, ...request}, io);
    return {code, stdout: io.stdout.text};
  }

  it('fits a terminal of 80 columns, but for commands to copy', async () => {
    const {code, stdout} = await run({packets: true});
    expect(code).toBe(0);
    const [body] = stdout.split('confirm  ');
    expect(body!.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(body).toMatch(/0x0000: {2}[0-9a-f]{4} /);
    expect(body).not.toContain('\x1b');
    expect((await run({color: true})).stdout).toContain('\x1b[');
  });

  it('Mermaid: each line is one of the grammar', async () => {
    const {stdout} = await run({output: 'mermaid'});
    expect(badSequenceLines(stdout)).toEqual([]);
    expect(stdout).toContain('Geneve VNI');
  });

  it('JSON has every hop with its frame where asked', async () => {
    const trace = JSON.parse((await run({output: 'json', packets: true})).stdout);
    expect(trace).toMatchObject({schemaVersion: 1, verdict: 'answered', from: 'default/pod-a'});
    expect(trace.hops.filter((hop: {frame?: string}) => hop.frame?.length).length).toBeGreaterThan(8);
  });

  it('many questions in one call, a line of JSON each', async () => {
    const {code, stdout} = await run(
      {each: '-', output: 'json'},
      'pod-a pod-b\n# no\n\npod-a -> my-svc:80\npod-a 10.9.9.9:80\n',
    );
    const verdicts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).verdict);
    expect(verdicts.slice(0, 2)).toEqual(['answered', 'answered']);
    expect(verdicts).toHaveLength(3);
    expect(code).toBe(verdicts[2] === 'answered' ? 0 : 1);
    await expect(run({each: '-'}, 'pod-a\n')).rejects.toThrow('stdin:1');
    await expect(run({each: '-'}, 'pod-a pod-b\npod-a nothing\n')).rejects.toThrow('nothing');
  });
});
