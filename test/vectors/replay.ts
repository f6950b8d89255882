/**
 * Replays a file of vectors, one hook each, in order, and compares every recorded field.
 *
 * Some inputs are not in the files: whether the runner began with empty conntrack and NAT maps, whether a policy set
 * before still holds, and the seconds on the clock. These are found as a reader would: by the hypothesis under which what was
 * recorded is possible. All that fit are kept for the next vector; fields are never taken from what was expected.
 */

import type {PolicyEntry, PolicyMap} from '../../src/control/model.js';
import {allowAll, createPolicyMap} from '../../src/control/policy-map.js';
import {runHook} from '../../src/datapath/bpf/hooks.js';
import {createRuntime} from '../../src/datapath/bpf/runtime.js';
import type {CtEntry, HookAction, HookName, NatEntry, NodeRuntime, Skb} from '../../src/datapath/model.js';
import {readIp4, readIp6} from '../../src/wire/addr.js';
import {fromHex, get16, get48, toHex} from '../../src/wire/bytes.js';
import {mapChanges, snapshotMaps, vectorEvent} from './encode.js';
import type {Difference, Topology, Vector, VectorEvent, VectorFile} from './format.js';
import {type Preparation, prepare} from './preparation.js';
import {newSkb} from './skb.js';
import {type Bench, createBench, unsupportedOptions} from './topology.js';

const FIRST_CLOCK = 1000;
const MAX_HYPOTHESES = 6;
const XDP = {drop: 1, pass: 2, tx: 3, redirect: 4} as const;
const RETURNS = {ok: 0, drop: 2, redirect: 7, 'redirect-peer': 7, 'redirect-neigh': 7} as const;

/** What one vector leaves behind for the next. */
interface State {
  readonly ct: readonly CtEntry[];
  readonly nat: readonly NatEntry[];
  readonly affinity: NodeRuntime['affinity'];
  readonly fragments: NodeRuntime['fragments'];
  readonly neighbours: NodeRuntime['nodePortNeighbours'];
  /** Policy entries by `endpoint direction` that differ from allow-all. */
  readonly policies: ReadonlyMap<string, readonly PolicyEntry[]>;
  readonly clock: number;
}

const EMPTY: State = {
  ct: [],
  nat: [],
  affinity: new Map(),
  fragments: new Map(),
  neighbours: new Map(),
  policies: new Map(),
  clock: FIRST_CLOCK,
};

export interface VectorResult<V = Vector> {
  readonly vector: V;
  /** Why it was not run; then there are no differences. */
  readonly skipped?: string;
  readonly differences: readonly Difference[];
}

export const comparedFields = [
  'out_hex',
  'ret',
  'out_mark',
  'out_cb',
  'tunnel_key',
  'tunnel_opt',
  'redirect',
  'events',
  'map_changes',
  'prandom_calls',
  'drop_reason',
] as const;

export function replayFile(file: VectorFile, topology: Topology, fileName: string): VectorResult[] {
  const benches = new Map<string, Bench>();
  const states = new Map<string, readonly State[]>();
  // The tunnel metadata of the last packet that left through the tunnel.
  const sent: Sent = {tunnel: undefined, options: new Map()};
  return file.vectors.map((vector) => {
    if (!HOOKS.has(vector.program))
      return {vector, skipped: `${vector.program} is not one of the programs here`, differences: []};
    const own = {...vector.options, ...vector.config, ...vector.variant, ...vector.profile};
    const profile = {...file.profile, ...own};
    const unsupported = unsupportedOptions(profile);
    if (unsupported.length > 0)
      return {vector, skipped: `${unsupported.join(', ')} is not modelled by the replay`, differences: []};
    const key = `${vector.node} ${JSON.stringify(own)}`;
    let bench = benches.get(key);
    if (!bench) benches.set(key, (bench = createBench(topology, profile, vector.node, fileName)));
    const result = replayVector(vector, bench, states.get(vector.node) ?? [EMPTY], sent);
    states.set(vector.node, result.states);
    return {vector, differences: result.differences};
  });
}

