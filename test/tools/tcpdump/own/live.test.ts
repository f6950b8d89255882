/** Our options on simulated interfaces: --follow-flow, points in JSON, filters. */
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {tcpdumpMain} from '../../../../src/tools/tcpdump/main.js';
import {runMain} from '../../../memory-io.js';
import {describeWith} from '../../../oracle.js';
import {realTcpdump, temporaryFolder} from '../programs.js';

const folder = temporaryFolder();
const run = (...argv: string[]) =>
  runMain(tcpdumpMain, ['--cluster', 'demo', '-nn', '-t', ...argv], {cwd: folder.path});
const printed = async (...argv: string[]) => (await run(...argv)).stdout.split('\n').filter(Boolean);
const objects = async (...argv: string[]) => (await printed(...argv, '--json')).map((line) => JSON.parse(line));
const service = ['--traffic', 'pod-a -> my-svc:80/http'];
const ping = ['--traffic', 'pod-a -> pod-b/icmp x2'];
/** Way of a packet from pod-a on node1 to pod-b on node2, and the answer's. */
const points = [
  'node1:default/pod-a:eth0',
  expect.stringMatching(/^node1:lxc[0-9a-f]{12}$/),
  'node1:cilium_geneve',
  'node1:eth0',
  'node2:eth0',
  'node2:cilium_geneve',
  'node2:default/pod-b:eth0',
];
const answer = [
  'node2:default/pod-b:eth0',
  expect.stringMatching(/^node2:lxc[0-9a-f]{12}$/),
  'node2:cilium_geneve',
  'node2:eth0',
  'node1:eth0',
  'node1:cilium_geneve',
  'node1:default/pod-a:eth0',
];

afterAll(folder.remove);

describe('--follow-flow', () => {
  it('shows each frame of a ping at each interface, in time order, a line for each', async () => {
    const found = await objects('--follow-flow', ...ping);
    expect(found.map(({point}) => point)).toEqual([...points, ...answer, ...points, ...answer]);
    expect(found.map(({direction}) => direction).slice(0, 7)).toEqual(['out', 'in', 'out', 'out', 'in', 'in', 'in']);
    const times = found.map(({time}) => time);
    expect(times).toEqual([...times].sort());
    const {stdout, stderr} = await run('--follow-flow', ...ping);
    expect(stderr).toBe('tcpdump: following one flow: 4 packets, 8 interfaces\n');
    const [first, , , outside] = stdout.split('\n');
    expect(first).toBe(
      'node1:default/pod-a:eth0 out IP 10.32.1.10 > 10.32.2.20: ICMP echo request, id 6612, seq 1, length 64',
    );
    expect(outside).toMatch(/^node1:eth0 {15}out IP 10\.0\.0\.5\.\d+ > 10\.0\.0\.6\.6081: Geneve, /);
  });

  it('joins both sides of a translation: the service address and the backend', async () => {
    for (const expression of ['tcp and host 10.96.10.50', 'geneve and tcp', 'tcp port 8080']) {
      const found = await objects('--follow-flow', ...service, expression);
      const texts = found.map(({text}) => text);
      expect(texts.some((text) => text.includes('> 10.96.10.50.80: Flags [S]'))).toBe(true);
      expect(texts.some((text) => text.includes('10.96.10.50.80 > '))).toBe(true);
      expect(texts.some((text) => text.includes('.8080: Flags [S]'))).toBe(true);
      expect(texts.every((text) => text.includes('Flags ['))).toBe(true);
      expect(found[0].point).toBe('node1:default/pod-a:eth0');
    }
  });

  it('takes one flow of many: that of the first packet that passes', async () => {
    const traffic = ['--traffic', 'pod-a -> my-svc:80/http x3 every=1s'];
    const ports = async (...argv: string[]) => {
      const texts = (await objects('--follow-flow', ...traffic, ...argv)).map(
        ({layers}) => layers.at(-1).name ?? layers,
      );
      return new Set(
        texts.map((layers: {layer: string; sourcePort: number; destinationPort: number}[]) => {
          const tcp = layers.findLast(({layer}) => layer === 'tcp')!;
          return Math.max(tcp.sourcePort, tcp.destinationPort);
        }),
      );
    };
    const first = await ports('tcp');
    expect(first.size).toBe(1);
    const port = [...first][0]!;
    const second = await ports('tcp', 'and', 'not', 'port', String(port), '--inner', `not port ${port}`);
    expect(second.size).toBe(1);
    expect(second.has(port)).toBe(false);
  });

  it('follows ARP where that is asked for', async () => {
    const found = await objects('--follow-flow', 'arp');
    expect(found.length).toBeGreaterThan(1);
    expect(found.every(({text}) => text.includes('ARP, '))).toBe(true);
  });

  it('is chosen by our filters, and where --node and --pod look', async () => {
    const chosen = await objects('--follow-flow', '--identity', 'app=my-svc', '--inner', 'tcp', ...service);
    expect(chosen[0].point).toBe('node1:default/pod-a:eth0');
    expect(await objects('--follow-flow', '--node', 'node3', 'icmp', ...ping)).toEqual([]);
    expect(await objects('--follow-flow', '--pod', 'pod-b', 'icmp', ...ping)).toHaveLength(28);
  });

  it('has one line for what tcpdump breaks', async () => {
    const vxlan = ['--set', 'spec.cilium.tunnel-protocol=vxlan', '--vxlan-port', '8472'];
    const found = await printed('--follow-flow', '--annotate', ...vxlan, ...ping);
    expect(found).toHaveLength(28);
    expect(found[3]).toMatch(
      /^node1:eth0 .* VXLAN, flags \[I\] \(0x08\), vni 2161 IP .* length 64 {2}# pod-a\(node1\) > /,
    );
    expect((await printed('--follow-flow', '-v', ...ping)).length).toBeGreaterThan(28);
  });

  it('stops at -c, cuts at -s, looks one way with -Q', async () => {
    expect(await printed('--follow-flow', '-c', '3', ...ping)).toHaveLength(3);
    expect((await objects('--follow-flow', '-s', '40', ...ping)).every(({captured}) => captured === 40)).toBe(true);
    expect((await objects('--follow-flow', '-Q', 'in', ...ping)).every(({direction}) => direction === 'in')).toBe(true);
  });

  it('says what it cannot do', async () => {
    expect(await run('--follow-flow', '-i', 'eth0')).toMatchObject({
      code: 2,
      stderr: 'wirelay: --follow-flow looks at all interfaces\n  hint: leave -i eth0 out\n',
    });
    expect(await run('--follow-flow', '-r', 'x.pcap')).toMatchObject({
      code: 2,
      stderr: 'wirelay: --follow-flow is for a simulation, where all interfaces are seen\n',
    });
    expect(await run('--follow-flow', ...ping, 'port 9')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'tcpdump: no frame of this run passes: there is no flow to follow\n',
    });
  });
});

