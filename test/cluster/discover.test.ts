import {mkdirSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {discover} from '../../src/cluster/discover.js';
import {errorText, folderWith, load, loadSpec, loadText} from './load-input.js';

const own = (name: string, spec = '{}') =>
  `{apiVersion: wirelay.dev/v1alpha1, kind: Cluster, metadata: {name: ${name}}, spec: ${spec}}\n`;
const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;

describe('discovery', () => {
  it('takes paths, else the environment, else wirelay.yaml here or above, else the demo', async () => {
    const cwd = folderWith({
      'wirelay.yaml': own('above'),
      'env.yaml': own('env'),
      'given.yaml': own('given'),
      'a/b/x': '',
    });
    const env = {WIRELAY_CLUSTER: 'env.yaml'};
    expect((await load(['given.yaml'], {cwd, env})).name).toBe('given');
    expect((await load([], {cwd, env})).name).toBe('env');
    expect((await load([], {cwd: join(cwd, 'a/b')})).name).toBe('above');
    expect(discover({paths: [], env: {}, cwd: join(cwd, 'a/b')})).toEqual({
      how: 'found',
      paths: ['../../wirelay.yaml'],
    });
    const empty = folderWith({});
    expect(discover({paths: [], env: {WIRELAY_CLUSTER: ''}, cwd: empty}).how).toBe('demo');
    expect((await load([], {cwd: empty})).source).toBe('demo');
  });

  it('reads folders in name order, YAML and JSON, but not hidden ones, and follows no circle', async () => {
    const cwd = folderWith({
      'c/b.yml': pod('b'),
      'c/a.yaml': own('folder'),
      'c/sub/z.json': JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'z'}}),
      'c/.git/x.yaml': pod('hidden'),
      'c/notes.txt': 'kind: Nothing',
      'c/values.yaml': 'replicaCount: 3\n',
    });
    symlinkSync('..', join(cwd, 'c/sub/loop'));
    const cluster = await load(['c'], {cwd, sets: ['spec.dns=false']});
    expect(cluster.name).toBe('folder');
    expect(cluster.pods.map((p) => p.name)).toEqual(['b', 'z']);
    expect(cluster.pods[1]!.where).toEqual({file: 'c/sub/z.json', line: 1, column: 1});
    expect(cluster.notes.filter((note) => note.level === 'skipped').map((note) => note.where!.file)).toEqual([
      'c/values.yaml',
    ]);
  });

  it('passes over links that lead nowhere, and tells what it may not read', async () => {
    const cwd = folderWith({'d/a.yaml': pod('a')});
    symlinkSync('self', join(cwd, 'd/self'));
    symlinkSync('gone.yaml', join(cwd, 'd/x.yaml'));
    expect((await load(['d'], {cwd})).pods.map((p) => p.name)).toEqual(['a']);
    expect(await errorText(load(['d/self'], {cwd}))).toContain('d/self: no such file or folder');
  });

  it('tells of a few things that come twice, and counts the others', async () => {
    const all = Array.from({length: 9}, (_, i) => pod(`p${i}`)).join('---\n');
    const {notes} = await load(['a.yaml', 'b.yaml'], {cwd: folderWith({'a.yaml': all, 'b.yaml': all})});
    expect(
      notes
        .filter((note) => note.level === 'warning')
        .map((note) => note.message)
        .slice(-2),
    ).toEqual([
      'pod default/p4 is defined twice: this one counts',
      '4 more pods are defined twice: of each the later counts',
    ]);
  });

  it('reads stdin and several paths together', async () => {
    const cwd = folderWith({'one.yaml': pod('one')});
    const readStdin = () => new TextEncoder().encode(`${own('in')}---\n${pod('two')}`);
    const cluster = await load(['one.yaml', '-'], {cwd, readStdin, sets: ['spec.dns=false']});
    expect(cluster.pods.map((p) => [p.name, p.where!.file])).toEqual([
      ['one', 'one.yaml'],
      ['two', '<stdin>'],
    ]);
  });

  it('says what it cannot read', async () => {
    const cwd = folderWith({'empty.yaml': '# nothing\n', 'latin.yaml': ''});
    mkdirSync(join(cwd, 'bare'));
    expect(await errorText(load(['gone.yaml', 'bare'], {cwd}))).toBe(
      'gone.yaml: no such file or folder\n  hint: a definition is a file, a folder, an archive, or - for stdin\n' +
        'bare: no .yaml, .yml or .json file and no archive in this folder or below',
    );
    expect(await errorText(load(['empty.yaml'], {cwd}))).toBe('empty.yaml: no document in this file');
    const readStdin = () => Uint8Array.of(0x61, 0xff);
    expect(await errorText(load(['-'], {cwd, readStdin}))).toBe('<stdin>:1: not a text in UTF-8');
    const large = () => new Uint8Array(100_000_001);
    expect(await errorText(load(['-'], {cwd, readStdin: large}))).toContain('more than the 100 MB');
    expect(await errorText(loadText('a: 1\n'))).toBe(
      'cluster.yaml:1:1: document: field "kind" is missing\n  hint: every document is an object with apiVersion and kind',
    );
    expect(await errorText(loadText(`${own('a')}---\n${own('b')}`))).toContain(
      'cluster.yaml:3:1: a second kind: Cluster; the first is at cluster.yaml:1',
    );
  });

  it('takes clock and seed from the definition, the environment and the command line', async () => {
    const spec = {epoch: '2026-02-03T04:05:06Z', seed: 7};
    expect(await loadSpec(spec)).toMatchObject({epoch: 1_770_091_506, seed: 7});
    expect(await loadSpec(spec, {env: {SOURCE_DATE_EPOCH: '12'}, seed: 9})).toMatchObject({epoch: 12, seed: 9});
    expect(await errorText(loadSpec(spec, {env: {SOURCE_DATE_EPOCH: 'now'}}))).toContain('SOURCE_DATE_EPOCH: expected');
    expect(await errorText(loadSpec({epoch: 'soon'}))).toContain('cluster.yaml:1:');
  });
});

