/** Files that others made, broken ones included, against what tcpdump makes of them. */
import {execFileSync, spawnSync} from 'node:child_process';
import {closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import fc from 'fast-check';
import {beforeAll, describe, expect, it} from 'vitest';
import {
  CaptureError,
  chunkSource,
  descriptorSource,
  MemorySink,
  openCapture,
  PcapngWriter,
  PcapWriter,
} from '../../src/pcap-writer/index.js';
import {describeWith} from '../oracle.js';
import {blocks, folder, linesOf, pack, plainFrame, readAll, reduced} from './files.js';

const file = folder();
const orders = [
  ['little', true],
  ['big', false],
] as const;

/** What tcpdump reads of a file, through the copy it writes, and what it says. */
function tcpdumpOf(bytes: Uint8Array): {lines: string[]; error: string} {
  const [input, output] = [file('in.cap', bytes), file('out.pcap')];
  rmSync(output, {force: true});
  const args = ['-r', input, '-w', output, ...(process.getuid?.() === 0 ? ['-Z', 'root'] : [])];
  const {stderr} = spawnSync('tcpdump', args, {encoding: 'utf8'});
  const said = stderr.split('\n').filter((text) => text.startsWith('tcpdump: '));
  const error = said.map((text) => text.replace(/^tcpdump: (pcap_loop: )?/, '')).join('|');
  return {lines: existsSync(output) ? reduced(output) : [], error};
}

function pcapFile(): Uint8Array {
  const sink = new MemorySink();
  const writer = new PcapWriter(sink, {snaplen: 100});
  writer.packet(1_700_000_000, 123_456_789, plainFrame(10));
  writer.packet(1_700_000_001, 5000, plainFrame(3), 0, 17, 90);
  writer.close();
  return sink.bytes();
}

function pcapngFile(): Uint8Array {
  const sink = new MemorySink();
  const writer = new PcapngWriter(sink, {snaplen: 100, comment: 'x'});
  writer.addInterface({name: 'a'});
  writer.addInterface({name: 'b', precision: 'micro'});
  writer.packet(0, 1_700_000_000, 123_456_789, plainFrame(10), 0, 24, 30, {comments: ['hi'], direction: 'in'});
  writer.packet(1, 1_700_000_001, 5000, plainFrame(3));
  writer.close();
  return sink.bytes();
}

/** pcap files of every kind that libpcap knows: magic, version, link type; lengths around the snapshot length. */
function pcapKinds(little: boolean): Record<string, Uint8Array> {
  const out: Record<string, Uint8Array> = {};
  for (const magic of [0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34]) {
    for (const [major, minor] of [
      [2, 4],
      [2, 3],
      [2, 2],
      [543, 0],
      [2, 5],
      [1, 4],
      [3, 0],
    ] as const) {
      for (const linktype of [1, 12, 101, 0x70000001]) {
        const records = [
          [15, 15, 15],
          [16, 40, 16],
          [20, 40, 20],
          [40, 20, 40],
        ].flatMap(([captured, wire, have]) => [
          ...pack(little, [
            ['u32', 1_700_000_000],
            ['u32', 999_999_999],
            ['u32', captured!],
            ['u32', wire!],
          ]),
          ...(magic === 0xa1b2cd34 ? [0, 0, 0, 0, 0, 0, 0, 0] : []),
          ...plainFrame(have! - 14),
        ]);
        const head = pack(little, [
          ['u32', magic],
          ['u16', major],
          ['u16', minor],
          ['u64', 0],
          ['u32', 16],
          ['u32', linktype],
        ]);
        out[`${magic.toString(16)} ${major}.${minor} type ${linktype}`] = Uint8Array.from([...head, ...records]);
      }
    }
  }
  return out;
}

/** pcapng files: old and simple packet blocks, sections, unknown blocks, time units, what may not be mixed. */
function pcapngKinds(little: boolean): Record<string, Uint8Array> {
  const b = blocks(little);
  const other = blocks(!little);
  const second = little ? [1, 0, 0, 0, 0, 0, 0, 0] : [0, 0, 0, 0, 0, 0, 0, 1];
  const one = b.enhanced(0, 0, 1, plainFrame(1));
  const lists: Record<string, number[][]> = {
    'every block': [
      b.section(),
      b.interface(1, 60, [[9, [0x8a]]]),
      b.interface(1, 60, [
        [9, [3]],
        [14, second],
      ]),
      b.simple(90, plainFrame(46)),
      b.simple(20, plainFrame(6)),
      b.enhanced(0, 200, 77_777, plainFrame(7)),
      b.obsolete(1, 9, 4444, plainFrame(8)),
      b.block(99, ['u32', 7]),
      b.section(),
      b.interface(1, 60, [[9, [12]]]),
      b.enhanced(0, 500, 5, plainFrame(1)),
    ],
    'two link types': [b.section(), b.interface(1, 60), one, b.interface(276, 60), one],
    'two raw interfaces': [b.section(), b.interface(101, 60), one, b.interface(101, 60), one],
    'snapshot lengths': [b.section(), b.interface(1, 0), one, b.interface(1, 262_144), one, b.interface(1, 60), one],
    'two byte orders': [b.section(), b.interface(1, 60), one, other.section(), other.interface(1, 60)],
    'no interface': [b.section(), one],
    'no interface at all': [b.section()],
    'unknown interface': [b.section(), b.interface(1, 60), b.enhanced(7, 0, 1, plainFrame(1))],
    'too long': [b.section(), b.interface(1, 10), one],
    'two time units': [
      b.section(),
      b.interface(1, 60, [
        [9, [6]],
        [9, [9]],
      ]),
    ],
    'offset of 4 bytes': [b.section(), b.interface(1, 60, [[14, [0, 0, 0, 0]]])],
    'unit of 2 bytes': [b.section(), b.interface(1, 60, [[9, [6, 0]]])],
  };
  for (const unit of [0, 1, 7, 8, 9, 10, 15, 19, 20, 0x80, 0x81, 0x9e, 0xa0, 0xc0])
    lists[`time unit ${unit}`] = [
      b.section(),
      b.interface(1, 60, [[9, [unit]]]),
      b.enhanced(0, 0x12345, 0xdeadbeef, plainFrame(1)),
      b.enhanced(0, 0, 0xffffffff, plainFrame(1)),
    ];
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, Uint8Array.from(list.flat())]));
}

