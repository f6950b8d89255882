/**
 * A TCP connection, and its segments as Linux writes them. RFC 9293, RFC 7323; Linux net/ipv4/tcp_output.c, tcp_input.c.
 *
 * Stream positions are offsets from the initial sequence number, plain numbers that don't wrap: SYN is 0, the first byte 1.
 *
 *   sent and acknowledged | sent, not acknowledged | may be sent
 *                         una                      nxt
 */
import {type Ip, isIp4} from '../../wire/addr.js';
import {set16, set32} from '../../wire/bytes.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {IPV4_DONT_FRAGMENT, IPV4_HEADER, writeIpv4} from '../../wire/ipv4.js';
import {IPV6_HEADER, writeIpv6} from '../../wire/ipv6.js';
import {fillL4Checksum, PROTO_TCP} from '../../wire/l4.js';
import {TCP_ACK, TCP_FIN, TCP_HEADER, TCP_PSH, TCP_SYN} from '../../wire/tcp.js';
import type {ByteQueue} from './byte-queue.js';
import {flowLabel} from './flow.js';
import type {ReceivedError} from './icmp.js';
import {ipOutput} from './ip-output.js';
import type {Due} from './queue.js';
import type {SimSkb} from './skb.js';
import {type Dst, type Ns, nextPacket} from './state.js';

export type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'closing'
  | 'close-wait'
  | 'last-ack'
  | 'time-wait'
  | 'closed';

/** What the process behind a connection does. */
export interface TcpApplication {
  connected?(connection: TcpConnection): void;
  /** Bytes in order; the view is valid during the call. */
  received(connection: TcpConnection, bytes: Uint8Array, start: number, end: number): void;
  /** The peer will send no more. */
  peerClosed(connection: TcpConnection): void;
  /** Room to send more. */
  writable?(connection: TcpConnection): void;
  /** The end, after an orderly close. */
  closed?(connection: TcpConnection): void;
  failed?(connection: TcpConnection, why: 'reset' | 'refused' | 'timeout' | 'unreachable', error?: ReceivedError): void;
  /** Bytes received that the process has not dealt with: they close the window. */
  backlog?(connection: TcpConnection): number;
}

export interface TcpConnection {
  readonly ns: Ns;
  dst: Dst;
  readonly local: Ip;
  readonly localPort: number;
  readonly remote: Ip;
  readonly remotePort: number;
  readonly app: TcpApplication;
  readonly client: boolean;
  state: TcpState;
  /** Initial sequence number, and the peer's. */
  readonly iss: number;
  irs: number;
  una: number;
  nxt: number;
  /** Bytes from `una` on (from 1 while the SYN is out). */
  readonly queue: ByteQueue;
  /** The process has closed: FIN follows the queue. */
  closing: boolean;
  finSent: boolean;
  /** Next offset expected from the peer. */
  received: number;
  /** Of the peer, bytes. */
  window: number;
  peerScale: number;
  peerMss: number;
  congestionWindow: number;
  /** Window we advertise while nothing waits, and the last one sent. */
  readonly ownWindow: number;
  advertised: number;
  /** IP identification of the next segment. */
  id: number;
  readonly timestampBase: number;
  recentTimestamp: number;
  /** Retransmission: current timeout (ns), times it fired in a row, when it is due (Infinity: not armed), RFC 6298 estimates. */
  timeout: number;
  retries: number;
  deadline: number;
  smoothedRtt: number;
  rttVariance: number;
  readonly retransmit: Due<SimSkb>;
  /** The agenda holds an entry for `retransmit`. */
  timerQueued: boolean;
  /** Segments received since our last ACK, quick ACKs left, and the delayed ACK's time. */
  unacked: number;
  quickAcks: number;
  ackDeadline: number;
  readonly delayedAck: Due<SimSkb>;
  /** ICMP error that quoted a segment of this connection. */
  error(error: ReceivedError, sequence: number): void;
}

export const WINDOW_SCALE = 7;
const MAX_WINDOW = 65535;
/** nop, nop, timestamps. */
export const TIMESTAMP_OPTION = 12;
/** mss, sackOK, timestamps, nop, window scale. */
const SYN_OPTIONS = 20;

/** IPV4_MAX_PMTU: the loopback device has one byte more. */
const MAX_MTU4 = 65535;

/** MSS that fits the path, without options. */
export function pathMss(dst: Dst, remote: Ip): number {
  return isIp4(remote) ? Math.min(dst.mtu, MAX_MTU4) - IPV4_HEADER - TCP_HEADER : dst.mtu - IPV6_HEADER - TCP_HEADER;
}

/** Payload of a full segment now. */
export function segmentSize(c: TcpConnection): number {
  return Math.min(c.peerMss, pathMss(c.dst, c.remote)) - TIMESTAMP_OPTION;
}

/** Whole segments in 64 KiB: what Linux offers at first (tcp_select_initial_window). */
export function initialWindow(segment: number): number {
  return Math.floor(MAX_WINDOW / segment) * segment;
}

/** TS clock: milliseconds from a start of its own. */
export function timestampOf(c: TcpConnection): number {
  return (c.timestampBase + Math.floor(c.ns.run.now / 1e6)) >>> 0;
}

