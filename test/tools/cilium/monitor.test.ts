/** `cilium-dbg monitor` over runs. */
import {describe, expect, it} from 'vitest';
import {ciliumMain} from '../../../src/tools/cilium/main.js';
import {hexDump} from '../../../src/tools/cilium/monitor/layers.js';
import {dropReasonText} from '../../../src/tools/cilium/monitor/print.js';
import {runMain} from '../../memory-io.js';

const monitor = (...argv: string[]) =>
  runMain(ciliumMain, ['monitor', '--cluster', 'fixtures/policy.yaml', ...argv], {cwd: process.cwd()});
const rows = async (...argv: string[]) => (await monitor(...argv)).stdout.split('\n').filter(Boolean);

describe('monitor', () => {
  it('prints traces, drops and verdicts in its words', async () => {
    const {stdout, stderr} = await monitor();
    expect(stderr).toBe('Listening for events on 4 CPUs with 64x4096 of shared memory\nPress Ctrl-C to quit\n');
    expect(stdout).toMatch(
      /^Policy verdict log: flow 0x[0-9a-f]+ local EP ID \d+, remote ID \d+, proto 6, ingress, action deny, auth: disabled, match L3-Only, 10\.244\.0\.3:\d+ -> 10\.244\.0\.4:5432 tcp SYN$/m,
    );
    expect(stdout).toMatch(
      /^xx drop \(Policy denied by denylist\) flow 0x[0-9a-f]+ to endpoint \d+, ifindex \d+, file bpf_lxc\.c:\d+, , identity \d+->\d+: 10\.244\.0\.3:\d+ -> 10\.244\.0\.4:5432 tcp SYN$/m,
    );
    expect(stdout).toMatch(
      /^-> overlay flow 0x[0-9a-f]+ , identity \d+->\d+ state new ifindex cilium_vxlan orig-ip 0\.0\.0\.0: 10\.244\.0\.3:\d+ -> 10\.244\.1\.3:8080 tcp SYN$/m,
    );
    expect(stdout).toMatch(/-> 10\.244\.1\.3:8080 tcp SYN \[tunnel 10\.0\.0\.5:\d+ -> 10\.0\.0\.6:8472 vxlan\]$/m);
  });

  it('filters by type and endpoint', async () => {
    const all = await rows();
    const parts = await Promise.all(['trace', 'drop', 'policy-verdict'].map((type) => rows('-t', type)));
    expect(parts.flat().sort()).toEqual([...all].sort());
    expect(parts[1]!.every((line) => line.startsWith('xx drop'))).toBe(true);
    const id = /to endpoint (\d+)/.exec(parts[1]![0]!)![1]!;
    const related = await rows('--related-to', id);
    expect(related.length).toBeGreaterThan(0);
    expect(related.every((line) => new RegExp(`(endpoint|EP ID) ${id}\\b`).test(line))).toBe(true);
    expect((await rows('-t', 'drop', '--to', id)).length).toBe(parts[1]!.length);
    expect(await rows('-t', 'drop', '--to', '1')).toEqual([]);
    expect((await rows('-t', 'drop', '-t', 'policy-verdict')).length).toBe(parts[1]!.length + parts[2]!.length);
  });

  it('has a line of JSON for each trace and drop', async () => {
    const lines = (await rows('-j')).filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const text = (await rows()).filter((line) => !line.startsWith('Policy verdict'));
    expect(lines.length).toBe(text.length);
    lines.forEach((line, i) => {
      const sign = line.type === 'drop' ? `xx drop (${line.reason})` : line.traceSummary;
      expect(text[i]).toContain(`${sign} flow ${line.mark}`);
    });
  });

  it('dissects with -vv, dumps with --hex', async () => {
    const verbose = (await monitor('-vv', '-t', 'drop')).stdout;
    expect(verbose).toMatch(
      /^-{78}\nCPU 00: MARK 0x[0-9a-f]+ FROM \d+ DROP: 74 bytes, reason Policy denied by denylist, identity \d+->\d+, to endpoint \d+\nEthernet\t\{Contents=\[\.\.14\.\.\] /,
    );
    expect(verbose).toContain('SYN=true');
    expect((await monitor('-vv', '--hex', '-t', 'drop')).stdout).toMatch(
      /^00000000 {2}([0-9a-f]{2} ){8} ([0-9a-f]{2} ?){8} {2}\|.{16}\|$/m,
    );
    expect(hexDump(new Uint8Array([65, 10]))).toBe(
      '00000000  41 0a                                             |A.|\n',
    );
  });

  it('counts in policy maps what it tells of: each denial, each first packet', async () => {
    const policy = ['bpf', 'policy', 'get', '--all', '-o', 'json', '--cluster', 'fixtures/policy.yaml'];
    const {stdout} = await runMain(ciliumMain, policy, {cwd: process.cwd()});
    const maps = JSON.parse(stdout.replaceAll('18446744073709551615', '0')) as {
      EndpointID: string;
      Content: {Flags: number; Packets: number; Bytes: number}[];
    }[];
    const verdicts = await rows('-t', 'policy-verdict');
    for (const {EndpointID, Content} of maps) {
      const of = (action: string) =>
        verdicts.filter((line) => line.includes(`local EP ID ${EndpointID},`) && line.includes(`action ${action}`))
          .length;
      const packets = (deny: number) =>
        Content.filter(({Flags}) => (Flags & 1) === deny).reduce((sum, entry) => sum + entry.Packets, 0);
      expect(packets(1)).toBe(of('deny'));
      // packets of open connections ask as well
      expect(packets(0)).toBeGreaterThanOrEqual(of('allow'));
      for (const {Packets, Bytes} of Content) expect(Bytes).toBeGreaterThanOrEqual(Packets * 42);
    }
    expect(maps.flatMap(({Content}) => Content).some(({Packets}) => Packets > 0)).toBe(true);
  });

  it('says what it has not, and what it does not understand', async () => {
    expect((await monitor('-t', 'agent')).code).toBe(2);
    expect((await monitor('-t', 'nonsense')).code).toBe(1);
    expect((await monitor('--from', 'web')).code).toBe(1);
    expect((await monitor('--monitor-socket', 'x')).code).toBe(2);
    expect(dropReasonText(133, 0)).toBe('Policy denied');
    expect(dropReasonText(169, 3)).toBe('FIB lookup failed, 3');
    expect(dropReasonText(159, 0)).toBe('159, 0');
  });
});
