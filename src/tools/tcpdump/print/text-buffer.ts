/** Text under construction, as bytes: appended to, handed on between packets. No allocation but to grow. */
import {get16} from '../../../wire/bytes.js';

const HEX = '0123456789abcdef';
/** Room kept behind the write position, so that numbers and addresses need no check of their own. */
const SLACK = 512;
const FLUSH_AT = 64 * 1024;

/** `00` … `99`, `0000` … `9999`, `00` … `ff`: the characters as one big-endian number. */
const PAIRS = new Uint16Array(100);
const QUADS = new Uint32Array(10000);
for (let i = 0; i < 100; i++) PAIRS[i] = ((48 + ((i / 10) | 0)) << 8) | (48 + (i % 10));
for (let i = 0; i < 10000; i++) QUADS[i] = (PAIRS[(i / 100) | 0]! << 16) | PAIRS[i % 100]!;
const HEX_PAIRS = new Uint16Array(256);
/** `0.` … `255.`, the first character highest, and their lengths. */
const OCTETS = new Uint32Array(256);
const OCTET_LENGTHS = new Uint8Array(256);
/** What a byte is in the text column of a dump. */
const VISIBLE = new Uint8Array(256);
for (let i = 0; i < 256; i++) {
  HEX_PAIRS[i] = (HEX.charCodeAt(i >> 4) << 8) | HEX.charCodeAt(i & 15);
  VISIBLE[i] = i > 0x20 && i < 0x7f ? i : 0x2e;
  const low = PAIRS[i % 100]!;
  OCTETS[i] = i < 10 ? ((48 + i) << 24) | 0x2e0000 : i < 100 ? (low << 16) | 0x2e00 : QUADS[i]! * 256 + 0x2e;
  OCTET_LENGTHS[i] = i < 10 ? 2 : i < 100 ? 3 : 4;
}

/** A fixed ASCII text in a form that is copied fast. */
export interface Literal {
  /** The text is at `at`, and 7 bytes more behind it. */
  readonly bytes: DataView;
  readonly at: number;
  readonly length: number;
}

/** Literals lie together: a buffer of its own for each would be most of what they cost at start-up. */
const POOL = 4096;
let pool = new DataView(new ArrayBuffer(POOL));
let poolAt = 0;

export function literal(text: string): Literal {
  const {length} = text;
  if (poolAt + length + 7 > pool.byteLength) {
    pool = new DataView(new ArrayBuffer(Math.max(POOL, length + 7)));
    poolAt = 0;
  }
  const made = {bytes: pool, at: poolAt, length};
  for (let i = 0; i < length; i++) pool.setUint8(poolAt++, text.charCodeAt(i));
  return made;
}

/** What fills a hole in a text: an IPv4 address, an IPv6 address, a 16-bit number, a port's. */
export const QUAD = 0;
export const GROUPS = 1;
export const NUMBER = 2;
export const PORT = 3;
export type HoleKind = typeof QUAD | typeof GROUPS | typeof NUMBER | typeof PORT;
const HOLE_SIZES = [4, 16, 2, 2] as const;
/** Longest text of a hole, an IPv6 address that ends in a quad. */
const HOLE_TEXT = 45;

/** A hole and where the bytes that fill it are, as one number. */
export function hole(kind: HoleKind, o: number): number {
  return o * 4 + kind;
}

export function holeAt(hole: number): number {
  return hole >> 2;
}

export function holeKind(hole: number): HoleKind {
  return (hole & 3) as HoleKind;
}

/** Bytes that fill it. */
export function holeSize(hole: number): number {
  return HOLE_SIZES[holeKind(hole)];
}

/** Decimal digits of a number below 2^32. */
function digitsOf(value: number): number {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 100_000_000) return value < 1_000_000 ? (value < 100_000 ? 5 : 6) : value < 10_000_000 ? 7 : 8;
  return value < 1_000_000_000 ? 9 : 10;
}

/** Writes a dotted quad and more behind it; where the quad ends. */
function quadAt(view: DataView, o: number, a: number, b: number, c: number, d: number): number {
  view.setUint32(o, OCTETS[a]!);
  let at = o + OCTET_LENGTHS[a]!;
  view.setUint32(at, OCTETS[b]!);
  at += OCTET_LENGTHS[b]!;
  view.setUint32(at, OCTETS[c]!);
  at += OCTET_LENGTHS[c]!;
  view.setUint32(at, OCTETS[d]!);
  return at + OCTET_LENGTHS[d]! - 1;
}

