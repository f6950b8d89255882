/** The matrix under Cilium: by identities, as the agents' policy maps have it. Ingress controllers are not in it. */
import type {Cluster, ClusterNode} from '../../cluster/model.js';
import {servicesOf} from '../../cluster/policy/cidr-identities.js';
import {matchesName} from '../../cluster/policy/fqdn.js';
import type {Policy, PolicyPeer} from '../../cluster/policy/model.js';
import {cidrMatchModes} from '../../cluster/policy/node-identities.js';
import {createControl} from '../../control/control.js';
import {hasHostFirewall, hostEndpoint} from '../../control/host-endpoint.js';
import {reservedIdentities} from '../../control/identity.js';
import {createLpm} from '../../control/lpm.js';
import {createCiliumSides} from '../../control/policy/cilium.js';
import {createPolicyCompiler} from '../../control/policy/compile.js';
import {cidrIdentitiesOf} from '../../control/policy/identity-peers.js';
import {allPorts, intersect} from '../../control/policy/ports.js';
import {matchesIdentity} from '../../control/policy/select.js';
import {UserError} from '../../term/error.js';
import {type Ip, ipBits, isIp4} from '../../wire/addr.js';
import {listWorkloads, type Workload} from '../parties.js';
import {ciliumSides, type End, refuseUnsure, type Sides} from '../why/why.js';
import {externalRanges, familiesOf} from './external-ranges.js';
import {type Connection, createPairs} from './matrix.js';

export interface CiliumMatrix {
  readonly connections: Connection[];
  /** Workloads in their nodes' network, which have no identity of their own: left out. */
  readonly hostNetwork: readonly Workload[];
  /** Workloads without pods, which have no identity yet: left out. */
  readonly idle: readonly Workload[];
}

/** A workload is one row: where policies tell its pods apart by address there is none that is true. */
function refuseMixed({title, pods: [first, ...others]}: Workload): void {
  const other = others.find(({identity}) => identity !== first!.identity);
  if (other)
    throw new UserError({
      message: `${title}: ${first!.name} and ${other.name} are in different prefixes of policies (policy-cidr-match-mode: pods), so that no row stands for both`,
      hint: '`wirelay why` answers for single pods',
    });
}

/** Outside addresses are split where a rule of `borders` begins or ends. */
export function ciliumMatrix(cluster: Cluster, borders = cluster.policies ?? []): CiliumMatrix {
  const compiler = createPolicyCompiler(cluster);
  const all = listWorkloads(cluster);
  const workloads = all.filter(({pods: [pod]}) => !pod!.hostNetwork && pod!.identity !== 0);
  if (cidrMatchModes(cluster.cilium).includes('pods')) workloads.forEach(refuseMixed);
  const policies = borders.filter(({tier}) => tier === 'network').map((policy) => withAddresses(cluster, policy));
  const identityOf = externalIdentities(cluster);
  const side = createCiliumSides(cluster, compiler);
  for (const {pods} of workloads)
    for (const direction of ['ingress', 'egress'] as const) refuseUnsure(compiler, direction, pods[0]!);

  const nodes = hasHostFirewall(cluster.cilium) ? ciliumSides(createControl(cluster)) : undefined;
  const {add, list} = createPairs();
  const sources = externalRanges(policies, 'ingress', familiesOf(cluster));
  const targets = externalRanges(policies, 'egress', familiesOf(cluster));
  for (const from of workloads) {
    const pod = from.pods[0]!;
    for (const to of workloads) {
      if (from.title === to.title) continue;
      const [other] = to.pods;
      if (nodes && nodes.carry({kind: 'pod', pod}, {kind: 'pod', pod: other!}).length > 0) continue;
      const out = side('egress', pod, other!.identity);
      if (out.length > 0) add(from.title, to.title, intersect(out, side('ingress', other!, pod.identity)));
    }
    for (const {title, ip} of targets) add(from.title, title, side('egress', pod, identityOf(ip)));
    for (const {title, ip} of sources) add(title, from.title, side('ingress', pod, identityOf(ip)));
  }
  if (nodes) addNodes(cluster, nodes, workloads, {sources, targets}, add);
  const others = all.filter((workload) => !workloads.includes(workload));
  const isHost = ({pods: [pod]}: Workload) => pod!.hostNetwork;
  return {connections: list(), hostNetwork: others.filter(isHost), idle: others.filter((one) => !isHost(one))};
}

