/** TCP, RFC 9293 (print-tcp.c). Sequence numbers are relative from the second segment of a conversation on. */
import {get16, get32} from '../../../wire/bytes.js';
import type {Dissector} from './dissector.js';
import {pseudo4, shouldBe} from './ip.js';
import {pseudo6} from './ip6.js';
import {tcpPayload} from './ports.js';
import {UNKNOWN} from './prefix-cache.js';
import {tcpOptions} from './tcp-options.js';
import {type Literal, literal, PORT} from './text-buffer.js';

const HEADER = 20;
const PROTOCOL = 6;
const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;
const URG = 32;

/** Texts of flag octets, made when they are needed: `Flags [S.]`, `Flags [none]`. */
const flagTexts = new Array<Literal | undefined>(256).fill(undefined);

function flagText(flags: number): Literal {
  const letters = [...'FSRP.UEW'].filter((_letter, bit) => (flags & (1 << bit)) !== 0).join('');
  return (flagTexts[flags] = literal(`Flags [${letters === '' ? 'none' : letters}]`));
}
const TO = literal(' > ');
const COLON = literal(': ');
const SEQ = literal(', seq ');
const ACKNOWLEDGES = literal(', ack ');
const WIN = literal(', win ');
const LENGTH = literal(', length ');
const CKSUM = literal(', cksum 0x');
const CORRECT = literal(' (correct)');

/**
 * First numbers of the conversation: `sequence` for the direction towards the higher port, `acknowledgement` for the other, in which
 * a `reversed` segment goes. What this segment's own numbers are printed relative to: `from`, and `acknowledges` for the peer's.
 */
export interface Relative {
  sequence: number;
  acknowledgement: number;
  reversed: boolean;
  from: number;
  acknowledges: number;
}
const relative: Relative = {sequence: 0, acknowledgement: 0, reversed: false, from: 0, acknowledges: 0};

/** `A.port > B.port: `, or only ports where the IP header has already been printed. */
function endpoints(d: Dissector, o: number, ipAt: number, sport: number, dport: number): void {
  const v6 = d.u8(ipAt) >> 4 === 6;
  const printAddresses = (v6 ? d.u8(ipAt + 6) : d.u8(ipAt + 9)) === PROTOCOL;
  if (printAddresses) {
    address(d, ipAt, v6, false);
    d.c(0x2e);
  }
  port(d, sport, o);
  d.t(TO);
  if (printAddresses) {
    address(d, ipAt, v6, true);
    d.c(0x2e);
  }
  port(d, dport, o + 2);
  d.t(COLON);
}

/** What depends on ports comes after the beginning that `PrefixCache` keeps. */
function port(d: Dissector, value: number, o: number): void {
  const from = d.mark();
  d.tcpPort(value);
  if (d.numeric) d.prefixes.hole(d, PORT, o, from);
}

function address(d: Dissector, ipAt: number, v6: boolean, destination: boolean): void {
  if (v6) d.address6(ipAt + (destination ? 24 : 8));
  else d.address4(ipAt + (destination ? 16 : 12));
}

/** A segment of `length` bytes by its IP header, which is at `ipAt`. */
export function tcp(d: Dissector, o: number, length: number, ipAt: number, fragmented: boolean): void {
  d.protocol = 'tcp';
  if (!d.has(o + 2, 2)) {
    const v6 = d.u8(ipAt) >> 4 === 6;
    address(d, ipAt, v6, false);
    d.s(' > ');
    address(d, ipAt, v6, true);
    d.c(0x3a);
    return d.trunc();
  }
  endpoints(d, o, ipAt, get16(d.b, o), get16(d.b, o + 2));
  d.prefixes.segmentAt(d, o, length, ipAt, fragmented);
  segment(d, o, length, ipAt, fragmented);
}

