/** What two clusters differ in: connections that became possible, that no longer are, and workloads that came or went. */
import type {Cluster} from '../../cluster/model.js';
import {policyTitle} from '../../cluster/policy/model.js';
import {createControl} from '../../control/control.js';
import type {Direction, Step} from '../../control/policy/kubernetes.js';
import {noPorts, type PortSet, subtract} from '../../control/policy/ports.js';
import type {SourcePosition} from '../../term/error.js';
import {addToIp, compareIp} from '../../wire/addr.js';
import {ciliumMatrix} from '../matrix/cilium.js';
import {type ExternalRange, externalRange, externalRanges, familiesOf} from '../matrix/external-ranges.js';
import {type Connection, kubernetesMatrix} from '../matrix/matrix.js';
import {listWorkloads} from '../parties.js';
import {type Answer, createAnswers, type End, type Semantics} from '../why/why.js';

export interface Difference {
  readonly kind: 'changed' | 'added' | 'removed';
  /** Titles, as in a matrix. */
  readonly from: string;
  readonly to: string;
  readonly before: PortSet;
  readonly after: PortSet;
  /** Ends that only one of the two clusters has. */
  readonly onlyIn: readonly string[];
  /** The rule that made the difference; undefined where none did (a workload came or went). */
  readonly cause: Cause | undefined;
}

export interface Cause {
  /** `NetworkPolicy default/db ingress[0]`. */
  readonly rule: string;
  /** `before`: what denied it is gone. */
  readonly side: 'before' | 'after';
  readonly where: SourcePosition;
}

export interface WorkloadChange {
  readonly title: string;
  readonly where: SourcePosition | undefined;
}

export interface ClusterDiff {
  /** Changed, added, removed, each by source and destination. */
  readonly differences: readonly Difference[];
  readonly appeared: readonly WorkloadChange[];
  readonly disappeared: readonly WorkloadChange[];
}

export function diffClusters(before: Cluster, after: Cluster, semantics: Semantics): ClusterDiff {
  const ranges = commonRanges(before, after);
  const [old, now] = [before, after].map((cluster) => connectionsOf(cluster, semantics, ranges.borders));
  const rows = mergeRanges(pairUp(old!, now!), ranges);
  const [had, has] = [before, after].map((cluster) => workloadsOf(cluster, semantics)) as [Workloads, Workloads];
  const only = (some: Workloads, other: Workloads): WorkloadChange[] =>
    [...some]
      .filter(([title]) => !other.has(title))
      .map(([title, {where}]) => ({title, where}))
      .sort((a, b) => compare(a.title, b.title));
  const [appeared, disappeared] = [only(has, had), only(had, has)];
  const changed = new Set([...appeared, ...disappeared].map(({title}) => title));
  const causeOf = createCauses(before, after, semantics, had, has);
  const differences = rows.map((row): Difference => {
    const kind = row.before.length === 0 ? 'added' : row.after.length === 0 ? 'removed' : 'changed';
    const onlyIn = [row.from, row.to].map(({title}) => title).filter((title) => changed.has(title));
    const cause = onlyIn.length > 0 ? undefined : causeOf(row);
    return {kind, from: row.from.title, to: row.to.title, before: row.before, after: row.after, onlyIn, cause};
  });
  const order = ['changed', 'added', 'removed'];
  differences.sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || compare(a.from, b.from) || compare(a.to, b.to),
  );
  return {differences, appeared, disappeared};
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function connectionsOf(cluster: Cluster, semantics: Semantics, borders: Cluster['policies']): Connection[] {
  return semantics === 'k8s' ? kubernetesMatrix(cluster, borders) : ciliumMatrix(cluster, borders).connections;
}

/** Outside addresses, split by the rules of both clusters. */
interface CommonRanges {
  readonly borders: NonNullable<Cluster['policies']>;
  readonly byTitle: ReadonlyMap<string, ExternalRange>;
}

function commonRanges(before: Cluster, after: Cluster): CommonRanges {
  const borders = [...(before.policies ?? []), ...(after.policies ?? [])];
  const families = [...new Set([before, after].flatMap(familiesOf))];
  const all = (['ingress', 'egress'] as const).flatMap((direction) => externalRanges(borders, direction, families));
  return {borders, byTitle: new Map(all.map((range) => [range.title, range]))};
}

/** An end of a connection: a workload, an ingress controller, or a range. */
interface RowEnd {
  readonly title: string;
  readonly range: ExternalRange | undefined;
}

interface Row {
  readonly from: RowEnd;
  readonly to: RowEnd;
  readonly before: PortSet;
  readonly after: PortSet;
}

type Pair = Pick<Row, 'before' | 'after'> & Pick<Connection, 'from' | 'to'>;

