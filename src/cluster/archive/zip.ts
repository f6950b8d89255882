/**
 * Reads zip files (PKWARE APPNOTE.TXT 6.3.10): stored and deflated members, zip64, data in front of the archive. What is not
 * asked for is not unpacked.
 *
 *   [local header · name · extra · data] …  [central header · name · extra · comment] …  [zip64 end · locator]  end · comment
 */
import {inflateRawSync} from 'node:zlib';
import {crc32} from './crc32.js';
import {archiveError, type Budget, type ByteSource, checkLink, checkName, type Member, type Wanted} from './limits.js';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
const LOCATOR64_SIZE = 20;
const END64_SIZE = 56;
const MAX_COMMENT = 0xffff;
/** A central directory with half a million long names is smaller. */
const MAX_DIRECTORY = 200_000_000;

/** Compression methods, APPNOTE §4.4.5, by the name a user knows. */
const methods: Readonly<Record<number, string>> = {
  1: 'shrink',
  6: 'implode',
  9: 'deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
};

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Of its local header, from the start of the file. */
  readonly offset: number;
  readonly symlink: boolean;
}

/** `PK\3\4`, or `PK\5\6` of an empty one. */
export function isZip(head: Uint8Array): boolean {
  return (
    head.length >= 4 &&
    head[0] === 0x50 &&
    head[1] === 0x4b &&
    ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6))
  );
}

/** Members that are wanted, in the order of the directory. Throws a UserError about `file` where it is broken or hostile. */
export function* readZip(source: ByteSource, file: string, wanted: Wanted, budget: Budget): Generator<Member> {
  const entries = readDirectory(source, file);
  const sorted = [...entries].sort((a, b) => a.offset - b.offset);
  for (const [i, entry] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next && entry.offset + LOCAL_SIZE + entry.packed > next.offset)
      throw archiveError(`${file}!${next.name}`, 'the member lies over another one: a decompression bomb');
  }
  for (const entry of entries) {
    budget.member(file);
    checkName(entry.name, file);
    if (entry.symlink) {
      if (entry.size < 4096) checkLink(entry.name, decodeName(unpack(entry, source, file, budget)), file);
      continue;
    }
    if (entry.name.endsWith('/') || !wanted(entry.name)) continue;
    yield {name: entry.name, bytes: unpack(entry, source, file, budget)};
  }
}

function unpack(entry: Entry, source: ByteSource, file: string, budget: Budget): Uint8Array {
  const name = `${file}!${entry.name}`;
  if (entry.flags & 1) throw archiveError(name, 'the member is encrypted', 'unpack it with its password first');
  if (entry.method !== 0 && entry.method !== 8)
    throw archiveError(
      name,
      `compressed with ${methods[entry.method] ?? `method ${entry.method}`}, which is not supported`,
      'pack it again with deflate, as zip does',
    );
  budget.read(entry.size, name);
  budget.unpacked(entry.size, entry.packed, name);
  const local = view(source.read(entry.offset, LOCAL_SIZE));
  if (local.byteLength < LOCAL_SIZE || local.getUint32(0, true) !== LOCAL) throw broken(name, 'its header is missing');
  const start = entry.offset + LOCAL_SIZE + local.getUint16(26, true) + local.getUint16(28, true);
  const packed = source.read(start, entry.packed);
  if (packed.length < entry.packed) throw broken(name, 'its data is cut off');
  const bytes = entry.method === 0 ? packed : inflate(packed, entry.size, name);
  if (bytes.length !== entry.size) throw broken(name, `it has ${bytes.length} bytes, the directory says ${entry.size}`);
  if (crc32(bytes) !== entry.crc) throw broken(name, 'its checksum (CRC-32) is wrong');
  return bytes;
}

function inflate(packed: Uint8Array, size: number, name: string): Uint8Array {
  try {
    return inflateRawSync(packed, {maxOutputLength: Math.max(1, size)});
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw broken(name, `it has more bytes than the ${size} the directory says`);
    if (code?.startsWith('Z_')) throw broken(name, (error as Error).message);
    throw error;
  }
}

