/**
 * First sequence and acknowledgement numbers per TCP conversation, for relative numbers. Keyed on addresses and ports only, as
 * tcpdump does (print-tcp.c): encapsulation, VNI and VLAN do not count. Open addressing over one typed array:
 *
 *   slot:  key words … | sequence | acknowledgement        `used` tells which slots hold one
 */
export class SequenceTable {
  /** Fill before `find`: source, destination (in address order of the lower port's side), ports. */
  readonly key: Uint32Array;
  private readonly stride: number;
  /** Slots; what `find` said holds until this grows. */
  capacity = 1024;
  private count = 0;
  private words: Uint32Array;
  private used: Uint8Array;

  constructor(private readonly keyWords: number) {
    this.key = new Uint32Array(keyWords);
    this.stride = keyWords + 2;
    this.words = new Uint32Array(this.capacity * this.stride);
    this.used = new Uint8Array(this.capacity);
  }

  /** Slot of `key`; negative (-1 - slot) when it is new, and then now exists. */
  find(): number {
    if (this.count * 4 > this.capacity * 3) this.enlarge();
    const slot = this.slotOf(this.words, this.used, this.capacity, this.key, 0);
    if (this.used[slot] === 1) return slot;
    this.used[slot] = 1;
    this.words.set(this.key, slot * this.stride);
    this.count++;
    return -1 - slot;
  }

  sequence(slot: number): number {
    return this.words[slot * this.stride + this.keyWords]!;
  }

  acknowledgement(slot: number): number {
    return this.words[slot * this.stride + this.keyWords + 1]!;
  }

  set(slot: number, sequence: number, acknowledgement: number): void {
    this.words[slot * this.stride + this.keyWords] = sequence;
    this.words[slot * this.stride + this.keyWords + 1] = acknowledgement;
  }

  private slotOf(words: Uint32Array, used: Uint8Array, capacity: number, key: Uint32Array, at: number): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < this.keyWords; i++) {
      hash = Math.imul(hash ^ key[at + i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      if (used[slot] === 0) return slot;
      let i = 0;
      while (i < this.keyWords && words[slot * this.stride + i] === key[at + i]) i++;
      if (i === this.keyWords) return slot;
    }
  }

  private enlarge(): void {
    const capacity = this.capacity * 2;
    const words = new Uint32Array(capacity * this.stride);
    const used = new Uint8Array(capacity);
    for (let old = 0; old < this.capacity; old++) {
      if (this.used[old] === 0) continue;
      const slot = this.slotOf(words, used, capacity, this.words, old * this.stride);
      used[slot] = 1;
      words.set(this.words.subarray(old * this.stride, (old + 1) * this.stride), slot * this.stride);
    }
    this.capacity = capacity;
    this.words = words;
    this.used = used;
  }
}
