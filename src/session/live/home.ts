/** The private folder of a session: its socket, the launchers in front of PATH. It goes when its owner goes, however that ends. */
import {type ChildProcess, spawn} from 'node:child_process';
import {accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {UserError} from '../../term/error.js';

/** sockaddr_un has room for this many bytes of a path, and a zero. */
const LONGEST_PATH = 107;

export interface Home {
  readonly folder: string;
  readonly socket: string;
  /** Folder of the launchers. */
  readonly bin: string;
  remove(): void;
}

/** Makes the folder with a launcher for each tool. */
export function createHome(env: Readonly<Record<string, string | undefined>>, tools: readonly string[]): Home {
  const folder = makeFolder([env.XDG_RUNTIME_DIR, env.TMPDIR, tmpdir(), '/tmp']);
  const socket = join(folder, 'socket');
  const bin = join(folder, 'bin');
  const guard = startGuard(folder);
  mkdirSync(bin);
  for (const tool of tools) writeFileSync(join(bin, tool), launcher(socket, tool), {mode: 0o700});
  return {
    folder,
    socket,
    bin,
    remove() {
      rmSync(folder, {recursive: true, force: true});
      guard.stdin?.destroy();
    },
  };
}

/** The first place that can be written to and whose socket's path is short enough. Only its owner can look into it (mkdtemp: 0700). */
function makeFolder(places: readonly (string | undefined)[]): string {
  for (const place of places) {
    if (!place || Buffer.byteLength(join(place, 'wirelay-XXXXXX', 'socket')) > LONGEST_PATH) continue;
    try {
      accessSync(place, constants.W_OK | constants.X_OK);
      return mkdtempSync(join(place, 'wirelay-'));
    } catch {
      // the next one
    }
  }
  throw new UserError({
    message: 'no folder for the session',
    hint: 'XDG_RUNTIME_DIR or TMPDIR must name one that can be written to',
  });
}

function launcher(socket: string, tool: string): string {
  const words = [process.execPath, ...clientFlags, fileURLToPath(clientPath()), socket, tool];
  return `#!/bin/sh\nexec ${words.map(quoted).join(' ')} "$@"\n`;
}

/** What a client has no use for, and what it costs to start. */
const clientFlags: readonly string[] = [];

/** The client is built beside the program, which is in `dist/…` whole or in pieces. */
function clientPath(): URL {
  const at = import.meta.url.lastIndexOf('/dist/');
  const root = at < 0 ? new URL('../../../', import.meta.url) : new URL(import.meta.url.slice(0, at + 1));
  return new URL('dist/client.cjs', root);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Waits in a session of its own until our end of its stdin is closed, by us or by the death of this process, then removes the folder. */
function startGuard(folder: string): ChildProcess {
  const script = 'trap "" HUP INT QUIT TERM; read _; rm -rf -- "$1"';
  const guard = spawn('/bin/sh', ['-c', script, 'wirelay-guard', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  const {stdin} = guard;
  // a pipe of node's is a socket: it must not keep the process alive
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return guard;
}
