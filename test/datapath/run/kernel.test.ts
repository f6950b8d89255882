/** Our outer headers against those of this machine's kernel, for the same inner frames. */
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {afterAll, beforeAll, expect, it} from 'vitest';
import type {Observer} from '../../../src/datapath/model.js';
import {addNeighbour} from '../../../src/datapath/run/neighbour.js';
import {encapsulate} from '../../../src/datapath/run/tunnel.js';
import {nodeAt} from '../../../src/datapath/run/world.js';
import {parseIp, parseMac} from '../../../src/wire/addr.js';
import {fromHex, get16, set16, toHex} from '../../../src/wire/bytes.js';
import {reassembleIpv4} from '../../../src/wire/fragment.js';
import {PROTO_UDP} from '../../../src/wire/l4.js';
import {describeWith} from '../../oracle.js';
import {idleRun, pair} from './lab.js';

const VNI = 20001;
const [left, right] = [`wl-a-${process.pid}`, `wl-b-${process.pid}`];
const macs = ['02:00:00:00:00:05', '02:00:00:00:00:06'] as const;
const nodes = macs.map((mac, i) => ({
  name: `node${i + 1}`,
  ip: `10.0.0.${i + 5}`,
  mac,
  podCIDR: `10.32.${i + 1}.0/24`,
}));

/** Every frame of a device as a line of hex, behind a first line once it listens. Without tcpdump, which has the kernel compile a filter even for all. */
const CAPTURE = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind((sys.argv[1], 0))
print("ready", flush=True)
while True: print(s.recv(65536).hex(), flush=True)
`;

function ip(line: string): void {
  execFileSync('ip', line.split(' '), {stdio: ['ignore', 'ignore', 'pipe']});
}

function inside(script: string): void {
  execFileSync('ip', ['netns', 'exec', left, 'bash', '-c', script], {stdio: 'ignore'});
}

/** What our node1 sends for the inner frame. */
function ours(inner: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const tap: Observer = {
    wants: (point) => point.node === 'node1' && point.device === 'eth0' && point.pod === undefined,
    frame: (_p, _t, _d, bytes, start, end) => frames.push(bytes.slice(start, end)),
  };
  const {run} = idleRun(pair({nodes, dns: false, cilium: {'tunnel-protocol': 'vxlan'}}), [tap]);
  const node = nodeAt(run, 0);
  addNeighbour(node.eth0, parseIp('10.0.0.6')!, parseMac(macs[1])!, true);
  const skb = run.pool.take(inner.length, 1);
  skb.buf.set(inner, skb.start);
  skb.end = skb.start + inner.length;
  skb.tunnel = {vni: VNI, remote: parseIp('10.0.0.6')!, ttl: 64, tos: 0, flags: 2};
  encapsulate(node.tunnel!, skb);
  return frames;
}

function comparable(frame: Uint8Array): string {
  const b = frame.slice();
  for (const o of [18, 24]) set16(b, o, 0);
  if ((get16(b, 20) & 0x1fff) === 0) set16(b, 34, 0);
  return toHex(b);
}

describeWith(['ip', 'netns', 'scapy'], 'vxlan device of the kernel', () => {
  const frames: Uint8Array[] = [];

  beforeAll(async () => {
    for (const name of [left, right]) ip(`netns add ${name}`);
    ip(`link add wl-v${process.pid % 10000} netns ${left} type veth peer name eth0 netns ${right}`);
    const device = `wl-v${process.pid % 10000}`;
    for (const [name, dev, i] of [
      [left, device, 0],
      [right, 'eth0', 1],
    ] as const) {
      ip(`-n ${name} link set ${dev} address ${macs[i]} up`);
      ip(`-n ${name} addr add 10.0.0.${i + 5}/16 dev ${dev}`);
    }
    ip(`-n ${left} neigh add 10.0.0.6 lladdr ${macs[1]} dev ${device} nud permanent`);
    ip(`-n ${left} link add vx type vxlan id ${VNI} remote 10.0.0.6 local 10.0.0.5 dstport 8472 ttl 64 noudpcsum`);
    ip(`-n ${left} link set vx address 0a:aa:00:00:01:0a mtu 1500 up`);
    ip(`-n ${left} addr add 10.32.1.10/16 dev vx`);
    ip(`-n ${left} neigh add 10.32.2.20 lladdr 0e:bb:00:00:01:0a dev vx nud permanent`);
    const capture = spawn('ip', ['netns', 'exec', left, '/usr/bin/python3', '-c', CAPTURE, device]);
    const lines = createInterface({input: capture.stdout});
    await once(lines, 'line');
    lines.on('line', (hex) => {
      const frame = fromHex(hex);
      if (get16(frame, 12) === 0x0800 && frame[23] === PROTO_UDP) frames.push(frame);
    });
    inside('echo hi > /dev/udp/10.32.2.20/40001; echo more > /dev/udp/10.32.2.20/53');
    inside('timeout 0.3 bash -c "echo > /dev/tcp/10.32.2.20/8080" || true');
    inside('head -c 1472 /dev/zero > /dev/udp/10.32.2.20/40002');
    inside('head -c 4000 /dev/zero > /dev/udp/10.32.2.20/40003');
    await new Promise((resolve) => setTimeout(resolve, 300));
    capture.kill('SIGTERM');
    await once(lines, 'close');
  }, 30_000);

  afterAll(() => {
    for (const name of [left, right]) ip(`netns del ${name}`);
  });

  it('is the same but for source port and id', () => {
    const whole = frames.filter((f) => (get16(f, 20) & 0x3fff) === 0 && get16(f, 36) === 8472);
    expect(whole.length).toBeGreaterThanOrEqual(3);
    for (const frame of whole) expect(ours(frame.slice(50)).map(comparable)).toEqual([comparable(frame)]);
  });

  it('fragments the same way', () => {
    const groups = new Map<number, Uint8Array[]>();
    for (const frame of frames.filter((f) => (get16(f, 20) & 0x3fff) !== 0)) {
      const id = get16(frame, 18);
      groups.set(id, [...(groups.get(id) ?? []), frame]);
    }
    let compared = 0;
    for (const group of groups.values()) {
      const packet = reassembleIpv4(group.map((f) => f.slice(14)));
      if (!packet) continue;
      expect(ours(packet.slice(36)).map(comparable)).toEqual(group.map(comparable));
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(1);
  });
});
