/**
 * Local identities: what agents number the prefixes of policies with, and the addresses of names and services that policies
 * mean (cilium pkg/identity/cache/local.go).
 */
import {
  formatPrefix,
  type Ip,
  ipBits,
  isIp4,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
} from '../../wire/addr.js';
import type {Identity, Service} from '../model.js';
import {matchesName} from './fqdn.js';
import {matchesLabels} from './match-labels.js';
import type {Policy, PolicyPeer} from './model.js';

/** Scope 0x01, numbered from 1. */
const FIRST = 0x0100_0001;

/** An external name and what the DNS says of it. */
export interface ExternalName {
  readonly name: string;
  readonly ips: readonly Ip[];
}

export interface PolicySources {
  readonly policies: readonly Policy[];
  readonly services: readonly Service[];
  readonly names: readonly ExternalName[];
  readonly dualStack: boolean;
}

/** Prefixes that rules state, excepted ones too (`GetCIDRPrefixes`). */
function statedPrefixes(policies: readonly Policy[]): Prefix[] {
  return peersOf(policies).flatMap((peer) =>
    peer.kind === 'cidr' ? [peer.prefix, ...peer.except].map(networkOf) : [],
  );
}

/**
 * Labels that the addresses of a pod add to its own under `policy-cidr-match-mode: pods`: for each the longest prefix of a policy that
 * it is in, else that of all addresses (1.21-dev: pkg/endpoint computeCIDRLabelsRLocked, pkg/ipcache mergeLabels).
 */
export function createPodCidrLabels(policies: readonly Policy[]): (ips: readonly Ip[]) => string[] {
  const prefixes = statedPrefixes(policies).sort((a, b) => b.length - a.length);
  return (ips) =>
    ips.map((ip) => cidrLabel(prefixes.find((prefix) => prefixContains(prefix, ip)) ?? networkOf({ip, length: 0})));
}

/** A colon separates source and key of a label: IPv6 has dashes. */
export function cidrLabel(prefix: Prefix): string {
  return `cidr:${formatPrefix(prefix).replaceAll(':', '-')}`;
}

/** Prefixes that an identity's labels name. */
export function labelledPrefixes(labels: readonly string[]): Prefix[] {
  return labels.flatMap((label) =>
    label.startsWith('cidr:') ? (parsePrefix(label.slice('cidr:'.length).replaceAll('-', ':')) ?? []) : [],
  );
}

/** Prefixes of all rules, each once, in the order met. 0.0.0.0/0 is the world itself. */
export function cidrIdentities({policies, services, names, dualStack}: PolicySources): Identity[] {
  const found = new Map<string, {readonly prefix: Prefix; readonly patterns: Set<string>}>();
  const add = (prefix: Prefix, pattern?: string) => {
    if (prefix.length === 0) return;
    const key = formatPrefix(prefix);
    let entry = found.get(key);
    if (!entry) found.set(key, (entry = {prefix, patterns: new Set()}));
    if (pattern !== undefined) entry.patterns.add(pattern);
  };
  const host = (ip: Ip): Prefix => ({ip, length: ipBits(ip)});
  for (const prefix of statedPrefixes(policies)) add(prefix);
  for (const peer of peersOf(policies)) {
    if (peer.kind === 'service')
      for (const service of servicesOf(peer, services))
        if (!service.selector) for (const {ip} of service.backends) add(host(ip));
    if (peer.kind === 'fqdn')
      for (const {name, ips} of names)
        if (matchesName(peer.pattern, name)) for (const ip of ips) add(host(ip), peer.pattern);
  }
  return [...found.values()].map(({prefix, patterns}, i) => {
    const world = dualStack ? `reserved:world-ipv${isIp4(prefix.ip) ? 4 : 6}` : 'reserved:world';
    return {id: FIRST + i, labels: [cidrLabel(prefix), ...[...patterns].sort().map((name) => `fqdn:${name}`), world]};
  });
}

/** Of the policies that are Cilium's: it has no admin tiers. */
function peersOf(policies: readonly Policy[]): PolicyPeer[] {
  return policies
    .filter(({tier}) => tier === 'network')
    .flatMap(({ingress, egress}) => [...ingress.rules, ...egress.rules].flatMap(({peers}) => peers ?? []));
}

/** Services that a `toServices` peer means. */
export function servicesOf(peer: PolicyPeer & {kind: 'service'}, services: readonly Service[]): readonly Service[] {
  return services.filter(
    ({name, namespace, labels}) =>
      (peer.namespace === undefined || peer.namespace === namespace) &&
      (peer.name === undefined ? matchesLabels(peer.labels, labels) : peer.name === name),
  );
}
