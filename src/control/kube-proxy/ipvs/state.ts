/** Services → virtual servers and sets of a node (pkg/proxy/ipvs/proxier.go: the loop of syncProxyRules, syncEndpoint). */
import type {Cluster, ClusterNode, Pod, Service, ServicePort} from '../../../cluster/model.js';
import {compareIp, type Ip, isIp4, prefixContains} from '../../../wire/addr.js';
import {portBackends} from '../endpoints.js';
import type {Protocol, Ruleset} from '../model.js';
import {protocolNumber} from '../nft/model.js';
import {type PortFacts, portFacts} from '../port-facts.js';
import {type IpvsState, type RealServer, serverKey, type VirtualServer} from './model.js';
import {ipvsRules} from './rules.js';
import {buildSets, type SetBuilder} from './sets.js';

interface Job {
  readonly cluster: Cluster;
  readonly node: ClusterNode;
  readonly nodeIp: Ip | undefined;
  readonly sets: SetBuilder;
  readonly servers: Map<string, VirtualServer>;
  readonly addresses: Set<Ip>;
  /** Load balancer addresses closed to the node itself. */
  readonly closed: {readonly ip: Ip; readonly protocol: Protocol; readonly port: number}[];
}

export interface IpvsFamily {
  readonly state: IpvsState;
  readonly ruleset: Ruleset;
}

/** For each family that pods have. */
export function ipvsFamilies(cluster: Cluster, node: ClusterNode, hostPods: readonly Pod[]): readonly IpvsFamily[] {
  const families = ([4, 6] as const).filter((family) => cluster.podCidrs.some(({ip}) => isIp4(ip) === (family === 4)));
  return families.map((family) => build(cluster, node, family, hostPods));
}

function build(cluster: Cluster, node: ClusterNode, family: 4 | 6, hostPods: readonly Pod[]): IpvsFamily {
  const ofFamily = (ip: Ip) => isIp4(ip) === (family === 4);
  const sets = buildSets(family);
  const job: Job = {
    cluster,
    node,
    nodeIp: node.ips.find(ofFamily),
    sets,
    servers: new Map(),
    addresses: new Set(),
    closed: [],
  };
  for (const service of cluster.services) for (const port of service.ports) addPort(job, family, service, port);
  for (const ip of job.addresses) sets.add('IPVS-IPS', {ip, protocol: 0, port: 0, other: 0});
  const addresses = [...job.addresses].sort(compareIp);
  const clusterCidr = cluster.podCidrs.find(({ip}) => ofFamily(ip));
  return {
    state: {family, servers: job.servers, sets: sets.sets, addresses},
    ruleset: ipvsRules({family, node, clusterCidr, sets, closed: job.closed, hostPods}),
  };
}

function addPort(job: Job, family: 4 | 6, service: Service, port: ServicePort): void {
  const facts = portFacts(service, port, family, job.node, () => '');
  if (!facts) return;
  const {sets, node} = job;
  const protocol = protocolNumber(facts.protocol);
  for (const {ip, port: number, nodeName} of portBackends(service, port, family))
    if (nodeName === node.name) sets.add('LOOP-BACK', {ip, protocol, port: number, other: ip});
  const subject = (ip: Ip) => ({ip, protocol, port: port.port, other: ip});
  sets.add('CLUSTER-IP', subject(facts.clusterIp));
  serve(job, facts, facts.clusterIp, port.port, facts.intLocal, true);
  for (const ip of facts.externalIps) {
    sets.add(facts.extLocal ? 'EXTERNAL-IP-LOCAL' : 'EXTERNAL-IP', subject(ip));
    serve(job, facts, ip, port.port, facts.extLocal, true);
  }
  for (const ip of facts.loadBalancerIps) {
    sets.add('LOAD-BALANCER', subject(ip));
    if (facts.extLocal) sets.add('LOAD-BALANCER-LOCAL', subject(ip));
    if (facts.ranges.length > 0) firewall(job, facts, ip);
    serve(job, facts, ip, port.port, facts.extLocal, true);
  }
  if (port.nodePort !== undefined) addNodePort(job, facts, port.nodePort);
  const health = service.healthCheckNodePort;
  if (health !== undefined) sets.add('HEALTH-CHECK-NODE-PORT', {ip: 0, protocol: 6, port: health, other: 0});
}

/** `local`: only endpoints of this node, as long as it has any; else those of the cluster, so that its pods still get through. */
function serve(job: Job, facts: PortFacts, ip: Ip, port: number, local: boolean, bind: boolean): void {
  const {cluster, servers, addresses, node} = job;
  const {endpoints, protocol, service} = facts;
  const among = local && endpoints.local.length > 0 ? endpoints.local : endpoints.cluster;
  const reals = among.map(({backend}): RealServer => ({ip: backend.ip, port: backend.port, weight: 1}));
  const {scheduler} = cluster.kubeProxy;
  const persistent = service.sessionAffinity?.clientIpTimeout;
  servers.set(serverKey(ip, protocolNumber(protocol), port), {ip, port, protocol, scheduler, persistent, reals});
  if (bind && !node.ips.includes(ip)) addresses.add(ip);
}

function firewall({sets, nodeIp, closed}: Job, {ranges, protocol, port}: PortFacts, ip: Ip): void {
  const subject = {ip, protocol: protocolNumber(protocol), port: port.port, other: ip};
  sets.add('LOAD-BALANCER-FW', subject);
  for (const range of ranges) sets.add('LOAD-BALANCER-SOURCE-CIDR', subject, range);
  if (nodeIp !== undefined && ranges.some((range) => prefixContains(range, nodeIp)))
    sets.add('LOAD-BALANCER-SOURCE-IP', subject);
  else closed.push({ip, protocol, port: port.port});
}

function addNodePort(job: Job, facts: PortFacts, nodePort: number): void {
  const {sets, nodeIp} = job;
  if (nodeIp === undefined) return;
  const {protocol, extLocal} = facts;
  const subject = {ip: nodeIp, protocol: protocolNumber(protocol), port: nodePort, other: nodeIp};
  const ids = {
    tcp: ['NODE-PORT-TCP', 'NODE-PORT-LOCAL-TCP'],
    udp: ['NODE-PORT-UDP', 'NODE-PORT-LOCAL-UDP'],
    sctp: ['NODE-PORT-SCTP-HASH', 'NODE-PORT-LOCAL-SCTP-HASH'],
  } as const;
  const [all, local] = ids[protocol];
  sets.add(all, subject);
  if (extLocal) sets.add(local, subject);
  serve(job, facts, nodeIp, nodePort, extLocal, false);
}
