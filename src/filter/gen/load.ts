/** Loads and comparisons of packet fields, relative to the headers that the state knows. */
import * as op from '../opcode.js';
import {and, type Condition, not, type Statement, statement, type Test, test} from './ir.js';
import {type Offset, type State, takeRegister} from './state.js';

/**
 * What an offset counts from: the link header; the link type field; the link payload (the 802.2 header, if there is one);
 * the network header behind an EtherType, or behind plain 802.2; the last MPLS label; the transport header of IPv4 (after
 * its options) or of IPv6 (directly after the fixed header).
 */
export type Base =
  | 'link'
  | 'linkType'
  | 'payload'
  | 'network'
  | 'networkNoSnap'
  | 'previousLabel'
  | 'transport4'
  | 'transport6';

const IPV6_HEADER = 40;

/** Statements that load the field of `size` at `base + offset` into A. */
function loadField(state: State, base: Base, offset: number, size: op.Size): Statement[] {
  const {network} = state;
  switch (base) {
    case 'link':
      return loadAt(state, state.linkHeader, offset, size);
    case 'linkType':
      return loadAt(state, state.linkType, offset, size);
    case 'payload':
      return loadAt(state, state.payload, offset, size);
    case 'network':
      return loadAt(state, state.payload, network + offset, size);
    case 'networkNoSnap':
      return loadAt(state, state.payload, state.networkNoSnap + offset, size);
    case 'previousLabel':
      return loadAt(state, state.payload, network - 4 + offset, size);
    case 'transport4':
      return [...loadIp4HeaderLength(state), statement(op.LD_IND | size, state.payload.constant + network + offset)];
    case 'transport6':
      return loadAt(state, state.payload, network + IPV6_HEADER + offset, size);
  }
}

function loadAt(state: State, from: Offset, offset: number, size: op.Size): Statement[] {
  const variable = loadVariablePart(state, from);
  return [...variable, statement((variable.length > 0 ? op.LD_IND : op.LD_ABS) | size, from.constant + offset)];
}

/** Puts the variable part of `offset` into X; no statements where it has none. */
export function loadVariablePart(state: State, offset: Offset): Statement[] {
  if (!offset.isVariable) return [];
  if (offset.register < 0) offset.register = takeRegister(state);
  return [statement(op.LDX_MEM, offset.register)];
}

/** Puts the length of the IPv4 header, plus the variable part of the payload's offset, into X. */
export function loadIp4HeaderLength(state: State): Statement[] {
  const at = state.payload.constant + state.network;
  const variable = loadVariablePart(state, state.payload);
  if (variable.length === 0) return [statement(op.LDX_MSH, at)];
  return [
    ...variable,
    statement(op.LD_IND | op.SIZE_B, at),
    statement(op.ALU_K | op.AND, 0xf),
    statement(op.ALU_K | op.LSH, 2),
    statement(op.ALU_X | op.ADD),
    statement(op.TAX),
  ];
}

const ALL_BITS = 0xffff_ffff;

/** `field & mask JUMP value`. */
export function compare(
  state: State,
  base: Base,
  offset: number,
  size: op.Size,
  value: number,
  mask = ALL_BITS,
  jump: number = op.JEQ,
): Test {
  const statements = loadField(state, base, offset, size);
  if (mask >>> 0 !== ALL_BITS) statements.push(statement(op.ALU_K | op.AND, mask));
  return test(statements, jump, value);
}

export function isAbove(state: State, base: Base, offset: number, size: op.Size, value: number): Condition {
  return compare(state, base, offset, size, value, ALL_BITS, op.JGT);
}

export function isAtLeast(state: State, base: Base, offset: number, size: op.Size, value: number): Condition {
  return compare(state, base, offset, size, value, ALL_BITS, op.JGE);
}

export function isAtMost(state: State, base: Base, offset: number, size: op.Size, value: number): Condition {
  return not(isAbove(state, base, offset, size, value));
}

export function isBelow(state: State, base: Base, offset: number, size: op.Size, value: number): Condition {
  return not(isAtLeast(state, base, offset, size, value));
}

export function hasBits(state: State, base: Base, offset: number, size: op.Size, bits: number): Condition {
  return compare(state, base, offset, size, bits, ALL_BITS, op.JSET);
}

/** Equality with a string of bytes, compared from its end in words, then a half word, then a byte. */
export function equalsBytes(state: State, base: Base, offset: number, bytes: readonly number[]): Condition {
  let left = bytes.length;
  let condition: Condition | undefined;
  const step = (width: 1 | 2 | 4, size: op.Size) => {
    left -= width;
    const value = bytes.slice(left, left + width).reduce((v, byte) => v * 256 + byte, 0);
    const next = compare(state, base, offset + left, size, value);
    condition = condition === undefined ? next : and(condition, next);
  };
  while (left >= 4) step(4, op.SIZE_W);
  while (left >= 2) step(2, op.SIZE_H);
  if (left > 0) step(1, op.SIZE_B);
  return condition!;
}
