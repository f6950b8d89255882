/**
 * What a value must look like, as data: one description is the source of validation, of the JSON Schema and of the docs.
 */
import {closest} from '../term/nearest.js';
import {parseIp, parseMac, parsePrefix} from '../wire/addr.js';

export type Shape =
  | {
      readonly kind: 'object';
      readonly fields: Readonly<Record<string, Field>>;
      /** The same, to go through. */
      readonly list: readonly (readonly [string, Field])[];
      readonly open?: boolean;
    }
  | {readonly kind: 'map'; readonly values: Shape}
  | {readonly kind: 'list'; readonly items: Shape; readonly max?: number}
  | {readonly kind: 'text'; readonly format?: Format; readonly words?: readonly string[]; readonly pattern?: string}
  | {readonly kind: 'number'; readonly min: number; readonly max: number; readonly fraction?: boolean}
  | {readonly kind: 'boolean'}
  /** The first that fits the value's own type is the one it is held against. */
  | {readonly kind: 'either'; readonly of: readonly Shape[]; readonly expected: string}
  | {readonly kind: 'anything'};

export interface Field {
  readonly shape: Shape;
  readonly text: string;
  readonly required?: boolean;
}

/** Texts with a meaning: checked here, so that the problem has the place of the value. */
export type Format = keyof typeof formats;

/** The kernel's is_valid_ether_addr: neither a group's (I/G bit, IEEE 802 §8.2) nor zero. */
function isHostMac(text: string): boolean {
  const mac = parseMac(text);
  return mac !== undefined && mac > 0 && Math.floor(mac / 2 ** 40) % 2 === 0;
}

const formats = {
  prefix: {
    expected: 'a prefix such as 10.32.0.0/13',
    test: (s: string) => s.includes('/') && parsePrefix(s) !== undefined,
  },
  prefixes: {
    expected: 'a prefix such as 10.32.0.0/13, or several with commas',
    test: (s: string) => s.split(',').every((word) => word.includes('/') && parsePrefix(word.trim()) !== undefined),
  },
  ip: {expected: 'an IP address', test: (s: string) => parseIp(s) !== undefined},
  ips: {
    expected: 'an IP address, or several with commas',
    test: (s: string) => s.split(',').every((word) => parseIp(word.trim()) !== undefined),
  },
  clusterIp: {
    expected: 'an IP address or None',
    test: (s: string) => s === 'None' || s.split(',').every((word) => parseIp(word.trim()) !== undefined),
  },
  mac: {expected: 'a MAC address of one host such as 12:34:56:78:9a:bc', test: isHostMac},
  name: {
    expected: 'a name of lower-case letters, digits, - and .',
    test: (s: string) => s.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(s),
  },
  label: {
    expected: 'a label value: at most 63 letters, digits, -, _ and .',
    test: (s: string) => s === '' || (s.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(s)),
  },
} as const;

export const object = (fields: Readonly<Record<string, Field>>): Shape => ({
  kind: 'object',
  fields,
  list: Object.entries(fields),
});
/** An object of Kubernetes: what we do not read is not looked at. */
export const open = (fields: Readonly<Record<string, Shape>>, ...required: readonly string[]): Shape => {
  const list = Object.entries(fields).map(
    ([key, shape]) => [key, {shape, text: '', required: required.includes(key)}] as const,
  );
  return {kind: 'object', open: true, fields: Object.fromEntries(list), list};
};
export const map = (values: Shape): Shape => ({kind: 'map', values});
export const list = (items: Shape): Shape => ({kind: 'list', items});
export const text: Shape = {kind: 'text'};
export const textOf = (format: Format): Shape => ({kind: 'text', format});
export const oneOf = (...words: readonly string[]): Shape => ({kind: 'text', words});
export const whole = (min: number, max: number): Shape => ({kind: 'number', min, max});
export const bool: Shape = {kind: 'boolean'};
export const either = (expected: string, ...of: readonly Shape[]): Shape => ({kind: 'either', of, expected});
export const anything: Shape = {kind: 'anything'};

