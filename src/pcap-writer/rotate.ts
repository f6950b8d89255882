/**
 * Captures in several files, as `tcpdump -w NAME -C -G -W` of 4.99.3 makes them (tcpdump.c `dump_packet_and_trunc`,
 * `MakeFilename`, `getWflagChars`).
 */
import {type PcapOptions, PcapWriter} from './pcap.js';
import {type FileSink, fileSink} from './sink.js';
import {strftime} from './strftime.js';

export interface RotationOptions extends PcapOptions {
  /** With `seconds`, expanded by strftime with the time at which the file is due. */
  readonly name: string;
  /** -C: a packet that comes when the file is larger than this many bytes (N · 1,000,000) starts the next one. */
  readonly bytes?: number;
  /** -G: a packet that comes this many seconds or more after the last change starts a new file. */
  readonly seconds?: number;
  /**
   * -W. With `bytes`, this many files are reused in a ring, numbered from 0, padded to the width of the count less 1;
   * with `seconds` alone, writing ends after this many files; alone, it does nothing.
   */
  readonly count?: number;
  /** s after the epoch: when the first file is due. */
  readonly start: number;
  /** Where a file of this name goes; `fileSink` unless given. */
  readonly open?: (name: string) => FileSink;
}

/** Is given packets like `PcapWriter`. */
export class RotatingPcapWriter {
  private writer: PcapWriter;
  private sink: FileSink;
  private fileNumber = 0;
  private turns = 0;
  private lastTurn: number;
  private ended = false;

  constructor(private readonly options: RotationOptions) {
    this.lastTurn = options.start;
    [this.sink, this.writer] = this.openFile();
  }

  /**
   * Writes one packet, which arrives at second `now`. false where the number of files is reached (tcpdump then says
   * `Maximum file limit reached: N` and exits with 0): this packet and all that follow are not written.
   */
  packet(
    sec: number,
    nsec: number,
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
    wireLength: number = end - start,
    now: number = sec,
  ): boolean {
    if (this.ended || !this.turnByTime(now)) return false;
    this.turnBySize();
    this.writer.packet(sec, nsec, bytes, start, end, wireLength);
    return true;
  }

  /** As `packet`, of a packet with its record header before it (`PcapWriter.record`). */
  record(bytes: Uint8Array, start: number, end: number, now: number): boolean {
    if (this.ended || !this.turnByTime(now)) return false;
    this.turnBySize();
    this.writer.record(bytes, start, end);
    return true;
  }

  /** The bytes given to `record` are the caller's again. */
  settle(): void {
    if (!this.ended) this.writer.settle();
  }

  flush(): void {
    if (!this.ended) this.writer.flush();
  }

  /** Finishes the last file. */
  close(): void {
    if (!this.ended) this.writer.close();
    this.ended = true;
  }

  /** Throws the file away that is being written; those finished before stay. */
  abort(): void {
    if (!this.ended) this.sink.abort();
    this.ended = true;
  }

  private turnByTime(now: number): boolean {
    const {seconds, bytes, count} = this.options;
    if (!seconds || now - this.lastTurn < seconds) return true;
    this.lastTurn = now;
    this.turns++;
    this.writer.close();
    if (!bytes && count && this.turns >= count) {
      this.ended = true;
      return false;
    }
    this.fileNumber = 0;
    [this.sink, this.writer] = this.openFile();
    return true;
  }

  private turnBySize(): void {
    const {bytes, count} = this.options;
    if (!bytes || this.writer.size <= bytes) return;
    this.writer.close();
    this.fileNumber++;
    if (count && this.fileNumber >= count) this.fileNumber = 0;
    [this.sink, this.writer] = this.openFile();
  }

  private openFile(): [FileSink, PcapWriter] {
    const name = this.fileName();
    const sink = (this.options.open ?? fileSink)(name);
    return [sink, new PcapWriter(sink, this.options)];
  }

  private fileName(): string {
    const {name, seconds, bytes, count} = this.options;
    const stem = seconds ? strftime(name, this.lastTurn) : name;
    const width = bytes && count ? digits(count - 1) : 0;
    return this.fileNumber === 0 && width === 0 ? stem : `${stem}${String(this.fileNumber).padStart(width, '0')}`;
  }
}

/** 0 for 0. */
function digits(n: number): number {
  return n > 0 ? String(n).length : 0;
}
