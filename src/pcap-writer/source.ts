/**
 * Where a capture is read from, and the sliding buffer over it.
 */
import {closeSync, openSync, readSync} from 'node:fs';
import {systemError} from './capture-error.js';
import {isAgain, pause} from './sink.js';

export interface ByteSource {
  /** Reads up to `length` bytes to `into[at…]`; how many, 0 at the end. */
  read(into: Uint8Array, at: number, length: number): number;
  close(): void;
}

/** A file by name. Throws `CaptureError`, worded `PATH: No such file or directory`. */
export function fileSource(path: string): ByteSource {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw systemError(path, error);
  }
  return {...descriptorSource(fd), close: () => closeSync(fd)};
}

/** An open descriptor (0 = standard input), from where it stands. `close` leaves it open. */
export function descriptorSource(fd: number): ByteSource {
  return {
    read(into, at, length) {
      for (;;) {
        try {
          return readSync(fd, into, at, length, null);
        } catch (error) {
          if (!isAgain(error)) throw systemError('error reading dump file', error);
          pause();
        }
      }
    },
    close() {},
  };
}

/** Bytes in memory: one chunk, or several that arrive one after the other. */
export function chunkSource(chunks: Uint8Array | Iterable<Uint8Array>): ByteSource {
  const rest = (chunks instanceof Uint8Array ? [chunks] : chunks)[Symbol.iterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  return {
    read(into, at, length) {
      while (chunk.length === 0) {
        const next = rest.next();
        if (next.done) return 0;
        chunk = next.value;
      }
      const part = chunk.subarray(0, length);
      into.set(part, at);
      chunk = chunk.subarray(part.length);
      return part.length;
    },
    close() {},
  };
}

/** 1 MiB to read ahead, and room for the largest usual packet in front of it. */
const CAPACITY = (1 << 20) + 262_144;

/** The unread part of a source is `bytes[at, limit)`, as far as it has been read. */
export class SlidingBuffer {
  bytes = new Uint8Array(CAPACITY);
  view = new DataView(this.bytes.buffer);
  at = 0;
  /** Called before any bytes that were read change or move. */
  beforeMove: () => void = () => {};
  private limit = 0;
  private ended = false;

  constructor(private readonly source: ByteSource) {}

  /** Reads on until `n` bytes from `at` on are there or the source ends; how many are, at most `n`. May move them. */
  available(n: number): number {
    if (this.limit - this.at >= n) return n;
    this.beforeMove();
    this.makeRoom(n);
    while (this.limit - this.at < n && !this.ended) {
      const got = this.source.read(this.bytes, this.limit, this.bytes.length - this.limit);
      this.ended = got === 0;
      this.limit += got;
    }
    return Math.min(n, this.limit - this.at);
  }

  /** Grows only for a record larger than the whole buffer. */
  private makeRoom(n: number): void {
    if (n > this.bytes.length) {
      const larger = new Uint8Array(n);
      larger.set(this.bytes.subarray(this.at, this.limit));
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    } else if (this.at + n > this.bytes.length || this.at === this.limit) this.bytes.copyWithin(0, this.at, this.limit);
    else return;
    this.limit -= this.at;
    this.at = 0;
  }
}
