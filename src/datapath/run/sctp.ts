/**
 * SCTP: associations opened and accepted, packets that belong to none. A server keeps nothing until the cookie comes back
 * (RFC 9260 §5.1.3); what it needs then is in the cookie, as large as Linux's, its contents our own.
 */
import {type Ip, isIp4} from '../../wire/addr.js';
import {get32, set32} from '../../wire/bytes.js';
import {ipv4Destination, ipv4Source} from '../../wire/ipv4.js';
import {ipv6Destination, ipv6Source} from '../../wire/ipv6.js';
import {
  checkSctp,
  encodeSctpChunk,
  encodeSctpInit,
  readSctpInit,
  SCTP_ABORT,
  SCTP_COOKIE_ACK,
  SCTP_COOKIE_ECHO,
  SCTP_ERROR,
  SCTP_INIT,
  SCTP_INIT_ACK,
  SCTP_REFLECTED,
  SCTP_SHUTDOWN_ACK,
  SCTP_SHUTDOWN_COMPLETE,
  type SctpChunk,
  sctpChunks,
  sctpDestinationPort,
  sctpSourcePort,
  sctpTag,
  verifySctpChecksum,
} from '../../wire/sctp.js';
import {discard} from './device.js';
import {Timer} from './queue.js';
import {mix32} from './random.js';
import {routeTo} from './route.js';
import {packetArrives, STREAMS, sackDue, sctpIcmpReceived, sctpTimerFired, sendInit} from './sctp-input.js';
import {
  armSctpTimer,
  endSctp,
  firstCongestionWindow,
  OWN_WINDOW,
  type SctpApplication,
  type SctpAssociation,
  type SctpEnds,
  sendSctp,
  sendToPeer,
  writeSctpMessage,
} from './sctp-state.js';
import {listens} from './servers.js';
import type {SimSkb} from './skb.js';
import {type Dev, type Dst, lane, type Ns} from './state.js';
import {ephemeralPort} from './udp.js';

/** net.sctp.rto_initial. */
const FIRST_TIMEOUT = 3e9;
const NEVER = Number.POSITIVE_INFINITY;
/** A cookie's signature, what stands behind it without the peer's INIT, and the multiple to which both are filled up (SCTP_COOKIE_MULTIPLE). */
const SIGNATURE = 32;
const COOKIE_FIELDS = 144;
const COOKIE_MULTIPLE = 32;

/** Opens an association: sends the INIT. Undefined: network unreachable. */
export function openSctp(ns: Ns, remote: Ip, remotePort: number, app: SctpApplication): SctpAssociation | undefined {
  const dst = routeTo(ns, remote);
  if (!dst) return undefined;
  const localPort = ephemeralPort(ns, (port) => ns.sctp.uses(port) || (ns.kind === 'host' && listens(ns, port)));
  const {random} = ns.run;
  const tags = {ownTag: random.next() || 1, peerTag: 0, firstTsn: random.next(), peerFirstTsn: 0, window: 0};
  const a = newAssociation(ns, dst, {local: dst.source, localPort, remote, remotePort}, tags, app);
  ns.sctp.add(a);
  sendInit(a);
  armSctpTimer(a);
  return a;
}

type Tags = Pick<SctpAssociation, 'ownTag' | 'peerTag' | 'firstTsn' | 'peerFirstTsn' | 'window'>;

function newAssociation(ns: Ns, dst: Dst, ends: SctpEnds, tags: Tags, app: SctpApplication): SctpAssociation {
  const a: SctpAssociation = {
    ns,
    dst,
    ...ends,
    ...tags,
    app,
    state: 'cookie-wait',
    una: 0,
    nxt: 0,
    queue: [],
    sequence: 0,
    closing: false,
    received: 0,
    early: new Map(),
    partial: [],
    inbox: [],
    duplicates: [],
    congestionWindow: firstCongestionWindow(dst),
    cookie: undefined,
    id: ns.run.random.next() & 0xffff,
    timeout: FIRST_TIMEOUT,
    retries: 0,
    deadline: NEVER,
    smoothedRtt: 0,
    rttVariance: 0,
    retransmit: new Timer<SimSkb>(() => sctpTimerFired(a)),
    timerAt: NEVER,
    sackNow: true,
    sackDeadline: NEVER,
    delayedSack: new Timer<SimSkb>(() => sackDue(a)),
    error: (error) => sctpIcmpReceived(a, error),
  };
  return a;
}

