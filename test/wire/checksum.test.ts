import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import * as w from '../../src/wire/index.js';

const bytes = (min: number, max: number) => fc.uint8Array({minLength: min, maxLength: max});

describe('RFC examples', () => {
  it('RFC 1071 §3: 0001 f203 f4f5 f6f7', () => {
    expect(w.checksum(w.fromHex('0001f203f4f5f6f7'), 0, 8)).toBe(~0xddf2 & 0xffff);
  });
  it('an odd byte counts as the high half of a word', () => {
    expect(w.checksum(w.fromHex('0001f203f4f5f6'), 0, 7)).toBe(w.checksum(w.fromHex('0001f203f4f5f600'), 0, 8));
  });
  it('RFC 1624 §4: dd2f, 5555 → 3285 is 0000, not ffff', () => {
    expect(w.updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });
});

it('over a view, from anywhere to anywhere, is the same', () => {
  fc.assert(
    fc.property(bytes(0, 70), fc.nat(70), fc.nat(70), fc.nat(0x7ffff), (b, from, to, initial) => {
      const [o, end] = [Math.min(from, to, b.length), Math.min(Math.max(from, to), b.length)];
      const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
      expect(w.viewChecksum(view, o, end, initial)).toBe(w.checksum(b, o, end, initial));
    }),
  );
  const full = new Uint8Array(0x40000).fill(0xff);
  expect(w.viewChecksum(new DataView(full.buffer), 0, full.length)).toBe(w.checksum(full, 0, full.length));
});

describe('incremental equals full', () => {
  it('any word of any header', () => {
    fc.assert(
      fc.property(bytes(20, 60), fc.nat(), fc.integer({min: 0, max: 0xffff}), (header, where, word) => {
        fc.pre(header.some((byte) => byte !== 0));
        const at = 2 * (where % (header.length >> 1));
        const before = w.checksum(header, 0, header.length);
        const old = w.get16(header, at);
        w.set16(header, at, word);
        fc.pre(header.some((byte) => byte !== 0));
        expect(w.updateChecksum(before, old, word)).toBe(w.checksum(header, 0, header.length));
      }),
    );
  });

  it('IPv4 addresses, TTL and TOS', () => {
    const word = fc.integer({min: 0, max: 0xffffffff});
    fc.assert(
      fc.property(word, word, word, word, fc.nat(255), fc.nat(255), fc.nat(255), (s, d, s2, d2, ttl, ttl2, tos) => {
        const b = w.encodeIpv4({source: s, destination: d, ttl, protocol: 17, totalLength: 100, id: 9});
        w.setIpv4Source(b, 0, s2);
        w.setIpv4Destination(b, 0, d2);
        w.setIpv4Ttl(b, 0, ttl2);
        w.setIpv4Tos(b, 0, tos);
        const fresh = {source: s2, destination: d2, ttl: ttl2, tos, protocol: 17, totalLength: 100, id: 9};
        expect(b).toEqual(w.encodeIpv4(fresh));
      }),
    );
  });
});

describe('transport checksums', () => {
  const source = 0x0a000005;
  const destination = 0x0a000006;
  const six = {source: w.parseIp6('fd00::1')!, destination: w.parseIp6('fd00::2')!};

  it('fill then verify, for every protocol and any payload; one flipped bit is found', () => {
    const layers = (payload: Uint8Array) => [
      w.frame(w.ipv4({source, destination}), w.udp({sourcePort: 1, destinationPort: 2}), payload),
      w.frame(w.ipv4({source, destination}), w.tcp({sourcePort: 1, destinationPort: 2}), payload),
      w.frame(w.ipv4({source, destination}), w.icmp({type: 8}), payload),
      w.frame(w.ipv6(six), w.udp({sourcePort: 1, destinationPort: 2}), payload),
      w.frame(w.ipv6(six), w.hopByHop([]), w.tcp({sourcePort: 1, destinationPort: 2}), payload),
      w.frame(w.ipv6(six), w.icmpv6({type: 128}), payload),
    ];
    fc.assert(
      fc.property(bytes(1, 50), fc.nat(7), (payload, bit) => {
        for (const packet of layers(payload)) {
          expect(w.verifyL4Checksum(packet, 0, packet.length)).toBe(true);
          packet[packet.length - 1]! ^= 1 << bit;
          expect(w.verifyL4Checksum(packet, 0, packet.length)).toBe(false);
        }
      }),
    );
  });

  it('a UDP checksum that comes out as 0 is sent as ffff', () => {
    const packet = w.frame(w.ipv4({source, destination}), w.udp({sourcePort: 0, destinationPort: 0}), '\0\0');
    const sum = w.udpChecksum(packet, 20);
    w.set16(packet, 28, sum);
    w.fillL4Checksum(packet, 0, packet.length);
    expect(w.udpChecksum(packet, 20)).toBe(0xffff);
    expect(w.verifyL4Checksum(packet, 0, packet.length)).toBe(true);
  });

  it('says nothing about fragments, UDP without checksum, other protocols, cut packets, padding aside', () => {
    const udp = w.udp({sourcePort: 1, destinationPort: 2, checksum: 0x1234});
    const fragment = w.frame(w.ipv4({source, destination, flags: w.IPV4_MORE_FRAGMENTS}), udp, 'x');
    expect(w.verifyL4Checksum(fragment, 0, fragment.length)).toBeUndefined();
    const none = w.frame(w.ipv4({source, destination}), w.udp({sourcePort: 1, destinationPort: 2, checksum: 0}), 'x');
    expect(w.verifyL4Checksum(none, 0, none.length)).toBeUndefined();
    const gre = w.frame(w.ipv4({source, destination, protocol: 47}), 'xxxx');
    expect(w.verifyL4Checksum(gre, 0, gre.length)).toBeUndefined();
    const bad = w.frame(w.ipv4({source, destination}), udp, 'x');
    expect(w.verifyL4Checksum(bad, 0, bad.length)).toBe(false);
    for (let end = 0; end < bad.length; end++) expect(w.verifyL4Checksum(bad, 0, end)).toBeUndefined();
    const padded = new Uint8Array(60).fill(0xee);
    padded.set(w.frame(w.ipv4({source, destination}), w.udp({sourcePort: 1, destinationPort: 2}), 'x'));
    expect(w.verifyL4Checksum(padded, 0, padded.length)).toBe(true);
  });
});
