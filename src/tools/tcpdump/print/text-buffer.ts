/** Text under construction, as bytes: appended to, handed on between packets. No allocation but to grow. */

const HEX = '0123456789abcdef';
/** Room kept behind the write position, so that numbers and addresses need no check of their own. */
const SLACK = 512;
const FLUSH_AT = 64 * 1024;

/** `00` … `99`. */
const PAIRS = Uint8Array.from({length: 200}, (_, i) => 48 + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

export class TextBuffer {
  private out = new Uint8Array(FLUSH_AT * 2);
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

  /** `%u` of a number below 2^53. */
  n(value: number): void {
    if (value < 10) return this.c(48 + value);
    if (this.at >= this.limit) this.grow(20);
    if (value > 0xffff_ffff) return this.s(String(value));
    let digits = 2;
    for (let bound = 100; digits < 10 && value >= bound; bound *= 10) digits++;
    this.at += digits;
    this.digits(value >>> 0, this.at - digits, this.at);
  }

  /** `%0<width>u`. */
  zeros(value: number, width: number): void {
    if (value >= 10 ** width) return this.n(value);
    if (this.at >= this.limit) this.grow(20);
    this.at += width;
    this.digits(value, this.at - width, this.at);
  }

  /** Fills `[from, to)` with the last digits of a number below 2^32. */
  private digits(value: number, from: number, to: number): void {
    const {out} = this;
    let rest = value;
    let i = to;
    while (i - from >= 2) {
      const next = (rest / 100) >>> 0;
      const pair = (rest - next * 100) * 2;
      out[--i] = PAIRS[pair + 1]!;
      out[--i] = PAIRS[pair]!;
      rest = next;
    }
    if (i > from) out[--i] = 48 + (rest % 10);
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

  /** Where the text stands, for `limit`. */
  mark(): number {
    return this.at;
  }

  /** Cuts what was written since `mark` to `n` bytes: texts that tcpdump makes in a buffer of that size. */
  cutText(mark: number, n: number): void {
    if (this.at - mark > n) this.at = mark + n;
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
