/** `lint`: formats, selection, comments, mending, exit codes. */
import {execFileSync} from 'node:child_process';
import {lstatSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type LintRequest, runLint} from '../../../src/explain/lint/main.js';
import {rulesMarkdown} from '../../../src/explain/lint/print.js';
import {rules} from '../../../src/explain/lint/rules.js';
import {toSessionOptions} from '../../../src/session/options.js';
import {UserError} from '../../../src/term/error.js';
import {folderWith} from '../../cluster/load-input.js';
import {memoryIo} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';

const request = (path: string | undefined, more: Partial<LintRequest> = {}): LintRequest => ({
  session: toSessionOptions({cluster: path === undefined ? [] : [path]}),
  output: 'text',
  select: [],
  ignore: [],
  failOn: 'warning',
  platform: undefined,
  fix: false,
  diff: false,
  ...more,
});

async function run(
  files: Readonly<Record<string, string>>,
  more: Partial<LintRequest> = {},
  path = Object.keys(files)[0],
) {
  const cwd = folderWith(files);
  const io = {...memoryIo(), cwd};
  const code = await runLint(request(path, more), io);
  return {code, cwd, out: io.stdout.text, err: io.stderr.text};
}

const config = `apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data:
  tunnel: "geneve"   # as of 1.13
  kube-proxy-replacement: strict
  'node-port-mode': snat
  enable-legacy-services: "false"
`;

interface Result {
  readonly ruleId: string;
  readonly level: string;
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly locations?: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: {readonly uri: string};
      readonly region?: {readonly startLine: number};
    };
  }[];
}

const schema = fileURLToPath(new URL('../test/sarif.schema.json', import.meta.url));
const validate = 'import json,sys,jsonschema; jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])))';

describeWith(['jsonschema'], 'SARIF of lint', () => {
  it('is valid by its schema', async () => {
    for (const text of [config, 'kind: Namespace\nmetadata: {name: a}\n']) {
      const {out} = await run({'a b.yaml': text}, {output: 'sarif'});
      execFileSync('/usr/bin/python3', ['-c', validate, schema], {input: out, stdio: ['pipe', 'ignore', 'inherit']});
    }
  });
});

