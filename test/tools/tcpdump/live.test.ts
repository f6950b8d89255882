/** Capture on the embedded demo cluster: banners, counters, viewpoints, names, what -w writes. */
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {describeWith} from '../../oracle.js';
import {ourTcpdump, realTcpdump, temporaryFolder} from './programs.js';

const folder = temporaryFolder();
const run = (line: string, ...more: string[]) => ourTcpdump([...line.split(' '), ...more], folder.path);
const traffic = ['--traffic', 'pod-a -> pod-b/icmp x2'];

afterAll(folder.remove);

describe('tcpdump on a simulated interface', () => {
  it('says what it listens on, and counts at the end', async () => {
    const {stderr, stdout, status} = await run('-nn -c 1');
    expect(status).toBe(0);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toContain(
      'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n' +
        'listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n' +
        '1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n',
    );
    const verbose = await run('-nn -v -c 2 -s 100');
    expect(verbose.stderr).toContain(
      'tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 100 bytes\n2 packets captured\n',
    );
  });

  it('shows the same ping outside, in the tunnel device and in the pod', async () => {
    const ping = /10\.32\.1\.10 > 10\.32\.2\.20: ICMP echo request, id \d+, seq 1, length 64/;
    const outside = await run('-nn -t icmp or udp port 6081', ...traffic);
    expect(outside.stdout).toMatch(
      new RegExp(
        `IP 10\\.0\\.0\\.5\\.\\d+ > 10\\.0\\.0\\.6\\.6081: Geneve, Flags \\[none\\], vni 0x[0-9a-f]+: IP ${ping.source}`,
      ),
    );
    expect((await run('-nn -t -i cilium_geneve icmp', ...traffic)).stdout).toMatch(new RegExp(`^IP ${ping.source}`));
    expect((await run('-nn -t -i genev_sys_6081 icmp', ...traffic)).stdout).toMatch(new RegExp(`^IP ${ping.source}`));
    expect((await run('-nn -t --pod pod-a icmp', ...traffic)).stdout).toMatch(new RegExp(`^IP ${ping.source}`));
  });

  it('has names from the cluster without -n', async () => {
    const {stdout} = await run('-t udp port 6081 -c 1', ...traffic);
    expect(stdout).toMatch(
      /^IP node1\.\d+ > node2\.6081: Geneve, Flags \[none\], vni 0x[0-9a-f]+: IP pod-a > pod-b: ICMP /,
    );
  });

  it('filters by direction', async () => {
    const all = (await run('-nn -tt icmp or udp', ...traffic)).stdout.split('\n').length - 1;
    const [into, out] = [
      await run('-nn -tt -Q in icmp or udp', ...traffic),
      await run('-nn -tt outbound and ( icmp or udp )', ...traffic),
    ];
    expect(into.stdout.split('\n').length + out.stdout.split('\n').length - 2).toBe(all);
    expect(into.stdout).toMatch(/> 10\.0\.0\.5\.6081/);
    expect(out.stdout).not.toMatch(/> 10\.0\.0\.5\.6081/);
  });

  it('lists interfaces, refuses unknown ones', async () => {
    const {stdout} = await run('-D');
    expect(stdout).toMatch(/^1\.eth0 \[Up, Running, Connected\]\n/);
    expect(stdout).toContain('any (Pseudo-device that captures on all interfaces) [Up, Running]\n');
    expect(stdout).toMatch(/\d+\.lo \[Up, Running, Loopback\]\n/);
    const unknown = await run('-i nope0');
    expect(unknown.stderr).toContain('tcpdump: nope0: No such device exists\n(No such device exists)\n');
    expect(unknown.status).toBe(1);
  });
});

describeWith(['tcpdump'], 'captures of the simulation, read by tcpdump 4.99.3', () => {
  it.each([
    ['-i eth0', '-nn'],
    ['-i eth0', '-nn -v'],
    ['-i eth0', '-nn -vv -e'],
    ['-i eth0', '-nn -X'],
    ['-i cilium_geneve', '-nn -vvv'],
    ['--pod pod-a', '-nn -vv -e -XX'],
  ])('prints the same for %s with %s as we do live', async (point, options) => {
    const file = join(folder.path, 'live.pcap');
    const written = await run(`${point} -w ${file}`);
    expect(written.stderr).toMatch(/\n[1-9]\d* packets captured\n/);
    const real = realTcpdump(['-r', file, ...options.split(' ')]);
    expect((await run(`${point} ${options}`)).stdout).toBe(real.stdout);
  });

  it('writes cooked frames for any device', async () => {
    const file = join(folder.path, 'any.pcap');
    await run(`-i any -w ${file}`);
    const real = realTcpdump(['-r', file, '-nn', '-e', '-t']);
    const withoutNames = (text: string) => text.replaceAll(/^\S+ +(In|Out|[BMP])/gm, '$1');
    expect(withoutNames((await run('-i any -nn -e -t')).stdout)).toBe(withoutNames(real.stdout));
    expect(real.stderr).toContain('link-type LINUX_SLL2 (Linux cooked v2)');
  });
});
