/** Addresses and ports of a packet as connection tracking sees them, and changing them with all checksums. */
import {type Ip, isIp4, writeIp} from '../../wire/addr.js';
import {get16, set16} from '../../wire/bytes.js';
import {finishSum, sumWords} from '../../wire/checksum.js';
import {ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, ICMP_HEADER, icmpIsError} from '../../wire/icmp.js';
import {ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST, icmpv6IsError} from '../../wire/icmpv6.js';
import {
  checkIpv4,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
  setIpv4Destination,
  setIpv4Source,
} from '../../wire/ipv4.js';
import {ipv6Destination, ipv6Source, ipv6Upper} from '../../wire/ipv6.js';
import {
  fillL4Checksum,
  l4ChecksumOffset,
  PROTO_ICMP,
  PROTO_ICMPV6,
  PROTO_SCTP,
  PROTO_TCP,
  PROTO_UDP,
} from '../../wire/l4.js';
import {fillSctpChecksum, SCTP_HEADER} from '../../wire/sctp.js';
import {TCP_HEADER} from '../../wire/tcp.js';
import {UDP_HEADER} from '../../wire/udp.js';

export interface Tuple {
  readonly source: Ip;
  /** The id of an ICMP echo, at both ends. */
  readonly sourcePort: number;
  readonly destination: Ip;
  readonly destinationPort: number;
  readonly protocol: number;
}

export interface PacketTuple extends Tuple {
  /** An ICMP error: the tuple of the packet it quotes. */
  readonly related: Tuple | undefined;
}

export interface Endpoint {
  readonly ip: Ip;
  readonly port: number;
}

/** Undefined for what is not tracked: fragments, other protocols. */
export function readTuple(b: Uint8Array, ip: number, end: number): PacketTuple | undefined {
  const at = transport(b, ip, end);
  if (!at || end - at.o < 8) return undefined;
  const {source, destination, protocol, o} = at;
  const base = {source, destination, protocol};
  if (hasPorts(protocol))
    return {...base, sourcePort: get16(b, o), destinationPort: get16(b, o + 2), related: undefined};
  const six = protocol === PROTO_ICMPV6;
  if (six ? icmpv6IsError(b[o]!) : icmpIsError(b[o]!)) {
    const related = readTuple(b, o + ICMP_HEADER, end);
    return related && !related.related ? {...base, sourcePort: 0, destinationPort: 0, related} : undefined;
  }
  const echo = six ? [ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY] : [ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY];
  if (!echo.includes(b[o]!)) return undefined;
  return {...base, sourcePort: get16(b, o + 4), destinationPort: get16(b, o + 4), related: undefined};
}

function hasPorts(protocol: number): boolean {
  return protocol === PROTO_TCP || protocol === PROTO_UDP || protocol === PROTO_SCTP;
}

interface Transport {
  readonly source: Ip;
  readonly destination: Ip;
  readonly protocol: number;
  readonly o: number;
}

function transport(b: Uint8Array, ip: number, end: number): Transport | undefined {
  if (b[ip]! >>> 4 === 4) {
    if (!checkIpv4(b, ip, end).ok || ipv4IsFragment(b, ip)) return undefined;
    const protocol = ipv4Protocol(b, ip);
    if (!hasPorts(protocol) && protocol !== PROTO_ICMP) return undefined;
    return {source: ipv4Source(b, ip), destination: ipv4Destination(b, ip), protocol, o: ip + ipv4HeaderLength(b, ip)};
  }
  const upper = ipv6Upper(b, ip, end);
  if (!upper.ok || upper.fragment) return undefined;
  const {protocol, offset} = upper;
  if (!hasPorts(protocol) && protocol !== PROTO_ICMPV6) return undefined;
  return {source: ipv6Source(b, ip), destination: ipv6Destination(b, ip), protocol, o: offset};
}

/** Gives the packet another address and port at one end. */
export function rewrite(b: Uint8Array, ip: number, end: number, which: 'source' | 'destination', to: Endpoint): void {
  setEnd(b, ip, end, which, to);
  fillL4Checksum(b, ip, end);
}

/**
 * As `rewrite`, of a quoted packet, which may be cut: the change goes into the transport checksum where that is still there
 * (nf_nat_proto.c: TCP's with its whole header, UDP's unless it is 0; SCTP's is made anew over what there is).
 */
export function rewriteQuoted(
  b: Uint8Array,
  ip: number,
  end: number,
  which: 'source' | 'destination',
  to: Endpoint,
): void {
  const at = transport(b, ip, end);
  if (at?.protocol === PROTO_SCTP) {
    setEnd(b, ip, end, which, to);
    if (at.o + SCTP_HEADER <= end) fillSctpChecksum(b, at.o, end);
    return;
  }
  const field = at && at.o + l4ChecksumOffset(at.protocol);
  const whole = at && at.o + (at.protocol === PROTO_TCP ? TCP_HEADER : UDP_HEADER) <= end;
  const before = at && endSum(b, ip, at, which);
  setEnd(b, ip, end, which, to);
  if (!at || !whole || before === undefined || field === undefined) return;
  const old = get16(b, field);
  if (at.protocol === PROTO_UDP && old === 0) return;
  const sum = finishSum((~old & 0xffff) + finishSum(before) + endSum(b, ip, at, which));
  set16(b, field, at.protocol === PROTO_UDP && sum === 0 ? 0xffff : sum);
}

/** Sum of the words at one end that the transport checksum covers. */
function endSum(b: Uint8Array, ip: number, {protocol, o}: Transport, which: 'source' | 'destination'): number {
  const echo = protocol === PROTO_ICMP || protocol === PROTO_ICMPV6;
  const port = get16(b, echo ? o + 4 : which === 'source' ? o : o + 2);
  if (protocol === PROTO_ICMP) return port;
  const [first, size] = b[ip]! >>> 4 === 4 ? [ip + 12, 4] : [ip + 8, 16];
  const address = which === 'source' ? first : first + size;
  return sumWords(b, address, address + size, port);
}

function setEnd(b: Uint8Array, ip: number, end: number, which: 'source' | 'destination', to: Endpoint): void {
  if (isIp4(to.ip)) {
    if (which === 'source') setIpv4Source(b, ip, to.ip);
    else setIpv4Destination(b, ip, to.ip);
  } else writeIp(b, ip + (which === 'source' ? 8 : 24), to.ip);
  const at = transport(b, ip, end);
  if (!at) return;
  const port = hasPorts(at.protocol) ? (which === 'source' ? 0 : 2) : 4;
  if (port !== 4 || isEcho(b[at.o]!)) set16(b, at.o + port, to.port);
}

function isEcho(type: number): boolean {
  return (
    type === ICMP_ECHO_REQUEST || type === ICMP_ECHO_REPLY || type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY
  );
}
