import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {describeWith} from '../oracle.js';

const program = join(import.meta.dirname, '../../bin/run.js');

describeWith(['tmux'], 'wirelay shell on a terminal', () => {
  let folder: string;
  const tmux = (...words: string[]) => execFileSync('tmux', ['-S', join(folder, 'tmux'), ...words], {encoding: 'utf8'});
  const screen = () => tmux('capture-pane', '-p', '-S', '-200');
  const shows = async (pattern: RegExp) => {
    for (let tries = 0; tries < 300; tries++) {
      if (pattern.test(screen())) return;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(screen()).toMatch(pattern);
  };
  const type = (text: string) => void tmux('send-keys', '-l', text) === undefined && tmux('send-keys', 'Enter');

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wl-shell-'));
  });
  afterAll(() => {
    spawnSync('tmux', ['-S', join(folder, 'tmux'), 'kill-server']);
    rmSync(folder, {recursive: true, force: true});
  });

  for (const shell of ['bash', 'zsh', 'dash'])
    it(`${shell}: prompt, tools, job control, exit code`, async () => {
      if (spawnSync('sh', ['-c', `command -v ${shell}`]).status !== 0) return;
      tmux('new-session', '-d', '-x', '120', '-y', '50', 'sh');
      tmux(
        'send-keys',
        '-l',
        `XDG_RUNTIME_DIR=${folder} SHELL=$(command -v ${shell}) HOME=${folder} ${process.execPath} ${program} shell --cluster demo; echo "code-$?"`,
      );
      tmux('send-keys', 'Enter');
      await shows(/^\(node1\) /m);
      type('ip -br link show eth0');
      await shows(/^eth0 +UP/m);
      type('ping 10.32.2.20');
      await shows(/icmp_seq=1/);
      tmux('send-keys', 'C-z');
      await shows(/[Ss]topped|suspended/);
      type('fg');
      await new Promise((resolve) => setTimeout(resolve, 300));
      tmux('send-keys', 'C-c');
      await shows(/packets transmitted/);
      type('exit 5');
      await shows(/^code-5/m);
      expect(readdirSync(folder).filter((name) => name.startsWith('wirelay-'))).toEqual([]);
      tmux('kill-session');
    });
});
