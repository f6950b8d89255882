/** Bytes of a file → something the readers can take: UTF-8, with what is no part of the data blanked out. */
import {isAscii, isUtf8} from 'node:buffer';
import type {Problems} from './problems.js';

/** Bytes of one object, a document or an item of a list: a file may have many of them. */
export const MAX_OBJECT = 100_000_000;

/** The text of bytes that are UTF-8. */
export interface TextBytes {
  readonly bytes: Uint8Array;
  text(start: number, end: number): string;
  /** Line and column, from 1, of a byte. */
  position(offset: number): {line: number; column: number};
}

/** Undefined, with a problem, where it is no text in UTF-8. */
export function textBytes(file: string, bytes: Uint8Array, problems: Problems): TextBytes | undefined {
  const body = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  if (isUtf16(bytes)) {
    problems.add('a text in UTF-16', {file}, 'turn it into UTF-8: iconv -f UTF-16 -t UTF-8');
    return undefined;
  }
  if (!isUtf8(body)) {
    problems.add('not a text in UTF-8', {file, line: badLine(body)});
    return undefined;
  }
  const blanked = blankLogs(body);
  const buffer = Buffer.from(blanked.buffer, blanked.byteOffset, blanked.length);
  const encoding = isAscii(buffer) ? 'latin1' : 'utf8';
  const text = (start: number, end: number) => buffer.toString(encoding, start, end);
  return {bytes: buffer, text, position: createPositions(buffer, encoding === 'utf8' ? text : undefined)};
}

/** A line longer than this has its columns counted in bytes. */
const LONG_LINE = 100_000;

/** Asked for ever later bytes it looks at each once. Columns are those of the text, where it has others than its bytes. */
function createPositions(
  bytes: Uint8Array,
  text: ((start: number, end: number) => string) | undefined,
): TextBytes['position'] {
  let [line, lineStart, seen] = [1, 0, 0];
  return (offset) => {
    if (offset < seen) [line, lineStart, seen] = [1, 0, 0];
    for (let i = seen; i < offset; i++)
      if (bytes[i] === 0x0a) {
        line++;
        lineStart = i + 1;
      }
    seen = offset;
    const wide = text && offset - lineStart < LONG_LINE;
    return {line, column: (wide ? text(lineStart, offset).length : offset - lineStart) + 1};
  };
}

function isUtf16(bytes: Uint8Array): boolean {
  const [a, b] = bytes;
  return (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || (a === 0x7b && b === 0) || (a === 0 && b === 0x7b);
}

/** The first line that is not UTF-8, from 1. */
function badLine(bytes: Uint8Array): number {
  for (let [line, start] = [1, 0]; ; line++) {
    const lf = bytes.indexOf(0x0a, start);
    if (lf < 0 || !isUtf8(bytes.subarray(start, lf))) return line;
    start = lf + 1;
  }
}

const logStart = Buffer.from('==== START logs for container ');
const markEnd = Buffer.from(' ====');

/**
 * `kubectl cluster-info dump` to standard output prints each container's log between its objects (kubectl
 * pkg/cmd/clusterinfo/clusterinfo_dump.go). A log may end without a line feed; line numbers stay as they are.
 */
function blankLogs(bytes: Uint8Array): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = source.indexOf(logStart);
  if (at < 0) return bytes;
  const out = Buffer.from(source);
  while (at >= 0) {
    const nameStart = at + logStart.length;
    const lf = source.indexOf(0x0a, nameStart);
    const line = source.subarray(nameStart, lf < 0 ? source.length : lf);
    const nameEnd = nameStart + line.indexOf(markEnd);
    const name = nameEnd < nameStart ? undefined : source.subarray(nameStart, nameEnd);
    const lineStart = at === 0 || source[at - 1] === 0x0a;
    if (!name || !lineStart) {
      at = source.indexOf(logStart, at + 1);
      continue;
    }
    const end = Buffer.concat([Buffer.from('==== END logs for container '), name, markEnd]);
    const found = source.indexOf(end, nameEnd);
    const to = found < 0 ? source.length : found + end.length;
    for (let i = at; i < to; i++) if (source[i] !== 0x0a) out[i] = 0x20;
    at = source.indexOf(logStart, to);
  }
  return out;
}