/** Seconds as a pcap file holds them. */
function in32Bits({lines, error}: {lines: string[]; error: string}): {lines: string[]; error: string} {
  return {lines: lines.map((text) => text.replace(/^-?\d+/, (sec) => String(BigInt.asUintN(32, BigInt(sec))))), error};
}

describeWith(['tcpdump'], 'as tcpdump reads them', () => {
  describe.each(orders)('%s-endian', (_, little) => {
    it.each(Object.entries(pcapngKinds(little)))('pcapng: %s', (_name, bytes) => {
      expect(in32Bits(linesOf(bytes))).toEqual(tcpdumpOf(bytes));
    });
    it('pcap of every kind', () => {
      for (const [name, bytes] of Object.entries(pcapKinds(little)))
        expect(in32Bits(linesOf(bytes)), name).toEqual(tcpdumpOf(bytes));
    });
  });

  it.each([
    ['pcap', pcapFile()],
    ['pcapng', pcapngFile()],
  ])('%s cut at every length: the packets before the cut, and the text', (_name, bytes) => {
    for (let end = 0; end <= bytes.length; end++) {
      const cut = bytes.slice(0, end);
      expect(in32Bits(linesOf(cut)), `${end} bytes`).toEqual(tcpdumpOf(cut));
    }
  });

  it('no capture at all', () => {
    for (const text of ['hello, world', '\n\r\r\n', '\n\r\r\nhello, world and more'])
      expect(linesOf(Buffer.from(text))).toEqual(tcpdumpOf(Buffer.from(text)));
  });

  it('any byte changed', () => {
    const arbitrary = fc.tuple(fc.constantFrom(pcapFile(), pcapngFile()), fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(arbitrary, ([original, where, value]) => {
        const bytes = original.slice();
        bytes[where % bytes.length] = value;
        const theirs = tcpdumpOf(bytes);
        // tcpdump opens a file of any link type, and then finds that it can't compile a filter for it.
        fc.pre(!theirs.error.startsWith('unknown data link type'));
        expect(in32Bits(linesOf(bytes))).toEqual(theirs);
      }),
      {numRuns: 150, seed: 7},
    );
  });

  it('errors of the system', () => {
    const texts = [file('missing'), file('missing/below'), file('.')].map((path) => {
      const theirs = spawnSync('tcpdump', ['-r', path], {encoding: 'utf8'}).stderr.trim();
      let ours = '';
      try {
        openCapture(path);
      } catch (error) {
        ours = error instanceof CaptureError ? error.message : String(error);
      }
      return [`tcpdump: ${ours}`, theirs];
    });
    for (const [ours, theirs] of texts) expect(ours).toBe(theirs);
  });
});

