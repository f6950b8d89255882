"""Captures of routing, access and management protocols; run by captures.py, whose names it uses."""
import struct
from __main__ import E, Ether, A, TCP, UDP, ip4, ip6, noise, rng, write


def u8(*v):
    return bytes(v)


def u16(*v):
    return b''.join(struct.pack('>H', x) for x in v)


def u32(*v):
    return b''.join(struct.pack('>I', x) for x in v)


def tlv(kind, value, more=0):
    """kind(1) length(1) of all, which may lie."""
    return u8(kind, (len(value) + 2 + more) & 255) + value


def over4(proto, payload):
    return E / ip4(proto=proto, ttl=255) / payload


def over6(proto, payload):
    return E / ip6(nh=proto, hlim=64) / payload


def udp(port, payload, source=4000):
    return E / ip4() / UDP(sport=source, dport=port) / payload


def tcp(port, payload, source=4000):
    return E / ip4() / TCP(sport=source, dport=port, flags='PA') / payload


# ---- SCTP ----
def chunk(kind, flags, value, size=None):
    size = len(value) + 4 if size is None else size
    return u8(kind, flags) + u16(size) + value + bytes(-(len(value) + 4) % 4)


sctp_head = u16(5000, 38412) + u32(0xdeadbeef, 0)
payload = u32(7) + u16(1, 2) + u32(3)
bodies = [chunk(0, f, u32(7) + u16(1, 2) + u32(p) + noise(n)) for f, p, n in ((3, 0, 5), (7, 18, 30), (1, 26, 1), (2, 27, 9), (0, 99, 0))]
bodies += [chunk(k, 0, u32(1, 65535) + u16(10, 20) + u32(99) + noise(n)) for k in (1, 2) for n in (0, 6, 20)]
bodies += [chunk(3, 0, u32(0xfffffff0, 1000) + u16(g, t) + noise(n)) for g, t, n in ((0, 0, 0), (2, 1, 12), (3, 0, 6), (0, 2, 8), (5, 5, 8))]
bodies += [chunk(k, 0, noise(rng.randrange(12))) for k in list(range(4, 16)) + [0xc0, 0xc1, 0xc2, 0x80]]
bodies += [chunk(1, 0, b'abc'), chunk(3, 0, b'abc'), chunk(0, 3, b'abc'), chunk(5, 0, b'abcd', 3), chunk(5, 0, b'abcd', 200)]
write('sctp', [over4(132, sctp_head + b''.join(c)) for c in [[b] for b in bodies] + [rng.sample(bodies, 3) for _ in range(20)]] + [over6(132, sctp_head + bodies[0] + b'ab'), over4(132, sctp_head), over4(132, b'abc')])

# ---- BFD ----
bfd = []
for version in (0, 1, 2):
    for port in (3784, 3785, 4784, 6784):
        for flags in (0, 0xc0, 0x7f, 0x24):
            kind = rng.randrange(7)
            auth = {1: tlv(1, b'\x07secret'), 2: tlv(2, b'\1\0' + noise(20)), 3: tlv(3, b'\1\0' + noise(20)), 4: tlv(4, b'\1\0' + noise(24)), 5: tlv(5, b'\1\0' + noise(21))}.get(kind, tlv(kind, b'ab'))
            bfd.append(udp(port, u8(version << 5 | rng.randrange(11), flags, 3, 24) + u32(1, 2, 1_000_000, 300_000, 50_000) + (auth if flags & 4 else b'')))
write('bfd', bfd)

# ---- TFTP ----
write('tftp', [udp(69, u16(op) + rest) for op, rest in (
    (1, b'file\0octet\0'), (2, b'file\0netascii\0blksize\0001024\0tsize\0000\0'), (1, b'f\xff\n\0octet\0\0'), (1, b''), (2, b'file'), (1, b'file\0'),
    (3, u16(1) + noise(20)), (4, u16(9)), (4, b'a'), (5, u16(1) + b'not here\0'), (5, u16(77) + b'x\0'), (5, u16(2)), (6, b'blksize\0512\0'), (6, b''), (9, b'abc'), (0, b''))] + [udp(69, b'x'), udp(4000, b'\0\4\0\1', 69)])

