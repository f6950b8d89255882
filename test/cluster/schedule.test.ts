import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../src/cluster/model.js';
import {errorText, load, loadText} from './load-input.js';

const node = (name: string, labels: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {name, labels: {'kubernetes.io/hostname': name, ...labels}},
  spec,
});
const zones = [node('a1', {zone: 'a'}), node('a2', {zone: 'a'}), node('b1', {zone: 'b'})];
const workload = (name: string, replicas: number, spec: object, kind = 'Deployment') => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: {name},
  spec: {replicas, template: {metadata: {labels: {app: name}}, spec}},
});
const cluster = (...items: object[]) => loadText(JSON.stringify({apiVersion: 'v1', kind: 'List', items}));
/** Nodes of the pods of one workload, sorted; `-` = none. */
const nodesOf = ({pods}: Cluster, name: string) =>
  pods
    .filter((pod) => pod.owner?.name === name)
    .map((pod) => pod.node ?? '-')
    .sort()
    .join(' ');
const expression = (key: string, operator: string, values?: string[]) => ({key, operator, ...(values ? {values} : {})});
const nodeAffinity = (...terms: object[]) => ({
  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: terms}}},
});
const selector = (app: string) => ({matchLabels: {app}});
const required = (kind: string, app: string, topologyKey: string) => ({
  affinity: {[kind]: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: selector(app), topologyKey}]}},
});

describe('a pod without a node', () => {
  it.each([
    ['In', expression('zone', 'In', ['b']), 'b1 b1'],
    ['NotIn', expression('zone', 'NotIn', ['a']), 'b1 b1'],
    ['Exists', expression('gpu', 'Exists'), '- -'],
    ['DoesNotExist', expression('gpu', 'DoesNotExist'), 'a1 a2'],
    ['Gt', expression('cores', 'Gt', ['4']), '- -'],
  ])('goes where its node affinity says: %s', async (_, item, expected) => {
    const pods = workload('w', 2, nodeAffinity({matchExpressions: [item]}));
    expect(nodesOf(await cluster(...zones, pods), 'w')).toBe(expected);
  });

  it('needs one of the terms, and knows fields', async () => {
    const terms = nodeAffinity(
      {matchExpressions: [expression('x', 'Exists')]},
      {matchFields: [expression('metadata.name', 'In', ['a2'])]},
    );
    expect(nodesOf(await cluster(...zones, workload('w', 2, terms)), 'w')).toBe('a2 a2');
  });

  it('keeps away from taints that it does not tolerate', async () => {
    const tainted = node('t', {}, {taints: [{key: 'only', value: 'db', effect: 'NoSchedule'}]});
    const soft = node('s', {}, {taints: [{key: 'x', effect: 'PreferNoSchedule'}]});
    const tolerations = [{key: 'only', operator: 'Equal', value: 'db', effect: 'NoSchedule'}];
    const all = await cluster(
      tainted,
      soft,
      workload('w', 2, {}),
      workload('db', 1, {tolerations, nodeSelector: {'kubernetes.io/hostname': 't'}}),
      workload('any', 1, {tolerations: [{operator: 'Exists'}], nodeSelector: {'kubernetes.io/hostname': 't'}}),
      workload('none', 1, {nodeSelector: {'kubernetes.io/hostname': 't'}}),
      workload('agent', 0, {}, 'DaemonSet'),
    );
    expect(['w', 'db', 'any', 'none', 'agent'].map((name) => nodesOf(all, name))).toEqual(['s s', 't', 't', '-', 's']);
    expect(all.notes.find((note) => note.level === 'warning')?.message).toMatch(
      /^pod default\/none-\S+ waits for a node/,
    );
  });

  it('shares no host port', async () => {
    const ports = (hostPort: number) => ({containers: [{name: 'c', ports: [{containerPort: 80, hostPort}]}]});
    const host = {hostNetwork: true, containers: [{name: 'c', ports: [{containerPort: 8080}]}]};
    const all = await cluster(
      ...zones,
      workload('w', 4, ports(8080)),
      workload('h', 1, host),
      workload('o', 1, ports(9090)),
    );
    expect([nodesOf(all, 'w'), nodesOf(all, 'h'), nodesOf(all, 'o')]).toEqual(['- a1 a2 b1', '-', 'a1']);
  });

  it('stays apart from pods, or near them', async () => {
    const all = await cluster(
      ...zones,
      workload('apart', 3, required('podAntiAffinity', 'apart', 'zone')),
      workload('group', 3, required('podAffinity', 'group', 'zone')),
      workload('near', 2, required('podAffinity', 'one', 'kubernetes.io/hostname')),
      workload('one', 1, {nodeSelector: {zone: 'b'}}),
      workload('late', 2, required('podAffinity', 'one', 'kubernetes.io/hostname')),
    );
    expect(nodesOf(all, 'apart')).toBe('- a1 b1');
    expect(
      new Set(
        nodesOf(all, 'group')
          .split(' ')
          .map((name) => name[0]),
      ).size,
    ).toBe(1);
    expect([nodesOf(all, 'near'), nodesOf(all, 'late')]).toEqual(['- -', 'b1 b1']);
  });

  it.each([
    ['DoNotSchedule', 1, 4, 'a1 a2 b1 b1'],
    ['DoNotSchedule', 3, 4, 'a1 a2 b1 b1'],
    ['ScheduleAnyway', 1, 4, 'a1 a2 b1 b1'],
  ])('spreads over domains: %s, skew %i', async (whenUnsatisfiable, maxSkew, replicas, expected) => {
    const topologySpreadConstraints = [{maxSkew, topologyKey: 'zone', whenUnsatisfiable, labelSelector: selector('w')}];
    expect(nodesOf(await cluster(...zones, workload('w', replicas, {topologySpreadConstraints})), 'w')).toBe(expected);
    const onlyA = {nodeSelector: {zone: 'a'}, topologySpreadConstraints};
    const crowded = nodesOf(await cluster(...zones, workload('w', 3, onlyA)), 'w');
    expect(crowded.split(' ').filter((name) => name === '-')).toHaveLength(
      whenUnsatisfiable === 'DoNotSchedule' ? 3 - maxSkew : 0,
    );
  });
});

describe('nodes that nobody gave', () => {
  it('are as many as --nodes says, with the labels that pods ask for', async () => {
    const text = JSON.stringify({
      kind: 'List',
      items: [
        workload('ssd', 2, {nodeSelector: {disk: 'ssd'}}),
        workload('hdd', 1, {nodeSelector: {disk: 'hdd'}}),
        workload('ds', 0, {}, 'DaemonSet'),
      ],
    });
    const all = await loadText(text, {nodes: 5});
    expect(all.nodes).toHaveLength(5);
    expect([nodesOf(all, 'ssd'), nodesOf(all, 'hdd')]).toEqual(['node1 node1', 'node2']);
    expect(nodesOf(all, 'ds')).toBe('node1 node2 node3 node4 node5');
    expect(all.notes.filter(({message}) => message.includes('disk=')).map(({message}) => message)).toEqual([
      'node node1 has the labels disk=ssd: pods ask for them',
      'node node2 has the labels disk=hdd: pods ask for them',
    ]);
    expect((await loadText(text)).nodes).toHaveLength(3);
  });

  it('are not wanted where there are some', async () => {
    const given = JSON.stringify({kind: 'List', items: zones});
    expect(await errorText(loadText(given, {nodes: 2}))).toContain('--nodes 2: the definition has nodes of its own');
    expect(await errorText(load(['fixtures/demo.yaml'], {nodes: 2}))).toContain('has nodes of its own');
  });
});
