/** Same fields, same bytes as scapy; and tshark has nothing to complain about in them. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {beforeAll, expect, it} from 'vitest';
import * as w from '../../src/wire/index.js';
import {describeWith} from '../oracle.js';
import {scapyBytes} from './scapy.js';

const E = w.ethernet({source: 0x020000000001, destination: 0x020000000002});
const ip = (text: string) => w.parseIp4(text)!;
const ip6 = (text: string) => w.parseIp6(text)!;
const I = (more: Partial<w.Ipv4Fields> = {}) =>
  w.ipv4({source: ip('10.0.0.5'), destination: ip('10.0.0.6'), id: 7, ...more});
const S = (more: Partial<w.Ipv6Fields> = {}) => w.ipv6({source: ip6('fd00::1'), destination: ip6('fd00::2'), ...more});
const name = 'my-svc.default.svc.cluster.local.';
const inner = [E, I(), w.icmp({type: 8, rest: 0x00070001}), 'hello'] as const;

const quoted = w.frame(I(), w.udp({sourcePort: 5, destinationPort: 6}), 'abc');
const quoted6 = w.frame(S(), w.udp({sourcePort: 5, destinationPort: 6}), 'abc');

/** Frame → the scapy expression that must give the same bytes. */
const cases: Record<string, [Uint8Array, string]> = {
  arp: [
    w.frame(
      E,
      w.arp({
        operation: 1,
        senderMac: 0x020000000001,
        senderIp: ip('10.0.0.5'),
        targetMac: 0,
        targetIp: ip('10.0.0.6'),
      }),
    ),
    "E/ARP(op=1, hwsrc='02:00:00:00:00:01', psrc='10.0.0.5', hwdst='00:00:00:00:00:00', pdst='10.0.0.6')",
  ],
  qinq: [
    w.frame(
      E,
      w.vlan({id: 100, type: 0x88a8}),
      w.vlan({id: 4095, priority: 7, dei: true}),
      I(),
      w.udp({sourcePort: 1, destinationPort: 2}),
      'x',
    ),
    "E/Dot1AD(vlan=100)/Dot1Q(vlan=4095, prio=7, id=1)/I/UDP(sport=1, dport=2)/b'x'",
  ],
  udp: [
    w.frame(
      E,
      I({tos: 0xb8, flags: w.IPV4_DONT_FRAGMENT, ttl: 1}),
      w.udp({sourcePort: 40000, destinationPort: 54}),
      'odd',
    ),
    "E/IP(src='10.0.0.5', dst='10.0.0.6', id=7, tos=0xb8, flags='DF', ttl=1)/UDP(sport=40000, dport=54)/b'odd'",
  ],
  'ipv4 with 40 bytes of options': [
    w.frame(
      E,
      I({options: Uint8Array.from([0x94, 4, 0, 0, 7, 35, 4, ...new Array(32).fill(0), 0])}),
      w.udp({sourcePort: 1, destinationPort: 2}),
    ),
    "E/IP(src='10.0.0.5', dst='10.0.0.6', id=7, options=[IPOption_Router_Alert(), IPOption_RR(length=35, routers=['0.0.0.0']*8), IPOption_EOL()])/UDP(sport=1, dport=2)",
  ],
  'ipv4 fragment': [
    w.frame(E, I({flags: w.IPV4_MORE_FRAGMENTS, fragmentOffset: 1480, protocol: 17}), 'eight by'),
    "E/IP(src='10.0.0.5', dst='10.0.0.6', id=7, flags='MF', frag=185, proto=17)/b'eight by'",
  ],
  'tcp syn': [
    w.frame(
      E,
      I(),
      w.tcp({
        sourcePort: 40000,
        destinationPort: 80,
        sequence: 0xfffffffe,
        flags: w.TCP_SYN,
        window: 64240,
        options: w.encodeTcpOptions([
          {kind: 'mss', mss: 1410},
          {kind: 'sackOK'},
          {kind: 'timestamps', value: 0xdeadbeef, echo: 0},
          {kind: 'nop'},
          {kind: 'wscale', shift: 7},
        ]),
      }),
    ),
    "E/I/TCP(sport=40000, dport=80, seq=0xfffffffe, flags='S', window=64240, options=[('MSS',1410),('SAckOK',b''),('Timestamp',(0xdeadbeef,0)),('NOP',None),('WScale',7)])",
  ],
  'tcp of 60 bytes with sack and all flags': [
    w.frame(
      E,
      I(),
      w.tcp({
        sourcePort: 1,
        destinationPort: 2,
        sequence: 1,
        acknowledgment: 0x80000000,
        flags: 0x1ff,
        window: 1,
        urgent: 9,
        options: w.encodeTcpOptions([
          {
            kind: 'sack',
            blocks: [
              {left: 1, right: 2},
              {left: 3, right: 4},
              {left: 0xffffffff, right: 6},
              {left: 7, right: 8},
            ],
          },
          {kind: 'other', number: 254, data: Uint8Array.of(1, 2, 3, 4)},
        ]),
      }),
      'data!',
    ),
    "E/I/TCP(sport=1, dport=2, seq=1, ack=0x80000000, flags=0x1ff, window=1, urgptr=9, options=[('SAck',(1,2,3,4,0xffffffff,6,7,8)),(254,b'\\x01\\x02\\x03\\x04')])/b'data!'",
  ],
  'icmp frag needed': [
    w.frame(E, I(), w.icmp({type: 3, code: 4, rest: 1450}), quoted),
    "E/I/ICMP(type=3, code=4, nexthopmtu=1450)/I/UDP(sport=5,dport=6)/b'abc'",
  ],
  'ipv6 udp': [
    w.frame(
      E,
      S({trafficClass: 0xab, flowLabel: 0xfffff, hopLimit: 255}),
      w.udp({sourcePort: 5, destinationPort: 6}),
      'abc',
    ),
    "E/IPv6(src='fd00::1', dst='fd00::2', tc=0xab, fl=0xfffff, hlim=255)/UDP(sport=5,dport=6)/b'abc'",
  ],
  'ipv6 extensions': [
    w.frame(
      E,
      S(),
      w.hopByHop([{type: 5, data: Uint8Array.of(0, 0)}]),
      w.destinationOptions([]),
      w.tcp({sourcePort: 5, destinationPort: 6, flags: w.TCP_SYN, window: 8192}),
    ),
    'E/S/IPv6ExtHdrHopByHop(options=[RouterAlert()])/IPv6ExtHdrDestOpt()/TCP(sport=5,dport=6)',
  ],
  'ipv6 fragment': [
    w.frame(
      E,
      S(),
      w.fragment6({offset: 32, more: true, id: 0x1234}),
      w.udp({sourcePort: 5, destinationPort: 6, checksum: 9, length: 8}),
    ),
    'E/S/IPv6ExtHdrFragment(offset=4, m=1, id=0x1234)/UDP(sport=5,dport=6,chksum=9)',
  ],
  'icmpv6 echo': [
    w.frame(E, S(), w.icmpv6({type: 128, rest: 0x00090002}), 'ping'),
    "E/S/ICMPv6EchoRequest(id=9, seq=2)/b'ping'",
  ],
  'icmpv6 too big': [
    w.frame(E, S(), w.icmpv6({type: 2, rest: 1280}), quoted6),
    "E/S/ICMPv6PacketTooBig(mtu=1280)/S/UDP(sport=5,dport=6)/b'abc'",
  ],
  ns: [
    w.frame(
      E,
      S({hopLimit: 255}),
      w.icmpv6Message(w.encodeNeighborSolicitation(ip6('fd00::2'), [{kind: 'source-mac', mac: 0x020000000001}])),
    ),
    "E/IPv6(src='fd00::1', dst='fd00::2', hlim=255)/ICMPv6ND_NS(tgt='fd00::2')/ICMPv6NDOptSrcLLAddr(lladdr='02:00:00:00:00:01')",
  ],
  na: [
    w.frame(
      E,
      S({hopLimit: 255}),
      w.icmpv6Message(
        w.encodeNeighborAdvertisement(ip6('fd00::2'), w.NA_SOLICITED | w.NA_OVERRIDE, [
          {kind: 'target-mac', mac: 0x020000000002},
        ]),
      ),
    ),
    "E/IPv6(src='fd00::1', dst='fd00::2', hlim=255)/ICMPv6ND_NA(tgt='fd00::2', R=0, S=1, O=1)/ICMPv6NDOptDstLLAddr(lladdr='02:00:00:00:00:02')",
  ],
  rs: [
    w.frame(E, S({hopLimit: 255}), w.icmpv6Message(w.encodeRouterSolicitation())),
    "E/IPv6(src='fd00::1', dst='fd00::2', hlim=255)/ICMPv6ND_RS()",
  ],
  ra: [
    w.frame(
      E,
      S({hopLimit: 255}),
      w.icmpv6Message(
        w.encodeRouterAdvertisement({hopLimit: 64, flags: 0xc8, lifetime: 1800, reachableTime: 1, retransTimer: 2}, [
          {
            kind: 'prefix',
            prefix: {ip: ip6('fd00::'), length: 64},
            onLink: true,
            autonomous: true,
            validLifetime: 0xffffffff,
            preferredLifetime: 3600,
          },
          {kind: 'mtu', mtu: 1450},
        ]),
      ),
    ),
    "E/IPv6(src='fd00::1', dst='fd00::2', hlim=255)/ICMPv6ND_RA(chlim=64, M=1, O=1, prf=1, routerlifetime=1800, reachabletime=1, retranstimer=2)/ICMPv6NDOptPrefixInfo(prefix='fd00::', prefixlen=64, L=1, A=1, validlifetime=0xffffffff, preferredlifetime=3600)/ICMPv6NDOptMTU(mtu=1450)",
  ],
  'dns query': [
    w.frame(
      E,
      I(),
      w.udp({sourcePort: 40000, destinationPort: 53}),
      w.dns({
        id: 7,
        flags: w.DNS_RECURSION_DESIRED,
        questions: [{name, type: w.dnsTypes.AAAA, class: 1}],
        answers: [],
        authorities: [],
        additionals: [
          {
            name: '.',
            class: 1232,
            ttl: 0x8000,
            data: {kind: 'OPT', options: [{code: 65001, data: Uint8Array.of(1, 2)}]},
          },
        ],
      }),
    ),
    `E/I/UDP(sport=40000,dport=53)/DNS(id=7, rd=1, qd=DNSQR(qname='${name}', qtype='AAAA'), ar=DNSRROPT(rrname='.', rclass=1232, z=0x8000, rdata=[EDNS0TLV(optcode=65001, optdata=b'\\x01\\x02')]))`,
  ],
  vxlan: [
    w.frame(E, I(), w.udp({sourcePort: 40000}), w.vxlan({vni: 0xffffff}), ...inner),
    "E/I/UDP(sport=40000,dport=4789,chksum=0)/VXLAN(vni=0xffffff, flags=8)/E/I/ICMP(type=8,id=7,seq=1)/b'hello'",
  ],
  geneve: [
    w.frame(E, I(), w.udp({sourcePort: 40000}), w.geneve({vni: 0x00abcd, flags: w.GENEVE_FLAG_OAM}), ...inner),
    "E/I/UDP(sport=40000,dport=6081,chksum=0)/GENEVE(vni=0xabcd, oam=1)/E/I/ICMP(type=8,id=7,seq=1)/b'hello'",
  ],
  'geneve over ipv6, carrying ipv4': [
    w.frame(E, S(), w.udp({sourcePort: 40000}), w.geneve({vni: 1}), ...inner.slice(1)),
    "E/S/UDP(sport=40000,dport=6081,chksum=0)/GENEVE(vni=1, proto=0x800)/I/ICMP(type=8,id=7,seq=1)/b'hello'",
  ],
  'geneve with 252 bytes of options': [
    w.frame(
      E,
      I(),
      w.udp({sourcePort: 40000}),
      w.geneve({
        vni: 2,
        flags: w.GENEVE_FLAG_CRITICAL,
        options: w.encodeGeneveOptions([
          {class: 0x14b, type: 1, critical: true, data: new Uint8Array(124).fill(0xaa)},
          {class: 0xffff, type: 0x7f, data: new Uint8Array(116).fill(0xbb)},
          {class: 0, type: 0},
        ]),
      }),
      ...inner,
    ),
    "E/I/UDP(sport=40000,dport=6081,chksum=0)/GENEVE(vni=2, critical=1, proto=0x6558, optionlen=63, options=[GeneveOptions(classid=0x14b,type=0x81,length=31,data=b'\\xaa'*124),GeneveOptions(classid=0xffff,type=0x7f,length=29,data=b'\\xbb'*116),GeneveOptions(classid=0,type=0,length=0,data=b'')])/E/I/ICMP(type=8,id=7,seq=1)/b'hello'",
  ],
};

