/** `wirelay test` of many one-file cases, each with a cluster of its own: whole processes. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Timed, timeCommands} from './ratio.js';

export const CASES = 500;

/** Two nodes, a service, a policy; what is asked differs from file to file, and everything holds. */
function caseText(i: number): string {
  const [port, tunnel] = [8000 + i, i % 2 === 0 ? 'geneve' : 'vxlan'];
  return `apiVersion: wirelay.dev/v1alpha1
kind: Cluster
metadata: {name: case-${i}}
spec:
  nodes: 2
  cilium: {tunnel-protocol: ${tunnel}}
  pods:
    - {name: web, node: node1, labels: {app: web}}
    - {name: api, node: node2, labels: {app: api}, ports: [${port}]}
    - {name: db, node: node1, labels: {app: db}, ports: [5432]}
  services:
    - {name: api-svc, selector: {app: api}, ports: ["80:${port}"]}
  traffic: [web -> api-svc:80/http]
  expect:
    - {flow: web -> api-svc:80/http, verdict: allow, dnat: "api:${port}", source: kept, encapsulation: ${tunnel}}
    - {flow: web -> db:5432/tcp, verdict: deny, by: db}
    - {frames: {at: "node2:eth0", filter: udp, min: 2}}
    - {command: cilium status, contains: "Tunnel [${tunnel}]"}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}]}]}
`;
}

export function benchTesting(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    for (let i = 0; i < CASES; i++) writeFileSync(join(folder, `case-${String(i).padStart(3, '0')}.yaml`), caseText(i));
    const test = (path: string) => [process.execPath, 'bin/run.js', 'test', path, '-o', 'junit'];
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['test, one file of 4 expectations', test(join(folder, 'case-000.yaml'))],
        [`test, ${CASES} files of 4 expectations`, test(folder)],
      ],
      runs,
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
