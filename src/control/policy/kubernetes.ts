/**
 * Kubernetes semantics of NetworkPolicy and the admin tiers, as exact sets.
 *
 *   AdminNetworkPolicy, by priority ──pass or nothing said──▶ NetworkPolicy (selected: what some rule allows, else denied)
 *                                                        └──▶ not selected: BaselineAdminNetworkPolicy, then allowed
 *
 * A connection must pass the egress side of its source and the ingress side of its destination. `ipBlock` and `networks` mean
 * addresses outside of the cluster: which pod has which address is not for policies to know. `networks` of all addresses mean
 * every pod, whatever address it has.
 */
import type {ContainerPort, Labels} from '../../cluster/model.js';
import {matchesLabels} from '../../cluster/policy/match-labels.js';
import type {Policy, PolicyPeer, PolicyPort, PolicyRule} from '../../cluster/policy/model.js';
import {type Ip, isIp4, prefixContains} from '../../wire/addr.js';
import {allPorts, intersect, l4Names, noPorts, type PortSet, portRange, subtract, union} from './ports.js';

export type Direction = 'ingress' | 'egress';

/** A pod, or what a workload's pods have in common. */
export interface PodParty {
  readonly kind: 'pod';
  readonly namespace: string;
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
  readonly ports: readonly ContainerPort[];
  /** Of its addresses. */
  readonly families: readonly (4 | 6)[];
}

/** Addresses outside of the cluster, all of which every rule treats alike; `ip` is one of them. */
export interface ExternalParty {
  readonly kind: 'external';
  readonly ip: Ip;
}

export type Party = PodParty | ExternalParty;

/** What one rule, or the end of a tier (no rule), did with what had come to it. */
export interface Step {
  readonly policy: Policy;
  readonly rule: PolicyRule | undefined;
  /** The rule names the other end. */
  readonly peerMatches: boolean;
  /** Ports it names at the end that is connected to; none where it names somebody else. */
  readonly matched: PortSet;
  /** Of these, what nothing before it has decided. */
  readonly decided: PortSet;
  readonly action: PolicyRule['action'];
}

export interface KubernetesPolicies {
  /** What `local` and `peer` may exchange as far as `local`'s policies in this direction say. */
  side(direction: Direction, local: Party, peer: Party, onStep?: (step: Step) => void): PortSet;
  /** Both sides. */
  allowed(from: Party, to: Party): PortSet;
}

interface Governing {
  readonly admin: readonly Policy[];
  readonly network: readonly Policy[];
  readonly baseline: readonly Policy[];
}

/** The rules that govern a party in one direction, and the answers found so far by which of them mean the peer. */
interface KnownSide {
  readonly rules: readonly PolicyRule[];
  readonly tables: readonly boolean[][];
  /** Some answer depends on the names of the peer's ports. */
  readonly named: boolean;
  readonly results: Map<number, PortSet>;
}

/** Rules that one number has bits for. */
const MOST_BITS = 30;

