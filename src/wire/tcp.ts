/**
 * TCP. RFC 9293 §3.1; options: RFC 9293 §3.2, RFC 7323 (window scale, timestamps), RFC 2018 (SACK).
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------------------------------+-------------------------------+
 *   |          Source Port          |       Destination Port        |
 *   +-------------------------------+-------------------------------+
 *   |                        Sequence Number                        |
 *   +---------------------------------------------------------------+
 *   |                    Acknowledgment Number                      |
 *   +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 *   |  Data |Rsr  |A|C|E|U|A|P|R|S|F|                               |
 *   | Offset|ved  |E|W|C|R|C|S|S|Y|I|            Window             |
 *   |       |     | |R|E|G|K|H|T|N|N|                               |
 *   +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 *   |           Checksum            |         Urgent Pointer        |
 *   +-------------------------------+-------------------------------+
 *   |                           [Options]                           |
 *   +---------------------------------------------------------------+
 */
import {type Check, get16, get32, need, set16, set32} from './bytes.js';

/** Without options. */
export const TCP_HEADER = 20;
export const TCP_MAX_HEADER = 60;
export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;
export const TCP_ECE = 0x40;
export const TCP_CWR = 0x80;
/** Accurate ECN, in the byte with the data offset; RFC 9768 (formerly NS). */
export const TCP_AE = 0x100;

export interface TcpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  /** `TCP_SYN | …`, nine bits. */
  readonly flags: number;
  readonly window: number;
  readonly checksum?: number;
  readonly urgent?: number;
  /** Encoded options, at most 40 bytes; padded to a multiple of 4 with end-of-list. */
  readonly options?: Uint8Array;
}

export type TcpOption =
  | {readonly kind: 'eol'}
  | {readonly kind: 'nop'}
  | {readonly kind: 'mss'; readonly mss: number}
  | {readonly kind: 'wscale'; readonly shift: number}
  | {readonly kind: 'sackOK'}
  | {readonly kind: 'sack'; readonly blocks: readonly {readonly left: number; readonly right: number}[]}
  | {readonly kind: 'timestamps'; readonly value: number; readonly echo: number}
  /** Any other kind, and a known one of another length than its RFC gives. */
  | {readonly kind: 'other'; readonly number: number; readonly data: Uint8Array};

/** Source Port. */
export function tcpSourcePort(b: Uint8Array, o: number): number {
  return get16(b, o);
}

