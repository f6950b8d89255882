/** Our options on capture files, by the embedded demo cluster. */
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {demoCluster} from '../../../../src/cluster/demo.js';
import {tcpdumpMain} from '../../../../src/tools/tcpdump/main.js';
import {annotation} from '../../../../src/tools/tcpdump/own/annotate.js';
import {flowOf, vniOf} from '../../../../src/tools/tcpdump/own/flow.js';
import {packetJson} from '../../../../src/tools/tcpdump/own/json.js';
import {clusterView} from '../../../../src/tools/tcpdump/own/select.js';
import {tunnelPorts, walk} from '../../../../src/tools/tcpdump/own/walk.js';
import {arp, ethernet, type FrameLayer, frame, geneve, icmp, tcp, udp, vxlan} from '../../../../src/wire/build.js';
import {runMain} from '../../../memory-io.js';
import {describeWith} from '../../../oracle.js';
import {realTcpdump, temporaryFolder} from '../programs.js';
import {between, between6, carriers, echo, eth, ip4, request, writeCapture} from './tunnels.js';

const folder = temporaryFolder();
const file = (name: string) => join(folder.path, name);
const run = (...argv: string[]) => runMain(tcpdumpMain, argv, {cwd: folder.path});
/** Lines that a command prints, without time stamps. */
const lines = async (...argv: string[]) => (await run('-nn', '-t', ...argv)).stdout.split('\n').filter(Boolean);
const demo = ['--cluster', 'demo'];
const nodes = between('10.0.0.5', '10.0.0.6');
const tunnel = (vni: number, ...packet: (FrameLayer | Uint8Array | string)[]) =>
  frame(eth, nodes, udp({sourcePort: 5}), geneve({vni}), eth, ...packet);

const others = [
  frame(eth, nodes, tcp({sourcePort: 8080, destinationPort: 9})),
  frame(eth, nodes, udp({sourcePort: 1, destinationPort: 53}), ''),
  frame(eth, arp({operation: 1, senderMac: 1, senderIp: ip4('10.0.0.5'), targetMac: 0, targetIp: ip4('10.0.0.6')})),
];

beforeAll(() => {
  writeCapture(
    file('carriers.pcap'),
    carriers.map(({wrap}) => wrap(...request)),
  );
  writeCapture(file('others.pcap'), others);
  writeCapture(file('vxlan.pcap'), [
    frame(eth, nodes, udp({sourcePort: 5, destinationPort: 8472}), vxlan({vni: 2161}), eth, ...echo),
  ]);
  writeCapture(file('talk.pcap'), [
    tunnel(2161, ...request),
    tunnel(46983, between('10.32.2.20', '10.32.1.10'), tcp({sourcePort: 8080, destinationPort: 40000})),
    tunnel(7777, ...echo),
    tunnel(7777, between('10.99.0.1', '10.32.1.10'), icmp({type: 0})),
    frame(eth, between('10.32.1.10', '10.96.10.50'), tcp({sourcePort: 40001, destinationPort: 80})),
    frame(eth, between('10.32.1.10', '203.0.113.9'), tcp({sourcePort: 40002, destinationPort: 443})),
    frame(eth, between('10.0.0.6', '10.32.1.10'), icmp({type: 3, code: 4}), frame(...request)),
    frame(
      ethernet({destination: 0x333300000001, source: 2}),
      between6('fe80::1', 'ff02::1'),
      udp({sourcePort: 1, destinationPort: 2}),
    ),
  ]);
});
afterAll(folder.remove);

