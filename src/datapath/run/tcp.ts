/** TCP: connections opened, segments received, losses repaired. See `tcp-state.ts` for what a connection holds. */
import {type Ip, isIp4} from '../../wire/addr.js';
import {get16, set16, set32} from '../../wire/bytes.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {IPV4_DONT_FRAGMENT, IPV4_HEADER, ipv4Destination, ipv4Source, ipv4Ttl, writeIpv4} from '../../wire/ipv4.js';
import {IPV6_HEADER, ipv6Destination, ipv6HopLimit, ipv6Source, writeIpv6} from '../../wire/ipv6.js';
import {fillL4Checksum, PROTO_TCP} from '../../wire/l4.js';
import {
  checkTcp,
  TCP_ACK,
  TCP_FIN,
  TCP_HEADER,
  TCP_RST,
  TCP_SYN,
  tcpAcknowledgment,
  tcpDestinationPort,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
} from '../../wire/tcp.js';
import {ByteQueue} from './byte-queue.js';
import {discard} from './device.js';
import {flowLabel} from './flow.js';
import {ipOutput} from './ip-output.js';
import {Timer} from './queue.js';
import {routeTo} from './route.js';
import {listens} from './servers.js';
import type {SimSkb} from './skb.js';
import {type Dev, type Dst, type Ns, nextPacket} from './state.js';
import {icmpReceived, readSyn, segmentArrives, sendAck, timerFired} from './tcp-input.js';
import {serverApplication} from './tcp-server.js';
import {
  armTimer,
  initialWindow,
  pathMss,
  pushData,
  segmentSize,
  sendSegment,
  type TcpApplication,
  type TcpConnection,
  TIMESTAMP_OPTION,
} from './tcp-state.js';
import {ephemeralPort} from './udp.js';

const FIRST_TIMEOUT = 1e9;
const QUICK_ACKS = 16;
const INITIAL_SEGMENTS = 10;
const NEVER = Number.POSITIVE_INFINITY;

/** Opens a connection: sends the SYN. Undefined: network unreachable. */
export function openTcp(ns: Ns, remote: Ip, remotePort: number, app: TcpApplication): TcpConnection | undefined {
  const dst = routeTo(ns, remote);
  if (!dst) return undefined;
  ns.tcp.expire(ns.run.now);
  const localPort = ephemeralPort(ns, (port) => ns.tcp.uses(port) || (ns.kind === 'host' && listens(ns, port)));
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
  const mss = pathMss(dst, remote);
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
    retransmit: new Timer<SimSkb>(() => timerFired(c)),
    timerQueued: false,
    unacked: 0,
    quickAcks: QUICK_ACKS,
    ackDeadline: NEVER,
    delayedAck: new Timer<SimSkb>(() => {
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
  ns.rawTcp.get(port)?.({from: remote, ttl: four ? ipv4Ttl(buf, ip) : ipv6HopLimit(buf, ip)});
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
