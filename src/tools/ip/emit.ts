/**
 * Text and JSON of one print path, as iproute2's json_print does it: each field is named once, so the two can't disagree.
 * JSON layout: iproute2 json_writer.c, compact or with `-p`.
 */
import {sanitizeBlock} from '../../term/sanitize.js';

export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json};

/** Attributes of iproute2's colour table, for a light and for a dark background (lib/color.c). */
const colours = {
  ifname: ['36', '1;36'],
  mac: ['33', '1;33'],
  inet: ['35', '1;35'],
  inet6: ['34', '1;34'],
  up: ['32', '1;32'],
  down: ['31', '1;31'],
  none: undefined,
} as const;
export type Colour = keyof typeof colours;

export interface EmitOptions {
  readonly json: boolean;
  readonly pretty: boolean;
  readonly oneline: boolean;
  readonly colour: 'off' | 'light' | 'dark';
}

type Container = {[key: string]: Json} | Json[];

export class Emitter {
  private out = '';
  private readonly root: Json[] = [];
  private readonly stack: Container[] = [this.root];

  constructor(private readonly options: EmitOptions) {}

  get json(): boolean {
    return this.options.json;
  }

  /** A field of both: the JSON value, and all of its text. */
  any(key: string | undefined, value: Json, text: string, colour: Colour = 'none'): void {
    if (this.json) this.put(key, value);
    else this.text(text, colour);
  }

  text(text: string, colour: Colour = 'none'): void {
    if (this.json) return;
    const codes = this.options.colour === 'off' ? undefined : colours[colour];
    // Names may come from files.
    const clean = sanitizeBlock(text);
    this.out += codes ? `\u001b[${codes[this.options.colour === 'dark' ? 1 : 0]}m${clean}\u001b[0m` : clean;
  }

  only(key: string | undefined, value: Json): void {
    if (this.json) this.put(key, value);
  }

  /** A line end inside a record: `\` with -o. */
  newline(): void {
    if (!this.json) this.out += this.options.oneline ? '\\' : '\n';
  }

  /** A JSON object around what `body` emits; without a key, an element of the list around it. */
  object(key: string | undefined, body: () => void): void {
    this.nest(key, {}, body);
  }

  list(key: string | undefined, body: () => void): void {
    this.nest(key, [], body);
  }

  private nest(key: string | undefined, container: Container, body: () => void): void {
    if (!this.json) {
      body();
      return;
    }
    this.put(key, container as Json);
    this.stack.push(container);
    body();
    this.stack.pop();
  }

  private put(key: string | undefined, value: Json): void {
    const top = this.stack.at(-1)!;
    if (Array.isArray(top)) top.push(value);
    else top[key!] = value;
  }

  /** Everything emitted, JSON as one document. */
  result(): string {
    return this.json ? `${writeJson(this.root, this.options.pretty, 0)}\n` : this.out;
  }
}

function writeJson(value: Json, pretty: boolean, depth: number): string {
  if (typeof value === 'string') return writeString(value);
  if (value === null || typeof value !== 'object') return String(value);
  const line = (at: number) => (pretty ? `\n${'    '.repeat(at)}` : '');
  if (Array.isArray(value)) {
    const body = value.map((item) => writeJson(item, pretty, depth + 1)).join(',');
    return pretty ? `[ ${body}${body ? ' ' : ''}]` : `[${body}]`;
  }
  const members = Object.entries(value as {readonly [key: string]: Json});
  if (members.length === 0) return '{}';
  const body = members.map(
    ([key, item]) => `${line(depth + 1)}${writeString(key)}:${pretty ? ' ' : ''}${writeJson(item, pretty, depth + 1)}`,
  );
  return `{${body.join(',')}${line(depth)}}`;
}

const escapes: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\f': '\\f',
  '\b': '\\b',
  '\\': '\\\\',
  '"': '\\"',
};

function writeString(text: string): string {
  return `"${sanitizeBlock(text).replace(/[\t\n\r\f\b\\"]/g, (char) => escapes[char]!)}"`;
}
