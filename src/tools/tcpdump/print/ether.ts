/** Ethernet II, 802.1Q tags, 802.3 (print-ether.c). Ethertype → printer is here and nowhere else. */
import {arp} from './arp.js';
import type {Dissector} from './dissector.js';
import {defaultDump} from './dump.js';
import {eapol} from './eap.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';
import {llc} from './llc.js';
import {lldp} from './lldp.js';
import {loopbackTest} from './loopback.js';
import {mpls} from './mpls.js';
import {etherTypeNames, hex4} from './names.js';
import {nsh} from './nsh.js';
import {ppp} from './ppp.js';
import {pppoe} from './pppoe.js';
import {ptp} from './ptp.js';
import {slow} from './slow.js';

const HEADER = 14;
const MAX_LENGTH_FIELD = 1500;
const JUMBO = 0x8870;

/** Where the addresses of the frame around a payload are: `source` and `destination`, or -1 for none. */
export interface Link {
  readonly source: number;
  readonly destination: number;
}
export const NO_LINK: Link = {source: -1, destination: -1};

type EtherTypePrinter = (d: Dissector, o: number, length: number, caplen: number, link: Link) => void;

const printers: ReadonlyMap<number, EtherTypePrinter> = new Map<number, EtherTypePrinter>([
  [0x0800, ip],
  [0x86dd, ip6],
  [0x0806, arp],
  [0x8035, arp],
  [0x8847, mpls],
  [0x8848, mpls],
  [0x894f, nsh],
  [0x8863, pppoe],
  [0x8864, pppoe],
  [0x3c12, pppoe],
  [0x3c13, pppoe],
  [0x880b, pppFrame],
  [0x888e, eapol],
  [0x8809, slow],
  [0x88cc, lldp],
  [0x88f7, ptp],
  [0x9000, loopbackTest],
]);

function pppFrame(d: Dissector, o: number, length: number): void {
  if (length === 0) return;
  d.s(': ');
  ppp(d, o, length);
}

function isTag(type: number): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100 || type === 0x9200;
}

/** `ethertype IPv4 (0x0800)`, or with -q `IPv4`. */
export function etherType(d: Dissector, type: number): void {
  const name = etherTypeNames[type];
  if (d.q > 0) return d.s(name ?? `Unknown Ethertype (${hex4(type)})`);
  d.s('ethertype ');
  d.s(name ?? 'Unknown');
  d.s(' (0x');
  d.hex(type, 4);
  d.c(0x29);
}

function addresses(d: Dissector, o: number): void {
  d.need(o, 12);
  d.mac(o + 6);
  d.s(' > ');
  d.mac(o);
  d.s(', ');
}

/** `vlan 10, p 5, DEI` */
export function tagControl(d: Dissector, tag: number): void {
  d.s('vlan ');
  d.n(tag & 0xfff);
  d.s(', p ');
  d.n(tag >> 13);
  if (tag & 0x1000) d.s(', DEI');
}

/** A frame of `length` bytes on the wire, `caplen` of them captured. Returns the header's length. */
export function ether(d: Dissector, o: number, wireLength: number, captured: number): number {
  d.protocol = 'ether';
  if (wireLength < captured) {
    d.s(`[length ${wireLength} < caplen ${captured}]`);
    d.invalid();
    return wireLength;
  }
  if (captured < HEADER) {
    d.trunc();
    return captured;
  }
  if (d.e) addresses(d, o);
  let p = o + HEADER;
  let length = wireLength - HEADER;
  let caplen = captured - HEADER;
  let type = d.u16(o + 12);
  let printedLength = false;
  while (isTag(type)) {
    if (caplen < 4 || length < 4) {
      d.protocol = 'vlan';
      d.trunc();
      return p - o + (caplen < 4 ? caplen : length);
    }
    if (d.e) {
      const tag = d.u16(p);
      etherType(d, type);
      lengthOf(d, wireLength, printedLength);
      printedLength = true;
      tagControl(d, tag);
      d.s(', ');
    }
    type = d.u16(p + 2);
    p += 4;
    length -= 4;
    caplen -= 4;
  }
  const link = {source: o + 6, destination: o};
  if (type <= MAX_LENGTH_FIELD) {
    if (type < length) {
      length = type;
      caplen = Math.min(caplen, length);
    }
    d.push(p, length);
    if (d.e) {
      d.s('802.3');
      if (!printedLength) lengthOf(d, length, false);
    }
    p += logicalLink(d, p, length, caplen, link);
    d.pop();
  } else if (type === JUMBO) p += logicalLink(d, p, length, caplen, link);
  else {
    if (d.e) {
      etherType(d, type);
      lengthOf(d, wireLength, printedLength);
    } else {
      d.prefixes.ignore(o, 12);
      d.prefixes.covers(o, p);
    }
    if (!byEtherType(d, type, p, length, caplen, link)) {
      if (!d.e) {
        addresses(d, o);
        etherType(d, type);
        lengthOf(d, wireLength, false);
      }
      defaultDump(d, p, caplen);
    }
  }
  return p - o;
}

/** `, length N: ` once, then `, `. */
function lengthOf(d: Dissector, length: number, printed: boolean): void {
  if (printed) return d.s(', ');
  d.s(', length ');
  d.n(length);
  d.s(': ');
}

/** 802.2: returns its header's length; what it cannot print is dumped. */
function logicalLink(d: Dissector, o: number, length: number, caplen: number, link: Link): number {
  const header = llc(d, o, length, caplen, link);
  if (header >= 0) return header;
  defaultDump(d, o, caplen);
  return -header;
}

/** The payload of an ethertype; false when there is no printer for it. */
export function byEtherType(
  d: Dissector,
  type: number,
  o: number,
  length: number,
  caplen: number,
  link: Link,
): boolean {
  const print = printers.get(type);
  if (print === undefined) return false;
  print(d, o, length, caplen, link);
  return true;
}
