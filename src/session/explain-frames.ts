/**
 * Joins frames and events of the stream: which hook saw this frame, what it decided, and why.
 *
 * A frame that comes in is seen by the tap first, then by the program: its events follow. A frame that goes out has been through
 * the program already: its events came before. All happens at one instant of virtual time, so frames wait only until time moves on.
 */
import {describeEvent} from '../datapath/describe.js';
import type {CapturePoint, DatapathEvent, Observer, VirtualTime} from '../datapath/model.js';

export interface ExplainedFrame {
  readonly point: CapturePoint;
  readonly time: VirtualTime;
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array;
  readonly packet: number;
  /** One line per hook: `cil_from_container: from-endpoint …; policy egress: allow …; to-overlay …`. */
  readonly comments: readonly string[];
  /** The frame went no further. */
  readonly dropped: boolean;
}

interface Pending {
  readonly point: CapturePoint;
  readonly time: VirtualTime;
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array | undefined;
  readonly packet: number;
  readonly events: DatapathEvent[];
}

const egressHooks = new Set(['cil_to_container', 'cil_to_overlay', 'cil_to_netdev', 'cil_from_host']);

/** An observer that hands on each frame of the wanted points with its explanation, in time order. Call `end` after the run. */
export function explainFrames(
  wanted: (point: CapturePoint) => boolean,
  emit: (frame: ExplainedFrame) => void,
): Observer & {end(): void} {
  let now = -1;
  let pending: Pending[] = [];
  /** Per packet, within this instant: its last frame, and events that wait for its next one. */
  const last = new Map<number, Pending>();
  const ahead = new Map<number, DatapathEvent[]>();

  function moveTo(time: VirtualTime): void {
    if (time === now) return;
    now = time;
    for (const frame of pending) if (frame.bytes) emit(explained(frame, frame.bytes));
    pending = [];
    last.clear();
    ahead.clear();
  }

  return {
    frame(point, time, direction, bytes, start, end, packet) {
      moveTo(time);
      const frame: Pending = {
        point,
        time,
        direction,
        packet,
        bytes: wanted(point) ? bytes.slice(start, end) : undefined,
        events: ahead.get(packet) ?? [],
      };
      ahead.delete(packet);
      pending.push(frame);
      last.set(packet, frame);
    },
    event(event) {
      moveTo(event.time);
      if (event.kind === 'helper') return;
      const before = last.get(event.packet);
      if (before && !egressHooks.has(event.hook)) before.events.push(event);
      else if (event.kind === 'drop' && before) before.events.push(event);
      else ahead.set(event.packet, [...(ahead.get(event.packet) ?? []), event]);
    },
    end() {
      moveTo(Number.POSITIVE_INFINITY);
    },
  };
}

function explained(frame: Pending, bytes: Uint8Array): ExplainedFrame {
  const byHook = new Map<string, string[]>();
  for (const event of frame.events) {
    const text = describeEvent(event);
    if (text === undefined) continue;
    const list = byHook.get(event.hook);
    if (list) list.push(text);
    else byHook.set(event.hook, [text]);
  }
  const comments = [...byHook].map(([hook, texts]) => `${hook}: ${texts.join('; ')}`);
  if (comments.length === 0)
    comments.push(`${frame.direction === 'in' ? 'received' : 'sent'}: no program here, passed on`);
  const dropped = frame.events.some((e) => e.kind === 'drop' || (e.kind === 'kernel' && e.action === 'discard'));
  const {point, time, direction, packet} = frame;
  return {point, time, direction, bytes, packet, comments, dropped};
}
