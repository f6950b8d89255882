/** Hex and text dumps of bytes: `-x`, `-X`, `-A`, and payloads nobody prints (print-ascii.c of 4.99.3). */
import {type Dissector, TRUNCATED} from './dissector.js';

const PER_LINE = 16;

/** `0x0000:  4500 003c …` lines, each begun by `indent`. */
export function hexDump(d: Dissector, indent: string, o: number, length: number): void {
  const n = Math.min(length, Math.max(0, d.end - o));
  const {b} = d;
  for (let i = 0; i < n; i++) {
    if (i % PER_LINE === 0) {
      d.s(indent);
      d.s('0x');
      offset(d, i);
      d.s(': ');
    }
    if (i % 2 === 0) d.c(0x20);
    d.hex(b[o + i]!, 2);
  }
  if (n < length) throw TRUNCATED;
}

/** The same with the text of each line behind it; bytes outside 0x21 … 0x7e as dots. */
export function hexAsciiDump(d: Dissector, indent: string, o: number, length: number): void {
  const n = Math.min(length, Math.max(0, d.end - o));
  const {b} = d;
  for (let i = 0; i < n; i += PER_LINE) {
    d.s(indent);
    d.s('0x');
    offset(d, i);
    d.s(': ');
    d.dumpLine(b, o + i, Math.min(PER_LINE, n - i));
  }
  if (n < length) throw TRUNCATED;
}

function offset(d: Dissector, value: number): void {
  if (value > 0xffff) d.x(value);
  else d.hex(value, 4);
}

/** Printable bytes, blanks, tabs and newlines as they are; a carriage return only counts where no newline follows. */
export function asciiDump(d: Dissector, o: number, length: number): void {
  d.protocol = 'ascii';
  const n = Math.min(length, Math.max(0, d.end - o));
  d.c(0x0a);
  for (let i = 0; i < n; i++) {
    const c = d.b[o + i]!;
    if (c === 0x0d) {
      if (n - i > 2 && d.b[o + i + 1] !== 0x0a) d.c(0x2e);
    } else d.c((c > 0x20 && c < 0x7f) || c === 0x09 || c === 0x20 || c === 0x0a ? c : 0x2e);
  }
  if (n < length) throw TRUNCATED;
}

/** A payload nobody prints: dumped, unless -q, -x or -X say that dumps are the user's business. */
export function defaultDump(d: Dissector, o: number, length: number): void {
  const {quiet, hex, hexAscii} = d.options;
  if (quiet === 0 && hex === 0 && hexAscii === 0) hexAsciiDump(d, '\n\t', o, length);
}

/** `print_unknown_data`: hex of what is there of `length` bytes; never cut short. */
export function unknownData(d: Dissector, indent: string, o: number, length: number): void {
  if (o > d.end) {
    d.s(indent);
    d.s('Dissector error: print_unknown_data called with pointer past end of packet');
    return;
  }
  hexDump(d, indent, o, Math.min(length >>> 0, d.end - o));
}
