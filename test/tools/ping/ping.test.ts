import {describe, expect, it} from 'vitest';
import {pingMain} from '../../../src/tools/ping/main.js';
import {runMain} from '../../memory-io.js';

const ping = (...argv: string[]) => runMain(pingMain, [...argv, '--cluster', 'demo']);

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
    const {code, stdout, stderr} = await ping('-c1', '-M', 'do', '-s', '1423', '10.32.2.20', '--pod', 'pod-a');
    expect(stderr).toBe('ping: local error: message too long, mtu=1450\n');
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
    [['-c', '99999999999999999999', '10.0.0.6'], 1, "'99999999999999999999': Numerical result out of range\n"],
    [['-Q', '5x', '10.0.0.6'], 2, 'ping: bad TOS value: 5x\n'],
    [['-Q', '256', '10.0.0.6'], 2, 'ping: the decimal value of TOS bits must be in range 0-255: 256\n'],
    [['-p', 'aXb', '10.0.0.6'], 2, 'ping: patterns must be specified as hex digits: Xb\n'],
    [['-e', '65536', '10.0.0.6'], 1, "ping: invalid argument: '65536': out of range: 0 <= value <= 65535\n"],
    [['-S', '0', '10.0.0.6'], 1, "ping: invalid argument: '0': out of range: 1 <= value <= 2147483647\n"],
    [['-B', '10.0.0.6'], 2, 'wirelay: ping -B is not supported here\n'],
    [['-c1', '224.0.0.1'], 2, 'wirelay: traffic "node/node1 -> 224.0.0.1/icmp": 224.0.0.1 is a multicast address\n'],
    [['-f', '10.0.0.6'], 2, 'wirelay: ping -f is not supported here\n'],
  ])('%j ends with %i', async (argv, code, message) => {
    const ran = await runMain(pingMain, argv, {env: {WIRELAY_CLUSTER: 'demo'}});
    expect(ran.stderr).toContain(message);
    expect(ran.code).toBe(code);
  });

  it('-p is told first, unless -q', async () => {
    expect((await ping('-c1', '-p', 'fff', 'pod-b')).stdout).toMatch(/^PATTERN: 0xff0f\nPING pod-b /);
    expect((await ping('-qc1', '-p', 'fff', 'pod-b')).stdout).toMatch(/^PING pod-b /);
  });

  it('-W 0 waits as without', async () => {
    expect((await ping('-c1', '-W', '0', 'pod-b')).code).toBe(0);
  });

  it('-t reaches as far as it says', async () => {
    const {code, stdout} = await ping('-c1', '-t', '2', '198.51.100.7', '--pod', 'pod-a');
    expect(code).toBe(1);
    expect(stdout).toMatch(/100% packet loss|Time to live exceeded/);
  });

  it('-I takes what the routes say anyway, and nothing else', async () => {
    const {stdout} = await ping('-c1', '-I', 'eth0', '10.32.2.20', '--pod', 'pod-a');
    expect(stdout).toContain('PING 10.32.2.20 (10.32.2.20) from 10.32.1.10 eth0: 56(84) bytes of data.\n');
    const other = await ping('-c1', '-I', 'eth9', '10.32.2.20', '--pod', 'pod-a');
    expect([other.code, other.stderr]).toEqual([2, 'ping: SO_BINDTODEVICE eth9: No such device\n']);
    expect((await ping('-c1', '-I', 'lo', '10.32.2.20', '--pod', 'pod-a')).code).toBe(2);
  });

  it('stops after four packets and says so', async () => {
    const {stdout, stderr} = await ping('10.32.2.20', '--pod', 'pod-a');
    expect(stdout).toContain('4 packets transmitted, 4 received');
    expect(stderr).toBe('wirelay: without -c or -w this ping stops after 4 packets\n');
  });

  it('-w ends by the clock', async () => {
    const {code, stdout, stderr} = await ping('-w', '2', '-i', '0.5', '10.32.2.20', '--pod', 'pod-a');
    expect(stdout).toContain('5 packets transmitted, 4 received, 20% packet loss, time 2000ms');
    expect([code, stderr]).toEqual([0, '']);
  });

  it('shows hostile names without acting on them', async () => {
    const {stdout, stderr} = await ping('-c1', '\x1b[2Jx\u202e', '--pod', 'pod-a');
    expect(stdout + stderr).toContain('\\x1b[2Jx\\u{202e}');
    expect(stdout + stderr).not.toMatch(/[\x1b\u202e]/);
  });
});
