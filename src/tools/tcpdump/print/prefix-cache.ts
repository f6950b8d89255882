/**
 * Texts of packets' beginnings. What is printed up to the ports of the innermost TCP segment is a function of the bytes up to
 * there, of the two lengths of the frame and of the options; printers say which bytes they do not look at (`ipv4`). So a flow's
 * beginning is printed once and copied after that, whatever it is wrapped in.
 *
 *   frame   |  Ethernet … ports of the TCP segment | rest …        key = this part, masked by the layout
 *   text    IP A > B: Geneve, … IP a.1 > b.2: | Flags …            with gaps where -v prints an IPv4 identification
 *
 * An entry is one slot of three flat arrays, found by a hash of its key; a third flow with the same two slots replaces one.
 */
import {get16} from '../../../wire/bytes.js';
import {finishSum, sumWords} from '../../../wire/checksum.js';
import type {Dissector} from './dissector.js';

const SLOT_BITS = 13;
const SLOTS = 1 << SLOT_BITS;
const KEY_WORDS = 40;
const TEXT_BYTES = 640;
const MAX_HEADERS = 4;

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
/** Slot in the table of TCP conversations, and that table's capacity then. */
const CONVERSATION = 10;
const CAPACITY = 11;
/** Of each IPv4 header: where in the text its identification goes; its words' sum without identification and checksum. */
const GAPS = 12;
const SUMS = GAPS + MAX_HEADERS;
const FIELDS = SUMS + MAX_HEADERS;

/** No conversation is remembered for a packet. */
export const UNKNOWN = -0x80000000;

/**
 * After this many more misses than hits nothing is looked up for `PAUSE` packets, the next time for twice as many: too many flows,
 * or no TCP.
 */
const PATIENCE = 4096;
const PAUSE = 65536;
const LONGEST_PAUSE = PAUSE << 6;

/** Which bytes of a frame its beginning depends on. */
interface Layout {
  readonly number: number;
  /** Its length in bytes, and in words of 32 bits. */
  readonly length: number;
  readonly words: number;
  readonly masks: Int32Array;
  /** Offsets of the IPv4 headers. */
  readonly headers: readonly number[];
  /** Offsets of the 16-bit fields that do not count. */
  readonly ignored: readonly number[];
}

export class PrefixCache {
  /** Where the TCP segment of a replayed packet is, and what the printers around it found out. */
  segment = 0;
  length = 0;
  ip = 0;
  fragmented = false;

  private readonly fields = new Int32Array(SLOTS * FIELDS);
  private readonly keys = new Int32Array(SLOTS * KEY_WORDS);
  private readonly texts = new Uint8Array(SLOTS * TEXT_BYTES + 8);
  private readonly textView = new DataView(this.texts.buffer);
  private readonly layouts: (Layout | undefined)[] = new Array(256).fill(undefined);
  private layoutCount = 0;

  /** Entry that the packet was replayed from, or -1. */
  private slot = -1;

  // The packet being printed in full.
  private recording = false;
  private reached = false;
  private start = 0;
  private textAt = 0;
  private textEnd = 0;
  private visibleEnd = 0;
  private readonly headers: number[] = [];
  private readonly ignored: number[] = [];
  private readonly gaps: number[] = [];

  /** Which of two taken neighbours is given up next. */
  private turn = 0;
  private patience = PATIENCE;
  private pause = 0;
  private nextPause = PAUSE;

  /** `verify`: -v without -K, for which IPv4 header checksums must be right. */
  constructor(
    private readonly verbose: boolean,
    private readonly verify: boolean,
  ) {}

  /** Nothing remembered holds any longer: frames of another link type follow. */
  clear(): void {
    if (this.layoutCount > 0) this.fields.fill(0);
    this.layouts.fill(undefined);
  }

