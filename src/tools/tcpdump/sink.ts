/** Where packets go: printed, written, counted (tcpdump.c `print_packet`, `dump_packet`). */
import type {Io} from '../../term/io.js';
import type {Arguments} from './argv.js';
import type {NameSource} from './print/options.js';
import type {PacketText} from './text.js';
import type {PacketFile} from './write.js';

/** Signals at which tcpdump finishes its file and counts (tcpdump.c cleanup). */
export const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A packet whose text is done. */
export interface TextPacket {
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Captured in `b[start, end)`. */
  readonly b: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly wireLength: number;
  /** Position among those that passed, from 1. */
  readonly number: number;
}

/** Takes each packet's text in the place of stdout; it is valid during the call. */
export interface TextTaker {
  begin(linkType: number): void;
  packet(text: Uint8Array, packet: TextPacket): void;
}

type Write = (text: Uint8Array) => void;
const NO_TEXT = new Uint8Array(0);

/** A sink for what the command line asks for; the printers are loaded only where something is printed. */
export async function openSink(
  args: Arguments,
  io: Io,
  names: NameSource,
  file: PacketFile | undefined,
  taker?: TextTaker,
): Promise<PacketSink> {
  const prints = args.writeFile === undefined ? !args.countOnly : args.printToo;
  const printers = prints ? await import('./text.js') : undefined;
  const printer = printers && ((write: Write) => new printers.PacketText(args.print, names, write));
  return new PacketSink(args, io, file, taker, printer);
}

export class PacketSink {
  /** Packets that passed the filter. */
  captured = 0;
  /** -G and -W have made all the files they may. */
  fileLimitReached = false;
  private readonly printer: PacketText | undefined;
  private readonly eachLine: boolean;
  /** -c */
  private readonly count: number | undefined;
  private last = Number.POSITIVE_INFINITY;
  private text: Uint8Array = NO_TEXT;

  constructor(
    args: Arguments,
    private readonly io: Io,
    private readonly file: PacketFile | undefined,
    private readonly taker: TextTaker | undefined,
    printer: ((write: Write) => PacketText) | undefined,
  ) {
    this.count = args.count;
    this.printer = printer?.(taker === undefined ? (text) => io.stdout.writeBytes(text) : (text) => (this.text = text));
    this.eachLine = args.lineBuffered || io.stdout.isTty;
  }

  /** A source of packets of this link type begins: -c counts anew for each. */
  begin(linkType: number): void {
    this.taker?.begin(linkType);
    this.printer?.begin(linkType);
    this.last = this.captured + (this.count ?? Number.POSITIVE_INFINITY);
  }

  /** Takes a packet that passed the filter. False when there is no use for more. */
  packet(seconds: number, nanoseconds: number, b: Uint8Array, start: number, end: number, wireLength: number): boolean {
    this.captured++;
    if (this.file?.packet(seconds, nanoseconds, b, start, end, wireLength) === false) {
      this.fileLimitReached = true;
      return false;
    }
    const {printer} = this;
    if (printer !== undefined) {
      printer.packet(seconds, nanoseconds, b, start, end, wireLength, this.captured);
      printer.endPacket(this.eachLine || this.taker !== undefined);
      this.taker?.packet(this.text, {seconds, nanoseconds, b, start, end, wireLength, number: this.captured});
      if (this.eachLine) this.io.stdout.flush();
    }
    return this.captured < this.last && !this.io.stdout.closed;
  }

  /** Everything printed so far is with the operating system. */
  flush(): void {
    this.printer?.flush();
    this.io.stdout.flush();
  }

  close(): void {
    this.flush();
    this.file?.close();
  }
}
