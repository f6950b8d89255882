/** The loop of iputils ping_common.c over events made up, expected texts from its format strings. */
import {describe, expect, it} from 'vitest';
import type {AppEvent} from '../../../src/datapath/model.js';
import {type PingOptions, parsePing} from '../../../src/tools/ping/argv.js';
import {icmp4Text, icmp6Text} from '../../../src/tools/ping/icmp-text.js';
import {replayPing} from '../../../src/tools/ping/replay.js';
import {formatIp, type Ip, parseIp} from '../../../src/wire/addr.js';

const target = parseIp('10.32.2.20')!;
const router = parseIp('10.0.0.5')!;
const ms = 1e6;
const sent = (time: number, sequence: number): AppEvent => ({time, traffic: 0, kind: 'sent', sequence, from: router});
const reply = (time: number, sequence: number, rtt: number, from: Ip = target): AppEvent => ({
  time,
  traffic: 0,
  kind: 'reply',
  sequence,
  from,
  ttl: 63,
  bytes: 64,
  rtt,
});
const unreachable = (time: number, sequence: number): AppEvent => ({
  time,
  traffic: 0,
  kind: 'unreachable',
  sequence,
  from: router,
  icmp: {type: 3, code: 1, from: router},
});

function replay(words: string, events: readonly AppEvent[]) {
  const command = parsePing([...words.split(' ').filter(Boolean), '10.32.2.20']);
  if (command.kind !== 'run') throw new Error('no run');
  const options: PingOptions = command.options;
  const {parts, exitCode} = replayPing(
    {options, target, hostname: '10.32.2.20', nameOf: formatIp, epoch: 1_767_225_600, count: options.count},
    events,
  );
  const of = (stream: string) =>
    parts
      .filter((part) => part.stream === stream)
      .map((part) => part.text)
      .join('');
  return {stdout: of('stdout'), stderr: of('stderr'), exitCode};
}

describe('replayPing', () => {
  it('rounds times as gather_statistics does, and sums in microseconds', () => {
    const trips = [0.52, 1.996, 9.9951, 12.345, 99.949, 99.951, 123.456];
    const events = trips.flatMap((trip, i) => [
      sent(i * 1000 * ms, i + 1),
      reply((i * 1000 + trip) * ms, i + 1, trip * ms),
    ]);
    const {stdout} = replay('-c 7', events);
    expect([...stdout.matchAll(/time=(\S+) ms/g)].map((match) => match[1])).toEqual([
      '0.520',
      '2.00',
      '10.0',
      '12.3',
      '99.9',
      '100',
      '123',
    ]);
    expect(stdout).toContain('\nrtt min/avg/max/mdev = 0.520/49.744/123.456/50.928 ms\n');
    expect(stdout).toContain('7 packets transmitted, 7 received, 0% packet loss, time 6000ms\n');
  });

  it('waits for the last answer at least an interval, at most -W while nothing came', () => {
    const late = [sent(0, 1), reply(9_999 * ms, 1, 9_999 * ms)];
    expect(replay('-c 1', late).exitCode).toBe(0);
    expect(replay('-c 1 -W 1', late)).toMatchObject({exitCode: 1});
    const second = [sent(0, 1), reply(1 * ms, 1, 1 * ms), sent(1000 * ms, 2), reply(2_001 * ms, 2, 1_001 * ms)];
    expect(replay('-c 2', second).stdout).toContain('2 packets transmitted, 1 received, 50% packet loss');
    expect(replay('-c 2 -i 1.5', second).stdout).toContain('2 packets transmitted, 2 received');
  });

  it('counts errors, and how many requests were under way', () => {
    const events = [
      sent(0, 1),
      sent(1000 * ms, 2),
      sent(2000 * ms, 3),
      ...[1, 2, 3].map((n) => unreachable(3060 * ms, n)),
    ];
    const {stdout, exitCode} = replay('-c 3', events);
    expect(stdout).toBe(
      'PING 10.32.2.20 (10.32.2.20) 56(84) bytes of data.\n' +
        'From 10.0.0.5 icmp_seq=1 Destination Host Unreachable\n' +
        'From 10.0.0.5 icmp_seq=2 Destination Host Unreachable\n' +
        'From 10.0.0.5 icmp_seq=3 Destination Host Unreachable\n' +
        '\n--- 10.32.2.20 ping statistics ---\n' +
        '3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2000ms\npipe 3\n',
    );
    expect(exitCode).toBe(1);
  });

  it('prints %g of a float', () => {
    const events = [sent(0, 1), reply(1 * ms, 1, 1 * ms), sent(1000 * ms, 2), sent(2000 * ms, 3)];
    expect(replay('-c 3', events).stdout).toContain(', 66.6667% packet loss, ');
  });

  it('says DUP! and DIFFERENT ADDRESS!', () => {
    const events = [sent(0, 1), reply(1 * ms, 1, 1 * ms, router), reply(2 * ms, 1, 2 * ms)];
    const {stdout} = replay('-c 2', [...events, sent(1000 * ms, 2)]);
    expect(stdout).toContain('64 bytes from 10.0.0.5: icmp_seq=1 ttl=63 time=1.00 ms (DIFFERENT ADDRESS!)\n');
    expect(stdout).toContain('64 bytes from 10.32.2.20: icmp_seq=1 ttl=63 time=2.00 ms (DUP!)\n');
    expect(stdout).toContain('2 packets transmitted, 1 received, +1 duplicates, 50% packet loss');
  });

  it('-s below 16 is not timed', () => {
    const {stdout} = replay('-c 1 -s 8', [sent(0, 1), reply(1 * ms, 1, 1 * ms)]);
    expect(stdout).toContain(
      'PING 10.32.2.20 (10.32.2.20) 8(36) bytes of data.\n64 bytes from 10.32.2.20: icmp_seq=1 ttl=63\n',
    );
    expect(stdout.endsWith('time 0ms\n\n')).toBe(true);
  });
});

describe('ICMP texts', () => {
  it.each([
    [icmp4Text({type: 3, code: 4, mtu: 1450}), 'Frag needed and DF set (mtu = 1450)'],
    [icmp4Text({type: 3, code: 13}), 'Packet filtered'],
    [icmp4Text({type: 3, code: 99}), 'Dest Unreachable, Bad Code: 99'],
    [icmp4Text({type: 11, code: 0}), 'Time to live exceeded'],
    [icmp6Text({type: 1, code: 4}), 'Destination unreachable: Port unreachable'],
    [icmp6Text({type: 2, code: 0, mtu: 1430}), 'Packet too big: mtu=1430'],
    [icmp6Text({type: 3, code: 0}), 'Time exceeded: Hop limit'],
  ])('%s', (text, expected) => expect(text).toBe(expected));
});
