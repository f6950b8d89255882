/** What arrives for an SCTP association: chunks, ICMP errors, the end of a timer. RFC 9260 §5 to §9; Linux net/sctp/sm_statefuns.c. */
import {isIp4} from '../../wire/addr.js';
import {get32} from '../../wire/bytes.js';
import {
  encodeSctpChunk,
  encodeSctpInit,
  encodeSctpValue,
  readSctpData,
  readSctpInit,
  readSctpSack,
  SCTP_ABORT,
  SCTP_COOKIE_ACK,
  SCTP_COOKIE_ECHO,
  SCTP_DATA,
  SCTP_END,
  SCTP_HEARTBEAT,
  SCTP_HEARTBEAT_ACK,
  SCTP_INIT_ACK,
  SCTP_REFLECTED,
  SCTP_SACK,
  SCTP_SHUTDOWN,
  SCTP_SHUTDOWN_ACK,
  SCTP_SHUTDOWN_COMPLETE,
  type SctpChunk,
  type SctpSack,
  sctpChunks,
  sctpCookie,
  sctpTag,
} from '../../wire/sctp.js';
import type {ReceivedError} from './icmp.js';
import {
  armSctpTimer,
  closeSctp,
  endSctp,
  finishQueue,
  OWN_WINDOW,
  pushChunks,
  queueSctpTimer,
  type SctpAssociation,
  sendShutdown,
  sendToPeer,
  stopSctpTimer,
  takeSack,
} from './sctp-state.js';
import type {SimSkb} from './skb.js';

/** net.sctp.max_init_retransmits, association_max_retrans, rto_min, and the delay of a SACK (sack_timeout). */
const INIT_RETRIES = 8;
const DATA_RETRIES = 10;
const MIN_TIMEOUT = 1e9;
const SACK_DELAY = 200e6;
/** sinit_num_ostreams, sinit_max_instreams. */
export const STREAMS = {outbound: 10, inbound: 65535} as const;
const NEVER = Number.POSITIVE_INFINITY;

export function sendInit(a: SctpAssociation): void {
  const init = {initiateTag: a.ownTag, window: OWN_WINDOW, ...STREAMS, tsn: a.firstTsn};
  sendToPeer(a, encodeSctpInit(init, {families: isIp4(a.remote) ? [5] : [6, 5]}));
}

/** A packet for an association that exists, SCTP header at `o`. Leaves the skb alone. */
export function packetArrives(a: SctpAssociation, {buf, end}: SimSkb, o: number): void {
  const tag = sctpTag(buf, o);
  let hasData = false;
  for (const chunk of sctpChunks(buf, o, end)) {
    if (!tagFits(a, tag, chunk)) return;
    hasData ||= chunk.type === SCTP_DATA;
    chunkArrives(a, buf, chunk);
    if (a.state === 'closed') return;
  }
  if (!hasData) return;
  acknowledge(a);
  for (const message of a.inbox.splice(0)) a.app.received(a, message);
}

/** §8.5, §8.5.1: ABORT and SHUTDOWN COMPLETE may come with the sender's own tag, and say so. */
function tagFits(a: SctpAssociation, tag: number, {type, flags}: SctpChunk): boolean {
  const mayReflect = type === SCTP_ABORT || type === SCTP_SHUTDOWN_COMPLETE;
  return tag === (mayReflect && (flags & SCTP_REFLECTED) !== 0 ? a.peerTag : a.ownTag);
}

