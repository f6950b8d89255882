/**
 * Buffered writing to a file descriptor. Made for millions of lines: text gathers in a 64 KiB string, goes out by `writeSync`.
 * A pipe may be non-blocking (EAGAIN: wait and go on) and may lose its reader (EPIPE: `closed` becomes true, the rest is dropped).
 */
import {writeSync} from 'node:fs';
import type {Output} from './io.js';

const CHUNK = 64 * 1024;
const encoder = new TextEncoder();
const waitCell = new Int32Array(new SharedArrayBuffer(4));

export interface OutputOptions {
  readonly isTty: boolean;
  readonly columns: number;
  /** Flush at each line end: a terminal, or `-l`. */
  readonly lineBuffered?: boolean;
}

export class FdOutput implements Output {
  readonly isTty: boolean;
  readonly columns: number;
  closed = false;
  lineBuffered: boolean;
  private text = '';

  constructor(
    private readonly fd: number,
    options: OutputOptions,
  ) {
    this.isTty = options.isTty;
    this.columns = options.columns;
    this.lineBuffered = options.lineBuffered ?? false;
  }

  write(text: string): void {
    if (this.closed) return;
    this.text += text;
    if (this.text.length >= CHUNK || (this.lineBuffered && text.endsWith('\n'))) this.flush();
  }

  writeBytes(bytes: Uint8Array): void {
    this.flush();
    this.drain(bytes);
  }

  flush(): void {
    if (this.text === '') return;
    const bytes = encoder.encode(this.text);
    this.text = '';
    this.drain(bytes);
  }

  private drain(bytes: Uint8Array): void {
    let offset = 0;
    while (offset < bytes.length && !this.closed) {
      try {
        offset += writeSync(this.fd, bytes, offset, bytes.length - offset);
      } catch (error) {
        const {code} = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') Atomics.wait(waitCell, 0, 0, 1);
        else if (code === 'EPIPE') this.closed = true;
        else throw error;
      }
    }
  }
}

/** Output that keeps everything, for tests and for commands that read another command's text. */
export class MemoryOutput implements Output {
  readonly isTty = false;
  readonly columns: number = 80;
  readonly closed = false;
  private readonly parts: Uint8Array[] = [];

  write(text: string): void {
    this.parts.push(encoder.encode(text));
  }

  writeBytes(bytes: Uint8Array): void {
    this.parts.push(bytes.slice());
  }

  flush(): void {}

  get bytes(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }
}