describe('hostile input', () => {
  it('an empty path is not this folder', async () => {
    expect(await errorText(load([''], {cwd: folderWith({'a.yaml': 'kind: Cluster'})}))).toContain('is empty');
  });

  it.each([
    ['kind: Cluster\nspec: &s {nodes: 2, pods: *s}\n', '*s stands in what it stands for', '2:27'],
    ['kind: Pod\nmetadata:\n  labels: &m\n    a: [*m]\n', '*m stands in what it stands for', '4:9'],
  ])('refuses aliases of what they are in: %j', async (text, message, at) => {
    const said = await errorText(loadText(text));
    expect(said).toContain(message);
    expect(said).toContain(`:${at}:`);
  });

  it('limits aliases of aliases', async () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [i, name] of ['b', 'c', 'd', 'e', 'f', 'g', 'h'].entries()) {
      const before = 'abcdefg'[i];
      lines.push(`${name}: &${name} [${new Array(9).fill(`*${before}`).join(', ')}]`);
    }
    expect(await errorText(loadText(lines.join('\n')))).toContain('too many aliases');
  });

  it('does not fall over deep nesting or __proto__', async () => {
    expect(await errorText(loadText(`{a: ${'['.repeat(60_000)}`))).toMatch(/^cluster\.yaml/);
    expect(await errorText(loadText(`${own('x', '{__proto__: {seed: 3}}')}`))).toContain('unknown field "__proto__"');
    const cluster = await loadText(
      `${own('x', '{dns: false, pods: [{name: a, labels: {"__proto__": yes, constructor: c}}]}')}`,
    );
    expect(Object.keys(cluster.pods[0]!.labels)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).yes).toBeUndefined();
    expect(await errorText(loadSpec({}, {sets: ['spec.__proto__.x=1']}))).toContain('--set 1');
  });
});

describe('--set', () => {
  it('overrides one field, typed as YAML types it', async () => {
    const sets = ['spec.cilium.tunnel-protocol=vxlan', 'spec.nodes[1].mtu=9000', 'spec.pods[0].labels.a\\.b/c="1"'];
    const cluster = await load([], {cwd: folderWith({}), sets});
    expect(cluster.cilium).toMatchObject({tunnelProtocol: 'vxlan', tunnelPort: 8472});
    expect(cluster.nodes.map((node) => node.mtu)).toEqual([1500, 9000, 1500]);
    expect(cluster.pods[0]!.labels).toEqual({app: 'client', 'a.b/c': '1'});
    expect((await loadSpec({}, {sets: ['spec.nodes=5']})).nodes).toHaveLength(5);
    expect((await loadSpec({seed: 4}, {sets: ['spec.seed=']})).seed).toBe(1);
    const pods = (await loadSpec({dns: false}, {sets: ['spec.pods=[{name: a}, {name: b}]', 'spec.pods[2].name=c']}))
      .pods;
    expect(pods.map((p) => p.name)).toEqual(['a', 'b', 'c']);
  });

  it('names the setting that is wrong', async () => {
    const sets = [
      'spec.cilium.tunnel-protocol=vxlam',
      'cilium.x=1',
      'spec.nodes[9].mtu=1',
      'nonsense',
      'spec.podCidr=1',
    ];
    expect(await errorText(load([], {cwd: folderWith({}), sets}))).toBe(
      [
        '--set 2: cilium.x: only fields of spec and metadata can be set',
        '  hint: did you mean spec.cilium.x?',
        '--set 3: spec.nodes has 3 items: the next one is [3]',
        '--set 4: expected PATH=VALUE, got "nonsense"',
        '  hint: for example spec.cilium.tunnel-protocol=vxlan or spec.nodes[0].mtu=9000; a dot in a key is written \\.',
        '--set 5: spec: unknown field "podCidr"',
        '  hint: did you mean podCIDR?',
        '--set 1: spec.cilium.tunnel-protocol: expected one of vxlan, geneve, got "vxlam"',
        '  hint: did you mean vxlan?',
      ].join('\n'),
    );
  });
});
