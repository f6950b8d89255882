/** Addresses outside of the cluster, in ranges that every rule treats as one. */
import type {Cluster} from '../../cluster/model.js';
import type {Policy} from '../../cluster/policy/model.js';
import type {ExternalParty} from '../../control/policy/kubernetes.js';
import {
  addToIp,
  compareIp,
  formatIp,
  type Ip,
  isIp4,
  maskIp,
  type Prefix,
  parseIp4,
  parseIp6,
} from '../../wire/addr.js';

export interface ExternalRange extends ExternalParty {
  /** Last address; `ip` is the first. */
  readonly last: Ip;
  /** `10.0.0.0-10.255.255.255[External]`. */
  readonly title: string;
}

export type Family = 4 | 6;

/** First and last address, both included. */
type Range = readonly [Ip, Ip];

const whole: Readonly<Record<Family, Range>> = {
  4: [parseIp4('0.0.0.0')!, parseIp4('255.255.255.255')!],
  6: [parseIp6('::')!, parseIp6('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')!],
};

/** Families that a cluster's pods have addresses of. */
export function familiesOf({podCidrs}: Pick<Cluster, 'podCidrs'>): readonly Family[] {
  const found = ([4, 6] as const).filter((family) => podCidrs.some(({ip}) => isIp4(ip) === (family === 4)));
  return found.length > 0 ? found : [4];
}

/** Borders are where some rule of this direction begins or ends. A block and its exceptions are one set: borders inside of it are none. */
export function externalRanges(
  policies: readonly Policy[],
  direction: 'ingress' | 'egress',
  families: readonly Family[],
): ExternalRange[] {
  return families.flatMap((family) => {
    const [lowest, highest] = whole[family];
    const own = ({ip}: Prefix) => isIp4(ip) === (family === 4);
    const starts = new Set<Ip>([lowest]);
    for (const policy of policies)
      for (const {peers} of policy[direction].rules)
        for (const peer of peers ?? []) {
          if (peer.kind !== 'cidr' || !own(peer.prefix)) continue;
          for (const [from, to] of without(rangeOf(peer.prefix), peer.except.filter(own).map(rangeOf))) {
            starts.add(from);
            if (to !== highest) starts.add(addToIp(to, 1));
          }
        }
    const sorted = [...starts].sort(compareIp);
    return sorted.map((from, i) => {
      const next = sorted[i + 1];
      return externalRange(from, next === undefined ? highest : before(next));
    });
  });
}

export function externalRange(first: Ip, last: Ip): ExternalRange {
  return {kind: 'external', ip: first, last, title: `${formatIp(first)}-${formatIp(last)}[External]`};
}

function rangeOf({ip, length}: Prefix): Range {
  return [maskIp(ip, length), lastOf(ip, length)];
}

/** The address with all bits after `length` set. */
function lastOf(ip: Ip, length: number): Ip {
  if (isIp4(ip)) return length === 32 ? ip : (ip | (0xffff_ffff >>> length)) >>> 0;
  return String.fromCharCode(
    ...Array.from({length: 8}, (_, i) => {
      const bits = Math.min(16, Math.max(0, length - 16 * i));
      return ip.charCodeAt(i) | (0xffff >>> bits);
    }),
  );
}

/** The address in front of one that is not the lowest. */
function before(ip: Ip): Ip {
  if (isIp4(ip)) return ip - 1;
  const groups = Array.from({length: 8}, (_, i) => ip.charCodeAt(i));
  for (let i = 7; i >= 0; i--) {
    groups[i] = (groups[i]! + 0xffff) & 0xffff;
    if (groups[i] !== 0xffff) break;
  }
  return String.fromCharCode(...groups);
}

/** What is left of a range; neighbouring holes are one. */
function without([from, to]: Range, holes: readonly Range[]): Range[] {
  const out: Range[] = [];
  let start = from;
  for (const [low, high] of [...holes].sort((a, b) => compareIp(a[0], b[0]))) {
    if (high < start || low > to) continue;
    if (low > start) out.push([start, before(low)]);
    if (high >= to) return out;
    if (high >= start) start = addToIp(high, 1);
  }
  out.push([start, to]);
  return out;
}
