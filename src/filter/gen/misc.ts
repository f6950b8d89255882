/** Primitives without qualifiers to reuse: broadcast and multicast, length, single bytes, direction and interface, LLC. */
import {FilterError} from '../error.js';
import * as op from '../opcode.js';
import {comparison, constant, field} from './arithmetic.js';
import {matchesEthernet} from './host.js';
import {and, type Condition, not, or, statement, test} from './ir.js';
import * as link from './link.js';
import {description} from './link-names.js';
import {hasType, onEthernetOnly} from './linktype.js';
import {compare, hasBits, isAbove, isAtLeast, isBelow} from './load.js';
import * as number from './numbers.js';
import type {Protocol} from './qualifier.js';
import type {State} from './state.js';

/** A netmask that is not known: `ip broadcast` is refused. */
const UNKNOWN_NETMASK = 0xffff_ffff;

export function broadcast(state: State, protocol: Protocol | undefined): Condition {
  if (protocol === undefined || protocol === 'link') {
    if (state.linktype !== link.ETHERNET) throw new FilterError('not a broadcast link');
    return matchesEthernet(state, [255, 255, 255, 255, 255, 255], 'dst');
  }
  if (protocol !== 'ip') throw new FilterError('only link-layer/IP broadcast filters supported');
  const {netmask} = state.settings;
  if (netmask === UNKNOWN_NETMASK) throw new FilterError("netmask not known, so 'ip broadcast' not supported");
  const hostPart = ~netmask >>> 0;
  const isIp = hasType(state, number.ETHERTYPE_IP);
  const hasHostPart = (bits: number) => compare(state, 'network', 16, op.SIZE_W, bits, hostPart);
  return and(isIp, or(hasHostPart(0), hasHostPart(hostPart)));
}

export function multicast(state: State, protocol: Protocol | undefined): Condition {
  if ((protocol === undefined || protocol === 'link') && state.linktype === link.ETHERNET) {
    return onEthernetOnly(state, hasBits(state, 'link', 0, op.SIZE_B, 1));
  }
  if (protocol === 'ip') {
    const isIp = hasType(state, number.ETHERTYPE_IP);
    return and(isIp, isAtLeast(state, 'network', 16, op.SIZE_B, 224));
  }
  if (protocol === 'ip6') {
    const isIp6 = hasType(state, number.ETHERTYPE_IP6);
    return and(isIp6, compare(state, 'network', 24, op.SIZE_B, 255));
  }
  throw new FilterError(
    'link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel',
  );
}

/** At least so long. */
export function greater(length: number): Condition {
  return test([statement(op.LD_LEN)], op.JGE, length);
}

/** At most so long, in spite of its name. */
export function less(length: number): Condition {
  return not(test([statement(op.LD_LEN)], op.JGT, length));
}

/** `byte at OP value`. For `&` and `|` libpcap 1.10.3 forgets to load the byte: they work on what is in A. */
export function byteTest(state: State, at: number, operator: string, value: number): Condition {
  switch (operator) {
    case '=':
      return compare(state, 'link', at, op.SIZE_B, value);
    case '<':
      return isBelow(state, 'link', at, op.SIZE_B, value);
    case '>':
      return isAbove(state, 'link', at, op.SIZE_B, value);
    case '|':
      return not(test([statement(op.ALU_K | op.OR, value)], op.JEQ));
    default:
      return not(test([statement(op.ALU_K | op.AND, value)], op.JEQ));
  }
}

/** PACKET_OUTGOING, LINUX_SLL_OUTGOING. */
const OUTGOING = 4;

/** `outbound`, or else `inbound`. */
export function direction(state: State, isOutbound: boolean): Condition {
  if (state.linktype === link.PPP_PPPD) return compare(state, 'link', 0, op.SIZE_B, isOutbound ? 1 : 0);
  if (state.linktype === link.SLIP) {
    const zero = constant(state, 0);
    const flag = field(state, 'link', constant(state, 0), 1);
    return comparison(state, op.JEQ, flag, zero, isOutbound);
  }
  const isOutgoing = outgoing(state);
  return isOutbound ? isOutgoing : not(isOutgoing);
}

function outgoing(state: State): Condition {
  if (state.linktype === link.LINUX_SLL) return compare(state, 'link', 0, op.SIZE_H, OUTGOING);
  if (state.linktype === link.LINUX_SLL2) return compare(state, 'link', 10, op.SIZE_B, OUTGOING);
  refuseInSavefile(state, 'inbound/outbound');
  return compare(state, 'link', op.ANCILLARY_PACKET_TYPE, op.SIZE_H, OUTGOING);
}

export function ifindex(state: State, index: number): Condition {
  if (state.linktype === link.LINUX_SLL2) return compare(state, 'link', 4, op.SIZE_W, index);
  refuseInSavefile(state, 'ifindex');
  return compare(state, 'link', op.ANCILLARY_IFINDEX, op.SIZE_W, index);
}

function refuseInSavefile(state: State, what: string): void {
  if (!state.settings.savefile) return;
  throw new FilterError(`${what} not supported on ${description(state.linktype)} when reading savefiles`);
}

/** Control fields of 802.2, ISO 8802-2 §5.3: supervisory and unnumbered PDUs by name. */
const LLC_SUPERVISORY: Readonly<Record<string, number>> = {rr: 0x01, rnr: 0x05, rej: 0x09};
const LLC_UNNUMBERED: Readonly<Record<string, number>> = {
  ui: 0x03,
  ua: 0x63,
  disc: 0x43,
  dm: 0x0f,
  sabme: 0x6f,
  test: 0xe3,
  xid: 0xaf,
  frmr: 0x87,
};

/** `llc`, `llc i|s|u`, `llc NAME`. */
export function llc(state: State, type: string | undefined): Condition {
  if (type === undefined) return hasLlc(state);
  const name = type.toLowerCase();
  const hasControl = (value: number, mask: number) => {
    const isLlc = hasLlc(state);
    return and(isLlc, compare(state, 'payload', 2, op.SIZE_B, value, mask));
  };
  if (name === 'i') {
    const isLlc = hasLlc(state);
    return and(isLlc, not(hasBits(state, 'payload', 2, op.SIZE_B, 1)));
  }
  if (name === 's') return hasControl(1, 3);
  if (name === 'u') return hasControl(3, 3);
  const supervisory = LLC_SUPERVISORY[name];
  if (supervisory !== undefined) return hasControl(supervisory, 0x0f);
  const unnumbered = LLC_UNNUMBERED[name];
  if (unnumbered !== undefined) return hasControl(unnumbered, 0xef);
  throw new FilterError(`unknown LLC type name "${type}"`);
}

/** 802.3 with 802.2: a length, and not the raw IPX frames of NetWare. */
function hasLlc(state: State): Condition {
  if (state.linktype !== link.ETHERNET) {
    throw new FilterError(`'llc' not supported for ${description(state.linktype)}`);
  }
  const isLength = not(isAbove(state, 'linkType', 0, op.SIZE_H, number.MAX_8023_LENGTH));
  return and(isLength, not(compare(state, 'payload', 0, op.SIZE_H, 0xffff)));
}
