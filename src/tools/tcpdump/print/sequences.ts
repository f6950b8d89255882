/**
 * First sequence and acknowledgement numbers per TCP conversation, for relative numbers. Keyed on addresses and ports only, as
 * tcpdump does (print-tcp.c): encapsulation, VNI and VLAN do not count. Open addressing over one typed array:
 *
 *   slot:  key words … | sequence | acknowledgement | 1 where the slot holds one
 */
export class SequenceTable {
  /** Fill before `find`: source, destination (in address order of the lower port's side), ports. */
  readonly key: Uint32Array;
  private readonly stride: number;
  /** Slots; what `find` said holds until this grows. */
  capacity = 1024;
  private count = 0;
  private words: Uint32Array;

  constructor(private readonly keyWords: number) {
    this.key = new Uint32Array(keyWords);
    this.stride = keyWords + 3;
    this.words = new Uint32Array(this.capacity * this.stride);
  }

  /** Slot of `key`; negative (-1 - slot) when it is new, and then now exists. */
  find(): number {
    if (this.count * 4 > this.capacity * 3) this.enlarge();
    const slot = this.slotOf(this.words, this.capacity, this.key, 0);
    const at = slot * this.stride;
    if (this.words[at + this.stride - 1] === 1) return slot;
    this.words.set(this.key, at);
    this.words[at + this.stride - 1] = 1;
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

  private slotOf(words: Uint32Array, capacity: number, key: Uint32Array, at: number): number {
    const {keyWords, stride} = this;
    let hash = 0x811c9dc5;
    for (let i = 0; i < keyWords; i++) {
      hash = Math.imul(hash ^ key[at + i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      const o = slot * stride;
      if (words[o + stride - 1] === 0) return slot;
      let i = 0;
      while (i < keyWords && words[o + i] === key[at + i]) i++;
      if (i === keyWords) return slot;
    }
  }

  private enlarge(): void {
    const capacity = this.capacity * 2;
    const words = new Uint32Array(capacity * this.stride);
    for (let old = 0; old < this.capacity; old++) {
      const from = old * this.stride;
      if (this.words[from + this.stride - 1] === 0) continue;
      const to = this.slotOf(words, capacity, this.words, from) * this.stride;
      for (let i = 0; i < this.stride; i++) words[to + i] = this.words[from + i]!;
    }
    this.capacity = capacity;
    this.words = words;
  }
}
