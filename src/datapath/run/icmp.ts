/**
 * ICMP as a stack sends and receives it: errors (RFC 792, RFC 4443; limits as in Linux net/ipv4/icmp.c, net/ipv6/icmp.c),
 * echo replies, and what errors do to the sender's sockets.
 */
import {type Ip, isIp4} from '../../wire/addr.js';
import {get16, get32, set16} from '../../wire/bytes.js';
import {updateChecksum} from '../../wire/checksum.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {
  checkIcmp,
  fillIcmpChecksum,
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HEADER,
  ICMP_UNREACHABLE,
  icmpId,
  icmpIsError,
  icmpMtu,
  writeIcmp,
} from '../../wire/icmp.js';
import {
  checkIcmpv6,
  fillIcmpv6Checksum,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_NEIGHBOR_ADVERTISEMENT,
  ICMPV6_NEIGHBOR_SOLICITATION,
  ICMPV6_PACKET_TOO_BIG,
  icmpv6IsError,
  icmpv6Mtu,
  writeIcmpv6,
} from '../../wire/icmpv6.js';
import {
  checkIpv4,
  IPV4_HEADER,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
  ipv4Ttl,
  writeIpv4,
} from '../../wire/ipv4.js';
import {IPV6_HEADER, ipv6Destination, ipv6HopLimit, ipv6Source, ipv6Upper, writeIpv6} from '../../wire/ipv6.js';
import {PROTO_ICMP, PROTO_ICMPV6, PROTO_SCTP, PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';
import {setEtherType} from './device.js';
import {flowLabel} from './flow.js';
import {ipOutput, packetDestination} from './ip-output.js';
import {ndReceive} from './neighbour.js';
import {learnMtu, routeTo} from './route.js';
import {type SimSkb, scrub} from './skb.js';
import {type Dev, type Dst, kernelEvent, type Ns, nextIdentification, nextPacket, type Run} from './state.js';

export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU of fragmentation needed, packet too big. */
  readonly mtu?: number;
}

/** An error as a socket gets to know it. */
export interface ReceivedError extends IcmpError {
  readonly from: Ip;
}

/** Whole ICMPv4 errors end here (RFC 1812 §4.3.2.3); ICMPv6 ones at the minimum MTU (RFC 4443 §2.4 c). */
const MAX_ERROR4 = 576;
const MAX_ERROR6 = 1280;
/** TOS_PREC_INTERNETCONTROL, and the bits of the original TOS that an error keeps. */
const ERROR_TOS = 0xc0;
const KEPT_TOS = 0x1e;
/** net.ipv4.icmp_ratelimit and XRLIM_BURST_FACTOR. */
const RATE_LIMIT = 1e9;
const BURST = 6;

/** Answers a packet (its Ethernet header at `skb.start`) with an error, where one may be sent. Leaves the skb alone. */
export function icmpError(ns: Ns, skb: SimSkb, error: IcmpError): void {
  const to = errorReceiver(skb);
  const dst = to === undefined ? undefined : routeTo(ns, to);
  if (to === undefined || !dst || !mayAnswer(ns, to, error, dst.local)) return;
  const asked = packetDestination(skb);
  const source = ns.addresses.has(asked) ? asked : dst.source;
  if (ns.run.emit)
    kernelEvent(
      ns,
      skb.packet,
      'icmp',
      `${ns.name} answers with ICMP${isIp4(to) ? '' : 'v6'} type ${error.type} code ${error.code}`,
    );
  ipOutput(ns, makeError(ns.run, skb, error, source, to, nextIdentification(ns)), dst);
}

/** Who gets an error about this packet; undefined where none may be sent (RFC 1122 §3.2.2, RFC 4443 §2.4 e). */
export function errorReceiver(skb: SimSkb): Ip | undefined {
  const {buf, start, end} = skb;
  const ip = start + ETH_HEADER;
  if ((buf[start]! & 1) === 1) return undefined;
  if (buf[ip]! >>> 4 === 4) {
    if (!checkIpv4(buf, ip, end).ok || ipv4FragmentOffset(buf, ip) !== 0) return undefined;
    if (ipv4Protocol(buf, ip) === PROTO_ICMP && icmpIsError(buf[ip + ipv4HeaderLength(buf, ip)]!)) return undefined;
    const to = ipv4Source(buf, ip);
    return to === 0 || to >>> 28 >= 14 ? undefined : to;
  }
  const upper = ipv6Upper(buf, ip, end);
  if (!upper.ok || (upper.fragment?.offset ?? 0) !== 0) return undefined;
  if (upper.protocol === PROTO_ICMPV6 && icmpv6IsError(buf[upper.offset]!)) return undefined;
  const to = ipv6Source(buf, ip);
  return to.charCodeAt(0) >>> 8 === 0xff ? undefined : to;
}

