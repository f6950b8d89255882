/**
 * Beginnings of packets and their texts, found by what printers said of the bytes they are made from (`PrefixCache`).
 *
 *   frame   |  Ethernet … ports of the TCP segment | rest …        key = this part, masked by the layout
 *   text    IP ▢.▢ > ▢.6081: Geneve, … IP ▢.▢ > ▢.▢: | Flags …     ▢ = a hole
 *
 * A layout says what of a frame is key, what hole, what length; an entry is one slot of three flat arrays, found by a hash of its
 * key; a third one with the same two slots replaces one.
 */
import {get16} from '../../../wire/bytes.js';
import {finishSum, sumWords, viewChecksum} from '../../../wire/checksum.js';
import type {Dissector} from './dissector.js';
import {type HoleKind, holeAt, holeKind, holeSize} from './text-buffer.js';

const KEY_WORDS = 40;
const TEXT_BYTES = 640;
const MAX_HOLES = 20;
const MAX_HEADERS = 4;
/** How many words are hashed, and what each is multiplied by. */
const HASHED = 6;
const MULTIPLIERS = Int32Array.of(0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1, 0x2c1b3c6d);

/** Fields of an entry in `fields`; offsets into the frame count from its start. No layout has number 0. */
const LAYOUT = 0;
const CAPTURED = 1;
const WIRE = 2;
const TEXT_LENGTH = 3;
const END = 4;
const SEGMENT = 5;
const LENGTH = 6;
const IP = 7;
const FRAGMENTED = 8;
const LINK_HEADER = 9;
/** Slot in the table of TCP conversations, and that table's generation then. */
const CONVERSATION = 10;
const GENERATION = 11;
/** Where in the text each hole is; of each IPv4 header the words' sum without identification and checksum. */
const GAPS = 12;
const SUMS = GAPS + MAX_HOLES;
const FIELDS = SUMS + MAX_HEADERS;

/** A port on which the text depends no further while no printer cares for it. */
export interface DullPort {
  readonly o: number;
  readonly dull: (port: number) => boolean;
}

/** What was told while a packet was printed in full; offsets from the frame's start. */
export interface Recorded {
  /** Where the segment is, and what the printers around it found out. */
  readonly segment: number;
  readonly length: number;
  readonly ip: number;
  readonly fragmented: boolean;
  readonly linkHeader: number;
  /** Where the visible bytes end. */
  readonly end: number;
  /** In `Dissector`'s text. */
  readonly textAt: number;
  readonly textEnd: number;
  /** Offsets of IPv4 headers whose checksums are right. */
  readonly headers: readonly number[];
  /** Bytes that do not count: offset and number in turn. */
  readonly ignored: readonly number[];
  /** As `TextBuffer.fill` takes them, and in turn where the text of each begins and ends. */
  readonly holes: readonly number[];
  readonly gaps: readonly number[];
  readonly ports: readonly DullPort[];
  /** 16-bit lengths, each offset followed by the one it counts from. */
  readonly lengths: readonly number[];
  /** Do all of them say where the frame ends, and is that all that the text owes to them? */
  readonly floats: boolean;
}

/** Which bytes of a frame its beginning depends on, and how. */
interface Layout {
  readonly number: number;
  /** What it was made from, in one list. */
  readonly signature: readonly number[];
  /** Length of the beginning in bytes. */
  readonly length: number;
  /** The words of 32 bits that count: the offset of each, followed by which of its bits. */
  readonly words: Int32Array;
  /** Offsets of the IPv4 headers, whose checksums -v verifies. */
  readonly headers: readonly number[];
  readonly holes: Int32Array;
  readonly ports: readonly DullPort[];
  /** Not part of the key, as they all say where the frame ends. Empty where one does not: then they are, and the frame's lengths. */
  readonly lengths: Int32Array;
  /** Slot of the packet before. */
  last: number;
}

export class PrefixStore {
  private readonly slots: number;
  private readonly fields: Int32Array;
  private readonly keys: Int32Array;
  private readonly texts: Uint8Array;
  private readonly textView: DataView;
  private readonly layouts: (Layout | undefined)[] = new Array(512).fill(undefined);
  private layoutCount = 0;
  /** Per slot, the hash of the last frame that `find` did not know; that of the one now, 0 where none was made. */
  private readonly strangers: Int32Array;
  private stranger = 0;

  /**
   * For 2^`slotBits` entries with holes of these kinds; what others would be is key. `verify`: as of `PrefixCache`. `floating`: lengths
   * need not be key, and packets are likely to be as the one before.
   */
  constructor(
    private readonly slotBits: number,
    private readonly kinds: ReadonlySet<HoleKind>,
    private readonly verify: boolean,
    private readonly floating: boolean,
  ) {
    this.slots = 1 << slotBits;
    this.fields = new Int32Array(this.slots * FIELDS);
    this.keys = new Int32Array(this.slots * KEY_WORDS);
    this.texts = new Uint8Array(this.slots * TEXT_BYTES + 8);
    this.textView = new DataView(this.texts.buffer);
    this.strangers = new Int32Array(this.slots);
  }