# ---- RIP, RIPng ----
routes = [u16(2, 7) + bytes([10, 1, 0, 0]) + u32(mask, hop, 3) for mask, hop in ((0xffff0000, 0), (0xff00ff00, 0x0a000001), (0, 0), (0xffffffff, 5))]
routes += [u16(0xffff, 2) + b'password'.ljust(16, b'\0'), u16(0xffff, 3) + u16(40) + u8(1, 20) + u32(9, 0, 0), u16(0xffff, 1) + noise(16), u16(0xffff, 9) + noise(16), u16(30, 0) + noise(16), u16(0, 0) + noise(16), u16(2, 0) + bytes([10, 1, 0, 0]) + u32(0, 0, 4), u16(0, 0) + u32(0, 0, 0, 16)]
rip = [udp(520, u8(command, version, 0, 0) + b''.join(rng.sample(routes, rng.randrange(4))) + noise(extra)) for command in (1, 2, 3, 4, 5, 6, 9) for version in (0, 1, 2, 3) for extra in (0, 3)]
rip += [udp(520, u8(2, version, 0, 0) + r) for version in (1, 2) for r in routes]
entries = [noise(16) + u16(t) + u8(64, m) for t, m in ((0, 1), (5, 16), (9, 0))] + [bytes(18) + u8(0, 16)]
rip += [E / ip6() / UDP(sport=521, dport=521) / (u8(command, version, 0, 0) + b''.join(e) + rest) for command in (1, 2, 3) for version in (1, 2) for e in ([entries[3]], entries, entries[:1], []) for rest in (b'', b'abc')]
write('rip', rip + [udp(520, b'ab'), udp(521, b'\1\1')])

# ---- VRRP, HSRP ----
first_hop = []
for version, kind in ((2, 1), (3, 1), (1, 1), (2, 3)):
    for count in (0, 1, 2):
        for auth in (0, 1, 2, 9):
            body = u8(version << 4 | kind, 7, 100, count, auth, 1) + u16(0x1234) + noise(4 * count) + b'secret\0\0'
            first_hop += [over4(112, body), E / ip4(proto=112, ttl=3) / body]
    first_hop.append(over6(112, u8(version << 4 | kind, 7, 100, 2, 1, 44) + u16(0) + noise(32)))
for version, op, state, reserved in ((0, 0, 16, 0), (0, 1, 8, 0), (0, 2, 3, 5), (0, 9, 1, 0), (2, 0, 0, 0)):
    first_hop.append(udp(1985, u8(version, op, state, 3, 200, 120, 1, reserved) + b'cisco\0\0\0' + bytes([10, 0, 0, 254])))
write('first-hop', first_hop)

# ---- PPPoE, PPP ----
def pppoe(code, session, body, size=None, first=0x11, ethertype=0x8864):
    return Ether(type=ethertype, **A) / (u8(first, code) + u16(session, len(body) if size is None else size) + body)


def tag(kind, value):
    return u16(kind, len(value)) + value


def control(protocol, code, body, size=None):
    return u16(protocol) + u8(code, 1) + u16(len(body) + 4 if size is None else size) + body


