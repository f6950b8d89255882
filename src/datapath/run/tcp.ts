/** TCP: connections opened, segments received, losses repaired. See `tcp-state.ts` for what a connection holds. */
import {type Ip, isIp4} from '../../wire/addr.js';
import {get16, get32, set16, set32} from '../../wire/bytes.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {IPV4_DONT_FRAGMENT, IPV4_HEADER, ipv4Destination, ipv4Source, writeIpv4} from '../../wire/ipv4.js';
import {IPV6_HEADER, ipv6Destination, ipv6Source, writeIpv6} from '../../wire/ipv6.js';
import {fillL4Checksum, PROTO_TCP} from '../../wire/l4.js';
import {
  checkTcp,
  TCP_ACK,
  TCP_FIN,
  TCP_HEADER,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  tcpAcknowledgment,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpOptions,
  tcpSequence,
  tcpSourcePort,
  tcpWindow,
} from '../../wire/tcp.js';
import {ByteQueue} from './byte-queue.js';
import {discard} from './device.js';
import {flowLabel} from './flow.js';
import type {ReceivedError} from './icmp.js';
import {ipOutput} from './ip-output.js';
import {Due} from './queue.js';
import {routeTo} from './route.js';
import {listens} from './servers.js';
import type {SimSkb} from './skb.js';
import {type Dev, type Dst, type Ns, nextPacket} from './state.js';
import {serverApplication} from './tcp-server.js';
import {
  armTimer,
  headerRoom,
  initialWindow,
  pushData,
  queueTimer,
  segmentSize,
  sendSegment,
  type TcpApplication,
  type TcpConnection,
  TIMESTAMP_OPTION,
  timestampOf,
} from './tcp-state.js';
import {ephemeralPort} from './udp.js';

const FIRST_TIMEOUT = 1e9;
const MIN_TIMEOUT = 200e6;
/** net.ipv4.tcp_syn_retries, tcp_synack_retries, tcp_retries2. */
const SYN_RETRIES = 6;
const SYNACK_RETRIES = 5;
const DATA_RETRIES = 15;
const DELAYED_ACK = 40e6;
const QUICK_ACKS = 16;
const INITIAL_SEGMENTS = 10;
const TIME_WAIT = 60e9;
const NEVER = Number.POSITIVE_INFINITY;

/** Opens a connection: sends the SYN. Undefined: network unreachable. */
export function openTcp(ns: Ns, remote: Ip, remotePort: number, app: TcpApplication): TcpConnection | undefined {
  const dst = routeTo(ns, remote);
  if (!dst) return undefined;
  ns.tcp.expire(ns.run.now);
  const localPort = ephemeralPort(
    ns,
    (port) => ns.tcp.uses(port) || (listens(ns, port) === true && ns.kind === 'host'),
  );
  const c = newConnection(ns, dst, dst.source, localPort, remote, remotePort, app, true);
  ns.tcp.add(c);
  sendSegment(c, TCP_SYN, 0, 0);
  c.nxt = 1;
  armTimer(c);
  return c;
}

function newConnection(
  ns: Ns,
  dst: Dst,
  local: Ip,
  localPort: number,
  remote: Ip,
  remotePort: number,
  app: TcpApplication,
  client: boolean,
): TcpConnection {
  const {run} = ns;
  const mss = dst.mtu - headerRoom(remote);
  const c: TcpConnection = {
    ns,
    dst,
    local,
    localPort,
    remote,
    remotePort,
    app,
    client,
    state: client ? 'syn-sent' : 'syn-received',
    iss: run.random.next(),
    irs: 0,
    una: 0,
    nxt: 0,
    queue: new ByteQueue(),
    closing: false,
    finSent: false,
    received: 0,
    window: 0,
    peerScale: 0,
    peerMss: 536,
    congestionWindow: INITIAL_SEGMENTS * mss,
    ownWindow: initialWindow(client ? mss : mss - TIMESTAMP_OPTION),
    advertised: 0,
    id: run.random.next() & 0xffff,
    timestampBase: run.random.next(),
    recentTimestamp: 0,
    timeout: FIRST_TIMEOUT,
    retries: 0,
    deadline: NEVER,
    smoothedRtt: 0,
    rttVariance: 0,
    retransmit: new Due<SimSkb>(() => timerFired(c)),
    timerQueued: false,
    unacked: 0,
    quickAcks: QUICK_ACKS,
    ackDeadline: NEVER,
    delayedAck: new Due<SimSkb>(() => {
      if (c.ackDeadline <= run.now && c.state !== 'closed') sendAck(c);
    }),
    error: (error) => icmpReceived(c, error),
  };
  return c;
}

