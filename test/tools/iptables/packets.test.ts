/** Packets of a real kernel take the ways through our rules that our own walk says are possible. */
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {beforeAll, expect, it} from 'vitest';
import {walker} from '../../datapath/run/walker.js';
import {describeWith} from '../../oracle.js';
import {everyKind, rulesetOf, savedText} from './clusters.js';

const clients: Readonly<Record<string, string>> = {
  'pod-a': '10.32.1.10',
  out: '192.0.2.1',
  friend: '203.0.113.200',
  'pod-b': '10.32.2.20',
};

type Flow = readonly [client: string, protocol: 'tcp' | 'udp', address: string, port: number, count: number];

const udpIp = () => everyKind.services.find((s) => s.name === 'udp')!.clusterIps[0] as number;
const text = (ip: number) => `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;

/** What can come of a flow: endpoints with the source they see, or how it fails. */
const flows: readonly (readonly [title: string, flow: Flow, outcomes: readonly string[]])[] = [
  [
    'pod to ClusterIP',
    ['pod-a', 'tcp', '10.96.10.50', 80, 40],
    ['10.32.2.20 sees 10.32.1.10', '10.32.3.30 sees 10.32.1.10'],
  ],
  [
    'outside to ClusterIP',
    ['out', 'tcp', '10.96.10.50', 80, 30],
    ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.0.0.5'],
  ],
  ['node port', ['out', 'tcp', '10.0.0.5', 30080, 30], ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.0.0.5']],
  ['external IP', ['out', 'tcp', '203.0.113.10', 80, 30], ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.0.0.5']],
  ['UDP', ['pod-a', 'udp', text(udpIp()), 53, 30], ['10.32.2.20 sees 10.32.1.10', '10.32.3.30 sees 10.32.1.10']],
  [
    'allowed at the load balancer',
    ['friend', 'tcp', '203.0.113.20', 80, 30],
    ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.0.0.5'],
  ],
  ['not allowed at the load balancer', ['out', 'tcp', '203.0.113.20', 80, 1], ['timeout']],
  ['no endpoints', ['pod-a', 'tcp', '10.96.10.70', 80, 3], ['refused']],
  ['no endpoints, external IP', ['out', 'tcp', '203.0.113.70', 80, 3], ['refused']],
  ['no endpoints, node port', ['out', 'tcp', '10.0.0.5', 31000, 3], ['refused']],
  ['no local endpoint, node port', ['out', 'tcp', '10.0.0.5', 30082, 1], ['timeout']],
  [
    'the same from a pod',
    ['pod-a', 'tcp', '10.0.0.5', 30082, 30],
    ['10.32.2.20 sees 10.32.1.10', '10.32.3.30 sees 10.32.1.10'],
  ],
  ['no local endpoint, internal', ['pod-a', 'tcp', '10.96.10.90', 80, 1], ['timeout']],
  [
    'an endpoint through its own service',
    ['pod-b', 'tcp', '10.96.10.50', 80, 30],
    ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.32.2.20'],
  ],
];

describeWith(['iptables', 'netns'], 'packets through the rules', () => {
  const sticky: Flow = ['pod-a', 'tcp', '10.96.10.60', 80, 20];
  let answers: string[][];
  let saved: string;

  beforeAll(() => {
    const job = {rules: savedText(rulesetOf(everyKind)), flows: [...flows.map(([, flow]) => flow), sticky]};
    const program = 'unshare';
    const script = fileURLToPath(new URL('packets.py', import.meta.url));
    const result = spawnSync(program, ['-n', 'python3', script], {input: JSON.stringify(job), encoding: 'utf8'});
    if (result.status !== 0) throw new Error(result.stderr);
    ({answers, saved} = JSON.parse(result.stdout));
  }, 60_000);

  for (const [i, [title, , outcomes]] of flows.entries())
    it(`${title}: real`, () => expect([...new Set(answers[i])].sort()).toEqual(outcomes));

  for (const [title, [client, protocol, address, port], outcomes] of flows)
    it(`${title}: by the walk`, () => {
      const walking = walker(rulesetOf(everyKind), 5);
      const number = protocol === 'tcp' ? 6 : 17;
      const from = clients[client]!;
      const seen = new Set<string>();
      for (let n = 0; n < 40; n++) {
        const where = walking.to(from, address, port, 'nat', 'PREROUTING', number);
        const hook = address === '10.0.0.5' ? 'INPUT' : 'FORWARD';
        const {mark} = walking.packet;
        if (where.startsWith('DNAT')) seen.add(`${where.slice(5, -5)} sees ${mark ? '10.0.0.5' : from}`);
        else seen.add(walking.to(from, address, port, 'filter', hook, number) === 'reject' ? 'refused' : 'timeout');
      }
      expect([...seen].sort()).toEqual(outcomes);
    });

  it('affinity: always the same endpoint', () => expect(new Set(answers.at(-1)).size).toBe(1));

  it('the kernel counts one packet of 60 bytes for each connection, as the walk does', () => {
    const walking = walker(rulesetOf(everyKind));
    for (const [client, protocol, address, port, count] of [...flows.map(([, flow]) => flow), sticky])
      for (let n = 0; n < count; n++) if (protocol === 'tcp') walking.to(clients[client]!, address, port);
    for (const name of ['plain', 'sticky']) {
      const rules = [...walking.ruleset.tables.at(-1)!.chains.get('KUBE-SERVICES')!.rules];
      const rule = rules.find((r) =>
        r.matches.some((m) => m.kind === 'comment' && m.text.startsWith(`default/${name}:`)),
      )!;
      const real = new RegExp(String.raw`\[(\d+):(\d+)\] -A KUBE-SERVICES .*"default/${name}:`).exec(saved);
      expect([name, Number(real?.[1]), Number(real?.[2])]).toEqual([
        name,
        ...Object.values(walking.node.counters.rule(rule)),
      ]);
    }
  });
});
