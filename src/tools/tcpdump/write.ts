/** -w: packets to classic capture files, with the rotation of -C, -G and -W. */
import {CaptureError, type FileSink, fileSink, RotatingPcapWriter} from '../../pcap-writer/index.js';
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

export class PacketFile {
  private readonly writer: RotatingPcapWriter;

  constructor(
    private readonly args: Arguments,
    private readonly context: WriteContext,
    name: string,
    io: Io,
  ) {
    this.writer = attempt(
      () =>
        new RotatingPcapWriter({
          name,
          precision: args.print.precision === 9 ? 'nano' : 'micro',
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
      const written = this.writer.packet(seconds, nanoseconds, b, start, end, wireLength, now);
      if (written && this.args.packetBuffered) this.writer.flush();
      return written;
    } catch (error) {
      throw asFailure(error);
    }
  }

  close(): void {
    attempt(() => this.writer.close());
  }
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
