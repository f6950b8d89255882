/** What the payloads of both versions of IKE share (print-isakmp.c): next(1) critical(1) length(2) body. */
import type {Dissector} from './dissector.js';
import {type AttributeName, nameOrNumber, payloads} from './isakmp-names.js';

export const GENERIC = 4;
/** Printers return the offset behind a payload, or this, which ends the message. */
export const STOP = -1;

/** What a payload's printer is told: where the visible bytes end, which phase, which protocol's transforms, how deep it is. */
export interface Context {
  readonly end: number;
  readonly phase: 1 | 2;
  readonly protocol: number;
  readonly depth: number;
}

/** Prints the payload of kind `kind` and `n` bytes at `o`. */
export type PayloadPrinter = (d: Dissector, o: number, n: number, context: Context, kind: number) => number;

/** ` [|sa]` */
export function cut(d: Dissector, kind: number): number {
  d.s(` [|${nameOrNumber(payloads, kind)}]`);
  return STOP;
}

/** Hex of `n` bytes; false, with nothing printed, when they are not all there. */
export function raw(d: Dissector, o: number, n: number): boolean {
  if (!d.has(o, n)) return false;
  d.bytes(o, n);
  return true;
}

/** First ten and last twenty bytes. */
export function someData(d: Dissector, o: number, end: number): boolean {
  const head = Math.min(end - o, 10);
  const tail = Math.max(end - 20, o + head);
  d.s(' data=(');
  if (!raw(d, o, head)) return false;
  d.s('...');
  if (!raw(d, tail, end - tail)) return false;
  d.c(0x29);
  return true;
}

/** Begins a line for a payload: `\n        (`. */
export function open(d: Dissector, depth: number): void {
  d.s(`\n${'    '.repeat(depth)}(`);
}

/** Attributes of a transform up to `end`; false when one is cut. */
export function attributeList(
  d: Dissector,
  start: number,
  end: number,
  visible: number,
  names: readonly AttributeName[] | undefined,
): number {
  let o = start;
  while (o < visible && o < end) {
    o = attribute(d, o, end, names);
    if (o === STOP) return STOP;
  }
  return o;
}

/** format(1 bit) type(15) value(2), or length(2) value. */
export function attribute(d: Dissector, o: number, end: number, names: readonly AttributeName[] | undefined): number {
  const short = (d.u8(o) & 0x80) !== 0;
  const size = 4 + (short ? 0 : d.u16(o + 2));
  if (end < o + size) {
    d.s('[|attr]');
    return end + 1;
  }
  d.c(0x28);
  const type = d.u16(o) & 0x7fff;
  const known = names?.[type];
  d.s(`type=${known?.name || `#${type}`} `);
  if (!short) d.s(`len=${size - 4} `);
  d.s('value=');
  let whole = true;
  if (short) {
    const name = names === undefined ? undefined : known?.values?.[d.u16(o + 2)];
    if (name) d.s(name);
    else whole = raw(d, o + 2, 2);
  } else whole = raw(d, o + 4, size - 4);
  d.c(0x29);
  return whole ? o + size : STOP;
}

/** The chain of payloads that begins with one of kind `first` at `start`. */
export function chain(
  d: Dissector,
  first: number,
  start: number,
  context: Context,
  printers: Readonly<Record<number, PayloadPrinter>>,
): number {
  let o = start;
  let kind = first;
  const inner = {...context, depth: context.depth + 1};
  while (kind !== 0) {
    if (!d.has(o, GENERIC) || !d.has(o, d.u16(o + 2))) return cut(d, kind);
    const n = d.u16(o + 2);
    open(d, inner.depth);
    const print = printers[kind];
    let next = STOP;
    if (n > GENERIC) {
      if (print !== undefined) next = print(d, o, n, inner, kind);
      else {
        d.s(nameOrNumber(payloads, kind));
        next = o + n;
      }
    }
    d.c(0x29);
    if (next === STOP) return STOP;
    kind = d.u8(o);
    o = next;
  }
  return o;
}
