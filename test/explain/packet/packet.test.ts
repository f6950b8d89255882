/** Header boxes: every bit drawn once, values as tshark decodes them, hex dumps as people paste them. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {gridOf} from '../../../src/explain/packet/grid.js';
import {hexBytes} from '../../../src/explain/packet/hex-dump.js';
import {runPacket} from '../../../src/explain/packet/main.js';
import {pictureOf} from '../../../src/explain/packet/model.js';
import {packetSvg} from '../../../src/explain/packet/svg.js';
import {packetText} from '../../../src/explain/packet/text.js';
import {fileSink, PcapWriter} from '../../../src/pcap-writer/index.js';
import type {Layer} from '../../../src/session/layers.js';
import {parseIp4, parseIp6} from '../../../src/wire/addr.js';
import * as build from '../../../src/wire/build.js';
import {toHex} from '../../../src/wire/bytes.js';
import {encodeTcpOptions} from '../../../src/wire/tcp.js';
import {memoryIo} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';

const ports = {geneve: 6081, vxlan: 4789};
const [a, b] = [parseIp4('10.0.0.5')!, parseIp4('10.0.0.6')!];
const macs = {destination: 0x0200_0000_0002, source: 0x0200_0000_0001};
const ip = build.ipv4({source: a, destination: b});
const options = encodeTcpOptions([
  {kind: 'mss', mss: 1410},
  {kind: 'sackOK'},
  {kind: 'timestamps', value: 7, echo: 9},
  {kind: 'nop'},
  {kind: 'wscale', shift: 7},
]);
const tcp = build.tcp({sourcePort: 40000, destinationPort: 80, flags: 2, window: 64860, options});
const frames: Readonly<Record<string, Uint8Array>> = {
  'Geneve with options': build.frame(
    build.ethernet(macs),
    ip,
    build.udp({sourcePort: 999, destinationPort: 6081}),
    build.geneve({vni: 0xabcdef, options: new Uint8Array([0x01, 0x4b, 0x81, 0x02, 1, 2, 3, 4, 5, 6, 7, 8])}),
    build.ethernet(macs),
    ip,
    tcp,
    'data',
  ),
  VXLAN: build.frame(
    build.ethernet(macs),
    ip,
    build.udp({sourcePort: 999, destinationPort: 4789}),
    build.vxlan({vni: 42}),
    build.ethernet(macs),
    ip,
    build.icmp({type: 8, rest: 0x0001_0007}),
    'x'.repeat(1400),
  ),
  'IPv6 with extension headers': build.frame(
    build.ethernet(macs),
    build.vlan({id: 5}),
    build.ipv6({source: parseIp6('fd00::5')!, destination: parseIp6('fd00::6')!}),
    build.hopByHop([]),
    tcp,
  ),
  ARP: build.frame(
    build.ethernet(macs),
    build.arp({operation: 1, senderMac: 1, senderIp: a, targetMac: 0, targetIp: b}),
  ),
};

const layersOf = (bytes: Uint8Array): readonly Layer[] => pictureOf(bytes, 't', ports, 1).layers;
const plain = {columns: 80, ascii: false, explain: false, color: false};

describe('fields', () => {
  it.each(Object.entries(frames))('of %s cover each header to the bit', (_name, bytes) => {
    for (const {name, at, end, fields} of layersOf(bytes)) {
      if (fields.length === 0) continue;
      let bit = 0;
      for (const field of fields) {
        expect([name, field.name, field.bit]).toEqual([name, field.name, bit]);
        expect(field.meaning).not.toBe('');
        expect(field.source).not.toBe('');
        bit += field.bits;
      }
      expect([name, bit]).toEqual([name, (end - at) * 8]);
    }
  });

  it('end where a frame is cut, at every length', () => {
    for (const bytes of Object.values(frames))
      for (let length = 0; length < Math.min(bytes.length, 160); length++) {
        const picture = pictureOf(bytes.slice(0, length), 'cut', ports, 1);
        const text = packetText(picture, plain);
        expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
        expect(packetSvg(picture)).toContain('</svg>');
      }
  });
});

describe('boxes', () => {
  it('have a cell for each bit of a row', () => {
    for (const bytes of Object.values(frames))
      for (const layer of layersOf(bytes))
        for (const {cells} of gridOf(layer)) {
          expect(cells[0]!.from).toBe(0);
          for (const [i, cell] of cells.entries()) expect(cell.to).toBe(cells[i + 1]?.from ?? cell.to);
        }
  });

  it('draw RFC 768 as RFC 768 does', () => {
    const picture = pictureOf(frames.VXLAN!, 'VXLAN', ports, 1);
    const udp = {...picture, layers: picture.layers.filter(({name}) => name === 'UDP')};
    expect(
      packetText(udp, {...plain, ascii: true})
        .split('\n')
        .slice(2, 10),
    ).toEqual([
      '      0                   1                   2                   3',
      '      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1',
      'UDP  8 bytes at 34, RFC 768',
      `     ${'+-'.repeat(32)}+`,
      '  34 |        source port 999        |  destination port 4789 vxlan  | 03e7 12b5',
      `     ${'+-'.repeat(32)}+`,
      '  38 |          length 1458          |         checksum none         | 05b2 0000',
      `     ${'+-'.repeat(32)}+`,
    ]);
  });

  it('sum what the tunnel costs', () => {
    const text = packetText(pictureOf(frames.VXLAN!, 'VXLAN', ports, 1), plain);
    expect(text).toContain('tunnel overhead: 14 + 20 + 8 + 8 = 50 bytes (Ethernet, IPv4, UDP, VXLAN)\n');
  });

  it.each([120, 80, 72, 66, 40])('keep to %i columns', (columns) => {
    for (const bytes of Object.values(frames))
      for (const explain of [false, true]) {
        const text = packetText(pictureOf(bytes, 't', ports, 1), {...plain, columns, explain});
        const longest = Math.max(
          ...text
            .split('\n')
            .slice(0, -2)
            .map((line) => line.length),
        );
        expect(longest).toBeLessThanOrEqual(Math.max(columns, 60));
      }
  });

  it('colour only when told to', () => {
    const picture = pictureOf(frames.ARP!, 't', ports, 1);
    expect(packetText(picture, plain)).not.toContain('\x1b');
    expect(packetText(picture, {...plain, color: true}).replace(/\x1b\[\d+m/g, '')).toBe(packetText(picture, plain));
  });
});

describe('hex', () => {
  const bytes = Uint8Array.from({length: 43}, (_, i) => (i * 37 + 0x40) & 0xff);
  const hex = toHex(bytes);
  it.each([
    ['plain', hex],
    ['in pairs', hex.match(/../g)!.join(' ')],
    ['with colons', hex.match(/../g)!.join(':')],
    ['with 0x', `0x${hex}`],
    ['over lines', hex.match(/.{1,32}/g)!.join('\n')],
  ])('%s', (_name, text) => {
    expect(toHex(hexBytes(text, 'x'))).toBe(hex);
  });

  it('of no hex is told by line and column', () => {
    expect(() => hexBytes('4500\n45 zz', 'stdin')).toThrow('stdin:2:4: no hex byte here');
    expect(() => hexBytes(' \n', 'stdin')).toThrow('no bytes in stdin');
  });
});

describeWith(['tcpdump', 'tshark'], 'other programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-packet-'));
  const capture = join(folder, 'x.pcap');
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
  const write = (bytes: Uint8Array) => {
    const writer = new PcapWriter(fileSink(capture));
    writer.packet(0, 0, bytes);
    writer.close();
  };

  it.each(Object.entries(frames))('dump %s in ways that are read back', (_name, bytes) => {
    write(bytes);
    const tcpdump = (flag: string) => run('tcpdump', ['-nn', flag, '-r', capture]);
    const dumps = [tcpdump('-xx'), tcpdump('-XX'), run('tshark', ['-x', '-r', capture])];
    for (const dump of dumps) expect(toHex(hexBytes(dump, 'dump'))).toBe(toHex(bytes));
  });

  it.each([
    ['Geneve with options', ['geneve.vni', 'tcp.window_size_value', 'tcp.options.mss_val', 'ip.ttl']],
    ['VXLAN', ['vxlan.vni', 'icmp.seq', 'udp.length', 'ip.ttl']],
  ] as const)('decode %s as we do', (name, wanted) => {
    write(frames[name]!);
    const args = ['-r', capture, '-T', 'fields', ...wanted.flatMap((field) => ['-e', field]), '-E', 'occurrence=l'];
    const theirs = run('tshark', args).trim().split('\t').map(Number);
    const names: Readonly<Record<string, string>> = {
      'geneve.vni': 'VNI',
      'vxlan.vni': 'VNI',
      'tcp.window_size_value': 'window',
      'tcp.options.mss_val': 'MSS',
      'ip.ttl': 'TTL',
      'icmp.seq': 'sequence',
      'udp.length': 'length',
    };
    const fields = layersOf(frames[name]!).flatMap((layer) => layer.fields);
    const ours = wanted.map((field) => Number(fields.findLast((f) => f.name === names[field])!.value));
    expect(ours).toEqual(theirs);
    rmSync(capture);
  });
});

describe('wirelay packet', () => {
  it('says what it did not find', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelay-packet-'));
    const path = join(folder, 'x.pcap');
    const writer = new PcapWriter(fileSink(path));
    writer.packet(0, 0, frames.ARP!);
    writer.close();
    const request = {
      filter: 'udp',
      number: 1,
      read: path,
      hex: undefined,
      raw: false,
      device: undefined,
      output: 'json' as const,
      ascii: false,
      explain: false,
      color: false,
    };
    const io = memoryIo();
    await expect(runPacket(undefined, request, io)).rejects.toThrow(`no frame that \`udp\` matches in ${path}`);
    await expect(runPacket(undefined, {...request, filter: 'foo bar'}, io)).rejects.toThrow('filter: ');
    expect(await runPacket(undefined, {...request, filter: 'arp'}, io)).toBe(0);
    const {layers, overhead} = JSON.parse(io.stdout.text) as {layers: {name: string}[]; overhead: {bytes: number}};
    expect([layers.map(({name}) => name), overhead.bytes]).toEqual([['Ethernet', 'ARP'], 42]);
    rmSync(folder, {recursive: true});
  });
});
