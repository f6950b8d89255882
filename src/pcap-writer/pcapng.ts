/**
 * Writer of pcapng files, one little-endian section. draft-ietf-opsawg-pcapng §4.
 *
 *   block    type u32 · total length u32 · body, padded to 4 · total length u32
 *   option   code u16 · length u16 · value, padded to 4; code 0, length 0 ends the list
 *
 * All interfaces have one snapshot length: libpcap 1.10.3 refuses a file that mixes them, and one that mixes link types.
 */
import type {Ip, Mac, Prefix} from '../wire/index.js';
import {isIp4, maskIp, writeIp, writeMac} from '../wire/index.js';
import {BlockBuffer} from './block-buffer.js';
import {DEFAULT_SNAPLEN, LINKTYPE_ETHERNET} from './pcap.js';
import type {ByteSink} from './sink.js';

/** Block types. */
export const BLOCK_SECTION = 0x0a0d0d0a;
export const BLOCK_INTERFACE = 1;
export const BLOCK_NAMES = 4;
const BLOCK_STATISTICS = 5;
export const BLOCK_PACKET = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const MAX_OPTION = 0xffff;
const END_OF_OPTIONS = 4;

export interface SectionOptions {
  readonly hardware?: string;
  readonly os?: string;
  /** Program that wrote the file. */
  readonly application?: string;
  readonly comment?: string;
  /** Of every interface; longer packets are cut to it. Default 262144. */
  readonly snaplen?: number;
}

export interface InterfaceFields {
  readonly name?: string;
  readonly description?: string;
  readonly comment?: string;
  /** Default 1, Ethernet. */
  readonly linktype?: number;
  /** Unit of its time stamps; default nano. */
  readonly precision?: 'micro' | 'nano';
  /** Capture filter, as text. */
  readonly filter?: string;
  readonly os?: string;
  /** Any number of IPv4 and IPv6 addresses with their prefix lengths. */
  readonly addresses?: readonly Prefix[];
  readonly mac?: Mac;
  /** bit/s. */
  readonly speed?: number;
}

export interface PacketOptions {
  readonly comments?: readonly string[];
  /** As seen by the interface. */
  readonly direction?: 'in' | 'out';
  /** The same packet on several interfaces has the same number. */
  readonly packetId?: number;
  /** Packets lost between this one and the one before on the interface. */
  readonly dropCount?: number;
  readonly queue?: number;
  /** Return code of a TC program: TC_ACT_OK 0, TC_ACT_SHOT 2, TC_ACT_REDIRECT 7. */
  readonly verdict?: number;
}

export interface InterfaceStatistics {
  /** s and ns after the epoch. */
  readonly start?: {readonly sec: number; readonly nsec: number};
  readonly end?: {readonly sec: number; readonly nsec: number};
  readonly received?: number;
  readonly dropped?: number;
  readonly filterAccepted?: number;
  readonly osDropped?: number;
  readonly delivered?: number;
}

export class PcapngWriter {
  private readonly out: BlockBuffer;
  private readonly snaplen: number;
  /** true = nanoseconds, by interface. */
  private readonly nano: boolean[] = [];
  /** Not yet written. */
  private readonly names: NameRecord[] = [];
  /** High word of the time stamp computed last; the low word is returned. */
  private high = 0;

  constructor(
    private readonly sink: ByteSink,
    options: SectionOptions = {},
  ) {
    this.out = new BlockBuffer(sink);
    this.snaplen = options.snaplen ?? DEFAULT_SNAPLEN;
    const {out} = this;
    const start = this.begin(
      BLOCK_SECTION,
      24 + textRoom(options.hardware, options.os, options.application, options.comment),
    );
    out.u32(BYTE_ORDER_MAGIC);
    out.u16(1);
    out.u16(0);
    out.u32(0xffffffff);
    out.u32(0xffffffff);
    const options0 = out.position;
    this.textOption(1, options.comment);
    this.textOption(2, options.hardware);
    this.textOption(3, options.os);
    this.textOption(4, options.application);
    this.endOptions(options0);
    this.finish(start);
  }

  /** Size of the file so far. */
  get size(): number {
    return this.out.position;
  }

