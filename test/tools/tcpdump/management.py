"""Captures of management protocols; run by captures.py, whose names it uses."""
import struct
from __main__ import A, E, IP, UDP, Ether, ip4, ip6, noise, rng, write


def u8(*v):
    return bytes(v)


def udp(port, payload, source=4000):
    return E / ip4() / UDP(sport=source, dport=port) / payload


# ---- SNMP ----
def ber(tag, value, size=None):
    """tag(1), length in the short form where it fits or as `size` says, value."""
    n = len(value)
    return u8(tag) + (u8(n) if n < 128 and size is None else u8(0x80 | (size or 2)) + n.to_bytes(size or 2, 'big')) + value


def integer(v, n=None):
    n = n or max(1, (v.bit_length() + 8) // 8)
    return ber(2, (v & ((1 << (8 * n)) - 1)).to_bytes(n, 'big'))


def oid(*parts):
    out = b''
    for p in (parts[0] * 40 + parts[1],) + parts[2:]:
        septets = [p & 127]
        while p > 127:
            p >>= 7
            septets.append(0x80 | (p & 127))
        out += bytes(reversed(septets))
    return ber(6, out)


names = [oid(1, 3, 6, 1, 2, 1, 1, 3, 0), oid(1, 3, 6, 1, 2, 1, 2, 2, 1, 10, 70000), oid(1, 3, 6, 1, 4, 1, 9, 9, 4294967295), oid(1, 3, 6, 1, 6, 3, 10, 2, 1), oid(1, 3, 6, 1, 3, 5), oid(2, 999, 3), oid(0, 0), oid(1, 3), ber(6, b''), ber(6, b'\x2b'), ber(6, b'\x90\x90\x90\x90\x90\x10\x88')]
values = [ber(5, b''), integer(7), integer(-5), integer(1 << 40), integer(-1, 1), ber(2, b''), ber(4, b'Linux node'), ber(4, b'a\x00b\xff'), ber(4, b''), oid(1, 3, 6, 1, 2, 1, 4), ber(0x40, bytes([10, 0, 0, 1])), ber(0x40, b'abc'), ber(0x41, b'\xff\xff\xff\xff'), ber(0x42, b'\x01\x00\x00\x00\x05'), ber(0x43, b'\x12'), ber(0x44, b'opaque'), ber(0x46, b'\xff' * 8), ber(0x46, b'\x01' * 9), ber(0x80, b''), ber(0x81, b''), ber(0x82, b''), ber(0x83, b''), ber(0x30, integer(1)), ber(0x31, b'ab'), ber(0x61, b'x'), ber(0xa2, b'x'), ber(0xc0, b'pv'), ber(0xe0, b'pv'), ber(3, b'\0\1'), ber(1, b'\xff'), u8(0x1f, 0x81, 4, 2) + b'ab', u8(0x1f, 6, 1, 5), u8(0x1e, 1, 2), u8(4, 0x84, 0, 0, 0, 2) + b'hi', u8(4, 0x82, 1), u8(4, 200, 1), u8(0x5f)]
binding = lambda n, v: ber(0x30, n + v)
bindings = lambda *b: ber(0x30, b''.join(b))
request = lambda k, b, *n: ber(0xa0 | k, b''.join(integer(v) for v in n or (77, 0, 0)) + b)
message = lambda version, p, community=b'public', more=b'': ber(0x30, integer(version) + ber(4, community) + p) + more
all_bindings = [bindings(binding(names[i % len(names)], v)) for i, v in enumerate(values)]
snmp = [message(1, request(k, b)) for b in all_bindings for k in (rng.randrange(2), 2)]
snmp += [message(v, request(k, all_bindings[0], 5, e, x), c) for v in (0, 1) for k in (0, 1, 2, 3, 5, 6, 7, 8) for e, x, c in ((0, 0, b'public'), (rng.randrange(1, 20), 3, b'secret'), (0, 2, b'\x01\x02'), (2, 0, b''))]
snmp += [message(1, request(2, bindings(*[binding(n, rng.choice(values)) for n in rng.sample(names, 4)]))) for _ in range(20)]
trap = lambda g, s, *o: ber(0xa4, names[2] + (o[0] if o else ber(0x40, bytes([10, 0, 0, 9]))) + integer(g) + integer(s) + ber(0x43, b'\x01\x00') + all_bindings[6])
snmp += [message(v, trap(g, s)) for v in (0, 1) for g, s in ((0, 0), (2, 4), (6, 12), (9, 0), (-1, 0))] + [message(0, trap(6, 1, integer(4)))]
flags = lambda f: ber(0x30, integer(9) + integer(65507) + ber(4, f) + integer(3))
usm = ber(4, ber(0x30, ber(4, b'\x80\x00engine') + integer(3) + integer(4000) + ber(4, b'admin') + ber(4, noise(12)) + ber(4, noise(8))))
scoped = ber(0x30, ber(4, b'\x80\x00\x01') + ber(4, b'ctx') + request(2, all_bindings[5]))
v3 = lambda *parts: ber(0x30, integer(3) + b''.join(parts))
snmp += [v3(flags(u8(f)), usm, scoped) for f in range(9)] + [v3(flags(b''), usm, scoped), v3(flags(b'ab'), usm, scoped), v3(ber(0x30, integer(9) + integer(1) + ber(4, b'\1') + integer(2)), usm, scoped), v3(flags(b'\3'), usm, ber(4, noise(30))), v3(flags(b'\1'), ber(4, integer(1)), scoped), v3(flags(b'\1'), ber(4, ber(0x30, ber(4, b'x') + ber(4, b''))), scoped), v3(flags(b'\0'), integer(1)), v3(integer(1))]
snmp += [message(2, request(0, all_bindings[0])), message(0, request(0, all_bindings[0]), more=b'abc'), message(1, integer(1)), message(1, request(0, all_bindings[0]) + b'xyz'), message(1, request(2, all_bindings[1] + b'ab')), ber(0x30, b''), ber(4, b'hello'), b'\x30', ber(0x30, integer(1) + integer(2)), message(1, request(9, all_bindings[0])), message(1, request(2, integer(1))), message(1, request(2, bindings(integer(5)))), message(1, request(2, bindings(binding(integer(5), values[0])))), message(1, ber(0xa2, ber(4, b'')))]
write('snmp', [udp(rng.choice((161, 162)), p) for p in snmp] + [E / ip6() / UDP(sport=161, dport=40000) / p for p in snmp[::9]])


# ---- slow protocols ----
def field(kind, value, more=0):
    return u8(kind, (len(value) + 2 + more) & 255) + value


participant = lambda s: struct.pack('>H6sHHHB3s', 32768, noise(6), 13, 128, 22, s, b'')
lacp = [field(1, participant(0x3d)) + field(2, participant(0xff)) + field(3, u8(0x80, 0) + bytes(12)) + bytes(52), field(1, participant(0)), field(1, participant(1), -2), field(2, participant(1)[:9]), field(3, b'ab'), field(9, noise(20)), field(9, b''), field(1, participant(1), 90), u8(1, 1), u8(1), b'']
markers = [field(1, struct.pack('>H6sI2s', 5, noise(6), 77, b'')) + bytes(60), field(1, b'abc'), field(4, noise(5)) + field(1, noise(14))]
station = lambda s, c: field(1, u8(1, 0, 3, s, c, 5, 0xee, 0, 0, 9) + noise(4))
happened = lambda k: field(k, noise(38))
oam = [u8(0, f, 0) + station(s, c) + field(2, noise(14)) + field(0, b'') for f in (0, 0x50, 0xff) for s, c in ((0, 0), (7, 31), (2, 1), (4, 8))] + [u8(0, 0, 0) + x for x in (field(1, b'abc'), field(0xfe, noise(9)), field(7, noise(3)), u8(1, 1), u8(1, 90), u8(1), b'')]
oam += [u8(0, 0, 1, 0, 5) + b''.join(happened(k) for k in (1, 2, 3, 4)) + field(0, b'')] + [u8(0, 0, 1, 0, 5) + x for x in (field(1, b'abc'), field(0xfe, noise(9)), field(9, b''), u8(2, 0), u8(2, 90), u8(2), b'')] + [u8(0, 0, 1, 0)]
oam += [u8(0, 0, 4, c) for c in (1, 2, 9)] + [u8(0, 0, 4), b'ab'] + [u8(0, 0, c) + noise(20) for c in (2, 3, 0xfe, 0x44)]
slow = [u8(k, 1) + x for k, xs in ((1, lacp), (2, markers)) for x in xs] + [u8(3) + x for x in oam] + [u8(1, 2) + noise(9), u8(2, 0), u8(10) + noise(30), u8(1), u8(2), u8(3), b'']
write('slow', [Ether(type=0x8809, dst='01:80:c2:00:00:02', src=A['src']) / x for x in slow])


# ---- M3UA over SCTP ----
def m3ua(cls, kind, *parameters, version=1, more=0):
    body = b''.join(parameters)
    return u8(version, 0, cls, kind) + struct.pack('>I', len(body) + 8 + more) + body


def parameter(tag, value, more=0):
    return struct.pack('>HH', tag, (len(value) + 4 + more) & 0xffff) + value + bytes(-len(value) % 4)


def data(payload, ppid=3):
    chunk = u8(0, 3) + struct.pack('>HIHHI', 16 + len(payload), 7, 1, 2, ppid) + payload + bytes(-len(payload) % 4)
    return E / ip4(proto=132) / (struct.pack('>HHII', 2905, 2905, 9, 0) + chunk)


tags = [4, 6, 7, 9, 0xb, 0xc, 0xd, 0x11, 0x12, 0x13, 0x200, 0x204, 0x205, 0x206, 0x207, 0x208, 0x209, 0x20a, 0x20b, 0x20c, 0x20e, 0x210, 0x212, 0x213, 0x999]
messages = [m3ua(c, t, parameter(0x200, u8(0, 0, 0, 8)), parameter(0x210, noise(9))) for c in (0, 1, 2, 3, 4, 5, 9) for t in range(8)]
messages += [m3ua(1, 1, *[parameter(t, noise(rng.choice((0, 2, 4, 7)))) for t in rng.sample(tags, 5)]) for _ in range(20)]
messages += [m3ua(1, 1), m3ua(1, 1, more=4), m3ua(1, 1, version=2), m3ua(1, 1, parameter(6, b'ab')), m3ua(1, 1, parameter(4, b'abcd', -6)), m3ua(1, 1, parameter(4, b'abcd', 90)), m3ua(1, 1, parameter(4, b'abc', 2), b'xy'), m3ua(1, 1, b'\0\4'), u8(1, 0, 1), m3ua(1, 1, parameter(6, noise(4)))[:9]]
write('m3ua', [data(m) for m in messages] + [data(messages[0], 4)])


# ---- mobility ----
def mobility(kind, body, length=None, option=b''):
    body += option
    body += bytes(-(len(body) + 6) % 8)
    n = (len(body) + 6) // 8 - 1 if length is None else length
    return E / ip6(nh=rng.choice((62, 135))) / (u8(59, n, kind, 0) + noise(2) + body)


bodies = {0: 2, 1: 10, 2: 10, 3: 18, 4: 18, 5: 6, 6: 6, 7: 18, 9: 6}
choices = [u8(0), u8(1, 3, 0, 0, 0), u8(2, 2, 0, 9), u8(3, 16) + noise(16), u8(4, 4) + noise(4), u8(5, 10) + noise(10), u8(77, 2, 1, 2), u8(3, 2, 0, 0), u8(5, 0), u8(1), u8(2, 0), u8(9, 200)]
moves = [mobility(k, noise(n), option=b''.join(rng.sample(choices, rng.randrange(5)))) for k, n in bodies.items() for _ in range(6)]
moves += [mobility(5, u8(0, 1, f, 0, 0, 9)) for f in (0, 0x80, 0x40, 0xf0, 0x30)] + [mobility(6, u8(1, f, 0, 1, 0, 9)) for f in (0, 0x80)] + [mobility(k, noise(n), 0) for k, n in bodies.items()]
write('mobility', moves)