/** A packet for this namespace, SCTP header at `o`. Takes the skb. */
export function sctpReceive(dev: Dev, skb: SimSkb, ip: number, o: number): void {
  const {ns} = dev;
  const {buf, end} = skb;
  if (!checkSctp(buf, o, end).ok) return void discard(dev, skb, 'truncated SCTP header');
  if (!verifySctpChecksum(buf, o, end)) return void discard(dev, skb, 'wrong SCTP checksum');
  const four = buf[ip]! >>> 4 === 4;
  const ends: SctpEnds = {
    local: four ? ipv4Destination(buf, ip) : ipv6Destination(buf, ip),
    localPort: sctpDestinationPort(buf, o),
    remote: four ? ipv4Source(buf, ip) : ipv6Source(buf, ip),
    remotePort: sctpSourcePort(buf, o),
  };
  const [first] = sctpChunks(buf, o, end);
  const known = ns.sctp.find(ends.remote, ends.localPort, ends.remotePort);
  if (!first) ns.run.pool.release(skb);
  else {
    if (first.type === SCTP_INIT) initArrives(ns, skb, o, first, ends);
    else if (first.type === SCTP_COOKIE_ECHO && listens(ns, ends.localPort))
      cookieArrives(ns, skb, o, first, ends, known);
    else if (known) packetArrives(known, skb, o);
    else outOfTheBlue(ns, skb, o, first, ends);
    ns.run.pool.release(skb);
  }
}

/** A packet outside of any association. */
function answer(ns: Ns, ends: SctpEnds, tag: number, chunk: Uint8Array): void {
  const dst = routeTo(ns, ends.remote);
  if (dst) sendSctp(ns, dst, ends, tag, [chunk], 0);
}

/** §5.1 B; from a port where nobody listens ABORT with the peer's tag (§8.4 3). */
function initArrives(ns: Ns, {buf, end}: SimSkb, o: number, chunk: SctpChunk, ends: SctpEnds): void {
  const init = readSctpInit(buf, chunk);
  if (!init || init.initiateTag === 0 || sctpTag(buf, o) !== 0 || end < chunk.end) return;
  if (!listens(ns, ends.localPort)) return void answer(ns, ends, init.initiateTag, encodeSctpChunk(SCTP_ABORT));
  const {random} = ns.run;
  const tags: Tags = {
    ownTag: random.next() || 1,
    peerTag: init.initiateTag,
    firstTsn: random.next(),
    peerFirstTsn: init.tsn,
    window: init.window,
  };
  const cookie = makeCookie(ns, ends, tags, chunk.end - chunk.at);
  const own = {initiateTag: tags.ownTag, window: OWN_WINDOW, ...STREAMS, tsn: tags.firstTsn};
  // Streams in both directions are as many as the other end takes.
  const outbound = Math.min(own.outbound, init.inbound);
  answer(ns, ends, init.initiateTag, encodeSctpInit({...own, outbound}, {families: [], cookie}));
}

/** Signature, then tags and TSNs; `init`: bytes of the peer's INIT, which Linux keeps in there. */
function makeCookie(ns: Ns, ends: SctpEnds, tags: Tags, init: number): Uint8Array {
  const size = Math.ceil((COOKIE_FIELDS + init) / COOKIE_MULTIPLE) * COOKIE_MULTIPLE;
  const cookie = new Uint8Array(SIGNATURE + size);
  const fields = [tags.ownTag, tags.peerTag, tags.firstTsn, tags.peerFirstTsn, tags.window];
  for (const [i, value] of fields.entries()) set32(cookie, SIGNATURE + 4 * i, value);
  sign(ns, ends, cookie).forEach((word, i) => {
    set32(cookie, 4 * i, word);
  });
  return cookie;
}

