/**
 * SCTP traffic: each message goes over an association of its own to an echo server and back; with `keep` all of them over one. The
 * next one starts at its interval, or when the one before has ended.
 */
import type {Ip} from '../../wire/addr.js';
import {messagePayload} from './payload.js';
import {Timer} from './queue.js';
import {openSctp} from './sctp.js';
import {closeSctp, type SctpApplication, type SctpAssociation, writeSctpMessage} from './sctp-state.js';
import type {SimSkb} from './skb.js';
import {countReply, report, type Traffic} from './traffic.js';

const DEFAULT_SIZE = 32;

export function startSctp(traffic: Traffic, ip: Ip, port: number): void {
  const {outcome, ns} = traffic;
  const {run} = ns;
  const {spec} = outcome;
  const payload = messagePayload(spec, DEFAULT_SIZE);
  const ends = {traffic, ip, port, payload};
  if (spec.keep) return void startKept(ends);
  let next = 1;
  const due = new Timer<SimSkb>(() => {
    const sequence = next++;
    const more = () => {
      if (sequence < spec.count) run.agenda.push(run.now, due, undefined);
    };
    report(traffic, {kind: 'sent', sequence, from: ip, bytes: payload.length});
    open(ends, [{sequence, at: run.now}], spec.every > 0 ? () => {} : more);
    if (spec.every > 0 && sequence < spec.count) run.agenda.push(run.now + spec.every, due, undefined);
  });
  due.run();
}

interface Ends {
  readonly traffic: Traffic;
  readonly ip: Ip;
  readonly port: number;
  readonly payload: Uint8Array;
}

/** A message under way, and since when, ns. */
interface Sent {
  readonly sequence: number;
  readonly at: number;
}

/** `keep`: messages at their interval over one association. One that breaks is opened again for the message that comes next. */
function startKept(ends: Ends): void {
  const {traffic, ip, payload} = ends;
  const {spec} = traffic.outcome;
  const {run} = traffic.ns;
  let association: SctpAssociation | undefined;
  let waiting: Sent[] = [];
  let sent = 0;
  const due = new Timer<SimSkb>(() => {
    if (sent >= spec.count) return void (association && closeSctp(association));
    sent++;
    report(traffic, {kind: 'sent', sequence: sent, from: ip, bytes: payload.length});
    if (association?.ns.gone || association?.state === 'closed') association = undefined;
    const message = {sequence: sent, at: run.now};
    if (association) {
      waiting.push(message);
      if (association.state === 'established') writeSctpMessage(association, payload);
    } else {
      waiting = [message];
      association = open(ends, waiting, () => {}, true);
    }
    run.agenda.push(run.now + Math.max(spec.every, 1), due, undefined);
  });
  due.run();
}

const failureTexts = {
  reset: 'Connection reset by peer',
  refused: 'Connection refused',
  timeout: 'Connection timed out',
} as const;

/** Sends these messages and matches echoes with them in order. `keep`: closes only when told. */
function open(
  {traffic, ip, port, payload}: Ends,
  waiting: Sent[],
  done: () => void,
  keep = false,
): SctpAssociation | undefined {
  const {ns} = traffic;
  const {run} = ns;
  const began = run.now;
  const sequence = waiting[0]?.sequence ?? 1;
  const app: SctpApplication = {
    connected(a) {
      report(traffic, {kind: 'connected', sequence, from: ip, rtt: run.now - began});
      for (const _ of waiting) writeSctpMessage(a, payload);
      if (payload.length === 0) closeSctp(a);
    },
    received(a, {length}) {
      const message = waiting.shift();
      if (message) countReply(traffic, message.sequence, ip, length, run.now - message.at);
      if (!keep) closeSctp(a);
    },
    closed() {
      report(traffic, {kind: 'closed', sequence, from: ip});
      done();
    },
    failed(_a, why, error) {
      const kind = why === 'reset' ? 'error' : why;
      const from = error?.from ?? ip;
      report(traffic, {kind, sequence, from, text: failureTexts[why], ...(error ? {icmp: error} : {})});
      done();
    },
  };
  const association = openSctp(ns, ip, port, app);
  if (association) return association;
  report(traffic, {kind: 'unreachable', sequence, from: ip, text: 'Network is unreachable'});
  done();
  return undefined;
}
