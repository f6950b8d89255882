/** Entries of an agenda that are all due the same time after they were made: they come in order, so a ring will do. */
import type {Due} from './queue.js';

export class Lane<Frame> {
  /** Of the first entry; Infinity while there is none. */
  headTime = Number.POSITIVE_INFINITY;
  headOrder = 0;
  count = 0;
  private head = 0;
  private mask = 255;
  private times = new Float64Array(256);
  private orders = new Float64Array(256);
  private targets: (Due<Frame> | undefined)[] = new Array(256).fill(undefined);
  private frames: (Frame | undefined)[] = new Array(256).fill(undefined);

  constructor(readonly delay: number) {}

  push(time: number, order: number, target: Due<Frame>, frame: Frame | undefined): void {
    if (this.count > this.mask) this.grow();
    const at = (this.head + this.count) & this.mask;
    this.times[at] = time;
    this.orders[at] = order;
    this.targets[at] = target;
    this.frames[at] = frame;
    if (this.count++ > 0) return;
    this.headTime = time;
    this.headOrder = order;
  }

  /** Of the first entry, to be taken with `drop`. */
  target(): Due<Frame> {
    return this.targets[this.head]!;
  }

  frame(): Frame | undefined {
    return this.frames[this.head];
  }

  drop(): void {
    this.frames[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    this.count--;
    this.headTime = this.count === 0 ? Number.POSITIVE_INFINITY : this.times[this.head]!;
    this.headOrder = this.orders[this.head]!;
  }

  private grow(): void {
    const size = this.mask + 1;
    const [times, orders] = [new Float64Array(2 * size), new Float64Array(2 * size)];
    const turn = <T>(list: readonly T[]) => [...list.slice(this.head), ...list.slice(0, this.head)];
    times.set(turn([...this.times]));
    orders.set(turn([...this.orders]));
    this.times = times;
    this.orders = orders;
    this.targets = [...turn(this.targets), ...new Array<undefined>(size).fill(undefined)];
    this.frames = [...turn(this.frames), ...new Array<undefined>(size).fill(undefined)];
    this.head = 0;
    this.mask = 2 * size - 1;
  }
}
