/** Frames that scapy made of random fields, in tunnels and out: layers begin and end where tshark's do, and fields have its values. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, it} from 'vitest';
import {openCapture} from '../../../src/pcap-writer/index.js';
import {decodeLayers, type Layer} from '../../../src/session/layers.js';
import {describeWith} from '../../oracle.js';

const folder = mkdtempSync(join(tmpdir(), 'wirelay-foreign-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** Seeded; argv: seed, file. Geneve is written by hand, so that its options and reserved bits are free. */
const MAKER = `
import random, sys
from scapy.all import *
from scapy.layers.vxlan import VXLAN
r = random.Random(int(sys.argv[1]))
n = lambda bits: r.getrandbits(bits)
ip4 = lambda: '.'.join(str(r.randrange(1, 224)) for _ in range(4))
ip6 = lambda: 'fd00:' + ':'.join('%x' % n(16) for _ in range(7))
mac = lambda: '02:' + ':'.join('%02x' % n(8) for _ in range(5))
port = lambda: r.randrange(20000, 60000)
def ether(inner):
    e = Ether(src=mac(), dst=mac())
    for _ in range(r.choice([0, 0, 1, 2])): e = e/Dot1Q(vlan=n(12), prio=n(3))
    return e/inner
def l4(six):
    kind = r.choice(['tcp', 'udp', 'icmp'])
    if kind == 'tcp':
        options = r.choice([[], [('MSS', n(16))], [('Timestamp', (n(32), n(32)))], [('NOP', None), ('WScale', n(3)), ('SAckOK', b'')]])
        return TCP(sport=port(), dport=port(), seq=n(32), ack=n(32), flags=n(8), window=n(16), options=options)
    if kind == 'udp': return UDP(sport=port(), dport=port())
    return ICMPv6EchoRequest(id=n(16), seq=n(16)) if six else ICMP(type=8, id=n(16), seq=n(16))
def net(inner, six):
    if not six:
        options = r.choice([[], [], [IPOption_RR()]])
        return IP(src=ip4(), dst=ip4(), ttl=n(8), tos=n(8), id=n(16), flags=r.choice(['', 'DF']), options=options)/inner
    p = IPv6(src=ip6(), dst=ip6(), hlim=n(8), tc=n(8), fl=n(20))
    for x in r.sample([IPv6ExtHdrHopByHop(options=[RouterAlert()]), IPv6ExtHdrDestOpt()], r.choice([0, 0, 1])): p = p/x
    return p/inner
def packet():
    six = r.random() < .4
    return net(l4(six)/Raw(bytes(n(8) for _ in range(r.randrange(0, 40)))), six)
def geneve(inner, type):
    options = b''.join(bytes([n(8), n(8), n(8) & 0x7f, k]) + bytes(n(8) for _ in range(4*k)) for k in r.choice([[], [1], [0, 2], [3, 1, 0]]))
    return Raw(bytes([len(options)//4, 0]) + type.to_bytes(2, 'big') + n(24).to_bytes(3, 'big') + b'\\0' + options + bytes(inner))
def tunnel():
    six = r.random() < .4
    kind = r.choice(['geneve', 'vxlan', 'gre'])
    if kind == 'gre': return net(GRE(key_present=1, key=n(32), seqnum_present=1, sequence_number=n(32))/packet(), six) if six == 0 else net(GRE()/ether(packet()), six)
    if kind == 'vxlan': return net(UDP(sport=port(), dport=4789)/VXLAN(vni=n(24), flags=8)/ether(packet()), six)
    inner = ether(packet())
    return net(UDP(sport=port(), dport=6081)/geneve(inner, 0x6558), six)
wrpcap(sys.argv[2], [Ether(bytes(ether(r.choice([packet, tunnel, tunnel])()))) for _ in range(120)])
`;

const names: Readonly<Record<string, Layer['name']>> = {
  eth: 'Ethernet',
  vlan: 'VLAN',
  ip: 'IPv4',
  ipv6: 'IPv6',
  tcp: 'TCP',
  udp: 'UDP',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
  geneve: 'Geneve',
  vxlan: 'VXLAN',
  gre: 'GRE',
};

/** tshark counts a message's data as ICMP, and extension headers not as IPv6. */
const otherwise: ReadonlySet<string> = new Set(['ICMP', 'ICMPv6', 'IPv6']);

