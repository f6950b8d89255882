"""Captures of routing, access and management protocols; run by captures.py, whose names it uses."""
import struct
from __main__ import A, E, IP, TCP, UDP, Ether, ip4, ip6, noise, rng, write


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

# ---- DHCPv6 ----
def option6(kind, value, more=0):
    return u16(kind, len(value) + more) + value


duids = [u16(1, 1) + u32(99) + noise(6), u16(2) + noise(10), u16(3, 1) + noise(6), u16(9) + noise(3), u16(1) + b'ab', u16(2) + b'a', u16(3), b'a']
status = option6(13, u16(2) + b'no')
options6 = [option6(k, v) for k in (1, 2) for v in duids]
options6 += [option6(3, u32(1, 2, 3) + status), option6(3, u32(1)), option6(4, u32(7) + status), option6(4, b'a'), option6(5, noise(16) + u32(1, 2) + status), option6(5, b'ab'), option6(6, u16(23, 24, 99)), option6(6, b'abc'), option6(7, b'\x09'), option6(7, b''), option6(8, u16(77)), option6(8, b'a')]
options6 += [option6(9, u8(1, 1, 2, 3) + option6(8, u16(3))), option6(11, u8(2, 1, 0) + noise(8) + noise(25)), option6(11, u8(2, 2, 1) + noise(8)), option6(11, u8(2, 1, 0) + noise(10)), option6(11, u8(3, 1, 0) + noise(8) + u8(1) + noise(16)), option6(11, u8(3, 1, 0) + noise(8) + u8(2) + noise(16)), option6(11, u8(3, 1, 0) + noise(9)), option6(11, u8(7, 1, 0) + noise(9)), option6(11, b'abc')]
options6 += [option6(13, u16(c)) for c in (0, 10, 11, 300)] + [option6(13, b'a'), option6(14, b''), option6(16, b'abc'), option6(18, noise(14)), option6(18, b''), option6(19, b'\5'), option6(19, b'\x0b'), option6(19, b'\1'), option6(19, b''), option6(20, b'')]
name = b'\7example\3org\0'
options6 += [option6(k, v) for k in (21, 24) for v in (name, name + b'\3abc\xc0\0', b'\xc0\5', b'\x3fabc')] + [option6(k, noise(n)) for k in (22, 23, 27, 40, 48) for n in (16, 32, 5)]
options6 += [option6(26, u32(1, 2) + u8(64) + noise(16) + status), option6(26, b'abc'), option6(32, u32(5)), option6(46, b'abc'), option6(37, u32(9) + noise(13)), option6(37, b'a'), option6(38, noise(3)), option6(41, b'EST5EDT'), option6(42, b'UTC'), option6(43, u16(1, 2)), option6(44, u8(1) + noise(16) + status), option6(44, u8(2) + noise(16)), option6(44, u8(3) + noise(16)), option6(44, b'a'), option6(45, status), option6(45, b''), option6(47, noise(20)), option6(47, b'a')]
options6 += [option6(56, u16(1, 16) + noise(16) + u16(3, len(name)) + name), option6(56, u16(2, 3) + b'abc'), option6(56, u16(9, 3) + b'abc'), option6(56, u16(1, 99) + noise(16)), option6(56, b'a'), option6(64, name), option6(64, b'\x09abcdef'), option6(64, b'a'), option6(112, b'https://example.org/\xff'), option6(112, b'ab'), option6(200, b'abc'), option6(7, b'a', 9), u16(7)]
dhcp6 = [u8(k) + b'\1\2\3' + option6(8, u16(0)) for k in range(17)] + [u8(1) + b'\1\2\3' + o for o in options6] + [u8(12, 1) + noise(32) + o for o in options6[::5]] + [u8(7, 0, 0, 5) + b''.join(rng.sample(options6, 4)) for _ in range(20)]
write('dhcp6', [E / ip6() / UDP(sport=546, dport=547) / p for p in dhcp6 + [b'abc', u8(12, 1) + noise(20)]])


# ---- 802.2: STP, CDP, DTP, UDLD, VTP ----
def llc(sap, payload, control=3):
    body = u8(sap, sap, control) + payload
    return bytes.fromhex('0180c2000000024200000001') + u16(len(body)) + body


def cisco(pid, payload):
    return llc(0xaa, b'\0\0\x0c' + u16(pid) + payload)


def bpdu(version, kind, flags, extra=b''):
    return u16(0) + u8(version, kind, flags) + noise(8) + u32(20000) + noise(8) + u16(0x8002) + u16(0x0180, 20 << 8, 0x02a0, 15 << 8) + extra


tree = [llc(0x42, bpdu(v, k, rng.randrange(256), b'\0')) for v in (0, 2, 3, 4, 9) for k in (0, 2, 0x80, 5) for _ in range(2)]
mst = lambda n: b'\0' + u16(64 + 16 * n) + b'\0' + b'region'.ljust(32, b'\0') + u16(3) + noise(16) + u32(2000) + noise(8) + b'\x14' + noise(16 * n)
spb = u16(85) + b'\0' + b'aux'.ljust(32, b'\0') + u16(1) + noise(60)
tree += [llc(0x42, bpdu(v, 2, 0x7c, mst(n) + tail)) for v in (3, 4) for n in (0, 1, 3) for tail in (b'', spb, spb[:-9])]
tree += [llc(0x42, b'\0\1abc'), llc(0x42, b'\0\0\0'), llc(0x42, u16(0) + u8(0, 0x80)), llc(0x42, bpdu(0, 0, 1)[:-3]), cisco(0x010b, bpdu(2, 2, 0x3c, b'\0')), llc(0xaa, b'\0\x80\xc2' + u16(14) + bpdu(0, 0, 0))]
write('spanning-tree', tree)


def field(kind, value, more=0):
    return u16(kind, len(value) + 4 + more) + value


