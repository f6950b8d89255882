/** What policy says about a traced connection: the rule that decides at each end. Read from the answer of `why`. */
import type {Peer, TrafficSpec} from '../../cluster/model.js';
import {policyTitle} from '../../cluster/policy/model.js';
import type {ControlPlane} from '../../control/control.js';
import {intersect} from '../../control/policy/ports.js';
import {UserError} from '../../term/error.js';
import type {Ip} from '../../wire/addr.js';
import {podAt} from '../pod-index.js';
import {type Answer, createWhy, type SideAnswer} from '../why/why.js';
import type {Decider} from './model.js';

/** Where the request went in the end: behind every translation. */
export interface Target {
  readonly ip: Ip;
  readonly port: number;
}

export interface PolicyReading {
  /** Empty where no policy is enforced. */
  readonly deciders: readonly Decider[];
  /** Why there is no sure answer. */
  readonly doubts: readonly string[];
}

/** For many questions to one cluster. */
export function createPolicyReader(
  control: ControlPlane,
): (spec: TrafficSpec, target: Target | undefined) => PolicyReading {
  const {cluster} = control;
  if (cluster.dataplane !== 'cilium' || !cluster.policies?.length) return () => ({deciders: [], doubts: []});
  let ask: ReturnType<typeof createWhy> | undefined;
  return (spec, target) => {
    ask ??= createWhy(control, 'cilium');
    const pod = target && podAt(cluster, target.ip);
    const to: Peer = pod ? {kind: 'pod', pod} : target ? {kind: 'ip', ip: target.ip} : spec.to;
    const port = target && target.port > 0 ? target.port : spec.port;
    try {
      const [answer] = ask({from: spec.from, to, protocol: spec.protocol, port});
      return {deciders: answer ? answer.sides.map((side) => decider(answer, side)) : [], doubts: []};
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return {deciders: [], doubts: [error.message]};
    }
  };
}

function decider(answer: Answer, side: SideAnswer): Decider {
  const {direction, of, steps} = side;
  const allowed = intersect(side.allowed, answer.question.ports).length > 0;
  const step = steps.find(({decided, action}) => decided.length > 0 && action === (allowed ? 'allow' : 'deny'));
  const base = {direction, of, allowed};
  if (!step) return {...base, policy: undefined, rule: undefined, where: undefined, otherwise: otherwise(side, of)};
  const {policy, rule} = step;
  return {...base, policy: policyTitle(policy), rule: rule?.label, where: (rule ?? policy).where, otherwise: undefined};
}

function otherwise({rest, steps}: SideAnswer, of: string): string {
  switch (rest) {
    case 'no-endpoint':
      return `${of} has no policy of its own`;
    case 'always':
      return 'enable-policy: always';
    case 'never':
      return 'enable-policy: never';
    case 'localhost':
      return 'the local host reaches its pods (allow-localhost)';
    default:
      return steps.length === 0 ? `no policy selects ${of}` : `no policy shuts ${of}`;
  }
}
