/**
 * Probes with a lifetime of their own, as Linux traceroute 2.1 sends them: UDP by one connected socket each, ICMP echo and TCP SYN
 * by one raw socket. Bytes as measured on Debian's 2.1.2.
 */
import {type Ip, isIp4} from '../../wire/addr.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {fillIcmpChecksum, ICMP_ECHO_REQUEST, ICMP_HEADER, writeIcmpEcho} from '../../wire/icmp.js';
import {fillIcmpv6Checksum, ICMPV6_ECHO_REQUEST, writeIcmpv6Echo} from '../../wire/icmpv6.js';
import {IPV4_DONT_FRAGMENT, IPV4_HEADER, ipv4Source, ipv4Ttl, writeIpv4} from '../../wire/ipv4.js';
import {IPV6_HEADER, ipv6HopLimit, ipv6Source, writeIpv6} from '../../wire/ipv6.js';
import {fillL4Checksum, PROTO_ICMP, PROTO_ICMPV6, PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';
import {encodeTcpOptions, TCP_HEADER, TCP_SYN, writeTcp} from '../../wire/tcp.js';
import {UDP_HEADER, writeUdp} from '../../wire/udp.js';
import {flowLabel} from './flow.js';
import type {ReceivedError} from './icmp.js';
import {ipOutput} from './ip-output.js';
import {routeTo} from './route.js';
import type {SimSkb} from './skb.js';
import {connectSocket} from './socket-lb.js';
import {type Dst, type Ns, nextIdentification, nextPacket} from './state.js';
import {ephemeralPort} from './udp.js';

export interface ProbeMethod {
  readonly protocol: 'udp' | 'icmp' | 'tcp';
  readonly to: Ip;
  /** Data behind the transport header, bytes; a SYN carries none. */
  readonly size: number;
  /** TOS or traffic class. */
  readonly tos: number;
  readonly dontFragment: boolean;
  /** UDP, TCP: 0 = any free one. */
  readonly sourcePort: number;
}

/** What a probe came to; `error` undefined: the target itself answered. */
export interface ProbeAnswer {
  readonly from: Ip;
  readonly error?: ReceivedError;
  /** Of the answer's IP header. */
  readonly ttl: number;
}

/** `wait` ends the waiting for an answer; `mtu`: the own stack refused to send, and the MTU of the device. */
export type SentProbe =
  | {readonly kind: 'sent'; readonly wait: () => void}
  | {readonly kind: 'too big'; readonly mtu: number}
  | {readonly kind: 'failed'; readonly call: 'connect' | 'bind'; readonly why: string};

export interface Prober {
  /** Bytes of IP, transport header and data. */
  readonly packetLength: number;
  /** `port`: UDP and TCP destination port, ICMP sequence. */
  send(port: number, ttl: number, answered: (answer: ProbeAnswer) => void): SentProbe;
  close(): void;
}

/** Takes what comes for the port that a raw socket's SYN left from; only the kernel's answer to it is an RST. */
export type RawTcpSocket = (answer: ProbeAnswer) => void;

/** MSS, SACK permitted, timestamps, window scale. */
const SYN_OPTIONS = 20;

/** Undefined: network unreachable. */
export function openProber(ns: Ns, method: ProbeMethod): Prober | undefined {
  const dst = method.protocol === 'udp' ? undefined : routeTo(ns, method.to);
  if (method.protocol === 'udp') return udpProber(ns, method);
  if (!dst) return undefined;
  return method.protocol === 'icmp' ? icmpProber(ns, dst, method) : tcpProber(ns, dst, method);
}

function ipHeader(ip: Ip): number {
  return isIp4(ip) ? IPV4_HEADER : IPV6_HEADER;
}

function udpProber(ns: Ns, method: ProbeMethod): Prober {
  const open = new Set<number>();
  return {
    packetLength: ipHeader(method.to) + UDP_HEADER + method.size,
    send(port, ttl, answered) {
      const to = connectSocket(ns, 'udp', method.to, port);
      if (!to) return {kind: 'failed', call: 'connect', why: 'No route to host'};
      const dst = routeTo(ns, to.ip);
      if (!dst) return {kind: 'failed', call: 'connect', why: 'Network is unreachable'};
      const length = UDP_HEADER + method.size;
      if (isTooBig(dst, method, length)) return {kind: 'too big', mtu: dst.dev.mtu};
      const taken = (candidate: number) => ns.udp.has(candidate);
      if (method.sourcePort !== 0 && taken(method.sourcePort))
        return {kind: 'failed', call: 'bind', why: 'Address already in use'};
      const sourcePort = method.sourcePort === 0 ? ephemeralPort(ns, taken) : method.sourcePort;
      const close = () => {
        ns.udp.delete(sourcePort);
        open.delete(sourcePort);
      };
      open.add(sourcePort);
      ns.udp.set(sourcePort, {
        receive(skb, ip) {
          const answer = sourceOf(skb, ip);
          ns.run.pool.release(skb);
          answered({...answer, from: method.to});
        },
        error: (error, ttl) => answered({from: error.from, error, ttl}),
      });
      const skb = newPacket(ns, dst, {...method, to: to.ip}, ttl, PROTO_UDP, length, sourcePort ^ port);
      const o = skb.end - length;
      writeUdp(skb.buf, o, {sourcePort, destinationPort: to.port, length});
      fillPattern(skb.buf, o + UDP_HEADER, skb.end, 0);
      fillL4Checksum(skb.buf, skb.start + ETH_HEADER, skb.end);
      ipOutput(ns, skb, pathOf(dst, method));
      return {kind: 'sent', wait: close};
    },
    close() {
      for (const port of open) ns.udp.delete(port);
    },
  };
}

function icmpProber(ns: Ns, dst: Dst, method: ProbeMethod): Prober {
  let id = ns.run.random.next() & 0xffff;
  while (id === 0 || ns.pings.has(id)) id = (id + 1) & 0xffff;
  const length = ICMP_HEADER + method.size;
  const waiting = new Map<number, (answer: ProbeAnswer) => void>();
  ns.pings.set(id, {
    reply(skb, ip, o) {
      const answer = sourceOf(skb, ip);
      if (answer.from === method.to) waiting.get((skb.buf[o + 6]! << 8) | skb.buf[o + 7]!)?.(answer);
    },
    error: (error, sequence, ttl) => waiting.get(sequence)?.({from: error.from, error, ttl}),
  });
  return {
    packetLength: ipHeader(method.to) + length,
    send(port, ttl, answered) {
      if (isTooBig(dst, method, length)) return {kind: 'too big', mtu: dst.dev.mtu};
      const four = isIp4(method.to);
      const skb = newPacket(ns, dst, method, ttl, four ? PROTO_ICMP : PROTO_ICMPV6, length, 0);
      const o = skb.end - length;
      const sequence = port & 0xffff;
      fillPattern(skb.buf, o + ICMP_HEADER, skb.end, ICMP_HEADER);
      if (four) {
        writeIcmpEcho(skb.buf, o, ICMP_ECHO_REQUEST, id, sequence);
        fillIcmpChecksum(skb.buf, o, skb.end);
      } else {
        writeIcmpv6Echo(skb.buf, o, ICMPV6_ECHO_REQUEST, id, sequence);
        fillIcmpv6Checksum(skb.buf, skb.start + ETH_HEADER, o, skb.end);
      }
      waiting.set(sequence, answered);
      ipOutput(ns, skb, pathOf(dst, method));
      return {kind: 'sent', wait: () => void waiting.delete(sequence)};
    },
    close: () => void ns.pings.delete(id),
  };
}

function tcpProber(ns: Ns, dst: Dst, method: ProbeMethod): Prober {
  const {run} = ns;
  const header = ipHeader(method.to);
  const length = TCP_HEADER + SYN_OPTIONS;
  const mss = dst.mtu - header - TCP_HEADER;
  const options = encodeTcpOptions([
    {kind: 'mss', mss},
    {kind: 'sackOK'},
    {kind: 'timestamps', value: run.random.next(), echo: 0},
    {kind: 'nop'},
    {kind: 'wscale', shift: 2},
  ]);
  const open = new Set<number>();
  return {
    packetLength: header + length,
    send(port, ttl, answered) {
      const taken = (candidate: number) => ns.tcp.uses(candidate) || ns.rawTcp.has(candidate);
      if (method.sourcePort !== 0 && taken(method.sourcePort))
        return {kind: 'failed', call: 'bind', why: 'Address already in use'};
      const sourcePort = method.sourcePort === 0 ? ephemeralPort(ns, taken) : method.sourcePort;
      const skb = newPacket(ns, dst, method, ttl, PROTO_TCP, length, 0);
      const window = (4 * mss) & 0xffff;
      const fields = {sourcePort, destinationPort: port, sequence: run.random.next(), flags: TCP_SYN, window, options};
      writeTcp(skb.buf, skb.end - length, fields);
      fillL4Checksum(skb.buf, skb.start + ETH_HEADER, skb.end);
      open.add(sourcePort);
      ns.rawTcp.set(sourcePort, (answer) => {
        if (answer.error || answer.from === method.to) answered(answer);
      });
      ipOutput(ns, skb, pathOf(dst, method));
      const close = () => {
        ns.rawTcp.delete(sourcePort);
        open.delete(sourcePort);
      };
      return {kind: 'sent', wait: close};
    },
    close() {
      for (const port of open) ns.rawTcp.delete(port);
    },
  };
}

/** IP_PMTUDISC_PROBE asks the device only, whatever the path is known to carry. */
function isTooBig(dst: Dst, {dontFragment, to}: ProbeMethod, length: number): boolean {
  return dontFragment && ipHeader(to) + length > dst.dev.mtu;
}

function pathOf(dst: Dst, {dontFragment}: ProbeMethod): Dst {
  return dontFragment ? {...dst, mtu: dst.dev.mtu} : dst;
}

/** A packet with its IP header; `length` bytes behind it are the caller's. */
function newPacket(
  ns: Ns,
  dst: Dst,
  {to, tos, dontFragment}: ProbeMethod,
  ttl: number,
  protocol: number,
  length: number,
  ports: number,
): SimSkb {
  const header = ipHeader(to);
  const skb = ns.run.pool.take(ETH_HEADER + header + length, nextPacket(ns.run));
  const ip = skb.start + ETH_HEADER;
  skb.end = ip + header + length;
  if (isIp4(to)) {
    const flags = dontFragment ? IPV4_DONT_FRAGMENT : 0;
    const fields = {tos, totalLength: header + length, id: nextIdentification(ns), flags, ttl, protocol};
    writeIpv4(skb.buf, ip, {...fields, source: dst.source as number, destination: to});
  } else {
    const label = flowLabel(dst.source, to, protocol, ports, 0);
    const fields = {trafficClass: tos, flowLabel: label, payloadLength: length, nextHeader: protocol, hopLimit: ttl};
    writeIpv6(skb.buf, ip, {...fields, source: dst.source as string, destination: to});
  }
  return skb;
}

/** Data counts from `@` to DEL and again; an echo's count begins at its header. */
function fillPattern(b: Uint8Array, from: number, end: number, first: number): void {
  for (let o = from; o < end; o++) b[o] = 0x40 + ((o - from + first) & 0x3f);
}

function sourceOf({buf}: SimSkb, ip: number): {from: Ip; ttl: number} {
  return buf[ip]! >>> 4 === 4
    ? {from: ipv4Source(buf, ip), ttl: ipv4Ttl(buf, ip)}
    : {from: ipv6Source(buf, ip), ttl: ipv6HopLimit(buf, ip)};
}