/** Field of tshark → ours of the same layer. */
const fields: Readonly<Record<string, string>> = {
  'eth.dst': 'destination',
  'eth.src': 'source',
  'vlan.id': 'VLAN id',
  'vlan.priority': 'priority',
  'ip.ttl': 'TTL',
  'ip.dsfield.dscp': 'DSCP',
  'ip.id': 'identification',
  'ip.len': 'total length',
  'ip.src': 'source',
  'ip.dst': 'destination',
  'ipv6.hlim': 'hop limit',
  'ipv6.plen': 'payload length',
  'ipv6.flow': 'flow label',
  'ipv6.src': 'source',
  'ipv6.dst': 'destination',
  'tcp.srcport': 'source port',
  'tcp.dstport': 'destination port',
  'tcp.seq_raw': 'sequence',
  'tcp.ack_raw': 'acknowledgment',
  'tcp.window_size_value': 'window',
  'udp.srcport': 'source port',
  'udp.dstport': 'destination port',
  'udp.length': 'length',
  'icmp.seq': 'sequence',
  'icmpv6.echo.sequence_number': 'sequence',
  'geneve.vni': 'VNI',
  'vxlan.vni': 'VNI',
  'gre.key': 'key',
  'gre.sequence_number': 'sequence',
};

interface Proto {
  readonly name: Layer['name'];
  readonly at: number;
  readonly size: number;
  readonly values: Map<string, string>;
}

/** Layers of each packet, as PDML has them: protocols are indented by two blanks, what belongs to them by more. */
function theirs(file: string): Proto[][] {
  const args = [
    '-n',
    '-r',
    file,
    '-T',
    'pdml',
    '-o',
    'tcp.relative_sequence_numbers:FALSE',
    '-o',
    'ip.defragment:FALSE',
  ];
  const pdml = execFileSync('tshark', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const packets: Proto[][] = [];
  let current: Proto | undefined;
  for (const line of pdml.split('\n')) {
    const value = (key: string) => new RegExp(` ${key}="([^"]*)"`).exec(line)?.[1] ?? '';
    if (line.startsWith('<packet>')) packets.push([]);
    else if (/^ {2}<proto /.test(line)) {
      const name = names[value('name')];
      current = name && {name, at: Number(value('pos')), size: Number(value('size')), values: new Map()};
      if (current) packets.at(-1)?.push(current);
    } else if (line.includes('<field ') && fields[value('name')] && !current?.values.has(value('name')))
      current?.values.set(value('name'), value('show'));
  }
  return packets;
}

/** `443 https`, `0x01bb`, `443` → 443; addresses as they are. */
const plain = (text: string) => {
  const [word = ''] = text.split(' ');
  return /^(0x[\da-f]+|\d+)$/.test(word) ? Number(word) : word;
};

describeWith(['tshark', 'scapy'], 'foreign frames', () => {
  it.each([1, 2, 3])('are decoded as tshark does: seed %i', (seed) => {
    const file = join(folder, `${seed}.pcap`);
    execFileSync('/usr/bin/python3', ['-c', MAKER, String(seed), file], {stdio: ['ignore', 'ignore', 'pipe']});
    const packets = theirs(file);
    expect(packets).toHaveLength(120);
    const reader = openCapture(file, {mixed: true});
    let compared = 0;
    for (const [i, protos] of packets.entries()) {
      const record = reader.next();
      if (!record) throw new Error(`no record ${i}`);
      const layers = decodeLayers(record.bytes.slice(record.start, record.end), {geneve: 6081, vxlan: 4789}, 1);
      const known = layers.filter(({name}) => Object.values(names).includes(name));
      const shape = (one: {name: string; at: number}, size: number) =>
        `${one.name} ${one.at} ${otherwise.has(one.name) ? '' : size}`;
      expect(
        known.map((one) => shape(one, one.end - one.at)),
        `frame ${i + 1}`,
      ).toEqual(protos.map((one) => shape(one, one.size)));
      for (const [at, {name, values}] of protos.entries())
        for (const [key, value] of values) {
          const ours = known[at]?.fields.find((field) => field.name === fields[key])?.value;
          expect([i + 1, name, key, plain(ours ?? 'missing')]).toEqual([i + 1, name, key, plain(value)]);
          compared++;
        }
    }
    reader.close();
    expect(compared).toBeGreaterThan(2000);
  });
});
