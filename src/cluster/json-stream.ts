/**
 * Where the values of a JSON text are: those that stand one behind another, and of a list the items. Each is then parsed by
 * itself, so that no more than one is in memory as an object. Only brackets, quotes and colons are looked at.
 */

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const MAX_DEPTH = 200;

/** Bytes `[start, end)`, and how many members it has at all depths. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
  readonly members: number;
}

export interface JsonValue extends JsonSpan {
  /** An object's `kind`, where it is a text without escapes. */
  readonly kind?: string;
  /** An object's `items`, where they are a list. */
  readonly items?: readonly JsonSpan[];
}

/** Not JSON, or not in a form that can be taken apart. */
export class JsonStructureError extends Error {
  constructor(
    readonly offset: number,
    message: string,
    /** No other reader would do better. */
    readonly final = false,
  ) {
    super(message);
  }
}

/** Values of the text, in order. Throws JsonStructureError. */
export function scanJson(bytes: Uint8Array): JsonValue[] {
  const length = bytes.length;
  let members = 0;

  function blank(at: number): number {
    for (; at < length; at++) {
      const c = bytes[at];
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return at;
    }
    return at;
  }

  /** Behind the string that begins at `at`. */
  function string(at: number): number {
    for (let i = at + 1; i < length; i++) {
      const c = bytes[i];
      if (c === QUOTE) return i + 1;
      if (c === BACKSLASH) i++;
    }
    throw new JsonStructureError(at, 'a text without its closing quote');
  }

  /** Behind the value that begins at `at`. */
  function value(at: number): number {
    const first = bytes[at];
    if (first === QUOTE) return string(at);
    if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return scalar(at);
    let depth = 0;
    for (let i = at; i < length; i++) {
      const c = bytes[i];
      if (c === QUOTE) i = string(i) - 1;
      else if (c === COLON) members++;
      else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        if (++depth > MAX_DEPTH) throw new JsonStructureError(i, 'nested too deeply', true);
      } else if ((c === CLOSE_BRACE || c === CLOSE_BRACKET) && --depth === 0) return i + 1;
    }
    throw new JsonStructureError(at, 'a value without its closing bracket: is the file cut off?');
  }

  function scalar(at: number): number {
    let i = at;
    for (; i < length; i++) {
      const c = bytes[i]!;
      if (c <= 0x20 || c === COMMA || c === CLOSE_BRACE || c === CLOSE_BRACKET) break;
    }
    if (i === at) throw new JsonStructureError(at, 'a value is missing');
    return i;
  }

  function items(at: number): [JsonSpan[], number] {
    const out: JsonSpan[] = [];
    let i = blank(at + 1);
    while (bytes[i] !== CLOSE_BRACKET) {
      const before = members;
      const end = value(i);
      out.push({start: i, end, members: members - before});
      i = separator(blank(end), CLOSE_BRACKET);
    }
    return [out, i + 1];
  }

  /** Past a comma, or at the closing bracket. */
  function separator(at: number, close: number): number {
    if (bytes[at] === close) return at;
    if (bytes[at] !== COMMA) throw new JsonStructureError(at, 'a comma or a closing bracket is missing');
    const next = blank(at + 1);
    if (bytes[next] === close || next >= length) throw new JsonStructureError(at, 'nothing behind a comma');
    return next;
  }

  function object(start: number): JsonValue {
    const before = members;
    let kind: string | undefined;
    let found: JsonSpan[] | undefined;
    let i = blank(start + 1);
    while (bytes[i] !== CLOSE_BRACE) {
      if (bytes[i] !== QUOTE) throw new JsonStructureError(i, 'a key in quotes is missing');
      const keyEnd = string(i);
      const colon = blank(keyEnd);
      if (bytes[colon] !== COLON) throw new JsonStructureError(colon, 'a colon is missing');
      members++;
      const at = blank(colon + 1);
      const key = ascii(bytes, i + 1, keyEnd - 1);
      let end: number;
      if (key === 'items' && bytes[at] === OPEN_BRACKET && found === undefined) [found, end] = items(at);
      else end = value(at);
      if (key === 'kind' && bytes[at] === QUOTE) kind = ascii(bytes, at + 1, end - 1);
      i = separator(blank(end), CLOSE_BRACE);
    }
    return {
      start,
      end: i + 1,
      members: members - before,
      ...(kind === undefined ? {} : {kind}),
      ...(found ? {items: found} : {}),
    };
  }

  const out: JsonValue[] = [];
  for (let at = blank(0); at < length; ) {
    const before = members;
    if (bytes[at] === OPEN_BRACE) out.push(object(at));
    else {
      const end = value(at);
      out.push({start: at, end, members: members - before});
    }
    at = blank(out[out.length - 1]!.end);
  }
  return out;
}

/** Short texts, as keys and kinds are. */
function ascii(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > 100) return undefined;
  let out = '';
  for (let i = start; i < end; i++) out += String.fromCharCode(bytes[i]!);
  return out;
}

/** Members of a parsed value at all depths: fewer than the text has where keys are equal. */
export function countMembers(value: unknown): number {
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += isNested(item) ? countMembers(item) : 0;
  else if (isNested(value))
    for (const key in value) {
      count++;
      const item = (value as Readonly<Record<string, unknown>>)[key];
      if (isNested(item)) count += countMembers(item);
    }
  return count;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
