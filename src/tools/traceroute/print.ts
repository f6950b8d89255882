/** The lines of traceroute (traceroute.c 2.1.2). */
import type {IcmpError} from '../../datapath/run/icmp.js';
import {type Ip, isIp4} from '../../wire/addr.js';
import type {Probe} from './probes.js';

/** ICMP unreachable codes, RFC 792, 1122, 1812; `''`: the target itself says that nobody listens. */
const unreachable4: Readonly<Record<number, string>> = {
  ...{0: '!N', 6: '!N', 8: '!N', 11: '!N', 1: '!H', 7: '!H', 12: '!H', 9: '!X', 10: '!X', 13: '!X'},
  ...{2: '!P', 3: '', 5: '!S', 14: '!V', 15: '!C'},
};
/** ICMPv6, RFC 4443 §3.1. */
const unreachable6: Readonly<Record<number, string>> = {0: '!N', 1: '!X', 2: '!H', 3: '!H', 4: ''};

/** What an error says behind the time; undefined: a router on the way, nothing ended. */
export function errorMark(from: Ip, {type, code, mtu}: IcmpError): string | undefined {
  const four = isIp4(from);
  const [exceeded, unreachable] = four ? [11, 3] : [3, 1];
  if (type === exceeded && code === 0) return undefined;
  if (mtu !== undefined) return `!F-${mtu}`;
  if (type !== unreachable) return `!<${type}-${code}>`;
  return (four ? unreachable4 : unreachable6)[code] ?? `!<${code}>`;
}

export interface PrintOptions {
  readonly queries: number;
  readonly backward: boolean;
  /** `NAME (ADDRESS)`, or the address alone. */
  readonly nameOf: (ip: Ip) => string;
}

/** A line has no end until the next begins. */
export function headerText(host: string, address: string, maxHops: number, packetLength: number): string {
  return `traceroute to ${host} (${address}), ${maxHops} hops max, ${packetLength} byte packets`;
}

export function probeText(index: number, probes: readonly Probe[], {queries, backward, nameOf}: PrintOptions): string {
  const probe = probes[index]!;
  const hop = Math.floor(index / queries) + 1;
  const first = index - (index % queries);
  const {from, roundTrip, mark, ttl} = probe;
  let text = index === first ? `\n${String(hop).padStart(2)} ` : '';
  if (from === undefined) text += ' *';
  else {
    const previous = probes.slice(first, index).findLast((candidate) => candidate.from !== undefined);
    if (previous?.from !== from || (backward && previous.ttl !== ttl)) {
      text += ` ${nameOf(from)}`;
      if (backward && ttl > 0 && hopsOf(ttl) !== hop) text += ` '-${hopsOf(ttl)}'`;
    }
  }
  if (roundTrip !== undefined) text += `  ${(roundTrip / 1e6).toFixed(3)} ms`;
  return mark === '' ? text : `${text} ${mark}`;
}

/** Hops that a packet with this TTL has behind it, if it began with 64, 128 or 255. */
export function hopsOf(ttl: number): number {
  return (ttl <= 64 ? 65 : ttl <= 128 ? 129 : 256) - ttl;
}
