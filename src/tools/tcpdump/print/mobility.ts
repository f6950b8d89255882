/**
 * Mobility header of IPv6, RFC 6275 §6.1 (print-mobility.c):
 *
 *   next header(1) length(1) in 8 bytes beyond the first 8, type(1) reserved(1) checksum(2) message …, then options
 */
import type {Dissector} from './dissector.js';
import {bitNames} from './names.js';

const HEADER = 8;
const PAD1 = 0;

/** By type: name, and what the message needs, header and all. */
const messages: readonly (readonly [string, number])[] = [
  ['BRR', HEADER],
  ['HoTI', HEADER + 8],
  ['CoTI', HEADER + 8],
  ['HoT', HEADER + 16],
  ['CoT', HEADER + 16],
  ['BU', HEADER + 4],
  ['BA', HEADER + 4],
  ['BE', HEADER + 16],
];
const updateFlags = [
  [8, 'A'],
  [4, 'H'],
  [2, 'L'],
  [1, 'K'],
] as const;

/** By type: name where it is cut, bytes it needs, text. */
const options: readonly (readonly [string, number, (d: Dissector, o: number) => void])[] = [
  ['pad1', 1, (d) => d.s('(pad1)')],
  ['padn', 2, (d) => d.s('(padn)')],
  ['refresh', 4, (d, o) => d.s(`(refresh: ${d.u16(o + 2) * 4})`)],
  ['altcoa', 18, alternateAddress],
  ['ni', 6, nonces],
  ['auth', 12, (d) => d.s('(auth)')],
];

export function mobility(d: Dissector, o: number): void {
  d.protocol = 'mobility';
  if (!d.has(o + 1, 1)) return d.trunc();
  const length = (d.u8(o + 1) + 1) * 8;
  const type = d.u8(o + 2);
  const [name, needed] = messages[type] ?? [`type-#${type}`, undefined];
  if (needed !== undefined && length < needed) {
    d.s(`(header length ${length} is too small for type ${type})`);
    return d.trunc();
  }
  d.s(`mobility: ${name}`);
  if (needed === undefined) return d.s(` len=${d.u8(o + 1)}`);
  if (!message(d, o, type)) return d.trunc();
  if (d.v > 0 && !allOptions(d, o + needed, length - needed)) d.trunc();
}

/** What a type has of its own; false where a capture ends that is noticed. */
function message(d: Dissector, o: number, type: number): boolean {
  switch (type) {
    case 1:
    case 2:
      if (d.v > 0) cookie(d, o + HEADER, `${type === 1 ? 'Home' : 'Care-of'} Init Cookie`);
      return true;
    case 3:
    case 4: {
      const which = type === 3 ? 'Home' : 'Care-of';
      d.s(` nonce id=0x${d.u16(o + 6).toString(16)}`);
      if (d.v === 0) return true;
      cookie(d, o + HEADER, `${which} Init Cookie`);
      cookie(d, o + HEADER + 8, `${which} Keygen Token`);
      return true;
    }
    case 5: {
      d.s(` seq#=${d.u16(o + 6)}`);
      if (!d.has(o + HEADER, 2)) return false;
      const flags = d.u8(o + HEADER) >> 4;
      if (flags !== 0) d.s(` ${bitNames(updateFlags, flags, '', '')}`);
      d.s(` lifetime=${d.u16(o + HEADER + 2) * 4}`);
      return true;
    }
    case 6:
      d.s(` status=${d.u8(o + 6)}`);
      if (d.u8(o + 7) >= 0x80) d.s(' K');
      d.s(` seq#=${d.u16(o + HEADER)}`);
      d.s(` lifetime=${d.u16(o + HEADER + 2) * 4}`);
      return true;
    case 7:
      d.s(` status=${d.u8(o + 6)}`);
      d.need(o + HEADER, 16);
      d.s(' homeaddr ');
      d.ip6(o + HEADER);
      return true;
    default:
      return true;
  }
}

/** ` Home Init Cookie=01020304:05060708` */
function cookie(d: Dissector, o: number, name: string): void {
  const high = d.u32(o);
  const low = d.u32(o + 4);
  d.s(` ${name}=`);
  d.hex(high, 8);
  d.c(0x3a);
  d.hex(low, 8);
}

function alternateAddress(d: Dissector, o: number): void {
  d.need(o + 2, 16);
  d.s('(alt-CoA: ');
  d.ip6(o + 2);
  d.c(0x29);
}

function nonces(d: Dissector, o: number): void {
  const [home, careOf] = [d.u16(o + 2), d.u16(o + 4)];
  d.s('(ni: ho=0x');
  d.hex(home, 4);
  d.s(' co=0x');
  d.hex(careOf, 4);
  d.c(0x29);
}

/** Type(1) length(1) of the value, value, in `n` bytes. False where they are cut; the byte behind each must be captured too. */
function allOptions(d: Dissector, start: number, n: number): boolean {
  let size = 1;
  for (let i = 0; i < n; i += size) {
    const o = start + i;
    const type = d.u8(o);
    size = 1;
    if (type !== PAD1) {
      if (i + 1 >= n) return false;
      size = d.u8(o + 1) + 2;
    }
    if (i + size > n || !d.has(o + size, 1)) return false;
    const [name, needed, print] = options[type] ?? [`sopt_type ${type}`, 2, otherOption];
    if (n - i < needed) {
      d.s(`(${name}: trunc)`);
      return false;
    }
    print(d, o);
  }
  return true;
}

function otherOption(d: Dissector, o: number): void {
  d.s('(type-0x');
  d.hex(d.u8(o), 2);
  d.s(`: len=${d.u8(o + 1)})`);
}