function chunkArrives(a: SctpAssociation, b: Uint8Array, chunk: SctpChunk): void {
  const opening = a.state === 'cookie-wait' || a.state === 'cookie-echoed';
  switch (chunk.type) {
    case SCTP_ABORT:
      return void fail(a, opening ? 'refused' : 'reset');
    case SCTP_INIT_ACK:
      if (a.state === 'cookie-wait') initAcknowledged(a, b, chunk);
      return;
    case SCTP_COOKIE_ACK:
      if (a.state === 'cookie-echoed') established(a);
      return;
    case SCTP_HEARTBEAT:
      return void sendToPeer(a, encodeSctpValue(SCTP_HEARTBEAT_ACK, b.slice(chunk.at + 4, chunk.end)));
    case SCTP_DATA:
      if (!opening) dataArrives(a, b, chunk);
      return;
    case SCTP_SACK: {
      const sack = readSctpSack(b, chunk);
      if (sack && !opening) acknowledged(a, sack);
      return;
    }
    case SCTP_SHUTDOWN:
      if (!opening && chunk.end - chunk.at >= 8) shutdownArrives(a, get32(b, chunk.at + 4));
      return;
    case SCTP_SHUTDOWN_ACK:
      if (a.state !== 'shutdown-sent' && a.state !== 'shutdown-ack-sent') return;
      sendToPeer(a, encodeSctpChunk(SCTP_SHUTDOWN_COMPLETE));
      return void over(a);
    case SCTP_SHUTDOWN_COMPLETE:
      if (a.state === 'shutdown-ack-sent') over(a);
  }
}

function initAcknowledged(a: SctpAssociation, b: Uint8Array, chunk: SctpChunk): void {
  const init = readSctpInit(b, chunk);
  const cookie = sctpCookie(b, chunk);
  if (!init || !cookie) return;
  a.peerTag = init.initiateTag;
  a.peerFirstTsn = init.tsn;
  a.window = init.window;
  a.cookie = cookie;
  a.state = 'cookie-echoed';
  stopSctpTimer(a);
  sendToPeer(a, encodeSctpValue(SCTP_COOKIE_ECHO, cookie));
  armSctpTimer(a);
}

function established(a: SctpAssociation): void {
  a.state = 'established';
  stopSctpTimer(a);
  a.app.connected?.(a);
  if (a.closing) closeSctp(a);
}

function dataArrives(a: SctpAssociation, b: Uint8Array, at: SctpChunk): void {
  const chunk = readSctpData(b, at);
  if (!chunk || chunk.payload.length === 0) return;
  const number = a.received + ((chunk.tsn - (a.peerFirstTsn + a.received)) | 0);
  if (number < a.received || a.early.has(number)) {
    a.duplicates.push(chunk.tsn);
    a.sackNow = true;
    return;
  }
  // Beyond what was offered.
  if (number - a.received > OWN_WINDOW) return;
  a.early.set(number, {flags: chunk.flags, payload: chunk.payload.slice()});
  if (number > a.received) a.sackNow = true;
  for (let next = a.early.get(a.received); next; next = a.early.get(a.received)) {
    a.early.delete(a.received);
    a.received++;
    a.partial.push(next.payload);
    if ((next.flags & SCTP_END) !== 0) messageComplete(a);
  }
}

function messageComplete(a: SctpAssociation): void {
  const message = new Uint8Array(a.partial.reduce((sum, {length}) => sum + length, 0));
  let at = 0;
  for (const piece of a.partial) {
    message.set(piece, at);
    at += piece.length;
  }
  a.partial = [];
  a.inbox.push(message);
}

/** The first packet with DATA is acknowledged at once, then every second one, or after a while: sctp_gen_sack. */
function acknowledge(a: SctpAssociation): void {
  if (a.state === 'shutdown-sent') {
    sendToPeer(a, takeSack(a));
    return void sendShutdown(a);
  }
  if (a.sackNow) return void sendToPeer(a, takeSack(a));
  a.sackNow = true;
  a.sackDeadline = a.ns.run.now + SACK_DELAY;
  a.ns.run.agenda.push(a.sackDeadline, a.delayedSack, undefined);
}

/** The SACK timer has run off. */
export function sackDue(a: SctpAssociation): void {
  if (a.sackDeadline <= a.ns.run.now && a.state !== 'closed') sendToPeer(a, takeSack(a));
}

