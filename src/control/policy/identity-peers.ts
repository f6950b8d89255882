/** Which identities a peer of a policy means, as the agent's selector cache answers it. */
import type {Cluster, ClusterNode} from '../../cluster/model.js';
import {labelledPrefixes, servicesOf} from '../../cluster/policy/cidr-identities.js';
import type {LabelRequirement, LabelSelector, PolicyPeer} from '../../cluster/policy/model.js';
import {cidrMatchModes, hostIdentityLabels, nodeAddresses} from '../../cluster/policy/node-identities.js';
import {type Ip, ipBits, isIp4, type Prefix, prefixContains} from '../../wire/addr.js';
import {reservedIdentities as reserved} from '../identity.js';
import {type IdentityLabels, matchesIdentity, parseIdentityLabels} from './select.js';

const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';

/** Everybody: identity 0 and every aggregate, for which the lookup does not come to 0 (pkg/policy/aggregate.go). */
export const everyone: ReadonlySet<number> = new Set([
  reserved.unknown,
  reserved.cluster,
  reserved.clusterMesh,
  reserved.aggregateWorld,
  reserved.aggregateRemoteNode,
]);

export interface PeerIdentities {
  /** Ids that a peer means, `everyone` for the wildcard. */
  of(peer: PolicyPeer): ReadonlySet<number>;
  /** Whether a policy with this subject governs pods of this identity. */
  governs(subject: PolicyPeer, identity: number): boolean;
}

/** A prefix of a policy and the local identity that stands for it. */
export interface CidrIdentity {
  readonly id: number;
  readonly prefix: Prefix;
}

/** Local CIDR identities of the cluster, from their labels. */
export function cidrIdentitiesOf({identities}: Pick<Cluster, 'identities'>): CidrIdentity[] {
  return identities.flatMap(({id, labels}) => {
    const [prefix] = id >>> 24 === 1 ? labelledPrefixes(labels) : [];
    return prefix ? [{id, prefix}] : [];
  });
}

/** As the agent of `node` has them, whose own addresses are `reserved:host`; undefined: without what is that node's own. */
export function createPeerIdentities(cluster: Cluster, node: ClusterNode | undefined): PeerIdentities {
  const labels = new Map<number, IdentityLabels>(
    cluster.identities.map((identity) => [identity.id, parseIdentityLabels(identity.labels)]),
  );
  if (node) labels.set(reserved.host, parseIdentityLabels(hostIdentityLabels(node, cluster.cilium)));
  const nodes = cidrMatchModes(cluster.cilium).includes('nodes') ? nodeIps(cluster, node) : [];
  const pods = cidrMatchModes(cluster.cilium).includes('pods') ? labelledPods(cluster) : [];
  const cidrs = cidrIdentitiesOf(cluster);
  const known = new Map<PolicyPeer, ReadonlySet<number>>();
  const isPod = (id: number) => id >= 100 && id >>> 24 === 0;
  const select = (selector: LabelSelector) =>
    [...labels].filter(([, own]) => matchesIdentity(selector, own)).map(([id]) => id);
  const dual = cluster.cilium.enableIpv4 && cluster.cilium.enableIpv6;

  function find(peer: PolicyPeer): Iterable<number> {
    switch (peer.kind) {
      case 'entity':
        return entityIds(peer.entity, labels, cidrs, isPod);
      case 'identity':
        return peer.labels.length === 0 ? everyone : select(peer.labels);
      case 'pods':
        return select(podSelector(peer)).filter(isPod);
      case 'cidr':
        return [...cidrIds(peer, cidrs, nodes, dual), ...podIds(peer, pods)];
      case 'fqdn':
        return select([{source: 'fqdn', key: peer.pattern, operator: 'Exists', values: []}]);
      case 'service':
        return serviceIds(peer);
    }
  }

  /** Pods that a service selects; where it selects none, the addresses it leads to. */
  function serviceIds(peer: PolicyPeer & {kind: 'service'}): number[] {
    return servicesOf(peer, cluster.services).flatMap(({namespace, selector, backends}) => {
      if (selector) {
        const pods = Object.entries(selector).map(
          ([key, value]): LabelRequirement => ({key, operator: 'In', values: [value]}),
        );
        return select(podSelector({kind: 'pods', namespaces: namespace, pods})).filter(isPod);
      }
      const ips = new Set(backends.map(({ip}) => ip));
      return cidrs.filter(({prefix}) => prefix.length === ipBits(prefix.ip) && ips.has(prefix.ip)).map(({id}) => id);
    });
  }

  return {
    of(peer) {
      let ids = known.get(peer);
      if (!ids) {
        const found = find(peer);
        ids = found === everyone ? everyone : new Set(found);
        known.set(peer, ids);
      }
      return ids;
    },
    governs(subject, identity) {
      const own = labels.get(identity);
      if (!own || !isPod(identity)) return false;
      if (subject.kind === 'identity') return matchesIdentity(subject.labels, own);
      return subject.kind === 'pods' && matchesIdentity(podSelector(subject), own);
    },
  };
}

