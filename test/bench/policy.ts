/** Policies of a big cluster: loaded and asked, cold, by whole processes. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Timed, timeCommands} from './ratio.js';

export const POLICIES = {nodes: 100, namespaces: 500, workloads: 1000, pods: 10_000, policies: 2000} as const;

/** Namespaces with teams, Deployments' pods, and policies of all shapes: by pods, namespaces, prefixes, ports. */
export function policyList(cilium: boolean): object {
  const {nodes, namespaces, workloads, pods, policies} = POLICIES;
  const namespaceOf = (i: number) => `ns-${i % namespaces}`;
  const items: object[] = [];
  for (let i = 0; i < nodes; i++)
    items.push({
      kind: 'Node',
      metadata: {name: `node-${i}`},
      spec: {podCIDR: `10.${64 + Math.floor(i / 256)}.${i % 256}.0/24`},
      status: {
        addresses: [{type: 'InternalIP', address: `10.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`}],
        conditions: [{type: 'Ready', status: 'True'}],
      },
    });
  for (let i = 0; i < namespaces; i++)
    items.push({kind: 'Namespace', metadata: {name: namespaceOf(i), labels: {team: `t${i % 20}`}}});
  for (let i = 0; i < pods; i++) {
    const workload = i % workloads;
    items.push({
      kind: 'Pod',
      metadata: {
        name: `app-${workload}-${i}`,
        namespace: namespaceOf(workload),
        labels: {app: `app-${workload}`, tier: `tier-${workload % 5}`},
        ownerReferences: [{kind: 'ReplicaSet', name: `app-${workload}-5d9c7b`, controller: true}],
      },
      spec: {
        nodeName: `node-${i % nodes}`,
        containers: [{name: 'c', image: 'c', ports: [{name: 'web', containerPort: 8080}]}],
      },
      status: {phase: 'Running', podIP: `10.64.${i % nodes}.${10 + Math.floor(i / nodes)}`},
    });
  }
  const peers = [
    (i: number) => [{podSelector: {matchLabels: {tier: `tier-${i % 5}`}}}],
    (i: number) => [{namespaceSelector: {matchLabels: {team: `t${i % 20}`}}}],
    (i: number) => [{ipBlock: {cidr: `192.${i % 200}.0.0/16`}}, {podSelector: {}}],
    (i: number) => [{namespaceSelector: {}, podSelector: {matchLabels: {app: `app-${i % workloads}`}}}],
  ];
  for (let i = 0; i < policies; i++) {
    const from = peers[i % peers.length]!(i);
    const ports = [{port: 8080 + (i % 3)}, {port: 'web'}];
    const spec = {
      podSelector: i % 7 === 0 ? {} : {matchLabels: {tier: `tier-${i % 5}`}},
      policyTypes: i % 3 === 0 ? ['Ingress', 'Egress'] : ['Ingress'],
      ingress: [{from, ports}],
      ...(i % 3 === 0 ? {egress: [{to: from}]} : {}),
    };
    items.push(
      cilium && i % 2 === 0
        ? {
            kind: 'CiliumNetworkPolicy',
            metadata: {name: `p-${i}`, namespace: namespaceOf(i)},
            spec: {
              endpointSelector: spec.podSelector,
              ingress: [
                {
                  fromEndpoints: [{matchLabels: {tier: `tier-${i % 5}`}}],
                  toPorts: [{ports: [{port: '8080', protocol: 'TCP'}]}],
                },
                {fromCIDR: [`192.${i % 200}.0.0/16`]},
              ],
            },
          }
        : {kind: 'NetworkPolicy', metadata: {name: `p-${i}`, namespace: namespaceOf(i)}, spec},
    );
  }
  return {kind: 'List', items};
}

export function benchPolicy(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const [plain, cilium] = [join(folder, 'k8s.json'), join(folder, 'cilium.json')];
    writeFileSync(plain, JSON.stringify(policyList(false)));
    writeFileSync(cilium, JSON.stringify(policyList(true)));
    const wirelay = (...words: string[]) => [process.execPath, 'bin/run.js', ...words];
    const why = ['why', 'ns-1/app-1-1', 'ns-2/app-2-2:8080'];
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['load (inspect)', wirelay('inspect', '-f', cilium)],
        ['why, Kubernetes', wirelay(...why, '--semantics', 'k8s', '-f', plain)],
        ['why, Cilium', wirelay(...why, '-f', cilium)],
        ['matrix of 1,000 workloads, Kubernetes', wirelay('matrix', '-o', 'csv', '-f', plain)],
        ['matrix of 1,000 workloads, Cilium', wirelay('matrix', '-o', 'csv', '--semantics', 'cilium', '-f', cilium)],
      ],
      runs,
      [0, 1],
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
