/** Two definitions compared: lines, formats, git revisions, and whether the named rule made the difference. */
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {formatPorts, subtract} from '../../src/control/policy/ports.js';
import {diffClusters} from '../../src/explain/diff/diff.js';
import {runDiff} from '../../src/explain/diff/main.js';
import {type DiffFormat, diffFormats, printDiff} from '../../src/explain/diff/print.js';
import {kubernetesMatrix} from '../../src/explain/matrix/matrix.js';
import {UserError} from '../../src/term/error.js';
import {folderWith, load, loadText} from '../cluster/load-input.js';
import {memoryIo} from '../memory-io.js';
import {clusterWith, networkPolicies} from './random-policies.js';

const pod = (name: string, port = 80) =>
  `kind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {containers: [{name: c, ports: [{containerPort: ${port}}]}]}\n---\n`;
const policy = (name: string, spec: string) => `kind: NetworkPolicy\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`;
const web = '{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}]}]}';

const before = pod('web') + pod('db') + policy('web', web);
const after =
  pod('web') +
  pod('cache') +
  pod('db') +
  policy('web', web.replace('{port: 80}', '{port: 80, endPort: 81}')) +
  policy('db', '{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}');

const lines = [
  'Connectivity diff:',
  'diff-type: changed, source: 0.0.0.0-255.255.255.255[External], destination: default/web[Pod], ref1: TCP 80, ref2: TCP 80-81',
  'diff-type: changed, source: default/db[Pod], destination: default/web[Pod], ref1: TCP 80, ref2: TCP 80-81',
  'diff-type: added, source: 0.0.0.0-255.255.255.255[External], destination: default/cache[Pod], ref1: No Connections, ref2: All Connections, workloads-diff-info: workload default/cache[Pod] added',
  'diff-type: added, source: default/cache[Pod], destination: 0.0.0.0-255.255.255.255[External], ref1: No Connections, ref2: All Connections, workloads-diff-info: workload default/cache[Pod] added',
  'diff-type: added, source: default/cache[Pod], destination: default/web[Pod], ref1: No Connections, ref2: TCP 80-81, workloads-diff-info: workload default/cache[Pod] added',
  'diff-type: added, source: default/db[Pod], destination: default/cache[Pod], ref1: No Connections, ref2: All Connections, workloads-diff-info: workload default/cache[Pod] added',
  'diff-type: added, source: default/web[Pod], destination: default/cache[Pod], ref1: No Connections, ref2: All Connections, workloads-diff-info: workload default/cache[Pod] added',
  'diff-type: removed, source: 0.0.0.0-9.255.255.255[External], destination: default/db[Pod], ref1: All Connections, ref2: No Connections',
  'diff-type: removed, source: 11.0.0.0-255.255.255.255[External], destination: default/db[Pod], ref1: All Connections, ref2: No Connections',
  'diff-type: removed, source: default/web[Pod], destination: default/db[Pod], ref1: All Connections, ref2: No Connections',
];

const names = {before: 'a', after: 'b', semantics: 'k8s'} as const;

async function run(cwd: string, a: string, b: string, output: DiffFormat = 'text') {
  const io = {...memoryIo(), cwd};
  const code = await runDiff({before: a, after: b, set: [], semantics: undefined, output}, io);
  return {code, text: io.stdout.text};
}

