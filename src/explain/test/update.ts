/** `--update`: what was expected is replaced in its file by what happened, value by value; everything else stays as it is written. */
import {readFileSync, writeFileSync} from 'node:fs';
import {resolve as resolvePath} from 'node:path';
import type {Node, Pair, Scalar} from 'yaml';
import {createLines} from '../../cluster/lines.js';
import {pathText} from '../../cluster/shape.js';
import {isMap, isNode, isPair, isScalar, isSeq, parseAllDocuments, parseDocument, visit} from '../../cluster/yaml.js';
import type {SourcePosition} from '../../term/error.js';
import {UserError} from '../../term/error.js';
import {placeText} from '../trace/text.js';
import {allResults, type Check, type FixedValue, failedChecks, listOf, type Report} from './model.js';

/** Writes what can be written; one line for each value, also for those that must be changed by hand. */
export function updateFiles(
  report: Report,
  cwd: string,
): {readonly lines: readonly string[]; readonly updated: number} {
  const lines: string[] = [];
  let updated = 0;
  const byFile = new Map<string, Check[]>();
  for (const check of allResults(report).flatMap(failedChecks)) {
    const file = check.where?.file;
    if (check.fix === undefined || file === undefined || file.startsWith('<'))
      lines.push(`${label(check)}: not updated, there is no value to put there`);
    else byFile.set(file, [...(byFile.get(file) ?? []), check]);
  }
  for (const [file, checks] of byFile) {
    const path = resolvePath(cwd, file);
    const before = read(path, file);
    const {text, done} = updateText(before, checks);
    for (const check of checks)
      lines.push(
        done.has(check)
          ? `${label(check)}: updated to ${shown(check.fix)}`
          : `${label(check)}: not updated, it is written in a way that only you can change`,
      );
    if (done.size === 0) continue;
    write(path, file, text);
    updated += done.size;
  }
  return {lines, updated};
}

function read(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError({message: `${file}: cannot be updated: ${(error as Error).message}`});
  }
}

function write(path: string, file: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UserError({message: `${file}: cannot be updated: ${(error as Error).message}`});
  }
}

function label({where, path}: Check): string {
  return `${where ? `${placeText(where)}: ` : ''}${pathText(path)}`;
}

