/**
 * The eBPF load balancer at size: lookup of a frontend among few and many services, control state of a big cluster, and new
 * connections a second through the program at a pod's device. In process, CPU time; the sizes take turns.
 */
import type {Cluster, Service} from '../../src/cluster/model.js';
import {createControl} from '../../src/control/control.js';
import {runHook} from '../../src/datapath/bpf/hooks.js';
import {createRuntime} from '../../src/datapath/bpf/runtime.js';
import type {Skb} from '../../src/datapath/model.js';
import {Random} from '../../src/datapath/run/random.js';
import {set16} from '../../src/wire/bytes.js';
import {cluster, service} from '../control/cluster.js';
import {packet} from '../datapath/bpf/bench.js';

const LOOKUPS = 2_000_000;
const CONNECTIONS = 200_000;

export const cpuSeconds = (before: NodeJS.CpuUsage) => {
  const {user, system} = process.cpuUsage(before);
  return (user + system) / 1e6;
};

/** 10.96.0.0/12, one address each. */
export function clusterOf(services: number, backends: number): Cluster {
  const list = Array.from({length: services}, (_, i): Service => {
    const own = Array.from({length: backends}, (_, b) => ({
      ip: 0x0a28_0000 + i * backends + b,
      port: 8080,
      protocol: 'TCP' as const,
      portName: '',
      state: 'active' as const,
    }));
    return {...service(`svc-${i}`, '10.96.0.1', {backends: own}), clusterIps: [0x0a60_0100 + i]};
  });
  return cluster({services: list});
}

/** ns of a lookup, of ten services in turn or of all of them. */
function lookupTime(services: number, asked: number): () => number {
  const maps = createControl(clusterOf(services, 2)).state('node1').services;
  return () => {
    const start = process.cpuUsage();
    let found = 0;
    for (let i = 0; i < LOOKUPS; i++)
      if (maps.lookup(0x0a60_0100 + ((i * 7919) % asked) * (services / asked), 80, 6, 'external')) found++;
    if (found !== LOOKUPS) throw new Error(`${found} of ${LOOKUPS} found`);
    return (cpuSeconds(start) / LOOKUPS) * 1e9;
  };
}

export const median = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!;

export function benchServices(): string {
  const sizes = [lookupTime(10, 10), lookupTime(30_000, 10), lookupTime(30_000, 30_000)];
  const times: number[][] = sizes.map(() => []);
  for (let run = -1; run < 9; run++)
    for (const [i, measure] of sizes.entries()) {
      const time = measure();
      if (run >= 0) times[i]!.push(time);
    }
  const [small = 0, large = 0, spread = 0] = times.map(median);
  const big = clusterOf(10_000, 10);
  const start = process.cpuUsage();
  const {frontends} = createControl(big).state('node1').services;
  const built = cpuSeconds(start);
  const rows = [
    `lookup among 10 services                ${small.toFixed(1).padStart(8)} ns`,
    `lookup of ten among 30,000 services     ${large.toFixed(1).padStart(8)} ns ${(large / small).toFixed(2).padStart(7)} ×`,
    `lookup of all 30,000 in turn            ${spread.toFixed(1).padStart(8)} ns ${(spread / small).toFixed(2).padStart(7)} × (what the processor's caches make of it)`,
    `10,000 services of 10 backends          ${(built * 1000).toFixed(0).padStart(8)} ms ${String(frontends.length).padStart(7)} frontends`,
    `new connections a second, one core      ${Math.round(connectionRate()).toLocaleString('en').padStart(8)}`,
  ];
  return `${rows.join('\n')}\n`;
}

/** SYNs of pod-a to ClusterIPs, each a connection of its own, through cil_from_container. */
function connectionRate(): number {
  const state = createControl(clusterOf(4, 10)).state('node1');
  const lxc = state.pods.find(({pod}) => pod.name === 'pod-a')!;
  const run = () => {
    const random = new Random(1);
    const runtime = createRuntime(state, {
      now: () => 1000,
      random: () => random.next(),
      fib: (_source, destination) => ({ok: true, ifindex: 2, nexthop: destination, sourceMac: 1, destinationMac: 2}),
    });
    const sample = packet({from: '10.32.1.10', to: '10.96.1.0', dport: 80}) as Skb;
    const {start: first, end} = sample;
    const bytes = sample.buf.slice(first, end);
    const start = process.cpuUsage();
    for (let i = 0; i < CONNECTIONS; i++) {
      sample.start = first;
      sample.end = end;
      sample.buf.set(bytes, first);
      set16(sample.buf, first + 32, 0x0100 + (i & 3));
      set16(sample.buf, first + 34, 1024 + (i >> 2));
      sample.ifindex = lxc.lxc.ifindex;
      sample.tunnel = undefined;
      runHook('cil_from_container', sample, runtime);
    }
    const rate = CONNECTIONS / cpuSeconds(start);
    const made = [...runtime.ct.entries()].filter(({tuple}) => tuple.flags === 4).length;
    if (made !== CONNECTIONS) throw new Error(`${made} of ${CONNECTIONS} connections were made`);
    return rate;
  };
  run();
  return median([run(), run(), run()]);
}
