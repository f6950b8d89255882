/** PPP over Ethernet, RFC 2516 (print-pppoe.c). */
import type {Dissector} from './dissector.js';
import type {Names} from './names.js';
import {ppp} from './ppp.js';

const HEADER = 6;
const MAX_TAG_TEXT = 79;
const PADI = 0x09;

const codes: Names = {0: '', [PADI]: 'PADI', 7: 'PADO', 25: 'PADR', 101: 'PADS', 167: 'PADT'};
const tags: Names = {
  0: 'EOL',
  257: 'Service-Name',
  258: 'AC-Name',
  259: 'Host-Uniq',
  260: 'AC-Cookie',
  261: 'Vendor-Specific',
  272: 'Relay-Session-ID',
  288: 'PPP-Max-Payload',
  513: 'Service-Name-Error',
  514: 'AC-System-Error',
  515: 'Generic-Error',
};

/** Returns the length of the headers up to the payload. */
export function pppoe(d: Dissector, o: number, wireLength: number): number {
  d.protocol = 'pppoe';
  if (wireLength < HEADER) {
    d.s(` (length ${wireLength} < ${HEADER})`);
    d.invalid();
    return 0;
  }
  d.need(o, HEADER);
  const length = wireLength - HEADER;
  const version = d.u8(o) >> 4;
  const type = d.u8(o) & 15;
  const code = d.u8(o + 1);
  const session = d.u16(o + 2);
  let payload = d.u16(o + 4);
  if (version !== 1) d.s(` [ver ${version}]`);
  if (type !== 1) d.s(` [type ${type}]`);
  d.s(`PPPoE ${codes[code] ?? `PAD-${code.toString(16)}`}`);
  if (code === PADI && payload > 1484 - HEADER) d.s(` [len ${payload}!]`);
  if (payload > length) {
    d.s(` [len ${payload} > ${length}!]`);
    payload = length;
  }
  if (session !== 0) d.s(` [ses 0x${session.toString(16)}]`);
  if (code === 0) {
    d.c(0x20);
    return HEADER + ppp(d, o + HEADER, payload);
  }
  discovery(d, o + HEADER, payload);
  return HEADER;
}

/** Tags up to the end or to an end-of-list tag. */
function discovery(d: Dissector, start: number, length: number): void {
  let o = start;
  while (o < start + length) {
    const type = d.u16(o);
    const size = d.u16(o + 2);
    o += 4;
    d.need(o, size);
    const name = tags[type] ?? `TAG-0x${type.toString(16)}`;
    d.s(size === 0 ? ` [${name}]` : ` [${name} ${tagValue(d, o, size)}]`);
    o += size;
    if (type === 0) return;
  }
}

/** Text when most of it is printable, hex otherwise. */
function tagValue(d: Dissector, o: number, size: number): string {
  const shown = Array.from(d.b.subarray(o, o + Math.min(size, MAX_TAG_TEXT)));
  const printable = shown.filter((c) => c >= 0x20 && c < 0x7f).length;
  if (printable > shown.length - printable)
    return `"${shown.map((c) => (c >= 0x20 && c < 0x7f ? String.fromCharCode(c) : '.')).join('')}"`;
  const hex = Array.from(d.b.subarray(o, o + size), (c) => c.toString(16).toUpperCase().padStart(2, '0'));
  return `0x${hex.join('')}`;
}