describe('--inner', () => {
  it('finds the innermost packet in every tunnel, at any depth', async () => {
    expect(await lines('-r', file('carriers.pcap'), '--count', '--inner', 'tcp dst port 8080')).toEqual([
      `${carriers.length} packets`,
    ]);
    expect(await lines('-r', file('carriers.pcap'), '--count', '--inner', 'udp or net 10.0.0.0/24')).toEqual([
      '0 packets',
    ]);
    expect(await lines('-r', file('others.pcap'), '--count', '--inner', 'udp or arp')).toEqual(['2 packets']);
  });

  it('goes with an expression: that is for the frame', async () => {
    const found = await lines('-r', file('carriers.pcap'), '--inner', 'tcp', 'udp', 'port', '6081');
    expect(found).toHaveLength(3);
    expect(found.every((line) => line.includes('Geneve'))).toBe(true);
    expect(await lines('-r', file('carriers.pcap'), '--count', '--inner', 'tcp', '--inner', 'port 9')).toEqual([
      '0 packets',
    ]);
  });

  it('lets nothing pass of which the inside was not captured', async () => {
    writeCapture(file('cut.pcap'), [tunnel(2161, ...request)], {snaplen: 48});
    expect(await lines('-r', file('cut.pcap'), '--count', '--inner', 'not tcp')).toEqual(['0 packets']);
  });

  it('takes what makes sense for Ethernet only', async () => {
    const ethernetInside = carriers.filter(({inner}) => inner === 'ether').length;
    expect(await lines('-r', file('carriers.pcap'), '--count', '--inner', 'ether src 02:00:00:00:00:01')).toEqual([
      `${ethernetInside} packets`,
    ]);
  });

  it('looks through the port of the cluster’s overlay, and through those of --vxlan-port', async () => {
    const on = (port: number) =>
      frame(eth, nodes, udp({sourcePort: 5, destinationPort: port}), vxlan({vni: 1}), eth, ...echo);
    writeCapture(file('ports.pcap'), [on(7001), on(7002)]);
    const count = ['-r', file('ports.pcap'), '--count', '--inner', 'icmp'];
    expect(await lines(...count)).toEqual(['0 packets']);
    expect(await lines(...count, '--vxlan-port', '7001')).toEqual(['1 packet']);
    const set = ['spec.cilium.tunnel-protocol=vxlan', 'spec.cilium.tunnel-port=7002'].flatMap((text) => [
      '--set',
      text,
    ]);
    expect(await lines(...count, ...demo, ...set)).toEqual(['1 packet']);
  });

  it('has the cluster’s names, and says which were meant', async () => {
    expect(await lines('-r', file('talk.pcap'), ...demo, '--count', '--inner', 'src host pod-a and tcp')).toEqual([
      '3 packets',
    ]);
    const unknown = await run('-r', file('talk.pcap'), ...demo, '--inner', 'host pod-aa');
    expect(unknown).toEqual({
      code: 2,
      stdout: '',
      stderr: "wirelay: --inner 'host pod-aa': unknown host 'pod-aa'\n  hint: did you mean pod-a?\n",
    });
    const wrong = await run('-r', file('talk.pcap'), '--inner', 'tcp prot 80');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      "wirelay: --inner 'tcp prot 80': can't parse filter expression: syntax error\n",
    ]);
  });
});

describeWith(['tcpdump'], '--inner against tcpdump on the inner packets alone', () => {
  const expressions = [
    'tcp port 8080',
    'src host 10.32.1.10 and greater 50',
    'not udp',
    'len > 60',
    'tcp[tcpflags] & tcp-syn != 0',
    'ether[0] == 2',
    'ip[8] = 64',
    'port 40000 or icmp',
  ];

  /** Which packets pass, by their seconds. */
  const passed = (text: string) => text.match(/^\d+(?=\.000000 )/gm) ?? [];

  it.each(expressions)('%s', async (expression) => {
    for (const inner of ['ether', 'ip'] as const) {
      if (inner === 'ip' && expression.startsWith('ether')) continue;
      const wrapped = carriers.filter((carrier) => carrier.inner === inner).map(({wrap}) => wrap(...request, 'hello'));
      const packet = frame(...(inner === 'ether' ? [eth] : []), ...request, 'hello');
      for (const snaplen of [262144, 100, 80, 60, 40]) {
        const seen = (b: Uint8Array) => Math.max(0, packet.length - Math.max(0, b.length - snaplen));
        const shown = wrapped.filter((b) => seen(b) > 0);
        writeCapture(file('outer.pcap'), shown, {snaplen});
        const linktype = inner === 'ether' ? 1 : 101;
        writeCapture(
          file('inner.pcap'),
          shown.map(() => packet),
          {captured: shown.map(seen), linktype},
        );
        const theirs = realTcpdump(['-nn', '-q', '-tt', '-r', file('inner.pcap'), expression]);
        const ours = await run('-nn', '-q', '-tt', '-r', file('outer.pcap'), '--inner', expression);
        expect([snaplen, passed(ours.stdout)]).toEqual([snaplen, passed(theirs.stdout)]);
      }
    }
  });
});

