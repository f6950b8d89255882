/** Connections through a node's rules with `everyKind`, by real packets and by walks, and what must come of them in every mode. */
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {everyKind} from './clusters.js';

export const clients: Readonly<Record<string, string>> = {
  'pod-a': '10.32.1.10',
  out: '192.0.2.1',
  friend: '203.0.113.200',
  'pod-b': '10.32.2.20',
};

export type Flow = readonly [client: string, protocol: 'tcp' | 'udp', address: string, port: number, count: number];

const udpIp = () => everyKind.services.find((s) => s.name === 'udp')!.clusterIps[0] as number;
const text = (ip: number) => `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;

/** What can come of a flow: endpoints with the source they see, or how it fails. */
export const flows: readonly (readonly [title: string, flow: Flow, outcomes: readonly string[]])[] = [
  [
    'pod to ClusterIP',
    ['pod-a', 'tcp', '10.96.10.50', 80, 40],
    ['10.32.2.20 sees 10.32.1.10', '10.32.3.30 sees 10.32.1.10'],
  ],
  [
    'outside to ClusterIP',
    ['out', 'tcp', '10.96.10.50', 80, 30],
    ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.0.0.5'],
  ],
  ['node port', ['out', 'tcp', '10.0.0.5', 30080, 30], ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.0.0.5']],
  ['external IP', ['out', 'tcp', '203.0.113.10', 80, 30], ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.0.0.5']],
  ['UDP', ['pod-a', 'udp', text(udpIp()), 53, 30], ['10.32.2.20 sees 10.32.1.10', '10.32.3.30 sees 10.32.1.10']],
  [
    'allowed at the load balancer',
    ['friend', 'tcp', '203.0.113.20', 80, 30],
    ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.0.0.5'],
  ],
  ['not allowed at the load balancer', ['out', 'tcp', '203.0.113.20', 80, 1], ['timeout']],
  ['no endpoints', ['pod-a', 'tcp', '10.96.10.70', 80, 3], ['refused']],
  ['no endpoints, external IP', ['out', 'tcp', '203.0.113.70', 80, 3], ['refused']],
  ['no endpoints, node port', ['out', 'tcp', '10.0.0.5', 31000, 3], ['refused']],
  ['no local endpoint, node port', ['out', 'tcp', '10.0.0.5', 30082, 1], ['timeout']],
  [
    'the same from a pod',
    ['pod-a', 'tcp', '10.0.0.5', 30082, 30],
    ['10.32.2.20 sees 10.32.1.10', '10.32.3.30 sees 10.32.1.10'],
  ],
  ['no local endpoint, internal', ['pod-a', 'tcp', '10.96.10.90', 80, 1], ['timeout']],
  [
    'an endpoint through its own service',
    ['pod-b', 'tcp', '10.96.10.50', 80, 30],
    ['10.32.2.20 sees 10.0.0.5', '10.32.3.30 sees 10.32.2.20'],
  ],
];

/** Flows through rules loaded into a kernel: the answers to each, and what `save` prints afterwards. */
export function sendReal(
  rules: string,
  sent: readonly Flow[],
  load: readonly string[],
  save: readonly string[],
): {readonly answers: string[][]; readonly saved: string} {
  const program = 'unshare';
  const script = fileURLToPath(new URL('packets.py', import.meta.url));
  const input = JSON.stringify({rules, flows: sent, load, save});
  const result = spawnSync(program, ['-n', 'python3', script], {input, encoding: 'utf8'});
  if (result.status !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout);
}
