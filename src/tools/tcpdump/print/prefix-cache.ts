/**
 * Texts of packets' beginnings. What is printed up to the ports of the innermost TCP segment is a function of the bytes up to
 * there, of the two lengths of the frame and of the options. Printers say more than that: which bytes they do not look at, which
 * ones they only print (`hole`), which lengths merely say where the frame ends (`counts`). So a beginning is printed once and
 * copied after that: whole for packets of the same flow, or, where flows are too many to know, with addresses and ports put in for
 * all packets of the same shape, whatever they are wrapped in.
 */
import {get16} from '../../../wire/bytes.js';
import type {Dissector} from './dissector.js';
import {type Beginning, type DullPort, PrefixStore} from './prefix-store.js';
import {GROUPS, type HoleKind, hole, NUMBER, PORT, QUAD} from './text-buffer.js';

const FLOW_BITS = 13;
const SHAPE_BITS = 8;

/** No conversation is remembered for a packet. */
export const UNKNOWN = -1;

/**
 * After this many more misses than hits flows are not looked up for `PAUSE` packets, the next time for twice as many: there are too
 * many. Shapes the same.
 */
const PATIENCE = 512;
const PAUSE = 65536;
const LONGEST_PAUSE = PAUSE << 6;

/** When it is worth to look something up. */
class Patience {
  private patience = PATIENCE;
  private pause = 0;
  private next = PAUSE;

  /** May the next packet be looked up? */
  has(): boolean {
    if (this.pause === 0) return true;
    this.pause--;
    return false;
  }

  hit(): void {
    if (this.patience < PATIENCE) this.patience++;
    else this.next = PAUSE;
  }

  /** True when a pause begins. */
  miss(): boolean {
    if (--this.patience > 0) return false;
    this.patience = PATIENCE;
    this.pause = this.next;
    this.next = Math.min(2 * this.next, LONGEST_PAUSE);
    return true;
  }
}

export class PrefixCache implements Beginning {
  /** Where the TCP segment of a replayed packet is, and what the printers around it found out. */
  segment = 0;
  length = 0;
  ip = 0;
  fragmented = false;

  private readonly flows: PrefixStore;
  private readonly shapes: PrefixStore;
  private readonly flowPatience = new Patience();
  private readonly shapePatience = new Patience();
  /** Entry of `flows` that the packet was replayed from, or -1. */
  private flow = -1;

  /** The layout of the packet before, and whether that is likely to be the next one's. */
  private before = 0;
  private steady = false;

  // The packet being printed in full.
  private recording = false;
  private reached = false;
  private asFlow = false;
  private index = 0;
  private start = 0;
  private textAt = 0;
  private textEnd = 0;
  private visibleEnd = 0;
  /** The headers seen end here, and none of them has a text that depends on a length. */
  private coveredTo = 0;
  private readonly headers: number[] = [];
  private readonly ignored: number[] = [];
  private readonly holes: number[] = [];
  private readonly gaps: number[] = [];
  private readonly ports: DullPort[] = [];
  private readonly lengths: number[] = [];

  /** `verify`: -v without -K, for which IPv4 header checksums must be right. */
  constructor(verify: boolean) {
    this.flows = new PrefixStore(FLOW_BITS, new Set([NUMBER]), verify, false);
    this.shapes = new PrefixStore(SHAPE_BITS, new Set([NUMBER, PORT, QUAD, GROUPS]), verify, true);
  }

  /** Nothing remembered holds any longer: frames of another link type follow. */
  clear(): void {
    this.flows.clear();
    this.shapes.clear();
  }

  /** Prints the beginning of the frame, if known, and sets `segment` and the rest. If not, the printers' work is recorded. */
  replay(d: Dissector, start: number, captured: number, wire: number): boolean {
    this.recording = false;
    this.flow = -1;
    if (captured < 64) return false;
    const {flows, shapes, flowPatience, shapePatience} = this;
    const asFlow = flowPatience.has();
    let index = this.before;
    let slot = this.steady ? (asFlow ? flows : shapes).find(index, d, start, captured, wire) : -1;
    const known = slot >= 0;
    if (!known) {
      index = kind(d.frame, start, captured, wire);
      if (index < 0) return false;
      this.steady = index === this.before;
      this.before = index;
    }
    if (asFlow) {
      if (!known) slot = flows.find(index, d, start, captured, wire);
      if (slot >= 0) {
        flowPatience.hit();
        this.flow = slot;
        flows.print(slot, index, d, start, wire, this);
        return true;
      }
      if (flowPatience.miss()) flows.forgetStrangers();
      else if (flows.comesAgain()) return this.record(d, index, start, true);
    }
    if (!known) {
      if (!shapePatience.has()) return false;
      slot = shapes.find(index, d, start, captured, wire);
      if (slot < 0) {
        shapePatience.miss();
        return this.record(d, index, start, false);
      }
    }
    shapePatience.hit();
    shapes.print(slot, index, d, start, wire, this);
    return true;
  }

