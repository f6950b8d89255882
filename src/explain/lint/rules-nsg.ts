/** The network between nodes: security groups that close the overlay, ports of the tunnel that others take. */
import type {Cluster, ClusterNode} from '../../cluster/model.js';
import {hasTunnelDevice} from '../../control/tunnel.js';
import {decidingRule} from '../../datapath/run/security.js';
import {addToIp, formatPrefix, type Ip, isIp4, maskIp} from '../../wire/addr.js';
import {ipProtocols} from '../../wire/iana.js';
import type {Found, Rule, Subject} from './model.js';

/** Azure’s platform address, which the tag AzureLoadBalancer stands for. */
const PLATFORM = 0xa83f_8110;

const groups =
  'learn.microsoft.com/azure/virtual-network/network-security-groups-overview: by priority the first rule that matches decides, for traffic within a subnet too';

/** A source port like those of the kernel's tunnels. */
const EPHEMERAL = 41_000;

interface Probe {
  readonly title: string;
  readonly source: Ip;
  readonly destination: Ip;
  readonly protocol: number;
  readonly port: number;
  /** From the platform: the card of the receiver alone is asked. */
  readonly inboundOnly?: boolean;
}

/** Of each rule that denies one of the probes: the first, and how many. */
function* deniedBy(cluster: Cluster, probes: readonly Probe[]): Iterable<Found> {
  if (!cluster.underlay.nsg?.length || probes.length === 0) return;
  const decide = decidingRule(cluster);
  const told = new Map<string, {readonly found: Found; more: number}>();
  for (const {title, source, destination, protocol, port, inboundOnly = false} of probes) {
    const packet = {source, destination, protocol, sourcePort: EPHEMERAL, destinationPort: port};
    for (const direction of inboundOnly ? (['Inbound'] as const) : (['Outbound', 'Inbound'] as const)) {
      const rule = decide(direction, packet);
      if (rule.access === 'Allow') continue;
      const key = `${direction} ${rule.priority}`;
      const seen = told.get(key);
      if (seen) seen.more++;
      else
        told.set(key, {
          found: {
            message: `rule ${rule.name} (${direction}, priority ${rule.priority}) denies ${title}`,
            where: rule.where,
          },
          more: 0,
        });
    }
  }
  for (const {found, more} of told.values())
    yield more === 0 ? found : {...found, message: `${found.message}, and ${more} more`};
}

/** Pairs of nodes that stand for all: addresses of a subnet are alike to most rules, not to all. */
const MOST_NODES = 40;

function pairs(cluster: Cluster): [ClusterNode, ClusterNode][] {
  const nodes = cluster.nodes.slice(0, MOST_NODES);
  return nodes.flatMap((a) => nodes.flatMap((b): [ClusterNode, ClusterNode][] => (a === b ? [] : [[a, b]])));
}

/** Port of cilium_wg0: what pods send to each other is in there, tunnel and all (pkg/wireguard/types). */
const WIREGUARD = 51_871;

function hasWireguard({dataplane, cilium}: Cluster): boolean {
  return dataplane === 'cilium' && cilium.raw['enable-wireguard'] === 'true';
}

function hasIpsec({dataplane, cilium}: Cluster): boolean {
  return dataplane === 'cilium' && cilium.raw['enable-ipsec'] === 'true';
}

/** IP protocol 50, which has no ports: only a rule for any protocol lets it pass. */
function ipsecProbes(cluster: Cluster): Probe[] {
  if (!hasIpsec(cluster)) return [];
  return pairs(cluster).flatMap(([a, b]) => {
    const [source, destination] = [a.ips[0], b.ips[0]];
    if (source === undefined || destination === undefined || isIp4(source) !== isIp4(destination)) return [];
    const title = `IPsec between nodes, ESP from ${a.name} to ${b.name}`;
    return [{title, source, destination, protocol: ipProtocols.esp.number, port: 0}];
  });
}

/** Where Azure's load balancer probes nodes: healthCheckNodePort, else the node port of each TCP port. */
function healthProbes({nodes, services}: Cluster): Probe[] {
  return services.flatMap(({type, namespace, name, ports, healthCheckNodePort}) => {
    if (type !== 'LoadBalancer') return [];
    const own = ports.flatMap(({nodePort, protocol}) =>
      nodePort === undefined || protocol !== 'TCP' ? [] : [nodePort],
    );
    const asked = healthCheckNodePort === undefined ? own : [healthCheckNodePort];
    return asked.flatMap((port) =>
      nodes.slice(0, MOST_NODES).flatMap((node): Probe[] => {
        const destination = node.ips.find(isIp4);
        if (destination === undefined) return [];
        const title = `health probes of service ${namespace}/${name}, TCP ${port} of ${node.name}`;
        return [{title, source: PLATFORM, destination, protocol: ipProtocols.tcp.number, port, inboundOnly: true}];
      }),
    );
  });
}