/** §6.2.1, §7.2.1. */
function acknowledged(a: SctpAssociation, {cumulative, window, gaps}: SctpSack): void {
  const upTo = a.una + ((cumulative + 1 - (a.firstTsn + a.una)) | 0);
  if (upTo < a.una || upTo > a.una + a.queue.length) return;
  const done = a.queue.splice(0, upTo - a.una);
  a.una = upTo;
  a.nxt = Math.max(a.nxt, upTo);
  for (const [start, end] of gaps) for (const chunk of a.queue.slice(Math.max(0, start - 1), end)) chunk.there = true;
  a.window = window;
  const last = done.at(-1);
  if (last) {
    const bytes = done.reduce((sum, {payload}) => sum + payload.length, 0);
    a.congestionWindow += Math.min(bytes, a.dst.mtu);
    if (last.sentAt > 0) measure(a, a.ns.run.now - last.sentAt);
    stopSctpTimer(a);
    if (a.queue.length > 0 && a.nxt > a.una) armSctpTimer(a);
  }
  pushChunks(a);
  finishQueue(a);
}

/** §6.3.1. */
function measure(a: SctpAssociation, sample: number): void {
  if (a.smoothedRtt === 0) {
    a.smoothedRtt = Math.max(sample, 1);
    a.rttVariance = sample / 2;
  } else {
    a.rttVariance = 0.75 * a.rttVariance + 0.25 * Math.abs(a.smoothedRtt - sample);
    a.smoothedRtt = 0.875 * a.smoothedRtt + 0.125 * sample;
  }
  a.timeout = Math.max(MIN_TIMEOUT, a.smoothedRtt + 4 * a.rttVariance);
}

function shutdownArrives(a: SctpAssociation, cumulative: number): void {
  acknowledged(a, {cumulative, window: a.window, gaps: [], duplicates: []});
  if (a.state === 'established' || a.state === 'shutdown-pending') a.state = 'shutdown-received';
  // Both ends closed at once (§9.2), or our SHUTDOWN ACK was lost.
  else if (a.state === 'shutdown-sent' || a.state === 'shutdown-ack-sent') a.state = 'shutdown-received';
  finishQueue(a);
}

function over(a: SctpAssociation): void {
  endSctp(a);
  a.app.closed?.(a);
}

function fail(a: SctpAssociation, why: 'reset' | 'refused' | 'timeout', error?: ReceivedError): void {
  endSctp(a);
  a.app.failed?.(a, why, error);
}

/** The retransmission timer has run off: T1, T2 or T3 by the state. */
export function sctpTimerFired(a: SctpAssociation): void {
  if (a.timerAt <= a.ns.run.now) a.timerAt = NEVER;
  if (a.deadline === NEVER || a.state === 'closed') return;
  if (a.deadline > a.ns.run.now) return void queueSctpTimer(a);
  const opening = a.state === 'cookie-wait' || a.state === 'cookie-echoed';
  if (a.retries >= (opening ? INIT_RETRIES : DATA_RETRIES)) return void fail(a, 'timeout');
  a.retries++;
  switch (a.state) {
    case 'cookie-wait':
      sendInit(a);
      break;
    case 'cookie-echoed':
      sendToPeer(a, encodeSctpValue(SCTP_COOKIE_ECHO, a.cookie ?? new Uint8Array(0)));
      break;
    case 'shutdown-sent':
      sendShutdown(a);
      break;
    case 'shutdown-ack-sent':
      sendToPeer(a, encodeSctpChunk(SCTP_SHUTDOWN_ACK));
      break;
    default:
      a.congestionWindow = a.dst.mtu;
      sendAgain(a);
  }
  armSctpTimer(a);
}

function sendAgain(a: SctpAssociation): void {
  a.nxt = a.una;
  pushChunks(a);
}

/**
 * sctp_v4_err: a smaller path MTU sends what is out again, in fragments where chunks are too large for it; "protocol unreachable" ends
 * what is being opened; anything else is only noted.
 */
export function sctpIcmpReceived(a: SctpAssociation, error: ReceivedError): void {
  if (error.mtu !== undefined) {
    sendAgain(a);
    return;
  }
  const noProtocol = isIp4(a.remote) ? error.type === 3 && error.code === 2 : error.type === 4 && error.code === 1;
  if (noProtocol && a.state === 'cookie-wait') fail(a, 'refused', error);
}