v4address = u8(1, 1, 0xcc) + u16(4) + noise(4)
v6address = u8(2, 8, 0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd) + u16(16) + noise(16)
cdp = [field(1, b'switch\xff.example'), field(2, u32(2) + v4address + v6address), field(2, u32(1) + u8(3, 2, 1, 2) + u16(3) + b'abc'), field(2, u32(3) + v4address), field(2, u32(1) + v4address + b'stray'), field(2, b'a'), field(2, u32(1) + b'\1'), field(2, u32(1) + u8(1, 9)), field(2, u32(1) + u8(1, 1, 0xcc) + u16(4)), field(3, b'Fa0/1'), field(4, u32(0x29)), field(4, u32(0)), field(4, b'a'), field(5, b'IOS\nversion\t1'), field(6, b'cisco'), field(7, noise(10)), field(7, noise(7)), field(8, noise(5)), field(9, b'vtp'), field(0x0a, u16(5)), field(0x0b, b'\1'), field(0x0b, b'\0'), field(0x0c, b'a'), field(0x0e, b'\1\0\5'), field(0x0f, b'\0\5'), field(0x0f, b'\1\0\5'), field(0x10, u16(6300)), field(0x10, b'\x7d'), field(0x10, b'\0\x7d\5'), field(0x11, u32(1500)), field(0x12, b'\1'), field(0x13, b'\2'), field(0x14, b'name'), field(0x15, b'oid'), field(0x16, u32(1) + v4address), field(0x17, b'\1room'), field(0x17, b'\1'), field(0x1a, noise(20)), field(0, b''), field(1, b'', -2), field(1, b'ab', 30), b'\0\1']
write('cdp', [cisco(0x2000, u8(2, 180) + u16(0x1234) + f) for f in cdp] + [cisco(0x2000, u8(1, 9) + u16(0) + b''.join(rng.sample(cdp, 5))) for _ in range(20)] + [cisco(0x2000, b'\1')])
dtp = [field(1, b'domain\0'), field(2, b'\x81'), field(3, b'\xa5'), field(4, noise(6)), field(9, b'ab'), field(2, b'ab'), field(4, b'a'), field(0, b''), field(1, b'', 9), field(1, b'', -3), b'\0\1\0']
udld = [field(1, b'id\0x'), field(2, b'port'), field(3, u32(1) + noise(6)), field(4, b'\x0f'), field(5, b'\5'), field(6, b'name'), field(7, u32(1)), field(8, b'ab'), field(4, b''), field(7, b'ab'), field(1, b'a', 9), b'\0\1']
vlan = lambda name, rest, size=None: u8(12 + len(name) + -len(name) % 4 + len(rest) if size is None else size, rng.randrange(3), rng.randrange(7), len(name)) + u16(5, 1500) + u32(100005) + name + bytes(-len(name) % 4) + rest
vlans = [vlan(b'default', b''), vlan(b'abcd', u8(3, 1) + u16(1)), vlan(b'x', u8(3, 1) + u16(1) + u8(6, 1) + u16(1)), vlan(b'x', u8(3, 2) + u32(1)), vlan(b'x', u8(3, 9)), vlan(b'x', b'\3'), vlan(b'abc', b'', 9), vlan(b'abcdefgh', b'', 14)] + [vlan(b'y', u8(k, 1) + u16(rng.randrange(4))) for k in range(12)]
head = lambda kind, n=6: u8(2, kind, 1, n) + b'domain'.ljust(32, b'\0')
write('cisco', [cisco(0x2004, b'\1' + f) for f in dtp] + [cisco(0x2004, b'\1' + b''.join(dtp[:5])), cisco(0x2004, b'')] + [cisco(0x111, u8(0x20 | c, c * 17) + u16(1) + f) for c in range(5) for f in udld] + [cisco(0x111, u8(0x21, 0) + u16(1) + b''.join(udld[:8])), cisco(0x111, b'ab')] + [cisco(0x2003, head(2) + u32(9) + v) for v in vlans] + [cisco(0x2003, head(2) + u32(9) + b''.join(vlans[:3]) + b'\0'), cisco(0x2003, head(1) + u32(9) + noise(32)), cisco(0x2003, head(3) + u32(9)), cisco(0x2003, head(4)), cisco(0x2003, head(7)), cisco(0x2003, head(1, 0)), cisco(0x2003, head(1, 40)), cisco(0x2003, b'abc')])


# ---- LLDP ----
def lfield(kind, value, more=0):
    return u16(kind << 9 | (len(value) + more)) + value


address = [u8(5, 1) + noise(4), u8(17, 2) + noise(16), u8(7, 6) + noise(6), u8(3, 9) + b'ab', u8(2, 1) + b'a', u8(0)]
lldp = [lfield(1, u8(k) + v) for k in range(9) for v in (noise(6), b'\1' + noise(4), b'name\0x')] + [lfield(2, u8(k) + v) for k in range(9) for v in (noise(6), b'\2' + noise(16), b'port')]
lldp += [lfield(3, u16(120)), lfield(3, b'a'), lfield(4, b'description\xff'), lfield(5, b'system'), lfield(6, b'text'), lfield(7, u16(0x14, 0)), lfield(7, b'ab')] + [lfield(8, a + u8(2) + u32(7) + o) for a in address for o in (b'', b'\0', b'\3abc', b'\x09a')] + [lfield(8, b'\x09a'), lfield(8, address[0] + b'ab')]
for oui, count in ((b'\0\x80\xc2', 16), (b'\0\x12\x0f', 6), (b'\0\0\x5e', 3), (b'\0\x12\xbb', 13), (b'\0\x1b\x21', 1), (b'abc', 2)):
    for sub in range(count):
        lldp += [lfield(127, oui + u8(sub) + noise(n)) for n in (0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 21, 24)]
lldp += [lfield(127, b'\0\x80\xc2\3' + u16(5) + b'\4name'), lfield(127, b'\0\x80\xc2\4\4\x88\x8e\1\2')]
lldp += [lfield(127, b'\0\x12\xbb\3' + v) for v in (b'\1' + noise(16), b'\2\x0c\2US\6\4main\1\2ab', b'\2\x0c\1US\6\x09main\1\2a', b'\2\6\0US\x09\0\1', b'\2\2\0', b'\3911', b'\4abc')] + [lfield(127, b'\0\x12\xbb\4' + u8(k) + u16(w)) for k, w in ((0x51, 70), (3, 1024), (0xe3, 5))]
dcbx = [lfield(1, u8(0, 0) + u32(1, 2)), lfield(2, u8(0, 0, 0xa0, 1) + noise(13)), lfield(3, u8(1, 2, 0x60, 0, 0x55, 8)), lfield(4, u8(1, 2, 0x80, 0) + u16(0x8906) + u8(0, 0x1b, 0x21, 8) + u16(3260) + u8(0x40, 0x1b, 0x21, 16)), lfield(5, b'abc'), lfield(1, b'a'), lfield(0, b''), lfield(2, b'ab', 9)]
lldp += [lfield(127, b'\0\x1b\x21' + u8(s) + b''.join(f)) for s in (1, 2, 3) for f in [[x] for x in dcbx] + [dcbx[:5]]]
lldp += [lfield(127, b'ab'), lfield(50, b'abc'), lfield(0, b''), lfield(4, b'ab', 9), b'\2']
write('lldp', [Ether(type=0x88cc, **A) / f for f in lldp] + [Ether(type=0x88cc, **A) / b''.join(rng.sample(lldp, 6)) for _ in range(20)])

