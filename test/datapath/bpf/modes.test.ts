import {describe, expect, it} from 'vitest';
import type {Skb} from '../../../src/datapath/model.js';
import {formatIp, readIp4, readIp6} from '../../../src/wire/addr.js';
import {get16, toHex} from '../../../src/wire/bytes.js';
import {checksumError, createNode, packet} from './bench.js';

const A = '10.1.1.10';
const B = '10.1.1.11';
const REMOTE = '10.1.2.20';
const A6 = 'fd00:1::a';
const B6 = 'fd00:1::b';

const ttl = (skb: Skb) => skb.buf[skb.start + 22];
const source4 = (skb: Skb) => formatIp(readIp4(skb.buf, skb.start + 26));
const destination4 = (skb: Skb) => formatIp(readIp4(skb.buf, skb.start + 30));
const sport4 = (skb: Skb) => get16(skb.buf, skb.start + 34);
const dport4 = (skb: Skb) => get16(skb.buf, skb.start + 36);

describe('pod to remote pod', () => {
  it('through the tunnel leaves the frame alone and asks for the VNI of the sender', () => {
    for (const mode of ['geneve', 'vxlan']) {
      const node = createNode({mode, bpf_host_routing: 1});
      const skb = packet({from: A, to: REMOTE, ttl: 1});
      const before = toHex(skb.buf, skb.start, skb.end);
      expect(node.run('cil_from_container', skb, 10)).toEqual({kind: 'redirect', ifindex: 5, ingress: false});
      expect(toHex(skb.buf, skb.start, skb.end)).toBe(before);
      expect(skb.tunnel).toMatchObject({vni: 1001, ttl: 64, tos: 0, flags: 2});
      expect(skb.tunnel!.remote).toBe(0xc0a80006);
      expect(node.told()).toEqual(['from-endpoint 1001->0 unknown', 'egress 0', 'to-overlay 1001->1003 new']);
    }
  });

  it('natively is routed by the program with host routing, and by the stack without', () => {
    const fast = createNode({mode: 'native', bpf_host_routing: 1});
    const skb = packet({from: A, to: REMOTE});
    expect(fast.run('cil_from_container', skb, 10)).toMatchObject({kind: 'redirect-neigh', ifindex: 2});
    expect(ttl(skb)).toBe(63);
    expect(fast.told().at(-1)).toBe('to-network 1001->1003 new');

    const legacy = createNode({mode: 'native', bpf_host_routing: 0});
    const other = packet({from: A, to: REMOTE});
    expect(legacy.run('cil_from_container', other, 10)).toEqual({kind: 'ok'});
    expect(ttl(other)).toBe(64);
    expect(other.mark).toBe(0x03e90f00);
    expect(legacy.told().at(-1)).toBe('to-stack 1001->1003 new');
  });

  it('is delivered on the own node by redirect to the peer, or to the device with legacy routing', () => {
    const fast = createNode({mode: 'geneve', bpf_host_routing: 1});
    const skb = packet({from: A, to: B});
    expect(fast.run('cil_from_container', skb, 10)).toEqual({kind: 'redirect-peer', ifindex: 11});
    expect(skb.cb).toEqual([0, 9, 0, 0, 0]);
    const legacy = createNode({mode: 'geneve', bpf_host_routing: 0});
    const other = packet({from: A, to: B});
    expect(legacy.run('cil_from_container', other, 10)).toEqual({kind: 'redirect', ifindex: 11, ingress: false});
    expect(other.cb).toEqual([0, 1, 0, 0, 0]);
    expect(ttl(other)).toBe(63);
    expect(toHex(other.buf, other.start, other.start + 12)).toBe('0a00000000660e0000000066');
  });

  it('with endpoint routes and legacy routing meets the policy at the device of the receiver', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 0, endpoint_routes: true});
    const skb = packet({from: A, to: B});
    expect(node.run('cil_from_container', skb, 10)).toEqual({kind: 'ok'});
    expect(node.told().at(-1)).toBe('to-stack 1001->1002 new');
    skb.buf[skb.start + 22] = 63;
    expect(node.run('cil_to_container', skb, 11)).toEqual({kind: 'ok'});
    expect(node.told()).toEqual(['from-stack 1001->1002 unknown', 'ingress 0', 'to-endpoint 1001->1002 new']);
    expect(skb.mark).toBe(0);
  });
});