function tunnelProbes(cluster: Cluster): Probe[] {
  const {cilium, dataplane} = cluster;
  if (hasIpsec(cluster) || dataplane !== 'cilium' || !(hasTunnelDevice(cilium) || hasWireguard(cluster))) return [];
  const encrypted = hasWireguard(cluster);
  const [what, port] = encrypted ? ['WireGuard', WIREGUARD] : [cilium.tunnelProtocol, cilium.tunnelPort];
  return pairs(cluster).flatMap(([a, b]) => {
    const [source, destination] = [a.ips[0], b.ips[0]];
    if (source === undefined || destination === undefined || isIp4(source) !== isIp4(destination)) return [];
    const title = `${what} between nodes, UDP ${port} from ${a.name} to ${b.name}`;
    return [{title, source, destination, protocol: ipProtocols.udp.number, port}];
  });
}

/** From a pod of one node to a pod of another, where packets cross the network with their own addresses. */
function podProbes(cluster: Cluster): Probe[] {
  const {dataplane, cilium} = cluster;
  if (dataplane === 'cilium' && (cilium.routingMode === 'tunnel' || hasWireguard(cluster) || hasIpsec(cluster)))
    return [];
  return pairs(cluster).flatMap(([a, b]) => {
    const [from, to] = [a.podCidrs[0], b.podCidrs[0]];
    if (!from || !to || isIp4(from.ip) !== isIp4(to.ip)) return [];
    const host = (prefix: typeof from) => addToIp(maskIp(prefix.ip, prefix.length), 10);
    const title = `pods of ${a.name} (${formatPrefix(from)}) to pods of ${b.name} (${formatPrefix(to)})`;
    return [
      {
        title: `TCP 8080 from ${title}`,
        source: host(from),
        destination: host(to),
        protocol: ipProtocols.tcp.number,
        port: 8080,
      },
      {
        title: `DNS, UDP 53, from ${title}`,
        source: host(from),
        destination: host(to),
        protocol: ipProtocols.udp.number,
        port: 53,
      },
    ];
  });
}

function* equalPriorities({cluster}: Subject): Iterable<Found> {
  const seen = new Map<string, string>();
  for (const {name, direction, priority, where} of cluster.underlay.nsg ?? []) {
    const key = `${direction} ${priority}`;
    const other = seen.get(key);
    if (other !== undefined)
      yield {message: `rules ${other} and ${name} both have priority ${priority} (${direction})`, where};
    seen.set(key, name);
  }
}

/** Priorities of the rules that Azure puts behind all others: lists of rules name them too. */
const defaults: ReadonlySet<number> = new Set([65000, 65001, 65500]);

function* priorities({cluster}: Subject): Iterable<Found> {
  for (const {name, priority, where} of cluster.underlay.nsg ?? [])
    if ((priority < 100 || priority > 4096) && !defaults.has(priority))
      yield {message: `rule ${name} has priority ${priority}: Azure takes 100 to 4096`, where};
}

function tunnelPort({cluster}: Subject): number | undefined {
  return cluster.dataplane === 'cilium' && hasTunnelDevice(cluster.cilium) ? cluster.cilium.tunnelPort : undefined;
}

function tunnelPlace({definition}: Subject) {
  return (
    definition.locate([
      'spec',
      'cilium',
      definition.spec.cilium?.['tunnel-port'] === undefined ? 'tunnel-protocol' : 'tunnel-port',
    ]) ?? definition.ciliumConfig?.where
  );
}

/** Overlays of others that take the same UDP port in the kernel: their pods, by a label or the image, and the port. */
const otherOverlays: readonly {
  readonly name: string;
  readonly image: RegExp;
  readonly port: number;
  readonly device: string;
}[] = [
  {name: 'flannel', image: /(^|\/)flannel(:|@|$)/, port: 8472, device: 'flannel.1'},
  {name: 'OVN-Kubernetes', image: /ovn-kube|ovn-kubernetes/, port: 6081, device: 'genev_sys_6081'},
  {name: 'Antrea', image: /antrea-(agent|ubuntu|ubi)/, port: 6081, device: 'genev_sys_6081'},
  {name: 'Calico', image: /calico\/node/, port: 4789, device: 'vxlan.calico'},
  {name: 'kube-ovn', image: /kube-ovn/, port: 6081, device: 'genev_sys_6081'},
];

function* others(subject: Subject): Iterable<Found> {
  const port = tunnelPort(subject);
  if (port === undefined) return;
  for (const {name, image, port: own, device} of otherOverlays) {
    if (own !== port) continue;
    const pod = subject.pods.find(({containers}) => containers.some((container) => image.test(container.image)));
    if (pod)
      yield {
        message: `${name} (pod ${pod.namespace}/${pod.name}) uses UDP ${port} for ${device}: so does the tunnel of Cilium`,
        where: pod.where,
      };
  }
}

function* sockets(subject: Subject): Iterable<Found> {
  const port = tunnelPort(subject);
  if (port === undefined) return;
  for (const {namespace, name, hostNetwork, ports, where} of subject.pods)
    for (const own of ports) {
      const taken = hostNetwork ? own.port : own.hostPort;
      if (own.protocol === 'UDP' && taken === port)
        yield {message: `pod ${namespace}/${name} takes UDP ${port} of its node: the tunnel listens there`, where};
    }
}

