/** Packets that a proxy has seen, and ends of connections: facts of bpf_host.c, local_delivery.h and conntrack.h of 17766dc3e65a, run. */
import {describe, expect, it} from 'vitest';
import {toHex} from '../../../src/wire/bytes.js';
import {createNode, packet} from './bench.js';

const A = '10.1.1.10';
const REMOTE = '10.1.2.20';
const WORLD = '198.51.100.7';
const ROUTER = '10.1.1.1';

const mode = {mode: 'geneve', bpf_host_routing: 1};
const marked = (identity: number, magic: number) => ((identity << 16) | magic) >>> 0;

describe('a packet from a proxy', () => {
  it('is told as such, and is delivered without asking the policy again', () => {
    const node = createNode(mode);
    const skb = packet({from: REMOTE, to: A});
    skb.mark = marked(1003, 0x0a00);
    node.run('cil_from_host', skb, 4);
    expect(skb.cb[1]).toBe(1 | 2 | 16);
    expect(skb.tcIndex).toBe(1);
    expect(node.told()).toEqual(['from-proxy 1003->0 unknown', 'to-endpoint 1003->1001 new']);
  });

  it('of the egress side meets the policy of the receiver', () => {
    const node = createNode(mode);
    const skb = packet({from: REMOTE, to: A});
    skb.mark = marked(1003, 0x0b00);
    node.run('cil_from_host', skb, 4);
    expect(skb.cb[1]).toBe(1 | 2 | 32);
    expect(node.told()).toEqual(['from-proxy 1003->0 unknown', 'ingress 0', 'to-endpoint 1003->1001 new']);
  });

  it('to the world goes on to the stack, which must not take it for the proxy; from the host it is dropped', () => {
    const node = createNode(mode);
    const proxied = packet({from: ROUTER, to: WORLD});
    proxied.mark = marked(1001, 0x0b00);
    expect(node.run('cil_from_host', proxied, 4)).toEqual({kind: 'ok'});
    expect(proxied.mark).toBe(0x0800);
    expect(toHex(proxied.buf, proxied.start, proxied.start + 6)).toBe('020000000133');
    const plain = packet({from: ROUTER, to: WORLD});
    plain.mark = 0x0c00;
    expect(node.run('cil_from_host', plain, 4)).toMatchObject({kind: 'drop', reason: 151});
  });
});

describe('encrypted packets', () => {
  it('leave as the host', () => {
    const node = createNode(mode);
    const skb = packet({from: '192.168.0.5', to: REMOTE});
    skb.mark = 0x0e00;
    node.run('cil_to_netdev', skb, 2);
    expect(node.told().at(-1)).toMatch(/^to-network 1->0 /);
  });
});

describe('RST', () => {
  it('closes both sides, though both SYNs were seen', () => {
    const node = createNode(mode);
    node.run('cil_from_container', packet({from: A, to: REMOTE, flags: 2}), 10);
    const reply = packet({from: REMOTE, to: A, sport: 8080, dport: 40000, flags: 18});
    reply.tunnel = {vni: 1003, remote: 0, ttl: 64, tos: 0, flags: 0};
    node.run('cil_from_overlay', reply, 5);
    node.run('cil_from_container', packet({from: A, to: REMOTE, flags: 4}), 10);
    const [entry] = [...node.runtime.ct.entries()].filter((e) => e.tuple.protocol === 6);
    expect(entry).toMatchObject({rxClosing: true, txClosing: true, rxFlagsSeen: 18, txFlagsSeen: 6});
  });
});
