/** Runs a session under a screen: the state, the run that goes on in slices, and what the reducer asks for. */
import {existsSync} from 'node:fs';
import {dirname, isAbsolute, join, resolve} from 'node:path';
import {performance} from 'node:perf_hooks';
import type {ClusterEvent} from '../cluster/model.js';
import {capturePoints} from '../datapath/run/simulate.js';
import {CaptureError, fileSink} from '../pcap-writer/index.js';
import {pcapngFrames} from '../session/frame-writer.js';
import type {SessionOptions} from '../session/options.js';
import {createSession, type Session} from '../session/session.js';
import {UserError} from '../term/error.js';
import type {Io} from '../term/io.js';
import type {Action, Effect, UiState} from './model.js';
import {createRecorder, MANY_NODES, type Recorder} from './recorder.js';
import {inScope} from './select.js';
import {initialState, reduce} from './state.js';
import {describeWorld} from './world.js';

/** Events of the run between two looks at the clock (few: the first one at a node may build it, some ms). */
const EVENTS = 16;
/** ms between two updates of the screen: 30 a second, with some room. */
const UPDATE = 30;
/** ms of a slice: until an update is due, but short enough to answer keys, and long enough to get on where pictures take their time. */
const [LEAST, MOST] = [5, 15];

export interface Runner {
  state(): UiState;
  dispatch(action: Action): void;
  subscribe(listener: () => void): () => void;
  /** Settles when the user quits; rejects on a programmer error. */
  readonly done: Promise<void>;
  close(): void;
}

export interface RunnerInput {
  readonly session: Session;
  readonly options: SessionOptions;
  readonly io: Io;
  readonly columns: number;
  readonly rows: number;
}

export function createRunner({session: opened, options, io, columns, rows}: RunnerInput): Runner {
  let session = opened;
  let recorder = createRecorder(session);
  let state = initialState(describeWorld(session, options), columns, rows);
  let pumping = false;
  let closed = false;
  let telling = false;
  let updated = Number.NEGATIVE_INFINITY;
  const listeners = new Set<() => void>();
  let finish = () => {};
  let fail: (error: unknown) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });

  function dispatch(action: Action): void {
    if (closed) return;
    try {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      const {effect} = state;
      if (effect) {
        state = reduce(state, {type: 'effect-taken'});
        perform(effect).catch((error: unknown) => dispatch({type: 'failed', text: problem(error)}));
      }
      tell();
    } catch (error) {
      stop(() => fail(error));
    }
  }

  /** Once for all that happens at a time: a burst of keys is drawn once. */
  function tell(): void {
    if (telling) return;
    telling = true;
    setImmediate(() => {
      telling = false;
      for (const listener of listeners) listener();
    });
  }

  /** Text of what a user can mend; anything else ends the screen. */
  function problem(error: unknown): string {
    if (error instanceof UserError || error instanceof CaptureError) return error.message;
    stop(() => fail(error));
    return '';
  }

  function stop(settle: () => void): void {
    closed = true;
    settle();
  }

  function pump(): void {
    pumping = false;
    if (closed || state.paused) return;
    const start = performance.now();
    const end = Math.min(start + MOST, Math.max(start + LEAST, updated + UPDATE));
    let more = true;
    while (more && performance.now() < end) more = recorder.advance(EVENTS);
    const now = performance.now();
    if (!more || now - updated >= UPDATE) {
      updated = now;
      dispatch({type: 'frames', frames: recorder.frames(), total: recorder.total(), running: more});
    }
    if (more) wake();
  }

  function wake(): void {
    if (pumping) return;
    pumping = true;
    setImmediate(pump);
  }

  async function perform(effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'quit':
        return stop(finish);
      case 'pause':
        return effect.paused ? undefined : wake();
      case 'export': {
        const path = isAbsolute(effect.path) ? effect.path : join(io.cwd, effect.path);
        if (!effect.overwrite && existsSync(path)) return dispatch({type: 'exists', path: effect.path});
        const frames = writeShown(session, state, recorder, path);
        return dispatch({type: 'exported', text: `${frames} frames written to ${effect.path}`});
      }
      case 'traffic':
        return send(effect.text);
      case 'event':
        return change(effect.text);
      case 'reopen':
        return reopen({...state.world.options, set: effect.set});
    }
  }

  /** Traffic starts at the next whole ms of virtual time, which its line then says: the same run again has the same frames. */
  async function send(text: string): Promise<void> {
    const spec = await session.parseTraffic(text);
    const next = Math.ceil(recorder.now() / 1e6);
    const at = Math.max(spec.at, next * 1e6);
    const line = at === spec.at ? text : `${text.replace(/\s+at=\S+/g, '')} at=${next}ms`;
    recorder.inject({...spec, at, text: line});
    const before = state.world.options.traffic;
    const traffic = [...(before.length > 0 ? before : session.traffic.map((known) => known.text)), line];
    dispatch({type: 'traffic', world: {...state.world, options: {...state.world.options, traffic}}, text: line});
    wake();
  }

  /** The run again, with the change at the next whole ms: up to then the same frames. */
  async function change(text: string): Promise<void> {
    const {options: known} = state.world;
    const line = `at=${Math.ceil(recorder.now() / 1e6)}ms ${text}`;
    const before = known.event?.length
      ? known.event
      : (session.cluster.events ?? []).map((event) => eventText(event, io.cwd));
    await reopen({...known, event: [...before, line]}, line);
  }

  async function reopen(next: SessionOptions, text?: string): Promise<void> {
    session = await createSession(next, {...io, stderr: silent(io)});
    recorder = createRecorder(session);
    dispatch({type: 'reopened', world: describeWorld(session, next), ...(text === undefined ? {} : {text})});
    wake();
  }

  // a small cluster's first frames are there at once; with many nodes one broadcast takes seconds: a picture comes before
  if (session.cluster.nodes.length <= MANY_NODES) pump();
  else wake();
  return {
    state: () => state,
    dispatch,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    done,
    close: () => stop(finish),
  };
}

/** An event of the definition as an option: a file is named from where we are. */
function eventText({text, change, where}: ClusterEvent, cwd: string): string {
  if (change.kind !== 'apply' || !where) return text;
  return text.replace(change.file, resolve(cwd, dirname(where.file), change.file));
}

/** Nothing may write beside the screen. */
function silent(io: Io): Io['stderr'] {
  return {...io.stderr, write: () => {}, writeBytes: () => {}, flush: () => {}};
}

/** The shown frames as `wirelay export` writes them; returns how many. */
function writeShown(session: Session, {shown, scope, filter}: UiState, recorder: Recorder, path: string): number {
  const points = capturePoints(session.control).filter((point) => inScope(scope, point));
  const sink = fileSink(path);
  try {
    const writer = pcapngFrames(session, points, filter?.text, sink);
    for (const frame of shown) writer.write(frame);
    writer.end(recorder.result());
    return shown.length;
  } catch (error) {
    sink.abort();
    throw error;
  }
}
