/** ICMPv6, RFC 4443; neighbour discovery, RFC 4861; MLD, RFC 2710 and 3810 (print-icmp6.c). */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {mobilePrefix, nodeInformation, renumbering} from './icmp6-rare.js';
import {shouldBe} from './ip.js';
import {pseudo6} from './ip6.js';
import {bitNames, type Names} from './names.js';
import {ndOptions, preference} from './nd-options.js';
import {rpl} from './rpl.js';

const PROTOCOL = 58;

const types: Names = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in-transit',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  137: 'redirect',
  138: 'router renumbering',
  139: 'who-are-you request',
  140: 'who-are-you reply',
  141: 'inverse neighbor solicitation',
  142: 'inverse neighbor advertisement',
  143: 'multicast listener report v2',
  144: 'ha discovery request',
  145: 'ha discovery reply',
  146: 'mobile router solicitation',
  147: 'mobile router advertisement',
  155: 'RPL',
  200: 'mtrace response',
  201: 'mtrace message',
};

/** The blank before `unreachable prohibited` is tcpdump's. */
const unreachableCodes: Names = {
  0: 'unreachable route',
  1: ' unreachable prohibited',
  2: 'beyond scope',
  3: 'unreachable address',
  4: 'unreachable port',
};
const problemCodes: Names = {
  0: 'erroneous',
  1: 'next header',
  2: 'option',
  3: 'incomplete header chain',
};
const advertisementFlags = [
  [0x80, 'managed'],
  [0x40, 'other stateful'],
  [0x20, 'home agent'],
  [0x02, 'ipv6 only'],
] as const;
const neighborFlags = [
  [0x80, 'router'],
  [0x40, 'solicited'],
  [0x20, 'override'],
] as const;
const recordTypes: Names = {1: 'is_in', 2: 'is_ex', 3: 'to_in', 4: 'to_ex', 5: 'allow', 6: 'block'};

/** Types that state their length after the name at -v. */
const lengthFirst = new Set([133, 134, 135, 136, 137, 145, 147]);

/** What a message's own printer reports: the line is done, or wants `, length N` (not with -v), or was cut. */
export type Outcome = 'done' | 'length' | 'cut';

/** A message of `length` bytes by the IPv6 header at `ipAt`. */
export function icmp6(d: Dissector, o: number, length: number, ipAt: number, fragmented: boolean): void {
  d.prefixes.cancel();
  d.protocol = 'icmp6';
  if (length === 0) {
    d.s('ICMP6, length 0');
    return d.invalid();
  }
  if (d.v > 0 && !fragmented && d.has(o, length)) {
    const field = d.u16(o + 2);
    const sum = d.sum(o, length, pseudo6(d, ipAt, PROTOCOL, length));
    if (sum === 0) d.s('[icmp6 sum ok] ');
    else {
      d.s('[bad icmp6 cksum 0x');
      d.hex(field, 4);
      d.s(' -> 0x');
      d.hex(shouldBe(field, sum), 4);
      d.s('!] ');
    }
  }
  const type = d.u8(o);
  d.s('ICMP6, ');
  d.s(types[type] ?? `unknown icmp6 type (${type})`);
  if (d.v > 0 && lengthFirst.has(type)) d.s(`, length ${length}`);
  const outcome = message(d, o, length, type, d.u8(o + 1));
  if (outcome === 'cut') d.trunc();
  else if (outcome === 'length' && d.v === 0) {
    d.s(', length ');
    d.n(length);
  }
}

function message(d: Dissector, o: number, length: number, type: number, code: number): Outcome {
  switch (type) {
    case 1:
      return unreachable(d, o, length, code);
    case 2:
      d.s(`, mtu ${d.u32(o + 4)}`);
      return 'length';
    case 3:
      if (code === 0) {
        d.need(o + 32, 16);
        d.s(' for ');
        d.ip6(o + 32);
      } else d.s(code === 1 ? ' (reassembly)' : `, unknown code (${code})`);
      return 'length';
    case 4:
      if (!d.has(o + 32, 16)) return 'cut';
      d.s(problemCodes[code] === undefined ? `, code-#${code}` : `, ${problemCodes[code]} - octet ${d.u32(o + 4)}`);
      return 'length';
    case 128:
    case 129:
      d.need(o + 4, 4);
      d.s(', id ');
      d.n(d.u16(o + 4));
      d.s(', seq ');
      d.n(d.u16(o + 6));
      return 'length';
    case 130:
      if (length === 24) listener(d, o);
      else if (length >= 28) {
        d.s(' v2');
        query2(d, o, length);
      } else d.s(` unknown-version (len ${length}) `);
      return 'length';
    case 131:
    case 132:
      listener(d, o);
      return 'length';
    case 133:
      return withOptions(d, o + 8, length - 8);
    case 134:
      return routerAdvertisement(d, o, length);
    case 135:
      target(d, ', who has ', o + 8);
      return withOptions(d, o + 24, length - 24);
    case 136:
      target(d, ', tgt is ', o + 8);
      if (d.v > 0) d.s(`, Flags [${bitNames(neighborFlags, d.u32(o + 4) >>> 24, ', ', 'none')}]`);
      return withOptions(d, o + 24, length - 24);
    case 137:
      target(d, ', ', o + 24);
      target(d, ' to ', o + 8);
      return withOptions(d, o + 40, length - 40);
    case 138:
      renumbering(d, o);
      return 'length';
    case 139:
    case 140:
      nodeInformation(d, o, length);
      return 'length';
    case 141:
    case 142:
      return 'length';
    case 143:
      report2(d, o, length);
      return 'length';
    case 144:
    case 145:
    case 146:
    case 147:
      return mobilePrefix(d, o, length, type);
    case 155:
      rpl(d, code, o + 4, length - 4);
      return 'length';
    default:
      d.s(`, length ${length}`);
      if (d.v <= 1) unknownData(d, '\n\t', o, length);
      return 'done';
  }
}

