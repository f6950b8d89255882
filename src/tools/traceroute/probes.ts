/**
 * What traceroute decides: which probe goes out when, how long each is waited for, where an answer belongs. As Linux traceroute
 * 2.1.2 (traceroute.c) does it, over callbacks; times are virtual, ns.
 */
import type {ProbeAnswer, SentProbe} from '../../datapath/run/probe.js';
import type {Ip} from '../../wire/addr.js';
import type {TracerouteOptions} from './argv.js';
import {errorMark, hopsOf} from './print.js';

/** One probe; those of a hop stand side by side. */
export interface Probe {
  /** Undefined: not sent yet. */
  sentAt: number | undefined;
  /** Answered or given up. */
  done: boolean;
  /** Its answer says that the target is reached, or can't be. */
  final: boolean;
  from: Ip | undefined;
  /** TTL of the answer, 0 = unknown. */
  ttl: number;
  /** ns; undefined: no answer. */
  roundTrip: number | undefined;
  /** `!H`; empty where nothing is wrong. */
  mark: string;
}

export interface Surroundings {
  readonly now: () => number;
  /** Calls back after ns; returns the way to call it off. */
  readonly after: (delay: number, callback: () => void) => () => void;
  readonly send: (index: number, ttl: number, answered: (answer: ProbeAnswer) => void) => SentProbe;
  /** Probes in order, each as soon as it can be told, with all there are. */
  readonly print: (index: number, probes: readonly Probe[]) => void;
  readonly end: (failure?: string) => void;
}

/** Added to a neighbour's round trip before it is multiplied. */
const PRECISION = 1e6;

/** Starts the trace; gives back how to stop it. */
export function startProbes(options: TracerouteOptions, around: Surroundings): () => void {
  const {queries, maxHops, firstHop} = options;
  const probes = Array.from({length: maxHops * queries}, unsent);
  const waits = new Map<number, () => void>();
  let start = (firstHop - 1) * queries;
  let end = probes.length;
  let lastSend: number | undefined;
  let cancel = () => {};
  let over = false;

  const stop = () => {
    over = true;
    cancel();
    for (const give of waits.values()) give();
  };
  const finish = (failure?: string) => {
    stop();
    around.end(failure);
  };
  const settle = (index: number) => {
    waits.get(index)?.();
    waits.delete(index);
    const probe = probes[index];
    if (probe) probe.done = true;
  };
  const send = (index: number): string | undefined => {
    const probe = probes[index]!;
    const sent = around.send(index, Math.floor(index / queries) + 1, (answer) => {
      if (over || probe.done) return;
      take(probe, answer, around.now());
      settle(index);
      // what else arrives at this moment is read before the next look
      again(0);
    });
    if (sent.kind === 'failed') return `${sent.call}: ${sent.why}`;
    probe.sentAt = around.now();
    lastSend = probe.sentAt;
    if (sent.kind === 'sent') waits.set(index, sent.wait);
    else {
      Object.assign(probe, {roundTrip: 0, mark: `!F-${sent.mtu}`, final: true});
      settle(index);
    }
    return undefined;
  };
  const again = (delay: number) => {
    cancel();
    cancel = around.after(delay, look);
  };
  /** One turn of the program's loop: prints what is known, sends what may go, sleeps until something is due. */
  const look = () => {
    let pending = 0;
    let next: number | undefined;
    for (let n = start; n < end && pending < options.simultaneous; n++) {
      let probe = probes[n]!;
      if (n === start && !probe.done && probe.sentAt !== undefined) {
        const expires = probe.sentAt + patience(options, probes, n);
        if (expires > around.now()) next = expires;
        else {
          settle(n);
          adopt(probes, n, queries);
          probe = probes[n]!;
        }
      }
      if (probe.done) {
        if (n === start) {
          around.print(n, probes);
          start++;
        }
        if (probe.final) end = (Math.floor(n / queries) + 1) * queries;
        continue;
      }
      if (probe.sentAt === undefined) {
        const earliest = options.pause > 0 && lastSend !== undefined ? lastSend + options.pause : 0;
        if (earliest > around.now()) {
          next = earliest;
          break;
        }
        const failure = send(n);
        if (failure !== undefined) return finish(failure);
        if (probe.done) {
          n--;
          continue;
        }
      }
      next ??= (probe.sentAt ?? 0) + patience(options, probes, n);
      pending++;
    }
    if (start >= end) return finish();
    again(Math.max(0, (next ?? around.now()) - around.now()));
  };
  look();
  return stop;
}

function unsent(): Probe {
  return {sentAt: undefined, done: false, final: false, from: undefined, ttl: 0, roundTrip: undefined, mark: ''};
}

function take(probe: Probe, {from, error, ttl}: ProbeAnswer, now: number): void {
  const mark = error && errorMark(from, error);
  Object.assign(probe, {from, ttl, roundTrip: now - (probe.sentAt ?? now)});
  probe.final = mark !== undefined || error === undefined;
  probe.mark = mark ?? '';
}

/** How long this probe is waited for: by the round trip of one of its hop, else of a later hop, else the maximum. */
function patience({wait, queries}: TracerouteOptions, probes: readonly Probe[], index: number): number {
  const max = wait.max * 1e9;
  const answered = ({done, roundTrip = 0}: Probe) => done && roundTrip > 0;
  const limit = (probe: Probe, factor: number) => Math.min(max, ((probe.roundTrip ?? 0) + PRECISION) * factor);
  const first = index - (index % queries);
  const here = wait.here > 0 ? probes.slice(first, first + queries).find(answered) : undefined;
  if (here) return limit(here, wait.here);
  if (wait.near === 0) return max;
  for (let n = index + 1; n < probes.length && probes[n]?.sentAt !== undefined; n++) {
    const probe = probes[n]!;
    if (answered(probe)) return limit(probe, wait.near);
  }
  return max;
}

/**
 * A probe without an answer may be the place of a later one that ended the trace with an error: routers say less often that a
 * target can't be reached than how many probes ask. Then the later one moves here.
 */
function adopt(probes: Probe[], index: number, queries: number): void {
  const first = index - (index % queries);
  const before = probes.slice(first, index);
  if (before.some(({done, final}) => !done || !final)) return;
  const at = probes.findIndex((probe, n) => n > index && (probe.done || probe.sentAt === undefined));
  const end = probes[at];
  if (!end?.final || end.mark === '') return;
  const sameHop = before.length > 0 || at < first + queries;
  const sameRouter = probes.slice(0, index).some(({from}) => from !== undefined && from === end.from);
  if (!sameHop && !sameRouter && !(end.ttl > 0 && hopsBack(probes, index, queries, end) <= first / queries + 1)) return;
  probes[index] = end;
  probes[at] = {...unsent(), sentAt: Number.NEGATIVE_INFINITY};
}

/** By TTLs: how far away the sender of an answer is, seen from the nearest earlier hop that is closer. */
function hopsBack(probes: readonly Probe[], index: number, queries: number, end: Probe): number {
  const back = hopsOf(end.ttl);
  for (let n = index - 1; n >= 0; n--) {
    const {done, final, ttl} = probes[n]!;
    if (done && !final && ttl > 0 && hopsOf(ttl) < back) return back - hopsOf(ttl) + Math.floor(n / queries) + 1;
  }
  return back;
}
