/** Clusters and captures for the tests of the run. */

import {definitionOf, demoSpec} from '../../../src/cluster/demo.js';
import type {Cluster} from '../../../src/cluster/model.js';
import {resolve} from '../../../src/cluster/resolve.js';
import type {ClusterSpec} from '../../../src/cluster/spec.js';
import {parseTraffic} from '../../../src/cluster/traffic.js';
import {createControl} from '../../../src/control/control.js';
import type {AppEvent, DatapathEvent, Observer} from '../../../src/datapath/model.js';
import {createRun, type LiveRun, type RunResult, simulate} from '../../../src/datapath/run/simulate.js';

export interface Captured {
  readonly time: number;
  /** `node1 eth0 out`, `default/pod-a eth0 in`. */
  readonly at: string;
  readonly bytes: Uint8Array;
  readonly packet: number;
}

export interface Lab {
  readonly cluster: Cluster;
  readonly frames: readonly Captured[];
  readonly events: readonly DatapathEvent[];
  readonly apps: readonly AppEvent[];
  readonly result: RunResult;
  /** Bytes of the frames seen at a place, in order. */
  at(place: string): Uint8Array[];
}

/** The demo cluster with some fields of its definition replaced. */
export function demo(changes: Partial<ClusterSpec> = {}): Cluster {
  const cilium = {...demoSpec.cilium, ...changes.cilium};
  const services = [...(demoSpec.services ?? []), ...(changes.services ?? [])];
  const pods = [...(demoSpec.pods ?? []), ...(changes.pods ?? [])];
  return resolve(definitionOf('lab', 'lab', {...demoSpec, ...changes, cilium, services, pods}));
}

/** A cluster of its own: two nodes, client a on the first, server b (8080) on the second, service s in front of it. */
export function pair(changes: Partial<ClusterSpec> = {}): Cluster {
  const spec: ClusterSpec = {
    nodes: 2,
    pods: [
      {name: 'a', node: 'node1'},
      {name: 'b', node: 'node2', ports: [8080], labels: {app: 'b'}},
    ],
    services: [
      {name: 's', type: 'NodePort', selector: {app: 'b'}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]},
    ],
    ...changes,
    cilium: {
      'tunnel-protocol': 'geneve',
      'kube-proxy-replacement': true,
      'enable-bpf-masquerade': true,
      'bpf-lb-sock': false,
      ...changes.cilium,
    },
  };
  return resolve(definitionOf('pair', 'pair', spec));
}

export const dualStack: Partial<ClusterSpec> = {
  podCIDR: ['10.32.0.0/16', 'fd00:32::/48'],
  serviceCIDR: ['10.96.0.0/16', 'fd00:96::/112'],
};

export function runLab(cluster: Cluster, lines: readonly string[], seed = 1): Lab {
  const frames: Captured[] = [];
  const events: DatapathEvent[] = [];
  const apps: AppEvent[] = [];
  const observer: Observer = {
    frame: (point, time, direction, bytes, start, end, packet) =>
      frames.push({
        time,
        at: `${point.pod ?? point.node} ${point.device} ${direction}`,
        bytes: bytes.slice(start, end),
        packet,
      }),
    event: (event) => events.push('frame' in event ? {...event, frame: event.frame.slice()} : event),
    app: (event) => apps.push(event),
  };
  const traffic = lines.map((line) => parseTraffic(line, cluster));
  const result = simulate({control: createControl(cluster), traffic, seed, observers: [observer]});
  return {
    cluster,
    frames,
    events,
    apps,
    result,
    at: (place) => frames.filter((f) => f.at === place).map((f) => f.bytes),
  };
}

/** A run that nothing has been sent in. */
export function idleRun(cluster: Cluster, observers: readonly Observer[] = []): LiveRun {
  return createRun({control: createControl(cluster), traffic: [], seed: 1, observers});
}
