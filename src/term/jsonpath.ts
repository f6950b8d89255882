/**
 * JSONPath templates of k8s.io/client-go/util/jsonpath, with missing keys allowed, as `-o jsonpath=…` takes them:
 * text, `{.a.b}`, `{.a[0]}`, `{.a[1:3]}`, `{.a[-1]}`, `{['k']}`, `{.a[0,2]}`, `{.a[*]}`, `{.*}`, `{..k}`, `{.a[?(@.k=="v")]}`,
 * `{"\n"}`, `{range .a[*]}…{end}`. Results of one action are joined by blanks.
 * Where Go prints an object by pointer (`{BPF Tunnel geneve}`, or an address), this prints JSON.
 */
import {GoMap, type GoRecord, type GoValue, goJsonCompact, jsonFields, nilSlice, OmitEmpty} from './go-json.js';
import {sanitizeBlock} from './sanitize.js';

type Value = Exclude<GoValue, OmitEmpty>;

type Node =
  | {readonly kind: 'literal'; readonly value: string | number | boolean}
  | {readonly kind: 'field'; readonly name: string}
  | {
      readonly kind: 'slice';
      readonly from?: number;
      readonly to?: number;
      readonly step?: number;
      readonly one: boolean;
    }
  | {readonly kind: 'union'; readonly branches: readonly (readonly Node[])[]}
  | {
      readonly kind: 'filter';
      readonly left: readonly Node[];
      readonly operator: string;
      readonly right: readonly Node[];
    }
  | {readonly kind: 'wildcard' | 'recursive' | 'range' | 'end'};

/** A template is a list of actions and texts; `range` and `end` are actions that begin with that word. */
export type Template = readonly (readonly Node[])[];

/** What is wrong with a template or with its use on this value, in the words of the Go package. */
export class JsonPathError extends Error {}

export function parseJsonPath(text: string): Template {
  const actions: Node[][] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    if (open !== at)
      actions.push([{kind: 'literal', value: sanitizeBlock(text.slice(at, open < 0 ? text.length : open))}]);
    if (open < 0) break;
    const parser = new ActionParser(text, open + 1);
    actions.push(parser.nodes());
    at = parser.at;
  }
  return actions;
}

class ActionParser {
  constructor(
    private readonly text: string,
    /** After `nodes()`: behind the closing brace. */
    public at: number,
  ) {}

  nodes(): Node[] {
    const nodes: Node[] = [];
    for (;;) {
      const rest = this.text.slice(this.at);
      const c = rest[0];
      if (c === undefined || c === '\n' || c === '\r') throw new JsonPathError('unclosed action');
      if (c === '}') {
        this.at++;
        return nodes;
      }
      if (rest.startsWith('[?(')) nodes.push(this.filter());
      else if (rest.startsWith('..')) nodes.push(...this.recursive(nodes));
      else if (c === ' ' || c === '@' || c === '$') this.at++;
      else if (c === '[') nodes.push(this.index());
      else if (c === '"' || c === "'") nodes.push({kind: 'literal', value: this.quoted(c)});
      else if (c === '.') nodes.push(this.field(1));
      else if (/[-+\p{Nd}]/u.test(c)) nodes.push(this.number());
      else if (/[_\p{L}]/u.test(c)) nodes.push(this.word());
      else throw new JsonPathError(`unrecognized character in action: ${unicodeName(this.text, this.at)}`);
    }
  }

  /** A name up to the next blank or one of `. , [ ] $ @ { }`, none of them counting behind a backslash. */
  private field(skip: number): Node {
    const match = /^(?:\\[\s\S]?|[^\\ \t\r\n.,[\]$@{}])*/.exec(this.text.slice(this.at + skip))!;
    this.at += skip + match[0].length;
    return match[0] === '*' ? {kind: 'wildcard'} : {kind: 'field', name: match[0].replaceAll('\\', '')};
  }

  private recursive(before: readonly Node[]): Node[] {
    if (before.at(-1)?.kind === 'recursive') throw new JsonPathError('invalid multiple recursive descent');
    this.at += 2;
    const next = this.text[this.at];
    return next !== undefined && /[_\p{L}\p{Nd}]/u.test(next)
      ? [{kind: 'recursive'}, this.field(0)]
      : [{kind: 'recursive'}];
  }

  private word(): Node {
    const word = /^[^ \t\r\n.,[\]$@{}]*/.exec(this.text.slice(this.at))![0];
    this.at += word.length;
    if (word === 'true' || word === 'false') return {kind: 'literal', value: word === 'true'};
    if (word === 'range' || word === 'end') return {kind: word};
    throw new JsonPathError(`unrecognized identifier ${word}`);
  }

