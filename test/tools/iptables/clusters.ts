/** Clusters with kube-proxy for the tests of its rules. */
import {definitionOf} from '../../../src/cluster/demo.js';
import type {Cluster} from '../../../src/cluster/model.js';
import {resolve} from '../../../src/cluster/resolve.js';
import type {ClusterSpec} from '../../../src/cluster/spec.js';
import {createControl} from '../../../src/control/control.js';
import type {Ruleset} from '../../../src/control/kube-proxy/model.js';
import {noCounters} from '../../../src/tools/iptables/rule-text.js';
import {saveTable} from '../../../src/tools/iptables/save.js';

const nodes = [
  {name: 'node1', ip: '10.0.0.5', podCIDR: '10.32.1.0/24'},
  {name: 'node2', ip: '10.0.0.6', podCIDR: '10.32.2.0/24'},
  {name: 'node3', ip: '10.0.0.7', podCIDR: '10.32.3.0/24'},
];
const pods = [
  {name: 'pod-a', node: 'node1', ip: '10.32.1.10', labels: {app: 'client'}},
  {name: 'api', node: 'node1', ip: '10.32.1.5', labels: {app: 'api'}, ports: [6443]},
  {name: 'pod-b', node: 'node2', ip: '10.32.2.20', labels: {app: 'my-svc'}, ports: [8080]},
  {name: 'pod-c', node: 'node3', ip: '10.32.3.30', labels: {app: 'my-svc'}, ports: [8080]},
];
const backend = {app: 'my-svc'};

/** A plain cluster whose services are these and no others. */
export function plainCluster(
  services: NonNullable<ClusterSpec['services']>,
  changes: Partial<ClusterSpec> = {},
): Cluster {
  const spec: ClusterSpec = {
    profile: 'kube-proxy',
    podCIDR: '10.32.0.0/13',
    serviceCIDR: '10.96.0.0/12',
    underlay: {vnet: '10.0.0.0/16', mtu: 1500},
    nodes,
    pods,
    services,
    ...changes,
  };
  const cluster = resolve(definitionOf('plain', 'plain', spec));
  const names = new Set(services.map(({name}) => name));
  return {...cluster, services: cluster.services.filter(({name}) => names.has(name))};
}

export const deepDive = plainCluster([
  {name: 'my-svc', clusterIP: '10.96.10.50', selector: backend, ports: ['80:8080']},
  {
    name: 'kubernetes',
    clusterIP: '10.96.0.1',
    selector: {app: 'api'},
    ports: [{name: 'https', port: 443, targetPort: 6443}],
  },
]);

/** One service of every kind that has rules of its own. */
const kinds: NonNullable<ClusterSpec['services']> = [
  {name: 'plain', clusterIP: '10.96.10.50', selector: backend, ports: ['80:8080']},
  {name: 'unnamed', selector: backend, ports: [{port: 80, targetPort: 8080}]},
  {name: 'udp', selector: backend, ports: ['53:8080/UDP']},
  {name: 'sctp', selector: backend, ports: ['5000:8080/SCTP']},
  {
    name: 'sticky',
    clusterIP: '10.96.10.60',
    selector: backend,
    ports: ['80:8080'],
    sessionAffinity: 'ClientIP',
    sessionAffinityTimeout: 600,
  },
  {
    name: 'empty',
    clusterIP: '10.96.10.70',
    type: 'NodePort',
    selector: {app: 'none'},
    ports: [{port: 80, targetPort: 8080, nodePort: 31000}],
    externalIPs: ['203.0.113.70'],
  },
  {
    name: 'port',
    type: 'NodePort',
    clusterIP: '10.96.10.80',
    selector: backend,
    ports: [{port: 80, targetPort: 8080, nodePort: 30080}],
  },
  {name: 'outside', selector: backend, ports: ['80:8080'], externalIPs: ['203.0.113.10']},
  {
    name: 'lb',
    type: 'LoadBalancer',
    selector: backend,
    loadBalancerIP: '203.0.113.20',
    loadBalancerSourceRanges: ['203.0.113.128/25', '10.0.0.0/24'],
    ports: [{port: 80, targetPort: 8080, nodePort: 30081}],
  },
  {
    name: 'local',
    type: 'LoadBalancer',
    selector: backend,
    loadBalancerIP: '203.0.113.30',
    externalTrafficPolicy: 'Local',
    ports: [{port: 80, targetPort: 8080, nodePort: 30082}],
    healthCheckNodePort: 30999,
  },
  {name: 'inside', clusterIP: '10.96.10.90', selector: backend, internalTrafficPolicy: 'Local', ports: ['80:8080']},
];

export const everyKind = plainCluster(kinds);

export const everyKindTwice = plainCluster(kinds, {
  podCIDR: ['10.32.0.0/13', 'fd00:32::/48'],
  serviceCIDR: ['10.96.0.0/12', 'fd00:96::/112'],
  nodes: 3,
  pods: pods.map(({name, node, labels}) => ({name, node, labels, ports: [8080]})),
  services: kinds.map((service) => ({...service, ipFamilyPolicy: 'PreferDualStack'})),
});

export function rulesetOf(cluster: Cluster, node = 'node1', family: 4 | 6 = 4): Ruleset {
  const found = createControl(cluster)
    .state(node)
    .rulesets?.find((ruleset) => ruleset.family === family);
  if (!found) throw new Error(`no IPv${family} rules on ${node}`);
  return found;
}

/** As iptables-save prints it, without comment lines. */
export function savedText(ruleset: Ruleset): string {
  const program = ruleset.family === 4 ? 'iptables-save' : 'ip6tables-save';
  const options = {program, family: ruleset.family, counters: false, time: 0};
  let text = '';
  for (const table of ruleset.tables) saveTable(table, noCounters, options, (piece) => (text += piece));
  return withoutComments(text);
}

export function withoutComments(text: string): string {
  return text.replaceAll(/^#.*\n/gm, '');
}