  /** Prints the beginning of the frame, if known, and sets `segment` and the rest. If not, the printers' work is recorded. */
  replay(d: Dissector, start: number, captured: number, wire: number): boolean {
    this.recording = false;
    this.slot = -1;
    if (this.pause > 0) {
      this.pause--;
      return false;
    }
    if (captured < 64) return false;
    const {frame} = d;
    const layout = this.layouts[kind(d.b, start)];
    let slot = -1;
    if (layout !== undefined && layout.words * 4 <= captured) slot = slotOf(layout, frame, start);
    if (slot >= 0 && !this.holds(slot, layout!, frame, start, captured, wire)) {
      slot ^= 1;
      if (!this.holds(slot, layout!, frame, start, captured, wire)) slot = -1;
    }
    if (slot < 0 || (this.verify && !this.checksumsHold(slot, d.b, layout!, start))) {
      this.missed(d, start);
      return false;
    }
    if (this.patience < PATIENCE) this.patience++;
    else this.nextPause = PAUSE;
    this.print(d, slot, layout!, start);
    const {fields} = this;
    const at = slot * FIELDS;
    this.slot = slot;
    this.segment = start + fields[at + SEGMENT]!;
    this.length = fields[at + LENGTH]!;
    this.ip = start + fields[at + IP]!;
    this.fragmented = fields[at + FRAGMENTED] === 1;
    d.end = start + fields[at + END]!;
    d.linkHeader = fields[at + LINK_HEADER]!;
    return true;
  }

  private missed(d: Dissector, start: number): void {
    if (--this.patience === 0) {
      this.patience = PATIENCE;
      this.pause = this.nextPause;
      this.nextPause = Math.min(2 * this.nextPause, LONGEST_PAUSE);
    }
    this.recording = true;
    this.reached = false;
    this.start = start;
    this.textAt = d.mark();
    this.headers.length = 0;
    this.ignored.length = 0;
    this.gaps.length = 0;
  }

  /** Is the text in the slot that of the frame? */
  private holds(slot: number, layout: Layout, frame: DataView, start: number, captured: number, wire: number): boolean {
    const {fields, keys} = this;
    const field = slot * FIELDS;
    if (fields[field] !== layout.number || fields[field + CAPTURED] !== captured || fields[field + WIRE] !== wire)
      return false;
    const {words, masks} = layout;
    const at = slot * KEY_WORDS;
    for (let i = 0; i < words; i++) if ((frame.getInt32(start + 4 * i) & masks[i]!) !== keys[at + i]) return false;
    return true;
  }

  private checksumsHold(slot: number, b: Uint8Array, layout: Layout, start: number): boolean {
    const {headers} = layout;
    const sums = slot * FIELDS + SUMS;
    for (let i = 0; i < headers.length; i++) {
      const header = start + headers[i]!;
      const sum = this.fields[sums + i]! + get16(b, header + 4) + get16(b, header + 10);
      if (finishSum(sum) !== 0) return false;
    }
    return true;
  }

  private print(d: Dissector, slot: number, layout: Layout, start: number): void {
    const {fields, textView} = this;
    const at = slot * FIELDS;
    const text = slot * TEXT_BYTES;
    let from = 0;
    if (this.verbose) {
      for (let i = 0; i < layout.headers.length; i++) {
        const gap = fields[at + GAPS + i]!;
        d.copy(textView, text + from, gap - from);
        d.n(get16(d.b, start + layout.headers[i]! + 4));
        from = gap;
      }
    }
    d.copy(textView, text + from, fields[at + TEXT_LENGTH]! - from);
  }

  /** Slot of a replayed packet's conversation in the table of this capacity; `UNKNOWN` until `rememberConversation`. */
  conversation(capacity: number): number {
    const at = this.slot * FIELDS;
    return at >= 0 && this.fields[at + CAPACITY] === capacity ? this.fields[at + CONVERSATION]! : UNKNOWN;
  }

  rememberConversation(slot: number, capacity: number): void {
    if (this.slot < 0) return;
    const at = this.slot * FIELDS;
    this.fields[at + CONVERSATION] = slot;
    this.fields[at + CAPACITY] = capacity;
  }

  // ---- what printers tell while a packet is recorded ----

  /** The text does not depend on the identification (but where `gap` says) and checksum of the IPv4 header at `o`. */
  ipv4(o: number): void {
    if (!this.recording) return;
    this.headers.push(o - this.start);
    this.ignored.push(o + 4 - this.start, o + 10 - this.start);
  }

  /** The text does not depend on the 16-bit field at `o`. */
  ignore(o: number): void {
    if (this.recording) this.ignored.push(o - this.start);
  }

  /** The identification of the header last named is printed at `mark`. */
  gap(mark: number): void {
    if (this.recording) this.gaps.push(mark - this.textAt);
  }

  /** The text depends on more than the bytes before the segment. */
  cancel(): void {
    this.recording = false;
  }

  /** Addresses and ports of the segment at `o` are printed: here ends the beginning. */
  segmentAt(d: Dissector, o: number, length: number, ip: number, fragmented: boolean): void {
    if (!this.recording) return;
    this.reached = true;
    this.textEnd = d.mark();
    this.visibleEnd = d.end;
    this.segment = o;
    this.length = length;
    this.ip = ip;
    this.fragmented = fragmented;
  }