  private number(): Node {
    const word = /^[-+]?[\d.]*/.exec(this.text.slice(this.at))![0];
    if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(word)) throw new JsonPathError(`cannot parse number ${word}`);
    this.at += word.length;
    return {kind: 'literal', value: Number(word)};
  }

  private quoted(quote: string): string {
    const match = new RegExp(`^${quote}((?:\\\\.|[^\\\\\\n${quote}])*)${quote}`).exec(this.text.slice(this.at));
    if (!match) throw new JsonPathError('unterminated quoted string');
    this.at += match[0].length;
    return unquote(match[1]!, match[0]);
  }

  private index(): Node {
    const end = this.text.slice(this.at).search(/[\]\n]/);
    if (end < 0 || this.text[this.at + end] === '\n') throw new JsonPathError('unterminated array');
    const inside = this.text.slice(this.at + 1, this.at + end);
    this.at += end + 1;
    return indexNode(inside);
  }

  private filter(): Node {
    const start = this.at + 3;
    let quote: string | undefined;
    let closed = false;
    let i = start;
    for (; ; i++) {
      const c = this.text[i];
      if (c === undefined || c === '\n') throw new JsonPathError('unterminated filter');
      if (c === '"' || c === "'") {
        if (quote === undefined) quote = c;
        else if (c === quote && this.text[i - 1] !== '\\') closed = true;
      } else if (c === ')' && (quote === undefined || closed)) break;
    }
    if (this.text[i + 1] !== ']') throw new JsonPathError('unclosed array expect ]');
    this.at = i + 2;
    const inside = this.text.slice(start, i);
    const [, left, operator, right] = /^([^!<>=]+)([!<>=]+)(.+)$/.exec(inside) ?? [];
    if (left === undefined) return {kind: 'filter', left: actionOf(inside), operator: 'exists', right: []};
    return {kind: 'filter', left: actionOf(left), operator: operator!, right: actionOf(right!)};
  }
}

function actionOf(text: string): Node[] {
  return new ActionParser(`${text}}`, 0).nodes();
}

function indexNode(inside: string): Node {
  if (inside === '*') return {kind: 'slice', one: false};
  const parts = inside.split(',');
  if (parts.length > 1) return {kind: 'union', branches: parts.map((part) => [indexNode(part.trim())])};
  const key = /^'([^']*)'$/.exec(inside);
  if (key) return actionOf(`.${key[1]}`)[0]!;
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(inside);
  if (!match) throw new JsonPathError(`invalid array index ${inside}`);
  const bound = (text: string | undefined) => {
    const digits = text?.replace(':', '');
    if (digits === '-') throw new JsonPathError('array index - is not a number');
    return digits ? {value: Number(digits)} : undefined;
  };
  const [from, to, step] = [bound(match[1]), bound(match[2]), bound(match[3])];
  return {
    kind: 'slice',
    one: match[2] === undefined,
    ...(from ? {from: from.value} : {}),
    ...(to ? {to: to.value} : {}),
    ...(step ? {step: step.value} : {}),
  };
}

const QUOTED: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

function unquote(text: string, whole: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g, (_, byte, unit, letter) => {
    if (letter === undefined) return String.fromCharCode(Number.parseInt(byte ?? unit, 16));
    const value = QUOTED[letter];
    if (value === undefined) throw new JsonPathError(`unquote string ${whole} error invalid syntax`);
    return value;
  });
}

function unicodeName(text: string, at: number): string {
  const point = text.codePointAt(at)!;
  const name = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return point < 0x20 ? name : `${name} '${String.fromCodePoint(point)}'`;
}

/** The template's text over `value`. */
export function runJsonPath(template: Template, value: GoValue): string {
  const out: string[] = [];
  const end = runActions(template, 0, unwrap(value), 0, out);
  if (end < template.length) throw new JsonPathError('not in range, nothing to end');
  return out.join('');
}

/** What the one action of a template finds, in order. */
export function findJsonPath(template: Template, value: GoValue): readonly Value[] {
  return template.flatMap((action) => evaluate([unwrap(value)], action));
}

/** Runs from action `at` to the `end` of the innermost range or of the template; returns where it stopped. */
function runActions(template: Template, from: number, value: Value, depth: number, out: string[] | undefined): number {
  let at = from;
  for (; at < template.length; at++) {
    const action = template[at]!;
    if (action[0]?.kind === 'end') return at;
    if (action[0]?.kind !== 'range') {
      out?.push(evaluate([value], action).map(printed).join(' '));
      continue;
    }
    const items = out ? evaluate([value], action.slice(1)) : [];
    let end = at;
    for (const item of items) end = runActions(template, at + 1, item, depth + 1, out);
    if (items.length === 0) end = runActions(template, at + 1, null, depth + 1, undefined);
    at = end;
  }
  return at;
}

