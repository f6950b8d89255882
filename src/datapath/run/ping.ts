/** ICMP echo as iputils' ping sends it: 56 bytes of data, the time in the first 16, DF set, one request per interval. */
import {type Ip, isIp4} from '../../wire/addr.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {fillIcmpChecksum, ICMP_ECHO_REQUEST, ICMP_HEADER, icmpSequence, writeIcmpEcho} from '../../wire/icmp.js';
import {fillIcmpv6Checksum, ICMPV6_ECHO_REQUEST, writeIcmpv6Echo} from '../../wire/icmpv6.js';
import {IPV4_DONT_FRAGMENT, IPV4_HEADER, ipv4Source, ipv4Ttl, writeIpv4} from '../../wire/ipv4.js';
import {IPV6_HEADER, ipv6HopLimit, ipv6Source, writeIpv6} from '../../wire/ipv6.js';
import {PROTO_ICMP, PROTO_ICMPV6} from '../../wire/l4.js';
import {flowLabel} from './flow.js';
import type {ReceivedError} from './icmp.js';
import {ipOutput} from './ip-output.js';
import {messagePayload} from './payload.js';
import {Timer} from './queue.js';
import {routeTo} from './route.js';
import type {SimSkb} from './skb.js';
import {type Dst, nextIdentification, nextPacket} from './state.js';
import {report, type Traffic} from './traffic.js';

export interface PingSocket {
  reply(skb: SimSkb, ip: number, o: number): void;
  error(error: ReceivedError, sequence: number, ttl: number): void;
}

const DEFAULT_SIZE = 56;
const TIMEVAL = 16;
/** ping waits this long for the last answers (iputils MAXWAIT). */
const LINGER = 10e9;

interface Ping {
  readonly traffic: Traffic;
  readonly to: Ip;
  readonly id: number;
  readonly payload: Uint8Array;
  /** Send times of requests without an answer, by sequence. */
  readonly open: Map<number, number>;
  next: number;
}

export function startPing(traffic: Traffic, to: Ip): void {
  const {ns, outcome} = traffic;
  const {run} = ns;
  const {spec} = outcome;
  const dst = routeTo(ns, to);
  if (!dst) return void report(traffic, {kind: 'unreachable', sequence: 1, from: to, text: 'Network is unreachable'});
  let id = spec.identifier ?? run.random.next() & 0xffff;
  while ((id === 0 && spec.identifier === undefined) || ns.pings.has(id)) id = (id + 1) & 0xffff;
  const ping: Ping = {traffic, to, id, payload: messagePayload(spec, DEFAULT_SIZE), open: new Map(), next: 1};
  ns.pings.set(id, {
    reply: (skb, ip, o) => replied(ping, skb, ip, o),
    error: (error, sequence) => failed(ping, error, sequence),
  });
  const due = new Timer<SimSkb>(() => {
    if (traffic.stopped || ping.next > spec.count) return giveUp(ping);
    sendEcho(ping, dst, ping.next++);
    run.agenda.push(run.now + (ping.next > spec.count ? LINGER : spec.every), due, undefined);
  });
  due.run();
}

function sendEcho(ping: Ping, dst: Dst, sequence: number): void {
  const {traffic, to, id, payload} = ping;
  const {ns} = traffic;
  const {run} = ns;
  const {ttl = 64, fragmentation = 'want', tos = 0} = traffic.outcome.spec;
  const four = isIp4(to);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const length = ICMP_HEADER + payload.length;
  if (fragmentation === 'do' && header + length > dst.mtu) {
    const text = `local error: message too long, mtu=${dst.mtu}`;
    return void report(traffic, {kind: 'error', sequence, from: dst.source, text});
  }
  const skb = run.pool.take(ETH_HEADER + header + length, nextPacket(run));
  const ip = skb.start + ETH_HEADER;
  const icmp = ip + header;
  const {buf} = skb;
  skb.end = icmp + length;
  buf.set(payload, icmp + ICMP_HEADER);
  if (payload.length >= TIMEVAL && traffic.outcome.spec.data === undefined)
    writeTimeval(buf, icmp + ICMP_HEADER, run.cluster.epoch, run.now);
  const wire = sequence & 0xffff;
  if (four) {
    const flags = fragmentation !== 'dont' && header + length <= dst.mtu ? IPV4_DONT_FRAGMENT : 0;
    const fields = {tos, totalLength: header + length, id: nextIdentification(ns), flags, ttl, protocol: PROTO_ICMP};
    writeIpv4(buf, ip, {...fields, source: dst.source as number, destination: to});
    writeIcmpEcho(buf, icmp, ICMP_ECHO_REQUEST, id, wire);
    fillIcmpChecksum(buf, icmp, skb.end);
  } else {
    const label = flowLabel(dst.source, to, PROTO_ICMPV6, 0, 0);
    const fields = {
      trafficClass: tos,
      flowLabel: label,
      payloadLength: length,
      nextHeader: PROTO_ICMPV6,
      hopLimit: ttl,
    };
    writeIpv6(buf, ip, {...fields, source: dst.source as string, destination: to});
    writeIcmpv6Echo(buf, icmp, ICMPV6_ECHO_REQUEST, id, wire);
    fillIcmpv6Checksum(buf, ip, icmp, skb.end);
  }
  ping.open.set(wire, run.now);
  report(traffic, {kind: 'sent', sequence, from: dst.source, bytes: payload.length});
  ipOutput(ns, skb, dst);
}

/** struct timeval as ping stores it: seconds and microseconds, 64 bits each, little endian. */
function writeTimeval(b: Uint8Array, o: number, epoch: number, now: number): void {
  const seconds = epoch + Math.floor(now / 1e9);
  const micros = Math.floor((now % 1e9) / 1000);
  b.fill(0, o, o + TIMEVAL);
  for (let i = 0; i < 4; i++) {
    b[o + i] = seconds >>> (8 * i);
    b[o + 8 + i] = micros >>> (8 * i);
  }
  b[o + 4] = Math.floor(seconds / 2 ** 32);
}

function replied(ping: Ping, skb: SimSkb, ip: number, o: number): void {
  const {buf, end} = skb;
  const sequence = icmpSequence(buf, o);
  const sent = ping.open.get(sequence);
  if (sent === undefined) return;
  ping.open.delete(sequence);
  const four = buf[ip]! >>> 4 === 4;
  report(ping.traffic, {
    kind: 'reply',
    sequence,
    from: four ? ipv4Source(buf, ip) : ipv6Source(buf, ip),
    ttl: four ? ipv4Ttl(buf, ip) : ipv6HopLimit(buf, ip),
    bytes: end - o,
    rtt: ping.traffic.ns.run.now - sent,
  });
}

function failed(ping: Ping, error: ReceivedError, sequence: number): void {
  if (!ping.open.delete(sequence)) return;
  const {from, ...icmp} = error;
  report(ping.traffic, {
    kind: 'unreachable',
    sequence,
    from,
    icmp: error,
    text: `ICMP type ${icmp.type} code ${icmp.code}`,
  });
}

function giveUp(ping: Ping): void {
  const {ns} = ping.traffic;
  ns.pings.delete(ping.id);
  for (const sequence of ping.open.keys())
    report(ping.traffic, {kind: 'timeout', sequence, from: ping.to, text: `no answer to request ${sequence}`});
}