function* nodePorts(subject: Subject): Iterable<Found> {
  const port = tunnelPort(subject);
  if (port === undefined) return;
  const {services, cilium} = subject.cluster;
  const taken = services.find((service) =>
    service.ports.some(({nodePort, protocol}) => nodePort === port && protocol === 'UDP'),
  );
  if (taken)
    yield {
      severity: 'error',
      message: `service ${taken.namespace}/${taken.name} has the node port ${port}/UDP: the tunnel listens there`,
      where: taken.where,
    };
  const [low, high] = cilium.nodePortRange;
  if (!taken && low <= port && port <= high)
    yield {message: `the tunnel port ${port} is one of the node ports ${low}-${high}`, where: tunnelPlace(subject)};
}

export const nsgRules: readonly Rule[] = [
  {
    id: 'WL-NSG-001',
    severity: 'error',
    title: 'a security rule blocks the tunnel between nodes',
    why: 'All packets between pods of two nodes are in the tunnel: none of them arrives.',
    fix: 'Allow UDP 8472 (VXLAN), 6081 (Geneve) or 51871 (WireGuard) from node to node in both directions, before the rule that denies.',
    source: `docs.cilium.io/en/stable/operations/system_requirements: firewall rules for 8472/udp, 6081/udp and 51871/udp; ${groups}`,
    check: ({cluster}) => deniedBy(cluster, tunnelProbes(cluster)),
  },
  {
    id: 'WL-NSG-002',
    severity: 'error',
    title: 'a security rule blocks traffic between pods',
    why: 'Without a tunnel the rules see the addresses of pods: the pod CIDR has to be allowed as the subnet is.',
    fix: 'Allow the pod CIDR to the pod CIDR, all ports, before the rule that denies.',
    source:
      'learn.microsoft.com/azure/aks/concepts-network-azure-cni-overlay: rules apply to traffic between pods; node to pod CIDR and pod CIDR to pod CIDR have to be open',
    check: ({cluster}) => deniedBy(cluster, podProbes(cluster)),
  },
  {
    id: 'WL-NSG-003',
    severity: 'error',
    title: 'two security rules have one priority',
    why: 'Azure refuses a second rule of the same direction and priority.',
    fix: 'Give each rule of a direction a priority of its own.',
    source: groups,
    check: equalPriorities,
  },
  {
    id: 'WL-NSG-004',
    severity: 'error',
    title: 'a priority that Azure does not take',
    why: 'Rules of a group have priorities from 100 to 4096.',
    fix: 'Take a priority from 100 to 4096.',
    source: 'learn.microsoft.com/azure/virtual-network/network-security-groups-overview: a number between 100 and 4096',
    check: priorities,
  },
  {
    id: 'WL-NSG-005',
    severity: 'error',
    title: 'a security rule blocks IPsec between nodes',
    why: 'With enable-ipsec packets between pods of two nodes are ESP, IP protocol 50: none of them arrives.',
    fix: 'Allow any protocol from node to node in both directions, before the rule that denies: rules for TCP or UDP do not match ESP.',
    source: `docs.cilium.io/en/stable/security/network/encryption-ipsec: the network between nodes has to let ESP pass; ${groups}`,
    check: ({cluster}) => deniedBy(cluster, ipsecProbes(cluster)),
  },
  {
    id: 'WL-NSG-006',
    severity: 'warning',
    title: 'a security rule blocks the health probes of a load balancer',
    why: 'Azure probes nodes from 168.63.129.16; a node that does not answer gets no traffic, and the service seems down.',
    fix: 'Allow the tag AzureLoadBalancer (168.63.129.16) inbound, before the rule that denies.',
    source:
      'learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16: health probes of the load balancer come from it; the default rule 65001 allows them',
    check: ({cluster}) => deniedBy(cluster, healthProbes(cluster)),
  },
  {
    id: 'WL-TUN-001',
    severity: 'warning',
    title: 'the tunnel port is one of the node ports',
    why: 'A service may be given the port; packets of the tunnel would then be taken for its.',
    fix: 'Take a tunnel-port outside of node-port-range.',
    source:
      'kubernetes.io/docs/concepts/services-networking/service: node ports are allocated from --service-node-port-range (30000-32767)',
    check: nodePorts,
  },
  {
    id: 'WL-TUN-002',
    severity: 'error',
    title: 'a pod takes the port of the tunnel',
    why: 'The kernel gives a UDP port of a node to one socket: the tunnel device, or the pod, does not come up.',
    fix: 'Change the port of the pod, or tunnel-port.',
    source: 'docs.cilium.io/en/stable/network/concepts/routing: VXLAN 8472/UDP, Geneve 6081/UDP on every node',
    check: sockets,
  },
  {
    id: 'WL-TUN-003',
    severity: 'error',
    title: 'another overlay uses the port of the tunnel',
    why: 'A kernel has one tunnel device per UDP port of this kind: the second one fails with "address already in use".',
    fix: 'Remove the other overlay, or change tunnel-port.',
    source: 'drivers/net/vxlan/vxlan_core.c and geneve.c (Linux 6.1): a socket per port',
    check: others,
  },
];
