"""Writes the captures that the differential tests read: python3 captures.py FOLDER.

One file per subject. Packets are built with scapy; where scapy would mend a length or a checksum, bytes are patched after.
Everything is derived from fixed seeds: the same files on each run.
"""
import random
import struct
import sys

from scapy.all import *  # noqa: F403
from scapy.layers.dns import *  # noqa: F403
from scapy.layers.inet6 import *  # noqa: F403
from scapy.layers.l2 import *  # noqa: F403

folder = sys.argv[1]
rng = random.Random(7)
conf.verb = 0

A = {'src': '02:42:0a:00:00:01', 'dst': '02:42:0a:00:00:02'}
B = {'src': 'aa:bb:cc:00:00:01', 'dst': 'aa:bb:cc:00:00:02'}
E = Ether(**A)
# For payloads given as bytes.
E4 = Ether(type=0x0800, **A)
E_ARP = Ether(type=0x0806, **A)


def noise(n):
    return bytes(rng.randrange(256) for _ in range(n))


def write(name, frames, linktype=1):
    """Frames with growing gaps between them, some crossing a second; half-second fractions differ."""
    with open(f'{folder}/{name}.pcap', 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 262144, linktype))
        t = 1_700_000_000_123_456
        for frame in frames:
            data = bytes(frame)
            f.write(struct.pack('<IIII', t // 1_000_000, t % 1_000_000, len(data), len(data)) + data)
            t += 1 + rng.randrange(400_000)


def patched(frame, at, value):
    data = bytearray(bytes(frame))
    data[at:at + len(value)] = value
    return bytes(data)


def ip4(**k):
    return IP(src='10.0.0.1', dst='10.0.0.2', **k)


def ip6(**k):
    return IPv6(src='fd00::1', dst='fd00::2', **k)


# ---- link layer ----
ether = [
    E / ip4() / UDP(sport=1, dport=2) / b'abc',
    E / Dot1Q(vlan=10, prio=5) / ip4() / TCP(),
    Ether(type=0x88A8, **A) / Dot1Q(vlan=20, id=1) / Dot1Q(vlan=30) / ip6() / UDP(sport=1, dport=2),
    Ether(type=0x9100, **A) / Dot1Q(vlan=4095) / ARP(),
    Ether(type=0x9200, **A) / Dot1Q(vlan=1) / ip4() / ICMP(),
    Ether(type=0x88B5, **A) / bytes(range(40)),
    Ether(type=0x88B5, **A) / Raw(noise(101)),
    Ether(type=0x0001, **A) / b'\x42',
    Dot3(**A) / LLC(dsap=0x42, ssap=0x43, ctrl=0x13) / b'abcdef',
    Dot3(**A) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0, code=0x0800) / ip4() / UDP() / b'x',
    Dot3(**A) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0x123456, code=0x4321) / b'abcd',
    Dot3(**A) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0, code=0x88B5) / b'abcd',
    Dot3(**A) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0x0080C2, code=7) / b'\0\0' / E / ip4() / TCP(),
    Dot3(**A) / LLC(dsap=6, ssap=6, ctrl=3) / ip4() / UDP(),
    Dot3(**A) / b'\x10\x11\xaf\x81\x01\x02',
    Dot3(**A) / b'\x10\x20\xbf\x81',
    Dot3(**A) / b'\x04\x04\xe3abc',
    Dot3(**A) / b'\x04\x08\x01\x02abc',
    Dot3(**A) / b'\x04\x09\x05\x03abc',
    Dot3(**A) / b'\x04\x04\x02\x05abc',
    Dot3(**A) / b'\x04\x04',
    Dot3(**A) / b'\x04\x04\x01',
    Dot3(len=200, **A) / b'\x04\x04\x03' / noise(60),
    Ether(type=0x88B5, **A) / Raw(b''),
    Ether(type=0x8100, **A) / b'\0',
    Ether(type=0x8100, **A) / b'\0\x0a\x08\x00',
    E / Dot1Q(vlan=7, type=30) / b'\x04\x04\x03abc',
    Ether(src='00:00:0c:01:02:03', dst='ff:ff:ff:ff:ff:ff', type=0x88B6) / b'q',
]
for t in (0x6558, 0x8870, 0x0600, 0x0BAD, 0x05DD, 0xFFFF):
    ether.append(Ether(type=t, **A) / Raw(noise(20)))
write('ether', ether)

arp = []
for op in range(0, 12):
    arp.append(E / ARP(op=op, hwsrc=A['src'], psrc='10.0.0.1', hwdst='02:42:0a:00:00:09', pdst='10.0.0.2'))
    arp.append(E / ARP(op=op, hwsrc=A['src'], psrc='10.0.0.1', hwdst='00:00:00:00:00:00', pdst='10.0.0.2') / Padding(b'\0' * 18))
for hw in (0, 6, 7, 15, 19, 23, 24, 32, 99):
    arp.append(E / ARP(hwtype=hw, op=1 + hw % 2))
for hwlen, plen, ptype in ((0, 4, 0x800), (8, 4, 0x800), (6, 16, 0x800), (6, 4, 0x1234), (6, 4, 0x1000), (2, 2, 0x86DD)):
    for op in (1, 2, 3, 4, 8, 9, 77):
        arp.append(E_ARP / (struct.pack('>HHBBH', 1, ptype, hwlen, plen, op) + noise(2 * hwlen + 2 * plen)))
for op in (1, 2, 8, 9, 10, 11):
    for lengths in ((20, 0, 4, 20, 0, 4), (0, 0, 4, 0, 0, 4), (8, 6, 4, 8, 6, 4), (8, 6, 3, 8, 6, 4), (8, 6, 4, 8, 6, 2)):
        sh, ss, sp, th, ts, tp = lengths
        arp.append(E_ARP / (struct.pack('>HHBBHBBBB', 19, 0x800, sh, ss, op, sp, th, ts, tp) + noise(sum(lengths))))
for dlci in (b'\x04\x11', b'\x18\x41', b'\x18\x40\x03', b'\x18\x40\x02\x05', b'\x05\x41', b'\x04\x10', b'\x04\x10\x02\x04'):
    n = len(dlci)
    arp.append(E_ARP / (struct.pack('>HHBBH', 15, 0x800, n, 4, 2) + dlci + b'\x0a\0\0\1' + dlci + b'\x0a\0\0\2'))
arp.append(Ether(type=0x8035, **A) / ARP(op=3, hwdst='02:42:0a:00:00:09'))
write('arp', arp)

# ---- IPv4 ----
ip = []
for tos in (0, 1, 2, 3, 0xB8, 0xFF):
    ip.append(E / ip4(tos=tos, id=rng.randrange(65536), ttl=rng.randrange(256)) / UDP(sport=5, dport=6) / b'x')
for flags in range(8):
    ip.append(E / ip4(flags=flags, id=7) / TCP(sport=5, dport=6) / b'abc')
    ip.append(E / ip4(flags=flags, frag=5, proto=(1, 6, 17, 58, 0, 132, 200, 255)[flags]) / noise(24))
for proto in list(range(0, 256, 1)):
    if proto not in (1, 2, 6, 8, 9, 17, 33, 46, 47, 50, 51, 55, 88, 89, 103, 108, 112, 113, 132, 135, 62):
        ip.append(E / ip4(proto=proto) / noise(10))
options = [
    IPOption_RR(routers=['1.2.3.4', '0.0.0.0']),
    IPOption_RR(routers=['1.2.3.4', '5.6.7.8'], pointer=8),
    IPOption_LSRR(routers=['9.9.9.9', '8.8.8.8']),
    IPOption_SSRR(routers=['9.9.9.9']),
    IPOption_Router_Alert(),
]
for option in options:
    ip.append(E / ip4(options=[option]) / TCP(sport=5, dport=6))
    ip.append(E / ip4(options=[IPOption_NOP(), option, IPOption_EOL()]) / UDP(sport=5, dport=6) / b'xy')
