/**
 * Buffered writing to a file descriptor. Made for millions of lines: text gathers in a 64 KiB string, goes out by `writeSync`.
 * A pipe may be non-blocking (EAGAIN: wait and go on) and may lose its reader (EPIPE: `closed` becomes true, the rest is dropped).
 * Anything else the operating system refuses (a full disk) is a `WriteError`, once; the rest is dropped too.
 */
import {writeSync} from 'node:fs';
import {getSystemErrorMap} from 'node:util';
import {exitCodes, UserError} from './error.js';
import type {Output} from './io.js';

const CHUNK = 64 * 1024;
/** Its failures can't be told to anyone. */
const STDERR = 2;
const encoder = new TextEncoder();
const waitCell = new Int32Array(new SharedArrayBuffer(4));

export interface OutputOptions {
  readonly isTty: boolean;
  readonly columns: number;
  /** Flush at each line end: a terminal, or `-l`. */
  readonly lineBuffered?: boolean;
}

/** Standard output can't take what is written to it. `cause` is the system's error. */
export class WriteError extends UserError {
  constructor(cause: NodeJS.ErrnoException) {
    const reason = getSystemErrorMap().get(cause.errno ?? 0)?.[1] ?? cause.message;
    super({message: `standard output: ${reason}`}, exitCodes.usage);
    this.cause = cause;
  }
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
        const failure = error as NodeJS.ErrnoException;
        if (failure.code === 'EAGAIN') Atomics.wait(waitCell, 0, 0, 1);
        else {
          this.closed = true;
          if (failure.code !== 'EPIPE' && this.fd !== STDERR) throw new WriteError(failure);
        }
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
