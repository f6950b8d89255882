/** `npm run bench`: everything, side by side; the result is also written to docs/benchmarks.md. */
import {writeFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {BIG, benchDefinition, benchRules, RULES} from './definition.js';
import {benchFrames, framesTable} from './frames.js';
import {benchGraph, DRAWN} from './graph.js';
import {benchInput, HUGE} from './input.js';
import {benchKubectl} from './kubectl.js';
import {benchLint, MANIFESTS} from './lint.js';
import {benchModes} from './modes.js';
import {benchPolicy, POLICIES} from './policy.js';
import {ratioTable} from './ratio.js';
import {benchReport, REPORTED} from './report.js';
import {benchServices} from './services.js';
import {benchSession} from './session.js';
import {benchStartup} from './startup.js';
import {benchTcpdump, tcpdumpTable} from './tcpdump.js';
import {benchTesting, CASES} from './testing.js';
import {benchTrace} from './trace.js';
import {benchUi, FLOWS} from './ui.js';

const sections: [title: string, text: string, table: string][] = [];
const say = (title: string, text: string, table: string) => {
  sections.push([title, text, table]);
  process.stdout.write(`${title}\n${table}\n`);
};

say(
  'Start-up',
  'Whole processes, median of 15 interleaved runs, and the ratio to starting node. Target: `status` and `--version` at most 2.5 ×.',
  ratioTable(benchStartup(15)),
);
say(
  'A command in a session',
  'Whole processes inside `wirelay run`, median of 15 interleaved runs, and the ratio to starting node. Target: at most 1.5 ×.',
  ratioTable(benchSession(15)),
);
say(
  'Simulated frames',
  'pod-a sends UDP to pod-b on another node, which echoes it; every Geneve frame that passes node1’s eth0 is written to a pcap file, one core. ' +
    'Target: 500,000 frames a second, memory flat in their number. One run each, from cold code. scapy builds and writes the same kind of frame.',
  framesTable(await benchFrames()),
);
say(
  'A big definition',
  `${BIG.nodes.toLocaleString('en')} nodes, ${BIG.pods.toLocaleString('en')} pods, ${BIG.services.toLocaleString('en')} services as \`kubectl get -o json\` ` +
    'gives them (and the same as YAML): whole processes, cold. Target: `service list` in under 3 s.',
  ratioTable(benchDefinition(3)),
);
say(
  'Dumps',
  `\`inspect\` of dumps, whole processes, cold: ${HUGE.nodes.toLocaleString('en')} nodes, ${HUGE.pods.toLocaleString('en')} pods, ${HUGE.services.toLocaleString('en')} services; ` +
    `and ${POLICIES.pods.toLocaleString('en')} pods in ${POLICIES.namespaces} namespaces with ${POLICIES.policies.toLocaleString('en')} policies. Target: the last in under 5 s, memory under 1.5 GB.`,
  ratioTable(benchInput(3)),
);

say(
  'A packet in a big cluster',
  `\`trace\` in a dump of ${HUGE.nodes.toLocaleString('en')} nodes, ${HUGE.pods.toLocaleString('en')} pods, ${HUGE.services.toLocaleString('en')} services: ` +
    'whole processes, cold. Target: one packet in under 10 s, each further one in under 20 ms.',
  ratioTable(benchTrace(3)),
);

say(
  'Tests',
  `\`test\` of ${CASES} files, each with a cluster of its own and four expectations (two flows, frames, a command): whole processes. Target: under 10 s.`,
  ratioTable(benchTesting(3)),
);

say(
  'Pictures',
  `\`graph\` of ${DRAWN.nodes.toLocaleString('en')} nodes, ${DRAWN.pods.toLocaleString('en')} pods, ${DRAWN.services.toLocaleString('en')} services: whole processes, cold. ` +
    'Target: under 2 s.',
  ratioTable(benchGraph(3)),
);
say(
  'The screen',
  `\`ui\` on a pseudo terminal of 120 × 40: a key typed before the program is there, and when it is answered; then ${FLOWS.flows.toLocaleString('en')} flows over an hour ` +
    'of virtual time, with a key typed 30 times a second. Targets: 700 ms on the demo, 3 s on 1,000 nodes and 20,000 pods; nothing erased, memory flat.',
  await benchUi(5),
);
const report = benchReport(3);
say(
  'A report',
  `${REPORTED.nodes} nodes, ${REPORTED.pods.toLocaleString('en')} pods, ${REPORTED.services} services, one packet walk: a whole process, cold; the page has ` +
    `${(report.bytes / 1e6).toFixed(2)} MB. Target: under 5 s and 5 MB.`,
  ratioTable(report.timed),
);

const tcpdump = benchTcpdump();
if (tcpdump !== undefined)
  say(
    'Reading a capture',
    '1,000,000 Geneve frames (134 bytes, inner TCP, 200 flows) read by the installed tcpdump and by `wirelay tcpdump -r`, output to the null device, TZ=UTC: ' +
      'user + sys of whole processes, median of 3 interleaved runs; peak memory of ours. Target: the first three at least 3 × as fast, the next two within 1.5 × of it, ' +
      'under 120 MB. With 65,536 hosts the real one’s table of names degenerates; it gets 30 s. The mix is 500,000 frames of TCP, UDP and ICMP, IPv4 and IPv6, ' +
      'in Geneve and not, of 0 to 1400 bytes, in which hardly a flow comes twice. node itself takes 0.06 s to start.',
    tcpdumpTable(tcpdump),
  );
say(
  'kube-proxy’s rules',
  `${RULES.services.toLocaleString('en')} services of ${RULES.endpoints} endpoints: whole processes, cold. Target: \`iptables-save\` in under 3 s.`,
  ratioTable(benchRules(3)),
);
say(
  'Policies',
  `${POLICIES.pods.toLocaleString('en')} pods, ${POLICIES.namespaces} namespaces, ${POLICIES.policies.toLocaleString('en')} policies: whole processes, cold. ` +
    'Targets: `why` in under 1 s after loading, `matrix` of 1,000 workloads in under 10 s, less than 1.5 GB.',
  ratioTable(benchPolicy(3)),
);

say(
  'kubectl',
  `${BIG.nodes.toLocaleString('en')} nodes, ${BIG.pods.toLocaleString('en')} pods, ${BIG.services.toLocaleString('en')} services: whole processes, cold. ` +
    'Target: `kubectl get pods -A` in under twice the time of loading.',
  ratioTable(benchKubectl(3)),
);

say(
  'Lint',
  `\`lint\` with all rules, whole processes, cold. Target: ${MANIFESTS.toLocaleString('en')} manifests in under 3 s.`,
  ratioTable(benchLint(3)),
);

say(
  'Services in the eBPF path',
  'In process, CPU time. Target: a lookup costs the same among 10 and 30,000 services (under 1.3 ×), 10,000 services of 10 backends are there in ' +
    'under 2 s, 200,000 new connections a second.',
  benchServices(),
);

say(
  'A new connection under each mode of kube-proxy',
  'In process, CPU time: the first packet of a connection walks the rules of a node to an endpoint, ten services in turn, 10 endpoints each. ' +
    'Target: control state of 10,000 services in under 2 s.',
  benchModes(),
);

const [cpu] = cpus();
writeFileSync(
  'docs/benchmarks.md',
  `# Benchmarks

Written by \`npm run bench\`; all figures of one run. Absolute times are one machine’s (${cpus().length} × ${cpu?.model.trim()}, Node ${process.version}); read the
ratios.

${sections.map(([title, text, table]) => `## ${title}\n\n${text}\n\n\`\`\`\n${table}\`\`\`\n`).join('\n')}`,
);