raw_options = [
    b'\x44\x0c\x05\x00\0\0\0\1\0\0\0\2', b'\x44\x14\x0d\x31\x0a\0\0\1\0\0\0\1\x0a\0\0\2\0\0\0\2', b'\x44\x0c\x09\x03\x01\x02\x03\x04\0\0\0\7',
    b'\x44\x08\x05\x02\0\0\0\1', b'\x44\x03\x05\x00', b'\x44\x0b\x05\x00\0\0\0\1\0\0\0\0', b'\x44\x0c\x00\x00\0\0\0\1\0\0\0\2',
    b'\x07\x02\x00\x00', b'\x07\x03\x04\x00', b'\x07\x08\x04\x01\x02\x03\x04\0', b'\x07\x07\x09\x01\x02\x03\x04\0', b'\x07\x07\x00\x01\x02\x03\x04\0',
    b'\x94\x04\x00\x05', b'\x94\x03\x00\x00', b'\x82\x0b' + bytes(10), b'\x52\x0c' + bytes(10), b'\x99\x04\x01\x02', b'\x99\x01\x00\x00',
    b'\x99\x20\x00\x00', b'\x01\x01\x01\x00', b'\x00\x01\x02\x03', b'\x88\x04\x12\x34', b'\x83\x27\x04' + noise(37), b'\x07\x28\x04' + noise(37),
]
for o in raw_options:
    o = o + b'\0' * (-len(o) % 4)
    header = ip4(ihl=5 + len(o) // 4, proto=17, len=20 + len(o) + 11)
    data = bytearray(bytes(header) + o + bytes(UDP(sport=5, dport=6, len=11)) + b'abc')
    data[10:12] = b'\0\0'
    data[10:12] = struct.pack('>H', checksum(bytes(data[:20 + len(o)])))
    ip.append(E4 / bytes(data))
ip.append(patched(E / ip4() / TCP(sport=1, dport=2), 24, b'\xbe\xef'))
base = E / ip4() / TCP(sport=1, dport=2) / b'payload'
for length in (0, 10, 19, 20, 21, 24, 39, 40, 43, 47, 48, 100, 65535):
    ip.append(patched(base, 16, struct.pack('>H', length)))
for first in (0x00, 0x35, 0x44, 0x40, 0x46, 0x4F, 0x55, 0x65, 0xF5):
    ip.append(patched(base, 14, bytes([first])))
ip.append(E / ip4(proto=4) / IP(src='1.1.1.1', dst='2.2.2.2') / UDP(sport=1, dport=2) / b'x')
ip.append(E / ip4(proto=41) / IPv6(src='::1', dst='::2') / TCP(sport=1, dport=2))
ip.append(E / ip4() / TCP(sport=1, dport=2) / Padding(b'\0' * 30))
ip.append(Ether(type=0x0800, **A) / b'\x45')
ip.append(Ether(type=0x86DD, **A) / b'\x60' / noise(20))
write('ip', ip)

# ---- IPv6 ----
v6 = []
for address in ('::', '::1', 'fd00::1', '1:2:3:4:5:6:7:8', '1:0:0:2::3', '::ffff:1.2.3.4', '::1.2.3.4', '1::', '0:1:2:3:4:5:6:0', '2001:db8:0:1:1:1:1:1',
                '::2:0:0:3', 'fe80::1:0:0:0', '0:0:1::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'):
    v6.append(E / IPv6(src=address, dst='fd00::2') / UDP(sport=5, dport=6) / b'x')
v6.append(E / ip6(tc=0x12, fl=0x12345) / TCP(sport=5, dport=6))
v6.append(E / ip6(tc=0xFF) / ICMPv6EchoRequest(id=1, seq=2, data=b'x'))
v6.append(E / ip6(fl=1, hlim=0) / UDP(sport=5, dport=6, chksum=0) / b'x')
hbh = [
    IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b'')]),
    IPv6ExtHdrHopByHop(options=[Pad1(), Pad1(), PadN(optdata=b'abc')]),
    IPv6ExtHdrHopByHop(options=[HBHOptUnknown(otype=0x1E, optdata=b'ab')]),
    IPv6ExtHdrHopByHop(options=[Jumbo(jumboplen=100000)]),
    IPv6ExtHdrHopByHop(options=[Jumbo(jumboplen=100)]),
    IPv6ExtHdrDestOpt(options=[HAO(hoa='fd00::99')]),
    IPv6ExtHdrDestOpt(options=[PadN(optdata=b'abcd')]),
    IPv6ExtHdrDestOpt(options=[Jumbo(jumboplen=100000)]),
    IPv6ExtHdrRouting(addresses=['fd00::5', 'fd00::6'], segleft=1),
    IPv6ExtHdrRouting(type=2, addresses=['fd00::5'], segleft=1, reserved=9),
    IPv6ExtHdrRouting(type=9, addresses=['fd00::5'], segleft=1),
    IPv6ExtHdrSegmentRouting(addresses=['fd00::7', 'fd00::8'], segleft=1, lastentry=1, tag=0xBEEF),
    IPv6ExtHdrFragment(offset=0, m=1, id=0x1234),
    IPv6ExtHdrFragment(offset=4, m=0, id=0x1234),
    IPv6ExtHdrFragment(offset=0, m=0, id=0x99),
]
uppers = [UDP(sport=5, dport=6) / b'xyz', TCP(sport=5, dport=6, flags='PA', seq=5, ack=6) / b'hello', ICMPv6EchoRequest(id=9, seq=2, data=b'data')]
for h in hbh:
    for upper in uppers:
        v6.append(E / ip6() / h / upper)
    v6.append(E / ip6() / IPv6ExtHdrHopByHop(options=[PadN(optdata=b'')]) / h / uppers[0])
    v6.append(E / ip6() / h / IPv6ExtHdrDestOpt(options=[PadN(optdata=b'')]) / uppers[1])
    v6.append(E / ip6(plen=0) / h / uppers[0])
    v6.append(patched(E / ip6() / h / uppers[0], 14 + 40 + 1, b'\x40'))
    for k in range(2, 12):
        v6.append(patched(E / ip6() / h / uppers[1], 14 + 40 + k, bytes([rng.randrange(256)])))
for n in list(range(0, 256, 5)) + [0, 1, 2, 4, 41, 43, 44, 58, 59, 60, 143]:
    if n not in (2, 6, 8, 9, 17, 33, 46, 47, 50, 51, 55, 88, 89, 103, 108, 112, 113, 132, 135, 62):
        v6.append(E / ip6(nh=n) / noise(40))
base6 = E / ip6() / UDP(sport=5, dport=6) / b'xyz'
for length in (0, 1, 7, 8, 9, 10, 11, 12, 200, 65535):
    v6.append(patched(base6, 18, struct.pack('>H', length)))
for first in (0x00, 0x45, 0x50, 0x70):
    v6.append(patched(base6, 14, bytes([first])))
v6.append(E / ip6(nh=143) / Ether(**B) / ip4() / ICMP())
v6.append(E / ip6(nh=4) / ip4() / ICMP())
v6.append(E / ip6(nh=41) / ip6() / ICMPv6EchoReply())
write('ip6', v6)

# ---- UDP ----
udp = []
for net in (ip4, ip6):
    udp.append(E / net() / UDP(sport=34567, dport=9000) / b'hello')
    udp.append(E / net() / UDP(sport=34567, dport=9000, chksum=0) / b'hello')
    udp.append(E / net() / UDP(sport=34567, dport=9000, chksum=0x1111) / b'hello')
    for length in (0, 4, 7, 8, 9, 12, 13, 14, 100, 65535):
        udp.append(E / net() / UDP(sport=34567, dport=9000, len=length, chksum=0x2222) / b'hello')
    udp.append(E / net() / UDP(sport=34567, dport=9000) / b'odd' / Padding(b'\0' * 20))
