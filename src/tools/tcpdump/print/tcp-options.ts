/** TCP options (print-tcp.c, print-mptcp.c): RFC 9293 §3.1, 7323, 2018, 5482, 5925, 7413, 8684. */
import {get16, get32} from '../../../wire/bytes.js';
import type {Dissector} from './dissector.js';
import {multipath} from './mptcp.js';
import type {Names} from './names.js';
import type {Relative} from './tcp.js';
import {literal} from './text-buffer.js';

const EOL = 0;
const NOP = 1;

const optionNames: Names = {
  0: 'eol',
  1: 'nop',
  2: 'mss',
  3: 'wscale',
  4: 'sackOK',
  5: 'sack',
  6: 'echo',
  7: 'echoreply',
  8: 'TS',
  11: 'cc',
  12: 'ccnew',
  13: '',
  19: 'md5',
  20: 'scps',
  28: 'uto',
  29: 'tcp-ao',
  30: 'mptcp',
  34: 'tfo',
  254: 'exp',
};

const optionTexts = Array.from({length: 256}, (_, kind) => {
  const name = optionNames[kind];
  return name === undefined ? undefined : literal(name);
});
const OPTIONS = literal(', options [');
/** Two paddings and the timestamps of RFC 7323: what most segments of most connections carry. */
const ONLY_TIMESTAMPS = 0x0101080a;
const TIMESTAMPS = literal(', options [nop,nop,TS val ');
const VAL = literal(' val ');
const ECR = literal(' ecr ');

/** Data bytes used, or why the rest of the segment is not printed. */
const BAD = -1;
const CUT = -2;

/** `, options [mss 1460,nop]`; false when the line ends here. */
export function tcpOptions(
  d: Dissector,
  start: number,
  length: number,
  payload: number,
  flags: number,
  relative: Relative,
): boolean {
  let o = start;
  let left = length;
  let printed = false;
  if (length === 12 && d.has(start, 12) && get32(d.b, start) === ONLY_TIMESTAMPS) {
    d.t(TIMESTAMPS);
    d.n(get32(d.b, start + 4));
    d.t(ECR);
    d.n(get32(d.b, start + 8));
    d.c(0x5d);
    return true;
  }
  d.t(OPTIONS);
  while (left > 0) {
    if (printed) d.c(0x2c);
    const kind = d.u8(o++);
    let n = 1;
    if (kind > NOP) {
      n = d.u8(o++);
      if (n < 2 || n > left) return broken(d, printed);
      left--;
    }
    left--;
    const name = optionTexts[kind];
    if (name === undefined) d.s(`unknown-${kind}`);
    else d.t(name);
    const used = kind <= NOP ? 0 : optionData(d, kind, o, n, left, start + length, payload, flags, relative);
    if (used === BAD) return broken(d, printed);
    if (used === CUT) {
      d.trunc();
      if (printed) d.c(0x3e);
      return false;
    }
    o += used;
    left -= used;
    if (used + (kind <= NOP ? 1 : 2) !== n) d.s(`[len ${n}]`);
    printed = true;
    if (kind === EOL) break;
  }
  d.c(0x5d);
  return true;
}

function broken(d: Dissector, printed: boolean): false {
  d.s('[bad opt]');
  if (printed) d.c(0x5d);
  return false;
}

/** Are `n` data bytes inside the options (else BAD) and captured (else CUT)? 0 when both. */
function check(d: Dissector, o: number, n: number, left: number): 0 | typeof BAD | typeof CUT {
  if (n > left) return BAD;
  return d.has(o, n) ? 0 : CUT;
}

