import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';

const program = join(import.meta.dirname, '../../bin/run.js');

function bash(
  script: string,
  options: readonly string[] = [],
): {readonly code: number | null; readonly stdout: string; readonly stderr: string} {
  const {WIRELAY_SESSION: _, ...env} = process.env;
  const words = [program, 'run', '--cluster', 'demo', ...options, '--', 'bash', '-c', script];
  const {status, stdout, stderr} = spawnSync(process.execPath, words, {encoding: 'utf8', env, timeout: 30_000});
  return {code: status, stdout, stderr};
}

describe('kubectl in a session', () => {
  it('runs the deep-dive’s lines', () => {
    const {stdout} = bash(`kubectl -n kube-system exec -ti ds/cilium -- cilium status | grep -i tunnel
      kubectl exec -n kube-system ds/cilium -- cilium service list
      curl 10.96.10.50:80; kubectl exec pod-a -- curl my-svc
      timeout 2 tcpdump -i eth0 'udp port 6081' -nn`);
    expect(stdout).toContain('Tunnel [geneve]');
    expect(stdout).toMatch(/10\.96\.10\.50:80\/TCP +ClusterIP +1 => 10\.32\.2\.20:8080\/TCP/);
    expect(stdout.match(/^Hello from default\/pod-[bc] on node[23]$/gm)).toHaveLength(2);
    expect(stdout).toContain('Geneve');
  });

  it('changes the cluster that the next packet meets, and leaves the rest', () => {
    const {stdout, code} =
      bash(`kubectl create deployment web --image=nginx --replicas=2 --port=80 && kubectl expose deploy/web
      kubectl exec pod-a -- curl -s web; kubectl scale deploy web --replicas=0
      kubectl exec pod-a -- curl -s -m 1 web; echo "code $?"
      kubectl delete pod pod-b; for i in 1 2 3 4; do kubectl exec pod-a -- curl -s my-svc; done`);
    expect(code).toBe(0);
    expect(stdout).toContain('deployment.apps/web created\nservice/web exposed\nHello from default/web-');
    expect(stdout).toMatch(/deployment\.apps\/web scaled\ncode [1-9]/);
    expect(stdout.match(/^Hello from default\/pod-c on node3$/gm)).toHaveLength(4);
  });

  it('ends with kubectl’s words and codes', () => {
    expect(bash('kubectl get pods nosuch')).toMatchObject({
      code: 1,
      stderr: 'Error from server (NotFound): pods "nosuch" not found\n',
    });
    expect(bash('kubectl create service clusterip my-svc --tcp=80:8080').stderr).toBe(
      'error: failed to create ClusterIP service: services "my-svc" already exists\n',
    );
    expect(bash('kubectl logs pod-a')).toMatchObject({
      code: 2,
      stderr: 'wirelay: kubectl logs is not supported: containers run no programs of their own here\n',
    });
  });

  it('refuses objects that a session does not take, and with them the rest of their file', () => {
    const {stdout, stderr, code} = bash(`
      object() { printf 'apiVersion: %s\\nkind: %s\\nmetadata: {name: n9}\\n' "$1" "$2"; }
      { object v1 Namespace; echo ---; object v1 Node; } | kubectl apply -f -; echo "code $?"
      object v1 Node | kubectl create --dry-run=server -f -; echo "code $?"
      object v1 Endpoints | kubectl apply -f -; echo "code $?"
      kubectl get node node2 -o yaml | sed 's/^  labels:/&\\n    zone: x/' | kubectl apply -f -; echo "code $?"
      kubectl get nodes -o yaml | kubectl apply -f - >/dev/null; echo "code $?"
      kubectl get ns n9`);
    expect(stdout).toBe('code 2\ncode 2\ncode 2\ncode 2\ncode 0\n');
    expect(stderr.match(/^wirelay: .*$/gm)).toEqual([
      'wirelay: Node "n9" is not made in a session: a session keeps those of its definition',
      'wirelay: Node "n9" is not made in a session: a session keeps those of its definition',
      'wirelay: Endpoints "n9" is not made in a session: they follow from the pods, services and nodes',
      'wirelay: Node "node2" is not changed in a session: a session keeps those of its definition',
    ]);
    expect(stderr).toContain('namespaces "n9" not found');
    expect(code).toBe(1);
  });

  it('tells of kinds that its server does not know, and does the rest', () => {
    const {stdout, stderr} = bash(`
      object() { printf 'apiVersion: %s\\nkind: %s\\nmetadata: {name: n9}\\n' "$1" "$2"; }
      { object example.com/v1 Widget; echo ---; object v1 Namespace; } | kubectl apply -f -; echo "code $?"
      object example.com/v1 Widget | kubectl apply -f -; echo "code $?"`);
    expect(stdout).toBe('namespace/n9 created\ncode 1\ncode 1\n');
    expect(stderr).toBe('error: no matches for kind Widget (example.com): 1 object left out\n'.repeat(2));
  });

  it('a template that changes replaces the pods, one that stays keeps them', () => {
    const pods = 'kubectl get pods -l app=web -o jsonpath=\'{.items[*].metadata.name}{"\\n"}\'';
    const {stdout, stderr} = bash(`kubectl create deploy web --image=nginx --replicas=2 >/dev/null; ${pods}
      kubectl get deploy web -o yaml | kubectl apply -f - >/dev/null; ${pods}
      kubectl rollout restart deploy/web; ${pods}; kubectl get rs -l app=web --no-headers | wc -l
      kubectl patch deploy web -p '{"spec":{"replicas":3}}' >/dev/null; ${pods}
      kubectl set image deploy/web nginx=nginx:2; ${pods}; kubectl set image deploy/web '*=nginx:2'; ${pods}
      kubectl rollout restart svc my-svc; kubectl rollout undo deploy web; kubectl create job x --image=y; kubectl drain node1`);
    const [first, second, told, third, sets, fourth, set, fifth, sixth] = stdout.split('\n');
    expect(second).toBe(first);
    expect(told).toBe('deployment.apps/web restarted');
    expect(third?.split(' ').filter((name) => first?.includes(name))).toEqual([]);
    expect(sets?.trim()).toBe('1');
    expect(fourth?.split(' ')).toEqual(expect.arrayContaining(third?.split(' ') ?? []));
    expect(new Set(fourth?.split(' ').map((name) => name.split('-')[1])).size).toBe(1);
    expect(set).toBe('deployment.apps/web image updated');
    expect(fifth?.split(' ').filter((name) => fourth?.includes(name))).toEqual([]);
    expect(sixth).toBe(fifth);
    expect(stderr.split('\n').map((line) => line.replace(/:.*/, ''))).toEqual([
      'error',
      'wirelay',
      'wirelay',
      'wirelay',
      '',
    ]);
  });

  it('says what cilium-config does not do', () => {
    const {stdout, stderr} = bash(`
      kubectl patch cm cilium-config -n kube-system --type=merge -p '{"data":{"tunnel-protocol":"vxlan"}}'
      kubectl -n kube-system rollout restart ds/cilium; cilium status | grep -o 'Tunnel .*]'`);
    expect(stdout).toBe('configmap/cilium-config patched\nTunnel [geneve]\n');
    expect(stderr).toMatch(
      /^wirelay: warning: cilium-config is kept without effect.*\n.*agents of a session do not restart/,
    );
  });

  it('planned events happen to what commands have made of the cluster', () => {
    const {stdout} = bash(
      `kubectl create deploy web --image=nginx --replicas=2 >/dev/null; kubectl delete pod pod-c >/dev/null
       sleep 2.5; kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name} {.status.podIP}{"\\n"}{end}'
       kubectl scale deploy web --replicas=0 >/dev/null; kubectl get pods -l app=web -o name | wc -l
       kubectl scale deploy web --replicas=1 >/dev/null; kubectl get pods -l app=web -o name | wc -l`,
      ['--event', 'at=1500ms restart pod-b', '--event', 'at=2s delete pod-c'],
    );
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0]?.replace(/-\S{10}-\S{5}$/, ''))).toEqual([
      ...['pod-a', 'pod-b', 'web', 'web'],
      ...['0', '1'],
    ]);
    expect(lines[1]).not.toContain('10.32.2.20');
  });

  it('200 commands at once', () => {
    const {stdout} = bash('for i in $(seq 200); do ip -br link show eth0 & done | grep -c ^eth0; wait');
    expect(stdout).toBe('200\n');
  });
});
