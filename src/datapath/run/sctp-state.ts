/**
 * An SCTP association and its packets as Linux sends them: RFC 9260; Linux net/sctp/output.c, outqueue.c, sm_make_chunk.c.
 * One address at each end, one stream.
 *
 * Chunks are counted from the initial TSN, plain numbers that don't wrap: the first is 0.
 *
 *   acknowledged | sent, not acknowledged | may be sent
 *               una                      nxt
 *   queue: from `una` on
 */
import {type Ip, isIp4} from '../../wire/addr.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {IPV4_DONT_FRAGMENT, IPV4_HEADER, writeIpv4} from '../../wire/ipv4.js';
import {IPV6_HEADER, writeIpv6} from '../../wire/ipv6.js';
import {PROTO_SCTP} from '../../wire/l4.js';
import {
  encodeSctpChunk,
  encodeSctpData,
  encodeSctpSack,
  encodeSctpShutdown,
  fillSctpChecksum,
  SCTP_BEGIN,
  SCTP_DATA_HEADER,
  SCTP_END,
  SCTP_HEADER,
  SCTP_SHUTDOWN_ACK,
  writeSctp,
} from '../../wire/sctp.js';
import {flowLabel} from './flow.js';
import type {ReceivedError} from './icmp.js';
import {ipOutput} from './ip-output.js';
import type {Due} from './queue.js';
import type {SimSkb} from './skb.js';
import {type Dst, type Ns, nextPacket} from './state.js';

export type SctpState =
  | 'cookie-wait'
  | 'cookie-echoed'
  | 'established'
  | 'shutdown-pending'
  | 'shutdown-sent'
  | 'shutdown-received'
  | 'shutdown-ack-sent'
  | 'closed';

/** What the process behind an association does. */
export interface SctpApplication {
  connected?(association: SctpAssociation): void;
  /** A whole message. */
  received(association: SctpAssociation, message: Uint8Array): void;
  /** The end, after an orderly shutdown. */
  closed?(association: SctpAssociation): void;
  failed?(association: SctpAssociation, why: 'reset' | 'refused' | 'timeout', error?: ReceivedError): void;
}

/** A DATA chunk of ours. */
interface QueuedChunk {
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** A gap block said that it is there. */
  there: boolean;
  /** When it was sent, ns; NaN once it was sent again, so that no round trip is taken from it (Karn). */
  sentAt: number;
}

/** A DATA chunk of the peer's. */
interface ReceivedChunk {
  readonly flags: number;
  readonly payload: Uint8Array;
}

export interface SctpAssociation {
  readonly ns: Ns;
  dst: Dst;
  readonly local: Ip;
  readonly localPort: number;
  readonly remote: Ip;
  readonly remotePort: number;
  readonly app: SctpApplication;
  state: SctpState;
  /** Verification tags: what we expect, what the peer expects. */
  readonly ownTag: number;
  peerTag: number;
  /** Initial TSNs. */
  readonly firstTsn: number;
  peerFirstTsn: number;
  una: number;
  nxt: number;
  queue: QueuedChunk[];
  /** Of the next message. */
  sequence: number;
  /** The process has closed: SHUTDOWN follows the queue. */
  closing: boolean;
  /** Chunks received in order, those beyond a gap by number, and what has come of an unfinished message. */
  received: number;
  readonly early: Map<number, ReceivedChunk>;
  partial: Uint8Array[];
  /** Whole messages that the process has not got yet. */
  readonly inbox: Uint8Array[];
  /** TSNs that came twice since the last SACK. */
  duplicates: number[];
  /** What the peer has room for, bytes. */
  window: number;
  congestionWindow: number;
  /** The peer's cookie, for COOKIE ECHO again. */
  cookie: Uint8Array | undefined;
  /** IP identification of the next packet. */
  id: number;
  /** Retransmission: current timeout (ns), times it fired in a row, when it is due (Infinity: not armed), estimates. */
  timeout: number;
  retries: number;
  deadline: number;
  smoothedRtt: number;
  rttVariance: number;
  readonly retransmit: Due<SimSkb>;
  /** When the agenda's next entry for `retransmit` is due (Infinity: there is none). */
  timerAt: number;
  /** The next packet with DATA is acknowledged at once; otherwise at this time. */
  sackNow: boolean;
  sackDeadline: number;
  readonly delayedSack: Due<SimSkb>;
  /** ICMP error that quoted a packet of this association. */
  error(error: ReceivedError): void;
}