  clear(): void {
    if (this.layoutCount > 0) this.fields.fill(0);
    this.layouts.fill(undefined);
  }

  /** The slot that has the text of the frame's beginning, or -1. `index`: where its layout would be. */
  find(index: number, d: Dissector, start: number, captured: number, wire: number): number {
    const layout = this.layouts[index];
    this.stranger = 0;
    if (layout === undefined || layout.length > captured) return -1;
    const {b, frame} = d;
    const {lengths, ports, headers} = layout;
    if (lengths.length > 0) {
      if (captured !== wire) return -1;
      for (let i = 0; i < lengths.length; i += 2)
        if (get16(b, start + lengths[i]!) !== wire - lengths[i + 1]!) return -1;
    }
    for (let i = 0; i < ports.length; i++) if (!ports[i]!.dull(get16(b, start + ports[i]!.o))) return -1;
    let slot = this.floating ? layout.last : -1;
    if (slot < 0 || !this.holds(slot, layout, frame, start, captured, wire)) {
      const hash = hashOf(layout, frame, start);
      slot = hash >>> (32 - this.slotBits);
      if (!this.holds(slot, layout, frame, start, captured, wire)) {
        slot ^= 1;
        if (!this.holds(slot, layout, frame, start, captured, wire)) {
          this.stranger = hash;
          return -1;
        }
      }
      layout.last = slot;
    }
    if (!this.verify) return slot;
    for (let i = 0; i < headers.length; i++) {
      const header = start + headers[i]!;
      const sum = this.floating
        ? viewChecksum(frame, header, header + (b[header]! & 15) * 4)
        : finishSum(this.fields[slot * FIELDS + SUMS + i]! + get16(b, header + 4) + get16(b, header + 10));
      if (sum !== 0) return -1;
    }
    return slot;
  }

  /** Is what `find` did not know worth to be kept: has it been asked for before, or is nothing known of its kind? */
  comesAgain(): boolean {
    const {strangers, stranger} = this;
    if (stranger === 0) return true;
    const slot = stranger >>> (32 - this.slotBits);
    const again = strangers[slot] === stranger;
    strangers[slot] = stranger;
    return again;
  }

  /** Nothing was asked for before. */
  forgetStrangers(): void {
    this.strangers.fill(0);
  }

  /** Is the text in the slot that of the frame? */
  private holds(slot: number, layout: Layout, frame: DataView, start: number, captured: number, wire: number): boolean {
    const {fields, keys} = this;
    const field = slot * FIELDS;
    if (fields[field] !== layout.number) return false;
    if (layout.lengths.length === 0 && (fields[field + CAPTURED] !== captured || fields[field + WIRE] !== wire))
      return false;
    const {words} = layout;
    let at = slot * KEY_WORDS;
    for (let i = 0; i < words.length; i += 2)
      if ((frame.getInt32(start + words[i]!) & words[i + 1]!) !== keys[at++]) return false;
    return true;
  }

  /** Prints the text in the slot that `find` gave, and sets what it says of the segment. */
  print(slot: number, index: number, d: Dissector, start: number, wire: number, into: Beginning): void {
    const {fields} = this;
    const {holes, lengths} = this.layouts[index]!;
    const at = slot * FIELDS;
    const length = fields[at + TEXT_LENGTH]!;
    if (holes.length === 0) d.copy(this.textView, slot * TEXT_BYTES, length);
    else d.filled(this.textView, slot * TEXT_BYTES, length, fields, at + GAPS, holes, start);
    const floats = lengths.length > 0;
    const segment = fields[at + SEGMENT]!;
    into.segment = start + segment;
    into.length = floats ? wire - segment : fields[at + LENGTH]!;
    into.ip = start + fields[at + IP]!;
    into.fragmented = fields[at + FRAGMENTED] === 1;
    d.end = start + (floats ? wire : fields[at + END]!);
    d.linkHeader = fields[at + LINK_HEADER]!;
  }

  /** Slot of the entry's conversation in the table of this generation, or -1. */
  conversation(slot: number, generation: number): number {
    const at = slot * FIELDS;
    return this.fields[at + GENERATION] === generation ? this.fields[at + CONVERSATION]! : -1;
  }

  rememberConversation(slot: number, conversation: number, generation: number): void {
    const at = slot * FIELDS;
    this.fields[at + CONVERSATION] = conversation;
    this.fields[at + GENERATION] = generation;
  }

