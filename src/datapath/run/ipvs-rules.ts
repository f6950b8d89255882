/**
 * kube-proxy in IPVS mode at the hooks of a node's stack: its few iptables rules mark and filter, IPVS translates. Packets to a
 * virtual server pass INPUT, where IPVS takes them, and go out by OUTPUT; replies are forwarded.
 */
import {
  type IpSet,
  type IpvsState,
  serverKey,
  setKey,
  type VirtualServer,
} from '../../control/kube-proxy/ipvs/model.js';
import {formatIpPort, type Ip, isIp4, prefixContains} from '../../wire/addr.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {ipv4HeaderLength} from '../../wire/ipv4.js';
import {PROTO_TCP} from '../../wire/l4.js';
import {tcpFlags} from '../../wire/tcp.js';
import {createRuleHooks, type RuleHooks, type RuleMemory, refuse, tell, tellWork} from './netfilter-rules.js';
import type {WalkPacket} from './netfilter-walk.js';
import type {SimNode} from './state.js';

/** Undefined where kube-proxy has no IPVS. */
export function createIpvsHooks(node: SimNode, memory: RuleMemory): RuleHooks | undefined {
  const {state} = node;
  const families = state.ipvs ?? [];
  if (families.length === 0) return undefined;
  const rules = createRuleHooks(node, memory, (name, directions, packet) =>
    inSet(setNamed(families, name), directions, packet),
  );
  if (!rules) return undefined;
  const {ipvs} = memory;
  const reals = new Set(families.flatMap(({servers}) => [...servers.values()].flatMap((s) => s.reals.map(realKey))));
  /** The hook that a packet comes by: what IPVS sends on was not forwarded. */
  const passed = <Hook extends string>(
    hook: Hook,
    {dnat, destination, destinationPort}: WalkPacket,
  ): Hook | 'OUTPUT' =>
    hook === 'FORWARD' && dnat && reals.has(realKey({ip: destination, port: destinationPort})) ? 'OUTPUT' : hook;
  return {
    ...rules,
    ipvs,
    early(hook, packet, skb) {
      const server = serverFor(families, packet);
      if (!server || packet.state === 'RELATED') return true;
      if (hook === 'PREROUTING') {
        rules.count('mangle', 'INPUT', packet);
        if (!rules.filter('INPUT', packet, skb)) return false;
      }
      if (server.reals.length > 0) return true;
      const hop = {table: 'ipvs', chain: serverText(server), rule: 1, target: 'REJECT'} as const;
      tell(node, skb, 'discard', [hop], 'no real server');
      refuse(node, skb, packet, {kind: 'reject'});
      return false;
    },
    translate(hook, packet, skb) {
      const own = rules.translate(hook, packet, skb);
      const server = serverFor(families, packet);
      tellWork(node, skb, {rules: 0, lookups: 1});
      const real = server && ipvs.choose(server, packet);
      if (!server || !real) return own;
      const target = formatIpPort(real.ip, real.port);
      const rule = server.reals.indexOf(real) + 1;
      tell(node, skb, 'route', [{table: 'ipvs', chain: serverText(server), rule, target}], server.scheduler);
      return {ip: real.ip, port: real.port};
    },
    count: (table, hook, packet) => rules.count(table, passed(hook, packet), packet),
    filter: (hook, packet, skb) => rules.filter(passed(hook, packet), packet, skb),
    seen(connection, reply, skb) {
      const ip = skb.start + ETH_HEADER;
      const {original} = connection;
      const four = isIp4(original.source);
      const o = four ? ip + ipv4HeaderLength(skb.buf, ip) : ip + 40;
      const flags = original.protocol === PROTO_TCP && o + 14 <= skb.end ? tcpFlags(skb.buf, o) : 0;
      ipvs.seen(original, reply, skb.end - ip, flags);
    },
  };
}

function serverFor(families: readonly IpvsState[], packet: WalkPacket): VirtualServer | undefined {
  const {destination, protocol, destinationPort} = packet;
  const family = isIp4(destination) ? 4 : 6;
  const own = families.find((state) => state.family === family);
  return own?.servers.get(serverKey(destination, protocol, destinationPort));
}

/** `TCP 10.96.10.50:80`. */
function serverText({protocol, ip, port}: VirtualServer): string {
  return `${protocol.toUpperCase()} ${formatIpPort(ip, port)}`;
}

function realKey({ip, port}: {readonly ip: Ip; readonly port: number}): string {
  return `${ip} ${port}`;
}

function setNamed(families: readonly IpvsState[], name: string): IpSet | undefined {
  for (const {sets} of families) {
    const set = sets.get(name);
    if (set) return set;
  }
  return undefined;
}

/** `directions`: from which end each part of the entry is, as in `dst,dst,src`. */
export function inSet(set: IpSet | undefined, directions: string, packet: WalkPacket): boolean {
  if (!set || set.entries.size === 0) return false;
  const [first, second = first, third = first] = directions.split(',');
  const address = (side: string | undefined) => (side === 'src' ? packet.source : packet.destination);
  const port = (set.type === 'bitmap:port' ? first : second) === 'src' ? packet.sourcePort : packet.destinationPort;
  const other = address(third);
  const networks = set.entries.get(setKey(set.type, {ip: address(first), protocol: packet.protocol, port, other}));
  if (!networks || set.type !== 'hash:ip,port,net') return networks !== undefined;
  return networks.some((network) => prefixContains(network, other));
}
