/** `--set spec.cilium.tunnel-protocol=vxlan`: one field of our document, before it is checked. */
import type {SourcePosition} from '../term/error.js';
import type {Problems} from './problems.js';
import {isObject, type Path, pathText} from './shape.js';

export interface Applied {
  readonly value: unknown;
  /** The `--set` that a path of the document comes from, if one does. */
  locate(path: Path): SourcePosition | undefined;
}

type Container = Record<string, unknown> | unknown[];

/** Applies the settings to a copy of the document, in order. */
export async function applySets(document: unknown, sets: readonly string[], problems: Problems): Promise<Applied> {
  if (sets.length === 0) return {value: document, locate: () => undefined};
  const value: unknown = structuredClone(document);
  const done: {readonly path: Path; readonly where: SourcePosition}[] = [];
  for (const [i, text] of sets.entries()) {
    const where = {file: `--set ${i + 1}`};
    const equals = splitAtEquals(text);
    const path = equals && parsePath(equals[0]);
    if (!equals || !path) {
      problems.add(
        `expected PATH=VALUE, got ${JSON.stringify(text)}`,
        where,
        'for example spec.cilium.tunnel-protocol=vxlan or spec.nodes[0].mtu=9000; a dot in a key is written \\.',
      );
      continue;
    }
    if (path[0] !== 'spec' && path[0] !== 'metadata') {
      problems.add(
        `${pathText(path)}: only fields of spec and metadata can be set`,
        where,
        `did you mean spec.${pathText(path)}?`,
      );
      continue;
    }
    const scalar = await typed(equals[1]);
    const wrong = put(value, path, scalar);
    if (wrong) problems.add(wrong, where);
    else done.push({path, where});
  }
  return {
    value,
    locate: (path) =>
      done.findLast((set) => set.path.every((step, i) => path[i] === step) || isPrefix(path, set.path))?.where,
  };
}

/** A whole document that a setting is inside of is not the setting's. */
function isPrefix(path: Path, of: Path): boolean {
  return path.length > 2 && path.length < of.length && path.every((step, i) => of[i] === step);
}

function splitAtEquals(text: string): [string, string] | undefined {
  const at = text.indexOf('=');
  return at <= 0 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}

/** `spec.nodes[0].labels.a\.b/c` → steps; undefined when it is no path. */
function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  const step = /(?:^|\.)((?:[^.[\]\\]|\\.)+)|\[(\d+)\]/y;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (!match) return undefined;
    if (match[2] !== undefined) path.push(Number(match[2]));
    else path.push(match[1]!.replace(/\\(.)/g, '$1'));
  }
  return path.some((part) => part === '__proto__') ? undefined : path;
}

/** As a YAML scalar; lists and mappings in flow style work too. */
async function typed(text: string): Promise<unknown> {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === '' || text === 'null' || text === '~') return null;
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text)))) return Number(text);
  if (!/^['"[{]/.test(text)) return text;
  const {parseDocument} = await import('./yaml.js');
  const parsed = parseDocument(text, {logLevel: 'silent', prettyErrors: false});
  return parsed.errors.length > 0 ? text : parsed.toJS({maxAliasCount: 0});
}

/** Puts a value at a path, making mappings and lists on the way; says what is wrong if it cannot. */
function put(root: unknown, path: Path, value: unknown): string | undefined {
  let at = root as Container;
  for (const [i, step] of path.entries()) {
    if (Array.isArray(at) !== (typeof step === 'number'))
      return `${pathText(path.slice(0, i))} is ${Array.isArray(at) ? 'a list: write [0], [1], …' : 'no list'}`;
    if (Array.isArray(at) && (step as number) > at.length)
      return `${pathText(path.slice(0, i))} has ${at.length} items: the next one is [${at.length}]`;
    const slots = at as Record<string | number, unknown>;
    if (i === path.length - 1) {
      if (value === null && !Array.isArray(at)) delete slots[step];
      else slots[step] = value;
      return undefined;
    }
    const inner = Object.hasOwn(slots, step) ? slots[step] : undefined;
    if (inner === undefined || inner === null) slots[step] = typeof path[i + 1] === 'number' ? [] : {};
    else if (!isObject(inner) && !Array.isArray(inner)) return `${pathText(path.slice(0, i + 1))} is a single value`;
    at = slots[step] as Container;
  }
  return undefined;
}
