/**
 * The state every printer works on: the frame with its visible end, the line being written, the options.
 *
 *   b      |----------------- captured ------------------|
 *          o (each printer's own offset)      end (moves in when a header states a length; `push`/`pop`)
 *
 * Text is appended to a byte buffer, flushed between packets. Reading at or past `end` ends the packet's printers at once
 * by throwing `TRUNCATED`, which `Dissector.protocol` then names: `[|tcp]`. A printer that notices the cut itself calls
 * `trunc()` and returns instead; the two differ in what is dumped after (`printPacket`).
 */
import {type Ip, readIp6} from '../../../wire/addr.js';
import {get16, get24, get32} from '../../../wire/bytes.js';
import {checksum} from '../../../wire/checksum.js';
import {ouiNames} from './names.js';
import type {NameSource, PrintOptions} from './options.js';
import {SequenceTable} from './sequences.js';

/** Thrown (never caught but in `printPacket`) when a printer runs off the captured bytes. No stack: it is on a fast path. */
export const TRUNCATED = {name: 'packet cut'} as const;

const HEX = '0123456789abcdef';
/** Room kept behind the write position, so that numbers and addresses need no check of their own. */
const SLACK = 512;
const FLUSH_AT = 64 * 1024;

export class Dissector {
  /** The frame's buffer and the end of what may be read in it. */
  b: Uint8Array = new Uint8Array(0);
  end = 0;
  /** Name of the protocol being printed, for `[|name]`. */
  protocol = '';
  /** Bytes of link header, left out of `-x`, `-X`, `-A`. */
  linkHeader = 0;

  readonly v: number;
  readonly e: boolean;
  readonly q: number;
  readonly numeric: boolean;
  readonly sequences4 = new SequenceTable(3);
  readonly sequences6 = new SequenceTable(9);

  private out = new Uint8Array(FLUSH_AT * 2);
  private at = 0;
  private limit = FLUSH_AT * 2 - SLACK;
  private readonly ends: number[] = [];
  private readonly hosts = new Map<Ip, string>();

  constructor(
    readonly options: PrintOptions,
    readonly names: NameSource,
    private readonly sink: (bytes: Uint8Array) => void,
  ) {
    this.v = options.verbose;
    this.e = options.link;
    this.q = options.quiet;
    this.numeric = options.numeric;
  }

  // ---- the frame ----

  start(b: Uint8Array, end: number): void {
    this.b = b;
    this.end = end;
    this.ends.length = 0;
    this.protocol = '';
    this.linkHeader = 0;
  }

  /** Narrows the visible end to `o + length` where that lies inside; `pop` undoes it. */
  push(o: number, length: number): void {
    this.ends.push(this.end);
    this.narrow(o, length);
  }

  narrow(o: number, length: number): void {
    if (length <= this.end - o) this.end = o + length;
  }

  pop(): void {
    const end = this.ends.pop();
    if (end !== undefined) this.end = end;
  }

  /** Replaces the last `push`, but measures against the end saved by the one before it, as nd_change_snaplen does. */
  repush(o: number, length: number): void {
    const {ends} = this;
    const from = ends.length >= 2 ? ends[ends.length - 2]! : this.end;
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
    return checksum(this.b, o, o + n, initial);
  }

  // ---- the line ----

  s(text: string): void {
    const n = text.length;
    if (this.at + n > this.limit) this.grow(n);
    const {out} = this;
    let {at} = this;
    for (let i = 0; i < n; i++) out[at++] = text.charCodeAt(i);
    this.at = at;
  }

  /** One character by code. */
  c(code: number): void {
    if (this.at >= this.limit) this.grow(1);
    this.out[this.at++] = code;
  }

  /** `%u` of a number below 2^53. */
  n(value: number): void {
    if (value < 10) return this.c(48 + value);
    if (this.at >= this.limit) this.grow(20);
    if (value > 0xffff_ffff) return this.s(String(value));
    let digits = 2;
    for (let bound = 100; digits < 10 && value >= bound; bound *= 10) digits++;
    const {out} = this;
    let rest = value >>> 0;
    let i = this.at + digits;
    this.at = i;
    while (i > this.at - digits) {
      const next = (rest / 10) >>> 0;
      out[--i] = 48 + rest - next * 10;
      rest = next;
    }
  }

  /** `%0<width>u`. */
  zeros(value: number, width: number): void {
    let bound = 10 ** (width - 1);
    for (let i = 1; i < width && value < bound; i++, bound /= 10) this.c(48);
    this.n(value);
  }

  /** `%x` of a 32-bit number. */
  x(value: number): void {
    let shift = 28;
    while (shift > 0 && value >>> shift === 0) shift -= 4;
    for (; shift >= 0; shift -= 4) this.c(HEX.charCodeAt((value >>> shift) & 15));
  }

  /** `%0<digits>x`. */
  hex(value: number, digits: number): void {
    for (let shift = 4 * digits - 4; shift >= 0; shift -= 4) this.c(HEX.charCodeAt((value >>> shift) & 15));
  }

