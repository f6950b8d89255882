/**
 * Streaming reader of pcap and pcapng: constant memory, one record at a time.
 */
import type {Ip} from '../wire/index.js';
import {CaptureError} from './capture-error.js';
import type {PacketOptions} from './pcapng.js';
import {openPcap} from './read-pcap.js';
import {openPcapng} from './read-pcapng.js';
import {type ByteSource, fileSource, SlidingBuffer} from './source.js';

/** One packet. The reader has one such object and fills it anew: copy what you keep. */
export interface CaptureRecord {
  /** s and ns after the epoch; ns may reach beyond 10^9 in a broken file. */
  readonly sec: number;
  readonly nsec: number;
  /** The packet is `bytes[start, end)`, until the next record is read. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly wireLength: number;
  /** As the file states it, but for 12, which is read as 101 (raw IP). */
  readonly linktype: number;
  /** Index into the reader's `interfaces`. */
  readonly interfaceIndex: number;
  /** Comments, direction and the like, read when asked for; empty in a pcap file. */
  options(): PacketOptions;
}

/** An interface of the current pcapng section; the one of a pcap file has no name. */
export interface CaptureInterface {
  readonly linktype: number;
  readonly snaplen: number;
  readonly name?: string;
  readonly description?: string;
  readonly filter?: string;
}

export interface CaptureReader {
  readonly format: 'pcap' | 'pcapng';
  /** Of the file, or of its first interface. */
  readonly linktype: number;
  readonly snaplen: number;
  readonly interfaces: readonly CaptureInterface[];
  /**
   * Set where the 16 bytes before each packet are its header as `PcapWriter` writes it with this precision, and may be copied with
   * the packet, if their captured length is the packet's.
   */
  readonly verbatim: 'micro' | 'nano' | undefined;
  /** From now on called before records that were read change or move: what is left of them must be copied. */
  beforeMove(callback: () => void): void;
  /** The next record, undefined at the end. Throws `CaptureError` where the file is cut or broken. */
  next(): CaptureRecord | undefined;
  close(): void;
}

export interface ReaderOptions {
  /**
   * false (default): sections and interfaces that differ in byte order, link type or snapshot length are an error, as
   * in libpcap 1.10.3. true: they are read.
   */
  readonly mixed?: boolean;
  /** Called for each address of a name resolution block. */
  readonly onNames?: (ip: Ip, names: readonly string[]) => void;
}

/** A path, or a source of bytes. Throws `CaptureError`; the source is closed then. */
export function openCapture(source: string | ByteSource, options: ReaderOptions = {}): CaptureReader {
  const bytes = typeof source === 'string' ? fileSource(source) : source;
  try {
    return openSource(bytes, options);
  } catch (error) {
    bytes.close();
    throw error;
  }
}

function openSource(source: ByteSource, options: ReaderOptions): CaptureReader {
  const buffer = new SlidingBuffer(source);
  const magic = buffer.available(4);
  if (magic < 4) throw new CaptureError(`truncated dump file; tried to read 4 file header bytes, only got ${magic}`);
  const close = () => source.close();
  const reader = openPcap(buffer, close) ?? openPcapng(buffer, close, options);
  if (!reader) throw new CaptureError('unknown file format');
  return reader;
}
