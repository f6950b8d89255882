/** What a run knows of a node's netfilter rules: which ones a packet matched, how often each did. */
import type {Chain, Rule, TableName} from '../control/kube-proxy/model.js';
import type {NftSet} from '../control/kube-proxy/nft/model.js';
import type {Ip} from '../wire/addr.js';

/** A netfilter rule that a packet matched. */
export interface RuleHop {
  /** `kube-proxy`: of nftables, else of iptables. */
  readonly table: TableName | 'kube-proxy';
  readonly chain: string;
  /** Number in its chain, from 1. */
  readonly rule: number;
  /** Chain it jumps to, or the target's name; empty for a rule that only counts. */
  readonly target: string;
  /** nftables: what decided inside the rule, `@service-ips` or `numgen 1 of 2`. */
  readonly by?: string;
}

/** What a run has counted at a node's netfilter rules. */
export interface RuleCounters {
  rule(rule: Rule): RuleCounter;
  /** Packets that came to the end of a built-in chain. */
  policy(chain: Chain): RuleCounter;
}

export interface RuleCounter {
  readonly packets: number;
  readonly bytes: number;
}

/** What packets have put into a set, in ascending order, with the milliseconds that each still stays there. */
export type SetElements = (set: NftSet) => readonly {readonly ip: Ip; readonly left: number}[];

/** Work of walks through rules. */
export interface RuleTally {
  /** Rules looked at, matching or not. */
  rules: number;
  /** Look-ups in sets, maps and hash tables. */
  lookups: number;
}