/** What follows the addresses and ports. */
export function segment(d: Dissector, o: number, length: number, ipAt: number, fragmented: boolean): void {
  d.protocol = 'tcp';
  const {b} = d;
  const sport = get16(b, o);
  const dport = get16(b, o + 2);
  const version = b[ipAt]! >> 4;
  const v6 = version === 6;
  if (!d.has(o, HEADER)) return d.trunc();
  const header = (b[o + 12]! >> 4) * 4;
  if (header < HEADER)
    return d.s(` tcp ${(length - header) >>> 0} [bad hdr length ${header} - too short, < ${HEADER}]`);
  if (d.q > 0) {
    d.s('tcp ');
    d.n((length - header) >>> 0);
    if (header > length) d.s(` [bad hdr length ${header} - too long, > ${length}]`);
    return;
  }
  const flags = b[o + 13]!;
  d.t(flagTexts[flags] ?? flagText(flags));
  let sequence = get32(b, o + 4);
  let acknowledgement = get32(b, o + 8);
  relative.sequence = 0;
  relative.acknowledgement = 0;
  relative.reversed = false;
  if (!d.options.absoluteSequence && (flags & ACK) !== 0) {
    relate(d, ipAt, v6, sport, dport, sequence, acknowledgement, (flags & SYN) !== 0);
    sequence = (sequence - relative.from) >>> 0;
    acknowledgement = (acknowledgement - relative.acknowledges) >>> 0;
  }
  if (header > length) return d.s(` [bad hdr length ${header} - too long, > ${length}]`);
  if (d.v > 0 && !d.options.noChecksums && !fragmented && (version === 4 || v6)) checksumText(d, o, length, ipAt, v6);
  const payload = length - header;
  if (d.v > 1 || payload > 0 || (flags & (SYN | FIN | RST)) !== 0) {
    d.t(SEQ);
    d.n(sequence);
    if (payload > 0) {
      d.c(0x3a);
      d.n((sequence + payload) >>> 0);
    }
  }
  if ((flags & ACK) !== 0) {
    d.t(ACKNOWLEDGES);
    d.n(acknowledgement);
  }
  d.t(WIN);
  d.n(get16(b, o + 14));
  if ((flags & URG) !== 0) {
    d.s(', urg ');
    d.n(get16(b, o + 18));
  }
  if (header > HEADER && !tcpOptions(d, o + HEADER, header - HEADER, payload, flags, relative)) return;
  d.t(LENGTH);
  d.n(payload);
  if (payload === 0) return;
  if (!d.has(o, header)) {
    d.s(` [remaining caplen(${d.left(o)}) < header length(${header})]`);
    d.need(o, header);
  }
  if ((flags & RST) !== 0 && d.v > 0) return resetData(d, o + header, payload);
  tcpPayload(d, o + header, payload, sport, dport, ipAt);
}

function checksumText(d: Dissector, o: number, length: number, ipAt: number, v6: boolean): void {
  if (!d.has(o, length)) return;
  const pseudo = v6 ? pseudo6(d, ipAt, PROTOCOL, length) : pseudo4(d, ipAt, PROTOCOL, length);
  const sum = d.sum(o, length, pseudo);
  const field = get16(d.b, o + 16);
  d.t(CKSUM);
  d.hex(field, 4);
  if (sum === 0) return d.t(CORRECT);
  d.s(' (incorrect -> 0x');
  d.hex(shouldBe(field, sum), 4);
  d.c(0x29);
}

/**
 * Finds or makes the conversation's first numbers, into `relative`. The numbers of a segment that sets them (the first with ACK, or
 * any SYN) stay absolute.
 */
function relate(
  d: Dissector,
  ipAt: number,
  v6: boolean,
  sport: number,
  dport: number,
  sequence: number,
  acknowledgement: number,
  syn: boolean,
): void {
  const {b, prefixes} = d;
  const table = v6 ? d.sequences6 : d.sequences4;
  const size = v6 ? 16 : 4;
  const source = ipAt + (v6 ? 8 : 12);
  d.need(source, 2 * size);
  let reversed = sport > dport;
  if (sport === dport) {
    let i = 0;
    while (i < size && b[source + i] === b[source + size + i]) i++;
    reversed = i < size && b[source + i]! > b[source + size + i]!;
  }
  let slot = prefixes.conversation(table.generation);
  if (slot === UNKNOWN) {
    const first = reversed ? source + size : source;
    slot = table.find(
      d.frame,
      first,
      2 * source + size - first,
      reversed ? (dport << 16) | sport : (sport << 16) | dport,
    );
    prefixes.rememberConversation(slot, table.generation);
  }
  const sets = syn || table.isNew(slot);
  if (sets) table.set(slot, reversed ? acknowledgement - 1 : sequence, reversed ? sequence : acknowledgement - 1);
  const first = table.sequence(slot);
  const second = table.acknowledgement(slot);
  // One way for all segments: code that the compiler has seen taking one only is compiled again when another one comes.
  const mask = sets ? 0 : -1;
  relative.reversed = reversed;
  relative.sequence = first;
  relative.acknowledgement = second;
  relative.from = (reversed ? second : first) & mask;
  relative.acknowledges = (reversed ? first : second) & mask;
}

/** The text a host may put into a reset (RFC 1122 §4.2.2.12), 30 bytes of it. */
function resetData(d: Dissector, o: number, length: number): void {
  d.s(d.has(o, length) ? ' [RST' : ' [!RST');
  if (length > 30) d.c(0x2b);
  d.c(0x20);
  d.text(o, Math.min(length, 30));
  d.c(0x5d);
}