describe('services', () => {
  it('translates and translates back with right checksums', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1});
    const skb = packet({from: A, to: '10.96.0.50', dport: 80, payload: 3});
    node.run('cil_from_container', skb, 10);
    expect(`${destination4(skb)}:${dport4(skb)}`).toBe('10.1.2.20:8080');
    expect(checksumError(skb)).toBe(0);
    const reply = packet({from: REMOTE, to: A, sport: 8080, dport: 40000, flags: 18});
    reply.tunnel = {vni: 1003, remote: 0, ttl: 0, tos: 0, flags: 0};
    expect(node.run('cil_from_overlay', reply, 5)).toEqual({kind: 'redirect-peer', ifindex: 10});
    expect(`${source4(reply)}:${sport4(reply)}`).toBe('10.96.0.50:80');
    expect(checksumError(reply)).toBe(0);
  });

  it('lets a pod reach itself through a service by the loopback address, without policy', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1}, {policies: {101: []}});
    const skb = packet({from: A, to: '10.96.0.70', dport: 80});
    expect(node.run('cil_from_container', skb, 10)).toEqual({kind: 'redirect-peer', ifindex: 10});
    expect([source4(skb), destination4(skb), dport4(skb)]).toEqual(['169.254.42.1', A, 8080]);
    expect(checksumError(skb)).toBe(0);
    const reply = packet({from: A, to: '169.254.42.1', sport: 8080, dport: 40000, flags: 18});
    expect(node.run('cil_from_container', reply, 10)).toEqual({kind: 'redirect-peer', ifindex: 10});
    expect([source4(reply), destination4(reply), sport4(reply)]).toEqual(['10.96.0.70', A, 80]);
    expect(checksumError(reply)).toBe(0);
  });

  it('answers port unreachable without backends, or drops when told so', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1});
    const skb = packet({from: A, to: '10.96.0.60', dport: 80, payload: 100});
    expect(node.run('cil_from_container', skb, 10)).toEqual({kind: 'redirect', ifindex: 10, ingress: false});
    expect(skb.end - skb.start).toBe(14 + 20 + 8 + 64);
    expect(toHex(skb.buf, skb.start + 34, skb.start + 36)).toBe('0303');
    expect([source4(skb), destination4(skb)]).toEqual(['10.96.0.60', A]);
    const silent = createNode({mode: 'geneve', bpf_host_routing: 1}, {program: {rejectNoBackend: false}});
    const other = packet({from: A, to: '10.96.0.60', dport: 80});
    expect(silent.run('cil_from_container', other, 10)).toEqual({kind: 'drop', reason: 158});
  });

  it('without kube-proxy replacement knows ClusterIPs only at pods', () => {
    const profile = {mode: 'geneve', bpf_host_routing: 0, kube_proxy_replacement: false};
    const node = createNode(profile);
    const skb = packet({from: A, to: '10.96.0.50', dport: 80});
    expect(node.run('cil_from_container', skb, 10)).toMatchObject({kind: 'redirect', ifindex: 5});
    expect(destination4(skb)).toBe(REMOTE);
    expect(node.run('cil_to_overlay', skb, 5)).toEqual({kind: 'ok'});
    expect(node.told().at(-1)).toBe('to-overlay 1001->1003 new');
    const outside = packet({from: '203.0.113.9', to: '192.168.0.5', dport: 30080});
    expect(node.run('cil_from_netdev', outside, 2)).toEqual({kind: 'ok'});
    expect(destination4(outside)).toBe('192.168.0.5');
  });

  it('sends NodePort requests on with the router address in tunnel mode and the node address natively', () => {
    const tunnelled = createNode({mode: 'vxlan', bpf_host_routing: 1});
    const skb = packet({from: '203.0.113.9', to: '192.168.0.5', sport: 50000, dport: 30080});
    expect(tunnelled.run('cil_from_netdev', skb, 2)).toEqual({kind: 'redirect', ifindex: 5, ingress: false});
    expect([source4(skb), sport4(skb), ttl(skb), skb.tunnel!.vni]).toEqual(['10.1.1.1', 50000, 63, 2]);
    expect(checksumError(skb)).toBe(0);
    const native = createNode({mode: 'native', bpf_host_routing: 1});
    const other = packet({from: '203.0.113.9', to: '192.168.0.5', sport: 50000, dport: 30080});
    expect(native.run('cil_from_netdev', other, 2)).toMatchObject({kind: 'redirect-neigh', ifindex: 2});
    expect([source4(other), ttl(other)]).toEqual(['192.168.0.5', 63]);
    const reply = packet({from: REMOTE, to: '192.168.0.5', sport: 8080, dport: 50000, flags: 18});
    expect(native.run('cil_from_netdev', reply, 2)).toMatchObject({kind: 'redirect-neigh', ifindex: 2});
    expect([source4(reply), sport4(reply), destination4(reply)]).toEqual(['192.168.0.5', 30080, '203.0.113.9']);
    expect(checksumError(reply)).toBe(0);
  });

  it('keeps the client for DSR and adds the service address as IP option', () => {
    const profile = {mode: 'native', bpf_host_routing: 1, dsr_dispatch: 'opt'};
    const node = createNode(profile);
    const skb = packet({from: '203.0.113.9', to: '192.168.0.5', sport: 50000, dport: 30080});
    expect(node.run('cil_from_netdev', skb, 2)).toMatchObject({kind: 'redirect-neigh'});
    expect([source4(skb), destination4(skb), ttl(skb)]).toEqual(['203.0.113.9', REMOTE, 63]);
    expect(toHex(skb.buf, skb.start + 14, skb.start + 15)).toBe('47');
    expect(toHex(skb.buf, skb.start + 34, skb.start + 36)).toBe('9a08');
    const ack = packet({from: '203.0.113.9', to: '192.168.0.5', sport: 50000, dport: 30080, flags: 16});
    node.run('cil_from_netdev', ack, 2);
    expect(toHex(ack.buf, ack.start + 14, ack.start + 15)).toBe('45');
  });
});

