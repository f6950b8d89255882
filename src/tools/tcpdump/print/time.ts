/** Time stamps, -t … -ttttt (util-print.c `ts_print`). Local time is the runtime's (TZ); a second's text is made once. */
import type {Dissector} from './dissector.js';

const two = (n: number): string => String(n).padStart(2, '0');

export class Clock {
  private readonly unit: number;
  private textSecond = Number.NaN;
  /** Of `textSecond`: ASCII, and 7 bytes more. */
  private readonly text = new DataView(new ArrayBuffer(64));
  private textLength = 0;
  private referenceSeconds = 0;
  private referenceFraction = 0;

  /** `precision`: digits of the fraction, 6 or 9. */
  constructor(
    private readonly mode: number,
    private readonly precision: 6 | 9,
  ) {
    this.unit = 10 ** precision;
  }

  /** Seconds as 32 bits wide; the fraction in units of the precision. */
  print(d: Dissector, seconds: number, fraction: number): void {
    if (this.mode === 1) return;
    if (this.mode === 3 || this.mode === 5) this.difference(d, seconds, fraction);
    else if ((seconds & 0x80000000) !== 0) d.s('[Error converting time]');
    else {
      if (this.mode === 2) d.n(seconds);
      else {
        if (seconds !== this.textSecond) this.local(seconds);
        d.copy(this.text, 0, this.textLength);
      }
      if (this.precision === 6 && fraction >= 0 && fraction < 1_000_000) return d.micros(fraction);
      this.fraction(d, fraction);
    }
    d.c(0x20);
  }

  /** Of what is no fraction the lower 32 bits. */
  private fraction(d: Dissector, fraction: number): void {
    d.c(0x2e);
    d.zeros(fraction >>> 0, this.precision);
  }

  /** Since the previous packet, or the first; `tv_ref` counts as unset while it is zero. */
  private difference(d: Dissector, seconds: number, fraction: number): void {
    if (this.referenceSeconds === 0 && this.referenceFraction === 0) this.setReference(seconds, fraction);
    const negative =
      seconds < this.referenceSeconds || (seconds === this.referenceSeconds && fraction < this.referenceFraction);
    let s = seconds - this.referenceSeconds;
    let f = fraction - this.referenceFraction;
    if (negative) {
      s = -s;
      f = -f;
    }
    if (f < 0) {
      s--;
      f += this.unit;
    }
    d.c(negative ? 0x2d : 0x20);
    if ((s & 0x80000000) !== 0) d.s('[Error converting time]');
    else {
      d.s(hms(Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60));
      this.fraction(d, f);
    }
    if (this.mode === 3) this.setReference(seconds, fraction);
  }

  private setReference(seconds: number, fraction: number): void {
    this.referenceSeconds = seconds;
    this.referenceFraction = fraction;
  }

  private local(seconds: number): void {
    const date = new Date(seconds * 1000);
    const time = hms(date.getHours(), date.getMinutes(), date.getSeconds());
    const text =
      this.mode === 4 ? `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}` : time;
    for (let i = 0; i < text.length; i++) this.text.setUint8(i, text.charCodeAt(i));
    this.textLength = text.length;
    this.textSecond = seconds;
  }
}

function hms(hours: number, minutes: number, seconds: number): string {
  return `${two(hours)}:${two(minutes)}:${two(seconds)}`;
}
