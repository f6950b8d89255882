/**
 * pcapng, as libpcap 1.10.3 sf-pcapng.c reads it: enhanced, simple and obsolete packet blocks, several sections and
 * interfaces, every time resolution. Other blocks are passed over. draft-ietf-opsawg-pcapng §4.
 */
import {type Ip, readIp4, readIp6} from '../wire/index.js';
import {CaptureError} from './capture-error.js';
import {adjustSnaplen, dltOf, knownLinktype, maxSnaplen} from './linktype.js';
import {
  BLOCK_INTERFACE,
  BLOCK_NAMES,
  BLOCK_PACKET,
  BLOCK_SECTION,
  BYTE_ORDER_MAGIC,
  type PacketOptions,
} from './pcapng.js';
import {readInterfaceOptions, readPacketOptions} from './read-options.js';
import type {CaptureInterface, CaptureReader, CaptureRecord, ReaderOptions} from './reader.js';
import type {SlidingBuffer} from './source.js';
import {readStamp, type TimeUnit} from './timestamp.js';

/** Obsolete packet block, and the one without time stamp. */
const BLOCK_PACKET_OLD = 2;
const BLOCK_PACKET_SIMPLE = 3;

/** Section header: type, length, magic, version, section length; with the trailer 28. */
const SECTION_FIXED = 24;
const MAX_SECTION = 1 << 20;
const MAX_BLOCK = 16 << 20;
const NO_OPTIONS: PacketOptions = {};

/** undefined where the file doesn't start with a section header. */
export function openPcapng(
  buffer: SlidingBuffer,
  close: () => void,
  options: ReaderOptions,
): CaptureReader | undefined {
  if (buffer.view.getUint32(0, true) !== BLOCK_SECTION || buffer.available(12) < 12) return undefined;
  const little = buffer.view.getUint32(8, true) === BYTE_ORDER_MAGIC;
  if (!little && buffer.view.getUint32(8, false) !== BYTE_ORDER_MAGIC) return undefined;
  const reader = new PcapngReader(buffer, little, close, options);
  reader.open();
  return reader;
}

class PcapngReader implements CaptureReader {
  readonly format = 'pcapng';
  readonly verbatim = undefined;
  interfaces: CaptureInterface[] = [];

  linktype = 0;
  snaplen = 0;

  private readonly record = {
    sec: 0,
    nsec: 0,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    wireLength: 0,
    linktype: 0,
    interfaceIndex: 0,
    options: (): PacketOptions => this.packetOptions(),
  };
  private units: TimeUnit[] = [];
  /** libpcap's number of the first interface's link type; -1 before there is one. */
  private firstDlt = -1;
  private maxBlock = MAX_BLOCK;
  /** Of the record's options. */
  private optionsStart = 0;
  private optionsEnd = 0;
  /** The block being read: its type, and its body `[bodyStart, bodyEnd)`. */
  private type = 0;
  private bodyStart = 0;
  private bodyEnd = 0;

  constructor(
    private readonly buffer: SlidingBuffer,
    private little: boolean,
    readonly close: () => void,
    private readonly wishes: ReaderOptions,
  ) {}

  /** The section header at the start and everything up to the first interface. */
  open(): void {
    const {buffer} = this;
    const length = buffer.view.getUint32(4, this.little);
    if (length < SECTION_FIXED + 4 || length > MAX_SECTION)
      throw new CaptureError(
        `Section Header Block in pcapng dump file has invalid length ${SECTION_FIXED + 4} < _${length}_ < ${MAX_SECTION} (BT_SHB_INSANE_MAX)`,
      );
    this.whole(length, 12);
    const [major, minor] = [buffer.view.getUint16(12, this.little), buffer.view.getUint16(14, this.little)];
    if (major !== 1 || (minor !== 0 && minor !== 2))
      throw new CaptureError(`unsupported pcapng savefile version ${major}.${minor}`);
    buffer.at = length;
    while (this.firstDlt < 0) {
      if (!this.readBlock()) throw new CaptureError('the capture file has no Interface Description Blocks');
      if (this.type === BLOCK_INTERFACE) this.addInterface();
      else if (this.type === BLOCK_NAMES) this.readNames();
      else if (isPacket(this.type))
        throw new CaptureError('the capture file has a packet block before any Interface Description Blocks');
    }
  }

