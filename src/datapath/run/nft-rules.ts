/** A node's nftables at the hooks of its stack (kube-proxy in nftables mode). */
import type {NftTable} from '../../control/kube-proxy/nft/model.js';
import {formatIpPort, isIp4, isLoopback} from '../../wire/addr.js';
import type {RuleHop, RuleTally} from '../rule-model.js';
import {type RuleHooks, type RuleMemory, refuse, tell, tellWork} from './netfilter-rules.js';
import {Counting, type Verdict, type WalkPacket} from './netfilter-walk.js';
import {type NftNode, walkNft} from './nft-walk.js';
import type {SimSkb} from './skb.js';
import type {SimNode} from './state.js';

/** Filters behind the routing decision, by the hook that they are at. */
const filters = {INPUT: 'filter-input', FORWARD: 'filter-forward', OUTPUT: 'filter-output-post-dnat'} as const;
const early = {PREROUTING: 'filter-prerouting', OUTPUT: 'filter-output'} as const;
const translations = {PREROUTING: 'nat-prerouting', OUTPUT: 'nat-output'} as const;

/** Undefined where nobody has put rules. */
export function createNftHooks(node: SimNode, {dynamic}: RuleMemory): RuleHooks | undefined {
  const {run, state} = node;
  const tables = state.nftables ?? [];
  if (tables.length === 0) return undefined;
  const tally: RuleTally = {rules: 0, lookups: 0};
  const asked: NftNode = {
    isLocal: (ip) => node.host.addresses.has(ip) || isLoopback(ip),
    random: run.random,
    dynamic,
    ...(run.step ? {tally} : {}),
  };
  const through = (chain: string, packet: WalkPacket, skb: SimSkb): Passage => {
    const table = tableFor(tables, packet);
    const hops: RuleHop[] | undefined = run.emit && [];
    const verdict: Verdict = table ? walkNft(table, chain, packet, asked, hops) : {kind: 'accept'};
    skb.mark = packet.mark;
    tellWork(node, skb, tally);
    return {verdict, hops};
  };
  const passes = (chain: string, packet: WalkPacket, skb: SimSkb): boolean => {
    const {verdict, hops} = through(chain, packet, skb);
    if (verdict.kind === 'accept') return true;
    tell(node, skb, 'discard', hops, verdict.kind);
    refuse(node, skb, packet, verdict);
    return false;
  };
  return {
    counters: new Counting(),
    elements: dynamic.elements,
    count() {},
    early: (hook, packet, skb) => passes(early[hook], packet, skb),
    translate(hook, packet, skb) {
      const {verdict, hops} = through(translations[hook], packet, skb);
      const to = verdict.kind === 'dnat' ? verdict.to : undefined;
      tell(node, skb, 'route', hops, to ? `dnat to ${formatIpPort(to.ip, to.port)}` : 'no service');
      return to;
    },
    filter: (hook, packet, skb) => passes(filters[hook], packet, skb),
    masquerades(packet, skb) {
      const {verdict, hops} = through('nat-postrouting', packet, skb);
      if (verdict.kind !== 'masquerade') return undefined;
      tell(node, skb, 'route', hops, 'masquerade');
      return 'random';
    },
  };
}

interface Passage {
  readonly verdict: Verdict;
  readonly hops: readonly RuleHop[] | undefined;
}

function tableFor(tables: readonly NftTable[], {source}: WalkPacket): NftTable | undefined {
  const family = isIp4(source) ? 4 : 6;
  return tables.find((table) => table.family === family);
}
