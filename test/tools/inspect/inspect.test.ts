import {describe, expect, it} from 'vitest';
import {inspectJson, inspectText} from '../../../src/tools/inspect/inspect.js';
import {folderWith, load} from '../../cluster/load-input.js';

const files = {
  'app/web.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2, template: {metadata: {labels: {app: web}}}}\n---\n' +
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n',
  'app/rbac.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n',
  'app/hostile.yaml': 'apiVersion: v1\nkind: "x\\e[2J"\nmetadata: {name: x}\n---\nkind: constructor\n',
  'app/kustomization.yaml': 'resources: [web.yaml]\n',
};

describe('inspect', () => {
  it('says what was read, inferred and skipped, and why', async () => {
    const text = inspectText(await load(['app'], {cwd: folderWith(files)}), {color: false});
    for (const line of [
      /│ app\/web.yaml +│ \d+ +│ 1 Deployment, 1 Service +│/,
      /^all files: 1 Deployment, 1 Service, 1 ServiceAccount, 1 constructor, 1 x\\x1b\[2J$/m,
      /^skipped: app\/kustomization.yaml: a kustomization, which is not built here; kubectl kustomize FOLDER/m,
      /^skipped: app\/rbac.yaml:1:1: 1 ServiceAccount object not read$/m,
      /^inferred: no nodes given: 3 are assumed$/m,
      /^inferred: 2 pods of 1 workload, as/m,
      /^inferred: addresses of 3 nodes, 2 pods and 2 services$/m,
      /^inferred: scheduling of 2 pods$/m,
      /^inferred: 1 security identity, from the labels of pods$/m,
    ])
      expect(text).toMatch(line);
    expect(text).not.toContain('\x1b');
  });

  it('says it to programs too', async () => {
    const json = JSON.parse(JSON.stringify(inspectJson(await load(['app'], {cwd: folderWith(files)}))));
    expect(json.input.objects).toEqual({Deployment: 1, Service: 1, ServiceAccount: 1, constructor: 1, 'x\x1b[2J': 1});
    expect(json.input.files.map(({name}: {name: string}) => name)).toEqual([
      'app/hostile.yaml',
      'app/rbac.yaml',
      'app/web.yaml',
    ]);
  });
});
