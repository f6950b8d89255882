/** Our table in a real kernel: created in kube-proxy's order, and printed by the real nft. */
import {spawnSync} from 'node:child_process';
import fc from 'fast-check';
import {expect, it} from 'vitest';
import type {Cluster} from '../../../src/cluster/model.js';
import {createControl} from '../../../src/control/control.js';
import type {NftTable} from '../../../src/control/kube-proxy/nft/model.js';
import {NftExit} from '../../../src/tools/nft/argv.js';
import {formatOf} from '../../../src/tools/nft/main.js';
import {baseText, elementText, ruleText} from '../../../src/tools/nft/rule-text.js';
import {describeWith} from '../../oracle.js';
import {deepDive, everyKind, everyKindTwice, plainCluster} from '../iptables/clusters.js';
import {listed} from './list.js';

const isolate = 'unshare';

/** A shell in a fresh network namespace; stdin is a file of commands. */
function inNamespace(script: string, input: string): {code: number; stdout: string; stderr: string} {
  const result = spawnSync(isolate, ['-n', 'bash', '-c', script], {input, encoding: 'utf8', maxBuffer: 64 << 20});
  return {code: result.status ?? -1, stdout: result.stdout, stderr: result.stderr};
}

function tablesOf(cluster: Cluster, node: string): readonly NftTable[] {
  const state = createControl({...cluster, kubeProxy: {mode: 'nftables', scheduler: 'rr'}}).state(node);
  return state.nftables ?? [];
}

/** The commands of kube-proxy's transaction, objects by their handles. */
function transaction(table: NftTable): string {
  const {family, name, comment} = table;
  const where = `${family === 4 ? 'ip' : 'ip6'} ${name}`;
  const format = formatOf(new Set());
  const commands: [number, string][] = [];
  const chains = [...table.chains.values()];
  for (const {name: chain, handle, base, comment: said, rules} of chains) {
    const what = [base && baseText(base, true), said && `comment "${said}" ;`].filter(Boolean).join(' ');
    commands.push([handle, `add chain ${where} ${chain} { ${what} }`]);
    for (const rule of rules)
      commands.push([rule.handle, `add rule ${where} ${chain} ${ruleText(rule, family, format)}`]);
  }
  const address = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const types = {address, service: `${address} . inet_proto . inet_service`, port: 'inet_proto . inet_service'};
  for (const {name: set, handle, key, verdicts, comment: said, timeout} of table.sets.values()) {
    const parts = [`type ${types[key]}${verdicts ? ' : verdict' : ''} ;`];
    if (timeout !== undefined) parts.push(`flags dynamic,timeout ; timeout ${timeout}s ;`);
    if (said !== undefined) parts.push(`comment "${said}" ;`);
    commands.push([handle, `add ${verdicts ? 'map' : 'set'} ${where} ${set} { ${parts.join(' ')} }`]);
  }
  const elements = [...table.sets.values()].flatMap((set) =>
    [...set.elements.values()].map((e) => `add element ${where} ${set.name} { ${elementText(e, format)} }`),
  );
  const bases = chains.filter(({base}) => base);
  return [
    `add table ${where} { comment "${comment}" ; }`,
    ...bases.flatMap(({name: chain}) => [`add chain ${where} ${chain}`, `delete chain ${where} ${chain}`]),
    ...commands.sort(([a], [b]) => a - b).map(([, text]) => text),
    ...elements,
    '',
  ].join('\n');
}

const clusters = {deepDive, everyKind, everyKindTwice};

type Spec = Parameters<typeof plainCluster>[0][number];

/** Services that nobody chose. */
const anyService = fc.record({
  name: fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/),
  type: fc.constantFrom<Spec['type']>('ClusterIP', 'NodePort', 'LoadBalancer'),
  selector: fc.constantFrom({app: 'my-svc'}, {app: 'api'}, {app: 'none'}),
  ports: fc
    .uniqueArray(fc.tuple(fc.integer({min: 1, max: 65535}), fc.constantFrom('TCP', 'UDP', 'SCTP')), {
      minLength: 1,
      maxLength: 3,
      selector: ([port]) => port,
    })
    .map((ports) => ports.map(([port, protocol]) => ({name: `p${port}`, port, targetPort: 8080, protocol}))),
  externalIPs: fc.uniqueArray(
    fc.integer({min: 1, max: 99}).map((n) => `203.0.113.${n}`),
    {maxLength: 2},
  ),
  sessionAffinity: fc.constantFrom<Spec['sessionAffinity']>('None', 'ClientIP'),
  internalTrafficPolicy: fc.constantFrom<Spec['internalTrafficPolicy']>('Cluster', 'Local'),
});

