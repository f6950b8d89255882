/** Ends of recorded flows → the pods, nodes and addresses of a cluster, which may be younger than the record. */
import type {Cluster, Peer, Pod} from '../../cluster/model.js';
import type {FlowEnd, FlowRecord} from './flow-records.js';

/** Labels of an identity that tell apart applications, not clusters and namespaces. */
const outer = /^k8s:io\.cilium\.k8s\.(namespace\.labels\.|policy\.)/;

/** Finds the end, by its pod's name, address, identity labels, owner; text: why it cannot. */
export function createFlowEnds(cluster: Cluster): (end: FlowEnd, record: FlowRecord) => Peer | string {
  const byName = new Map(cluster.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  const byIp = new Map(cluster.pods.flatMap((pod) => (pod.hostNetwork ? [] : pod.ips.map((ip) => [ip, pod] as const))));
  const byLabels = new Map<string, Pod>();
  const byOwner = new Map<string, Pod>();
  const labelsOf = new Map(cluster.identities.map(({id, labels}) => [id, labels]));
  for (const pod of cluster.pods) {
    if (pod.hostNetwork) continue;
    const key = labelKey(labelsOf.get(pod.identity) ?? []);
    if (!byLabels.has(key)) byLabels.set(key, pod);
    if (pod.owner) byOwner.set(`${pod.namespace}/${pod.owner.kind}/${pod.owner.name}`, pod);
  }
  const nodes = new Map(cluster.nodes.flatMap((node) => [...node.ips, ...node.routerIps].map((ip) => [ip, node])));
  const nodeNames = new Map(cluster.nodes.map((node) => [node.name, node]));

  function podOf(end: FlowEnd): Pod | undefined {
    const named = byName.get(`${end.namespace}/${end.pod}`);
    if (named) return named;
    // addresses are given again: only where the namespace is the same
    const there = byIp.get(end.ip);
    if (there && (end.namespace === '' || (there.namespace === end.namespace && end.pod === ''))) return there;
    const alike = end.labels.length > 0 ? byLabels.get(labelKey(end.labels)) : undefined;
    if (alike) return alike;
    for (const {kind, name} of end.workloads) {
      const own = byOwner.get(`${end.namespace}/${kind}/${name}`);
      if (own) return own;
    }
    return undefined;
  }

  return (end, record) => {
    const pod = podOf(end);
    if (pod) return {kind: 'pod', pod};
    if (end.pod !== '' || end.namespace !== '')
      return `no pod like ${end.namespace}/${end.pod || end.workloads[0]?.name || '?'} in the cluster`;
    const isHost = end.labels.includes('reserved:host');
    if (isHost || end.labels.includes('reserved:remote-node') || end.labels.includes('reserved:kube-apiserver')) {
      const node = nodes.get(end.ip) ?? (isHost ? nodeNames.get(record.node) : undefined);
      return node ? {kind: 'node', node} : 'no such node in the cluster';
    }
    const node = nodes.get(end.ip);
    return node ? {kind: 'node', node} : {kind: 'ip', ip: end.ip};
  };
}

function labelKey(labels: readonly string[]): string {
  return JSON.stringify(labels.filter((label) => !outer.test(label)).sort());
}
