/** The outside world of a command that a session's client has started: its streams are on the other side of the socket. */
import type {Socket} from 'node:net';
import type {Io, Output} from '../../term/io.js';
import {wantsColor} from '../../term/process-io.js';
import {encodeFrame, type Kind, kinds, type Request, type Signal} from './protocol.js';

const CHUNK = 64 * 1024;
const encoder = new TextEncoder();

class RemoteOutput implements Output {
  readonly isTty: boolean;
  readonly columns: number;
  private text = '';

  constructor(
    private readonly socket: Socket,
    private readonly kind: Kind,
    {isTty, columns}: {readonly isTty: boolean; readonly columns: number},
    private readonly lineBuffered: boolean,
  ) {
    this.isTty = isTty;
    this.columns = columns;
  }

  get closed(): boolean {
    return this.socket.destroyed || !this.socket.writable;
  }

  write(text: string): void {
    this.text += text;
    if (this.text.length >= CHUNK || (this.lineBuffered && text.endsWith('\n'))) this.flush();
  }

  writeBytes(bytes: Uint8Array): void {
    this.flush();
    this.send(bytes);
  }

  flush(): void {
    if (this.text === '') return;
    const bytes = encoder.encode(this.text);
    this.text = '';
    this.send(bytes);
  }

  private send(bytes: Uint8Array): void {
    if (!this.closed && bytes.length > 0) this.socket.write(encodeFrame(this.kind, bytes));
  }
}

export interface RemoteIo extends Io {
  /** A signal has reached the client. False: no handler, it does what it does by default. */
  signal(name: Signal): boolean;
  /** The client has gone, or the session ends: whoever listens for any signal is told. */
  hangUp(): void;
  /** Bytes of the client's stdin; none: its end. */
  input(bytes: Uint8Array): void;
}

interface Listener {
  readonly handler: (signal: NodeJS.Signals) => void;
  readonly signals: readonly string[];
}

export function remoteIo(socket: Socket, {cwd, env, stdin, stdout, stderr}: Request): RemoteIo {
  const listeners = new Set<Listener>();
  const waiting: ((bytes: Uint8Array | undefined) => void)[] = [];
  let gone = false;
  return {
    stdout: new RemoteOutput(socket, kinds.stdout, stdout, stdout.isTty),
    stderr: new RemoteOutput(socket, kinds.stderr, {...stderr, columns: stdout.columns}, true),
    env,
    cwd,
    stdin,
    color: wantsColor(env, stdout.isTty),
    // whoever may want all of it at once asks for `readInput` first
    readStdin: () => new Uint8Array(0),
    readInput() {
      if (gone) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        waiting.push(resolve);
        socket.write(encodeFrame(kinds.wantInput, new Uint8Array(0)));
      });
    },
    onInterrupt(handler, signals = ['SIGINT']) {
      const listener = {handler, signals};
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    signal(name) {
      const told = [...listeners].filter(({signals}) => signals.includes(name));
      for (const {handler} of told) handler(name);
      return told.length > 0;
    },
    hangUp() {
      gone = true;
      for (const resolve of waiting.splice(0)) resolve(undefined);
      for (const {handler} of [...listeners]) handler('SIGHUP');
    },
    input: (bytes) => waiting.shift()?.(bytes.length === 0 ? undefined : bytes),
  };
}