udp.append(E / ip4(options=[IPOption_LSRR(routers=['9.9.9.9', '8.8.8.8'])]) / UDP(sport=5, dport=6) / b'xy')
for f in fragment(ip4(id=77) / UDP(sport=5, dport=6) / noise(4000), 1400):
    udp.append(E / f)
for f in fragment6(ip6() / IPv6ExtHdrFragment(id=88) / UDP(sport=5, dport=6) / noise(4000), 1400):
    udp.append(E / f)
write('udp', udp)

# ---- TCP ----
tcp = []
seq, ack = 0xFFFFFF00, 5000
for net in (ip4, ip6):
    peer = {'src': 'fd00::2', 'dst': 'fd00::1'} if net is ip6 else {'src': '10.0.0.2', 'dst': '10.0.0.1'}
    back = (lambda **k: IPv6(**peer, **k)) if net is ip6 else (lambda **k: IP(**peer, **k))
    for sport, dport in ((34567, 9000), (9000, 34567), (7777, 7777)):
        s = dict(sport=sport, dport=dport)
        r = dict(sport=dport, dport=sport)
        tcp += [
            E / net() / TCP(flags='S', seq=seq, options=[('MSS', 1460), ('SAckOK', b''), ('Timestamp', (1, 0)), ('NOP', None), ('WScale', 7)], **s),
            E / back() / TCP(flags='SA', seq=ack, ack=(seq + 1) % 2**32, options=[('MSS', 1460), ('NOP', None), ('WScale', 7)], **r),
            E / net() / TCP(flags='A', seq=(seq + 1) % 2**32, ack=ack + 1, **s),
            E / net() / TCP(flags='PA', seq=(seq + 1) % 2**32, ack=ack + 1, **s) / noise(500),
            E / back() / TCP(flags='A', seq=ack + 1, ack=(seq + 501) % 2**32, options=[('NOP', None), ('NOP', None), ('SAck', (seq + 700, seq + 800))] if seq + 800 < 2**32 else [], **r),
            E / back() / TCP(flags='A', seq=ack + 1, ack=(seq + 501) % 2**32, options=[('SAck', (600, 700, 800, 900))], **r) / b'reply',
            E / net() / TCP(flags='FPUA', seq=(seq + 501) % 2**32, ack=ack + 6, urgptr=5, **s) / b'x',
            E / net() / TCP(flags='R', seq=113, **s),
            E / net() / TCP(flags='RA', seq=(seq + 600) % 2**32, ack=ack + 6, **s) / b'reset cause\x01\xff',
            E / net() / TCP(flags='RA', seq=(seq + 600) % 2**32, ack=ack + 6, **s) / noise(60),
            E / net() / TCP(flags=0, **s),
            E / net() / TCP(flags=0x1FF, seq=9, ack=9, **s),
            E / net() / TCP(flags='SA', seq=1, ack=2, **s),
            E / net() / TCP(flags='A', seq=10, ack=20, chksum=0x1111, **s) / b'abc',
        ]
        seq = (seq + 12345) % 2**32
tcp_options = [
    b'\x02\x04\x05\xb4', b'\x02\x03\x05', b'\x02\x05\x05\xb4\x00', b'\x03\x03\x07', b'\x03\x04\x07\x00', b'\x04\x02', b'\x04\x03\x00', b'\x05\x0a' + noise(8), b'\x05\x12' + noise(16),
    b'\x05\x06abcd', b'\x05\x02', b'\x06\x06abcd', b'\x07\x06abcd', b'\x08\x0a' + noise(8), b'\x08\x08' + noise(6), b'\x0b\x06abcd', b'\x0c\x06abcd', b'\x0d\x06abcd',
    b'\x13\x12' + noise(16), b'\x13\x0a' + noise(8), b'\x14\x04\x01\x02', b'\x1c\x04\x80\x05', b'\x1c\x04\x00\x10', b'\x1d\x10\x01\x02' + noise(12), b'\x1d\x04\x01\x02', b'\x1d\x03\x01',
    b'\x22\x02', b'\x22\x0a' + noise(8), b'\x22\x05abc', b'\x22\x04ab', b'\x22\x14' + noise(18), b'\xfe\x04\x12\x34', b'\xfe\x04\xf9\x89', b'\xfe\x0c\xf9\x89' + noise(8), b'\xfe\x03\x12', b'\xfe\x02',
    b'\x63\x04zz', b'\x63\x02', b'\x63\x01', b'\x63\x00', b'\x63\x40', b'\x00\x01\x02\x03', b'\x01\x01\x01', b'\x02', b'\xfd\x06\x12\x34ab',
]
for sub in range(0, 9):
    for n in (3, 4, 8, 10, 12, 16, 18, 20, 22, 24, 26, 28, 30, 32):
        tcp_options.append(bytes([30, n, sub << 4 | rng.choice((0, 1, 4, 6))]) + noise(n - 3))
        tcp_options.append(bytes([30, n, sub << 4 | rng.choice((0, 1))]) + bytes([rng.randrange(32)]) + noise(n - 4) if n > 3 else bytes([30, 3, sub << 4]))
