/**
 * Policies → the policy map of one endpoint, as the agent computes it (cilium pkg/policy: resolve, l4, mapstate). One priority
 * level, as NetworkPolicy, CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy have it: deny before allow.
 */
import type {Cluster, ClusterNode, ContainerPort, L4Name, Pod} from '../../cluster/model.js';
import {
  type LabelSelector,
  type Policy,
  type PolicyPeer,
  type PolicyPort,
  type PolicyRule,
  policyTitle,
} from '../../cluster/policy/model.js';
import {hostIdentityLabels} from '../../cluster/policy/node-identities.js';
import type {Governed} from '../host-endpoint.js';
import type {PolicyEntry} from '../model.js';
import {allowAll, allowLocalhost, defaultPolicyEntries, policyPrecedence} from '../policy-map.js';
import {createPeerIdentities, everyone} from './identity-peers.js';
import {type IdentityLabels, matchesIdentity} from './select.js';

export interface PolicyCompiler {
  /** Entries of the map of this endpoint; of a node's, with the host firewall. */
  entries(own: Governed): readonly PolicyEntry[];
  /** Policies of Cilium's that govern it, in definition order. */
  governing(own: Governed): readonly Policy[];
  /** Whom a rule means, with what the policies of this endpoint require of endpoints besides; `everyone` for no peers. */
  identities(rule: PolicyRule, direction: PolicyEntry['direction'], own: Governed): ReadonlySet<number>;
  /** Protocol and port ranges of a rule for connections to (ingress) or from (egress) this endpoint. */
  ranges(rule: PolicyRule, direction: PolicyEntry['direction'], own: Governed): readonly PortMatch[];
}

/** protocol 0 = any; first 0 … last 65535 = every port. Of ICMP the port is the type. */
export interface PortMatch {
  readonly protocol: number;
  readonly first: number;
  readonly last: number;
}

export const protocolNumbers: Readonly<Record<L4Name | 'ICMP' | 'ICMPv6', number>> = {
  ICMP: 1,
  TCP: 6,
  UDP: 17,
  ICMPv6: 58,
  SCTP: 132,
};

const l4: readonly L4Name[] = ['TCP', 'UDP', 'SCTP'];

/** Of the node's agent: nodes whose own addresses have the same labels share a compiler. */
export function createPolicyCompilers(cluster: Cluster): (node: ClusterNode) => PolicyCompiler {
  const compilers = new Map<string, PolicyCompiler>();
  const byNode = new Map<ClusterNode, PolicyCompiler>();
  return (node) => {
    let compiler = byNode.get(node);
    if (compiler) return compiler;
    const key = hostIdentityLabels(node, cluster.cilium).join();
    compiler = compilers.get(key) ?? createPolicyCompiler(cluster, node);
    compilers.set(key, compiler);
    byNode.set(node, compiler);
    return compiler;
  };
}

/**
 * As the agent of `node` compiles them; undefined: without what is that node's own. Agents know nothing of the admin tiers
 * (policy.networking.k8s.io/v1alpha1).
 */
export function createPolicyCompiler(cluster: Cluster, node?: ClusterNode): PolicyCompiler {
  const policies = (cluster.policies ?? []).filter(
    ({tier, needs}) => tier === 'network' && (needs === undefined || cluster.cilium.raw[needs] === 'true'),
  );
  const peers = createPeerIdentities(cluster, node);
  const names = clusterPortNames(cluster.pods);
  const {enablePolicy} = cluster.cilium;
  /** By identity, or by the labels of a node. */
  const governed = new Map<number | IdentityLabels, readonly Policy[]>();

  function governing({identity, host}: Governed): readonly Policy[] {
    const key = host ?? identity;
    let found = governed.get(key);
    if (!found) {
      const governs = ({nodeSelector, subject}: Policy) =>
        host ? nodeSelector !== undefined && matchesIdentity(nodeSelector, host) : peers.governs(subject, identity);
      found = policies.filter(governs);
      governed.set(key, found);
    }
    return found;
  }

  /** By the list of governing policies: conditions of all their `fromRequires`. */
  const required = new Map<readonly Policy[], {readonly ingress: LabelSelector; readonly egress: LabelSelector}>();

  function requiredOf(direction: PolicyEntry['direction'], own: readonly Policy[]): LabelSelector {
    let found = required.get(own);
    if (!found) {
      const all = (side: PolicyEntry['direction']) => own.flatMap(({requires}) => requires?.[side] ?? []);
      required.set(own, (found = {ingress: all('ingress'), egress: all('egress')}));
    }
    return found[direction];
  }

  /** Of a rule with requirements: by the requirements. */
  const narrowed = new Map<LabelSelector, Map<PolicyRule, ReadonlySet<number>>>();

  function identities(rule: PolicyRule, direction: PolicyEntry['direction'], target: Governed): ReadonlySet<number> {
    if (rule.peers === undefined) return everyone;
    const [only] = rule.peers;
    const more = requiredOf(direction, governing(target));
    if (more.length === 0 && only && rule.peers.length === 1) return peers.of(only);
    let known = narrowed.get(more);
    if (!known) narrowed.set(more, (known = new Map()));
    let ids = known.get(rule);
    if (!ids) {
      const narrow = (peer: PolicyPeer): PolicyPeer =>
        peer.kind === 'identity' && more.length > 0 ? {...peer, labels: [...peer.labels, ...more]} : peer;
      ids = new Set(rule.peers.flatMap((peer) => [...peers.of(narrow(peer))]));
      known.set(rule, ids);
    }
    return ids;
  }

  function ranges(rule: PolicyRule, direction: PolicyEntry['direction'], target: Governed): readonly PortMatch[] {
    if (rule.ports === undefined) return [{protocol: 0, first: 0, last: 65535}];
    const numbers = (name: string, protocol: L4Name) =>
      direction === 'ingress' ? ownPorts(target.ports, name, protocol) : (names.get(`${protocol} ${name}`) ?? []);
    return rule.ports.flatMap((port) => portMatches(port, numbers));
  }

  function side(direction: PolicyEntry['direction'], target: Governed, own: readonly Policy[]): PolicyEntry[] {
    const enforced = enablePolicy === 'always' || own.some((policy) => policy[direction].defaultDeny);
    const out = new Map<string, PolicyEntry>();
    const add = (entry: PolicyEntry) => {
      const key = `${entry.identity} ${entry.protocol} ${entry.port} ${entry.portBits}`;
      const other = out.get(key);
      if (!other || other.precedence < entry.precedence) out.set(key, entry);
    };
    if (!enforced) for (const identity of everyone) add({...allowAll(direction), identity});
    else if (direction === 'ingress' && !isStrict(cluster) && !target.host) add(allowLocalhost());
    for (const policy of own)
      for (const rule of policy[direction].rules) {
        const ids = identities(rule, direction, target);
        const matches = ranges(rule, direction, target).flatMap(prefixes);
        const deny = rule.action === 'deny';
        const origin = `${policyTitle(policy)} ${rule.label}`;
        const precedence = deny ? policyPrecedence.deny : policyPrecedence.allow;
        for (const identity of ids)
          for (const match of matches) add({direction, identity, ...match, deny, proxyPort: 0, precedence, origin});
      }
    return withoutCovered([...out.values()]);
  }

  return {
    identities,
    governing,
    ranges,
    entries(target) {
      if (enablePolicy === 'never') return defaultPolicyEntries(enablePolicy);
      const own = governing(target);
      if (own.length === 0 && !target.host) return defaultPolicyEntries(enablePolicy);
      return [...side('ingress', target, own), ...side('egress', target, own)];
    },
  };
}