describeWith(['tcpdump'], '--follow-flow -w', () => {
  it('writes the frames for others to read', async () => {
    const file = join(folder.path, 'flow.pcap');
    await run('--follow-flow', '-w', file, ...ping);
    expect(realTcpdump(['-r', file, '--count']).stdout).toBe('28 packets\n');
  });
});

describe('our options on an interface', () => {
  it('filter what is seen there', async () => {
    expect(await printed('-i', 'eth0', '--inner', 'icmp', ...ping)).toHaveLength(4);
    expect(await printed('-i', 'eth0', '--from-pod', 'pod-a', ...ping)).toHaveLength(2);
    expect(await printed('-i', 'any', '--to-pod', 'pod-a', '--inner', 'icmp', ...ping)).toHaveLength(4);
    expect(await printed('--pod', 'pod-a', '--service', 'my-svc', '-c', '2', ...service)).toHaveLength(2);
    const {stderr} = await run('-i', 'eth0', '--inner', 'icmp', ...ping);
    expect(stderr).toContain('\n4 packets captured\n');
  });

  it('write what passes with -w', async () => {
    const file = join(folder.path, 'inner.pcap');
    await run('-i', 'eth0', '--inner', 'icmp', '-w', file, ...ping);
    expect(await objects('-r', file)).toHaveLength(4);
  });

  it('say where, in JSON', async () => {
    const found = await objects('-i', 'any', '--inner', 'icmp', '-c', '2', ...ping);
    expect(found[1]).toMatchObject({point: 'node1:cilium_geneve', direction: 'out', linkType: 'LINUX_SLL2'});
    expect(found[1].layers[0]).toMatchObject({layer: 'sll2', packetType: 4});
  });

  it('say the interface of a pcapng file', async () => {
    const {openSession} = await import('../../../../src/session/session.js');
    const {exportFrames} = await import('../../../../src/tools/export/export.js');
    const {memoryIo} = await import('../../../memory-io.js');
    const io = memoryIo();
    const {session} = await openSession(['--cluster', 'demo', ...ping], io);
    const output = join(folder.path, 'all.pcapng');
    await exportFrames(session, {output, format: 'pcapng', points: ['node1:eth0'], filter: undefined}, io);
    const [found] = await objects('-r', output);
    expect(found.interface).toBe('node1:eth0');
  });
});

describe('with IPv6 pods', () => {
  const dual = async (...argv: string[]) => {
    const cluster = ['--cluster', join(process.cwd(), 'fixtures/dual-stack.yaml')];
    const {stdout} = await runMain(tcpdumpMain, [...cluster, '-nn', '-t', ...argv], {cwd: folder.path});
    return stdout.split('\n').filter(Boolean);
  };

  it('all filters and names work on both families', async () => {
    const six = ['-i', 'eth0', '--inner', 'ip6'];
    const all = await dual(...six);
    const [to, from] = [await dual(...six, '--from-pod', 'pod-a'), await dual(...six, '--to-pod', 'pod-a')];
    expect(to.length + from.length).toBe(all.length);
    expect(to.every((line) => line.includes('IP6 fd00:32:0:1::a'))).toBe(true);
    const service = await dual(...six, '--service', 'my-svc', '--annotate');
    expect(service.length).toBeGreaterThan(4);
    expect(service.every((line) => / {2}# .*\(node[23], my-svc\).* id \d+ app=/.test(line))).toBe(true);
    expect(await dual(...six, '--identity', 'app=client')).toEqual(all);
    expect(await dual(...six, '--identity', 'reserved:world')).toEqual([]);
  });

  it('a flow is followed through the translation', async () => {
    const flow = await dual('--follow-flow', '--inner', 'ip6 and tcp');
    expect(flow[0]).toMatch(/^node1:default\/pod-a:eth0 out IP6 fd00:32:0:1::a\.\d+ > fd00:96::50\.80: Flags \[S\]/);
    expect(flow.some((line) => line.includes('> fd00:32:0:3::1e.8080: Flags [S]'))).toBe(true);
    expect(flow.at(-1)).toMatch(/fd00:/);
  });
});
