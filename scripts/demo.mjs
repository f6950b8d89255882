// The main job on the embedded demo cluster, as a user would type it.
import {spawnSync} from 'node:child_process';
import {mkdirSync, statSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const ping = 'pod-a -> pod-b/icmp x2';
const call = 'pod-a -> my-svc:80/http';

const steps = [
  ['Where am I? The agent of node1', 'status'],
  ['Which services does it know?', 'service list'],
  ['Which devices does the node have?', 'ip -d link'],
  ['pod-a pings pod-b, on another node', 'ping -c 3 10.32.2.20 --pod pod-a'],
  [
    'The same packets on the wire between the nodes: Geneve',
    `tcpdump -nn -vv -c 4 -i eth0 'udp port 6081' --traffic '${ping}'`,
  ],
  [
    'pod-a calls my-svc: what the pod sees is the service address …',
    `tcpdump -nn -i eth0 tcp --pod pod-a --traffic '${call}'`,
  ],
  [
    '… and what the wire sees is the backend, inside Geneve',
    `tcpdump -nn -i eth0 'geneve and tcp' --traffic '${call}'`,
  ],
  ['Why: the service entry of connection tracking remembers the backend', `bpf ct list global --traffic '${call}'`],
  ['Capture node1’s eth0 to a file', `tcpdump -i eth0 -w out/demo.pcap --traffic '${ping}' --traffic '${call}'`],
  [
    'Capture every point of the cluster, named and explained',
    `export -o out/demo.pcapng --traffic '${ping}' --traffic '${call}'`,
  ],
];

mkdirSync('out', {recursive: true});
for (const [title, line] of steps) {
  process.stdout.write(`\n# ${title}\n$ wirelay ${line}\n`);
  // The shell splits the words as it would for the user; the demo cluster is named so that no wirelay.yaml nearby is taken instead.
  const result = spawnSync('sh', ['-c', `exec "${process.execPath}" "${bin}" ${line} --cluster demo`], {
    stdio: 'inherit',
  });
  if (result.status !== 0) {
    console.error(`demo: exit ${result.status}`);
    process.exit(1);
  }
}
process.stdout.write('\n');
for (const file of ['out/demo.pcap', 'out/demo.pcapng'])
  console.log(`${file}: ${statSync(file).size} bytes; open it in Wireshark`);
