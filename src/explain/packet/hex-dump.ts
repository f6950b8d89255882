/**
 * Bytes out of hex text as people paste it: plain, with blanks or colons, or dumps with offsets in front and text behind.
 *
 *   4500 0054          0x0000:  4500 0054 …  E..T     00000000  45 00 00 54 …  |E..T|     0000   45 00 00 54
 */
import {UserError} from '../../term/error.js';

const OFFSET = /^\s*(?:0x)?([0-9a-f]{3,8})(?::\s+|\s{2,})/i;
const GROUP = /^(?:0x)?((?:[0-9a-f]{2}[:-]?)+)(?=\s|$)/i;

/**
 * The bytes. Of a dump with offsets only the lines with one count, up to the next frame's; of plain hex every line must be hex.
 * Throws where that is not so, with the line. `file`: what the error calls the text.
 */
export function hexBytes(text: string, file: string): Uint8Array {
  const lines = text.split(/\r?\n/);
  const out = lines.some((line) => OFFSET.test(line)) ? fromDump(lines) : fromPlain(lines, file);
  if (out.length === 0) throw new UserError({message: `no bytes in ${file}`, hint: 'for example: --hex 4500001c…'});
  return Uint8Array.from(out);
}

function fromDump(lines: readonly string[]): number[] {
  const out: number[] = [];
  for (const line of lines) {
    const offset = OFFSET.exec(line);
    if (!offset) continue;
    if (out.length > 0 && Number.parseInt(offset[1]!, 16) === 0) break;
    out.push(...groups(withoutText(line.slice(offset[0].length))).bytes);
  }
  return out;
}

function fromPlain(lines: readonly string[], file: string): number[] {
  return lines.flatMap((line, i) => {
    const {bytes, stopped, at} = groups(line);
    if (stopped)
      throw new UserError({
        message: 'no hex byte here',
        where: {file, line: i + 1, column: at + 1},
        hint: 'pairs of hex digits, or a dump as tcpdump -xx, xxd, hexdump -C or Wireshark print it',
      });
    return bytes;
  });
}

/** The column of text of a dump stands apart by two blanks or a bar. */
function withoutText(line: string): string {
  const bar = line.search(/\s+\|/);
  if (bar >= 0) return line.slice(0, bar);
  // Groups of hex have one blank between them; xxd and hexdump put two in the middle.
  const parts = line.trim().split(/\s{2,}/);
  const hex = parts.filter((part) => /^(?:[0-9a-f]{2}[:-]?| )+$/i.test(part));
  return parts.length > hex.length || parts.length === 1 ? hex.join(' ') : parts.slice(0, 2).join(' ');
}

function groups(text: string): {bytes: number[]; stopped: boolean; at: number} {
  const bytes: number[] = [];
  let at = 0;
  for (;;) {
    at += /^[\s,]*/.exec(text.slice(at))![0].length;
    if (at >= text.length) return {bytes, stopped: false, at};
    const group = GROUP.exec(text.slice(at));
    if (!group) return {bytes, stopped: true, at};
    for (const pair of group[1]!.match(/[0-9a-f]{2}/gi)!) bytes.push(Number.parseInt(pair, 16));
    at += group[0].length;
  }
}
