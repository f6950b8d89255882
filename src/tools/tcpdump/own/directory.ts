/** Address → what it is in a cluster: pod, node, service, and the security identity that goes with it. */
import type {Cluster, Pod, Service} from '../../../cluster/model.js';
import {reservedIdentities} from '../../../control/identity.js';
import {protocolNumber} from '../../../control/protocols.js';
import {formatIp, type Ip, isIp4, type Prefix, parsePrefix, prefixContains} from '../../../wire/addr.js';

export interface End {
  /** `local`: multicast, link-local, unspecified: no one's address. */
  readonly kind: 'pod' | 'node' | 'router' | 'health' | 'service' | 'world' | 'local';
  /** `pod-a`, `kube-system/coredns-1`, `node1`, `my-svc`; the address of what the cluster doesn't know. */
  readonly name: string;
  /** Where it is; undefined for services and what is outside. */
  readonly node?: string;
  readonly pod?: Pod;
  /** By its address; undefined for a service or `local`. */
  readonly identity?: number;
}

export interface Directory {
  end(ip: Ip): End;
  /** Services with a frontend at this address and port, or a backend. Without a port (-1): with a frontend at the address. */
  services(ip: Ip, port: number, protocol: number): readonly Service[];
  /** Labels of an identity as the agent lists them; undefined where nobody has it. */
  labels(identity: number): readonly string[] | undefined;
}

/** `default` goes without saying. */
export function qualified({namespace, name}: {readonly namespace: string; readonly name: string}): string {
  return namespace === 'default' ? name : `${namespace}/${name}`;
}

export function createDirectory(cluster: Cluster): Directory {
  const ends = clusterEnds(cluster);
  const ports = servicePorts(cluster);
  const labels = new Map(cluster.identities.map((identity) => [identity.id, identity.labels]));
  const cidrs = cidrIdentities(cluster);
  return {
    end: (ip) => ends.get(ip) ?? outsider(cluster, cidrs, ip),
    services(ip, port, protocol) {
      const here = ports.get(ip);
      if (here === undefined) return [];
      return port < 0 ? here.atAll : (here.byPort.get(portKey(port, protocol)) ?? []);
    },
    labels: (identity) => labels.get(identity),
  };
}

/** The first to claim an address keeps it; a pod's own comes before a node's. */
function clusterEnds(cluster: Cluster): Map<Ip, End> {
  const ends = new Map<Ip, End>();
  const add = (ips: readonly Ip[], end: End) => {
    for (const ip of ips) if (!ends.has(ip)) ends.set(ip, end);
  };
  for (const pod of cluster.pods) {
    if (pod.hostNetwork || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    const place = pod.node === undefined ? {} : {node: pod.node};
    add(pod.ips, {kind: 'pod', name: qualified(pod), ...place, pod, identity: pod.identity});
  }
  for (const node of cluster.nodes) {
    const identity = node.apiserver ? reservedIdentities.kubeApiserver : reservedIdentities.remoteNode;
    add([...node.ips, ...node.externalIps], {kind: 'node', name: node.name, node: node.name, identity});
    add(node.routerIps, {kind: 'router', name: 'cilium_host', node: node.name, identity});
    add(node.healthIps, {kind: 'health', name: 'health', node: node.name, identity: reservedIdentities.health});
  }
  for (const service of cluster.services) add(frontendIps(service), {kind: 'service', name: qualified(service)});
  return ends;
}

export function frontendIps(service: Service): readonly Ip[] {
  return [...service.clusterIps, ...service.externalIps, ...service.loadBalancerIps];
}

interface PortsOfAddress {
  readonly atAll: Service[];
  readonly byPort: Map<number, Service[]>;
}

function portKey(port: number, protocol: number): number {
  return protocol * 65536 + port;
}

/** Frontends, node ports and backends by address, port and protocol. */
function servicePorts(cluster: Cluster): ReadonlyMap<Ip, PortsOfAddress> {
  const byAddress = new Map<Ip, PortsOfAddress>();
  const at = (ip: Ip) => {
    let found = byAddress.get(ip);
    if (found === undefined) byAddress.set(ip, (found = {atAll: [], byPort: new Map()}));
    return found;
  };
  const add = (ip: Ip, port: number, protocol: number, service: Service) => {
    const {byPort} = at(ip);
    const key = portKey(port, protocol);
    const list = byPort.get(key);
    if (list === undefined) byPort.set(key, [service]);
    else if (!list.includes(service)) list.push(service);
  };
  for (const service of cluster.services) {
    for (const ip of frontendIps(service)) at(ip).atAll.push(service);
    for (const port of service.ports) {
      const protocol = protocolNumber(port.protocol);
      for (const ip of frontendIps(service)) add(ip, port.port, protocol, service);
      if (port.nodePort === undefined || service.type === 'ClusterIP') continue;
      for (const node of cluster.nodes)
        for (const ip of [...node.ips, ...node.externalIps]) add(ip, port.nodePort, protocol, service);
    }
    for (const backend of service.backends) add(backend.ip, backend.port, protocolNumber(backend.protocol), service);
  }
  return byAddress;
}

interface CidrIdentity {
  readonly prefix: Prefix;
  readonly identity: number;
}

/** Identities of address ranges, which policies make: `cidr:10.1.0.0/16`, longest first. IPv6 colons are hyphens in a label. */
function cidrIdentities(cluster: Cluster): readonly CidrIdentity[] {
  const found: CidrIdentity[] = [];
  for (const {id, labels} of cluster.identities) {
    const ranges = labels.flatMap((label) => {
      if (!label.startsWith('cidr:')) return [];
      const text = label.slice('cidr:'.length);
      return parsePrefix(text) ?? parsePrefix(text.replaceAll('-', ':').replace(/^0::/, '::')) ?? [];
    });
    const [longest] = ranges.sort((a, b) => b.length - a.length);
    if (longest !== undefined) found.push({prefix: longest, identity: id});
  }
  return found.sort((a, b) => b.prefix.length - a.prefix.length);
}

function outsider(cluster: Cluster, cidrs: readonly CidrIdentity[], ip: Ip): End {
  if (isLocal(ip)) return {kind: 'local', name: formatIp(ip)};
  const cidr = cidrs.find(({prefix}) => prefixContains(prefix, ip));
  return {kind: 'world', name: 'world', identity: cidr?.identity ?? worldIdentity(cluster, ip)};
}

/** 2, or one for each family where both are enabled (cilium pkg/identity/reserved.go). */
function worldIdentity({cilium}: Cluster, ip: Ip): number {
  if (!cilium.enableIpv4 || !cilium.enableIpv6) return reservedIdentities.world;
  return isIp4(ip) ? reservedIdentities.worldIpv4 : reservedIdentities.worldIpv6;
}

/** Unspecified, loopback, link-local, multicast, broadcast. */
function isLocal(ip: Ip): boolean {
  if (isIp4(ip)) return ip === 0 || ip >>> 24 === 127 || ip >>> 16 === 0xa9fe || ip >>> 28 >= 14;
  const first = ip.charCodeAt(0);
  return first >>> 8 === 0xff || (first & 0xffc0) === 0xfe80 || /^\0{7}[\0\x01]$/.test(ip);
}
