/** Fields in, fields out; iterators; extremes. Bytes from outside are in scapy.test.ts. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import * as w from '../../src/wire/index.js';
import {expectFrame} from './expect-frame.js';

const u = (bits: number) => fc.integer({min: 0, max: 2 ** bits - 1});
const ip6 = fc.array(u(16), {minLength: 8, maxLength: 8}).map((groups) => String.fromCharCode(...groups));
const words = (max: number) => fc.uint8Array({minLength: 0, maxLength: max}).map((b) => b.subarray(0, b.length & ~3));
/** Codecs must not care where they stand. */
const offset = fc.nat(9);

describe('fields come back', () => {
  it('ethernet, vlan', () => {
    fc.assert(
      fc.property(
        offset,
        u(48),
        u(48),
        u(16),
        u(12),
        u(3),
        fc.boolean(),
        (o, destination, source, type, id, priority, dei) => {
          const b = new Uint8Array(40);
          expect(w.writeEthernet(b, o, destination, source, type)).toBe(w.ETH_HEADER);
          expect([w.ethDestination(b, o), w.ethSource(b, o), w.ethType(b, o)]).toEqual([destination, source, type]);
          w.setEthDestination(b, o, source);
          w.setEthSource(b, o, destination);
          expect([w.ethDestination(b, o), w.ethSource(b, o), w.ethType(b, o)]).toEqual([source, destination, type]);
          expect(w.writeVlan(b, o, {id, priority, dei, innerType: type})).toBe(w.VLAN_TAG);
          const read = [w.vlanId(b, o), w.vlanPriority(b, o), w.vlanDei(b, o), w.vlanInnerType(b, o)];
          expect(read).toEqual([id, priority, Number(dei), type]);
        },
      ),
    );
  });

  it('arp', () => {
    fc.assert(
      fc.property(
        offset,
        u(16),
        u(48),
        u(32),
        u(48),
        u(32),
        (o, operation, senderMac, senderIp, targetMac, targetIp) => {
          const b = new Uint8Array(40);
          const fields = {operation, senderMac, senderIp, targetMac, targetIp};
          expect(w.writeArp(b, o, fields)).toBe(w.ARP_LENGTH);
          expect(w.arpIsEthernetIp4(b, o)).toBe(true);
          expect({
            operation: w.arpOperation(b, o),
            senderMac: w.arpSenderMac(b, o),
            senderIp: w.arpSenderIp(b, o),
            targetMac: w.arpTargetMac(b, o),
            targetIp: w.arpTargetIp(b, o),
          }).toEqual(fields);
        },
      ),
    );
  });

  it('ipv4', () => {
    const fields = fc.record({
      tos: u(8),
      totalLength: u(16),
      id: u(16),
      flags: u(3),
      fragmentOffset: u(13).map((n) => n * 8),
      ttl: u(8),
      protocol: u(8),
      source: u(32),
      destination: u(32),
      options: words(40),
    });
    fc.assert(
      fc.property(offset, fields, (o, f) => {
        const b = new Uint8Array(80).fill(0xff);
        const length = w.writeIpv4(b, o, f);
        expect(length).toBe(20 + f.options.length);
        expect(w.checksum(b, o, o + length)).toBe(0);
        expect(b.subarray(o + 20, o + length)).toEqual(f.options);
        expect({
          tos: w.ipv4Tos(b, o),
          totalLength: w.ipv4TotalLength(b, o),
          id: w.ipv4Id(b, o),
          flags: w.ipv4Flags(b, o),
          fragmentOffset: w.ipv4FragmentOffset(b, o),
          ttl: w.ipv4Ttl(b, o),
          protocol: w.ipv4Protocol(b, o),
          source: w.ipv4Source(b, o),
          destination: w.ipv4Destination(b, o),
          options: f.options,
        }).toEqual(f);
        expect(w.ipv4DontFragment(b, o)).toBe((f.flags & w.IPV4_DONT_FRAGMENT) !== 0);
        expect(w.ipv4MoreFragments(b, o)).toBe((f.flags & w.IPV4_MORE_FRAGMENTS) !== 0);
        expect(w.ipv4IsFragment(b, o)).toBe((f.flags & 1) !== 0 || f.fragmentOffset > 0);
      }),
    );
  });

  it('ipv6', () => {
    const fields = fc.record({
      trafficClass: u(8),
      flowLabel: u(20),
      payloadLength: u(16),
      nextHeader: u(8),
      hopLimit: u(8),
      source: ip6,
      destination: ip6,
    });
    fc.assert(
      fc.property(offset, fields, (o, f) => {
        const b = new Uint8Array(60).fill(0xff);
        expect(w.writeIpv6(b, o, f)).toBe(40);
        expect(w.ipVersion(b, o)).toBe(6);
        expect({
          trafficClass: w.ipv6TrafficClass(b, o),
          flowLabel: w.ipv6FlowLabel(b, o),
          payloadLength: w.ipv6PayloadLength(b, o),
          nextHeader: w.ipv6NextHeader(b, o),
          hopLimit: w.ipv6HopLimit(b, o),
          source: w.ipv6Source(b, o),
          destination: w.ipv6Destination(b, o),
        }).toEqual(f);
      }),
    );
  });

  it('udp, tcp', () => {
    const fields = fc.record({
      sourcePort: u(16),
      destinationPort: u(16),
      sequence: u(32),
      acknowledgment: u(32),
      flags: u(9),
      window: u(16),
      checksum: u(16),
      urgent: u(16),
      options: words(40),
    });
    fc.assert(
      fc.property(offset, fields, (o, f) => {
        const b = new Uint8Array(80).fill(0xff);
        expect(w.writeTcp(b, o, f)).toBe(20 + f.options.length);
        expect({
          sourcePort: w.tcpSourcePort(b, o),
          destinationPort: w.tcpDestinationPort(b, o),
          sequence: w.tcpSequence(b, o),
          acknowledgment: w.tcpAcknowledgment(b, o),
          flags: w.tcpFlags(b, o),
          window: w.tcpWindow(b, o),
          checksum: w.tcpChecksum(b, o),
          urgent: w.tcpUrgent(b, o),
          options: b.slice(o + 20, o + w.tcpHeaderLength(b, o)),
        }).toEqual(f);
        w.writeUdp(b, o, {...f, length: f.window});
        expect([w.udpSourcePort(b, o), w.udpDestinationPort(b, o), w.udpLength(b, o), w.udpChecksum(b, o)]).toEqual([
          f.sourcePort,
          f.destinationPort,
          f.window,
          f.checksum,
        ]);
      }),
    );
  });

  it('tcp options, whatever their order', () => {
    const option: fc.Arbitrary<w.TcpOption> = fc.oneof(
      fc.constant({kind: 'nop'} as const),
      fc.constant({kind: 'sackOK'} as const),
      u(16).map((mss) => ({kind: 'mss', mss}) as const),
      u(8).map((shift) => ({kind: 'wscale', shift}) as const),
      fc.tuple(u(32), u(32)).map(([value, echo]) => ({kind: 'timestamps', value, echo}) as const),
      fc
        .array(fc.record({left: u(32), right: u(32)}), {minLength: 1, maxLength: 4})
        .map((blocks) => ({kind: 'sack', blocks}) as const),
      fc.uint8Array({maxLength: 6}).map((data) => ({kind: 'other', number: 253, data}) as const),
      // A known kind of another length is kept as bytes.
      fc.uint8Array({minLength: 3, maxLength: 3}).map((data) => ({kind: 'other', number: 2, data}) as const),
    );
    fc.assert(
      fc.property(fc.array(option, {maxLength: 8}), (options) => {
        const encoded = w.encodeTcpOptions(options);
        fc.pre(encoded.length <= 40);
        const b = w.encodeTcp({sourcePort: 0, destinationPort: 0, sequence: 0, flags: 0, window: 0, options: encoded});
        const padding: w.TcpOption[] = encoded.length % 4 === 0 ? [] : [{kind: 'eol'}];
        expect([...w.tcpOptions(b, 0)]).toEqual([...options, ...padding]);
      }),
    );
  });

  it('icmp and icmpv6', () => {
    fc.assert(
      fc.property(u(8), u(8), u(32), fc.uint8Array({maxLength: 20}), (type, code, rest, payload) => {
        const four = w.encodeIcmp({type, code, rest}, payload);
        expect([w.icmpType(four, 0), w.icmpCode(four, 0), w.icmpRest(four, 0)]).toEqual([type, code, rest]);
        expect([w.icmpId(four, 0), w.icmpSequence(four, 0)]).toEqual([rest >>> 16, rest & 0xffff]);
        expect(w.checksum(four, 0, four.length)).toBe(0);
        const six = w.encodeIcmpv6({type, code, rest}, payload);
        expect([w.icmpv6Type(six, 0), w.icmpv6Code(six, 0), w.icmpv6Rest(six, 0)]).toEqual([type, code, rest]);
        expect([w.icmpv6Id(six, 0), w.icmpv6Sequence(six, 0), w.icmpv6Mtu(six, 0)]).toEqual([
          rest >>> 16,
          rest & 0xffff,
          rest,
        ]);
      }),
    );
  });

  it('neighbor discovery options', () => {
    const options: w.NdOption[] = [
      {kind: 'source-mac', mac: 0x020000000001},
      {kind: 'target-mac', mac: 0xffffffffffff},
      {kind: 'mtu', mtu: 0xffffffff},
      {
        kind: 'prefix',
        prefix: w.parsePrefix('fd00::/64')!,
        onLink: true,
        autonomous: false,
        validLifetime: 0xffffffff,
        preferredLifetime: 1,
      },
      {kind: 'other', type: 25, data: new Uint8Array(22).fill(7)},
    ];
    const advertisement = {hopLimit: 255, flags: 0xff, lifetime: 0xffff, reachableTime: 0xffffffff, retransTimer: 9};
    const b = w.encodeRouterAdvertisement(advertisement, options);
    expect(w.routerAdvertisement(b, 0)).toEqual(advertisement);
    expect([...w.ndOptions(b, 0, b.length)]).toEqual(options);
    expect([...w.ndOptions(b, 0, b.length - 1)]).toEqual(options.slice(0, -1));
    b[17] = 0;
    expect([...w.ndOptions(b, 0, b.length)]).toEqual([]);
  });

  it('vxlan, geneve', () => {
    const option = fc.record({
      class: u(16),
      type: u(7),
      critical: fc.boolean(),
      data: fc.uint8Array({maxLength: 124}),
    });
    fc.assert(
      fc.property(offset, u(24), u(8), u(16), fc.array(option, {maxLength: 5}), (o, vni, flags, protocol, options) => {
        const b = new Uint8Array(300).fill(0xff);
        expect(w.writeVxlan(b, o, {vni, flags})).toBe(w.VXLAN_HEADER);
        expect([w.vxlanVni(b, o), w.vxlanFlags(b, o), w.vxlanReserved(b, o)]).toEqual([vni, flags, 0]);
        const padded = options.map((one) => {
          const data = new Uint8Array((one.data.length + 3) & ~3);
          data.set(one.data);
          return {...one, type: one.type | (one.critical ? 0x80 : 0), data};
        });
        fc.pre(padded.reduce((sum, {data}) => sum + 4 + data.length, 0) <= w.GENEVE_MAX_OPTIONS);
        const encoded = w.encodeGeneveOptions(options);
        expect(w.writeGeneve(b, o, {vni, flags, protocol, options: encoded})).toBe(8 + encoded.length);
        const read = [w.geneveVersion(b, o), w.geneveVni(b, o), w.geneveFlags(b, o), w.geneveProtocol(b, o)];
        expect([...read, w.geneveReserved(b, o)]).toEqual([0, vni, flags, protocol, 0]);
        expect(w.geneveHeaderLength(b, o)).toBe(8 + encoded.length);
        expect([...w.geneveOptions(b, o)]).toEqual(padded);
      }),
    );
  });
});

