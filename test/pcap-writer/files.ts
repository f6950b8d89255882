/** Capture files for tests: a folder that goes away, frames, and pcapng blocks of either byte order by hand. */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll} from 'vitest';
import {
  CaptureError,
  type CaptureReader,
  chunkSource,
  openCapture,
  type PacketOptions,
  type ReaderOptions,
} from '../../src/pcap-writer/index.js';

/** A folder for the tests of a file. */
export function folder(): (name: string, bytes?: Uint8Array) => string {
  const path = mkdtempSync(join(tmpdir(), 'wirelay-pcap-'));
  afterAll(() => rmSync(path, {recursive: true}));
  return (name, bytes) => {
    const file = join(path, name);
    if (bytes) writeFileSync(file, bytes);
    return file;
  };
}

/** An Ethernet frame of a type that nothing dissects, with `payload` bytes behind the header. */
export function plainFrame(payload: number): Uint8Array {
  const head = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5];
  return Uint8Array.from([...head, ...Array.from({length: payload}, (_, i) => i & 0xff)]);
}

export interface Seen {
  sec: number;
  nsec: number;
  bytes: Uint8Array;
  wireLength: number;
  linktype: number;
  interfaceIndex: number;
  options: PacketOptions;
}

/** All records as copies. */
export function readAll(reader: CaptureReader): Seen[] {
  const out: Seen[] = [];
  for (let record = reader.next(); record; record = reader.next()) {
    const {sec, nsec, bytes, start, end, wireLength, linktype, interfaceIndex} = record;
    out.push({
      sec,
      nsec,
      bytes: bytes.slice(start, end),
      wireLength,
      linktype,
      interfaceIndex,
      options: record.options(),
    });
  }
  reader.close();
  return out;
}

/** `sec.µs captured wire` of each record up to the error, as `reduced` gets them from tcpdump's copy of the file. */
export function linesOf(bytes: Uint8Array, options?: ReaderOptions): {lines: string[]; error: string} {
  const lines: string[] = [];
  try {
    const reader = openCapture(chunkSource(bytes), options);
    for (let r = reader.next(); r; r = reader.next())
      lines.push(line(r.sec, Math.trunc(r.nsec / 1000) >>> 0, r.end - r.start, r.wireLength));
    return {lines, error: ''};
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return {lines, error: error.message};
  }
}

function line(sec: number, usec: number, captured: number, wire: number): string {
  return `${sec}.${String(usec).padStart(6, '0')} ${captured} ${wire}`;
}

/** The same of a little-endian microsecond pcap, read without the reader under test. */
export function reduced(path: string): string[] {
  const b = readFileSync(path);
  const out: string[] = [];
  for (let at = 24; at + 16 <= b.length; at += 16 + b.readUInt32LE(at + 8))
    out.push(line(b.readUInt32LE(at), b.readUInt32LE(at + 4), b.readUInt32LE(at + 8), b.readUInt32LE(at + 12)));
  return out;
}

/** Numbers and bytes in one order: `['u32', 7]`, or plain byte lists. */
type Field = readonly ['u16' | 'u32' | 'u64', number | bigint] | readonly number[] | Uint8Array;

const widths = {u16: 2, u32: 4, u64: 8} as const;

export function pack(little: boolean, fields: readonly Field[]): number[] {
  return fields.flatMap((field) => {
    const [kind, value] = field;
    if (typeof kind !== 'string') return [...(field as Uint8Array)];
    const width = widths[kind];
    const bytes = Array.from({length: width}, (_, i) =>
      Number((BigInt.asUintN(64, BigInt(value!)) >> BigInt(8 * i)) & 255n),
    );
    return little ? bytes : bytes.reverse();
  });
}

/** pcapng blocks in one byte order. */
export function blocks(little: boolean) {
  const block = (type: number, ...fields: Field[]): number[] => {
    const body = pack(little, fields);
    while (body.length % 4 !== 0) body.push(0);
    const length = body.length + 12;
    return [
      ...pack(little, [
        ['u32', type],
        ['u32', length],
      ]),
      ...body,
      ...pack(little, [['u32', length]]),
    ];
  };
  const option = (code: number, value: readonly number[]): number[] => [
    ...pack(little, [
      ['u16', code],
      ['u16', value.length],
    ]),
    ...value,
    ...new Array<number>((4 - (value.length % 4)) % 4).fill(0),
  ];
  return {
    block,
    option,
    section: () => block(0x0a0d0d0a, ['u32', 0x1a2b3c4d], ['u16', 1], ['u16', 0], ['u64', -1]),
    interface: (linktype: number, snaplen: number, options: readonly (readonly [number, readonly number[]])[] = []) =>
      block(
        1,
        ['u16', linktype],
        ['u16', 0],
        ['u32', snaplen],
        [...options.flatMap(([code, value]) => option(code, value)), ...(options.length > 0 ? [0, 0, 0, 0] : [])],
      ),
    enhanced: (index: number, high: number, low: number, bytes: Uint8Array, wire = bytes.length) =>
      block(6, ['u32', index], ['u32', high], ['u32', low], ['u32', bytes.length], ['u32', wire], bytes),
    obsolete: (index: number, high: number, low: number, bytes: Uint8Array, wire = bytes.length) =>
      block(2, ['u16', index], ['u16', 3], ['u32', high], ['u32', low], ['u32', bytes.length], ['u32', wire], bytes),
    simple: (wire: number, bytes: Uint8Array) => block(3, ['u32', wire], bytes),
  };
}