for i, o in enumerate(tcp_options):
    for lead in (b'', b'\x01', b'\x02\x04\x05\xb4'):
        data = (lead + o)[:40]
        data += b'\x01' * (-len(data) % 4)
        flags = ('S', 'SA', 'A', 'PA')[(i + len(lead)) % 4]
        segment = TCP(sport=34567, dport=9001, flags=flags, seq=100, ack=200, dataofs=5 + len(data) // 4) / data / (b'pay' if i % 3 == 0 else b'')
        tcp.append(E / (ip6() if i % 2 else ip4()) / segment)
for offset in range(16):
    tcp.append(E / ip4() / TCP(sport=1, dport=2, dataofs=offset, flags='A') / noise(12))
write('tcp', tcp)

# ---- ICMP ----
icmp = []
quoted = [
    IP(src='10.0.0.2', dst='10.0.0.1') / UDP(sport=5, dport=6) / b'abc',
    IP(src='10.0.0.2', dst='10.0.0.1') / TCP(sport=5, dport=80),
    IP(src='10.0.0.2', dst='10.0.0.1', proto=99) / noise(20),
    IP(src='10.0.0.2', dst='10.0.0.1', options=[IPOption_RR(routers=['1.2.3.4'])]) / UDP(sport=5, dport=53) / noise(4),
]
for t in range(0, 45):
    for code in ((0, 1, 2, 3, 4, 5) if t in (5, 9, 11, 12) else range(0, 18) if t == 3 else (0, 1)):
        q = quoted[(t + code) % len(quoted)]
        head = bytes([t, code, 0, 0]) + (struct.pack('>HH', 0, (0, 1450)[code % 2 == 0]) if t == 3 else noise(4))
        body = head + (bytes(q) if t in (3, 4, 5, 11, 12) else noise(rng.choice((0, 4, 12, 20))))
        body = body[:2] + struct.pack('>H', checksum(body)) + body[4:]
        icmp.append(E / ip4(proto=1) / body)
for q in quoted:
    icmp.append(E / ip4() / ICMP(type=3, code=3) / q)
    icmp.append(E / ip4() / ICMP(type=3, code=3) / bytes(q)[:28])
    icmp.append(E / ip4() / ICMP(type=11) / bytes(q)[:22])
icmp.append(E / ip4() / ICMP(type=8, id=7, seq=3, chksum=0x1234) / b'xx')
for life, count, size in ((30, 1, 2), (1800, 2, 2), (7384, 1, 3), (65535, 3, 2), (90, 20, 2)):
    body = bytes([9, 0, 0, 0, count, size]) + struct.pack('>H', life) + noise(8 * count)
    icmp.append(E / ip4(proto=1) / body)
for version, extra in ((2, b'\0\x08\x01\x01' + b'\0\x01\x01\xff'), (2, b'\0\x0c\x01\x01\0\x01\x00\xff\0\x02\x01\x05'), (2, b'\0\x08\x02\x0fabcd'), (2, b'\0\x08\x01\x02abcd'), (1, b''), (2, b'\0\x04\x00\x00'),
                       (2, b'\0\x03\x01\x01'), (2, b'\0\x40\x05\x01abcd'), (2, b'\0\x08\x07\x01abcd\0\x08\x01\x01\0\x05\x0f\x01')):
    for lengthfield in (0, 32):
        for t in (3, 11, 12):
            structure = bytes([version << 4, 0, 0, 0]) + extra
            structure = structure[:2] + struct.pack('>H', checksum(structure)) + structure[4:]
            body = bytes([t, 0, 0, 0, 0, lengthfield, 0, 0]) + (bytes(quoted[0]) + bytes(128))[:128] + structure
            body = body[:2] + struct.pack('>H', checksum(body)) + body[4:]
            icmp.append(E / ip4(proto=1) / body)
            if lengthfield:
                icmp.append(E / ip4(proto=1) / (body[:140] + noise(2) + body[142:]))
write('icmp', icmp)

# ---- ICMPv6 ----
icmp6 = []
quoted6 = [
    IPv6(src='fd00::2', dst='fd00::1') / UDP(sport=5, dport=6) / b'abc',
    IPv6(src='fd00::2', dst='fd00::1') / IPv6ExtHdrHopByHop(options=[PadN(optdata=b'')]) / TCP(sport=5, dport=80),
    IPv6(src='fd00::2', dst='fd00::1') / IPv6ExtHdrFragment(m=1) / UDP(sport=5, dport=80),
    IPv6(src='fd00::2', dst='fd00::1', nh=99) / noise(30),
]


def message6(body, **k):
    """The body with its checksum made right."""
    return E / ip6(nh=58, **k) / (body[:2] + struct.pack('>H', in6_chksum(58, ip6(nh=58, plen=len(body)), body[:2] + b'\0\0' + body[4:])) + body[4:])


for t in list(range(0, 6)) + list(range(100, 104)) + list(range(126, 160)) + [200, 201, 202, 255]:
    for code in ((0, 1, 2, 3, 4, 5, 6, 7) if t < 5 else (0, 1, 2, 3, 4, 129) if t == 155 else (0, 1, 2, 255)):
        for size in ((0,) if t < 5 else (0, 4, 16, 20, 24, 40, 60)):
            q = bytes(quoted6[(t + code) % len(quoted6)]) if t < 5 else noise(size)
            icmp6.append(message6(bytes([t, code, 0, 0]) + noise(4) + q))
nd = [
    ICMPv6NDOptSrcLLAddr(lladdr=A['src']), ICMPv6NDOptDstLLAddr(lladdr=A['dst']), ICMPv6NDOptMTU(mtu=1450), ICMPv6NDOptPrefixInfo(prefix='fd00::', prefixlen=64),
    ICMPv6NDOptPrefixInfo(prefix='fd00::', prefixlen=64, validlifetime=100, preferredlifetime=50, L=0, A=0), ICMPv6NDOptRDNSS(dns=['fd00::53', 'fd00::54'], lifetime=600),
    ICMPv6NDOptDNSSL(searchlist=['svc.cluster.local', 'example.com'], lifetime=60), ICMPv6NDOptRouteInfo(prefix='fd01::', plen=64, len=2, prf=1, rtlifetime=99),
    ICMPv6NDOptRouteInfo(prefix='fd01::', plen=128, len=3), ICMPv6NDOptAdvInterval(), ICMPv6NDOptHAInfo(), ICMPv6NDOptRedirectedHdr(pkt=b'abcdefgh'), ICMPv6NDOptUnknown(type=77, len=1, data=b'abcdef'),
    b'\x05\x02' + noise(14), b'\x03\x01' + noise(6), b'\x18\x01\x40\x08\0\0\0\x09', b'\x18\x04' + noise(30), b'\x01\x00' + noise(6), b'\x01\x09abcdef', b'\x1f\x02\0\0\0\0\0\x09\x03abc\xc0\x00\0\0', b'\x19\x01\0\0\0\0\0\1',
]
for o in nd:
    icmp6.append(message6(bytes(ICMPv6ND_NS(tgt='fd00::2') / o)))
    icmp6.append(message6(bytes(ICMPv6ND_NA(tgt='fd00::2', R=1, S=1, O=0) / o)))
    icmp6.append(message6(bytes(ICMPv6ND_RA(prf=rng.randrange(4), M=1, O=1) / o / ICMPv6NDOptSrcLLAddr(lladdr=A['src']))))
    icmp6.append(message6(bytes(ICMPv6ND_RS() / ICMPv6NDOptSrcLLAddr(lladdr=A['src']) / o)))
    icmp6.append(message6(bytes(ICMPv6ND_Redirect(tgt='fd00::9', dst='fd00::8') / o / ICMPv6NDOptMTU())))
    icmp6.append(message6(b'\x93\0\0\0\x12\x34\xc0\0' + bytes(o)))
for records in ([], [('ff02::1:ff00:1', 4, [])], [('ff02::1', 1, ['fd00::1', 'fd00::2']), ('ff02::2', 9, [])]):
    body = ICMPv6MLReport2(records=[ICMPv6MLDMultAddrRec(dst=g, rtype=t, sources=s, sources_number=len(s)) for g, t, s in records], records_number=len(records))
    icmp6.append(message6(bytes(body)))
    icmp6.append(E / ip6() / IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b'')]) / body)
    icmp6.append(message6(bytes(body)[:6] + b'\0\x09' + bytes(body)[8:]))
for code in (100, 40000, 65535):
    for flags, interval in ((0, 5), (10, 200), (7, 255)):
        for sources in (0, 2):
            icmp6.append(message6(struct.pack('>BBHHH', 130, 0, 0, code, 0) + bytes(16) + bytes([flags, interval]) + struct.pack('>H', sources) + noise(16 * sources)))
    icmp6.append(message6(struct.pack('>BBHHH', 130, 0, 0, code, 0) + noise(16)))
for t in (139, 140):
    for code in range(4):
        for qtype in range(6):
            for rest in (b'', noise(16), noise(4), b'\0\0\0\x09\x03foo\x03bar\0', b'\x03foo\x03bar\0\0', b'\x06foobar', noise(44)):
                icmp6.append(message6(struct.pack('>BBHHH', t, code, 0, qtype, rng.randrange(128)) + noise(8) + rest))
for code in (0, 1, 2, 255):
    for n in (3, 7, 11, 8):
        for flags in (0, 0xF8):
            match = bytes([rng.randrange(5), n, 1, 64, 32, 64, 0, 0]) + noise(16)
            use = b''.join(bytes([48, 16, 0xC0, 0xC0]) + rng.choice((b'\xff\xff\xff\xff', noise(4))) + noise(4) + bytes([rng.choice((0, 0x80, 0xC0)), 0, 0, 0]) + noise(16) for _ in range(2))
            icmp6.append(message6(struct.pack('>BBHIBBHI', 138, code, 0, 5, 1, flags, 3, rng.choice((0, 7))) + match + use))
for code, body in ((1, bytes([1, 2, 0, 3, 0x88, 5, 0, 0]) + noise(16)), (2, bytes([1, 0xC0, 0, 4]) + noise(16)), (2, bytes([1, 0, 0, 4]) + noise(16)), (3, bytes([1, 0x80, 5, 6]) + noise(16)), (3, bytes([1, 0, 5, 6]))):
    for opts in (b'', b'\0\0', b'\1\2ab', b'\5\4abcd\x08\2xy', b'\x07\x02ab', b'\x04\x40ab'):
        icmp6.append(message6(bytes([155, code, 0, 0]) + body + opts))
icmp6.append(patched(E / ip6() / ICMPv6EchoRequest(id=1, seq=1), 56, b'\0\1'))
write('icmp6', icmp6)

