/**
 * What a notification's bytes are, as the parsers of monitor and Hubble see them (gopacket 1.1: Ethernet, IP, TCP, UDP, SCTP,
 * ICMP), and the names gopacket gives to ICMP types.
 */

import type {Ip} from '../../wire/addr.js';
import {get16} from '../../wire/bytes.js';
import {ETH_HEADER, ethType} from '../../wire/ethernet.js';
import {icmpCode, icmpType} from '../../wire/icmp.js';
import {
  checkIpv4,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
} from '../../wire/ipv4.js';
import {checkIpv6, ipv6Destination, ipv6Source, ipv6Upper} from '../../wire/ipv6.js';
import {PROTO_ICMP, PROTO_ICMPV6, PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';
import {tcpFlags} from '../../wire/tcp.js';

const PROTO_SCTP = 132;
const TYPE_IP4 = 0x0800;
const TYPE_IP6 = 0x86dd;
const TUNNEL_HEADER = 8;

export type Transport =
  | {
      readonly kind: 'tcp';
      readonly at: number;
      readonly source: number;
      readonly destination: number;
      readonly flags: number;
    }
  | {readonly kind: 'udp' | 'sctp'; readonly at: number; readonly source: number; readonly destination: number}
  | {readonly kind: 'icmp4' | 'icmp6'; readonly at: number; readonly type: number; readonly code: number};

export interface Dissected {
  readonly bytes: Uint8Array;
  /** Offset of the Ethernet header, and of its payload. */
  readonly eth: number;
  readonly etherType: number;
  readonly ip: {readonly family: 4 | 6; readonly at: number; readonly source: Ip; readonly destination: Ip} | undefined;
  readonly transport: Transport | undefined;
  /** The packet around this one. */
  readonly outer?: Dissected;
}

/** `tunnelled`: bytes are those of a tunnel packet; what it carries is looked at. undefined: not even an Ethernet header. */
export function dissect(bytes: Uint8Array, tunnelled = false): Dissected | undefined {
  const outer = dissectAt(bytes, 0);
  if (!tunnelled || outer?.transport?.kind !== 'udp') return outer;
  // Geneve's options come between its header and the frame, RFC 8926 §3.4
  const at = outer.transport.at + 8;
  const isGeneve = get16(bytes, at + 2) === 0x6558;
  const inner = dissectAt(bytes, at + TUNNEL_HEADER + (isGeneve ? (bytes[at]! & 0x3f) * 4 : 0));
  return inner ? {...inner, outer} : outer;
}

function dissectAt(bytes: Uint8Array, eth: number): Dissected | undefined {
  if (eth + ETH_HEADER > bytes.length) return undefined;
  const etherType = ethType(bytes, eth);
  const base = {bytes, eth, etherType, transport: undefined, ip: undefined};
  const at = eth + ETH_HEADER;
  if (etherType === TYPE_IP4 && checkIpv4(bytes, at, bytes.length).ok) {
    const ip = {family: 4 as const, at, source: ipv4Source(bytes, at), destination: ipv4Destination(bytes, at)};
    const first = ipv4FragmentOffset(bytes, at) === 0;
    const next = at + ipv4HeaderLength(bytes, at);
    return {...base, ip, transport: first ? transportAt(bytes, ipv4Protocol(bytes, at), next) : undefined};
  }
  if (etherType === TYPE_IP6 && checkIpv6(bytes, at, bytes.length).ok) {
    const ip = {family: 6 as const, at, source: ipv6Source(bytes, at), destination: ipv6Destination(bytes, at)};
    const upper = ipv6Upper(bytes, at, bytes.length);
    const whole = upper.ok && !upper.fragment?.offset;
    return {...base, ip, transport: whole ? transportAt(bytes, upper.protocol, upper.offset) : undefined};
  }
  return base;
}

function transportAt(bytes: Uint8Array, protocol: number, at: number): Transport | undefined {
  const least = protocol === PROTO_TCP ? 20 : protocol === PROTO_ICMPV6 ? 4 : 8;
  if (at + least > bytes.length) return undefined;
  switch (protocol) {
    case PROTO_TCP:
      return {kind: 'tcp', at, source: get16(bytes, at), destination: get16(bytes, at + 2), flags: tcpFlags(bytes, at)};
    case PROTO_UDP:
    case PROTO_SCTP:
      return {
        kind: protocol === PROTO_UDP ? 'udp' : 'sctp',
        at,
        source: get16(bytes, at),
        destination: get16(bytes, at + 2),
      };
    case PROTO_ICMP:
    case PROTO_ICMPV6:
      return {
        kind: protocol === PROTO_ICMP ? 'icmp4' : 'icmp6',
        at,
        type: icmpType(bytes, at),
        code: icmpCode(bytes, at),
      };
    default:
      return undefined;
  }
}

interface TypeNames {
  readonly name: string;
  readonly codes?: readonly string[];
}

/** gopacket layers/icmp4.go. */
const icmp4Types: Readonly<Record<number, TypeNames>> = {
  0: {name: 'EchoReply'},
  3: {
    name: 'DestinationUnreachable',
    codes: [
      ...['Net', 'Host', 'Protocol', 'Port', 'FragmentationNeeded', 'SourceRoutingFailed', 'NetUnknown', 'HostUnknown'],
      ...['SourceIsolated', 'NetAdminProhibited', 'HostAdminProhibited', 'NetTOS', 'HostTOS', 'CommAdminProhibited'],
      ...['HostPrecedence', 'PrecedenceCutoff'],
    ],
  },
  4: {name: 'SourceQuench'},
  5: {name: 'Redirect', codes: ['Net', 'Host', 'TOS+Net', 'TOS+Host']},
  8: {name: 'EchoRequest'},
  9: {name: 'RouterAdvertisement'},
  10: {name: 'RouterSolicitation'},
  11: {name: 'TimeExceeded', codes: ['TTLExceeded', 'FragmentReassemblyTimeExceeded']},
  12: {name: 'ParameterProblem', codes: ['PointerIndicatesError', 'MissingOption', 'BadLength']},
  13: {name: 'TimestampRequest'},
  14: {name: 'TimestampReply'},
  15: {name: 'InfoRequest'},
  16: {name: 'InfoReply'},
  17: {name: 'AddressMaskRequest'},
  18: {name: 'AddressMaskReply'},
};

/** gopacket layers/icmp6.go. */
const icmp6Types: Readonly<Record<number, TypeNames>> = {
  1: {
    name: 'DestinationUnreachable',
    codes: [
      ...['NoRouteToDst', 'AdminProhibited', 'BeyondScopeOfSrc', 'AddressUnreachable', 'PortUnreachable'],
      ...['SrcAddressFailedPolicy', 'RejectRouteToDst'],
    ],
  },
  2: {name: 'PacketTooBig'},
  3: {name: 'TimeExceeded', codes: ['HopLimitExceeded', 'FragmentReassemblyTimeExceeded']},
  4: {name: 'ParameterProblem', codes: ['ErroneousHeader', 'UnrecognizedNextHeader', 'UnrecognizedIPv6Option']},
  128: {name: 'EchoRequest'},
  129: {name: 'EchoReply'},
  133: {name: 'RouterSolicitation'},
  134: {name: 'RouterAdvertisement'},
  135: {name: 'NeighborSolicitation'},
  136: {name: 'NeighborAdvertisement'},
  137: {name: 'Redirect'},
};

/** `EchoRequest`, `DestinationUnreachable(Port)`; numbers where gopacket has no name. */
export function icmpText(transport: Transport & {kind: 'icmp4' | 'icmp6'}): string {
  const {kind, type, code} = transport;
  const known = (kind === 'icmp4' ? icmp4Types : icmp6Types)[type];
  if (!known) return `${type}(${code})`;
  if (!known.codes) return code === 0 ? known.name : `${known.name}(Code: ${code})`;
  return `${known.name}(${known.codes[code] ?? `Code: ${code}`})`;
}

/** A number that stays with the flow, in place of the kernel's hash of it (FNV-1a over addresses, protocol and ports). */
export function flowHash(packet: Dissected | undefined): number {
  let hash = 0x811c9dc5;
  if (!packet?.ip) return 0;
  const {source, destination} = packet.ip;
  const {transport} = packet;
  const ports = transport && 'source' in transport ? [transport.source, transport.destination] : [];
  for (const letter of `${source} ${destination} ${transport?.kind} ${ports.join(' ')}`) {
    hash ^= letter.codePointAt(0)!;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
