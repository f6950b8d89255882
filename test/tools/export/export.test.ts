import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {createSession} from '../../../src/session/session.js';
import {type ExportOptions, exportFrames} from '../../../src/tools/export/export.js';
import {memoryIo} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';

const folder = mkdtempSync(join(tmpdir(), 'wirelay-export-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function run(traffic: string[], options: Partial<ExportOptions>) {
  const io = memoryIo();
  const session = await createSession(
    {cluster: ['demo'], set: [], traffic, node: undefined, pod: undefined, seed: undefined},
    io,
  );
  const all = {output: '-', format: 'pcapng' as const, points: [], filter: undefined, ...options};
  return {frames: await exportFrames(session, all, io), io};
}

describe('export', () => {
  it('writes the frames of the chosen points only', async () => {
    const path = join(folder, 'wire.pcap');
    const {frames} = await run(['pod-a -> pod-b/icmp'], {
      output: path,
      format: 'pcap',
      points: ['node1:eth0'],
      filter: 'geneve',
    });
    expect(frames).toBe(2);
    const bytes = readFileSync(path);
    expect(bytes.readUInt32LE(0)).toBe(0xa1b23c4d);
    expect(bytes.length).toBe(24 + 2 * (16 + 148));
  });

  it('takes a pod without its namespace, and *', async () => {
    const one = await run(['pod-a -> pod-b/icmp'], {points: ['node1:pod-a:eth0'], filter: 'icmp'});
    const star = await run(['pod-a -> pod-b/icmp'], {points: ['*:*:eth0'], filter: 'icmp'});
    expect([one.frames, star.frames]).toEqual([2, 4]);
  });

  it('names the nearest point when there is none', async () => {
    await expect(run([], {points: ['node1:eth1']})).rejects.toThrow(
      'no capture point node1:eth1\n  hint: did you mean node1:eth0?',
    );
  });

  it('leaves nothing behind when it fails', async () => {
    const path = join(folder, 'never.pcapng');
    await expect(run([], {output: path, filter: 'hosst'})).rejects.toThrow('--filter: ');
    await expect(run([], {output: join(folder, 'no/such/folder')})).rejects.toThrow('No such file or directory');
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });
});

describeWith(['tshark', 'tcpdump'], 'export, read by others', () => {
  const tshark = (path: string, ...args: string[]) =>
    execFileSync('tshark', ['-r', path, ...args], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});

  it('tshark shows names, comments, directions and the drop verdict, and finds no malformed frame', async () => {
    const path = join(folder, 'all.pcapng');
    const {frames} = await run(
      ['pod-a -> my-svc:80/http', 'pod-a -> 10.32.1.99/icmp', 'pod-a -> my-svc.default.svc.cluster.local:80/http'],
      {output: path},
    );
    const rows = tshark(
      path,
      '-T',
      'fields',
      '-e',
      'frame.interface_name',
      '-e',
      'frame.comment',
      '-e',
      'frame.packet_flags_direction',
    )
      .split('\n')
      .filter(Boolean);
    expect(rows.length).toBe(frames);
    expect(rows.some((row) => row.startsWith('node1:eth0\t'))).toBe(true);
    expect(rows.some((row) => row.startsWith('node2:default/pod-b:eth0\t'))).toBe(true);
    expect(rows.some((row) => row.includes('service 2 forward: 10.96.10.50:80 to 10.32.'))).toBe(true);
    expect(rows.some((row) => row.includes('dropped: Stale or unroutable IP (151)'))).toBe(true);
    expect(tshark(path, '-Y', '_ws.malformed')).toBe('');
    expect(tshark(path, '-q', '-z', 'expert,error')).not.toContain('Errors');
    expect(tshark(path, '-N', 'n', '-Y', 'geneve && tcp')).toContain('pod-a.default');
    expect(tshark(path, '-V', '-Y', 'frame.comment contains "dropped"')).toContain('TC_ACT_SHOT');
  });

  it('tshark has nothing to warn of on one device', async () => {
    const path = join(folder, 'eth0.pcapng');
    await run(['pod-a -> my-svc.default.svc.cluster.local:80/http', 'pod-a -> pod-c/icmp x2'], {
      output: path,
      points: ['node1:eth0'],
    });
    expect(tshark(path, '-q', '-z', 'expert,warn')).not.toMatch(/Errors|Warns/);
  });

  it('tcpdump reads the same packets', async () => {
    const path = join(folder, 'td.pcapng');
    const {frames} = await run(['pod-a -> pod-b/icmp x3'], {output: path});
    const count = execFileSync('tcpdump', ['-r', path, '--count'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(count).toBe(`${frames} packets\n`);
  });
});