/** Of equal priorities by name, which the API leaves open (`readPolicies` warns). */
function byPriority(a: Policy, b: Policy): number {
  return a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Cilium's own policies take no part. */
export function createKubernetesPolicies(policies: readonly Policy[]): KubernetesPolicies {
  const own = policies.filter(({kind}) => !kind.startsWith('Cilium'));
  const admin = own.filter(({tier}) => tier === 'admin').sort(byPriority);
  const network = own.filter(({tier}) => tier === 'network');
  const baseline = own.filter(({tier}) => tier === 'baseline').sort(byPriority);
  const governing = {ingress: new Map<Party, Governing>(), egress: new Map<Party, Governing>()};
  const numbers = new Map<Party, number>();
  const hits = new Map<PolicyRule, boolean[]>();
  const portNames = new Map<Party, number>();
  const portTexts = new Map<string, number>();
  const known = {ingress: new Map<Party, KnownSide>(), egress: new Map<Party, KnownSide>()};

  function governingOf(direction: Direction, party: Party): Governing {
    let found = governing[direction].get(party);
    if (!found) {
      const select = (list: readonly Policy[]) => list.filter(({subject}) => peerMatches(subject, party));
      found = {
        admin: select(admin).filter((policy) => policy[direction].rules.length > 0),
        network: select(network).filter((policy) => policy[direction].defaultDeny),
        baseline: select(baseline),
      };
      governing[direction].set(party, found);
    }
    return found;
  }

  function numberOf(party: Party): number {
    let number = numbers.get(party);
    if (number === undefined) numbers.set(party, (number = numbers.size));
    return number;
  }

  /** By number of the party: whether the rule means it; undefined = not asked yet. */
  function tableOf(rule: PolicyRule): boolean[] {
    let table = hits.get(rule);
    if (!table) hits.set(rule, (table = []));
    return table;
  }

  function ruleMatches(rule: PolicyRule, party: Party): boolean {
    return (tableOf(rule)[numberOf(party)] ??=
      rule.peers === undefined || rule.peers.some((peer) => peerMatches(peer, party)));
  }

  /** One number for all parties whose named ports are the same. */
  function portNamesOf(party: Party): number {
    let number = portNames.get(party);
    if (number === undefined) {
      const text = party.kind === 'external' ? '' : JSON.stringify(party.ports.filter(({name}) => name !== undefined));
      number = portTexts.get(text) ?? portTexts.size;
      portTexts.set(text, number);
      portNames.set(party, number);
    }
    return number;
  }

  function knownSide(direction: Direction, local: Party): KnownSide {
    let found = known[direction].get(local);
    if (!found) {
      const {admin: first, network: own, baseline: last} = governingOf(direction, local);
      const rules = [...first, ...own, ...last].flatMap((policy) => policy[direction].rules);
      const named = direction === 'egress' && rules.some(({ports}) => ports?.some(({name}) => name !== undefined));
      found = {rules, tables: rules.map(tableOf), named, results: new Map()};
      known[direction].set(local, found);
    }
    return found;
  }

  /** Peers that the same rules mean are treated alike: one answer for all of them. */
  function quickSide(direction: Direction, local: Party, peer: Party): PortSet {
    const {rules, tables, named, results} = knownSide(direction, local);
    if (rules.length > MOST_BITS) return side(direction, local, peer);
    const number = numberOf(peer);
    let mask = 0;
    for (let i = 0; i < tables.length; i++) if (tables[i]![number] ?? ruleMatches(rules[i]!, peer)) mask |= 1 << i;
    const key = mask + (named ? portNamesOf(peer) * 2 ** MOST_BITS : 0);
    let result = results.get(key);
    if (!result) results.set(key, (result = side(direction, local, peer)));
    return result;
  }

  const side: KubernetesPolicies['side'] = (direction, local, peer, onStep) => {
    if (local.kind === 'external') return allPorts;
    const tiers = governingOf(direction, local);
    if (tiers.admin.length === 0 && tiers.network.length === 0 && tiers.baseline.length === 0) return allPorts;
    const target = direction === 'egress' ? peer : local;
    let allowed = noPorts;
    let passed = noPorts;
    let open = allPorts;

    const ordered = (list: readonly Policy[]) => {
      for (const policy of list)
        for (const rule of policy[direction].rules) {
          const hit = ruleMatches(rule, peer);
          const matched = hit ? rulePorts(rule.ports, target) : noPorts;
          const decided = intersect(open, matched);
          onStep?.({policy, rule, peerMatches: hit, matched, decided, action: rule.action});
          if (decided.length === 0) continue;
          open = subtract(open, decided);
          if (rule.action === 'allow') allowed = union(allowed, decided);
          else if (rule.action === 'pass') passed = union(passed, decided);
        }
    };

    ordered(tiers.admin);
    open = union(open, passed);
    if (tiers.network.length === 0) {
      // what passes on from here is nobody's any more
      passed = noPorts;
      ordered(tiers.baseline);
      return union(allowed, union(open, passed));
    }
    for (const policy of tiers.network)
      for (const rule of policy[direction].rules) {
        const hit = ruleMatches(rule, peer);
        const matched = hit ? rulePorts(rule.ports, target) : noPorts;
        const decided = intersect(open, matched);
        onStep?.({policy, rule, peerMatches: hit, matched, decided, action: 'allow'});
        allowed = union(allowed, decided);
      }
    const left = subtract(open, allowed);
    for (const policy of tiers.network)
      onStep?.({policy, rule: undefined, peerMatches: true, matched: left, decided: left, action: 'deny'});
    return allowed;
  };

  return {
    side,
    allowed(from, to) {
      const out = quickSide('egress', from, to);
      return out.length === 0 ? out : intersect(out, quickSide('ingress', to, from));
    },
  };
}

function peerMatches(peer: PolicyPeer, party: Party): boolean {
  if (party.kind === 'external')
    return (
      peer.kind === 'cidr' &&
      isIp4(peer.prefix.ip) === isIp4(party.ip) &&
      prefixContains(peer.prefix, party.ip) &&
      !peer.except.some((prefix) => isIp4(prefix.ip) === isIp4(party.ip) && prefixContains(prefix, party.ip))
    );
  if (peer.kind === 'cidr')
    return peer.inside === true && peer.prefix.length === 0 && party.families.includes(isIp4(peer.prefix.ip) ? 4 : 6);
  if (peer.kind !== 'pods') return false;
  const inNamespace =
    typeof peer.namespaces === 'string'
      ? peer.namespaces === party.namespace
      : matchesLabels(peer.namespaces, party.namespaceLabels);
  return inNamespace && matchesLabels(peer.pods, party.labels);
}

/** Ports of a rule at the end that is connected to; a name means the ports of that name there, and none outside. */
function rulePorts(ports: readonly PolicyPort[] | undefined, target: Party): PortSet {
  if (ports === undefined) return allPorts;
  return ports.map((port) => portSet(port, target)).reduce(union, noPorts);
}

function portSet({protocol, port, endPort, name}: PolicyPort, target: Party): PortSet {
  const protocols = protocol === 'ANY' ? l4Names : l4Names.filter((known) => known === protocol);
  if (name !== undefined) {
    if (target.kind === 'external') return noPorts;
    return target.ports
      .filter((own) => own.name === name && protocols.includes(own.protocol))
      .map((own) => portRange(own.protocol, own.port, own.port))
      .reduce(union, noPorts);
  }
  const [from, to] = port === undefined ? [1, 65535] : [port, endPort ?? port];
  return protocols.map((known) => portRange(known, from, to)).reduce(union, noPorts);
}
