/** The other end of a netcat, TCP or UDP: what comes from it is kept until somebody listens. */
import {connectSocket} from '../../datapath/run/socket-lb.js';
import {closeTcp, openTcp, writeTcp} from '../../datapath/run/tcp.js';
import type {TcpConnection} from '../../datapath/run/tcp-state.js';
import {closeUdp, openUdp, sendUdp} from '../../datapath/run/udp.js';
import type {Network} from '../../session/network.js';
import type {Ip} from '../../wire/addr.js';
import {UDP_HEADER} from '../../wire/udp.js';

export interface Listener {
  received(bytes: Uint8Array): void;
  /** It sends no more, or has gone. */
  closed(): void;
}

export interface Peer {
  send(bytes: Uint8Array): void;
  /** No more from us: TCP's FIN. */
  shutdown(): void;
  close(): void;
  /** Tells what has come so far, then what comes. */
  listen(listener: Listener): void;
  /** UDP: an ICMP error says that nobody is there. */
  readonly refused: boolean;
}

/** How a connection attempt failed, as nc words it. */
export interface Failure {
  readonly how: string;
}

/** nc's own buffer: a UDP datagram carries no more than one read. */
const LARGEST_DATAGRAM = 16_384;

class Inbox {
  private readonly kept: Uint8Array[] = [];
  private ended = false;
  private listener: Listener | undefined;

  take(bytes: Uint8Array): void {
    if (this.listener) this.listener.received(bytes);
    else this.kept.push(bytes);
  }

  end(): void {
    this.ended = true;
    this.listener?.closed();
  }

  listen(listener: Listener): void {
    this.listener = listener;
    for (const bytes of this.kept.splice(0)) listener.received(bytes);
    if (this.ended) listener.closed();
  }
}

/** `timeout`: ns, undefined: the kernel's. `interrupted` is given back after a signal. */
export function connectTcp<T>(
  {ns, until, after}: Network,
  ip: Ip,
  port: number,
  timeout: number | undefined,
  interrupted: () => T,
): Promise<Peer | Failure | T> {
  const inbox = new Inbox();
  return until<Peer | Failure | T>((end) => {
    const failed = (why: string) => end({how: `failed: ${why}`});
    const to = connectSocket(ns, 'tcp', ip, port);
    if (!to) return failed('No route to host');
    let isOpen = false;
    const connection: TcpConnection | undefined = openTcp(ns, to.ip, to.port, {
      connected(c) {
        isOpen = true;
        end(peerOf(c, inbox));
      },
      received: (_c, bytes, start, stop) => inbox.take(bytes.slice(start, stop)),
      peerClosed: () => inbox.end(),
      closed: () => inbox.end(),
      failed(_c, why, error) {
        if (isOpen) return inbox.end();
        if (why === 'refused' || why === 'reset') return failed('Connection refused');
        if (why === 'timeout') return failed('Connection timed out');
        failed(error?.code === 0 ? 'Network is unreachable' : 'No route to host');
      },
    });
    if (!connection) return failed('Network is unreachable');
    if (timeout !== undefined)
      after(timeout, () => {
        if (isOpen) return;
        closeTcp(connection);
        end({how: 'timed out: Operation now in progress'});
      });
  }, interrupted);
}

function peerOf(c: TcpConnection, inbox: Inbox): Peer {
  return {
    send: (bytes) => writeTcp(c, bytes),
    shutdown: () => closeTcp(c),
    close: () => closeTcp(c),
    listen: (listener) => inbox.listen(listener),
    refused: false,
  };
}

export function connectUdp({ns, run}: Network, ip: Ip, port: number): Peer | Failure {
  const to = connectSocket(ns, 'udp', ip, port);
  if (!to) return {how: 'failed: No route to host'};
  const inbox = new Inbox();
  let refused = false;
  const flow = openUdp(ns, to.ip, to.port, {
    receive(skb, _ip, o) {
      inbox.take(skb.buf.slice(o + UDP_HEADER, skb.end));
      run.pool.release(skb);
    },
    error(error) {
      if (error.mtu !== undefined) return;
      refused = true;
      inbox.end();
    },
  });
  if (!flow) return {how: 'failed: Network is unreachable'};
  return {
    send(bytes) {
      for (let at = 0; at < bytes.length; at += LARGEST_DATAGRAM) sendUdp(flow, bytes.slice(at, at + LARGEST_DATAGRAM));
    },
    shutdown: () => {},
    close: () => closeUdp(flow),
    listen: (listener) => inbox.listen(listener),
    get refused() {
      return refused;
    },
  };
}