  /** Describes the next interface; returns its number, from 0. */
  addInterface(fields: InterfaceFields): number {
    const {out} = this;
    const {name, description, filter, os, comment, addresses = []} = fields;
    const start = this.begin(
      BLOCK_INTERFACE,
      64 + textRoom(name, description, filter, os, comment) + 24 * addresses.length,
    );
    out.u16(fields.linktype ?? LINKTYPE_ETHERNET);
    out.u16(0);
    out.u32(this.snaplen);
    const options = out.position;
    this.textOption(1, comment);
    this.textOption(2, name);
    this.textOption(3, description);
    for (const prefix of addresses) this.addressOption(prefix);
    if (fields.mac !== undefined) {
      const mac = new Uint8Array(6);
      writeMac(mac, 0, fields.mac);
      this.bytesOption(6, mac);
    }
    this.counterOption(8, fields.speed);
    const nano = (fields.precision ?? 'nano') === 'nano';
    this.bytesOption(9, Uint8Array.of(nano ? 9 : 6));
    if (filter !== undefined) this.textOption(11, `\0${filter}`);
    this.textOption(12, os);
    this.endOptions(options);
    this.finish(start);
    this.writeNames();
    return this.nano.push(nano) - 1;
  }

  /**
   * Names of addresses, for all packets of the file; best given before the first of them. They are written behind the
   * first interface: editcap and mergecap 4.0 refuse a file that has them in front of it. Of several names of an
   * address Wireshark 4.0 shows the last.
   */
  addNames(entries: Iterable<{readonly ip: Ip; readonly names: readonly string[]}>): void {
    for (const {ip, names} of entries) this.names.push(...nameRecords(ip, names));
    if (this.nano.length > 0) this.writeNames();
  }

  /** One packet, `bytes[start, end)`, on an interface of `addInterface`. */
  packet(
    interfaceIndex: number,
    sec: number,
    nsec: number,
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
    wireLength: number = end - start,
    options?: PacketOptions,
  ): void {
    const {out} = this;
    const nano = this.nano[interfaceIndex];
    if (nano === undefined) throw new RangeError(`no interface ${interfaceIndex}`);
    const length = Math.min(end - start, this.snaplen);
    const block = this.begin(BLOCK_PACKET, 24 + length + (options ? 64 + textRoom(...(options.comments ?? [])) : 0));
    const low = this.stamp(sec, nsec, nano);
    out.u32(interfaceIndex);
    out.u32(this.high);
    out.u32(low);
    out.u32(length);
    out.u32(wireLength);
    out.bytes(bytes, start, start + length);
    out.pad(length);
    if (options) this.packetOptions(options);
    this.finish(block);
  }

  /** Counters of an interface, usually at the end. Its own time stamp is `end`, or 0. */
  statistics(interfaceIndex: number, counters: InterfaceStatistics): void {
    const {out} = this;
    const nano = this.nano[interfaceIndex];
    if (nano === undefined) throw new RangeError(`no interface ${interfaceIndex}`);
    const block = this.begin(BLOCK_STATISTICS, 128);
    const low = this.stamp(counters.end?.sec ?? 0, counters.end?.nsec ?? 0, nano);
    out.u32(interfaceIndex);
    out.u32(this.high);
    out.u32(low);
    const options = out.position;
    this.timeOption(2, counters.start, nano);
    this.timeOption(3, counters.end, nano);
    this.counterOption(4, counters.received);
    this.counterOption(5, counters.dropped);
    this.counterOption(6, counters.filterAccepted);
    this.counterOption(7, counters.osDropped);
    this.counterOption(8, counters.delivered);
    this.endOptions(options);
    this.finish(block);
  }

  flush(): void {
    this.out.flush();
  }

  /** Flushes and closes the sink. */
  close(): void {
    this.out.flush();
    this.sink.close();
  }

  private writeNames(): void {
    const records = this.names.splice(0);
    if (records.length === 0) return;
    const {out} = this;
    const start = this.begin(
      BLOCK_NAMES,
      records.reduce((sum, {value}) => sum + value.length + 7, 4),
    );
    for (const {type, value} of records) {
      out.u16(type);
      out.u16(value.length);
      out.bytes(value, 0, value.length);
      out.pad(value.length);
    }
    out.u32(0);
    this.finish(start);
  }

  private packetOptions(options: PacketOptions): void {
    const {out} = this;
    const start = out.position;
    for (const comment of options.comments ?? []) this.textOption(1, comment);
    if (options.direction) this.wordOption(2, options.direction === 'in' ? 1 : 2);
    this.counterOption(4, options.dropCount);
    this.counterOption(5, options.packetId);
    if (options.queue !== undefined) this.wordOption(6, options.queue);
    if (options.verdict !== undefined) {
      out.u16(7);
      out.u16(9);
      out.u8(1);
      out.u64(options.verdict);
      out.pad(9);
    }
    this.endOptions(start);
  }

