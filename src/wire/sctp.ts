/**
 * SCTP. RFC 9260 §3: common header, chunks, parameters, CRC32c.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------------------------------+-------------------------------+
 *   |          Source Port          |       Destination Port        |
 *   +-------------------------------+-------------------------------+
 *   |                       Verification Tag                        |
 *   +---------------------------------------------------------------+
 *   |                           Checksum                            |
 *   +---------------+---------------+-------------------------------+
 *   |  Chunk Type   |  Chunk Flags  |         Chunk Length          |
 *   +---------------+---------------+-------------------------------+
 *   |                 Chunk Value, padded to 4 bytes …              |
 *   +---------------------------------------------------------------+
 */
import {type Check, copyBytes, get16, get32, need, set16, set32} from './bytes.js';

/** Common header. */
export const SCTP_HEADER = 12;
/** Type, flags, length. */
export const SCTP_CHUNK_HEADER = 4;
/** Of a DATA chunk: TSN, stream, sequence number in the stream, payload protocol. */
export const SCTP_DATA_HEADER = 16;
/** INIT and INIT ACK without parameters. */
export const SCTP_INIT_HEADER = 20;

/** Chunk types, §3.2. */
export const SCTP_DATA = 0;
export const SCTP_INIT = 1;
export const SCTP_INIT_ACK = 2;
export const SCTP_SACK = 3;
export const SCTP_HEARTBEAT = 4;
export const SCTP_HEARTBEAT_ACK = 5;
export const SCTP_ABORT = 6;
export const SCTP_SHUTDOWN = 7;
export const SCTP_SHUTDOWN_ACK = 8;
export const SCTP_ERROR = 9;
export const SCTP_COOKIE_ECHO = 10;
export const SCTP_COOKIE_ACK = 11;
export const SCTP_SHUTDOWN_COMPLETE = 14;

/** DATA: first and last piece of a message, §3.3.1. */
export const SCTP_BEGIN = 2;
export const SCTP_END = 1;
/** ABORT, SHUTDOWN COMPLETE: the verification tag is the receiver's own, reflected, §8.5.1. */
export const SCTP_REFLECTED = 1;

/** Parameter types of INIT and INIT ACK, §3.3.2.1, §3.3.3.1, RFC 3758 §3.1. */
const PARAMETER_COOKIE = 7;
const PARAMETER_ADDRESS_TYPES = 12;
const PARAMETER_ECN = 0x8000;
const PARAMETER_FORWARD_TSN = 0xc000;

/** Source Port. */
export function sctpSourcePort(b: Uint8Array, o: number): number {
  return get16(b, o);
}

