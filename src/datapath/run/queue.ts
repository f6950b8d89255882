/**
 * The run's agenda: a binary heap on typed arrays, ordered by (time, sequence), so that equal times keep the order of insertion.
 * An entry is what is due and, for a frame that arrives at a device, the frame. No allocation once it has grown.
 *
 *   heap   position → slot                times, order   by slot
 *   free   stack of unused slots          targets, frames by slot
 */

/** What happens when an entry is due: the arrival of a frame at a device, a timer. One object per device or timer, used again and again. */
export class Due<Frame> {
  constructor(readonly run: (frame: Frame | undefined) => void) {}
}

const FIRST_CAPACITY = 1024;

export class Agenda<Frame> {
  /** Of the entry taken last. */
  time = 0;
  target: Due<Frame> | undefined;
  frame: Frame | undefined;
  size = 0;
  private sequence = 0;
  private capacity = FIRST_CAPACITY;
  private heap = new Int32Array(FIRST_CAPACITY);
  private times = new Float64Array(FIRST_CAPACITY);
  private order = new Float64Array(FIRST_CAPACITY);
  private free = new Int32Array(FIRST_CAPACITY).map((_, i) => FIRST_CAPACITY - 1 - i);
  private freeCount = FIRST_CAPACITY;
  private readonly targets: (Due<Frame> | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);
  private readonly frames: (Frame | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);

  push(time: number, target: Due<Frame>, frame: Frame | undefined): void {
    if (this.freeCount === 0) this.grow();
    const slot = this.free[--this.freeCount]!;
    this.times[slot] = time;
    this.order[slot] = this.sequence++;
    this.targets[slot] = target;
    this.frames[slot] = frame;
    this.siftUp(this.size++, slot);
  }

  /** Time of the next entry, Infinity when there is none. */
  nextTime(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.times[this.heap[0]!]!;
  }

  /** Takes the next entry into `time`, `target` and `frame`. */
  take(): boolean {
    if (this.size === 0) return false;
    const slot = this.heap[0]!;
    this.time = this.times[slot]!;
    this.target = this.targets[slot];
    this.frame = this.frames[slot];
    this.targets[slot] = undefined;
    this.frames[slot] = undefined;
    this.free[this.freeCount++] = slot;
    const last = this.heap[--this.size]!;
    if (this.size > 0) this.siftDown(last);
    return true;
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
