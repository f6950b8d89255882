import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {fileSink, LINKTYPE_ETHERNET, PcapWriter} from '../../src/pcap-writer/index.js';
import {decodeLayers} from '../../src/session/layers.js';
import {summarize} from '../../src/ui/summary.js';
import {parseIp4, parseIp6} from '../../src/wire/addr.js';
import * as build from '../../src/wire/build.js';
import {describeWith} from '../oracle.js';
import {demoState} from './world.js';

const ports = {geneve: 6081, vxlan: 8472};
const [a, b] = [parseIp4('10.0.0.5')!, parseIp4('10.0.0.6')!];
const [a6, b6] = [parseIp6('fd00::5')!, parseIp6('fd00::6')!];
const macs = {destination: 0x0200_0000_0002, source: 0x0200_0000_0001};
const ip = (protocol?: number) =>
  build.ipv4({source: a, destination: b, ...(protocol === undefined ? {} : {protocol})});

const inner = [build.ethernet(macs), ip(), build.icmp({type: 8, rest: 0x0001_0007}), 'ping'] as const;
const frames: Record<string, readonly [stack: string, summary: string, bytes: Uint8Array]> = {
  geneve: [
    'Ethernet IPv4 UDP Geneve Ethernet IPv4 ICMP Payload',
    'geneve{ICMP echo request 7} 10.0.0.5 > 10.0.0.6',
    build.frame(
      build.ethernet(macs),
      ip(),
      build.udp({sourcePort: 999, destinationPort: 6081}),
      build.geneve({vni: 7, options: new Uint8Array(8)}),
      ...inner,
    ),
  ],
  vxlan: [
    'Ethernet IPv4 UDP VXLAN Ethernet IPv4 ICMP Payload',
    'vxlan{ICMP echo request 7} 10.0.0.5 > 10.0.0.6',
    build.frame(
      build.ethernet(macs),
      ip(),
      build.udp({sourcePort: 999, destinationPort: 8472}),
      build.vxlan({vni: 7}),
      ...inner,
    ),
  ],
  'vlan, IPv6, TCP, HTTP': [
    'Ethernet VLAN IPv6 TCP HTTP',
    'HTTP GET / HTTP/1.1 fd00::5 > fd00::6',
    build.frame(
      build.ethernet(macs),
      build.vlan({id: 5}),
      build.ipv6({source: a6, destination: b6}),
      build.hopByHop([]),
      build.tcp({sourcePort: 40000, destinationPort: 80, flags: 0x18}),
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    ),
  ],
  'ICMP error quoting': [
    'Ethernet IPv4 ICMP IPv4 UDP Payload',
    'ICMP fragmentation needed 10.0.0.5 > 10.0.0.6',
    build.frame(
      build.ethernet(macs),
      ip(),
      build.icmp({type: 3, code: 4}),
      build.frame(ip(), build.udp({sourcePort: 1, destinationPort: 2}), 'x'),
    ),
  ],
  'unknown protocol': [
    'Ethernet IPv4 Payload',
    'Payload 10.0.0.5 > 10.0.0.6',
    build.frame(build.ethernet(macs), ip(253), 'abc'),
  ],
};

describe('layers', () => {
  it.each(Object.entries(frames))('of %s', (_name, [stack, summary, bytes]) => {
    const layers = decodeLayers(bytes, ports);
    expect(layers.map((layer) => layer.name).join(' ')).toBe(stack);
    expect(summarize(bytes, layers)).toBe(summary);
    // header behind header, without a gap, to the end of the frame
    expect(layers[0]!.at).toBe(0);
    for (const [i, layer] of layers.entries()) expect(layer.end).toBe(layers[i + 1]?.at ?? bytes.length);
  });

  it.each(Object.entries(frames))('of %s, cut at every length', (_name, [stack, , bytes]) => {
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.slice(0, length);
      const layers = decodeLayers(cut, ports);
      const names = layers.map((layer) => layer.name);
      // an HTTP line cut short is plain payload
      expect(stack.replace('HTTP', 'Payload').startsWith(names.join(' ').replace('HTTP', 'Payload'))).toBe(true);
      expect(layers.slice(0, -1).every((layer) => !layer.truncated)).toBe(true);
      for (const layer of layers) {
        expect(layer.end).toBeLessThanOrEqual(length);
        for (const field of layer.fields) expect([layer.at <= field.at, field.end <= layer.end]).toEqual([true, true]);
      }
      expect(summarize(cut, layers)).toBeTypeOf('string');
    }
  });

  it('shows payload without control characters', () => {
    const bytes = build.frame(build.ethernet(macs), ip(253), '\x1b[2J');
    expect(decodeLayers(bytes, ports).at(-1)?.text).toBe('4 bytes: 1b5b324a');
  });
});

/** Names that tshark gives the layers. */
const tsharkNames: Readonly<Record<string, string>> = {
  Ethernet: 'eth',
  ARP: 'arp',
  IPv4: 'ip',
  UDP: 'udp',
  TCP: 'tcp',
  ICMP: 'icmp',
  Geneve: 'geneve',
  VXLAN: 'vxlan',
  DNS: 'dns',
  HTTP: 'http',
  Payload: 'data',
};

describeWith(['tshark'], 'layers and tshark', () => {
  const traffic = [
    'pod-a -> pod-b/icmp',
    'pod-a -> my-svc:80/http at=1s',
    'pod-a -> kube-dns.kube-system.svc.cluster.local:53/dns at=2s',
    'pod-c -> 10.0.0.5:9/udp at=3s',
  ];
  it.each(['geneve', 'vxlan'])('see the same headers over %s', async (protocol) => {
    const state = await demoState({traffic, set: [`spec.cilium.tunnel-protocol=${protocol}`]});
    const folder = mkdtempSync(join(tmpdir(), 'wirelay-layers-'));
    try {
      const path = join(folder, 'all.pcap');
      const writer = new PcapWriter(fileSink(path), {linktype: LINKTYPE_ETHERNET});
      for (const {bytes} of state.frames) writer.packet(0, 0, bytes);
      writer.close();
      // each segment by itself: the same bytes come by at several capture points
      const alone = ['-o', 'tcp.desegment_tcp_streams:FALSE', '-o', 'tcp.analyze_sequence_numbers:FALSE'];
      const args = ['-r', path, ...alone, '-d', 'udp.port==8472,vxlan', '-T', 'fields', '-e', 'frame.protocols'];
      const theirs = execFileSync('tshark', args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})
        .trimEnd()
        .split('\n')
        // ethertype is a step of tshark's own; the body of a web page is a layer there
        .map((line) => line.replaceAll(':ethertype', '').replace(/(http):.*$/, '$1'));
      const ours = state.frames.map(({bytes}) =>
        decodeLayers(bytes, state.world.ports)
          .map((layer) => tsharkNames[layer.name])
          .join(':'),
      );
      expect(ours).toEqual(theirs);
      expect(new Set(ours).size).toBeGreaterThan(8);
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  });
});
