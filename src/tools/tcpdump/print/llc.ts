/** IEEE 802.2 and SNAP (print-llc.c). */

import {cdp} from './cdp.js';
import type {Dissector} from './dissector.js';
import {dtp} from './dtp.js';
import {hexAsciiDump} from './dump.js';
import {byEtherType, ether, type Link} from './ether.js';
import {ip} from './ip.js';
import {etherTypeNames, hex2, hex4, type Names, ouiNames} from './names.js';
import {stp} from './stp.js';
import {udld} from './udld.js';
import {vtp} from './vtp.js';

const SNAP = 0xaa;
const IP = 0x06;
const STP = 0x42;
const UI = 0x03;
const POLL = 0x10;
const IS_POLL = 0x100;

const saps: Names = Object.fromEntries([
  [0x00, 'Null'],
  [0x02, '802.1B I'],
  [0x03, '802.1B G'],
  [0x04, 'SNA'],
  [0x06, 'IP'],
  [0x0e, 'ProWay NM'],
  [0x42, 'STP'],
  [0x4e, 'RS511'],
  [0x7e, 'ISO8208'],
  [0x8e, 'ProWay'],
  [0xaa, 'SNAP'],
  [0xe0, 'IPX'],
  [0xf0, 'NetBeui'],
  [0xfe, 'OSI'],
  [0xff, 'Global'],
]);
const commands: Names = Object.fromEntries([
  [0x03, 'ui'],
  [0x0f, 'dm'],
  [0x43, 'disc'],
  [0x63, 'ua'],
  [0x6f, 'sabme'],
  [0x87, 'frmr'],
  [0xaf, 'xid'],
  [0xe3, 'test'],
]);
const flagNames: Names = {
  0: 'Command',
  1: 'Response',
  [POLL]: 'Poll',
  [POLL | 1]: 'Final',
  [IS_POLL]: 'Poll',
  [IS_POLL | 1]: 'Final',
};
const supervisory = ['Receiver Ready', 'Receiver not Ready', 'Reject', '?'] as const;

const ciscoTypes: Names = Object.fromEntries([
  [0x010b, 'PVST'],
  [0x010c, 'VLAN Bridge'],
  [0x0111, 'UDLD'],
  [0x2000, 'CDP'],
  [0x2003, 'VTP'],
  [0x2004, 'DTP'],
]);
const ciscoPrinters: Readonly<Record<number, (d: Dissector, o: number, length: number) => void>> = Object.fromEntries([
  [0x010b, stp],
  [0x010c, stp],
  [0x0111, udld],
  [0x2000, cdp],
  [0x2003, vtp],
  [0x2004, dtp],
]);
const bridgedTypes: Names = {
  1: 'Ethernet + FCS',
  2: '802.4 + FCS',
  3: 'Token Ring + FCS',
  4: 'FDDI + FCS',
  5: '802.6 + FCS',
  7: 'Ethernet w/o FCS',
  8: '802.4 w/o FCS',
  9: 'Token Ring w/o FCS',
  10: 'FDDI w/o FCS',
  11: '802.6 w/o FCS',
  14: 'BPDU',
};
const typesByOui: Readonly<Record<number, Names>> = Object.fromEntries([
  [0x000000, etherTypeNames],
  [0x0000f8, etherTypeNames],
  [0x080007, etherTypeNames],
  [0x00000c, ciscoTypes],
  [0x0080c2, bridgedTypes],
]);

/** Returns the header's length; negative when the payload has no printer and is the caller's to dump. */
export function llc(d: Dissector, o: number, length: number, caplen: number, link: Link): number {
  d.protocol = 'llc';
  const short = shorter(3, length, caplen);
  if (short !== undefined) return cut(d, o, caplen, short);
  const dsapField = d.u8(o);
  const ssapField = d.u8(o + 1);
  let control = d.u8(o + 2);
  const unnumbered = (control & 3) === 3;
  let header = 3;
  if (!unnumbered) {
    const short4 = shorter(4, length, caplen);
    if (short4 !== undefined) return cut(d, o, caplen, short4);
    control = d.le16(o + 2);
    header = 4;
  }
  const dsap = dsapField & 0xfe;
  const ssap = ssapField & 0xfe;
  if (d.e) {
    d.s(`LLC, dsap ${saps[dsap] ?? 'Unknown'} (${hex2(dsap)}) ${(dsapField & 1) !== 0 ? 'Group' : 'Individual'}`);
    d.s(`, ssap ${saps[ssap] ?? 'Unknown'} (${hex2(ssap)}) ${flagNames[ssapField & 1]!}`);
    d.s(`, ctrl ${unnumbered ? hex2(control) : hex4(control)}: `);
  }
  const at = o + header;
  const left = length - header;
  const captured = caplen - header;
  if (ssap === SNAP && dsap === SNAP && control === UI) {
    return snap(d, at, left, captured, link, 2) ? header + 5 : -(header + 5);
  }
  if (ssap === STP && dsap === STP && control === UI) {
    stp(d, at, left);
    return header;
  }
  if (ssap === IP && dsap === IP && control === UI) {
    ip(d, at, left);
    return header;
  }
  if (!d.e) accessPoints(d, dsap, ssap, link);
  if (unnumbered) return unnumberedFrame(d, at, left, captured, control, ssapField, header);
  const flags = flagNames[(ssapField & 1) | (control & IS_POLL)]!;
  const received = (control >> 9) & 0x7f;
  if ((control & 1) === 1) {
    d.s(`Supervisory, ${supervisory[(control >> 2) & 3]!}, rcv seq ${received}, Flags [${flags}], length ${length}`);
    return header;
  }
  d.s(`Information, send seq ${(control >> 1) & 0x7f}, rcv seq ${received}, Flags [${flags}], length ${length}`);
  return -header;
}

