/** IPv6 and its extension headers, RFC 8200 (print-ip6.c, print-ip6opts.c, print-frag6.c, print-rt6.c). */
import {get32} from '../../../wire/bytes.js';
import {pseudoSum6} from '../../../wire/checksum.js';
import {demux} from './demux.js';
import type {Dissector} from './dissector.js';
import {printsAddresses} from './ip.js';
import {destinationOptions, fragment, hopByHop, type JumboState, routing} from './ip6-options.js';
import {mobility} from './mobility.js';
import {ipProtocolNames} from './names.js';

const HEADER = 40;

/** An IPv6 packet of `length` bytes on the wire. */
export function ip6(d: Dissector, o: number, length: number): void {
  d.protocol = 'ip6';
  if (!d.has(o, HEADER)) return d.trunc();
  if (length < HEADER) return d.s(`truncated-ip6 ${length}`);
  if (!d.e) d.s('IP6 ');
  const {b} = d;
  const flow = get32(b, o);
  if (flow >>> 28 !== 6) return d.s(`version error: ${flow >>> 28} != 6`);
  const stated = d.u16(o + 4);
  let left = length + HEADER;
  if (stated !== 0) {
    left = stated + HEADER;
    if (length < left) d.s(`truncated-ip6 - ${left - length} bytes missing!`);
  }
  d.prefixes.counts(o + 4, o + HEADER);
  d.prefixes.covers(o, o + HEADER);
  if (d.v > 0) verboseHeader(d, o, flow);
  else {
    d.prefixes.ignore(o + 1, 3);
    d.prefixes.ignore(o + 7, 1);
  }
  d.push(o, left);
  extensions(d, o, length, left, stated);
}

function verboseHeader(d: Dissector, o: number, flow: number): void {
  const next = d.u8(o + 6);
  d.c(0x28);
  if (flow & 0x0ff00000) {
    d.s('class 0x');
    d.hex((flow >>> 20) & 0xff, 2);
    d.s(', ');
  }
  if (flow & 0xfffff) {
    d.s('flowlabel 0x');
    d.hex(flow & 0xfffff, 5);
    d.s(', ');
  }
  d.s('hlim ');
  d.n(d.u8(o + 7));
  d.s(', next-header ');
  d.s(ipProtocolNames[next] ?? 'unknown');
  d.s(' (');
  d.n(next);
  d.s(') payload length: ');
  d.number16(o + 4);
  d.s(') ');
}

/** Walks the chain of headers down to the payload. `left` counts from the start of the fixed header. */
function extensions(d: Dissector, o: number, length: number, packetLength: number, stated: number): void {
  const jumbo: JumboState = {found: false, payload: stated};
  let next = d.u8(o + 6);
  let previous = 255;
  let at = o;
  let left = packetLength;
  let advance = HEADER;
  let total = 0;
  let extension = false;
  let hopByHopSeen = false;
  let fragmented = false;
  while (at < d.end && advance > 0) {
    if (left < advance) return d.trunc();
    at += advance;
    left -= advance;
    total += advance;
    if (at === o + HEADER && !printsAddresses(next)) {
      d.address6(o + 8);
      d.s(' > ');
      d.address6(o + 24);
      d.s(': ');
    }
    switch (next) {
      case 0:
        if (hopByHopSeen) return misplaced(d, '[The Hop-by-Hop Options header was already found]');
        if (previous !== 255) return misplaced(d, "[The Hop-by-Hop Options header don't follow the IPv6 header]");
        advance = hopByHop(d, at, jumbo);
        if (jumbo.payload === 0 && !jumbo.found)
          return misplaced(d, '[No valid Jumbo Payload Hop-by-Hop option found]');
        if (advance < 0) return d.pop();
        extension = true;
        hopByHopSeen = true;
        break;
      case 60:
        advance = destinationOptions(d, at);
        if (advance < 0) return d.pop();
        extension = true;
        break;
      case 44:
        advance = fragment(d, at, o);
        if (advance < 0 || d.end <= at + advance) return d.pop();
        extension = true;
        fragmented = true;
        break;
      case 62:
      case 135:
        mobility(d, at);
        return d.pop();
      case 43:
        if (!d.has(at, 1)) return d.trunc();
        advance = routing(d, at);
        if (advance < 0) return d.pop();
        extension = true;
        break;
      default:
        if (jumbo.found) {
          left = (jumbo.payload + HEADER) >>> 0;
          if (left < total) return d.trunc();
          if (length < left) d.s(`truncated-ip6 - ${left - length} bytes missing!`);
          d.repush(o, left);
          left -= total;
        } else if (jumbo.payload === 0) {
          if (extension) return d.trunc();
          d.repush(o, HEADER);
          left = HEADER - total;
        }
        demux(d, at, left, 6, fragmented, next, o);
        return d.pop();
    }
    next = d.u8(at);
    previous = next;
    d.protocol = 'ip6';
  }
  d.pop();
}

function misplaced(d: Dissector, text: string): void {
  d.s(text);
  d.invalid();
}

/** Sum of the pseudo header of the IPv6 header at `ipAt`; the destination is the end of a routing header, where there is one. */
export function pseudo6(d: Dissector, ipAt: number, protocol: number, length: number): number {
  d.need(ipAt, HEADER);
  const sum = pseudoSum6(d.b, ipAt, protocol, length);
  const next = d.u8(ipAt + 6);
  if (next !== 0 && next !== 60 && next !== 62 && next !== 135 && next !== 44 && next !== 43) return sum;
  const to = finalDestination(d, ipAt);
  if (to === ipAt + 24) return sum;
  d.need(to, 16);
  let adjusted = sum;
  for (let i = 0; i < 16; i += 2) adjusted += d.u16(to + i) - d.u16(ipAt + 24 + i);
  return adjusted;
}

/** Offset of the address the packet is bound for in the end (RFC 8200 §8.1). */
function finalDestination(d: Dissector, ipAt: number): number {
  let at = ipAt;
  let advance = HEADER;
  let next = d.u8(ipAt + 6);
  while (at < d.end) {
    at += advance;
    if (next === 0 || next === 60 || next === 62 || next === 135) {
      advance = (d.u8(at + 1) + 1) << 3;
      next = d.u8(at);
    } else if (next === 44) {
      advance = 8;
      next = d.u8(at);
    } else if (next === 43) return routedTo(d, at, ipAt + 24);
    else break;
  }
  return ipAt + 24;
}

function routedTo(d: Dissector, at: number, destination: number): number {
  if (!d.has(at, 4)) return destination;
  const length = d.u8(at + 1);
  const type = d.u8(at + 2);
  if ((type !== 0 && type !== 2 && type !== 4) || length % 2 === 1) return destination;
  if (type === 4) return d.has(at + 8, 16) ? at + 8 : destination;
  let to = destination;
  for (let i = 0; i < length >> 1; i++) {
    if (!d.has(at + 8 + 16 * i, 16)) break;
    to = at + 8 + 16 * i;
  }
  return to;
}