describe('diff', () => {
  it('tells what was gained, lost and changed, ranges merged', async () => {
    const diff = diffClusters(await loadText(before), await loadText(after), 'k8s');
    expect(printDiff(diff, 'text', names).trimEnd().split('\n')).toEqual(lines);
    expect(diff.appeared.map(({title}) => title)).toEqual(['default/cache[Pod]']);
    expect(diff.disappeared).toEqual([]);
    expect(diff.differences.find(({from}) => from.startsWith('11.'))?.cause).toMatchObject({
      rule: 'NetworkPolicy default/db (default)',
      side: 'after',
      where: {file: 'cluster.yaml'},
    });
  });

  it('is empty, with exit 0, where nothing differs, in the formats for people', async () => {
    const cwd = folderWith({'a.yaml': before, 'b.yaml': before});
    for (const output of ['text', 'md', 'csv', 'github'] as const)
      expect(await run(cwd, 'a.yaml', 'b.yaml', output)).toEqual({code: 0, text: ''});
    const {text} = await run(cwd, 'a.yaml', 'b.yaml', 'json');
    expect(JSON.parse(text)).toMatchObject({differences: [], workloads: {added: [], removed: []}});
  });

  it('says the same in every format', async () => {
    const cwd = folderWith({'a.yaml': before, 'b.yaml': after});
    for (const output of diffFormats) {
      const {code, text} = await run(cwd, 'a.yaml', 'b.yaml', output);
      expect(code).toBe(3);
      expect(text).toContain('11.0.0.0-255.255.255.255[External]');
      expect(text).toContain('TCP 80-81');
    }
    const github = (await run(cwd, 'a.yaml', 'b.yaml', 'github')).text.split('\n');
    expect(github).toContain(
      '::notice file=b.yaml,line=17,col=1,title=connection removed::default/web[Pod] => default/db[Pod]: All Connections before, No Connections after (denied by NetworkPolicy default/db (default))',
    );
    const {runs} = JSON.parse((await run(cwd, 'a.yaml', 'b.yaml', 'sarif')).text);
    const known = new Set(runs[0].tool.driver.rules.map(({id}: {id: string}) => id));
    for (const {ruleId} of runs[0].results) expect(known).toContain(ruleId);
    expect(runs[0].results[0].locations[0].physicalLocation.region.startLine).toBeGreaterThan(0);
  });

  it('reports a workload that neither reaches nor is reached', async () => {
    const shut = policy('shut', '{podSelector: {}, policyTypes: [Ingress, Egress]}');
    const diff = diffClusters(await loadText(pod('a') + shut), await loadText(pod('a') + pod('b') + shut), 'k8s');
    expect(printDiff(diff, 'text', names)).toBe(
      'Connectivity diff:\nworkload default/b[Pod] added, without connections\n',
    );
  });

  it('reads both sides out of git', async () => {
    const cwd = folderWith({'deploy/all.yaml': before, 'README.md': '# no manifest'});
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {cwd, stdio: 'pipe'});
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'one');
    execFileSync('tee', ['deploy/all.yaml'], {cwd, input: after, stdio: ['pipe', 'ignore', 'pipe']});
    const expected = {code: 3, text: `${lines.join('\n')}\n`};
    expect(await run(cwd, 'HEAD:deploy/', 'deploy')).toEqual(expected);
    expect(await run(cwd, 'main:deploy/all.yaml', 'deploy/all.yaml')).toEqual(expected);
    git('commit', '-qam', 'two');
    expect(await run(cwd, 'HEAD~1', 'HEAD')).toEqual(expected);
    const {text} = await run(cwd, 'HEAD~1', 'HEAD', 'json');
    expect(text).toContain('"file": "HEAD/deploy/all.yaml"');
    for (const wrong of ['HEAD~9', 'main:nowhere', '--upload-pack=x', 'HEAD..main'])
      await expect(run(cwd, wrong, 'deploy')).rejects.toThrow(UserError);
  });

  it('keeps names from files out of the terminal and out of the annotations', async () => {
    const cwd = folderWith({
      'a.yaml': before,
      'b.yaml': before.replaceAll('name: db,', 'name: "db\\e[31m\\n::error::x%0A",'),
    });
    for (const output of ['text', 'md', 'csv', 'github'] as const) {
      const {text} = await run(cwd, 'a.yaml', 'b.yaml', output).catch((error: Error) => ({text: error.message}));
      expect(text).not.toContain('\u001b');
      expect(text.split('\n').filter((line) => line.startsWith('::error'))).toEqual([]);
    }
  });

  it('names the policy that came or went', {timeout: 60_000}, () => {
    let named = 0;
    fc.assert(
      fc.property(networkPolicies, networkPolicies, (one, [extra]) => {
        if (!extra) return;
        const more = {...extra, metadata: {...extra.metadata, name: 'more'}};
        const title = `NetworkPolicy ${more.metadata.namespace}/more `;
        const [a, b] = [clusterWith(one), clusterWith([...one, more])];
        for (const {cause} of diffClusters(a, b, 'k8s').differences) {
          named++;
          expect(cause).toMatchObject({side: 'after', rule: expect.stringContaining(title)});
        }
        // nobody but the policy that is gone has denied what is possible now
        for (const {cause, before, after} of diffClusters(b, a, 'k8s').differences)
          if (subtract(after, before).length > 0)
            expect(cause).toMatchObject({side: 'before', rule: `${title}(default)`});
      }),
      {numRuns: 60, seed: 8},
    );
    expect(named).toBeGreaterThan(300);
  });
});

const folder = fileURLToPath(new URL('../../../shared/cases/netpol', import.meta.url));
if (!existsSync(folder))
  describe.skip('diffs of published lists (the folder shared/cases/netpol is missing)', () => it.todo('cases'));
else
  describe('diffs of published lists', () => {
    const cases = readdirSync(folder).filter((name) => name.startsWith('semanticDiff-'));
    const pairs = cases.flatMap((a) => cases.filter((b) => a < b).map((b) => [a, b] as const));
    const listed = (name: string) =>
      readFileSync(join(folder, name, 'connlist.txt'), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.includes('[External]'));

    it.each(pairs)('%s and %s', async (a, b) => {
      const [old, now] = await Promise.all([a, b].map((name) => load([join(folder, name, 'manifests')])));
      const {differences} = diffClusters(old!, now!, 'k8s');
      const said = (side: 'before' | 'after') =>
        differences
          .filter(({from, to}) => !`${from}${to}`.includes('[External]'))
          .filter((one) => one[side].length > 0)
          .map((one) => `${one.from} => ${one.to} : ${formatPorts(one[side])}`);
      const [then, today] = [new Set(listed(a)), new Set(listed(b))];
      expect(said('before').sort()).toEqual([...then].filter((line) => !today.has(line)).sort());
      expect(said('after').sort()).toEqual([...today].filter((line) => !then.has(line)).sort());
      expect(kubernetesMatrix(old!).length).toBeGreaterThan(0);
    });
  });
