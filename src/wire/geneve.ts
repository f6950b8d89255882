/**
 * Geneve. RFC 8926 §3.4 (header), §3.5 (options).
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---+-----------+-+-+-----------+-------------------------------+
 *   |Ver|  Opt Len  |O|C|    Rsvd.  |          Protocol Type        |
 *   +---+-----------+-+-+-----------+---------------+---------------+
 *   |        Virtual Network Identifier (VNI)       |    Reserved   |
 *   +-----------------------------------------------+---------------+
 *   |                    Variable-Length Options                    |
 *
 *   option:
 *   +-------------------------------+---------------+-----+---------+
 *   |          Option Class         |C|    Type     |R|R|R| Length  |
 *   +-------------------------------+---------------+-----+---------+
 *   |                  Variable-Length Option Data                  |
 *
 * Opt Len and Length count 4-byte words; everything here counts bytes.
 */
import {type Ip, isIp4, readIp4, readIp6, writeIp} from './addr.js';
import {type Check, get16, get24, need, set16, set24} from './bytes.js';

/** The fixed part. */
export const GENEVE_HEADER = 8;
export const GENEVE_OPTION_HEADER = 4;
/** 63 words. */
export const GENEVE_MAX_OPTIONS = 252;
/** O: control packet. */
export const GENEVE_FLAG_OAM = 0x80;
/** C: one of the options has its critical bit set. */
export const GENEVE_FLAG_CRITICAL = 0x40;
/** Protocol Type of an Ethernet payload (Transparent Ethernet Bridging). */
export const GENEVE_TEB = 0x6558;

/** Cilium's option class and type for direct server return: cilium bpf/lib/common.h, `DSR_GENEVE_OPT_*`. */
export const CILIUM_OPTION_CLASS = 0x014b;
export const CILIUM_DSR_TYPE = 0x81;

export interface GeneveOption {
  readonly class: number;
  /** The whole type byte, critical bit included. */
  readonly type: number;
  /** Bit 0x80 of the type. */
  readonly critical: boolean;
  /** A view, 0 … 124 bytes, a multiple of 4. */
  readonly data: Uint8Array;
}

export interface GeneveFields {
  readonly vni: number;
  /** Second byte: O, C, reserved bits. */
  readonly flags?: number;
  /** Default 0x6558. */
  readonly protocol?: number;
  /** Encoded options, a multiple of 4, at most 252 bytes. */
  readonly options?: Uint8Array;
}

/** Ver, two bits, §3.4. */
export function geneveVersion(b: Uint8Array, o: number): number {
  return b[o]! >>> 6;
}

/** Opt Len in bytes, 0 … 252, §3.4. */
export function geneveOptionsLength(b: Uint8Array, o: number): number {
  return (b[o]! & 0x3f) * 4;
}

/** Fixed part and options, in bytes: the payload is this far from `o`. */
export function geneveHeaderLength(b: Uint8Array, o: number): number {
  return GENEVE_HEADER + geneveOptionsLength(b, o);
}

/** The byte with O, C and the six reserved bits, §3.4. */
export function geneveFlags(b: Uint8Array, o: number): number {
  return b[o + 1]!;
}

