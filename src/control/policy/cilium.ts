/**
 * Cilium semantics of one side of a connection, rule by rule: the same rules that `compile.ts` makes the policy map of, as sets
 * that a person can follow. Deny rules are asked first, then allow rules; what is left is denied where the direction is enforced.
 */
import type {Cluster, L4Name} from '../../cluster/model.js';
import type {Policy, PolicyRule} from '../../cluster/policy/model.js';
import type {Governed} from '../host-endpoint.js';
import {reservedIdentities} from '../identity.js';
import {isStrict, type PolicyCompiler, type PortMatch, protocolNumbers} from './compile.js';
import type {Direction, Step} from './kubernetes.js';
import {allPorts, intersect, l4Names, noPorts, type PortSet, portRange, subtract, union} from './ports.js';

/** What is asked about: ports, or one type of ICMP, for which `ports` then stands as a whole. */
export interface Question {
  readonly ports: PortSet;
  readonly icmp?: {readonly protocol: number; readonly type: number};
}

export interface CiliumSide {
  readonly allowed: PortSet;
  /** Why what no rule decided was decided as it was. */
  readonly rest: 'default-deny' | 'not-enforced' | 'always' | 'never' | 'localhost';
}

export function ciliumSide(
  cluster: Cluster,
  compiler: PolicyCompiler,
  direction: Direction,
  own: Governed,
  remote: number,
  question: Question,
  onStep?: (step: Step) => void,
): CiliumSide {
  const {enablePolicy} = cluster.cilium;
  if (enablePolicy === 'never') return {allowed: question.ports, rest: 'never'};
  const policies = compiler.governing(own);
  let open = question.ports;
  let allowed = noPorts;
  const ask = (action: PolicyRule['action']) => {
    for (const policy of policies)
      for (const rule of policy[direction].rules) {
        if (rule.action !== action) continue;
        const hit = meansRemote(compiler, rule, direction, own, remote);
        const matched = hit ? asked(compiler.ranges(rule, direction, own), question) : noPorts;
        const decided = intersect(open, matched);
        onStep?.({policy, rule, peerMatches: hit, matched, decided, action});
        if (action === 'deny') open = subtract(open, decided);
        else allowed = union(allowed, decided);
      }
  };
  ask('deny');
  ask('allow');
  if (direction === 'ingress' && remote === reservedIdentities.host && !isStrict(cluster) && !own.host)
    return {allowed: open, rest: 'localhost'};
  const closing = policies.filter((policy) => policy[direction].defaultDeny);
  if (enablePolicy !== 'always' && closing.length === 0) return {allowed: open, rest: 'not-enforced'};
  const left = subtract(open, allowed);
  for (const policy of closing) onStep?.(defaultDeny(policy, left));
  return {allowed, rest: closing.length > 0 ? 'default-deny' : 'always'};
}

/** Rules that one number has bits for. */
const MOST_BITS = 30;

/**
 * What one side lets pass of all ports, for many questions: identities that the same rules mean share an answer.
 */
export function createCiliumSides(cluster: Cluster, compiler: PolicyCompiler) {
  const known = {ingress: new Map<Governed, KnownSide>(), egress: new Map<Governed, KnownSide>()};
  const ask = (direction: Direction, own: Governed, remote: number) =>
    ciliumSide(cluster, compiler, direction, own, remote, {ports: allPorts}).allowed;
  return (direction: Direction, own: Governed, remote: number): PortSet => {
    let side = known[direction].get(own);
    if (!side) {
      side = {rules: compiler.governing(own).flatMap((policy) => policy[direction].rules), results: new Map()};
      known[direction].set(own, side);
    }
    const {rules, results} = side;
    if (rules.length > MOST_BITS || remote === reservedIdentities.host) return ask(direction, own, remote);
    let mask = 0;
    for (let i = 0; i < rules.length; i++) if (meansRemote(compiler, rules[i]!, direction, own, remote)) mask |= 1 << i;
    let result = results.get(mask);
    if (!result) results.set(mask, (result = ask(direction, own, remote)));
    return result;
  };
}

interface KnownSide {
  readonly rules: readonly PolicyRule[];
  /** By which of the rules mean the other end. */
  readonly results: Map<number, PortSet>;
}

function defaultDeny(policy: Policy, left: PortSet): Step {
  return {policy, rule: undefined, peerMatches: true, matched: left, decided: left, action: 'deny'};
}

/** A set that has identity 0 is the wildcard. */
function meansRemote(
  compiler: PolicyCompiler,
  rule: PolicyRule,
  direction: Direction,
  own: Governed,
  remote: number,
): boolean {
  const ids = compiler.identities(rule, direction, own);
  return ids.has(reservedIdentities.unknown) || ids.has(remote);
}

/** The part of the question that these ranges cover. */
function asked(ranges: readonly PortMatch[], {ports, icmp}: Question): PortSet {
  if (icmp) {
    const hit = ranges.some(
      ({protocol, first, last}) =>
        protocol === 0 || (protocol === icmp.protocol && first <= icmp.type && icmp.type <= last),
    );
    return hit ? ports : noPorts;
  }
  const covered = ranges
    .map(({protocol, first, last}) =>
      protocol === 0
        ? allPorts
        : l4Names
            .filter((name: L4Name) => protocolNumbers[name] === protocol)
            .map((name) => portRange(name, first, last))
            .reduce(union, noPorts),
    )
    .reduce(union, noPorts);
  return intersect(covered, ports);
}
