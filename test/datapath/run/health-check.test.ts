/** healthCheckNodePort: what a load balancer's probe is told, node by node. */
import {expect, it} from 'vitest';
import type {ClusterSpec} from '../../../src/cluster/spec.js';
import {pair, runLab} from './lab.js';

const services: ClusterSpec['services'] = [
  {
    name: 'web',
    type: 'LoadBalancer',
    loadBalancerIP: '203.0.113.80',
    selector: {app: 'b'},
    ports: [{port: 80, targetPort: 8080}],
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 32000,
  },
];

function probe(node: string, cilium: ClusterSpec['cilium'] = {}, changes: Partial<ClusterSpec> = {}) {
  const cluster = pair({services, cilium, ...changes});
  const ip = cluster.nodes.find(({name}) => name === node)!.ips[0] as number;
  const address = [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');
  const {apps, result} = runLab(cluster, [`198.51.100.7 -> ${address}:32000/http`]);
  return {text: apps.find(({kind}) => kind === 'reply')?.text, refused: result.apps[0]!.refused};
}

it('200 where the node has an endpoint, 503 where it has none', () => {
  expect(probe('node2').text).toContain('200 OK');
  expect(probe('node1').text).toContain('503 Service Unavailable');
});

it('nobody listens without the policy, or where the agent is told not to', () => {
  expect(probe('node2', {'enable-health-check-nodeport': false}).refused).toBe(1);
  const cluster = [{...services![0]!, externalTrafficPolicy: 'Cluster' as const}];
  expect(probe('node2', {}, {services: cluster}).refused).toBe(1);
});
