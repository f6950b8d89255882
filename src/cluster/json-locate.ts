/** Where in a JSON text a path is. For texts that JSON.parse accepts; looks at no more than it must. */
import type {Path} from './shape.js';

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

export interface JsonLocator {
  /** Offset of the value at `path`, or of its key; undefined where there is none. */
  offset(path: Path, part: 'key' | 'value'): number | undefined;
}

export function createJsonLocator(text: string): JsonLocator {
  /** Offset of an array → offsets of its items. */
  const items = new Map<number, number[]>();
  return {
    offset(path, part) {
      let at = skipBlank(text, 0);
      let key = at;
      for (const step of path) {
        const c = text.charCodeAt(at);
        if (typeof step === 'number') {
          if (c !== OPEN_BRACKET) return undefined;
          let offsets = items.get(at);
          if (!offsets) items.set(at, (offsets = itemOffsets(text, at)));
          if (offsets[step] === undefined) return undefined;
          at = key = offsets[step];
        } else {
          const member = c === OPEN_BRACE ? findMember(text, at, step) : undefined;
          if (!member) return undefined;
          [key, at] = member;
        }
      }
      return part === 'key' ? key : at;
    },
  };
}

function skipBlank(text: string, at: number): number {
  for (;;) {
    const c = text.charCodeAt(at);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09 && c !== 0xfeff) return at;
    at++;
  }
}

/** Offset behind the string that begins at `at`. */
function skipString(text: string, at: number): number {
  for (let i = at + 1; ; i++) {
    const c = text.charCodeAt(i);
    if (c === BACKSLASH) i++;
    else if (c === QUOTE || Number.isNaN(c)) return i + 1;
  }
}

function skipValue(text: string, at: number): number {
  const c = text.charCodeAt(at);
  if (c === QUOTE) return skipString(text, at);
  let i = at;
  if (c !== OPEN_BRACE && c !== OPEN_BRACKET) {
    while (i < text.length && !/[\s,\]}]/.test(text[i]!)) i++;
    return i;
  }
  for (let depth = 0; i < text.length; i++) {
    const d = text.charCodeAt(i);
    if (d === QUOTE) i = skipString(text, i) - 1;
    else if (d === OPEN_BRACE || d === OPEN_BRACKET) depth++;
    else if ((d === CLOSE_BRACE || d === CLOSE_BRACKET) && --depth === 0) return i + 1;
  }
  return i;
}

function itemOffsets(text: string, array: number): number[] {
  const offsets: number[] = [];
  let at = skipBlank(text, array + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACKET && at < text.length) {
    offsets.push(at);
    at = skipBlank(text, skipValue(text, at));
    if (text.charCodeAt(at) === COMMA) at = skipBlank(text, at + 1);
  }
  return offsets;
}

/** Offsets of the key and the value; the last of equal keys, as JSON.parse takes it. */
function findMember(text: string, object: number, name: string): [number, number] | undefined {
  let found: [number, number] | undefined;
  let at = skipBlank(text, object + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const end = skipString(text, at);
    let value = skipBlank(text, end);
    if (text.charCodeAt(value) === COLON) value = skipBlank(text, value + 1);
    if (JSON.parse(text.slice(at, end)) === name) found = [at, value];
    at = skipBlank(text, skipValue(text, value));
    if (text.charCodeAt(at) === COMMA) at = skipBlank(text, at + 1);
  }
  return found;
}
