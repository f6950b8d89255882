/**
 * Text from files is hostile: a name may carry terminal escapes. What could move a cursor, recolour, or reverse the reading
 * direction is shown as its number instead: `\x1b`, `\u{202e}`.
 */

// C0, DEL, C1; zero-width and bidi controls; line and paragraph separators; byte order mark; lone surrogates
const HOSTILE =
  /[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escapeUnit(c: string): string {
  const code = c.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** One line of text, safe for a terminal. */
export function sanitize(text: string): string {
  return text.replace(HOSTILE, escapeUnit);
}

/** The same for text that may have several lines: newline and tab stay. */
export function sanitizeBlock(text: string): string {
  return text.replace(HOSTILE, (c) => (c === '\n' || c === '\t' ? c : escapeUnit(c)));
}