/** The error message as a packet, Ethernet addresses left open. */
export function makeError(run: Run, skb: SimSkb, error: IcmpError, source: Ip, to: Ip, id: number): SimSkb {
  const {buf, start, end} = skb;
  const ip = start + ETH_HEADER;
  const four = isIp4(to);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const quoted = Math.min(end - ip, (four ? MAX_ERROR4 : MAX_ERROR6) - header - ICMP_HEADER);
  const length = ICMP_HEADER + quoted;
  const out = run.pool.take(ETH_HEADER + header + length, nextPacket(run));
  const o = out.start + ETH_HEADER;
  const icmp = o + header;
  out.end = icmp + length;
  setEtherType(out, four ? 0x0800 : 0x86dd);
  out.buf.set(buf.subarray(ip, ip + quoted), icmp + ICMP_HEADER);
  const fields = {type: error.type, code: error.code, rest: error.mtu ?? 0};
  if (four) {
    const tos = (ipv4Tos(buf, ip) & KEPT_TOS) | ERROR_TOS;
    const totalLength = header + length;
    writeIpv4(out.buf, o, {tos, totalLength, id, protocol: PROTO_ICMP, source: source as number, destination: to});
    writeIcmp(out.buf, icmp, fields);
    fillIcmpChecksum(out.buf, icmp, out.end);
  } else {
    writeIpv6(out.buf, o, {
      flowLabel: flowLabel(source, to, PROTO_ICMPV6, 0, 0),
      payloadLength: length,
      nextHeader: PROTO_ICMPV6,
      source: source as string,
      destination: to,
    });
    writeIcmpv6(out.buf, icmp, fields);
    fillIcmpv6Checksum(out.buf, o, icmp, out.end);
  }
  return out;
}

/** Six errors at once, then one a second, per destination; path MTU messages and the own host are never limited. */
function mayAnswer(ns: Ns, to: Ip, error: IcmpError, local: boolean): boolean {
  if (local || error.mtu !== undefined) return true;
  const {now} = ns.run;
  const bucket = ns.icmpTokens.get(to) ?? {tokens: BURST * RATE_LIMIT, last: now};
  bucket.tokens = Math.min(bucket.tokens + now - bucket.last, BURST * RATE_LIMIT);
  bucket.last = now;
  ns.icmpTokens.set(to, bucket);
  if (bucket.tokens < RATE_LIMIT) return false;
  bucket.tokens -= RATE_LIMIT;
  return true;
}

/** An ICMP message for this namespace, its header at `o`. Takes the skb. */
export function icmpReceive(dev: Dev, skb: SimSkb, ip: number, o: number): void {
  const {ns} = dev;
  const {buf, end} = skb;
  if (!checkIcmp(buf, o, end).ok) return void ns.run.pool.release(skb);
  const type = buf[o]!;
  if (type === ICMP_ECHO_REQUEST) return void echoReply4(ns, skb, ip, o);
  if (type === ICMP_ECHO_REPLY) return void echoReplied(ns, skb, ip, o);
  if (icmpIsError(type)) {
    const quoted = o + ICMP_HEADER;
    const needed = type === ICMP_UNREACHABLE && buf[o + 1] === ICMP_FRAGMENTATION_NEEDED;
    const error = {type, code: buf[o + 1]!, from: ipv4Source(buf, ip), ...(needed ? {mtu: icmpMtu(buf, o)} : {})};
    if (checkIpv4(buf, quoted, end).ok)
      deliverError(
        ns,
        buf,
        ipv4Destination(buf, quoted),
        ipv4Protocol(buf, quoted),
        quoted + ipv4HeaderLength(buf, quoted),
        end,
        error,
        ipv4Ttl(buf, ip),
      );
  }
  ns.run.pool.release(skb);
}

