/** How every command behaves in a shell, whatever it prints: pipes, full disks, closed files, missing clusters, terminals. */
import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readManifest} from '../../src/cli/complete/own.js';
import {tools} from '../../src/cli/tools.js';

const project = join(import.meta.dirname, '../..');
const commands = readManifest(pathToFileURL(`${project}/`)).map(({id}) => id);

const call = "--traffic 'pod-a -> my-svc:80/http'";
/** A line of each command, that answers on the demo. `json`: makes it JSON of ours; `alone`: looks at no cluster, or at its own. */
const samples: Readonly<
  Record<
    string,
    {
      readonly line: string;
      readonly code?: number;
      readonly json?: string;
      readonly alone?: true;
      readonly silent?: true;
    }
  >
> = {
  bpf: {line: `bpf ct list global ${call}`},
  cilium: {line: 'cilium status'},
  'cilium-dbg': {line: 'cilium-dbg ip list'},
  compare: {line: 'compare --services 10 --endpoints 2 --samples 2', json: '-o json', alone: true},
  completion: {line: 'completion bash', alone: true},
  config: {line: 'config -a'},
  conntrack: {line: 'conntrack -L --set spec.profile=kube-proxy', silent: true},
  curl: {line: 'curl -s my-svc --pod pod-a'},
  diff: {line: 'diff before.yaml after.yaml', code: 3, json: '-o json', alone: true},
  dig: {line: 'dig +search my-svc --pod pod-a'},
  disruption: {line: 'disruption my-svc', json: '-o json'},
  endpoint: {line: 'endpoint list'},
  export: {line: `export -o - ${call}`},
  graph: {line: 'graph'},
  hubble: {line: `hubble observe ${call}`},
  identity: {line: 'identity list'},
  inspect: {line: 'inspect', json: '-o json'},
  ip: {line: 'ip -d link'},
  ip6tables: {line: 'ip6tables -t nat -S --cluster dual-stack.yaml --set spec.profile=kube-proxy', alone: true},
  'ip6tables-save': {line: 'ip6tables-save --cluster dual-stack.yaml --set spec.profile=kube-proxy', alone: true},
  iptables: {line: 'iptables -t nat -S --set spec.profile=kube-proxy'},
  'iptables-save': {line: 'iptables-save --set spec.profile=kube-proxy'},
  ipvsadm: {line: 'ipvsadm -Ln --set spec.profile=kube-proxy --set spec.kubeProxy.mode=ipvs'},
  kubectl: {line: 'kubectl get pods -A -o wide'},
  ladder: {line: 'ladder -r hops.pcapng', json: '-o json', alone: true},
  lint: {line: 'lint', code: 1, json: '-o json'},
  matrix: {line: 'matrix', json: '-o json'},
  monitor: {line: `monitor ${call}`},
  nc: {line: 'nc -z my-svc 80 --pod pod-a', silent: true},
  nft: {line: 'nft list ruleset --set spec.profile=kube-proxy --set spec.kubeProxy.mode=nftables'},
  node: {line: 'node list'},
  nslookup: {line: 'nslookup my-svc --pod pod-a'},
  'observe:replay': {line: 'observe replay flows.jsonl', json: '-o json'},
  packet: {line: "packet 'udp port 6081'", json: '-o json'},
  ping: {line: 'ping -c 2 10.32.2.20 --pod pod-a'},
  ping6: {line: 'ping6 -c 1 pod-b --pod pod-a --cluster dual-stack.yaml', alone: true},
  policy: {line: 'policy selectors'},
  report: {line: 'report -o - --walks 1'},
  run: {line: 'run -- ip link'},
  schema: {line: 'schema', alone: true},
  service: {line: 'service list'},
  shell: {line: 'shell', silent: true},
  ss: {line: 'ss -lun'},
  status: {line: 'status'},
  tcpdump: {line: `tcpdump -nn -i eth0 ${call}`},
  test: {line: 'test case.yaml', json: '-o json', alone: true},
  timeline: {line: `timeline ${call}`, json: '-o json'},
  traceroute: {line: 'traceroute -n -q 1 pod-b --pod pod-a'},
  traceroute6: {line: 'traceroute6 -n pod-b --pod pod-a --cluster dual-stack.yaml', alone: true},
  trace: {line: 'trace pod-a my-svc:80', json: '-o json'},
  ui: {line: 'ui'},
  why: {line: 'why pod-a pod-b:8080', json: '-o json'},
  'wireshark:install': {line: 'wireshark install --dir plugin'},
  'wireshark:status': {line: 'wireshark status', json: '-o json', alone: true},
  'wireshark:uninstall': {line: 'wireshark uninstall', alone: true, silent: true},
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wl-manners-'));
  for (const name of ['bin', 'empty']) mkdirSync(join(folder, name));
  const program = join(folder, 'bin/wirelay');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${project}/bin/run.js' "$@"\n`);
  chmodSync(program, 0o755);
  const definition = (rest: string) =>
    `apiVersion: wirelay.dev/v1alpha1\nkind: Cluster\nmetadata: {name: x}\nspec:\n  pods: [{name: a}, {name: b}]\n${rest}`;
  const deny =
    '---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}, policyTypes: [Ingress]}\n';
  writeFileSync(join(folder, 'before.yaml'), definition(''));
  writeFileSync(join(folder, 'after.yaml'), definition(deny));
  writeFileSync(
    join(folder, 'dual-stack.yaml'),
    `apiVersion: wirelay.dev/v1alpha1\nkind: Cluster\nmetadata: {name: x}\nspec:\n  podCIDR: [10.32.0.0/16, 'fd00:10::/56']\n  serviceCIDR: [10.96.0.0/16, 'fd00:96::/112']\n  underlay: {vnet: [10.0.0.0/16, 'fd00::/64']}\n  cilium: {enable-ipv6: true}\n  pods: [{name: pod-a}, {name: pod-b}]\n`,
  );
  writeFileSync(
    join(folder, 'case.yaml'),
    'apiVersion: wirelay.dev/v1alpha1\nkind: Case\nmetadata: {name: x}\nspec:\n  cluster: demo\n  expect:\n    - {flow: pod-a -> pod-b/icmp, verdict: allow}\n',
  );
  sh('wirelay trace pod-a pod-b -w hops.pcapng');
  sh(`wirelay hubble observe --all -o jsonpb ${call} > flows.jsonl`);
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function sh(line: string, env: Readonly<Record<string, string | undefined>> = {}): Ran {
  const {status, stdout, stderr} = spawnSync('bash', ['-c', line], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${folder}/bin:${process.env.PATH}`,
      SHELL: '/bin/true',
      HOME: folder,
      XDG_CONFIG_HOME: undefined,
      WIRELAY_CLUSTER: 'demo',
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      ...env,
    },
    encoding: 'utf8',
    timeout: 50_000,
  });
  return {code: status, out: stdout, err: stderr};
}

const ESCAPE = '\u001b';
/** A stack trace, or what Node prints above one. */
const crash = /^ {4}at |node:internal|Unhandled|\[object Object\]|(Type|Reference|Range)Error/m;

it('lines are of commands that there are', () => {
  expect(commands).toEqual(expect.arrayContaining(Object.keys(samples)));
});

for (const id of commands)
  describe(`wirelay ${id}`, () => {
    const name = id.replaceAll(':', ' ');

    it('--help: examples, no wider than the terminal', () => {
      for (const columns of [80, 60]) {
        const {code: status, out, err} = sh(`wirelay ${name} --help`, {COLUMNS: String(columns)});
        expect({status, err}).toEqual({status: 0, err: ''});
        expect(out).toContain('EXAMPLES');
        expect(out).not.toContain(ESCAPE);
        const wide = out.split('\n').filter((text) => text.length > columns && !/^ *\$ |^ *\S+$/.test(text));
        expect(wide).toEqual([]);
      }
      expect(sh(`wirelay ${name} --help | head -1; exit \${PIPESTATUS[0]}`)).toMatchObject({code: 0, err: ''});
    });

    it('an option that does not exist', () => {
      const {code: status, out, err} = sh(`wirelay ${name} --no-such-option`);
      expect(status).not.toBe(0);
      expect(out + err).not.toBe('');
      expect(err).not.toMatch(crash);
      if (!Object.hasOwn(tools, id)) {
        expect(status).toBe(2);
        expect(err).toContain('--no-such-option');
        expect(err).toContain('--help');
      }
    });
  });

for (const [id, {line, code = 0, json, alone, silent}] of Object.entries(samples))
  describe(`wirelay ${line}`, () => {
    const name = id.replaceAll(':', ' ');

    it('no escape sequences off a terminal; one exit code', () => {
      const plain = sh(`wirelay ${line}`);
      expect(plain).toMatchObject({code});
      // bytes of a capture are what they are
      if (id !== 'export') expect(plain.out + plain.err).not.toContain(ESCAPE);
      if (!silent) expect(plain.out).not.toBe('');
      const never = sh(`wirelay ${line}`, {NO_COLOR: '1', FORCE_COLOR: '1'});
      if (!silent) expect(never.out).toBe(plain.out);
    });

    it('a reader that leaves is no failure', () => {
      const {code: status, err} = sh(`{ wirelay ${line} 2>&3 | head -c 1 >/dev/null; } 3>&2; exit \${PIPESTATUS[0]}`);
      expect(status === code || status === 0 || status === 141, String(status)).toBe(true);
      expect(err).not.toMatch(/EPIPE|Broken pipe/);
      expect(err).not.toMatch(crash);
    });

    it('a full disk, closed files', () => {
      const full = sh(`wirelay ${line} > /dev/full`);
      expect(full.err).not.toMatch(crash);
      if (!silent && id !== 'run') {
        expect(full.code).not.toBe(0);
        expect(full.err).toMatch(/no space left/i);
      }
      for (const closed of ['<&-', '>&-', '2>&-']) {
        const ran = sh(`wirelay ${line} ${closed}`);
        expect(ran.err, closed).not.toMatch(crash);
        if (closed !== '>&-') expect(ran.code, closed).toBe(code);
      }
    });

    if (!alone)
      it('a cluster that is not there; a folder without files', () => {
        for (const ran of [
          sh(`wirelay ${line}`, {WIRELAY_CLUSTER: '/nonexistent/x.yaml'}),
          sh(`wirelay ${line.replace(name, `${name} --cluster empty`)}`),
        ]) {
          expect(ran).toMatchObject({code: 2, out: ''});
          expect(ran.err).toMatch(/^wirelay: (\/nonexistent\/x\.yaml|empty): no /m);
          expect(ran.err).not.toMatch(crash);
        }
      });

    if (json)
      it('JSON with a schemaVersion', () => {
        const {code: status, out} = sh(`wirelay ${line} ${json}`);
        expect(status).toBe(code);
        expect(JSON.parse(out)).toMatchObject({schemaVersion: expect.anything()});
      });
  });

describe('a file in a folder that is not there', () => {
  for (const line of [
    'export -o no/where.pcapng',
    'tcpdump -nn -i eth0 -w no/where.pcap',
    'trace pod-a pod-b -w no/where.pcapng',
    'run -- tcpdump -c 1 -i eth0 -w no/where.pcap',
  ])
    it(`wirelay ${line}`, () => {
      const {code, err} = sh(`wirelay ${line}`);
      expect(code).not.toBe(0);
      expect(err).toContain('no/where.pcap');
      expect(err).toMatch(/no such file or (directory|folder)/i);
      expect(err).not.toMatch(crash);
    });
});

describe('words that are no command', () => {
  it('say which one may be meant, exit 2', () => {
    for (const [line, hint] of [
      ['trac', 'trace'],
      ['tpcdump -i eth0', 'tcpdump'],
      ['observe', 'replay'],
      ['help trac', 'trace'],
      ['--clutser x', ''],
    ] as const) {
      const {code, out, err} = sh(`wirelay ${line}`);
      expect(err, line).not.toMatch(crash);
      expect(out + err, line).toContain(hint);
      if (line !== 'observe') expect(code, line).toBe(2);
    }
  });
});
