/** IPv6 extension headers: each printer returns the header's length, or -1 when the packet ends here. */
import type {Dissector} from './dissector.js';

/** Payload length of the packet, and whether a jumbo payload option gave it. */
export interface JumboState {
  found: boolean;
  payload: number;
}

const PAD1 = 0;
const PADN = 1;
const ROUTER_ALERT = 5;
const JUMBO = 0xc2;
const HOME_ADDRESS = 0xc9;
const HOME_ADDRESS_LENGTH = 18;

export function hopByHop(d: Dissector, o: number, jumbo: JumboState): number {
  d.protocol = 'hbhopt';
  const length = (d.u8(o + 1) + 1) << 3;
  if (d.has(o, length)) {
    d.s('HBH ');
    if (options(d, o + 2, length - 2, jumbo)) return length;
  }
  d.trunc();
  return -1;
}

export function destinationOptions(d: Dissector, o: number): number {
  d.protocol = 'dstopt';
  const length = (d.u8(o + 1) + 1) << 3;
  if (d.has(o, length)) {
    d.s('DSTOPT ');
    if (d.v === 0 || options(d, o + 2, length - 2, undefined)) return length;
  }
  d.trunc();
  return -1;
}

/** False when an option is cut or ill-formed. Texts only at -v. */
function options(d: Dissector, o: number, length: number, jumbo: JumboState | undefined): boolean {
  let jumboSeen = false;
  let n = 0;
  for (let i = 0; i < length; i += n) {
    const type = d.u8(o + i);
    if (type === PAD1) n = 1;
    else if (i + 1 < length) n = d.u8(o + i + 1) + 2;
    else return false;
    if (i + n > length) return false;
    switch (type) {
      case PAD1:
        if (d.v > 0) d.s('(pad1)');
        break;
      case PADN:
        if (d.v > 0) d.s('(padn)');
        break;
      case ROUTER_ALERT:
        if (!sized(d, 'rtalert', length - i, n, 4)) return false;
        if (d.v > 0) {
          d.s('(rtalert: 0x');
          d.hex(d.u16(o + i + 2), 4);
          d.s(') ');
        }
        break;
      case JUMBO:
        if (!sized(d, 'jumbo', length - i, n, 6)) return false;
        jumboOption(d, d.u32(o + i + 2), jumbo, jumboSeen);
        jumboSeen = true;
        break;
      case HOME_ADDRESS:
        if (!homeAddress(d, o + i, length - i, n)) return false;
        break;
      default:
        if (d.v > 0) {
          d.s('(opt_type 0x');
          d.hex(type, 2);
          d.s(`: len=${d.u8(o + i + 1)})`);
        }
    }
  }
  if (d.v > 0) d.c(0x20);
  return true;
}

function sized(d: Dissector, name: string, left: number, n: number, wanted: number): boolean {
  if (left >= wanted && n === wanted) return true;
  d.s(left < wanted ? `(${name}: trunc)` : `(${name}: invalid len ${n - 2})`);
  return false;
}

function jumboOption(d: Dissector, length: number, jumbo: JumboState | undefined, seen: boolean): void {
  let remark = '';
  if (seen) remark = ' - already seen';
  else if (jumbo === undefined) remark = ' - not a hop-by-hop option';
  else if (jumbo.payload !== 0) remark = ' - payload len != 0';
  else if (length < 65536) remark = ' - < 65536';
  else {
    jumbo.found = true;
    jumbo.payload = length;
  }
  if (d.v > 0) d.s(`(jumbo: ${length}${remark}) `);
}

function homeAddress(d: Dissector, o: number, left: number, n: number): boolean {
  if (left < HOME_ADDRESS_LENGTH || n < HOME_ADDRESS_LENGTH) {
    d.s(left < HOME_ADDRESS_LENGTH ? '(homeaddr: trunc)' : `(homeaddr: invalid len ${n - 2})`);
    return false;
  }
  if (d.v === 0) return true;
  d.need(o + 2, 16);
  d.s('(homeaddr: ');
  d.ip6(o + 2);
  if (n > HOME_ADDRESS_LENGTH && !subOptions(d, o + HOME_ADDRESS_LENGTH, n - HOME_ADDRESS_LENGTH)) return false;
  d.c(0x29);
  return true;
}

function subOptions(d: Dissector, o: number, length: number): boolean {
  let n = 0;
  for (let i = 0; i < length; i += n) {
    const type = d.u8(o + i);
    if (type === PAD1) n = 1;
    else if (i + 1 < length) n = d.u8(o + i + 1) + 2;
    else return false;
    if (i + n > length) return false;
    if (type === PAD1) d.s(', pad1');
    else if (type === PADN) d.s(', padn');
    else {
      d.s(', sopt_type 0x');
      d.hex(type, 2);
      d.s(`: len=${d.u8(o + i + 1)}`);
    }
  }
  return true;
}

/** Fragment header of the packet at `ipAt`: `frag (offset|length) `. A later fragment's payload is not printed. */
export function fragment(d: Dissector, o: number, ipAt: number): number {
  d.protocol = 'frag6';
  const identification = d.v > 0 ? d.u32(o + 4) : 0;
  const offset = d.u16(o + 2) & 0xfff8;
  const length = BigInt.asUintN(64, BigInt(40 + d.u16(ipAt + 4) - (o - ipAt) - 8));
  d.s('frag (');
  if (d.v > 0) {
    d.s('0x');
    d.hex(identification, 8);
    d.c(0x3a);
  }
  d.s(`${offset}|${length})`);
  if (offset !== 0) return -1;
  d.c(0x20);
  return 8;
}

/** Routing header: types 0 and 2 (RFC 2460, RFC 6275), 4 (segment routing, RFC 8754). */
export function routing(d: Dissector, o: number): number {
  d.protocol = 'rt6';
  d.s('RT6');
  const length = d.u8(o + 1);
  d.s(` (len=${length}`);
  const type = d.u8(o + 2);
  d.s(`, type=${type}`);
  if (type === 0) d.s(' [Deprecated]');
  d.s(`, segleft=${d.u8(o + 3)}`);
  if (type === 0 || type === 2) {
    const reserved = d.u32(o + 4);
    if (reserved !== 0 || d.v > 0) d.s(`, rsv=0x${reserved.toString(16)}`);
  } else if (type === 4) {
    d.s(`, last-entry=${d.u8(o + 4)}`);
    const flags = d.u8(o + 5);
    if (flags !== 0 || d.v > 0) d.s(`, flags=0x${flags.toString(16)}`);
    d.s(`, tag=${d.u16(o + 6).toString(16)}`);
  } else {
    d.s(' (unknown type)');
    d.invalid();
    return -1;
  }
  if (length % 2 === 1) {
    d.s(` (invalid length ${length})`);
    d.invalid();
    return -1;
  }
  for (let i = 0; i < length >> 1; i++) {
    d.need(o + 8 + 16 * i, 16);
    d.s(`, [${i}]`);
    d.ip6(o + 8 + 16 * i);
  }
  d.s(') ');
  return (length + 1) << 3;
}
