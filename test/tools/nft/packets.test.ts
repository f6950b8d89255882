/** Packets of a real kernel take the ways through our table that our own walk says are possible. */
import {beforeAll, expect, it} from 'vitest';
import {nftTableOf, nftWalker} from '../../datapath/run/nft-walker.js';
import {describeWith} from '../../oracle.js';
import {everyKind} from '../iptables/clusters.js';
import {clients, type Flow, flows, sendReal} from '../iptables/flows.js';
import {listed} from './list.js';

/** What only this mode does: closed ports and free addresses of the service range. */
const own: typeof flows = [
  ['a port that the service has not', ['pod-a', 'tcp', '10.96.10.50', 81, 3], ['refused']],
  ['a cluster IP that no service has', ['pod-a', 'tcp', '10.96.10.51', 80, 1], ['timeout']],
];
const all = [...flows, ...own];

describeWith(['nft', 'netns'], 'packets through the table', () => {
  const sticky: Flow = ['pod-a', 'tcp', '10.96.10.60', 80, 20];
  let answers: string[][];
  let saved: string;

  beforeAll(() => {
    const sent = [...all.map(([, flow]) => flow), sticky];
    const rules = listed([nftTableOf(everyKind, 'node1')], 'list ruleset');
    ({answers, saved} = sendReal(rules, sent, ['nft', '-f', '-'], ['nft', '-s', 'list', 'ruleset']));
  }, 60_000);

  for (const [i, [title, , outcomes]] of all.entries())
    it(`${title}: real`, () => expect([...new Set(answers[i])].sort()).toEqual(outcomes));

  for (const [title, [client, protocol, address, port], outcomes] of all)
    it(`${title}: by the walk`, () => {
      const walker = nftWalker(nftTableOf(everyKind, 'node1'), 5);
      const from = clients[client] ?? '';
      const seen = new Set<string>();
      for (let n = 0; n < 40; n++) {
        const {end, marked} = walker.through(from, address, port, protocol === 'tcp' ? 6 : 17);
        if (end.startsWith('dnat')) seen.add(`${end.slice(5, -5)} sees ${marked ? '10.0.0.5' : from}`);
        else seen.add(end === 'reject' ? 'refused' : 'timeout');
      }
      expect([...seen].sort()).toEqual(outcomes);
    });

  it('affinity: always the same endpoint, which the kernel and the walk remember in its set', () => {
    expect(new Set(answers.at(-1)).size).toBe(1);
    const [server] = answers.at(-1)?.[0]?.split(' ') ?? [];
    const set = new RegExp(
      String.raw`set affinity-\w+-default/sticky/tcp/80-8080__${server}/8080 \{[^}]*elements = \{ 10\.32\.1\.10 \}`,
    );
    expect(saved).toMatch(set);
    const walker = nftWalker(nftTableOf(everyKind, 'node1'), 5);
    const ends = new Set(Array.from({length: 20}, () => walker.through('10.32.1.10', '10.96.10.60', 80, 6).end));
    expect(ends.size).toBe(1);
  });

  it('affinity ends with its timeout', () => {
    const walker = nftWalker(nftTableOf(everyKind, 'node1'), 3);
    const to = () => walker.through('10.32.1.10', '10.96.10.60', 80, 6).end;
    const first = to();
    const later = new Set<string>();
    for (let n = 0; n < 30; n++) {
      walker.time.ms += 599_000;
      expect(to()).toBe(first);
    }
    for (let n = 0; n < 30; n++) {
      walker.time.ms += 600_000;
      later.add(to());
    }
    expect(later.size).toBe(2);
  });

  it('endpoints are chosen evenly: within 3 σ over 100,000 connections', () => {
    const walker = nftWalker(nftTableOf(everyKind, 'node1'), 11);
    const counts = new Map<string, number>();
    const n = 100_000;
    for (let i = 0; i < n; i++) {
      const {end} = walker.through('10.32.1.10', '10.96.10.50', 80, 6);
      counts.set(end, (counts.get(end) ?? 0) + 1);
    }
    expect(counts.size).toBe(2);
    for (const count of counts.values()) expect(Math.abs(count - n / 2)).toBeLessThan(3 * Math.sqrt(n / 4));
  });
});