/** Half of the default receive buffer (net.core.rmem_default), bytes. */
export const OWN_WINDOW = 106_496;
/** net.sctp.rto_max. */
const LONGEST_TIMEOUT = 60e9;
const NEVER = Number.POSITIVE_INFINITY;
/** Every packet says ECT(0): sctp_v4_ecn_capable. */
const ECT0 = 2;
const MAX_PACKET = 65535;

export interface SctpEnds {
  readonly local: Ip;
  readonly localPort: number;
  readonly remote: Ip;
  readonly remotePort: number;
}

/** Sends chunks, each padded, in one packet. A packet too large for the path may be cut into fragments. */
export function sendSctp(
  ns: Ns,
  dst: Dst,
  {local, localPort, remote, remotePort}: SctpEnds,
  tag: number,
  chunks: readonly Uint8Array[],
  id: number,
): void {
  const four = isIp4(remote);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const length = chunks.reduce((sum, {length}) => sum + length, SCTP_HEADER);
  const skb = ns.run.pool.take(ETH_HEADER + header + length, nextPacket(ns.run));
  const {buf} = skb;
  const ip = skb.start + ETH_HEADER;
  const sctp = ip + header;
  skb.end = sctp + length;
  if (four) {
    writeIpv4(buf, ip, {
      tos: ECT0,
      totalLength: header + length,
      id,
      flags: header + length <= dst.mtu ? IPV4_DONT_FRAGMENT : 0,
      protocol: PROTO_SCTP,
      source: local as number,
      destination: remote,
    });
  } else {
    writeIpv6(buf, ip, {
      trafficClass: ECT0,
      flowLabel: flowLabel(local, remote, PROTO_SCTP, localPort, remotePort),
      payloadLength: length,
      nextHeader: PROTO_SCTP,
      source: local as string,
      destination: remote,
    });
  }
  writeSctp(buf, sctp, localPort, remotePort, tag);
  let at = sctp + SCTP_HEADER;
  for (const chunk of chunks) {
    buf.set(chunk, at);
    at += chunk.length;
  }
  fillSctpChecksum(buf, sctp, skb.end);
  ipOutput(ns, skb, dst);
}

/** As `sendSctp`, to the peer. */
export function sendToPeer(a: SctpAssociation, ...chunks: readonly Uint8Array[]): void {
  a.id = (a.id + 1) & 0xffff;
  sendSctp(a.ns, a.dst, a, a.peerTag, chunks, a.id);
}

/** Bytes for chunks in a packet. */
function room(a: SctpAssociation): number {
  return Math.min(a.dst.mtu, MAX_PACKET) - (isIp4(a.remote) ? IPV4_HEADER : IPV6_HEADER) - SCTP_HEADER;
}

/** RFC 9260 §7.2.1. */
export function firstCongestionWindow(dst: Dst): number {
  return Math.min(4 * dst.mtu, Math.max(2 * dst.mtu, 4380));
}

/** The process writes a message: pieces that fit the path, or one chunk. An empty message is none (RFC 9260 §6.2). */
export function writeSctpMessage(a: SctpAssociation, message: Uint8Array): void {
  const most = (room(a) - SCTP_DATA_HEADER) & ~3;
  const sequence = a.sequence;
  a.sequence = (a.sequence + 1) & 0xffff;
  for (let start = 0; start < message.length; start += most) {
    const end = Math.min(start + most, message.length);
    const flags = (start === 0 ? SCTP_BEGIN : 0) | (end === message.length ? SCTP_END : 0);
    a.queue.push({flags, sequence, payload: message.slice(start, end), there: false, sentAt: 0});
  }
  pushChunks(a);
}

/** The process closes: SHUTDOWN when everything is acknowledged. */
export function closeSctp(a: SctpAssociation): void {
  a.closing = true;
  if (a.state === 'established') a.state = 'shutdown-pending';
  finishQueue(a);
}

