/**
 * A command of a session, as its shell starts it: sends the command line to the server, copies what comes back, ends as the tool
 * ended. Bundled into one file that needs nothing but node; started as `client.cjs SOCKET TOOL ARGUMENTS…`.
 */
import {read, writeSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {constants} from 'node:os';
import {isatty} from 'node:tty';
import {currentFolder} from '../../term/folder.js';
import {
  type Become,
  encodeFrame,
  frameReader,
  type Kind,
  kinds,
  type Request,
  type Signal,
  signals,
} from './protocol.js';

const CHUNK = 64 * 1024;
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
/** Of a program that SIGPIPE has ended, as shells show it. */
const BROKEN_PIPE = 141;
const NO_SESSION = 2;
const SESSION_ENDED = 1;

/** Runs the command in the session; resolves never: the process ends. `local` is for what the server sends back to be done here. */
export function runClient(path: string, tool: string, argv: readonly string[], local: () => void): void {
  const socket = connect(path);
  let over = false;
  const end = (code: number) => {
    over = true;
    process.exit(code);
  };
  const leave = () => {
    over = true;
    for (const signal of signals) process.removeListener(signal, forward);
    socket.destroy();
  };
  const lost = (message: string, code: number) => {
    if (over) return;
    put(STDERR, Buffer.from(`wirelay: ${message}\n`));
    end(code);
  };
  const send = (kind: Kind, body: Uint8Array) => socket.write(encodeFrame(kind, body));
  socket.on('error', ({code}: NodeJS.ErrnoException) =>
    code === 'ENOENT' || code === 'ECONNREFUSED'
      ? lost(`there is no session at ${path}: it has ended`, NO_SESSION)
      : lost('the session has ended', SESSION_ENDED),
  );
  socket.on('close', () => lost('the session has ended', SESSION_ENDED));
  send(kinds.run, Buffer.from(JSON.stringify(requestOf(tool, argv))));
  const forward = (signal: NodeJS.Signals) => void send(kinds.signal, Buffer.from(signal));
  for (const signal of signals) process.on(signal, forward);
  socket.on(
    'data',
    frameReader((kind, body) => {
      switch (kind) {
        case kinds.stdout:
          if (!put(STDOUT, body)) end(BROKEN_PIPE);
          break;
        case kinds.stderr:
          put(STDERR, body);
          break;
        case kinds.wantInput:
          readInput(socket);
          break;
        case kinds.exit:
          end(Number(text(body)));
          break;
        case kinds.die: {
          const signal = text(body) as Signal;
          process.removeAllListeners(signal);
          process.kill(process.pid, signal);
          break;
        }
        case kinds.become:
          leave();
          become(JSON.parse(text(body)) as Become);
          break;
        case kinds.local:
          leave();
          local();
      }
    }),
  );
}

function requestOf(tool: string, argv: readonly string[]): Request {
  const outIsTty = isatty(STDOUT);
  return {
    tool,
    argv,
    cwd: currentFolder(),
    env: process.env,
    stdin: {isTty: isatty(STDIN)},
    stdout: {isTty: outIsTty, columns: outIsTty ? process.stdout.columns || 80 : 80},
    stderr: {isTty: isatty(STDERR)},
  };
}

/** A program in a pod: one of this machine, whose network tools look from there. */
function become({words: [name = '', ...argv], env}: Become): void {
  // loaded here, since hardly any command needs it
  const {spawn} = require('node:child_process') as typeof import('node:child_process');
  const child = spawn(name, argv, {stdio: 'inherit', env: {...process.env, ...env}});
  for (const signal of signals) process.on(signal, () => {});
  child.on('error', () => process.exit(127));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** One read of standard input, and no more: what the tool does not ask for stays for the next command of the script. */
function readInput(socket: Socket): void {
  const buffer = new Uint8Array(CHUNK);
  read(STDIN, buffer, 0, CHUNK, null, (error, length) => {
    if (error?.code === 'EAGAIN') setTimeout(() => readInput(socket), 10);
    else if (!socket.destroyed)
      socket.write(encodeFrame(kinds.input, error ? new Uint8Array(0) : buffer.subarray(0, length)));
  });
}

/** All of it, whatever mode the descriptor is in; false: the reader has gone. */
function put(fd: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return true;
}