describe('masquerading', () => {
  it('covers remote nodes in tunnel mode only', () => {
    const out = (mode: string) => {
      const node = createNode({mode, bpf_host_routing: 1});
      const skb = packet({from: A, to: '192.168.0.6', dport: 10250});
      skb.mark = 0x03e90f00;
      node.run('cil_to_netdev', skb, 2);
      expect(checksumError(skb)).toBe(0);
      return source4(skb);
    };
    expect(out('geneve')).toBe('192.168.0.5');
    expect(out('native')).toBe(A);
  });

  it('translates a quoted packet in an ICMP error back', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1});
    const skb = packet({from: A, to: '203.0.113.9', sport: 50000, dport: 443});
    skb.mark = 0x03e90f00;
    node.run('cil_to_netdev', skb, 2);
    expect(source4(skb)).toBe('192.168.0.5');
    const error = icmpError('203.0.113.1', '192.168.0.5', skb);
    expect(node.run('cil_from_netdev', error, 2)).toEqual({kind: 'redirect-peer', ifindex: 10});
    expect(destination4(error)).toBe(A);
    expect(formatIp(readIp4(error.buf, error.start + 54))).toBe(A);
    expect(icmpChecksum(error)).toBe(0);
  });
});

/** Time exceeded from a router about `about`. */
function icmpError(from: string, to: string, about: Skb): Skb {
  const quoted = about.buf.slice(about.start + 14, about.end);
  const skb = packet({from, to, protocol: 'udp', payload: quoted.length});
  const b = skb.buf;
  const o = skb.start + 14;
  b[o + 9] = 1;
  b.fill(0, o + 20, o + 28);
  b[o + 20] = 11;
  b.set(quoted, o + 28);
  // The protocol changed: 17 → 1 in the IP checksum.
  const sum = (from: number, end: number) => {
    let s = 0;
    for (let i = from; i < end; i += 2) s += get16(b, i);
    while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
    return ~s & 0xffff;
  };
  b[o + 10] = 0;
  b[o + 11] = 0;
  const ip = sum(o, o + 20);
  b[o + 10] = ip >>> 8;
  b[o + 11] = ip;
  const icmp = sum(o + 20, skb.end);
  b[o + 22] = icmp >>> 8;
  b[o + 23] = icmp;
  return skb;
}

function icmpChecksum(skb: Skb): number {
  let s = 0;
  for (let i = skb.start + 34; i < skb.end; i += 2) s += get16(skb.buf, i);
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  return ~s & 0xffff;
}