/** A Kubernetes peer as conditions on identity labels (cilium pkg/k8s/network_policy.go). */
function podSelector({namespaces, pods}: PolicyPeer & {kind: 'pods'}): LabelSelector {
  const source = 'k8s';
  const own = pods.map((requirement) => ({...requirement, source}));
  if (typeof namespaces === 'string')
    return [...own, {source, key: NAMESPACE_KEY, operator: 'In', values: [namespaces]}];
  return [
    ...own,
    // pods of any namespace, and nothing that is no pod
    {source, key: NAMESPACE_KEY, operator: 'Exists', values: []},
    ...namespaces.map((requirement) => ({...requirement, source, key: NAMESPACE_LABELS + requirement.key})),
  ];
}

/** Addresses of nodes as prefixes: the agent's own node is `reserved:host`. */
function nodeIps({nodeIdentities = new Map()}: Cluster, node: ClusterNode | undefined): CidrIdentity[] {
  const own = new Set(node ? nodeAddresses(node) : []);
  return [...nodeIdentities].map(([ip, id]) => ({id: own.has(ip) ? reserved.host : id, prefix: hostPrefix(ip)}));
}

function hostPrefix(ip: Ip): Prefix {
  return {ip, length: ipBits(ip)};
}

/** Pods by the prefixes that their addresses are in. */
interface LabelledPod {
  readonly id: number;
  readonly prefixes: readonly Prefix[];
}

function labelledPods({identities}: Pick<Cluster, 'identities'>): LabelledPod[] {
  return identities.flatMap(({id, labels}) => (id >>> 24 === 0 ? [{id, prefixes: labelledPrefixes(labels)}] : []));
}

/** Pods whose prefixes lie in that of the peer, none of them in an excepted one. */
function podIds(peer: PolicyPeer & {kind: 'cidr'}, pods: readonly LabelledPod[]): number[] {
  return pods
    .filter(({prefixes}) => prefixes.some((own) => liesIn(peer.prefix, own)))
    .filter(({prefixes}) => !prefixes.some((own) => peer.except.some((hole) => liesIn(hole, own))))
    .map(({id}) => id);
}

function liesIn(outer: Prefix, inner: Prefix): boolean {
  return isIp4(outer.ip) === isIp4(inner.ip) && outer.length <= inner.length && prefixContains(outer, inner.ip);
}

/** Pods have identities of their own, which no CIDR means by itself, and so have nodes unless told apart; 0.0.0.0/0 is the world. */
function cidrIds(
  peer: PolicyPeer & {kind: 'cidr'},
  cidrs: readonly CidrIdentity[],
  nodes: readonly CidrIdentity[],
  dual: boolean,
): number[] {
  const means = ({prefix}: CidrIdentity) =>
    liesIn(peer.prefix, prefix) && !peer.except.some((hole) => liesIn(hole, prefix));
  const ids = cidrs.filter(means).map(({id}) => id);
  if (peer.prefix.length > 0) return [...ids, ...nodes.filter(means).map(({id}) => id)];
  if (!dual) return [reserved.world, ...ids];
  return [isIp4(peer.prefix.ip) ? reserved.worldIpv4 : reserved.worldIpv6, ...ids];
}

/** cilium pkg/policy/api/entity.go; groups are said by their aggregate as well. */
function entityIds(
  entity: string,
  labels: ReadonlyMap<number, IdentityLabels>,
  cidrs: readonly CidrIdentity[],
  isPod: (id: number) => boolean,
): Iterable<number> {
  const world = [reserved.world, reserved.worldIpv4, reserved.worldIpv6];
  const labelled = (key: string) =>
    [...labels].flatMap(([id, own]) => (own.get(key)?.source === 'reserved' ? [id] : []));
  switch (entity) {
    case 'all':
      return everyone;
    case 'world':
      return [...world, reserved.aggregateWorld, ...cidrs.map(({id}) => id)];
    case 'world-ipv4':
    case 'world-ipv6': {
      const four = entity === 'world-ipv4';
      return [
        four ? reserved.worldIpv4 : reserved.worldIpv6,
        ...cidrs.filter(({prefix}) => isIp4(prefix.ip) === four).map(({id}) => id),
      ];
    }
    case 'cluster':
    case 'cluster-mesh': {
      const parts: number[] = [
        ...[reserved.host, ...labelled('remote-node'), reserved.init, reserved.ingress],
        ...[reserved.health, reserved.unmanaged, reserved.cluster],
      ];
      if (entity === 'cluster-mesh') parts.push(reserved.clusterMesh);
      return [...parts, ...[...labels.keys()].filter(isPod)];
    }
    case 'host':
      return [reserved.host];
    case 'remote-node':
      return [...labelled('remote-node'), reserved.aggregateRemoteNode];
    case 'kube-apiserver':
      return labelled('kube-apiserver');
    case 'health':
      return [reserved.health];
    case 'init':
      return [reserved.init];
    case 'ingress':
      return [reserved.ingress];
    case 'unmanaged':
      return [reserved.unmanaged];
    default:
      return [];
  }
}
