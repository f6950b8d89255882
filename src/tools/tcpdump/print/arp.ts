/** ARP, RARP, inverse ARP: RFC 826, RFC 903, RFC 2390 (print-arp.c). */
import type {Dissector} from './dissector.js';
import {hexAsciiDump} from './dump.js';
import {etherTypeNames, hex4, type Names} from './names.js';

const HEADER = 8;
const FRAME_RELAY = 15;
const ATM = 19;

const operations: Names = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  8: 'Inverse Request',
  9: 'Inverse Reply',
  10: 'NACK Reply',
};

const hardware: Names = {
  1: 'Ethernet',
  6: 'TokenRing',
  7: 'ArcNet',
  15: 'FrameRelay',
  19: 'ATM',
  23: 'Strip',
  24: 'IEEE 1394',
  32: 'InfiniBand',
};

export function arp(d: Dissector, o: number, length: number, caplen: number): void {
  d.protocol = 'arp';
  d.need(o, HEADER);
  const hardwareType = d.u16(o);
  const protocol = d.u16(o + 2);
  const hardwareLength = d.u8(o + 4);
  const protocolLength = d.u8(o + 5);
  const operation = d.u16(o + 6);
  if (hardwareType === ATM) return atmArp(d, o, length, caplen);
  const sha = o + HEADER;
  const spa = sha + hardwareLength;
  const tha = spa + protocolLength;
  const tpa = tha + hardwareLength;
  d.need(tpa, protocolLength);
  if (!d.e) d.s('ARP, ');
  const isIp = protocol === 0x0800 || protocol === 0x1000;
  if (!isIp || protocolLength !== 4 || hardwareLength === 0 || d.v > 0) {
    d.s(
      `${hardware[hardwareType] ?? `Unknown Hardware (${hardwareType})`} (len ${hardwareLength}), ` +
        `${etherTypeNames[protocol] ?? `Unknown Protocol (${hex4(protocol)})`} (len ${protocolLength})`,
    );
    if (d.v === 0) return lengthOf(d, length);
  }
  const link = (at: number) => linkAddress(d, at, hardwareLength, hardwareType);
  const address = (at: number) => {
    if (!isIp) d.s('<wrong proto type>');
    else if (protocolLength !== 4) d.s('<wrong len>');
    else d.ip4(at);
  };
  if (d.v > 0) d.s(', ');
  d.s(operations[operation] ?? `Unknown (${operation})`);
  d.c(0x20);
  switch (operation) {
    case 1:
      d.s('who-has ');
      address(tpa);
      if (nonZero(d, tha, hardwareLength)) {
        d.s(' (');
        link(tha);
        d.c(0x29);
      }
      d.s(' tell ');
      address(spa);
      break;
    case 2:
      address(spa);
      d.s(' is-at ');
      link(sha);
      break;
    case 3:
    case 8:
      d.s('who-is ');
      link(tha);
      d.s(' tell ');
      link(sha);
      break;
    case 4:
      link(tha);
      d.s(' at ');
      address(tpa);
      break;
    case 9:
      link(sha);
      d.s(' at ');
      address(spa);
      break;
    default:
      return hexAsciiDump(d, '\n\t', o, caplen);
  }
  lengthOf(d, length);
}

function lengthOf(d: Dissector, length: number): void {
  d.s(', length ');
  d.n(length);
}

function nonZero(d: Dissector, o: number, n: number): boolean {
  for (let i = 0; i < n; i++) if (d.u8(o + i) !== 0) return true;
  return false;
}

/** A hardware address of any length; six octets as a MAC address, frame relay as its DLCI. */
function linkAddress(d: Dissector, o: number, n: number, hardwareType: number): void {
  d.need(o, n);
  if (n === 0) d.s('<empty>');
  else if (hardwareType === FRAME_RELAY) frameRelayAddress(d, o, n);
  else if (n === 6) d.mac(o);
  else d.colons(o, n);
}

