/**
 * BOOTP and DHCP, RFC 951, 2131 (print-bootp.c).
 *
 *   op(1) htype(1) hlen(1) hops(1) xid(4) secs(2) flags(2) ciaddr yiaddr siaddr giaddr (4 each) chaddr(16) sname(64) file(128)
 *   vendor area: DHCP options behind a magic cookie
 */
import {get32} from '../../../wire/bytes.js';
import {dhcpOptions} from './bootp-options.js';
import type {Dissector} from './dissector.js';
import {hex2} from './names.js';

const CHADDR = 28;
const SNAME = 44;
const FILE = 108;
const VENDOR = 236;
const COOKIE = 0x63825363;
const BROADCAST = 0x8000;
const addressNames = ['Client-IP', 'Your-IP', 'Server-IP', 'Gateway-IP'] as const;

export function bootp(d: Dissector, o: number, length: number): void {
  d.protocol = 'bootp';
  const op = d.u8(o);
  d.s('BOOTP/DHCP, ');
  d.s(op === 1 ? 'Request' : op === 2 ? 'Reply' : `unknown (${hex2(op)})`);
  const hardware = d.u8(o + 1);
  const size = d.u8(o + 2);
  const ethernet = hardware === 1 && size === 6;
  if (ethernet && op === 1) {
    d.need(o + CHADDR, 6);
    d.s(' from ');
    d.mac(o + CHADDR);
  }
  d.s(', length ');
  d.n(length);
  if (d.v === 0) return;
  d.need(o + 8, 2);
  if (hardware !== 1) d.s(`, htype ${hardware}`);
  if (!ethernet) d.s(`, hlen ${size}`);
  header(d, o);
  if (ethernet) {
    d.need(o + CHADDR, 6);
    d.s('\n\t  Client-Ethernet-Address ');
    d.mac(o + CHADDR);
  }
  if (!name(d, 'sname', o + SNAME, 64) || !name(d, 'file', o + FILE, 128)) return;
  const vendor = o + VENDOR;
  if (!d.has(vendor, 4)) return d.trunc();
  const magic = d.u32(vendor);
  if (magic === COOKIE) dhcpOptions(d, vendor);
  else if (magic !== 0) {
    d.s('\n\t  Vendor-#0x');
    d.x(magic);
  }
}

/** What is not zero of the fields from hops to giaddr. */
function header(d: Dissector, o: number): void {
  const hops = d.u8(o + 3);
  if (hops !== 0) d.s(`, hops ${hops}`);
  const transaction = d.u32(o + 4);
  if (transaction !== 0) d.s(`, xid 0x${transaction.toString(16)}`);
  const seconds = d.u16(o + 8);
  if (seconds !== 0) d.s(`, secs ${seconds}`);
  const flags = d.u16(o + 10);
  d.s((flags & BROADCAST) !== 0 ? ', Flags [Broadcast]' : ', Flags [none]');
  if (d.v > 1) {
    d.s(' (0x');
    d.hex(flags, 4);
    d.c(0x29);
  }
  for (const [i, label] of addressNames.entries()) {
    const at = o + 12 + 4 * i;
    d.need(at, 4);
    if (get32(d.b, at) === 0) continue;
    d.s(`\n\t  ${label} `);
    d.ip4(at);
  }
}

/** A text that ends at a zero octet; false when there is none among the `size` bytes or the captured ones. */
function name(d: Dissector, label: string, o: number, size: number): boolean {
  if (d.u8(o) === 0) return true;
  d.s(`\n\t  ${label} "`);
  const end = Math.min(o + size, d.end);
  let i = o;
  while (i < end && d.b[i] !== 0) d.safe(d.b[i++]!);
  d.c(0x22);
  if (i === end) d.trunc();
  return i < end;
}
