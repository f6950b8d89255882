/** Options of neighbour discovery: RFC 4861 §4.6, 4191, 8106, 6275 (print-icmp6.c `icmp6_opt_print`). */
import type {Dissector} from './dissector.js';
import {fqdn} from './domain-name.js';
import {unknownData} from './dump.js';
import {bitNames, type Names} from './names.js';

const optionNames: Names = {
  1: 'source link-address',
  2: 'destination link-address',
  3: 'prefix info',
  4: 'redirected header',
  5: 'mtu',
  7: 'advertisement interval',
  8: 'homeagent information',
  24: 'route info',
  25: 'rdnss',
  31: 'dnssl',
};
const prefixFlags = [
  [0x80, 'onlink'],
  [0x40, 'auto'],
  [0x20, 'router'],
] as const;

/** Router preference, RFC 4191 §2.1. */
export function preference(flags: number): string {
  return ['medium', 'high', 'rsv', 'low'][(flags & 0x18) >> 3]!;
}

const seconds = (value: number): string => (value === 0xffff_ffff ? 'infinity' : `${value}s`);

/** Options from `start` on, `length` bytes by the message. False when one is cut or has no length. */
export function ndOptions(d: Dissector, start: number, length: number): boolean {
  let o = start;
  let left = length;
  while (o < d.end) {
    if (!d.has(o + 1, 1)) return false;
    if (left <= 0) return true;
    const type = d.u8(o);
    const units = d.u8(o + 1);
    const n = units << 3;
    if (units === 0 || o + n > d.end) return false;
    d.s(`\n\t  ${optionNames[type] ?? 'unknown'} option (${type}), length ${n} (${units}): `);
    if (optionNames[type] === undefined) {
      if (d.v <= 1) {
        unknownData(d, '\n\t  ', o + 2, n - 2);
        return true;
      }
    } else if (!option(d, o, n, type, units, start)) return false;
    if (d.v > 1) unknownData(d, '\n\t    ', o + 2, n - 2);
    o += n;
    left -= n;
  }
  return true;
}

function option(d: Dissector, o: number, n: number, type: number, units: number, first: number): boolean {
  switch (type) {
    case 1:
    case 2:
      d.colons(o + 2, n - 2);
      return true;
    case 3:
      d.need(o + 4, 8);
      d.need(o + 16, 16);
      d.ip6(o + 16);
      d.s(`/${d.u8(o + 2)}${units !== 4 ? 'badlen' : ''}, Flags [${bitNames(prefixFlags, d.u8(o + 3), ', ', 'none')}]`);
      d.s(`, valid time ${seconds(d.u32(o + 4))}, pref. time ${seconds(d.u32(o + 8))}`);
      return true;
    case 4:
      // From the first option on, whatever comes before this one: tcpdump passes that pointer.
      unknownData(d, '\n\t    ', first, n);
      return true;
    case 5:
      d.s(` ${d.u32(o + 4)}${units !== 1 ? 'bad option length' : ''}`);
      return true;
    case 7:
      d.s(` ${d.u32(o + 4)}ms`);
      return true;
    case 8:
      d.need(o + 4, 4);
      d.s(` preference ${d.u16(o + 4)}, lifetime ${d.u16(o + 6)}`);
      return true;
    case 24:
      return routeInformation(d, o, units);
    case 25:
      d.s(` lifetime ${d.u32(o + 4)}s,`);
      for (let i = 0; i < Math.floor((units - 1) / 2); i++) {
        d.need(o + 8 + 16 * i, 16);
        d.s(' addr: ');
        d.ip6(o + 8 + 16 * i);
      }
      return true;
    default:
      return searchList(d, o, n, first);
  }
}

function routeInformation(d: Dissector, o: number, units: number): boolean {
  if (!d.has(o + 4, 4) || units > 3) return false;
  const prefix = new Uint8Array(16);
  prefix.set(d.b.subarray(o + 8, o + 8 * units));
  d.c(0x20);
  d.ip6From(prefix, 0);
  d.s(`/${d.u8(o + 2)}, pref=${preference(d.u8(o + 3))}, lifetime=${seconds(d.u32(o + 4))}`);
  return true;
}

/** DNS search list; compression pointers count from the first option. */
function searchList(d: Dissector, o: number, n: number, first: number): boolean {
  d.s(` lifetime ${d.u32(o + 4)}s, domain(s):`);
  let at = o + 8;
  while (at < o + n && d.u8(at) !== 0) {
    d.c(0x20);
    at = fqdn(d, at, first);
    if (at < 0) return false;
  }
  return true;
}
