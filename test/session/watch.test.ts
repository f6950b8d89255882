import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';

const program = join(import.meta.dirname, '../../bin/run.js');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wl-watch-'));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

function bash(
  script: string,
): Promise<{readonly code: number | null; readonly stdout: string; readonly stderr: string}> {
  const {WIRELAY_SESSION: _, ...env} = process.env;
  const words = ['run', '--cluster', 'demo', '--pod', 'pod-a', '--', 'bash', '-c', script];
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: {...env, XDG_RUNTIME_DIR: folder},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = {stdout: '', stderr: ''};
  child.stdout.on('data', (bytes: Buffer) => (out.stdout += bytes));
  child.stderr.on('data', (bytes: Buffer) => (out.stderr += bytes));
  return new Promise((resolve) => child.on('close', (code) => resolve({code, ...out})));
}

describe('commands that watch a session', () => {
  it('cilium monitor sees what others send, until SIGINT', async () => {
    const {stdout, stderr} = await bash(
      `cilium monitor > seen & watch=$!
       sleep 0.6; nc -zv 10.32.3.30 8080; sleep 0.2; kill -INT $watch; wait $watch; echo "code $?"
       grep -c '10.32.1.10:[0-9]* -> 10.32.3.30:8080 tcp SYN' seen`,
    );
    expect(stdout).toMatch(/code 0\n[1-9]\d*\n$/);
    expect(stderr).toContain('disconnecting from monitor');
  });

  it('hubble observe shows what has been, and with -f what comes', async () => {
    const {stdout} = await bash(
      `hubble observe -f --to-port 8080 > follow & watch=$!
       sleep 0.6; nc -zu -w 1 10.32.2.20 8080; kill -INT $watch; wait $watch
       grep -c 'default/pod-a.*default/pod-b:8080.*UDP' follow
       hubble observe --to-port 8080 --protocol udp --last 2 | wc -l
       hubble observe --all --protocol icmp | grep -c EchoRequest`,
    );
    const [followed, last, pings] = stdout.trim().split('\n').map(Number);
    expect(followed).toBeGreaterThan(0);
    expect(last).toBe(2);
    expect(pings).toBeGreaterThan(0);
  });

  it('traceroute from the session and by kubectl exec, seen by tcpdump, ended by SIGINT', async () => {
    const {stdout} = await bash(
      `tcpdump -i any -c 3 -nn icmp or udp portrange 33434-33534 > seen & sleep 0.6
       traceroute -n -q 1 pod-b | tail -1 | cut -d' ' -f1-4; wait; grep -c 'UDP, length 32' seen
       kubectl exec pod-a -- traceroute -T -n -q 1 -w 0.3 my-svc | head -1
       traceroute -n 10.32.9.9 & trace=$!; sleep 0.5; kill -INT $trace; wait $trace; echo "code $?"`,
    );
    expect(stdout).toMatch(
      /^ 2 {2}10\.32\.2\.20\n[1-9]\ntraceroute to my-svc \(10\.96\.10\.50\), 30 hops max, 60 byte packets\ntraceroute to .*\n?code 130\n$/,
    );
  });

  it('kubectl get -w: rows as the cluster changes, columns that only grow', async () => {
    const {stdout, stderr} = await bash(
      `kubectl get pods -w > seen & W=$!; kubectl get ns --watch-only -o name > names & N=$!
       kubectl get deploy -w --output-watch-events > events & D=$!; kubectl get pods -w | head -2 & H=$!
       sleep 0.8; kubectl create deploy a-deployment --image=nginx; kubectl scale deploy a-deployment --replicas=0
       kubectl label pod pod-a x=y; kubectl create ns team; kubectl delete ns team; wait $H
       kill -INT $W $N $D; wait $W; echo "code $?"; wait; cut -c1-60 seen; cat names; cut -d' ' -f1 events
       kubectl get pods,svc -w; kubectl get pods -w nosuch; kubectl get pods --output-watch-events`,
    );
    const lines = stdout.split('code 1\n')[1]?.split('\n') ?? [];
    expect(lines.slice(0, 4).map((line) => line.split(' ')[0])).toEqual(['NAME', 'pod-a', 'pod-b', 'pod-c']);
    expect(lines[4]).toMatch(/^a-deployment-\S{10}-\S{5} {3}1\/1 {5}Running/);
    expect(lines[5]).toBe(lines[4]);
    expect(lines[6]).toBe(`${'pod-a'.padEnd(lines[4]?.indexOf('1/1') ?? 0)}1/1     Running   0         `.slice(0, 60));
    expect(lines.slice(7, 13)).toEqual(['namespace/team', 'namespace/team', 'EVENT', 'ADDED', 'MODIFIED', '']);
    expect(stderr).toBe(
      'error: you may only specify a single resource type\nError from server (NotFound): pods "nosuch" not found\n' +
        'error: --output-watch-events option can only be used with --watch or --watch-only\n',
    );
  });

  it('nc, dig and ss share the one network', async () => {
    const {stdout} = await bash(
      `(echo one; sleep 0.8; echo two) | nc -N pod-b 8080 > echoed & sleep 0.4
       ss -tnH | grep -c '10.32.2.20:8080'; kubectl exec pod-b -- ss -tnH dport = :8080 | wc -l; wait; cat echoed
       kubectl exec pod-a -- dig +search +short my-svc; nslookup my-svc | tail -2 | head -1
       kubectl create service clusterip other --tcp=80:8080 >/dev/null; dig +search +short other | wc -l`,
    );
    expect(stdout).toBe('1\n0\none\ntwo\n10.96.10.50\nAddress: 10.96.10.50\n1\n');
  });
});