const HOOKS = new Set<string>([
  'cil_from_container',
  'cil_to_container',
  'cil_from_overlay',
  'cil_to_overlay',
  'cil_from_netdev',
  'cil_to_netdev',
  'cil_from_host',
  'cil_to_host',
  'cil_xdp_entry',
] satisfies HookName[]);

interface Sent {
  tunnel: Skb['tunnel'];
  /** By the id of the vector that sent it; '' = the last. */
  readonly options: Map<string, Uint8Array>;
}

interface Attempt {
  readonly state: State;
  readonly differences: readonly Difference[];
  readonly skb: Skb;
}

function replayVector(
  vector: Vector,
  bench: Bench,
  before: readonly State[],
  sent: Sent,
): {states: readonly State[]; differences: readonly Difference[]} {
  const preparation = prepare(vector.desc);
  const attempts: Attempt[] = [];
  for (const state of candidates(vector, preparation, before)) {
    const attempt = attemptVector(vector, bench, preparation, state, sent);
    attempts.push(attempt);
  }
  const fewest = Math.min(...attempts.map((a) => a.differences.length));
  const best = attempts.filter((a) => a.differences.length === fewest).slice(0, MAX_HYPOTHESES);
  const {skb, differences} = best[0]!;
  if (skb.tunnel && vector.program !== 'cil_from_overlay') {
    sent.tunnel = skb.tunnel;
    if (skb.tunnelOption) sent.options.set(vector.id, skb.tunnelOption).set('', skb.tunnelOption);
  }
  return {states: best.map((a) => a.state), differences};
}

/** States that the vector may have started in, the likeliest first. */
function candidates(vector: Vector, preparation: Preparation, before: readonly State[]): State[] {
  const clocks = preparation.clock === undefined ? clocksOf(vector, before) : [preparation.clock];
  const states: State[] = [];
  for (const clock of clocks) {
    for (const state of before) {
      states.push({...state, policies: new Map(), clock});
      if (state.policies.size > 0) {
        states.push({...state, clock}, {...EMPTY, policies: state.policies, clock});
      }
    }
    states.push({...EMPTY, clock});
  }
  return states;
}

/** Clocks under which the recorded times are possible: of the last report, or the lifetime less one of the timeouts. */
function clocksOf(vector: Vector, before: readonly State[]): number[] {
  const clocks = new Set<number>();
  const last = before[0]?.clock ?? FIRST_CLOCK;
  for (const {value} of vector.map_changes) {
    if (!value) continue;
    const reports = [value.last_tx_report, value.last_rx_report, value.created].map(Number).filter((t) => t > 0);
    if (reports.length > 0) clocks.add(Math.max(...reports));
    for (const timeout of [60, 10, 21600]) {
      const clock = Number(value.lifetime) - timeout;
      if (clock >= FIRST_CLOCK && clock <= last + 100_000) clocks.add(clock);
    }
  }
  clocks.add(last);
  clocks.add(FIRST_CLOCK);
  return [...clocks];
}

function attemptVector(vector: Vector, bench: Bench, preparation: Preparation, state: State, sent: Sent): Attempt {
  const skb = skbOf(vector, bench, preparation, sent);
  const policies = new Map(state.policies);
  if (preparation.policy) {
    const {direction, entries} = preparation.policy;
    policies.set(`${policyEndpoint(bench, skb, direction)} ${direction}`, entries);
  }
  const events: VectorEvent[] = [];
  let draws = 0;
  const node = createRuntime(bench.state(preparation.services, policyMaps(bench, policies), preparation.pods), {
    program: {...bench.program, ...preparation.program},
    now: () => state.clock,
    random: () => {
      draws++;
      return preparation.random;
    },
    fib: (_source, destination) => ({
      ok: true,
      ifindex: bench.topology.devices.eth0 ?? 2,
      nexthop: destination,
      sourceMac: 0x020000000005,
      destinationMac: 0x0200000000fe,
    }),
    emit: (event) => {
      const recorded = vectorEvent(event, bench.topology.devices);
      if (recorded) events.push(recorded);
    },
  });
  fill(node, state);
  const maps = snapshotMaps(node);
  const action = runHook(vector.program as HookName, skb, node);
  const got: Result = {
    out_hex: toHex(skb.buf, skb.start, skb.end),
    ret: vector.program === 'cil_xdp_entry' ? xdpReturn(action, skb) : RETURNS[action.kind],
    out_mark: `0x${skb.mark.toString(16).padStart(8, '0')}`,
    out_cb: skb.cb,
    events,
    map_changes: mapChanges(maps, snapshotMaps(node)),
    prandom_calls: draws,
    drop_reason: action.kind === 'drop' ? action.reason : undefined,
  };
  return {differences: compare(vector, got), state: {...leftBehind(node), policies, clock: state.clock}, skb};
}

