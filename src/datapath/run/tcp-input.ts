/** What arrives for a TCP connection: segments, ICMP errors, the end of a timer. RFC 9293 §3.10.7, RFC 6298. */
import {isIp4} from '../../wire/addr.js';
import {get32} from '../../wire/bytes.js';
import {
  TCP_ACK,
  TCP_FIN,
  TCP_HEADER,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  tcpAcknowledgment,
  tcpHeaderLength,
  tcpOptions,
  tcpSequence,
  tcpWindow,
} from '../../wire/tcp.js';
import type {ReceivedError} from './icmp.js';
import type {SimSkb} from './skb.js';
import {
  armTimer,
  pushData,
  queueTimer,
  segmentSize,
  sendSegment,
  type TcpConnection,
  TIMESTAMP_OPTION,
  timestampOf,
} from './tcp-state.js';

const MIN_TIMEOUT = 200e6;
/** net.ipv4.tcp_syn_retries, tcp_synack_retries, tcp_retries2. */
const SYN_RETRIES = 6;
const SYNACK_RETRIES = 5;
const DATA_RETRIES = 15;
const DELAYED_ACK = 40e6;
const TIME_WAIT = 60e9;
const NEVER = Number.POSITIVE_INFINITY;

export function sendAck(c: TcpConnection): void {
  sendSegment(c, TCP_ACK, c.nxt, 0);
}

/** What a SYN tells: sequence, window, options. */
export function readSyn(c: TcpConnection, b: Uint8Array, o: number): void {
  c.irs = tcpSequence(b, o);
  c.received = 1;
  c.window = tcpWindow(b, o);
  for (const option of tcpOptions(b, o)) {
    if (option.kind === 'mss') c.peerMss = option.mss;
    else if (option.kind === 'wscale') c.peerScale = option.shift;
    else if (option.kind === 'timestamps') c.recentTimestamp = option.value;
  }
}

/** A segment for a connection that exists, TCP header at `o`. Leaves the skb alone. */
export function segmentArrives(c: TcpConnection, skb: SimSkb, o: number, flags: number): void {
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

/** The retransmission timer has run off. */
export function timerFired(c: TcpConnection): void {
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
export function icmpReceived(c: TcpConnection, error: ReceivedError): void {
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