# ---- DNS ----
names = ['example.com.', 'kube-dns.kube-system.svc.cluster.local.', '.', 'a.b.c.', 'x' * 63 + '.example.']
records = [
    DNSRR(rrname=names[0], type='A', rdata='93.184.216.34', ttl=3600), DNSRR(rrname=names[0], type='AAAA', rdata='2001:db8::1', ttl=0), DNSRR(rrname=names[0], type='CNAME', rdata='x.example.com.', ttl=100000000),
    DNSRR(rrname=names[1], type='NS', rdata='ns.example.com.', ttl=90061), DNSRR(rrname='4.3.2.1.in-addr.arpa.', type='PTR', rdata='host.example.', ttl=59), DNSRRMX(rrname=names[0], preference=10, exchange='mail.example.com.'),
    DNSRR(rrname=names[0], type='TXT', rdata=[b'v=spf1 -all', b'\x01\xff"q"', b''], ttl=604800), DNSRRSRV(rrname='_dns._udp.x.', priority=1, weight=2, port=53, target='a.b.'),
    DNSRRSOA(rrname='example.', mname='a.b.', rname='c.d.', serial=1, refresh=2, retry=3, expire=4, minimum=5), DNSRR(rrname=names[0], type='DNAME', rdata='y.example.'), DNSRR(rrname=names[0], type=65, rdata=b'\0\1\0'),
    DNSRR(rrname=names[0], type=38, rdata=b'\x40' + noise(8) + b'\x03foo\0'), DNSRR(rrname=names[0], type=38, rdata=b'\0' + noise(16)), DNSRR(rrname=names[0], type=38, rdata=b'\xff' + noise(16)), DNSRR(rrname=names[0], type=256, rdata=b'\0\1\0\2http://x/'),
    DNSRR(rrname=names[0], type=256, rdata=b'\0\1'), DNSRR(rrname=names[0], type=104, rdata=b'plain \x07 text'), DNSRR(rrname=names[0], type=250, rdata=b'\x03md5\0' + noise(6) + b'\0\x05\0\x04abcd\0\x01\0\x02\0\0'),
    DNSRR(rrname=names[0], type=46, rdata=noise(30)), DNSRR(rrname=names[0], type=99, rdata=b'\x03abc'), DNSRR(rrname=names[0], type=1, rclass=3, rdata='1.2.3.4'), DNSRR(rrname=names[0], type=1, rclass=77, rdata='1.2.3.4'), DNSRR(rrname=names[0], type=1, rclass=0x8001, rdata='1.2.3.4'),
    DNSRR(rrname=names[0], type=999, rdata=b'abc'), DNSRR(rrname=names[0], type=41, rclass=1232, ttl=0x8000, rdata=b''), DNSRR(rrname=names[0], type=13, rdata=b'\x03abc\x03def'),
]
edns = [b'', b'\0\x08\0\x07\0\1\x18\0\x0a\1\2', b'\0\x08\0\x08\0\1\x18\0\x0a\1\2\3', b'\0\x08\0\x0b\0\2\x38\0' + noise(7), b'\0\x0a\0\x08' + noise(8), b'\0\x0a\0\x18' + noise(24), b'\0\x0a\0\x09' + noise(9), b'\0\x0b\0\2\0\x64', b'\0\x0b\0\0', b'\0\x09\0\4\0\0\1\0', b'\0\x0c\0\5\0\0\0\0\0',
        b'\0\x0e\0\4\0\1\0\2', b'\0\x0e\0\3\0\1\0', b'\0\5\0\3\x05\x08\x63', b'\0\6\0\3\x01\x02\x63', b'\0\7\0\2\x01\x09', b'\0\x0d\0\5\x03foo\0', b'\0\3\0\3abc', b'\0\x63\0\2zz\0\x10\0\2ab', b'\0\3\0\x50abc', b'\0\3']
messages = []
for i, r in enumerate(records):
    messages.append(DNS(id=i, qr=1, aa=i % 2, rd=1, ra=i % 3 > 0, qd=DNSQR(qname=names[i % 3], qtype='A'), an=r))
    messages.append(DNS(id=i, qr=1, tc=i % 2, ad=i % 3 == 0, rcode=i % 16, qd=DNSQR(qname=names[1], qtype='ANY'), an=records[(i + 3) % len(records)], ns=r, ar=records[(i + 7) % len(records)]))
for i, opt in enumerate(edns):
    messages.append(DNS(id=1000 + i, rd=1, cd=i % 2, qd=DNSQR(qname=names[1], qtype='AAAA'), ar=DNSRR(rrname='.', type=41, rclass=1232, ttl=(0x8000, 0, 0x01008000)[i % 3], rdata=opt)))
    messages.append(DNS(id=2000 + i, qr=1, qd=DNSQR(qname=names[1]), ar=DNSRR(rrname='.', type=41, rclass=4096, ttl=(0x01000000, 0xFF000000, 0)[i % 3], rdata=opt)))
for opcode in range(16):
    messages.append(DNS(id=opcode, opcode=opcode, qd=DNSQR(qname=names[3], qtype=opcode * 20, qclass=(1, 3, 255, 254)[opcode % 4]), z=opcode % 2))
    messages.append(DNS(id=opcode, opcode=opcode, qr=1, qd=None))
messages.append(DNS(id=5, qd=DNSQR(qname='one.') / DNSQR(qname='two.')))
messages.append(DNS(id=6, qd=None, an=records[0]))
for n in names:
    messages.append(DNS(id=7, rd=1, qd=DNSQR(qname=n, qtype='HTTPS')))
raw = [
    struct.pack('>HHHHHH', 1, 0x0100, 1, 0, 0, 0) + b'\xc0\x0c\0\1\0\1', struct.pack('>HHHHHH', 2, 0x0100, 1, 0, 0, 0) + b'\x80abc\0\0\1\0\1', struct.pack('>HHHHHH', 3, 0x0100, 1, 0, 0, 0) + b'\x41\x07\xfe\0\0\1\0\1',
    struct.pack('>HHHHHH', 4, 0x0100, 1, 0, 0, 0) + b'\x41\x03\xe0\0\0\1\0\1', struct.pack('>HHHHHH', 5, 0x0100, 1, 0, 0, 0) + b'\x42\x03\xe0\0\0\1\0\1', struct.pack('>HHHHHH', 6, 0x8180, 1, 1, 0, 0) + b'\3abc\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\5\0\4\1\2\3\4',
    struct.pack('>HHHHHH', 7, 0x8180, 1, 2, 0, 0) + b'\3abc\0\0\5\0\1\xc0\x0c\0\5\0\1\0\0\0\5\0\6\3def\xc0\x0c\xc0\x21\0\1\0\1\0\0\0\5\0\4\1\2\3\4', struct.pack('>HHHHHH', 8, 0x8180, 0, 9, 9, 9), struct.pack('>HHHHHH', 9, 0x0100, 9, 0, 0, 0),
    struct.pack('>HHHHHH', 10, 0x8180, 1, 0, 0, 0) + (b'\x3f' + b'y' * 63) * 5 + b'\0\0\1\0\1', struct.pack('>HHHHHH', 11, 0x0100, 1, 0, 0, 0) + (b'\x3f' + b'y' * 63) * 5 + b'\0\0\1\0\1', b'', b'ab', struct.pack('>HHHHHH', 12, 0x0100, 1, 0, 0, 0) + b'\x41\x00' + noise(32) + b'\0\0\1\0\1',
    struct.pack('>HHHHHH', 13, 0xFFFF, 0, 0, 0, 0), struct.pack('>HHHHHH', 14, 0x7FFF, 0, 0, 0, 0), struct.pack('>HHHHHH', 15, 0x0100, 1, 0, 0, 0) + b'\x41\x04\xe0\0\0\1\0\1', struct.pack('>HHHHHH', 16, 0x0100, 1, 0, 0, 0) + b'\x41\x0d\xe0\xff\0\0\1\0\1',
]
dns = []
for i, m in enumerate(messages + raw):
    m = bytes(m)
    dns.append(E / (ip6() if i % 4 == 3 else ip4()) / (UDP(sport=53, dport=33333) if i % 2 else UDP(sport=33333, dport=53)) / m)
    dns.append(E / IP(src='10.0.0.1', dst='224.0.0.251') / UDP(sport=5353, dport=5353) / m)
    dns.append(E / ip4() / TCP(sport=53, dport=33333, flags='PA', seq=1, ack=1) / struct.pack('>H', len(m) + (i % 7 == 6)) / m)