/** Writes a 16-bit number in decimal and more behind it; where the number ends. */
function numberAt(view: DataView, o: number, value: number): number {
  if (value >= 10000) {
    const high = (value / 10000) | 0;
    view.setUint8(o, 48 + high);
    view.setUint32(o + 1, QUADS[value - high * 10000]!);
    return o + 5;
  }
  const digits = value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  view.setUint32(o, QUADS[value]! << (8 * (4 - digits)));
  return o + digits;
}

export class TextBuffer {
  private out = new Uint8Array(FLUSH_AT * 2);
  private view = new DataView(this.out.buffer);
  private at = 0;
  private limit = FLUSH_AT * 2 - SLACK;

  constructor(private readonly sink: (bytes: Uint8Array) => void) {}

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

  /** Text made by `literal`: several times as fast as `s`. */
  t(text: Literal): void {
    this.copy(text.bytes, text.at, text.length);
  }

  /** `%u` of a number below 2^53. */
  n(value: number): void {
    if (value < 10) return this.c(48 + value);
    if (this.at >= this.limit) this.grow(20);
    if (value > 0xffff_ffff) return this.s(String(value));
    this.at += digitsOf(value);
    this.digits(value, this.at);
  }

  /** `%0<width>u` of a number below 2^32. */
  zeros(value: number, width: number): void {
    if (this.at >= this.limit) this.grow(20);
    const digits = digitsOf(value);
    for (let i = digits; i < width; i++) this.out[this.at++] = 48;
    this.at += digits;
    this.digits(value, this.at);
  }

  /** `.%06u ` of a number below 10^6. */
  micros(value: number): void {
    if (this.at >= this.limit) this.grow(8);
    const {out, view, at} = this;
    const high = (value / 10000) | 0;
    out[at] = 0x2e;
    view.setUint16(at + 1, PAIRS[high]!);
    view.setUint32(at + 3, QUADS[value - high * 10000]!);
    out[at + 7] = 0x20;
    this.at = at + 8;
  }

  /** Writes the digits of a number below 2^32 to end at `end`. */
  private digits(value: number, end: number): void {
    const {view} = this;
    let rest = value >>> 0;
    let i = end;
    while (rest >= 10000) {
      const next = (rest / 10000) >>> 0;
      i -= 4;
      view.setUint32(i, QUADS[rest - next * 10000]!);
      rest = next;
    }
    if (rest >= 100) {
      const next = (rest / 100) >>> 0;
      i -= 2;
      view.setUint16(i, PAIRS[rest - next * 100]!);
      rest = next;
    }
    if (rest >= 10) view.setUint16(i - 2, PAIRS[rest]!);
    else this.out[i - 1] = 48 + rest;
  }

  /** `%x` of a 32-bit number. */
  x(value: number): void {
    if (this.at >= this.limit) this.grow(8);
    const {out} = this;
    const digits = value === 0 ? 1 : (35 - Math.clz32(value)) >> 2;
    let rest = value;
    for (let i = this.at + digits - 1; i >= this.at; i--) {
      const digit = rest & 15;
      out[i] = digit < 10 ? 48 + digit : 87 + digit;
      rest >>>= 4;
    }
    this.at += digits;
  }

