import type {Ruleset, TableName} from '../../../src/control/kube-proxy/model.js';
import {Counting, RecentLists, type WalkNode, type WalkPacket, walk} from '../../../src/datapath/run/netfilter-walk.js';
import {Random} from '../../../src/datapath/run/random.js';
import {formatIpPort, parseIp} from '../../../src/wire/addr.js';

export interface Walker {
  /** `DNAT 10.32.2.20:8080`, or the verdict. */
  to(source: string, destination: string, port: number, table?: TableName, chain?: string, protocol?: number): string;
  packet: WalkPacket;
  readonly ruleset: Ruleset;
  readonly node: WalkNode & {time: number};
}

/** Sends packets through a node's rules without a run around them. */
export function walker(ruleset: Ruleset, seed = 1): Walker {
  const random = new Random(seed);
  const node = {
    time: 0,
    isLocal: (ip: string | number) => ip === parseIp('10.0.0.5') || ip === parseIp('127.0.0.1'),
    random: () => random.next(),
    now: () => node.time,
    recent: new RecentLists(),
    counters: new Counting(),
  };
  const self: Walker = {
    ruleset,
    node,
    packet: undefined as unknown as WalkPacket,
    to(source, destination, port, name = 'nat', chain = 'PREROUTING', protocol = 6) {
      const table = ruleset.tables.find((t) => t.name === name)!;
      self.packet = {
        source: parseIp(source)!,
        sourcePort: 40000,
        destination: parseIp(destination)!,
        destinationPort: port,
        protocol,
        state: 'NEW',
        dnat: false,
        length: 60,
        mark: 0,
      };
      const verdict = walk(table, chain, self.packet, node);
      return verdict.kind === 'dnat' ? `DNAT ${formatIpPort(verdict.to.ip, verdict.to.port)}` : verdict.kind;
    },
  };
  return self;
}
