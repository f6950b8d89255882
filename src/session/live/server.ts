/** The session's end of the socket: one connection for each command, run here with the client's arguments and streams. */
import {chmodSync} from 'node:fs';
import {createServer, type Server, type Socket} from 'node:net';
import type {Io} from '../../term/io.js';
import {type Become, encodeFrame, frameReader, kinds, type Request, type Signal} from './protocol.js';
import {type RemoteIo, remoteIo} from './remote-io.js';

/** Runs one command to its exit code; `local`: it concerns files only, the client shall do it itself. */
export type Perform = (request: Request, io: Io) => Promise<number | 'local' | Become>;

export interface SessionServer {
  /** Interrupts what runs, waits a moment for it to finish, closes the socket. */
  close(): Promise<void>;
}

/** Time that commands have for their last words, ms. */
const LAST_WORDS = 1000;

/** Listens on a path that only its owner can open. */
export async function serve(path: string, perform: Perform): Promise<SessionServer> {
  const open = new Map<Socket, RemoteIo | undefined>();
  const server = createServer({allowHalfOpen: false}, (socket) => {
    open.set(socket, undefined);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      const io = open.get(socket);
      open.delete(socket);
      io?.hangUp();
    });
    socket.on(
      'data',
      frameReader((kind, body) => {
        const io = open.get(socket);
        if (kind === kinds.run && !io) begin(socket, body, perform, (made) => open.set(socket, made));
        else if (kind === kinds.signal) signalled(socket, io, body);
        else if (kind === kinds.input) io?.input(body);
      }),
    );
  });
  await listen(server, path);
  return {
    async close() {
      server.close();
      for (const io of open.values()) io?.hangUp();
      const limit = Date.now() + LAST_WORDS;
      while (open.size > 0 && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const socket of open.keys()) socket.destroy();
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // created without a moment at which others could open it
    const mask = process.umask(0o177);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
    process.umask(mask);
  });
}

function begin(socket: Socket, body: Uint8Array, perform: Perform, made: (io: RemoteIo) => void): void {
  let request: Request;
  try {
    request = JSON.parse(Buffer.from(body).toString()) as Request;
  } catch {
    socket.destroy();
    return;
  }
  const io = remoteIo(socket, request);
  made(io);
  void perform(request, io).then(
    (code) => {
      io.stdout.flush();
      io.stderr.flush();
      if (code === 'local') socket.end(encodeFrame(kinds.local, new Uint8Array(0)));
      else if (typeof code === 'object') socket.end(encodeFrame(kinds.become, Buffer.from(JSON.stringify(code))));
      else socket.end(encodeFrame(kinds.exit, Buffer.from(String(code))));
    },
    (error: unknown) => {
      io.stdout.flush();
      io.stderr.write(`wirelay: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      socket.end(encodeFrame(kinds.exit, Buffer.from('70')));
    },
  );
}

function signalled(socket: Socket, io: RemoteIo | undefined, body: Uint8Array): void {
  if (!io?.signal(Buffer.from(body).toString() as Signal)) socket.write(encodeFrame(kinds.die, body));
}
