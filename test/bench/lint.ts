/** `lint` of many manifests, cold, by whole processes. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {policyList} from './policy.js';
import {type Timed, timeCommands} from './ratio.js';

export const MANIFESTS = 1000;

/** A third each: a Deployment of three, its Service, its NetworkPolicy. One file has all three. */
function manifest(i: number): string {
  const meta = `metadata: {name: app-${i}, namespace: ns-${i % 20}}`;
  return [
    `apiVersion: apps/v1\nkind: Deployment\n${meta}\nspec:\n  replicas: 3\n  template:\n    metadata: {labels: {app: app-${i}, tier: t${i % 5}}}\n    spec:\n      containers:\n        - {name: c, image: i, ports: [{containerPort: 8080, name: http}]}\n`,
    `apiVersion: v1\nkind: Service\n${meta}\nspec:\n  selector: {app: app-${i}}\n  ports: [{port: 80, targetPort: http}]\n`,
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n${meta}\nspec:\n  podSelector: {matchLabels: {app: app-${i}}}\n  ingress:\n    - from: [{podSelector: {matchLabels: {tier: t${i % 5}}}}]\n      ports: [{port: http}]\n`,
  ].join('---\n');
}

export function benchLint(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  const dump = `${folder}.json`;
  try {
    for (let i = 0; i < MANIFESTS / 3; i++) writeFileSync(join(folder, `app-${i}.yaml`), manifest(i));
    writeFileSync(dump, JSON.stringify(policyList(false)));
    const lint = (path: string) => [
      process.execPath,
      'bin/run.js',
      'lint',
      path,
      '--select',
      'WL',
      '--fail-on',
      'error',
    ];
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        [`${MANIFESTS.toLocaleString('en')} manifests`, lint(folder)],
        ['10,000 pods, 2,000 policies (JSON)', lint(dump)],
      ],
      runs,
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
    rmSync(dump, {force: true});
  }
}