describe('geneve', () => {
  it('the version has two bits, RFC 8926 §3.4', () => {
    expect([0x3f, 0x40, 0x80, 0xc0].map((byte) => w.geneveVersion(Uint8Array.of(byte), 0))).toEqual([0, 1, 2, 3]);
    expect(w.geneveOptionsLength(Uint8Array.of(0xff), 0)).toBe(252);
  });

  it('more than 252 bytes of options is a mistake of the program', () => {
    expect(() => w.encodeGeneve({vni: 1, options: new Uint8Array(256)})).toThrow(RangeError);
    expect(() => w.encodeGeneve({vni: 1, options: new Uint8Array(6)})).toThrow(RangeError);
    expect(() => w.encodeGeneveOptions([{class: 1, type: 1, data: new Uint8Array(125)}])).toThrow(RangeError);
  });

  it('an option that runs past the options ends the list', () => {
    const options = w.encodeGeneveOptions([
      {class: 1, type: 1, data: Uint8Array.of(1, 2, 3, 4)},
      {class: 2, type: 2, data: Uint8Array.of(5, 6, 7, 8)},
    ]);
    options[11] = 2;
    const b = w.encodeGeneve({vni: 1, options});
    expect([...w.geneveOptions(b, 0)].map((option) => option.class)).toEqual([1]);
  });

  it('Cilium’s DSR option, as its own load balancer wrote it', () => {
    const bytes = w.fromHex('014b81020a00000575800000');
    const ip = w.parseIp('10.0.0.5')!;
    expect(w.encodeDsrOption(ip, 30_080)).toEqual(bytes);
    const [option] = w.geneveOptions(w.encodeGeneve({vni: 2, options: bytes}), 0);
    expect(w.decodeDsrOption(option!)).toEqual({ip, port: 30_080});
    const six = w.encodeDsrOption(w.parseIp('fd00::5')!, 80);
    expect(six.length).toBe(24);
    const [other] = w.geneveOptions(w.encodeGeneve({vni: 2, options: six}), 0);
    expect(w.decodeDsrOption(other!)).toEqual({ip: w.parseIp('fd00::5'), port: 80});
    expect(w.decodeDsrOption({...other!, class: 1})).toBeUndefined();
  });
});

