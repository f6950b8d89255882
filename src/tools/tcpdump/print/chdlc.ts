/** Cisco HDLC and its serial line address resolution (print-chdlc.c). */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, padHex} from './fields.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';
import {mpls} from './mpls.js';
import {etherTypeNames, hex2, hex4} from './names.js';

const HEADER = 4;
const SLARP = 0x8035;
const SLARP_MIN = 14;
const SLARP_MAX = 18;

/** Returns the header's length. */
export function chdlc(d: Dissector, o: number, wireLength: number): number {
  d.protocol = 'chdlc';
  if (wireLength < HEADER) {
    d.trunc();
    return d.left(o);
  }
  const protocol = d.u16(o + 2);
  if (d.e) {
    const cast = d.u8(o);
    d.s(`${cast === 0x0f ? 'unicast' : cast === 0x8f ? 'bcast' : hex2(cast)}, `);
    d.s(`ethertype ${etherTypeNames[protocol] ?? 'Unknown'} (${hex4(protocol)}), length ${wireLength}: `);
  }
  const at = o + HEADER;
  const length = wireLength - HEADER;
  if (protocol === 0x0800) ip(d, at, length);
  else if (protocol === 0x86dd) ip6(d, at, length);
  else if (protocol === 0x8847 || protocol === 0x8848) mpls(d, at, length);
  else if (protocol === SLARP) slarp(d, at, length);
  else if (!d.e) d.s(`unknown CHDLC protocol (${hex4(protocol)})`);
  return HEADER;
}

function slarp(d: Dissector, o: number, length: number): void {
  d.protocol = 'chdlc_slarp';
  d.s(`SLARP (length: ${length}), `);
  if (length < SLARP_MIN || !d.has(o, SLARP_MIN)) return d.trunc();
  const code = d.u32(o);
  if (code === 0) d.s('request');
  else if (code === 1) d.s(`reply ${ip4Text(d, o + 4)}/${ip4Text(d, o + 8)}`);
  else if (code === 2) keepalive(d, o, length);
  else {
    d.s(`${hex2(code)} unknown`);
    if (d.v <= 1) unknownData(d, '\n\t', o + 4, length - 4);
  }
  if (length > SLARP_MAX && d.v > 0) d.s(`, (trailing junk: ${length - SLARP_MAX} bytes)`);
  const read = code === 2 && length >= SLARP_MAX ? SLARP_MIN : 0;
  if (d.v > 1) unknownData(d, '\n\t', o + read + 4, length - 4);
}

function keepalive(d: Dissector, o: number, length: number): void {
  d.s(`keepalive: mineseen=0x${padHex(d.u32(o + 4), 8)}, yourseen=0x${padHex(d.u32(o + 8), 8)}, `);
  d.s(`reliability=${hex4(d.u16(o + 12))}`);
  if (length < SLARP_MAX) return;
  const seconds = Math.floor(d.u32(o + SLARP_MIN) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  d.s(`, link uptime=${Math.floor(hours / 24)}d${hours % 24}h${minutes % 60}m${seconds % 60}s`);
}
