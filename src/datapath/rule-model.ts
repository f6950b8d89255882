/** What a run knows of a node's netfilter rules: which ones a packet matched, how often each did. */

import type {RealServer, VirtualServer} from '../control/kube-proxy/ipvs/model.js';
import type {Chain, Rule, TableName} from '../control/kube-proxy/model.js';
import type {NftSet} from '../control/kube-proxy/nft/model.js';
import type {Ip} from '../wire/addr.js';

/** A netfilter rule that a packet matched. */
export interface RuleHop {
  /** `kube-proxy`: of nftables; `ipvs`: a virtual server; else of iptables. */
  readonly table: TableName | 'kube-proxy' | 'ipvs';
  /** ipvs: `TCP 10.96.10.50:80`. */
  readonly chain: string;
  /** Number in its chain, from 1; ipvs: of the real server. */
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

/** What IPVS of a node has seen. */
export interface IpvsStats {
  /** Of a virtual server, or of one of its real servers. */
  counters(server: VirtualServer, real?: RealServer): IpvsCounters;
  /** The same per second, as the kernel estimates it. */
  rates(server: VirtualServer, real?: RealServer): IpvsCounters;
  load(
    server: VirtualServer,
    real: RealServer,
  ): {readonly active: number; readonly inactive: number; readonly persistent: number};
  connections(): readonly IpvsConnection[];
}

export interface IpvsCounters {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

export interface IpvsConnection {
  readonly server: VirtualServer;
  readonly real: RealServer;
  readonly source: Ip;
  /** 0: the template of a client that stays with its real server. */
  readonly sourcePort: number;
  readonly state: string;
  /** Milliseconds until it is forgotten. */
  readonly left: number;
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