  /** The packet is printed, and nothing was cut: what was recorded is kept. */
  keep(d: Dissector, captured: number, wire: number): void {
    if (!this.recording || !this.reached) return;
    const {start, headers, gaps} = this;
    const length = this.segment + 4 - start;
    const words = (length + 3) >> 2;
    if (words > KEY_WORDS || words * 4 > captured || this.textEnd - this.textAt > TEXT_BYTES) return;
    if (!d.isAscii(this.textAt)) return;
    if (headers.length > MAX_HEADERS || gaps.length !== (this.verbose ? headers.length : 0)) return;
    const layout = this.layoutFor(kind(d.b, start), length, words);
    const home = slotOf(layout, d.frame, start);
    const slot = this.fields[home * FIELDS + LAYOUT] === 0 || (this.turn ^= 1) === 0 ? home : home ^ 1;
    for (let i = 0; i < words; i++)
      this.keys[slot * KEY_WORDS + i] = d.frame.getInt32(start + 4 * i) & layout.masks[i]!;
    const {fields} = this;
    const at = slot * FIELDS;
    fields[at + LAYOUT] = layout.number;
    fields[at + CAPTURED] = captured;
    fields[at + WIRE] = wire;
    fields[at + TEXT_LENGTH] = this.storeText(d, slot, at);
    fields[at + END] = this.visibleEnd - start;
    fields[at + SEGMENT] = this.segment - start;
    fields[at + LENGTH] = this.length;
    fields[at + IP] = this.ip - start;
    fields[at + FRAGMENTED] = this.fragmented ? 1 : 0;
    fields[at + LINK_HEADER] = d.linkHeader;
    fields[at + CAPACITY] = 0;
    for (let i = 0; i < headers.length; i++) fields[at + SUMS + i] = constantSum(d.b, start + headers[i]!);
  }

  /** Copies the text without the digits in its gaps; its length. */
  private storeText(d: Dissector, slot: number, at: number): number {
    const text = slot * TEXT_BYTES;
    let from = 0;
    let n = 0;
    for (const [i, gap] of this.gaps.entries()) {
      n += d.written(this.textAt + from, this.textAt + gap, this.texts, text + n);
      this.fields[at + GAPS + i] = n;
      from = gap + String(get16(d.b, this.start + this.headers[i]! + 4)).length;
    }
    return n + d.written(this.textAt + from, this.textEnd, this.texts, text + n);
  }

  private layoutFor(index: number, length: number, words: number): Layout {
    const known = this.layouts[index];
    const {headers, ignored} = this;
    if (known?.length === length && same(known.headers, headers) && same(known.ignored, ignored)) return known;
    const mask = new Uint8Array(words * 4).fill(0xff, 0, length);
    for (const field of ignored) mask.fill(0, field, field + 2);
    const view = new DataView(mask.buffer);
    const masks = Int32Array.from({length: words}, (_, i) => view.getInt32(4 * i));
    const layout = {number: ++this.layoutCount, length, words, masks, headers: [...headers], ignored: [...ignored]};
    this.layouts[index] = layout;
    return layout;
  }
}

/**
 * The slot of a frame of this layout, or its neighbour. Hashed are the last words before the segment's end (inner addresses and
 * ports) and one in which most tunnels have their source port.
 */
function slotOf(layout: Layout, frame: DataView, start: number): number {
  const {words, masks} = layout;
  let hash = layout.number;
  for (let i = words - 4; i < words; i++) {
    const word = frame.getInt32(start + 4 * i) & masks[i]!;
    hash = Math.imul(hash, 31) ^ Math.imul(word, 0x9e3779b1);
  }
  hash ^= Math.imul(frame.getInt32(start + 32) & masks[8]!, 0xc2b2ae35);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> (32 - SLOT_BITS);
}

/** Sum of the IPv4 header at `o` without its identification and its checksum. */
function constantSum(b: Uint8Array, o: number): number {
  return sumWords(b, o, o + (b[o]! & 15) * 4) - get16(b, o + 4) - get16(b, o + 10);
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** A guess at the layout from ethertype, IP protocol, destination port, length of tunnel options. */
function kind(b: Uint8Array, start: number): number {
  return (
    (b[start + 12]! * 3 +
      b[start + 13]! +
      b[start + 14]! * 5 +
      b[start + 23]! * 7 +
      b[start + 37]! * 11 +
      b[start + 42]!) &
    255
  );
}