function shown(value: FixedValue | undefined): string {
  const text = typeof value === 'object' ? value.join(', ') : String(value);
  return text.includes('\n') ? `${text.split('\n').length - 1} lines` : text;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with the values of these checks in place, and which of them could be put there. */
export function updateText(before: string, checks: readonly Check[]): {text: string; done: ReadonlySet<Check>} {
  const places = scalarPlaces(before);
  const edits = new Map<Check, Edit>();
  for (const check of checks) {
    const place = check.where && places.get(key(check.where));
    if (place && check.fix !== undefined) edits.set(check, editOf(before, place, check.fix));
  }
  const all = applied(before, [...edits.values()]);
  if (all !== undefined) return {text: all, done: new Set(edits.keys())};
  // one of them spoils the text: those that do not, by themselves and with the others, are kept
  const done = new Map<Check, Edit>();
  let text = before;
  for (const [check, edit] of edits) {
    const next = applied(before, [...done.values(), edit]);
    if (next === undefined) continue;
    done.set(check, edit);
    text = next;
  }
  return {text, done: new Set(done.keys())};
}

/** undefined: the text would not be read any more. */
function applied(before: string, edits: readonly Edit[]): string | undefined {
  const returns = before.includes('\r\n');
  const text = [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((out, {start, end, text: put}) => {
      const kept = returns && out.slice(start, end).endsWith('\r') ? '\r' : '';
      return `${out.slice(0, start)}${returns ? put.replaceAll('\n', '\r\n') : put}${kept}${out.slice(end)}`;
    }, before);
  return documentsOf(text).some(({errors}) => errors.length > 0) ? undefined : text;
}

function documentsOf(text: string) {
  const found = parseAllDocuments(text, {prettyErrors: false, logLevel: 'silent', uniqueKeys: false});
  return 'empty' in found ? [] : found;
}

/** A value as it is written. */
interface Written {
  readonly node: Node;
  readonly range: readonly [number, number];
  /** Within [] or {}. */
  readonly inFlow: boolean;
  /** Column, from 0, of the key that it belongs to. */
  readonly indent: number;
}

function key({line, column}: Partial<SourcePosition>): string {
  return `${line ?? 1}:${column ?? 1}`;
}

/** Scalars and sequences by the place where they begin. */
function scalarPlaces(text: string): ReadonlyMap<string, Written> {
  const lines = createLines(text);
  const places = new Map<string, Written>();
  for (const document of documentsOf(text))
    visit(document, (step, node, ancestors) => {
      if (step === 'key' || !isNode(node) || !(isScalar(node) || isSeq(node)) || !node.range) return;
      const [start, end] = node.range;
      const owner = ancestors.findLast((one): one is Pair => isPair(one));
      const from = isNode(owner?.key) && owner.key.range ? owner.key.range[0] : 0;
      const inFlow = ancestors.some((one) => (isMap(one) || isSeq(one)) && one.flow === true);
      places.set(key(lines.at(start)), {node, range: [start, end], inFlow, indent: lines.at(from).column - 1});
    });
  return places;
}

function editOf(text: string, {node, range, inFlow, indent}: Written, value: FixedValue): Edit {
  const [start, end] = range;
  if (isSeq(node) && node.flow !== true) return itemsEdit(text, start, node.items, listOf(value));
  if (typeof value === 'object')
    return {start, end, text: `[${value.map((one) => scalarText(one, undefined, true)).join(', ')}]`};
  const style = isScalar(node) ? node.type : undefined;
  const wasBlock = style?.startsWith('BLOCK') === true;
  const lines =
    typeof value === 'string' && !inFlow && (wasBlock || value.includes('\n')) ? blockLines(value, indent) : undefined;
  if (lines) return blockEdit(text, range, wasBlock, lines);
  const tail = text.slice(start, end).endsWith('\n') ? '\n' : '';
  return {start, end, text: `${scalarText(value, style, inFlow)}${tail}`};
}

/** A list in block style: the comment behind its last item stays. */
function itemsEdit(text: string, start: number, old: readonly unknown[], items: readonly (string | number)[]): Edit {
  const last = old.at(-1);
  const end = isNode(last) && last.range ? last.range[1] : start;
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  const lines = items.map((one) => `- ${scalarText(one, undefined, false)}`);
  const tail = text.slice(start, end).endsWith('\n') ? '\n' : '';
  return {start, end, text: `${lines.join(`\n${' '.repeat(column)}`)}${tail}`};
}

/** What stands behind the value, or behind the header of its block, is a comment, and goes behind the header. */
function blockEdit(text: string, [start, end]: Written['range'], wasBlock: boolean, lines: readonly string[]): Edit {
  const feed = text.indexOf('\n', wasBlock ? start : end);
  const lineEnd = feed < 0 ? text.length : feed;
  const comment = wasBlock
    ? (/\s#.*$/.exec(text.slice(start, lineEnd).trimEnd())?.[0] ?? '')
    : text.slice(end, lineEnd);
  const [head = '', ...body] = lines;
  const tail = wasBlock && text.slice(start, end).endsWith('\n') ? '\n' : '';
  return {start, end: wasBlock ? end : lineEnd, text: `${[`${head}${comment.trimEnd()}`, ...body].join('\n')}${tail}`};
}

/** Quoted as it was, or where a plain text would be read as something else. */
function scalarText(value: string | number, style: Scalar['type'], inFlow: boolean): string {
  if (typeof value === 'number') return String(value);
  if (style === 'QUOTE_SINGLE' && !/[\x00-\x1f]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  if (style === 'QUOTE_DOUBLE' || value === '') return JSON.stringify(value);
  const {contents, errors} = parseDocument(inFlow ? `[${value}]` : `- ${value}`, {logLevel: 'silent'});
  const [item, ...more] = isSeq(contents) ? contents.items : [];
  const isPlain =
    errors.length === 0 &&
    more.length === 0 &&
    isScalar(item) &&
    item.type === 'PLAIN' &&
    item.value === value &&
    !item.comment;
  return isPlain ? value : JSON.stringify(value);
}

/** A literal block two columns within its key, a line each; undefined for what has no place in one. */
function blockLines(value: string, indent: number): string[] | undefined {
  if (/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/.test(value) || value.trim() === '')
    return undefined;
  const chomp = value.endsWith('\n\n') ? '+' : value.endsWith('\n') ? '' : '-';
  const lines = (value.endsWith('\n') ? value.slice(0, -1) : value).split('\n');
  const explicit = /^\s/.test(lines.find((line) => line !== '') ?? '') || lines[0] === '' ? '2' : '';
  return [`|${explicit}${chomp}`, ...lines.map((line) => (line === '' ? '' : `${' '.repeat(indent + 2)}${line}`))];
}
