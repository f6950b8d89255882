/** Ours against the real kubectl 1.32, which asks an API server that has what ours has. */
import {execFile} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {createSession} from '../../../src/session/session.js';
import {kubectlMain} from '../../../src/tools/kubectl/main.js';
import {memoryIo, type Ran, runMain} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';
import {type ApiServer, startApiServer} from './api-server.js';

const commands = readFileSync(join(import.meta.dirname, 'commands.txt'), 'utf8')
  .trim()
  .split('\n');
/** Of any cluster. */
const everywhere = [
  'get all -A -o wide',
  'get pods,svc,ep,endpointslices,netpol,cnp,ccnp,nodes,ns,cm,ing,cep,cn,ciliumid -A --show-labels',
  'get svc,ep,endpointslices -A -o yaml',
  'get pods,nodes,cn,cep -A -o json',
  'describe pods -A',
  'describe svc -A',
  'describe ep,endpointslices,netpol,cnp,ccnp,cep,cn,ciliumid -A',
  'describe deploy,rs,sts,ds -A',
  'get svc -A -o custom-columns=N:.metadata.name,P:.spec.ports[*].port,S:.spec.selector',
];
const kinds = [
  'get jobs,cronjobs,ing -o wide',
  'get jobs,cronjobs,ing -o yaml',
  'describe job pi',
  'describe cronjob hello',
  'describe ing front',
  'describe deploy web',
  'describe cm web-conf',
  'describe ns team',
  'describe job,cronjob,ing -A',
  'set image deploy/web web=nginx:2 --dry-run=client',
  'set image deploy web *=nginx:2 --dry-run=client',
  'set image deploy/web web=nginx:1.27 --dry-run=client',
  'set image cronjob/hello hello=x --dry-run=client',
  'set image deploy/web nosuch=x --dry-run=client',
  'set image deploy/web',
  'set image web=x',
  'set image deploy web=x',
  'set image deploy/nosuch web=x',
  'set image svc/web web=x',
];
const fixtures = join(import.meta.dirname, '../../../fixtures');
const clusters = [
  [join(import.meta.dirname, 'shop.yaml'), [...everywhere, ...commands]],
  [join(import.meta.dirname, 'batch.yaml'), [...everywhere, ...kinds]],
  [join(fixtures, 'app'), everywhere],
  [join(fixtures, 'dual-stack.yaml'), everywhere],
  [join(fixtures, 'kube-proxy.yaml'), everywhere],
  [join(fixtures, 'policy.yaml'), everywhere],
] as const;

/** Words of a line, quotes taken off. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

for (const [path, lines] of clusters)
  describeWith(['kubectl'], `the real kubectl on ${path.split('/').at(-1)}`, () => {
    const home = mkdtempSync(join(tmpdir(), 'wirelay-kubectl-'));
    let server: ApiServer;

    beforeAll(async () => {
      const options = {cluster: [path], set: [], traffic: [], node: undefined, pod: undefined, seed: undefined};
      server = await startApiServer(await createSession({...options, keep: true}, memoryIo()));
      const clusters = [{name: 'c', cluster: {server: server.url}}];
      const contexts = [{name: 'c', context: {cluster: 'c', user: 'u'}}];
      const users = [{name: 'u', user: {}}];
      const config = {apiVersion: 'v1', kind: 'Config', clusters, contexts, users, 'current-context': 'c'};
      writeFileSync(join(home, 'config'), JSON.stringify(config));
    });
    afterAll(async () => {
      await server.close();
      rmSync(home, {recursive: true});
    });

    function real(words: readonly string[]): Promise<Ran> {
      const env = {PATH: process.env.PATH, HOME: home, KUBECONFIG: join(home, 'config'), TZ: 'UTC'};
      return new Promise((done) =>
        execFile('kubectl', [...words], {env, encoding: 'utf8', maxBuffer: 1e8}, (error, stdout, stderr) =>
          done({code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr}),
        ),
      );
    }

    it.each(lines)('kubectl %s', async (line) => {
      const words = wordsOf(line);
      const ours = await runMain(kubectlMain, ['--cluster', path, ...words]);
      const stderr = ours.stderr.replace(/^wirelay: warning: .*\n/gm, '');
      const theirs = await real(words);
      expect({...ours, stderr}).toEqual({
        ...theirs,
        stderr: theirs.stderr.replace(
          /^[EWI]\d{4} .*?err="(.*)"\n/s,
          (_, text: string) => `error: ${text.replaceAll('\\"', '"')}\n`,
        ),
      });
    });
  });
