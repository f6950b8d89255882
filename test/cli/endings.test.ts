import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';

const program = join(import.meta.dirname, '../../bin/run.js');
const endless = ['--cluster', 'demo', '--traffic', 'pod-a -> pod-b/icmp x50000000'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wl-end-'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

/** Ends a program by a signal once it has written something here. */
async function ended(words: readonly string[], signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  const child: ChildProcess = spawn(process.execPath, [program, ...words], {cwd: folder, stdio: 'ignore'});
  const over = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('close', (code, by) => resolve(code ?? by)),
  );
  const grown = () => readdirSync(folder).some((name) => statSync(join(folder, name)).size > 0);
  while (child.exitCode === null && !grown()) await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill(signal);
  return over;
}

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s', (signal, code) => {
  it('leaves nothing of an export', async () => {
    expect(await ended(['export', '-o', 'frames.pcapng', ...endless], signal)).toBe(code);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('finishes the file of tcpdump', async () => {
    expect(await ended(['tcpdump', '-i', 'eth0', '-w', 'frames.pcap', ...endless], signal)).toBe(0);
    const read = spawnSync(process.execPath, [program, 'tcpdump', '-r', 'frames.pcap', '--count'], {cwd: folder});
    expect(read.status).toBe(0);
    expect(String(read.stdout)).toMatch(/^[1-9]\d* packets/);
  });
});

describe('a folder that is gone', () => {
  it.each([
    ['status', '--brief'],
    ['ip', '-br', 'link'],
    ['lint', '--help'],
  ])('%s %s', (...words) => {
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    const script = `rmdir "$PWD" && exec "$0" "$@"`;
    const run = spawnSync('sh', ['-c', script, process.execPath, program, ...words], {cwd: gone, encoding: 'utf8'});
    expect(existsSync(gone)).toBe(false);
    expect(run.stderr).not.toContain(' at ');
    expect(run.status).toBe(0);
  });
});
