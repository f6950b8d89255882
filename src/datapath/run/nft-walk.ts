/**
 * A packet's way through a table of nftables: rules in order, `jump` and `goto`, verdicts from maps. A rule ends where one of its
 * parts does not match.
 */
import {
  type NftChain,
  type NftPart,
  type NftRule,
  type NftTable,
  type NftVerdict,
  portKey,
  protocolNumber,
  type Side,
  serviceKey,
} from '../../control/kube-proxy/nft/model.js';
import {compareIp, type Ip, prefixContains} from '../../wire/addr.js';
import type {RuleHop, RuleTally, SetElements} from '../rule-model.js';
import type {Verdict, WalkPacket} from './netfilter-walk.js';
import type {Random} from './random.js';

/** What rules ask the node. */
export interface NftNode {
  isLocal(ip: Ip): boolean;
  readonly random: Pick<Random, 'below'>;
  readonly dynamic: DynamicSets;
  readonly tally?: RuleTally;
}

interface Walk {
  readonly table: NftTable;
  readonly packet: WalkPacket;
  readonly node: NftNode;
  readonly hops: RuleHop[] | undefined;
}

/** From a base chain on; its end means accept. `hops`, if given, gets the rules that decided something. */
export function walkNft(table: NftTable, from: string, packet: WalkPacket, node: NftNode, hops?: RuleHop[]): Verdict {
  const verdict = walkChain({table, packet, node, hops}, table.chains.get(from)!);
  return verdict === 'return' ? {kind: 'accept'} : verdict;
}

/** `return`: back to the chain that jumped. */
type ChainEnd = Verdict | 'return';
/** `next`: the rule's next part; `miss`: the next rule. */
type PartEnd = ChainEnd | 'next' | 'miss';

function walkChain(walk: Walk, chain: NftChain): ChainEnd {
  for (let i = 0; i < chain.rules.length; i++) {
    const {tally} = walk.node;
    if (tally) tally.rules++;
    const end = walkRule(walk, chain, chain.rules[i]!, i + 1);
    if (end !== 'next' && end !== 'miss') return end;
  }
  return 'return';
}

function walkRule(walk: Walk, chain: NftChain, rule: NftRule, number: number): PartEnd {
  for (const part of rule.parts) {
    const end = walkPart(walk, chain, part, number);
    if (end !== 'next') return end;
  }
  return 'next';
}

function walkPart(walk: Walk, chain: NftChain, part: NftPart, number: number): PartEnd {
  const {packet, node, table} = walk;
  const {tally} = node;
  const when = (matches: boolean): PartEnd => (matches ? 'next' : 'miss');
  switch (part.kind) {
    case 'ct-new':
      return when(packet.state === 'NEW');
    case 'address':
      return when(part.prefixes.some((prefix) => prefixContains(prefix, addressOf(packet, part.side))) !== part.not);
    case 'in-set':
      if (tally) tally.lookups++;
      return when(inSet(walk, part.set, addressOf(packet, part.side)));
    case 'dport':
      return when(protocolNumber(part.protocol) === packet.protocol && part.port === packet.destinationPort);
    case 'local':
      return when(node.isLocal(addressOf(packet, part.side)));
    case 'vmap': {
      if (tally) tally.lookups++;
      const {destination, protocol, destinationPort} = packet;
      const key =
        part.key === 'service'
          ? serviceKey(destination, protocol, destinationPort)
          : portKey(protocol, destinationPort);
      const verdict = table.sets.get(part.map)?.elements.get(key)?.verdict;
      return verdict ? follow(walk, chain, number, verdict, `@${part.map}`) : 'miss';
    }
    case 'random': {
      if (tally) tally.lookups++;
      const way = node.random.below(part.chains.length);
      const by = `numgen ${way} of ${part.chains.length}`;
      return follow(walk, chain, number, {kind: 'goto', chain: part.chains[way]!}, by);
    }
    case 'update':
      node.dynamic.update(part.set, packet.source);
      return 'next';
    case 'unmarked':
      return when((packet.mark & part.mark) === 0);
    case 'mark':
      packet.mark = (part.operator === '|' ? packet.mark | part.mark : packet.mark ^ part.mark) >>> 0;
      hop(walk, chain, number, `mark ${part.operator} 0x${part.mark.toString(16)}`);
      return 'next';
    case 'dnat': {
      if (protocolNumber(part.protocol) !== packet.protocol) return 'miss';
      const {ip, port} = part;
      hop(walk, chain, number, 'dnat');
      return {kind: 'dnat', to: {ip, port}};
    }
    case 'reject':
      hop(walk, chain, number, part.kind);
      return {kind: 'reject'};
    case 'masquerade':
      hop(walk, chain, number, part.kind);
      return {kind: 'masquerade', random: true};
    default:
      return follow(walk, chain, number, part);
  }
}

function follow(walk: Walk, chain: NftChain, number: number, verdict: NftVerdict, by?: string): PartEnd {
  hop(walk, chain, number, 'chain' in verdict ? verdict.chain : verdict.kind, by);
  if (verdict.kind === 'drop') return {kind: 'drop'};
  if (verdict.kind === 'return') return 'return';
  const end = walkChain(walk, walk.table.chains.get(verdict.chain)!);
  return verdict.kind === 'jump' && end === 'return' ? 'next' : end;
}

function hop({hops}: Walk, chain: NftChain, rule: number, target: string, by?: string): void {
  hops?.push({table: 'kube-proxy', chain: chain.name, rule, target, ...(by === undefined ? {} : {by})});
}

function addressOf(packet: WalkPacket, side: Side): Ip {
  return side === 'saddr' ? packet.source : packet.destination;
}

function inSet({table, node}: Walk, name: string, ip: Ip): boolean {
  const set = table.sets.get(name);
  return set?.timeout === undefined ? set?.elements.has(ip) === true : node.dynamic.has(name, set.timeout, ip);
}

/** Sets that rules fill: name → address → when it was last put there, in milliseconds. */
export class DynamicSets {
  private readonly sets = new Map<string, Map<Ip, number>>();

  /** `now`: milliseconds. */
  constructor(private readonly now: () => number) {}

  update(name: string, ip: Ip): void {
    let set = this.sets.get(name);
    if (!set) this.sets.set(name, (set = new Map()));
    set.set(ip, this.now());
  }

  /** `timeout`: seconds. */
  has(name: string, timeout: number, ip: Ip): boolean {
    const seen = this.sets.get(name)?.get(ip);
    return seen !== undefined && this.now() < seen + timeout * 1000;
  }

  readonly elements: SetElements = ({name, timeout = 0}) =>
    [...(this.sets.get(name) ?? [])]
      .map(([ip, seen]) => ({ip, left: seen + timeout * 1000 - this.now()}))
      .filter(({left}) => left > 0)
      .sort((a, b) => compareIp(a.ip, b.ip));
}