describe('--vxlan-port', () => {
  it('is off unless given', async () => {
    expect((await lines('-r', file('vxlan.pcap')))[0]).toContain('OTV, flags [I] (0x08), overlay 0, instance 2161');
    const [first, second] = await lines('-r', file('vxlan.pcap'), '--vxlan-port', '8472');
    expect(first).toBe('IP 10.0.0.5.5 > 10.0.0.6.8472: VXLAN, flags [I] (0x08), vni 2161');
    expect(second).toBe('IP 10.32.1.10 > 10.32.2.20: ICMP echo request, id 7, seq 1, length 8');
    expect((await lines('-r', file('vxlan.pcap'), '--vxlan-port', '8473'))[0]).toContain('OTV');
  });
});

describeWith(['tcpdump'], '--vxlan-port against -T vxlan', () => {
  it.each<string[]>([[], ['-v'], ['-vv', '-e'], ['-q'], ['-X']])('with %j', async (...options) => {
    for (const snaplen of [262144, 96, 60, 48, 44]) {
      writeCapture(
        file('cut.pcap'),
        [frame(eth, nodes, udp({sourcePort: 5, destinationPort: 8472}), vxlan({vni: 2161}), eth, ...echo)],
        {snaplen},
      );
      const arguments_ = ['-nn', '-r', file('cut.pcap'), ...options];
      const ours = await run(...arguments_, '--vxlan-port', '8472');
      // -T prints no UDP checksum, and knows no -q.
      if (options.includes('-q')) expect(ours.stdout).toBe(realTcpdump(arguments_).stdout);
      else expect(ours.stdout.replace('[no cksum] ', '')).toBe(realTcpdump([...arguments_, '-T', 'vxlan']).stdout);
    }
  });
});

describe('--identity, --from-pod, --to-pod, --service', () => {
  const numbers = async (...options: string[]) =>
    (await run('-nn', '-#', '-r', file('talk.pcap'), '--json', ...options)).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => Math.round(Date.parse(JSON.parse(line).time) / 1000) - 1_767_225_600);

  it.each([
    [
      ['--identity', '2161'],
      [0, 1, 3, 4, 5, 6],
    ],
    [
      ['--identity', 'app=client'],
      [0, 1, 3, 4, 5, 6],
    ],
    [
      ['--identity', 'app=my-svc'],
      [0, 1, 2],
    ],
    [
      ['--identity', '7777'],
      [2, 3],
    ],
    [
      ['--identity', '0x1e61'],
      [2, 3],
    ],
    [['--identity', 'reserved:world'], [5]],
    [['--identity', 'reserved:host'], [6]],
    [
      ['--identity', '7777', '--identity', 'reserved:world'],
      [2, 3, 5],
    ],
    [
      ['--from-pod', 'pod-a'],
      [0, 2, 4, 5],
    ],
    [
      ['--from-pod', 'default/pod-a', '--from-pod', 'pod-b'],
      [0, 1, 2, 4, 5],
    ],
    [
      ['--to-pod', 'pod-b'],
      [0, 2],
    ],
    [
      ['--from-pod', 'pod-a', '--to-pod', 'pod-b', 'udp'],
      [0, 2],
    ],
    [
      ['--service', 'my-svc'],
      [0, 1, 4, 6],
    ],
    [['--service', 'kube-system/kube-dns'], []],
    [['--service', 'my-svc', '--inner', 'icmp'], [6]],
  ])('%j → packets %j', async (options, expected) => {
    expect(await numbers(...demo, ...options)).toEqual(expected);
  });

  it('knows an identity by its number without a cluster, by the VNI alone', async () => {
    expect(await numbers('--identity', '2161')).toEqual([0]);
    expect(await numbers('--identity', '7777')).toEqual([2, 3]);
  });

  it('takes no VNI for an identity where it is a network', async () => {
    const fixed = ['--cluster', join(process.cwd(), 'fixtures/deep-dive-literal.yaml')];
    expect(await numbers(...fixed, '--identity', '7777')).toEqual([]);
  });

  it.each([
    [['--from-pod', 'pod-aa'], '--from-pod pod-aa: no such pod', 'did you mean pod-a?'],
    [
      ['--to-pod', 'kube-system/coredns-3'],
      '--to-pod kube-system/coredns-3: no such pod',
      'did you mean kube-system/coredns-1?',
    ],
    [['--service', 'my-scv'], '--service my-scv: no such service', 'did you mean my-svc?'],
    [
      ['--identity', 'app=clint'],
      '--identity app=clint: no identity of cluster demo has such labels',
      'did you mean app=client?',
    ],
    [
      ['--identity', 'zz in (1)'],
      '--identity zz in (1): no identity of cluster demo has such labels',
      '`wirelay identity list` shows them all',
    ],
    [['--identity', '99999999999'], '--identity 99999999999: identities are numbers below 4294967296', undefined],
  ])('%j is refused', async (options, message, hint) => {
    expect(await run('-r', file('talk.pcap'), ...demo, ...options)).toEqual({
      code: 2,
      stdout: '',
      stderr: `wirelay: ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`,
    });
  });

  it.each(['--annotate', '--from-pod=x', '--to-pod=x', '--service=x', '--identity=a=b'])(
    '%s needs a cluster for a file',
    async (option) => {
      const {code, stderr} = await run('-r', file('talk.pcap'), option);
      expect(code).toBe(2);
      expect(stderr).toContain(
        `${option.slice(0, option.indexOf('=') < 0 ? undefined : option.indexOf('='))} needs to know the cluster`,
      );
    },
  );
});

