/** Where packets go: printed, written, counted (tcpdump.c `print_packet`, `dump_packet`). */
import type {Io} from '../../term/io.js';
import type {Arguments} from './argv.js';
import {Dissector} from './print/dissector.js';
import {type LinkPrinter, linkPrinter} from './print/link.js';
import type {NameSource} from './print/options.js';
import {printPacket} from './print/print.js';
import {Clock} from './print/time.js';
import type {PacketFile} from './write.js';

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

const NO_TEXT = new Uint8Array(0);

export class PacketSink {
  /** Packets that passed the filter. */
  captured = 0;
  /** -G and -W have made all the files they may. */
  fileLimitReached = false;
  private readonly dissector: Dissector | undefined;
  private readonly clock: Clock;
  private readonly eachLine: boolean;
  private last = Number.POSITIVE_INFINITY;
  private link: LinkPrinter = linkPrinter(1);
  private text: Uint8Array = NO_TEXT;

  constructor(
    private readonly args: Arguments,
    private readonly io: Io,
    names: NameSource,
    private readonly file: PacketFile | undefined,
    private readonly taker?: TextTaker,
  ) {
    const prints = args.writeFile === undefined ? !args.countOnly : args.printToo;
    const write = taker === undefined ? (b: Uint8Array) => io.stdout.writeBytes(b) : (b: Uint8Array) => (this.text = b);
    if (prints) this.dissector = new Dissector(args.print, names, write);
    this.clock = new Clock(args.print.time, args.print.precision);
    this.eachLine = args.lineBuffered || io.stdout.isTty;
  }

  /** A source of packets of this link type begins: -c counts anew for each. */
  begin(linkType: number): void {
    this.link = linkPrinter(linkType);
    this.taker?.begin(linkType);
    this.dissector?.prefixes.clear();
    this.last = this.captured + (this.args.count ?? Number.POSITIVE_INFINITY);
  }

  /** Takes a packet that passed the filter. False when there is no use for more. */
  packet(seconds: number, nanoseconds: number, b: Uint8Array, start: number, end: number, wireLength: number): boolean {
    this.captured++;
    if (this.file?.packet(seconds, nanoseconds, b, start, end, wireLength) === false) {
      this.fileLimitReached = true;
      return false;
    }
    const d = this.dissector;
    if (d !== undefined) {
      const fraction = this.args.print.precision === 9 ? nanoseconds : Math.floor(nanoseconds / 1000);
      printPacket(d, this.clock, this.link, b, start, end, wireLength, seconds, fraction, this.captured);
      d.endPacket(this.eachLine || this.taker !== undefined);
      this.taker?.packet(this.text, {seconds, nanoseconds, b, start, end, wireLength, number: this.captured});
      if (this.eachLine) this.io.stdout.flush();
    }
    return this.captured < this.last && !this.io.stdout.closed;
  }

  /** Everything printed so far is with the operating system. */
  flush(): void {
    this.dissector?.flush();
    this.io.stdout.flush();
  }

  close(): void {
    this.flush();
    this.file?.close();
  }
}
