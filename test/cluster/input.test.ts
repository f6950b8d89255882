import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {stringify} from 'yaml';
import type {Cluster} from '../../src/cluster/model.js';
import {kubernetesList} from '../bench/scale.js';
import {errorText, folderWith, load, loadText} from './load-input.js';

const meta = (name: string, extra: object = {}) => ({name, namespace: 'shop', ...extra});
const pod = (name: string, extra: object = {}) => ({apiVersion: 'v1', kind: 'Pod', metadata: meta(name), ...extra});
const json = (value: unknown) => JSON.stringify(value, null, 4);
const stdin = (text: string | Uint8Array) =>
  load(['-'], {readStdin: () => (typeof text === 'string' ? new TextEncoder().encode(text) : text)});
const names = (cluster: Cluster) => cluster.pods.map((p) => p.name);
const notes = (cluster: Cluster, level: string) => cluster.notes.filter((n) => n.level === level).map((n) => n.message);

describe('a stream', () => {
  it('of JSON objects, one behind another, is read to its end', async () => {
    const text = `${json(pod('a'))}\n${JSON.stringify({kind: 'PodList', items: [{metadata: {name: 'b'}}, {metadata: {name: 'c'}}]})}${json(pod('d'))}`;
    const cluster = await stdin(text);
    expect(names(cluster)).toEqual(['a', 'b', 'c', 'd']);
    expect(cluster.pods.map((p) => p.where?.line)).toEqual([1, 9, 9, 9]);
    expect(cluster.pods[3]!.where?.column).toBe(text.split('\n')[8]!.indexOf('}{') + 2);
  });

  it('of kubectl cluster-info dump has logs between its objects', async () => {
    const log = (name: string, text: string) =>
      `==== START logs for container c of pod shop/${name} ====\n${text}==== END logs for container c of pod shop/${name} ====\n`;
    const list = (...items: object[]) => `${json({kind: 'PodList', apiVersion: 'v1', items})}\n`;
    const text = `${list(pod('a'), pod('b'))}${log('a', '{"kind": "Pod"\nkind: Pod "\n==== END logs for container c of pod shop/b ====\n')}${log('b', 'no line feed')}${list(pod('c'))}`;
    const cluster = await stdin(text);
    expect(names(cluster)).toEqual(['a', 'b', 'c']);
    const line = text.split('\n').findLastIndex((row) => row.includes('"Pod"')) - 1;
    expect(cluster.pods[2]!.where).toMatchObject({file: '<stdin>', line});
    expect(await errorText(stdin(`${list(pod('a'))}${log('a', '{{{')}{"kind": "Pod",}\n`))).toContain('<stdin>:');
  });

  it('is the folder that cluster-info dump writes', async () => {
    const list = (kind: string, ...items: object[]) => json({kind: `${kind}List`, apiVersion: 'v1', items});
    const cwd = folderWith({
      'dump/nodes.json': list('Node', {
        metadata: {name: 'n1'},
        status: {addresses: [{type: 'InternalIP', address: '10.0.0.9'}]},
      }),
      'dump/shop/pods.json': list('Pod', pod('a', {spec: {nodeName: 'n1'}})),
      'dump/shop/services.json': list('Service'),
      'dump/shop/events.json': list('Event', {metadata: {name: 'e'}}),
      'dump/shop/a/logs.txt': '{"kind": "Pod"',
    });
    const cluster = await load(['dump'], {cwd});
    expect(cluster.pods.map((p) => [p.name, p.node])).toEqual([['a', 'n1']]);
    expect(cluster.input?.files).toEqual([
      {name: 'dump/nodes.json', bytes: expect.any(Number), objects: {Node: 1}},
      {name: 'dump/shop/events.json', bytes: expect.any(Number), objects: {Event: 1}},
      {name: 'dump/shop/pods.json', bytes: expect.any(Number), objects: {Pod: 1}},
    ]);
    expect(notes(cluster, 'skipped')).toEqual(['logs', '1 Event object not read']);
  });

  it.each([
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['blanks at the ends of lines', (text: string) => text.replaceAll('\n', '  \n')],
  ])('is the same with %s', async (_, change) => {
    const yaml = stringify(pod('a', {spec: {containers: [{name: 'c', ports: [{containerPort: 80}]}]}}));
    const changed = await stdin(change(yaml));
    expect(changed.pods[0]).toMatchObject({name: 'a', ports: [{port: 80}], where: {line: 1, column: 1}});
    expect(names(await stdin(change(json(pod('a')))))).toEqual(['a']);
  });

  it('of a large list is the same in JSON and in YAML, places included', async () => {
    const list = kubernetesList({nodes: 30, pods: 3000, services: 150}) as {items: object[]};
    const cwd = folderWith({});
    const yaml = stringify(list, {indentSeq: false, aliasDuplicateObjects: false});
    expect(yaml.length).toBeGreaterThan(1_000_000);
    writeFileSync(join(cwd, 'dump.yaml'), yaml);
    writeFileSync(join(cwd, 'dump.json'), json(list));
    const [a, b] = [await load(['dump.yaml'], {cwd}), await load(['dump.json'], {cwd})];
    const plain = (cluster: Cluster) =>
      JSON.parse(
        JSON.stringify(cluster, (key, value) => (['where', 'source', 'input'].includes(key) ? undefined : value)),
      );
    expect(plain(a)).toEqual(plain(b));
    const lines = yaml.split('\n');
    for (const {name, where} of a.pods) {
      const at = lines.slice(where!.line! - 1, where!.line! + 3);
      expect(at[0]).toBe('- apiVersion: v1');
      expect(at[3]).toBe(`    name: ${name}`);
    }
    const bad = yaml.replace('nodeName: node-7\n', 'nodeName: [7]\n');
    writeFileSync(join(cwd, 'bad.yaml'), bad);
    const line = bad.split('\n').findIndex((row) => row.includes('nodeName: [7]')) + 1;
    expect(await errorText(load(['bad.yaml'], {cwd}))).toMatch(
      new RegExp(`^bad.yaml:${line}:15: Pod .*spec.nodeName: expected a text, got a list`),
    );
    const worse = yaml.replace('nodeName: node-7\n', 'nodeName: "x\n');
    writeFileSync(join(cwd, 'worse.yaml'), worse);
    expect(await errorText(load(['worse.yaml'], {cwd}))).toMatch(/^worse.yaml:\d+:\d+: /);
  }, 60_000);
});

