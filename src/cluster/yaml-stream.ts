/**
 * Where a large YAML stream can be cut: at its document markers, and in a document that is a list in block style, as kubectl
 * prints it, between the items. A line that begins with `---` or, in a list at column 0, with `- ` is nothing else, whatever
 * stands around it: all texts inside of an item are indented more.
 */

const [LF, SPACE, DASH] = [0x0a, 0x20, 0x2d];

export interface YamlPart {
  readonly start: number;
  readonly end: number;
  /** Items of the list that the document is: the part is a sequence, its first item has this number in the list. */
  readonly list?: {readonly kind: string | undefined; readonly first: number};
}

/** Items of one part: enough to make the start of a parser cheap, few enough to keep in memory. */
const PART = 1 << 17;

export function* splitYaml(bytes: Uint8Array): Generator<YamlPart> {
  for (let start = 0; start < bytes.length; ) {
    const end = nextLine(bytes, start, isMarker);
    yield* splitDocument(bytes, start, end);
    start = end;
  }
}

/** Offset of the next line, not the first, that begins as `is` says; the end where there is none. */
function nextLine(bytes: Uint8Array, from: number, is: (bytes: Uint8Array, at: number) => boolean): number {
  for (let lf = bytes.indexOf(LF, from); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) if (is(bytes, lf + 1)) return lf + 1;
  return bytes.length;
}

function isMarker(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== DASH || bytes[at + 1] !== DASH || bytes[at + 2] !== DASH) return false;
  const next = bytes[at + 3];
  return next === undefined || next <= SPACE;
}

const itemsKey = Buffer.from('\nitems:');

function* splitDocument(bytes: Uint8Array, start: number, end: number): Generator<YamlPart> {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  const key = whole.indexOf(itemsKey, Math.max(0, start - 1));
  const first = key < 0 ? -1 : whole.indexOf(LF, key + 1) + 1;
  // kubectl indents items by nothing; what comes before and behind the list are short texts
  const plain =
    first > 0 &&
    isItem(whole, first) &&
    whole
      .subarray(key + itemsKey.length, first)
      .toString()
      .trim() === '';
  if (!plain) {
    yield {start, end};
    return;
  }
  const last = nextLine(whole, first, isTopKey);
  const kind = /^kind:[ ]*["']?(\w+)/m.exec(`${ends(whole, start, key)}\n${ends(whole, last, end)}`)?.[1];
  let number = 0;
  for (let at = first; at < last; ) {
    let [next, count] = [at, 0];
    while (next < last && (count === 0 || next - at < PART)) {
      next = nextLine(whole.subarray(0, last), next, isItem);
      count++;
    }
    yield {start: at, end: next, list: {kind, first: number}};
    number += count;
    at = next;
  }
}

/** The keys around the items of a list are its kind and little else. */
function ends(bytes: Buffer, start: number, end: number): string {
  return bytes.subarray(start, Math.min(end, start + 10_000)).toString();
}

function isItem(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === DASH && (bytes[at + 1] === SPACE || bytes[at + 1] === LF);
}

/** A line at column 0 that is no item, no comment and not blank ends the list. */
function isTopKey(bytes: Uint8Array, at: number): boolean {
  const c = bytes[at];
  return c !== undefined && c > SPACE && c !== 0x23 && !isItem(bytes, at);
}