describe('IPv6', () => {
  const profile = {mode: 'geneve', bpf_host_routing: 1, ipv6: true};
  const source6 = (skb: Skb) => formatIp(readIp6(skb.buf, skb.start + 22));
  const destination6 = (skb: Skb) => formatIp(readIp6(skb.buf, skb.start + 38));

  it('goes the same ways', () => {
    const node = createNode(profile);
    const skb = packet({from: A6, to: B6});
    expect(node.run('cil_from_container', skb, 10)).toEqual({kind: 'redirect-peer', ifindex: 11});
    expect(skb.buf[skb.start + 21]).toBe(63);
    const remote = packet({from: A6, to: 'fd00:2::14'});
    expect(node.run('cil_from_container', remote, 10)).toEqual({kind: 'redirect', ifindex: 5, ingress: false});
    expect(remote.tunnel).toMatchObject({vni: 1001, remote: 0xc0a80006});
    const world = packet({from: A6, to: '2001:db8::1'});
    node.told();
    expect(node.run('cil_from_container', world, 10)).toMatchObject({kind: 'redirect-neigh'});
    expect(node.told().at(-1)).toBe('to-network 1001->10 new');
  });

  it('translates services with right checksums', () => {
    const node = createNode(profile);
    const skb = packet({from: A6, to: 'fd00:96::50', dport: 80});
    node.run('cil_from_container', skb, 10);
    expect(destination6(skb)).toBe('fd00:2::14');
    expect(checksumError(skb)).toBe(0);
    const reply = packet({from: 'fd00:2::14', to: A6, sport: 8080, dport: 40000, flags: 18});
    reply.tunnel = {vni: 1003, remote: 0, ttl: 0, tos: 0, flags: 0};
    node.run('cil_from_overlay', reply, 5);
    expect(source6(reply)).toBe('fd00:96::50');
    expect(checksumError(reply)).toBe(0);
  });

  it('answers a used-up hop limit from the router, itself with hop limit 1', () => {
    const node = createNode(profile);
    const skb = packet({from: A6, to: B6, ttl: 1});
    expect(node.run('cil_from_container', skb, 10)).toEqual({kind: 'redirect', ifindex: 10, ingress: false});
    expect([source6(skb), destination6(skb), skb.buf[skb.start + 21]]).toEqual(['fd00:1::1', A6, 1]);
    expect(toHex(skb.buf, skb.start + 54, skb.start + 56)).toBe('0300');
    expect(skb.end - skb.start).toBe(14 + 40 + 8 + 40 + 20);
    expect(checksumError(skb)).toBe(0);
    expect(skb.cb).toEqual([0, 2, 0, 0, 0]);
  });

  it('answers port unreachable without backends', () => {
    const node = createNode(profile);
    const skb = packet({from: A6, to: 'fd00:96::60', dport: 80});
    expect(node.run('cil_from_container', skb, 10)).toEqual({kind: 'redirect', ifindex: 10, ingress: false});
    expect(source6(skb)).toBe('fd00:96::60');
    expect(toHex(skb.buf, skb.start + 54, skb.start + 56)).toBe('0104');
    expect(checksumError(skb)).toBe(0);
  });

  it('is world 10, and 2 on the wire', () => {
    const node = createNode(profile);
    const skb = packet({from: '2001:db8::1', to: A6});
    skb.tunnel = {vni: 2, remote: 0, ttl: 0, tos: 0, flags: 0};
    node.run('cil_from_overlay', skb, 5);
    expect(node.told()[0]).toBe('from-overlay 10->0 unknown');
  });
});

describe('drops', () => {
  it('names what is wrong with a packet of a pod', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1});
    const reason = (skb: Skb) => {
      const action = node.run('cil_from_container', skb, 10);
      return action.kind === 'drop' ? action.reason : 0;
    };
    expect(reason(packet({from: B, to: REMOTE}))).toBe(132);
    expect(reason(packet({from: A, to: '192.168.0.6', dport: 6081, protocol: 'udp'}))).toBe(170);
    expect(reason(packet({from: A, to: B, ttl: 1}))).toBe(196);
    expect(reason(packet({from: A6, to: B6}))).toBe(139);
    const cut = packet({from: A, to: REMOTE});
    cut.end = cut.start + 30;
    expect(reason(cut)).toBe(134);
    const noPorts = packet({from: A, to: REMOTE});
    noPorts.end = noPorts.start + 36;
    expect(reason(noPorts)).toBe(135);
  });

  it('names what is wrong on the overlay device', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1});
    const reason = (vni: number | undefined, to: string, dport = 8080) => {
      const skb = packet({from: REMOTE, to, dport});
      skb.tunnel = vni === undefined ? undefined : {vni, remote: 0, ttl: 0, tos: 0, flags: 0};
      const action = node.run('cil_from_overlay', skb, 5);
      return action.kind === 'drop' ? action.reason : 0;
    };
    expect(reason(undefined, A)).toBe(147);
    expect(reason(1, A)).toBe(171);
    expect(reason(1003, '10.96.0.50', 80)).toBe(174);
    expect(reason(1003, A)).toBe(0);
  });
});

describe('options', () => {
  it('audit mode lets through what a policy denies, and says so', () => {
    const program = {policyAudit: true};
    const node = createNode({mode: 'geneve', bpf_host_routing: 1}, {program, policies: {101: []}});
    expect(node.run('cil_from_container', packet({from: A, to: REMOTE}), 10).kind).toBe('redirect');
    const verdict = node.events.find((e) => e.kind === 'policy-verdict');
    expect(verdict).toMatchObject({verdict: 0, match: 0, audited: true});
  });

  it('monitor aggregation shows only what changes a connection', () => {
    const node = createNode({mode: 'geneve', bpf_host_routing: 1}, {program: {monitorAggregation: 3}});
    node.run('cil_from_container', packet({from: A, to: REMOTE}), 10);
    expect(node.told()).toEqual(['egress 0', 'to-overlay 1001->1003 new']);
    node.run('cil_from_container', packet({from: A, to: REMOTE, flags: 0x10}), 10);
    expect(node.told().filter((text) => text.startsWith('from-'))).toEqual([]);
    node.run('cil_from_container', packet({from: A, to: REMOTE, flags: 0x10}), 10);
    expect(node.told()).toEqual([]);
  });
});
