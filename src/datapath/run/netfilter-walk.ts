/**
 * A packet's way through the chains of one table, as the kernel evaluates them: rules in order, jumps and returns, the built-in
 * chain's policy at the end. Matching rules count.
 */
import type {
  AddressMatch,
  Chain,
  CtState,
  Match,
  Protocol,
  Rule,
  Table,
  Target,
} from '../../control/kube-proxy/model.js';
import {type Ip, isIp4, prefixContains} from '../../wire/addr.js';
import {PROTO_SCTP, PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';
import type {RuleCounters, RuleHop, RuleTally} from '../rule-model.js';
import type {Endpoint, Tuple} from './nf-tuple.js';

const protocolNumbers: Readonly<Record<Protocol, number>> = {tcp: PROTO_TCP, udp: PROTO_UDP, sctp: PROTO_SCTP};

/** What rules see of a packet; MARK changes `mark`. */
export interface WalkPacket extends Tuple {
  readonly state: Exclude<CtState, 'DNAT'>;
  /** Its connection's destination was changed. */
  readonly dnat: boolean;
  /** IP packet, bytes. */
  readonly length: number;
  mark: number;
}

/** `directions`: `dst,dst`. */
export type SetTest = (name: string, directions: string, packet: WalkPacket) => boolean;

/** What rules ask the node, and where they count. */
export interface WalkNode {
  isLocal(ip: Ip): boolean;
  /** 32 random bits. */
  random(): number;
  /** Seconds. */
  now(): number;
  readonly recent: RecentLists;
  /** Is it in this ipset? */
  readonly inSet?: SetTest;
  readonly counters: Counting;
  /** Who wants to know how much work it was. */
  readonly tally?: RuleTally;
}

export type Verdict =
  | {readonly kind: 'accept' | 'drop' | 'reject'}
  /** To a random port, or to the same where it is free. */
  | {readonly kind: 'masquerade'; readonly random: boolean}
  | {readonly kind: 'dnat'; readonly to: Endpoint};

const verdicts = {
  ACCEPT: {kind: 'accept'},
  DROP: {kind: 'drop'},
  REJECT: {kind: 'reject'},
} as const satisfies Readonly<Record<string, Verdict>>;

/** Sends a packet through a table from a built-in chain on. `hops`, if given, gets the rules that matched. */
export function walk(table: Table, from: string, packet: WalkPacket, node: WalkNode, hops?: RuleHop[]): Verdict {
  const chain = table.chains.get(from)!;
  const verdict = walkChain(table, chain, packet, node, hops);
  if (verdict) return verdict;
  node.counters.countPolicy(chain, packet.length);
  return verdicts.ACCEPT;
}

/** Undefined: the end of the chain, or RETURN. */
function walkChain(
  table: Table,
  chain: Chain,
  packet: WalkPacket,
  node: WalkNode,
  hops: RuleHop[] | undefined,
): Verdict | undefined {
  const {rules} = chain;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]!;
    if (node.tally) node.tally.rules++;
    if (!matchesRule(rule, packet, node)) continue;
    node.counters.count(rule, packet.length);
    const {target} = rule;
    hops?.push({table: table.name, chain: chain.name, rule: i + 1, target: targetName(target)});
    if (!target) continue;
    if (target.kind === 'RETURN') return undefined;
    if (target.kind === 'MARK') packet.mark = ((packet.mark & ~target.mask) ^ target.value) >>> 0;
    else if (target.kind === 'MASQUERADE') return {kind: 'masquerade', random: target.random !== false};
    else if (target.kind === 'DNAT') return {kind: 'dnat', to: {ip: target.ip, port: target.port}};
    else if (target.kind !== 'jump') return verdicts[target.kind];
    else {
      const verdict = walkChain(table, table.chains.get(target.chain)!, packet, node, hops);
      if (verdict) return verdict;
    }
  }
  return undefined;
}

function targetName(target: Target | undefined): string {
  return target?.kind === 'jump' ? target.chain : (target?.kind ?? '');
}

function matchesRule(rule: Rule, packet: WalkPacket, node: WalkNode): boolean {
  const {source, destination, protocol, matches} = rule;
  if (destination && !matchesAddress(destination, packet.destination)) return false;
  if (source && !matchesAddress(source, packet.source)) return false;
  if (protocol && protocolNumbers[protocol] !== packet.protocol) return false;
  for (const match of matches) if (!matchesPart(match, packet, node)) return false;
  return true;
}

function matchesAddress({prefix, not}: AddressMatch, ip: Ip): boolean {
  const inside = prefix.length === 32 && isIp4(ip) ? prefix.ip === ip : prefixContains(prefix, ip);
  return inside !== not;
}

/** In the rule's order: what comes behind a match that fails isn't looked at, so that `recent` and `statistic` stay untouched. */
function matchesPart(match: Match, packet: WalkPacket, node: WalkNode): boolean {
  switch (match.kind) {
    case 'comment':
      return true;
    case 'conntrack':
      return (match.states.includes(packet.state) || (packet.dnat && match.states.includes('DNAT'))) !== match.not;
    case 'mark':
      return ((packet.mark & match.mask) === match.value) !== match.not;
    case 'local':
      return node.isLocal(match.side === 'src' ? packet.source : packet.destination) !== (match.not === true);
    case 'set':
      if (node.tally) node.tally.lookups++;
      return node.inSet?.(match.name, match.directions, packet) === true;
    // Pods are not on a bridge here.
    case 'not-bridged':
      return true;
    // For what the node itself sends to its own load balancer address, which nothing here does.
    case 'ipvs':
      return false;
    case 'recent-set':
      node.recent.set(match.name, packet.source, node.now());
      return true;
    case 'recent-check':
      return node.recent.check(match.name, packet.source, node.now() - match.seconds);
    case 'statistic':
      return node.random() >>> 1 < match.below;
    case 'multiport':
      return match.dports.includes(packet.destinationPort);
    case 'l4':
      return match.dport === undefined || match.dport === packet.destinationPort;
  }
}

/** Packets and bytes, by rule and by built-in chain. */
export class Counting implements RuleCounters {
  private readonly counted = new Map<Rule | Chain, {packets: number; bytes: number}>();

  count(rule: Rule, length: number): void {
    this.add(rule, length);
  }

  countPolicy(chain: Chain, length: number): void {
    this.add(chain, length);
  }

  rule(rule: Rule): {readonly packets: number; readonly bytes: number} {
    return this.counted.get(rule) ?? {packets: 0, bytes: 0};
  }

  policy(chain: Chain): {readonly packets: number; readonly bytes: number} {
    return this.counted.get(chain) ?? {packets: 0, bytes: 0};
  }

  private add(what: Rule | Chain, length: number): void {
    const counter = this.counted.get(what);
    if (counter) {
      counter.packets++;
      counter.bytes += length;
    } else this.counted.set(what, {packets: 1, bytes: length});
  }
}

/** Sources that a list of xt_recent remembers (module parameter ip_list_tot). */
const LIST_SIZE = 100;

/** Lists of xt_recent: name → source → when it was last seen, least recent first. */
export class RecentLists {
  private readonly lists = new Map<string, Map<Ip, number>>();

  set(name: string, ip: Ip, now: number): void {
    let list = this.lists.get(name);
    if (!list) this.lists.set(name, (list = new Map()));
    list.delete(ip);
    if (list.size >= LIST_SIZE) list.delete(list.keys().next().value!);
    list.set(ip, now);
  }

  /** Seen at `since` or later. */
  check(name: string, ip: Ip, since: number): boolean {
    const seen = this.lists.get(name)?.get(ip);
    return seen !== undefined && seen >= since;
  }
}
