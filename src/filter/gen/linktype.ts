/**
 * "The link payload is of this protocol", for each link type. A protocol is an EtherType, or, up to 1500, an 802.2 SAP.
 * Behind `mpls` there is no type field: the bottom-of-stack bit and the version of the IP header tell.
 */
import {FilterError} from '../error.js';
import {JEQ_X, LD_MEM, LDX_MEM, SIZE_B, SIZE_H, SIZE_W} from '../opcode.js';
import {always, and, type Condition, not, or, statement, test} from './ir.js';
import * as link from './link.js';
import {family} from './link-names.js';
import {compare, equalsBytes, isAbove} from './load.js';
import * as number from './numbers.js';
import type {State} from './state.js';

/** Address families in BSD loopback headers: IPv4 everywhere; IPv6 on Linux, on NetBSD/OpenBSD, FreeBSD, and macOS. */
const AF_INET = 2;
const AF_INET6_LINUX = 10;
const AF_INET6_BSD = 24;
const AF_INET6_FREEBSD = 28;
const AF_INET6_DARWIN = 30;

/** LINUX_SLL_P_802_3, LINUX_SLL_P_802_2: types in cooked headers that are no EtherTypes. */
const COOKED_8023 = 1;
const COOKED_8022 = 4;

/** OSI protocols in Cisco HDLC. */
const CISCO_ISO = 0xfefe;

export function hasType(state: State, protocol: number): Condition {
  if (state.labels > 0) return isBehindLabel(state, protocol);
  switch (state.linktype) {
    case link.ETHERNET:
      return onEthernet(state, protocol);
    case link.LINUX_SLL:
      return onLinuxCooked(state, protocol);
    case link.SLIP:
    case link.RAW:
      return onRawIp(state, protocol);
    case link.IPV4:
      return always(protocol === number.ETHERTYPE_IP);
    case link.IPV6:
      return always(protocol === number.ETHERTYPE_IP6);
    case link.PPP:
    case link.PPP_SERIAL:
    case link.PPP_ETHER:
    case link.PPP_PPPD:
      return compare(state, 'linkType', 0, SIZE_H, PPP_PROTOCOLS[protocol] ?? protocol);
    case link.CISCO_HDLC:
      return compare(state, 'linkType', 0, SIZE_H, protocol === number.SAP_ISO ? CISCO_ISO : protocol);
    case link.NULL:
    case link.LOOP:
      return onLoopback(state, protocol);
  }
  if (state.linkType.constant !== link.UNSET) return compare(state, 'linkType', 0, SIZE_H, protocol);
  throw new FilterError(`${family(state.linktype)} link-layer type filtering not implemented`);
}

function isBehindLabel(state: State, protocol: number): Condition {
  const isBottom = () => compare(state, 'network', -2, SIZE_B, 1, 1);
  if (protocol === number.ETHERTYPE_IP) return and(isBottom(), compare(state, 'network', 0, SIZE_B, 0x40, 0xf0));
  if (protocol === number.ETHERTYPE_IP6) return and(isBottom(), compare(state, 'network', 0, SIZE_B, 0x60, 0xf0));
  throw new FilterError('unsupported protocol over mpls');
}

function onEthernet(state: State, protocol: number): Condition {
  const is8023 = () => not(isAbove(state, 'linkType', 0, SIZE_H, number.MAX_8023_LENGTH));
  const hasEtherType = (type: number) => compare(state, 'linkType', 0, SIZE_H, type);
  switch (protocol) {
    case number.SAP_ISO:
    case number.SAP_IP:
    case number.SAP_NETBEUI:
      return and(is8023(), hasBothSaps(state, protocol));
    case number.SAP_IPX: {
      const inLlc = compare(state, 'payload', 0, SIZE_B, number.SAP_IPX);
      const novellRaw = compare(state, 'payload', 0, SIZE_H, 0xffff);
      const behindLength = or(snap(state, 0, number.ETHERTYPE_IPX), or(inLlc, novellRaw));
      return or(hasEtherType(number.ETHERTYPE_IPX), and(is8023(), behindLength));
    }
    case number.ETHERTYPE_ATALK:
    case number.ETHERTYPE_AARP:
      return or(hasEtherType(protocol), and(is8023(), appleSnap(state, protocol)));
  }
  if (protocol > number.MAX_8023_LENGTH) return hasEtherType(protocol);
  return and(is8023(), compare(state, 'linkType', 2, SIZE_B, protocol));
}