describe('ipv4 options', () => {
  const list = (hex: string) => {
    const b = w.encodeIpv4({source: 1, destination: 2, totalLength: 60, protocol: 1, options: w.fromHex(hex)});
    return [...w.ipv4Options(b, 0)].map(({type, data}) => `${type}:${w.toHex(data)}`);
  };
  it.each([
    ['94040000', ['148:0000']],
    ['01010707041122334400', ['1:', '1:', '7:0411223344']],
    ['07ff0000', []],
    ['0701', []],
    ['010107', ['1:', '1:']],
    ['00070400', []],
  ])('%s', (hex, expected) => {
    expect(list(hex)).toEqual(expected);
  });
  it('more than 40 bytes is a mistake of the program', () => {
    expect(() => list('01'.repeat(41))).toThrow(RangeError);
  });
});

describe('frame', () => {
  it('fills types, lengths, ports and checksums from the inside out', () => {
    const ends = {source: w.parseIp4('10.0.0.5')!, destination: w.parseIp4('10.0.0.6')!};
    const pods = {source: w.parseIp4('10.32.1.10')!, destination: w.parseIp4('10.32.2.20')!};
    const macs = w.ethernet({source: 1, destination: 2});
    const bytes = w.frame(
      macs,
      w.ipv4({...ends, ttl: 64}),
      w.udp({sourcePort: 40_000}),
      w.geneve({vni: 7}),
      macs,
      w.vlan({id: 5}),
      w.ipv4({...pods, ttl: 63}),
      w.tcp({sourcePort: 1000, destinationPort: 8080, flags: w.TCP_PSH | w.TCP_ACK}),
      'hello',
    );
    expectFrame(bytes)
      .ethernet({type: 0x0800})
      .ipv4({src: '10.0.0.5', ttl: 64, length: bytes.length - 14})
      .udp({dstPort: 6081, checksum: 0})
      .geneve({vni: 7, protocol: 0x6558})
      .inner({type: 0x8100})
      .vlan({id: 5})
      .ipv4({dst: '10.32.2.20', ttl: 63})
      .tcp({dstPort: 8080})
      .payload('hello');
    expect(() => expectFrame(bytes).ethernet().ipv4({ttl: 63})).toThrow();
    expect(() => expectFrame(bytes).ethernet().ipv6()).toThrow();
    expect(() =>
      expectFrame(bytes, 0, bytes.length - 1)
        .ethernet()
        .ipv4(),
    ).toThrow();
    bytes[bytes.length - 1]! ^= 1;
    expect(() => expectFrame(bytes).ethernet().ipv4().udp().geneve().inner().vlan().ipv4()).toThrow(/checksum/);
  });

  it('every layer says what it is in one line', () => {
    const b = w.frame(
      w.ethernet({source: 1, destination: 2}),
      w.ipv4({source: 0x0a000005, destination: 0x0a000006}),
      w.tcp({sourcePort: 1, destinationPort: 2, flags: w.TCP_SYN | w.TCP_ACK, sequence: 7}),
    );
    expect([w.describeEthernet(b, 0), w.describeIpv4(b, 14), w.describeTcp(b, 34)]).toEqual([
      '00:00:00:00:00:01 > 00:00:00:00:00:02 type 0x0800',
      '10.0.0.5 > 10.0.0.6 proto 6 ttl 64 length 40',
      'tcp 1 > 2 [S.] seq 7 ack 0 win 64240',
    ]);
    expect(w.describeGeneve(w.encodeGeneve({vni: 7, options: w.encodeDsrOption(1, 2)}), 0)).toBe(
      'geneve vni 7 options 12',
    );
    expect(w.describeVxlan(w.encodeVxlan({vni: 7}), 0)).toBe('vxlan vni 7');
    expect(w.describeVxlan(w.encodeVxlan({vni: 7, flags: 0}), 0)).toBe('vxlan no vni');
    expect(w.describeVlan(w.encodeVlan({id: 10, priority: 5, dei: true, innerType: 0}), 0)).toBe('vlan 10 p 5 DEI');
    expect(w.describeUdp(w.encodeUdp({sourcePort: 1, destinationPort: 2, length: 8}), 0)).toBe('udp 1 > 2 length 8');
    const arp = {senderMac: 1, senderIp: 0x0a000005, targetMac: 0, targetIp: 0x0a000006};
    expect([1, 2, 9].map((operation) => w.describeArp(w.encodeArp({...arp, operation}), 0))).toEqual([
      'arp request who-has 10.0.0.6 tell 10.0.0.5',
      'arp reply 10.0.0.5 is-at 00:00:00:00:00:01',
      'arp operation 9',
    ]);
    const ends = {source: w.parseIp6('fd00::1')!, destination: w.parseIp6('fd00::2')!};
    expect(w.describeIpv6(w.encodeIpv6({...ends, payloadLength: 8, nextHeader: 17}), 0)).toBe(
      'fd00::1 > fd00::2 next 17 hlim 64 payload 8',
    );
    expect(w.describeIcmp(w.encodeIcmp({type: 8, rest: 0x70001}, b), 0)).toBe('icmp type 8 code 0 id 7 seq 1');
    expect(w.describeIcmpv6(w.encodeIcmpv6({type: 1, code: 4}, b), 0)).toBe('icmp6 type 1 code 4');
  });
});