ppp = [u16(0x21) + bytes(ip4() / UDP(sport=1, dport=2) / b'x'), u8(0x21) + bytes(ip4() / TCP()), u16(0x57) + bytes(ip6() / UDP(sport=1, dport=2)), u16(0xff03, 0x21) + bytes(ip4() / TCP()), u16(0x0281) + u32(0x00010140) + bytes(ip4() / TCP())]
options = {
    0xc021: [tlv(1, u16(1492)), tlv(2, u32(0)), tlv(3, u16(0xc223) + b'\5'), tlv(3, u16(0xc223) + b'\x63'), tlv(3, u16(0xc023)), tlv(3, u16(0x1234)), tlv(4, u16(0xc025)), tlv(4, u16(1)), tlv(5, u32(0x12345678)), tlv(7, b''), tlv(8, b''), tlv(0, noise(6)), tlv(0, noise(2)), tlv(13, b'\6'), tlv(13, b''), tlv(17, u16(1500)), tlv(18, b''), tlv(19, b'\0'), tlv(19, b'\1abc'), tlv(19, b'\2' + noise(4)), tlv(19, b'\3' + noise(6)), tlv(19, b'\3' + noise(5)), tlv(19, b'\4'), tlv(19, b'\5'), tlv(19, b'\x09'), tlv(19, b''), tlv(23, u16(9)), tlv(23, b''), tlv(40, noise(3)), tlv(1, b''), tlv(2, b''), tlv(5, b''), tlv(3, b''), tlv(4, b''), tlv(1, b'', -1), tlv(50, b'', -2)],
    0x8021: [tlv(1, noise(8)), tlv(1, b'a'), tlv(2, u16(0x2d)), tlv(2, u16(0x61) + noise(10)), tlv(2, u16(0x61) + noise(10) + b'\1\2\2\2\1\x09'), tlv(2, u16(0x61)), tlv(2, b''), tlv(3, noise(4)), tlv(129, noise(4)), tlv(132, b''), tlv(9, noise(3)), tlv(3, b'', -1)],
    0x8057: [tlv(1, noise(8)), tlv(1, b'a'), tlv(2, noise(3)), tlv(2, b'', -2)],
    0x80fd: [tlv(k, noise(2)) for k in (0, 17, 18, 21, 24, 26, 99)] + [tlv(k, b'') for k in (21, 24, 26)] + [tlv(1, b'', -1)],
    0xc02b: [tlv(1, u32(7)), tlv(1, b''), tlv(2, b'ab'), tlv(2, b'', -1)],
    0x8281: [tlv(1, b'ab')],
}
for protocol, list_ in options.items():
    ppp += [control(protocol, 1 + i % 4, o) for i, o in enumerate(list_)]
    ppp += [control(protocol, 1, b''.join(rng.sample(list_, min(4, len(list_))))) for _ in range(4)]
for code in range(17):
    ppp += [control(0xc021, code, noise(n)) for n in (0, 1, 4, 8, 20)]
ppp += [control(0xc021, 8, u16(0x8021) + noise(9)), control(0xc021, 9, u32(1), 3), control(0xc021, 9, u32(1), 99), u16(0xc021) + b'ab', u16(0x3d) + u16(0xc123) + noise(5), u16(0x3d) + b'a', u16(0x3d) + u16(5)]
for code in range(6):
    ppp += [u16(0xc223) + u8(code, 3) + u16(4 + len(v)) + v for v in (b'\4\1\2\3\4name\xff', b'\x09ab', b'welcome', b'')]
    ppp += [u16(0xc023) + u8(code, 3) + u16(4 + len(v) + more) + v for v in (b'\4user\4pass', b'\x09ab', b'\0', b'') for more in (0, 1, -2)]
ppp += [u16(0xc223) + b'a', u16(0xc223), u16(0xc023) + b'ab', u16(0xc02d) + b'abc', u16(0xfd) + b'abc', u16(0x0201) + b'abc', u16(0x4567) + b'abc', u8(0x99) + b'xyz', b'', b'\0']
ppp += [u16(0x7e21) + bytes(ip4() / UDP(sport=1, dport=2)), u16(0x7eff, 0x0321), u16(0x7eff) + b'\x7d\x23\x00\x21' + bytes(ip4() / TCP()), u16(0x7ec0, 0x2101) + b'\1\0\4', u16(0x7eff) + b'\3\x7e\x7e', u16(0x7e57)]
frames = [pppoe(0, 7, p) for p in ppp] + [pppoe(9, 0, tag(0x101, b'') + tag(0x103, noise(8)) + tag(0x102, b'access concentrator ' * 5) + tag(0x1234, b'ab\1'), ethertype=0x8863)]
frames += [pppoe(code, 0, tag(0x102, b'name') + tag(0, b'') + tag(0x104, noise(6)), ethertype=0x8863) for code in (7, 0x19, 0x65, 0xa7, 0x33)]
frames += [pppoe(9, 0, bytes(1480), ethertype=0x8863), pppoe(0, 7, ppp[0], 500), pppoe(0, 7, ppp[0], first=0x23), pppoe(7, 0, tag(0x101, b'abc')[:-1], ethertype=0x8863), Ether(type=0x8864, **A) / b'\x11\0\0', Ether(type=0x880b, **A) / ppp[0]]
write('pppoe', frames)
write('ppp', [p for p in ppp if p] + [b'\0\3' + ppp[0], b'\1\3' + ppp[0], b'\xff\3' + ppp[0]], 9)
write('ppp-hdlc', [b'\xff\3' + p for p in ppp] + [b'\x21\3abcd', b'\xff', b'\xff\3\0'], 50)
