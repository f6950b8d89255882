/**
 * Classic pcap, as libpcap 1.10.3 sf-pcap.c reads it: both byte orders, µs and ns, Kuznetzov's "modified" records
 * (8 more bytes: ifindex, protocol, packet type), lengths in the old order of versions before 2.4.
 */
import {CaptureError} from './capture-error.js';
import {adjustSnaplen, knownLinktype, maxSnaplen} from './linktype.js';
import type {PacketOptions} from './pcapng.js';
import type {CaptureInterface, CaptureReader, CaptureRecord} from './reader.js';
import type {SlidingBuffer} from './source.js';

const MICRO = 0xa1b2c3d4;
const NANO = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34;
const FILE_HEADER = 24;
const NO_OPTIONS: PacketOptions = {};

/** undefined where the first four bytes are no pcap magic number. */
export function openPcap(buffer: SlidingBuffer, close: () => void): CaptureReader | undefined {
  const isMagic = (v: number) => v === MICRO || v === NANO || v === MODIFIED;
  const little = isMagic(buffer.view.getUint32(0, true));
  if (!little && !isMagic(buffer.view.getUint32(0, false))) return undefined;
  const got = buffer.available(FILE_HEADER);
  if (got < FILE_HEADER)
    throw new CaptureError(`truncated dump file; tried to read ${FILE_HEADER} file header bytes, only got ${got - 4}`);
  return new PcapReader(buffer, little, close);
}

class PcapReader implements CaptureReader, CaptureRecord {
  readonly format = 'pcap';
  readonly linktype: number;
  readonly snaplen: number;
  readonly interfaces: readonly CaptureInterface[];
  readonly verbatim: 'micro' | 'nano' | undefined;

  sec = 0;
  nsec = 0;
  bytes: Uint8Array;
  start = 0;
  end = 0;
  wireLength = 0;
  readonly interfaceIndex = 0;

  private readonly headerLength: number;
  /** ns in a unit of the fraction. */
  private readonly unit: number;
  private readonly lengths: 'normal' | 'swapped' | 'unsure';
  /** Largest packet that counts as sane. */
  private readonly most: number;

  constructor(
    private readonly buffer: SlidingBuffer,
    private readonly little: boolean,
    readonly close: () => void,
  ) {
    const {view} = buffer;
    const magic = view.getUint32(0, little);
    const [major, minor] = [view.getUint16(4, little), view.getUint16(6, little)];
    if (major < 2) throw new CaptureError('archaic pcap savefile format');
    if (!((major === 2 && minor <= 4) || (major === 543 && minor === 0)))
      throw new CaptureError(`unsupported pcap savefile version ${major}.${minor}`);
    this.lengths = major === 543 || minor < 3 ? 'swapped' : minor === 3 ? 'unsure' : 'normal';
    this.unit = magic === NANO ? 1 : 1000;
    this.headerLength = magic === MODIFIED ? 24 : 16;
    // The upper six bits are the FCS length and its flag.
    this.linktype = knownLinktype(view.getUint32(20, little) & 0x03ffffff);
    const snaplen = adjustSnaplen(this.linktype, view.getUint32(16, little));
    // A modified file may hold cooked packets, to which a 14-byte header was added behind the snapshot length's back.
    this.snaplen = magic === MODIFIED && this.linktype === 1 ? Math.min(snaplen + 14, 0x7fffffff) : snaplen;
    this.most = maxSnaplen(this.linktype);
    const plain = little && magic !== MODIFIED && this.lengths === 'normal';
    this.verbatim = plain ? (magic === NANO ? 'nano' : 'micro') : undefined;
    this.interfaces = [{linktype: this.linktype, snaplen: this.snaplen}];
    this.bytes = buffer.bytes;
    buffer.at = FILE_HEADER;
  }

  next(): CaptureRecord | undefined {
    const {buffer, little, headerLength} = this;
    const got = buffer.available(headerLength);
    if (got < headerLength) {
      if (got === 0) return undefined;
      throw new CaptureError(`truncated dump file; tried to read ${headerLength} header bytes, only got ${got}`);
    }
    const {view, at} = buffer;
    this.sec = view.getUint32(at, little);
    // Signed, as libpcap reads it: what is no fraction of a second is scaled like one.
    this.nsec = view.getInt32(at + 4, little) * this.unit;
    let captured = view.getUint32(at + 8, little);
    this.wireLength = view.getUint32(at + 12, little);
    if (this.lengths === 'swapped' || (this.lengths === 'unsure' && captured > this.wireLength))
      [captured, this.wireLength] = [this.wireLength, captured];
    this.take(headerLength, captured);
    return this;
  }

  options(): PacketOptions {
    return NO_OPTIONS;
  }

  beforeMove(callback: () => void): void {
    this.buffer.beforeMove = callback;
  }

  /** Makes `captured` bytes behind the header the record. What is longer than the snapshot length is cut to it. */
  private take(headerLength: number, captured: number): void {
    const {buffer, snaplen, most} = this;
    if (captured > most)
      throw new CaptureError(
        `invalid packet capture length ${captured}, bigger than ${captured > snaplen ? `snaplen of ${snaplen}` : `maximum of ${most}`}`,
      );
    const got = buffer.available(headerLength + captured) - headerLength;
    if (got < captured)
      throw new CaptureError(
        `truncated dump file; tried to read ${got < snaplen ? Math.min(captured, snaplen) : captured} captured bytes, only got ${got}`,
      );
    if (this.bytes !== buffer.bytes) this.bytes = buffer.bytes;
    this.start = buffer.at + headerLength;
    this.end = this.start + Math.min(captured, snaplen);
    buffer.at += headerLength + captured;
  }
}
