/** Bytes in order, appended at the end and dropped at the front: a ring that grows. */
export class ByteQueue {
  length = 0;
  private head = 0;
  private ring = new Uint8Array(2048);

  append(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const size = end - start;
    if (this.length + size > this.ring.length) this.grow(this.length + size);
    const {ring} = this;
    const at = (this.head + this.length) % ring.length;
    const first = Math.min(size, ring.length - at);
    ring.set(bytes.subarray(start, start + first), at);
    ring.set(bytes.subarray(start + first, end), 0);
    this.length += size;
  }

  /** Copies `size` bytes that start `offset` behind the front to `out[at, …)`. */
  copy(offset: number, size: number, out: Uint8Array, at: number): void {
    const {ring} = this;
    const from = (this.head + offset) % ring.length;
    const first = Math.min(size, ring.length - from);
    out.set(ring.subarray(from, from + first), at);
    out.set(ring.subarray(0, size - first), at + first);
  }

  drop(size: number): void {
    this.head = (this.head + size) % this.ring.length;
    this.length -= size;
  }

  /** Takes everything out. */
  takeAll(): Uint8Array {
    const out = new Uint8Array(this.length);
    this.copy(0, this.length, out, 0);
    this.drop(this.length);
    return out;
  }

  private grow(need: number): void {
    const ring = new Uint8Array(2 ** Math.ceil(Math.log2(need)));
    this.copy(0, this.length, ring, 0);
    this.ring = ring;
    this.head = 0;
  }
}
