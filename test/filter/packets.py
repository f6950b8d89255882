"""Packets for the filter tests, made by scapy: `/usr/bin/python3 test/filter/packets.py > test/filter/packets.txt`.

One line each: link type, name, bytes in hex.
"""

import logging

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.all import *  # noqa: E402,F403
from scapy.contrib.geneve import GENEVE, GeneveOptions  # noqa: E402
from scapy.contrib.mpls import MPLS  # noqa: E402

E = Ether(src="aa:bb:cc:00:00:01", dst="aa:bb:cc:00:00:02")
V4 = IP(src="10.0.1.5", dst="10.0.2.7", id=7)
V6 = IPv6(src="fd00::1", dst="fd00::2")
NODE4 = IP(src="192.168.0.1", dst="192.168.0.2", id=9)
NODE6 = IPv6(src="fe80::1:2:3:4", dst="fd00::2")
TUNNEL = UDP(sport=41232, dport=6081, chksum=0)
PAD = b"wirelay-test-payload"
INNER = Ether(src="02:42:0a:00:00:01", dst="02:42:0a:00:00:02")


def geneve(vni, options=()):
    return GENEVE(vni=vni, proto=0x6558, options=list(options))


OPTION = GeneveOptions(classid=0x0102, type=1, data=b"\x01\x02\x03\x04\x05\x06\x07\x08")
SYN = TCP(sport=43210, dport=8080, flags="S", options=[("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("WScale", 7)])
ETHERNET = {
    "tcp syn": E / V4 / SYN,
    "tcp http": E / V4 / TCP(sport=43210, dport=80, flags="PA") / b"GET / HTTP/1.1\r\n\r\n",
    "tcp options in ip": E / IP(src="10.0.0.1", dst="10.0.0.2", options=[IPOption_RR(routers=["0.0.0.0"] * 3)]) / TCP(dport=443, flags="A") / PAD,
    "udp dns": E / V4 / UDP(sport=5353, dport=53) / DNS(qd=DNSQR(qname="my-svc.default")),
    "udp broadcast": Ether(src="aa:bb:cc:00:00:01", dst="ff:ff:ff:ff:ff:ff") / IP(src="10.0.0.1", dst="255.255.255.255") / UDP(sport=68, dport=67) / PAD,
    "udp multicast": Ether(src="aa:bb:cc:00:00:01", dst="01:00:5e:00:00:fb") / IP(src="10.0.0.1", dst="224.0.0.251") / UDP(sport=5353, dport=5353) / PAD,
    "icmp echo": E / V4 / ICMP(id=1, seq=2) / PAD,
    "icmp unreachable": E / V4 / ICMP(type=3, code=4) / IP(src="10.0.2.7", dst="10.0.1.5") / UDP(sport=53, dport=5353) / PAD[:8],
    "igmp": E / IP(src="10.0.0.1", dst="224.0.0.1", proto=2, options=[IPOption_Router_Alert()]) / bytes.fromhex("1100eeff00000000"),
    "sctp": E / V4 / SCTP(sport=5, dport=80) / PAD,
    "gre": E / NODE4 / GRE(proto=0x0800) / V4 / UDP(sport=1, dport=53) / PAD,
    "ah": E / V4 / AH(nh=6, payloadlen=4, spi=1, seq=1, icv=b"0123456789ab") / TCP(dport=80) / PAD,
    "first fragment": E / IP(src="10.0.1.5", dst="10.0.2.7", flags="MF", id=3) / UDP(sport=80, dport=53, len=1000) / PAD,
    "later fragment": E / IP(src="10.0.1.5", dst="10.0.2.7", frag=185, id=3, proto=17) / PAD,
    "arp request": Ether(src="aa:bb:cc:00:00:01", dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="10.0.0.1", pdst="10.0.0.2", hwsrc="aa:bb:cc:00:00:01"),
    "arp reply": E / ARP(op=2, psrc="10.0.1.5", pdst="10.0.0.1", hwsrc="aa:bb:cc:00:00:01"),
    "rarp": Ether(src="aa:bb:cc:00:00:01", dst="ff:ff:ff:ff:ff:ff", type=0x8035) / ARP(op=3, psrc="0.0.0.0", pdst="10.0.0.1"),
    "vlan udp": E / Dot1Q(vlan=100) / V4 / UDP(sport=1, dport=53) / PAD,
    "vlan ip6": E / Dot1Q(vlan=7) / V6 / TCP(dport=80) / PAD,
    "qinq": Ether(src="aa:bb:cc:00:00:01", dst="aa:bb:cc:00:00:02", type=0x88A8) / Dot1Q(vlan=100) / Dot1Q(vlan=7) / V4 / TCP(dport=8080) / PAD,
    "old qinq": Ether(src="aa:bb:cc:00:00:01", dst="aa:bb:cc:00:00:02", type=0x9100) / Dot1Q(vlan=7) / V4 / ICMP() / PAD,
    "mpls": E / MPLS(label=100, s=1, ttl=64) / V4 / UDP(sport=1, dport=53) / PAD,
    "mpls two labels": E / MPLS(label=1024, s=0, ttl=64) / MPLS(label=100, s=1, ttl=64) / V6 / TCP(dport=80) / PAD,
    "pppoe discovery": E / PPPoED(code=9) / PAD,
    "pppoe session": E / PPPoE(sessionid=5) / PPP(proto=0x21) / V4 / TCP(dport=80) / PAD,
    "pppoe ip6": E / PPPoE(sessionid=6) / PPP(proto=0x57) / V6 / UDP(dport=53) / PAD,
    "ip6 tcp": E / V6 / TCP(sport=80, dport=8080, flags="S"),
    "ip6 udp": E / V6 / UDP(sport=53, dport=6081) / PAD,
    "ip6 hop by hop": E / V6 / IPv6ExtHdrHopByHop(options=[RouterAlert()]) / UDP(sport=1, dport=53) / PAD,
    "ip6 extension headers": E / V6 / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting(addresses=["fd00::9"]) / TCP(dport=80) / PAD,
    "ip6 first fragment": E / V6 / IPv6ExtHdrFragment(m=1, id=5) / TCP(sport=1, dport=80) / PAD,
    "ip6 later fragment": E / V6 / IPv6ExtHdrFragment(offset=185, id=5, nh=17) / PAD,
    "ip6 ah": E / V6 / AH(nh=17, payloadlen=4, icv=b"0123456789ab") / UDP(dport=53) / PAD,
    "icmp6 echo": E / V6 / ICMPv6EchoRequest(id=1, seq=1) / PAD,
    "icmp6 solicitation": Ether(src="aa:bb:cc:00:00:01", dst="33:33:ff:00:00:02") / IPv6(src="fd00::1", dst="ff02::1:ff00:2", hlim=255) / ICMPv6ND_NS(tgt="fd00::2"),
    "icmp6 mld": Ether(dst="33:33:00:00:00:16") / IPv6(src="fe80::1", dst="ff02::16") / IPv6ExtHdrHopByHop(options=[RouterAlert()]) / ICMPv6MLReport2(),
    "geneve tcp": E / NODE4 / TUNNEL / geneve(7) / INNER / V4 / SYN,
    "geneve options": E / NODE4 / TUNNEL / geneve(8, [OPTION]) / INNER / V4 / UDP(sport=53, dport=5353) / PAD,
    "geneve ip options": E / IP(src="192.168.0.1", dst="192.168.0.2", options=[IPOption_Router_Alert()]) / TUNNEL / geneve(7) / INNER / V6 / ICMPv6EchoRequest(),
    "geneve over ip6": E / NODE6 / TUNNEL / geneve(7) / INNER / V4 / TCP(dport=80) / PAD,
    "geneve without ethernet": E / NODE4 / TUNNEL / GENEVE(vni=7, proto=0x0800) / V4 / UDP(sport=1, dport=53) / PAD,
    "geneve ip6 without ethernet": E / NODE4 / TUNNEL / GENEVE(vni=8, proto=0x86DD) / V6 / TCP(dport=8080) / PAD,
    "geneve vlan": E / NODE4 / TUNNEL / geneve(7) / INNER / Dot1Q(vlan=100) / V4 / UDP(sport=1, dport=53) / PAD,
    "geneve geneve": E / NODE4 / TUNNEL / geneve(8) / INNER / IP(src="10.0.1.5", dst="10.0.2.7") / TUNNEL / geneve(7) / INNER / V4 / TCP(dport=80) / PAD,
    "geneve arp": E / NODE4 / TUNNEL / geneve(7) / Ether(src="02:42:0a:00:00:01", dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="10.0.0.1", pdst="10.0.0.2"),
    "geneve version 1": E / NODE4 / TUNNEL / GENEVE(version=1, vni=7, proto=0x6558) / INNER / V4 / TCP(dport=80),
    "geneve source port": E / NODE4 / UDP(sport=6081, dport=41232) / geneve(7) / INNER / V4 / TCP(dport=80),
    "geneve mpls": E / NODE4 / TUNNEL / geneve(7) / Ether(type=0x8847) / MPLS(label=100, s=1, ttl=64) / V4 / TCP(dport=80),
    "vlan geneve": E / Dot1Q(vlan=100) / NODE4 / TUNNEL / geneve(7) / INNER / V4 / TCP(dport=80) / PAD,
    "vxlan": E / NODE4 / UDP(sport=41232, dport=4789) / VXLAN(vni=7, flags=8) / INNER / V4 / TCP(dport=80) / PAD,
    "stp": Dot3(src="aa:bb:cc:00:00:01", dst="01:80:c2:00:00:00") / LLC() / STP(),
    "llc ui": Dot3(src="aa:bb:cc:00:00:01", dst="aa:bb:cc:00:00:02") / LLC(dsap=0xF0, ssap=0xF0, ctrl=3) / PAD,
    "llc rr": Dot3(src="aa:bb:cc:00:00:01", dst="aa:bb:cc:00:00:02") / LLC(dsap=0xE0, ssap=0xE0, ctrl=1) / PAD,
    "snap": Dot3(src="aa:bb:cc:00:00:01", dst="aa:bb:cc:00:00:02") / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0, code=0x8137) / PAD,
    "isis": Dot3(src="aa:bb:cc:00:00:01", dst="01:80:c2:00:00:14") / LLC(dsap=0xFE, ssap=0xFE, ctrl=3) / bytes.fromhex("831b0100140100000000000000000000"),
    "novell": Dot3(src="aa:bb:cc:00:00:01", dst="ff:ff:ff:ff:ff:ff") / bytes.fromhex("ffff002200000000000000000000000000000000000000"),
    "lldp": Ether(src="aa:bb:cc:00:00:01", dst="01:80:c2:00:00:0e", type=0x88CC) / PAD,
    "decnet": Ether(src="aa:00:04:00:0a:04", dst="aa:00:04:00:0f:28", type=0x6003) / bytes.fromhex("1600020f280a040000000000000000000000000000000000"),
}
IPS = {"tcp": V4 / TCP(sport=43210, dport=80) / PAD, "udp": V4 / UDP(dport=53) / PAD, "ip6 tcp": V6 / TCP(dport=80) / PAD, "geneve": NODE4 / TUNNEL / geneve(7) / INNER / V4 / TCP(dport=80), "icmp6": V6 / ICMPv6EchoRequest()}


def emit(link, name, packet):
    print(link, name.replace(" ", "-"), bytes(packet).hex())


for name, packet in ETHERNET.items():
    emit(1, name, packet)
for name, packet in IPS.items():
    emit(101, name, packet)
    kind = packet.version
    emit(113, name, CookedLinux(pkttype=4 if kind == 6 else 0, proto=0x0800 if kind == 4 else 0x86DD) / packet)
    header = struct.pack("!HHIHBB8s", 0x0800 if kind == 4 else 0x86DD, 0, 3, 1, 4 if kind == 6 else 0, 6, b"\xaa\xbb\xcc\0\0\1\0\0")
    emit(276, name, header + bytes(packet))
    for family in (2,) if kind == 4 else (10, 24, 28, 30):
        emit(0, f"{name} family {family}", struct.pack("<I", family) + bytes(packet))
        emit(108, f"{name} family {family}", struct.pack("!I", family) + bytes(packet))
emit(113, "arp", CookedLinux(proto=0x0806) / ARP(psrc="10.0.0.1", pdst="10.0.0.2"))
