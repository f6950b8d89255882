/**
 * The network as a client program of the viewpoint uses it: sockets in its namespace, timers, names. In a live session it is the
 * session's simulation, as time goes by; else a run of its own, whose clock jumps to whatever is due next.
 */
import {setImmediate} from 'node:timers/promises';
import type {TrafficSpec} from '../cluster/model.js';
import type {AppEvent} from '../datapath/model.js';
import {Timer} from '../datapath/run/queue.js';
import type {SimSkb} from '../datapath/run/skb.js';
import type {Ns, Run} from '../datapath/run/state.js';
import {podNs} from '../datapath/run/traffic.js';
import {nodeNamed} from '../datapath/run/world.js';
import {UserError} from '../term/error.js';
import type {Io} from '../term/io.js';
import type {Session} from './session.js';

export interface Network {
  readonly run: Run;
  /** Namespace of the viewpoint. */
  readonly ns: Ns;
  /**
   * Calls `begin` now and goes on until it calls `end`. A signal that nobody else handles ends it with `interrupted`, if that is
   * given.
   */
  until<T>(begin: (end: (value: T) => void) => void, interrupted?: () => T): Promise<T>;
  /** Does something now, where it is not the run itself that calls: on input, at the end. */
  act(callback: () => void): void;
  /** Calls back after a virtual time, ns; returns the way to call it off. */
  after(delay: number, callback: () => void): () => void;
}

/** Arrivals and timers between two looks at the outside world. */
const SLICE = 100_000;

export async function openNetwork(session: Session, io: Io): Promise<Network> {
  const traffic = session.traffic === session.cluster.traffic ? [] : session.traffic;
  return open(session, io, traffic);
}

/** The network as it is when the traffic is over; in a session, as it is now. */
export async function openAfterTraffic(session: Session, io: Io): Promise<Network> {
  const {advance, ...network} = await open(session, io, session.traffic);
  while (advance() === SLICE) await setImmediate();
  return network;
}

/** `advance`: goes on to the end by a slice; gives back how much there was to do. */
async function open(
  session: Session,
  io: Io,
  traffic: readonly TrafficSpec[],
): Promise<Network & {readonly advance: () => number}> {
  const {simulation} = session;
  if (simulation) {
    const {run} = simulation;
    const network = networkOn(
      run,
      namespaceIn(session, run),
      io,
      async () => {},
      () => simulation.wake(),
      () => void simulation.run,
    );
    return {...network, advance: () => 0};
  }
  const {createRun} = await import('../datapath/run/simulate.js');
  const ignored = {app: (_event: AppEvent) => {}};
  const live = createRun({control: session.control, traffic, seed: session.cluster.seed, observers: [ignored]});
  const drive = async (isOver: () => boolean) => {
    while (!isOver()) {
      const step = live.advance(live.run.agenda.next(), SLICE);
      if (step === 0)
        throw new UserError({
          message: 'nothing more happens, and the real one would wait for ever',
          hint: 'in a session (wirelay run, wirelay shell) time goes on; most clients have a limit of their own: -m, -w',
        });
      if (step === SLICE) await setImmediate();
    }
  };
  const nothing = () => {};
  const network = networkOn(live.run, namespaceIn(session, live.run), io, drive, nothing, nothing);
  return {...network, advance: () => live.advance(undefined, SLICE)};
}

function namespaceIn({node, pod}: Session, run: Run): Ns {
  const ns = pod ? podNs(run, pod) : nodeNamed(run, node.name)?.host;
  if (!ns) throw new UserError({message: `pod ${pod?.namespace}/${pod?.name} has no network`});
  return ns;
}

function networkOn(
  run: Run,
  ns: Ns,
  io: Io,
  drive: (isOver: () => boolean) => Promise<void>,
  wake: () => void,
  catchUp: () => void,
): Network {
  return {
    run,
    ns,
    until<T>(begin: (end: (value: T) => void) => void, interrupted?: () => T) {
      return new Promise<T>((resolve, reject) => {
        let over = false;
        const end = (value: T) => {
          if (over) return;
          over = true;
          stopListening();
          resolve(value);
        };
        const stopListening = interrupted ? io.onInterrupt(() => end(interrupted())) : () => {};
        try {
          catchUp();
          begin(end);
          wake();
          drive(() => over).catch(reject);
        } catch (error) {
          stopListening();
          reject(error);
        }
      });
    },
    act(callback) {
      catchUp();
      callback();
      wake();
    },
    after(delay, callback) {
      let wanted = true;
      const due = new Timer<SimSkb>(() => {
        if (wanted) callback();
      });
      run.agenda.push(run.now + delay, due, undefined);
      wake();
      return () => {
        wanted = false;
      };
    },
  };
}
