/** IPv4, RFC 791 (print-ip.c), and the choice of what its payload is (print-ip-demux.c). */
import {get16} from '../../../wire/bytes.js';
import {pseudoSum4} from '../../../wire/checksum.js';
import {demux} from './demux.js';
import type {Dissector} from './dissector.js';
import {ip6} from './ip6.js';
import {ipProtocolNames, type Names, protocolKeyword} from './names.js';

const HEADER = 20;
const TCP = 6;
const UDP = 17;
const SCTP = 132;

const optionNames: Names = {
  0: 'EOL',
  1: 'NOP',
  7: 'RR',
  68: 'timestamp',
  82: 'traceroute',
  130: 'security',
  131: 'LSRR',
  137: 'SSRR',
  148: 'RA',
};
const timestampKinds: Names = {0: 'TSONLY', 1: 'TS+ADDR', 3: 'PRESPEC'};
const ecn = ['', ',ECT(1)', ',ECT(0)', ',CE'] as const;
/** Flags of the fragment word, most frequent spelling first: index = its top three bits. */
const fragmentFlags = ['none', '+', 'DF', '+, DF', 'rsvd', '+, rsvd', 'DF, rsvd', '+, DF, rsvd'] as const;

/** True for protocols whose printers put ports beside the addresses themselves. */
export function printsAddresses(protocol: number): boolean {
  return protocol === TCP || protocol === UDP || protocol === SCTP;
}

/** ` > ` and `: ` around the addresses of the IPv4 header at `o`. */
function addresses(d: Dissector, o: number, after: string): void {
  d.need(o, HEADER);
  d.address4(o + 12);
  d.s(' > ');
  d.address4(o + 16);
  d.s(after);
}

/** An IPv4 packet of `length` bytes on the wire. */
export function ip(d: Dissector, o: number, length: number): void {
  d.protocol = 'ip';
  const first = d.u8(o);
  if (first >> 4 !== 4) {
    d.s(first >> 4 === 6 ? 'IP6, wrong link-layer encapsulation' : `IP${first >> 4}`);
    d.invalid();
    return;
  }
  if (!d.e) d.s('IP ');
  if (!d.has(o, HEADER)) return d.trunc();
  if (length < HEADER) return d.s(`truncated-ip ${length}`);
  const header = (first & 15) * 4;
  if (header < HEADER) return d.s(`bad-hlen ${header}`);
  const {b} = d;
  const total = get16(b, o + 2);
  if (length < total) d.s(`truncated-ip - ${total - length} bytes missing! `);
  if (total < header) return d.s(`bad-len ${total}`);
  d.push(o, total);
  d.prefixes.checked(o);
  d.prefixes.counts(o + 2, o);
  d.prefixes.covers(o, o + header);
  const payload = total - header;
  const fragment = get16(b, o + 6);
  const protocol = b[o + 9]!;
  if (d.v === 0) {
    d.prefixes.ignore(o + 1, 1);
    d.prefixes.ignore(o + 4, 2);
    d.prefixes.ignore(o + 8, 1);
  } else if (!verboseHeader(d, o, header, fragment, protocol)) return;
  if ((fragment & 0x1fff) === 0) {
    if (!printsAddresses(protocol)) addresses(d, o, ': ');
    if (!d.has(o, header)) {
      d.s(` [remaining caplen(${d.left(o)}) < header length(${header})]`);
      d.need(o, header);
    }
    demux(d, o + header, payload, 4, (fragment & 0x2000) !== 0, protocol, o);
  } else if (d.q <= 1) {
    addresses(d, o, ':');
    const keyword = d.numeric ? undefined : protocolKeyword(protocol);
    d.s(keyword === undefined ? ` ip-proto-${protocol}` : ` ${keyword}`);
  }
  d.pop();
}

/** The parenthesis of -v and the line break after it; false when the options ran off the capture and the packet ends here. */
function verboseHeader(d: Dissector, o: number, header: number, fragment: number, protocol: number): boolean {
  const tos = d.u8(o + 1);
  d.s('(tos 0x');
  d.x(tos);
  d.s(ecn[tos & 3]!);
  const ttl = d.u8(o + 8);
  if (ttl > 0) {
    d.s(', ttl ');
    d.n(ttl);
  }
  d.need(o, HEADER);
  d.s(', id ');
  d.number16(o + 4);
  d.s(', offset ');
  d.n((fragment & 0x1fff) * 8);
  d.s(', flags [');
  d.s(fragmentFlags[fragment >> 13]!);
  d.s('], proto ');
  d.s(ipProtocolNames[protocol] ?? 'unknown');
  d.s(' (');
  d.n(protocol);
  d.s('), length ');
  d.number16(o + 2);
  let cut = false;
  if (header > HEADER) {
    d.s(', options (');
    cut = !options(d, o + HEADER, header - HEADER);
    if (cut) d.s(' [truncated-option]');
    d.c(0x29);
  }
  if (!d.options.noChecksums && o + header <= d.end) {
    const sum = d.sum(o, header);
    if (sum !== 0) {
      const field = d.u16(o + 10);
      d.prefixes.cancel();
      d.s(', bad cksum ');
      d.x(field);
      d.s(' (->');
      d.x(shouldBe(field, sum));
      d.s(')!');
    }
  }
  d.s(')\n    ');
  if (!cut) return true;
  addresses(d, o, ': ');
  d.trunc();
  d.pop();
  return false;
}

