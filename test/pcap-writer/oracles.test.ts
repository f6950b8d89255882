/** What Wireshark's programs and tcpdump show of the files written. */
import {execFileSync} from 'node:child_process';
import {expect, it} from 'vitest';
import {type FileSink, fileSink, PcapngWriter, PcapWriter} from '../../src/pcap-writer/index.js';
import {ethernet, frame, ipv4, ipv6, parseIp, parseIp4, parseIp6, parsePrefix, udp} from '../../src/wire/index.js';
import {describeWith} from '../oracle.js';
import {folder} from './files.js';

const file = folder();
const E = ethernet({source: 0x020000000001, destination: 0x020000000002});
const four = frame(
  E,
  ipv4({source: parseIp4('10.0.0.5')!, destination: parseIp4('10.32.1.10')!}),
  udp({sourcePort: 1, destinationPort: 9}),
  'four',
);
const six = frame(
  E,
  ipv6({source: parseIp6('fd00::5')!, destination: parseIp6('fd00::6')!}),
  udp({sourcePort: 1, destinationPort: 9}),
  'six',
);

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
}

function fields(path: string, ...names: string[]): string[][] {
  const rows = run('tshark', '-r', path, '-N', 'n', '-T', 'fields', ...names.flatMap((name) => ['-e', name]));
  return rows
    .trimEnd()
    .split('\n')
    .map((row) => row.split('\t'));
}

function written(name: string, body: (sink: FileSink) => void): string {
  const path = file(name);
  body(fileSink(path));
  return path;
}

const full = () =>
  written('full.pcapng', (sink) => {
    const writer = new PcapngWriter(sink, {hardware: 'hw', os: 'an os', application: 'an app', comment: 'a section'});
    writer.addNames([
      {ip: parseIp('10.0.0.5')!, names: ['node1']},
      {ip: parseIp('10.32.1.10')!, names: ['pod-a.default']},
      {ip: parseIp('fd00::5')!, names: ['node1-six']},
    ]);
    writer.addInterface({
      name: 'node1/eth0',
      description: 'the underlay',
      comment: 'an interface',
      filter: 'udp port 6081',
      os: 'Linux',
      addresses: [parsePrefix('10.0.0.5/16')!, parsePrefix('fd00::5/64')!],
      mac: 0x020000000001,
      speed: 10_000_000_000,
    });
    writer.addInterface({name: 'lxc1234', precision: 'micro'});
    writer.packet(0, 1_700_000_000, 123_456_789, four, 0, four.length, four.length, {
      comments: ['policy denied', 'second'],
      direction: 'out',
      packetId: 77,
      dropCount: 3,
      queue: 4,
      verdict: 2,
    });
    writer.packet(1, 1_700_000_001, 5000, six, 0, six.length, 99, {direction: 'in'});
    writer.statistics(0, {
      start: {sec: 1_700_000_000, nsec: 0},
      end: {sec: 1_700_000_002, nsec: 500},
      received: 10,
      dropped: 1,
      filterAccepted: 9,
      osDropped: 2,
      delivered: 8,
    });
    writer.close();
  });