/** A keyed hash over the fields and both ends. */
function sign(ns: Ns, {local, localPort, remote, remotePort}: SctpEnds, cookie: Uint8Array): number[] {
  let h = mix32(ns.run.seed, localPort * 65536 + remotePort);
  for (const ip of [local, remote])
    if (isIp4(ip)) h = mix32(h, ip);
    else for (let i = 0; i < 8; i++) h = mix32(h, ip.charCodeAt(i));
  for (let at = SIGNATURE; at < cookie.length; at += 4) h = mix32(h, get32(cookie, at));
  return Array.from({length: SIGNATURE / 4}, (_, i) => mix32(h, i));
}

/** §5.1 D. One that we did not make is silently dropped; one of an association that is there is acknowledged again. */
function cookieArrives(
  ns: Ns,
  skb: SimSkb,
  o: number,
  chunk: SctpChunk,
  ends: SctpEnds,
  known: SctpAssociation | undefined,
): void {
  const {buf} = skb;
  const cookie = buf.slice(chunk.at + 4, chunk.end);
  if (cookie.length < SIGNATURE + 20 || cookie.length % 4 !== 0) return;
  if (sign(ns, ends, cookie).some((word, i) => word !== get32(cookie, 4 * i))) return;
  const [ownTag, peerTag, firstTsn, peerFirstTsn, window] = [0, 4, 8, 12, 16].map((at) =>
    get32(cookie, SIGNATURE + at),
  ) as [number, number, number, number, number];
  if (sctpTag(buf, o) !== ownTag) return;
  const dst = routeTo(ns, ends.remote);
  if (!dst) return;
  if (known && (known.ownTag !== ownTag || known.peerTag !== peerTag)) endSctp(known);
  const same = known && known.state !== 'closed' ? known : undefined;
  const a = same ?? newAssociation(ns, dst, ends, {ownTag, peerTag, firstTsn, peerFirstTsn, window}, echoServer(ns));
  if (!same) {
    a.state = 'established';
    ns.sctp.add(a);
  }
  sendToPeer(a, encodeSctpChunk(SCTP_COOKIE_ACK));
  packetArrives(a, skb, o);
}

/** Sends each message back when its process has woken up. */
function echoServer(ns: Ns): SctpApplication {
  const inbox: Uint8Array[] = [];
  let association: SctpAssociation | undefined;
  const process = new Timer<SimSkb>(() => {
    const message = inbox.shift();
    if (message && association && association.state !== 'closed') writeSctpMessage(association, message);
  });
  return {
    received(a, message) {
      association = a;
      inbox.push(message);
      ns.run.agenda.pushAfter(lane.application, ns.run.now, process, undefined);
    },
  };
}

/** §8.4, of packets that belong to no association. */
function outOfTheBlue(ns: Ns, {buf, end}: SimSkb, o: number, first: SctpChunk, ends: SctpEnds): void {
  const tag = sctpTag(buf, o);
  if (first.type === SCTP_SHUTDOWN_ACK)
    return void answer(ns, ends, tag, encodeSctpChunk(SCTP_SHUTDOWN_COMPLETE, SCTP_REFLECTED));
  for (const {type} of sctpChunks(buf, o, end)) if (unanswered.has(type)) return;
  answer(ns, ends, tag, encodeSctpChunk(SCTP_ABORT, SCTP_REFLECTED));
}

const unanswered: ReadonlySet<number> = new Set([
  SCTP_ABORT,
  SCTP_SHUTDOWN_COMPLETE,
  SCTP_COOKIE_ACK,
  SCTP_ERROR,
  SCTP_INIT_ACK,
]);
