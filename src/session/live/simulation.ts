/**
 * The one simulation of a live session: its clock follows the clock on the wall from the first command on, its traffic is the
 * definition's and whatever commands send. Same commands in the same order, same frames; only their times are the user's.
 */
import {performance} from 'node:perf_hooks';
import {applyChange, type Fail} from '../../cluster/change.js';
import {freeze} from '../../cluster/freeze.js';
import type {Loaded} from '../../cluster/load.js';
import type {Cluster, TrafficSpec} from '../../cluster/model.js';
import {resolve} from '../../cluster/resolve.js';
import type {Definition} from '../../cluster/spec.js';
import {type ControlPlane, createControl} from '../../control/control.js';
import type {AppEvent, DatapathEvent, Observer} from '../../datapath/model.js';
import {Timer} from '../../datapath/run/queue.js';
import {createRun, type LiveRun, type RunResult} from '../../datapath/run/simulate.js';
import type {SimSkb} from '../../datapath/run/skb.js';
import type {ControlStage, Run} from '../../datapath/run/state.js';
import {UserError} from '../../term/error.js';
import type {PlannedStage, TimedControl} from '../session.js';
import {createHub} from './hub.js';

/** Arrivals and timers between two looks at the outside world: some 10 ms. */
const SLICE = 20_000;
/** A simulation that is further behind than this does not hurry to catch up, ns. */
const LARGEST_LAG = 100e6;
/** setTimeout's largest delay, ms. */
const LONGEST_WAIT = 2 ** 31 - 1;

export interface Simulation {
  /** As commands have left it. */
  readonly cluster: Cluster;
  readonly control: ControlPlane;
  /** The run as it is now; everything that was due has happened. */
  readonly run: Run;
  result(): RunResult;
  observe(observer: Observer): () => void;
  /** The last notifications of each node. */
  past(): readonly DatapathEvent[];
  /** Another cluster from now on, made by what `edit` makes of the definition of this one. Throws what resolving throws. */
  change(edit: (definition: Definition) => Definition): void;
  /** Calls back behind each change of the cluster, planned or commanded; returns the way to call it off. */
  watch(callback: () => void): () => void;
  /** Starts traffic now; `app` sees what its application sees. */
  start(spec: TrafficSpec, app: (event: AppEvent) => void): RunningTraffic;
  /** Something has been made due from outside: look again when. */
  wake(): void;
  /** Calls back at a virtual time, Infinity: never; returns the way to call it off. */
  at(time: number, callback: () => void): () => void;
  end(): void;
}

export interface RunningTraffic {
  /** Address it speaks to, once known. */
  readonly target: RunResult['apps'][number]['target'];
  stop(): void;
}

const impossible: Fail = (message) => {
  throw new UserError({message});
};

/** `loaded`: what the cluster of `start` was made of. */
export function createSimulation(loaded: Loaded, start: TimedControl, traffic: readonly TrafficSpec[]): Simulation {
  let {definition} = loaded;
  /** The control planes there have been and will be. */
  const stages: ControlPlane[] = [start, ...(start.later ?? []).map(({control}) => control)];
  const hub = createHub();
  let live: LiveRun | undefined;
  /** Wall clock at virtual time 0, ms. */
  let origin = 0;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const watchers = new Set<() => void>();
  /** What the watchers know. */
  let known: ControlPlane = start;
  /** Commands have changed the cluster: planned events happen to what they made of it. */
  let isCommanded = false;

  function begin(): LiveRun {
    if (live) return live;
    origin = performance.now();
    const control = {...start, later: start.later?.map(asItComes)};
    live = createRun({control, traffic, seed: start.cluster.seed, observers: [hub.observer]});
    return live;
  }

  /** A planned stage, made of the cluster that it meets. */
  function asItComes({at, text, change, control}: PlannedStage): ControlStage {
    let told = text;
    return {
      at,
      get control() {
        if (!isCommanded) return control;
        const before = current();
        try {
          const result = applyChange(before.cluster, change, impossible);
          if (!result) return before;
          told = result.text;
          const next = createControl(result.cluster, before);
          stages.push(next);
          return next;
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          told = `planned, but not possible any more: ${error.message}`;
          return before;
        }
      },
      get text() {
        return told;
      },
    };
  }

  function catchUp(): void {
    const {run, advance} = begin();
    const now = (performance.now() - origin) * 1e6;
    if (advance(now, SLICE) < SLICE) return;
    const lag = now - run.now - LARGEST_LAG;
    if (lag > 0) origin += lag / 1e6;
  }

  function schedule(): void {
    clearTimeout(timer);
    if (ended || !live) return;
    const due = live.run.agenda.next() / 1e6 - (performance.now() - origin);
    if (due === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(tick, Math.min(LONGEST_WAIT, Math.max(0, due)));
  }

  function tick(): void {
    catchUp();
    tellWatchers();
    schedule();
  }

  function tellWatchers(): void {
    const now = current();
    if (now === known) return;
    known = now;
    for (const tell of [...watchers]) tell();
  }

  function current(): ControlPlane {
    const {control} = begin().run;
    return stages.find((stage) => stage === control) ?? start;
  }

  return {
    get cluster() {
      return current().cluster;
    },
    get control() {
      return current();
    },
    change(edit) {
      tick();
      const before = current();
      const next = edit(freeze(definition, before.cluster));
      const control = createControl(resolve(next, loaded.options), before);
      definition = next;
      isCommanded = true;
      stages.push(control);
      begin().change(control, 'the cluster is changed');
      tellWatchers();
      schedule();
    },
    watch(callback) {
      tick();
      watchers.add(callback);
      return () => void watchers.delete(callback);
    },
    get run() {
      tick();
      return begin().run;
    },
    result() {
      tick();
      return begin().result();
    },
    past() {
      tick();
      return hub.past();
    },
    observe(observer) {
      tick();
      return hub.observe(observer);
    },
    start(spec, app) {
      tick();
      const {inject, stop, result} = begin();
      const index = inject(spec);
      const unfollow = hub.follow(index, app);
      schedule();
      return {
        get target() {
          return result().apps[index]?.target;
        },
        stop() {
          stop(index);
          unfollow();
        },
      };
    },
    wake: schedule,
    at(time, callback) {
      let wanted = time !== Number.POSITIVE_INFINITY;
      const due = new Timer<SimSkb>(() => {
        if (wanted) callback();
      });
      if (wanted) begin().run.agenda.push(time, due, undefined);
      schedule();
      return () => {
        wanted = false;
      };
    },
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
