/**
 * YAML as kubectl writes it (sigs.k8s.io/yaml 1.4, a fork of yaml.v2): keys in order, two columns a level, lists at the column of
 * their key, texts of several lines as literal blocks, long ones folded at blanks behind column 80.
 */
import {compareKeys, yamlString} from '../../term/go-yaml.js';
import {isRecord, type Json, type JsonObject} from './json.js';

const WIDTH = 80;
/** Beyond line feed and tab, a literal block holds printable text only; none begins or ends with a blank before a line's end. */
const NO_LITERAL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]| \n/;

/** Text behind a key or a dash that stand at `column`; `indent` is that of its block's lines. */
function scalar(value: Exclude<Json, JsonObject | readonly Json[]>, column: number, indent: number): string {
  if (typeof value !== 'string') return String(value);
  if (value.includes('\n') && !NO_LITERAL.test(value)) return literal(value, indent);
  const text = yamlString(value);
  return text.startsWith('"') ? text : folded(text, column, indent);
}

function literal(text: string, indent: number): string {
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const chomp = !text.endsWith('\n') ? '-' : /(^|\n)\n$/.test(text) ? '+' : '';
  const body = chomp === '' ? text.slice(0, -1) : chomp === '+' ? text.slice(0, -1) : text;
  const lines = body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
  return `|${hint}${chomp}\n${lines.join('\n')}`;
}

/** A blank that stands behind the width, alone, becomes a line break. */
function folded(text: string, column: number, indent: number): string {
  if (column + text.length <= WIDTH) return text;
  let at = column;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    const alone = c === ' ' && text[i - 1] !== ' ' && text[i + 1] !== ' ' && i + 1 < text.length;
    if (alone && at > WIDTH && i > 0) {
      out += `\n${' '.repeat(indent)}`;
      at = indent;
    } else {
      out += c;
      at++;
    }
  }
  return out;
}

function entries(value: JsonObject): [string, Json][] {
  return Object.entries(value)
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .sort(([a], [b]) => compareKeys(a, b));
}

/** Lines of a mapping or list at `indent`; the first has its blanks left out. */
function block(value: JsonObject | readonly Json[], indent: number): string {
  const newline = `\n${' '.repeat(indent)}`;
  if (!isRecord(value as Json))
    return (value as readonly Json[]).map((item) => `- ${nested(item, indent + 2, indent + 2, '')}`).join(newline);
  return entries(value as JsonObject)
    .map(([name, item]) => {
      const key = yamlString(name);
      const deeper = Array.isArray(item) ? indent : indent + 2;
      return `${key}:${nested(item, indent + key.length + 2, deeper, `\n${' '.repeat(deeper)}`)}`;
    })
    .join(newline);
}

/** `before` stands between a key and a block; in a list nothing does. */
function nested(item: Json, column: number, indent: number, before: string): string {
  const blank = before === '' ? '' : ' ';
  if (Array.isArray(item)) return item.length === 0 ? `${blank}[]` : before + block(item as readonly Json[], indent);
  if (isRecord(item)) return entries(item).length === 0 ? `${blank}{}` : before + block(item, indent);
  return blank + scalar(item as Exclude<Json, JsonObject | readonly Json[]>, column, indent);
}

/** A document with the line feed at its end. */
export function kubeYaml(value: Json): string {
  return `${nested(value, 0, 0, '')}\n`;
}
