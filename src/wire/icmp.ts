/**
 * ICMP. RFC 792; MTU in "fragmentation needed": RFC 1191 §4; routers: RFC 1256; codes: RFC 1812 §5.2.7.1.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |     Code      |          Checksum             |
 *   +---------------+---------------+-------------------------------+
 *   |  rest of header: id, sequence | unused, next-hop MTU | gateway|
 *   +---------------------------------------------------------------+
 *   |  payload, or the packet that caused the error from its IP header
 */
import {type Ip4, readIp4} from './addr.js';
import {type Check, get16, get32, need, set16, set32} from './bytes.js';
import {checksum} from './checksum.js';

/** Header with the type's own four bytes. */
export const ICMP_HEADER = 8;
/** Type, code and checksum. */
const ICMP_MIN = 4;

export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO_REQUEST = 8;
export const ICMP_ROUTER_ADVERTISEMENT = 9;
export const ICMP_ROUTER_SOLICITATION = 10;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;
export const ICMP_TIMESTAMP_REQUEST = 13;
export const ICMP_TIMESTAMP_REPLY = 14;
export const ICMP_INFORMATION_REQUEST = 15;
export const ICMP_INFORMATION_REPLY = 16;
export const ICMP_MASK_REQUEST = 17;
export const ICMP_MASK_REPLY = 18;

/** Codes of `ICMP_UNREACHABLE`. */
export const ICMP_NET_UNREACHABLE = 0;
export const ICMP_HOST_UNREACHABLE = 1;
export const ICMP_PROTOCOL_UNREACHABLE = 2;
export const ICMP_PORT_UNREACHABLE = 3;
export const ICMP_FRAGMENTATION_NEEDED = 4;
export const ICMP_SOURCE_ROUTE_FAILED = 5;
export const ICMP_NET_UNKNOWN = 6;
export const ICMP_HOST_UNKNOWN = 7;
export const ICMP_SOURCE_ISOLATED = 8;
export const ICMP_NET_PROHIBITED = 9;
export const ICMP_HOST_PROHIBITED = 10;
export const ICMP_NET_TOS = 11;
export const ICMP_HOST_TOS = 12;
export const ICMP_ADMIN_PROHIBITED = 13;
export const ICMP_HOST_PRECEDENCE = 14;
export const ICMP_PRECEDENCE_CUTOFF = 15;

/** Codes of `ICMP_TIME_EXCEEDED`. */
export const ICMP_TTL_EXCEEDED = 0;
export const ICMP_REASSEMBLY_EXCEEDED = 1;

export interface IcmpFields {
  readonly type: number;
  readonly code?: number;
  /** The four bytes behind the checksum: (id << 16 | sequence), next-hop MTU, gateway, … */
  readonly rest?: number;
}

/** Type. */
export function icmpType(b: Uint8Array, o: number): number {
  return b[o]!;
}

/** Code. */
export function icmpCode(b: Uint8Array, o: number): number {
  return b[o + 1]!;
}

/** Checksum. */
export function icmpChecksum(b: Uint8Array, o: number): number {
  return get16(b, o + 2);
}

/** The four bytes behind the checksum. */
export function icmpRest(b: Uint8Array, o: number): number {
  return get32(b, o + 4);
}

/** Identifier of echo and timestamp. */
export function icmpId(b: Uint8Array, o: number): number {
  return get16(b, o + 4);
}

/** Sequence Number of echo and timestamp. */
export function icmpSequence(b: Uint8Array, o: number): number {
  return get16(b, o + 6);
}

/** Next-hop MTU of "fragmentation needed", RFC 1191 §4; 0 = not given. */
export function icmpMtu(b: Uint8Array, o: number): number {
  return get16(b, o + 6);
}

/** Gateway of a redirect. */
export function icmpGateway(b: Uint8Array, o: number): Ip4 {
  return readIp4(b, o + 4);
}

/** Pointer of a parameter problem: octet of the quoted packet. */
export function icmpPointer(b: Uint8Array, o: number): number {
  return b[o + 4]!;
}

/** Does the message quote the packet that caused it (from `o + ICMP_HEADER` on)? */
export function icmpIsError(type: number): boolean {
  return (
    type === ICMP_UNREACHABLE ||
    type === ICMP_SOURCE_QUENCH ||
    type === ICMP_REDIRECT ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETER_PROBLEM
  );
}

/** Does a message of this type have id and sequence in its rest of header? */
export function icmpHasId(type: number): boolean {
  return (
    type === ICMP_ECHO_REPLY ||
    type === ICMP_ECHO_REQUEST ||
    (type >= ICMP_TIMESTAMP_REQUEST && type <= ICMP_MASK_REPLY)
  );
}

/** Type, code and checksum; for the types whose rest of header has a meaning (RFC 792), that too. */
export function checkIcmp(b: Uint8Array, o: number, end: number): Check {
  const stop = Math.min(end, b.length);
  const head = need('icmp', o, stop, ICMP_MIN);
  if (!head.ok) return head;
  const type = icmpType(b, o);
  const full = icmpIsError(type) || icmpHasId(type) || type === ICMP_ROUTER_ADVERTISEMENT;
  return full ? need('icmp', o, stop, ICMP_HEADER) : head;
}

/** Writes the header at `o` with checksum 0; returns its length. `fillIcmpChecksum` follows once the payload is there. */
export function writeIcmp(b: Uint8Array, o: number, fields: IcmpFields): number {
  b[o] = fields.type;
  b[o + 1] = fields.code ?? 0;
  set16(b, o + 2, 0);
  set32(b, o + 4, fields.rest ?? 0);
  return ICMP_HEADER;
}

/** Writes an echo header at `o` with checksum 0; `type` is `ICMP_ECHO_REQUEST` or `ICMP_ECHO_REPLY`. */
export function writeIcmpEcho(b: Uint8Array, o: number, type: number, id: number, sequence: number): number {
  return writeIcmp(b, o, {type, rest: ((id << 16) | sequence) >>> 0});
}

/** Stores the checksum of the message `b[o, end)`. */
export function fillIcmpChecksum(b: Uint8Array, o: number, end: number): void {
  set16(b, o + 2, 0);
  set16(b, o + 2, checksum(b, o, end));
}

/** A whole message with its checksum. In an error, `payload` is the quoted packet from its IP header. */
export function encodeIcmp(fields: IcmpFields, payload: Uint8Array): Uint8Array {
  const b = new Uint8Array(ICMP_HEADER + payload.length);
  writeIcmp(b, 0, fields);
  b.set(payload, ICMP_HEADER);
  fillIcmpChecksum(b, 0, b.length);
  return b;
}

/** `icmp type 8 code 0 id 7 seq 1`. Needs `checkIcmp`. */
export function describeIcmp(b: Uint8Array, o: number): string {
  const type = icmpType(b, o);
  const echo = icmpHasId(type) ? ` id ${icmpId(b, o)} seq ${icmpSequence(b, o)}` : '';
  return `icmp type ${type} code ${icmpCode(b, o)}${echo}`;
}
