/** Names that a dump could contain, in every view and format: nothing that acts on a terminal gets out. */
import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../../src/cluster/model.js';
import {commandRows, demoCluster, runView} from './lab.js';

const evil = '\x1b[2J\x07\u202e\u009b31m\r\n\ud800';

function hostileCluster(): Cluster {
  const cluster = demoCluster();
  const nodes = cluster.nodes.map((node) => ({...node, name: node.name + evil, ready: false}));
  const node = (name: string | undefined) => (name === undefined ? {} : {node: name + evil});
  const service = <T extends {name: string; namespace: string}>(named: T): T => ({
    ...named,
    name: named.name + evil,
    namespace: named.namespace + evil,
  });
  return {
    ...cluster,
    traffic: [],
    kubernetes: {version: `v1.35.1${evil}`, platform: `linux/amd64${evil}`},
    cilium: {
      ...cluster.cilium,
      version: `1.20.2${evil}`,
      clusterName: `east${evil}`,
      raw: {...cluster.cilium.raw, [`key${evil}`]: evil, 'cni-chaining-mode': evil, 'datapath-mode': evil, debug: evil},
    },
    nodes,
    pods: cluster.pods.map((pod) => ({...service(pod), node: undefined, ...node(pod.node)})),
    services: cluster.services.map(service),
    identities: cluster.identities.map(({id, labels}) => ({id, labels: labels.map((label) => label + evil)})),
  };
}

const acts = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const cluster = hostileCluster();
const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  status: ['--verbose'],
  'bpf policy get': ['--all'],
  'identity get': ['1'],
  config: ['--all'],
  'ip list': ['-v'],
};

describe.each(commandRows.map((row) => row.words))('%s', (words) => {
  it.each(['', 'json', 'yaml', 'jsonpath={.}', 'jsonpath={..name}'])('-o %j', async (format) => {
    const argv = [...words.split(' '), ...(argumentsOf[words] ?? []), ...(format === '' ? [] : ['-o', format])];
    const {stdout, stderr} = await runView(cluster, ...argv);
    expect(stdout + stderr).not.toMatch(acts);
    expect((stdout + stderr).isWellFormed()).toBe(true);
    if (format === 'json' && stdout !== '') expect(() => JSON.parse(stdout)).not.toThrow();
  });
});

it('hostile arguments come back harmless', async () => {
  for (const argv of [
    ['bpf', 'ct', 'list', evil],
    ['bpf', 'policy', 'get', evil],
    ['identity', 'get', evil],
    ['identity', 'list', evil],
    ['status', '-o', `jsonpath={${evil}`],
  ]) {
    const {stdout, stderr} = await runView(cluster, ...argv);
    expect(stdout + stderr).not.toMatch(acts);
    expect(stdout + stderr).not.toBe('');
  }
});