/** Protocol Type: an EtherType, §3.4. */
export function geneveProtocol(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** VNI, 24 bits, §3.4. */
export function geneveVni(b: Uint8Array, o: number): number {
  return get24(b, o + 4);
}

/** The reserved byte behind the VNI. */
export function geneveReserved(b: Uint8Array, o: number): number {
  return b[o + 7]!;
}

/** Fixed part and all options. */
export function checkGeneve(b: Uint8Array, o: number, end: number): Check {
  const stop = Math.min(end, b.length);
  const fixed = need('geneve', o, stop, GENEVE_HEADER);
  return fixed.ok ? need('geneve', o, stop, geneveHeaderLength(b, o)) : fixed;
}

/** The options in order; ends at the first one that runs past Opt Len. Needs `checkGeneve`. */
export function* geneveOptions(b: Uint8Array, o: number): Generator<GeneveOption> {
  const stop = o + geneveHeaderLength(b, o);
  let at = o + GENEVE_HEADER;
  while (at + GENEVE_OPTION_HEADER <= stop) {
    const next = at + GENEVE_OPTION_HEADER + (b[at + 3]! & 0x1f) * 4;
    if (next > stop) return;
    const type = b[at + 2]!;
    yield {
      class: get16(b, at),
      type,
      critical: type >= 0x80,
      data: b.subarray(at + GENEVE_OPTION_HEADER, next),
    };
    at = next;
  }
}

/** Writes header and options at `o`; returns their length. */
export function writeGeneve(b: Uint8Array, o: number, fields: GeneveFields): number {
  const {options} = fields;
  const length = options === undefined ? 0 : options.length;
  if (length % 4 !== 0 || length > GENEVE_MAX_OPTIONS) throw new RangeError(`geneve options of ${length} bytes`);
  b[o] = length >>> 2;
  b[o + 1] = fields.flags ?? 0;
  set16(b, o + 2, fields.protocol ?? GENEVE_TEB);
  set24(b, o + 4, fields.vni);
  b[o + 7] = 0;
  if (options !== undefined) b.set(options, o + GENEVE_HEADER);
  return GENEVE_HEADER + length;
}

export function encodeGeneve(fields: GeneveFields): Uint8Array {
  const b = new Uint8Array(GENEVE_HEADER + (fields.options?.length ?? 0));
  writeGeneve(b, 0, fields);
  return b;
}

/** Options as bytes for `GeneveFields.options`. `critical` sets bit 0x80 of the type. Data is padded to words. */
export function encodeGeneveOptions(
  options: readonly {class: number; type: number; critical?: boolean; data?: Uint8Array}[],
): Uint8Array {
  const words = (data: Uint8Array | undefined) => Math.ceil((data?.length ?? 0) / 4);
  const total = options.reduce((sum, {data}) => sum + GENEVE_OPTION_HEADER + 4 * words(data), 0);
  if (total > GENEVE_MAX_OPTIONS) throw new RangeError(`geneve options of ${total} bytes`);
  const b = new Uint8Array(total);
  let at = 0;
  for (const option of options) {
    if (words(option.data) > 31) throw new RangeError(`geneve option data of ${option.data!.length} bytes`);
    set16(b, at, option.class);
    b[at + 2] = option.type | (option.critical ? 0x80 : 0);
    b[at + 3] = words(option.data);
    if (option.data) b.set(option.data, at + GENEVE_OPTION_HEADER);
    at += GENEVE_OPTION_HEADER + 4 * b[at + 3]!;
  }
  return b;
}

/**
 * Cilium's DSR option, 12 bytes (IPv4) or 24 (IPv6): address, port, two zero bytes
 * (cilium bpf/lib/nodeport.h, `geneve_dsr_opt4`, `geneve_dsr_opt6`).
 */
export function encodeDsrOption(ip: Ip, port: number): Uint8Array {
  const size = isIp4(ip) ? 4 : 16;
  const data = new Uint8Array(size + 4);
  writeIp(data, 0, ip);
  set16(data, size, port);
  return encodeGeneveOptions([{class: CILIUM_OPTION_CLASS, type: CILIUM_DSR_TYPE, data}]);
}

/** Frontend that a DSR option carries; undefined for any other option. */
export function decodeDsrOption(option: GeneveOption): {ip: Ip; port: number} | undefined {
  if (option.class !== CILIUM_OPTION_CLASS || option.type !== CILIUM_DSR_TYPE) return undefined;
  const {data} = option;
  if (data.length === 8) return {ip: readIp4(data, 0), port: get16(data, 4)};
  return data.length === 20 ? {ip: readIp6(data, 0), port: get16(data, 16)} : undefined;
}

/** `geneve vni 7 options 12`. */
export function describeGeneve(b: Uint8Array, o: number): string {
  const options = geneveOptionsLength(b, o);
  return `geneve vni ${geneveVni(b, o)}${options > 0 ? ` options ${options}` : ''}`;
}
