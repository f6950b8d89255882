/**
 * VLAN tag. IEEE Std 802.1Q-2018 §9.3–9.6. The tag follows an EtherType 0x8100 (C-tag) or 0x88a8 (S-tag).
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-----+-+-----------------------+-------------------------------+
 *   | PCP |D|          VID          |       Type of the payload     |
 *   +-----+-+-----------------------+-------------------------------+
 *
 * `o` is the offset of the tag control information, 2 bytes behind the tag's EtherType.
 */
import {type Check, get16, need, set16} from './bytes.js';

export const VLAN_TAG = 4;

export interface VlanFields {
  /** 0 … 4095. */
  readonly id: number;
  /** 0 … 7. */
  readonly priority?: number;
  readonly dei?: boolean;
  readonly innerType: number;
}

/** VID, §9.6 c). */
export function vlanId(b: Uint8Array, o: number): number {
  return get16(b, o) & 0x0fff;
}

/** PCP, §9.6 a). */
export function vlanPriority(b: Uint8Array, o: number): number {
  return b[o]! >>> 5;
}

/** DEI bit, 0 or 1, §9.6 b). */
export function vlanDei(b: Uint8Array, o: number): number {
  return (b[o]! >>> 4) & 1;
}

/** EtherType behind the tag. */
export function vlanInnerType(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

export function checkVlan(b: Uint8Array, o: number, end: number): Check {
  return need('vlan', o, Math.min(end, b.length), VLAN_TAG);
}

/** Writes tag control information and inner type at `o`; returns their length. */
export function writeVlan(b: Uint8Array, o: number, fields: VlanFields): number {
  set16(b, o, ((fields.priority ?? 0) << 13) | (fields.dei ? 0x1000 : 0) | (fields.id & 0x0fff));
  set16(b, o + 2, fields.innerType);
  return VLAN_TAG;
}

export function encodeVlan(fields: VlanFields): Uint8Array {
  const b = new Uint8Array(VLAN_TAG);
  writeVlan(b, 0, fields);
  return b;
}

/** `vlan 10 p 5 DEI`. */
export function describeVlan(b: Uint8Array, o: number): string {
  return `vlan ${vlanId(b, o)} p ${vlanPriority(b, o)}${vlanDei(b, o) ? ' DEI' : ''}`;
}
