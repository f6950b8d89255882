/** What a run knows of a node's netfilter rules: which ones a packet matched, how often each did. */
import type {Chain, Rule, TableName} from '../control/kube-proxy/model.js';

/** A netfilter rule that a packet matched. */
export interface RuleHop {
  readonly table: TableName;
  readonly chain: string;
  /** Number in its chain, from 1. */
  readonly rule: number;
  /** Chain it jumps to, or the target's name; empty for a rule that only counts. */
  readonly target: string;
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
