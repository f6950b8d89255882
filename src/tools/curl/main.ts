/** `curl` as curl 7.88.1 has it, for HTTP from a pod or a node over the simulated network. */
import {readFileSync, writeFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {connectSocket} from '../../datapath/run/socket-lb.js';
import {closeTcp, openTcp, writeTcp} from '../../datapath/run/tcp.js';
import type {TcpConnection} from '../../datapath/run/tcp-state.js';
import {type Network, openNetwork} from '../../session/network.js';
import {takeSessionOptions} from '../../session/options.js';
import {createSession, type Session} from '../../session/session.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitize, sanitizeBlock} from '../../term/sanitize.js';
import {formatIp, type Ip, parseIp} from '../../wire/addr.js';
import {resolveHost} from '../common/resolve.js';
import {CurlExit, type CurlOptions, helpText, parseCurl, versionText} from './argv.js';
import {expandUrl} from './glob.js';
import {progressEnd, progressStart} from './progress.js';
import {parseResponse, parseUrl, type ResponseHead, requestHead, type Url} from './request.js';
import {type Transfer, writeOut} from './write-out.js';

/** libcurl's own limit on a connection attempt, s. */
const CONNECT_LIMIT = 300;

export const curlMain: ToolMain = async (argv, io) => {
  const {options: sessionOptions, rest} = takeSessionOptions(argv);
  let options: CurlOptions;
  try {
    const command = parseCurl(rest, (path) => readData(path, io));
    if (command.kind !== 'run') {
      io.stdout.write(command.kind === 'help' ? helpText : versionText);
      return 0;
    }
    ({options} = command);
  } catch (error) {
    if (!(error instanceof CurlExit)) throw error;
    io.stderr.write(
      `${error.message === '' || error.isSilent ? '' : `${error.message.startsWith('Warning: ') ? '' : 'curl: '}${sanitizeBlock(error.message)}\n`}${error.isUsage ? "curl: try 'curl --help' or 'curl --manual' for more information\n" : ''}`,
    );
    return error.exitCode;
  }
  const session = await createSession(sessionOptions, io);
  const network = await openNetwork(session, io);
  let code = 0;
  for (const [index, text] of options.urls.entries()) {
    const urls = globbed(options, text, io);
    if (!urls) code = 3;
    for (const url of urls ?? []) code = await transfer(session, network, {...options, index}, url, io);
  }
  return code;
};

/** A file of -d; undefined where it can't be read, which is told and makes an empty body. */
function readData(path: string, io: Io): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(resolve(io.cwd, path));
  } catch {
    io.stderr.write(`Warning: Couldn't read data from file "${sanitize(path)}", this makes an empty POST.\n`);
    return undefined;
  }
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    throw new CurlExit(`${path}: only text can be sent by this simulation`, 2);
  }
}

/** Undefined: the pattern is wrong, which is told. */
function globbed({globOff, showError}: CurlOptions, url: string, io: Io): string[] | undefined {
  try {
    return globOff ? [url] : expandUrl(url);
  } catch (error) {
    if (!(error instanceof CurlExit)) throw error;
    if (showError) io.stderr.write(`curl: (${error.exitCode}) ${sanitizeBlock(error.message)}\n`);
    return undefined;
  }
}

