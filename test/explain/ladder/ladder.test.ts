/** Ladders of traces and of capture files: what tshark decodes of the same frames; names and frames that are broken or hostile. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {drawLadder} from '../../../src/explain/ladder/draw.js';
import {type LadderRequest, runLadder} from '../../../src/explain/ladder/main.js';
import type {Ladder, Step} from '../../../src/explain/ladder/model.js';
import {runTrace} from '../../../src/explain/trace/main.js';
import {fileSink, PcapngWriter, PcapWriter} from '../../../src/pcap-writer/index.js';
import {takeSessionOptions} from '../../../src/session/options.js';
import {createSession, openCluster} from '../../../src/session/session.js';
import {parseIp4, parseIp6} from '../../../src/wire/addr.js';
import * as build from '../../../src/wire/build.js';
import {memoryIo} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';
import {badSequenceLines, parseXml} from '../well-formed.js';

const folder = mkdtempSync(join(tmpdir(), 'wirelay-ladder-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

type Output = 'json' | 'ascii' | 'mermaid' | 'svg';
type Arrow = Extract<Step, {kind: 'arrow'}>;

async function trace(to: string, output: Output, argv: readonly string[], write?: string): Promise<string> {
  const io = memoryIo({cwd: process.cwd()});
  const session = await createSession(takeSessionOptions(argv).options, io);
  const request = {from: 'pod-a', to, each: undefined, packets: false, permitAll: false, color: false};
  await runTrace(session, {...request, output, write}, io);
  return io.stdout.text;
}

const base: LadderRequest = {
  read: '',
  filter: '',
  follow: undefined,
  columns: undefined,
  count: 200,
  output: 'json',
  plain: false,
};

async function draw(request: Partial<LadderRequest>, cluster?: string): Promise<string> {
  const io = memoryIo({cwd: process.cwd()});
  const {options} = takeSessionOptions(cluster === undefined ? [] : ['--cluster', cluster]);
  runLadder(cluster === undefined ? undefined : await openCluster(options, io), {...base, ...request}, io);
  return io.stdout.text;
}

const ladder = async (request: Partial<LadderRequest>, cluster?: string) =>
  JSON.parse(await draw({...request, output: 'json'}, cluster)) as Ladder;
const arrows = ({steps}: Ladder) => steps.filter((step): step is Arrow => step.kind === 'arrow');
const notes = ({steps}: Ladder) => steps.filter(({kind}) => kind === 'note').map(({text}) => text);

const fixtures: readonly (readonly [name: string, cluster: string, to: string])[] = [
  ['Geneve, a service', 'demo', 'my-svc:80'],
  ['VXLAN', 'fixtures/vxlan.yaml', 'pod-b:8080'],
  ['native', 'fixtures/native.yaml', 'pod-b'],
  ['IPv6', 'fixtures/dual-stack.yaml', '[fd00:32:0:2::14]:8080'],
  ['kube-proxy', 'fixtures/kube-proxy.yaml', 'my-svc:80'],
];

async function captureOf(cluster: string, to: string): Promise<string> {
  const file = join(folder, `${cluster.replace(/\W/g, '_')}.pcapng`);
  await trace(to, 'json', ['--cluster', cluster], file);
  return file;
}

describe('of a trace', () => {
  it('is drawn in each format, with tunnels and the verdict', async () => {
    for (const output of ['ascii', 'mermaid', 'svg'] as const) {
      const text = await trace('my-svc:80', output, ['--cluster', 'demo']);
      for (const words of ['default/pod-a', 'VNet', 'Geneve', 'answered', '10.96.10.50:80'])
        expect(text).toContain(words);
    }
    const text = await trace('my-svc:80', 'ascii', ['--cluster', 'demo']);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(badSequenceLines(await trace('my-svc:80', 'mermaid', ['--cluster', 'demo']))).toEqual([]);
  });
});

describeWith(['tshark'], 'of a capture file', () => {
  it.each(fixtures)('has what tshark decodes: %s', async (_name, cluster, to) => {
    const file = await captureOf(cluster, to);
    const fields = [
      'frame.number',
      'ip.src',
      'ip.dst',
      'ipv6.src',
      'ipv6.dst',
      'tcp.srcport',
      'tcp.dstport',
      'geneve.vni',
      'vxlan.vni',
      'udp.srcport',
      'udp.dstport',
      'frame.time_relative',
    ];
    const args = ['-r', file, '-d', 'udp.port==8472,vxlan', '-T', 'fields', ...fields.flatMap((name) => ['-e', name])];
    const rows = execFileSync('tshark', args, {encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore']})
      .trimEnd()
      .split('\n');
    const theirs = rows.map((row) => {
      const cells = row.split('\t').map((cell) => cell.split(',').filter(Boolean));
      const [number, src4, dst4, src6, dst6, sport, dport, geneve, vxlan, usport, udport] = cells as string[][];
      const last = (a: string[] = [], b: string[] = []) => (b.length > 0 ? b : a).at(-1);
      const vnis = [...(geneve ?? []), ...(vxlan ?? [])].map(Number);
      return {
        frame: Number(number?.[0]),
        source: last(src4, src6),
        destination: last(dst4, dst6),
        ports: sport?.[0] === undefined ? undefined : [Number(sport[0]), Number(dport?.[0])],
        tunnels: vnis.map((vni) => ({
          vni,
          source: src4?.[0],
          destination: dst4?.[0],
          ports: [Number(usport?.[0]), Number(udport?.[0])],
        })),
      };
    });
    for (const columns of ['hosts', 'points'] as const) {
      const found = await ladder({read: file, columns});
      const ours = arrows(found).map(({seen}) => ({
        frame: seen!.frame,
        source: seen!.source,
        destination: seen!.destination,
        ports: seen!.ports,
        tunnels: seen!.tunnels.map(({vni, source, destination, ports}) => ({vni, source, destination, ports})),
      }));
      expect(ours).toEqual(theirs);
      const times = rows.map((row) => Math.round(Number(row.split('\t').at(-1)) * 1e9));
      expect(arrows(found).map(({time}) => time)).toEqual(times);
      if (columns === 'hosts')
        for (const {from, to, seen} of arrows(found)) {
          const address = (i: number) => found.participants[i]?.detail ?? found.participants[i]?.name;
          expect([address(from), address(to)]).toEqual([seen?.source, seen?.destination]);
        }
      for (const step of arrows(found))
        if (columns === 'points') expect(found.participants[step.to]?.name).toBe(step.seen?.point);
    }
  });
});

describe('of a capture file', () => {
  it('notes where the tunnel begins and ends, and what is rewritten', async () => {
    const file = await captureOf('demo', 'my-svc:80');
    const said = notes(await ladder({read: file}));
    expect(said.filter((text) => text.startsWith('encapsulated: Geneve VNI 2161, 10.0.0.5:'))).toHaveLength(1);
    expect(said.filter((text) => text.startsWith('decapsulated: Geneve VNI 2161'))).toHaveLength(1);
    expect(said).toContain('destination 10.96.10.50:80 → 10.32.2.20:8080');
    expect(said).toContain('source 10.32.2.20:8080 → 10.96.10.50:80');
  });

  it.each(fixtures)('is drawn within 80 columns, in forms of the grammars: %s', async (_name, cluster, to) => {
    const read = await captureOf(cluster, to);
    for (const columns of ['hosts', 'points'] as const) {
      for (const plain of [false, true]) {
        const text = await draw({read, columns, plain, output: 'ascii'}, cluster);
        expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
        if (plain) expect(text).toMatch(/^[\x20-\x7e\n]*$/);
      }
      expect(badSequenceLines(await draw({read, columns, output: 'mermaid'}))).toEqual([]);
    }
  });

  it('follows one connection through translation', async () => {
    const read = join(folder, 'two.pcapng');
    const flow = {macs: {destination: 2, source: 1}};
    const frame = (source: string, destination: string, ports: readonly [number, number], id: number) =>
      build.frame(
        build.ethernet(flow.macs),
        build.ipv4({source: parseIp4(source)!, destination: parseIp4(destination)!, id}),
        build.tcp({sourcePort: ports[0], destinationPort: ports[1], flags: 2, sequence: id * 1000}),
      );
    const writer = new PcapngWriter(fileSink(read), {application: 'test'});
    const points = ['a', 'b'].map((name) => writer.addInterface({name}));
    const packets = [
      [0, frame('10.0.0.1', '10.96.0.1', [4000, 80], 1)],
      [0, frame('10.0.0.1', '10.96.0.1', [4001, 80], 2)],
      [1, frame('10.0.0.1', '10.0.0.9', [4000, 8080], 1)],
      [1, frame('10.0.0.9', '10.0.0.1', [8080, 4000], 3)],
      [1, frame('10.0.0.1', '10.0.0.9', [4001, 8080], 2)],
    ] as const;
    for (const [i, [point, bytes]] of packets.entries()) writer.packet(points[point]!, 0, i, bytes);
    writer.close();
    const found = arrows(await ladder({read, follow: 1}));
    expect(found.map(({seen}) => seen?.frame)).toEqual([1, 3, 4]);
    expect(found.map(({from, to}) => [from, to])).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(arrows(await ladder({read, follow: 5})).map(({seen}) => seen?.frame)).toEqual([2, 5]);
    await expect(draw({read, follow: 9})).rejects.toThrow('--follow 9: no frame of that number');
  });

  it('says what it leaves out', async () => {
    const read = await captureOf('demo', 'my-svc:80');
    expect((await ladder({read, count: 3})).notes).toEqual(['only the first 3 frames; -c N shows more']);
    expect((await ladder({read, filter: 'udp port 9'})).notes).toEqual(['no frames']);
    expect(arrows(await ladder({read, filter: 'udp port 6081'})).every(({seen}) => seen?.tunnels.length === 1)).toBe(
      true,
    );
    await expect(draw({read, filter: 'udp prt 1'})).rejects.toThrow('--filter: ');
    await expect(draw({read, plain: true, output: 'svg'})).rejects.toThrow('--plain is for -o ascii');
    await expect(draw({read: 'package.json'})).rejects.toThrow('unknown file format');
  });
});

const macs = {destination: 0x0200_0000_0002, source: 0x0200_0000_0001};
const v4 = build.ipv4({source: parseIp4('192.0.2.1')!, destination: parseIp4('192.0.2.2')!});
const inner = [
  build.ipv6({source: parseIp6('2001:db8::1')!, destination: parseIp6('2001:db8::2')!}),
  build.udp({sourcePort: 7, destinationPort: 9}),
  'data',
] as const;
const foreign: Readonly<Record<string, Uint8Array>> = {
  'VXLAN in Geneve': build.frame(
    build.ethernet(macs),
    v4,
    build.udp({sourcePort: 1, destinationPort: 6081}),
    build.geneve({vni: 5}),
    build.ethernet(macs),
    v4,
    build.udp({sourcePort: 2, destinationPort: 4789}),
    build.vxlan({vni: 6}),
    build.ethernet(macs),
    ...inner,
  ),
  ARP: build.frame(
    build.ethernet(macs),
    build.arp({
      operation: 1,
      senderMac: 1,
      senderIp: parseIp4('10.0.0.1')!,
      targetMac: 0,
      targetIp: parseIp4('10.0.0.2')!,
    }),
  ),
  'no IP': build.frame(build.ethernet(macs), 'whatever this is'),
};

describe('frames of others', () => {
  const write = (bytes: Uint8Array) => {
    const read = join(folder, 'foreign.pcap');
    const writer = new PcapWriter(fileSink(read));
    writer.packet(0, 0, bytes);
    writer.close();
    return read;
  };

  it('have all their tunnels', async () => {
    const [arrow] = arrows(await ladder({read: write(foreign['VXLAN in Geneve']!)}));
    expect(arrow?.seen).toMatchObject({
      source: '2001:db8::1',
      destination: '2001:db8::2',
      protocol: 'UDP',
      ports: [7, 9],
    });
    expect(arrow?.seen?.tunnels.map(({protocol, vni}) => [protocol, vni])).toEqual([
      ['Geneve', 5],
      ['VXLAN', 6],
    ]);
    const arp = await ladder({read: write(foreign.ARP!)});
    expect(arp.participants.map(({name}) => name)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(arp.notes).toEqual([]);
    await expect(draw({read: write(foreign.ARP!), columns: 'points'})).rejects.toThrow('does not name its interfaces');
  });

  it('may be cut at any length', async () => {
    for (const bytes of Object.values(foreign))
      for (let length = 0; length <= bytes.length; length++) {
        const read = write(bytes.slice(0, length));
        expect(arrows(await ladder({read}))).toHaveLength(1);
        expect(badSequenceLines(await draw({read, output: 'mermaid'}))).toEqual([]);
      }
  });
});

describeWith(['expat'], 'hostile names', () => {
  it('of interfaces and hosts break no format', async () => {
    const read = join(folder, 'hostile.pcapng');
    const names = [
      '\x1b[2J;',
      '</text><script>alert(1)</script>',
      'a\nend\n%%{init: {}}%%',
      '#quot;"',
      '\u202egnp',
      'x'.repeat(300),
      '',
    ];
    const writer = new PcapngWriter(fileSink(read), {application: 'test'});
    const points = names.map((name) => writer.addInterface({name}));
    writer.addNames(
      names.filter(Boolean).map((name, i) => ({ip: parseIp4(`192.0.2.${i + 1}`)!, names: [name.replaceAll('\0', '')]})),
    );
    for (const [i, point] of points.entries())
      writer.packet(
        point,
        0,
        i,
        build.frame(build.ethernet(macs), v4, build.udp({sourcePort: 1, destinationPort: 2}), '<&;#>'),
      );
    writer.close();
    for (const columns of ['hosts', 'points'] as const) {
      parseXml(await draw({read, columns, output: 'svg'}));
      expect(badSequenceLines(await draw({read, columns, output: 'mermaid'}))).toEqual([]);
      const text = await draw({read, columns, output: 'ascii'});
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it('and no participants make a picture too', () => {
    const empty: Ladder = {title: 't', description: 'd', participants: [], steps: [], notes: ['no frames']};
    for (const output of ['ascii', 'mermaid', 'json'] as const)
      expect(drawLadder(empty, output, false)).toContain('no frames');
    parseXml(drawLadder(empty, 'svg', false));
  });
});
