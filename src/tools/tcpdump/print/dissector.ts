/**
 * The state every printer works on: the frame with its visible end, the line being written, the options.
 *
 *   b      |----------------- captured ------------------|
 *          o (each printer's own offset)      end (moves in when a header states a length; `push`/`pop`)
 *
 * Reading at or past `end` ends the packet's printers at once
 * by throwing `TRUNCATED`, which `Dissector.protocol` then names: `[|tcp]`. A printer that notices the cut itself calls
 * `trunc()` and returns instead; the two differ in what is dumped after (`printPacket`).
 */
import {type Ip, readIp6} from '../../../wire/addr.js';
import {get16, get24, get32} from '../../../wire/bytes.js';
import {viewChecksum} from '../../../wire/checksum.js';
import {ouiNames} from './names.js';
import type {NameSource, PrintOptions} from './options.js';
import {PrefixCache} from './prefix-cache.js';
import {SequenceTable} from './sequences.js';
import {GROUPS, NUMBER, QUAD, TextBuffer} from './text-buffer.js';

/** Thrown (never caught but in `printPacket`) when a printer runs off the captured bytes. No stack: it is on a fast path. */
export const TRUNCATED = {name: 'packet cut'} as const;

export class Dissector extends TextBuffer {
  /** The frame's buffer and the end of what may be read in it. */
  b: Uint8Array = new Uint8Array(0);
  end = 0;
  /** The same buffer, for 32 bits at a time. */
  frame = new DataView(this.b.buffer);
  /** Name of the protocol being printed, for `[|name]`. */
  protocol = '';
  /** Bytes of link header, left out of `-x`, `-X`, `-A`. */
  linkHeader = 0;

  readonly v: number;
  readonly e: boolean;
  readonly q: number;
  readonly numeric: boolean;
  readonly sequences4 = new SequenceTable(1);
  readonly sequences6 = new SequenceTable(4);
  readonly prefixes: PrefixCache;

  private readonly ends: number[] = [];
  /** How many of `ends` count. */
  private depth = 0;
  private readonly hosts = new Map<Ip, string>();

  constructor(
    readonly options: PrintOptions,
    readonly names: NameSource,
    sink: (bytes: Uint8Array) => void,
  ) {
    super(sink);
    this.v = options.verbose;
    this.e = options.link;
    this.q = options.quiet;
    this.numeric = options.numeric;
    this.prefixes = new PrefixCache(this.v > 0 && !options.noChecksums);
  }

  // ---- the frame ----

  start(b: Uint8Array, end: number): void {
    if (b !== this.b) this.over(b);
    this.end = end;
    this.depth = 0;
    this.protocol = '';
    this.linkHeader = 0;
  }

  /** From now on these are the bytes. */
  over(b: Uint8Array): void {
    this.b = b;
    this.frame = new DataView(b.buffer, b.byteOffset, b.byteLength);
  }

  /** Narrows the visible end to `o + length` where that lies inside; `pop` undoes it. */
  push(o: number, length: number): void {
    this.ends[this.depth++] = this.end;
    this.narrow(o, length);
  }

  narrow(o: number, length: number): void {
    if (length <= this.end - o) this.end = o + length;
  }

  pop(): void {
    if (this.depth > 0) this.end = this.ends[--this.depth]!;
  }

  /** Replaces the last `push`, but measures against the end saved by the one before it, as nd_change_snaplen does. */
  repush(o: number, length: number): void {
    const {ends, depth} = this;
    const from = depth >= 2 ? ends[depth - 2]! : this.end;
    if (length <= from - o) this.end = o + length;
  }

  has(o: number, n: number): boolean {
    return n >= 0 && o + n <= this.end;
  }

  need(o: number, n: number): void {
    if (n < 0 || o + n > this.end) throw TRUNCATED;
  }

  u8(o: number): number {
    if (o >= this.end) throw TRUNCATED;
    return this.b[o]!;
  }

  u16(o: number): number {
    if (o + 2 > this.end) throw TRUNCATED;
    return get16(this.b, o);
  }

  u24(o: number): number {
    if (o + 3 > this.end) throw TRUNCATED;
    return get24(this.b, o);
  }

  u32(o: number): number {
    if (o + 4 > this.end) throw TRUNCATED;
    return get32(this.b, o);
  }

  u64(o: number): bigint {
    if (o + 8 > this.end) throw TRUNCATED;
    return (BigInt(get32(this.b, o)) << 32n) | BigInt(get32(this.b, o + 4));
  }

  le16(o: number): number {
    if (o + 2 > this.end) throw TRUNCATED;
    return this.b[o]! | (this.b[o + 1]! << 8);
  }

