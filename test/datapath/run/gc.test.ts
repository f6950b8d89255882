/** Lifetimes of connections and what the agent collects, by the virtual clock. */
import {describe, expect, it} from 'vitest';
import type {CtEntry} from '../../../src/datapath/model.js';
import {demo, runLab} from './lab.js';

const scopes = ['OUT', 'IN', 'OUT related', 'IN related', 'SVC'];

function entries(lines: readonly string[], node = 'node1', cilium: Record<string, string> = {}) {
  const {result, cluster} = runLab(demo({cilium}), lines);
  const runtime = result.runtime(node);
  const ofPod = (entry: CtEntry) => entry.tuple.protocol !== 1 || (entry.tuple.flags & 2) === 0;
  return {
    cluster,
    nat: [...runtime.nat.entries()].length,
    ct: [...runtime.ct.entries()].filter(ofPod).map((entry) => ({
      scope: scopes[entry.tuple.flags],
      lifetime: entry.lifetime,
      protocol: entry.tuple.protocol,
      closing: entry.rxClosing && entry.txClosing,
    })),
  };
}

describe('lifetimes', () => {
  it('a handshake without an answer 60 s, an open connection 8000 s, a closed one 10 s', () => {
    const syn = entries(['pod-a -> 10.32.2.99:80/tcp']).ct.find((e) => e.scope === 'OUT');
    expect(syn!.lifetime % 60).toBeGreaterThanOrEqual(0);
    const open = entries(['pod-a -> pod-b:8080/tcp keep x2 every=1s', 'pod-a -> pod-b/icmp']).ct;
    expect(open.find((e) => e.protocol === 1)!.lifetime).toBe(1060);
    const closed = entries(['pod-a -> pod-b:8080/http']).ct.find((e) => e.scope === 'OUT')!;
    expect(closed).toEqual({scope: 'OUT', lifetime: 1010, protocol: 6, closing: true});
  });

  it('are those of cilium-config', () => {
    const raw = {'bpf-ct-timeout-regular-any': '1m30s', 'bpf-ct-timeout-regular-tcp-fin': '25s'};
    expect(entries(['pod-a -> pod-b/icmp'], 'node1', raw).ct[0]!.lifetime).toBe(1090);
    expect(entries(['pod-a -> pod-b:8080/http'], 'node1', raw).ct.find((e) => e.protocol === 6)!.lifetime).toBe(1025);
  });
});

describe('garbage collection', () => {
  const early = 'pod-a -> 198.51.100.7:443/tcp';

  it('leaves what has expired where it is until its pass, five minutes after the start', () => {
    const before = entries([early, 'pod-a -> pod-b/icmp at=280s']);
    expect([before.nat, before.ct.filter((e) => e.lifetime < 1280).length]).toEqual([2, 1]);
    const after = entries([early, 'pod-a -> pod-b/icmp at=310s']);
    expect([after.nat, after.ct.filter((e) => e.lifetime < 1310).length]).toEqual([0, 0]);
  });

  it('at the interval that is set', () => {
    const soon = entries([early, 'pod-a -> pod-b/icmp at=40s'], 'node1', {'conntrack-gc-interval': '30s'});
    expect([soon.nat, soon.ct.filter((e) => e.lifetime < 1030).length]).toEqual([0, 0]);
  });

  it('keeps the mapping of a connection that lives', () => {
    const {nat} = entries([
      'pod-a -> 198.51.100.7:443/tcp keep x400 every=1s',
      'pod-a -> 198.51.100.9/icmp at=350s x60',
    ]);
    expect(nat).toBe(4);
  });
});