interface Ranges {
  readonly sources: readonly {readonly title: string; readonly ip: Ip}[];
  readonly targets: readonly {readonly title: string; readonly ip: Ip}[];
}

/** With the host firewall: the nodes that some host policy selects, as ends of their own. Of a workload its first pod counts. */
function addNodes(
  {nodes, policies = [], cilium}: Cluster,
  {side, carry}: Sides,
  workloads: readonly Workload[],
  {sources, targets}: Ranges,
  add: ReturnType<typeof createPairs>['add'],
): void {
  const selects = (node: ClusterNode) => {
    const labels = hostEndpoint(node, cilium).host;
    return labels && policies.some(({nodeSelector}) => nodeSelector && matchesIdentity(nodeSelector, labels));
  };
  interface Party {
    readonly title: string;
    readonly end: End;
  }
  const own = nodes.filter(selects).map((node): Party => ({title: `${node.name}[Node]`, end: {kind: 'node', node}}));
  const pods = workloads.map(({title, pods: [pod]}): Party => ({title, end: {kind: 'pod', pod: pod!}}));
  const ips = (ranges: Ranges['sources']) => ranges.map(({title, ip}): Party => ({title, end: {kind: 'ip', ip}}));
  const connect = (from: Party, to: Party) => {
    if (from.title === to.title || carry(from.end, to.end).length > 0) return;
    const question = {ports: allPorts};
    const [out, back] = [side('egress', from.end, to.end, question), side('ingress', to.end, from.end, question)];
    add(from.title, to.title, intersect(out.allowed, back.allowed));
  };
  for (const node of own) {
    for (const to of [...own, ...pods, ...ips(targets)]) connect(node, to);
    for (const from of [...pods, ...ips(sources)]) connect(from, node);
  }
}

/** Names and services outside as the addresses they stand for, for the borders of ranges. */
function withAddresses({services, names = []}: Cluster, policy: Policy): Policy {
  const addresses = (peer: PolicyPeer): readonly Ip[] => {
    if (peer.kind === 'fqdn') return names.flatMap(({name, ips}) => (matchesName(peer.pattern, name) ? ips : []));
    if (peer.kind !== 'service') return [];
    return servicesOf(peer, services).flatMap(({selector, backends}) => (selector ? [] : backends.map(({ip}) => ip)));
  };
  const side = ({defaultDeny, rules}: Policy['egress']): Policy['egress'] => ({
    defaultDeny,
    rules: rules.map((rule) => ({
      ...rule,
      peers: rule.peers?.flatMap((peer) => [
        peer,
        ...addresses(peer).map((ip): PolicyPeer => ({kind: 'cidr', prefix: {ip, length: ipBits(ip)}, except: []})),
      ]),
    })),
  });
  return {...policy, ingress: side(policy.ingress), egress: side(policy.egress)};
}

/** Address outside of the cluster → identity, by the longest prefix of a policy. */
function externalIdentities(cluster: Cluster) {
  const {enableIpv4, enableIpv6} = cluster.cilium;
  const {world, worldIpv4, worldIpv6} = reservedIdentities;
  const worldOf = (ip: Ip) => (enableIpv4 && enableIpv6 ? (isIp4(ip) ? worldIpv4 : worldIpv6) : world);
  const prefixes = createLpm<number>();
  for (const {id, prefix} of cidrIdentitiesOf(cluster)) prefixes.insert(prefix, id);
  return (ip: Ip) => prefixes.lookup(ip) ?? worldOf(ip);
}
