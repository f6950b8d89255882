/** OSPF version 2, RFC 2328 (print-ospf.c). The body of a packet is printed from -v on. */
import {type Dissector, TRUNCATED} from './dissector.js';
import {ip4Text, paddedText, padHex} from './fields.js';
import {bitNames, hex4} from './names.js';
import {LSA_HEADER, lsa, lsaHeader, lsaName, ospfOptions} from './ospf-lsa.js';

const HEADER = 24;
const CRYPTOGRAPHIC = 2;
const DIGEST = 16;
const LINK_LOCAL = 0x10;

/** Also those of version 3. */
export const ospfTypes = ['', 'Hello', 'Database Description', 'LS-Request', 'LS-Update', 'LS-Ack'] as const;
const authentications = ['none', 'simple', 'MD5'] as const;
const exchangeFlags = [
  [4, 'Init'],
  [2, 'More'],
  [1, 'Master'],
  [8, 'OOBResync'],
] as const;
const signallingOptions = [
  [1, 'LSDB resync'],
  [2, 'Restart'],
] as const;

export function ospf(d: Dissector, o: number, wireLength: number): void {
  d.protocol = 'ospf2';
  let length = wireLength;
  if (d.u16(o + 14) === CRYPTOGRAPHIC) {
    length = (length - DIGEST) >>> 0;
    d.end -= DIGEST;
  }
  const type = d.u8(o + 1);
  const name = ospfTypes[type] || `unknown LS-type ${type}`;
  const version = d.u8(o);
  d.s(`OSPFv${version}, ${name}, length ${length}`);
  if (!ospfTypes[type] || d.v === 0) return;
  const stated = d.u16(o + 2);
  if (length !== stated) d.s(` [len ${stated}]`);
  d.s(`\n\tRouter-ID ${ip4Text(d, o + 4)}`);
  d.s(d.u32(o + 8) !== 0 ? `, Area ${ip4Text(d, o + 8)}` : ', Backbone Area');
  d.need(o + 16, 8);
  const authentication = d.u16(o + 14);
  d.s(`, Authentication Type: ${authentications[authentication] ?? 'unknown'} (${authentication})`);
  if (authentication === 1) {
    d.s('\n\tSimple text password: ');
    paddedText(d, o + 16, 8);
  } else if (authentication === CRYPTOGRAPHIC) {
    d.s(`\n\tKey-ID: ${d.u8(o + 18)}, Auth-Length: ${d.u8(o + 19)}, `);
    d.s(`Crypto Sequence Number: 0x${padHex(d.u32(o + 20), 8)}`);
  } else if (authentication !== 0) return;
  if (version !== 2) return d.s(` ospf [version ${version}]`);
  body(d, type, o, o + Math.min(length, stated));
  if (length > stated) signalling(d, type, o, length, stated, authentication);
}

function body(d: Dissector, type: number, start: number, end: number): void {
  const o = start + HEADER;
  if (type === 1) return hello(d, o, end);
  if (type === 2) {
    d.s(`\n\tOptions [${bitNames(ospfOptions, d.u8(o + 2), ', ', 'none')}]`);
    d.s(`, DD Flags [${bitNames(exchangeFlags, d.u8(o + 3), ', ', 'none')}]`);
    if (d.u16(o) !== 0) d.s(`, MTU: ${d.u16(o)}`);
    d.s(`, Sequence: 0x${padHex(d.u32(o + 4), 8)}`);
    for (let at = o + 8; at < end && lsaHeader(d, at) >= 0; at += LSA_HEADER);
  } else if (type === 3) {
    for (let at = o; at < end; at += 12) {
      d.need(at, 12);
      d.s(request(d, at));
    }
  } else if (type === 4) {
    const count = d.u32(o);
    d.s(`, ${count} LSA${count === 1 ? '' : 's'}`);
    let at = o + 4;
    for (let i = 1; i <= count; i++) {
      d.s(`\n\t  LSA #${i}`);
      at = lsa(d, at);
      if (at < 0) throw TRUNCATED;
    }
  } else for (let at = o; lsaHeader(d, at) >= 0; at += LSA_HEADER);
}

/** type(4) id(4) advertising router(4) */
function request(d: Dissector, o: number): string {
  return lsaName(d, d.u32(o), o + 4, `\n\t  Advertising Router: ${ip4Text(d, o + 8)}, `, ':');
}

function hello(d: Dissector, o: number, end: number): void {
  d.s(`\n\tOptions [${bitNames(ospfOptions, d.u8(o + 6), ', ', 'none')}]`);
  const timers = `Hello Timer ${d.u16(o + 4)}s, Dead Timer ${d.u32(o + 8)}s`;
  d.s(`\n\t  ${timers}, Mask ${ip4Text(d, o)}, Priority ${d.u8(o + 7)}`);
  if (d.u32(o + 12) !== 0) d.s(`\n\t  Designated Router ${ip4Text(d, o + 12)}`);
  if (d.u32(o + 16) !== 0) d.s(`, Backup Designated Router ${ip4Text(d, o + 16)}`);
  if (o + 20 < end) d.s('\n\t  Neighbor List:');
  for (let at = o + 20; at < end; at += 4) d.s(`\n\t    ${ip4Text(d, at)}`);
}

/** Link-local signalling behind the packet, RFC 5613. */
function signalling(
  d: Dissector,
  type: number,
  start: number,
  length: number,
  stated: number,
  authentication: number,
): void {
  const options = type === 1 ? d.u8(start + HEADER + 6) : type === 2 ? d.u8(start + HEADER + 2) : 0;
  if ((options & LINK_LOCAL) === 0) return;
  const skip = stated + (authentication === CRYPTOGRAPHIC ? d.u8(start + 19) : 0);
  if (skip >= length) return d.s('\n\t[LLS truncated]');
  let o = start + skip;
  d.s(`\n\t  LLS: checksum: ${hex4(d.u16(o))}`);
  d.s(`, length: ${d.u16(o + 2)}`);
  o += 4;
  while (o < start + length) {
    const kind = d.u16(o);
    d.s(`\n\t    ${kind === 1 ? 'Extended Options' : kind === 2 ? 'MD5 Authentication' : 'Unknown TLV'} (${kind})`);
    let size = d.u16(o + 2);
    d.s(`, length: ${size}`);
    o += 4;
    const wanted = kind === 1 ? 4 : kind === 2 ? 20 : size;
    if (size !== wanted) {
      d.s(` [should be ${wanted}]`);
      size = wanted;
    }
    if (kind === 1) {
      const bits = d.u32(o);
      d.s(`\n\t      Options: 0x${padHex(bits, 8)} [${bitNames(signallingOptions, bits, ', ', '?')}]`);
    } else if (kind === 2) d.s(`\n\t      Sequence number: 0x${padHex(d.u32(o), 8)}`);
    o += size;
  }
}