/** Q.922 address of 2 to 4 octets, the extension bit (0x01) set in the last. */
function frameRelayAddress(d: Dissector, o: number, n: number): void {
  const dlci = q922Dlci(d.b, o, n);
  d.s(typeof dlci === 'string' ? dlci : `DLCI ${dlci}`);
}

function q922Dlci(b: Uint8Array, o: number, n: number): number | string {
  if ((b[o]! & 1) !== 0) return '<Invalid DLCI>';
  if (n < 2) return '<Truncated>';
  let dlci = ((b[o]! & 0xfc) << 2) | ((b[o + 1]! & 0xf0) >> 4);
  if ((b[o + 1]! & 1) !== 0) return dlci;
  let i = 2;
  if (i >= n) return '<Truncated>';
  if ((b[o + i]! & 1) === 0) dlci = ((dlci << 7) | (b[o + i++]! >> 1)) >>> 0;
  if (i >= n) return '<Truncated>';
  if ((b[o + i]! & 1) === 0) return '<Invalid DLCI>';
  return ((dlci << 6) | (b[o + i]! >> 2)) >>> 0;
}

/**
 * ATM ARP, RFC 2225 §8: type/length octets for number and subaddress of both ends.
 *
 *   hrd(2) pro(2) shtl sstl op(2) spln thtl tstl tpln  sha ssa spa tha tsa tpa
 */
function atmArp(d: Dissector, o: number, length: number, caplen: number): void {
  d.need(o, 12);
  const protocol = d.u16(o + 2);
  const operation = d.u16(o + 6);
  const [shl, ssl, spl] = [d.u8(o + 4) & 0x3f, d.u8(o + 5) & 0x3f, d.u8(o + 8)];
  const [thl, tsl, tpl] = [d.u8(o + 9) & 0x3f, d.u8(o + 10) & 0x3f, d.u8(o + 11)];
  const sha = o + 12;
  const ssa = sha + shl;
  const spa = ssa + ssl;
  const tha = spa + spl;
  const tsa = tha + thl;
  const tpa = tsa + tsl;
  d.need(tpa, tpl);
  if (!d.e) d.s('ARP, ');
  const isIp = protocol === 0x0800 || protocol === 0x1000;
  if (!isIp || spl !== 4 || tpl !== 4 || d.v > 0) {
    d.s(`ATM, ${etherTypeNames[protocol] ?? `Unknown Protocol (${hex4(protocol)})`} (len ${spl}/${tpl})`);
    if (d.v === 0) return lengthOf(d, length);
  }
  const address = (at: number, n: number, side: string) => {
    if (!isIp) d.s('<wrong proto type>');
    else if (n !== 4) d.s(`<wrong ${side}len>`);
    else d.ip4(at);
  };
  const number = (at: number, n: number, sub: number, subLength: number) => {
    if (n === 0) return d.s('<No address>');
    d.need(at, n);
    d.colons(at, n);
    if (subLength === 0) return;
    d.need(sub, subLength);
    d.c(0x2c);
    d.colons(sub, subLength);
  };
  if (d.v > 0) d.s(', ');
  d.s(operations[operation] ?? `Unknown (${operation})`);
  d.c(0x20);
  switch (operation) {
    case 1:
      d.s('who-has ');
      address(tpa, tpl, 'tp');
      if (thl !== 0) {
        d.s(' (');
        number(tha, thl, tsa, tsl);
        d.c(0x29);
      }
      d.s(' tell ');
      address(spa, spl, 'sp');
      break;
    case 2:
      address(spa, spl, 'sp');
      d.s(' is-at ');
      number(sha, shl, ssa, ssl);
      break;
    case 8:
      d.s('who-is ');
      number(tha, thl, tsa, tsl);
      d.s(' tell ');
      number(sha, shl, ssa, ssl);
      break;
    case 9:
      number(sha, shl, ssa, ssl);
      d.s('at ');
      address(spa, spl, 'sp');
      break;
    case 10:
      d.s('for ');
      address(spa, spl, 'sp');
      break;
    default:
      return hexAsciiDump(d, '\n\t', o, caplen);
  }
  lengthOf(d, length);
}
