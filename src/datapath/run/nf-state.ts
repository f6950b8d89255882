/** What connection tracking knows of a connection's life: TCP's or SCTP's state and how long the entry stays (Linux nf_conntrack_proto_*.c, 6.x). */
import {ETH_HEADER} from '../../wire/ethernet.js';
import {ipv4HeaderLength} from '../../wire/ipv4.js';
import {IPV6_HEADER, ipv6Upper} from '../../wire/ipv6.js';
import {PROTO_SCTP, PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';
import {TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, tcpFlags} from '../../wire/tcp.js';
import {type NfSctpState, nextSctpState, sctpTimeouts} from './nf-sctp.js';
import type {SimSkb} from './skb.js';

export type NfTcpState =
  | 'NONE'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE';

export interface NfLife {
  tcp: NfTcpState;
  sctp: NfSctpState;
  /** Virtual time, ns, from which it is forgotten. */
  expires: number;
  /** It is not dropped early. */
  assured: boolean;
  /** Of its first packet, ns. */
  readonly began: number;
}

const SECOND = 1e9;
/** net.netfilter.nf_conntrack_tcp_timeout_*, s. */
const tcpTimeouts: Readonly<Record<NfTcpState, number>> = {
  NONE: 120,
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  FIN_WAIT: 120,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
};
const UDP_TIMEOUT = 30;
const UDP_STREAM_TIMEOUT = 120;
const ICMP_TIMEOUT = 30;
/** A UDP conversation that lasts longer is a stream, ns. */
const STREAM_AFTER = 2 * SECOND;

export function newLife(now: number): NfLife {
  return {tcp: 'NONE', sctp: 'NONE', expires: now, assured: false, began: now};
}

/** A packet of the connection has been seen. */
export function track(
  life: NfLife,
  {protocol, reply, replied}: {readonly protocol: number; readonly reply: boolean; readonly replied: boolean},
  {buf, start, end}: SimSkb,
  now: number,
): void {
  if (protocol === PROTO_TCP) {
    const before = life.tcp;
    life.tcp = nextState(before, tcpFlags(buf, transportOffset(buf, start + ETH_HEADER)), reply);
    if (life.tcp === 'ESTABLISHED' && (before === 'SYN_RECV' || before === 'ESTABLISHED')) life.assured = true;
    life.expires = now + tcpTimeouts[life.tcp] * SECOND;
    return;
  }
  if (protocol === PROTO_SCTP) {
    const before = life.sctp;
    life.sctp = nextSctpState(before, buf, transportOffset(buf, start + ETH_HEADER), end, reply);
    if (life.sctp === 'ESTABLISHED') life.assured = true;
    // An INIT that comes again keeps nothing alive.
    if (before !== 'CLOSED' || life.sctp !== 'CLOSED') life.expires = now + sctpTimeouts[life.sctp] * SECOND;
    return;
  }
  if (protocol !== PROTO_UDP) {
    life.expires = now + ICMP_TIMEOUT * SECOND;
    return;
  }
  const isStream = replied && now - life.began > STREAM_AFTER;
  if (isStream) life.assured = true;
  life.expires = now + (isStream ? UDP_STREAM_TIMEOUT : UDP_TIMEOUT) * SECOND;
}

function transportOffset(b: Uint8Array, ip: number): number {
  if (b[ip]! >>> 4 === 4) return ip + ipv4HeaderLength(b, ip);
  const upper = ipv6Upper(b, ip, b.length);
  return upper.ok ? upper.offset : ip + IPV6_HEADER;
}

/** tcp_conntracks: both directions are alike but for SYN and the ACK that completes the handshake. */
function nextState(state: NfTcpState, flags: number, reply: boolean): NfTcpState {
  if ((flags & TCP_RST) !== 0) return 'CLOSE';
  if ((flags & TCP_SYN) !== 0) {
    if ((flags & TCP_ACK) !== 0) return reply && state === 'SYN_SENT' ? 'SYN_RECV' : state;
    const isOver = state === 'NONE' || state === 'TIME_WAIT' || state === 'CLOSE' || state === 'LAST_ACK';
    return isOver && !reply ? 'SYN_SENT' : state;
  }
  if ((flags & TCP_FIN) !== 0) {
    if (state === 'SYN_RECV' || state === 'ESTABLISHED') return 'FIN_WAIT';
    return state === 'FIN_WAIT' || state === 'CLOSE_WAIT' ? 'LAST_ACK' : state;
  }
  switch (state) {
    case 'NONE':
      return 'ESTABLISHED';
    case 'SYN_RECV':
      return reply ? state : 'ESTABLISHED';
    case 'FIN_WAIT':
      return 'CLOSE_WAIT';
    case 'LAST_ACK':
      return 'TIME_WAIT';
    default:
      return state;
  }
}
