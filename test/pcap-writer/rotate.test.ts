/** The same files as tcpdump's own rotation. */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {
  fileSink,
  MemorySink,
  openCapture,
  PcapWriter,
  RotatingPcapWriter,
  type RotationOptions,
} from '../../src/pcap-writer/index.js';
import {strftime} from '../../src/pcap-writer/strftime.js';
import {describeWith} from '../oracle.js';
import {folder, plainFrame} from './files.js';

const file = folder();

/** Files of a folder with their digests. */
function digests(path: string): Record<string, string> {
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(path, name)))
      .digest('hex');
  return Object.fromEntries(
    readdirSync(path)
      .toSorted()
      .map((name) => [name, digest(name)]),
  );
}

describeWith(['tcpdump'], 'tcpdump -C -W', () => {
  const frame = plainFrame(1000);
  const big = file('big.pcap');
  const writer = new PcapWriter(fileSink(big), {snaplen: 65_535});
  for (let i = 0; i < 3600; i++) writer.packet(1_700_000_000 + i, 0, frame);
  writer.close();

  it.each([
    [['-C', '1'], {bytes: 1_000_000}],
    [['-C', '1', '-W', '3'], {bytes: 1_000_000, count: 3}],
    [['-C', '1', '-W', '11'], {bytes: 1_000_000, count: 11}],
    [['-C', '1', '-W', '10'], {bytes: 1_000_000, count: 10}],
    [['-C', '2', '-W', '1'], {bytes: 2_000_000, count: 1}],
    [['-W', '3'], {count: 3}],
    [['-C', '1', '-G', '100000', '-W', '3'], {bytes: 1_000_000, seconds: 100_000, count: 3}],
  ] as const)('%j', (flags, options) => {
    const [theirs, ours] = [file(`theirs${flags.join('')}`), file(`ours${flags.join('')}`)];
    for (const path of [theirs, ours]) mkdirSync(path);
    const user = process.getuid?.() === 0 ? ['-Z', 'root'] : [];
    execFileSync('tcpdump', ['-r', big, '-w', join(theirs, 'x%%'), ...flags, ...user], {stdio: 'ignore'});
    const start = 1_700_000_000;
    const rotating = new RotatingPcapWriter({...options, name: join(ours, 'x%%'), start, snaplen: 65_535});
    const reader = openCapture(big);
    for (let r = reader.next(); r; r = reader.next())
      expect(rotating.packet(r.sec, r.nsec, r.bytes, r.start, r.end, r.wireLength, start)).toBe(true);
    rotating.close();
    expect(digests(ours)).toEqual(digests(theirs));
  });
});

describe('-G, on the packets’ clock', () => {
  function rotate(options: Omit<RotationOptions, 'name' | 'start' | 'open'>, seconds: readonly number[]) {
    const opened: {name: string; sink: MemorySink; closed: boolean}[] = [];
    const open = (name: string) => {
      const entry = {name, sink: new MemorySink(), closed: false};
      opened.push(entry);
      return {
        write: (bytes: Uint8Array) => entry.sink.write(bytes),
        close: () => void (entry.closed = true),
        abort: () => {},
      };
    };
    const writer = new RotatingPcapWriter({...options, name: 'f-%s', start: 100, open});
    const taken = seconds.map((sec) => writer.packet(sec, 0, plainFrame(486)));
    writer.close();
    expect(opened.every(({closed}) => closed)).toBe(true);
    const packets = ({sink}: {sink: MemorySink}) => (sink.bytes().length - 24) / 516;
    return {taken, files: opened.map((entry) => `${entry.name}: ${packets(entry)}`)};
  }

  it('a packet at or after the interval starts a file named by its time; gaps leave no empty files', () => {
    expect(rotate({seconds: 10}, [100, 109, 110, 119, 119, 150, 159]).files).toEqual([
      'f-100: 2',
      'f-110: 3',
      'f-150: 2',
    ]);
  });

  it('-W ends it after so many files', () => {
    const {taken, files} = rotate({seconds: 10, count: 2}, [100, 110, 119, 120, 121]);
    expect(files).toEqual(['f-100: 1', 'f-110: 2']);
    expect(taken).toEqual([true, true, true, false, false]);
  });

  it('with -C, sizes number the files within an interval; -W makes them a ring', () => {
    const seconds = [100, 101, 102, 103, 104, 110, 111];
    expect(rotate({seconds: 10, bytes: 600}, seconds).files).toEqual([
      'f-100: 2',
      'f-1001: 2',
      'f-1002: 1',
      'f-110: 2',
    ]);
    expect(rotate({seconds: 10, bytes: 600, count: 2}, seconds).files).toEqual([
      'f-1000: 2',
      'f-1001: 2',
      'f-1000: 1',
      'f-1100: 2',
    ]);
  });

  it('an empty run leaves one file with a header', () => {
    expect(rotate({seconds: 10}, []).files).toEqual(['f-100: 0']);
  });
});

describe('strftime', () => {
  const formats =
    '%a|%A|%b|%B|%c|%C|%d|%D|%e|%F|%g|%G|%h|%H|%I|%j|%k|%l|%m|%M|%n|%p|%P|%r|%R|%s|%S|%t|%T|%u|%U|%V|%w|%W|%x|%X|%y|%Y|%z|%%';
  // Ends and starts of years, where week numbers differ; noon and midnight.
  const times = [
    0, 1_700_000_000, 1_704_067_199, 1_704_067_200, 1_609_459_200, 1_230_768_000, 1_262_304_000, 1_583_020_800,
  ];

  it('is the C library’s, in the zone of the process', () => {
    for (const sec of times) {
      const theirs = execFileSync('date', ['-d', `@${sec}`, `+${formats}.`], {
        encoding: 'utf8',
        env: {...process.env, LC_ALL: 'C'},
      });
      expect(strftime(`${formats}.`, sec)).toBe(theirs.trimEnd());
    }
  });

  it('leaves what is no conversion', () => {
    expect(strftime('100%! %q %', 0)).toBe('100%! %q %');
  });
});
