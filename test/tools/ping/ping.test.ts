import {describe, expect, it} from 'vitest';
import {pingMain} from '../../../src/tools/ping/main.js';
import {icmpErrorText, tripTime} from '../../../src/tools/ping/print.js';
import {parseIp} from '../../../src/wire/addr.js';
import {runMain} from '../../memory-io.js';

const ping = (...argv: string[]) => runMain(pingMain, [...argv, '--cluster', 'demo']);
const v4 = parseIp('10.32.1.1')!;
const v6 = parseIp('fd00::1')!;

describe('ping', () => {
  it('reaches a pod on another node, one hop away', async () => {
    const {code, stdout} = await ping('-c', '2', '10.32.2.20', '--pod', 'pod-a');
    expect(stdout.split('\n')[0]).toBe('PING 10.32.2.20 (10.32.2.20) 56(84) bytes of data.');
    expect(stdout).toMatch(/\n64 bytes from 10\.32\.2\.20: icmp_seq=2 ttl=63 time=0\.\d{3} ms\n/);
    expect(stdout).toMatch(
      /\n\n--- 10\.32\.2\.20 ping statistics ---\n2 packets transmitted, 2 received, 0% packet loss, time 1000ms\n/,
    );
    expect(stdout).toMatch(/\nrtt min\/avg\/max\/mdev = [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms\n$/);
    expect(code).toBe(0);
  });

  it('takes names, and shows them beside the address', async () => {
    const {stdout} = await ping('-c1', 'pod-b', '--pod', 'pod-a');
    expect(stdout).toContain('PING pod-b (10.32.2.20) 56(84)');
    expect(stdout).toContain('64 bytes from pod-b (10.32.2.20): icmp_seq=1 ttl=63');
    expect((await ping('-c1', '-n', 'pod-b', '--pod', 'pod-a')).stdout).toContain(
      '64 bytes from 10.32.2.20: icmp_seq=1',
    );
  });

  it('gets no answer from a service address', async () => {
    const {code, stdout} = await ping('-c', '2', '10.96.10.50', '--pod', 'pod-a');
    expect(stdout.endsWith('2 packets transmitted, 0 received, 100% packet loss, time 1000ms\n\n')).toBe(true);
    expect(code).toBe(1);
  });

  it('refuses what does not fit with -M do, and says the MTU', async () => {
    const {code, stdout} = await ping('-c1', '-M', 'do', '-s', '1423', '10.32.2.20', '--pod', 'pod-a');
    expect(stdout).toContain('ping: local error: message too long, mtu=1450\n');
    expect(stdout).toContain('1 packets transmitted, 0 received, +1 errors, 100% packet loss');
    expect(code).toBe(1);
    expect((await ping('-c1', '-M', 'do', '-s', '1422', '10.32.2.20', '--pod', 'pod-a')).code).toBe(0);
  });

  it('asks the ARP-less neighbour in vain', async () => {
    const {code, stdout} = await ping('-c1', '10.0.0.99');
    expect(stdout).toContain('From 10.0.0.5 icmp_seq=1 Destination Host Unreachable\n');
    expect(code).toBe(1);
  });

  it('is the same every time, and another with another seed', async () => {
    const first = await ping('-c3', '10.32.2.20', '--pod', 'pod-a');
    expect(await ping('-c3', '10.32.2.20', '--pod', 'pod-a')).toEqual(first);
  });

  it('-q, -D, -O change what is said', async () => {
    expect((await ping('-qc2', 'pod-b', '--pod', 'pod-a')).stdout).not.toContain('icmp_seq');
    expect((await ping('-Dc1', 'pod-b', '--pod', 'pod-a')).stdout).toMatch(/\n\[\d+\.\d{6}\] 64 bytes/);
    expect((await ping('-Oc2', '10.96.10.50', '--pod', 'pod-a')).stdout).toContain('\nno answer yet for icmp_seq=1\n');
  });

  it.each([
    [['-c', '1', 'no-such-name'], 2, 'ping: no-such-name: Name or service not known\n'],
    [['-y', '10.0.0.6'], 2, "ping: invalid option -- 'y'\n"],
    [['-c'], 2, "ping: option requires an argument -- 'c'\n"],
    [[], 1, 'ping: usage error: Destination address required\n'],
    [['-c', '0', '10.0.0.6'], 1, "ping: invalid argument: '0': out of range: 1 <= value <= "],
    [['-f', '10.0.0.6'], 2, 'wirelay: ping -f is not supported here\n'],
  ])('%j ends with %i', async (argv, code, message) => {
    const ran = await runMain(pingMain, argv, {env: {WIRELAY_CLUSTER: 'demo'}});
    expect(ran.stderr).toContain(message);
    expect(ran.code).toBe(code);
  });

  it('prints times with the precision of iputils', () => {
    expect([520_000, 1_060_000, 12_340_000, 123_456_000].map(tripTime)).toEqual(['0.520', '1.06', '12.3', '123']);
  });

  it('names ICMP errors', () => {
    expect(icmpErrorText({type: 3, code: 4, from: v4, mtu: 1450})).toBe('Frag needed and DF set (mtu = 1450)');
    expect(icmpErrorText({type: 11, code: 0, from: v4})).toBe('Time to live exceeded');
    expect(icmpErrorText({type: 1, code: 4, from: v6})).toBe('Destination unreachable: Port unreachable');
    expect(icmpErrorText({type: 2, code: 0, from: v6, mtu: 1430})).toBe('Packet too big: mtu=1430');
  });
});
