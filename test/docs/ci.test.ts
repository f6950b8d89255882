/** The pipelines of docs/ci.md, the composite action, the hooks of pre-commit and kubectl's plugin: their commands are run. */
import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import {root} from './console.js';

interface Step {
  readonly name: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, {readonly default: string}>>;
  readonly runs: {readonly steps: readonly Step[]};
}

const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action;
const page = readFileSync(join(root, 'docs/ci.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

let folder: string;
const cluster = `apiVersion: wirelay.dev/v1alpha1
kind: Cluster
metadata: {name: shop}
spec:
  nodes: 2
  podCIDR: 10.32.0.0/16
  serviceCIDR: 10.96.0.0/16
  pods: [{name: web, labels: {app: web}, ports: [8080]}, {name: client}]
  services: [{name: web, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}]
`;
const deny = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wl-ci-'));
  for (const name of ['bin', 'deploy', 'cases']) mkdirSync(join(folder, name));
  for (const name of ['wirelay', 'kubectl-wirelay']) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\nexec '${process.execPath}' '${root}/bin/run.js' "$@"\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  symlinkSync(join(root, 'bin/kubectl_complete-wirelay.js'), join(folder, 'bin/kubectl_complete-wirelay'));
  writeFileSync(join(folder, 'deploy/cluster.yaml'), cluster);
  writeFileSync(join(folder, 'cases/case.yaml'), blocks('yaml').at(-1) ?? '');
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...words], {
      cwd: folder,
      stdio: 'ignore',
    });
  git('init', '-q', '-b', 'main');
  git('add', 'deploy', 'cases');
  git('commit', '-qm', 'first');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

function sh(script: string, env: Readonly<Record<string, string>> = {}, shell = 'bash') {
  const {status, stdout, stderr} = spawnSync(shell, ['-e', '-c', script], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${folder}/bin:${process.env.PATH}`,
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      ...env,
    },
    encoding: 'utf8',
  });
  return {code: status, text: stdout + stderr};
}

/** A step of the action with the values of its inputs in place. */
function step(name: string, inputs: Readonly<Record<string, string>>) {
  const found = action.runs.steps.find((one) => one.name === name);
  if (!found?.run) throw new Error(`no step ${name}`);
  const env = Object.fromEntries(
    Object.entries(found.env ?? {}).map(([key, text]) => [
      key,
      text.replace(
        /\$\{\{ inputs\.([\w-]+) \}\}/g,
        (_, input: string) => inputs[input] ?? action.inputs[input]?.default ?? `unknown ${input}`,
      ),
    ]),
  );
  return sh(found.run, env);
}

describe('the action', () => {
  it('puts no input into a script: they come as variables', () => {
    for (const {run = '', shell, env = {}} of action.runs.steps) {
      expect(run).not.toContain('${{');
      if (run) expect(shell).toBe('bash');
      for (const text of Object.values(env))
        for (const [, input = ''] of text.matchAll(/inputs\.([\w-]+)/g))
          expect(Object.keys(action.inputs)).toContain(input);
    }
  });

  it('lint: annotations, SARIF beside', () => {
    expect(step('Lint', {cluster: 'deploy\n', 'sarif-file': 'out.sarif'})).toMatchObject({code: 0});
    expect(JSON.parse(readFileSync(join(folder, 'out.sarif'), 'utf8'))).toMatchObject({
      runs: [{results: expect.anything()}],
    });
    writeFileSync(join(folder, 'bad.yaml'), cluster.replace('10.96.0.0/16', '10.32.0.0/16'));
    const bad = step('Lint', {cluster: 'bad.yaml', 'sarif-file': 'out.sarif'});
    expect(bad.code).toBe(1);
    expect(bad.text).toContain('::error file=bad.yaml');
    expect(step('Lint', {cluster: 'nowhere', 'sarif-file': 'out.sarif'}).code).toBe(2);
  });

  it('test: cases, or the definition’s own expectations', () => {
    expect(step('Test', {cases: 'cases', 'junit-file': 'junit.xml'})).toMatchObject({code: 0});
    expect(existsSync(join(folder, 'junit.xml'))).toBe(true);
  });

  it('diff: against the base, told in the summary', () => {
    expect(step('Diff', {base: 'main', path: 'deploy'})).toMatchObject({code: 0});
    writeFileSync(join(folder, 'deploy/policy.yaml'), deny);
    try {
      const changed = step('Diff', {base: 'main', path: 'deploy'});
      expect(changed).toMatchObject({code: 0});
      expect(changed.text).toContain('::notice file=deploy/policy.yaml');
      expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain(
        '| removed | default/client[Pod] | default/web[Pod] |',
      );
      expect(step('Diff', {base: 'main', path: 'deploy', 'allow-changes': 'false'}).code).toBe(3);
      expect(step('Test', {cases: 'cases'}).code).toBe(1);
    } finally {
      rmSync(join(folder, 'deploy/policy.yaml'));
    }
  });
});

describe('docs/ci.md', () => {
  it('GitHub: only inputs that the action has', () => {
    const [text = ''] = blocks('yaml');
    const {jobs} = parse(text) as {jobs: {wirelay: {steps: {uses: string; with?: Record<string, string>}[]}}};
    const own = jobs.wirelay.steps.find(({uses}) => uses.startsWith('OWNER/wirelay'));
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(own?.with ?? {none: ''})));
  });

  it('GitLab: the script runs', () => {
    const [, text = ''] = blocks('yaml');
    const {network} = parse(text) as {network: {script: string[]}};
    for (const line of network.script)
      expect(sh(line, {CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main'}), line).toMatchObject({code: 0});
    expect(readFileSync(join(folder, 'wirelay-junit.xml'), 'utf8')).toContain('<testsuite');
  });

  it('shell: the script runs under sh', () => {
    const ran = sh(blocks('sh')[0] ?? '', {}, 'sh');
    expect(ran).toMatchObject({code: 0});
    expect(ran.text).toContain('unchanged');
  });

  it('pre-commit: the hooks are there, and run', () => {
    const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as {id: string; entry: string}[];
    const {repos} = parse(blocks('yaml')[2] ?? '') as {repos: {hooks: {id: string; args: string[]}[]}[]};
    for (const {id, args} of repos[0]?.hooks ?? []) {
      const entry = hooks.find((hook) => hook.id === id)?.entry;
      expect(sh(`${entry} ${args.join(' ')}`), id).toMatchObject({code: 0});
    }
  });
});

describe('kubectl wirelay', () => {
  it('is the program, and completes as kubectl asks', () => {
    expect(sh('kubectl-wirelay schema | head -1').text).toBe('{\n');
    const asked = sh("kubectl_complete-wirelay trace --node ''", {WIRELAY_CLUSTER: 'deploy'});
    expect(asked.text).toMatch(/^node1\t.*\nnode2\t.*\n:4\n$/);
    expect(sh("kubectl_complete-wirelay status --cluster ''").text).toBe(':0\n');
  });

  it('its names are in package.json', () => {
    const {bin} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {bin: Record<string, string>};
    for (const [name, path] of Object.entries(bin)) expect(existsSync(join(root, path)), name).toBe(true);
    expect(Object.keys(bin)).toEqual(
      expect.arrayContaining(['wirelay', 'kubectl-wirelay', 'kubectl_complete-wirelay']),
    );
  });
});
