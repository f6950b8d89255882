/**
 * Domain names on the wire: RFC 1035 §3.1 (labels), §4.1.4 (compression), §5.1 (escapes in text).
 */
import {get16, need, type Truncated} from './bytes.js';

/** RFC 1035 §2.3.4, length octets included. */
const MAX_NAME = 255;
const MAX_LABEL = 63;

/**
 * The name at `at` of the message at `message`; `next` is the offset behind it where it stands. Each pointer must lead
 * to before the labels it ends, so that no name is endless. A name that breaks this rule, is longer than 255 bytes or
 * has a label of an unknown kind counts as cut there.
 */
export function readDnsName(
  b: Uint8Array,
  message: number,
  at: number,
  end: number,
): {readonly ok: true; readonly name: string; readonly next: number} | Truncated {
  let name = '';
  let size = 1;
  let next = -1;
  let from = at;
  let floor = at;
  for (;;) {
    const head = need('domain', from, end, 1);
    if (!head.ok) return head;
    const length = b[from]!;
    if (length === 0) return {ok: true, name: name || '.', next: next < 0 ? from + 1 : next};
    if (length >= 0xc0) {
      const pointer = need('domain', from, end, 2);
      if (!pointer.ok) return pointer;
      if (next < 0) next = from + 2;
      const target = message + (get16(b, from) & 0x3fff);
      if (target >= floor) return unreadable(from);
      from = floor = target;
      continue;
    }
    size += length + 1;
    if (length > MAX_LABEL || size > MAX_NAME) return unreadable(from);
    const label = need('domain', from, end, 1 + length);
    if (!label.ok) return label;
    for (let i = from + 1; i <= from + length; i++) name += escapeByte(b[i]!);
    name += '.';
    from += 1 + length;
  }
}

function unreadable(at: number): Truncated {
  return {ok: false, layer: 'domain', need: 1, have: 0, at};
}

function escapeByte(byte: number): string {
  if (byte === 0x2e || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`;
}

/** Labels of a name in text form; the last dot may be missing. Throws on labels and names that are too long or empty. */
export function dnsLabels(name: string): Uint8Array[] {
  const labels: number[][] = [[]];
  for (const [unit] of name.matchAll(/\\\d{3}|\\.|[^\\]/gs)) {
    if (unit === '.') labels.push([]);
    else if (unit.length === 4) labels.at(-1)!.push(Number(unit.slice(1)));
    else labels.at(-1)!.push(unit.charCodeAt(unit.length - 1));
  }
  if (labels.at(-1)!.length === 0) labels.pop();
  if (name === '.') labels.length = 0;
  const size = labels.reduce((sum, label) => sum + label.length + 1, 1);
  if (size > MAX_NAME || labels.some((label) => label.length === 0 || label.length > MAX_LABEL))
    throw new RangeError(`not a domain name: ${name}`);
  return labels.map((label) => Uint8Array.from(label));
}