export type Path = readonly (string | number)[];

/** Called for each thing wrong: where, whether the key or the value is meant, what, and a hint. */
export type Report = (path: Path, part: 'key' | 'value', message: string, hint?: string) => void;

/** `spec.nodes[0].podCIDR`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (out, step) => (typeof step === 'number' ? `${out}[${step}]` : out === '' ? step : `${out}.${step}`),
    '',
  );
}

/** Checks `value` against `shape`; what is absent or null is fine unless required. */
export function check(value: unknown, shape: Shape, path: Path, report: Report): void {
  const at = [...path];
  walk(value, shape, at, (where, ...rest) => report([...where], ...rest));
}

/** `path` is one array that grows and shrinks on the way: a dump has millions of values, few of them wrong. */
function walk(value: unknown, shape: Shape, path: (string | number)[], report: Report): void {
  if (shape.kind === 'either') checkEither(value, shape, path, report);
  else if (!fitsType(value, shape)) wrong(value, shape, path, report);
  else if (shape.kind === 'object') checkObject(value as Mapping, shape, path, report);
  else if (shape.kind === 'map')
    for (const [key, item] of Object.entries(value as Mapping)) step(item, shape.values, key, path, report);
  else if (shape.kind === 'list')
    for (const [i, item] of (value as readonly unknown[]).entries()) step(item, shape.items, i, path, report);
}

function step(value: unknown, shape: Shape, key: string | number, path: (string | number)[], report: Report): void {
  path.push(key);
  walk(value, shape, path, report);
  path.pop();
}

type Mapping = Readonly<Record<string, unknown>>;

/** Whether the value itself is right; not what is inside of it. */
function fitsType(value: unknown, shape: Shape): boolean {
  switch (shape.kind) {
    case 'object':
    case 'map':
      return isObject(value);
    case 'list':
      return Array.isArray(value);
    case 'text':
      return fitsText(value, shape);
    case 'number':
      return fitsNumber(value, shape);
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return true;
  }
}

function checkObject(
  value: Mapping,
  {fields, list, open}: Shape & {kind: 'object'},
  path: (string | number)[],
  report: Report,
): void {
  const present = (key: string) => Object.hasOwn(value, key) && value[key] !== null && value[key] !== undefined;
  if (open) {
    for (const [key, {shape}] of list) if (present(key)) step(value[key], shape, key, path, report);
  } else
    for (const key of Object.keys(value))
      if (!Object.hasOwn(fields, key)) unknownField(key, fields, path, report);
      else if (present(key)) step(value[key], fields[key]!.shape, key, path, report);
  for (const [key, field] of list)
    if (field.required && (!Object.hasOwn(value, key) || value[key] === null))
      report(
        path,
        'value',
        `${pathText(path) || 'document'}: field ${JSON.stringify(key)} is missing`,
        missingHint(key, field),
      );
}

function unknownField(key: string, fields: Readonly<Record<string, Field>>, path: Path, report: Report): void {
  const near = closest(key, Object.keys(fields));
  report(
    [...path, key],
    'key',
    `${pathText(path) || 'document'}: unknown field ${JSON.stringify(key)}`,
    near ? `did you mean ${near}?` : `fields: ${Object.keys(fields).join(', ')}`,
  );
}

/** Where only one value is right, the line to add. */
function missingHint(key: string, {shape}: Field): string | undefined {
  return shape.kind === 'text' && shape.words?.length === 1 ? `add ${key}: ${shape.words[0]}` : undefined;
}

function checkEither(value: unknown, shape: Shape & {kind: 'either'}, path: (string | number)[], report: Report): void {
  if (shape.of.some((option) => fits(value, option))) return;
  const sameType = shape.of.find((option) => typeFits(value, option));
  // only containers have an inside to point at
  if (sameType) walk(value, sameType, path, report);
  else wrong(value, shape, path, report);
}

