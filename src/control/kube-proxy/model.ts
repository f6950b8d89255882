/**
 * Netfilter rules as data, in the words of iptables.
 *
 *   Ruleset (a family) ── Table ── Chain ── Rule: addresses, protocol, matches in the order given, target
 *
 * Immutable; counters belong to a run.
 */
import type {Ip, Prefix} from '../../wire/addr.js';

export interface Ruleset {
  readonly family: 4 | 6;
  /** In the order iptables-nft-save prints them: mangle, filter, nat. */
  readonly tables: readonly Table[];
}

/** `raw` and `security` exist where somebody asks for them; kube-proxy leaves them empty. */
export type TableName = 'mangle' | 'filter' | 'nat' | 'raw' | 'security';
export type HookChain = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

export interface Table {
  readonly name: TableName;
  /** As printed: built-in chains in hook order, then the others by name. */
  readonly chains: ReadonlyMap<string, Chain>;
}

export interface Chain {
  readonly name: string;
  /** Built in, with policy ACCEPT. */
  readonly builtin: boolean;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly source?: AddressMatch;
  readonly destination?: AddressMatch;
  readonly protocol?: Protocol;
  readonly matches: readonly Match[];
  /** Undefined: the rule only counts. */
  readonly target: Target | undefined;
}

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface AddressMatch {
  /** Host bits are clear, length is over 0. */
  readonly prefix: Prefix;
  readonly not: boolean;
}

/** ctstate, in the order iptables prints them. */
export type CtState = 'INVALID' | 'NEW' | 'RELATED' | 'ESTABLISHED' | 'DNAT';

export type Match =
  | {readonly kind: 'comment'; readonly text: string}
  | {readonly kind: 'conntrack'; readonly not: boolean; readonly states: readonly CtState[]}
  | {readonly kind: 'mark'; readonly not: boolean; readonly value: number; readonly mask: number}
  /** addrtype with type LOCAL. */
  | {readonly kind: 'local'; readonly side: 'src' | 'dst'; readonly not?: boolean}
  /** An ipset: which parts of the packet its entries are, as `dst,dst`. */
  | {readonly kind: 'set'; readonly name: string; readonly directions: string}
  /** physdev: did not come in by a bridge port. */
  | {readonly kind: 'not-bridged'}
  /** Sent by IPVS for this virtual server. */
  | {readonly kind: 'ipvs'; readonly ip: Ip; readonly protocol: Protocol; readonly port: number}
  | {readonly kind: 'recent-set'; readonly name: string}
  | {readonly kind: 'recent-check'; readonly name: string; readonly seconds: number}
  /** Random: matches when 31 random bits are below this. */
  | {readonly kind: 'statistic'; readonly below: number}
  /** Destination ports of the rule's protocol, 15 at most. */
  | {readonly kind: 'multiport'; readonly dports: readonly number[]}
  /** The match of the rule's protocol, with `--dport` where it has one. */
  | {readonly kind: 'l4'; readonly dport?: number};

export type Target =
  | {readonly kind: 'jump'; readonly chain: string}
  | {readonly kind: 'ACCEPT'}
  | {readonly kind: 'DROP'}
  | {readonly kind: 'RETURN'}
  /** With port unreachable. */
  | {readonly kind: 'REJECT'}
  /** mark = (mark & ~mask) ^ value. */
  | {readonly kind: 'MARK'; readonly value: number; readonly mask: number}
  /** With --random-fully, unless `random` is false. */
  | {readonly kind: 'MASQUERADE'; readonly random?: boolean}
  | {readonly kind: 'DNAT'; readonly ip: Ip; readonly port: number};