/** Destination Port. */
export function sctpDestinationPort(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** Verification Tag. */
export function sctpTag(b: Uint8Array, o: number): number {
  return get32(b, o + 4);
}

export function checkSctp(b: Uint8Array, o: number, end: number): Check {
  return need('sctp', o, Math.min(end, b.length), SCTP_HEADER);
}

/** A chunk where it stands: `end` is behind its value, without padding. */
export interface SctpChunk {
  readonly type: number;
  readonly flags: number;
  readonly at: number;
  readonly end: number;
}

/** The chunks of the packet at `o`, up to the first that is cut or states an impossible length. */
export function* sctpChunks(b: Uint8Array, o: number, end: number): Generator<SctpChunk> {
  let at = o + SCTP_HEADER;
  while (end - at >= SCTP_CHUNK_HEADER) {
    const length = get16(b, at + 2);
    if (length < SCTP_CHUNK_HEADER || length > end - at) return;
    yield {type: b[at]!, flags: b[at + 1]!, at, end: at + length};
    at += padded(length);
  }
}

/** INIT and INIT ACK, §3.3.2. */
export interface SctpInit {
  readonly initiateTag: number;
  /** Advertised receiver window, bytes. */
  readonly window: number;
  readonly outbound: number;
  readonly inbound: number;
  readonly tsn: number;
}

/** Undefined: the chunk is too short. */
export function readSctpInit(b: Uint8Array, {at, end}: SctpChunk): SctpInit | undefined {
  if (end - at < SCTP_INIT_HEADER) return undefined;
  return {
    initiateTag: get32(b, at + 4),
    window: get32(b, at + 8),
    outbound: get16(b, at + 12),
    inbound: get16(b, at + 14),
    tsn: get32(b, at + 16),
  };
}

/** The state cookie of an INIT ACK. */
export function sctpCookie(b: Uint8Array, {at: start, end}: SctpChunk): Uint8Array | undefined {
  let at = start + SCTP_INIT_HEADER;
  while (end - at >= 4) {
    const length = get16(b, at + 2);
    if (length < 4 || length > end - at) return undefined;
    if (get16(b, at) === PARAMETER_COOKIE) return b.slice(at + 4, at + length);
    at += padded(length);
  }
  return undefined;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** A chunk with its padding; its value is left to the caller. */
function chunk(type: number, flags: number, length: number): Uint8Array {
  const b = new Uint8Array(padded(length));
  b[0] = type;
  b[1] = flags;
  set16(b, 2, length);
  return b;
}

/** A chunk that says all by its type and flags. */
export function encodeSctpChunk(type: number, flags = 0): Uint8Array {
  return chunk(type, flags, SCTP_CHUNK_HEADER);
}

/** COOKIE ECHO, HEARTBEAT ACK: what the peer had given. */
export function encodeSctpValue(type: number, value: Uint8Array): Uint8Array {
  const b = chunk(type, 0, SCTP_CHUNK_HEADER + value.length);
  b.set(value, SCTP_CHUNK_HEADER);
  return b;
}

/**
 * INIT (`cookie` undefined) or INIT ACK, with the parameters that Linux gives by default (net/sctp/sm_make_chunk.c): in an INIT the
 * address types `families` (5 is IPv4, 6 is IPv6), in both ECN and partial reliability.
 */
export function encodeSctpInit(
  init: SctpInit,
  {families, cookie}: {readonly families: readonly number[]; readonly cookie?: Uint8Array},
): Uint8Array {
  const types = new Uint8Array(families.length * 2);
  for (const [i, family] of families.entries()) set16(types, i * 2, family);
  const none = new Uint8Array(0);
  const parameters = [
    ...(cookie ? [parameter(PARAMETER_COOKIE, cookie)] : [parameter(PARAMETER_ADDRESS_TYPES, types)]),
    parameter(PARAMETER_ECN, none),
    parameter(PARAMETER_FORWARD_TSN, none),
  ];
  const length = parameters.reduce((sum, {length}) => sum + length, SCTP_INIT_HEADER);
  const b = chunk(cookie ? SCTP_INIT_ACK : SCTP_INIT, 0, length);
  set32(b, 4, init.initiateTag);
  set32(b, 8, init.window);
  set16(b, 12, init.outbound);
  set16(b, 14, init.inbound);
  set32(b, 16, init.tsn);
  let at = SCTP_INIT_HEADER;
  for (const bytes of parameters) {
    b.set(bytes, at);
    at += bytes.length;
  }
  return b;
}

function parameter(type: number, value: Uint8Array): Uint8Array {
  const b = new Uint8Array(padded(4 + value.length));
  set16(b, 0, type);
  set16(b, 2, 4 + value.length);
  b.set(value, 4);
  return b;
}

/** A piece of a message, §3.3.1. */
export interface SctpData {
  readonly flags: number;
  readonly tsn: number;
  readonly stream: number;
  /** Of the message in its stream. */
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export function encodeSctpData({flags, tsn, stream, sequence, payload}: SctpData): Uint8Array {
  const b = chunk(SCTP_DATA, flags, SCTP_DATA_HEADER + payload.length);
  set32(b, 4, tsn);
  set16(b, 8, stream);
  set16(b, 10, sequence);
  copyBytes(b, SCTP_DATA_HEADER, payload);
  return b;
}

/** Undefined: the chunk is too short. The payload is a view. */
export function readSctpData(b: Uint8Array, {flags, at, end}: SctpChunk): SctpData | undefined {
  if (end - at < SCTP_DATA_HEADER) return undefined;
  const payload = b.subarray(at + SCTP_DATA_HEADER, end);
  return {flags, tsn: get32(b, at + 4), stream: get16(b, at + 8), sequence: get16(b, at + 10), payload};
}

/** SACK, §3.3.4. Gaps are offsets from `cumulative`, both ends in. */
export interface SctpSack {
  readonly cumulative: number;
  readonly window: number;
  readonly gaps: readonly (readonly [start: number, end: number])[];
  /** TSNs that came twice. */
  readonly duplicates: readonly number[];
}

export function encodeSctpSack({cumulative, window, gaps, duplicates}: SctpSack): Uint8Array {
  const b = chunk(SCTP_SACK, 0, 16 + 4 * (gaps.length + duplicates.length));
  set32(b, 4, cumulative);
  set32(b, 8, window);
  set16(b, 12, gaps.length);
  set16(b, 14, duplicates.length);
  let at = 16;
  for (const [start, end] of gaps) {
    set16(b, at, start);
    set16(b, at + 2, end);
    at += 4;
  }
  for (const tsn of duplicates) {
    set32(b, at, tsn);
    at += 4;
  }
  return b;
}

/** Undefined: the chunk is shorter than its counts say. */
export function readSctpSack(b: Uint8Array, {at, end}: SctpChunk): SctpSack | undefined {
  if (end - at < 16) return undefined;
  const [gaps, duplicates] = [get16(b, at + 12), get16(b, at + 14)];
  if (end - at < 16 + 4 * (gaps + duplicates)) return undefined;
  return {
    cumulative: get32(b, at + 4),
    window: get32(b, at + 8),
    gaps: Array.from({length: gaps}, (_, i) => [get16(b, at + 16 + 4 * i), get16(b, at + 18 + 4 * i)] as const),
    duplicates: Array.from({length: duplicates}, (_, i) => get32(b, at + 16 + 4 * (gaps + i))),
  };
}

/** SHUTDOWN with the last TSN that came in order, §3.3.8. */
export function encodeSctpShutdown(cumulative: number): Uint8Array {
  const b = chunk(SCTP_SHUTDOWN, 0, 8);
  set32(b, 4, cumulative);
  return b;
}

/** Writes the common header; the checksum over the packet is `fillSctpChecksum`'s. */
export function writeSctp(b: Uint8Array, o: number, sourcePort: number, destinationPort: number, tag: number): void {
  set16(b, o, sourcePort);
  set16(b, o + 2, destinationPort);
  set32(b, o + 4, tag);
  set32(b, o + 8, 0);
}

const chunkNames: Readonly<Record<number, string>> = {
  [SCTP_DATA]: 'DATA',
  [SCTP_INIT]: 'INIT',
  [SCTP_INIT_ACK]: 'INIT ACK',
  [SCTP_SACK]: 'SACK',
  [SCTP_HEARTBEAT]: 'HEARTBEAT',
  [SCTP_HEARTBEAT_ACK]: 'HEARTBEAT ACK',
  [SCTP_ABORT]: 'ABORT',
  [SCTP_SHUTDOWN]: 'SHUTDOWN',
  [SCTP_SHUTDOWN_ACK]: 'SHUTDOWN ACK',
  [SCTP_ERROR]: 'ERROR',
  [SCTP_COOKIE_ECHO]: 'COOKIE ECHO',
  [SCTP_COOKIE_ACK]: 'COOKIE ACK',
  [SCTP_SHUTDOWN_COMPLETE]: 'SHUTDOWN COMPLETE',
};

/** Names of the packet's chunks, in order. */
export function sctpChunkNames(b: Uint8Array, o: number, end: number): string[] {
  return Array.from(sctpChunks(b, o, end), ({type}) => chunkNames[type] ?? `chunk ${type}`);
}

/** `sctp 40000 > 7777 INIT`. */
export function describeSctp(b: Uint8Array, o: number, end: number): string {
  const chunks = sctpChunkNames(b, o, end).join(', ');
  return `sctp ${sctpSourcePort(b, o)} > ${sctpDestinationPort(b, o)} ${chunks}`.trimEnd();
}

/** CRC32c, reflected polynomial (Castagnoli), RFC 9260 appendix A. */
const crcTable = Uint32Array.from({length: 256}, (_, i) => {
  let crc = i;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC32c of the packet `b[o, end)`, its checksum field taken for 0. */
export function sctpChecksum(b: Uint8Array, o: number, end: number): number {
  let crc = 0xffff_ffff;
  for (let i = o; i < end; i++) {
    const byte = i >= o + 8 && i < o + SCTP_HEADER ? 0 : b[i]!;
    crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!;
  }
  return ~crc >>> 0;
}

/** Stores the checksum, least significant byte first. */
export function fillSctpChecksum(b: Uint8Array, o: number, end: number): void {
  const crc = sctpChecksum(b, o, end);
  for (let i = 0; i < 4; i++) b[o + 8 + i] = crc >>> (8 * i);
}

/** Is the stored checksum right? */
export function verifySctpChecksum(b: Uint8Array, o: number, end: number): boolean {
  const stored = (b[o + 8]! | (b[o + 9]! << 8) | (b[o + 10]! << 16) | (b[o + 11]! << 24)) >>> 0;
  return stored === sctpChecksum(b, o, end);
}