function broken(name: string, what: string) {
  return archiveError(name, `the zip is broken: ${what}`);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Where the central directory is; `shift` = bytes in front of the archive. */
interface Directory {
  readonly start: number;
  readonly size: number;
  readonly count: number;
  readonly shift: number;
}

function findDirectory(source: ByteSource, file: string): Directory {
  const from = Math.max(0, source.size - END_SIZE - MAX_COMMENT);
  const tail = view(source.read(from, source.size - from));
  for (let at = tail.byteLength - END_SIZE; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END || at + END_SIZE + tail.getUint16(at + 20, true) > tail.byteLength) continue;
    const end = from + at;
    const [count, size, start] = [
      tail.getUint16(at + 10, true),
      tail.getUint32(at + 12, true),
      tail.getUint32(at + 16, true),
    ];
    if (count !== 0xffff && size !== 0xffff_ffff && start !== 0xffff_ffff) {
      if (tail.getUint16(at + 4, true) !== 0) throw archiveError(file, 'a zip in several parts is not supported');
      return {start: end - size, size, count, shift: end - size - start};
    }
    const large = findDirectory64(source, end);
    return large ?? {start: end - size, size, count, shift: end - size - start};
  }
  throw broken(file, 'its directory, at the end of the file, is missing: is the file cut off?');
}

function findDirectory64(source: ByteSource, end: number): Directory | undefined {
  const locator = view(source.read(Math.max(0, end - LOCATOR64_SIZE), LOCATOR64_SIZE));
  if (locator.byteLength < LOCATOR64_SIZE || locator.getUint32(0, true) !== LOCATOR64) return undefined;
  const stated = Number(locator.getBigUint64(8, true));
  const at = end - LOCATOR64_SIZE - END64_SIZE;
  for (const place of [stated, at]) {
    if (place < 0 || place + END64_SIZE > source.size) continue;
    const record = view(source.read(place, END64_SIZE));
    if (record.getUint32(0, true) !== END64) continue;
    const [count, size, start] = [32, 40, 48].map((offset) => Number(record.getBigUint64(offset, true)));
    return {start: place - size!, size: size!, count: count!, shift: place - size! - start!};
  }
  return undefined;
}

function readDirectory(source: ByteSource, file: string): Entry[] {
  const {start, size, count, shift} = findDirectory(source, file);
  if (start < 0 || shift < 0 || size > MAX_DIRECTORY) throw broken(file, 'its directory is not where its end says');
  const bytes = source.read(start, size);
  const data = view(bytes);
  const entries: Entry[] = [];
  let at = 0;
  while (at + CENTRAL_SIZE <= size && data.getUint32(at, true) === CENTRAL) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => data.getUint16(at + offset, true));
    const next = at + CENTRAL_SIZE + nameLength! + extraLength! + commentLength!;
    if (next > size) throw broken(file, 'its directory is cut off');
    const nameStart = at + CENTRAL_SIZE;
    const extra = bytes.subarray(nameStart + nameLength!, nameStart + nameLength! + extraLength!);
    const [entrySize, packed, offset] = sizes64(
      [data.getUint32(at + 24, true), data.getUint32(at + 20, true), data.getUint32(at + 42, true)],
      extra,
    );
    const unix = data.getUint8(at + 5) === 3;
    entries.push({
      name: decodeName(bytes.subarray(nameStart, nameStart + nameLength!)),
      flags: data.getUint16(at + 8, true),
      method: data.getUint16(at + 10, true),
      crc: data.getUint32(at + 16, true),
      packed,
      size: entrySize,
      offset: offset + shift,
      symlink: unix && data.getUint32(at + 38, true) >>> 28 === 0o12,
    });
    at = next;
  }
  if (entries.length !== count && entries.length !== count % 0x10000)
    throw broken(file, `its directory has ${entries.length} members, its end says ${count}`);
  return entries;
}

/** Sizes and offset from the zip64 extra field (§4.5.3), which has those of them that are all ones in the header. */
function sizes64(values: readonly [number, number, number], extra: Uint8Array): [number, number, number] {
  const data = view(extra);
  let out = [...values] as [number, number, number];
  for (let at = 0; at + 4 <= extra.length; ) {
    const [id, length] = [data.getUint16(at, true), data.getUint16(at + 2, true)];
    let field = at + 4;
    const end = Math.min(field + length, extra.length);
    if (id === 1)
      out = values.map((value) => {
        if (value !== 0xffff_ffff || field + 8 > end) return value;
        field += 8;
        return Number(data.getBigUint64(field - 8, true));
      }) as [number, number, number];
    at += 4 + length;
  }
  return out;
}

/** UTF-8 where it is, else byte by byte: old tools write the code page of their machine. */
function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes).replaceAll('\\', '/');
  } catch {
    return new TextDecoder('latin1').decode(bytes).replaceAll('\\', '/');
  }
}