/** The value a checksum field should have had: field + what the sum over everything came to. */
export function shouldBe(field: number, sum: number): number {
  let s = field + sum;
  s = (s & 0xffff) + (s >>> 16);
  return (s & 0xffff) + (s >>> 16);
}

/** False when the capture ends inside an option. */
function options(d: Dissector, start: number, length: number): boolean {
  let o = start;
  let left = length;
  let separator = '';
  while (left > 0) {
    d.s(separator);
    separator = ',';
    const code = d.u8(o);
    d.s(optionNames[code] ?? `unknown ${code}`);
    let n = 1;
    if (code > 1) {
      n = d.u8(o + 1);
      if (n < 2) {
        d.s(` [bad length ${n}]`);
        return true;
      }
    }
    if (n > left) {
      d.s(` [bad length ${n}]`);
      return true;
    }
    if (!d.has(o, n)) return false;
    if (code === 0) return true;
    if (code === 68) {
      if (!timestampOption(d, o, n)) return false;
    } else if (code === 7 || code === 131 || code === 137) {
      if (!routeOption(d, o, n)) return false;
    } else if (code === 148) {
      if (n < 4) d.s(` [bad length ${n}]`);
      else if (d.u16(o + 2) !== 0) d.s(` value ${d.u16(o + 2)}`);
    }
    o += n;
    left -= n;
  }
  return true;
}

/** Record route and source routes: addresses passed are followed by a comma. False when an address is cut. */
function routeOption(d: Dissector, o: number, n: number): boolean {
  if (n < 3 || ((n + 1) & 3) !== 0) d.s(` [bad length ${n}]`);
  if (n < 3) return true;
  // A pointer octet of 0 is an unsigned -1: beyond every address.
  const pointer = (d.u8(o + 2) - 1) >>> 0;
  if (pointer < 3 || ((pointer + 1) & 3) !== 0 || pointer > n + 1) d.s(` [bad ptr ${d.u8(o + 2)}]`);
  for (let i = 3; i < n; i += 4) {
    if (!d.has(o + i, 4)) return false;
    d.c(0x20);
    d.ip4(o + i);
    if (pointer > i) d.c(0x2c);
  }
  return true;
}

/** Internet timestamp: ` TS{TS+ADDR 12@10.0.0.1 ^ }`. False when a hop is cut. */
function timestampOption(d: Dissector, o: number, n: number): boolean {
  if (n < 4) {
    d.s(`[bad length ${n}]`);
    return true;
  }
  d.s(' TS{');
  const flag = d.u8(o + 3) & 15;
  const hop = flag === 0 ? 4 : 8;
  if (((n - 4) & (hop - 1)) !== 0) d.s(`[bad length ${n}]`);
  const pointer = (d.u8(o + 2) - 1) >>> 0;
  if (pointer < 4 || ((pointer - 4) & (hop - 1)) !== 0 || pointer > n + 1) d.s(`[bad ptr ${d.u8(o + 2)}]`);
  let i = 0;
  const kind = timestampKinds[flag];
  if (kind === undefined) d.s(`[bad ts type ${flag}]`);
  else {
    d.s(kind);
    for (i = 4; i < n; i += hop) {
      if (!d.has(o + i, hop)) return false;
      d.s(pointer === i ? ' ^ ' : ' ');
      d.n(d.u32(o + i + hop - 4));
      d.c(0x40);
      if (hop === 8) d.ip4(o + i);
    }
  }
  if (pointer === i) d.s(' ^ ');
  const missed = d.u8(o + 3) >> 4;
  d.s(missed > 0 ? ` [${missed} hops not recorded]} ` : '}');
  return true;
}

/** Sum of the pseudo header of the IPv4 header at `ipAt`; the destination is the last hop of a source route. */
export function pseudo4(d: Dissector, ipAt: number, protocol: number, length: number): number {
  const {b} = d;
  d.need(ipAt, HEADER);
  if ((b[ipAt]! & 15) === 5) return pseudoSum4(b, ipAt, protocol, length & 0xffff);
  const to = finalDestination(d, ipAt);
  return get16(b, ipAt + 12) + get16(b, ipAt + 14) + get16(b, to) + get16(b, to + 2) + protocol + (length & 0xffff);
}

/** Offset of the address the packet is bound for in the end. */
function finalDestination(d: Dissector, ipAt: number): number {
  let o = ipAt + HEADER;
  let left = (d.u8(ipAt) & 15) * 4 - HEADER;
  while (left > 0) {
    const code = d.u8(o);
    if (code === 0) break;
    const n = code === 1 ? 1 : d.u8(o + 1);
    if (n < 1 || (code !== 1 && n < 2) || left < n || !d.has(o, n)) break;
    if ((code === 131 || code === 137) && n >= 7) return o + n - 4;
    o += n;
    left -= n;
  }
  return ipAt + 16;
}

/** A packet of either version, told by its first half-octet (link types RAW, IPV4, IPV6). */
export function ipAny(d: Dissector, o: number, length: number): void {
  d.protocol = 'ipn';
  if (length < 1) return d.s(`truncated-ip ${length}`);
  const version = d.u8(o) >> 4;
  if (version === 4) ip(d, o, length);
  else if (version === 6) ip6(d, o, length);
  else d.s(`unknown ip ${version}`);
}