/** Destination Port. */
export function tcpDestinationPort(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** Sequence Number. */
export function tcpSequence(b: Uint8Array, o: number): number {
  return get32(b, o + 4);
}

/** Acknowledgment Number. */
export function tcpAcknowledgment(b: Uint8Array, o: number): number {
  return get32(b, o + 8);
}

/** Data Offset in bytes: 20 … 60 in a valid header. */
export function tcpHeaderLength(b: Uint8Array, o: number): number {
  return (b[o + 12]! >>> 4) * 4;
}

/** Control bits, AE (0x100) included. */
export function tcpFlags(b: Uint8Array, o: number): number {
  return get16(b, o + 12) & 0x1ff;
}

/** Window, unscaled. */
export function tcpWindow(b: Uint8Array, o: number): number {
  return get16(b, o + 14);
}

/** Checksum. */
export function tcpChecksum(b: Uint8Array, o: number): number {
  return get16(b, o + 16);
}

/** Urgent Pointer. */
export function tcpUrgent(b: Uint8Array, o: number): number {
  return get16(b, o + 18);
}

/** The header with its options. A data offset below 5 is reported as a header with fewer than the 20 bytes needed. */
export function checkTcp(b: Uint8Array, o: number, end: number): Check {
  const stop = Math.min(end, b.length);
  const fixed = need('tcp', o, stop, TCP_HEADER);
  if (!fixed.ok) return fixed;
  const length = tcpHeaderLength(b, o);
  if (length < TCP_HEADER) return {ok: false, layer: 'tcp', need: TCP_HEADER, have: length, at: o};
  return need('tcp', o, stop, length);
}

/** The options in order, one end-of-list last; ends at the first malformed one. Needs `checkTcp`. */
export function* tcpOptions(b: Uint8Array, o: number): Generator<TcpOption> {
  const stop = o + tcpHeaderLength(b, o);
  let at = o + TCP_HEADER;
  while (at < stop) {
    const kind = b[at]!;
    if (kind === 0) return yield {kind: 'eol'};
    const length = kind === 1 ? 1 : at + 1 < stop ? b[at + 1]! : 0;
    if (kind !== 1 && (length < 2 || at + length > stop)) return;
    yield kind === 1 ? {kind: 'nop'} : readOption(b, at, kind, length);
    at += length;
  }
}

function readOption(b: Uint8Array, at: number, kind: number, length: number): TcpOption {
  if (kind === 2 && length === 4) return {kind: 'mss', mss: get16(b, at + 2)};
  if (kind === 3 && length === 3) return {kind: 'wscale', shift: b[at + 2]!};
  if (kind === 4 && length === 2) return {kind: 'sackOK'};
  if (kind === 5 && length > 2 && length % 8 === 2) {
    const count = (length - 2) / 8;
    const block = (i: number) => ({left: get32(b, at + 2 + 8 * i), right: get32(b, at + 6 + 8 * i)});
    return {kind: 'sack', blocks: Array.from({length: count}, (_, i) => block(i))};
  }
  if (kind === 8 && length === 10) return {kind: 'timestamps', value: get32(b, at + 2), echo: get32(b, at + 6)};
  return {kind: 'other', number: kind, data: b.subarray(at + 2, at + length)};
}

/** Writes header and options at `o`; returns their length. The checksum over the payload is `fillL4Checksum`'s. */
export function writeTcp(b: Uint8Array, o: number, fields: TcpFields): number {
  const {options} = fields;
  const length = options === undefined ? TCP_HEADER : TCP_HEADER + ((options.length + 3) & ~3);
  if (length > TCP_MAX_HEADER) throw new RangeError(`TCP header of ${length} bytes`);
  set16(b, o, fields.sourcePort);
  set16(b, o + 2, fields.destinationPort);
  set32(b, o + 4, fields.sequence);
  set32(b, o + 8, fields.acknowledgment ?? 0);
  set16(b, o + 12, (length << 10) | (fields.flags & 0x1ff));
  set16(b, o + 14, fields.window);
  set16(b, o + 16, fields.checksum ?? 0);
  set16(b, o + 18, fields.urgent ?? 0);
  if (options !== undefined) {
    b.fill(0, o + TCP_HEADER, o + length);
    b.set(options, o + TCP_HEADER);
  }
  return length;
}

export function encodeTcp(fields: TcpFields): Uint8Array {
  const b = new Uint8Array(TCP_HEADER + (((fields.options?.length ?? 0) + 3) & ~3));
  writeTcp(b, 0, fields);
  return b;
}

/** Options as bytes for `TcpFields.options`, in the given order, without padding of their own. */
export function encodeTcpOptions(options: readonly TcpOption[]): Uint8Array {
  return Uint8Array.from(options.flatMap(optionBytes));
}

function optionBytes(option: TcpOption): number[] {
  switch (option.kind) {
    case 'eol':
      return [0];
    case 'nop':
      return [1];
    case 'mss':
      return [2, 4, option.mss >>> 8, option.mss];
    case 'wscale':
      return [3, 3, option.shift];
    case 'sackOK':
      return [4, 2];
    case 'sack':
      return [5, 2 + 8 * option.blocks.length, ...option.blocks.flatMap((x) => [...word(x.left), ...word(x.right)])];
    case 'timestamps':
      return [8, 10, ...word(option.value), ...word(option.echo)];
    case 'other':
      return [option.number, 2 + option.data.length, ...option.data];
  }
}

function word(v: number): number[] {
  return [v >>> 24, v >>> 16, v >>> 8, v];
}

/** Letters as tcpdump's `Flags [S.]` has them (print-tcp.c, tcp_flag_values). */
const flagLetters = [
  [TCP_FIN, 'F'],
  [TCP_SYN, 'S'],
  [TCP_RST, 'R'],
  [TCP_PSH, 'P'],
  [TCP_ACK, '.'],
  [TCP_URG, 'U'],
  [TCP_ECE, 'E'],
  [TCP_CWR, 'W'],
  [TCP_AE, 'e'],
] as const;

/** `tcp 40000 > 80 [S] seq 1 ack 0 win 64240`. */
export function describeTcp(b: Uint8Array, o: number): string {
  const flags = flagLetters.map(([bit, letter]) => ((tcpFlags(b, o) & bit) !== 0 ? letter : '')).join('');
  const numbers = `seq ${tcpSequence(b, o)} ack ${tcpAcknowledgment(b, o)} win ${tcpWindow(b, o)}`;
  return `tcp ${tcpSourcePort(b, o)} > ${tcpDestinationPort(b, o)} [${flags}] ${numbers}`;
}
