/** Each codec's check at every length from nothing to whole, at an offset, with bytes behind the end. */
import {describe, expect, it} from 'vitest';
import * as w from '../../src/wire/index.js';

type CheckFunction = (b: Uint8Array, o: number, end: number) => w.Check;

const ip4 = {source: 0x0a000005, destination: 0x0a000006};
const ip6 = {source: w.parseIp6('fd00::1')!, destination: w.parseIp6('fd00::2')!};

/** Codec → check, layer name, encoded header, and the lengths at which more is found to be needed. */
const cases: Record<string, [CheckFunction, string, Uint8Array, number[]]> = {
  ethernet: [w.checkEthernet, 'ether', w.encodeEthernet({source: 1, destination: 2, type: 0x0800}), [14]],
  vlan: [w.checkVlan, 'vlan', w.encodeVlan({id: 10, innerType: 0x0800}), [4]],
  arp: [w.checkArp, 'arp', w.encodeArp({operation: 1, senderMac: 1, senderIp: 2, targetMac: 3, targetIp: 4}), [8, 28]],
  ipv4: [w.checkIpv4, 'ip', w.encodeIpv4({...ip4, totalLength: 20, protocol: 6}), [20]],
  'ipv4 with 40 bytes of options': [
    w.checkIpv4,
    'ip',
    w.encodeIpv4({...ip4, totalLength: 60, protocol: 6, options: new Uint8Array(40).fill(1)}),
    [20, 60],
  ],
  ipv6: [w.checkIpv6, 'ip6', w.encodeIpv6({...ip6, payloadLength: 0, nextHeader: 59}), [40]],
  udp: [w.checkUdp, 'udp', w.encodeUdp({sourcePort: 1, destinationPort: 2, length: 8}), [8]],
  tcp: [w.checkTcp, 'tcp', w.encodeTcp({sourcePort: 1, destinationPort: 2, sequence: 0, flags: 2, window: 0}), [20]],
  'tcp with 40 bytes of options': [
    w.checkTcp,
    'tcp',
    w.encodeTcp({
      sourcePort: 1,
      destinationPort: 2,
      sequence: 0,
      flags: 2,
      window: 0,
      options: new Uint8Array(40).fill(1),
    }),
    [20, 60],
  ],
  'icmp echo': [w.checkIcmp, 'icmp', w.encodeIcmp({type: 8}, new Uint8Array(0)), [4, 8]],
  'icmp of unknown type': [w.checkIcmp, 'icmp', w.encodeIcmp({type: 200}, new Uint8Array(0)).slice(0, 4), [4]],
  'icmpv6 echo': [w.checkIcmpv6, 'icmp6', w.encodeIcmpv6({type: 128}, new Uint8Array(0)), [4, 8]],
  'icmpv6 ns': [w.checkIcmpv6, 'icmp6', w.encodeNeighborSolicitation(ip6.source), [4, 24]],
  'icmpv6 ra': [
    w.checkIcmpv6,
    'icmp6',
    w.encodeRouterAdvertisement({hopLimit: 64, flags: 0, lifetime: 0, reachableTime: 0, retransTimer: 0}),
    [4, 16],
  ],
  dns: [
    w.checkDns,
    'domain',
    w.encodeDns({id: 1, flags: 0, questions: [], answers: [], authorities: [], additionals: []}),
    [12],
  ],
  vxlan: [w.checkVxlan, 'vxlan', w.encodeVxlan({vni: 7}), [8]],
  geneve: [w.checkGeneve, 'geneve', w.encodeGeneve({vni: 7}), [8]],
  'geneve with 252 bytes of options': [
    w.checkGeneve,
    'geneve',
    w.encodeGeneve({vni: 7, options: new Uint8Array(252)}),
    [8, 260],
  ],
};

describe('checks', () => {
  it.each(Object.keys(cases))('%s', (name) => {
    const [check, layer, header, steps] = cases[name]!;
    const at = 3;
    const b = new Uint8Array(at + header.length + 5).fill(0xff);
    b.set(header, at);
    for (let have = 0; have < header.length; have++) {
      const need = steps.find((step) => have < step)!;
      expect(check(b, at, at + have), `${have} bytes`).toEqual({ok: false, layer, need, have, at});
      // The array itself ends there: `end` lies.
      expect(check(b.slice(0, at + have), at, at + 1000), `${have} bytes`).toEqual({ok: false, layer, need, have, at});
    }
    expect(steps.at(-1)).toBe(header.length);
    expect(check(b, at, at + header.length)).toEqual({ok: true});
    expect(check(b, at, b.length)).toEqual({ok: true});
    expect(check(b, at, 0)).toEqual({ok: false, layer, need: steps[0], have: 0, at});
  });

  it('header lengths that can’t be', () => {
    const packet = w.encodeIpv4({...ip4, totalLength: 20, protocol: 6});
    packet[0] = 0x44;
    expect(w.checkIpv4(packet, 0, 20)).toEqual({ok: false, layer: 'ip', need: 20, have: 16, at: 0});
    const segment = w.encodeTcp({sourcePort: 1, destinationPort: 2, sequence: 0, flags: 2, window: 0});
    segment[12] = 0;
    expect(w.checkTcp(segment, 0, 20)).toEqual({ok: false, layer: 'tcp', need: 20, have: 0, at: 0});
  });
});

