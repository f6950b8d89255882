/** UDP, RFC 768 (print-udp.c). */
import {get16} from '../../../wire/bytes.js';
import type {Dissector} from './dissector.js';
import {pseudo4, shouldBe} from './ip.js';
import {pseudo6} from './ip6.js';
import {forcedUdp, isDullSource, udpPayload} from './ports.js';
import {literal} from './text-buffer.js';

const HEADER = 8;
const PROTOCOL = 17;
const TO = literal(' > ');
const COLON = literal(': ');
const LENGTH = literal('UDP, length ');

/** `A.port > B.port: `; without ports (`sport` -1) where they are cut off, only ports where addresses are printed already. */
function endpoints(d: Dissector, o: number, ipAt: number, v6: boolean, sport: number, dport: number): void {
  const printAddresses = (v6 ? d.u8(ipAt + 6) : d.u8(ipAt + 9)) === PROTOCOL;
  if (!printAddresses && sport < 0) return;
  const from = end(d, printAddresses ? ipAt + (v6 ? 8 : 12) : -1, v6, sport);
  if (d.numeric && d.options.vxlanPorts === undefined) d.prefixes.port(d, o, from, isDullSource);
  d.t(TO);
  end(d, printAddresses ? ipAt + (v6 ? 24 : 16) : -1, v6, dport);
  d.t(COLON);
}

/** Where in the text the port is. */
function end(d: Dissector, address: number, v6: boolean, port: number): number {
  if (address >= 0) {
    if (v6) d.address6(address);
    else d.address4(address);
    if (port < 0) return d.mark();
    d.c(0x2e);
  }
  const from = d.mark();
  d.udpPort(port);
  return from;
}

/** A datagram of `length` bytes by its IP header, which is at `ipAt`. */
export function udp(d: Dissector, o: number, length: number, ipAt: number, fragmented: boolean): void {
  d.protocol = 'udp';
  const version = d.u8(ipAt) >> 4;
  const v6 = version === 6;
  if (!d.has(o + 2, 2)) {
    endpoints(d, o, ipAt, v6, -1, -1);
    return d.trunc();
  }
  const {b} = d;
  const sport = get16(b, o);
  const dport = get16(b, o + 2);
  endpoints(d, o, ipAt, v6, sport, dport);
  if (length < HEADER) return d.s(`truncated-udp ${length}`);
  if (!d.has(o + 4, 2)) return d.trunc();
  let stated = get16(b, o + 4);
  if (stated === 0 && length > 65535) stated = length;
  if (stated < HEADER) return d.s(`truncated-udplength ${stated}`);
  stated -= HEADER;
  const payload = Math.min(length - HEADER, stated);
  const at = o + HEADER;
  if (at > d.end) return d.trunc();
  if (d.options.packetType !== undefined) return forcedUdp(d, at, payload);
  if (d.v > 0 && !d.options.noChecksums && !fragmented && (v6 || (version === 4 && d.v > 1))) {
    if (v6) checksum6(d, o, payload + HEADER, ipAt);
    else checksum4(d, o, payload + HEADER, ipAt);
  } else d.prefixes.ignore(o + 6, 2);
  d.prefixes.counts(o + 4, o);
  d.prefixes.covers(o, at);
  if (d.q === 0 && udpPayload(d, at, payload, sport, dport, ipAt)) return;
  if (stated > payload && !fragmented) return d.s(`UDP, bad length ${stated} > ${payload}`);
  d.t(LENGTH);
  d.n(stated);
}

function checksum4(d: Dissector, o: number, length: number, ipAt: number): void {
  const field = d.u16(o + 6);
  if (field === 0) return d.s('[no cksum] ');
  if (d.has(o, length)) sumText(d, field, d.sum(o, length, pseudo4(d, ipAt, PROTOCOL, length)));
}

function checksum6(d: Dissector, o: number, length: number, ipAt: number): void {
  if (d.has(o, length)) sumText(d, d.u16(o + 6), d.sum(o, length, pseudo6(d, ipAt, PROTOCOL, length)));
}

function sumText(d: Dissector, field: number, sum: number): void {
  d.prefixes.cancel();
  if (sum === 0) return d.s('[udp sum ok] ');
  d.s('[bad udp cksum 0x');
  d.hex(field, 4);
  d.s(' -> 0x');
  d.hex(shouldBe(field, sum), 4);
  d.s('!] ');
}
