import {describe, expect, it} from 'vitest';
import type {Skb} from '../../../src/datapath/model.js';
import {formatIp, parsePrefix, readIp4} from '../../../src/wire/addr.js';
import {get16, get32, toHex} from '../../../src/wire/bytes.js';
import {checksum} from '../../../src/wire/checksum.js';
import {createNode, packet} from './bench.js';

const CLIENT = '192.168.0.77';
const NODE_PORT = {from: CLIENT, to: '192.168.0.5', sport: 50000, dport: 30080};
const ETH = 14;
/** Outer Ethernet, IPv4, UDP and tunnel header. */
const OUTER = 14 + 20 + 8 + 8;

const ip4 = (skb: Skb, at: number) => formatIp(readIp4(skb.buf, skb.start + at));
const word = (skb: Skb, at: number) => get16(skb.buf, skb.start + at);

describe('cil_xdp_entry', () => {
  it('sends a NodePort request to a remote backend in a tunnel packet of its own', () => {
    for (const mode of ['geneve', 'vxlan']) {
      const node = createNode({mode, bpf_host_routing: 1});
      const skb = packet(NODE_PORT);
      const length = skb.end - skb.start;
      expect(node.run('cil_xdp_entry', skb, 2)).toEqual({kind: 'redirect', ifindex: 2, ingress: false});
      expect(skb.end - skb.start).toBe(length + OUTER);
      expect(toHex(skb.buf, skb.start, skb.start + ETH)).toBe('0200000000fe0200000000050800');
      expect(toHex(skb.buf, skb.start + ETH, skb.start + ETH + 10)).toBe('4500005a000000004011');
      expect(checksum(skb.buf, skb.start + ETH, skb.start + ETH + 20)).toBe(0);
      expect([ip4(skb, 26), ip4(skb, 30)]).toEqual(['192.168.0.5', '192.168.0.6']);
      expect([word(skb, 36), word(skb, 38), word(skb, 40)]).toEqual([mode === 'vxlan' ? 8472 : 6081, 70, 0]);
      expect(get32(skb.buf, skb.start + 42)).toBe(mode === 'vxlan' ? 0x08000000 : 0x6558);
      expect(get32(skb.buf, skb.start + 46)).toBe(2 << 8);
      const inner = OUTER + ETH;
      expect([ip4(skb, inner + 12), ip4(skb, inner + 16)]).toEqual(['10.1.1.1', '10.1.2.20']);
      expect([word(skb, inner + 20), word(skb, inner + 22)]).toEqual([50000, 8080]);
      expect(skb.mark).toBe(0);
      expect(node.told()).toEqual(['to-overlay 2->1003 new']);
    }
  });

  it('returns the answer of the backend to the client', () => {
    const node = createNode({mode: 'native', bpf_host_routing: 1});
    const request = packet(NODE_PORT);
    expect(node.run('cil_xdp_entry', request, 2)).toMatchObject({kind: 'redirect', ifindex: 2});
    expect([ip4(request, 26), ip4(request, 30)]).toEqual(['192.168.0.5', '10.1.2.20']);
    const reply = packet({from: '10.1.2.20', to: '192.168.0.5', sport: 8080, dport: 50000, flags: 0x12});
    expect(node.run('cil_xdp_entry', reply, 2)).toMatchObject({kind: 'redirect', ifindex: 2});
    expect([ip4(reply, 26), ip4(reply, 30)]).toEqual(['192.168.0.5', CLIENT]);
    expect([word(reply, 34), word(reply, 36)]).toEqual([30080, 50000]);
  });

  it('adds the Geneve option of DSR and takes a hop off the outer header', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1, lb_mode: 'dsr', dsr_dispatch: 'geneve'});
    const skb = packet(NODE_PORT);
    node.run('cil_xdp_entry', skb, 2);
    expect(skb.buf[skb.start + 22]).toBe(63);
    expect(checksum(skb.buf, skb.start + ETH, skb.start + ETH + 20)).toBe(0);
    expect(toHex(skb.buf, skb.start + 42, skb.start + 62)).toBe('030065580000020001' + '4b8102c0a8000575800000');
    expect([ip4(skb, 62 + 26), ip4(skb, 62 + 30)]).toEqual([CLIENT, '10.1.2.20']);
  });

  it('wraps the packet whole with IPIP dispatch', () => {
    const node = createNode({mode: 'native', bpf_host_routing: 1, lb_mode: 'dsr', dsr_dispatch: 'ipip'});
    const skb = packet(NODE_PORT);
    const inner = toHex(skb.buf, skb.start + ETH, skb.end);
    node.run('cil_xdp_entry', skb, 2);
    expect(toHex(skb.buf, skb.start + ETH + 20, skb.end)).toBe(inner);
    expect([skb.buf[skb.start + 22], skb.buf[skb.start + 23]]).toEqual([63, 4]);
    expect([ip4(skb, 26), ip4(skb, 30)]).toEqual(['192.168.0.5', '10.1.2.20']);
    expect(checksum(skb.buf, skb.start + ETH, skb.start + ETH + 20)).toBe(0);
  });

  it('takes the source of IPIP from the prefix for receive-side scaling: a hash of client and ports below it', () => {
    const mode = {mode: 'native', bpf_host_routing: 1, lb_mode: 'dsr', dsr_dispatch: 'ipip'};
    const source = (rss: string) => {
      const node = createNode(mode, {program: {rss4: parsePrefix(rss)!}});
      const skb = packet(NODE_PORT);
      node.run('cil_xdp_entry', skb, 2);
      expect(checksum(skb.buf, skb.start + ETH, skb.start + ETH + 20)).toBe(0);
      return ip4(skb, 26);
    };
    // (192.168.0.77 ^ 30080 << 16 | 50000, all as read on a little-endian machine) * 0x9e3779b9, its upper bits.
    expect(source('10.99.0.0/16')).toBe('10.99.95.30');
    expect(source('10.99.0.0/24')).toBe('10.99.0.95');
    expect(source('10.99.0.7/32')).toBe('10.99.0.7');
  });

  it('passes everything else unchanged and drops requests to wildcard addresses', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1}, {services: {wildcards: true}});
    const other = packet({from: CLIENT, to: '192.168.0.5', dport: 22});
    const before = toHex(other.buf, other.start, other.end);
    expect(node.run('cil_xdp_entry', other, 2)).toEqual({kind: 'ok'});
    expect(toHex(other.buf, other.start, other.end)).toBe(before);
    const dropped = packet({from: CLIENT, to: '10.96.0.50', dport: 81});
    expect(node.run('cil_xdp_entry', dropped, 2)).toMatchObject({kind: 'drop'});
    expect(dropped.cb[4]).toBe(1 | (4 << 8) | (155 << 16));
  });
});
