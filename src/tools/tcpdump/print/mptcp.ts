/** Multipath TCP option, RFC 8684 and RFC 6824 (print-mptcp.c). `o` is at the option's kind octet, `n` its whole length. */
import type {Dissector} from './dissector.js';
import type {Names} from './names.js';

const SYN = 2;
const ACK = 16;

const subtypes = ['capable', 'join', 'dss', 'add-addr', 'rem-addr', 'prio', 'fail', 'fast-close', 'unknown'] as const;
const echoNames: Names = {0: 'v1', 1: 'v1-echo', 4: 'v0-ip4', 6: 'v0-ip6'};

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** False when the option's length and the segment's flags do not fit its subtype. */
export function multipath(d: Dissector, o: number, n: number, flags: number): boolean {
  d.protocol = 'mptcp';
  if (n < 3) return false;
  const subtype = Math.min(d.u8(o + 2) >> 4, 8);
  d.s(` ${n} ${subtypes[subtype]}`);
  switch (subtype) {
    case 0:
      return capable(d, o, n, flags);
    case 1:
      return join(d, o, n, flags);
    case 2:
      return sequenceSignal(d, o, n, flags);
    case 3:
      return addAddress(d, o, n);
    case 4:
      if (n < 4) return false;
      d.s(' id');
      for (let i = 3; i < n; i++) d.s(` ${d.u8(o + i)}`);
      return true;
    case 5:
      if (n !== 3 && n !== 4) return false;
      d.s((d.u8(o + 2) & 1) !== 0 ? ' backup' : ' non-backup');
      if (n === 4) d.s(` id ${d.u8(o + 3)}`);
      return true;
    case 6:
      if (n !== 12) return false;
      d.s(` seq ${d.u64(o + 4)}`);
      return true;
    case 7:
      if (n !== 12) return false;
      d.s(` key ${hex(d.u64(o + 4))}`);
      return true;
    default:
      return true;
  }
}

function capable(d: Dissector, o: number, n: number, flags: number): boolean {
  const opening = (n === 12 || n === 4) && (flags & SYN) !== 0;
  const third = (n === 20 || n === 22) && (flags & (SYN | ACK)) === ACK;
  if (!opening && !third) return false;
  const version = d.u8(o + 2) & 15;
  if (version > 1) {
    d.s(` Unknown Version (${version})`);
    return true;
  }
  d.s(` v${version}`);
  if ((d.u8(o + 3) & 0x80) !== 0) d.s(' csum');
  if (n >= 12) {
    d.s(` {${hex(d.u64(o + 4))}`);
    if (n >= 20) d.s(`,${hex(d.u64(o + 12))}`);
    d.c(0x7d);
  }
  return true;
}

function join(d: Dissector, o: number, n: number, flags: number): boolean {
  const fits =
    (n === 12 && (flags & SYN) !== 0) ||
    (n === 16 && (flags & (SYN | ACK)) === (SYN | ACK)) ||
    (n === 24 && (flags & ACK) !== 0);
  if (!fits) return false;
  if (n === 24) {
    d.s(' hmac 0x');
    d.bytes(o + 4, 20);
    return true;
  }
  if ((d.u8(o + 2) & 1) !== 0) d.s(' backup');
  d.s(` id ${d.u8(o + 3)}`);
  if (n === 12) d.s(` token 0x${d.u32(o + 4).toString(16)} nonce 0x${d.u32(o + 8).toString(16)}`);
  else d.s(` hmac ${hex(d.u64(o + 4))} nonce 0x${d.u32(o + 12).toString(16)}`);
  return true;
}

/** Data sequence signal: each number in 4 or 8 octets by its flag. */
function sequenceSignal(d: Dissector, o: number, n: number, tcpFlags: number): boolean {
  if (n < 4 || (tcpFlags & SYN) !== 0) return false;
  const flags = d.u8(o + 3);
  if ((flags & 0x10) !== 0) d.s(' fin');
  let at = o + 4;
  let left = n - 4;
  const number = (wide: boolean): boolean => {
    const size = wide ? 8 : 4;
    if (left < size) return false;
    d.s(wide ? d.u64(at).toString() : String(d.u32(at)));
    at += size;
    left -= size;
    return true;
  };
  if ((flags & 1) !== 0) {
    d.s(' ack ');
    if (!number((flags & 2) !== 0)) return false;
  }
  if ((flags & 4) !== 0) {
    d.s(' seq ');
    if (!number((flags & 8) !== 0)) return false;
    if (left < 4) return false;
    d.s(` subseq ${d.u32(at)}`);
    if (left < 6) return false;
    d.s(` len ${d.u16(at + 4)}`);
    at += 6;
    left -= 6;
    if (left >= 2) {
      d.s(` csum 0x${d.u16(at).toString(16)}`);
      left -= 2;
    }
  }
  return left === 0;
}

/** 4 octets of header, an address, then perhaps a port and a truncated HMAC. */
function addAddress(d: Dissector, o: number, n: number): boolean {
  if (![8, 10, 16, 18, 20, 22, 28, 30].includes(n)) return false;
  d.s(` ${echoNames[d.u8(o + 2) & 15] ?? '[bad version/echo]'}`);
  d.s(` id ${d.u8(o + 3)}`);
  const v4 = n < 20;
  const size = v4 ? 4 : 16;
  d.need(o + 4, size);
  d.c(0x20);
  if (v4) d.ip4(o + 4);
  else d.ip6(o + 4);
  let at = o + 4 + size;
  const rest = n - 4 - size;
  if (rest === 2 || rest === 10) {
    d.s(`:${d.u16(at)}`);
    at += 2;
  }
  if (rest >= 8) d.s(` hmac ${hex(d.u64(at))}`);
  return true;
}