/** Sends one segment with `length` bytes from offset `from`. */
export function sendSegment(c: TcpConnection, flags: number, from: number, length: number): void {
  const {ns, dst, local, remote} = c;
  const syn = (flags & TCP_SYN) !== 0;
  const four = isIp4(remote);
  const ipHeader = four ? IPV4_HEADER : IPV6_HEADER;
  const header = TCP_HEADER + (syn ? SYN_OPTIONS : TIMESTAMP_OPTION);
  const skb = ns.run.pool.take(ETH_HEADER + ipHeader + header + length, nextPacket(ns.run));
  const {buf} = skb;
  const ip = skb.start + ETH_HEADER;
  const tcp = ip + ipHeader;
  skb.end = tcp + header + length;
  writeHeader(c, buf, tcp, header, flags, from, syn);
  writeOptions(c, buf, tcp + TCP_HEADER, syn, (flags & TCP_ACK) !== 0);
  if (length > 0) c.queue.copy(from - Math.max(c.una, 1), length, buf, tcp + header);
  if (four) {
    // A SYN-ACK comes from a request that is no socket yet: id 0 (ip_build_and_send_pkt).
    const id = syn && (flags & TCP_ACK) !== 0 ? 0 : (c.id = (c.id + 1) & 0xffff);
    const totalLength = skb.end - ip;
    writeIpv4(buf, ip, {
      totalLength,
      id,
      flags: IPV4_DONT_FRAGMENT,
      protocol: PROTO_TCP,
      source: local as number,
      destination: remote,
    });
  } else {
    const label = flowLabel(local, remote, PROTO_TCP, c.localPort, c.remotePort);
    const payloadLength = skb.end - tcp;
    writeIpv6(buf, ip, {
      flowLabel: label,
      payloadLength,
      nextHeader: PROTO_TCP,
      source: local as string,
      destination: remote,
    });
  }
  fillL4Checksum(buf, ip, skb.end);
  if ((flags & TCP_ACK) !== 0) {
    c.unacked = 0;
    c.ackDeadline = Number.POSITIVE_INFINITY;
  }
  ipOutput(ns, skb, dst);
}

function writeHeader(
  c: TcpConnection,
  b: Uint8Array,
  o: number,
  header: number,
  flags: number,
  from: number,
  syn: boolean,
): void {
  const window = Math.max(0, c.ownWindow - (c.app.backlog?.(c) ?? 0));
  c.advertised = window;
  set16(b, o, c.localPort);
  set16(b, o + 2, c.remotePort);
  set32(b, o + 4, (c.iss + from) >>> 0);
  set32(b, o + 8, (flags & TCP_ACK) !== 0 ? (c.irs + c.received) >>> 0 : 0);
  set16(b, o + 12, (header << 10) | flags);
  set16(b, o + 14, syn ? Math.min(window, MAX_WINDOW) : Math.ceil(window / 2 ** WINDOW_SCALE));
  set32(b, o + 16, 0);
}

function writeOptions(c: TcpConnection, b: Uint8Array, start: number, syn: boolean, ack: boolean): void {
  let o = start;
  if (syn) {
    set16(b, o, 0x0204);
    set16(b, o + 2, pathMss(c.dst, c.remote));
    set16(b, o + 4, 0x0402);
    o += 6;
  } else {
    set16(b, o, 0x0101);
    o += 2;
  }
  set16(b, o, 0x080a);
  set32(b, o + 2, timestampOf(c));
  set32(b, o + 6, ack ? c.recentTimestamp : 0);
  if (syn) set32(b, o + 10, 0x01030300 + WINDOW_SCALE);
}

/** Offset behind everything the process has written. */
function writtenEnd(c: TcpConnection): number {
  return Math.max(c.una, 1) + c.queue.length;
}

/** Sends what the windows allow: whole segments, the rest where it is the last, then FIN. */
export function pushData(c: TcpConnection): void {
  if (c.finSent || (c.state !== 'established' && c.state !== 'close-wait')) return;
  const end = writtenEnd(c);
  const size = segmentSize(c);
  const limit = c.una + Math.min(c.window, c.congestionWindow);
  while (c.nxt < end) {
    const length = Math.min(size, end - c.nxt, limit - c.nxt);
    if (length <= 0 || (length < size && c.nxt + length < end && c.nxt > c.una)) break;
    const last = c.nxt + length === end;
    sendSegment(c, last ? TCP_ACK | TCP_PSH : TCP_ACK, c.nxt, length);
    c.nxt += length;
    armTimer(c);
  }
  if (!c.closing || c.nxt < end) return;
  c.finSent = true;
  c.state = c.state === 'close-wait' ? 'last-ack' : 'fin-wait-1';
  sendSegment(c, TCP_ACK | TCP_FIN, c.nxt, 0);
  c.nxt++;
  armTimer(c);
}

/** TCP_RTO_MAX. */
const LONGEST_TIMEOUT = 120e9;

/** The retransmission timer runs while something is unacknowledged. */
export function armTimer(c: TcpConnection): void {
  c.deadline = c.ns.run.now + Math.min(c.timeout * 2 ** c.retries, LONGEST_TIMEOUT);
  queueTimer(c);
}

export function queueTimer(c: TcpConnection): void {
  if (c.timerQueued) return;
  c.timerQueued = true;
  c.ns.run.agenda.push(c.deadline, c.retransmit, undefined);
}
