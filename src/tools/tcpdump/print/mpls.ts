/** MPLS label stack, RFC 3032 (print-mpls.c). The payload is told by the last label, else by its first byte. */
import type {Dissector} from './dissector.js';
import {defaultDump} from './dump.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';

const reserved = ['IPv4 explicit NULL', 'router alert', 'IPv6 explicit NULL', 'implicit NULL'] as const;

export function mpls(d: Dissector, o: number, length: number): void {
  d.protocol = 'mpls';
  d.s('MPLS');
  let at = o;
  let left = length;
  let entry = 0;
  do {
    if (left < 4) {
      d.invalid();
      return d.need(at, left);
    }
    entry = d.u32(at);
    const label = entry >>> 12;
    d.s(at > o && d.v > 0 ? '\n\t' : ' ');
    d.s(`(label ${label}`);
    if (d.v > 0 && label < 16) d.s(` (${reserved[label] ?? 'rsvd'})`);
    d.s(`, tc ${(entry >>> 9) & 7}${(entry & 0x100) !== 0 ? ', [S]' : ''}, ttl ${entry & 0xff})`);
    at += 4;
    left -= 4;
  } while ((entry & 0x100) === 0);
  const version = payloadVersion(d, entry >>> 12, at, left);
  if (version === 'none') return;
  if (version === 'unknown') return defaultDump(d, at, left);
  d.s(d.v > 0 ? '\n\t' : ' ');
  if (version === 4) ip(d, at, left);
  else ip6(d, at, left);
}

function payloadVersion(d: Dissector, label: number, at: number, left: number): 4 | 6 | 'unknown' | 'none' {
  if (label === 0 || label === 3) return 4;
  if (label === 2) return 6;
  if (left < 1) return 'none';
  const first = d.u8(at);
  if (first >= 0x45 && first <= 0x4f) return 4;
  return first >= 0x60 && first <= 0x6f ? 6 : 'unknown';
}
