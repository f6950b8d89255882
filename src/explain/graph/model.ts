/**
 * A picture of a cluster as data: bands from top to bottom, groups in them, boxes in those, edges between boxes or groups.
 * Renderers (Mermaid, dot, SVG, drawio, text) read this and nothing else.
 *
 *   ┌ band: overlay ──────────────────┐
 *   │ ┌ group: node1 ┐ ┌ group: node2 ┐│
 *   │ │ box: pod-a   │ │ box: pod-b   ││
 *   └─────────────────────────────────┘
 *
 * Ids are made of kinds and names only, so that they stay the same when something else comes or goes.
 */

export type BoxKind = 'service' | 'pod' | 'tunnel' | 'node' | 'outside' | 'workload' | 'step' | 'layer';
export type EdgeKind = 'backend' | 'runs' | 'tunnel' | 'reach' | 'step';

export interface Box {
  readonly id: string;
  readonly kind: BoxKind;
  readonly title: string;
  readonly lines: readonly string[];
}

export interface Group {
  readonly id: string;
  /** undefined: its boxes stand in the band as they are. */
  readonly title: string | undefined;
  readonly boxes: readonly Box[];
}

export interface Band {
  readonly id: string;
  readonly title: string;
  readonly groups: readonly Group[];
  /** What is between this band and the next one: `encapsulation`. */
  readonly below?: string;
}

/** Ends are ids of boxes or of groups with a title. */
export interface Edge {
  readonly id: string;
  readonly kind: EdgeKind;
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

export interface Graph {
  readonly title: string;
  readonly description: string;
  readonly bands: readonly Band[];
  readonly edges: readonly Edge[];
  /** What is not in the picture, and why. */
  readonly notes: readonly string[];
}

/** Kinds and names → an id of letters, digits and `_` that all formats take. One for each list of names. */
export function createIds(): (kind: string, ...names: readonly string[]) => string {
  const byKey = new Map<string, string>();
  const taken = new Set<string>();
  return (kind, ...names) => {
    const key = JSON.stringify([kind, ...names]);
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const plain = [kind, ...names.map((name) => name.replace(/[^A-Za-z0-9]/g, '_'))].join('__');
    let id = plain;
    for (let n = 2; taken.has(id); n++) id = `${plain}__${n}`;
    taken.add(id);
    byKey.set(key, id);
    return id;
  };
}

/** Edges of equal kind and ends are one; of labels that differ, how many there are. */
export function mergeEdges(edges: readonly Omit<Edge, 'id'>[]): Edge[] {
  const byId = new Map<string, {edge: Omit<Edge, 'id'>; labels: Set<string>}>();
  for (const edge of edges) {
    if (edge.from === edge.to) continue;
    const id = `${edge.kind}___${edge.from}___${edge.to}`;
    const known = byId.get(id);
    if (known) known.labels.add(edge.label);
    else byId.set(id, {edge, labels: new Set([edge.label])});
  }
  return [...byId].map(([id, {edge, labels}]) => ({
    ...edge,
    id,
    label:
      labels.size <= 3 ? [...labels].join(', ') : `${[...labels].slice(0, 2).join(', ')} and ${labels.size - 2} more`,
  }));
}

/** How much a picture shows before it counts instead. */
export interface Limits {
  readonly boxes: number;
  readonly groups: number;
}

export const readable: Limits = {boxes: 48, groups: 16};
export const everything: Limits = {boxes: Number.POSITIVE_INFINITY, groups: Number.POSITIVE_INFINITY};

export interface Item {
  /** The thing itself, as edges name it. */
  readonly key: unknown;
  /** Made when it is drawn: of a big cluster most are only counted. */
  readonly box: () => Box;
  /** Name of its group. */
  readonly group: string;
}

export interface Collapse {
  readonly items: readonly Item[];
  readonly limits: Limits;
  /** Group by its name. */
  readonly group: (name: string) => {readonly id: string; readonly title: string | undefined};
  /** The one box that stands for a group's items, or for all of them (undefined). */
  readonly sum: (items: readonly Item[], group: string | undefined) => Box;
}

export interface Collapsed {
  readonly groups: readonly Group[];
  /** Key → id of the box that shows it. */
  readonly boxOf: ReadonlyMap<unknown, string>;
  readonly level: 'items' | 'groups' | 'one';
}

/** All items in their groups; a box for each group where they are many; one for all where the groups are many too. */
export function collapse({items, limits, group, sum}: Collapse): Collapsed {
  const byGroup = new Map<string, Item[]>();
  for (const item of items) {
    const list = byGroup.get(item.group);
    if (list) list.push(item);
    else byGroup.set(item.group, [item]);
  }
  const boxOf = new Map<unknown, string>();
  const show = (list: readonly Item[], box: Box) => {
    for (const {key} of list) boxOf.set(key, box.id);
    return box;
  };
  const stand = (boxes: readonly Box[]): Group[] => (boxes.length === 0 ? [] : [{id: '', title: undefined, boxes}]);
  if (items.length <= limits.boxes) {
    const groups = [...byGroup].map(([name, list]) => ({
      ...group(name),
      boxes: list.map((item) => show([item], item.box())),
    }));
    return {groups, boxOf, level: 'items'};
  }
  if (byGroup.size <= limits.groups)
    return {groups: stand([...byGroup].map(([name, list]) => show(list, sum(list, name)))), boxOf, level: 'groups'};
  return {groups: stand([show(items, sum(items, undefined))]), boxOf, level: 'one'};
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}
