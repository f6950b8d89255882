/** Expectations: that right ones hold, that each wrong one fails with what is true, that senseless ones are refused. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {expectedVerdicts} from '../../../src/cluster/expect.js';
import {folderWith} from '../../cluster/load-input.js';
import {demoCase, test} from './run-test.js';

const ownCases = join(process.cwd(), 'fixtures/cases');

async function one(expectation: string, more: Parameters<typeof test>[2] = {}) {
  return test(folderWith({'case.yaml': demoCase(expectation)}), ['case.yaml'], more);
}

describe('our own cases', () => {
  it('hold', async () => {
    const {code, stdout, stderr} = await test(ownCases, ['.']);
    expect(stderr).toBe('');
    expect(stdout).toContain('passed (3 files)');
    expect(code).toBe(0);
  });

  it('hold from every folder, and as standard input', async () => {
    expect((await test(join(ownCases, '..'), ['cases/tunnels.yaml'])).code).toBe(0);
    const text = readFileSync(join(ownCases, 'policy.yaml'));
    expect(await test(ownCases, ['-'], {}, {readStdin: () => text})).toMatchObject({code: 0, stderr: ''});
    expect((await test(ownCases, [], {cluster: ['policy.yaml']})).stdout).toContain('4 passed');
  });
});

/** Field of an expectation of `flow` → right, wrong, what the failure says is true. */
const fields: readonly (readonly [flow: string, right: string, wrong: string, got: string | RegExp])[] = [
  ['pod-a -> pod-b/icmp', 'verdict: allow', 'verdict: deny', 'answered'],
  ['pod-a -> pod-b/icmp', 'verdict: answered', 'verdict: delivered', 'answered'],
  ['pod-a -> pod-b:9/tcp', 'verdict: refused', 'verdict: reachable', 'refused'],
  ['pod-a -> pod-b:9/tcp', 'verdict: unreachable', 'verdict: drop', 'refused'],
  ['pod-a -> pod-b/icmp', 'dnat: none', 'dnat: pod-b', 'none: sent to 10.32.2.20'],
  ['pod-a -> my-svc:80', 'dnat: [pod-b:8080, pod-c]', 'dnat: [pod-b:80, pod-a]', /10\.32\.[23]\.[23]0:8080/],
  ['pod-a -> my-svc:80', 'dnat: [10.32.2.20:8080, "10.32.3.30:8080"]', 'dnat: 10.32.9.9', ':8080'],
  ['pod-a -> pod-b/icmp', 'source: kept', 'source: node1', '10.32.1.10 kept'],
  ['pod-a -> pod-b/icmp', 'source: [node2, pod-a]', 'source: 10.32.1.11', '10.32.1.10'],
  ['pod-a -> 203.0.113.9:443', 'source: node1', 'source: kept', '10.0.0.5'],
  ['pod-a -> pod-b/icmp', 'encapsulation: geneve', 'encapsulation: none', 'geneve'],
  ['node1 -> node2/icmp', 'encapsulation: none', 'encapsulation: vxlan', 'none'],
  ['pod-a -> pod-b/icmp', 'vni: 2161', 'vni: 2162', '2161'],
  ['pod-a -> pod-b/icmp', 'ttl: 63', 'ttl: 64', '63'],
  ['pod-a -> pod-b/icmp', 'mtu: 1450', 'mtu: 1500', '1450'],
  ['pod-a -> pod-b:8080/udp', 'payload: 1422', 'payload: 1472', '1422'],
  ['pod-a -> my-svc:80', 'mtu: 1450', 'mtu: 1449', '1450'],
  ['pod-a -> my-svc:80 x300', 'backends: [pod-b, default/pod-c]', 'backends: [pod-b]', 'default/pod-c'],
  [
    'pod-a -> my-svc:80 x300',
    'backends: {pod-b: 50, pod-c: 50%}\ntolerance: 9',
    'backends: {pod-b: 90%, pod-c: 10%}',
    '%)',
  ],
  ['pod-a -> pod-b/icmp', 'at: pod-b', 'at: node1', 'node2 default/pod-b eth0'],
  [
    'pod-a -> pod-b/icmp x3',
    'frames: {at: "pod-b:eth0", filter: icmp, count: 6}',
    'frames: {at: "pod-b:eth0", count: 5}',
    /^\s*got\s+\d+$/m,
  ],
  [
    'pod-a -> pod-b/icmp x3',
    'frames: [{at: "node1:eth0", filter: udp port 6081, min: 6, max: 6}]',
    'frames: {at: "node2:eth0", min: 100}',
    'at least 100',
  ],
];