/** The process writes; what fits the windows goes out at once. */
export function writeTcp(c: TcpConnection, bytes: Uint8Array, start = 0, end = bytes.length): void {
  c.queue.append(bytes, start, end);
  pushData(c);
}

/** The process closes its end: FIN behind what is written. */
export function closeTcp(c: TcpConnection): void {
  c.closing = true;
  pushData(c);
}

function sendAck(c: TcpConnection): void {
  sendSegment(c, TCP_ACK, c.nxt, 0);
}

/** The process has read on: tells the peer when its window had nearly closed. */
export function updateWindow(c: TcpConnection): void {
  const size = segmentSize(c);
  const now = c.ownWindow - (c.app.backlog?.(c) ?? 0);
  if (c.state === 'established' && c.advertised < 2 * size && now - c.advertised >= 2 * size) sendAck(c);
}

/** A segment for this namespace, TCP header at `o`. Takes the skb. */
export function tcpReceive(dev: Dev, skb: SimSkb, ip: number, o: number): void {
  const {ns} = dev;
  const {buf} = skb;
  if (!checkTcp(buf, o, skb.end).ok) return void discard(dev, skb, 'truncated TCP header');
  const four = buf[ip]! >>> 4 === 4;
  const remote = four ? ipv4Source(buf, ip) : ipv6Source(buf, ip);
  const port = tcpDestinationPort(buf, o);
  const known = ns.tcp.find(remote, port, tcpSourcePort(buf, o));
  const flags = tcpFlags(buf, o);
  const reopened = known?.state === 'time-wait' && (flags & TCP_SYN) !== 0;
  if (known && reopened) ns.tcp.remove(known);
  if (known && !reopened) segmentArrives(known, skb, o, flags);
  else if ((flags & (TCP_SYN | TCP_ACK | TCP_RST)) === TCP_SYN && listens(ns, port)) accept(ns, skb, ip, o, remote);
  else if ((flags & TCP_RST) === 0) sendReset(ns, skb, ip, o, remote, flags);
  ns.run.pool.release(skb);
}

function accept(ns: Ns, skb: SimSkb, ip: number, o: number, remote: Ip): void {
  const {buf} = skb;
  const dst = routeTo(ns, remote);
  if (!dst) return;
  ns.tcp.expire(ns.run.now);
  const local = buf[ip]! >>> 4 === 4 ? ipv4Destination(buf, ip) : ipv6Destination(buf, ip);
  const port = tcpDestinationPort(buf, o);
  const c = newConnection(ns, dst, local, port, remote, tcpSourcePort(buf, o), serverApplication(ns, port), false);
  readSyn(c, buf, o);
  ns.tcp.add(c);
  sendSegment(c, TCP_SYN | TCP_ACK, 0, 0);
  c.nxt = 1;
  armTimer(c);
}

/** What a SYN tells: sequence, window, options. */
function readSyn(c: TcpConnection, b: Uint8Array, o: number): void {
  c.irs = tcpSequence(b, o);
  c.received = 1;
  c.window = tcpWindow(b, o);
  for (const option of tcpOptions(b, o)) {
    if (option.kind === 'mss') c.peerMss = option.mss;
    else if (option.kind === 'wscale') c.peerScale = option.shift;
    else if (option.kind === 'timestamps') c.recentTimestamp = option.value;
  }
}

/** RFC 9293 §3.10.7.1, as Linux writes it: no options, window 0, id 0 with DF. */
function sendReset(ns: Ns, skb: SimSkb, ip: number, o: number, remote: Ip, flags: number): void {
  const dst = routeTo(ns, remote);
  if (!dst) return;
  const {buf, end} = skb;
  const four = isIp4(remote);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const out = ns.run.pool.take(ETH_HEADER + header + TCP_HEADER, nextPacket(ns.run));
  const at = out.start + ETH_HEADER;
  const tcp = at + header;
  const local = four ? ipv4Destination(buf, ip) : ipv6Destination(buf, ip);
  const acked = (flags & TCP_ACK) !== 0;
  const consumed = end - o - tcpHeaderLength(buf, o) + (flags & TCP_SYN ? 1 : 0) + (flags & TCP_FIN ? 1 : 0);
  const [from, to] = [get16(buf, o), get16(buf, o + 2)];
  set16(out.buf, tcp, to);
  set16(out.buf, tcp + 2, from);
  set32(out.buf, tcp + 4, acked ? tcpAcknowledgment(buf, o) : 0);
  set32(out.buf, tcp + 8, acked ? 0 : (tcpSequence(buf, o) + consumed) >>> 0);
  set16(out.buf, tcp + 12, (TCP_HEADER << 10) | TCP_RST | (acked ? 0 : TCP_ACK));
  set16(out.buf, tcp + 14, 0);
  set32(out.buf, tcp + 16, 0);
  out.end = tcp + TCP_HEADER;
  if (four) {
    const fields = {totalLength: out.end - at, flags: IPV4_DONT_FRAGMENT, protocol: PROTO_TCP};
    writeIpv4(out.buf, at, {...fields, source: local as number, destination: remote});
  } else {
    const label = flowLabel(local, remote, PROTO_TCP, to, from);
    const fields = {flowLabel: label, payloadLength: TCP_HEADER, nextHeader: PROTO_TCP};
    writeIpv6(out.buf, at, {...fields, source: local as string, destination: remote});
  }
  fillL4Checksum(out.buf, at, out.end);
  ipOutput(ns, out, dst);
}

