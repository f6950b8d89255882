/**
 * Writer of classic pcap files, byte for byte as tcpdump 4.99.3 does on a little-endian machine.
 * draft-ietf-opsawg-pcap; libpcap 1.10.3 sf-pcap.c.
 *
 *   file    magic u32 · major u16 = 2 · minor u16 = 4 · zone u32 = 0 · sigfigs u32 = 0 · snaplen u32 · linktype u32
 *   record  seconds u32 · µs or ns u32 · captured length u32 · wire length u32 · bytes
 */
import {BlockBuffer} from './block-buffer.js';
import type {ByteSink} from './sink.js';

/** Snapshot length that tcpdump uses where none is asked for (MAXIMUM_SNAPLEN). */
export const DEFAULT_SNAPLEN = 262_144;
export const LINKTYPE_ETHERNET = 1;

export interface PcapOptions {
  /** Unit of the fractions; default micro, as tcpdump's. */
  readonly precision?: 'micro' | 'nano';
  /** Longer packets are cut to this. Default 262144. */
  readonly snaplen?: number;
  /** Default 1, Ethernet. */
  readonly linktype?: number;
}

export class PcapWriter {
  private readonly out: BlockBuffer;
  private readonly divisor: number;
  private readonly snaplen: number;

  constructor(
    private readonly sink: ByteSink,
    options: PcapOptions = {},
  ) {
    const {precision = 'micro', snaplen = DEFAULT_SNAPLEN, linktype = LINKTYPE_ETHERNET} = options;
    this.out = new BlockBuffer(sink);
    this.divisor = precision === 'nano' ? 1 : 1000;
    this.snaplen = snaplen;
    this.out.u32(precision === 'nano' ? 0xa1b23c4d : 0xa1b2c3d4);
    this.out.u16(2);
    this.out.u16(4);
    this.out.u32(0);
    this.out.u32(0);
    this.out.u32(snaplen);
    this.out.u32(linktype);
  }

  /** Size of the file so far, header included. */
  get size(): number {
    return this.out.position;
  }

  /** One packet, `bytes[start, end)`, captured `sec` s and `nsec` ns after the epoch, `wireLength` bytes on the wire. */
  packet(
    sec: number,
    nsec: number,
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
    wireLength: number = end - start,
  ): void {
    const {out} = this;
    const length = Math.min(end - start, this.snaplen);
    out.reserve(16 + length);
    out.u32(sec);
    out.u32(Math.trunc(nsec / this.divisor));
    out.u32(length);
    out.u32(wireLength);
    out.bytes(bytes, start, start + length);
  }

  /**
   * A record that is in `bytes[start, end)` as it is to be written, header and all. It may be read as late as at `settle`, `flush` or
   * `close`.
   */
  record(bytes: Uint8Array, start: number, end: number): void {
    this.out.run(bytes, start, end);
  }

  /** The bytes given to `record` are the caller's again. */
  settle(): void {
    this.out.settle();
  }

  /** Hands everything to the sink (`tcpdump -U` does so after each packet). */
  flush(): void {
    this.out.flush();
  }

  /** Flushes and closes the sink. */
  close(): void {
    this.out.flush();
    this.sink.close();
  }
}
