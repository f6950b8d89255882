/** Servers behind TCP ports: HTTP where the client speaks it, an echo otherwise. They answer when their process has woken up. */
import {get16, set16} from '../../wire/bytes.js';
import {ByteQueue} from './byte-queue.js';
import {answerDns} from './dns-server.js';
import {httpResponse, isRequest, isTlsPort, requestEnd, tlsRefusal} from './http.js';
import {Timer} from './queue.js';
import type {SimSkb} from './skb.js';
import {lane, type Ns} from './state.js';
import {closeTcp, updateWindow, writeTcp} from './tcp.js';
import type {TcpApplication, TcpConnection} from './tcp-state.js';

export function serverApplication(ns: Ns, port: number): TcpApplication {
  const inbox = new ByteQueue();
  let connection: TcpConnection | undefined;
  let awake = false;
  let ended = false;
  const process = new Timer<SimSkb>(() => {
    awake = false;
    const c = connection!;
    if (c.state === 'closed') return;
    serve(ns, port, c, inbox);
    updateWindow(c);
    if (ended) closeTcp(c);
  });
  const wake = (c: TcpConnection) => {
    connection = c;
    if (awake) return;
    awake = true;
    ns.run.agenda.pushAfter(lane.application, ns.run.now, process, undefined);
  };
  return {
    received(c, bytes, start, end) {
      inbox.append(bytes, start, end);
      wake(c);
    },
    peerClosed(c) {
      ended = true;
      if (inbox.length > 0 || awake) wake(c);
      else closeTcp(c);
    },
    backlog: (c) => inbox.length + c.queue.length,
    writable: (c) => updateWindow(c),
  };
}

function serve(ns: Ns, port: number, c: TcpConnection, inbox: ByteQueue): void {
  if (inbox.length === 0) return;
  const bytes = inbox.takeAll();
  if (port === DNS_PORT && ns.kind !== 'external') return void serveDns(ns, c, bytes, inbox);
  if (!isRequest(bytes)) return void writeTcp(c, bytes);
  const end = requestEnd(bytes);
  if (end < 0) return void inbox.append(bytes);
  if (isTlsPort(port)) {
    c.closing = true;
    return void writeTcp(c, tlsRefusal);
  }
  writeTcp(c, httpResponse(ns, port, bytes.subarray(0, end)));
  if (end < bytes.length) inbox.append(bytes, end);
}

const DNS_PORT = 53;

/** Each message behind two bytes of length, RFC 1035 §4.2.2; what is no question closes the connection. */
function serveDns({run}: Ns, c: TcpConnection, bytes: Uint8Array, inbox: ByteQueue): void {
  let at = 0;
  while (bytes.length - at >= 2 && bytes.length - at - 2 >= get16(bytes, at)) {
    const end = at + 2 + get16(bytes, at);
    const answer = answerDns(run.cluster, bytes.slice(at + 2, end), 0, end - at - 2);
    if (!answer) return void closeTcp(c);
    const framed = new Uint8Array(answer.length + 2);
    set16(framed, 0, answer.length);
    framed.set(answer, 2);
    writeTcp(c, framed);
    at = end;
  }
  if (at < bytes.length) inbox.append(bytes, at);
}