function segmentArrives(c: TcpConnection, skb: SimSkb, o: number, flags: number): void {
  const {buf, end} = skb;
  if (c.state === 'syn-sent') return void answerToSyn(c, buf, o, flags);
  if (c.state === 'time-wait') {
    if ((flags & TCP_FIN) !== 0) sendAck(c);
    return;
  }
  const offset = c.received + ((tcpSequence(buf, o) - (c.irs + c.received)) | 0);
  if ((flags & TCP_RST) !== 0) {
    if (offset === c.received) fail(c, c.state === 'syn-received' ? 'refused' : 'reset');
    return;
  }
  if ((flags & TCP_SYN) !== 0) {
    // The SYN again: our SYN-ACK was lost, or the last ACK of the handshake.
    if (c.state === 'syn-received') sendSegment(c, TCP_SYN | TCP_ACK, 0, 0);
    else sendAck(c);
    return;
  }
  if ((flags & TCP_ACK) === 0) return;
  if (offset <= c.received) readTimestamp(c, buf, o);
  acknowledged(c, buf, o);
  if ((c.state as string) === 'closed') return;
  dataArrives(c, buf, o + tcpHeaderLength(buf, o), end, offset, flags);
}

function answerToSyn(c: TcpConnection, b: Uint8Array, o: number, flags: number): void {
  if ((flags & TCP_ACK) === 0 || tcpAcknowledgment(b, o) !== (c.iss + 1) >>> 0) return;
  if ((flags & TCP_RST) !== 0) return void fail(c, 'refused');
  if ((flags & TCP_SYN) === 0) return;
  readSyn(c, b, o);
  c.una = 1;
  c.state = 'established';
  measure(c, b, o);
  stopTimer(c);
  sendAck(c);
  c.app.connected?.(c);
}

function readTimestamp(c: TcpConnection, b: Uint8Array, o: number): void {
  if (tcpHeaderLength(b, o) === TCP_HEADER + TIMESTAMP_OPTION && get32(b, o + TCP_HEADER) === 0x0101080a)
    c.recentTimestamp = get32(b, o + TCP_HEADER + 4);
}

/** The ACK and window of a segment. */
function acknowledged(c: TcpConnection, b: Uint8Array, o: number): void {
  const delta = (tcpAcknowledgment(b, o) - (c.iss + c.una)) | 0;
  c.window = tcpWindow(b, o) << c.peerScale;
  if (delta > 0 && c.una + delta <= c.nxt) {
    const bytes = Math.min(delta - (c.una === 0 ? 1 : 0), c.queue.length);
    c.queue.drop(bytes);
    c.una += delta;
    c.congestionWindow += Math.min(bytes, segmentSize(c));
    c.retries = 0;
    measure(c, b, o);
    if (c.una === c.nxt) stopTimer(c);
    else armTimer(c);
    advance(c);
  }
  if ((c.state as string) === 'closed') return;
  c.app.writable?.(c);
  pushData(c);
}

/** State changes that an ACK of everything sent brings. */
function advance(c: TcpConnection): void {
  if (c.state === 'syn-received') {
    c.state = 'established';
    c.app.connected?.(c);
    return;
  }
  if (!c.finSent || c.una !== c.nxt) return;
  if (c.state === 'fin-wait-1') c.state = 'fin-wait-2';
  else if (c.state === 'closing') enterTimeWait(c);
  else if (c.state === 'last-ack') end(c);
}

/** RFC 6298 from the echoed timestamp. */
function measure(c: TcpConnection, b: Uint8Array, o: number): void {
  const sample =
    tcpHeaderLength(b, o) === TCP_HEADER + TIMESTAMP_OPTION
      ? ((timestampOf(c) - get32(b, o + TCP_HEADER + 8)) | 0) * 1e6
      : 0;
  if (c.smoothedRtt === 0) {
    c.smoothedRtt = Math.max(sample, 1);
    c.rttVariance = sample / 2;
  } else {
    c.rttVariance = 0.75 * c.rttVariance + 0.25 * Math.abs(c.smoothedRtt - sample);
    c.smoothedRtt = 0.875 * c.smoothedRtt + 0.125 * sample;
  }
  c.timeout = c.smoothedRtt + Math.max(MIN_TIMEOUT, 4 * c.rttVariance);
}

