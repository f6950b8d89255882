/**
 * Encapsulated frames per second: pod-a sends UDP to pod-b on another node, which echoes it; everything that passes node1's eth0
 * goes to a pcap file. Beside it, where python3-scapy is installed: the same kind of frame built and written by scapy.
 */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {demoCluster} from '../../src/cluster/demo.js';
import {parseTraffic} from '../../src/cluster/traffic.js';
import {createControl} from '../../src/control/control.js';
import {simulate} from '../../src/datapath/run/simulate.js';
import {fileSink, PcapWriter} from '../../src/pcap-writer/index.js';
import {widenInlining} from '../../src/session/inlining.js';

export interface FramesResult {
  readonly name: string;
  readonly frames: number;
  /** Per second of processor time, user and system, of all threads: what one core does, whatever else the machine is busy with. */
  readonly framesPerSecond: number;
  /** Size of the pcap file. */
  readonly bytes: number;
  /** Resident set after 100,000 and after all frames, MiB. */
  readonly rssEarly?: number;
  readonly rssLate?: number;
}

const MEMORY_MARK = 100_000;
const SCAPY_FRAMES = 20_000;

/** Runs `messages` messages and their echoes through the demo cluster. All of it counts, the compiler's work on cold code with it. */
export function simulateFrames(path: string, messages: number, size: number): FramesResult {
  const before = process.cpuUsage();
  const cluster = demoCluster();
  const control = createControl(cluster);
  const traffic = [parseTraffic(`pod-a -> pod-b:8080/udp x${messages} size=${size} every=0s`, cluster)];
  const writer = new PcapWriter(fileSink(path), {precision: 'nano'});
  const {epoch} = cluster;
  let frames = 0;
  let rssEarly = 0;
  simulate({
    control,
    traffic,
    seed: 1,
    observers: [
      {
        wants: (point) => point.node === 'node1' && point.pod === undefined && point.device === 'eth0',
        frame(_point, time, _direction, bytes, start, end) {
          if (++frames === MEMORY_MARK) rssEarly = process.memoryUsage.rss();
          const seconds = Math.floor(time / 1e9);
          writer.packet(epoch + seconds, time - seconds * 1e9, bytes, start, end);
        },
      },
    ],
  });
  writer.close();
  const {user, system} = process.cpuUsage(before);
  const mib = (bytes: number) => bytes / 2 ** 20;
  return {
    name: `wirelay, ${size} bytes of UDP in Geneve`,
    frames,
    framesPerSecond: frames / ((user + system) / 1e6),
    bytes: statSync(path).size,
    rssEarly: mib(rssEarly),
    rssLate: mib(process.memoryUsage.rss()),
  };
}

const scapyScript = `
import sys, time
from scapy.all import Ether, IP, UDP, Raw, wrpcap
from scapy.contrib.geneve import GENEVE
n = int(sys.argv[1])
started = time.process_time()
frames = []
for i in range(n):
    frames.append(Ether(src='02:00:00:00:00:05', dst='02:00:00:00:00:06')/IP(src='10.0.0.5', dst='10.0.0.6', id=i & 0xffff)
        /UDP(sport=41232, dport=6081, chksum=0)/GENEVE(vni=2161)
        /Ether(src='0a:aa:00:00:01:0a', dst='0e:bb:00:00:01:0a')/IP(src='10.32.1.10', dst='10.32.2.20', id=i & 0xffff, flags='DF')
        /UDP(sport=40000, dport=8080)/Raw(b'x' * 100))
wrpcap(sys.argv[2], frames)
print(time.process_time() - started)
`;

/** Undefined where scapy is not installed. */
function scapyFrames(folder: string): FramesResult | undefined {
  const script = join(folder, 'frames.py');
  const path = join(folder, 'scapy.pcap');
  writeFileSync(script, scapyScript);
  const run = spawnSync('/usr/bin/python3', [script, String(SCAPY_FRAMES), path], {encoding: 'utf8'});
  const seconds = Number(run.stdout);
  if (run.status !== 0 || !(seconds > 0)) return undefined;
  return {name: 'scapy', frames: SCAPY_FRAMES, framesPerSecond: SCAPY_FRAMES / seconds, bytes: statSync(path).size};
}

/** The whole comparison. */
export async function benchFrames(): Promise<FramesResult[]> {
  widenInlining();
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const path = (name: string) => join(folder, `${name}.pcap`);
    const results = [simulateFrames(path('small'), 2_000_000, 100), simulateFrames(path('large'), 300_000, 1400)];
    const scapy = scapyFrames(folder);
    return scapy ? [...results, scapy] : results;
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** One line per result; ratios to scapy where it is there. */
export function framesTable(results: readonly FramesResult[]): string {
  const scapy = results.find((result) => result.name === 'scapy');
  const lines = results.map((result) => {
    const rate = `${Math.round(result.framesPerSecond).toLocaleString('en')} frames/s`;
    const ratio =
      scapy && result !== scapy ? `  ${(result.framesPerSecond / scapy.framesPerSecond).toFixed(0)} × scapy` : '';
    const memory =
      result.rssEarly === undefined
        ? ''
        : `  resident ${result.rssEarly.toFixed(0)} MiB at 100,000 frames, ${result.rssLate!.toFixed(0)} MiB at the end`;
    return `${result.name.padEnd(36)} ${String(result.frames).padStart(9)} frames  ${rate.padStart(20)}${ratio}${memory}`;
  });
  return `${lines.join('\n')}\n`;
}

if (/^frames\./.test(basename(process.argv[1] ?? ''))) process.stdout.write(framesTable(await benchFrames()));
