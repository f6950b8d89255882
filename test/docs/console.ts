/**
 * Examples in the documentation: fenced ```console blocks. A line `$ command` is run by bash with `wirelay` on its PATH, the
 * lines up to the next `$ ` are its expected output, stdout and stderr as they come. A line `…` stands for any lines, at least one.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = process.env.WIRELAY_ROOT ?? fileURLToPath(new URL('../..', import.meta.url));

export interface Example {
  readonly command: string;
  readonly expected: readonly string[];
  /** Index of the first expected line in the document, and how many. */
  readonly at: number;
}

/** Examples of each console block; commands of one block share a folder. */
export function consoleBlocks(lines: readonly string[]): Example[][] {
  const blocks: Example[][] = [];
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== '```console') continue;
    const block: Example[] = [];
    for (i++; i < lines.length && lines[i] !== '```'; ) {
      const command = lines[i]!.slice(2);
      if (!lines[i]!.startsWith('$ ')) throw new Error(`line ${i + 1}: a console block begins with "$ "`);
      const at = ++i;
      while (i < lines.length && lines[i] !== '```' && !lines[i]!.startsWith('$ ')) i++;
      block.push({command, expected: lines.slice(at, i), at});
    }
    blocks.push(block);
  }
  return blocks;
}

/** A folder with a `wirelay` to run and the project's fixtures; `remove` when done. */
export function sandbox(): {run(command: string): string[]; remove(): void} {
  const dir = mkdtempSync(join(tmpdir(), 'wirelay-docs-'));
  mkdirSync(join(dir, '.bin'));
  const shim = join(dir, '.bin/wirelay');
  writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin/run.js')}" "$@"\n`);
  chmodSync(shim, 0o755);
  if (existsSync(join(root, 'fixtures'))) symlinkSync(join(root, 'fixtures'), join(dir, 'fixtures'));
  const env = {
    ...process.env,
    PATH: `${join(dir, '.bin')}:${process.env.PATH}`,
    TZ: 'UTC',
    NO_COLOR: '1',
    LC_ALL: 'C.UTF-8',
    WIRELAY_CLUSTER: 'demo',
  };
  return {
    run(command) {
      const result = spawnSync('bash', ['-c', `{ ${command}\n} 2>&1`], {
        cwd: dir,
        env,
        encoding: 'utf8',
        maxBuffer: 64 << 20,
      });
      return result.stdout === '' ? [] : result.stdout.replace(/\n$/, '').split('\n');
    },
    remove: () => rmSync(dir, {recursive: true, force: true}),
  };
}

/** Whether `actual` is what the document shows, `…` lines standing for one or more lines. */
export function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return actual.length === 0;
  if (first === '…') {
    for (let n = 1; n <= actual.length; n++) if (matches(rest, actual.slice(n))) return true;
    return false;
  }
  return actual.length > 0 && actual[0] === first && matches(rest, actual.slice(1));
}

/** Markdown files with examples. */
export function documents(): string[] {
  return execFileSync('git', ['ls-files', '*.md'], {cwd: root, encoding: 'utf8'}).split('\n').filter(Boolean);
}
