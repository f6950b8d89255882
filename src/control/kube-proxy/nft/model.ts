/**
 * A table of nftables as data.
 *
 *   Table (a family) ┬ Set, Map: typed keys, for a map each with a verdict
 *                    └ Chain ── Rule: expressions, evaluated one after the other
 *
 * Immutable; what packets put into sets belongs to a run. Handles are numbers of one series per table, in the order of creation.
 */
import type {Ip, Prefix} from '../../../wire/addr.js';
import type {Protocol} from '../model.js';

export interface NftTable {
  readonly family: 4 | 6;
  readonly name: string;
  readonly comment: string;
  readonly handle: number;
  /** Sets and maps, as created. */
  readonly sets: ReadonlyMap<string, NftSet>;
  readonly chains: ReadonlyMap<string, NftChain>;
}

export interface NftSet {
  readonly name: string;
  readonly handle: number;
  readonly key: KeyType;
  /** A map to verdicts. */
  readonly verdicts: boolean;
  readonly comment?: string;
  /** Filled by rules: seconds that an element stays after it was last seen. */
  readonly timeout?: number;
  /** By `elementKey`. */
  readonly elements: ReadonlyMap<ElementKey, NftElement>;
}

/** `address . protocol . port`, `protocol . port`, or an address alone. */
export type KeyType = 'service' | 'port' | 'address';
export type ElementKey = string | number;

export interface NftElement {
  readonly ip?: Ip;
  readonly protocol?: Protocol;
  readonly port?: number;
  readonly comment?: string;
  readonly verdict?: NftVerdict;
}

export type NftVerdict =
  | {readonly kind: 'goto' | 'jump'; readonly chain: string}
  | {readonly kind: 'drop'}
  | {readonly kind: 'return'};

export interface NftChain {
  readonly name: string;
  readonly handle: number;
  readonly comment?: string;
  readonly base?: NftBase;
  readonly rules: readonly NftRule[];
}

export type NftHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** A chain that a hook calls; its policy is accept. */
export interface NftBase {
  readonly type: 'filter' | 'nat';
  readonly hook: NftHook;
  /** -100 is dstnat at prerouting, 100 srcnat at postrouting. */
  readonly priority: number;
}

export interface NftRule {
  readonly handle: number;
  readonly parts: readonly NftPart[];
  readonly comment?: string;
}

export type Side = 'saddr' | 'daddr';

export type NftPart =
  | {readonly kind: 'ct-new'}
  | {readonly kind: 'address'; readonly side: Side; readonly not: boolean; readonly prefixes: readonly Prefix[]}
  | {readonly kind: 'in-set'; readonly side: Side; readonly set: string}
  | {readonly kind: 'dport'; readonly protocol: Protocol; readonly port: number}
  /** fib … type local. */
  | {readonly kind: 'local'; readonly side: Side}
  /** A verdict by destination from a map. */
  | {readonly kind: 'vmap'; readonly key: 'service' | 'port'; readonly map: string}
  /** numgen random mod N vmap: one of these chains. */
  | {readonly kind: 'random'; readonly chains: readonly string[]}
  /** The source's address goes into a set, or stays longer. */
  | {readonly kind: 'update'; readonly set: string}
  | {readonly kind: 'unmarked'; readonly mark: number}
  | {readonly kind: 'mark'; readonly operator: '|' | '^'; readonly mark: number}
  | {readonly kind: 'dnat'; readonly protocol: Protocol; readonly ip: Ip; readonly port: number}
  /** With port unreachable. */
  | {readonly kind: 'reject'}
  /** fully-random. */
  | {readonly kind: 'masquerade'}
  | NftVerdict;

const protocolNumbers: Readonly<Record<Protocol, number>> = {tcp: 6, udp: 17, sctp: 132};

export function protocolNumber(protocol: Protocol): number {
  return protocolNumbers[protocol];
}

/** `protocol` is the IP protocol number. */
export function serviceKey(ip: Ip, protocol: number, port: number): ElementKey {
  return `${ip} ${(protocol << 16) | port}`;
}

export function portKey(protocol: number, port: number): ElementKey {
  return (protocol << 16) | port;
}

export function elementKey({ip, protocol, port = 0}: NftElement): ElementKey {
  const number = protocol ? protocolNumbers[protocol] : 0;
  if (ip === undefined) return portKey(number, port);
  return protocol ? serviceKey(ip, number, port) : ip;
}
