/**
 * First sequence and acknowledgement numbers per TCP conversation, for relative numbers. Keyed on addresses and ports only, as
 * tcpdump does (print-tcp.c): encapsulation, VNI and VLAN do not count. Entries lie in the order in which they came, found through
 * a table of their numbers by open addressing:
 *
 *   numbers:  upper bits of the key's hash | entry from 1 on; 0 where there is none …
 *   entries:  key words … | sequence | acknowledgement
 *
 * There are two generations of them. A full one becomes the older one, which loses its predecessor; what is asked for moves to the
 * younger one. So memory is bounded, and no conversation is forgotten before as many others were seen as a generation holds.
 */

/** Entries of a generation, not counting entry 0, which is nobody's. */
const GENERATION = 1 << 18;
const FIRST_CAPACITY = 1024;
/** Bits of an entry among `numbers`; the others spare most looks at entries of other keys. */
const ENTRY = 2 * GENERATION - 1;

class Generation {
  count = 0;
  private capacity = FIRST_CAPACITY;
  private numbers = new Int32Array(2 * FIRST_CAPACITY);
  private entries: Int32Array;
  private readonly stride: number;
  /** Where the look-up for a key ended that has no entry, and its hash: there `add` puts it. */
  private end = 0;
  private hash = 0;

  constructor(private readonly keyWords: number) {
    this.stride = keyWords + 2;
    this.entries = new Int32Array((FIRST_CAPACITY + 1) * this.stride);
  }

  /** Is the entry the key's? */
  holds(entry: number, key: Int32Array): boolean {
    const {keyWords, stride, entries} = this;
    const o = entry * stride;
    let different = 0;
    for (let i = 0; i < keyWords; i++) different |= entries[o + i]! ^ key[i]!;
    return different === 0 && entry <= this.count;
  }

  /**
   * Entry of the key, or 0. The empty place at the end is compared too, so that code compiled while all conversations are new also
   * serves those that are known.
   */
  find(key: Int32Array, hash: number): number {
    const {keyWords, stride, numbers, entries} = this;
    const last = numbers.length - 1;
    for (let place = hash & last; ; place = (place + 1) & last) {
      const number = numbers[place]!;
      if (number !== 0 && ((number ^ hash) & ~ENTRY) !== 0) continue;
      const entry = number & ENTRY;
      const o = entry * stride;
      let different = 0;
      for (let i = 0; i < keyWords; i++) different |= entries[o + i]! ^ key[i]!;
      if (number === 0) {
        this.end = place;
        this.hash = hash;
        return 0;
      }
      if (different === 0) return entry;
    }
  }

  /** A new entry of the key that `find` has just not found. */
  add(key: Int32Array): number {
    if (this.count === this.capacity) this.enlarge(key);
    const entry = ++this.count;
    const {entries, keyWords, hash} = this;
    const o = entry * this.stride;
    for (let i = 0; i < keyWords; i++) entries[o + i] = key[i]!;
    this.numbers[this.end] = (hash & ~ENTRY) | entry;
    return entry;
  }

  /** The first number of an entry (`which` 0: sequence, 1: acknowledgement). */
  number(entry: number, which: 0 | 1): number {
    return this.entries[entry * this.stride + this.keyWords + which]!;
  }

  set(entry: number, sequence: number, acknowledgement: number): void {
    const at = entry * this.stride + this.keyWords;
    this.entries[at] = sequence;
    this.entries[at + 1] = acknowledgement;
  }

  private enlarge(key: Int32Array): void {
    this.capacity *= 2;
    const {keyWords, stride, hash} = this;
    const entries = new Int32Array((this.capacity + 1) * stride);
    entries.set(this.entries);
    const numbers = new Int32Array(2 * this.capacity);
    const last = numbers.length - 1;
    for (let entry = 1; entry <= this.count; entry++) {
      const hash = hashOf(entries, keyWords, entry * stride);
      let place = hash & last;
      while (numbers[place] !== 0) place = (place + 1) & last;
      numbers[place] = (hash & ~ENTRY) | entry;
    }
    this.entries = entries;
    this.numbers = numbers;
    this.find(key, hash);
  }
}

function hashOf(words: Int32Array, n: number, at: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < n; i++) {
    hash = Math.imul(hash ^ words[at + i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

export class SequenceTable {
  /** What `find` said holds until this changes. */
  generation = 0;
  private readonly key: Int32Array;
  private readonly addressWords: number;
  private younger: Generation;
  private older: Generation | undefined;
  /** What `find` said last. */
  private last = 0;
  /** The slot that `find` has just made, or 0. */
  private made = 0;

  /** Of conversations between addresses of so many words of 32 bits. */
  constructor(addressWords: 1 | 4) {
    this.addressWords = addressWords;
    this.key = new Int32Array(2 * addressWords + 1);
    this.younger = new Generation(this.key.length);
  }

  /** Slot of the conversation between the addresses at `first` and `second` of `frame`, the first one's port in the upper half. */
  find(frame: DataView, first: number, second: number, ports: number): number {
    const {key, addressWords} = this;
    for (let i = 0; i < addressWords; i++) {
      key[i] = frame.getInt32(first + 4 * i);
      key[addressWords + i] = frame.getInt32(second + 4 * i);
    }
    key[2 * addressWords] = ports;
    // Many take turns: then the next one is beside the last one, and the table of numbers stays out of the processor's caches.
    const next = this.last < this.younger.count ? this.last + 1 : 1;
    if (this.younger.holds(next, key)) return (this.last = next);
    const hash = hashOf(key, key.length, 0);
    const known = this.younger.find(key, hash);
    return (this.last = known > 0 ? known : this.add(hash));
  }

  /** A slot for the key that the younger generation lacks. */
  private add(hash: number): number {
    const {key, older} = this;
    const before = older?.find(key, hash) ?? 0;
    if (this.younger.count === GENERATION) {
      this.older = this.younger;
      this.younger = new Generation(key.length);
      this.younger.find(key, hash);
      this.generation++;
    }
    const slot = this.younger.add(key);
    if (older === undefined || before === 0) this.made = slot;
    else this.younger.set(slot, older.number(before, 0), older.number(before, 1));
    return slot;
  }

  /** Has no segment set the numbers of the slot that `find` gave? */
  isNew(slot: number): boolean {
    return this.made === slot;
  }

  /** The first numbers, as 32 bits with a sign. */
  sequence(slot: number): number {
    return this.younger.number(slot, 0);
  }

  acknowledgement(slot: number): number {
    return this.younger.number(slot, 1);
  }

  set(slot: number, sequence: number, acknowledgement: number): void {
    this.younger.set(slot, sequence, acknowledgement);
    this.made = 0;
  }
}