describe('a flow', () => {
  it.each(fields)('%s: %s holds, %s does not', async (flow, right, wrong, got) => {
    const good = await one(`flow: ${flow}\n${right}`);
    expect(good, good.stdout).toMatchObject({code: 0, stderr: ''});
    const bad = await one(`flow: ${flow}\n${wrong}`);
    expect(bad.code, bad.stdout).toBe(1);
    expect(bad.stdout).toMatch(got);
    expect(bad.stdout).toMatch(/^ {4}case\.yaml:7:\d+: \w+/m);
    expect(bad.stdout).toContain('verdict: ');
  });

  it('says which policy denied, where and why', async () => {
    const text = readFileSync(join(ownCases, 'policy.yaml'), 'utf8');
    const right: [string, string][] = [
      ['by: CiliumNetworkPolicy default/db', 'by: default/nobody'],
      ['reason: DROP_POLICY_DENY', 'reason: DROP_INVALID'],
      ['at: node1\n', 'at: node2\n'],
      ['verdict: deny\n', 'verdict: drop\n'],
    ];
    for (const [from, to] of right) {
      expect(text).toContain(from);
      const {code, stdout} = await test(folderWith({'a.yaml': text.replace(from, to)}), ['a.yaml']);
      expect(code, to).toBe(1);
      expect(stdout).toContain('CiliumNetworkPolicy default/db');
      expect(stdout).toContain('1 failed');
    }
    for (const reason of ['181', 'policy_deny', 'Policy denied by denylist']) {
      const changed = text.replace('reason: DROP_POLICY_DENY', `reason: ${reason}`);
      expect((await test(folderWith({'a.yaml': changed}), ['a.yaml'])).code, reason).toBe(0);
    }
  });

  it('is denied by a security rule as by a policy', async () => {
    const nsg = readFileSync('fixtures/nsg.yaml', 'utf8');
    const text = (by: string) =>
      `${nsg}  expect:\n    - {flow: a -> b:8080, verdict: deny, by: ${by}}\n    - {flow: a -> c:8080, verdict: allow}\n`;
    expect((await test(folderWith({'a.yaml': text('deny-udp')}), ['a.yaml'])).stdout).toContain('2 passed');
    const {code, stdout} = await test(folderWith({'a.yaml': text('allow-ssh')}), ['a.yaml']);
    expect(stdout).toContain('security rule deny-udp');
    expect(code).toBe(1);
  });

  it('is the same question under another datapath', async () => {
    const ask = async (set: string, ...fields: string[]) => {
      const text = demoCase(...fields.map((one) => `{flow: "pod-a -> my-svc:80 x200", ${one}}`));
      return (await test(folderWith({'a.yaml': text}), ['a.yaml'], {set: [set]})).stdout;
    };
    const shared = 'backends: [pod-b, pod-c], dnat: [pod-b:8080, pod-c:8080], source: kept';
    expect(await ask('spec.profile=kube-proxy', shared, 'encapsulation: none, mtu: 1500')).toContain('2 passed');
    expect(await ask('spec.cilium.bpf-lb-sock=true', shared, 'encapsulation: geneve, mtu: 1450')).toContain('2 passed');
    expect(await ask('spec.cilium.routing-mode=native', 'encapsulation: geneve')).toContain('got      none');
  });

  it('has the verdict that a trace has, and no other', async () => {
    const words = Object.keys(expectedVerdicts) as (keyof typeof expectedVerdicts)[];
    for (const word of words) {
      const {code} = await one(`flow: pod-a -> pod-b/icmp\nverdict: ${word}`);
      expect(code, word).toBe((expectedVerdicts[word] as readonly string[]).includes('answered') ? 0 : 1);
    }
  });
});

