/** Who may reach whom, from the matrix: workloads in their namespaces, or on their nodes, and what is outside. */
import type {Cluster} from '../../cluster/model.js';
import {formatPorts} from '../../control/policy/ports.js';
import {ciliumMatrix} from '../matrix/cilium.js';
import {type Connection, kubernetesMatrix} from '../matrix/matrix.js';
import {listWorkloads, type Workload} from '../parties.js';
import type {Semantics} from '../why/why.js';
import {type Box, collapse, count, createIds, everything, type Graph, type Limits, mergeEdges} from './model.js';
import type {Scope} from './scope.js';
import type {GroupBy} from './topology.js';
import {twins} from './twins.js';

/** With more connections than that, workloads that none tells apart are one box. */
const ARROWS = 40;
/** Names in such a box. */
const NAMES = 12;

export function reachabilityGraph(
  cluster: Cluster,
  scope: Scope,
  semantics: Semantics,
  groupBy: GroupBy,
  limits: Limits,
): Graph {
  const ids = createIds();
  const all = semantics === 'k8s' ? kubernetesMatrix(cluster) : ciliumMatrix(cluster).connections;
  const workloads = new Map(listWorkloads(cluster).map((workload) => [workload.title, workload]));
  const inScope = new Set(scope.pods);
  const kept = new Set(
    [...workloads].filter(([, {pods}]) => pods.some((pod) => inScope.has(pod))).map(([title]) => title),
  );
  const connections = scope.whole ? all : all.filter(({from, to}) => kept.has(from) || kept.has(to));
  const ends = new Set(connections.flatMap(({from, to}) => [from, to]));
  const inside = [...workloads].filter(([title]) => ends.has(title) || kept.has(title));
  const titles = inside.map(([title]) => title);
  const alike = connections.length > ARROWS && limits !== everything ? twins(titles, connections) : undefined;
  const classOf = (title: string) => alike?.get(title) ?? [title];
  const first = inside.filter(([title]) => classOf(title)[0] === title);
  const open = new Set(connections.map(({from, to}) => JSON.stringify([from, to])));
  const collapsed = collapse({
    items: first.map(([title, workload]) => ({
      key: title,
      box: () => classBox(classOf(title), workload, open.has(JSON.stringify(classOf(title).slice(0, 2))), ids),
      group: common(classOf(title).map((one) => groupName(workloads.get(one) ?? workload, groupBy))),
    })),
    limits: {...limits, boxes: limits.boxes / 2},
    group: (name) => ({id: ids('group', name), title: `${groupBy} ${name}`}),
    sum: (items, group) => ({
      id: group === undefined ? ids('allworkloads') : ids('workloadsof', group),
      kind: 'workload',
      title: count(items.length, 'workload'),
      lines: group === undefined ? [] : [`${groupBy} ${group}`],
    }),
  });
  const outside = [...ends].filter((title) => !workloads.has(title));
  const boxOf = (title: string) => collapsed.boxOf.get(classOf(title)[0] ?? title) ?? ids('outside', title);
  const edges = connections.map(({from, to, ports}) => ({
    kind: 'reach' as const,
    from: boxOf(from),
    to: boxOf(to),
    label: formatPorts(ports),
  }));
  const outsiders = outside.map((title): Box => ({id: ids('outside', title), kind: 'outside', title, lines: []}));
  const notes = [
    ...(first.length < inside.length
      ? [
          `${count(inside.length, 'workload')} in ${count(first.length, 'box', 'boxes')}: no arrow tells those of one apart; --all draws each`,
        ]
      : []),
    ...(collapsed.level === 'items' ? [] : [`${count(inside.length, 'workload')} summed up; --all draws each`]),
    ...(scope.whole ? [] : ['only a part of the cluster']),
    ...silent(connections, inside),
  ];
  return {
    title: `${cluster.name}: who may reach whom`,
    description: `${count(inside.length, 'workload')} and ${count(outside.length, 'range')} outside, ${count(connections.length, 'connection')} that policy lets pass.`,
    bands: [
      ...(outsiders.length === 0
        ? []
        : [{id: 'outside', title: 'Outside', groups: [{id: '', title: undefined, boxes: outsiders}]}]),
      {id: 'workloads', title: 'Workloads', groups: collapsed.groups},
    ].filter(({groups}) => groups.length > 0),
    edges: mergeEdges(edges),
    notes,
  };
}

function silent(connections: readonly Connection[], workloads: readonly (readonly [string, Workload])[]): string[] {
  const ends = new Set(connections.flatMap(({from, to}) => [from, to]));
  const alone = workloads.filter(([title]) => !ends.has(title)).length;
  return alone === 0 ? [] : [`${count(alone, 'workload')} without any connection`];
}

/** `open`: those of the class reach each other. */
function classBox(
  titles: readonly string[],
  workload: Workload,
  open: boolean,
  ids: ReturnType<typeof createIds>,
): Box {
  const [title = ''] = titles;
  if (titles.length === 1) return workloadBox(title, workload, ids);
  return {
    id: ids('workload', title),
    kind: 'workload',
    title: `${titles.length} workloads${open ? ' that reach each other' : ''}`,
    lines: [...titles.slice(0, NAMES), ...(titles.length > NAMES ? [`and ${titles.length - NAMES} more`] : [])],
  };
}

function workloadBox(title: string, {pods, namespace}: Workload, ids: ReturnType<typeof createIds>): Box {
  const name = title.slice(namespace.length + 1);
  return {
    id: ids('workload', title),
    kind: 'workload',
    title: name,
    lines: [`ns ${namespace}`, count(pods.length, 'pod')],
  };
}

function groupName(workload: Workload, groupBy: GroupBy): string {
  return groupBy === 'namespace' ? workload.namespace : nodesOf(workload);
}

function common(names: readonly string[]): string {
  const [first = '', ...others] = new Set(names);
  return others.length === 0 ? first : `several (${others.length + 1})`;
}

function nodesOf({pods}: Workload): string {
  return common(pods.map(({node}) => node ?? 'none yet'));
}
