/** An SCTP association as connection tracking follows it: states and timeouts of Linux net/netfilter/nf_conntrack_proto_sctp.c, 6.x. */
import {
  SCTP_ABORT,
  SCTP_COOKIE_ACK,
  SCTP_COOKIE_ECHO,
  SCTP_DATA,
  SCTP_INIT,
  SCTP_INIT_ACK,
  SCTP_SACK,
  SCTP_SHUTDOWN,
  SCTP_SHUTDOWN_ACK,
  SCTP_SHUTDOWN_COMPLETE,
  sctpChunks,
} from '../../wire/sctp.js';

export type NfSctpState =
  | 'NONE'
  | 'CLOSED'
  | 'COOKIE_WAIT'
  | 'COOKIE_ECHOED'
  | 'ESTABLISHED'
  | 'SHUTDOWN_SENT'
  | 'SHUTDOWN_RECD'
  | 'SHUTDOWN_ACK_SENT';

/** net.netfilter.nf_conntrack_sctp_timeout_*, s. */
export const sctpTimeouts: Readonly<Record<NfSctpState, number>> = {
  NONE: 10,
  CLOSED: 10,
  COOKIE_WAIT: 3,
  COOKIE_ECHOED: 3,
  ESTABLISHED: 210,
  SHUTDOWN_SENT: 3,
  SHUTDOWN_RECD: 3,
  SHUTDOWN_ACK_SENT: 3,
};

/** The state behind the packet whose SCTP header is at `o`: each chunk may change it. */
export function nextSctpState(state: NfSctpState, b: Uint8Array, o: number, end: number, reply: boolean): NfSctpState {
  let next = state;
  for (const {type} of sctpChunks(b, o, end)) next = behindChunk(next, type, reply);
  return next;
}

/** sctp_conntracks. */
function behindChunk(state: NfSctpState, type: number, reply: boolean): NfSctpState {
  const isDown = state === 'SHUTDOWN_SENT' || state === 'SHUTDOWN_RECD' || state === 'SHUTDOWN_ACK_SENT';
  switch (type) {
    case SCTP_DATA:
    case SCTP_SACK:
      return state;
    case SCTP_ABORT:
      return 'CLOSED';
    case SCTP_INIT:
      if (reply) return state;
      return state === 'NONE' || state === 'SHUTDOWN_SENT' || state === 'SHUTDOWN_RECD' ? 'CLOSED' : state;
    case SCTP_INIT_ACK:
      return reply && state === 'CLOSED' ? 'COOKIE_WAIT' : state;
    case SCTP_COOKIE_ECHO:
      return state === 'COOKIE_WAIT' ? 'COOKIE_ECHOED' : state;
    case SCTP_COOKIE_ACK:
      return state === 'COOKIE_ECHOED' ? 'ESTABLISHED' : state;
    case SCTP_SHUTDOWN:
      return state === 'ESTABLISHED' ? (reply ? 'SHUTDOWN_RECD' : 'SHUTDOWN_SENT') : state;
    case SCTP_SHUTDOWN_ACK:
      return isDown || (state === 'NONE' && !reply) ? 'SHUTDOWN_ACK_SENT' : state;
    case SCTP_SHUTDOWN_COMPLETE:
      return state === 'SHUTDOWN_ACK_SENT' ? 'CLOSED' : state;
    default:
      return state;
  }
}