describe('hostile text', () => {
  it.each([
    [
      'equal keys in JSON',
      '{"kind": "Pod", "metadata": {"name": "a",\n "name": "b"}}',
      '<stdin>:2:2: map keys must be unique',
    ],
    [
      'equal keys in an item',
      '{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"a"},\n"metadata":{}}]}',
      '<stdin>:2:1: map keys must be unique',
    ],
    ['equal keys in YAML', 'kind: Pod\nmetadata: {name: a}\nkind: Pod\n', '<stdin>:3:1: map keys must be unique'],
    ['a tab', 'kind: Pod\nmetadata:\n\tname: a\n', '<stdin>:3:1: tabs are not allowed'],
    ['depth in JSON', `{"kind": "Pod", "x": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'nested too deeply'],
    ['depth in YAML', `a: ${'['.repeat(20_000)}`, '<stdin>:1:1: nested too deeply'],
    [
      'aliases',
      `${'abcdefghij'
        .split('')
        .map((c, i) => `${c}: &${c} ${i === 0 ? 'x' : `[${Array(10).fill(`*${'abcdefghij'[i - 1]}`)}]`}`)
        .join('\n')}\n`,
      'too many aliases',
    ],
    ['not UTF-8', Uint8Array.of(0x61, 0x0a, 0x62, 0xff), '<stdin>:2: not a text in UTF-8'],
    ['UTF-16', Buffer.from('\ufeffkind: Pod', 'utf16le'), '<stdin>: a text in UTF-16'],
    ['cut JSON', json(pod('a')).slice(0, -3), '<stdin>:'],
    ['a name that moves the cursor', json(pod('a\u001b[2J')), String.raw`"a\u001b[2J" is no name`],
    ['a namespace that does', json({kind: 'Pod', metadata: {name: 'a', namespace: 'x/\n'}}), 'is no name'],
    [
      'a billion pods',
      json({kind: 'Deployment', metadata: meta('d'), spec: {replicas: 1e9}}),
      'Deployment shop/d: with its pods there are more than 500,000',
    ],
  ])('%s is told', async (_, text, message) => {
    expect(await errorText(stdin(text))).toContain(message);
  });

  it('an object has 100 MB at most, wherever it is', async () => {
    const large = `{"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"x": "${'x'.repeat(100_000_001)}"}}`;
    expect(await errorText(stdin(large))).toContain('more than the 100 MB that one object may have');
    expect(await errorText(stdin(`kind: List\nitems:\n- ${large}\n`))).toContain('more than the 100 MB');
  }, 60_000);

  it('cannot change what objects inherit', async () => {
    const text =
      '{"kind": "Pod", "metadata": {"name": "a", "labels": {"__proto__": "x", "constructor": "y"}}, "__proto__": {"kind": "Node"}}';
    const cluster = await stdin(text);
    expect(cluster.pods[0]!.name).toBe('a');
    expect(({} as {kind?: string}).kind).toBeUndefined();
    const yaml = await stdin('kind: Pod\nmetadata: {name: a}\n__proto__: {polluted: 1}\n');
    expect([names(yaml), ({} as {polluted?: number}).polluted]).toEqual([['a'], undefined]);
  });
});

describe('what is no manifest', () => {
  it('is told by name in a folder, and refused when it is named', async () => {
    const cwd = folderWith({
      'k/kustomization.yaml': 'resources: [deployment.yaml]\npatches:\n- path: patch.yaml\n',
      'k/deployment.yaml': stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: meta('web'),
        spec: {replicas: 2, template: {metadata: {labels: {app: 'web'}}}},
      }),
      'k/patch.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {replicas: 5}\n',
      'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'chart/values.yaml': 'replicas: 3\n',
      'chart/templates/web.yaml':
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .Values.x }}\nspec: {}\n{{- end }}\n',
      'rules/alerts.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  r: "{{ $labels.pod }}"\n',
      'knative/service.yaml':
        'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: hello}\nspec: {template: {}}\n',
    });
    const cluster = await load(['k', 'chart', 'rules', 'knative'].slice(0, 1).concat('rules', 'knative'), {cwd});
    expect(names(cluster)).toHaveLength(2);
    expect(notes(cluster, 'skipped')).toEqual([
      'a kustomization, which is not built here; kubectl kustomize FOLDER | wirelay … -f -',
      'a patch of a kustomization, which is not built here',
      '1 Service (serving.knative.dev) object not read',
    ]);
    expect(await errorText(load(['chart'], {cwd}))).toBe(
      'chart: no Kubernetes object here; chart/Chart.yaml is part of a Helm chart, which is not rendered here\n  hint: helm template FOLDER | wirelay … -f -',
    );
    expect(await errorText(load(['chart/templates/web.yaml'], {cwd}))).toContain('this is a template with {{ … }}');
    expect(await errorText(load(['chart/Chart.yaml'], {cwd}))).toContain('this is part of a Helm chart');
    expect(await errorText(load(['k/kustomization.yaml'], {cwd}))).toContain('this is a kustomization');
  });

  it('is no reason to invent a cluster', async () => {
    expect(await errorText(load(['d'], {cwd: folderWith({'d/x.yaml': 'a: 1\n'})}))).toBe(
      'd: no Kubernetes object here',
    );
  });
});

