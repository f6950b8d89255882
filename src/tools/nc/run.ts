/** A netcat's work: each port tried in order; standard input to the peer, what it answers to standard output. */
import type {Network} from '../../session/network.js';
import type {Io} from '../../term/io.js';
import type {Ip} from '../../wire/addr.js';
import type {NcOptions} from './argv.js';
import {connectTcp, connectUdp, type Failure, type Peer} from './peer.js';
import {failed, succeeded} from './print.js';

const SECOND = 1e9;
/** Exit code after SIGINT. */
const INTERRUPTED = 130;
/** How often -z and -v ask a UDP port without -w (UDP_SCAN_TIMEOUT). */
const UDP_PROBES = 3;
/** Without a session nobody is waiting: silence of this length ends what the real one would wait for. */
const SILENCE = 60 * SECOND;

export interface NcWork {
  readonly network: Network;
  readonly options: NcOptions;
  readonly ip: Ip;
  readonly io: Io;
  /** In a session: time passes while the user types. */
  readonly isLive: boolean;
}

/** All ports; exit code 0 where one of them took the connection. */
export async function runNc(work: NcWork): Promise<number> {
  const {options, io, ip} = work;
  let code = 1;
  for (const port of options.ports) {
    const peer = options.udp ? connectUdp(work.network, ip, port) : await tcpPeer(work, port);
    if (peer === INTERRUPTED) return INTERRUPTED;
    if ('how' in peer) {
      if (options.verbose) io.stderr.write(failed(options, ip, port, peer.how));
      continue;
    }
    try {
      code = await converse(work, peer, port);
      if (code === INTERRUPTED) return code;
    } finally {
      work.network.act(() => peer.close());
    }
  }
  return code;
}

function tcpPeer({network, options, ip}: NcWork, port: number): Promise<Peer | Failure | typeof INTERRUPTED> {
  const limit = options.timeout === undefined ? undefined : options.timeout * SECOND;
  return connectTcp<typeof INTERRUPTED>(network, ip, port, limit, () => INTERRUPTED);
}

async function converse(work: NcWork, peer: Peer, port: number): Promise<number> {
  const {options, io, ip} = work;
  if (options.udp && (options.scan || options.verbose)) {
    const code = await probe(work, peer);
    if (code !== 0) return code;
  }
  if (options.verbose) io.stderr.write(succeeded(options, ip, port));
  return options.scan ? 0 : exchange(work, peer);
}

/** udptest(): an X now and then, in the hope of an error. */
function probe({network, options}: NcWork, peer: Peer): Promise<number> {
  const letter = Uint8Array.of(0x58);
  let left = options.timeout ?? UDP_PROBES;
  return network.until<number>(
    (end) => {
      const again = () => {
        if (peer.refused) return end(1);
        peer.send(letter);
        if (left-- === 0) return end(0);
        network.after(SECOND, again);
      };
      peer.send(letter);
      again();
    },
    () => INTERRUPTED,
  );
}

/** readwrite(). */
async function exchange(work: NcWork, peer: Peer): Promise<number> {
  const {network, options, io, isLive} = work;
  const before = isLive || options.detached ? [] : await readAll(io);
  let isOver = false;
  const code = await network.until<number>(
    (end) => {
      let inputEnded = options.detached;
      let peerEnded = false;
      let received = 0;
      let cancelSilence = () => {};
      const heard = () => {
        cancelSilence();
        if (options.timeout !== undefined) cancelSilence = network.after(options.timeout * SECOND, () => end(0));
        else if (!isLive)
          cancelSilence = network.after(SILENCE, () => {
            io.stdout.flush();
            io.stderr.write('wirelay: nothing more comes: -N closes our half at the end of input, -w ends a silence\n');
            end(0);
          });
      };
      const endInput = () => {
        inputEnded = true;
        const {quit} = options;
        if (options.shutdown || (quit !== undefined && quit >= 0)) peer.shutdown();
        if (peerEnded) end(0);
        else if (quit !== undefined && quit >= 0) network.after(quit * SECOND, () => end(0));
      };
      heard();
      peer.listen({
        received(bytes) {
          heard();
          io.stdout.writeBytes(bytes);
          io.stdout.flush();
          received++;
          if (received === options.receive || io.stdout.closed) end(0);
        },
        closed() {
          peerEnded = true;
          if (inputEnded) end(0);
        },
      });
      const write = (bytes: Uint8Array) => {
        heard();
        peer.send(options.crlf ? withCarriageReturns(bytes) : bytes);
      };
      const pump = async () => {
        for (;;) {
          const bytes = await io.readInput?.();
          if (isOver) return;
          network.act(() => (bytes ? write(bytes) : endInput()));
          if (!bytes) return;
        }
      };
      if (options.detached) return;
      if (isLive) return void pump();
      before.forEach(write);
      endInput();
    },
    () => INTERRUPTED,
  );
  isOver = true;
  return code;
}

/** All of standard input, before the conversation: without a session the simulated time stands still meanwhile. */
async function readAll(io: Io): Promise<readonly Uint8Array[]> {
  if (!io.readInput) {
    const bytes = io.readStdin();
    return bytes.length > 0 ? [bytes] : [];
  }
  const pieces: Uint8Array[] = [];
  for (let bytes = await io.readInput(); bytes; bytes = await io.readInput()) pieces.push(bytes);
  return pieces;
}

const [CR, LF] = [0x0d, 0x0a];

function withCarriageReturns(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes].flatMap((byte, i) => (byte === LF && bytes[i - 1] !== CR ? [CR, LF] : [byte])));
}
