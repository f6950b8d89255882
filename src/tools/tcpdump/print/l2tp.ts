/** L2TP version 2, RFC 2661 (print-l2tp.c). */
import type {Dissector} from './dissector.js';
import {characters, padHex} from './fields.js';
import type {Names} from './names.js';
import {ppp} from './ppp.js';

const AVP = 6;
const messages: Names = {
  1: 'SCCRQ',
  2: 'SCCRP',
  3: 'SCCCN',
  4: 'StopCCN',
  6: 'HELLO',
  7: 'OCRQ',
  8: 'OCRP',
  9: 'OCCN',
  10: 'ICRQ',
  11: 'ICRP',
  12: 'ICCN',
  14: 'CDN',
  15: 'WEN',
  16: 'SLI',
};
const names: Names = {
  ...(
    'MSGTYPE RESULT_CODE PROTO_VER FRAMING_CAP BEARER_CAP TIE_BREAKER FIRM_VER HOST_NAME VENDOR_NAME ASSND_TUN_ID ' +
    'RECV_WIN_SIZE CHALLENGE Q931_CC CHALLENGE_RESP ASSND_SESS_ID CALL_SER_NUM MINIMUM_BPS MAXIMUM_BPS BEARER_TYPE ' +
    'FRAMING_TYPE PACKET_PROC_DELAY CALLED_NUMBER CALLING_NUMBER SUB_ADDRESS TX_CONN_SPEED PHY_CHANNEL_ID INI_RECV_LCP ' +
    'LAST_SENT_LCP LAST_RECV_LCP PROXY_AUTH_TYPE PROXY_AUTH_NAME PROXY_AUTH_CHAL PROXY_AUTH_ID PROXY_AUTH_RESP ' +
    'CALL_ERRORS ACCM RANDOM_VECTOR PRIVATE_GRP_ID RX_CONN_SPEED SEQ_REQUIRED'
  ).split(' '),
  46: 'PPP_DISCON_CC',
};
const authentications = ['Reserved', 'Textual', 'CHAP', 'PAP', 'No Auth', 'MS-CHAPv1'] as const;
const directions = ['global error', 'at peer', 'at local'] as const;

type ValuePrinter = (d: Dissector, o: number, n: number) => void;

/** A value of at least `size` bytes. */
function atLeast(size: number, print: ValuePrinter): ValuePrinter {
  return (d, o, n) => {
    if (n < size) d.s('AVP too short');
    else print(d, o, n);
  };
}

const short = atLeast(2, (d, o) => d.n(d.u16(o)));
const long = atLeast(4, (d, o) => d.n(d.u32(o)));
const octets: ValuePrinter = (d, o, n) => d.bytes(o, n);
/** Two capability bits, the second one's letter first. */
function capability(first: string, second: string): ValuePrinter {
  return atLeast(4, (d, o) => {
    const bits = d.u32(o);
    d.s(`${(bits & 2) !== 0 ? second : ''}${(bits & 1) !== 0 ? first : ''}`);
  });
}

/** Words behind two reserved bytes, as many as there are. */
function words(texts: readonly string[], print: (value: number) => string): ValuePrinter {
  return atLeast(2, (d, o, n) => {
    for (const [i, text] of texts.entries()) {
      if (n - 2 - 4 * i < 4) return d.s('AVP too short');
      d.s(`${text}=${print(d.u32(o + 2 + 4 * i))} `);
    }
  });
}

