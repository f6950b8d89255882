/** Trivial file transfer, RFC 1350, options RFC 2347 (print-tftp.c). */
import type {Dissector} from './dissector.js';
import {terminatedText} from './fields.js';

const operations = ['', 'RRQ', 'WRQ', 'DATA', 'ACK', 'ERROR', 'OACK'] as const;
const errors = ['EUNDEF', 'ENOTFOUND', 'EACCESS', 'ENOSPACE', 'EBADOP', 'EBADID', 'EEXISTS', 'ENOUSER'] as const;

export function tftp(d: Dissector, o: number, length: number): void {
  d.protocol = 'tftp';
  d.s(`TFTP, length ${length}`);
  if (length < 2) return d.trunc();
  const operation = d.u16(o);
  const name = operations[operation];
  if (name === undefined || name === '') return d.s(`, tftp-#${operation}`);
  d.s(`, ${name}`);
  if (!body(d, operation, o + 2, length - 2)) d.trunc();
}

/** False when a field is cut. */
function body(d: Dissector, operation: number, o: number, length: number): boolean {
  if (operation === 6) return strings(d, o, length);
  if (operation <= 2) return request(d, o, length);
  if (length < 2) return false;
  const number = d.u16(o);
  if (operation !== 5) {
    d.s(` block ${number}`);
    return true;
  }
  d.s(` ${errors[number] ?? `tftp-err-#${number} "`}`);
  if (length === 2) return false;
  d.s(' "');
  const used = terminatedText(d, o + 2, length - 2);
  d.c(0x22);
  return used !== 0;
}

function request(d: Dissector, o: number, length: number): boolean {
  if (length === 0) return false;
  d.s(' "');
  const file = terminatedText(d, o, length);
  d.c(0x22);
  if (file === 0 || file === length) return false;
  d.c(0x20);
  const mode = terminatedText(d, o + file, length - file);
  return mode !== 0 && strings(d, o + file + mode, length - file - mode);
}

function strings(d: Dissector, start: number, length: number): boolean {
  let o = start;
  for (let left = length; left !== 0; ) {
    if (d.u8(o) !== 0) d.c(0x20);
    const used = terminatedText(d, o, left);
    if (used === 0) return false;
    o += used;
    left -= used;
  }
  return true;
}