function anyCluster(seed: number): Cluster {
  const services = fc.sample(fc.uniqueArray(anyService, {minLength: 1, maxLength: 12, selector: ({name}) => name}), {
    seed,
    numRuns: 1,
  })[0];
  const made = (services ?? []).map((service, i): Spec => {
    if (service.type !== 'LoadBalancer') return service as Spec;
    const ranges = [`198.51.100.${i * 16}/28`, `192.0.2.${i}/32`, '10.0.0.0/24'].slice(0, i % 4);
    const balanced = {loadBalancerIP: `203.0.113.${100 + i}`, loadBalancerSourceRanges: ranges};
    return {...(service as Spec), ...balanced, externalTrafficPolicy: i % 2 === 0 ? 'Local' : 'Cluster'};
  });
  return plainCluster(made);
}

describeWith(['nft', 'netns'], 'nft, real', () => {
  for (const [name, cluster] of Object.entries(clusters))
    for (const node of ['node1', 'node2']) {
      it(`${name} on ${node}: loaded and listed again, the same`, () => {
        const text = listed(tablesOf(cluster, node), 'list ruleset');
        const {stdout, stderr} = inNamespace('nft -f - && nft list ruleset', text);
        expect(stderr).toBe('');
        expect(stdout).toBe(text);
      });

      it(`${name} on ${node}: made in kube-proxy’s order, every option lists the same`, () => {
        const tables = tablesOf(cluster, node);
        const lines = [
          ...['', '-a ', '-n ', '-y ', '-p ', '-T ', '-S ', '-t ', '-s ', '-j ', '-jt '].map((o) => `${o}list ruleset`),
          ...['chains', 'sets', 'maps', 'tables', 'chains ip6', 'maps ip', '-']
            .map((what) => `list ${what}`)
            .slice(0, -1),
          ...['chains', 'sets', 'maps', 'tables'].map((what) => `-j list ${what}`),
          'list chain ip kube-proxy services',
          '-a list chain kube-proxy masquerading',
          '-j list chain kube-proxy reject-chain',
          'list map ip kube-proxy service-ips',
          '-j list map ip kube-proxy no-endpoint-services',
          'list set kube-proxy cluster-ips',
          '-a list tables',
          '-j list table ip kube-proxy',
          'list ruleset ip',
          'list ruleset inet',
        ];
        const script = lines.map((line) => `nft ${line.replace(';', '\\;')} || echo failed; echo ==`).join('\n');
        // What this nft says on stderr of `list chains` is a mistake of its own.
        const {stdout} = inNamespace(`nft -f - && { ${script}\n}`, tables.map(transaction).join(''));
        const real = stdout.split('==\n');
        for (const [i, line] of lines.entries()) expect(`${line}\n${listed(tables, line)}`).toBe(`${line}\n${real[i]}`);
      });
    }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('services of chance, %i: loaded and made in order, listed the same', (seed) => {
    const tables = tablesOf(anyCluster(seed), 'node2');
    const text = listed(tables, '-a list ruleset');
    expect(inNamespace('nft -f - && nft -a list ruleset', tables.map(transaction).join('')).stdout).toBe(text);
    const plain = listed(tables, 'list ruleset');
    expect(inNamespace('nft -f - && nft list ruleset', plain).stdout).toBe(plain);
  });

  it('errors and exit codes are the same', () => {
    const tables = tablesOf(everyKind, 'node1');
    const lines = [
      'list',
      'list foo',
      'list table',
      'list table ip foo',
      'list table kube-prox',
      'list table ip6 kube-proxy',
      'list ruleset foo',
      'list ruleset inet ip',
      'list chain ip kube-proxy nope',
      'list chain ip kube-proxyy services',
      'list set ip kube-proxy service-ips',
      'list map ip kube-proxy cluster-ips',
      'list set ip kube-proxy',
      'list table ip kube-proxy bar',
      'list tables -n',
      'list chains table',
      'list tables; list table ip nope',
      '-x',
      '--foo list tables',
      '',
    ];
    const script = lines.map(
      (line) => `nft ${line.replace(';', '\\;')} >out 2>err; c=$?; echo "$(cat err)$(cat out)=$c"; echo ==`,
    );
    const text = listed(tables, 'list ruleset');
    const {stdout} = inNamespace(`cd $(mktemp -d); nft -f -; ${script.join('\n')}`, text);
    const real = stdout.split('\n==\n');
    for (const [i, line] of lines.entries()) {
      let answer = 'no error';
      try {
        listed(tables, line);
      } catch (error) {
        if (!(error instanceof NftExit)) throw error;
        answer = `${error.stderr.replace(/\n+$/, '')}${error.stdout.replace(/\n+$/, '')}=${error.exitCode}`;
      }
      expect(`${line}: ${answer}`).toBe(`${line}: ${real[i]}`);
    }
  });
});
