import type {Cluster} from '../../../src/cluster/model.js';
import {createControl} from '../../../src/control/control.js';
import type {NftTable} from '../../../src/control/kube-proxy/nft/model.js';
import type {WalkPacket} from '../../../src/datapath/run/netfilter-walk.js';
import {DynamicSets, walkNft} from '../../../src/datapath/run/nft-walk.js';
import {Random} from '../../../src/datapath/run/random.js';
import {formatIpPort, parseIp} from '../../../src/wire/addr.js';

export function nftTableOf(cluster: Cluster, node: string, family: 4 | 6 = 4): NftTable {
  const state = createControl({...cluster, kubeProxy: {mode: 'nftables', scheduler: 'rr'}}).state(node);
  const table = state.nftables?.find((t) => t.family === family);
  if (!table) throw new Error(`no IPv${family} table on ${node}`);
  return table;
}

/** Sends packets through a node's table without a run around them: 10.0.0.5 is the node's own address. */
export function nftWalker(table: NftTable, seed = 1) {
  const time = {ms: 0};
  const own = [parseIp('10.0.0.5'), parseIp('127.0.0.1')];
  const node = {
    isLocal: (ip: string | number) => own.includes(ip),
    random: new Random(seed),
    dynamic: new DynamicSets(() => time.ms),
  };
  return {
    time,
    /** A connection's first packet, received by the node: `dnat IP:PORT`, or the verdict of the filter that ended it. */
    through(source: string, destination: string, port: number, protocol: number): {end: string; marked: boolean} {
      const packet: WalkPacket = {
        source: parseIp(source) ?? 0,
        sourcePort: 40000,
        destination: parseIp(destination) ?? 0,
        destinationPort: port,
        protocol,
        state: 'NEW',
        dnat: false,
        length: 60,
        mark: 0,
      };
      const early = walkNft(table, 'filter-prerouting', packet, node);
      if (early.kind !== 'accept') return {end: early.kind, marked: false};
      const nat = walkNft(table, 'nat-prerouting', packet, node);
      const to = nat.kind === 'dnat' ? nat.to : undefined;
      const routed = to ? {...packet, destination: to.ip, destinationPort: to.port, dnat: true} : packet;
      const filter = node.isLocal(routed.destination) ? 'filter-input' : 'filter-forward';
      const verdict = walkNft(table, filter, routed, node);
      if (verdict.kind !== 'accept') return {end: verdict.kind, marked: false};
      const out = walkNft(table, 'nat-postrouting', {...routed, mark: packet.mark}, node);
      return {end: to ? `dnat ${formatIpPort(to.ip, to.port)}` : 'accept', marked: out.kind === 'masquerade'};
    },
  };
}