dns.append(E / ip4() / TCP(sport=53, dport=33333, flags='PA') / b'\0')
for _ in range(60):
    dns.append(E / ip4() / UDP(sport=53, dport=33333) / (struct.pack('>HHHHHH', rng.randrange(65536), rng.randrange(65536), rng.randrange(3), rng.randrange(3), rng.randrange(2), rng.randrange(2)) + noise(rng.randrange(80))))
write('dns', dns)

# ---- text over TCP ----
text = []
for port in (80, 8080, 25, 43, 21, 554, 8554, 22):
    for payload in (b'GET / HTTP/1.1\r\nHost: x\r\nA:\tb\r\n\r\nbody', b'HTTP/1.1 200 OK\r\nServer: s\r\n\r\n', b'get /x', b'POST', b'', b'\x01\x02', b'GET / HTTP/1.1\nHost: x\n\nbody\n', b'NOPE /x HTTP/1.1\r\n', b'HTTP/1.1 2x0 OK\r\n', b'GET /\xff\r\nHost: x\r\n\r\n',
                    b'DESCRIBE rtsp://x RTSP/1.0\r\nCSeq: 1\r\n\r\n', b'RTSP/1.0 404 No\r\n', b'SSH-2.0-OpenSSH_9.2\r\n', b'SSH-2.0-x\n', b'SSH-2.0-x', b'SSH-\x01\r\n', b'SSH', b'220 hi there\r\n250 ok\r\n', b'a\rb\r\n', b'a\r', b'x' * 200 + b' 200\r\n', b'GET\t/\r\n', b' GET /\r\n', b'line one\r\nline\x00two\r\n'):
        text.append(E / ip4() / (TCP(sport=port, dport=40000, flags='PA') if rng.random() < .5 else TCP(sport=40000, dport=port, flags='PA')) / payload)
for payload in (b'+OK\r\n', b'-ERR bad\r\n', b':42\r\n', b'$5\r\nhello\r\n', b'$0\r\n\r\n', b'$-1\r\n', b'$-2\r\n', b'$99999999999\r\n', b'$2147483647\r\nx', b'$2147483648\r\n', b'$x\r\n+OK\r\n', b'$5x\r\n', b'$5\rx', b'*0\r\n', b'*-1\r\n', b'*2\r\n$3\r\nGET\r\n$1\r\nk\r\n',
                b'*2\r\n*1\r\n:1\r\n*1\r\n+x\r\n', b'*3\r\n:1\r\n', b'GET k\r\n', b'\r\n\r\nPING\r\n', b'\r\n', b'PING', b'+OK', b'+O\x01\xff"\r\n:1\r\n', b'$5\r\nhel\r\n', b'$', b'*', b'$-\r\n', b'*1\r\n' * 300 + b':7\r\n', b'$3\r\nabcdef\r\n'):
    text.append(E / ip4() / TCP(sport=6379, dport=40000, flags='PA') / payload)
write('text', text)

# ---- overlays ----
inner = [
    Ether(**B) / IP(src='10.0.1.5', dst='10.0.2.7') / TCP(sport=43210, dport=8080, flags='S', seq=1000, options=[('MSS', 1460), ('Timestamp', (111, 0))]),
    Ether(**B) / IP(src='10.0.1.5', dst='10.0.2.7') / TCP(sport=43210, dport=8080, flags='PA', seq=1001, ack=5) / b'GET /q HTTP/1.1\r\nHost: w\r\n\r\n',
    Ether(**B) / IP(src='10.0.1.5', dst='10.0.2.7') / ICMP(id=9, seq=1) / noise(56),
    Ether(src=B['src'], dst='ff:ff:ff:ff:ff:ff') / ARP(pdst='10.0.1.1', psrc='10.0.1.5', hwsrc=B['src']),
    Ether(**B) / IPv6(src='fd00::1', dst='fd00::2') / TCP(sport=43210, dport=443, flags='PA', seq=5, ack=7) / b'hello',
    Ether(**B) / Dot1Q(vlan=100) / IP(src='10.0.1.5', dst='10.0.2.7') / UDP(sport=53, dport=33333) / DNS(id=7, qr=1, qd=DNSQR(qname='a.b.svc.cluster.local'), an=DNSRR(rrname='a.b.svc.cluster.local', rdata='10.96.0.10')),
    Ether(type=0x88B5, **B) / noise(30),
    Ether(**B) / ip4(flags=1, id=9) / UDP(sport=5, dport=6, len=3000) / noise(100),
]


def geneve_header(vni=0xABCDE, options=b'', flags=0, protocol=0x6558, version=0, reserved=0, optlen=None):
    words = len(options) // 4 if optlen is None else optlen
    return struct.pack('>BBHI', version << 6 | words, flags, protocol, vni << 8 | reserved) + options


outer4 = IP(src='192.168.0.1', dst='192.168.0.2', id=4660)
outer6 = IPv6(src='fd01::1', dst='fd01::2')
tunnel = []
geneve_options = [b'\x01\x01\x80\x02\0\0\0\1\x12\x34\x56\x78\x01\x29\1\0', b'\x01\x4b\x81\1\xde\xad\xbe\xef', b'\0\1\2\0', b'\xff\xff\3\1abcd', b'\x01\0\0\0\x01\2\0\0\x01\3\0\0\x01\4\0\0', b'\x01\0\0\x0f', b'\0\xff\x7f\1abcd\x01\0\0\x05', noise(252)]
for i, frame in enumerate(inner):
    for outer in (outer4, outer6):
        for checksummed in ({}, {'chksum': 0}, {'chksum': 0x1234}):
            tunnel.append(E / outer / UDP(sport=40000 + i, dport=6081, **checksummed) / (geneve_header() + bytes(frame)))
    tunnel.append(E / outer4 / UDP(sport=50000, dport=4789) / (struct.pack('>II', 0x08000000, 12345 << 8) + bytes(frame)))
    tunnel.append(E / outer6 / UDP(sport=50000, dport=4789) / (struct.pack('>II', 0, 77 << 8) + bytes(frame)))
    tunnel.append(E / outer4 / UDP(sport=50000, dport=8472, chksum=0) / (struct.pack('>II', 0x08000000, 12345 << 8) + bytes(frame)))
    tunnel.append(E / outer4 / UDP(sport=50000, dport=8472) / (struct.pack('>II', 0x00123456, 9 << 8) + bytes(frame)))
    for following in range(6):
        if following != 4:
            tunnel.append(E / outer4 / UDP(sport=50000, dport=4790) / (struct.pack('>BBBBI', 0x0C, 0, 0, following, 9 << 8) + (bytes(frame) if following == 3 else bytes(frame)[14:])))
    tunnel.append(E / Dot1Q(vlan=5) / outer4 / UDP(sport=40000, dport=6081, chksum=0) / (geneve_header(vni=2, flags=0xC0, reserved=5, options=geneve_options[i]) + bytes(frame)))
    tunnel.append(E / outer4 / UDP(sport=6081, dport=40000) / (geneve_header(vni=8) + bytes(E / outer4 / UDP(sport=1, dport=6081) / (geneve_header(vni=7) + bytes(frame)))))
    tunnel.append(E / outer4 / UDP(sport=40000, dport=6081) / (geneve_header(vni=8) + bytes(E / outer4 / UDP(sport=1, dport=4789) / (struct.pack('>II', 0x08000000, 12345 << 8) + bytes(frame)))))
    tunnel.append(E / outer4 / UDP(sport=40000, dport=6081) / (geneve_header(protocol=(0x0800, 0x86DD, 0x0806, 0x1234, 0x8100, 0x0800, 0x6559, 0x0800)[i]) + bytes(frame)[14:]))
