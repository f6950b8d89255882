/** Link types: which printer a capture's frames start with (print-sll.c, print-null.c, print-raw.c, print-unsupported.c). */
import {chdlc} from './chdlc.js';
import type {Dissector} from './dissector.js';
import {defaultDump, hexAsciiDump} from './dump.js';
import {byEtherType, ether, NO_LINK, tagControl} from './ether.js';
import {ip, ipAny} from './ip.js';
import {ip6} from './ip6.js';
import {llc} from './llc.js';
import {bsdFamilies, etherTypeNames, hex4, type Names} from './names.js';
import {pppHdlcLink, pppLink} from './ppp.js';
import {pppoe} from './pppoe.js';

const SLL = 16;
const SLL2 = 20;

const packetTypes: Names = {0: 'In', 1: 'B', 2: 'M', 3: 'P', 4: 'Out'};

/** Prints a frame whose wire length is `length`, captured are `[o, o + caplen)`. */
export type LinkPrinter = (d: Dissector, o: number, length: number, caplen: number) => void;

/** By link-layer header type as captures number them (LINKTYPE_). */
const linkPrinters: Readonly<Record<number, LinkPrinter>> = {
  0: loopback,
  1: (d, o, length, caplen) => {
    d.linkHeader += ether(d, o, length, caplen);
  },
  9: pppLink,
  12: raw,
  50: (d, o, length, caplen) => pppHdlcLink(d, o, length, caplen, ciscoHdlc),
  51: (d, o, length) => {
    d.linkHeader += pppoe(d, o, length);
  },
  101: raw,
  104: ciscoHdlc,
  108: loopback,
  113: cooked,
  228: raw,
  229: raw,
  276: cooked2,
};

/** The printer of a link type; an unknown one is dumped. */
export function linkPrinter(linkType: number): LinkPrinter {
  return linkPrinters[linkType] ?? unsupported;
}

function unsupported(d: Dissector, o: number, _length: number, caplen: number): void {
  d.protocol = 'unsupported';
  d.s('UNSUPPORTED');
  hexAsciiDump(d, '\n\t', o, caplen);
}

function ciscoHdlc(d: Dissector, o: number, length: number): void {
  d.linkHeader += chdlc(d, o, length);
}

function raw(d: Dissector, o: number, length: number): void {
  d.protocol = 'raw';
  if (d.e) d.s('ip: ');
  ipAny(d, o, length);
}

/** BSD loopback: address family in the byte order of whoever captured. */
function loopback(d: Dissector, o: number, length: number, caplen: number): void {
  d.protocol = 'null';
  d.need(o, 4);
  d.linkHeader += 4;
  let family = d.le32(o);
  if (family > 0xffff) family = d.u32(o);
  const header = () => {
    const name = bsdFamilies[family];
    d.s(d.q > 0 ? (name ?? `Unknown AF ${family}`) : `AF ${name ?? 'Unknown'} (${family})`);
    d.s(`, length ${length}: `);
  };
  if (d.e) header();
  if (family === 2) return ip(d, o + 4, length - 4);
  if (family === 24 || family === 28 || family === 30) return ip6(d, o + 4, length - 4);
  if (!d.e) header();
  defaultDump(d, o + 4, caplen - 4);
}

/**
 * Linux cooked v1: packet type(2) hardware type(2) address length(2) address(8) protocol(2).
 * With -e its header is printed, otherwise only for payloads that nobody prints.
 */
function cooked(d: Dissector, o: number, length: number, caplen: number): void {
  d.protocol = 'sll';
  d.need(o, SLL);
  const protocol = d.u16(o + 14);
  const header = (n: number) => {
    d.protocol = 'sll';
    d.s(`${(packetTypes[d.u16(o)] ?? '?').padStart(3)} `);
    cookedTail(d, protocol, n, d.u16(o + 4), o + 6);
  };
  if (d.e) header(length);
  cookedPayload(d, o + SLL, length - SLL, caplen - SLL, protocol, SLL, header);
}

/**
 * Linux cooked v2: protocol(2) reserved(2) ifindex(4) hardware type(2) packet type(1) address length(1) address(8).
 * Device and direction are printed always.
 */
function cooked2(d: Dissector, o: number, length: number, caplen: number): void {
  d.protocol = 'sll2';
  d.need(o, SLL2);
  const protocol = d.u16(o);
  const ifindex = d.u32(o + 4);
  d.s(`${(d.names.device(ifindex) ?? '?').padEnd(5)} ${(packetTypes[d.u8(o + 10)] ?? '?').padEnd(3)} `);
  const header = (n: number) => {
    d.protocol = 'sll2';
    d.s(`ifindex ${ifindex} `);
    cookedTail(d, protocol, n, d.u8(o + 11), o + 12);
  };
  if (d.e) header(length);
  cookedPayload(d, o + SLL2, length - SLL2, caplen - SLL2, protocol, SLL2, header);
}

function cookedTail(d: Dissector, protocol: number, length: number, addressLength: number, address: number): void {
  if (addressLength === 6) {
    d.mac(address);
    d.c(0x20);
  }
  if (d.q > 0) return;
  if (protocol === 1) d.s('802.3');
  else if (protocol === 4) d.s('802.2');
  else if (protocol <= 1500) d.s(`ethertype Unknown (${hex4(protocol)})`);
  else d.s(`ethertype ${etherTypeNames[protocol] ?? 'Unknown'} (${hex4(protocol)})`);
  d.s(`, length ${length}: `);
}

function cookedPayload(
  d: Dissector,
  start: number,
  wireLength: number,
  captured: number,
  protocol: number,
  headerLength: number,
  header: (length: number) => void,
): void {
  let o = start;
  let length = wireLength;
  let caplen = captured;
  let type = protocol;
  let consumed = headerLength;
  while (type === 0x8100) {
    if (caplen < 4) {
      d.protocol = 'vlan';
      d.trunc();
      d.linkHeader += consumed + caplen;
      return;
    }
    if (d.e) {
      tagControl(d, d.u16(o));
      d.s(', ');
    }
    type = d.u16(o + 2);
    if (type <= 1500) type = 4;
    if (d.q === 0) d.s(`ethertype ${etherTypeNames[type] ?? 'Unknown'}, `);
    o += 4;
    length -= 4;
    caplen -= 4;
    consumed += 4;
  }
  if (type <= 1500) {
    const used = type === 4 ? llc(d, o, length, caplen, NO_LINK) : -1;
    if (used < 0) defaultDump(d, o, caplen);
    else consumed += used;
  } else if (!byEtherType(d, type, o, length, caplen, NO_LINK)) {
    if (!d.e) header(length + headerLength);
    defaultDump(d, o, caplen);
  }
  d.linkHeader += consumed;
}
