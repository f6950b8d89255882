import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';

const program = join(import.meta.dirname, '../../bin/run.js');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wl-run-'));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(words: readonly string[]): {readonly child: ChildProcess; readonly ended: Promise<Ended>} {
  const {WIRELAY_SESSION: _, ...env} = process.env;
  const child = spawn(process.execPath, [program, 'run', '--cluster', 'demo', ...words], {
    cwd: folder,
    env: {...env, XDG_RUNTIME_DIR: folder},
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out = {stdout: '', stderr: ''};
  child.stdout.on('data', (bytes: Buffer) => (out.stdout += bytes));
  child.stderr.on('data', (bytes: Buffer) => (out.stderr += bytes));
  child.stdin.end();
  return {child, ended: new Promise((resolve) => child.on('close', (code) => resolve({code, ...out})))};
}

const bash = (script: string, ...options: string[]) => start([...options, '--', 'bash', '-c', script]).ended;
const homes = () => readdirSync(folder).filter((name) => name.startsWith('wirelay-'));
const until = async (holds: () => boolean) => {
  for (let tries = 0; tries < 400 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('wirelay run', () => {
  it('gives the exit code of its command, and that of a signal', async () => {
    expect((await bash('exit 7')).code).toBe(7);
    expect((await bash('kill -TERM $$')).code).toBe(143);
    expect(await start(['--', 'no-such-command']).ended).toMatchObject({code: 127});
  });

  it('puts our tools in front of PATH and leaves the rest', async () => {
    const {stdout} = await bash(
      'dirname "$(command -v ip)"; command -v sed; ip -br link show eth0; echo "$PPID" | sed s/./x/',
    );
    const [tools, sed, link] = stdout.split('\n');
    expect(tools).toContain(folder);
    expect(sed).not.toContain(folder);
    expect(link).toMatch(/^eth0 +UP +/);
  });

  it('keeps its socket for its owner and removes it', async () => {
    const {stdout} = await bash(
      'stat -c %a "$WIRELAY_SESSION" "$(dirname "$WIRELAY_SESSION")"; echo "$WIRELAY_SESSION"',
    );
    expect(stdout).toMatch(/^600\n700\n/);
    expect(existsSync(dirname(stdout.trim().split('\n')[2]!))).toBe(false);
    expect(homes()).toEqual([]);
  });

  it('shows one command’s traffic to a tcpdump beside it, and finishes its file on SIGINT', async () => {
    const {stdout, stderr} = await bash(
      `tcpdump -nn -i eth0 -w one.pcap 'udp port 6081' & watch=$!
       sleep 0.6; ping -c 2 -i 0.2 10.32.3.30; sleep 0.1; kill -INT $watch; wait $watch; echo "code $?"
       tcpdump -nn -r one.pcap | grep '10.32.3.30: ICMP echo request' | wc -l`,
    );
    expect(stdout).toContain('2 packets transmitted, 2 received, 0% packet loss');
    expect(stdout).toContain('code 0');
    expect(stderr).toMatch(/\d+ packets captured\n\d+ packets received by filter\n0 packets dropped by kernel\n/);
    expect(Number(stdout.trim().split('\n').at(-1))).toBe(2);
  });

  it('leaves the standard input of a script to the script', async () => {
    const {stdout} = await bash(
      'printf "a\\nb\\n" | while read line; do ip link show eth0 >/dev/null; echo "got $line"; done',
    );
    expect(stdout).toBe('got a\ngot b\n');
  });

  it('starts at the viewpoint that is named', async () => {
    const {stdout} = await bash('ip -4 -br addr show eth0; ip -4 -br addr show eth0 --node node3', '--pod', 'pod-b');
    expect(stdout).toMatch(/^eth0@if\d+ +UP +10\.32\.2\.20\/32 *\neth0 +UP +10\.0\.0\.7\/16 *\n$/);
  });

  it('refuses options that are the session’s', async () => {
    for (const option of ['--cluster demo', '--set spec.seed=2', '--seed 3', "--traffic 'pod-a -> pod-b/icmp'"])
      expect(await bash(`ip link ${option}`)).toMatchObject({code: 2, stderr: expect.stringMatching(/^wirelay: --/)});
  });
});

describe('ends of a session', () => {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGKILL'] as const)
    it(`${signal} leaves nothing behind`, async () => {
      const {child, ended} = start([
        '--',
        'bash',
        '-c',
        'trap "exit 3" TERM HUP INT; echo $$ > shell.$1; tcpdump -i eth0 & echo $! > "$1"; while :; do sleep 0.05; done',
        'x',
        `pid-${signal}`,
      ]);
      await until(() => existsSync(join(folder, `pid-${signal}`)) && statSync(join(folder, `pid-${signal}`)).size > 0);
      expect(homes().length).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, 300));
      child.kill(signal);
      if (signal === 'SIGKILL') {
        // the orphan's next command, and the tcpdump that ran, find nobody
        const pid = Number(readFileSync(join(folder, `pid-${signal}`), 'utf8'));
        await until(() => !isAlive(pid));
        expect(isAlive(pid)).toBe(false);
        await until(() => homes().length === 0);
        process.kill(Number(readFileSync(join(folder, `shell.pid-${signal}`), 'utf8')), 'SIGKILL');
      } else expect((await ended).code).toBe(3);
      await until(() => homes().length === 0);
      expect(homes()).toEqual([]);
    });

  it('a killed client stops its tool, whose file is whole', async () => {
    const {stdout, code} = await bash(
      'tcpdump -nn -i eth0 -w killed.pcap & sleep 0.4; ping -c 1 10.32.2.20 >/dev/null; kill -KILL $!; sleep 0.3; tcpdump -nn -r killed.pcap | grep -c Geneve',
    );
    expect(code).toBe(0);
    expect(Number(stdout)).toBeGreaterThanOrEqual(2);
  });

  it('commands without a session say so', async () => {
    const {stdout} = await bash('cat "$(command -v ip)"');
    const launcher = join(folder, 'left-over');
    writeFileSync(launcher, stdout, {mode: 0o755});
    const ran = await new Promise<Ended>((resolve) => {
      const child = spawn(launcher, ['link'], {stdio: ['ignore', 'pipe', 'pipe']});
      let stderr = '';
      child.stderr.on('data', (bytes: Buffer) => (stderr += bytes));
      child.on('close', (code) => resolve({code, stdout: '', stderr}));
    });
    expect(ran).toMatchObject({code: 2, stderr: expect.stringContaining('it has ended')});
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z';
  } catch {
    return false;
  }
}
