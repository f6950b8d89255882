/** What follows from a state: the selected frame, its layers, the way of its packet. */
import type {CapturePoint} from '../datapath/model.js';
import {decodeLayers, type Layer, type TunnelPorts} from '../session/layers.js';
import type {Scope, UiState} from './model.js';
import type {RecordedFrame} from './recorder.js';
import {summarize} from './summary.js';
import type {World} from './world.js';

/** Index of the first frame with this number or a later one. */
export function positionOf(frames: readonly RecordedFrame[], number: number): number {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (frames[middle]!.number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function selectedFrame({frames, selected}: UiState): RecordedFrame | undefined {
  const frame = frames[positionOf(frames, selected)];
  return frame?.number === selected ? frame : undefined;
}

const layersOf = new WeakMap<RecordedFrame, {ports: TunnelPorts; layers: readonly Layer[]; summary: string}>();

function decoded(frame: RecordedFrame, ports: TunnelPorts) {
  const known = layersOf.get(frame);
  if (known?.ports === ports) return known;
  const layers = decodeLayers(frame.bytes, ports);
  const entry = {ports, layers, summary: summarize(frame.bytes, layers)};
  layersOf.set(frame, entry);
  return entry;
}

export function frameLayers(frame: RecordedFrame, ports: TunnelPorts): readonly Layer[] {
  return decoded(frame, ports).layers;
}

export function frameSummary(frame: RecordedFrame, ports: TunnelPorts): string {
  return decoded(frame, ports).summary;
}

export function selectedLayers(state: UiState): readonly Layer[] {
  const frame = selectedFrame(state);
  return frame ? frameLayers(frame, state.world.ports) : [];
}

/** Every place where the frame's packet was seen, in order, as far as it is kept. */
export function hopsOf({frames}: UiState, frame: RecordedFrame): readonly RecordedFrame[] {
  const [first = 0, last = 0] = [frames[0]?.number, frames.at(-1)?.number];
  const hops: RecordedFrame[] = [];
  let hop: RecordedFrame | undefined = frame;
  while (hop.before && hop.before.number >= first) hop = hop.before;
  for (; hop && hop.number <= last; hop = hop.after) hops.push(hop);
  return hops;
}

export interface Verdict {
  readonly word: 'DROPPED' | 'delivered' | 'last seen';
  readonly text: string;
}

/** How the packet's way ends, as far as it was recorded. */
export function verdictOf(hops: readonly RecordedFrame[], world: World): Verdict | undefined {
  const last = hops.at(-1);
  if (!last) return undefined;
  const drop = hops.findLast((hop) => hop.dropped);
  if (drop) {
    const why = drop.comments.find((comment) => /dropped:|discard:/.test(comment)) ?? drop.comments.at(-1) ?? '';
    return {word: 'DROPPED', text: `at ${world.label(drop.point)}: ${why}`};
  }
  if (last.direction === 'in' && last.point.pod !== undefined) return {word: 'delivered', text: `to ${last.point.pod}`};
  return {
    word: 'last seen',
    text: `${last.direction === 'in' ? 'arriving at' : 'leaving by'} ${world.label(last.point)}`,
  };
}

export function inScope(scope: Scope | undefined, point: CapturePoint): boolean {
  if (!scope) return true;
  if (point.node !== scope.node) return false;
  return scope.kind === 'node' || point.pod === scope.pod || (point.pod === undefined && point.device === scope.device);
}

/** Seconds and microseconds of virtual time. */
export function timeText(time: number): string {
  const micros = Math.floor(time / 1000);
  return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
}
