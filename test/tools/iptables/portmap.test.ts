/** hostPorts by the CNI plugin portmap: its rules, packets that walk them, and both in a real kernel. */
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {definitionOf} from '../../../src/cluster/demo.js';
import {resolve} from '../../../src/cluster/resolve.js';
import type {ClusterSpec} from '../../../src/cluster/spec.js';
import {createControl} from '../../../src/control/control.js';
import {sha512} from '../../../src/control/kube-proxy/sha512.js';
import {listChains} from '../../../src/tools/iptables/list.js';
import {noCounters} from '../../../src/tools/iptables/rule-text.js';
import {formatIp} from '../../../src/wire/addr.js';
import {get16} from '../../../src/wire/bytes.js';
import {ipv4Source} from '../../../src/wire/ipv4.js';
import {runLab} from '../../datapath/run/lab.js';
import {walker} from '../../datapath/run/walker.js';
import {describeWith} from '../../oracle.js';
import {rulesetOf, savedText, withoutComments} from './clusters.js';
import {clients, type Flow, sendReal} from './flows.js';

const isolate = 'unshare';

const nodes = [
  {name: 'node1', ip: ['10.0.0.5', 'fd00:10::5'], podCIDR: ['10.32.2.0/24', 'fd00:32:0:2::/64']},
  {name: 'node2', ip: ['10.0.0.6', 'fd00:10::6'], podCIDR: ['10.32.1.0/24', 'fd00:32:0:1::/64']},
];

function cluster(ports: NonNullable<ClusterSpec['pods']>[number]['ports'], changes: Partial<ClusterSpec> = {}) {
  const spec: ClusterSpec = {
    profile: 'kube-proxy',
    podCIDR: ['10.32.0.0/13', 'fd00:32::/48'],
    serviceCIDR: ['10.96.0.0/12', 'fd00:96::/112'],
    underlay: {vnet: ['10.0.0.0/16', 'fd00:10::/64'], mtu: 1500},
    nodes,
    pods: [
      {name: 'web', node: 'node1', ip: ['10.32.2.20', 'fd00:32:0:2::20'], ports},
      {name: 'near', node: 'node1', ip: ['10.32.2.21', 'fd00:32:0:2::21']},
      {name: 'far', node: 'node2', ip: ['10.32.1.10', 'fd00:32:0:1::10']},
    ],
    ...changes,
  };
  return resolve(definitionOf('portmap', 'portmap', spec));
}

const web = cluster([{port: 8080, hostPort: 9000}]);
/** More ports than a multiport takes, every protocol, addresses of either family and none. */
const many = cluster([
  ...Array.from({length: 17}, (_, i) => ({port: 8000 + i, hostPort: 9000 + i})),
  {port: 53, protocol: 'UDP', hostPort: 53, hostIP: '10.0.0.5'},
  {port: 53, protocol: 'SCTP', hostPort: 54, hostIP: 'fd00:10::5'},
  {port: 81, hostPort: 81, hostIP: '0.0.0.0'},
  {port: 82},
]);

it('SHA-512 is that of the real one, at every length around a block', () => {
  const real = (text: string) => createHash('sha512').update(text).digest('hex');
  for (let n = 0; n < 260; n++) expect(sha512('x'.repeat(n))).toBe(real('x'.repeat(n)));
  fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => sha512(text) === real(text)));
});

describe('the rules', () => {
  const lines = (family: 4 | 6 = 4) =>
    savedText(rulesetOf(many, 'node1', family))
      .split('\n')
      .filter((line) => line.includes('CNI-'));

  it('15 ports in a rule, protocols by name, host addresses of the own family only', () => {
    const jumps = lines().filter((line) => line.startsWith('-A CNI-HOSTPORT-DNAT'));
    expect(jumps.map((line) => /-p (\w+) .*--dports (\S+)/.exec(line)?.slice(1))).toEqual([
      ['sctp', '54'],
      ['tcp', Array.from({length: 15}, (_, i) => 9000 + i).join(',')],
      ['tcp', '9015,9016,81'],
      ['udp', '53'],
    ]);
    const to = (family: 4 | 6) => lines(family).filter((line) => line.includes('--to-destination'));
    expect(to(4)).toHaveLength(19);
    expect(to(4).at(-2)).toMatch(
      /-d 10\.0\.0\.5\/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10\.32\.2\.20:53$/,
    );
    expect(to(6)).toHaveLength(18);
    expect(to(6).at(-1)).toMatch(/-d fd00:10::5\/128 -p sctp .* --to-destination \[fd00:32:0:2::20\]:53$/);
  });

  it('chains are called by network and sandbox', () => {
    const called = lines().flatMap((line) => {
      const [, id, chain] = /id: \\"([0-9a-f]{64})\\"" .* -j (CNI-DN-[0-9a-f]{21})$/.exec(line) ?? [];
      return chain === undefined ? [] : [[chain, createHash('sha512').update(`cbr0${id}`).digest('hex').slice(0, 21)]];
    });
    expect(called).toHaveLength(4);
    for (const [chain, digest] of called) expect(chain).toBe(`CNI-DN-${digest}`);
  });

  it('only where pods have hostPorts, and never with Cilium', () => {
    expect(savedText(rulesetOf(many, 'node2'))).not.toContain('CNI-');
    const cilium = cluster([{port: 8080, hostPort: 9000}], {
      profile: 'cilium',
      cilium: {'kube-proxy-replacement': false, 'enable-ipv6': true},
    });
    expect(createControl(cilium).state('node1').rulesets?.length).toBe(2);
    expect(savedText(rulesetOf(cilium, 'node1'))).not.toContain('CNI-');
    expect(cilium.notes.map(({message}) => message)).toContainEqual(
      expect.stringContaining('hostPort leads nowhere: Cilium'),
    );
  });
});