function dataArrives(
  c: TcpConnection,
  b: Uint8Array,
  start: number,
  stop: number,
  offset: number,
  flags: number,
): void {
  const length = stop - start;
  const fin = (flags & TCP_FIN) !== 0;
  if (length === 0 && !fin) return;
  // Out of order, or seen before: says again what is expected.
  if (offset > c.received || offset + length + (fin ? 1 : 0) <= c.received) return void sendAck(c);
  const skip = c.received - offset;
  c.received += length - skip;
  c.unacked++;
  if (length > skip) c.app.received(c, b, start + skip, stop);
  if (fin) return void finArrives(c);
  if (c.unacked === 0) return;
  if (c.quickAcks > 0 || c.unacked >= 2) {
    c.quickAcks = Math.max(0, c.quickAcks - 1);
    sendAck(c);
  } else if (c.ackDeadline === NEVER) {
    c.ackDeadline = c.ns.run.now + DELAYED_ACK;
    c.ns.run.agenda.push(c.ackDeadline, c.delayedAck, undefined);
  }
}

function finArrives(c: TcpConnection): void {
  c.received++;
  if (c.state === 'established') {
    c.state = 'close-wait';
    c.app.peerClosed(c);
    // A process that closes at once answers FIN with FIN.
    if (!c.finSent) sendAck(c);
  } else if (c.state === 'fin-wait-1') {
    c.state = 'closing';
    sendAck(c);
  } else {
    sendAck(c);
    if (c.state === 'fin-wait-2') enterTimeWait(c);
  }
}

function enterTimeWait(c: TcpConnection): void {
  c.state = 'time-wait';
  stopTimer(c);
  c.ns.tcp.retire(c, c.ns.run.now + TIME_WAIT);
  c.app.closed?.(c);
}

function end(c: TcpConnection): void {
  c.state = 'closed';
  stopTimer(c);
  c.ns.tcp.remove(c);
  c.app.closed?.(c);
}

function fail(c: TcpConnection, why: 'reset' | 'refused' | 'timeout' | 'unreachable', error?: ReceivedError): void {
  c.state = 'closed';
  stopTimer(c);
  c.ns.tcp.remove(c);
  c.app.failed?.(c, why, error);
}

function stopTimer(c: TcpConnection): void {
  c.deadline = NEVER;
  c.retries = 0;
}

function timerFired(c: TcpConnection): void {
  c.timerQueued = false;
  const {now} = c.ns.run;
  if (c.deadline === NEVER || c.state === 'closed') return;
  if (c.deadline > now) return void queueTimer(c);
  const limit = c.state === 'syn-sent' ? SYN_RETRIES : c.state === 'syn-received' ? SYNACK_RETRIES : DATA_RETRIES;
  if (c.retries >= limit) return void fail(c, 'timeout');
  c.retries++;
  c.congestionWindow = segmentSize(c);
  resend(c);
  armTimer(c);
}

/** The first unacknowledged segment again. */
function resend(c: TcpConnection): void {
  if (c.state === 'syn-sent') return void sendSegment(c, TCP_SYN, 0, 0);
  if (c.state === 'syn-received') return void sendSegment(c, TCP_SYN | TCP_ACK, 0, 0);
  const length = Math.min(segmentSize(c), c.queue.length);
  if (length === 0) return void sendSegment(c, TCP_ACK | TCP_FIN, c.una, 0);
  const last = c.una + length >= c.nxt - (c.finSent ? 1 : 0);
  sendSegment(c, last ? TCP_ACK | TCP_PSH : TCP_ACK, c.una, length);
}

/** tcp_v4_err: fatal while the connection is being opened; a smaller path MTU resends at once. */
function icmpReceived(c: TcpConnection, error: ReceivedError): void {
  if (error.mtu !== undefined) {
    if (c.state !== 'established' && c.state !== 'close-wait' && !c.finSent) return;
    const size = segmentSize(c);
    for (let at = c.una; at < Math.min(c.nxt, c.una + c.queue.length); at += size)
      sendSegment(c, TCP_ACK, at, Math.min(size, c.una + c.queue.length - at));
    return;
  }
  if (c.state !== 'syn-sent') return;
  const four = isIp4(c.remote);
  const portClosed = four
    ? error.type === 3 && (error.code === 3 || error.code === 2)
    : error.type === 1 && error.code === 4;
  fail(c, portClosed ? 'refused' : 'unreachable', error);
}
