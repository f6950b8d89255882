/** Headers of frames through every tunnel, whole and cut. */
import {describe, expect, it} from 'vitest';
import {EN10MB, RAW, tunnelPorts, walk} from '../../src/session/walk.js';
import {flowOf, quotedFlow, vniOf} from '../../src/tools/tcpdump/own/flow.js';
import {arp, dns, fragment6, frame, geneve, icmp, icmpv6, ipv4, tcp, udp, vxlan} from '../../src/wire/build.js';
import {between, between6, carriers, echo, eth, ip4, ip6, request} from '../tools/tcpdump/own/tunnels.js';

const ports = tunnelPorts();
const walked = (b: Uint8Array, end = b.length, extra = ports) => walk(EN10MB, b, 0, end, b.length, extra);
const names = (b: Uint8Array, extra = ports) => walked(b, b.length, extra).layers.map(({name}) => name);

describe('walk', () => {
  it.each(carriers)('finds the innermost packet of $name', ({name, inner, wrap}) => {
    const b = wrap(...request, 'hello');
    const stack = walked(b);
    const packet = frame(...(inner === 'ether' ? [eth] : []), ...request, 'hello');
    const first = stack.layers[stack.innermost]!;
    expect(first.name).toBe(inner);
    expect(b.subarray(first.at, first.end)).toEqual(packet);
    expect(stack.linkType).toBe(inner === 'ether' ? EN10MB : RAW);
    expect(flowOf(b, stack)).toEqual({
      source: ip4('10.32.1.10'),
      destination: ip4('10.32.2.20'),
      protocol: 6,
      sourcePort: 40000,
      destinationPort: 8080,
    });
    const vnis: Record<string, number | undefined> = {'IP in Geneve': 5, 'VXLAN-GPE': 7, 'IP in VXLAN-GPE': 7};
    const isWithout = /^(no tunnel|IPIP|IP in IPv6|.*GRE)$/.test(name);
    expect(vniOf(b, stack)).toBe(isWithout ? undefined : (vnis[name] ?? 2161));
  });

  it.each(carriers)('says where $name is cut, at every length', ({wrap}) => {
    const b = wrap(...request, 'hello');
    const whole = walked(b);
    for (let end = 0; end <= b.length; end++) {
      const {layers} = walked(b, end);
      for (const [i, layer] of layers.entries()) {
        expect(layer.name).toBe(whole.layers[i]!.name);
        expect(layer.at).toBe(whole.layers[i]!.at);
        expect(layer.end).toBeLessThanOrEqual(end);
        expect(layer.limit).toBe(whole.layers[i]!.limit);
        expect(layer.cut === undefined || i === layers.length - 1).toBe(true);
      }
      // Cut in the last header, or in the payload, which may not have begun.
      if (end < b.length - 'hello'.length) expect(layers.at(-1)!.cut).toBeDefined();
      // Bytes behind the cut make no difference.
      const blank = b.slice();
      blank.fill(0xff, end);
      expect(walk(EN10MB, blank, 0, end, b.length, ports).layers).toEqual(layers);
      expect(() => flowOf(b, walked(b, end))).not.toThrow();
    }
  });

  it('leaves padding out', () => {
    const b = frame(eth, ...echo);
    const padded = new Uint8Array(60);
    padded.set(b);
    expect(walked(padded).layers.at(-1)).toMatchObject({name: 'icmp', end: b.length, limit: b.length});
  });

  it('takes only destination ports, valid flags and version 0 for a tunnel', () => {
    const tunnel = (sourcePort: number, destinationPort: number, header: Uint8Array) =>
      names(frame(eth, between('10.0.0.5', '10.0.0.6'), udp({sourcePort, destinationPort}), header, eth, ...echo));
    const [vxlanHeader, geneveHeader] = [
      Uint8Array.of(8, 0, 0, 0, 0, 0, 7, 0),
      Uint8Array.of(0, 0, 0x65, 0x58, 0, 0, 7, 0),
    ];
    expect(tunnel(1, 4789, vxlanHeader).slice(3)).toEqual(['vxlan', 'ether', 'ip', 'icmp']);
    expect(tunnel(4789, 1, vxlanHeader).slice(3)).toEqual(['payload']);
    expect(tunnel(1, 4789, Uint8Array.of(0, 0, 0, 0, 0, 0, 7, 0)).slice(3)).toEqual(['payload']);
    expect(tunnel(1, 6081, geneveHeader).slice(3)).toEqual(['geneve', 'ether', 'ip', 'icmp']);
    expect(tunnel(1, 6081, Uint8Array.of(0x40, 0, 0x65, 0x58, 0, 0, 7, 0)).slice(3)).toEqual(['payload']);
  });

  it('knows other ports when told, one kind for each', () => {
    const on = (port: number, header = vxlan({vni: 3})) =>
      frame(eth, between('10.0.0.5', '10.0.0.6'), udp({sourcePort: 1, destinationPort: port}), header, eth, ...echo);
    expect(names(on(9999)).at(-1)).toBe('payload');
    expect(names(on(9999), tunnelPorts({vxlan: [9999]}))).toContain('vxlan');
    expect(names(on(6081), tunnelPorts({vxlan: [6081]}))).toContain('vxlan');
    expect(names(on(8472, geneve({vni: 3})), tunnelPorts({geneve: [8472]}))).toContain('geneve');
  });

  it('has no ports for later fragments, and those of the first', () => {
    const later = frame(eth, ipv4({source: 1, destination: 2, protocol: 6, fragmentOffset: 8}), 'abcdefgh');
    expect(names(later)).toEqual(['ether', 'ip', 'payload']);
    expect(flowOf(later, walked(later))).toMatchObject({protocol: 6, sourcePort: -1});
    const later6 = frame(
      eth,
      between6('fd00::1', 'fd00::2'),
      fragment6({offset: 8, more: false, id: 1}),
      ...request.slice(1),
    );
    expect(flowOf(later6, walked(later6))).toMatchObject({source: ip6('fd00::1'), sourcePort: -1});
    const first6 = frame(
      eth,
      between6('fd00::1', 'fd00::2'),
      fragment6({offset: 0, more: true, id: 1}),
      ...request.slice(1),
    );
    expect(flowOf(first6, walked(first6))).toMatchObject({protocol: 6, sourcePort: 40000});
  });

  it('has addresses as soon as they are captured', () => {
    const b = frame(eth, ...request);
    expect(flowOf(b, walked(b, 33))).toBeUndefined();
    expect(flowOf(b, walked(b, 34))).toMatchObject({source: ip4('10.32.1.10'), sourcePort: -1});
    expect(flowOf(b, walked(b, 38))).toMatchObject({sourcePort: 40000});
  });

  it('reads ARP and what ICMP errors quote', () => {
    const who = frame(
      eth,
      arp({operation: 1, senderMac: 1, senderIp: ip4('10.0.0.5'), targetMac: 0, targetIp: ip4('10.0.0.6')}),
    );
    expect(flowOf(who, walked(who))).toMatchObject({source: ip4('10.0.0.5'), destination: ip4('10.0.0.6')});
    const error = frame(eth, between('10.0.0.6', '10.32.1.10'), icmp({type: 3, code: 4}), frame(...request));
    expect(quotedFlow(error, walked(error), ports)).toMatchObject({
      destination: ip4('10.32.2.20'),
      destinationPort: 8080,
    });
    const six = frame(between6('fd00::1', 'fd00::2'), tcp({sourcePort: 5, destinationPort: 6}));
    const error6 = frame(eth, between6('fd00::9', 'fd00::1'), icmpv6({type: 2}), six);
    expect(quotedFlow(error6, walked(error6), ports)).toMatchObject({destination: ip6('fd00::2'), destinationPort: 6});
    expect(quotedFlow(who, walked(who), ports)).toBeUndefined();
  });

  it('ends in a packet that contains itself a thousand times', () => {
    const nested = frame(eth, ...Array.from({length: 1000}, () => between('10.0.0.5', '10.0.0.6')), 'x');
    expect(walked(nested).layers.length).toBeLessThan(100);
  });

  it('starts at any link type', () => {
    const packet = frame(...request);
    const types = [12, 101, 228].map(
      (linkType) => walk(linkType, packet, 0, packet.length, packet.length, ports).layers[0]!.name,
    );
    expect(types).toEqual(['ip', 'ip', 'ip']);
    expect(walk(147, packet, 0, packet.length, packet.length, ports).layers.map(({name}) => name)).toEqual(['payload']);
    const query = frame(
      eth,
      between('10.32.1.10', '10.96.0.10'),
      udp({sourcePort: 1, destinationPort: 53}),
      dns({id: 1, flags: 0, questions: [], answers: [], authorities: [], additionals: []}),
    );
    expect(names(query).at(-1)).toBe('dns');
  });
});
