/** One packet to text: number, time, link printer, dump, newline (print.c `pretty_print_packet`). */
import {type Dissector, TRUNCATED} from './dissector.js';
import {asciiDump, hexAsciiDump, hexDump} from './dump.js';
import type {LinkPrinter} from './link.js';
import {segment} from './tcp.js';
import type {Clock} from './time.js';

/** Largest packet libpcap takes for sane. */
const MAX_SNAPLEN = 262144;

/**
 * Prints the frame captured in `b[start, end)`, `wireLength` bytes long when it passed, the `number`-th printed; `fraction` of a
 * second in the clock's precision (µs or ns).
 * Nothing that a frame contains makes it throw.
 */
export function printPacket(
  d: Dissector,
  clock: Clock,
  link: LinkPrinter,
  b: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  seconds: number,
  fraction: number,
  number: number,
): void {
  if (d.options.number) d.s(`${String(number).padStart(5)}  `);
  const caplen = end - start;
  if (caplen === 0 || wireLength < caplen || wireLength > MAX_SNAPLEN)
    return d.s(`[Invalid header:${headerFault(caplen, wireLength)}]\n`);
  clock.print(d, seconds, fraction);
  d.start(b, end);
  try {
    const {prefixes} = d;
    if (prefixes.replay(d, start, caplen, wireLength))
      segment(d, prefixes.segment, prefixes.length, prefixes.ip, prefixes.fragmented);
    else {
      link(d, start, wireLength, caplen);
      prefixes.keep(d, caplen, wireLength);
    }
  } catch (error) {
    // Thousands of headers inside each other, which only an attacker sends, end where the engine's stack does.
    if (error !== TRUNCATED && !(error instanceof RangeError)) throw error;
    d.trunc();
    d.linkHeader = 0;
  }
  d.end = end;
  dump(d, start, caplen);
  d.c(0x0a);
}

/** What is wrong with a record's two lengths. */
function headerFault(caplen: number, length: number): string {
  const faults: string[] = [];
  if (caplen === 0) faults.push(' caplen==0');
  if (length === 0) faults.push(' len==0');
  else if (length < caplen) faults.push(` len(${length}) < caplen(${caplen})`);
  if (caplen > MAX_SNAPLEN) faults.push(` caplen(${caplen}) > ${MAX_SNAPLEN}`);
  if (length > MAX_SNAPLEN) faults.push(` len(${length}) > ${MAX_SNAPLEN}`);
  return faults.join(',');
}

/** -X wins over -x, -x over -A; doubled, they start at the link header. */
function dump(d: Dissector, start: number, caplen: number): void {
  const {hex, hexAscii, ascii} = d.options;
  const kind = hexAscii > 0 ? hexAscii : hex > 0 ? hex : ascii;
  if (kind === 0) return;
  const skip = kind > 1 ? 0 : d.linkHeader;
  if (kind === 1 && caplen <= skip) return;
  if (hexAscii > 0) hexAsciiDump(d, '\n\t', start + skip, caplen - skip);
  else if (hex > 0) hexDump(d, '\n\t', start + skip, caplen - skip);
  else asciiDump(d, start + skip, caplen - skip);
}
