/** A run that goes on in slices, its last frames kept: so that the screen stays alive and memory flat however long the traffic. */
import type {TrafficSpec} from '../cluster/model.js';
import {createRun, type RunResult} from '../datapath/run/simulate.js';
import {type ExplainedFrame, explainFrames} from '../session/explain-frames.js';
import type {Session} from '../session/session.js';

export interface RecordedFrame extends ExplainedFrame {
  /** Position in the run, from 1. */
  readonly number: number;
  /** The same packet's frame before and after this one, as far as they are kept. */
  readonly before: RecordedFrame | undefined;
  readonly after: RecordedFrame | undefined;
}

/** As the recorder has it: links are set as frames come and go. */
type Linked = {
  -readonly [K in keyof RecordedFrame]: K extends 'before' | 'after' ? Linked | undefined : RecordedFrame[K];
};

export interface Recorder {
  /** Goes on for at most so many events; false when nothing is due any more. */
  advance(events: number): boolean;
  /** Adds traffic, now. */
  inject(spec: TrafficSpec): void;
  /** The frames kept, oldest first: a list of its own. */
  frames(): readonly RecordedFrame[];
  /** Frames so far, kept or forgotten. */
  total(): number;
  /** Virtual time, ns. */
  now(): number;
  result(): RunResult;
}

export interface RecorderLimits {
  readonly frames: number;
  /** Of all kept frames together. */
  readonly bytes: number;
}

/** With more nodes than this, only those that a packet concerns see it. */
export const MANY_NODES = 50;

export const defaultLimits: RecorderLimits = {frames: 20_000, bytes: 64 * 1024 * 1024};

export function createRecorder(session: Session, limits: RecorderLimits = defaultLimits): Recorder {
  const kept: Linked[] = [];
  /** Packet → its last frame. */
  const lastOf = new Map<number, Linked>();
  /** The first of `kept` that counts; the ones before are gone at the next tidying. */
  let first = 0;
  let bytes = 0;
  let total = 0;
  const observer = explainFrames(
    () => true,
    (frame) => {
      const before = lastOf.get(frame.packet);
      const linked: Linked = {...frame, number: ++total, before, after: undefined};
      if (before) before.after = linked;
      lastOf.set(frame.packet, linked);
      kept.push(linked);
      bytes += frame.bytes.length;
      while (kept.length - first > limits.frames || bytes > limits.bytes) bytes -= forget(kept[first++]!);
      if (first > 1024 && first > kept.length / 2) {
        kept.splice(0, first);
        first = 0;
      }
    },
  );
  const forget = (frame: Linked): number => {
    if (frame.after) frame.after.before = undefined;
    if (lastOf.get(frame.packet) === frame) lastOf.delete(frame.packet);
    return frame.bytes.length;
  };
  const {control, traffic, cluster} = session;
  // Broadcasts would concern every node there is.
  const broadcasts = cluster.nodes.length <= MANY_NODES;
  const live = createRun({control, traffic, seed: cluster.seed, observers: [{...observer, broadcasts}]});
  return {
    advance(events) {
      const more = live.advance(undefined, events) === events;
      if (!more) observer.end();
      return more;
    },
    inject: (spec) => void live.inject(spec),
    frames: () => kept.slice(first),
    total: () => total,
    now: () => live.run.now,
    result: () => live.result(),
  };
}