function target(d: Dissector, before: string, o: number): void {
  d.need(o, 16);
  d.s(before);
  d.ip6(o);
}

function withOptions(d: Dissector, o: number, length: number): Outcome {
  return d.v === 0 || ndOptions(d, o, length) ? 'length' : 'cut';
}

function unreachable(d: Dissector, o: number, length: number, code: number): Outcome {
  d.s(`, ${unreachableCodes[code] ?? `unknown unreach code (${code})`}`);
  const quoted = o + 8;
  switch (code) {
    case 0:
    case 1:
    case 3:
      target(d, ' ', quoted + 24);
      return 'length';
    case 2:
      d.need(quoted + 24, 16);
      target(d, ' ', quoted + 24);
      target(d, ', source address ', quoted + 8);
      return 'length';
    case 4: {
      const upper = upperLayer(d, quoted);
      if (upper === undefined) return 'cut';
      const port = d.u16(upper.at + 2);
      target(d, ', ', quoted + 24);
      d.s(upper.protocol === 6 ? ' tcp port ' : ' udp port ');
      if (upper.protocol === 6) d.tcpPort(port);
      else d.udpPort(port);
      return 'length';
    }
    default:
      if (d.v > 1) return 'length';
      unknownData(d, '\n\t', o, length);
      return 'done';
  }
}

/** TCP or UDP header of a quoted IPv6 packet, past its extension headers; undefined where it is not to be had. */
function upperLayer(d: Dissector, quoted: number): {at: number; protocol: number} | undefined {
  if (!d.has(quoted + 6, 1)) return undefined;
  let next = d.u8(quoted + 6);
  let at = quoted;
  let length = 40;
  while (at < d.end) {
    at += length;
    if (next === 6 || next === 17) return d.has(at + 2, 2) ? {at, protocol: next} : undefined;
    if (next === 0 || next === 60 || next === 43) {
      if (!d.has(at + 1, 1)) return undefined;
      length = (d.u8(at + 1) + 1) << 3;
    } else if (next === 44) {
      if (!d.has(at + 2, 2) || (d.u16(at + 2) & 0xfff8) !== 0) return undefined;
      length = 8;
    } else if (next === 51) {
      if (!d.has(at + 1, 1)) return undefined;
      length = (d.u8(at + 1) + 2) << 2;
    } else return undefined;
    next = d.u8(at);
  }
  return undefined;
}

function routerAdvertisement(d: Dissector, o: number, length: number): Outcome {
  if (d.v === 0) return 'length';
  const flags = d.u8(o + 5);
  d.need(o + 6, 10);
  d.s(`\n\thop limit ${d.u8(o + 4)}, Flags [${bitNames(advertisementFlags, flags, ', ', 'none')}]`);
  d.s(`, pref ${preference(flags)}, router lifetime ${d.u16(o + 6)}s`);
  d.s(`, reachable time ${d.u32(o + 8)}ms, retrans timer ${d.u32(o + 12)}ms`);
  return withOptions(d, o + 16, length - 16);
}

/** MLDv1: no blank in front, as tcpdump has it. */
function listener(d: Dissector, o: number): void {
  if (o + 24 > d.end) return;
  d.s(`max resp delay: ${d.u16(o + 4)} `);
  d.s('addr: ');
  d.ip6(o + 8);
}

function report2(d: Dissector, o: number, length: number): void {
  if (length < 8) return d.s(` [invalid len ${length}]`);
  const groups = d.u16(o + 6);
  d.s(`, ${groups} group record(s)`);
  if (d.v === 0) return;
  let group = 8;
  for (let i = 0; i < groups; i++) {
    if (length < group + 20) return d.s(' [invalid number of groups]');
    target(d, ' [gaddr ', o + group + 4);
    const type = d.u8(o + group);
    d.s(` ${recordTypes[type] ?? ` [v2-report-#${type}]`}`);
    const sources = d.u16(o + group + 2);
    if (length < group + 20 + 16 * sources) return d.s(` [invalid number of sources ${sources}]`);
    if (d.v === 1) d.s(`, ${sources} source(s)`);
    else sourceList(d, o + group + 20, sources);
    group += 20 + 16 * sources;
    d.c(0x5d);
  }
}

function sourceList(d: Dissector, o: number, count: number): void {
  d.s(' {');
  for (let i = 0; i < count; i++) target(d, ' ', o + 16 * i);
  d.s(' }');
}

/** MLDv2 query; delay and interval in the floating form of RFC 3810 §5.1.3. */
function query2(d: Dissector, o: number, length: number): void {
  const code = d.u16(o + 4);
  const delay = code < 32768 ? code : ((code & 0xfff) | 0x1000) << (((code & 0x7000) >> 12) + 3);
  if (d.v > 0) d.s(` [max resp delay=${delay}]`);
  target(d, ' [gaddr ', o + 8);
  if (d.v > 0) {
    const flags = d.u8(o + 24);
    if ((flags & 8) !== 0) d.s(' sflag');
    if ((flags & 7) !== 0) d.s(` robustness=${flags & 7}`);
    const interval = d.u8(o + 25);
    d.s(` qqi=${interval < 128 ? interval : ((interval & 15) | 16) << (((interval & 0x70) >> 4) + 3)}`);
  }
  const sources = d.u16(o + 26);
  if (sources > 0) {
    if (length < 28 + 16 * sources) d.s(' [invalid number of sources]');
    else if (d.v > 1) sourceList(d, o + 28, sources);
    else d.s(`, ${sources} source(s)`);
  }
  d.c(0x5d);
}
