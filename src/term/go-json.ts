/**
 * Values as Go programs print them: `json.MarshalIndent(v, "", "  ")`. A struct is an object, its keys the JSON names in the order
 * of declaration; a map is a `GoMap`.
 */

/** `undefined` fields don't exist; `OmitEmpty` ones are left out of JSON while empty, and still are fields to YAML. */
export type GoValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly GoValue[]
  | GoRecord
  | GoMap
  | NilSlice
  | OmitEmpty;
export type GoRecord = {readonly [field: string]: GoValue | undefined};

/** A Go map with string keys, entries in the order that encoding/json writes: by UTF-8 bytes. */
export class GoMap {
  readonly entries: readonly (readonly [string, GoValue])[];

  constructor(entries: Iterable<readonly [string, GoValue]>) {
    this.entries = [...entries].sort(([a], [b]) => compareBytes(a, b));
  }
}

/** A slice that was never filled: `null` to JSON, `[]` to YAML. */
class NilSlice {
  readonly kind = 'nil slice';
}
export const nilSlice = new NilSlice();

/** A struct field tagged `omitempty`. */
export class OmitEmpty {
  constructor(readonly value: Exclude<GoValue, OmitEmpty>) {}

  get isEmpty(): boolean {
    const {value} = this;
    if (typeof value !== 'object') return !value;
    if (value instanceof GoMap) return value.entries.length === 0;
    if (value === nilSlice) return true;
    return value === null || (Array.isArray(value) && value.length === 0);
  }
}

export function omitEmpty(value: Exclude<GoValue, OmitEmpty>): OmitEmpty {
  return new OmitEmpty(value);
}

/** Order of Go strings: by UTF-8 bytes, which is by code points. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < left.length && i < right.length; i++)
    if (left[i] !== right[i]) return left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
  return left.length - right.length;
}

/** The fields or entries that JSON shows, in order: omitted ones taken out, the rest unwrapped. */
export function jsonFields(value: GoRecord | GoMap): [string, Exclude<GoValue, OmitEmpty>][] {
  const fields: [string, Exclude<GoValue, OmitEmpty>][] = [];
  for (const [key, field] of value instanceof GoMap ? value.entries : Object.entries(value)) {
    if (field === undefined) continue;
    if (!(field instanceof OmitEmpty)) fields.push([key, field]);
    else if (!field.isEmpty) fields.push([key, field.value]);
  }
  return fields;
}

/**
 * Escapes of encoding/json: `< > &` and U+2028/9 for HTML's sake, lone surrogates become U+FFFD. Beyond Go, C1, DEL and bidirectional
 * controls are escaped as well: the same value, but one that can't drive a terminal.
 */
const ESCAPED =
  /["\\<>&\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

export function goJsonString(text: string): string {
  const escaped = (unit: string) => {
    const code = unit.charCodeAt(0);
    if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd';
    return SHORT[unit] ?? `\\u${code.toString(16).padStart(4, '0')}`;
  };
  return `"${text.replace(ESCAPED, escaped)}"`;
}

function write(value: GoValue, indent: string, step: string): string {
  if (value instanceof OmitEmpty) return write(value.value, indent, step);
  if (typeof value === 'string') return goJsonString(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value === nilSlice) return 'null';
  const isArray = Array.isArray(value);
  const inner = indent + step;
  const colon = step === '' ? ':' : ': ';
  const parts: string[] = isArray
    ? value.map((item: GoValue) => write(item, inner, step))
    : jsonFields(value as GoRecord | GoMap).map(([key, item]) => goJsonString(key) + colon + write(item, inner, step));
  const [open, close] = isArray ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  const [newline, end] = step === '' ? ['', ''] : [`\n${inner}`, `\n${indent}`];
  return open + newline + parts.join(`,${newline}`) + end + close;
}

/** `json.MarshalIndent(value, "", "  ")`, no line feed at the end. */
export function goJson(value: GoValue): string {
  return write(value, '', '  ');
}

/** `json.Marshal(value)`: one line, no blanks. */
export function goJsonCompact(value: GoValue): string {
  return write(value, '', '');
}
