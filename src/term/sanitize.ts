/**
 * Text from files made safe to print: what would move a terminal's cursor, change its state or reorder what the reader sees is
 * shown as an escape. C0, DEL and C1 become `\xNN`; bidirectional controls (UAX #9), line and paragraph separators and lone
 * surrogates become `\u{…}`. Printable text passes unchanged.
 */

const UNSAFE =
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const UNSAFE_IN_BLOCK =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** For one field of a line: line feeds and tabs are escaped too. */
export function sanitize(text: string): string {
  return text.replace(UNSAFE, escapeUnit);
}

/** For whole lines: keeps `\n` and `\t`. */
export function sanitizeBlock(text: string): string {
  return text.replace(UNSAFE_IN_BLOCK, escapeUnit);
}

/** Whether `sanitize` would leave the text as it is. */
export function isSafe(text: string): boolean {
  return text.search(UNSAFE) < 0;
}