export function icmpv6Receive(dev: Dev, skb: SimSkb, ip: number, o: number): void {
  const {ns} = dev;
  const {buf, end} = skb;
  if (!checkIcmpv6(buf, o, end).ok) return void ns.run.pool.release(skb);
  const type = buf[o]!;
  if (type === ICMPV6_NEIGHBOR_SOLICITATION || type === ICMPV6_NEIGHBOR_ADVERTISEMENT)
    return void ndReceive(dev, skb, o);
  if (type === ICMPV6_ECHO_REQUEST) return void echoReply6(ns, skb, ip, o);
  if (type === ICMPV6_ECHO_REPLY) return void echoReplied(ns, skb, ip, o);
  if (icmpv6IsError(type)) {
    const quoted = o + ICMP_HEADER;
    const tooBig = type === ICMPV6_PACKET_TOO_BIG;
    const error = {type, code: buf[o + 1]!, from: ipv6Source(buf, ip), ...(tooBig ? {mtu: icmpv6Mtu(buf, o)} : {})};
    const upper = ipv6Upper(buf, quoted, end);
    if (upper.ok)
      deliverError(
        ns,
        buf,
        ipv6Destination(buf, quoted),
        upper.protocol,
        upper.offset,
        end,
        error,
        ipv6HopLimit(buf, ip),
      );
  }
  ns.run.pool.release(skb);
}

/** The kernel answers an echo request with its own packet turned round: same TOS, TTL 64, DF clear (icmp_reply). */
function echoReply4(ns: Ns, skb: SimSkb, ip: number, o: number): void {
  const {buf} = skb;
  const [source, destination] = [ipv4Source(buf, ip), ipv4Destination(buf, ip)];
  const dst = routeTo(ns, source);
  if (!dst) return void ns.run.pool.release(skb);
  buf[o] = ICMP_ECHO_REPLY;
  set16(buf, o + 2, updateChecksum(get16(buf, o + 2), ICMP_ECHO_REQUEST << 8, 0));
  writeIpv4(buf, ip, {
    tos: ipv4Tos(buf, ip),
    totalLength: skb.end - ip,
    id: nextIdentification(ns),
    protocol: PROTO_ICMP,
    source: destination,
    destination: source,
  });
  answer(ns, skb, dst);
}

function echoReply6(ns: Ns, skb: SimSkb, ip: number, o: number): void {
  const {buf} = skb;
  const [to, from] = [ipv6Source(buf, ip), ipv6Destination(buf, ip)];
  const dst = routeTo(ns, to);
  if (!dst) return void ns.run.pool.release(skb);
  buf[o] = ICMPV6_ECHO_REPLY;
  writeIpv6(buf, ip, {
    trafficClass: ((buf[ip]! & 0x0f) << 4) | (buf[ip + 1]! >>> 4),
    flowLabel: flowLabel(from, to, PROTO_ICMPV6, 0, 0),
    payloadLength: skb.end - o,
    nextHeader: PROTO_ICMPV6,
    source: from,
    destination: to,
  });
  fillIcmpv6Checksum(buf, ip, o, skb.end);
  answer(ns, skb, dst);
}

/** A reply is a packet of its own. */
function answer(ns: Ns, skb: SimSkb, dst: Dst): void {
  skb.packet = nextPacket(ns.run);
  scrub(skb);
  ipOutput(ns, skb, dst);
}

function echoReplied(ns: Ns, skb: SimSkb, ip: number, o: number): void {
  ns.pings.get(icmpId(skb.buf, o))?.reply(skb, ip, o);
  ns.run.pool.release(skb);
}

/** Hands an error to the socket whose packet it quotes; `o` is the offset of the quoted transport header. */
function deliverError(
  ns: Ns,
  b: Uint8Array,
  destination: Ip,
  protocol: number,
  o: number,
  end: number,
  error: ReceivedError,
  ttl: number,
): void {
  if (end - o < 8) return;
  if (error.mtu !== undefined) learnMtu(ns, destination, error.mtu);
  const [source, port] = [get16(b, o), get16(b, o + 2)];
  if (protocol === PROTO_UDP) ns.udp.get(source)?.error?.(error, ttl);
  else if (protocol === PROTO_TCP) {
    ns.tcp.find(destination, source, port)?.error(error, get32(b, o + 4));
    ns.rawTcp.get(source)?.({from: error.from, error, ttl});
  } else if (protocol === PROTO_SCTP) ns.sctp.find(destination, source, port)?.error(error);
  else if (protocol === (isIp4(destination) ? PROTO_ICMP : PROTO_ICMPV6))
    ns.pings.get(get16(b, o + 4))?.error(error, get16(b, o + 6), ttl);
}
