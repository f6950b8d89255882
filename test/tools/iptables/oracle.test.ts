/** Our rules in a real kernel: loaded, printed by the real programs, and walked by real packets. */
import {spawnSync} from 'node:child_process';
import {expect, it} from 'vitest';
import {fixed, oneOf} from '../../../src/control/kube-proxy/rule.js';
import {IptablesExit, parseIptables, parseSave} from '../../../src/tools/iptables/argv.js';
import {listChains} from '../../../src/tools/iptables/list.js';
import {noCounters} from '../../../src/tools/iptables/rule-text.js';
import {listRules} from '../../../src/tools/iptables/save.js';
import {describeWith} from '../../oracle.js';
import {deepDive, everyKind, everyKindTwice, rulesetOf, savedText, withoutComments} from './clusters.js';

const isolate = 'unshare';

/** A shell in a fresh network namespace; stdin is what `iptables-restore` shall load. */
function inNamespace(script: string, input: string): {code: number; stdout: string; stderr: string} {
  const result = spawnSync(isolate, ['-n', 'bash', '-c', script], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: {...process.env, TZ: 'UTC'},
  });
  return {code: result.status ?? -1, stdout: result.stdout, stderr: result.stderr};
}

const clusters = {deepDive, everyKind, everyKindTwice};

