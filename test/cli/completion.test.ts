import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {lookAlikes} from '../../src/cli/complete/look-alikes.js';
import {completeMain} from '../../src/cli/complete/main.js';
import {readManifest} from '../../src/cli/complete/own.js';
import {completionScripts, shells} from '../../src/cli/complete/scripts.js';
import {tools} from '../../src/cli/tools.js';
import {runMain} from '../memory-io.js';
import {describeWith} from '../oracle.js';

const project = join(import.meta.dirname, '../..');
const root = pathToFileURL(`${project}/`);
const main = completeMain(root);

async function offered(line: string, shell = 'bash', env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const words = line.split(/ +/);
  const {code, stdout, stderr} = await runMain(main, [shell, '--', ...words], {env, cwd: project});
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  return stdout.split('\n').filter(Boolean);
}

describe('what is offered', () => {
  const has: readonly (readonly [line: string, ...words: string[]])[] = [
    ['', 'trace', 'tcpdump', 'observe', 'completion', 'help'],
    ['tr', 'trace'],
    ['help tr', 'trace'],
    ['observe ', 'replay'],
    ['trace ', 'pod-a', 'kube-system/coredns-1', 'node/node2'],
    ['trace default/', 'default/pod-a'],
    ['trace pod-a my', 'my-svc:80'],
    ['trace --permit-all pod-a my', 'my-svc:80'],
    ['trace --out', '--output'],
    ['trace -o ', 'text', 'json', 'mermaid'],
    ['trace -o m', 'mermaid'],
    ['trace -om', '-omermaid'],
    ['trace --output=m', '--output=mermaid'],
    ['trace --node ', 'node1', 'node2', 'node3'],
    ['trace -f ', ':file'],
    ['diff ', ':file'],
    ['tcpdump -i ', 'eth0', 'cilium_geneve', 'lo'],
    ['tcpdump -nni ', 'eth0'],
    ['tcpdump -ieth', '-ieth0'],
    ['tcpdump --interface=et', '--interface=eth0'],
    ['tcpdump --pod pod-a -i ', 'eth0', 'lo'],
    ['tcpdump --from-pod ', 'pod-a'],
    ['tcpdump --service ', 'my-svc'],
    ['tcpdump -i eth0 gen', 'geneve'],
    ['tcpdump -r ', ':file'],
    ['tcpdump --set spec.cilium.tunnel-protocol=vxlan -i cilium_', 'cilium_vxlan'],
    ['ip link show dev ', 'eth0'],
    ['ip -d l sh ', 'eth0', 'type'],
    ['ip link show type ', 'geneve', 'vxlan'],
    ['ip route get from 10.32.1.10 iif ', 'eth0'],
    ['ip ', 'link', 'address', 'route', 'neigh', 'rule'],
    ['cilium service ', 'list'],
    ['service ', 'list'],
    ['bpf lb ', 'list', 'maglev'],
    ['monitor -t ', 'drop', 'policy-verdict'],
    ['identity get ', '1'],
    ['hubble observe --verdict D', 'DROPPED'],
    ['kubectl get ', 'pods', 'services'],
    ['kubectl get po ', 'pod-a'],
    ['kubectl -n kube-system get pods ', 'coredns-1'],
    ['kubectl get -n ', 'kube-system', 'default'],
    ['kubectl exec pod-a -- pi', 'ping', 'ping6'],
    ['run -- tcpdump -i ', 'eth0'],
    ['iptables -t ', 'nat'],
    ['dig my', 'my-svc.default.svc.cluster.local'],
    ['dig +sh', '+short'],
    ['dig -t A', 'A', 'AAAA'],
    ['ss -tan state est', 'established'],
    ['nc -', '-z'],
    ['conntrack -L -p ', 'tcp', 'udp'],
    ['conntrack -L -p tcp --state EST', 'ESTABLISHED'],
    ['nft list ', 'ruleset'],
    ['ping 10.96.10.', '10.96.10.50'],
    ['completion ', 'bash', 'zsh', 'fish'],
    ['schema ', 'cluster', 'case'],
    ['wireshark status ', '--output', '--help'],
  ];
  for (const [line, ...words] of has)
    it(`wirelay ${line}⇥`, async () => {
      const found = await offered(line);
      for (const word of words) expect(found).toContain(word);
      const typed = line.split(' ').at(-1) ?? '';
      for (const word of found) expect(word === ':file' || word.startsWith(typed), word).toBe(true);
    });

  it('nothing where nothing fits', async () => {
    expect(await offered('trace pod-a pod-b ')).not.toContain('pod-c');
    expect(await offered('trace --traffic ')).toEqual([]);
    expect(await offered('nosuch ')).toEqual([]);
    expect(await offered('trace -- --')).toEqual([]);
    expect(await offered('kubectl -n nosuch get pods ')).toEqual([]);
  });

  it('says nothing of a cluster that is not there, broken, or to come on standard input', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wl-complete-'));
    writeFileSync(join(folder, 'broken.yaml'), 'kind: [Cluster');
    mkdirSync(join(folder, 'empty'));
    try {
      for (const path of ['/nonexistent', '-', join(folder, 'broken.yaml'), join(folder, 'empty')]) {
        expect(await offered(`trace -f ${path} `)).toEqual([]);
        expect(await offered(`tcpdump --cluster=${path} -i `)).toEqual([]);
        if (path !== '-') expect(await offered('trace ', 'zsh', {WIRELAY_CLUSTER: path})).toEqual([]);
      }
      expect(await offered('trace --node nosuch ')).toEqual([]);
    } finally {
      rmSync(folder, {recursive: true});
    }
  });

  it('names of the cluster on the line, and of WIRELAY_CLUSTER', async () => {
    const folder = mkdtempSync(join(tmpdir(), "wl-it's here-"));
    const path = join(folder, 'a b.yaml');
    const spec = 'spec: {nodes: [{name: alpha}], pods: [{name: one}, {name: two, namespace: other}]}';
    writeFileSync(path, `apiVersion: wirelay.dev/v1alpha1\nkind: Cluster\nmetadata: {name: x}\n${spec}\n`);
    try {
      expect(await offered('trace --node ', 'bash', {WIRELAY_CLUSTER: path})).toEqual(['alpha']);
      for (const quoted of [path.replace(/[' ]/g, '\\$&'), `"${path}"`]) {
        const {stdout} = await runMain(main, ['bash', '--', 'trace', '-f', quoted, '']);
        expect(stdout.split('\n')).toEqual(expect.arrayContaining(['one', 'other/two', 'node/alpha']));
      }
      const {stdout} = await runMain(main, ['zsh', '--', 'trace', '-f', path, 'o']);
      expect(stdout).toBe('one\tdefault\nother/two\tother\n');
    } finally {
      rmSync(folder, {recursive: true});
    }
  });

  it('a name with control characters in it moves no cursor', async () => {
    const {stdout} = await runMain(main, ['zsh', '--', 'trace', '--output=\u001b[31m', '']);
    expect(stdout).not.toContain('\u001b');
  });
});

describe('one source', () => {
  const commands = readManifest(root);

  it('each look-alike has its row', () => {
    const shown = Object.keys(tools).filter((name) => commands.some(({id}) => id === name));
    expect(Object.keys(lookAlikes).sort()).toEqual(shown.sort());
  });

  it('each command and flag of the manifest is offered', async () => {
    for (const {id, flags} of commands) {
      const words = id.split(':');
      expect(await offered([...words.slice(0, -1), words.at(-1)].join(' '))).toContain(words.at(-1));
      const found = await offered(`${words.join(' ')} --`);
      const deeper = ['bpf', 'service', 'endpoint', 'identity', 'node'].includes(id);
      if (deeper) continue;
      expect(found, id).toEqual(expect.arrayContaining(Object.keys(flags).map((name) => `--${name}`)));
    }
  });

  it('no option is offered that its tool does not know', async () => {
    for (const [name, load] of Object.entries(lookAlikes)) {
      const row = tools[name];
      const grammar = await load();
      if (!row || grammar.commands) continue;
      const tool = await row.load();
      for (const {names, takesValue} of grammar.options)
        for (const option of takesValue ? [] : names) {
          const {stderr} = await runMain(tool, [...row.before, option], {cwd: project});
          expect(stderr, `${name} ${option}`).not.toMatch(/unknown|unrecognized|invalid option|nothing was changed/i);
        }
    }
  });

  it('no word of ip is offered that ip does not take', async () => {
    const tool = await tools.ip!.load();
    for (const object of ['link', 'address', 'route', 'neigh', 'rule'])
      for (const word of await offered(`ip ${object} show `)) {
        const {stdout} = await runMain(main, ['bash', '--', 'ip', object, 'show', word, '']);
        const value = stdout.split('\n')[0] || (word === 'label' ? 'eth0' : '10.0.0.5');
        const words = stdout.trim() === '' && ['up'].includes(word) ? [word] : [word, value];
        const single = (await offered('ip link show ')).includes(word) && !['dev', 'type', 'group'].includes(word);
        const {code, stderr} = await runMain(tool, [object, 'show', ...(single ? [word] : words)]);
        expect({code, stderr}, `ip ${object} show ${words.join(' ')}`).toMatchObject({code: 0});
      }
  });
});

describe('the scripts', () => {
  let folder: string;
  const env = () => ({
    ...process.env,
    PATH: `${folder}/bin:${process.env.PATH}`,
    WIRELAY_CLUSTER: 'demo',
    HOME: folder,
  });
  const has = (shell: string) => spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wl-tab-'));
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'some folder'));
    writeFileSync(join(folder, 'bin/wirelay'), `#!/bin/sh\nexec '${process.execPath}' '${project}/bin/run.js' "$@"\n`);
    chmodSync(join(folder, 'bin/wirelay'), 0o755);
    for (const shell of shells) writeFileSync(join(folder, shell), completionScripts[shell]);
  });
  afterAll(() => rmSync(folder, {recursive: true, force: true}));

  for (const shell of shells)
    it.skipIf(!has(shell))(`${shell} parses it (skipped where ${shell} is not installed)`, () => {
      execFileSync(shell, ['-n', join(folder, shell)]);
    });

  it('fish: blocks are closed', () => {
    const words = completionScripts.fish.split('\n').map((line) => line.trim().split(' ')[0]);
    const opened = words.filter((word) => ['function', 'for', 'if'].includes(word ?? '')).length;
    expect(words.filter((word) => word === 'end')).toHaveLength(opened);
  });

  it.skipIf(!has('fish'))('fish offers names of the cluster (skipped where fish is not installed)', () => {
    const script = `source ${folder}/fish; for line in $argv; complete -C $line; end`;
    const lines = ['wirelay trace pod-', 'wirelay tcpdump -i cilium_g', 'wirelay trace pod-a pod-b --output=me'];
    const out = execFileSync('fish', ['--no-config', '-c', script, ...lines], {
      env: env(),
      cwd: folder,
      encoding: 'utf8',
    });
    const words = out.split('\n').map((line) => line.split('\t')[0]);
    expect(words.filter(Boolean)).toEqual(['pod-a', 'pod-b', 'pod-c', 'cilium_geneve', '--output=mermaid']);
  });

  /** What bash would put on the line: the function is called as readline calls it. */
  function bash(line: string, point = line.length): string[] {
    const script = `
      source ${folder}/bash
      COMP_LINE=$1 COMP_POINT=$2
      # split as readline does, at blanks and at : and =
      mapfile -t COMP_WORDS < <(grep -oE "[:=]+|([^ :=\\\\\\\\]|\\\\\\\\.)+" <<<"$COMP_LINE")
      [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      compopt() { :; }
      _wirelay
      (( \${#COMPREPLY[@]} )) && printf '%s\\n' "\${COMPREPLY[@]}"
      true`;
    const out = execFileSync('bash', ['-c', script, 'bash', line, String(point)], {
      env: env(),
      cwd: folder,
      encoding: 'utf8',
    });
    return out.split('\n').filter(Boolean);
  }

  it('bash puts words together again that it split at : and =', () => {
    expect(bash('wirelay trace pod-a my-svc:')).toEqual(['80']);
    expect(bash('wirelay trace --output=me')).toEqual(['mermaid']);
    expect(bash('wirelay trace pod-a my')).toEqual(['my-svc:80']);
    expect(bash('wirelay trace   --node   no')).toEqual(['node1', 'node2', 'node3']);
    expect(bash('/somewhere/wirelay ip link show dev e')).toEqual(['eth0']);
    expect(bash('wirelay status --cluster some')).toEqual(['some folder']);
    expect(bash('kubectl get no')).toEqual(['nodes']);
  });

  it('bash: the cursor within a word', () => {
    expect(bash('wirelay trace pod-b', 'wirelay trace po'.length)).toEqual(['pod-a', 'pod-b', 'pod-c']);
  });

  describeWith(['tmux'], 'TAB on a terminal', () => {
    const tmux = (...words: string[]) =>
      execFileSync('tmux', ['-S', join(folder, 'tmux'), '-f', '/dev/null', ...words], {
        encoding: 'utf8',
        env: env(),
        cwd: folder,
      });
    const screen = () => tmux('capture-pane', '-p', '-J');
    const shows = async (text: string) => {
      for (let tries = 0; tries < 400 && !screen().includes(text); tries++)
        await new Promise((resolve) => setTimeout(resolve, 30));
      expect(screen()).toContain(text);
    };
    const start: Readonly<Record<string, readonly [command: string, ready: string]>> = {
      bash: ['bash --norc -i', `PS1='ready> '; source ./bash; bind 'set bell-style none'`],
      zsh: ['zsh -f -i', "PS1='ready> '; autoload -U compinit; compinit -u -D; source ./zsh; unsetopt beep"],
    };
    for (const [shell, [command, setup]] of Object.entries(start))
      it.skipIf(!has(shell))(`${shell} (skipped where it is not installed)`, async () => {
        tmux('new-session', '-d', '-x', '110', '-y', '40', `exec ${command}`);
        tmux('send-keys', '-l', setup);
        tmux('send-keys', 'Enter');
        await shows('\nready> ');
        const lines = [
          ['wirelay tcpdump -i cilium_g', 'wirelay tcpdump -i cilium_geneve'],
          ['wirelay trace pod-a my-svc:', 'wirelay trace pod-a my-svc:80'],
          ['wirelay trace pod-a pod-b --output=me', 'wirelay trace pod-a pod-b --output=mermaid'],
          ['wirelay status --cluster so', 'wirelay status --cluster some\\ folder/'],
          ['wirelay cilium servi', 'wirelay cilium service'],
        ] as const;
        for (const [typed, completed] of lines) {
          tmux('send-keys', '-l', typed);
          tmux('send-keys', 'Tab');
          await shows(completed);
          tmux('send-keys', 'C-c');
          tmux('clear-history');
        }
        tmux('send-keys', '-l', 'wirelay trace pod-');
        tmux('send-keys', 'Tab', 'Tab');
        await shows('pod-c');
        tmux('kill-server');
      });
  });
});
