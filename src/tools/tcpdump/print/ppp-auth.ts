/** PPP authentication: CHAP, RFC 1994; PAP, RFC 1334 (print-ppp.c). */
import type {Dissector} from './dissector.js';
import {characters, padHex} from './fields.js';

const chapCodes = ['', 'Challenge', 'Response', 'Success', 'Fail'] as const;
const papCodes = ['', 'Auth-Req', 'Auth-ACK', 'Auth-NACK'] as const;

/** `CHAP, Challenge (0x01), id 1`: the code; -1 when the packet is too short. */
function header(d: Dissector, name: string, codes: readonly string[], o: number, length: number): number {
  if (length < 4) {
    d.s(length < 1 ? `[|${name}]` : `[|${name} 0x${padHex(d.u8(o), 2)}]`);
    return -1;
  }
  const code = d.u8(o);
  d.s(`${name.toUpperCase()}, ${codes[code] || 'unknown'} (0x${padHex(code, 2)})`);
  d.s(`, id ${d.u8(o + 1)}`);
  return code;
}

export function chap(d: Dissector, o: number, length: number): void {
  const code = header(d, 'chap', chapCodes, o, length);
  if (code < 0) return;
  const stated = d.u16(o + 2);
  if (code === 1 || code === 2) {
    if (length < 5) return;
    const size = d.u8(o + 4);
    if (length - 5 < size) return;
    d.s(', Value ');
    d.bytes(o + 5, size);
    d.s(', Name ');
    characters(d, o + 5 + size, (stated - 5 - size) >>> 0);
  } else if (code === 3 || code === 4) {
    d.s(', Msg ');
    characters(d, o + 4, (stated - 4) >>> 0);
  }
}

export function pap(d: Dissector, o: number, length: number): void {
  const code = header(d, 'pap', papCodes, o, length);
  if (code < 0) return;
  const stated = d.u16(o + 2);
  if (stated > length) return d.s(`, length ${stated} > packet size`);
  if (stated < 4) return d.s(`, length ${stated} < PAP header length`);
  if (code === 1) {
    if (stated < 6) return d.s('[|pap]');
    const next = counted(d, ', Peer ', o, 4, stated);
    if (next > 0) counted(d, ', Name ', o, next, stated);
  } else if (code === 2 || code === 3) {
    if (stated < 5) return d.s('[|pap]');
    counted(d, ', Msg ', o, 4, stated);
  }
}

/** A text behind its length octet at `at` of `length` bytes: where the next is, 0 when it does not fit. */
function counted(d: Dissector, before: string, o: number, at: number, length: number): number {
  if (length - at < 1) return 0;
  const size = d.u8(o + at);
  if (length - at - 1 < size) return 0;
  d.s(before);
  characters(d, o + at + 1, size);
  return at + 1 + size;
}
