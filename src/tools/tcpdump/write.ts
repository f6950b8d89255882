/** -w: packets to classic capture files, with the rotation of -C, -G and -W. */
import {
  CaptureError,
  type CaptureReader,
  type FileSink,
  fileSink,
  RotatingPcapWriter,
} from '../../pcap-writer/index.js';
import type {Io} from '../../term/io.js';
import {type Arguments, Exit, failure} from './argv.js';

/** Of the packets to be written, and the clock that -G goes by (seconds since 1970). */
export interface WriteContext {
  readonly linktype: number;
  readonly snaplen: number;
  /** First file is due now. */
  readonly start: number;
  /** Second at which a packet stamped `seconds` arrives. */
  readonly arrival: (seconds: number) => number;
}

/** Of a record in a capture file. */
const RECORD_HEADER = 16;

export class PacketFile {
  private readonly writer: RotatingPcapWriter;
  private readonly precision: 'micro' | 'nano';
  /** Packets come with their headers before them, as they are to be written. */
  private verbatim = false;

  constructor(
    private readonly args: Arguments,
    private readonly context: WriteContext,
    name: string,
    io: Io,
  ) {
    const precision = args.print.precision === 9 ? 'nano' : 'micro';
    this.precision = precision;
    this.writer = attempt(
      () =>
        new RotatingPcapWriter({
          name,
          precision,
          linktype: context.linktype,
          snaplen: context.snaplen,
          bytes: args.rotateBytes,
          seconds: args.rotateSeconds,
          count: args.fileCount,
          start: context.start,
          open: (path) => (path === '-' ? standardOutput(io) : fileSink(path, io.cwd)),
        }),
    );
    if (args.packetBuffered) this.writer.flush();
  }

  /** False when -W's number of files is reached. */
  packet(seconds: number, nanoseconds: number, b: Uint8Array, start: number, end: number, wireLength: number): boolean {
    try {
      const now = this.args.rotateSeconds > 0 ? this.context.arrival(seconds) : 0;
      const written =
        this.verbatim && capturedLength(b, start) === end - start
          ? this.writer.record(b, start - RECORD_HEADER, end, now)
          : this.writer.packet(seconds, nanoseconds, b, start, end, wireLength, now);
      if (written && this.args.packetBuffered) this.writer.flush();
      return written;
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** Packets come from this file: if they can, records are copied as they are, many at a time. */
  source(reader: CaptureReader): void {
    this.verbatim = reader.verbatim === this.precision;
    if (this.verbatim) reader.beforeMove(() => this.settle());
  }

  /** What packets were taken from may change. */
  settle(): void {
    attempt(() => this.writer.settle());
  }

  close(): void {
    attempt(() => this.writer.close());
  }
}

/** As the record header before the packet at `start` says. */
function capturedLength(b: Uint8Array, start: number): number {
  return (b[start - 8]! | (b[start - 7]! << 8) | (b[start - 6]! << 16) | (b[start - 5]! << 24)) >>> 0;
}

function attempt<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw asFailure(error);
  }
}

function asFailure(error: unknown): unknown {
  return error instanceof CaptureError ? failure(error.message) : error;
}

function standardOutput(io: Io): FileSink {
  return {
    write: (bytes) => io.stdout.writeBytes(bytes),
    close: () => io.stdout.flush(),
    abort: () => {},
  };
}

/** What -w writes to; undefined without -w. A terminal is refused. */
export function openPacketFile(args: Arguments, io: Io, context: WriteContext): PacketFile | undefined {
  if (args.writeFile === undefined) return undefined;
  if (args.writeFile === '-' && io.stdout.isTty)
    throw new Exit(1, 'tcpdump: -: standard output is a terminal, not a place for packets (use -w FILE, or a pipe)\n');
  return new PacketFile(args, context, args.writeFile, io);
}