describe('without an oracle', () => {
  it.each(orders)(
    'mixed link types, lengths and byte orders are read when asked for (%s-endian first)',
    (_, little) => {
      const [b, other] = [blocks(little), blocks(!little)];
      const bytes = Uint8Array.from([
        ...b.section(),
        ...b.interface(1, 60, [[2, [0x61]]]),
        ...b.interface(101, 20),
        ...b.enhanced(1, 0, 5_000_001, plainFrame(1)),
        ...other.section(),
        ...other.interface(276, 70, [[9, [9]]]),
        ...other.enhanced(0, 0, 7, plainFrame(2)),
      ]);
      const reader = openCapture(chunkSource(bytes), {mixed: true});
      expect(reader.interfaces).toEqual([{linktype: 1, snaplen: 60, name: 'a'}]);
      const seen = readAll(reader);
      expect(seen.map(({sec, nsec, linktype, bytes: {length}}) => [sec, nsec, linktype, length])).toEqual([
        [5, 1000, 101, 15],
        [0, 7, 276, 16],
      ]);
      expect(linesOf(bytes).error).toBe('an interface has a type 101 different from the type of the first interface');
    },
  );

  it('a record’s bytes are a view of one buffer', () => {
    const reader = openCapture(chunkSource(pcapFile()));
    const first = reader.next()!;
    const {bytes} = first;
    expect(reader.next()).toBe(first);
    expect(first.bytes).toBe(bytes);
    expect(reader.next()).toBeUndefined();
    expect(reader.next()).toBeUndefined();
  });

  it('reads from a descriptor and leaves it open', () => {
    const fd = openSync(file('fd.pcap', pcapFile()), 'r');
    expect(readAll(openCapture(descriptorSource(fd)))).toHaveLength(2);
    closeSync(fd);
  });
});

describeWith(['scapy', 'tshark', 'tcpdump'], 'files by other programs', () => {
  const made: Record<string, string> = {};
  beforeAll(() => {
    const script = `
import sys
from scapy.all import *
p = [Ether(dst='02:00:00:00:00:02', src='02:00:00:00:00:01')/IP(src='10.0.0.5', dst='10.0.0.6')/UDP(sport=i+1, dport=9)/(b'x'*i) for i in range(5)]
for i, x in enumerate(p): x.time = 1700000000 + i + 0.25
d = sys.argv[1]
for end in '<>':
  for nano in (False, True):
    w = PcapWriter(f"{d}-{'le' if end == '<' else 'be'}-{'ns' if nano else 'us'}.pcap", endianness=end, nano=nano)
    w.write(p); w.close()
wrpcapng(d + '-scapy.pcapng', p)
`;
    const stem = file('scapy');
    execFileSync('/usr/bin/python3', ['-c', script, stem], {stdio: 'ignore'});
    const base = `${stem}-le-us.pcap`;
    for (const name of ['le-us.pcap', 'le-ns.pcap', 'be-us.pcap', 'be-ns.pcap', 'scapy.pcapng'])
      made[name] = `${stem}-${name}`;
    const run = (name: string, command: string, ...args: string[]) => {
      made[name] = file(name);
      execFileSync(command, [...args, made[name]], {stdio: 'ignore'});
    };
    run('editcap.pcapng', 'editcap', '-F', 'pcapng', base);
    run('editcap-ns.pcap', 'editcap', '-F', 'nsecpcap', base);
    run('editcap-modified.pcap', 'editcap', '-F', 'modpcap', base);
    run('tshark.pcapng', 'tshark', '-r', base, '-w');
    run(
      'tcpdump.pcap',
      'tcpdump',
      ...(process.getuid?.() === 0 ? ['-Z', 'root'] : []),
      '-r',
      made['be-ns.pcap']!,
      '-w',
    );
  });

  it('all hold the same five packets', () => {
    const expected = Array.from({length: 5}, (_, i) => [1_700_000_000 + i, 250_000_000, 42 + i, 42 + i]);
    expect(Object.keys(made)).toHaveLength(10);
    for (const [name, path] of Object.entries(made)) {
      const seen = readAll(openCapture(path)).map((r) => [r.sec, r.nsec, r.bytes.length, r.wireLength]);
      expect(seen, name).toEqual(expected);
    }
  });

  it('merged by mergecap: two interfaces', () => {
    const merged = file('merged.pcapng');
    execFileSync('mergecap', ['-F', 'pcapng', '-I', 'none', '-w', merged, made['le-us.pcap']!, made['tshark.pcapng']!]);
    const reader = openCapture(merged);
    const seen = readAll(reader);
    expect(reader.interfaces).toHaveLength(2);
    expect(seen.map((r) => r.interfaceIndex).toSorted()).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });

  it('comments that editcap adds', () => {
    const commented = file('commented.pcapng');
    execFileSync('editcap', ['-a', '2:dropped: policy', made['le-us.pcap']!, commented]);
    const seen = readAll(openCapture(commented)).map((r) => r.options.comments);
    expect(seen).toEqual([undefined, ['dropped: policy'], undefined, undefined, undefined]);
  });

  it('a copy through our writer is the same file as tcpdump’s', () => {
    const reader = openCapture(made['be-us.pcap']!);
    const sink = new MemorySink();
    const writer = new PcapWriter(sink, {snaplen: reader.snaplen, linktype: reader.linktype});
    for (const r of readAll(reader)) writer.packet(r.sec, r.nsec, r.bytes, 0, r.bytes.length, r.wireLength);
    writer.close();
    writeFileSync(file('ours.pcap'), sink.bytes());
    expect(readFileSync(made['tcpdump.pcap']!).equals(sink.bytes())).toBe(true);
  });
});