  le32(o: number): number {
    if (o + 4 > this.end) throw TRUNCATED;
    return (this.b[o]! | (this.b[o + 1]! << 8) | (this.b[o + 2]! << 16) | (this.b[o + 3]! << 24)) >>> 0;
  }

  /** Bytes visible from `o` on, as an unsigned 32-bit difference. */
  left(o: number): number {
    return (this.end - o) >>> 0;
  }

  /** Internet checksum over `[o, o + n)`: 0 when right. The caller has tested that the bytes are there. */
  sum(o: number, n: number, initial = 0): number {
    return viewChecksum(this.frame, o, o + n, initial);
  }

  // ---- text ----

  /** The bytes `[o, o + n)` in hex; each is tested as it comes. */
  bytes(o: number, n: number): void {
    for (let i = 0; i < n; i++) this.hex(this.u8(o + i), 2);
  }

  /** `n` bytes of text from `o`; false when the visible bytes end before. */
  text(o: number, n: number): boolean {
    const stop = Math.min(o + n, this.end);
    for (let i = o; i < stop; i++) this.safe(this.b[i]!);
    return o + n <= Math.max(this.end, o);
  }

  trunc(): void {
    this.s(' [|');
    this.s(this.protocol);
    this.c(0x5d);
  }

  invalid(): void {
    this.s(' (invalid)');
  }

  // ---- addresses ----

  /** As `fill`, about the frame. */
  filled(from: DataView, o: number, n: number, gaps: Int32Array, gap: number, holes: Int32Array, start: number): void {
    this.fill(from, o, n, gaps, gap, holes, this.b, start);
  }

  /** IPv4 address at `o`, or its host's name. */
  ip4(o: number): void {
    this.need(o, 4);
    const {b} = this;
    if (!this.numeric) {
      const name = this.host(get32(b, o));
      if (name !== '') return this.s(name);
    }
    this.quad(b[o]!, b[o + 1]!, b[o + 2]!, b[o + 3]!);
  }

  /** As `ip4`, of an address on which nothing but its own text depends. */
  address4(o: number): void {
    const from = this.mark();
    this.ip4(o);
    if (this.numeric) this.prefixes.hole(this, QUAD, o, from);
  }

  /** As `ip6`, of an address on which nothing but its own text depends. */
  address6(o: number): void {
    const from = this.mark();
    this.ip6(o);
    if (this.numeric) this.prefixes.hole(this, GROUPS, o, from);
  }

  /** The 16-bit number at `o`, on which nothing but its own text depends, unless it is a length (`PrefixCache.counts`). */
  number16(o: number): void {
    const from = this.mark();
    this.n(this.u16(o));
    this.prefixes.hole(this, NUMBER, o, from);
  }

  /** IPv6 address at `o`, or its host's name. */
  ip6(o: number): void {
    this.need(o, 16);
    this.ip6From(this.b, o);
  }

  ip6From(b: Uint8Array, o: number): void {
    if (!this.numeric) {
      const name = this.host(readIp6(b, o));
      if (name !== '') return this.s(name);
    }
    this.groups(b, o);
  }

  /** Name of a host, `''` where there is none; asked for once. */
  private host(ip: Ip): string {
    let name = this.hosts.get(ip);
    if (name === undefined) {
      name = this.names.host(ip) ?? '';
      if (this.options.shortNames && name.includes('.')) name = name.slice(0, name.indexOf('.'));
      this.hosts.set(ip, name);
    }
    return name;
  }

  /** MAC address at `o`; with names, the vendor's too. */
  mac(o: number): void {
    this.need(o, 6);
    const {b} = this;
    if (!this.numeric && get24(b, o) === 0xffffff && get24(b, o + 3) === 0xffffff) return this.s('Broadcast');
    this.colons(o, 6);
    if (this.numeric) return;
    this.s(' (oui ');
    this.s(ouiNames[get24(b, o)] ?? 'Unknown');
    this.c(0x29);
  }

  /** `n` bytes in hex with colons; the caller has tested them. */
  colons(o: number, n: number): void {
    for (let i = 0; i < n; i++) {
      if (i > 0) this.c(0x3a);
      this.hex(this.b[o + i]!, 2);
    }
  }

  tcpPort(port: number): void {
    const name = this.numeric ? undefined : this.names.port('tcp', port);
    if (name === undefined) this.n(port);
    else this.s(name);
  }

  udpPort(port: number): void {
    const name = this.numeric ? undefined : this.names.port('udp', port);
    if (name === undefined) this.n(port);
    else this.s(name);
  }
}
