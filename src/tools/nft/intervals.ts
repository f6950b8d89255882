/** What nft makes of several prefixes in braces: overlapping and adjacent ones become one (src/intervals.c, 1.0.6). */
import {addToIp, compareIp, formatIp, formatPrefix, type Ip, ipBits, maskIp, type Prefix} from '../../wire/addr.js';

/** An address, a prefix, or first and last address. */
export type Interval = Prefix | {readonly first: Ip; readonly last: Ip};

/** In ascending order. Single addresses among themselves stay as they are. */
export function intervalsOf(prefixes: readonly Prefix[]): readonly Interval[] {
  const sorted = prefixes
    .map(({ip, length}) => ({first: maskIp(ip, length), last: lastOf(ip, length)}))
    .sort((a, b) => compareIp(a.first, b.first));
  const single = prefixes.every(({ip, length}) => length === ipBits(ip));
  const merged: {first: Ip; last: Ip}[] = [];
  for (const {first, last} of sorted) {
    const before = merged.at(-1);
    const near = before && (compareIp(first, before.last) <= 0 || (!single && follows(before.last, first)));
    if (!near) merged.push({first, last});
    else if (compareIp(last, before.last) > 0) before.last = last;
  }
  return merged.map(asPrefix);
}

function lastOf(ip: Ip, length: number): Ip {
  const network = maskIp(ip, length);
  if (typeof network === 'number') return (network | (length === 32 ? 0 : 0xffff_ffff >>> length)) >>> 0;
  const units = Array.from({length: 8}, (_, i) => {
    const fixed = Math.min(16, Math.max(0, length - 16 * i));
    return network.charCodeAt(i) | (0xffff >>> fixed);
  });
  return String.fromCharCode(...units);
}

function follows(last: Ip, first: Ip): boolean {
  return compareIp(last, first) < 0 && addToIp(last, 1) === first;
}

function asPrefix(range: {readonly first: Ip; readonly last: Ip}): Interval {
  const {first, last} = range;
  for (let length = 0; length <= ipBits(first); length++)
    if (maskIp(first, length) === first && lastOf(first, length) === last) return {ip: first, length};
  return range;
}

export function intervalText(interval: Interval): string {
  if ('first' in interval) return `${formatIp(interval.first)}-${formatIp(interval.last)}`;
  const {ip, length} = interval;
  return length === ipBits(ip) ? formatIp(ip) : formatPrefix(interval);
}