describe('a command', () => {
  it.each([
    ['command: cilium status\ncontains: [Geneve, "KubeProxyReplacement:"]\nlacks: VXLAN', 0],
    ['command: cilium status\ncontains: VXLAN', 1],
    ['command: cilium status\nlacks: Geneve', 1],
    ['command: wirelay service list\nmatches: "^1 +10"', 0],
    ['command: service list\nmatches: "^10 "', 1],
    ["command: tcpdump -nn -c 1 -i eth0 'udp port 6081'\nnode: node2\ncontains: Geneve", 0],
    ['command: ip -br addr show eth0\npod: pod-a\ncontains: 10.32.1.10', 0],
    ['command: kubectl get pods nobody\nexit: 1', 0],
    ['command: kubectl get pods nobody\nexit: 0', 1],
    ['command: kubectl get pods nobody\nlacks: x', 1],
    ['command: kubectl get pods nobody\nexit: 1\nstderr: {contains: NotFound, lacks: panic}', 0],
    ['command: kubectl get ns default -o name\nequals: namespace/default', 0],
    ['command: kubectl get ns default -o name\nequals: |\n  namespace/default', 0],
    ['command: kubectl get ns default -o name\nequals: namespace/defaults', 1],
  ])('%s ends with %i', async (expectation, code) => {
    const ran = await one(expectation);
    expect(ran.code, ran.stdout).toBe(code);
    if (code === 1) expect(ran.stdout).toMatch(/expected[\s\S]*got/);
  });

  it('sees the cluster, the traffic and the seed of the case', async () => {
    const text = (traffic: string) =>
      `${demoCase("command: tcpdump -nn -i eth0 'icmp[icmptype] == icmp-echo'\npod: pod-a\nmatches: '10.32.1.10 > 10.32.3.30'")}  traffic: [${traffic}]\n  set: [spec.cilium.tunnel-protocol=vxlan]\n`;
    expect((await test(folderWith({'a.yaml': text('pod-a -> pod-c/icmp')}), ['a.yaml'])).code).toBe(0);
    expect((await test(folderWith({'a.yaml': text('pod-a -> pod-b/icmp')}), ['a.yaml'])).code).toBe(1);
  });
});

