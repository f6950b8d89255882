/** Bytes → documents, each with a way to say where in the file a path of it stands. */
import type {SourcePosition} from '../term/error.js';
import {MAX_OBJECT, type TextBytes, textBytes} from './bytes-text.js';
import {createJsonLocator} from './json-locate.js';
import {countMembers, type JsonSpan, JsonStructureError, type JsonValue, scanJson} from './json-stream.js';
import {createLines, type Lines} from './lines.js';
import type {Problems} from './problems.js';
import type {Path} from './shape.js';
import {type FastDocument, type Offsets, parseFast} from './yaml-fast.js';
import {splitYaml} from './yaml-stream.js';

export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** Where it begins, where that is known already. */
  readonly start?: SourcePosition;
  /** It is an item of a list: its path in the whole document, and the kind that the list's kind implies. */
  readonly item?: {readonly path: Path; readonly kind: string | undefined};
  /** Place of the value at `path` of the whole document, of its key, or of the nearest thing around it that exists. */
  locate(path: Path, part?: 'key' | 'value'): SourcePosition;
}

/** From here on a text is taken apart before it is parsed. */
const LARGE = 1_000_000;
/** More than this is not given to the full YAML parser, which takes a hundred times its size. */
const FULL_LIMIT = 5_000_000;

/** Reads YAML or JSON. What is wrong with the text is a problem; documents that could be read are given nevertheless. */
export async function* readDocuments(
  file: string,
  bytes: Uint8Array,
  problems: Problems,
): AsyncGenerator<SourceDocument> {
  const source = textBytes(file, bytes, problems);
  if (!source) return;
  const values = startsAsJson(source.bytes) ? tryScan(source.bytes) : undefined;
  if (values instanceof JsonStructureError && values.final)
    problems.add(values.message, {file, ...source.position(values.offset)});
  else if (values && !(values instanceof JsonStructureError)) yield* readJson(file, source, values, problems);
  else if (source.bytes.length <= LARGE) yield* readPart({file, source, start: 0, end: source.bytes.length, problems});
  else if (values) problems.add(`not valid JSON: ${values.message}`, {file, ...source.position(values.offset)});
  else yield* readLargeYaml(file, source, problems);
}

function startsAsJson(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length && bytes[at]! <= 0x20) at++;
  return bytes[at] === 0x7b || bytes[at] === 0x5b;
}

function tryScan(bytes: Uint8Array): JsonValue[] | JsonStructureError {
  try {
    const values = scanJson(bytes);
    const other = values.find(({start}) => bytes[start] !== 0x7b && bytes[start] !== 0x5b);
    return other ? new JsonStructureError(other.start, 'something other than an object') : values;
  } catch (error) {
    if (error instanceof JsonStructureError) return error;
    throw error;
  }
}

/** Part of a text: an object of a stream, items of a list, or all of it. */
interface Part {
  readonly file: string;
  readonly source: TextBytes;
  readonly start: number;
  readonly end: number;
  readonly problems: Problems;
}

/** Rows of a list: what they are within the document. */
interface Within {
  /** Path of the first value of the part. */
  readonly path: Path;
  readonly kind: string | undefined;
}

async function* readJson(
  file: string,
  source: TextBytes,
  values: readonly JsonValue[],
  problems: Problems,
): AsyncGenerator<SourceDocument> {
  for (const value of values) {
    const {items, kind} = value;
    const isList = items && (kind === undefined || kind.endsWith('List'));
    for (const [i, span] of (isList ? items : [value]).entries()) {
      const within = isList ? {path: ['items', i], kind: itemKindOf(kind)} : undefined;
      const part = {file, source, start: span.start, end: span.end, problems};
      const document = readJsonSpan(part, span, within);
      if (document) yield document;
      else if (!isTooLarge(part)) yield* readPart(part, within);
    }
  }
}