function fits(value: unknown, shape: Shape): boolean {
  let ok = true;
  check(value, shape, [], () => {
    ok = false;
  });
  return ok;
}

function typeFits(value: unknown, shape: Shape): boolean {
  return ['object', 'map', 'list'].includes(shape.kind) && fitsType(value, shape);
}

function fitsText(value: unknown, shape: Shape & {kind: 'text'}): boolean {
  if (typeof value !== 'string') return false;
  if (shape.words) return shape.words.includes(value);
  if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(value)) return false;
  return shape.format === undefined || formats[shape.format].test(value);
}

function fitsNumber(value: unknown, {min, max, fraction}: Shape & {kind: 'number'}): boolean {
  return typeof value === 'number' && value >= min && value <= max && (fraction || Number.isInteger(value));
}

export function isObject(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** In words: what the shape asks for. */
export function expectedText(shape: Shape): string {
  switch (shape.kind) {
    case 'object':
    case 'map':
      return 'a mapping';
    case 'list':
      return 'a list';
    case 'boolean':
      return 'true or false';
    case 'either':
      return shape.expected;
    case 'anything':
      return 'a value';
    case 'number':
      if (shape.max === Number.MAX_SAFE_INTEGER) return `a ${shape.fraction ? '' : 'whole '}number from ${shape.min}`;
      return `a ${shape.fraction ? '' : 'whole '}number from ${shape.min} to ${shape.max}`;
    case 'text':
      if (shape.words)
        return shape.words.length === 1 ? JSON.stringify(shape.words[0]) : `one of ${shape.words.join(', ')}`;
      return shape.format === undefined ? 'a text' : formats[shape.format].expected;
  }
}

function wrong(value: unknown, shape: Shape, path: Path, report: Report): void {
  report(
    path,
    'value',
    `${pathText(path) || 'document'}: expected ${expectedText(shape)}, got ${shown(value)}`,
    hintFor(value, shape),
  );
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'a mapping';
  if (value === null || value === undefined) return 'nothing';
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

function hintFor(value: unknown, shape: Shape): string | undefined {
  if (shape.kind === 'text' && shape.words && typeof value === 'string') {
    const near = closest(value, shape.words);
    return near ? `did you mean ${near}?` : undefined;
  }
  if (shape.kind === 'text' && (typeof value === 'number' || typeof value === 'boolean'))
    return 'put the text in quotes';
  if (shape.kind === 'number' && typeof value === 'string' && /^\d+$/.test(value)) return 'leave the quotes out';
  if (shape.kind === 'list' && value !== null && typeof value !== 'object')
    return 'write it as a list: [ … ], or one line each with - in front';
  return undefined;
}

/** JSON Schema (draft 2020-12) of a shape. */
export function toJsonSchema(shape: Shape): Record<string, unknown> {
  switch (shape.kind) {
    case 'object': {
      const required = Object.entries(shape.fields).flatMap(([key, field]) => (field.required ? [key] : []));
      return {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(shape.fields).map(([key, field]) => [
            key,
            {...(field.text ? {description: field.text} : {}), ...toJsonSchema(field.shape)},
          ]),
        ),
        ...(required.length > 0 ? {required} : {}),
        ...(shape.open ? {} : {additionalProperties: false}),
      };
    }
    case 'map':
      return {type: 'object', additionalProperties: toJsonSchema(shape.values)};
    case 'list':
      return {type: 'array', items: toJsonSchema(shape.items)};
    case 'text':
      return {
        type: 'string',
        ...(shape.words ? {enum: [...shape.words]} : {}),
        ...(shape.pattern === undefined ? {} : {pattern: shape.pattern}),
      };
    case 'number':
      return {
        type: shape.fraction ? 'number' : 'integer',
        minimum: shape.min,
        ...(shape.max === Number.MAX_SAFE_INTEGER ? {} : {maximum: shape.max}),
      };
    case 'boolean':
      return {type: 'boolean'};
    case 'either':
      return {anyOf: shape.of.map(toJsonSchema)};
    case 'anything':
      return {};
  }
}
