/** Published manifests: what is found in them was looked at one by one; nothing else may be. */
import {existsSync, readdirSync, statSync} from 'node:fs';
import {join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {loadDefinition} from '../../../src/cluster/load.js';
import {lint} from '../../../src/explain/lint/lint.js';
import {UserError} from '../../../src/term/error.js';

const folder = fileURLToPath(new URL('../../../../shared/cases', import.meta.url));

/** Rules that rightly say something of weight, by case; all others have none. */
const known: Readonly<Record<string, readonly string[]>> = {
  // ports that no pod has are what the case is about
  'netpol/netpol_named_port_test_2': ['WL-POL-004'],
  // the same objects once apart and once in all-in-one.yaml
  'manifests/kubernetes+examples': ['WL-DEF-002'],
};

function cases(): string[] {
  const netpol = readdirSync(join(folder, 'netpol')).map((name) => join(folder, 'netpol', name, 'manifests'));
  const manifests = readdirSync(join(folder, 'manifests')).map((name) => join(folder, 'manifests', name));
  const policies = readdirSync(join(folder, 'cilium-policies'), {recursive: true, encoding: 'utf8'})
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .map((name) => join(folder, 'cilium-policies', name));
  return [...netpol, ...manifests, ...policies].filter((path) => existsSync(path) && statSync(path).size > 0);
}

if (!existsSync(folder))
  describe.skip('published manifests (the folder shared/cases is missing)', () => it.todo('cases'));
else
  describe('published manifests', () => {
    it.each(cases().map((path) => [relative(folder, path).replace(/\/manifests$/, ''), path]))(
      '%s',
      async (name, path) => {
        const input = {paths: [path ?? ''], sets: [], env: {}, cwd: folder, readStdin: () => new Uint8Array()};
        const loaded = await loadDefinition(input).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UserError);
        });
        if (!loaded) return;
        const found = lint({...loaded, platform: undefined}).filter(({severity}) => severity !== 'info');
        expect([...new Set(found.map(({rule}) => rule.id))]).toEqual(known[name ?? ''] ?? []);
      },
    );
  });