  /** Keeps what was recorded of the frame at `start`. */
  put(index: number, d: Dissector, start: number, captured: number, wire: number, recorded: Recorded): void {
    const length = (recorded.segment + 7) & ~3;
    if (length > KEY_WORDS * 4 || length > captured) return;
    if (recorded.headers.length > MAX_HEADERS || recorded.holes.length > MAX_HOLES) return;
    if (recorded.textEnd - recorded.textAt > TEXT_BYTES) return;
    const layout = this.layoutFor(index, length, recorded);
    const {words} = layout;
    const {fields} = this;
    const home = hashOf(layout, d.frame, start) >>> (32 - this.slotBits);
    const slot = fields[home * FIELDS + LAYOUT] === 0 || (this.turn ^= 1) === 0 ? home : home ^ 1;
    for (let i = 0; i < words.length; i += 2)
      this.keys[slot * KEY_WORDS + i / 2] = d.frame.getInt32(start + words[i]!) & words[i + 1]!;
    const at = slot * FIELDS;
    fields[at + LAYOUT] = layout.number;
    fields[at + CAPTURED] = captured;
    fields[at + WIRE] = wire;
    fields[at + TEXT_LENGTH] = this.storeText(d, slot, recorded);
    fields[at + END] = recorded.end;
    fields[at + SEGMENT] = recorded.segment;
    fields[at + LENGTH] = recorded.length;
    fields[at + IP] = recorded.ip;
    fields[at + FRAGMENTED] = recorded.fragmented ? 1 : 0;
    fields[at + LINK_HEADER] = recorded.linkHeader;
    fields[at + GENERATION] = -1;
    for (const [i, header] of recorded.headers.entries()) fields[at + SUMS + i] = constantSum(d.b, start + header);
    layout.last = slot;
  }

  /** Which of two taken neighbours is given up next. */
  private turn = 0;

  /** Is it a hole here, and not key? */
  private keeps(hole: number, lengths: readonly number[]): boolean {
    if (!this.kinds.has(holeKind(hole))) return false;
    return this.floating || !lengths.some((o, i) => i % 2 === 0 && o === holeAt(hole));
  }

  /** Copies the text without what is in its holes; its length. */
  private storeText(d: Dissector, slot: number, {textAt, textEnd, holes, gaps, lengths}: Recorded): number {
    const text = slot * TEXT_BYTES;
    let from = textAt;
    let n = 0;
    let gap = slot * FIELDS + GAPS;
    for (let i = 0; i < holes.length; i++) {
      if (!this.keeps(holes[i]!, lengths)) continue;
      n += d.written(from, gaps[2 * i]!, this.texts, text + n);
      this.fields[gap++] = n;
      from = gaps[2 * i + 1]!;
    }
    return n + d.written(from, textEnd, this.texts, text + n);
  }

  /** The layout that was recorded, kept at `index`. */
  private layoutFor(index: number, length: number, recorded: Recorded): Layout {
    const {headers, ignored} = recorded;
    const floats = this.floating && recorded.floats;
    const signature = signatureOf(recorded);
    const known = this.layouts[index];
    if (known !== undefined && same(known.signature, signature)) return known;
    const holes = recorded.holes.filter((hole) => this.keeps(hole, recorded.lengths));
    const lengths = floats ? recorded.lengths : [];
    const ports = recorded.ports.filter(({o}) => holes.some((hole) => holeAt(hole) === o));
    const mask = new Uint8Array(length).fill(0xff, 0, recorded.segment + 4);
    for (let i = 0; i < ignored.length; i += 2) mask.fill(0, ignored[i]!, ignored[i]! + ignored[i + 1]!);
    for (const hole of holes) mask.fill(0, holeAt(hole), holeAt(hole) + holeSize(hole));
    // A length that is printed may be one that must be as it was.
    for (let i = 0; i < recorded.lengths.length; i += 2)
      mask.fill(floats ? 0 : 0xff, recorded.lengths[i]!, recorded.lengths[i]! + 2);
    const view = new DataView(mask.buffer);
    const words: number[] = [];
    for (let o = 0; o < length; o += 4) if (view.getInt32(o) !== 0) words.push(o, view.getInt32(o));
    return (this.layouts[index] = {
      number: ++this.layoutCount,
      signature,
      length,
      words: Int32Array.from(words),
      headers: [...headers],
      holes: Int32Array.from(holes),
      ports,
      lengths: Int32Array.from(lengths),
      last: 0,
    });
  }
}

/**
 * Of a frame of this layout, by the last words that count: the inner addresses and ports. Its upper bits are the slot, or the
 * neighbour's.
 */
function hashOf({number, words}: Layout, frame: DataView, start: number): number {
  let hash = number;
  const from = Math.max(0, words.length - 2 * HASHED);
  for (let i = from; i < words.length; i += 2)
    hash ^= Math.imul(frame.getInt32(start + words[i]!) & words[i + 1]!, MULTIPLIERS[(i - from) >> 1]!);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
}

function signatureOf({segment, headers, ignored, holes, ports, lengths, floats}: Recorded): number[] {
  const signature = [segment, floats ? 1 : 0, headers.length, ignored.length, holes.length, ports.length];
  for (const list of [headers, ignored, holes, lengths]) for (let i = 0; i < list.length; i++) signature.push(list[i]!);
  return signature;
}

/** Where the TCP segment of a packet is whose beginning is printed. */
export interface Beginning {
  segment: number;
  length: number;
  ip: number;
  fragmented: boolean;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Sum of the IPv4 header at `o` without its identification and its checksum. */
function constantSum(b: Uint8Array, o: number): number {
  return sumWords(b, o, o + (b[o]! & 15) * 4) - get16(b, o + 4) - get16(b, o + 10);
}
