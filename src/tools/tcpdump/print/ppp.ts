/** PPP, RFC 1661, RFC 1662 (print-ppp.c): framing, and which printer a protocol number has. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {padHex} from './fields.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';
import {mpls} from './mpls.js';
import {hex4} from './names.js';
import {chap, pap} from './ppp-auth.js';
import {controlProtocol} from './ppp-control.js';
import {pppNames} from './ppp-names.js';

const ADDRESS = 0xff;
const ADDRESS_CONTROL = 0xff03;
/** First octets of pppd's captures: direction instead of an address. */
const PPPD_IN = 0x0003;
const PPPD_OUT = 0x0103;
const IP = 0x21;
const IP6 = 0x57;

/** Returns the header's length. */
export function ppp(d: Dissector, start: number, wireLength: number): number {
  d.protocol = 'ppp';
  if (wireLength < 2) {
    d.trunc();
    return 0;
  }
  let o = start;
  let length = wireLength;
  const framing = d.u16(o);
  if (framing === PPPD_IN || framing === PPPD_OUT || framing === ADDRESS_CONTROL) {
    if (d.e && framing !== ADDRESS_CONTROL) d.s(framing === PPPD_IN ? 'In  ' : 'Out ');
    o += 2;
    length -= 2;
  }
  if (length < 2) {
    d.trunc();
    return 0;
  }
  const compressed = d.u8(o) % 2 === 1;
  const protocol = compressed ? d.u8(o) : d.u16(o);
  o += compressed ? 1 : 2;
  length -= compressed ? 1 : 2;
  if (d.e) {
    const name = pppNames[protocol];
    d.s(`${name ?? 'unknown'} (${hex4(protocol)}), length ${wireLength}`);
    if (name === undefined) return o - start;
    d.s(': ');
  }
  pppPayload(d, protocol, o, length);
  return o - start;
}

/** The payload of a PPP protocol. */
export function pppPayload(d: Dissector, protocol: number, o: number, length: number): void {
  if ((protocol & 0xff00) === 0x7e00) return hdlc(d, o - 1, length);
  switch (protocol) {
    case 0xc021:
    case 0x8021:
    case 0x8023:
    case 0x8281:
    case 0x8057:
    case 0x80fd:
    case 0xc02b:
      return controlProtocol(d, protocol, pppNames[protocol] ?? '', o, length);
    case 0x003d:
      return multilink(d, o, length);
    case 0xc223:
      return chap(d, o, length);
    case 0xc023:
      return pap(d, o, length);
    case 0xc02d:
      return;
    case 0x0800:
    case 0x002f:
    case IP:
      return ip(d, o, length);
    case 0x86dd:
    case IP6:
      return ip6(d, o, length);
    case 0x0281:
    case 0x0283:
      return mpls(d, o, length);
    case 0x00fd:
      return d.s('compressed PPP data');
    default:
      d.s(`${pppNames[protocol] ?? `unknown PPP protocol (${hex4(protocol)})`} `);
      unknownData(d, '\n\t', o, length);
  }
}

function multilink(d: Dissector, o: number, length: number): void {
  if (!d.e) d.s('MLPPP, ');
  if (length < 2 || !d.has(o, 2)) return d.s('[|mlppp]');
  const flags = d.u8(o) & 0xc0;
  const text =
    flags === 0 ? 'none' : [flags & 0x80 ? 'begin' : '', flags & 0x40 ? 'end' : ''].filter(Boolean).join(', ');
  d.s(`seq 0x${padHex(d.u16(o) & 0xfff, 3)}, Flags [${text}], length ${length}`);
}

/** HDLC-like framing: escapes are undone in a copy, which is printed instead of the frame. */
function hdlc(d: Dissector, o: number, wireLength: number): void {
  if (o >= d.end || wireLength === 0) return;
  const {b, end} = d;
  // What is printed is not where the frame's bytes are.
  d.prefixes.cancel();
  const plain = new Uint8Array(end - o);
  let n = 0;
  for (let i = o; i < end; i++) {
    let c = b[i]!;
    if (c === 0x7d) {
      if (i + 1 >= end) break;
      i++;
      c = b[i]! ^ 0x20;
    }
    plain[n++] = c;
  }
  d.over(plain);
  d.end = n;
  try {
    if (unescaped(d, n)) return;
  } finally {
    d.over(b);
    d.end = end;
  }
  d.trunc();
}

/** False when it is too short. */
function unescaped(d: Dissector, length: number): boolean {
  if (length < 1) return false;
  const first = d.u8(0);
  if (first === IP || first === IP6) {
    (first === IP ? ip : ip6)(d, 1, length - 1);
    return true;
  }
  if (length < 2) return false;
  const at = d.u16(0) === ADDRESS_CONTROL ? 2 : 0;
  if (length < at + 2) return false;
  const protocol = d.u16(at);
  if ((protocol & 0xff00) === 0x7e00) d.s(`(protocol ${hex4(protocol)} invalid)`);
  else pppPayload(d, protocol, at + 2, length - at - 2);
  return true;
}

/** Link type PPP: captures of whole frames. */
export function pppLink(d: Dissector, o: number, length: number, caplen: number): void {
  d.protocol = 'ppp';
  if (caplen < 4) {
    d.trunc();
    d.linkHeader += caplen;
    return;
  }
  d.linkHeader += 4;
  ppp(d, o, length);
}

/** Link type PPP in HDLC-like framing; `cisco` prints frames whose address says that they are Cisco's. */
export function pppHdlcLink(
  d: Dissector,
  o: number,
  length: number,
  caplen: number,
  cisco: (d: Dissector, o: number, length: number, caplen: number) => void,
): void {
  d.protocol = 'ppp_hdlc';
  const address = caplen < 2 ? -1 : d.u8(o);
  if (address === 0x0f || address === 0x8f) return cisco(d, o, length, caplen);
  if (caplen < 4) {
    d.trunc();
    d.linkHeader += caplen;
    return;
  }
  if (d.e) d.s(`${padHex(d.u8(o), 2)} ${padHex(d.u8(o + 1), 2)} ${length} `);
  if (address !== ADDRESS) {
    d.s(`unknown addr ${padHex(d.u8(o + 2), 2)}; ctrl ${padHex(d.u8(o + 3), 2)}`);
    d.linkHeader += 2;
    return;
  }
  const protocol = d.u16(o + 2);
  d.s(`${pppNames[protocol] ?? `unknown PPP protocol (${hex4(protocol)})`}: `);
  pppPayload(d, protocol, o + 4, (length - 4) >>> 0);
  d.linkHeader += 4;
}
