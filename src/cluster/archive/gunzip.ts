/** Unpacks gzip (RFC 1952) as it comes: no more of it is in memory than one piece. */
import {Readable} from 'node:stream';
import {createGunzip} from 'node:zlib';
import {archiveError, type Budget, type ByteSource} from './limits.js';

const PIECE = 1 << 18;

export function isGzip(head: Uint8Array): boolean {
  return head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export function* piecesOf(source: ByteSource): Generator<Uint8Array> {
  for (let at = 0; at < source.size; at += PIECE) yield source.read(at, PIECE);
}

/** Pieces of what was packed. Throws a UserError about `file` for what is broken, cut off or a bomb. */
export async function* gunzip(source: ByteSource, file: string, budget: Budget): AsyncGenerator<Uint8Array> {
  let [packed, out] = [0, 0];
  const counted = function* () {
    for (const piece of piecesOf(source)) {
      packed += piece.length;
      yield piece;
    }
  };
  const stream = createGunzip({chunkSize: PIECE});
  const input = Readable.from(counted());
  input.on('error', (error) => stream.destroy(error));
  input.pipe(stream);
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      out += piece.length;
      budget.unpacked(out, packed, file);
      yield piece;
    }
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw error;
    if (code === 'Z_BUF_ERROR') throw archiveError(file, 'the gzip is broken: it is cut off');
    throw archiveError(
      file,
      `the gzip is broken: ${/data check|length check/.test(message) ? 'its checksum is wrong' : message}`,
    );
  } finally {
    input.destroy();
    stream.destroy();
  }
}
