/**
 * First sequence and acknowledgement numbers per TCP conversation, for relative numbers. Keyed on addresses and ports only, as
 * tcpdump does (print-tcp.c): encapsulation, VNI and VLAN do not count. Entries lie in the order in which they came, found through
 * a table of their numbers by open addressing:
 *
 *   numbers:  upper bits of the key's hash | entry + 1, 0 where there is none …
 *   entries:  key words … | sequence | acknowledgement
 *
 * There are two generations of them. A full one becomes the older one, which loses its predecessor; what is asked for moves to the
 * younger one. So memory is bounded, and no conversation is forgotten before as many others were seen as a generation holds.
 */

/** Entries of a generation. */
const GENERATION = 1 << 18;
const FIRST_CAPACITY = 1024;
/** Bits of an entry + 1 among `numbers`; the others spare most looks at entries of other keys. */
const ENTRY = 2 * GENERATION - 1;

class Generation {
  count = 0;
  private capacity = FIRST_CAPACITY;
  private numbers = new Int32Array(2 * FIRST_CAPACITY);
  private entries: Uint32Array;
  private readonly stride: number;

  constructor(private readonly keyWords: number) {
    this.stride = keyWords + 2;
    this.entries = new Uint32Array(FIRST_CAPACITY * this.stride);
  }

  /** Entry of the key, or -1. */
  find(key: Uint32Array): number {
    const {keyWords, stride, numbers, entries} = this;
    const last = numbers.length - 1;
    const hash = hashOf(key, keyWords, 0);
    for (let place = hash & last; ; place = (place + 1) & last) {
      const number = numbers[place]!;
      if (number === 0) return -1;
      if (((number ^ hash) & ~ENTRY) !== 0) continue;
      const entry = (number & ENTRY) - 1;
      const o = entry * stride;
      let i = 0;
      while (i < keyWords && entries[o + i] === key[i]) i++;
      if (i === keyWords) return entry;
    }
  }

  /** A new entry of a key that has none. */
  add(key: Uint32Array): number {
    if (this.count === this.capacity) this.enlarge();
    const entry = this.count++;
    this.entries.set(key, entry * this.stride);
    this.place(entry);
    return entry;
  }

  private place(entry: number): void {
    const {numbers} = this;
    const last = numbers.length - 1;
    const hash = hashOf(this.entries, this.keyWords, entry * this.stride);
    let place = hash & last;
    while (numbers[place] !== 0) place = (place + 1) & last;
    numbers[place] = (hash & ~ENTRY) | (entry + 1);
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

  private enlarge(): void {
    this.capacity *= 2;
    const entries = new Uint32Array(this.capacity * this.stride);
    entries.set(this.entries);
    this.entries = entries;
    this.numbers = new Int32Array(2 * this.capacity);
    for (let entry = 0; entry < this.count; entry++) this.place(entry);
  }
}

function hashOf(words: Uint32Array, n: number, at: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < n; i++) {
    hash = Math.imul(hash ^ words[at + i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

export class SequenceTable {
  /** Fill before `find`: source, destination (in address order of the lower port's side), ports. */
  readonly key: Uint32Array;
  /** What `find` said holds until this changes. */
  generation = 0;
  private younger: Generation;
  private older: Generation | undefined;

  constructor(private readonly keyWords: number) {
    this.key = new Uint32Array(keyWords);
    this.younger = new Generation(keyWords);
  }

  /** Slot of `key`; negative (-1 - slot) when it is new, and then now exists. */
  find(): number {
    const {key} = this;
    const known = this.younger.find(key);
    if (known >= 0) return known;
    const {older} = this;
    const before = older?.find(key) ?? -1;
    if (this.younger.count === GENERATION) {
      this.older = this.younger;
      this.younger = new Generation(this.keyWords);
      this.generation++;
    }
    const slot = this.younger.add(key);
    if (older === undefined || before < 0) return -1 - slot;
    this.younger.set(slot, older.number(before, 0), older.number(before, 1));
    return slot;
  }

  sequence(slot: number): number {
    return this.younger.number(slot, 0);
  }

  acknowledgement(slot: number): number {
    return this.younger.number(slot, 1);
  }

  set(slot: number, sequence: number, acknowledgement: number): void {
    this.younger.set(slot, sequence, acknowledgement);
  }
}