describeWith(['iptables', 'netns'], 'iptables, real', () => {
  for (const [name, cluster] of Object.entries(clusters))
    for (const node of ['node1', 'node2'])
      it(`${name} on ${node}: restored and saved again, the same`, () => {
        const text = savedText(rulesetOf(cluster, node));
        const {stdout, stderr} = inNamespace('iptables-restore && iptables-save', text);
        expect(stderr).toBe('');
        expect(withoutComments(stdout)).toBe(text);
      });

  it('IPv6: restored and saved again, the same', () => {
    const text = savedText(rulesetOf(everyKindTwice, 'node1', 6));
    expect(text).toContain('--to-destination [fd00:32');
    const {stdout, stderr} = inNamespace('ip6tables-restore && ip6tables-save', text);
    expect(stderr).toBe('');
    expect(withoutComments(stdout)).toBe(text);
  });

  it('IPv6: listed the same', () => {
    const ruleset = rulesetOf(everyKindTwice, 'node1', 6);
    const {stdout} = inNamespace('ip6tables-restore; ip6tables -t nat -L -n -v', savedText(ruleset));
    const table = ruleset.tables.find((t) => t.name === 'nat')!;
    const options = {family: 6, numeric: true, verbose: true, exact: false, lineNumbers: false} as const;
    expect(listChains(table, noCounters, options, undefined, undefined)).toBe(stdout);
  });

  it('every probability up to 1 of 4200, as kube-proxy writes it and as it is printed back', () => {
    const ns = Array.from({length: 4199}, (_, i) => i + 2);
    const rules = ns.map((n) => `-A OUTPUT -m statistic --mode random --probability ${fixed(1 / n, 10)} -j ACCEPT`);
    const {stdout} = inNamespace('iptables-restore && iptables -S', `*filter\n${rules.join('\n')}\nCOMMIT\n`);
    const printed = [...stdout.matchAll(/--probability (\S+)/g)].map((m) => m[1]);
    const ours = ns.map((n) => {
      const match = oneOf(n);
      return match.kind === 'statistic' ? fixed(match.below / 2 ** 31, 11) : '';
    });
    expect(ours).toEqual(printed);
  });

  const lines = [
    '-t nat -L -n',
    '-t nat -L -n -v',
    '-t nat -nvxL --line-numbers',
    '-L',
    '-t nat -L -v -x',
    '-t mangle -L',
    '-t raw -L -n',
    '-t security -S',
    '-S',
    '-t nat -S -v',
    '-t nat -L KUBE-SERVICES 2 -n --line-numbers',
    '-t nat -S KUBE-SERVICES 3',
    '-t nat -S KUBE-SERVICES 300',
    '-t nat -L KUBE-SERVICES 300 -v',
    '-tnat -nvLKUBE-POSTROUTING',
    '--tab nat --list=KUBE-NODEPORTS --num',
    '--list- KUBE-FORWARD',
    '-L NOPE',
    '-t nat -S NOPE',
    "-L ''",
    '-t foo -L',
    '',
    '-n',
    '-x',
    '-t nat',
    '--foo',
    '--lis',
    '-y',
    '-L -y',
    '-L -S',
    '-L A B C',
    '-L KUBE-FORWARD 0',
    '-L KUBE-FORWARD 1x',
    '-L -t',
    '-L -v KUBE-FORWARD',
    '-nL -t nat KUBE-SERVICES',
    '-L -n foo=bar',
    '-L -s 1.2.3.4',
    '-L -p tcp',
    '-L -i eth0',
    '-S --line-numbers',
    '-S -n',
    '-S -x',
    '-L -w 5 -n',
    '-w 5 -L KUBE-FORWARD',
    '-L KUBE-EXTERNAL-SERVICES-AAAAAAAAAA',
    '-L -- KUBE-FORWARD',
    '-L !',
    '-6 -L',
    '-4 -L KUBE-FORWARD',
    '-V',
    '--version -L',
  ];

  it('command lines: the same output, errors and exit codes', () => {
    const ruleset = rulesetOf(everyKind);
    const script = lines.map(
      (line) => `iptables ${line} >out 2>err; c=$?; cat out; echo "==err"; cat err; echo "==$c"; echo "=="`,
    );
    const {stdout} = inNamespace(`cd $(mktemp -d); iptables-restore\n${script.join('\n')}`, savedText(ruleset));
    const real = stdout.split('\n==\n');
    for (const [i, line] of lines.entries()) {
      const words = line
        .split(' ')
        .filter(Boolean)
        .map((word) => (word === "''" ? '' : word));
      expect(`${line}\n${ours(words)}`).toBe(`${line}\n${real[i]}`);
    }
  });

  it('iptables-save: the same errors and exit codes', () => {
    const wrong = ['-x', 'bla', '-t', '-h', '--foo', '-4', '-c bla', '--table'];
    for (const line of wrong) {
      const real = inNamespace(`iptables-save ${line}`, '');
      let [code, stderr] = [0, ''];
      try {
        parseSave(line.split(' '), 'iptables-save');
      } catch (error) {
        if (!(error instanceof IptablesExit)) throw error;
        [code, stderr] = [error.exitCode, error.stderr];
      }
      expect({line, code, stderr}).toEqual({line, code: real.code, stderr: real.stderr});
    }
  });

  function ours(words: readonly string[]): string {
    const shown = (stdout: string, stderr: string, code: number) => `${stdout}==err\n${stderr}==${code}`;
    const ruleset = rulesetOf(everyKind);
    try {
      const command = parseIptables(words, 'iptables');
      const empty = {raw: ['PREROUTING', 'OUTPUT'], security: ['INPUT', 'FORWARD', 'OUTPUT']}[command.table];
      const table =
        ruleset.tables.find((t) => t.name === command.table) ??
        (empty && {
          name: 'raw' as const,
          chains: new Map(empty.map((name) => [name, {name, builtin: true, rules: []}])),
        });
      if (!table)
        return shown(
          '',
          `iptables v1.8.9 (nf_tables): table '${command.table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n`,
          3,
        );
      const {chain, number, verbose} = command;
      if (chain !== undefined && !table.chains.has(chain))
        return shown(
          '',
          `iptables v1.8.9 (nf_tables): chain \`${chain}' in table \`${command.table}' is incompatible, use 'nft' tool.\n`,
          1,
        );
      const text =
        command.command === 'list'
          ? listChains(table, noCounters, {...command, family: 4}, chain, number)
          : listRules(table, 4, noCounters, verbose, chain, number);
      return shown(text, '', 0);
    } catch (error) {
      if (!(error instanceof IptablesExit)) throw error;
      return shown(error.stdout, error.stderr, error.exitCode);
    }
  }
});