  /** `%0<digits>x`. */
  hex(value: number, digits: number): void {
    if (digits <= 4 && (digits & 1) === 0) {
      if (this.at >= this.limit) this.grow(4);
      if (digits === 4) {
        this.view.setUint16(this.at, HEX_PAIRS[(value >>> 8) & 0xff]!);
        this.at += 2;
      }
      this.view.setUint16(this.at, HEX_PAIRS[value & 0xff]!);
      this.at += 2;
      return;
    }
    for (let shift = 4 * digits - 4; shift >= 0; shift -= 4) this.c(HEX.charCodeAt((value >>> shift) & 15));
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

  /** The `n` bytes of ASCII in `from` at `o`, behind which it has 7 more. As ASCII is never NaN, doubles carry it unchanged. */
  copy(from: DataView, o: number, n: number): void {
    if (this.at + n > this.limit) this.grow(n);
    const {view, at} = this;
    for (let i = 0; i < n; i += 8) view.setFloat64(at + i, from.getFloat64(o + i));
    this.at = at + n;
  }

  /**
   * As `copy`, but with something between: `gaps[gap + i]` is where in the text hole `i` is, `b` from `start` on is what the holes
   * are about.
   */
  protected fill(
    from: DataView,
    o: number,
    n: number,
    gaps: Int32Array,
    gap: number,
    holes: Int32Array,
    b: Uint8Array,
    start: number,
  ): void {
    const most = n + holes.length * HOLE_TEXT + 8;
    if (this.at + most > this.limit) this.grow(most);
    const {view} = this;
    let {at} = this;
    let done = 0;
    for (let i = 0; i < holes.length; i++) {
      const next = gaps[gap + i]!;
      for (let k = done; k < next; k += 8) view.setFloat64(at + k - done, from.getFloat64(o + k));
      at += next - done;
      done = next;
      const p = start + (holes[i]! >> 2);
      const kind = holes[i]! & 3;
      if (kind === QUAD) at = quadAt(view, at, b[p]!, b[p + 1]!, b[p + 2]!, b[p + 3]!);
      else if (kind >= NUMBER) at = numberAt(view, at, b[p]! * 256 + b[p + 1]!);
      else {
        this.at = at;
        this.groups(b, p);
        at = this.at;
      }
    }
    for (let k = done; k < n; k += 8) view.setFloat64(at + k - done, from.getFloat64(o + k));
    this.at = at + n - done;
  }

  /** Copies what is written between two marks to `to[o…]`; how many bytes. */
  written(from: number, end: number, to: Uint8Array, o: number): number {
    to.set(this.out.subarray(from, end), o);
    return end - from;
  }

  /** Is what was written since `mark` ASCII? */
  isAscii(mark: number): boolean {
    for (let i = mark; i < this.at; i++) if (this.out[i]! >= 0x80) return false;
    return true;
  }

  /** Where the text stands, for `limit`. */
  mark(): number {
    return this.at;
  }

  /** Takes back what was written since `mark`, as a string. */
  take(mark: number): string {
    let text = '';
    for (let i = mark; i < this.at; i++) text += String.fromCharCode(this.out[i]!);
    this.at = mark;
    return text;
  }

  /** Cuts what was written since `mark` to `n` bytes: texts that tcpdump makes in a buffer of that size. */
  cutText(mark: number, n: number): void {
    if (this.at - mark > n) this.at = mark + n;
  }

  /** One line of a hex and text dump: ` 4500 003c` padded to 40 columns, two blanks, the text. `n` ≤ 16 bytes. */
  dumpLine(b: Uint8Array, o: number, n: number): void {
    if (this.at >= this.limit) this.grow(64);
    const {out, view} = this;
    let {at} = this;
    const text = at + 42;
    let i = 0;
    for (; i + 1 < n; i += 2) {
      const first = b[o + i]!;
      const second = b[o + i + 1]!;
      out[at] = 0x20;
      view.setUint16(at + 1, HEX_PAIRS[first]!);
      view.setUint16(at + 3, HEX_PAIRS[second]!);
      at += 5;
      out[text + i] = VISIBLE[first]!;
      out[text + i + 1] = VISIBLE[second]!;
    }
    if (i < n) {
      out[at] = 0x20;
      view.setUint16(at + 1, HEX_PAIRS[b[o + i]!]!);
      at += 3;
      out[text + i] = VISIBLE[b[o + i]!]!;
    }
    while (at < text) out[at++] = 0x20;
    this.at = text + n;
  }

  /** A dotted quad, never a name. */
  quad(a: number, b: number, c: number, d: number): void {
    if (this.at >= this.limit) this.grow(16);
    this.at = quadAt(this.view, this.at, a, b, c, d);
  }

  /** An IPv6 address: the longest run of two or more zero groups (the first of equals) as `::`; `::a.b.c.d`, `::ffff:a.b.c.d`. */
  groups(b: Uint8Array, o: number): void {
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

  private grow(n: number): void {
    const bigger = new Uint8Array(Math.max(this.out.length * 2, this.at + n + 2 * SLACK));
    bigger.set(this.out.subarray(0, this.at));
    this.out = bigger;
    this.view = new DataView(bigger.buffer);
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
