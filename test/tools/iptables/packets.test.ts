/** Packets of a real kernel take the ways through our rules that our own walk says are possible. */
import {beforeAll, expect, it} from 'vitest';
import {walker} from '../../datapath/run/walker.js';
import {describeWith} from '../../oracle.js';
import {everyKind, rulesetOf, savedText} from './clusters.js';
import {clients, type Flow, flows, sendReal} from './flows.js';

describeWith(['iptables', 'netns'], 'packets through the rules', () => {
  const sticky: Flow = ['pod-a', 'tcp', '10.96.10.60', 80, 20];
  let answers: string[][];
  let saved: string;

  beforeAll(() => {
    const sent = [...flows.map(([, flow]) => flow), sticky];
    const rules = savedText(rulesetOf(everyKind));
    ({answers, saved} = sendReal(rules, sent, ['iptables-restore'], ['iptables-save', '-c']));
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