for flags in range(0, 256, 17):
    tunnel.append(E / outer4 / UDP(sport=40000, dport=6081) / (geneve_header(flags=flags, vni=flags) + bytes(inner[2])))
for version in range(1, 4):
    tunnel.append(E / outer4 / UDP(sport=40000, dport=6081) / (geneve_header(version=version) + bytes(inner[2])))
for payload in (b'', b'abc', b'\0' * 7, geneve_header(), geneve_header(optlen=20) + noise(20), geneve_header(optlen=2, protocol=0x0800), geneve_header() + b'abc'):
    for port in (6081, 4789, 4790, 8472):
        tunnel.append(E / outer4 / UDP(sport=40000, dport=port) / payload)
for o in geneve_options:
    tunnel.append(E / outer4 / UDP(sport=40000, dport=6081) / (geneve_header(options=o) + bytes(inner[0])))
write('tunnel', tunnel)

# ---- further protocols ----
more = []
for t in (0, 1, 0x11, 0x12, 0x16, 0x17, 0x1E, 0x1F, 0x22, 0x99):
    for n in (0, 4, 8, 12, 16, 20, 24, 28):
        for code in (0, 20, 100, 200):
            body = bytes([t, code, 0, 0]) + rng.choice((b'\0\0\0\0', noise(4)))[:max(0, n)] + struct.pack('>HH', rng.randrange(4), rng.randrange(3)) + noise(max(0, n - 8))
            body = body[:max(n, 1)]
            if len(body) >= 4 and code != 20:
                body = body[:2] + struct.pack('>H', checksum(body)) + body[4:]
            more.append(E / ip4(proto=2, ttl=1) / body)
for groups in ([(4, '224.1.1.1', [])], [(1, '224.1.1.1', ['1.2.3.4', '5.6.7.8']), (9, '224.2.2.2', [])]):
    records = b''.join(struct.pack('>BBH', t, 0, len(src)) + inet_aton(g) + b''.join(inet_aton(a) for a in src) for t, g, src in groups)
    body = b'\x22\0\0\0\0\0' + struct.pack('>H', len(groups)) + records
    more.append(E / ip4(proto=2) / (body[:2] + struct.pack('>H', checksum(body)) + body[4:]))
for flags in (0, 0x8000, 0x2000, 0x1000, 0xB000, 0xB080, 0x4000, 0xF000, 1, 0x2001, 0x3081, 0x3001, 2):
    for protocol, payload in ((0x0800, bytes(ip4() / UDP(sport=5, dport=6) / b'x')), (0x86DD, bytes(ip6() / TCP(sport=5, dport=6))), (0x6558, bytes(Ether(**B) / ip4() / ICMP())), (0x8847, b'\0\x06\x41\xff' + bytes(ip4() / ICMP())), (0x1234, b'abc')):
        words = b''
        if flags & 7 == 0:
            words += b'\x12\x34\0\4' if flags & 0xC000 else b''
        words += b'\0\0\0\x2a' if flags & 0x2000 else b''
        words += b'\0\0\0\7' if flags & 0x1000 else b''
        words += b'\0\0\0\x09' if flags & 0x87 == 0x81 else b''
        words += rng.choice((b'\x08\0\4\x08\1\2\3\4\5\6\7\x08\xff\xfe\0\4\0\1\0\2\0\0\0\0', b'\x08\0\3\x08\1\2\3\4\5\6\7\x08\x12\x34\0\0\0\0\0\0')) if flags & 0x4007 == 0x4000 else b''
        more.append(E / ip4(proto=47) / (struct.pack('>HH', flags, protocol) + words + payload))
    more.append(E / ip6(nh=47) / struct.pack('>H', flags))
for stack in (b'\0\x06\x41\xff', b'\0\x06\x40\xff\0\0\x01\x40', b'\0\0\x21\x40', b'\0\0\x31\x40', b'\0\0\x11\x40', b'\0\x10\x0f\x01', b'\0\x06\x40\xff'):
    for payload in (bytes(ip4() / ICMP()), bytes(ip6() / UDP(sport=5, dport=6)), b'', b'\x12abc', b'ab'):
        more.append(Ether(type=0x8847, **A) / (stack + payload))
        more.append(E / ip4() / UDP(sport=50000, dport=6635) / (stack + payload))
for nh, payload in ((17, bytes(UDP(sport=5, dport=6) / b'abc')), (6, bytes(TCP(sport=5, dport=6))), (50, b'\0\0\1\2\0\0\0\3' + noise(20)), (51, bytes([17, 1, 0, 0]) + noise(8) + bytes(UDP(sport=5, dport=6) / b'abc')), (4, bytes(ip4() / ICMP())), (200, b'abc')):
    for reserved in (b'\0\0', b'\0\1'):
        ah = bytes([nh, 4]) + reserved + b'\0\0\0\x64\0\0\0\x07' + noise(12) + payload
        more.append(E / ip4(proto=51) / ah)
        more.append(E / ip6(nh=51) / ah)
for n in (4, 8, 9, 40):
    more.append(E / ip4(proto=50) / noise(n))
    more.append(E / ip6(nh=108) / noise(n))
for payload in (b'', b'\0', b'\0\0', b'\0\0\1\0\x05\0abcd', b'\x08\0' + noise(8) + b'\2\0' + bytes(6) + b'abc', b'\3\0abc\7\0x', b'\xff\0', b'\0\0\1\0\5', b'\0\0\2\0abc', b'\0\0\x09\0abc'):
    more.append(Ether(type=0x9000, **A) / Raw(payload))
for ver, length, md, nxt, rest in ((0, 6, 1, 1, noise(16)), (0, 6, 1, 2, noise(16)), (0, 5, 1, 3, noise(12)), (0, 2, 2, 3, b''), (0, 5, 2, 3, b'\1\2\3\5hello\0\0\0'), (0, 4, 2, 1, b'\1\2\3\0\1\2\4\0'), (0, 3, 2, 1, b'\1\2\3\x10'),
                                (1, 2, 2, 3, b''), (0, 1, 2, 3, b''), (0, 60, 2, 3, b''), (0, 2, 3, 5, b''), (0, 2, 15, 0xFE, b''), (0, 2, 0, 9, b'')):
    header = struct.pack('>I', ver << 30 | rng.randrange(4) << 28 | 63 << 22 | length << 16 | md << 8 | nxt) + struct.pack('>I', 0x123456 << 8 | 255) + rest
    payload = {1: bytes(ip4() / ICMP()), 2: bytes(ip6() / UDP(sport=5, dport=6)), 3: bytes(Ether(**B) / ARP())}.get(nxt, b'abc')
    more.append(Ether(type=0x894F, **A) / (header + payload))
    more.append(E / outer4 / UDP(sport=50000, dport=4790) / (struct.pack('>BBBBI', 0x0C, 0, 0, 4, 9 << 8) + header + payload))
more.append(Ether(type=0x894F, **A) / noise(6))
for mode in range(8):
    for stratum in (0, 1, 2, 16, 62, 63):
        head = bytes([rng.randrange(4) << 6 | 4 << 3 | mode, stratum, rng.randrange(256), rng.randrange(256)]) + noise(8) + b'GPS\0'
        stamps = [struct.pack('>II', rng.choice((0, 3_900_000_000 + rng.randrange(9))), rng.choice((0, rng.randrange(2**32)))) for _ in range(4)]
        extra = rng.choice((b'', noise(4), noise(20), noise(24), noise(7)))
        more.append(E / ip4() / UDP(sport=123, dport=123) / (head + b''.join(stamps) + extra))
    for n in (1, 11, 12, 16, 47):
        more.append(E / ip4() / UDP(sport=40000, dport=123) / (bytes([4 << 3 | mode]) + rng.choice((bytes(n), noise(n)))[:n - 1]))
    more.append(E / ip4() / UDP(sport=40000, dport=123) / (bytes([4 << 3 | mode, rng.randrange(256)]) + noise(8) + b'\0\4abcdefgh'))
