/**
 * The YAML that kubectl prints and people write, read an order of magnitude faster than a full parser reads it: block mappings
 * and sequences, plain, quoted and literal scalars, flow collections on one line. Anything else — anchors, tags, directives,
 * folded scalars, equal keys, tabs, every error — is left to the full parser: `parseFast` then returns undefined. What it
 * does accept it reads exactly as YAML 1.2 with the core schema says (a test holds it against the full parser).
 */

import {fail, fold, plain, Unsupported, unquote, withoutBlanks} from './yaml-scalar.js';

/** One document of the stream. */
export interface FastDocument {
  readonly value: unknown;
  /** Offset of its first line. */
  readonly start: number;
}

/** Offsets of keys and values, for each mapping and sequence; filled only when asked for. */
export type Offsets = Map<object, Map<string | number, readonly [key: number, value: number]>>;

const LF = 0x0a;
const SPACE = 0x20;
const HASH = 0x23;
const DASH = 0x2d;
const COLON = 0x3a;
const QUESTION = 0x3f;
const DOUBLE = 0x22;
const SINGLE = 0x27;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const PIPE = 0x7c;

/** A plain scalar may not begin with these: , [ ] { } # & * ! | > ' " % @ ` */
const indicators = new Set([...',[]{}#&*!|>\'"%@`'].map((c) => c.charCodeAt(0)));
const MAX_DEPTH = 200;

