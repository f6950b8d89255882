/** The printers at work: packets in, their text out. Everything that a mere count or copy of packets does not need. */
import {Dissector} from './print/dissector.js';
import {type LinkPrinter, linkPrinter} from './print/link.js';
import type {NameSource, PrintOptions} from './print/options.js';
import {printPacket} from './print/print.js';
import {Clock} from './print/time.js';

export class PacketText {
  private readonly dissector: Dissector;
  private readonly clock: Clock;
  private link: LinkPrinter = linkPrinter(1);

  /** `write` takes text when enough has gathered, or as `endPacket` says; it is valid during the call. */
  constructor(
    private readonly options: PrintOptions,
    names: NameSource,
    write: (text: Uint8Array) => void,
  ) {
    this.dissector = new Dissector(options, names, write);
    this.clock = new Clock(options.time, options.precision);
  }

  /** Packets of this link type follow. */
  begin(linkType: number): void {
    this.link = linkPrinter(linkType);
    this.dissector.prefixes.clear();
  }

  /** The frame captured in `b[start, end)`, the `number`-th of those printed. */
  packet(
    seconds: number,
    nanoseconds: number,
    b: Uint8Array,
    start: number,
    end: number,
    wireLength: number,
    number: number,
  ): void {
    const fraction = this.options.precision === 9 ? nanoseconds : Math.trunc(nanoseconds / 1000);
    printPacket(this.dissector, this.clock, this.link, b, start, end, wireLength, seconds, fraction, number);
  }

  endPacket(now: boolean): void {
    this.dissector.endPacket(now);
  }

  flush(): void {
    this.dissector.flush();
  }
}