/** `allow-localhost: policy`: the node's own processes need a rule. */
export function isStrict({cilium}: Cluster): boolean {
  return cilium.raw['allow-localhost'] === 'policy';
}

/** Within one identity the longest prefix decides: allows that a wider deny takes in are left out (mapstate.go). */
function withoutCovered(entries: readonly PolicyEntry[]): PolicyEntry[] {
  const denies = new Map<number, PolicyEntry[]>();
  for (const entry of entries)
    if (entry.deny) {
      const list = denies.get(entry.identity);
      if (list) list.push(entry);
      else denies.set(entry.identity, [entry]);
    }
  return entries.filter((entry) => entry.deny || !denies.get(entry.identity)?.some((deny) => covers(deny, entry)));
}

function covers(wide: PolicyEntry, narrow: PolicyEntry): boolean {
  if (wide.protocol === 0) return true;
  if (wide.protocol !== narrow.protocol || wide.portBits > narrow.portBits) return false;
  return (wide.port ^ narrow.port) >>> (16 - wide.portBits) === 0;
}

function ownPorts(ports: readonly ContainerPort[], name: string, protocol: L4Name): number[] {
  return ports.filter((port) => port.name === name && port.protocol === protocol).map(({port}) => port);
}

/** On egress a name is looked up among all pods, and means nothing where they disagree (types.NamedPortMultiMap). */
function clusterPortNames(pods: readonly Pod[]): Map<string, number[]> {
  const numbers = new Map<string, Set<number>>();
  for (const {ports} of pods)
    for (const {name, protocol, port} of ports) {
      if (name === undefined) continue;
      const key = `${protocol} ${name}`;
      const set = numbers.get(key);
      if (set) set.add(port);
      else numbers.set(key, new Set([port]));
    }
  return new Map([...numbers].filter(([, set]) => set.size === 1).map(([key, set]) => [key, [...set]]));
}

function portMatches(
  {protocol, port, endPort, name}: PolicyPort,
  numbers: (name: string, protocol: L4Name) => readonly number[],
): PortMatch[] {
  if (protocol === 'ICMP' || protocol === 'ICMPv6') {
    const type = port ?? 0;
    return [{protocol: protocolNumbers[protocol], first: type, last: type}];
  }
  const protocols = protocol === 'ANY' ? l4 : [protocol];
  if (protocol === 'ANY' && port === undefined && name === undefined) return [{protocol: 0, first: 0, last: 65535}];
  return protocols.flatMap((known) => {
    const number = protocolNumbers[known];
    if (name !== undefined) return numbers(name, known).map((n) => ({protocol: number, first: n, last: n}));
    return [{protocol: number, first: port ?? 0, last: port === undefined ? 65535 : (endPort ?? port)}];
  });
}

/** A range of ports as the fewest prefixes (pkg/policy/portrange.go). */
function prefixes({protocol, first, last}: PortMatch): Pick<PolicyEntry, 'protocol' | 'port' | 'portBits'>[] {
  if (first === 0 && last === 65535) return [{protocol, port: 0, portBits: 0}];
  const out: Pick<PolicyEntry, 'protocol' | 'port' | 'portBits'>[] = [];
  for (let port = first; port <= last; ) {
    let size = 1;
    while (port % (size * 2) === 0 && port + size * 2 - 1 <= last) size *= 2;
    out.push({protocol, port, portBits: 16 - Math.log2(size)});
    port += size;
  }
  return out;
}