describeWith(['scapy'], 'bytes equal scapy’s', () => {
  let theirs: Record<string, Uint8Array>;
  beforeAll(() => {
    theirs = scapyBytes(Object.fromEntries(Object.entries(cases).map(([key, [, expression]]) => [key, expression])));
  });
  it.each(Object.keys(cases))('%s', (key) => {
    expect(w.toHex(cases[key]![0])).toBe(w.toHex(theirs[key]!));
  });
});

describeWith(['scapy'], 'dns bytes from scapy decode', () => {
  it('every record type', () => {
    const records = [
      "DNSRR(rrname='a.x.', type='A', ttl=30, rdata='10.96.10.50')",
      "DNSRR(rrname='a.x.', type='AAAA', ttl=30, rdata='fd00::1')",
      "DNSRR(rrname='b.x.', type='CNAME', ttl=30, rdata='a.x.')",
      "DNSRR(rrname='x.', type='NS', ttl=30, rdata='ns.x.')",
      "DNSRR(rrname='5.0.0.10.in-addr.arpa.', type='PTR', ttl=30, rdata='a.x.')",
      "DNSRR(rrname='x.', type='TXT', ttl=30, rdata=[b'one', b'two'])",
      "DNSRRSRV(rrname='_http._tcp.x.', ttl=30, priority=1, weight=2, port=3, target='a.x.')",
      "DNSRRSOA(rrname='x.', ttl=30, mname='ns.x.', rname='hostmaster.x.', serial=1, refresh=2, retry=3, expire=4, minimum=5)",
    ];
    const {plain, packed} = scapyBytes({
      plain: `DNS(id=9, qr=1, aa=1, qd=None, an=${records.join('/')})`,
      packed: `dns_compress(DNS(id=9, qr=1, aa=1, qd=None, an=${records.join('/')}))`,
    });
    const read = w.decodeDns(plain, 0, plain.length);
    expect(read.ok && read.message.answers.map(({name, ttl, data}) => ({name, ttl, data}))).toEqual([
      {name: 'a.x.', ttl: 30, data: {kind: 'A', ip: ip('10.96.10.50')}},
      {name: 'a.x.', ttl: 30, data: {kind: 'AAAA', ip: ip6('fd00::1')}},
      {name: 'b.x.', ttl: 30, data: {kind: 'CNAME', name: 'a.x.'}},
      {name: 'x.', ttl: 30, data: {kind: 'NS', name: 'ns.x.'}},
      {name: '5.0.0.10.in-addr.arpa.', ttl: 30, data: {kind: 'PTR', name: 'a.x.'}},
      {
        name: 'x.',
        ttl: 30,
        data: {kind: 'TXT', strings: [new TextEncoder().encode('one'), new TextEncoder().encode('two')]},
      },
      {name: '_http._tcp.x.', ttl: 30, data: {kind: 'SRV', priority: 1, weight: 2, port: 3, name: 'a.x.'}},
      {
        name: 'x.',
        ttl: 30,
        data: {
          kind: 'SOA',
          primary: 'ns.x.',
          mailbox: 'hostmaster.x.',
          serial: 1,
          refresh: 2,
          retry: 3,
          expire: 4,
          minimum: 5,
        },
      },
    ]);
    expect(packed.length).toBeLessThan(plain.length);
    expect(w.decodeDns(packed, 0, packed.length)).toEqual(read);
  });
});

