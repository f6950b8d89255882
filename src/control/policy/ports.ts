/**
 * Exact sets of connections: ports 1 … 65535 of TCP, UDP and SCTP on one number line, as ascending disjoint ranges.
 *
 *   TCP p → p     UDP p → 65536 + p     SCTP p → 131072 + p
 */
import type {L4Name} from '../../cluster/model.js';

/** [from, to], both included. Ranges of a set neither touch nor overlap. */
export type PortSet = readonly (readonly [number, number])[];

export const l4Names: readonly L4Name[] = ['TCP', 'UDP', 'SCTP'];
const SPAN = 65536;

const protocolRange = (index: number): [number, number] => [index * SPAN + 1, index * SPAN + 65535];
export const noPorts: PortSet = [];
export const allPorts: PortSet = l4Names.map((_, i) => protocolRange(i));

export function portRange(protocol: L4Name, from: number, to: number): PortSet {
  const base = l4Names.indexOf(protocol) * SPAN;
  const [low, high] = [Math.max(1, from), Math.min(65535, to)];
  return low > high ? noPorts : [[base + low, base + high]];
}

export function union(a: PortSet, b: PortSet): PortSet {
  if (a.length === 0 || b === allPorts) return b;
  if (b.length === 0 || a === allPorts) return a;
  const out: [number, number][] = [];
  for (const [from, to] of [...a, ...b].sort((x, y) => x[0] - y[0])) {
    const last = out.at(-1);
    // ports 65535 and 0 of two protocols are no neighbours: 0 is in no set
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return isAll(out) ? allPorts : out;
}

export function intersect(a: PortSet, b: PortSet): PortSet {
  if (a === allPorts) return b;
  if (b === allPorts) return a;
  const out: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [from, to] = [Math.max(a[i]![0], b[j]![0]), Math.min(a[i]![1], b[j]![1])];
    if (from <= to) out.push([from, to]);
    if (a[i]![1] < b[j]![1]) i++;
    else j++;
  }
  return out;
}

export function subtract(a: PortSet, b: PortSet): PortSet {
  if (a.length === 0 || b === allPorts) return noPorts;
  if (b.length === 0) return a;
  const out: [number, number][] = [];
  for (const [from, to] of a) {
    let start = from;
    for (const [low, high] of b) {
      if (high < start || low > to) continue;
      if (low > start) out.push([start, low - 1]);
      start = high + 1;
    }
    if (start <= to) out.push([start, to]);
  }
  return out;
}

function isAll(set: PortSet): boolean {
  return set.length === allPorts.length && set.every(([a, b], i) => a === allPorts[i]![0] && b === allPorts[i]![1]);
}

/** Ranges of each protocol that has any. */
export function byProtocol(set: PortSet): {readonly protocol: L4Name; readonly ranges: readonly [number, number][]}[] {
  return l4Names.flatMap((protocol, i) => {
    const ranges = intersect(set, [protocolRange(i)]).map(([a, b]): [number, number] => [a - i * SPAN, b - i * SPAN]);
    return ranges.length > 0 ? [{protocol, ranges}] : [];
  });
}

/** `All Connections`, `No Connections`, or `SCTP 1-65535,TCP 80,8000-8080`: np-guard's words and order. */
export function formatPorts(set: PortSet): string {
  if (set.length === 0) return 'No Connections';
  if (isAll(set)) return 'All Connections';
  return byProtocol(set)
    .map(({protocol, ranges}) => `${protocol} ${ranges.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(',')}`)
    .sort()
    .join(',');
}