  private record(d: Dissector, index: number, start: number, asFlow: boolean): false {
    this.recording = true;
    this.reached = false;
    this.asFlow = asFlow;
    this.index = index;
    this.start = start;
    this.coveredTo = start;
    this.textAt = d.mark();
    this.headers.length = 0;
    this.ignored.length = 0;
    this.holes.length = 0;
    this.gaps.length = 0;
    this.ports.length = 0;
    this.lengths.length = 0;
    return false;
  }

  /** Slot of a replayed packet's conversation in the table of this generation; `UNKNOWN` until `rememberConversation`. */
  conversation(generation: number): number {
    return this.flow < 0 ? UNKNOWN : this.flows.conversation(this.flow, generation);
  }

  rememberConversation(slot: number, generation: number): void {
    if (this.flow >= 0) this.flows.rememberConversation(this.flow, slot, generation);
  }

  // ---- what printers tell while a packet is recorded ----

  /** The text does not depend on the `n` bytes at `o`. */
  ignore(o: number, n: number): void {
    if (this.recording) this.ignored.push(o - this.start, n);
  }

  /** -v wants the checksum of the IPv4 header at `o` to be right; its text does not depend on it. */
  checked(o: number): void {
    if (!this.recording) return;
    this.headers.push(o - this.start);
    this.ignore(o + 10, 2);
  }

  /** What stands at `o` is printed behind `from`, and the text depends on it no further. */
  hole(d: Dissector, kind: HoleKind, o: number, from: number): void {
    if (!this.recording) return;
    this.holes.push(hole(kind, o - this.start));
    this.gaps.push(from, d.mark());
  }

  /** As `hole` of a port, where it is `dull`. */
  port(d: Dissector, o: number, from: number, dull: (port: number) => boolean): void {
    if (!this.recording || !dull(get16(d.b, o))) return;
    this.ports.push({o: o - this.start, dull});
    this.hole(d, PORT, o, from);
  }

  /** The 16-bit length at `o` counts from `base`. */
  counts(o: number, base: number): void {
    if (this.recording) this.lengths.push(o - this.start, base - this.start);
  }

  /** In the text of the header in `[o, end)` no length counts but those named, which are printed in holes at most. */
  covers(o: number, end: number): void {
    if (this.coveredTo === o) this.coveredTo = end;
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
    if (!this.recording || !this.reached || !d.isAscii(this.textAt)) return;
    this.recording = false;
    const {start, length, fragmented, textAt, textEnd, headers, ignored, holes, gaps, ports, lengths} = this;
    const store = this.asFlow ? this.flows : this.shapes;
    store.put(this.index, d, start, captured, wire, {
      segment: this.segment - start,
      length,
      ip: this.ip - start,
      fragmented,
      linkHeader: d.linkHeader,
      end: this.visibleEnd - start,
      textAt,
      textEnd,
      headers,
      ignored,
      holes,
      gaps,
      ports,
      lengths,
      floats: this.lengthsFloat(d, captured, wire),
    });
  }

  /** Do all lengths say where the frame ends, and is that all that the text owes to them? */
  private lengthsFloat(d: Dissector, captured: number, wire: number): boolean {
    const {start, lengths} = this;
    if (captured !== wire || this.coveredTo !== this.segment || this.visibleEnd !== start + wire) return false;
    if (this.length !== start + wire - this.segment) return false;
    for (let i = 0; i < lengths.length; i += 2)
      if (get16(d.b, start + lengths[i]!) !== wire - lengths[i + 1]!) return false;
    return true;
  }
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ARP = 0x0806;
const TCP = 6;
const UDP = 17;
const GENEVE = 6081;
const VXLAN = 4789;
const OTV = 8472;

/** A guess at the layout: ethertypes and protocols, through tunnels; the highest bit where IP takes the whole frame. -1: no TCP. */
function kind(frame: DataView, start: number, captured: number, wire: number): number {
  const end = start + captured;
  let whole = 0;
  let hash = 0;
  for (let o = start; o + 64 <= end; ) {
    const type = frame.getUint16(o + 12);
    const first = frame.getUint8(o + 14);
    const v4 = type === IPV4;
    if (!v4 && type !== IPV6) {
      if (type === ARP) return -1;
      hash += type + first * 5 + frame.getUint8(o + 17) * 7;
      break;
    }
    const protocol = frame.getUint8(o + (v4 ? 23 : 20));
    hash = hash * 5 + type + first + protocol * 7;
    if (o === start && frame.getUint16(o + (v4 ? 16 : 18)) === wire - (v4 ? 14 : 54)) whole = 256;
    if (protocol === TCP) break;
    if (protocol === 1 || protocol === 58) return -1;
    if (protocol !== UDP) break;
    const udp = o + 14 + (v4 ? (first & 15) * 4 : 40);
    const port = udp + 10 < end ? frame.getUint16(udp + 2) : 0;
    // Tunnels whose header is 8 bytes, options apart, before an Ethernet frame
    if (port !== GENEVE && port !== VXLAN && port !== OTV) return -1;
    const options = port === GENEVE ? frame.getUint8(udp + 8) & 0x3f : 0;
    hash = hash * 5 + port + options;
    o = udp + 16 + options * 4;
  }
  return whole | (hash & 255);
}
