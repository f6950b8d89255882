/**
 * Network security group of the node subnet, as Azure evaluates one: rules of a direction by priority, the first that matches
 * decides, behind them the default rules (Microsoft Learn, "Network security groups"). It sees what is on the wire between nodes:
 * the outer packet of a tunnel. Stateful: packets of a flow that a network card let pass, either way, pass there again.
 *
 *   sender's card: Outbound ──▶ the virtual network ──▶ receiver's card: Inbound
 */
import type {Cluster, NsgRule, Service} from '../../cluster/model.js';
import {formatIp, formatIpPort, isIp4, type Prefix, prefixContains} from '../../wire/addr.js';
import {get16} from '../../wire/bytes.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {ipProtocols} from '../../wire/iana.js';
import {ipv4Destination, ipv4FragmentOffset, ipv4HeaderLength, ipv4Protocol, ipv4Source} from '../../wire/ipv4.js';
import {ipv6Destination, ipv6Source, ipv6Upper} from '../../wire/ipv6.js';
import {PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';
import type {SecurityDecision} from '../step-model.js';
import {type PacketTuple, readTuple, type Tuple} from './nf-tuple.js';
import type {SimSkb} from './skb.js';

type Way = NsgRule['direction'];

export interface Security {
  /**
   * The rule that decides about a packet at the card of a node; undefined where none is asked: a known flow, an ICMP error, a later
   * fragment, which goes with its first one. A flow that is let pass becomes known.
   */
  decide(node: string, direction: Way, skb: SimSkb): SecurityDecision | undefined;
  /** Known ones: they outlive the rules that let them pass. */
  readonly flows: Set<string>;
}

const numbers = {Tcp: ipProtocols.tcp.number, Udp: ipProtocols.udp.number, Icmp: ipProtocols.icmp.number} as const;
/** Where the platform's load balancer probes from, and its rule for services (cloud-provider-azure loadBalancerMinimumPriority). */
const PLATFORM: Prefix = {ip: 0xa83f8110, length: 32};
const SERVICE_PRIORITY = 500;

/**
 * Undefined without rules: no security group is there. `flows`: known so far; with it even no rules at all take notice of them, as
 * the platform does, so that rules which come later leave them alone.
 */
export function createSecurity(cluster: Cluster, flows?: Set<string>): Security | undefined {
  const {nsg = []} = cluster.underlay;
  if (nsg.length === 0) return flows && takeNotice(flows);
  return enforce(cluster, flows ?? new Set());
}

function takeNotice(flows: Set<string>): Security {
  return {
    flows,
    decide(node, _direction, skb) {
      const tuple = tupleOf(skb);
      if (tuple && !tuple.related) flows.add(flowKey(node, tuple));
      return undefined;
    },
  };
}

/** All rules that a card asks, the first one first. */
function rulesOf(cluster: Cluster): NsgRule[] {
  const {nsg = []} = cluster.underlay;
  return [...nsg, ...cluster.services.flatMap(serviceRules), ...defaultRules(cluster)].sort(
    (a, b) => a.priority - b.priority,
  );
}

/** The rule that decides about the first packet of a flow with these ends. */
export function decidingRule(cluster: Cluster): (direction: Way, packet: Tuple) => NsgRule {
  const rules = rulesOf(cluster);
  return (direction, packet) =>
    rules.find((rule) => rule.direction === direction && matches(rule, {...packet, related: undefined}))!;
}

function enforce(cluster: Cluster, flows: Set<string>): Security {
  const rules = rulesOf(cluster);
  return {
    flows,
    decide(node, direction, skb) {
      const tuple = tupleOf(skb);
      if (!tuple || tuple.related) return undefined;
      const flow = flowKey(node, tuple);
      if (flows.has(flow)) return undefined;
      const rule = rules.find((candidate) => candidate.direction === direction && matches(candidate, tuple))!;
      const {name, priority, access, where} = rule;
      if (access === 'Allow') flows.add(flow);
      return {rule: name, priority, direction, access, node, ...(where ? {where} : {})};
    },
  };
}

/** `denied by NSG rule no-geneve (Inbound, priority 100) of node2: UDP 10.0.0.5:41000 to 10.0.0.6:6081`. */
export function denialText({rule, direction, priority, node}: SecurityDecision, skb: SimSkb): string {
  const tuple = tupleOf(skb);
  const name = Object.values(ipProtocols).find(({number}) => number === tuple?.protocol)?.name ?? 'packet';
  const ends = tuple
    ? `: ${name} ${formatIpPort(tuple.source, tuple.sourcePort)} to ${formatIpPort(tuple.destination, tuple.destinationPort)}`
    : '';
  return `denied by NSG rule ${rule} (${direction}, priority ${priority}) of ${node}${ends}`;
}

/** What rules see of a packet; undefined for a later fragment. Of a first one the ports are there. */
function tupleOf({buf, start, end}: SimSkb): PacketTuple | undefined {
  const ip = start + ETH_HEADER;
  const four = buf[ip]! >>> 4 === 4;
  if (four && ipv4FragmentOffset(buf, ip) > 0) return undefined;
  const tracked = readTuple(buf, ip, end);
  if (tracked) return tracked;
  const upper = four ? undefined : ipv6Upper(buf, ip, end);
  if (!four && (!upper?.ok || (upper.fragment?.offset ?? 0) > 0)) return undefined;
  const protocol = upper?.ok ? upper.protocol : ipv4Protocol(buf, ip);
  const o = upper?.ok ? upper.offset : ip + ipv4HeaderLength(buf, ip);
  const [source, destination] = four
    ? [ipv4Source(buf, ip), ipv4Destination(buf, ip)]
    : [ipv6Source(buf, ip), ipv6Destination(buf, ip)];
  const ports = (protocol === PROTO_TCP || protocol === PROTO_UDP) && o + 4 <= end;
  const [sourcePort, destinationPort] = ports ? [get16(buf, o), get16(buf, o + 2)] : [0, 0];
  return {source, sourcePort, destination, destinationPort, protocol, related: undefined};
}

function flowKey(node: string, {protocol, source, sourcePort, destination, destinationPort}: PacketTuple): string {
  const ends = [`${formatIp(source)} ${sourcePort}`, `${formatIp(destination)} ${destinationPort}`].sort();
  return `${node} ${protocol} ${ends.join(' ')}`;
}

function matches(
  rule: Omit<NsgRule, 'access'>,
  {protocol, source, destination, destinationPort}: PacketTuple,
): boolean {
  const {icmp, icmpv6} = ipProtocols;
  const kind = protocol === icmpv6.number ? icmp.number : protocol;
  if (rule.protocol !== '*' && numbers[rule.protocol] !== kind) return false;
  if (rule.source.length > 0 && !within(rule.source, source)) return false;
  if (rule.destination.length > 0 && !within(rule.destination, destination)) return false;
  if (rule.ports.length === 0) return true;
  return kind !== icmp.number && rule.ports.some(([low, high]) => low <= destinationPort && destinationPort <= high);
}

function within(prefixes: readonly Prefix[], ip: PacketTuple['source']): boolean {
  return prefixes.some((prefix) => isIp4(prefix.ip) === isIp4(ip) && prefixContains(prefix, ip));
}

const everyPrefix: readonly Prefix[] = [];

/** What the tag VirtualNetwork stands for: address space, peered networks, prefixes of user-defined routes, pods the SDN knows. */
function virtualNetwork({underlay, podCidrs}: Cluster): readonly Prefix[] {
  return [
    ...underlay.vnets,
    ...(underlay.peered ?? []).flatMap(({prefixes}) => prefixes),
    ...(underlay.routes ?? []).map(({prefix}) => prefix).filter(({length}) => length > 0),
    ...(underlay.routesPodCidrs ? podCidrs : []),
  ];
}

function defaultRules(cluster: Cluster): NsgRule[] {
  const vnet = virtualNetwork(cluster);
  const rule = (
    name: string,
    priority: number,
    direction: Way,
    access: NsgRule['access'],
    source = everyPrefix,
    destination = everyPrefix,
  ): NsgRule => ({name, priority, direction, access, protocol: '*', source, destination, ports: []});
  return [
    rule('AllowVnetInBound', 65000, 'Inbound', 'Allow', vnet, vnet),
    rule('AllowAzureLoadBalancerInBound', 65001, 'Inbound', 'Allow', [PLATFORM]),
    rule('DenyAllInBound', 65500, 'Inbound', 'Deny'),
    rule('AllowVnetOutBound', 65000, 'Outbound', 'Allow', vnet, vnet),
    // Internet: everything that is not the virtual network, which the rule before has taken or denied.
    rule('AllowInternetOutBound', 65001, 'Outbound', 'Allow'),
    rule('DenyAllOutBound', 65500, 'Outbound', 'Deny'),
  ];
}

/** The cloud provider opens the group for a service of type LoadBalancer: its addresses and ports, from its source ranges. */
function serviceRules({type, namespace, name, loadBalancerIps, ports, sourceRanges, where}: Service): NsgRule[] {
  if (type !== 'LoadBalancer' || loadBalancerIps.length === 0) return [];
  const destination = loadBalancerIps.map((ip): Prefix => ({ip, length: isIp4(ip) ? 32 : 128}));
  return (['TCP', 'UDP'] as const).flatMap((protocol): NsgRule[] => {
    const own = ports.filter((port) => port.protocol === protocol).map(({port}) => [port, port] as const);
    if (own.length === 0) return [];
    return [
      {
        name: `k8s-azure-lb_allow ${namespace}/${name}`,
        priority: SERVICE_PRIORITY,
        direction: 'Inbound',
        access: 'Allow',
        protocol: protocol === 'TCP' ? 'Tcp' : 'Udp',
        source: sourceRanges,
        destination,
        ports: own,
        ...(where ? {where} : {}),
      },
    ];
  });
}
