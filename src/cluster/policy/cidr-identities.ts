/**
 * Local identities: what agents number the prefixes of policies with, and the addresses of names and services that policies
 * mean (cilium pkg/identity/cache/local.go).
 */
import {formatPrefix, type Ip, ipBits, isIp4, networkOf, type Prefix} from '../../wire/addr.js';
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

/** Prefixes of all rules, excepted ones too (`GetCIDRPrefixes`), each once, in the order met. 0.0.0.0/0 is the world itself. */
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
  for (const peer of peersOf(policies)) {
    if (peer.kind === 'cidr') for (const prefix of [peer.prefix, ...peer.except]) add(networkOf(prefix));
    if (peer.kind === 'service')
      for (const service of servicesOf(peer, services))
        if (!service.selector) for (const {ip} of service.backends) add(host(ip));
    if (peer.kind === 'fqdn')
      for (const {name, ips} of names)
        if (matchesName(peer.pattern, name)) for (const ip of ips) add(host(ip), peer.pattern);
  }
  return [...found.values()].map(({prefix, patterns}, i) => {
    const world = dualStack ? `reserved:world-ipv${isIp4(prefix.ip) ? 4 : 6}` : 'reserved:world';
    // a colon separates source and key of a label: IPv6 has dashes
    const text = formatPrefix(prefix).replaceAll(':', '-');
    return {id: FIRST + i, labels: [`cidr:${text}`, ...[...patterns].sort().map((name) => `fqdn:${name}`), world]};
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