function xdpReturn(action: HookAction, skb: Skb): number {
  if (action.kind === 'ok') return XDP.pass;
  if (action.kind === 'drop') return XDP.drop;
  return 'ifindex' in action && action.ifindex === skb.ifindex ? XDP.tx : XDP.redirect;
}

function fill(node: NodeRuntime, state: State): void {
  for (const entry of state.ct) node.ct.insert({...entry});
  for (const entry of state.nat) node.nat.insert({...entry});
  for (const [key, value] of state.affinity) node.affinity.set(key, {...value});
  for (const [key, value] of state.fragments) node.fragments.set(key, value);
  for (const [key, value] of state.neighbours) node.nodePortNeighbours.set(key, value);
}

function leftBehind(node: NodeRuntime): Omit<State, 'policies' | 'clock'> {
  return {
    ct: [...node.ct.entries()],
    nat: [...node.nat.entries()],
    affinity: node.affinity,
    fragments: node.fragments,
    neighbours: node.nodePortNeighbours,
  };
}

function policyMaps(bench: Bench, policies: State['policies']): ReadonlyMap<number, PolicyMap> {
  const maps = new Map<number, PolicyMap>();
  for (const {ep} of Object.values(bench.topology.endpoints)) {
    const entries = (['ingress', 'egress'] as const).flatMap(
      (direction) => policies.get(`${ep} ${direction}`) ?? [allowAll(direction)],
    );
    maps.set(ep, createPolicyMap(entries));
  }
  return maps;
}

/** Endpoint that a policy in the text is about: the receiver of the packet, or its sender for egress. */
function policyEndpoint(bench: Bench, skb: Skb, direction: PolicyEntry['direction']): number {
  const l3 = skb.start + 14;
  const v6 = get16(skb.buf, skb.start + 12) === 0x86dd;
  const at = direction === 'egress' ? (v6 ? 8 : 12) : v6 ? 24 : 16;
  const ip = v6 ? readIp6(skb.buf, l3 + at) : readIp4(skb.buf, l3 + at);
  return bench.state({}, new Map()).endpoints.get(ip)?.endpointId ?? 0;
}

/** The packet with the metadata that the text or the last vectors give it. */
function skbOf(vector: Vector, bench: Bench, preparation: Preparation, sent: Sent): Skb {
  const skb = newSkb(fromHex(vector.in_hex));
  skb.mark = Number(vector.in_mark ?? 0);
  skb.ifindex = ifindexOf(vector, bench, skb);
  if (vector.program === 'cil_from_overlay') {
    const vni = preparation.tunnelId ?? senderIdentity(bench, skb);
    if (vni !== 'none') skb.tunnel = {vni, remote: 0, ttl: 64, tos: 0, flags: 0};
    if (preparation.optionOf !== undefined) skb.tunnelOption = sent.options.get(preparation.optionOf);
  } else if (vector.program === 'cil_to_overlay' && sent.tunnel) skb.tunnel = {...sent.tunnel};
  return skb;
}

/** Pods send with their identity, everybody else as the ipcache knows them. */
function senderIdentity(bench: Bench, skb: Skb): number {
  const l3 = skb.start + 14;
  const v6 = get16(skb.buf, skb.start + 12) === 0x86dd;
  const ip = v6 ? readIp6(skb.buf, l3 + 8) : readIp4(skb.buf, l3 + 12);
  const identity = bench.state({}, new Map()).ipcache.lookup(ip)?.identity ?? 2;
  return identity === 9 || identity === 10 ? 2 : identity;
}

