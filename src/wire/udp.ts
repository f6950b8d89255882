/**
 * UDP. RFC 768.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------------------------------+-------------------------------+
 *   |          Source Port          |       Destination Port        |
 *   +-------------------------------+-------------------------------+
 *   |            Length             |           Checksum            |
 *   +-------------------------------+-------------------------------+
 *
 * Checksum 0 = none was computed (RFC 768; for tunnels over IPv6 RFC 6935 §5). A computed 0 is sent as 0xffff.
 */
import {type Check, get16, need, set16} from './bytes.js';

export const UDP_HEADER = 8;

export interface UdpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Header and payload, in bytes. */
  readonly length: number;
  readonly checksum?: number;
}

/** Source Port. */
export function udpSourcePort(b: Uint8Array, o: number): number {
  return get16(b, o);
}

/** Destination Port. */
export function udpDestinationPort(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** Length of header and payload in bytes. */
export function udpLength(b: Uint8Array, o: number): number {
  return get16(b, o + 4);
}

/** Checksum; 0 = none. */
export function udpChecksum(b: Uint8Array, o: number): number {
  return get16(b, o + 6);
}

export function checkUdp(b: Uint8Array, o: number, end: number): Check {
  return need('udp', o, Math.min(end, b.length), UDP_HEADER);
}

/** Writes the header at `o`; returns its length. The checksum over the payload is `fillL4Checksum`'s. */
export function writeUdp(b: Uint8Array, o: number, fields: UdpFields): number {
  set16(b, o, fields.sourcePort);
  set16(b, o + 2, fields.destinationPort);
  set16(b, o + 4, fields.length);
  set16(b, o + 6, fields.checksum ?? 0);
  return UDP_HEADER;
}

export function encodeUdp(fields: UdpFields): Uint8Array {
  const b = new Uint8Array(UDP_HEADER);
  writeUdp(b, 0, fields);
  return b;
}

/** `udp 40000 > 6081 length 58`. */
export function describeUdp(b: Uint8Array, o: number): string {
  return `udp ${udpSourcePort(b, o)} > ${udpDestinationPort(b, o)} length ${udpLength(b, o)}`;
}
