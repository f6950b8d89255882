/**
 * One reused buffer in front of a sink, written little-endian, as captures made on x86 and arm64 are.
 */
import {copyBytes} from '../wire/index.js';
import type {ByteSink} from './sink.js';

const CAPACITY = 1 << 17;
/** A run of this many bytes is not copied, but written from where it is. */
const DIRECT = 64 * 1024;

const encoder = new TextEncoder();

export class BlockBuffer {
  private b = new Uint8Array(CAPACITY);
  private view = new DataView(this.b.buffer);
  private at = 0;
  private flushed = 0;
  /** Bytes that are still in `runSource`, to come behind those in the buffer. */
  private runSource: Uint8Array = this.b;
  private runStart = 0;
  private runEnd = 0;

  constructor(private readonly sink: ByteSink) {}

  /** Bytes written so far, whether flushed or not. */
  get position(): number {
    return this.flushed + this.at + this.runEnd - this.runStart;
  }

  /** Makes room for `bytes` more; until they are written `position` only grows. */
  reserve(bytes: number): void {
    this.settle();
    if (this.at + bytes <= this.b.length) return;
    this.flush();
    if (bytes <= this.b.length) return;
    this.b = new Uint8Array(bytes);
    this.view = new DataView(this.b.buffer);
  }

  u8(v: number): void {
    this.b[this.at++] = v;
  }

  u16(v: number): void {
    this.view.setUint16(this.at, v, true);
    this.at += 2;
  }

  u32(v: number): void {
    this.view.setUint32(this.at, v, true);
    this.at += 4;
  }

  /** A number up to 2^53. */
  u64(v: number): void {
    this.u32(v % 0x1_0000_0000);
    this.u32(Math.floor(v / 0x1_0000_0000));
  }

  bytes(from: Uint8Array, start: number, end: number): void {
    copyBytes(this.b, this.at, from, start, end);
    this.at += end - start;
  }

  /** As `bytes`, but they may be copied later, with what comes right behind them: they must stay until `settle`. */
  run(from: Uint8Array, start: number, end: number): void {
    if (start !== this.runEnd || from !== this.runSource) {
      this.settle();
      this.runSource = from;
      this.runStart = start;
    }
    this.runEnd = end;
  }

  /** Nothing is left elsewhere. */
  settle(): void {
    const {runSource, runStart, runEnd} = this;
    const n = runEnd - runStart;
    if (n === 0) return;
    this.runStart = this.runEnd;
    const run = runSource.subarray(runStart, runEnd);
    if (this.at + n > this.b.length || n >= DIRECT) this.flush();
    if (n >= DIRECT) {
      this.sink.write(run);
      this.flushed += n;
    } else {
      this.b.set(run, this.at);
      this.at += n;
    }
  }

  /** UTF-8, at most `limit` bytes (cut between characters); returns how many. */
  text(text: string, limit: number): number {
    const {written} = encoder.encodeInto(text, this.b.subarray(this.at, this.at + limit));
    this.at += written;
    return written;
  }

  /** Zeros up to a multiple of 4 of `length`, what was just written. */
  pad(length: number): void {
    for (let i = length; (i & 3) !== 0; i++) this.b[this.at++] = 0;
  }

  /** Overwrites the 16-bit word that was written `back` bytes ago. */
  patch16(back: number, v: number): void {
    this.view.setUint16(this.at - back, v, true);
  }

  /** As `patch16`, 32 bits. */
  patch32(back: number, v: number): void {
    this.view.setUint32(this.at - back, v, true);
  }

  flush(): void {
    this.settle();
    if (this.at === 0) return;
    this.sink.write(this.b.subarray(0, this.at));
    this.flushed += this.at;
    this.at = 0;
  }
}
