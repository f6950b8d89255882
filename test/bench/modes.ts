/** kube-proxy's modes among few and many services: a connection's first packet through the rules of a node, and building them. */
import {createControl} from '../../src/control/control.js';
import {serverKey} from '../../src/control/kube-proxy/ipvs/model.js';
import type {NodeState} from '../../src/control/model.js';
import {Ipvs} from '../../src/datapath/run/ipvs.js';
import {inSet} from '../../src/datapath/run/ipvs-rules.js';
import {Counting, RecentLists, type WalkNode, type WalkPacket, walk} from '../../src/datapath/run/netfilter-walk.js';
import {DynamicSets, walkNft} from '../../src/datapath/run/nft-walk.js';
import {Random} from '../../src/datapath/run/random.js';
import {clusterOf, cpuSeconds, median} from './services.js';

const FEW = 10;
const MANY = 10_000;
const PACKETS = 2000;
const modes = ['iptables', 'nftables', 'ipvs'] as const;

function stateOf(mode: (typeof modes)[number], services: number): NodeState {
  const base = clusterOf(services, 10);
  const cluster = {...base, dataplane: 'kube-proxy', kubeProxy: {mode, scheduler: 'rr'}} as const;
  return createControl({...cluster, podCidrs: [{ip: 0x0a20_0000, length: 13}]}).state('node1');
}

/** What a node does with the first packet of a connection from a pod; true: it found an endpoint. */
function walker({rulesets, nftables, ipvs}: NodeState): (packet: WalkPacket) => boolean {
  const random = new Random(1);
  const [table] = nftables ?? [];
  if (table) {
    const node = {isLocal: () => false, random, dynamic: new DynamicSets(() => 0)};
    return (packet) => walkNft(table, 'nat-prerouting', packet, node).kind === 'dnat';
  }
  const [family] = ipvs ?? [];
  const nat = rulesets?.[0]?.tables.find(({name}) => name === 'nat');
  if (!nat) throw new Error('no rules');
  const node: WalkNode = {
    isLocal: () => family !== undefined,
    random: () => random.next(),
    now: () => 0,
    recent: new RecentLists(),
    counters: new Counting(),
    inSet: (name, directions, packet) => inSet(family?.sets.get(name), directions, packet),
  };
  const kernel = new Ipvs(() => 0);
  return (packet) => {
    const verdict = walk(nat, 'PREROUTING', packet, node);
    if (!family) return verdict.kind === 'dnat';
    const {destination, protocol, destinationPort} = packet;
    const server = family.servers.get(serverKey(destination, protocol, destinationPort));
    return server !== undefined && kernel.choose(server, packet) !== undefined;
  };
}

/** ns of a first packet to one of ten services, spread evenly over all. */
function firstPacket(state: NodeState, services: number): () => number {
  const send = walker(state);
  let next = 0;
  return () => {
    const start = process.cpuUsage();
    for (let i = 0; i < PACKETS; i++) {
      const port = 1024 + (next % 60_000);
      const packet: WalkPacket = {
        source: 0x0a20_010a,
        sourcePort: port,
        destination: 0x0a60_0100 + ((next++ * 7919) % FEW) * (services / FEW),
        destinationPort: 80,
        protocol: 6,
        state: 'NEW',
        dnat: false,
        length: 60,
        mark: 0,
      };
      if (!send(packet)) throw new Error(`nothing takes packet ${i}`);
    }
    return (cpuSeconds(start) / PACKETS) * 1e9;
  };
}

export function benchModes(): string {
  const rows = modes.map((mode) => {
    const few = stateOf(mode, FEW);
    const start = process.cpuUsage();
    const many = stateOf(mode, MANY);
    // What is built when first asked for.
    const kept = (many.rulesets?.length ?? 0) + (many.nftables?.length ?? 0);
    const built = cpuSeconds(start);
    if (kept === 0) throw new Error(`${mode}: nothing built`);
    const runs = [firstPacket(few, FEW), firstPacket(many, MANY)];
    const times: number[][] = runs.map(() => []);
    for (let run = -2; run < 5; run++)
      for (const [i, measure] of runs.entries()) {
        const time = measure();
        if (run >= 0) times[i]?.push(time);
      }
    const [small = 0, large = 0] = times.map(median);
    return [
      mode.padEnd(10),
      `among 10 ${small.toFixed(0).padStart(8)} ns`,
      `ten among 10,000 ${large.toFixed(0).padStart(8)} ns`,
      `${(large / small).toFixed(1).padStart(8)} ×`,
      `10,000 built in ${(built * 1000).toFixed(0).padStart(6)} ms`,
    ].join('  ');
  });
  return `${rows.join('\n')}\n`;
}
