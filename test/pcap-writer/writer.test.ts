/** What is written, against bytes by hand; and everything written comes back. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
  chunkSource,
  type InterfaceFields,
  MemorySink,
  openCapture,
  type PacketOptions,
  PcapngWriter,
  PcapWriter,
} from '../../src/pcap-writer/index.js';
import {type Ip, parseIp, parsePrefix, toHex} from '../../src/wire/index.js';
import {plainFrame, readAll} from './files.js';

describe('pcap', () => {
  it('is laid out as tcpdump writes it', () => {
    const sink = new MemorySink();
    const writer = new PcapWriter(sink, {snaplen: 4, linktype: 101});
    writer.packet(0x65537f00, 123_456_789, Uint8Array.of(9, 1, 2, 3, 4, 5, 9), 1, 6, 60);
    writer.close();
    expect(toHex(sink.bytes())).toBe(
      `d4c3b2a1 0200 0400 00000000 00000000 04000000 65000000
       007f5365 40e20100 04000000 3c000000 01020304`.replaceAll(/\s/g, ''),
    );
    expect(writer.size).toBe(sink.bytes().length);
  });

  it('nanoseconds have their own magic', () => {
    const sink = new MemorySink();
    const writer = new PcapWriter(sink, {precision: 'nano'});
    writer.packet(1, 123_456_789, Uint8Array.of());
    writer.close();
    expect(toHex(sink.bytes(), 0, 4)).toBe('4d3cb2a1');
    expect(toHex(sink.bytes(), 28, 32)).toBe('15cd5b07');
  });
});

describe('pcapng', () => {
  it('a section, an interface and a packet with every option, by hand', () => {
    const sink = new MemorySink();
    const writer = new PcapngWriter(sink, {snaplen: 0x400});
    writer.addInterface({name: 'eth0', precision: 'micro'});
    writer.packet(0, 1, 2000, Uint8Array.of(1, 2, 3, 4, 5), 0, 5, 9, {
      comments: ['hé'],
      direction: 'out',
      dropCount: 1,
      packetId: 2 ** 40,
      queue: 3,
      verdict: 2,
    });
    writer.close();
    expect(toHex(sink.bytes())).toBe(
      `0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
       01000000 28000000 0100 0000 00040000
         0200 0400 65746830  0900 0100 06000000  00000000 28000000
       06000000 6c000000 00000000 00000000 42420f00 05000000 09000000 01020304 05000000
         0100 0300 68c3a900  0200 0400 02000000  0400 0800 0100000000000000
         0500 0800 0000000000010000  0600 0400 03000000  0700 0900 01 0200000000000000 000000  00000000 6c000000`.replaceAll(
        /\s/g,
        '',
      ),
    );
  });

  it('64-bit time stamps are exact', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(999_999_999), fc.boolean(), (sec, nsec, nano) => {
        const sink = new MemorySink();
        const writer = new PcapngWriter(sink);
        writer.addInterface({precision: nano ? 'nano' : 'micro'});
        const at = writer.size;
        writer.packet(0, sec, nsec, new Uint8Array(0));
        writer.close();
        const view = new DataView(sink.bytes().buffer);
        const stamp = (BigInt(view.getUint32(at + 12, true)) << 32n) | BigInt(view.getUint32(at + 16, true));
        const ns = BigInt(sec) * 1_000_000_000n + BigInt(nsec);
        expect(stamp).toBe(nano ? ns : ns / 1000n);
      }),
    );
  });

  it('refuses an interface it doesn’t have', () => {
    const writer = new PcapngWriter(new MemorySink());
    expect(() => writer.packet(0, 0, 0, plainFrame(1))).toThrow(RangeError);
  });

  it('a comment longer than an option is cut between characters', () => {
    const sink = new MemorySink();
    const writer = new PcapngWriter(sink);
    writer.addInterface({});
    writer.packet(0, 0, 0, plainFrame(1), 0, 15, 15, {comments: ['é'.repeat(40_000), 'next']});
    writer.close();
    const [record] = readAll(openCapture(chunkSource(sink.bytes())));
    expect(record!.options.comments).toEqual(['é'.repeat(32_767), 'next']);
  });

  it('more names than a record holds go into several', () => {
    const names = Array.from({length: 9000}, (_, i) => `pod-${i}.default`);
    const sink = new MemorySink();
    const writer = new PcapngWriter(sink);
    const entries: {ip: Ip; names: string[]}[] = [
      {ip: parseIp('10.32.1.10')!, names},
      {ip: parseIp('fd00::1')!, names: ['v6', '']},
      {ip: parseIp('10.0.0.9')!, names: []},
    ];
    writer.addNames(entries);
    writer.addInterface({});
    writer.close();
    const seen = new Map<Ip, string[]>();
    const onNames = (ip: Ip, more: readonly string[]) => seen.set(ip, [...(seen.get(ip) ?? []), ...more]);
    readAll(openCapture(chunkSource(sink.bytes()), {onNames}));
    expect(seen).toEqual(
      new Map<Ip, string[]>([
        [entries[0]!.ip, names],
        [entries[1]!.ip, ['v6']],
      ]),
    );
  });
});

const text = fc.string({unit: 'grapheme', maxLength: 20}).filter((s) => !s.includes('\0'));
const count = fc.integer({min: 0, max: 2 ** 53 - 1});
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, {nil: undefined});
const optionsArbitrary: fc.Arbitrary<PacketOptions> = fc
  .record({
    comments: optional(fc.array(text, {minLength: 1, maxLength: 3})),
    direction: optional(fc.constantFrom('in' as const, 'out' as const)),
    packetId: optional(count),
    dropCount: optional(count),
    queue: optional(fc.nat(0xffffffff)),
    verdict: optional(count),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)));
const packetArbitrary = fc.record({
  sec: fc.nat(0xffffffff),
  nsec: fc.nat(999_999_999),
  bytes: fc.uint8Array({maxLength: 300}),
  more: fc.nat(2000),
  index: fc.nat(),
  options: optionsArbitrary,
});

describe('round trip', () => {
  it('pcap, any packets in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(packetArbitrary, {maxLength: 20}),
        fc.boolean(),
        fc.integer({min: 1, max: 50}),
        (packets, nano, chunk) => {
          const sink = new MemorySink();
          const writer = new PcapWriter(sink, {precision: nano ? 'nano' : 'micro', linktype: 113, snaplen: 256});
          for (const p of packets) writer.packet(p.sec, p.nsec, p.bytes, 0, p.bytes.length, p.bytes.length + p.more);
          writer.close();
          const reader = openCapture(chunkSource(inChunks(sink.bytes(), chunk)));
          expect([reader.format, reader.linktype, reader.snaplen]).toEqual(['pcap', 113, 256]);
          expect(readAll(reader)).toEqual(
            packets.map((p) => ({
              sec: p.sec,
              nsec: nano ? p.nsec : p.nsec - (p.nsec % 1000),
              bytes: p.bytes.slice(0, 256),
              wireLength: p.bytes.length + p.more,
              linktype: 113,
              interfaceIndex: 0,
              options: {},
            })),
          );
        },
      ),
    );
  });

  it('pcapng, any interfaces and options', () => {
    const interfaces: fc.Arbitrary<InterfaceFields & {precision: 'micro' | 'nano'}> = fc.record({
      name: text,
      description: text,
      filter: text,
      precision: fc.constantFrom('micro' as const, 'nano' as const),
      addresses: fc.constantFrom([], [parsePrefix('10.0.0.5/16')!, parsePrefix('fd00::5/64')!]),
      mac: fc.constantFrom(undefined, 0x020000000001),
      speed: fc.constantFrom(undefined, 10_000_000_000),
    });
    fc.assert(
      fc.property(
        fc.array(interfaces, {minLength: 1, maxLength: 4}),
        fc.array(packetArbitrary, {maxLength: 10}),
        fc.integer({min: 1, max: 50}),
        (described, packets, chunk) => {
          const sink = new MemorySink();
          const writer = new PcapngWriter(sink, {application: 'a', os: 'b', hardware: 'c', comment: 'd'});
          for (const one of described) writer.addInterface(one);
          for (const p of packets)
            writer.packet(
              p.index % described.length,
              p.sec,
              p.nsec,
              p.bytes,
              0,
              p.bytes.length,
              p.bytes.length + p.more,
              p.options,
            );
          for (const index of described.keys()) writer.statistics(index, {received: 5, dropped: 0});
          writer.close();
          const reader = openCapture(chunkSource(inChunks(sink.bytes(), chunk)));
          const seen = readAll(reader);
          expect(reader.interfaces).toEqual(
            described.map(({name, description, filter}) => ({
              linktype: 1,
              snaplen: 262_144,
              name,
              description,
              filter,
            })),
          );
          expect(seen).toEqual(
            packets.map((p) => ({
              sec: p.sec,
              nsec: described[p.index % described.length]!.precision === 'nano' ? p.nsec : p.nsec - (p.nsec % 1000),
              bytes: p.bytes,
              wireLength: p.bytes.length + p.more,
              linktype: 1,
              interfaceIndex: p.index % described.length,
              options: p.options,
            })),
          );
        },
      ),
    );
  });
});

function* inChunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('memory', () => {
  it('packets larger than the buffer, and many of them, come through whole', () => {
    const sink = new MemorySink();
    const writer = new PcapngWriter(sink, {snaplen: 3 << 20});
    writer.addInterface({});
    const large = new Uint8Array(2 << 20).map((_, i) => i);
    for (let i = 0; i < 3; i++) {
      writer.packet(0, i, 0, large);
      writer.packet(0, i, 1, plainFrame(i));
    }
    writer.close();
    const seen = readAll(openCapture(chunkSource(sink.bytes())));
    expect(seen.map(({bytes}) => bytes.length)).toEqual([2 << 20, 14, 2 << 20, 15, 2 << 20, 16]);
    expect(Buffer.compare(seen[4]!.bytes, large)).toBe(0);
  });

  it('reading doesn’t grow with the file', () => {
    const part = plainFrame(1486);
    const sink = new MemorySink();
    const writer = new PcapWriter(sink);
    for (let i = 0; i < 1000; i++) writer.packet(i, 0, part);
    writer.close();
    const [head, body] = [sink.bytes().subarray(0, 24), sink.bytes().subarray(24)];
    const repeated = function* () {
      yield head;
      for (let i = 0; i < 300; i++) yield body;
    };
    const reader = openCapture(chunkSource(repeated()));
    const before = process.memoryUsage().arrayBuffers;
    let n = 0;
    while (reader.next()) n++;
    expect(n).toBe(300_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
  });
});