describeWith(['tshark'], 'tshark finds no fault', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wirelay-wire-'));
    return () => rmSync(folder, {recursive: true});
  });
  it('in any of these frames', () => {
    const names = Object.keys(cases).filter((key) => !key.includes('fragment'));
    const path = join(folder, 'all.pcap');
    writeFileSync(path, pcapOf(names.map((key) => cases[key]![0])));
    const layers = ['ip', 'tcp', 'udp', 'icmp', 'icmpv6'];
    const fields = [
      'frame.number',
      '_ws.malformed',
      '_ws.expert.message',
      ...layers.map((x) => `${x}.checksum.status`),
    ];
    const checks = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
    const args = ['-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field]), ...checks];
    const rows = execFileSync('tshark', args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
    const seen = rows.trimEnd().split('\n');
    expect(seen).toHaveLength(names.length);
    for (const [i, row] of seen.entries()) {
      const [, malformed, expert, ...status] = row.split('\t');
      // Status 0 = bad, 1 = good, 2 = unverified, 3 = not present.
      const bad = status.join(',').split(',').includes('0');
      expect({malformed, bad}, `${names[i]}: ${expert}`).toEqual({malformed: '', bad: false});
    }
  });
});

/** A capture by hand: the file format has tests of its own. */
function pcapOf(frames: readonly Uint8Array[]): Uint8Array {
  const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
  const records = frames.flatMap((bytes) => [words(0, 0, bytes.length, bytes.length), bytes]);
  return Buffer.concat([words(0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1), ...records]);
}
