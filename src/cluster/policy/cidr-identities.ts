/** Local CIDR identities: what agents number the prefixes of policies with (cilium pkg/identity/cache/local.go). */
import {formatPrefix, isIp4, networkOf, type Prefix} from '../../wire/addr.js';
import type {Identity} from '../model.js';
import type {Policy} from './model.js';

/** Scope 0x01, numbered from 1. */
const FIRST = 0x0100_0001;

/** Prefixes of all rules, excepted ones too (`GetCIDRPrefixes`), each once, in the order met. 0.0.0.0/0 is the world itself. */
function policyPrefixes(policies: readonly Policy[]): Prefix[] {
  const out = new Map<string, Prefix>();
  for (const {tier, ingress, egress} of policies) {
    // the admin tiers are not Cilium's
    if (tier !== 'network') continue;
    for (const {peers} of [...ingress.rules, ...egress.rules])
      for (const peer of peers ?? []) {
        if (peer.kind !== 'cidr') continue;
        for (const prefix of [peer.prefix, ...peer.except].map(networkOf))
          if (prefix.length > 0) out.set(formatPrefix(prefix), prefix);
      }
  }
  return [...out.values()];
}

export function cidrIdentities(policies: readonly Policy[], dualStack: boolean): Identity[] {
  return policyPrefixes(policies).map((prefix, i) => {
    const world = dualStack ? `reserved:world-ipv${isIp4(prefix.ip) ? 4 : 6}` : 'reserved:world';
    // a colon separates source and key of a label: IPv6 has dashes
    const text = formatPrefix(prefix).replaceAll(':', '-');
    return {id: FIRST + i, labels: [`cidr:${text}`, world]};
  });
}
