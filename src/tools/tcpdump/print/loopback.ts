/** Ethernet configuration testing protocol, ethertype 0x9000 (print-loopback.c). Little-endian. */
import type {Dissector} from './dissector.js';

export function loopbackTest(d: Dissector, o: number, length: number): void {
  d.protocol = 'loopback';
  d.s('Loopback');
  if (length < 2) return bad(d, o, length);
  const skip = d.le16(o);
  const left = length - 2;
  d.s(`, skipCount ${skip}`);
  if (skip % 8 !== 0) d.s(' (bogus)');
  if (skip > left) return bad(d, o + 2, left);
  d.need(o + 2, skip);
  message(d, o + 2 + skip, left - skip);
}

function message(d: Dissector, o: number, length: number): void {
  if (length < 2) return bad(d, o, length);
  const code = d.le16(o);
  const at = o + 2;
  const left = length - 2;
  d.s(`, ${code === 1 ? 'Reply' : code === 2 ? 'Forward Data' : ` invalid (${code})`}`);
  if (code === 1) {
    if (left < 2) return bad(d, at, left);
    d.s(`, receipt number ${d.le16(at)}`);
    d.s(`, data (${left - 2} octets)`);
    d.need(at + 2, left - 2);
  } else if (code === 2) {
    if (left < 6) return bad(d, at, left);
    d.need(at, 6);
    d.s(', forwarding address ');
    d.mac(at);
    d.s(`, data (${left - 6} octets)`);
    d.need(at + 6, left - 6);
  } else d.need(at, left);
}

function bad(d: Dissector, o: number, length: number): void {
  d.invalid();
  d.need(o, length);
}
