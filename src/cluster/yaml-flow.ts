/**
 * Flow collections (`[…]`, `{…}`) as Kubernetes' reader takes them: libyaml, and go-yaml after it, look at no indentation inside,
 * and take tabs for blanks. The parser here keeps to the letter of YAML 1.2 §8.1 and wants each line deeper than its parent.
 */

/** A value begins with a bracket: behind blanks, dashes, and perhaps a key. */
const FLOW_START = /^((?:\s*-(?=\s))*\s*(?:(?:"[^"]*"|'[^']*'|[^\s#'"[\]{},&*!|>%@`-][^#]*?|-\S[^#]*?)\s*:\s+)?)[[{]/;
const BLOCK_SCALAR = /(?:^|[:\s-])[|>][+-]?\d?[+-]?\s*(?:#.*)?$/;

/** The text with each flow collection on one line, every character where it was; undefined where there is nothing to change. */
export function flattenFlows(text: string): string | undefined {
  const out = [...text.split('\n')];
  let changed = false;
  for (let i = 0; i < out.length; i++) {
    const line = out[i]!;
    if (BLOCK_SCALAR.test(line)) {
      const depth = indentOf(line);
      while (i + 1 < out.length && (out[i + 1]!.trim() === '' || indentOf(out[i + 1]!) > depth)) i++;
      continue;
    }
    const start = FLOW_START.exec(line);
    if (!start) continue;
    const end = flowEnd(out, i, start[1]!.length);
    if (end === undefined || end === i) continue;
    changed = true;
    const flow = out.slice(i, end + 1).map((part, n) => (n === 0 ? part : part.replace(/\t/g, ' ')));
    // one entry of the list, so that the line breaks inside become blanks
    out.splice(i, end - i + 1, flow.map(withoutComment).join(' '));
  }
  return changed ? out.join('\n') : undefined;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Comments become blanks: what follows is on the same line now. */
function withoutComment(line: string): string {
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quote !== '') {
      if (quote === '"' && c === '\\') i++;
      else if (c === quote) quote = '';
    } else if ((c === '"' || c === "'") && /[\s[{,:]|^$/.test(line[i - 1] ?? '')) quote = c;
    else if (c === '#' && /\s|^$/.test(line[i - 1] ?? '')) return line.slice(0, i) + ' '.repeat(line.length - i);
  }
  return line;
}

/** Line in which the flow that opens at `lines[first][at]` closes; undefined: never, or a quoted text goes over a line's end. */
function flowEnd(lines: readonly string[], first: number, at: number): number | undefined {
  let depth = 0;
  for (let n = first; n < lines.length; n++) {
    const line = withoutComment(lines[n]!);
    let quote = '';
    for (let i = n === first ? at : 0; i < line.length; i++) {
      const c = line[i]!;
      if (quote !== '') {
        if (quote === '"' && c === '\\') i++;
        else if (c === quote) quote = '';
      } else if ((c === '"' || c === "'") && /[\s[{,:]|^$/.test(line[i - 1] ?? '')) quote = c;
      else if (c === '[' || c === '{') depth++;
      else if ((c === ']' || c === '}') && --depth === 0) return n;
    }
    if (quote !== '') return undefined;
  }
  return undefined;
}
