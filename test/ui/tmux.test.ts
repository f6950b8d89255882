/** The built program in a real terminal: keys typed, the screen read. */
import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, afterEach, expect, it} from 'vitest';
import {describeWith} from '../oracle.js';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

describeWith(['tmux'], 'ui in tmux', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-tmux-'));
  /** A server of its own per test: the one before may still be going down. */
  let socket = '';
  let servers = 0;
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const screen = () => tmux('capture-pane', '-p').trimEnd();
  const keys = (...names: string[]) => tmux('send-keys', ...names);
  const literal = (text: string) => tmux('send-keys', '-l', '--', text);

  function start(columns: number, rows: number, environment = ''): void {
    const command = `cd ${folder} && echo before; env -u CI ${environment} LC_ALL=C.UTF-8 ${process.execPath} ${program} ui --cluster demo; echo "exit $?"; exec cat`;
    socket = join(folder, `socket${servers++}`);
    tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), command);
  }

  /** Looks until the screen shows it. */
  async function shows(wanted: RegExp): Promise<string> {
    for (let tries = 0; tries < 200; tries++) {
      const text = screen();
      if (wanted.test(text)) return text;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`never seen: ${wanted} in\n${screen()}`);
  }

  afterEach(() => tmux('kill-server'));
  afterAll(() => rmSync(folder, {recursive: true, force: true}));

  it('starts, moves, filters, exports, and gives the terminal back', async () => {
    start(80, 24);
    const first = await shows(/\?help/);
    expect(first.split('\n').length).toBe(24);
    // the last column can be used
    expect(first).toMatch(/^.{79}…$/m);
    expect(first).toMatch(/frames 1 of \d+/);
    keys('Down', 'Down', 'Down', 'Down');
    await shows(/frames 5 of/);
    keys('Right', 'Right', 'Right');
    expect(await shows(/hop 4 of 7/)).toContain('geneve{ICMP echo');
    literal('/udp port 6081');
    keys('Enter');
    expect(await shows(/filter: udp port 6081/)).toMatch(/frames 1 of \d+ \(\d+ in all\)/);
    literal('e');
    keys('C-u');
    literal('shown.pcapng');
    keys('Enter');
    await shows(/\d+ frames written to shown\.pcapng/);
    expect(existsSync(join(folder, 'shown.pcapng'))).toBe(true);
    expect(readFileSync(join(folder, 'shown.pcapng')).readUInt32LE(0)).toBe(0x0a0d0d0a);
    literal('q');
    expect(await shows(/exit 0/)).toMatch(/^before\nexit 0$/);
    expect(tmux('display-message', '-p', '#{alternate_on} #{cursor_flag}').trim()).toBe('0 1');
  });

  it('takes every size, and ends on ctrl-c', async () => {
    start(140, 40);
    await shows(/\?help/);
    tmux('resize-window', '-x', '80', '-y', '24');
    const small = await shows(/^wirelay demo(.*\n){23}\?help/);
    expect(small.match(/─ cluster/g)?.length).toBe(1);
    tmux('resize-window', '-x', '60', '-y', '20');
    await shows(/needs 80x24; this terminal is 60x20/);
    tmux('resize-window', '-x', '200', '-y', '50');
    const large = await shows(/^wirelay demo(.*\n){49}\?help/);
    expect(large.match(/cluster ─/g)?.length).toBe(1);
    keys('C-c');
    await shows(/exit 0/);
  });

  it('leaves colour out when asked', async () => {
    start(80, 24, 'NO_COLOR=1');
    await shows(/\?help/);
    const styled = tmux('capture-pane', '-p', '-e');
    expect(styled).toContain('\x1b[1m');
    expect(styled).not.toMatch(/\x1b\[[\d;]*(?:3[0-8]|9[0-7])[;m]/);
  });
});
