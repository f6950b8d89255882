import {execFileSync} from 'node:child_process';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import * as w from '../../src/wire/index.js';
import {describeWith} from '../oracle.js';

const ip4 = {source: w.parseIp4('10.0.0.5')!, destination: w.parseIp4('10.0.0.6')!, id: 0x1234};
const ip6 = {source: w.parseIp6('fd00::1')!, destination: w.parseIp6('fd00::2')!};
const payload = fc.uint8Array({minLength: 0, maxLength: 3000});

describe('ipv4', () => {
  it('fragments fit, are well-formed, and join again in any order', () => {
    const options = fc.constantFrom(
      undefined,
      w.fromHex('94040000'),
      w.fromHex('0707040a00000101'),
      new Uint8Array(40).fill(1),
    );
    fc.assert(
      fc.property(payload, fc.integer({min: 68, max: 1500}), options, fc.boolean(), (data, mtu, opts, reversed) => {
        const packet = w.frame(w.ipv4({...ip4, options: opts}), w.udp({sourcePort: 1, destinationPort: 2}), data);
        const pieces = w.fragmentIpv4(packet, mtu);
        if (packet.length <= mtu) {
          expect(pieces).toEqual([packet]);
          return;
        }
        for (const [i, piece] of pieces.entries()) {
          expect(piece.length).toBeLessThanOrEqual(mtu);
          expect(w.ipv4TotalLength(piece, 0)).toBe(piece.length);
          expect(w.checksum(piece, 0, w.ipv4HeaderLength(piece, 0))).toBe(0);
          expect(w.ipv4MoreFragments(piece, 0)).toBe(i < pieces.length - 1);
        }
        expect(w.reassembleIpv4(reversed ? pieces.toReversed() : pieces)).toEqual(packet);
        expect(w.reassembleIpv4(pieces.slice(1))).toBeUndefined();
        expect(w.reassembleIpv4(pieces.slice(0, -1))).toBeUndefined();
      }),
    );
  });

  it('fragments of fragments join too', () => {
    const packet = w.frame(
      w.ipv4(ip4),
      w.udp({sourcePort: 1, destinationPort: 2}),
      new Uint8Array(2000).map((_, i) => i),
    );
    const pieces = w.fragmentIpv4(packet, 1500).flatMap((piece) => w.fragmentIpv4(piece, 576));
    expect(pieces.length).toBe(4);
    expect(w.reassembleIpv4(pieces)).toEqual(packet);
    expect(w.reassembleIpv4([...pieces, ...w.fragmentIpv4(packet, 600)])).toEqual(packet);
  });

  it('only copied options go into later fragments, the others become NOP', () => {
    const options = w.fromHex('94040000 0707040a000001 01');
    const packet = w.frame(w.ipv4({...ip4, options}), new Uint8Array(100));
    const [first, second] = w.fragmentIpv4(packet, 92);
    expect(w.toHex(first!, 20, 32)).toBe(w.toHex(options));
    expect(w.toHex(second!, 20, 32)).toBe('940400000101010101010101');
  });

  it('refuses an mtu without room', () => {
    expect(() => w.fragmentIpv4(w.frame(w.ipv4(ip4), new Uint8Array(100)), 27)).toThrow(RangeError);
  });
});

describe('ipv6', () => {
  it('fragments fit and join again; what routers read is in each of them', () => {
    fc.assert(
      fc.property(payload, fc.integer({min: 88, max: 1500}), fc.boolean(), (data, mtu, extended) => {
        const upper = [w.udp({sourcePort: 1, destinationPort: 2}), data] as const;
        const packet = extended
          ? w.frame(w.ipv6(ip6), w.hopByHop([{type: 5, data: Uint8Array.of(0, 0)}]), w.destinationOptions([]), ...upper)
          : w.frame(w.ipv6(ip6), ...upper);
        const pieces = w.fragmentIpv6(packet, mtu, 77);
        if (packet.length <= mtu) {
          expect(pieces).toEqual([packet]);
          return;
        }
        for (const [i, piece] of pieces.entries()) {
          expect(piece.length).toBeLessThanOrEqual(mtu);
          const read = w.ipv6Upper(piece, 0, piece.length);
          expect(read).toMatchObject({ok: true, fragment: {id: 77, more: i < pieces.length - 1}});
          expect(w.ipv6NextHeader(piece, 0)).toBe(extended ? w.IP6_HOP_BY_HOP : w.IP6_FRAGMENT);
        }
        expect(w.reassembleIpv6(pieces.toReversed())).toEqual(packet);
        expect(w.reassembleIpv6(pieces.slice(1))).toBeUndefined();
      }),
    );
  });
});

describeWith(['scapy'], 'scapy', () => {
  it('cuts a packet in the same pieces', () => {
    const script = `
from scapy.all import *
p = IP(src='10.0.0.5', dst='10.0.0.6', id=0x1234)/UDP(sport=1, dport=2)/(b'x'*3000)
for f in fragment(p, fragsize=1480): print(bytes(f).hex())
`;
    const out = execFileSync('/usr/bin/python3', ['-c', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const packet = w.frame(w.ipv4(ip4), w.udp({sourcePort: 1, destinationPort: 2}), 'x'.repeat(3000));
    expect(w.fragmentIpv4(packet, 1500).map((piece) => w.toHex(piece))).toEqual(out.trim().split('\n'));
  });
});
