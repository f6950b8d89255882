/** Redis protocol, RESP 2 (print-resp.c). Arrays have no text of their own: their elements are just owed. */
import type {Dissector} from './dissector.js';

const CR = 0x0d;
const LF = 0x0a;
const INT_MAX = 0x7fffffff;

/** Lengths that are none, as tcpdump numbers them. */
const NULL = -1;
const CUT = -2;
const TOO_LARGE = -3;
const NEGATIVE = -4;

/** Where the text is being read, and how much of the payload is left. */
interface Cursor {
  at: number;
  left: number;
}

export function resp(d: Dissector, o: number, length: number): void {
  d.protocol = 'resp';
  d.s(': RESP');
  const cursor: Cursor = {at: o, left: length};
  let owed = 0;
  while (cursor.left > 0 || owed > 0) {
    if (cursor.left < 1) return d.trunc();
    if (owed > 0) owed--;
    const elements = element(d, cursor);
    if (elements < 0) return d.trunc();
    owed += elements;
  }
}

/** Prints one value; the number of array elements that follow, or -1 when it is cut. */
function element(d: Dissector, cursor: Cursor): number {
  const kind = String.fromCharCode(d.u8(cursor.at));
  if (kind === '+' || kind === '-' || kind === ':') return simple(d, cursor) ? 0 : -1;
  if (kind === '$') return bulk(d, cursor) ? 0 : -1;
  if (kind !== '*') return inline(d, cursor) ? 0 : -1;
  advance(cursor, 1);
  const count = readLength(d, cursor);
  if (count > 0) return count;
  return remark(d, count) ? 0 : -1;
}

function advance(cursor: Cursor, n: number): void {
  cursor.at += n;
  cursor.left -= n;
}

/** Text for an empty or impossible length; false for one that is cut. */
function remark(d: Dissector, length: number): boolean {
  if (length === CUT) return false;
  if (length === 0) d.s(' empty');
  else if (length === NULL) d.s(' null');
  else if (length === TOO_LARGE) d.s(' length too large');
  else d.s(length === NEGATIVE ? ' length negative and not -1' : ' invalid');
  return true;
}

function segment(d: Dissector, o: number, n: number): boolean {
  d.s(' "');
  if (!d.text(o, n)) return false;
  d.c(0x22);
  return true;
}

/** Moves to the next CR LF. */
function findLineEnd(d: Dissector, cursor: Cursor): boolean {
  for (;;) {
    if (cursor.left < 2 || !d.has(cursor.at, 2)) return false;
    if (d.b[cursor.at] === CR && d.b[cursor.at + 1] === LF) return true;
    advance(cursor, 1);
  }
}

/** A line: simple string, error, integer. */
function simple(d: Dissector, cursor: Cursor): boolean {
  advance(cursor, 1);
  const start = cursor.at;
  if (!findLineEnd(d, cursor) || !segment(d, start, cursor.at - start)) return false;
  advance(cursor, 2);
  return true;
}

function bulk(d: Dissector, cursor: Cursor): boolean {
  advance(cursor, 1);
  const length = readLength(d, cursor);
  if (length < 0) return remark(d, length);
  if (length === 0) remark(d, 0);
  else {
    if (cursor.left < length || !d.has(cursor.at, length) || !segment(d, cursor.at, length)) return false;
    advance(cursor, length);
  }
  if (!findLineEnd(d, cursor)) return false;
  advance(cursor, 2);
  return true;
}

/** Skips CR and LF in any number; false when there is nothing else and nothing was skipped. */
function skipLineEnds(d: Dissector, cursor: Cursor): boolean {
  let found = false;
  for (;;) {
    if (cursor.left === 0 || !d.has(cursor.at, 1)) return found;
    const c = d.b[cursor.at]!;
    if (c !== CR && c !== LF) return true;
    found = true;
    advance(cursor, 1);
  }
}

/** A command typed by hand. */
function inline(d: Dissector, cursor: Cursor): boolean {
  if (!skipLineEnds(d, cursor)) return false;
  const start = cursor.at;
  for (;;) {
    if (cursor.left < 1) return false;
    const c = d.u8(cursor.at);
    if (c === CR || c === LF) break;
    advance(cursor, 1);
  }
  return segment(d, start, cursor.at - start) && skipLineEnds(d, cursor);
}

/** A decimal length and its line end. Below 0: why there is none; a byte that does not belong there is used up. */
function readLength(d: Dissector, cursor: Cursor): number {
  if (cursor.left === 0) return CUT;
  const negative = d.u8(cursor.at) === 0x2d;
  if (negative) advance(cursor, 1);
  let value = 0;
  let digits = 0;
  for (; ; digits++) {
    if (cursor.left === 0) return CUT;
    const digit = d.u8(cursor.at) - 48;
    if (digit < 0 || digit > 9) break;
    value = Math.min(value * 10 + digit, INT_MAX + 1);
    advance(cursor, 1);
  }
  const invalid = () => {
    advance(cursor, 1);
    return Number.NEGATIVE_INFINITY;
  };
  if (digits === 0 || d.u8(cursor.at) !== CR) return invalid();
  advance(cursor, 1);
  if (cursor.left === 0) return CUT;
  if (d.u8(cursor.at) !== LF) return invalid();
  advance(cursor, 1);
  if (negative) return value === 1 ? NULL : NEGATIVE;
  return value > INT_MAX ? TOO_LARGE : value;
}