export function parseFast(text: string, offsets?: Offsets): FastDocument[] | undefined {
  if (text.includes('\t') || text.includes('\r') || text.includes('\ufeff') || text.startsWith('%')) return undefined;
  try {
    return createParser(text, offsets).documents();
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

function createParser(text: string, offsets: Offsets | undefined) {
  /** The current line: where it starts, where its content begins, where it ends; `start` = text.length at the end. */
  let start = 0;
  let content = 0;
  let end = 0;
  let depth = 0;

  /** Moves to the line at `from` or the next one with content; comment lines are skipped, an end of document is not ours. */
  function seek(from: number): void {
    for (start = from; start < text.length; start = end + 1) {
      const lf = text.indexOf('\n', start);
      end = lf < 0 ? text.length : lf;
      content = start;
      while (text.charCodeAt(content) === SPACE) content++;
      if (content === start && text.startsWith('...', start)) fail();
      if (content < end && text.charCodeAt(content) !== HASH) return;
    }
    start = content = end = text.length;
  }

  const atEnd = () => start >= text.length;
  const isMarker = () => !atEnd() && content === start && text.startsWith('---', start) && blankAt(start + 3);
  const indent = () => (atEnd() || isMarker() ? -1 : content - start);
  const blankAt = (at: number) => at >= text.length || text.charCodeAt(at) === SPACE || text.charCodeAt(at) === LF;

  function skipBlanks(at: number): number {
    while (text.charCodeAt(at) === SPACE) at++;
    return at;
  }

  /** Nothing but blanks or a comment from here to the end of the line. */
  function restIsEmpty(at: number): boolean {
    const next = skipBlanks(at);
    return next >= end || (text.charCodeAt(next) === HASH && (next > at || at === content));
  }

  function documents(): FastDocument[] {
    const out: FastDocument[] = [];
    seek(0);
    while (!atEnd()) {
      if (isMarker()) {
        if (!restIsEmpty(start + 3)) fail();
        seek(end + 1);
      }
      if (atEnd() || isMarker()) continue;
      const first = start;
      const value = block(indent());
      if (!atEnd() && !isMarker()) fail();
      if (typeof value !== 'object' || value === null) fail();
      out.push({value, start: first});
    }
    return out;
  }

  const isDash = (at: number) => text.charCodeAt(at) === DASH && blankAt(at + 1);

  /** A node that begins the current line, at column `column`. */
  function block(column: number): unknown {
    return node(start + column, column, column - 1);
  }

  /** A node at offset `at`, column `column`; scalars go on over lines indented more than `outer`. */
  function node(at: number, column: number, outer: number): unknown {
    if (++depth > MAX_DEPTH) fail();
    let value: unknown;
    if (isDash(at)) value = sequence(column);
    else if (keyEnd(at) >= 0) value = mapping(at, column);
    else value = scalar(at, outer);
    depth--;
    return value;
  }

  function sequence(column: number): unknown[] {
    const items: unknown[] = [];
    const places = offsets && new Map<number, readonly [number, number]>();
    if (places) offsets.set(items, places);
    let at = start + column;
    for (;;) {
      const inside = skipBlanks(at + 1);
      const begin = inside;
      if (restIsEmpty(at + 1)) {
        seek(end + 1);
        places?.set(items.length, [content, content]);
        items.push(indent() > column ? block(indent()) : null);
      } else {
        places?.set(items.length, [begin, begin]);
        items.push(node(inside, inside - start, column));
      }
      const next = indent();
      if (next < column) return items;
      if (next > column) fail();
      at = start + column;
      if (!isDash(at)) return items;
    }
  }

  /** Offset of the colon behind a key at `at`; -1 where there is no key. */
  function keyEnd(at: number): number {
    const c = text.charCodeAt(at);
    if (c === DOUBLE || c === SINGLE) {
      const close = closingQuote(at, end);
      const colon = close < 0 ? -1 : skipBlanks(close + 1);
      return colon >= 0 && text.charCodeAt(colon) === COLON && blankAt(colon + 1) ? colon : -1;
    }
    if (c === QUESTION && blankAt(at + 1)) fail();
    if (indicators.has(c)) return -1;
    for (let i = at; i < end; i++) {
      const d = text.charCodeAt(i);
      if (d === COLON && blankAt(i + 1)) return i;
      if (d === HASH && text.charCodeAt(i - 1) === SPACE) return -1;
    }
    return -1;
  }

  function keyText(at: number, colon: number): string {
    const c = text.charCodeAt(at);
    if (c === DOUBLE || c === SINGLE) {
      const close = closingQuote(at, end);
      return c === DOUBLE ? unquote(text.slice(at + 1, close)) : text.slice(at + 1, close).replaceAll("''", "'");
    }
    const key = withoutBlanks(text.slice(at, colon));
    if (key === '<<' || key === '' || (typeof plain(key) !== 'string' && !/^(0|[1-9]\d{0,14})$/.test(key))) fail();
    return key;
  }

  function mapping(first: number, column: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    const places = offsets && new Map<string, readonly [number, number]>();
    if (places) offsets.set(out, places);
    let at = first;
    for (;;) {
      const colon = keyEnd(at);
      if (colon < 0) fail();
      const key = keyText(at, colon);
      if (key === '__proto__' || Object.hasOwn(out, key)) fail();
      const inside = skipBlanks(colon + 1);
      if (restIsEmpty(colon + 1)) {
        seek(end + 1);
        const next = indent();
        places?.set(key, [at, next >= column ? content : at]);
        if (next > column) out[key] = block(next);
        else out[key] = next === column && isDash(content) ? sequence(column) : null;
      } else {
        places?.set(key, [at, inside]);
        // a mapping or sequence cannot begin behind a key on the same line
        if (isDash(inside)) fail();
        out[key] = scalar(inside, column);
      }
      const next = indent();
      if (next < column) return out;
      if (next > column) fail();
      at = start + column;
      if (isDash(at)) fail();
    }
  }

  /** A scalar or flow collection; afterwards the current line is the one behind it. */
  function scalar(at: number, outer: number): unknown {
    const c = text.charCodeAt(at);
    if (c === DOUBLE || c === SINGLE) return quoted(at, outer);
    if (c === PIPE) return literal(at, outer);
    if (c === 0x7b || c === 0x5b) {
      const flow = {at};
      const value = flowNode(flow);
      if (!restIsEmpty(flow.at)) fail();
      seek(end + 1);
      return value;
    }
    if (indicators.has(c) || ((c === DASH || c === QUESTION || c === COLON) && blankAt(at + 1))) fail();
    const first = plainLine(at);
    let value = withoutBlanks(text.slice(at, first));
    const commented = first < end;
    let last = end;
    seek(end + 1);
    if (indent() <= outer) return plain(value);
    // more lines: folded with a blank; blank lines and comments in between are left to the full parser
    for (; indent() > outer; seek(end + 1)) {
      if (commented || start !== last + 1 || plainLine(content) < end || keyEnd(content) >= 0) fail();
      value += ` ${withoutBlanks(text.slice(content, end))}`;
      last = end;
    }
    return value;
  }

  /** End of a plain scalar on this line: its comment or the end; a colon and a blank inside make it no scalar. */
  function plainLine(at: number): number {
    for (let i = at; i < end; i++) {
      const c = text.charCodeAt(i);
      if (c === COLON && blankAt(i + 1)) fail();
      if (c === HASH && text.charCodeAt(i - 1) === SPACE) return i;
    }
    return end;
  }

  /** Offset of the quote that closes the one at `at`, before `limit`; -1 if there is none. */
  function closingQuote(at: number, limit: number): number {
    const quote = text.charCodeAt(at);
    for (let i = at + 1; i < limit; i++) {
      const c = text.charCodeAt(i);
      if (c === BACKSLASH && quote === DOUBLE) i++;
      else if (c === quote) {
        if (quote === SINGLE && text.charCodeAt(i + 1) === SINGLE) i++;
        else return i;
      }
    }
    return -1;
  }

  function quoted(at: number, outer: number): string {
    const close = closingQuote(at, text.length);
    if (close < 0) fail();
    const double = text.charCodeAt(at) === DOUBLE;
    let inner = text.slice(at + 1, close);
    if (close > end) {
      inner = fold(inner, double, outer);
      start = text.lastIndexOf('\n', close) + 1;
      const lf = text.indexOf('\n', close);
      end = lf < 0 ? text.length : lf;
    }
    if (!restIsEmpty(close + 1)) fail();
    seek(end + 1);
    return double ? unquote(inner) : inner.replaceAll("''", "'");
  }

  /** `|`, `|-`, `|+`: lines as they are, less the indentation of the first. */
  function literal(at: number, outer: number): string {
    const header = withoutBlanks(text.slice(at + 1, end));
    if (header !== '' && header !== '-' && header !== '+') fail();
    const lines: string[] = [];
    let cut = -1;
    let from = end + 1;
    while (from < text.length) {
      const lf = text.indexOf('\n', from);
      const to = lf < 0 ? text.length : lf;
      let body = from;
      while (body < to && text.charCodeAt(body) === SPACE) body++;
      if (body === to) {
        // blanks beyond the indentation belong to the text
        if (cut < 0 && to > from) fail();
        lines.push(cut >= 0 ? text.slice(from + cut, to) : '');
      } else {
        if (cut < 0 && body - from <= outer) fail();
        if (cut < 0) cut = body - from;
        if (body - from <= outer || body - from < cut) break;
        if (cut === 0) fail();
        lines.push(text.slice(from + cut, to));
      }
      from = to + 1;
    }
    seek(Math.min(from, text.length));
    if (cut < 0) return fail();
    let body = lines.length;
    while (body > 0 && lines[body - 1] === '') body--;
    const trailing = lines.length - body;
    const joined = lines.slice(0, body).join('\n');
    if (header === '-') return joined;
    const ended = text.endsWith('\n') || from <= text.length;
    if (!ended) return fail();
    return header === '+' ? `${joined}\n${'\n'.repeat(trailing)}` : `${joined}\n`;
  }

  /** A node of a flow collection; all of it on this line. */
  function flowNode(cursor: {at: number}): unknown {
    if (++depth > MAX_DEPTH) fail();
    cursor.at = skipBlanks(cursor.at);
    const c = text.charCodeAt(cursor.at);
    let value: unknown;
    if (c === 0x7b) value = flowMapping(cursor);
    else if (c === 0x5b) value = flowSequence(cursor);
    else if (c === DOUBLE || c === SINGLE) value = flowQuoted(cursor);
    else value = plain(flowPlain(cursor));
    depth--;
    return value;
  }

  function flowQuoted(cursor: {at: number}): string {
    const close = closingQuote(cursor.at, end);
    if (close < 0) fail();
    const inner = text.slice(cursor.at + 1, close);
    const value = text.charCodeAt(cursor.at) === DOUBLE ? unquote(inner) : inner.replaceAll("''", "'");
    cursor.at = close + 1;
    return value;
  }

  function flowPlain(cursor: {at: number}): string {
    const from = cursor.at;
    const first = text.charCodeAt(from);
    if (indicators.has(first) || first === COLON || first === QUESTION || (first === DASH && blankAt(from + 1))) fail();
    let i = from;
    for (; i < end; i++) {
      const c = text.charCodeAt(i);
      if (c === COMMA || c === 0x5d || c === 0x7d) break;
      if (c === 0x5b || c === 0x7b || (c === HASH && text.charCodeAt(i - 1) === SPACE)) fail();
      if (c === COLON) {
        const next = text.charCodeAt(i + 1);
        if (blankAt(i + 1) || next === COMMA || next === 0x5d || next === 0x7d) break;
      }
    }
    if (i >= end) fail();
    cursor.at = i;
    return withoutBlanks(text.slice(from, i));
  }

  function flowSequence(cursor: {at: number}): unknown[] {
    const items: unknown[] = [];
    const places = offsets && new Map<number, readonly [number, number]>();
    if (places) offsets.set(items, places);
    cursor.at = skipBlanks(cursor.at + 1);
    while (text.charCodeAt(cursor.at) !== 0x5d) {
      places?.set(items.length, [cursor.at, cursor.at]);
      items.push(flowNode(cursor));
      cursor.at = skipBlanks(cursor.at);
      if (text.charCodeAt(cursor.at) === COMMA) cursor.at = skipBlanks(cursor.at + 1);
      else if (text.charCodeAt(cursor.at) !== 0x5d) fail();
    }
    cursor.at++;
    return items;
  }

  function flowMapping(cursor: {at: number}): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    const places = offsets && new Map<string, readonly [number, number]>();
    if (places) offsets.set(out, places);
    cursor.at = skipBlanks(cursor.at + 1);
    while (text.charCodeAt(cursor.at) !== 0x7d) {
      const at = cursor.at;
      const c = text.charCodeAt(at);
      const isQuoted = c === DOUBLE || c === SINGLE;
      const key = isQuoted ? flowQuoted(cursor) : flowPlain(cursor);
      if (!isQuoted && (key === '<<' || key === '' || typeof plain(key) !== 'string')) fail();
      if (key === '__proto__' || Object.hasOwn(out, key)) fail();
      cursor.at = skipBlanks(cursor.at);
      if (text.charCodeAt(cursor.at) !== COLON) fail();
      cursor.at = skipBlanks(cursor.at + 1);
      const d = text.charCodeAt(cursor.at);
      places?.set(key, [at, cursor.at]);
      out[key] = d === COMMA || d === 0x7d ? null : flowNode(cursor);
      cursor.at = skipBlanks(cursor.at);
      if (text.charCodeAt(cursor.at) === COMMA) cursor.at = skipBlanks(cursor.at + 1);
      else if (text.charCodeAt(cursor.at) !== 0x7d) fail();
    }
    cursor.at++;
    return out;
  }

  return {documents};
}
