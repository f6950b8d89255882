/**
 * What the agent collects from the maps as time goes by (pkg/maps/ctmap/gc): conntrack entries whose lifetime is over, then NAT
 * entries whose connection is gone. The programs themselves never look at a lifetime. The first pass is five minutes after the
 * start; how much it found decides when the next one is (calculateIntervalWithConfig).
 */
import {parseDuration} from '../../cluster/duration.js';
import {type CtEntry, ctFlags, type NatEntry, type NodeRuntime} from '../model.js';
import {CLOCK_START} from './clock.js';
import type {Run} from './state.js';

const STARTING_INTERVAL = 300;
const LONGEST_INTERVAL = 12 * 3600;
const SHORTEST_INTERVAL = 10;

export function collectorOptions({cluster}: Run): CollectorOptions {
  const {raw} = cluster.cilium;
  const seconds = (key: string) => Math.floor((parseDuration(raw[key] ?? '') ?? 0) / 1e9);
  return {fixed: seconds('conntrack-gc-interval'), longest: seconds('conntrack-gc-max-interval')};
}

/** All nodes catch up with the clock. A node that nothing has concerned has nothing to collect. */
export function collectAll(run: Run): void {
  const options = collectorOptions(run);
  const now = run.now / 1e9;
  run.nextCollection = Number.POSITIVE_INFINITY;
  for (const node of run.nodes) {
    if (!node) continue;
    collectDue(node.collector, options, node.runtime, now);
    run.nextCollection = Math.min(run.nextCollection, node.collector.next * 1e9);
  }
  if (run.nextCollection === Number.POSITIVE_INFINITY) run.nextCollection = run.now + STARTING_INTERVAL * 1e9;
}

/** When a node collects next, and how long it has waited. Seconds of virtual time. */
export interface Collector {
  next: number;
  interval: number;
}

interface CollectorOptions {
  /** `conntrack-gc-interval`, `conntrack-gc-max-interval`; 0 = none. */
  readonly fixed: number;
  readonly longest: number;
}

export function newCollector({fixed}: CollectorOptions): Collector {
  const interval = fixed || STARTING_INTERVAL;
  return {next: interval, interval};
}

/** Passes that are due at `now`, seconds of virtual time. */
function collectDue(collector: Collector, options: CollectorOptions, runtime: NodeRuntime, now: number): void {
  while (collector.next <= now) {
    const ratio = collect(runtime, CLOCK_START + collector.next);
    collector.interval = options.fixed || nextInterval(collector.interval, ratio, options.longest);
    collector.next += collector.interval;
  }
}

function nextInterval(before: number, ratio: number, longest: number): number {
  let next = before;
  if (ratio > 0.25) next = Math.max(Math.round(before * (1 - Math.min(ratio, 0.9))), SHORTEST_INTERVAL);
  else if (ratio > 0 && ratio < 0.05) next = Math.min(Math.round(before * 1.5), LONGEST_INTERVAL);
  return longest > 0 ? Math.min(next, longest) : next;
}

/** One pass; the share of conntrack entries that went. `now`: seconds of conntrack's clock. */
function collect(runtime: NodeRuntime, now: number): number {
  const {ct, nat} = runtime;
  const before = ct.size;
  const expired = [...ct.entries()].filter(({lifetime}) => lifetime < now);
  for (const entry of expired) ct.remove(entry);
  const orphans = [...nat.entries()].filter((entry) => !hasConnection(runtime, entry));
  for (const entry of orphans) nat.remove(entry);
  return before === 0 ? 0 : expired.length / before;
}

/** The egress entry of the same connection; for replies of a backend under DSR the one its request made. */
function hasConnection({ct}: NodeRuntime, {tuple, toIp, toPort}: NatEntry): boolean {
  const {daddr, saddr, protocol} = tuple;
  let [dport, sport] = [tuple.dport, tuple.sport];
  const incoming = (tuple.flags & ctFlags.IN) !== 0;
  const client = incoming ? toIp : saddr;
  const server = incoming ? saddr : daddr;
  if (incoming) [dport, sport] = [tuple.sport, toPort];
  if (ct.find(client, server, dport, sport, protocol, ctFlags.OUT)) return true;
  const dsr: CtEntry | undefined = incoming ? undefined : ct.find(server, client, sport, dport, protocol, ctFlags.OUT);
  return dsr?.dsrInternal ?? false;
}
