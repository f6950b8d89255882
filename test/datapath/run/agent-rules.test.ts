/** What the agent's netfilter rules do, and what is missing without them (install-iptables-rules). */
import {describe, expect, it} from 'vitest';
import {createControl} from '../../../src/control/control.js';
import {formatIp} from '../../../src/wire/addr.js';
import {get16} from '../../../src/wire/bytes.js';
import {ipv4Source} from '../../../src/wire/ipv4.js';
import {pair, runLab} from './lab.js';

describe('what a node sends to its pods', () => {
  const hostTraces = (cilium: Record<string, boolean>) =>
    runLab(pair({cilium}), ['node/node1 -> a/icmp']).events.filter(
      (e) => e.kind === 'trace' && e.point === 'from-host',
    );
  const sources = (cilium: Record<string, boolean>) =>
    hostTraces(cilium).map((e) => (e.kind === 'trace' ? e.sourceIdentity : 0));

  it('is from the host by its mark', () => {
    expect(new Set(sources({}))).toEqual(new Set([1]));
  });

  it('is from the world without it', () => {
    expect(new Set(sources({'install-iptables-rules': false}))).toEqual(new Set([2]));
  });

  it("is told about by the host's endpoint", () => {
    const id = createControl(pair()).state('node1').hostEndpointId;
    expect(id).toBeGreaterThan(0);
    for (const event of hostTraces({})) expect(event).toMatchObject({endpoint: id});
  });
});

describe('a pod that asks the world, without BPF masquerading', () => {
  const source = (cilium: Record<string, boolean>) => {
    const lab = runLab(pair({cilium: {'enable-bpf-masquerade': false, ...cilium}}), ['a -> 198.51.100.7:443/tcp']);
    const first = lab.at('node1 eth0 out').find((b) => get16(b, 12) === 0x0800)!;
    const node = lab.cluster.nodes[0]!.ips[0]!;
    const pod = lab.cluster.pods.find((p) => p.name === 'a')!.ips[0]!;
    return {[formatIp(node)]: 'node', [formatIp(pod)]: 'pod'}[formatIp(ipv4Source(first, 14))];
  };

  it('is masqueraded', () => {
    expect(source({})).toBe('node');
  });

  it('keeps its address where the agent installs no rules', () => {
    expect(source({'install-iptables-rules': false})).toBe('pod');
  });
});
