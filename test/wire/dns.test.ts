import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {dnsLabels, readDnsName} from '../../src/wire/dns-name.js';
import * as w from '../../src/wire/index.js';

describe('names', () => {
  // RFC 1035 §4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
  const message = new Uint8Array(100);
  message.set(w.fromHex('01 46 03 495349 04 41525041 00'), 20);
  message.set(w.fromHex('03 464f4f c014'), 40);
  message.set(w.fromHex('c01a'), 64);
  message.set(w.fromHex('00'), 92);

  it.each([
    [20, 'F.ISI.ARPA.', 32],
    [40, 'FOO.F.ISI.ARPA.', 46],
    [64, 'ARPA.', 66],
    [92, '.', 93],
  ])('RFC 1035’s example at %i', (at, name, next) => {
    expect(readDnsName(message, 0, at, 100)).toEqual({ok: true, name, next});
    // The same, where the message doesn't start the buffer.
    const shifted = new Uint8Array(110);
    shifted.set(message, 10);
    expect(readDnsName(shifted, 10, at + 10, 110)).toEqual({ok: true, name, next: next + 10});
  });

  it.each([
    ['to itself', 'c000', 0],
    ['forward', '0161c004 00', 0],
    ['round and round', '0161c000', 0],
    ['of an unknown kind', '80', 0],
    ['of the extended kind', '4161', 0],
  ])('a label or pointer %s ends it', (_, hex, at) => {
    const b = w.fromHex(hex);
    expect(readDnsName(b, 0, at, b.length).ok).toBe(false);
  });

  it('long chains end: at 255 bytes, or at the first pointer that doesn’t go back', () => {
    // 300 labels of one byte, each followed by a pointer to the one before it.
    const b = new Uint8Array(1200);
    for (let i = 1; i < 300; i++) b.set([1, 0x61, 0xc0 | ((4 * (i - 1)) >> 8), (4 * (i - 1)) & 0xff], 4 * i);
    expect(readDnsName(b, 0, 4 * 126, b.length)).toMatchObject({ok: true, name: 'a.'.repeat(126)});
    expect(readDnsName(b, 0, 4 * 128, b.length).ok).toBe(false);
  });

  it('text keeps any bytes', () => {
    const label = fc.uint8Array({minLength: 1, maxLength: 63});
    fc.assert(
      fc.property(fc.array(label, {maxLength: 3}), (labels) => {
        const b = Uint8Array.from([...labels.flatMap((one) => [one.length, ...one]), 0]);
        const read = readDnsName(b, 0, 0, b.length);
        if (!read.ok) throw new Error('unreadable');
        expect(read.next).toBe(b.length);
        expect(dnsLabels(read.name)).toEqual(labels);
      }),
    );
  });

  it.each(['a..b', '.a', `${'a'.repeat(64)}.`, `${'abc.'.repeat(64)}`])('%s is no name', (name) => {
    expect(() => dnsLabels(name)).toThrow(RangeError);
  });

  it('a dot at the end may be missing', () => {
    expect(dnsLabels('a.b')).toEqual(dnsLabels('a.b.'));
    expect(dnsLabels('.')).toEqual([]);
  });
});

describe('messages', () => {
  const name = fc
    .array(fc.constantFrom('a', 'b', 'svc', 'cluster', 'local', 'A'), {maxLength: 5})
    .map((labels) => (labels.length === 0 ? '.' : `${labels.join('.')}.`));
  const u = (bits: number) => fc.integer({min: 0, max: 2 ** bits - 1});
  const bytes = fc.uint8Array({maxLength: 30});
  const data: fc.Arbitrary<w.DnsData> = fc.oneof(
    u(32).map((ip) => ({kind: 'A', ip}) as const),
    fc.constantFrom('fd00::1', '::').map((text) => ({kind: 'AAAA', ip: w.parseIp6(text)!}) as const),
    fc
      .tuple(fc.constantFrom('NS' as const, 'CNAME' as const, 'PTR' as const), name)
      .map(([kind, n]) => ({kind, name: n})),
    fc.array(bytes, {minLength: 1, maxLength: 3}).map((strings) => ({kind: 'TXT', strings}) as const),
    fc.record({kind: fc.constant('SRV' as const), priority: u(16), weight: u(16), port: u(16), name}),
    fc.record({
      kind: fc.constant('SOA' as const),
      primary: name,
      mailbox: name,
      serial: u(32),
      refresh: u(32),
      retry: u(32),
      expire: u(32),
      minimum: u(32),
    }),
    fc.array(fc.record({code: u(16), data: bytes}), {maxLength: 3}).map((options) => ({kind: 'OPT', options}) as const),
    fc.tuple(fc.integer({min: 100, max: 200}), bytes).map(([type, b]) => ({kind: 'other', type, bytes: b}) as const),
    // A known type with data that doesn't fit it.
    fc.uint8Array({minLength: 5, maxLength: 9}).map((b) => ({kind: 'other', type: 1, bytes: b}) as const),
  );
  const records = fc.array(fc.record({name, class: u(16), ttl: u(32), data}), {maxLength: 4});
  const message = fc.record({
    id: u(16),
    flags: u(16),
    questions: fc.array(fc.record({name, type: u(16), class: u(16)}), {maxLength: 2}),
    answers: records,
    authorities: records,
    additionals: records,
  });

  it('come back, compressed', () => {
    fc.assert(
      fc.property(message, (m) => {
        const b = w.encodeDns(m);
        expect(w.decodeDns(b, 0, b.length)).toEqual({ok: true, message: m});
      }),
    );
  });

  it('any bytes decode or don’t, but never throw and never go on for ever', () => {
    fc.assert(
      fc.property(message, fc.array(fc.tuple(fc.nat(), u(8)), {maxLength: 10}), (m, changes) => {
        const b = w.encodeDns(m);
        for (const [where, value] of changes) b[where % b.length] = value;
        const read = w.decodeDns(b, 0, b.length);
        if (!read.ok) expect(read.layer).toBe('domain');
      }),
    );
  });

  it('header fields and one line', () => {
    const question = {name: 'my-svc.default.svc.cluster.local.', type: w.dnsTypes.A, class: w.DNS_CLASS_IN};
    const empty = {answers: [], authorities: [], additionals: []};
    const query = w.encodeDns({id: 7, flags: w.DNS_RECURSION_DESIRED, questions: [question], ...empty});
    expect([w.dnsId(query, 0), w.dnsOpcode(query, 0), w.dnsRcode(query, 0), w.dnsCount(query, 0, 0)]).toEqual([
      7, 0, 0, 1,
    ]);
    expect(w.describeDns(query, 0, query.length)).toBe('dns query 7 A? my-svc.default.svc.cluster.local.');
    const flags = w.DNS_RESPONSE | 0x2800 | w.dnsRcodes.nxDomain;
    const answer = w.encodeDns({id: 8, flags, questions: [], ...empty});
    expect([w.dnsOpcode(answer, 0), w.dnsRcode(answer, 0)]).toEqual([5, 3]);
    expect(w.describeDns(answer, 0, answer.length)).toBe('dns response 8 rcode 3, 0 answer(s)');
  });
});
