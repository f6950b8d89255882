import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import * as w from '../../src/wire/index.js';

const ip4 = fc.integer({min: 0, max: 0xffffffff});
const ip6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({min: 0, max: 0xffff})), {minLength: 8, maxLength: 8})
  .map((groups) => String.fromCharCode(...groups));
const ip: fc.Arbitrary<w.Ip> = fc.oneof(ip4, ip6);
const prefix = ip.chain((a) => fc.integer({min: 0, max: w.ipBits(a)}).map((length) => ({ip: a, length})));

/** The address as an integer: the arithmetic below is checked against BigInt's. */
function value(a: w.Ip): bigint {
  if (w.isIp4(a)) return BigInt(a);
  return Array.from({length: 8}, (_, i) => BigInt(a.charCodeAt(i))).reduce((sum, group) => (sum << 16n) | group, 0n);
}

function mask(a: w.Ip, length: number): bigint {
  const bits = BigInt(w.ipBits(a));
  return ((1n << BigInt(length)) - 1n) << (bits - BigInt(length));
}

describe('IPv6 text', () => {
  // RFC 5952 §4 and RFC 4291 §2.2; the last two columns of each row must agree.
  it.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:DB8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['FF01:0:0:0:0:0:0:101', 'ff01::101'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::FFFF:129.144.52.38', '::ffff:129.144.52.38'],
    ['1::', '1::'],
    ['0:1:2:3:4:5:6:7', '0:1:2:3:4:5:6:7'],
    ['1:0:0:2:0:0:0:0', '1:0:0:2::'],
  ])('%s is written %s', (text, canonical) => {
    const parsed = w.parseIp6(text)!;
    expect(w.formatIp6(parsed)).toBe(canonical);
  });

  it.each([
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    'g::',
    '1:2:3:4:5:6:7:8::',
    '::1.2.3',
    '::1.2.3.256',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    ' ::1',
    '::1%eth0',
    '-1::',
  ])('%j is no address', (text) => {
    expect(w.parseIp6(text)).toBeUndefined();
  });

  it.each(['1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.', '1.2.3.4 ', '+1.2.3.4', '0x1.2.3.4', '1e0.2.3.4'])(
    '%j is no IPv4 address',
    (text) => {
      expect(w.parseIp4(text)).toBeUndefined();
    },
  );

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/08',
    'fd00::/129',
    '/8',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
  ])('%j is no prefix', (text) => {
    expect(w.parsePrefix(text)).toBeUndefined();
  });
});

describe('addresses', () => {
  it('text and bytes keep every address', () => {
    fc.assert(
      fc.property(ip, (a) => {
        expect(w.parseIp(w.formatIp(a))).toBe(a);
        const b = new Uint8Array(18);
        w.writeIp(b, 1, a);
        expect(w.isIp4(a) ? w.readIp4(b, 1) : w.readIp6(b, 1)).toBe(a);
        expect(b[0]! + b[w.isIp4(a) ? 5 : 17]!).toBe(0);
      }),
    );
  });

  it('MACs too', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat().map((n) => n % 2 ** 48),
        (mac) => {
          expect(w.parseMac(w.formatMac(mac))).toBe(mac);
          const b = new Uint8Array(6);
          w.writeMac(b, 0, mac);
          expect(w.readMac(b, 0)).toBe(mac);
          expect(w.formatMac(mac).replaceAll(':', '')).toBe(w.toHex(b));
        },
      ),
    );
    expect(w.parseMac('02:00:00:00:00')).toBeUndefined();
    expect(w.parseMac('02-00-00-00-00-01')).toBeUndefined();
  });

  it('masking, containment and overlap are those of the integers', () => {
    fc.assert(
      fc.property(prefix, ip, (p, other) => {
        expect(value(w.maskIp(p.ip, p.length))).toBe(value(p.ip) & mask(p.ip, p.length));
        const sameFamily = w.isIp4(p.ip) === w.isIp4(other);
        const inside = sameFamily && ((value(p.ip) ^ value(other)) & mask(p.ip, p.length)) === 0n;
        expect(w.prefixContains(p, other)).toBe(inside);
        expect(w.prefixContains(p, p.ip)).toBe(true);
        const network = w.networkOf(p);
        expect(w.prefixesOverlap(network, p)).toBe(true);
        expect(w.parsePrefix(w.formatPrefix(p))).toEqual(p);
      }),
    );
  });

  it('two prefixes overlap when one holds the other’s first address', () => {
    fc.assert(
      fc.property(prefix, prefix, (a, b) => {
        const expected = w.prefixContains(a, w.networkOf(b).ip) || w.prefixContains(b, w.networkOf(a).ip);
        expect(w.prefixesOverlap(a, b)).toBe(expected);
      }),
    );
  });

  it('adding is addition modulo the family’s space, and orders', () => {
    fc.assert(
      fc.property(
        ip,
        fc.maxSafeNat().map((n) => n % 2 ** 48),
        (a, n) => {
          const sum = (value(a) + BigInt(n)) % (1n << BigInt(w.ipBits(a)));
          expect(value(w.addToIp(a, n))).toBe(sum);
          expect(Math.sign(w.compareIp(a, w.addToIp(a, n)))).toBe(value(a) < sum ? -1 : value(a) > sum ? 1 : 0);
        },
      ),
    );
    expect(w.compareIp(0xffffffff, '\0\0\0\0\0\0\0\0')).toBe(-1);
  });

  it('solicited-node and multicast MAC addresses', () => {
    // RFC 4291 §2.7.1's example
    const target = w.parseIp6('4037::01:800:200e:8c6c')!;
    expect(w.formatIp6(w.solicitedNodeMulticast(target))).toBe('ff02::1:ff0e:8c6c');
    expect(w.formatMac(w.multicastMac6(w.solicitedNodeMulticast(target)))).toBe('33:33:ff:0e:8c:6c');
  });
});
