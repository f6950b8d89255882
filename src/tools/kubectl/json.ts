/** Kubernetes objects as JSON has them, and ways into them that take what is not there for empty. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = {readonly [key: string]: Json | undefined};

export interface Metadata extends JsonObject {
  readonly name: string;
}

/** An object of the API server. `undefined` fields do not exist. */
export interface KubeObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

export function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of keys. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here = value;
  for (const key of path) {
    if (!isRecord(here)) return undefined;
    here = Object.hasOwn(here, key) ? here[key] : undefined;
  }
  return here;
}

/** Empty for what is no string. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
}

/** 0 for what is no number. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : 0;
}

export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

export function recordAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isRecord(found) ? found : {};
}

/** Labels, annotations, selectors: values that are no strings are left out. */
export function stringsAt(value: Json | undefined, ...path: readonly string[]): Readonly<Record<string, string>> {
  const entries = Object.entries(recordAt(value, ...path));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** `over` laid over `base`, key by key, as deep as both are records; lists and single values of `over` win. */
export function merged(base: JsonObject, over: JsonObject): JsonObject {
  const out: Record<string, Json | undefined> = {...base};
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (value === undefined) continue;
    out[key] = isRecord(before) && isRecord(value) ? merged(before, value) : value;
  }
  return out;
}

/** Without what is undefined, keys in order: what the API server sends. */
export function plain(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(plain);
  if (!isRecord(value)) return value;
  const out: Record<string, Json> = {};
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined)
      Object.defineProperty(out, key, {value: plain(item), enumerable: true, configurable: true, writable: true});
  }
  return out;
}