/** Sends what the windows allow, as many chunks in a packet as fit. */
export function pushChunks(a: SctpAssociation): void {
  if (a.state !== 'established' && a.state !== 'shutdown-pending' && a.state !== 'shutdown-received') return;
  let flight = 0;
  for (const {payload, there} of a.queue.slice(0, a.nxt - a.una)) if (!there) flight += payload.length;
  const most = room(a);
  while (a.nxt < a.una + a.queue.length) {
    // One chunk may always be under way, so that a closed window is probed (§6.1 A).
    const limit = Math.min(a.window, a.congestionWindow);
    const packet: Uint8Array[] = a.sackDeadline < NEVER ? [takeSack(a)] : [];
    let left = most - (packet[0]?.length ?? 0);
    const before = a.nxt;
    while (a.nxt < a.una + a.queue.length) {
      const chunk = a.queue[a.nxt - a.una]!;
      if (chunk.there) {
        a.nxt++;
        continue;
      }
      const size = SCTP_DATA_HEADER + ((chunk.payload.length + 3) & ~3);
      const alone = a.nxt === before;
      if ((flight > 0 && flight + chunk.payload.length > limit) || (!alone && size > left)) break;
      // A piece as large as the path leaves no room for what would go with it.
      if (alone && size > left && packet.length > 0) sendToPeer(a, ...packet.splice(0));
      packet.push(encodeChunk(a, a.nxt, chunk));
      left -= size;
      flight += chunk.payload.length;
      a.nxt++;
    }
    if (packet.length > 0) sendToPeer(a, ...packet);
    if (a.nxt === before) break;
    if (a.deadline === NEVER) armSctpTimer(a);
  }
}

function encodeChunk(a: SctpAssociation, number: number, chunk: QueuedChunk): Uint8Array {
  chunk.sentAt = chunk.sentAt === 0 ? a.ns.run.now : Number.NaN;
  const {flags, sequence, payload} = chunk;
  return encodeSctpData({flags, tsn: (a.firstTsn + number) >>> 0, stream: 0, sequence, payload});
}

/** The queue is empty: what was waiting for that. */
export function finishQueue(a: SctpAssociation): void {
  if (a.queue.length > 0) return;
  if (a.state === 'shutdown-pending') {
    a.state = 'shutdown-sent';
    sendShutdown(a);
    armSctpTimer(a);
  } else if (a.state === 'shutdown-received') {
    a.state = 'shutdown-ack-sent';
    sendToPeer(a, encodeSctpChunk(SCTP_SHUTDOWN_ACK));
    armSctpTimer(a);
  }
}

export function sendShutdown(a: SctpAssociation): void {
  sendToPeer(a, encodeSctpShutdown(cumulativeTsn(a)));
}

function cumulativeTsn(a: SctpAssociation): number {
  return (a.peerFirstTsn + a.received - 1) >>> 0;
}

/** What has come, as a SACK; none is due any more. */
export function takeSack(a: SctpAssociation): Uint8Array {
  const gaps: [number, number][] = [];
  let held = a.partial.reduce((sum, {length}) => sum + length, 0);
  for (const [number, {payload}] of [...a.early].sort(([x], [y]) => x - y)) {
    held += payload.length;
    const offset = number - a.received + 1;
    const last = gaps.at(-1);
    if (last && last[1] === offset - 1) last[1] = offset;
    else gaps.push([offset, offset]);
  }
  const {duplicates} = a;
  a.duplicates = [];
  a.sackNow = false;
  a.sackDeadline = NEVER;
  return encodeSctpSack({
    cumulative: cumulativeTsn(a),
    window: Math.max(0, OWN_WINDOW - held),
    gaps,
    duplicates,
  });
}

/** The retransmission timer runs while something is unacknowledged. */
export function armSctpTimer(a: SctpAssociation): void {
  a.deadline = a.ns.run.now + Math.min(a.timeout * 2 ** a.retries, LONGEST_TIMEOUT);
  queueSctpTimer(a);
}

export function queueSctpTimer(a: SctpAssociation): void {
  if (a.timerAt <= a.deadline) return;
  a.timerAt = a.deadline;
  a.ns.run.agenda.push(a.deadline, a.retransmit, undefined);
}

export function stopSctpTimer(a: SctpAssociation): void {
  a.deadline = NEVER;
  a.retries = 0;
}

/** It is no more, without a word to anybody. */
export function endSctp(a: SctpAssociation): void {
  a.state = 'closed';
  a.deadline = NEVER;
  a.sackDeadline = NEVER;
  a.ns.sctp.remove(a);
}