  /** Starts a block of at most `body` bytes; returns its position for `finish`. */
  private begin(type: number, body: number): number {
    const {out} = this;
    out.reserve(12 + body + 4 + END_OF_OPTIONS);
    const start = out.position;
    out.u32(type);
    out.u32(0);
    return start;
  }

  private finish(start: number): void {
    const {out} = this;
    const length = out.position - start + 4;
    out.patch32(length - 8, length);
    out.u32(length);
  }

  private endOptions(start: number): void {
    if (this.out.position > start) this.out.u32(0);
  }

  private textOption(code: number, text: string | undefined): void {
    if (text === undefined) return;
    const {out} = this;
    out.u16(code);
    out.u16(0);
    const length = out.text(text, MAX_OPTION);
    out.patch16(length + 2, length);
    out.pad(length);
  }

  private bytesOption(code: number, bytes: Uint8Array): void {
    this.out.u16(code);
    this.out.u16(bytes.length);
    this.out.bytes(bytes, 0, bytes.length);
    this.out.pad(bytes.length);
  }

  private wordOption(code: number, v: number): void {
    this.out.u16(code);
    this.out.u16(4);
    this.out.u32(v);
  }

  private counterOption(code: number, v: number | undefined): void {
    if (v === undefined) return;
    this.out.u16(code);
    this.out.u16(8);
    this.out.u64(v);
  }

  private timeOption(code: number, time: {sec: number; nsec: number} | undefined, nano: boolean): void {
    if (!time) return;
    const low = this.stamp(time.sec, time.nsec, nano);
    this.out.u16(code);
    this.out.u16(8);
    this.out.u32(this.high);
    this.out.u32(low);
  }

  /** if_IPv4addr: address and mask. if_IPv6addr: address and prefix length. */
  private addressOption({ip, length}: Prefix): void {
    const value = new Uint8Array(isIp4(ip) ? 8 : 17);
    writeIp(value, 0, ip);
    if (isIp4(ip)) writeIp(value, 4, maskIp(0xffffffff, length));
    else value[16] = length;
    this.bytesOption(isIp4(ip) ? 4 : 5, value);
  }

  /** 64-bit time stamp without BigInt: sets `high`, returns the low word. */
  private stamp(sec: number, nsec: number, nano: boolean): number {
    if (!nano) {
      const t = sec * 1e6 + Math.floor(nsec / 1000);
      this.high = Math.floor(t / 0x1_0000_0000);
      return t % 0x1_0000_0000;
    }
    // sec = a · 2^16 + b; t = (a · 10^9) · 2^16 + (b · 10^9 + nsec), each product below 2^53.
    const a = Math.floor(sec / 0x1_0000) * 1e9;
    const rest = (a % 0x1_0000) * 0x1_0000 + (sec % 0x1_0000) * 1e9 + nsec;
    this.high = Math.floor(a / 0x1_0000) + Math.floor(rest / 0x1_0000_0000);
    return rest % 0x1_0000_0000;
  }
}

/** Room that these texts can take as options, header and padding included. */
function textRoom(...texts: readonly (string | undefined)[]): number {
  let sum = 0;
  for (const text of texts) if (text !== undefined) sum += Math.min(3 * text.length + 3, MAX_OPTION) + 8;
  return sum;
}

interface NameRecord {
  /** nrb_record_ipv4 1, nrb_record_ipv6 2. */
  readonly type: number;
  /** Address, then names with a zero behind each. */
  readonly value: Uint8Array;
}

/** As many records as the names need: a value has at most 65535 bytes. A name that fits in none is left out. */
function nameRecords(ip: Ip, names: readonly string[]): NameRecord[] {
  const size = isIp4(ip) ? 4 : 16;
  const encoder = new TextEncoder();
  const texts: number[][] = [];
  for (const name of names) {
    const bytes = encoder.encode(`${name.replaceAll('\0', '')}\0`);
    if (bytes.length === 1 || size + bytes.length > MAX_OPTION) continue;
    const last = texts.at(-1);
    if (last && size + last.length + bytes.length <= MAX_OPTION) last.push(...bytes);
    else texts.push([...bytes]);
  }
  return texts.map((text) => {
    const value = new Uint8Array(size + text.length);
    writeIp(value, 0, ip);
    value.set(text, size);
    return {type: isIp4(ip) ? 1 : 2, value};
  });
}
