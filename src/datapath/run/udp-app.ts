/** UDP traffic: one socket sends all messages, answers are matched in order of arrival. */
import type {Ip} from '../../wire/addr.js';
import {UDP_HEADER} from '../../wire/udp.js';
import {messagePayload} from './payload.js';
import {Timer} from './queue.js';
import type {SimSkb} from './skb.js';
import {connectSocket} from './socket-lb.js';
import {countReply, report, type Traffic} from './traffic.js';
import {closeUdp, openUdp, sendUdp, type UdpFlow} from './udp.js';

const DEFAULT_SIZE = 32;
/** After the last message. */
const LINGER = 5e9;
/** Without an interval messages go out as fast as a 10 Gbit/s link carries them, at most one in 2 µs. */
const BIT_TIME = 0.1;
const MIN_PACE = 2000;
/** Send times kept for round trips: more than are ever under way. */
const KEPT_TIMES = 1 << 14;

export function startUdp(traffic: Traffic, ip: Ip, port: number): void {
  const {ns, outcome} = traffic;
  const {run} = ns;
  const {spec} = outcome;
  const payload = messagePayload(spec, DEFAULT_SIZE);
  const times = new Float64Array(Math.min(spec.count, KEPT_TIMES));
  let replies = 0;
  let refused = 0;
  const to = connectSocket(ns, 'udp', ip, port);
  if (!to) return void report(traffic, {kind: 'unreachable', sequence: 1, from: ip, text: 'No route to host'});
  const flow = openUdp(ns, to.ip, to.port, {
    receive(skb, _ip, o) {
      const sent = outcome.sent - replies <= times.length ? times[replies % times.length] : undefined;
      replies++;
      countReply(traffic, replies, ip, skb.end - o - UDP_HEADER, sent === undefined ? undefined : run.now - sent);
      run.pool.release(skb);
    },
    error(error) {
      const kind =
        error.code === 3 && error.type === 3
          ? 'refused'
          : error.type === 1 && error.code === 4
            ? 'refused'
            : 'unreachable';
      refused++;
      if (error.mtu === undefined)
        report(traffic, {
          kind,
          sequence: outcome.sent,
          from: error.from,
          icmp: error,
          text: kind === 'refused' ? 'Connection refused' : 'No route to host',
        });
    },
  });
  if (!flow) return void report(traffic, {kind: 'unreachable', sequence: 1, from: ip, text: 'Network is unreachable'});
  const pace = spec.every > 0 ? spec.every : Math.max(MIN_PACE, (payload.length + 112) * 8 * BIT_TIME);
  const due = new Timer<SimSkb>(() => {
    if (outcome.sent >= spec.count) return finish(traffic, flow, spec.count - replies - refused);
    times[outcome.sent % times.length] = run.now;
    if (run.app) report(traffic, {kind: 'sent', sequence: outcome.sent + 1, from: flow.source, bytes: payload.length});
    else outcome.sent++;
    sendUdp(flow, payload);
    run.agenda.push(run.now + (outcome.sent >= spec.count ? LINGER : pace), due, undefined);
  });
  due.run();
}

function finish(traffic: Traffic, flow: UdpFlow, missing: number): void {
  closeUdp(flow);
  if (missing > 0) {
    traffic.outcome.timeouts += missing - 1;
    const text = `${missing} of ${traffic.outcome.sent} messages without an answer`;
    report(traffic, {kind: 'timeout', sequence: traffic.outcome.sent, from: flow.destination, text});
  }
}
