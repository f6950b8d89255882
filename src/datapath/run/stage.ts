/**
 * The cluster changes under a run: agents put their maps in order, pods come and go, connections stay tracked. What the
 * programs themselves have written (conntrack, NAT, affinity) stays, as in pinned maps, but for two things: an address that
 * comes to a new endpoint loses its old connections (pkg/endpoint scrubIPsInConntrackTable), and a reboot empties all.
 */
import type {Pod} from '../../cluster/model.js';
import type {PodNetns} from '../../control/model.js';
import type {Ip} from '../../wire/addr.js';
import {createLookups} from '../bpf/lookups.js';
import {programConfig} from '../bpf/program.js';
import {addDevice, buildPod, ownProgram, pointFinder, tapsOf} from './build.js';
import {createNetfilter} from './netfilter.js';
import {routeTo} from './route.js';
import {endSctp} from './sctp-state.js';
import {createSecurity} from './security.js';
import type {ControlStage, Dev, Ns, Run, SimNode} from './state.js';
import {podNs} from './traffic.js';
import {addressBook, nodeNamed} from './world.js';

/** From now on the run has this control plane. */
export function enterStage(run: Run, {control, text}: ControlStage): void {
  run.control = control;
  run.cluster = control.cluster;
  run.directory = {...run.directory, ...addressBook(run.cluster, run.directory.byName)};
  run.impaired = (run.cluster.underlay.loss?.length ?? 0) > 0 || run.cluster.nodes.some((node) => node.down);
  const security = createSecurity(run.cluster, run.underlay.security?.flows);
  Object.assign(run.underlay, {security});
  for (const node of run.nodes) {
    if (!node) continue;
    Object.assign(node.eth0.lastHop, {macHigh: -1, macLow: -1, node: undefined});
    refreshNode(node);
  }
  for (const entry of run.traffic) {
    const {from} = entry.outcome.spec;
    if (!entry.ns.gone) continue;
    const now =
      from.kind === 'pod'
        ? podNs(run, from.pod)
        : from.kind === 'node'
          ? nodeNamed(run, from.node.name)?.host
          : undefined;
    if (now && !now.gone) entry.ns = now;
  }
  run.emit?.({kind: 'control', hook: 'control', time: run.now, node: '', packet: 0, text});
}

function refreshNode(node: SimNode): void {
  const {run, index} = node;
  const spec = run.cluster.nodes[index]!;
  const wasDown = node.spec.down ?? false;
  if (wasDown && !spec.down) return void reboot(node);
  node.spec = spec;
  node.state = run.control.state(spec.name);
  if (spec.down) {
    for (const ns of [node.host, ...node.pods]) kill(ns);
    return;
  }
  const {state} = node;
  Object.assign(node.runtime, {
    state,
    lookups: createLookups(state),
    program: {...programConfig(state), ...ownProgram(state)},
  });
  replacePods(node);
  refreshDevices(node);
  for (const ns of [node.host, ...node.pods]) reroute(ns);
  node.tunnelPaths.clear();
  if (node.host.netfilter) node.host.netfilter = createNetfilter(node, node.host.netfilter);
}

/** It is built anew when something concerns it: with empty maps. */
function reboot(node: SimNode): void {
  const {run} = node;
  for (const [ip, ns] of run.namespaces) if (ns.node === node) run.namespaces.delete(ip);
  run.nodes[node.index] = undefined;
}

/** Pods in a new sandbox are others, though they have the name of an old one. */
function sameSandbox(a: Pod, b: Pod): boolean {
  return a.device === b.device && a.endpointId === b.endpointId && a.name === b.name && a.namespace === b.namespace;
}

function replacePods(node: SimNode): void {
  const {run, state} = node;
  const stays = (pod: Pod) => state.pods.find((netns) => sameSandbox(netns.pod, pod));
  for (const ns of node.pods) if (ns.pod && !stays(ns.pod)) destroy(node, ns);
  const first = run.directory.firstPoint[node.index]!;
  const pointOf = pointFinder(run, node.index, first);
  const old = new Map(node.pods.map((ns) => [ns.pod?.device, ns]));
  const {observers} = run.directory;
  for (const device of state.host.devices) {
    if (node.host.devices.some((dev) => dev.name === device.name)) continue;
    const point = pointOf(undefined, device);
    addDevice(node.host, device, point, tapsOf(point, observers), node);
  }
  numberDevices(node);
  node.pods = state.pods.map((netns) => {
    const kept = old.get(netns.pod.device);
    return kept && !kept.gone ? keep(kept, netns) : create(node, netns, pointOf);
  });
}

function keep(ns: Ns, netns: PodNetns): Ns {
  ns.pod = netns.pod;
  ns.netns = netns;
  return ns;
}

function create(node: SimNode, netns: PodNetns, pointOf: ReturnType<typeof pointFinder>): Ns {
  const {run} = node;
  const ns = buildPod(node, netns, pointOf, run.directory.observers);
  for (const ip of netns.pod.ips) {
    run.namespaces.set(ip, ns);
    scrub(node, ip);
  }
  return ns;
}

/** Connections of whoever had the address before. */
function scrub({runtime: {ct}}: SimNode, ip: Ip): void {
  for (const entry of [...ct.entries()]) if (entry.tuple.daddr === ip || entry.tuple.saddr === ip) ct.remove(entry);
}

function destroy(node: SimNode, ns: Ns): void {
  kill(ns);
  for (const [ip, owner] of node.run.namespaces) if (owner === ns) node.run.namespaces.delete(ip);
  for (const dev of ns.devices) {
    const {peer} = dev;
    if (!peer) continue;
    peer.peer = undefined;
    dev.peer = undefined;
    silence(peer);
    const at = node.host.devices.indexOf(peer);
    if (at >= 0) node.host.devices.splice(at, 1);
  }
}

/** Processes die; what is on its way to them is lost. */
function kill(ns: Ns): void {
  ns.gone = true;
  for (const dev of ns.devices) silence(dev);
  for (const connection of ns.tcp.all()) {
    connection.state = 'closed';
    connection.deadline = Number.POSITIVE_INFINITY;
    connection.ackDeadline = Number.POSITIVE_INFINITY;
    ns.tcp.remove(connection);
  }
  for (const association of ns.sctp.all()) endSctp(association);
}

function silence(dev: Dev): void {
  const {pool} = dev.ns.run;
  Object.assign(dev.arrival, {
    run(frame: Parameters<typeof pool.release>[0] | undefined) {
      if (frame) pool.release(frame);
    },
  });
}

/** Sockets ask for their routes again, as the kernel has them do when a table changes (dst_check). */
function reroute(ns: Ns): void {
  ns.routes.clear();
  for (const connection of [...ns.tcp.all(), ...ns.sctp.all()])
    connection.dst = routeTo(ns, connection.remote) ?? connection.dst;
}

/** Numbers and MTUs of devices that stay. */
function refreshDevices(node: SimNode): void {
  numberDevices(node);
  node.host.netns = node.state.host;
  for (const ns of node.pods)
    for (const device of ns.netns?.devices ?? []) {
      const dev = ns.devices.find(({name}) => name === device.name);
      if (dev) Object.assign(dev, {ifindex: device.ifindex, mtu: device.mtu});
    }
}

function numberDevices(node: SimNode): void {
  const devices: (Dev | undefined)[] = [];
  for (const device of node.state.host.devices) {
    const dev = node.host.devices.find(({name}) => name === device.name);
    if (!dev) continue;
    Object.assign(dev, {ifindex: device.ifindex, mtu: device.mtu});
    devices[device.ifindex] = dev;
  }
  node.devices = devices;
}
