/** Pseudowires as forwarding classes of LDP, RFC 4447, RFC 5085 (print-ldp.c). */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {characters} from './fields.js';
import {holds} from './ldp.js';
import {bitNames, hex2, type Names} from './names.js';

const wires: Names = {
  0: 'Reserved',
  1: 'Frame Relay DLCI (Martini Mode)',
  2: 'ATM AAL5 SDU VCC transport',
  3: 'ATM transparent cell transport',
  4: 'Ethernet VLAN',
  5: 'Ethernet',
  6: 'Cisco-HDLC',
  7: 'PPP',
  8: 'SONET/SDH Circuit Emulation Service over MPLS',
  9: 'ATM n-to-one VCC cell transport',
  10: 'ATM n-to-one VPC cell transport',
  11: 'IP Layer2 Transport',
  12: 'ATM one-to-one VCC Cell Mode',
  13: 'ATM one-to-one VPC Cell Mode',
  14: 'ATM AAL5 PDU VCC transport',
  15: 'Frame-Relay Port mode',
  16: 'SONET/SDH Circuit Emulation over Packet',
  17: 'Structure-agnostic E1 over Packet',
  18: 'Structure-agnostic T1 (DS1) over Packet',
  19: 'Structure-agnostic E3 over Packet',
  20: 'Structure-agnostic T3 (DS3) over Packet',
  21: 'CESoPSN basic mode',
  22: 'TDMoIP basic mode',
  23: 'CESoPSN TDM with CAS',
  24: 'TDMoIP TDM with CAS',
  25: 'Frame Relay DLCI',
  64: 'IP-interworking',
};
const parameters: Names = {1: 'MTU', 3: 'Description', 12: 'VCCV'};
const channels = [
  [1, 'PWE3 control word'],
  [2, 'MPLS Router Alert Label'],
  [4, 'MPLS inner label TTL = 1'],
] as const;
const verifications = [
  [1, 'ICMP Ping'],
  [2, 'LSP Ping'],
  [4, 'BFD'],
] as const;

/** control word(1 bit) type(15) information length(1) group(4) VC(4) parameters. */
export function martini(d: Dissector, o: number, n: number): void {
  if (!holds(d, n, 7)) return;
  const type = d.u16(o);
  const information = d.u8(o + 2);
  const begin = `: ${wires[type & 0x7fff] ?? 'Unknown'}, ${(type & 0x8000) !== 0 ? '' : 'no '}control word`;
  if (information === 0) return d.s(`${begin}, group-ID ${d.u32(o + 3)}, VC-info-length: 0`);
  if (!holds(d, n, 11)) return;
  d.s(`${begin}, group-ID ${d.u32(o + 3)}, VC-ID ${d.u32(o + 7)}, VC-info-length: ${information}`);
  if (information < 4) return d.s(' (invalid, < 4');
  if (!holds(d, n - 11, information - 4)) return;
  let at = o + 11;
  for (let left = information - 4; left > 2; ) {
    const size = d.u8(at + 1);
    if (size < 2 || left < size) return;
    parameter(d, at, size);
    at += size;
    left -= size;
  }
}

function parameter(d: Dissector, o: number, size: number): void {
  const type = d.u8(o);
  d.s(`\n\t\tInterface Parameter: ${parameters[type] ?? 'Unknown'} (${hex2(type)}), len ${size}`);
  if (type === 1) d.s(`: ${d.u16(o + 2)}`);
  else if (type === 3) {
    d.s(': ');
    characters(d, o + 2, size - 2);
  } else if (type === 12) {
    const control = d.u8(o + 2);
    d.s(`\n\t\t  Control Channels (${hex2(control)}) = [${bitNames(channels, control, ', ', 'none')}]`);
    const verified = d.u8(o + 3);
    d.s(`\n\t\t  CV Types (${hex2(verified)}) = [${bitNames(verifications, verified, ', ', 'none')}]`);
  } else unknownData(d, '\n\t\t  ', o + 2, size - 2);
}