function ifindexOf(vector: Vector, bench: Bench, skb: Skb): number {
  const {devices, endpoints} = bench.topology;
  switch (vector.program) {
    case 'cil_from_container':
    case 'cil_to_container': {
      const mac = get48(skb.buf, skb.start + (vector.program === 'cil_from_container' ? 6 : 0));
      for (const endpoint of bench.state({}, new Map()).endpoints.values()) {
        if (endpoint.mac === mac && mac !== 0) return endpoint.ifindex;
      }
      return Object.values(endpoints)[0]!.ifx;
    }
    case 'cil_from_overlay':
    case 'cil_to_overlay':
      return devices['tunnel device'] ?? 5;
    case 'cil_from_host':
    case 'cil_to_host':
      return devices.cilium_host ?? 4;
    default:
      return devices.eth0 ?? 2;
  }
}

interface Result {
  readonly out_hex: string;
  readonly ret: number;
  readonly out_mark: string;
  readonly out_cb: readonly number[];
  readonly events: readonly VectorEvent[];
  readonly map_changes: Vector['map_changes'];
  readonly prandom_calls: number;
  readonly drop_reason: number | undefined;
}

function compare(vector: Vector, got: Result): Difference[] {
  const differences: Difference[] = [];
  const check = (field: string, expected: unknown, value: unknown) => {
    const [a, b] = [stable(expected), stable(value)];
    if (a !== b) differences.push({field, expected: a, got: b});
  };
  const lastOf = (...helpers: string[]) => got.events.filter((e) => helpers.includes(String(e.helper))).at(-1);
  check('out_hex', vector.out_hex, got.out_hex);
  check('ret', vector.ret, got.ret);
  // XDP has neither.
  if (vector.out_mark !== undefined) check('out_mark', vector.out_mark, got.out_mark);
  if (vector.out_cb !== undefined) check('out_cb', vector.out_cb, got.out_cb);
  check('tunnel_key', vector.tunnel_key, lastOf('set_tunnel_key'));
  check('tunnel_opt', vector.tunnel_opt, lastOf('set_tunnel_opt'));
  check('redirect', vector.redirect, lastOf('redirect', 'redirect_peer', 'redirect_neigh'));
  compareEvents(vector.events, got.events, check);
  compareMaps(vector, got, check);
  check('prandom_calls', vector.prandom_calls, got.prandom_calls);
  check('drop_reason', vector.drop_reason ?? undefined, got.drop_reason);
  return differences;
}

type Check = (field: string, expected: unknown, value: unknown) => void;

/** Event by event; of a recorded event, the raw bytes of helper parameters are left out: their fields are compared. */
function compareEvents(expected: readonly VectorEvent[], got: readonly VectorEvent[], check: Check): void {
  const clean = (event: VectorEvent | undefined) => {
    if (!event) return undefined;
    const {params_hex: _, ...rest} = event as {params_hex?: unknown};
    return rest;
  };
  for (let i = 0; i < Math.max(expected.length, got.length); i++) {
    const [a, b] = [clean(expected[i]), clean(got[i])];
    if (stable(a) !== stable(b)) return void check('events', {at: i, ...a}, {at: i, ...b});
  }
}

/** By map and key; key, value and their bytes, as far as the file has them. What is deleted is known by its key. */
function compareMaps(vector: Vector, got: Result, check: Check): void {
  const id = (change: Vector['map_changes'][number]) => `${change.map} ${change.key_hex}`;
  const ours = new Map(got.map_changes.map((change) => [id(change), change]));
  for (const change of vector.map_changes) {
    const mine = ours.get(id(change));
    ours.delete(id(change));
    const compared = Object.keys(change).filter((k) => change.change !== 'delete' || !k.startsWith('value'));
    const [expected, known] = [change, mine].map(
      (side) => side && Object.fromEntries(compared.map((k) => [k, side[k as keyof typeof side]])),
    );
    if (stable(expected) !== stable(known)) return void check('map_changes', change, known ?? null);
  }
  const [extra] = ours.values();
  if (extra) check('map_changes', null, extra);
}

/** JSON with sorted keys. */
function stable(value: unknown): string {
  return (
    JSON.stringify(value, (_, v) =>
      v && typeof v === 'object' && !Array.isArray(v)
        ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
        : v,
    ) ?? 'nothing'
  );
}