function pairUp(old: readonly Connection[], now: readonly Connection[]): Pair[] {
  const key = ({from, to}: Connection) => JSON.stringify([from, to]);
  const then = new Map(old.map((connection) => [key(connection), connection.ports]));
  const pairs = now.map((connection): Pair => {
    const id = key(connection);
    const ports = then.get(id) ?? noPorts;
    then.delete(id);
    return {from: connection.from, to: connection.to, before: ports, after: connection.ports};
  });
  for (const [id, ports] of then) {
    const [from, to] = JSON.parse(id) as [string, string];
    pairs.push({from, to, before: ports, after: noPorts});
  }
  return pairs;
}

const same = (a: PortSet, b: PortSet) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Pairs that differ; neighbouring ranges with the same change are one. */
function mergeRanges(pairs: readonly Pair[], {byTitle}: CommonRanges): Row[] {
  const out: Row[] = [];
  const groups = new Map<string, Row[]>();
  for (const {from, to, before, after} of pairs) {
    if (same(before, after)) continue;
    const row = {from: end(from, byTitle), to: end(to, byTitle), before, after};
    const range = row.from.range ?? row.to.range;
    if (!range) {
      out.push(row);
      continue;
    }
    const key = JSON.stringify([row.from.range ? '' : from, row.to.range ? '' : to, before, after]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  for (const rows of groups.values()) out.push(...mergeNeighbours(rows));
  return out;
}

function end(title: string, byTitle: CommonRanges['byTitle']): RowEnd {
  return {title, range: byTitle.get(title)};
}

/** Rows of one other end and one change. Matrices list ranges by title, not by number. */
function mergeNeighbours(rows: readonly Row[]): Row[] {
  const rangeOf = ({from, to}: Row) => (from.range ?? to.range) as ExternalRange;
  const sorted = [...rows].sort((a, b) => compareIp(rangeOf(a).ip, rangeOf(b).ip));
  const out: Row[] = [];
  for (const row of sorted) {
    const last = out.at(-1);
    const [prior, own] = [last && rangeOf(last), rangeOf(row)];
    if (!last || !prior || addToIp(prior.last, 1) !== own.ip) {
      out.push(row);
      continue;
    }
    const range = externalRange(prior.ip, own.last);
    const merged = {title: range.title, range};
    out[out.length - 1] = row.from.range ? {...last, from: merged} : {...last, to: merged};
  }
  return out;
}

type Workloads = ReadonlyMap<string, {readonly end: End; readonly where: SourcePosition | undefined}>;

/** To Kubernetes' policies a pod in its node's network is one like others, as in a matrix. */
function workloadsOf(cluster: Cluster, semantics: Semantics): Workloads {
  return new Map(
    listWorkloads(cluster).map(({title, pods: [first]}) => {
      const pod = semantics === 'k8s' ? {...first!, hostNetwork: false} : first!;
      return [title, {end: {kind: 'pod', pod}, where: pod.where}];
    }),
  );
}

/**
 * What was gained is allowed by a rule of the new policies, or was denied by one that is gone; where only something was lost,
 * a new one denies it.
 */
function createCauses(before: Cluster, after: Cluster, semantics: Semantics, had: Workloads, has: Workloads) {
  const then = {ask: createAnswers(createControl(before), semantics), ends: had};
  const now = {ask: createAnswers(createControl(after), semantics), ends: has};
  const answer = ({ask, ends}: typeof then, {from, to}: Row, ports: PortSet): Answer | undefined => {
    const [source, target] = [from, to].map(
      ({title, range}): End | undefined => ends.get(title)?.end ?? (range && {kind: 'ip', ip: range.ip}),
    );
    // agents know nothing of a pod that no node has
    const port = ports[0]?.[0];
    if (
      port === undefined ||
      !source ||
      !target ||
      [source, target].some((one) => one.kind === 'pod' && one.pod.node === undefined)
    )
      return undefined;
    // of one port, one side or the other says all; of several, each may say a part
    return ask(source, target, {ports: [[port, port]]});
  };
  return (row: Row): Cause | undefined => {
    const gained = subtract(row.after, row.before);
    if (gained.length === 0) return causeOf(denial(answer(now, row, subtract(row.before, row.after))), 'after');
    const denied = denial(answer(then, row, gained));
    const side = answer(now, row, gained)?.sides.find(({direction}) => direction === denied?.direction);
    const allowing = side?.steps.find(({action, decided}) => action === 'allow' && decided.length > 0);
    return causeOf(allowing && {step: allowing}, 'after') ?? causeOf(denied, 'before');
  };
}

/** The step that let nothing pass, and whose side it is. */
function denial(answer: Answer | undefined): {readonly step: Step; readonly direction: Direction} | undefined {
  const side = answer?.sides.find(({allowed}) => allowed.length === 0);
  const step = side?.steps.find(({action, decided}) => action === 'deny' && decided.length > 0);
  return side && step && {step, direction: side.direction};
}

function causeOf(by: {readonly step: Step} | undefined, side: Cause['side']): Cause | undefined {
  if (!by) return undefined;
  const {policy, rule} = by.step;
  return {rule: `${policyTitle(policy)} ${rule?.label ?? '(default)'}`, side, where: (rule ?? policy).where};
}
