/** A node to run hooks on: two pods, a service, a remote pod; in any mode. */

import type {PolicyEntry} from '../../../src/control/model.js';
import {allowAll, createPolicyMap} from '../../../src/control/policy-map.js';
import {runHook} from '../../../src/datapath/bpf/hooks.js';
import type {ProgramConfig} from '../../../src/datapath/bpf/program.js';
import {createRuntime} from '../../../src/datapath/bpf/runtime.js';
import type {DatapathEvent, HookAction, HookName, NodeRuntime, Skb} from '../../../src/datapath/model.js';
import {parseIp, parseMac, writeIp, writeMac} from '../../../src/wire/addr.js';
import {set16} from '../../../src/wire/bytes.js';
import {checksum, finishSum, pseudoSum4, pseudoSum6, sumWords} from '../../../src/wire/checksum.js';
import type {Profile, Topology} from '../../vectors/format.js';
import {newSkb} from '../../vectors/skb.js';
import {createBench, type ServiceChange} from '../../vectors/topology.js';

const NODE_LABEL = 6;

function endpoint(addr: string, ifindex: number, id: number, label: number, host = false) {
  const last = id.toString(16).padStart(2, '0');
  const mac = (first: string) => (host ? '00:00:00:00:00:00' : `${first}:00:00:00:00:${last}`);
  return {
    addr,
    ifindex,
    endpoint_id: host ? 0 : id,
    flags: host ? 1 : 0,
    mac: mac('0a'),
    node_mac: mac('0e'),
    sec_id: label,
  };
}

function cached(prefix: string, identity: number, tunnel: string | null = null) {
  return {
    prefix,
    identity,
    tunnel_endpoint: tunnel,
    flag_skip_tunnel: 0,
    flag_has_tunnel_ep: tunnel ? 1 : 0,
  };
}

function slot(vip: string, port: number, slotNumber: number, id: number, backend: number, count: number, flags = 0) {
  return {
    vip,
    port,
    slot: slotNumber,
    proto: 6,
    scope: 0,
    backend_id_or_alg: backend,
    count,
    rev_nat_index: id,
    flags,
    flags2: 0,
  };
}

const ROUTABLE_NODEPORT = 2 + 64;

export const topology: Topology = {
  devices: {eth0: 2, cilium_net: 3, cilium_host: 4, 'tunnel device': 5, 'lxc-a': 10, 'lxc-b': 11},
  macs: {
    'eth0 node1': '02:00:00:00:00:05',
    'tunnel device': '02:00:00:00:00:55',
    'cilium_net node1': '02:00:00:00:01:33',
    'cilium_host node1': '02:00:00:00:01:44',
  },
  endpoints: {
    a: {ip: '10.1.1.10', ip6: 'fd00:1::a', ifx: 10, ep: 101, id: 1001},
    b: {ip: '10.1.1.11', ip6: 'fd00:1::b', ifx: 11, ep: 102, id: 1002},
  },
  settings: {
    nodeport_range: [30000, 32767],
    service_loopback_ipv4: '169.254.42.1',
    masquerade_exclusion_cidr: '10.1.0.0/16',
    source_ip_verification: true,
    maglev_table_size: 16381,
    ct_lifetimes_s: {
      tcp: 21600,
      other: 60,
      syn: 60,
      close: 10,
      service_tcp: 21600,
      service_other: 60,
      report_interval: 5,
    },
    router_ip_node1: '10.1.1.1',
  },
  nodes: {
    'node1-geneve': {
      cilium_lxc: [
        endpoint('192.168.0.5', 0, 0, 1, true),
        endpoint('10.1.1.1', 0, 0, 1, true),
        endpoint('fd00:1::1', 0, 0, 1, true),
        endpoint('10.1.1.10', 10, 101, 1001),
        endpoint('10.1.1.11', 11, 102, 1002),
        endpoint('fd00:1::a', 10, 101, 1001),
        endpoint('fd00:1::b', 11, 102, 1002),
      ],
      cilium_ipcache_v2: [
        cached('0.0.0.0/0', 2),
        cached('192.168.0.5/32', 1),
        cached('192.168.0.6/32', NODE_LABEL),
        cached('10.1.1.1/32', 1),
        cached('10.1.1.10/32', 1001),
        cached('10.1.1.11/32', 1002),
        cached('10.1.2.0/24', 2, '192.168.0.6'),
        cached('10.1.2.20/32', 1003, '192.168.0.6'),
        cached('fd00:1::a/128', 1001),
        cached('fd00:1::b/128', 1002),
        cached('fd00:2::14/128', 1003, '192.168.0.6'),
      ],
      services: [
        slot('10.96.0.50', 80, 0, 1, 0, 1),
        slot('10.96.0.50', 80, 1, 1, 1, 0),
        slot('10.96.0.60', 80, 0, 2, 0, 0),
        slot('192.168.0.5', 30080, 0, 3, 0, 1, ROUTABLE_NODEPORT),
        slot('192.168.0.5', 30080, 1, 3, 1, 0, ROUTABLE_NODEPORT),
        slot('fd00:96::50', 80, 0, 11, 0, 1),
        slot('fd00:96::50', 80, 1, 11, 11, 0),
        slot('fd00:96::60', 80, 0, 12, 0, 0),
        slot('10.96.0.70', 80, 0, 4, 0, 1),
        slot('10.96.0.70', 80, 1, 4, 2, 0),
      ],
      backends: [
        {id: 1, addr: '10.1.2.20', port: 8080},
        {id: 2, addr: '10.1.1.10', port: 8080},
        {id: 11, addr: 'fd00:2::14', port: 8080},
      ],
    },
  },
};

