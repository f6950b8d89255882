/** Scalars of the fast YAML reader. What is not plainly right is refused: the full parser decides. */

/** Thrown where the text is not for the fast reader. */
export class Unsupported extends Error {}

export function fail(): never {
  throw new Unsupported();
}

/** Blanks at the end are layout; other white space is text. */
export function withoutBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** Line folding in quoted scalars (YAML 1.2 §7.3): a line break is a blank, each further one a line feed. */
export function fold(inner: string, double: boolean, outer: number): string {
  const lines = inner.split('\n');
  let out = lines[0]!;
  let breaks = 0;
  for (const line of lines.slice(1)) {
    const body = line.replace(/^ +/, '');
    if (body === '') {
      breaks++;
      continue;
    }
    if (line.length - body.length <= outer || line.startsWith('---') || line.startsWith('...')) fail();
    const escaped = double && /(^|[^\\])(\\\\)*\\$/.test(out);
    if (escaped && breaks > 0) fail();
    if (escaped) out = out.slice(0, -1);
    else out = withoutBlanks(out) + (breaks > 0 ? '\n'.repeat(breaks) : ' ');
    out += body;
    breaks = 0;
  }
  // the closing quote on a line of its own
  if (lines.length > 1 && /^ *$/.test(lines.at(-1)!)) fail();
  return out;
}

/** Core schema (YAML 1.2 §10.3.2). Numbers other than plain decimals are left to the full parser. */
export function plain(value: string): unknown {
  const c = value.charCodeAt(0);
  const mayBeNumber = (c >= 0x30 && c <= 0x39) || c === 0x2d || c === 0x2b || c === 0x2e;
  if (mayBeNumber) {
    if (/^-?(0|[1-9]\d{0,14})$/.test(value)) return value === '-0' ? fail() : Number(value);
    if (/^-?(0|[1-9]\d*)\.\d+$/.test(value)) return Number(value);
    if (
      /^[-+]?(0o[0-7]+|0x[0-9a-fA-F]+|\d+|\.?\d[\d.]*([eE][-+]?\d+)?|\d+\.|\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/.test(
        value,
      )
    )
      return /^\d+\.\d+\.[\d.]*$/.test(value) ? value : fail();
    return value;
  }
  switch (value) {
    case '':
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return null;
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
    default:
      return value;
  }
}

/** Inside of a double-quoted scalar; escapes that JSON doesn't know are left to the full parser. */
export function unquote(inner: string): string {
  if (!inner.includes('\\')) return inner;
  if (!/^(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*$/.test(inner)) fail();
  return inner.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, code: string) => {
    if (code.startsWith('u')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return simpleEscapes[code] ?? code;
  });
}

const simpleEscapes: Readonly<Record<string, string>> = {b: '\b', f: '\f', n: '\n', r: '\r', t: '\t'};
