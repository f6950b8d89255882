/**
 * The run's agenda, ordered by (time, sequence), so that equal times keep the order of insertion: a binary heap on typed arrays,
 * and beside it one lane for each fixed delay, which need no sorting and carry nearly all of the traffic.
 * An entry is what is due and, for a frame that arrives at a device, the frame. No allocation once it has grown.
 *
 *   heap   position → slot                times, order   by slot
 *   free   stack of unused slots          targets, frames by slot
 */

import {Lane} from './lane.js';

/**
 * What happens when an entry is due: the arrival of a frame at a device, a timer. One object per device or timer, used again and again.
 * A method rather than a function in a field: the few classes that have it can be told apart, and inlined, where the agenda is worked off.
 */
export interface Due<Frame> {
  run(frame: Frame | undefined): void;
}

/** Anything that is due now and then. */
export class Timer<Frame> implements Due<Frame> {
  constructor(private readonly action: () => void) {}

  run(): void {
    this.action();
  }
}

const FIRST_CAPACITY = 1024;

export class Agenda<Frame> {
  /** Of the entry taken last. */
  time = 0;
  target: Due<Frame> | undefined;
  frame: Frame | undefined;
  private readonly lanes: readonly Lane<Frame>[];
  private size = 0;
  private sequence = 0;
  private capacity = FIRST_CAPACITY;
  private heap = new Int32Array(FIRST_CAPACITY);
  private times = new Float64Array(FIRST_CAPACITY);
  private order = new Float64Array(FIRST_CAPACITY);
  private free = new Int32Array(FIRST_CAPACITY).map((_, i) => FIRST_CAPACITY - 1 - i);
  private freeCount = FIRST_CAPACITY;
  private readonly targets: (Due<Frame> | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);
  private readonly frames: (Frame | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);

  /** `delays`: the fixed ones, ns. */
  constructor(delays: readonly number[]) {
    this.lanes = delays.map((delay) => new Lane<Frame>(delay));
  }

  /** Due `lanes[lane].delay` after `now`, which never goes back. */
  pushAfter(lane: number, now: number, target: Due<Frame>, frame: Frame | undefined): void {
    const to = this.lanes[lane]!;
    to.push(now + to.delay, this.sequence++, target, frame);
  }

  push(time: number, target: Due<Frame>, frame: Frame | undefined): void {
    if (this.freeCount === 0) this.grow();
    const slot = this.free[--this.freeCount]!;
    this.times[slot] = time;
    this.order[slot] = this.sequence++;
    this.targets[slot] = target;
    this.frames[slot] = frame;
    this.siftUp(this.size++, slot);
  }

  /** When the next entry is due; Infinity: none. */
  next(): number {
    let time = this.size === 0 ? Number.POSITIVE_INFINITY : this.times[this.heap[0]!]!;
    for (const lane of this.lanes) if (lane.count > 0 && lane.headTime < time) time = lane.headTime;
    return time;
  }

  /** Takes the next entry that is due at `until` or before into `time`, `target` and `frame`. */
  take(until: number): boolean {
    const slot = this.size === 0 ? -1 : this.heap[0]!;
    let time = slot < 0 ? Number.POSITIVE_INFINITY : this.times[slot]!;
    let order = slot < 0 ? 0 : this.order[slot]!;
    let first: Lane<Frame> | undefined;
    const {lanes} = this;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i]!;
      if (lane.headTime > time || (lane.headTime === time && lane.headOrder > order)) continue;
      if (lane.count === 0) continue;
      first = lane;
      time = lane.headTime;
      order = lane.headOrder;
    }
    if (time > until || time === Number.POSITIVE_INFINITY) return false;
    this.time = time;
    if (first) {
      this.target = first.target();
      this.frame = first.frame();
      first.drop();
    } else this.takeFromHeap(slot);
    return true;
  }

  private takeFromHeap(slot: number): void {
    this.target = this.targets[slot];
    this.frame = this.frames[slot];
    this.targets[slot] = undefined;
    this.frames[slot] = undefined;
    this.free[this.freeCount++] = slot;
    const last = this.heap[--this.size]!;
    if (this.size > 0) this.siftDown(last);
  }

  private before(a: number, b: number): boolean {
    const ta = this.times[a]!;
    const tb = this.times[b]!;
    return ta < tb || (ta === tb && this.order[a]! < this.order[b]!);
  }

  private siftUp(from: number, slot: number): void {
    const {heap} = this;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(slot, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = slot;
  }

  private siftDown(slot: number): void {
    const {heap, size} = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.before(heap[child]!, slot)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = slot;
  }

  private grow(): void {
    const old = this.capacity;
    this.capacity = 2 * old;
    this.heap = widen(this.heap, new Int32Array(this.capacity));
    this.times = widen(this.times, new Float64Array(this.capacity));
    this.order = widen(this.order, new Float64Array(this.capacity));
    this.free = new Int32Array(this.capacity);
    for (let slot = this.capacity - 1; slot >= old; slot--) {
      this.free[this.freeCount++] = slot;
      this.targets[slot] = undefined;
      this.frames[slot] = undefined;
    }
  }
}

function widen<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