/** Undefined where it is for the YAML parser: our own document, for its checks, and what has equal keys or is no JSON. */
function readJsonSpan(
  {file, source, start, end}: Part,
  {members}: JsonSpan,
  within: Within | undefined,
): SourceDocument | undefined {
  if (end - start > MAX_OBJECT) return undefined;
  const text = source.text(start, end);
  const parsed = tryParse(text);
  const plain = parsed && (parsed.value as {kind?: unknown} | null)?.kind !== 'Cluster';
  if (!plain || countMembers(parsed.value) !== members) return undefined;
  const place = {file, ...source.position(start)};
  let located: {readonly offsets: ReturnType<typeof createJsonLocator>; readonly lines: Lines} | undefined;
  const document = documentOf(place, parsed.value, within, (path, key) => {
    located ??= {offsets: createJsonLocator(text), lines: createLines(text)};
    for (let length = path.length; length >= 0; length--) {
      const offset = located.offsets.offset(path.slice(0, length), length === path.length ? key : 'value');
      if (offset !== undefined) return located.lines.at(offset);
    }
    return {line: 1, column: 1};
  });
  return {...document, start: place};
}

function tryParse(text: string): {readonly value: unknown} | undefined {
  try {
    return {value: JSON.parse(text)};
  } catch {
    return undefined;
  }
}

function isTooLarge({file, source, start, end, problems}: Part): boolean {
  if (end - start <= MAX_OBJECT) return false;
  problems.add(
    `${end - start} bytes: more than the 100 MB that one object may have`,
    {file, ...source.position(start)},
    'lists may be longer: their items are read one by one',
  );
  return true;
}

/** Place within a part → place within the file. */
function shift(base: SourcePosition, {line, column}: {line: number; column: number}): SourcePosition {
  return {
    file: base.file,
    line: (base.line ?? 1) + line - 1,
    column: line === 1 ? (base.column ?? 1) + column - 1 : column,
  };
}

/** `base` is the place that `place` counts from, of paths within the value. */
function documentOf(
  base: SourcePosition & {readonly file: string},
  value: unknown,
  within: Within | undefined,
  place: (path: Path, part: 'key' | 'value') => {line: number; column: number},
): SourceDocument {
  return {
    file: base.file,
    value,
    ...(within ? {item: within} : {}),
    locate: (path, part = 'value') => shift(base, place(path.slice(within?.path.length ?? 0), part)),
  };
}

async function* readLargeYaml(file: string, source: TextBytes, problems: Problems): AsyncGenerator<SourceDocument> {
  for (const {start, end, list} of splitYaml(source.bytes)) {
    const part = {file, source, start, end, problems};
    if (!isTooLarge(part)) yield* readPart(part, list && {path: ['items', list.first], kind: itemKindOf(list.kind)});
  }
}

function itemKindOf(listKind: string | undefined): string | undefined {
  return listKind === undefined || listKind === 'List' ? undefined : listKind.replace(/List$/, '');
}

/** YAML, by the fast parser where it can. Within a list the part is a sequence of items, or one item alone. */
async function* readPart(part: Part, within?: Within): AsyncGenerator<SourceDocument> {
  const {file, source, start, end, problems} = part;
  const text = source
    .text(start, end)
    .replaceAll('\r\n', '\n')
    .replace(/^\ufeff/, '');
  let base: SourcePosition | undefined;
  const baseOf = () => (base ??= {file, ...source.position(start)});
  const fast = parseFast(text);
  let parsed: readonly Parsed[];
  if (fast) parsed = fastDocuments(text, fast);
  else if (text.length <= FULL_LIMIT) {
    const {readFully} = await import('./yaml-full.js');
    parsed = readFully(text, (message, at, hint) => problems.add(message, shift(baseOf(), at), hint));
  } else {
    problems.add(
      `${text.length} bytes of YAML with anchors, tabs, tags or errors: more than the 5 MB that are read of such`,
      baseOf(),
      'kubectl prints YAML and JSON without them; of JSON as much is read as there is',
    );
    return;
  }
  for (const {value, locate} of parsed) {
    if (!within || !Array.isArray(value)) {
      yield documentOf(baseOf(), value, within, locate);
      continue;
    }
    const starts = itemLines(text);
    const [key, first] = within.path as [string, number];
    for (const [i, item] of value.entries()) {
      const own = {path: [key, first + i], kind: within.kind};
      const document = documentOf(baseOf(), item, own, (path, what) => locate([i, ...path], what));
      const line = starts.length === value.length ? starts[i] : undefined;
      yield line === undefined ? document : {...document, start: shift(baseOf(), {line, column: 3})};
    }
  }
}