function shorter(n: number, length: number, caplen: number): number | undefined {
  return caplen < n ? caplen : length < n ? length : undefined;
}

function cut(d: Dissector, o: number, caplen: number, header: number): number {
  d.trunc();
  hexAsciiDump(d, '\n\t', o, caplen);
  return header;
}

/** Who talks to whom: addresses of the frame, where there are some, and service access points. */
function accessPoints(d: Dissector, dsap: number, ssap: number, link: Link): void {
  const known = link.source >= 0;
  const to = saps[dsap] ?? `Unknown DSAP ${hex2(dsap)}`;
  const from = saps[ssap] ?? `Unknown SSAP ${hex2(ssap)}`;
  if (known) {
    d.mac(link.source);
    d.s(ssap === dsap ? ' > ' : ` ${from} > `);
    d.mac(link.destination);
    d.s(` ${to} `);
  } else d.s(ssap === dsap ? `${to} ` : `${from} > ${to} `);
}

function unnumberedFrame(
  d: Dissector,
  o: number,
  length: number,
  caplen: number,
  control: number,
  ssapField: number,
  header: number,
): number {
  const command = control & 0xef;
  d.s(`Unnumbered, ${commands[command] ?? command.toString(16).padStart(2, '0')}, `);
  d.s(`Flags [${flagNames[(ssapField & 1) | (control & POLL)]!}], length ${length + header}`);
  if (command !== 0xaf) return -header;
  if (length === 0) return header;
  if (caplen < 1) {
    d.trunc();
    return header;
  }
  if (d.u8(o) !== 0x81) return -header;
  if (caplen < 3 || length < 3) {
    d.trunc();
    hexAsciiDump(d, '\n\t', o, caplen);
  } else {
    d.s(': ');
    d.hex(d.u8(o + 1), 2);
    d.c(0x20);
    d.hex(d.u8(o + 2), 2);
  }
  return header;
}

/** SNAP: 3 octets of OUI, 2 of protocol. `pad` = octets in front of a bridged frame. False when nothing could print the payload. */
export function snap(d: Dissector, o: number, length: number, caplen: number, link: Link, pad: number): boolean {
  d.protocol = 'snap';
  if (!d.has(o, 5) || caplen < 5 || length < 5) {
    d.trunc();
    return true;
  }
  const oui = d.u24(o);
  const type = d.u16(o + 3);
  const left = length - 5;
  if (d.e) {
    d.s(`oui ${ouiNames[oui] ?? 'Unknown'} (0x${oui.toString(16).padStart(6, '0')}), `);
    d.s(`${oui === 0 ? 'ethertype' : 'pid'} ${typesByOui[oui]?.[type] ?? 'Unknown'} (${hex4(type)}), length ${left}: `);
  }
  const at = o + 5;
  if (oui === 0 || oui === 0xf8 || (oui === 0x080007 && type === 0x809b)) {
    if (byEtherType(d, type, at, left, caplen - 5, link)) return true;
  } else if (oui === 0x0080c2 && (type === 1 || type === 7)) {
    if (!d.has(at, pad)) d.trunc();
    else ether(d, at + pad, left - pad, caplen - 5 - pad);
    return true;
  }
  const print = oui === 0x00000c ? ciscoPrinters[type] : oui === 0x0080c2 && type === 14 ? stp : undefined;
  if (print !== undefined) {
    print(d, at, left);
    return true;
  }
  if (!d.e) unknownSnap(d, oui, type, left, link);
  return false;
}

function unknownSnap(d: Dissector, oui: number, type: number, length: number, link: Link): void {
  if (link.source >= 0) {
    d.mac(link.source);
    d.s(' > ');
    d.mac(link.destination);
    d.c(0x20);
  }
  if (oui === 0) d.s(`SNAP, ethertype ${etherTypeNames[type] ?? 'Unknown'} (${hex4(type)}), length ${length}: `);
  else {
    d.s(`SNAP, oui ${ouiNames[oui] ?? 'Unknown'} (0x${oui.toString(16).padStart(6, '0')}), `);
    d.s(`pid ${typesByOui[oui]?.[type] ?? 'Unknown'} (${hex4(type)}), length ${length}: `);
  }
}
