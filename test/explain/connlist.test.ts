/** The matrix against np-guard's published connectivity lists. */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {kubernetesMatrix} from '../../src/explain/matrix/matrix.js';
import {printMatrix} from '../../src/explain/matrix/print.js';
import {load} from '../cluster/load-input.js';

const folder = fileURLToPath(new URL('../../../shared/cases/netpol', import.meta.url));
const sorted = (text: string) => text.split('\n').filter(Boolean).sort().join('\n');

if (!existsSync(folder))
  describe.skip('connectivity lists (the folder shared/cases/netpol is missing)', () => it.todo('cases'));
else
  describe('connectivity lists', () => {
    const cases = readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/connlist.txt`));

    it.each(cases)('%s', async (name) => {
      const cluster = await load([`${folder}/${name}/manifests`]);
      const expected = readFileSync(`${folder}/${name}/connlist.txt`, 'utf8');
      expect(sorted(printMatrix(kubernetesMatrix(cluster), 'connlist'))).toBe(sorted(expected));
    });
  });
