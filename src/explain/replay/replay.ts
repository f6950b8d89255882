/** Recorded flows against policies: what would become of each, by which rule. */
import {policyTitle} from '../../cluster/policy/model.js';
import type {ControlPlane} from '../../control/control.js';
import {formatPorts} from '../../control/policy/ports.js';
import {type SourcePosition, UserError} from '../../term/error.js';
import {type Answer, type Asked, createWhy, decider, endTitle, isDenied, type Semantics} from '../why/why.js';
import {createFlowEnds} from './flow-ends.js';
import type {FlowRecord} from './flow-records.js';

/** All records of one connection: source, destination, protocol and port. */
export interface ReplayedFlow {
  readonly from: string;
  readonly to: string;
  /** `TCP 80`, `ICMP 8`. */
  readonly port: string;
  readonly records: number;
  /** Of the first record. */
  readonly where: SourcePosition;
  readonly seen: 'passed' | 'denied';
  readonly verdict: 'allowed' | 'denied';
  /** breaks: it passed and would not; opens: it was denied and would pass. */
  readonly change: 'breaks' | 'opens' | 'same';
  /** What the policies that were in force say of it: not what was seen, then the cluster is not the one that was recorded. */
  readonly explained: boolean;
  readonly rule: {readonly title: string; readonly where: SourcePosition} | undefined;
}

export interface Unjudged {
  readonly reason: string;
  readonly records: number;
  readonly where: SourcePosition;
}

export interface Replay {
  /** In order of first record. */
  readonly flows: readonly ReplayedFlow[];
  readonly unjudged: readonly Unjudged[];
}

/** Collects records as they come; connections are judged once each. */
export function createReplay(now: ControlPlane, next: ControlPlane, semantics: Semantics) {
  const groups = new Map<
    string,
    {record: FlowRecord; records: number; arrived: number; passed: number; denied: number}
  >();
  return {
    add(record: FlowRecord): void {
      const key = keyOf(record);
      let group = groups.get(key);
      if (!group) groups.set(key, (group = {record, records: 0, arrived: 0, passed: 0, denied: 0}));
      group.records++;
      if (record.outcome !== 'other') group[record.outcome]++;
    },
    finish(): Replay {
      const endOf = createFlowEnds(next.cluster);
      const [before, after] = [createWhy(now, semantics), createWhy(next, semantics)];
      const flows: ReplayedFlow[] = [];
      const unjudged = new Map<string, {reason: string; records: number; where: SourcePosition}>();
      const giveUp = (reason: string, {records, record: {where}}: {records: number; record: FlowRecord}) => {
        const known = unjudged.get(reason);
        if (known) known.records += records;
        else unjudged.set(reason, {reason, records, where});
      };
      for (const group of groups.values()) {
        const {record, arrived, passed, denied} = group;
        const [from, to] = [endOf(record.from, record), endOf(record.to, record)];
        if (typeof from === 'string' || typeof to === 'string') {
          giveUp(typeof from === 'string' ? from : (to as string), group);
          continue;
        }
        if (arrived + passed + denied === 0) {
          giveUp('neither forwarded nor denied by policy', group);
          continue;
        }
        try {
          const asked: Asked = {from, to, protocol: record.protocol, port: record.port};
          // on the way a packet is seen at several points, and may yet be denied at the last
          const seen = arrived > 0 || denied === 0 ? 'passed' : 'denied';
          flows.push(judge(group, seen, before(asked), after(asked)));
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          giveUp(error.problems[0]?.message ?? error.message, group);
        }
      }
      return {flows, unjudged: [...unjudged.values()]};
    },
  };
}

function keyOf({from, to, protocol, port}: FlowRecord): string {
  const end = ({ip, namespace, pod, labels}: FlowRecord['from']) => (pod ? [namespace, pod] : [ip, labels]);
  return JSON.stringify([end(from), end(to), protocol, port]);
}

function judge(
  {record, records}: {readonly record: FlowRecord; readonly records: number},
  seen: ReplayedFlow['seen'],
  before: readonly Answer[],
  after: readonly Answer[],
): ReplayedFlow {
  // of a service's backends each may be taken: one that is denied is a connection that breaks
  const shown = after.find(isDenied) ?? after[0];
  const verdict = after.some(isDenied) ? 'denied' : 'allowed';
  const was = before.some(isDenied) ? 'denied' : 'allowed';
  const by = shown && decider(shown);
  const first = shown ?? before[0];
  return {
    from: first ? endTitle(first.from) : '',
    to: first ? endTitle(first.to) : '',
    port: first ? portText(first) : '',
    records,
    where: record.where,
    seen,
    verdict,
    change:
      seen === 'passed' && verdict === 'denied'
        ? 'breaks'
        : seen === 'denied' && verdict === 'allowed'
          ? 'opens'
          : 'same',
    explained: (was === 'allowed') === (seen === 'passed'),
    rule: by && {title: `${policyTitle(by.step.policy)} ${by.step.rule?.label ?? '(default)'}`, where: by.where},
  };
}

function portText({question: {icmp, ports}}: Answer): string {
  if (icmp) return icmp.protocol === 1 ? 'ICMP 8' : 'ICMPv6 128';
  return formatPorts(ports);
}
