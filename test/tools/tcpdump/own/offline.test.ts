/** Filters of our own on capture files, by the embedded demo cluster. */
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {tcpdumpMain} from '../../../../src/tools/tcpdump/main.js';
import {arp, frame, tcp, udp, vxlan} from '../../../../src/wire/build.js';
import {runMain} from '../../../memory-io.js';
import {describeWith} from '../../../oracle.js';
import {realTcpdump, temporaryFolder} from '../programs.js';
import {carriers, cilium, echo, eth, ip4, nodes, request, talk, tunnel, writeCapture} from './tunnels.js';

const folder = temporaryFolder();
const file = (name: string) => join(folder.path, name);
const run = (...argv: string[]) => runMain(tcpdumpMain, argv, {cwd: folder.path});
/** Lines that a command prints, without time stamps. */
const lines = async (...argv: string[]) => (await run('-nn', '-t', ...argv)).stdout.split('\n').filter(Boolean);
const demo = ['--cluster', 'demo'];

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
  writeCapture(file('vxlan.pcap'), [cilium]);
  writeCapture(file('talk.pcap'), talk);
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
