/** Frames in tunnels of all kinds around packets of the demo cluster, and captures of them. */
import {writeFileSync} from 'node:fs';
import {MemorySink, PcapWriter} from '../../../../src/pcap-writer/index.js';
import {type Ip4, type Ip6, parseIp} from '../../../../src/wire/addr.js';
import {
  ethernet,
  type FrameLayer,
  frame,
  geneve,
  icmp,
  ipv4,
  ipv6,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../../../../src/wire/build.js';

export const ip4 = (text: string) => parseIp(text) as Ip4;
export const ip6 = (text: string) => parseIp(text) as Ip6;

export const eth = ethernet({destination: 0x0200_0000_0002, source: 0x0200_0000_0001});
export const between = (source: string, destination: string) =>
  ipv4({source: ip4(source), destination: ip4(destination)});
export const between6 = (source: string, destination: string) =>
  ipv6({source: ip6(source), destination: ip6(destination)});

export const nodes = between('10.0.0.5', '10.0.0.6');
const nodes6 = between6('fd00::5', 'fd00::6');
/** GRE, RFC 2784 with RFC 2890's key. */
const gre = (protocol: number, key: number): Uint8Array =>
  Uint8Array.of(0x20, 0, protocol >> 8, protocol & 255, 0, 0, key >> 8, key & 255);
/** VXLAN-GPE with the next protocol. */
const gpe = (next: number): Uint8Array => Uint8Array.of(0x0c, 0, 0, next, 0, 0, 7, 0);

/** pod-a → pod-b:8080. */
export const request: FrameLayer[] = [
  between('10.32.1.10', '10.32.2.20'),
  tcp({sourcePort: 40000, destinationPort: 8080, flags: 2}),
];
export const echo: FrameLayer[] = [between('10.32.1.10', '10.32.2.20'), icmp({type: 8, rest: 0x0007_0001})];

/** Each way to carry a packet: the outer frame, and where the innermost begins: at an Ethernet header, or at an IP header. */
export const carriers: readonly {
  readonly name: string;
  readonly inner: 'ether' | 'ip';
  wrap(...packet: readonly (FrameLayer | Uint8Array | string)[]): Uint8Array;
}[] = [
  {name: 'no tunnel', inner: 'ether', wrap: (...p) => frame(eth, ...p)},
  {
    name: 'Geneve',
    inner: 'ether',
    wrap: (...p) => frame(eth, nodes, udp({sourcePort: 1}), geneve({vni: 2161}), eth, ...p),
  },
  {
    name: 'Geneve with options over IPv6',
    inner: 'ether',
    wrap: (...p) =>
      frame(eth, nodes6, udp({sourcePort: 1}), geneve({vni: 2161, options: new Uint8Array(12)}), eth, ...p),
  },
  {name: 'IP in Geneve', inner: 'ip', wrap: (...p) => frame(eth, nodes, udp({sourcePort: 1}), geneve({vni: 5}), ...p)},
  {
    name: 'VXLAN',
    inner: 'ether',
    wrap: (...p) => frame(eth, nodes, udp({sourcePort: 1}), vxlan({vni: 2161}), eth, ...p),
  },
  {
    name: 'VXLAN on 8472, tagged',
    inner: 'ether',
    wrap: (...p) =>
      frame(eth, vlan({id: 7}), nodes, udp({sourcePort: 1, destinationPort: 8472}), vxlan({vni: 2161}), eth, ...p),
  },
  {
    name: 'VXLAN-GPE',
    inner: 'ether',
    wrap: (...p) => frame(eth, nodes, udp({sourcePort: 1, destinationPort: 4790}), gpe(3), eth, ...p),
  },
  {
    name: 'IP in VXLAN-GPE',
    inner: 'ip',
    wrap: (...p) => frame(eth, nodes, udp({sourcePort: 1, destinationPort: 4790}), gpe(1), ...p),
  },
  {name: 'IPIP', inner: 'ip', wrap: (...p) => frame(eth, nodes, ...p)},
  {name: 'IP in IPv6', inner: 'ip', wrap: (...p) => frame(eth, nodes6, ...p)},
  {
    name: 'GRE',
    inner: 'ip',
    wrap: (...p) =>
      frame(eth, ipv4({source: ip4('10.0.0.5'), destination: ip4('10.0.0.6'), protocol: 47}), gre(0x0800, 9), ...p),
  },
  {
    name: 'Ethernet in GRE',
    inner: 'ether',
    wrap: (...p) =>
      frame(
        eth,
        ipv4({source: ip4('10.0.0.5'), destination: ip4('10.0.0.6'), protocol: 47}),
        gre(0x6558, 9),
        eth,
        ...p,
      ),
  },
  {
    name: 'Geneve in VXLAN in IPIP',
    inner: 'ether',
    wrap: (...p) =>
      frame(
        eth,
        between('192.0.2.1', '192.0.2.2'),
        between('198.51.100.1', '198.51.100.2'),
        udp({sourcePort: 1}),
        vxlan({vni: 100}),
        eth,
        nodes,
        udp({sourcePort: 2}),
        geneve({vni: 2161}),
        eth,
        ...p,
      ),
  },
];

/** From node1 to node2 as Cilium sends it. */
export const tunnel = (vni: number, ...packet: (FrameLayer | Uint8Array | string)[]) =>
  frame(eth, nodes, udp({sourcePort: 5}), geneve({vni}), eth, ...packet);

/** With VXLAN on Cilium's port. */
export const cilium = frame(eth, nodes, udp({sourcePort: 5, destinationPort: 8472}), vxlan({vni: 2161}), eth, ...echo);

/** Packets between pods, a service, nodes, the world; two of an identity that the demo doesn't have. */
export const talk: readonly Uint8Array[] = [
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
];

/** A capture of the frames, one every second; each cut to `snaplen`, or to a length of its own. */
export function writeCapture(
  path: string,
  frames: readonly Uint8Array[],
  options: {linktype?: number; snaplen?: number; captured?: readonly number[]} = {},
): void {
  const sink = new MemorySink();
  const writer = new PcapWriter(sink, options);
  for (const [i, bytes] of frames.entries())
    writer.packet(1_767_225_600 + i, 0, bytes, 0, options.captured?.[i] ?? bytes.length, bytes.length);
  writer.close();
  writeFileSync(path, sink.bytes());
}