function unwrap(value: GoValue): Value {
  const bare = value instanceof OmitEmpty ? value.value : value;
  return bare === nilSlice ? [] : bare;
}

function isKeyed(value: Value): value is GoRecord | GoMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function children(value: Value): Value[] {
  if (Array.isArray(value)) return value.map(unwrap);
  return isKeyed(value) ? jsonFields(value).map(([, field]) => field) : [];
}

function fieldOf(value: Value, name: string): Value | undefined {
  if (!isKeyed(value)) return undefined;
  const field = value instanceof GoMap ? value.entries.find(([key]) => key === name)?.[1] : own(value, name);
  return field === undefined ? undefined : unwrap(field);
}

function own(record: GoRecord, name: string): GoValue | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function evaluate(input: readonly Value[], nodes: readonly Node[]): Value[] {
  return nodes.reduce<Value[]>((values, node) => step(values, node), [...input]);
}

function step(values: readonly Value[], node: Node): Value[] {
  switch (node.kind) {
    case 'literal':
      return [node.value];
    case 'field':
      return values.flatMap((value) => {
        const field = fieldOf(value, node.name);
        return field === undefined ? [] : [field];
      });
    case 'wildcard':
      return values.flatMap(children);
    case 'recursive':
      return values.flatMap(descendants);
    case 'union':
      return node.branches.flatMap((branch) => evaluate(values, branch));
    case 'slice':
      return values.flatMap((value) => (value === null ? [] : slice(value, node)));
    case 'filter':
      return values.flatMap((value) => filter(value, node));
    default:
      throw new JsonPathError(`unrecognized identifier ${node.kind}`);
  }
}

/** The value and all within it that has parts, in depth-first order. */
function descendants(value: Value): Value[] {
  const parts = children(value);
  return parts.length === 0 ? [] : [value, ...parts.flatMap(descendants)];
}

function slice(value: Value, node: Node & {kind: 'slice'}): Value[] {
  if (!Array.isArray(value)) throw new JsonPathError(`${typeof value} is not array or slice`);
  const {length} = value;
  let from = node.from ?? 0;
  let to = node.one && node.from !== undefined ? from + 1 : (node.to ?? (node.one ? 1 : length));
  if (from < 0) from += length;
  if (to < 0 || (to === 0 && node.one)) to += length;
  if (from === to) return [];
  const outOfBounds = (index: number) => `array index out of bounds: index ${index}, length ${length}`;
  if (from >= length || from < 0) throw new JsonPathError(outOfBounds(from));
  if (to > length || to < 0) throw new JsonPathError(outOfBounds(to - 1));
  if (from > to) throw new JsonPathError(`starting index ${from} is greater than ending index ${to}`);
  const every = node.step ?? 1;
  if (every <= 0) throw new JsonPathError('step must be > 0');
  return value
    .slice(from, to)
    .filter((_: GoValue, i: number) => i % every === 0)
    .map(unwrap);
}

function filter(value: Value, node: Node & {kind: 'filter'}): Value[] {
  if (!Array.isArray(value)) throw new JsonPathError(`${printed(value)} is not array or slice and cannot be filtered`);
  return value.map(unwrap).filter((item: Value) => {
    const lefts = evaluate([item], node.left);
    if (node.operator === 'exists') return lefts.length > 0;
    const rights = evaluate([item], node.right);
    if (lefts.length === 0 || rights.length === 0) return false;
    if (lefts.length > 1 || rights.length > 1) throw new JsonPathError('can only compare one element at a time');
    return compare(lefts[0]!, node.operator, rights[0]!);
  });
}

function compare(left: Value, operator: string, right: Value): boolean {
  if (!['<', '>', '==', '!=', '<=', '>='].includes(operator))
    throw new JsonPathError(`unrecognized filter operator ${operator}`);
  if (typeof left !== typeof right) throw new JsonPathError('incompatible types for comparison');
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (left === null || right === null || typeof left === 'object' || typeof left === 'boolean')
    throw new JsonPathError('invalid type for comparison');
  const order = left < right ? -1 : left > right ? 1 : 0;
  return operator[0] === '<'
    ? order < 0 || (order === 0 && operator === '<=')
    : order > 0 || (order === 0 && operator === '>=');
}

function printed(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'object') return goJsonCompact(value);
  return typeof value === 'string' ? sanitizeBlock(value) : String(value);
}
