/**
 * The policy map of one endpoint (cilium_policy_v2) and its lookup as bpf/lib/policy.h does it: one longest-prefix match over
 * protocol and port for the peer's own identity, one for its aggregate, then one of the two; 0 = any is asked where neither
 * has an entry.
 */
import {aggregateIdentity, reservedIdentities} from './identity.js';
import type {PolicyEntry, PolicyMap, PolicyVerdict} from './model.js';

/** Precedence at the default priority: allow and deny. */
export const policyPrecedence = {allow: 0xffffff01, deny: 0xffffffff} as const;

/** policy-verdict match types (bpf/lib/policy.h). */
export const policyMatch = {none: 0, l3: 1, l3l4: 2, l4: 3, all: 4, l3proto: 5, proto: 6} as const;

const NO_MATCH: PolicyVerdict = {entry: undefined, match: policyMatch.none};

/** Bits of protocol and port that an entry fixes: 0, 8, or 9 … 24. */
function prefixBits(entry: PolicyEntry): number {
  return entry.protocol === 0 ? 0 : 8 + entry.portBits;
}

function matches(entry: PolicyEntry, protocol: number, port: number): boolean {
  if (entry.protocol === 0) return true;
  return entry.protocol === protocol && (entry.port ^ port) >>> (16 - entry.portBits) === 0;
}

/** An entry found by an aggregate identity counts as one for everybody. */
function matchType(entry: PolicyEntry, specific: boolean): number {
  const bits = prefixBits(entry);
  if (specific) return bits > 8 ? policyMatch.l3l4 : bits > 0 ? policyMatch.l3proto : policyMatch.l3;
  return bits > 8 ? policyMatch.l4 : bits > 0 ? policyMatch.proto : policyMatch.all;
}

/** Entries of one direction by identity, longest protocol/port prefix first. */
type Side = Map<number, PolicyEntry[]>;

function indexSide(entries: readonly PolicyEntry[], direction: PolicyEntry['direction']): Side {
  const side: Side = new Map();
  for (const entry of entries) {
    if (entry.direction !== direction) continue;
    const list = side.get(entry.identity);
    if (list) list.push(entry);
    else side.set(entry.identity, [entry]);
  }
  for (const list of side.values()) list.sort((a, b) => prefixBits(b) - prefixBits(a));
  return side;
}

/** `clusterId` tells this cluster's identities from a mesh peer's. */
export function createPolicyMap(entries: readonly PolicyEntry[], clusterId = 0): PolicyMap {
  const sides = {ingress: indexSide(entries, 'ingress'), egress: indexSide(entries, 'egress')};

  return {
    entries,
    lookup(direction, identity, protocol, port) {
      const side = sides[direction];
      const longest = (id: number) => side.get(id)?.find((entry) => matches(entry, protocol, port));
      const specific = longest(identity);
      const aggregate = aggregateIdentity(identity, clusterId);
      let general = aggregate === identity ? undefined : longest(aggregate);
      if (!specific && !general && aggregate !== 0) general = longest(0);
      const best = stronger(specific, general);
      return best ? {entry: best, match: matchType(best, best === specific)} : NO_MATCH;
    },
  };
}

/** Higher precedence, then the longer protocol/port prefix, then the more specific identity (`specific`). */
function stronger(specific: PolicyEntry | undefined, general: PolicyEntry | undefined): PolicyEntry | undefined {
  if (!specific || !general) return specific ?? general;
  if (specific.precedence !== general.precedence) return specific.precedence > general.precedence ? specific : general;
  return prefixBits(general) > prefixBits(specific) ? general : specific;
}

/** One entry per direction that lets everything pass: what a direction without enforcement holds. */
export function allowAll(direction: PolicyEntry['direction']): PolicyEntry {
  return {...anyEntry, direction, origin: 'no policy selects the endpoint'};
}

/** The local host always reaches its pods (allow-localhost: auto with Kubernetes). */
export function allowLocalhost(): PolicyEntry {
  return {...anyEntry, direction: 'ingress', identity: reservedIdentities.host, origin: 'allow-localhost'};
}

const anyEntry = {
  identity: 0,
  protocol: 0,
  port: 0,
  portBits: 0,
  deny: false,
  proxyPort: 0,
  precedence: policyPrecedence.allow,
} as const;

/** What an endpoint that no policy selects holds, by `enable-policy`. */
export function defaultPolicyEntries(enablePolicy: 'default' | 'always' | 'never'): PolicyEntry[] {
  return enablePolicy === 'always' ? [allowLocalhost()] : [allowAll('ingress'), allowAll('egress')];
}
