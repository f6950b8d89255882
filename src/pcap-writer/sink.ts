/**
 * Where written bytes go, and the buffer in front of it.
 */
import {closeSync, openSync, realpathSync, renameSync, statSync, unlinkSync, writeSync} from 'node:fs';
import {basename, dirname, isAbsolute, join} from 'node:path';
import {systemError} from './capture-error.js';

export interface ByteSink {
  /** Takes all bytes before it returns; they are the caller's again afterwards. */
  write(bytes: Uint8Array): void;
  /** All bytes were written: makes the result visible. */
  close(): void;
}

/** A sink whose result can be thrown away instead of closed. */
export interface FileSink extends ByteSink {
  /** Removes what was written. The final name keeps what it had. */
  abort(): void;
}

let sequence = 0;

/**
 * Writes `.NAME.tmp-PID-N` (a long NAME cut) beside the file and renames it on `close`, so that a crash never leaves
 * half a file under the final name. An existing file keeps its mode, a symbolic link its target. What is no regular
 * file (`/dev/null`, a FIFO) is written directly. Throws `CaptureError`, worded `PATH: No such file or directory`.
 * A relative path is below `folder`.
 */
export function fileSink(path: string, folder = ''): FileSink {
  try {
    return openSink(path, folder === '' || isAbsolute(path) ? path : `${folder}/${path}`);
  } catch (error) {
    throw systemError(path, error);
  }
}

/** `path` is what messages name, `at` where the file is. */
function openSink(path: string, at: string): FileSink {
  const existing = statSync(at, {throwIfNoEntry: false});
  if (existing && !existing.isFile()) return descriptorSink(path, openSync(at, 'w'));
  const target = existing ? realpathSync(at) : at;
  const temporary = join(dirname(target), `.${basename(target).slice(0, 60)}.tmp-${process.pid}-${sequence++}`);
  const fd = openSync(temporary, 'wx', existing ? existing.mode & 0o777 : 0o666);
  return descriptorSink(path, fd, {from: temporary, to: target});
}

function descriptorSink(path: string, fd: number, rename?: {readonly from: string; readonly to: string}): FileSink {
  let open = true;
  const attempt = (body: () => void) => {
    try {
      body();
    } catch (error) {
      throw systemError(path, error);
    }
  };
  return {
    write: (bytes) => attempt(() => writeAll(fd, bytes)),
    close() {
      if (!open) return;
      open = false;
      attempt(() => {
        closeSync(fd);
        if (rename) renameSync(rename.from, rename.to);
      });
    },
    abort() {
      if (!open) return;
      open = false;
      attempt(() => {
        closeSync(fd);
        if (rename) unlinkSync(rename.from);
      });
    },
  };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (!isAgain(error)) throw error;
      pause();
    }
  }
}

/** A descriptor set to non-blocking by someone else has no room, or nothing to read, for now. */
export function isAgain(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

const never = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps a few milliseconds. */
export function pause(): void {
  Atomics.wait(never, 0, 0, 5);
}

/** Keeps everything in memory. */
export class MemorySink implements ByteSink {
  private readonly parts: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.parts.push(bytes.slice());
  }

  close(): void {}

  /** A copy of all bytes so far. */
  bytes(): Uint8Array {
    const out = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}
