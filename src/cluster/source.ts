/** Text → documents, each with a way to say where in the file a path of it stands. */
import type {SourcePosition} from '../term/error.js';
import {createJsonLocator} from './json-locate.js';
import type {Problems} from './problems.js';
import {isObject, type Path} from './shape.js';
import {type FastDocument, type Offsets, parseFast} from './yaml-fast.js';

export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** Place of the value at `path`, of its key, or of the nearest thing around it that exists. */
  locate(path: Path, part?: 'key' | 'value'): SourcePosition;
}

export const MAX_BYTES = 100_000_000;

/** Below this a failing JSON text is read again as YAML, whose parser says more exactly what is wrong. */
const SMALL = 2_000_000;

/** Bytes of a file → text; problems: too large, not UTF-8. */
export function decode(file: string, bytes: Uint8Array, problems: Problems): string | undefined {
  if (bytes.length > MAX_BYTES) {
    problems.add(`${bytes.length} bytes: more than the 100 MB that one file may have`, {file});
    return undefined;
  }
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    problems.add('not a text in UTF-8', {file});
    return undefined;
  }
}

/** Reads YAML or JSON. What is wrong with the text is a problem; documents that could be read are returned nevertheless. */
export async function readDocuments(file: string, text: string, problems: Problems): Promise<SourceDocument[]> {
  const json = /^\s*[{[]/.test(text) ? tryJson(text) : undefined;
  // our own document is small and deserves the checks of the YAML parser (equal keys)
  if (json && !(isObject(json.value) && json.value.kind === 'Cluster')) return [jsonDocument(file, text, json.value)];
  if (!json && text.length > SMALL && /^\s*[{[]/.test(text)) {
    problems.add('not valid JSON', {file, ...jsonErrorPosition(text)});
    return [];
  }
  return readYaml(file, text, problems);
}

function tryJson(text: string): {readonly value: unknown} | undefined {
  try {
    return {value: JSON.parse(text)};
  } catch {
    return undefined;
  }
}

/** V8 says where it stopped: `… at position 123 …`. */
function jsonErrorPosition(text: string): {line?: number; column?: number} {
  try {
    JSON.parse(text);
  } catch (error) {
    const at = /position (\d+)/.exec(String(error));
    if (at) return lineOf(text, Number(at[1]));
  }
  return {};
}

/** Line and column, from 1, of an offset. */
function lineOf(text: string, offset: number): {line: number; column: number} {
  let line = 1;
  let start = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) {
    line++;
    start = i + 1;
  }
  return {line, column: offset - start + 1};
}

function jsonDocument(file: string, text: string, value: unknown): SourceDocument {
  let locator: ReturnType<typeof createJsonLocator> | undefined;
  return {
    file,
    value,
    locate(path, part = 'value') {
      locator ??= createJsonLocator(text);
      for (let length = path.length; length >= 0; length--) {
        const offset = locator.offset(path.slice(0, length), length === path.length ? part : 'value');
        if (offset !== undefined) return {file, ...lineOf(text, offset)};
      }
      return {file};
    },
  };
}

async function readYaml(file: string, source: string, problems: Problems): Promise<SourceDocument[]> {
  const text = source.replaceAll('\r\n', '\n').replace(/^\ufeff/, '');
  const fast = parseFast(text);
  return fast ? fastDocuments(file, text, fast) : readFully(file, text, problems);
}

/** Documents of the fast parser; places come from a second pass, when somebody asks for one. */
function fastDocuments(file: string, text: string, parsed: readonly FastDocument[]): SourceDocument[] {
  let places: {readonly offsets: Offsets; readonly values: readonly unknown[]} | undefined;
  const locateAll = () => {
    const offsets: Offsets = new Map();
    places ??= {values: parseFast(text, offsets)?.map((document) => document.value) ?? [], offsets};
    return places;
  };
  return parsed.map(({value, start}, index) => ({
    file,
    value,
    locate(path, part = 'value') {
      const {offsets, values} = locateAll();
      let at: unknown = values[index];
      let offset = start;
      for (const [i, step] of path.entries()) {
        const place = isContainer(at) ? offsets.get(at)?.get(step) : undefined;
        if (!place) break;
        offset = i === path.length - 1 && part === 'key' ? place[0] : place[1];
        at = (at as Record<string | number, unknown>)[step];
      }
      return {file, ...lineOf(text, offset)};
    },
  }));
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Everything YAML has, with the full parser and its errors. */
async function readFully(file: string, text: string, problems: Problems): Promise<SourceDocument[]> {
  const {parseAllDocuments, LineCounter, isMap, isSeq, isScalar, isNode} = await import('./yaml.js');
  const lines = new LineCounter();
  const position = (offset: number): SourcePosition => {
    const {line, col} = lines.linePos(offset);
    return {file, line: Math.max(1, line), column: Math.max(1, col)};
  };
  const parse = () => {
    const found = parseAllDocuments(text, {lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'silent'});
    return 'empty' in found ? [] : found;
  };
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.add('nested too deeply', {file});
    return [];
  }
  const documents: SourceDocument[] = [];
  for (const document of parsed) {
    for (const error of document.errors) problems.add(tidy(error.message), position(error.pos[0]), hintFor(error.code));
    if (document.errors.length > 0) continue;
    let value: unknown;
    try {
      value = document.toJS({maxAliasCount: 100});
    } catch (error) {
      const deep = error instanceof RangeError;
      problems.add(deep ? 'nested too deeply' : 'too many aliases (*name) of one another', position(document.range[0]));
      continue;
    }
    if (value === null || value === undefined) continue;
    documents.push({
      file,
      value,
      locate(path, part = 'value') {
        let node: unknown = document.contents;
        let offset = isNode(node) && node.range ? node.range[0] : document.range[0];
        for (const [i, step] of path.entries()) {
          let key: unknown;
          if (isMap(node)) {
            const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
            if (!pair) break;
            [key, node] = [pair.key, pair.value];
          } else if (isSeq(node) && typeof step === 'number') {
            const item: unknown = node.items[step];
            if (item === undefined) break;
            [key, node] = [item, item];
          } else break;
          const wanted = i === path.length - 1 && part === 'key' ? key : isNode(node) && node.range ? node : key;
          if (isNode(wanted) && wanted.range) offset = wanted.range[0];
        }
        return position(offset);
      },
    });
  }
  return documents;
}

/** The parser's sentences begin with a capital and end with nothing. */
function tidy(message: string): string {
  const first = message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
  return first.charAt(0).toLowerCase() + first.slice(1);
}

function hintFor(code: string): string | undefined {
  const hints: Readonly<Record<string, string>> = {
    DUPLICATE_KEY: 'keep one of the two',
    TAB_AS_INDENT: 'indent with blanks',
    MULTILINE_IMPLICIT_KEY: 'a key and its colon are on one line; quote a text that contains ": "',
    BLOCK_AS_IMPLICIT_KEY: 'quote a text that contains ": "',
    BAD_ALIAS: 'quote a text that begins with *',
  };
  return hints[code];
}

/** A place that is looked up when somebody asks for it: thousands of objects carry one, few are ever printed. */
export function lazyPosition(document: SourceDocument, path: Path): SourcePosition {
  let found: SourcePosition | undefined;
  const get = () => (found ??= document.locate(path));
  return {
    file: document.file,
    get line() {
      return get().line ?? 1;
    },
    get column() {
      return get().column ?? 1;
    },
  };
}
