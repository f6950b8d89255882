/** The rule that `why` names is the one that decides: without it the verdict, or what decides, is another. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../src/cluster/model.js';
import type {PolicyRule} from '../../src/cluster/policy/model.js';
import {createControl} from '../../src/control/control.js';
import type {Step} from '../../src/control/policy/kubernetes.js';
import {portRange} from '../../src/control/policy/ports.js';
import {listWorkloads} from '../../src/explain/parties.js';
import {type Answer, createAnswers, decider, type End, isDenied, type Semantics} from '../../src/explain/why/why.js';
import {adminPolicies} from './random-admin.js';
import {ciliumPolicies, clusterWith, networkPolicies} from './random-policies.js';

const question = {ports: portRange('TCP', 8080, 8080)};

function answersOf(cluster: Cluster, semantics: Semantics): Map<string, {ends: [End, End]; answer: Answer}> {
  const ask = createAnswers(createControl(cluster), semantics);
  const pods = listWorkloads(cluster).map(({pods: [pod]}): End => ({kind: 'pod', pod: pod!}));
  return new Map(
    pods.flatMap((from, i) =>
      pods.flatMap((to, j) =>
        i === j ? [] : [[`${i} ${j}`, {ends: [from, to], answer: ask(from, to, question)}] as const],
      ),
    ),
  );
}

/** The cluster without this rule; where none is named, with the policy saying nothing in this direction. */
function without(cluster: Cluster, {policy, rule}: Step, direction: 'ingress' | 'egress'): Cluster {
  const policies = (cluster.policies ?? []).map((own) => {
    if (own !== policy) return own;
    const {rules, defaultDeny} = own[direction];
    const left = rule ? {defaultDeny, rules: rules.filter((one) => one !== rule)} : {defaultDeny: false, rules: []};
    return {...own, [direction]: left};
  });
  return {...cluster, policies};
}

/** Rules and defaults that say of the question on one side what the verdict is. */
function alike({sides}: Answer, {action}: Step, rule: PolicyRule | undefined, direction: string): number {
  const side = sides.find((one) => one.direction === direction);
  return (side?.steps ?? []).filter(
    (step) => step.action === action && step.matched.length > 0 && (step.rule === undefined) === (rule === undefined),
  ).length;
}

function hold(cluster: Cluster, semantics: Semantics, seen: {flipped: number; named: number}): void {
  for (const {ends, answer} of answersOf(cluster, semantics).values()) {
    const by = decider(answer);
    if (!by) continue;
    seen.named++;
    const {step} = by;
    const {direction} = answer.sides.find(({steps}) => steps.includes(step))!;
    const edited = createControl(without(cluster, step, direction));
    const after = createAnswers(edited, semantics)(...ends, question);
    const next = decider(after);
    // nothing that is gone decides, and what was decided by it alone comes out otherwise
    expect(next?.step.policy === step.policy && next.step.rule === step.rule && step.rule !== undefined).toBe(false);
    const other = answer.sides.find((side) => side.direction !== direction)!;
    if (other.allowed.length === 0 || alike(answer, step, step.rule, direction) !== 1) continue;
    if (semantics === 'k8s' && cluster.policies!.some(({tier}) => tier !== 'network')) continue;
    if (step.action === 'allow' && step.rule && closes(answer, direction)) {
      expect(isDenied(after)).toBe(true);
      seen.flipped++;
    }
    if (step.action === 'deny' && step.rule === undefined) {
      expect(isDenied(after)).toBe(false);
      seen.flipped++;
    }
  }
}

/** Without an allowing rule this side denies. */
function closes({sides}: Answer, direction: string): boolean {
  return sides.some((side) => side.direction === direction && side.rest === 'default-deny');
}

describe('the rule that is named', () => {
  it.each([
    ['NetworkPolicy', networkPolicies, 'k8s'],
    ['Cilium', ciliumPolicies, 'cilium'],
    ['AdminNetworkPolicy', adminPolicies, 'k8s'],
  ] as const)('decides: %s', {timeout: 60_000}, (kind, policies, semantics) => {
    const seen = {flipped: 0, named: 0};
    fc.assert(
      fc.property(policies as fc.Arbitrary<object[]>, (objects) => hold(clusterWith(objects), semantics, seen)),
      {numRuns: 40, seed: 21},
    );
    expect(seen.named).toBeGreaterThan(100);
    if (kind !== 'AdminNetworkPolicy') expect(seen.flipped).toBeGreaterThan(50);
  });
});
