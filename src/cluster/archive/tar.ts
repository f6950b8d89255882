/**
 * Reads tar files: POSIX.1-1988 (ustar), pax headers (POSIX.1-2001), GNU long names and sizes; as they come, one member in
 * memory at a time.
 *
 *   0 name 100 mode 108 uid 116 gid 124 size 136 mtime 148 checksum 156 type 157 link name 257 magic 263 … 345 prefix 500
 */

import type {Pieces} from './gunzip.js';
import {archiveError, type Budget, checkLink, checkName, type Member, type Wanted} from './limits.js';

export const BLOCK = 512;
/** Names and pax records are read whole. */
const MAX_HEADER = 1_000_000;

const decoder = new TextDecoder();
const text = (b: Uint8Array, from: number, length: number): string => {
  const nul = b.indexOf(0, from);
  return decoder.decode(b.subarray(from, nul < 0 ? from + length : Math.min(nul, from + length)));
};

/** A first block with a right checksum. */
export function isTar(head: Uint8Array): boolean {
  return head.length >= BLOCK && head[0] !== 0 && hasChecksum(head);
}

/** Sum of the bytes, those of the checksum itself as blanks; some old writers sum signed bytes. */
function hasChecksum(b: Uint8Array): boolean {
  const stated = octal(b, 148, 8);
  if (stated === undefined) return false;
  let [unsigned, signed] = [0, 0];
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= 148 && i < 156 ? 0x20 : b[i]!;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stated === unsigned || stated === signed;
}

function octal(b: Uint8Array, from: number, length: number): number | undefined {
  const digits = text(b, from, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Octal, or GNU's base 256 with the top bit set. */
function sizeOf(b: Uint8Array): number | undefined {
  if (b[124] !== 0x80) return octal(b, 124, 12) ?? (text(b, 124, 12).trim() === '' ? 0 : undefined);
  let size = 0;
  for (let i = 125; i < 136; i++) size = size * 256 + b[i]!;
  return size;
}

/** What comes before a member and says more of it than its header can. */
interface Extra {
  path?: string;
  link?: string;
  size?: number;
  sparse?: boolean;
}

export async function* readTar(pieces: Pieces, file: string, wanted: Wanted, budget: Budget): AsyncGenerator<Member> {
  const stream = createBlocks(pieces);
  try {
    yield* members(stream, file, wanted, budget);
    // what compressed it checks its sum at the very end
    while (await stream.skip(1 << 20));
  } finally {
    await stream.end();
  }
}

async function* members(stream: Blocks, file: string, wanted: Wanted, budget: Budget): AsyncGenerator<Member> {
  const always: Extra = {};
  let extra: Extra = {};
  for (;;) {
    const head = await stream.take(BLOCK);
    if (head.length === 0 || (head.length === BLOCK && head.every((byte) => byte === 0))) return;
    if (head.length < BLOCK) throw broken(file, 'it is cut off');
    const size = sizeOf(head);
    if (!hasChecksum(head) || size === undefined) throw broken(file, 'the checksum of a header is wrong');
    const type = String.fromCharCode(head[156] || 0x30);
    if ('LKxg'.includes(type)) {
      if (size > MAX_HEADER) throw broken(file, 'a header of more than 1 MB');
      const body = await whole(stream, size, file);
      if (type === 'L') extra.path = text(body, 0, size);
      else if (type === 'K') extra.link = text(body, 0, size);
      else readPax(body, type === 'x' ? extra : always);
      continue;
    }
    const {path, link, size: paxSize, sparse} = {...always, ...extra};
    extra = {};
    const length = paxSize ?? size;
    const name = (path ?? headerName(head)).replace(/^(?:\.\/)+/, '');
    budget.member(file);
    checkName(name, file);
    if (type === '1' || type === '2') {
      checkLink(type === '1' ? '' : name, link ?? text(head, 157, 100), file);
      continue;
    }
    const isFile = (type === '0' || type === '7' || type === 'S') && !name.endsWith('/');
    if (!isFile || !wanted(name)) {
      if (!(await stream.skip(padded(length)))) throw broken(`${file}!${name}`, 'it is cut off');
      continue;
    }
    if (sparse || type === 'S') throw archiveError(`${file}!${name}`, 'sparse members are not supported');
    budget.read(length, `${file}!${name}`);
    yield {name, bytes: await whole(stream, length, `${file}!${name}`)};
  }
}

const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

async function whole(stream: Blocks, size: number, file: string): Promise<Uint8Array> {
  const bytes = await stream.take(padded(size));
  // a last member without its padding is whole
  if (bytes.length < size) throw broken(file, 'it is cut off');
  return bytes.subarray(0, size);
}

function broken(file: string, what: string) {
  return archiveError(file, `the tar is broken: ${what}`);
}

/** ustar splits a long name over two fields; GNU has other things in the second. */
function headerName(head: Uint8Array): string {
  const prefix = text(head, 257, 6) === 'ustar' ? text(head, 345, 155) : '';
  const name = text(head, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** `LENGTH KEY=VALUE\n` …; the length counts itself. */
function readPax(body: Uint8Array, into: Extra): void {
  let at = 0;
  while (at < body.length) {
    const blank = body.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(decoder.decode(body.subarray(at, blank)));
    if (!Number.isInteger(length) || length <= blank - at || at + length > body.length) return;
    const record = decoder.decode(body.subarray(blank + 1, at + length - 1));
    const equals = record.indexOf('=');
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    if (key === 'path') into.path = value;
    else if (key === 'linkpath') into.link = value;
    else if (key === 'size' && /^\d{1,15}$/.test(value)) into.size = Number(value);
    else if (key.startsWith('GNU.sparse.')) into.sparse = true;
    at += length;
  }
}

interface Blocks {
  /** The next `length` bytes, fewer at the end. */
  take(length: number): Promise<Uint8Array>;
  /** False where the end comes before. */
  skip(length: number): Promise<boolean>;
  /** No more of it is wanted. */
  end(): Promise<void>;
}

function createBlocks(pieces: Pieces): Blocks {
  const iterator = (Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]()) as
    | AsyncIterator<Uint8Array>
    | Iterator<Uint8Array>;
  let piece: Uint8Array = new Uint8Array();
  const more = async (): Promise<boolean> => {
    if (piece.length > 0) return true;
    const next = await iterator.next();
    if (next.done) return false;
    piece = next.value;
    return true;
  };
  return {
    async take(length) {
      const parts: Uint8Array[] = [];
      let have = 0;
      while (have < length && (await more())) {
        const part = piece.subarray(0, length - have);
        parts.push(part);
        have += part.length;
        piece = piece.subarray(part.length);
      }
      return parts.length === 1 ? parts[0]! : concat(parts, have);
    },
    async skip(length) {
      while (length > 0 && (await more())) {
        const step = Math.min(length, piece.length);
        piece = piece.subarray(step);
        length -= step;
      }
      return length === 0;
    },
    async end() {
      await iterator.return?.();
    },
  };
}

export function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
