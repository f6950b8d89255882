/**
 * Nodes and namespaces by name, address and MAC. A node is built when something first concerns it: a cluster may have thousands,
 * a run touches a few.
 */
import type {Cluster, Pod} from '../../cluster/model.js';
import {baseDevices} from '../../control/devices.js';
import type {Ip} from '../../wire/addr.js';
import type {CapturePoint, Observer} from '../model.js';
import {buildNode, externalNs, laterPoints} from './build.js';
import type {ControlSource, Ns, Run, SimNode} from './state.js';

/** Where each node is found, and what its capture points are numbered from. */
export interface Directory {
  readonly observers: readonly Observer[];
  readonly byName: ReadonlyMap<string, number>;
  readonly byMac: ReadonlyMap<number, number>;
  /** Addresses of the nodes that the underlay delivers to. */
  readonly byIp: ReadonlyMap<Ip, number>;
  /** Every address of the cluster that names one namespace → the node it is on. */
  readonly owners: ReadonlyMap<Ip, number>;
  readonly firstPoint: readonly number[];
  /** How many capture points there are at the start. */
  readonly points: number;
  /** Capture points that events and changes bring. */
  readonly later: Map<string, CapturePoint>;
}

type Places = Omit<Directory, 'observers' | 'later'>;

/** The same for every run of a cluster. */
const places = new WeakMap<Cluster, Places>();

export function createDirectory(control: ControlSource, observers: readonly Observer[]): Directory {
  const {cluster} = control;
  let known = places.get(cluster);
  if (!known) places.set(cluster, (known = findPlaces(cluster)));
  return {observers, ...known, later: laterPoints(control, known.points)};
}

function findPlaces(cluster: Cluster): Places {
  const byName = new Map(cluster.nodes.map((node, i) => [node.name, i]));
  const byMac = new Map(cluster.nodes.map((node, i) => [node.mac, i]));
  const devices = cluster.nodes.map((node) => {
    const health = cluster.dataplane === 'cilium' && node.healthIps.length > 0 ? 1 : 0;
    return baseDevices(cluster, node).length + health;
  });
  for (const pod of cluster.pods) {
    const i = hasNamespace(pod) ? byName.get(pod.node!) : undefined;
    if (i === undefined) continue;
    // lxc on the host; eth0 and lo inside.
    devices[i] = devices[i]! + 3;
  }
  let next = 0;
  const firstPoint = devices.map((count) => (next += count) - count);
  return {byName, byMac, ...addressBook(cluster, byName), firstPoint, points: next};
}

/** Who has which address now. */
export function addressBook(cluster: Cluster, byName: Directory['byName']): Pick<Directory, 'byIp' | 'owners'> {
  const byIp = new Map<Ip, number>();
  const owners = new Map<Ip, number>();
  for (const [i, node] of cluster.nodes.entries()) {
    for (const ip of [...node.ips, ...node.externalIps]) byIp.set(ip, i);
    for (const ip of [...node.ips, ...node.routerIps, ...node.healthIps]) owners.set(ip, i);
  }
  for (const pod of cluster.pods) {
    const i = hasNamespace(pod) ? byName.get(pod.node!) : undefined;
    if (i !== undefined) for (const ip of pod.ips) owners.set(ip, i);
  }
  return {byIp, owners};
}

function hasNamespace(pod: Pod): boolean {
  const runs = pod.node !== undefined && pod.phase !== 'Succeeded' && pod.phase !== 'Failed';
  return runs && !pod.hostNetwork && pod.ips.length > 0;
}

/** The node at a position of the cluster's list. */
export function nodeAt(run: Run, index: number): SimNode {
  const known = run.nodes[index];
  if (known) return known;
  const node = buildNode(run, index, run.directory.firstPoint[index]!, run.directory.observers);
  run.nodes[index] = node;
  for (const ns of [node.host, ...node.pods])
    for (const ip of ns.addresses) if (run.directory.owners.get(ip) === index) run.namespaces.set(ip, ns);
  return node;
}

/** Undefined for a name that is no node's. */
export function nodeNamed(run: Run, name: string | undefined): SimNode | undefined {
  const index = name === undefined ? undefined : run.directory.byName.get(name);
  return index === undefined ? undefined : nodeAt(run, index);
}

/** The namespace that has an address: of the cluster, else a host outside. */
export function namespaceOf(run: Run, ip: Ip): Ns {
  const known = run.namespaces.get(ip);
  if (known) return known;
  const owner = run.directory.owners.get(ip);
  if (owner !== undefined) nodeAt(run, owner);
  return run.namespaces.get(ip) ?? externalNs(run, ip);
}

const isIndifferent = ({broadcasts}: Observer) => broadcasts === false;

/** Does somebody capture on the eth0 of this node? Answered without building it. */
export function watchesUplink(run: Run, index: number): boolean {
  const node = run.nodes[index];
  const {observers, firstPoint} = run.directory;
  if (observers.every(isIndifferent)) return false;
  if (node) return node.eth0.taps.length > 0;
  const name = run.cluster.nodes[index]!.name;
  // lo is the first device of a node, eth0 the second.
  const point: CapturePoint = {index: firstPoint[index]! + 1, node: name, pod: undefined, device: 'eth0', ifindex: 2};
  return observers.some(
    (o) => o.frame !== undefined && o.broadcasts !== false && (o.watches?.(point) ?? o.wants?.(point) ?? true),
  );
}