export interface Node {
  readonly runtime: NodeRuntime;
  readonly events: DatapathEvent[];
  run(hook: HookName, skb: Skb, ifindex: number): HookAction;
  /** Short texts of the trace, drop and verdict events since the last call. */
  told(): string[];
}

export function createNode(
  profile: Profile,
  options: {program?: Partial<ProgramConfig>; services?: ServiceChange; policies?: Record<number, PolicyEntry[]>} = {},
): Node {
  const bench = createBench(topology, profile, 'node1', '');
  const policies = new Map(
    [101, 102].map((id) => [id, createPolicyMap(options.policies?.[id] ?? [allowAll('ingress'), allowAll('egress')])]),
  );
  const events: DatapathEvent[] = [];
  const runtime = createRuntime(bench.state(options.services ?? {}, policies), {
    program: {...bench.program, ...options.program},
    now: () => 1000,
    random: () => 0,
    fib: (_source, destination) => ({
      ok: true,
      ifindex: 2,
      nexthop: destination,
      sourceMac: 0x020000000005,
      destinationMac: 0x0200000000fe,
    }),
    emit: (event) => events.push(event),
  });
  return {
    runtime,
    events,
    run(hook, skb, ifindex) {
      skb.ifindex = ifindex;
      return runHook(hook, skb, runtime);
    },
    told() {
      return events.splice(0).flatMap((e) => {
        if (e.kind === 'trace') return [`${e.point} ${e.sourceIdentity}->${e.destinationIdentity} ${e.reason}`];
        if (e.kind === 'drop') return [`drop ${e.reason}`];
        return e.kind === 'policy-verdict' ? [`${e.direction} ${e.verdict}`] : [];
      });
    },
  };
}

export interface PacketFields {
  readonly from: string;
  readonly to: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly flags?: number;
  readonly ttl?: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly payload?: number;
  readonly sourceMac?: string;
}

/** A correct TCP or UDP frame. */
export function packet(fields: PacketFields): Skb {
  const {sport = 40000, dport = 8080, flags = 2, ttl = 64, payload = 0} = fields;
  const [from, to] = [parseIp(fields.from)!, parseIp(fields.to)!];
  const v4 = typeof from === 'number';
  const tcp = fields.protocol !== 'udp';
  const [ip, l4] = [v4 ? 20 : 40, tcp ? 20 : 8];
  const b = new Uint8Array(14 + ip + l4 + payload);
  writeMac(b, 0, parseMac('0e:00:00:00:00:65')!);
  writeMac(b, 6, parseMac(fields.sourceMac ?? '0a:00:00:00:00:65')!);
  set16(b, 12, v4 ? 0x0800 : 0x86dd);
  const o = 14;
  b[o] = v4 ? 0x45 : 0x60;
  set16(b, o + (v4 ? 2 : 4), b.length - o - (v4 ? 0 : 40));
  b[o + (v4 ? 8 : 7)] = ttl;
  b[o + (v4 ? 9 : 6)] = tcp ? 6 : 17;
  writeIp(b, o + (v4 ? 12 : 8), from);
  writeIp(b, o + (v4 ? 16 : 24), to);
  if (v4) set16(b, o + 10, checksum(b, o, o + 20));
  const t = o + ip;
  set16(b, t, sport);
  set16(b, t + 2, dport);
  if (tcp) {
    b[t + 12] = 0x50;
    b[t + 13] = flags;
  } else set16(b, t + 4, b.length - t);
  set16(b, t + (tcp ? 16 : 6), transportChecksum(b));
  return newSkb(b);
}

/** Transport checksum of the frame computed over a field that counts as it stands. */
function transportChecksum(b: Uint8Array): number {
  const v4 = b[12] === 8;
  const o = 14;
  const t = o + (v4 ? 20 : 40);
  const protocol = b[o + (v4 ? 9 : 6)]!;
  const length = b.length - t;
  const pseudo = v4 ? pseudoSum4(b, o, protocol, length) : pseudoSum6(b, o, protocol, length);
  return finishSum(sumWords(b, t, b.length, pseudo));
}

/** 0 when IP and transport checksums of the frame are right. */
export function checksumError(skb: Skb): number {
  const b = skb.buf.slice(skb.start, skb.end);
  const ip = b[12] === 8 ? checksum(b, 14, 34) : 0;
  return ip | transportChecksum(b);
}