describe('--annotate', () => {
  it('names both ends, by VNI and by address', async () => {
    const notes = (await lines('-r', file('talk.pcap'), ...demo, '--annotate')).map((line) => line.split('  # ')[1]);
    expect(notes).toEqual([
      'pod-a(node1) > pod-b(node2, my-svc) id 2161 app=client > 46983 app=my-svc',
      'pod-b(node2, my-svc) > pod-a(node1) id 46983 app=my-svc > 2161 app=client',
      'pod-a(node1) > pod-b(node2) id 7777 unknown (pod-a has 2161) > 46983 app=my-svc',
      'world > pod-a(node1) id 7777 unknown > 2161 app=client',
      'pod-a(node1) > my-svc(service) id 2161 app=client',
      'pod-a(node1) > world id 2161 app=client > 2 reserved:world',
      'node2 > pod-a(node1) id 6 reserved:remote-node > 2161 app=client',
      'fe80::1 > ff02::1',
    ]);
  });

  it('goes behind the first line and changes nothing else', async () => {
    for (const options of [['-v'], ['-e', '-XX'], ['-A'], ['--vxlan-port', '8472']]) {
      const plain = await run('-r', file('talk.pcap'), ...demo, ...options);
      const noted = await run('-r', file('talk.pcap'), ...demo, ...options, '--annotate');
      expect(noted.stdout.replaceAll(/ {2}# .*$/gm, '')).toBe(plain.stdout);
      expect(noted.stdout.match(/ {2}# /g)).toHaveLength(8);
    }
    const two = await lines('-r', file('vxlan.pcap'), ...demo, '--vxlan-port', '8472', '--annotate');
    expect(two[0]).toBe(
      'IP 10.0.0.5.5 > 10.0.0.6.8472: VXLAN, flags [I] (0x08), vni 2161  # pod-a(node1) > pod-b(node2) id 2161 app=client > 46983 app=my-svc',
    );
  });

  it('says what a cut frame still tells', async () => {
    const b = tunnel(2161, ...echo);
    const notes: (string | undefined)[] = [];
    for (const snaplen of [40, 49, 50, 70, 84, 262144]) {
      writeCapture(file('cut.pcap'), [b], {snaplen});
      const [line] = await lines('-r', file('cut.pcap'), ...demo, '--annotate');
      notes.push(line!.split('  # ')[1]);
    }
    const both = 'pod-a(node1) > pod-b(node2) id 2161 app=client > 46983 app=my-svc';
    const outer = 'node1 > node2 id 6 reserved:remote-node > 6 reserved:remote-node';
    expect(notes).toEqual([outer, outer, 'id 2161 app=client', 'id 2161 app=client', both, both]);
  });

  it('knows IPv6 pods', async () => {
    const cluster = ['--cluster', join(process.cwd(), 'fixtures/dual-stack.yaml')];
    const {stdout} = await run(
      ...cluster,
      '-6'.replace('-6', '-nn'),
      '-t',
      '-i',
      'eth0',
      '--annotate',
      '--inner',
      'icmp6 and ip6[40] >= 128 and ip6[40] <= 129',
    );
    expect(stdout).toMatch(/ {2}# \S+\(\S+\) > \S+\(\S+\) id \d+ \S+ > \d+ \S+\n/);
  });

  it('shows no terminal escape from a definition', async () => {
    const cluster = demoCluster();
    const identities = [{id: 2161, labels: ['k8s:app=\u001b[31m\u202e']}];
    const view = clusterView({...cluster, identities});
    const b = tunnel(2161, ...request);
    const stack = walk(1, b, 0, b.length, b.length, tunnelPorts());
    expect(annotation(view, flowOf(b, stack), vniOf(b, stack))).toBe(
      'pod-a(node1) > pod-b(node2, my-svc) id 2161 app=\\x1b[31m\\u{202e} > 46983 unknown',
    );
    const packet = {seconds: 0, nanoseconds: 0, b, start: 0, end: b.length, wireLength: b.length, number: 1};
    const decoded = {...packet, linkName: 'EN10MB', stack, flow: flowOf(b, stack), vni: 2161};
    const json = packetJson(decoded, {}, view, '');
    expect(json).toContain(String.raw`app=\u001b[31m\u202e`);
  });
});

describe('--json', () => {
  const objects = async (...options: string[]) =>
    (await run('-nn', '-t', '--json', ...options)).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  it('has one object for each packet, with the text that tcpdump prints', async () => {
    const found = await objects('-r', file('talk.pcap'), ...demo);
    expect(found.map(({text}) => text)).toEqual(await lines('-r', file('talk.pcap')));
    expect(found[0]).toMatchObject({
      schemaVersion: 1,
      number: 1,
      time: '2026-01-01T00:00:00.000000000Z',
      linkType: 'EN10MB',
      length: 104,
      captured: 104,
      innermost: 4,
      vni: 2161,
      from: {kind: 'pod', name: 'default/pod-a', node: 'node1', identity: 2161, labels: ['app=client']},
      to: {kind: 'pod', name: 'default/pod-b', node: 'node2', services: ['default/my-svc']},
    });
    expect(found[0].layers.map(({layer}: {layer: string}) => layer)).toEqual([
      'ether',
      'ip',
      'udp',
      'geneve',
      'ether',
      'ip',
      'tcp',
    ]);
    expect(found[0].layers[3]).toEqual({
      layer: 'geneve',
      offset: 42,
      version: 0,
      vni: 2161,
      flags: 0,
      protocol: '0x6558',
      optionsLength: 0,
      options: [],
    });
    expect(found[0].layers[6]).toMatchObject({sourcePort: 40000, destinationPort: 8080, flags: ['SYN']});
  });

  it('knows no names without a cluster, and says where a frame is cut', async () => {
    writeCapture(file('cut.pcap'), [tunnel(2161, ...request)], {snaplen: 90});
    const [found] = await objects('-r', file('cut.pcap'));
    expect(found.from).toBeUndefined();
    expect([found.length, found.captured]).toEqual([104, 90]);
    expect(found.layers.at(-1)).toEqual({layer: 'tcp', offset: 84, cut: {layer: 'tcp', need: 20, have: 6}});
  });

  it('decodes every layer of every carrier at every length', async () => {
    for (const {wrap} of carriers)
      for (let snaplen = 1; snaplen <= 120; snaplen += 7) {
        writeCapture(file('cut.pcap'), [wrap(...echo)], {snaplen});
        const [found] = await objects('-r', file('cut.pcap'));
        expect(found.captured).toBe(Math.min(snaplen, found.length));
      }
  });

  it('is the same as --output json', async () => {
    const argv = ['-nn', '-r', file('talk.pcap')];
    expect((await run(...argv, '--output', 'json')).stdout).toBe((await run(...argv, '--json')).stdout);
  });
});