  next(): CaptureRecord | undefined {
    while (this.readBlock()) {
      if (this.type === BLOCK_PACKET || this.type === BLOCK_PACKET_OLD) return this.stamped();
      if (this.type === BLOCK_PACKET_SIMPLE) return this.simple();
      if (this.type === BLOCK_INTERFACE) this.addInterface();
      else if (this.type === BLOCK_SECTION) this.newSection();
      else if (this.type === BLOCK_NAMES) this.readNames();
    }
    return undefined;
  }

  private packetOptions(): PacketOptions {
    if (this.optionsStart >= this.optionsEnd) return NO_OPTIONS;
    return readPacketOptions(this.buffer.view, this.optionsStart, this.optionsEnd, this.little);
  }

  beforeMove(callback: () => void): void {
    this.buffer.beforeMove = callback;
  }

  /** Reads the next block's frame; false at the end of the file. */
  private readBlock(): boolean {
    const {buffer} = this;
    const got = buffer.available(8);
    if (got === 0) return false;
    if (got < 8) throw new CaptureError(`truncated pcapng dump file; tried to read 8 bytes, only got ${got}`);
    if (this.wishes.mixed) this.adoptByteOrder();
    const {little} = this;
    this.type = buffer.view.getUint32(buffer.at, little);
    const length = buffer.view.getUint32(buffer.at + 4, little);
    if (length < 12) throw new CaptureError(`block in pcapng dump file has a length of ${length} < 12`);
    if (length % 4 !== 0)
      throw new CaptureError(`block in pcapng dump file has a length of ${length} that is not a multiple of 4`);
    if (length > this.maxBlock) throw new CaptureError(`pcapng block size ${length} > maximum ${this.maxBlock}`);
    this.whole(length, 8);
    if (buffer.view.getUint32(buffer.at + length - 4, little) !== length)
      throw new CaptureError("block total length in header and trailer don't match");
    this.bodyStart = buffer.at + 8;
    this.bodyEnd = buffer.at + length - 4;
    buffer.at += length;
    return true;
  }

  /** Are all `length` bytes of the block there, `read` of which were seen already? */
  private whole(length: number, read: number): void {
    const got = this.buffer.available(length);
    if (got < length)
      throw new CaptureError(
        `truncated pcapng dump file; tried to read ${length - read} bytes, only got ${got - read}`,
      );
  }

  /** A section header, whose type reads the same in both byte orders, may change the order. */
  private adoptByteOrder(): void {
    const {buffer} = this;
    if (buffer.view.getUint32(buffer.at, true) !== BLOCK_SECTION || buffer.available(12) < 12) return;
    const magic = buffer.view.getUint32(buffer.at + 8, true);
    if (magic === BYTE_ORDER_MAGIC) this.little = true;
    else if (buffer.view.getUint32(buffer.at + 8, false) === BYTE_ORDER_MAGIC) this.little = false;
  }

  private newSection(): void {
    this.fixedPart(16);
    const {view} = this.buffer;
    const magic = view.getUint32(this.bodyStart, this.little);
    if (magic !== BYTE_ORDER_MAGIC)
      throw new CaptureError(
        view.getUint32(this.bodyStart, !this.little) === BYTE_ORDER_MAGIC
          ? 'the file has sections with different byte orders'
          : 'the file has a section with a bad byte order magic field',
      );
    const major = view.getUint16(this.bodyStart + 4, this.little);
    if (major !== 1) throw new CaptureError(`unknown pcapng savefile major version number ${major}`);
    this.interfaces = [];
    this.units = [];
  }