/** Expectations that cannot be meant, with a word of what is said about them. */
const senseless: readonly (readonly [string, string])[] = [
  ['{flow: pod-a -> pod-b/icmp}', 'no assertion'],
  ['{command: cilium status}', 'no assertion'],
  ['{name: x}', 'an expectation of nothing'],
  ['{verdict: allow}', 'an expectation of nothing'],
  ['{flow: pod-a -> pod-b, verdict: maybe}', 'expected one of'],
  ['{flow: pod-a -> pod-b, verdit: allow}', 'did you mean verdict?'],
  ['{flow: pod-a -> pod-b, vni: high}', 'whole number'],
  ['{flow: [pod-a], verdict: allow}', 'expected a text'],
  ['{flow: pod-a -> nobody, verdict: allow}', 'unknown destination'],
  ['{flow: pod-a, verdict: allow}', 'no destination'],
  ['{flow: pod-a -> pod-b, verdict: allow, reason: 133}', 'contradicts verdict: allow'],
  ['{flow: pod-a -> pod-b, verdict: deny, ttl: 63}', 'contradicts verdict: deny'],
  ['{flow: pod-a -> pod-b, encapsulation: none, vni: 1}', 'contradicts encapsulation'],
  ['{flow: pod-a -> pod-b, mtu: 1000, payload: 1400}', 'contradicts mtu'],
  ['{flow: pod-a -> pod-b, reason: DROP_POLICE}', 'did you mean DROP_POLICY?'],
  ['{flow: pod-a -> pod-b, reason: 1}', 'no drop reason'],
  ['{flow: pod-a -> pod-b, source: pod-x}', 'no pod or node is called so'],
  ['{flow: "pod-a -> my-svc:80", backends: [pod-b, pod-c]}', 'backends of one connection'],
  ['{flow: "pod-a -> my-svc:80 x9", backends: {pod-b: 70%, pod-c: 70%}}', 'the shares make 140 %'],
  ['{flow: pod-a -> pod-b, verdict: allow, contains: x}', 'contains without command'],
  ['{command: cilium status, exit: 0, ttl: 3}', 'ttl without flow'],
  ['{command: cilium status, contains: a, lacks: a}', 'contradicts contains'],
  ['{command: cilium status, equals: a, contains: b}', 'contradicts equals'],
  ['{command: cilium status, matches: "("}', 'Invalid regular expression'],
  ['{command: cilium status | grep x, exit: 0}', 'for a shell'],
  ['{command: frobnicate, exit: 0}', 'not among the commands'],
  ['{command: "cilium \'status", exit: 0}', 'not closed'],
  ['{command: cilium status, node: node9, exit: 0}', 'no node node9'],
  ['{command: cilium status, pod: pod-z, exit: 0}', 'no pod pod-z'],
  ['{frames: {at: "node1:eth0"}}', 'no assertion'],
  ['{frames: {at: "node1:eth0", min: 4, max: 3}}', 'contradictory'],
  ['{frames: {at: "node1:eth7", min: 4}}', 'did you mean eth0?'],
  ['{frames: {at: eth0, min: 4}}', 'expected NODE:DEVICE'],
  ['{frames: {at: "node1:eth0", filter: "udp prot", min: 4}}', 'syntax error'],
];

describe('a case that makes no sense', () => {
  it.each(senseless)('%s is refused', async (expectation, words) => {
    const {code, stdout} = await one(expectation);
    expect(stdout).toContain(words);
    expect(stdout).toMatch(/case\.yaml:\d+:\d+/);
    expect(code).toBe(2);
  });

  it('is refused where two expectations contradict each other', async () => {
    const {code, stdout} = await test(
      folderWith({
        'c.yaml': demoCase('{flow: pod-a -> pod-b, verdict: allow}', '{flow: pod-a  →  pod-b, verdict: deny}'),
      }),
      ['c.yaml'],
    );
    expect(stdout).toContain('verdict: deny contradicts allow of the same flow at c.yaml:6');
    expect(code).toBe(2);
  });

  it.each([
    ['spec: {}', 'field "expect" is missing'],
    ['spec: {cluster: demo, expect: []}', 'expect is empty'],
    ['spec: {expect: [{flow: a -> b, verdict: allow}]}', 'names no cluster'],
    ['spec: {cluster: gone.yaml, expect: [{flow: a -> b, verdict: allow}]}', 'no such file'],
    ['spec: {cluster: demo, traffic: [pod-a], expect: [{frames: {at: "node1:eth0", min: 1}}]}', 'no destination'],
    ['spec: {cluster: demo, set: [spec.nope=1], expect: [{flow: pod-a -> pod-b, verdict: allow}]}', 'nope'],
    ['spec: [', 'case.yaml:'],
  ])('%s', async (text, words) => {
    const cwd = folderWith({'case.yaml': `apiVersion: wirelay.dev/v1alpha1\nkind: Case\n${text}\n`});
    const {code, stdout, stderr} = await test(cwd, ['case.yaml']);
    expect(stdout + stderr).toContain(words);
    expect(code).toBe(2);
  });

  it('does not keep the others from running', async () => {
    const cwd = folderWith({
      'a.yaml': demoCase('{flow: pod-a -> pod-b}'),
      'b.yaml': demoCase('{flow: pod-a -> pod-b, ttl: 1}'),
    });
    const {code, stdout} = await test(cwd, ['.']);
    expect(stdout).toContain('1 failed, 1 broken (2 files)');
    expect(code).toBe(2);
  });

  it('never ends in anything but a report, wherever a file breaks off or whatever stands in a field', async () => {
    const text = readFileSync(join(ownCases, 'policy.yaml'), 'utf8').replaceAll('\t', ' ');
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string(), {maxLength: 2}),
      fc.dictionary(fc.string(), fc.integer(), {maxKeys: 2}),
    );
    const field = fc.constantFrom(
      'flow',
      'verdict',
      'by',
      'reason',
      'at',
      'dnat',
      'source',
      'vni',
      'backends',
      'frames',
      'command',
      'equals',
      'matches',
      'stderr',
      'exit',
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), fc.dictionary(field, value, {maxKeys: 4}), async (cut, fuzzed) => {
        const cwd = folderWith({
          'cut.yaml': text.slice(0, cut),
          'fuzz.json': JSON.stringify({
            apiVersion: 'wirelay.dev/v1alpha1',
            kind: 'Case',
            spec: {cluster: 'demo', expect: [fuzzed]},
          }),
        });
        for (const file of ['cut.yaml', 'fuzz.json']) expect([0, 1, 2]).toContain((await test(cwd, [file])).code);
      }),
      {numRuns: 60},
    );
  });
});