  /** The bytes `[o, o + n)` in hex; each is tested as it comes. */
  bytes(o: number, n: number): void {
    for (let i = 0; i < n; i++) this.hex(this.u8(o + i), 2);
  }

  /** A byte of text: `M-` for the high half, `^x` for controls (`fn_print_char`). */
  safe(byte: number): void {
    let c = byte;
    if (c >= 0x80) {
      c &= 0x7f;
      this.s('M-');
    }
    if (c < 0x20 || c === 0x7f) {
      c ^= 0x40;
      this.c(0x5e);
    }
    this.c(c);
  }

  /** `n` bytes of text from `o`; false when the visible bytes end before. */
  text(o: number, n: number): boolean {
    const stop = Math.min(o + n, this.end);
    for (let i = o; i < stop; i++) this.safe(this.b[i]!);
    return o + n <= Math.max(this.end, o);
  }

  /** Where the text stands, for `limit`. */
  mark(): number {
    return this.at;
  }

  /** Cuts what was written since `mark` to `n` bytes: texts that tcpdump makes in a buffer of that size. */
  cutText(mark: number, n: number): void {
    if (this.at - mark > n) this.at = mark + n;
  }

  trunc(): void {
    this.s(' [|');
    this.s(this.protocol);
    this.c(0x5d);
  }

  invalid(): void {
    this.s(' (invalid)');
  }

  /** One line of a hex and text dump: ` 4500 003c` padded to 40 columns, two blanks, the text. `n` ≤ 16 bytes. */
  dumpLine(b: Uint8Array, o: number, n: number): void {
    if (this.at >= this.limit) this.grow(64);
    const {out} = this;
    let {at} = this;
    const text = at + 42;
    for (let i = 0; i < n; i++) {
      const byte = b[o + i]!;
      if ((i & 1) === 0) out[at++] = 0x20;
      out[at++] = HEX.charCodeAt(byte >> 4);
      out[at++] = HEX.charCodeAt(byte & 15);
      out[text + i] = byte > 0x20 && byte < 0x7f ? byte : 0x2e;
    }
    while (at < text) out[at++] = 0x20;
    this.at = text + n;
  }

  // ---- addresses ----

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

  /** A dotted quad, never a name. */
  quad(a: number, b: number, c: number, d: number): void {
    if (this.at >= this.limit) this.grow(16);
    this.octet(a);
    this.out[this.at++] = 46;
    this.octet(b);
    this.out[this.at++] = 46;
    this.octet(c);
    this.out[this.at++] = 46;
    this.octet(d);
  }

  private octet(value: number): void {
    const {out} = this;
    let {at} = this;
    if (value >= 100) {
      const hundreds = value >= 200 ? 2 : 1;
      out[at++] = 48 + hundreds;
      const rest = value - 100 * hundreds;
      const tens = (rest * 205) >>> 11;
      out[at++] = 48 + tens;
      out[at++] = 48 + rest - 10 * tens;
    } else if (value >= 10) {
      const tens = (value * 205) >>> 11;
      out[at++] = 48 + tens;
      out[at++] = 48 + value - 10 * tens;
    } else out[at++] = 48 + value;
    this.at = at;
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
    this.ip6Numeric(b, o);
  }

  /** Longest run of two or more zero groups (the first of equals) as `::`; `::a.b.c.d` and `::ffff:a.b.c.d` with a quad. */
  ip6Numeric(b: Uint8Array, o: number): void {
    let base = -1;
    let run = 1;
    for (let i = 0; i < 8; i++) {
      let n = 0;
      while (i + n < 8 && get16(b, o + 2 * (i + n)) === 0) n++;
      if (n > run) {
        base = i;
        run = n;
      }
      i += n;
    }
    for (let i = 0; i < 8; i++) {
      if (base >= 0 && i >= base && i < base + run) {
        if (i === base) this.c(0x3a);
        continue;
      }
      if (i !== 0) this.c(0x3a);
      if (i === 6 && base === 0 && (run === 6 || (run === 5 && get16(b, o + 10) === 0xffff)))
        return this.quad(b[o + 12]!, b[o + 13]!, b[o + 14]!, b[o + 15]!);
      this.x(get16(b, o + 2 * i));
    }
    if (base >= 0 && base + run === 8) this.c(0x3a);
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

  // ---- the buffer ----

  private grow(n: number): void {
    const bigger = new Uint8Array(Math.max(this.out.length * 2, this.at + n + 2 * SLACK));
    bigger.set(this.out.subarray(0, this.at));
    this.out = bigger;
    this.limit = bigger.length - SLACK;
  }

  /** Ends a packet's text: passes the buffer on when it is full enough, or `now`. */
  endPacket(now: boolean): void {
    if (this.at >= FLUSH_AT || now) this.flush();
  }

  flush(): void {
    if (this.at === 0) return;
    this.sink(this.out.subarray(0, this.at));
    this.at = 0;
  }
}
