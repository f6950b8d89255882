/** Overlay headers over UDP: Geneve (RFC 8926), VXLAN (RFC 7348), VXLAN-GPE, OTV (print-geneve.c, -vxlan.c, -vxlan-gpe.c, -otv.c). */
import {get16, get24} from '../../../wire/bytes.js';
import type {Dissector} from './dissector.js';
import {byEtherType, ether, NO_LINK} from './ether.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';
import {bitNames, etherTypeNames, type Names} from './names.js';
import {nsh} from './nsh.js';
import {type Literal, literal} from './text-buffer.js';

const HEADER = 8;
const TEB = 0x6558;

const geneveFlags = [
  [0x80, 'O'],
  [0x40, 'C'],
  [0x20, 'R1'],
  [0x10, 'R2'],
  [0x08, 'R3'],
  [0x04, 'R4'],
  [0x02, 'R5'],
  [0x01, 'R6'],
] as const;
const gpeFlags = [
  [8, 'I'],
  [4, 'P'],
  [2, 'B'],
  [1, 'O'],
] as const;

/** By the octet of flags, made when they are needed. */
const geneveFlagTexts: Literal[] = [];
const GENEVE = literal('Geneve');

/** Option classes of the IANA registry that 4.99.3 knows. */
const optionClasses: Names = {
  256: 'Linux',
  257: 'Open vSwitch',
  258: 'Open Virtual Networking (OVN)',
  259: 'In-band Network Telemetry (INT)',
  260: 'VMware',
};

function optionClass(value: number): string {
  return optionClasses[value] ?? (value <= 0xff ? 'Standard' : value >= 0xfff0 ? 'Experimental' : 'Unknown');
}

export function geneve(d: Dissector, o: number, length: number): void {
  d.protocol = 'geneve';
  d.t(GENEVE);
  if (length < HEADER) {
    d.s(` [length ${length} < 8]`);
    return d.invalid();
  }
  if (!d.has(o, HEADER)) return d.trunc();
  const {b} = d;
  const first = b[o]!;
  if (first >> 6 !== 0) return d.s(` ERROR: unknown-version ${first >> 6}`);
  const protocol = get16(b, o + 2);
  const flags = b[o + 1]!;
  d.t((geneveFlagTexts[flags] ??= literal(`, Flags [${bitNames(geneveFlags, flags, '', 'none')}], vni 0x`)));
  d.x(get24(b, o + 4));
  if (b[o + 7] !== 0) {
    d.s(', rsvd 0x');
    d.x(b[o + 7]!);
  }
  if (d.e) {
    d.s(', proto ');
    d.s(etherTypeNames[protocol] ?? 'unknown');
    d.s(' (0x');
    d.hex(protocol, 4);
    d.c(0x29);
  }
  const optionLength = (first & 0x3f) * 4;
  const left = length - HEADER - optionLength;
  if (left < 0) return d.s(` truncated-geneve - ${-left} bytes missing`);
  if (!d.has(o + HEADER, optionLength)) return d.trunc();
  if (optionLength > 0) {
    d.s(', options [');
    if (d.v > 0) geneveOptions(d, o + HEADER, optionLength);
    else {
      d.n(optionLength);
      d.s(' bytes');
    }
    d.c(0x5d);
  }
  d.s(d.v > 0 ? '\n\t' : ': ');
  const inner = o + HEADER + optionLength;
  d.prefixes.covers(o, inner);
  if (protocol === TEB) ether(d, inner, left, d.left(inner));
  else if (!byEtherType(d, protocol, inner, left, d.left(inner), NO_LINK)) {
    d.s('geneve-proto-0x');
    d.x(protocol);
  }
}

/** `n` bytes of options, all captured. A length that leaves them ends the list. */
function geneveOptions(d: Dissector, start: number, n: number): void {
  let o = start;
  let left = n;
  while (left > 0) {
    if (left < n) d.s(', ');
    const type = d.u8(o + 2);
    const length = 4 + (d.u8(o + 3) & 0x1f) * 4;
    const cls = d.u16(o);
    d.s(`class ${optionClass(cls)} (0x${cls.toString(16)}) type 0x${type.toString(16)}`);
    d.s(`${(type & 0x80) !== 0 ? '(C)' : ''} len ${length}`);
    if (length > left) return d.s(' [bad length]');
    if (d.v > 1 && length > 4) {
      d.s(' data');
      for (let i = 4; i < length; i += 4) {
        d.c(0x20);
        d.hex(d.u32(o + i), 8);
      }
    }
    o += length;
    left -= length;
  }
}

export function vxlan(d: Dissector, o: number, length: number): void {
  d.protocol = 'vxlan';
  d.s('VXLAN');
  if (length < HEADER) return d.invalid();
  const flags = d.u8(o);
  d.s((flags & 8) !== 0 ? ', flags [I] (0x' : ', flags [invalid] (0x');
  d.hex(flags, 2);
  d.s('), ');
  const vni = d.u24(o + 4);
  d.s('vni ');
  d.n(vni);
  d.c(0x0a);
  d.need(o + 7, 1);
  d.prefixes.covers(o, o + HEADER);
  ether(d, o + HEADER, length - HEADER, d.left(o + HEADER));
}

export function vxlanGpe(d: Dissector, o: number, length: number): void {
  d.protocol = 'vxlan_gpe';
  d.s('VXLAN-GPE, ');
  if (length < HEADER) {
    d.s(` (len ${length} < ${HEADER})`);
    return d.invalid();
  }
  d.s(`flags [${bitNames(gpeFlags, d.u8(o), '', 'none')}], `);
  const next = d.u8(o + 3);
  const vni = d.u24(o + 4);
  d.need(o + 7, 1);
  d.s(`vni ${vni}`);
  d.s(d.v > 0 ? '\n    ' : ': ');
  const inner = o + HEADER;
  const left = length - HEADER;
  if (next === 1) ip(d, inner, left);
  else if (next === 2) ip6(d, inner, left);
  else if (next === 3) ether(d, inner, left, d.left(inner));
  else if (next === 4) nsh(d, inner, left);
  else {
    d.s('ERROR: unknown-next-protocol');
    d.invalid();
  }
}

/** What 4.99.3 takes UDP port 8472 for, Cilium's VXLAN port; the layout is VXLAN's. */
export function otv(d: Dissector, o: number, length: number): void {
  d.protocol = 'otv';
  d.s('OTV, ');
  if (length < HEADER) {
    d.s(`[length ${length} < ${HEADER}]`);
    d.invalid();
    return d.need(o, length);
  }
  const flags = d.u8(o);
  d.s((flags & 8) !== 0 ? 'flags [I] (0x' : 'flags [.] (0x');
  d.hex(flags, 2);
  d.s('), ');
  const overlay = d.u24(o + 1);
  d.s('overlay ');
  d.n(overlay);
  d.s(', ');
  const instance = d.u24(o + 4);
  d.s('instance ');
  d.n(instance);
  d.c(0x0a);
  d.need(o + 7, 1);
  d.prefixes.covers(o, o + HEADER);
  ether(d, o + HEADER, length - HEADER, d.left(o + HEADER));
}