/** Lines, from 1, that begin an item of the sequence at column 0. */
function itemLines(text: string): number[] {
  const out: number[] = [];
  for (let [line, at] = [1, 0]; at < text.length; line++) {
    if (text.startsWith('- ', at) && text[at + 2] !== ' ') out.push(line);
    const lf = text.indexOf('\n', at);
    if (lf < 0) break;
    at = lf + 1;
  }
  return out;
}

/** A document and the places of its parts, from the start of the text. */
export interface Parsed {
  readonly value: unknown;
  locate(path: Path, part: 'key' | 'value'): {line: number; column: number};
}

/** Documents of the fast parser; places come from a second pass, when somebody asks for one. */
function fastDocuments(text: string, parsed: readonly FastDocument[]): Parsed[] {
  let places: {readonly offsets: Offsets; readonly values: readonly unknown[]} | undefined;
  const lines = createLines(text);
  const locateAll = () => {
    const offsets: Offsets = new Map();
    places ??= {values: parseFast(text, offsets)?.map((document) => document.value) ?? [], offsets};
    return places;
  };
  return parsed.map(({value, start}, index) => ({
    value,
    locate(path, part) {
      const {offsets, values} = locateAll();
      let at: unknown = values[index];
      let offset = start;
      for (const [i, step] of path.entries()) {
        const place = isContainer(at) ? offsets.get(at)?.get(step) : undefined;
        if (!place) break;
        offset = i === path.length - 1 && part === 'key' ? place[0] : place[1];
        at = (at as Record<string | number, unknown>)[step];
      }
      return lines.at(offset);
    },
  }));
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The place of `path` of a document; of the document itself, or of the item that it is, where it is known already. */
export function placeOf(document: SourceDocument, path: Path): SourcePosition {
  const own = document.start && path.length === (document.item?.path.length ?? 0);
  if (!own || !document.start) return lazyPosition(document, path);
  origins.set(document.start, {document, path});
  return document.start;
}

/** A place that is looked up when somebody asks for it: thousands of objects carry one, few are ever printed. */
export function lazyPosition(document: SourceDocument, path: Path, part?: 'key' | 'value'): SourcePosition {
  let found: SourcePosition | undefined;
  const get = () => (found ??= document.locate(path, part));
  const position: SourcePosition = {
    file: document.file,
    get line() {
      return get().line ?? 1;
    },
    get column() {
      return get().column ?? 1;
    },
  };
  origins.set(position, {document, path});
  return position;
}

/** Positions of objects → what they are positions in. */
const origins = new WeakMap<SourcePosition, {readonly document: SourceDocument; readonly path: Path}>();

/**
 * Place of a field of the object at `where`: of its value, or of its key; of the nearest thing around it that exists. `where` itself
 * where nothing is known of the text.
 */
export function placeWithin(where: SourcePosition, steps: Path, part: 'key' | 'value' = 'value'): SourcePosition {
  const origin = origins.get(where);
  return origin ? origin.document.locate([...origin.path, ...steps], part) : where;
}

/** Whether it is a place in our own document, whose objects are short forms. */
export function isOwnPlace(where: SourcePosition): boolean {
  return origins.get(where)?.path[0] === 'spec';
}
