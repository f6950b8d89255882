/**
 * TCP traffic. `tcp`: each message goes over a connection of its own to an echo server and back. `http`: one request per
 * connection, as curl makes it. The next one starts at its interval, or when the one before has ended.
 */
import type {Ip} from '../../wire/addr.js';
import {httpRequest, responseStatus} from './http.js';
import {messagePayload} from './payload.js';
import {Timer} from './queue.js';
import type {SimSkb} from './skb.js';
import {connectSocket} from './socket-lb.js';
import type {Ns} from './state.js';
import {closeTcp, openTcp, writeTcp} from './tcp.js';
import type {TcpApplication, TcpConnection} from './tcp-state.js';
import {countReply, report, type Traffic} from './traffic.js';

const DEFAULT_SIZE = 32;
/** Bytes kept ready in a connection's send queue. */
const WRITE_AHEAD = 128 * 1024;

export function startTcp(traffic: Traffic, ip: Ip, port: number): void {
  const {ns, outcome} = traffic;
  if (outcome.spec.keep) return void startKept(traffic, ip, port);
  const {run} = ns;
  const {spec} = outcome;
  const payload =
    spec.protocol === 'http' ? httpRequest(hostName(traffic), ip, port, spec.size) : messagePayload(spec, DEFAULT_SIZE);
  let next = 1;
  const due = new Timer<SimSkb>(() => {
    const sequence = next++;
    const more = () => {
      if (sequence < spec.count) run.agenda.push(run.now, due, undefined);
    };
    connect(traffic, ip, port, payload, sequence, spec.every > 0 ? () => {} : more);
    if (spec.every > 0 && sequence < spec.count) run.agenda.push(run.now + spec.every, due, undefined);
  });
  due.run();
}

/** `keep`: messages at their interval over one connection. One that breaks is opened again for the message that comes next. */
function startKept(traffic: Traffic, ip: Ip, port: number): void {
  const {spec} = traffic.outcome;
  const {run} = traffic.ns;
  const payload = messagePayload(spec, Math.max(1, DEFAULT_SIZE));
  const sentAt: number[] = [];
  let connection: TcpConnection | undefined;
  let sent = 0;
  let answered = 0;
  let bytes = 0;
  const due = new Timer<SimSkb>(() => {
    const {ns} = traffic;
    if (sent >= spec.count) return void (connection && closeTcp(connection));
    sent++;
    sentAt[sent] = run.now;
    report(traffic, {kind: 'sent', sequence: sent, from: ip, bytes: payload.length});
    if (connection?.ns.gone) connection = undefined;
    if (connection && connection.state !== 'closed') writeTcp(connection, payload);
    else open(ns);
    run.agenda.push(run.now + Math.max(spec.every, 1), due, undefined);
  });
  const open = (ns: Ns) => {
    const sequence = sent;
    answered = sent - 1;
    bytes = 0;
    const failed = (text: string) => report(traffic, {kind: 'unreachable', sequence, from: ip, text});
    const to = connectSocket(ns, 'tcp', ip, port);
    if (!to) return failed('No route to host');
    const {failed: broken} = client(traffic, ip, sequence, () => {});
    const app: TcpApplication = {
      connected(c) {
        report(traffic, {kind: 'connected', sequence, from: ip, rtt: run.now - sentAt[sequence]!});
        for (let n = sequence; n <= sent; n++) writeTcp(c, payload);
      },
      received(_c, _bytes, start, end) {
        for (bytes += end - start; bytes >= payload.length; bytes -= payload.length) {
          answered++;
          countReply(traffic, answered, ip, payload.length, run.now - sentAt[answered]!);
        }
      },
      peerClosed: closeTcp,
      closed() {
        report(traffic, {kind: 'closed', sequence: sent, from: ip});
      },
      failed(c, why, error) {
        connection = undefined;
        broken?.(c, why, error);
      },
    };
    connection = openTcp(ns, to.ip, to.port, app);
    if (!connection) failed('Network is unreachable');
  };
  due.run();
}