function onLinuxCooked(state: State, protocol: number): Condition {
  const hasCookedType = (type: number) => compare(state, 'linkType', 0, SIZE_H, type);
  switch (protocol) {
    case number.SAP_ISO:
    case number.SAP_IP:
    case number.SAP_NETBEUI:
      return and(hasCookedType(COOKED_8022), hasBothSaps(state, protocol));
    case number.SAP_IPX: {
      const inLlc = compare(state, 'payload', 0, SIZE_B, number.SAP_IPX);
      const behindLlc = and(hasCookedType(COOKED_8022), or(inLlc, snap(state, 0, number.ETHERTYPE_IPX)));
      return or(hasCookedType(number.ETHERTYPE_IPX), or(hasCookedType(COOKED_8023), behindLlc));
    }
    case number.ETHERTYPE_ATALK:
    case number.ETHERTYPE_AARP:
      return or(hasCookedType(protocol), and(hasCookedType(COOKED_8022), appleSnap(state, protocol)));
  }
  if (protocol > number.MAX_8023_LENGTH) return hasCookedType(protocol);
  return and(hasCookedType(COOKED_8022), compare(state, 'link', state.payload.constant, SIZE_B, protocol));
}

function onRawIp(state: State, protocol: number): Condition {
  if (protocol === number.ETHERTYPE_IP) return compare(state, 'link', 0, SIZE_B, 0x40, 0xf0);
  if (protocol === number.ETHERTYPE_IP6) return compare(state, 'link', 0, SIZE_B, 0x60, 0xf0);
  return always(false);
}

/** PPP protocol numbers (RFC 1661 §2, IANA) of EtherTypes and SAPs. */
const PPP_PROTOCOLS: Readonly<Record<number, number>> = {
  [number.ETHERTYPE_IP]: 0x21,
  [number.ETHERTYPE_IP6]: 0x57,
  [number.ETHERTYPE_DECNET]: 0x27,
  [number.ETHERTYPE_ATALK]: 0x29,
  [number.ETHERTYPE_NS]: 0x25,
  [number.SAP_ISO]: 0x23,
  [number.SAP_STP]: 0x31,
  [number.SAP_IPX]: 0x2b,
};

function onLoopback(state: State, protocol: number): Condition {
  if (protocol === number.ETHERTYPE_IP) return hasFamily(state, AF_INET);
  if (protocol !== number.ETHERTYPE_IP6) return always(false);
  if (!state.settings.savefile) return hasFamily(state, AF_INET6_LINUX);
  const bsdOrFreebsd = or(hasFamily(state, AF_INET6_BSD), hasFamily(state, AF_INET6_FREEBSD));
  return or(hasFamily(state, AF_INET6_DARWIN), bsdOrFreebsd);
}

/** NULL has the family in the byte order of the system that captured, LOOP in network order. */
function hasFamily(state: State, family: number): Condition {
  const isLittleEndian = state.linktype === link.NULL && !state.settings.swapped;
  return compare(state, 'link', 0, SIZE_W, isLittleEndian ? family << 24 : family);
}

function hasBothSaps(state: State, sap: number): Condition {
  return compare(state, 'payload', 0, SIZE_H, (sap << 8) | sap);
}

/** AppleTalk has Apple's organization code, its ARP that of encapsulated Ethernet. */
function appleSnap(state: State, protocol: number): Condition {
  return snap(state, protocol === number.ETHERTYPE_ATALK ? 0x080007 : 0, protocol);
}

/** 802.2 SNAP header with this organization code and type, RFC 1042. */
function snap(state: State, organization: number, type: number): Condition {
  const {SAP_SNAP} = number;
  const oui = [organization >>> 16, (organization >>> 8) & 0xff, organization & 0xff];
  return equalsBytes(state, 'payload', 0, [SAP_SNAP, SAP_SNAP, 3, ...oui, type >>> 8, type & 0xff]);
}

/**
 * Tests of Ethernet addresses behind `geneve` only make sense where the payload has an Ethernet header; the two offsets
 * in scratch memory are equal where it has none.
 */
export function onEthernetOnly(state: State, condition: Condition): Condition {
  return state.isGeneve ? and(hasInnerEthernet(state), condition) : condition;
}

function hasInnerEthernet(state: State): Condition {
  const {linkHeader, payload} = state;
  return not(test([statement(LD_MEM, linkHeader.register), statement(LDX_MEM, payload.register)], JEQ_X));
}
