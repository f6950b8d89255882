/**
 * Go's text/tabwriter with flags 0, which every table of `cilium` goes through. A cell is text ended by a tab (or `\v`); what
 * follows the last tab of a line is no cell and never counts. A column block is a run of neighbouring lines that have a cell in
 * that column: its width is the longest cell plus padding. Blocks nest, so column n+1 is measured inside each block of column n.
 * A line without tabs ends all blocks, and so does a form feed.
 */

export interface TabwriterOptions {
  /** Least width of a cell, padding included. */
  readonly minWidth: number;
  /** Columns between tab stops; only used when `padChar` is a tab. */
  readonly tabWidth?: number;
  /** Columns added to the longest cell. */
  readonly padding: number;
  readonly padChar?: ' ' | '\t' | '.';
}

/** One line: its cells, the last of them unterminated. */
type Line = readonly string[];

/** Width in runes: Go counts code points, not columns. */
function runes(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) n--;
  }
  return n;
}

function pad(cell: string, width: number, {padChar = ' ', tabWidth = 0}: TabwriterOptions): string {
  const used = runes(cell);
  if (padChar !== '\t') return cell + padChar.repeat(Math.max(0, width - used));
  if (tabWidth === 0) return cell;
  const stop = Math.ceil(width / tabWidth) * tabWidth;
  return cell + '\t'.repeat(Math.ceil((stop - used) / tabWidth));
}

/** Formats the lines `[from, to)`, whose columns before `widths.length` are settled. */
function formatBlock(
  lines: readonly Line[],
  from: number,
  to: number,
  widths: readonly number[],
  options: TabwriterOptions,
  out: string[],
): void {
  const column = widths.length;
  let at = from;
  while (at < to) {
    if (column >= lines[at]!.length - 1) {
      out.push(lines[at]!.map((cell, i) => (i < column ? pad(cell, widths[i]!, options) : cell)).join(''));
      at++;
      continue;
    }
    let end = at;
    let width = options.minWidth;
    for (; end < to && column < lines[end]!.length - 1; end++)
      width = Math.max(width, runes(lines[end]![column]!) + options.padding);
    formatBlock(lines, at, end, [...widths, width], options, out);
    at = end;
  }
}

/** `text` with its cells aligned. What a nested writer printed is plain text to the outer one. */
export function tabwriter(text: string, options: TabwriterOptions): string {
  const out: string[] = [];
  for (const [i, section] of text.split('\f').entries()) {
    if (i > 0) out.push('\n');
    const lines = section.split('\n').map((line) => line.split(/[\t\v]/));
    const formatted: string[] = [];
    formatBlock(lines, 0, lines.length, [], options, formatted);
    out.push(formatted.join('\n'));
  }
  return out.join('');
}