const values: Readonly<Record<number, ValuePrinter>> = {
  0: atLeast(2, (d, o) => d.s(messages[d.u16(o)] ?? `MSGTYPE-#${d.u16(o)}`)),
  1: atLeast(2, result),
  2: atLeast(2, (d, o) => d.s(`${d.u8(o)}.${d.u8(o + 1)}`)),
  3: capability('S', 'A'),
  4: capability('D', 'A'),
  5: atLeast(8, (d, o) => d.bytes(o, 8)),
  6: short,
  7: characters,
  8: characters,
  9: short,
  10: short,
  11: octets,
  12: atLeast(3, (d, o, n) => {
    d.s(`${d.u16(o)}, ${padHex(d.u8(o + 2), 2)}`);
    rest(d, o + 3, n - 3);
  }),
  13: atLeast(16, (d, o) => d.bytes(o, 16)),
  14: short,
  15: long,
  16: long,
  17: long,
  18: capability('D', 'A'),
  19: capability('S', 'A'),
  20: (d) => d.s('obsolete'),
  21: characters,
  22: characters,
  23: characters,
  24: long,
  25: long,
  26: octets,
  27: octets,
  28: octets,
  29: atLeast(2, (d, o) => d.s(authentications[d.u16(o)] ?? `AuthType-#${d.u16(o)}`)),
  30: characters,
  31: octets,
  32: atLeast(2, (d, o) => d.n(d.u16(o) & 0xff)),
  33: octets,
  34: words(['CRCErr', 'FrameErr', 'HardOver', 'BufOver', 'Timeout', 'AlignErr'], String),
  35: words(['send', 'recv'], (value) => padHex(value, 8)),
  36: octets,
  37: characters,
  38: long,
  46: atLeast(5, (d, o, n) => {
    const direction = d.u8(o + 4);
    d.s(`${padHex(d.u16(o), 4)}, ${padHex(d.u16(o + 2), 4)} ${directions[direction] ?? `Direction-#${direction}`}`);
    rest(d, o + 5, n - 5);
  }),
};

/** A text behind a blank, if there is one. */
function rest(d: Dissector, o: number, n: number): void {
  if (n === 0) return;
  d.c(0x20);
  characters(d, o, n);
}

function result(d: Dissector, o: number, n: number): void {
  d.n(d.u16(o));
  if (n === 2) return;
  if (n < 4) return d.s(' AVP too short');
  d.s(`/${d.u16(o + 2)}`);
  rest(d, o + 4, n - 4);
}

/** flags(6 bits) length(10) vendor(2) type(2) value: its length, 0 when it is cut. */
function avp(d: Dissector, o: number, length: number): number {
  d.c(0x20);
  const head = d.u16(o);
  const size = head & 0x3ff;
  if (size < AVP || size > length || !d.has(o, size)) {
    d.trunc();
    return 0;
  }
  d.s(`${(head & 0x8000) !== 0 ? '*' : ''}${(head & 0x4000) !== 0 ? '?' : ''}`);
  const vendor = d.u16(o + 2);
  const type = d.u16(o + 4);
  if (vendor !== 0) {
    d.s(`VENDOR${padHex(vendor, 4)}:ATTR${padHex(type, 4)}(`);
    d.bytes(o + AVP, size - AVP);
  } else {
    d.s(`${names[type] ?? `AVP-#${type}`}(`);
    if ((head & 0x4000) !== 0) d.s('???');
    else values[type]?.(d, o + AVP, size - AVP);
  }
  d.c(0x29);
  return size;
}

export function l2tp(d: Dissector, o: number, captured: number): void {
  d.protocol = 'l2tp';
  const flags = d.u16(o);
  const version = flags & 15;
  if (version === 1) return d.s(' l2f:');
  if (version !== 2) return d.s(' Unknown Version, neither L2F(1) nor L2TP(2)');
  const has = (bit: number) => (flags & bit) !== 0;
  const letters = (
    [
      [0x8000, 'T'],
      [0x4000, 'L'],
      [0x0800, 'S'],
      [0x0200, 'O'],
      [0x0100, 'P'],
    ] as const
  ).filter(([bit]) => has(bit));
  d.s(` l2tp:[${letters.map(([, letter]) => letter).join('')}]`);
  let at = o + 2;
  const next = () => {
    at += 2;
    return d.u16(at - 2);
  };
  const stated = has(0x4000) ? next() : captured;
  d.s(`(${next()}/`);
  d.s(`${next()})`);
  if (has(0x0800)) {
    d.s(`Ns=${next()},`);
    d.s(`Nr=${next()}`);
  }
  if (has(0x0200)) {
    const padding = next();
    if (!d.has(at, padding)) return d.trunc();
    at += padding;
  }
  if (captured < stated) return d.s(` Length ${stated} larger than packet`);
  const left = stated - (at - o);
  if (left < 0) return d.s(` Length ${stated} smaller than header length`);
  if (has(0x8000)) return control(d, at, left, has(0x4000));
  // The brace behind it is no part of a flow's beginning.
  d.prefixes.cancel();
  d.s(' {');
  ppp(d, at, left);
  d.c(0x7d);
}

function control(d: Dissector, start: number, length: number, hasLength: boolean): void {
  if (!hasLength) return d.s(' No length');
  if (length === 0) return d.s(' ZLB');
  let o = start;
  for (let left = length; left > 0; ) {
    const used = avp(d, o, left);
    if (used === 0) return;
    o += used;
    left -= used;
  }
}