# ---- Cisco HDLC ----
slarp = [u32(0) + noise(10), u32(1) + noise(14), u32(2, 9, 8) + u16(0xffff) + u32(123456789), u32(2, 9, 8) + u16(0xffff), u32(2, 9, 8) + noise(12), u32(7) + noise(16), b'abc']
write('chdlc', [u16(a, 0x8035) + s for a in (0x0f00, 0x8f00, 0x1200) for s in slarp] + [u16(0x0f00, t) + p for t, p in ((0x0800, bytes(ip4() / TCP())), (0x86dd, bytes(ip6() / UDP())), (0x8847, u32(0x00010140) + bytes(ip4() / TCP())), (0x1234, b'abc'))] + [b'\x0f\0', b'\x0f\0\x08\0'], 104)

# ---- EAP over LAN ----
eap = [u8(code, 7) + u16(len(b) + 4) + b for code in (1, 2) for b in [u8(t) + v for t in (0, 1, 2, 3, 4, 13, 18, 21, 23, 43, 99, 254) for v in (b'', b'\x05', b'\xa1' + u32(1000), b'\x80ab', b'me\xff\0x')] + [b'']]
eap += [u8(3, 7) + u16(4), u8(4, 7) + u16(4), u8(9, 7) + u16(4), u8(1, 7) + u16(3), u8(1, 7) + u16(99)]
write('eapol', [Ether(type=0x888e, **A) / (u8(2, 0) + u16(len(p)) + p) for p in eap] + [Ether(type=0x888e, **A) / (u8(1, k) + u16(n) + noise(8)) for k in range(6) for n in (0, 8)] + [Ether(type=0x888e, **A) / b'\1\0'])

# ---- RADIUS ----
values = [noise(4), u32(1), u32(0), u32(7), u32(0xfffffffe), u32(0xffffffff), u32(75), u32(4000), b'\1name', b'\0abc', b'name\xff\0x', b'1vlan', b'2vlan', b'', noise(8), noise(14), noise(16), noise(17), noise(18), b'\0\x40' + noise(8), b'\0\xc8' + noise(8), noise(10), noise(24), u32(401), eap[3], u32(9) + tlv(1, b'abc') + tlv(2, b''), u32(311) + b'\1\1', u32(77) + b'\1\x09a']
attrs = [tlv(k, v) for k in range(1, 132) for v in rng.sample(values, 5)] + [tlv(k, v) for k in (6, 8, 26, 27, 37, 56, 58, 61, 64, 66, 69, 70, 71, 79, 83, 84, 97, 101, 123, 124, 125, 126, 127, 128, 129) for v in values]
attrs += [tlv(200, b'ab'), tlv(1, b'ab', 50), tlv(1, b'', -1), b'\1']
send = lambda code, body, port=1812, size=None: udp(port, u8(code, 9) + u16(20 + len(body) if size is None else size) + noise(16) + body)
write('radius', [send(k, attrs[0]) for k in (1, 2, 3, 4, 5, 11, 12, 13, 40, 41, 42, 43, 44, 45, 255, 99)] + [send(1, a, rng.choice((1645, 1646, 1700, 1812, 1813, 3799))) for a in attrs] + [send(4, b''.join(rng.sample(attrs, 6))) for _ in range(20)] + [send(1, b'', size=9), send(1, b'abc', size=99), udp(1812, b'abc')])

# ---- EIGRP ----
eigrp = [field(t, noise(n)) for t in (1, 2, 3, 4, 5, 0x202, 0x203, 0x204, 0x302, 0x999) for n in (0, 3, 8, 24, 40)] + [field(t, (u32(h) + noise(n) + u8(p) + noise(4))[:cut]) for t, n in ((0x102, 16), (0x103, 36)) for h in (0, 9) for p in (0, 8, 24, 32, 40) for cut in (99, 20)]
eigrp += [field(1, b'abc', 9), field(1, b'', -2), b'\0\1']
head = lambda op, version=2: u8(version, op) + u16(0x1234) + u32(rng.randrange(16), 1, 2) + u16(0, 100)
write('eigrp', [over4(88, head(op) + eigrp[0]) for op in range(9)] + [over4(88, head(5) + f) for f in eigrp] + [over4(88, head(1) + b''.join(rng.sample(eigrp[:60], 4))) for _ in range(10)] + [over6(88, head(5)), over4(88, head(5, 1)), over4(88, head(5)[:12])])

# ---- DVMRP and PIM version 1, inside IGMP ----
igmp = [u8(0x13, k) + u16(0, 0x0a0b, 0x0c03) + v for k in range(11) for v in (b'', noise(3), u32(7), u32(7, 8, 9), noise(4) + u8(1, 2, 2) + noise(8), noise(4) + u8(1, 2, 0x73, 2) + noise(8), noise(4) + u8(1, 2, 0, 5) + noise(8), u8(255, 255, 0) + noise(3) + b'\x81' + u8(0, 0, 0) + b'\x0a\x85', u8(255, 255, 255) + noise(4) + b'\1')]
igmp += [u8(0x13, 1) + u16(0)]
join = noise(4) + u16(0, 180) + u8(0, 0, 0, 1) + noise(4) + u32(0xffffffff) + u16(1, 0) + u8(1, 0xa0) + noise(4)
igmp += [u8(0x14, k) + u16(0) + u8(v, 0, 0, 0) + b for k in range(9) for v in (0x10, 0x20) for b in (b'', noise(3), u8(0x10, 0, 0, 90) + noise(20), u8(0x50, 0, 0, 90), noise(4) + u32(0xffffffff) + noise(12), join, join[:6] + u16(60) + join[8:20] + u16(0, 1) + u8(0, 0x60) + join[26:], join[:11] + u8(2) + (join[12:20] + u16(1, 2) + noise(18)) * 2, join[:15])]
write('igmp-routing', [over4(2, p) for p in igmp])


