/** IPsec headers without keys: AH, RFC 4302; ESP, RFC 4303; IPComp, RFC 3173 (print-ah.c, print-esp.c, print-ipcomp.c). */
import type {Dissector} from './dissector.js';

/** Returns the header's length. */
export function authenticationHeader(d: Dissector, o: number): number {
  d.protocol = 'ah';
  d.s('AH');
  const units = d.u8(o + 1);
  const length = (units + 2) * 4;
  d.c(0x28);
  if (d.v > 0) d.s(`length=${units}(${length}-bytes),`);
  const reserved = d.u16(o + 2);
  if (reserved !== 0) d.s(`reserved=0x${reserved.toString(16)}[MustBeZero],`);
  numbers(d, o + 4, 'spi=0x', ',', 'seq=0x', ',');
  d.s('icv=0x');
  d.bytes(o + 12, length - 12);
  d.s('): ');
  return length;
}

/** SPI and sequence number, each tested before anything of it is printed. */
function numbers(d: Dissector, o: number, before: string, after: string, then: string, last: string): void {
  const spi = d.u32(o);
  d.s(before);
  d.hex(spi, 8);
  d.s(after);
  const sequence = d.u32(o + 4);
  d.s(then);
  d.x(sequence);
  d.s(last);
}

export function encapsulatingSecurity(d: Dissector, o: number, length: number): void {
  d.protocol = 'esp';
  if (o + 8 >= d.end) return d.trunc();
  numbers(d, o, 'ESP(spi=0x', '', ',seq=0x', ')');
  d.s(`, length ${length}`);
}

export function compressedPayload(d: Dissector, o: number): void {
  d.protocol = 'ipcomp';
  const index = d.u16(o + 2);
  d.s('IPComp(cpi=0x');
  d.hex(index, 4);
  d.c(0x29);
}