describe('IPv6 extension headers', () => {
  const packet = w.frame(
    w.ipv6(ip6),
    w.hopByHop([{type: 5, data: Uint8Array.of(0, 0)}]),
    w.destinationOptions([{type: 0x1e, data: new Uint8Array(12)}]),
    w.fragment6({offset: 0, more: true, id: 9}),
    w.udp({sourcePort: 1, destinationPort: 2}),
    'x',
  );
  // 40 · hop-by-hop 8 · destination 16 · fragment 8 · UDP at 72
  it('are walked to the upper layer', () => {
    const fragment = {offset: 0, more: true, id: 9};
    expect(w.ipv6Upper(packet, 0, packet.length)).toEqual({ok: true, protocol: 17, offset: 72, fragment});
  });

  it('cut at every length', () => {
    const layerAt = (end: number) =>
      end < 40
        ? ['ip6', 40]
        : end < 48
          ? ['hbhopt', 8]
          : end < 56
            ? ['dstopt', 8]
            : end < 64
              ? ['dstopt', 16]
              : ['frag6', 8];
    const starts: Record<string, number> = {ip6: 0, hbhopt: 40, dstopt: 48, frag6: 64};
    for (let end = 0; end < 72; end++) {
      const [layer, need] = layerAt(end) as [string, number];
      const at = starts[layer]!;
      expect(w.ipv6Upper(packet, 0, end)).toEqual({ok: false, layer, need, have: end - at, at});
    }
    expect(w.ipv6Upper(packet, 0, 72).ok).toBe(true);
  });

  it('a later fragment holds no headers', () => {
    const later = w.frame(w.ipv6(ip6), w.fragment6({offset: 8, more: false, id: 9}), Uint8Array.of(60, 0, 0, 0));
    w.set16(later, 4, 12);
    later[40] = w.IP6_DESTINATION_OPTIONS;
    expect(w.ipv6Upper(later, 0, later.length)).toEqual({
      ok: true,
      protocol: w.IP6_DESTINATION_OPTIONS,
      offset: 48,
      fragment: {offset: 8, more: false, id: 9},
    });
  });

  it('options are listed without padding; the routing header is passed', () => {
    const [option, ...more] = w.ipv6Options(packet, 48);
    expect([option!.type, option!.data.length, more.length]).toEqual([0x1e, 12, 0]);
    const routing = w.encodeIpv6Routing(6, 4, 1, new Uint8Array(20));
    const routed = w.frame(w.ipv6({...ip6, nextHeader: 43}), routing);
    expect(w.ipv6Upper(routed, 0, routed.length)).toEqual({ok: true, protocol: 6, offset: 64});
    const authenticated = w.frame(w.ipv6({...ip6, nextHeader: 51}), Uint8Array.of(17, 4), new Uint8Array(22));
    expect(w.ipv6Upper(authenticated, 0, authenticated.length)).toEqual({ok: true, protocol: 17, offset: 64});
  });
});

describe('DNS messages', () => {
  const record = (name: string, data: w.DnsData) => ({name, class: 1, ttl: 5, data});
  const message = {
    id: 7,
    flags: w.DNS_RESPONSE,
    questions: [{name: 'a.example.', type: 1, class: 1}],
    answers: [
      record('a.example.', {kind: 'CNAME', name: 'b.example.'}),
      record('b.example.', {kind: 'A', ip: 0x0a000005}),
    ],
    authorities: [],
    additionals: [],
  };
  it('cut at every length: where, and what came before', () => {
    const b = w.encodeDns(message);
    for (let end = 0; end < b.length; end++) {
      const read = w.decodeDns(b, 0, end);
      if (read.ok) throw new Error(`${end} bytes decode`);
      expect(read.need).toBeGreaterThan(read.have);
      expect(read.at + read.have).toBe(end);
      if (end < 12) expect(read.partial).toBeUndefined();
      else {
        expect(message.questions).toEqual([
          ...read.partial!.questions,
          ...message.questions.slice(read.partial!.questions.length),
        ]);
        expect(message.answers.slice(0, read.partial!.answers.length)).toEqual(read.partial!.answers);
      }
    }
    expect(w.decodeDns(b, 0, b.length)).toEqual({ok: true, message});
  });
});
