/**
 * Flow collections (`[…]`, `{…}`) and quoted texts over several lines, as Kubernetes' reader takes them: libyaml, and go-yaml
 * after it, look at no indentation inside, and take tabs for blanks. The parser here keeps to the letter of YAML 1.2 §6.1, §8.1
 * and wants each line deeper than its parent.
 */

/** A value begins with a bracket or quote: behind blanks, dashes, and perhaps a key. */
const FLOW_START = /^((?:\s*-(?=\s))*\s*(?:(?:"[^"]*"|'[^']*'|[^\s#'"[\]{},&*!|>%@`-][^#]*?|-\S[^#]*?)\s*:\s+)?)[[{'"]/;
/** Longer lines are left alone: the pattern looks at them again and again. */
const LONGEST = 4096;
const BLOCK_SCALAR = /(?:^|[:\s-])[|>][+-]?\d?[+-]?\s*(?:#.*)?$/;

/** The text with each of them on one line, every character where it was; undefined where that changes nothing, or one never closes. */
export function flattenFlows(text: string): string | undefined {
  const lines = text.split('\n');
  const out: string[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i]!;
    const from = i++;
    if (line.length <= LONGEST && BLOCK_SCALAR.test(line)) {
      const depth = indentOf(line);
      while (i < lines.length && (lines[i]!.trim() === '' || indentOf(lines[i]!) > depth)) i++;
      for (let n = from; n < i; n++) out.push(lines[n]!);
      continue;
    }
    const start = line.length <= LONGEST ? FLOW_START.exec(line) : null;
    const flat = start ? flattened(lines, from, start[1]!.length) : [line];
    if (!flat) return undefined;
    i = from + flat.length;
    // one entry of the list, so that the line breaks inside become blanks
    out.push(flat.join(' '));
  }
  return out.length < lines.length ? out.join('\n') : undefined;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Lines of what opens at `lines[first][at]`, tabs and comments as blanks; undefined: it never closes. */
function flattened(lines: readonly string[], first: number, at: number): string[] | undefined {
  const out: string[] = [];
  let depth = 0;
  let quote = '';
  for (let n = first; n < lines.length; n++) {
    let line = lines[n]!;
    for (let i = n === first ? at : 0; i < line.length; i++) {
      const c = line[i]!;
      if (quote !== '') {
        if (quote === '"' && c === '\\') i++;
        else if (c === quote) quote = '';
      } else if ((c === '"' || c === "'") && /[\s[{,:]|^$/.test(line[i - 1] ?? '')) quote = c;
      else if (c === '[' || c === '{') depth++;
      else if (c === ']' || c === '}') depth--;
      else if (c === '#' && /\s|^$/.test(line[i - 1] ?? '')) line = line.slice(0, i) + ' '.repeat(line.length - i);
      if (depth > 0 || quote !== '') continue;
      return [...out, n === first ? line : line.replace(/\t/g, ' ')];
    }
    out.push(n === first ? line : line.replace(/\t/g, ' '));
  }
  return undefined;
}