describe('the command line', () => {
  const cases = {
    'one.yaml': demoCase(
      '{name: good, flow: pod-a -> pod-b, verdict: allow}',
      '{name: bad, flow: pod-a -> pod-b, ttl: 1}',
    ),
    'two.yaml': demoCase(
      '{name: worse, flow: pod-a -> pod-c, ttl: 1}',
      '{name: last, flow: pod-a -> pod-c:8080, ttl: 63}',
    ),
    'manifest.yaml': 'kind: Pod\nmetadata: {name: x}\nspec: {containers: []}\n',
    'values.json': '{"expect": 1}',
  };

  it('picks expectations by a part of their name', async () => {
    const cwd = folderWith(cases);
    expect((await test(cwd, [], {filter: ['GOOD', 'last']})).stdout).toContain('2 passed (2 files)');
    expect((await test(cwd, [], {filter: ['two.yaml']})).stdout).toContain('1 passed, 1 failed (1 file)');
    expect(await test(cwd, [], {filter: ['nothing']})).toMatchObject({code: 2, stdout: ''});
  });

  it('ends at the first failure if asked to, and says what was left out', async () => {
    const {code, stdout} = await test(folderWith(cases), ['.'], {failFast: true});
    expect(stdout).toContain('1 passed, 1 failed, 2 not run');
    expect(code).toBe(1);
  });

  it('refuses what has no expectation', async () => {
    const cwd = folderWith(cases);
    expect((await test(cwd, ['manifest.yaml'])).stderr).toContain('no expectation here');
    expect((await test(cwd, ['gone'])).stderr).toContain('no such file');
    expect((await test(folderWith({'a.txt': ''}), [])).code).toBe(2);
  });

  it('overrides every definition with --set and --seed', async () => {
    const cwd = folderWith({'a.yaml': demoCase('{flow: pod-a -> pod-b, encapsulation: vxlan}')});
    expect((await test(cwd, [])).code).toBe(1);
    expect((await test(cwd, [], {set: ['spec.cilium.tunnel-protocol=vxlan'], seed: 7})).code).toBe(0);
  });

  it('runs again when a file changes, until it is interrupted', async () => {
    const cwd = folderWith({'a.yaml': demoCase('{flow: pod-a -> pod-b, ttl: 1}')});
    let interrupt: (signal: NodeJS.Signals) => void = () => {};
    const running = test(
      cwd,
      ['a.yaml'],
      {watch: true},
      {
        onInterrupt: (handler) => {
          interrupt = handler;
          return () => {};
        },
      },
    );
    const {writeFileSync} = await import('node:fs');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    writeFileSync(join(cwd, 'a.yaml'), demoCase('{flow: pod-a -> pod-b, ttl: 63}  # mended'));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    interrupt('SIGINT');
    const {code, stdout} = await running;
    expect(stdout).toMatch(/1 failed[\s\S]*watching[\s\S]*1 passed[\s\S]*watching/);
    expect(code).toBe(0);
  });
});
