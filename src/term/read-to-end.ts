/** All of a stream without a size: standard input, a pipe, a device. */
import {readSync} from 'node:fs';
import {UserError} from './error.js';

/** Bytes that one input may have; an endless one ends here. */
export const MAX_STREAM = 1_000_000_000;
const PIECE = 1 << 20;

export function readToEnd(descriptor: number, name: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = new Uint8Array(PIECE);
    const got = readSome(descriptor, piece);
    if (got === 0) return Buffer.concat(parts, length);
    parts.push(got < PIECE / 4 ? piece.slice(0, got) : piece.subarray(0, got));
    length += got;
    if (length > MAX_STREAM)
      throw new UserError({message: 'more than the 1 GB that an input may have', where: {file: name}});
  }
}

/** A pipe that its writer has set to non-blocking is asked again until it has something. */
function readSome(descriptor: number, piece: Uint8Array): number {
  for (;;)
    try {
      return readSync(descriptor, piece, 0, piece.length, null);
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
}
