/**
 * Ethernet II. IEEE Std 802.3-2018 §3.1.1, RFC 894.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+
 *   |                      Destination Address                      |
 *   +                               +-------------------------------+
 *   |                               |                               |
 *   +-------------------------------+                               +
 *   |                        Source Address                         |
 *   +-------------------------------+-------------------------------+
 *   |        Type / Length          |
 *   +-------------------------------+
 *
 * Offsets `o` are those of the header. A frame has no FCS here, as in captures.
 */
import {formatMac, type Mac, readMac, writeMac} from './addr.js';
import {type Check, get16, need, set16} from './bytes.js';

export const ETH_HEADER = 14;
/** Type values up to this are 802.3 lengths. */
export const ETH_MAX_LENGTH = 1500;

export interface EthernetFields {
  readonly destination: Mac;
  readonly source: Mac;
  /** EtherType, host order. */
  readonly type: number;
}

/** Destination address. */
export function ethDestination(b: Uint8Array, o: number): Mac {
  return readMac(b, o);
}

/** Source address. */
export function ethSource(b: Uint8Array, o: number): Mac {
  return readMac(b, o + 6);
}

/** Type, or an 802.3 length where ≤ `ETH_MAX_LENGTH`. */
export function ethType(b: Uint8Array, o: number): number {
  return get16(b, o + 12);
}

export function checkEthernet(b: Uint8Array, o: number, end: number): Check {
  return need('ether', o, Math.min(end, b.length), ETH_HEADER);
}

/** Writes the header at `o`; returns its length. */
export function writeEthernet(b: Uint8Array, o: number, destination: Mac, source: Mac, type: number): number {
  writeMac(b, o, destination);
  writeMac(b, o + 6, source);
  set16(b, o + 12, type);
  return ETH_HEADER;
}

export function encodeEthernet(fields: EthernetFields): Uint8Array {
  const b = new Uint8Array(ETH_HEADER);
  writeEthernet(b, 0, fields.destination, fields.source, fields.type);
  return b;
}

export function setEthDestination(b: Uint8Array, o: number, mac: Mac): void {
  writeMac(b, o, mac);
}

export function setEthSource(b: Uint8Array, o: number, mac: Mac): void {
  writeMac(b, o + 6, mac);
}

/** `02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x0800`. */
export function describeEthernet(b: Uint8Array, o: number): string {
  const type = ethType(b, o).toString(16).padStart(4, '0');
  return `${formatMac(ethSource(b, o))} > ${formatMac(ethDestination(b, o))} type 0x${type}`;
}
