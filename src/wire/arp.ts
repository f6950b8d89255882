/**
 * ARP for IPv4 over Ethernet. RFC 826.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------------------------------+-------------------------------+
 *   |   Hardware type = 1           |   Protocol type = 0x0800      |
 *   +---------------+---------------+-------------------------------+
 *   |  HW len = 6   |  Proto len = 4|           Operation           |
 *   +---------------+---------------+-------------------------------+
 *   |                    Sender hardware address                    |
 *   +                               +-------------------------------+
 *   |                               |   Sender protocol address     |
 *   +-------------------------------+-------------------------------+
 *   |  … (low half)                 |                               |
 *   +-------------------------------+                               +
 *   |                    Target hardware address                    |
 *   +---------------------------------------------------------------+
 *   |                    Target protocol address                    |
 *   +---------------------------------------------------------------+
 */
import {formatIp4, formatMac, type Ip4, type Mac, readIp4, readMac, writeIp, writeMac} from './addr.js';
import {type Check, get16, need, set16} from './bytes.js';

export const ARP_LENGTH = 28;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

/** Bytes in front of the addresses. */
const FIXED = 8;

export interface ArpFields {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderIp: Ip4;
  readonly targetMac: Mac;
  readonly targetIp: Ip4;
}

/** ar$hrd: 1 = Ethernet. */
export function arpHardware(b: Uint8Array, o: number): number {
  return get16(b, o);
}

/** ar$pro: an EtherType. */
export function arpProtocol(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** ar$hln, in bytes. */
export function arpHardwareLength(b: Uint8Array, o: number): number {
  return b[o + 4]!;
}

/** ar$pln, in bytes. */
export function arpProtocolLength(b: Uint8Array, o: number): number {
  return b[o + 5]!;
}

/** ar$op: 1 request, 2 reply. */
export function arpOperation(b: Uint8Array, o: number): number {
  return get16(b, o + 6);
}

/** ar$sha of an Ethernet/IPv4 packet, as are the three below. */
export function arpSenderMac(b: Uint8Array, o: number): Mac {
  return readMac(b, o + 8);
}

/** ar$spa. */
export function arpSenderIp(b: Uint8Array, o: number): Ip4 {
  return readIp4(b, o + 14);
}

/** ar$tha. */
export function arpTargetMac(b: Uint8Array, o: number): Mac {
  return readMac(b, o + 18);
}

/** ar$tpa. */
export function arpTargetIp(b: Uint8Array, o: number): Ip4 {
  return readIp4(b, o + 24);
}

/** Are the lengths those of Ethernet and IPv4, so that the address readers above apply? */
export function arpIsEthernetIp4(b: Uint8Array, o: number): boolean {
  return arpHardwareLength(b, o) === 6 && arpProtocolLength(b, o) === 4 && arpProtocol(b, o) === 0x0800;
}

/** The whole packet, with addresses as long as its own length fields say. */
export function checkArp(b: Uint8Array, o: number, end: number): Check {
  const stop = Math.min(end, b.length);
  const fixed = need('arp', o, stop, FIXED);
  return fixed.ok ? need('arp', o, stop, FIXED + 2 * (arpHardwareLength(b, o) + arpProtocolLength(b, o))) : fixed;
}

/** Writes an Ethernet/IPv4 packet at `o`; returns its length. */
export function writeArp(b: Uint8Array, o: number, fields: ArpFields): number {
  set16(b, o, 1);
  set16(b, o + 2, 0x0800);
  b[o + 4] = 6;
  b[o + 5] = 4;
  set16(b, o + 6, fields.operation);
  writeMac(b, o + 8, fields.senderMac);
  writeIp(b, o + 14, fields.senderIp);
  writeMac(b, o + 18, fields.targetMac);
  writeIp(b, o + 24, fields.targetIp);
  return ARP_LENGTH;
}

export function encodeArp(fields: ArpFields): Uint8Array {
  const b = new Uint8Array(ARP_LENGTH);
  writeArp(b, 0, fields);
  return b;
}

/** `arp request who-has 10.0.0.6 tell 10.0.0.5`, `arp reply 10.0.0.6 is-at 02:…`. */
export function describeArp(b: Uint8Array, o: number): string {
  const operation = arpOperation(b, o);
  if (operation === ARP_REQUEST)
    return `arp request who-has ${formatIp4(arpTargetIp(b, o))} tell ${formatIp4(arpSenderIp(b, o))}`;
  if (operation === ARP_REPLY)
    return `arp reply ${formatIp4(arpSenderIp(b, o))} is-at ${formatMac(arpSenderMac(b, o))}`;
  return `arp operation ${operation}`;
}
