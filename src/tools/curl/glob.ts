/** `{a,b}` and `[1-9]`, `[a-z:2]` in URLs: one URL for each, the last place changing fastest (src/tool_urlglob.c, 7.88.1). */
import {CurlExit} from './argv.js';

/** More are asked for by mistake. */
const MOST = 10_000;

export function expandUrl(url: string): string[] {
  let out = [''];
  let at = 0;
  const grow = (choices: readonly string[]) => {
    if (out.length * choices.length > MOST) throw new CurlExit('range overflow', 3);
    out = out.flatMap((front) => choices.map((choice) => front + choice));
  };
  while (at < url.length) {
    const rest = url.slice(at);
    const [plain = ''] = /^(?:[^{}[\]\\]|\\[{}[\]]|\\|\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.%]*\])*/.exec(rest) ?? [];
    grow([plain.replace(/\\([{}[\]])/g, '$1')]);
    at += plain.length;
    const letter = url[at];
    if (letter === undefined) break;
    if (letter === '}' || letter === ']') throw wrong('unmatched close brace/bracket', url, at);
    const end = url.indexOf(letter === '{' ? '}' : ']', at);
    if (letter === '{') {
      if (end < 0) throw wrong('unmatched brace', url, at);
      grow(url.slice(at + 1, end).split(','));
    } else grow(range(url, at, end));
    at = end + 1;
  }
  return out;
}

function range(url: string, at: number, end: number): string[] {
  const text = url.slice(at + 1, end < 0 ? undefined : end);
  if (!/^[A-Za-z0-9]/.test(text)) throw wrong('bad range specification', url, at + 1);
  if (end < 0) throw wrong('bad range', url, url.length - 1);
  const [, from = '', to = '', step = '1'] = /^(\d+|[A-Za-z])-(\d+|[A-Za-z])(?::(\d+))?$/.exec(text) ?? [];
  const isNumber = /^\d/.test(from);
  const code = (word: string) => (isNumber ? Number(word) : word.charCodeAt(0));
  if (from === '' || isNumber !== /^\d/.test(to) || code(from) > code(to) || Number(step) === 0)
    throw wrong('bad range', url, end + 1);
  if (code(to) - code(from) > MOST * Number(step)) throw new CurlExit('range overflow', 3);
  // a number that begins with 0 keeps its width
  const width = isNumber && from.startsWith('0') ? from.length : 0;
  const out: string[] = [];
  for (let n = code(from); n <= code(to); n += Number(step))
    out.push(isNumber ? String(n).padStart(width, '0') : String.fromCharCode(n));
  return out;
}

function wrong(what: string, url: string, at: number): CurlExit {
  return new CurlExit(`${what} in URL position ${at + 1}:\n${url}\n${' '.repeat(at)}^`, 3);
}
