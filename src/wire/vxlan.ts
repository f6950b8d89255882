/**
 * VXLAN. RFC 7348 §5.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-+-+-----------------------------------------------+
 *   |R|R|R|R|I|R|R|R|                   Reserved                    |
 *   +---------------+-------------------------------+---------------+
 *   |         VXLAN Network Identifier (VNI)        |   Reserved    |
 *   +-----------------------------------------------+---------------+
 *
 * The payload is an Ethernet frame.
 */
import {type Check, get24, need, set24} from './bytes.js';

export const VXLAN_HEADER = 8;
/** I: the VNI is valid. */
export const VXLAN_FLAG_VNI = 0x08;

export interface VxlanFields {
  readonly vni: number;
  /** First byte; default 0x08. */
  readonly flags?: number;
}

/** The flags byte, §5. */
export function vxlanFlags(b: Uint8Array, o: number): number {
  return b[o]!;
}

/** The 24 reserved bits behind the flags. */
export function vxlanReserved(b: Uint8Array, o: number): number {
  return get24(b, o + 1);
}

/** VNI, 24 bits. */
export function vxlanVni(b: Uint8Array, o: number): number {
  return get24(b, o + 4);
}

export function checkVxlan(b: Uint8Array, o: number, end: number): Check {
  return need('vxlan', o, Math.min(end, b.length), VXLAN_HEADER);
}

/** Writes the header at `o`; returns its length. */
export function writeVxlan(b: Uint8Array, o: number, fields: VxlanFields): number {
  b[o] = fields.flags ?? VXLAN_FLAG_VNI;
  set24(b, o + 1, 0);
  set24(b, o + 4, fields.vni);
  b[o + 7] = 0;
  return VXLAN_HEADER;
}

export function encodeVxlan(fields: VxlanFields): Uint8Array {
  const b = new Uint8Array(VXLAN_HEADER);
  writeVxlan(b, 0, fields);
  return b;
}

/** `vxlan vni 7`. */
export function describeVxlan(b: Uint8Array, o: number): string {
  return `vxlan ${(vxlanFlags(b, o) & VXLAN_FLAG_VNI) === 0 ? 'no vni' : `vni ${vxlanVni(b, o)}`}`;
}