for direction in range(8):
    for kind in range(3, 9):
        shim = struct.pack('>I', direction << 29 | kind << 25 | rng.randrange(8) << 22 | 77)
        payload = {5: bytes(ip4() / ICMP()), 6: bytes(ip6() / ICMPv6EchoReply()), 7: bytes(Ether(**B) / ip4() / ICMP())}.get(kind, rng.choice((bytes(ip4() / ICMP()), bytes(ip6() / ICMPv6EchoReply()), b'abc')))
        more.append(E / ip4() / UDP(sport=49152, dport=6081) / (shim + payload))
more.append(E / ip4() / UDP(sport=49152, dport=6081) / b'abc')
write('more', more)

# ---- syslog, DHCP ----
syslog = [E / ip4() / UDP(sport=1000, dport=514) / m for m in (
    b'<34>Oct 11 22:14:15 mymachine su: failed\x01\x80\n', b'<13>hello', b'<191>x', b'<1>', b'hi', b'<9999>', b'<>', b'<300>abc', b'<34', b'<', b'<0>\0')]
syslog += [E / ip4() / UDP(sport=1000, dport=514) / (b'<%d>m' % n) for n in range(0, 200, 7)]
syslog += [E / ip6() / UDP(sport=514, dport=514) / b'<14>1 2026-01-01T00:00:00Z host app - - - text']
write('syslog', syslog)


def bootp(options, **k):
    k = {'chaddr': bytes.fromhex('001122334455') + bytes(10), 'xid': 0x12345678, **k}
    return E / IP(src='0.0.0.0', dst='255.255.255.255') / UDP(sport=68, dport=67) / BOOTP(**k) / options


COOKIE = b'c\x82Sc'
dhcp = [
    bootp(DHCP(options=[('message-type', 'discover'), ('client_id', b'\1\0\x11\x22\x33\x44\x55'), ('requested_addr', '10.0.0.9'), ('param_req_list', [1, 3, 6, 15, 119, 252]), ('hostname', 'host1'), 'end'])),
    bootp(DHCP(options=[('message-type', 'offer'), ('server_id', '10.0.0.1'), ('lease_time', 3600), ('subnet_mask', '255.255.255.0'), ('router', '10.0.0.1'), ('name_server', '10.0.0.2', '10.0.0.3'), ('domain', 'example.com'), 'end', 'pad', 'pad']),
          op=2, yiaddr='10.0.0.9', siaddr='10.0.0.1', giaddr='1.2.3.4', hops=2, secs=5, flags=0x8000),
    bootp(DHCP(options=[('message-type', 'request'), ('vendor_class_id', 'MSFT 5.0'), 'pad', 'end']), ciaddr='10.0.0.9', sname=b'srv', file=b'pxe.0'),
    bootp(DHCP(options=[('message-type', 'ack'), 'end']), sname=b's' * 64, file=b'f' * 128),
    bootp(b'', op=3), bootp(b'\1\2\3\4\5\6\7\x08', op=2, htype=7, hlen=8), bootp(bytes(64), hlen=5), bootp(COOKIE), bootp(COOKIE + b'\x0c\xffabc'), bootp(COOKIE + b'\x0c'),
    bootp(COOKIE + bytes(9), op=1, flags=0x1234, hops=1),
]
for tag in range(1, 255):
    for value in (b'', b'\1', b'\0\0', bytes(range(1, 9)), noise(5), noise(12)):
        dhcp.append(bootp(COOKIE + bytes([tag, len(value)]) + value + b'\xff'))
for tag in (46, 52, 53, 61, 77, 81, 82, 121, 249):
    for _ in range(60):
        value = bytes(rng.choice((0, 1, 2, 3, 4, 8, 24, 32, 33, rng.randrange(256))) for _ in range(rng.randrange(1, 24)))
        dhcp.append(bootp(COOKIE + bytes([tag, len(value)]) + value + b'\xff'))
dhcp.append(bootp(COOKIE + b'\x79\x11\x18\x0a\1\2\x0a\0\0\1\0\x0a\0\0\1\x20\1\2\3\4\5\6\7\x08'))
write('dhcp', dhcp)

# ---- flows: the same beginnings again and again, with other identifications, sizes and numbers ----
flows = []
for i in range(60):
    a = IP(src='10.0.0.1', dst='10.0.0.2', id=rng.choice((0, 7, 77, 65535)), tos=(i // 20) * 2)
    inner = IP(src=f'10.32.0.{i % 3}', dst='10.32.1.1', id=rng.choice((1, 23456)))
    segment = TCP(sport=40000 + i % 2, dport=9000, flags=rng.choice(('A', 'PA', 'S', 'FA', 'R')), seq=1000 + 10 * i, ack=5 * i, options=rng.choice(([], [('NOP', None), ('NOP', None), ('Timestamp', (i, i << 20))]))) / rng.choice((b'', b'0123456789'))
    geneve = struct.pack('>BBHI', 0, 0, 0x6558, (i % 2) << 8)
    for frame in (
        E / a / segment, E / Dot1Q(vlan=5) / a / segment, E / ip6() / segment,
        E / a / UDP(sport=50000, dport=6081, chksum=0) / (geneve + bytes(Ether(**B) / inner / segment)),
        E / a / UDP(sport=50000, dport=6081) / (geneve + bytes(Ether(**B) / inner / segment)),
        E / ip6() / UDP(sport=50000, dport=4789) / (b'\x08\0\0\0' + struct.pack('>I', 7 << 8) + bytes(Ether(**B) / inner / segment)),
        E / a / UDP(sport=50000, dport=4789, chksum=0) / (b'\x08\0\0\0' + struct.pack('>I', 7 << 8) + bytes(Ether(**B) / inner / segment)),
        E / a / inner / segment, E / ip4() / ICMP(type=3, code=1) / inner / segment,
    ):
        flows.append(frame)
        if i % 7 == 0:
            flows.append(patched(frame, 24, noise(2)))
            flows.append(bytes(frame) + noise(3))
write('flows', flows)

# ---- other link types ----
payloads = [bytes(f)[14:] for f in tunnel[:12]] + [bytes(ip4() / ICMP()), bytes(ip6() / UDP(sport=5, dport=6) / b'x'), b'\x50abc', b'', b'\x45', b'\x60']
for linktype in (101, 12, 228, 229):
    write(f'raw{linktype}', [p for p in payloads if p], linktype)
sll, sll2 = [], []
for i, p in enumerate(payloads + [bytes(ARP()), b'\0\x0a\x08\0' + bytes(ip4() / ICMP()), b'\x04\x04\x03abc', b'\0\x0a\0\x05\x04\x04\x03abc', noise(30)]):
    for protocol in (0x0800, 0x86DD, 0x0806, 0x8100, 4, 5, 0x88B5):
        halen = (6, 0, 8)[i % 3]
        sll.append(struct.pack('>HHH', i % 6, 1, halen) + b'\x02\x42\x0a\0\0\1\0\0' + struct.pack('>H', protocol) + p)
        sll2.append(struct.pack('>HHIHBB', protocol, 0, (1, 99999)[i % 2], 1, i % 6, halen) + b'\x02\x42\x0a\0\0\1\0\0' + p)
write('sll', sll, 113)
write('sll2', sll2, 276)
write('null', [struct.pack('<I' if i % 2 else '>I', family) + p for i, p in enumerate(payloads) for family in (2, 24, 28, 30, 99, 6)], 0)
write('loop', [struct.pack('>I', family) + p for p in payloads for family in (2, 24, 99)], 108)
write('user0', [noise(n) for n in (1, 2, 16, 17, 40)], 147)

import protocols  # noqa: E402,F401
import management  # noqa: E402,F401
