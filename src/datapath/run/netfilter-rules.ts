/** A node's netfilter rules at the hooks of its stack: verdicts carried out, counters kept, events told. */
import type {HookChain, Ruleset, Table, TableName} from '../../control/kube-proxy/model.js';
import {formatIpPort, type Ip, isIp4, isLoopback} from '../../wire/addr.js';
import type {KernelEvent} from '../model.js';
import type {IpvsStats, RuleCounters, RuleHop, RuleTally, SetElements} from '../rule-model.js';
import {icmpError} from './icmp.js';
import {Ipvs} from './ipvs.js';
import {
  Counting,
  RecentLists,
  type SetTest,
  type Verdict,
  type WalkNode,
  type WalkPacket,
  walk,
} from './netfilter-walk.js';
import type {Connection} from './nf-conntrack.js';
import type {Endpoint} from './nf-tuple.js';
import {DynamicSets} from './nft-walk.js';
import type {SimSkb} from './skb.js';
import type {SimNode} from './state.js';

/** What outlives rules when kube-proxy writes them anew: who was where, and IPVS's connections. */
export interface RuleMemory {
  readonly recent: RecentLists;
  readonly dynamic: DynamicSets;
  readonly ipvs: Ipvs;
}

export function newRuleMemory({run}: SimNode): RuleMemory {
  const now = () => run.now / 1e6;
  return {recent: new RecentLists(), dynamic: new DynamicSets(now), ipvs: new Ipvs(now)};
}

export interface RuleHooks {
  /** Through a chain without rules: it only counts. */
  count(table: TableName, hook: HookChain, packet: WalkPacket): void;
  /** Filters that come before DNAT, which iptables has none of. False: refused or dropped, and the skb released. */
  early?(hook: 'PREROUTING' | 'OUTPUT', packet: WalkPacket, skb: SimSkb): boolean;
  /** Table nat of a connection's first packet: the endpoint that the rules choose. */
  translate(hook: 'PREROUTING' | 'OUTPUT', packet: WalkPacket, skb: SimSkb): Endpoint | undefined;
  /** Table filter. False: refused or dropped, and the skb released. */
  filter(hook: 'INPUT' | 'FORWARD' | 'OUTPUT', packet: WalkPacket, skb: SimSkb): boolean;
  /** Table nat of a connection's first packet on its way out: it gets the address of the device, with which port; undefined: it keeps its own. */
  masquerades(packet: WalkPacket, skb: SimSkb): 'random' | 'same' | undefined;
  readonly counters: RuleCounters;
  readonly elements?: SetElements;
  readonly ipvs?: IpvsStats;
  /** A packet of a connection that was translated. */
  seen?(connection: Connection, reply: boolean, skb: SimSkb): void;
}

/** Undefined where nobody has put rules. */
export function createRuleHooks(node: SimNode, memory: RuleMemory, inSet?: SetTest): RuleHooks | undefined {
  const {run, state} = node;
  const rulesets = state.rulesets ?? [];
  if (rulesets.length === 0) return undefined;
  const counters = new Counting();
  const otherwise = inSet ? 'left to IPVS' : 'no service';
  const tally: RuleTally = {rules: 0, lookups: 0};
  const asked: WalkNode = {
    isLocal: (ip) => node.host.addresses.has(ip) || isLoopback(ip),
    random: () => run.random.next(),
    now: () => run.now / 1e9,
    recent: memory.recent,
    ...(inSet ? {inSet} : {}),
    counters,
    ...(run.step ? {tally} : {}),
  };
  const tableFor = (name: TableName, packet: WalkPacket) => findTable(rulesets, name, packet.source);
  const through = (name: TableName, hook: HookChain, packet: WalkPacket, skb: SimSkb): Passage => {
    const table = tableFor(name, packet);
    const hops: RuleHop[] | undefined = run.emit && [];
    const verdict: Verdict = table ? walk(table, hook, packet, asked, hops) : {kind: 'accept'};
    skb.mark = packet.mark;
    tellWork(node, skb, tally);
    return {verdict, hops};
  };
  return {
    counters,
    count(name, hook, packet) {
      const table = tableFor(name, packet);
      if (table) walk(table, hook, packet, asked);
    },
    translate(hook, packet, skb) {
      const {verdict, hops} = through('nat', hook, packet, skb);
      const to = verdict.kind === 'dnat' ? verdict.to : undefined;
      tell(node, skb, 'route', hops, to ? `DNAT to ${formatIpPort(to.ip, to.port)}` : otherwise);
      return to;
    },
    filter(hook, packet, skb) {
      const {verdict, hops} = through('filter', hook, packet, skb);
      if (verdict.kind === 'accept') return true;
      tell(node, skb, 'discard', hops, verdict.kind === 'reject' ? 'REJECT' : 'DROP');
      refuse(node, skb, packet, verdict);
      return false;
    },
    masquerades(packet, skb) {
      const {verdict, hops} = through('nat', 'POSTROUTING', packet, skb);
      if (verdict.kind !== 'masquerade') return undefined;
      tell(node, skb, 'route', hops, 'MASQUERADE');
      return verdict.random ? 'random' : 'same';
    },
  };
}

/** The work since the last time, where somebody wants to know. */
export function tellWork({run, name}: SimNode, {packet}: SimSkb, tally: RuleTally): void {
  run.step?.({kind: 'rules', node: name, packet, rules: tally.rules, lookups: tally.lookups});
  tally.rules = 0;
  tally.lookups = 0;
}

/** Ends a packet that rules have not accepted. */
export function refuse(node: SimNode, skb: SimSkb, {source}: WalkPacket, verdict: Verdict): void {
  if (verdict.kind === 'reject') icmpError(node.host, skb, isIp4(source) ? {type: 3, code: 3} : {type: 1, code: 4});
  node.run.pool.release(skb);
}

interface Passage {
  readonly verdict: Verdict;
  readonly hops: readonly RuleHop[] | undefined;
}

function findTable(rulesets: readonly Ruleset[], name: TableName, ip: Ip): Table | undefined {
  const family = isIp4(ip) ? 4 : 6;
  return rulesets.find((ruleset) => ruleset.family === family)?.tables.find((table) => table.name === name);
}

/** `node1: nat PREROUTING 1 → KUBE-SERVICES 1 → …: DNAT to 10.32.2.20:8080`: each matched rule by its number in its chain. */
export function tell(
  node: SimNode,
  skb: SimSkb,
  action: KernelEvent['action'],
  hops: readonly RuleHop[] | undefined,
  end: string,
): void {
  const {run, name} = node;
  if (!run.emit || !hops?.[0]) return;
  const way = hops.map(({chain, rule}) => `${chain} ${rule}`).join(' → ');
  const text = `${name}: ${hops[0].table} ${way}: ${end}`;
  run.emit({kind: 'kernel', hook: 'kernel', time: run.now, node: name, packet: skb.packet, action, text, hops});
}