/** Prints the data of an option of `n` bytes in all, at `o`, with `left` bytes to the end of the options. */
function optionData(
  d: Dissector,
  kind: number,
  o: number,
  n: number,
  left: number,
  dataAt: number,
  payload: number,
  flags: number,
  relative: Relative,
): number {
  const {b} = d;
  switch (kind) {
    case 4:
      return 0;
    case 8: {
      const bad = check(d, o, 8, left);
      if (bad !== 0) return bad;
      d.t(VAL);
      d.n(get32(b, o));
      d.t(ECR);
      d.n(get32(b, o + 4));
      return 8;
    }
    case 2: {
      const bad = check(d, o, 2, left);
      if (bad !== 0) return bad;
      d.c(0x20);
      d.n(get16(b, o));
      return 2;
    }
    case 3: {
      const bad = check(d, o, 1, left);
      if (bad !== 0) return bad;
      d.c(0x20);
      d.n(b[o]!);
      return 1;
    }
    case 5:
      return selectiveAck(d, o, n - 2, left, relative);
    case 6:
    case 7:
    case 11:
    case 12:
    case 13: {
      const bad = check(d, o, 4, left);
      if (bad !== 0) return bad;
      d.c(0x20);
      d.n(get32(b, o));
      return 4;
    }
    case 19:
      return check(d, o, 16, left) || signature(d, o, dataAt, payload);
    case 20: {
      const bad = check(d, o, 2, left);
      if (bad !== 0) return bad;
      d.s(' cap ');
      d.hex(b[o]!, 2);
      d.s(` id ${b[o + 1]!}`);
      return 2;
    }
    case 28: {
      const bad = check(d, o, 2, left);
      if (bad !== 0) return bad;
      const value = get16(b, o);
      d.s(` 0x${value.toString(16)} ${(value & 1) !== 0 ? (value >> 1) * 60 : value >> 1}`);
      return 2;
    }
    case 29:
      return authentication(d, o, n - 2, left);
    case 30: {
      const bad = check(d, o, n - 2, left);
      if (bad !== 0) return bad;
      const {end} = d;
      d.end = Math.min(o - 2 + n, end);
      const fine = multipath(d, o - 2, n, flags);
      d.end = end;
      return fine ? n - 2 : BAD;
    }
    case 34: {
      const bad = check(d, o, n - 2, left);
      if (bad !== 0) return bad;
      d.c(0x20);
      fastOpen(d, o, n - 2);
      return n - 2;
    }
    case 254: {
      const bad = check(d, o, n - 2, left);
      if (bad !== 0) return bad;
      if (n < 4) return BAD;
      const magic = get16(b, o);
      d.c(0x2d);
      if (magic === 0xf989) {
        d.s('tfo');
        fastOpen(d, o + 2, n - 4);
      } else d.hex(magic, 4);
      return n - 2;
    }
    default:
      if (n > 2) d.s(' 0x');
      for (let i = 0; i < n - 2; i++) {
        const bad = check(d, o, i + 1, left);
        if (bad !== 0) return bad;
        d.hex(b[o + i]!, 2);
      }
      return n - 2;
  }
}

/** Blocks are relative to the numbers of the direction that is being acknowledged. */
function selectiveAck(d: Dissector, o: number, n: number, left: number, relative: Relative): number {
  if (n % 8 !== 0) {
    d.s(' invalid sack');
    return n;
  }
  d.s(` ${n / 8} `);
  const base = relative.reversed ? relative.sequence : relative.acknowledgement;
  for (let i = 0; i < n; i += 8) {
    const bad = check(d, o, i + 4, left) || check(d, o, i + 8, left);
    if (bad !== 0) return bad;
    d.c(0x7b);
    d.n((get32(d.b, o + i) - base) >>> 0);
    d.c(0x3a);
    d.n((get32(d.b, o + i + 4) - base) >>> 0);
    d.c(0x7d);
  }
  return n;
}

/** RFC 2385 digest; there is no -M here, so it is never checked. */
function signature(d: Dissector, o: number, dataAt: number, payload: number): number {
  d.c(0x20);
  d.s(dataAt + payload > d.end ? 'snaplen too short, ' : 'shared secret not supplied with -M, ');
  d.s("can't check - ");
  d.bytes(o, 16);
  return 16;
}

function authentication(d: Dissector, o: number, n: number, left: number): number {
  if (n < 2) {
    d.invalid();
    return n;
  }
  const first = check(d, o, 1, left);
  if (first !== 0) return first;
  d.s(` keyid ${d.b[o]!}`);
  const second = check(d, o, 2, left);
  if (second !== 0) return second;
  d.s(` rnextkeyid ${d.b[o + 1]!}`);
  if (n > 2) d.s(' mac 0x');
  for (let i = 2; i < n; i++) {
    const bad = check(d, o, i + 1, left);
    if (bad !== 0) return bad;
    d.hex(d.b[o + i]!, 2);
  }
  return n;
}

function fastOpen(d: Dissector, o: number, n: number): void {
  if (n === 0) return d.s(' cookiereq');
  if (n % 2 !== 0 || n < 4 || n > 16) return d.invalid();
  d.s(' cookie ');
  d.bytes(o, n);
}