describe('a dump with workloads', () => {
  const uid = 'u';
  const owner = (kind: string, name: string) => ({ownerReferences: [{kind, name, controller: true}]});
  const template = {metadata: {labels: {app: 'web'}}, spec: {containers: [{name: 'c'}]}};
  const dump = (...items: object[]) => loadText(JSON.stringify({apiVersion: 'v1', kind: 'List', items}));

  it('has its pods once, whoever owns them', async () => {
    const cluster = await dump(
      {kind: 'Deployment', apiVersion: 'apps/v1', metadata: meta('web'), spec: {replicas: 3, template}},
      {
        kind: 'ReplicaSet',
        apiVersion: 'apps/v1',
        metadata: meta('web-odd', owner('Deployment', 'web')),
        spec: {replicas: 3, template},
      },
      {
        kind: 'ReplicaSet',
        apiVersion: 'apps/v1',
        metadata: meta('web-old', owner('Deployment', 'web')),
        spec: {replicas: 0, template},
      },
      {kind: 'CronJob', apiVersion: 'batch/v1', metadata: meta('cron'), spec: {jobTemplate: {spec: {template}}}},
      {kind: 'Job', apiVersion: 'batch/v1', metadata: meta('cron-1', owner('CronJob', 'cron')), spec: {template}},
      {kind: 'DaemonSet', apiVersion: 'apps/v1', metadata: meta('ds'), spec: {template}},
      pod('web-odd-1', {metadata: meta('web-odd-1', owner('ReplicaSet', 'web-odd'))}),
      pod('cron-1-x', {metadata: meta('cron-1-x', owner('Job', 'cron-1'))}),
      pod('ds-x', {metadata: meta('ds-x', owner('DaemonSet', 'ds'))}),
    );
    expect(names(cluster)).toEqual(['web-odd-1', 'cron-1-x', 'ds-x']);
  });

  it('makes none for a live workload that has none, but all for one of a manifest', async () => {
    const live = {
      kind: 'CronJob',
      apiVersion: 'batch/v1',
      metadata: meta('idle', {uid}),
      spec: {jobTemplate: {spec: {template}}},
    };
    const fresh = {kind: 'Deployment', apiVersion: 'apps/v1', metadata: meta('fresh'), spec: {replicas: 2, template}};
    const running = pod('a', {metadata: meta('a', {uid}), status: {phase: 'Running', podIP: '10.244.0.9'}});
    const cluster = await dump(live, fresh, running);
    expect(cluster.pods.map((p) => p.owner?.name ?? p.name)).toEqual(['a', 'fresh', 'fresh']);
    expect(notes(cluster, 'inferred')).toContain('1 workload has no pods: the dump lists none of theirs');
    expect((await dump(live)).pods).toHaveLength(1);
  });

  it('expands a ReplicaSet whose owner is not there', async () => {
    const cluster = await dump({
      kind: 'ReplicaSet',
      apiVersion: 'apps/v1',
      metadata: meta('rs', owner('Deployment', 'gone')),
      spec: {replicas: 2, template},
    });
    expect(cluster.pods).toHaveLength(2);
  });

  it('leaves out what is suspended, scaled to zero or started by hand', async () => {
    const cluster = await dump(
      {
        kind: 'CronJob',
        apiVersion: 'batch/v1',
        metadata: meta('c'),
        spec: {suspend: true, jobTemplate: {spec: {template}}},
      },
      {kind: 'Job', apiVersion: 'batch/v1', metadata: meta('j'), spec: {suspend: true, template}},
      {kind: 'Deployment', apiVersion: 'apps/v1', metadata: meta('d'), spec: {replicas: 0, template}},
      {
        kind: 'StatefulSet',
        apiVersion: 'apps/v1',
        metadata: meta('s'),
        spec: {replicas: 2, ordinals: {start: 5}, template},
      },
      {kind: 'Job', apiVersion: 'batch/v1', metadata: {generateName: 'pi-', namespace: 'shop'}, spec: {template}},
    );
    expect(names(cluster).slice(0, 2)).toEqual(['s-5', 's-6']);
    expect(names(cluster)[2]).toMatch(/^pi-[a-z0-9]{5}-[a-z0-9]{5}$/);
    expect(cluster.pods).toHaveLength(3);
  });
});