/** The source that the pod sees at each connection's first packet. */
const seen = (lab: ReturnType<typeof runLab>) =>
  lab
    .at('default/web eth0 in')
    .filter((b) => get16(b, 12) === 0x0800 && b[23] === 6 && b[47] === 2)
    .map((b) => formatIp(ipv4Source(b, 14)));

describe.each(['iptables', 'ipvs'] as const)('packets, kube-proxy in %s mode', (mode) => {
  const own = cluster([{port: 8080, hostPort: 9000}], {kubeProxy: {mode}});
  it.each([
    ['from outside', '192.0.2.1', '10.0.0.5', '192.0.2.1'],
    ['from another node', 'node2', '10.0.0.5', '10.0.0.6'],
    ['from a pod of another node', 'far', '10.0.0.5', '10.32.1.10'],
    ['from a pod beside it', 'near', '10.0.0.5', '10.0.0.5'],
    ['from the pod itself', 'web', '10.0.0.5', '10.0.0.5'],
    ['from the node', 'node1', '10.0.0.5', '10.0.0.5'],
  ])('%s', (_title, from, to, source) => {
    const lab = runLab(own, [`${from} -> ${to}:9000/http`]);
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1]);
    expect(new Set(seen(lab))).toEqual(new Set([source]));
  });

  it('over IPv6; and no other port', () => {
    const lab = runLab(own, [
      'far -> [fd00:10::5]:9000/http',
      'near -> [fd00:10::5]:9000/http',
      'far -> 10.0.0.5:9001/http',
    ]);
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1, 1, 0]);
  });
});

it('in nftables mode the loader says that nothing leads to them', () => {
  const quiet = (mode: 'iptables' | 'nftables') =>
    cluster([{port: 8080, hostPort: 9000}], {kubeProxy: {mode}}).notes.filter(({message}) =>
      message.includes('hostPort'),
    );
  expect(quiet('iptables')).toEqual([]);
  expect(quiet('nftables').map(({message}) => message)).toEqual([
    expect.stringContaining('default/web: hostPort leads nowhere'),
  ]);
});

describeWith(['iptables', 'netns'], 'portmap, real', () => {
  const real = (script: string, input: string) =>
    spawnSync(isolate, ['-n', 'bash', '-c', script], {input, encoding: 'utf8', env: {...process.env, TZ: 'UTC'}});

  it.each([4, 6] as const)('IPv%d: restored, saved and listed the same', (family) => {
    const program = family === 4 ? 'iptables' : 'ip6tables';
    const ruleset = rulesetOf(many, 'node1', family);
    const text = savedText(ruleset);
    const saved = real(`${program}-restore && ${program}-save`, text);
    expect(saved.stderr).toBe('');
    expect(withoutComments(saved.stdout)).toBe(text);
    const table = ruleset.tables.find((t) => t.name === 'nat')!;
    for (const [numeric, flag] of [
      [true, '-n'],
      [false, ''],
    ] as const) {
      const {stdout} = real(`${program}-restore; ${program} -t nat -L ${flag} -v`, text);
      const options = {family, numeric, verbose: true, exact: false, lineNumbers: false};
      const ours = listChains(table, noCounters, options, undefined, undefined);
      if (numeric) expect(ours).toBe(stdout);
      else expect(ours.match(/multiport.*/g)).toEqual(stdout.match(/multiport.*/g));
    }
  });

  it('packets take the way that the walk says', () => {
    const flows: readonly (readonly [Flow, string])[] = [
      [['out', 'tcp', '10.0.0.5', 9000, 3], '10.32.2.20 sees 192.0.2.1'],
      [['pod-a', 'tcp', '10.0.0.5', 9000, 3], '10.32.2.20 sees 10.32.1.10'],
      [['pod-b', 'tcp', '10.0.0.5', 9000, 3], '10.32.2.20 sees 10.0.0.5'],
    ];
    const ruleset = rulesetOf(web);
    const {answers} = sendReal(
      savedText(ruleset),
      flows.map(([flow]) => flow),
      ['iptables-restore'],
      ['iptables-save', '-c'],
    );
    expect(answers.map((texts) => [...new Set(texts)])).toEqual(flows.map(([, text]) => [text]));
    for (const [[client, , address, port], text] of flows) {
      const walking = walker(ruleset);
      const where = walking.to(clients[client]!, address, port);
      expect(`${where.slice(5, -5)} sees ${walking.packet.mark ? '10.0.0.5' : clients[client]}`).toBe(text);
    }
  });
});