  private addInterface(): void {
    this.fixedPart(8);
    const {view} = this.buffer;
    const stated = view.getUint16(this.bodyStart, this.little);
    const statedSnaplen = view.getUint32(this.bodyStart + 4, this.little);
    const linktype = knownLinktype(stated);
    const snaplen = adjustSnaplen(linktype, statedSnaplen);
    if (this.firstDlt < 0) {
      this.firstDlt = dltOf(linktype);
      this.linktype = linktype;
      this.snaplen = snaplen;
    } else if (!this.wishes.mixed) {
      if (stated !== this.firstDlt)
        throw new CaptureError(`an interface has a type ${stated} different from the type of the first interface`);
      if (snaplen !== this.snaplen)
        throw new CaptureError(
          `an interface has a snapshot length ${statedSnaplen} different from the snapshot length of the first interface`,
        );
    }
    // Room for the largest packet and 128 KiB of options.
    this.maxBlock = Math.max(this.maxBlock, maxSnaplen(linktype) + 131_072 + 32);
    const {unit, ...described} = readInterfaceOptions(view, this.bodyStart + 8, this.bodyEnd, this.little);
    this.interfaces.push({linktype, snaplen, ...described});
    this.units.push(unit);
  }

  /** Enhanced and obsolete packet block differ in the width of the interface number only. */
  private stamped(): CaptureRecord {
    this.fixedPart(20);
    const {view} = this.buffer;
    const {bodyStart: o, little} = this;
    const index = this.type === BLOCK_PACKET ? view.getUint32(o, little) : view.getUint16(o, little);
    this.record.wireLength = view.getUint32(o + 16, little);
    return this.packet(
      index,
      view.getUint32(o + 4, little),
      view.getUint32(o + 8, little),
      o + 20,
      view.getUint32(o + 12, little),
    );
  }

  /** No captured length, no time, no interface: the wire length up to the snapshot length, 0, the first. */
  private simple(): CaptureRecord {
    this.fixedPart(4);
    const wireLength = this.buffer.view.getUint32(this.bodyStart, this.little);
    this.record.wireLength = wireLength;
    const snaplen = this.wishes.mixed ? (this.interfaces[0]?.snaplen ?? this.snaplen) : this.snaplen;
    const record = this.packet(0, 0, 0, this.bodyStart + 4, Math.min(wireLength, snaplen));
    this.optionsStart = this.optionsEnd;
    return record;
  }

  /** Sets the record; its bytes start at `start` of the buffer. */
  private packet(index: number, high: number, low: number, start: number, captured: number): CaptureRecord {
    const described = this.interfaces[index];
    if (!described)
      throw new CaptureError(
        `a packet arrived on interface ${index}, but there's no Interface Description Block for that interface`,
      );
    const {snaplen} = this.wishes.mixed ? described : this;
    if (captured > snaplen)
      throw new CaptureError(`invalid packet capture length ${captured}, bigger than snaplen of ${snaplen}`);
    if (captured > this.bodyEnd - start) throw this.tooShort();
    const {record} = this;
    readStamp(this.units[index]!, high, low, record);
    record.bytes = this.buffer.bytes;
    record.start = start;
    record.end = start + captured;
    record.linktype = described.linktype;
    record.interfaceIndex = index;
    this.optionsStart = start + ((captured + 3) & ~3);
    this.optionsEnd = this.bodyEnd;
    return record;
  }

  /** §4.5: record type 1 = IPv4, 2 = IPv6, 0 ends; names are zero-terminated. Stops at what is malformed. */
  private readNames(): void {
    const {onNames} = this.wishes;
    if (!onNames) return;
    const {bytes, view} = this.buffer;
    for (let at = this.bodyStart; at + 4 <= this.bodyEnd; ) {
      const [type, length] = [view.getUint16(at, this.little), view.getUint16(at + 2, this.little)];
      const end = at + 4 + length;
      if (type === 0 || end > this.bodyEnd) return;
      const size = type === 1 ? 4 : 16;
      if ((type === 1 || type === 2) && length > size) {
        const ip: Ip = type === 1 ? readIp4(bytes, at + 4) : readIp6(bytes, at + 4);
        const text = new TextDecoder().decode(bytes.subarray(at + 4 + size, end));
        onNames(
          ip,
          text.split('\0').filter((name) => name !== ''),
        );
      }
      at += 4 + ((length + 3) & ~3);
    }
  }

  private fixedPart(bytes: number): void {
    if (this.bodyEnd - this.bodyStart < bytes) throw this.tooShort();
  }

  private tooShort(): CaptureError {
    return new CaptureError(`block of type ${this.type} in pcapng dump file is too short`);
  }
}

function isPacket(type: number): boolean {
  return type === BLOCK_PACKET || type === BLOCK_PACKET_SIMPLE || type === BLOCK_PACKET_OLD;
}
