/** Protocol keywords standing alone (`tcp`, `ip6`, `isis`), and `proto`. */
import {FilterError} from '../error.js';
import {SIZE_B} from '../opcode.js';
import {and, type Condition, or} from './ir.js';
import * as link from './link.js';
import {hasType} from './linktype.js';
import {compare} from './load.js';
import * as number from './numbers.js';
import type {Direction, Protocol} from './qualifier.js';
import type {State} from './state.js';

/** Protocols that have an EtherType or an 802.2 SAP. */
const LINK_TYPES: Readonly<Partial<Record<Protocol, number>>> = {
  ip: number.ETHERTYPE_IP,
  arp: number.ETHERTYPE_ARP,
  rarp: number.ETHERTYPE_RARP,
  atalk: number.ETHERTYPE_ATALK,
  aarp: number.ETHERTYPE_AARP,
  decnet: number.ETHERTYPE_DECNET,
  sca: number.ETHERTYPE_SCA,
  lat: number.ETHERTYPE_LAT,
  mopdl: number.ETHERTYPE_MOPDL,
  moprc: number.ETHERTYPE_MOPRC,
  ip6: number.ETHERTYPE_IP6,
  iso: number.SAP_ISO,
  stp: number.SAP_STP,
  ipx: number.SAP_IPX,
  netbeui: number.SAP_NETBEUI,
};

/** Protocols inside another: the number there, and in what (IPv4 or IPv6 where it is not said). */
const ENCAPSULATED: Readonly<Partial<Record<Protocol, {readonly value: number; readonly inside?: Protocol}>>> = {
  sctp: {value: number.PROTOCOL_SCTP},
  tcp: {value: number.PROTOCOL_TCP},
  udp: {value: number.PROTOCOL_UDP},
  icmp: {value: number.PROTOCOL_ICMP, inside: 'ip'},
  igmp: {value: number.PROTOCOL_IGMP, inside: 'ip'},
  igrp: {value: number.PROTOCOL_IGRP, inside: 'ip'},
  pim: {value: number.PROTOCOL_PIM},
  vrrp: {value: number.PROTOCOL_VRRP, inside: 'ip'},
  carp: {value: number.PROTOCOL_VRRP, inside: 'ip'},
  icmp6: {value: number.PROTOCOL_ICMP6, inside: 'ip6'},
  ah: {value: number.PROTOCOL_AH},
  esp: {value: number.PROTOCOL_ESP},
  esis: {value: number.NLPID_ESIS, inside: 'iso'},
  isis: {value: number.NLPID_ISIS, inside: 'iso'},
  clnp: {value: number.NLPID_CLNP, inside: 'iso'},
};

/** Keywords for several IS-IS PDU types; the last ones are tested first. */
const ISIS_TYPES: Readonly<Partial<Record<Protocol, readonly number[]>>> = {
  l1: [number.ISIS_L1_HELLO, number.ISIS_PTP_HELLO, number.ISIS_L1_LSP, number.ISIS_L1_CSNP, number.ISIS_L1_PSNP],
  l2: [number.ISIS_L2_HELLO, number.ISIS_PTP_HELLO, number.ISIS_L2_LSP, number.ISIS_L2_CSNP, number.ISIS_L2_PSNP],
  iih: [number.ISIS_L1_HELLO, number.ISIS_L2_HELLO, number.ISIS_PTP_HELLO],
  lsp: [number.ISIS_L1_LSP, number.ISIS_L2_LSP],
  snp: [number.ISIS_L1_CSNP, number.ISIS_L2_CSNP, number.ISIS_L1_PSNP, number.ISIS_L2_PSNP],
  csnp: [number.ISIS_L1_CSNP, number.ISIS_L2_CSNP],
  psnp: [number.ISIS_L1_PSNP, number.ISIS_L2_PSNP],
};

/** The keyword alone. */
export function isProtocol(state: State, protocol: Protocol): Condition {
  const type = LINK_TYPES[protocol];
  if (type !== undefined) return hasType(state, type);
  const encapsulated = ENCAPSULATED[protocol];
  if (encapsulated !== undefined) return carries(state, encapsulated.value, encapsulated.inside);
  const [first, second, ...others] = ISIS_TYPES[protocol] ?? [];
  if (first !== undefined && second !== undefined) {
    const isPdu = (pdu: number) => carries(state, pdu, 'isis');
    const pair = or(isPdu(first), isPdu(second));
    return others.reduce<Condition>((rest, pdu) => or(isPdu(pdu), rest), pair);
  }
  if (protocol === 'radio') throw new FilterError("'radio' is not a valid protocol type");
  throw new FilterError('link layer applied in wrong context');
}

/** What messages say of protocols that `proto` cannot be applied to. */
const NO_PROTO: Readonly<Partial<Record<Protocol, string>>> = {
  arp: 'arp does not encapsulate another protocol',
  rarp: 'rarp does not encapsulate another protocol',
  atalk: 'AppleTalk encapsulation is not specifiable',
  decnet: 'DECNET encapsulation is not specifiable',
  lat: 'LAT does not encapsulate another protocol',
  sca: 'SCA does not encapsulate another protocol',
  moprc: 'MOPRC does not encapsulate another protocol',
  mopdl: 'MOPDL does not encapsulate another protocol',
  clnp: "'clnp proto' is not supported",
};

/** The protocol field of `inside` is `value`; IPv6 also behind a fragment header. */
export function carries(state: State, value: number, inside: Protocol | undefined, direction?: Direction): Condition {
  if (direction !== undefined) throw new FilterError("direction applied to 'proto'");
  switch (inside) {
    case undefined: {
      const inIp4 = carries(state, value, 'ip');
      return or(inIp4, carries(state, value, 'ip6'));
    }
    case 'link':
      return hasType(state, value);
    case 'ip': {
      const isIp4 = hasType(state, number.ETHERTYPE_IP);
      return and(isIp4, compare(state, 'network', 9, SIZE_B, value));
    }
    case 'ip6': {
      const isIp6 = hasType(state, number.ETHERTYPE_IP6);
      const isFragment = compare(state, 'network', 6, SIZE_B, number.PROTOCOL_FRAGMENT);
      const inFragment = and(isFragment, compare(state, 'network', 40, SIZE_B, value));
      return and(isIp6, or(compare(state, 'network', 6, SIZE_B, value), inFragment));
    }
    case 'iso': {
      const isIso = hasType(state, number.SAP_ISO);
      const padding = state.linktype === link.CISCO_HDLC ? 1 : 0;
      return and(isIso, compare(state, 'networkNoSnap', padding, SIZE_B, value));
    }
    case 'isis': {
      const isIsis = carries(state, number.NLPID_ISIS, 'iso');
      return and(isIsis, compare(state, 'networkNoSnap', 4, SIZE_B, value));
    }
  }
  throw new FilterError(NO_PROTO[inside] ?? `'${inside} proto' is bogus`);
}
