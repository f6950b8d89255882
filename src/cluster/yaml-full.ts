/** Everything YAML has, with the full parser and its errors. */
import type {Document, Node} from 'yaml';
import {createLines} from './lines.js';
import type {Path} from './shape.js';
import type {Parsed} from './source.js';
import {isMap, isNode, isScalar, isSeq, parseAllDocuments, visit} from './yaml.js';
import {flattenFlows} from './yaml-flow.js';

type Report = (message: string, at: {line: number; column: number}, hint?: string) => void;

/** Collections that begin one within another on a line: the parser keeps a stack of its own and asks no questions. */
const TOO_DEEP = /(?:[-?] +){500}|(?:[[{] *){500}/;

/** Documents that could be read; what is wrong is reported with its place in the text. */
export function readFully(text: string, report: Report): Parsed[] {
  if (TOO_DEEP.test(text)) {
    report('nested too deeply', {line: 1, column: 1});
    return [];
  }
  const lines = createLines(text);
  const parse = (source: string) => {
    // equal keys are looked for below: the parser compares each with each
    const found = parseAllDocuments(source, {prettyErrors: false, merge: true, logLevel: 'silent', uniqueKeys: false});
    return 'empty' in found ? [] : found;
  };
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(text);
    const flat = countErrors(parsed) > 0 ? flattenFlows(text) : undefined;
    const again = flat === undefined ? parsed : parse(flat);
    if (countErrors(again) < countErrors(parsed)) parsed = again;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report('nested too deeply', {line: 1, column: 1});
    return [];
  }
  // the parser catches its own overflow, and then says more than there is to say
  if (parsed.some(({errors}) => errors.some(({message}) => message.includes('call stack')))) {
    report('nested too deeply', {line: 1, column: 1});
    return [];
  }
  return parsed.flatMap((document) => {
    const value = contentOf(document, (message, offset, hint) => report(message, lines.at(offset), hint));
    if (value === undefined || value === null) return [];
    return [{value, locate: (path: Path, part: 'key' | 'value') => lines.at(offsetOf(document, path, part))}];
  });
}

function countErrors(documents: readonly Document.Parsed[]): number {
  return documents.reduce((sum, {errors}) => sum + errors.length, 0);
}

type Wrong = readonly [message: string, offset: number, hint?: string | undefined];

/** Undefined where something is wrong with the document. */
function contentOf(document: Document.Parsed, report: (...wrong: Wrong) => void): unknown {
  const wrong: Wrong[] = document.errors.map(({message, pos, code}) => [tidy(message), pos[0], hints[code]]);
  try {
    wrong.push(...equalKeys(document), ...endlessAliases(document));
    for (const problem of wrong.sort((a, b) => a[1] - b[1])) report(...problem);
    return wrong.length > 0 ? undefined : document.toJS({maxAliasCount: 100});
  } catch (error) {
    const deep = error instanceof RangeError;
    report(deep ? 'nested too deeply' : 'too many aliases (*name) of one another', document.range[0]);
    return undefined;
  }
}

/** Aliases of what they are in: YAML allows the circle, no definition has a use for it. */
function endlessAliases(document: Document.Parsed): Wrong[] {
  const wrong: Wrong[] = [];
  visit(document, {
    Alias(_, node, path) {
      const around = path.filter((outer) => isNode(outer) && 'anchor' in outer && outer.anchor === node.source);
      if (around.some((outer) => outer === node.resolve(document)))
        wrong.push([`*${node.source} stands in what it stands for`, node.range?.[0] ?? 0]);
    },
  });
  return wrong;
}

function equalKeys(document: Document.Parsed): Wrong[] {
  const wrong: Wrong[] = [];
  visit(document, {
    Map(_, node) {
      const seen = new Set<unknown>();
      for (const {key} of node.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && key.value !== '<<')
          wrong.push(['map keys must be unique', (key as Node).range?.[0] ?? 0, hints.DUPLICATE_KEY]);
        seen.add(key.value);
      }
    },
  });
  return wrong;
}

function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
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
  return offset;
}

/** The parser's sentences begin with a capital and end with nothing. */
function tidy(message: string): string {
  const first = message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
  return first.charAt(0).toLowerCase() + first.slice(1);
}

const hints: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'keep one of the two',
  TAB_AS_INDENT: 'indent with blanks',
  MULTILINE_IMPLICIT_KEY: 'a key and its colon are on one line; quote a text that contains ": "',
  BLOCK_AS_IMPLICIT_KEY: 'quote a text that contains ": "',
  BAD_ALIAS: 'quote a text that begins with *',
};
