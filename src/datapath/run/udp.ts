/** UDP as its clients use it: a socket with its own port, connected to one peer. */
import {type Ip, isIp4} from '../../wire/addr.js';
import {copyBytes, get16, set16} from '../../wire/bytes.js';
import {finishSum, sumWords} from '../../wire/checksum.js';
import {ETH_HEADER} from '../../wire/ethernet.js';
import {IPV4_DONT_FRAGMENT, IPV4_HEADER, writeIpv4} from '../../wire/ipv4.js';
import {IPV6_HEADER, writeIpv6} from '../../wire/ipv6.js';
import {fillL4Checksum, PROTO_UDP} from '../../wire/l4.js';
import {UDP_HEADER, writeUdp} from '../../wire/udp.js';
import {flowLabel} from './flow.js';
import type {ReceivedError} from './icmp.js';
import {ipOutput} from './ip-output.js';
import {routeTo} from './route.js';
import type {SimSkb} from './skb.js';
import {type Dst, type Ns, nextPacket} from './state.js';

export interface UdpSocket {
  /** A datagram for this port, UDP header at `o`. Takes the skb. */
  receive(skb: SimSkb, ip: number, o: number): void;
  /** `ttl`: of the message's IP header. */
  error?(error: ReceivedError, ttl: number): void;
  /** What it is connected to; set by `openUdp`. */
  flow?: UdpFlow;
}

/** net.ipv4.ip_local_port_range */
const FIRST_PORT = 32768;
const LAST_PORT = 60999;

/** A local port that no other socket of the namespace uses for this protocol. */
export function ephemeralPort(ns: Ns, used: (port: number) => boolean): number {
  for (let tries = LAST_PORT - FIRST_PORT; tries > 0; tries--) {
    ns.nextPort = ns.nextPort + 2 > LAST_PORT ? FIRST_PORT + ((ns.nextPort + 1) & 1) : ns.nextPort + 2;
    if (!used(ns.nextPort)) return ns.nextPort;
  }
  throw new Error(`${ns.name} has no free port`);
}

/** One direction of a conversation: what every datagram of it has in common. */
export interface UdpFlow {
  readonly ns: Ns;
  readonly dst: Dst;
  readonly source: Ip;
  readonly sourcePort: number;
  readonly destination: Ip;
  readonly destinationPort: number;
  /** IP identification, counted per socket. */
  id: number;
  /** The last payload as a whole frame, and what it was made for: sending it again costs one copy. */
  frame: Uint8Array;
  framePayload: Uint8Array | undefined;
  frameMtu: number;
  /** Sum of the IPv4 header without id and checksum. */
  frameSum: number;
}

/** Undefined: network unreachable. The socket is in the namespace's table until `close`. */
export function openUdp(ns: Ns, destination: Ip, destinationPort: number, socket: UdpSocket): UdpFlow | undefined {
  const dst = routeTo(ns, destination);
  if (!dst) return undefined;
  const sourcePort = ephemeralPort(ns, (port) => ns.udp.has(port));
  ns.udp.set(sourcePort, socket);
  const flow = {
    ns,
    dst,
    source: dst.source,
    sourcePort,
    destination,
    destinationPort,
    id: ns.run.random.next() & 0xffff,
    frame: new Uint8Array(0),
    framePayload: undefined,
    frameMtu: 0,
    frameSum: 0,
  };
  socket.flow = flow;
  return flow;
}

export function closeUdp(flow: UdpFlow): void {
  flow.ns.udp.delete(flow.sourcePort);
}

/** Sends one datagram; returns its packet number. DF is set where it fits the path, as Linux does without IP_PMTUDISC_DONT. */
export function sendUdp(flow: UdpFlow, payload: Uint8Array): number {
  const {ns, dst} = flow;
  if (flow.framePayload !== payload || flow.frameMtu !== dst.mtu) prepare(flow, payload);
  const {frame} = flow;
  const packet = nextPacket(ns.run);
  const skb = ns.run.pool.take(frame.length, packet);
  copyBytes(skb.buf, skb.start, frame);
  skb.end = skb.start + frame.length;
  flow.id = (flow.id + 1) & 0xffff;
  if (isIp4(flow.destination)) {
    const ip = skb.start + ETH_HEADER;
    set16(skb.buf, ip + 4, flow.id);
    set16(skb.buf, ip + 10, finishSum(flow.frameSum + flow.id));
  }
  ipOutput(ns, skb, dst);
  return packet;
}

function prepare(flow: UdpFlow, payload: Uint8Array): void {
  const {source, destination, sourcePort, destinationPort} = flow;
  const four = isIp4(destination);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const length = UDP_HEADER + payload.length;
  const frame = new Uint8Array(ETH_HEADER + header + length);
  const ip = ETH_HEADER;
  const udp = ip + header;
  if (four) {
    const flags = header + length <= flow.dst.mtu ? IPV4_DONT_FRAGMENT : 0;
    writeIpv4(frame, ip, {
      totalLength: header + length,
      flags,
      protocol: PROTO_UDP,
      source: source as number,
      destination,
    });
  } else {
    writeIpv6(frame, ip, {
      flowLabel: flowLabel(source, destination, PROTO_UDP, sourcePort, destinationPort),
      payloadLength: length,
      nextHeader: PROTO_UDP,
      source: source as string,
      destination,
    });
  }
  writeUdp(frame, udp, {sourcePort, destinationPort, length});
  frame.set(payload, udp + UDP_HEADER);
  fillL4Checksum(frame, ip, frame.length);
  flow.frame = frame;
  flow.framePayload = payload;
  flow.frameMtu = flow.dst.mtu;
  flow.frameSum = four ? sumWords(frame, ip, ip + IPV4_HEADER) - get16(frame, ip + 10) : 0;
}