function hostName({outcome: {spec}}: Traffic): string {
  const {to} = spec;
  if (to.kind === 'name') return to.name;
  return to.kind === 'service' ? (to.dnsName ?? to.service.name) : '';
}

function connect(
  traffic: Traffic,
  ip: Ip,
  port: number,
  payload: Uint8Array,
  sequence: number,
  done: () => void,
): void {
  const {ns} = traffic;
  report(traffic, {kind: 'sent', sequence, from: ip, bytes: payload.length});
  const to = connectSocket(ns, 'tcp', ip, port);
  const noRoute = (text: string) => {
    report(traffic, {kind: 'unreachable', sequence, from: ip, text});
    done();
  };
  if (!to) return void noRoute('No route to host');
  const app =
    traffic.outcome.spec.protocol === 'http'
      ? httpClient(traffic, ip, payload, sequence, done)
      : echoClient(traffic, ip, payload, sequence, done);
  if (!openTcp(ns, to.ip, to.port, app)) noRoute('Network is unreachable');
}

const failureTexts = {
  reset: 'Connection reset by peer',
  refused: 'Connection refused',
  timeout: 'Connection timed out',
  unreachable: 'No route to host',
} as const;

/** What both kinds of client have in common. */
function client(
  traffic: Traffic,
  ip: Ip,
  sequence: number,
  done: () => void,
): Pick<TcpApplication, 'closed' | 'failed'> {
  return {
    closed() {
      report(traffic, {kind: 'closed', sequence, from: ip});
      done();
    },
    failed(_c, why, error) {
      const kind = why === 'reset' ? 'error' : why;
      report(traffic, {
        kind,
        sequence,
        from: error?.from ?? ip,
        text: failureTexts[why],
        ...(error ? {icmp: error} : {}),
      });
      done();
    },
  };
}

function echoClient(traffic: Traffic, ip: Ip, payload: Uint8Array, sequence: number, done: () => void): TcpApplication {
  const {run} = traffic.ns;
  const started = run.now;
  let written = 0;
  let received = 0;
  const fill = (c: TcpConnection) => {
    const end = Math.min(payload.length, written + WRITE_AHEAD - c.queue.length);
    if (end <= written) return;
    const start = written;
    written = end;
    writeTcp(c, payload, start, end);
  };
  return {
    ...client(traffic, ip, sequence, done),
    connected(c) {
      report(traffic, {kind: 'connected', sequence, from: ip, rtt: run.now - started});
      if (payload.length === 0) closeTcp(c);
      else fill(c);
    },
    writable: fill,
    received(c, _bytes, start, end) {
      received += end - start;
      if (received < payload.length) return;
      countReply(traffic, sequence, ip, received, run.now - started);
      closeTcp(c);
    },
    peerClosed: closeTcp,
  };
}

function httpClient(traffic: Traffic, ip: Ip, request: Uint8Array, sequence: number, done: () => void): TcpApplication {
  const {run} = traffic.ns;
  const started = run.now;
  let head: Uint8Array = new Uint8Array(0);
  let status: ReturnType<typeof responseStatus>;
  let received = 0;
  let finished = false;
  const finish = (c: TcpConnection) => {
    if (finished) return;
    finished = true;
    const text = status?.line ?? 'Empty reply from server';
    if (status) report(traffic, {kind: 'reply', sequence, from: ip, bytes: received, rtt: run.now - started, text});
    else report(traffic, {kind: 'error', sequence, from: ip, text});
    closeTcp(c);
  };
  return {
    ...client(traffic, ip, sequence, done),
    connected(c) {
      report(traffic, {kind: 'connected', sequence, from: ip, rtt: run.now - started});
      writeTcp(c, request);
    },
    received(c, bytes, start, end) {
      received += end - start;
      if (!status) {
        const grown = new Uint8Array(head.length + end - start);
        grown.set(head);
        grown.set(bytes.subarray(start, end), head.length);
        head = grown;
        status = responseStatus(head);
      }
      if (status?.length !== undefined && received >= status.length) finish(c);
    },
    peerClosed: finish,
  };
}