describe('lint', () => {
  it('tells of the demo what AKS would refuse, and why', async () => {
    const io = memoryIo();
    expect(await runLint(request('demo'), io)).toBe(1);
    expect(io.stdout.text).toContain('WL-AKS-001: service CIDR 10.96.0.0/12: AKS takes /13 and smaller');
    expect(io.stdout.text).toContain('source: learn.microsoft.com/azure/aks/concepts-network-azure-cni-overlay');
    expect(io.stdout.text).toContain('of its 524,288 addresses 512,000 can be pods');
    const strict = memoryIo();
    expect(await runLint(request('demo', {platform: 'aks', failOn: 'error'}), strict)).toBe(1);
    expect(strict.stdout.text).toContain('error WL-AKS-001');
    expect(await runLint(request('demo', {platform: 'other', failOn: 'info'}), memoryIo())).toBe(0);
  });

  it('exits by weight', async () => {
    const files = {'a.yaml': 'kind: Service\nmetadata: {name: a}\nspec: {clusterIP: None, ports: [{port: 80}]}\n'};
    expect((await run(files)).code).toBe(0);
    expect((await run(files, {failOn: 'info'})).code).toBe(1);
    expect((await run({'c.yaml': config}, {failOn: 'error'})).code).toBe(1);
    expect((await run({'c.yaml': config}, {ignore: ['WL-CFG']})).code).toBe(0);
    expect((await run({'c.yaml': config}, {select: ['WL-SVC', 'WL-AKS-001']})).out).toBe('no findings\n');
    await expect(run({'c.yaml': config}, {select: ['WL-NO']})).rejects.toThrow(UserError);
    await expect(run({'c.yaml': config}, {ignore: ['WL-CF']})).rejects.toThrow(/no rule/);
    await expect(run({'c.yaml': 'kind: [\n'})).rejects.toThrow(UserError);
  });

  it('prints SARIF with results, rules, regions and fingerprints', async () => {
    const sarif = async (text: string) =>
      JSON.parse((await run({'my file.yaml': text}, {output: 'sarif'})).out) as {
        version: string;
        runs: {tool: {driver: {rules: {id: string; defaultConfiguration: {level: string}}[]}}; results: Result[]}[];
      };
    const clean = await sarif('kind: Namespace\nmetadata: {name: a}\n');
    expect(clean.version).toBe('2.1.0');
    expect(clean.runs[0]?.results).toEqual([]);
    expect(clean.runs[0]?.tool.driver.rules.map(({id}) => id)).toEqual(rules.map(({id}) => id));
    const results = (await sarif(config)).runs[0]?.results ?? [];
    expect(results.map(({ruleId, level}) => `${ruleId} ${level}`)).toContain('WL-CFG-001 error');
    expect(results[0]?.locations?.[0]?.physicalLocation).toMatchObject({
      artifactLocation: {uri: 'my%20file.yaml'},
      region: {startLine: 5},
    });
    const moved = (await sarif(`# one more line\n${config}`)).runs[0]?.results ?? [];
    expect(moved.map(({partialFingerprints}) => partialFingerprints)).toEqual(
      results.map(({partialFingerprints}) => partialFingerprints),
    );
    expect(new Set(results.map(({partialFingerprints}) => JSON.stringify(partialFingerprints))).size).toBe(
      results.length,
    );
  });

  it('prints JSON and annotations', async () => {
    const {findings, summary} = JSON.parse((await run({'c.yaml': config}, {output: 'json'})).out);
    expect(findings[0]).toMatchObject({id: 'WL-CFG-001', severity: 'error', file: 'c.yaml', line: 5, fixable: true});
    expect(summary).toEqual({error: 3, warning: 1, info: 0, ignored: 0});
    expect((await run({'c.yaml': config}, {output: 'github'})).out).toMatch(
      /^::error file=c\.yaml,line=5,col=11,title=WL-CFG-001 /,
    );
  });

  it('is silenced by comments on the line and above it', async () => {
    const commented = config
      .replace('  tunnel', '  # wirelay-ignore WL-CFG-001: not migrated yet\n  tunnel')
      .replace('strict', 'strict # wirelay-ignore WL-CFG')
      .replace("  'node", "  # wirelay-ignore WL-SVC, WL-XX-1\n  # and why\n  'node");
    const {out, err} = await run({'c.yaml': commented});
    expect(out).toContain('2 errors; 2 ignored by comments');
    expect(err).toContain('c.yaml:8:3: wirelay-ignore: there is no rule WL-XX-1');
    const all = await run({'c.yaml': config.replace('  tunnel', '  # wirelay-ignore\n  tunnel')});
    expect(all.err).toContain('names no rule');
    expect(all.out).toContain('3 errors');
  });

  it('takes a comment above a field for what stands in it', async () => {
    const text = (comment: string) =>
      `kind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n---\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: [{port: 80}]\n${comment}  selector:\n    app: wbe\n`;
    expect((await run({'a.yaml': text('')})).out).toContain('a.yaml:9:3: warning WL-SVC-001');
    expect((await run({'a.yaml': text('  # wirelay-ignore WL-SVC-001\n')})).out).toBe(
      'no findings; 1 ignored by comments\n',
    );
  });

  it('mends what a link leads to', async () => {
    const cwd = folderWith({'real.yaml': config});
    symlinkSync('real.yaml', join(cwd, 'link.yaml'));
    await runLint(request('link.yaml', {fix: true}), {...memoryIo(), cwd});
    expect(lstatSync(join(cwd, 'link.yaml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(cwd, 'real.yaml'), 'utf8')).toContain('routing-mode');
  });

  it('weighs less what may be elsewhere', async () => {
    const pod = 'kind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n---\n';
    const other =
      'kind: Service\nmetadata: {name: a, namespace: far}\nspec: {selector: {app: x}, ports: [{port: 80}]}\n---\nkind: NetworkPolicy\nmetadata: {name: p, namespace: far}\nspec: {podSelector: {}}\n';
    expect((await run({'a.yaml': pod + other})).out).toContain('2 info');
    const local =
      'kind: Service\nmetadata: {name: a}\nspec: {type: NodePort, externalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80}]}\n';
    expect((await run({'a.yaml': pod + local})).out).toBe('no findings\n');
  });

  it('mends in place what is safe, and leaves the rest of the text alone', async () => {
    const files = {'c.yaml': config.replaceAll('\n', '\r\n')};
    const {code, cwd, out, err} = await run(files, {fix: true});
    expect(code).toBe(0);
    expect(out).toBe('no findings\n');
    expect(err).toContain('c.yaml: 4 lines mended');
    const after = readFileSync(join(cwd, 'c.yaml'), 'utf8');
    expect(after).toBe(
      config
        .replace(
          '  tunnel: "geneve"   # as of 1.13',
          '  routing-mode: "tunnel"   # as of 1.13\n  tunnel-protocol: "geneve"',
        )
        .replace('strict', '"true"')
        .replace('node-port-mode', 'bpf-lb-mode')
        .replace('  enable-legacy-services: "false"\n', '')
        .replaceAll('\n', '\r\n'),
    );
  });

  it('mends no line that it cannot tell apart', async () => {
    const flow = 'kind: ConfigMap\nmetadata: {name: cilium-config}\ndata: {tunnel: vxlan, enable-ipv4: "true"}\n';
    const taken = config
      .replace('  kube', '  routing-mode: tunnel\n  kube')
      .replace(/ {2}(kube-proxy|'node|enable-leg).*\n/g, '');
    for (const text of [flow, taken]) {
      const {code, cwd} = await run({'c.yaml': text}, {fix: true});
      expect(code).toBe(1);
      expect(readFileSync(join(cwd, 'c.yaml'), 'utf8')).toBe(text);
    }
  });

  it('keeps the mode of the file, and shows the same as a diff', async () => {
    const {cwd, out} = await run({'c.yaml': config}, {diff: true});
    expect(out).toContain('--- c.yaml\n+++ c.yaml\n@@ -2,7 +2,7 @@');
    expect(out).toContain(
      '-  tunnel: "geneve"   # as of 1.13\n+  routing-mode: "tunnel"   # as of 1.13\n+  tunnel-protocol: "geneve"\n',
    );
    expect(readFileSync(join(cwd, 'c.yaml'), 'utf8')).toBe(config);
    writeFileSync(join(cwd, 'c.yaml'), config, {mode: 0o640});
    const before = statSync(join(cwd, 'c.yaml')).mode;
    await runLint(request('c.yaml', {fix: true}), {...memoryIo(), cwd});
    expect(statSync(join(cwd, 'c.yaml')).mode).toBe(before);
  });

  it('names no place of what is no file', async () => {
    for (const output of ['sarif', 'github'] as const) {
      const io = memoryIo();
      await runLint(request('demo', {output}), io);
      expect(io.stdout.text).toContain('WL-AKS-001');
      expect(io.stdout.text).not.toMatch(/"locations"|file=/);
    }
  });

  it('reads stdin, comments included', async () => {
    const io = {
      ...memoryIo(),
      readStdin: () => new TextEncoder().encode(config.replace('strict', 'strict # wirelay-ignore WL-CFG-002')),
    };
    expect(await runLint(request('-'), io)).toBe(1);
    expect(io.stdout.text).toContain('3 errors; 1 ignored by comments');
  });

  it('looks at all the rest when the loader refuses a part', async () => {
    const text = `apiVersion: wirelay.dev/v1alpha1
kind: Cluster
spec:
  nodes: 1
  serviceCIDR: 10.96.0.0/16
  pods:
    - {name: a, ip: 10.244.0.9, labels: {app: a}}
    - {name: b, ip: 10.244.0.9, node: gone}
  services:
    - {name: s, selector: {app: x}, ports: [80]}
    - {name: t, clusterIP: 1.2.3.4, selector: {app: a}, ports: [80]}
  traffic: [a -> nobody]
`;
    const {out} = await run({'a.yaml': text});
    for (const id of ['WL-IP-001', 'WL-REF-001', 'WL-SVC-001', 'WL-SVC-005']) expect(out).toContain(id);
  });

  it('says the same of many once', async () => {
    const crowded =
      'apiVersion: wirelay.dev/v1alpha1\nkind: Cluster\nspec: {nodes: 20, underlay: {vnet: 10.0.0.0/16, subnets: [10.0.0.0/28]}}\n';
    const {out} = await run({'a.yaml': crowded}, {select: ['WL-CIDR-007']});
    expect(out).toMatch(/no free address in 10\.0\.0\.0\/28.*, and \d more\n/);
    expect(out).toContain('\n1 error\n');
  });

  it('needs no nodes for many pods', async () => {
    const text = Array.from(
      {length: 20},
      (_, i) =>
        `kind: Deployment\nmetadata: {name: d${i}}\nspec: {replicas: 60, template: {metadata: {labels: {app: d}}, spec: {containers: []}}}\n`,
    ).join('---\n');
    expect((await run({'a.yaml': text})).out).toBe('no findings\n');
  });

  it('says nothing of a terminal’s control characters', async () => {
    const {out} = await run({
      'a.yaml':
        'kind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n---\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: "\\e[31mx"}, ports: [{port: 80}]}\n',
    });
    expect(out).toContain('WL-SVC-001');
    expect(out).not.toContain('\u001b');
  });

  it('ends with findings or the loader’s word on whatever it is given', async () => {
    const value = fc.oneof(
      fc.constantFrom(
        '10.0.0.0/8',
        '10.96.0.0/12',
        'fd00::/64',
        '10.244.0.9',
        'node1',
        'default/x',
        'http',
        'None',
        '',
      ),
      fc.integer({min: -1, max: 70000}),
      fc.boolean(),
    );
    const fields = ['podCIDR', 'serviceCIDR', 'nodes', 'profile', 'nodeCIDRMaskSize', 'dns', 'fixedVni'];
    const service = fc.record({
      name: fc.constantFrom('a', 'b'),
      type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
      clusterIP: fc.constantFrom('None', '10.96.0.7', undefined),
      externalName: fc.constantFrom('a.default.svc', 'b.default.svc.cluster.local', '1.2.3.4'),
      externalTrafficPolicy: fc.constantFrom('Local', 'Cluster'),
      selector: fc.constantFrom({app: 'a'}, {app: 'z'}),
      ports: fc.array(
        fc.record({
          port: fc.integer({min: 1, max: 65535}),
          targetPort: fc.constantFrom('http', 80),
          nodePort: fc.constantFrom(30080, 80),
        }),
        {maxLength: 3},
      ),
    });
    const pod = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      ip: fc.constantFrom('10.244.0.9', '10.9.9.9', 'fd00::9', undefined),
      node: fc.constantFrom('node1', 'node7', undefined),
      labels: fc.constantFrom({app: 'a'}, {app: 'b'}),
      hostNetwork: fc.boolean(),
      ports: fc.constantFrom([80], ['http:80'], [{port: 53, protocol: 'UDP', hostPort: 8472}]),
    });
    const spec = fc
      .tuple(
        fc.dictionary(fc.constantFrom(...fields), value),
        fc.array(pod, {maxLength: 4}),
        fc.array(service, {maxLength: 4}),
      )
      .map(([rest, pods, services]) => ({...rest, pods, services}));
    await fc.assert(
      fc.asyncProperty(spec, async (own) => {
        const text = JSON.stringify({apiVersion: 'wirelay.dev/v1alpha1', kind: 'Cluster', spec: own});
        try {
          const {out} = await run({'a.json': text}, {output: 'sarif'});
          expect(JSON.parse(out).runs[0].results).toBeInstanceOf(Array);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      {numRuns: 150},
    );
  });

  it('is documented rule by rule', () => {
    const doc = readFileSync(new URL('../../../docs/lint.md', import.meta.url), 'utf8');
    expect(doc.slice(doc.indexOf('### WL-'))).toBe(rulesMarkdown());
  });
});