# ---- PIM version 2, Auto-RP ----
unicast = [u8(1, 0) + noise(4), u8(2, 0) + noise(16), u8(3, 0) + noise(4), u8(1, 1) + noise(4)]
group = [u8(1, 0, 0, 32) + noise(4), u8(1, 0, 0x80, 24) + noise(4), u8(2, 0, 0, 128) + noise(16), u8(2, 0, 1, 64) + noise(16)]
source = [u8(1, 0, f, m) + noise(4) for f, m in ((0, 32), (7, 24), (0xfc, 32))]
pick = rng.choice
bodies = {
    0: [field(k, v)[:2] + u16(len(v)) + v for k, v in ((1, u16(105)), (1, u16(0xffff)), (1, b'a'), (2, u16(0x81f4, 2500)), (2, b'a'), (19, u32(1)), (18, b''), (19, b'ab'), (20, u32(99)), (20, b''), (21, u8(1, 0, 0, 0)), (21, u8(1, 60, 1, 2)), (21, b''), (22, b''), (24, unicast[0] + unicast[1]), (65001, unicast[2]), (99, noise(5)))] + [b'\0\1\0'],
    1: [u32(f) + p for f in (0, 0x80000000, 0x40000000) for p in (bytes(ip4() / UDP(sport=1, dport=2)), bytes(ip6() / UDP()), b'\0' + noise(19), b'\x70', b'')],
    2: [g + u for g in group for u in unicast],
    3: [u + u8(0, n) + u16(hold) + (g + u16(1, 1) + source[0] + source[1]) * n for u in unicast for n, hold, g in ((1, 210, group[0]), (2, 0xffff, group[1]), (0, 5, group[0]))],
    4: [u16(0x12) + u8(30, 64) + u + g + u8(2, 1, 0, 0) + unicast[0] + u16(150) + u8(1, 0) for u in unicast for g in group[:2]] + [b'\0\1\2'],
    5: [g + unicast[0] + u32(p, 5) for g in group for p in (0x80000001, 7)],
    8: [u8(n, 192) + u16(150) + unicast[0] + group[0] + group[1] for n in (0, 1, 2, 3)],
    9: [unicast[0] + group[0] + unicast[0] + u16(60)],
    10: [unicast[0] + u32(1, 2) + unicast[0] + u32(3, 4) + u16(100), unicast[2]],
    11: [noise(9)],
}
bodies[6] = bodies[7] = bodies[3]
bodies[7] = [b[6:] for b in bodies[3]] + bodies[3][:3]
pim = [u8(0x20 | k, r) + u16(c) + b for k, list_ in bodies.items() for b in list_ for r in ([0x10, 0x20, 0x30, 0x40, 0x50] if k == 10 else [0]) for c in (0x1234,)]
pim += [u8(0x20, 0) + u16(0) + bodies[0][0], u8(0x20, 4) + u16(0x1234) + bodies[0][0], u8(0x25, 4) + u16(1) + u8(0, 24) + noise(8) + u32(1, 2), u8(0x2f, 0) + u16(1), u8(0x10, 0) + u16(1), u8(0x20), u8(0x20, 0, 1)]
right = lambda p: over4(103, p[:2] + u16((~sum(struct.unpack('>%dH' % (len(p) // 2), p[:2] + b'\0\0' + p[4:])) % 65535) & 0xffff) + p[4:])
write('pim', [over4(103, p) for p in pim] + [over6(103, p) for p in pim[::7]] + [right(pim[0]), right(pim[5])])
write('auto-rp', [udp(496, u8(k, n) + u16(h) + u32(0) + b) for k, n, h in ((0x11, 1, 181), (0x12, 2, 0), (0x13, 1, 60)) for b in (noise(4) + u8(3, 2) + u8(0, 4) + noise(4) + u8(0xff, 8) + noise(4), (noise(4) + u8(2, 1, 1, 4) + noise(4)) * 2, noise(4) + u8(0xfd), b'abc', b'')] + [udp(496, b'abc')])


# ---- IKE ----
def chained(*list_):
    """Payloads as (kind, body, lie) one behind the other: the first one's kind, and all bytes."""
    data = b''
    for i, (kind, body, *lie) in enumerate(list_):
        following = list_[i + 1][0] if i + 1 < len(list_) else 0
        data += u8(following, rng.choice((0, 0, 0x80))) + u16(len(body) + 4 + sum(lie)) + body
    return list_[0][0] if list_ else 0, data


def ike(version, exchange, flags, first, data, cookie=b'\1' * 8, responder=b'\2' * 8, message=0, more=0):
    return cookie + responder + u8(first, version << 4, exchange, flags) + u32(message, 28 + len(data) + more) + data


def attr(kind, value):
    return u16(0x8000 | kind, value) if isinstance(value, int) else u16(kind, len(value)) + value


tv1 = [u8(n, i) + u16(0) + b''.join(attr(rng.randrange(18), pick((1, 2, 7, 17, 18, 99, b'\0\0\x70\x80'))) for _ in range(6)) for n, i in ((1, 1), (2, 2), (3, 12), (4, 3), (5, 99))] + [u8(1, 1) + u16(0) + u16(1, 99) + b'ab']
proposals1 = [u8(1, proto, len(spi), 2) + spi + chained(*[(3, pick(tv1)) for _ in range(2)])[1] for proto in range(6) for spi in (b'', noise(4))]
sa1 = [u32(1, sit) + (u32(5) if sit != 1 else b'') + chained((2, pick(proposals1)), (2, pick(proposals1)))[1] for sit in (1, 2, 4, 7)] + [u32(2, 3)] + [u32(1, 1) + chained((2, p))[1] for p in proposals1]
id1 = [u8(t, p) + u16(500) + v for t in range(13) for p in (0, 17) for v in (b'', noise(4), noise(8), noise(32), b'name.example')]
n1 = [u32(domain) + u8(1, len(spi)) + u16(t) + spi + v for domain in (1, 2) for t in (1, 14, 99, 8192, 9000, 16384, 20000, 24576, 24577, 24578, 30000, 40000) for spi, v in ((b'', u32(1)), (noise(16), attr(11, 1) + attr(12, u32(28800))), (b'', noise(40)), (noise(4), b''))]
d1 = [u32(domain) + u8(3, 4) + u16(n) + noise(8) for domain in (1, 2) for n in (0, 1, 2, 3)]
small = [noise(n) for n in (0, 1, 8, 40)]
messages = [chained((1, s)) for s in sa1] + [chained((5, i)) for i in id1] + [chained((11, n)) for n in n1] + [chained((12, x)) for x in d1] + [chained((k, s)) for k in (3, 4, 6, 7, 8, 9, 10, 13, 14, 32, 49, 200) for s in small]
messages += [chained((4, noise(20)), (10, noise(20)), (5, id1[2]), (8, noise(16))), chained((4, noise(8), 40)), chained((4, noise(8), -9)), (4, b'\0\0'), (0, b'')]
packets = [udp(pick((500, 7500, 8500)), ike(1, pick((0, 1, 2, 4, 5, 6, 32, 33, 40)), 0, *m), 500) for m in messages]
packets += [udp(500, ike(1, 2, f, *messages[0], cookie=c, responder=r, message=i), 500) for f in (0, 1, 2, 3) for c, r in ((b'\3' * 8, bytes(8)), (b'\3' * 8, b'\4' * 8), (bytes(8), bytes(8))) for i in (0, 9)]
back = E / IP(src='10.0.0.2', dst='10.0.0.1')
packets += [back / UDP(sport=500, dport=500) / ike(1, 2, 0, *messages[0], cookie=b'\3' * 8), E / ip6() / UDP(sport=500, dport=500) / ike(1, 2, 0, *messages[0], cookie=b'\5' * 8, responder=bytes(8)), E / ip6() / UDP(sport=500, dport=500) / ike(1, 2, 0, *messages[0], cookie=b'\5' * 8)]
tv2 = [u8(t, 0) + u16(i) + a for t in range(7) for i in (0, 1, 2, 12, 14, 99) for a in (b'', attr(14, 256), attr(9, b'abc'))]
proposals2 = [u8(1, p, len(spi), 2) + spi + chained(*[(3, pick(tv2)) for _ in range(3)])[1] for p in range(5) for spi in (b'', noise(4), noise(8))] + [u8(1, 1, 200, 1) + noise(9), u8(1, 1, 0, 1) + chained((3, tv2[0]), (9, b'abcd'))[1]]
sa2 = [chained((2, p), (2, pick(proposals2)))[1] for p in proposals2] + [chained((2, proposals2[0]), (7, b'abcd'))[1], b'ab', chained((2, b'abcdefgh', 30))[1]]
messages2 = [chained((33, s)) for s in sa2] + [chained((34, u16(g, 0) + noise(n))) for g in (0, 2, 14, 99) for n in (0, 20)] + [chained((k, u8(t, 0, 0, 0) + v)) for k in (35, 36) for t in (1, 2, 3, 5, 9, 10, 11, 12) for v in (b'', noise(4), b'host.example')]
messages2 += [chained((39, u8(m, 0, 0, 0) + noise(n))) for m in (0, 1, 2, 3, 9) for n in (0, 40)] + [chained((41, u8(p, len(spi)) + u16(t) + spi + v)) for p in (0, 1, 3) for t in (1, 4, 5, 7, 14, 34, 39, 50, 9000, 16384, 16388, 16390, 16393, 16400, 50000) for spi, v in ((b'', b''), (noise(8), noise(6)), (b'', noise(40)))]
messages2 += [chained((k, s)) for k in (34, 37, 38, 40, 42, 43, 44, 45, 46, 47, 48, 50) for s in small] + [chained((33, sa2[0]), (34, u16(2, 0) + noise(8)), (40, noise(16)), (43, b'vendor'))]
packets += [udp(500, ike(2, pick((34, 35, 36, 37, 99)), pick((0, 8, 16, 32, 40)), *m, message=pick((0, 1))), 500) for m in messages2] + [udp(500, ike(2, 35, 9, *messages2[0]), 500), udp(500, ike(3, 35, 9, *messages2[0]), 500), udp(500, ike(2, 34, 8, *messages2[0], more=5), 500), udp(500, b'abc', 500)]
packets += [udp(4500, p, 4500) for p in (b'\xff', b'ab', b'\0\0\0\0' + ike(1, 2, 0, *messages[0]), b'\0\0\0\0' + ike(2, 34, 8, *messages2[3]), u32(0x1234, 7) + noise(40), u32(0x1234))]
write('ike', packets)


# ---- OSPF 2 and 3 ----
def lsa(kind, body, lsid=None, more=0):
    return u16(5) + u8(0x42, kind) + (lsid or noise(4)) + noise(4) + u32(0x80000001) + u16(0x1234, 20 + len(body) + more) + body


def padded(kind, value, more=0):
    return u16(kind, len(value) + more) + value + bytes(-len(value) % 4)


links = [padded(k, v) for k in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 15, 16, 17, 99) for v in (b'\1', b'\2', noise(4), noise(8), struct.pack('>f', 1.25e8), b'\1\0\0\0' + struct.pack('>8f', *[10.0 ** i for i in range(8)]), struct.pack('>8f', *[1.5 * 10 ** (i + 4) for i in range(8)]), noise(40))] + [u16(3, 0), u16(6, 9) + b'abc', b'\0\1']
te = [padded(2, l) for l in links] + [padded(1, noise(4)), padded(1, b'ab'), padded(9, b'abcde'), padded(2, b'ab', 9), b'\0\1', u16(1, 0)]
grace = [padded(1, u32(120)), padded(2, b'\2'), padded(3, noise(4)), padded(1, b'a'), padded(2, b'ab'), padded(9, b'abcde'), padded(1, b'abcd', 40), u16(1, 0), b'\0\1']
links2 = lambda *kinds: u8(0x93, 0) + u16(len(kinds)) + b''.join(noise(8) + u8(k, n) + u16(10) + b''.join(u8(t, 0) + u16(20) for t in range(1, n + 1)) for k, n in kinds)
lsas = [lsa(1, links2((1, 0), (2, 2), (3, 0), (4, 0))), lsa(1, links2((9, 0))), lsa(1, links2()), lsa(2, noise(12)), lsa(2, noise(4)), lsa(3, noise(4) + u32(10, 0x01000005, 0x7f00ffff)), lsa(4, noise(4) + u32(7)), lsa(5, noise(4) + u32(0x80000014, 0, 0)), lsa(7, noise(4) + u32(0x01ffffff) + noise(8)), lsa(6, u32(1, 5, 2, 6, 3, 7)), lsa(8, noise(8)), lsa(3, b''), lsa(5, b'ab'), lsa(1, b'', more=-3)]
lsas += [lsa(k, v, u8(1, 0, 0, 7)) for k in (9, 10, 11) for v in rng.sample(te, 8)] + [lsa(10, v, u8(1, 0, 0, 7)) for v in te] + [lsa(9, v, u8(3, 0, 0, 1)) for v in grace] + [lsa(10, v, u8(4, 0, 0, 1)) for v in (padded(1, u32(0x2f0)), padded(1, b'ab'), padded(2, b'abcd'), padded(1, b'abcd', 9), b'ab')] + [lsa(11, noise(9), u8(77, 0, 0, 1))]
hello2 = u32(0xffffff00) + u16(10) + u8(0x12, 1) + u32(40) + noise(8)
bodies2 = [(1, hello2), (1, hello2 + noise(8)), (1, u32(0) + u16(10) + u8(2, 1) + u32(40, 0, 0)), (2, u16(1500) + u8(0x52, 7) + u32(9) + lsas[0][:20] + lsas[20][:20]), (2, u16(0) + u8(2, 8) + u32(9)), (3, u32(1) + noise(8) + u32(10) + u8(1, 0, 0, 7) + noise(4) + u32(99) + noise(8)), (3, b'abc'), (5, lsas[0][:20] + lsas[5][:20]), (5, b''), (4, u32(2) + lsas[0] + lsas[3]), (4, u32(0)), (9, b'abc'), (0, b'')] + [(4, u32(1) + l) for l in lsas]
lls = [u16(0x1234, 3) + padded(1, u32(3)) + padded(2, noise(20)), u16(0, 1) + padded(1, b'ab'), u16(0, 2) + padded(7, b'abcd'), b'']


def ospf2(kind, body, auth=0, extra=b'', version=2, more=0):
    return over4(89, u8(version, kind) + u16(24 + len(body) + more) + noise(4) + (u32(0) if kind % 2 else noise(4)) + u16(0x1234, auth) + (u8(0, 0, 3, 16) + u32(77) if auth == 2 else b'password') + body + (noise(16) if auth == 2 else b'') + extra)


ospf = [ospf2(k, b) for k, b in bodies2] + [ospf2(k, b, a) for k, b in bodies2[:6] for a in (1, 2, 7)] + [ospf2(1, hello2, a, l) for a in (0, 2) for l in lls] + [ospf2(2, u16(0) + u8(0x10, 0) + u32(9), 0, l) for l in lls] + [ospf2(1, hello2, version=3), ospf2(1, hello2, more=9), ospf2(1, hello2, more=-9)]
write('ospf', ospf)
lsa6 = lambda kind, body, more=0: u16(5, kind) + noise(8) + u32(0x80000001) + u16(0x1234, 20 + len(body) + more) + body
prefix6 = [u8(n, f) + u16(m) + noise(-(-n // 32) * 4) for n, f, m in ((0, 0, 0), (64, 0, 10), (48, 0x3f, 0x0100), (128, 2, 5), (200, 0, 0))]
router6 = u8(0x13, 0, 1, 0x33)
lsas6 = [lsa6(0x2001, router6 + b''.join(u8(k, 0) + u16(10) + noise(12) for k in ks)) for ks in ((1, 2, 4), (9,), ())] + [lsa6(0x2001, router6 + b'ab'), lsa6(0x2002, u32(0x33) + noise(8)), lsa6(0x2002, b'ab'), lsa6(0x2002, u32(0x33) + b'ab')] + [lsa6(0x2003, u32(20) + p) for p in prefix6 + [prefix6[1] + prefix6[2], b'a', b'']]
lsas6 += [lsa6(0x4005, u32(f | 20) + p + t) for f in (0, 0x80000000, 0x02000000, 0x01000000, 0x03000000) for p in prefix6[:4] for t in (noise(24), b'', noise(17))] + [lsa6(8, u8(1, 0, 0, 0x33) + noise(16) + u32(n) + prefix6[1] * n) for n in (0, 1, 3)] + [lsa6(8, b'ab'), lsa6(8, noise(9)), lsa6(8, u32(0) + noise(16) + u32(9) + prefix6[1])]
lsas6 += [lsa6(0x2009, u16(n, 0x2001) + noise(8) + prefix6[1] * n) for n in (0, 1, 2)] + [lsa6(0x2009, u16(9, 0x2001) + noise(8) + prefix6[1]), lsa6(0x2009, b'abcde')] + [lsa6(11, v) for v in grace] + [lsa6(10, v) for v in te[:40]] + [lsa6(k, noise(9)) for k in (0xa00c, 0x400d, 0x6001, 0x2007)] + [lsa6(0x2001, b'', -5), lsa6(0x2001, b'', 50)]
hello6 = u32(5) + u8(1, 0, 2, 0x13) + u16(10, 40) + noise(8)
bodies6 = [(1, hello6), (1, hello6 + noise(8)), (1, u32(5) + u32(0x13) + u16(10, 40) + u32(0, 0)), (2, u32(0x213) + u16(1500) + u8(0, 0x17) + u32(9) + lsas6[0][:20]), (2, u32(0x13) + u16(0) + u8(0, 0) + u32(9) + b'ab'), (3, u16(0, 0x2001) + noise(8)), (3, b'abc'), (5, lsas6[0][:20]), (5, b'abc'), (4, u32(2) + lsas6[0] + lsas6[4]), (4, u32(0)), (9, b'')] + [(4, u32(1) + l) for l in lsas6]


def ospf3(kind, body, extra=b'', version=3, instance=0, more=0):
    return over6(89, u8(version, kind) + u16(16 + len(body) + more) + noise(4) + (u32(0) if kind % 2 else noise(4)) + u16(0) + u8(instance, 0) + body + extra)


trailer = u16(1, 24) + u16(0, 7) + u32(1, 2) + noise(8)
extras = [trailer, u16(9, 16) + u16(0, 7) + u32(1, 2), u16(1, 99) + noise(14), u16(1, 3) + noise(14), b'abc', u16(0x1234, 8) + noise(4) + trailer, u16(0x1234, 2), u16(0x1234, 99)]
write('ospf6', [ospf3(k, b) for k, b in bodies6] + [ospf3(k, b, x) for k, b in (bodies6[0], bodies6[3], bodies6[5]) for x in extras] + [ospf3(1, hello6, version=2), ospf3(1, hello6, instance=5), ospf3(1, hello6, more=9)])


# ---- L2TP, LDP ----
def avp(kind, value, flags=0x8000, vendor=0, more=0):
    return u16(flags | (len(value) + 6 + more), vendor, kind) + value


avps = [avp(k, v) for k in list(range(41)) + [46, 99] for v in rng.sample([b'', b'a', u16(1), u32(3), u16(2, 6) + b'text\xff', noise(8), noise(16), noise(26), u8(0, 1, 0, 2, 1) + b'msg'], 4)] + [avp(0, u16(3), 0xc000), avp(5, noise(4), 0, 9), avp(0, u16(1), more=50), avp(0, b'', more=-2)]
tunnel = lambda body, flags=0xc802, extra=b'': u16(flags) + (u16(12 + len(body) + len(extra)) if flags & 0x4000 else b'') + u16(7, 8) + (u16(1, 2) if flags & 0x800 else b'') + extra + body
l2tp = [tunnel(a) for a in avps] + [tunnel(b''.join(rng.sample(avps, 4))) for _ in range(10)] + [tunnel(b''), tunnel(b'', 0x8802), tunnel(avps[0], 0x8802)] + [tunnel(p, f, x) for p in ppp[:8] for f, x in ((0x0002, b''), (0x4902, b''), (0x0202, u16(3) + b'abc'), (0x4802, b''))] + [u16(0xc801) + noise(9), u16(0xc803) + noise(9), u16(0xc802, 99, 1, 2, 3, 4), u16(0xc802, 5, 1, 2, 3, 4), b'\xc8', u16(0x0202, 1, 2, 900)]
write('l2tp', [udp(1701, p, 1701) for p in l2tp])
ftlv = lambda kind, value, flags=0, more=0: u16(flags | kind, len(value) + more) + value
fec = [u8(1), u8(3) + noise(6), u8(2) + u16(1) + u8(24, 10, 1, 2), u8(2) + u16(1) + u8(20, 10, 1, 0xff), u8(2) + u16(2) + u8(64) + noise(8), u8(2) + u16(1) + u8(33), u8(2) + u16(1) + u8(24), u8(2) + u16(2) + u8(129), u8(2) + u16(9) + u8(1), u8(2) + u16(1), u8(2, 0), u8(9)]
fec += [u8(0x80) + u16(w) + u8(len(i) + 4 if n is None else n) + u32(1) + u32(2) + i for w in (5, 0x8004, 99) for i, n in ((u8(1, 4) + u16(1500) + u8(3, 6) + b'abc\xff' + u8(12, 4, 3, 7) + u8(9, 3, 1), None), (b'', 0), (b'', 2), (b'', 90), (u8(1, 9), None))] + [u8(0x80) + noise(3)]
tlvs = [ftlv(0x100, f) for f in fec] + [ftlv(k, v, f) for k in (0x101, 0x103, 0x104, 0x200, 0x201, 0x300, 0x301, 0x400, 0x401, 0x402, 0x403, 0x500, 0x501, 0x503, 0x600, 0x601, 0x3333) for v, f in ((b'a', 0), (u16(1) + noise(8), 0x8000), (u16(2) + noise(16), 0x4000), (noise(12), 0xc000), (u32(0x80000005, 0, 0), 0))] + [ftlv(0x200, noise(4), more=90), b'\1\1']
lmessage = lambda kind, body, more=0: u16(kind, len(body) + 4 + more) + u32(77) + body
pdu = lambda body, version=1, more=0: u16(version, len(body) + 6 + more) + noise(4) + u16(0) + body
ldp = [pdu(lmessage(0x400, t)) for t in tlvs] + [pdu(lmessage(k, tlvs[20] + tlvs[30])) for k in (1, 0x100, 0x8200, 0x201, 0x300, 0x301, 0x400, 0x401, 0x402, 0x403, 0x404, 0x3e00)] + [pdu(lmessage(0x201, b'')) * 2, pdu(lmessage(0x400, tlvs[0]) + lmessage(0x201, b'')), pdu(lmessage(1, b'', -2) + bytes(9)), pdu(lmessage(1, noise(8), 60)), pdu(noise(12), 2), pdu(noise(12), more=-13), pdu(noise(12), more=99), b'abc']
write('ldp', [udp(646, p, 646) for p in ldp] + [tcp(646, p, 50000) for p in ldp[::6]])


# ---- BGP ----
def bgp(kind, body, size=None):
    return b'\xff' * 16 + u16(19 + len(body) if size is None else size) + u8(kind) + body


def pattr(kind, value, flags=0x40, more=0):
    return u8(flags, kind) + (u16(len(value) + more) if flags & 0x10 else u8((len(value) + more) & 255)) + value


def update(attrs=b'', routes=b'', withdrawn=b''):
    return bgp(2, u16(len(withdrawn)) + withdrawn + u16(len(attrs)) + attrs + routes)


caps = [tlv(k, v)[:1] + u8(len(v)) + v for k, v in ((1, u16(1) + u8(0, 1)), (1, u16(99) + u8(0, 128)), (1, b'ab'), (2, b''), (8, u16(1) + u8(4, 2) + b'a'), (64, u16(0x8078) + u16(1) + u8(1, 0x80) + u16(2) + u8(1, 0)), (64, b'a'), (65, u32(4200000000)), (65, b'ab'), (67, b''), (69, u16(1) + u8(1, 3) + u16(2) + u8(1, 9)), (69, b''), (69, b'abcde'), (70, b''), (71, noise(5)), (128, b''), (200, b'xyz'))]
opened = lambda options, size=None: bgp(1, u8(4) + u16(65001, 180) + noise(4) + u8(len(options) if size is None else size) + options)
p4 = u8(24, 10, 1, 2, 0, 12, 10, 0xff, 32) + noise(4)
paths = u32(1) + u8(24, 10, 1, 2) + u32(2) + u8(16, 10, 9)
p6 = u8(64) + noise(8) + u8(128) + noise(16)
reachable = [u16(f) + u8(s, len(h)) + h + u8(0) + r for f, s, h, r in ((1, 1, noise(4), p4), (1, 1, noise(4), paths), (1, 2, noise(8), u8(33)), (1, 1, noise(6), p4), (2, 1, noise(16), p6), (2, 1, noise(32), u32(7) + p6[:9]), (2, 3, noise(20), b''), (1, 4, noise(4), u8(48) + noise(3) + u8(10, 1, 2)), (2, 4, noise(16), u8(88) + noise(11)), (1, 4, noise(4), u8(20) + noise(4)), (1, 4, noise(4), u8(56) + noise(3)), (1, 128, bytes(8) + noise(4), u8(112, 0, 1, 0x11) + u16(0, 65000) + u32(9) + u8(10, 1, 2)), (1, 128, u16(1) + noise(10), u8(112, 0, 1, 0x10) + u16(1) + noise(6) + u8(10, 1, 2)), (2, 128, u16(2) + noise(22), u8(152) + noise(3) + u16(2) + noise(14)), (2, 129, u16(7) + noise(22), u8(80)), (99, 1, noise(4), p4), (196, 70, noise(4), noise(20)), (1, 70, b'', b''))]
reachable += [u16(1) + u8(1, 0, 0) + p4, u16(1) + u8(1, 4) + noise(4) + u8(2, 3) + b'abc' + u8(0) + p4, u16(1) + u8(1, 4) + noise(4) + u8(2, 30), u16(1) + u8(1, 9), u16(1), u16(1) + u8(1, 0)]
community = lambda t: u16(t) + noise(6)
pattrs = [pattr(1, v) for v in (b'\0', b'\2', b'\7', b'', b'ab')] + [pattr(2, v) for v in (u8(2, 2) + u16(65001, 65002), u8(2, 1) + u32(4200000000) + u8(1, 2) + u32(1, 2), u8(3, 1) + u16(5) + u8(4, 1) + u16(6), b'', b'abc', u8(9, 1) + u16(5), u8(2, 9) + u16(1))] + [pattr(17, u8(2, 1) + u32(70000))]
pattrs += [pattr(k, v) for k in (3, 4, 5, 9) for v in (noise(4), b'ab')] + [pattr(6, b''), pattr(6, b'a')] + [pattr(k, noise(n), 0xc0) for k in (7, 18) for n in (6, 8, 5)] + [pattr(8, u32(0xfde80001, 0xffffff01, 0xffffff02, 0xffffff03, 7)), pattr(8, b'abc'), pattr(8, b''), pattr(10, noise(8)), pattr(10, noise(5)), pattr(11, noise(5)), pattr(99, noise(20), 0xf3), pattr(23, b'')]
pattrs += [pattr(14, r, f) for r in reachable for f in (0x80, 0x90)] + [pattr(15, r[:3] + r[4 + r[3] + 1:] if len(r) > 4 else r, 0x80) for r in reachable] + [pattr(15, u16(1) + u8(1), 0x80)]
pattrs += [pattr(16, community(t), 0xc0) for t in (2, 3, 0x0a, 0x102, 0x103, 0xf10a, 0x10b, 0x202, 0x203, 5, 0x105, 0x205, 0x8005, 0x107, 0x8001, 9, 0x1234, 0x8800)] + [pattr(16, u16(0x4004, 1) + struct.pack('>f', v), 0xc0) for v in (1.25e9, 0.0, 3.3e3)] + [pattr(16, u16(t) + noise(4) + u8(k, m), 0xc0) for t in (0x306, 0x8000) for k in (1, 5, 7, 9, 129) for m in (0, 1)] + [pattr(16, u16(0x800a) + u8(e, 2) + u16(1500, 0), 0xc0) for e in (4, 19, 99)] + [pattr(16, u16(0x030c, 0, 0, e), 0xc0) for e in (8, 2, 99)] + [pattr(16, b'abc'), pattr(16, community(2) + community(3))]
pattrs += [pattr(22, u8(1, k, 0, 1, 0) + noise(8), 0xc0) for k in range(9)] + [pattr(22, b'ab'), pattr(26, u8(1) + u16(11) + noise(8)), pattr(26, u8(2) + u16(5) + b'ab'), pattr(26, u8(1) + u16(5) + b'ab'), pattr(26, u8(1) + u16(2)), pattr(32, u32(1, 2, 3, 4, 5, 6), 0xc0), pattr(32, b''), pattr(32, b'abc')]
pattrs += [pattr(128, u32(65001) + pattr(1, b'\0') + pattr(5, u32(100)), 0xc0), pattr(128, u32(1) + pattr(1, b'\0', more=5)), pattr(128, u32(1) + b'\x40'), pattr(128, b'ab'), pattr(3, noise(4), more=90), pattr(4, noise(4), 0x1f)]
bgps = [opened(b''), opened(noise(9), 200)] + [opened(u8(2, len(c)) + c) for c in caps] + [opened(u8(2, len(b''.join(caps[:4]))) + b''.join(caps[:4]) + u8(1, 2) + b'ab' + u8(9, 0)), opened(u8(2, 50, 1, 4)), bgp(1, b'abc')]
bgps += [update(a) for a in pattrs] + [update(b''.join(rng.sample(pattrs, 4)), p4) for _ in range(10)] + [update(), update(routes=p4), update(routes=paths), update(withdrawn=p4), update(withdrawn=paths), update(withdrawn=b'\0'), update(pattrs[0], u8(40)), update(pattrs[0], u8(24, 1)), update(withdrawn=u8(40, 1)), update(withdrawn=u8(24, 1)), bgp(2, b'\0'), bgp(2, u16(90)), bgp(2, u16(0, 90)), update(b'\x40'), update(b'\x50\1\0')]
bgps += [bgp(3, u8(e, s)) for e in range(9) for s in (0, 1, 4)] + [bgp(3, u8(6, s) + v) for s in (1, 2, 4, 5) for v in (u16(1) + u8(1) + u32(100), u8(5) + b'maint' + b'extra', u8(0), u8(0) + b'x', u8(99) + b'x', u8(4) + b'a\xffb\n')] + [bgp(3, b''), bgp(4, b''), bgp(5, u16(1) + u8(0, 1)), bgp(5, b'a'), bgp(6, b'abc'), bgp(4, b'', 5), bgp(4, b'', 90), bgp(4, b'') + bgp(4, b''), b'ab' + bgp(4, b''), b'\xff' * 17 + u16(19) + u8(4), b'\xff\xff', b'hello']
write('bgp', [tcp(179, m, 50000) for m in bgps])

# ---- PTP, SOME/IP ----
ptp = [u8(c | k, v) + u16(44) + u8(1, 2) + u16(f) + noise(20) + u16(1, 9) + u8(x, 1) + noise(30) for k in range(16) for c, v, f, x in ((0x10, 2, 0x0208, k % 8), (0, 2, 0x18c0, 5))] + [u8(0, 1) + noise(40), u8(0, 3) + noise(40), noise(20)]
write('ptp', [udp(pick((319, 320)), p) for p in ptp] + [Ether(type=0x88f7, **A) / p for p in ptp[::3]])
write('someip', [udp(30490, u16(0x1234, m) + u32(8) + u16(5, 6) + u8(1, 1, t, r) + noise(4)) for m in (1, 0x8001) for t in (0, 1, 2, 0x20, 0x21, 0x22, 0x80, 0x81, 0xa0, 0xa1, 9) for r in (0, 15, 16)] + [udp(30490, noise(9))])
