/**
 * How much an input may be: what a hostile file could make of a few kilobytes ends here, with an error of its own. Every real
 * dump known is far below: a sysdump of a thousand nodes unpacks to some 500 MB, most of it logs, which are not kept.
 */
import {UserError} from '../../term/error.js';
import {MAX_STREAM} from '../../term/read-to-end.js';

/** Bytes that all files and members which are read may have together. */
const MAX_TOTAL = MAX_STREAM;
/** Bytes that an archive may unpack to, those of members passed over included. */
const MAX_UNPACKED = 20_000_000_000;
const MAX_MEMBERS = 500_000;
/** Text compresses some 10 to 60 times, deflate can reach 1032. */
const MAX_RATIO = 250;
/** Below this many bytes nobody asks for the ratio. */
const RATIO_FLOOR = 32_000_000;

export interface Budget {
  /** `bytes` more to be read of `file`. */
  read(bytes: number, file: string): void;
  /** One more member of the archive `file`. */
  member(file: string): void;
  /** `out` bytes, all told, have come of `packed` compressed ones. */
  unpacked(out: number, packed: number, file: string): void;
}

export function createBudget(): Budget {
  let [total, members] = [0, 0];
  return {
    read(bytes, file) {
      total += bytes;
      if (total > MAX_TOTAL)
        throw archiveError(file, 'more than the 1 GB that an input may have, unpacked', 'give less of it at a time');
    },
    member(file) {
      if (++members > MAX_MEMBERS) throw archiveError(file, `more than ${MAX_MEMBERS} members`);
    },
    unpacked(out, packed, file) {
      if (out > RATIO_FLOOR && out > packed * MAX_RATIO)
        throw archiveError(file, `unpacks to more than ${MAX_RATIO} times its size: a decompression bomb`);
      if (out > MAX_UNPACKED) throw archiveError(file, 'unpacks to more than 20 GB');
    },
  };
}

export function archiveError(file: string, message: string, hint?: string): UserError {
  return new UserError({message, where: {file}, ...(hint === undefined ? {} : {hint})});
}

/** Bytes in place, wherever they are: a zip is read from its end. */
export interface ByteSource {
  readonly size: number;
  /** Exactly `length` bytes, or fewer at the end. */
  read(offset: number, length: number): Uint8Array;
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return {size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length)};
}

/** A file of an archive that was asked for. */
export interface Member {
  /** Path inside of the archive, with slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Whether a member is to be read; asked once for each file. */
export type Wanted = (name: string) => boolean;

/** Nothing is ever written to disk; still, a member that would land elsewhere is no part of an honest dump. */
export function checkName(name: string, file: string): void {
  if (name.startsWith('/') || /^[a-z]:[\\/]/i.test(name))
    throw archiveError(`${file}!${name}`, 'the member has an absolute name', 'pack the folder with relative names');
  if (leadsOut('', name)) throw archiveError(`${file}!${name}`, 'the name of the member leads out of the archive');
  if (name.includes('\0')) throw archiveError(`${file}!${name}`, 'the name of the member has a NUL in it');
}

/** Links are not followed; one that points out of the archive is refused. */
export function checkLink(name: string, target: string, file: string): void {
  if (target.startsWith('/') || leadsOut(name.split('/').slice(0, -1).join('/'), target))
    throw archiveError(`${file}!${name}`, `a link that leads out of the archive, to ${target}`);
}

function leadsOut(folder: string, path: string): boolean {
  let depth = folder.split('/').filter((part) => part !== '' && part !== '.').length;
  for (const part of path.split(/[\\/]/)) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
