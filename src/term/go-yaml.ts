/**
 * `yaml.Marshal` of go.yaml.in/yaml/v3, which `cilium-dbg -o yaml` calls on its API structs directly. They carry no YAML tags, so
 * a key is the Go field's name in lower case (here: the JSON name without hyphens), in the struct's order, empty fields included.
 * Four columns a level, two after a sequence's dash; plain scalars where they would read back as strings.
 */
import {GoMap, type GoRecord, type GoValue, nilSlice, OmitEmpty} from './go-json.js';

/** Text that a YAML 1.1 or 1.2 reader would take for something other than a string (yaml/v3 resolve.go). */
const RESOLVES =
  /^(?:|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|<<|=)$|^[-+]?(?:\.inf|\.Inf|\.INF)$|^\.(?:nan|NaN|NAN)$|^[-+]?0[xX][0-9a-fA-F_]+$|^[-+]?0[bB][01_]+$|^[-+]?0[oO][0-7_]+$|^[-+]?[0-9][0-9_]*$|^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$|^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt ]\s*\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?\s*(?:Z|[-+]\d{1,2}(?::\d{2})?)?$)/;
/** Not plain: indicators at the start, `: ` and ` #` inside, blanks at the ends (emitterc.go analyze_scalar). */
const NOT_PLAIN = /^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[-?:](?:\s|$)|:(?:\s|$)|\s#|^\s|\s$/;
/** Only double quotes can hold these. */
const NOT_PRINTABLE =
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string): string {
  const escaped = (unit: string) => {
    const code = unit.charCodeAt(0);
    if (code >= 0xd800 && code <= 0xdfff) return '\\uFFFD';
    const hex = code.toString(16).toUpperCase();
    return ESCAPES[unit] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
  };
  return `"${text.replace(/["\\]/g, '\\$&').replace(NOT_PRINTABLE, escaped)}"`;
}

/** A scalar on one line, in the style that keeps it a string. */
export function yamlString(text: string): string {
  if (RESOLVES.test(text) || text.search(NOT_PRINTABLE) >= 0) return doubleQuoted(text);
  return NOT_PLAIN.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}

/** Order of map keys (yaml/v3 sorter.go): runs of digits compare as numbers, letters come after all else. */
export function compareKeys(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  let at = 0;
  while (at < left.length && at < right.length && left[at] === right[at]) at++;
  if (at === left.length || at === right.length) return left.length - right.length;
  const isLetter = (rune: string) => /\p{L}/u.test(rune);
  const isDigit = (rune: string | undefined) => rune !== undefined && /\p{Nd}/u.test(rune);
  const [x, y] = [left[at]!, right[at]!];
  if (isLetter(x) && isLetter(y)) return x < y ? -1 : 1;
  if (isLetter(x) || isLetter(y)) return isLetter(x) === (at > 0 && isDigit(left[at - 1])) ? -1 : 1;
  let start = at;
  while (start > 0 && isDigit(left[start - 1])) start--;
  const lead = (x === '0' || y === '0') && /[^0]/.test(left.slice(start, at).join('')) ? '1' : '0';
  const number = (of: readonly string[]) => {
    let end = at;
    while (isDigit(of[end])) end++;
    return {value: Number(lead + of.slice(at, end).join('')), end};
  };
  const [n, m] = [number(left), number(right)];
  return n.value - m.value || n.end - m.end || (x < y ? -1 : 1);
}

function writeScalar(value: GoValue): string | undefined {
  if (typeof value === 'string') return yamlString(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value === nilSlice) return '[]';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : undefined;
  if (value instanceof GoMap) return value.entries.length === 0 ? '{}' : undefined;
  return Object.values(value).every((field) => field === undefined) ? '{}' : undefined;
}

/** Lines of a mapping or sequence whose first line starts at column `indent`, that column's blanks not included in the first. */
function writeBlock(value: GoValue, indent: number): string {
  const newline = `\n${' '.repeat(indent)}`;
  if (Array.isArray(value)) {
    const item = (child: GoValue) => {
      const bare = unwrap(child);
      return `- ${writeScalar(bare) ?? writeBlock(bare, indent + 2)}`;
    };
    return value.map(item).join(newline);
  }
  const deeper = 4 * Math.floor((indent + 4) / 4);
  const lines = keyedFields(value as GoRecord | GoMap).map(([name, field]) => {
    const bare = unwrap(field);
    const scalar = writeScalar(bare);
    if (scalar !== undefined) return `${name}: ${scalar}`;
    return `${name}:\n${' '.repeat(deeper)}${writeBlock(bare, deeper)}`;
  });
  return lines.join(newline);
}

/** Fields under the keys that YAML gives them. */
function keyedFields(value: GoRecord | GoMap): [string, GoValue][] {
  if (value instanceof GoMap)
    return [...value.entries].sort(([a], [b]) => compareKeys(a, b)).map(([key, field]) => [yamlString(key), field]);
  return Object.entries(value).flatMap(([key, field]) =>
    field === undefined ? [] : [[yamlString(key.replaceAll('-', '').toLowerCase()), field]],
  );
}

function unwrap(value: GoValue): Exclude<GoValue, OmitEmpty> {
  return value instanceof OmitEmpty ? value.value : value;
}

/** The document, with the line feed that `yaml.Marshal` ends it with. */
export function goYaml(value: GoValue): string {
  const bare = unwrap(value);
  return `${writeScalar(bare) ?? writeBlock(bare, 0)}\n`;
}