/** -O: behind the last slash of the path; '' where nothing is. */
function remoteName({remoteName}: CurlOptions, url: string): string | undefined {
  if (!remoteName) return undefined;
  const path = url.replace(/^[a-z]+:\/\//i, '').replace(/[?#].*$/, '');
  return path.includes('/') ? path.slice(path.lastIndexOf('/') + 1) : '';
}

/** State of one transfer. Times are virtual, ns. */
interface Work {
  readonly options: CurlOptions;
  readonly url: Url;
  readonly start: number;
  readonly network: Network;
  readonly io: Io;
  ip: Ip | undefined;
  connection: TcpConnection | undefined;
  looked: number;
  connected: number;
  first: number;
  requestBytes: number;
  head: ResponseHead | undefined;
  bytes: Uint8Array;
}

/** One URL; its exit code. */
async function transfer(
  session: Session,
  network: Network,
  options: CurlOptions & {readonly index: number},
  text: string,
  io: Io,
): Promise<number> {
  const file = options.outputs[options.index] ?? remoteName(options, text);
  const meter = !options.silent && (file !== undefined ? file !== '-' : !io.stdout.isTty);
  let work: Work | undefined;
  let failure: CurlExit | undefined;
  try {
    if (file === '') {
      io.stderr.write('curl: Remote file name has no length!\n');
      throw new CurlExit('Failed writing received data to disk/application', 23);
    }
    const url = parseUrl(text);
    const start = network.run.now;
    work = {
      ...{options, url, start, network, io, ip: undefined, connection: undefined, looked: 0, connected: 0},
      ...{first: 0, requestBytes: 0, head: undefined, bytes: new Uint8Array(0)},
    };
    tellResolved(options, url, io);
    if (meter) io.stderr.write(progressStart);
    await lookUp(session, work);
    await exchange(work);
    if (options.fail && (work.head?.status ?? 0) >= 400)
      throw new CurlExit(`The requested URL returned error: ${work.head?.status}`, 22);
    deliver(work, file);
  } catch (error) {
    if (!(error instanceof CurlExit)) throw error;
    failure = error;
  }
  const total = work ? (network.run.now - work.start) / 1e9 : 0;
  const body = work?.head ? work.bytes.length - work.head.end : 0;
  if (work && meter && failure?.exitCode !== 6)
    io.stderr.write(progressEnd(body, uploaded(options), total, work.head?.stated));
  if (work && options.verbose)
    io.stderr.write(failure ? '* Closing connection 0\n' : `* Connection #0 to host ${work.url.host} left intact\n`);
  if (options.writeOut !== undefined)
    printVariables(options.writeOut, outcome(work, options, text, failure, total, body, file), io);
  if (failure && options.showError) io.stderr.write(`curl: (${failure.exitCode}) ${sanitize(failure.message)}\n`);
  return failure?.exitCode ?? 0;
}

/** -v tells what --resolve put into the cache, and that this host is there. */
function tellResolved({resolve, verbose}: CurlOptions, {host, port}: Url, io: Io): void {
  if (!verbose) return;
  for (const [key, address] of resolve) io.stderr.write(`* Added ${sanitize(`${key}:${address}`)} to DNS cache\n`);
  if (resolve.has(`${host}:${port}`)) io.stderr.write(`* Hostname ${sanitize(host)} was found in DNS cache\n`);
}

function uploaded({body}: CurlOptions): number {
  return body === undefined ? 0 : new TextEncoder().encode(body).length;
}

async function lookUp(session: Session, work: Work): Promise<void> {
  const {url, network, options} = work;
  const host = url.host.replace(/^\[(.*)\]$/, '$1');
  const told = options.resolve.get(`${host}:${url.port}`) ?? options.resolve.get(`*:${url.port}`);
  work.ip = told === undefined ? await resolveHost(session, network, host, options.family) : parseIp(told);
  work.looked = network.run.now;
  if (work.ip !== undefined) return;
  if (options.verbose) work.io.stderr.write(`* Could not resolve host: ${sanitize(host)}\n`);
  throw new CurlExit(`Could not resolve host: ${host}`, 6);
}

/** Connects, asks, reads; throws a CurlExit. */
async function exchange(work: Work): Promise<void> {
  const {url, network, options, io} = work;
  const {ns, run} = network;
  const say = (text: string) => {
    if (options.verbose) io.stderr.write(text);
  };
  const ip = work.ip as Ip;
  const address = formatIp(ip);
  const bracketed = address.includes(':') ? `[${address}]` : address;
  const head = requestHead(url, options);
  const request = new TextEncoder().encode(head + (options.body ?? ''));
  const isHead = options.head;
  say(`*   Trying ${bracketed}:${url.port}...\n`);
  const began = run.now;
  const elapsed = (from: number) => Math.floor((run.now - from) / 1e6);
  const noConnection = (code: number, why: string, reason?: string) => {
    if (reason !== undefined) say(`* connect to ${address} port ${url.port} failed: ${reason}\n`);
    const message = `Failed to connect to ${url.host} port ${url.port} after ${elapsed(began)} ms: ${why}`;
    say(`* ${message}\n`);
    return new CurlExit(message, code);
  };
  const failure = await network.until<CurlExit | undefined>((end) => {
    const to = connectSocket(ns, 'tcp', ip, url.port);
    const finish = (error?: CurlExit) => {
      for (const cancel of timers) cancel();
      if (work.connection) closeTcp(work.connection);
      end(error);
    };
    const timers: (() => void)[] = [];
    const connectLimit = options.connectTimeout > 0 ? options.connectTimeout : CONNECT_LIMIT;
    timers.push(
      network.after(connectLimit * 1e9, () => {
        if (work.connected > 0) return;
        const message = `Connection timed out after ${elapsed(work.start)} milliseconds`;
        say(`* ${message}\n`);
        finish(new CurlExit(message, 28));
      }),
    );
    if (options.maxTime > 0)
      timers.push(
        network.after(Math.max(0, options.maxTime * 1e9 - (began - work.start)), () => {
          const got = work.head ? work.bytes.length - work.head.end : 0;
          const message =
            work.connected > 0
              ? `Operation timed out after ${elapsed(work.start)} milliseconds with ${got} ${work.head?.length === undefined ? 'bytes' : `out of ${work.head.length} bytes`} received`
              : `Connection timed out after ${elapsed(work.start)} milliseconds`;
          say(`* ${message}\n`);
          finish(new CurlExit(message, 28));
        }),
      );
    const done = () => {
      if (!work.head) return finish(work.bytes.length === 0 ? new CurlExit('Empty reply from server', 52) : undefined);
      const missing = (work.head.length ?? 0) - (work.bytes.length - work.head.end);
      finish(missing > 0 ? new CurlExit(`transfer closed with ${missing} bytes remaining to read`, 18) : undefined);
    };
    const connection =
      to &&
      openTcp(ns, to.ip, to.port, {
        connected(c) {
          work.connected = run.now;
          say(`* Connected to ${url.host} (${address}) port ${url.port} (#0)\n`);
          if (url.isSecure) return finish(new CurlExit('https: connected, but there is no TLS in this simulation', 2));
          if (options.user !== undefined)
            say(`* Server auth using Basic with user '${sanitize(options.user.replace(/:.*/s, ''))}'\n`);
          say(prefixed('> ', head));
          if (uploaded(options) > 0 && !io.stdout.isTty) say(`} [${uploaded(options)} bytes data]\n`);
          work.requestBytes = request.length;
          writeTcp(c, request);
        },
        received(_c, bytes, start, stop) {
          if (work.first === 0) work.first = run.now;
          const grown = new Uint8Array(work.bytes.length + stop - start);
          grown.set(work.bytes);
          grown.set(bytes.subarray(start, stop), work.bytes.length);
          work.bytes = grown;
          try {
            const known = work.head;
            work.head ??= parseResponse(grown, isHead);
            if (work.head && !known) say(prefixed('< ', `${work.head.lines.join('\r\n')}\r\n\r\n`));
            const got = work.head ? grown.length - work.head.end : 0;
            if (work.head && got > 0 && !io.stdout.isTty) say(`{ [${Math.min(stop - start, got)} bytes data]\n`);
            if (work.head?.length !== undefined && got >= work.head.length) done();
          } catch (error) {
            if (error instanceof CurlExit) finish(error);
            else throw error;
          }
        },
        peerClosed: done,
        failed(_c, why) {
          if (why === 'reset') finish(new CurlExit('Recv failure: Connection reset by peer', 56));
          else if (why === 'timeout' && work.connected > 0)
            finish(new CurlExit('Recv failure: Connection timed out', 56));
          else if (why === 'timeout') finish(noConnection(28, 'Timeout was reached', 'Connection timed out'));
          else
            finish(
              noConnection(
                7,
                "Couldn't connect to server",
                why === 'refused' ? 'Connection refused' : 'No route to host',
              ),
            );
        },
      });
    if (connection) work.connection = connection;
    else finish(noConnection(7, "Couldn't connect to server", 'Network is unreachable'));
  });
  if (failure) throw failure;
}

/** Each line of a head with its sign and its carriage return, as -v shows it. */
function prefixed(sign: string, head: string): string {
  return head
    .slice(0, -2)
    .split('\r\n')
    .map((line) => `${sign}${sanitize(line)}\r\n`)
    .join('');
}

function deliver({head, bytes, options, io}: Work, file: string | undefined): void {
  const {dumpHeader} = options;
  if (dumpHeader !== undefined) give(io, dumpHeader, bytes.subarray(0, head?.end ?? 0));
  const from = options.include || options.head ? 0 : (head?.end ?? 0);
  give(io, file ?? '-', bytes.subarray(from));
}

function give(io: Io, file: string, bytes: Uint8Array): void {
  if (file === '-') {
    io.stdout.writeBytes(bytes);
    return;
  }
  try {
    writeFileSync(resolve(io.cwd, file), bytes);
  } catch {
    throw new CurlExit('Failure writing output to destination', 23);
  }
}

function printVariables(format: string, transfer: Transfer, io: Io): void {
  for (const {stream, text} of writeOut(format, transfer)) {
    io[stream].write(stream === 'stderr' ? sanitizeBlock(text) : text);
    io.stdout.flush();
  }
}

function outcome(
  work: Work | undefined,
  options: CurlOptions & {readonly index: number},
  text: string,
  failure: CurlExit | undefined,
  total: number,
  body: number,
  file: string | undefined,
): Transfer {
  const since = (time: number) => (work && time > 0 ? (time - work.start) / 1e9 : 0);
  const open = (work?.connected ?? 0) > 0 ? work : undefined;
  return {
    given: text,
    url: work?.url.text ?? text,
    index: options.index,
    referer: options.referer ?? '',
    method: options.method ?? (options.head ? 'HEAD' : options.body === undefined ? 'GET' : 'POST'),
    status: work?.head?.status ?? 0,
    contentType: work?.head?.contentType ?? '',
    remote: open?.ip === undefined ? undefined : {ip: formatIp(open.ip), port: open.url.port},
    local: open?.connection && {ip: formatIp(open.connection.local), port: open.connection.localPort},
    headerBytes: work?.head?.end ?? 0,
    bodyBytes: body,
    requestBytes: work?.requestBytes ?? 0,
    uploadBytes: work?.head ? uploaded(options) : 0,
    lookup: since(work?.looked ?? 0),
    connect: since(work?.connected ?? 0),
    pretransfer: since(work?.connected ?? 0),
    starttransfer: since(work?.first ?? 0),
    total,
    exitCode: failure?.exitCode ?? 0,
    error: failure?.message ?? '',
    file: file ?? '',
  };
}