describeWith(['tshark'], 'tshark', () => {
  it('shows options of packets, interface names, times and resolved names', () => {
    const path = full();
    const packetFields = [
      'frame.interface_name',
      'frame.interface_description',
      'frame.comment',
      'frame.packet_flags_direction',
      'frame.packet_id',
      'frame.drop_count',
      'frame.interface_queue',
      'frame.verdict.ebpf_tc',
      'frame.time_epoch',
      'frame.len',
      'frame.cap_len',
    ];
    expect(fields(path, ...packetFields)).toEqual([
      [
        'node1/eth0',
        'the underlay',
        'policy denied,second',
        '0x00000002',
        '77',
        '3',
        '4',
        '2',
        '1700000000.123456789',
        '46',
        '46',
      ],
      ['lxc1234', '', '', '0x00000001', '', '', '', '', '1700000001.000005000', '99', '65'],
    ]);
    expect(fields(path, 'ip.src_host', 'ip.dst_host', 'ipv6.src_host')).toEqual([
      ['node1', 'pod-a.default', ''],
      ['', '', 'node1-six'],
    ]);
  });

  it('finds nothing malformed', () => {
    expect(run('tshark', '-r', full(), '-Y', '_ws.malformed')).toBe('');
  });

  it('its programs copy the file: names, comments and statistics are understood', () => {
    // Without the verdict, which Wireshark 4.0 itself writes wrongly.
    const plain = written('plain.pcapng', (sink) => {
      const writer = new PcapngWriter(sink);
      writer.addNames([{ip: parseIp('10.0.0.5')!, names: ['node1']}]);
      writer.addInterface({name: 'eth0'});
      writer.packet(0, 1, 0, four, 0, four.length, four.length, {comments: ['hi'], packetId: 7, direction: 'in'});
      writer.statistics(0, {received: 1});
      writer.close();
    });
    for (const command of [['editcap'], ['mergecap', '-w'], ['tshark', '-w']]) {
      const copy = file(`${command[0]}.pcapng`);
      const ends = command.length === 1 ? [plain, copy] : command[0] === 'tshark' ? [copy, '-r', plain] : [copy, plain];
      run(command[0]!, ...command.slice(1), ...ends);
      expect(fields(copy, 'frame.comment', 'frame.packet_id', 'frame.interface_name'), command[0]).toEqual([
        ['hi', '7', 'eth0'],
      ]);
    }
  });
});

describeWith(['capinfos'], 'capinfos', () => {
  it('shows section and interfaces', () => {
    const text = run('capinfos', full());
    const value = (key: string) =>
      [...text.matchAll(new RegExp(`^\\s*${key}\\s*[:=]\\s+(.*)$`, 'gm'))].map((m) => m[1]);
    expect(value('Capture hardware')).toEqual(['hw']);
    expect(value('Capture oper-sys')).toEqual(['an os']);
    expect(value('Capture application')).toEqual(['an app']);
    expect(value('Capture comment')).toEqual(['a section']);
    expect(value('Name')).toEqual(['node1/eth0', 'lxc1234']);
    expect(value('Description')).toEqual(['the underlay']);
    expect(value('Speed')).toEqual(['10000000000']);
    expect(value('Filter string')).toEqual(['udp port 6081']);
    expect(value('Operating system')).toEqual(['Linux']);
    expect(value('Time precision')).toEqual(['nanoseconds (9)', 'microseconds (6)']);
    expect(value('Number of stat entries')).toEqual(['1', '0']);
    expect(value('Number of resolved IPv4 addresses in file')).toEqual(['2']);
    expect(value('Number of resolved IPv6 addresses in file')).toEqual(['1']);
  });

  it.each(['micro', 'nano'] as const)('knows a %s pcap', (precision) => {
    const path = written(`${precision}.pcap`, (sink) => {
      const writer = new PcapWriter(sink, {precision});
      writer.packet(1, 123_456_789, four);
      writer.close();
    });
    const text = run('capinfos', path);
    expect(text).toContain(precision === 'nano' ? 'nanosecond pcap' : 'tcpdump/... - pcap');
    expect(fields(path, 'frame.time_epoch')).toEqual([[precision === 'nano' ? '1.123456789' : '1.123456000']]);
  });
});

describeWith(['tcpdump'], 'tcpdump', () => {
  it('reads pcapng with several interfaces', () => {
    expect(run('tcpdump', '-nn', '-tt', '--nano', '-r', full())).toBe(
      '1700000000.123456789 IP 10.0.0.5.1 > 10.32.1.10.9: UDP, length 4\n' +
        '1700000001.000005000 IP6 fd00::5.1 > fd00::6.9: UDP, length 3\n',
    );
  });

  it('reads pcap, cut packets included', () => {
    const path = written('cut.pcap', (sink) => {
      const writer = new PcapWriter(sink, {snaplen: 30});
      writer.packet(1, 0, four);
      writer.packet(2, 0, six, 0, 20, 65);
      writer.close();
    });
    expect(run('tcpdump', '-nn', '-tt', '-r', path)).toBe('1.000000 IP  [|ip]\n2.000000  [|ip6]\n');
  });
});
