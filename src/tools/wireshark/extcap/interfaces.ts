/** Interfaces of the cluster as Wireshark's list shows them. */
import type {CapturePoint} from '../../../datapath/model.js';
import {describePoint} from '../../../session/frame-writer.js';
import type {Session} from '../../../session/session.js';

export interface ExtcapInterface {
  /** Word for `-i`, unique. */
  readonly name: string;
  readonly display: string;
  /** undefined: those of `--node` and `--device`, all by default. */
  readonly point: CapturePoint | undefined;
}

/** The one that stands for all. */
export const ALL = 'wirelay';
/** Nodes and pods with a line of their own: beyond that the list would bury the machine's interfaces. */
const SHOWN = 40;

/**
 * All at once; network card and tunnel of each node; the pods. Of a bigger cluster the first ones: the rest is reached through
 * `wirelay`. `points` in the cluster's order.
 */
export function interfacesOf(session: Session, points: readonly CapturePoint[]): ExtcapInterface[] {
  const {cluster} = session;
  const nodes = new Set(cluster.nodes.slice(0, SHOWN).map(({name}) => name));
  const pods = new Set(
    cluster.pods
      .filter(({hostNetwork}) => !hostNetwork)
      .slice(0, SHOWN)
      .map(({namespace, name}) => `${namespace}/${name}`),
  );
  const shown = points.filter((point) =>
    point.pod === undefined
      ? nodes.has(point.node) && isMain(session, point)
      : pods.has(point.pod) && !isLoopback(point),
  );
  shown.sort((a, b) => Number(a.pod !== undefined) - Number(b.pod !== undefined));
  const taken = new Set([ALL]);
  const list = shown.map((point) => {
    const name = unique(nameOf(point), taken);
    return {name, display: `${describePoint(session, point)} (wirelay: ${cluster.name})`, point};
  });
  const all = `all interfaces of cluster ${cluster.name}, or those of a node (wirelay)`;
  return [{name: ALL, display: all, point: undefined}, ...list];
}

function isLoopback(point: CapturePoint): boolean {
  return point.device === 'lo';
}

function isMain(session: Session, point: CapturePoint): boolean {
  const device = session.state(point.node).host.devices.find(({ifindex}) => ifindex === point.ifindex);
  return device?.kind === 'physical' || device?.tunnel !== undefined;
}

/** `wirelay-node1-eth0`, `wirelay-pod-a.default`. Names of temporary files are made of it, so no slash. */
function nameOf({node, pod, device}: CapturePoint): string {
  const [namespace, name] = pod?.split('/') ?? [];
  const text = pod === undefined ? `${node}-${device}` : `${name}.${namespace}${device === 'eth0' ? '' : `-${device}`}`;
  return `wirelay-${text.replace(/[^\w.-]/g, '_')}`;
}

function unique(name: string, taken: Set<string>): string {
  let found = name;
  for (let n = 2; taken.has(found); n++) found = `${name}_${n}`;
  taken.add(found);
  return found;
}
